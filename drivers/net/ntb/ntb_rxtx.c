/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_branch_prediction.h>

#include "ntb_attr.h"
#include "ntb_ethdev.h"

/*
 * Both directions call the rawdev whatever the state of the link, because that is what advances its
 * handshake when the application does nothing but send or receive.
 */

/* Flags that describe an mbuf's buffer; all others are what its last user left behind. */
#define NTB_ETH_BUF_FLAGS (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)

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

static inline void *
ntb_eth_context(uint16_t queue_id)
{
	return (void *)(uintptr_t)queue_id;
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

static inline uint16_t
ntb_eth_rx_chunk(struct ntb_eth_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t done = ntb_eth_rx_raw(rxq, n);
	uint64_t bytes = 0;
	struct rte_mbuf *m;
	uint16_t i;

	for (i = 0; i < done; i++) {
		m = rxq->bufs[i].buf_addr;
		m->port = rxq->port_id;
		m->packet_type = RTE_PTYPE_UNKNOWN;
		m->ol_flags &= NTB_ETH_BUF_FLAGS;
		bytes += m->pkt_len;
		pkts[i] = m;
	}
	rxq->cnt.packets += done;
	rxq->cnt.bytes += bytes;
	return done;
}

uint16_t
ntb_eth_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct ntb_eth_rxq *rxq = queue;
	uint16_t got = 0;
	uint16_t want, n;

	while (got < nb_pkts) {
		want = RTE_MIN(nb_pkts - got, NTB_ETH_CHUNK);
		n = ntb_eth_rx_chunk(rxq, pkts + got, want);
		got += n;
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
	m->ol_flags &= NTB_ETH_BUF_FLAGS;
	copy = rte_pktmbuf_copy(m, rxq->mp, 0, UINT32_MAX);
	rte_pktmbuf_free(m);
	if (unlikely(copy == NULL)) {
		rxq->cnt.lost++;
		return NULL;
	}
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
	uint16_t got = 0;
	uint16_t want, n, i;

	while (got < nb_pkts) {
		want = RTE_MIN(nb_pkts - got, NTB_ETH_CHUNK);
		n = ntb_eth_rx_raw(rxq, want);
		for (i = 0; i < n; i++) {
			pkts[got] = ntb_eth_rx_copy(rxq, rxq->bufs[i].buf_addr);
			if (likely(pkts[got] != NULL))
				got++;
		}
		if (n < want)
			break;
	}
	return got;
}

/*
 * The limit changes with the link, which nobody announces. A frame of ordinary size is taken to
 * pass if it did since a packet was last refused, as all are without a link, or a link query saw a
 * change; for a longer one the rawdev is asked, at a cost that drowns in that of its bytes.
 */
#define NTB_ETH_SURE_LEN (RTE_ETHER_MTU + NTB_ETH_OVERHEAD)

/* Bytes of the longest packet that may be sent now. */
static uint64_t
ntb_eth_tx_limit(struct ntb_eth_txq *txq)
{
	uint64_t max = UINT32_MAX;

	uint32_t sure = UINT32_MAX;

	if (txq->has_max_pkt_len) {
		if (rte_rawdev_get_attr(txq->raw_id, NTB_ATTR_MAX_PKT_LEN, &max) < 0)
			max = UINT32_MAX;
		sure = RTE_MIN(max, (uint64_t)NTB_ETH_SURE_LEN);
	}
	rte_atomic_store_explicit(&txq->sure_len, sure, rte_memory_order_relaxed);
	return max;
}

/* How many of n packets there are before one that is too long. */
static uint16_t
ntb_eth_tx_passing(struct ntb_eth_txq *txq, const uint32_t *len, uint16_t n)
{
	uint64_t max = ntb_eth_tx_limit(txq);
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (len[i] > max)
			break;
	}
	return i;
}

static inline uint16_t
ntb_eth_tx_chunk(struct ntb_eth_txq *txq, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t len[NTB_ETH_CHUNK];
	uint32_t longest = 0;
	uint64_t bytes = 0;
	uint16_t done, i;
	int ret;

	/* A packet that was taken may be freed before the call returns. */
	for (i = 0; i < n; i++) {
		txq->bufs[i].buf_addr = pkts[i];
		len[i] = pkts[i]->pkt_len;
		longest = RTE_MAX(longest, len[i]);
	}
	if (unlikely(longest > rte_atomic_load_explicit(&txq->sure_len,
							rte_memory_order_relaxed))) {
		n = ntb_eth_tx_passing(txq, len, n);
		if (n == 0)
			return 0;
	}
	ret = rte_rawdev_enqueue_buffers(txq->raw_id, txq->ptrs, n,
					 ntb_eth_context(txq->queue_id));
	if (ret <= 0)
		return 0;
	done = RTE_MIN((unsigned int)ret, (unsigned int)n);
	for (i = 0; i < done; i++)
		bytes += len[i];
	txq->cnt.packets += done;
	txq->cnt.bytes += bytes;
	return done;
}

/*
 * A packet was not taken. If that is because of its length, it never will be, and the caller must
 * not be left trying: drop it.
 */
static bool
ntb_eth_tx_drop_long(struct ntb_eth_txq *txq, struct rte_mbuf *m)
{
	if (m->pkt_len <= ntb_eth_tx_limit(txq))
		return false;
	rte_pktmbuf_free(m);
	txq->cnt.lost++;
	return true;
}

uint16_t
ntb_eth_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct ntb_eth_txq *txq = queue;
	uint16_t sent = 0;
	uint16_t want, n;

	while (sent < nb_pkts) {
		want = RTE_MIN(nb_pkts - sent, NTB_ETH_CHUNK);
		n = ntb_eth_tx_chunk(txq, pkts + sent, want);
		sent += n;
		if (likely(n == want))
			continue;
		if (!ntb_eth_tx_drop_long(txq, pkts[sent])) {
			ntb_eth_txq_forget_limit(txq);
			break;
		}
		sent++;
	}
	txq->cnt.refused += nb_pkts - sent;
	return sent;
}
