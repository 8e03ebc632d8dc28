# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint's PCI functions: configuration space, byte by byte and bit by bit."""

import struct

import pytest

from framework.bench import PAGE
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
    ("rc-dma", (0x16C3, 0xEDDA), 0x118000, {0: 2 * PAGE, 2: 16 << 20, 4: 2 * PAGE}),
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
    # Device: 256 bytes of payload, extended tags, role-based errors; 512-byte reads.
    assert config(client, EXPRESS + 0x04, "IHH") == (0x00008021, 0x2810, 0)
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
        assert writable_bits(client, offset) == changes.get(offset, 0), hex(offset)


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
        assert client.read(bar, table, 16) == struct.pack("<QII", 0, 0, 1)
    assert ntb.read(0, PAGE, PAGE) == bytes(PAGE)
