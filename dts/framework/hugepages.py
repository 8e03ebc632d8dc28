# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Hugepages for processes that share their memory, none of which is kept."""

import pathlib

from framework import programs
from framework.process import Process, ProcessError

LIMIT = pathlib.Path("/proc/sys/vm/nr_overcommit_hugepages")
START_TIMEOUT = 5


class Unavailable(Exception):
    """This user or machine has no hugepages to offer; the text says why."""


class Hugepages:
    """A hugetlbfs that only programs called by way of `wrap` see.

    Its pages are taken while they are used: what is raised is the limit, not the reserve. The mount
    is one of a namespace, and goes with the last process in it.
    """

    def __init__(self, directory, megabytes):
        self.mount = directory / "huge"
        self.mount.mkdir()
        self._limit = None
        self._holder = None
        try:
            self._raise_limit(megabytes)
            self._hold(directory)
        except BaseException:
            self.close()
            raise

    def _raise_limit(self, megabytes):
        """Allow for so many more pages than are allowed for."""
        try:
            limit = int(LIMIT.read_text(encoding="ascii"))
            LIMIT.write_text(str(limit + megabytes // 2), encoding="ascii")
        except OSError as error:
            raise Unavailable(f"{LIMIT} cannot be changed: {error.strerror}") from error
        self._limit = limit

    def _hold(self, directory):
        """Start a process that does nothing but have the mount."""
        script = f"mount -t hugetlbfs -o pagesize=2M none {self.mount} && echo mounted && exec cat"
        self._holder = Process("hugepages", ["unshare", "-m", "sh", "-c", script], directory)
        try:
            self._holder.wait_for("(?m)^mounted", START_TIMEOUT)
        except ProcessError as error:
            text = " ".join(self._holder.output.split())
            raise Unavailable(f"hugetlbfs cannot be mounted: {text}") from error

    def wrap(self, argv):
        """Command line that runs `argv` where the mount is."""
        return ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "--", *argv]

    def close(self):
        """Put the limit back; pages in use stay with their processes until these end."""
        if self._holder is not None:
            self._holder.close()
        if self._limit is not None:
            LIMIT.write_text(str(self._limit), encoding="ascii")
            self._limit = None


def shared_args(
    hugepages, prefix, cpu, vdevs=(), secondary=False, memory=64, functions=(), workers=0
):
    """EAL arguments of a process that shares its memory with others of the same prefix."""
    lcores = ",".join(f"{lcore}@{cpu}" for lcore in range(workers + 1))
    args = ["--lcores", lcores, "--iova-mode=va", f"--file-prefix={prefix}"]
    args += programs.pci_args(functions)
    args += ["--huge-dir", str(hugepages.mount), "-d", str(programs.PLUGINS)]
    args += ["--proc-type=secondary"] if secondary else ["-m", str(memory)]
    return args + [f"--vdev={vdev}" for vdev in vdevs]
