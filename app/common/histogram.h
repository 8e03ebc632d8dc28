/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _HISTOGRAM_H_
#define _HISTOGRAM_H_

/**
 * @file
 * Counts of values by size, in buckets that grow with the value: 64 to each doubling, so that a
 * bucket is at most 1/64 of its values wide.
 */

#include <stdint.h>

/** Buckets of a doubling, as a power of two. Values below that number have one each. */
#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_SUBS (1u << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUBS)

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
	uint64_t total; /**< values */
	uint64_t sum;
	uint64_t min;
	uint64_t max;
};

/** A struct histogram that is all zero is empty. */
void histogram_add(struct histogram *h, uint64_t value);

/** Largest value that belongs to a bucket. */
uint64_t histogram_bucket_max(unsigned int bucket);

/**
 * A value that @p percent of the values do not exceed: the upper end of the bucket in which the
 * last of them lies, but not more than the largest value. 0 if there are none.
 */
uint64_t histogram_percentile(const struct histogram *h, double percent);

#endif /* _HISTOGRAM_H_ */
