/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Data path of the virtual memcpy device. */

#include "ntb_epf_vdma.h"

static struct ntb_epf_vchan *
vdma_vchan_of(const void *priv, uint16_t vchan)
{
	const struct ntb_epf_vdma *vdma = priv;

	return vdma->vchans[vchan];
}

static struct ntb_epf_vslot *
vdma_slot_of(struct ntb_epf_vchan *v, uint32_t number)
{
	return &v->slots[number % NTB_EPF_REQ_RING];
}

static __rte_noinline void
vdma_fail_all(struct ntb_epf_vchan *v, uint32_t ended)
{
	for (; v->done != v->tail; v->done++)
		vdma_slot_of(v, v->done)->status = NTB_EPF_REQ_LINK_LOST;
	v->posted = v->tail;
	v->seen = ended;
	v->begun = false;
}

/** True if a link has ended since the last call: what was under way has failed. */
static inline bool
vdma_notice_end(struct ntb_epf_vchan *v)
{
	uint32_t ended = rte_atomic_load_explicit(&v->ended, rte_memory_order_acquire);

	if (likely(ended == v->seen))
		return false;
	vdma_fail_all(v, ended);
	return true;
}

static inline bool
vdma_may_run(const struct ntb_epf_vchan *v)
{
	return rte_atomic_load_explicit(&v->run, rte_memory_order_seq_cst) != 0;
}

static inline bool
vdma_is_address(uint64_t addr, uint32_t len)
{
	return addr <= NTB_EPF_SQE0_ADDR_MASK - len;
}

/** Room for requests that a vchan has, if it may take any. */
static inline uint32_t
vdma_room(const struct ntb_epf_vchan *v)
{
	return v->nb_desc - (v->tail - v->head);
}

static inline void
vdma_enqueue(struct ntb_epf_vchan *v, uint64_t src, uint64_t dst, uint32_t len, uint64_t flags, bool last)
{
	*vdma_slot_of(v, v->tail++) = (struct ntb_epf_vslot){
		.src = src,
		.dst = dst,
		.len = len,
		.flags = (flags & RTE_DMA_OP_FLAG_FENCE) != 0 ? NTB_EPF_REQ_FENCE : 0,
		.last = last,
	};
}

/** Ends an operation: its id. */
static inline int
vdma_finish_op(void *priv, uint16_t vchan, struct ntb_epf_vchan *v, uint64_t flags)
{
	uint16_t id = v->next_id++;

	if ((flags & RTE_DMA_OP_FLAG_SUBMIT) != 0)
		ntb_epf_vdma_submit(priv, vchan);
	return id;
}

int
ntb_epf_vdma_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t len,
		  uint64_t flags)
{
	struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);

	vdma_notice_end(v);
	if (unlikely(!vdma_may_run(v)))
		return -ENOLINK;
	if (unlikely(vdma_room(v) == 0))
		return -ENOSPC;
	if (unlikely(len == 0 || !vdma_is_address(src, len) || !vdma_is_address(dst, len)))
		return -EINVAL;
	vdma_enqueue(v, src, dst, len, flags, true);
	return vdma_finish_op(priv, vchan, v, flags);
}

/** A place in a list of segments. */
struct vdma_cursor {
	const struct rte_dma_sge *sge;
	uint16_t left; /**< segments, this one included */
	uint32_t at;   /**< bytes of this one that are behind */
};

/** Passes over what is behind, and segments without bytes. */
static void
vdma_advance(struct vdma_cursor *c, uint32_t bytes)
{
	c->at += bytes;
	while (c->left != 0 && c->at == c->sge->length) {
		c->sge++;
		c->left--;
		c->at = 0;
	}
}

/** Next piece that is in one segment of each list. False: at least one list is at its end. */
static bool
vdma_next_piece(struct vdma_cursor *src, struct vdma_cursor *dst, struct ntb_epf_vslot *piece)
{
	if (src->left == 0 || dst->left == 0)
		return false;
	piece->src = src->sge->addr + src->at;
	piece->dst = dst->sge->addr + dst->at;
	piece->len = RTE_MIN(src->sge->length - src->at, dst->sge->length - dst->at);
	vdma_advance(src, piece->len);
	vdma_advance(dst, piece->len);
	return true;
}

/** Requests that the lists make; -EINVAL if they are not of one length, or name what cannot be. */
static int
vdma_count_pieces(struct vdma_cursor src, struct vdma_cursor dst)
{
	struct ntb_epf_vslot piece;
	int n = 0;

	for (; vdma_next_piece(&src, &dst, &piece); n++)
		if (!vdma_is_address(piece.src, piece.len) || !vdma_is_address(piece.dst, piece.len))
			return -EINVAL;
	return n != 0 && src.left == 0 && dst.left == 0 ? n : -EINVAL;
}

int
ntb_epf_vdma_copy_sg(void *priv, uint16_t vchan, const struct rte_dma_sge *src,
		     const struct rte_dma_sge *dst, uint16_t nb_src, uint16_t nb_dst,
		     uint64_t flags)
{
	struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);
	struct vdma_cursor from = { .sge = src, .left = nb_src };
	struct vdma_cursor to = { .sge = dst, .left = nb_dst };
	struct ntb_epf_vslot piece;
	int n;

	vdma_notice_end(v);
	if (!vdma_may_run(v))
		return -ENOLINK;
	if (nb_src > NTB_EPF_VDMA_MAX_SGES || nb_dst > NTB_EPF_VDMA_MAX_SGES)
		return -EINVAL;
	vdma_advance(&from, 0);
	vdma_advance(&to, 0);
	n = vdma_count_pieces(from, to);
	if (n < 0 || n > v->nb_desc)
		return -EINVAL;
	if (vdma_room(v) < (uint32_t)n)
		return -ENOSPC;
	/* Each piece carries the fence: an engine may let the second overtake the first. */
	while (vdma_next_piece(&from, &to, &piece))
		vdma_enqueue(v, piece.src, piece.dst, piece.len, flags, from.left == 0);
	return vdma_finish_op(priv, vchan, v, flags);
}

/** The first requests on a link. */
static void
vdma_begin_link(struct ntb_epf_vchan *v)
{
	v->link = v->next;
	v->sq = 0;
	v->cq = 0;
	v->sq_lap = ntb_epf_lap_first(v->link.tag);
	v->cq_lap = v->sq_lap;
	v->begun = true;
}

static inline void
vdma_post(struct ntb_epf_vchan *v, const struct ntb_epf_vslot *slot)
{
	uint64_t at = v->link.remote + (uint64_t)(v->sq % NTB_EPF_REQ_RING) * NTB_EPF_REQ_ENTRY_BYTES;
	uint64_t word[NTB_EPF_REQ_WORDS] = {
		ntb_epf_sqe0(&v->sq_lap, slot->src),
		ntb_epf_sqe0(&v->sq_lap, slot->dst),
		ntb_epf_ent(&v->sq_lap, slot->len, (uint16_t)v->sq, slot->flags),
	};

	ntb_epf_peer_store_words(v->dev, at, word, NTB_EPF_REQ_WORDS);
	v->sq = ntb_epf_lap_next(&v->sq_lap, v->sq, NTB_EPF_REQ_RING - 1);
	v->stats.submitted += slot->last;
}

int
ntb_epf_vdma_submit(void *priv, uint16_t vchan)
{
	struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);

	if (v->posted == v->tail)
		return 0;
	/* First: a lcore that comes here rarely must not write to a peer that has gone meanwhile. */
	ntb_epf_service(v->dev);
	/* As with a ring's bursts: the service sees that somebody is inside, or this sees its no. */
	rte_atomic_exchange_explicit(&v->busy, 1, rte_memory_order_seq_cst);
	if (likely(vdma_may_run(v) && !vdma_notice_end(v))) {
		if (unlikely(!v->begun))
			vdma_begin_link(v);
		/* The cores' stores to what is to be copied come before the requests. */
		ntb_epf_payload_before_entry();
		for (; v->posted != v->tail; v->posted++)
			vdma_post(v, vdma_slot_of(v, v->posted));
	}
	rte_atomic_store_explicit(&v->busy, 0, rte_memory_order_release);
	return 0;
}

void
ntb_epf_vdma_reap(struct ntb_epf_vchan *v)
{
	uint32_t first = v->done;

	if (vdma_notice_end(v))
		return;
	while (v->done != v->posted) {
		uint64_t ent = ntb_epf_load64(v->link.local + NTB_EPF_REQ_DONE_BYTES *
					      (uint64_t)(v->cq % NTB_EPF_REQ_RING));

		if (!ntb_epf_ent_is_new(&v->cq_lap, ent))
			break;
		vdma_slot_of(v, v->done)->status = likely(ntb_epf_ent_id(ent) == (uint16_t)v->cq) ?
			ntb_epf_ent_flags(ent) : NTB_EPF_REQ_FAILED;
		v->cq = ntb_epf_lap_next(&v->cq_lap, v->cq, NTB_EPF_REQ_RING - 1);
		v->done++;
	}
	/* The next link clears the area, which may pass for news of the last: it is not read then. */
	if (unlikely(rte_atomic_load_explicit(&v->ended, rte_memory_order_acquire) != v->seen)) {
		v->done = first;
		vdma_notice_end(v);
	}
	if (v->done == v->head)
		ntb_epf_service(v->dev);
}

static enum rte_dma_status_code
vdma_code_of(uint8_t status)
{
	static const enum rte_dma_status_code codes[] = {
		[NTB_EPF_REQ_OK] = RTE_DMA_STATUS_SUCCESSFUL,
		[NTB_EPF_REQ_INVALID_ADDR] = RTE_DMA_STATUS_INVALID_ADDR,
		[NTB_EPF_REQ_INVALID_LENGTH] = RTE_DMA_STATUS_INVALID_LENGTH,
		[NTB_EPF_REQ_NOT_ATTEMPTED] = RTE_DMA_STATUS_NOT_ATTEMPTED,
		[NTB_EPF_REQ_READ_ERROR] = RTE_DMA_STATUS_BUS_READ_ERROR,
		[NTB_EPF_REQ_WRITE_ERROR] = RTE_DMA_STATUS_BUS_WRITE_ERROR,
		[NTB_EPF_REQ_BUS_ERROR] = RTE_DMA_STATUS_BUS_ERROR,
		[NTB_EPF_REQ_FAILED] = RTE_DMA_STATUS_ERROR_UNKNOWN,
	};

	if (status == NTB_EPF_REQ_LINK_LOST)
		return RTE_DMA_STATUS_DEV_LINK_ERROR;
	return status < RTE_DIM(codes) ? codes[status] : RTE_DMA_STATUS_ERROR_UNKNOWN;
}

/** Slots that the operation at the head consists of, all of them done; 0: not yet. Its status. */
static uint32_t
vdma_first_op(struct ntb_epf_vchan *v, uint8_t *status)
{
	uint32_t number;

	*status = NTB_EPF_REQ_OK;
	for (number = v->head; number != v->done; number++) {
		const struct ntb_epf_vslot *slot = vdma_slot_of(v, number);

		if (*status == NTB_EPF_REQ_OK)
			*status = slot->status;
		if (slot->last)
			return number - v->head + 1;
	}
	return 0;
}

static inline void
vdma_report(struct ntb_epf_vchan *v, uint32_t slots)
{
	v->head += slots;
	v->first_id++;
	v->stats.completed++;
}

uint16_t
ntb_epf_vdma_completed(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last, bool *error)
{
	struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);
	uint16_t n = 0;
	uint32_t slots;
	uint8_t status;

	ntb_epf_vdma_reap(v);
	ntb_epf_entry_before_use();
	while (n < nb && (slots = vdma_first_op(v, &status)) != 0) {
		if (unlikely(status != NTB_EPF_REQ_OK)) {
			*error = true;
			break;
		}
		vdma_report(v, slots);
		n++;
	}
	*last = v->first_id - 1;
	return n;
}

uint16_t
ntb_epf_vdma_completed_status(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last,
			      enum rte_dma_status_code *status)
{
	struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);
	uint16_t n = 0;
	uint32_t slots;
	uint8_t own;

	ntb_epf_vdma_reap(v);
	ntb_epf_entry_before_use();
	while (n < nb && (slots = vdma_first_op(v, &own)) != 0) {
		v->stats.errors += own != NTB_EPF_REQ_OK;
		status[n++] = vdma_code_of(own);
		vdma_report(v, slots);
	}
	*last = v->first_id - 1;
	return n;
}

uint16_t
ntb_epf_vdma_capacity(const void *priv, uint16_t vchan)
{
	const struct ntb_epf_vchan *v = vdma_vchan_of(priv, vchan);

	return vdma_may_run(v) ? vdma_room(v) : 0;
}
