# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""CPU cost of the data path, in figures that are the same on a busy machine as on an idle one."""

import sys

import pytest

from framework import programs


COST = (programs.ROOT / "devtools" / "cost.py", "--check", "--build", programs.BUILD)


def test_data_path():
    """Instructions per packet of the three drivers, per copy, and per element of the engine's model.

    Steps:
        Run devtools/cost.py --check.
    Verify:
        No figure is above its goal, or above what was recorded.
    """
    code, output = programs.run(COST, 300)
    assert code == 0, output


@pytest.mark.long
def test_peers():
    """What DPDK's own drivers take, so that it is known what the figures above are figures of.

    Steps:
        Run devtools/cost.py --check --peers.
    Verify:
        The figures of net_memif, net_virtio_user, net_vhost, net_ring and dma_skeleton are those
        that are known.
    """
    code, output = programs.run([*COST, "--peers"], 300)
    assert code == 0, output


@pytest.mark.long
def test_board():
    """Speed of the board, against memcpy in the same run.

    Steps:
        Run devtools/bench_softep.py with a share of its goals that a busy machine leaves.
    Verify:
        No figure is below that.
    """
    argv = [sys.executable, programs.ROOT / "devtools" / "bench_softep.py", "--check", "0.7"]
    code, output = programs.run(argv, 300, {"NTB_EDMA_BUILD": str(programs.BUILD)})
    assert code == 0, output
