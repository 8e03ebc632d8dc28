/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_FAKE_H_
#define _DW_EDMA_FAKE_H_

/**
 * @file
 * An attachment whose registers are an array and whose engine is moved by the test, step by step.
 * Every register write and every store to a list is noted in one log.
 *
 * To be included instead of the driver's headers, before its sources.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* Version 2 has a macro of this name, the drivers have operations. */
#undef stop

#include <rte_io.h>

#include "dw_edma_priv.h"

#define FAKE_LOG_MAX 65536

enum fake_kind {
	FAKE_REG, /* at: offset */
	FAKE_LIST, /* at: offset in the list; len bytes */
	FAKE_WMB,
};

struct fake_entry {
	enum fake_kind kind;
	uint32_t at;
	uint32_t value;
	uint32_t len;
};

/*
 * Registers are kept where the map has them; windows behind a view port where the unrolled map has
 * them, so that all maps of v0 are one to everything but the accesses.
 */
struct fake {
	enum dw_edma_map map;
	struct dw_edma_blocks blocks[DW_EDMA_DIRS]; /* native map */
	uint32_t regs[DW_EDMA_REGS_BYTES / 4];
	uint8_t list[DW_EDMA_DIRS][DW_EDMA_MAX_CH][4096] __rte_aligned(4096);
	uint64_t list_bytes;
	bool unmapped;       /* lists are written by operation */
	uintptr_t copy;      /* where the driver has its copy of such a list; 0: nowhere */
	bool unsettled;      /* writes have not been applied yet */
	bool lose_doorbell;
	bool stuck;          /* a stop request has no effect */
	bool locked_up;      /* native map: clearing the enable has none either */
	bool mute;           /* nothing is noted: the driver waits for long */
	bool gone;           /* reads are all-ones */
	bool absent;         /* what present() says is no */
	unsigned int reads;
	unsigned int control_reads; /* of CONTROL1 of any channel */
	unsigned int doorbells;
	unsigned int stops;
	unsigned int executed;
	unsigned int marks;  /* of these, words from or to list memory */
	bool silent;         /* elements are executed, and no word is written */
	bool soft[DW_EDMA_DIRS][DW_EDMA_MAX_CH]; /* an aborted channel goes on at a doorbell */
	void (*turn)(void);  /* called before each store to a list; NULL: nothing */
	/* Writes of INT_CLEAR with bits of another channel, or to a block of another channel. */
	unsigned int dirty_clears;
	uint32_t own_bits[DW_EDMA_DIRS]; /* what INT_CLEAR may get */
	struct fake_entry log[FAKE_LOG_MAX];
	unsigned int log_cnt;
};

static struct fake fake;

/** Where the lists of channels that are created are for the engine; 0: where they are. */
static uint64_t fake_local;

static void
fake_note(enum fake_kind kind, uint32_t at, uint32_t value, uint32_t len)
{
	if (fake.mute)
		return;
	assert_true(fake.log_cnt < FAKE_LOG_MAX);
	fake.log[fake.log_cnt++] = (struct fake_entry){ kind, at, value, len };
}

/** Offset of an address within whichever list it is in. */
static uint32_t
fake_list_offset(const volatile void *p)
{
	if (fake.copy != 0 && (uintptr_t)p - fake.copy < fake.list_bytes)
		return (uintptr_t)p - fake.copy;
	return ((uintptr_t)p - (uintptr_t)fake.list) % sizeof(fake.list[0][0]);
}

static void
fake_turn(void)
{
	if (fake.turn != NULL)
		fake.turn();
}

static void
fake_store32(uint32_t value, volatile void *p)
{
	fake_turn();
	fake_note(FAKE_LIST, fake_list_offset(p), value, 4);
	*(volatile uint32_t *)p = value;
}

static void
fake_store64(uint64_t value, volatile void *p)
{
	fake_turn();
	fake_note(FAKE_LIST, fake_list_offset(p), (uint32_t)value, 8);
	*(volatile uint64_t *)p = value;
}

/* The driver stores to lists, and orders the stores, by these names only. */
#define rte_write32_relaxed(value, p) fake_store32(value, p)
#define rte_write64_relaxed(value, p) fake_store64(value, p)
#undef rte_io_wmb
#define rte_io_wmb() fake_note(FAKE_WMB, 0, 0, 0)

static uint32_t *
fake_reg(uint32_t offset)
{
	assert_true(offset < DW_EDMA_REGS_BYTES && offset % 4 == 0);
	return &fake.regs[offset / 4];
}

static bool
fake_native(void)
{
	return fake.map == DW_EDMA_MAP_HDMA_NATIVE;
}

static uint32_t
fake_window(int dir, unsigned int ch)
{
	if (fake_native())
		return fake.blocks[dir].offset + ch * fake.blocks[dir].stride;
	return dir == DW_EDMA_WR ? DW_EDMA_WR_CH(ch) : DW_EDMA_RD_CH(ch);
}

static uint32_t
fake_cs(int dir, unsigned int ch)
{
	if (fake_native())
		return *fake_reg(fake_window(dir, ch) + DW_HDMA_CH_STAT);
	return DW_EDMA_CS(*fake_reg(fake_window(dir, ch) + DW_EDMA_CH_CONTROL1));
}

static void
fake_set_cs(int dir, unsigned int ch, uint32_t cs)
{
	uint32_t *control = fake_reg(fake_window(dir, ch) + DW_EDMA_CH_CONTROL1);

	if (fake_native())
		*fake_reg(fake_window(dir, ch) + DW_HDMA_CH_STAT) = cs;
	else
		*control = (*control & ~DW_EDMA_CS_MASK) | cs << DW_EDMA_CS_SHIFT;
}

/** Low half of the list pointer. */
static uint32_t *
fake_llp(int dir, unsigned int ch)
{
	return fake_reg(fake_window(dir, ch) +
			(fake_native() ? DW_HDMA_LLP_LO : DW_EDMA_CH_LLP_LO));
}

/** The register with the consumer's cycle state, and the bit there. */
static uint32_t *
fake_ccs(int dir, unsigned int ch, uint32_t *bit)
{
	*bit = fake_native() ? DW_HDMA_CYCLE_CCS : DW_EDMA_CCS;
	return fake_reg(fake_window(dir, ch) +
			(fake_native() ? DW_HDMA_CYCLE_SYNC : DW_EDMA_CH_CONTROL1));
}

static void
fake_doorbell(int dir, uint32_t value)
{
	uint32_t en = dir == DW_EDMA_WR ? DW_EDMA_WR_ENGINE_EN : DW_EDMA_RD_ENGINE_EN;
	unsigned int ch = value & DW_EDMA_DOORBELL_CH;

	if ((value & DW_EDMA_DOORBELL_STOP) != 0) {
		fake.stops++;
		if (!fake.stuck)
			fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
		return;
	}
	fake.doorbells++;
	/* After most aborts it does not move before it has been aimed anew. */
	if ((*fake_reg(en) & DW_EDMA_ENGINE_EN) != 0 && !fake.lose_doorbell &&
	    (fake_cs(dir, ch) != DW_EDMA_CS_ABORTED || fake.soft[dir][ch]))
		fake_set_cs(dir, ch, DW_EDMA_CS_RUNNING);
}

static void
fake_clear(int dir, uint32_t value)
{
	uint32_t abort_bits = value >> 16 & 0xff;

	if ((value & ~fake.own_bits[dir]) != 0)
		fake.dirty_clears++;
	*fake_reg(dir == DW_EDMA_WR ? DW_EDMA_WR_INT_STATUS : DW_EDMA_RD_INT_STATUS) &= ~value;
	if (dir == DW_EDMA_WR) {
		*fake_reg(DW_EDMA_WR_ERR_STATUS) &= ~(abort_bits * 0x00010001u);
	} else {
		*fake_reg(DW_EDMA_RD_ERR_STATUS_LO) &= ~(abort_bits * 0x00010001u);
		*fake_reg(DW_EDMA_RD_ERR_STATUS_HI) &= ~(abort_bits * 0x01010101u);
	}
}

static void
fake_engine_en(int dir, uint32_t value)
{
	unsigned int i;

	if ((value & DW_EDMA_ENGINE_EN) != 0)
		return;
	for (i = 0; i < DW_EDMA_MAX_CH; i++)
		if (fake_cs(dir, i) == DW_EDMA_CS_RUNNING)
			fake_set_cs(dir, i, DW_EDMA_CS_STOPPED);
}

/** A block of the native map: @p reg of channel @p ch. */
static void
fake_native_write(int dir, unsigned int ch, uint32_t reg, uint32_t value)
{
	uint32_t win = fake_window(dir, ch);
	bool running = fake_cs(dir, ch) == DW_EDMA_CS_RUNNING;

	assert_int_not_equal(reg, DW_HDMA_INT_STAT);
	assert_int_not_equal(reg, DW_HDMA_CH_STAT);
	if ((fake.own_bits[dir] & 1u << ch) == 0)
		fake.dirty_clears++;
	if (reg == DW_HDMA_INT_CLEAR) {
		*fake_reg(win + DW_HDMA_INT_STAT) &= ~value;
	} else if (reg == DW_HDMA_DOORBELL && (value & DW_HDMA_DOORBELL_STOP) != 0) {
		fake.stops++;
		if (!fake.stuck)
			fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
	} else if (reg == DW_HDMA_DOORBELL) {
		fake.doorbells++;
		if ((*fake_reg(win + DW_HDMA_CH_EN) & DW_HDMA_EN) != 0 && !fake.lose_doorbell &&
		    fake_cs(dir, ch) != DW_EDMA_CS_ABORTED)
			fake_set_cs(dir, ch, DW_EDMA_CS_RUNNING);
	} else if (reg == DW_HDMA_CH_EN) {
		if (value == 0 && fake.locked_up)
			return;
		if (value == 0 && fake_cs(dir, ch) != DW_EDMA_CS_NONE)
			fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
		*fake_reg(win + reg) = value;
	} else {
		/* Only an enabled channel that does not run takes its settings. */
		assert_false(running);
		assert_int_equal(*fake_reg(win + DW_HDMA_CH_EN), DW_HDMA_EN);
		*fake_reg(win + reg) = value;
	}
}

/** Finds the channel whose block @p offset is in. */
static void
fake_native_block(uint32_t offset, int *dir, unsigned int *ch)
{
	for (*dir = 0; *dir < DW_EDMA_DIRS; ++*dir)
		for (*ch = 0; *ch < DW_EDMA_MAX_CH; ++*ch)
			if (offset - fake_window(*dir, *ch) < DW_HDMA_BLOCK_BYTES)
				return;
	fail();
}

static bool
fake_is_power(uint32_t offset)
{
	return offset - DW_EDMA_WR_PWR_EN(0) < 4 * DW_EDMA_MAX_CH ||
	       offset - DW_EDMA_RD_PWR_EN(0) < 4 * DW_EDMA_MAX_CH;
}

/** Where a register of a v0 map is kept. Fails the test if the map has no such register. */
static uint32_t
fake_keep(const struct dw_edma_io *io, uint32_t offset)
{
	uint32_t sel;
	int dir;

	if (fake.map == DW_EDMA_MAP_LEGACY && offset >= DW_EDMA_VIEWPORT_SEL) {
		assert_true(offset < DW_EDMA_LEGACY_BYTES);
		/* Whoever turns the view port holds its lock until the window has been used. */
		assert_true(rte_spinlock_is_locked(&io->engine->viewport));
		if (offset == DW_EDMA_VIEWPORT_SEL)
			return offset;
		sel = *fake_reg(DW_EDMA_VIEWPORT_SEL);
		return fake_window((sel & DW_EDMA_VIEWPORT_RD) != 0 ? DW_EDMA_RD : DW_EDMA_WR,
				   sel & DW_EDMA_VIEWPORT_CH) + offset - DW_EDMA_VIEWPORT_WINDOW;
	}
	assert_int_not_equal(offset, DW_EDMA_VIEWPORT_SEL);
	if (fake_is_power(offset))
		assert_int_equal(fake.map, DW_EDMA_MAP_HDMA_COMPAT);
	if (fake.map == DW_EDMA_MAP_HDMA_COMPAT && offset >= DW_EDMA_WR_CH(0)) {
		dir = offset % 0x200 < 0x100 ? DW_EDMA_WR : DW_EDMA_RD;
		sel = offset / 0x200 - 1;
		assert_int_equal(*fake_reg(dir == DW_EDMA_WR ? DW_EDMA_WR_PWR_EN(sel) :
							       DW_EDMA_RD_PWR_EN(sel)), 1);
	}
	return offset;
}

static void
fake_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	unsigned int ch;
	int dir;

	fake_note(FAKE_REG, offset, value, 4);
	if (fake_native()) {
		fake_native_block(offset, &dir, &ch);
		fake_native_write(dir, ch, offset - fake_window(dir, ch), value);
		return;
	}
	offset = fake_keep(io, offset);
	/* A write there raises an interrupt at the endpoint. */
	assert_int_not_equal(offset, DW_EDMA_WR_INT_STATUS);
	assert_int_not_equal(offset, DW_EDMA_RD_INT_STATUS);
	switch (offset) {
	case DW_EDMA_WR_DOORBELL:
		fake_doorbell(DW_EDMA_WR, value);
		return;
	case DW_EDMA_RD_DOORBELL:
		fake_doorbell(DW_EDMA_RD, value);
		return;
	case DW_EDMA_WR_INT_CLEAR:
		fake_clear(DW_EDMA_WR, value);
		return;
	case DW_EDMA_RD_INT_CLEAR:
		fake_clear(DW_EDMA_RD, value);
		return;
	case DW_EDMA_WR_ENGINE_EN:
		fake_engine_en(DW_EDMA_WR, value);
		break;
	case DW_EDMA_RD_ENGINE_EN:
		fake_engine_en(DW_EDMA_RD, value);
		break;
	}
	*fake_reg(offset) = value;
}

static uint32_t
fake_read32(struct dw_edma_io *io, uint32_t offset)
{
	fake.reads++;
	if (!fake_native())
		offset = fake_keep(io, offset);
	if (!fake_native() && offset >= DW_EDMA_WR_CH(0) && offset % 0x100 == DW_EDMA_CH_CONTROL1)
		fake.control_reads++;
	return fake.gone ? DW_EDMA_DEAD : *fake_reg(offset);
}

static bool
fake_settled(struct dw_edma_io *io)
{
	RTE_SET_USED(io);
	return !fake.unsettled;
}

static bool
fake_present(struct dw_edma_engine *engine)
{
	RTE_SET_USED(engine);
	return !fake.absent;
}

static int
fake_list(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
	  struct dw_edma_list *list)
{
	RTE_SET_USED(engine);
	list->local = fake_local != 0 ? fake_local : (uintptr_t)fake.list[dir][ch];
	list->va = fake.unmapped ? NULL : (struct dw_edma_elem *)fake.list[dir][ch];
	list->bytes = fake.list_bytes;
	return 0;
}

static void
fake_list_write(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch, uint64_t offset,
		const void *data, uint32_t bytes)
{
	uint32_t value;

	RTE_SET_USED(io);
	assert_true(offset + bytes <= fake.list_bytes);
	memcpy(&value, data, sizeof(value));
	fake_note(FAKE_LIST, offset, value, bytes);
	memcpy(fake.list[dir][ch] + offset, data, bytes);
}

static void
fake_detach(struct dw_edma_engine *engine)
{
	RTE_SET_USED(engine);
}

static const struct dw_edma_attach_ops fake_ops = {
	.read32 = fake_read32,
	.peek32 = fake_read32,
	.write32 = fake_write32,
	.settled = fake_settled,
	.present = fake_present,
	.list = fake_list,
	.list_write = fake_list_write,
	.detach = fake_detach,
};

/** The 64-bit address register at @p offset, as a pointer to where it points. */
static uint32_t *
fake_pointer(uint32_t offset)
{
	return (uint32_t *)(uintptr_t)(*fake_reg(offset) | (uint64_t)*fake_reg(offset + 4) << 32);
}

/** The engine's interrupt write for a finished element with LIE and RIE. */
static void
fake_report_done(int dir, unsigned int ch)
{
	uint32_t win = fake_window(dir, ch);
	uint32_t data;

	if (fake_native()) {
		*fake_reg(win + DW_HDMA_INT_STAT) |= DW_HDMA_INT_WATERMARK;
		*fake_pointer(win + DW_HDMA_MSI_WATERMARK_LO) =
			*fake_reg(win + DW_HDMA_MSI_MSGDATA);
		return;
	}
	*fake_reg(dir == DW_EDMA_WR ? DW_EDMA_WR_INT_STATUS : DW_EDMA_RD_INT_STATUS) |=
		DW_EDMA_INT_DONE(ch);
	data = *fake_reg((dir == DW_EDMA_WR ? DW_EDMA_WR_IMWR_DATA : DW_EDMA_RD_IMWR_DATA) +
			 ch / 2 * 4);
	if (!fake.silent)
		*fake_pointer(dir == DW_EDMA_WR ? DW_EDMA_WR_DONE_IMWR_LO :
						  DW_EDMA_RD_DONE_IMWR_LO) =
			data >> 16 * (ch & 1) & 0xffff;
}

static bool
fake_in_list(uint64_t address)
{
	return address - (uintptr_t)fake.list < sizeof(fake.list);
}

/** Whether an element belongs to no operation. */
static bool
fake_is_mark(const struct dw_edma_elem *e)
{
	return e->size == sizeof(uint32_t) && (fake_in_list(e->sar) || fake_in_list(e->dar));
}

/** What a data element does: payload is not moved, but words of marks are. */
static void
fake_execute(int dir, unsigned int ch, const struct dw_edma_elem *e)
{
	fake.executed++;
	if (fake_is_mark(e)) {
		fake.marks++;
		if (!fake.silent)
			memcpy((void *)(uintptr_t)e->dar, (const void *)(uintptr_t)e->sar, 4);
	}
	/* The one without the other is said to do nothing on some parts. */
	assert_true(((e->control & DW_EDMA_LIE) != 0) == ((e->control & DW_EDMA_RIE) != 0));
	if ((e->control & DW_EDMA_RIE) != 0)
		fake_report_done(dir, ch);
}

/** Lets a channel execute up to @p max data elements, by the rules of the cycle bit. */
static unsigned int
fake_run(int dir, unsigned int ch, unsigned int max)
{
	uint32_t *pointer = fake_llp(dir, ch);
	const struct dw_edma_elem *e;
	uint32_t *state, bit;
	unsigned int n = 0;
	uint64_t llp;
	bool cb, ccs;

	state = fake_ccs(dir, ch, &bit);
	while (fake_cs(dir, ch) == DW_EDMA_CS_RUNNING) {
		llp = pointer[0] | (uint64_t)pointer[1] << 32;
		e = (const struct dw_edma_elem *)(uintptr_t)llp;
		assert_true(llp - (uintptr_t)fake.list[dir][ch] < fake.list_bytes);
		cb = (e->control & DW_EDMA_CB) != 0;
		ccs = (*state & bit) != 0;
		if ((e->control & DW_EDMA_LLP) != 0) {
			assert_true((e->control & DW_EDMA_TCB) != 0);
			assert_true(cb != ccs);
			*state ^= bit;
			llp = e->sar;
		} else if (cb != ccs) {
			fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
			break;
		} else if (n == max) {
			break;
		} else {
			n++;
			fake_execute(dir, ch, e);
			llp += sizeof(*e);
		}
		pointer[0] = (uint32_t)llp;
		pointer[1] = (uint32_t)(llp >> 32);
	}
	return n;
}

/** The channel aborts at the element it is about to execute. */
static void __rte_unused
fake_abort(int dir, unsigned int ch, uint32_t lo, uint32_t hi)
{
	uint32_t win = fake_window(dir, ch);

	fake_set_cs(dir, ch, DW_EDMA_CS_ABORTED);
	if (fake_native()) {
		/* It latches only if the local interrupt is enabled. */
		if ((*fake_reg(win + DW_HDMA_INT_SETUP) & DW_HDMA_INT_LOCAL_ABORT) != 0)
			*fake_reg(win + DW_HDMA_INT_STAT) |= DW_HDMA_INT_ABORT;
		if ((*fake_reg(win + DW_HDMA_INT_SETUP) & DW_HDMA_INT_REMOTE_ABORT) != 0)
			*fake_pointer(win + DW_HDMA_MSI_ABORT_LO) = 1;
	} else if (dir == DW_EDMA_WR) {
		*fake_reg(DW_EDMA_WR_INT_STATUS) |= DW_EDMA_INT_ABORT(ch);
		*fake_reg(DW_EDMA_WR_ERR_STATUS) |= lo;
		if ((*fake_reg(DW_EDMA_WR_LL_ERR_EN) & DW_EDMA_LL_ERR_REMOTE(ch)) != 0)
			*fake_pointer(DW_EDMA_WR_ABORT_IMWR_LO) = 1;
	} else {
		*fake_reg(DW_EDMA_RD_INT_STATUS) |= DW_EDMA_INT_ABORT(ch);
		*fake_reg(DW_EDMA_RD_ERR_STATUS_LO) |= lo;
		*fake_reg(DW_EDMA_RD_ERR_STATUS_HI) |= hi;
		if ((*fake_reg(DW_EDMA_RD_LL_ERR_EN) & DW_EDMA_LL_ERR_REMOTE(ch)) != 0)
			*fake_pointer(DW_EDMA_RD_ABORT_IMWR_LO) = 1;
	}
}

/** Entry of the log: the first write of a register from @p from on; log_cnt if there is none. */
static unsigned int __rte_unused
fake_find(unsigned int from, uint32_t offset)
{
	unsigned int i;

	for (i = from; i < fake.log_cnt; i++)
		if (fake.log[i].kind == FAKE_REG && fake.log[i].at == offset)
			break;
	return i;
}

#endif /* _DW_EDMA_FAKE_H_ */
