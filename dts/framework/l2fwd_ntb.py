# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-l2fwd-ntb: start it, read its tables, end it."""

import os
import re
import signal

from framework import programs
from framework.process import Process

PROGRAM = programs.BUILD / "app" / "dpdk-l2fwd-ntb"
START_TIMEOUT = 20
END_TIMEOUT = 20
COLUMNS = ("received", "sent", "refused", "filtered")
ROW = re.compile(r"(?m)^ *\d+  (\S+) +(up|down) +(\d+) +(\d+) +(\d+) +(\d+) +\d+ +\d+$")


class L2fwd(Process):
    """One process that forwards."""

    def __init__(self, name, vdevs, cpu, directory, args=(), workers=0, wrap=list):
        """Start it; `wrap` changes the command line, to run it somewhere else."""
        argv = [PROGRAM, *programs.eal_args(vdevs, cpu, workers), "--", *args]
        super().__init__(name, wrap(argv), directory, programs.eal_env(directory))

    def wait_forwarding(self):
        """Wait until it forwards."""
        self.wait_for("(?m)^forwarding: ", START_TIMEOUT)

    def tables(self):
        """All tables so far, the newest last: {device: {"link": "up", "received": 1, ...}, ...}."""
        begin, *parts = self.output.split("\nport  device")
        ports = int(re.search(r"(?m)^forwarding: (\d+) ports", begin).group(1))
        tables = [
            {
                device: {"link": link, **dict(zip(COLUMNS, map(int, numbers)))}
                for device, link, *numbers in ROW.findall(part)
            }
            for part in parts
        ]
        # The newest one may be in print.
        return [table for table in tables if len(table) == ports]

    def addresses(self):
        """Addresses known when the newest table was printed."""
        return int(re.findall(r"(?m)^addresses: (\d+)$", self.output)[-1])

    def stop(self, number=signal.SIGINT):
        """Ask it to end."""
        os.kill(self.pid, number)

    def ended(self):
        """Wait for the end that it was asked for; returns the last table."""
        if self.wait(END_TIMEOUT) != 0:
            self.fail("expected exit code 0")
        return self.tables()[-1]
