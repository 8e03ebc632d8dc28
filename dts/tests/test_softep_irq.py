# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Interrupts of the software endpoint's PCI functions: SET_IRQS, MSI, MSI-X, pending bits."""

import errno
import os
import struct

import pytest

from framework.bench import (
    ABORTED,
    ABORT_IMWR_WR,
    ATU_REGION,
    DONE_IMWR,
    Dma,
    ENGINE_EN,
    EP_ADDRESS,
    HOST_ADDRESS,
    IMWR_DATA,
    LIE,
    LL_ERR_EN_WR,
    OUTBOUND_REGION,
    PAGE,
    RIE,
    STOPPED,
    attach_pair,
    wait_until,
)
from framework.eventfds import Events
from framework.vfio_user import (
    CONFIG_REGION,
    DEVICE_SET_IRQS,
    ERROR_IRQ,
    INTX,
    IRQ_BOOL,
    IRQ_DATA_EVENTFD,
    IRQ_EVENTFD,
    IRQ_MASK,
    IRQ_NONE,
    IRQ_TRIGGER,
    IRQ_UNMASK,
    MSI,
    MSIX,
    REQUEST_IRQ,
)

VECTORS = 32
MSI_CAP, MSIX_CAP = 0x50, 0xB0
# Of an interrupt controller: no client has memory there.
MESSAGE = 0xFEE0_1000
# Table of MSI-X in the engine's function.
TABLE_BAR, TABLE, PBA = 4, 0, PAGE
ASSIGN = IRQ_DATA_EVENTFD | IRQ_TRIGGER
FIRE = IRQ_NONE | IRQ_TRIGGER


@pytest.fixture
def events():
    """As many as there are vectors."""
    made = Events(VECTORS)
    yield made
    made.close()


def enable_msi(client, address=MESSAGE, data=0x4140, log2=0):
    client.write(CONFIG_REGION, MSI_CAP + 4, struct.pack("<QH", address, data))
    client.write(CONFIG_REGION, MSI_CAP + 2, struct.pack("<H", log2 << 4 | 1))


def disable_msi(client):
    client.write(CONFIG_REGION, MSI_CAP + 2, bytes(2))


def msix_control(client, enable=True, mask=False):
    client.write(CONFIG_REGION, MSIX_CAP + 2, struct.pack("<H", enable << 15 | mask << 14))


def table_entry(client, vector, address, data, mask=False):
    client.write(TABLE_BAR, TABLE + 16 * vector, struct.pack("<QII", address, data, mask))


def assign(client, index, events, start=0, count=1):
    """Gives vectors the eventfds of their numbers, in as many messages as they take."""
    for first in range(start, start + count, 16):
        last = min(first + 16, start + count)
        client.set_irqs(ASSIGN, index, first, last - first, fds=events.fds[first:last])


def take_away(client, index, start=0, count=1):
    client.set_irqs(ASSIGN, index, start, count)


class Engine:
    """A write channel that reports each element to an address."""

    def __init__(self, bench):
        self.dma, self.host_memory, self.ep_memory = attach_pair(bench, fn=1)
        self.client = self.dma.client
        self.bench = bench

    def message(self, channel, address, data, direction="wr"):
        offset = IMWR_DATA[direction] + channel // 2 * 4
        shift = channel % 2 * 16
        old = self.dma.get(offset)
        self.dma.put64(DONE_IMWR[direction], address)
        self.dma.put(offset, old & ~(0xFFFF << shift) | data << shift)

    def fire(self, channel=0, fn=1, status=STOPPED):
        """One element; when it is over, so is the interrupt that it sends."""
        element = (LIE | RIE, 8, EP_ADDRESS, HOST_ADDRESS)
        assert self.dma.run("wr", channel, [element], fn) == status

    def irqs(self, port="rc-dma"):
        counters = self.bench.port(port)
        return counters["irqs"], counters["irqs_lost"]


@pytest.fixture
def engine(bench):
    """Host and endpoint, attached and with memory."""
    return Engine(bench)


def test_irq_info(bench):
    """What the functions have: eventfds only, 32 vectors of MSI and of MSI-X.

    Steps:
        Ask for each index on each port, and for one that is not there.
    Verify:
        Flags and counts; EINVAL for the error index and the missing one; no vectors on the
        endpoint's ports.
    """
    for port in ("rc-ntb", "rc-dma", "ep-ntb"):
        client = bench.attach(port)
        count = VECTORS if port.startswith("rc") else 0
        for index, vectors in ((INTX, 0), (MSI, count), (MSIX, count), (REQUEST_IRQ, 0)):
            assert client.irq_info(index) == (IRQ_EVENTFD, vectors)
        for index in (ERROR_IRQ, 5, 0xFFFFFFFF):
            with pytest.raises(OSError) as error:
                client.irq_info(index)
            assert error.value.errno == errno.EINVAL


@pytest.mark.parametrize("index", [MSI, MSIX])
def test_set_irqs(bench, events, index):
    """Every right form of SET_IRQS does what it says.

    Steps:
        Give vectors descriptors, others instead, none; trigger by NONE and BOOL; mask and unmask;
        disable the index, and indexes without vectors.
    Verify:
        Exactly the vectors named are signalled.
    """
    client = bench.attach("rc-dma")
    assign(client, index, events, 0, VECTORS)
    client.set_irqs(FIRE, index, 0, VECTORS)
    assert events.take() == {i: 1 for i in range(VECTORS)}
    client.set_irqs(IRQ_BOOL | IRQ_TRIGGER, index, 3, 4, data=b"\1\0\0\xff")
    assert events.take() == {3: 1, 6: 1}
    client.set_irqs(ASSIGN, index, 30, 2, fds=events.fds[:2])
    take_away(client, index, 4, 3)
    client.set_irqs(FIRE, index, 3, 3)
    client.set_irqs(FIRE, index, 30, 1)
    assert events.take() == {0: 1, 3: 1}
    for action in (IRQ_MASK, IRQ_UNMASK):
        client.set_irqs(IRQ_NONE | action, index, 0, VECTORS)
        client.set_irqs(IRQ_BOOL | action, index, 0, 2, data=b"\1\1")
        client.set_irqs(IRQ_DATA_EVENTFD | action, index, 0, 1, fds=events.fds[:1])
    assert events.take() == {}
    client.set_irqs(FIRE, index, 0, 0)
    client.set_irqs(FIRE, index, 0, VECTORS)
    assert events.take() == {}
    for other in (INTX, ERROR_IRQ, REQUEST_IRQ):
        client.set_irqs(FIRE, other, 0, 0)


@pytest.mark.parametrize("flags,index,start,count,data,fds", [
    (ASSIGN, MSIX, 0, VECTORS + 1, b"", 0),
    (ASSIGN, MSIX, VECTORS, 1, b"", 1),
    (ASSIGN, MSI, 31, 2, b"", 2),
    (ASSIGN, MSIX, 0xFFFFFFFF, 2, b"", 2),
    (ASSIGN, MSIX, 2, 0xFFFFFFFF, b"", 0),
    (ASSIGN, MSIX, 0, 3, b"", 2),
    (ASSIGN, MSIX, 0, 2, b"", 3),
    (ASSIGN, MSIX, 0, 0, b"", 0),
    (ASSIGN, MSIX, 0, 1, b"\1", 1),
    (FIRE, MSIX, 0, 1, b"", 1),
    (FIRE, MSIX, 1, 0, b"", 0),
    (FIRE, INTX, 0, 1, b"", 0),
    (FIRE, ERROR_IRQ, 0, 1, b"", 0),
    (FIRE, REQUEST_IRQ, 0, 1, b"", 0),
    (FIRE, 5, 0, 0, b"", 0),
    (FIRE, 0xFFFFFFFF, 0, 0, b"", 0),
    (IRQ_BOOL | IRQ_TRIGGER, MSIX, 0, 2, b"\1", 0),
    (IRQ_BOOL | IRQ_TRIGGER, MSIX, 0, 2, b"\1\1\1", 0),
    (IRQ_BOOL | IRQ_TRIGGER, MSIX, 0, 0, b"", 0),
    (IRQ_NONE | IRQ_MASK, MSIX, 0, 0, b"", 0),
    (IRQ_NONE, MSIX, 0, 1, b"", 0),
    (IRQ_TRIGGER, MSIX, 0, 1, b"", 0),
    (IRQ_NONE | IRQ_BOOL | IRQ_TRIGGER, MSIX, 0, 1, b"", 0),
    (IRQ_NONE | IRQ_TRIGGER | IRQ_MASK, MSIX, 0, 1, b"", 0),
    (FIRE | 0x40, MSIX, 0, 1, b"", 0),
])
def test_set_irqs_errors(bench, events, flags, index, start, count, data, fds):
    """Every wrong form of SET_IRQS is refused and changes nothing.

    Steps:
        Give all vectors descriptors, send the wrong request, trigger all.
    Verify:
        EINVAL, and each descriptor is still with its vector.
    """
    client = bench.attach("rc-dma")
    assign(client, MSIX, events, 0, VECTORS)
    others = Events(fds)
    with pytest.raises(OSError) as error:
        client.set_irqs(flags, index, start, count, data, others.fds)
    assert error.value.errno == errno.EINVAL
    client.set_irqs(FIRE, MSIX, 0, VECTORS)
    assert events.take() == {i: 1 for i in range(VECTORS)}
    assert others.take() == {}
    others.close()


def test_set_irqs_descriptors(bench, events):
    """Descriptors that are no eventfds are refused, as they could block the board; a full one is
    not waited for; short requests and descriptors of no use are errors.

    Steps:
        Assign a pipe, a socket's end and a regular file, among eventfds; a full eventfd; requests
        cut short, with a descriptor too many and a wrong argsz.
    Verify:
        EINVAL and the former descriptors stay; the board serves on with the full one; no descriptor
        stays open in the board.
    """
    client = bench.attach("rc-dma")
    open_before = len(os.listdir(f"/proc/{bench.softep.pid}/fd"))
    client.set_irqs(ASSIGN, MSIX, 0, 2, fds=events.fds[:2])
    pipe = os.pipe()
    for fd in (*pipe, bench.memory(PAGE).fd, client.sock.fileno()):
        with pytest.raises(OSError) as error:
            client.set_irqs(ASSIGN, MSIX, 0, 2, fds=[events.fds[2], fd])
        assert error.value.errno == errno.EINVAL
    client.set_irqs(FIRE, MSIX, 0, 2)
    assert events.take() == {0: 1, 1: 1}
    blocking = os.eventfd((1 << 32) - 1, os.EFD_CLOEXEC)
    os.eventfd_write(blocking, (1 << 64) - 1 - (1 << 32))
    client.set_irqs(ASSIGN, MSIX, 0, 1, fds=[blocking])
    # As Linux signals it: more than a write(2) could make of it, and no more than that.
    for _ in range(2):
        client.set_irqs(FIRE, MSIX, 0, 2)
    assert events.take() == {1: 2} and os.eventfd_read(blocking) == (1 << 64) - 1
    os.close(blocking)
    request = struct.pack("=5I", 20, FIRE, MSIX, 0, 0)
    for bad, fds in ((request[:-1], []), (b"", []), (struct.pack("=I", 19) + request[4:], []),
                     (request, events.fds[:1])):
        with pytest.raises(OSError) as error:
            client.request(DEVICE_SET_IRQS, bad, fds)
        assert error.value.errno == errno.EINVAL
    client.set_irqs(FIRE, MSIX, 0, 0)
    assert len(os.listdir(f"/proc/{bench.softep.pid}/fd")) == open_before
    for fd in pipe:
        os.close(fd)


def test_msi_message(engine, events):
    """A memory write with address and data of the MSI capability is that interrupt.

    Steps:
        Enable four vectors of MSI; let channels report with data in and beside their range, to
        another address, and to memory.
    Verify:
        The low two bits select the vector; everything else is a store, which memory receives, and
        is an abort where there is none.
    """
    client = engine.client
    enable_msi(client, data=0x4140, log2=2)
    assign(client, MSI, events, 0, 8)
    for data, vector in ((0x4140, 0), (0x4143, 3), (0x4141, 1)):
        engine.message(0, MESSAGE, data)
        engine.fire()
        assert events.take() == {vector: 1}
    assert engine.irqs() == (3, 0)
    faults = engine.bench.engine()["pcie_faults"]
    for address, data in ((MESSAGE, 0x4144), (MESSAGE, 0x4147), (MESSAGE, 0x0140),
                          (MESSAGE + 4, 0x4140), (MESSAGE | 1 << 32, 0x4140)):
        engine.message(0, address, data)
        engine.fire()
        faults += 1
        assert engine.bench.engine()["pcie_faults"] == faults
    engine.message(0, HOST_ADDRESS + 64, 0x4140)
    engine.fire()
    assert engine.host_memory.map[64:68] == struct.pack("<I", 0x4140)
    assert events.take() == {} and engine.irqs() == (3, 0)


def test_msi_in_mapped_memory(engine, events):
    """The message is taken even where the client has memory at its address.

    Steps:
        Enable MSI with an address inside the host's memory.
    Verify:
        An interrupt and no store; after MSI has been disabled, the store.
    """
    enable_msi(engine.client, HOST_ADDRESS + 128, 0x55)
    assign(engine.client, MSI, events)
    engine.message(0, HOST_ADDRESS + 128, 0x55)
    engine.fire()
    assert events.take() == {0: 1} and engine.host_memory.map[128:132] == bytes(4)
    disable_msi(engine.client)
    engine.fire()
    assert events.take() == {}
    assert engine.host_memory.map[128:132] == struct.pack("<I", 0x55)


def test_msi_mask_and_pending(engine, events):
    """A masked vector waits in its pending bit.

    Steps:
        Mask vector 1 of two; fire both, then unmask. Disable while one is pending.
    Verify:
        The pending bit stands in the capability until it is unmasked, and what was pending when MSI
        was disabled does not come back.
    """
    client = engine.client
    pending = lambda: struct.unpack("<I", client.read(CONFIG_REGION, MSI_CAP + 0x14, 4))[0]
    mask = lambda bits: client.write(CONFIG_REGION, MSI_CAP + 0x10, struct.pack("<I", bits))
    enable_msi(client, data=0x40, log2=1)
    assign(client, MSI, events, 0, 2)
    mask(2)
    for data in (0x41, 0x40, 0x41):
        engine.message(0, MESSAGE, data)
        engine.fire()
    assert events.take() == {0: 1} and pending() == 2
    mask(0)
    assert events.take() == {1: 1} and pending() == 0
    mask(2)
    engine.fire()
    assert pending() == 2
    disable_msi(client)
    assert pending() == 0
    enable_msi(client, data=0x40, log2=1)
    mask(0)
    assert events.take() == {}


@pytest.mark.parametrize("index", [MSI, MSIX])
def test_pending_without_descriptor(engine, events, index):
    """An interrupt for a vector without a descriptor is delivered when one comes.

    Steps:
        Enable, fire before there is a descriptor, twice; assign it. Take it away, fire, disable
        the index as clients do between two sets of descriptors, assign again. Fire without, and
        disable by configuration space; fire without, and reset.
    Verify:
        Twice one interrupt, at once; nothing after the capability was disabled or reset.
    """
    client = engine.client
    if index == MSI:
        enable_msi(client, data=0x77)
    else:
        table_entry(client, 0, MESSAGE, 0x77)
        msix_control(client)
    engine.message(0, MESSAGE, 0x77)
    engine.fire()
    engine.fire()
    if index == MSIX:
        assert client.read(TABLE_BAR, PBA, 8) == struct.pack("<Q", 1)
    assign(client, index, events)
    assert events.take() == {0: 1}
    assert client.read(TABLE_BAR, PBA, 8) == bytes(8)
    take_away(client, index)
    engine.fire()
    client.set_irqs(FIRE, index, 0, 0)
    assign(client, index, events, 0, 4)
    assert events.take() == {0: 1}
    take_away(client, index)
    engine.fire()
    if index == MSI:
        disable_msi(client)
        enable_msi(client, data=0x77)
    else:
        msix_control(client, enable=False)
        msix_control(client)
    assign(client, index, events)
    assert events.take() == {}
    take_away(client, index)
    engine.fire()
    client.reset()
    # The first write enables: nothing that came before may be left.
    if index == MSI:
        client.write(CONFIG_REGION, MSI_CAP + 2, b"\1\0")
    else:
        msix_control(client)
    client.bus_master(True)
    assign(client, index, events)
    assert events.take() == {}
    assert engine.irqs() == (2, 0)


def test_msix_table(engine, events):
    """With a table that the client writes, the message is looked for in it.

    Steps:
        Fill three entries, one masked; fire each message, one that is in no entry, and all with
        the function masked.
    Verify:
        The vector of the entry; a masked one and a masked function wait; a message of none is a
        store that reaches nothing.
    """
    client = engine.client
    for vector, data, mask in ((0, 0x20, False), (5, 0x21, False), (31, 0x22, True)):
        table_entry(client, vector, MESSAGE, data, mask)
    assign(client, MSIX, events, 0, VECTORS)
    msix_control(client)
    for data in (0x20, 0x21, 0x22):
        engine.message(0, MESSAGE, data)
        engine.fire()
    assert events.take() == {0: 1, 5: 1}
    assert client.read(TABLE_BAR, PBA, 8) == struct.pack("<Q", 1 << 31)
    table_entry(client, 31, MESSAGE, 0x22)
    assert events.take() == {31: 1}
    msix_control(client, mask=True)
    engine.fire()
    assert events.take() == {}
    msix_control(client)
    assert events.take() == {31: 1}
    faults = engine.bench.engine()["pcie_faults"]
    engine.message(0, MESSAGE, 0x23)
    engine.fire()
    assert events.take() == {} and engine.bench.engine()["pcie_faults"] == faults + 1


def test_msix_without_table(engine, events):
    """A client that keeps the table to itself: the vector is the place of the message among the
    engine's different ones.

    Steps:
        Leave the table alone. Program one message for all channels; then one each for two write
        channels and one for all read channels; report to memory.
    Verify:
        Vector 0; then 0, 1, and 2 for the read channels, and 0 when they alone have a message;
        aborts are of the same vector; a report to memory is stored.
    """
    client = engine.client
    msix_control(client)
    assign(client, MSIX, events, 0, 4)
    for direction in ("wr", "rd"):
        for channel in range(4):
            engine.message(channel, MESSAGE, 0x31, direction)
    for channel in (0, 3):
        engine.fire(channel)
        assert events.take() == {0: 1}
    for channel in range(4):
        engine.message(channel, MESSAGE, 0x31 + channel % 2)
        engine.message(channel, MESSAGE + 0x1000, 0x31, "rd")
    for channel, vector in ((0, 0), (1, 1), (2, 0), (3, 1)):
        engine.fire(channel)
        assert events.take() == {vector: 1}
    engine.dma.put64(ABORT_IMWR_WR, MESSAGE + 0x2000)
    engine.dma.put(LL_ERR_EN_WR, 0xF)
    bad = (LIE | RIE, 8, EP_ADDRESS + engine.ep_memory.size, HOST_ADDRESS)
    assert engine.dma.run("wr", 1, [bad], 1) == ABORTED
    assert events.take() == {1: 1}
    element = (LIE | RIE, 8, HOST_ADDRESS, EP_ADDRESS)
    assert engine.dma.run("rd", 2, [element], 1) == STOPPED
    assert events.take() == {2: 1}
    engine.dma.put64(DONE_IMWR["wr"], 0)
    assert engine.dma.run("rd", 2, [element], 1) == STOPPED
    assert events.take() == {0: 1}, "nobody has programmed the write channels"
    engine.message(0, HOST_ADDRESS + 32, 0x31)
    engine.fire()
    assert events.take() == {}
    assert engine.host_memory.map[32:36] == struct.pack("<I", 0x31)


def test_vectors_beyond(make_bench, events):
    """More messages in the engine than the function has vectors.

    Steps:
        Give each of 40 channels of native HDMA a message of its own; run the 32nd and the last.
    Verify:
        Vector 31; a lost interrupt.
    """
    bench = make_bench("--map", "hdma", "--wr", "40")
    client, local = bench.attach("rc-dma"), bench.page()["ll_local"]
    client.bus_master(True)
    msix_control(client)
    assign(client, MSIX, events, 0, VECTORS)
    for channel in range(40):
        client.write(0, channel * 0x200 + 0x90, struct.pack("<Q", MESSAGE))
        client.write(0, channel * 0x200 + 0xA8, struct.pack("<I", channel))
    for channel in (31, 39):
        # An empty list: enable with local and remote report of the stop, then ring.
        for register, value in ((0x00, 1), (0x88, 0x18), (0x34, 1), (0x18, 3),
                                (0x10, local & 0xFFFFFFFF), (0x14, local >> 32), (0x04, 1)):
            client.write(0, channel * 0x200 + register, struct.pack("<I", value))
        status = lambda: struct.unpack("<I", client.read(0, channel * 0x200 + 0x80, 4))[0]
        wait_until(lambda: status() == 3, "stop")
    assert events.take() == {31: 1}
    assert bench.port("rc-dma")["irqs_lost"] == 1


def test_bus_master_off(engine, events):
    """Without bus mastering the function moves no data and sends no interrupt: both are lost.

    Steps:
        Enable MSI-X and fire with bus mastering off; turn it on. The same with a pending interrupt
        whose descriptor comes while it is off.
    Verify:
        The transfer aborts, nothing is signalled, then or later; a pending one waits until
        interrupts can leave.
    """
    client = engine.client
    table_entry(client, 0, MESSAGE, 0x20)
    msix_control(client)
    assign(client, MSIX, events)
    engine.message(0, MESSAGE, 0x20)
    engine.ep_memory.map[:8] = b"payload."
    client.bus_master(False)
    engine.fire(status=ABORTED)
    assert engine.host_memory.map[:8] == bytes(8)
    client.bus_master(True)
    assert events.take() == {} and engine.irqs() == (0, 0)
    engine.fire()
    assert events.take() == {0: 1} and engine.host_memory.map[:8] == b"payload."
    take_away(client, MSIX)
    engine.fire()
    client.bus_master(False)
    assign(client, MSIX, events)
    assert events.take() == {}
    client.bus_master(True)
    assert events.take() == {0: 1}


def test_link_down(engine, events):
    """An interrupt does not cross a link that is down; a pending one waits for it.

    Steps:
        Fire without a descriptor, take the link down, assign the descriptor. Fire with abort
        reports enabled.
    Verify:
        Nothing until the link is up, then the pending interrupt alone; the abort's is lost.
    """
    client, dma = engine.client, engine.dma
    table_entry(client, 0, MESSAGE, 0x20)
    table_entry(client, 1, MESSAGE + 4, 0x20)
    msix_control(client)
    engine.message(0, MESSAGE, 0x20)
    dma.put64(ABORT_IMWR_WR, MESSAGE + 4)
    dma.put(LL_ERR_EN_WR, 1)
    ep = Dma(engine.bench, "ep-dma")
    engine.fire()
    engine.bench.softep.set("link", "down")
    assign(client, MSIX, events, 0, 2)
    element = (LIE | RIE, 8, EP_ADDRESS, HOST_ADDRESS)
    assert ep.run("wr", 0, [element], 1) == ABORTED
    assert events.take() == {} and engine.irqs() == (0, 1)
    engine.bench.softep.set("link", "up")
    assert events.take() == {0: 1} and engine.irqs() == (1, 1)


def test_requester_without_bus_master(engine, events):
    """The function that a message comes from has to be a bus master, not only the one it is for.

    Steps:
        Let a channel of the other function, which is none, report an abort by the message of this
        one; then make it one.
    Verify:
        Nothing; then the interrupt.
    """
    client, dma = engine.client, engine.dma
    ntb = engine.bench.attach("rc-ntb")
    enable_msi(client, data=0x50)
    assign(client, MSI, events)
    engine.message(0, HOST_ADDRESS, 0x50)
    dma.put64(ABORT_IMWR_WR, MESSAGE)
    dma.put(LL_ERR_EN_WR, 1)
    engine.fire(fn=0, status=ABORTED)
    assert events.take() == {}
    ntb.bus_master(True)
    dma.put(ENGINE_EN["wr"], 0)
    engine.fire(fn=0, status=ABORTED)
    assert events.take() == {0: 1}


def test_lost(engine, events):
    """An interrupt that cannot be sent is lost, and counted.

    Steps:
        With a second function whose engine's messages are for: not enabled; bus mastering of the
        function off; link down; a vector of MSI beyond those enabled.
    Verify:
        Nothing is signalled, then or later.
    """
    ntb = engine.bench.attach("rc-ntb")
    ntb.dma_map(engine.host_memory.fd, 0, HOST_ADDRESS, engine.host_memory.size)
    assign(ntb, MSI, events, 0, 2)
    enable_msi(ntb, data=0x60)
    engine.message(0, MESSAGE, 0x60)
    engine.fire()
    assert engine.irqs("rc-ntb") == (0, 1)
    ntb.bus_master(True)
    assert events.take() == {}
    engine.fire()
    assert events.take() == {0: 1} and engine.irqs("rc-ntb") == (1, 1)
    disable_msi(ntb)
    faults = engine.bench.engine()["pcie_faults"]
    engine.fire()
    assert engine.bench.engine()["pcie_faults"] == faults + 1
    engine.bench.softep.command("clear")
    assert engine.irqs("rc-ntb") == (0, 0)


def test_vectors_offered(make_bench, events):
    """The vectors are those that the capabilities offer: Linux' endpoint NTB has 16, of MSI alone.

    Steps:
        Start with --vntb; ask for the vectors; enable 32 of MSI; let the engine send the message of
        the 16th, and of the one behind.
    Verify:
        16 and none; an interrupt, and nothing that waits for a vector.
    """
    bench = make_bench("--vntb")
    dma, ntb = Dma(bench, "rc-dma"), bench.attach("rc-ntb")
    assert (ntb.irq_info(MSI)[1], ntb.irq_info(MSIX)[1]) == (16, 0)
    for client in (ntb, dma.client):
        client.bus_master(True)
    enable_msi(ntb, data=0x40, log2=5)
    assign(ntb, MSI, events, 0, 16)
    dma.put64(ABORT_IMWR_WR, MESSAGE)
    dma.put(LL_ERR_EN_WR, 1)
    for data, signals in ((0x4F, {15: 1}), (0x50, {})):
        dma.put(IMWR_DATA["wr"], data)
        assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)], 1) == ABORTED
        dma.put(ENGINE_EN["wr"], 0)
        assert events.take() == signals
        assert ntb.read(CONFIG_REGION, MSI_CAP + 0x14, 4) == bytes(4)


def test_engine_alone(bench, events):
    """While nobody has attached to the NTB function, function number 0 is the engine's.

    Steps:
        A transfer with interrupt as function 0 before anybody came to rc-ntb, and after it left.
    Verify:
        The first uses the maps of rc-dma; the second is an abort.
    """
    engine = Engine(bench)
    enable_msi(engine.client, data=0x41)
    assign(engine.client, MSI, events)
    engine.message(0, MESSAGE, 0x41)
    engine.ep_memory.map[:8] = b"as fn 0."
    engine.fire(fn=0)
    assert events.take() == {0: 1} and engine.host_memory.map[:8] == b"as fn 0."
    bench.attach("rc-ntb")
    bench.leave("rc-ntb")
    engine.fire(fn=0, status=ABORTED)
    assert events.take() == {}


def test_list_at_bus_address(engine):
    """The engine sees its lists at the bus address of their BAR, as drivers of 16c3:edda expect.

    Steps:
        Run a list at an address, before BAR 2 has it and after; then at that of the BAR's end;
        from the endpoint's side, with memory decoding off and on.
    Verify:
        An abort at the list fetch where the BAR is not; else the transfer.
    """
    client, dma, address = engine.client, engine.dma, 0x38_0000_0000
    dma.page["ll_local"] = address
    engine.ep_memory.map[:8] = b"by BAR 2"
    engine.fire(status=ABORTED)
    client.write(CONFIG_REGION, 0x18, struct.pack("<Q", address))
    dma.put(ENGINE_EN["wr"], 0)
    engine.fire()
    assert engine.host_memory.map[:8] == b"by BAR 2"
    dma.page["ll_local"] = address + client.region(2).size
    engine.fire(status=ABORTED)
    ep = Dma(engine.bench, "ep-dma")
    ep.page["ll_local"] = address
    client.write(CONFIG_REGION, 4, struct.pack("<H", 4))
    ep.put(ENGINE_EN["wr"], 0)
    assert ep.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)], 1) == ABORTED
    client.bus_master(True)
    ep.put(ENGINE_EN["wr"], 0)
    assert ep.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)], 1) == STOPPED


def test_endpoint_message(bench, events):
    """A CPU of the endpoint that stores the host's message through the outbound window interrupts
    it, as the endpoint NTB function does.

    Steps:
        Enable MSI of the NTB function; point the window at the message's page; store it.
    Verify:
        The vector; another value is a fault of the window.
    """
    host, ep = bench.attach("rc-ntb"), bench.attach("ep-ntb")
    host.bus_master(True)
    enable_msi(host, data=0x30, log2=3)
    assign(host, MSI, events, 0, 8)
    ep.write(ATU_REGION, 0, struct.pack("=QQII", MESSAGE, PAGE, 1, 0))
    ep.write(OUTBOUND_REGION, 0, struct.pack("<I", 0x32))
    assert events.take() == {2: 1}
    ep.write(OUTBOUND_REGION, 0, struct.pack("<I", 0x38))
    ep.write(OUTBOUND_REGION, 4, struct.pack("<I", 0x32))
    ep.write(OUTBOUND_REGION, 0, struct.pack("<H", 0x32))
    assert events.take() == {}
    assert bench.softep.stats()["outbound"]["faults"] == 3


def test_descriptors_end_with_client(bench, events):
    """The board keeps no descriptor of a client that has left.

    Steps:
        Assign all vectors of both kinds, on both functions; leave. Assign and reset.
    Verify:
        As many open files as before; a reset keeps the descriptors.
    """
    bench.attach("ep-ntb")
    files = lambda: len(os.listdir(f"/proc/{bench.softep.pid}/fd"))
    before = files()
    for port in ("rc-ntb", "rc-dma"):
        client = bench.attach(port)
        assign(client, MSI, events, 0, VECTORS)
        assign(client, MSIX, events, 0, VECTORS)
        assert files() == before + 1 + 2 * VECTORS
        client.reset()
        client.set_irqs(FIRE, MSIX, 0, VECTORS)
        assert events.take() == {i: 1 for i in range(VECTORS)}
        assign(client, MSI, events, 0, VECTORS)
        take_away(client, MSIX, 0, VECTORS)
        assert files() == before + 1 + VECTORS
        bench.leave(port)
        # Sockets are closed a moment after the departure is known.
        wait_until(lambda: files() == before, "end of the client's files")
