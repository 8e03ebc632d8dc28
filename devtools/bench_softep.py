#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Measure how fast the software endpoint moves data, against memcpy in the same run.

usage: bench_softep.py [--check [SHARE]] [--rounds N] [--seconds S] [--sizes BYTES,...] [--elements N]

A raw client of a real board gives a channel a list that never ends, from one shared memory to
another, and the board counts the elements. In turns with it, on the same CPU and over the same
bytes, memcpy-rate copies pieces of the same size. Seconds are those of CPU time, which a busy machine does
not make longer. Prints the medians of both in millions per second, and the median of the ratios of
neighbours. --check fails if a figure is below a share of its goal, 1 by default.
"""

import argparse
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "dts"))

# pylint: disable=wrong-import-position
from framework import bench as hw
from framework import programs

MEMCPY_RATE = programs.BUILD / "app" / "test" / "memcpy-rate"
DIRECTIONS = ("wr", "rd")
# Low bits of the number of such a clock: that of the scheduler.
CPU_CLOCK = 2
# Of one element: least rate in elements per second, and least ratio to memcpy.
GOALS = {64: (5e6, 0), 4096: (0, 0.8)}


class Counters:
    """The control socket, kept open: an answer takes microseconds."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(2)
        self.sock.connect(str(path))
        self.stream = self.sock.makefile("r", encoding="ascii")

    def close(self):
        self.stream.close()
        self.sock.close()

    def elements(self, channel):
        """What the channel has moved so far."""
        self.sock.sendall(b"stats\n")
        answer = "".join(iter(self.stream.readline, "ok\n"))
        return int(re.search(rf"^{channel} elements=(\d+)", answer, re.MULTILINE).group(1))


def cpu_time(pid):
    """Seconds of CPU that a process has had, by the clock that Linux keeps for each."""
    return time.clock_gettime(~pid << 3 | CPU_CLOCK)


class Ring:
    """A list without end on channel 0 of a direction."""

    def __init__(self, dma, direction, size, count):
        self.dma, self.direction = dma, direction
        self.base = dma.list_offset(direction, 0)
        source, target = hw.EP_ADDRESS, hw.HOST_ADDRESS
        if direction == "rd":
            source, target = target, source
        local = dma.page["ll_local"] + self.base
        for i in range(count):
            slot, at = self.base + 24 * i, i * size
            dma.element(slot, hw.CB, size, source + at, target + at)
        # A link to the first, without toggle: elements stay valid.
        dma.element(self.base + 24 * count, hw.LLP | hw.CB, 0, local, 0)
        dma.put(hw.ENGINE_EN[direction], 1)
        dma.put(hw.WINDOW[direction], hw.CCS | hw.LLE)
        dma.put64(hw.WINDOW[direction] + 0x1C, local)

    def rate(self, pid, counters, seconds):
        """Let it run; returns elements per second."""
        channel = f"{self.direction}0"
        self.dma.list[self.base] = hw.CB
        self.dma.put(hw.DOORBELL[self.direction], 0)
        first, began = counters.elements(channel), cpu_time(pid)
        time.sleep(seconds)
        last, ended = counters.elements(channel), cpu_time(pid)
        self.dma.list[self.base] = 0
        if self.dma.finish(self.direction, 0) != hw.STOPPED:
            sys.exit(f"bench_softep: {channel} aborted")
        return (last - first) / (ended - began)


def memcpy_rate(cpu, source, target, size, count, seconds):
    """Pieces per second on one CPU."""
    argv = ["taskset", "-c", cpu, MEMCPY_RATE, source.fd, target.fd, size, count, seconds]
    done = subprocess.run(
        [str(arg) for arg in argv],
        stdout=subprocess.PIPE,
        pass_fds=(source.fd, target.fd),
        timeout=seconds + 10,
        check=True,
    )
    return float(done.stdout)


def measure(directory, direction, size, args):
    """Rounds with one size: [(elements, pieces of memcpy) per second, ...]."""
    ours, cpu = programs.cpus()
    os.sched_setaffinity(0, {ours})
    bench = hw.Bench(directory, "--ll", 24 * (args.elements + 1))
    os.sched_setaffinity(bench.softep.pid, {cpu})
    counters = Counters(bench.dir / "control.sock")
    try:
        memory = -(-size * args.elements // hw.PAGE) * hw.PAGE
        dma, host, endpoint = hw.attach_pair(bench, size=memory)
        ring = Ring(dma, direction, size, args.elements)
        source, target = (endpoint, host) if direction == "wr" else (host, endpoint)
        rounds = []
        for _ in range(args.rounds):
            engine = ring.rate(bench.softep.pid, counters, args.seconds)
            memcpy = memcpy_rate(cpu, source, target, size, args.elements, args.seconds)
            rounds.append((engine, memcpy))
        # And it is the engine that did it.
        source.map[:] = os.urandom(memory)
        ring.rate(bench.softep.pid, counters, args.seconds)
        if target.map[: size * args.elements] != source.map[: size * args.elements]:
            sys.exit("bench_softep: the bytes that arrived are not those that were sent")
        return rounds
    finally:
        counters.close()
        bench.close()


def judge(size, engine, ratio, share):
    """Lines that say what is below a share of its goal."""
    rate_goal, ratio_goal = (share * goal for goal in GOALS.get(size, (0, 0)))
    if engine < rate_goal:
        yield f"{size} bytes: {engine / 1e6:.2f} M/s, expected at least {rate_goal / 1e6:.2f}"
    if ratio < ratio_goal:
        yield f"{size} bytes: {ratio:.2f} of memcpy, expected at least {ratio_goal:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", type=float, nargs="?", const=1.0, metavar="SHARE",
        help="fail if a figure is below this share of its goal (1)",
    )
    parser.add_argument("--rounds", type=int, default=9, help="of each size and direction (9)")
    parser.add_argument("--seconds", type=float, default=0.2, help="of each measurement (0.2)")
    parser.add_argument("--elements", type=int, default=4095, help="of the list (4095)")
    parser.add_argument("--sizes", default="64,4096", help="bytes of an element (64,4096)")
    args = parser.parse_args()
    lines = []
    print("bytes  dir  engine M/s   GB/s  memcpy M/s   GB/s  ratio")
    for size in map(int, args.sizes.split(",")):
        for direction in DIRECTIONS:
            with tempfile.TemporaryDirectory(prefix="bench-softep.") as name:
                rounds = measure(pathlib.Path(name), direction, size, args)
            engine, memcpy = (statistics.median(column) for column in zip(*rounds))
            ratio = statistics.median(one / other for one, other in rounds)
            print(
                f"{size:5}   {direction}  {engine / 1e6:10.3f} {engine * size / 1e9:6.2f}"
                f"  {memcpy / 1e6:10.3f} {memcpy * size / 1e9:6.2f}  {ratio:5.2f}",
                flush=True,
            )
            lines += judge(size, engine, ratio, args.check or 0)
    for line in lines:
        print(f"bench_softep: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
