/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Pull: the receiver's DMA copies from buffers that the sender published.
 *
 *     sender                                 receiver (mover)
 *     mbufs          --- submissions --->    own window
 *                    ======= DMA =======>    mbufs of the own pool
 *     own window     <-- completions ----
 */

#include "ntb_epf_rxtx.h"

/** Takes back what the receiver has copied: as many plain mbufs as there are in a row. */
static inline uint32_t
reap_run(struct ntb_epf_ring *r)
{
	uint32_t max = ntb_epf_run_max(r, r->cq, RTE_MIN(r->sq - r->cq, NTB_EPF_STASH));
	const uint8_t *cqe = r->local + (uint64_t)(r->cq & r->mask) * NTB_EPF_CQE_BYTES;
	const struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);
	struct rte_mempool *mp = slot->mbuf != NULL ? slot->mbuf->pool : NULL;
	uint64_t expected = ntb_epf_ent_expected(&r->cq_lap, r->cq);
	void *ended[NTB_EPF_STASH];
	uint32_t n;

	if (unlikely(r->chain_bad))
		return 0;
	for (n = 0; n < max; n++, slot++, cqe += NTB_EPF_CQE_BYTES) {
		if (ntb_epf_load64(cqe) - expected > UINT32_MAX || slot->mbuf == NULL ||
		    !ntb_epf_mbuf_is_plain(slot->mbuf, mp))
			break;
		expected += NTB_EPF_ENT_STEP;
		ended[n] = slot->mbuf;
	}
	if (n == 0)
		return 0;
	r->cq = ntb_epf_run_end(&r->cq_lap, r->cq, n, r->mask);
	rte_mempool_put_bulk(mp, ended, n);
	return n;
}

/** The same for one slot of any kind. */
static void
reap_slot(struct ntb_epf_ring *r, uint64_t ent)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);

	r->chain_bad |= (ntb_epf_ent_flags(ent) & NTB_EPF_FLAG_ERROR) != 0 ||
			ntb_epf_ent_id(ent) != slot->id;
	if (slot->mbuf != NULL) {
		r->stats.errors += r->chain_bad;
		r->chain_bad = false;
		rte_pktmbuf_free(slot->mbuf);
		slot->mbuf = NULL;
	}
	r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
}

static void
pull_tx_reap(struct ntb_epf_ring *r)
{
	uint64_t ent;

	while (r->cq != r->sq && ntb_epf_cqe_read(r, &ent))
		if (reap_run(r) == 0)
			reap_slot(r, ent);
}

static inline void
publish_seg(struct ntb_epf_ring *r, struct rte_mbuf *owner, const struct rte_mbuf *seg,
	    uint8_t flags)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);

	slot->mbuf = owner;
	slot->id = (uint16_t)r->sq;
	ntb_epf_sqe_write(r, rte_pktmbuf_iova(seg), seg->data_len, flags);
}

/** Any packet: the last entry owns it. Segments without bytes are passed over. */
static void
publish_any(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	uint32_t left = m->pkt_len;
	struct rte_mbuf *seg;

	for (seg = m; seg != NULL && left != 0; seg = seg->next) {
		if (seg->data_len == 0)
			continue;
		left -= RTE_MIN(left, (uint32_t)seg->data_len);
		if (left != 0)
			publish_seg(r, NULL, seg, NTB_EPF_FLAG_MORE);
		else
			publish_seg(r, m, seg, ntb_epf_last_flags(r, m));
	}
}

/** The bytes that the segments hold are what the packet says. */
static bool
chain_is_sound(const struct rte_mbuf *m)
{
	uint32_t pkt_len = m->pkt_len;
	uint32_t bytes = 0;
	unsigned int n = 0;

	for (; m != NULL && n <= NTB_EPF_MAX_SEGS; m = m->next, n++)
		bytes += m->data_len;
	return m == NULL && bytes == pkt_len;
}

static inline bool
pull_one(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	if (unlikely(!ntb_epf_sendable(r, m) || (m->nb_segs != 1 && !chain_is_sound(m)))) {
		r->stats.errors++;
		rte_pktmbuf_free(m);
		return true;
	}
	if (ntb_epf_ring_free(r) < m->nb_segs)
		return false;
	ntb_epf_accepted(r, m->pkt_len);
	if (likely(m->nb_segs == 1 && !ntb_epf_no_cksum(r, m)))
		publish_seg(r, m, m, 0);
	else
		publish_any(r, m);
	return true;
}

/** As many packets of one segment as there are in a row. */
static inline unsigned int
pull_run(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t max = ntb_epf_run_max(r, r->sq, RTE_MIN(ntb_epf_ring_free(r), NTB_EPF_STASH));
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);
	const struct ntb_epf_lap lap = r->sq_lap;
	uint64_t message[2 * NTB_EPF_STASH];
	RTE_ATOMIC(uint64_t) *sqe = ntb_epf_peer_words(r->dev, ntb_epf_remote_sqe(r), message);
	uint64_t expected = ntb_epf_ent_expected(&lap, r->sq);
	uint64_t bytes = 0;
	unsigned int i;

	max = RTE_MIN(max, count);
	for (i = 0; i < max; i++, slot++) {
		struct rte_mbuf *m = bufs[i]->buf_addr;

		if (unlikely(!ntb_epf_is_single(r, m)))
			break;
		slot->mbuf = m;
		slot->id = ntb_epf_ent_id(expected);
		rte_atomic_store_explicit(&sqe[2 * i], ntb_epf_sqe0(&lap, rte_pktmbuf_iova(m)),
					  rte_memory_order_relaxed);
		rte_atomic_store_explicit(&sqe[2 * i + 1],
					  rte_cpu_to_le_64(expected + m->pkt_len),
					  rte_memory_order_relaxed);
		expected += NTB_EPF_ENT_STEP;
		bytes += m->pkt_len;
	}
	ntb_epf_peer_words_end(r->dev, ntb_epf_remote_sqe(r), message, 2 * i);
	r->sq = ntb_epf_run_end(&r->sq_lap, r->sq, i, r->mask);
	r->stats.packets += i;
	r->stats.bytes += bytes;
	return i;
}

unsigned int
ntb_epf_pull_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	unsigned int i = 0;

	pull_tx_reap(r);
	/* The cores' stores to payload come before the entries that offer it. */
	ntb_epf_payload_before_entry();
	while (i < count) {
		unsigned int n = pull_run(r, &bufs[i], count - i);

		i += n;
		if (n != 0)
			continue;
		if (!pull_one(r, bufs[i]->buf_addr))
			break;
		i++;
	}
	return i;
}

static void
copy_into(struct ntb_epf_ring *r, struct ntb_epf_slot *slot, uint64_t addr)
{
	const struct rte_mbuf *m;

	for (m = slot->mbuf; m != NULL; m = m->next) {
		ntb_epf_copy(r, slot, addr, rte_pktmbuf_iova(m), m->data_len);
		addr += m->data_len;
	}
}

/** Starts copies for what is published: as many of one mbuf as there are in a row. */
static inline uint32_t
fetch_run(struct ntb_epf_ring *r)
{
	uint32_t max = ntb_epf_run_max(r, r->sq, RTE_MIN(ntb_epf_ring_free(r), r->share.room));
	const uint8_t *sqe = r->local + (uint64_t)(r->sq & r->mask) * NTB_EPF_SQE_BYTES;
	const uint64_t limit = RTE_MIN(r->buf_room, r->max_pkt_len);
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);
	const struct ntb_epf_lap lap = r->sq_lap;
	uint64_t expected = ntb_epf_ent_expected(&lap, r->sq);
	uint32_t i;

	for (i = 0; i < max; i++, slot++, sqe += NTB_EPF_SQE_BYTES) {
		uint64_t word0 = ntb_epf_load64(sqe);
		uint64_t len = ntb_epf_load64(sqe + sizeof(word0)) - expected;
		struct rte_mbuf *m;

		if (!ntb_epf_sqe0_is_new(&lap, word0) || len - 1 >= limit)
			break;
		m = ntb_epf_mbuf_next(r);
		if (unlikely(m == NULL))
			break;
		if (unlikely(rte_dma_copy(r->share.dma, 0, ntb_epf_sqe0_addr(word0),
					  rte_pktmbuf_iova(m), (uint32_t)len, 0) < 0)) {
			r->nb_stash++;
			break;
		}
		m->data_len = (uint16_t)len;
		m->pkt_len = (uint32_t)len;
		slot->mbuf = m;
		slot->len = (uint32_t)len;
		slot->id = ntb_epf_ent_id(expected);
		slot->flags = 0;
		slot->copies = 1;
		expected += NTB_EPF_ENT_STEP;
	}
	r->sq = ntb_epf_run_end(&r->sq_lap, r->sq, i, r->mask);
	r->share.room -= i;
	return i;
}

/** The same for one entry of any kind. False: there is none, or no room for it. */
static bool
fetch_one(struct ntb_epf_ring *r)
{
	struct rte_mbuf *m = NULL;
	struct ntb_epf_slot *slot;
	uint64_t addr, ent;
	uint32_t len;
	bool good;

	if (ntb_epf_ring_free(r) == 0 || !ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &addr, &ent))
		return false;
	len = ntb_epf_ent_len(ent);
	good = ntb_epf_takeable(r, len);
	if (good) {
		/* Each mbuf takes an operation. */
		if ((uint64_t)r->share.room * r->buf_room < len)
			return false;
		m = ntb_epf_mbufs_for(r, len);
		if (m == NULL)
			return false;
	}
	slot = ntb_epf_slot_take(r, ent);
	slot->mbuf = m;
	slot->len = len;
	slot->flags = ntb_epf_ent_flags(ent) & (NTB_EPF_FLAG_MORE | NTB_EPF_FLAG_CKSUM);
	if (good)
		copy_into(r, slot, addr);
	else
		slot->flags |= NTB_EPF_FLAG_ERROR;
	return true;
}

/** Starts copies for all that is published and fits. */
static void
take_published(struct ntb_epf_ring *r)
{
	uint32_t room = r->share.room;

	while (fetch_run(r) != 0 || fetch_one(r))
		;
	ntb_epf_share_submit(&r->share, room);
}

/** Acknowledges and delivers as many packets of one good copy as there are in a row. */
static inline unsigned int
finish_run(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint32_t max = RTE_MIN(count, (unsigned int)NTB_EPF_STASH);
	const struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);
	const struct ntb_epf_lap lap = r->cq_lap;
	uint64_t message[NTB_EPF_STASH];
	RTE_ATOMIC(uint64_t) *cqe = ntb_epf_peer_words(r->dev, ntb_epf_remote_cqe(r), message);
	uint64_t bytes = 0;
	uint32_t n;

	if (unlikely(r->chain != NULL || r->chain_bad))
		return 0;
	max = ntb_epf_run_max(r, r->cq, RTE_MIN(r->sq - r->cq, max));
	for (n = 0; n < max && slot->copies == 0 && slot->flags == 0; n++, slot++) {
		rte_atomic_store_explicit(&cqe[n], ntb_epf_ent(&lap, slot->len, slot->id, 0),
					  rte_memory_order_relaxed);
		bufs[n]->buf_addr = slot->mbuf;
		bytes += slot->len;
	}
	ntb_epf_peer_words_end(r->dev, ntb_epf_remote_cqe(r), message, n);
	r->cq = ntb_epf_run_end(&r->cq_lap, r->cq, n, r->mask);
	r->stats.packets += n;
	r->stats.bytes += bytes;
	return n;
}

/** Acknowledges a slot and returns the packet that it ends, if it does. */
static inline struct rte_mbuf *
finish(struct ntb_epf_ring *r, struct ntb_epf_slot *slot)
{
	struct rte_mbuf *m = slot->mbuf;

	slot->mbuf = NULL;
	ntb_epf_cqe_write(r, slot);
	if (likely(slot->flags == 0 && r->chain == NULL && !r->chain_bad))
		return m;
	return ntb_epf_chain_add(r, m, slot->len, slot->flags);
}

/** Something for which to go to the channel. An idle ring keeps away from one that it shares. */
static inline bool
has_work(const struct ntb_epf_ring *r)
{
	uint64_t addr, ent;

	return !r->share.shared || r->sq != r->cq ||
		ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &addr, &ent);
}

unsigned int
ntb_epf_pull_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	bool inside = has_work(r) && ntb_epf_share_enter(&r->share);
	struct ntb_epf_slot *slot;
	unsigned int n = 0;

	if (r->sq != r->cq)
		ntb_epf_copies_collect(r, inside);
	ntb_epf_entry_before_use();
	while (n < count && (slot = ntb_epf_slot_done(r)) != NULL) {
		unsigned int run = finish_run(r, &bufs[n], count - n);
		struct rte_mbuf *m;

		n += run;
		if (run != 0)
			continue;
		m = finish(r, slot);
		if (m != NULL)
			ntb_epf_deliver(r, m, bufs[n++]);
	}
	if (inside) {
		take_published(r);
		ntb_epf_share_leave(&r->share);
	}
	return n;
}
