#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Count the instructions of the data path, by callgrind.

usage: cost.py [--check | --record] [--build DIR]

Prints instructions of the eDMA driver per copy, for enqueue, submit and completed together, and for
bursts of 1, 8 and 32: the functions of the driver alone, neither the caller's loop nor the library.
And those of the engine's model per element of 64 bytes, all of it. --check fails if a figure is above
its goal or more than 2 % above the recorded one; --record writes the record. The record holds for
the compiler that it names; with another one only the goals count.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parents[1]
RECORD = TOP / "devtools" / "cost.json"
TOLERANCE = 1.02
TIMES = 32000


@dataclass
class Figure:
    """What is counted, how often it is done, and the most that it may cost each time."""

    program: str
    args: tuple
    functions: tuple
    goal: float


def copies(burst, goal):
    """Copies of the driver. The goals are below DPDK's ioat driver, counted the same way."""
    functions = ("dw_edma_copy", "dw_edma_submit", "dw_edma_completed")
    return Figure("cost-dw-edma", (burst, TIMES // burst), functions, goal)


FIGURES = {
    "copy, burst of 1": copies(1, 90),
    "copy, burst of 8": copies(8, 36),
    "copy, burst of 32": copies(32, 30),
    # 5 million elements per second are 200 ns each.
    "element of the model": Figure("cost-edma-model", (64, TIMES), ("edma_model_run",), 600),
}


def count(build, figure):
    """Instructions each time."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "callgrind.out"
        argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        argv += [f"--toggle-collect={name}" for name in figure.functions]
        argv += [build / "app" / "test" / figure.program, *figure.args]
        done = subprocess.run(
            [str(arg) for arg in argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "RUNTIME_DIRECTORY": directory},
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"cost: {' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stdout}")
        total = re.search(r"^(?:totals|summary): (\d+)$", out.read_text(), re.MULTILINE)
        return int(total.group(1)) / TIMES


def compiler_of(program):
    """The compiler that made a program, by its own words."""
    argv = ["readelf", "-p", ".comment", str(program)]
    text = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"\]\s+(.+)", text).group(1)


def judge(counts, record, compiler):
    """Lines that say which figure is too high."""
    known = record["figures"] if record.get("compiler") == compiler else {}
    lines = []
    for name, instructions in counts.items():
        if instructions > FIGURES[name].goal:
            lines.append(f"{name}: {instructions:.2f}, expected at most {FIGURES[name].goal}")
        before = known.get(name)
        if before is not None and instructions > before * TOLERANCE:
            lines.append(f"{name}: {instructions:.2f}, {before:.2f} recorded: over 2 % more")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a figure is too high")
    parser.add_argument("--record", action="store_true", help="write the record")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    args = parser.parse_args()
    compiler = compiler_of(args.build / "app" / "test" / "cost-dw-edma")
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    counts = {}
    print(f"{'':20}  {'each':>8}  {'goal':>4}  {compiler}")
    for name, figure in FIGURES.items():
        counts[name] = count(args.build, figure)
        print(f"{name:20}  {counts[name]:8.2f}  {figure.goal:4}", flush=True)
    if args.record:
        record = {
            "license": "SPDX-License-Identifier: BSD-3-Clause",
            "copyright": "Copyright(c) 2026 The ntb-edma authors",
            "compiler": compiler,
            "figures": {name: round(figure, 2) for name, figure in counts.items()},
        }
        RECORD.write_text(json.dumps(record, indent=4) + "\n")
    lines = judge(counts, record, compiler) if args.check else []
    for line in lines:
        print(f"cost: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
