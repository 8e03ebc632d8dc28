# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Queue pairs that share DMA channels, and completions that the engine writes."""

import random
import time

import pytest

from framework import pcap
from framework.rig import SIDES
from framework.testpmd import command_all, drain, replay_lossless, wait_packets, wait_quiet

PEER = {"rc": "ep", "ep": "rc"}
ARRANGEMENTS = ("split", "ep", "rc")
COMMITS = {"cpu": 1, "engine": 2}
# Of what each side pushes by default: 1 cores, 2 the engine, 0 nothing.
DEFAULT_COMMIT = {"split": (1, 2), "ep": (0, 2), "rc": (1, 0)}
SECONDS = 1
FRAMES = 3000
STORM_TIMEOUT = 60
GROWTH_TIMEOUT = 10


def start_pair(rig, arrangement, channels, queues, raw_args="", **kwargs):
    """Bring up a board with so many channels of each direction, and both sides."""
    rig.start_board("--wr", str(channels), "--rd", str(channels))
    rig.start_pair(arrangement, queues=queues, raw_args=raw_args, **kwargs)


def exchange(rig, queues):
    """Let both sides send for a while and take in the rest: nothing is lost, no queue is idle."""
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    time.sleep(SECONDS)
    command_all(rig.pair, "stop")
    rc, ep = drain(rig.pair)
    for sender, receiver in ((rc, ep), (ep, rc)):
        assert sender["TX-packets"] > 0
        assert receiver["RX-packets"] == sender["TX-packets"]
    for pmd in rig.pair:
        xstats = pmd.xstats()
        for way in ("Tx", "Rx"):
            assert all(xstats[f"raw_{way}-q{queue}-packets"] > 0 for queue in range(queues))


def check_end(rig):
    """The board saw no rule broken; both sides end in order."""
    assert rig.softep.stats()["engine"]["violations"] == 0
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_shared(rig, arrangement):
    """Five queue pairs on two channels of each direction, on two lcores of each side.

    Steps:
        Let both sides send for a second.
    Verify:
        What each sent the other one received; every queue sent and received. The engine commits
        on write channels, cores on read channels. The board saw no rule broken.
    """
    start_pair(rig, arrangement, 2, 5, workers=2)
    exchange(rig, 5)
    for pmd, commit in zip(rig.pair, DEFAULT_COMMIT[arrangement]):
        xstats = pmd.xstats()
        assert xstats["raw_Link-commit"] == commit
        assert (xstats["raw_Tx-commits"] > 0) == (commit == COMMITS["engine"])
        assert xstats["raw_Tx-commit-failures"] == 0
    check_end(rig)


def received_by(pmd):
    """What a side has received, by queue."""
    xstats = pmd.xstats()
    return [xstats[f"raw_Rx-q{queue}-packets"] for queue in range(5)]


def wait_growth(rig):
    """Wait until every queue of both sides has received more than it has now."""
    before = [received_by(pmd) for pmd in rig.pair]
    deadline = time.monotonic() + GROWTH_TIMEOUT
    for pmd, start in zip(rig.pair, before):
        while any(now <= then for now, then in zip(received_by(pmd), start)):
            assert time.monotonic() < deadline, "a queue stands still"
            time.sleep(0.1)


@pytest.mark.parametrize("victim", ["ep", pytest.param("rc", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "arrangement", ["split", *(pytest.param(name, marks=pytest.mark.long) for name in ("ep", "rc"))]
)
def test_kill(rig, arrangement, victim):
    """One side dies with all of its queues at work on shared channels, and comes back.

    Steps:
        With traffic both ways on five queue pairs and two channels, end one testpmd with SIGKILL.
        Start it again and let it forward. Stop.
    Verify:
        Traffic flows again on every queue, without a command to the other side. Both sides end in
        order, with every buffer of the survivor back in its pool.
    """
    start_pair(rig, arrangement, 2, 5, workers=2)
    survivor = getattr(rig, PEER[victim])
    command_all(rig.pair, "port stop 0")
    free = survivor.idle_buffers()
    command_all(rig.pair, "port start 0")
    rig.wait_links()
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    wait_growth(rig)
    getattr(rig, victim).kill()
    survivor.wait_link(False, GROWTH_TIMEOUT)
    reborn = rig.start_side(victim, arrangement, queues=5, workers=2)
    reborn.wait_ready()
    rig.wait_links()
    reborn.start("flowgen")
    wait_growth(rig)
    command_all(rig.pair, "stop")
    command_all(rig.pair, "port stop 0")
    assert survivor.idle_buffers() == free
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize(
    "channels, queues",
    [(channels, queues) for channels in (1, 2, 3, 4) for queues in (1, 2, 4, 7, 16)],
)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_matrix(rig, arrangement, channels, queues, commit):
    """1 to 16 queue pairs on 1 to 4 channels of each direction.

    Steps:
        Let both sides send for a second, with either commit.
    Verify:
        As test_shared.
    """
    # The pool is to fill the rings of all queue pairs.
    args = ["--rxd=128", "--txd=128"]
    raw_args = f",commit={commit}"
    start_pair(rig, arrangement, channels, queues, raw_args, workers=min(2, queues), args=args)
    exchange(rig, queues)
    for pmd in rig.pair:
        assert pmd.xstats()["raw_Link-commit"] in (0, COMMITS[commit])
    check_end(rig)


class Storm:
    """Errors injected one after the other into both channels of a board that has two."""

    def __init__(self, softep):
        self.softep = softep

    def aborts(self):
        """Elements that failed, by channel."""
        return {name: channel["aborts"] for name, channel in self.softep.channels().items()}

    def run(self, ports, timeout=STORM_TIMEOUT):
        """Let elements fail until nothing arrives any more; each channel has to have failed."""
        deadline = time.monotonic() + timeout
        before = None
        while (now := [pmd.stats()["RX-packets"] for pmd in ports]) != before:
            assert time.monotonic() < deadline, "the replay does not end"
            before = now
            for direction in ("wr", "rd"):
                self.softep.command(f"inject {direction} 0 {random.randint(1, 20)} local")
        assert all(self.aborts().values()), self.aborts()


def is_part_of(received, sent):
    """Is what was received what was sent, in order, less what failed?"""
    left = iter(sent)
    return all(any(frame == other for other in left) for frame in received)


def replays(rig):
    """Frames by the side that sends them, and the pcaps of both sides."""
    sent = {side: pcap.make_frames(FRAMES, 60, 2000, seed=n) for n, side in enumerate(SIDES)}
    for side in SIDES:
        pcap.write(rig.directory / f"{side}-in.pcap", sent[side])
    there = rig.directory
    return sent, {
        side: f"rx_pcap={there}/{side}-in.pcap,tx_pcap={there}/{side}-out.pcap" for side in SIDES
    }


@pytest.mark.parametrize("element, lost", [(1, True), (2, False)], ids=["copy", "commit"])
@pytest.mark.parametrize("regs", ["unroll", "hdma"])
def test_one_error(rig, regs, element, lost):
    """A frame takes two elements, and one of them fails.

    Steps:
        Let the first or the second element of the endpoint's write channel fail. Replay two frames
        from the endpoint to the host, each a burst.
    Verify:
        If the copy failed, the frame is an error at both ends. If the engine's commit failed, the
        core commits and the frame arrives whole. The other one arrives in either case.
    """
    frames = pcap.make_frames(2, 500, 600, seed=7)
    pcap.write(rig.directory / "ep-in.pcap", frames)
    pcaps = {
        "ep": f"rx_pcap={rig.directory}/ep-in.pcap,tx_pcap={rig.directory}/ep-out.pcap",
        "rc": f"rx_pcap={rig.empty_pcap()},tx_pcap={rig.directory}/rc-out.pcap",
    }
    softep = rig.start_board("--map", regs, "--wr", "1", "--rd", "1")
    rig.start_pair("split", pcaps)
    softep.command(f"inject wr 0 {element} local")
    rig.ep.command("set burst 1")
    for pmd in rig.pair:
        replay_lossless(pmd)
    command_all(rig.pair, "start")
    wait_packets(rig.rc, 2 - lost)
    wait_quiet(rig.pair)
    command_all(rig.pair, "stop")
    counted = rig.ep.xstats()
    assert counted["raw_Tx-packets"] == 2
    assert counted["raw_Tx-errors"] == lost
    assert counted["raw_Tx-commit-failures"] >= 1
    assert rig.rc.xstats()["raw_Rx-errors"] == lost
    assert softep.channels()["wr0"]["aborts"] == 1
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    assert pcap.difference(frames[lost:], pcap.read(rig.directory / "rc-out.pcap")) is None


@pytest.mark.parametrize("commit", COMMITS)
def test_errors(rig, commit):
    """Copies and commits that fail are errors at both ends, and never wrong data.

    Steps:
        Replay 3,000 frames from each side to the other, arrangement split, on an engine of one
        channel each way that takes its time and whose elements fail again and again.
    Verify:
        Elements failed on both channels; with commit=engine cores committed bursts of each side.
        What was received is what was sent, in order, less what sender and receiver alike counted
        as errors.
    """
    sent, pcaps = replays(rig)
    softep = rig.start_board("--wr", "1", "--rd", "1")
    softep.set("element_delay", 20)
    rig.start_pair("split", pcaps, workers=2, raw_args=f",commit={commit}")
    for pmd in rig.pair:
        replay_lossless(pmd)
        # A few packets at a time, so that failures meet some of the bursts only.
        pmd.command("set burst 4")
    command_all(rig.pair, "start")
    Storm(softep).run(rig.pair)
    for direction in ("wr", "rd"):
        softep.command(f"inject {direction} 0 1 none")
    wait_quiet(rig.pair)
    command_all(rig.pair, "stop")
    counted = {side: getattr(rig, side).xstats() for side in SIDES}
    for side in SIDES:
        assert counted[side]["raw_Link-commit"] == COMMITS[commit]
        assert (counted[side]["raw_Tx-commit-failures"] > 0) == (commit == "engine")
        assert counted[side]["raw_Tx-packets"] == FRAMES
        assert counted[side]["raw_Tx-errors"] > 0
        assert counted[PEER[side]]["raw_Rx-errors"] == counted[side]["raw_Tx-errors"]
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    for side in SIDES:
        received = pcap.read(rig.directory / f"{PEER[side]}-out.pcap")
        assert len(received) == FRAMES - counted[side]["raw_Tx-errors"]
        assert is_part_of(received, sent[side])
