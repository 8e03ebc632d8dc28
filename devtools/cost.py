#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Count the instructions of the data path, by callgrind.

usage: cost.py [--check | --record] [--peers] [--json FILE] [--build DIR]

Prints instructions
  * per copy of the eDMA driver: enqueue, submit and completed together;
  * per packet of the burst functions of net_ntb over raw_ntb_epf over dma_dw_edma, all of the three
    included, for each arrangement and direction: of the sender, of the receiver, of both;
  * per element of 64 bytes of the engine's model, all of it;
  * with --peers, the same of other drivers of DPDK, and what they are known to take.
Neither the caller's loop nor the library's inline functions are counted, nor what an engine does.

--check fails if a figure is above its goal or more than 2 % above the recorded one, or a peer's is
not what is known of it; --record writes the record. The record holds for the compiler and the
version of DPDK that it names; with others only the goals count.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

TOP = pathlib.Path(__file__).resolve().parents[1]
RECORD = TOP / "devtools" / "cost.json"
TOLERANCE = 1.02
PEER_TOLERANCE = 0.03

# An empty function, of which the programs tell what counting it takes, is two instructions itself.
EMPTY = 2

BURSTS = (1, 8, 32)
ANY_SIZE = "64:1,64:8,64:32,1500:32,9000:32"
# Cores copy: the size makes a difference, and the longest do not cross in whole bursts.
CASES = {"split": ANY_SIZE, "rc": ANY_SIZE, "ep": ANY_SIZE, "cpu": "64:1,64:32,1500:32"}
PEER_CASES = "64:1,64:32,1500:32"

# Sender and receiver together, any size of packet, for who moves all or what it sends.
PACKET_GOALS = {1: 500, 32: 200}
GOAL_MOVERS = ()

# What is known of peers, per packet, from 64 and 1500 bytes in bursts of 32: sender, receiver.
MEMIF = "net_memif0,role=server,socket={0}/s to net_memif1,role=client,socket={0}/s"
VIRTIO = "net_vhost0,iface={0}/s from net_virtio_user0,path={0}/s"
PEERS = {
    "memif": (MEMIF, {64: (181, 155), 1500: (468, 441)}),
    "memif, zero-copy": (MEMIF + ",zero-copy=yes", {64: (181, 106), 1500: (468, 106)}),
    "virtio-user to vhost, packed": (VIRTIO + ",packed_vq=1", {64: (207, 203), 1500: (214, 496)}),
    "virtio-user to vhost, split": (VIRTIO, {}),
    "ring": ("net_ring0 to net_ring0", {64: (7, 6), 1500: (7, 6)}),
}
# And of copies of 64 bytes, by burst.
SKELETON = {1: 265, 8: 192, 32: 184}


@dataclass
class Figure:
    """Instructions each time, and what they should be: no more than a goal, or what is known."""

    parts: tuple
    goal: float = None
    known: tuple = field(default=())

    @property
    def total(self):
        return sum(self.parts)


def callgrind(build, program, args, options):
    """Runs a program; returns what it counted, by the labels of its dumps ("" without)."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "out"
        argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *options]
        argv += [build / "app" / "test" / program, *(str(arg).format(directory) for arg in args)]
        done = subprocess.run(
            [str(arg) for arg in argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Symbols are looked up before anything is counted.
            env={"PATH": "/usr/bin:/bin", "RUNTIME_DIRECTORY": directory, "LD_BIND_NOW": "1"},
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"cost: {' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stdout}")
        counts = {}
        for path in pathlib.Path(directory).glob("out*"):
            text = path.read_text()
            label = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
            total = re.search(r"^(?:totals|summary): (\d+)$", text, re.MULTILINE)
            counts[label.group(1) if label else ""] = int(total.group(1))
        return counts


def dumps(build, program, *args):
    """What a program counts of itself: see app/test/cost.h."""
    return callgrind(build, program, args, ["--collect-atstart=no"])


def per_call(counts, name):
    """What counting adds to a call."""
    label = next(label for label in counts if label.split()[:1] == [name])
    return counts[label] / int(label.split()[1])


def copies(build, device, name, goals, known):
    """Copies by a DMA device."""
    counts = dumps(build, "cost-dma", device, ",".join(map(str, BURSTS)))
    empty_copy = per_call(counts, "empty-copy") - EMPTY
    empty = per_call(counts, "empty") - 2 * EMPTY
    figures = {}
    for label, count in counts.items():
        words = label.split()
        if words[:1] == ["copy"]:
            burst, times = map(int, words[1:])
            figures[f"{name}, burst of {burst}"] = Figure(
                (count / times - empty_copy - empty / burst,), goals.get(burst),
                (known[burst],) if known else ())
    return figures


def packets(build, program, args, describe):
    """Packets by two burst functions; `describe` makes name, goal and known figures of a case."""
    counts = dumps(build, program, *args)
    empty = per_call(counts, "empty") - EMPTY
    parts = {}
    for label, count in counts.items():
        words = label.split()
        if words[1:2] in (["tx"], ["rx"]):
            size, burst, times = map(int, words[2:])
            parts.setdefault((words[0], size, burst), {})[words[1]] = count / times - empty / burst
    figures = {}
    for case in sorted(parts):
        name, goal, known = describe(*case)
        figures[name] = Figure((parts[case]["tx"], parts[case]["rx"]), goal, known)
    return figures


def mover(build, arrangement):
    """Both directions of an arrangement."""
    def describe(sender, size, burst):
        goal = PACKET_GOALS.get(burst) if arrangement in GOAL_MOVERS else None
        return f"{arrangement}, from {sender}, {size} B, burst of {burst}", goal, ()

    return packets(build, "cost-ntb", (arrangement, CASES[arrangement]), describe)


def peer(build, name):
    """Another driver."""
    devices, known = PEERS[name]

    def describe(_, size, burst):
        return f"{name}, {size} B, burst of {burst}", None, known.get(size, ()) if burst == 32 else ()

    return packets(build, "cost-net", (*devices.split(), PEER_CASES), describe)


def model(build):
    """Elements of the model. 5 million a second are 200 ns each."""
    times = 32000
    counts = callgrind(build, "cost-edma-model", (64, times), ["--toggle-collect=edma_model_run"])
    return {"element of the model": Figure((counts[""] / times,), 600)}


def measure(build, peers):
    """All figures by name. Programs run side by side, which changes no figure."""
    # The goals of copies are below DPDK's ioat driver, counted the same way.
    jobs = [(mover, arrangement) for arrangement in CASES]
    jobs += [(model,), (copies, "edma", "copy", {1: 90, 8: 36, 32: 30}, None)]
    if peers:
        jobs += [(peer, name) for name in PEERS]
        jobs += [(copies, "dma_skeleton", "copy of the skeleton", {}, SKELETON)]
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        runs = [pool.submit(job, build, *args) for job, *args in jobs]
        return {name: figure for run in runs for name, figure in run.result().items()}


def versions(build):
    """What made the counted instructions: the compiler of a program by its own words, and DPDK."""
    argv = ["readelf", "-p", ".comment", str(build / "app" / "test" / "cost-ntb")]
    text = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
    argv = ["pkg-config", "--modversion", "libdpdk"]
    dpdk = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
    return {"compiler": re.search(r"\]\s+(.+)", text).group(1), "dpdk": dpdk.strip()}


def judge(figures, record, made_by):
    """Lines that say which figure is not what it should be."""
    same = all(record.get(name) == version for name, version in made_by.items())
    recorded = record["figures"] if same else {}
    lines = []
    for name, figure in figures.items():
        if figure.goal is not None and figure.total > figure.goal:
            lines.append(f"{name}: {figure.total:.2f}, expected at most {figure.goal}")
        before = recorded.get(name)
        if before is not None and figure.total > sum(before) * TOLERANCE:
            lines.append(f"{name}: {figure.total:.2f}, {sum(before):.2f} recorded: over 2 % more")
        for part, known in zip(figure.parts, figure.known):
            # Of very few instructions, half of one is more than that.
            if abs(part - known) > max(PEER_TOLERANCE * known, 0.5):
                lines.append(f"{name}: {part:.2f}, expected about {known}")
    return lines


def show(figures, made_by):
    width = max(map(len, figures))
    print(f"{'':{width}}  {'sender':>8} {'receiver':>8} {'all':>8}  goal, or what is known  "
          f"({made_by['compiler']}, DPDK {made_by['dpdk']})")
    for name, figure in figures.items():
        parts = figure.parts if len(figure.parts) == 2 else ("", "")
        cells = [f"{part:8.2f}" if part != "" else " " * 8 for part in (*parts, figure.total)]
        aim = f"{figure.goal}" if figure.goal else " + ".join(map(str, figure.known))
        print(f"{name:{width}}  {' '.join(cells)}  {aim}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a figure is too high")
    parser.add_argument("--record", action="store_true", help="write the record")
    parser.add_argument("--peers", action="store_true", help="count other drivers as well")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to a file")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    args = parser.parse_args()
    made_by = versions(args.build)
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    figures = measure(args.build, args.peers)
    show(figures, made_by)
    now = {
        "license": "SPDX-License-Identifier: BSD-3-Clause",
        "copyright": "Copyright(c) 2026 The ntb-edma authors",
        **made_by,
        "figures": {name: [round(part, 2) for part in figure.parts]
                    for name, figure in figures.items()},
    }
    if args.json:
        args.json.write_text(json.dumps(now, indent=4) + "\n")
    if args.record:
        now["figures"] = {name: parts for name, parts in now["figures"].items()
                          if not figures[name].known}
        RECORD.write_text(json.dumps(now, indent=4) + "\n")
        record = now
    lines = judge(figures, record, made_by) if args.check else []
    for line in lines:
        print(f"cost: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
