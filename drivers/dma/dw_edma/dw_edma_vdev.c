/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Virtual devices: arguments, probe and remove. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_dmadev_pmd.h>
#include <rte_kvargs.h>
#include <rte_string_fns.h>

#include "dw_edma_priv.h"

#define ARG_WR "wr"
#define ARG_RD "rd"
#define ARG_FN "fn"
#define ARG_FN_MAX (DW_EDMA_FN_MASK >> DW_EDMA_FN_SHIFT)

/** Longest of the suffixes "-wr0", "-rd15". */
#define SUFFIX_MAX 5

static TAILQ_HEAD(, dw_edma_attachment) attachments = TAILQ_HEAD_INITIALIZER(attachments);
/** Changed by probe and remove only, which the bus calls one at a time. */
static TAILQ_HEAD(, dw_edma_engine) engines = TAILQ_HEAD_INITIALIZER(engines);

void
dw_edma_attachment_register(struct dw_edma_attachment *att)
{
	TAILQ_INSERT_TAIL(&attachments, att, next);
}

static int
parse_number(const char *value, unsigned long max, unsigned long *number)
{
	char *end;

	/* strtoul() takes blanks and signs. */
	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoul(value, &end, 0);
	return errno != 0 || *end != '\0' || *number > max ? -EINVAL : 0;
}

static int
parse_mask(const char *value, int64_t *mask, const char **expected)
{
	unsigned long number;

	*expected = "a mask of channels, 0x0 to 0xff";
	if (parse_number(value, (1u << DW_EDMA_MAX_CH) - 1, &number) != 0)
		return -EINVAL;
	*mask = number;
	return 0;
}

/** Arguments that every attachment takes. Returns -ENOENT for others. */
static int
parse_common(struct dw_edma_args *args, const char *key, const char *value,
	     const char **expected)
{
	unsigned long number;

	if (strcmp(key, ARG_WR) == 0)
		return parse_mask(value, &args->mask[DW_EDMA_WR], expected);
	if (strcmp(key, ARG_RD) == 0)
		return parse_mask(value, &args->mask[DW_EDMA_RD], expected);
	if (strcmp(key, ARG_FN) != 0)
		return -ENOENT;
	*expected = "a function number, 0 to 31";
	if (parse_number(value, ARG_FN_MAX, &number) != 0)
		return -EINVAL;
	args->fn = number;
	return 0;
}

static int
parse_pair(const char *name, struct dw_edma_args *args, const struct rte_kvargs_pair *pair)
{
	const char *expected = "";
	int rc;

	if (pair->value == NULL || pair->value[0] == '\0') {
		DW_EDMA_LOG(ERR, name, "argument %s has no value, expected %s=...", pair->key,
			    pair->key);
		return -EINVAL;
	}
	rc = parse_common(args, pair->key, pair->value, &expected);
	if (rc == -ENOENT)
		rc = args->att->arg(args, pair->key, pair->value, &expected);
	if (rc == -ENOENT)
		DW_EDMA_LOG(ERR, name, "unknown argument %s=%s, expected one of %s, "
			    ARG_WR ", " ARG_RD ", " ARG_FN, pair->key, pair->value,
			    args->att->keys);
	else if (rc != 0)
		DW_EDMA_LOG(ERR, name, "%s=%s: expected %s", pair->key, pair->value, expected);
	return rc == 0 ? 0 : -EINVAL;
}

/** The attachment is what the device is chosen by: exactly one must be named. */
static int
choose_attachment(const char *name, const struct rte_kvargs *kvlist,
		  const struct dw_edma_attachment **chosen)
{
	const struct dw_edma_attachment *att;

	*chosen = NULL;
	TAILQ_FOREACH(att, &attachments, next) {
		if (rte_kvargs_count(kvlist, att->key) == 0)
			continue;
		if (*chosen != NULL) {
			DW_EDMA_LOG(ERR, name, "both %s= and %s= given, expected one of them",
				    (*chosen)->key, att->key);
			return -EINVAL;
		}
		*chosen = att;
	}
	if (*chosen != NULL)
		return 0;
	DW_EDMA_LOG(ERR, name, "no engine named in the arguments, expected softep=DIR,side=rc|ep "
		    "or loopback=1%s", TAILQ_EMPTY(&attachments) ? " (neither is built in)" : "");
	return -EINVAL;
}

static int
parse_pairs(const char *name, const struct rte_kvargs *kvlist, struct dw_edma_args *args)
{
	unsigned int i;
	int rc;

	rc = choose_attachment(name, kvlist, &args->att);
	for (i = 0; rc == 0 && i < kvlist->count; i++) {
		if (rte_kvargs_count(kvlist, kvlist->pairs[i].key) == 1) {
			rc = parse_pair(name, args, &kvlist->pairs[i]);
			continue;
		}
		DW_EDMA_LOG(ERR, name, "argument %s given more than once, expected once",
			    kvlist->pairs[i].key);
		rc = -EINVAL;
	}
	return rc;
}

/** Strings in @p args stay in @p kvlist, which the caller frees. */
static int
dw_edma_args_parse(const char *name, const char *text, struct dw_edma_args *args,
		   struct rte_kvargs **kvlist)
{
	memset(args, 0, sizeof(*args));
	args->side = -1;
	args->fn = -1;
	args->mask[DW_EDMA_WR] = -1;
	args->mask[DW_EDMA_RD] = -1;
	*kvlist = rte_kvargs_parse(text, NULL);
	if (*kvlist == NULL) {
		DW_EDMA_LOG(ERR, name, "arguments '%s' cannot be parsed, expected key=value,...",
			    text);
		return -EINVAL;
	}
	return parse_pairs(name, *kvlist, args);
}

/** Which channels are ours: those named, all if none are. */
static int
apply_masks(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	static const char * const key[DW_EDMA_DIRS] = { ARG_WR, ARG_RD };
	uint32_t all;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		all = (1u << engine->cnt[dir]) - 1;
		engine->mask[dir] = args->mask[dir] < 0 ? all : (uint32_t)args->mask[dir];
		if ((engine->mask[dir] & ~all) == 0)
			continue;
		DW_EDMA_LOG(ERR, engine->name, "%s=0x%x: the engine has %u such channels, "
			    "expected a mask within 0x%x", key[dir], engine->mask[dir],
			    engine->cnt[dir], all);
		return -EINVAL;
	}
	if ((engine->mask[DW_EDMA_WR] | engine->mask[DW_EDMA_RD]) == 0) {
		DW_EDMA_LOG(ERR, engine->name, "%s=0x0,%s=0x0: no channel left, expected at least "
			    "one of %u + %u", key[DW_EDMA_WR], key[DW_EDMA_RD],
			    engine->cnt[DW_EDMA_WR], engine->cnt[DW_EDMA_RD]);
		return -EINVAL;
	}
	return 0;
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
	return apply_masks(engine, args);
}

static int
create_dmadevs(struct dw_edma_engine *engine, struct rte_device *device)
{
	unsigned int i;
	int dir;
	int rc;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < engine->cnt[dir]; i++) {
			if ((engine->mask[dir] & (1u << i)) == 0)
				continue;
			rc = dw_edma_dmadev_create(engine, device, dir, i);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

static void
engine_free(struct dw_edma_engine *engine)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	unsigned int i;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < DW_EDMA_MAX_CH; i++) {
			if (engine->chan[dir][i] == NULL)
				continue;
			dw_edma_dmadev_name(engine, dir, i, name, sizeof(name));
			/* A started device is not released, and would outlive its engine. */
			if (engine->chan[dir][i]->started)
				rte_dma_stop(rte_dma_get_dev_id_by_name(name));
			rte_dma_pmd_release(name);
		}
	}
	if (engine->ops != NULL)
		engine->ops->detach(engine);
	free(engine);
}

static struct dw_edma_engine *
engine_alloc(const char *name)
{
	struct dw_edma_engine *engine = calloc(1, sizeof(*engine));
	int dir;

	if (engine == NULL)
		return NULL;
	rte_strscpy(engine->name, name, sizeof(engine->name));
	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		rte_spinlock_init(&engine->lock[dir]);
	rte_spinlock_init(&engine->viewport);
	return engine;
}

static int
probe_engine(struct rte_vdev_device *vdev, const struct dw_edma_args *args)
{
	struct dw_edma_engine *engine = engine_alloc(rte_vdev_device_name(vdev));
	int rc;

	if (engine == NULL)
		return -ENOMEM;
	rc = args->att->attach(engine, args);
	if (rc == 0)
		rc = probe_hardware(engine, args);
	if (rc == 0)
		rc = create_dmadevs(engine, &vdev->device);
	if (rc != 0) {
		engine_free(engine);
		return rc;
	}
	TAILQ_INSERT_TAIL(&engines, engine, next);
	return 0;
}

static int
dw_edma_vdev_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	const char *text = rte_vdev_device_args(vdev);
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	int rc;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		DW_EDMA_LOG(ERR, name, "secondary process: the device works in the primary only");
		return -ENOTSUP;
	}
	if (strlen(name) + SUFFIX_MAX >= RTE_DEV_NAME_MAX_LEN) {
		DW_EDMA_LOG(ERR, name, "name of %zu characters, expected at most %d", strlen(name),
			    RTE_DEV_NAME_MAX_LEN - SUFFIX_MAX - 1);
		return -ENAMETOOLONG;
	}
	rc = dw_edma_args_parse(name, text != NULL ? text : "", &args, &kvlist);
	if (rc == 0)
		rc = probe_engine(vdev, &args);
	rte_kvargs_free(kvlist);
	return rc;
}

static int
dw_edma_vdev_remove(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct dw_edma_engine *engine;

	TAILQ_FOREACH(engine, &engines, next)
		if (strcmp(engine->name, name) == 0)
			break;
	if (engine == NULL)
		return -ENODEV;
	TAILQ_REMOVE(&engines, engine, next);
	engine_free(engine);
	return 0;
}

static struct rte_vdev_driver dw_edma_vdev = {
	.probe = dw_edma_vdev_probe,
	.remove = dw_edma_vdev_remove,
	.drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA,
};

RTE_PMD_REGISTER_VDEV(dma_dw_edma, dw_edma_vdev);
RTE_PMD_REGISTER_PARAM_STRING(dma_dw_edma,
	"softep=<directory> "
	"side=<rc|ep> "
	"loopback=<1> "
	"map=<legacy|unroll|hdma-compat|hdma> "
	ARG_WR "=<mask> "
	ARG_RD "=<mask> "
	ARG_FN "=<0-31>");
