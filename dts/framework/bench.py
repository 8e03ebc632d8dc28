# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A board, raw clients of it, and one side's hand on the engine: what the softep tests share."""

import contextlib
import mmap
import os
import random
import signal
import struct
import time

from framework.softep import Softep
from framework.vfio_user import Client

# What the board page tells, as softep_board.h lays it out.
BOARD = struct.Struct("=4I 16I 4I 12Q")
BOARD_REGION, SHADOW_REGION, OUTBOUND_REGION, ATU_REGION = 9, 10, 11, 12
PORTS = ("rc-ntb", "rc-dma", "ep-ntb", "ep-dma")
APPLIED = {"rc-dma": 0x8000, "ep-dma": 0x9000}
SOCKETS = tuple(f"{port}.sock" for port in PORTS) + ("control.sock",)

# Engine: register offsets of the write and the read direction, and bits.
ENGINE_EN = {"wr": 0x00C, "rd": 0x02C}
DOORBELL = {"wr": 0x010, "rd": 0x030}
INT_STATUS = {"wr": 0x04C, "rd": 0x0A0}
INT_MASK = {"wr": 0x054, "rd": 0x0A8}
DONE_IMWR = {"wr": 0x060, "rd": 0x0CC}
ABORT_IMWR_WR, LL_ERR_EN_WR = 0x068, 0x090
IMWR_DATA = {"wr": 0x070, "rd": 0x0DC}
WINDOW = {"wr": 0x200, "rd": 0x300}
CB, TCB, LLP, LIE, RIE = 1, 2, 4, 8, 16
CCS, LLE = 0x100, 0x200
RUNNING, ABORTED, STOPPED = 1, 2, 3
LOCAL_BASE = 1 << 52
MIB = 1 << 20
PAGE = 4096


def noise(count, seed):
    return random.Random(seed).randbytes(count)


def wait_until(condition, what, timeout=2.0):
    """Poll a condition that another process makes true."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {timeout} s"
        time.sleep(0.001)


def process_state(pid):
    """The letter that /proc has for it."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


class Memory:
    """A memory of a client, as it would hand it to a device."""

    def __init__(self, size):
        self.size = size
        self.fd = os.memfd_create("test")
        os.ftruncate(self.fd, size)
        self.map = mmap.mmap(self.fd, size)

    def close(self):
        self.map.close()
        os.close(self.fd)


class Bench:
    """A board and clients of it, all gone at the end of the test."""

    def __init__(self, directory, *args):
        self.dir = directory / "board"
        self.softep = Softep(self.dir, directory, *args)
        self.clients = {}
        self.memories = []

    def close(self):
        for client in self.clients.values():
            client.close()
        for memory in self.memories:
            memory.close()
        self.softep.close()

    def attach(self, port):
        """A client; a function of the host answers accesses to its BARs."""
        client = self.clients[port] = Client(self.dir / f"{port}.sock")
        if port.startswith("rc"):
            client.bus_master(False)
        return client

    def leave(self, port):
        self.clients.pop(port).close()
        wait_until(lambda: self.port(port)["attached"] == 0, f"departure from {port}")

    def memory(self, size):
        self.memories.append(Memory(size))
        return self.memories[-1]

    def page(self):
        """The board page, read through whatever client there is."""
        client = next(iter(self.clients.values()))
        words = BOARD.unpack(client.read(BOARD_REGION, 0, BOARD.size))
        names = ("ctrl_local ctrl_bytes mw_local mw_bytes db_local db_bytes ll_local ll_bytes "
                 "outbound_local outbound_bytes ll_stride ll_ch_bytes").split()
        page = dict(zip(("magic", "version", "link_up", "trap"), words[:4]))
        page.update(zip(("wr_cnt", "rd_cnt", "map", "all_ones"), words[20:24]))
        page.update(zip(names, words[24:]))
        page["port"] = {port: words[4 + 4 * i : 8 + 4 * i] for i, port in enumerate(PORTS)}
        return page

    @contextlib.contextmanager
    def frozen(self):
        """Stops the board, so that what clients send meanwhile arrives at once."""
        os.kill(self.softep.pid, signal.SIGSTOP)
        try:
            wait_until(lambda: process_state(self.softep.pid) == "T", "stop")
            yield
        finally:
            os.kill(self.softep.pid, signal.SIGCONT)

    def port(self, name):
        return self.softep.stats()[name]

    def region(self, port, index):
        """Messages of one region: reads, read_bytes, writes, write_bytes."""
        counters = self.softep.stats().get(f"{port} region {index}", {})
        return tuple(counters.get(k, 0) for k in ("reads", "read_bytes", "writes", "write_bytes"))

    def engine(self):
        return self.softep.stats()["engine"]


class Dma:
    """One side's access to the engine: registers by message, lists in shared memory or not."""

    def __init__(self, bench, port, trap=False):
        self.client = bench.attach(port)
        self.port = port
        self.page = bench.page()
        self.trap = trap
        self.list = None if trap else self.client.map_region(2)
        self.shadow = None if trap else self.client.map_region(SHADOW_REGION, writable=False)

    def put(self, offset, value):
        return self.client.post(0, offset, struct.pack("=I", value))

    def put64(self, offset, value):
        self.put(offset, value & 0xFFFFFFFF)
        self.put(offset + 4, value >> 32)

    def get(self, offset):
        """A register, read after all that was written: never overtaking it."""
        if self.trap:
            return struct.unpack("=I", self.client.read(0, offset, 4))[0]
        wait_until(lambda: self.applied() >= self.client.posted, "register write")
        return struct.unpack_from("=I", self.shadow, offset)[0]

    def get64(self, offset):
        return self.get(offset) | self.get(offset + 4) << 32

    def applied(self):
        return struct.unpack_from("=Q", self.shadow, APPLIED[self.port])[0]

    def list_offset(self, direction, channel):
        number = channel + (self.page["wr_cnt"] if direction == "rd" else 0)
        return number * self.page["ll_stride"]

    def element(self, offset, control, size, source, target):
        """Fills a list slot, control word last."""
        slot = struct.pack("=IIQQ", control, size, source, target)
        if self.trap:
            self.client.write(2, offset + 4, slot[4:])
            self.client.write(2, offset, slot[:4])
        else:
            self.list[offset + 4 : offset + 24] = slot[4:]
            self.list[offset : offset + 4] = slot[:4]

    def start(self, direction, channel, elements, fn=0):
        """Writes a list that ends with a toggling link and rings."""
        base = self.list_offset(direction, channel)
        local = self.page["ll_local"] + base
        for i, (control, size, source, target) in enumerate(elements):
            self.element(base + 24 * i, control | CB, size, source, target)
        self.element(base + 24 * len(elements), LLP | TCB, 0, local, 0)
        window = WINDOW[direction] + 0x200 * channel
        self.put(ENGINE_EN[direction], 1)
        self.put(window, CCS | LLE | fn << 12)
        self.put64(window + 0x1C, local)
        self.put(DOORBELL[direction], channel)

    def status(self, direction, channel):
        return self.get(WINDOW[direction] + 0x200 * channel) >> 5 & 3

    def finish(self, direction, channel, timeout=2.0):
        """Waits until the channel does not run; returns its status."""
        wait_until(lambda: self.status(direction, channel) != RUNNING, "stop", timeout)
        return self.status(direction, channel)

    def run(self, direction, channel, elements, fn=0):
        self.start(direction, channel, elements, fn)
        return self.finish(direction, channel)


HOST_ADDRESS = 0x7F00_0000_0000
EP_ADDRESS = 0x1000_0000


def attach_pair(bench, fn=0, size=MIB, trap=False):
    """Host and endpoint with a memory each: (host DMA side, host memory, endpoint memory)."""
    port = ("rc-ntb", "rc-dma")[fn]
    dma = Dma(bench, "rc-dma", trap)
    host = dma.client if fn == 1 else bench.attach(port)
    ep = bench.attach("ep-ntb")
    host_memory, ep_memory = bench.memory(size), bench.memory(size)
    host.dma_map(host_memory.fd, 0, HOST_ADDRESS, size)
    ep.dma_map(ep_memory.fd, 0, EP_ADDRESS, size)
    host.bus_master(True)
    return dma, host_memory, ep_memory
