/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Life of an engine, whatever bus it was found on. Engines and channels are in shared memory, and
 * the list of them in a memzone, so that a secondary process finds them by name; it looks at them
 * and changes nothing.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_dmadev_pmd.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_string_fns.h>

#include "dw_edma_priv.h"

/** Longest of the suffixes "-wr0", "-rd63". */
#define SUFFIX_MAX 5

#define ENGINES_ZONE "dw_edma_engines"

TAILQ_HEAD(dw_edma_engines, dw_edma_engine);

/** Changed by probe and remove in the primary only, which the buses call one at a time. */
static struct dw_edma_engines *
engines_get(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup(ENGINES_ZONE);
	struct dw_edma_engines *engines;

	if (mz != NULL)
		return mz->addr;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return NULL;
	mz = rte_memzone_reserve(ENGINES_ZONE, sizeof(*engines), SOCKET_ID_ANY, 0);
	if (mz == NULL)
		return NULL;
	engines = mz->addr;
	TAILQ_INIT(engines);
	return engines;
}

static struct dw_edma_engine *
engine_find(const char *name)
{
	struct dw_edma_engines *engines = engines_get();
	struct dw_edma_engine *engine;

	if (engines == NULL)
		return NULL;
	TAILQ_FOREACH(engine, engines, next)
		if (strcmp(engine->name, name) == 0)
			return engine;
	return NULL;
}

/** A direction's channels, as a mask. */
static uint64_t
all_channels(unsigned int cnt)
{
	return cnt == 0 ? 0 : UINT64_MAX >> (64 - cnt);
}

/**
 * Channels that share registers with others are owned together: no lock reaches from one owner to
 * another.
 */
static int
check_whole(const struct dw_edma_engine *engine, const char *key, uint64_t mask, uint64_t all,
	    bool partial)
{
	if (partial || engine->map->code == DW_EDMA_MAP_HDMA_NATIVE || mask == 0 || mask == all)
		return 0;
	DW_EDMA_LOG(ERR, engine->name, "%s=0x%" PRIx64 ": channels of map %s share registers, "
		    "expected all of the direction, 0x%" PRIx64 ", or none, 0x0; "
		    DW_EDMA_ARG_PARTIAL "=1 takes some, without recovery from errors",
		    key, mask, engine->map->name, all);
	return -EINVAL;
}

/** Which channels are ours: those named, all if none are. */
static int
apply_masks(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	static const char * const key[DW_EDMA_DIRS] = { DW_EDMA_ARG_WR, DW_EDMA_ARG_RD };
	uint64_t all;
	int dir;
	int rc;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		all = all_channels(engine->cnt[dir]);
		engine->mask[dir] = args->mask_given[dir] ? args->mask[dir] : all;
		if ((engine->mask[dir] & ~all) != 0) {
			DW_EDMA_LOG(ERR, engine->name, "%s=0x%" PRIx64 ": the engine has %u such "
				    "channels, expected a mask within 0x%" PRIx64, key[dir],
				    engine->mask[dir], engine->cnt[dir], all);
			return -EINVAL;
		}
		rc = check_whole(engine, key[dir], engine->mask[dir], all, args->partial);
		if (rc != 0)
			return rc;
	}
	if ((engine->mask[DW_EDMA_WR] | engine->mask[DW_EDMA_RD]) != 0)
		return 0;
	DW_EDMA_LOG(ERR, engine->name, "%s=0x0,%s=0x0: no channel left, expected at least one of "
		    "%u + %u", key[DW_EDMA_WR], key[DW_EDMA_RD], engine->cnt[DW_EDMA_WR],
		    engine->cnt[DW_EDMA_RD]);
	return -EINVAL;
}

static int
probe_hardware(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	struct dw_edma_io io = { .engine = engine };
	int rc;

	rc = engine->map->counts(&io, engine->cnt);
	if (rc != 0) {
		DW_EDMA_LOG(ERR, engine->name, "no engine answers at its registers: %s",
			    strerror(-rc));
		return rc;
	}
	engine->code = engine->map->code;
	engine->completion = args->completion;
	engine->llp_completed = args->llp_completed;
	return apply_masks(engine, args);
}

/** Calls @p create for each channel that is ours. */
static int
for_each_channel(struct dw_edma_engine *engine, struct rte_device *device,
		 int (*create)(struct dw_edma_engine *engine, struct rte_device *device,
			       enum dw_edma_dir dir, unsigned int index))
{
	unsigned int i;
	int dir;
	int rc;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < engine->cnt[dir]; i++) {
			if ((engine->mask[dir] & RTE_BIT64(i)) == 0)
				continue;
			rc = create(engine, device, dir, i);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

/**
 * A started device is not released, and would outlive its engine: one that cannot be stopped is left
 * to itself.
 */
static void
stop_for_good(struct dw_edma_engine *engine, const char *name)
{
	int16_t id = rte_dma_get_dev_id_by_name(name);

	if (rte_dma_stop(id) == 0)
		return;
	dw_edma_set_dead(engine);
	rte_dma_stop(id);
	/* The next one may not be beyond help. */
	rte_atomic_store_explicit(&engine->dead, 0, rte_memory_order_relaxed);
}

static void
release_dmadevs(struct dw_edma_engine *engine, bool primary)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	unsigned int i;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < DW_EDMA_CHANS; i++) {
			if (engine->chan[dir][i] == NULL)
				continue;
			dw_edma_dmadev_name(engine, dir, i, name, sizeof(name));
			if (engine->chan[dir][i]->started) {
				if (!primary)
					continue;
				stop_for_good(engine, name);
			}
			rte_dma_pmd_release(name);
		}
	}
}

static void
engine_free(struct dw_edma_engine *engine)
{
	release_dmadevs(engine, true);
	if (engine->ops != NULL)
		engine->ops->detach(engine);
	rte_free(engine);
}

static struct dw_edma_engine *
engine_alloc(const char *name, int numa_node)
{
	struct dw_edma_engine *engine;
	int dir;

	engine = rte_zmalloc_socket("dw_edma", sizeof(*engine), RTE_CACHE_LINE_SIZE, numa_node);
	if (engine == NULL)
		return NULL;
	rte_strscpy(engine->name, name, sizeof(engine->name));
	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		rte_spinlock_init(&engine->lock[dir]);
	rte_spinlock_init(&engine->viewport);
	return engine;
}

static int
probe_primary(struct rte_device *device, const char *name, const struct dw_edma_args *args)
{
	struct dw_edma_engines *engines = engines_get();
	struct dw_edma_engine *engine;
	int rc;

	engine = engines != NULL ? engine_alloc(name, device->numa_node) : NULL;
	if (engine == NULL)
		return -ENOMEM;
	rc = args->att->attach(engine, args);
	if (rc == 0)
		rc = probe_hardware(engine, args);
	if (rc == 0)
		rc = for_each_channel(engine, device, dw_edma_dmadev_create);
	if (rc != 0) {
		engine_free(engine);
		return rc;
	}
	TAILQ_INSERT_TAIL(engines, engine, next);
	return 0;
}

int
dw_edma_probe(struct rte_device *device, const char *name, const struct dw_edma_args *args)
{
	if (strlen(name) + SUFFIX_MAX < RTE_DEV_NAME_MAX_LEN)
		return probe_primary(device, name, args);
	DW_EDMA_LOG(ERR, name, "name of %zu characters, expected at most %d", strlen(name),
		    RTE_DEV_NAME_MAX_LEN - SUFFIX_MAX - 1);
	return -ENAMETOOLONG;
}

int
dw_edma_probe_secondary(struct rte_device *device, const char *name)
{
	struct dw_edma_engine *engine = engine_find(name);
	int rc;

	if (engine == NULL) {
		DW_EDMA_LOG(ERR, name, "the primary process has no such device");
		return -ENODEV;
	}
	rc = for_each_channel(engine, device, dw_edma_dmadev_attach);
	if (rc != 0)
		release_dmadevs(engine, false);
	return rc;
}

int
dw_edma_remove(const char *name)
{
	struct dw_edma_engine *engine = engine_find(name);

	if (engine == NULL)
		return -ENODEV;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		release_dmadevs(engine, false);
		return 0;
	}
	TAILQ_REMOVE(engines_get(), engine, next);
	engine_free(engine);
	return 0;
}
