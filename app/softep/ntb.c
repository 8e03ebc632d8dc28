/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>
#include <time.h>

#include "board.h"
#include "copy.h"
#include "irq.h"
#include "log.h"
#include "ntb.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

uint64_t
softep_ntb_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/** The function that a model calls host 0 or 1. */
static struct softep_device *
ntb_function(struct softep *board, unsigned int host)
{
	return &board->ports[host == 0 ? SOFTEP_RC_NTB : SOFTEP_RC2_NTB];
}

static unsigned int
ntb_host(const struct softep_device *dev)
{
	return dev->port == SOFTEP_RC2_NTB ? 1 : 0;
}

/* What the models ask of the board. */

static void *
ntb_reach(void *ctx, uint64_t addr, uint64_t *len, bool write)
{
	return softep_board_host(ctx, addr, len, write);
}

static uint64_t
ntb_copy(void *ctx, unsigned int host, uint64_t addr, void *data, uint64_t len, bool write)
{
	struct softep_device *dev = ntb_function(ctx, host);
	uint32_t message;

	if (write && len == sizeof(message)) {
		memcpy(&message, data, sizeof(message));
		if (softep_irq_message(dev, addr, message))
			return 0;
	}
	return softep_copy(ctx, ntb_reach, dev, addr, data, len, write);
}

static bool
ntb_raise(void *ctx, unsigned int host, unsigned int vector)
{
	struct softep_device *dev = ntb_function(ctx, host);
	const struct softep_config_irqs irqs = softep_config_irqs(&dev->config);

	uint32_t message = irqs.msi_data | vector;

	/* With MSI-X the address may be in a table that the client keeps to itself. */
	if (irqs.msix_enabled || irqs.msi_cnt > 0) {
		softep_irq_raise(dev, vector);
		return true;
	}
	if (irqs.msi_address == 0)
		return false;
	/* Linux does not look whether MSI is enabled: any memory will do. */
	softep_copy(ctx, ntb_reach, dev, irqs.msi_address, &message, sizeof(message), true);
	return true;
}

static void
ntb_complain(void *ctx, const char *line)
{
	struct softep *board = ctx;

	softep_complain_rarely(&board->ntb_voice, "ntb", line);
}

static const struct ntb_bus ntb_bus = {
	.copy = ntb_copy,
	.raise = ntb_raise,
	.complain = ntb_complain,
};

/* Life. */

int
softep_ntb_init(struct softep *board)
{
	if (board->opt->ntb.mode != SOFTEP_NTB_BRIDGE)
		return 0;
	return softep_memory_create(&board->ntb.ctrl2, "softep-ctrl2", board->ctrl.bytes, false);
}

static void
ntb_bind_vntb(struct softep *board)
{
	const struct softep_ntb_options *opt = &board->opt->ntb;
	struct vntb_conf conf = {
		.shape = opt->shape,
		.version = opt->linux_version,
		.db_mode = opt->db_mode,
		.ctrl = board->ctrl.va,
		.more = board->ntb.dma.more,
		.bus = &ntb_bus,
		.bus_ctx = board,
	};
	unsigned int i;

	for (i = 0; i < opt->shape.mw_cnt; i++)
		conf.mw[i] = board->mw[i].va;
	vntb_init(&board->ntb.vntb, &conf, softep_ntb_now());
}

static void
ntb_bind_bridge(struct softep *board)
{
	const struct bridge_conf conf = {
		.shape = board->opt->ntb.shape,
		.ctrl = { board->ctrl.va, board->ntb.ctrl2.va },
		.bus = &ntb_bus,
		.bus_ctx = board,
	};

	bridge_init(&board->ntb.bridge, &conf, softep_ntb_now());
}

void
softep_ntb_bind(struct softep *board)
{
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		ntb_bind_vntb(board);
	else if (board->opt->ntb.mode == SOFTEP_NTB_BRIDGE)
		ntb_bind_bridge(board);
}

void
softep_ntb_unbind(struct softep *board)
{
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		vntb_unbind(&board->ntb.vntb);
	else if (board->opt->ntb.mode == SOFTEP_NTB_BRIDGE)
		bridge_unbind(&board->ntb.bridge);
}

void
softep_ntb_rebind(struct softep *board)
{
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		vntb_bind(&board->ntb.vntb, softep_ntb_now());
	else if (board->opt->ntb.mode == SOFTEP_NTB_BRIDGE)
		bridge_bind(&board->ntb.bridge, softep_ntb_now());
}

void
softep_ntb_fini(struct softep *board)
{
	softep_memory_destroy(&board->ntb.ctrl2);
}

void
softep_ntb_host_gone(struct softep_device *dev)
{
	struct softep *board = dev->board;

	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		vntb_host_gone(&board->ntb.vntb, softep_ntb_now());
	else if (board->opt->ntb.mode == SOFTEP_NTB_BRIDGE)
		bridge_host_gone(&board->ntb.bridge, ntb_host(dev));
}

struct ntb_switches *
softep_ntb_switches(struct softep *board)
{
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		return &board->ntb.vntb.sw;
	return board->opt->ntb.mode == SOFTEP_NTB_BRIDGE ? &board->ntb.bridge.sw : NULL;
}

/* Time. */

static uint64_t
ntb_next(const struct softep *board)
{
	switch (board->opt->ntb.mode) {
	case SOFTEP_NTB_VNTB:
		return vntb_next(&board->ntb.vntb);
	case SOFTEP_NTB_BRIDGE:
		return bridge_next(&board->ntb.bridge);
	default:
		return NTB_NEVER;
	}
}

uint64_t
softep_ntb_wait(const struct softep *board)
{
	const uint64_t next = ntb_next(board);
	uint64_t now;

	if (next == NTB_NEVER)
		return NTB_NEVER;
	now = softep_ntb_now();
	return next > now ? next - now : 0;
}

void
softep_ntb_run(struct softep *board)
{
	/* Without a look at the clock, which a busy engine would make every few steps. */
	if (ntb_next(board) == NTB_NEVER)
		return;
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		vntb_run(&board->ntb.vntb, softep_ntb_now());
	else
		bridge_run(&board->ntb.bridge, softep_ntb_now());
}

/* Accesses of the hosts. */

static void
ntb_access(struct softep_device *dev, const struct ntb_access *access)
{
	struct softep_ntb *ntb = &dev->board->ntb;

	if (dev->board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		vntb_access(&ntb->vntb, access, softep_ntb_now());
	else
		bridge_access(&ntb->bridge, ntb_host(dev), access, softep_ntb_now());
}

void
softep_ntb_read(struct softep_device *dev, unsigned int bar, uint64_t offset, void *data,
		uint32_t count)
{
	const struct ntb_access access = {
		.bar = bar,
		.offset = offset,
		.data = data,
		.count = count,
	};

	ntb_access(dev, &access);
}

void
softep_ntb_write(struct softep_device *dev, unsigned int bar, uint64_t offset, const void *data,
		 uint32_t count)
{
	const struct ntb_access access = {
		.bar = bar,
		.offset = offset,
		.data = (uint8_t *)(uintptr_t)data,
		.count = count,
		.write = true,
	};

	ntb_access(dev, &access);
}

/** Where region B is by the numbers in the control region; NULL: they are none, or wrong. */
static uint8_t *
ntb_peer(const struct softep *board, uint64_t offset, uint32_t *count)
{
	const struct ntb_epf_ctrl *regs =
		(const struct ntb_epf_ctrl *)(const void *)board->ctrl.va;
	const uint64_t bytes = (uint64_t)__atomic_load_n(&regs->spad_count, __ATOMIC_ACQUIRE) *
			       NTB_EPF_SPAD_BYTES;
	const uint64_t begin = __atomic_load_n(&regs->spad_offset, __ATOMIC_ACQUIRE) + bytes;

	if (offset >= bytes || begin + bytes > board->ctrl.bytes)
		return NULL;
	if (*count > bytes - offset)
		*count = bytes - offset;
	return board->ctrl.va + begin + offset;
}

void
softep_ntb_peer_read(const struct softep *board, uint64_t offset, void *data, uint32_t count)
{
	uint32_t good = count;
	const uint8_t *at = ntb_peer(board, offset, &good);

	if (at == NULL)
		good = 0;
	else
		softep_memory_load(data, at, good);
	memset((uint8_t *)data + good, 0, count - good);
}

void
softep_ntb_peer_write(const struct softep *board, uint64_t offset, const void *data,
		      uint32_t count)
{
	uint8_t *at = ntb_peer(board, offset, &count);

	if (at != NULL)
		softep_memory_store(at, data, count);
}
