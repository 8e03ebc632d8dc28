/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_ethdev.h>

#include "task.h"

bool
task_send(struct task *task)
{
	struct task_queue *out = &task->out;
	unsigned int want = out->end - out->first;
	uint16_t n;

	if (want == 0)
		return true;
	n = rte_eth_tx_burst(task->port, task->queue, out->mbuf + out->first, (uint16_t)want);
	out->first += n;
	out->refused += want - n;
	return n == want;
}

void
task_drop(struct task *task)
{
	struct task_queue *out = &task->out;

	out->left = out->end - out->first;
	rte_pktmbuf_free_bulk(out->mbuf + out->first, out->left);
	out->first = out->end = 0;
}

enum packet_state
task_look(const struct task *task, const struct rte_mbuf *m, struct packet *packet)
{
	uint8_t copy[PACKET_MAX];
	uint32_t want = task->full ? m->pkt_len : RTE_MIN(m->pkt_len, (uint32_t)PACKET_HEAD);

	if (want > sizeof(copy))
		return PACKET_FOREIGN;
	return packet_read(rte_pktmbuf_read(m, 0, want, copy), m->pkt_len, task->full, packet);
}

void
task_fill(const struct task *task, struct rte_mbuf *m, uint64_t seq, uint64_t time)
{
	const struct packet packet = {
		.stream = task->stream,
		.length = task->size,
		.seq = seq,
		.time = time,
	};

	m->data_len = task->size;
	m->pkt_len = task->size;
	packet_write(rte_pktmbuf_mtod(m, void *), &packet, task->full);
}
