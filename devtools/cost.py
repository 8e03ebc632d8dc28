#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Count the instructions of the eDMA driver per copy, by callgrind.

usage: cost.py [--check | --record] [--build DIR]

Prints instructions of enqueue, submit and completed together, per copy, for bursts of 1, 8 and 32:
the functions of the driver alone, neither the caller's loop nor the library. --check fails if a
figure is above its goal or more than 2 % above the recorded one; --record writes the record. The
record holds for the compiler that it names; with another one only the goals count.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[1]
RECORD = TOP / "app" / "test" / "cost_dw_edma.json"
# Burst: most instructions per copy. Each is below DPDK's ioat driver, counted the same way.
GOALS = {1: 90, 8: 36, 32: 30}
TOLERANCE = 1.02
COPIES = 32000
FUNCTIONS = ("dw_edma_copy", "dw_edma_submit", "dw_edma_completed")


def count(program, burst):
    """Instructions per copy."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "callgrind.out"
        argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        argv += [f"--toggle-collect={name}" for name in FUNCTIONS]
        argv += [str(program), str(burst), str(COPIES // burst)]
        done = subprocess.run(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "RUNTIME_DIRECTORY": directory},
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"cost: {' '.join(argv)} ended with {done.returncode}:\n{done.stdout}")
        total = re.search(r"^(?:totals|summary): (\d+)$", out.read_text(), re.MULTILINE)
        return int(total.group(1)) / (COPIES // burst * burst)


def compiler_of(program):
    """The compiler that made a program, by its own words."""
    argv = ["readelf", "-p", ".comment", str(program)]
    text = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"\]\s+(.+)", text).group(1)


def judge(figures, record, compiler):
    """Lines that say which figure is too high."""
    known = record["copies"] if record.get("compiler") == compiler else {}
    lines = []
    for burst, figure in figures.items():
        if figure > GOALS[burst]:
            lines.append(f"burst {burst}: {figure:.2f}, expected at most {GOALS[burst]}")
        before = known.get(str(burst))
        if before is not None and figure > before * TOLERANCE:
            lines.append(f"burst {burst}: {figure:.2f}, {before:.2f} recorded: over 2 % more")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a figure is too high")
    parser.add_argument("--record", action="store_true", help="write the record")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    args = parser.parse_args()
    program = args.build / "app" / "test" / "cost-dw-edma"
    compiler = compiler_of(program)
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    figures = {}
    print(f"{'burst':>5}  {'per copy':>8}  {'goal':>4}  {compiler}")
    for burst, goal in GOALS.items():
        figures[burst] = count(program, burst)
        print(f"{burst:5}  {figures[burst]:8.2f}  {goal:4}", flush=True)
    if args.record:
        record = {
            "license": "SPDX-License-Identifier: BSD-3-Clause",
            "copyright": "Copyright(c) 2026 The ntb-edma authors",
            "compiler": compiler,
            "copies": {burst: round(figure, 2) for burst, figure in figures.items()},
        }
        RECORD.write_text(json.dumps(record, indent=4) + "\n")
    lines = judge(figures, record, compiler) if args.check else []
    for line in lines:
        print(f"cost: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
