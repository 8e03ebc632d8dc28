# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The parts of the benchmark."""

from dataclasses import dataclass

from bench import pairs
from bench.samples import Plan

ALL = tuple(pairs.KINDS)
CORES = ("ntb-cpu", "memif", "memif-zc", "vhost-split", "vhost-packed")
SIZES = "64,128,256,512,1500,4096,9000"
# The scheduler takes a twentieth of each second back: not more than a tenth of half a second.
SHORT = ["seconds=0.5", "warmup=0.1"]


@dataclass
class Part:
    """A part: what it is, its plans, the metric that is compared, and with what."""

    what: str
    plans: tuple
    metric: str = "mpps"
    base: str = pairs.BASE


PARTS = {
    "throughput": Part(
        "packets one way against size, both ends on one lcore",
        (Plan("throughput", ALL, "throughput", [f"size={SIZES}", *SHORT]),),
    ),
    "both": Part(
        "packets both ways, both ends on one lcore",
        (
            Plan(
                "both",
                tuple(port for port in ALL if port != "ring"),
                "throughput",
                ["size=64,1500,9000", "both=yes", *SHORT],
                rounds=3,
            ),
        ),
    ),
    "burst": Part(
        "packets one way against burst, 64 B, both ends on one lcore",
        (Plan("burst", ALL, "throughput", ["size=64", "burst=1,8,64", *SHORT], rounds=3),),
    ),
    "cores": Part(
        "packets one way, each end on a lcore of its own",
        (Plan("cores", CORES, "throughput", ["size=64,1500,9000", *SHORT], lcores=2),),
    ),
    "queues": Part(
        "packets one way over queues, both ends of a queue on one lcore, a lcore for each queue",
        tuple(
            Plan(
                "queues",
                ("ntb-cpu", "memif", "vhost-packed"),
                "throughput",
                ["size=64", f"queues={queues}", "apart=no", *SHORT],
                lcores=queues,
                rounds=3,
                label={"queues": queues},
            )
            for queues in (1, 2)
        ),
    ),
    "latency": Part(
        "round trips, both ends on one lcore",
        (Plan("latency", ALL, "latency", ["size=64,1500", *SHORT]),),
        metric="p50_ns",
    ),
    "search": Part(
        "highest rate without loss, resolution 2 %, both ends on one lcore",
        (
            Plan(
                "search",
                ("ntb-cpu", "ntb-ep", "memif", "vhost-packed"),
                "search",
                ["size=64,1500", "seconds=0.15", "warmup=0.05", "resolution=2"],
                rounds=3,
            ),
        ),
    ),
}
