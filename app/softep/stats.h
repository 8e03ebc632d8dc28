/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_STATS_H_
#define _SOFTEP_STATS_H_

/**
 * @file
 * The board's counters as text.
 */

#include "control.h"

void softep_stats(const struct softep *board, struct softep_reply *reply);

/** Sets all of them to 0, but for those of violations. */
void softep_stats_clear(struct softep *board);

#endif /* _SOFTEP_STATS_H_ */
