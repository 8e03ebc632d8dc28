# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Measure the drivers and their peers: see devtools/bench.sh.

What is measured, where everything runs and how to read it is in doc/guides/howto/performance.rst.
"""

import argparse
import json
import pathlib
import signal
import sys
import time

from framework import programs

from bench import copies, cost, noise
from bench.figures import figures
from bench.goals import verdicts
from bench.pairs import KINDS
from bench.parts import PARTS
from bench.samples import RunFailed, Terms, run_plan
from bench.table import goal_lines, machine_line, table

COPIES = "DMA devices: copies per second, one lcore"
COST = "instructions per packet and copy, by devtools/cost.py"
NAMES = {**{name: part.what for name, part in PARTS.items()}, "dma": COPIES, "cost": COST}


def progress(line):
    """Tell that something goes on."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def measure(name, report, args):
    """One part, added to the report."""
    if name == "cost":
        report["cost"] = cost.run_cost(args.out, progress)
        return
    terms = Terms(args.noise / 100, args.fair)
    if name == "dma":
        samples = copies.run_copies(args.rounds or copies.ROUNDS, terms, progress)
        base, metric = copies.BASE, "mcopies_per_s"
    else:
        part = PARTS[name]
        samples = []
        for plan in part.plans:
            plan.rounds = args.rounds or plan.rounds
            plan.ports = [port for port in plan.ports if port in args.ports]
            samples += run_plan(plan, terms, progress)
        base, metric = part.base, part.metric
    report["samples"] += samples
    report["figures"] += figures(samples, base, metric)


def text_of(report, results):
    """The whole table."""
    yield machine_line(report["machine"])
    yield from table(report["figures"])
    if report["cost"]:
        yield ""
        yield report["cost"]["text"].rstrip()
    yield from goal_lines(results)


def write(report, results, args):
    """Table, results and plots."""
    text = "\n".join(text_of(report, results)) + "\n"
    (args.out / "bench.txt").write_text(text, encoding="utf-8")
    report["goals"] = [
        {"what": goal.what, "port": goal.port, "limit": goal.limit, "ratio": ratio, "verdict": word}
        for goal, ratio, word in results
    ]
    (args.out / "bench.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(text, end="")
    try:
        from bench import plots  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        progress(f"no plots: {error}")
        return
    for name in plots.draw(report, args.out):
        progress(f"wrote {args.out / name}")


def positive(text):
    """A number of rounds."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'"{text}": expected a number, 1 or more')
    return int(text)


def ports(text):
    """Names of pairs of ports."""
    names = text.split(",")
    for name in names:
        if name not in KINDS:
            raise argparse.ArgumentTypeError(f'"{name}": expected some of {",".join(KINDS)}')
    return names


def percent(text):
    """A limit of noise."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f'"{text}": expected a percentage, 0 to 100')
    return value


def parse_args():
    parser = argparse.ArgumentParser(prog="bench.sh", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="see --list (all)")
    parser.add_argument("--list", action="store_true", help="name the parts")
    parser.add_argument("--check", action="store_true", help="fail if a goal is not met")
    parser.add_argument("--rounds", type=positive, help="of every part (its own number)")
    parser.add_argument("--ports", type=ports, default=list(KINDS), metavar="NAME,...",
                        help="these only; without net_memif there is no ratio (all)")
    parser.add_argument("--noise", type=percent, default=10, metavar="PERCENT",
                        help="runs with more are discarded (10)")
    parser.add_argument("--fair", action="store_true",
                        help="leave other programs on the CPUs their share")
    parser.add_argument("--out", type=pathlib.Path, default=programs.BUILD / "bench",
                        help="directory for the results (%(default)s)")
    args = parser.parse_args()
    for name in args.parts:
        if name not in NAMES:
            parser.error(f'PART: "{name}": expected one of {", ".join(NAMES)}')
    return args


def main():
    args = parse_args()
    if args.list:
        for name, what in NAMES.items():
            print(f"{name:14}{what}")
        print("\nports")
        for name, kind in KINDS.items():
            print(f"{name:14}{kind.note}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    args.out.mkdir(parents=True, exist_ok=True)
    parts = args.parts or list(NAMES)
    report = {"machine": noise.machine(), "noise_limit": args.noise, "samples": [], "figures": [],
              "cost": {}}
    began = time.monotonic()
    try:
        for name in parts:
            measure(name, report, args)
    except RunFailed as error:
        sys.exit(f"bench: {error}")
    report["seconds"] = round(time.monotonic() - began)
    results = verdicts(report["figures"], parts)
    write(report, results, args)
    missed = [word for _, _, word in results if word != "met"]
    if report["cost"] and not report["cost"]["met"]:
        missed.append("cost")
    progress(f"{report['seconds']} s")
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
