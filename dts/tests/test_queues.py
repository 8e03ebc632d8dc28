# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Queue pairs: as many as there may be, and of different depth on the two sides."""

import os
import signal
import time

import pytest

from framework.rig import SIDES
from framework.testpmd import command_all, drain

SECONDS = 1
MOST = 64
ALL = (1 << MOST) - 1
# Channels with which a side pushes: seen from the endpoint those that write.
PUSHERS = {"rc": f"wr=0x0,rd={ALL:#x}", "ep": f"wr={ALL:#x},rd=0x0"}
TIMEOUT_MS = 500


def exchange(pair, modes=("flowgen", "flowgen")):
    """Let both sides send for a while and take in the rest; returns what each counted."""
    for pmd, mode in zip(pair, modes):
        pmd.command(f"set fwd {mode}")
    command_all(pair, "start")
    time.sleep(SECONDS)
    command_all(pair, "stop")
    rc, ep = drain(pair)
    assert rc["TX-packets"] > 0 and ep["TX-packets"] > 0
    assert rc["RX-packets"] == ep["TX-packets"] and ep["RX-packets"] == rc["TX-packets"]
    return rc, ep


@pytest.mark.parametrize("depths", [(64, 4096), (1024, 128)])
@pytest.mark.parametrize("arrangement", ["split", "ep", "rc"])
def test_depths(rig, arrangement, depths):
    """Sides with rings of different depth meet at the lesser.

    Steps:
        Start both testpmds with different numbers of descriptors. Let both send for a second.
    Verify:
        The link comes up with the lesser depth. What each sent the other one received.
    """
    rig.start_board()
    for side, depth in zip(SIDES, depths):
        rig.start_side(side, arrangement, args=[f"--rxd={depth}", f"--txd={depth}"])
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    for pmd in rig.pair:
        assert f"1 queue pairs of {min(depths)}," in pmd.output
    exchange(rig.pair)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


def test_most_queues(rig):
    """64 queue pairs on an engine of 64 channels each way.

    Steps:
        Start a board with an HDMA of 64 write and 64 read channels, and both testpmds with 64
        queue pairs of 64 entries. Let both send for a second.
    Verify:
        What each sent the other one received. Every queue has sent and received.
    """
    rig.start_board("--map", "hdma", "--wr", str(MOST), "--rd", str(MOST))
    args = ["--rxd=64", "--txd=64"]
    for side in SIDES:
        vdevs = [
            f"dma_dw_edma0,softep={rig.board},side={side},{PUSHERS[side]}",
            f"raw_ntb_epf0,softep={rig.board},side={side},mover=split",
            f"net_ntb0,queues={MOST}",
        ]
        setattr(rig, side, rig.start_testpmd(side, vdevs, queues=MOST, args=args))
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    exchange(rig.pair)
    for pmd in rig.pair:
        xstats = pmd.xstats()
        for way in ("Tx", "Rx"):
            assert all(xstats[f"raw_{way}-q{queue}-packets"] > 0 for queue in range(MOST))
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.mark.parametrize("stalled", SIDES)
def test_stalled_peer(rig, stalled):
    """A peer that makes no calls, seen with and without a time-out.

    Steps:
        Bring both sides up, one of them with peer_timeout=500. Stop the process of the other one
        for a while, then let it go on. Do the same to the side with the time-out.
    Verify:
        The age of the heartbeat grows at the side that goes on. The link goes down where there is
        a time-out, and comes back; elsewhere it stays.
    """
    rig.start_board()
    patient, other = stalled, SIDES[1 - SIDES.index(stalled)]
    rig.start_side(patient, "split")
    rig.start_side(other, "split", raw_args=f",peer_timeout={TIMEOUT_MS}")
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    patient, other = getattr(rig, patient), getattr(rig, other)

    def stall(pmd, watcher):
        os.kill(pmd.pid, signal.SIGSTOP)
        deadline = time.monotonic() + 10
        age = up = 0
        while age <= 2 * TIMEOUT_MS and time.monotonic() < deadline:
            up = watcher.link_up()
            if not up:
                break
            age = watcher.xstats()["raw_Link-heartbeat-age-ms"]
        os.kill(pmd.pid, signal.SIGCONT)
        rig.wait_links()
        return up

    assert not stall(patient, other)
    assert "made no calls within peer_timeout" in other.output
    assert stall(other, patient)
    assert patient.xstats()["raw_Link-heartbeat-age-ms"] < TIMEOUT_MS
    exchange(rig.pair)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
