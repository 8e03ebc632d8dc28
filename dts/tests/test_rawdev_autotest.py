# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's own test of raw devices, with ours present."""

import pytest

from framework import programs
from framework.rig import SIDES, ntb_vdevs


def autotest(directory, vdevs):
    """Run rawdev_autotest; returns its output."""
    code, output = programs.dpdk_test("rawdev_autotest", vdevs, directory, 60)
    assert code == 0, output[-4000:]
    assert "Test OK" in output, output[-4000:]
    return output


@pytest.mark.parametrize("trap", [[], ["--trap"]])
@pytest.mark.parametrize("side", SIDES)
def test_without_peer(rig, side, trap):
    """rawdev_autotest passes on either side alone, again and again.

    Steps:
        Run DPDK's rawdev_autotest with the NTB rawdev of one side, and the selftests of all raw
        devices that it runs. Twice on the same board. Then start a pair of testpmds.
    Verify:
        Exit code 0. The pair comes up.
    """
    rig.start_board(*trap)
    vdevs = ntb_vdevs(side, rig.board, "split")[:-1]
    for _ in range(2):
        autotest(rig.directory, vdevs)
    rig.start_pair("split")


def test_both_sides(rig):
    """rawdev_autotest passes with both sides in one process.

    Steps:
        Run it with one NTB rawdev of each side.
    Verify:
        Exit code 0.
    """
    rig.start_board()
    vdevs = [f"raw_ntb_epf{n},softep={rig.board},side={side}" for n, side in enumerate(SIDES)]
    autotest(rig.directory, vdevs)


def test_beside_peer(rig):
    """The selftest of one side does not disturb a peer that waits.

    Steps:
        Start a testpmd on the host. Run rawdev_autotest on the endpoint; then start the endpoint.
    Verify:
        Exit code 0; the link comes up.
    """
    rig.start_board()
    rig.start_side("rc", "split").wait_ready()
    autotest(rig.directory, ntb_vdevs("ep", rig.board, "split")[:-1])
    rig.start_side("ep", "split").wait_ready()
    rig.wait_links()
