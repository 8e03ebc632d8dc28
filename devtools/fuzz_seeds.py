# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Inputs that the fuzzers begin with: what a program that does it right would say.

They are made, not kept: a few hundred bytes for each fuzzer, in the formats that the heads of the
fuzzers in app/test describe. What a fuzzer finds is added here in the same form.
"""

import struct

HEADER = struct.Struct("<HHIII")
VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, REGION_INFO = 1, 2, 3, 4, 5
IRQ_INFO, SET_IRQS, REGION_READ, REGION_WRITE, RESET = 7, 8, 9, 10, 13
NO_REPLY = 0x10
MSIX = 2
PAGE = 4096

CB, TCB, LLP, LIE, RIE = 1, 2, 4, 8, 16
CCS_LLE = 0x300
OP_SLOT, OP_START, OP_SWITCHES, OP_INJECT, OP_STEP = 2, 4, 6, 7, 9


def message(command, payload=b"", fds=0, flags=0):
    """A record of fuzz_vfio_user: descriptors, and a header that gets the right size."""
    data = HEADER.pack(7, command, 0, flags, 0) + payload
    return struct.pack("<BH", fds | 0x20, len(data)) + data


def access(command, region, offset, data=b"", count=0, flags=0):
    """A read or write of a region."""
    payload = struct.pack("<QII", offset, region, count or len(data)) + data
    return message(command, payload, flags=flags)


def irqs(flags, start, count, fds=0):
    """A change of MSI-X vectors."""
    payload = struct.pack("<IIIII", 20, flags, MSIX, start, count)
    return message(SET_IRQS, payload, fds)


def vfio_user():
    """Conversations behind a VERSION, and one that begins with it."""
    text = b'{"capabilities":{"max_msg_fds":16}}\0'
    yield b"\0" + message(VERSION, struct.pack("<HH", 0, 0) + text) + message(GET_INFO, bytes(16))
    yield b"\1" + message(GET_INFO, struct.pack("<IIII", 16, 0, 0, 0)) + b"".join(
        message(REGION_INFO, struct.pack("<IIIIQQ", room, 0, index, 0, 0, 0))
        for index in (1, 3, 4) for room in (32, 64)
    ) + message(IRQ_INFO, struct.pack("<IIII", 16, 0, MSIX, 0))
    yield b"\1" + access(REGION_READ, 1, 8, count=4) + access(REGION_WRITE, 2, 8, b"word") + (
        access(REGION_WRITE, 2, 0, b"posted..", flags=NO_REPLY)
    )
    dma = struct.pack("<IIQQQ", 32, 3, PAGE, 0x1000000, PAGE)
    yield b"\1" + message(DMA_MAP, dma, 1) + message(DMA_MAP, dma) + (
        message(DMA_UNMAP, struct.pack("<IIQQ", 24, 0, 0x1000000, PAGE))
        + message(DMA_UNMAP, struct.pack("<IIQQ", 24, 2, 0, 0))
    )
    yield b"\1" + irqs(0x24, 0, 2, 2) + irqs(0x24, 3, 1) + irqs(0x21, 0, 1) + irqs(0x21, 0, 0) + (
        message(RESET)
    )


def slot(at, control, size, source, target):
    """A slot of the list, by number."""
    return struct.pack("<BB", OP_SLOT, control) + struct.pack("<I", size)[:3] + struct.pack(
        "<HHB", source, target, at
    )


def edma_model():
    """Lists of two elements and a link, with each map, and what disturbs them."""
    work = slot(0, CB | LIE, 300, 0x800, 0x900) + slot(1, CB | LIE | RIE, 70000 & 0xFFF, 0, 0x40)
    work += slot(2, LLP | TCB, 0, 0, 0)
    step = struct.pack("<BBB", OP_STEP, 62, 0)
    disturbed = struct.pack("<BH", OP_SWITCHES, 0x04E8) + struct.pack("<BH", OP_INJECT, 0x0441)
    for number in range(4):
        head = struct.pack("<HB", 0x1B | number << 9, 1)
        if number == 3:
            start = struct.pack("<BBHH", OP_START, 0, 0x387F, 0)
        else:
            start = struct.pack("<BBIH", OP_START, 0, CCS_LLE, 0)
        yield head + work + start + step
        yield head + disturbed + work + start + step + start + step


def parser():
    """A layout that is right, in each of its shapes."""
    return (bytes([shape]) for shape in range(0, 256, 5))


def ntb_epf():
    """Lives of a link: any bytes are one, if there are enough of them."""
    return (bytes(at * step & 0xFF for at in range(1024)) for step in (1, 7, 61))


def write(fuzzer, directory):
    """Write the inputs of a fuzzer into a directory."""
    make = {"fuzz_vfio_user": vfio_user, "fuzz_edma_model": edma_model, "fuzz_ntb_epf": ntb_epf}
    for number, data in enumerate(make.get(fuzzer, parser)()):
        (directory / f"seed-{number}").write_bytes(data)
