# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The board's endpoint reboots, or stops answering reads."""

import struct

import pytest

from framework import programs
from framework.bench import (
    EP_ADDRESS,
    HOST_ADDRESS,
    MIB,
    RUNNING,
    STOPPED,
    attach_pair,
    wait_until,
)
from framework.vfio_user import Client, ProtocolError

ONES = b"\xff\xff\xff\xff"


def link_up(bench):
    return bench.softep.stats()["board"]["link"] == "up"


@pytest.mark.parametrize("trap", [False, True], ids=["shared", "trap"])
def test_reboot(make_bench, trap):
    """A reboot leaves nothing of the endpoint but its sockets.

    Steps:
        With the engine at work and state everywhere, reboot with the link down for a minute; look
        from the host and from the endpoint. Take the link up.
    Verify:
        The endpoint's clients are disconnected and others can attach. The host reads all-ones, and
        after the link is up power-on values, without bus master, and memory that is zero. Its maps
        are there still: set up again, the engine moves data.
    """
    args = ("--trap",) if trap else ()
    bench = make_bench("--set", "element_delay=100000", *args)
    dma, host_memory, ep_memory = attach_pair(bench, trap=trap)
    host, ep, ep_dma = bench.clients["rc-ntb"], bench.clients["ep-ntb"], bench.attach("ep-dma")
    for region, offset in ((0, 0x100), (2, 0x200), (4, 0x300)):
        ep.write(region, offset, b"data")
    ep.write(12, 0, struct.pack("=QQII", HOST_ADDRESS, MIB, 1, 0))
    dma.start("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)] * 100)
    assert dma.status("wr", 0) == RUNNING
    bench.softep.command("reboot 60000")
    for client in (ep, ep_dma):
        with pytest.raises((ProtocolError, ConnectionError)):
            client.read(9, 0, 4)
        client.close()
    assert not link_up(bench)
    assert host.read(0, 0x100, 4) == host.read(7, 0, 4) == dma.client.read(0, 8, 4) == ONES
    assert bench.page()["port"]["rc-ntb"][2] == 0
    stats = bench.softep.stats()
    assert stats["engine"]["busy"] == stats["outbound"]["open"] == 0
    assert stats["board"]["reboots"] == 1
    # A new life of the endpoint, before the link is up.
    ep = bench.clients["ep-ntb"] = Client(bench.dir / "ep-ntb.sock")
    assert bench.page()["port"]["ep-ntb"][:2] == (1, 2)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, MIB)
    assert ep.read(0, 0x100, 4) == ep.read(2, 0x200, 4) == ep.read(4, 0x300, 4) == bytes(4)
    bench.softep.set("link", "up")
    assert host.read(7, 4, 2) == dma.client.read(7, 4, 2) == b"\0\0"
    assert host.read(0, 0x100, 4) == ONES
    host.bus_master(True)
    dma.client.bus_master(True)
    assert host.read(0, 0x100, 4) == bytes(4)
    assert dma.client.read(2, dma.list_offset("wr", 0), 4) == bytes(4)
    assert dma.get(0x200) == dma.get(0x00C) == 0
    assert dma.get(0x008) == 0x40004
    bench.softep.set("element_delay", 0)
    ep_memory.map[:8] = b"new life"
    assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert host_memory.map[:8] == b"new life"
    assert bench.engine()["owner_violations"] == 0


def test_reboot_time(bench):
    """The link comes up by itself, when the time is over and not before.

    Steps:
        Reboot for 30 ms; for a minute, and at once for no time; for a minute, and take the link up
        by hand.
    Verify:
        Up by itself, and told, for the first and the third; the second would have taken a minute.
        What is set by hand is the end of it.
    """
    back = "the endpoint is back: link up"
    bench.softep.command("reboot 30")
    wait_until(lambda: bench.softep.output.count(back) == 1 and link_up(bench), "link")
    bench.softep.command("reboot 60000")
    assert not link_up(bench)
    bench.softep.command("reboot 0")
    wait_until(lambda: bench.softep.output.count(back) == 2 and link_up(bench), "link")
    bench.softep.command("reboot 60000")
    assert not link_up(bench)
    bench.softep.set("link", "up")
    assert link_up(bench)
    assert bench.softep.stats()["board"]["reboots"] == 4
    assert bench.softep.output.count(back) == 2


@pytest.mark.parametrize("words", ["reboot -1", "reboot 60001", "reboot soon", "reboot 1 2"])
def test_reboot_bad(bench, words):
    """A time that makes no sense is refused.

    Steps:
        Reboot with it.
    Verify:
        One line that says what was expected; the link stays up.
    """
    argv = [programs.SOFTEP, "--dir", bench.dir, "--send", words]
    code, output = programs.run(argv, 5)
    assert code == 1 and output.startswith("error: ") and output.count("\n") == 1
    assert link_up(bench)


def test_vntb_reboot(make_bench):
    """The endpoint's kernel comes back as well, with its function bound anew.

    Steps:
        With --vntb, write to the control region from the host; reboot.
    Verify:
        All-ones while the link is down; then what a newly bound function shows.
    """
    bench = make_bench("--vntb")
    host = bench.attach("rc-ntb")
    host.bus_master(True)
    before = host.read(0, 0, 64)
    host.write(0, 0x0C, struct.pack("=I", 0x1234))
    bench.softep.command("reboot 60000")
    assert host.read(0, 0, 4) == ONES
    bench.softep.set("link", "up")
    host.bus_master(True)
    assert host.read(0, 0, 64) == before


@pytest.mark.parametrize("trap", [False, True], ids=["shared", "trap"])
def test_all_ones(make_bench, trap):
    """With all_ones=1 the host reads nothing but ones, and everything else goes on.

    Steps:
        Set it, read BARs and configuration space from the host and from the endpoint; let the host
        ring a list that is there. Take it back.
    Verify:
        Ones for the host alone; its writes arrive and the engine moves data; the board page says
        that the link is up.
    """
    args = ("--trap",) if trap else ()
    bench = make_bench(*args)
    dma, host_memory, ep_memory = attach_pair(bench, trap=trap)
    host, ep = bench.clients["rc-ntb"], bench.clients["ep-ntb"]
    ep_memory.map[:4] = b"data"
    ep.write(2, 0, b"here")
    bench.softep.set("all_ones", 1)
    page = bench.page()
    assert (page["link_up"], page["all_ones"]) == (1, 1)
    for client, region, offset in ((host, 2, 0), (host, 7, 0), (dma.client, 0, 8)):
        assert client.read(region, offset, 4) == ONES
    assert ep.read(2, 0, 4) == b"here"
    dma.start("wr", 0, [(0, 4, EP_ADDRESS, HOST_ADDRESS)])
    wait_until(lambda: host_memory.map[:4] == b"data", "data")
    bench.softep.set("all_ones", 0)
    assert host.read(2, 0, 4) == b"here"
    assert dma.finish("wr", 0) == STOPPED
    assert bench.page()["all_ones"] == 0
