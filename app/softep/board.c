/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ntb_epf_hw.h"

#include "board.h"
#include "engine.h"
#include "irq.h"
#include "layout.h"
#include "log.h"
#include "outbound.h"

/** The doorbell array: a page, so that it can be mapped. */
#define BOARD_DB_BYTES NTB_SHAPE_DB_BYTES
/** BAR of the engine's registers, which has more bytes where they do not fit. */
#define BOARD_REGS_BYTES 8192
/** Distance of the channels' lists: that of the prototype that the DMA function's ids name. */
#define BOARD_LL_STRIDE (UINT64_C(2) << 20)
#define BOARD_DATA_STRIDE (UINT64_C(1) << 20)
/** What the prototype has with its two and two channels. */
#define BOARD_LL_MIN_BYTES (UINT64_C(16) << 20)

/** Local addresses: a slot of 4 GiB each, more than any of the memories has. */
#define BOARD_SLOT_MW 8
#define BOARD_LOCAL(slot) (SOFTEP_LOCAL_BASE + ((uint64_t)(slot) << 32))
#define BOARD_LOCAL_CTRL BOARD_LOCAL(0)
#define BOARD_LOCAL_MW BOARD_LOCAL(BOARD_SLOT_MW)
#define BOARD_LOCAL_DB BOARD_LOCAL(2)
#define BOARD_LOCAL_LL BOARD_LOCAL(3)
#define BOARD_LOCAL_OUTBOUND BOARD_LOCAL(4)

const char *const softep_port_names[SOFTEP_ALL_PORTS] = {
	[SOFTEP_RC_NTB] = "rc-ntb",
	[SOFTEP_RC_DMA] = "rc-dma",
	[SOFTEP_EP_NTB] = "ep-ntb",
	[SOFTEP_EP_DMA] = "ep-dma",
	[SOFTEP_RC2_NTB] = "rc2-ntb",
};

bool
softep_port_is_served(const struct softep *board, enum softep_port port)
{
	if (port == SOFTEP_EP_NTB)
		return board->opt->ntb.mode == SOFTEP_NTB_PROCESS;
	return port != SOFTEP_RC2_NTB || board->opt->ntb.mode == SOFTEP_NTB_BRIDGE;
}

/** Lists, and behind them room for data of each channel, which drivers of the prototype expect. */
static uint64_t
board_ll_bytes(const struct softep_options *opt)
{
	uint64_t bytes = BOARD_LL_MIN_BYTES;

	while (bytes < (opt->wr_cnt + opt->rd_cnt) * (BOARD_LL_STRIDE + BOARD_DATA_STRIDE))
		bytes *= 2;
	return bytes;
}

static uint64_t
board_regs_bytes(const struct softep_options *opt)
{
	uint64_t bytes = BOARD_REGS_BYTES;

	while (bytes < softep_engine_regs_bytes(opt))
		bytes *= 2;
	return bytes;
}

static int
board_create_memories(struct softep *board)
{
	const struct softep_options *opt = board->opt;
	const struct ntb_shape *shape = &opt->ntb.shape;
	const struct {
		struct softep_memory *mem;
		const char *name;
		uint64_t bytes;
		bool client_writes;
	} memories[] = {
		{ &board->ctrl, "softep-ctrl", ntb_shape_ctrl_bytes(shape), true },
		{ &board->db, "softep-db", BOARD_DB_BYTES, true },
		{ &board->ll, "softep-ll", board_ll_bytes(opt), true },
		{ &board->shadow, "softep-shadow", SOFTEP_SHADOW_BYTES, false },
		{ &board->page, "softep-board", SOFTEP_BOARD_BYTES, false },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		memories[i].mem->fd = -1;
	for (i = 0; i < NTB_EPF_MAX_MW; i++)
		board->mw[i].fd = -1;
	board->ntb.ctrl2.fd = -1;
	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		ret = softep_memory_create(memories[i].mem, memories[i].name, memories[i].bytes,
					   memories[i].client_writes);
		if (ret != 0)
			return ret;
	}
	for (i = 0; i < shape->mw_cnt; i++) {
		ret = softep_memory_create(&board->mw[i], "softep-mw", ntb_shape_mw_size(shape, i),
					   true);
		if (ret != 0)
			return ret;
	}
	return softep_ntb_init(board);
}

static void
board_fill_page(struct softep *board)
{
	struct softep_board *page = board->state;

	*page = (struct softep_board){
		.magic = SOFTEP_BOARD_MAGIC,
		.version = SOFTEP_BOARD_VERSION,
		.link_up = 1,
		.trap = board->opt->trap ? 1 : 0,
		.wr_cnt = board->opt->wr_cnt,
		.rd_cnt = board->opt->rd_cnt,
		.map = board->opt->map,
		.ctrl_local = BOARD_LOCAL_CTRL,
		.ctrl_bytes = board->ctrl.bytes,
		.mw_local = BOARD_LOCAL_MW,
		.mw_bytes = board->mw[0].bytes,
		.db_local = BOARD_LOCAL_DB,
		.db_bytes = board->db.bytes,
		.ll_local = BOARD_LOCAL_LL,
		.ll_bytes = board->ll.bytes,
		.outbound_local = BOARD_LOCAL_OUTBOUND,
		.outbound_bytes = board->mw[0].bytes,
		.ll_stride = BOARD_LL_STRIDE,
		.ll_ch_bytes = board->opt->ll_bytes,
	};
}

int
softep_board_init(struct softep *board, const struct softep_options *opt)
{
	unsigned int i;
	int ret;

	memset(board, 0, sizeof(*board));
	board->opt = opt;
	board->regs_bytes = board_regs_bytes(opt);
	softep_clock_init(&board->clock);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		board->ports[i].board = board;
		board->ports[i].port = i;
		softep_irq_init(&board->ports[i]);
	}
	ret = board_create_memories(board);
	if (ret != 0)
		goto fail;
	board->state = (struct softep_board *)(void *)board->page.va;
	board_fill_page(board);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++)
		board->ports[i].state = i < SOFTEP_PORTS ? &board->state->port[i] :
							   &board->ports[i].own_state;
	softep_layout_init(board);
	softep_board_set_wire(board, &board->clock.conf);
	softep_ntb_bind(board);
	/* Endpoint memory ends where the board's own begins; host addresses have no such border. */
	board->ports[SOFTEP_EP_NTB].maps.end = SOFTEP_LOCAL_BASE;
	board->ports[SOFTEP_EP_DMA].maps.end = SOFTEP_LOCAL_BASE;
	ret = softep_engine_init(board);
	if (ret == 0)
		return 0;

fail:
	softep_board_fini(board);
	return ret;
}

void
softep_board_fini(struct softep *board)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		softep_irq_close(&board->ports[i]);
		softep_map_remove_all(&board->ports[i].maps);
	}
	softep_engine_fini(board);
	softep_trace_close(board);
	softep_memory_destroy(&board->ctrl);
	for (i = 0; i < NTB_EPF_MAX_MW; i++)
		softep_memory_destroy(&board->mw[i]);
	softep_ntb_fini(board);
	softep_memory_destroy(&board->db);
	softep_memory_destroy(&board->ll);
	softep_memory_destroy(&board->shadow);
	softep_memory_destroy(&board->page);
}

/** Words of the board page: visible after everything that was done before. */
static void
board_publish(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/** Channels that are at work when a client comes, if another one was there before. */
static void
board_watch_channels(struct softep_device *dev)
{
	unsigned int dir;
	uint64_t any = 0;

	for (dir = 0; dir < SOFTEP_DIRS; dir++) {
		dev->unsettled[dir] = 0;
		if (dev->state->attach_seq != 0)
			dev->unsettled[dir] = edma_model_active(dev->board->model, dir);
		any |= dev->unsettled[dir];
	}
	board_publish(&dev->state->unsettled, any != 0 ? 1 : 0);
}

void
softep_board_track(struct softep *board)
{
	unsigned int port, dir;

	for (port = 0; port < SOFTEP_ALL_PORTS; port++) {
		struct softep_device *dev = &board->ports[port];
		uint64_t any = 0;

		if (dev->state->unsettled == 0)
			continue;
		for (dir = 0; dir < SOFTEP_DIRS; dir++) {
			dev->unsettled[dir] &= edma_model_active(board->model, dir);
			any |= dev->unsettled[dir];
		}
		if (any == 0)
			board_publish(&dev->state->unsettled, 0);
	}
}

void
softep_board_attached(struct softep_device *dev)
{
	struct softep_port_state *state = dev->state;

	dev->attached = true;
	/* At once: the first read of a new client must not take its predecessor's count. */
	if (softep_port_is_dma(dev->port))
		softep_board_applied(dev, 0);
	board_watch_channels(dev);
	board_publish(&state->attach_seq, state->attach_seq + 1);
	board_publish(&state->attached, 1);
}

/** What the control region says about a side that is gone. */
static void
board_forget_ntb(struct softep_device *dev)
{
	struct softep *board = dev->board;
	struct ntb_epf_ctrl *ctrl = (struct ntb_epf_ctrl *)(void *)board->ctrl.va;

	if (board->opt->ntb.mode != SOFTEP_NTB_PROCESS) {
		if (dev->port == SOFTEP_RC_NTB || dev->port == SOFTEP_RC2_NTB)
			softep_ntb_host_gone(dev);
	} else if (dev->port == SOFTEP_RC_NTB) {
		/* The host drives the link bit, and does it no more. */
		__atomic_store_n(&ctrl->link_status, 0, __ATOMIC_RELEASE);
	} else if (dev->port == SOFTEP_EP_NTB) {
		softep_outbound_close(board);
		memset(board->ctrl.va, 0, board->ctrl.bytes);
		memset(board->db.va, 0, board->db.bytes);
	}
}

void
softep_board_detached(struct softep_device *dev)
{
	struct softep_port_state *state = dev->state;

	if (softep_port_is_rc(dev->port)) {
		softep_config_reset(&dev->config);
		softep_board_configured(dev);
		softep_irq_close(dev);
	}
	if (dev->port == SOFTEP_RC_DMA)
		softep_pedm_reset(dev->board);
	softep_map_remove_all(&dev->maps);
	/* What is in the middle of an element ends now, before the next client maps anything. */
	softep_engine_settle(dev->board);
	board_forget_ntb(dev);
	softep_owner_leave(dev);
	dev->attached = false;
	board_publish(&state->attached, 0);
}

/** True for ports with the engine's registers. */
static bool
board_has_registers(const struct softep_device *dev)
{
	return softep_port_is_dma(dev->port) ||
	       (dev->port == SOFTEP_RC_NTB && dev->board->opt->ntb.shape.dma != NTB_DMA_NONE);
}

/** True if nobody but the client of this port can use the engine. */
static bool
board_owns_engine(const struct softep_device *dev)
{
	const struct softep_device *other;
	unsigned int i;

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		other = &dev->board->ports[i];
		if (other != dev && other->attached && board_has_registers(other))
			return false;
	}
	return board_has_registers(dev);
}

void
softep_board_reset_function(struct softep_device *dev)
{
	if (softep_port_is_rc(dev->port)) {
		softep_config_reset(&dev->config);
		softep_board_configured(dev);
		softep_irq_reset(dev);
	}
	if (dev->port == SOFTEP_RC_NTB || dev->port == SOFTEP_RC2_NTB)
		softep_ntb_host_gone(dev);
	if (dev->port == SOFTEP_RC_DMA)
		softep_pedm_reset(dev->board);
	if (dev->port == SOFTEP_EP_NTB)
		softep_outbound_close(dev->board);
	if (board_owns_engine(dev)) {
		edma_model_reset(dev->board->model);
		softep_owner_leave(dev);
	}
}

/** The host decides how large packets and requests of the engine may be. */
static void
board_take_sizes(struct softep_device *dev)
{
	struct softep_link_conf conf = dev->board->clock.conf;

	if (!dev->has_engine)
		return;
	softep_config_get_sizes(&dev->config, &conf.mps, &conf.mrrs);
	softep_clock_set(&dev->board->clock, &conf);
}

void
softep_board_configured(struct softep_device *dev)
{
	uint32_t on = softep_config_bus_master(&dev->config) ? 1 : 0;

	board_publish(&dev->state->bus_master, on);
	board_take_sizes(dev);
}

void
softep_board_set_wire(struct softep *board, const struct softep_link_conf *conf)
{
	unsigned int i;

	board->wire = *conf;
	softep_clock_set(&board->clock, conf);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (softep_port_is_rc(i))
			softep_config_set_link(&board->ports[i].config, conf);
	}
	board_take_sizes(&board->ports[SOFTEP_RC_DMA]);
}

void
softep_board_set_link(struct softep *board, bool up)
{
	board_publish(&board->state->link_up, up ? 1 : 0);
	softep_irq_update(&board->ports[SOFTEP_RC_NTB]);
	softep_irq_update(&board->ports[SOFTEP_RC_DMA]);
	softep_irq_update(&board->ports[SOFTEP_RC2_NTB]);
}

void
softep_board_set_all_ones(struct softep *board, bool on)
{
	board_publish(&board->state->all_ones, on ? 1 : 0);
}

bool
softep_board_all_ones(const struct softep *board)
{
	return board->state->all_ones != 0;
}

bool
softep_board_link_up(const struct softep *board)
{
	return board->state->link_up != 0;
}

void
softep_board_applied(struct softep_device *dev, uint64_t count)
{
	uint64_t offset = dev->port == SOFTEP_RC_DMA ? SOFTEP_SHADOW_APPLIED_RC :
						       SOFTEP_SHADOW_APPLIED_EP;
	uint64_t *word = (uint64_t *)(void *)(dev->board->shadow.va + offset);

	/* Release: who sees the number also sees what the writes did to the register image. */
	__atomic_store_n(word, count, __ATOMIC_RELEASE);
}

/** @p va plus the offset of @p addr in a memory at @p local, or NULL if it lies elsewhere. */
static void *
board_memory(const struct softep_memory *mem, uint64_t local, uint64_t addr, uint64_t *len)
{
	uint64_t offset = addr - local;

	if (addr < local || offset >= mem->bytes)
		return NULL;
	if (*len > mem->bytes - offset)
		*len = mem->bytes - offset;
	return mem->va + offset;
}

static void *
board_own_memory(struct softep *board, uint64_t addr, uint64_t *len, bool write)
{
	const uint64_t slot = (addr - SOFTEP_LOCAL_BASE) >> 32;
	const struct softep_board *page = board->state;

	if (slot >= BOARD_SLOT_MW && slot < BOARD_SLOT_MW + NTB_EPF_MAX_MW)
		return board_memory(&board->mw[slot - BOARD_SLOT_MW], BOARD_LOCAL(slot), addr,
				    len);
	switch (slot) {
	case 0:
		return board_memory(&board->ctrl, page->ctrl_local, addr, len);
	case 2:
		return board_memory(&board->db, page->db_local, addr, len);
	case 3:
		return board_memory(&board->ll, page->ll_local, addr, len);
	case 4:
		return softep_outbound_access(board, addr - page->outbound_local, len, write);
	default:
		return NULL;
	}
}

/**
 * List memory at the bus address of its BAR: the engine of Synopsys' prototype sees it there as
 * well, and is given these addresses. Not before the host has given the BAR one.
 */
static void *
board_list_alias(struct softep *board, uint64_t addr, uint64_t *len)
{
	const struct softep_device *dev = &board->ports[SOFTEP_RC_DMA];
	uint64_t bar = 0;

	if (dev->list_alias)
		bar = softep_config_bar(&dev->config, SOFTEP_DMA_REGION_LL);
	return bar != 0 ? board_memory(&board->ll, bar, addr, len) : NULL;
}

void *
softep_board_local(struct softep *board, uint64_t addr, uint64_t *len, bool write)
{
	void *va;

	if (addr >= SOFTEP_LOCAL_BASE)
		return board_own_memory(board, addr, len, write);
	va = softep_map_access(&board->ports[SOFTEP_EP_DMA].maps, addr, len, write);
	if (va == NULL)
		va = softep_map_access(&board->ports[SOFTEP_EP_NTB].maps, addr, len, write);
	if (va == NULL)
		va = board_list_alias(board, addr, len);
	return va;
}

struct softep_device *
softep_board_function(struct softep *board, unsigned int fn)
{
	/* Drivers of an engine that is a device of its own leave the number at 0. */
	if (fn == SOFTEP_FN_NTB && board->state->port[SOFTEP_RC_NTB].attach_seq != 0)
		return &board->ports[SOFTEP_RC_NTB];
	return fn == SOFTEP_FN_NTB || fn == SOFTEP_FN_DMA ? &board->ports[SOFTEP_RC_DMA] : NULL;
}

bool
softep_board_can_send(const struct softep_device *dev)
{
	return softep_board_link_up(dev->board) && softep_config_bus_master(&dev->config);
}

void *
softep_board_host(struct softep_device *dev, uint64_t addr, uint64_t *len, bool write)
{
	if (!softep_board_can_send(dev))
		return NULL;
	return softep_map_access(&dev->maps, addr, len, write);
}

void *
softep_board_pcie(struct softep *board, unsigned int fn, uint64_t addr, uint64_t *len, bool write)
{
	struct softep_device *dev = softep_board_function(board, fn);

	return dev != NULL ? softep_board_host(dev, addr, len, write) : NULL;
}

void
softep_board_lost(struct softep *board, const void *va)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (softep_map_lose(&board->ports[i].maps, va)) {
			softep_complain("%s: a file that it mapped has been truncated",
					softep_port_names[i]);
			return;
		}
	}
	/* Sealed memory of our own cannot shrink; going on would repeat the fault forever. */
	softep_complain("memory at %p has no page behind it", va);
	abort();
}
