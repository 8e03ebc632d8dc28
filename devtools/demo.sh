#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: demo.sh [split|ep|rc|cpu]
#
# Installs what is missing, builds, and forwards packets both ways between two testpmd processes
# over the software endpoint for a few seconds. Exit code 0 means that the packets arrived.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
"$top/devtools/setup.sh"
if [ -f "$top/build/build.ninja" ]; then
	ninja -C "$top/build"
else
	"$top/devtools/build.sh" build -Dtests=false
fi
exec /usr/bin/python3 "$top/devtools/demo.py" "$@"
