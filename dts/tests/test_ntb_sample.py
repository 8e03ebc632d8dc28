# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's sample application for NTB rawdevs, unmodified: it runs on ours, on either side."""

import hashlib
import random
import re
import time

import pytest

from framework import pcap, programs
from framework.bench import wait_until
from framework.process import Process
from framework.rig import ENGINES, SIDES
from framework.testpmd import LOG_LINE

SAMPLE = programs.BUILD / "app" / "test" / "dpdk-ntb"
PEER = {"rc": "ep", "ep": "rc"}
TIMEOUT = 30
FILE_TIMEOUT = 120
FILE_BYTES = 64 << 20
CHUNK = 1 << 20
# In ordinary runs: many laps of every ring, and no multiple of a packet.
SMALL_FILE_BYTES = (8 << 20) + 12345
FRAMES = 2000
SECONDS = 1
# What the sample sends: its buffers without their head room.
PAYLOAD = 2048

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists(), reason="not built: examples/ntb is missing, see devtools/fetch-sdk.sh"
)


class Sample(Process):
    """A dpdk-ntb on one side. Received files are below its own directory."""

    def __init__(self, rig, side, arrangement, vdevs=(), args=()):
        self.directory = rig.directory / side
        self.directory.mkdir()
        devices = []
        if side in ENGINES[arrangement]:
            devices.append(f"dma_dw_edma0,softep={rig.board},side={side}")
        devices.append(f"raw_ntb_epf0,softep={rig.board},side={side},mover={arrangement}")
        cpu = programs.cpus()[SIDES.index(side)]
        argv = ["env", "-C", self.directory, SAMPLE]
        argv += programs.eal_args([*devices, *vdevs], cpu) + ["--", *args]
        super().__init__(side, argv, rig.directory, programs.eal_env(rig.directory))

    def ready(self):
        """Wait for the link and the first prompt."""
        self.wait_for("Peer dev ready, ntb link up", TIMEOUT)
        self.wait_for("ntb> ", TIMEOUT, without=LOG_LINE)

    def command(self, line):
        """Run one command; returns what it printed."""
        start = len(self.output)
        self.send(line)
        pattern = re.escape(line) + r"\n([\s\S]*?)ntb> "
        return self.wait_for(pattern, FILE_TIMEOUT, start, LOG_LINE).group(1)

    def run(self, mode):
        """Begin to forward."""
        self.command(f"set fwd {mode}")
        assert "Cannot start" not in self.command("start")

    def stats(self):
        """Statistics of the rawdev by name."""
        text = self.command("show port stats")
        return {name: int(n) for name, n in re.findall(r"  ([\w-]+): (\d+)", text)}

    def quit(self):
        """Leave; returns the exit code."""
        self.send("quit")
        return self.wait(TIMEOUT)


def start_pair(rig, arrangement, vdevs=None, args=()):
    """Both sides, with their link up. The sample waits for it before it starts its device."""
    rig.start_board()
    pair = {}
    for side in SIDES:
        pair[side] = Sample(rig, side, arrangement, (vdevs or {}).get(side, ()), args)
        rig.children.append(pair[side])
    for sample in pair.values():
        sample.ready()
    return pair


def quit_all(pair):
    """Leave both: a side that stops waits for the other one to let go."""
    for sample in pair.values():
        sample.send("quit")
    assert [sample.wait(TIMEOUT) for sample in pair.values()] == [0, 0]


def digest(path):
    """Checksum of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_noise(path, count, seed):
    """A file of noise."""
    rng = random.Random(seed)
    with open(path, "wb") as file:
        for at in range(0, count, CHUNK):
            file.write(rng.randbytes(min(CHUNK, count - at)))


def transfer(pair, sender, path):
    """Send a file; the receiver's copy is the same."""
    receiver = pair[PEER[sender]]
    start = len(receiver.output)
    assert "Done sending file" in pair[sender].command(f"send {path}")
    size = path.stat().st_size
    receiver.wait_for(
        rf"Received file \(size: {size}\) from peer to ntb_recv_file0\.", FILE_TIMEOUT, start
    )
    copy = receiver.directory / "ntb_recv_file0"
    # It says so before it closes the file.
    wait_until(lambda: copy.stat().st_size == size, f"{size} bytes in {copy}")
    assert digest(copy) == digest(path)


@pytest.mark.parametrize("arrangement", ["split", "ep", "rc"])
def test_file(rig, arrangement):
    """Files cross in either direction.

    Steps:
        Run dpdk-ntb on both sides in mode file-trans. Let the receiving side start, which the
        sending one does not. Send a file of 8 MiB from the host, then one from the endpoint.
    Verify:
        Each arrives with the same checksum, its last packet without any further call of the
        sender. Both end in order.
    """
    pair = start_pair(rig, arrangement)
    paths = {side: rig.directory / f"{side}.bin" for side in SIDES}
    write_noise(paths["rc"], SMALL_FILE_BYTES, 1)
    write_noise(paths["ep"], SMALL_FILE_BYTES, 2)
    pair["ep"].run("file-trans")
    transfer(pair, "rc", paths["rc"])
    pair["rc"].run("file-trans")
    transfer(pair, "ep", paths["ep"])
    quit_all(pair)


@pytest.mark.long
@pytest.mark.parametrize("sender", SIDES)
@pytest.mark.parametrize("arrangement", ["split", "ep", "rc"])
def test_file_64m(rig, arrangement, sender):
    """A file of 64 MiB crosses.

    Steps:
        Run dpdk-ntb on both sides in mode file-trans. Send a file of 64 MiB.
    Verify:
        It arrives with the same checksum.
    """
    pair = start_pair(rig, arrangement)
    path = rig.directory / "big.bin"
    write_noise(path, FILE_BYTES, 4)
    pair[PEER[sender]].run("file-trans")
    transfer(pair, sender, path)
    quit_all(pair)


@pytest.mark.parametrize("sender", SIDES)
@pytest.mark.parametrize("queues", [1, 2])
def test_txonly_rxonly(rig, sender, queues):
    """One side sends as fast as it can, the other one drops.

    Steps:
        Run one dpdk-ntb in mode rxonly, the other one in mode txonly, for a second. Stop the
        sender, then the receiver. Show statistics.
    Verify:
        What the sender's device took is what the receiver's device delivered, in packets and
        bytes, on each queue. Both clear their statistics and end in order.
    """
    pair = start_pair(rig, "split", args=[f"--qp={queues}"])
    receiver = pair[PEER[sender]]
    receiver.run("rxonly")
    pair[sender].run("txonly")
    time.sleep(SECONDS)
    pair[sender].command("stop")
    # The sender makes no calls any more but these, which deliver its last packets.
    deadline = time.monotonic() + TIMEOUT
    sent, received = pair[sender].stats(), receiver.stats()
    while received["Rx-packets"] != sent["Tx-packets"]:
        assert time.monotonic() < deadline, (sent, received)
        sent, received = pair[sender].stats(), receiver.stats()
    receiver.command("stop")
    for queue in range(queues):
        assert sent[f"Tx-q{queue}-packets"] > 1000
        assert sent[f"Tx-q{queue}-packets"] == received[f"Rx-q{queue}-packets"]
    assert sent["Tx-bytes"] == received["Rx-bytes"] == sent["Tx-packets"] * PAYLOAD
    assert sent["Tx-errors"] == received["Rx-errors"] == 0
    for sample in pair.values():
        assert "cleared" in sample.command("clear port stats")
        assert sample.stats()["Tx-packets"] == sample.stats()["Rx-packets"] == 0
    quit_all(pair)


@pytest.mark.parametrize("arrangement", ["split", "ep", "rc"])
def test_iofwd(rig, arrangement):
    """Frames go from an ethdev of one side to an ethdev of the other, both ways.

    Steps:
        Run dpdk-ntb with a net_pcap of 2,000 frames on each side, in mode iofwd.
    Verify:
        The capture that each side wrote has the frames of the other one that the sender's device
        took: all of them, in order, unless the ring was full, and then those that it refused are
        missing and counted.
    """
    vdevs, frames = {}, {}
    for number, side in enumerate(SIDES):
        source = rig.directory / f"{side}-in.pcap"
        frames[side] = pcap.make_frames(FRAMES, 60, 1500, seed=number)
        pcap.write(source, frames[side])
        vdevs[side] = [f"net_pcap0,rx_pcap={source},tx_pcap={rig.directory}/{side}-out.pcap"]
    pair = start_pair(rig, arrangement, vdevs)
    for sample in pair.values():
        sample.run("iofwd")
    deadline = time.monotonic() + TIMEOUT
    stats = {side: pair[side].stats() for side in SIDES}
    while any(
        stats[side]["Tx-packets"] + stats[side]["Tx-ring-full"] < FRAMES
        or stats[side]["TX-packets"] < stats[PEER[side]]["Tx-packets"]
        for side in SIDES
    ):
        assert time.monotonic() < deadline, stats
        stats = {side: pair[side].stats() for side in SIDES}
    for sample in pair.values():
        sample.command("stop")
    quit_all(pair)
    for side in SIDES:
        taken = stats[PEER[side]]["Tx-packets"]
        arrived = pcap.read(rig.directory / f"{side}-out.pcap")
        assert len(arrived) == taken
        left = iter(frames[PEER[side]])
        assert all(frame in left for frame in arrived)


def test_no_peer(rig):
    """A side alone waits for its peer, which comes late, and goes.

    Steps:
        Start the host alone. Some time later start the endpoint. End the endpoint; end the host.
    Verify:
        The host says that its link is up when the endpoint is there. Both end in order.
    """
    rig.start_board()
    host = Sample(rig, "rc", "ep")
    rig.children.append(host)
    host.wait_for("Checking ntb link status", TIMEOUT)
    time.sleep(SECONDS)
    assert "ntb link up" not in host.output
    endpoint = Sample(rig, "ep", "ep")
    rig.children.append(endpoint)
    for sample in (host, endpoint):
        sample.ready()
    assert endpoint.quit() == 0
    assert host.quit() == 0
