# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-l2fwd-ntb, our own sample application: pairs, learning, lcores, statistics, end."""

import re
import signal

import pytest

from framework import pcap, programs
from framework.bench import wait_until
from framework.l2fwd_ntb import L2fwd
from framework.replay import FRAMES, Replay
from framework.rig import SIDES, ntb_vdevs

LONGEST = 1514
LONGEST_JUMBO = 9014
LINK_TIMEOUT = 20
TABLE_TIMEOUT = 20
USAGE = 2
# Frames that are enough to see.
ENOUGH = 2000
PEER = {"rc": "ep", "ep": "rc"}
# A host behind the bridge, one behind each other port, and one that nobody has seen.
NEAR = bytes.fromhex("0200000000aa")
FAR = [bytes.fromhex("0200000000b1"), bytes.fromhex("0200000000b2")]
UNKNOWN = bytes.fromhex("0200000000ff")
BROADCAST = b"\xff" * 6
# Number of the first frame that does not come over the bridge.
FIRST_OWN = 1000
GROUP = bytes.fromhex("333300000001")


def start_l2fwd(rig, side, vdevs=(), **kwargs):
    """The sample on one side, its bridge first among its ports; not waited for."""
    cpu = programs.cpus()[SIDES.index(side)]
    kwargs.setdefault("cpu", cpu)
    devices = [*ntb_vdevs(side, rig.board, "split"), *vdevs]
    sample = L2fwd(side, devices, directory=rig.directory, **kwargs)
    rig.children.append(sample)
    return sample


def start_echo(rig, vdevs, queues=1, **kwargs):
    """The sample at the endpoint, and a testpmd that sends to it and captures what it sends."""
    rig.start_board()
    sample = start_l2fwd(rig, "ep", vdevs, **kwargs)
    replay = Replay(rig, queues=queues)
    replay.pmd.wait_ready()
    sample.wait_forwarding()
    replay.pmd.wait_link(True, LINK_TIMEOUT)
    return sample, replay


def end(sample, replay, number=signal.SIGINT):
    """End both at the same time; returns the last table."""
    sample.stop(number)
    assert replay.pmd.quit() == 0
    return sample.ended()


def counted(received, sent, refused=0, filtered=0):
    """A row of a table, without its link."""
    return {"received": received, "sent": sent, "refused": refused, "filtered": filtered}


def row(table, device):
    """What a table says of a device, without its link."""
    return {name: value for name, value in table[device].items() if name != "link"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_two_instances(rig, number):
    """An instance at each side joins a port there to the bridge.

    Steps:
        Run an instance on each side with --wait, between its bridge and a net_pcap that replays
        frames without end. When some thousand have arrived, end both by a signal.
    Verify:
        Each capture has frames of the other side, complete and in order; what the bridge refused
        is missing. The last tables agree with it. Both end with exit code 0.
    """
    rig.start_board()
    samples, frames = {}, {}
    for seed, side in enumerate(SIDES):
        frames[side] = pcap.make_frames(FRAMES, 60, LONGEST, seed=seed)
        source = rig.directory / f"{side}-in.pcap"
        pcap.write(source, frames[side])
        files = f"rx_pcap={source},infinite_rx=1,tx_pcap={rig.directory}/{side}-out.pcap"
        args = ["--wait", "20", "--stats", "0.1"]
        samples[side] = start_l2fwd(rig, side, [f"net_pcap0,{files}"], args=args)
    for sample in samples.values():
        sample.wait_forwarding()
        heard(sample, "net_ntb0", ENOUGH)
    for sample in samples.values():
        sample.stop(number)
    tables = {side: sample.ended() for side, sample in samples.items()}
    for side, table in tables.items():
        arrived = pcap.read(rig.directory / f"{side}-out.pcap")
        sent = tables[PEER[side]]["net_pcap0"]["received"]
        assert laps(frames[PEER[side]], arrived) <= 1 + sent // FRAMES
        assert len(arrived) == table["net_pcap0"]["sent"] == table["net_ntb0"]["received"]
        assert tables[PEER[side]]["net_ntb0"]["sent"] >= len(arrived) >= ENOUGH


def laps(sent, arrived):
    """How often a list of frames was gone through for frames to arrive in this order."""
    place = {one: number for number, one in enumerate(sent)}
    numbers = [place[one] for one in arrived]
    return 1 + sum(left >= right for left, right in zip(numbers, numbers[1:]))


@pytest.mark.parametrize(
    "workers,queues",
    [
        (0, 1),
        pytest.param(0, 2, marks=pytest.mark.long),
        pytest.param(1, 2, marks=pytest.mark.long),
        (2, 2),
    ],
)
def test_lcores(rig, workers, queues):
    """Any number of lcores shares any number of queues.

    Steps:
        Run it at the endpoint between the bridge and a ring that gives everything back: the main
        lcore alone, or with one or two more, and one or two queues of each port. Send frames on
        each queue.
    Verify:
        They come back on their queue, in order, byte for byte. The last table has counted them.
    """
    main, other = programs.cpus()[1], programs.cpus()[0]
    sample, replay = start_echo(
        rig,
        ["net_ring0"],
        queues,
        workers=workers,
        cpu=[main, other, main][: workers + 1],
        args=["--queues", str(queues), "--mtu", "9000"],
    )
    assert f"{queues} queues, {max(workers, 1)} lcores, in pairs" in sample.output
    frames = [pcap.make_frames(FRAMES, 60, LONGEST_JUMBO, seed=queue) for queue in range(queues)]
    for sent, back in zip(frames, replay.exchange(frames)):
        assert pcap.difference(sent, back) is None
    table = end(sample, replay)
    for device in ("net_ntb0", "net_ring0"):
        assert row(table, device) == counted(queues * FRAMES, queues * FRAMES)


def test_order_of_ports(rig):
    """--ports says which ports are partners; the last of an odd number has itself.

    Steps:
        Run it with the bridge, a ring and a capture, ports 0, 1 and 2, once with --ports 1,2,0 and
        once with --ports 0. Send frames.
    Verify:
        They come back from the bridge itself; the others saw nothing.
    """
    rig.start_board()
    replay = Replay(rig)
    replay.pmd.wait_ready()
    for ports in ("1,2,0", "0"):
        sink = f"net_pcap0,rx_pcap={rig.empty_pcap()},tx_pcap={rig.directory}/sink.pcap"
        sample = start_l2fwd(rig, "ep", ["net_ring0", sink], args=["--ports", ports])
        sample.wait_forwarding()
        replay.pmd.wait_link(True, LINK_TIMEOUT)
        frames = pcap.make_frames(FRAMES, 60, LONGEST, seed=1)
        (back,) = replay.exchange([frames])
        assert pcap.difference(frames, back) is None
        replay.load([[]])
        replay.pmd.start("rxonly")
        sample.stop()
        table = sample.ended()
        replay.pmd.stop()
        assert row(table, "net_ntb0") == counted(FRAMES, FRAMES)
        assert ("net_ring0" in table) == (ports != "0")
        assert all(row(table, d) == counted(0, 0) for d in table if d != "net_ntb0")


def frame(destination, source, number):
    """A frame with a number."""
    return destination + source + bytes.fromhex("88b5") + number.to_bytes(46, "big")


def start_switch(rig, *args):
    """The sample between the bridge and two captures, from each of which a host was heard of."""
    vdevs = []
    for number, mac in enumerate(FAR):
        source = rig.directory / f"host{number}.pcap"
        pcap.write(source, [frame(NEAR, mac, FIRST_OWN + number)])
        sink = rig.directory / f"sink{number}.pcap"
        vdevs.append(f"net_pcap{number},rx_pcap={source},tx_pcap={sink}")
    sample, replay = start_echo(rig, vdevs, args=["--stats", "0.1", *args])
    for number in range(2):
        heard(sample, f"net_pcap{number}", 1)
    return sample, replay


def sinks(rig):
    """Numbers of the frames that each capture has, in order: those that came over the bridge."""
    numbers = [
        [int.from_bytes(one[14:], "big") for one in pcap.read(rig.directory / f"sink{number}.pcap")]
        for number in range(2)
    ]
    return [[number for number in sink if number < FIRST_OWN] for sink in numbers]


def heard(sample, device, count):
    """Wait until a device has received so many frames."""
    wait_until(
        lambda: sample.tables() and sample.tables()[-1][device]["received"] >= count,
        f"{count} frames at {device}",
        TABLE_TIMEOUT,
    )


def test_learning(rig):
    """Learning: frames go where their destination was seen, others to all other ports.

    Steps:
        Run it with --learn between the bridge and two captures, each with one frame of a host of
        its own. Send frames from another host over the bridge: to each of the two, to the sender
        itself, to nobody known, to a group, to all. Send one whose source is a group; one that has
        the first capture's host as source; and one to that host.
    Verify:
        Each capture has the frames for its host and those for everybody, in order. The frame to
        the sender itself and the one to the host that has moved to the bridge went nowhere and are
        counted as filtered. Three addresses are known.
    """
    sample, replay = start_switch(rig, "--learn")
    to = [FAR[0], FAR[1], NEAR, UNKNOWN, GROUP, BROADCAST, FAR[1], FAR[0]]
    frames = [frame(mac, NEAR, number) for number, mac in enumerate(to)]
    frames += [frame(GROUP, BROADCAST, 8), frame(BROADCAST, FAR[0], 9), frame(FAR[0], NEAR, 10)]
    replay.send([frames])
    heard(sample, "net_ntb0", len(frames))
    assert sample.addresses() == 3
    table = end(sample, replay)
    assert sinks(rig) == [[0, 3, 4, 5, 7, 8, 9], [1, 3, 4, 5, 6, 8, 9]]
    assert table["net_ntb0"]["filtered"] == 2
    # Nothing but the two hosts' first frames left for the bridge, whose link may have been down.
    assert table["net_ntb0"]["sent"] + table["net_ntb0"]["refused"] == 2


@pytest.mark.long
def test_ageing(rig):
    """An address that was not seen for --age seconds is forgotten.

    Steps:
        As above with --age 1. Wait until no address is known. Send a frame to a host.
    Verify:
        Both captures have it.
    """
    sample, replay = start_switch(rig, "--learn", "--age", "1")
    wait_until(lambda: sample.addresses() == 0, "no address", TABLE_TIMEOUT)
    replay.send([[frame(FAR[0], NEAR, 0)]])
    heard(sample, "net_ntb0", 1)
    end(sample, replay)
    assert sinks(rig) == [[0], [0]]


def test_not_learning(rig):
    """Without --learn, addresses mean nothing.

    Steps:
        As above without --learn.
    Verify:
        All frames are in the capture of the bridge's partner; the other one, which has no partner,
        is given back its own frame.
    """
    sample, replay = start_switch(rig)
    replay.send([[frame(FAR[1], NEAR, 0), frame(BROADCAST, NEAR, 1)]])
    heard(sample, "net_ntb0", 2)
    assert "addresses:" not in sample.output
    table = end(sample, replay)
    assert sinks(rig) == [[0, 1], []]
    assert row(table, "net_pcap1") == counted(1, 1)


def test_live_statistics(rig):
    """Tables follow the traffic while it flows, and the link as it comes and goes.

    Steps:
        Run it with --stats 0.1 before its peer. Start the peer; send frames; end the peer.
    Verify:
        Tables show the link down, then up; then the frames; then the link down again. Rates
        were shown while frames came.
    """
    rig.start_board()
    sample = start_l2fwd(rig, "ep", ["net_ring0"], args=["--stats", "0.1"])
    sample.wait_forwarding()
    wait_until(sample.tables, "a table", TABLE_TIMEOUT)
    assert sample.tables()[-1]["net_ntb0"]["link"] == "down"
    replay = Replay(rig)
    replay.pmd.wait_ready()
    replay.pmd.wait_link(True, LINK_TIMEOUT)
    replay.exchange([pcap.make_frames(FRAMES, 60, LONGEST, seed=2)])
    wait_until(
        lambda: row(sample.tables()[-1], "net_ntb0") == counted(FRAMES, FRAMES), "the frames"
    )
    assert sample.tables()[-1]["net_ntb0"]["link"] == "up"
    rates = re.findall(r"(?m)^ *0  net_ntb0 .* (\d+) +(\d+)$", sample.output)
    assert any(int(rx) > 0 and int(tx) > 0 for rx, tx in rates) and rates[-1] is not None
    assert replay.pmd.quit() == 0
    wait_until(lambda: sample.tables()[-1]["net_ntb0"]["link"] == "down", "the link down")
    sample.stop()
    assert sample.ended()["net_ring0"]["link"] == "up"


# Arguments, the exit code, and what one line has to name.
BAD_ARGUMENTS = {
    "unknown": (["--speed=9"], USAGE, ("--speed=9", "expected")),
    "word": (["word"], USAGE, ("word", "expected")),
    "value": (["--mtu"], USAGE, ("--mtu", "expected a value")),
    "ports": (["--ports", "0,0"], USAGE, ("--ports", '"0,0"', "expected")),
    "ports-none": (["--ports", "1"], USAGE, ("--ports", '"1"', "expected")),
    "queues": (["--queues", "0"], USAGE, ("--queues", '"0"', "1 to 64")),
    "queues-few": (["--queues", "1"], USAGE, ("--queues", '"1"', "at least 2")),
    "queues-many": (["--queues", "17"], 1, ("net_ring0", "queues: 17", "at most 16")),
    "mtu": (["--mtu", "9601"], USAGE, ("--mtu", '"9601"', "68 to 9600")),
    "age": (["--age", "0"], USAGE, ("--age", '"0"', "1 to 1000000")),
    "stats": (["--stats", "often"], USAGE, ("--stats", '"often"', "seconds")),
    "wait": (["--wait", "-1"], USAGE, ("--wait", '"-1"', "seconds")),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_bad_arguments(rig, case):
    """What is wrong with an argument is said in one line.

    Steps:
        Run it with two forwarding lcores and a bad argument.
    Verify:
        One line names the argument, its value and what was expected; the exit code is not 0.
    """
    args, code, words = BAD_ARGUMENTS[case]
    cpu = programs.cpus()[0]
    sample = L2fwd("bad", ["net_ring0"], cpu, rig.directory, args=args, workers=2)
    rig.children.append(sample)
    assert sample.wait(LINK_TIMEOUT) == code
    lines = [line for line in sample.output.splitlines() if line.startswith("dpdk-l2fwd-ntb: ")]
    assert len(lines) == 1 and all(word in lines[0] for word in words), sample.output


def test_no_ports(rig):
    """Without a port there is nothing to do.

    Steps:
        Run it without any device; ask it for help and for its version.
    Verify:
        It says what is missing and ends with an error; it prints help and version.
    """
    cpu = programs.cpus()[0]
    env = programs.eal_env(rig.directory)
    for args, code, words in (
        ([], 1, "ports: none found, expected some"),
        (["--help"], 0, "usage: dpdk-l2fwd-ntb"),
        (["--version"], 0, "dpdk-l2fwd-ntb "),
    ):
        argv = [programs.BUILD / "app" / "dpdk-l2fwd-ntb", *programs.eal_args([], cpu, 0), "--"]
        answer = programs.run([*argv, *args], LINK_TIMEOUT, env)
        assert answer[0] == code and words in answer[1]
