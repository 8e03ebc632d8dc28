/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Attachment to an engine inside the process: the register model, with this process's memory on
 * both sides. It has no thread; the engine runs inside register reads, and where polls of words in memory
 * find nothing new, so an application that polls makes it work.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include <edma_model.h>

#include "dw_edma_priv.h"

/**
 * Steps of the engine that one register read is worth: more than the longest operation has elements,
 * so that who waits and then asks once finds it done, as with an engine that works by itself.
 */
#define LOOPBACK_STEPS (2 * DW_EDMA_MAX_PIECES)
/** Bytes of one channel's list, as in Linux's local use of the engine. */
#define LOOPBACK_LIST_BYTES 4096

struct loopback {
	rte_spinlock_t lock; /**< of the model: channels are used by several lcores */
	struct edma_model *model;
	uint8_t *lists; /**< of all channels, write channels first */
	size_t lists_bytes;
	unsigned int cnt[DW_EDMA_DIRS];
};

/**
 * Both sides are the memory that EAL knows, and the lists; anything else is an abort, as behind an
 * IOMMU.
 */
static void *
loopback_map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len,
	     bool write)
{
	struct loopback *lb = ctx;
	void *va = (void *)(uintptr_t)addr;
	const struct rte_memseg *ms;
	uint64_t room;

	RTE_SET_USED(space);
	RTE_SET_USED(fn);
	RTE_SET_USED(write);
	if (addr - (uintptr_t)lb->lists < lb->lists_bytes) {
		room = lb->lists_bytes - (addr - (uintptr_t)lb->lists);
	} else {
		ms = rte_mem_virt2memseg(va, NULL);
		/* Address space that EAL keeps for later has segments of length 0. */
		if (ms == NULL || addr - ms->addr_64 >= ms->len)
			return NULL;
		room = ms->len - (addr - ms->addr_64);
	}
	*len = RTE_MIN(*len, room);
	return va;
}

static const struct edma_bus loopback_bus = {
	.map = loopback_map,
};

static void
loopback_turn(struct dw_edma_engine *engine)
{
	struct loopback *lb = engine->attachment;

	rte_spinlock_lock(&lb->lock);
	edma_model_run(lb->model, LOOPBACK_STEPS);
	rte_spinlock_unlock(&lb->lock);
}

static uint32_t
loopback_read32(struct dw_edma_io *io, uint32_t offset)
{
	struct loopback *lb = io->engine->attachment;
	uint32_t value;

	rte_spinlock_lock(&lb->lock);
	edma_model_run(lb->model, LOOPBACK_STEPS);
	value = edma_model_read(lb->model, offset);
	rte_spinlock_unlock(&lb->lock);
	return value;
}

static void
loopback_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	struct loopback *lb = io->engine->attachment;

	rte_spinlock_lock(&lb->lock);
	edma_model_write(lb->model, offset, value);
	rte_spinlock_unlock(&lb->lock);
}

static int
loopback_list(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
	      struct dw_edma_list *list)
{
	struct loopback *lb = engine->attachment;
	unsigned int n = dir == DW_EDMA_WR ? ch : lb->cnt[DW_EDMA_WR] + ch;

	if (ch >= lb->cnt[dir])
		return -EINVAL;
	list->va = (struct dw_edma_elem *)(lb->lists + (size_t)n * LOOPBACK_LIST_BYTES);
	list->local = (uintptr_t)list->va;
	list->bytes = LOOPBACK_LIST_BYTES;
	return 0;
}

static void
loopback_dump(struct dw_edma_engine *engine, FILE *f)
{
	struct loopback *lb = engine->attachment;
	uint64_t violations;

	rte_spinlock_lock(&lb->lock);
	violations = edma_model_violations(lb->model);
	rte_spinlock_unlock(&lb->lock);
	fprintf(f, "  attachment: loopback, %" PRIu64 " violations of programming rules\n",
		violations);
}

static void
loopback_detach(struct dw_edma_engine *engine)
{
	struct loopback *lb = engine->attachment;

	if (lb->model != NULL)
		edma_model_destroy(lb->model);
	free(lb->lists);
	free(lb);
	engine->attachment = NULL;
}

static const struct dw_edma_attach_ops loopback_ops = {
	.read32 = loopback_read32,
	.peek32 = loopback_read32,
	.write32 = loopback_write32,
	.turn = loopback_turn,
	.list = loopback_list,
	.dump = loopback_dump,
	.detach = loopback_detach,
};

static void
loopback_complain(void *ctx, const char *line)
{
	RTE_SET_USED(ctx);
	DW_EDMA_LOG(DEBUG, "loopback", "%s", line);
}

/** Channels that a mask asks for: one if it was not given, else up to the highest named. */
static unsigned int
wanted(const struct dw_edma_args *args, enum dw_edma_dir dir)
{
	if (!args->mask_given[dir] || args->mask[dir] == 0)
		return 1;
	return rte_fls_u64(args->mask[dir]);
}

static int
loopback_create(struct loopback *lb, enum dw_edma_map map)
{
	struct edma_model_conf conf = {
		.wr_cnt = lb->cnt[DW_EDMA_WR],
		.rd_cnt = lb->cnt[DW_EDMA_RD],
		.map = map,
		.bus = &loopback_bus,
		.bus_ctx = lb,
		.complain = loopback_complain,
	};

	lb->lists_bytes = (size_t)(conf.wr_cnt + conf.rd_cnt) * LOOPBACK_LIST_BYTES;
	/* On a multiple of its own size, no list crosses a border of 4 GiB. */
	lb->lists = aligned_alloc(LOOPBACK_LIST_BYTES, lb->lists_bytes);
	if (lb->lists == NULL)
		return -ENOMEM;
	memset(lb->lists, 0, lb->lists_bytes);
	lb->model = edma_model_create(&conf);
	return lb->model == NULL ? -errno : 0;
}

static int
loopback_attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	struct loopback *lb;
	int rc;

	if (rte_eal_iova_mode() != RTE_IOVA_VA) {
		DW_EDMA_LOG(ERR, engine->name, "IOVA mode is PA, expected VA: add --iova-mode=va");
		return -ENOTSUP;
	}
	lb = calloc(1, sizeof(*lb));
	if (lb == NULL)
		return -ENOMEM;
	rte_spinlock_init(&lb->lock);
	lb->cnt[DW_EDMA_WR] = wanted(args, DW_EDMA_WR);
	lb->cnt[DW_EDMA_RD] = wanted(args, DW_EDMA_RD);
	engine->attachment = lb;
	engine->ops = &loopback_ops;
	engine->map = args->map != NULL ? args->map : &dw_edma_unroll_ops;
	engine->side = DW_EDMA_SIDE_BOTH;
	engine->fn = args->fn < 0 ? 0 : args->fn;
	memcpy(engine->cnt, lb->cnt, sizeof(engine->cnt));
	memcpy(engine->blocks, dw_edma_usual_blocks, sizeof(engine->blocks));
	rc = loopback_create(lb, engine->map->code);
	if (rc == -EINVAL)
		DW_EDMA_LOG(ERR, engine->name, "loopback: no engine with %u write and %u read "
			    "channels, expected at most %u each", lb->cnt[DW_EDMA_WR],
			    lb->cnt[DW_EDMA_RD],
			    engine->map->code == DW_EDMA_MAP_HDMA_NATIVE ? DW_HDMA_MAX_CH :
									   DW_EDMA_MAX_CH);
	else if (rc != 0)
		DW_EDMA_LOG(ERR, engine->name, "loopback: no engine: %s", strerror(-rc));
	return rc;
}

static int
loopback_arg(struct dw_edma_args *args, const char *key, const char *value,
	     const char **expected)
{
	if (strcmp(key, "loopback") == 0) {
		*expected = "1";
		return strcmp(value, "1") == 0 ? 0 : -EINVAL;
	}
	if (strcmp(key, DW_EDMA_ARG_MAP) != 0)
		return -ENOENT;
	return dw_edma_parse_engine(args, key, value, expected);
}

static struct dw_edma_attachment loopback_attachment = {
	.key = "loopback",
	.usage = "loopback=1",
	.keys = "loopback, " DW_EDMA_ARG_MAP,
	.arg = loopback_arg,
	.attach = loopback_attach,
};

RTE_INIT(loopback_register)
{
	dw_edma_attachment_register(&loopback_attachment);
}
