# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A board that plays the endpoint's kernel with pci-epf-vntb, and a host as Linux' ntb_hw_epf."""

import random
import struct
import time

import pytest

from framework import programs
from framework.bench import (
    EP_ADDRESS,
    HOST_ADDRESS,
    MIB,
    PAGE,
    STOPPED,
    Dma,
    noise,
    wait_until,
)
from framework.ntb_host import (
    ALL_ONES,
    ARGUMENT,
    CMD_STATUS,
    COMMAND,
    CONFIGURE_DOORBELL,
    CONFIGURE_MW,
    FAILED,
    LINK_DOWN,
    LINK_UP,
    MSI_ADDRESS,
    MSI_CAP,
    MSIX_FLAG,
    MW_COUNT,
    NO_STATUS,
    OK,
    SPAD_OFFSET,
    TEARDOWN_DOORBELL,
    TEARDOWN_MW,
    NtbHost,
)
from framework.vfio_user import CONFIG_REGION

WINDOW = 64 << 10


class Vntb:
    """The board, its host, and the client of the endpoint's kernel, who has the control socket."""

    def __init__(self, bench):
        self.bench = bench
        self.host = NtbHost(bench, address=HOST_ADDRESS, size=WINDOW)

    def do(self, line):
        """A command of the client; the value that it answers with, if any."""
        answer = self.bench.softep.command(f"ntb {line}").splitlines()
        assert answer.pop() == "ok"
        return answer[0].split("=", 1)[1] if answer else None

    def number(self, line):
        return int(self.do(line), 16)

    def counters(self):
        return self.bench.softep.stats()["ntb host 1"]

    def window(self):
        return self.bench.softep.stats()["ntb window 0"]

    def set(self, **switches):
        for name, value in switches.items():
            self.bench.softep.set(f"ntb_{name}", value)


@pytest.fixture
def make_vntb(make_bench):
    """Starts a vntb board with the arguments given, and a host."""
    made = []

    def make(*args):
        made.append(Vntb(make_bench("--vntb", "--mw", "64k", "--ntb-spads", "16", *args)))
        return made[-1]

    yield make
    for vntb in made:
        vntb.host.close()


@pytest.fixture
def vntb(make_vntb):
    """A board with defaults but for eight doorbell slots."""
    return make_vntb("--ntb-dbs", "8")


@pytest.mark.parametrize("code, argument, status, bad", [
    (CONFIGURE_DOORBELL, 16, OK, 0), (CONFIGURE_DOORBELL, 0x1F | MSIX_FLAG, OK, 0),
    (CONFIGURE_DOORBELL, ALL_ONES, OK, 0), (TEARDOWN_DOORBELL, 16, OK, 0),
    (TEARDOWN_MW, 0, OK, 0), (TEARDOWN_MW, 99, FAILED, 1), (CONFIGURE_MW, 99, FAILED, 1),
    (CONFIGURE_MW, ALL_ONES, FAILED, 1), (LINK_UP, 0, OK, 0), (LINK_DOWN, 0, OK, 0),
])
def test_commands(vntb, code, argument, status, bad):
    """Every command is picked up, cleared and answered.

    Steps:
        Send each, right and wrong.
    Verify:
        Status as specified; mailbox empty; what is wrong is counted and told.
    """
    assert vntb.host.command(code, argument) == status
    assert vntb.host.get(COMMAND) == vntb.host.get(ARGUMENT) == 0
    assert vntb.counters()["commands"] == 1 and vntb.counters()["bad_commands"] == bad
    if bad:
        vntb.bench.softep.wait_for(f"ntb: window {argument}: expected one below MW_COUNT", 1)


@pytest.mark.parametrize("code", [7, 0x10005, ALL_ONES])
def test_unknown_command(vntb, code):
    """A command that the endpoint does not know is never answered.

    Steps:
        Send it; when it is picked up, send one that is known.
    Verify:
        No status until the answer to the second one.
    """
    vntb.host.issue(code)
    vntb.host.picked_up()
    assert vntb.host.get16(CMD_STATUS) == NO_STATUS
    vntb.bench.softep.wait_for(f"ntb: command {code}: expected 1 to 6", 1)
    vntb.host.issue(7)
    vntb.host.picked_up()
    assert vntb.host.get16(CMD_STATUS) == NO_STATUS
    assert vntb.host.command(LINK_UP) == OK
    assert vntb.counters()["bad_commands"] == 2


@pytest.mark.parametrize("args, period", [
    ((), 0.005), (("--set", "ntb_period=60"), 0.06), (("--ntb-doorbells", "msi"), 0.5),
    (("--ntb-doorbells", "edma"), 0.5),
], ids=["polled", "switch", "msi", "edma"])
def test_period(make_vntb, args, period):
    """The endpoint looks at its mailbox once in a period.

    Steps:
        Send two commands, one after the other.
    Verify:
        Each takes as long as the time to the next look: together more than a period.
    """
    vntb = make_vntb(*args)
    start = time.monotonic()
    for code in (LINK_UP, LINK_DOWN):
        assert vntb.host.command(code) == OK
    assert period < time.monotonic() - start < 2 * period + 0.3


def test_status_delay(vntb):
    """Picked up is not done: the status may come much later.

    Steps:
        Delay the status by 300 ms; send a command, and another one while it is in hand.
    Verify:
        The mailbox is empty and the effect is there long before the status is; the second command
        waits.
    """
    vntb.set(status_delay=300)
    start = time.monotonic()
    vntb.host.issue(LINK_UP)
    vntb.host.picked_up()
    assert vntb.host.link() == 1 and vntb.host.get16(CMD_STATUS) == NO_STATUS
    vntb.host.issue(LINK_DOWN)
    assert vntb.host.get(COMMAND) == LINK_DOWN
    assert vntb.host.answer() == OK and time.monotonic() - start >= 0.3
    assert vntb.host.answer() == OK and vntb.host.link() == 0
    assert time.monotonic() - start >= 0.6


def idle_switches(pid):
    """How often the process has gone to sleep, and its CPU time in ticks."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        switches = next(line for line in file if line.startswith("voluntary"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(switches.split()[1]), int(fields[11]) + int(fields[12])


def test_idle(vntb):
    """A board without work does not wake up, whatever its period is.

    Steps:
        Send a command and ring; when both are done, let 100 periods pass.
    Verify:
        Not one wake-up, no CPU time.
    """
    vntb.set(period=1)
    assert vntb.host.command(LINK_UP) == OK
    vntb.host.ring(0)
    wait_until(lambda: vntb.number("db") == 1, "doorbell")
    time.sleep(0.02)
    before = idle_switches(vntb.bench.softep.pid)
    time.sleep(0.1)
    assert idle_switches(vntb.bench.softep.pid) == before


def test_link(vntb):
    """The host alone drives the link bit.

    Steps:
        LINK_UP twice, LINK_DOWN, LINK_UP; leave without a word and come back.
    Verify:
        The bit follows; every command is an event of the endpoint's client. The bit outlives a
        host, unless the endpoint is told to notice.
    """
    for code, link in ((LINK_UP, 1), (LINK_UP, 1), (LINK_DOWN, 0), (LINK_UP, 1)):
        assert vntb.host.command(code) == OK and vntb.host.link() == link
    assert vntb.counters()["link_events"] == 4
    vntb.bench.leave("rc-ntb")
    vntb.host = NtbHost(vntb.bench)
    assert vntb.host.link() == 1
    vntb.host.client.reset()
    vntb.host.client.bus_master(True)
    assert vntb.host.link() == 1
    vntb.set(notice=1)
    vntb.bench.leave("rc-ntb")
    vntb.host = NtbHost(vntb.bench)
    assert vntb.host.link() == 0 and vntb.counters()["link_events"] == 5


def test_clean_up_hazard(vntb):
    """The endpoint's client cleans up so late that it wipes what a fast host has written.

    Steps:
        With a client that cleans up after 200 ms: LINK_DOWN, LINK_UP, then scratchpads.
        Again as ntb-epf.md 7.2 advises: a sentinel before LINK_DOWN, and a wait until it is gone.
    Verify:
        The hasty host loses its scratchpads, the careful one does not.
    """
    host = vntb.host
    vntb.set(client=1, cleanup=200)
    host.command(LINK_UP)
    assert host.command(LINK_DOWN) == OK and host.command(LINK_UP) == OK
    host.set_peer_spad(0, 4)
    assert host.peer_spad(0) == 4
    wait_until(lambda: host.peer_spad(0) == 0, "clean-up")
    host.set_peer_spad(0, 0xDEAD)
    assert host.command(LINK_DOWN) == OK
    wait_until(lambda: host.peer_spad(0) == 0, "clean-up")
    assert host.command(LINK_UP) == OK
    host.set_peer_spad(0, 4)
    time.sleep(0.25)
    assert host.peer_spad(0) == 4 and vntb.counters()["cleanups"] == 2


def test_scratchpads(vntb):
    """What one side writes, the other one reads; both can read both.

    Steps:
        Write all cells from both sides.
    Verify:
        Each side's own cells have what the other wrote; there are no more cells than said.
    """
    for i in range(16):
        vntb.host.set_peer_spad(i, 0x1000 + i)
        vntb.do(f"spad set peer {i} 0x{0x2000 + i:x}")
    for i in range(16):
        assert vntb.number(f"spad get own {i}") == vntb.host.peer_spad(i) == 0x1000 + i
        assert vntb.number(f"spad get peer {i}") == vntb.host.own_spad(i) == 0x2000 + i
    vntb.do("spad set own 15 7")
    assert vntb.host.peer_spad(15) == 7
    for line in ("spad get own 16", "spad set peer 16 0"):
        assert_refused(vntb.bench, line, "one that the control region has")


@pytest.mark.parametrize("args, bit, word, event, valid", [
    ((), 0, 0x01, 0, 0x3F), ((), 5, 0x20, 5, 0x3F),
    (("--ntb-linux", "6"), 0, 0x02, 2, 0xFF), (("--ntb-linux", "6"), 5, 0x40, 7, 0xFF),
    (("--ntb-doorbells", "msi"), 3, 0x08, 3, 0x3F),
    (("--ntb-doorbells", "edma"), 3, 0x3F, 5, 0x3F),
])
def test_doorbell(make_vntb, args, bit, word, event, valid):
    """The host's doorbells arrive as the version and the mode have them.

    Steps:
        Ring one with each kind of endpoint; clear some of the bits.
    Verify:
        Bits and event number in the endpoint; the slot is empty afterwards.
    """
    vntb = make_vntb("--ntb-dbs", "8", *args)
    vntb.host.ring(bit)
    wait_until(lambda: vntb.number("db") == word, "doorbell")
    state = vntb.bench.softep.stats()["ntb"]
    assert state["last_event"] == event and int(state["db_valid"], 16) == valid
    assert vntb.host.get(4 * (bit + 2), bar=4) == 0
    vntb.do("db clear 0x3")
    assert vntb.number("db") == word & ~3
    vntb.do(f"db clear {word}")
    assert vntb.number("db") == 0 and vntb.counters()["stray_db"] == 0


@pytest.mark.parametrize("args, offset, value", [
    ((), 0, 1), ((), 4, 2), ((), 32, 9), ((), PAGE - 4, 1),
    (("--ntb-doorbells", "msi"), 0x40, 0x21), (("--ntb-doorbells", "msi"), 0, 0x22),
    (("--ntb-doorbells", "edma"), 0x9C, 0),
])
def test_stray_doorbell(make_vntb, args, offset, value):
    """A write to the doorbell BAR that is none is counted and rings nothing.

    Steps:
        Write to what is no slot of the endpoint, or with a wrong value.
    Verify:
        One stray write, no doorbell.
    """
    vntb = make_vntb("--ntb-dbs", "8", *args)
    vntb.host.put(offset, value, bar=4)
    vntb.host.ring(0)
    wait_until(lambda: vntb.counters()["doorbells"] > 0, "doorbell")
    assert vntb.number("db") & 1 and vntb.counters()["stray_db"] == 1
    assert vntb.counters()["doorbells"] == (6 if "edma" in args else 1)


@pytest.mark.parametrize("version, bits, vectors", [
    ("7", "0 4", {2: 1, 6: 1}), ("6", "4 0", {2: 1}),
])
@pytest.mark.parametrize("args, msix", [((), False), (("--ntb-irq", "msix"), True)])
def test_interrupts(make_vntb, args, msix, version, bits, vectors):
    """The endpoint's doorbell bit b is the host's vector b + 2.

    Steps:
        Enable the vectors; ring one bit, two in one call, and two that 7.x does not have.
        Once more without bus mastering.
    Verify:
        The vectors; 7.x rings all bits, 6.x the lowest; nothing leaves without bus mastering.
    """
    vntb = make_vntb("--ntb-dbs", "8", "--ntb-linux", version, *args)
    vntb.host.enable_irqs(msix)
    vntb.do("ring 5")
    assert vntb.host.interrupts() == {7: 1}
    vntb.do(f"ring {bits}")
    assert vntb.host.interrupts() == vectors
    vntb.do("ring 6 7")
    assert vntb.host.interrupts(0) == ({} if version == "7" else {8: 1})
    if version == "7":
        vntb.do("ring 0 0 0 0 0 0 0 0 1 2 3 4 5")
        assert vntb.host.interrupts() == {vector: 1 for vector in range(2, 8)}
    vntb.host.client.bus_master(False)
    vntb.do("ring 1")
    assert vntb.host.interrupts(0) == {}
    assert vntb.counters()["zero_msis"] == 0 and vntb.bench.port("rc-ntb")["irqs_lost"] == 1


def test_msi_only(vntb):
    """The function has MSI with 16 vectors, and no MSI-X.

    Steps:
        Walk the capabilities; try to enable MSI-X where others have it.
    Verify:
        No MSI-X capability; room for 16 vectors; the interrupt goes to MSI.
    """
    client = vntb.host.client
    at, found = client.read(7, 0x34, 1)[0], {}
    while at != 0:
        ident, after = client.read(7, at, 2)
        found[ident] = at
        at = after
    # 64-bit address, masks, 16 vectors.
    assert 0x11 not in found and client.read(7, found[5] + 2, 2) == struct.pack("<H", 0x188)
    client.write(7, 0xB2, b"\x00\x80")
    vntb.host.enable_irqs(msix=False)
    vntb.do("ring 0")
    assert vntb.host.interrupts() == {2: 1}


def test_no_msi(vntb):
    """A host that has set up no MSI gets the message at address 0.

    Steps:
        Ring without it, with nothing at address 0 and with a page there, with the switch off
        and on.
    Verify:
        Every ring is counted as one to address 0; memory there is written only with the switch.
    """
    memory = vntb.bench.memory(PAGE)
    vntb.do("ring 3")
    vntb.host.client.dma_map(memory.fd, 0, 0, PAGE)
    vntb.do("ring 3")
    assert memory.map[:4] == bytes(4)
    vntb.set(sink=1)
    vntb.do("ring 3")
    assert memory.map[:4] == struct.pack("<I", 5)
    vntb.host.client.bus_master(False)
    vntb.do("ring 4")
    assert memory.map[:4] == struct.pack("<I", 5)
    assert vntb.counters()["msis"] == vntb.counters()["zero_msis"] == 4


def test_msi_disabled(vntb):
    """The endpoint does not look whether the host has enabled MSI.

    Steps:
        Write an address in mapped memory and data to the capability without enabling it; ring.
        Once more without bus mastering.
    Verify:
        The message is stored there, and is none of those without address; then nothing is.
    """
    client, memory = vntb.host.client, vntb.bench.memory(PAGE)
    client.dma_map(memory.fd, 0, MSI_ADDRESS & -PAGE, PAGE)
    client.write(CONFIG_REGION, MSI_CAP + 4, struct.pack("<QH", MSI_ADDRESS & -PAGE | 8, 0x4000))
    vntb.do("ring 3")
    assert memory.map[:16] == struct.pack("<QII", 0, 0x4005, 0)
    client.bus_master(False)
    vntb.do("ring 1")
    assert memory.map[:16] == struct.pack("<QII", 0, 0x4005, 0)
    assert (vntb.counters()["msis"], vntb.counters()["zero_msis"]) == (2, 0)


def test_inbound_window(vntb):
    """Until the endpoint's client has translated a window, it leads nowhere good.

    Steps:
        Access before; translate half of it; access inside, across the end and behind; forget it.
    Verify:
        Bytes in the endpoint's memory, all-ones elsewhere, all of it counted.
    """
    host = vntb.host
    host.window_write(0, 0, b"lost")
    assert host.window_read(0, 0, 4) == b"\xff" * 4 and vntb.counters()["early_mw"] == 2
    assert vntb.do("peek 0 0 4") == "00000000"
    vntb.do(f"trans 0 {WINDOW // 2}")
    host.window_write(0, 0x10, b"data")
    assert vntb.do("peek 0 0x10 4") == b"data".hex()
    vntb.do(f"poke 0 {WINDOW // 2 - 4} {b'last'.hex()}")
    assert host.window_read(0, WINDOW // 2 - 4, 8) == b"last" + b"\xff" * 4
    host.window_write(0, WINDOW // 2 - 2, b"over")
    assert vntb.do(f"peek 0 {WINDOW // 2 - 4} 8") == (b"laov" + bytes(4)).hex()
    assert vntb.counters()["early_mw"] == 4 and vntb.window()["translated"] == WINDOW // 2
    vntb.do("trans 0 0")
    assert host.window_read(0, 0x10, 4) == b"\xff" * 4


def test_outbound_window(vntb):
    """CONFIGURE_MW is what the endpoint's writes go by.

    Steps:
        Write and read through the outbound window before, with and after it; behind its end;
        without bus mastering; across two maps and a hole.
    Verify:
        Bytes in the host's memory; the rest is counted and reads as all-ones.
    """
    host, memory = vntb.host, vntb.host.memory
    vntb.do("write 0 0 aabb")
    assert vntb.do("read 0 0 2") == "ffff" and vntb.counters()["out_errors"] == 2
    assert host.configure_mw(0, HOST_ADDRESS + PAGE, 2 * PAGE) == OK
    vntb.do("write 0 0x1ffe 0123")
    assert memory.map[3 * PAGE - 2 : 3 * PAGE] == b"\x01\x23"
    vntb.do("write 0 0x1fff 4567")
    assert memory.map[3 * PAGE - 1 : 3 * PAGE + 1] == b"\x45\x00"
    memory.map[PAGE : PAGE + 4] = b"host"
    assert vntb.do("read 0 0 4") == b"host".hex() and vntb.counters()["out_errors"] == 3
    host.client.bus_master(False)
    assert vntb.do("read 0 0 4") == "ffffffff"
    host.client.bus_master(True)
    assert host.command(TEARDOWN_MW, 0) == OK
    assert vntb.do("read 0 0 4") == "ffffffff" and vntb.counters()["out_errors"] == 5
    more = vntb.bench.memory(PAGE)
    host.client.dma_map(more.fd, 0, HOST_ADDRESS + WINDOW, PAGE)
    assert host.configure_mw(0, HOST_ADDRESS + WINDOW - PAGE, 3 * PAGE) == OK
    vntb.do("write 0 0xffe 11223344")
    assert memory.map[WINDOW - 2 :] == b"\x11\x22" and more.map[:2] == b"\x33\x44"
    assert vntb.do("read 0 0x1fff 2") == "00ff"


@pytest.mark.parametrize("granule, address, size, status", [
    (4096, HOST_ADDRESS, 0, FAILED), (4096, HOST_ADDRESS + 8, PAGE, FAILED),
    (65536, HOST_ADDRESS + PAGE, PAGE, FAILED), (65536, HOST_ADDRESS, PAGE, OK),
    (4096, HOST_ADDRESS, 1 << 63, FAILED), (4096, HOST_ADDRESS, (1 << 64) - 1, FAILED),
    (4096, HOST_ADDRESS, 16 * WINDOW, OK), (4096, (1 << 64) - PAGE, 2 * PAGE, OK),
])
def test_outbound_rules(vntb, granule, address, size, status):
    """What the controller cannot translate is refused with a status.

    Steps:
        CONFIGURE_MW with targets off the granule and odd sizes; use what was accepted.
    Verify:
        Status as specified, and a count of what was refused; the board lives; a size beyond the
        window is not the endpoint's care.
    """
    vntb.set(granule=granule)
    assert vntb.host.configure_mw(0, address, size) == status
    assert vntb.window()["entries"] == (status == OK)
    vntb.do("write 0 0 01")
    vntb.do(f"read 0 {WINDOW - 4} 4")
    assert vntb.counters()["bad_commands"] == (status == FAILED)


@pytest.mark.parametrize("last, where", [(0, 0), (1, 2)])
def test_outbound_leak(vntb, last, where):
    """Each CONFIGURE_MW takes an entry of the controller; each TEARDOWN_MW gives one back.

    Steps:
        Configure a window three times with three entries in all, and once more; write.
    Verify:
        The fourth one fails; the entry that the switch says wins; three teardowns give all back.
    """
    host = vntb.host
    vntb.set(atus=3, last_wins=last)
    for i in range(3):
        assert host.configure_mw(0, HOST_ADDRESS + i * PAGE, PAGE) == OK
    assert host.configure_mw(0, HOST_ADDRESS, PAGE) == FAILED and vntb.window()["entries"] == 3
    vntb.do("write 0 0 77")
    assert host.memory.map[where * PAGE] == 0x77
    # A host that died is not cleaned up after.
    vntb.bench.leave("rc-ntb")
    host = vntb.host = NtbHost(vntb.bench)
    assert vntb.window()["entries"] == 3
    for _ in range(16):
        assert host.command(TEARDOWN_MW, 0) == OK
    assert vntb.window()["entries"] == 0 and host.configure_mw(0, HOST_ADDRESS, PAGE) == OK


def test_interrupt_by_store(vntb):
    """A store of the endpoint's CPU to the address of the host's MSI is an interrupt.

    Steps:
        Point the outbound window at the page of the host's MSI address and store the message of
        vector 9.
    Verify:
        The vector fires.
    """
    vntb.host.enable_irqs(msix=False)
    assert vntb.host.configure_mw(0, 0xFEE0_1000, PAGE) == OK
    vntb.do(f"write 0 0 {struct.pack('<I', 0x4009).hex()}")
    assert vntb.host.interrupts() == {9: 1}


def test_endpoint_reboot(vntb):
    """While the endpoint is away the host reads all-ones; afterwards it finds a fresh function.

    Steps:
        Bring the link up, unbind, access everything, bind.
    Verify:
        All-ones and dropped writes, and after the bind nothing of what was there before.
    """
    host = vntb.host
    host.command(LINK_UP)
    host.set_peer_spad(0, 4)
    host.configure_mw(0, HOST_ADDRESS, PAGE)
    vntb.do(f"trans 0 {WINDOW}")
    vntb.do("unbind")
    for bar in (0, 2, 4):
        assert host.get(MW_COUNT, bar) == ALL_ONES
        host.put(COMMAND, LINK_UP, bar)
    assert vntb.bench.softep.stats()["ntb"]["bound"] == 0
    vntb.do("bind")
    assert host.get(MW_COUNT) == 1 and host.get(COMMAND) == 0 and host.link() == 0
    assert host.peer_spad(0) == 0 and vntb.window()["entries"] == vntb.window()["translated"] == 0
    assert host.command(LINK_UP) == OK


def test_link_down(vntb):
    """A link that is down cuts the host off, and the endpoint from it.

    Steps:
        Take the link down; access from both sides; bring it up.
    Verify:
        All-ones both ways; then everything is as it was.
    """
    host = vntb.host
    assert host.configure_mw(0, HOST_ADDRESS, PAGE) == OK
    vntb.bench.softep.set("link", "down")
    assert host.get(MW_COUNT) == ALL_ONES and vntb.do("read 0 0 1") == "ff"
    host.put(COMMAND, LINK_UP)
    vntb.bench.softep.set("link", "up")
    assert host.get(MW_COUNT) == 1 and host.get(COMMAND) == 0 and vntb.do("read 0 0 1") == "00"


def test_counters(vntb):
    """Accesses across the link are counted; reads are what a driver should not need.

    Steps:
        Read and write some words; clear the counters.
    Verify:
        Exact numbers.
    """
    for _ in range(3):
        vntb.host.get(MW_COUNT)
    vntb.host.put(0x180, 1)
    assert (vntb.counters()["reads"], vntb.counters()["writes"]) == (3, 1)
    vntb.bench.softep.command("clear")
    assert set(vntb.counters().values()) == {0}


def test_hostile_host(vntb):
    """Nothing that a host writes makes the board do anything but count.

    Steps:
        Overwrite every constant with extremes, then 3,000 accesses at random, of all widths, to
        all BARs and across their borders.
    Verify:
        The board answers, and after a bind the function works.
    """
    host, rng = vntb.host, random.Random(41)
    for value in (0, 1, 0x7FFFFFFF, 0xFFFFFFFD, ALL_ONES):
        for offset in range(MW_COUNT, 0x134, 4):
            host.put(offset, value)
        for index in (0, 15, ALL_ONES):
            programs.run([programs.SOFTEP, "--dir", vntb.bench.dir, "--send",
                          f"ntb spad set own {index} {value}"], 2)
    vntb.set(client=1, period=1)
    sizes = {bar: host.client.region(bar).size for bar in (0, 2, 4)}
    for _ in range(3000):
        bar = rng.choice((0, 0, 0, 2, 4))
        count = rng.choice((1, 2, 4, 8, 12, 200))
        offset = rng.choice((0, 4, 8, SPAD_OFFSET, 0x130, 0x1B0, sizes[bar] - count))
        offset = min(offset + rng.choice((0, 0, 1, 3)), sizes[bar] - count)
        if rng.random() < 0.5:
            word = rng.choice((rng.randbytes(4), struct.pack("<I", rng.randrange(9))))
            host.client.post(bar, offset, (word * 50)[:count])
        else:
            host.client.read(bar, offset, count)
    vntb.do("unbind")
    vntb.do("bind")
    vntb.set(status_delay=0)
    assert host.command(LINK_UP) == OK and host.get(MW_COUNT) == 1


def assert_refused(bench, line, expected):
    code, text = programs.run([programs.SOFTEP, "--dir", bench.dir, "--send", f"ntb {line}"], 2)
    assert code == 1 and text.startswith("error: ") and expected in text, (line, text)
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("line, expected", [
    ("what", "status, unbind, bind"), ("status now", "nothing more"), ("bind 1", "nothing more"),
    ("unbind x", "nothing more"), ("ring", "number"), ("ring 32", "number"), ("ring 1 x", "number"),
    ("ring -1", "number"), ("db set 1", "clear"), ("db clear", "number"), ("db clear 0x", "number"),
    ("db clear 1 2", "nothing more"), ("db clear 99999999999999999999", "number"),
    ("spad", "get or set"), ("spad put own 1", "get or set"), ("spad get mine 1", "own or peer"),
    ("spad get own", "number"), ("spad get own 1 2", "nothing more"), ("spad set own 1", "number"),
    ("spad set own 1 0x100000000", "number"), ("trans 0", "number"), ("trans 4 4096", "number"),
    ("trans 1 4096", "power of two"), ("trans 0 4097", "power of two"),
    ("trans 0 131072", "power of two"), ("peek 0 0", "number"), ("peek 0 0 97", "number"),
    ("peek 0 65535 2", "place in a window"), ("peek 1 0 1", "place in a window"),
    ("poke 0 0", "pairs"), ("poke 0 0 1", "pairs"), ("poke 0 0 0x12", "pairs"),
    ("poke 0 0 gg", "pairs"), ("poke 0 0 00 00", "nothing more"), ("read 0 0", "number"),
    ("poke 0 18446744073709551615 00", "place in a window"), ("poke 0 0 " + "00" * 97, "pairs"),
    ("write 2 0 00", "place in a window"), ("write 0 65536 00", "place in a window"),
])
def test_bad_commands(vntb, line, expected):
    """A command that makes no sense is one error line that names what was expected.

    Steps:
        Send each of a table of lines.
    Verify:
        Exit code 1, one line; the board goes on.
    """
    assert_refused(vntb.bench, line, expected)
    assert vntb.do("peek 0 0 1") == "00"


def test_no_model(make_bench):
    """A board whose endpoint is a process has no kernel to command.

    Steps:
        Send the command, set a switch, list the switches.
    Verify:
        Errors that name the options; no switch of the kernel in the list.
    """
    bench = make_bench()
    assert_refused(bench, "status", "--vntb or --back-to-back")
    code, text = programs.run(
        [programs.SOFTEP, "--dir", bench.dir, "--send", "set ntb_period 5"], 2)
    assert code == 1 and "--vntb or --back-to-back" in text
    assert "ntb_" not in bench.softep.command("get")


def test_with_engine(make_bench):
    """The engine serves such a board as any other.

    Steps:
        Let a write channel store into the memory of the NTB function's host.
    Verify:
        The bytes arrive.
    """
    bench = make_bench("--vntb")
    host = NtbHost(bench, address=HOST_ADDRESS, size=MIB)
    dma, ep = Dma(bench, "rc-dma"), bench.attach("ep-dma")
    memory = bench.memory(MIB)
    ep.dma_map(memory.fd, 0, EP_ADDRESS, MIB)
    memory.map[:64] = noise(64, 1)
    assert dma.run("wr", 0, [(8, 64, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    assert host.memory.map[:64] == memory.map[:64]
