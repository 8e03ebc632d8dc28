/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PACE_H_
#define _PACE_H_

/**
 * @file
 * When packets are due at a given rate.
 */

#include <stdint.h>

struct pace {
	uint64_t start;  /**< ticks */
	double per_tick; /**< packets; 0: as fast as possible */
	uint64_t done;   /**< packets handed out */
	uint64_t owed;   /**< packets that were due and not handed out, when last asked */
};

static inline void
pace_begin(struct pace *p, uint64_t now, double per_second, uint64_t hz)
{
	*p = (struct pace){ .start = now, .per_tick = per_second / (double)hz };
}

/** Takes what is due at @p now, @p max packets at most. Who was held up catches up. */
static inline unsigned int
pace_take(struct pace *p, uint64_t now, unsigned int max)
{
	uint64_t due;

	if (p->per_tick == 0)
		return max;
	due = (uint64_t)((double)(now - p->start) * p->per_tick) - p->done;
	p->owed = due > max ? due - max : 0;
	p->done += due - p->owed;
	return (unsigned int)(due - p->owed);
}

#endif /* _PACE_H_ */
