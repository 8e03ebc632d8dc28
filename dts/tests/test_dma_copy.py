# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The DMA devices on their own: random copies on all channels at once, every byte compared."""

import re

import pytest

from framework import copy_check
from framework.copy_check import LONGEST, both_sides, host_side, one_side

TIME = ("--seconds", "1")
MAPS = ("legacy", "unroll", "hdma-compat", "hdma")


def assert_lcores(output, count):
    """So many lcores had a share of the devices."""
    assert {device["lcore"] for device in copy_check.devices(output).values()} == set(range(count))


def assert_board_agrees(softep, output):
    """The board moved the bytes that arrived, by the rules, on all of its channels."""
    channels = softep.channels()
    devices = copy_check.devices(output)
    assert sorted(name.split("-")[1] for name in devices) == sorted(channels)
    assert sum(channel["bytes"] for channel in channels.values()) == copy_check.moved(output)
    assert softep.stats()["engine"]["violations"] == 0
    assert softep.stats()["engine"]["owner_violations"] == 0


@pytest.mark.parametrize("lcores", [1, 2])
@pytest.mark.parametrize("longest", [65536, LONGEST])
@pytest.mark.parametrize("regs", MAPS)
def test_loopback(tmp_path, regs, longest, lcores):
    """The loopback device of each map, with copies of up to 64 KiB and 16 MiB.

    Steps:
        Run dma-copy-check with --vdev=dma_dw_edma0,loopback=1,map=... and two channels of each
        direction, which one lcore polls, or two lcores on two CPUs.
    Verify:
        Every copy arrived, nothing beside it was touched, every id came in order; the engine saw
        no violation of the programming rules.
    """
    vdev = f"dma_dw_edma0,loopback=1,map={regs},wr=0x3,rd=0x3"
    output = copy_check.run(
        tmp_path, [vdev], "--max", str(longest), "--dump", *TIME, lcores=lcores
    )
    assert_lcores(output, lcores)
    assert output.count(f"map {regs},") == 4
    assert output.count("loopback, 0 violations") == 4


@pytest.mark.parametrize("completion", ["tail", "imwr"])
@pytest.mark.parametrize("regs", MAPS)
def test_loopback_completion(tmp_path, regs, completion):
    """Other ways to learn of completions than the loopback device's own choice.

    Steps:
        Run dma-copy-check with the loopback device of the map and the way given, and two lcores.
    Verify:
        As above.
    """
    reads = "0" if completion == "tail" else "0x3"
    vdev = f"dma_dw_edma0,loopback=1,map={regs},wr=0x3,rd={reads},completion={completion}"
    output = copy_check.run(tmp_path, [vdev], "--copies", "3000", "--dump", lcores=2)
    assert_lcores(output, 2)
    devices = copy_check.devices(output)
    assert output.count(f", completion {completion}\n") == len(devices)
    assert output.count("loopback, 0 violations") == len(devices)


@pytest.mark.sanitizers
def test_restart(tmp_path):
    """Devices are stopped and started again.

    Steps:
        Run 20 rounds of dma-copy-check of 100 copies on each device, in one process.
    Verify:
        As above in each round, from id 0 on.
    """
    vdev = "dma_dw_edma0,loopback=1,wr=0x3,rd=0x3"
    output = copy_check.run(tmp_path, [vdev], "--copies", "100", "--rounds", "20")
    assert len(re.findall(r"^dma_dw_edma0-\w+: 100 copies", output, re.MULTILINE)) == 4 * 20


# Channels of each side, as arguments.
SHARES = {
    "split": (",wr=0,rd=0xf", ",wr=0xf,rd=0"),
    "crossed": (",wr=0xf,rd=0", ",wr=0,rd=0xf"),
    "half": (",partial=1,wr=0x3,rd=0x5", ",partial=1,wr=0xc,rd=0xa"),
}


@pytest.mark.sanitizers
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
    output = copy_check.run(rig.directory, both_sides(rig.board, *SHARES[share]), "--dump", *TIME)
    assert_board_agrees(softep, output)


@pytest.mark.parametrize("lcores", [1, 2])
@pytest.mark.parametrize("longest", [65536, LONGEST])
@pytest.mark.parametrize("side", ["rc", "ep"])
def test_board_side(rig, side, longest, lcores):
    """The channels of the board on one side, with copies of up to 64 KiB and 16 MiB.

    Steps:
        Attach a process to the board, with all channels on the host's side, or all but one on the
        endpoint's. Run dma-copy-check with one lcore, or two on two CPUs.
    Verify:
        As above.
    """
    softep = rig.start_board()
    output = copy_check.run(
        rig.directory,
        one_side(rig.board, side),
        *("--max", str(longest), "--dump", *TIME),
        lcores=lcores,
    )
    assert_lcores(output, lcores)
    assert_board_agrees(softep, output)


@pytest.mark.parametrize("completion", ["llp", "tail", "imwr"])
@pytest.mark.parametrize("regs", MAPS)
def test_board_completion(rig, regs, completion):
    """Each way to learn of completions, with each map.

    Steps:
        Start a board with the map. Run dma-copy-check on the host's side with the way given to the
        devices, and two lcores.
    Verify:
        As above, on the channels that know this way.
    """
    softep = rig.start_board("--map", regs)
    vdevs = host_side(rig.board, completion)
    output = copy_check.run(rig.directory, vdevs, "--copies", "3000", "--dump", lcores=2)
    devices = copy_check.devices(output)
    assert len(devices) == (4 if completion == "tail" else 8)
    assert output.count(f", completion {completion}\n") == len(devices)
    moved = sum(channel["bytes"] for channel in softep.channels().values())
    assert moved == copy_check.moved(output)
    assert softep.stats()["engine"]["violations"] == 0
    assert softep.stats()["engine"]["owner_violations"] == 0


@pytest.mark.parametrize("regs,args", [
    ("hdma-compat", ("--map", "hdma-compat", "--dma-id", "pedm")),
    ("hdma", ("--dma-id", "amd")),
])
def test_board_map(rig, regs, args):
    """Boards with other register maps, all channels at once, divided between the sides.

    Steps:
        Start a board with the map, and an identity that has it. Run dma-copy-check with two lcores and copies of up to 16 MiB.
    Verify:
        As above.
    """
    softep = rig.start_board(*args)
    vdevs = both_sides(rig.board, *SHARES["half"])
    output = copy_check.run(
        rig.directory, vdevs, "--max", str(LONGEST), "--dump", *TIME, lcores=2
    )
    assert f"map {regs}," in output
    assert_board_agrees(softep, output)


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
        host's lists. Run dma-copy-check, and once more: the lists then hold what the first left.
    Verify:
        Every copy arrived; the board counts the same bytes, but for marks that were not waited
        for, no element that was executed as it was before, and none whose control word was not
        written last.
    """
    switches = [arg for value in WEATHER[weather] for arg in ("--set", value)]
    softep = rig.start_board(*args, *switches)
    vdevs = both_sides(rig.board, *SHARES["split"])
    outputs = [copy_check.run(rig.directory, vdevs, "--dump", *TIME) for _ in range(2)]
    moved = sum(channel["bytes"] for channel in softep.channels().values())
    copied = sum(copy_check.copied(output) for output in outputs)
    assert copied <= moved <= sum(copy_check.moved(output) for output in outputs)
    assert "list element" not in softep.output
    assert softep.stats()["engine"]["owner_violations"] == 0


def test_board_legacy(rig):
    """A board whose channels are behind a view port.

    Steps:
        Start such a board. Run dma-copy-check with all channels on the host's side, two lcores and
        copies of up to 16 MiB.
    Verify:
        As above.
    """
    softep = rig.start_board("--map", "legacy")
    output = copy_check.run(
        rig.directory, one_side(rig.board, "rc"), "--max", str(LONGEST), "--dump", *TIME, lcores=2
    )
    assert output.count("map legacy,") == 8
    assert_board_agrees(softep, output)


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
    code, output = copy_check.attempt(rig.directory, vdevs, "--copies", "1")
    assert code != 0
    assert f"used by side {sides[0]}, expected one side only" in output


BAD_OPTIONS = {
    ("--max", "16777217"): "--max 16777217: expected 1 to 16777216",
    ("--depth", "1"): "--depth 1: expected 2 to 256",
    ("--copies", "-1"): "--copies -1: expected 1 to 4294967295",
    ("--seed", "0x"): "--seed 0x: expected 0 to 4294967295",
    ("stray",): "argument 'stray', expected options only",
}


@pytest.mark.parametrize("options", BAD_OPTIONS)
def test_bad_option(tmp_path, options):
    """A wrong argument of dma-copy-check is one line that says what was expected.

    Steps:
        Run it with such an argument.
    Verify:
        It ends with an error and that line.
    """
    code, output = copy_check.attempt(tmp_path, ["dma_dw_edma0,loopback=1"], *options)
    assert code != 0
    assert BAD_OPTIONS[options] in output.splitlines()


def test_seed(tmp_path):
    """A run can be repeated.

    Steps:
        Run dma-copy-check twice with the seed that it told the first time, with one lcore and two.
    Verify:
        Number of bytes of each device are the same; those of a third run with a seed of its own
        differ.
    """
    vdevs = ["dma_dw_edma0,loopback=1,wr=0x3,rd=0x3"]
    options = ("--copies", "500")
    first = copy_check.run(tmp_path, vdevs, *options)
    seed = re.search(r"^dma-copy-check: seed (\d+),", first, re.MULTILINE).group(1)
    second = copy_check.run(tmp_path, vdevs, *options, "--seed", seed, lcores=2)
    third = copy_check.run(tmp_path, vdevs, *options)
    counts = [
        {name: device["bytes"] for name, device in copy_check.devices(output).items()}
        for output in (first, second, third)
    ]
    assert counts[0] == counts[1]
    assert counts[0] != counts[2]


def test_no_device(tmp_path):
    """Without a device nothing has been tested.

    Steps:
        Run dma-copy-check without a device.
    Verify:
        It ends with an error.
    """
    code, output = copy_check.attempt(tmp_path, [])
    assert code != 0
    assert "no DMA device" in output.splitlines()
