# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""DPDK's sample application for DMA devices, unmodified: it forwards copies of packets."""

import os
import signal

import pytest

from framework import pcap, programs
from framework.process import Process

SAMPLE = programs.BUILD / "app" / "test" / "dpdk-dma"
# The pool of the sample application has 65536 buffers, whatever it needs.
MEMORY_MB = 1024
# Of a worker that does everything. One that receives drops what the sending one is late for: two
# queues of these fit into the ring between them.
FRAMES = 10000
FRAMES_BETWEEN = 1000
LONGEST = 9000
TIMEOUT = 30

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists(), reason="not built: examples/dma is missing, see devtools/fetch-sdk.sh"
)


class Sample(Process):
    """A dpdk-dma that replays captures; those of a port are merged into one."""

    def __init__(self, dma_args, directory, ports, queues, workers, count, longest):
        self.sent = {}
        self.count = count
        vdevs = [f"dma_dw_edma0,loopback=1,{dma_args}"]
        for port in range(ports):
            sources = []
            for queue in range(queues):
                frames = pcap.make_frames(count, 60, longest, seed=port * queues + queue)
                source = directory / f"in-{port}-{queue}.pcap"
                pcap.write(source, frames)
                self.sent[port, queue] = frames
                sources.append(f"rx_pcap={source}")
            arrived = f"tx_pcap={directory}/out-{port}.pcap"
            vdevs.append(f"net_pcap{port},{','.join(sources)},{arrived}")
        # The main lcore sleeps.
        pins = [programs.cpus()[0], *programs.cpus()][: workers + 1]
        argv = [SAMPLE, *programs.eal_args(vdevs, pins, memory=MEMORY_MB)]
        argv += ["--", "--no-mac-updating", "-q", str(queues), "-f", str(longest)]
        super().__init__("dpdk-dma", argv, directory, programs.eal_env(directory))

    def signal(self, number):
        """Send a signal."""
        os.kill(self.pid, number)


def flow(frame):
    """The seed that a frame was made with."""
    return int.from_bytes(frame[14:18], "big")


@pytest.fixture
def start_sample(tmp_path):
    """Starts a sample application; it is gone after the test."""
    started = []

    def start(*args, **kwargs):
        started.append(Sample(*args, tmp_path, **kwargs))
        return started[-1]

    yield start
    for sample in started:
        sample.close()


def forward(sample, directory, ports, queues):
    """Wait until everything was forwarded, look, end it, and compare what arrived."""
    count = sample.count
    for port in range(ports):
        pattern = rf"Statistics for port {port} -+\s+Packets sent: +{count * queues}\n"
        sample.wait_for(pattern, TIMEOUT)
    start = len(sample.output)
    sample.signal(signal.SIGUSR1)
    counters = f"counters: {count} submitted, {count} completed, 0 errors"
    sample.wait_for(rf"(?:{counters}[\s\S]*){{{ports * queues}}}", TIMEOUT, start)
    assert sample.output[start:].count("loopback, 0 violations") == ports * queues
    sample.signal(signal.SIGTERM)
    assert sample.wait(TIMEOUT) == 0
    for port in range(ports):
        arrived = pcap.read(directory / f"out-{port}.pcap")
        assert len(arrived) == count * queues
        for queue in range(queues):
            own = [frame for frame in arrived if flow(frame) == port * queues + queue]
            assert pcap.difference(sample.sent[port, queue], own) is None


@pytest.mark.parametrize("regs", ["legacy", "unroll", "hdma-compat", "hdma"])
def test_forward(tmp_path, start_sample, regs):
    """Packets are forwarded as copies that the engine made.

    Steps:
        Run dpdk-dma on a net_pcap port that replays 10,000 frames of 60 to 9000 bytes, with the
        loopback device of each map, its usual ring of 2048 descriptors and one worker. Ask it to
        dump the device, end it.
    Verify:
        The capture that it wrote has the same frames in the same order. The device counts them
        and no error; the engine saw no violation of the programming rules.
    """
    sample = start_sample(
        f"map={regs}", ports=1, queues=1, workers=1, count=FRAMES, longest=LONGEST
    )
    forward(sample, tmp_path, 1, 1)


def test_forward_parallel(tmp_path, start_sample):
    """A device for each queue of each port.

    Steps:
        Run dpdk-dma with two ports of two queues, each with its own 1,000 frames, four loopback
        devices, and two workers of which one receives and the other sends.
    Verify:
        As above, for each queue.
    """
    sample = start_sample(
        "wr=0x3,rd=0x3", ports=2, queues=2, workers=2, count=FRAMES_BETWEEN, longest=1500
    )
    forward(sample, tmp_path, 2, 2)
