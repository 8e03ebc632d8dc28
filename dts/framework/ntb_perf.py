# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-ntb-perf: the measuring program, and pairs of ports for it."""

import json

from framework import programs
from framework.process import Process

NTB_PERF = programs.BUILD / "app" / "dpdk-ntb-perf"
QUIET = ("--no-telemetry", "--log-level=lib.eal:error")


def argv(vdevs, words, cpu, options=("--json",), memory=programs.MEMORY_MB, eal=(), plugins=None):
    """The command line; `cpu` is that of all lcores, or a list with one for each."""
    cpus = [cpu] if isinstance(cpu, int) else cpu
    args = programs.eal_args(vdevs, cpus, plugins=plugins or programs.PLUGINS, memory=memory)
    return [NTB_PERF, *args, *QUIET, *eal, "--", *options, *words]


def results(output):
    """The JSON objects among the lines of an output."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def run(vdevs, words, directory, cpu=None, timeout=30, **kwargs):
    """Run it to its end; returns exit code, results and output."""
    cpu = programs.cpus()[0] if cpu is None else cpu
    line = argv(vdevs, words, cpu, **kwargs)
    code, output = programs.run(line, timeout, programs.eal_env(directory))
    return code, results(output), output


class NtbPerf(Process):
    """One that runs beside others."""

    def __init__(self, name, vdevs, words, directory, cpu, **kwargs):
        line = argv(vdevs, words, cpu, **kwargs)
        super().__init__(name, line, directory, programs.eal_env(directory))

    def results(self):
        return results(self.output)


def memif_pair(directory):
    """Two ports of net_memif in one process: devices, and their names, the server first."""
    # Two names of one socket: a socket that listens cannot be a client's in the same process.
    server, client = directory / "memif.sock", f"{directory}/./memif.sock"
    vdevs = [
        f"net_memif0,role=server,id=0,socket={server},socket-abstract=no",
        f"net_memif1,role=client,id=0,socket={client},socket-abstract=no",
    ]
    return vdevs, ("net_memif0", "net_memif1")


def ntb_sides(board, mover):
    """Devices of the host, whose port is net_ntb0, and of the endpoint, whose port is net_ntb1."""
    engine = [f"dma_dw_edma0,softep={board},side=ep"] if mover == "ep" else []
    host = [f"raw_ntb_epf0,softep={board},side=rc,mover={mover}", "net_ntb0,raw=raw_ntb_epf0"]
    endpoint = [f"raw_ntb_epf1,softep={board},side=ep,mover={mover}", "net_ntb1,raw=raw_ntb_epf1"]
    return host, engine + endpoint


def ntb_pair(board, mover):
    """Both sides of a board in one process: devices, and names of the ports, the host's first."""
    host, endpoint = ntb_sides(board, mover)
    return host + endpoint, ("net_ntb0", "net_ntb1")
