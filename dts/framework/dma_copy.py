# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-ntb-dma-copy on either side."""

from framework import programs
from framework.process import Process

PROGRAM = programs.BUILD / "app" / "dpdk-ntb-dma-copy"
MEMORY_MB = 128
TIMEOUT = 30

# Channels of the side with the engine: two for packets, two for the sample.
PACKET_CHANNELS = ",dma=dma_dw_edma0-wr0,dma=dma_dw_edma0-rd0"
OWN_CHANNELS = ("--dma", "dma_dw_edma0-wr1", "--dma", "dma_dw_edma0-rd1")
VIRTUAL = ("--dma", "virtual")


def vdevs(side, board, mover, raw_args=""):
    """Devices of a side; the one that the arrangement is named after has the engine."""
    dma = [f"dma_dw_edma0,softep={board},side={side}"] if side == mover else []
    return dma + [f"raw_ntb_epf0,softep={board},side={side},mover={mover}{raw_args}"]


class DmaCopy(Process):
    """One that runs to its end."""

    def __init__(self, name, devices, cpu, directory, *options):
        args = programs.eal_args(devices, cpu, workers=0, memory=MEMORY_MB)
        super().__init__(
            name, [PROGRAM, *args, "--", *options], directory, programs.eal_env(directory)
        )


def usage(*args):
    """Run it without any EAL argument, for what is refused before EAL starts."""
    return programs.run([PROGRAM, *args], TIMEOUT, programs.sanitizer_env())
