/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _STATS_H_
#define _STATS_H_

#include "forward.h"

/** What the last table said, for the rates of the next one. */
struct stats {
	uint64_t at; /**< TSC cycles */
	struct counters last[RTE_MAX_ETHPORTS];
};

void stats_begin(struct stats *stats);
/** Prints a table of all ports on standard output. */
void stats_print(struct stats *stats, struct bridge *bridge);

#endif /* _STATS_H_ */
