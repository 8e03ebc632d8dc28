# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint: start it, ask it, set its fault switches."""

import os
import re

from framework import programs
from framework.process import Process

START_TIMEOUT = 5
STOP_TIMEOUT = 5


class Softep(Process):
    """A dpdk-softep that serves `board`, a directory that it creates."""

    def __init__(self, board, log_dir, *args, name="softep"):
        self.board = board
        super().__init__(name, [programs.SOFTEP, "--dir", board, *args], log_dir)
        # The line comes after the socket listens; its file is there a moment before that.
        self.wait_for(r"(?m)^serving control\.sock", START_TIMEOUT)

    def prefer(self):
        """Let the board have a CPU as soon as it has work, as one with silicon of its own would.

        Two pollers on two CPUs leave it what the scheduler takes from them. Needs a right that
        ordinary users lack; without it the board shares, and everything is slower.
        """
        try:
            os.sched_setscheduler(self.pid, os.SCHED_RR, os.sched_param(1))
        except PermissionError:
            pass

    def command(self, line):
        """Send one line to the control socket; returns the answer."""
        code, answer = programs.run(
            [programs.SOFTEP, "--dir", self.board, "--send", line], STOP_TIMEOUT
        )
        if code != 0:
            self.fail(f"'{line}' answered with exit code {code}: {answer}")
        return answer

    def set(self, switch, value):
        """Set a fault switch."""
        self.command(f"set {switch} {value}")

    def stats(self):
        """Counters of the board: {"wr0": {"elements": 1, ...}, "rc-ntb region 2": {...}, ...}."""
        counters = {}
        for line in self.command("stats").splitlines():
            words = line.split()
            pairs = dict(word.split("=", 1) for word in words if "=" in word)
            name = " ".join(word for word in words if "=" not in word)
            if pairs:
                counters[name] = {key: int(v) if v.isdigit() else v for key, v in pairs.items()}
        return counters

    def violations(self):
        """Violations of the programming rules that have happened: {"size-zero": 2, ...}."""
        return dict(
            (name, int(count))
            for name, count in re.findall(r"(?m)^violation (\S+)=(\d+)$", self.command("stats"))
        )

    def channels(self):
        """Counters of the engine's channels alone."""
        return {
            name: counters
            for name, counters in self.stats().items()
            if re.fullmatch(r"(wr|rd)\d+", name)
        }

    def reads(self, port):
        """Accesses of a port's client to any region that were reads by message."""
        return sum(
            counters.get("reads", 0)
            for name, counters in self.stats().items()
            if name.startswith(f"{port} region ")
        )
