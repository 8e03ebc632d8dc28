/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Copies by a DMA device, which this process has for itself. */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>

#include "rate.h"

/** Copies that are under way at once. */
#define DEPTH 32
/** Copies that have not ended by then will not, seconds. */
#define DRAIN_SECONDS 5

struct dma {
	int16_t id;
	bool started;
	unsigned int under_way;
};

static struct dma dma;

static int
start(int16_t id, bool write, const struct rte_dma_info *info)
{
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vchan = {
		.direction = write ? RTE_DMA_DIR_MEM_TO_DEV : RTE_DMA_DIR_DEV_TO_MEM,
		.nb_desc = RTE_MIN(RTE_MAX(2 * DEPTH, info->min_desc), info->max_desc),
	};
	int ret;

	if (write)
		vchan.dst_port.port_type = RTE_DMA_PORT_PCIE;
	else
		vchan.src_port.port_type = RTE_DMA_PORT_PCIE;
	ret = rte_dma_configure(id, &conf);
	if (ret == 0)
		ret = rte_dma_vchan_setup(id, 0, &vchan);
	return ret == 0 ? rte_dma_start(id) : ret;
}

/** One that has been named: 0, or an exit code after telling. */
static int
start_named(const struct rate *r)
{
	const uint64_t capa = r->write ? RTE_DMA_CAPA_MEM_TO_DEV : RTE_DMA_CAPA_DEV_TO_MEM;
	struct rte_dma_info info;
	int ret;

	dma.id = rte_dma_get_dev_id_by_name(r->device);
	if (dma.id < 0 || rte_dma_info_get(dma.id, &info) != 0) {
		complain("argument device: \"%s\": expected the name of a DMA device, see \"info\"",
			 r->device);
		return EXIT_USAGE;
	}
	if ((info.dev_capa & capa) == 0) {
		complain("argument device: \"%s\": expected one that copies %s the peer",
			 r->device, r->write ? "to" : "from");
		return EXIT_USAGE;
	}
	ret = start(dma.id, r->write, &info);
	if (ret == 0)
		return 0;
	complain("DMA device %s does not start: %s%s", r->device, strerror(-ret),
		 ret == -EBUSY ? ": the packet queues have it" : "");
	return EXIT_FAILURE;
}

/** The packet queues take theirs from the first on, so the last one is looked at first. */
static int
start_any(const struct rate *r)
{
	const uint64_t capa = r->write ? RTE_DMA_CAPA_MEM_TO_DEV : RTE_DMA_CAPA_DEV_TO_MEM;
	struct rte_dma_info info;
	int16_t found[64];
	unsigned int n = 0;
	int16_t id;

	RTE_DMA_FOREACH_DEV(id)
		if (n < RTE_DIM(found) && rte_dma_info_get(id, &info) == 0 &&
		    (info.dev_capa & capa) != 0)
			found[n++] = id;
	while (n > 0) {
		dma.id = found[--n];
		if (rte_dma_info_get(dma.id, &info) == 0 && start(dma.id, r->write, &info) == 0)
			return 0;
	}
	complain("no DMA device that copies %s the peer is free: expected one beside those of the "
		 "packet queues", r->write ? "to" : "from");
	return EXIT_FAILURE;
}

static int
dma_open(struct rate *r)
{
	struct rte_dma_info info;
	int ret;

	memset(&dma, 0, sizeof(dma));
	r->lanes = 1;
	ret = r->device != NULL ? start_named(r) : start_any(r);
	if (ret != 0)
		return ret;
	dma.started = true;
	rte_dma_info_get(dma.id, &info);
	snprintf(r->name, sizeof(r->name), "%s", info.dev_name);
	return 0;
}

static int
collect(struct rate *r)
{
	enum rte_dma_status_code status = RTE_DMA_STATUS_SUCCESSFUL;
	bool failed = false;
	uint16_t last;
	uint16_t n;

	n = rte_dma_completed(dma.id, 0, DEPTH, &last, &failed);
	dma.under_way -= n;
	r->copies += n;
	if (!failed)
		return 0;
	dma.under_way -= rte_dma_completed_status(dma.id, 0, 1, &last, &status);
	complain("DMA device %s: a copy ended with status %u: expected %u", r->name,
		 (unsigned int)status, (unsigned int)RTE_DMA_STATUS_SUCCESSFUL);
	return EXIT_FAILURE;
}

static int
begin_one(struct rate *r, uint64_t remote)
{
	uint64_t src = r->write ? r->local_iova : remote;
	uint64_t dst = r->write ? remote : r->local_iova;
	int ret = rte_dma_copy(dma.id, 0, src, dst, (uint32_t)r->chunk, RTE_DMA_OP_FLAG_SUBMIT);

	if (ret >= 0) {
		dma.under_way++;
		return 0;
	}
	complain("DMA device %s refuses a copy of %" PRIu64 " bytes: %s", r->name, r->chunk,
		 strerror(-ret));
	return EXIT_FAILURE;
}

/** The link is looked after only when nothing of ours can land any more. */
static int
drain(struct rate *r)
{
	uint64_t end = rte_rdtsc() + DRAIN_SECONDS * rte_get_tsc_hz();
	int ret = 0;

	while (dma.under_way > 0 && ret == 0) {
		ret = collect(r);
		if (rte_rdtsc() > end) {
			complain("DMA device %s: %u copies have not ended within %u s", r->name,
				 dma.under_way, DRAIN_SECONDS);
			return EXIT_FAILURE;
		}
		sched_yield();
	}
	return ret;
}

/** Where the window is, if a chunk has room in it. */
static int
find_remote(struct rate *r, uint64_t *remote)
{
	struct window w;
	uint64_t dma_addr;

	device_window_look(&r->tool->dev, WINDOW_PEER, &w);
	if (device_get(&r->tool->dev, "mw_0_dma", &dma_addr) != 0)
		return EXIT_FAILURE;
	if (w.bytes < w.user + r->chunk) {
		complain("bandwidth: the peer's window is out of reach, or has become smaller");
		return EXIT_FAILURE;
	}
	if (dma_addr == 0) {
		complain("bandwidth: this platform does not tell where DMA devices find the "
			 "peer's window");
		return EXIT_FAILURE;
	}
	*remote = dma_addr + w.user;
	return 0;
}

static int
dma_slice(struct rate *r)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / 1000 * RATE_SLICE_MS;
	uint64_t remote;
	int ret;

	ret = find_remote(r, &remote);
	while (ret == 0 && rte_rdtsc() < end) {
		while (ret == 0 && dma.under_way < DEPTH && rte_dma_burst_capacity(dma.id, 0) > 0)
			ret = begin_one(r, remote);
		if (ret == 0)
			ret = collect(r);
		/* The software endpoint needs a CPU to copy. */
		sched_yield();
	}
	return ret == 0 ? drain(r) : ret;
}

/** A device that stops has no copy under way any more. */
static bool
dma_close(struct rate *r)
{
	int ret = dma.started ? rte_dma_stop(dma.id) : 0;

	if (ret != 0)
		complain("DMA device %s does not stop: %s", r->name, strerror(-ret));
	dma.started = false;
	return ret == 0;
}

const struct rate_way rate_dma = {
	.name = "dma",
	.open = dma_open,
	.slice = dma_slice,
	.close = dma_close,
};
