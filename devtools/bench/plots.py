# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Plots of the results, as SVG."""

import matplotlib

matplotlib.use("svg")
# pylint: disable=wrong-import-position
from matplotlib import pyplot

from bench.curves import by_port, merged, steps

matplotlib.rcParams["svg.hashsalt"] = "ntb-edma"


def save(figure, path):
    """Write it, without the time of day, so that the same results are the same file."""
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def against_size(lines, title, label, path, bound=None):
    """A line for each port."""
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for port, (sizes, values) in lines.items():
        axes.plot(sizes, values, marker="o", label=port)
    if bound is not None:
        axes.axhline(bound, color="black", linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("bytes of a packet")
    axes.set_ylabel(label)
    axes.set_title(title)
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    save(figure, path)


def latency(samples, size, path):
    """How many round trips took longer than a time."""
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for port in dict.fromkeys(sample["port"] for sample in samples):
        points = steps(merged(samples, port, size))
        if points:
            axes.step(*zip(*points), label=port)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(1e-5, 1)
    axes.set_xlabel("nanoseconds")
    axes.set_ylabel("part of the round trips that took longer")
    axes.set_title(f"Round trips of {size} bytes")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    save(figure, path)


def instructions(figures, path):
    """Bars of sender and receiver for each case that has the two."""
    names = [name for name, parts in figures.items() if len(parts) == 2]
    figure, axes = pyplot.subplots(figsize=(9, 0.25 * len(names) + 1.5))
    send = [figures[name][0] for name in names]
    axes.barh(names, send, label="sender")
    axes.barh(names, [figures[name][1] for name in names], left=send, label="receiver")
    axes.invert_yaxis()
    axes.set_xlabel("instructions per packet")
    axes.legend()
    save(figure, path)


def draw(report, directory):
    """All plots that the results have something for; returns their names."""
    figures, samples = report["figures"], report["samples"]
    drawn = []
    rates = by_port(figures, "throughput", lambda figure: figure["medians"].get("gbps"))
    if rates:
        drawn.append("throughput.svg")
        against_size(rates, "Throughput, one way", "Gb/s of frames", directory / drawn[-1])
    ratios = by_port(figures, "throughput", lambda figure: figure["ratio"])
    if ratios:
        drawn.append("ratio.svg")
        against_size(ratios, "Packet rate, ratio to net_memif", "ratio", directory / drawn[-1], 1)
    times = [sample for sample in samples if sample["part"] == "latency"]
    if any(sample["kept"] for sample in times):
        drawn.append("latency.svg")
        latency(times, 64, directory / drawn[-1])
    if any(len(parts) == 2 for parts in report["cost"].get("figures", {}).values()):
        drawn.append("instructions.svg")
        instructions(report["cost"]["figures"], directory / drawn[-1])
    return drawn
