# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint: what it shows its clients, driven by raw vfio-user messages."""

import errno
import mmap
import os
import stat
import struct

import pytest

from framework import vfio_user
from framework.bench import (
    ABORTED,
    ATU_REGION,
    BOARD_REGION,
    CB,
    DONE_IMWR,
    Dma,
    EP_ADDRESS,
    HOST_ADDRESS,
    LIE,
    LOCAL_BASE,
    MIB,
    OUTBOUND_REGION,
    PAGE,
    PORTS,
    SHADOW_REGION,
    SOCKETS,
    STOPPED,
    attach_pair,
    noise,
    wait_until,
)


def test_sockets_and_lines(bench):
    """The board says what it serves, in a directory for its user alone.

    Steps:
        Start it with a directory that does not exist, attach and leave.
    Verify:
        Five sockets of mode 0600 in a directory of mode 0700; one line each for what is served,
        who came and who left.
    """
    bench.softep.wait_for("serving control.sock", 1)
    assert stat.S_IMODE(bench.dir.stat().st_mode) == 0o700
    assert sorted(os.listdir(bench.dir)) == sorted(SOCKETS)
    for name in SOCKETS:
        mode = (bench.dir / name).stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
        assert len([s for s in bench.softep.output.splitlines() if f"serving {name}:" in s]) == 1
    bench.attach("rc-ntb")
    bench.softep.wait_for(f"rc-ntb: attached, process {os.getpid()}\n", 1)
    bench.leave("rc-ntb")
    bench.softep.wait_for("rc-ntb: left: closed the connection\n", 1)


def test_board_page(make_bench):
    """The board page tells sizes, addresses and who is there, and no client can change it.

    Steps:
        Start with other than default sizes. Look at the page; try to map it writable, to shrink
        the memories handed out, and to write it by message.
    Verify:
        Every number fits the options, every attempt fails.
    """
    bench = make_bench("--wr", "2", "--rd", "1", "--mw", "64k", "--ll", "96")
    client = bench.attach("ep-ntb")
    page = bench.page()
    assert (page["magic"], page["version"]) == (0x50545342, 2)
    assert (page["wr_cnt"], page["rd_cnt"], page["map"]) == (2, 1, 1)
    assert (page["mw_bytes"], page["outbound_bytes"]) == (65536, 65536)
    assert (page["ll_bytes"], page["ll_stride"], page["ll_ch_bytes"]) == (16 * MIB, 2 * MIB, 96)
    assert page["ctrl_bytes"] == page["db_bytes"] == PAGE
    assert (page["link_up"], page["trap"]) == (1, 0)
    locals_ = [page[f"{name}_local"] for name in ("ctrl", "mw", "db", "ll", "outbound")]
    assert min(locals_) == LOCAL_BASE and len(set(locals_)) == 5
    assert [page["port"][port][:2] for port in PORTS] == [(0, 0), (0, 0), (1, 1), (0, 0)]
    bench.attach("rc-ntb").bus_master(True)
    assert bench.page()["port"]["rc-ntb"] == (1, 1, 1, 0)
    with pytest.raises(OSError):
        client.write(BOARD_REGION, 0, bytes(4))
    region = client.region(BOARD_REGION)
    with pytest.raises(OSError):
        mmap.mmap(region.fd, region.size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    region.close()
    for index in (0, 2, 4, BOARD_REGION):
        region = client.region(index)
        with pytest.raises(OSError):
            os.ftruncate(region.fd, 0)
        region.close()
    bench.leave("rc-ntb")
    assert bench.page()["port"]["rc-ntb"] == (0, 1, 0, 0)
    bench.attach("rc-ntb")
    assert bench.page()["port"]["rc-ntb"] == (1, 2, 0, 0)


def test_shared_memory(bench):
    """What one side stores in a BAR, the other finds in its memory.

    Steps:
        Map the regions of both sides; store on one, load on the other, by mapping and by message.
    Verify:
        The same bytes in the same regions, and in no other.
    """
    rc, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    for index in (0, 2, 4):
        rc_map, ep_map = rc.map_region(index), ep.map_region(index)
        rc_map[40:48] = struct.pack("=Q", 0x1111 + index)
        assert ep_map[40:48] == struct.pack("=Q", 0x1111 + index)
        assert ep.read(index, 40, 8) == struct.pack("=Q", 0x1111 + index)
        ep.write(index, 101, b"unaligned and odd")
        assert rc_map[101:118] == b"unaligned and odd"
        rc_map.close()
        ep_map.close()
    rc_dma, ep_dma = Dma(bench, "rc-dma"), Dma(bench, "ep-dma")
    ep_dma.list[0x200000:0x200008] = b"the list"
    assert rc_dma.list[0x200000:0x200008] == b"the list"


def test_applied_count(bench):
    """A client learns when its posted writes are in, refused ones too, and only those.

    Steps:
        Posted register and list writes, writes with reply, a posted write that is refused; on both
        DMA ports. Leave and come again.
    Verify:
        The count is that of the client's posted writes, per port, and starts again at 0.
    """
    rc, ep = Dma(bench, "rc-dma"), Dma(bench, "ep-dma")
    for _ in range(40):
        rc.put(DONE_IMWR["wr"], 0x1230)
    rc.client.post(2, 0x100, b"list")
    rc.client.write(0, DONE_IMWR["wr"], struct.pack("=I", 0x4560))
    assert rc.get(DONE_IMWR["wr"]) == 0x4560
    assert (rc.applied(), ep.applied()) == (41, 0)
    rc.client.post(0, 1, b"four")
    rc.client.post(0, 1 << 40, b"four")
    wait_until(lambda: rc.applied() == 43, "refused writes")
    ep.put(DONE_IMWR["wr"], 0x7890)
    assert ep.get(DONE_IMWR["wr"]) == 0x7890
    assert (rc.applied(), ep.applied()) == (43, 1)
    bench.leave("rc-dma")
    again = Dma(bench, "rc-dma")
    assert again.applied() == 0
    assert bench.softep.wait_for("rc-dma: attached", 1)


def test_register_messages(bench):
    """Registers are 32 bits wide; 8 bytes are two, low half first.

    Steps:
        Read and write by message with 4 and 8 bytes, then with sizes and offsets that are wrong.
    Verify:
        The values, and EINVAL.
    """
    client = bench.attach("rc-dma")
    assert client.read(0, 8, 4) == struct.pack("=I", 0x00040004)
    client.write(0, 0x060, struct.pack("=II", 0x1000, 0x2000))
    assert client.read(0, 0x060, 8) == struct.pack("=II", 0x1000, 0x2000)
    assert client.read(0, 0x1ffc, 4) == bytes(4)
    bad = ((8, 2), (8, 1), (9, 4), (10, 4), (8, 12), (0, 0), (0x1ffe, 4), (0x2000, 4))
    for offset, count in bad:
        with pytest.raises(OSError) as error:
            client.read(0, offset, count)
        assert error.value.errno == errno.EINVAL
        with pytest.raises(OSError):
            client.write(0, offset, bytes(count))


def test_trap_mode(make_bench):
    """In trap mode nothing over the link is shared, and every access is counted.

    Steps:
        Look at all regions. Run a transfer by messages alone.
    Verify:
        The rc ports and the register image cannot be mapped, the endpoint's memory can; the data
        arrives; the messages are counted per region to the byte.
    """
    bench = make_bench("--trap")
    dma, host_memory, ep_memory = attach_pair(bench, trap=True)
    ep_dma = bench.attach("ep-dma")
    rc, ep = bench.clients["rc-ntb"], bench.clients["ep-ntb"]
    assert bench.page()["trap"] == 1
    shared = {("rc-ntb", 9), ("rc-dma", 9), ("ep-dma", 9), ("ep-dma", 2)}
    shared |= {("ep-ntb", index) for index in (0, 2, 4, 9)}
    for port, client in bench.clients.items():
        for index in range(13):
            region = client.region(index)
            assert (region.fd >= 0) == ((port, index) in shared), (port, index)
            region.close()
    ep_memory.map[:9] = b"trap mode"
    bench.softep.command("clear")
    dma.element(0, CB | LIE, 9, EP_ADDRESS, HOST_ADDRESS)
    assert bench.region("rc-dma", 2) == (0, 0, 2, 24)
    assert dma.run("wr", 0, [(0, 9, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert host_memory.map[:9] == b"trap mode"
    bench.softep.command("clear")
    rc.write(2, 0, bytes(100))
    rc.read(0, 0, 16)
    rc.read(0, 0, 4)
    ep_dma.read(SHADOW_REGION, 0, 8)
    assert bench.region("rc-ntb", 2) == (0, 0, 1, 100)
    assert bench.region("rc-ntb", 0) == (2, 20, 0, 0)
    assert bench.region("ep-dma", 10) == (1, 8, 0, 0)
    assert bench.region("rc-dma", 2) == (0, 0, 0, 0)
    ep.write(ATU_REGION, 0, struct.pack("=QQI", HOST_ADDRESS, PAGE, 1).ljust(20, b"\0"))
    assert ep.region(OUTBOUND_REGION).fd == -1


def atu(target, size, enable):
    return struct.pack("=QQII", target, size, enable, 0)


def test_outbound_window(bench):
    """The endpoint's CPU reaches host memory through the window, mapped or by message.

    Steps:
        Program the translation; map the window and access it by message; let the engine use its
        local address; move it; close it; let the host clear its bus master and leave.
    Verify:
        The right host bytes each time; mappable only while the target is one writable map of a
        bus master; all-ones and dropped writes otherwise.
    """
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    memory = bench.memory(MIB)
    base = 0x90000000
    memory.map[:] = noise(MIB, 7)
    assert ep.region(OUTBOUND_REGION).fd == -1
    assert ep.read(OUTBOUND_REGION, 0, 8) == b"\xff" * 8
    host.dma_map(memory.fd, 0, base, MIB)
    host.bus_master(True)
    ep.write(ATU_REGION, 0, atu(base + 2 * PAGE, 16 * PAGE, 1))
    assert ep.read(ATU_REGION, 0, 24) == atu(base + 2 * PAGE, 16 * PAGE, 1)
    region = ep.region(OUTBOUND_REGION)
    page = bench.page()
    assert region.size == page["outbound_bytes"]
    assert (region.offset, region.areas) == (2 * PAGE, [(0, 16 * PAGE)])
    window = mmap.mmap(region.fd, 16 * PAGE, offset=region.offset)
    region.close()
    window[100:108] = b"outbound"
    assert memory.map[2 * PAGE + 100 : 2 * PAGE + 108] == b"outbound"
    window.close()
    ep.write(OUTBOUND_REGION, 15 * PAGE + 4, b"last page")
    assert memory.map[17 * PAGE + 4 : 17 * PAGE + 13] == b"last page"
    end = memory.map[18 * PAGE - 4 : 18 * PAGE]
    assert ep.read(OUTBOUND_REGION, 16 * PAGE - 4, 8) == end + b"\xff" * 4
    # The engine at the window's local address.
    dma = Dma(bench, "ep-dma")
    assert dma.run("wr", 0, [(0, 8, page["outbound_local"] + 100, base)]) == STOPPED
    assert memory.map[:8] == b"outbound"
    assert dma.run("wr", 1, [(0, 8, page["outbound_local"] + 16 * PAGE, base)]) == ABORTED
    # In halves, and only with the enable word.
    ep.write(ATU_REGION, 0, struct.pack("=I", base + 64 * PAGE))
    ep.write(ATU_REGION, 4, struct.pack("=I", 0))
    assert ep.read(OUTBOUND_REGION, 100, 8) == b"outbound"
    ep.write(ATU_REGION, 16, struct.pack("=I", 1))
    assert ep.read(OUTBOUND_REGION, 0, 64) == memory.map[64 * PAGE : 64 * PAGE + 64]
    # Not in one map, then without bus master.
    ep.write(ATU_REGION, 0, atu(base + MIB - PAGE, 2 * PAGE, 1))
    assert ep.region(OUTBOUND_REGION).fd == -1
    assert ep.read(OUTBOUND_REGION, PAGE - 4, 8) == memory.map[MIB - 4 :] + b"\xff" * 4
    ep.write(ATU_REGION, 0, atu(base, PAGE, 1))
    ep.region(OUTBOUND_REGION).close()
    host.bus_master(False)
    assert ep.region(OUTBOUND_REGION).fd == -1
    assert ep.read(OUTBOUND_REGION, 0, 4) == b"\xff" * 4
    faults = bench.softep.stats()["outbound"]["faults"]
    ep.write(OUTBOUND_REGION, 0, b"lost")
    assert memory.map[:8] == b"outbound"
    assert bench.softep.stats()["outbound"]["faults"] == faults + 1
    host.bus_master(True)
    assert ep.read(OUTBOUND_REGION, 0, 8) == b"outbound"
    # What the host does not let a device write cannot be mapped for writing.
    host.dma_map(memory.fd, 0, base + MIB, MIB, vfio_user.DMA_READ)
    ep.write(ATU_REGION, 0, atu(base + MIB, PAGE, 1))
    assert ep.region(OUTBOUND_REGION).fd == -1
    ep.write(OUTBOUND_REGION, 0, b"lost")
    assert ep.read(OUTBOUND_REGION, 0, 8) == b"outbound"
    bench.leave("rc-ntb")
    assert ep.region(OUTBOUND_REGION).fd == -1
    ep.write(ATU_REGION, 16, struct.pack("=I", 0))
    assert ep.read(ATU_REGION, 16, 4) == bytes(4)


def test_outbound_errors(bench):
    """A translation that cannot be is refused and opens nothing.

    Steps:
        Misaligned target, size 0, size too large, wrap, wrong enable word, wrong sizes.
    Verify:
        EINVAL, and the window is closed.
    """
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    memory = bench.memory(MIB)
    host.dma_map(memory.fd, 0, 0x90000000, MIB)
    host.bus_master(True)
    size = bench.page()["outbound_bytes"]
    for target, length, enable in (
        (0x90000008, PAGE, 1), (0x90000000, 0, 1), (0x90000000, size + 1, 1),
        ((1 << 64) - PAGE, 2 * PAGE, 1), (0x90000000, PAGE, 2)):
        with pytest.raises(OSError) as error:
            ep.write(ATU_REGION, 0, atu(target, length, enable))
        assert error.value.errno == errno.EINVAL
        assert ep.read(ATU_REGION, 16, 4) == bytes(4)
        assert ep.read(OUTBOUND_REGION, 0, 4) == b"\xff" * 4
    for offset, data in ((1, b"four"), (0, b"2b"), (24, b"four"), (20, b"8 bytes.")):
        with pytest.raises(OSError):
            ep.write(ATU_REGION, offset, data)
    ep.write(ATU_REGION, 0, atu(0x90000000, PAGE, 1))
    assert ep.read(OUTBOUND_REGION, 0, 4) == bytes(4)


def test_link_down(bench):
    """A link that is down answers with ones, drops writes and aborts transfers.

    Steps:
        Take the link down; access from both sides; transfer; take it up again.
    Verify:
        The host reads ones in BARs, registers and configuration, its writes vanish; the endpoint is
        not affected; engine accesses to the host abort; all is back afterwards.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    rc, ep = bench.clients["rc-ntb"], bench.clients["ep-ntb"]
    ep_dma = Dma(bench, "ep-dma")
    rc.write(0, 0x200, b"before..")
    bench.softep.set("link", "down")
    bench.softep.wait_for("link: down", 1)
    assert bench.page()["link_up"] == 0
    for client, region in ((rc, 0), (rc, 2), (rc, 7), (dma.client, 0), (dma.client, 2),
                           (dma.client, SHADOW_REGION)):
        assert client.read(region, 0, 8) == b"\xff" * 8
    rc.write(0, 0x200, b"dropped.")
    assert ep.read(0, 0x200, 8) == b"before.."
    rc.bus_master(False)
    assert bench.page()["port"]["rc-ntb"][2] == 1
    assert ep_dma.client.read(0, 8, 4) == struct.pack("=I", 0x00040004)
    assert ep_dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == ABORTED
    assert ep_dma.run("rd", 0, [(0, 8, HOST_ADDRESS, EP_ADDRESS)]) == ABORTED
    bench.softep.set("link", "up")
    assert rc.read(0, 0x200, 8) == b"before.."
    ep_memory.map[:8] = b"up again"
    assert ep_dma.run("wr", 1, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert host_memory.map[:8] == b"up again"
