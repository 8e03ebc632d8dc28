/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_RXTX_H_
#define _NTB_EPF_RXTX_H_

/**
 * @file
 * Steps that the burst functions share.
 */

#include <errno.h>

#include "ntb_epf_priv.h"

/** Free slots of a ring. */
static inline uint32_t
ntb_epf_ring_free(const struct ntb_epf_ring *r)
{
	return r->mask + 1 - (r->sq - r->cq);
}

static inline struct ntb_epf_slot *
ntb_epf_slot(const struct ntb_epf_ring *r, uint32_t number)
{
	return &r->slots[number & r->mask];
}

/*
 * Runs: entries from a number on that lie in one lap, one behind the other in memory. What a run
 * needs of the ring is looked at once, and its entries are stored together.
 */

/** Entries, at most @p n, of the run that begins at @p number. */
static inline uint32_t
ntb_epf_run_max(const struct ntb_epf_ring *r, uint32_t number, uint32_t n)
{
	return RTE_MIN(n, r->mask + 1 - (number & r->mask));
}

/** What is behind a run of @p n entries. */
static inline uint32_t
ntb_epf_run_end(struct ntb_epf_lap *lap, uint32_t number, uint32_t n, uint32_t mask)
{
	return n == 0 ? number : ntb_epf_lap_next(lap, number + n - 1, mask);
}

/**
 * What the second word of a run's entry, or a completion, usually is but for its length. If it is not
 * new, or has flags or another id, then what is left when this is taken off is no length: it is above
 * 32 bits. Within a run the next one is NTB_EPF_ENT_STEP more: ids turn over where a lap ends.
 */
#define NTB_EPF_ENT_STEP RTE_BIT64(NTB_EPF_ENT_ID_SHIFT)

static inline uint64_t
ntb_epf_ent_expected(const struct ntb_epf_lap *lap, uint32_t number)
{
	return lap->ent | (uint64_t)(uint16_t)number << NTB_EPF_ENT_ID_SHIFT;
}

/** Offset of an entry in the peer's window, of the ring that this side writes. */
static inline uint64_t
ntb_epf_remote_sqe(const struct ntb_epf_ring *r)
{
	return r->remote + (uint64_t)(r->sq & r->mask) * NTB_EPF_SQE_BYTES;
}

static inline uint64_t
ntb_epf_remote_cqe(const struct ntb_epf_ring *r)
{
	return r->remote + (uint64_t)(r->cq & r->mask) * NTB_EPF_CQE_BYTES;
}

/** Reads submission @p number if the peer has written it: both words, or nothing. */
static inline bool
ntb_epf_sqe_read(const struct ntb_epf_ring *r, const struct ntb_epf_lap *lap, uint32_t number,
		 uint64_t *addr, uint64_t *ent)
{
	const uint8_t *sqe = r->local + (uint64_t)(number & r->mask) * NTB_EPF_SQE_BYTES;
	uint64_t word0 = ntb_epf_load64(sqe);
	uint64_t word1 = ntb_epf_load64(sqe + sizeof(word0));

	if (!ntb_epf_sqe0_is_new(lap, word0) || !ntb_epf_ent_is_new(lap, word1))
		return false;
	*addr = ntb_epf_sqe0_addr(word0);
	*ent = word1;
	return true;
}

/** Reads the next completion if the peer has written it. */
static inline bool
ntb_epf_cqe_read(const struct ntb_epf_ring *r, uint64_t *ent)
{
	*ent = ntb_epf_load64(r->local + (uint64_t)(r->cq & r->mask) * NTB_EPF_CQE_BYTES);
	return ntb_epf_ent_is_new(&r->cq_lap, *ent);
}

/** Publisher: writes the next submission. */
static inline void
ntb_epf_sqe_write(struct ntb_epf_ring *r, uint64_t addr, uint32_t len, uint8_t flags)
{
	ntb_epf_peer_store_sqe(r->dev, ntb_epf_remote_sqe(r),
			       ntb_epf_sqe0(&r->sq_lap, addr),
			       ntb_epf_ent(&r->sq_lap, len, (uint16_t)r->sq, flags));
	r->sq = ntb_epf_lap_next(&r->sq_lap, r->sq, r->mask);
}

/** Mover: the next completion. */
static inline uint64_t
ntb_epf_cqe(const struct ntb_epf_ring *r, const struct ntb_epf_slot *slot)
{
	uint32_t len = (slot->flags & NTB_EPF_FLAG_ERROR) != 0 ? 0 : slot->len;

	return ntb_epf_ent(&r->cq_lap, len, slot->id, slot->flags);
}

/** Mover: writes it. */
static inline void
ntb_epf_cqe_write(struct ntb_epf_ring *r, const struct ntb_epf_slot *slot)
{
	ntb_epf_peer_store64(r->dev, ntb_epf_remote_cqe(r), ntb_epf_cqe(r, slot));
	r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
}

/** Mover: takes the next submission, whose fields have been read. */
static inline struct ntb_epf_slot *
ntb_epf_slot_take(struct ntb_epf_ring *r, uint64_t ent)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->sq);

	slot->mbuf = NULL;
	slot->id = ntb_epf_ent_id(ent);
	slot->flags = 0;
	slot->copies = 0;
	r->sq = ntb_epf_lap_next(&r->sq_lap, r->sq, r->mask);
	return slot;
}

/** Mover: enqueues one copy for a slot. */
static inline void
ntb_epf_copy(struct ntb_epf_ring *r, struct ntb_epf_slot *slot, uint64_t src, uint64_t dst,
	     uint32_t len)
{
	if (likely(ntb_epf_share_copy(&r->share, src, dst, len, 0)))
		slot->copies++;
	else
		slot->flags |= NTB_EPF_FLAG_ERROR;
}

/**
 * Mover: books finished DMA operations on their slots.
 *
 * @param inside  The caller has entered the ring's share; else nobody looks at the device.
 */
void ntb_epf_copies_collect(struct ntb_epf_ring *r, bool inside);

/** Mover: the oldest slot under way if all its copies have ended, else NULL. */
static inline struct ntb_epf_slot *
ntb_epf_slot_done(const struct ntb_epf_ring *r)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);

	return r->cq != r->sq && slot->copies == 0 ? slot : NULL;
}

/**
 * Receiver: adds a buffer, or a chain of them, to the packet being put together.
 *
 * @param m      Owned by the ring; NULL with the error flag.
 * @param len    Bytes of payload in @p m.
 * @param flags  NTB_EPF_FLAG_* of the entry.
 * @return The packet if this was its last part, else NULL.
 */
struct rte_mbuf *ntb_epf_chain_add(struct ntb_epf_ring *r, struct rte_mbuf *m, uint32_t len,
				   uint8_t flags);

/** The same after bytes were added to the last buffer: ends the packet if @p flags say so. */
struct rte_mbuf *ntb_epf_chain_end(struct ntb_epf_ring *r, uint8_t flags);

/** Receiver that copies: longest entry that is taken. It must fit a chain of the pool's mbufs. */
static inline bool
ntb_epf_takeable(const struct ntb_epf_ring *r, uint32_t len)
{
	return len != 0 && len <= r->max_pkt_len &&
		len <= (uint64_t)r->buf_room * NTB_EPF_MAX_SEGS;
}

/**
 * Mbufs to receive into. What the pool has is single, and nobody else's: only what may be left of its
 * last use, and will not be set when a packet is there, is set here.
 */
static inline int
ntb_epf_mbufs_alloc(struct ntb_epf_ring *r, struct rte_mbuf **mbufs, unsigned int n)
{
	unsigned int i;

	if (unlikely(rte_mempool_get_bulk(r->mp, (void **)mbufs, n) != 0)) {
		r->stats.no_buffer++;
		r->stats.missed += n;
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		mbufs[i]->data_off = RTE_PKTMBUF_HEADROOM;
		mbufs[i]->port = RTE_MBUF_PORT_INVALID;
		mbufs[i]->ol_flags &= RTE_MBUF_F_EXTERNAL;
		mbufs[i]->packet_type = 0;
	}
	return 0;
}

/** An mbuf of the pool, out of a handful allocated together. NULL: the pool is empty. */
static inline struct rte_mbuf *
ntb_epf_mbuf_next(struct ntb_epf_ring *r)
{
	if (unlikely(r->nb_stash == 0)) {
		if (ntb_epf_mbufs_alloc(r, r->stash, RTE_DIM(r->stash)) != 0)
			return NULL;
		r->nb_stash = RTE_DIM(r->stash);
	}
	return r->stash[--r->nb_stash];
}

/** Mbufs for an entry that may be longer than one; the pieces carry their lengths. */
struct rte_mbuf *ntb_epf_mbufs_for(struct ntb_epf_ring *r, uint32_t len);

/** Would freeing it do nothing but put it back into this pool? */
static inline bool
ntb_epf_mbuf_is_plain(const struct rte_mbuf *m, const struct rte_mempool *mp)
{
	return m->pool == mp && rte_mbuf_refcnt_read(m) == 1 && m->nb_segs == 1 &&
		RTE_MBUF_DIRECT(m);
}

/** Receiver: hands over a packet. */
static inline void
ntb_epf_deliver(struct ntb_epf_ring *r, struct rte_mbuf *m, struct rte_rawdev_buf *buf)
{
	r->stats.packets++;
	r->stats.bytes += m->pkt_len;
	buf->buf_addr = m;
}

/** Sender: can this packet cross at all? */
static inline bool
ntb_epf_sendable(const struct ntb_epf_ring *r, const struct rte_mbuf *m)
{
	return m->pkt_len != 0 && m->pkt_len <= r->max_pkt_len && m->nb_segs <= NTB_EPF_MAX_SEGS &&
		(m->nb_segs != 1 || m->data_len == m->pkt_len);
}

/** Sender: is the checksum of this packet left to the receiver, who takes such packets? */
static inline bool
ntb_epf_no_cksum(const struct ntb_epf_ring *r, const struct rte_mbuf *m)
{
	return (m->ol_flags & r->ol_flags) != 0;
}

/** Sender: flags of the entry that ends a packet. */
static inline uint8_t
ntb_epf_last_flags(const struct ntb_epf_ring *r, const struct rte_mbuf *m)
{
	return ntb_epf_no_cksum(r, m) ? NTB_EPF_FLAG_CKSUM : 0;
}

/** Sender: returns what has been sent to its pools. The array is used up. */
void ntb_epf_sent_free(struct rte_mbuf **mbufs, unsigned int n);

/** Sender: is it the common case, one segment and no flags, and can it cross? */
static inline bool
ntb_epf_is_single(const struct ntb_epf_ring *r, const struct rte_mbuf *m)
{
	return m->nb_segs == 1 && m->pkt_len - 1 < r->max_pkt_len &&
		m->data_len == m->pkt_len && !ntb_epf_no_cksum(r, m);
}

/** Sender: counts a packet that was taken and whose mbuf the ring owns now. */
static inline void
ntb_epf_accepted(struct ntb_epf_ring *r, uint32_t bytes)
{
	r->stats.packets++;
	r->stats.bytes += bytes;
}

#endif /* _NTB_EPF_RXTX_H_ */
