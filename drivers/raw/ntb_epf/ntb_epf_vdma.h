/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_VDMA_H_
#define _NTB_EPF_VDMA_H_

/**
 * @file
 * Virtual memcpy device: a dmadev whose copies are requests to the other side's engine.
 *
 *     ntb_epf_vdma.c     the device: control operations, and the link's side of it
 *     ntb_epf_vdma_op.c  copy, submit, completed
 *
 * A user enqueues into slots of a vchan; submit writes them into the executor's window; completions
 * arrive in the own window. The link service tells a user two things only: that requests may be
 * written (run), and that the life of a link has ended with no DMA of it left (ended): then
 * everything under way has failed.
 */

#include <rte_dmadev_pmd.h>

#include "ntb_epf_priv.h"
#include "ntb_epf_req.h"

#define NTB_EPF_VDMA_MIN_DESC 2
#define NTB_EPF_VDMA_MAX_SGES 64

struct ntb_epf_vslot {
	uint64_t src;
	uint64_t dst;
	uint32_t len;
	uint8_t flags;  /**< NTB_EPF_REQ_FENCE */
	uint8_t status; /**< enum ntb_epf_req_status, once it is done */
	bool last;      /**< of its operation */
};

/** Where the rings of a link are. */
struct ntb_epf_vlink {
	uint32_t tag;
	uint64_t remote;      /**< requests, in the peer's window */
	const uint8_t *local; /**< completions, in the own */
};

/**
 * One direction. Numbers of slots are free-running 32-bit counts, masked at use:
 * head (to report) <= done <= posted <= tail (next to enqueue).
 */
struct ntb_epf_vchan {
	/* Written by the link service; next while run is 0. */
	RTE_ATOMIC(uint32_t) run;
	RTE_ATOMIC(uint32_t) ended; /**< lives of the link that are over */
	struct ntb_epf_vlink next;

	/* Written by the user, one lcore at a time. */
	RTE_ATOMIC(uint32_t) busy __rte_cache_aligned; /**< requests are being written */
	struct ntb_epf_dev *dev;
	uint16_t nb_desc; /**< 0: not set up */
	uint16_t next_id; /**< of operations: to be given */
	uint16_t first_id; /**< to be reported */
	uint32_t head;
	uint32_t done;
	uint32_t posted;
	uint32_t tail;
	uint32_t seen;    /**< value of ended that the rest is good for */
	bool begun;       /**< the following are good */
	uint32_t sq;      /**< requests written on this link */
	uint32_t cq;      /**< completions read */
	struct ntb_epf_lap sq_lap;
	struct ntb_epf_lap cq_lap;
	struct ntb_epf_vlink link;
	struct rte_dma_stats stats;
	struct ntb_epf_vslot slots[NTB_EPF_REQ_RING];
};

struct ntb_epf_vdma {
	struct ntb_epf_dev *dev;
	struct rte_dma_dev *dmadev;
	struct ntb_epf_vchan *vchans[2]; /**< by number; NULL: not set up */
	struct ntb_epf_vchan rings[2];   /**< by enum ntb_epf_dir */
};

/* ntb_epf_vdma_op.c */
int ntb_epf_vdma_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t len,
		      uint64_t flags);
int ntb_epf_vdma_copy_sg(void *priv, uint16_t vchan, const struct rte_dma_sge *src,
			 const struct rte_dma_sge *dst, uint16_t nb_src, uint16_t nb_dst,
			 uint64_t flags);
int ntb_epf_vdma_submit(void *priv, uint16_t vchan);
uint16_t ntb_epf_vdma_completed(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last,
				bool *error);
uint16_t ntb_epf_vdma_completed_status(void *priv, uint16_t vchan, const uint16_t nb,
				       uint16_t *last, enum rte_dma_status_code *status);
uint16_t ntb_epf_vdma_capacity(const void *priv, uint16_t vchan);
/** Reads completions, and lets the link advance if there is none. */
void ntb_epf_vdma_reap(struct ntb_epf_vchan *v);

/* ntb_epf_vdma.c, for the rest of the driver; all pass if there is no such device. */

/** Makes the device if arguments, or what was found, say that the other side moves everything. */
int ntb_epf_vdma_offer(struct ntb_epf_dev *dev);
/** Removes it. -EBUSY: it is started, and its copies do not end. */
int ntb_epf_vdma_withdraw(struct ntb_epf_dev *dev);
/** Is this dmadev one of these? Such a device moves no packets. */
bool ntb_epf_is_vdma(const char *name);
void ntb_epf_vdma_reset(struct ntb_epf_dev *dev, uint32_t tag);
void ntb_epf_vdma_run(struct ntb_epf_dev *dev, uint32_t run);
bool ntb_epf_vdma_busy(const struct ntb_epf_dev *dev);
/** No DMA of this life of the link can land any more: what is under way has failed. */
void ntb_epf_vdma_ended(struct ntb_epf_dev *dev);

#endif /* _NTB_EPF_VDMA_H_ */
