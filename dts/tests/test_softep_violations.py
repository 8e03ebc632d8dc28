# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What programs must not do to the board's engine: told, and counted by kind."""

import struct

import pytest

from framework.bench import (
    DOORBELL,
    Dma,
    ENGINE_EN,
    EP_ADDRESS,
    HOST_ADDRESS,
    INT_MASK,
    INT_STATUS,
    LIE,
)


def test_violations(bench):
    """A program that breaks the rules is told so, briefly, and counted.

    Steps:
        Ring 100 times for a channel that does not exist.
    Verify:
        100 violations, far fewer lines.
    """
    dma = Dma(bench, "ep-dma")
    dma.put(ENGINE_EN["wr"], 1)
    for _ in range(100):
        dma.put(DOORBELL["wr"], 7)
    dma.get(ENGINE_EN["wr"])
    assert bench.engine()["violations"] == 100
    assert bench.softep.violations() == {"doorbell-absent": 100}
    bench.softep.wait_for("dpdk-softep: engine:", 1)
    assert bench.softep.output.count("dpdk-softep: engine:") <= 20


@pytest.mark.parametrize("offset, count", [(0x060, 8), (0x060, 2), (0x061, 4), (0x062, 1)])
def test_access_width(bench, offset, count):
    """Registers are accessed 4 bytes at a time.

    Steps:
        Read and write some with another width, or not aligned.
    Verify:
        A violation each; 8 bytes work all the same, the others are refused.
    """
    dma = Dma(bench, "ep-dma")
    for action in (lambda: dma.client.read(0, offset, count),
                   lambda: dma.client.write(0, offset, b"\4" + bytes(count - 1))):
        if count == 8:
            action()
        else:
            with pytest.raises(OSError):
                action()
    assert bench.softep.violations() == {"access-width": 2}
    assert dma.get(0x060) == (4 if count == 8 else 0)
    assert bench.softep.violations() == {"access-width": 2}


INT_CLEAR = {"wr": 0x058, "rd": 0x0AC}
LL_ERR_EN = {"wr": 0x090, "rd": 0x0C4}


@pytest.mark.parametrize("direction", ["wr", "rd"])
def test_owners(bench, direction):
    """A side that meddles with channels of the other side is found out.

    Steps:
        The host starts channels 0 and 2, the endpoint channel 1 of a direction. Both write to the
        registers that the channels share, first such that only bits of their own channels change,
        then others. The endpoint resets the direction, the host leaves, the endpoint resets the
        function.
    Verify:
        Only writes that change something of a channel that the other side has started count, once
        each; after reset and departure nothing does.
    """
    host, ep = Dma(bench, "rc-dma"), Dma(bench, "ep-dma")
    bench.softep.command("set no_data 1")
    elements = [(LIE, 4, EP_ADDRESS, HOST_ADDRESS)]
    for dma, channel in ((host, 0), (ep, 1), (host, 2)):
        bench.softep.command(f"inject {direction} {channel} 1 local")
        dma.run(direction, channel, elements)

    def count(dma, register, value):
        before = bench.engine()["owner_violations"]
        dma.put(register, value)
        dma.get(register)
        return bench.engine()["owner_violations"] - before

    mask, clear = INT_MASK[direction], INT_CLEAR[direction]
    errors, enable = LL_ERR_EN[direction], ENGINE_EN[direction]
    assert host.get(INT_STATUS[direction]) == 0x70000
    kinds = {clear: "clear", mask: "enable", errors: "enable", enable: "reset",
             DOORBELL[direction]: "doorbell"}
    own = ((host, mask, 0x000A000A), (host, errors, 5), (ep, mask, 0x00080008), (ep, errors, 7),
           (host, clear, 0x10000), (ep, clear, 0x20000), (host, clear, 0x20002), (ep, enable, 1),
           (ep, mask, 0x00080008), (host, DOORBELL[direction], 3), (host, clear, 0))
    assert [count(*write) for write in own] == [0] * len(own)
    foreign = ((ep, clear, 0xFFFFFFFF), (host, mask, 0x000A0008), (ep, mask, 0x000B0008),
               (host, errors, 0x00020007), (ep, errors, 0), (host, enable, 0),
               (host, DOORBELL[direction], 1), (host, DOORBELL[direction], 1 << 31 | 1))
    for write in foreign:
        bench.softep.command("clear")
        kind = "foreign-" + kinds[write[1]]
        before = bench.softep.violations().get(kind, 0)
        assert count(*write) == 1, f"0x{write[1]:03x} written with 0x{write[2]:08x}"
        assert bench.softep.violations()[kind] == before + 1
        host.put(enable, 1)
        for dma, channel in ((host, 0), (ep, 1), (host, 2)):
            dma.put(DOORBELL[direction], channel)
    assert "of another port" in bench.softep.output
    # Ringing or stopping a channel makes it nobody's who had not rung it before.
    assert count(ep, mask, host.get(mask) ^ 0x00020002) == 0
    assert count(host, enable, 0) == 1
    assert count(host, enable, 0) == 0
    host.put(enable, 1)
    host.put(DOORBELL[direction], 0)
    # The host's are still the host's, the endpoint's are nobody's after its reset.
    assert count(ep, enable, 0) == 1
    assert count(host, DOORBELL[direction], 1 << 31 | 1) == 0
    assert count(ep, mask, host.get(mask) ^ 0x00020002) == 0
    assert count(host, mask, 0xFFFFFFFF) == 0
    assert count(ep, mask, 0) == 1
    bench.leave("rc-dma")
    assert count(ep, mask, 0xFFFFFFFF) == 0
    assert count(ep, enable, 1) == 0
    # A function reset, which resets the engine as nobody else is there.
    ep.put(DOORBELL[direction], 3)
    ep.client.reset()
    host = Dma(bench, "rc-dma")
    assert count(host, mask, 0) == 0


def test_owner_in_ntb_function(make_bench):
    """A host that has the engine in its NTB function owns what it rings there.

    Steps:
        Ring a read channel there; change its mask there, as the endpoint, and at the other
        function of the host. Reset that one; leave, and change the mask as the endpoint.
    Verify:
        What the owner does is right, what the others do is not, until the owner has gone;
        a reset of a function does not touch an engine that another one uses.
    """
    bench = make_bench("--vntb", "--ntb-layout", "v1", "--ntb-dma", "epdm")
    host, others = bench.attach("rc-ntb"), [Dma(bench, port) for port in ("ep-dma", "rc-dma")]
    registers = 0x2000
    # Memory accesses are decoded.
    host.bus_master(True)
    for offset, value in ((ENGINE_EN["rd"], 1), (DOORBELL["rd"], 1), (INT_MASK["rd"], 0x00020002)):
        host.write(4, registers + offset, struct.pack("<I", value))
    assert bench.engine()["owner_violations"] == 0
    for count, (dma, value) in enumerate(zip(others, (2, 0)), 1):
        dma.client.write(0, INT_MASK["rd"], struct.pack("<I", value))
        assert bench.engine()["owner_violations"] == count
    others[1].client.reset()
    bench.leave("ep-dma")
    others[1].client.reset()
    assert struct.unpack("<I", host.read(4, registers + ENGINE_EN["rd"], 4))[0] == 1
    bench.leave("rc-ntb")
    others[1].client.bus_master(True)
    others[1].put(INT_MASK["rd"], 0x00020002)
    assert others[1].get(INT_MASK["rd"]) == 0x00020002
    assert bench.engine()["owner_violations"] == 2
