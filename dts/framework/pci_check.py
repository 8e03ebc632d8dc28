# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Run dma-copy-check on PCI functions of a test, and look at what became of them."""

import re

from framework import pci, programs
from framework.edma_functions import NAME

CHECK = programs.BUILD / "app" / "test" / "dma-copy-check"
# On each channel.
COPIES = 500
TIMEOUT = 30


def run(tmp_path, functions, vdevs=(), args=(), logs=()):
    """Run dma-copy-check on functions; returns exit code and output."""
    argv = [CHECK] + programs.eal_args(vdevs, programs.cpus()[0], functions=functions)
    argv += [f"--log-level={log}" for log in ("pmd.dma.dw_edma:info", *logs)]
    argv += ["--", "--copies", COPIES, "--dump", *args]
    return programs.run(argv, TIMEOUT, pci.shim_env(tmp_path))


def check_run(tmp_path, func, args="", channels=4):
    """All channels of a function copy, the engine sees no mistake, and all is left in order."""
    code, output = run(tmp_path, [f"{NAME},{args}".rstrip(",")])
    assert code == 0, output[-4000:]
    assert len(re.findall(rf"^{NAME}-(?:wr|rd)\d+: [1-9]", output, re.MULTILINE)) == channels
    check_report(func.report(), output)
    assert func.report()["opened"] == 1
    assert func.end_word("config", pci.COMMAND) & pci.COMMAND_MASTER == 0
    return output


def check_report(report, output):
    """What the engine did is what was copied, and it was programmed by the rules."""
    assert (report["violations"], report["wide"], report["aborts"]) == (0, 0, 0), report
    copied = sum(int(count) for count in re.findall(r"copies, (\d+) bytes", output))
    moved = sum(count for key, count in report.items() if key.startswith("bytes-"))
    # Elements that write words, or copy nothing of meaning, are the driver's own.
    marks = sum(int(count) for count in re.findall(r", (\d+) marks", output))
    assert copied <= moved <= copied + 8 * marks + 4096, report
