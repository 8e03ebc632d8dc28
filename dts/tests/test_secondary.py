# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Secondary processes look at DMA devices, and cannot use or disturb them."""

import os
import re

import pytest

from framework import copy_check, hugepages, programs
from framework.process import Process

SECONDARY = programs.BUILD / "app" / "test" / "dma-secondary-check"
MEMORY_MB = 96
TIMEOUT = 30
COPIES = 200


class Group:
    """A primary process that copies, and secondaries of it."""

    def __init__(self, rig, pages, vdevs, *args):
        self.rig = rig
        self.pages = pages
        self.prefix = f"group-{os.getpid()}"
        self.environment = programs.eal_env(rig.directory)
        self.cpu = programs.cpus()
        argv = [copy_check.PROGRAM, *self._eal(0, vdevs), "--", *args]
        self.primary = self._start("primary", argv)
        self.primary.wait_for("(?m)^devices started", TIMEOUT)

    def _eal(self, cpu, vdevs=(), secondary=False):
        return hugepages.shared_args(
            self.pages, self.prefix, self.cpu[cpu], vdevs, secondary, MEMORY_MB
        )

    def _start(self, name, argv):
        child = Process(name, self.pages.wrap(argv), self.rig.directory, self.environment)
        self.rig.children.append(child)
        return child

    def start_secondary(self, *args):
        """Start a secondary."""
        return self._start("secondary", [SECONDARY, *self._eal(1, secondary=True), "--", *args])

    def inspect(self):
        """Run a secondary to its good end; returns what it printed."""
        secondary = self.start_secondary()
        if secondary.wait(TIMEOUT) != 0:
            secondary.fail("expected exit code 0")
        return secondary.output

    def next_line(self, expected):
        """Let the primary, which waits, go on until it prints a line."""
        start = len(self.primary.output)
        self.primary.send("")
        self.primary.wait_for(expected, TIMEOUT, start)


@pytest.fixture
def pages(tmp_path):
    """Hugepages for a group."""
    try:
        held = hugepages.Hugepages(tmp_path, 2 * MEMORY_MB)
    except hugepages.Unavailable as reason:
        pytest.skip(str(reason))
    yield held
    held.close()


@pytest.fixture(params=["loopback", "softep"])
def vdevs(request, rig):
    """Devices of a primary."""
    if request.param == "loopback":
        return ["dma_dw_edma0,loopback=1,wr=0x3,rd=0x1"]
    rig.start_board()
    return copy_check.one_side(rig.board, "rc")


def statistics(output):
    """What a secondary has read: {name: (submitted, completed, errors), ...}."""
    pattern = r"^(\S+): (\d+) submitted, (\d+) completed, (\d+) errors$"
    return {
        name: tuple(map(int, counts))
        for name, *counts in re.findall(pattern, output, re.MULTILINE)
    }


def assert_same(group, output):
    """A secondary has seen the numbers that the primary has counted itself."""
    devices = copy_check.devices(group.primary.output)
    assert devices
    assert statistics(output) == {
        name: (device["copies"], device["copies"], device["errors"])
        for name, device in devices.items()
    }
    for name, device in devices.items():
        copies = device["copies"]
        assert f"{name}: capabilities " in output
        assert re.search(rf"'{name}' [\s\S]*?counters: {copies} submitted, {copies} comp", output)
    assert output.count(" 1 vchans of 1, 2 to 4096 descriptors, 64 segments") == len(devices)


def test_inspect(rig, pages, vdevs):
    """A secondary sees what the primary sees, with devices started and stopped.

    Steps:
        A primary runs two rounds of dma-copy-check and waits at the end of each, first with the
        devices started and then with the devices stopped. Each time run dma-secondary-check.
    Verify:
        Information, statistics and dump are there and have the primary's numbers. Copies and
        everything that changes a device are refused. The second round and the end of the primary
        are as if nobody had been there.
    """
    group = Group(rig, pages, vdevs, "--copies", str(COPIES), "--rounds", "2", "--hold")
    group.primary.wait_for("(?m)^devices started, waiting", TIMEOUT)
    for last in (False, True):
        assert_same(group, group.inspect())
        group.next_line("devices stopped, waiting")
        assert_same(group, group.inspect())
        group.next_line("check: passed" if last else "devices started, waiting")
    assert group.primary.wait(TIMEOUT) == 0


def test_while_copying(rig, pages, vdevs):
    """Secondaries come, go and die while the primary copies.

    Steps:
        While a primary copies, run dma-secondary-check; kill one that looks again and again; run
        another. End the primary by a signal.
    Verify:
        The primary goes on: all its copies arrived, and its counters agree with the driver's.
    """
    group = Group(rig, pages, vdevs, "--seconds", "600")
    first = statistics(group.inspect())
    victim = group.start_secondary("--loop")
    victim.wait_for("passed", TIMEOUT)
    victim.kill()
    second = statistics(group.inspect())
    assert set(first) == set(second) and first
    assert all(second[name][1] > first[name][1] for name in first)
    assert group.primary.terminate(TIMEOUT) == 0
    assert "dma-copy-check: passed" in group.primary.output


def test_alone(rig, pages):
    """A secondary without a primary says so.

    Steps:
        Run dma-secondary-check while no primary runs.
    Verify:
        It ends with an error.
    """
    args = hugepages.shared_args(pages, "none", 0, (), True)
    code, _ = programs.run(
        pages.wrap([SECONDARY, *args]), TIMEOUT, programs.eal_env(rig.directory)
    )
    assert code != 0
