/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What all register maps need. Nothing but this file, the maps and the attachments touches a
 * register.
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_pause.h>

#include "dw_edma_priv.h"

bool
dw_edma_is_dead(const struct dw_edma_engine *engine)
{
	return rte_atomic_load_explicit(&engine->dead, rte_memory_order_relaxed) != 0;
}

void
dw_edma_set_dead(struct dw_edma_engine *engine)
{
	rte_atomic_store_explicit(&engine->dead, 1, rte_memory_order_relaxed);
}

uint32_t
dw_edma_read32(struct dw_edma_io *io, uint32_t offset)
{
	if (dw_edma_is_dead(io->engine))
		return DW_EDMA_DEAD;
	io->reads++;
	return io->engine->ops->read32(io, offset);
}

uint32_t
dw_edma_peek32(struct dw_edma_io *io, uint32_t offset)
{
	if (dw_edma_is_dead(io->engine))
		return DW_EDMA_DEAD;
	io->reads++;
	return io->engine->ops->peek32(io, offset);
}

void
dw_edma_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	if (!dw_edma_is_dead(io->engine))
		io->engine->ops->write32(io, offset, value);
}

int
dw_edma_wait_reg(struct dw_edma_io *io, uint32_t offset, uint32_t mask, uint32_t want,
		 unsigned int ms)
{
	uint64_t end = rte_get_timer_cycles() + ms * rte_get_timer_hz() / MS_PER_S;
	uint32_t value;

	for (;;) {
		value = dw_edma_read32(io, offset);
		if (value == DW_EDMA_DEAD)
			return -ENODEV;
		if ((value & mask) == want)
			return 0;
		if (rte_get_timer_cycles() >= end)
			return -ETIMEDOUT;
		rte_pause();
	}
}

int
dw_edma_wait_idle(struct dw_edma_chan *ch, unsigned int ms)
{
	uint64_t end = rte_get_timer_cycles() + ms * rte_get_timer_hz() / MS_PER_S;
	int state;

	do {
		state = ch->map->state(ch);
		if (state != DW_EDMA_CS_RUNNING)
			return state < 0 ? state : 0;
		rte_pause();
	} while (rte_get_timer_cycles() < end);
	return -ETIMEDOUT;
}

/** The maps there are: what is not listed is not supported. */
static const struct dw_edma_map_ops * const maps[] = {
	&dw_edma_legacy_ops,
	&dw_edma_unroll_ops,
	&dw_edma_hdma_compat_ops,
	&dw_edma_hdma_ops,
};

const struct dw_edma_map_ops *
dw_edma_map_by_code(uint32_t code)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(maps); i++)
		if ((uint32_t)maps[i]->code == code)
			return maps[i];
	return NULL;
}

const struct dw_edma_map_ops *
dw_edma_map_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(maps); i++)
		if (strcmp(maps[i]->name, name) == 0)
			return maps[i];
	return NULL;
}
