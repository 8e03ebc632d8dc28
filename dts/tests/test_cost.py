# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""CPU cost of the data path, in instructions: the same on a busy machine as on an idle one."""

from framework import programs


def test_data_path():
    """Instructions per copy of the DMA driver, and per element of the engine's model.

    Steps:
        Run devtools/cost.py --check.
    Verify:
        No figure is above its goal, or above what was recorded.
    """
    argv = [programs.ROOT / "devtools" / "cost.py", "--check", "--build", programs.BUILD]
    code, output = programs.run(argv, 300)
    assert code == 0, output
