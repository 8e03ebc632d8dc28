# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A board that plays the endpoint's kernel with pci-epf-ntb: two hosts, back to back."""

import os
import random
import struct
import zlib

import pytest

from framework import programs
from framework.bench import MIB, PAGE, noise, wait_until
from framework.ntb_host import (
    ALL_ONES,
    COMMAND,
    CONFIGURE_DOORBELL,
    CONFIGURE_MW,
    DB_DATA,
    FAILED,
    LINK_DOWN,
    LINK_UP,
    MAPS,
    MW_COUNT,
    NO_STATUS,
    OK,
    SPAD_COUNT,
    TEARDOWN_DOORBELL,
    TEARDOWN_MW,
    NtbHost,
)

WINDOW = 64 << 10
# Both hosts have memory there, as two machines would.
ADDRESS = 0x4000_0000
PORTS = ("rc-ntb", "rc2-ntb")


class Pair:
    """The board and its two hosts."""

    def __init__(self, bench, name):
        self.bench = bench
        self.name = name
        self.hosts = [self.host(port) for port in PORTS]

    def host(self, port, **kwargs):
        arguments = {"address": ADDRESS, "size": 2 * WINDOW, **kwargs}
        return NtbHost(self.bench, port, self.name, **arguments)

    def both_ways(self):
        """Each host with the other one."""
        return (self.hosts, self.hosts[::-1])

    def counters(self, host):
        return self.bench.softep.stats()[f"ntb host {self.hosts.index(host) + 1}"]

    def link_up(self, msix=True):
        for host in self.hosts:
            host.enable_irqs(msix)
        for host in self.hosts:
            assert host.command(LINK_UP) == OK
        for host in self.hosts:
            assert host.interrupts() == {0: 1}

    def leave(self, host):
        self.bench.leave(host.port)
        host.close()

    def close(self):
        for host in self.hosts:
            host.close()


@pytest.fixture
def make_pair(make_bench):
    """Starts a bridge with the map and arguments given, and both hosts."""
    made = []

    def make(name="renesas", *args):
        windows = ",".join(["64k"] * len(MAPS[name].windows))
        bench = make_bench("--back-to-back", "--ntb-map", name, "--mw", windows, *args)
        made.append(Pair(bench, name))
        return made[-1]

    yield make
    for pair in made:
        pair.close()


@pytest.fixture
def pair(make_pair):
    """A bridge with the default map."""
    return make_pair()


each_map = pytest.mark.parametrize("name", list(MAPS))


@pytest.mark.parametrize("code, argument, status", [
    (CONFIGURE_DOORBELL, 16, OK), (CONFIGURE_DOORBELL, 33, FAILED),
    (CONFIGURE_DOORBELL, 0xFFFF, FAILED), (TEARDOWN_DOORBELL, 16, OK), (TEARDOWN_MW, 0, OK),
    (TEARDOWN_MW, 99, FAILED), (CONFIGURE_MW, 99, FAILED), (LINK_UP, 0, OK), (LINK_DOWN, 0, OK),
])
def test_commands(pair, code, argument, status):
    """Each host has a mailbox of its own.

    Steps:
        Send every command from both hosts, right and wrong.
    Verify:
        Status as specified, counted for that host, told if wrong.
    """
    for host, _ in pair.both_ways():
        assert host.command(code, argument) == status and host.get(COMMAND) == 0
        assert pair.counters(host)["commands"] == 1
        assert pair.counters(host)["bad_commands"] == (status == FAILED)
    if status == FAILED:
        pair.bench.softep.wait_for(rf"ntb: host 2: \w+ {argument}: expected", 1)


def test_unknown_command(pair):
    """A command that the endpoint does not know is never answered, to either host.

    Steps:
        Send it from one host; a known one from both.
    Verify:
        One answer each.
    """
    for host in pair.hosts:
        host.issue(7)
        host.picked_up()
        assert host.answer(timeout=0.02) == NO_STATUS
        assert host.command(LINK_UP) == OK


@each_map
def test_scratchpads(make_pair, name):
    """Region B of one host is region A of the other.

    Steps:
        Write all peer scratchpads of both hosts, each where its map has them; read both banks.
    Verify:
        What one wrote the other one finds as its own, and nothing else moved.
    """
    pair = make_pair(name)
    for number, host in enumerate(pair.hosts):
        for i in range(host.get(SPAD_COUNT)):
            host.set_peer_spad(i, number << 16 | i)
    for number, host in enumerate(pair.hosts):
        for i in range(host.get(SPAD_COUNT)):
            assert host.own_spad(i) == (1 - number) << 16 | i
            assert host.peer_spad(i) == number << 16 | i
        assert host.get(MW_COUNT) == len(MAPS[name].windows) and host.link() == 0


@each_map
@pytest.mark.parametrize("msix", [True, False], ids=["msix", "msi"])
def test_doorbells(make_pair, name, msix):
    """Doorbell bit b is the other host's vector b + 2, once that host has configured it.

    Steps:
        Ring before; configure, ring every bit; tear down, ring.
    Verify:
        No value to write before and after, one interrupt per ring in between, on the right host.
    """
    pair = make_pair(name)
    for host, peer in pair.both_ways():
        assert host.get(DB_DATA + 8) == 0
        host.ring(0)
        peer.enable_irqs(msix)
        for bit in range(14):
            host.ring(bit)
            assert peer.interrupts() == {bit + 2: 1}
        assert host.get(DB_DATA + 4 * 16) == 0
        assert peer.command(TEARDOWN_DOORBELL, 16) == OK
        host.ring(0)
        assert host.get(DB_DATA + 8) == 0 and peer.interrupts(0) == {}
        counters = pair.counters(host)
        assert (counters["doorbells"], counters["stray_db"]) == (14, 2)


def test_stray_doorbells(pair):
    """A write to the doorbell BAR that is no doorbell of the other host is counted.

    Steps:
        Write wrong values, to slots that are none, in wrong widths, and spoil the own table.
    Verify:
        No interrupt, every one counted.
    """
    host, peer = pair.hosts
    peer.enable_irqs(count=4)
    slot = 2 * 4
    right = struct.pack("<I", host.get(DB_DATA + 8))
    host.put(DB_DATA + 4 * 31, ALL_ONES)
    writes = ((slot, bytes(4)), (slot, right[:2]), (slot + 4, right), (4 * 31, b"\1\0\0\0"),
              (slot, right * 2), (PAGE - 4, right))
    for offset, data in writes:
        host.client.write(4, offset, data)
    assert peer.interrupts(0) == {} and pair.counters(host)["stray_db"] == len(writes)
    host.client.write(4, slot, right)
    assert peer.interrupts() == {2: 1} and host.get(slot, bar=4) == 0


def test_link(pair):
    """The link is up while both hosts want it, and both hear of every change.

    Steps:
        LINK_UP and LINK_DOWN from both hosts in turn.
    Verify:
        LINK_STATUS of both, and vector 0 on both when both have sent LINK_UP and on a LINK_DOWN.
    """
    first, second = pair.hosts
    for host in pair.hosts:
        host.enable_irqs()
    steps = ((first, LINK_UP, 0, False), (second, LINK_UP, 1, True), (first, LINK_DOWN, 0, True),
             (first, LINK_UP, 1, True), (second, LINK_DOWN, 0, True), (second, LINK_UP, 1, True))
    for host, code, link, event in steps:
        assert host.command(code) == OK
        for each in pair.hosts:
            assert each.interrupts(2.0 if event else 0) == ({0: 1} if event else {})
            assert each.link() == link


@pytest.mark.parametrize("switch, on, off", [("link", "down", "up"), ("all_ones", 1, 0)])
def test_cut_off(pair, switch, on, off):
    """The switches cut the board off from both of its hosts.

    Steps:
        Read and write a scratchpad of both hosts: as it is, with the switch on, and off again.
    Verify:
        While it is on both read all-ones, and with the link down writes are dropped.
    """
    for host in pair.hosts:
        host.put(0x134, 0x55)
    pair.bench.softep.set(switch, on)
    for host in pair.hosts:
        assert host.get(0x134) == 0xFFFFFFFF
        host.put(0x134, 0x66)
    pair.bench.softep.set(switch, off)
    for host in pair.hosts:
        assert host.get(0x134) == (0x55 if switch == "link" else 0x66)


def test_timer(pair):
    """The endpoint looks at its mailbox when it is time, not when it is asked again.

    Steps:
        Post LINK_UP from both hosts and send nothing more.
    Verify:
        The link event arrives.
    """
    pair.bench.softep.set("ntb_period", 50)
    for host in pair.hosts:
        host.enable_irqs()
    for host in pair.hosts:
        host.issue(LINK_UP)
    for host in pair.hosts:
        assert host.interrupts() == {0: 1}


@each_map
def test_windows(make_pair, name):
    """CONFIGURE_MW of one host is where the other one's window leads.

    Steps:
        Access every window before, with and after a translation, both ways, at both ends.
    Verify:
        Bytes in the other host's memory; all-ones and a counter elsewhere.
    """
    pair = make_pair(name)
    for host, peer in pair.both_ways():
        for i in range(len(MAPS[name].windows)):
            size = min(host.window_size(i), 2 * PAGE)
            at = i * 2 * PAGE
            assert host.window_read(i, 0, 8) == b"\xff" * 8
            assert peer.configure_mw(i, ADDRESS + at, size) == OK
            for offset, data in ((0, b"first"), (size - 4, b"last")):
                host.window_write(i, offset, data)
                assert peer.memory.map[at + offset : at + offset + len(data)] == data
                assert host.window_read(i, offset, len(data)) == data
            host.window_write(i, size, b"behind")
            assert peer.memory.map[at + size : at + size + 6] == bytes(6)
            assert peer.command(TEARDOWN_MW, i) == OK
            assert host.window_read(i, 0, 8) == b"\xff" * 8
            assert pair.counters(host)["early_mw"] == 3 * (i + 1)
        assert pair.counters(host)["mw_errors"] == 0


def test_window_borders(pair):
    """An access to a window is split at the borders of the other host's maps.

    Steps:
        Map the other host's memory in pieces, one of them without a descriptor and one read-only;
        write and read across all of them at once; without bus mastering.
    Verify:
        Every reachable piece has its bytes; what is not reachable is counted per page and reads
        as all-ones.
    """
    host, peer = pair.hosts
    memory = pair.bench.memory(8 * PAGE)
    base = ADDRESS + 16 * MIB
    peer.client.dma_map(memory.fd, 4 * PAGE, base, PAGE)
    peer.client.dma_map(memory.fd, 0, base + PAGE, PAGE)
    peer.client.dma_map(-1, 0, base + 2 * PAGE, PAGE)
    peer.client.dma_map(memory.fd, 6 * PAGE, base + 3 * PAGE, PAGE, 1)
    assert peer.configure_mw(0, base, WINDOW) == OK
    data = noise(4 * PAGE, 7)
    host.window_write(0, 0, data)
    assert memory.map[4 * PAGE : 5 * PAGE] == data[:PAGE]
    assert memory.map[:PAGE] == data[PAGE : 2 * PAGE]
    assert memory.map[6 * PAGE : 7 * PAGE] == bytes(PAGE)
    assert pair.counters(host)["mw_errors"] == 2
    assert host.window_read(0, 0, 5 * PAGE) == (
        data[: 2 * PAGE] + b"\xff" * PAGE + bytes(PAGE) + b"\xff" * PAGE)
    assert pair.counters(host)["mw_errors"] == 4
    peer.client.bus_master(False)
    assert host.window_read(0, 0, 4) == b"\xff" * 4
    peer.client.bus_master(True)
    assert host.window_read(0, 0, 4) == data[:4]
    peer.client.dma_unmap(base, PAGE)
    assert host.window_read(0, 0, 4) == b"\xff" * 4


def test_window_truncated(pair):
    """A host that truncates its file loses the map, and nothing else happens.

    Steps:
        Truncate the file behind a window; access it from the other host.
    Verify:
        All-ones, one line in the log, the board and the other direction live on.
    """
    host, peer = pair.hosts
    assert peer.configure_mw(0, ADDRESS, WINDOW) == OK
    os.ftruncate(peer.memory.fd, 0)
    host.window_write(0, 0, b"gone")
    assert host.window_read(0, 0, 4) == b"\xff" * 4
    pair.bench.softep.wait_for("rc2-ntb: a file that it mapped has been truncated", 1)
    assert host.configure_mw(0, ADDRESS, WINDOW) == OK
    peer.window_write(0, 0, b"back")
    assert host.memory.map[:4] == b"back"


@pytest.mark.parametrize("address, size, status", [
    (ADDRESS, WINDOW, OK), (ADDRESS, WINDOW + 1, FAILED), (ADDRESS, 1 << 63, FAILED),
    (ADDRESS, 0, FAILED), (ADDRESS + 4, PAGE, FAILED), ((1 << 64) - PAGE, 2 * PAGE, OK),
])
def test_window_rules(pair, address, size, status):
    """What cannot be translated is refused with a status.

    Steps:
        CONFIGURE_MW with odd targets and sizes; access the window.
    Verify:
        Status as specified; the board lives.
    """
    host, peer = pair.hosts
    assert peer.configure_mw(0, address, size) == status
    good = status == OK and address == ADDRESS
    assert (host.window_read(0, 0, 2 * PAGE) == bytes(2 * PAGE)) == good


def test_interrupt_through_window(pair):
    """A write through a window to the address of the other host's MSI is an interrupt.

    Steps:
        Let a window of one host lead to the other's MSI address; write the message of vector 5.
    Verify:
        The vector fires, on that host alone.
    """
    host, peer = pair.hosts
    for each in pair.hosts:
        each.enable_irqs(msix=False)
    assert peer.configure_mw(0, 0xFEE0_1000, PAGE) == OK
    host.window_write(0, 0, struct.pack("<I", 0x4005))
    assert peer.interrupts() == {5: 1} and host.interrupts(0) == {}


@pytest.mark.parametrize("how", ["leave", "reset"])
@pytest.mark.parametrize("notice", [1, 0])
def test_host_gone(pair, how, notice):
    """When a host dies or resets its function, the survivor hears of it.

    Steps:
        Bring the link up with windows; let one host leave without a word, or reset; let it come
        back and send LINK_UP. With the switch that makes the endpoint notice, and without.
    Verify:
        Noticed: link down and vector 0 on the survivor, its doorbells and window lead nowhere,
        and the link comes up again with one command. Else everything stays as it was.
    """
    host, peer = pair.hosts
    pair.bench.softep.set("ntb_notice", notice)
    pair.link_up()
    assert peer.configure_mw(0, ADDRESS, WINDOW) == OK
    if how == "leave":
        pair.leave(peer)
    else:
        peer.client.reset()
    assert host.interrupts(2.0 if notice else 0) == ({0: 1} if notice else {})
    assert host.link() == 1 - notice and (host.get(DB_DATA + 8) == 0) == bool(notice)
    # Its memory, or its bus mastering, is gone either way.
    assert host.window_read(0, 0, 4) == b"\xff" * 4
    assert pair.counters(host)["early_mw" if notice else "mw_errors"] == 1
    if how == "leave":
        peer = pair.hosts[1] = pair.host("rc2-ntb")
    else:
        peer.client.bus_master(True)
    assert peer.command(LINK_UP) == OK
    assert host.interrupts() == {0: 1} and host.link() == peer.link() == 1


def test_endpoint_reboot(pair):
    """The endpoint reboots under both hosts.

    Steps:
        Unbind with the link up, access, bind.
    Verify:
        All-ones; then both find a fresh function, and can bring the link up.
    """
    pair.link_up()
    pair.bench.softep.command("ntb unbind")
    for host in pair.hosts:
        assert host.get(MW_COUNT) == ALL_ONES and host.get(0, bar=2) == ALL_ONES
        host.put(COMMAND, LINK_UP)
    pair.bench.softep.command("ntb bind")
    for host in pair.hosts:
        assert host.get(MW_COUNT) == 1 and host.get(COMMAND) == 0 and host.link() == 0
        assert host.command(LINK_UP) == OK
    assert pair.hosts[0].link() == 1


def test_kernel_commands(pair):
    """There is no client at the endpoint that could ring or read.

    Steps:
        Send commands that only a vntb board has.
    Verify:
        An error that says which ones there are.
    """
    for verb in ("ring 0", "db", "spad get own 0", "trans 0 4096", "peek 0 0 1", "write 0 0 00"):
        code, text = programs.run(
            [programs.SOFTEP, "--dir", pair.bench.dir, "--send", f"ntb {verb}"], 2)
        assert code == 1 and "status, unbind or bind with --back-to-back" in text
    assert "mode=back-to-back" in pair.bench.softep.command("ntb status")


def test_hostile_host(pair):
    """Nothing that one host writes reaches more of the other than its window and scratchpads.

    Steps:
        Overwrite the constants of one host; 3,000 accesses at random of all widths to all BARs.
    Verify:
        The other host's control region is as it was but for its own scratchpads, its memory but
        for what it offers; the board answers.
    """
    host, peer = pair.hosts
    rng = random.Random(43)
    pair.bench.softep.set("ntb_period", 1)
    peer.memory.map[:] = noise(2 * WINDOW, 1)
    assert peer.configure_mw(0, ADDRESS + PAGE, PAGE) == OK
    before = peer.client.read(0, 0, 0x134)
    sizes = {bar: host.client.region(bar).size for bar in (0, 2, 4)}
    for offset in range(MW_COUNT, 0x134, 4):
        host.put(offset, rng.choice((0, 1, 0x7FFFFFFF, ALL_ONES)))
    for _ in range(3000):
        bar = rng.choice((0, 0, 2, 4))
        count = rng.choice((1, 2, 4, 8, 12, 200))
        offset = min(rng.choice((0, 4, 0x130, 0x330, PAGE - 4)) + rng.choice((0, 1, 8)),
                     sizes[bar] - count)
        if rng.random() < 0.5:
            word = rng.choice((rng.randbytes(4), struct.pack("<I", rng.choice((1, 2, 3, 4, 9)))))
            host.client.post(bar, offset, (word * 50)[:count])
        else:
            host.client.read(bar, offset, count)
    after = peer.client.read(0, 0, 0x134)
    # DB_DATA is the host's to configure: it says how to ring it.
    assert after[:DB_DATA] == before[:DB_DATA]
    assert peer.memory.map[:PAGE] == noise(2 * WINDOW, 1)[:PAGE]
    assert peer.memory.map[2 * PAGE :] == noise(2 * WINDOW, 1)[2 * PAGE :]
    assert peer.command(LINK_UP) == OK


class Transport:
    """As much of ntb_transport, version 4, as brings a link up and sends frames: one queue."""

    FRAME = 0x1000

    def __init__(self, host):
        self.host = host
        self.size = host.window_size(0)
        self.entries = (self.size - 4) // self.FRAME
        self.sent = self.received = 0

    def announce(self):
        """Scratchpads of the peer: sizes, windows, queues, and last the version."""
        for index, value in ((4, 0), (5, self.size), (3, 1), (2, 1), (0, 4)):
            self.host.set_peer_spad(index, value)

    def accept(self):
        """What the peer announced decides about the receive buffer."""
        assert [self.host.own_spad(i) for i in (0, 2, 3, 4)] == [4, 1, 1, 0]
        size = self.host.own_spad(5)
        assert size == self.size
        self.host.memory.map[size - 4 : size] = struct.pack("<I", self.entries - 1)
        assert self.host.configure_mw(0, ADDRESS, size) == OK
        self.host.set_peer_spad(1, 1)

    def send(self, payload):
        """A frame in the peer's buffer, as the bytes arrive from a CPU: 4 at a time."""
        host, start = self.host, self.sent % self.entries * self.FRAME
        tail = struct.unpack("<I", host.memory.map[self.size - 4 : self.size])[0]
        assert tail != self.sent % self.entries, "ring full"
        bar, offset = host.window(0)
        padded = payload.ljust(-len(payload) % 4 + len(payload), b"\0")
        end = start + self.FRAME
        for at in range(0, len(padded), 4):
            host.client.post(bar, offset + start + at, padded[at : at + 4])
        for at, word in ((end - 8, len(payload)), (end - 12, self.sent), (end - 4, 1)):
            host.client.post(bar, offset + at, struct.pack("<I", word))
        host.ring(0)
        self.sent += 1

    def receive(self):
        """The next frame of the own buffer; tells the peer that it is free again."""
        assert self.host.interrupts() == {2: 1}
        index = self.received % self.entries
        frame = self.host.memory.map[index * self.FRAME : (index + 1) * self.FRAME]
        ver, length, flags = struct.unpack("<3I", frame[-12:])
        assert (ver, flags) == (self.received, 1)
        bar, offset = self.host.window(0)
        self.host.put(offset + self.size - 4, index, bar)
        self.received += 1
        return frame[:length]


@each_map
def test_transport(make_pair, name):
    """Linux' ntb_transport comes up between the hosts, and frames get across.

    Steps:
        Both hosts: doorbells, LINK_UP, and after the link event the scratchpads of the transport,
        a window for what the other one announced, and the queue's ready bit. Then frames both
        ways, more than a ring has.
    Verify:
        Every frame arrives whole, in order and with one interrupt; no access went astray.
    """
    pair = make_pair(name)
    pair.link_up()
    sides = [Transport(host) for host in pair.hosts]
    for side in sides:
        side.announce()
    for side in sides:
        side.accept()
    assert [host.own_spad(1) for host in pair.hosts] == [1, 1]
    for number in range(2 * sides[0].entries):
        for side, peer in (sides, sides[::-1]):
            frame = noise(60 + number * 7, number + zlib.crc32(name.encode()))
            side.send(frame)
            assert peer.receive() == frame
    for host in pair.hosts:
        counters = pair.counters(host)
        assert counters["stray_db"] == counters["early_mw"] == counters["mw_errors"] == 0
        assert host.command(LINK_DOWN) == OK
    wait_until(lambda: pair.hosts[0].link() == 0, "link down")
