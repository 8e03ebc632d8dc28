#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What a PCI Express link can carry at the most, by arithmetic.

Assumptions:
  * A lane carries its rate less the encoding: 8b/10b up to 5 GT/s, 128b/130b above.
  * A packet has 4 bytes of framing and sequence number, a header of 16 bytes (12 with
    addresses below 4 GiB, and for completions), its payload in whole words, 4 bytes of LCRC.
  * Writes are cut where addresses are multiples of the max payload size, read requests at
    multiples of the max read request size, completions at multiples of the max payload size, or
    of the read completion boundary if one is given.
  * Enough reads are outstanding, so that latency does not matter.
  * Acknowledgements and credits take --dllp percent of each direction, none by default.
  * Metadata goes in lines of 64 bytes that are full.

Directions are those of the endpoint: its writes go up, the data of its reads comes down.
"""

import argparse
import json
from dataclasses import dataclass

RATE = {1: 2.5e9, 2: 5e9, 3: 8e9, 4: 16e9, 5: 32e9}
ENCODING = {1: 8 / 10, 2: 8 / 10, 3: 128 / 130, 4: 128 / 130, 5: 128 / 130}
FRAMING = 4 + 4
LINE = 64


@dataclass
class Link:
    """A link and its settings."""

    gen: int
    width: int
    mps: int = 256
    mrrs: int = 512
    rcb: int = 0
    wide: bool = True  # addresses need 64 bits
    dllp: float = 0.0  # percent

    def bytes_per_second(self):
        """Bytes of packets, one direction."""
        raw = RATE[self.gen] * ENCODING[self.gen] / 8 * self.width
        return raw * (1 - self.dllp / 100)

    def request(self):
        """Bytes of a packet with an address, without payload."""
        return FRAMING + (16 if self.wide else 12)


def cut(address, size, unit):
    """Sizes of the pieces of a transfer that is cut at multiples of `unit`."""
    pieces = []
    while size > 0:
        piece = min(size, unit - address % unit)
        pieces.append((address, piece))
        address, size = address + piece, size - piece
    return pieces


def words(address, size):
    """Bytes of the whole words that hold a piece."""
    return (address + size + 3) // 4 * 4 - address // 4 * 4


def write_bytes(link, size, address=0):
    """Bytes on the wire of one write, going up."""
    return sum(link.request() + words(*piece) for piece in cut(address, size, link.mps))


def read_bytes(link, size, address=0):
    """Bytes on the wire of one read: (requests going up, completions coming down)."""
    up = down = 0
    for start, asked in cut(address, size, link.mrrs):
        up += link.request()
        for piece in cut(start, asked, link.rcb or link.mps):
            down += FRAMING + 12 + words(*piece)
    return up, down


def metadata_bytes(link, size):
    """Bytes on the wire of `size` bytes of metadata, in full lines."""
    return size * (LINE + link.request()) / LINE


def limits(link, size, address=0, meta_up=0, meta_down=0):
    """Packets per second of writes alone, of reads alone, and of as many of both at once."""
    rate = link.bytes_per_second()
    write = write_bytes(link, size, address)
    request, completion = read_bytes(link, size, address)
    up = metadata_bytes(link, meta_up)
    down = metadata_bytes(link, meta_down)
    return {
        "write": rate / max(write + up, down),
        "read": rate / max(request + up, completion + down),
        "both": rate / max(write + request + up, completion + down),
    }


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gen", type=int, choices=sorted(RATE), default=4)
    parser.add_argument("--width", type=int, choices=(1, 2, 4, 8, 16), default=2)
    parser.add_argument("--mps", type=int, default=256, help="max payload size (256)")
    parser.add_argument("--mrrs", type=int, default=512, help="max read request size (512)")
    parser.add_argument("--rcb", type=int, default=0, help="read completion boundary, if kept")
    parser.add_argument("--size", type=int, default=1500, help="bytes of a packet (1500)")
    parser.add_argument("--address", type=lambda text: int(text, 0), default=0,
                        help="where a packet begins; only its low bits matter (0)")
    parser.add_argument("--low", action="store_true", help="addresses below 4 GiB")
    parser.add_argument("--dllp", type=float, default=0, help="percent for the data link layer")
    parser.add_argument("--meta-up", type=float, default=0, help="metadata per packet, going up")
    parser.add_argument("--meta-down", type=float, default=0, help="the same, coming down")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    args = parse_args()
    link = Link(args.gen, args.width, args.mps, args.mrrs, args.rcb, not args.low, args.dllp)
    result = limits(link, args.size, args.address, args.meta_up, args.meta_down)
    if args.json:
        print(json.dumps(result))
        return
    print(f"Gen{args.gen} x{args.width}, {args.size} bytes, max payload {args.mps}, "
          f"max read request {args.mrrs}: {link.bytes_per_second() / 1e9:.3f} GB/s each way")
    for name, rate in result.items():
        print(f"{name:5}  {rate / 1e6:8.3f} Mpps  {rate * args.size * 8 / 1e9:8.3f} Gb/s of payload")


if __name__ == "__main__":
    main()
