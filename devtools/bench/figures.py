# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Figures: medians of samples, and ratios of neighbours."""

import statistics


def key_of(sample):
    """What is compared with each other: part and setting."""
    return sample["part"], tuple(sorted(sample["setting"].items()))


def kept(samples, port, metric):
    """{round: value} of the samples of a port that count."""
    return {
        sample["round"]: sample["values"][metric]
        for sample in samples
        if sample["port"] == port and sample["kept"]
    }


def ratio(samples, port, base, metric):
    """Median of the ratios of rounds in which both count; None: there is none."""
    ours, theirs = kept(samples, port, metric), kept(samples, base, metric)
    both = [ours[k] / theirs[k] for k in ours if theirs.get(k)]
    return statistics.median(both) if both else None


def figure(samples, port, base, metric):
    """One line of the table."""
    mine = [sample for sample in samples if sample["port"] == port]
    good = [sample for sample in mine if sample["kept"]]
    names = [name for name, value in mine[0]["values"].items() if isinstance(value, (int, float))]
    return {
        "part": mine[0]["part"],
        "setting": mine[0]["setting"],
        "port": port,
        "metric": metric,
        "runs": len(mine),
        "kept": len(good),
        "medians": {
            name: statistics.median(sample["values"][name] for sample in good) for name in names
        }
        if good
        else {},
        "base": base,
        "ratio": ratio(samples, port, base, metric),
        "steal": max(sample["noise"]["steal"] for sample in mine),
        "iowait": max(sample["noise"]["iowait"] for sample in mine),
        "cpu_share": min(sample["noise"]["cpu_share"] for sample in mine),
    }


def figures(samples, base, metric):
    """Figures of all settings and ports, in the order of the samples."""
    groups = {}
    for sample in samples:
        groups.setdefault(key_of(sample), []).append(sample)
    return [
        figure(group, port, base, metric)
        for group in groups.values()
        for port in dict.fromkeys(sample["port"] for sample in group)
    ]
