# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The NTB rawdev on PCI functions that are not as they should be, and with bad arguments.

Nobody is behind the BARs of these functions: they are memory of the process.
"""

import re

import pytest

from framework import pci, programs
from framework.ntb_function import ANYBODY, IDS, NAME, V1, control, start_host, static

pytestmark = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")

TIMEOUT = 10


def probe(tmp_path, args="", logs=()):
    """Probe the functions of the tree; returns the output of a process that does no more."""
    functions = [f"{NAME},{args}".rstrip(",")]
    argv = ["dpdk-testpmd"] + programs.eal_args([], programs.cpus()[0], functions=functions)
    argv += [f"--log-level={log}" for log in logs] + ["--", "--total-num-mbufs=1024"]
    return programs.run(argv, 20, pci.shim_env(tmp_path))[1]


def lines(output):
    """What the driver says."""
    return re.findall(r"^NTB_EPF: (.*)$", output, re.MULTILINE)


def master_at_end(func):
    """Whether the function is a bus master when the process has gone."""
    return func.end_word("config", pci.COMMAND) & pci.COMMAND_MASTER != 0


# Arguments for an R-Car, and what the line has to say. Unit tests have more maps and regions.
ARGUMENTS = {
    "unknown": ("speed=9", "speed=9: expected one of the arguments map, msi, mover, fallback"),
    "side": ("side=rc", "side=rc: expected one of the arguments"),
    "map": ("map=intel", "map=intel: expected ti, nxp, renesas or the BARs"),
    "map-none": ("map=", "map=: expected ti"),
    "map-bar": ("map=0:0:4:1", "BAR 1 has 0x0 bytes: expected memory window 1, at least 0x1000"),
    "map-config": ("map=3:3:4:2", "BAR 3 has 0x0 bytes: expected the control region"),
    "map-spad": ("map=0:1:4:2", "BAR 1 has 0x0 bytes: expected the peer's scratchpads"),
    "map-db": ("map=0:0:3:2", "BAR 3 has 0x0 bytes: expected doorbells"),
    "msi": ("msi=on", "msi=on: expected vectors, sink or none"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(tmp_path, case):
    """A bad argument.

    Steps:
        Probe an R-Car with the argument.
    Verify:
        One line names the argument or the BAR, its value and what was expected. The function is
        no bus master, and the process ends by itself.
    """
    args, expected = ARGUMENTS[case]
    func = static(tmp_path, control())
    said = lines(probe(tmp_path, args))
    assert len(said) == 1 and said[0].startswith(NAME), said
    assert expected in said[0]
    if func.report().get("opened"):
        assert not master_at_end(func)


@pytest.mark.parametrize("args, count", [("", 0), ("mover=ep", 1)])
def test_not_bound(tmp_path, args, count):
    """A function that the kernel's own driver has.

    Steps:
        Probe one that is bound to ntb_hw_epf, once with arguments.
    Verify:
        Somebody who gave arguments is told what was expected.
    """
    static(tmp_path, control(), driver="ntb_hw_epf")
    said = lines(probe(tmp_path, args))
    assert said == [f"{NAME}: bound to another kernel driver or none: expected vfio-pci"] * count


# Functions by ids, class and arguments, and whether the driver takes them.
OWNED = {
    "ti": (IDS["ti"], pci.CLASS_MEMORY, "", True),
    "nxp": (IDS["nxp"], pci.CLASS_MEMORY, "", True),
    "renesas": (IDS["renesas"], pci.CLASS_MEMORY, "", True),
    "any-map": (ANYBODY, pci.CLASS_MEMORY, "map=0:0:1:2:3:4:5", True),
    "any": (ANYBODY, pci.CLASS_MEMORY, "", False),
    "class": (IDS["renesas"], pci.CLASS_DMA, "", False),
    "class-map": (ANYBODY, pci.CLASS_DMA, "map=nxp", False),
    "other-driver": (IDS["nxp"], pci.CLASS_MEMORY, "class=eth", False),
}


@pytest.mark.parametrize("case", OWNED)
def test_ids(tmp_path, case):
    """Which functions are the driver's.

    Steps:
        Probe a function with six BARs.
    Verify:
        Known ids of the class of memory are taken, others with map= only. What is another
        driver's is not opened, nor does a line speak of it.
    """
    ids, cls, args, owned = OWNED[case]
    bars = {number: 0x10000 for number in range(6)}
    func = static(tmp_path, control(), ids, cls, bars)
    output = probe(tmp_path, args)
    if owned:
        assert lines(output) == [f"{NAME}: MSI: on, 1 vectors, nobody waits for them"]
        assert func.report()["opened"] == 1 and not master_at_end(func)
    else:
        assert not lines(output)
        assert not (func.directory / "report").exists(), "somebody asked the shim for it"


MSI = {
    "all": ("", (16, 16), 16, "MSI: on, 16 vectors"),
    "few": ("", (16, 4), 0, "MSI: 4 of 16 vectors: expected all of them"),
    "no-capability": ("", (0, 0), 0, "MSI: off; an endpoint that raises one writes to IOVA 0"),
    "none": ("msi=none", (16, 16), 0, "MSI: off; an endpoint that raises one writes to IOVA 0"),
    "sink": ("msi=sink", (16, 16), 0, "MSI: off, a page at IOVA 0 takes what the endpoint writes"),
}


@pytest.mark.parametrize("case", MSI)
def test_msi(tmp_path, case):
    """What becomes of interrupts that nobody waits for.

    Steps:
        Probe a function with so many vectors, of which the kernel has so many.
    Verify:
        All or none are enabled, and none is in the end. A page at IOVA 0 is mapped for the sink
        alone, and not in the end.
    """
    args, vectors, most, line = MSI[case]
    func = static(tmp_path, control()).add("msi", *vectors)
    output = probe(tmp_path, args)
    assert line in output
    report = func.report()
    assert (report["msi-on"], report["msi-most"]) == (0, most)
    assert report["zero-page"] == (1 if case == "sink" else 0)
    assert report["zero-page-left"] == 0


# Control regions, and what the line has to say.
REGIONS = {
    "mw-count": (control(mw_count=5), "MW_COUNT 0x5: expected 0x1 to 0x4"),
    "spad-count": (control(spad_count=0x1DA), "SPAD_COUNT 0x1da: expected 0x0 to 0x1d9"),
    "v1-size": (control(**V1, mw_offset=0x80000, mw_size=0x80001), "window 1 0x80001: expected"),
    "v1-small": (control(**V1, mw_size=0x2000), "window of 8192 bytes: expected at least"),
}


@pytest.mark.parametrize("case", REGIONS)
def test_region(rig, case):
    """A control region that cannot be right.

    Steps:
        Start a port on the function.
    Verify:
        One line names the value and what was expected. The link stays down, and the function is
        no bus master at any time.
    """
    content, expected = REGIONS[case]
    func = static(rig.directory, content)
    pmd = start_host(rig, "mover=ep")
    pmd.wait_ready()
    pmd.start("rxonly")
    pmd.wait_for(re.escape(expected), TIMEOUT)
    assert not pmd.link_up()
    assert pmd.quit() == 0
    assert pmd.output.count("NTB_EPF: ") == 2, "of the region, and of MSI"
    assert not master_at_end(func)
    assert func.end_word("bar0", 0) == 0, "no command was given"


def test_silent_endpoint(rig):
    """A region of an endpoint that takes no commands.

    Steps:
        Start a port on the function, and stop it after 2 seconds and more.
    Verify:
        One line names the command and how long it was waited for. The host has cleared the
        status, and is no bus master.
    """
    func = static(rig.directory, control())
    pmd = start_host(rig, "mover=ep")
    pmd.wait_ready()
    pmd.start("rxonly")
    pmd.wait_for(r"command 6: status 0 after at most 2000 ms: expected 1", TIMEOUT)
    assert pmd.quit() == 0
    assert (func.end_word("bar0", 0), func.end_word("bar0", 8)) == (6, 0)
    assert func.end_word("bar0", 0x10) == 0, "no window was offered"
    assert not master_at_end(func)
