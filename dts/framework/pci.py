# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""PCI functions for DPDK's own bus: a tree in place of sysfs, and vfio-shim.so in place of VFIO.

A function is a directory with the files of sysfs that the bus reads, its configuration space, the
contents of its BARs, and a description of what is behind them. See app/test/vfio_shim.h.
"""

import os
import struct

from framework import programs

SHIM = programs.BUILD / "app" / "test" / "vfio-shim.so"
# Bus address of BAR 0, and the distance to the next: where no process has memory.
BUS_ADDRESS = 0x400000000000
BUS_STRIDE = 0x1000000000
# DPDK finds a region of a function's file by its number in these bits of the offset.
REGION_SHIFT = 40
# Flags of a memory resource in sysfs.
RESOURCE_MEM = 0x200
CLASS_DMA = 0x080100
CLASS_MEMORY = 0x050000

COMMAND = 0x04
COMMAND_MASTER = 0x4
# Where capabilities are put.
CAP_EXPRESS = 0x40
CAP_EXTENDED = 0x100
DEVICE_CONTROL = CAP_EXPRESS + 8


def words(*values):
    """Little-endian 32-bit words."""
    return b"".join(struct.pack("<I", value & 0xFFFFFFFF) for value in values)


def halves(value):
    """A 64-bit value as two words, low half first."""
    return value & 0xFFFFFFFF, value >> 32


def bus_address(bar):
    """Where a BAR is on the bus."""
    return BUS_ADDRESS + bar * BUS_STRIDE


def vsec(vsec_id, payload, revision=0, length=None):
    """A vendor-specific extended capability, as words behind the header of the list."""
    length = 8 + 4 * len(payload) if length is None else length
    return (0x000B, [vsec_id | revision << 16 | length << 20, *payload])


def dma_vsec(code, channels, bar=0, offset=0x1000, **changes):
    """The capability that describes the engine: map, write and read channels, register window."""
    write, read = channels
    payload = [code | bar << 8, write | read << 16, *halves(offset)]
    return vsec(0x0006, payload, **changes)


def memory_vsec(address):
    """AMD's capability with the engine's address of the memory behind BAR 2."""
    return vsec(0x0020, halves(address))


def extended(caps):
    """Extended configuration space with a list of capabilities."""
    data = bytearray(0xF00)
    at = 0
    for number, (cap, payload) in enumerate(caps):
        # Somewhere else than right behind, as hardware does.
        following = at + 4 + 4 * len(payload) + 0x20
        link = CAP_EXTENDED + following if number < len(caps) - 1 else 0
        data[at : at + 4] = words(cap | 1 << 16 | link << 20)
        data[at + 4 : at + 4 + 4 * len(payload)] = words(*payload)
        at = following
    return bytes(data)


class Function:
    """A PCI function below the directory that stands for sysfs."""

    def __init__(self, tree, name, ids, cls=CLASS_DMA, caps=(), driver="vfio-pci"):
        self.name = name
        self.directory = tree / name
        self.directory.mkdir(parents=True)
        self._lines = []
        self._bars = {}
        self._config = bytearray(0x100) + extended(caps)
        vendor, device = ids
        self._config[0:4] = words(vendor | device << 16)
        self._config[0x08:0x0C] = words(cls << 8)
        self._config[0x06:0x08] = struct.pack("<H", 0x10)
        self._config[0x34] = CAP_EXPRESS
        # An endpoint; device control: reads and payloads of 512 and 128 bytes.
        self._config[CAP_EXPRESS : CAP_EXPRESS + 12] = words(0x00020010, 0, 0x2000)
        for file, value in (("vendor", vendor), ("device", device), ("class", cls)):
            self._write(file, f"0x{value:x}")
        for file in ("subsystem_vendor", "subsystem_device", "numa_node"):
            self._write(file, "0")
        (self.directory / "driver").symlink_to(f"../drivers/{driver}")
        (self.directory / "iommu_group").symlink_to(f"../groups/{int(name[-1]) + 1}")
        self.save()

    def _write(self, file, text):
        (self.directory / file).write_text(text + "\n", encoding="ascii")

    def bar(self, number, size, content=b""):
        """Memory behind a 64-bit BAR."""
        self._bars[number] = size
        self._config[0x10 + 4 * number : 0x18 + 4 * number] = struct.pack(
            "<Q", bus_address(number) | 4
        )
        (self.directory / f"bar{number}").write_bytes(content)
        return self.add("bar", number, size)

    def add(self, *line):
        """A line of the shim's description."""
        self._lines.append(" ".join(str(word) for word in line))
        self.save()
        return self

    def board(self, socket, sizes):
        """Let a software endpoint serve the function; `sizes` maps BARs to their bytes."""
        for number, size in sizes.items():
            self._bars[number] = size
        return self.add("board", socket)

    def set_config(self, offset, data):
        """Change configuration space."""
        self._config[offset : offset + len(data)] = data
        self.save()

    def short_config(self):
        """Configuration space of conventional PCI."""
        del self._config[0x100:]
        self.save()

    def save(self):
        """Write what may have changed."""
        (self.directory / "config").write_bytes(self._config)
        self._write("shim", "\n".join(self._lines))
        resources = []
        for number in range(13):
            size = self._bars.get(number, 0)
            start = bus_address(number) if size else 0
            end = start + size - 1 if size else 0
            resources.append(f"0x{start:016x} 0x{end:016x} 0x{RESOURCE_MEM if size else 0:016x}")
        self._write("resource", "\n".join(resources))

    def report(self):
        """What the shim tells of the function after the process has ended; {} if it saw none."""
        path = self.directory / "report"
        if not path.exists():
            return {}
        lines = [line.split(" ", 1) for line in path.read_text(encoding="ascii").splitlines()]
        return {key: int(value) if value.isdigit() else value for key, value in lines}

    def end_word(self, what, offset):
        """A word of "config" or "barN" as it was at the end."""
        data = (self.directory / f"{what}.end").read_bytes()
        return struct.unpack_from("<I", data, offset)[0]

    def path(self, bar, offset, size):
        """A part of a BAR as a part of the function's file, for arguments of the driver."""
        return f"/dev/vfio-shim/{self.name}@0x{(bar << REGION_SHIFT) + offset:x}+0x{size:x}"


def shim_env(directory):
    """Environment for a DPDK process that is to see the functions of a test."""
    env = programs.eal_env(directory)
    preload = [env["LD_PRELOAD"]] if "LD_PRELOAD" in env else []
    env["LD_PRELOAD"] = ":".join(preload + [str(SHIM)])
    env["SYSFS_PCI_DEVICES"] = str(directory / "tree")
    return env


def has_shim():
    """The shim knows the stores of x86-64 processors."""
    return os.path.exists(SHIM)
