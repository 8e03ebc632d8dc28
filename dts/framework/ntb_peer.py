# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Sides of the bridge made of messages, which say what a test likes: see ntb_epf_ring.h."""

import struct
import time

from framework.bench import ATU_REGION, HOST_ADDRESS, MIB, OUTBOUND_REGION, Memory
from framework.vfio_user import Client

CTRL_REGION, WINDOW_REGION = 0, 2
COMMAND, STATUS, ADDRESS, WINDOW_COUNT = 0x00, 0x08, 0x10, 0x20
CONFIGURE_WINDOW, TEARDOWN_WINDOW, LINK_UP, LINK_DOWN = 3, 4, 5, 6
OK = 1
# Control region: scratchpads behind it, 128 in a bank; doorbells a dword apart.
SPAD_OFFSET, SPADS, DOORBELL_BYTES = 0x134, 128, 4

# struct ntb_epf_win_hdr up to the handshake; generation, seen and quiesced follow at 64.
HEADER = struct.Struct("<IHHIHHIBBBBQ6s26x")
GENERATION = 64
FIELDS = (
    "magic version hdr_bytes features queue_count queue_size max_pkt_len side wish abilities "
    "reserved window_bytes mac"
).split()
RINGS = 0x1000
ENTRY_BYTES = 16
QUEUE_SIZE = 512
RC_TO_EP, EP_TO_RC = 0, 1
PHASE = 1 << 63
TIMEOUT = 5


def header(whose, **changes):
    """A header that fits a testpmd with one queue pair of 512, with fields changed."""
    mac = bytes.fromhex("020000000001")
    good = (0x5242544E, 1, 128, 0, 1, QUEUE_SIZE, 9018, whose, 0, 3, 0, MIB, mac)
    return HEADER.pack(*{**dict(zip(FIELDS, good)), **changes}.values())


def area(direction, queue=0, depth=QUEUE_SIZE):
    """Where the ring of a direction is in a window."""
    return RINGS + (2 * queue + direction) * depth * ENTRY_BYTES


def submission(number, address, length, generations, flags=0):
    """A submission of the first lap: two words."""
    word0 = address | (generations & 0x3F) << 57 | PHASE
    word1 = length | (number & 0xFFFF) << 32 | flags << 48 | (generations & 0x7F) << 56 | PHASE
    return struct.pack("<QQ", word0, word1)


class _Peer:
    """What both sides have: a generation, and a testpmd to talk to."""

    def __init__(self, pmd, generation):
        self.pmd = pmd
        self.generation = generation

    def wait(self, condition, what, timeout=TIMEOUT):
        """Wait for the testpmd to do something; it works when it is called."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"no {what} within {timeout} s: {self.heard()}"
            self.pmd.link_up()

    def say(self, text):
        """Write a header, and behind it a new generation."""
        self.generation += 1
        self.store(0, text)
        self.store(GENERATION, struct.pack("<I", self.generation))

    def grant(self):
        """Tell the testpmd that everything older than its generation has come to rest here."""
        self.store(GENERATION + 4, struct.pack("<II", *[self.heard()[0]] * 2))

    def join(self, text):
        """Bring the link up."""
        self.say(text)

        def is_up():
            self.grant()
            return self.heard()[1] == self.generation and self.pmd.link_up()

        self.wait(is_up, "link")


class Host(_Peer):
    """A host by hand. Its memory is a window of 1 MiB, and as much again for buffers."""

    def __init__(self, board, pmd, generation=100):
        super().__init__(pmd, generation)
        self.client = Client(board / "rc-ntb.sock")
        self.memory = Memory(2 * MIB)
        self.client.dma_map(self.memory.fd, 0, HOST_ADDRESS, self.memory.size)
        # Memory space on: the endpoint cannot write here yet.
        self.client.bus_master(False)

    def close(self):
        """Go without a word. May be called twice."""
        self.client.close()
        if self.memory is not None:
            self.memory.close()
        self.memory = None

    def word(self, offset):
        """A half word of the control region."""
        return struct.unpack("<H", self.client.read(CTRL_REGION, offset, 2))[0]

    def command(self, code, timeout=TIMEOUT):
        """Let the endpoint execute a command on window 0; returns its status."""
        self.client.write(CTRL_REGION, STATUS, struct.pack("<H", 0))
        self.client.write(CTRL_REGION, COMMAND, struct.pack("<I", code))
        self.wait(lambda: self.word(STATUS) != 0, f"answer to command {code}", timeout)
        return self.word(STATUS)

    def connect(self):
        """Give the endpoint a window and raise the link of the bridge."""
        self.client.bus_master(True)
        # The endpoint fills the control region first and clears what was in it.
        self.wait(lambda: self.word(WINDOW_COUNT) != 0, "control region")
        self.client.write(CTRL_REGION, ADDRESS, struct.pack("<QQ", HOST_ADDRESS, MIB))
        assert self.command(CONFIGURE_WINDOW) == OK
        assert self.command(LINK_UP) == OK

    def store(self, offset, data):
        """Write into the endpoint's window."""
        self.client.write(WINDOW_REGION, offset, data)

    def heard(self):
        """What the endpoint wrote: its generation, and the one of ours that it grants."""
        generation, _, granted = struct.unpack_from("<III", self.memory.map, GENERATION)
        return generation, granted


class Endpoint(_Peer):
    """An endpoint by hand, which serves the control region."""

    def __init__(self, board, pmd, generation=100):
        super().__init__(pmd, generation)
        self.client = Client(board / "ep-ntb.sock")
        self.linked = False
        region = bytearray(SPAD_OFFSET)
        words = (0, 0, SPAD_OFFSET, SPADS, DOORBELL_BYTES)
        struct.pack_into("<5I", region, WINDOW_COUNT, *words)
        self.client.write(CTRL_REGION, 0, bytes(region))
        self.client.write(CTRL_REGION, WINDOW_COUNT, struct.pack("<I", 1))

    def close(self):
        """Go without a word."""
        self.client.close()

    def serve(self):
        """Execute a command if there is one."""
        code = struct.unpack("<I", self.client.read(CTRL_REGION, COMMAND, 4))[0]
        if code == 0:
            return
        if code == LINK_UP:
            target = self.client.read(CTRL_REGION, ADDRESS, 16)
            self.client.write(ATU_REGION, 0, target[:8])
            self.client.write(ATU_REGION, 8, target[8:])
            self.client.write(ATU_REGION, 16, struct.pack("<I", 1))
        self.linked = code == LINK_UP
        self.client.write(CTRL_REGION, COMMAND, bytes(8))
        self.client.write(CTRL_REGION, STATUS, struct.pack("<H", OK))

    def connect(self):
        """Serve the host until it has raised the link of the bridge."""

        def is_linked():
            self.serve()
            return self.linked

        self.wait(is_linked, "LINK_UP", 2 * TIMEOUT)

    def store(self, offset, data):
        """Write into the host's window."""
        self.client.write(OUTBOUND_REGION, offset, data)

    def heard(self):
        """What the host wrote: its generation, and the one of ours that it grants."""
        words = self.client.read(WINDOW_REGION, GENERATION, 12)
        generation, _, granted = struct.unpack("<III", words)
        return generation, granted


PEERS = {"rc": Host, "ep": Endpoint}
