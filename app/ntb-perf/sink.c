/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_ethdev.h>

#include "task.h"

static void
take(struct task *task, const struct rte_mbuf *m)
{
	struct task_sink *s = &task->sink;
	struct packet packet;

	switch (task_look(task, m, &packet)) {
	case PACKET_GOOD:
		/* What belongs to another stream came out of the wrong queue. */
		if (packet.stream != task->stream)
			break;
		sequence_add(&s->sequence, packet.seq);
		task->done++;
		task->bytes += m->pkt_len;
		return;
	case PACKET_CORRUPT:
		s->corrupt++;
		return;
	case PACKET_FOREIGN:
		break;
	}
	s->foreign++;
}

static void
turn(struct task *task, uint64_t now)
{
	struct rte_mbuf *mbuf[TASK_MAX_BURST];
	uint16_t n = rte_eth_rx_burst(task->port, task->queue, mbuf, task->burst);
	uint16_t i;

	(void)now;
	for (i = 0; i < n; i++)
		take(task, mbuf[i]);
	rte_pktmbuf_free_bulk(mbuf, n);
}

static void
end(struct task *task)
{
	(void)task;
}

const struct task_ops task_sink_ops = {
	.name = "sink",
	.turn = turn,
	.end = end,
};
