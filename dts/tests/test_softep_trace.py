# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The board's trace: a line for each register access and each element."""

import os
import re
import resource
import stat

import pytest

from framework import programs
from framework.bench import (
    ABORTED,
    DONE_IMWR,
    EP_ADDRESS,
    HOST_ADDRESS,
    LIE,
    RIE,
    STOPPED,
    Dma,
    attach_pair,
    wait_until,
)

# Registers by offset as the description has them, for a board with 2 write and 2 read channels.
NAMES = {
    "unroll": {
        0x000: "CTRL_DATA_ARB_PRIOR", 0x008: "CTRL", 0x00C: "WR_ENGINE_EN", 0x010: "WR_DOORBELL",
        0x018: "WR_CH_ARB_WEIGHT_LO", 0x03C: "RD_CH_ARB_WEIGHT_HI", 0x04C: "WR_INT_STATUS",
        0x05C: "WR_ERR_STATUS", 0x070: "WR_CH01_IMWR_DATA", 0x07C: "WR_CH67_IMWR_DATA",
        0x090: "WR_LL_ERR_EN", 0x0A0: "RD_INT_STATUS", 0x0AC: "RD_INT_CLEAR",
        0x0B8: "RD_ERR_STATUS_HI", 0x0D8: "RD_ABORT_IMWR_HI", 0x0E8: "RD_CH67_IMWR_DATA",
        0x0FC: "reserved", 0x128: "reserved", 0x200: "WR0_CONTROL1", 0x21C: "WR0_LLP_LO",
        0x320: "RD0_LLP_HI", 0x408: "WR1_TRANSFER_SIZE", 0x50C: "RD1_SAR_LO", 0x514: "RD1_DAR_LO",
        0x224: "reserved", 0x004: "reserved",
    },
    "hdma-compat": {0x128: "WR0_PWR_EN", 0x144: "WR7_PWR_EN", 0x148: "reserved",
                    0x168: "RD0_PWR_EN", 0x184: "RD7_PWR_EN", 0x188: "reserved",
                    0x600: "WR2_CONTROL1"},
    "legacy": {0x0FC: "VIEWPORT_SEL", 0x100: "CH_CONTROL1", 0x120: "CH_LLP_HI", 0x124: "reserved",
               0x200: "reserved", 0x0A0: "RD_INT_STATUS"},
    "hdma": {0x000: "WR0_CH_EN", 0x104: "RD0_DOORBELL", 0x018: "WR0_CYCLE_SYNC",
             0x010: "WR0_LLP_LO", 0x234: "WR1_CONTROL1", 0x380: "RD1_CH_STAT",
             0x384: "RD1_INT_STAT", 0x0A8: "WR0_MSI_MSGDATA", 0x0AC: "reserved",
             0x00C: "WR0_HANDSHAKE", 0x04C: "reserved"},
}


def lines_of(path):
    return path.read_text(encoding="ascii").splitlines()


@pytest.mark.parametrize("regs", NAMES)
def test_registers(make_bench, tmp_path, regs):
    """Every register access is a line with who, where, the name and the value.

    Steps:
        Start with --trace; write and read a register at each offset of a table by message.
    Verify:
        One line each, in order; the file has mode 0600.
    """
    path = tmp_path / "trace"
    bench = make_bench("--map", regs, "--wr", "2", "--rd", "2", "--trap", "--trace", str(path))
    dma = Dma(bench, "ep-dma", trap=True)
    expected = []
    for offset, name in NAMES[regs].items():
        # Nothing is started, stopped, or told as a violation of more than the one that it is.
        dma.client.write(0, offset, b"\0\0\0\0")
        value = dma.get(offset)
        expected += [f"ep-dma write 0x{offset:03x} {name} 0x00000000",
                     f"ep-dma read 0x{offset:03x} {name} 0x{value:08x}"]
    bench.softep.command("trace off")
    got = lines_of(path)
    assert [line.split(" ", 1)[1] for line in got if "_DOORBELL 0x00000000" not in line] == [
        line for line in expected if "_DOORBELL 0x00000000" not in line]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_elements(bench, tmp_path):
    """Every element, link and interrupt write is a line, with its end.

    Steps:
        Trace at run time: a list of two elements, of which the last asks for a report, on a write
        channel; one of a read channel that fails; a block; one that is stopped. Turn it off, run
        another list.
    Verify:
        The lines, with addresses, size and control; times ascend; nothing after "off".
    """
    path = tmp_path / "trace"
    dma, _, _ = attach_pair(bench)
    dma.put64(DONE_IMWR["wr"], HOST_ADDRESS + 0x8000)
    dma.put(0x070, 0x1234)
    bench.softep.command(f"trace {path}")
    elements = [(0, 100, EP_ADDRESS, HOST_ADDRESS), (LIE | RIE, 70000, EP_ADDRESS, HOST_ADDRESS)]
    assert dma.run("wr", 0, elements) == STOPPED
    bench.softep.command("inject rd 1 1 ca")
    assert dma.run("rd", 1, [(0, 64, HOST_ADDRESS, EP_ADDRESS)]) == ABORTED
    dma.put(0x200 + 0x400, LIE)
    dma.put(0x608, 8)
    dma.put64(0x60C, EP_ADDRESS)
    dma.put64(0x614, HOST_ADDRESS)
    dma.put(0x010, 2)
    assert dma.finish("wr", 2) == STOPPED
    bench.softep.command("trace off")
    assert dma.run("wr", 0, elements) == STOPPED
    got = lines_of(path)
    times = [int(line.split()[0]) for line in got]
    assert times == sorted(times) and times[-1] > 0
    base = dma.page["ll_local"]
    second = base + dma.list_offset("rd", 1)
    events = [line.split(" ", 1)[1] for line in got if " rc-dma " not in line]
    assert events == [
        f"wr0 element 0x{base:x} control 0x301 size 100 sar 0x{EP_ADDRESS:x} "
        f"dar 0x{HOST_ADDRESS:x} moved 100 done",
        f"wr0 element 0x{base + 24:x} control 0x319 size 70000 sar 0x{EP_ADDRESS:x} "
        f"dar 0x{HOST_ADDRESS:x} moved 70000 done",
        f"fn0 imwr 0x{HOST_ADDRESS + 0x8000:x} 0x00001234",
        f"wr0 link 0x{base + 48:x} control 0x206 next 0x{base:x}",
        f"rd1 element 0x{second:x} control 0x301 size 64 sar 0x{HOST_ADDRESS:x} "
        f"dar 0x{EP_ADDRESS:x} moved 0 ca",
        f"wr2 element 0x0 control 0x008 size 8 sar 0x{EP_ADDRESS:x} dar 0x{HOST_ADDRESS:x} "
        "moved 8 done",
    ]
    writes = [line for line in got if " rc-dma write " in line]
    assert any(line.endswith("rc-dma write 0x010 WR_DOORBELL 0x00000002") for line in writes)


def test_stopped(make_bench, tmp_path):
    """An element that is stopped, and a fetch that fails, are told as such.

    Steps:
        At the pace of a slow link stop a channel inside an element of 16 MiB; let a list element be
        fetched where no memory is.
    Verify:
        The lines say how far it came, and why.
    """
    path = tmp_path / "trace"
    size = 16 << 20
    bench = make_bench("--set", "link_speed=1", "--set", "link_width=1", "--set", "pace=1",
                       "--trace", str(path))
    dma, _, _ = attach_pair(bench, size=size)
    dma.start("wr", 0, [(0, size, EP_ADDRESS, HOST_ADDRESS)])
    wait_until(lambda: bench.softep.channels()["wr0"]["bytes"] > 0, "part")
    dma.put(0x010, 1 << 31)
    assert dma.finish("wr", 0) == STOPPED
    dma.put(0x400, 0x300)
    dma.put64(0x41C, 0x123456000)
    dma.put(0x010, 1)
    assert dma.finish("wr", 1) == ABORTED
    wait_until(lambda: len(lines_of(path)) > 2 and "ll-fetch" in lines_of(path)[-1], "flush")
    got = lines_of(path)
    moved = int(re.search(r"wr0 element .* moved (\d+) stopped$", "\n".join(got), re.M).group(1))
    assert 0 < moved < size and moved % 65536 == 0
    assert got[-1].endswith("wr1 element 0x123456000 control 0x300 size 0 sar 0x0 dar 0x0 "
                            "moved 0 ll-fetch")
    assert bench.softep.stats()["aborts wr0"]["stop"] == 1
    assert bench.softep.stats()["aborts wr1"]["ll-fetch"] == 1


@pytest.mark.parametrize("kind", ["link", "fifo", "directory", "absent"])
def test_bad_file(make_bench, tmp_path, kind):
    """What is not a regular file is neither followed nor waited for.

    Steps:
        Name a symbolic link, a FIFO, a directory, a file in a directory that is not there, on the
        command line and at run time.
    Verify:
        One line each that names it; the board that runs goes on without a trace. The target of the
        link is as it was.
    """
    path, target = tmp_path / "trace", tmp_path / "target"
    target.write_text("precious")
    if kind == "link":
        path.symlink_to(target)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path = path / "trace"
    code, output = programs.run(
        [programs.SOFTEP, "--dir", tmp_path / "other", "--trace", path], 5)
    assert code == 2 and output.count("\n") == 1
    assert output.startswith(f'dpdk-softep: argument --trace: "{path}": expected a file')
    bench = make_bench()
    argv = [programs.SOFTEP, "--dir", bench.dir, "--send", f"trace {path}"]
    code, output = programs.run(argv, 5)
    assert code == 1 and output.startswith(f'error: trace "{path}": expected a file')
    dma = Dma(bench, "ep-dma")
    dma.put(0x00C, 1)
    assert dma.get(0x00C) == 1
    assert target.read_text() == "precious"


def test_full_disk(make_bench):
    """A trace that cannot be written ends, the board does not.

    Steps:
        Limit the size of files that the board may write to 4 KiB, trace many accesses.
    Verify:
        One line about the end of the trace; the board works.
    """
    bench = make_bench()
    dma = Dma(bench, "ep-dma")
    path = bench.dir.parent / "trace"
    bench.softep.command(f"trace {path}")
    resource.prlimit(bench.softep.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    for _ in range(300):
        dma.put(0x00C, 1)
    bench.softep.wait_for("the trace has ended: File too large", 2)
    for _ in range(300):
        dma.put(0x02C, 1)
    assert dma.get(0x02C) == 1
    assert bench.softep.output.count("the trace has ended") == 1
    assert path.stat().st_size <= 4096
