# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What the suites are made of: programs, the board, captures, raw clients of the board."""
