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

struct fake {
	uint32_t regs[DW_EDMA_REGS_BYTES / 4];
	uint8_t list[DW_EDMA_DIRS][DW_EDMA_MAX_CH][4096] __rte_aligned(4096);
	uint64_t list_bytes;
	bool unmapped;       /* lists are written by operation */
	bool unsettled;      /* writes have not been applied yet */
	bool lose_doorbell;
	bool stuck;          /* a stop request has no effect */
	bool gone;           /* reads are all-ones */
	bool absent;         /* what present() says is no */
	unsigned int reads;
	unsigned int control_reads; /* of CONTROL1 of any channel */
	unsigned int doorbells;
	unsigned int stops;
	unsigned int executed;
	unsigned int dirty_clears; /* writes of INT_CLEAR with bits of another channel */
	uint32_t own_bits[DW_EDMA_DIRS]; /* what INT_CLEAR may get */
	struct fake_entry log[FAKE_LOG_MAX];
	unsigned int log_cnt;
};

static struct fake fake;

static void
fake_note(enum fake_kind kind, uint32_t at, uint32_t value, uint32_t len)
{
	assert_true(fake.log_cnt < FAKE_LOG_MAX);
	fake.log[fake.log_cnt++] = (struct fake_entry){ kind, at, value, len };
}

/** Offset of an address within whichever list it is in. */
static uint32_t
fake_list_offset(const volatile void *p)
{
	return ((uintptr_t)p - (uintptr_t)fake.list) % sizeof(fake.list[0][0]);
}

static void
fake_store32(uint32_t value, volatile void *p)
{
	fake_note(FAKE_LIST, fake_list_offset(p), value, 4);
	*(volatile uint32_t *)p = value;
}

static void
fake_store64(uint64_t value, volatile void *p)
{
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

static uint32_t
fake_window(int dir, unsigned int ch)
{
	return dir == DW_EDMA_WR ? DW_EDMA_WR_CH(ch) : DW_EDMA_RD_CH(ch);
}

static void
fake_set_cs(int dir, unsigned int ch, uint32_t cs)
{
	uint32_t *control = fake_reg(fake_window(dir, ch) + DW_EDMA_CH_CONTROL1);

	*control = (*control & ~DW_EDMA_CS_MASK) | cs << DW_EDMA_CS_SHIFT;
}

static uint32_t
fake_cs(int dir, unsigned int ch)
{
	return DW_EDMA_CS(*fake_reg(fake_window(dir, ch) + DW_EDMA_CH_CONTROL1));
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
	/* An aborted channel does not move before it has been aimed anew. */
	if ((*fake_reg(en) & DW_EDMA_ENGINE_EN) != 0 && !fake.lose_doorbell &&
	    fake_cs(dir, ch) != DW_EDMA_CS_ABORTED)
		fake_set_cs(dir, ch, DW_EDMA_CS_RUNNING);
}

static void
fake_clear(int dir, uint32_t value)
{
	uint32_t abort_bits = value >> 16 & 0xff;

	if ((value & ~fake.own_bits[dir]) != 0)
		fake.dirty_clears++;
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

static void
fake_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	uint32_t *reg = fake_reg(offset);

	RTE_SET_USED(io);
	fake_note(FAKE_REG, offset, value, 4);
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
	*reg = value;
}

static uint32_t
fake_read32(struct dw_edma_io *io, uint32_t offset)
{
	RTE_SET_USED(io);
	fake.reads++;
	if (offset >= DW_EDMA_WR_CH(0) && offset % 0x100 == DW_EDMA_CH_CONTROL1)
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
	list->local = (uintptr_t)fake.list[dir][ch];
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

/** Lets a channel execute up to @p max data elements, by the rules of the cycle bit. */
static unsigned int
fake_run(int dir, unsigned int ch, unsigned int max)
{
	uint32_t win = fake_window(dir, ch);
	uint32_t *control = fake_reg(win + DW_EDMA_CH_CONTROL1);
	const struct dw_edma_elem *e;
	unsigned int n = 0;
	uint64_t llp;
	bool cb, ccs;

	while (fake_cs(dir, ch) == DW_EDMA_CS_RUNNING) {
		llp = *fake_reg(win + DW_EDMA_CH_LLP_LO) |
		      (uint64_t)*fake_reg(win + DW_EDMA_CH_LLP_HI) << 32;
		e = (const struct dw_edma_elem *)(uintptr_t)llp;
		assert_true(llp - (uintptr_t)fake.list[dir][ch] < fake.list_bytes);
		cb = (e->control & DW_EDMA_CB) != 0;
		ccs = (*control & DW_EDMA_CCS) != 0;
		if ((e->control & DW_EDMA_LLP) != 0) {
			assert_true((e->control & DW_EDMA_TCB) != 0);
			assert_true(cb != ccs);
			*control ^= DW_EDMA_CCS;
			llp = e->sar;
		} else if (cb != ccs) {
			fake_set_cs(dir, ch, DW_EDMA_CS_STOPPED);
			break;
		} else if (n == max) {
			break;
		} else {
			n++;
			fake.executed++;
			llp += sizeof(*e);
		}
		*fake_reg(win + DW_EDMA_CH_LLP_LO) = (uint32_t)llp;
		*fake_reg(win + DW_EDMA_CH_LLP_HI) = (uint32_t)(llp >> 32);
	}
	return n;
}

/** The channel aborts at the element it is about to execute. */
static void
fake_abort(int dir, unsigned int ch, uint32_t lo, uint32_t hi)
{
	fake_set_cs(dir, ch, DW_EDMA_CS_ABORTED);
	if (dir == DW_EDMA_WR) {
		*fake_reg(DW_EDMA_WR_ERR_STATUS) |= lo;
	} else {
		*fake_reg(DW_EDMA_RD_ERR_STATUS_LO) |= lo;
		*fake_reg(DW_EDMA_RD_ERR_STATUS_HI) |= hi;
	}
}

/** Entry of the log: the first write of a register from @p from on; log_cnt if there is none. */
static unsigned int
fake_find(unsigned int from, uint32_t offset)
{
	unsigned int i;

	for (i = from; i < fake.log_cnt; i++)
		if (fake.log[i].kind == FAKE_REG && fake.log[i].at == offset)
			break;
	return i;
}

#endif /* _DW_EDMA_FAKE_H_ */
