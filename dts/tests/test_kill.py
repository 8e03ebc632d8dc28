# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Sudden death of each process: the others go on, and what comes back is taken back."""

import time

import pytest

from framework.testpmd import command_all, wait_links

DOWN_TIMEOUT = 5
UP_TIMEOUT = 10
PEER = {"rc": "ep", "ep": "rc"}


def wait_growth(ports, timeout=10):
    """Wait until every port has received more than it has now."""
    start = [pmd.stats()["RX-packets"] for pmd in ports]
    deadline = time.monotonic() + timeout
    while not all(p.stats()["RX-packets"] > s for p, s in zip(ports, start)):
        if time.monotonic() > deadline:
            ports[0].fail(f"traffic does not flow: {[pmd.stats() for pmd in ports]}")
        time.sleep(0.1)


def flow(rig, arrangement):
    """Bring both sides up with traffic both ways."""
    rig.start_pair(arrangement)
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    wait_growth(rig.pair)


@pytest.mark.parametrize("arrangement", ["split", "ep"])
def test_kill_softep(rig, arrangement):
    """Both sides survive the death of the board.

    Steps:
        With traffic both ways, end the software endpoint with SIGKILL.
    Verify:
        Both testpmds live, show the link down, stop forwarding and end in order.
    """
    rig.start_board()
    flow(rig, arrangement)
    rig.softep.kill()
    wait_links(rig.pair, up=False, timeout=DOWN_TIMEOUT)
    command_all(rig.pair, "stop")
    command_all(rig.pair, "port stop 0")
    for pmd in rig.pair:
        assert pmd.quit() == 0


@pytest.mark.parametrize("victim", ["rc", "ep"])
@pytest.mark.parametrize("arrangement", ["split", "ep", "rc", "cpu"])
def test_kill_side(rig, arrangement, victim):
    """One side dies and comes back; the other is not touched.

    Steps:
        With traffic both ways, end one testpmd with SIGKILL. Wait for link down at the other.
        Start the killed one again and let it forward. Twice.
    Verify:
        The other testpmd and the board live. The link comes back and traffic flows both ways,
        without any command to the other side that changes its state.
    """
    rig.start_board()
    flow(rig, arrangement)
    survivor = getattr(rig, PEER[victim])
    for _ in range(2):
        getattr(rig, victim).kill()
        survivor.wait_link(False, DOWN_TIMEOUT)
        assert rig.softep.alive()
        reborn = rig.start_side(victim, arrangement)
        reborn.wait_ready()
        wait_links(rig.pair, timeout=UP_TIMEOUT)
        reborn.start("flowgen")
        wait_growth(rig.pair)
    command_all(rig.pair, "stop")
    command_all(rig.pair, "port stop 0")
    for pmd in rig.pair:
        assert pmd.quit() == 0


@pytest.mark.parametrize("arrangement", ["split", "ep", "rc", "cpu"])
def test_pcie_link_flap(rig, arrangement):
    """The PCIe link goes away for a moment with both processes alive.

    Steps:
        With traffic both ways, take the board's PCIe link down, then up again. Twice. Stop.
    Verify:
        Both sides show the link down, then up; traffic flows again; every buffer is back in its
        pool at the end.
    """
    rig.start_board()
    rig.start_pair(arrangement)
    command_all(rig.pair, "port stop 0")
    free = [pmd.idle_buffers() for pmd in rig.pair]
    command_all(rig.pair, "port start 0")
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    wait_growth(rig.pair)
    for _ in range(2):
        rig.softep.set("link", "down")
        wait_links(rig.pair, up=False, timeout=DOWN_TIMEOUT)
        rig.softep.set("link", "up")
        wait_links(rig.pair, timeout=UP_TIMEOUT)
        wait_growth(rig.pair)
    command_all(rig.pair, "stop")
    command_all(rig.pair, "port stop 0")
    assert [pmd.idle_buffers() for pmd in rig.pair] == free
