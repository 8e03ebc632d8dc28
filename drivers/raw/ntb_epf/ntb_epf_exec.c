/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include <rte_dmadev.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "ntb_epf_exec.h"

int
ntb_epf_exec_create(struct ntb_epf_dev *dev)
{
	if (dev->exec == NULL)
		dev->exec = rte_zmalloc_socket(dev->name, sizeof(*dev->exec), RTE_CACHE_LINE_SIZE,
					       dev->rawdev->socket_id);
	return dev->exec != NULL ? 0 : -ENOMEM;
}

void
ntb_epf_exec_free(struct ntb_epf_dev *dev)
{
	dev->others[false] = dev->others[true] = NULL;
	rte_free(dev->exec);
	dev->exec = NULL;
}

void
ntb_epf_exec_offer(struct ntb_epf_dev *dev)
{
	if (dev->exec != NULL)
		dev->exec->offered = dev->exports.n != 0;
}

bool
ntb_epf_exec_able(const struct ntb_epf_dev *dev)
{
	const uint8_t both = NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL;

	return dev->exec != NULL && dev->exec->offered &&
		(ntb_epf_dma_abilities(dev) & both) == both;
}

static struct ntb_epf_exec_slot *
exec_slot_of(struct ntb_epf_exec_ring *r, uint32_t number)
{
	return &r->slots[number % NTB_EPF_REQ_RING];
}

static uint8_t
exec_status_of(enum rte_dma_status_code code)
{
	switch (code) {
	case RTE_DMA_STATUS_SUCCESSFUL:
		return NTB_EPF_REQ_OK;
	case RTE_DMA_STATUS_NOT_ATTEMPTED:
		return NTB_EPF_REQ_NOT_ATTEMPTED;
	case RTE_DMA_STATUS_BUS_READ_ERROR:
		return NTB_EPF_REQ_READ_ERROR;
	case RTE_DMA_STATUS_BUS_WRITE_ERROR:
		return NTB_EPF_REQ_WRITE_ERROR;
	case RTE_DMA_STATUS_BUS_ERROR:
		return NTB_EPF_REQ_BUS_ERROR;
	default:
		return NTB_EPF_REQ_FAILED;
	}
}

/** Copies end in the order in which they began. */
static void
exec_book(struct ntb_epf_exec_ring *r, uint8_t status)
{
	const struct ntb_epf_exec_piece *p = &r->pieces[r->ended % NTB_EPF_EXEC_PIECES];
	struct ntb_epf_exec_slot *slot = &r->slots[p->slot];

	if (r->ended == r->begun)
		return;
	r->ended++;
	r->bytes -= p->bytes;
	slot->copies--;
	if (status == NTB_EPF_REQ_OK)
		return;
	slot->left = 0;
	if (slot->status == NTB_EPF_REQ_OK)
		slot->status = status;
}

/** Others look at the channel, too: what has ended has been counted, whatever the codes were. */
static void
exec_collect_shared(struct ntb_epf_exec_ring *r)
{
	bool failed;
	uint32_t n;

	if (ntb_epf_share_enter(&r->share)) {
		ntb_epf_chan_collect(r->share.chan);
		ntb_epf_share_leave(&r->share);
	}
	while ((n = ntb_epf_share_ended(&r->share, &failed)) != 0)
		while (n-- > 0)
			exec_book(r, failed ? NTB_EPF_REQ_FAILED : NTB_EPF_REQ_OK);
}

static void
exec_collect_own(struct ntb_epf_exec_ring *r)
{
	enum rte_dma_status_code status[NTB_EPF_EXEC_PIECES];
	bool failed = false;
	uint16_t last, n, i;

	n = rte_dma_completed(r->share.dma, 0, NTB_EPF_EXEC_PIECES, &last, &failed);
	r->share.room += n;
	for (i = 0; i < n; i++)
		exec_book(r, NTB_EPF_REQ_OK);
	if (likely(!failed))
		return;
	n = rte_dma_completed_status(r->share.dma, 0, NTB_EPF_EXEC_PIECES, &last, status);
	r->share.room += n;
	for (i = 0; i < n; i++)
		exec_book(r, exec_status_of(status[i]));
}

static void
exec_collect(struct ntb_epf_exec_ring *r)
{
	/* A channel that has been stopped reports nothing more. */
	if (r->begun == r->ended || r->share.chan == NULL)
		return;
	if (r->share.shared)
		exec_collect_shared(r);
	else
		exec_collect_own(r);
}

/** Tells the requester of requests that have ended, in their order. */
static void
exec_complete(struct ntb_epf_exec *x, struct ntb_epf_exec_ring *r)
{
	const struct ntb_epf_exec_slot *slot;

	if (r->cq == r->cut)
		return;
	ntb_epf_payload_before_entry();
	for (; r->cq != r->cut && (slot = exec_slot_of(r, r->cq))->copies == 0;
	     r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, NTB_EPF_REQ_RING - 1)) {
		bool good = slot->status == NTB_EPF_REQ_OK;

		x->copies += good;
		x->refused += slot->status == NTB_EPF_REQ_INVALID_ADDR ||
			slot->status == NTB_EPF_REQ_INVALID_LENGTH;
		x->errors += slot->status >= NTB_EPF_REQ_NOT_ATTEMPTED;
		ntb_epf_peer_store64(r->dev, r->remote + NTB_EPF_REQ_DONE_BYTES *
				     (uint64_t)(r->cq % NTB_EPF_REQ_RING),
				     ntb_epf_ent(&r->cq_lap, good ? slot->len : 0, slot->id,
						 slot->status));
	}
}

/** Reads the next request if the peer has written all of it. */
static bool
exec_read_request(const struct ntb_epf_exec_ring *r, uint64_t word[NTB_EPF_REQ_WORDS])
{
	const uint8_t *req = r->local + (uint64_t)(r->sq % NTB_EPF_REQ_RING) * NTB_EPF_REQ_ENTRY_BYTES;

	word[0] = ntb_epf_load64(req);
	if (!ntb_epf_sqe0_is_new(&r->sq_lap, word[0]))
		return false;
	word[1] = ntb_epf_load64(req + sizeof(word[0]));
	word[2] = ntb_epf_load64(req + 2 * sizeof(word[0]));
	return ntb_epf_sqe0_is_new(&r->sq_lap, word[1]) && ntb_epf_ent_is_new(&r->sq_lap, word[2]);
}

/** Takes requests as they are, not many at a time: no word is looked at again. */
static void
exec_take(struct ntb_epf_exec_ring *r)
{
	uint64_t word[NTB_EPF_REQ_WORDS];

	while (r->sq - r->cq < NTB_EPF_REQ_RING && r->sq - r->cut < NTB_EPF_EXEC_BURST &&
	       exec_read_request(r, word)) {
		uint32_t len = ntb_epf_ent_len(word[2]);

		*exec_slot_of(r, r->sq) = (struct ntb_epf_exec_slot){
			.src = ntb_epf_sqe0_addr(word[0]),
			.dst = ntb_epf_sqe0_addr(word[1]),
			.len = len,
			.left = len,
			.id = ntb_epf_ent_id(word[2]),
			.flags = ntb_epf_ent_flags(word[2]),
			.status = len != 0 ? NTB_EPF_REQ_OK : NTB_EPF_REQ_INVALID_LENGTH,
		};
		r->sq = ntb_epf_lap_next(&r->sq_lap, r->sq, NTB_EPF_REQ_RING - 1);
	}
}

/** May the rest of a request be copied? Asked for each piece: regions can be taken back. */
static bool
exec_permitted(const struct ntb_epf_exec_ring *r, const struct ntb_epf_exec_slot *slot)
{
	uint64_t local = r->local_is_dst ? slot->dst : slot->src;
	uint64_t remote = r->local_is_dst ? slot->src : slot->dst;

	return remote <= NTB_EPF_SQE0_ADDR_MASK - slot->len &&
		ntb_epf_exports_cover(&r->dev->exports, local, slot->len);
}

/** Begins a piece of the request whose turn it is. */
static void
exec_begin_piece(struct ntb_epf_exec_ring *r, struct ntb_epf_exec_slot *slot)
{
	uint32_t bytes = RTE_MIN(slot->left, (uint32_t)NTB_EPF_EXEC_PIECE_BYTES);
	uint32_t at = slot->len - slot->left;
	uint64_t flags = (slot->flags & NTB_EPF_REQ_FENCE) != 0 ? RTE_DMA_OP_FLAG_FENCE : 0;

	if (!ntb_epf_share_copy(&r->share, slot->src + at, slot->dst + at, bytes, flags)) {
		slot->status = NTB_EPF_REQ_FAILED;
		slot->left = 0;
		return;
	}
	r->pieces[r->begun++ % NTB_EPF_EXEC_PIECES] = (struct ntb_epf_exec_piece){
		.bytes = bytes, .slot = r->cut % NTB_EPF_REQ_RING,
	};
	r->bytes += bytes;
	slot->copies++;
	slot->left -= bytes;
}

/** Room for one more copy? */
static bool
exec_may_begin(const struct ntb_epf_exec_ring *r)
{
	return r->bytes < NTB_EPF_EXEC_BYTES && r->begun - r->ended < NTB_EPF_EXEC_PIECES &&
		r->share.room != 0;
}

/** Begins copies of what was taken, as far as there is room. */
static void
exec_begin(struct ntb_epf_exec_ring *r)
{
	uint32_t room = r->share.room;

	if (r->cut == r->sq || !ntb_epf_share_enter(&r->share))
		return;
	while (r->cut != r->sq) {
		struct ntb_epf_exec_slot *slot = exec_slot_of(r, r->cut);

		if (slot->left != 0 && !exec_permitted(r, slot)) {
			slot->status = NTB_EPF_REQ_INVALID_ADDR;
			slot->left = 0;
		}
		if (slot->left == 0)
			r->cut++;
		else if (exec_may_begin(r))
			exec_begin_piece(r, slot);
		else
			break;
	}
	ntb_epf_share_submit(&r->share, room);
	ntb_epf_share_leave(&r->share);
}

static void
exec_poll_ring(struct ntb_epf_exec *x, struct ntb_epf_exec_ring *r)
{
	exec_collect(r);
	exec_take(r);
	exec_begin(r);
	exec_complete(x, r);
}

static bool
exec_enter(struct ntb_epf_exec *x)
{
	return rte_atomic_exchange_explicit(&x->busy, 1, rte_memory_order_seq_cst) == 0;
}

static void
exec_leave(struct ntb_epf_exec *x)
{
	rte_atomic_store_explicit(&x->busy, 0, rte_memory_order_release);
}

void
ntb_epf_exec_poll_now(struct ntb_epf_dev *dev)
{
	struct ntb_epf_exec *x = dev->exec;

	if (!exec_enter(x))
		return;
	/* The service takes the permission away before it looks whether somebody is inside. */
	if (rte_atomic_load_explicit(&dev->exec_run, rte_memory_order_seq_cst) != 0) {
		exec_poll_ring(x, &x->rings[NTB_EPF_DIR_RC_TO_EP]);
		exec_poll_ring(x, &x->rings[NTB_EPF_DIR_EP_TO_RC]);
	}
	exec_leave(x);
}

void
ntb_epf_exec_lock(struct ntb_epf_dev *dev)
{
	while (dev->exec != NULL && !exec_enter(dev->exec))
		rte_pause();
}

void
ntb_epf_exec_unlock(struct ntb_epf_dev *dev)
{
	if (dev->exec != NULL)
		exec_leave(dev->exec);
}

static void
exec_reset_ring(struct ntb_epf_dev *dev, enum ntb_epf_dir dir, uint32_t tag)
{
	struct ntb_epf_exec_ring *r = &dev->exec->rings[dir];
	uint64_t area = NTB_EPF_REQ_OFFSET(dev->nb_queues, dev->depth);

	memset(r, 0, sizeof(*r));
	r->dev = dev;
	r->local_is_dst = (dir == NTB_EPF_DIR_RC_TO_EP) == (dev->side == NTB_EPF_SIDE_EP);
	dev->others[!r->local_is_dst] = &r->share;
	r->local = dev->window + area + NTB_EPF_REQ_RING_AT(dir);
	r->remote = area + NTB_EPF_REQ_DONE_AT(dir);
	r->sq_lap = ntb_epf_lap_first(tag);
	r->cq_lap = r->sq_lap;
}

/** This side alone has engines on this link, and both windows have the room. */
static bool
exec_agreed(const struct ntb_epf_dev *dev)
{
	bool rc = dev->side == NTB_EPF_SIDE_RC;

	return dev->mover == (rc ? NTB_EPF_MOVER_RC : NTB_EPF_MOVER_EP) &&
		ntb_epf_exec_able(dev) && ntb_epf_req_room(dev);
}

void
ntb_epf_exec_reset(struct ntb_epf_dev *dev, uint32_t tag)
{
	if (dev->exec == NULL)
		return;
	dev->others[false] = dev->others[true] = NULL;
	dev->exec->agreed = exec_agreed(dev);
	if (!dev->exec->agreed)
		return;
	memset(dev->window + NTB_EPF_REQ_OFFSET(dev->nb_queues, dev->depth), 0, NTB_EPF_REQ_BYTES);
	exec_reset_ring(dev, NTB_EPF_DIR_RC_TO_EP, tag);
	exec_reset_ring(dev, NTB_EPF_DIR_EP_TO_RC, tag);
}

void
ntb_epf_exec_run(struct ntb_epf_dev *dev, uint32_t run)
{
	bool may = run != 0 && dev->exec != NULL && dev->exec->agreed;

	rte_atomic_store_explicit(&dev->exec_run, may, rte_memory_order_release);
}

bool
ntb_epf_exec_busy(const struct ntb_epf_dev *dev)
{
	return dev->exec != NULL &&
		rte_atomic_load_explicit(&dev->exec->busy, rte_memory_order_acquire) != 0;
}

bool
ntb_epf_exec_drain(struct ntb_epf_dev *dev)
{
	bool quiet = true;
	unsigned int i;

	for (i = 0; dev->exec != NULL && i < RTE_DIM(dev->exec->rings); i++) {
		struct ntb_epf_exec_ring *r = &dev->exec->rings[i];

		exec_collect(r);
		quiet &= r->begun == r->ended || r->share.chan == NULL;
	}
	return quiet;
}

void
ntb_epf_exec_mark(const struct ntb_epf_dev *dev, uint32_t begun[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		begun[i] = dev->exec != NULL ? dev->exec->rings[i].begun : 0;
}

bool
ntb_epf_exec_passed(struct ntb_epf_dev *dev, const uint32_t begun[2])
{
	bool passed = true;
	unsigned int i;

	if (ntb_epf_exec_drain(dev))
		return true;
	for (i = 0; i < RTE_DIM(dev->exec->rings); i++)
		passed &= (int32_t)(dev->exec->rings[i].ended - begun[i]) >= 0;
	return passed;
}

void
ntb_epf_exec_abandon(struct ntb_epf_dev *dev)
{
	unsigned int i;

	for (i = 0; dev->exec != NULL && i < RTE_DIM(dev->exec->rings); i++)
		dev->exec->rings[i].ended = dev->exec->rings[i].begun;
}
