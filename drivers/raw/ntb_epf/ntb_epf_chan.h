/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_CHAN_H_
#define _NTB_EPF_CHAN_H_

/**
 * @file
 * Channels, and the shares of those who copy by them.
 *
 * A channel is a dmadev with one vchan, which one thread may use at a time. Rings that are polled by
 * different lcores may share one. Nobody waits for it: who finds somebody inside does without. Who is
 * inside stays there for a burst: it looks for operations that have ended, whoever they belong to,
 * enqueues its own and submits them.
 *
 *     holder    enqueues, appends a run {share, operations} to the channel's FIFO, submits
 *               takes ended operations off the FIFO: marks failures in the array of their share,
 *               then adds to the share's count of finished ones
 *     owner     of a share, inside or not: books what that count says
 *
 * A channel that has one user only needs none of this, and it costs nothing: such a share is not
 * "shared", and its owner asks the dmadev itself.
 *
 * The operations that a channel takes are divided equally among its users, so that none starves.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_dmadev.h>

#include "ntb_epf_compat.h"

/** Most operations asked for in one look at a DMA device. */
#define NTB_EPF_DMA_BURST 256

struct ntb_epf_chan;
struct ntb_epf_dev;

/** What one user has of a channel. Zeroed: none. */
struct ntb_epf_share {
	struct ntb_epf_chan *chan; /**< NULL: none */
	int16_t dma;               /**< its DMA device */
	bool shared;               /**< the functions below must be used; else the device itself may */
	uint32_t cap;              /**< operations that may be under way */
	uint32_t room;             /**< how many more now */

	/* Shared: what the owner has booked, and what it cleared of the marks. */
	uint32_t booked;
	uint32_t failures_booked;
	uint8_t *failed;      /**< by number of the operation: set by the holder, cleared by the owner */
	uint32_t failed_mask;
	/* Shared: written by the holder. Counts of operations, free-running. */
	RTE_ATOMIC(uint32_t) failures __rte_cache_aligned;
	RTE_ATOMIC(uint32_t) finished; /**< behind the marks of these operations */
};

/** Operations that were enqueued together. */
struct ntb_epf_run {
	struct ntb_epf_share *share;
	uint32_t ops;
};

/** A DMA channel in use. */
struct ntb_epf_chan {
	int16_t dev_id;
	bool push;    /**< memory to device; else device to memory */
	bool started; /**< by this driver, for the current link */
	bool fences;  /**< a fence is not passed by after a failure: see ntb_epf_dma_fences() */

	/* While started. */
	uint16_t users;    /**< shares to be attached, and those that are */
	uint16_t attached;
	uint32_t cap;      /**< operations for each */
	uint8_t *failed;   /**< arrays of the shares; NULL: one user */
	uint32_t failed_mask;
	struct ntb_epf_run *runs; /**< FIFO; under busy */
	uint32_t runs_mask;
	uint32_t runs_head;
	uint32_t runs_tail;
	RTE_ATOMIC(uint32_t) busy __rte_cache_aligned; /**< somebody is inside */
};

/* ntb_epf_chan.c */

/** Memory for users that share a started channel. One user, or none, needs none. */
int ntb_epf_chan_open(struct ntb_epf_chan *chan);
/** The channel has stopped; shares of it are of no use any more. */
void ntb_epf_chan_close(struct ntb_epf_chan *chan);
/** Gives a user its share, with nothing under way. chan NULL: no share. */
void ntb_epf_share_attach(struct ntb_epf_share *s, struct ntb_epf_chan *chan);
/** Inside, shared: credits what has ended to those it belongs to. */
void ntb_epf_chan_collect(struct ntb_epf_chan *chan);
/** Inside, shared: appends to the FIFO; see ntb_epf_share_submit(). */
void ntb_epf_share_record(struct ntb_epf_share *s, uint32_t ops);
/**
 * Shared, inside or not: books the oldest operations that have ended, in order.
 *
 * @param failed  All of these have failed; else none has.
 * @return How many; 0: there are no more.
 */
uint32_t ntb_epf_share_ended(struct ntb_epf_share *s, bool *failed);

/** False: somebody else is inside. */
static inline bool
ntb_epf_share_enter(struct ntb_epf_share *s)
{
	RTE_ATOMIC(uint32_t) *busy;

	if (likely(!s->shared))
		return true;
	busy = &s->chan->busy;
	return rte_atomic_load_explicit(busy, rte_memory_order_relaxed) == 0 &&
		rte_atomic_exchange_explicit(busy, 1, rte_memory_order_acquire) == 0;
}

static inline void
ntb_epf_share_leave(struct ntb_epf_share *s)
{
	if (unlikely(s->shared))
		rte_atomic_store_explicit(&s->chan->busy, 0, rte_memory_order_release);
}

/** Inside, with room: enqueues. False: the device does not take it. */
static inline bool
ntb_epf_share_copy(struct ntb_epf_share *s, rte_iova_t src, rte_iova_t dst, uint32_t len,
		   uint64_t flags)
{
	if (unlikely(rte_dma_copy(s->dma, 0, src, dst, len, flags) < 0))
		return false;
	s->room--;
	return true;
}

/** Inside: submits what was enqueued since there was room for @p room. */
static inline void
ntb_epf_share_submit(struct ntb_epf_share *s, uint32_t room)
{
	if (s->room == room)
		return;
	if (unlikely(s->shared))
		ntb_epf_share_record(s, room - s->room);
	rte_dma_submit(s->dma, 0);
}

/** Operations under way, as far as they have not been booked. */
static inline uint32_t
ntb_epf_share_under_way(const struct ntb_epf_share *s)
{
	return s->cap - s->room;
}

#endif /* _NTB_EPF_CHAN_H_ */
