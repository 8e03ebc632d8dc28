# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The board catches drivers that are broken on purpose.

Each has one mistake that a driver of this engine may have, and is tried where the mistake matters.
The driver as it is gets along there.
"""

import contextlib
import re
import struct
import time
from dataclasses import dataclass, field

import pytest

from framework import copy_check, mutant, programs
from framework.bench import ABORTED, INT_MASK, Bench, Dma
from framework.copy_check import half_each, host_side
from framework.vfio_user import Client

# What dma-copy-check says, and what that is called here.
SYMPTOMS = {
    r" arrived wrong from byte ": "wrong bytes",
    r" wrote outside": "wrong bytes",
    r": no completion in ": "stall",
    r" copies failed, expected at most ": "errors",
    r" copy returned -": "refused",
    r": capacity 0, expected ": "refused",
    r": cannot be started: ": "no start",
}


def host(completion="llp"):
    """All channels on the host's side."""
    return lambda board: host_side(board, completion)


@dataclass(frozen=True)
class Place:
    """A board, what is set there, and the run of dma-copy-check."""

    switches: tuple = ()
    board: tuple = ()
    registers: tuple = ()
    inject: str = ""
    devices: object = host()
    check: tuple = ("--copies", "100")
    # Symptoms that a driver cannot help.
    allowed: frozenset = field(default=frozenset())


def error(what, *check, allowed=(), **more):
    """A place with an error.

    A driver may ring before it can have seen the abort, and its soft reset is one of other channels,
    too.
    """
    return Place(
        inject=what,
        check=("--copies", "100", "--errors", "1", *check),
        allowed=frozenset({"doorbell-unreset", "disable-running", *allowed}),
        **more,
    )


# With this way to learn of completions a driver knows of them before the channel has stopped.
SOON = host("imwr")
TORN = Place((("torn_list", 1), ("stop_delay", 100000)), ("--trap",), devices=SOON)
LATE = Place((("late_list", 50),), check=("--copies", "100", "--rounds", "3"))
# One channel: several take turns, and longer than a driver waits.
STOPS = Place(
    (("stop_delay", 1000000),),
    devices=SOON,
    check=("--copies", "5", "--devices", "1", "--rounds", "15"),
)
LINKS = Place(
    (("link_delay", 500000),),
    ("--ll", "128"),
    devices=SOON,
    check=("--copies", "4", "--depth", "4", "--devices", "1", "--rounds", "8"),
)
IMWR = Place(devices=SOON)
SHARED = Place(
    # All interrupts unmasked, so that each side has something to change.
    registers=((INT_MASK["wr"], 0), (INT_MASK["rd"], 0)),
    devices=half_each,
    check=("--copies", "100", "--rounds", "2"),
)
ONE = ("--copies", "100", "--devices", "1")
COMPAT = Place(board=("--map", "hdma-compat"), check=ONE)
ANYWHERE = Place(check=ONE)
SHORT = Place(board=("--ll", "2k"))

# A channel that runs and shows no progress is given up after so many looks.
IMPATIENT = """
	if (state == DW_EDMA_CS_RUNNING) {
		ch->kick_cnt = ch->kick_tail == ch->tail ? ch->kick_cnt + 1 : 0;
		ch->kick_tail = ch->tail;
		if (ch->kick_cnt > 1000) {
			dw_edma_lost(ch);
			return;
		}
	}
	if (state < 0) {
		dw_edma_kill_gone(ch);
	} else if (state == DW_EDMA_CS_ABORTED) {"""

# Name: where it is tried, what of it is noticed, and edits of the driver.
BROKEN = {
    # Fidelity switches.
    "list-not-read-back": (LATE, "stale-list", (
        ("dw_edma_list.c", "if (ops->list_flush != NULL)", "if (false)"),
    )),
    "list-late-not-rung-again": (Place((("late_list", 50),), check=ONE), "errors", (
        ("dw_edma_recover.c", "ch->kicks++;\n\tch->map->doorbell(ch);", "ch->kicks++;"),
    )),
    "control-word-first": (TORN, "ctrl-first", (
        ("dw_edma_list.c", "ch->word = ch->cb ^ DW_EDMA_CB;", "ch->word = ch->cb;"),
        ("dw_edma_list.c", "post(ch, slot, sizeof(*slot));",
         "{ post(ch, slot, 8); post(ch, &slot->sar, 16); }"),
    )),
    "not-rung-again": (
        Place(
            (("lose_doorbell", 1), ("stop_delay", 1000000)),
            devices=SOON,
            check=("--copies", "12", "--drain", "--depth", "4", "--devices", "1"),
        ),
        "errors",
        (
            ("dw_edma_recover.c", "ch->kicks++;\n\tch->map->doorbell(ch);", "ch->kicks++;"),
            ("dw_edma_poll.c", "ch->kicks++;\n\t\tch->map->doorbell(ch);", "ch->kicks++;"),
        )),
    "done-at-fetch": (
        Place((("llp_at_fetch", 1),), check=("--copies", "50", "--max", "1000000")), "wrong bytes",
        (("dw_edma_poll.c", "ch->hold = !ch->io.engine->llp_completed;", "ch->hold = false;"),)),
    "impatient-doorbell": (
        Place((("doorbell_delay", 500000),), check=("--copies", "3", "--drain")), "errors", (
            ("dw_edma_recover.c", """
	if (state < 0) {
		dw_edma_kill_gone(ch);
	} else if (state == DW_EDMA_CS_ABORTED) {""", IMPATIENT),
        )),
    "report-is-for-all": (
        Place((("element_delay", 5000),), devices=SOON, check=("--copies", "50")),
        "wrong bytes",
        (("dw_edma_poll.c", "done_up_to(ch, mark->id, mark->part);",
          "done_up_to(ch, ch->hw, ch->sg_left != 0 ? mark->part : 0);"),)),
    "stop-not-waited-for": (STOPS, "running-write", (
        ("dw_edma_v0.c", "int rc = dw_edma_wait_idle(ch, DW_EDMA_SETTLE_MS);", "int rc = 0;"),
    )),
    "done-is-stopped": (LINKS, "running-write", (
        ("dw_edma_v0.c", "int rc = dw_edma_wait_idle(ch, DW_EDMA_SETTLE_MS);", "int rc = 0;"),
    )),
    "one-order-of-channels": (
        Place((("shuffle", 1), ("element_delay", 500)), devices=SOON), "wrong bytes", (
            ("dw_edma_poll.c", """	if (unlikely(load(&irq->shared) != 0))
		return reported_shared(ch, written, DW_EDMA_INT_DONE(ch->index));
""", ""),
        )),
    # Errors.
    "error-is-success": (error("wr 1 20 local"), "wrong bytes", (
        ("dw_edma_recover.c", "fail_copy(ch, fault.status);\n\tgo_on",
         "dw_edma_desc_done(ch, desc_of(ch, ch->done++));\n\tgo_on"),
    )),
    "no-reset-after-fatal": (error("wr 1 20 local"), "errors", (
        ("dw_edma_v0.c", "	if (fatal)\n		rc = reset_locked(ch);", ""),
    )),
    "reset-for-nothing": (
        # The very first: one behind it may be met by a doorbell before it is seen, and succeed then.
        error("rd 1 1 ca", "--depth", "4", "--drain", switches=(("element_delay", 5000),)),
        "disable-running",
        (("dw_edma_v0.c", "	if (fatal)\n		rc = reset_locked(ch);",
          "	rc = reset_locked(ch);"),)),
    "reset-not-waited-for": (error("rd 1 20 poison", "--max", "4000000"), "enable-early", (
        ("dw_edma_v0.c", "rc = dw_edma_wait_reg(&ch->io, offset, DW_EDMA_ENGINE_EN, 0, "
         "DW_EDMA_WAIT_MS);", "rc = 0;"),
    )),
    # Rules of programming.
    "never-enabled": (ANYWHERE, "disabled-write", (
        ("dw_edma_v0.c",
         "rc = set_bits_locked(ch, regs->engine_en, DW_EDMA_ENGINE_EN, DW_EDMA_ENGINE_EN);",
         "rc = 0;"),
    )),
    "reset-not-left": (error("wr 1 20 local"), "doorbell-disabled", (
        ("dw_edma_v0.c", "	dw_edma_write32(&ch->io, offset, DW_EDMA_ENGINE_EN);\n	return", "	return"),
        ("dw_edma_v0.c", """DW_EDMA_ENGINE_EN, DW_EDMA_ENGINE_EN,
				DW_EDMA_SETTLE_MS);""", "DW_EDMA_ENGINE_EN, 0, DW_EDMA_SETTLE_MS);"),
        ("dw_edma_v0.c", """	if (fatal)
		rc = reset_locked(ch);
	if (rc == 0)
		rc = aim_locked(ch);
""", """	rc = aim_locked(ch);
	if (rc == 0 && fatal)
		rc = reset_locked(ch);
"""),
    )),
    "never-powered": (COMPAT, "doorbell-unpowered", (
        ("dw_edma_v0.c", "			DW_EDMA_PWR_EN);", "			0);"),
    )),
    "power-cut": (
        Place(
            (("stop_delay", 1000000),),
            ("--map", "hdma-compat"),
            devices=SOON,
            check=("--copies", "5", "--devices", "1", "--rounds", "9"),
        ),
        "power-lost",
        (("dw_edma_v0.c", "	compat_power_on(ch);\n	return v0_stop(ch);",
          "	dw_edma_write32(&ch->io, ch->dir == DW_EDMA_WR ? DW_EDMA_WR_PWR_EN(ch->index) :"
          " DW_EDMA_RD_PWR_EN(ch->index), 0);\n	return v0_stop(ch);"),)),
    "wrong-channel": (ANYWHERE, "doorbell-absent", (
        ("dw_edma_v0.c", "dw_edma_write32(&ch->io, regs_of(ch)->doorbell, ch->index);",
         "dw_edma_write32(&ch->io, regs_of(ch)->doorbell, ch->index | 4);"),
    )),
    "stop-of-a-stopped": (ANYWHERE, "stop-idle", (
        ("dw_edma_v0.c", "	if (rc != -ETIMEDOUT)\n		return rc;\n	if (!owns", "	if (!owns"),
    )),
    "status-written": (IMWR, "int-status-write", (
        ("dw_edma_v0.c",
         "dw_edma_write32(&ch->io, regs_of(ch)->int_clear, DW_EDMA_INT_DONE(ch->index));",
         "dw_edma_write32(&ch->io, regs_of(ch)->int_status, DW_EDMA_INT_DONE(ch->index));"),
    )),
    "nothing-copied": (IMWR, "size-zero", (
        ("dw_edma_poll.c", "dw_edma_emit(ch, scratch, ch->none_iova, sizeof(uint32_t));",
         "dw_edma_emit(ch, scratch, ch->none_iova, 0);"),
    )),
    "remote-only": (IMWR, "rie-without-lie", (
        ("dw_edma_poll.c", "dw_edma_flag_last(ch, DW_EDMA_LIE | DW_EDMA_RIE);\n		note_mark",
         "dw_edma_flag_last(ch, DW_EDMA_RIE);\n		note_mark"),
    )),
    "report-to-nowhere": (IMWR, "imwr-unset", (
        ("dw_edma_v0.c", "rc = aim_imwr_locked(ch);", "rc = 0;"),
    )),
    "link-of-this-lap": (SHORT, "bad-cycle", (
        ("dw_edma_list.c", "(cb == 0 ? DW_EDMA_CB : 0)", "(cb == 0 ? 0 : DW_EDMA_CB)"),
    )),
    "link-of-this-lap-strict": (
        Place((("strict", 1),), ("--ll", "2k"), check=ONE), "errors",
        (("dw_edma_list.c", "(cb == 0 ? DW_EDMA_CB : 0)", "(cb == 0 ? 0 : DW_EDMA_CB)"),)),
    "unknown-bits": (SHORT, "reserved-bits", (
        ("dw_edma_list.c", "DW_EDMA_LLP | DW_EDMA_TCB |", "0x80 | DW_EDMA_LLP | DW_EDMA_TCB |"),
    )),
    "list-beside": (ANYWHERE, "unaligned-list", (
        ("dw_edma_v0.c", "window_write(ch, DW_EDMA_CH_LLP_LO, ch->ll_lo);",
         "window_write(ch, DW_EDMA_CH_LLP_LO, ch->ll_lo + 2);"),
        ("dw_edma_v0.c", "return back == ch->ll_lo ? 0 : -EIO;", "return 0;"),
    )),
    # Channels of the other side.
    "foreign-rung": (SHARED, "foreign-doorbell", (
        ("dw_edma_v0.c", "dw_edma_write32(&ch->io, regs_of(ch)->doorbell, ch->index);",
         "dw_edma_write32(&ch->io, regs_of(ch)->doorbell, "
         "ch->io.engine->side == DW_EDMA_SIDE_EP ? ch->index ^ 2 : ch->index);"),
    )),
    "foreign-reset": (
        # A side that has only some channels of a direction has to give up the one that failed.
        error("rd 1 90 poison", devices=half_each, allowed=("errors", "refused")),
        "foreign-reset",
        (("dw_edma_v0.c", "return (engine->mask[ch->dir] & all) == all;", "return all != 0;"),)),
    "foreign-masked": (SHARED, "foreign-enable", (
        ("dw_edma_v0.c", "dw_edma_write32(&ch->io, offset, (value & ~mask) | want);",
         "dw_edma_write32(&ch->io, offset, want);"),
    )),
}


def start(rig, place, plugins):
    """Start a board and dma-copy-check."""
    softep = rig.start_board(*place.board)
    for switch, value in place.switches:
        softep.set(switch, value)
    if place.registers:
        with Client(rig.board / "ep-dma.sock") as client:
            for offset, value in place.registers:
                client.write(0, offset, struct.pack("=I", value))
    if place.inject:
        softep.command(f"inject {place.inject}")
    vdevs = place.devices(rig.board)
    check = copy_check.CopyCheck("check", vdevs, rig.directory, *place.check, plugins=plugins)
    rig.children.append(check)
    return softep, check


def symptoms_of(softep, check):
    """What can be noticed so far."""
    symptoms = {name for text, name in SYMPTOMS.items() if re.search(text, check.output)}
    return symptoms | set(softep.violations())


def run(rig, place, plugins=programs.PLUGINS, until=None):
    """Symptoms of a run, which is not waited for when there is the one wanted; and its output."""
    softep, check = start(rig, place, plugins)
    deadline = time.monotonic() + copy_check.TIMEOUT
    while check.alive() and until not in symptoms_of(softep, check):
        assert time.monotonic() < deadline, check.output
        time.sleep(0.1)
    if until not in symptoms_of(softep, check):
        code = check.wait(1)
        assert code == 0 or symptoms_of(softep, check), check.output
    symptoms = symptoms_of(softep, check)
    check.close()
    softep.terminate(5)
    return symptoms, check.output


@pytest.fixture(scope="module")
def sound():
    """Places in which the driver as it is has been tried."""
    return set()


@pytest.mark.parametrize("name", BROKEN)
def test_broken(rig, sound, name):
    """A mistake is noticed where it matters.

    Steps:
        Run dma-copy-check with the driver as it is, unless that has been done, and with one that
        has the mistake.
    Verify:
        The first breaks no rule, and everything arrives but a copy into which an error was
        injected. Of the second there is the symptom expected: wrong bytes, no completion, or a
        violation that the board names.
    """
    place, symptom, edits = BROKEN[name]
    if place not in sound:
        symptoms, output = run(rig, place)
        assert symptoms <= place.allowed, output[-4000:]
        sound.add(place)
    with mutant.plugins(edits) as plugins:
        symptoms, output = run(rig, place, plugins, until=symptom)
    assert symptom in symptoms, f"{symptoms}\n{output[-4000:]}"


def test_foreign_clear(rig):
    """A driver that clears status bits of channels that are not its own is found out.

    Steps:
        Let the endpoint's side start a channel that aborts, and leave its status bit. Run
        dma-copy-check on half of the channels from the host's side: with the driver as it is, and
        with one that clears all bits when it sets up a channel.
    Verify:
        The first breaks no rule. Of the second there is the violation.
    """
    clears_all = (("dw_edma_v0.c", "int_clear, int_bits(ch));", "int_clear, 0x00ff00ff);"),)

    def run_beside(plugins):
        softep = rig.start_board()
        with contextlib.closing(Bench(rig.board.parent, softep=softep)) as bench:
            assert Dma(bench, "ep-dma").run("wr", 3, [(0, 4, 0, 0)]) == ABORTED
            vdevs = host_side(rig.board, "llp")
            vdevs[0] += ",partial=1,wr=0x3,rd=0x5"
            code, output = copy_check.attempt(
                rig.directory, vdevs, "--copies", "50", plugins=plugins)
            return code, softep.violations(), output

    code, violations, output = run_beside(programs.PLUGINS)
    assert code == 0 and not violations, output
    with mutant.plugins(clears_all) as plugins:
        assert set(run_beside(plugins)[1]) == {"foreign-clear"}


def test_cpu_copies(rig):
    """A driver whose CPU copies is found out when the engine does not.

    Steps:
        Set no_data. Run dma-copy-check with the driver as it is, and with one that copies itself.
    Verify:
        With the first nothing arrives. With the second everything does, and so is found out.
    """
    place = Place((("no_data", 1),))
    symptoms, output = run(rig, place)
    assert symptoms == {"wrong bytes"}, output
    copy = "memcpy((void *)(uintptr_t)dst, (void *)(uintptr_t)src, length);"
    by_cpu = (
        ("dw_edma_ring.c", "	dw_edma_store_slot(slot, word, src, dst);",
         f"	dw_edma_store_slot(slot, word, src, dst);\n	{copy}"),
        ("dw_edma_list.c", "	ch->word = ch->word_next;\n	ch->slot++;",
         f"	ch->word = ch->word_next;\n	ch->slot++;\n	{copy}"),
    )
    with mutant.plugins(by_cpu) as plugins:
        symptoms, output = run(rig, place, plugins)
    assert not symptoms, output


@pytest.mark.parametrize("switch, value", [("all_ones", "1"), ("link", "down")])
def test_ones_are_no_state(rig, switch, value):
    """A driver that takes all-ones for what a channel says is found out.

    Steps:
        While dma-copy-check runs on the host's side, let registers read as ones. First with the
        driver as it is, then with one that looks at the status bits alone.
    Verify:
        With the first all copies that fail do so with DEV_LINK_ERROR. With the second some fail with
        an error of the engine, as if it had said so.
    """
    ones = (("dw_edma_v0.c", "return control == DW_EDMA_DEAD ? -ENODEV : (int)DW_EDMA_CS(control);",
             "return (int)DW_EDMA_CS(control);"),)
    place = Place(check=("--seconds", "60", "--errors", "1000000"))
    told = []
    with mutant.plugins(ones) as broken:
        for plugins in (programs.PLUGINS, broken):
            softep, check = start(rig, place, plugins)
            check.wait_for("devices started", copy_check.TIMEOUT)
            softep.set(switch, value)
            check.wait(copy_check.TIMEOUT)
            told.append({s for all in copy_check.failures(check.output).values() for s in all})
            softep.terminate(5)
    assert told[0] <= {"DEV_LINK_ERROR"} and "ERROR_UNKNOWN" in told[1]


def test_every_switch(bench):
    """No fault switch of the board is left out here.

    Steps:
        Ask the board for its switches.
    Verify:
        Each that is no property of the link is used in this file.
    """
    clock = {"link_speed", "link_width", "mps", "mrrs", "rcb", "store_bytes", "latency_ns",
             "read_tags", "pace"}
    used = {switch for place, _, _ in BROKEN.values() for switch, _ in place.switches}
    known = {line.split("=")[0] for line in bench.softep.command("get").splitlines() if "=" in line}
    assert known - used - clock == {"no_data", "all_ones", "link"}
