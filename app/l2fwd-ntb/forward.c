/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_ethdev.h>
#include <rte_ether.h>

#include "forward.h"

/** Nobody else writes it, so nothing can get between reading and writing. */
static inline void
count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/** Sends what is in an outbox. What the port does not take now is dropped: a bridge never waits. */
static void
flush(struct worker *w, uint16_t to, uint16_t queue)
{
	struct outbox *box = &w->out[to];
	uint16_t sent;

	if (box->n == 0)
		return;
	sent = rte_eth_tx_burst(w->bridge->ports[to], queue, box->pkts, box->n);
	count(&w->counters[to].sent, sent);
	if (unlikely(sent < box->n)) {
		count(&w->counters[to].refused, box->n - sent);
		rte_pktmbuf_free_bulk(box->pkts + sent, box->n - sent);
	}
	box->n = 0;
}

static inline void
post(struct worker *w, uint16_t to, struct rte_mbuf *m)
{
	struct outbox *box = &w->out[to];

	box->pkts[box->n++] = m;
}

static void
filter(struct worker *w, uint16_t from, struct rte_mbuf *m)
{
	count(&w->counters[from].filtered, 1);
	rte_pktmbuf_free(m);
}

/** To all ports but one. The frame itself goes to the last of them, clones go to the others. */
static void
flood(struct worker *w, uint16_t from, struct rte_mbuf *m)
{
	uint16_t last = w->bridge->nb_ports - 1;
	struct rte_mbuf *clone;
	uint16_t to;

	if (last == 0) {
		filter(w, from, m);
		return;
	}
	if (last == from)
		last--;
	for (to = 0; to < last; to++) {
		if (to == from)
			continue;
		clone = rte_pktmbuf_clone(m, w->bridge->pool);
		if (likely(clone != NULL))
			post(w, to, clone);
		else
			count(&w->counters[to].refused, 1);
	}
	post(w, last, m);
}

/** As a switch does: learn where the sender is, send to where the destination is. */
static void
forward_learned(struct worker *w, uint16_t from, struct rte_mbuf *m, uint32_t now)
{
	struct mac_table *table = w->bridge->table;
	const struct rte_ether_hdr *eth;
	uint16_t to;

	/* What is too short for a header has no destination. */
	if (unlikely(rte_pktmbuf_data_len(m) < sizeof(*eth))) {
		filter(w, from, m);
		return;
	}
	eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	if (rte_is_unicast_ether_addr(&eth->src_addr))
		mac_table_learn(table, eth->src_addr.addr_bytes, from, now);
	if (!rte_is_unicast_ether_addr(&eth->dst_addr) ||
	    !mac_table_find(table, eth->dst_addr.addr_bytes, now, &to))
		flood(w, from, m);
	else if (to != from)
		post(w, to, m);
	else
		filter(w, from, m);
}

/** The partner of a port: 0 and 1, 2 and 3, ... The last of an odd number has itself. */
static inline uint16_t
partner(const struct bridge *bridge, uint16_t port)
{
	uint16_t other = port ^ 1;

	return other < bridge->nb_ports ? other : port;
}

static void
forward_burst(struct worker *w, uint16_t from, uint16_t queue)
{
	const struct bridge *bridge = w->bridge;
	struct rte_mbuf *pkts[BURST];
	uint16_t n, i, to;
	uint32_t now;

	n = rte_eth_rx_burst(bridge->ports[from], queue, pkts, BURST);
	if (n == 0)
		return;
	count(&w->counters[from].received, n);
	if (bridge->table == NULL) {
		to = partner(bridge, from);
		for (i = 0; i < n; i++)
			post(w, to, pkts[i]);
		flush(w, to, queue);
		return;
	}
	now = atomic_load_explicit(&bridge->now, memory_order_relaxed);
	for (i = 0; i < n; i++)
		forward_learned(w, from, pkts[i], now);
	for (to = 0; to < bridge->nb_ports; to++)
		flush(w, to, queue);
}

void
forward_poll(struct worker *w)
{
	uint16_t queue, port;

	for (queue = w->first_queue; queue < w->bridge->queues; queue += w->bridge->nb_workers)
		for (port = 0; port < w->bridge->nb_ports; port++)
			forward_burst(w, port, queue);
}

int
forward_loop(void *worker)
{
	while (!stopped)
		forward_poll(worker);
	return 0;
}
