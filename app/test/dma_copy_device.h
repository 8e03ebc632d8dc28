/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DMA_COPY_DEVICE_H_
#define _DMA_COPY_DEVICE_H_

/**
 * @file
 * Random copies on one DMA device, every byte compared.
 *
 * The copies of a device follow from the seed and its number alone, whatever the speed of the
 * engine: places, lengths and segments are drawn in the order of the copies, from a generator that
 * nothing else draws from.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>

/** Longest copy. */
#define COPY_MAX_BYTES (16u << 20)
/** Descriptors of a ring, at most. */
#define COPY_MAX_DEPTH 256

struct copy_options {
	uint32_t max_bytes; /**< longest copy */
	uint16_t depth;     /**< descriptors of each device */
	uint32_t seed;
	uint64_t copies;    /**< of each device, as far as time allows; 0: any number */
	/** Submit only while nothing is in flight: no doorbell meets a channel that has work. */
	bool drain;
};

struct copy {
	uint32_t src;   /**< offset in the source */
	uint32_t slot;  /**< offset in the area, of the guard in front */
	uint16_t pos;   /**< of the destination behind that guard */
	bool list;      /**< with gather and scatter lists */
	uint32_t bytes;
};

/** A generator of random numbers. */
struct copy_random {
	uint64_t state; /**< counts */
};

struct copy_device {
	int16_t id;
	uint16_t max_sges; /**< of gather and scatter lists; 0: it takes none */
	bool configured; /**< good for another start */
	char name[RTE_DEV_NAME_MAX_LEN];
	const struct copy_options *opt;
	struct copy_random what; /**< copies */
	struct copy_random when; /**< their grouping, and the calls that look for completions */
	/** Destinations: a circle, since copies end in the order in which they were begun. */
	uint8_t *area;
	uint32_t area_bytes;
	uint32_t area_head; /**< where the next destination is looked for */
	struct copy copy[COPY_MAX_DEPTH];
	bool drawn;    /**< copy "next" is chosen and waits for room in the area */
	uint16_t next; /**< id of the next copy */
	uint16_t done; /**< id of the next completion */
	uint64_t begun;
	/* Of completed copies, all of them since the start: */
	uint64_t copies;
	uint64_t lists;
	uint64_t bytes;
	uint64_t errors;
	uint64_t last;  /**< TSC of the last completion */
	unsigned int lcore; /**< that used it last */
};

/** What all devices copy from. Returns 0 or -ENOMEM. */
int copy_source_init(uint32_t seed);

/** True if nobody has written there. */
bool copy_source_intact(uint32_t seed);

/** Looks at DMA device @p id; @p number is its place among those that take part. */
int copy_device_init(struct copy_device *d, int16_t id, unsigned int number,
		     const struct copy_options *opt);

/**
 * Starts it, every other time without configuring it anew. Ids and counters begin at 0. Returns 0
 * or a negative errno.
 */
int copy_device_start(struct copy_device *d);

/**
 * Completes what is done, after beginning some copies if @p more. Returns how many were begun or
 * done, or a negative number after an error that has been told.
 */
int copy_device_work(struct copy_device *d, bool more);

static inline bool
copy_device_idle(const struct copy_device *d)
{
	return d->next == d->done;
}

/** True once it has done all copies that were asked for. */
static inline bool
copy_device_enough(const struct copy_device *d)
{
	return d->opt->copies != 0 && d->begun >= d->opt->copies && copy_device_idle(d);
}

/** Tells the counters, and compares them with those of the driver. Returns 0 or -1. */
int copy_device_report(struct copy_device *d);

/** Stops it; nothing may have been written but destinations. Returns 0 or -1. */
int copy_device_stop(struct copy_device *d);

void copy_device_free(struct copy_device *d);

#endif /* _DMA_COPY_DEVICE_H_ */
