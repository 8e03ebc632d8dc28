/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SEARCH_H_
#define _SEARCH_H_

/**
 * @file
 * The highest rate that passes, found by halving, as in RFC 2544.
 */

#include <stdbool.h>

struct search {
	double low;        /**< highest rate that has passed; 0: none has */
	double high;       /**< lowest rate that has failed, or the most to try */
	double resolution; /**< the end: high - low is so small a part of high */
	double rate;       /**< to try next */
	unsigned int trials;
};

/** Tries @p max first. */
void search_begin(struct search *s, double max, double resolution);

/** Tells how the trial of s->rate went. True: s->rate is to be tried next. */
bool search_next(struct search *s, bool passed);

#endif /* _SEARCH_H_ */
