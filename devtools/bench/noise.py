# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What else the machine does while something is measured, and what machine it is."""

import os
import pathlib
import platform
import re

CPU_LINE = re.compile(r"^cpu(\d+) (.*)$", re.MULTILINE)
FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def parse_stat(text):
    """The lines of /proc/stat: {cpu: {"user": ticks, ...}, ...}."""
    return {
        int(cpu): dict(zip(FIELDS, map(int, ticks.split())))
        for cpu, ticks in CPU_LINE.findall(text)
    }


def cpu_times():
    """What the CPUs have spent their time with so far."""
    return parse_stat(pathlib.Path("/proc/stat").read_text(encoding="ascii"))


def shares(before, after):
    """Steal and iowait between two times, each as a part of the CPUs' whole time."""
    spent = dict.fromkeys(FIELDS, 0)
    for cpu, last in after.items():
        for field in FIELDS:
            spent[field] += last.get(field, 0) - before.get(cpu, {}).get(field, 0)
    whole = sum(spent.values()) or 1
    return {field: spent[field] / whole for field in ("steal", "iowait")}


def model(cpuinfo):
    """Name of the processor, by /proc/cpuinfo."""
    match = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return match.group(1) if match else platform.machine()


def machine():
    """What the figures were measured on."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return {
        "cpu": model(cpuinfo),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }
