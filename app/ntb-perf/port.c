/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "complain.h"
#include "packet.h"
#include "perf.h"
#include "port.h"

#define CACHE 256
/** The least that every frame fits, those of protocols that speak up by themselves too. */
#define MIN_MTU 1500

static int
failed(const struct port *port, const char *what, int ret)
{
	complain("port %s: %s: %s", port->name, what, rte_strerror(-ret));
	return EXIT_FAILURE;
}

/** Buffers for full rings, bursts and caches, of one segment each. */
static int
make_pool(struct port *port, const struct port_options *o)
{
	unsigned int n = (unsigned int)(o->queues * (3 * o->depth + 4 * o->burst)) +
			 2 * CACHE * rte_lcore_count();
	unsigned int room = (unsigned int)RTE_MAX(o->size, (uint64_t)RTE_MBUF_DEFAULT_DATAROOM);
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "perf_%u", port->id);
	port->pool = rte_pktmbuf_pool_create(name, n, CACHE, 0,
					     (uint16_t)(room + RTE_PKTMBUF_HEADROOM),
					     rte_eth_dev_socket_id(port->id));
	if (port->pool == NULL) {
		complain("port %s: %u buffers of %u bytes: %s", port->name, n, room,
			 rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	return 0;
}

static int
check_queues(const struct port *port, const struct rte_eth_dev_info *info,
	     const struct port_options *o)
{
	unsigned int most = RTE_MIN(info->max_rx_queues, info->max_tx_queues);

	if (o->queues <= most)
		return 0;
	complain("argument queues: \"%u\": expected at most %u, which port %s has",
		 (unsigned int)o->queues, most, port->name);
	return EXIT_USAGE;
}

/** As frames of @p size need it, or as much of that as the port has. */
static unsigned int
mtu_for(const struct rte_eth_dev_info *info, unsigned int size)
{
	unsigned int mtu = RTE_MAX(size - RTE_ETHER_HDR_LEN, (unsigned int)MIN_MTU);
	unsigned int overhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

	/* Some ports have no limit to the MTU but one to the frame, and carry longer ones. */
	mtu = RTE_MIN(mtu, (unsigned int)info->max_mtu);
	return RTE_MIN(mtu, info->max_rx_pktlen - overhead);
}

static int
configure(const struct port *port, const struct port_options *o)
{
	uint16_t queues = (uint16_t)o->queues;
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(port->id, &info);
	if (ret != 0)
		return failed(port, "cannot be asked what it is", ret);
	ret = check_queues(port, &info, o);
	if (ret != 0)
		return ret;
	conf.rxmode.mtu = mtu_for(&info, (unsigned int)o->size);
	conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	ret = rte_eth_dev_configure(port->id, queues, queues, &conf);
	return ret == 0 ? 0 : failed(port, "cannot be configured", ret);
}

static int
set_up_queues(const struct port *port, const struct port_options *o)
{
	int socket = rte_eth_dev_socket_id(port->id);
	uint16_t depth = (uint16_t)o->depth;
	uint16_t q;
	int ret;

	for (q = 0; q < o->queues; q++) {
		ret = rte_eth_rx_queue_setup(port->id, q, depth, (unsigned int)socket, NULL,
					     port->pool);
		if (ret != 0)
			return failed(port, "Rx queue", ret);
		ret = rte_eth_tx_queue_setup(port->id, q, depth, (unsigned int)socket, NULL);
		if (ret != 0)
			return failed(port, "Tx queue", ret);
	}
	return 0;
}

int
port_open(struct port *port, const char *name, const struct port_options *options)
{
	int ret;

	*port = (struct port){ .name = name };
	if (rte_eth_dev_get_port_by_name(name, &port->id) != 0) {
		complain("port \"%s\": expected the name of an Ethernet port of this process",
			 name);
		return EXIT_USAGE;
	}
	ret = configure(port, options);
	if (ret == 0)
		ret = make_pool(port, options);
	if (ret == 0)
		ret = set_up_queues(port, options);
	if (ret != 0)
		return ret;
	ret = rte_eth_dev_start(port->id);
	if (ret != 0)
		return failed(port, "cannot be started", ret);
	port->started = true;
	return 0;
}

void
port_close(struct port *port)
{
	int ret;

	if (port->started) {
		ret = rte_eth_dev_stop(port->id);
		if (ret != 0)
			failed(port, "cannot be stopped", ret);
		rte_eth_dev_close(port->id);
		port->started = false;
	}
}

void
port_free(struct port *port)
{
	rte_mempool_free(port->pool);
	port->pool = NULL;
}

static bool
link_is_up(const struct port *port)
{
	struct rte_eth_link link;

	return rte_eth_link_get_nowait(port->id, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

int
port_wait_links(const struct port *ports, unsigned int n, double seconds)
{
	uint64_t until = rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());
	unsigned int down, i;

	for (;;) {
		down = n;
		for (i = 0; i < n; i++)
			if (!link_is_up(&ports[i]))
				down = i;
		if (down == n)
			return 0;
		if (perf_stopped != 0 || rte_rdtsc() > until)
			break;
		rte_delay_us_sleep(1000);
	}
	complain("port %s: expected the link to come up within %g s", ports[down].name, seconds);
	return EXIT_FAILURE;
}
