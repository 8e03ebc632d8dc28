/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "complain.h"
#include "flow.h"

/** Streams of the second direction are told from those of the first. */
#define STREAM_BACK 0x100

static struct task *
add_task(struct run *run, const struct task_ops *ops, const struct port *port, unsigned int slot,
	 const struct task *like)
{
	struct task *t = run_add(run, ops, slot);

	if (t == NULL)
		return NULL;
	t->port = port->id;
	t->queue = like->queue;
	t->stream = like->stream;
	t->size = like->size;
	t->burst = like->burst;
	t->full = like->full;
	return t;
}

/** One queue of one direction. @p from or @p to is NULL if that end is elsewhere. */
static bool
add_queue(struct run *run, const struct ends *ends, const struct port *from,
	  const struct port *to, const struct task *like, bool apart, double rate)
{
	unsigned int step = apart && ends->n == 2;
	unsigned int slot = like->queue * (1 + step);
	struct task *t;

	if (from != NULL) {
		t = add_task(run, &task_source_ops, from,
			     slot + step * (from != ends->port), like);
		if (t == NULL)
			return false;
		t->source.pool = from->pool;
		pace_begin(&t->source.pace, rte_rdtsc(), rate, rte_get_tsc_hz());
	}
	return to == NULL ||
	       add_task(run, &task_sink_ops, to, slot + step * (to != ends->port), like) != NULL;
}

static bool
add_direction(struct run *run, const struct args *args, const struct ends *ends,
	      const struct flow_plan *plan, bool back)
{
	const struct port *first = &ends->port[0];
	const struct port *last = &ends->port[ends->n - 1];
	const struct port *from = args->tx == NULL ? NULL : back ? last : first;
	const struct port *to = args->rx == NULL ? NULL : back ? first : last;
	struct task like = {
		.size = plan->size,
		.burst = plan->burst,
		.full = args->full,
	};

	for (like.queue = 0; like.queue < args->queues; like.queue++) {
		like.stream = like.queue | (back ? STREAM_BACK : 0);
		if (!add_queue(run, ends, from, to, &like, args->apart,
			       plan->rate / (double)args->queues))
			return false;
	}
	return true;
}

static void
count_source(struct flow *f, const struct run_task *t)
{
	f->sent += t->task.done;
	f->sent_rate += run_rate(t);
	f->refused += t->task.out.refused;
	f->no_mbuf += t->task.source.no_mbuf;
	f->owed += t->task.source.pace.owed + t->task.out.left;
}

static void
count_sink(struct flow *f, const struct run_task *t)
{
	const struct task_sink *s = &t->task.sink;

	f->received += s->sequence.arrived;
	f->lost += sequence_missing(&s->sequence);
	f->reordered += s->sequence.reordered;
	f->duplicates += s->sequence.duplicates;
	f->corrupt += s->corrupt;
	f->foreign += s->foreign;
	f->rate += run_rate(t);
	f->bit_rate += run_bytes_rate(t) * 8;
}

static void
count(struct flows *flows, const struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->nb_tasks; i++) {
		const struct run_task *t = &run->tasks[i];
		struct flow *f = &flows->flow[t->task.stream >= STREAM_BACK];

		f->cpu_share = RTE_MIN(f->cpu_share, run_cpu_share(t));
		if (t->task.ops == &task_source_ops)
			count_source(f, t);
		else
			count_sink(f, t);
	}
	/* Who knows what was sent knows of the last packets, too. */
	for (i = 0; i < flows->n; i++)
		if (flows->flow[i].from != NULL)
			flows->flow[i].lost = flows->flow[i].sent - flows->flow[i].received;
}

static int
run_plan(struct flows *flows, struct run *run, const struct args *args, const struct ends *ends,
	 const struct flow_plan *plan)
{
	unsigned int i;

	for (i = 0; i < flows->n; i++) {
		if (!add_direction(run, args, ends, plan, i == 1)) {
			complain("argument queues: \"%u\": expected at most %u tasks in all",
				 (unsigned int)args->queues, RUN_MAX_TASKS);
			return EXIT_USAGE;
		}
		flows->flow[i].seconds = plan->seconds;
		flows->flow[i].cpu_share = 1;
		flows->flow[i].from = i == 0 ? args->tx : args->rx;
		flows->flow[i].to = i == 0 ? args->rx : args->tx;
	}
	run->seconds = plan->seconds;
	run->warmup = args->warmup;
	run->wait = args->wait;
	run->wait_packet = args->tx == NULL;
	run_all(run);
	count(flows, run);
	return 0;
}

int
flows_measure(struct flows *flows, const struct args *args, const struct ends *ends,
	      const struct flow_plan *plan)
{
	struct run *run = run_new();
	int ret;

	if (run == NULL)
		return EXIT_FAILURE;
	*flows = (struct flows){ .n = args->both ? 2 : 1 };
	ret = run_plan(flows, run, args, ends, plan);
	free(run);
	return ret;
}
