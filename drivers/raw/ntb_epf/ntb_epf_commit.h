/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_COMMIT_H_
#define _NTB_EPF_COMMIT_H_

/**
 * @file
 * Completions of a push that the engine writes, behind the data.
 *
 *     staging ring (own memory)                  completion ring (peer's window)
 *     | . . . c c c c . . |    ==== DMA ====>    | . . . c c c c . . |
 *                              one fenced copy to the same offset, two if the burst
 *                              goes past the end of the ring
 *
 * A burst and the copies that commit it are a segment. A fenced operation is not done if one before
 * it has failed: then, or if it fails itself, the core writes the completions of the segment, with
 * the error flag where the data has not arrived. So what failed is never committed as good, and no
 * completion is missing.
 *
 * Operations and slots are told by free-running numbers. Only a failure looks at the slots.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

/** Who writes completions: wish (CPU is not the default) and state. */
enum ntb_epf_commit_by {
	NTB_EPF_COMMIT_DEFAULT = 0, /**< wish; as a state: this side does not push */
	NTB_EPF_COMMIT_CPU = 1,
	NTB_EPF_COMMIT_ENGINE = 2,
};

/** Operations that commit one burst at the most: the ring has one end. */
#define NTB_EPF_COMMIT_OPS 2

struct ntb_epf_dev;
struct ntb_epf_ring;

/** A burst under way. */
struct ntb_epf_segment {
	uint32_t commit_op; /**< first operation that writes completions */
	uint32_t end_op;    /**< behind the last one */
	uint32_t end_slot;
	bool failed;        /**< an operation of it has: the core commits */
};

/** Of a ring that pushes. */
struct ntb_epf_commit {
	uint64_t *stage;      /**< completions by slot; NULL: the core writes them */
	rte_iova_t stage_iova;
	uint64_t dst;         /**< of the completion ring, for the engine */
	struct ntb_epf_segment *segs; /**< FIFO, as long as the ring: a segment has a slot at least */
	uint32_t head;
	uint32_t tail;
	uint32_t reserve;     /**< operations kept for committing: NTB_EPF_COMMIT_OPS or 0 */
	uint32_t staged;      /**< slots that are in a segment */
	uint32_t done;        /**< slots whose completions are in the peer's window */
	uint32_t ended;       /**< operations that have ended */
	uint32_t first_op;    /**< of the oldest segment */
};

/** Memory for staging, if this side may want it. */
int ntb_epf_commit_create(struct ntb_epf_dev *dev);
void ntb_epf_commit_destroy(struct ntb_epf_dev *dev);
/** Settles dev->commit for a link whose channels have been started. Logs why not. */
void ntb_epf_commit_agree(struct ntb_epf_dev *dev);
/** A ring of queue pair @p queue for a new link. */
void ntb_epf_commit_reset(struct ntb_epf_ring *r, uint16_t queue);
/** Inside the channel, at the end of a burst: commits the slots that are not in a segment yet. */
void ntb_epf_commit_burst(struct ntb_epf_ring *r);
/** Books operations that have ended, all of them well or all badly. */
void ntb_epf_commit_book(struct ntb_epf_ring *r, uint32_t ops, bool failed);
const char *ntb_epf_commit_name(enum ntb_epf_commit_by by);

#endif /* _NTB_EPF_COMMIT_H_ */
