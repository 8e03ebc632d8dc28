# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# shellcheck shell=bash
#
# Debian releases in chroots, for scripts that source this file. The archive is where this machine
# gets its own packages from.

_chroot_tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# chroot_obstacle: prints why no chroot can be made here, and nothing if one can.
chroot_obstacle()
{
	local dir

	if [ "$(id -u)" -ne 0 ]; then
		echo "a chroot needs root"
	elif ! command -v debootstrap > /dev/null; then
		echo "package debootstrap is not installed"
	else
		dir=$(mktemp -d)
		# shellcheck disable=SC2016 # expanded by the inner shell
		unshare --mount --pid --fork \
			sh -c 'mount -t proc proc "$0" && mount -t sysfs sysfs "$0"' "$dir" \
			2> /dev/null || echo "mounts are not allowed here"
		rmdir "$dir"
	fi
}

# The proxy of this machine's apt, if there is one.
_chroot_proxy()
{
	local http_proxy=${http_proxy:-}

	[ -n "$http_proxy" ] || eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
	echo "$http_proxy"
}

# chroot_run ROOT COMMAND...: runs it there, with mounts and processes that end with it.
chroot_run()
{
	local proxy

	proxy=$(_chroot_proxy)
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --pid --fork --kill-child sh -ec '
		root=$1
		shift
		mount -t proc proc "$root/proc"
		mount -t sysfs -o ro sysfs "$root/sys"
		exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
		chroot_run "$1" ${proxy:+"http_proxy=$proxy"} "${@:2}"
}

# chroot_make RELEASE ROOT: installs its smallest system there.
chroot_make()
{
	local release=$1 root=$2 mirror proxy
	# A release that is younger than this machine's debootstrap is installed like unstable.
	local script=/usr/share/debootstrap/scripts/$release

	proxy=$(_chroot_proxy)
	mirror=$("$_chroot_tools/debian-mirror.sh") || return
	[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf "$root"
	# It mounts things as well.
	unshare --mount --pid --fork --kill-child --mount-proc \
		env ${proxy:+"http_proxy=$proxy"} debootstrap --variant=minbase \
		"$release" "$root" "$mirror" "$script" || return
	# A mirror of a moment of the past is good enough here.
	echo 'Acquire::Check-Valid-Until "false";' > "$root/etc/apt/apt.conf.d/chroot"
	chroot_run "$root" apt-get -q update
}
