# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The DMA devices on their own: random copies on all channels at once, every byte compared."""

import re

import pytest

from framework import programs

CHECK = programs.BUILD / "app" / "test" / "dma-copy-check"
SECONDS = 2


def run_check(directory, vdevs, *args):
    """Run dma-copy-check; returns its output."""
    argv = [CHECK] + programs.eal_args(vdevs, programs.cpus()[0]) + ["--", *args]
    argv += ["--seconds", str(SECONDS)]
    code, output = programs.run(argv, SECONDS + 30, programs.eal_env(directory))
    assert code == 0, output[-4000:]
    return output


@pytest.mark.parametrize("regs", ["legacy", "unroll", "hdma-compat", "hdma"])
def test_loopback(tmp_path, regs):
    """The loopback device of each map.

    Steps:
        Run dma-copy-check with --vdev=dma_dw_edma0,loopback=1,map=... and two channels of each
        direction.
    Verify:
        Every copy arrived, nothing beside it was touched, every id came in order; the engine saw
        no violation of the programming rules.
    """
    vdev = f"dma_dw_edma0,loopback=1,map={regs},wr=0x3,rd=0x3"
    output = run_check(tmp_path, [vdev], "--dump")
    assert "passed" in output
    assert output.count(f"map {regs},") == 4
    assert output.count("loopback, 0 violations") == 4


def both_sides(board, rc="", ep=""):
    """One device for each side: the process's memory is then the host's and the endpoint's."""
    return [
        f"dma_dw_edma0,softep={board},side=rc{rc}",
        f"dma_dw_edma1,softep={board},side=ep,fn=1{ep}",
    ]


# Channels of each side, as arguments.
SHARES = {
    "split": (",wr=0,rd=0xf", ",wr=0xf,rd=0"),
    "crossed": (",wr=0xf,rd=0", ",wr=0,rd=0xf"),
    "half": (",wr=0x3,rd=0x5", ",wr=0xc,rd=0xa"),
}


@pytest.mark.parametrize("share", SHARES)
def test_board(rig, share):
    """All channels of the board at once, divided between the sides.

    Steps:
        Attach one process to both sides of the board, each owning some channels. Run
        dma-copy-check.
    Verify:
        As above, on 4 write and 4 read channels; the board counts the same bytes and no violation
        of the programming rules.
    """
    softep = rig.start_board()
    output = run_check(rig.directory, both_sides(rig.board, *SHARES[share]))
    channels = re.findall(r"^dma_dw_edma\d-(\w+): [1-9]\d* copies", output, re.MULTILINE)
    assert sorted(channels) == sorted(softep.channels())
    copied = sum(int(count) for count in re.findall(r"copies, (\d+) bytes", output))
    assert sum(count["bytes"] for count in softep.channels().values()) == copied
    assert softep.stats()["engine"]["violations"] == 0
    assert softep.stats()["engine"]["owner_violations"] == 0


@pytest.mark.parametrize("regs", ["hdma-compat", "hdma"])
def test_board_map(rig, regs):
    """Boards with other register maps, all channels at once, divided between the sides.

    Steps:
        Start a board with the map. As above.
    Verify:
        As above.
    """
    softep = rig.start_board("--map", regs)
    output = run_check(rig.directory, both_sides(rig.board, *SHARES["half"]), "--dump")
    assert f"map {regs}," in output
    copied = sum(int(count) for count in re.findall(r"copies, (\d+) bytes", output))
    assert sum(count["bytes"] for count in softep.channels().values()) == copied
    assert softep.stats()["engine"]["violations"] == 0
    assert softep.stats()["engine"]["owner_violations"] == 0


# Hardware that is less obliging, as fault switches.
WEATHER = {
    "late": ("late_list=5", "stop_delay=3"),
    "later": ("late_list=100", "shuffle=1", "link_delay=20"),
    "torn": ("torn_list=3", "stop_delay=1000", "shuffle=2"),
}


@pytest.mark.parametrize("weather", WEATHER)
@pytest.mark.parametrize("args", [(), ("--map", "hdma"), ("--trap",)],
                         ids=["unroll", "hdma", "trap"])
def test_board_weather(rig, args, weather):
    """Doorbells that overtake list writes, control words watched, links and stops that take long.

    Steps:
        Start a board with such switches, also in trap mode, in which it sees every store to the
        host's lists. As above.
    Verify:
        Every copy arrived; the board counts the same bytes, no element that was executed as it
        was before, and none whose control word was not written last.
    """
    switches = [arg for value in WEATHER[weather] for arg in ("--set", value)]
    softep = rig.start_board(*args, *switches)
    output = run_check(rig.directory, both_sides(rig.board, *SHARES["split"]))
    copied = sum(int(count) for count in re.findall(r"copies, (\d+) bytes", output))
    assert sum(count["bytes"] for count in softep.channels().values()) == copied
    assert "list element" not in softep.output
    assert softep.stats()["engine"]["owner_violations"] == 0


def test_board_legacy(rig):
    """A board whose channels are behind a view port.

    Steps:
        Start such a board. Run dma-copy-check with all channels on the host's side, and the
        endpoint's memory by way of the NTB function.
    Verify:
        Every copy arrived; the board counts the same bytes and no violation of the programming
        rules.
    """
    softep = rig.start_board("--map", "legacy")
    vdevs = [
        f"dma_dw_edma0,softep={rig.board},side=rc",
        f"raw_ntb_epf0,softep={rig.board},side=ep",
    ]
    output = run_check(rig.directory, vdevs, "--dump")
    assert output.count("map legacy,") == 8
    copied = sum(int(count) for count in re.findall(r"copies, (\d+) bytes", output))
    assert sum(count["bytes"] for count in softep.channels().values()) == copied
    assert softep.stats()["engine"]["violations"] == 0
    assert softep.stats()["engine"]["owner_violations"] == 0


@pytest.mark.parametrize("sides", [("rc", "ep"), ("ep", "rc")])
def test_board_legacy_shared(rig, sides):
    """A view port is for one side at a time.

    Steps:
        Start a board with map legacy. Run dma-copy-check with a device on each side.
    Verify:
        The second device is refused, with a line that says why.
    """
    rig.start_board("--map", "legacy")
    vdevs = [f"dma_dw_edma{n},softep={rig.board},side={side}" for n, side in enumerate(sides)]
    argv = [CHECK] + programs.eal_args(vdevs, programs.cpus()[0])
    code, output = programs.run(argv, 30, programs.eal_env(rig.directory))
    assert code != 0
    assert f"used by side {sides[0]}, expected one side only" in output


@pytest.mark.parametrize("regs", ["unroll", "hdma-compat", "hdma"])
@pytest.mark.parametrize("channel, fault", [("wr", "local"), ("rd", "local"), ("rd", "ll-fetch")])
def test_injected_error(rig, channel, fault, regs):
    """A failed copy is reported as such and the channel goes on.

    Steps:
        Let the 100th element of a channel fail while dma-copy-check runs.
    Verify:
        Exactly one copy fails, all others arrive.
    """
    softep = rig.start_board("--map", regs)
    softep.command(f"inject {channel} 0 100 {fault}")
    vdevs = both_sides(rig.board, ",wr=0xf,rd=0xf", ",wr=0,rd=0")[:1]
    vdevs.append(f"raw_ntb_epf0,softep={rig.board},side=ep")
    assert "passed" in run_check(rig.directory, vdevs, "--errors", "1")
