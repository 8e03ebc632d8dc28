# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The DMA devices on an engine that behaves oddly, or fails."""

import collections
import random
import time

import pytest

from framework import copy_check
from framework.copy_check import half_each, host_side, one_side

MAPS = ("unroll", "hdma-compat", "hdma")
ALL_MAPS = ("legacy", *MAPS)
COMPLETIONS = ("llp", "tail", "imwr")
# Longer than the check itself waits for a completion, and tells more then.
STRIKE_TIMEOUT = 20

# What each fault switch of the board is tried with; some matter only together with others.
SWITCHES = {
    "doorbell_delay": [{"doorbell_delay": steps} for steps in (1, 200)],
    "element_delay": [{"element_delay": steps} for steps in (1, 200)],
    "stop_delay": [{"stop_delay": steps} for steps in (1, 200)],
    "lose_doorbell": [{"lose_doorbell": 1}, {"lose_doorbell": 1, "stop_delay": 200}],
    "llp_at_fetch": [{"llp_at_fetch": 1}, {"llp_at_fetch": 1, "element_delay": 50}],
    "link_delay": [{"link_delay": steps} for steps in (1, 200)],
    "late_list": [{"late_list": steps} for steps in (1, 50)],
    "torn_list": [{"torn_list": 1}, {"torn_list": 5, "stop_delay": 200}],
    "strict": [{"strict": 1}],
    "pace": [{"pace": 1, "link_speed": 1, "link_width": 1, "latency_ns": 5000}],
    "shuffle": [{"shuffle": seed} for seed in (1, 2)],
}
# Switches after which copies may be wrong, and the test that is about them.
NOT_TIMING = {"no_data": "test_no_data", "link": "test_link_down", "all_ones": "test_host_cut_off"}
# What the virtual clock works with, which is nobody else's business unless it sets the pace.
CLOCK = {"link_speed", "link_width", "mps", "mrrs", "rcb", "store_bytes", "latency_ns", "read_tags"}

# Boards and devices to try them on: all of them with the devices' own choice of how to learn of
# completions, the last of each switch with every way.
BOARDS = [(regs, None) for regs in MAPS]
MORE_BOARDS = [(regs, completion) for regs in ("unroll", "hdma") for completion in COMPLETIONS]


def combinations():
    """Maps, completions and settings of test_switch."""
    for settings in SWITCHES.values():
        for setting in settings:
            name = ",".join(f"{switch}={value}" for switch, value in setting.items())
            for regs, completion in BOARDS + (MORE_BOARDS if setting is settings[-1] else []):
                yield pytest.param(regs, completion, setting, id=f"{regs}-{completion}-{name}")


def known_switches(softep):
    """The board's own list of its switches."""
    return {line.split("=")[0] for line in softep.command("get").splitlines() if "=" in line}


def apply_switches(softep, setting):
    """Set switches; skips the test if the board has not all of them."""
    missing = set(setting) - known_switches(softep)
    if missing:
        pytest.skip(f"the board has no switch {', '.join(sorted(missing))}")
    for switch, value in setting.items():
        softep.set(switch, value)


def test_switches_known(bench):
    """No switch of the board is forgotten here.

    Steps:
        Ask the board for its switches.
    Verify:
        Each is in the table of this file.
    """
    assert known_switches(bench.softep) - set(SWITCHES) == set(NOT_TIMING) | CLOCK


@pytest.mark.parametrize("regs, completion, setting", combinations())
def test_switch(rig, regs, completion, setting):
    """An engine whose timing is unusual, but allowed.

    Steps:
        Start a board with the map, set the switches. Run dma-copy-check on all channels, divided
        between the sides; or on those of the host's side, with each way to learn of completions.
    Verify:
        Every copy arrived, nothing beside it was touched, every id came in order, nothing failed.
        The board saw no violation of the programming rules.
    """
    softep = rig.start_board("--map", regs)
    apply_switches(softep, setting)
    vdevs = half_each(rig.board) if completion is None else host_side(rig.board, completion)
    copy_check.run(rig.directory, vdevs, "--copies", "500")
    assert softep.stats()["engine"]["violations"] == 0


@pytest.mark.parametrize("regs", MAPS)
def test_all_switches(rig, regs):
    """All these at once.

    Steps:
        Set every timing switch that the board has, to one of its values chosen at random, again
        and again while dma-copy-check runs for 3 s.
    Verify:
        As above.
    """
    softep = rig.start_board("--map", regs)
    known = known_switches(softep)
    choices = [
        setting for settings in SWITCHES.values() for setting in settings if set(setting) <= known
    ]
    check = start_check(rig, half_each(rig.board))
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        for switch, value in random.choice(choices).items():
            softep.set(switch, value if switch in CLOCK else random.choice((0, value)))
    assert check.terminate(copy_check.TIMEOUT) == 0
    assert softep.stats()["engine"]["violations"] == 0


def start_check(rig, vdevs, *args):
    """Start dma-copy-check and wait until it copies; it ends by a signal."""
    check = copy_check.CopyCheck("check", vdevs, rig.directory, "--seconds", "600", *args)
    rig.children.append(check)
    check.wait_for("devices started", copy_check.TIMEOUT)
    return check


def test_no_data(rig):
    """The check notices when nothing arrives.

    Steps:
        Set no_data. Run dma-copy-check.
    Verify:
        It says that a copy arrived wrong.
    """
    softep = rig.start_board()
    softep.set("no_data", 1)
    code, output = copy_check.attempt(rig.directory, one_side(rig.board, "rc"), "--copies", "100")
    assert code != 0
    assert " arrived wrong from byte 0 on" in output


def test_link_down(rig):
    """A link that breaks fails what is in flight, and nothing else.

    Steps:
        Take the link down while dma-copy-check runs on the host's side.
    Verify:
        It ends in an orderly way and says that copies failed with DEV_LINK_ERROR, or that copies
        are refused with ENODEV; no copy that was reported as done arrived wrong.
    """
    softep = rig.start_board()
    check = start_check(rig, one_side(rig.board, "rc"), "--errors", "1000000")
    softep.set("link", "down")
    assert check.wait(copy_check.TIMEOUT) == 1
    assert "copy returned -19" in check.output or "DEV_LINK_ERROR" in check.output
    assert "arrived wrong" not in check.output and "wrote outside" not in check.output


@pytest.mark.parametrize("command", ["set all_ones 1", "reboot 60000", "reboot 1"])
@pytest.mark.parametrize("side", ["rc", "ep"])
def test_host_cut_off(rig, side, command):
    """An endpoint that reboots, or that does not answer reads any more.

    Steps:
        Do that to the board while dma-copy-check runs, with most channels on one side.
    Verify:
        The program ends in an orderly way and says that copies failed or are refused; no copy that
        was reported as done arrived wrong.
    """
    softep = rig.start_board()
    check = start_check(rig, one_side(rig.board, side), "--errors", "1000000")
    softep.command(command)
    assert check.wait(copy_check.TIMEOUT) == 1
    assert "copy returned -" in check.output or "ERROR" in check.output
    assert "arrived wrong" not in check.output and "wrote outside" not in check.output


# Kinds of injected errors on each kind of channel, and what is reported with maps whose registers
# tell the kind.
FAULTS = {
    ("wr", "local"): "BUS_READ_ERROR",
    ("wr", "ll-fetch"): "DESCRIPTOR_READ_ERROR",
    ("rd", "local"): "BUS_WRITE_ERROR",
    ("rd", "ll-fetch"): "DESCRIPTOR_READ_ERROR",
    ("rd", "ur"): "BUS_READ_ERROR",
    ("rd", "ca"): "BUS_READ_ERROR",
    ("rd", "timeout"): "DEV_LINK_ERROR",
    ("rd", "poison"): "DATA_POISION",
}
# An operation that failed so may be tried again by a doorbell before anybody has seen it.
MILD = ("ur", "ca", "timeout")
# Violations of the programming rules that errors bring about: a reset is one of a whole direction,
# and an abort is seen only after a doorbell may have met it.
UNAVOIDABLE = {"disable-running", "doorbell-unreset"}


def expected_status(regs, direction, kind):
    """What the guide says."""
    return "ERROR_UNKNOWN" if regs == "hdma" else FAULTS[direction, kind]


@pytest.mark.parametrize("direction, kind", FAULTS)
@pytest.mark.parametrize(
    "regs, completion",
    [*((regs, "llp") for regs in ALL_MAPS), ("unroll", "auto"), ("hdma", "auto")],
)
def test_injected_error(rig, regs, completion, direction, kind):
    """A copy that fails is reported as such, once, and the channel goes on.

    Steps:
        Inject an error into an element of the second channel of a direction. Run dma-copy-check
        with 300 copies on each channel, which submits nothing while copies are in flight.
    Verify:
        Exactly one copy fails, on that channel and with the status that the guide names; with
        completion=auto it may be none where the guide says that a doorbell tries again. All others
        arrive. The board counts one abort. The rules of programming are kept but for the reset of
        a direction on which other channels run, and doorbells before an abort could be seen.
    """
    softep = rig.start_board("--map", regs)
    # The very first where it matters what the element is, or that it comes with its doorbell: a
    # channel that is not known to have stopped takes up an element before.
    nth = 1 if kind in MILD or completion == "auto" else random.randint(1, 300)
    softep.command(f"inject {direction} 1 {nth} {kind}")
    # Of 4 copies even all with lists fit into the engine's list at once: it is not extended.
    output = copy_check.run(
        rig.directory,
        host_side(rig.board, completion),
        *("--copies", "300", "--depth", "4", "--drain", "--errors", "1"),
    )
    failures = copy_check.failures(output)
    if failures or kind not in MILD or completion != "auto":
        status = expected_status(regs, direction, kind)
        assert failures == {f"dma_dw_edma0-{direction}1": [status]}
    assert {device["copies"] for device in copy_check.devices(output).values()} == {300}
    for name, channel in softep.channels().items():
        assert channel["aborts"] == (1 if name == f"{direction}1" else 0)
    assert set(softep.violations()) <= UNAVOIDABLE


class Storm:
    """Errors injected one after the other into a running dma-copy-check."""

    def __init__(self, softep, check, regs, completion):
        self.softep = softep
        self.check = check
        self.regs = regs
        # Elements that the driver adds to learn of completions may be hit, too.
        self.exact = completion == "llp"
        # By device, how many failures with which status there have to be, and may be at most.
        self.least = collections.defaultdict(collections.Counter)
        self.most = collections.defaultdict(collections.Counter)

    def wait(self, channel, counter, more, what):
        """Wait until a counter of the board is greater, as long as the check runs."""
        deadline = time.monotonic() + STRIKE_TIMEOUT
        while self.softep.channels()[channel][counter] <= more:
            if time.monotonic() > deadline or not self.check.alive():
                self.check.fail(f"no {what} on {channel}")

    def strike(self, direction, channel, kind, nth):
        """Inject one error and wait until the channel goes on."""
        name, device = f"{direction}{channel}", f"dma_dw_edma0-{direction}{channel}"
        status = expected_status(self.regs, direction, kind)
        before = self.softep.channels()[name]
        self.softep.command(f"inject {direction} {channel} {nth} {kind}")
        self.wait(name, "aborts", before["aborts"], f"abort, {kind},")
        after = self.softep.channels()[name]
        self.wait(name, "elements", after["elements"], f"progress after {kind}")
        self.most[device][status] += 1
        self.least[device][status] += self.exact and kind not in MILD

    def verify(self):
        """Compare with what was reported."""
        reported = copy_check.failures(self.check.output)
        assert set(reported) <= set(self.most)
        for device, most in self.most.items():
            counts = collections.Counter(reported.get(device, []))
            assert self.least[device] <= counts <= most


@pytest.mark.parametrize("completion", ["llp", "auto"])
@pytest.mark.parametrize("regs", ALL_MAPS)
def test_injected_storm(rig, regs, completion):
    """Errors of every kind on every channel, under load.

    Steps:
        While dma-copy-check runs on all channels, inject each kind of error into two channels, at
        an element chosen at random, one after the other. End it by a signal.
    Verify:
        Each error is reported once, on its channel and with its status, but for those of which the
        guide says that the copy may be tried again, and those that hit no copy but an element of
        the driver's own. All other copies arrive. The rules are kept as above.
    """
    softep = rig.start_board("--map", regs)
    check = start_check(rig, host_side(rig.board, completion), "--errors", "1000")
    storm = Storm(softep, check, regs, completion)
    strikes = [(*fault, channel) for fault in FAULTS for channel in random.sample(range(4), 2)]
    random.shuffle(strikes)
    for direction, kind, channel in strikes:
        storm.strike(direction, channel, kind, random.randint(1, 500))
    assert check.terminate(copy_check.TIMEOUT) == 0
    storm.verify()
    assert set(softep.violations()) <= UNAVOIDABLE
