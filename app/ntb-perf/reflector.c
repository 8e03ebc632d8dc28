/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_ethdev.h>

#include "task.h"

static void
turn(struct task *task, uint64_t now)
{
	struct task_queue *out = &task->out;
	unsigned int before = out->first;
	uint16_t i;

	(void)now;
	if (out->first == out->end) {
		before = out->first = 0;
		out->end = rte_eth_rx_burst(task->port, task->queue, out->mbuf, task->burst);
		for (i = 0; i < out->end; i++)
			packet_turn(rte_pktmbuf_mtod(out->mbuf[i], void *));
	}
	task_send(task);
	task->done += out->first - before;
}

const struct task_ops task_reflector_ops = {
	.name = "reflector",
	.turn = turn,
	.end = task_drop,
};
