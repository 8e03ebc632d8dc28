#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: build.sh DIR [MESON-OPTION...] [-- NINJA-TARGET...]
#
# Configures DIR, below the top of the tree, if it is not configured with these options, and builds.
# The compiler is taken from CC.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
dir=$top/$1
shift
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	options+=("$1")
	shift
done
[ $# -eq 0 ] || shift

stamp=$dir/.options
wanted="${CC:-cc} ${options[*]-}"
if [ ! -f "$dir/build.ninja" ] || [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
	rm -rf "$dir"
	meson setup "$dir" "$top" ${options[@]+"${options[@]}"}
	echo "$wanted" > "$stamp"
fi
exec ninja -C "$dir" "$@"
