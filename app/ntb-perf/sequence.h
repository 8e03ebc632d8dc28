/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SEQUENCE_H_
#define _SEQUENCE_H_

/**
 * @file
 * What became of packets that were numbered 0, 1, 2, ... by the sender.
 */

#include <stdint.h>

/** So far behind the newest one, a packet that comes twice is still told from a late one. */
#define SEQUENCE_WINDOW 1024

/** All zero: nothing has arrived. */
struct sequence {
	uint64_t next;       /**< behind the highest number seen */
	uint64_t arrived;    /**< different packets */
	uint64_t reordered;  /**< that came behind one with a higher number */
	uint64_t duplicates; /**< packets that had arrived before */
	uint64_t seen[SEQUENCE_WINDOW / 64]; /**< a bit for each number below next */
};

void sequence_add(struct sequence *s, uint64_t seq);

/** Numbers below the highest one seen that have not arrived. */
static inline uint64_t
sequence_missing(const struct sequence *s)
{
	return s->next - s->arrived;
}

#endif /* _SEQUENCE_H_ */
