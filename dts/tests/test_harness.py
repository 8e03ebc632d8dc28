# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The harness tried on DPDK's own net_memif: what fails here is not a fault of our drivers."""

import pytest

from framework import pcap, programs
from framework.process import Process, ProcessError
from framework.testpmd import LOG_LINE, TestPmd, replay_lossless, wait_links, wait_packets

FRAMES = 3000


def test_pcap_files(tmp_path):
    """Captures read back as written, and a difference is found where it is.

    Steps:
        Write frames of 60 to 9014 bytes and read them. Change one byte, drop one frame.
    Verify:
        The first comparison is clean, the others name the frame.
    """
    frames = pcap.make_frames(500, 60, 9014, seed=1)
    pcap.write(tmp_path / "a.pcap", frames)
    back = pcap.read(tmp_path / "a.pcap")
    assert pcap.difference(frames, back) is None
    assert {60, 61, 9013, 9014} <= {len(frame) for frame in frames}
    back[321] = back[321][:-1] + bytes([back[321][-1] ^ 1])
    assert "frame 321" in pcap.difference(frames, back)
    assert "499 received" in pcap.difference(frames, frames[:-1])


def test_process_end(tmp_path):
    """A wait ends early when the program does, with its output in the error.

    Steps:
        Wait for a text that a short program never prints.
    Verify:
        The error comes at once and has the program's exit code and last line.
    """
    child = Process("short", ["sh", "-c", "echo last words; exit 7"], tmp_path)
    with pytest.raises(ProcessError, match=r"ended with 7[\s\S]*last words"):
        child.wait_for("never", 30)
    child.close()


def test_memif_replay(tmp_path):
    """A capture crosses two testpmds over net_memif byte for byte.

    Steps:
        Replay 3,000 frames of 60 to 9014 bytes from net_pcap into net_memif.
    Verify:
        net_pcap on the other side wrote the same frames in the same order, and both buffer pools
        can be read.
    """
    sent = pcap.make_frames(FRAMES, 60, 9014, seed=2)
    pcap.write(tmp_path / "in.pcap", sent)
    pcap.write(tmp_path / "none.pcap", [])
    common = f"socket={tmp_path}/memif.sock,socket-abstract=no,bsize=9728,rsize=11"
    files = {
        "server": f"rx_pcap={tmp_path}/none.pcap,tx_pcap={tmp_path}/out.pcap",
        "client": f"rx_pcap={tmp_path}/in.pcap,tx_pcap={tmp_path}/back.pcap",
    }
    pmds = []
    try:
        for (role, pcaps), cpu in zip(files.items(), programs.cpus()):
            vdevs = [f"net_memif0,role={role},{common}", f"net_pcap0,{pcaps}"]
            pmds.append(TestPmd(role, vdevs, cpu, tmp_path, mtu=None, plugins=False))
        for pmd in pmds:
            pmd.wait_ready()
            replay_lossless(pmd)
        wait_links(pmds)
        receiver, sender = pmds
        assert sum(receiver.idle_buffers().values()) > FRAMES
        receiver.start()
        sender.start()
        wait_packets(receiver, FRAMES, port=1, key="TX-packets")
        sender.stop()
        receiver.stop()
        assert sender.quit() == 0
        assert receiver.quit() == 0
        assert pcap.difference(sent, pcap.read(tmp_path / "out.pcap")) is None
    finally:
        for pmd in pmds:
            pmd.close()


def test_log_lines_in_output(tmp_path):
    """A log line in the middle of a prompt or an echo does not hide it.

    Steps:
        Let a program write a prompt and a command's echo with log lines inside.
    Verify:
        The command's output is found, without the log lines.
    """
    text = "show stats\\nRX: 1\\nNTB_EPF: raw: link down: gone\\nTX: 2\\ntestEAL: noise\\npmd> "
    child = Process("chatty", ["printf", "shoNTB_ETH: net: x\\n" + text[3:]], tmp_path)
    match = child.wait_for(r"show stats\n([\s\S]*?)testpmd> ", 5, 0, LOG_LINE)
    assert match.group(1) == "RX: 1\nTX: 2\n"
    child.close()
