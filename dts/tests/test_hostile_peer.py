# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A side whose peer is not ours: one made of messages, which says what it likes."""

import random
import struct
import time

import pytest

from framework.bench import MIB
from framework.ntb_peer import (
    CTRL_REGION,
    EP_TO_RC,
    PEERS,
    RINGS,
    SPAD_OFFSET,
    area,
    header,
    submission,
)
from framework.testpmd import command_all

# Which number a peer has to give as its side, and the arrangement in which we move everything.
SIDE = {"rc": 0, "ep": 1}
OTHER = {"rc": "ep", "ep": "rc"}

# A field, the value that the peer claims, and what the refusal names.
CLAIMS = {
    "magic": (0x12345678, ("magic", str(0x12345678))),
    "version": (2, ("version", "peer has 2", "this side 1")),
    "hdr_bytes": (64, ("header size", "peer has 64", "this side 128")),
    "queue_count": (0, ("queue_num", "0", "1")),
    "queue_size": (96, ("queue_size", "96", "power of two")),
    "max_pkt_len": (4, ("max_pkt_len", "4")),
    "side": (7, ("side", "7")),
    "wish": (200, ("mover",)),
}


def start_peer(rig, name):
    """The peer of a testpmd that has the engine and moves everything."""
    return PEERS[name](rig.board, getattr(rig, OTHER[name]))


@pytest.fixture(params=["rc", "ep"])
def peer(rig, request):
    """A testpmd on one side, and on the other one somebody without manners."""
    rig.start_board()
    side = OTHER[request.param]
    rig.start_side(side, side).wait_ready()
    peer = start_peer(rig, request.param)
    peer.name = request.param
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


def test_claims(peer):
    """A header with one wrong field is refused with a line that names it.

    Steps:
        As the peer, write headers into the window, each with one field that does not fit, each
        with a new generation. Then write a good one.
    Verify:
        Within 2 s one line names the field and the values. The link is not granted, the process
        lives. The good header is granted.
    """
    peer.connect()
    side = SIDE[peer.name]
    for field, (value, words) in CLAIMS.items():
        start = len(peer.pmd.output)
        peer.say(header(side, **{field: value}))
        wait_line(peer.pmd, ("link refused", *words), start)
        assert peer.heard()[1] != peer.generation
        assert peer.pmd.output[start:].count("link refused") == 1
    peer.say(header(side))
    peer.wait(lambda: peer.heard()[1] == peer.generation, "grant")


def rings_noise(peer, rng):
    """Random words where the entries of both directions are."""
    words = rng.randint(1, 64)
    peer.store(RINGS + 8 * rng.randrange(2 * 512 * 2), rng.randbytes(8 * words))


def control_noise(peer, rng):
    """Random words in the control region and the scratchpads: commands, addresses, counts."""
    word = rng.choice([rng.randrange(8), rng.getrandbits(32), 0xFFFFFFFF])
    at = rng.choice([rng.randrange(0, 0x34, 4), rng.randrange(0, SPAD_OFFSET + 1024, 4)])
    peer.client.write(CTRL_REGION, at, word.to_bytes(4, "little"))


def header_noise(peer, rng):
    """A random word in the header, the handshake included."""
    word = rng.choice([0, 1, rng.getrandbits(32), 0xFFFFFFFF])
    peer.store(rng.randrange(0, 128, 4), word.to_bytes(4, "little"))


@pytest.mark.parametrize("noise", [rings_noise, control_noise, header_noise])
def test_noise(rig, peer, noise):
    """Noise harms nobody, and the link recovers when it stops.

    Steps:
        As the peer, bring the link up by hand. While the testpmd forwards, write noise into its
        rings, into the control region with its scratchpads, or into the header. Let go without a
        word, and start a testpmd on that side.
    Verify:
        The testpmd and the board live. The link comes up with the new peer and packets flow. Both
        end in order, with every buffer back in its pool.
    """
    rng = random.Random(1)
    command_all([peer.pmd], "port stop 0")
    free = peer.pmd.idle_buffers()
    command_all([peer.pmd], "port start 0")
    peer.connect()
    peer.join(header(SIDE[peer.name]))
    peer.pmd.start("flowgen")
    for _ in range(300):
        noise(peer, rng)
    time.sleep(0.2)
    peer.close()
    peer.pmd.wait_link(False, 5)
    assert rig.softep.alive()

    rig.start_side(peer.name, OTHER[peer.name]).wait_ready()
    rig.wait_links()
    other = getattr(rig, peer.name)
    other.start("rxonly")
    peer.wait(lambda: other.stats()["RX-packets"] > 0, "packet")
    command_all(rig.pair, "stop")
    command_all(rig.pair, "port stop 0")
    assert peer.pmd.idle_buffers() == free
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


# Behind rings and requests: the payload area of a window for one queue pair of 512.
PAYLOAD = area(0, 1) + 0x4000
# Cells that are none: address and length.
NO_CELLS = [
    (0, 2048), (PAYLOAD - 64, 128), (PAYLOAD + 8, 2048), (PAYLOAD, 2047), (PAYLOAD, 0),
    (MIB - 64, 128), (MIB, 64), (MIB + 4096, 2048), ((1 << 57) - 64, 64), (MIB - 64, 0xFFFFFFC0),
]  # fmt: skip
ERROR, CPU_WISH = 0x80, 4


def test_cells(rig):
    """Cores store nothing where the peer's window has no payload.

    Steps:
        As a host, agree on `cpu` with a testpmd. Publish places outside of the payload area, places
        that are not whole lines, and behind them one cell that is good. Let the testpmd send.
    Verify:
        Each bad one comes back with the error flag and costs one packet, the good one comes back
        with a packet. Nothing else in the window, or behind it, has changed.
    """
    rig.start_board()
    rig.start_side("ep", "cpu").wait_ready()
    host = PEERS["rc"](rig.board, rig.ep)
    host.connect()
    host.join(header(SIDE["rc"], wish=CPU_WISH, abilities=0))
    generations = host.generation + host.heard()[0]
    host.memory.map[PAYLOAD:] = b"\xa5" * (host.memory.size - PAYLOAD)
    cells = [*NO_CELLS, (PAYLOAD + 640, 2112)]
    for number, (address, length) in enumerate(cells):
        entry = submission(number, address, length, generations)
        host.store(area(EP_TO_RC) + 16 * number, entry)
    rig.ep.start("txonly")
    at = area(EP_TO_RC)

    def completions():
        return struct.unpack_from(f"<{len(cells)}Q", host.memory.map, at)

    host.wait(lambda: completions()[-1] != 0, "completion")
    rig.ep.stop()
    for number, word in enumerate(completions()):
        length, flags = (64, 0) if number == len(NO_CELLS) else (0, ERROR)
        assert (word & 0xFFFFFFFF, word >> 32 & 0xFFFF, word >> 48 & 0xFF) == (length, number, flags)
    assert rig.ep.xstats()["raw_Tx-errors"] == len(NO_CELLS)
    packet = slice(PAYLOAD + 640, PAYLOAD + 640 + 64)
    assert host.memory.map[packet] != b"\xa5" * 64
    host.memory.map[packet] = b"\xa5" * 64
    assert host.memory.map[PAYLOAD:] == b"\xa5" * (host.memory.size - PAYLOAD)
    host.close()
    rig.ep.wait_link(False, 5)
    assert rig.ep.quit() == 0
