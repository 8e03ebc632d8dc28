# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Linux's network stack end to end: a tap interface in a namespace at each side of the bridge.

    ping, iperf3, HTTP                                      ping, iperf3, HTTP
    tap0 - net_tap - program - net_ntb == board == net_ntb - program - net_tap - tap0
"""

import hashlib
import json
import re
import sys

import pytest

from framework import netns, programs
from framework.l2fwd_ntb import L2fwd
from framework.process import Process
from framework.rig import SIDES, Rig, ntb_vdevs

ADDRESS = {"rc": "10.77.0.1", "ep": "10.77.0.2"}
PEER = {"rc": "ep", "ep": "rc"}
TAP = "tap0"
# Without fragments: an IPv4 and an ICMP header are 28 of the 1500 bytes.
LARGEST_PING = 1472
PINGS = 20
SERVER_TIMEOUT = 10
SECONDS = 1
# What fits into a socket while its process waits 0.2 s for a CPU that two pollers and a board share.
UDP_RATE = "5M"
UDP_TRIES = 3
FILE_BYTES = 24 << 20
BIG_FILE_BYTES = 1 << 30
FILE_TIMEOUT = 30
BIG_FILE_TIMEOUT = 600
CHUNK = 1 << 20
HTTP_PORT = 8000
# What fetches a file, run in a namespace: prints the bytes that came and their checksum.
FETCH = f"""
import hashlib, sys, urllib.request
total, digest = 0, hashlib.sha256()
with urllib.request.urlopen(sys.argv[1], timeout=20) as file:
    while part := file.read({CHUNK}):
        total += len(part)
        digest.update(part)
print(total, digest.hexdigest())
"""


class Stack:
    """Two namespaces joined by a program on each side of a board."""

    def __init__(self, rig, program):
        self.rig = rig
        self.spaces = {}
        for side in SIDES:
            self.spaces[side] = netns.Namespace(side, rig.directory)
            rig.children.append(self.spaces[side])
        rig.start_board().prefer()
        {"l2fwd-ntb": self._start_l2fwd, "testpmd": self._start_testpmd}[program]()
        for side, space in self.spaces.items():
            space.run("ip", "address", "add", f"{ADDRESS[side]}/24", "dev", TAP)
            space.run("ip", "link", "set", TAP, "up")

    def _vdevs(self, side):
        return [*ntb_vdevs(side, self.rig.board, "split"), f"net_tap0,iface={TAP}"]

    def _start_l2fwd(self):
        cpus = dict(zip(SIDES, programs.cpus()))
        samples = []
        for side, space in self.spaces.items():
            args = (side, self._vdevs(side), cpus[side], self.rig.directory)
            samples.append(L2fwd(*args, args=["--wait", "20"], workers=1, wrap=space.wrap))
            self.rig.children.append(samples[-1])
        for sample in samples:
            sample.wait_forwarding()

    def _start_testpmd(self):
        for side, space in self.spaces.items():
            pmd = self.rig.start_testpmd(side, self._vdevs(side), mtu=None, wrap=space.wrap)
            setattr(self.rig, side, pmd)
        for pmd in self.rig.pair:
            pmd.wait_ready()
        self.rig.wait_links()
        for pmd in self.rig.pair:
            pmd.start("io")

    def server(self, side, name, argv, ready):
        """Start a server at one side, and wait until it says that it is ready."""
        child = Process(name, self.spaces[side].wrap(argv), self.rig.directory)
        self.rig.children.append(child)
        child.wait_for(ready, SERVER_TIMEOUT)
        return child


@pytest.fixture(
    scope="module",
    params=["l2fwd-ntb", pytest.param("testpmd", marks=pytest.mark.long)],
)
def stack(request, tmp_path_factory):
    """Two network stacks that reach each other through each program."""
    rig = Rig(tmp_path_factory.mktemp(request.param))
    try:
        yield Stack(rig, request.param)
    except netns.Unavailable as reason:
        pytest.skip(str(reason))
    finally:
        rig.close()


@pytest.mark.parametrize("side", SIDES)
def test_ping(stack, side):
    """ping.

    Steps:
        Ping the other side with small packets, then with the largest that are not fragmented.
    Verify:
        Every packet is answered, in order.
    """
    for size in (56, LARGEST_PING):
        # Until so many were answered; while the last answer is late, it sends some more.
        args = ["-c", str(PINGS), "-i", "0.01", "-w", "10", "-M", "do", "-s", str(size)]
        output = stack.spaces[side].run("ping", *args, ADDRESS[PEER[side]])
        answered = re.findall(rf"(?m)^{size + 8} bytes from .* icmp_seq=(\d+) ", output)
        assert answered == [str(number + 1) for number in range(PINGS)], output


def iperf(stack, side, *args):
    """Run iperf3 from one side to the other; returns what it measured."""
    listen = ["iperf3", "-s", "-1", "--forceflush", "-B", ADDRESS[PEER[side]]]
    server = stack.server(PEER[side], "iperf3", listen, "Server listening")
    client = ["iperf3", "-c", ADDRESS[PEER[side]], "-J", "-t", str(SECONDS), *args]
    report = json.loads(stack.spaces[side].run(*client))
    assert server.wait(SERVER_TIMEOUT) == 0
    assert "error" not in report, report
    return report["end"]


@pytest.mark.parametrize("side", SIDES)
def test_tcp(stack, side):
    """iperf3 over TCP.

    Steps:
        Send for a second.
    Verify:
        Data arrived, and not more than was sent.
    """
    end = iperf(stack, side)
    assert 1 << 20 < end["sum_received"]["bytes"] <= end["sum_sent"]["bytes"]


@pytest.mark.parametrize("side", SIDES)
def test_udp(stack, side):
    """iperf3 over UDP.

    Steps:
        Send 5 Mbit/s for a second, up to three times.
    Verify:
        Never more arrived than was sent, and most of it once: the rest is what a receiving process
        that gets no CPU for a while loses.
    """
    shares = []
    while len(shares) < UDP_TRIES:
        end = iperf(stack, side, "-u", "-b", UDP_RATE)
        sent, received = end["sum_sent"]["bytes"], end["sum_received"]["bytes"]
        assert 0 < received <= sent
        if received > sent // 2:
            return
        shares.append(received / sent)
    pytest.fail(f"shares that arrived: {shares}")


def fetch(stack, server, size, timeout):
    """Let one side fetch a file of noise from the other one by HTTP; it is the same there."""
    path = stack.rig.directory / "file.bin"
    digest = hashlib.sha256()
    with open("/dev/urandom", "rb") as noise, open(path, "wb") as file:
        for at in range(0, size, CHUNK):
            part = noise.read(min(CHUNK, size - at))
            digest.update(part)
            file.write(part)
    argv = [sys.executable, "-u", "-m", "http.server", "-b", ADDRESS[server]]
    argv += ["-d", str(path.parent), str(HTTP_PORT)]
    httpd = stack.server(server, "http", argv, "Serving HTTP")
    url = f"http://{ADDRESS[server]}:{HTTP_PORT}/{path.name}"
    space = stack.spaces[PEER[server]]
    answer = space.run(sys.executable, "-c", FETCH, url, timeout=timeout)
    httpd.close()
    path.unlink()
    assert answer.split() == [str(size), digest.hexdigest()]


@pytest.mark.parametrize("server", SIDES)
def test_file(stack, server):
    """A file by HTTP.

    Steps:
        Serve a file of 24 MiB at one side, fetch it at the other side.
    Verify:
        The checksums are the same.
    """
    fetch(stack, server, FILE_BYTES, FILE_TIMEOUT)


@pytest.mark.long
@pytest.mark.parametrize("server", SIDES)
def test_big_file(stack, server):
    """A file of 1 GiB by HTTP.

    Steps:
        As above.
    Verify:
        As above.
    """
    fetch(stack, server, BIG_FILE_BYTES, BIG_FILE_TIMEOUT)
