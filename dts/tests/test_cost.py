# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""CPU cost of the data path, in instructions: the same on a busy machine as on an idle one."""

from framework import programs


def test_dma_copy():
    """Instructions per copy of the DMA driver.

    Steps:
        Run devtools/cost.py --check.
    Verify:
        At bursts of 1, 8 and 32 no figure is above its goal, or above what was recorded.
    """
    argv = [programs.ROOT / "devtools" / "cost.py", "--check", "--build", programs.BUILD]
    code, output = programs.run(argv, 300)
    assert code == 0, output
