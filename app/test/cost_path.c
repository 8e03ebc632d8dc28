/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdbool.h>
#include <stdio.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "cost.h"
#include "cost_path.h"

/** Packets before anything is counted, and that are counted: some laps of all rings. */
#define PACKETS 1024
#define MAX_BURST 64
#define MAX_SIZE 16384
#define EMPTY_CALLS 1000
#define POOL_MBUFS 4095
#define POOL_CACHE 256

/** Calls of the receiver, which find nothing, after which a packet is taken for lost. */
#define MAX_IDLE 64

enum counted {
	COUNT_NOTHING,
	COUNT_TX,
	COUNT_RX,
};

int
cost_cases_parse(struct cost_cases *cases, const char *text)
{
	unsigned int size, burst;
	int taken;

	for (cases->n = 0; cases->n < COST_MAX_CASES; text += taken + 1) {
		taken = 0;
		if (sscanf(text, "%u:%u%n", &size, &burst, &taken) != 2 || taken == 0 ||
		    size < RTE_ETHER_HDR_LEN || size > MAX_SIZE || burst == 0 || burst > MAX_BURST)
			return -1;
		cases->at[cases->n].size = (uint16_t)size;
		cases->at[cases->n++].burst = (uint16_t)burst;
		if (text[taken] != ',')
			return text[taken] == '\0' ? 0 : -1;
	}
	return -1;
}

/** Of all cases. */
static unsigned int
longest(const struct cost_cases *cases)
{
	unsigned int size = 0;
	unsigned int i;

	for (i = 0; i < cases->n; i++)
		size = RTE_MAX(size, cases->at[i].size);
	return size;
}

struct rte_mempool *
cost_pool(const char *name, const struct cost_cases *cases)
{
	unsigned int room = RTE_MAX((unsigned int)RTE_MBUF_DEFAULT_DATAROOM,
				    longest(cases) + RTE_VLAN_HLEN);

	return rte_pktmbuf_pool_create(name, POOL_MBUFS, POOL_CACHE, 0,
				       room + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
}

int
cost_port_start(uint16_t port, struct rte_mempool *mp, const struct cost_cases *cases)
{
	const struct rte_eth_conf conf = {
		.rxmode.mtu = RTE_MAX((unsigned int)RTE_ETHER_MTU,
				      longest(cases) - RTE_ETHER_HDR_LEN),
	};
	int rc;

	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, COST_RING, SOCKET_ID_ANY, NULL, mp);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, COST_RING, SOCKET_ID_ANY, NULL);
	return rc == 0 ? rte_eth_dev_start(port) : rc;
}

/** The call of a burst function, in one place: what it takes itself is the same for all. */
static __rte_noinline uint16_t
call(eth_tx_burst_t burst, void *queue, struct rte_mbuf **pkts, uint16_t n, bool count)
{
	if (count)
		cost_begin();
	n = burst(queue, pkts, n);
	if (count)
		cost_end();
	return n;
}

static uint16_t
nothing(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	RTE_SET_USED(queue);
	RTE_SET_USED(pkts);
	return n;
}

void
cost_path_empty(void)
{
	/* Volatile: the compiler is not to make a version of call() that knows its arguments. */
	volatile eth_tx_burst_t burst = nothing;
	struct rte_mbuf **volatile pkts = NULL;
	void *volatile queue = NULL;
	volatile uint16_t n = 0;
	char label[32];
	unsigned int i;

	cost_zero();
	for (i = 0; i < EMPTY_CALLS; i++)
		call(burst, queue, pkts, n, true);
	snprintf(label, sizeof(label), "empty %u", EMPTY_CALLS);
	cost_dump(label);
}

/** Sends a burst. All of it, or there is something wrong with the path. */
static int
send_burst(const struct cost_path *path, unsigned int size, uint16_t n, bool count)
{
	const struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[path->tx];
	struct rte_mbuf *pkts[MAX_BURST];
	uint16_t i;

	if (rte_pktmbuf_alloc_bulk(path->mp, pkts, n) != 0)
		return -1;
	for (i = 0; i < n; i++) {
		pkts[i]->data_len = (uint16_t)size;
		pkts[i]->pkt_len = size;
	}
	return call(ops->tx_pkt_burst, ops->txq.data[0], pkts, n, count) == n ? 0 : -1;
}

/** Receives up to a burst of the right size. Returns how many; negative if one is of another. */
static int
receive_burst(const struct cost_path *path, unsigned int size, uint16_t n, bool count)
{
	const struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[path->rx];
	struct rte_mbuf *pkts[MAX_BURST];
	int bad = 0;
	uint16_t i;

	n = call(ops->rx_pkt_burst, ops->rxq.data[0], pkts, n, count);
	for (i = 0; i < n; i++)
		bad |= pkts[i]->pkt_len != size;
	rte_pktmbuf_free_bulk(pkts, n);
	return bad ? -1 : n;
}

/** Looks for packets where none come: what was sent before may need that to get done. */
static void
poll_sender(const struct cost_path *path, bool count)
{
	const struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[path->tx];
	struct rte_mbuf *pkts[1];

	if (call(ops->rx_pkt_burst, ops->rxq.data[0], pkts, 1, count) != 0)
		rte_pktmbuf_free(pkts[0]);
}

/** Packets, burst by burst: sent, moved, received. At the end all have arrived. */
static int
cross(const struct cost_path *path, unsigned int size, unsigned int total, uint16_t burst,
      enum counted what)
{
	unsigned int sent = 0, got = 0, idle = 0;
	int n;

	while (got < total) {
		if (sent < total) {
			if (send_burst(path, size, burst, what == COUNT_TX) != 0)
				return -1;
			sent += burst;
		} else if (idle++ < MAX_IDLE) {
			poll_sender(path, what == COUNT_TX);
		} else {
			return -1;
		}
		if (path->turn != NULL)
			path->turn();
		n = receive_burst(path, size, burst, what == COUNT_RX);
		if (n < 0)
			return -1;
		got += n;
	}
	return 0;
}

static int
run_case(const struct cost_path *path, unsigned int size, uint16_t burst)
{
	static const char * const names[] = { [COUNT_TX] = "tx", [COUNT_RX] = "rx" };
	enum counted what;
	char label[64];

	for (what = COUNT_NOTHING; what <= COUNT_RX; what++) {
		cost_zero();
		if (cross(path, size, PACKETS, burst, what) != 0) {
			fprintf(stderr, "%s: packets of %u bytes in bursts of %u do not cross\n",
				path->name, size, burst);
			return -1;
		}
		if (what == COUNT_NOTHING)
			continue;
		snprintf(label, sizeof(label), "%s %s %u %u %u", path->name, names[what], size,
			 burst, PACKETS);
		cost_dump(label);
	}
	return 0;
}

int
cost_path_run(const struct cost_path *path, const struct cost_cases *cases)
{
	unsigned int i;

	/* A receiver that publishes buffers does so when it looks. */
	receive_burst(path, 0, 1, false);
	/*
	 * One packet alone: from here on bursts begin anywhere in a ring, as they do in traffic. vhost
	 * takes what begins at multiples of four for 20 instructions less.
	 */
	if (cross(path, cases->at[0].size, 1, 1, COUNT_NOTHING) != 0)
		return -1;
	for (i = 0; i < cases->n; i++)
		if (run_case(path, cases->at[i].size, cases->at[i].burst) != 0)
			return -1;
	return 0;
}
