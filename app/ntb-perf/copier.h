/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COPIER_H_
#define _COPIER_H_

/**
 * @file
 * A DMA device with memory to copy; or the calling core in its place, by the name "memcpy".
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_memzone.h>

#include "histogram.h"

#define COPIER_CORE "memcpy"
#define COPIER_NAME_MAX 64

struct copier {
	char name[COPIER_NAME_MAX];
	int16_t id;            /**< of the DMA device; -1: the core copies */
	bool started;
	uint32_t depth;        /**< copies under way, at most */
	const struct rte_memzone *src;
	const struct rte_memzone *dst;
	uint64_t memory;       /**< bytes of each */

	uint32_t bytes;        /**< of a copy */
	uint32_t burst;
	uint32_t slots;        /**< pieces of the memory */
	uint32_t next;         /**< slot of the next copy */
	uint32_t under_way;
};

/** @p number tells several apart. 0, or an exit code after telling. */
int copier_open(struct copier *c, const char *name, unsigned int number, uint64_t memory,
		uint32_t depth);
void copier_close(struct copier *c);

/** What the copies that follow are. 0, or EXIT_USAGE after telling that they have no room. */
int copier_set(struct copier *c, uint32_t bytes, uint32_t burst);

/** Copies everything once and compares. 0, or an exit code after telling. */
int copier_verify(struct copier *c);

/** Keeps as many copies under way as it can. 0 and copies per second, or an exit code. */
int copier_rate(struct copier *c, double seconds, double *rate);

/** One burst at a time, from its first copy to the end of its last: nanoseconds. */
int copier_times(struct copier *c, double seconds, struct histogram *times);

#endif /* _COPIER_H_ */
