/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _RUN_H_
#define _RUN_H_

/**
 * @file
 * Tasks on all lcores of EAL, the main one too.
 *
 *     start      warm-up     seconds       stop     quiet
 *       |-----------|-----------|------------|---------|
 *                   begin      end: tasks begin nothing new, and go on until nothing has moved
 *                              for QUIET_MS
 */

#include <stdatomic.h>
#include <stdbool.h>

#include <rte_lcore.h>

#include "task.h"

#define RUN_MAX_TASKS 256

struct run_mark {
	uint64_t tsc;
	uint64_t cpu_ns; /**< that the lcore has had */
	uint64_t done;
	uint64_t bytes;
};

struct run_task {
	struct task task;
	unsigned int slot; /**< tasks of one slot share a lcore; slots go round the lcores */
	struct run_mark begin;
	struct run_mark end;
};

struct run {
	struct run_task tasks[RUN_MAX_TASKS];
	unsigned int nb_tasks;
	double warmup;      /**< seconds */
	double seconds;     /**< 0: until a signal comes */
	double wait;        /**< seconds for the first packet, if it starts with that */
	bool wait_packet;   /**< start when the first packet arrives */

	_Atomic uint64_t start; /**< ticks; 0: not yet */
	uint64_t wait_until;
	_Atomic bool quiet[RTE_MAX_LCORE]; /**< by index of the lcore */
};

/** An empty run, to be freed; NULL after telling that there is no memory. */
struct run *run_new(void);

/** A new task, all zero but for what is given; NULL if there are too many. */
struct task *run_add(struct run *run, const struct task_ops *ops, unsigned int slot);

/** Runs all tasks to the end, and frees what they hold. */
void run_all(struct run *run);

/** What a task did per second between its marks. */
double run_rate(const struct run_task *t);
double run_bytes_rate(const struct run_task *t);

/** The share of its CPU that the lcore had between the marks: less than 1 if others ran there. */
double run_cpu_share(const struct run_task *t);

#endif /* _RUN_H_ */
