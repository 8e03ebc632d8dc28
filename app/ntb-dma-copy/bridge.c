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
#include <rte_mbuf.h>
#include <rte_pmd_ntb.h>

#include <complain.h>
#include <parse.h>

#include "bridge.h"
#include "main.h"

#define QUEUE_SIZE 64
#define POOL_MBUFS 511

/** Scratchpads: what is said in each. The state comes last: it makes the others good. */
enum word {
	WORD_STATE,
	WORD_ADDR_LOW,
	WORD_ADDR_HIGH,
	WORD_BYTES,
};
#define STATE_READY 0x4e444331u
#define STATE_DONE 0x4e444332u

/** Pause between two looks at a scratchpad, which may be a read across the link, milliseconds. */
#define LOOK_MS 2
/** How long one that leaves goes on, so that the peer hears it before the link is gone. */
#define LINGER_MS 100

static int
find(struct bridge *b)
{
	unsigned int found = 0;
	uint16_t id;

	for (id = 0; id < rte_rawdev_count(); id++) {
		struct rte_rawdev_info info = { 0 };

		if (rte_rawdev_info_get(id, &info, 0) != 0 || info.driver_name == NULL ||
		    strncmp(info.driver_name, "raw_ntb", strlen("raw_ntb")) != 0)
			continue;
		b->id = id;
		b->name = rte_dev_name(info.device);
		found++;
	}
	if (found == 1)
		return 0;
	complain("%u NTB rawdevs: expected one, such as --vdev=raw_ntb_epf0,...", found);
	return EXIT_FAILURE;
}

static int
reserve(struct bridge *b, uint64_t bytes)
{
	b->memory = rte_memzone_reserve("ntb-dma-copy", 3 * bytes, SOCKET_ID_ANY,
					RTE_MEMZONE_IOVA_CONTIG);
	b->pool = rte_pktmbuf_pool_create("ntb-dma-copy", POOL_MBUFS, 0, 0,
					  RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (b->memory == NULL || b->pool == NULL) {
		complain("no memory for three areas of %" PRIu64 " bytes and %u mbufs", bytes,
			 POOL_MBUFS);
		return EXIT_FAILURE;
	}
	b->bytes = bytes;
	b->source = b->memory->addr;
	b->target = b->source + bytes;
	b->check = b->target + bytes;
	memset(b->memory->addr, 0, 3 * bytes);
	return 0;
}

/** One queue pair, which carries nothing here: the rawdev wants to have it. */
static int
configure(struct bridge *b)
{
	struct ntb_dev_config conf = { .num_queues = 1, .queue_size = QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf queue = { .nb_desc = QUEUE_SIZE, .rx_mp = b->pool };
	int ret = rte_rawdev_configure(b->id, &info, sizeof(conf));

	return ret != 0 ? ret : rte_rawdev_queue_setup(b->id, 0, &queue, sizeof(queue));
}

int
bridge_open(struct bridge *b, uint64_t bytes)
{
	int ret = find(b);

	if (ret == 0)
		ret = reserve(b, bytes);
	if (ret != 0)
		return ret;
	/* What a virtual device at the other side may name. Real ones ask nobody. */
	ret = rte_rawdev_set_attr(b->id, "export_addr", bridge_iova(b, b->target));
	if (ret == 0)
		ret = rte_rawdev_set_attr(b->id, "export_len", bytes);
	if (ret == 0)
		ret = configure(b);
	if (ret == 0)
		ret = rte_rawdev_start(b->id);
	if (ret != 0)
		complain("device %s does not start: %s", b->name, strerror(-ret));
	return ret == 0 ? 0 : EXIT_FAILURE;
}

bool
bridge_is_up(struct bridge *b)
{
	uint64_t up = 0;

	return rte_rawdev_get_attr(b->id, NTB_LINK_STATUS_NAME, &up) == 0 && up != 0;
}

void
bridge_poll(struct bridge *b)
{
	struct rte_rawdev_buf buf, *bufs = &buf;

	if (rte_rawdev_dequeue_buffers(b->id, &bufs, 1, NULL) == 1)
		rte_pktmbuf_free(buf.buf_addr);
}

static int
say(struct bridge *b, enum word word, uint32_t value)
{
	char name[32];

	snprintf(name, sizeof(name), "spad_user_%d", word);
	return rte_rawdev_set_attr(b->id, name, value);
}

static uint32_t
hear(struct bridge *b, enum word word)
{
	uint64_t value = 0;
	char name[32];

	snprintf(name, sizeof(name), "spad_user_%d", word);
	return rte_rawdev_get_attr(b->id, name, &value) == 0 ? (uint32_t)value : 0;
}

/** Polls until a state is heard, the time is over (seconds), or the link is lost. */
static bool
wait_for(struct bridge *b, uint32_t state, double seconds)
{
	uint64_t hz = rte_get_tsc_hz();
	uint64_t end = rte_rdtsc() + (uint64_t)(seconds * hz);
	uint64_t look = 0;
	uint32_t heard = 0;

	while (!stopped && rte_rdtsc() < end && bridge_is_up(b)) {
		if (rte_rdtsc() >= look) {
			heard = hear(b, WORD_STATE);
			look = rte_rdtsc() + hz / MS_PER_S * LOOK_MS;
		}
		/* A peer that has come and copied may be done before this side has looked. */
		if (heard == state || heard == STATE_DONE)
			return true;
		bridge_poll(b);
		sched_yield();
	}
	return false;
}

static int
tell_target(struct bridge *b)
{
	uint64_t addr = bridge_iova(b, b->target);
	int ret = say(b, WORD_ADDR_LOW, (uint32_t)addr);

	if (ret == 0)
		ret = say(b, WORD_ADDR_HIGH, (uint32_t)(addr >> 32));
	if (ret == 0)
		ret = say(b, WORD_BYTES, (uint32_t)b->bytes);
	return ret != 0 ? ret : say(b, WORD_STATE, STATE_READY);
}

int
bridge_meet(struct bridge *b, double seconds)
{
	uint64_t end = rte_rdtsc() + (uint64_t)(seconds * rte_get_tsc_hz());

	while (!bridge_is_up(b)) {
		if (stopped || rte_rdtsc() >= end) {
			complain("no link within %g seconds: is the peer there?", seconds);
			return EXIT_FAILURE;
		}
		sched_yield();
	}
	if (tell_target(b) != 0 || !wait_for(b, STATE_READY, seconds)) {
		complain("the peer does not say where its memory is: expected dpdk-ntb-dma-copy");
		return EXIT_FAILURE;
	}
	b->peer_target = hear(b, WORD_ADDR_LOW) | (uint64_t)hear(b, WORD_ADDR_HIGH) << 32;
	b->peer_bytes = hear(b, WORD_BYTES);
	return 0;
}

static void
linger(struct bridge *b)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / MS_PER_S * LINGER_MS;

	while (rte_rdtsc() < end) {
		bridge_poll(b);
		sched_yield();
	}
}

int
bridge_part(struct bridge *b)
{
	if (say(b, WORD_STATE, STATE_DONE) == 0 && wait_for(b, STATE_DONE, PARSE_MAX_SECONDS)) {
		linger(b);
		return 0;
	}
	if (!stopped)
		complain("the link is lost");
	return EXIT_FAILURE;
}

void
bridge_close(struct bridge *b)
{
	/*
	 * Stopping waits until no DMA of the peer can land here. The memory goes with the process,
	 * not before it.
	 */
	rte_rawdev_stop(b->id);
	rte_rawdev_close(b->id);
}
