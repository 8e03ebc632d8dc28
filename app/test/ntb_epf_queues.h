/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_QUEUES_H_
#define _NTB_EPF_QUEUES_H_

/** @file Several queue pairs over the bridge of ntb_epf_env.h. */

#include "ntb_epf_env.h"

/** What the names of the DMA devices begin with, before "rc" or "ep". */
static const char *dma_prefix = "";

/** Both sides with their DMA devices; @p args are added to each. */
static inline void
bring_up_queues(const char *mover, uint16_t queues, const char *args)
{
	char text[128];
	uint8_t side;

	for (side = 0; side < 2; side++) {
		snprintf(text, sizeof(text), ",mover=%s,dma=%s%s%s", mover, dma_prefix,
			 side == NTB_EPF_SIDE_RC ? "rc" : "ep", args);
		probe(side, text);
	}
	for (side = 0; side < 2; side++)
		assert_int_equal(configure_and_start(side, queues, QUEUE_SIZE, pool[side]), 0);
	poll_links(20);
	assert_true(both_up());
}

static inline unsigned int
send_on(uint8_t side, unsigned int queue, unsigned int n, uint32_t len, uint8_t seed)
{
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++)
		bufs[i]->buf_addr = make_packet(pool[side], len, (uint8_t)(seed + i));
	sent = rte_rawdev_enqueue_buffers(raw[side]->dev_id, bufs, n, (void *)(uintptr_t)queue);
	assert_true(sent >= 0);
	for (i = sent; i < n; i++)
		rte_pktmbuf_free(bufs[i]->buf_addr);
	return sent;
}

/* One look by the receiver at one of its queues. */
static inline unsigned int
receive_on(uint8_t side, unsigned int queue, unsigned int max, uint32_t len, uint8_t seed)
{
	int n = rte_rawdev_dequeue_buffers(raw[side]->dev_id, bufs, max, (void *)(uintptr_t)queue);
	int i;

	assert_true(n >= 0);
	for (i = 0; i < n; i++) {
		check_packet(bufs[i]->buf_addr, len, (uint8_t)(seed + i));
		rte_pktmbuf_free(bufs[i]->buf_addr);
	}
	return n;
}

/* A look that brings nothing: publishes buffers, and finishes what was sent. */
static inline void
look_at(uint8_t side, unsigned int queue)
{
	assert_int_equal(receive_on(side, queue, 64, 0, 0), 0);
}

static inline struct ntb_epf_ring *
ring_of(uint8_t side, bool tx, unsigned int queue)
{
	return tx ? &dev_of(side)->queues[queue].tx : &dev_of(side)->queues[queue].rx;
}

#endif /* _NTB_EPF_QUEUES_H_ */
