/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Copies by the cores: each lcore of EAL has a part of the window. */

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_io.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "rate.h"

struct cpu {
	struct rate *rate;
	uint8_t *remote;  /**< the part of lane 0 */
	uint64_t end;     /**< TSC */
	uint64_t copies[RTE_MAX_LCORE];
};

static struct cpu cpu;

static int
cpu_open(struct rate *r)
{
	r->lanes = rte_lcore_count();
	snprintf(r->name, sizeof(r->name), "%u lcores", r->lanes);
	memset(&cpu, 0, sizeof(cpu));
	cpu.rate = r;
	return 0;
}

static int
lane_run(void *arg)
{
	struct cpu *c = arg;
	const struct rate *r = c->rate;
	unsigned int lane = rte_lcore_index(-1);
	uint8_t *local = r->local + lane * r->chunk;
	uint8_t *remote = c->remote + lane * r->chunk;

	do {
		if (r->write)
			memcpy(remote, local, r->chunk);
		else
			memcpy(local, remote, r->chunk);
		c->copies[lane]++;
	} while (rte_rdtsc() < c->end);
	/* A read is behind all writes: they have arrived. */
	if (r->write) {
		rte_wmb();
		rte_read32(remote + r->chunk - sizeof(uint32_t));
	}
	return 0;
}

static int
cpu_slice(struct rate *r)
{
	struct window w;
	unsigned int i;

	if (device_window(&r->tool->dev, WINDOW_PEER, &w) != 0)
		return EXIT_FAILURE;
	if (w.bytes < w.user + r->lanes * r->chunk) {
		complain("bandwidth: the peer's window has become smaller");
		return EXIT_FAILURE;
	}
	cpu.remote = w.va + w.user;
	cpu.end = rte_rdtsc() + rte_get_tsc_hz() / 1000 * RATE_SLICE_MS;
	rte_eal_mp_remote_launch(lane_run, &cpu, CALL_MAIN);
	rte_eal_mp_wait_lcore();
	r->copies = 0;
	for (i = 0; i < r->lanes; i++)
		r->copies += cpu.copies[i];
	return 0;
}

static bool
cpu_close(struct rate *r)
{
	(void)r;
	return true;
}

const struct rate_way rate_cpu = {
	.name = "cpu",
	.open = cpu_open,
	.slice = cpu_slice,
	.close = cpu_close,
};
