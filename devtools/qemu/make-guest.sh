#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: make-guest.sh RELEASE DIR
#
# Inside the chroot: makes DIR/vmlinuz and DIR/initramfs for a guest with kernel RELEASE, whose
# packages are installed. This script's folder has the other files that go into it.

set -eu

release=$1
dir=$2
here=$(dirname "$0")
# Names the kernel package's source: 6.12.117+deb13-amd64 is of linux-source-6.12.
series=$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
build=$dir/modules
image=$dir/image

# What Debian's kernels leave out is built from their source, out of tree. The headers ask whether
# dw-edma is configured, and it is not.
make_modules()
{
	rm -rf "$build"
	mkdir -p "$build"
	for part in drivers/ntb drivers/dma drivers/net/ntb_netdev.c; do
		echo "linux-source-$series/$part"
	done | xargs tar -C "$build" --strip-components=1 -xf "/usr/src/linux-source-$series.tar.xz"
	cp "$here/Kbuild" "$here/edma_check.c" "$build"
	make -C "/lib/modules/$release/build" "M=$build" KCFLAGS=-DCONFIG_DW_EDMA_MODULE=1 \
		CONFIG_DW_EDMA=m CONFIG_DW_EDMA_PCIE=m CONFIG_NTB=m CONFIG_NTB_EPF=m \
		CONFIG_NTB_TRANSPORT=m CONFIG_NTB_PINGPONG=m CONFIG_NTB_TOOL=m CONFIG_NTB_PERF=m \
		-j "$(nproc)" modules
}

# Copies a program and the libraries that it needs.
copy_program()
{
	for file in "$1" $(ldd "$1" | grep -o '/[^ ]*'); do
		mkdir -p "$image$(dirname "$file")"
		cp -L "$file" "$image$file"
	done
}

make_image()
{
	rm -rf "$image"
	mkdir -p "$image/bin" "$image/dev" "$image/proc" "$image/sys" "$image/usr/share/misc"
	install -m 755 "$here/init" "$image/init"
	copy_program /usr/bin/lspci
	for name in $(busybox --list); do
		ln -s busybox "$image/bin/$name"
	done
	rm "$image/bin/busybox"
	cp /usr/bin/busybox "$image/bin"
	mkdir -p "$image/lib/modules/$release/updates"
	find "$build" -name '*.ko' -exec cp {} "$image/lib/modules/$release/updates" \;
	cp "/lib/modules/$release/modules.builtin" "/lib/modules/$release/modules.order" \
		"$image/lib/modules/$release"
	depmod -b "$image" "$release"
	(cd "$image" && find . | cpio -o -H newc --quiet) | gzip -1 > "$dir/initramfs"
}

mkdir -p "$dir"
make_modules
make_image
cp "/boot/vmlinuz-$release" "$dir/vmlinuz"
