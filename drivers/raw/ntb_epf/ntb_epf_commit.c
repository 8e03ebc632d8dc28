/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Completions that the engine writes: see ntb_epf_commit.h. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_memzone.h>

#include "ntb_epf_rxtx.h"

const char *
ntb_epf_commit_name(enum ntb_epf_commit_by by)
{
	static const char *const names[] = {
		[NTB_EPF_COMMIT_DEFAULT] = "none",
		[NTB_EPF_COMMIT_CPU] = "cpu",
		[NTB_EPF_COMMIT_ENGINE] = "engine",
	};

	return names[by];
}

/**
 * Unless the user says otherwise the engine commits on write channels, which the endpoint pushes
 * with. Whether a read channel's writes stay in order has not been seen on silicon.
 */
static bool
wants_engine(const struct ntb_epf_dev *dev)
{
	return dev->commit_wish == NTB_EPF_COMMIT_ENGINE ||
		(dev->commit_wish == NTB_EPF_COMMIT_DEFAULT && dev->side == NTB_EPF_SIDE_EP);
}

int
ntb_epf_commit_create(struct ntb_epf_dev *dev)
{
	size_t slots = (size_t)dev->nb_queues * dev->queue_size;
	char name[RTE_MEMZONE_NAMESIZE];

	if (!wants_engine(dev))
		return 0;
	snprintf(name, sizeof(name), "ntb_epf_commit%u", dev->rawdev->dev_id);
	dev->stage = rte_memzone_reserve_aligned(name, slots * NTB_EPF_CQE_BYTES,
						 dev->rawdev->socket_id, RTE_MEMZONE_IOVA_CONTIG,
						 RTE_CACHE_LINE_SIZE);
	dev->segs = rte_zmalloc_socket(name, slots * sizeof(*dev->segs), RTE_CACHE_LINE_SIZE,
				       dev->rawdev->socket_id);
	if (dev->stage != NULL && dev->segs != NULL)
		return 0;
	ntb_epf_commit_destroy(dev);
	return -ENOMEM;
}

void
ntb_epf_commit_destroy(struct ntb_epf_dev *dev)
{
	rte_memzone_free(dev->stage);
	rte_free(dev->segs);
	dev->stage = NULL;
	dev->segs = NULL;
}

/** Can an engine write to all of the peer's rings at the address that the peer has told? */
static bool
is_address_good(const struct ntb_epf_dev *dev, uint64_t addr)
{
	const uint64_t end = RTE_BIT64(NTB_EPF_SQE0_ADDR_BITS);
	uint64_t bytes = NTB_EPF_WINDOW_BYTES(dev->nb_queues, dev->depth);

	return addr % NTB_EPF_CQE_BYTES == 0 && addr < end && bytes <= end - addr;
}

static bool
channels_fence(const struct ntb_epf_dev *dev)
{
	bool fence = true;
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++)
		if (dev->chans[i].push && dev->chans[i].started)
			fence &= dev->chans[i].fences;
	return fence;
}

/** Why the engine cannot commit; NULL: it can. */
static const char *
obstacle(const struct ntb_epf_dev *dev)
{
	uint64_t addr = rte_le_to_cpu_64(dev->peer_hdr.window_addr);

	if (addr == 0)
		return "the peer does not know its window's address";
	if (!is_address_good(dev, addr))
		return "the peer's window_addr is not one";
	if (!channels_fence(dev))
		return "a DMA device does not keep its fences when a copy fails";
	return NULL;
}

void
ntb_epf_commit_agree(struct ntb_epf_dev *dev)
{
	enum ntb_epf_dir sent = dev->side == NTB_EPF_SIDE_RC ? NTB_EPF_DIR_RC_TO_EP :
							       NTB_EPF_DIR_EP_TO_RC;
	const char *why;

	dev->commit = NTB_EPF_COMMIT_DEFAULT;
	if (dev->mover == NTB_EPF_MOVER_CPU || !ntb_epf_is_mover(dev->mover, dev->side, sent))
		return;
	dev->commit = NTB_EPF_COMMIT_CPU;
	if (dev->stage == NULL)
		return;
	why = obstacle(dev);
	if (why == NULL) {
		dev->commit = NTB_EPF_COMMIT_ENGINE;
		return;
	}
	NTB_EPF_LOG(NOTICE, dev, "commit=cpu: %s (window_addr 0x%" PRIx64 "): expected a multiple of "
		    "8 below 2^57 and channels that keep their fences for commit=engine", why,
		    rte_le_to_cpu_64(dev->peer_hdr.window_addr));
}

void
ntb_epf_commit_reset(struct ntb_epf_ring *r, uint16_t queue)
{
	struct ntb_epf_dev *dev = r->dev;
	size_t first = (size_t)queue * dev->queue_size;

	memset(&r->commit, 0, sizeof(r->commit));
	if (r->role != NTB_EPF_ROLE_PUSH_TX || dev->commit != NTB_EPF_COMMIT_ENGINE)
		return;
	r->commit.stage = (uint64_t *)dev->stage->addr + first;
	r->commit.stage_iova = dev->stage->iova + first * NTB_EPF_CQE_BYTES;
	r->commit.dst = rte_le_to_cpu_64(dev->peer_hdr.window_addr) + r->remote;
	r->commit.segs = dev->segs + first;
	r->commit.reserve = NTB_EPF_COMMIT_OPS;
}

/** Number of the next operation. */
static inline uint32_t
next_op(const struct ntb_epf_ring *r)
{
	return r->commit.ended + ntb_epf_share_under_way(&r->share);
}

/** A staged completion is rewritten a lap later: its slot has ended by then, so has its segment. */
static inline void
stage_completions(struct ntb_epf_ring *r)
{
	struct ntb_epf_commit *c = &r->commit;

	while (c->staged != r->sq) {
		const struct ntb_epf_slot *slot = ntb_epf_slot(r, c->staged);

		c->stage[c->staged & r->mask] = ntb_epf_cqe(r, slot);
		c->staged = ntb_epf_lap_next(&r->cq_lap, c->staged, r->mask);
	}
}

static inline bool
copy_completions(struct ntb_epf_ring *r, uint32_t first, uint32_t n)
{
	uint64_t offset = (uint64_t)(first & r->mask) * NTB_EPF_CQE_BYTES;

	return ntb_epf_share_copy(&r->share, r->commit.stage_iova + offset, r->commit.dst + offset,
				  n * NTB_EPF_CQE_BYTES, RTE_DMA_OP_FLAG_FENCE);
}

/** The error flag goes into what is staged already. */
static uint64_t
as_failed(uint64_t cqe)
{
	return (cqe & rte_cpu_to_le_64(~(uint64_t)UINT32_MAX)) |
		rte_cpu_to_le_64((uint64_t)NTB_EPF_FLAG_ERROR << NTB_EPF_ENT_FLAGS_SHIFT);
}

static void
commit_by_core(struct ntb_epf_ring *r, uint32_t end)
{
	struct ntb_epf_commit *c = &r->commit;
	uint32_t number;

	r->stats.commit_failures++;
	/* A link that has been left has nobody to tell. */
	if (rte_atomic_load_explicit(&r->dev->link_up, rte_memory_order_relaxed) == 0)
		return;
	ntb_epf_payload_before_entry();
	for (number = c->done; number != end; number++) {
		uint32_t index = number & r->mask;
		uint64_t cqe = c->stage[index];

		if ((ntb_epf_slot(r, number)->flags & NTB_EPF_FLAG_ERROR) != 0)
			cqe = as_failed(cqe);
		ntb_epf_peer_store64(r->dev, r->remote + (uint64_t)index * NTB_EPF_CQE_BYTES, cqe);
	}
}

/** Ends the segments whose operations all have ended. */
static void
end_segments(struct ntb_epf_ring *r)
{
	struct ntb_epf_commit *c = &r->commit;

	while (c->tail != c->head) {
		const struct ntb_epf_segment *seg = &c->segs[c->tail & r->mask];

		if ((int32_t)(c->ended - seg->end_op) < 0)
			return;
		if (unlikely(seg->failed))
			commit_by_core(r, seg->end_slot);
		c->first_op = seg->end_op;
		c->done = seg->end_slot;
		c->tail++;
	}
}

void
ntb_epf_commit_burst(struct ntb_epf_ring *r)
{
	struct ntb_epf_commit *c = &r->commit;
	uint32_t first = c->staged;
	uint32_t n = r->sq - first;
	uint32_t part = RTE_MIN(n, r->mask + 1 - (first & r->mask));
	struct ntb_epf_segment *seg;

	if (n == 0)
		return;
	seg = &c->segs[c->head++ & r->mask];
	seg->commit_op = next_op(r);
	stage_completions(r);
	seg->failed = !copy_completions(r, first, part) ||
		(n != part && !copy_completions(r, first + part, n - part));
	seg->end_op = next_op(r);
	seg->end_slot = r->sq;
	r->stats.commits++;
	if (unlikely(seg->failed))
		end_segments(r);
}

/** The next operation to end is a copy of the oldest segment: its slot has failed. */
static void
fail_slot(struct ntb_epf_ring *r, const struct ntb_epf_segment *seg)
{
	uint32_t op = r->commit.ended - r->commit.first_op;
	uint32_t number;

	for (number = r->commit.done; number != seg->end_slot; number++) {
		struct ntb_epf_slot *slot = ntb_epf_slot(r, number);

		if (op < slot->copies) {
			slot->flags |= NTB_EPF_FLAG_ERROR;
			return;
		}
		op -= slot->copies;
	}
}

static void
fail_next(struct ntb_epf_ring *r)
{
	struct ntb_epf_commit *c = &r->commit;
	struct ntb_epf_segment *seg = &c->segs[c->tail & r->mask];

	seg->failed = true;
	if ((int32_t)(c->ended - seg->commit_op) < 0)
		fail_slot(r, seg);
	c->ended++;
	end_segments(r);
}

void
ntb_epf_commit_book(struct ntb_epf_ring *r, uint32_t ops, bool failed)
{
	if (unlikely(failed)) {
		while (ops-- > 0)
			fail_next(r);
		return;
	}
	r->commit.ended += ops;
	end_segments(r);
}
