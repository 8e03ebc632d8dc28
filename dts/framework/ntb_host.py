# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A host of the endpoint NTB function: what Linux' ntb_hw_epf does, by message.

Offsets and rules are those of the specification, not those of the board's sources.
"""

import struct
import time

from framework.eventfds import Events
from framework.vfio_user import CONFIG_REGION, IRQ_DATA_EVENTFD, IRQ_TRIGGER, MSI, MSIX

COMMAND, ARGUMENT, CMD_STATUS, LINK_STATUS, TOPOLOGY = 0x00, 0x04, 0x08, 0x0A, 0x0C
ADDR, SIZE, MW_COUNT, MW1_OFFSET, SPAD_OFFSET, SPAD_COUNT = 0x10, 0x18, 0x20, 0x24, 0x28, 0x2C
DB_ENTRY_SIZE, DB_DATA, DB_OFFSET = 0x30, 0x34, 0xB4
V1_MW_OFFSET, V1_MW_SIZE, V1_DMA_ABI = 0x134, 0x144, 0x154

CONFIGURE_DOORBELL, TEARDOWN_DOORBELL, CONFIGURE_MW, TEARDOWN_MW, LINK_UP, LINK_DOWN = range(1, 7)
MSIX_FLAG = 0x10000
NO_STATUS, OK, FAILED = range(3)
ALL_ONES = 0xFFFFFFFF

MSI_CAP, MSIX_CAP = 0x50, 0xB0
MSI_ADDRESS = 0xFEE0_1000


class BarMap:
    """Where the things are that host drivers look for, by the ids of the function."""

    def __init__(self, ids, peer, doorbells, windows, narrow=()):
        self.ids = ids
        self.peer = peer
        self.doorbells = doorbells
        self.windows = windows
        self.narrow = narrow


MAPS = {
    "renesas": BarMap((0x1912, 0x0030), None, 4, (2,)),
    "nxp": BarMap((0x1957, 0x0809), None, 2, (4, 5), (4, 5)),
    "ti": BarMap((0x104C, 0xB00D), 1, 2, (2, 3, 4, 5), (0, 1, 2, 3, 4, 5)),
}


class NtbHost:
    """One host: a client of the function, with memory that is mapped and interrupts."""

    def __init__(self, bench, port="rc-ntb", bar_map="renesas", address=0, size=0):
        self.bench = bench
        self.port = port
        self.map = MAPS[bar_map]
        self.client = bench.attach(port)
        self.address = address
        self.memory = None
        if size > 0:
            self.memory = bench.memory(size)
            self.client.dma_map(self.memory.fd, 0, address, size)
        self.client.bus_master(True)
        self.events = None

    def close(self):
        if self.events is not None:
            self.events.close()

    # Control region.

    def get(self, offset, bar=0):
        return struct.unpack("=I", self.client.read(bar, offset, 4))[0]

    def put(self, offset, value, bar=0):
        """Waits for the reply: what others see through their sockets has no order with this one."""
        self.client.write(bar, offset, struct.pack("=I", value))

    def get16(self, offset):
        return struct.unpack("=H", self.client.read(0, offset, 2))[0]

    def issue(self, code, argument=0):
        self.put(ARGUMENT, argument)
        self.put(COMMAND, code)

    def answer(self, timeout=2.0):
        """Waits for a status and clears it; NO_STATUS: there was none."""
        deadline = time.monotonic() + timeout
        while True:
            status = self.get16(CMD_STATUS)
            if status != NO_STATUS or time.monotonic() > deadline:
                break
            time.sleep(0.0005)
        self.client.post(0, CMD_STATUS, bytes(2))
        return status

    def command(self, code, argument=0, timeout=2.0):
        self.issue(code, argument)
        return self.answer(timeout)

    def configure_mw(self, window, address, size):
        self.client.post(0, ADDR, struct.pack("=QQ", address, size))
        return self.command(CONFIGURE_MW, window)

    def picked_up(self, timeout=2.0):
        """Waits until the command has been taken out of the mailbox."""
        deadline = time.monotonic() + timeout
        while self.get(COMMAND) != 0:
            assert time.monotonic() < deadline, "command not picked up"
            time.sleep(0.0005)

    def link(self):
        return self.get16(LINK_STATUS)

    # Scratchpads.

    def own_spad(self, index):
        return self.get(self.get(SPAD_OFFSET) + 4 * index)

    def peer_at(self, index):
        """Bar and offset of a scratchpad that the other side reads."""
        if self.map.peer is not None:
            return self.map.peer, 4 * index
        return 0, self.get(SPAD_OFFSET) + 4 * (self.get(SPAD_COUNT) + index)

    def peer_spad(self, index):
        bar, offset = self.peer_at(index)
        return self.get(offset, bar)

    def set_peer_spad(self, index, value):
        bar, offset = self.peer_at(index)
        self.put(offset, value, bar)

    # Doorbells and interrupts.

    def ring(self, bit):
        slot = bit + 2
        offset = self.get(DB_ENTRY_SIZE) * slot + self.get(DB_OFFSET + 4 * slot)
        self.put(offset, self.get(DB_DATA + 4 * slot), self.map.doorbells)

    def enable_irqs(self, msix=True, count=16, configure=True):
        """Gives vectors eventfds, enables them, and tells the endpoint as Linux does."""
        self.events = Events(count)
        index = MSIX if msix else MSI
        for first in range(0, count, 16):
            fds = self.events.fds[first : first + 16]
            self.client.set_irqs(IRQ_DATA_EVENTFD | IRQ_TRIGGER, index, first, len(fds), fds=fds)
        if msix:
            self.client.write(CONFIG_REGION, MSIX_CAP + 2, struct.pack("<H", 0x8000))
        else:
            log2 = count.bit_length() - 1
            self.client.write(CONFIG_REGION, MSI_CAP + 4, struct.pack("<QH", MSI_ADDRESS, 0x4000))
            self.client.write(CONFIG_REGION, MSI_CAP + 2, struct.pack("<H", log2 << 4 | 1))
        if configure:
            flag = MSIX_FLAG if msix else 0
            assert self.command(CONFIGURE_DOORBELL, count | flag) == OK

    def interrupts(self, timeout=2.0):
        """Vectors that have fired since the last call, with the number of times."""
        return self.events.take(timeout)

    # Windows.

    def window(self, number):
        """Bar, and offset of the window in it."""
        return self.map.windows[number], self.get(MW1_OFFSET) if number == 0 else 0

    def window_size(self, number):
        bar, offset = self.window(number)
        return self.client.region(bar).size - offset

    def window_read(self, number, offset, count):
        bar, start = self.window(number)
        return self.client.read(bar, start + offset, count)

    def window_write(self, number, offset, data):
        bar, start = self.window(number)
        self.client.write(bar, start + offset, data)
