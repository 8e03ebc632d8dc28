# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Packets of the Internet's protocols, as programs under test make, change or answer them."""

import struct

ETHER_IPV4 = bytes.fromhex("0800")
ETHER_ARP = bytes.fromhex("0806")
PROTOCOL_ICMP = 1
PROTOCOL_UDP = 17
TTL = 64
IPV4_BYTES = 20
UDP_BYTES = 8
ARP_REQUEST = 1
ARP_REPLY = 2


def checksum(data):
    """The Internet checksum; an odd byte counts as if a zero followed."""
    data = bytes(data) + bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(source, destination, protocol, number, payload, ttl=TTL):
    """An IPv4 packet without options; `number` is its identification."""
    length = IPV4_BYTES + len(payload)
    head = struct.pack(">BBHHHBBH", 0x45, 0, length, number, 0, ttl, protocol, 0)
    head += source + destination
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(source, destination, ports, data):
    """A UDP datagram with its checksum; `source` and `destination` are those of its IPv4 packet."""
    length = UDP_BYTES + len(data)
    pseudo = source + destination + struct.pack(">HH", PROTOCOL_UDP, length)
    head = struct.pack(">HHH", *ports, length)
    return head + struct.pack(">H", checksum(pseudo + head + bytes(2) + data) or 0xFFFF) + data


def ipv4_udp(source, destination, number, size):
    """An IPv4 packet of `size` bytes with a UDP datagram whose content depends on `number`."""
    data = bytes((number + at) & 0xFF for at in range(size - IPV4_BYTES - UDP_BYTES))
    ports = (1024 + number, 2048)
    return ipv4(source, destination, PROTOCOL_UDP, number, udp(source, destination, ports, data))


def hop(packet):
    """An IPv4 packet behind a router."""
    head = packet[:8] + bytes([packet[8] - 1]) + packet[9:10] + bytes(2) + packet[12:IPV4_BYTES]
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + packet[IPV4_BYTES:]


def damaged(packet):
    """An IPv4 packet with UDP, both checksums wrong."""
    bad = bytearray(packet)
    bad[10] ^= 0x55
    bad[IPV4_BYTES + 6] ^= 0xAA
    return bytes(bad)


def reversed_udp(packet):
    """An IPv4 packet with UDP, back to where it came from. Neither sum changes by that."""
    addresses = packet[16:20] + packet[12:16]
    return packet[:12] + addresses + packet[22:24] + packet[20:22] + packet[24:]


def icmp_echo(kind, ident, number, data):
    """An ICMP echo message."""
    head = struct.pack(">BBHHH", kind, 0, 0, ident, number)
    return head[:2] + struct.pack(">H", checksum(head + data)) + head[4:] + data


def arp(operation, sender_mac, sender, target_mac, target):
    """An ARP message for IPv4 over Ethernet."""
    head = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation)
    return head + sender_mac + sender + target_mac + target
