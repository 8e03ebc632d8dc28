# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Reads of engine registers across the link, counted in trap mode, where every one is a message."""

import re

import pytest

from framework import programs

CHECK = programs.BUILD / "app" / "test" / "dma-copy-check"
SECONDS = 2
# What starting, stopping and dumping a channel reads, at most.
READS_PER_CHANNEL = 60

# The host's arguments, how many of its channels are used, and how many reads a report costs.
CASES = {
    "tail": ("wr=0xf,rd=0,completion=tail", 4, 0),
    "auto-write": ("wr=0xf,rd=0", 4, 0),
    "imwr-alone": ("wr=0,rd=0xf,completion=imwr", 1, 0),
    "auto-read-alone": ("wr=0,rd=0xf", 1, 0),
    "imwr-write-alone": ("wr=0xf,rd=0,completion=imwr", 1, 0),
    "imwr-shared": ("wr=0,rd=0xf,completion=imwr", 4, 1),
}


def run(rig, host, channels):
    """Run dma-copy-check on channels of the host, with the endpoint's memory reachable."""
    vdevs = [
        f"dma_dw_edma0,softep={rig.board},side=rc,{host}",
        f"raw_ntb_epf0,softep={rig.board},side=ep",
    ]
    argv = [CHECK] + programs.eal_args(vdevs, programs.cpus()[0])
    argv += ["--", "--seconds", str(SECONDS), "--devices", str(channels), "--dump"]
    code, output = programs.run(argv, SECONDS + 60, programs.eal_env(rig.directory))
    assert code == 0, output[-4000:]
    return output


def total(pattern, output):
    """Sum of what a pattern finds."""
    return sum(int(count) for count in re.findall(pattern, output))


@pytest.mark.parametrize("regs", ["unroll", "hdma"])
@pytest.mark.parametrize("case", CASES)
def test_reads(rig, case, regs):
    """Completions are learned of without reads, or with one read a report.

    Steps:
        Start a board in trap mode. Copy on channels of the host, at random, for some seconds.
    Verify:
        All copies are right. The board has counted no more reads of registers than it takes to
        start, stop and dump the channels, plus one a burst where channels share a word. The
        driver has counted the same reads.
    """
    host, channels, per_report = CASES[case]
    softep = rig.start_board("--trap", "--map", regs)
    output = run(rig, host, channels)
    assert len(re.findall(r"copies, \d+ bytes", output)) == channels
    bursts = total(r"(\d+) doorbells", output)
    assert bursts > 2 * READS_PER_CHANNEL * channels
    reads = softep.stats()["rc-dma region 0"]["reads"]
    assert reads <= READS_PER_CHANNEL * channels + per_report * bursts, output[-4000:]
    if per_report == 0 or regs == "hdma":
        assert reads <= READS_PER_CHANNEL * channels, output[-4000:]
    assert total(r"(\d+) looks", output) == 0


def test_llp_reads(rig):
    """The counter counts: polling the list pointer across the link costs reads.

    Steps:
        As above, with completion=llp.
    Verify:
        There are more reads than bursts.
    """
    softep = rig.start_board("--trap")
    output = run(rig, "wr=0xf,rd=0,completion=llp", 1)
    assert softep.stats()["rc-dma region 0"]["reads"] > total(r"(\d+) doorbells", output)
