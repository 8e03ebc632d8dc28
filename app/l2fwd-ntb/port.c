/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_lcore.h>

#include "complain.h"
#include "forward.h"
#include "port.h"

#define START_PAUSE_US 100000

uint16_t
port_buffer_bytes(uint16_t mtu)
{
	uint16_t frame = mtu + RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN;

	return RTE_PKTMBUF_HEADROOM + RTE_MAX(frame, RTE_MBUF_DEFAULT_DATAROOM);
}

const char *
port_name(uint16_t port)
{
	static char name[RTE_ETH_NAME_MAX_LEN];

	return rte_eth_dev_get_name_by_port(port, name) == 0 ? name : "?";
}

static int
failed(uint16_t port, const char *what, int error)
{
	complain("port %u (%s): %s: %s", port, port_name(port), what, strerror(-error));
	return error;
}

static int
check(uint16_t port, const struct port_conf *conf, const struct rte_eth_dev_info *info)
{
	uint16_t max = RTE_MIN(info->max_rx_queues, info->max_tx_queues);

	if (conf->queues > max) {
		complain("port %u (%s): queues: %u, expected at most %u", port, port_name(port),
			 conf->queues, max);
		return -EINVAL;
	}
	if (conf->mtu < info->min_mtu || conf->mtu > info->max_mtu) {
		complain("port %u (%s): mtu: %u, expected %u to %u", port, port_name(port),
			 conf->mtu, info->min_mtu, info->max_mtu);
		return -EINVAL;
	}
	return 0;
}

/** Network cards spread flows over queues if they can; bridges keep the sender's queue. */
static int
configure(uint16_t port, const struct port_conf *conf, const struct rte_eth_dev_info *info)
{
	struct rte_eth_conf eth = {
		.rxmode.mtu = conf->mtu,
		.txmode.offloads = info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	};

	eth.rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads &
		(RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
	if (conf->queues > 1 && eth.rx_adv_conf.rss_conf.rss_hf != 0)
		eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	return rte_eth_dev_configure(port, conf->queues, conf->queues, &eth);
}

static int
set_up_queues(uint16_t port, const struct port_conf *conf)
{
	uint16_t nb_rx = PORT_RING;
	uint16_t nb_tx = PORT_RING;
	int socket = rte_eth_dev_socket_id(port);
	int ret = rte_eth_dev_adjust_nb_rx_tx_desc(port, &nb_rx, &nb_tx);
	uint16_t q;

	for (q = 0; q < conf->queues && ret == 0; q++) {
		ret = rte_eth_rx_queue_setup(port, q, nb_rx, socket, NULL, conf->pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(port, q, nb_tx, socket, NULL);
	}
	return ret;
}

/** Some bridges cannot start before their peer has done so: then it is tried again and again. */
static int
start(uint16_t port)
{
	bool told = false;
	int ret;

	while ((ret = rte_eth_dev_start(port)) == -EAGAIN && !stopped) {
		if (!told)
			complain("port %u (%s): waiting for its peer", port, port_name(port));
		told = true;
		usleep(START_PAUSE_US);
	}
	return ret == -EAGAIN ? -EINTR : ret;
}

int
port_start(uint16_t port, const struct port_conf *conf)
{
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(port, &info);
	if (ret != 0)
		return failed(port, "cannot be asked", ret);
	ret = check(port, conf, &info);
	if (ret != 0)
		return ret;
	ret = configure(port, conf, &info);
	if (ret != 0)
		return failed(port, "cannot be configured", ret);
	ret = set_up_queues(port, conf);
	if (ret != 0)
		return failed(port, "queues cannot be set up", ret);
	/* Frames for others are what a bridge lives on. */
	ret = rte_eth_promiscuous_enable(port);
	if (ret != 0 && ret != -ENOTSUP)
		return failed(port, "cannot receive all frames", ret);
	ret = start(port);
	return ret == 0 || ret == -EINTR ? ret : failed(port, "does not start", ret);
}

bool
port_is_up(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	/* For a port of a bridge, the question is also what lets its link come up. */
	return rte_eth_link_get_nowait(port, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

void
port_close(uint16_t port)
{
	int ret = rte_eth_dev_stop(port);

	if (ret != 0)
		failed(port, "does not stop", ret);
	ret = rte_eth_dev_close(port);
	if (ret != 0)
		failed(port, "cannot be closed", ret);
}
