# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A raw vfio-user client: messages as the protocol has them, nothing hidden.

Tests use it to be a client of their own, well-behaved or not. It shares no code with the clients
under test.
"""

import errno
import mmap
import os
import socket
import struct
from dataclasses import dataclass, field

VERSION = 1
DMA_MAP = 2
DMA_UNMAP = 3
DEVICE_GET_INFO = 4
DEVICE_GET_REGION_INFO = 5
DEVICE_GET_IRQ_INFO = 7
DEVICE_SET_IRQS = 8
REGION_READ = 9
REGION_WRITE = 10
DEVICE_RESET = 13

FLAG_REPLY = 0x1
FLAG_NO_REPLY = 0x10
FLAG_ERROR = 0x20

REGION_FLAG_READ = 1
REGION_FLAG_WRITE = 2
REGION_FLAG_MMAP = 4
REGION_FLAG_CAPS = 8

DMA_READ = 1
DMA_WRITE = 2
DMA_UNMAP_ALL = 2

INTX, MSI, MSIX, ERROR_IRQ, REQUEST_IRQ = range(5)
IRQ_EVENTFD = 1
# SET_IRQS: one of the first three and one of the others.
IRQ_NONE, IRQ_BOOL, IRQ_DATA_EVENTFD = 1, 2, 4
IRQ_MASK, IRQ_UNMASK, IRQ_TRIGGER = 8, 16, 32

CONFIG_REGION = 7

HEADER = struct.Struct("=HHIII")
REGION_INFO = struct.Struct("=IIIIQQ")


class ProtocolError(Exception):
    """The server broke the protocol, or closed the connection."""


@dataclass
class Region:
    """A region as the server described it. The descriptor is the holder's to close."""

    size: int
    flags: int
    fd: int = -1
    offset: int = 0
    areas: list = field(default_factory=list)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Client:
    """One connection. Every wait is bounded by the time-out of the socket."""

    def __init__(self, path, version=True, timeout=2.0):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.next_id = 0
        self.posted = 0
        try:
            self.sock.connect(str(path))
            if version:
                text = b'{"capabilities":{"max_msg_fds":16}}\0'
                self.request(VERSION, struct.pack("=HH", 0, 0) + text)
        except BaseException:
            self.sock.close()
            raise

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def send(self, command, payload=b"", fds=(), flags=0):
        """Sends one command, returns its id."""
        self.next_id = (self.next_id + 1) & 0xFFFF
        message = HEADER.pack(self.next_id, command, HEADER.size + len(payload), flags, 0) + payload
        sent = socket.send_fds(self.sock, [message], list(fds))
        if sent < len(message):
            self.sock.sendall(message[sent:])
        return self.next_id

    def send_raw(self, data, fds=()):
        socket.send_fds(self.sock, [data], list(fds))

    def _receive_exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise ProtocolError("connection closed inside a message")
            data += piece
        return data

    def receive(self):
        """Returns (header fields, payload, descriptors)."""
        room = socket.CMSG_SPACE(16 * 4)
        data, ancillary, _, _ = self.sock.recvmsg(HEADER.size, room, socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise ProtocolError("connection closed")
        fds = []
        for level, kind, raw in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds += struct.unpack(f"={len(raw) // 4}i", raw[: len(raw) // 4 * 4])
        data += self._receive_exactly(HEADER.size - len(data))
        header = HEADER.unpack(data)
        return header, self._receive_exactly(header[2] - HEADER.size), fds

    def request_fds(self, command, payload=b"", fds=()):
        """Sends a command and returns the payload and descriptors of its reply."""
        ident = self.send(command, payload, fds)
        (reply_id, reply_command, _, flags, error), data, got = self.receive()
        if (reply_id, reply_command, flags & 0xF) != (ident, command, FLAG_REPLY):
            raise ProtocolError(f"reply {reply_id}/{reply_command}/{flags:#x} to {ident}/{command}")
        if flags & FLAG_ERROR:
            raise OSError(error, os.strerror(error))
        return data, got

    def request(self, command, payload=b"", fds=()):
        data, got = self.request_fds(command, payload, fds)
        for fd in got:
            os.close(fd)
        return data

    def region(self, index):
        """Describes a region; asks a second time if the first answer says so."""
        room = REGION_INFO.size
        for _ in range(2):
            payload = REGION_INFO.pack(room, 0, index, 0, 0, 0).ljust(REGION_INFO.size, b"\0")
            data, fds = self.request_fds(DEVICE_GET_REGION_INFO, payload)
            needed, flags, _, cap, size, offset = REGION_INFO.unpack_from(data)
            if needed <= room:
                break
            room = needed
        region = Region(size, flags, fds[0] if fds else -1, offset)
        if flags & REGION_FLAG_CAPS:
            ident, _, _, count = struct.unpack_from("=HHII", data, cap)
            assert ident == 1, "sparse mmap is the only capability expected"
            areas = data[cap + 16 : cap + 16 + 16 * count]
            region.areas = list(struct.iter_unpack("=QQ", areas))
        return region

    def map_region(self, index, writable=True):
        """Maps a region that is shared memory, or as much of its start as is."""
        region = self.region(index)
        if region.fd < 0:
            raise OSError(errno.EACCES, f"region {index} cannot be mapped")
        prot = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        start, size = region.areas[0] if region.areas else (0, region.size)
        assert start == 0, f"region {index} is not mappable from its start on"
        try:
            return mmap.mmap(region.fd, size, mmap.MAP_SHARED, prot, offset=region.offset)
        finally:
            region.close()

    def read(self, region, offset, count):
        data = self.request(REGION_READ, struct.pack("=QII", offset, region, count))
        return data[16:]

    def write(self, region, offset, data):
        self.request(REGION_WRITE, struct.pack("=QII", offset, region, len(data)) + data)

    def post(self, region, offset, data):
        """A write without reply; returns its number."""
        payload = struct.pack("=QII", offset, region, len(data)) + data
        self.send(REGION_WRITE, payload, flags=FLAG_NO_REPLY)
        self.posted += 1
        return self.posted

    def irq_info(self, index):
        """Flags and number of vectors."""
        _, flags, _, count = struct.unpack(
            "=4I", self.request(DEVICE_GET_IRQ_INFO, struct.pack("=4I", 16, 0, index, 0))
        )
        return flags, count

    def set_irqs(self, flags, index, start, count, data=b"", fds=()):
        payload = struct.pack("=5I", 20 + len(data), flags, index, start, count) + data
        self.request(DEVICE_SET_IRQS, payload, fds)

    def dma_map(self, fd, offset, address, size, flags=DMA_READ | DMA_WRITE):
        payload = struct.pack("=IIQQQ", 32, flags, offset, address, size)
        self.request(DMA_MAP, payload, [fd] if fd >= 0 else [])

    def dma_unmap(self, address, size, flags=0):
        self.request(DMA_UNMAP, struct.pack("=IIQQ", 24, flags, address, size))

    def reset(self):
        self.request(DEVICE_RESET)

    def bus_master(self, on):
        """Let the function access memory, or not; it answers accesses to its own anyway."""
        self.write(CONFIG_REGION, 4, struct.pack("=H", 6 if on else 2))
