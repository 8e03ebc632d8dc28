/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Push: the sender's DMA copies into buffers that the receiver published.
 *
 *     receiver                               sender (mover)
 *     empty buffers  --- submissions --->    own window
 *     packets        <====== DMA =======     mbufs
 *     own window     <-- completions ----
 */

#include "ntb_epf_rxtx.h"

/** Publish this many buffers at least: whole cache lines cross the link. */
#define NTB_EPF_PUBLISH_MIN 32

/** Mbufs that are free, to be returned together. */
struct ended {
	struct rte_mbuf *mbufs[NTB_EPF_STASH];
	unsigned int n;
};

static inline void
end_slot(struct ntb_epf_ring *r, struct ntb_epf_slot *slot, struct ended *ended)
{
	r->chain_bad |= (slot->flags & NTB_EPF_FLAG_ERROR) != 0;
	if (slot->mbuf == NULL)
		return;
	r->stats.errors += r->chain_bad;
	r->chain_bad = false;
	ended->mbufs[ended->n++] = slot->mbuf;
	slot->mbuf = NULL;
	if (ended->n == RTE_DIM(ended->mbufs)) {
		rte_pktmbuf_free_bulk(ended->mbufs, ended->n);
		ended->n = 0;
	}
}

/** Writes the completions of copies that have ended and returns their mbufs. */
static void
retire_by_core(struct ntb_epf_ring *r)
{
	struct ntb_epf_slot *slot = ntb_epf_slot_done(r);
	struct ended ended = { .n = 0 };

	if (slot == NULL)
		return;
	ntb_epf_payload_before_entry();
	for (; slot != NULL; slot = ntb_epf_slot_done(r)) {
		end_slot(r, slot, &ended);
		ntb_epf_cqe_write(r, slot);
	}
	rte_pktmbuf_free_bulk(ended.mbufs, ended.n);
}

/** Returns the mbufs whose completions have been committed. */
static void
retire(struct ntb_epf_ring *r)
{
	struct ended ended = { .n = 0 };

	if (r->commit.stage == NULL) {
		retire_by_core(r);
		return;
	}
	for (; r->cq != r->commit.done; r->cq++)
		end_slot(r, ntb_epf_slot(r, r->cq), &ended);
	rte_pktmbuf_free_bulk(ended.mbufs, ended.n);
}

static inline void
reap(struct ntb_epf_ring *r, bool inside)
{
	if (r->sq == r->cq)
		return;
	ntb_epf_copies_collect(r, inside);
	retire(r);
}

void
ntb_epf_push_tx_reap(struct ntb_epf_ring *r)
{
	bool inside;

	if (r->sq == r->cq)
		return;
	inside = ntb_epf_share_enter(&r->share);
	reap(r, inside);
	if (inside)
		ntb_epf_share_leave(&r->share);
}

/**
 * Buffers that a packet needs, looking at published ones from the next on. 0: not there yet;
 * more than NTB_EPF_MAX_SEGS: it would need more than a chain may have.
 */
static unsigned int
buffers_needed(const struct ntb_epf_ring *r, uint32_t pkt_len)
{
	struct ntb_epf_lap lap = r->sq_lap;
	uint32_t number = r->sq;
	uint64_t room = 0;
	unsigned int n;

	for (n = 1; n <= NTB_EPF_MAX_SEGS; n++) {
		uint64_t addr, ent;

		if (number - r->cq > r->mask || !ntb_epf_sqe_read(r, &lap, number, &addr, &ent))
			return 0;
		room += ntb_epf_ent_len(ent);
		if (room >= pkt_len)
			return n;
		number = ntb_epf_lap_next(&lap, number, r->mask);
	}
	return n;
}

/** Fills one published buffer from where the packet has got to. */
static void
fill_buffer(struct ntb_epf_ring *r, struct rte_mbuf **seg, uint32_t *seg_pos, uint32_t *left)
{
	uint64_t addr = 0, ent = 0;
	struct ntb_epf_slot *slot;
	uint32_t room;
	uint32_t filled = 0;

	/* Planned for: it was there when buffers_needed() looked; a peer that takes it back gets an
	 * entry of no bytes.
	 */
	if (!ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &addr, &ent))
		ent = 0;
	room = RTE_MIN(ntb_epf_ent_len(ent), *left);
	slot = ntb_epf_slot_take(r, ent);
	while (filled < room && *seg != NULL) {
		uint32_t part = RTE_MIN((*seg)->data_len - *seg_pos, room - filled);

		if (part != 0)
			ntb_epf_copy(r, slot, rte_pktmbuf_iova_offset(*seg, *seg_pos),
				     addr + filled, part);
		filled += part;
		*seg_pos += part;
		if (*seg_pos == (*seg)->data_len) {
			*seg = (*seg)->next;
			*seg_pos = 0;
		}
	}
	*left -= filled;
	slot->len = filled;
}

/** Any packet over any buffers. False: no room now, the packet stays the caller's. */
static bool
push_any(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	unsigned int n = buffers_needed(r, m->pkt_len);
	struct rte_mbuf *seg = m;
	uint32_t left = m->pkt_len;
	uint32_t seg_pos = 0;
	struct ntb_epf_slot *slot = NULL;

	/* What can never be copied must not stay in the way of the next packets. */
	if (n > NTB_EPF_MAX_SEGS || n + m->nb_segs + r->commit.reserve > r->share.cap) {
		r->stats.errors++;
		rte_pktmbuf_free(m);
		return true;
	}
	if (n == 0 || r->share.room < n + m->nb_segs + r->commit.reserve)
		return false;
	ntb_epf_accepted(r, m->pkt_len);
	while (n-- > 0) {
		slot = ntb_epf_slot(r, r->sq);
		fill_buffer(r, &seg, &seg_pos, &left);
		if (n != 0)
			slot->flags |= NTB_EPF_FLAG_MORE;
	}
	slot->flags |= ntb_epf_last_flags(r, m);
	/* A buffer that shrank between plan and fill leaves bytes over: never a short packet. */
	if (left != 0)
		slot->flags |= NTB_EPF_FLAG_ERROR;
	slot->mbuf = m;
	return true;
}

/** The common case: one segment, one buffer, no flags. */
static inline bool
push_one(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	struct ntb_epf_slot *slot;
	uint64_t addr, ent;

	if (unlikely(!ntb_epf_sendable(r, m))) {
		r->stats.errors++;
		rte_pktmbuf_free(m);
		return true;
	}
	if (ntb_epf_ring_free(r) == 0 || r->share.room <= r->commit.reserve ||
	    !ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &addr, &ent))
		return false;
	if (unlikely(m->nb_segs != 1 || m->pkt_len > ntb_epf_ent_len(ent) ||
		     ntb_epf_no_cksum(r, m)))
		return push_any(r, m);

	slot = ntb_epf_slot_take(r, ent);
	slot->mbuf = m;
	slot->len = m->pkt_len;
	ntb_epf_accepted(r, m->pkt_len);
	ntb_epf_copy(r, slot, rte_pktmbuf_iova(m), addr, m->pkt_len);
	return true;
}

static unsigned int
push_burst(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t room = r->share.room;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!push_one(r, bufs[i]->buf_addr))
			break;
	if (r->commit.stage != NULL)
		ntb_epf_commit_burst(r);
	ntb_epf_share_submit(&r->share, room);
	return i;
}

unsigned int
ntb_epf_push_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	bool inside = ntb_epf_share_enter(&r->share);
	unsigned int sent;

	reap(r, inside);
	if (unlikely(!inside))
		return 0;
	sent = push_burst(r, bufs, count);
	ntb_epf_share_leave(&r->share);
	return sent;
}

/** Gives away empty buffers, a cache line's worth of entries or more at a time. */
static void
publish(struct ntb_epf_ring *r)
{
	struct rte_mbuf *fresh[NTB_EPF_STASH];
	uint32_t n = ntb_epf_ring_free(r);
	uint32_t i;

	while (n >= NTB_EPF_PUBLISH_MIN) {
		if (rte_pktmbuf_alloc_bulk(r->mp, fresh, RTE_DIM(fresh)) != 0) {
			r->stats.no_buffer++;
			r->stats.missed += RTE_DIM(fresh);
			return;
		}
		for (i = 0; i < RTE_DIM(fresh); i++) {
			struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);

			slot->mbuf = fresh[i];
			slot->len = r->buf_room;
			slot->id = (uint16_t)r->sq;
			ntb_epf_sqe_write(r, rte_mbuf_data_iova_default(fresh[i]), r->buf_room, 0);
		}
		n -= RTE_DIM(fresh);
	}
}

/** Takes the buffer of a completion; checks what the peer says of it. */
static inline struct rte_mbuf *
take_filled(struct ntb_epf_ring *r, uint64_t ent)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);
	uint32_t len = ntb_epf_ent_len(ent);
	uint8_t flags = ntb_epf_ent_flags(ent);
	struct rte_mbuf *m = slot->mbuf;

	slot->mbuf = NULL;
	r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
	if (unlikely(ntb_epf_ent_id(ent) != slot->id || len > slot->len))
		flags |= NTB_EPF_FLAG_ERROR;
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	if (likely(flags == 0 && r->chain == NULL && !r->chain_bad && len != 0 &&
		   len <= r->max_pkt_len))
		return m;
	return ntb_epf_chain_add(r, m, len, flags);
}

unsigned int
ntb_epf_push_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	unsigned int n = 0;
	uint64_t ent;

	while (n < count && r->cq != r->sq && ntb_epf_cqe_read(r, &ent)) {
		struct rte_mbuf *m;

		ntb_epf_entry_before_use();
		m = take_filled(r, ent);
		if (m != NULL)
			ntb_epf_deliver(r, m, bufs[n++]);
	}
	publish(r);
	return n;
}
