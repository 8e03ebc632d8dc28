/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "tally.h"

static void
run_tell(struct softep_run *run, struct softep_clock *clock, enum edma_dir dir, unsigned int ch)
{
	if (dir == EDMA_DIR_WR)
		softep_clock_engine_write(clock, ch, run->addr, 0, run->len, run->cnt);
	else
		softep_clock_engine_read(clock, ch, run->addr, 0, run->len, run->cnt);
	run->cnt = 0;
}

void
softep_tally_settle(struct softep_tally *tally, struct softep_clock *clock)
{
	unsigned int dir, ch;

	for (dir = 0; dir < 2; dir++) {
		for (; tally->untold[dir] != 0; tally->untold[dir] &= tally->untold[dir] - 1) {
			ch = (unsigned int)__builtin_ctzll(tally->untold[dir]);
			run_tell(&tally->runs[dir][ch], clock, dir, ch);
		}
	}
}

void
softep_tally_begin(struct softep_tally *tally, struct softep_clock *clock, enum edma_dir dir,
		   unsigned int ch, uint64_t addr, uint32_t len)
{
	struct softep_run *run = &tally->runs[dir][ch];

	if (run->cnt != 0)
		run_tell(run, clock, dir, ch);
	run->addr = addr;
	run->len = len;
	tally->untold[dir] |= UINT64_C(1) << ch;
}
