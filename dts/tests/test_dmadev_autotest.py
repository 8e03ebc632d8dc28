# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's own test of DMA devices on the loopback engine."""

import pytest

from framework import programs


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("regs", ["legacy", "unroll", "hdma-compat", "hdma"])
def test_loopback(tmp_path, regs, turn):
    """dmadev_autotest passes with the loopback device of each map as the only DMA device.

    Steps:
        Run DPDK's dmadev_autotest with --vdev=dma_dw_edma0,loopback=1,map=...
    Verify:
        Exit code 0; the instance tests ran on our device.
    """
    vdevs = [f"dma_dw_edma0,loopback=1,map={regs}"]
    code, output = programs.dpdk_test("dmadev_autotest", vdevs, tmp_path, 120)
    assert code == 0, output[-4000:]
    assert "dma_dw_edma0" in output and "Test OK" in output, output[-4000:]
