/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "histogram.h"

static unsigned int
bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < HISTOGRAM_SUBS)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return (shift + 1) * HISTOGRAM_SUBS + ((value >> shift) & (HISTOGRAM_SUBS - 1));
}

uint64_t
histogram_bucket_max(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < HISTOGRAM_SUBS)
		return bucket;
	shift = bucket / HISTOGRAM_SUBS - 1;
	/* In front of the value with which the next bucket begins. */
	return ((uint64_t)(HISTOGRAM_SUBS + bucket % HISTOGRAM_SUBS + 1) << shift) - 1;
}

void
histogram_add(struct histogram *h, uint64_t value)
{
	if (h->total == 0 || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->total++;
	h->sum += value;
	h->count[bucket_of(value)]++;
}

uint64_t
histogram_percentile(const struct histogram *h, double percent)
{
	double exact = (double)h->total * percent / 100;
	uint64_t wanted = (uint64_t)exact;
	uint64_t seen = 0;
	uint64_t bound;
	unsigned int i;

	if (h->total == 0)
		return 0;
	/* Rounded up: of one value, each percentile is that value. */
	wanted += (double)wanted < exact;
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->count[i];
		if (seen >= wanted && seen != 0)
			break;
	}
	bound = histogram_bucket_max(i);
	return bound < h->max ? bound : h->max;
}
