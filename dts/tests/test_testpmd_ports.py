# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""testpmd with long frames, other memory, ports that come and go, and several of them."""

import re

import pytest

from framework import packets, pcap
from framework.replay import FRAMES, READ, WRITTEN, Replay
from framework.rig import SIDES, ntb_vdevs
from framework.softep import Softep
from framework.testpmd import JUMBO_MTU, command_all, wait_links

SHORTEST = 60
MOST_MTU = 65522
ETHER_BYTES = 14
MACS = bytes.fromhex("020000000002020000000001")
ADDRESSES = (bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
SMALL_MBUF = 2176
SMALL_FRAME = 1514
LINK_TIMEOUT = 10
ROUNDS = 3
LAP = 50


def frames_to(longest, count=FRAMES):
    """Frames of one queue up to a length."""
    return pcap.make_frames(count, SHORTEST, longest, seed=longest)


def start_echo(rig, arrangement="split", **kwargs):
    """A board, the host's replay and an endpoint that sends back what it gets; links are up."""
    rig.start_board()
    replay = Replay(rig, arrangement, **kwargs)
    rig.start_side("ep", arrangement, **kwargs)
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    return replay


def assert_echo(rig, replay, longest=JUMBO_MTU + 14, count=FRAMES):
    """What the host sends comes back."""
    frames = frames_to(longest, count)
    rig.ep.start("io")
    (back,) = replay.exchange([frames])
    rig.ep.stop()
    assert pcap.difference(frames, back) is None


def stop_ports(rig, replay, ports):
    """Stop port 0 of some while the others poll, which see their link go down."""
    others = [pmd for pmd in rig.pair if pmd not in ports]
    replay.load([[]])
    for pmd in others:
        pmd.start("rxonly")
    command_all(ports, "port stop 0")
    wait_links(others, up=False)
    for pmd in others:
        pmd.stop()


def quit_all(*pmds):
    """Leave all, which have to help each other stop."""
    for pmd in pmds:
        pmd.send("quit")
    assert [pmd.wait(30) for pmd in pmds] == [0] * len(pmds)


def configure(pmd, *lines):
    """Change what only a stopped port lets itself be changed."""
    pmd.command("port stop 0")
    for line in lines:
        assert "fail" not in pmd.command(line).lower()
    pmd.command("port start 0")


def start_scatter(rig, mtu):
    """As start_echo(), with frames of many small buffers."""
    args = [f"--mbuf-size={SMALL_MBUF}", "--total-num-mbufs=20000", "--rxd=4096", "--txd=4096"]
    replay = start_echo(rig, mtu=1500, args=args)
    for pmd in rig.pair:
        configure(
            pmd,
            "port config 0 rx_offload scatter on",
            "port config 0 tx_offload multi_segs on",
            f"port config mtu 0 {mtu}",
        )
    rig.wait_links()
    for pmd in rig.pair:
        assert "RX scattered packets: on" in pmd.command("show rxq info 0 0")
    return replay


def test_scatter(rig):
    """Frames of several segments, sent and received.

    Steps:
        Run both testpmds with buffers of 2 KiB and rings of 4096 entries. Set an MTU of 9000, Rx
        scatter and multi-segment Tx. Send frames of up to the MTU there and back.
    Verify:
        They come back byte for byte.
    """
    replay = start_scatter(rig, JUMBO_MTU)
    assert_echo(rig, replay)
    quit_all(*rig.pair)


def test_scatter_most(rig):
    """Frames of as many segments as there can be.

    Steps:
        As above, with an MTU of 65522 and datagrams of up to 65535 bytes. The host forwards in the
        mode that calculates checksums, after both ways, since net_pcap keeps 16128 bytes of a
        frame.
    Verify:
        The first 16128 bytes come back as they are, the checksum over all bytes is as it was; the
        port has received all bytes.
    """
    replay = start_scatter(rig, MOST_MTU)
    for port in (0, 1):
        rig.rc.command(f"csum mac-swap off {port}")
    sizes = [SHORTEST, 9999, 32767, 32768, MOST_MTU, READ, READ - 1] * 8
    frames = [long_datagram(number, size) for number, size in enumerate(sizes)]
    rig.ep.start("io")
    (back,) = replay.exchange([frames], mode="csum")
    assert pcap.difference([frame[:WRITTEN] for frame in frames], back) is None
    assert rig.rc.stats()["RX-bytes"] == sum(sizes)
    quit_all(*rig.pair)


def long_datagram(number, size):
    """A frame of so many bytes with a UDP datagram."""
    packet = packets.ipv4_udp(ADDRESSES[0], ADDRESSES[1], number, size - ETHER_BYTES)
    return MACS + packets.ETHER_IPV4 + packet


def test_pinned_buffers(rig):
    """Buffers that are not part of their mbufs.

    Steps:
        Run both testpmds with --mp-alloc=xbuf. Send frames there and back.
    Verify:
        They come back byte for byte.
    """
    replay = start_echo(rig, args=["--mp-alloc=xbuf"])
    assert_echo(rig, replay)
    quit_all(*rig.pair)


# Memory outside of EAL's: a heap of testpmd's own, and a mapping of the pool's own. Without
# hugepages it is made of pages of 4 KiB, and a buffer of a heap must fit one.
FOREIGN = ("xmem", "anon")


def foreign(kind):
    """testpmd's arguments for it."""
    return [f"--mp-alloc={kind}", f"--mbuf-size={SMALL_MBUF}"]


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_memory(rig, kind):
    """Cores copy from and to memory that no engine reaches.

    Steps:
        Run both testpmds with --mp-alloc=xmem, and with anon, and mover=cpu. Send frames there and
        back.
    Verify:
        They come back byte for byte.
    """
    replay = start_echo(rig, "cpu", mtu=1500, args=foreign(kind))
    assert_echo(rig, replay, SMALL_FRAME)
    quit_all(*rig.pair)


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_memory_refused(rig, kind):
    """An engine does not reach it: the port does not start.

    Steps:
        Run a testpmd with --mp-alloc=xmem, and with anon, and an engine, on each side.
    Verify:
        One line names the pool and what was expected; the port does not start.
    """
    rig.start_board()
    for side in SIDES:
        rig.start_side(side, "split", mtu=1500, args=foreign(kind))
    for pmd in rig.pair:
        pmd.wait_ready()
        lines = re.findall("NTB_EPF: .*queue 0: pool mb_pool_0: .*expected .* mover=cpu", pmd.output)
        assert len(lines) == 1 and "Fail to start port 0" in pmd.output
    quit_all(*rig.pair)


def test_loops(rig):
    """Ports that stop and start, and are closed and made anew, again and again.

    Steps:
        Five times each: stop and start the port of the endpoint, of the host, of both; stop, reset
        and start both; close and detach the endpoint's port, attach and start it. Send frames there
        and back after each.
    Verify:
        The link goes down and comes up at both; the frames come back; no buffer is lost.
    """
    replay = start_echo(rig)
    command_all(rig.pair, "port stop 0")
    free = [pmd.idle_buffers() for pmd in rig.pair]
    command_all(rig.pair, "port start 0")
    for ports in ([rig.ep], [rig.rc], rig.pair) * ROUNDS:
        rig.wait_links()
        assert_echo(rig, replay, count=LAP)
        stop_ports(rig, replay, ports)
        command_all(ports, "port start 0")
    for _ in range(ROUNDS):
        rig.wait_links()
        assert_echo(rig, replay, count=LAP)
        command_all(rig.pair, "port stop 0")
        assert not any("Fail" in answer for answer in command_all(rig.pair, "port reset 0"))
        command_all(rig.pair, "port start 0")
    for _ in range(ROUNDS):
        rig.wait_links()
        assert_echo(rig, replay, count=LAP)
        stop_ports(rig, replay, [rig.ep])
        rig.ep.command("port close 0")
        assert "detached" in rig.ep.command("device detach net_ntb0")
        assert "attached" in rig.ep.command("port attach net_ntb0")
        rig.ep.command("port start 0")
    rig.wait_links()
    assert_echo(rig, replay)
    command_all(rig.pair, "port stop 0")
    assert [pmd.idle_buffers() for pmd in rig.pair] == free
    quit_all(*rig.pair)


def test_two_boards(rig):
    """One process has ports on two boards and forwards between them.

    Steps:
        Start a second board. A testpmd in the middle is endpoint of the first and host of the
        second. The first board's host sends frames, the second board's endpoint sends them back.
    Verify:
        They come back over both boards, byte for byte. The boards have moved the same bytes.
    """
    first = rig.start_board()
    second = Softep(rig.directory / "second", rig.directory, name="second")
    rig.children.append(second)
    vdevs = []
    for number, (side, board) in enumerate((("ep", rig.board), ("rc", second.board))):
        vdevs.append(f"dma_dw_edma{number},softep={board},side={side}")
        vdevs.append(f"raw_ntb_epf{number},softep={board},side={side},dma=dma_dw_edma{number}")
        vdevs.append(f"net_ntb{number},raw=raw_ntb_epf{number}")
    replay = Replay(rig)
    middle = rig.start_testpmd("middle", vdevs)
    far = rig.start_testpmd("ep", ntb_vdevs("ep", second.board, "split"))
    pmds = (replay.pmd, middle, far)
    for pmd in pmds:
        pmd.wait_ready()
    for pmd in (middle, far):
        pmd.start("io")
    wait_links(pmds)
    middle.wait_link(True, LINK_TIMEOUT, port=1)
    frames = frames_to(JUMBO_MTU + 14)
    (back,) = replay.exchange([frames])
    assert pcap.difference(frames, back) is None
    total = sum(map(len, frames))
    for board in (first, second):
        moved = board.channels()
        assert moved["rd0"]["bytes"] >= total and moved["wr0"]["bytes"] >= total
        assert not board.violations()
    quit_all(*pmds)
