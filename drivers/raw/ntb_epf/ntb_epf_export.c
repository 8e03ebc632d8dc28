/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Exported regions: by argument export=<memzone>, or by attributes:
 *
 *     export_addr     bus address of a region, as DMA devices of this side are told it
 *     export_len      set: bytes to export from there on; 0: take the region back. get: bytes
 *                     of the region that begins at export_addr, 0: there is none
 *     export_count    regions
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <rte_pause.h>

#include "ntb_epf_args.h"
#include "ntb_epf_exec.h"

/** Longest wait for copies that use a region to end when it is taken back, milliseconds. */
#define NTB_EPF_REVOKE_MS 1000

/** Neither polls nor the link service look at regions meanwhile. */
static void
export_lock(struct ntb_epf_dev *dev)
{
	ntb_epf_link_lock(dev);
	ntb_epf_exec_lock(dev);
}

static void
export_unlock(struct ntb_epf_dev *dev)
{
	ntb_epf_exec_unlock(dev);
	ntb_epf_link_unlock(dev);
}

static struct ntb_epf_region_iova *
export_find(struct ntb_epf_exports *e, uint64_t addr)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		if (e->regions[i].addr == addr)
			return &e->regions[i];
	return NULL;
}

static int
export_add(struct ntb_epf_dev *dev, uint64_t addr, uint64_t bytes)
{
	struct ntb_epf_exports *e = &dev->exports;
	struct ntb_epf_region_iova *r = export_find(e, addr);
	bool late;
	int ret;

	if (bytes > NTB_EPF_SQE0_ADDR_MASK || addr > NTB_EPF_SQE0_ADDR_MASK - bytes) {
		NTB_EPF_LOG(ERR, dev, "export of %" PRIu64 " bytes from 0x%" PRIx64
			    ": expected an end below 2^%u", bytes, addr, NTB_EPF_SQE0_ADDR_BITS);
		return -EINVAL;
	}
	if (r != NULL && r->bytes != bytes) {
		NTB_EPF_LOG(ERR, dev, "export of %" PRIu64 " bytes from 0x%" PRIx64 ": expected that the "
			    "%" PRIu64 " bytes from there are taken back before", bytes, addr,
			    r->bytes);
		return -EEXIST;
	}
	if (r == NULL && e->n == NTB_EPF_MAX_EXPORTS) {
		NTB_EPF_LOG(ERR, dev, "export from 0x%" PRIx64 ": expected at most %u regions", addr,
			    NTB_EPF_MAX_EXPORTS);
		return -ENOSPC;
	}
	if (r != NULL)
		return 0;
	/* The link service looks whether there is one. */
	ntb_epf_link_lock(dev);
	ret = ntb_epf_exec_create(dev);
	ntb_epf_link_unlock(dev);
	if (ret != 0)
		return ret;
	export_lock(dev);
	e->regions[e->n++] = (struct ntb_epf_region_iova){ .addr = addr, .bytes = bytes };
	late = !dev->exec->offered && dev->state > NTB_EPF_WAIT && dev->state < NTB_EPF_DEAD;
	export_unlock(dev);
	if (late)
		NTB_EPF_LOG(NOTICE, dev, "export: nothing was exported when this link was offered: the "
			    "peer can name it on the next one");
	return 0;
}

/** New copies are refused at once; those under way are waited for, and none that come later. */
static int
export_take_back(struct ntb_epf_dev *dev, uint64_t addr)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / MS_PER_S * NTB_EPF_REVOKE_MS;
	struct ntb_epf_exports *e = &dev->exports;
	struct ntb_epf_region_iova *r = export_find(e, addr);
	uint32_t begun[2];
	bool ended;

	export_lock(dev);
	if (r != NULL)
		*r = e->regions[--e->n];
	ntb_epf_exec_mark(dev, begun);
	export_unlock(dev);
	do {
		export_lock(dev);
		ended = ntb_epf_exec_passed(dev, begun);
		export_unlock(dev);
		if (ended)
			return 0;
		rte_pause();
	} while (rte_rdtsc() < end);
	NTB_EPF_LOG(ERR, dev, "export from 0x%" PRIx64 " is taken back: copies have not ended within %u "
		    "ms", addr, NTB_EPF_REVOKE_MS);
	return -EBUSY;
}

int
ntb_epf_export_arg(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	struct ntb_epf_exports *e = &dev->exports;

	if (*value == '\0' || strlen(value) >= RTE_MEMZONE_NAMESIZE)
		return ntb_epf_arg_bad(dev, key, value, "the name of a memzone");
	if (e->nb_args == NTB_EPF_MAX_EXPORT_ARGS)
		return ntb_epf_arg_bad(dev, key, value, "at most 8 of these arguments");
	e->args[e->nb_args] = strdup(value);
	if (e->args[e->nb_args] == NULL)
		return -ENOMEM;
	e->nb_args++;
	return 0;
}

void
ntb_epf_export_args_free(struct ntb_epf_dev *dev)
{
	while (dev->exports.nb_args > 0)
		free(dev->exports.args[--dev->exports.nb_args]);
}

/** With IOVA=PA a memzone is in one piece only if it was asked for so. */
static bool
export_in_one_piece(const struct rte_memzone *mz)
{
	size_t at;

	for (at = 0; at < mz->len; at += RTE_PGSIZE_4K)
		if (rte_mem_virt2iova(RTE_PTR_ADD(mz->addr, at)) != mz->iova + at)
			return false;
	return true;
}

int
ntb_epf_export_resolve(struct ntb_epf_dev *dev)
{
	struct ntb_epf_exports *e = &dev->exports;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < e->nb_args && !e->resolved; i++) {
		const struct rte_memzone *mz = rte_memzone_lookup(e->args[i]);

		if (mz == NULL || !export_in_one_piece(mz)) {
			NTB_EPF_LOG(ERR, dev, "export=%s: expected a memzone of this process%s",
				    e->args[i], mz == NULL ? "" : " with contiguous bus addresses");
			return mz == NULL ? -ENOENT : -EINVAL;
		}
		ret = export_add(dev, mz->iova, mz->len);
		if (ret != 0)
			return ret;
	}
	e->resolved = true;
	return 0;
}

void
ntb_epf_export_none(struct ntb_epf_dev *dev)
{
	export_lock(dev);
	dev->exports.n = 0;
	dev->exports.resolved = false;
	export_unlock(dev);
}

int
ntb_epf_export_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	const struct ntb_epf_region_iova *r = export_find(&dev->exports, dev->exports.addr);

	if (strcmp(name, "export_addr") == 0)
		*value = dev->exports.addr;
	else if (strcmp(name, "export_len") == 0)
		*value = r != NULL ? r->bytes : 0;
	else if (strcmp(name, "export_count") == 0)
		*value = dev->exports.n;
	else
		return -ENOENT;
	return 0;
}

int
ntb_epf_export_set(struct ntb_epf_dev *dev, const char *name, uint64_t value)
{
	if (strcmp(name, "export_addr") == 0) {
		dev->exports.addr = value;
		return 0;
	}
	if (strcmp(name, "export_len") == 0)
		return value != 0 ? export_add(dev, dev->exports.addr, value) :
				    export_take_back(dev, dev->exports.addr);
	return strcmp(name, "export_count") == 0 ? -EPERM : -ENOENT;
}
