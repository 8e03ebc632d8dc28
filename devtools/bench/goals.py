# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Goals that ratios and counts are compared with."""

from dataclasses import dataclass


@dataclass
class Goal:
    """A ratio to the base in one setting of a part, and on which side of a limit it has to be."""

    what: str
    part: str
    setting: dict
    port: str
    limit: float
    most: bool = False  # the ratio is to be at most that, not at least

    def met(self, ratio):
        return ratio <= self.limit if self.most else ratio >= self.limit


GOALS = (
    Goal("packet rate, 64 B, mover=cpu", "throughput", {"size": 64}, "ntb-cpu", 1.0),
    Goal("throughput, 1500 B, mover=ep", "throughput", {"size": 1500}, "ntb-ep", 1.0),
    Goal("throughput, 9000 B, mover=ep", "throughput", {"size": 9000}, "ntb-ep", 1.0),
    Goal("round trip, 64 B, mover=cpu", "latency", {"size": 64}, "ntb-cpu", 1.2, most=True),
    Goal("round trip, 64 B, mover=ep", "latency", {"size": 64}, "ntb-ep", 1.2, most=True),
)


def find(figures, goal):
    """The figure that a goal is about; None: it was not measured."""
    for figure in figures:
        fits = all(figure["setting"].get(key) == value for key, value in goal.setting.items())
        if fits and (figure["part"], figure["port"]) == (goal.part, goal.port):
            return figure
    return None


def verdicts(figures, parts):
    """[(goal, ratio or None, "met" or "missed" or "not measured: ...")] of the parts that ran."""
    lines = []
    for goal in GOALS:
        if goal.part not in parts:
            continue
        figure = find(figures, goal)
        ratio = figure["ratio"] if figure else None
        if ratio is None:
            lines.append((goal, None, "not measured: no run with little enough noise"))
        else:
            lines.append((goal, ratio, "met" if goal.met(ratio) else "missed"))
    return lines
