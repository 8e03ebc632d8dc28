#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: bench.sh [--check] [--list] [--ports NAME,...] [--rounds N] [--noise PERCENT] [--fair]
#                 [--out DIR] [PART...]
#
# Installs what is missing, builds a release in build-release and measures: all parts, or those
# named. Leaves a table (text, JSON) and plots (SVG) in build-release/bench. --check compares with
# the goals. NTB_EDMA_BUILD names another build directory, which is taken as it is.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
case " $* " in
*" --list "* | *" --help "*) ;;
*)
	if [ -z "${NTB_EDMA_BUILD-}" ]; then
		"$top/devtools/setup.sh" --bench
		"$top/devtools/build.sh" build-release -Dbuildtype=release -- all unit-tests
	fi
	;;
esac
export NTB_EDMA_BUILD=${NTB_EDMA_BUILD:-$top/build-release}
export PYTHONPATH=$top/devtools
exec /usr/bin/python3 -m bench "$@"
