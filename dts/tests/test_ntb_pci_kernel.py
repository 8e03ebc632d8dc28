# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The NTB rawdev on a PCI function whose endpoint is Linux's pci-epf-vntb, as the board plays it.

Such an endpoint takes the commands of a host, and does not speak the rings' protocol: the host gets
as far as the link bit. Every access to a BAR is a message that the board's model looks at.
"""

import struct
import time

import pytest

from framework import pci
from framework.bench import wait_until
from framework.ntb_function import IDS, served, start_host
from framework.vfio_user import Client

pytestmark = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")

TIMEOUT = 20
# TEARDOWN_MW is given so often where a host may have left something behind.
LEFTOVERS = 16
CONFIGURE_MW = 3
LINK_UP = 5


def host_stats(rig):
    """Counters of the endpoint's kernel, and what it has of the link and of window 1."""
    stats = rig.softep.stats()
    counters = dict(stats["ntb host 1"])
    # "ntb mode=vntb bound=... link=..." and "ntb window 0 bytes=..."
    counters.update(link=stats["ntb"]["link"], entries=stats["ntb window 0"]["entries"])
    return counters


def wait_host(rig, timeout=TIMEOUT, **expected):
    """Wait until the counters are as expected; returns all of them."""
    deadline = time.monotonic() + timeout
    while True:
        counters = host_stats(rig)
        if all(counters[name] == value for name, value in expected.items()):
            return counters
        if time.monotonic() > deadline:
            rig.rc.fail(f"{counters} after {timeout} s, expected {expected}")
        time.sleep(0.02)


def start(rig, *board, ids="renesas"):
    """A board that plays the endpoint's kernel, and a host that polls its link."""
    rig.start_board("--vntb", "--ntb-map", ids, *board)
    served(rig.directory, rig.softep, IDS[ids])
    return poll(rig)


def poll(rig, args=""):
    """A host that polls its link."""
    pmd = start_host(rig, "mover=ep" + args)
    pmd.wait_ready()
    pmd.start("rxonly")
    return pmd


def assert_by_the_rules(counters):
    """No access was one that a real endpoint would not have survived."""
    names = ("bad_commands", "stray_db", "early_mw", "out_errors")
    assert {name: counters[name] for name in names} == dict.fromkeys(names, 0)


@pytest.mark.parametrize("layout", ["legacy", "v1"])
@pytest.mark.parametrize("ids", sorted(IDS))
def test_maps(rig, ids, layout):
    """Each map and layout.

    Steps:
        Start a host, and end it when the link bit is set.
    Verify:
        Four commands were enough, for a window that the endpoint has once. Nothing was written to
        the window, which leads nowhere yet. A host that ends takes link and window back.
    """
    pmd = start(rig, "--ntb-layout", layout, ids=ids)
    counters = wait_host(rig, link=1)
    assert (counters["commands"], counters["entries"]) == (4, 1)
    assert pmd.quit() == 0
    counters = wait_host(rig, link=0, entries=0)
    assert counters["commands"] == 6
    assert_by_the_rules(counters)


def test_slow(rig):
    """An endpoint that looks for commands twice a second, and answers later still.

    Steps:
        Start a host, and end it when the link bit is set.
    Verify:
        As above: no command timed out.
    """
    pmd = start(rig, "--set", "ntb_period=500", "--set", "ntb_status_delay=700")
    counters = wait_host(rig, link=1)
    assert counters["commands"] == 4
    assert "expected" not in pmd.output.split("NTB_EPF", 1)[1]
    assert pmd.quit() == 0
    counters = wait_host(rig, link=0, entries=0)
    assert counters["commands"] == 6
    assert_by_the_rules(counters)


def test_crashed_hosts(rig):
    """Hosts that die one after the other, whose windows nobody takes back.

    Steps:
        Kill three hosts when the link bit is set; the endpoint does not notice. End a fourth.
    Verify:
        Each finds one entry at most and leaves one: it has taken back all that could be there.
    """
    for count in range(3):
        start(rig) if count == 0 else poll(rig)
        before = 4 + count * (LEFTOVERS + 3)
        counters = wait_host(rig, link=1, commands=before)
        assert counters["entries"] == 1
        rig.rc.kill()
    pmd = poll(rig)
    wait_host(rig, link=1, commands=4 + 3 * (LEFTOVERS + 3), entries=1)
    assert pmd.quit() == 0
    assert_by_the_rules(wait_host(rig, link=0, entries=0))


def test_leftovers(rig):
    """A host of another kind, which has configured its window again and again.

    Steps:
        Give CONFIGURE_MW six times and LINK_UP, and leave. Start a host.
    Verify:
        The endpoint has one mapping left, the host's.
    """
    rig.start_board("--vntb")
    served(rig.directory, rig.softep)
    with Client(rig.board / "rc-ntb.sock") as client:
        client.bus_master(True)
        client.write(0, 0x10, struct.pack("<4I", 0x10000000, 0, 0x10000, 0))
        for command in [CONFIGURE_MW] * 6 + [LINK_UP]:
            client.write(0, 8, bytes(2))
            client.write(0, 0, struct.pack("<I", command))
            wait_until(lambda: client.read(0, 8, 2) == b"\1\0", "status 1")
    assert host_stats(rig)["entries"] == 6
    poll(rig)
    counters = wait_host(rig, link=1, commands=7 + LEFTOVERS + 3)
    assert counters["entries"] == 1
    assert_by_the_rules(counters)


def test_late_cleanup(rig):
    """A client of the endpoint that cleans up some time after LINK_DOWN.

    Steps:
        Start a host, kill it when the link bit is set, and start another one.
    Verify:
        For each, the link bit is set when the clean-up is over, not before.
    """
    start(rig, "--set", "ntb_client=1", "--set", "ntb_cleanup=600")
    assert wait_host(rig, link=1)["cleanups"] == 1
    rig.rc.kill()
    poll(rig)
    wait_host(rig, link=0)
    counters = wait_host(rig, link=1)
    assert counters["cleanups"] == 2
    assert_by_the_rules(counters)


def test_endpoint_restarts(rig):
    """An endpoint that is bound anew.

    Steps:
        Unbind the endpoint's function, wait, and bind it.
    Verify:
        The host sets the link bit again, with one window.
    """
    start(rig)
    commands = wait_host(rig, link=1)["commands"]
    rig.softep.command("ntb unbind")
    time.sleep(0.3)
    rig.softep.command("ntb bind")
    counters = wait_host(rig, link=1, commands=commands + 4)
    assert counters["entries"] == 1
    assert_by_the_rules(counters)
    assert rig.rc.quit() == 0


@pytest.mark.parametrize("msi, lost", [("vectors", 0), ("none", 1)])
def test_rings(rig, msi, lost):
    """An endpoint that rings, as clients of the kernel do for each packet.

    Steps:
        Let the endpoint ring bit 3 when the link bit is set.
    Verify:
        With the default the message goes to the host's kernel; with MSI off it goes to address 0.
    """
    rig.start_board("--vntb")
    served(rig.directory, rig.softep).add("msi", 16, 16)
    poll(rig, f",msi={msi}")
    wait_host(rig, link=1)
    rig.softep.command("ntb ring 8")
    counters = wait_host(rig, msis=1)
    assert counters["zero_msis"] == lost
    assert rig.rc.quit() == 0


def test_idle_reads(rig):
    """A host whose link bit is set does not keep the link busy.

    Steps:
        Count the reads of two seconds.
    Verify:
        They are those of one register, ten times a second at the most.
    """
    start(rig)
    wait_host(rig, link=1)
    # What is read once, when the last command has been answered.
    time.sleep(0.5)
    before = host_stats(rig)["reads"]
    time.sleep(2)
    assert 1 <= host_stats(rig)["reads"] - before <= 30
    assert rig.rc.quit() == 0
