/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Attachment to the software endpoint. Registers are written by message and read from the shadow
 * page that the board keeps; in trap mode both are messages, and list memory is too.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include <softep_client.h>

#include "dw_edma_priv.h"

/** How often a board that does not apply writes is looked at. */
#define SOFTEP_CHECK_MS 10
/** Longest wait for a write to be applied: longer than another client can stall the board, 1 s. */
#define SOFTEP_APPLY_MS 1500

struct softep {
	struct softep_client *client;
	bool over_link;        /**< this side reaches the registers through the PCIe link */
	const uint8_t *shadow; /**< NULL: registers are read by message */
	uint32_t applied;      /**< offset of our count in the shadow page */
	uint32_t ll_first_rd;  /**< index of the first read channel's list */
};

static struct softep *
softep_of(const struct dw_edma_io *io)
{
	return io->engine->attachment;
}

/**
 * Acquire: what the engine did before it changed a register, payload included, is seen after the
 * register's new value.
 */
static uint32_t
shadow_read(const struct softep *se, uint32_t offset)
{
	const RTE_ATOMIC(uint32_t) *reg =
		(const RTE_ATOMIC(uint32_t) *)(uintptr_t)(se->shadow + SOFTEP_SHADOW_REGS + offset);

	return rte_atomic_load_explicit(reg, rte_memory_order_acquire);
}

static bool
applied(const struct softep *se, const struct dw_edma_io *io)
{
	const RTE_ATOMIC(uint64_t) *count =
		(const RTE_ATOMIC(uint64_t) *)(uintptr_t)(se->shadow + se->applied);

	return rte_atomic_load_explicit(count, rte_memory_order_acquire) >= io->seq;
}

static uint32_t
board_word(const uint32_t *word)
{
	return rte_atomic_load_explicit((const RTE_ATOMIC(uint32_t) *)word,
					rte_memory_order_acquire);
}

/** Over a dead link the host's reads return all-ones. The endpoint's are local. */
static bool
cut_off(const struct softep *se)
{
	const struct softep_board *board = softep_board(se->client);

	return se->over_link &&
	       (board_word(&board->link_up) == 0 || board_word(&board->all_ones) != 0);
}

static uint32_t
message_read(struct dw_edma_io *io, uint32_t offset)
{
	uint32_t value;

	if (softep_read(softep_of(io)->client, SOFTEP_DMA_REGION_REGS, offset, &value,
			sizeof(value)) == 0)
		return value;
	dw_edma_set_dead(io->engine);
	return DW_EDMA_DEAD;
}

static uint32_t
softep_peek32(struct dw_edma_io *io, uint32_t offset)
{
	struct softep *se = softep_of(io);

	if (se->shadow == NULL)
		return message_read(io, offset);
	if (!softep_alive(se->client)) {
		dw_edma_set_dead(io->engine);
		return DW_EDMA_DEAD;
	}
	return cut_off(se) ? DW_EDMA_DEAD : shadow_read(se, offset);
}

/** A board that does not apply writes is busy, or gone: looks at the socket now and then. */
static bool
look_after(struct dw_edma_io *io)
{
	uint64_t now = rte_get_timer_cycles();

	if (now < io->check)
		return true;
	io->check = now + SOFTEP_CHECK_MS * rte_get_timer_hz() / MS_PER_S;
	if (softep_check(softep_of(io)->client))
		return true;
	dw_edma_set_dead(io->engine);
	return false;
}

static bool
softep_settled(struct dw_edma_io *io)
{
	struct softep *se = softep_of(io);

	if (se->shadow == NULL)
		return true;
	return look_after(io) && applied(se, io);
}

/** A doorbell is a message, and these registers are loads. */
static bool
softep_look_first(const struct dw_edma_io *io)
{
	const struct softep *se = softep_of(io);

	return se->shadow != NULL && !se->over_link;
}

static uint32_t
softep_read32(struct dw_edma_io *io, uint32_t offset)
{
	struct softep *se = softep_of(io);
	uint64_t end;

	if (se->shadow != NULL && !applied(se, io)) {
		end = rte_get_timer_cycles() + SOFTEP_APPLY_MS * rte_get_timer_hz() / MS_PER_S;
		while (!applied(se, io)) {
			if (!look_after(io) || rte_get_timer_cycles() >= end) {
				dw_edma_set_dead(io->engine);
				return DW_EDMA_DEAD;
			}
			/* The board may be waiting for this very CPU. */
			sched_yield();
		}
	}
	return softep_peek32(io, offset);
}

static void
softep_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	if (softep_post(softep_of(io)->client, SOFTEP_DMA_REGION_REGS, offset, &value,
			sizeof(value), &io->seq) != 0)
		dw_edma_set_dead(io->engine);
}

static bool
softep_present(struct dw_edma_engine *engine)
{
	struct softep *se = engine->attachment;

	return softep_check(se->client) && !cut_off(se);
}

static uint64_t
list_offset(const struct softep *se, enum dw_edma_dir dir, unsigned int ch)
{
	unsigned int n = dir == DW_EDMA_WR ? ch : se->ll_first_rd + ch;

	return n * softep_board(se->client)->ll_stride;
}

static int
softep_list(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
	    struct dw_edma_list *list)
{
	struct softep *se = engine->attachment;
	const struct softep_board *board = softep_board(se->client);
	const struct softep_region *region = softep_region(se->client, SOFTEP_DMA_REGION_LL);
	uint64_t offset = list_offset(se, dir, ch);
	uint64_t bytes = board->ll_ch_bytes;

	if (board->ll_stride > region->size || offset > region->size ||
	    bytes > region->size - offset || bytes > board->ll_stride)
		return -EPROTO;
	if (region->va != NULL && !region->writable)
		return -EACCES;
	list->va = region->va != NULL ? (struct dw_edma_elem *)(region->va + offset) : NULL;
	list->local = board->ll_local + offset;
	list->bytes = bytes;
	return 0;
}

static void
softep_list_write(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch, uint64_t offset,
		  const void *data, uint32_t bytes)
{
	struct softep *se = softep_of(io);

	if (dw_edma_is_dead(io->engine))
		return;
	if (softep_post(se->client, SOFTEP_DMA_REGION_LL, list_offset(se, dir, ch) + offset, data,
			bytes, &io->seq) != 0)
		dw_edma_set_dead(io->engine);
}

/** By message even if the list is mapped: the board is what has to take notice. */
static void
softep_list_flush(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch)
{
	struct softep *se = softep_of(io);
	uint32_t control;

	if (dw_edma_is_dead(io->engine))
		return;
	if (softep_read(se->client, SOFTEP_DMA_REGION_LL, list_offset(se, dir, ch), &control,
			sizeof(control)) != 0)
		dw_edma_set_dead(io->engine);
}

static void
softep_dump(struct dw_edma_engine *engine, FILE *f)
{
	struct softep *se = engine->attachment;

	fprintf(f, "  attachment: softep, registers read %s, %s\n",
		se->shadow != NULL ? "from the shadow page" : "by message",
		softep_alive(se->client) ? "connected" : "disconnected");
}

static void
dw_edma_softep_detach(struct dw_edma_engine *engine)
{
	struct softep *se = engine->attachment;

	softep_detach(se->client);
	free(se);
	engine->attachment = NULL;
}

static const struct dw_edma_attach_ops softep_ops = {
	.read32 = softep_read32,
	.peek32 = softep_peek32,
	.write32 = softep_write32,
	.settled = softep_settled,
	.look_first = softep_look_first,
	.present = softep_present,
	.list = softep_list,
	.list_write = softep_list_write,
	.list_flush = softep_list_flush,
	.dump = softep_dump,
	.detach = dw_edma_softep_detach,
};

/**
 * No lock reaches across the link. Both sides attach before they look, so of two that come at the
 * same time at most one stays.
 */
static int
check_alone(struct dw_edma_engine *engine, struct softep *se)
{
	bool rc_side = engine->side == DW_EDMA_SIDE_RC;

	if (!engine->map->one_user ||
	    !softep_port_attached(se->client, rc_side ? SOFTEP_EP_DMA : SOFTEP_RC_DMA))
		return 0;
	DW_EDMA_LOG(ERR, engine->name, "the engine has map %s and is used by side %s, expected one "
		    "side only", engine->map->name, rc_side ? "ep" : "rc");
	return -EBUSY;
}

/** What the board tells about its engine, checked. */
static int
read_board(struct dw_edma_engine *engine, struct softep *se)
{
	const struct softep_board *board = softep_board(se->client);
	const struct softep_region *shadow = softep_region(se->client, SOFTEP_REGION_SHADOW);
	uint32_t wr_cnt = board->wr_cnt;
	uint32_t rd_cnt = board->rd_cnt;
	uint32_t map = board->map;

	engine->map = dw_edma_map_by_code(map);
	if (engine->map == NULL) {
		DW_EDMA_LOG(ERR, engine->name, "the board's engine has map %u, expected %u, %u, %u "
			    "or %u", map, DW_EDMA_MAP_LEGACY, DW_EDMA_MAP_UNROLL,
			    DW_EDMA_MAP_HDMA_COMPAT, DW_EDMA_MAP_HDMA_NATIVE);
		return -ENOTSUP;
	}
	if (wr_cnt > DW_EDMA_CHANS || rd_cnt > DW_EDMA_CHANS) {
		DW_EDMA_LOG(ERR, engine->name, "the board's engine has %u write and %u read "
			    "channels, expected at most %u each", wr_cnt, rd_cnt, DW_EDMA_CHANS);
		return -EPROTO;
	}
	engine->cnt[DW_EDMA_WR] = wr_cnt;
	engine->cnt[DW_EDMA_RD] = rd_cnt;
	memcpy(engine->blocks, dw_edma_usual_blocks, sizeof(engine->blocks));
	se->ll_first_rd = wr_cnt;
	if (shadow->va != NULL && shadow->size >= SOFTEP_SHADOW_BYTES)
		se->shadow = shadow->va;
	se->over_link = engine->side == DW_EDMA_SIDE_RC;
	se->applied = se->over_link ? SOFTEP_SHADOW_APPLIED_RC : SOFTEP_SHADOW_APPLIED_EP;
	return check_alone(engine, se);
}

static int
dw_edma_softep_attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	bool rc_side = args->side == DW_EDMA_SIDE_RC;
	struct softep *se;
	int rc;

	if (args->side < 0) {
		DW_EDMA_LOG(ERR, engine->name, "argument side= is missing, expected rc or ep");
		return -EINVAL;
	}
	se = calloc(1, sizeof(*se));
	if (se == NULL)
		return -ENOMEM;
	rc = softep_attach(args->dir, rc_side ? SOFTEP_RC_DMA : SOFTEP_EP_DMA, engine->name,
			   &se->client);
	if (rc == 0 && rc_side) {
		rc = softep_bus_master(se->client, true);
		if (rc != 0)
			softep_detach(se->client);
	}
	if (rc != 0) {
		free(se);
		return rc;
	}
	engine->attachment = se;
	engine->ops = &softep_ops;
	engine->side = args->side;
	/* The endpoint's engine is aimed at what the host mapped for the NTB function. */
	engine->fn = rc_side ? SOFTEP_FN_DMA : SOFTEP_FN_NTB;
	if (args->fn >= 0)
		engine->fn = args->fn;
	return read_board(engine, se);
}

static int
softep_arg(struct dw_edma_args *args, const char *key, const char *value, const char **expected)
{
	enum softep_side side;

	if (strcmp(key, "softep") == 0) {
		args->dir = value;
		return 0;
	}
	if (strcmp(key, "side") != 0)
		return -ENOENT;
	*expected = "rc or ep";
	if (softep_side_parse(value, &side) != 0)
		return -EINVAL;
	args->side = side == SOFTEP_SIDE_RC ? DW_EDMA_SIDE_RC : DW_EDMA_SIDE_EP;
	return 0;
}

static struct dw_edma_attachment softep_attachment = {
	.key = "softep",
	.usage = "softep=DIR,side=rc|ep",
	.keys = "softep, side",
	.arg = softep_arg,
	.attach = dw_edma_softep_attach,
};

RTE_INIT(softep_register)
{
	dw_edma_attachment_register(&softep_attachment);
}
