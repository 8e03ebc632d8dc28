# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Samples: one run of the measuring program each, in turns, with the noise there was."""

import functools
import pathlib
import tempfile
import time
from dataclasses import dataclass, field

from framework import ntb_perf, programs

from bench import noise
from bench.pairs import KINDS

TIMEOUT = 90


class RunFailed(Exception):
    """The measuring program failed; the text has its output."""


@dataclass
class Terms:
    """Conditions of all runs: the most noise that counts, and whether others have their share."""

    limit: float
    fair: bool


@dataclass
class Plan:
    """Runs of a part: the same command for several ports, in turns."""

    part: str
    ports: tuple
    command: str
    words: list
    lcores: int = 1
    rounds: int = 5
    label: dict = field(default_factory=dict)  # beside size and burst, what tells results apart


def throughput_values(result, engine):
    """Rates of the slowest direction. Of ports that only cores work for, per second of CPU.

    Then it does not matter that others ran there too; where an engine works at the same time
    as the lcore, time is what it is.
    """
    flow = min(result["directions"], key=lambda one: one["mpps"])
    scale = 1 if engine or not flow["cpu_share"] else 1 / flow["cpu_share"]
    values = {"mpps": flow["mpps"] * scale, "gbps": flow["gbps"] * scale}
    harm = sum(
        one[key]
        for one in result["directions"]
        for key in ("lost", "reordered", "duplicates", "corrupt", "foreign")
    )
    return {**values, "wall_mpps": flow["mpps"], "harmed": harm}, flow["cpu_share"]


def latency_values(result, _engine):
    """Times, without the single buckets but for the plot."""
    values = {key: value for key, value in result.items() if key.endswith("_ns")}
    values["harmed"] = result["lost"] + result["strange"]
    return values, result["cpu_share"]


def search_values(result, _engine):
    return {key: result[key] for key in ("mpps", "gbps", "trials")}, 1


def dma_values(result, _engine):
    values = {key: result[key] for key in ("mcopies_per_s", "gbytes_per_s")}
    return {**values, "p50_ns": result["times"]["p50_ns"], "p99_ns": result["times"]["p99_ns"]}, 1


VALUES = {
    "throughput": throughput_values,
    "latency": latency_values,
    "search": search_values,
    "dma": dma_values,
}


def sample_of(plan, port, number, result, around, limit):
    """A result as a sample. One with too much noise, or with harm, is kept for the record only."""
    engine = port in KINDS and KINDS[port].engine
    values, share = VALUES[plan.command](result, engine)
    setting = {key: result[key] for key in ("size", "bytes", "burst") if key in result}
    lost = around["steal"] + around["iowait"]
    if engine:
        lost = max(lost, 1 - share)
    sample = {
        "part": plan.part,
        "port": port,
        "round": number,
        "setting": {**setting, **plan.label},
        "values": values,
        "noise": {**{key: round(value, 4) for key, value in around.items()}, "cpu_share": share},
        "kept": lost <= limit and not values.get("harmed"),
    }
    if plan.command == "latency":
        sample["histogram"] = [
            (bucket["up_to_ns"], bucket["count"]) for bucket in result["histogram"]
        ]
    return sample


@functools.cache
def first_in_line():
    """What makes a program go before all others on its CPU; needs a right that users lack.

    The scheduler still leaves the others a twentieth.
    """
    line = ["chrt", "--rr", "1"]
    return line if programs.run([*line, "true"], TIMEOUT)[0] == 0 else []


def run_program(directory, line, fair, may_harm=False):
    """Run it; returns its results and the noise there was.

    With `may_harm` it may fail after a result, as it does when packets were damaged.
    """
    line = line if fair else [*first_in_line(), *line]
    before = noise.cpu_times()
    code, output = programs.run(line, TIMEOUT, programs.eal_env(directory))
    around = noise.shares(before, noise.cpu_times())
    results = ntb_perf.results(output)
    if code != 0 and not (may_harm and results):
        raise RunFailed(f"{' '.join(map(str, line))}\nended with {code}:\n{output}")
    return results, around


def run_port(plan, port, number, terms):
    """One process that measures one pair of ports: its samples."""
    kind = KINDS[port]
    cpus = programs.cpus()
    with tempfile.TemporaryDirectory(prefix="bench.") as name:
        directory = pathlib.Path(name)
        with kind.make(directory, cpus, *kind.args) as pair:
            words = [plan.command, f"tx={pair.tx}", f"rx={pair.rx}", *plan.words]
            line = ntb_perf.argv(
                pair.vdevs,
                words,
                list(cpus[: plan.lcores]),
                options=["--json", *pair.options],
                eal=pair.eal,
            )
            results, around = run_program(directory, line, terms.fair, kind.peer)
    return [sample_of(plan, port, number, result, around, terms.limit) for result in results]


def run_plan(plan, terms, progress):
    """All rounds of a plan, the ports in turns."""
    samples = []
    for number in range(plan.rounds):
        for port in plan.ports:
            began = time.monotonic()
            samples += run_port(plan, port, number, terms)
            progress(f"{plan.part}: round {number + 1} of {plan.rounds}, {port}, "
                     f"{time.monotonic() - began:.1f} s")
    return samples
