/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "histogram.h"

/** Buckets of a doubling, as a power of two. Values below that number have one each. */
#define SUB_BITS 3
#define SUBS (1u << SUB_BITS)

static unsigned int
bucket_of(uint64_t value)
{
	unsigned int top;

	if (value < SUBS)
		return (unsigned int)value;
	top = 63 - (unsigned int)__builtin_clzll(value);
	return (top - SUB_BITS + 1) * SUBS + ((value >> (top - SUB_BITS)) & (SUBS - 1));
}

uint64_t
histogram_bucket_max(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < SUBS)
		return bucket;
	shift = bucket / SUBS - 1;
	return ((uint64_t)(SUBS + bucket % SUBS) << shift) + ((UINT64_C(1) << shift) - 1);
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
histogram_percentile(const struct histogram *h, unsigned int percent)
{
	/* Rounded up: of one value, each percentile is that value. */
	uint64_t wanted = h->total / 100 * percent + (h->total % 100 * percent + 99) / 100;
	uint64_t seen = 0;
	uint64_t bound;
	unsigned int i;

	if (h->total == 0)
		return 0;
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->count[i];
		if (seen >= wanted && seen != 0)
			break;
	}
	bound = histogram_bucket_max(i);
	return bound < h->max ? bound : h->max;
}
