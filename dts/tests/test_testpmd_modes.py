# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""testpmd's forwarding modes on two queues and two lcores, and all that it can show of the port.

The two testpmds are the same for all tests here. shared_rxq is left out: in that mode testpmd crashes
on any port that cannot share queues, net_null too.
"""

import re
import time

import pytest

from framework import packets, pcap, programs
from framework.replay import FRAMES, Replay
from framework.rig import Rig
from framework.testpmd import command_all, drain, wait_packets

QUEUES = 2
SHORTEST = 60
LONGEST = 9014
SOURCE = bytes([198, 18, 0, 1])
DESTINATION = bytes([198, 18, 0, 2])
SENDER = bytes.fromhex("020000000001")
PEER = bytes.fromhex("020000000077")
BROADCAST = b"\xff" * 6
ICMP_ECHO = 8
ICMP_ECHO_REPLY = 0
# Bursts that testpmd sends first, on each queue, and their size.
FIRST_BURSTS = 4
BURST = 32
FULL_SPEED_SECONDS = 0.5
IDLE_SECONDS = 0.3
# noisy: memory that each packet makes the lcore read and write.
NOISE = ["--noisy-lkup-memory=1", "--noisy-lkup-num-reads=4", "--noisy-lkup-num-writes=4"]


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    """A board; the sides are started by `replay`."""
    made = Rig(tmp_path_factory.mktemp("modes"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def replay(rig):
    """The host replays; the endpoint's testpmd has one port and sends back what it receives."""
    rig.start_board()
    sender = Replay(rig, queues=QUEUES)
    main, worker = programs.cpus()
    rig.start_side("ep", "split", queues=QUEUES, workers=2, cpu=[main, worker, main], args=NOISE)
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    rig.ep.command(f"set eth-peer 0 {PEER.hex(':')}")
    yield sender
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


@pytest.fixture(autouse=True)
def stopped(rig, replay):
    """Each test leaves both sides stopped, their statistics at 0."""
    yield
    for pmd in rig.pair:
        pmd.command("stop")
        pmd.command("set txpkts 64")
        pmd.command("clear port stats all")


def own_mac(pmd):
    """The address of port 0."""
    text = re.search(r"MAC address: (\S+)", pmd.command("show port info 0")).group(1)
    return bytes.fromhex(text.replace(":", ""))


def plain(count=FRAMES):
    """Frames of every size for each queue."""
    return [pcap.make_frames(count, SHORTEST, LONGEST, seed=queue) for queue in range(QUEUES)]


def datagrams(damage=False):
    """Frames with UDP datagrams for each queue; the checksums may be wrong in each."""
    queues = []
    for queue in range(QUEUES):
        frames = []
        for number in range(FRAMES):
            size = SHORTEST - 14 + number * 5
            packet = packets.ipv4_udp(SOURCE, DESTINATION, number, size)
            if damage:
                packet = packets.damaged(packet)
            frames.append(PEER + SENDER + packets.ETHER_IPV4 + packet)
        queues.append(frames)
    return queues


def assert_same(expected, received):
    """Each queue has the frames that were expected."""
    for queue in range(QUEUES):
        assert pcap.difference(expected[queue], received[queue]) is None


def changed(frames, change):
    """Frames of each queue after a change of each."""
    return [[change(frame) for frame in part] for part in frames]


def swapped(frame):
    """A frame with its two addresses exchanged."""
    return frame[6:12] + frame[:6] + frame[12:]


@pytest.mark.parametrize("mode", ["io", "noisy"])
def test_unchanged(rig, replay, mode):
    """Modes that change nothing.

    Steps:
        Send 400 frames of 60 to 9014 bytes on each of two queues. The endpoint sends them back in
        the mode under test.
    Verify:
        Each queue receives its own frames, all, in order, byte for byte.
    """
    frames = plain()
    rig.ep.start(mode)
    assert_same(frames, replay.exchange(frames))


def test_mac(rig, replay):
    """mac: addresses are those of the port and of its peer.

    Steps:
        As with io.
    Verify:
        As with io, but for the addresses.
    """
    frames = plain()
    head = PEER + own_mac(rig.ep)
    rig.ep.start("mac")
    assert_same(changed(frames, lambda frame: head + frame[12:]), replay.exchange(frames))


def test_macswap(rig, replay):
    """macswap: addresses are exchanged.

    Steps:
        As with io.
    Verify:
        As with io, but for the addresses.
    """
    frames = plain()
    rig.ep.start("macswap")
    assert_same(changed(frames, swapped), replay.exchange(frames))


def test_5tswap(rig, replay):
    """5tswap: addresses and ports are exchanged.

    Steps:
        As with io, with UDP datagrams.
    Verify:
        What comes back is the datagrams of the other direction.
    """
    frames = datagrams()
    rig.ep.start("5tswap")
    received = replay.exchange(frames)
    assert_same(changed(frames, lambda f: swapped(f[:14]) + packets.reversed_udp(f[14:])), received)


def test_csum(rig, replay):
    """csum: checksums are calculated by the lcore.

    Steps:
        As with io, with UDP datagrams whose checksums are all wrong.
    Verify:
        The checksums that come back are right, the rest is as it was sent.
    """
    head = PEER + own_mac(rig.ep)
    rig.ep.start("csum")
    received = replay.exchange(datagrams(damage=True))
    assert_same(changed(datagrams(), lambda frame: head + frame[12:]), received)


def echo_request(number):
    """A frame with an ICMP echo request."""
    data = bytes((number + at) & 0xFF for at in range(40 + number))
    icmp = packets.icmp_echo(ICMP_ECHO, 7, number, data)
    packet = packets.ipv4(SOURCE, DESTINATION, packets.PROTOCOL_ICMP, number, icmp)
    return PEER + SENDER + packets.ETHER_IPV4 + packet


def echo_reply(number):
    """The frame that answers it."""
    data = bytes((number + at) & 0xFF for at in range(40 + number))
    icmp = packets.icmp_echo(ICMP_ECHO_REPLY, 7, number, data)
    packet = packets.ipv4(DESTINATION, SOURCE, packets.PROTOCOL_ICMP, number, icmp)
    return SENDER + PEER + packets.ETHER_IPV4 + packet


def test_icmpecho(rig, replay):
    """icmpecho: answers to ICMP echo requests and to ARP.

    Steps:
        Send an ARP request, datagrams and ICMP echo requests on each queue.
    Verify:
        The answers to the requests come back, and nothing else.
    """
    own = own_mac(rig.ep)
    arp = packets.arp(packets.ARP_REQUEST, SENDER, SOURCE, bytes(6), DESTINATION)
    question = BROADCAST + SENDER + packets.ETHER_ARP + arp
    arp = packets.arp(packets.ARP_REPLY, own, DESTINATION, SENDER, SOURCE)
    answer = SENDER + own + packets.ETHER_ARP + arp
    requests = [echo_request(number) for number in range(BURST)]
    replies = [echo_reply(number) for number in range(BURST)]
    frames = [[question, *part[:10], *requests] for part in datagrams()]
    rig.ep.start("icmpecho")
    received = replay.exchange(frames, QUEUES * (1 + len(requests)))
    assert_same([[answer, *replies]] * QUEUES, received)


def test_rxonly(rig, replay):
    """rxonly: frames are taken and dropped.

    Steps:
        As with io.
    Verify:
        The endpoint counts packets and bytes on each queue; nothing comes back.
    """
    frames = plain()
    rig.ep.start("rxonly")
    replay.send(frames)
    wait_packets(rig.ep, QUEUES * FRAMES)
    time.sleep(IDLE_SECONDS)
    assert replay.received(0) == [[], []]
    xstats = rig.ep.xstats()
    for queue in range(QUEUES):
        assert xstats[f"rx_q{queue}_packets"] == FRAMES
        assert xstats[f"rx_q{queue}_bytes"] == sum(map(len, frames[queue]))
    assert rig.ep.stats()["TX-packets"] == 0


@pytest.mark.parametrize("segments", [[64], [100, 300, 1], [9014], [2000, 2000, 2000, 2000, 1014]])
def test_tx_first(rig, replay, segments):
    """txonly, a number of packets of one or of several segments.

    Steps:
        The endpoint sends 4 bursts on each queue before it only receives.
    Verify:
        They arrive with the length of their segments together and the headers that testpmd makes.
    """
    rig.ep.command(f"set txpkts {','.join(map(str, segments))}")
    rig.ep.command("set fwd rxonly")
    replay.send([[], []])
    rig.ep.command(f"start tx_first {FIRST_BURSTS}")
    received = replay.received(QUEUES * FIRST_BURSTS * BURST)
    head = PEER + own_mac(rig.ep) + packets.ETHER_IPV4
    for part in received:
        assert len(part) == FIRST_BURSTS * BURST
        for frame in part:
            assert len(frame) == sum(segments) and frame[:14] == head
            assert packets.checksum(frame[14:34]) == 0
            assert frame[26:34] == SOURCE + DESTINATION
            assert int.from_bytes(frame[16:18], "big") == len(frame) - 14


@pytest.mark.parametrize(
    "mode,size", [("txonly", "64"), ("txonly", "200,1000,30"), ("flowgen", "1518")]
)
def test_full_speed(rig, replay, mode, size):
    """Modes that send without end.

    Steps:
        The endpoint sends for half a second, the host takes and drops. Stop; take in the rest.
    Verify:
        The host's port delivered on each queue what the endpoint's took, and the bytes that so
        many packets have.
    """
    rig.ep.command(f"set txpkts {size}")
    replay.load([[], []])
    rig.rc.start("rxonly")
    rig.ep.start(mode)
    time.sleep(FULL_SPEED_SECONDS)
    command_all(rig.pair, "stop")
    received, sent = drain(rig.pair)
    length = sum(map(int, size.split(","))) - (4 if mode == "flowgen" else 0)
    assert received["RX-packets"] == sent["TX-packets"] > QUEUES * BURST
    assert received["RX-bytes"] == sent["TX-bytes"] == length * sent["TX-packets"]
    rc, ep = rig.rc.xstats(), rig.ep.xstats()
    for queue in range(QUEUES):
        assert rc[f"rx_q{queue}_packets"] == ep[f"tx_q{queue}_packets"] > 0


# What testpmd can be asked of a port, and what the answer has to have.
QUESTIONS = {
    "show port info 0": ("Driver name: net_ntb", "Link status: up", "number of RX queues: 2"),
    "show port summary 0": ("net_ntb", "up"),
    "show port stats 0": (f"RX-packets: {QUEUES * BURST}", f"TX-packets: {QUEUES * BURST}"),
    "show port xstats 0": (f"rx_q1_packets: {BURST}", f"tx_good_packets: {QUEUES * BURST}"),
    "show device info all": ("Device name: net_ntb0", "Bus name: vdev"),
    "show rxq info 0 1": ("Number of RXDs: 512", "Burst mode: "),
    "show txq info 0 1": ("Number of TXDs: 512", "Burst mode: "),
    "show port 0 rx_offload capabilities": ("SCATTER",),
    "show port 0 tx_offload capabilities": ("MULTI_SEGS",),
    "show port 0 rx_offload configuration": ("Port",),
    "show port 0 tx_offload configuration": ("Port",),
    "show port 0 macs": ("Number of MAC address added: 1",),
    "show port 0 rxq 0 desc 0 status": ("Desc status = AVAILABLE",),
    "show port 0 txq 0 desc 0 status": ("Desc status = DONE",),
    "show port 0 rxq 0 desc used count": ("Used desc count = 0",),
    "show port 0 ptypes": (),
    "show port 0 rss-hash": (),
    "show port dcb_tc 0": (),
    "show port fdir 0": (),
    "show port 0 module_eeprom": (),
    "show port 0 eeprom": (),
    "show port 0 fec_mode": (),
    "show port 0 flow_ctrl": (),
    "show port 0 mcast_macs": (),
    "show port meter cap 0": (),
    "show port tm cap 0": (),
    "show port 0 tx_metadata": (),
    "show fwd stats all": (f"RX-packets: {BURST} ",),
}


def test_show(rig, replay):
    """testpmd answers all that it can be asked of the port.

    Steps:
        Send some frames back and forth. Ask everything.
    Verify:
        What the port has is right, what it does not have is no error of the program.
    """
    frames = plain(BURST)
    rig.ep.start("io")
    assert_same(frames, replay.exchange(frames))
    rig.ep.stop()
    for question, words in QUESTIONS.items():
        answer = rig.ep.command(question)
        for word in words:
            assert word in answer, (question, answer)
