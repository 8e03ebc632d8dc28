#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: test-builds.sh [PART...]
#
# Builds the drivers in other ways than the usual one. Parts, of which "tree trixie" is the default:
#
#   tree      Inside the source tree of the installed DPDK: the driver folders are copied in as they
#             are, and their names added to the lists of drivers. Built with gcc and clang below
#             build-tree; pmdinfo must list the drivers.
#   trixie    Against another release of Debian and its DPDK, in a chroot in build-trixie, which is
#             kept for the next time: "here" runs in it. Needs root and debootstrap. Any other
#             release is a part as well: forky, sid.
#   here      Against the installed DPDK, in build-gcc and build-clang: unit tests, dma-copy-check
#             and DPDK's own dmadev_autotest on the loopback engine, pmdinfo, exported symbols.
#
# Each part is one line at the end: PASS, FAIL, or SKIP and why. Exit code 0: none failed, and at
# least one passed; 77: none could be run; 1: one failed. DPDK_SOURCE: see fetch-source.sh.

set -euo pipefail

# pyelftools are those of the distribution's interpreter, whatever else is first in PATH.
PATH=/usr/bin:$PATH
top=$(cd "$(dirname "$0")/.." && pwd)
drivers="dma/dw_edma net/ntb raw/ntb_epf"
skipped=77
# shellcheck source=devtools/chroot.sh
. "$top/devtools/chroot.sh"

say()
{
	echo "test-builds: $*" >&2
}

# Ends a part.
skip()
{
	echo "$*" > "$work/reason"
	exit $skipped
}

fail()
{
	say "$*"
	exit 1
}

# Its output is shown if the command fails.
logged()
{
	"$@" > "$work/log" 2>&1 || {
		tail -n 60 "$work/log" >&2
		fail "failed: $*"
	}
}

# Checks a plugin: it has PMD information of each driver that the sources in its folder register,
# with PCI ids where they have a table of them; and it exports nothing.
check_plugin()
{
	local driver=$1 plugin=$2 pmdinfo=$3 exported

	/usr/bin/python3 "$pmdinfo" "$plugin" > "$work/pmdinfo" || fail "$plugin: no PMD information"
	/usr/bin/python3 -c '
import json, pathlib, re, sys
source = "".join(path.read_text() for path in pathlib.Path(sys.argv[1]).glob("*.c"))
names = lambda macro: set(re.findall(rf"^RTE_PMD_REGISTER_{macro}\((\w+)", source, re.MULTILINE))
found = json.load(sys.stdin)
for what, expected, told in (
    ("drivers", names("PCI") | names("VDEV"), found),
    ("with arguments", names("PARAM_STRING"), [info for info in found if info.get("params")]),
    ("with PCI ids", names("PCI_TABLE"), [info for info in found if info.get("pci_ids")]),
):
    told = {info["name"] for info in told}
    if told != expected or (what == "drivers" and not expected):
        sys.exit(f"{what}: found {sorted(told)}, expected {sorted(expected)}")
' "$top/drivers/$driver" < "$work/pmdinfo" || fail "$plugin: wrong PMD information"
	# Other than the name of the ABI.
	exported=$(nm -D --defined-only "$plugin" | grep -v ' A DPDK_[0-9]*$' || true)
	[ -z "$exported" ] || fail "$plugin: expected no exported symbol, found: $exported"
}

# tree ------------------------------------------------------------------------------------------

# Copies the drivers into the tree $1. What is edited is a list of names for each class.
drop_in()
{
	local tree=$1 driver list

	for driver in $drivers; do
		list=$tree/drivers/${driver%/*}/meson.build
		cp -r "$top/drivers/$driver" "$tree/drivers/$driver"
		sed -i "0,/^drivers = \[\$/s//&\n        '${driver#*/}',/" "$list"
		grep -q "^ *'${driver#*/}',\$" "$list" || fail "$list: no list of drivers"
	done
}

# Builds the drivers of tree $1 and what they stand on in $2.
build_in_tree()
{
	local tree=$1 dir=$2 driver name plugin

	logged meson setup "$dir" "$tree" -Dwerror=true '-Ddisable_apps=*' \
		-Dtests=false -Denable_docs=false \
		"-Denable_drivers=bus/pci,bus/vdev,mempool/ring,${drivers// /,}"
	for driver in $drivers; do
		name=librte_${driver/\//_}
		plugin=$(ninja -C "$dir" -t targets all | sed -n "s,^\(drivers/$name\.so[.0-9]*\): .*,\1,p")
		[ -n "$plugin" ] || {
			grep "$driver:" "$work/log" >&2 || true
			fail "$driver is not built"
		}
		logged ninja -C "$dir" "$plugin" "drivers/$name.a"
		check_plugin "$driver" "$dir/$plugin" "$tree/usertools/dpdk-pmdinfo.py"
		# Attachments to libraries that a DPDK tree does not have.
		! nm -o "$dir/drivers/$name.a" | grep -E ' (softep_|edma_model_|vfio_user_)' >&2 ||
			fail "$driver: expected no symbol of the software endpoint"
	done
}

part_tree()
{
	local dir=$top/build-tree tarball tree cc

	rm -rf "$dir"
	mkdir -p "$dir"
	tarball=$("$top/devtools/fetch-source.sh" "$dir") || skip "no source of DPDK"
	tree=$dir/source
	mkdir "$tree"
	tar -C "$tree" --strip-components=1 -xf "$tarball"
	say "tree: DPDK $(cat "$tree/VERSION")"
	drop_in "$tree"
	for cc in gcc clang; do
		CC=$cc build_in_tree "$tree" "$dir/$cc"
	done
}

# here ------------------------------------------------------------------------------------------

# on_loopback PROGRAM: with the loopback engine as the only device.
on_loopback()
{
	RUNTIME_DIRECTORY=$work "$1" --no-huge -m 256 --no-pci --iova-mode=va \
		--file-prefix=test-builds -d "$top/build-gcc/drivers" --vdev=dma_dw_edma0,loopback=1
}

part_here()
{
	local cc driver

	say "here: DPDK $(pkg-config --modversion libdpdk), $(gcc --version | head -n 1)," \
		"$(clang --version | head -n 1)"
	for cc in gcc clang; do
		CC=$cc logged "$top/devtools/build.sh" "build-$cc" -Dwerror=true -- all unit-tests
		logged meson test -C "$top/build-$cc" --no-rebuild
		say "here: $cc: $(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "$work/log") unit test programs passed"
	done
	for driver in $drivers; do
		check_plugin "$driver" "$top/build-gcc/drivers/librte_${driver/\//_}.so" \
			"$(command -v dpdk-pmdinfo.py)"
	done
	logged on_loopback "$top/build-gcc/app/test/dma-copy-check"
	DPDK_TEST=dmadev_autotest logged on_loopback "$(command -v dpdk-test)"
	grep -q 'dma_dw_edma0-wr0' "$work/log" || fail "dmadev_autotest did not see the engine"
}

# A release of Debian -----------------------------------------------------------------------------

# Installs release $1 into directory $2, if that was not done before.
install_root()
{
	local suite=$1 root=$2

	[ ! -f "$root/etc/test-builds" ] || return 0
	logged chroot_make "$suite" "$root"
	logged chroot_run "$root" apt-get -q -y --no-install-recommends install clang libcmocka-dev
	touch "$root/etc/test-builds"
}

# Makes $1 a copy of the source, without what builds left; builds from an earlier run stay.
copy_source()
{
	mkdir -p "$1"
	find "$1" -mindepth 1 -maxdepth 1 ! -name 'build-*' -exec rm -rf {} +
	tar -C "$top" --exclude=./build --exclude='./build-*' --exclude=./.git -c . | tar -C "$1" -x
}

part_release()
{
	local suite=$1 dir=$top/build-$1 tarball obstacle

	obstacle=$(chroot_obstacle)
	[ -z "$obstacle" ] || skip "$obstacle"
	"$top/devtools/debian-mirror.sh" > /dev/null || skip "no mirror of Debian known"
	mkdir -p "$dir"
	tarball=$("$top/devtools/fetch-source.sh" "$dir" "$suite") ||
		skip "no source of the DPDK of $suite, so no driver headers"
	install_root "$suite" "$dir/root"
	copy_source "$dir/root/src"
	cp "$tarball" "$dir/root/dpdk.tar"
	logged chroot_run "$dir/root" DPDK_SOURCE=/dpdk.tar /src/devtools/setup.sh
	chroot_run "$dir/root" DPDK_SOURCE=/dpdk.tar /src/devtools/test-builds.sh here >&2
}

# -------------------------------------------------------------------------------------------------

run_part()
{
	case $1 in
	tree) part_tree ;;
	here) part_here ;;
	*) part_release "$1" ;;
	esac
}

[ $# -gt 0 ] || set -- tree trixie
for part in "$@"; do
	[[ $part =~ ^[a-z]+$ ]] ||
		{ say "unknown part '$part': expected tree, here or a release of Debian"; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
passed=0
for part in "$@"; do
	code=0
	# Not a part of a condition, where -e would mean nothing.
	set +e
	(set -e; run_part "$part")
	code=$?
	set -e
	case $code in
	0)
		results+=("PASS  $part")
		passed=1
		;;
	"$skipped") results+=("SKIP  $part: $(cat "$work/reason")") ;;
	*)
		results+=("FAIL  $part")
		failed=1
		;;
	esac
done
printf '%s\n' "${results[@]}"
[ $failed -eq 0 ] || exit 1
[ $passed -eq 1 ] || exit $skipped
