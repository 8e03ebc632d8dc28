/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _RATE_H_
#define _RATE_H_

/**
 * @file
 * Ways of moving bulk data through the peer's window. Everything happens in slices: between two of
 * them nothing is under way, and the link is looked after.
 */

#include "tool.h"
#include "wait.h"

/** Time of a slice: long against its end, short against what a link has to wait for. */
#define RATE_SLICE_MS 10

struct rate {
	struct tool *tool;
	bool write;         /**< to the peer; else from it */
	uint64_t chunk;     /**< bytes of one copy */
	const char *device; /**< DMA device; NULL: any */
	unsigned int lanes; /**< chunks side by side, each with local memory */
	uint8_t *local;     /**< memory of this process: lanes * chunk bytes */
	uint64_t local_iova;
	uint64_t copies;    /**< that are done */
	char name[64];      /**< of what does the copying */
};

struct rate_way {
	const char *name;
	/** Before local memory is there: sets lanes and name. 0, or an exit code after telling. */
	int (*open)(struct rate *r);
	/** One slice. 0, or EXIT_FAILURE after telling. */
	int (*slice)(struct rate *r);
	/** May be called twice. False after telling: local memory may still be copied to. */
	bool (*close)(struct rate *r);
};

extern const struct rate_way rate_cpu;
extern const struct rate_way rate_dma;

#endif /* _RATE_H_ */
