# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The part about DMA devices: an engine's channels, DPDK's software device, and the core."""

import os
import pathlib
import tempfile

from framework import ntb_perf, programs
from framework.softep import Softep

from bench import pairs
from bench.samples import Plan, run_program, sample_of

ROUNDS = 5
BASE = "dma_skeleton"
# Both sides of the board attach: one end of each copy is memory of the endpoint.
CHANNELS = ("dma_dw_edma0-wr0", "dma_dw_edma0-rd0")
DEVICES = (*CHANNELS, BASE, "memcpy")
PLAN = Plan("dma", DEVICES, "dma", ["bytes=64,1024,4096", "burst=1,32", "seconds=0.1"])


def devices(board):
    """Devices of the process: the engine as the host sees it, memory of the endpoint, the peer."""
    return [
        f"dma_dw_edma0,softep={board},side=rc",
        f"raw_ntb_epf0,softep={board},side=ep",
        # Its thread is on the CPU of the engine.
        f"{BASE},lcore={pairs.ENGINE}",
    ]


def run_copies(rounds, terms, progress):
    """Samples of all devices, which take turns within one process."""
    cpus = programs.cpus()
    with tempfile.TemporaryDirectory(prefix="bench.") as name:
        directory = pathlib.Path(name)
        board = Softep(directory / "board", directory)
        try:
            os.sched_setaffinity(board.pid, {cpus[pairs.ENGINE]})
            board.prefer()
            words = ["dma", f"device={','.join(DEVICES)}", f"rounds={rounds}", *PLAN.words]
            line = ntb_perf.argv(devices(board.board), words, list(cpus), eal=["--main-lcore=0"])
            results, around = run_program(directory, line, terms.fair)
        finally:
            board.close()
    progress(f"dma: {len(results)} results")
    return [
        sample_of(PLAN, result["device"], result["round"], result, around, terms.limit)
        for result in results
    ]
