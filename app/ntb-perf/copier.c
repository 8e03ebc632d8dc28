/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>
#include <rte_errno.h>
#include <rte_random.h>

#include "complain.h"
#include "copier.h"
#include "perf.h"

/** Copies that have not ended by then will not, seconds. */
#define END_SECONDS 5

static uint64_t
ticks(double seconds)
{
	return (uint64_t)(seconds * (double)rte_get_tsc_hz());
}

static int
failed(const struct copier *c, const char *what, int ret)
{
	complain("DMA device %s: %s: %s", c->name, what, rte_strerror(-ret));
	return EXIT_FAILURE;
}

static struct rte_dma_vchan_conf
vchan_of(const struct rte_dma_info *info, uint32_t depth)
{
	struct rte_dma_vchan_conf vchan = { .direction = RTE_DMA_DIR_MEM_TO_MEM };

	vchan.nb_desc = (uint16_t)RTE_MIN(RTE_MAX(depth, info->min_desc), info->max_desc);
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_MEM) != 0)
		return vchan;
	/* Both ends of the link are in this process, or the addresses mean nothing. */
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0) {
		vchan.direction = RTE_DMA_DIR_MEM_TO_DEV;
		vchan.dst_port.port_type = RTE_DMA_PORT_PCIE;
	} else {
		vchan.direction = RTE_DMA_DIR_DEV_TO_MEM;
		vchan.src_port.port_type = RTE_DMA_PORT_PCIE;
	}
	return vchan;
}

static int
start(struct copier *c)
{
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vchan;
	struct rte_dma_info info;
	int ret;

	ret = rte_dma_info_get(c->id, &info);
	if (ret != 0)
		return failed(c, "cannot be asked what it is", ret);
	vchan = vchan_of(&info, c->depth);
	ret = rte_dma_configure(c->id, &conf);
	if (ret == 0)
		ret = rte_dma_vchan_setup(c->id, 0, &vchan);
	if (ret == 0)
		ret = rte_dma_start(c->id);
	if (ret != 0)
		return failed(c, "does not start", ret);
	c->started = true;
	/* One descriptor fewer: some rings are full with one place empty. */
	c->depth = RTE_MIN(c->depth, vchan.nb_desc - 1u);
	return 0;
}

static const struct rte_memzone *
reserve(const char *what, unsigned int number, uint64_t bytes)
{
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;

	snprintf(name, sizeof(name), "perf_%s_%u", what, number);
	mz = rte_memzone_reserve_aligned(name, bytes, SOCKET_ID_ANY, RTE_MEMZONE_IOVA_CONTIG, 4096);
	if (mz == NULL)
		complain("%zu bytes to copy: %s", (size_t)bytes, rte_strerror(rte_errno));
	return mz;
}

int
copier_open(struct copier *c, const char *name, unsigned int number, uint64_t memory,
	    uint32_t depth)
{
	uint64_t *word;

	*c = (struct copier){ .id = -1, .depth = depth, .memory = memory };
	snprintf(c->name, sizeof(c->name), "%s", name);
	if (strcmp(name, COPIER_CORE) != 0) {
		c->id = rte_dma_get_dev_id_by_name(name);
		if (c->id < 0) {
			complain("argument device: \"%s\": expected the name of a DMA device of "
				 "this process, or " COPIER_CORE, name);
			return EXIT_USAGE;
		}
	}
	c->src = reserve("src", number, memory);
	c->dst = reserve("dst", number, memory);
	if (c->src == NULL || c->dst == NULL)
		return EXIT_FAILURE;
	for (word = c->src->addr; (uint8_t *)word < (uint8_t *)c->src->addr + memory; word++)
		*word = rte_rand();
	return c->id < 0 ? 0 : start(c);
}

void
copier_close(struct copier *c)
{
	int ret = c->started ? rte_dma_stop(c->id) : 0;

	if (ret != 0) {
		/* It may still write there. */
		failed(c, "does not stop", ret);
		return;
	}
	c->started = false;
	rte_memzone_free(c->src);
	rte_memzone_free(c->dst);
	c->src = c->dst = NULL;
}

int
copier_set(struct copier *c, uint32_t bytes, uint32_t burst)
{
	char value[16];

	c->bytes = bytes;
	c->burst = burst;
	c->slots = (uint32_t)RTE_MIN(c->memory / bytes, (uint64_t)UINT32_MAX);
	c->next = 0;
	if (burst <= c->slots && burst <= c->depth)
		return 0;
	snprintf(value, sizeof(value), "%u", burst);
	complain("argument burst: \"%s\": expected at most %u, with which copies of %u bytes have "
		 "room in the memory and in %s", value, RTE_MIN(c->slots, c->depth), bytes, c->name);
	return EXIT_USAGE;
}

/** Most copies under way, each with a slot of its own. */
static uint32_t
limit(const struct copier *c)
{
	return RTE_MIN(c->depth, c->slots);
}

static int
begin_one(struct copier *c)
{
	uint64_t at = (uint64_t)c->next * c->bytes;
	int ret = 0;

	if (c->id < 0)
		memcpy((uint8_t *)c->dst->addr + at, (const uint8_t *)c->src->addr + at, c->bytes);
	else
		ret = rte_dma_copy(c->id, 0, c->src->iova + at, c->dst->iova + at, c->bytes, 0);
	if (ret < 0)
		return failed(c, "refuses a copy", ret);
	c->next = c->next + 1 == c->slots ? 0 : c->next + 1;
	c->under_way++;
	return 0;
}

static int
begin(struct copier *c, uint32_t n)
{
	int ret = 0;

	while (n-- > 0 && ret == 0)
		ret = begin_one(c);
	if (ret == 0 && c->id >= 0) {
		ret = rte_dma_submit(c->id, 0);
		if (ret != 0)
			ret = failed(c, "takes no submit", ret);
	}
	return ret;
}

/** Copies that have ended; negative after telling that one failed. */
static int
collect(struct copier *c)
{
	enum rte_dma_status_code status = RTE_DMA_STATUS_SUCCESSFUL;
	bool error = false;
	uint16_t last, n;

	if (c->id < 0) {
		n = (uint16_t)c->under_way;
		c->under_way = 0;
		return n;
	}
	n = rte_dma_completed(c->id, 0, (uint16_t)c->burst, &last, &error);
	c->under_way -= n;
	if (!error)
		return n;
	c->under_way -= rte_dma_completed_status(c->id, 0, 1, &last, &status);
	complain("DMA device %s: a copy ended with status %u: expected %u", c->name,
		 (unsigned int)status, (unsigned int)RTE_DMA_STATUS_SUCCESSFUL);
	return -EIO;
}

/** Waits until no copy is under way. */
static int
finish(struct copier *c)
{
	uint64_t until = rte_rdtsc() + ticks(END_SECONDS);

	while (c->under_way > 0) {
		if (collect(c) < 0)
			return EXIT_FAILURE;
		if (rte_rdtsc() > until) {
			complain("DMA device %s: %u copies have not ended within %u s", c->name,
				 c->under_way, END_SECONDS);
			return EXIT_FAILURE;
		}
	}
	return 0;
}

int
copier_verify(struct copier *c)
{
	size_t bytes = (size_t)c->slots * c->bytes;
	uint32_t left = c->slots;
	int ret = 0;

	memset(c->dst->addr, 0, bytes);
	while (left > 0 && ret == 0) {
		uint32_t n = RTE_MIN(left, c->burst);

		ret = begin(c, n);
		if (ret == 0)
			ret = finish(c);
		left -= n;
	}
	if (ret == 0 && memcmp(c->src->addr, c->dst->addr, bytes) != 0) {
		complain("DMA device %s: copies of %u bytes: expected the bytes of the source",
			 c->name, c->bytes);
		ret = EXIT_FAILURE;
	}
	return ret;
}

int
copier_rate(struct copier *c, double seconds, double *rate)
{
	uint64_t start = rte_rdtsc(), now = start;
	uint64_t end = start + ticks(seconds);
	uint64_t done = 0;
	int n;

	while (now < end && perf_stopped == 0) {
		if (c->under_way + c->burst <= limit(c) && begin(c, c->burst) != 0)
			return EXIT_FAILURE;
		n = collect(c);
		if (n < 0)
			return EXIT_FAILURE;
		done += (unsigned int)n;
		now = rte_rdtsc();
	}
	/* With the time of those that are still under way: there is always something to count. */
	done += c->under_way;
	if (finish(c) != 0)
		return EXIT_FAILURE;
	*rate = (double)done * (double)rte_get_tsc_hz() / (double)(rte_rdtsc() - start);
	return 0;
}

int
copier_times(struct copier *c, double seconds, struct histogram *times)
{
	double ns = 1e9 / (double)rte_get_tsc_hz();
	uint64_t now = rte_rdtsc();
	uint64_t end = now + ticks(seconds);

	while (now < end && perf_stopped == 0) {
		uint64_t began = now;

		if (begin(c, c->burst) != 0 || finish(c) != 0)
			return EXIT_FAILURE;
		now = rte_rdtsc();
		histogram_add(times, (uint64_t)((double)(now - began) * ns));
	}
	return 0;
}
