# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Captures cross the bridge byte for byte."""

import pytest

from framework import pcap
from framework.rig import SIDES
from framework.testpmd import command_all, replay_lossless, wait_packets

FRAMES = 4000
SHORTEST = 60
LONGEST = 9014
DIRECTIONS = {"rc-to-ep": ("rc",), "ep-to-rc": ("ep",), "both": SIDES}
PEER = {"rc": "ep", "ep": "rc"}


# Both directions of cpu are the same way of moving, so both together are enough.
CASES = [(a, d) for a in ("split", "ep", "rc") for d in DIRECTIONS] + [("cpu", "both")]


@pytest.mark.parametrize("arrangement, direction", CASES)
def test_replay(rig, arrangement, direction):
    """Frames replayed from net_pcap on one side come out of net_pcap on the other.

    Steps:
        Start both sides with net_ntb and net_pcap. When the link is up, replay 4,000 frames of 60
        to 9014 bytes from each sending side, sending again what a full ring refuses.
    Verify:
        The capture written by the other side has the same frames in the same order.
    """
    senders = DIRECTIONS[direction]
    sent = {}
    pcaps = {}
    for number, side in enumerate(SIDES):
        source = rig.empty_pcap()
        if side in senders:
            sent[side] = pcap.make_frames(FRAMES, SHORTEST, LONGEST, seed=number)
            source = rig.directory / f"{side}-in.pcap"
            pcap.write(source, sent[side])
        pcaps[side] = f"rx_pcap={source},tx_pcap={rig.directory}/{side}-out.pcap"
    rig.start_board()
    # One worker for each direction: one that sends again and again does not receive meanwhile, and
    # two sides that both do would wait for each other.
    rig.start_pair(arrangement, pcaps, workers=2)
    for pmd in rig.pair:
        replay_lossless(pmd)
    command_all(rig.pair, "start")
    for side in senders:
        wait_packets(getattr(rig, PEER[side]), FRAMES, port=1, key="TX-packets")
    command_all(rig.pair, "stop")
    for pmd in rig.pair:
        assert pmd.quit() == 0
    for side in senders:
        received = pcap.read(rig.directory / f"{PEER[side]}-out.pcap")
        assert pcap.difference(sent[side], received) is None
