#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: setup.sh [--tests] [--long] [--bench]
#
# Installs what building and running needs and this machine lacks: Debian packages by apt, and the
# driver headers that libdpdk-dev leaves out, into build-sdk. --tests adds what the tests need,
# --long what the long tests need as well, --bench what measuring needs. Does nothing if all is there.

set -euo pipefail

run_packages="dpdk dpdk-dev libdpdk-dev"
build_packages="gcc libc6-dev meson ninja-build pkg-config python3 python3-pyelftools xz-utils"
test_packages="clang iperf3 iproute2 iputils-ping libcmocka-dev python3-pytest python3-sphinx
util-linux valgrind"
long_packages="debootstrap libclang-rt-dev"
bench_packages="libcmocka-dev python3-matplotlib valgrind"

top=$(cd "$(dirname "$0")/.." && pwd)
packages="$run_packages $build_packages"
for arg in "$@"; do
	case $arg in
	--tests) packages="$packages $test_packages" ;;
	--long) packages="$packages $test_packages $long_packages" ;;
	--bench) packages="$packages $bench_packages" ;;
	*)
		echo "setup: unknown argument '$arg': expected --tests, --long or --bench" >&2
		exit 2
		;;
	esac
done

missing=
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null)
for p in $packages; do
	grep -qx "installed $p" <<< "$installed" || missing="$missing $p"
done

if [ -n "$missing" ]; then
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo > /dev/null || {
			echo "setup: not root and no sudo; as root: apt-get install$missing" >&2
			exit 1
		}
		as_root=sudo
	fi
	echo "setup: installing$missing"
	$as_root apt-get -q update
	# shellcheck disable=SC2086 # a list of words
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install $missing
fi

"$top/devtools/fetch-sdk.sh" "$top/build-sdk"
