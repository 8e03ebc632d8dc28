/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _ARGS_H_
#define _ARGS_H_

#include <stdbool.h>
#include <stdint.h>

/** One device for both directions, or one for each. */
#define ARGS_MAX_DMA 2

struct args {
	const char *dma[ARGS_MAX_DMA]; /**< names; "virtual": the one that the rawdev makes */
	unsigned int nb_dma;           /**< 0: only serve the peer */
	uint64_t bytes;                /**< of a copy */
	uint64_t burst;                /**< copies under way at the most */
	uint64_t copies;               /**< in each direction */
	double wait;                   /**< for the peer, seconds */
	bool done;                     /**< help was asked for */
	int eal_argc;                  /**< arguments that are EAL's, the program's name included */
};

/** Returns 0, or EXIT_USAGE after telling what is wrong. */
int args_parse(struct args *args, int argc, char **argv);

#endif /* _ARGS_H_ */
