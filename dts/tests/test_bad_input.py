# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Bad arguments and bad situations: one clear line, soon, and nothing hangs or stays behind."""

import re
import time

import pytest

from framework import programs
from framework.rig import ntb_vdevs
from framework.testpmd import command_all

# Until the error line is there.
ERROR_TIMEOUT = 2
# Until a process that could not use its devices has ended.
END_TIMEOUT = 10

# Devargs that no board is needed for, and what one line of the output has to name: the argument
# with its value, and what was expected. {dir} is a directory without sockets.
DEVARGS = {
    "dma-nothing": ("dma_dw_edma0", ("softep=DIR", "expected")),
    "dma-unknown": ("dma_dw_edma0,loopback=1,speed=9", ("speed=9", "expected")),
    "dma-both": ("dma_dw_edma0,loopback=1,softep={dir},side=rc", ("loopback=", "softep=")),
    "dma-loopback": ("dma_dw_edma0,loopback=2", ("loopback=2", "expected")),
    "dma-map": ("dma_dw_edma0,loopback=1,map=other", ("map=other", "expected")),
    "dma-mask": ("dma_dw_edma0,loopback=1,wr=0x1g", ("wr=0x1g", "expected")),
    "dma-mask-empty": ("dma_dw_edma0,loopback=1,wr=0,rd=0", ("wr=0", "rd=0", "expected")),
    "dma-no-side": ("dma_dw_edma0,softep={dir}", ("side=", "expected")),
    "dma-side": ("dma_dw_edma0,softep={dir},side=host", ("side=host", "expected")),
    "dma-no-dir": ("dma_dw_edma0,softep=/nowhere,side=rc", ("softep=/nowhere", "expected")),
    "dma-no-socket": ("dma_dw_edma0,softep={dir},side=ep", ("softep={dir}", "ep-dma.sock")),
    "raw-nothing": ("raw_ntb_epf0", ("side=", "expected")),
    "raw-unknown": ("raw_ntb_epf0,softep={dir},side=rc,speed=9", ("speed=9", "expected")),
    "raw-no-side": ("raw_ntb_epf0,softep={dir}", ("side=", "expected")),
    "raw-no-board": ("raw_ntb_epf0,side=rc", ("softep=", "expected")),
    "raw-side": ("raw_ntb_epf0,softep={dir},side=EP", ("side=EP", "expected")),
    "raw-no-dir": ("raw_ntb_epf0,softep=/nowhere,side=ep", ("softep=/nowhere", "expected")),
    "raw-no-socket": ("raw_ntb_epf0,softep={dir},side=rc", ("softep={dir}", "rc-ntb.sock")),
    "raw-mover": ("raw_ntb_epf0,softep={dir},side=rc,mover=me", ("mover=me", "expected")),
    "raw-fallback": ("raw_ntb_epf0,softep={dir},side=rc,fallback=2", ("fallback=2", "expected")),
    "raw-timeout": ("raw_ntb_epf0,side=rc,peer_timeout=5", ("peer_timeout=5", "expected")),
    "raw-transport": ("raw_ntb_epf0,softep={dir},side=rc,transport=linux", ("transport=linux",)),
    "net-unknown": ("net_ntb0,speed=9", ("speed=9", "expected")),
    "net-queues": ("net_ntb0,queues=many", ("queues=many", "expected")),
    "net-queues-zero": ("net_ntb0,queues=0", ("queues=0", "expected")),
    "net-malformed": ("net_ntb0,raw=a,raw=b", ("raw=", "expected")),
    "net-no-raw": ("net_ntb0", ("no NTB rawdev",)),
    "net-raw": ("net_ntb0,raw=nosuch", ("raw=nosuch", "no such")),
}


def line_with(words):
    """Pattern of one line that has all the words, in any order."""
    return r"(?m)^" + "".join(f"(?=.*{re.escape(word)})" for word in words) + ".*$"


def assert_refused(pmd, words):
    """The error line comes in time; the process then ends by itself when its input does."""
    pmd.wait_for(line_with(words), ERROR_TIMEOUT)
    pmd.close_input()
    code = pmd.wait(END_TIMEOUT)
    assert code >= 0, f"{pmd.name} died of signal {-code}"
    # EAL goes on without a device that it could not probe, testpmd with a port that did not start.
    refused = re.search(r"failed to initialize|Fail to (start|configure) port", pmd.output)
    assert code != 0 or refused


@pytest.mark.parametrize("case", DEVARGS)
def test_devargs(rig, case):
    """A bad argument is refused with a line that names it.

    Steps:
        Start testpmd with one bad device argument.
    Verify:
        Within 2 s one line names argument, value and expectation. The probe fails or the program
        ends with an error; it does not crash or hang.
    """
    devargs, words = DEVARGS[case]
    empty = rig.directory / "empty"
    empty.mkdir()
    pmd = rig.start_testpmd("refused", [devargs.format(dir=empty)])
    assert_refused(pmd, [word.format(dir=empty) for word in words])
    assert not list(empty.iterdir())


@pytest.mark.parametrize("side", ["rc", "ep"])
def test_same_role_twice(rig, side):
    """A second process for a side that is taken is refused, the first one is not disturbed.

    Steps:
        Bring both sides up. Start another testpmd for one of them.
    Verify:
        Within 2 s it says that another client is attached. The link stays up.
    """
    rig.start_board()
    rig.start_pair("split")
    second = rig.start_testpmd("second", ntb_vdevs(side, rig.board, "split"))
    assert_refused(second, [f"{side}-ntb.sock", "another client", "expected"])
    flaps = [pmd.xstats()["link_changes"] for pmd in rig.pair]
    rig.wait_links()
    assert [pmd.xstats()["link_changes"] for pmd in rig.pair] == flaps


def assert_link_refused(rig, words):
    """Both sides run, one or both say why there is no link, and both end in order."""
    for pmd in rig.pair:
        pmd.wait_ready()
    deadline = time.monotonic() + ERROR_TIMEOUT
    while not any(re.search(line_with(words), pmd.output) for pmd in rig.pair):
        assert time.monotonic() < deadline, [pmd.output[-2000:] for pmd in rig.pair]
        assert not any(pmd.link_up() for pmd in rig.pair)
    assert not any(pmd.link_up() for pmd in rig.pair)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


# What the two sides are given, and what the refusal has to name: the thing and both values.
MISMATCHES = {
    "queues": (["--rxq=1", "--txq=1"], ["--rxq=2", "--txq=2"], ("queue_num", "1", "2")),
}  # fmt: skip


@pytest.mark.parametrize("case", MISMATCHES)
def test_mismatch(rig, case):
    """Sides that were configured differently refuse the link.

    Steps:
        Start both sides with different numbers of queues.
    Verify:
        A line names both values and the expectation. The link stays down; both end in order.
    """
    rc_args, ep_args, words = MISMATCHES[case]
    rig.start_board()
    rig.start_side("rc", "split", args=rc_args)
    rig.start_side("ep", "split", args=ep_args)
    assert_link_refused(rig, words + ("expected",))


def test_movers_disagree(rig):
    """Sides that want different arrangements refuse the link.

    Steps:
        Start the host with mover=rc and the endpoint with mover=ep.
    Verify:
        A line names both wishes and the expectation. The link stays down; both end in order.
    """
    rig.start_board()
    rig.start_side("rc", "rc")
    rig.start_side("ep", "ep")
    assert_link_refused(rig, ("mover=rc", "mover=ep", "expected"))


def test_no_engine(rig):
    """An arrangement whose mover has no DMA device is refused.

    Steps:
        Start the endpoint with mover=ep and without a DMA device.
    Verify:
        Within 2 s a line names the arrangement and what is missing; the port does not start.
    """
    rig.start_board()
    vdevs = [f"raw_ntb_epf0,softep={rig.board},side=ep,mover=ep", "net_ntb0"]
    assert_refused(rig.start_testpmd("ep", vdevs), ("mover=ep", "DMA channels"))


@pytest.mark.parametrize("side", ["rc", "ep"])
def test_dma_name(rig, side):
    """A DMA device that is not there is refused when the port is configured.

    Steps:
        Start one side with dma=nosuch.
    Verify:
        Within 2 s a line names it; the port does not start.
    """
    rig.start_board()
    pmd = rig.start_testpmd(side, ntb_vdevs(side, rig.board, "split", ",dma=nosuch"))
    assert_refused(pmd, ("dma=nosuch", "expected"))


@pytest.mark.parametrize("side", ["rc", "ep"])
def test_window_too_small(rig, side):
    """Rings that do not fit into the window are refused.

    Steps:
        Start a board with a window of 64 KiB and one side with rings of 4096 entries.
    Verify:
        Within 2 s a line names the ring size, the bytes needed and those of the window; the port
        does not start.
    """
    rig.start_board("--mw", "64K")
    args = ["--rxd=4096", "--txd=4096"]
    pmd = rig.start_testpmd(side, ntb_vdevs(side, rig.board, "split"), args=args)
    assert_refused(pmd, ("queue_size=4096", str(0x1000 + 2 * 4096 * 16), "65536"))


def test_board_is_clean(rig):
    """A refused process leaves nothing at the board.

    Steps:
        Let a process fail after it attached. Look at the board, then start a good pair.
    Verify:
        No client, no map is left; the pair comes up.
    """
    softep = rig.start_board()
    pmd = rig.start_testpmd("rc", ntb_vdevs("rc", rig.board, "split", ",dma=nosuch"))
    assert_refused(pmd, ("dma=nosuch",))
    for port in ("rc-ntb", "rc-dma"):
        state = softep.stats()[port]
        assert state["attached"] == 0 and state["maps"] == 0
    rig.start_pair("split")


def test_second_board(rig):
    """A directory that is served cannot be served twice.

    Steps:
        Start a second software endpoint on the directory of a running one.
    Verify:
        It ends with an error that names the directory; the first one goes on.
    """
    softep = rig.start_board()
    code, output = programs.run([programs.SOFTEP, "--dir", rig.board], ERROR_TIMEOUT)
    assert code > 0 and str(rig.board) in output, output
    assert softep.alive() and softep.stats()
