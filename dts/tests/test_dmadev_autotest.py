# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's own test of DMA devices on the loopback engine."""

import pytest

from framework import programs

MAPS = ("legacy", "unroll", "hdma-compat", "hdma")
MANY = 50


def autotest(directory, regs):
    """Run dmadev_autotest with the loopback device of a map as the only DMA device."""
    vdevs = [f"dma_dw_edma0,loopback=1,map={regs}"]
    code, output = programs.dpdk_test("dmadev_autotest", vdevs, directory, 120)
    assert code == 0, output[-4000:]
    assert "dma_dw_edma0" in output and "Test OK" in output, output[-4000:]


@pytest.mark.parametrize("turn", [pytest.param(1, marks=pytest.mark.sanitizers), 2, 3])
@pytest.mark.parametrize("regs", MAPS)
def test_loopback(tmp_path, regs, turn):
    """dmadev_autotest passes with the loopback device of each map as the only DMA device.

    Steps:
        Run DPDK's dmadev_autotest with --vdev=dma_dw_edma0,loopback=1,map=...
    Verify:
        Exit code 0; the instance tests ran on our device.
    """
    autotest(tmp_path, regs)


@pytest.mark.long
@pytest.mark.parametrize("regs", MAPS)
def test_loopback_many(tmp_path, regs):
    """dmadev_autotest passes 50 times in a row.

    Steps:
        As above, 50 times.
    Verify:
        As above.
    """
    for turn in range(1, MANY + 1):
        print(f"turn {turn} of {MANY}")
        autotest(tmp_path, regs)
