/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "search.h"

/** Halving a rate so often leaves nothing of it. */
#define MAX_TRIALS 24

void
search_begin(struct search *s, double max, double resolution)
{
	*s = (struct search){ .high = max, .resolution = resolution, .rate = max };
}

bool
search_next(struct search *s, bool passed)
{
	s->trials++;
	if (passed)
		s->low = s->rate;
	else
		s->high = s->rate;
	s->rate = (s->low + s->high) / 2;
	return s->high - s->low > s->resolution * s->high && s->trials < MAX_TRIALS;
}
