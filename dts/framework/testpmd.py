# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""An interactive dpdk-testpmd: commands go in, numbers come out."""

import re
import time

from framework import programs
from framework.process import Process

PROMPT = "testpmd> "
# What drivers log from other threads may stand anywhere, in the middle of an echo or a prompt too:
# those are written letter by letter, a log line is written as one piece.
LOG_LINE = re.compile(r"(?:EAL|SOFTEP|DW_EDMA|NTB_EPF|NTB_ETH): [^\n]*\n")
START_TIMEOUT = 20
COMMAND_TIMEOUT = 20

# Room for an Ethernet frame of 9014 bytes and the head room of an mbuf in one buffer.
MBUF_SIZE = 9728
MBUF_COUNT = 8192
JUMBO_MTU = 9000
# Ethernet header and VLAN tag, the difference between net_ntb's MTU and its longest frame.
FRAME_OVERHEAD = 18


class TestPmd(Process):
    """testpmd on one CPU, port 0 being the port under test."""

    __test__ = False  # the name looks like a test class to pytest

    def __init__(
        self,
        name,
        vdevs,
        cpu,
        directory,
        queues=1,
        mtu=JUMBO_MTU,
        workers=1,
        args=(),
        plugins=programs.PLUGINS,
        functions=(),
        env=None,
        eal=(),
        wrap=list,
        base=None,
    ):
        """Start testpmd; `wait_ready` waits until it takes commands.

        `functions` are PCI functions to allow, `env` an environment in which there are some,
        `eal` more arguments of EAL, `base` those in place of the usual ones; `wrap` changes the
        command line, to run it somewhere else.
        """
        argv = ["dpdk-testpmd"]
        argv += base or programs.eal_args(vdevs, cpu, workers, plugins, functions=functions)
        argv += [*eal, "--", "-i", f"--nb-cores={workers}", "--no-flush-rx"]
        # testpmd's own wait for the link is 9 s long and stands in the way when there is none.
        argv += ["--no-lsc-interrupt", "--disable-link-check"]
        argv += [f"--mbuf-size={MBUF_SIZE}", f"--total-num-mbufs={MBUF_COUNT}"]
        if mtu is not None:
            argv += [f"--max-pkt-len={mtu + FRAME_OVERHEAD}"]
        argv += [f"--rxq={queues}", f"--txq={queues}", *args]
        super().__init__(name, wrap(argv), directory, env or programs.eal_env(directory))

    def wait_ready(self):
        """Wait for the first prompt."""
        self.wait_for(re.escape(PROMPT), START_TIMEOUT, without=LOG_LINE)

    def command(self, line, timeout=COMMAND_TIMEOUT):
        """Run one command; returns what it printed."""
        return self.finish(line, self.begin(line), timeout)

    def begin(self, line):
        """Send a command without waiting; returns where its output begins."""
        start = len(self.output)
        self.send(line)
        return start

    def finish(self, line, start, timeout=COMMAND_TIMEOUT):
        """Wait for the end of a command that was begun; returns what it printed."""
        # The command is echoed behind the prompt it was typed at; the next prompt ends it.
        pattern = re.escape(line) + r"\n([\s\S]*?)" + re.escape(PROMPT)
        return self.wait_for(pattern, timeout, start, LOG_LINE).group(1)

    def numbers(self, line):
        """Run a command; returns its `name: number` pairs."""
        return {
            name: int(value)
            for name, value in re.findall(r"([\w-]+): *(\d+)", self.command(line))
        }

    def stats(self, port=0):
        """Basic statistics: RX-packets, RX-bytes, TX-packets, ..."""
        return self.numbers(f"show port stats {port}")

    def xstats(self, port=0):
        """Extended statistics by name."""
        return self.numbers(f"show port xstats {port}")

    def link_up(self, port=0):
        """Ask the port for its link; the question also lets the driver advance it."""
        info = self.command(f"show port info {port}")
        match = re.search(r"Link status: (\w+)", info)
        if match is None:
            self.fail("'show port info' has no link status")
        return match.group(1) == "up"

    def wait_link(self, up, timeout, port=0):
        """Wait for the link of a port to be up, or down."""
        deadline = time.monotonic() + timeout
        while self.link_up(port) != up:
            if time.monotonic() > deadline:
                self.fail(f"link of port {port} not {'up' if up else 'down'} in {timeout} s")
            time.sleep(0.05)

    def start(self, mode=None):
        """Begin to forward, in `mode` if given."""
        if mode is not None:
            self.command(f"set fwd {mode}")
        if "packet forwarding" not in self.command("start"):
            self.fail("forwarding did not start")

    def stop(self):
        """Stop forwarding; returns testpmd's own summary."""
        return self.command("stop")

    def idle_buffers(self):
        """Free buffers of each pool, those in the caches of lcores included."""
        free = {}
        for part in self.command("dump_mempool").split("mempool <")[1:]:
            pool = part.split(">", 1)[0]
            values = dict(re.findall(r"(\w+)=(\d+)", part))
            free[pool] = int(values["common_pool_count"]) + int(values["total_cache_count"])
        return free

    def quit(self, timeout=COMMAND_TIMEOUT):
        """Leave testpmd the ordinary way; returns its exit code."""
        self.send("quit")
        return self.wait(timeout)


def command_all(ports, line):
    """Give a command to several testpmds at the same time; returns the answer of each.

    One that stops its port waits for the other to let go, which that one does when it is called.
    """
    starts = [pmd.begin(line) for pmd in ports]
    return [pmd.finish(line, start) for pmd, start in zip(ports, starts)]


def wait_links(ports, up=True, timeout=10):
    """Wait for the links of several testpmds, asking each in turn: both ends advance by calls."""
    deadline = time.monotonic() + timeout
    while True:
        waiting = [pmd for pmd in ports if pmd.link_up() != up]
        if not waiting:
            return
        if time.monotonic() > deadline:
            waiting[0].fail(f"link not {'up' if up else 'down'} within {timeout} s")
        time.sleep(0.05)


def wait_packets(pmd, count, timeout=20, port=0, key="RX-packets"):
    """Wait until a port has counted so many packets."""
    deadline = time.monotonic() + timeout
    while True:
        seen = pmd.stats(port)[key]
        if seen >= count:
            return
        if time.monotonic() > deadline:
            pmd.fail(f"{key} of port {port} is {seen} after {timeout} s, expected {count}")
        time.sleep(0.05)


def replay_lossless(pmd, mode="io"):
    """Let testpmd send again what a full ring refuses: nothing may be lost."""
    pmd.command(f"set fwd {mode} retry")
    pmd.command("set burst tx delay 10 retry 20000")


def wait_quiet(ports, timeout=10, settle=0.3):
    """Wait until no port receives any more; returns the statistics of each."""
    deadline = time.monotonic() + timeout
    before = [pmd.stats() for pmd in ports]
    while True:
        time.sleep(settle)
        now = [pmd.stats() for pmd in ports]
        if [s["RX-packets"] for s in now] == [s["RX-packets"] for s in before]:
            return now
        if time.monotonic() > deadline:
            ports[0].fail(f"traffic still flows {timeout} s after the senders stopped")
        before = now


def drain(ports):
    """Take in what was on its way when forwarding was stopped; returns the statistics."""
    for pmd in ports:
        pmd.start("rxonly")
    stats = wait_quiet(ports)
    for pmd in ports:
        pmd.stop()
    return stats
