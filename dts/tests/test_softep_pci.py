# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint's PCI functions: configuration space, byte by byte and bit by bit."""

import struct

import pytest

from framework import edma_meta, pci
from framework.bench import PAGE, wait_until
from framework.edma_functions import METADATA_BAR, served
from framework.pci_check import check_run
from framework.vfio_user import CONFIG_REGION

CONFIG_BYTES = 4096
PM, MSI, EXPRESS, MSIX = 0x40, 0x50, 0x70, 0xB0
VSEC = 0x100
ONES = b"\xff" * 4


def config(client, offset, fmt):
    """Fields of configuration space."""
    return struct.unpack("<" + fmt, client.read(CONFIG_REGION, offset, struct.calcsize("<" + fmt)))


def put(client, offset, fmt, value):
    client.write(CONFIG_REGION, offset, struct.pack("<" + fmt, value))


def capabilities(client):
    """Offset of each capability in the list, by its id."""
    found, at = {}, config(client, 0x34, "B")[0]
    while at != 0:
        ident, following = config(client, at, "BB")
        assert ident not in found and at % 4 == 0, "a capability is in the list twice"
        found[ident] = at
        at = following
    return found


def writable_bits(client, offset, width=4):
    """Bits of a register that a write changes: of ones, and of zeroes."""
    client.write(CONFIG_REGION, offset, b"\xff" * width)
    ones = int.from_bytes(client.read(CONFIG_REGION, offset, width), "little")
    client.write(CONFIG_REGION, offset, bytes(width))
    zeroes = int.from_bytes(client.read(CONFIG_REGION, offset, width), "little")
    return ones & ~zeroes


@pytest.mark.parametrize("port,ids,cls,bars", [
    ("rc-ntb", (0x1912, 0x0030), 0x050000, {0: 4 * PAGE, 2: 4 << 20, 4: PAGE}),
    ("rc-dma", (0x16C3, 0xEDDA), 0x118000, {0: 2 * PAGE, 2: 32 << 20, 4: 2 * PAGE}),
])
def test_header(bench, port, ids, cls, bars):
    """The rc ports are PCI functions as drivers expect them.

    Steps:
        Read the header; size the BARs by writing ones; write every byte of it.
    Verify:
        Ids, class, subsystem ids, 64-bit BARs of the regions' sizes, no ROM, no interrupt pin, and
        that writes change what software may change and nothing else.
    """
    client = bench.attach(port)
    client.reset()
    assert config(client, 0x00, "HH") == config(client, 0x2C, "HH") == ids
    revision_and_class = config(client, 0x08, "I")[0]
    assert revision_and_class == cls << 8
    assert config(client, 0x04, "HH") == (0, 0x0010)
    assert config(client, 0x0C, "4B") == (0, 0, 0, 0)
    for bar in range(0, 6, 2):
        size = bars.get(bar, 0)
        assert client.region(bar).size == size and client.region(bar + 1).size == 0
        assert config(client, 0x10 + 4 * bar, "Q")[0] == (4 if size else 0)
        client.write(CONFIG_REGION, 0x10 + 4 * bar, ONES + ONES)
        assert config(client, 0x10 + 4 * bar, "Q")[0] == ((1 << 64) - size | 4 if size else 0)
    changes = {0x04: 0x0546, 0x0C: 0x000000FF, 0x3C: 0x000000FF}
    for offset in (*range(0, 0x10, 4), *range(0x28, 0x40, 4)):
        assert writable_bits(client, offset) == changes.get(offset, 0), hex(offset)
    assert config(client, 0x30, "I") == (0,) and config(client, 0x3D, "B") == (0,)
    client.reset()
    assert config(client, 0x04, "HH") == (0, 0x0010)
    assert config(client, 0x10, "Q") == (4,)


@pytest.mark.parametrize("channels, size", [(1, 16), (5, 32)])
def test_list_bar(make_bench, channels, size):
    """The BAR of the lists reaches as far as Linux's driver does, and as the lists do.

    Steps:
        Boards with fewer and with more channels than usual.
    Verify:
        MiB of BAR 2.
    """
    client = make_bench("--wr", channels, "--rd", channels).attach("rc-dma")
    assert client.region(2).size == size << 20


@pytest.mark.parametrize("port", ["rc-ntb", "rc-dma"])
def test_capabilities(bench, port):
    """Power management, MSI, PCI Express and MSI-X, where a DesignWare endpoint has them.

    Steps:
        Walk the list; read every capability; write all of their bits.
    Verify:
        Offsets, every field, and that writes change the control fields alone.
    """
    client = bench.attach(port)
    assert capabilities(client) == {0x01: PM, 0x05: MSI, 0x10: EXPRESS, 0x11: MSIX}
    assert config(client, PM, "BBHHH") == (1, MSI, 3, 0x0008, 0)
    # 64-bit, maskable, 32 vectors; address, data, mask and pending bits.
    assert config(client, MSI, "BBHQHHII") == (5, EXPRESS, 0x018A, 0, 0, 0, 0, 0)
    assert config(client, EXPRESS, "BBH") == (0x10, MSIX, 0x0002)
    # Device: 256 bytes of payload, extended tags, role-based errors, resets; 512-byte reads.
    assert config(client, EXPRESS + 0x04, "IHH") == (0x10008021, 0x2810, 0)
    # Link: 8 GT/s by 4, up.
    assert config(client, EXPRESS + 0x0C, "IHH") == (0x00000043, 0, 0x0043)
    # 2nd generation: time-outs can be disabled; 2.5, 5 and 8 GT/s, 8 wanted.
    assert config(client, EXPRESS + 0x24, "IHH") == (0x10, 0, 0)
    assert config(client, EXPRESS + 0x2C, "IHH") == (0x0E, 3, 0)
    bar, table = (0, 0x2000) if port == "rc-ntb" else (4, 0)
    assert config(client, MSIX, "BBHII") == (0x11, 0, 31, table | bar, table + PAGE | bar)
    changes = {
        PM + 4: 0x00000003,
        MSI: 0x00710000, MSI + 4: 0xFFFFFFFC, MSI + 8: 0xFFFFFFFF, MSI + 12: 0x0000FFFF,
        MSI + 16: 0xFFFFFFFF,
        EXPRESS + 0x08: 0x000079FF, EXPRESS + 0x10: 0x000000CB, EXPRESS + 0x28: 0x0000001F,
        EXPRESS + 0x30: 0x0000000F,
        MSIX: 0xC0000000,
    }
    for offset in range(PM, 0x100, 4):
        if offset == EXPRESS + 0x08:
            # Its last bit is not stored but resets the function.
            put(client, offset, "H", 0x7FFF)
            assert config(client, offset, "I") == (changes[offset],)
            continue
        assert writable_bits(client, offset) == changes.get(offset, 0), hex(offset)


def test_link_registers(make_bench):
    """The link that is configured is the one that the functions tell of.

    Steps:
        Start with 2.5 GT/s; set 32 GT/s by 16 while a client looks; reset.
    Verify:
        Speed and width in capability and status of each function, the speeds supported up to it,
        the target speed; a reset changes none of them.
    """
    bench = make_bench("--set", "link_speed=1", "--set", "link_width=1")
    for port in ("rc-ntb", "rc-dma"):
        client = bench.attach(port)
        for speed, width in ((1, 1), (5, 16)):
            bench.softep.set("link_speed", speed)
            bench.softep.set("link_width", width)
            for _ in range(2):
                assert config(client, EXPRESS + 0x0C, "IHH") == (
                    speed | width << 4, 0, speed | width << 4)
                assert config(client, EXPRESS + 0x2C, "IHH") == ((2 << speed) - 2, speed, 0)
                client.reset()


@pytest.mark.parametrize("name,code", [
    ("legacy", 0), ("unroll", 1), ("hdma-compat", 5), ("hdma", 7),
])
def test_map_code(make_bench, name, code):
    """The register map is named in the capability and in the board page.

    Steps:
        Start with each map; read both, and all of extended configuration space.
    Verify:
        The map's code, counts, BAR 0 from its start; nothing else there, and nothing to write.
    """
    bench = make_bench("--map", name, "--wr", "8", "--rd", "3")
    dma, ntb = bench.attach("rc-dma"), bench.attach("rc-ntb")
    assert config(dma, VSEC, "6I") == (0x0001000B, 0x01800006, code, 8 | 3 << 16, 0, 0)
    page = bench.page()
    assert (page["map"], page["wr_cnt"], page["rd_cnt"]) == (code, 8, 3)
    rest = CONFIG_BYTES - VSEC - 24
    assert dma.read(CONFIG_REGION, VSEC + 24, rest) == bytes(rest)
    assert ntb.read(CONFIG_REGION, VSEC, CONFIG_BYTES - VSEC) == bytes(CONFIG_BYTES - VSEC)
    for offset in range(VSEC, VSEC + 24, 4):
        assert writable_bits(dma, offset) == 0


def test_msix_area(bench):
    """Table and pending bits of MSI-X are in pages that no client maps.

    Steps:
        Look at the regions; write all bits of the table and of the pending bits by message.
    Verify:
        The control region's page can be mapped and the rest of its BAR cannot; the table starts
        masked and empty, keeps address, data and mask bit; pending bits stay 0; holes read 0.
    """
    ntb, dma = bench.attach("rc-ntb"), bench.attach("rc-dma")
    region = ntb.region(0)
    assert region.areas == [(0, PAGE)] and region.fd >= 0
    region.close()
    assert dma.region(4).fd < 0
    for client, bar, table in ((ntb, 0, 0x2000), (dma, 4, 0)):
        assert client.read(bar, table, 512) == struct.pack("<QII", 0, 0, 1) * 32
        client.write(bar, table, b"\xff" * 512)
        assert client.read(bar, table, 512) == struct.pack("<QII", ~3 & (1 << 64) - 1,
                                                            0xFFFFFFFF, 1) * 32
        client.write(bar, table + 12, bytes(4))
        assert client.read(bar, table + 12, 4) == bytes(4)
        client.write(bar, table + PAGE, b"\xff" * PAGE)
        assert client.read(bar, table + PAGE, PAGE) == bytes(PAGE)
        client.write(bar, table + 512, b"\xff" * 512)
        assert client.read(bar, table + 508, PAGE) == struct.pack("<I", 1).ljust(PAGE, b"\0")
        client.reset()
        client.bus_master(False)
        assert client.read(bar, table, 16) == struct.pack("<QII", 0, 0, 1)
    assert ntb.read(0, PAGE, PAGE) == bytes(PAGE)


@pytest.mark.parametrize("register,off,on", [(4, 4, 6), (PM + 4, 3, 0)], ids=["decode", "D3hot"])
def test_out_of_reach(bench, register, off, on):
    """A function that does not decode memory accesses, or sleeps, does not answer in its BARs.

    Steps:
        Turn memory decoding off, or go to D3hot; access BARs and configuration space by message.
        Turn it on again.
    Verify:
        All-ones, and writes change nothing; configuration space works on, and everything is as it
        was afterwards. In D3hot the function is no bus master, without decoding it is.
    """
    ntb, dma = bench.attach("rc-ntb"), bench.attach("rc-dma")
    for client, bar, offset in ((ntb, 0, 0x800), (ntb, 0, 0x2000), (ntb, 2, 8), (dma, 0, 0x60),
                                (dma, 2, 0), (dma, 4, 0)):
        client.bus_master(True)
        client.write(bar, offset, struct.pack("<I", 0x1110))
        put(client, register, "H", off)
        assert client.read(bar, offset, 4) == ONES
        client.write(bar, offset, struct.pack("<I", 0x2220))
        client.write(CONFIG_REGION, 0x3C, b"\x0b")
        assert config(client, 0x3C, "B") == (0x0B,)
        port = "rc-ntb" if client is ntb else "rc-dma"
        assert bench.page()["port"][port][2] == (1 if register == 4 else 0)
        put(client, register, "H", on)
        assert client.read(bar, offset, 4) == struct.pack("<I", 0x1110)
        assert bench.page()["port"][port][2] == 1


def test_function_level_reset(bench):
    """A function can be reset by a bit of its own configuration space.

    Steps:
        Change registers of both functions and of the engine, and ask for a reset; write the other
        byte of device control; reset while the endpoint uses the engine.
    Verify:
        As after a reset by message: power-on values, the other function as it was; the engine is
        reset unless the endpoint uses it. The bit reads 0.
    """
    ntb, dma = bench.attach("rc-ntb"), bench.attach("rc-dma")
    for client in (ntb, dma):
        client.bus_master(True)
        client.write(CONFIG_REGION, 0x10, ONES)
    dma.write(0, 0x60, struct.pack("<I", 0x1110))
    put(dma, EXPRESS + 8, "B", 0x80)
    assert config(dma, 4, "H") == (6,)
    put(dma, EXPRESS + 8, "H", 0xA810)
    assert config(dma, EXPRESS + 8, "H") == (0x2810,)
    assert config(dma, 4, "H") == (0,) and config(dma, 0x10, "I") == (4,)
    assert config(ntb, 4, "H") == (6,)
    dma.bus_master(True)
    assert dma.read(0, 0x60, 4) == bytes(4)
    bench.attach("ep-dma")
    dma.write(0, 0x60, struct.pack("<I", 0x1110))
    put(dma, EXPRESS + 9, "B", 0x80)
    assert config(dma, 4, "H") == (0,)
    dma.bus_master(True)
    assert dma.read(0, 0x60, 4) == struct.pack("<I", 0x1110)


needs_shim = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")

@pytest.mark.parametrize("args,ids,cls", [
    ((), (0x16C3, 0xEDDA), 0x118000),
    (("--dma-id", "edda", "--map", "legacy"), (0x16C3, 0xEDDA), 0x118000),
    (("--dma-id", "amd"), (0x10EE, 0xB054), 0x118000),
    (("--dma-id", "amd", "--map", "hdma", "--wr", "8", "--rd", "8"), (0x10EE, 0xB054), 0x118000),
    (("--dma-id", "pedm"), (0x1912, 0x0030), 0x080100),
    (("--dma-id", "pedm-ctrl", "--map", "hdma"), (0x1912, 0x0030), 0x080100),
])
def test_identity(make_bench, args, ids, cls):
    """Who the engine's function is can be chosen.

    Steps:
        Start with each identity; read ids, class and capabilities, and the engine's first register.
    Verify:
        As the option says; the lines at start name the ids; the rest of the header is the same.
    """
    bench = make_bench(*args)
    dma = bench.attach("rc-dma")
    assert config(dma, 0, "HH") == config(dma, 0x2C, "HH") == ids
    assert config(dma, 8, "I") == (cls << 8,)
    assert set(capabilities(dma)) == {0x01, 0x05, 0x10, 0x11}
    bench.softep.wait_for(f"rc-dma.sock: PCI function 1, eDMA {ids[0]:04x}:{ids[1]:04x}", 1)


def test_amd(make_bench):
    """AMD's function has two capabilities, and its registers in two places.

    Steps:
        Read both capabilities. Write a register at either place and read it at the other.
    Verify:
        Map 7, channels and offset; the address of list memory; one engine.
    """
    bench = make_bench("--dma-id", "amd", "--wr", "8", "--rd", "3")
    dma = bench.attach("rc-dma")
    assert config(dma, VSEC, "6I") == (0x1200_0000 | 0x0001000B, 0x01800006, 7, 8 | 3 << 16,
                                       0x1000, 0)
    local = bench.page()["ll_local"]
    assert config(dma, VSEC + 0x20, "IIQ") == (0x0001000B, 0x01000020, local)
    assert dma.region(0).size == 0x2000
    dma.write(0, 0x1000 + 0x90, struct.pack("<I", 0x1234_5678))
    dma.write(0, 0x7 * 0x200 + 0x94, struct.pack("<I", 0x9ABC))
    assert dma.read(0, 0x90, 4) == struct.pack("<I", 0x1234_5678)
    assert dma.read(0, 0x1000 + 0x7 * 0x200 + 0x94, 4) == struct.pack("<I", 0x9ABC)


@pytest.mark.parametrize("form,channels,map_args", [
    ("pedm", (4, 4), ()),
    ("pedm-ctrl", (1, 8), ("--map", "hdma-compat")),
    ("pedm", (64, 64), ("--map", "hdma")),
])
def test_pedm_block(make_bench, form, channels, map_args):
    """Metadata tells where registers and lists are, and what the host writes is one bit.

    Steps:
        Read the block of both forms; write ones and zeroes all over it; set and clear the request,
        with the link down in between; leave while it is set.
    Verify:
        Every word; READY follows the request, and nothing else changes.
    """
    write, read = channels
    bench = make_bench("--dma-id", form, "--wr", str(write), "--rd", str(read), *map_args)
    dma = bench.attach("rc-dma")
    page = bench.page()
    lists = [(2, n * page["ll_stride"], page["ll_ch_bytes"], page["ll_local"] + n * page["ll_stride"])
             for n in range(write + read)]
    regs = (0, 0, dma.region(0).size)
    long = form == "pedm-ctrl"
    expected = edma_meta.pedm_words(regs, page["map"], lists[:write], lists[write:], long)
    block = lambda: list(struct.unpack(f"<{len(expected)}I",
                                       dma.read(METADATA_BAR, 0, 4 * len(expected))))
    assert block() == expected
    request = edma_meta.PEDM_HOST_REQUEST if long else edma_meta.PEDM_REQUEST
    where = (edma_meta.PEDM_HOST_CONTROL if long else edma_meta.PEDM_CONTROL) // 4
    asked = list(expected)
    asked[where] |= request
    asked[2] |= edma_meta.PEDM_READY
    dma.write(METADATA_BAR, 0, b"\xff" * (4 * len(expected)))
    assert block() == asked
    bench.softep.set("link", "down")
    assert set(block()) == {0xFFFFFFFF}
    bench.softep.set("link", "up")
    assert block() == asked
    dma.write(METADATA_BAR, 4 * where, bytes(4))
    assert block() == expected
    for end in ("reset", "leave"):
        dma.write(METADATA_BAR, 4 * where, struct.pack("<I", request))
        assert block() == asked
        if end == "reset":
            dma.reset()
            dma.bus_master(False)
        else:
            bench.leave("rc-dma")
            dma = bench.attach("rc-dma")
        assert block() == expected
    assert config(dma, VSEC, "I") == (0,)
    assert config(dma, MSIX + 4, "II") == (0x2000 | METADATA_BAR, 0x3000 | METADATA_BAR)


@needs_shim
@pytest.mark.parametrize("args,devargs,channels,offset", [
    ((), "", 4, 0),
    (("--map", "hdma-compat", "--wr", "2", "--rd", "1"), "", 3, 0),
    (("--dma-id", "amd"), "", 8, 0),
    (("--dma-id", "amd", "--wr", "1", "--rd", "8"), "reg_off_add=1", 9, 0x1000),
    (("--dma-id", "pedm"), "class=dma", 8, 0),
    (("--dma-id", "pedm-ctrl", "--map", "hdma"), "class=dma", 8, 0),
])
def test_driver_reads_identity(tmp_path, make_bench, args, devargs, channels, offset):
    """The driver finds the engine by what the board serves, byte for byte.

    Steps:
        Read configuration space and BARs of the board's function, and give them to DPDK's PCI bus
        as a function with an engine of the same map and lists in the same places.
    Verify:
        All channels copy, by the rules.
    """
    bench = make_bench(*args)
    dma = bench.attach("rc-dma")
    func = served(tmp_path, dma, bench.page(), offset=offset)
    if "class=dma" in devargs:
        long = "pedm-ctrl" in args
        word = edma_meta.PEDM_HOST_CONTROL if long else edma_meta.PEDM_CONTROL
        bit = edma_meta.PEDM_HOST_REQUEST if long else edma_meta.PEDM_REQUEST
        func.add("ready", METADATA_BAR, word, bit, edma_meta.PEDM_CONTROL, edma_meta.PEDM_READY, 5)
    check_run(tmp_path, func, devargs, channels)


# Where the NTB function has an engine in the doorbells' BAR, by BAR map: slice and lists.
NTB_DMA = {"renesas": (4, 0x1000, 0x100000), "nxp": (2, 0x1000, 0x100000),
           "ti": (2, 0x400000, 0x500000)}


def ntb_bench(make_bench, kind, ntb_map="renesas"):
    """A board whose kernel tells of the engine in its NTB function."""
    layout = ("--ntb-layout", "v1" if kind == "epdm" else "legacy")
    return make_bench("--vntb", "--ntb-map", ntb_map, "--ntb-dma", kind, *layout,
                      "--wr", "1", "--rd", "3")


@pytest.mark.parametrize("ntb_map", NTB_DMA)
@pytest.mark.parametrize("kind", ["epdm", "ndma"])
def test_ntb_dma(make_bench, kind, ntb_map):
    """An endpoint NTB function tells of the engine's read channels in one of its BARs.

    Steps:
        Read the control region, and with EPDM the slice; compare with blocks of our own. Run a
        list of a read channel with nothing but what they tell; ask for the engine and give it back.
    Verify:
        Every word; the data arrives; NDMA's commands are answered, EPDM's kernel does not know
        them; the header cannot be written.
    """
    bench = ntb_bench(make_bench, kind, ntb_map)
    bar, at, lists_at = NTB_DMA[ntb_map]
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-dma")
    page = bench.page()
    regs = (bar, at + PAGE, 0x2000)
    stride = page["ll_stride"]
    lists = [(bar, lists_at + n * stride, page["ll_ch_bytes"], page["ll_local"] + n * stride)
             for n in range(1, 4)]
    size = lists_at + page["ll_bytes"] - at
    if kind == "epdm":
        expected = edma_meta.epdm_region((bar, at, size), 3)[0x154:0x168]
        assert host.read(0, 0x154, 20) == expected
        assert host.read(bar, at, 0xE0) == edma_meta.epdm_slice(size, regs, lists).ljust(0xE0, b"\0")
        host.write(bar, at, bytes(0xE0))
        assert host.read(bar, at, 0xE0) == edma_meta.epdm_slice(size, regs, lists).ljust(0xE0, b"\0")
    else:
        expected = edma_meta.ndma_region(regs, lists, submap=(bar, at, size))
        expected = expected[0x134:0x134 + 0x24 + 3 * 0x14]
        assert host.read(0, 0x134, len(expected)) == expected
    spads = struct.unpack("<I", host.read(0, 0x28, 4))[0]
    assert spads >= (0x168 if kind == "epdm" else 0x134 + len(expected))
    host_memory, ep_memory = bench.memory(PAGE), bench.memory(PAGE)
    host.dma_map(host_memory.fd, 0, 0x5000_0000, PAGE)
    ep.dma_map(ep_memory.fd, 0, 0x1000_0000, PAGE)
    host.bus_master(True)
    host_memory.map[:8] = b"by words"
    _, offset, _, local = lists[1]
    host.write(bar, offset, struct.pack("<IIQQ", 1, 8, 0x5000_0000, 0x1000_0000))
    host.write(bar, offset + 24, struct.pack("<IIQQ", 6, 0, local, 0))
    window = regs[1] + 0x300 + 0x200
    for register, value in ((regs[1] + 0x2C, 1), (window, 0x300), (window + 0x1C, local & 0xFFFFFFFF),
                            (window + 0x20, local >> 32), (regs[1] + 0x30, 1)):
        host.write(bar, register, struct.pack("<I", value))
    wait_until(lambda: struct.unpack("<I", host.read(bar, window, 4))[0] >> 5 & 3 == 3, "stop")
    assert ep_memory.map[:8] == b"by words"
    for command in (7, 8):
        host.write(0, 0, struct.pack("<I", command))
        wait_until(lambda: host.read(0, 0, 4) == bytes(4), "command taken")
        if kind == "ndma":
            wait_until(lambda: host.read(0, 8, 2) == b"\1\0", "status")
        assert host.read(0, 8, 2) == (b"\1\0" if kind == "ndma" else b"\0\0")
        host.write(0, 8, b"\0\0")


@needs_shim
@pytest.mark.parametrize("kind", ["epdm", "ndma"])
def test_driver_reads_ntb(tmp_path, make_bench, kind):
    """The driver finds the engine in the NTB function by what the board serves, byte for byte.

    Steps:
        As test_driver_reads_identity, with the control region, and for EPDM the slice.
    Verify:
        All read channels copy, by the rules.
    """
    bench = ntb_bench(make_bench, kind)
    bar, at, lists_at = NTB_DMA["renesas"]
    host = bench.attach("rc-ntb")
    func = served(tmp_path, host, bench.page(), bar, at + PAGE, (bar, lists_at), 0)
    (func.directory / f"bar{bar}").write_bytes(bytes(at) + host.read(bar, at, PAGE))
    if kind == "ndma":
        func.add("commands", 0, 0)
    check_run(tmp_path, func, "class=dma", 3)
