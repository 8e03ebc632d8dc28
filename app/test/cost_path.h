/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COST_PATH_H_
#define _COST_PATH_H_

/**
 * @file
 * What packets cost from one port to another, both of this thread.
 */

#include <stdint.h>

#include <rte_mempool.h>

#define COST_RING 512

#define COST_MAX_CASES 16

/** From one port to another. */
struct cost_path {
	const char *name; /**< first word of the labels */
	uint16_t tx;
	uint16_t rx;
	struct rte_mempool *mp; /**< of what is sent */
	void (*turn)(void);     /**< after each burst: whoever moves packets does; NULL: nobody */
};

/** Which packets, one case after the other. */
struct cost_cases {
	struct {
		uint16_t size;
		uint16_t burst;
	} at[COST_MAX_CASES];
	unsigned int n;
};

#define COST_CASES_USAGE "SIZE:BURST[,SIZE:BURST]..."

/** From a word of a command line. Negative if it is not such a list. */
int cost_cases_parse(struct cost_cases *cases, const char *text);

/** A pool whose mbufs hold the longest of these packets. */
struct rte_mempool *cost_pool(const char *name, const struct cost_cases *cases);

/** Starts a port with one queue pair, for the longest of these packets. */
int cost_port_start(uint16_t port, struct rte_mempool *mp, const struct cost_cases *cases);

/**
 * Sends and receives, and dumps what the two burst functions took:
 * "NAME tx SIZE BURST PACKETS", and the same with rx.
 */
int cost_path_run(const struct cost_path *path, const struct cost_cases *cases);

/** Dumps what the counting itself adds to each call of a burst function: "empty CALLS". */
void cost_path_empty(void);

#endif /* _COST_PATH_H_ */
