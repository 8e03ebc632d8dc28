/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "ntb_attr.h"
#include "ntb_ethdev.h"

/*
 * Both directions call the rawdev whatever the state of the link, because that is what advances its
 * handshake when the application does nothing but send or receive.
 */

static void
ntb_eth_bufs_init(struct rte_rawdev_buf **ptrs, struct rte_rawdev_buf *bufs)
{
	unsigned int i;

	for (i = 0; i < NTB_ETH_CHUNK; i++)
		ptrs[i] = &bufs[i];
}

void
ntb_eth_rxq_init(struct ntb_eth_rxq *rxq)
{
	ntb_eth_bufs_init(rxq->ptrs, rxq->bufs);
}

void
ntb_eth_txq_init(struct ntb_eth_txq *txq)
{
	ntb_eth_bufs_init(txq->ptrs, txq->bufs);
}

/* Take up to n <= NTB_ETH_CHUNK packets from the rawdev into rxq->bufs. */
static inline uint16_t
ntb_eth_rx_raw(struct ntb_eth_rxq *rxq, uint16_t n)
{
	int ret = rte_rawdev_dequeue_buffers(rxq->raw_id, rxq->ptrs, n,
					     ntb_eth_context(rxq->queue_id));

	if (ret <= 0)
		return 0;
	return RTE_MIN((unsigned int)ret, (unsigned int)n);
}

/*
 * A packet of several segments, as its sender may have chosen, is made one for an application that
 * did not enable scatter.
 */
static inline bool
ntb_eth_rx_acceptable(struct ntb_eth_rxq *rxq, struct rte_mbuf *m)
{
	if (likely(m->nb_segs == 1) || rxq->scatter || rte_pktmbuf_linearize(m) == 0)
		return true;
	rte_pktmbuf_free(m);
	rxq->cnt.errors++;
	return false;
}

/* Pass on those of n packets that are fit for the application. Returns how many. */
static inline uint16_t
ntb_eth_rx_pass(struct ntb_eth_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	const struct rte_rawdev_buf *buf, *end = rxq->bufs + n;
	/* Copies: for all the compiler knows, a store to an mbuf changes the originals. */
	const uint64_t keep_flags = rxq->keep_flags;
	const uint16_t port_id = rxq->port_id;
	struct rte_mbuf **good = pkts;
	uint64_t bytes = 0;
	struct rte_mbuf *m;

	for (buf = rxq->bufs; buf != end; buf++) {
		m = buf->buf_addr;
		if (unlikely(!ntb_eth_rx_acceptable(rxq, m)))
			continue;
		m->port = port_id;
		m->packet_type = RTE_PTYPE_UNKNOWN;
		m->ol_flags &= keep_flags;
		bytes += m->pkt_len;
		*good++ = m;
	}
	rxq->cnt.packets += good - pkts;
	rxq->cnt.bytes += bytes;
	return good - pkts;
}

/* Bounded by what was looked at, dropped packets included: the peer may send nothing but those. */
uint16_t
ntb_eth_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct ntb_eth_rxq *rxq = queue;
	uint16_t seen = 0, got = 0;
	uint16_t want, n;

	if (unlikely(!rte_atomic_load_explicit(&rxq->run, rte_memory_order_acquire)))
		return 0;
	while (seen < nb_pkts) {
		want = RTE_MIN(nb_pkts - seen, NTB_ETH_CHUNK);
		n = ntb_eth_rx_raw(rxq, want);
		got += ntb_eth_rx_pass(rxq, pkts + got, n);
		seen += n;
		if (n < want)
			break;
	}
	return got;
}

/* Copy a packet out of the memory window; it goes back to its own pool in any case. */
static inline struct rte_mbuf *
ntb_eth_rx_copy(struct ntb_eth_rxq *rxq, struct rte_mbuf *m)
{
	struct rte_mbuf *copy;

	m->packet_type = RTE_PTYPE_UNKNOWN;
	m->ol_flags &= rxq->keep_flags;
	copy = rte_pktmbuf_copy(m, rxq->mp, 0, UINT32_MAX);
	rte_pktmbuf_free(m);
	if (unlikely(copy == NULL)) {
		rxq->cnt.lost++;
		return NULL;
	}
	if (unlikely(!ntb_eth_rx_acceptable(rxq, copy)))
		return NULL;
	copy->port = rxq->port_id;
	rxq->cnt.packets++;
	rxq->cnt.bytes += copy->pkt_len;
	return copy;
}

/* As ntb_eth_rx_burst(), for a rawdev that receives into its memory windows only. */
uint16_t
ntb_eth_rx_burst_copy(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct ntb_eth_rxq *rxq = queue;
	uint16_t seen = 0, got = 0;
	uint16_t want, n, i;

	if (unlikely(!rte_atomic_load_explicit(&rxq->run, rte_memory_order_acquire)))
		return 0;
	while (seen < nb_pkts) {
		want = RTE_MIN(nb_pkts - seen, NTB_ETH_CHUNK);
		n = ntb_eth_rx_raw(rxq, want);
		for (i = 0; i < n; i++) {
			pkts[got] = ntb_eth_rx_copy(rxq, rxq->bufs[i].buf_addr);
			if (likely(pkts[got] != NULL))
				got++;
		}
		seen += n;
		if (n < want)
			break;
	}
	return got;
}

/*
 * The limit changes only when the link goes down and the peer comes back with another one, which
 * nobody announces. Meanwhile no packet is taken, for far longer than this, since the peer stops,
 * starts and shakes hands: only the first packets after such a pause need to ask. The limit is an
 * attribute, too slow to ask for at every burst.
 */
#define NTB_ETH_LIMIT_US 20

void
ntb_eth_txq_bind(struct ntb_eth_txq *txq, const struct ntb_eth_raw *raw)
{
	txq->raw_id = raw->id;
	txq->max_pkt_len = UINT32_MAX;
	txq->peer_cksum = false;
	txq->taken_at = 0;
	txq->limit_cycles = UINT64_MAX;
	if (raw->has_max_pkt_len)
		txq->limit_cycles = rte_get_tsc_hz() * NTB_ETH_LIMIT_US / US_PER_S;
}

static void
ntb_eth_tx_ask_limit(struct ntb_eth_txq *txq)
{
	uint64_t max, flags;

	if (rte_rawdev_get_attr(txq->raw_id, NTB_ATTR_MAX_PKT_LEN, &max) == 0)
		txq->max_pkt_len = RTE_MIN(max, (uint64_t)UINT32_MAX);
	if ((txq->cksum_flags & RTE_MBUF_F_TX_L4_MASK) != 0)
		txq->peer_cksum = rte_rawdev_get_attr(txq->raw_id, NTB_ATTR_OL_FLAGS, &flags) == 0 &&
			(flags & RTE_MBUF_F_TX_L4_MASK) != 0;
}

/*
 * The packet to hand over for m, which may be a copy; NULL: m cannot cross. One that the ring then
 * refuses goes back with checksums that are complete and no longer asked for.
 */
static inline struct rte_mbuf *
ntb_eth_tx_fit(const struct ntb_eth_txq *txq, struct rte_mbuf *m)
{
	uint64_t flags = m->ol_flags & txq->cksum_flags;

	if (txq->peer_cksum)
		flags &= ~RTE_MBUF_F_TX_L4_MASK;
	return flags == 0 ? m : ntb_eth_cksum_finish(m, flags);
}

/* Of each pair of packet and copy one is left over, depending on whether the copy was taken. */
static void
ntb_eth_tx_settle(const struct ntb_eth_txq *txq, struct rte_mbuf **pkts, uint16_t done, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (txq->bufs[i].buf_addr != pkts[i])
			rte_pktmbuf_free(i < done ? pkts[i] : txq->bufs[i].buf_addr);
	}
}

/* Hand over the packets before one that cannot cross. Returns how many were taken. */
static inline uint16_t
ntb_eth_tx_chunk(struct ntb_eth_txq *txq, struct rte_mbuf **pkts, uint16_t n, bool cksum)
{
	struct rte_mbuf *m;
	uint64_t bytes = 0;
	uint16_t done, i;
	int ret;

	/* Counted before, since a packet that was taken may be freed before the call returns. */
	for (i = 0; i < n; i++) {
		m = pkts[i];
		if (unlikely(m->pkt_len > txq->max_pkt_len))
			break;
		if (cksum)
			m = ntb_eth_tx_fit(txq, m);
		if (cksum && unlikely(m == NULL))
			break;
		bytes += m->pkt_len;
		txq->bufs[i].buf_addr = m;
	}
	if (cksum)
		txq->unfit = i < n && pkts[i]->pkt_len <= txq->max_pkt_len ? pkts[i] : NULL;
	if (unlikely(i == 0))
		return 0;
	n = i;
	ret = rte_rawdev_enqueue_buffers(txq->raw_id, txq->ptrs, n,
					 ntb_eth_context(txq->queue_id));
	done = ret > 0 ? RTE_MIN((unsigned int)ret, (unsigned int)n) : 0;
	for (i = done; i < n; i++)
		bytes -= pkts[i]->pkt_len;
	if (cksum)
		ntb_eth_tx_settle(txq, pkts, done, n);
	txq->cnt.packets += done;
	txq->cnt.bytes += bytes;
	return done;
}

/*
 * A packet was not taken. If that is because of its length or its headers, it never will be, and
 * the caller must not be left trying: drop it.
 */
static inline bool
ntb_eth_tx_drop(struct ntb_eth_txq *txq, struct rte_mbuf *m, bool cksum)
{
	if (m->pkt_len > txq->max_pkt_len)
		txq->cnt.lost++;
	else if (cksum && m == txq->unfit)
		txq->cnt.errors++;
	else
		return false;
	rte_pktmbuf_free(m);
	return true;
}

static inline uint16_t
ntb_eth_tx(struct ntb_eth_txq *txq, struct rte_mbuf **pkts, uint16_t nb_pkts, bool cksum)
{
	uint64_t now = rte_rdtsc();
	bool paused = now - txq->taken_at > txq->limit_cycles;
	uint16_t sent = 0;
	uint16_t want, n;

	if (unlikely(!rte_atomic_load_explicit(&txq->run, rte_memory_order_acquire))) {
		txq->cnt.refused += nb_pkts;
		return 0;
	}
	if (unlikely(paused))
		ntb_eth_tx_ask_limit(txq);
	while (sent < nb_pkts) {
		want = RTE_MIN(nb_pkts - sent, NTB_ETH_CHUNK);
		n = ntb_eth_tx_chunk(txq, pkts + sent, want, cksum);
		sent += n;
		if (n != 0) {
			txq->taken_at = now;
			/* The link may have come up since it was asked; now it is up. */
			if (unlikely(paused))
				ntb_eth_tx_ask_limit(txq);
			paused = false;
		}
		if (likely(n == want))
			continue;
		if (!ntb_eth_tx_drop(txq, pkts[sent], cksum))
			break;
		sent++;
	}
	txq->cnt.refused += nb_pkts - sent;
	return sent;
}

uint16_t
ntb_eth_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return ntb_eth_tx(queue, pkts, nb_pkts, false);
}

/* For an application that leaves checksums to the port. */
uint16_t
ntb_eth_tx_burst_cksum(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return ntb_eth_tx(queue, pkts, nb_pkts, true);
}

/* Both directions, in a process that has no rawdev. */
uint16_t
ntb_eth_no_burst(void *queue __rte_unused, struct rte_mbuf **pkts __rte_unused,
		 uint16_t nb_pkts __rte_unused)
{
	static bool told;

	if (!told)
		RTE_LOG(ERR, NTB_ETH, "queues polled in a secondary process: expected the primary, "
			"which owns the NTB rawdev\n");
	told = true;
	return 0;
}
