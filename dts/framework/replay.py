# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Frames that go over the bridge, are given back by the program under test, and are looked at."""

from framework import pcap
from framework.testpmd import replay_lossless, wait_packets

# Fewer than any ring has entries: what comes back never waits for what is sent.
FRAMES = 400
# Bytes of a frame that net_pcap writes, and of one that it reads.
WRITTEN = 16128
READ = 65535


class Replay:
    """The testpmd of the host: sends captures into its bridge, captures what comes out of it.

    Port 1 is a net_pcap with a capture for each queue. It begins anew when the port is started.
    """

    def __init__(self, rig, arrangement="split", queues=1, **kwargs):
        self._sources = [rig.directory / f"replay-in-{queue}.pcap" for queue in range(queues)]
        self._sinks = [rig.directory / f"replay-out-{queue}.pcap" for queue in range(queues)]
        for path in self._sources:
            pcap.write(path, [])
        files = [f"rx_pcap={path}" for path in self._sources]
        files += [f"tx_pcap={path}" for path in self._sinks]
        self.pmd = rig.start_side("rc", arrangement, ",".join(files), queues=queues, **kwargs)

    def load(self, frames):
        """Have a list of frames ready on each queue; the ports count from 0."""
        self.pmd.command("port stop 1")
        for path, part in zip(self._sources, frames):
            pcap.write(path, part)
        self.pmd.command("port start 1")
        self.pmd.command("clear port stats all")

    def send(self, frames, mode="io"):
        """Send a list of frames on each queue; a peer that was slow to begin loses none."""
        self.load(frames)
        replay_lossless(self.pmd, mode)
        self.pmd.start()
        wait_packets(self.pmd, sum(map(len, frames)), key="TX-packets")

    def received(self, count):
        """Wait for so many frames; returns those of each queue."""
        wait_packets(self.pmd, count, port=1, key="TX-packets")
        self.pmd.stop()
        # Only a stopped port has written everything into its files.
        self.pmd.command("port stop 1")
        return [pcap.read(path, WRITTEN) for path in self._sinks]

    def exchange(self, frames, count=None, mode="io"):
        """Send lists of frames; returns what came back, as many frames if no count is given."""
        self.send(frames, mode)
        return self.received(sum(map(len, frames)) if count is None else count)
