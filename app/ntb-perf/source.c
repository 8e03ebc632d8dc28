/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_ethdev.h>

#include "task.h"

/** Makes a burst of what is due. */
static void
refill(struct task *task, uint64_t now)
{
	struct task_source *s = &task->source;
	struct task_queue *out = &task->out;
	unsigned int n = pace_take(&s->pace, now, task->burst);
	unsigned int i;

	out->first = out->end = 0;
	if (n == 0)
		return;
	if (rte_pktmbuf_alloc_bulk(s->pool, out->mbuf, n) != 0) {
		s->pace.done -= s->pace.per_tick != 0 ? n : 0;
		s->no_mbuf++;
		return;
	}
	for (i = 0; i < n; i++)
		task_fill(task, out->mbuf[i], s->seq++, now);
	out->end = n;
}

static void
turn(struct task *task, uint64_t now)
{
	unsigned int before;

	if (task->out.first == task->out.end && !task->stopped)
		refill(task, now);
	before = task->out.first;
	if (task->out.first == task->out.end)
		/* Some ports finish what they have taken only when they are called. */
		rte_eth_tx_burst(task->port, task->queue, NULL, 0);
	else
		task_send(task);
	task->done += task->out.first - before;
	task->bytes = task->done * task->size;
}

const struct task_ops task_source_ops = {
	.name = "source",
	.turn = turn,
	.end = task_drop,
};
