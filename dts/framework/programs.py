# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Where programs are and how a DPDK program is called on this test bed."""

import functools
import itertools
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NTB_EDMA_BUILD", ROOT / "build")).resolve()
PLUGINS = BUILD / "drivers"
SOFTEP = BUILD / "app" / "dpdk-softep"
PLUGIN_FILES = ("librte_dma_dw_edma.so", "librte_raw_ntb_epf.so", "librte_net_ntb.so")

# --no-huge memory of one process in MiB: a pool of 8192 jumbo buffers takes 80.
MEMORY_MB = 256

_serial = itertools.count()


def pci_args(functions):
    """EAL arguments for the PCI functions named, which may be none, and no others."""
    return [f"--allow={function}" for function in functions] or ["--no-pci"]


def eal_args(vdevs, cpu, workers=1, plugins=PLUGINS, memory=MEMORY_MB, functions=()):
    """EAL arguments: no hugepages, no PCI but the functions named, plugins of a directory if any.

    All threads are on one CPU; or `cpu` lists a CPU for each, the main thread's first. The main
    thread of testpmd sleeps in its command line, so it can share the CPU of a poller.
    """
    pins = [cpu] * (workers + 1) if isinstance(cpu, int) else cpu
    lcores = ",".join(f"{lcore}@{pin}" for lcore, pin in enumerate(pins))
    args = ["--lcores", lcores, "--no-huge", "-m", str(memory)]
    args += pci_args(functions)
    # Short, because paths of Unix sockets are: see eal_env().
    args += ["--iova-mode=va", f"--file-prefix={os.getpid()}-{next(_serial)}"]
    if plugins:
        args += ["-d", str(plugins), "--log-level=pmd.raw.ntb_epf:info"]
    return args + [f"--vdev={vdev}" for vdev in vdevs]


@functools.cache
def sanitizer_env():
    """What a program of the distribution needs to load plugins that are built with sanitizers.

    Their runtimes have to be there before anything else. Leaks are not looked for: EAL has some.
    """
    code, output = run(["ldd", PLUGINS / PLUGIN_FILES[0]], 10)
    runtimes = re.findall(r"lib[au]b?san\.so\S* => (\S+)", output)
    if code != 0 or not runtimes:
        return {}
    return {
        "LD_PRELOAD": ":".join(sorted(runtimes)),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }


def eal_env(directory):
    """Environment that keeps EAL's run-time files below `directory`, so that none is left."""
    run_dir = directory / f"eal{next(_serial)}"
    run_dir.mkdir()
    return {"RUNTIME_DIRECTORY": str(run_dir), **sanitizer_env()}


def cpus():
    """CPUs to pin pollers to: two different ones where there are two."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[1 % len(available)]


def run(argv, timeout, env=None):
    """Run a program to its end; returns exit code and output, streams merged."""
    done = subprocess.run(
        [str(arg) for arg in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


def pmdinfo(plugin):
    """What dpdk-pmdinfo.py tells of a plugin: a list of drivers."""
    tool = next(
        os.path.join(path, "dpdk-pmdinfo.py")
        for path in os.environ["PATH"].split(":")
        if os.path.exists(os.path.join(path, "dpdk-pmdinfo.py"))
    )
    # The interpreter that the tool asks for may be one without pyelftools.
    code, output = run(["/usr/bin/python3", tool, plugin], 10)
    assert code == 0, output
    return json.loads(output)


def dpdk_test(name, vdevs, directory, timeout):
    """Run one test of DPDK's own dpdk-test; returns exit code and output."""
    env = {"DPDK_TEST": name, **eal_env(directory)}
    return run(["dpdk-test"] + eal_args(vdevs, cpus()[0]), timeout, env)
