/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COST_H_
#define _COST_H_

/**
 * @file
 * Counting of instructions, for programs that are run by callgrind with --collect-atstart=no: see
 * devtools/cost.py. What is between cost_begin() and cost_end() is counted, and nothing else; a dump
 * with a label says how much that was since cost_zero(). Without callgrind all of this does nothing.
 */

#include <valgrind/callgrind.h>

static inline void
cost_zero(void)
{
	CALLGRIND_ZERO_STATS;
}

static inline void
cost_begin(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

static inline void
cost_end(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

static inline void
cost_dump(const char *label)
{
	CALLGRIND_DUMP_STATS_AT(label);
}

/** EAL for a program of one thread, without hugepages, and free of what it does not need. */
int cost_eal_init(const char *program);

/** Numbers, separated by commas, up to @p max of them. Returns how many; 0: not such a list. */
unsigned int cost_numbers(const char *text, unsigned int *numbers, unsigned int max);

#endif /* _COST_H_ */
