/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include <rte_lcore.h>

#include "ntb_epf_rxtx.h"

/*
 * A burst marks its ring busy, then looks whether it may run; the link service takes the permission
 * away, then looks whether the ring is busy. Both accesses of a burst, and the service's barrier
 * between its two, are in one order (seq_cst; acquire may overtake the mark on some machines), so at
 * least one of them sees the other. Nobody waits: a ring that another lcore is finishing is left alone.
 */
static inline bool
ring_enter(struct ntb_epf_ring *r)
{
	if (unlikely(rte_atomic_exchange_explicit(&r->busy, 1, rte_memory_order_seq_cst) != 0))
		return false;
	if (likely(rte_atomic_load_explicit(&r->run, rte_memory_order_seq_cst) != 0))
		return true;
	rte_atomic_store_explicit(&r->busy, 0, rte_memory_order_release);
	return false;
}

static inline void
ring_leave(struct ntb_epf_ring *r)
{
	rte_atomic_store_explicit(&r->busy, 0, rte_memory_order_release);
}

/** Books copies that succeeded on slots that have one, as far as these are in a row. */
static inline uint32_t
book_run(struct ntb_epf_ring *r, uint32_t n)
{
	uint32_t max = ntb_epf_run_max(r, r->copied, RTE_MIN(n, r->sq - r->copied));
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->copied);
	uint32_t i;

	for (i = 0; i < max && slot->copies == 1; i++, slot++)
		slot->copies = 0;
	r->copied += i;
	return i;
}

static void
book_one(struct ntb_epf_ring *r, uint32_t *n, uint8_t flags)
{
	struct ntb_epf_slot *slot = ntb_epf_slot(r, r->copied);
	uint32_t part = RTE_MIN(*n, (uint32_t)slot->copies);

	slot->copies -= part;
	if (part != 0)
		slot->flags |= flags;
	*n -= part;
	if (slot->copies == 0)
		r->copied++;
}

static void
book_on_slots(struct ntb_epf_ring *r, uint32_t n, uint8_t flags)
{
	/* Slots that needed no copy may have been retired past the mark. */
	if ((int32_t)(r->cq - r->copied) > 0)
		r->copied = r->cq;
	while (n > 0 && r->copied != r->sq) {
		if (likely(flags == 0))
			n -= book_run(r, n);
		if (n != 0 && r->copied != r->sq)
			book_one(r, &n, flags);
	}
}

static inline void
book_copies(struct ntb_epf_ring *r, uint32_t n, bool failed)
{
	if (r->commit.stage != NULL)
		ntb_epf_commit_book(r, n, failed);
	else
		book_on_slots(r, n, failed ? NTB_EPF_FLAG_ERROR : 0);
}

static void
book_failures(struct ntb_epf_ring *r)
{
	enum rte_dma_status_code status[NTB_EPF_STASH];
	uint16_t last;
	uint16_t n = rte_dma_completed_status(r->share.dma, 0, NTB_EPF_STASH, &last, status);
	uint16_t i;

	r->share.room += n;
	for (i = 0; i < n; i++)
		book_copies(r, 1, status[i] != RTE_DMA_STATUS_SUCCESSFUL);
}

/** Others look at the channel, too: what has ended has been counted. */
static void
collect_shared(struct ntb_epf_ring *r, bool inside)
{
	bool failed;
	uint32_t n;

	if (inside)
		ntb_epf_chan_collect(r->share.chan);
	while ((n = ntb_epf_share_ended(&r->share, &failed)) != 0)
		book_copies(r, n, failed);
}

void
ntb_epf_copies_collect(struct ntb_epf_ring *r, bool inside)
{
	bool failed = false;
	uint16_t last;
	uint16_t n;

	if (unlikely(r->share.shared)) {
		collect_shared(r, inside);
		return;
	}
	n = rte_dma_completed(r->share.dma, 0, NTB_EPF_DMA_BURST, &last, &failed);
	r->share.room += n;
	if (n != 0)
		book_copies(r, n, false);
	if (unlikely(failed))
		book_failures(r);
}

struct rte_mbuf *
ntb_epf_mbufs_for(struct ntb_epf_ring *r, uint32_t len)
{
	struct rte_mbuf *head = NULL;
	struct rte_mbuf *tail = NULL;

	while (len != 0) {
		struct rte_mbuf *m = ntb_epf_mbuf_next(r);
		uint32_t part = RTE_MIN(len, r->buf_room);

		if (m == NULL) {
			rte_pktmbuf_free(head);
			return NULL;
		}
		m->data_len = (uint16_t)part;
		m->pkt_len = part;
		if (head == NULL) {
			head = m;
		} else {
			tail->next = m;
			head->nb_segs++;
			head->pkt_len += part;
		}
		tail = m;
		len -= part;
	}
	return head;
}

void
ntb_epf_sent_free(struct rte_mbuf **mbufs, unsigned int n)
{
	struct rte_mempool *mp = NULL;
	unsigned int same = 0; /* of this pool, at the front of the array */
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = mbufs[i];

		if (unlikely(m->nb_segs != 1)) {
			rte_pktmbuf_free(m);
			continue;
		}
		m = rte_pktmbuf_prefree_seg(m);
		if (unlikely(m == NULL))
			continue;
		if (unlikely(m->pool != mp)) {
			if (same != 0)
				rte_mempool_put_bulk(mp, (void **)mbufs, same);
			mp = m->pool;
			same = 0;
		}
		mbufs[same++] = m;
	}
	if (same != 0)
		rte_mempool_put_bulk(mp, (void **)mbufs, same);
}

static void
chain_drop(struct ntb_epf_ring *r)
{
	rte_pktmbuf_free(r->chain);
	r->chain = NULL;
	r->chain_tail = NULL;
}

static void
chain_append(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	struct rte_mbuf *tail = rte_pktmbuf_lastseg(m);

	if (r->chain == NULL) {
		r->chain = m;
	} else {
		r->chain_tail->next = m;
		r->chain->nb_segs += m->nb_segs;
		r->chain->pkt_len += m->pkt_len;
	}
	r->chain_tail = tail;
}

struct rte_mbuf *
ntb_epf_chain_add(struct ntb_epf_ring *r, struct rte_mbuf *m, uint32_t len, uint8_t flags)
{
	if (m == NULL || len == 0 || (flags & NTB_EPF_FLAG_ERROR) != 0)
		r->chain_bad = true;
	else if (r->chain != NULL && (r->chain->nb_segs + m->nb_segs > NTB_EPF_MAX_SEGS ||
				      len > r->max_pkt_len - r->chain->pkt_len))
		r->chain_bad = true;
	else if (len > r->max_pkt_len)
		r->chain_bad = true;

	if (r->chain_bad) {
		rte_pktmbuf_free(m);
		chain_drop(r);
	} else {
		chain_append(r, m);
	}
	return ntb_epf_chain_end(r, flags);
}

struct rte_mbuf *
ntb_epf_chain_end(struct ntb_epf_ring *r, uint8_t flags)
{
	struct rte_mbuf *done = r->chain;

	if ((flags & NTB_EPF_FLAG_MORE) != 0)
		return NULL;

	if (done != NULL && r->takes_cksum && (flags & NTB_EPF_FLAG_CKSUM) != 0)
		done->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
	r->stats.errors += r->chain_bad;
	r->chain_bad = false;
	r->chain = NULL;
	r->chain_tail = NULL;
	return done;
}

static unsigned int
tx_burst(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	unsigned int sent;

	r->lcore = rte_lcore_id();
	if (r->role == NTB_EPF_ROLE_PUSH_TX)
		sent = ntb_epf_push_tx(r, bufs, count);
	else if (r->role == NTB_EPF_ROLE_CPU_TX)
		sent = ntb_epf_cpu_tx(r, bufs, count);
	else
		sent = ntb_epf_pull_tx(r, bufs, count);
	r->stats.ring_full += count - sent;
	return sent;
}

int
ntb_epf_enqueue(struct rte_rawdev *rawdev, struct rte_rawdev_buf **bufs, unsigned int count,
		rte_rawdev_obj_t context)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	uintptr_t queue = (uintptr_t)context;
	struct ntb_epf_ring *r;
	unsigned int sent;

	if (unlikely(queue >= dev->nb_rings))
		return -EINVAL;
	/* First: a lcore that comes here rarely must not send to a peer that has gone meanwhile. */
	ntb_epf_service(dev);
	ntb_epf_exec_poll(dev);
	r = &dev->queues[queue].tx;
	if (unlikely(!ring_enter(r)))
		return 0;
	sent = tx_burst(r, bufs, count);
	ring_leave(r);
	return sent;
}

/*
 * A pushed packet is delivered when the copy has ended and the core has written the entry. A sender
 * that has nothing more to send would leave its last packets there: its receive polls finish them.
 */
static inline void
finish_sent(struct ntb_epf_ring *tx)
{
	if (tx->role != NTB_EPF_ROLE_PUSH_TX || tx->lcore != rte_lcore_id() ||
	    tx->lcore == LCORE_ID_ANY || tx->sq == tx->cq)
		return;
	if (unlikely(!ring_enter(tx)))
		return;
	ntb_epf_push_tx_reap(tx);
	ring_leave(tx);
}

int
ntb_epf_dequeue(struct rte_rawdev *rawdev, struct rte_rawdev_buf **bufs, unsigned int count,
		rte_rawdev_obj_t context)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	uintptr_t queue = (uintptr_t)context;
	struct ntb_epf_ring *r;
	unsigned int received;

	if (unlikely(queue >= dev->nb_rings))
		return -EINVAL;
	ntb_epf_service(dev);
	ntb_epf_exec_poll(dev);
	r = &dev->queues[queue].rx;
	if (unlikely(!ring_enter(r)))
		return 0;
	if (r->role == NTB_EPF_ROLE_PUSH_RX)
		received = ntb_epf_push_rx(r, bufs, count);
	else if (r->role == NTB_EPF_ROLE_CPU_RX)
		received = ntb_epf_cpu_rx(r, bufs, count);
	else
		received = ntb_epf_pull_rx(r, bufs, count);
	ring_leave(r);
	finish_sent(&dev->queues[queue].tx);
	return received;
}

/** Longest wait for copies of what was sent, milliseconds. */
#define NTB_EPF_FLUSH_MS 100

void
ntb_epf_flush_sent(struct ntb_epf_dev *dev)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / 1000 * NTB_EPF_FLUSH_MS;
	uint16_t i;

	for (i = 0; i < dev->nb_rings; i++) {
		struct ntb_epf_ring *tx = &dev->queues[i].tx;
		bool left = true;

		/* Somebody inside sends, or takes the link down: both look after it. */
		while (left && ring_enter(tx)) {
			if (tx->role == NTB_EPF_ROLE_PUSH_TX)
				ntb_epf_push_tx_reap(tx);
			left = tx->role == NTB_EPF_ROLE_PUSH_TX && tx->sq != tx->cq &&
				rte_rdtsc() < end;
			ring_leave(tx);
		}
	}
}

void
ntb_epf_ring_reset(struct ntb_epf_ring *r, enum ntb_epf_role role, uint32_t tag)
{
	r->role = role;
	r->sq = 0;
	r->cq = 0;
	r->copied = 0;
	r->idle_sq = 0;
	r->sq_lap = ntb_epf_lap_first(tag);
	r->cq_lap = r->sq_lap;
	r->lcore = LCORE_ID_ANY;
	memset(r->slots, 0, sizeof(*r->slots) * (r->mask + 1));
}

static bool
is_mover(const struct ntb_epf_ring *r)
{
	return r->role == NTB_EPF_ROLE_PUSH_TX || r->role == NTB_EPF_ROLE_PULL_RX;
}

bool
ntb_epf_ring_drain(struct ntb_epf_ring *r)
{
	bool inside;

	/* A channel that has been stopped does nothing more. */
	if (!is_mover(r) || ntb_epf_share_under_way(&r->share) == 0 || !r->share.chan->started)
		return true;
	inside = ntb_epf_share_enter(&r->share);
	ntb_epf_copies_collect(r, inside);
	if (inside)
		ntb_epf_share_leave(&r->share);
	return ntb_epf_share_under_way(&r->share) == 0;
}

uint32_t
ntb_epf_ring_given(const struct ntb_epf_ring *r)
{
	bool given = r->role == NTB_EPF_ROLE_PUSH_RX || r->role == NTB_EPF_ROLE_PULL_TX;

	return given ? r->sq - r->cq : 0;
}

uint32_t
ntb_epf_ring_pending(const struct ntb_epf_ring *r)
{
	return r->role != NTB_EPF_ROLE_NONE ? r->sq - r->cq : 0;
}

/** Mover: what is being copied, and what has been published behind it. */
static uint32_t
published(const struct ntb_epf_ring *r)
{
	struct ntb_epf_lap lap = r->sq_lap;
	uint32_t number = r->sq;
	uint32_t start = r->cq;
	uint64_t addr, ent;

	while (number - start <= r->mask && ntb_epf_sqe_read(r, &lap, number, &addr, &ent))
		number = ntb_epf_lap_next(&lap, number, r->mask);
	return number - start;
}

/** Publisher: completions, of buffers that were given away. */
static uint32_t
completed(const struct ntb_epf_ring *r)
{
	struct ntb_epf_lap lap = r->cq_lap;
	uint32_t given = r->sq - r->cq;
	uint32_t number = r->cq;
	uint32_t n = 0;

	/* Read from another thread the numbers may not fit together; the count is bounded anyway. */
	for (; n < given && n <= r->mask; n++) {
		const uint8_t *cqe = r->local + (uint64_t)(number & r->mask) * NTB_EPF_CQE_BYTES;

		if (!ntb_epf_ent_is_new(&lap, ntb_epf_load64(cqe)))
			break;
		number = ntb_epf_lap_next(&lap, number, r->mask);
	}
	return n;
}

uint32_t
ntb_epf_ring_ready(const struct ntb_epf_ring *r)
{
	if (rte_atomic_load_explicit(&r->run, rte_memory_order_acquire) == 0)
		return 0;
	return is_mover(r) ? published(r) : completed(r);
}

void
ntb_epf_ring_abandon(struct ntb_epf_ring *r)
{
	r->share.room = r->share.cap;
}

void
ntb_epf_ring_release(struct ntb_epf_ring *r)
{
	for (; r->cq != r->sq; r->cq++) {
		struct ntb_epf_slot *slot = ntb_epf_slot(r, r->cq);

		rte_pktmbuf_free(slot->mbuf);
		slot->mbuf = NULL;
	}
	chain_drop(r);
	r->chain_bad = false;
	rte_pktmbuf_free_bulk(r->stash, r->nb_stash);
	r->nb_stash = 0;
	r->role = NTB_EPF_ROLE_NONE;
}
