/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>

#include <rte_ethdev.h>
#include <rte_pmd_ntb.h>
#include <rte_spinlock.h>
#include <rte_string_fns.h>
#include <dev_driver.h>

#include "ntb_attr.h"
#include "ntb_ethdev.h"

/* Names of NTB rawdev drivers start so, by the custom that DPDK's ntb sample follows. */
#define NTB_ETH_RAW_PREFIX "raw_ntb"

/* Ports of this process by the rawdev they use; ports may be configured by different threads. */
static const struct ntb_eth_port *ntb_eth_claims[RTE_RAWDEV_MAX_DEVS];
static rte_spinlock_t ntb_eth_claims_lock = RTE_SPINLOCK_INITIALIZER;

static bool
ntb_eth_raw_is_ntb(uint16_t id, struct rte_rawdev_info *info)
{
	memset(info, 0, sizeof(*info));
	if (rte_rawdev_info_get(id, info, 0) != 0 || info->driver_name == NULL)
		return false;
	return strncmp(info->driver_name, NTB_ETH_RAW_PREFIX, strlen(NTB_ETH_RAW_PREFIX)) == 0;
}

static const char *
ntb_eth_raw_device_name(const struct rte_rawdev_info *info)
{
	return info->device != NULL ? info->device->name : "";
}

/*
 * Look for NTB rawdevs, or for one by the name of its device. Returns how many there are; id is the
 * last one. The public API has no way to walk rawdevs but to try numbers until all were seen.
 */
static unsigned int
ntb_eth_raw_search(const char *device_name, uint16_t *id)
{
	unsigned int left = rte_rawdev_count();
	struct rte_rawdev_info info;
	unsigned int found = 0;
	uint16_t i;

	for (i = 0; i < RTE_RAWDEV_MAX_DEVS && left > 0; i++) {
		if (rte_rawdev_socket_id(i) == -EINVAL)
			continue;
		left--;
		if (!ntb_eth_raw_is_ntb(i, &info))
			continue;
		if (device_name[0] != '\0' &&
		    strcmp(ntb_eth_raw_device_name(&info), device_name) != 0)
			continue;
		*id = i;
		found++;
	}
	return found;
}

/* Before DPDK 25.11 a failure comes as a large uint16_t, and not all ids are looked at. */
static unsigned int
ntb_eth_raw_by_name(const char *name, uint16_t *id)
{
	int ret = rte_rawdev_get_dev_id(name);

	if (ret >= 0 && ret < RTE_RAWDEV_MAX_DEVS) {
		*id = ret;
		return 1;
	}
	return ntb_eth_raw_search(name, id);
}

static unsigned int
ntb_eth_raw_find(const struct ntb_eth_port *port, uint16_t *id)
{
	if (port->raw_name[0] != '\0')
		return ntb_eth_raw_by_name(port->raw_name, id);
	return ntb_eth_raw_search("", id);
}

bool
ntb_eth_raw_attr(const struct ntb_eth_port *port, const char *name, uint64_t *value)
{
	return rte_rawdev_get_attr(port->raw.id, name, value) >= 0;
}

/* Index of an xstat, or -1. */
static int
ntb_eth_raw_find_xstat(uint16_t id, const char *name)
{
	unsigned int idx = UINT32_MAX;
	int n = rte_rawdev_xstats_names_get(id, NULL, 0);

	if (n <= 0)
		return -1;
	rte_rawdev_xstats_by_name_get(id, name, &idx);
	return idx < (unsigned int)n ? (int)idx : -1;
}

static void
ntb_eth_raw_find_counts(struct ntb_eth_raw *raw)
{
	static const char * const names[NTB_ETH_RAW_COUNTS] = {
		[NTB_ETH_RAW_NOMBUF] = NTB_XSTAT_RX_NOMBUF,
		[NTB_ETH_RAW_RX_ERRORS] = NTB_XSTAT_RX_ERRORS,
		[NTB_ETH_RAW_TX_ERRORS] = NTB_XSTAT_TX_ERRORS,
	};
	unsigned int i;

	for (i = 0; i < NTB_ETH_RAW_COUNTS; i++)
		raw->counts[i].id = i == NTB_ETH_RAW_NOMBUF || raw->any_pool ?
			ntb_eth_raw_find_xstat(raw->id, names[i]) : -1;
}

static void
ntb_eth_raw_read_abilities(struct ntb_eth_port *port)
{
	struct ntb_eth_raw *raw = &port->raw;
	uint64_t v;

	raw->any_pool = ntb_eth_raw_attr(port, NTB_ATTR_ANY_POOL, &v) && v != 0;
	raw->start_without_peer = ntb_eth_raw_attr(port, NTB_ATTR_START_WITHOUT_PEER, &v) && v != 0;
	raw->has_max_pkt_len = ntb_eth_raw_attr(port, NTB_ATTR_MAX_PKT_LEN, &v);
	raw->has_mac = ntb_eth_raw_attr(port, NTB_ATTR_MAC, &v);
	raw->has_ol_flags = ntb_eth_raw_attr(port, NTB_ATTR_OL_FLAGS, &v);
	raw->max_queues = NTB_ETH_MAX_QUEUES;
	raw->max_ring = NTB_MAX_DESC_SIZE;
	if (ntb_eth_raw_attr(port, NTB_ATTR_MAX_QUEUES, &v)) {
		if (v >= 1 && v < NTB_ETH_MAX_QUEUES)
			raw->max_queues = v;
		raw->max_ring = NTB_ETH_MAX_RING;
	}
	raw->topo = ntb_eth_raw_attr(port, NTB_TOPO_NAME, &v) ? v : 0;
	ntb_eth_raw_find_counts(raw);
}

/*
 * Is the rawdev that was found still there? Its number may be another device's by now. A secondary
 * process has none: there the numbers mean other devices.
 */
bool
ntb_eth_raw_alive(const struct ntb_eth_port *port)
{
	struct rte_rawdev_info info;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY || !port->raw.known ||
	    rte_rawdev_count() == 0)
		return false;
	if (!ntb_eth_raw_is_ntb(port->raw.id, &info))
		return false;
	return strcmp(ntb_eth_raw_device_name(&info), port->raw.device) == 0;
}

/* 0 if the rawdev does not count that, or is gone. */
static uint64_t
ntb_eth_raw_count(const struct ntb_eth_port *port, enum ntb_eth_raw_count_id which)
{
	unsigned int id = port->raw.counts[which].id;
	uint64_t value = 0;

	if (port->raw.counts[which].id < 0 || !ntb_eth_raw_alive(port))
		return 0;
	if (rte_rawdev_xstats_get(port->raw.id, &id, &value, 1) != 1)
		return 0;
	return value;
}

/* Smaller than at the last reset: the rawdev, or somebody behind our back, started anew. */
uint64_t
ntb_eth_raw_count_since(const struct ntb_eth_port *port, enum ntb_eth_raw_count_id which)
{
	uint64_t value = ntb_eth_raw_count(port, which);
	uint64_t base = port->raw.counts[which].base;

	return value >= base ? value - base : value;
}

void
ntb_eth_raw_counts_reset(struct ntb_eth_port *port)
{
	unsigned int i;

	for (i = 0; i < NTB_ETH_RAW_COUNTS; i++)
		port->raw.counts[i].base = ntb_eth_raw_count(port, i);
}

void
ntb_eth_raw_forget(struct ntb_eth_port *port)
{
	unsigned int i;

	memset(&port->raw, 0, sizeof(port->raw));
	for (i = 0; i < NTB_ETH_RAW_COUNTS; i++)
		port->raw.counts[i].id = -1;
}

/*
 * Find the rawdev and learn its abilities. Quiet, since it is no error before configure. Returns 0,
 * -ENODEV if there is none, -ENOTUNIQ if there are several, -EINVAL if it is no NTB.
 */
int
ntb_eth_raw_resolve(struct ntb_eth_port *port)
{
	struct rte_rawdev_info info;
	unsigned int found;
	uint16_t id = 0;

	if (ntb_eth_raw_alive(port))
		return 0;
	ntb_eth_raw_release(port);
	found = ntb_eth_raw_find(port, &id);
	if (found == 0)
		return -ENODEV;
	if (found > 1)
		return -ENOTUNIQ;
	if (!ntb_eth_raw_is_ntb(id, &info))
		return -EINVAL;
	port->raw.id = id;
	rte_strlcpy(port->raw.device, ntb_eth_raw_device_name(&info), sizeof(port->raw.device));
	port->raw.known = true;
	ntb_eth_raw_read_abilities(port);
	ntb_eth_raw_counts_reset(port);
	return 0;
}

static void
ntb_eth_raw_log_unresolved(const struct ntb_eth_port *port, int err)
{
	uint16_t id;

	if (err == -ENOTUNIQ)
		NTB_ETH_LOG(ERR, port, "raw=: %u NTB rawdevs found, name the one to use",
			    ntb_eth_raw_find(port, &id));
	else if (err == -EINVAL)
		NTB_ETH_LOG(ERR, port, "raw=%s: not an NTB rawdev, expected a driver named %s...",
			    port->raw_name, NTB_ETH_RAW_PREFIX);
	else if (port->raw_name[0] != '\0')
		NTB_ETH_LOG(ERR, port, "raw=%s: no such NTB rawdev found, %u rawdevs present",
			    port->raw_name, rte_rawdev_count());
	else
		NTB_ETH_LOG(ERR, port, "raw=: no NTB rawdev found");
}

/* Make the rawdev this port's own. Returns 0 if it already is. */
int
ntb_eth_raw_claim(struct ntb_eth_port *port)
{
	const struct ntb_eth_port *owner;
	int ret = ntb_eth_raw_resolve(port);

	if (ret != 0) {
		ntb_eth_raw_log_unresolved(port, ret);
		return ret;
	}
	rte_spinlock_lock(&ntb_eth_claims_lock);
	owner = ntb_eth_claims[port->raw.id];
	/* Its rawdev may be gone, and the number given to this one. */
	if (owner != NULL && owner != port && !ntb_eth_raw_alive(owner))
		owner = NULL;
	if (owner == NULL)
		ntb_eth_claims[port->raw.id] = port;
	rte_spinlock_unlock(&ntb_eth_claims_lock);
	if (owner != NULL && owner != port) {
		NTB_ETH_LOG(ERR, port, "raw=%s: rawdev %u is in use by %s, expected a free one",
			    port->raw_name, port->raw.id, owner->name);
		return -EBUSY;
	}
	port->raw.claimed = true;
	/* Anew: it may have been removed and come back under the same name and number. */
	ntb_eth_raw_read_abilities(port);
	return 0;
}

/* Forget the rawdev, which is left stopped and is closed by whoever removes it. */
void
ntb_eth_raw_release(struct ntb_eth_port *port)
{
	ntb_eth_raw_down(port);
	ntb_eth_pool_free(port);
	if (port->raw.claimed) {
		rte_spinlock_lock(&ntb_eth_claims_lock);
		if (ntb_eth_claims[port->raw.id] == port)
			ntb_eth_claims[port->raw.id] = NULL;
		rte_spinlock_unlock(&ntb_eth_claims_lock);
	}
	ntb_eth_raw_forget(port);
}

static int
ntb_eth_raw_set_attr(struct ntb_eth_port *port, const char *name, uint64_t value)
{
	int ret = rte_rawdev_set_attr(port->raw.id, name, value);

	if (ret < 0)
		NTB_ETH_LOG(ERR, port, "rawdev %u refused attribute %s=%" PRIu64 ": %s",
			    port->raw.id, name, value, strerror(-ret));
	return ret < 0 ? ret : 0;
}

static int
ntb_eth_raw_set_mac(struct ntb_eth_port *port)
{
	const struct rte_ether_addr *mac = &port->data->mac_addrs[0];
	uint64_t value = 0;
	unsigned int i;

	if (!port->raw.has_mac)
		return 0;
	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		value |= (uint64_t)mac->addr_bytes[i] << (8 * i);
	return ntb_eth_raw_set_attr(port, NTB_ATTR_MAC, value);
}

/*
 * Before it is configured, a rawdev needs these to tell how it lays out its memory windows. To
 * others configure says them, and they may refuse a change that is not.
 */
static int
ntb_eth_raw_set_size(struct ntb_eth_port *port)
{
	int ret;

	ret = ntb_eth_raw_set_attr(port, NTB_QUEUE_SZ_NAME, port->raw.ring_size);
	if (ret == 0)
		ret = ntb_eth_raw_set_attr(port, NTB_QUEUE_NUM_NAME, port->raw.nb_pairs);
	return ret;
}

/* Packets without a checksum are taken only if the application expects them of TCP and of UDP. */
static bool
ntb_eth_rx_cksum(const struct ntb_eth_port *port)
{
	uint64_t offloads = port->data->dev_conf.rxmode.offloads;

	return port->raw.has_ol_flags && (offloads & NTB_ETH_RX_CKSUM) == NTB_ETH_RX_CKSUM;
}

static int
ntb_eth_raw_set_ol_flags(struct ntb_eth_port *port)
{
	uint64_t flags = ntb_eth_rx_cksum(port) ? RTE_MBUF_F_RX_L4_CKSUM_NONE : 0;

	if (!port->raw.has_ol_flags)
		return 0;
	if ((port->data->dev_conf.txmode.offloads & NTB_ETH_TX_L4_CKSUM) != 0)
		flags |= RTE_MBUF_F_TX_L4_MASK;
	return ntb_eth_raw_set_attr(port, NTB_ATTR_OL_FLAGS, flags);
}

static int
ntb_eth_raw_set_attrs(struct ntb_eth_port *port)
{
	int ret = 0;

	if (port->raw.has_max_pkt_len)
		ret = ntb_eth_raw_set_attr(port, NTB_ATTR_MAX_PKT_LEN,
					   ntb_eth_frame_len(port->data->mtu));
	return ret != 0 ? ret : ntb_eth_raw_set_ol_flags(port);
}

/* Numbers of Rx and Tx queues, and their depths, may differ; those of queue pairs may not. */
static void
ntb_eth_raw_size(struct ntb_eth_port *port)
{
	const struct rte_eth_dev_data *data = port->data;
	const struct ntb_eth_rxq *rxq;
	const struct ntb_eth_txq *txq;
	uint16_t size = NTB_ETH_MIN_RING;
	uint16_t i;

	for (i = 0; i < data->nb_rx_queues; i++) {
		rxq = data->rx_queues[i];
		size = RTE_MAX(size, rxq->nb_desc);
	}
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		size = RTE_MAX(size, txq->nb_desc);
	}
	port->raw.ring_size = size;
	port->raw.nb_pairs = RTE_MAX(data->nb_rx_queues, data->nb_tx_queues);
}

static int
ntb_eth_raw_setup_pair(struct ntb_eth_port *port, uint16_t q)
{
	const struct rte_eth_dev_data *data = port->data;
	const struct ntb_eth_rxq *rxq = data->rx_queues[q < data->nb_rx_queues ? q : 0];
	const struct ntb_eth_txq *txq = q < data->nb_tx_queues ? data->tx_queues[q] : NULL;
	struct ntb_queue_conf conf = {
		.nb_desc = port->raw.ring_size,
		.tx_free_thresh = txq != NULL ? txq->free_thresh : port->raw.ring_size / 4,
		.rx_mp = port->pool.mp != NULL ? port->pool.mp : rxq->mp,
	};
	int ret = rte_rawdev_queue_setup(port->raw.id, q, &conf, sizeof(conf));

	if (ret < 0)
		NTB_ETH_LOG(ERR, port, "rawdev %u refused queue %u of %u entries: %s",
			    port->raw.id, q, conf.nb_desc, strerror(-ret));
	return ret < 0 ? ret : 0;
}

static void
ntb_eth_raw_release_pairs(struct ntb_eth_port *port, uint16_t nb)
{
	uint16_t q;

	for (q = 0; q < nb; q++)
		rte_rawdev_queue_release(port->raw.id, q);
}

static int
ntb_eth_raw_configure(struct ntb_eth_port *port)
{
	struct ntb_dev_config conf = {
		.num_queues = port->raw.nb_pairs,
		.queue_size = port->raw.ring_size,
		.mz_num = port->pool.nb_mz,
		.mz_list = port->pool.nb_mz != 0 ? port->pool.mz : NULL,
	};
	struct rte_rawdev_info info = { .dev_private = &conf };
	uint16_t q;
	int ret;

	ret = rte_rawdev_configure(port->raw.id, &info, sizeof(conf));
	if (ret < 0) {
		NTB_ETH_LOG(ERR, port, "rawdev %u refused %u queue pairs of %u entries: %s",
			    port->raw.id, conf.num_queues, conf.queue_size, strerror(-ret));
		return ret;
	}
	for (q = 0; q < port->raw.nb_pairs; q++) {
		ret = ntb_eth_raw_setup_pair(port, q);
		if (ret < 0) {
			ntb_eth_raw_release_pairs(port, q);
			return ret;
		}
	}
	port->raw.configured = true;
	return 0;
}

static int
ntb_eth_raw_prepare(struct ntb_eth_port *port)
{
	int ret;

	/* Configured by a start that waits for its peer: the handshake goes on undisturbed. */
	if (port->raw.configured)
		return 0;
	ntb_eth_raw_size(port);
	ret = ntb_eth_raw_set_attrs(port);
	if (ret == 0 && !port->raw.any_pool) {
		ret = ntb_eth_raw_set_size(port);
		if (ret == 0)
			ret = ntb_eth_pool_create(port);
	}
	if (ret == 0)
		ret = ntb_eth_raw_configure(port);
	if (ret != 0)
		ntb_eth_pool_free(port);
	return ret;
}

static void
ntb_eth_raw_bind_rxq(const struct ntb_eth_port *port, struct ntb_eth_rxq *rxq)
{
	uint64_t offloads = port->data->dev_conf.rxmode.offloads;
	char name[RTE_RAW_DEV_XSTATS_NAME_SIZE];

	rxq->raw_id = port->raw.id;
	rxq->scatter = (offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	rxq->keep_flags = NTB_ETH_BUF_FLAGS;
	if (ntb_eth_rx_cksum(port))
		rxq->keep_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
	snprintf(name, sizeof(name), NTB_XSTAT_RX_READY, rxq->queue_id);
	rxq->gauge = ntb_eth_raw_find_xstat(port->raw.id, name);
}

static void
ntb_eth_raw_bind_txq(const struct ntb_eth_port *port, struct ntb_eth_txq *txq)
{
	uint64_t offloads = port->data->dev_conf.txmode.offloads;
	char name[RTE_RAW_DEV_XSTATS_NAME_SIZE];

	ntb_eth_txq_bind(txq, &port->raw);
	txq->cksum_flags = 0;
	if ((offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0)
		txq->cksum_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	if ((offloads & NTB_ETH_TX_L4_CKSUM) != 0)
		txq->cksum_flags |= RTE_MBUF_F_TX_L4_MASK;
	snprintf(name, sizeof(name), NTB_XSTAT_TX_PENDING, txq->queue_id);
	txq->gauge = ntb_eth_raw_find_xstat(port->raw.id, name);
}

static void
ntb_eth_raw_bind_queues(struct ntb_eth_port *port)
{
	const struct rte_eth_dev_data *data = port->data;
	struct ntb_eth_rxq *rxq;
	struct ntb_eth_txq *txq;
	uint16_t i;

	port->raw.has_gauges = true;
	for (i = 0; i < data->nb_rx_queues; i++) {
		rxq = data->rx_queues[i];
		ntb_eth_raw_bind_rxq(port, rxq);
		port->raw.has_gauges &= rxq->gauge >= 0;
	}
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		ntb_eth_raw_bind_txq(port, txq);
		port->raw.has_gauges &= txq->gauge >= 0;
	}
}

/*
 * Asking for the link status also advances the rawdev's handshake, and after a stop what its peer
 * still has to let go of.
 */
static bool
ntb_eth_raw_link_is_up(const struct ntb_eth_port *port)
{
	uint64_t up = 0;

	if (!port->raw.claimed || !ntb_eth_raw_alive(port))
		return false;
	return ntb_eth_raw_attr(port, NTB_LINK_STATUS_NAME, &up) && up != 0;
}

/*
 * Configure and start the rawdev for the port's queues. -EAGAIN: the rawdev needs a peer to start
 * and has none yet; it stays configured, so that both sides meet when this is tried again.
 */
int
ntb_eth_raw_up(struct ntb_eth_port *port)
{
	int ret;

	/* A port that is asked about itself forgets a rawdev that went, and may find another. */
	if (!port->raw.claimed || !ntb_eth_raw_alive(port)) {
		NTB_ETH_LOG(ERR, port,
			    "raw=%s: the rawdev has been removed, expected a new configure",
			    port->raw_name);
		return -ENODEV;
	}
	/* For its effect on what is left of the last run. */
	ntb_eth_raw_link_is_up(port);
	ret = ntb_eth_raw_prepare(port);
	if (ret != 0)
		return ret;
	if (!port->raw.start_without_peer && !ntb_eth_raw_link_is_up(port)) {
		NTB_ETH_LOG(ERR, port,
			    "rawdev %u cannot start without its peer: expected link_status 1, "
			    "start again when the peer is configured", port->raw.id);
		return -EAGAIN;
	}
	/* Also an address that was set while it ran: the peer is told with each link. */
	ret = ntb_eth_raw_set_mac(port);
	if (ret != 0)
		return ret;
	ntb_eth_raw_bind_queues(port);
	ret = rte_rawdev_start(port->raw.id);
	if (ret != 0) {
		NTB_ETH_LOG(ERR, port, "rawdev %u did not start: %s", port->raw.id, strerror(-ret));
		ntb_eth_raw_down(port);
		return ret < 0 ? ret : -EIO;
	}
	port->raw.started = true;
	return 0;
}

/* Stop the rawdev, which stays configured. */
void
ntb_eth_raw_pause(struct ntb_eth_port *port)
{
	if (port->raw.started && ntb_eth_raw_alive(port))
		rte_rawdev_stop(port->raw.id);
	port->raw.started = false;
}

/* Stop the rawdev and give all buffers back. Safe in any state, and after its removal. */
void
ntb_eth_raw_down(struct ntb_eth_port *port)
{
	ntb_eth_raw_pause(port);
	if (port->raw.configured && ntb_eth_raw_alive(port))
		ntb_eth_raw_release_pairs(port, port->raw.nb_pairs);
	port->raw.configured = false;
}

/* The rawdev forgets what it was told. One that has no reset is told all of it again anyway. */
int
ntb_eth_raw_reset(struct ntb_eth_port *port)
{
	int ret;

	ntb_eth_raw_down(port);
	if (!port->raw.claimed || !ntb_eth_raw_alive(port))
		return 0;
	ret = rte_rawdev_reset(port->raw.id);
	if (ret == 0 || ret == -ENOTSUP)
		return 0;
	NTB_ETH_LOG(ERR, port, "rawdev %u did not reset: %s", port->raw.id, strerror(-ret));
	return ret;
}

/* Payload Mb/s of a PCIe lane by generation, after line coding. */
static const uint32_t ntb_eth_lane_mbps[] = { 0, 2000, 4000, 7877, 15754, 31508, 60494 };

/* Ethernet speeds, ascending: what ethdev has names for. */
static const uint32_t ntb_eth_speeds[] = {
	RTE_ETH_SPEED_NUM_1G, RTE_ETH_SPEED_NUM_2_5G, RTE_ETH_SPEED_NUM_5G,
	RTE_ETH_SPEED_NUM_10G, RTE_ETH_SPEED_NUM_20G, RTE_ETH_SPEED_NUM_25G,
	RTE_ETH_SPEED_NUM_40G, RTE_ETH_SPEED_NUM_50G, RTE_ETH_SPEED_NUM_56G,
	RTE_ETH_SPEED_NUM_100G, RTE_ETH_SPEED_NUM_200G,
};

/*
 * Speed in Mb/s, rounded down to one of Ethernet's. The attribute is a PCIe generation, which
 * counts per lane, or above that range plain Mb/s.
 */
uint32_t
ntb_eth_raw_speed(struct ntb_eth_port *port)
{
	uint32_t speed = RTE_ETH_SPEED_NUM_UNKNOWN;
	uint64_t mbps, lanes;
	unsigned int i;

	if (!ntb_eth_raw_attr(port, NTB_SPEED_NAME, &mbps) || mbps == 0)
		return speed;
	if (mbps < RTE_DIM(ntb_eth_lane_mbps)) {
		if (!ntb_eth_raw_attr(port, NTB_WIDTH_NAME, &lanes) || lanes == 0 || lanes > 32)
			return speed;
		mbps = ntb_eth_lane_mbps[mbps] * lanes;
	}
	for (i = 0; i < RTE_DIM(ntb_eth_speeds); i++) {
		if (ntb_eth_speeds[i] <= mbps)
			speed = ntb_eth_speeds[i];
	}
	return speed;
}

void
ntb_eth_raw_link_get(struct ntb_eth_port *port, struct rte_eth_link *link)
{
	bool up = ntb_eth_raw_link_is_up(port);

	memset(link, 0, sizeof(*link));
	link->link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
	link->link_autoneg = RTE_ETH_LINK_FIXED;
	link->link_status = RTE_ETH_LINK_DOWN;
	link->link_speed = RTE_ETH_SPEED_NUM_NONE;
	if (!port->raw.started || !up)
		return;
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = ntb_eth_raw_speed(port);
}
