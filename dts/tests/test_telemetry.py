# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What the telemetry of DPDK's library tells of the DMA devices."""

import re
import time

import pytest

from framework import copy_check
from framework.copy_check import CopyCheck, one_side
from framework.telemetry import Telemetry

TIMEOUT = 30
COPIES = 200
HAMMER_SECONDS = 1
MAPS = ("legacy", "unroll", "hdma-compat", "hdma")
# Kind of memory at the ends of a transfer, by attachment and direction.
CAPABILITY = {
    ("loopback", "wr"): "mem2mem",
    ("loopback", "rd"): "mem2mem",
    ("softep", "wr"): "dev2mem",
    ("softep", "rd"): "mem2dev",
}
DIRECTIONS = {"mem2mem", "mem2dev", "dev2mem", "dev2dev"}


@pytest.fixture
def start_check(rig):
    """Starts a dma-copy-check; returns it and a connection to its telemetry."""
    connections = []

    def start(vdevs, *args, lcores=1):
        check = CopyCheck("check", vdevs, rig.directory, *args, lcores=lcores)
        rig.children.append(check)
        check.wait_for("devices started", TIMEOUT)
        connections.append(Telemetry(check.environment))
        return check, connections[-1]

    yield start
    for connection in connections:
        connection.close()


def vdevs_of(rig, attachment, regs="unroll"):
    """Devices of a process; starts the board that they need."""
    if attachment == "loopback":
        return [f"dma_dw_edma0,loopback=1,map={regs},wr=0x3,rd=0x3"]
    rig.start_board("--map", regs)
    return one_side(rig.board, "rc")


def by_name(telemetry):
    """Ids of the devices by name."""
    return {telemetry.ask(f"/dmadev/info,{id}")["name"]: id for id in telemetry.ask("/dmadev/list")}


def assert_info(telemetry, id, attachment):
    """The limits and abilities that the guide states."""
    info = telemetry.ask(f"/dmadev/info,{id}")
    limits = {"nb_vchans": 1, "max_vchans": 1, "min_desc": 2, "max_desc": 4096, "max_sges": 64}
    assert {key: info[key] for key in limits} == limits
    able = {name for name, yes in info["capabilities"].items() if yes}
    direction = info["name"].split("-")[1][:2]
    assert able & DIRECTIONS == {CAPABILITY[attachment, direction]}
    assert able >= {"copy", "copy_sg", "handles_errors"} and not able & {"fill", "sva", "silent"}


@pytest.mark.parametrize("attachment", ["loopback", "softep"])
def test_numbers(rig, start_check, attachment):
    """Telemetry agrees with what the program has counted itself.

    Steps:
        Run dma-copy-check, which waits with its devices started and then with its devices stopped.
        Both times ask for /dmadev/list, and for /dmadev/info, /dmadev/stats and /dmadev/dump of
        each device.
    Verify:
        All devices are listed. Limits and abilities are those of the guide; statistics and dump
        have the program's numbers.
    """
    check, telemetry = start_check(
        vdevs_of(rig, attachment), "--copies", str(COPIES), "--hold"
    )
    for state in ("started", "stopped"):
        check.wait_for(f"devices {state}, waiting", TIMEOUT)
        devices = copy_check.devices(check.output)
        ids = by_name(telemetry)
        assert set(ids) == set(devices) and len(devices) >= 4
        for name, device in devices.items():
            assert_info(telemetry, ids[name], attachment)
            counts = {"submitted": device["copies"], "completed": device["copies"], "errors": 0}
            assert telemetry.ask(f"/dmadev/stats,{ids[name]},0") == counts
            dump = telemetry.ask(f"/dmadev/dump,{ids[name]}")
            assert f"'{name}' [{state}]" in dump
            assert f"counters: {COPIES} submitted, {COPIES} completed, 0 errors" in dump
        check.send("")
    assert check.wait(TIMEOUT) == 0


def test_wrong_question(rig, start_check):
    """Questions about what is not there are answered with nothing.

    Steps:
        Ask for information, statistics and dump of a device that does not exist, and of none;
        for statistics of a second vchan.
    Verify:
        Each answer is null. The process goes on.
    """
    check, telemetry = start_check(vdevs_of(rig, "loopback"), "--copies", str(COPIES), "--hold")
    for question in ("info", "stats", "dump", "info,99", "stats,99,0", "dump,99", "stats,0,1"):
        assert telemetry.ask(f"/dmadev/{question}") is None
    check.close_input()
    assert check.wait(TIMEOUT) == 0


@pytest.mark.parametrize("attachment", ["loopback", "softep"])
@pytest.mark.parametrize("regs", MAPS)
def test_while_copying(rig, start_check, attachment, regs):
    """Telemetry has a thread of its own, which does not disturb the data path.

    Steps:
        While two lcores copy, ask for information, statistics and dump of all devices for a
        second, without pause. End the process by a signal.
    Verify:
        Statistics only grow, and all grow. Every copy arrived; at the end program and driver agree
        on their number.
    """
    vdevs = vdevs_of(rig, attachment, regs)
    check, telemetry = start_check(vdevs, "--seconds", "600", "--dump", lcores=2)
    ids = by_name(telemetry).values()
    first = last = {id: telemetry.ask(f"/dmadev/stats,{id},0") for id in ids}
    deadline = time.monotonic() + HAMMER_SECONDS
    while time.monotonic() < deadline:
        for id in ids:
            assert telemetry.ask(f"/dmadev/info,{id}")["max_vchans"] == 1
            assert f"map {regs}," in telemetry.ask(f"/dmadev/dump,{id}")
        now = {id: telemetry.ask(f"/dmadev/stats,{id},0") for id in ids}
        for key in ("submitted", "completed"):
            assert all(now[id][key] >= last[id][key] for id in ids)
        last = now
    assert all(last[id]["completed"] > first[id]["completed"] for id in ids)
    assert check.terminate(TIMEOUT) == 0
    assert "dma-copy-check: passed" in check.output
    assert not re.search(r"loopback, [1-9]\d* violations", check.output)
