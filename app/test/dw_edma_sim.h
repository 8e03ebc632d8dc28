/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_SIM_H_
#define _DW_EDMA_SIM_H_

/**
 * @file
 * The fake's registers with an engine that works on its own: it gets its turn whenever the driver
 * touches a register, a list or the clock, and does what it likes: executes, aborts, loses
 * doorbells, is reset by somebody else. Time is the simulation's, so the driver's waits cost none.
 *
 * To be included behind dw_edma_fake.h, before the driver's sources.
 */

#include <rte_cycles.h>

#include "dw_edma_fake.h"

#define SIM_HZ UINT64_C(1000000000)
#define SIM_QUEUE 64

/** What an element is told that it ended with: 0 for success. */
typedef void (*sim_told)(int dir, unsigned int ch, const struct dw_edma_elem *e,
			 enum rte_dma_status_code status);

/** When writes of registers arrive. */
enum sim_late {
	SIM_PROMPT,
	SIM_POSTED, /**< later; a read waits for all of them */
	SIM_QUEUED, /**< later; a read waits for those of the same user, a peek for none */
};

static struct sim {
	uint64_t random;
	uint64_t now;  /* ns */
	bool away;     /* another engine is used: this one does nothing */
	bool busy;     /* inside a turn */
	bool calm;     /* nothing goes wrong any more */
	bool timeouts; /* rather than refusals */
	bool at_fetch; /* the list pointer advances with the fetch */
	enum sim_late late;
	/* Chances, of 1024. */
	unsigned int fails, mark_fails, loses, halts;
	struct {
		bool busy; /* in the middle of an element */
		uint64_t at;
		struct dw_edma_elem e;
	} ch[DW_EDMA_DIRS][DW_EDMA_MAX_CH];
	struct {
		struct dw_edma_io *io;
		uint32_t offset;
		uint32_t value;
	} queue[SIM_QUEUE];
	unsigned int queued;
	sim_told told;
	void (*other)(void); /* something that happens on another lcore; NULL: nothing */
} sim;

static uint32_t
sim_random(uint32_t below)
{
	sim.random ^= sim.random << 13;
	sim.random ^= sim.random >> 7;
	sim.random ^= sim.random << 17;
	return (uint32_t)(sim.random >> 16) % below;
}

static bool
sim_chance(unsigned int of_1024)
{
	return !sim.calm && sim_random(1024) < of_1024;
}

/* The engine ----------------------------------------------------------------------------------- */

static void
sim_point(int dir, unsigned int ch, uint64_t at)
{
	uint32_t *llp = fake_llp(dir, ch);

	llp[0] = (uint32_t)at;
	llp[1] = (uint32_t)(at >> 32);
}

/** A channel that does not run any more is in no element, and points at the one it was in. */
static void
sim_settle(void)
{
	unsigned int ch;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (ch = 0; ch < DW_EDMA_MAX_CH; ch++) {
			if (!sim.ch[dir][ch].busy || fake_cs(dir, ch) == DW_EDMA_CS_RUNNING)
				continue;
			sim.ch[dir][ch].busy = false;
			sim_point(dir, ch, sim.ch[dir][ch].at);
		}
	}
}

struct sim_fault {
	uint32_t lo;
	uint32_t hi;
	bool soft;
	enum rte_dma_status_code status;
};

static const struct sim_fault sim_faults[DW_EDMA_DIRS][4] = {
	[DW_EDMA_WR] = {
		{ 1, 0, false, RTE_DMA_STATUS_BUS_READ_ERROR },
		{ 1 << 16, 0, false, RTE_DMA_STATUS_DESCRIPTOR_READ_ERROR },
		{ 0, 0, false, RTE_DMA_STATUS_BUS_WRITE_ERROR },
		{ 1, 0, false, RTE_DMA_STATUS_BUS_READ_ERROR },
	},
	[DW_EDMA_RD] = {
		{ 1, 0, false, RTE_DMA_STATUS_BUS_WRITE_ERROR },
		{ 0, 1 << 24, false, RTE_DMA_STATUS_DATA_POISION },
		{ 0, 1, true, RTE_DMA_STATUS_BUS_READ_ERROR },
		{ 0, 1 << 16, true, RTE_DMA_STATUS_DEV_LINK_ERROR },
	},
};

static void
sim_abort(int dir, unsigned int ch)
{
	const struct sim_fault *fault = &sim_faults[dir][sim_random(3)];

	/* Of one kind, since the bits of those that were tried again and succeeded stay. */
	if (fault->soft && sim.timeouts)
		fault++;
	/* Of the native map nothing is told, and every abort needs the channel's reset. */
	fake.soft[dir][ch] = fault->soft && !fake_native();
	sim.ch[dir][ch].busy = false;
	sim_point(dir, ch, sim.ch[dir][ch].at);
	sim.told(dir, ch, &sim.ch[dir][ch].e,
		 fake_native() ? RTE_DMA_STATUS_ERROR_UNKNOWN : fault->status);
	fake_abort(dir, ch, fault->lo << ch, fault->hi << ch);
}

static void
sim_finish(int dir, unsigned int ch)
{
	uint64_t at = sim.ch[dir][ch].at;
	struct dw_edma_elem e = sim.ch[dir][ch].e;

	/* What has been handed over stays as it is. */
	assert_memory_equal((const void *)(uintptr_t)at, &e, sizeof(e));
	if (sim_chance(fake_is_mark(&e) ? sim.mark_fails : sim.fails)) {
		sim_abort(dir, ch);
		return;
	}
	sim.ch[dir][ch].busy = false;
	sim_point(dir, ch, at + sizeof(e));
	sim.told(dir, ch, &e, RTE_DMA_STATUS_SUCCESSFUL);
	fake_execute(dir, ch, &e);
}

/** One step of a channel, by the rules of the cycle bit. */
static void
sim_step(int dir, unsigned int ch)
{
	uint64_t at = fake_llp(dir, ch)[0] | (uint64_t)fake_llp(dir, ch)[1] << 32;
	const struct dw_edma_elem *e = (const struct dw_edma_elem *)(uintptr_t)at;
	uint32_t *state, bit;
	bool cb, ccs;

	if (fake_cs(dir, ch) != DW_EDMA_CS_RUNNING)
		return;
	if (sim_chance(sim.halts) && !fake_native()) {
		fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
		sim_settle();
		return;
	}
	if (sim.ch[dir][ch].busy) {
		sim_finish(dir, ch);
		return;
	}
	assert_true(at - (uintptr_t)fake.list[dir][ch] < fake.list_bytes);
	state = fake_ccs(dir, ch, &bit);
	cb = (e->control & DW_EDMA_CB) != 0;
	ccs = (*state & bit) != 0;
	if ((e->control & DW_EDMA_LLP) != 0) {
		assert_true((e->control & DW_EDMA_TCB) != 0);
		assert_true(cb != ccs);
		*state ^= bit;
		sim_point(dir, ch, e->sar);
	} else if (cb != ccs) {
		fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
	} else {
		assert_int_not_equal(e->size, 0);
		sim.ch[dir][ch].busy = true;
		sim.ch[dir][ch].at = at;
		sim.ch[dir][ch].e = *e;
		if (sim.at_fetch)
			sim_point(dir, ch, at + sizeof(*e));
	}
}

/** Lets all channels do some steps. */
static void
sim_run(unsigned int steps)
{
	unsigned int ch;

	while (steps-- != 0) {
		ch = sim_random(4);
		sim_step(DW_EDMA_WR, ch);
		sim_step(DW_EDMA_RD, ch);
	}
}

/* Accesses of the driver ----------------------------------------------------------------------- */

static void
sim_apply(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		fake.lose_doorbell = sim_chance(sim.loses);
		sim_settle();
		fake_write32(sim.queue[i].io, sim.queue[i].offset, sim.queue[i].value);
	}
	sim.queued -= n;
	memmove(sim.queue, sim.queue + n, sim.queued * sizeof(sim.queue[0]));
}

/** What happens while the driver does not look. */
static void
sim_turn(void)
{
	if (sim.busy)
		return;
	if (!sim.away) {
		sim_settle();
		sim.busy = true;
		if (!fake.gone) {
			sim_apply(sim_random(sim.queued + 1));
			sim_run(sim_random(6));
		}
		sim.busy = false;
	}
	if (sim.other != NULL)
		sim.other();
}

static void
sim_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	sim_turn();
	if (fake.gone)
		return;
	if (sim.queued == SIM_QUEUE)
		sim_apply(SIM_QUEUE);
	sim.queue[sim.queued].io = io;
	sim.queue[sim.queued].offset = offset;
	sim.queue[sim.queued].value = value;
	sim.queued++;
	if (sim.late == SIM_PROMPT)
		sim_apply(sim.queued);
}

/** Writes that have not arrived, up to the last one of @p io. */
static unsigned int
sim_pending(const struct dw_edma_io *io)
{
	unsigned int n = sim.queued;

	if (sim.late == SIM_QUEUED)
		while (n != 0 && sim.queue[n - 1].io != io)
			n--;
	return n;
}

static uint32_t
sim_read32(struct dw_edma_io *io, uint32_t offset)
{
	sim_turn();
	if (fake.gone)
		sim.queued = 0;
	else
		sim_apply(sim_pending(io));
	return fake_read32(io, offset);
}

static uint32_t
sim_peek32(struct dw_edma_io *io, uint32_t offset)
{
	if (sim.late != SIM_QUEUED)
		return sim_read32(io, offset);
	sim_turn();
	return fake_read32(io, offset);
}

static bool
sim_settled(struct dw_edma_io *io)
{
	return sim.late != SIM_QUEUED || fake.gone || sim_pending(io) == 0;
}

static volatile void *
sim_direct(const struct dw_edma_engine *engine, uint32_t offset)
{
	RTE_SET_USED(engine);
	return fake_reg(offset);
}

/** Offset of a register that the driver accesses by itself. */
static uint32_t
sim_offset(const volatile void *p)
{
	uint32_t offset = (uintptr_t)p - (uintptr_t)fake.regs;

	assert_true(offset < sizeof(fake.regs));
	return offset;
}

static struct dw_edma_io sim_io;

#define rte_read32(p) sim_read32(&sim_io, sim_offset(p))
#define rte_write32(value, p) sim_write32(&sim_io, sim_offset(p), value)

/* Time ----------------------------------------------------------------------------------------- */

static uint64_t
sim_clock(void)
{
	sim_turn();
	sim.now += 100 + sim_random(20000);
	/* Now and then it is somebody else's turn on the CPU. */
	if (sim_random(256) == 0)
		sim.now += sim_random(SIM_HZ / 4);
	return sim.now;
}

#define rte_get_timer_cycles() sim_clock()
#define rte_get_timer_hz() SIM_HZ

static struct dw_edma_attach_ops sim_ops;

/** From here on the engine is this one. @p seed: not 0. */
static void
sim_init(uint64_t seed)
{
	memset(&sim, 0, sizeof(sim));
	sim.random = seed * UINT64_C(0x9e3779b97f4a7c15);
	sim.now = 1;
	sim_ops = fake_ops;
	sim_ops.read32 = sim_read32;
	sim_ops.peek32 = sim_peek32;
	sim_ops.write32 = sim_write32;
	sim_ops.settled = sim_settled;
	fake.turn = sim_turn;
	fake.mute = true;
}

#endif /* _DW_EDMA_SIM_H_ */
