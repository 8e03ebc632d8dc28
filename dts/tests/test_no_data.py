# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Proof that nothing but the engine moves payload."""

import time

import pytest

from framework import pcap
from framework.rig import SIDES
from framework.testpmd import command_all, replay_lossless

FRAMES = 200
SECONDS = 2
PEER = {"rc": "ep", "ep": "rc"}


@pytest.mark.parametrize("no_data", [0, 1])
@pytest.mark.parametrize("arrangement", ["split", "ep", "rc"])
def test_payload_needs_engine(rig, arrangement, no_data):
    """With the engine's data movement switched off no payload arrives.

    Steps:
        When the link is up, set the board's switch no_data and replay 200 frames from each side,
        then stop.
    Verify:
        With the switch at 0 every frame arrives. At 1 the engine counts elements, so it was told
        to copy, but no byte, and not one frame that was sent arrives.
    """
    sent = {side: pcap.make_frames(FRAMES, 60, 1500, seed) for seed, side in enumerate(SIDES)}
    pcaps = {}
    for side, frames in sent.items():
        source = rig.directory / f"{side}-in.pcap"
        pcap.write(source, frames)
        pcaps[side] = f"rx_pcap={source},tx_pcap={rig.directory}/{side}-out.pcap"
    softep = rig.start_board()
    rig.start_pair(arrangement, pcaps, workers=2)
    softep.set("no_data", no_data)
    softep.command("clear")
    # A receiver that has not begun to receive has no buffer to offer: try again, but not for ever.
    command_all(rig.pair, "set fwd io retry")
    command_all(rig.pair, "set burst tx delay 10 retry 5000")
    command_all(rig.pair, "start")
    time.sleep(SECONDS)
    command_all(rig.pair, "stop")
    channels = softep.channels().values()
    assert sum(count["elements"] for count in channels) >= 2 * FRAMES
    softep.set("no_data", 0)
    for pmd in rig.pair:
        pmd.quit()
    for side, frames in sent.items():
        arrived = pcap.read(rig.directory / f"{PEER[side]}-out.pcap")
        if no_data:
            assert not set(frames) & set(arrived)
        else:
            assert pcap.difference(frames, arrived) is None
    if no_data:
        assert sum(count["bytes"] for count in channels) == 0
