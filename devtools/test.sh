#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: test.sh [--long]
#
# Installs what is missing, builds with gcc and clang, runs every test. The last line counts them.
# --long adds ten minutes of each fuzzer, the unit tests under valgrind, suites that take minutes, and
# builds with other DPDKs.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
"$top/devtools/setup.sh" --tests "$@"
exec /usr/bin/python3 "$top/devtools/run_tests.py" "$@"
