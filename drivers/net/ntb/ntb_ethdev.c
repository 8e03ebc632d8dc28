/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>

#include <rte_malloc.h>
#include <rte_string_fns.h>
#include <bus_vdev_driver.h>
#include <ethdev_vdev.h>

#include "ntb_ethdev.h"

RTE_LOG_REGISTER_DEFAULT(ntb_eth_logtype, INFO);

/* FNV-1a of a string and the 0 that ends it. */
static uint64_t
ntb_eth_hash(uint64_t hash, const char *c)
{
	do {
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	} while (*c++ != '\0');
	return hash;
}

/*
 * Default MAC: locally administered, the same at every start of a device, different for each board
 * and on the two sides of one. A hash of the names of port and device and of the rawdev's topo
 * attribute, which tells the sides apart.
 */
static void
ntb_eth_derive_mac(const struct ntb_eth_port *port, struct rte_ether_addr *mac)
{
	const char side[] = { (char)('0' + (port->raw.topo & 7)), '\0' };
	uint64_t hash = ntb_eth_hash(UINT64_C(0xcbf29ce484222325), port->name);
	unsigned int i;

	hash = ntb_eth_hash(hash, port->raw.device);
	hash = ntb_eth_hash(hash, side);
	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		mac->addr_bytes[i] = hash >> (8 * i);
	mac->addr_bytes[0] &= (uint8_t)~RTE_ETHER_GROUP_ADDR;
	mac->addr_bytes[0] |= RTE_ETHER_LOCAL_ADMIN_ADDR;
}

static void
ntb_eth_info_desc_lim(struct rte_eth_desc_lim *lim, uint16_t max)
{
	lim->nb_min = NTB_ETH_MIN_RING;
	lim->nb_max = max;
	lim->nb_align = NTB_ETH_MIN_RING;
}

static int
ntb_eth_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	bool primary = rte_eal_process_type() == RTE_PROC_PRIMARY;
	bool known = primary ? ntb_eth_raw_resolve(port) == 0 : port->raw.known;
	uint16_t queues = known ? port->raw.max_queues : NTB_ETH_MAX_QUEUES;
	uint32_t speed;

	if (port->queues_arg != 0)
		queues = RTE_MIN(queues, port->queues_arg);
	info->max_rx_queues = queues;
	info->max_tx_queues = queues;
	info->max_mac_addrs = 1;
	info->min_rx_bufsize = RTE_ETHER_MIN_LEN;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = NTB_ETH_MAX_MTU;
	info->max_rx_pktlen = ntb_eth_frame_len(NTB_ETH_MAX_MTU);
	ntb_eth_info_desc_lim(&info->rx_desc_lim, known ? port->raw.max_ring : NTB_ETH_MAX_RING);
	info->tx_desc_lim = info->rx_desc_lim;
	info->tx_desc_lim.nb_seg_max = NTB_ETH_MAX_SEGS;
	info->tx_desc_lim.nb_mtu_seg_max = NTB_ETH_MAX_SEGS;
	info->default_rxportconf.ring_size = NTB_ETH_DEFAULT_RING;
	info->default_rxportconf.burst_size = NTB_ETH_DEFAULT_BURST;
	info->default_rxportconf.nb_queues = 1;
	info->default_txportconf = info->default_rxportconf;
	info->rx_offload_capa = RTE_ETH_RX_OFFLOAD_SCATTER;
	/* The rawdev frees in bulk whatever the application promises of its mbufs. */
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	if (known && port->raw.has_ol_flags) {
		/* Applications such as l3fwd insist on the header's too. It is told as unknown. */
		info->rx_offload_capa |= NTB_ETH_RX_CKSUM | RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
		info->tx_offload_capa |= NTB_ETH_TX_CKSUM;
	}
	speed = known && primary ? ntb_eth_raw_speed(port) : RTE_ETH_SPEED_NUM_UNKNOWN;
	if (speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		info->speed_capa = rte_eth_speed_bitflag(speed, RTE_ETH_LINK_FULL_DUPLEX);
	return 0;
}

/* What the rawdev was configured with no longer holds. */
void
ntb_eth_config_changed(struct ntb_eth_port *port)
{
	if (!port->raw.started)
		ntb_eth_raw_down(port);
}

static int
ntb_eth_configure(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	uint16_t pairs = RTE_MAX(dev->data->nb_rx_queues, dev->data->nb_tx_queues);
	int ret;

	if (dev->data->nb_rx_queues == 0) {
		NTB_ETH_LOG(ERR, port,
			    "Rx queues: 0, expected at least 1: the rawdev needs a pool to fill");
		return -EINVAL;
	}
	ret = ntb_eth_raw_claim(port);
	if (ret != 0)
		return ret;
	if (pairs > port->raw.max_queues) {
		NTB_ETH_LOG(ERR, port, "queues: %u, expected at most the rawdev's %u", pairs,
			    port->raw.max_queues);
		return -EINVAL;
	}
	ntb_eth_config_changed(port);
	if (!port->mac_chosen)
		ntb_eth_derive_mac(port, &dev->data->mac_addrs[0]);
	return 0;
}

/* A frame of the MTU must fit one buffer of every Rx queue that is set up, or a chain of them. */
static int
ntb_eth_check_mtu(const struct rte_eth_dev *dev, uint16_t mtu)
{
	bool scatter = (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	const struct ntb_eth_port *port = dev->data->dev_private;
	const struct ntb_eth_rxq *rxq;
	uint32_t room;
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		rxq = dev->data->rx_queues[q];
		if (rxq == NULL)
			continue;
		room = rte_pktmbuf_data_room_size(rxq->mp) - RTE_PKTMBUF_HEADROOM;
		if (ntb_eth_frame_len(mtu) <= room * (scatter ? NTB_ETH_MAX_SEGS : 1))
			continue;
		NTB_ETH_LOG(ERR, port,
			    "mtu=%u: frames of %u bytes exceed the %u bytes of %s of Rx queue %u, "
			    "expected larger buffers%s", mtu, ntb_eth_frame_len(mtu),
			    room * (scatter ? NTB_ETH_MAX_SEGS : 1),
			    scatter ? "64 buffers" : "a buffer", q,
			    scatter ? "" : " or Rx scatter enabled");
		return -EINVAL;
	}
	return 0;
}

static int
ntb_eth_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret;

	if (mtu == dev->data->mtu)
		return 0;
	if (dev->data->dev_started) {
		NTB_ETH_LOG(ERR, port, "mtu=%u: the peer was told %u, expected a stopped port", mtu,
			    dev->data->mtu);
		return -EBUSY;
	}
	ret = ntb_eth_check_mtu(dev, mtu);
	if (ret == 0)
		ntb_eth_config_changed(port);
	return ret;
}

static int
ntb_eth_start(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret;

	ret = ntb_eth_queues_check(dev);
	if (ret == 0)
		ret = ntb_eth_check_mtu(dev, dev->data->mtu);
	if (ret == 0)
		ret = ntb_eth_raw_up(port);
	if (ret != 0)
		return ret;
	dev->tx_pkt_burst = (dev->data->dev_conf.txmode.offloads & NTB_ETH_TX_CKSUM) != 0 ?
		ntb_eth_tx_burst_cksum : ntb_eth_tx_burst;
	dev->rx_pkt_burst = port->pool.mp != NULL ? ntb_eth_rx_burst_copy : ntb_eth_rx_burst;
	dev->data->scattered_rx =
		(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	ntb_eth_set_count_ops(dev, port->raw.has_gauges);
	ntb_eth_queues_start(dev);
	return 0;
}

static int
ntb_eth_stop(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;

	ntb_eth_queues_stop(dev);
	/* Also when a start before this left the rawdev configured to wait for its peer. */
	ntb_eth_raw_down(port);
	dev->data->dev_started = 0;
	ntb_eth_link_update(dev, 0);
	return 0;
}

static int
ntb_eth_close(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	uint16_t q;

	ntb_eth_stop(dev);
	for (q = 0; q < dev->data->nb_rx_queues; q++)
		ntb_eth_rx_queue_release(dev, q);
	for (q = 0; q < dev->data->nb_tx_queues; q++)
		ntb_eth_tx_queue_release(dev, q);
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
	ntb_eth_raw_release(port);
	return 0;
}

/* The bridge joins two points: everything that arrives is for this port, whatever its address. */
static int
ntb_eth_filter_noop(struct rte_eth_dev *dev __rte_unused)
{
	return 0;
}

static int
ntb_eth_set_mc_addr_list(struct rte_eth_dev *dev __rte_unused,
			 struct rte_ether_addr *list __rte_unused, uint32_t n __rte_unused)
{
	return 0;
}

/* Nothing is filtered by it; the peer is told when a link comes up after the next start. */
static int
ntb_eth_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct ntb_eth_port *port = dev->data->dev_private;

	/* ethdev repeats the address that is set at every start. */
	if (!rte_is_same_ether_addr(mac, &dev->data->mac_addrs[0]))
		port->mac_chosen = true;
	return 0;
}

/* The address that the port had at first: of the devargs, or derived. */
static void
ntb_eth_first_mac(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;

	port->mac_chosen = port->has_mac_arg;
	if (port->has_mac_arg)
		rte_ether_addr_copy(&port->mac_arg, &dev->data->mac_addrs[0]);
	else
		ntb_eth_derive_mac(port, &dev->data->mac_addrs[0]);
}

/* Back to what a probe leaves; ethdev has stopped the port. What it configured it keeps itself. */
static int
ntb_eth_reset(struct rte_eth_dev *dev)
{
	int ret = ntb_eth_raw_reset(dev->data->dev_private);

	if (ret != 0)
		return ret;
	ntb_eth_first_mac(dev);
	ntb_eth_link_update(dev, 0);
	return ntb_eth_xstats_reset(dev);
}

NTB_STATS_GET_OP(ntb_eth_stats_get)

static const struct eth_dev_ops ntb_eth_ops = {
	.dev_infos_get = ntb_eth_infos_get,
	.dev_configure = ntb_eth_configure,
	.dev_start = ntb_eth_start,
	.dev_stop = ntb_eth_stop,
	.dev_close = ntb_eth_close,
	.dev_reset = ntb_eth_reset,
	.rx_queue_setup = ntb_eth_rx_queue_setup,
	.rx_queue_release = ntb_eth_rx_queue_release,
	.rx_queue_start = ntb_eth_rx_queue_start,
	.rx_queue_stop = ntb_eth_rx_queue_stop,
	.tx_queue_setup = ntb_eth_tx_queue_setup,
	.tx_queue_release = ntb_eth_tx_queue_release,
	.tx_queue_start = ntb_eth_tx_queue_start,
	.tx_queue_stop = ntb_eth_tx_queue_stop,
	.tx_done_cleanup = ntb_eth_tx_done_cleanup,
	.link_update = ntb_eth_link_update,
	.dev_set_link_up = ntb_eth_set_link_up,
	.dev_set_link_down = ntb_eth_set_link_down,
	.mtu_set = ntb_eth_mtu_set,
	.mac_addr_set = ntb_eth_mac_addr_set,
	.promiscuous_enable = ntb_eth_filter_noop,
	.promiscuous_disable = ntb_eth_filter_noop,
	.allmulticast_enable = ntb_eth_filter_noop,
	.allmulticast_disable = ntb_eth_filter_noop,
	.set_mc_addr_list = ntb_eth_set_mc_addr_list,
	.stats_get = ntb_eth_stats_get_op,
	.stats_reset = ntb_eth_stats_reset,
	.xstats_get = ntb_eth_xstats_get,
	.xstats_get_names = ntb_eth_xstats_get_names,
	.xstats_reset = ntb_eth_xstats_reset,
	.rxq_info_get = ntb_eth_rxq_info_get,
	.txq_info_get = ntb_eth_txq_info_get,
	.rx_burst_mode_get = ntb_eth_rx_burst_mode_get,
	.tx_burst_mode_get = ntb_eth_tx_burst_mode_get,
	.get_reg = ntb_eth_get_reg,
	.eth_dev_priv_dump = ntb_eth_priv_dump,
};

/* A secondary process has no rawdev. It sees the link as the primary saw it last. */
static int
ntb_eth_link_update_secondary(struct rte_eth_dev *dev __rte_unused, int wait __rte_unused)
{
	return 0;
}

static int
ntb_eth_close_secondary(struct rte_eth_dev *dev __rte_unused)
{
	return 0;
}

static const struct eth_dev_ops ntb_eth_ops_secondary = {
	.dev_infos_get = ntb_eth_infos_get,
	.dev_close = ntb_eth_close_secondary,
	.link_update = ntb_eth_link_update_secondary,
	.stats_get = ntb_eth_stats_get_op,
	.xstats_get = ntb_eth_xstats_get,
	.xstats_get_names = ntb_eth_xstats_get_names,
	.rxq_info_get = ntb_eth_rxq_info_get,
	.txq_info_get = ntb_eth_txq_info_get,
	.rx_burst_mode_get = ntb_eth_rx_burst_mode_get,
	.tx_burst_mode_get = ntb_eth_tx_burst_mode_get,
	.eth_dev_priv_dump = ntb_eth_priv_dump,
};

static int
ntb_eth_port_init(struct rte_eth_dev *dev, const struct ntb_eth_args *args)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct rte_ether_addr *mac;

	/* Allocated on its own because ethdev frees it when the port is released. */
	mac = rte_zmalloc_socket("ntb_mac", sizeof(*mac), 0, dev->data->numa_node);
	if (mac == NULL)
		return -ENOMEM;
	dev->data->mac_addrs = mac;
	port->data = dev->data;
	port->queues_arg = args->queues;
	ntb_eth_raw_forget(port);
	rte_strlcpy(port->name, args->name, sizeof(port->name));
	rte_strlcpy(port->raw_name, args->raw_name, sizeof(port->raw_name));
	port->has_mac_arg = args->has_mac;
	port->mac_arg = args->mac;
	ntb_eth_first_mac(dev);
	return 0;
}

static int
ntb_eth_attach_secondary(struct rte_vdev_device *vdev, const struct ntb_eth_args *args)
{
	struct rte_eth_dev *dev = rte_eth_dev_attach_secondary(args->name);

	if (dev == NULL) {
		NTB_ETH_LOG(ERR, args, "secondary process: expected a port of the primary's");
		return -ENODEV;
	}
	dev->device = &vdev->device;
	dev->dev_ops = &ntb_eth_ops_secondary;
	dev->rx_pkt_burst = ntb_eth_no_burst;
	dev->tx_pkt_burst = ntb_eth_no_burst;
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
ntb_eth_probe(struct rte_vdev_device *vdev)
{
	struct ntb_eth_args args = { .name = rte_vdev_device_name(vdev) };
	struct rte_eth_dev *dev;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return ntb_eth_attach_secondary(vdev, &args);
	ret = ntb_eth_parse_args(&args, rte_vdev_device_args(vdev));
	if (ret != 0)
		return ret;
	dev = rte_eth_vdev_allocate(vdev, sizeof(struct ntb_eth_port));
	if (dev == NULL) {
		NTB_ETH_LOG(ERR, &args, "cannot allocate an ethdev");
		return -ENOMEM;
	}
	ret = ntb_eth_port_init(dev, &args);
	if (ret != 0) {
		rte_eth_dev_release_port(dev);
		return ret;
	}
	dev->dev_ops = &ntb_eth_ops;
	dev->rx_pkt_burst = ntb_eth_rx_burst;
	dev->tx_pkt_burst = ntb_eth_tx_burst;
	dev->tx_pkt_prepare = ntb_eth_tx_prepare;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	dev->data->dev_link.link_status = RTE_ETH_LINK_DOWN;
	dev->data->dev_link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
ntb_eth_remove(struct rte_vdev_device *vdev)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(rte_vdev_device_name(vdev));

	/* Closed before, by the application. A secondary process finds what is left of it. */
	if (dev == NULL || dev->state == RTE_ETH_DEV_UNUSED)
		return 0;
	dev->dev_ops->dev_close(dev);
	return rte_eth_dev_release_port(dev);
}

static struct rte_vdev_driver ntb_eth_drv = {
	.probe = ntb_eth_probe,
	.remove = ntb_eth_remove,
};

RTE_PMD_REGISTER_VDEV(net_ntb, ntb_eth_drv);
RTE_PMD_REGISTER_PARAM_STRING(net_ntb,
	"raw=<string> "
	"queues=<1-64> "
	"mac=xx:xx:xx:xx:xx:xx");
