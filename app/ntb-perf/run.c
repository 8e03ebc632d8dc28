/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>

#include "complain.h"
#include "perf.h"
#include "run.h"

/** Nothing is under way any more if nothing has moved for so long. */
#define QUIET_MS 50
/** Tasks have so long to become quiet. */
#define STOP_MS 2000
/** Turns of the tasks between two looks at the clock. */
#define TURNS 16

/** One lcore's part of a run. */
struct part {
	struct run *run;
	struct run_task *tasks[RUN_MAX_TASKS];
	unsigned int nb_tasks;
	bool measured;
	bool stopped;
	uint64_t begin; /**< ticks when the measurement began */
	uint64_t stop;  /**< ticks when it was stopped */
	uint64_t moved; /**< ticks when something was seen to move */
	uint64_t done;  /**< by all of its tasks, then */
	uint64_t told;  /**< ticks when progress was shown */
};

static uint64_t
ticks(double seconds)
{
	return (uint64_t)(seconds * (double)rte_get_tsc_hz());
}

struct run *
run_new(void)
{
	struct run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		complain("%zu bytes of memory are not there", sizeof(*run));
	return run;
}

struct task *
run_add(struct run *run, const struct task_ops *ops, unsigned int slot)
{
	struct run_task *t = &run->tasks[run->nb_tasks];

	if (run->nb_tasks == RUN_MAX_TASKS)
		return NULL;
	run->nb_tasks++;
	*t = (struct run_task){ .task = { .ops = ops }, .slot = slot };
	return &t->task;
}

static uint64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void
mark(struct part *part, uint64_t now, bool end)
{
	uint64_t cpu = cpu_ns();
	unsigned int i;

	for (i = 0; i < part->nb_tasks; i++) {
		struct run_task *t = part->tasks[i];
		struct run_mark m = { now, cpu, t->task.done, t->task.bytes };

		*(end ? &t->end : &t->begin) = m;
		t->task.measured = true;
		t->task.stopped = end;
	}
}

static uint64_t
done_by(const struct part *part)
{
	uint64_t done = 0;
	unsigned int i;

	for (i = 0; i < part->nb_tasks; i++)
		done += part->tasks[i]->task.done;
	return done;
}

/** The run begins now, if it begins with a packet and one has come. */
static uint64_t
start_of(const struct part *part, uint64_t now)
{
	uint64_t start = atomic_load_explicit(&part->run->start, memory_order_relaxed);

	if (start == 0 && done_by(part) != 0 &&
	    atomic_compare_exchange_strong(&part->run->start, &start, now))
		start = now;
	return start;
}

/** A person sees that something goes on. */
static void
tell(struct part *part, uint64_t now, uint64_t start)
{
	const struct run *run = part->run;

	if (rte_lcore_id() != rte_get_main_lcore() || run->seconds <= 2 ||
	    now < part->told + rte_get_tsc_hz())
		return;
	part->told = now;
	fprintf(stderr, "%.0f of %.0f s\n", (double)(now - start) / (double)rte_get_tsc_hz(),
		run->warmup + run->seconds);
}

/** True: all lcores are. */
static bool
is_quiet(struct part *part, uint64_t now)
{
	struct run *run = part->run;
	uint64_t done = done_by(part);
	unsigned int i;

	if (done != part->done) {
		part->done = done;
		part->moved = now;
	}
	atomic_store_explicit(&run->quiet[rte_lcore_index(-1)],
			      now > part->moved + ticks(QUIET_MS / 1e3), memory_order_relaxed);
	for (i = 0; i < rte_lcore_count(); i++)
		if (!atomic_load_explicit(&run->quiet[i], memory_order_relaxed))
			return false;
	return true;
}

/** From one time of a run to the next. False: this is the end. */
static bool
advance(struct part *part, uint64_t now)
{
	const struct run *run = part->run;
	uint64_t start = start_of(part, now);

	if (start == 0)
		return perf_stopped == 0 && now < run->wait_until;
	tell(part, now, start);
	/* The end is counted from there, since a lcore may be held up in between. */
	if (!part->measured && now >= start + ticks(run->warmup)) {
		mark(part, now, false);
		part->measured = true;
		part->begin = now;
	}
	if (!part->stopped && (perf_stopped != 0 || (run->seconds != 0 && part->measured &&
						     now >= part->begin + ticks(run->seconds)))) {
		mark(part, now, true);
		part->stopped = true;
		part->stop = part->moved = now;
	}
	return !part->stopped ||
	       (!is_quiet(part, now) && now < part->stop + ticks(STOP_MS / 1e3));
}

static void
take_tasks(struct part *part)
{
	unsigned int mine = (unsigned int)rte_lcore_index(-1);
	unsigned int i;

	for (i = 0; i < part->run->nb_tasks; i++)
		if (part->run->tasks[i].slot % rte_lcore_count() == mine)
			part->tasks[part->nb_tasks++] = &part->run->tasks[i];
}

static int
loop(void *arg)
{
	struct part part = { .run = arg };
	uint64_t now = rte_rdtsc();
	unsigned int turns, i;

	take_tasks(&part);
	part.told = now;
	for (turns = 0; part.nb_tasks != 0; turns++) {
		if (turns % TURNS == 0) {
			now = rte_rdtsc();
			if (!advance(&part, now))
				break;
		}
		for (i = 0; i < part.nb_tasks; i++)
			part.tasks[i]->task.ops->turn(&part.tasks[i]->task, now);
	}
	return 0;
}

void
run_all(struct run *run)
{
	uint64_t now = rte_rdtsc();
	unsigned int i;

	run->wait_until = now + ticks(run->wait);
	run->start = run->wait_packet ? 0 : now;
	for (i = 0; i < rte_lcore_count(); i++)
		run->quiet[i] = true;
	for (i = 0; i < run->nb_tasks; i++)
		run->quiet[run->tasks[i].slot % rte_lcore_count()] = false;
	rte_eal_mp_remote_launch(loop, run, CALL_MAIN);
	rte_eal_mp_wait_lcore();
	for (i = 0; i < run->nb_tasks; i++)
		run->tasks[i].task.ops->end(&run->tasks[i].task);
}

static double
per_second(const struct run_task *t, uint64_t amount)
{
	uint64_t time = t->end.tsc - t->begin.tsc;

	return time == 0 || t->begin.tsc == 0 ? 0 :
		(double)amount * (double)rte_get_tsc_hz() / (double)time;
}

double
run_rate(const struct run_task *t)
{
	return per_second(t, t->end.done - t->begin.done);
}

double
run_bytes_rate(const struct run_task *t)
{
	return per_second(t, t->end.bytes - t->begin.bytes);
}

double
run_cpu_share(const struct run_task *t)
{
	return per_second(t, t->end.cpu_ns - t->begin.cpu_ns) / 1e9;
}
