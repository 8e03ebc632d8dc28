/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Packets through queue pair 0. The word is at the start of the packet, the rest is a count. */

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_mbuf.h>
#include <rte_rawdev.h>

#include "ping.h"

#define QUEUE ((rte_rawdev_obj_t)(uintptr_t)0)

static int
queue_poll(struct ping *p, uint32_t *word)
{
	struct rte_rawdev_buf buf;
	struct rte_rawdev_buf *bufs[] = { &buf };
	uint32_t value;
	struct rte_mbuf *m;
	int n;

	n = rte_rawdev_dequeue_buffers(p->tool->dev.id, bufs, 1, QUEUE);
	if (n < 0)
		complain("ping queue: receive: %s", strerror(-n));
	if (n <= 0)
		return n;
	m = buf.buf_addr;
	if (m->data_len < sizeof(value)) {
		rte_pktmbuf_free(m);
		return 0;
	}
	memcpy(&value, rte_pktmbuf_mtod(m, void *), sizeof(value));
	/* It goes back as long as it came. */
	p->bytes = m->pkt_len;
	rte_pktmbuf_free(m);
	*word = rte_le_to_cpu_32(value);
	return 1;
}

/** Packets that a past run has left go; not more than the rings hold, as the peer may never rest. */
static int
queue_open(struct ping *p)
{
	unsigned int left = 2 * p->tool->dev.queue_size;
	uint32_t bytes = p->bytes;
	uint64_t longest;
	uint32_t word;
	int ret;

	if (device_try_get(&p->tool->dev, "max_pkt_len", &longest) == 0 && bytes > longest) {
		complain("argument bytes: \"%u\": expected at most %u", bytes,
			 (unsigned int)longest);
		return EXIT_USAGE;
	}
	do {
		ret = queue_poll(p, &word);
	} while (ret > 0 && --left > 0);
	p->bytes = bytes;
	return ret < 0 ? EXIT_FAILURE : 0;
}

static struct rte_mbuf *
make_packet(struct ping *p, uint32_t word)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(p->tool->dev.pool);
	uint32_t bytes = p->bytes;
	uint8_t *data;
	uint32_t i;

	if (m == NULL)
		return NULL;
	if (bytes > rte_pktmbuf_tailroom(m))
		bytes = rte_pktmbuf_tailroom(m);
	data = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)bytes);
	word = rte_cpu_to_le_32(word);
	memcpy(data, &word, sizeof(word));
	for (i = sizeof(word); i < bytes; i++)
		data[i] = (uint8_t)i;
	return m;
}

/** A ring that is full, or a link that is just coming up, counts as a loss on the way. */
static int
queue_send(struct ping *p, uint32_t word)
{
	struct rte_rawdev_buf buf = { .buf_addr = make_packet(p, word) };
	struct rte_rawdev_buf *bufs[] = { &buf };
	int n;

	if (buf.buf_addr == NULL) {
		complain("ping queue: no packet buffer is free");
		return EXIT_FAILURE;
	}
	n = rte_rawdev_enqueue_buffers(p->tool->dev.id, bufs, 1, QUEUE);
	if (n == 1)
		return 0;
	rte_pktmbuf_free(buf.buf_addr);
	if (n == 0)
		return 0;
	complain("ping queue: send: %s", strerror(-n));
	return EXIT_FAILURE;
}

const struct ping_way ping_queue = {
	.name = "queue",
	.open = queue_open,
	.send = queue_send,
	.poll = queue_poll,
	.needs_link = true,
};
