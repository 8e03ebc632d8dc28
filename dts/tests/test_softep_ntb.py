# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The endpoint NTB function of the software endpoint: BAR maps, control region, options."""

import os
import struct

import pytest

from framework import programs
from framework.bench import LOCAL_BASE, MIB, PAGE, noise
from framework.ntb_host import (
    DB_DATA,
    DB_ENTRY_SIZE,
    DB_OFFSET,
    MAPS,
    MSIX_CAP,
    MW1_OFFSET,
    MW_COUNT,
    SPAD_COUNT,
    SPAD_OFFSET,
    TOPOLOGY,
    V1_DMA_ABI,
    V1_MW_OFFSET,
    V1_MW_SIZE,
    NtbHost,
)
from framework.vfio_user import REGION_FLAG_MMAP

MODES = {"process": (), "vntb": ("--vntb",), "bridge": ("--back-to-back",)}
# Regions of ep-ntb: windows in their order.
EP_WINDOWS = (2, 1, 3, 5)


def bar_rows():
    """Every map with one and with all of its windows, in every mode."""
    for name, bar_map in MAPS.items():
        for count in sorted({1, len(bar_map.windows)}):
            for mode in MODES:
                yield pytest.param(name, count, mode, id=f"{name}-{count}-{mode}")


@pytest.mark.parametrize("name, count, mode", bar_rows())
def test_bars(make_bench, name, count, mode):
    """The function has the ids and the BARs that host drivers expect.

    Steps:
        Start with each map, number of windows and mode; read ids, size the BARs.
    Verify:
        Ids and class; sizes as given, doorbells where the map has them, 32-bit BARs where it has
        many; only memory of a process is shared; ports that a mode has not have no socket.
    """
    sizes = [MIB >> i for i in range(count)]
    bench = make_bench("--ntb-map", name, "--mw", ",".join(map(str, sizes)), *MODES[mode])
    bar_map = MAPS[name]
    bars = dict(zip(bar_map.windows, sizes))
    bars.setdefault(bar_map.doorbells, PAGE)
    if bar_map.peer is not None:
        bars[bar_map.peer] = PAGE
    # Behind the control region is MSI-X, which pci-epf-vntb has not.
    bars[0] = PAGE if mode == "vntb" else 4 * PAGE
    ports = {"rc-ntb", "rc-dma", "ep-dma", "control"}
    ports.add({"process": "ep-ntb", "bridge": "rc2-ntb"}.get(mode, "rc-ntb"))
    assert set(os.listdir(bench.dir)) == {f"{port}.sock" for port in ports}
    for port in ports & {"rc-ntb", "rc2-ntb"}:
        client = bench.attach(port)
        assert client.read(7, 0, 4) == struct.pack("<HH", *bar_map.ids)
        assert client.read(7, 9, 3) == bytes([0, 0, 5])
        for bar in range(6):
            client.write(7, 0x10 + 4 * bar, b"\xff" * 4)
        for bar in range(6):
            region = client.region(bar)
            region.close()
            assert region.size == bars.get(bar, 0), f"{port} BAR{bar}"
            if region.size == 0:
                continue
            narrow = bar in bar_map.narrow
            value = struct.unpack("<Q", client.read(7, 0x10 + 4 * bar, 8))[0]
            value &= 0xFFFFFFFF if narrow else (1 << 64) - 1
            assert value == (1 << (32 if narrow else 64)) - region.size | (0 if narrow else 4)
            if mode != "process":
                assert not region.flags & REGION_FLAG_MMAP


def test_process_windows(make_bench):
    """A process that plays the endpoint has all windows, whatever their BARs are.

    Steps:
        Start with the TI map and four windows; write each from one side, read it from the other.
        Play the endpoint's part of the scratchpads; ring.
    Verify:
        Windows of both sides are the same bytes, and the engine reaches them one stride apart;
        BAR1 is region B; a doorbell arrives in the endpoint's array.
    """
    bench = make_bench("--ntb-map", "ti", "--mw", "64k,128k,256k,512k")
    host, ep = NtbHost(bench, bar_map="ti"), bench.attach("ep-ntb")
    sizes = [(64 << 10) - PAGE, 128 << 10, 256 << 10, 512 << 10]
    ep.write(0, MW1_OFFSET, struct.pack("<3I", PAGE, 0x200, 16))
    for i, (region, size) in enumerate(zip(EP_WINDOWS, sizes)):
        memory = ep.map_region(region)
        assert len(memory) == size and host.window_size(i) == size
        data = noise(64, i)
        host.window_write(i, size - 64, data)
        assert memory[size - 64 :] == data
        memory[:64] = data
        assert host.window_read(i, 0, 64) == data
    page = bench.page()
    assert page["mw_bytes"] == sizes[0] and page["mw_local"] >= LOCAL_BASE
    host.set_peer_spad(3, 0x1234)
    assert ep.read(0, 0x200 + 4 * 19, 4) == struct.pack("<I", 0x1234)
    ep.write(0, 0x200 + 4 * 17, struct.pack("<I", 0x5678))
    assert host.peer_spad(1) == 0x5678
    host.put(8, 77, bar=2)
    assert host.get(8, bar=2) == 77 and ep.read(4, 8, 4) == struct.pack("<I", 77)


@pytest.mark.parametrize("offset, count", [
    (0xFFFFFFFF, 0xFFFFFFFF), (PAGE, 16), (0x200, 0), (0x200, 0x40000000), (PAGE - 8, 2),
])
def test_process_peer_wrong(make_bench, offset, count):
    """Region B in a BAR of its own is found by numbers that nobody vouches for.

    Steps:
        Let the endpoint's process claim scratchpads where there is no memory; access BAR1.
    Verify:
        Reads are 0, nothing is written, the board lives.
    """
    bench = make_bench("--ntb-map", "ti")
    host, ep = NtbHost(bench, bar_map="ti"), bench.attach("ep-ntb")
    ep.write(0, SPAD_OFFSET, struct.pack("<2I", offset, count))
    before = ep.read(0, 0, PAGE)
    for at in (0, 4, PAGE - 4):
        host.put(at, 0x55, bar=1)
        assert host.get(at, bar=1) == 0
    assert ep.read(0, 0, PAGE) == before


@pytest.mark.parametrize("args, spads, topology", [
    ((), 0x134, 0), (("--ntb-layout", "v1"), 0x168, 1), (("--ntb-spad-offset", "0x200"), 0x200, 0),
    (("--ntb-spad-offset", "0x10000", "--ntb-layout", "v1"), 0x10000, 1),
    (("--ntb-spads", "1024"), 0x134, 0),
], ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value))
@pytest.mark.parametrize("mode", ["vntb", "bridge"])
def test_control_region(make_bench, args, spads, topology, mode):
    """The board writes the constants that the host relies on.

    Steps:
        Start with both layouts and each place of the scratchpads; read the control region.
    Verify:
        Every constant; layout 1 has windows and their offsets; both ends of both banks can be
        written; the table of MSI-X is behind them.
    """
    bench = make_bench("--ntb-map", "ti", "--mw", "1M,64k", *args, *MODES[mode])
    host = NtbHost(bench, bar_map="ti")
    count = int(dict(zip(args, args[1:])).get("--ntb-spads", 128))
    assert host.get(TOPOLOGY) == topology
    words = struct.unpack("<5I", host.client.read(0, MW_COUNT, 20))
    assert words == (2, PAGE, spads, count, 4)
    data = struct.unpack("<64I", host.client.read(0, DB_DATA, 256))
    rings = tuple(range(1, 33)) if mode == "vntb" else ()
    assert data == rings + (0,) * (64 - len(rings))
    if topology == 1:
        assert struct.unpack("<4I", host.client.read(0, V1_MW_OFFSET, 16)) == (PAGE, 0, 0, 0)
        assert struct.unpack("<4I", host.client.read(0, V1_MW_SIZE, 16)) == (
            MIB - PAGE, 64 << 10, 0, 0)
        assert host.client.read(0, V1_DMA_ABI, 20) == bytes(20)
    for index in (0, count - 1):
        assert host.own_spad(index) == host.peer_spad(index) == 0
        host.set_peer_spad(index, 0x100 + index)
        assert host.peer_spad(index) == 0x100 + index
    assert host.get(SPAD_COUNT) == count
    if mode == "bridge":
        table, pba = struct.unpack("<2I", host.client.read(7, MSIX_CAP + 4, 8))
        assert spads + 8 * count <= table < pba < host.client.region(0).size
        entry = noise(8, 3) + bytes(4)
        host.client.write(0, table, entry)
        assert host.client.read(0, table + 4, 8) == entry[4:]


@pytest.mark.parametrize("kind, entry, data, offset", [
    ("polled", 4, [n + 1 for n in range(8)], 0),
    ("msi", 0, [0x20 + n for n in range(8)], 0x40),
    ("edma", 0, [0] * 8, 0xA0),
])
def test_doorbell_constants(make_bench, kind, entry, data, offset):
    """Each way to take doorbells has its own constants.

    Steps:
        Start a vntb board with each of them; read the table.
    Verify:
        Entry size, data and offset of eight slots; the others are 0.
    """
    bench = make_bench("--vntb", "--ntb-dbs", "8", "--ntb-doorbells", kind)
    host = NtbHost(bench)
    assert host.get(DB_ENTRY_SIZE) == entry
    table = struct.unpack("<64I", host.client.read(0, DB_DATA, 256))
    assert list(table[:32]) == data + [0] * 24
    assert list(table[32:]) == [offset] * 8 + [0] * 24
    assert DB_OFFSET == DB_DATA + 128


@pytest.mark.parametrize("args, named, expected", [
    (("--ntb-map", "dra7"), "--ntb-map", "renesas, nxp or ti"),
    (("--ntb-map", ""), "--ntb-map", "renesas, nxp or ti"),
    (("--mw", "1M,1M"), "--mw", "1 window at the most with --ntb-map renesas"),
    (("--mw", "1M,1M,1M", "--ntb-map", "nxp"), "--mw", "2 windows at the most with --ntb-map nxp"),
    (("--mw", "1M,1M,1M,1M,1M", "--ntb-map", "ti"), "--mw", "four windows"),
    (("--mw", "1M,", "--ntb-map", "ti"), "--mw", "powers of two"),
    (("--mw", "1M,3M", "--ntb-map", "ti"), "--mw", "powers of two"),
    (("--vntb", "--back-to-back"), "--back-to-back", "one of --vntb and --back-to-back"),
    (("--vntb=1",), "--vntb", "no value"),
    (("--vntb", "--ntb-layout", "v2"), "--ntb-layout", "legacy or v1"),
    (("--ntb-layout", "v1"), "--ntb-layout", "--vntb or --back-to-back"),
    (("--ntb-spads", "16"), "--ntb-spads", "--vntb or --back-to-back"),
    (("--vntb", "--ntb-spads", "0"), "--ntb-spads", "1 to 1024"),
    (("--vntb", "--ntb-spads", "1025"), "--ntb-spads", "1 to 1024"),
    (("--vntb", "--ntb-spads", "9999999999"), "--ntb-spads", "1 to 1024"),
    (("--vntb", "--ntb-spads", "-1"), "--ntb-spads", "1 to 1024"),
    (("--vntb", "--ntb-dbs", "2"), "--ntb-dbs", "3 to 32"),
    (("--vntb", "--ntb-dbs", "33"), "--ntb-dbs", "3 to 32"),
    (("--ntb-dbs", "8"), "--ntb-dbs", "--vntb with it"),
    (("--back-to-back", "--ntb-dbs", "8"), "--ntb-dbs", "--vntb with it"),
    (("--vntb", "--ntb-spad-offset", "0x138"), "--ntb-spad-offset", "0x134, 0x200 or 0x10000"),
    (("--ntb-spad-offset", "0x200"), "--ntb-spad-offset", "--vntb or --back-to-back"),
    (("--vntb", "--ntb-layout", "v1", "--ntb-spad-offset", "0x134"), "--ntb-spad-offset", "0x200"),
    (("--vntb", "--ntb-doorbells", "irq"), "--ntb-doorbells", "polled, msi or edma"),
    (("--back-to-back", "--ntb-doorbells", "msi"), "--ntb-doorbells", "--vntb"),
    (("--vntb", "--ntb-linux", "5"), "--ntb-linux", "6 or 7"),
    (("--ntb-linux", "6"), "--ntb-linux", "--vntb"),
    (("--vntb", "--ntb-linux", "6", "--ntb-doorbells", "edma"), "--ntb-linux", "not polled"),
    (("--vntb", "--ntb-irq", "intx"), "--ntb-irq", "msi or msix"),
    (("--back-to-back", "--ntb-irq", "msi"), "--ntb-irq", "--vntb"),
    (("--set", "ntb_period=5"), "--set", "--vntb or --back-to-back"),
    (("--vntb", "--set", "ntb_period=0"), "--set", "1 to 1000000"),
    (("--vntb", "--set", "ntb_client=2"), "--set", "0 or 1"),
    (("--vntb", "--set", "ntb_granule=3000"), "--set", "power of two"),
    (("--vntb", "--set", "ntb_granule=2"), "--set", "power of two"),
    (("--vntb", "--set", "ntb_atus=33"), "--set", "1 to 32"),
    (("--vntb", "--set", "ntb_what=1"), "--set", "ntb_period"),
    (("--vntb", "--send", "stats"), "--vntb", "--send"),
], ids=lambda value: " ".join(value)[2:] if isinstance(value, tuple) else "")
def test_bad_options(tmp_path, args, named, expected):
    """A bad option of the function is one line that names it and what was expected.

    Steps:
        Start with each of a table of arguments.
    Verify:
        Exit code 2, one line, no directory left.
    """
    code, text = programs.run([programs.SOFTEP, "--dir", tmp_path / "board", *args], 2)
    assert code == 2 and len(text.splitlines()) == 1
    assert text.startswith(f"dpdk-softep: argument {named}:") and expected in text
    assert not (tmp_path / "board").exists()
