/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "board.h"
#include "owner.h"

enum owner_kind {
	OWNER_DOORBELL,
	OWNER_RESET,
	OWNER_CLEAR,
	OWNER_ENABLE,
};

static const enum edma_violation owner_violations[] = {
	[OWNER_DOORBELL] = EDMA_VIOLATION_FOREIGN_DOORBELL,
	[OWNER_RESET] = EDMA_VIOLATION_FOREIGN_RESET,
	[OWNER_CLEAR] = EDMA_VIOLATION_FOREIGN_CLEAR,
	[OWNER_ENABLE] = EDMA_VIOLATION_FOREIGN_ENABLE,
};

/** A register that concerns more than one channel. */
struct owner_reg {
	uint16_t offset;
	uint16_t shows; /* where its effect is seen */
	enum owner_kind kind;
	enum edma_dir dir;
};

static const struct owner_reg owner_regs[] = {
	{ DW_EDMA_WR_DOORBELL, 0, OWNER_DOORBELL, EDMA_DIR_WR },
	{ DW_EDMA_RD_DOORBELL, 0, OWNER_DOORBELL, EDMA_DIR_RD },
	{ DW_EDMA_WR_ENGINE_EN, DW_EDMA_WR_ENGINE_EN, OWNER_RESET, EDMA_DIR_WR },
	{ DW_EDMA_RD_ENGINE_EN, DW_EDMA_RD_ENGINE_EN, OWNER_RESET, EDMA_DIR_RD },
	{ DW_EDMA_WR_INT_CLEAR, DW_EDMA_WR_INT_STATUS, OWNER_CLEAR, EDMA_DIR_WR },
	{ DW_EDMA_RD_INT_CLEAR, DW_EDMA_RD_INT_STATUS, OWNER_CLEAR, EDMA_DIR_RD },
	{ DW_EDMA_WR_INT_MASK, DW_EDMA_WR_INT_MASK, OWNER_ENABLE, EDMA_DIR_WR },
	{ DW_EDMA_RD_INT_MASK, DW_EDMA_RD_INT_MASK, OWNER_ENABLE, EDMA_DIR_RD },
	{ DW_EDMA_WR_LL_ERR_EN, DW_EDMA_WR_LL_ERR_EN, OWNER_ENABLE, EDMA_DIR_WR },
	{ DW_EDMA_RD_LL_ERR_EN, DW_EDMA_RD_LL_ERR_EN, OWNER_ENABLE, EDMA_DIR_RD },
};

/** Native HDMA has none: each register is of one channel. */
static const struct owner_reg *
owner_find(const struct softep *board, uint32_t offset)
{
	unsigned int i;

	if (board->opt->map == DW_EDMA_MAP_HDMA_NATIVE)
		return NULL;
	for (i = 0; i < sizeof(owner_regs) / sizeof(owner_regs[0]); i++) {
		if (owner_regs[i].offset == offset)
			return &owner_regs[i];
	}
	return NULL;
}

/** Channels of the register's direction that the write concerned. */
static uint8_t
owner_touched(const struct owner_reg *reg, uint32_t value, uint32_t before, uint32_t after)
{
	switch (reg->kind) {
	case OWNER_DOORBELL:
		return 1u << (value & DW_EDMA_DOORBELL_CH);
	case OWNER_RESET:
		/* A reset that waits for an element is one all the same. */
		return (before & ~value & DW_EDMA_ENGINE_EN) != 0 ? UINT8_MAX : 0;
	default:
		/* Done and abort bits are at the same places of the two halves. */
		return (before ^ after) | (before ^ after) >> 16;
	}
}

static void
owner_complain(struct softep_device *dev, const struct owner_reg *reg, uint32_t value,
	       uint8_t channels)
{
	edma_model_violate(dev->board->model, owner_violations[reg->kind],
			   "%s wrote 0x%08x to register 0x%03x, which concerns %s%d of another "
			   "port", softep_port_names[dev->port], value, reg->offset,
			   reg->dir == EDMA_DIR_WR ? "wr" : "rd", __builtin_ctz(channels));
}

/** Channels that other ports than @p port have started. */
static uint8_t
owner_others(const struct softep_owners *owners, enum softep_port port, enum edma_dir dir)
{
	uint8_t others = 0;
	unsigned int i;

	for (i = 0; i < SOFTEP_PORTS; i++) {
		if (i != port)
			others |= owners->started[i][dir];
	}
	return others;
}

void
softep_owner_write(struct softep_device *dev, uint32_t offset, uint32_t value)
{
	struct softep *board = dev->board;
	struct softep_owners *owners = &board->owners;
	const struct owner_reg *reg = owner_find(board, offset);
	uint8_t touched, foreign;
	uint8_t *started;
	uint32_t before;

	if (reg == NULL) {
		edma_model_write(board->model, offset, value);
		return;
	}
	before = edma_model_read(board->model, reg->shows);
	edma_model_write(board->model, offset, value);
	touched = owner_touched(reg, value, before, edma_model_read(board->model, reg->shows));
	foreign = touched & owner_others(owners, dev->port, reg->dir);
	started = &owners->started[dev->port][reg->dir];
	if (foreign != 0)
		owner_complain(dev, reg, value, foreign);
	if (reg->kind == OWNER_RESET)
		*started &= ~touched;
	else if (reg->kind == OWNER_DOORBELL && (value & DW_EDMA_DOORBELL_STOP) == 0)
		*started |= touched & ~foreign;
}

uint64_t
softep_owner_violations(const struct softep *board)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < sizeof(owner_violations) / sizeof(owner_violations[0]); i++)
		sum += edma_model_violations_of(board->model, owner_violations[i]);
	return sum;
}

void
softep_owner_leave(struct softep_device *dev)
{
	struct softep_owners *owners = &dev->board->owners;

	/* The other host of a bridge has no engine. */
	if (dev->port < SOFTEP_PORTS)
		memset(owners->started[dev->port], 0, sizeof(owners->started[0]));
}
