/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>

#include <complain.h>
#include <histogram.h>

#include "copy.h"
#include "main.h"

#define DESCRIPTORS 256
/** Copies, one at a time, whose latency is measured. */
#define LATENCY_COPIES 1000
#define NO_DEVICE -1

/** A copy that does not end within this time never will, seconds. */
#define COPY_TIMEOUT 10

static int
setup_vchan(struct channel *ch, int16_t dev_id, uint16_t vchan, bool to_peer)
{
	struct rte_dma_vchan_conf conf = { .nb_desc = DESCRIPTORS };

	if (to_peer) {
		conf.direction = RTE_DMA_DIR_MEM_TO_DEV;
		conf.dst_port.port_type = RTE_DMA_PORT_PCIE;
	} else {
		conf.direction = RTE_DMA_DIR_DEV_TO_MEM;
		conf.src_port.port_type = RTE_DMA_PORT_PCIE;
	}
	*ch = (struct channel){ .dev_id = dev_id, .vchan = vchan };
	return rte_dma_vchan_setup(dev_id, vchan, &conf);
}

/** Starts a device for the directions that it can copy in. */
static int
start(struct copier *c, int16_t id)
{
	struct rte_dma_conf conf = { 0 };
	struct rte_dma_info info;
	bool to, from;
	int ret = rte_dma_info_get(id, &info);

	if (ret != 0)
		return ret;
	to = (info.dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0;
	from = (info.dev_capa & RTE_DMA_CAPA_DEV_TO_MEM) != 0;
	conf.nb_vchans = to + from;
	ret = rte_dma_configure(id, &conf);
	if (ret == 0 && to)
		ret = setup_vchan(&c->to_peer, id, 0, true);
	if (ret == 0 && from)
		ret = setup_vchan(&c->from_peer, id, to, false);
	return ret == 0 ? rte_dma_start(id) : ret;
}

int
copier_open(struct copier *c, const struct args *args, const struct bridge *b)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	unsigned int i;

	c->to_peer.dev_id = c->from_peer.dev_id = NO_DEVICE;
	for (i = 0; i < args->nb_dma; i++) {
		bool virt = strcmp(args->dma[i], "virtual") == 0;
		int ret;

		snprintf(name, sizeof(name), "%s%s", virt ? b->name : args->dma[i],
			 virt ? "-dma" : "");
		ret = rte_dma_get_dev_id_by_name(name);
		if (ret < 0) {
			complain("--dma %s: no DMA device %s", args->dma[i], name);
			return EXIT_USAGE;
		}
		ret = start(c, (int16_t)ret);
		if (ret != 0) {
			complain("DMA device %s does not start: %s", name, strerror(-ret));
			return EXIT_FAILURE;
		}
	}
	if (c->to_peer.dev_id == NO_DEVICE || c->from_peer.dev_id == NO_DEVICE) {
		complain("--dma: expected devices that copy to the peer and from it");
		return EXIT_USAGE;
	}
	return 0;
}

void
copier_close(struct copier *c)
{
	if (c->to_peer.dev_id != NO_DEVICE && rte_dma_stop(c->to_peer.dev_id) != 0)
		complain("the copies to the peer do not end");
	if (c->from_peer.dev_id != NO_DEVICE && c->from_peer.dev_id != c->to_peer.dev_id &&
	    rte_dma_stop(c->from_peer.dev_id) != 0)
		complain("the copies from the peer do not end");
}

/** A run of copies of one size, over areas of @p burst places. */
struct run {
	struct channel ch;
	rte_iova_t src;
	rte_iova_t dst;
	uint32_t bytes;
	uint64_t burst;
	uint64_t begun;
	uint64_t ended;
};

static int
begin(struct run *r, uint64_t copies)
{
	bool any = false;
	int ret = 0;

	while (r->begun < copies && r->begun - r->ended < r->burst) {
		uint64_t at = r->begun % r->burst * r->bytes;

		ret = rte_dma_copy(r->ch.dev_id, r->ch.vchan, r->src + at, r->dst + at, r->bytes, 0);
		if (ret < 0)
			break;
		r->begun++;
		any = true;
	}
	if (any)
		rte_dma_submit(r->ch.dev_id, r->ch.vchan);
	return ret < 0 && ret != -ENOSPC ? ret : 0;
}

/** Counts what has ended. A failure is told with its code. */
static int
end(struct run *r)
{
	enum rte_dma_status_code status;
	bool error = false;
	uint16_t last;
	uint16_t n = rte_dma_completed(r->ch.dev_id, r->ch.vchan, DESCRIPTORS, &last, &error);

	r->ended += n;
	if (error && rte_dma_completed_status(r->ch.dev_id, r->ch.vchan, 1, &last, &status) == 1) {
		complain("copy %" PRIu64 " failed: status %d", r->ended, status);
		return -EIO;
	}
	return n;
}

/** Copies, and lets the rawdev have its turns. */
static int
run(struct run *r, uint64_t copies, struct bridge *b)
{
	uint64_t timeout = COPY_TIMEOUT * rte_get_tsc_hz();
	uint64_t last = rte_rdtsc();

	copies += r->begun;
	while (r->ended < copies && !stopped) {
		int ret = begin(r, copies);

		if (ret == 0)
			ret = end(r);
		if (ret < 0 && ret != -EIO)
			complain("copy %" PRIu64 " is refused: %s", r->begun, strerror(-ret));
		if (ret > 0)
			last = rte_rdtsc();
		else if (rte_rdtsc() - last > timeout)
			complain("copy %" PRIu64 " has not ended within %u seconds", r->ended,
				 COPY_TIMEOUT);
		if (ret < 0 || rte_rdtsc() - last > timeout)
			return EXIT_FAILURE;
		if (ret == 0) {
			bridge_poll(b);
			sched_yield();
		}
	}
	return r->ended == copies ? 0 : EXIT_FAILURE;
}

static double
microseconds(uint64_t ticks)
{
	return (double)ticks * 1e6 / rte_get_tsc_hz();
}

/** Bandwidth of many copies at once, then latency of single ones. */
static int
measure(const char *what, struct run *r, uint64_t copies, struct bridge *b)
{
	static struct histogram latency;
	uint64_t start = rte_rdtsc();
	uint64_t i, ticks;
	int ret = run(r, copies, b);

	ticks = rte_rdtsc() - start;
	memset(&latency, 0, sizeof(latency));
	for (i = 0; ret == 0 && i < RTE_MIN(copies, (uint64_t)LATENCY_COPIES); i++) {
		start = rte_rdtsc();
		ret = run(r, 1, b);
		histogram_add(&latency, rte_rdtsc() - start);
	}
	if (ret != 0)
		return ret;
	printf("%s: %" PRIu64 " copies of %u bytes: %.1f MB/s, latency %.2f us median, %.2f us 99%%\n",
	       what, copies, r->bytes, copies * r->bytes / microseconds(ticks),
	       microseconds(histogram_percentile(&latency, 50)),
	       microseconds(histogram_percentile(&latency, 99)));
	return 0;
}

/** Bytes that no other run has at the same place. */
static void
fill(struct bridge *b)
{
	uint64_t z = rte_rdtsc();
	uint64_t i;

	for (i = 0; i < b->bytes; i++) {
		z = z * UINT64_C(6364136223846793005) + 1442695040888963407;
		b->source[i] = (uint8_t)(z >> 56);
	}
}

/** All that went over comes back as it was. */
static int
compare(const struct bridge *b, uint64_t bytes)
{
	uint64_t i;

	for (i = 0; i < bytes && b->check[i] == b->source[i]; i++)
		;
	if (i == bytes) {
		printf("verified: %" PRIu64 " bytes\n", bytes);
		return 0;
	}
	complain("byte %" PRIu64 " is 0x%02x: expected 0x%02x", i, b->check[i], b->source[i]);
	return EXIT_FAILURE;
}

int
copier_run(struct copier *c, const struct args *args, struct bridge *b)
{
	struct run to = { .ch = c->to_peer, .src = bridge_iova(b, b->source), .dst = b->peer_target,
			  .bytes = (uint32_t)args->bytes, .burst = args->burst };
	struct run from = { .ch = c->from_peer, .src = b->peer_target,
			    .dst = bridge_iova(b, b->check), .bytes = to.bytes, .burst = to.burst };
	uint64_t places = RTE_MIN(args->burst, args->copies);
	int ret;

	if (b->peer_bytes < args->bytes * args->burst) {
		complain("the peer has %" PRIu64 " bytes: expected --size times --burst, %" PRIu64,
			 b->peer_bytes, args->bytes * args->burst);
		return EXIT_FAILURE;
	}
	fill(b);
	ret = measure("to the peer", &to, args->copies, b);
	if (ret == 0)
		ret = measure("from the peer", &from, args->copies, b);
	return ret == 0 ? compare(b, places * args->bytes) : ret;
}
