# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""An endpoint whose host is not ours: a host made of messages, which says what it likes."""

import random
import struct
import time

import pytest

from framework.bench import HOST_ADDRESS, MIB, Memory
from framework.testpmd import command_all
from framework.vfio_user import Client

CTRL_REGION, WINDOW_REGION = 0, 2
COMMAND, STATUS, ADDRESS, WINDOW_COUNT = 0x00, 0x08, 0x10, 0x20
CONFIGURE_WINDOW, LINK_UP = 3, 5
OK = 1

# struct ntb_epf_win_hdr up to the handshake; generation, seen and quiesced follow at 64.
HEADER = struct.Struct("<IHHIHHIBBBBQ6s26x")
GENERATION = 64
FIELDS = (
    "magic version hdr_bytes features queue_count queue_size max_pkt_len side wish abilities "
    "reserved window_bytes mac"
).split()
MAC = bytes.fromhex("020000000001")
GOOD = dict(zip(FIELDS, (0x5242544E, 1, 128, 0, 1, 512, 9018, 0, 3, 0, 0, MIB, MAC)))

# A field, the value the host claims, and what the refusal names.
CLAIMS = {
    "magic": (0x12345678, ("magic", str(0x12345678))),
    "version": (2, ("version", "2", "1")),
    "hdr_bytes": (64, ("header size", "64", "128")),
    "features": (1, ("features", "1", "0")),
    "queue_count": (0, ("queue_num", "0", "1")),
    "queue_size": (96, ("queue_size", "96", "power of two")),
    "max_pkt_len": (4, ("max_pkt_len", "4")),
    "side": (1, ("side", "1", "0")),
    "wish": (200, ("mover",)),
}


class Host:
    """A host that speaks to the bridge function by hand."""

    def __init__(self, rig):
        self.ep = rig.ep
        self.client = Client(rig.board / "rc-ntb.sock")
        self.memory = Memory(MIB)
        self.client.dma_map(self.memory.fd, 0, HOST_ADDRESS, MIB)
        self.client.bus_master(True)
        self.generation = 100

    def close(self):
        self.client.close()
        self.memory.close()

    def wait_word(self, offset):
        """Wait for a word of the control region not to be 0; the endpoint works when called."""
        deadline = time.monotonic() + 5
        word = 0
        while word == 0 and time.monotonic() < deadline:
            self.ep.link_up()
            word = struct.unpack("<H", self.client.read(CTRL_REGION, offset, 2))[0]
        return word

    def command(self, code):
        """Let the endpoint execute a command on window 0; returns its status."""
        self.client.write(CTRL_REGION, STATUS, struct.pack("<H", 0))
        self.client.write(CTRL_REGION, COMMAND, struct.pack("<I", code))
        return self.wait_word(STATUS)

    def connect(self):
        """Give the endpoint a window and raise the link of the bridge."""
        # The endpoint fills the control region first and clears what was in it.
        assert self.wait_word(WINDOW_COUNT) > 0
        self.client.write(CTRL_REGION, ADDRESS, struct.pack("<QQ", HOST_ADDRESS, MIB))
        assert self.command(CONFIGURE_WINDOW) == OK
        assert self.command(LINK_UP) == OK

    def say(self, header):
        """Write a header into the endpoint's window, and a new generation behind it."""
        self.generation += 1
        self.client.write(WINDOW_REGION, 0, header)
        self.client.write(WINDOW_REGION, GENERATION, struct.pack("<I", self.generation))

    def heard(self):
        """What the endpoint wrote: its generation, and the one of ours that it grants."""
        generation, _, granted = struct.unpack_from("<III", self.memory.map, GENERATION)
        return generation, granted


@pytest.fixture
def host(rig):
    """An endpoint with its own engine, and a host without manners."""
    rig.start_board()
    rig.start_side("ep", "ep").wait_ready()
    peer = Host(rig)
    yield peer
    peer.close()


def wait_line(pmd, words, start, timeout=2):
    """Wait for a line with all the words, asking for the link meanwhile."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        assert not pmd.link_up()
        lines = pmd.output[start:].splitlines()
        if any(all(word in line for word in words) for line in lines):
            return
    pmd.fail(f"no line with {words} within {timeout} s")


def test_claims(host):
    """A header with one wrong field is refused with a line that names it.

    Steps:
        As the host, write headers into the endpoint's window, each with one field that does not
        fit, each with a new generation. Then write a good one.
    Verify:
        Within 2 s a line names the field and the values. The link is not granted, the endpoint
        lives. The good header is granted.
    """
    host.connect()
    for field, (value, words) in CLAIMS.items():
        start = len(host.ep.output)
        host.say(HEADER.pack(*{**GOOD, field: value}.values()))
        wait_line(host.ep, ("link refused", *words), start)
        assert host.heard()[1] != host.generation
    host.say(HEADER.pack(*GOOD.values()))
    deadline = time.monotonic() + 2
    while host.heard()[1] != host.generation:
        assert time.monotonic() < deadline, host.heard()
        host.ep.link_up()


@pytest.mark.parametrize("seed", range(3))
def test_noise(rig, host, seed):
    """Noise in the whole window, with and without a link, harms nobody.

    Steps:
        As the host, bring the link up by hand. Fill the endpoint's rings with random words while
        it forwards, then the header too.
    Verify:
        The endpoint and the board live; the link goes down; the endpoint ends in order, with every
        buffer back in its pool.
    """
    rng = random.Random(seed)
    command_all([host.ep], "port stop 0")
    free = host.ep.idle_buffers()
    command_all([host.ep], "port start 0")
    host.connect()
    host.say(HEADER.pack(*GOOD.values()))
    deadline = time.monotonic() + 5
    while not host.ep.link_up():
        assert time.monotonic() < deadline, host.heard()
        generation = host.heard()[0]
        # The endpoint may publish: everything older than its generation has come to rest here.
        host.client.write(WINDOW_REGION, GENERATION + 4, struct.pack("<II", generation, generation))
    host.ep.start("flowgen")
    for _ in range(200):
        offset = 0x1000 + 8 * rng.randrange(2 * 512 * 2)
        host.client.write(WINDOW_REGION, offset, rng.randbytes(8 * rng.randint(1, 64)))
    time.sleep(0.2)
    host.client.write(WINDOW_REGION, 0, rng.randbytes(128))
    host.ep.wait_link(False, 5)
    host.ep.stop()
    host.client.close()
    host.ep.wait_link(False, 5)
    assert rig.softep.alive()
    command_all([host.ep], "port stop 0")
    assert host.ep.idle_buffers() == free
    assert host.ep.quit() == 0
