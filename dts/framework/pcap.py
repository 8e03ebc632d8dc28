# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Capture files: write frames, read frames, make frames worth sending."""

import random
import struct

FILE_HEADER = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
MAGIC_USEC = 0xA1B2C3D4
MAGIC_NSEC = 0xA1B23C4D
SNAP_LENGTH = 65535
LINK_ETHERNET = 1


def write(path, frames):
    """Write frames (bytes) as an Ethernet capture."""
    with open(path, "wb") as out:
        out.write(FILE_HEADER.pack(MAGIC_USEC, 2, 4, 0, 0, SNAP_LENGTH, LINK_ETHERNET))
        for number, frame in enumerate(frames):
            out.write(RECORD.pack(number // 1000000, number % 1000000, len(frame), len(frame)))
            out.write(frame)


def read(path, kept=SNAP_LENGTH):
    """Frames of a capture, of which no more was kept than so many bytes.

    A cut record, as a killed writer leaves it, is an error.
    """
    with open(path, "rb") as source:
        data = source.read()
    magic = FILE_HEADER.unpack_from(data)[0]
    if magic not in (MAGIC_USEC, MAGIC_NSEC):
        raise ValueError(f"{path}: magic {magic:#x} is not of a little endian capture")
    frames = []
    offset = FILE_HEADER.size
    while offset < len(data):
        _, _, captured, length = RECORD.unpack_from(data, offset)
        offset += RECORD.size
        frame = data[offset : offset + captured]
        if captured != min(length, kept) or len(frame) != captured:
            raise ValueError(f"{path}: frame {len(frames)} is cut")
        frames.append(frame)
        offset += captured
    return frames


def make_frames(count, shortest, longest, seed):
    """Frames of mixed sizes with random payload, each with its number, so that no two are alike.

    The extremes and their neighbours always occur; sizes around powers of two occur often, since
    that is where copies go wrong.
    """
    rng = random.Random(seed)
    edges = [size for size in (shortest, shortest + 1, longest - 1, longest)]
    edges += [
        (1 << shift) + step
        for shift in range(6, 14)
        for step in (-1, 0, 1)
        if shortest <= (1 << shift) + step <= longest
    ]
    frames = []
    for number in range(count):
        if number < len(edges):
            size = edges[number]
        elif number % 4 == 0:
            size = rng.choice(edges)
        else:
            size = rng.randint(shortest, longest)
        header = bytes.fromhex("02000000000202000000000188b5") + struct.pack(">II", seed, number)
        frames.append(header + rng.randbytes(size - len(header)))
    return frames


def difference(sent, received):
    """One line that says where two lists of frames part, or None if they are the same."""
    for number, (left, right) in enumerate(zip(sent, received)):
        if left == right:
            continue
        if len(left) != len(right):
            return f"frame {number}: {len(left)} bytes sent, {len(right)} received"
        byte = next(i for i, (a, b) in enumerate(zip(left, right)) if a != b)
        return (
            f"frame {number} of {len(left)} bytes: byte {byte} sent as {left[byte]:#04x}, "
            f"received as {right[byte]:#04x}"
        )
    if len(sent) != len(received):
        return f"{len(sent)} frames sent, {len(received)} received"
    return None
