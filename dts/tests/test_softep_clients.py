# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Clients of the software endpoint that err, misbehave or die."""

import errno
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import time

import pytest

from framework import programs, vfio_user
from framework.bench import (
    ABORTED,
    ABORT_IMWR_WR,
    ATU_REGION,
    BOARD_REGION,
    CCS,
    DONE_IMWR,
    DOORBELL,
    Dma,
    ENGINE_EN,
    EP_ADDRESS,
    HOST_ADDRESS,
    LIE,
    LLE,
    LL_ERR_EN_WR,
    LOCAL_BASE,
    MIB,
    OUTBOUND_REGION,
    PAGE,
    PORTS,
    RIE,
    STOPPED,
    WINDOW,
    attach_pair,
    noise,
    wait_until,
)
from framework.eventfds import Events
from framework.vfio_user import Client, ProtocolError


def test_second_client(bench):
    """A second client is told so at once, and the first does not notice.

    Steps:
        Attach to each port twice.
    Verify:
        EBUSY within half a second; the first still works; after it left, the next one gets in.
    """
    for port in PORTS:
        first = bench.attach(port)
        start = time.monotonic()
        with pytest.raises(OSError) as error:
            Client(bench.dir / f"{port}.sock")
        assert error.value.errno == errno.EBUSY and time.monotonic() - start < 0.5
        assert len(first.read(BOARD_REGION, 0, 4)) == 4
        bench.leave(port)
        bench.attach(port)


def test_dma_map_errors(bench):
    """Maps that make no sense are refused, each with its error, and leave nothing behind.

    Steps:
        A table of bad maps and unmaps on a host and on an endpoint port.
    Verify:
        The error of each; the number of maps is as before; a good map still works.
    """
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    memory = bench.memory(4 * PAGE)
    base = 0x40000000
    host.dma_map(memory.fd, 0, base, 2 * PAGE)
    directory = os.open("/tmp", os.O_RDONLY)
    bad_maps = [
        (host, memory.fd, 0, base, 2 * PAGE, 3, errno.EEXIST),
        (host, memory.fd, 0, base + PAGE, 2 * PAGE, 3, errno.EEXIST),
        (host, memory.fd, 0, base - PAGE, 4 * PAGE, 3, errno.EEXIST),
        (host, -1, 0, base - PAGE, 2 * PAGE, 3, errno.EEXIST),
        (host, memory.fd, 0, base + 2 * PAGE, 0, 3, errno.EINVAL),
        (host, memory.fd, 0, base + 2 * PAGE + 8, PAGE, 3, errno.EINVAL),
        (host, memory.fd, 0, base + 2 * PAGE, 100, 3, errno.EINVAL),
        (host, memory.fd, 8, base + 2 * PAGE, PAGE, 3, errno.EINVAL),
        (host, memory.fd, PAGE, base + 2 * PAGE, 4 * PAGE, 3, errno.EINVAL),
        (host, memory.fd, (1 << 64) - PAGE, base + 2 * PAGE, 2 * PAGE, 3, errno.EINVAL),
        (host, memory.fd, 0, (1 << 64) - PAGE, 2 * PAGE, 3, errno.EINVAL),
        (host, memory.fd, 0, base + 2 * PAGE, PAGE, 0, errno.EINVAL),
        (host, memory.fd, 0, base + 2 * PAGE, PAGE, 7, errno.EINVAL),
        (host, directory, 0, base + 2 * PAGE, PAGE, 1, errno.EINVAL),
        (ep, memory.fd, 0, LOCAL_BASE, PAGE, 3, errno.EINVAL),
        (ep, memory.fd, 0, LOCAL_BASE - PAGE, 2 * PAGE, 3, errno.EINVAL),
        (ep, -1, 0, (1 << 64) - PAGE, PAGE, 3, errno.EINVAL),
    ]
    for client, fd, offset, address, size, flags, expected in bad_maps:
        with pytest.raises(OSError) as error:
            client.dma_map(fd, offset, address, size, flags)
        assert error.value.errno == expected, (fd, offset, hex(address), size, flags)
    bad_unmaps = [
        (base, PAGE, 0, errno.ENOENT), (base + PAGE, PAGE, 0, errno.ENOENT),
        (base - PAGE, 2 * PAGE, 0, errno.ENOENT), (base, 2 * PAGE, 4, errno.EINVAL),
        (base, 2 * PAGE, 2, errno.EINVAL),
    ]
    for address, size, flags, expected in bad_unmaps:
        with pytest.raises(OSError) as error:
            host.dma_unmap(address, size, flags)
        assert error.value.errno == expected, (hex(address), size, flags)
    os.close(directory)
    assert (bench.port("rc-ntb")["maps"], bench.port("ep-ntb")["maps"]) == (1, 0)
    host.dma_map(memory.fd, 0, base + 2 * PAGE, PAGE)
    host.dma_map(memory.fd, 0, base - PAGE, PAGE)
    ep.dma_map(memory.fd, 0, LOCAL_BASE - PAGE, PAGE)
    host.dma_unmap(0, 0, vfio_user.DMA_UNMAP_ALL)
    assert bench.port("rc-ntb")["maps"] == 0


def test_endpoint_ports_overlap(bench):
    """The two endpoint ports share one address space: an overlap must be the same memory.

    Steps:
        Map one file on both ports, at the same, an overlapping and a shifted place; then another
        file, and a map without a file.
    Verify:
        The same bytes at the same address are accepted, all else is EEXIST.
    """
    ntb, dma = bench.attach("ep-ntb"), bench.attach("ep-dma")
    memory, other = bench.memory(8 * PAGE), bench.memory(8 * PAGE)
    base = 0x50000000
    ntb.dma_map(memory.fd, 0, base, 4 * PAGE)
    dma.dma_map(memory.fd, 2 * PAGE, base + 2 * PAGE, 4 * PAGE)
    dma.dma_unmap(base + 2 * PAGE, 4 * PAGE)
    for fd, offset in ((memory.fd, PAGE), (other.fd, 0), (-1, 0)):
        with pytest.raises(OSError) as error:
            dma.dma_map(fd, offset, base, 4 * PAGE)
        assert error.value.errno == errno.EEXIST
    dma.dma_map(other.fd, 0, base + 4 * PAGE, PAGE)
    assert bench.port("ep-dma")["maps"] == 1


def test_many_maps(bench):
    """Thousands of maps in any order, found and removed.

    Steps:
        Map 2,000 pages of one file in random order, use some, unmap half.
    Verify:
        Transfers hit the right page; what is unmapped is gone; the board holds few descriptors.
    """
    dma, _, ep_memory = attach_pair(bench)
    host = bench.clients["rc-ntb"]
    pages = 2000
    memory = bench.memory(pages * PAGE)
    order = list(range(pages))
    random.Random(4).shuffle(order)
    for page in order:
        host.dma_map(memory.fd, page * PAGE, 0x60000000 + 2 * page * PAGE, PAGE)
    assert len(os.listdir(f"/proc/{bench.softep.pid}/fd")) < 100
    for page in (0, 1, 777, pages - 1):
        ep_memory.map[:4] = struct.pack("=I", page + 1)
        target = 0x60000000 + 2 * page * PAGE + 8
        assert dma.run("wr", 0, [(0, 4, EP_ADDRESS, target)]) == STOPPED
        assert struct.unpack_from("=I", memory.map, page * PAGE + 8)[0] == page + 1
    for page in order[::2]:
        host.dma_unmap(0x60000000 + 2 * page * PAGE, PAGE)
    assert bench.port("rc-ntb")["maps"] == pages // 2 + 1
    gone, there = order[0], order[1]
    assert dma.run("wr", 1, [(0, 4, EP_ADDRESS, 0x60000000 + 2 * there * PAGE)]) == STOPPED
    assert dma.run("wr", 1, [(0, 4, EP_ADDRESS, 0x60000000 + 2 * gone * PAGE)]) == ABORTED


def test_unreachable_map(bench):
    """A map without a descriptor is known, and an abort.

    Steps:
        Map without descriptor, aim a transfer at it.
    Verify:
        The map is accepted, the transfer aborts.
    """
    dma, _, _ = attach_pair(bench)
    bench.clients["rc-ntb"].dma_map(-1, 0, 0x70000000, PAGE)
    assert dma.run("wr", 0, [(0, 4, EP_ADDRESS, 0x70000000)]) == ABORTED


# An element of this size is in progress long enough to do something to it.
LONG = 1 << 28

CLIENT_OF_DEATH = """
import os, sys
sys.path.insert(0, sys.argv[1])
from framework.vfio_user import Client
clients = []
for port in sys.argv[3:]:
    client = Client(sys.argv[2] + "/" + port + ".sock")
    fd = os.memfd_create("victim")
    os.ftruncate(fd, 1 << 28)
    client.dma_map(fd, 0, 0x100000000, 1 << 28)
    if port.startswith("rc"):
        client.bus_master(True)
    clients.append(client)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("victim,survivor,direction", [
    ("rc-ntb", "ep-dma", "wr"), ("rc-ntb", "ep-dma", "rd"), ("ep-ntb", "rc-dma", "wr")])
def test_client_killed_in_transfer(bench, victim, survivor, direction):
    """A client killed in the middle of a transfer takes only its transfer with it.

    Steps:
        A process maps 256 MiB; an endless ring of elements of 256 MiB goes from or to its memory.
        Kill it while an element is in progress.
    Verify:
        The channel aborts, bus master and maps are gone, the other client goes on, and somebody
        new can attach and transfer.
    """
    dma = Dma(bench, survivor)
    host_memory, ep_memory = bench.memory(MIB), bench.memory(LONG)
    child = subprocess.Popen(
        [sys.executable, "-c", CLIENT_OF_DEATH, str(programs.ROOT / "dts"), str(bench.dir), victim],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline() == b"ready\n"
        other = "ep-ntb" if victim == "rc-ntb" else "rc-ntb"
        client = bench.attach(other)
        client.dma_map(ep_memory.fd, 0, 0x200000000, LONG)
        if other == "rc-ntb":
            client.bus_master(True)
        source, target = 0x200000000, 0x100000000
        if (direction == "rd") == (victim == "rc-ntb"):
            source, target = target, source
        dma.start(direction, 0, [(0, LONG, source, target)] * 60)
        wait_until(lambda: bench.softep.channels()[f"{direction}0"]["bytes"] > MIB, "bytes")
        child.kill()
        assert dma.finish(direction, 0) == ABORTED
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
    wait_until(lambda: bench.page()["port"][victim][0] == 0, "departure")
    assert bench.page()["port"][victim] == (0, 1, 0, 0)
    assert bench.port(victim)["maps"] == 0
    # Another life.
    new = bench.attach(victim)
    new.dma_map(host_memory.fd, 0, HOST_ADDRESS, MIB)
    if victim == "rc-ntb":
        new.bus_master(True)
    dma.put(ENGINE_EN[direction], 0)
    wait_until(lambda: dma.get(ENGINE_EN[direction]) == 0, "reset")
    addresses = {"rc-ntb": HOST_ADDRESS, "ep-ntb": 0x200000000}
    if victim == "ep-ntb":
        addresses = {"rc-ntb": 0x200000000, "ep-ntb": HOST_ADDRESS}
    ends = [addresses["ep-ntb"], addresses["rc-ntb"]]
    if direction == "rd":
        ends.reverse()
    assert dma.run(direction, 0, [(0, 4096, *ends)]) == STOPPED


def test_unmap_in_transfer(bench):
    """The reply to an unmap promises that the memory is left alone.

    Steps:
        Unmap the target of a long element while it is in progress.
    Verify:
        Nothing is written after the reply; the channel has aborted.
    """
    dma, _, _ = attach_pair(bench, size=LONG)
    host = bench.clients["rc-ntb"]
    memory = bench.memories[0]
    dma.start("wr", 0, [(0, LONG, EP_ADDRESS, HOST_ADDRESS)] * 60)
    bench.memories[1].map[:] = b"\xa5" * LONG
    wait_until(lambda: bench.softep.channels()["wr0"]["bytes"] > MIB, "bytes")
    host.dma_unmap(HOST_ADDRESS, LONG)
    memory.map[:] = bytes(LONG)
    assert dma.finish("wr", 0) == ABORTED
    assert memory.map[:] == bytes(LONG)


def test_memory_of_another_life(bench):
    """An element begun for a client that left never touches the memory of its successor.

    Steps:
        While the board is stopped and an element is in progress, let the client leave and another
        one attach and map other memory at the same address; then the same with unmap and map.
    Verify:
        The channel aborts, the new memory is untouched.
    """
    dma = Dma(bench, "ep-dma")
    dma.client.dma_map(bench.memory(LONG).fd, 0, EP_ADDRESS, LONG)
    host = bench.attach("rc-ntb")
    host.dma_map(bench.memory(LONG).fd, 0, HOST_ADDRESS, LONG)
    host.bus_master(True)
    request = struct.pack("=IIQQQ", 32, 3, 0, HOST_ADDRESS, LONG)
    for remap in (False, True):
        new = bench.memory(LONG)
        start = bench.softep.channels()["wr0"]["bytes"]
        dma.start("wr", 0, [(0, LONG, EP_ADDRESS, HOST_ADDRESS)] * 60)
        wait_until(lambda: bench.softep.channels()["wr0"]["bytes"] > start + MIB, "bytes")
        with bench.frozen():
            if remap:
                unmap = struct.pack("=IIQQ", 24, 0, HOST_ADDRESS, LONG)
                host.send(vfio_user.DMA_UNMAP, unmap)
            else:
                host.close()
                host = Client(bench.dir / "rc-ntb.sock", version=False)
                bench.clients["rc-ntb"] = host
                host.send(vfio_user.VERSION, bytes(4))
                command = struct.pack("=QIIH", 4, vfio_user.CONFIG_REGION, 2, 6)
                host.send(vfio_user.REGION_WRITE, command)
            host.send(vfio_user.DMA_MAP, request, [new.fd])
        for _ in range(2 if remap else 3):
            assert host.receive()[0][4] == 0
        assert dma.finish("wr", 0) == ABORTED
        assert os.fstat(new.fd).st_blocks == 0


def test_reset(bench):
    """A device reset resets the function, and the engine only if nobody else uses it.

    Steps:
        Write registers and configuration; reset with and without a client on the other DMA port.
    Verify:
        Configuration is back at its start each time, the registers only in the second case; maps
        stay.
    """
    dma, other = Dma(bench, "rc-dma"), Dma(bench, "ep-dma")
    dma.client.dma_map(-1, 0, HOST_ADDRESS, PAGE)
    for alone in (False, True):
        dma.client.bus_master(True)
        dma.put(DONE_IMWR["wr"], 0x1230)
        assert dma.get(DONE_IMWR["wr"]) == other.get(DONE_IMWR["wr"]) == 0x1230
        if alone:
            bench.leave("ep-dma")
        dma.client.reset()
        assert dma.client.read(vfio_user.CONFIG_REGION, 4, 2) == bytes(2)
        assert bench.page()["port"]["rc-dma"][2] == 0
        assert dma.get(DONE_IMWR["wr"]) == (0 if alone else 0x1230)
    assert dma.get(8) == 0x00040004
    assert bench.port("rc-dma")["maps"] == 1


def test_map_limits(bench):
    """No client can use up what the others need.

    Steps:
        65,535 maps without reply, and one more; maps of ever new files with few descriptors left;
        eventfds for all vectors.
    Verify:
        ENOSPC and EMFILE, room for the vectors, and another client can still attach.
    """
    host = bench.attach("rc-ntb")
    for i in range(65535):
        payload = struct.pack("=IIQQQ", 32, 3, 0, i * PAGE, PAGE)
        host.send(vfio_user.DMA_MAP, payload, flags=vfio_user.FLAG_NO_REPLY)
    with pytest.raises(OSError) as error:
        host.dma_map(-1, 0, 1 << 40, PAGE)
    assert error.value.errno == errno.ENOSPC
    assert bench.port("rc-ntb")["maps"] == 65535
    host.dma_unmap(0, 0, vfio_user.DMA_UNMAP_ALL)
    resource.prlimit(bench.softep.pid, resource.RLIMIT_NOFILE, (320, 320))
    with pytest.raises(OSError) as error:
        for i in range(320):
            memory = bench.memory(PAGE)
            host.dma_map(memory.fd, 0, i * PAGE, PAGE)
    assert error.value.errno == errno.EMFILE
    events = Events(32)
    for index in (vfio_user.MSI, vfio_user.MSIX):
        for first in (0, 16):
            host.set_irqs(vfio_user.IRQ_DATA_EVENTFD | vfio_user.IRQ_TRIGGER, index, first, 16,
                          fds=events.fds[first:first + 16])
    events.close()
    for port in ("rc-dma", "ep-ntb", "ep-dma"):
        assert bench.attach(port).region(BOARD_REGION).size == PAGE


def test_truncated_file(bench):
    """A client that takes the pages away from under a map does not end the board.

    Steps:
        Truncate the file behind a host map and behind an endpoint map; transfer from and to them,
        read a list from one, aim an interrupt write at one, and access one through the outbound
        window by message.
    Verify:
        Aborts and all-ones, one line each; the board goes on with other memory.
    """
    dma, host_memory, ep_memory = attach_pair(bench)
    host, ep = bench.clients["rc-ntb"], bench.clients["ep-ntb"]
    spoiled = [bench.memory(16 * PAGE) for _ in range(5)]
    for i, memory in enumerate(spoiled):
        client = ep if i in (1, 2) else host
        client.dma_map(memory.fd, 0, 0x80000000 + i * MIB, 16 * PAGE)
    ep.write(ATU_REGION, 0, struct.pack("=QQII", 0x80000000 + 3 * MIB, 2 * PAGE, 1, 0))
    ep.write(OUTBOUND_REGION, PAGE, b"all well")
    for memory in spoiled:
        os.ftruncate(memory.fd, PAGE)
    assert dma.run("wr", 0, [(0, 64, EP_ADDRESS, 0x80000000 + 2 * PAGE)]) == ABORTED
    assert dma.run("rd", 0, [(0, 64, HOST_ADDRESS, 0x80000000 + MIB + 2 * PAGE)]) == ABORTED
    # A list that lies in the endpoint's own memory.
    dma.put(WINDOW["wr"] + 0x200, CCS | LLE)
    dma.put64(WINDOW["wr"] + 0x200 + 0x1C, 0x80000000 + 2 * MIB + PAGE)
    dma.put(DOORBELL["wr"], 1)
    assert dma.finish("wr", 1) == ABORTED
    assert ep.read(OUTBOUND_REGION, PAGE, 8) == b"\xff" * 8
    dma.put64(DONE_IMWR["wr"], 0x80000000 + 4 * MIB + 3 * PAGE)
    assert dma.run("wr", 2, [(LIE | RIE, 64, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    # A good interrupt write first, then bad memory, in one go.
    late = bench.memory(2 * PAGE)
    host.dma_map(late.fd, 0, 0xA0000000, 2 * PAGE)
    os.ftruncate(late.fd, PAGE)
    dma.put64(DONE_IMWR["wr"], HOST_ADDRESS + PAGE)
    elements = [
        (LIE | RIE, 64, EP_ADDRESS, HOST_ADDRESS),
        (0, 64, EP_ADDRESS, 0xA0000000 + PAGE),
    ]
    assert dma.run("wr", 2, elements) == ABORTED
    told = "a file that it mapped has been truncated"
    wait_until(lambda: bench.softep.output.count(told) == 6, "six lines")
    ep_memory.map[:4] = b"fine"
    assert dma.run("wr", 3, [(0, 4, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert host_memory.map[:4] == b"fine"


def test_abort_report_to_truncated_file(bench):
    """A report that cannot be delivered does not keep a soft reset from completing.

    Steps:
        Aim the abort report at a truncated file. While the board is stopped, ask for a soft reset
        and unmap the source of the element in progress.
    Verify:
        The element ends and the engine reads as disabled.
    """
    dma = Dma(bench, "ep-dma")
    host = bench.attach("rc-ntb")
    source, target, report = bench.memory(LONG), bench.memory(LONG), bench.memory(2 * PAGE)
    dma.client.dma_map(source.fd, 0, EP_ADDRESS, LONG)
    host.dma_map(target.fd, 0, HOST_ADDRESS, LONG)
    host.dma_map(report.fd, 0, 0xA0000000, 2 * PAGE)
    host.bus_master(True)
    os.ftruncate(report.fd, PAGE)
    dma.put64(ABORT_IMWR_WR, 0xA0000000 + PAGE)
    dma.put(LL_ERR_EN_WR, 1)
    dma.start("wr", 0, [(0, LONG, EP_ADDRESS, HOST_ADDRESS)] * 60)
    wait_until(lambda: bench.softep.channels()["wr0"]["bytes"] > MIB, "bytes")
    with bench.frozen():
        dma.put(ENGINE_EN["wr"], 0)
        dma.client.send(vfio_user.DMA_UNMAP, struct.pack("=IIQQ", 24, 0, EP_ADDRESS, LONG))
    assert dma.client.receive()[0][4] == 0
    bench.softep.wait_for("rc-ntb: a file that it mapped has been truncated", 1)
    wait_until(lambda: dma.get(ENGINE_EN["wr"]) == 0, "reset")


def test_garbage(bench):
    """Messages of any kind leave the board alive and other clients untouched.

    Steps:
        Bad headers, unknown commands, half a message, noise, descriptors where none belong, on
        every port, while another client watches.
    Verify:
        Each ends in an error or a closed connection; afterwards every port serves a good client.
    """
    watcher = bench.attach("ep-ntb")
    header = vfio_user.HEADER
    for port in ("rc-ntb", "rc-dma", "ep-dma"):
        path = bench.dir / f"{port}.sock"
        raws = [
            header.pack(1, 1, 15, 0, 0), header.pack(1, 1, 1 << 31, 0, 0),
            header.pack(1, 1, 20, 2, 0), header.pack(1, 9, 16, 0, 0), noise(4096, 5), b"\0" * 7,
            header.pack(1, 1, 20, 0, 0) + b"\1\0\0\0",
        ]
        for raw in raws:
            with Client(path, version=False) as client:
                client.send_raw(raw)
                client.sock.shutdown(socket.SHUT_WR)
                try:
                    while True:
                        client.receive()
                except (ProtocolError, OSError):
                    pass
        with Client(path) as client:
            for command in (0, 6, 8, 11, 14, 15, 16, 18, 200):
                with pytest.raises(OSError):
                    client.request(command, bytes(64))
            for index, offset, count in ((9, 0, 0), (9, PAGE, 1), (9, PAGE - 1, 2),
                                         (9, (1 << 64) - 1, 2), (99, 0, 4), (3, 0, 4)):
                with pytest.raises(OSError):
                    client.read(index, offset, count)
            with pytest.raises(OSError):
                client.request(vfio_user.DMA_MAP, bytes(31))
            with pytest.raises(OSError):
                client.request(vfio_user.DMA_MAP, bytes(32), [0, 0, 0])
            for _ in range(50):
                client.send(random.randrange(65536), noise(64, 6), flags=vfio_user.FLAG_NO_REPLY)
            assert len(client.read(BOARD_REGION, 0, 4)) == 4
        wait_until(lambda p=port: bench.port(p)["attached"] == 0, "departure")
        with Client(path) as client:
            assert len(client.read(BOARD_REGION, 0, 4)) == 4
        wait_until(lambda p=port: bench.port(p)["attached"] == 0, "departure")
    assert len(watcher.read(BOARD_REGION, 0, 4)) == 4
    assert len(os.listdir(f"/proc/{bench.softep.pid}/fd")) < 40


def resources(pid):
    """Descriptors and mapped client files of a process."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as file:
        return len(os.listdir(f"/proc/{pid}/fd")), file.read().count("/memfd:test")


def half_a_message(client, memory):
    """Gone between the header and its payload, which has a descriptor."""
    client.send_raw(vfio_user.HEADER.pack(9, vfio_user.DMA_MAP, 48, 0, 0), [memory.fd])


def half_a_header(client, memory):
    client.dma_map(memory.fd, 0, 0x40000000, MIB)
    client.send_raw(b"\x09\x00\x02\x00\x30")


def unread_replies(client, memory):
    client.dma_map(memory.fd, 0, 0x40000000, MIB)
    for _ in range(100):
        client.send(vfio_user.REGION_READ, struct.pack("=QII", 0, BOARD_REGION, 4096))


def many_maps(client, memory):
    for page in range(0, 64, 2):
        client.dma_map(memory.fd, page * PAGE, 0x40000000 + page * PAGE, PAGE)


def posted_writes(client, memory):
    client.dma_map(memory.fd, 0, 0x40000000, MIB)
    for _ in range(50):
        client.post(0, 0, bytes(4))


@pytest.mark.parametrize("port", PORTS)
def test_vanish(bench, port):
    """A client may go at any moment: one line, everything released, others undisturbed.

    Steps:
        Attach and close in the middle of a header and of a message with a descriptor, with unread
        replies, with 32 maps, behind posted writes; while the other ports' clients transfer.
    Verify:
        Each time the board says so in one line, has as many descriptors and mappings as before, and
        no map of that port; a transfer of the others arrives.
    """
    dma = Dma(bench, "rc-dma" if port.startswith("ep") else "ep-dma")
    for other in PORTS:
        if other not in (port, dma.port):
            bench.attach(other)
    memory, survivor = bench.memory(MIB), bench.memory(MIB)
    # From the board's own memory to whatever function of the host stays.
    rc = "rc-ntb" if port != "rc-ntb" else "rc-dma"
    bench.clients[rc].dma_map(survivor.fd, 0, HOST_ADDRESS, MIB)
    bench.clients[rc].bus_master(True)
    source = dma.page["ll_local"] + 0x1000
    before = resources(bench.softep.pid)
    moments = (half_a_message, half_a_header, unread_replies, many_maps, posted_writes)
    for number, moment in enumerate(moments):
        with Client(bench.dir / f"{port}.sock") as client:
            moment(client, memory)
        wait_until(lambda: bench.port(port)["attached"] == 0, "departure")
        assert bench.port(port)["maps"] == 0
        # Once the asker above has gone, too.
        wait_until(lambda: resources(bench.softep.pid) == before, f"release, {moment.__name__}")
        told = number + 1
        wait_until(lambda n=told: bench.softep.output.count(f"{port}: left: ") >= n, "line")
        assert bench.softep.output.count(f"{port}: left: ") == told
        dma.list[0x1000:0x1004] = struct.pack("=I", number + 1)
        assert dma.run("wr", 0, [(0, 4, source, HOST_ADDRESS)], int(rc == "rc-dma")) == STOPPED
        assert survivor.map[:4] == struct.pack("=I", number + 1)


def test_mute_clients(bench):
    """Who connects and does not speak, or not to an end, keeps nobody out for long.

    Steps:
        On one port connect and send nothing; on another send VERSION and half a header and stay.
        Then attach to all ports, and transfer.
    Verify:
        The other ports answer within 1.5 s, the two are free within 4 s.
    """
    mute = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mute.connect(str(bench.dir / "rc-ntb.sock"))
    slow = Client(bench.dir / "ep-ntb.sock")
    try:
        slow.send_raw(b"\x09\x00\x02")
        began = time.monotonic()
        for port in ("rc-dma", "ep-dma"):
            assert len(bench.attach(port).read(BOARD_REGION, 0, 4)) == 4
        assert time.monotonic() - began < 1.5

        def free(port):
            try:
                bench.attach(port)
            except OSError as error:
                assert error.errno == errno.EBUSY
                return False
            return True

        for port in ("rc-ntb", "ep-ntb"):
            wait_until(lambda port=port: free(port), f"free port {port}", 4)
        with pytest.raises((ProtocolError, OSError)):
            slow.read(BOARD_REGION, 0, 4)
        assert mute.recv(1) == b""
    finally:
        mute.close()
        slow.close()


def test_departures(bench):
    """What the control region says about a side goes with that side.

    Steps:
        Set link status, commands and doorbells; let the host leave, then the endpoint.
    Verify:
        The host's departure clears the link status alone, the endpoint's clears everything.
    """
    rc, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    rc.bus_master(True)
    ep.write(0, 8, struct.pack("=HH", 1, 1))
    ep.write(0, 0x20, struct.pack("=I", 1))
    ep.write(4, 8, struct.pack("=I", 3))
    bench.leave("rc-ntb")
    assert ep.read(0, 8, 4) == struct.pack("=HH", 1, 0)
    assert ep.read(0, 0x20, 4) == struct.pack("=I", 1)
    assert bench.page()["port"]["rc-ntb"] == (0, 1, 0, 0)
    rc = bench.attach("rc-ntb")
    bench.leave("ep-ntb")
    assert rc.read(0, 0, PAGE) == bytes(PAGE) and rc.read(4, 0, PAGE) == bytes(PAGE)
