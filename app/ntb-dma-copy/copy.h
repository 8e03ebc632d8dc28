/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COPY_H_
#define _COPY_H_

/**
 * @file
 * Copies with plain rte_dma calls.
 */

#include <stdint.h>

#include <rte_dmadev.h>

#include "args.h"
#include "bridge.h"

/** A direction: a vchan of a started DMA device. */
struct channel {
	int16_t dev_id;
	uint16_t vchan;
};

struct copier {
	struct channel to_peer;
	struct channel from_peer;
};

/** Finds and starts the devices of the arguments. */
int copier_open(struct copier *c, const struct args *args, const struct bridge *b);
/** Copies both ways, compares, and prints what it took. */
int copier_run(struct copier *c, const struct args *args, struct bridge *b);
/** Stops the devices: their copies have ended then. */
void copier_close(struct copier *c);

#endif /* _COPY_H_ */
