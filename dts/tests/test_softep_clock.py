# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The board's virtual clock: what crosses the link is counted, and takes its time."""

import importlib.util
import struct
import time

import pytest

from framework import programs
from framework.bench import (
    EP_ADDRESS,
    HOST_ADDRESS,
    LIE,
    RIE,
    DONE_IMWR,
    MIB,
    RUNNING,
    STOPPED,
    Dma,
    attach_pair,
    noise,
    wait_until,
)

SPEC = importlib.util.spec_from_file_location(
    "link_limit", programs.ROOT / "devtools" / "link_limit.py")
link_limit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(link_limit)

# Elements of a run: as many as a list of 16 KiB holds, without its end.
ELEMENTS = 600


def link_args(link, latency=500, tags=256):
    """Command line for a board with this link."""
    values = {"link_speed": link.gen, "link_width": link.width, "mps": link.mps,
              "mrrs": link.mrrs, "rcb": link.rcb, "latency_ns": latency, "read_tags": tags}
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


def elements(direction, size, count=ELEMENTS, step=2048):
    """Elements that begin at multiples of `step`."""
    ends = [(EP_ADDRESS + step * (i % 256), HOST_ADDRESS + step * (i % 256))
            for i in range(count)]
    return [(0, size, *(pair if direction == "wr" else pair[::-1])) for pair in ends]


def model_ns(bench):
    return bench.softep.stats()["link"]["model_ns"]


@pytest.mark.parametrize("size", [64, 1500])
@pytest.mark.parametrize("link", [
    link_limit.Link(3, 1), link_limit.Link(3, 4, mps=128), link_limit.Link(4, 2),
    link_limit.Link(1, 1, mps=128, mrrs=128), link_limit.Link(4, 2, rcb=64),
], ids=lambda link: f"gen{link.gen}x{link.width}-{link.mps}-{link.rcb}")
def test_limit(make_bench, link, size):
    """A saturating run takes what arithmetic says that the link needs.

    Steps:
        Lists of 600 elements: on a write channel; on a read channel; on both at once. The clock is
        cleared before each.
    Verify:
        The model time is that of devtools/link_limit.py, which shares no code with the board:
        exactly for writes, within a round trip where there are reads.
    """
    bench = make_bench(*link_args(link))
    dma, _, _ = attach_pair(bench)
    limits = link_limit.limits(link, size, HOST_ADDRESS)
    for name, directions in (("write", ("wr",)), ("read", ("rd",)), ("both", ("wr", "rd"))):
        bench.softep.command("clear")
        for direction in directions:
            dma.start(direction, 1, elements(direction, size))
        for direction in directions:
            assert dma.finish(direction, 1) == STOPPED
        due = ELEMENTS / limits[name] * 1e9
        # Rounded down; a read's first answer comes after the latency and what it takes itself.
        most = due + 1e-3 if name == "write" else due + 500 + 1e9 / limits["read"]
        assert due - 1 <= model_ns(bench) <= most, name


def test_same_again(make_bench):
    """The same transfers take the same time, however busy the machine is.

    Steps:
        The same four lists on four channels, three times, with different delays of the engine.
    Verify:
        The model time is the same, to the nanosecond.
    """
    times = set()
    bench = make_bench()
    dma, _, _ = attach_pair(bench)
    for delay in (0, 100, 1000):
        bench.softep.set("element_delay", delay)
        bench.softep.command("clear")
        for direction, channel in (("wr", 0), ("rd", 1), ("wr", 2), ("rd", 3)):
            dma.start(direction, channel, elements(direction, 700 + channel, 100))
        for direction, channel in (("wr", 0), ("rd", 1), ("wr", 2), ("rd", 3)):
            assert dma.finish(direction, channel) == STOPPED
        times.add(model_ns(bench))
    assert len(times) == 1 and times.pop() > 0


@pytest.mark.parametrize("tags", [1, 4])
def test_latency_bound(make_bench, tags):
    """With few reads outstanding the round trip is the limit, and not the link.

    Steps:
        A list of 100 elements of 64 bytes on a read channel, latency 2 us.
    Verify:
        100 round trips, divided by the requests outstanding, and no more than a few per cent.
    """
    bench = make_bench(*link_args(link_limit.Link(4, 2), latency=2000, tags=tags))
    dma, _, _ = attach_pair(bench)
    bench.softep.command("clear")
    assert dma.run("rd", 0, elements("rd", 64, 100)) == STOPPED
    assert 100 * 2000 / tags <= model_ns(bench) <= 100 * 2000 / tags * 1.05


def link_delta(bench, action):
    """What an action adds to the counters of the link, by name; zeros left out."""
    before = bench.softep.stats()["link"]
    action()
    after = bench.softep.stats()["link"]
    return {name: after[name] - before[name] for name in after
            if after[name] != before[name] and name != "model_ns"}


def test_messages(make_bench):
    """Accesses by message are packets as well, both ways, and counted for their client.

    Steps:
        In trap mode: write and read a register, list memory and configuration space, from the
        host; stores and loads through the outbound window, from the endpoint; an endpoint's access
        to its own memory. An element with an interrupt write.
    Verify:
        Packets, payload and bytes on the wire of each, as the format of a packet has them.
    """
    bench = make_bench("--trap", "--set", "mps=256")
    dma, _, _ = attach_pair(bench, trap=True)
    host, ep = dma.client, bench.clients["ep-ntb"]
    word = struct.pack("=I", 1)

    def delta(action):
        return link_delta(bench, action)

    def posted(way, tlps, size, wire):
        return {f"{way}_tlps": tlps, f"{way}_bytes": size, f"{way}_wire_bytes": wire,
                f"{way}_posted_tlps": tlps, f"{way}_posted_bytes": size}

    def loaded(way, back, tlps, size, request, completion):
        return {f"{way}_tlps": tlps, f"{way}_wire_bytes": request, f"{way}_requests": tlps,
                f"{back}_tlps": tlps, f"{back}_bytes": size, f"{back}_wire_bytes": completion,
                f"{back}_completions": tlps}

    assert delta(lambda: host.write(0, 0x00C, word)) == posted("down", 1, 4, 24)
    assert delta(lambda: host.read(0, 0x00C, 4)) == loaded("down", "up", 1, 4, 20, 24)
    # A slot, in the order of a ring: the rest, and the control word.
    assert delta(lambda: host.write(2, 4, bytes(20))) == posted("down", 1, 20, 40)
    assert delta(lambda: host.write(2, 0, word)) == posted("down", 1, 4, 24)
    # Four words in a row share a packet; what lies behind the line does not.
    def stores():
        for at in range(0x1030, 0x1044, 4):
            host.write(2, at, word)
    assert delta(stores) == posted("down", 2, 20, 2 * 20 + 20)
    assert delta(lambda: host.read(2, 0x1000, 24)) == loaded("down", "up", 3, 24, 60, 84)
    assert delta(lambda: host.read(7, 0, 2)) == loaded("down", "up", 1, 4, 20, 24)
    config = delta(lambda: host.write(7, 4, b"\6\0"))
    assert config == {"down_tlps": 1, "down_bytes": 4, "down_wire_bytes": 24, "down_requests": 1,
                      "up_tlps": 1, "up_wire_bytes": 20, "up_completions": 1}
    assert delta(lambda: ep.write(2, 0, bytes(4096))) == {}
    assert delta(lambda: ep.write(11, 0, bytes(64))) == {}
    ep.write(12, 0, struct.pack("=QQII", HOST_ADDRESS, MIB, 1, 0))
    assert delta(lambda: ep.write(11, 32, bytes(64))) == posted("up", 2, 64, 64 + 2 * 24)
    assert delta(lambda: ep.read(11, 0, 8)) == loaded("up", "down", 1, 8, 24, 28)
    bench.softep.set("store_bytes", 8)
    assert delta(lambda: ep.write(11, 0, bytes(64))) == posted("up", 8, 64, 64 + 8 * 24)
    bench.softep.set("store_bytes", 64)
    dma.put64(DONE_IMWR["wr"], HOST_ADDRESS)
    dma.get(0x008)
    bench.softep.command("clear")
    assert dma.run("wr", 0, [(LIE | RIE, 300, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    link = bench.softep.stats()["link"]
    assert (link["up_posted_tlps"], link["up_posted_bytes"]) == (3, 304)
    region = bench.softep.stats()["rc-dma region 2"]
    assert (region["writes"], region["tlps"]) == (4, 4)


def test_areas(make_bench):
    """Only stores to memory share a packet, whatever else is in the same BAR.

    Steps:
        A host function of which BAR2 is doorbells, and behind them the first window: store two
        words in a row to each, and to the second window.
    Verify:
        Two packets to doorbells; one to each window.
    """
    bench = make_bench("--trap", "--ntb-map", "ti", "--mw", "64k,64k")
    host = bench.attach("rc-ntb")
    word = bytes(4)
    for bar, at, packets in ((2, 0x200, 2), (2, 0x1200, 1), (3, 0x200, 1)):
        before = bench.softep.stats()["link"]["down_tlps"]
        host.write(bar, at, word)
        host.write(bar, at + 4, word)
        assert bench.softep.stats()["link"]["down_tlps"] - before == packets, (bar, at)


def test_waited(make_bench):
    """A CPU that reads across the link waits for it.

    Steps:
        100 register reads with a latency of 700 ns; 100 register writes.
    Verify:
        The reads cost their client 70 us, the writes next to nothing.
    """
    bench = make_bench("--trap", "--set", "latency_ns=700")
    dma = Dma(bench, "rc-dma", trap=True)
    bench.softep.command("clear")
    for _ in range(100):
        dma.get(0x008)
    assert 70000 <= bench.port("rc-dma")["waited_ns"] <= 72000
    bench.softep.command("clear")
    for _ in range(100):
        dma.put(0x00C, 1)
    wait_until(lambda: bench.region("rc-dma", 0)[2] == 100, "writes")
    assert 0 < bench.port("rc-dma")["waited_ns"] <= 2000


def test_refused_and_down(bench):
    """A read that nobody answers is a packet, a link that is down has none.

    Steps:
        A read element whose source does not exist, and one that times out by injection. Then one
        without bus mastering; take the link down, access registers, ring, as the host and as the
        endpoint.
    Verify:
        A request for each of the first two, an answer for the first; nothing more.
    """
    dma, _, _ = attach_pair(bench)
    bench.softep.command("clear")
    assert dma.run("rd", 0, [(0, 64, 0xDEAD0000, EP_ADDRESS)]) != STOPPED
    bench.softep.command("inject rd 1 1 timeout")
    assert dma.run("rd", 1, [(0, 64, HOST_ADDRESS, EP_ADDRESS)]) != STOPPED
    link = bench.softep.stats()["link"]
    assert (link["up_requests"], link["down_completions"], link["down_bytes"]) == (
        2, 1, link["down_posted_bytes"])
    bench.softep.set("link", "down")
    before = bench.softep.stats()["link"]
    dma.client.read(0, 8, 4)
    dma.put(0x00C, 1)
    dma.get(0x008)
    ep = Dma(bench, "ep-dma")
    assert ep.run("rd", 2, [(0, 64, HOST_ADDRESS, EP_ADDRESS)]) != STOPPED
    assert bench.softep.stats()["link"] == before
    bench.softep.set("link", "up")
    bench.clients["rc-ntb"].bus_master(False)
    before = bench.softep.stats()["link"]["up_requests"]
    assert ep.run("rd", 3, [(0, 64, HOST_ADDRESS, EP_ADDRESS)]) != STOPPED
    assert bench.softep.stats()["link"]["up_requests"] == before


def test_no_data_no_packets(bench):
    """With no_data nothing crosses the link.

    Steps:
        An element each way with no_data=1.
    Verify:
        No packets but those of the register writes.
    """
    dma, _, _ = attach_pair(bench)
    bench.softep.set("no_data", 1)
    for direction in ("wr", "rd"):
        assert dma.run(direction, 0, elements(direction, 64, 1)) == STOPPED
    link = bench.softep.stats()["link"]
    assert link["up_posted_tlps"] == link["up_requests"] - link["down_completions"] == 0


def express(client, offset):
    """A register of the PCI Express capability, 4 bytes."""
    at = client.read(7, 0x34, 1)[0]
    while client.read(7, at, 1)[0] != 0x10:
        at = client.read(7, at + 1, 1)[0]
    return at + offset, struct.unpack("=I", client.read(7, at + offset, 4))[0]


@pytest.mark.parametrize("port", ["rc-ntb", "rc-dma"])
def test_capability(make_bench, port):
    """Configuration space tells of the link that the switches set.

    Steps:
        Start with 16 GT/s by 2 and packets of 512 bytes, requests of 4096; look at the PCI Express
        capability. Change it all at run time.
    Verify:
        Capability, control and status registers say so, each time.
    """
    args = ("link_speed=4", "link_width=2", "mps=512", "mrrs=4096")
    bench = make_bench(*(word for arg in args for word in ("--set", arg)))
    client = bench.attach(port)
    for speed, width, mps, mrrs in ((4, 2, 2, 5), (5, 16, 0, 0), (1, 1, 5, 2), (3, 4, 1, 2)):
        for name, value in (("link_speed", speed), ("link_width", width),
                            ("mps", 128 << mps), ("mrrs", 128 << mrrs)):
            bench.softep.set(name, value)
        assert express(client, 0x04)[1] & 7 == max(mps, 1)
        assert express(client, 0x08)[1] >> 5 & 7 == mps
        assert express(client, 0x08)[1] >> 12 & 7 == mrrs
        assert express(client, 0x0C)[1] & 0x3FF == width << 4 | speed
        assert express(client, 0x10)[1] >> 16 & 0x3FF == width << 4 | speed
        assert express(client, 0x2C)[1] & 0xFE == (2 << speed) - 2
        assert express(client, 0x30)[1] & 0xF == speed


def test_host_sizes(make_bench):
    """The host has the last word about the sizes of packets and requests.

    Steps:
        Write 128 bytes and 256 to the device control register of the engine's function; of the
        other one; change something else of the link; reset the function. Each time move 512 bytes
        both ways.
    Verify:
        Packets and requests as that register says, and so do the switches; after the reset as at
        power-on.
    """
    bench = make_bench("--set", "mps=256")
    dma, _, _ = attach_pair(bench)

    def packets():
        bench.softep.command("clear")
        for direction in ("wr", "rd"):
            assert dma.run(direction, 0, elements(direction, 512, 1)) == STOPPED
        link = bench.softep.stats()["link"]
        return link["up_posted_tlps"], link["up_requests"], link["down_completions"]

    assert packets() == (2, 1, 2)
    at, value = express(dma.client, 8)
    dma.client.write(7, at, struct.pack("=H", value & ~0x70E0 & 0xFFFF | 1 << 12))
    assert packets() == (4, 2, 4)
    assert "mps=128\n" in bench.softep.command("get mps")
    assert "mrrs=256\n" in bench.softep.command("get mrrs")
    bench.clients["rc-ntb"].write(7, at, struct.pack("=H", value))
    assert packets() == (4, 2, 4)
    bench.softep.set("link_width", 8)
    assert packets() == (4, 2, 4)
    dma.client.reset()
    dma.client.bus_master(True)
    assert packets() == (2, 1, 2)


def cpu_seconds(bench):
    with open(f"/proc/{bench.softep.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_pace(make_bench):
    """With pace=1 the board takes the time that the link takes, and sleeps meanwhile.

    Steps:
        At 2.5 GT/s by 1, 40 elements of 256 KiB on a write channel, 45 ms; the same on a read
        channel at the same time. Ask the board for its counters meanwhile. Then without pace.
    Verify:
        The board is never ahead of its time by more than a step and what it may make up for, both
        directions go at once, it answers, and it has not used the CPU all the time. Without pace it
        is done much earlier.
    """
    link = link_limit.Link(1, 1)
    bench = make_bench(*link_args(link), "--set", "pace=1", "--ll", "16K")
    dma, host_memory, ep_memory = attach_pair(bench)
    ep_memory.map[:] = noise(MIB, 5)
    transfer = [(0, 262144, EP_ADDRESS + 262144 * (i % 4), HOST_ADDRESS + 262144 * (i % 4))
                for i in range(40)]
    back = [(0, size, target, source) for _, size, source, target in transfer]
    seconds = 40 / link_limit.limits(link, 262144, HOST_ADDRESS)["both"]
    # 512 KiB and a step on the wire, of a board that had nothing to do.
    ahead = (512 + 64) * 1024 * 1.2 / link.bytes_per_second()
    used, start = cpu_seconds(bench), time.monotonic()
    dma.start("wr", 0, transfer)
    dma.start("rd", 0, back)
    assert bench.softep.channels()["wr0"]["elements"] < 40
    assert dma.status("wr", 0) == RUNNING
    while dma.status("wr", 0) == RUNNING:
        assert model_ns(bench) <= (time.monotonic() - start + ahead) * 1e9
        time.sleep(0.002)
    assert (dma.finish("wr", 0), dma.finish("rd", 0)) == (STOPPED, STOPPED)
    took = time.monotonic() - start
    # Both at once, and not one after the other; a stalled machine may take longer than that.
    assert took >= seconds - ahead
    assert model_ns(bench) <= seconds * 1e9 * 1.6
    assert cpu_seconds(bench) - used < took * 0.8
    assert host_memory.map[:] == ep_memory.map[:]
    bench.softep.set("pace", 0)
    start = time.monotonic()
    assert dma.run("wr", 0, transfer) == STOPPED
    assert time.monotonic() - start < took


@pytest.mark.parametrize("switch, value", [
    ("link_speed", "0"), ("link_speed", "6"), ("link_width", "3"), ("link_width", "32"),
    ("mps", "64"), ("mps", "8192"), ("mps", "300"), ("mrrs", "127"), ("rcb", "32"), ("rcb", "96"),
    ("store_bytes", "4"), ("store_bytes", "128"), ("latency_ns", "1000001"), ("latency_ns", "-1"),
    ("read_tags", "0"), ("read_tags", "257"), ("pace", "2"), ("pace", "01"), ("mps", "256k"),
    ("mps", ""),
])
def test_bad_value(tmp_path, switch, value):
    """A link that does not exist is refused.

    Steps:
        Start a board with a value out of range.
    Verify:
        Exit code 2, one line that names switch, value and what was expected.
    """
    code, output = programs.run(
        [programs.SOFTEP, "--dir", tmp_path / "board", "--set", f"{switch}={value}"], 5)
    assert code == 2
    assert output.startswith(f'dpdk-softep: argument --set: "{switch}={value}": expected ')
    assert output.count("\n") == 1
