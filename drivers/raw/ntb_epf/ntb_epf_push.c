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

/** Buffers published together: whole cache lines cross the link. A ring is a multiple of this. */
#define NTB_EPF_PUBLISH 32

/**
 * Returns the mbufs of slots that have ended well: as many of one pool as there are in a row.
 *
 * @param cqe  Where their completions go; NULL: they have been committed.
 */
static __rte_always_inline uint32_t
end_run(struct ntb_epf_ring *r, uint32_t max, RTE_ATOMIC(uint64_t) *cqe)
{
	const struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);
	struct rte_mempool *mp = slot->mbuf != NULL ? slot->mbuf->pool : NULL;
	const struct ntb_epf_lap lap = r->cq_lap;
	void *ended[NTB_EPF_STASH];
	uint32_t n;

	max = ntb_epf_run_max(r, r->cq, RTE_MIN(max, NTB_EPF_STASH));
	if (unlikely(r->chain_bad))
		return 0;
	for (n = 0; n < max; n++, slot++) {
		if ((cqe != NULL && slot->copies != 0) || slot->flags != 0 ||
		    slot->mbuf == NULL || !ntb_epf_mbuf_is_plain(slot->mbuf, mp))
			break;
		if (cqe != NULL)
			rte_atomic_store_explicit(&cqe[n],
						  ntb_epf_ent(&lap, slot->len, slot->id, 0),
						  rte_memory_order_relaxed);
		ended[n] = slot->mbuf;
	}
	if (n != 0)
		rte_mempool_put_bulk(mp, ended, n);
	return n;
}

/** The same for one slot of any kind. */
static void
end_slot(struct ntb_epf_ring *r, struct ntb_epf_slot *slot)
{
	r->chain_bad |= (slot->flags & NTB_EPF_FLAG_ERROR) != 0;
	if (slot->mbuf == NULL)
		return;
	r->stats.errors += r->chain_bad;
	r->chain_bad = false;
	rte_pktmbuf_free(slot->mbuf);
	slot->mbuf = NULL;
}

/** Writes the completions of copies that have ended and returns their mbufs. */
static void
retire_by_core(struct ntb_epf_ring *r)
{
	struct ntb_epf_slot *slot;
	uint64_t message[NTB_EPF_STASH];
	uint32_t n;

	ntb_epf_payload_before_entry();
	while ((slot = ntb_epf_slot_done(r)) != NULL) {
		uint64_t remote = ntb_epf_remote_cqe(r);

		n = end_run(r, r->sq - r->cq, ntb_epf_peer_words(r->dev, remote, message));
		ntb_epf_peer_words_end(r->dev, remote, message, n);
		r->cq = ntb_epf_run_end(&r->cq_lap, r->cq, n, r->mask);
		if (n != 0)
			continue;
		end_slot(r, slot);
		ntb_epf_cqe_write(r, slot);
	}
}

/** Returns the mbufs whose completions have been committed. */
static void
retire(struct ntb_epf_ring *r)
{
	uint32_t n;

	if (r->commit.stage == NULL) {
		retire_by_core(r);
		return;
	}
	while (r->cq != r->commit.done) {
		n = end_run(r, r->commit.done - r->cq, NULL);
		r->cq += n;
		if (n == 0)
			end_slot(r, ntb_epf_slot(r, r->cq++));
	}
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

/** As many of the common case as there are in a row. */
static inline unsigned int
push_run(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t room = r->share.room - RTE_MIN(r->share.room, r->commit.reserve);
	uint32_t max = ntb_epf_run_max(r, r->sq, RTE_MIN(ntb_epf_ring_free(r), room));
	const uint8_t *sqe = r->local + (uint64_t)(r->sq & r->mask) * NTB_EPF_SQE_BYTES;
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);
	const struct ntb_epf_lap lap = r->sq_lap;
	uint64_t expected = ntb_epf_ent_expected(&lap, r->sq);
	uint64_t bytes = 0;
	unsigned int i;

	max = RTE_MIN(max, count);
	for (i = 0; i < max; i++, slot++, sqe += NTB_EPF_SQE_BYTES) {
		uint64_t word0 = ntb_epf_load64(sqe);
		uint64_t space = ntb_epf_load64(sqe + sizeof(word0)) - expected;
		struct rte_mbuf *m = bufs[i]->buf_addr;
		uint32_t len = m->pkt_len;

		/* Room from len to what 32 bits hold; of another id, or with flags, it is neither. */
		if (unlikely(!ntb_epf_sqe0_is_new(&lap, word0) ||
			     space - len > UINT32_MAX - len || !ntb_epf_is_single(r, m)))
			break;
		if (unlikely(rte_dma_copy(r->share.dma, 0, rte_pktmbuf_iova(m),
					  ntb_epf_sqe0_addr(word0), len, 0) < 0))
			break;
		slot->mbuf = m;
		slot->len = len;
		slot->id = ntb_epf_ent_id(expected);
		slot->flags = 0;
		slot->copies = 1;
		expected += NTB_EPF_ENT_STEP;
		bytes += len;
	}
	r->sq = ntb_epf_run_end(&r->sq_lap, r->sq, i, r->mask);
	r->share.room -= i;
	r->stats.packets += i;
	r->stats.bytes += bytes;
	return i;
}

static unsigned int
push_burst(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t room = r->share.room;
	unsigned int i = 0;

	while (i < count) {
		unsigned int n = push_run(r, &bufs[i], count - i);

		i += n;
		if (n != 0)
			continue;
		if (!push_one(r, bufs[i]->buf_addr))
			break;
		i++;
	}
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

/** Gives away as many empty buffers as are published together. */
static void
publish_run(struct ntb_epf_ring *r, struct rte_mbuf **fresh)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);
	const struct ntb_epf_lap lap = r->sq_lap;
	const uint32_t room = r->buf_room;
	uint64_t ent = ntb_epf_ent_expected(&lap, r->sq) + room;
	uint64_t message[2 * NTB_EPF_PUBLISH];
	RTE_ATOMIC(uint64_t) *sqe = ntb_epf_peer_words(r->dev, ntb_epf_remote_sqe(r), message);
	uint32_t i;

	for (i = 0; i < NTB_EPF_PUBLISH; i++, slot++) {
		slot->mbuf = fresh[i];
		slot->len = room;
		slot->id = ntb_epf_ent_id(ent);
		rte_atomic_store_explicit(&sqe[2 * i], ntb_epf_sqe0(&lap,
					  rte_mbuf_data_iova_default(fresh[i])),
					  rte_memory_order_relaxed);
		rte_atomic_store_explicit(&sqe[2 * i + 1], rte_cpu_to_le_64(ent),
					  rte_memory_order_relaxed);
		ent += NTB_EPF_ENT_STEP;
	}
	ntb_epf_peer_words_end(r->dev, ntb_epf_remote_sqe(r), message, RTE_DIM(message));
	r->sq = ntb_epf_run_end(&r->sq_lap, r->sq, NTB_EPF_PUBLISH, r->mask);
}

static void
publish(struct ntb_epf_ring *r)
{
	struct rte_mbuf *fresh[NTB_EPF_PUBLISH];

	while (ntb_epf_ring_free(r) >= NTB_EPF_PUBLISH) {
		if (ntb_epf_mbufs_alloc(r, fresh, RTE_DIM(fresh)) != 0)
			return;
		publish_run(r, fresh);
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

/** As many packets of one good buffer as there are in a row. */
static inline unsigned int
take_run(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t max = ntb_epf_run_max(r, r->cq, RTE_MIN(r->sq - r->cq, count));
	const uint8_t *cqe = r->local + (uint64_t)(r->cq & r->mask) * NTB_EPF_CQE_BYTES;
	const uint64_t limit = RTE_MIN(r->buf_room, r->max_pkt_len);
	const struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);
	uint64_t expected = ntb_epf_ent_expected(&r->cq_lap, r->cq);
	uint64_t bytes = 0;
	uint32_t i;

	if (unlikely(r->chain != NULL || r->chain_bad))
		return 0;
	for (i = 0; i < max; i++, slot++, cqe += NTB_EPF_CQE_BYTES) {
		uint64_t len = ntb_epf_load64(cqe) - expected;
		struct rte_mbuf *m = slot->mbuf;

		if (unlikely(len - 1 >= limit))
			break;
		m->data_len = (uint16_t)len;
		m->pkt_len = (uint32_t)len;
		expected += NTB_EPF_ENT_STEP;
		bytes += len;
		bufs[i]->buf_addr = m;
	}
	r->cq = ntb_epf_run_end(&r->cq_lap, r->cq, i, r->mask);
	r->stats.packets += i;
	r->stats.bytes += bytes;
	return i;
}

unsigned int
ntb_epf_push_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	unsigned int n = 0;
	uint64_t ent;

	while (n < count && r->cq != r->sq) {
		unsigned int taken = take_run(r, &bufs[n], count - n);
		struct rte_mbuf *m;

		n += taken;
		if (taken != 0)
			continue;
		if (!ntb_epf_cqe_read(r, &ent))
			break;
		m = take_filled(r, ent);
		if (m != NULL)
			ntb_epf_deliver(r, m, bufs[n++]);
	}
	ntb_epf_entry_before_use();
	publish(r);
	return n;
}
