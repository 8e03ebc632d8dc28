# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Secondary processes of a testpmd with a port of a bridge: DPDK's own tools look at it."""

import os
import pathlib
import re
import shutil
import signal

import pytest

from framework import hugepages, pcap, programs
from framework.bench import wait_until
from framework.process import Process
from framework.rig import Rig, ntb_vdevs
from framework.testpmd import TestPmd, wait_packets

MEMORY_MB = 192
TIMEOUT = 20
BURST = 32
FIRST_BURSTS = 4
FRAMES = BURST * FIRST_BURSTS
# Smaller than that of other tests: secondary processes get pages only from the primary's.
MBUFS = ["--total-num-mbufs=4096", "--mbuf-size=2176"]
NO_RAWDEV = "raw_ntb_epf0: secondary process: expected the primary"


def pool_drivers():
    """Drivers of memory pools that testpmd is linked with, and that other programs are not.

    They have numbers in the order in which they were loaded, and processes that share a pool must
    agree on them.
    """
    code, output = programs.run(["ldd", shutil.which("dpdk-testpmd")], TIMEOUT)
    assert code == 0, output
    return sorted(set(re.findall(r"librte_mempool_\S+(?= =>)", output)))


class Group:
    """A testpmd on the host whose memory others may share, and the endpoint's testpmd."""

    def __init__(self, rig, pages, queues=1, args=()):
        self.rig = rig
        self.pages = pages
        self.queues = queues
        self.prefix = f"net-{os.getpid()}-{queues}"
        self.environment = programs.eal_env(rig.directory)
        rig.start_board()
        rig.rc = self.testpmd("rc", ntb_vdevs("rc", rig.board, "split"), args=args)
        rig.rc.wait_ready()
        rig.start_side("ep", "split", queues=queues, mtu=None)
        rig.ep.wait_ready()
        rig.wait_links()
        # A port has room for frames from its first poll on.
        rig.ep.start("rxonly")
        rig.ep.stop()

    def eal(self, cpu, **kwargs):
        """EAL arguments of a process of the group."""
        pin = programs.cpus()[cpu]
        return hugepages.shared_args(self.pages, self.prefix, pin, memory=MEMORY_MB, **kwargs)

    def testpmd(self, name, vdevs=(), args=(), secondary=False):
        """Start a testpmd of the group."""
        base = self.eal(int(secondary), vdevs=vdevs, secondary=secondary, workers=1)
        pmd = TestPmd(
            name,
            vdevs,
            0,
            self.rig.directory,
            queues=self.queues,
            mtu=None,
            args=[*MBUFS, *args],
            env=self.environment,
            wrap=self.pages.wrap,
            base=base,
        )
        self.rig.children.append(pmd)
        return pmd

    def tool(self, name, *args, eal=()):
        """Start a tool of DPDK's as a secondary process."""
        argv = self.pages.wrap([name, *eal, *args])
        preloaded = [self.environment.get("LD_PRELOAD"), *pool_drivers()]
        env = {**self.environment, "LD_PRELOAD": ":".join(filter(None, preloaded))}
        child = Process(name, argv, self.rig.directory, env)
        self.rig.children.append(child)
        return child

    def proc_info(self, question):
        """Ask dpdk-proc-info, which is one lcore of its own choice; returns its answer."""
        eal = [arg for arg in self.eal(1, secondary=True)[2:] if "proc-type" not in arg]
        tool = self.tool("dpdk-proc-info", "--", "-p", "1", f"--{question}", eal=eal)
        assert tool.wait(TIMEOUT) == 0, tool.output
        assert NO_RAWDEV in tool.output
        return tool.output


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Hugepages for all groups."""
    try:
        held = hugepages.Hugepages(tmp_path_factory.mktemp("pages"), 3 * MEMORY_MB)
    except hugepages.Unavailable as reason:
        pytest.skip(str(reason))
    yield held
    held.close()


@pytest.fixture(scope="module")
def group(tmp_path_factory, pages):
    """A group that the tests share; the host sends back what the endpoint sends."""
    rig = Rig(tmp_path_factory.mktemp("group"))
    made = Group(rig, pages)
    # It goes on all the time: ports of dpdk-pdump, which come by and by, would not let it begin.
    rig.rc.start("macswap")
    yield made
    for pmd in rig.pair:
        pmd.send("quit")
    assert [pmd.wait(TIMEOUT) for pmd in rig.pair] == [0, 0]
    rig.close()


def echo(group):
    """Let the endpoint send some frames, which the host sends back with addresses swapped."""
    for pmd in group.rig.pair:
        pmd.command("clear port stats 0")
    group.rig.ep.command("set fwd rxonly")
    group.rig.ep.command(f"start tx_first {FIRST_BURSTS}")
    wait_packets(group.rig.ep, FRAMES)
    group.rig.ep.stop()


def numbers(text):
    """Numbers by name; those of all queues together come first."""
    return {name: int(value) for name, value in reversed(re.findall(r"([\w-]+): *(\d+)", text))}


def test_proc_info(group):
    """dpdk-proc-info shows what the primary process shows.

    Steps:
        Let frames go there and back. Ask dpdk-proc-info for statistics, extended statistics and
        the ports.
    Verify:
        Numbers are those of the primary, but for what only the rawdev knows; queues, driver, MTU
        and link are right. The frames go there and back again.
    """
    echo(group)
    seen = numbers(group.proc_info("stats"))
    own = group.rig.rc.stats()
    assert own["RX-packets"] == own["TX-packets"] == FRAMES
    for name in ("RX-packets", "RX-bytes", "RX-errors", "TX-packets", "TX-bytes", "TX-errors"):
        assert seen[name] == own[name]
    seen, own = numbers(group.proc_info("xstats")), group.rig.rc.xstats()
    assert seen["rx_q0_packets"] == seen["tx_q0_packets"] == FRAMES
    common = [name for name in seen if name in own]
    assert len(common) > 12 and not any(name.startswith("raw_") for name in common)
    assert {name: seen[name] for name in common} == {name: own[name] for name in common}
    text = group.proc_info("show-port")
    for words in ("driver net_ntb device net_ntb0", "Link up", "mtu (1500)", "descriptors 512"):
        assert words in text, text
    echo(group)


def test_pdump(group):
    """dpdk-pdump captures what the primary process receives and sends.

    Steps:
        Start dpdk-pdump for both directions; let frames go there and back; end it.
    Verify:
        Both captures have all frames, which are the same but for the exchanged addresses.
    """
    files = {way: group.rig.directory / f"pdump-{way}.pcap" for way in ("rx", "tx")}
    what = f"port=0,queue=*,rx-dev={files['rx']},tx-dev={files['tx']}"
    eal = group.eal(1, secondary=True)
    tool = group.tool("dpdk-pdump", "--", "--pdump", what, eal=eal)
    tool.wait_for(r"capture for \(1\) tuples", TIMEOUT)
    echo(group)
    os.kill(tool.pid, signal.SIGINT)
    assert tool.wait(TIMEOUT) == 0
    received, sent = pcap.read(files["rx"]), pcap.read(files["tx"])
    assert len(received) == FRAMES
    assert [frame[6:12] + frame[:6] + frame[12:] for frame in received] == sent


def plugin_mount(directory):
    """A shell command that lays our plugins over the directory that EAL loads by itself.

    dpdk-dumpcap takes no arguments for EAL.
    """
    (target,) = pathlib.Path("/usr/lib").glob("*/dpdk/pmds-*")
    layer = directory / "plugins"
    layer.mkdir()
    for name in programs.PLUGIN_FILES:
        (layer / name).write_bytes((programs.PLUGINS / name).read_bytes())
    return f"mount -t overlay overlay -o lowerdir={layer}:{target} {target}"


def test_dumpcap(group):
    """dpdk-dumpcap captures what the primary process receives and sends.

    Steps:
        Start dpdk-dumpcap on the port until it has all frames; let them go there and back.
    Verify:
        The capture has them: as many as there were, each way.
    """
    path = group.rig.directory / "dumpcap.pcap"
    script = f'{plugin_mount(group.rig.directory)} || exit 77; exec dpdk-dumpcap "$@"'
    args = [f"--file-prefix={group.prefix}", "-i", "net_ntb0", "-P", "-w", path]
    args += ["-c", str(2 * FRAMES)]
    tool = group.tool("unshare", "-m", "sh", "-c", script, "dumpcap", *args)
    wait_until(lambda: path.exists() or not tool.alive(), "the capture", TIMEOUT)
    if not tool.alive() and tool.wait(1) == 77:
        pytest.skip(f"the plugins' directory cannot be laid over: {tool.output}")
    tool.wait_for("Capturing on", TIMEOUT)
    echo(group)
    assert tool.wait(TIMEOUT) == 0
    frames = pcap.read(path)
    assert len(frames) == 2 * FRAMES
    source = frames[0][6:12]
    assert sum(frame[6:12] == source for frame in frames) == FRAMES


def test_num_procs(tmp_path, pages):
    """testpmd --num-procs: queues are the primary's to poll, and a secondary is told so.

    Steps:
        Run testpmd with two queues as two processes, one queue for each. Let both forward while
        the endpoint sends on both queues.
    Verify:
        The secondary says once what was expected. Frames of the primary's queue come back. All
        end in order.
    """
    rig = Rig(tmp_path)
    try:
        group = Group(rig, pages, queues=2, args=["--num-procs=2", "--proc-id=0"])
        second = group.testpmd("second", args=["--num-procs=2", "--proc-id=1"], secondary=True)
        second.wait_ready()
        for pmd in (rig.rc, second):
            pmd.start("io")
        second.wait_for("queues polled in a secondary process: expected the primary", TIMEOUT)
        rig.ep.command("set fwd rxonly")
        rig.ep.command(f"start tx_first {FIRST_BURSTS}")
        wait_packets(rig.ep, FRAMES)
        xstats = rig.ep.xstats()
        assert xstats["rx_q0_packets"] == FRAMES and xstats["rx_q1_packets"] == 0
        assert second.output.count("queues polled in a secondary process") == 1
        second.stop()
        assert second.quit() == 0
        for pmd in rig.pair:
            pmd.send("quit")
        assert [pmd.wait(TIMEOUT) for pmd in rig.pair] == [0, 0]
    finally:
        rig.close()
