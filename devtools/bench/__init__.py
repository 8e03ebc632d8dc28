# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Measure the drivers and their peers: see devtools/bench.sh."""

import pathlib
import sys

# Programs are started the way the tests do it.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "dts"))
