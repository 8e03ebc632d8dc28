# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's sample applications for Ethernet ports, unmodified, forward over the bridge."""

import ipaddress
import os
import re
import signal

import pytest

from framework import packets, pcap, programs
from framework.process import Process
from framework.replay import FRAMES, Replay
from framework.rig import ntb_vdevs

SAMPLES = programs.BUILD / "app" / "test"
# symmetric_mp has the largest pool: 65535 buffers for two ports.
MEMORY_MB = 512
TIMEOUT = 30
# The bounds of an Ethernet frame, as the samples' buffers and MTU have them.
SHORTEST = 60
LONGEST = 1514
# What comes back: port 1 of the samples is a ring of net_ring, which receives what it sends.
LOOP = "net_ring0"
NETWORK = bytes([198, 18, 0, 0])
SOURCE = bytes([198, 18, 1, 1])
NEXT_HOP = bytes.fromhex("020000000007")
OWN_MAC = bytes.fromhex("020000000001")
ROUTED = 100

pytestmark = pytest.mark.skipif(
    not (SAMPLES / "dpdk-l2fwd").exists(),
    reason="not built: examples are missing, see devtools/fetch-sdk.sh",
)


class Sample(Process):
    """A sample application on the endpoint; port 0 is its end of the bridge."""

    def __init__(self, rig, name, args=(), vdevs=(LOOP,), workers=0, longest=LONGEST):
        cpu = programs.cpus()[1]
        devices = [*ntb_vdevs("ep", rig.board, "split"), *vdevs]
        argv = [SAMPLES / f"dpdk-{name}"]
        argv += programs.eal_args(devices, cpu, workers, memory=MEMORY_MB) + ["--", *args]
        super().__init__(name, argv, rig.directory, programs.eal_env(rig.directory))
        rig.children.append(self)
        self.frames = pcap.make_frames(FRAMES, SHORTEST, longest, seed=len(name))

    def interrupt(self):
        """Ask it to end, as a user does."""
        os.kill(self.pid, signal.SIGINT)


def start(rig, name, queues=1, **kwargs):
    """A sample on the endpoint, and the host's testpmd with its link up."""
    rig.start_board()
    sample = Sample(rig, name, **kwargs)
    replay = Replay(rig, queues=queues)
    replay.pmd.wait_ready()
    replay.pmd.wait_link(True, TIMEOUT)
    return sample, replay


def end(sample, replay):
    """End both at the same time: a side that stops waits for the other one to let go."""
    sample.interrupt()
    assert replay.pmd.quit() == 0
    assert sample.wait(TIMEOUT) == 0


def mac_of(sample):
    """The address that a sample shows for port 0."""
    pattern = r"(?:MAC address|Address): ?((?:[0-9A-Fa-f]{2}:?){6})"
    return bytes.fromhex(sample.wait_for(pattern, TIMEOUT).group(1).replace(":", ""))


def rule_args(directory):
    """Arguments of l3fwd: routes to port 0 for one network of IPv4, and for one of IPv6."""
    args = []
    for version, network in (("4", f"{ipaddress.ip_address(NETWORK)}/24"), ("6", "2001:0200::/48")):
        path = directory / f"routes-{version}"
        path.write_text(f"R{network} 0\n", encoding="ascii")
        args.append(f"--rule_ipv{version}={path}")
    return args


def ipv4_udp(number, size):
    """A frame with an IPv4 packet to the network that l3fwd has a route to."""
    packet = packets.ipv4_udp(SOURCE, NETWORK[:3] + bytes([number % 254 + 1]), number, size - 14)
    return NEXT_HOP + OWN_MAC + packets.ETHER_IPV4 + packet


def routed(frame, mac):
    """What l3fwd makes of a frame."""
    return NEXT_HOP + mac + packets.ETHER_IPV4 + packets.hop(frame[14:])


def test_skeleton(rig):
    """skeleton: the simplest there is.

    Steps:
        Run skeleton between the bridge and a ring that gives everything back. Send 400 frames of
        60 to 1514 bytes to it from testpmd on the host.
    Verify:
        The same frames come back in the same order.
    """
    sample, replay = start(rig, "skeleton")
    sample.wait_for("forwarding packets", TIMEOUT)
    (back,) = replay.exchange([sample.frames])
    assert pcap.difference(sample.frames, back) is None
    assert replay.pmd.quit() == 0


def test_l2fwd(rig):
    """l2fwd: rewrites addresses, buffers what it sends.

    Steps:
        As with skeleton, run l2fwd with a statistics period of a second. Interrupt it.
    Verify:
        The frames come back with the addresses that l2fwd gives; its statistics count them; it
        ends in order.
    """
    sample, replay = start(rig, "l2fwd", args=["-p", "0x3", "-q", "2", "-T", "1"])
    mac = mac_of(sample)
    sample.wait_for("entering main loop", TIMEOUT)
    (back,) = replay.exchange([sample.frames])
    head = bytes.fromhex("020000000000") + mac
    assert pcap.difference([head + frame[12:] for frame in sample.frames], back) is None
    counted = rf"Statistics for port 0 -+\s+Packets sent: +{FRAMES}\s+Packets received: +{FRAMES}\s"
    sample.wait_for(counted, TIMEOUT)
    end(sample, replay)


def test_l3fwd(rig):
    """l3fwd: routes by longest prefix, on two queues of one port.

    Steps:
        Run l3fwd with a rule that routes 198.18.0.0/24 to the bridge, and two lcores. Send IPv4
        packets for it on both queues. Interrupt it.
    Verify:
        They come back on their queue, with the addresses that l3fwd gives, a hop less and a valid
        checksum. It ends in order.
    """
    args = ["-p", "0x1", "-P", "--config=(0,0,0),(0,1,1)", "--lookup=lpm", "--parse-ptype"]
    args += [f"--eth-dest=0,{NEXT_HOP.hex(':')}", *rule_args(rig.directory)]
    sample, replay = start(rig, "l3fwd", queues=2, args=args, vdevs=(), workers=1)
    mac = mac_of(sample)
    frames = [[ipv4_udp(q * ROUTED + n, SHORTEST + 7 * n) for n in range(ROUTED)] for q in (0, 1)]
    back = replay.exchange(frames)
    for sent, arrived in zip(frames, back):
        assert pcap.difference([routed(frame, mac) for frame in sent], arrived) is None
    end(sample, replay)


def test_symmetric_mp(rig):
    """symmetric_mp: its primary process alone.

    Steps:
        As with skeleton, run symmetric_mp as the only one of its processes. Interrupt it.
    Verify:
        The same frames come back; its statistics count them; it ends in order.
    """
    args = ["-p", "0x3", "--num-procs=1", "--proc-id=0"]
    sample, replay = start(rig, "symmetric_mp", args=args)
    sample.wait_for("lcore 0 using queue 0", TIMEOUT)
    (back,) = replay.exchange([sample.frames])
    assert pcap.difference(sample.frames, back) is None
    end(sample, replay)
    assert re.search(rf"Port 0: RX - {FRAMES}, TX - {FRAMES}, Drop - 0", sample.output)
