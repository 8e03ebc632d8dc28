/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_string_fns.h>

#include "ntb_attr.h"
#include "ntb_ethdev.h"

/* Own xstats come first, those of the rawdev follow with this before their names. */
#define NTB_ETH_RAW_XSTAT_PREFIX "raw_"

enum ntb_eth_xstat_id {
	NTB_ETH_XSTAT_TX_REFUSED,
	NTB_ETH_XSTAT_TX_TOO_LONG,
	NTB_ETH_XSTAT_TX_CKSUM,
	NTB_ETH_XSTAT_RX_COPY_NOMBUF,
	NTB_ETH_XSTAT_LINK_CHANGES,
	NTB_ETH_XSTATS,
};

static const char * const ntb_eth_xstat_names[NTB_ETH_XSTATS] = {
	[NTB_ETH_XSTAT_TX_REFUSED] = "tx_refused_packets",
	[NTB_ETH_XSTAT_TX_TOO_LONG] = "tx_too_long_packets",
	[NTB_ETH_XSTAT_TX_CKSUM] = "tx_checksum_errors",
	[NTB_ETH_XSTAT_RX_COPY_NOMBUF] = "rx_copy_nombuf_packets",
	[NTB_ETH_XSTAT_LINK_CHANGES] = "link_changes",
};

/* What a queue counted since the last reset; a queue that is not set up counted nothing. */
static struct ntb_eth_counters
ntb_eth_since(const struct ntb_eth_counters *cnt, const struct ntb_eth_counters *base)
{
	return (struct ntb_eth_counters){
		.packets = cnt->packets - base->packets,
		.bytes = cnt->bytes - base->bytes,
		.lost = cnt->lost - base->lost,
		.errors = cnt->errors - base->errors,
		.refused = cnt->refused - base->refused,
	};
}

static struct ntb_eth_counters
ntb_eth_rxq_count(const struct rte_eth_dev *dev, uint16_t q)
{
	const struct ntb_eth_rxq *rxq = dev->data->rx_queues[q];

	if (rxq == NULL)
		return (struct ntb_eth_counters){ 0 };
	return ntb_eth_since(&rxq->cnt, &rxq->cnt_base);
}

static struct ntb_eth_counters
ntb_eth_txq_count(const struct rte_eth_dev *dev, uint16_t q)
{
	const struct ntb_eth_txq *txq = dev->data->tx_queues[q];

	if (txq == NULL)
		return (struct ntb_eth_counters){ 0 };
	return ntb_eth_since(&txq->cnt, &txq->cnt_base);
}

int
ntb_eth_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		  struct eth_queue_stats *qstats)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	struct ntb_eth_counters cnt;
	uint16_t q;

	stats->rx_nombuf = ntb_eth_raw_count_since(port, NTB_ETH_RAW_NOMBUF);
	stats->ierrors = ntb_eth_raw_count_since(port, NTB_ETH_RAW_RX_ERRORS);
	stats->oerrors = ntb_eth_raw_count_since(port, NTB_ETH_RAW_TX_ERRORS);
	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		cnt = ntb_eth_rxq_count(dev, q);
		stats->ipackets += cnt.packets;
		stats->ibytes += cnt.bytes;
		stats->rx_nombuf += cnt.lost;
		stats->ierrors += cnt.errors;
		if (qstats != NULL && q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			qstats->q_ipackets[q] = cnt.packets;
			qstats->q_ibytes[q] = cnt.bytes;
			qstats->q_errors[q] = cnt.lost + cnt.errors;
		}
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		cnt = ntb_eth_txq_count(dev, q);
		stats->opackets += cnt.packets;
		stats->obytes += cnt.bytes;
		stats->oerrors += cnt.lost + cnt.errors;
		if (qstats != NULL && q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			qstats->q_opackets[q] = cnt.packets;
			qstats->q_obytes[q] = cnt.bytes;
		}
	}
	return 0;
}

int
ntb_eth_stats_reset(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct ntb_eth_rxq *rxq;
	struct ntb_eth_txq *txq;
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		rxq = dev->data->rx_queues[q];
		if (rxq != NULL)
			rxq->cnt_base = rxq->cnt;
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		txq = dev->data->tx_queues[q];
		if (txq != NULL)
			txq->cnt_base = txq->cnt;
	}
	port->link_changes_base = port->link_changes;
	ntb_eth_raw_counts_reset(port);
	return 0;
}

static unsigned int
ntb_eth_raw_xstats_count(const struct ntb_eth_port *port)
{
	int n;

	if (!ntb_eth_raw_alive(port))
		return 0;
	n = rte_rawdev_xstats_names_get(port->raw.id, NULL, 0);
	return n > 0 ? n : 0;
}

static uint64_t
ntb_eth_own_xstat(const struct rte_eth_dev *dev, enum ntb_eth_xstat_id id)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	struct ntb_eth_counters cnt;
	uint64_t sum = 0;
	uint16_t q;

	if (id == NTB_ETH_XSTAT_LINK_CHANGES)
		return port->link_changes - port->link_changes_base;
	if (id == NTB_ETH_XSTAT_RX_COPY_NOMBUF) {
		for (q = 0; q < dev->data->nb_rx_queues; q++)
			sum += ntb_eth_rxq_count(dev, q).lost;
		return sum;
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		cnt = ntb_eth_txq_count(dev, q);
		if (id == NTB_ETH_XSTAT_TX_REFUSED)
			sum += cnt.refused;
		else
			sum += id == NTB_ETH_XSTAT_TX_TOO_LONG ? cnt.lost : cnt.errors;
	}
	return sum;
}

/* Values of the rawdev's first n xstats; what it does not deliver stays 0. */
static int
ntb_eth_raw_xstats_get(const struct ntb_eth_port *port, struct rte_eth_xstat *xstats,
		       unsigned int n)
{
	uint64_t *values = calloc(n, sizeof(*values));
	unsigned int *ids = calloc(n, sizeof(*ids));
	unsigned int i;
	int ret = -ENOMEM;

	if (values != NULL && ids != NULL) {
		for (i = 0; i < n; i++)
			ids[i] = i;
		ret = rte_rawdev_xstats_get(port->raw.id, ids, values, n);
		for (i = 0; i < n; i++)
			xstats[i].value = values[i];
	}
	free(ids);
	free(values);
	return ret < 0 ? ret : 0;
}

int
ntb_eth_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	unsigned int raw = ntb_eth_raw_xstats_count(port);
	unsigned int i;
	int ret;

	if (xstats == NULL || n < NTB_ETH_XSTATS + raw)
		return NTB_ETH_XSTATS + raw;
	for (i = 0; i < NTB_ETH_XSTATS; i++)
		xstats[i].value = ntb_eth_own_xstat(dev, i);
	if (raw > 0) {
		ret = ntb_eth_raw_xstats_get(port, xstats + NTB_ETH_XSTATS, raw);
		if (ret != 0)
			return ret;
	}
	for (i = 0; i < NTB_ETH_XSTATS + raw; i++)
		xstats[i].id = i;
	return NTB_ETH_XSTATS + raw;
}

static int
ntb_eth_raw_xstats_names(const struct ntb_eth_port *port, struct rte_eth_xstat_name *names,
			 unsigned int n)
{
	struct rte_rawdev_xstats_name *raw = calloc(n, sizeof(*raw));
	unsigned int i;
	int ret = -ENOMEM;

	if (raw != NULL) {
		ret = rte_rawdev_xstats_names_get(port->raw.id, raw, n);
		for (i = 0; i < n; i++) {
			rte_strlcpy(names[i].name, NTB_ETH_RAW_XSTAT_PREFIX, sizeof(names[i].name));
			rte_strlcat(names[i].name, raw[i].name, sizeof(names[i].name));
		}
	}
	free(raw);
	return ret < 0 ? ret : 0;
}

int
ntb_eth_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	unsigned int raw = ntb_eth_raw_xstats_count(port);
	unsigned int i;
	int ret;

	if (names == NULL || n < NTB_ETH_XSTATS + raw)
		return NTB_ETH_XSTATS + raw;
	for (i = 0; i < NTB_ETH_XSTATS; i++)
		rte_strlcpy(names[i].name, ntb_eth_xstat_names[i], sizeof(names[i].name));
	if (raw > 0) {
		ret = ntb_eth_raw_xstats_names(port, names + NTB_ETH_XSTATS, raw);
		if (ret != 0)
			return ret;
	}
	return NTB_ETH_XSTATS + raw;
}

int
ntb_eth_xstats_reset(struct rte_eth_dev *dev)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	unsigned int n = ntb_eth_raw_xstats_count(port);
	uint32_t *ids;
	unsigned int i;

	if (n > 0) {
		ids = calloc(n, sizeof(*ids));
		if (ids == NULL)
			return -ENOMEM;
		for (i = 0; i < n; i++)
			ids[i] = i;
		/* A rawdev that cannot reset them goes on counting; our own start anew anyway. */
		rte_rawdev_xstats_reset(port->raw.id, ids, n);
		free(ids);
	}
	return ntb_eth_stats_reset(dev);
}

static void
ntb_eth_dump_raw(const struct ntb_eth_port *port, FILE *f)
{
	const struct ntb_eth_raw *raw = &port->raw;
	uint64_t v;

	fprintf(f, "  rawdev %u: %s, %s, topo %" PRIu64 "\n", raw->id,
		raw->started ? "started" : raw->configured ? "configured" : "idle",
		raw->claimed ? "claimed" : "not claimed", raw->topo);
	fprintf(f, "    queue pairs %u of %u, entries %u of %u\n", raw->nb_pairs, raw->max_queues,
		raw->ring_size, raw->max_ring);
	fprintf(f, "    any_pool %u, start_without_peer %u\n", raw->any_pool,
		raw->start_without_peer);
	if (raw->has_max_pkt_len && ntb_eth_raw_attr(port, NTB_ATTR_MAX_PKT_LEN, &v))
		fprintf(f, "    max_pkt_len %" PRIu64 "\n", v);
	if (raw->has_mac && ntb_eth_raw_attr(port, NTB_ATTR_PEER_MAC, &v))
		fprintf(f, "    peer mac %02x:%02x:%02x:%02x:%02x:%02x\n", (unsigned int)(v & 0xff),
			(unsigned int)(v >> 8 & 0xff), (unsigned int)(v >> 16 & 0xff),
			(unsigned int)(v >> 24 & 0xff), (unsigned int)(v >> 32 & 0xff),
			(unsigned int)(v >> 40 & 0xff));
	if (port->pool.mp != NULL)
		fprintf(f, "    receive pool of %u buffers in %u memory windows\n",
			port->pool.mp->size, port->pool.nb_mz);
}

int
ntb_eth_priv_dump(struct rte_eth_dev *dev, FILE *f)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	bool alive = ntb_eth_raw_alive(port);
	struct ntb_eth_counters cnt;
	uint16_t q;

	fprintf(f, "%s: raw=%s, mtu %u, frames up to %u bytes\n", port->name, port->raw_name,
		dev->data->mtu, ntb_eth_frame_len(dev->data->mtu));
	if (alive)
		ntb_eth_dump_raw(port, f);
	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		cnt = ntb_eth_rxq_count(dev, q);
		fprintf(f, "  rxq %u: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
			" lost, %" PRIu64 " errors\n", q, cnt.packets, cnt.bytes, cnt.lost,
			cnt.errors);
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		cnt = ntb_eth_txq_count(dev, q);
		fprintf(f, "  txq %u: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
			" too long, %" PRIu64 " refused\n", q, cnt.packets, cnt.bytes, cnt.lost,
			cnt.refused);
	}
	if (alive)
		rte_rawdev_dump(port->raw.id, f);
	return 0;
}
