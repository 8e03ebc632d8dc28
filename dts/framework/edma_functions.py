# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""PCI functions with an engine, for vfio-shim.so."""

import struct

from framework import edma_meta, pci
from framework.vfio_user import CONFIG_REGION

NAME = "0000:01:00.3"
EDDA = (0x16C3, 0xEDDA)
AMD = (0x10EE, 0xB054)
# An endpoint may give its DMA function any ids.
ANYBODY = (0x1D87, 0x3588)
NTB_TI = (0x104C, 0xB00D)
NTB_NXP = (0x1957, 0x0809)
NTB_RENESAS = (0x1912, 0x0030)
# Where the board's DMA function has metadata, if any.
METADATA_BAR = 4
# Where engines have what is behind BAR 2, unless that is the address on the bus.
LOCAL = 0x980000000


def function(directory, ids, cls=pci.CLASS_DMA, caps=()):
    """A function of the test's tree."""
    return pci.Function(directory / "tree", NAME, ids, cls, caps)


def edda(directory, channels=(2, 2), offset=0, caps=(), code=edma_meta.UNROLL):
    """A Synopsys EDDA, whose engine has list memory at the bus address of BAR 2."""
    func = function(directory, EDDA, caps=caps)
    func.bar(0, 0x4000).bar(2, 0x1000000).add("engine", code, *channels, 0, offset)
    return func.add("local", pci.bus_address(2), 2, 0, 0x1000000)


def lists(count, first=0x2000, local=LOCAL, size=0x1000):
    """Lists of channels behind the registers in BAR 2."""
    return [(2, first + n * size, size, local + n * size) for n in range(count)]


def add_engine(func, code, write, read):
    """An engine in BAR 2, with its lists behind the registers; list addresses are any."""
    func.add("engine", code, max(len(write), 1), max(len(read), 1), 2, 0)
    for bar, offset, size, local in write + read:
        func.add("local", local, bar, offset, size)


def pedm(directory, long, code=edma_meta.UNROLL):
    """An endpoint's DMA function; metadata in BAR 0, the rest in BAR 2."""
    func = function(directory, ANYBODY)
    write, read = lists(2), lists(2, 0x4000, LOCAL + 0x100000)
    # No more registers than the channels have.
    block = edma_meta.pedm_words((2, 0, 0x524), code, write, read, long)
    func.bar(0, 0x1000, pci.words(*block)).bar(2, 0x10000)
    add_engine(func, code, write, read)
    request = (edma_meta.PEDM_CONTROL, edma_meta.PEDM_REQUEST)
    if long:
        request = (edma_meta.PEDM_HOST_CONTROL, edma_meta.PEDM_HOST_REQUEST)
    return func.add("ready", 0, *request, edma_meta.PEDM_CONTROL, edma_meta.PEDM_READY, 30)


def served(directory, client, page, bar=0, offset=0, lists=(2, 0), metadata=METADATA_BAR):
    """A function of the board as it serves it: its configuration space and its metadata.

    BARs get their bus addresses from us, as from a host. What is behind them is the shim's: an
    engine like the board's at an offset of a BAR, and memory for its lists somewhere else.
    """
    for number in range(6):
        if client.region(number).size:
            wide = client.read(CONFIG_REGION, 0x10 + 4 * number, 1)[0] & 4
            assert wide, "the shim knows 64-bit BARs only"
            address = struct.pack("<Q", pci.bus_address(number))
            client.write(CONFIG_REGION, 0x10 + 4 * number, address)
    config = client.read(CONFIG_REGION, 0, 4096)
    vendor, device = struct.unpack_from("<HH", config)
    func = function(directory, (vendor, device), struct.unpack_from("<I", config, 8)[0] >> 8)
    for number in range(6):
        size = client.region(number).size
        if size:
            content = client.read(number, 0, min(size, 0x4000)) if number == metadata else b""
            func.bar(number, size, content)
    func.set_config(0, config)
    func.add("engine", page["map"], page["wr_cnt"], page["rd_cnt"], bar, offset)
    bus = (vendor, device) == EDDA
    return func.add("local", pci.bus_address(lists[0]) if bus else page["ll_local"], *lists,
                    page["ll_bytes"])
