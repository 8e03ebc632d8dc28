#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: fetch-source.sh DIR [SUITE]
#
# Puts the original tarball of Debian's source package dpdk into DIR, and prints its name: of the
# version that matches the installed libdpdk-dev, or of the Debian release SUITE. The package
# sources come from this machine's own apt configuration, in a private copy that asks for source
# packages, so the machine's configuration stays as it is.
#
# DPDK_SOURCE, if set, names a tarball to use instead: nothing is fetched, and its name is printed.

set -euo pipefail

die()
{
	echo "fetch-source: $*" >&2
	exit 1
}

# The machine's entries as entries for source packages. One-line entries: deb -> deb-src. Stanzas
# (*.sources): Types: deb -> deb-src.
own_entries()
{
	local f

	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$f" ] || continue
		sed -n -E 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$f"
	done > "$work/parts/one-line.list"
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -f "$f" ] || continue
		sed -E 's/^Types:.*/Types: deb-src/' "$f" > "$work/parts/$(basename "$f")"
	done
}

private_apt()
{
	local command=$1

	shift
	"$command" -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/parts" \
		-o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User= -q "$@"
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	die "expected one or two arguments: a directory, a Debian release"
fi
if [ -n "${DPDK_SOURCE:-}" ]; then
	[ -f "$DPDK_SOURCE" ] || die "DPDK_SOURCE=$DPDK_SOURCE: expected a tarball"
	realpath "$DPDK_SOURCE"
	exit 0
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
suite=${2:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/lists/partial" "$work/dl"
if [ -n "$suite" ]; then
	mirror=$("$(dirname "$0")/debian-mirror.sh")
	echo "deb-src $mirror $suite main" > "$work/parts/suite.list"
else
	wanted=$(dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null) ||
		die "package libdpdk-dev is not installed"
	own_entries
fi

# A foreign source without source packages makes update complain; what counts is that ours arrives.
private_apt apt-get update > "$work/log" 2>&1 || true
(cd "$work/dl" && private_apt apt-get source --download-only "dpdk${wanted:+=$wanted}") \
	>> "$work/log" 2>&1 || {
	cat "$work/log" >&2
	die "source package dpdk${wanted:+=$wanted}${suite:+ of $suite} is not available from this" \
		"machine's apt sources"
}

tarball=$(find "$work/dl" -name 'dpdk_*.orig.tar.*' ! -name '*.asc')
[ -f "$tarball" ] || die "expected one original tarball in the source package, found '$tarball'"
mv "$tarball" "$out/"
echo "$out/$(basename "$tarball")"
