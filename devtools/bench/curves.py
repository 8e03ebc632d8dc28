# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What plots are drawn of."""


def by_port(figures, part, value):
    """{port: ([size, ...], [value, ...])} of a part."""
    lines = {}
    for figure in figures:
        number = value(figure)
        if figure["part"] == part and number is not None:
            sizes, values = lines.setdefault(figure["port"], ([], []))
            sizes.append(figure["setting"]["size"])
            values.append(number)
    return lines


def steps(histogram):
    """A histogram as (ns, share of the round trips that took longer)."""
    total = sum(count for _, count in histogram)
    left, points = total, []
    for up_to, count in histogram:
        left -= count
        points.append((up_to, left / total))
    return points


def merged(samples, port, size):
    """All kept histograms of a port as one."""
    counts = {}
    for sample in samples:
        if sample["kept"] and sample["port"] == port and sample["setting"]["size"] == size:
            for up_to, count in sample["histogram"]:
                counts[up_to] = counts.get(up_to, 0) + count
    return sorted(counts.items())
