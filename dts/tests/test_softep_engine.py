# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The engine inside the software endpoint, programmed by raw register messages."""

import errno
import os
import struct
import time

import pytest

from framework import programs, vfio_user
from framework.bench import (
    ABORTED,
    CB,
    CCS,
    DONE_IMWR,
    DOORBELL,
    Dma,
    ENGINE_EN,
    EP_ADDRESS,
    HOST_ADDRESS,
    IMWR_DATA,
    INT_STATUS,
    LIE,
    LLE,
    LLP,
    MIB,
    PAGE,
    RIE,
    RUNNING,
    STOPPED,
    WINDOW,
    attach_pair,
    noise,
    wait_until,
)


@pytest.mark.parametrize("port", ["rc-dma", "ep-dma"])
@pytest.mark.parametrize("direction", ["wr", "rd"])
def test_linked_list(bench, direction, port):
    """A list moves its elements to the byte, whoever programs it.

    Steps:
        Three elements of odd sizes and addresses on channel 2, started by the host or by the
        endpoint; the last asks for a done bit.
    Verify:
        Destination bytes and their neighbours, status, pointer, done bit and counters.
    """
    host = bench.attach("rc-ntb")
    ep = bench.attach("ep-ntb")
    host_memory, ep_memory = bench.memory(MIB), bench.memory(MIB)
    host.dma_map(host_memory.fd, 0, HOST_ADDRESS, MIB)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, MIB)
    host.bus_master(True)
    dma = Dma(bench, port)
    if direction == "wr":
        source, target, start, end = ep_memory, host_memory, EP_ADDRESS, HOST_ADDRESS
    else:
        source, target, start, end = host_memory, ep_memory, HOST_ADDRESS, EP_ADDRESS
    data = noise(300000, 1)
    source.map[:300000] = data
    pieces = ((3, 1, 1), (1000, 5001, 1500), (100001, 200003, 180000))
    elements = [(LIE if i == 2 else 0, size, start + src, end + dst)
                for i, (src, dst, size) in enumerate(pieces)]
    assert dma.run(direction, 2, elements) == STOPPED
    expected = bytearray(MIB)
    for src, dst, size in pieces:
        expected[dst : dst + size] = data[src : src + size]
    assert target.map[:] == expected
    base = dma.page["ll_local"] + dma.list_offset(direction, 2)
    assert dma.get64(WINDOW[direction] + 0x400 + 0x1C) == base
    assert dma.get(INT_STATUS[direction]) == 1 << 2
    counters = bench.softep.channels()
    name = f"{direction}2"
    assert counters[name] == {"elements": 3, "bytes": 181501, "doorbells": 1, "laps": 1,
                              "aborts": 0, "imwr": 0}
    assert all(not any(c.values()) for other, c in counters.items() if other != name)
    assert bench.engine()["violations"] == 0


def test_local_addresses(bench):
    """The engine reaches the board's own memories at the addresses of the board page.

    Steps:
        Write channel from the window, from the control region and from the list memory to the
        host; read channel from the host into the doorbells.
    Verify:
        The bytes arrive.
    """
    dma, host_memory, _ = attach_pair(bench)
    ep, page = bench.clients["ep-ntb"], bench.page()
    ep.write(2, page["mw_bytes"] - 16, b"end of window...")
    ep.write(0, 0x200, b"control region..")
    dma.list[0x3000:0x3010] = b"list memory....."
    elements = [
        (0, 16, page["mw_local"] + page["mw_bytes"] - 16, HOST_ADDRESS),
        (0, 16, page["ctrl_local"] + 0x200, HOST_ADDRESS + 16),
        (0, 16, page["ll_local"] + 0x3000, HOST_ADDRESS + 32),
    ]
    assert dma.run("wr", 0, elements) == STOPPED
    assert host_memory.map[:48] == b"end of window...control region..list memory....."
    element = (0, 16, HOST_ADDRESS + 16, page["db_local"] + 0x100)
    assert dma.run("rd", 0, [element]) == STOPPED
    assert ep.read(4, 0x100, 16) == b"control region.."


def test_function_selects_maps(bench):
    """The function number of a channel is the requester whose maps count.

    Steps:
        Map different memories at one address on rc-ntb and rc-dma; write with function 0, 1, 2.
        Then with the bus master of one function off.
    Verify:
        Each function reaches its own memory; an unknown one and one without bus master abort.
    """
    dma, ntb_memory, ep_memory = attach_pair(bench, fn=0)
    dma_memory = bench.memory(MIB)
    dma.client.dma_map(dma_memory.fd, 0, HOST_ADDRESS, MIB)
    dma.client.bus_master(True)
    for fn, word in ((0, b"zero"), (1, b"one.")):
        ep_memory.map[:4] = word
        assert dma.run("wr", fn, [(0, 4, EP_ADDRESS, HOST_ADDRESS)], fn) == STOPPED
    assert (ntb_memory.map[:4], dma_memory.map[:4]) == (b"zero", b"one.")
    ep_memory.map[:4] = b"none"
    assert dma.run("wr", 2, [(0, 4, EP_ADDRESS, HOST_ADDRESS)], 2) == ABORTED
    dma.client.bus_master(False)
    assert dma.run("wr", 3, [(0, 4, EP_ADDRESS, HOST_ADDRESS)], 1) == ABORTED
    assert (ntb_memory.map[:4], dma_memory.map[:4]) == (b"zero", b"one.")
    assert bench.engine()["pcie_faults"] == 2


def test_non_linked(bench):
    """A block without list, both ways.

    Steps:
        Program size and addresses in the channel registers and ring, with LIE.
    Verify:
        Bytes, status, size register 0, done bit; a clear takes the bit away.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:70000] = noise(70000, 2)
    host_memory.map[100000:100010] = b"from host!"
    for direction, size, source, target in (
        ("wr", 70000, EP_ADDRESS, HOST_ADDRESS), ("rd", 10, HOST_ADDRESS + 100000, EP_ADDRESS)):
        dma.put(ENGINE_EN[direction], 1)
        dma.put(WINDOW[direction], LIE)
        dma.put(WINDOW[direction] + 8, size)
        dma.put64(WINDOW[direction] + 0x0C, source)
        dma.put64(WINDOW[direction] + 0x14, target)
        dma.put(DOORBELL[direction], 0)
        assert dma.finish(direction, 0) == STOPPED
        assert dma.get(WINDOW[direction] + 8) == 0
        assert dma.get(INT_STATUS[direction]) == 1
        dma.put(INT_STATUS[direction] + 12, 1)
        assert dma.get(INT_STATUS[direction]) == 0
    assert host_memory.map[:70000] == noise(70000, 2)
    assert ep_memory.map[:10] == b"from host!"


def test_interrupt_write(bench):
    """The remote interrupt write lands in polled host memory, behind the data.

    Steps:
        Aim the done write of both directions at words of host memory; run an element with LIE and
        RIE on channel 3. Then aim it where nothing is.
    Verify:
        16 bits of data of that channel, once; a write to nowhere harms nobody.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    for i, direction in enumerate(("wr", "rd")):
        target = HOST_ADDRESS + 0x8000 + 64 * i
        dma.put64(DONE_IMWR[direction], target)
        dma.put(IMWR_DATA[direction] + 4, 0xABCD0000 + (i << 16))
        source, sink = EP_ADDRESS, HOST_ADDRESS
        if direction == "rd":
            source, sink = sink, source
        assert dma.run(direction, 3, [(LIE | RIE, 64, source, sink)]) == STOPPED
        word = struct.unpack_from("=I", host_memory.map, 0x8000 + 64 * i)[0]
        assert word == 0xABCD + i
        assert bench.softep.channels()[f"{direction}3"]["imwr"] == 1
    dma.put64(DONE_IMWR["wr"], 0)
    assert dma.run("wr", 3, [(LIE | RIE, 64, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert bench.engine()["pcie_faults"] == 1


def test_transfer_crosses_maps(bench):
    """One element over the border of adjacent maps, and over their end.

    Steps:
        Two adjacent maps of different files; one element over the border; one over the end.
    Verify:
        Both files get their part; the second element aborts and the first bytes before the end are
        the only ones written.
    """
    dma, _, ep_memory = attach_pair(bench)
    host = bench.clients["rc-ntb"]
    first, second = bench.memory(2 * PAGE), bench.memory(2 * PAGE)
    host.dma_map(second.fd, PAGE, 0x20001000, PAGE)
    host.dma_map(first.fd, 0, 0x20000000, PAGE)
    ep_memory.map[:100] = noise(100, 3)
    assert dma.run("wr", 0, [(0, 100, EP_ADDRESS, 0x20001000 - 40)]) == STOPPED
    assert first.map[PAGE - 40 : PAGE + 40] == noise(100, 3)[:40] + bytes(40)
    assert second.map[PAGE : PAGE + 60] == noise(100, 3)[40:]
    assert second.map[:PAGE] == bytes(PAGE)
    assert dma.run("wr", 1, [(0, 100, EP_ADDRESS, 0x20002000 - 40)]) == ABORTED
    host.dma_unmap(0x20000000, PAGE)
    assert dma.run("wr", 2, [(0, 1, EP_ADDRESS, 0x20000000)]) == ABORTED
    assert dma.run("wr", 3, [(0, 1, EP_ADDRESS, 0x20001000)]) == STOPPED


def test_map_protection(bench):
    """A map allows what its flags say.

    Steps:
        Map host memory read-only and write-only for the device, and a file open for reading only.
    Verify:
        The forbidden direction aborts; a writable map of a read-only file is refused.
    """
    dma, _, _ = attach_pair(bench)
    host = bench.clients["rc-ntb"]
    memory = bench.memory(2 * PAGE)
    host.dma_map(memory.fd, 0, 0x30000000, PAGE, vfio_user.DMA_READ)
    host.dma_map(memory.fd, PAGE, 0x30001000, PAGE, vfio_user.DMA_WRITE)
    assert dma.run("rd", 0, [(0, 8, 0x30000000, EP_ADDRESS)]) == STOPPED
    assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, 0x30000000)]) == ABORTED
    assert dma.run("wr", 1, [(0, 8, EP_ADDRESS, 0x30001000)]) == STOPPED
    assert dma.run("rd", 1, [(0, 8, 0x30001000, EP_ADDRESS)]) == ABORTED
    fd = os.open(f"/proc/self/fd/{memory.fd}", os.O_RDONLY)
    with pytest.raises(OSError) as error:
        host.dma_map(fd, 0, 0x30002000, PAGE)
    assert error.value.errno == errno.EACCES
    host.dma_map(fd, 0, 0x30002000, PAGE, vfio_user.DMA_READ)
    os.close(fd)


def test_no_data(bench):
    """With its data movement off the engine completes and nothing arrives.

    Steps:
        Transfer both ways with no_data=1, then with no_data=0.
    Verify:
        Elements count, bytes do not, memory is unchanged; then it is.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:8], host_memory.map[PAGE : PAGE + 8] = b"endpoint", b"the host"
    for value in ("1", "0"):
        bench.softep.set("no_data", value)
        bench.softep.command("clear")
        assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
        assert dma.run("rd", 0, [(0, 8, HOST_ADDRESS + PAGE, EP_ADDRESS + PAGE)]) == STOPPED
        moved = value == "0"
        assert (host_memory.map[:8] == b"endpoint") == moved
        assert (ep_memory.map[PAGE : PAGE + 8] == b"the host") == moved
        for name in ("wr0", "rd0"):
            counters = bench.softep.channels()[name]
            assert (counters["elements"], counters["bytes"]) == (1, 8 if moved else 0)


def test_inject(bench):
    """An injected fault ends the element it was meant for.

    Steps:
        Let the second element of a read channel fail with a poisoned completion.
    Verify:
        The first arrives, the second does not, the error bit is set, the next list works.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    host_memory.map[:8] = b"12345678"
    bench.softep.command("inject rd 1 2 poison")
    elements = [(0, 4, HOST_ADDRESS + 4 * i, EP_ADDRESS + 4 * i) for i in range(2)]
    assert dma.run("rd", 1, elements) == ABORTED
    assert ep_memory.map[:8] == b"1234\0\0\0\0"
    assert dma.get(0x0B8) == 1 << 25
    assert bench.softep.channels()["rd1"]["aborts"] == 1
    dma.put(ENGINE_EN["rd"], 0)
    assert dma.run("rd", 1, elements) == STOPPED
    assert ep_memory.map[:8] == b"12345678"


@pytest.mark.parametrize("words, error", [
    ("wr 0 1 ur", "fault"), ("wr 0 1", "fault"), ("rd 4 1 ur", "channel"), ("up 0 1 ur", "direc"),
    ("rd 0 0 ur", "element"), ("rd 0 1 ur ca", "fault"), ("", "direction"),
])
def test_inject_argument_bad(tmp_path, words, error):
    """What cannot be injected is refused at the start, in one line.

    Steps:
        Start a board with an injection that it cannot do.
    Verify:
        Exit code 2; the line names the argument, the word and what was expected.
    """
    code, output = programs.run(
        [programs.SOFTEP, "--dir", tmp_path / "board", "--inject", words], 5)
    assert code == 2
    assert output.startswith(f"dpdk-softep: argument --inject: {error}")
    assert output.count("\n") == 1 and "expected" in output


def test_inject_argument(make_bench):
    """Errors of the command line strike as those of the control socket do.

    Steps:
        Start with errors for two channels; run a list of two elements on each of three.
    Verify:
        The channels fail at the element that was named, the third does not.
    """
    bench = make_bench("--inject", "rd 1 2 poison", "--inject", "wr  2 1 local")
    dma, _, _ = attach_pair(bench)
    elements = [(0, 4, HOST_ADDRESS, EP_ADDRESS)] * 2
    assert dma.run("rd", 1, elements) == ABORTED
    assert dma.get(0x0B8) == 1 << 25
    elements = [(0, 4, EP_ADDRESS, HOST_ADDRESS)] * 2
    assert dma.run("wr", 2, elements) == ABORTED
    assert dma.run("wr", 1, elements) == STOPPED
    counters = bench.softep.channels()
    assert [counters[name]["elements"] for name in ("rd1", "wr2", "wr1")] == [1, 0, 2]


def test_delays(make_bench):
    """Delays set at the start slow the engine down and keep everything else prompt.

    Steps:
        Start with the longest delays on the command line; ring for 40 elements; ask for counters;
        take one delay back, then the other.
    Verify:
        The channel runs and is not done while the board answers; then it finishes. A million steps
        take their time, each delay for itself.
    """
    delay, seconds = 1000000, 0.008
    args = ("--set", f"doorbell_delay={delay}", "--set", f"element_delay={delay}")
    bench = make_bench(*args, "--set", "llp_at_fetch=1")
    assert f"doorbell_delay={delay}\n" in bench.softep.command("get")
    assert bench.softep.command("get llp_at_fetch") == "llp_at_fetch=1\nok\n"
    dma, _, _ = attach_pair(bench)
    dma.start("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)] * 40)
    assert dma.status("wr", 0) == RUNNING
    assert bench.softep.channels()["wr0"]["elements"] < 40
    for name in ("element_delay", "doorbell_delay"):
        bench.softep.set(name, 0)
        assert dma.finish("wr", 0, timeout=10) == STOPPED
        if name == "element_delay":
            start = time.monotonic()
            assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
            assert time.monotonic() - start > seconds
    assert bench.softep.channels()["wr0"]["elements"] == 41


def test_lost_doorbell(make_bench):
    """A doorbell while the channel is about to stop is lost if that is asked for.

    Steps:
        Ring for an empty list; while the channel takes its time to stop, hand over an element and
        ring again. Ring once more after the stop.
    Verify:
        The channel executes the element at the second doorbell, or stops in front of it and
        executes it at the third; all doorbells are counted.
    """
    bench = make_bench("--set", "stop_delay=1000000")
    dma, host_memory, ep_memory = attach_pair(bench)
    dma.put(ENGINE_EN["wr"], 1)
    base = dma.list_offset("wr", 0)
    local = dma.page["ll_local"] + base
    for lose in (0, 1):
        bench.softep.set("lose_doorbell", lose)
        ep_memory.map[:8] = b"doorbel%d" % lose
        dma.element(base, 0, 8, EP_ADDRESS, HOST_ADDRESS)
        dma.element(base + 24, 0, 8, EP_ADDRESS, HOST_ADDRESS)
        dma.put(WINDOW["wr"], CCS | LLE)
        dma.put64(WINDOW["wr"] + 0x1C, local)
        dma.put(DOORBELL["wr"], 0)
        assert dma.status("wr", 0) == RUNNING
        dma.element(base, CB, 8, EP_ADDRESS, HOST_ADDRESS)
        dma.put(DOORBELL["wr"], 0)
        assert dma.finish("wr", 0) == STOPPED
        assert dma.get64(WINDOW["wr"] + 0x1C) == local + (0 if lose else 24)
        dma.put(DOORBELL["wr"], 0)
        assert dma.finish("wr", 0) == STOPPED
        assert dma.get64(WINDOW["wr"] + 0x1C) == local + 24
        assert host_memory.map[:8] == b"doorbel%d" % lose
    assert bench.softep.channels()["wr0"]["doorbells"] == 6


def test_link_delay(make_bench):
    """The report of a list's last element comes before the engine has stopped.

    Steps:
        An element with LIE and RIE, and 40 links that take their time; wait for the interrupt
        write, then for the stop.
    Verify:
        Data, done bit and interrupt write are there while the channel runs, between the links; the
        pointer is then at the list's start.
    """
    bench = make_bench("--set", "link_delay=1000000")
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:8] = b"the data"
    dma.put64(DONE_IMWR["wr"], HOST_ADDRESS + 0x8000)
    dma.put(IMWR_DATA["wr"], 0xABCD)
    local = dma.page["ll_local"] + dma.list_offset("wr", 0)
    links = [(LLP, 0, local + 24 * (i + 2), 0) for i in range(40)]
    dma.start("wr", 0, [(LIE | RIE, 8, EP_ADDRESS, HOST_ADDRESS)] + links)
    wait_until(lambda: host_memory.map[0x8000] != 0, "interrupt write")
    assert struct.unpack_from("=I", host_memory.map, 0x8000)[0] == 0xABCD
    assert host_memory.map[:8] == b"the data"
    assert dma.get(INT_STATUS["wr"]) == 1
    assert dma.status("wr", 0) == RUNNING
    assert local < dma.get64(WINDOW["wr"] + 0x1C) <= local + 24 * 41
    assert dma.finish("wr", 0, timeout=10) == STOPPED
    assert dma.get64(WINDOW["wr"] + 0x1C) == local
    assert bench.softep.channels()["wr0"]["laps"] == 41
    assert bench.engine()["violations"] == 0


def test_shuffle(make_bench):
    """Channels served in random order do their work all the same, each in its own order.

    Steps:
        For some values of the switch, start lists of 50 elements on four channels at once. The
        elements of a list have one target.
    Verify:
        What the last element brought is there, on every channel; no violation.
    """
    bench = make_bench("--set", "shuffle=1")
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:] = noise(MIB, 6)
    for value in (1, 2, 1000000):
        bench.softep.set("shuffle", value)
        host_memory.map[:] = bytes(MIB)
        with bench.frozen():
            for channel in range(4):
                start = 10000 * channel + value % 1000
                dma.start("wr", channel, [(0, 100, EP_ADDRESS + start + 100 * i,
                                           HOST_ADDRESS + PAGE * channel) for i in range(50)])
        for channel in range(4):
            assert dma.finish("wr", channel) == STOPPED
            last = 10000 * channel + value % 1000 + 4900
            assert host_memory.map[PAGE * channel:][:100] == ep_memory.map[last : last + 100]
    assert all(bench.softep.channels()[f"wr{c}"]["elements"] == 150 for c in range(4))
    assert bench.engine()["violations"] == 0


@pytest.mark.parametrize("trap", [False, True], ids=["shared", "trap"])
def test_late_list(make_bench, trap):
    """A doorbell overtakes the list that it is for, unless that is read before.

    Steps:
        With 7 steps of lateness ring for a list, again and again; write another list over it and
        ring; read that list by message and ring for it again.
    Verify:
        Nothing happens for 4 doorbells of two steps each, then the list runs. Of the second list
        the old elements run, and are told as violations, unless it was read.
    """
    bench = make_bench("--set", "late_list=7", *(("--trap",) if trap else ()))
    dma, host_memory, ep_memory = attach_pair(bench, trap=trap)
    ep_memory.map[:8] = b"old..new"
    dma.start("wr", 0, [(0, 4, EP_ADDRESS, HOST_ADDRESS)] * 3)
    rung = 1
    while dma.finish("wr", 0) == STOPPED and not bench.softep.channels()["wr0"]["elements"]:
        dma.put(DOORBELL["wr"], 0)
        rung += 1
    assert rung == 5
    assert host_memory.map[:8] == b"old.\0\0\0\0"
    assert bench.engine()["violations"] == 0
    # The time of the last one goes on: here it ends.
    dma.put(DOORBELL["wr"], 0)
    assert dma.finish("wr", 0) == STOPPED
    bench.softep.set("late_list", 1000)
    new = [(0, 4, EP_ADDRESS + 4, HOST_ADDRESS + 4)] * 3
    assert dma.run("wr", 0, new) == STOPPED
    assert host_memory.map[:8] == b"old.\0\0\0\0"
    assert bench.engine()["violations"] == 3
    dma.client.read(2, dma.list_offset("wr", 0), 4)
    dma.put(WINDOW["wr"], CCS | LLE)
    dma.put64(WINDOW["wr"] + 0x1C, dma.page["ll_local"] + dma.list_offset("wr", 0))
    dma.put(DOORBELL["wr"], 0)
    assert dma.finish("wr", 0) == STOPPED
    assert host_memory.map[:8] == b"old..new"
    assert bench.engine()["violations"] == 3


def test_torn_list(make_bench):
    """A control word that is not the last word of its slot to be written is noticed.

    Steps:
        While a channel takes its time to stop, write an element word by word: control word first,
        and with the control word last. Ring.
    Verify:
        The first is a violation and runs with the words before; the second is fine.
    """
    bench = make_bench("--set", "torn_list=5", "--set", "stop_delay=1000000")
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:8] = b"old..new"
    base = dma.list_offset("wr", 0)
    local = dma.page["ll_local"] + base
    for first in (True, False):
        host_memory.map[:8] = bytes(8)
        dma.element(base, 0, 4, EP_ADDRESS, HOST_ADDRESS)
        dma.put(ENGINE_EN["wr"], 1)
        dma.put(WINDOW["wr"], CCS | LLE)
        dma.put64(WINDOW["wr"] + 0x1C, local)
        dma.put(DOORBELL["wr"], 0)
        assert dma.status("wr", 0) == RUNNING
        if first:
            dma.list[base : base + 4] = struct.pack("=I", CB)
            # The answer comes after steps of the engine.
            bench.engine()
            bench.engine()
        dma.list[base + 4 : base + 24] = struct.pack("=IQQ", 8, EP_ADDRESS, HOST_ADDRESS)
        dma.list[base : base + 4] = struct.pack("=I", CB)
        dma.put(DOORBELL["wr"], 0)
        wait_until(lambda: bench.softep.channels()["wr0"]["elements"] == 2 - first, "element")
        assert host_memory.map[:8] == (b"old.\0\0\0\0" if first else b"old..new")
        assert bench.engine()["violations"] == 1
        bench.softep.set("stop_delay", 0)
        assert dma.finish("wr", 0) == STOPPED
        bench.softep.set("stop_delay", 1000000)


def test_torn_list_told(make_bench):
    """In trap mode the board sees each store to a list, and in which order they come.

    Steps:
        While a channel runs, send an element word by word, control word first; then the next with
        the control word last.
    Verify:
        The first is a violation, the second is not; both run.
    """
    bench = make_bench("--trap", "--set", "torn_list=1", "--set", "stop_delay=1000000")
    dma, host_memory, ep_memory = attach_pair(bench, trap=True)
    ep_memory.map[:8] = b"abcdefgh"
    base = dma.list_offset("wr", 0)
    slot = struct.pack("=IIQQ", CB, 8, EP_ADDRESS, HOST_ADDRESS)
    dma.put(ENGINE_EN["wr"], 1)
    dma.put(WINDOW["wr"], CCS | LLE)
    dma.put64(WINDOW["wr"] + 0x1C, dma.page["ll_local"] + base)
    for i, order in enumerate((((0, 4), (4, 16), (16, 24)), ((4, 16), (16, 24), (0, 4)))):
        with bench.frozen():
            dma.put(DOORBELL["wr"], 0)
            for first, last in order:
                dma.client.post(2, base + 24 * i + first, slot[first:last])
            dma.put(DOORBELL["wr"], 0)
        wait_until(lambda i=i: bench.softep.channels()["wr0"]["elements"] == i + 1, "element")
        # Each store behind the control word is one.
        assert bench.engine()["violations"] == 2
    assert "control word before data" in bench.softep.output
    assert host_memory.map[:8] == b"abcdefgh"


class MapDma(Dma):
    """Registers of one map, with the numbers of its description."""

    # CONTROL1 or CH_STAT for the status, and the list pointer, from the window's start.
    STATUS, LIST = 0x00, 0x1C

    def window(self, direction, channel):
        return WINDOW[direction] + 0x200 * channel

    def enable(self, direction, _channel):
        self.put(ENGINE_EN[direction], 1)

    def go(self, direction, channel, local):
        self.enable(direction, channel)
        window = self.window(direction, channel)
        self.put(window, CCS | LLE)
        self.put64(window + self.LIST, local)
        self.put(DOORBELL[direction], channel)

    def start(self, direction, channel, elements, fn=0):
        base = self.list_offset(direction, channel)
        for i, (control, size, source, target) in enumerate(elements):
            self.element(base + 24 * i, control | CB, size, source, target)
        self.element(base + 24 * len(elements), 0, 0, 0, 0)
        self.go(direction, channel, self.page["ll_local"] + base)

    def status(self, direction, channel):
        return self.get(self.window(direction, channel) + self.STATUS) >> 5 & 3

    def pointer(self, direction, channel):
        return self.get64(self.window(direction, channel) + self.LIST)

    def done(self, direction, channel):
        return self.get(INT_STATUS[direction]) >> channel & 1


class LegacyDma(MapDma):
    """One window, behind a view port."""

    def window(self, direction, channel):
        self.put(0x0FC, channel | (1 << 31 if direction == "rd" else 0))
        return 0x100


class CompatDma(MapDma):
    """Power per channel; the engine enable stays off."""

    def enable(self, direction, channel):
        self.put((0x128 if direction == "wr" else 0x168) + 4 * channel, 1)


class NativeDma(MapDma):
    """A block per channel."""

    LIST = 0x10

    def window(self, direction, channel):
        return channel * 0x200 + (0x100 if direction == "rd" else 0)

    def go(self, direction, channel, local):
        block = self.window(direction, channel)
        self.put(block, 1)
        self.put(block + 0x88, 0x50)
        self.put(block + 0x34, 1)
        self.put64(block + 0x10, local)
        self.put(block + 0x18, 3)
        self.put(block + 0x04, 1)

    def status(self, direction, channel):
        return self.get(self.window(direction, channel) + 0x80) & 3

    def done(self, direction, channel):
        return self.get(self.window(direction, channel) + 0x84) & 1


@pytest.mark.parametrize("trap", [False, True], ids=["shared", "trap"])
@pytest.mark.parametrize("name,kind", [
    ("legacy", LegacyDma), ("unroll", MapDma), ("hdma-compat", CompatDma), ("hdma", NativeDma),
])
def test_maps(make_bench, name, kind, trap):
    """Every register map moves data, its registers read as image and by message.

    Steps:
        A list of two elements on the first and the last channel of both directions.
    Verify:
        Bytes, status, pointer and the report, of that channel only; no violation.
    """
    bench = make_bench("--map", name, "--wr", "8", "--rd", "8", *(("--trap",) if trap else ()))
    dma = kind(bench, "rc-dma", trap)
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    host_memory, ep_memory = bench.memory(MIB), bench.memory(MIB)
    host.dma_map(host_memory.fd, 0, HOST_ADDRESS, MIB)
    host.bus_master(True)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, MIB)
    for seed, (direction, channel) in enumerate((d, c) for d in ("wr", "rd") for c in (0, 7)):
        data = noise(100000, seed)
        source, target, start, end = ep_memory, host_memory, EP_ADDRESS, HOST_ADDRESS
        if direction == "rd":
            source, target, start, end = target, source, end, start
        source.map[:100000] = data
        target.map[:200000] = bytes(200000)
        elements = [(0, 99000, start, end + 50000), (LIE, 1000, start + 99000, end + 149000)]
        assert dma.done(direction, channel) == 0
        assert dma.run(direction, channel, elements) == STOPPED
        assert target.map[:200000] == bytes(50000) + data + bytes(50000)
        local = dma.page["ll_local"] + dma.list_offset(direction, channel)
        assert dma.pointer(direction, channel) == local + 48
        assert dma.done(direction, channel) == 1
        assert bench.softep.channels()[f"{direction}{channel}"]["elements"] == 2
    assert bench.engine()["violations"] == 0


@pytest.mark.parametrize("trap", [False, True], ids=["shared", "trap"])
def test_many_channels(make_bench, trap):
    """Native HDMA with 64 channels of each direction.

    Steps:
        Look at BAR 0, capability and board page; run a list on some channels, at both ends of the
        range and in between, and let one fail.
    Verify:
        BAR 0 has room for the registers, all say 64; the data arrives, on that channel only; the
        answer with all counters is complete.
    """
    args = ("--map", "hdma", "--wr", "64", "--rd", "64", *(("--trap",) if trap else ()))
    bench = make_bench(*args)
    dma = NativeDma(bench, "rc-dma", trap)
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    host_memory, ep_memory = bench.memory(MIB), bench.memory(MIB)
    host.dma_map(host_memory.fd, 0, HOST_ADDRESS, MIB)
    host.bus_master(True)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, MIB)
    region = dma.client.region(0)
    assert region.size == 0x8000
    region.close()
    dma.client.write(7, 0x10, b"\xff" * 4)
    assert dma.client.read(7, 0x10, 4) == struct.pack("=I", 0xFFFF8004)
    assert dma.client.read(7, 0x10C, 4) == struct.pack("=I", 64 | 64 << 16)
    assert (dma.page["wr_cnt"], dma.page["rd_cnt"]) == (64, 64)
    ran = [("wr", 0), ("wr", 8), ("wr", 32), ("wr", 63), ("rd", 0), ("rd", 31), ("rd", 63)]
    for seed, (direction, channel) in enumerate(ran):
        source, target, start, end = ep_memory, host_memory, EP_ADDRESS, HOST_ADDRESS
        if direction == "rd":
            source, target, start, end = target, source, end, start
        source.map[:1000] = noise(1000, seed)
        elements = [(0, 500, start + 500 * i, end + 2000 + 500 * i) for i in range(2)]
        assert dma.run(direction, channel, elements) == STOPPED
        assert target.map[2000:3000] == noise(1000, seed)
        assert dma.done(direction, channel) == 1
    bench.softep.command("inject rd 63 1 timeout")
    assert dma.run("rd", 63, elements) == ABORTED
    counters = bench.softep.channels()
    assert len(counters) == 128
    rung = [name for name, counts in counters.items() if counts["doorbells"] != 0]
    assert rung == [f"{direction}{channel}" for direction, channel in ran]
    assert bench.engine()["violations"] == 0


@pytest.mark.parametrize("direction", ["wr", "rd"])
def test_native_interrupt_writes(make_bench, direction):
    """Each channel of native HDMA has messages of its own, behind what they are about.

    Steps:
        Aim the messages of channel 1 at three words of host memory; run a list of 40 elements, with
        long delays, of which the first asks for a watermark; then the list with an element that
        fails.
    Verify:
        32 bits of data in each word once its event is there, and not before; nothing from the
        channel's neighbours.
    """
    bench = make_bench("--map", "hdma", "--set", "element_delay=1000000")
    dma = NativeDma(bench, "rc-dma")
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    host_memory, ep_memory = bench.memory(MIB), bench.memory(MIB)
    host.dma_map(host_memory.fd, 0, HOST_ADDRESS, MIB)
    host.bus_master(True)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, MIB)
    block = dma.window(direction, 1)
    stop, watermark, abort = 0x8000, 0x8040, 0x8080

    def words():
        return tuple(struct.unpack_from("=I", host_memory.map, at)[0]
                     for at in (stop, watermark, abort))

    for register, target in ((0x90, stop), (0x98, watermark), (0xA0, abort)):
        dma.put64(block + register, HOST_ADDRESS + target)
    dma.put(block + 0xA8, 0x89ABCDEF)
    source, sink = (EP_ADDRESS, HOST_ADDRESS) if direction == "wr" else (HOST_ADDRESS, EP_ADDRESS)
    elements = [(LIE | RIE if i == 0 else 0, 64, source, sink) for i in range(40)]
    local = dma.page["ll_local"] + dma.list_offset(direction, 1)
    dma.start(direction, 1, elements)
    dma.put(block + 0x88, 0x78)
    wait_until(lambda: words()[1] != 0, "watermark")
    assert words() == (0, 0x89ABCDEF, 0)
    assert dma.status(direction, 1) == RUNNING
    bench.softep.set("element_delay", 0)
    wait_until(lambda: words()[0] != 0, "stop")
    assert words() == (0x89ABCDEF, 0x89ABCDEF, 0)
    assert dma.status(direction, 1) == STOPPED
    host_memory.map[stop : stop + 0x100] = bytes(0x100)
    bench.softep.command(f"inject {direction} 1 2 local")
    dma.put64(block + 0x10, local)
    dma.put(block + 0x04, 1)
    assert dma.finish(direction, 1) == ABORTED
    wait_until(lambda: words()[2] != 0, "abort")
    assert words() == (0, 0x89ABCDEF, 0x89ABCDEF)
    counters = bench.softep.channels()
    assert counters[f"{direction}1"]["imwr"] == 4
    assert sum(c["imwr"] for c in counters.values()) == 4
