# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-ntb-tool on either side: a script that goes on, or one command."""

import json
import re

from framework import programs
from framework.process import Process

PROGRAM = programs.BUILD / "app" / "dpdk-ntb-tool"

TIMEOUT = 20
MEMORY_MB = 64

RESULT = re.compile(r"(?m)^(\{.*\})\n")
COMPLAINT = re.compile(r"(?m)^dpdk-ntb-tool: (.*)$")


def vdevs(side, board, engine=True, raw_args=""):
    """Devices of one side; both have an engine unless told otherwise."""
    dma = [f"dma_dw_edma0,softep={board},side={side}"] if engine else []
    return dma + [f"raw_ntb_epf0,softep={board},side={side}{raw_args}"]


def argv(devices, cpu, *args, lcores=1, functions=()):
    """Command line; several lcores share a CPU."""
    return [
        PROGRAM,
        *programs.eal_args(
            devices, cpu, workers=lcores - 1, memory=MEMORY_MB, functions=functions
        ),
        "--",
        *args,
    ]


def once(directory, devices, *args, timeout=TIMEOUT):
    """Run one command on a side; returns exit code and output, streams merged."""
    command = argv(devices, programs.cpus()[0], *args)
    return programs.run(command, timeout, programs.eal_env(directory))


def usage(*args):
    """Run it without any EAL argument, for what is refused before EAL starts."""
    return programs.run([PROGRAM, "--", *args], TIMEOUT, programs.sanitizer_env())


class NtbTool(Process):
    """One that takes commands from us, line by line, and answers in JSON."""

    def __init__(
        self, name, devices, cpu, directory, *options, lcores=1, functions=(), env=None
    ):
        """`functions` are PCI functions to allow, `env` an environment in which there are some."""
        options = [*options, "--json", "--file", "-"]
        command = argv(devices, cpu, *options, lcores=lcores, functions=functions)
        super().__init__(name, command, directory, env or programs.eal_env(directory))
        self._read = 0

    def ask(self, *commands):
        """Send commands without waiting for their results."""
        for command in commands:
            self.send(command)

    def result(self, timeout=TIMEOUT):
        """The next result that nobody has taken."""
        match = self.wait_for(RESULT, timeout, self._read)
        self._read += match.end()
        return json.loads(match.group(1))

    def do(self, *commands, timeout=TIMEOUT):
        """Run commands; returns the result of the last."""
        self.ask(*commands)
        return [self.result(timeout) for _ in commands][-1]

    def failure(self, timeout=TIMEOUT):
        """Wait for its end; returns exit code and the complaint, of which there must be one."""
        code = self.wait(timeout)
        complaints = COMPLAINT.findall(self.output)
        if len(complaints) != 1:
            self.fail(f"complaints {complaints}: expected one")
        return code, complaints[0]

    def fail_at(self, command, timeout=TIMEOUT):
        """Run a command that must fail and end the script; returns what failure() returns."""
        self.send(command)
        return self.failure(timeout)

    def quit(self, timeout=TIMEOUT):
        """End it in an orderly way; returns the exit code."""
        self.close_input()
        return self.wait(timeout)
