# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Two testpmds joined by the software endpoint, and everything a test starts beside them."""

from framework import pcap, programs
from framework.softep import Softep
from framework.testpmd import TestPmd, wait_links

# Which sides have DMA devices in each arrangement.
ENGINES = {"split": ("rc", "ep"), "ep": ("ep",), "rc": ("rc",), "cpu": ()}
SIDES = ("rc", "ep")


def ntb_vdevs(side, board, arrangement, raw_args=""):
    """Devices of one side: its DMA engine if it has one, the rawdev, the ethdev."""
    vdevs = []
    if side in ENGINES[arrangement]:
        vdevs.append(f"dma_dw_edma0,softep={board},side={side}")
    vdevs.append(f"raw_ntb_epf0,softep={board},side={side},mover={arrangement}{raw_args}")
    return vdevs + ["net_ntb0"]


class Rig:
    """What one test has running; `close` leaves nothing of it."""

    def __init__(self, directory):
        self.directory = directory
        self.board = directory / "board"
        self.children = []
        self.softep = None
        self.rc = None
        self.ep = None
        self._cpu = dict(zip(SIDES, programs.cpus()))

    def start_board(self, *args):
        """Start the software endpoint."""
        self.softep = Softep(self.board, self.directory, *args)
        self.children.append(self.softep)
        return self.softep

    def start_side(self, side, arrangement, pcaps=None, raw_args="", vdevs=None, **kwargs):
        """Start the testpmd of one side, without waiting for it.

        `pcaps` are the arguments of a net_pcap that becomes port 1, `vdevs` other devices than
        those of the arrangement.
        """
        vdevs = list(vdevs or ntb_vdevs(side, self.board, arrangement, raw_args))
        if pcaps is not None:
            vdevs.append(f"net_pcap0,{pcaps}")
        pmd = self.start_testpmd(side, vdevs, **kwargs)
        setattr(self, side, pmd)
        return pmd

    def start_testpmd(self, name, vdevs, **kwargs):
        """Start a testpmd with any devices, without waiting for it."""
        kwargs.setdefault("cpu", self._cpu.get(name, self._cpu["rc"]))
        pmd = TestPmd(name, vdevs, directory=self.directory, **kwargs)
        self.children.append(pmd)
        return pmd

    def start_pair(self, arrangement, pcaps=None, **kwargs):
        """Start both testpmds and wait for the link; `pcaps` maps a side to its arguments."""
        for side in SIDES:
            self.start_side(side, arrangement, (pcaps or {}).get(side), **kwargs)
        for pmd in self.pair:
            pmd.wait_ready()
        self.wait_links()
        return self.pair

    def wait_links(self, up=True):
        """Wait until both sides show their link up, or down."""
        wait_links(self.pair, up)

    @property
    def pair(self):
        return self.rc, self.ep

    def empty_pcap(self):
        """Path of a capture without frames."""
        path = self.directory / "none.pcap"
        if not path.exists():
            pcap.write(path, [])
        return path

    def close(self):
        """End everything that was started."""
        for child in reversed(self.children):
            child.close()
