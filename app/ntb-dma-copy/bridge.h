/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _BRIDGE_H_
#define _BRIDGE_H_

/**
 * @file
 * The other side: an NTB rawdev, its scratchpads, and who has which memory.
 *
 * Each side has three areas of the same length. The peer copies to and from "target", which stays
 * as it is until the peer has said that it copies no more, or is gone.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>
#include <rte_memzone.h>
#include <rte_rawdev.h>

struct bridge {
	uint16_t id;
	const char *name;
	struct rte_mempool *pool;
	const struct rte_memzone *memory;
	uint64_t bytes;  /**< of an area */
	uint8_t *source; /**< what is copied to the peer */
	uint8_t *target;
	uint8_t *check;  /**< what comes back */
	uint64_t peer_target; /**< address for a DMA device */
	uint64_t peer_bytes;
};

/** Finds the only NTB rawdev, shows it what the peer may name, and starts it. */
int bridge_open(struct bridge *b, uint64_t bytes);
/** Waits for the link and tells each other where the targets are. */
int bridge_meet(struct bridge *b, double seconds);
/** The rawdev's turn: the link advances, and requests of the peer are executed. */
void bridge_poll(struct bridge *b);
bool bridge_is_up(struct bridge *b);
/** Tells the peer that this side copies no more, and waits until it says the same. */
int bridge_part(struct bridge *b);
void bridge_close(struct bridge *b);

/** Bus address of own memory. */
static inline rte_iova_t
bridge_iova(const struct bridge *b, const uint8_t *p)
{
	return b->memory->iova + (uint64_t)(p - (const uint8_t *)b->memory->addr);
}

#endif /* _BRIDGE_H_ */
