/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * cost-dma DEVICE BURSTS
 *
 * Copies of 64 bytes from memory to memory, enqueued, submitted and collected burst by burst. DEVICE
 * is "edma", for the channel of an engine that is completed before it is asked, or a virtual device of
 * DPDK, which is asked when its statistics say that it is done. What is counted are the three
 * functions of the driver, without the library's inline functions: see cost.h.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_dmadev.h>
#include <rte_malloc.h>

#include "cost.h"
#include "cost_engine.h"

#define BYTES 64
#define RING 512
#define MAX_CASES 8
#define EMPTY_CALLS 1000
/** Copies before anything is counted, and that are counted: some laps of all rings. */
#define COPIES 8192
#define SETTLE_US 50

static uint8_t *source, *target;

static int
create(const char *device, int16_t *id)
{
	const struct rte_dma_vchan_conf vconf = {
		.direction = RTE_DMA_DIR_MEM_TO_MEM,
		.nb_desc = RING,
	};
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	int rc;

	if (strcmp(device, "edma") == 0) {
		rc = cost_engine_create();
		if (rc == 0)
			rc = cost_engine_attach(device, DW_EDMA_SIDE_BOTH, true, false);
		device = "edma-wr0";
	} else {
		rc = rte_vdev_init(device, "");
	}
	if (rc != 0)
		return rc;
	*id = rte_dma_get_dev_id_by_name(device);
	rc = rte_dma_configure(*id, &conf);
	if (rc == 0)
		rc = rte_dma_vchan_setup(*id, 0, &vconf);
	return rc == 0 ? rte_dma_start(*id) : rc;
}

/* Each call that is counted is in a function of its own: what it takes itself is the same for all. */

static __rte_noinline int
copy(rte_dma_copy_t fn, void *priv)
{
	int rc;

	cost_begin();
	rc = fn(priv, 0, (uintptr_t)source, (uintptr_t)target, BYTES, 0);
	cost_end();
	return rc;
}

static __rte_noinline int
submit(rte_dma_submit_t fn, void *priv)
{
	int rc;

	cost_begin();
	rc = fn(priv, 0);
	cost_end();
	return rc;
}

static __rte_noinline uint16_t
completed(rte_dma_completed_t fn, void *priv, uint16_t n)
{
	bool failed = false;
	uint16_t last;

	cost_begin();
	n = fn(priv, 0, n, &last, &failed);
	cost_end();
	return failed ? 0 : n;
}

static int
no_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length, uint64_t flags)
{
	RTE_SET_USED(priv);
	RTE_SET_USED(vchan);
	RTE_SET_USED(src);
	RTE_SET_USED(dst);
	RTE_SET_USED(length);
	RTE_SET_USED(flags);
	return 0;
}

static int
no_submit(void *priv, uint16_t vchan)
{
	RTE_SET_USED(priv);
	RTE_SET_USED(vchan);
	return 0;
}

static uint16_t
no_completed(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last, bool *failed)
{
	RTE_SET_USED(priv);
	RTE_SET_USED(vchan);
	RTE_SET_USED(last);
	RTE_SET_USED(failed);
	return nb;
}

/** What the counting itself adds to a copy, and to the two calls that there are for a burst. */
static void
empty(void)
{
	/* Volatile: the compiler is not to make versions of the callers that know their arguments. */
	volatile rte_dma_copy_t copy_fn = no_copy;
	volatile rte_dma_submit_t submit_fn = no_submit;
	volatile rte_dma_completed_t completed_fn = no_completed;
	void *volatile priv = NULL;
	volatile uint16_t n = 0;
	char label[32];
	unsigned int i;

	cost_zero();
	for (i = 0; i < EMPTY_CALLS; i++)
		copy(copy_fn, priv);
	snprintf(label, sizeof(label), "empty-copy %u", EMPTY_CALLS);
	cost_dump(label);
	cost_zero();
	for (i = 0; i < EMPTY_CALLS; i++) {
		submit(submit_fn, priv);
		completed(completed_fn, priv, n);
	}
	snprintf(label, sizeof(label), "empty %u", EMPTY_CALLS);
	cost_dump(label);
}

/** Waits until the device is done with all it was given. */
static void
wait_done(int16_t id, bool is_edma)
{
	struct rte_dma_stats stats;

	if (is_edma) {
		cost_engine_turn();
		return;
	}
	while (rte_dma_stats_get(id, 0, &stats) == 0 && stats.completed != stats.submitted)
		usleep(1);
	/* The skeleton's thread counts a copy just before it says so. */
	usleep(SETTLE_US);
}

static int
run_case(int16_t id, bool is_edma, uint16_t burst)
{
	const struct rte_dma_fp_object *fp = &rte_dma_fp_objs[id];
	unsigned int round;
	uint16_t i;

	for (round = 0; round < COPIES / burst; round++) {
		for (i = 0; i < burst; i++)
			if (copy(fp->copy, fp->dev_private) < 0)
				return -1;
		if (submit(fp->submit, fp->dev_private) != 0)
			return -1;
		wait_done(id, is_edma);
		if (completed(fp->completed, fp->dev_private, burst) != burst)
			return -1;
	}
	return 0;
}

static int
run(const char *device, const unsigned int *bursts, unsigned int n)
{
	bool is_edma = strcmp(device, "edma") == 0;
	char label[32];
	unsigned int i;
	int16_t id;

	source = rte_zmalloc("source", BYTES, 0);
	target = rte_zmalloc("target", BYTES, 0);
	if (source == NULL || target == NULL || create(device, &id) != 0)
		return -1;
	empty();
	for (i = 0; i < n; i++) {
		memset(source, (int)i + 1, BYTES);
		cost_zero();
		if (run_case(id, is_edma, bursts[i]) != 0 || memcmp(source, target, BYTES) != 0)
			return -1;
		snprintf(label, sizeof(label), "copy %u %u", bursts[i],
			 COPIES / bursts[i] * bursts[i]);
		cost_dump(label);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned int bursts[MAX_CASES];
	unsigned int n = argc == 3 ? cost_numbers(argv[2], bursts, MAX_CASES) : 0;

	if (n == 0) {
		fprintf(stderr, "usage: cost-dma DEVICE BURST[,BURST]...\n");
		return EXIT_FAILURE;
	}
	if (cost_eal_init(argv[0]) < 0 || run(argv[1], bursts, n) != 0) {
		fprintf(stderr, "cost-dma: %s does not copy\n", argv[1]);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
