# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A side that comes back at the addresses it had is not hit by copies of its earlier life."""

from framework.bench import HOST_ADDRESS, LOCAL_BASE, MIB, RUNNING, Bench, Dma, noise, wait_until
from framework.ntb_peer import EP_TO_RC, LINK_DOWN, OK, Host, area, header, submission
from framework.rig import ntb_vdevs

# Steps between elements, some 50 ms: a list goes on long after the process that it was for.
SLOW = 1000000
BUFFERS = 64
BUFFER_BYTES = 16384
PAGE = 4096
# Elements of a list before the one that matters: more time than a process needs to come back.
HARMLESS = 40
BASE = 0x300000000000


def engine_rests(rig):
    """No channel is at work."""
    return rig.softep.stats()["engine"]["busy"] == 0


def test_host_comes_back(rig):
    """The endpoint's engine copies for a host that dies and is back at once.

    Steps:
        As a host by hand, publish 64 buffers and let the endpoint's testpmd fill them, with 50 ms
        between the elements of a list. After the first ones close the socket; attach again with
        other memory at the same address. Send LINK_DOWN, and when it is answered let the endpoint
        write. Wait until the engine rests.
    Verify:
        Nothing is written into the buffers of the second life. It gets a link, and the endpoint
        ends in order.
    """
    rig.start_board()
    ep = rig.start_side("ep", "ep")
    ep.wait_ready()
    host = Host(rig.board, ep)
    host.connect()
    host.join(header(0))
    entries = b"".join(
        submission(n, HOST_ADDRESS + MIB + n * BUFFER_BYTES, BUFFER_BYTES,
                   host.generation + host.heard()[0])
        for n in range(BUFFERS)
    )
    host.store(area(EP_TO_RC), entries)
    rig.softep.set("element_delay", SLOW)
    ep.start("flowgen")
    wait_until(lambda: any(host.memory.map[MIB : MIB + PAGE]), "packet in the first buffer")
    assert not any(host.memory.map[-BUFFER_BYTES:])
    assert not engine_rests(rig)
    host.close()

    host = Host(rig.board, ep, generation=1000)
    assert host.command(LINK_DOWN) == OK
    host.client.bus_master(True)
    wait_until(lambda: engine_rests(rig), "rest of the engine", 20)
    assert not any(host.memory.map[MIB:])
    rig.softep.set("element_delay", 0)
    host.connect()
    host.join(header(0))
    ep.stop()
    host.close()
    ep.wait_link(False, 5)
    ep.command("port stop 0")
    assert ep.quit() == 0


def memory_of(pid):
    """Where a process has EAL's memory."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        for line in maps:
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if start >= BASE and end - start >= 100 * MIB and "memfd" in line:
                return start, end
    return None


def peek(pid, address, count):
    """Bytes of another process."""
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(address)
        return memory.read(count)


def test_endpoint_comes_back(rig):
    """The host's channel copies into an endpoint that dies and is back at once.

    Steps:
        Start the endpoint's testpmd with memory at a fixed address. As the host's DMA driver by
        hand, start a read channel with a list that takes 2 s and then copies noise into the middle
        of that memory. Kill the endpoint and start it again with the same arguments. Wait until
        the engine rests.
    Verify:
        The new process has memory at the same address, in which there is no noise. It starts when
        the channel has stopped, and takes commands.
    """
    rig.start_board()
    vdevs = ntb_vdevs("ep", rig.board, "ep")
    eal = [f"--base-virtaddr={BASE:#x}"]
    first = rig.start_testpmd("first", vdevs, eal=eal)
    first.wait_ready()
    start, end = memory_of(first.pid)
    target = (start + (end - start) // 2) & ~(PAGE - 1)

    bench = Bench(rig.directory, softep=rig.softep)
    dma = Dma(bench, "rc-dma")
    memory = bench.memory(PAGE)
    memory.map[:] = noise(PAGE, 7)
    dma.client.dma_map(memory.fd, 0, HOST_ADDRESS, PAGE)
    dma.client.bus_master(True)
    elements = [(0, 64, HOST_ADDRESS, LOCAL_BASE | 1 << 32)] * HARMLESS
    elements += [(0, PAGE, HOST_ADDRESS, target)]
    rig.softep.set("element_delay", SLOW)
    dma.start("rd", 3, elements, fn=1)
    first.kill()
    second = rig.start_testpmd("second", vdevs, eal=eal)
    second.wait_ready()
    assert memory_of(second.pid) == (start, end)
    wait_until(lambda: engine_rests(rig), "rest of the engine", 20)
    assert dma.status("rd", 3) != RUNNING
    assert peek(second.pid, target, PAGE) != noise(PAGE, 7)
    assert second.quit() == 0
    bench.close()
