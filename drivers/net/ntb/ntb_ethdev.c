/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>
#include <bus_vdev_driver.h>
#include <ethdev_vdev.h>

#include "ntb_ethdev.h"

#define NTB_ETH_ARG_RAW "raw"
#define NTB_ETH_ARG_QUEUES "queues"
#define NTB_ETH_ARG_MAC "mac"

/* A link query that waits: the handshake takes a few exchanges with a polling peer. */
#define NTB_ETH_LINK_WAIT_MS 1000

RTE_LOG_REGISTER_DEFAULT(ntb_eth_logtype, INFO);

/*
 * Default MAC: locally administered, the same at every start of a device, different on the two
 * sides of a bridge. FNV-1a over the port's name and the rawdev's topo attribute, which tells the
 * sides apart.
 */
static void
ntb_eth_derive_mac(const struct ntb_eth_port *port, struct rte_ether_addr *mac)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *c;
	unsigned int i;

	for (c = port->name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	hash = (hash ^ (port->raw.topo & 0xff)) * UINT64_C(0x100000001b3);
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
	bool known = ntb_eth_raw_resolve(port) == 0;
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
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	speed = known ? ntb_eth_raw_speed(port) : RTE_ETH_SPEED_NUM_UNKNOWN;
	if (speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		info->speed_capa = rte_eth_speed_bitflag(speed, RTE_ETH_LINK_FULL_DUPLEX);
	return 0;
}

/* What the rawdev was configured with no longer holds. */
static void
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
	if (port->mac_source == NTB_ETH_MAC_DERIVED)
		ntb_eth_derive_mac(port, &dev->data->mac_addrs[0]);
	return 0;
}

static int
ntb_eth_check_ring(const struct ntb_eth_port *port, const char *what, uint16_t q, uint16_t nb_desc)
{
	if (nb_desc >= NTB_ETH_MIN_RING && nb_desc <= port->raw.max_ring &&
	    rte_is_power_of_2(nb_desc))
		return 0;
	NTB_ETH_LOG(ERR, port, "%s queue %u: nb_desc=%u, expected a power of two from %u to %u",
		    what, q, nb_desc, NTB_ETH_MIN_RING, port->raw.max_ring);
	return -EINVAL;
}

static int
ntb_eth_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
		       unsigned int socket_id, const struct rte_eth_rxconf *conf __rte_unused,
		       struct rte_mempool *mp)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct ntb_eth_rxq *rxq;
	int ret = ntb_eth_check_ring(port, "Rx", q, nb_desc);

	if (ret != 0)
		return ret;
	if (mp == NULL) {
		NTB_ETH_LOG(ERR, port, "Rx queue %u: no mempool, expected exactly one", q);
		return -EINVAL;
	}
	rxq = rte_zmalloc_socket("ntb_rxq", sizeof(*rxq), RTE_CACHE_LINE_SIZE, socket_id);
	if (rxq == NULL)
		return -ENOMEM;
	rxq->queue_id = q;
	rxq->port_id = dev->data->port_id;
	rxq->nb_desc = nb_desc;
	rxq->mp = mp;
	ntb_eth_rxq_init(rxq);
	ntb_eth_config_changed(port);
	dev->data->rx_queues[q] = rxq;
	return 0;
}

static int
ntb_eth_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
		       unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct ntb_eth_txq *txq;
	uint16_t thresh;
	int ret = ntb_eth_check_ring(port, "Tx", q, nb_desc);

	if (ret != 0)
		return ret;
	thresh = conf->tx_free_thresh != 0 ? conf->tx_free_thresh : nb_desc / 4;
	/* raw_ntb keeps 3 entries free. */
	if (thresh >= nb_desc - 3) {
		NTB_ETH_LOG(ERR, port,
			    "Tx queue %u: tx_free_thresh=%u, expected less than nb_desc - 3 = %d",
			    q, thresh, nb_desc - 3);
		return -EINVAL;
	}
	txq = rte_zmalloc_socket("ntb_txq", sizeof(*txq), RTE_CACHE_LINE_SIZE, socket_id);
	if (txq == NULL)
		return -ENOMEM;
	txq->queue_id = q;
	txq->nb_desc = nb_desc;
	txq->free_thresh = thresh;
	ntb_eth_txq_init(txq);
	ntb_eth_config_changed(port);
	dev->data->tx_queues[q] = txq;
	return 0;
}

static void
ntb_eth_rx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	ntb_eth_config_changed(dev->data->dev_private);
	rte_free(dev->data->rx_queues[q]);
	dev->data->rx_queues[q] = NULL;
}

static void
ntb_eth_tx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	ntb_eth_config_changed(dev->data->dev_private);
	rte_free(dev->data->tx_queues[q]);
	dev->data->tx_queues[q] = NULL;
}

/* A frame of the MTU must fit one buffer of every Rx queue that is set up, or be scattered. */
static int
ntb_eth_check_mtu(const struct rte_eth_dev *dev, uint16_t mtu)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	const struct ntb_eth_rxq *rxq;
	uint32_t room;
	uint16_t q;

	if ((dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0)
		return 0;
	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		rxq = dev->data->rx_queues[q];
		if (rxq == NULL)
			continue;
		room = rte_pktmbuf_data_room_size(rxq->mp) - RTE_PKTMBUF_HEADROOM;
		if (ntb_eth_frame_len(mtu) <= room)
			continue;
		NTB_ETH_LOG(ERR, port,
			    "mtu=%u: frames of %u bytes exceed the %u bytes of a buffer of Rx "
			    "queue %u, expected larger buffers or Rx scatter enabled",
			    mtu, ntb_eth_frame_len(mtu), room, q);
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
ntb_eth_check_queues(const struct rte_eth_dev *dev)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		if (dev->data->rx_queues[q] == NULL) {
			NTB_ETH_LOG(ERR, port, "Rx queue %u of %u is not set up", q,
				    dev->data->nb_rx_queues);
			return -EINVAL;
		}
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		if (dev->data->tx_queues[q] == NULL) {
			NTB_ETH_LOG(ERR, port, "Tx queue %u of %u is not set up", q,
				    dev->data->nb_tx_queues);
			return -EINVAL;
		}
	}
	return 0;
}

static void
ntb_eth_set_queue_states(struct rte_eth_dev *dev, uint8_t state)
{
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++)
		dev->data->rx_queue_state[q] = state;
	for (q = 0; q < dev->data->nb_tx_queues; q++)
		dev->data->tx_queue_state[q] = state;
}

/* Publish a link state; a change is logged and counted once, whichever thread sees it. */
static int
ntb_eth_link_publish(struct rte_eth_dev *dev, const struct rte_eth_link *link)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret = rte_eth_linkstatus_set(dev, link);

	if (ret != 0)
		return ret;
	port->link_changes++;
	if (link->link_status == RTE_ETH_LINK_DOWN)
		NTB_ETH_LOG(INFO, port, "link down");
	else if (link->link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		NTB_ETH_LOG(INFO, port, "link up");
	else
		NTB_ETH_LOG(INFO, port, "link up, %u Mb/s", link->link_speed);
	return 0;
}

static int
ntb_eth_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct rte_eth_link link;
	unsigned int ms;

	ntb_eth_raw_link_get(port, &link);
	if (wait_to_complete != 0 && port->raw.started) {
		for (ms = 0; ms < NTB_ETH_LINK_WAIT_MS &&
		     link.link_status == RTE_ETH_LINK_DOWN; ms++) {
			rte_delay_us_sleep(1000);
			ntb_eth_raw_link_get(port, &link);
		}
	}
	return ntb_eth_link_publish(dev, &link);
}

static int
ntb_eth_start(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret;

	ret = ntb_eth_check_queues(dev);
	if (ret == 0)
		ret = ntb_eth_check_mtu(dev, dev->data->mtu);
	if (ret == 0)
		ret = ntb_eth_raw_up(port);
	if (ret != 0)
		return ret;
	dev->rx_pkt_burst = port->pool.mp != NULL ? ntb_eth_rx_burst_copy : ntb_eth_rx_burst;
	dev->data->scattered_rx =
		(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	ntb_eth_set_queue_states(dev, RTE_ETH_QUEUE_STATE_STARTED);
	return 0;
}

static int
ntb_eth_stop(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;

	/* Also when a start before this left the rawdev configured to wait for its peer. */
	ntb_eth_raw_down(port);
	dev->data->dev_started = 0;
	ntb_eth_set_queue_states(dev, RTE_ETH_QUEUE_STATE_STOPPED);
	ntb_eth_link_update(dev, 0);
	return 0;
}

static int
ntb_eth_close(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	uint16_t q;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
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
ntb_eth_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret = 0;

	/* ethdev repeats the address that is set at every start. */
	if (rte_is_same_ether_addr(mac, &dev->data->mac_addrs[0]))
		return 0;
	if (port->raw.started)
		ret = ntb_eth_raw_set_mac(port, mac);
	else
		ntb_eth_config_changed(port);
	if (ret == 0)
		port->mac_source = NTB_ETH_MAC_CHOSEN;
	return ret;
}

static void
ntb_eth_rxq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info)
{
	const struct ntb_eth_rxq *rxq = dev->data->rx_queues[q];

	info->mp = rxq->mp;
	info->nb_desc = rxq->nb_desc;
	info->scattered_rx =
		(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
}

static void
ntb_eth_txq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info)
{
	const struct ntb_eth_txq *txq = dev->data->tx_queues[q];

	info->nb_desc = txq->nb_desc;
	info->conf.tx_free_thresh = txq->free_thresh;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

static int
ntb_eth_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q __rte_unused,
			  struct rte_eth_burst_mode *mode)
{
	rte_strlcpy(mode->info, dev->rx_pkt_burst == ntb_eth_rx_burst_copy ?
		"Scalar, copied out of the memory window" : "Scalar", sizeof(mode->info));
	return 0;
}

static int
ntb_eth_tx_burst_mode_get(struct rte_eth_dev *dev __rte_unused, uint16_t q __rte_unused,
			  struct rte_eth_burst_mode *mode)
{
	rte_strlcpy(mode->info, "Scalar", sizeof(mode->info));
	return 0;
}

NTB_STATS_GET_OP(ntb_eth_stats_get)

static const struct eth_dev_ops ntb_eth_ops = {
	.dev_infos_get = ntb_eth_infos_get,
	.dev_configure = ntb_eth_configure,
	.dev_start = ntb_eth_start,
	.dev_stop = ntb_eth_stop,
	.dev_close = ntb_eth_close,
	.rx_queue_setup = ntb_eth_rx_queue_setup,
	.rx_queue_release = ntb_eth_rx_queue_release,
	.tx_queue_setup = ntb_eth_tx_queue_setup,
	.tx_queue_release = ntb_eth_tx_queue_release,
	.link_update = ntb_eth_link_update,
	.mtu_set = ntb_eth_mtu_set,
	.mac_addr_set = ntb_eth_mac_addr_set,
	.promiscuous_enable = ntb_eth_filter_noop,
	.promiscuous_disable = ntb_eth_filter_noop,
	.allmulticast_enable = ntb_eth_filter_noop,
	.allmulticast_disable = ntb_eth_filter_noop,
	.stats_get = ntb_eth_stats_get_op,
	.stats_reset = ntb_eth_stats_reset,
	.xstats_get = ntb_eth_xstats_get,
	.xstats_get_names = ntb_eth_xstats_get_names,
	.xstats_reset = ntb_eth_xstats_reset,
	.rxq_info_get = ntb_eth_rxq_info_get,
	.txq_info_get = ntb_eth_txq_info_get,
	.rx_burst_mode_get = ntb_eth_rx_burst_mode_get,
	.tx_burst_mode_get = ntb_eth_tx_burst_mode_get,
	.eth_dev_priv_dump = ntb_eth_priv_dump,
};

/* What the devargs say; filled before anything is allocated. */
struct ntb_eth_args {
	const char *name;                /* of the device, for messages */
	char raw_name[RTE_RAWDEV_NAME_MAX_LEN];
	uint16_t queues;
	struct rte_ether_addr mac;
	bool has_mac;
};

static int
ntb_eth_arg_raw(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;

	if (value[0] != '\0' &&
	    rte_strlcpy(args->raw_name, value, sizeof(args->raw_name)) < sizeof(args->raw_name))
		return 0;
	NTB_ETH_LOG(ERR, args, "%s=%s: expected a rawdev name of 1 to %zu characters", key, value,
		    sizeof(args->raw_name) - 1);
	return -EINVAL;
}

static int
ntb_eth_arg_queues(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;
	unsigned long v = 0;
	char *end = NULL;

	if (isdigit((unsigned char)value[0]))
		v = strtoul(value, &end, 10);
	if (end == NULL || *end != '\0' || v < 1 || v > NTB_ETH_MAX_QUEUES) {
		NTB_ETH_LOG(ERR, args, "%s=%s: expected a number from 1 to %u", key, value,
			    NTB_ETH_MAX_QUEUES);
		return -EINVAL;
	}
	args->queues = v;
	return 0;
}

static int
ntb_eth_arg_mac(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;

	if (rte_ether_unformat_addr(value, &args->mac) != 0 ||
	    !rte_is_valid_assigned_ether_addr(&args->mac)) {
		NTB_ETH_LOG(ERR, args,
			    "%s=%s: expected a unicast address such as 02:00:00:00:00:01", key,
			    value);
		return -EINVAL;
	}
	args->has_mac = true;
	return 0;
}

static const struct {
	const char *key;
	arg_handler_t handler;
} ntb_eth_arg_table[] = {
	{ NTB_ETH_ARG_RAW, ntb_eth_arg_raw },
	{ NTB_ETH_ARG_QUEUES, ntb_eth_arg_queues },
	{ NTB_ETH_ARG_MAC, ntb_eth_arg_mac },
};

static int
ntb_eth_parse_pair(struct ntb_eth_args *args, const struct rte_kvargs *kvlist, unsigned int n)
{
	const char *key = kvlist->pairs[n].key;
	const char *value = kvlist->pairs[n].value != NULL ? kvlist->pairs[n].value : "";
	unsigned int i;

	for (i = 0; i < RTE_DIM(ntb_eth_arg_table); i++) {
		if (strcmp(key, ntb_eth_arg_table[i].key) != 0)
			continue;
		if (rte_kvargs_count(kvlist, key) > 1) {
			NTB_ETH_LOG(ERR, args, "%s=%s: given %u times, expected once", key, value,
				    rte_kvargs_count(kvlist, key));
			return -EINVAL;
		}
		return ntb_eth_arg_table[i].handler(key, value, args);
	}
	NTB_ETH_LOG(ERR, args, "%s=%s: unknown argument, expected raw=, queues= or mac=", key,
		    value);
	return -EINVAL;
}

static int
ntb_eth_parse_args(struct ntb_eth_args *args, const char *devargs)
{
	struct rte_kvargs *kvlist;
	unsigned int i;
	int ret = 0;

	if (devargs == NULL || devargs[0] == '\0')
		return 0;
	kvlist = rte_kvargs_parse(devargs, NULL);
	if (kvlist == NULL) {
		NTB_ETH_LOG(ERR, args, "arguments '%s': expected name=value,...", devargs);
		return -EINVAL;
	}
	for (i = 0; i < kvlist->count && ret == 0; i++)
		ret = ntb_eth_parse_pair(args, kvlist, i);
	rte_kvargs_free(kvlist);
	return ret;
}

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
	port->raw.nombuf_id = -1;
	rte_strlcpy(port->name, args->name, sizeof(port->name));
	rte_strlcpy(port->raw_name, args->raw_name, sizeof(port->raw_name));
	if (args->has_mac) {
		port->mac_source = NTB_ETH_MAC_CHOSEN;
		rte_ether_addr_copy(&args->mac, mac);
	} else {
		ntb_eth_derive_mac(port, mac);
	}
	return 0;
}

static int
ntb_eth_probe(struct rte_vdev_device *vdev)
{
	struct ntb_eth_args args = { .name = rte_vdev_device_name(vdev) };
	struct rte_eth_dev *dev;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		NTB_ETH_LOG(ERR, &args,
			    "secondary process: expected the primary, which owns the NTB rawdev");
		return -ENOTSUP;
	}
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

	/* Closed before, by the application. */
	if (dev == NULL)
		return 0;
	ntb_eth_close(dev);
	return rte_eth_dev_release_port(dev);
}

static struct rte_vdev_driver ntb_eth_drv = {
	.probe = ntb_eth_probe,
	.remove = ntb_eth_remove,
};

RTE_PMD_REGISTER_VDEV(net_ntb, ntb_eth_drv);
RTE_PMD_REGISTER_PARAM_STRING(net_ntb,
	NTB_ETH_ARG_RAW "=<string> "
	NTB_ETH_ARG_QUEUES "=<1-64> "
	NTB_ETH_ARG_MAC "=xx:xx:xx:xx:xx:xx");
