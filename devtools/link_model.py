#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What a link would carry, in the model time of the software endpoint.

usage: link_model.py [--check] [--movers M,...] [--links GENxWIDTH,...] [--sizes BYTES,...]
                     [--mps BYTES,...] [--store BYTES,...] [--latency NS,...] [--packets N]

Two testpmds send as many packets each way over a board in trap mode, which counts every packet on the link.
Prints, for each case: packets per second each way, in model time less the share of 5 % that the data link
layer takes and the board does not count; the limit by devtools/link_limit.py; bytes of metadata per packet that cores and engine posted; packets on the link
that carried them; reads by cores across the link per packet.

--check fails if a figure misses its goal.
"""

import argparse
import itertools
import pathlib
import sys
import tempfile
from dataclasses import dataclass

import link_limit

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "dts"))

# pylint: disable=wrong-import-position
from framework import pcap
from framework.rig import SIDES, Rig
from framework.testpmd import replay_lossless, wait_packets, wait_quiet

TIMEOUT = 60
# Two testpmds that both try again, and do not receive meanwhile, give up a burst after 0.2 s.
ENOUGH = 0.97
# Where the endpoint's cores reach the host.
OUTBOUND = "ep-ntb region 11"

# Limits in packets per second each way, and the share that has to be reached: Gen4 x2, MPS 256, write
# combining, by size. link_limit.py finds them with --dllp 5 --meta-up 32 --meta-down 32.
RATE_GOALS = {1500: (2.12e6, 0.97), 64: (24e6, 0.90)}
READ_GOALS = {"ep": 0, "cpu": 0, "split": 1 / 32, "rc": 1 / 32}
METADATA_GOALS = {"ep": 32, "cpu": 32, "split": 56, "rc": 56}
# Of the limit that the goals are stated for.
DLLP = 5
METADATA = 32


@dataclass
class Case:
    """A link, and what crosses it."""

    mover: str
    gen: int
    width: int
    mps: int
    store: int
    latency: int
    size: int

    def board_args(self):
        values = {"link_speed": self.gen, "link_width": self.width, "mps": self.mps,
                  "store_bytes": self.store, "latency_ns": self.latency}
        return ["--trap"] + [word for pair in values.items()
                             for word in ("--set", "{}={}".format(*pair))]

    def limit(self):
        link = link_limit.Link(self.gen, self.width, self.mps, dllp=DLLP)
        return link_limit.limits(link, self.size, 0, METADATA, METADATA)["both"]

    def name(self):
        return (f"{self.mover:5} Gen{self.gen} x{self.width} MPS {self.mps:3} stores {self.store:2} "
                f"{self.latency:4} ns {self.size:5} B")


@dataclass
class Result:
    """Of each way, or of a packet."""

    rate: float
    metadata: float
    tlps: float
    reads: float


def cores_read(softep):
    return softep.reads("rc-ntb") + softep.reads("rc-dma") + \
        softep.stats().get(OUTBOUND, {}).get("reads", 0)


def run(case, packets):
    """Sends so many packets each way: as many, or the model time would be that of one way."""
    with tempfile.TemporaryDirectory(prefix="link-model-") as directory:
        rig = Rig(pathlib.Path(directory))
        try:
            softep = rig.start_board(*case.board_args())
            source = rig.directory / "source.pcap"
            pcap.write(source, [bytes(case.size)] * packets)
            rig.start_pair(case.mover, {side: f"rx_pcap={source},tx_pcap={rig.directory}/{side}.pcap"
                                        for side in SIDES})
            softep.command("clear")
            reads = cores_read(softep)
            for pmd in rig.pair:
                replay_lossless(pmd)
                pmd.start()
            for pmd in rig.pair:
                wait_packets(pmd, int(packets * ENOUGH), TIMEOUT)
            counts = [stats["RX-packets"] for stats in wait_quiet(rig.pair)]
            return account(case, counts, softep, reads)
        finally:
            rig.close()


def account(case, counts, softep, reads):
    """What the board has counted, by packet; `counts` is what host and endpoint received."""
    link = softep.stats()["link"]
    total = sum(counts)
    posted = link["up_posted_bytes"] + link["down_posted_bytes"]
    tlps = link["up_posted_tlps"] + link["down_posted_tlps"]
    # Payload that is written; what is read comes in completions.
    written = total if case.mover == "cpu" else counts[0]
    posted -= written * case.size
    tlps -= written * len(link_limit.cut(0, case.size, case.mps))
    return Result(
        min(counts) / link["model_ns"] * 1e9 * (1 - DLLP / 100),
        posted / total, tlps / total, (cores_read(softep) - reads) / total)


def judge(case, result, store):
    """Lines that say which goal is missed."""
    goals = [("reads per packet", result.reads, READ_GOALS[case.mover])]
    goals += [("metadata per packet", result.metadata, METADATA_GOALS[case.mover])]
    lines = [f"{case.name()}: {what} {figure:.3f}, expected at most {goal:.3f}"
             for what, figure, goal in goals if figure > goal]
    if (case.mover, case.gen, case.width, case.mps, case.store) == ("ep", 4, 2, 256, store) and \
            case.size in RATE_GOALS:
        limit, share = RATE_GOALS[case.size]
        if result.rate < limit * share:
            lines.append(f"{case.name()}: {result.rate / 1e6:.3f} Mpps each way, expected at "
                         f"least {share:.0%} of {limit / 1e6:.2f}")
    return lines


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--movers", default="ep,split,rc,cpu", type=lambda text: text.split(","))
    parser.add_argument("--links", default="4x2", help="GENxWIDTH,... (4x2)")
    parser.add_argument("--sizes", default="64,1500", type=numbers)
    parser.add_argument("--mps", default="256", type=numbers)
    parser.add_argument("--store", default="64", type=numbers, help="largest store of a core")
    parser.add_argument("--judge-store", default=64, type=int,
                        help="stores with which the goals for rates count (64)")
    parser.add_argument("--latency", default="1000", type=numbers)
    parser.add_argument("--packets", type=int, default=5000)
    return parser.parse_args()


def main():
    args = parse_args()
    links = [map(int, link.split("x")) for link in args.links.split(",")]
    lines = []
    print(f"{'':47}  {'Mpps':>7} {'limit':>7} {'share':>6}  {'B':>6} {'TLPs':>6} {'reads':>7}")
    for mover, (gen, width), mps, store, latency, size in itertools.product(
            args.movers, [tuple(link) for link in links], args.mps, args.store, args.latency,
            args.sizes):
        case = Case(mover, gen, width, mps, store, latency, size)
        result = run(case, args.packets)
        limit = case.limit()
        print(f"{case.name():47}  {result.rate / 1e6:7.3f} {limit / 1e6:7.3f} "
              f"{result.rate / limit:6.1%}  {result.metadata:6.1f} {result.tlps:6.3f} "
              f"{result.reads:7.4f}", flush=True)
        lines += judge(case, result, args.judge_store)
    for line in lines:
        print(f"link_model: {line}")
    return 1 if args.check and lines else 0


if __name__ == "__main__":
    sys.exit(main())
