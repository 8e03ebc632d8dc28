# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint as a process: arguments, start, end, commands, sleep."""

import fcntl
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time

import pytest

from framework import programs
from framework.bench import (
    BOARD_REGION,
    CB,
    CCS,
    DOORBELL,
    EP_ADDRESS,
    HOST_ADDRESS,
    LLE,
    LLP,
    PAGE,
    PORTS,
    RUNNING,
    SOCKETS,
    STOPPED,
    WINDOW,
    attach_pair,
    wait_until,
)
from framework.softep import Softep
from framework.vfio_user import Client, ProtocolError


def test_control_commands(bench):
    """Commands that are wrong say what would be right.

    Steps:
        A table of bad commands, on the socket and by --send; help; a reset of the counters.
    Verify:
        "error: " with the expectation and exit code 1, nothing changed; good ones end with "ok".
    """
    bad = {
        "": "stats", "frobnicate": "stats", "set": "SWITCH VALUE", "set no_data": "SWITCH VALUE",
        "set no_data 2": "0 or 1", "set speed 1": "no_data", "set link sideways": "up or down",
        "set doorbell_delay -1": "0 to 1000000", "set doorbell_delay 1000001": "0 to 1000000",
        "set doorbell_delay 1x": "0 to 1000000", "get speed": "get", "stats now": "counters",
        "inject up 0 1 ur": "wr or rd", "inject wr 4 1 local": "channel",
        "inject wr x 1 local": "channel", "inject wr 0 0 local": "1 for the next",
        "inject wr 0 1 ur": "read channels", "inject rd 0 1 cold": "read channels",
        "inject rd 0 1": "inject",
    }
    before = bench.softep.command("get")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(2)
        sock.connect(str(bench.dir / "control.sock"))
        stream = sock.makefile("r")
        for line, expected in bad.items():
            sock.sendall(line.encode() + b"\n")
            answer = stream.readline()
            assert answer.startswith("error: ") and expected in answer, line
        sock.sendall(b"set no_data 1\nget no_data\nset no_data 0\n")
        assert [stream.readline() for _ in range(4)] == ["ok\n", "no_data=1\n", "ok\n", "ok\n"]
    for line in list(bad)[1:]:
        code, text = programs.run([programs.SOFTEP, "--dir", bench.dir, "--send", line], 3)
        assert code == 1 and text.startswith("error: "), line
    assert bench.softep.command("get") == before
    assert bench.softep.command("help").endswith("ok\n")
    assert bench.softep.command("clear") == "ok\n"


def test_control_bounds(bench):
    """Many, slow, mute and talkative control clients cost the board nothing.

    Steps:
        Nine clients; a line of 300 characters; a client that never reads its answers.
    Verify:
        The ninth is refused, the long line too, the slow one is dropped; commands work again.
    """
    def connect():
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(2)
        sock.connect(str(bench.dir / "control.sock"))
        return sock

    def answer(sock):
        text = b""
        while not text.endswith(b"\n"):
            piece = sock.recv(4096)
            if not piece:
                break
            text += piece
        return text

    socks = [connect() for _ in range(9)]
    try:
        assert answer(socks[8]).startswith(b"error: 8 control clients")
        socks[0].sendall(b"x" * 300)
        assert answer(socks[0]).startswith(b"error: expected a command of 256")
        socks[1].sendall(b"get\0no_data\n")
        assert answer(socks[1]).startswith(b"error: expected text")
        with pytest.raises(OSError):
            for _ in range(20000):
                socks[2].sendall(b"stats\n" * 100)
        socks[3].sendall(b"get no_data\n")
        assert answer(socks[3]).startswith(b"no_data=0\n")
    finally:
        for sock in socks:
            sock.close()
    assert bench.softep.command("get no_data") == "no_data=0\nok\n"


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def wake_ups(pid):
    """How often a process has gone to sleep of its own will."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", file.read()).group(1))


def test_no_descriptor(bench):
    """Who cannot be accepted for want of a descriptor does not keep the board awake.

    Steps:
        Leave the board no more descriptors than it has; connect to the control socket and to a
        port. Measure its CPU time. Give it descriptors again.
    Verify:
        One line, next to no CPU time, the client who is there is served; in the end, so are both
        who wait.
    """
    client = bench.attach("rc-dma")
    pid = bench.softep.pid
    fds = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (fds + 1, limits[1]))
    said = "no connection can be accepted: "
    with socket.socket(socket.AF_UNIX) as control, socket.socket(socket.AF_UNIX) as port:
        control.settimeout(2)
        control.connect(str(bench.dir / "control.sock"))
        port.connect(str(bench.dir / "ep-dma.sock"))
        control.sendall(b"help\n")
        bench.softep.wait_for(said, 2)
        before = cpu_ticks(pid)
        time.sleep(0.5)
        assert cpu_ticks(pid) - before <= 5
        assert client.read(BOARD_REGION, 0, 4) == b"BSTP"
        assert bench.softep.output.count(said) == 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert control.recv(64).startswith(b"stats")
    # A shortage of its own is told of again.
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (fds + 1, limits[1]))
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(bench.dir / "control.sock"))
        wait_until(lambda: bench.softep.output.count(said) == 2, "another line")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    assert Client(bench.dir / "ep-dma.sock").close() is None


def test_idle(bench):
    """The board sleeps when nothing is to do.

    Steps:
        Measure its CPU time: without clients, with four idle ones after a transfer; and, for
        comparison, with a busy engine.
    Verify:
        0 ticks twice, many the third time. Over a second it does not wake up once.
    """
    before = cpu_ticks(bench.softep.pid)
    time.sleep(0.5)
    assert cpu_ticks(bench.softep.pid) == before
    dma, _, _ = attach_pair(bench)
    bench.attach("ep-dma")
    assert dma.run("wr", 0, [(0, 8, EP_ADDRESS, HOST_ADDRESS)]) == STOPPED
    time.sleep(0.05)
    before = cpu_ticks(bench.softep.pid), wake_ups(bench.softep.pid)
    time.sleep(1)
    assert (cpu_ticks(bench.softep.pid), wake_ups(bench.softep.pid)) == before
    # A list that is its own link: the engine never stops.
    base = dma.list_offset("wr", 1)
    local = dma.page["ll_local"] + base
    dma.element(base, LLP | CB, 0, local, 0)
    dma.put(WINDOW["wr"] + 0x200, CCS | LLE)
    dma.put64(WINDOW["wr"] + 0x200 + 0x1C, local)
    dma.put(DOORBELL["wr"], 1)
    assert dma.status("wr", 1) == RUNNING
    before = cpu_ticks(bench.softep.pid)
    wait_until(lambda: cpu_ticks(bench.softep.pid) > before + 5, "busy board")
    start = time.monotonic()
    assert len(bench.clients["ep-dma"].read(0, 8, 4)) == 4
    assert time.monotonic() - start < 0.2
    dma.element(base, 0, 8, EP_ADDRESS, HOST_ADDRESS)
    assert dma.finish("wr", 1) == STOPPED


BLOCK_AND_RUN = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_clean_end(tmp_path, sig):
    """Asked to end, the board removes what it made.

    Steps:
        Start it in a new and in an existing directory, attach, send the signal.
    Verify:
        Exit code 0, the client sees the end, no socket is left; the new directory is gone, the
        existing one is not.
    """
    (tmp_path / "old").mkdir()
    for name in ("new", "old"):
        softep = Softep(tmp_path / name, tmp_path)
        client = Client(tmp_path / name / "rc-ntb.sock")
        os.kill(softep.pid, sig)
        assert softep.wait(2) == 0
        with pytest.raises((ProtocolError, OSError)):
            client.read(BOARD_REGION, 0, 4)
        client.close()
        softep.close()
    assert not (tmp_path / "new").exists()
    assert os.listdir(tmp_path / "old") == []


def test_blocked_signal(tmp_path):
    """A parent that blocks the signal does not make the board immortal.

    Steps:
        Start it with SIGTERM blocked, send SIGTERM.
    Verify:
        It ends with exit code 0.
    """
    argv = [sys.executable, "-c", BLOCK_AND_RUN, str(programs.SOFTEP)]
    child = subprocess.Popen([*argv, "--dir", tmp_path / "board"], stdout=subprocess.DEVNULL)
    try:
        wait_until((tmp_path / "board" / "control.sock").exists, "control.sock")
        child.terminate()
        assert child.wait(2) == 0
    finally:
        child.kill()
        child.wait()


def test_stale_sockets(tmp_path):
    """A killed board leaves sockets, the next one takes them over.

    Steps:
        Kill a board with SIGKILL; start another in its directory.
    Verify:
        It serves, on sockets that answer.
    """
    first = Softep(tmp_path / "board", tmp_path)
    first.kill()
    first.close()
    assert sorted(os.listdir(tmp_path / "board")) == sorted(SOCKETS)
    second = Softep.__new__(Softep)
    argv = [programs.SOFTEP, "--dir", tmp_path / "board"]
    second.board = tmp_path / "board"
    super(Softep, second).__init__("second", argv, tmp_path)
    try:
        second.wait_for("serving control.sock", 2)
        for port in PORTS:
            Client(tmp_path / "board" / f"{port}.sock").close()
        assert second.command("get no_data") == "no_data=0\nok\n"
    finally:
        second.close()


def test_two_boards(bench):
    """Two boards in one directory: the second says so and the first goes on.

    Steps:
        Start a second board in the directory of a running one.
    Verify:
        An error line that names the directory, quickly; all sockets still work.
    """
    start = time.monotonic()
    code, text = programs.run([programs.SOFTEP, "--dir", bench.dir], 3)
    assert code == 2 and time.monotonic() - start < 2
    assert len(text.splitlines()) == 1 and str(bench.dir) in text and "no other" in text
    for port in PORTS:
        bench.attach(port)
    assert bench.softep.command("get link") == "link=up\nok\n"


def test_things_in_the_way(tmp_path):
    """What is no socket is not touched.

    Steps:
        Put a file where a socket belongs, for a port and for control; a file, a link and a missing
        parent as directory.
    Verify:
        An error line within 2 s, non-zero exit, the file is as it was, nothing else is left.
    """
    for name in ("ep-dma.sock", "control.sock"):
        board = tmp_path / f"board-{name}"
        board.mkdir()
        (board / name).write_text("mine")
        code, text = programs.run([programs.SOFTEP, "--dir", board], 2)
        assert code == 1 and f"{board}/{name}" in text
        assert os.listdir(board) == [name] and (board / name).read_text() == "mine"
    (tmp_path / "file").write_text("")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for value in ("file", "link", "link/", "missing/board", "d" * 100):
        code, text = programs.run([programs.SOFTEP, "--dir", f"{tmp_path}/{value}"], 2)
        assert code == 2 and len(text.splitlines()) == 1 and "argument --dir" in text, value
    assert os.listdir(tmp_path / "real") == []


@pytest.mark.parametrize("args,expected", [
    ((), "--dir"), (("--dir",), "--dir"), (("--dir", ""), "--dir"),
    (("--wr", "0"), "1 to 8"), (("--wr", "9"), "1 to 8"), (("--wr", "4x"), "1 to 8"),
    (("--rd", "-1"), "1 to 8"), (("--rd=10",), "1 to 8"), (("--rd", ""), "1 to 8"),
    (("--wr", "65", "--map", "hdma"), "1 to 64"), (("--map", "hdma", "--rd", "0"), "1 to 64"),
    (("--map", "hdma", "--wr", "16", "--map", "unroll"), "1 to 64"),
    (("--rd", "064", "--map", "hdma"), "1 to 64"),
    (("--map", "hdma2"), "legacy, unroll, hdma-compat or hdma"), (("--map", ""), "unroll"),
    (("--map", "HDMA"), "hdma-compat"),
    (("--dma-id", "synopsys"), "edda, amd, pedm or pedm-ctrl"), (("--dma-id", ""), "edda"),
    (("--map", "unroll", "--dma-id", "amd"), "hdma with --dma-id amd"),
    (("--wr", "9", "--dma-id", "amd"), "1 to 8 channels with --dma-id amd"),
    (("--rd", "64", "--map", "hdma", "--dma-id", "amd"), "1 to 8 channels with --dma-id amd"),
    (("--map", "legacy", "--dma-id", "pedm"), "unroll, hdma-compat or hdma with --dma-id pedm"),
    (("--map", "legacy", "--dma-id", "pedm-ctrl"), "unroll, hdma-compat or hdma with"),
    (("--ntb-dma", "info", "--vntb"), "none, epdm or ndma"), (("--ntb-dma", "ndma"), "--vntb"),
    (("--ntb-dma", "ndma", "--back-to-back"), "--vntb with it"),
    (("--ntb-dma", "epdm", "--vntb"), "--ntb-layout v1 with it"),
    (("--ntb-dma", "ndma", "--vntb", "--ntb-layout", "v1"), "--ntb-layout legacy with it"),
    (("--map", "hdma", "--ntb-dma", "ndma", "--vntb"), "unroll with --ntb-dma"),
    (("--ntb-spad-offset", "0x134", "--ntb-dma", "ndma", "--vntb"), "0x200 or 0x10000 with"),
    (("--mw", "3M"), "powers of two"), (("--mw", "32k"), "64K to 1G"),
    (("--mw", "2G"), "64K to 1G"), (("--mw", "4MB"), "powers of two"), (("--mw", "M"), "power"),
    (("--mw", "99999999999999999999"), "power"), (("--mw", "18014398509481984k"), "power"),
    (("--ll", "95"), "96 to 2M"), (("--ll", "2097153"), "96 to 2M"), (("--ll", "-5"), "96"),
    (("--trap=yes",), "no value"), (("--set", "no_data"), "SWITCH=VALUE"),
    (("--set", "no_data=2"), "0 or 1"), (("--set", "speed=1"), "no_data"),
    (("--set", "link="), "up or down"), (("--frob",), "--help"), (("extra",), "--help"),
    (("--wr", "2", "--send", "stats"), "--send"), (("--send", "a\nb"), "one line"),
    (("--send", ""), "one command"),
], ids=lambda value: " ".join(value)[:30].replace("\n", "/") if isinstance(value, tuple) else "")
def test_bad_arguments(tmp_path, args, expected):
    """A bad argument is one line that names it, its value and what was expected.

    Steps:
        Start with each of a table of arguments.
    Verify:
        Exit code 2, one line on standard error, no directory left.
    """
    argv = [str(programs.SOFTEP), *args]
    if args and args[0] != "--dir":
        argv += ["--dir", str(tmp_path / "board")]
    done = subprocess.run(argv, capture_output=True, timeout=2, check=False, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("dpdk-softep: argument ") and expected in done.stderr
    if args:
        assert args[0].split("=")[0] in done.stderr or "--send" in args
    assert not (tmp_path / "board").exists()


def test_information(tmp_path):
    """Help and version need no board, --send needs one.

    Steps:
        Ask for both; send to a directory without a board.
    Verify:
        Exit code 0 and the text; exit code 1 and a line that names the socket.
    """
    code, text = programs.run([programs.SOFTEP, "--help"], 2)
    assert code == 0 and "--send" in text and "--trap" in text
    code, text = programs.run([programs.SOFTEP, "--version"], 2)
    assert code == 0 and text.startswith("dpdk-softep ")
    code, text = programs.run([programs.SOFTEP, "--dir", tmp_path, "--send", "stats"], 2)
    assert code == 1 and str(tmp_path / "control.sock") in text


def test_output_nobody_reads(tmp_path):
    """A full pipe at the output does not stop the board.

    Steps:
        Start it with a pipe that nobody reads, and attach and leave until the pipe is full.
    Verify:
        It still answers.
    """
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PAGE)
    child = subprocess.Popen([programs.SOFTEP, "--dir", tmp_path / "board"], stdout=writer,
                             stderr=writer)
    try:
        wait_until((tmp_path / "board" / "control.sock").exists, "control.sock")
        for _ in range(100):
            Client(tmp_path / "board" / "rc-ntb.sock").close()
            wait_until(lambda: "rc-ntb attached=0" in programs.run(
                [programs.SOFTEP, "--dir", tmp_path / "board", "--send", "stats"], 2)[1], "leave")
    finally:
        child.kill()
        child.wait()
        os.close(reader)
        os.close(writer)
