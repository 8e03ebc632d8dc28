# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Pairs of ports that are measured, all by the same program in one process each."""

import contextlib
import os
from dataclasses import dataclass, field

from framework import ntb_perf
from framework.softep import Softep

# Which of two CPUs does what: the ends of a link, one lcore or two; and the engine.
ENDS, ENGINE = 0, 1


@dataclass
class Pair:
    """Two ports joined by what is measured: devices, names, and arguments of EAL and program.

    `tx` sends or asks, and starts first.
    """

    vdevs: list
    tx: str
    rx: str
    eal: list = field(default_factory=list)
    options: list = field(default_factory=list)


@contextlib.contextmanager
def ntb(directory, cpus, mover):
    """Both sides of a board. The board, which is the engine, has the second CPU."""
    board = Softep(directory / "board", directory)
    try:
        os.sched_setaffinity(board.pid, {cpus[ENGINE]})
        board.prefer()
        vdevs, (host, endpoint) = ntb_perf.ntb_pair(board.board, mover)
        yield Pair(vdevs, host, endpoint)
    finally:
        board.close()


@contextlib.contextmanager
def memif(directory, _cpus, zero_copy):
    """Server to client, the server starting first."""
    vdevs, (server, client) = ntb_perf.memif_pair(directory)
    eal = []
    if zero_copy:
        vdevs[1] += ",zero-copy=yes"
        eal.append("--single-file-segments")
    yield Pair(vdevs, server, client, eal)


@contextlib.contextmanager
def vhost(directory, _cpus, packed):
    """From vhost to virtio-user, which is created when vhost listens."""
    path = directory / "vhost.sock"
    late = f"net_virtio_user0,path={path},queues=4,queue_size=512,packed_vq={packed}"
    vdevs = [f"net_vhost0,iface={path},queues=4"]
    yield Pair(vdevs, "net_vhost0", "net_virtio_user0", options=["--late", late])


@contextlib.contextmanager
def ring(_directory, _cpus):
    """A ring of pointers: nothing is copied, which no link can beat."""
    yield Pair(["net_ring0"], "net_ring0", "net_ring0")


@dataclass
class Kind:
    """How to make a pair, and whether another CPU than the lcores' works for it."""

    make: object
    args: tuple
    engine: bool
    note: str
    peer: bool = True


KINDS = {
    "ntb-cpu": Kind(ntb, ("cpu",), False, "net_ntb, mover=cpu", peer=False),
    "ntb-ep": Kind(
        ntb, ("ep",), True, "net_ntb, mover=ep; the engine has a CPU of its own", peer=False
    ),
    "memif": Kind(memif, (False,), False, "net_memif, server to client, copy mode"),
    "memif-zc": Kind(memif, (True,), False, "net_memif, server to client, zero-copy client"),
    "vhost-split": Kind(vhost, (0,), False, "net_vhost to net_virtio_user, split ring"),
    "vhost-packed": Kind(vhost, (1,), False, "net_vhost to net_virtio_user, packed ring"),
    "ring": Kind(ring, (), False, "net_ring: pointers only, a bound"),
}
BASE = "memif"
