#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: fetch-sdk.sh DIR
#
# Puts the driver SDK headers and the sample applications that match the installed libdpdk-dev into
# DIR/include and DIR/examples. Debian's package leaves both out; its source package has them. See
# fetch-source.sh.

set -euo pipefail

headers="dev_driver.h bus_driver.h rte_dmadev_pmd.h ethdev_driver.h ethdev_vdev.h ethdev_pci.h
bus_vdev_driver.h bus_pci_driver.h rte_rawdev_pmd.h"
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
tarball=$("$(dirname "$0")/fetch-source.sh" "$work/dl")
tar -C "$work" --wildcards -xf "$tarball" --strip-components=1 \
	'*/VERSION' '*/lib/eal/include/*' '*/lib/dmadev/*' '*/lib/ethdev/*' '*/lib/rawdev/*' \
	'*/drivers/bus/*' '*/examples/*'
release=$(cut -d . -f 1,2 "$work/VERSION")
case $version in
"$release"[.-]*) ;;
*) die "$tarball is DPDK $release, expected that of libdpdk-dev, $version" ;;
esac

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
