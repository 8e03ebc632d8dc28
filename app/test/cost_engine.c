/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include <dev_driver.h>
#include <rte_dmadev.h>
#include <rte_memory.h>

#include <edma_model.h>

#include "cost_engine.h"

/** As large as Linux's local list memory. */
#define LIST_BYTES 4096
/** Up to the end of the window of the last channel. */
#define REGS_USED ((DW_EDMA_RD_CH(0) + DW_EDMA_CH_BYTES) / 4)
#define REGS (DW_EDMA_REGS_BYTES / 4)

/** Registers as the drivers see and write them, and as the model says they are. */
static uint32_t regs[REGS] __rte_aligned(4096);
static uint32_t image[REGS];
static uint8_t lists[DW_EDMA_DIRS][LIST_BYTES] __rte_aligned(4096);
static struct edma_model *model;

/** Written for what they do: in memory a second write of the same value would not show. */
static const uint32_t commands[] = {
	DW_EDMA_WR_INT_CLEAR / 4, DW_EDMA_RD_INT_CLEAR / 4,
	DW_EDMA_WR_DOORBELL / 4, DW_EDMA_RD_DOORBELL / 4,
};
#define NO_COMMAND 0xdeadbeefu

/** Both sides are this process. */
static void *
map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len, bool write)
{
	RTE_SET_USED(ctx);
	RTE_SET_USED(space);
	RTE_SET_USED(fn);
	RTE_SET_USED(len);
	RTE_SET_USED(write);
	return (void *)(uintptr_t)addr;
}

static bool
is_command(uint32_t reg)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(commands); i++)
		if (commands[i] == reg)
			return true;
	return false;
}

/** Registers first, then what makes the engine do something with them. */
static void
tell_model(void)
{
	unsigned int i;

	for (i = 0; i < REGS_USED; i++)
		if (regs[i] != image[i] && !is_command(i))
			edma_model_write(model, i * 4, regs[i]);
	for (i = 0; i < RTE_DIM(commands); i++)
		if (regs[commands[i]] != NO_COMMAND)
			edma_model_write(model, commands[i] * 4, regs[commands[i]]);
}

static void
ask_model(void)
{
	unsigned int i;

	memcpy(regs, image, REGS_USED * sizeof(*regs));
	for (i = 0; i < RTE_DIM(commands); i++)
		regs[commands[i]] = NO_COMMAND;
}

void
cost_engine_turn(void)
{
	tell_model();
	while (edma_model_run(model, 256) != 0)
		;
	ask_model();
}

int
cost_engine_create(void)
{
	static const struct edma_bus bus = { .map = map };
	const struct edma_model_conf conf = {
		.wr_cnt = 1,
		.rd_cnt = 1,
		.map = DW_EDMA_MAP_UNROLL,
		.regs = image,
		.bus = &bus,
	};

	model = edma_model_create(&conf);
	if (model == NULL)
		return -1;
	ask_model();
	return 0;
}

static void
keep(struct dw_edma_mmio *mmio)
{
	RTE_SET_USED(mmio);
}

static int
attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	static struct dw_edma_mmio mmio = {
		.regs = (volatile uint8_t *)regs,
		.regs_bytes = sizeof(regs),
		.what = "memory",
		.release = keep,
	};
	int dir;

	engine->map = &dw_edma_unroll_ops;
	engine->side = args->side;
	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		mmio.list[dir][0] = (struct dw_edma_list){
			.va = (struct dw_edma_elem *)lists[dir],
			.local = (uintptr_t)lists[dir],
			.bytes = LIST_BYTES,
		};
	return dw_edma_mmio_attach(engine, &mmio);
}

int
cost_engine_attach(const char *name, enum dw_edma_side side, bool wr, bool rd)
{
	static const struct dw_edma_attachment attachment = { .attach = attach };
	static struct rte_device device = { .name = "cost", .numa_node = SOCKET_ID_ANY };
	const struct dw_edma_args args = {
		.att = &attachment,
		.side = side,
		.fn = -1,
		.mask_given = { true, true },
		.mask = { [DW_EDMA_WR] = wr, [DW_EDMA_RD] = rd },
	};

	return dw_edma_probe(&device, name, &args);
}
