# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Who moves the data, for every pair of what the two sides could offer."""

import itertools
import re
import time

import pytest

from framework import pcap
from framework.replay import FRAMES, Replay
from framework.rig import ENGINES, SIDES
from framework.testpmd import command_all, wait_packets

# Channels of an engine of 4 each way: those that copy for each side, and what for. Seen from the
# host a read channel sends, seen from the endpoint a write channel.
CHANNELS = {
    "rc": {"push": "wr=0x0,rd=0x3", "pull": "wr=0x3,rd=0x0", "both": "wr=0x3,rd=0x3"},
    "ep": {"push": "wr=0xc,rd=0x0", "pull": "wr=0x0,rd=0xc", "both": "wr=0xc,rd=0xc"},
}
OFFERS = ("none", "push", "pull", "both")
PAIRS = list(itertools.product(OFFERS, OFFERS))
# One pair for each arrangement, and those that are one channel short of another one.
USUAL = [("both", "both"), ("push", "push"), ("both", "pull"), ("push", "pull"), ("none", "none")]
# No longer than what any arrangement carries in one entry: no ring refuses so few.
SHORTEST, LONGEST = 60, 2000
REFUSAL_TIMEOUT = 10
NUMBERS = {"split": 1, "rc": 2, "ep": 3, "cpu": 4}


def agreed(rc, ep):
    """What the guide says, with `fallback=1` on both sides."""
    if ep == "both":
        return "ep"
    if rc in ("push", "both") and ep == "push":
        return "split"
    return "rc" if rc == "both" else "cpu"


def vdevs(rig, side, offer, raw_args):
    """Devices of a side that offers so much: one of OFFERS, or arguments of its DMA device."""
    names = []
    if offer != "none":
        channels = CHANNELS[side].get(offer, offer)
        names.append(f"dma_dw_edma0,softep={rig.board},side={side},{channels}")
    return names + [f"raw_ntb_epf0,softep={rig.board},side={side}{raw_args}", "net_ntb0"]


def pairs():
    """All pairs; most of them take more time than they are worth every day."""
    for pair in PAIRS:
        yield pytest.param(*pair, marks=() if pair in USUAL else pytest.mark.long)


def bring_up(rig, rc, ep, raw_args=",fallback=1"):
    """A board, a host with captures and an endpoint that sends back what it gets."""
    rig.start_board("--map", "hdma")
    replay = Replay(rig, vdevs=vdevs(rig, "rc", rc, raw_args))
    rig.ep = rig.start_testpmd("ep", vdevs(rig, "ep", ep, raw_args))
    for pmd in rig.pair:
        pmd.wait_ready()
    return replay


def there_and_back(rig, replay, seed):
    """Frames of all lengths cross in both directions, and come back as they were."""
    rig.wait_links()
    rig.ep.start("io")
    frames = pcap.make_frames(FRAMES, SHORTEST, LONGEST, seed=seed)
    assert pcap.difference(frames, replay.exchange([frames])[0]) is None
    rig.ep.stop()


@pytest.mark.parametrize("rc, ep", pairs())
def test_offers(rig, rc, ep):
    """Whatever the sides have, they come to the same answer, and it carries data.

    Steps:
        Start both sides with mover=auto, fallback=1 and the channels that they offer. Send frames
        over the bridge and back. End the endpoint with SIGKILL, start it again, send once more.
    Verify:
        Both sides say the arrangement that follows from the offers. The frames come back as they
        were, before and after. A side that has nothing to move has no work for its channels.
    """
    replay = bring_up(rig, rc, ep)
    there_and_back(rig, replay, seed=1)
    for pmd in rig.pair:
        assert f"arrangement {agreed(rc, ep)}," in pmd.output
    rig.ep.kill()
    rig.rc.wait_link(False, 5)
    rig.ep = rig.start_testpmd("ep", vdevs(rig, "ep", ep, ",fallback=1"))
    rig.ep.wait_ready()
    there_and_back(rig, replay, seed=2)
    moved = {name for name, ch in rig.softep.channels().items() if ch["elements"] > 0}
    assert moved == workers(agreed(rc, ep))
    assert_kept_apart(rig.softep)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


def workers(arrangement):
    """The channels that have moved something with one queue pair."""
    return {
        "ep": {"wr2", "rd2"},
        "split": {"rd0", "wr2"},
        "rc": {"rd0", "wr0"},
        "cpu": set(),
    }[arrangement]


def assert_kept_apart(softep):
    """Neither side broke a rule of the engine, or touched what belongs to the other one's channels."""
    engine = softep.stats()["engine"]
    assert engine["owner_violations"] == 0
    assert engine["violations"] == 0, softep.violations()


@pytest.mark.parametrize("arrangement", ENGINES)
def test_partition(rig, arrangement):
    """Registers that channels share are left to one side, with directions as they are divided.

    Steps:
        Start both sides on an engine whose channels share registers, with the DMA devices that the
        arrangement needs. Send frames over the bridge and back. End the endpoint with SIGKILL,
        start it again, send once more.
    Verify:
        The board, which knows whose each channel is, saw neither side meddle with the other's.
    """
    rig.start_board("--map", "unroll")
    replay = Replay(rig, arrangement)
    rig.start_side("ep", arrangement)
    for pmd in rig.pair:
        pmd.wait_ready()
    there_and_back(rig, replay, seed=3)
    rig.ep.kill()
    rig.rc.wait_link(False, 5)
    rig.start_side("ep", arrangement).wait_ready()
    there_and_back(rig, replay, seed=4)
    assert_kept_apart(rig.softep)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    assert_kept_apart(rig.softep)


@pytest.mark.parametrize("arrangement", ["split", "rc", "ep"])
def test_partition_of_directions(rig, arrangement):
    """The same if both sides have channels of both directions, which the user has to ask for.

    Steps:
        Start both sides on such an engine with two channels of each direction and partial=1. Send
        frames over the bridge and back.
    Verify:
        As above.
    """
    rig.start_board("--map", "unroll")
    args = f",mover={arrangement}"
    parts = {side: f"{CHANNELS[side]['both']},partial=1" for side in SIDES}
    replay = Replay(rig, vdevs=vdevs(rig, "rc", parts["rc"], args))
    rig.ep = rig.start_testpmd("ep", vdevs(rig, "ep", parts["ep"], args))
    for pmd in rig.pair:
        pmd.wait_ready()
    there_and_back(rig, replay, seed=5)
    assert_kept_apart(rig.softep)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    assert_kept_apart(rig.softep)


def refusals(rig):
    """The line with which each side refuses the link, which it looks at when it is asked."""
    deadline = time.monotonic() + REFUSAL_TIMEOUT
    while True:
        assert not any(pmd.link_up() for pmd in rig.pair)
        lines = [re.search("link refused: .*", pmd.output) for pmd in rig.pair]
        if all(lines):
            return [(pmd, line.group()) for pmd, line in zip(rig.pair, lines)]
        assert time.monotonic() < deadline


@pytest.mark.parametrize("side", SIDES)
def test_no_fallback(rig, side):
    """Cores copy only where both users have allowed it.

    Steps:
        Start both sides without DMA devices, one of them with fallback=1, the other one without.
    Verify:
        The link stays down. Each side says so with the abilities and the fallback of both.
    """
    rig.start_board()
    for name in SIDES:
        args = ",fallback=1" if name == side else ""
        setattr(rig, name, rig.start_testpmd(name, vdevs(rig, name, "none", args)))
    for pmd in rig.pair:
        pmd.wait_ready()
    allowed = {rig.rc: int(side == "rc"), rig.ep: int(side == "ep")}
    for (pmd, line), peer in zip(refusals(rig), reversed(rig.pair)):
        assert f"this side has mover=auto, abilities none, fallback={allowed[pmd]}," in line
        assert f"the peer mover=auto, abilities none, fallback={allowed[peer]}:" in line


@pytest.mark.parametrize("rc, ep", [("rc", "ep"), ("cpu", "split"), ("ep", "cpu")])
def test_wishes_that_differ(rig, rc, ep):
    """Two users who want different things are told so, and nothing is chosen for them.

    Steps:
        Start both sides with all channels that they may have and different wishes.
    Verify:
        The link stays down. Each side names both wishes.
    """
    rig.start_board("--map", "hdma")
    for side, wish in zip(SIDES, (rc, ep)):
        names = vdevs(rig, side, "both", f",mover={wish},fallback=1")
        setattr(rig, side, rig.start_testpmd(side, names))
    for pmd in rig.pair:
        pmd.wait_ready()
    wishes = {rig.rc: rc, rig.ep: ep}
    for (pmd, line), peer in zip(refusals(rig), reversed(rig.pair)):
        assert f"this side has mover={wishes[pmd]}," in line
        assert f"the peer mover={wishes[peer]}," in line


@pytest.mark.parametrize(
    "rc, ep, arrangement",
    [
        (("none", ",mover=cpu"), ("both", ""), "cpu"),
        (("both", ",mover=split,fallback=1"), ("none", ",fallback=1"), "cpu"),
    ],
)
def test_wishes(rig, rc, ep, arrangement):
    """A wish of one side goes before what engines could do; one that none can meet may end in cpu.

    Steps:
        Start both sides with what they have and wish, and let both send.
    Verify:
        Both log the arrangement that follows once and show it in their statistics. Packets arrive,
        and no channel moves anything.
    """
    rig.start_board("--map", "hdma")
    for side, (offer, args) in zip(SIDES, (rc, ep)):
        setattr(rig, side, rig.start_testpmd(side, vdevs(rig, side, offer, args)))
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    for pmd in rig.pair:
        assert re.findall(r"link up: \w+, arrangement (\w+),", pmd.output) == [arrangement]
        assert pmd.xstats()["raw_Link-arrangement"] == NUMBERS[arrangement]
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    for pmd in rig.pair:
        wait_packets(pmd, 100)
    command_all(rig.pair, "stop")
    moved = {name for name, ch in rig.softep.channels().items() if ch["elements"] > 0}
    assert moved == workers(arrangement)
