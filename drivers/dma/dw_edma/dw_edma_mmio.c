/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Registers and lists that are mapped: BARs of a PCI function, memory given by path. */

#include <errno.h>
#include <inttypes.h>

#include <rte_io.h>

#include "dw_edma_priv.h"

static volatile void *
reg_of(const struct dw_edma_engine *engine, uint32_t offset)
{
	const struct dw_edma_mmio *mmio = engine->attachment;

	return mmio->regs + offset;
}

static uint32_t
mmio_read32(struct dw_edma_io *io, uint32_t offset)
{
	return rte_read32(reg_of(io->engine, offset));
}

static void
mmio_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	rte_write32(value, reg_of(io->engine, offset));
}

static bool
mmio_present(struct dw_edma_engine *engine)
{
	return rte_read32(reg_of(engine, engine->map->witness(engine))) != DW_EDMA_DEAD;
}

static int
mmio_list(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
	  struct dw_edma_list *list)
{
	const struct dw_edma_mmio *mmio = engine->attachment;

	*list = mmio->list[dir][ch];
	return list->va != NULL ? 0 : -ENOENT;
}

static void
mmio_list_flush(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch)
{
	const struct dw_edma_mmio *mmio = io->engine->attachment;

	rte_read32(&mmio->list[dir][ch].va->control);
}

static void
mmio_dump(struct dw_edma_engine *engine, FILE *f)
{
	const struct dw_edma_mmio *mmio = engine->attachment;

	fprintf(f, "  attachment: %s, registers of %" PRIu64 " bytes mapped\n", mmio->what,
		mmio->regs_bytes);
}

static void
mmio_detach(struct dw_edma_engine *engine)
{
	struct dw_edma_mmio *mmio = engine->attachment;

	engine->attachment = NULL;
	mmio->release(mmio);
}

const struct dw_edma_attach_ops dw_edma_mmio_ops = {
	.read32 = mmio_read32,
	.peek32 = mmio_read32,
	.write32 = mmio_write32,
	.direct = reg_of,
	.present = mmio_present,
	.list = mmio_list,
	.list_flush = mmio_list_flush,
	.dump = mmio_dump,
	.detach = mmio_detach,
};

/** Bytes of the native map's registers, up to the end of the last channel's block. */
static uint64_t
native_bytes(const struct dw_edma_engine *engine)
{
	const struct dw_edma_blocks *blocks;
	uint64_t bytes = 0;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		blocks = &engine->blocks[dir];
		if (engine->cnt[dir] != 0)
			bytes = RTE_MAX(bytes, (uint64_t)blocks->offset +
					(uint64_t)(engine->cnt[dir] - 1) * blocks->stride +
					DW_HDMA_BLOCK_BYTES);
	}
	return bytes;
}

/** The same of the unrolled maps. Windows of all channels, if it is not known which there are. */
static uint64_t
unroll_bytes(const struct dw_edma_engine *engine)
{
	const unsigned int *cnt = engine->cnt;
	uint64_t bytes = 0;

	if (cnt[DW_EDMA_WR] + cnt[DW_EDMA_RD] == 0)
		return DW_EDMA_REGS_BYTES;
	if (cnt[DW_EDMA_WR] != 0)
		bytes = DW_EDMA_WR_CH(cnt[DW_EDMA_WR] - 1) + DW_EDMA_CH_BYTES;
	if (cnt[DW_EDMA_RD] != 0)
		bytes = RTE_MAX(bytes, (uint64_t)DW_EDMA_RD_CH(cnt[DW_EDMA_RD] - 1) +
				DW_EDMA_CH_BYTES);
	return bytes;
}

int
dw_edma_mmio_attach(struct dw_edma_engine *engine, struct dw_edma_mmio *mmio)
{
	uint64_t need;

	if (engine->map->code == DW_EDMA_MAP_LEGACY)
		need = DW_EDMA_LEGACY_BYTES;
	else if (engine->map->code == DW_EDMA_MAP_HDMA_NATIVE)
		need = native_bytes(engine);
	else
		need = unroll_bytes(engine);
	if (mmio->regs_bytes < need || ((uintptr_t)mmio->regs & 3) != 0) {
		DW_EDMA_LOG(ERR, engine->name, "registers of %" PRIu64 " bytes at %p, expected at "
			    "least %" PRIu64 ", 4-byte aligned, for map %s", mmio->regs_bytes,
			    (volatile void *)mmio->regs, need, engine->map->name);
		return -EINVAL;
	}
	engine->attachment = mmio;
	engine->ops = &dw_edma_mmio_ops;
	return 0;
}
