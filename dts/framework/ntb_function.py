# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Endpoint NTBs as PCI functions, for vfio-shim.so: with memory of their own, or a board's."""

import struct

from framework import pci
from framework.vfio_user import Client

NAME = "0000:01:00.0"
IDS = {"ti": (0x104C, 0xB00D), "nxp": (0x1957, 0x0809), "renesas": (0x1912, 0x0030)}
ANYBODY = (0x1D87, 0x3588)
BARS = 6
# Fields of the control region, in the order of the words from 0x0c on.
FIELDS = (
    "topology",
    "addr_lo",
    "addr_hi",
    "size_lo",
    "size_hi",
    "mw_count",
    "mw1_offset",
    "spad_offset",
    "spad_count",
    "db_entry_size",
)
GOOD = {"mw_count": 1, "spad_offset": 0x134, "spad_count": 128, "db_entry_size": 4}
V1 = {"topology": 1, "spad_offset": 0x168}


def control(mw_offset=0, mw_size=0, **fields):
    """A control region as an endpoint fills it; the two numbers are of layout version 1."""
    values = {**GOOD, **fields}
    data = bytes(12) + struct.pack("<10I", *(values.get(name, 0) for name in FIELDS))
    data += struct.pack("<32I", *range(1, 33)) + bytes(4 * 32)
    return data + struct.pack("<4I4I", mw_offset, 0, 0, 0, mw_size, 0, 0, 0)


def static(directory, region, ids=IDS["renesas"], cls=pci.CLASS_MEMORY, bars=None, **kwargs):
    """A function of which nobody is behind the BARs: by default, those of the R-Car."""
    func = pci.Function(directory / "tree", NAME, ids, cls, **kwargs)
    for number, size in (bars or {0: 0x1000, 2: 0x100000, 4: 0x1000}).items():
        func.bar(number, size, region if number == 0 else b"")
    return func


def served(directory, softep, ids=IDS["renesas"]):
    """The function of a board that runs and whose port is free."""
    socket = softep.board / "rc-ntb.sock"
    sizes = {}
    with Client(socket) as client:
        for number in range(BARS):
            region = client.region(number)
            region.close()
            if region.size:
                sizes[number] = region.size
    func = pci.Function(directory / "tree", NAME, ids, pci.CLASS_MEMORY)
    return func.board(socket, sizes)


def start_host(rig, args, before=(), behind=(), **kwargs):
    """Start the testpmd of the host, without waiting for it, with devices around its net_ntb0."""
    env = pci.shim_env(rig.directory)
    vdevs = [*before, "net_ntb0", *behind]
    rig.rc = rig.start_testpmd("rc", vdevs, functions=[f"{NAME},{args}"], env=env, **kwargs)
    return rig.rc
