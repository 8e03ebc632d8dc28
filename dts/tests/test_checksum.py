# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Checksums left to a port: carried across uncomputed, or completed on the way."""

import random
import struct

import pytest

from framework import pcap
from framework.testpmd import wait_packets

FRAMES = 64
HEADERS = 14 + 20
TCP, UDP = 6, 17
# Where the checksum is in the header, and how long that is.
FIELD = {TCP: 16, UDP: 6}
LENGTH = {TCP: 20, UDP: 8}


def sum16(data):
    """Sum of RFC 1071, not complemented."""
    words = struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def make_frame(rand, proto):
    """A frame of TCP or UDP over IPv4, and the same with the pseudo header's sum for a checksum."""
    addresses = rand.randbytes(8)
    header = bytearray(rand.randbytes(LENGTH[proto]))
    payload = rand.randbytes(rand.randrange(40, 1400))
    length = len(header) + len(payload)
    if proto == UDP:
        header[4:6] = struct.pack(">H", length)
    else:
        header[12] = 0x50
    ip = bytearray(struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, proto, 0) + addresses)
    ip[10:12] = struct.pack(">H", 0xFFFF ^ sum16(ip))
    pseudo = sum16(addresses + struct.pack(">HH", proto, length))
    frames = []
    header[FIELD[proto] : FIELD[proto] + 2] = bytes(2)
    whole = 0xFFFF ^ sum16(struct.pack(">H", pseudo) + header + payload)
    for value in (whole or 0xFFFF, pseudo):
        header[FIELD[proto] : FIELD[proto] + 2] = struct.pack(">H", value)
        frames.append(bytes(12) + b"\x08\x00" + bytes(ip) + bytes(header) + payload)
    return frames


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "completed"])
def test_checksum(rig, taken):
    """testpmd leaves checksums to net_ntb, which leaves them to the peer if he wants it so.

    Steps:
        Forward frames of TCP and UDP from net_pcap on the host in mode csum, with the checksums in
        hardware; the endpoint writes what arrives into a capture. Once it has enabled the offload
        of both checksums, once it has not.
    Verify:
        The frames arrive with the sum of the pseudo header in place of the checksum, or else with
        the right checksum; all else is as it was sent, but for Ethernet addresses.
    """
    rand = random.Random(1)
    pairs = [make_frame(rand, rand.choice((TCP, UDP))) for _ in range(FRAMES)]
    source, result = rig.directory / "in.pcap", rig.directory / "out.pcap"
    pcap.write(source, [whole for whole, _ in pairs])
    rig.start_board()
    rig.start_side("rc", "ep", f"rx_pcap={source},tx_pcap={rig.directory}/back.pcap")
    rig.rc.wait_ready()
    rig.rc.command("port stop 0")
    for layer in ("ip", "udp", "tcp"):
        rig.rc.command(f"csum set {layer} hw 0")
    rig.rc.command("port start 0")
    rig.start_side("ep", "ep", f"rx_pcap={rig.empty_pcap()},tx_pcap={result}")
    rig.ep.wait_ready()
    rig.ep.command("port stop 0")
    for layer in ("udp", "tcp"):
        rig.ep.command(f"port config 0 rx_offload {layer}_cksum {'on' if taken else 'off'}")
    rig.ep.command("port start 0")
    rig.wait_links()
    rig.ep.start("io")
    rig.rc.start("csum")
    wait_packets(rig.ep, FRAMES, port=1, key="TX-packets")
    for pmd in rig.pair:
        pmd.stop()
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    expected = [pair[1 if taken else 0][12:] for pair in pairs]
    assert [frame[12:] for frame in pcap.read(result)] == expected
