/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_EXEC_H_
#define _NTB_EPF_EXEC_H_

/**
 * @file
 * Executor: copies that the peer requests, by an engine of this side. See ntb_epf_req.h.
 *
 * It works inside bursts and link polls that the application makes anyway, one caller at a time;
 * others pass by.
 */

#include "ntb_epf_priv.h"
#include "ntb_epf_req.h"

/**
 * Requests that a poll may take, and what may be under way, per direction: a packet that comes
 * behind waits for so much on a shared engine. Longer requests are cut.
 */
#define NTB_EPF_EXEC_BURST 32
#define NTB_EPF_EXEC_PIECES 64
#define NTB_EPF_EXEC_PIECE_BYTES 0x10000
#define NTB_EPF_EXEC_BYTES 0x40000

/** A request that has been taken. */
struct ntb_epf_exec_slot {
	uint64_t src;
	uint64_t dst;
	uint32_t len;
	uint32_t left;   /**< bytes, the last of it, no copy of which has been begun */
	uint16_t id;
	uint8_t flags;   /**< NTB_EPF_REQ_FENCE */
	uint8_t status;  /**< enum ntb_epf_req_status */
	uint16_t copies; /**< under way */
};

/** A copy under way. */
struct ntb_epf_exec_piece {
	uint32_t bytes;
	uint8_t slot;
};
static_assert(NTB_EPF_REQ_RING - 1 <= UINT8_MAX, "number of a slot");

/** Requests of one direction. Numbers are free-running 32-bit counts, masked at use. */
struct ntb_epf_exec_ring {
	struct ntb_epf_dev *dev;
	bool local_is_dst; /**< the copies come to this side's memory; else they leave it */
	struct ntb_epf_share share; /**< of a channel; attached while the link is up */
	uint8_t *local;    /**< requests, in the own window */
	uint64_t remote;   /**< completions, in the peer's */
	uint32_t sq;       /**< requests taken */
	uint32_t cut;      /**< the first that is not wholly begun */
	uint32_t cq;       /**< completed */
	struct ntb_epf_lap sq_lap;
	struct ntb_epf_lap cq_lap;
	uint32_t begun;    /**< copies */
	uint32_t ended;
	uint32_t bytes;    /**< under way */
	struct ntb_epf_exec_piece pieces[NTB_EPF_EXEC_PIECES];
	struct ntb_epf_exec_slot slots[NTB_EPF_REQ_RING];
};

/** Made when the first region is exported. */
struct ntb_epf_exec {
	RTE_ATOMIC(uint32_t) busy; /**< somebody is inside */
	bool offered;              /**< the peer is told, in this generation: there are regions */
	bool agreed;               /**< on this link */
	struct ntb_epf_exec_ring rings[2]; /**< by enum ntb_epf_dir */
	uint64_t copies;           /**< requests done; below: not done */
	uint64_t refused;
	uint64_t errors;
};

/** For control calls: makes an executor if there is none. -ENOMEM. */
int ntb_epf_exec_create(struct ntb_epf_dev *dev);
void ntb_epf_exec_free(struct ntb_epf_dev *dev);
/** Could requests of the peer be executed on the next link? What the peer is told. */
bool ntb_epf_exec_able(const struct ntb_epf_dev *dev);

/* For the link service; all pass if there is no executor. */

/** A new generation: is there something to offer? */
void ntb_epf_exec_offer(struct ntb_epf_dev *dev);
/** Clean state for a new link, whose tag this is, before channels start. */
void ntb_epf_exec_reset(struct ntb_epf_dev *dev, uint32_t tag);
void ntb_epf_exec_run(struct ntb_epf_dev *dev, uint32_t run);
bool ntb_epf_exec_busy(const struct ntb_epf_dev *dev);
/** Collects what has ended. False while copies are under way. */
bool ntb_epf_exec_drain(struct ntb_epf_dev *dev);
/** Notes which copies have been begun; collects, and tells if those that were noted have ended. */
void ntb_epf_exec_mark(const struct ntb_epf_dev *dev, uint32_t begun[2]);
bool ntb_epf_exec_passed(struct ntb_epf_dev *dev, const uint32_t begun[2]);
/** Forgets copies that stopped DMA devices will not report. */
void ntb_epf_exec_abandon(struct ntb_epf_dev *dev);

/* For control calls that hold the service lock: keeps polls out, whose length is bounded. */
void ntb_epf_exec_lock(struct ntb_epf_dev *dev);
void ntb_epf_exec_unlock(struct ntb_epf_dev *dev);

#endif /* _NTB_EPF_EXEC_H_ */
