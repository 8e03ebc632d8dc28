#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: qemu-guest.sh [--kernel 6.12|7] SOCKET... [-- QEMU-ARGUMENT...]
#        qemu-guest.sh --install [--kernel 6.12|7]
#
# Runs a Linux guest in QEMU in which the sockets of a software endpoint are the functions 0, 1, ...
# of PCI device 00:04. Its console is the terminal: a shell, whose end is the end of the guest. The
# drivers are there as modules: dw-edma-pcie, ntb_hw_epf, ntb_transport, ntb_netdev, ntb_tool,
# ntb_perf, ntb_pingpong; and edma_check, a test of dw-edma-pcie's channels.
#
# --install makes what guests need and does not start one: in build-qemu, a chroot of Debian 13 with
# QEMU and Linux from it and its backports, and an initramfs with drivers built from the sources
# that Debian packages. That takes root, debootstrap, 3 GB and some minutes; a guest takes none.
#
# Exit code 77: this machine cannot do it; the last line says why.
#
# --kernel: Linux of Debian 13, or the newest of its backports. Default: 6.12.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
dir=$top/build-qemu
root=$dir/root
# shellcheck source=devtools/chroot.sh
. "$top/devtools/chroot.sh"

memory=256M
kernel=6.12
install_only=0

say()
{
	echo "qemu-guest: $*" >&2
}

# What is missing on this machine, which is no failure of what is here.
skip()
{
	say "$*"
	exit 77
}

die()
{
	say "$*"
	exit 1
}

usage()
{
	say "$*"
	sed -n 's/^# usage: \(qemu.*\)/usage: \1/p; s/^#        \(qemu.*\)/       \1/p' "$0" >&2
	exit 2
}

# Its output goes to the log, and is shown if the command fails.
logged()
{
	"$@" >> "$dir/install.log" 2>&1 || {
		tail -n 40 "$dir/install.log" >&2
		die "failed: $*"
	}
}

# --install ---------------------------------------------------------------------------------------

install_root()
{
	local obstacle mirror

	[ ! -f "$root/etc/qemu-guest" ] || return 0
	obstacle=$(chroot_obstacle)
	[ -z "$obstacle" ] || skip "$obstacle"
	say "installing Debian 13 and QEMU in $root"
	logged chroot_make trixie "$root"
	mirror=$("$top/devtools/debian-mirror.sh")
	echo "deb $mirror trixie-backports main" > "$root/etc/apt/sources.list.d/backports.list"
	logged chroot_run "$root" apt-get -q update
	logged chroot_run "$root" apt-get -q -y --no-install-recommends install \
		busybox-static cpio kmod make pciutils xz-utils
	logged chroot_run "$root" apt-get -q -y --no-install-recommends -t trixie-backports install \
		qemu-system-x86
	touch "$root/etc/qemu-guest"
}

# The release of the kernel to install: what the package that always is the newest one stands for.
kernel_release()
{
	local suite=trixie release

	[ "$kernel" = 6.12 ] || suite=trixie-backports
	release=$(chroot_run "$root" apt-cache show "linux-image-amd64/$suite" |
		sed -n 's/^Depends:.*linux-image-\([^ ,]*-amd64\).*/\1/p')
	case $release in
	"$kernel".*) echo "$release" ;;
	*) skip "this machine's mirror has no Linux $kernel in $suite: found '$release'" ;;
	esac
}

install_guest()
{
	local release

	# Again when what goes into it has changed.
	[ ! -f "$guest/initramfs" ] ||
		[ -n "$(find "$top/devtools/qemu" -newer "$guest/initramfs")" ] || return 0
	logged chroot_run "$root" apt-get -q update
	release=$(kernel_release)
	say "installing Linux $release and building its modules"
	# Its own initramfs is not needed.
	logged chroot_run "$root" INITRD=No apt-get -q -y --no-install-recommends \
		-t trixie-backports install "linux-image-$release" "linux-headers-$release" \
		"linux-source-$(cut -d . -f 1,2 <<< "$release")"
	rm -rf "$root/qemu"
	cp -r "$top/devtools/qemu" "$root/qemu"
	logged chroot_run "$root" /qemu/make-guest.sh "$release" "${guest#"$root"}"
}

# A guest -----------------------------------------------------------------------------------------

# QEMU of the chroot, with the chroot's libraries, as a program of this system: it needs no root and
# sees the sockets where they are.
run_guest()
{
	local lib=$root/usr/lib/x86_64-linux-gnu function=0 socket device
	local -a devices=()

	for socket in "${sockets[@]}"; do
		[ -S "$socket" ] || die "$socket: expected the socket of a board that runs"
		printf -v device '{"driver": "vfio-user-pci", "addr": "4.%u", "multifunction": true,
			"socket": {"type": "unix", "path": "%s"}}' $function "$socket"
		devices+=(-device "$device")
		function=$((function + 1))
	done
	QEMU_MODULE_DIR=$lib/qemu exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" \
		"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" \
		-L "$root/usr/share/seabios" -nodefaults -no-reboot -display none -serial stdio \
		-accel tcg -machine q35,memory-backend=mem0 -m $memory \
		-object "memory-backend-memfd,id=mem0,size=$memory,share=on" \
		-kernel "$guest/vmlinuz" -initrd "$guest/initramfs" \
		-append "console=ttyS0 quiet panic=-1 iomem=relaxed" "$@" "${devices[@]}"
}

# -------------------------------------------------------------------------------------------------

sockets=()
while [ $# -gt 0 ]; do
	case $1 in
	--install) install_only=1 ;;
	--kernel)
		[[ ${2:-} =~ ^(6\.12|7)$ ]] || usage "--kernel ${2:-}: expected 6.12 or 7"
		kernel=$2
		shift
		;;
	--)
		shift
		break
		;;
	-*) usage "unknown argument '$1'" ;;
	*) sockets+=("$1") ;;
	esac
	shift
done
guest=$root/guest/$kernel
if [ $install_only -eq 1 ]; then
	[ $((${#sockets[@]} + $#)) -eq 0 ] || usage "--install: expected no other arguments"
	mkdir -p "$dir"
	install_root
	install_guest
	exit 0
fi
[ ${#sockets[@]} -gt 0 ] || usage "expected the socket of a PCI function"
[ -f "$guest/initramfs" ] ||
	die "no guest with Linux $kernel in $dir: expected '$0 --install --kernel $kernel' before"
run_guest "$@"
