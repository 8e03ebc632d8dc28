# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Metadata by which an endpoint tells a host where its engine is, as bytes of a BAR.

A window is (BAR, offset, bytes), a list (BAR, offset, bytes, address for the engine).
"""

from framework.pci import halves, words

UNROLL = 1
NATIVE = 7

# PEDM: request and answer are bits of one word, or the request has a word of its own.
PEDM_CONTROL = 0x08
PEDM_HOST_CONTROL = 0x1C
PEDM_REQUEST = 0x40000000
PEDM_READY = 0x80000000
PEDM_HOST_REQUEST = 0x1
PEDM_ENTRY = 0x2C

# NTB control region.
CONTROL_BYTES = 0x1000
SPAD_OFFSET = 0x400
NDMA_OFFSET = 0x134


def pedm_words(regs, code, write, read, long=False):
    """Words of a PEDM block, for tests that change some."""
    size = (0x20 if long else 0x1C) + (len(write) + len(read)) * PEDM_ENTRY
    control = regs[0] | len(write) << 3 | len(read) << 11 | PEDM_ENTRY << 19
    block = [0x4D444550, 1 | size << 16, control, *halves(regs[1]), 1 | code << 8, regs[2]]
    block += [0] * long
    for table in (write, read):
        for number, (bar, offset, length, local) in enumerate(table):
            block += [number | bar << 8, *halves(offset), length, *halves(local), 0, 0, 0, 0, 0]
    return block


def control_region(version=0, at=0, block=()):
    """Control region of an endpoint NTB with an extension."""
    data = bytearray(CONTROL_BYTES)
    data[0x0C:0x10] = words(version)
    data[0x20:0x30] = words(1, 0, SPAD_OFFSET, 16)
    data[at : at + 4 * len(block)] = words(*block)
    return bytes(data)


def ndma_region(regs, read, magic=0x414D444E, submap=(0xFFFFFFFF, 0, 0)):
    """Control region with an NDMA block; usually it has no sub-map."""
    size = 0x24 + 0x14 * len(read)
    block = [magic, 1 | size << 16, 1, *submap, *regs]
    for bar, offset, length, local in read:
        block += [bar, offset, length, *halves(local)]
    return control_region(0, NDMA_OFFSET, block)


def epdm_region(slice_window, channels):
    """Control region of version 1 that locates a slice."""
    return control_region(1, 0x154, [1, *slice_window, channels])


def epdm_slice(size, regs, read):
    """Header of the slice."""
    block = [0x4D445045, 1 | 0xE0 << 16, size, *regs, len(read), len(read)]
    for bar, offset, length, local in read:
        block += [bar, offset, length, 0, *halves(local)]
    return words(*block)


def info_block(regs_bytes, read):
    """Information block of the second kind: five read channels behind the registers."""
    block = [0x45444D41, regs_bytes, len(read), 0, 0, 0]
    for _, _, _, local in read:
        block += halves(local)
    return words(*block)
