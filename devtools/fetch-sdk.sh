#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: fetch-sdk.sh DIR
#
# Puts the driver SDK headers and the sample applications that match the installed libdpdk-dev into
# DIR/include and DIR/examples. Debian's package leaves both out; its source package has them. The
# package sources come from this machine's own apt configuration, in a private copy that asks for
# source packages, so the machine's configuration stays as it is.

set -euo pipefail

headers="dev_driver.h bus_driver.h rte_dmadev_pmd.h ethdev_driver.h ethdev_vdev.h ethdev_pci.h
bus_vdev_driver.h bus_pci_driver.h"
samples="l2fwd l3fwd dma ntb skeleton common multi_process"

die()
{
	echo "fetch-sdk: $*" >&2
	exit 1
}

[ $# -eq 1 ] || die "expected one argument: the output directory"
mkdir -p "$1"
out=$(cd "$1" && pwd)

version=$(dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null) ||
	die "package libdpdk-dev is not installed"
stamp=$out/.version
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$version" ]; then
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/lists/partial" "$work/dl"

# One-line entries: deb -> deb-src. Stanzas (*.sources): Types: deb -> deb-src.
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -f "$f" ] || continue
	sed -n -E 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$f"
done > "$work/parts/one-line.list"
for f in /etc/apt/sources.list.d/*.sources; do
	[ -f "$f" ] || continue
	sed -E 's/^Types:.*/Types: deb-src/' "$f" > "$work/parts/$(basename "$f")"
done

apt_private=(-o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$work/parts"
	-o "Dir::State::Lists=$work/lists" -o "APT::Sandbox::User=")

# A foreign source without source packages makes update complain; what counts is that ours arrives.
apt-get "${apt_private[@]}" -q update > "$work/update.log" 2>&1 || true
(cd "$work/dl" &&
	apt-get "${apt_private[@]}" -q source --download-only "dpdk=$version") \
	> "$work/source.log" 2>&1 || {
	cat "$work/update.log" "$work/source.log" >&2
	die "source package dpdk=$version is not available from this machine's apt sources"
}

tarball=$(echo "$work"/dl/dpdk_*.orig.tar.*)
[ -f "$tarball" ] || die "no original tarball in the source package dpdk=$version"
tar -C "$work" --wildcards -xf "$tarball" --strip-components=1 \
	'*/lib/eal/include/*' '*/lib/dmadev/*' '*/lib/ethdev/*' '*/drivers/bus/*' '*/examples/*'

rm -rf "${out:?}/include" "${out:?}/examples"
mkdir -p "$out/include" "$out/examples"
for h in $headers; do
	src=$(find "$work/lib" "$work/drivers" -name "$h" -print -quit)
	[ -n "$src" ] || die "header $h is not in the source package dpdk=$version"
	cp "$src" "$out/include/"
done
for s in $samples; do
	[ ! -d "$work/examples/$s" ] || cp -r "$work/examples/$s" "$out/examples/"
done
echo "$version" > "$stamp"
