# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Network namespaces: a network stack of its own for each side of a bridge."""

import os
import shutil

from framework import programs
from framework.process import Process, ProcessError

TUN = "/dev/net/tun"
TOOLS = ("ip", "ping", "iperf3", "nsenter", "unshare")
START_TIMEOUT = 5


class Unavailable(Exception):
    """This user or machine cannot have what is wanted; the text says why."""


class Namespace:
    """One namespace; it goes with the last process in it."""

    def __init__(self, name, directory):
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if missing:
            raise Unavailable(f"not installed: {', '.join(missing)}")
        try:
            os.close(os.open(TUN, os.O_RDWR))
        except OSError as error:
            raise Unavailable(f"{TUN} cannot be opened: {error.strerror}") from error
        script = "ip link set lo up && echo ready && exec cat"
        self._holder = Process(f"netns-{name}", ["unshare", "-n", "sh", "-c", script], directory)
        try:
            self._holder.wait_for("(?m)^ready", START_TIMEOUT)
        except ProcessError as error:
            text = " ".join(self._holder.output.split())
            self.close()
            raise Unavailable(f"network namespaces cannot be made: {text}") from error

    def wrap(self, argv):
        """Command line that runs `argv` in the namespace."""
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--", *argv]

    def run(self, *argv, timeout=30):
        """Run a program to its good end; returns its output."""
        code, output = programs.run(self.wrap(argv), timeout)
        assert code == 0, f"{' '.join(map(str, argv))} ended with {code}: {output}"
        return output

    def close(self):
        """Let go of it."""
        self._holder.close()
