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

/** Takes back what the receiver has copied. */
static void
pull_tx_reap(struct ntb_epf_ring *r)
{
	struct rte_mbuf *ended[NTB_EPF_STASH];
	unsigned int n = 0;
	uint64_t ent;

	while (r->cq != r->sq && ntb_epf_cqe_read(r, &ent)) {
		struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);

		r->chain_bad |= (ntb_epf_ent_flags(ent) & NTB_EPF_FLAG_ERROR) != 0 ||
				ntb_epf_ent_id(ent) != slot->id;
		if (slot->mbuf != NULL) {
			r->stats.errors += r->chain_bad;
			r->chain_bad = false;
			ended[n++] = slot->mbuf;
			slot->mbuf = NULL;
		}
		r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
		if (n == RTE_DIM(ended)) {
			ntb_epf_mbufs_free(ended, n);
			n = 0;
		}
	}
	if (n != 0)
		ntb_epf_mbufs_free(ended, n);
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

/** A chain: the last entry owns the packet. Segments without bytes are passed over. */
static void
publish_chain(struct ntb_epf_ring *r, struct rte_mbuf *m)
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
			publish_seg(r, m, seg, 0);
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
	if (likely(m->nb_segs == 1))
		publish_seg(r, m, m, 0);
	else
		publish_chain(r, m);
	return true;
}

unsigned int
ntb_epf_pull_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	unsigned int i;

	pull_tx_reap(r);
	/* The cores' stores to payload come before the entries that offer it. */
	ntb_epf_payload_before_entry();
	for (i = 0; i < count; i++)
		if (!pull_one(r, bufs[i]->buf_addr))
			break;
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

/** Starts copies for all that is published and fits. */
static void
take_published(struct ntb_epf_ring *r)
{
	uint32_t room = r->share.room;
	uint64_t addr, ent;

	while (ntb_epf_ring_free(r) != 0 && ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &addr, &ent)) {
		uint32_t len = ntb_epf_ent_len(ent);
		bool good = ntb_epf_takeable(r, len);
		struct ntb_epf_slot *slot;
		struct rte_mbuf *m;

		/* Each mbuf takes an operation. */
		if (good && (uint64_t)r->share.room * r->buf_room < len)
			break;
		m = good ? ntb_epf_mbufs_for(r, len) : NULL;
		if (good && m == NULL)
			break;
		slot = ntb_epf_slot_take(r, ent);
		slot->mbuf = m;
		slot->len = len;
		slot->flags = ntb_epf_ent_flags(ent) & NTB_EPF_FLAG_MORE;
		if (good)
			copy_into(r, slot, addr);
		else
			slot->flags |= NTB_EPF_FLAG_ERROR;
	}
	ntb_epf_share_submit(&r->share, room);
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
		struct rte_mbuf *m = finish(r, slot);

		if (m != NULL)
			ntb_epf_deliver(r, m, bufs[n++]);
	}
	if (inside) {
		take_published(r);
		ntb_epf_share_leave(&r->share);
	}
	return n;
}
