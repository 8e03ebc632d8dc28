# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The results as text."""

HEAD = (
    f"{'':34}{'port':18}{'median':>10}  {'':8}{'ratio':>6}  {'kept':>5}"
    f"  {'steal':>5} {'wait':>5} {'cpu':>4}"
)
UNITS = {"mpps": "Mpps", "p50_ns": "ns", "mcopies_per_s": "M/s"}


def setting_text(setting):
    """Such as "64 B, burst 32, 2 queues"."""
    size = setting.get("size", setting.get("bytes"))
    words = [f"{size} B"]
    if "burst" in setting:
        words.append(f"burst {setting['burst']}")
    words += [f"{key} {value}" for key, value in setting.items()
              if key not in ("size", "bytes", "burst")]
    return ", ".join(words)


def figure_line(figure):
    """One line of the table."""
    metric = figure["metric"]
    value = figure["medians"].get(metric)
    ratio = figure["ratio"]
    return (
        f"{setting_text(figure['setting']):34}{figure['port']:18}"
        f"{'-' if value is None else format(value, '10.3f'):>10}  {UNITS[metric]:8}"
        f"{'-' if ratio is None else format(ratio, '6.2f'):>6}  "
        f"{figure['kept']:2}/{figure['runs']:<2}  "
        f"{figure['steal']:5.1%} {figure['iowait']:5.1%} {figure['cpu_share']:4.2f}"
    )


def table(figures):
    """Lines of all figures, with a title where a part begins."""
    part = None
    for figure in figures:
        if figure["part"] != part:
            part = figure["part"]
            yield ""
            yield f"{part}, ratio to {figure['base']}"
            yield HEAD
        yield figure_line(figure)


def goal_lines(verdicts):
    """Lines that say which goals are met."""
    if verdicts:
        yield ""
        yield "goals"
    for goal, ratio, verdict in verdicts:
        limit = f"{'at most' if goal.most else 'at least'} {goal.limit}"
        shown = "-" if ratio is None else f"{ratio:.2f}"
        yield f"{goal.what:34}{goal.port:18}{shown:>10}  {limit:14}{verdict}"


def machine_line(machine):
    """What the figures were measured on."""
    load = " ".join(map(str, machine["load"]))
    return f"{machine['cpu']}, {machine['cpus']} CPUs, Linux {machine['kernel']}, load {load}"
