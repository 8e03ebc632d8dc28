/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_TALLY_H_
#define _SOFTEP_TALLY_H_

/**
 * @file
 * Elements that the engine has moved and the clock has not been told of yet.
 *
 * Neighbours in a list are mostly alike for the link: of one size, and cut at the same places. They
 * are counted here, and told to the clock together: nothing is as slow behind the copy of an
 * element as stores, which wait until those of the copy are out. In which order channels are told
 * to the clock makes no difference to it, as long as nobody looks in between.
 */

#include <stdbool.h>

#include "clock.h"
#include "edma_model.h"

/** Elements of a channel, one behind the other, that are like the first one of them. */
struct softep_run {
	uint64_t addr;
	uint64_t cnt;
	uint32_t len;
};

struct softep_tally {
	struct softep_run runs[2][SOFTEP_CLOCK_CHANS];
	uint64_t untold[2]; /**< channels by direction, as a mask: their runs are not empty */
};

/** Tells the clock all that has been counted. */
void softep_tally_settle(struct softep_tally *tally, struct softep_clock *clock);

/** The same of one channel, for another run to begin. */
void softep_tally_begin(struct softep_tally *tally, struct softep_clock *clock, enum edma_dir dir,
			unsigned int ch, uint64_t addr, uint32_t len);

/** Counts an element that has been moved as a whole, from or to @p addr on the link. */
static inline void
softep_tally_add(struct softep_tally *tally, struct softep_clock *clock, enum edma_dir dir,
		 unsigned int ch, uint64_t addr, uint32_t len)
{
	const struct softep_link *link = &clock->link;
	const uint64_t bits = dir == EDMA_DIR_WR ? link->write_bits : link->read_bits;
	struct softep_run *run = &tally->runs[dir][ch];

	if (run->cnt == 0 || run->len != len || ((run->addr ^ addr) & bits) != 0)
		softep_tally_begin(tally, clock, dir, ch, addr, len);
	run->cnt++;
}

#endif /* _SOFTEP_TALLY_H_ */
