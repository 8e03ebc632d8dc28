# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Memory copied by two processes over a board: by real channels, and by requests to the peer."""

import re
import time

import pytest

from framework import dma_copy, ntb_tool, programs
from framework.dma_copy import OWN_CHANNELS, PACKET_CHANNELS, TIMEOUT, VIRTUAL
from framework.rig import SIDES

PEER = {"rc": "ep", "ep": "rc"}

# What a rawdev's user says in scratchpads 0 to 3: that memory is there, where, how much.
READY = 0x4E444331
# Codes of enum rte_dma_status_code.
INVALID_ADDR = 5
LINK_ERROR = 13

# The peer's window, as the host and as the endpoint reaches it.
HOST_WINDOW = "rc-ntb region 2"
ENDPOINT_WINDOW = "ep-ntb region 11"
# What else is written: a word at most so often, in seconds, and some to begin with.
HEARTBEAT = 0.016
SETUP = 50


def start(rig, side, mover, *options, raw_args=""):
    """Start the sample on one side."""
    cpu = dict(zip(SIDES, programs.cpus()))[side]
    devices = dma_copy.vdevs(side, rig.board, mover, raw_args)
    copy = dma_copy.DmaCopy(side, devices, cpu, rig.directory, *options)
    rig.children.append(copy)
    return copy


def run_pair(rig, mover, options, raw_args=None):
    """Run the sample on both sides, options and arguments by side, to their ends."""
    pair = {
        side: start(
            rig, side, mover, *options.get(side, ()), raw_args=(raw_args or {}).get(side, "")
        )
        for side in SIDES
    }
    for side, copy in pair.items():
        assert copy.wait(TIMEOUT) == 0, f"{side}: {copy.output}"
    return pair


def check_output(copy, size, burst):
    """Two measurements and a comparison."""
    for what in ("to the peer", "from the peer"):
        assert re.search(
            rf"(?m)^{what}: \d+ copies of {size} bytes: [\d.]+ MB/s, latency [\d.]+ us median",
            copy.output,
        ), copy.output
    assert re.search(rf"(?m)^verified: {size * burst} bytes$", copy.output), copy.output


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size,burst", [(1, 1), (1500, 256), (300000, 4)])
def test_virtual(rig, side, size, burst):
    """The side without an engine has its peer's engine copy both ways.

    Steps:
        Arrangement "ep" with the host as requester, "rc" with the endpoint: copy with the virtual
        device; the peer polls.
    Verify:
        What came back is what went; the engine has copied the bytes; both end well.
    """
    rig.start_board("--wr", "2", "--rd", "2")
    options = ("--size", str(size), "--burst", str(burst), "--copies", "300")
    pair = run_pair(rig, PEER[side], {side: (*VIRTUAL, *options), PEER[side]: options})
    check_output(pair[side], size, burst)
    channels = rig.softep.channels()
    # Packets have the first channel of each direction, requests the last.
    assert channels["wr1"]["bytes"] >= 300 * size and channels["rd1"]["bytes"] >= 300 * size
    assert channels["wr0"]["bytes"] == channels["rd0"]["bytes"] == 0


def test_one_channel(rig):
    """Requests by the channel that packets use, too."""
    rig.start_board("--wr", "1", "--rd", "1")
    options = ("--copies", "200")
    pair = run_pair(rig, "ep", {"rc": (*VIRTUAL, *options), "ep": options})
    check_output(pair["rc"], 4096, 32)


def test_real(rig):
    """The side with the engine copies by channels of its own.

    Steps:
        Leave two channels to the rawdev, copy with two others; the host polls.
    Verify:
        As above, with those channels.
    """
    rig.start_board("--wr", "2", "--rd", "2")
    pair = run_pair(
        rig, "ep", {"ep": (*OWN_CHANNELS, "--copies", "300")}, {"ep": PACKET_CHANNELS}
    )
    check_output(pair["ep"], 4096, 32)


def test_both_at_once(rig):
    """Each side copies to the other, one by requests, one by itself."""
    rig.start_board("--wr", "2", "--rd", "2")
    options = ("--copies", "200", "--size", "700")
    pair = run_pair(
        rig,
        "ep",
        {"rc": (*VIRTUAL, *options), "ep": (*OWN_CHANNELS, *options)},
        {"ep": PACKET_CHANNELS},
    )
    for copy in pair.values():
        check_output(copy, 700, 32)


@pytest.mark.parametrize("channel", ["wr", "rd"])
def test_engine_error(rig, channel):
    """A copy that the engine fails is told as failed; the next run is as if nothing had been.

    Steps:
        Let the 40th element of the executing channel fail. Copy. Copy again.
    Verify:
        The first run ends with an error that is not the link's; the second one verifies.
    """
    rig.start_board("--wr", "2", "--rd", "2", "--inject", f"{channel} 1 40 local")
    copies = {side: start(rig, side, "ep", *(VIRTUAL if side == "rc" else ())) for side in SIDES}
    assert copies["rc"].wait(TIMEOUT) == 1
    status = re.search(r"copy \d+ failed: status (\d+)", copies["rc"].output)
    assert status and int(status[1]) not in (0, INVALID_ADDR, LINK_ERROR), copies["rc"].output
    assert copies["ep"].wait(TIMEOUT) == 0, copies["ep"].output
    options = ("--copies", "200")
    pair = run_pair(rig, "ep", {"rc": (*VIRTUAL, *options), "ep": options})
    check_output(pair["rc"], 4096, 32)


@pytest.mark.parametrize("exported", [True, False])
def test_not_exported(rig, exported):
    """Memory that nobody exported is out of reach.

    Steps:
        An endpoint whose only exported memory is the head of its pool, or that exports nothing,
        says that its memory is elsewhere. The host copies there.
    Verify:
        The copy fails for its address, and is counted; or it is refused for want of an executor.
    """
    rig.start_board("--wr", "2", "--rd", "2")
    raw_args = ",export=MP_ntb-tool" if exported else ""
    devices = dma_copy.vdevs("ep", rig.board, "ep", raw_args)
    ep = ntb_tool.NtbTool("ep", devices, programs.cpus()[1], rig.directory)
    rig.children.append(ep)
    rc = start(rig, "rc", "ep", *VIRTUAL)
    ep.do("link wait up")
    ep.do("spad write peer 1 0x10000", "spad write peer 2 0", "spad write peer 3 0x1000000")
    ep.do(f"spad write peer 0 {READY}")
    rc.wait_for(r"copy 0 (failed|is refused)", TIMEOUT)
    if exported:
        assert f"copy 0 failed: status {INVALID_ADDR}\n" in rc.output, rc.output
        assert ep.do("info")["xstats"]["Req-refused"] > 0
        assert ep.do("info")["xstats"]["Req-copies"] == 0
    else:
        assert "copy 0 is refused: Link has been severed\n" in rc.output, rc.output
    ep.close_input()
    assert rc.wait(TIMEOUT) == 1


@pytest.mark.parametrize("victim", SIDES)
def test_kill(rig, victim):
    """A side that dies in the midst of copies takes nothing with it.

    Steps:
        Host as requester, copies without end. Kill one side. Run both again.
    Verify:
        The other side ends by itself, with an error; the second run verifies.
    """
    rig.start_board("--wr", "2", "--rd", "2")
    copies = {
        side: start(
            rig, side, "ep", "--copies", "1000000000", *(VIRTUAL if side == "rc" else ())
        )
        for side in SIDES
    }
    for copy in copies.values():
        copy.wait_for("link up", TIMEOUT)
    engine = ntb_bytes(rig)
    while ntb_bytes(rig) - engine < 100 * 4096:
        pass
    copies[victim].kill()
    other = copies[PEER[victim]]
    assert other.wait(TIMEOUT) == 1, other.output
    if victim == "ep":
        assert re.search(rf"failed: status {LINK_ERROR}|refused: Link has", other.output)
    options = ("--copies", "200")
    pair = run_pair(rig, "ep", {"rc": (*VIRTUAL, *options), "ep": options})
    check_output(pair["rc"], 4096, 32)


def ntb_bytes(rig):
    """Bytes that the channel for requests to the endpoint has copied."""
    return rig.softep.channels()["rd1"]["bytes"]


def test_bytes_on_the_link(rig):
    """By message everything is counted: requests and completions are writes, and short.

    Steps:
        Copy in trap mode, some and then more.
    Verify:
        Neither side reads the other's window. The host touches no register of the engine. Each
        copy is one message of 24 bytes and one of 8; heartbeats are the rest.
    """
    counts = {}
    begin = time.monotonic()
    for copies in (100, 600):
        board = rig.start_board("--wr", "2", "--rd", "2", "--trap")
        options = ("--copies", str(copies), "--size", "64")
        run_pair(rig, "ep", {"rc": (*VIRTUAL, *options), "ep": options})
        counts[copies] = board.stats()
        board.close()
    # Each copy is measured twice, in both directions.
    requests = 4 * 500
    others = SETUP + (time.monotonic() - begin) / HEARTBEAT
    for window, size in ((HOST_WINDOW, 24), (ENDPOINT_WINDOW, 8)):
        few, many = (counts[copies][window] for copies in (100, 600))
        assert few["reads"] == many["reads"] == 0
        assert abs(many["writes"] - few["writes"] - requests) < others
        assert abs(many["write_bytes"] - few["write_bytes"] - requests * size) < 8 * others
        assert not any(counts[600]["rc-dma"].values()), counts[600]["rc-dma"]


BAD = {
    "unknown": (["--", "--fast", "1"], 'argument --fast: "": expected an option of --help'),
    "dma": (["--", "--dma", "a", "--dma", "b", "--dma", "c"], '"c": expected at most two'),
    "value": (["--", "--dma"], 'argument --dma: "": expected a value'),
    "size": (["--", "--size", "0"], '"0": expected bytes, 1 to 16M'),
    "size-high": (["--", "--size", "17M"], '"17M": expected bytes, 1 to 16M'),
    "burst": (["--", "--burst", "257"], '"257": expected a number, 1 to 256'),
    "copies": (["--", "--copies", "0"], '"0": expected a number, 1 or more'),
    "wait": (["--", "--wait", "-1"], '"-1": expected seconds'),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_argument(name):
    """One line says what is wrong with an argument."""
    args, complaint = BAD[name]
    code, output = dma_copy.usage(*args)
    assert code == 2 and complaint in output and output.count("\n") == 1, output


def test_help():
    """Help and version are told without EAL."""
    code, output = dma_copy.usage("--help")
    assert code == 0 and output.startswith("usage: dpdk-ntb-dma-copy")
    code, output = dma_copy.usage("--", "--version")
    assert code == 0 and output.startswith("dpdk-ntb-dma-copy ")


@pytest.mark.parametrize(
    "options,complaint",
    [
        (("--dma", "none"), "--dma none: no DMA device none"),
        (("--wait", "0.2"), "no link within 0.2 seconds"),
        (("--dma", "virtual", "--size", "1M", "--burst", "4"), "expected --size times --burst"),
    ],
)
def test_does_not_copy(rig, options, complaint):
    """What is wrong with the rest of the world is told in a line, too."""
    rig.start_board("--wr", "2", "--rd", "2")
    if "--wait" not in options:
        start(rig, "ep", "ep")
    rc = start(rig, "rc", "ep", *options)
    rc.wait_for(re.escape(complaint), TIMEOUT)
    assert rc.wait(TIMEOUT) != 0
