/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "task.h"

/** An answer that takes longer is taken for lost. */
#define TIMEOUT_MS 1000

/** Takes what has come. An old answer is none. */
static void
hear(struct task *task)
{
	struct task_ping *p = &task->ping;
	struct rte_mbuf *mbuf[TASK_MAX_BURST];
	uint16_t n = rte_eth_rx_burst(task->port, task->queue, mbuf, task->burst);
	uint64_t ticks = rte_rdtsc() - p->sent;
	struct packet packet;
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (p->sent == 0 || task_look(task, mbuf[i], &packet) != PACKET_GOOD ||
		    packet.seq != p->seq || packet.stream != task->stream) {
			p->strange++;
			continue;
		}
		p->sent = 0;
		if (!task->measured || task->stopped)
			continue;
		histogram_add(p->times, (uint64_t)((double)ticks * p->ns_per_tick));
		task->done++;
	}
	rte_pktmbuf_free_bulk(mbuf, n);
}

static void
ask(struct task *task)
{
	struct task_ping *p = &task->ping;
	struct task_queue *out = &task->out;

	if (out->first == out->end) {
		out->first = out->end = 0;
		if (rte_pktmbuf_alloc_bulk(p->pool, out->mbuf, 1) != 0)
			return;
		out->end = 1;
		p->seq++;
		p->sent = rte_rdtsc();
		task_fill(task, out->mbuf[0], p->seq, p->sent);
	}
	task_send(task);
}

static void
turn(struct task *task, uint64_t now)
{
	struct task_ping *p = &task->ping;

	hear(task);
	if (p->sent != 0 && now > p->sent + rte_get_tsc_hz() / 1000 * TIMEOUT_MS) {
		p->lost++;
		p->sent = 0;
	}
	/* A request that had no room is offered again, and its time goes on. */
	if (task->out.first != task->out.end || (p->sent == 0 && !task->stopped))
		ask(task);
	else
		rte_eth_tx_burst(task->port, task->queue, NULL, 0);
}

const struct task_ops task_ping_ops = {
	.name = "ping",
	.turn = turn,
	.end = task_drop,
};
