# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Full-speed traffic both ways: nothing that was accepted is lost, nothing is counted wrong."""

import re
import time

import pytest

from framework import pcap
from framework.rig import SIDES
from framework.testpmd import command_all, drain

MIXED_FRAMES = 400
MIXED_SECONDS = 10
FIXED_SECONDS = 3
# testpmd's flowgen takes 4 bytes for a CRC off the length that it is told.
FLOWGEN_CRC = 4


def dropped(summary):
    """Packets that testpmd dropped because port 0 refused them, from its summary at stop."""
    part = re.search(r"Forward statistics for port 0[\s\S]*?TX-dropped: (\d+)", summary)
    return int(part.group(1))


def stop_all(pair):
    """Stop forwarding at both sides; returns what each dropped."""
    return [dropped(summary) for summary in command_all(pair, "stop")]


def assert_exact(rig, drops):
    """What one side accepted is what the other delivered; what it refused it counted."""
    rc, ep = drain(rig.pair)
    for sender, receiver in ((rc, ep), (ep, rc)):
        assert sender["TX-packets"] > 0
        assert receiver["RX-packets"] == sender["TX-packets"]
        assert receiver["RX-bytes"] == sender["TX-bytes"]
        assert sender["TX-errors"] == 0
        assert receiver["RX-errors"] == 0
    for pmd, count in zip(rig.pair, drops):
        assert pmd.xstats()["tx_refused_packets"] == count


def assert_pools_whole(rig, before):
    """After a stop of the ports every buffer is back in its pool."""
    command_all(rig.pair, "port stop 0")
    assert [pmd.idle_buffers() for pmd in rig.pair] == before


def idle_pools(rig):
    """Free buffers of both sides with port 0 stopped; the link is up again afterwards."""
    command_all(rig.pair, "port stop 0")
    free = [pmd.idle_buffers() for pmd in rig.pair]
    command_all(rig.pair, "port start 0")
    rig.wait_links()
    return free


@pytest.mark.parametrize("arrangement", ["split", "ep", "rc", "cpu"])
def test_mixed_sizes(rig, arrangement):
    """64 to 9000 bytes both ways for 10 s.

    Steps:
        Each side forwards an endless replay of frames of 64 to 9000 bytes from net_pcap into
        net_ntb for 10 s. Stop, take in the rest, stop the ports.
    Verify:
        Packets and bytes accepted by the sender equal those delivered by the receiver, both ways.
        Refused packets are counted at the sender. Every buffer is back in its pool.
    """
    source = rig.directory / "mixed.pcap"
    pcap.write(source, pcap.make_frames(MIXED_FRAMES, 64, 9000, seed=3))
    rig.start_board()
    rig.start_pair(arrangement, {side: f"rx_pcap={source},infinite_rx=1" for side in SIDES})
    free = idle_pools(rig)
    command_all(rig.pair, "set fwd io")
    command_all(rig.pair, "start")
    time.sleep(MIXED_SECONDS)
    drops = stop_all(rig.pair)
    # What arrives from now on must not be sent on: net_pcap would answer with more.
    assert_exact(rig, drops)
    assert_pools_whole(rig, free)
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.mark.parametrize("size", [64, pytest.param(1518, marks=pytest.mark.sanitizers), 9000])
@pytest.mark.parametrize("arrangement", ["split", "ep"])
def test_fixed_size(rig, arrangement, size):
    """One frame size both ways.

    Steps:
        Both sides run flowgen for 3 s. Stop, take in the rest, stop the ports.
    Verify:
        As with mixed sizes; every packet has the size that was asked for.
    """
    rig.start_board()
    rig.start_pair(arrangement)
    free = idle_pools(rig)
    command_all(rig.pair, f"set txpkts {size + FLOWGEN_CRC}")
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    time.sleep(FIXED_SECONDS)
    drops = stop_all(rig.pair)
    assert_exact(rig, drops)
    for pmd in rig.pair:
        stats = pmd.stats()
        assert stats["RX-bytes"] == stats["RX-packets"] * size
    assert_pools_whole(rig, free)
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.mark.parametrize("arrangement", ["split", "ep"])
def test_two_queue_pairs(rig, arrangement):
    """Two queue pairs share the work.

    Steps:
        Both sides run flowgen on two queue pairs for 3 s. Stop and take in the rest.
    Verify:
        Exact counts as with one pair; both queues of both sides sent and received; the queues'
        counts add up to the port's.
    """
    rig.start_board()
    rig.start_pair(arrangement, queues=2)
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    time.sleep(FIXED_SECONDS)
    assert_exact(rig, stop_all(rig.pair))
    for pmd in rig.pair:
        stats, xstats = pmd.stats(), pmd.xstats()
        for way in ("rx", "tx"):
            queues = [xstats[f"{way}_q{queue}_packets"] for queue in (0, 1)]
            assert min(queues) > 0
            assert sum(queues) == stats[f"{way.upper()}-packets"]
