# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dma-copy-check: random copies on all DMA devices of a process, every byte compared."""

import re

from framework import programs
from framework.process import Process

PROGRAM = programs.BUILD / "app" / "test" / "dma-copy-check"
LONGEST = 16 << 20

# A run that is given a number of copies ends long before.
TIMEOUT = 90

DEVICE = re.compile(
    r"^(\S+): (\d+) copies, (\d+) bytes, (\d+) lists, (\d+) errors, lcore (\d+)$", re.MULTILINE
)
# What it says when something is wrong; the dump of devices that follows is long.
COMPLAINT = re.compile(
    r"^.*(?: arrived wrong| wrote outside|: no completion in |, expected ).*$", re.MULTILINE
)
FAILURE = re.compile(r"^(\S+): copy \d+ failed with status \d+, (\w+)$", re.MULTILINE)


def devices(output):
    """What each device did in the last round: {name: {"copies": 1, "bytes": 2, ...}, ...}."""
    keys = ("copies", "bytes", "lists", "errors", "lcore")
    return {
        name: dict(zip(keys, map(int, numbers))) for name, *numbers in DEVICE.findall(output)
    }


def failures(output):
    """Statuses of failed copies by device: {name: ["BUS_READ_ERROR", ...], ...}."""
    found = {}
    for name, status in FAILURE.findall(output):
        found.setdefault(name, []).append(status)
    return found


def copied(output):
    """Bytes of all copies."""
    return sum(device["bytes"] for device in devices(output).values())


def moved(output):
    """Bytes that the engine had to move: those copied, and the words of marks that a dump tells."""
    return copied(output) + 4 * sum(map(int, re.findall(r"(\d+) marks", output)))


def both_sides(board, rc="", ep=""):
    """One device for each side: the process's memory is then the host's and the endpoint's."""
    return [
        f"dma_dw_edma0,softep={board},side=rc{rc}",
        f"dma_dw_edma1,softep={board},side=ep,fn=1{ep}",
    ]


def half_each(board):
    """Devices of both sides, with half of the channels each."""
    return both_sides(board, ",partial=1,wr=0x3,rd=0x5", ",partial=1,wr=0xc,rd=0xa")


def one_side(board, side):
    """The channels on one side, but for one read channel of the host's in `ep`.

    The endpoint's memory is there with the NTB function; the host's needs a device that is used.
    """
    if side == "ep":
        return both_sides(board, ",partial=1,wr=0,rd=0x8", ",partial=1,wr=0xf,rd=0x7")
    return [f"dma_dw_edma0,softep={board},side=rc", f"raw_ntb_epf0,softep={board},side=ep"]


def host_side(board, completion):
    """All channels on the host's side that can learn of completions in a certain way."""
    dma, ntb = one_side(board, "rc")
    # Only write channels can write to the host.
    return [f"{dma},completion={completion}{',rd=0' if completion == 'tail' else ''}", ntb]


def command(vdevs, *args, lcores=1, plugins=programs.PLUGINS):
    """Command line; several lcores are on different CPUs as far as there are."""
    cpus = programs.cpus()
    pins = [cpus[lcore % len(cpus)] for lcore in range(lcores)]
    return [PROGRAM, *programs.eal_args(vdevs, pins, plugins=plugins), "--", *args]


def attempt(directory, vdevs, *args, **kwargs):
    """Run it; returns exit code and output."""
    argv = command(vdevs, *args, **kwargs)
    return programs.run(argv, TIMEOUT, programs.eal_env(directory))


def run(directory, vdevs, *args, lcores=1):
    """Run it to its good end; returns its output."""
    code, output = attempt(directory, vdevs, *args, lcores=lcores)
    assert code == 0 and "dma-copy-check: passed" in output, output[-4000:]
    return output


class CopyCheck(Process):
    """One that is looked at while it runs."""

    def __init__(self, name, vdevs, directory, *args, **kwargs):
        self.environment = programs.eal_env(directory)
        argv = command(vdevs, *args, **kwargs)
        super().__init__(name, argv, directory, self.environment)

    def fail(self, what):
        """Raise ProcessError, with what the check itself has to say in front."""
        return super().fail("; ".join([what, *COMPLAINT.findall(self.output)]))
