/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>

#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "ntb_ethdev.h"

/* Queues: set up and released, started and stopped, and what can be asked about them. */

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

int
ntb_eth_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
		       unsigned int socket_id, const struct rte_eth_rxconf *conf,
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
	rxq->deferred = conf->rx_deferred_start != 0;
	rxq->mp = mp;
	ntb_eth_rxq_init(rxq);
	ntb_eth_config_changed(port);
	dev->data->rx_queues[q] = rxq;
	return 0;
}

int
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
	txq->deferred = conf->tx_deferred_start != 0;
	ntb_eth_txq_init(txq);
	ntb_eth_config_changed(port);
	dev->data->tx_queues[q] = txq;
	return 0;
}

void
ntb_eth_rx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	ntb_eth_config_changed(dev->data->dev_private);
	rte_free(dev->data->rx_queues[q]);
	dev->data->rx_queues[q] = NULL;
}

void
ntb_eth_tx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	ntb_eth_config_changed(dev->data->dev_private);
	rte_free(dev->data->tx_queues[q]);
	dev->data->tx_queues[q] = NULL;
}

int
ntb_eth_queues_check(const struct rte_eth_dev *dev)
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

/*
 * The rawdev starts and stops as a whole. A queue that is stopped is one that the burst functions
 * do not serve: what the peer sends to it waits, first in the ring, then at the peer.
 */
void
ntb_eth_queues_run(struct rte_eth_dev *dev, bool raw_runs)
{
	struct rte_eth_dev_data *data = dev->data;
	struct ntb_eth_rxq *rxq;
	struct ntb_eth_txq *txq;
	bool run;
	uint16_t q;

	for (q = 0; q < data->nb_rx_queues; q++) {
		rxq = data->rx_queues[q];
		run = raw_runs && data->rx_queue_state[q] == RTE_ETH_QUEUE_STATE_STARTED;
		if (rxq != NULL)
			rte_atomic_store_explicit(&rxq->run, run, rte_memory_order_release);
	}
	for (q = 0; q < data->nb_tx_queues; q++) {
		txq = data->tx_queues[q];
		run = raw_runs && data->tx_queue_state[q] == RTE_ETH_QUEUE_STATE_STARTED;
		if (txq != NULL)
			rte_atomic_store_explicit(&txq->run, run, rte_memory_order_release);
	}
}

static uint8_t
ntb_eth_first_state(bool deferred)
{
	return deferred ? RTE_ETH_QUEUE_STATE_STOPPED : RTE_ETH_QUEUE_STATE_STARTED;
}

/* The port starts: all queues do, less those whose start is deferred. */
void
ntb_eth_queues_start(struct rte_eth_dev *dev)
{
	const struct ntb_eth_rxq *rxq;
	const struct ntb_eth_txq *txq;
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++) {
		rxq = dev->data->rx_queues[q];
		dev->data->rx_queue_state[q] = ntb_eth_first_state(rxq->deferred);
	}
	for (q = 0; q < dev->data->nb_tx_queues; q++) {
		txq = dev->data->tx_queues[q];
		dev->data->tx_queue_state[q] = ntb_eth_first_state(txq->deferred);
	}
	ntb_eth_queues_run(dev, true);
}

void
ntb_eth_queues_stop(struct rte_eth_dev *dev)
{
	uint16_t q;

	for (q = 0; q < dev->data->nb_rx_queues; q++)
		dev->data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
	for (q = 0; q < dev->data->nb_tx_queues; q++)
		dev->data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
	ntb_eth_queues_run(dev, false);
}

static int
ntb_eth_set_state(struct rte_eth_dev *dev, uint8_t *state, uint8_t value)
{
	const struct ntb_eth_port *port = dev->data->dev_private;

	*state = value;
	ntb_eth_queues_run(dev, port->raw.started);
	return 0;
}

int
ntb_eth_rx_queue_start(struct rte_eth_dev *dev, uint16_t q)
{
	return ntb_eth_set_state(dev, &dev->data->rx_queue_state[q], RTE_ETH_QUEUE_STATE_STARTED);
}

int
ntb_eth_rx_queue_stop(struct rte_eth_dev *dev, uint16_t q)
{
	return ntb_eth_set_state(dev, &dev->data->rx_queue_state[q], RTE_ETH_QUEUE_STATE_STOPPED);
}

int
ntb_eth_tx_queue_start(struct rte_eth_dev *dev, uint16_t q)
{
	return ntb_eth_set_state(dev, &dev->data->tx_queue_state[q], RTE_ETH_QUEUE_STATE_STARTED);
}

int
ntb_eth_tx_queue_stop(struct rte_eth_dev *dev, uint16_t q)
{
	return ntb_eth_set_state(dev, &dev->data->tx_queue_state[q], RTE_ETH_QUEUE_STATE_STOPPED);
}

void
ntb_eth_rxq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info)
{
	const struct ntb_eth_rxq *rxq = dev->data->rx_queues[q];

	info->mp = rxq->mp;
	info->nb_desc = rxq->nb_desc;
	info->scattered_rx =
		(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	info->conf.rx_deferred_start = rxq->deferred;
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
}

void
ntb_eth_txq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info)
{
	const struct ntb_eth_txq *txq = dev->data->tx_queues[q];

	info->nb_desc = txq->nb_desc;
	info->conf.tx_free_thresh = txq->free_thresh;
	info->conf.tx_deferred_start = txq->deferred;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

int
ntb_eth_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q __rte_unused,
			  struct rte_eth_burst_mode *mode)
{
	const struct ntb_eth_port *port = dev->data->dev_private;

	rte_strlcpy(mode->info, port->pool.mp != NULL ?
		"Scalar, copied out of the memory window" : "Scalar", sizeof(mode->info));
	return 0;
}

int
ntb_eth_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q __rte_unused,
			  struct rte_eth_burst_mode *mode)
{
	bool cksum = (dev->data->dev_conf.txmode.offloads & NTB_ETH_TX_CKSUM) != 0;

	rte_strlcpy(mode->info, cksum ? "Scalar, with checksums" : "Scalar", sizeof(mode->info));
	return 0;
}

/* Entries of a ring in use, at most max; 0 while the rawdev rests. */
static uint32_t
ntb_eth_used(uint16_t raw_id, int gauge, uint32_t max)
{
	unsigned int id = gauge;
	uint64_t used = 0;

	if (rte_rawdev_xstats_get(raw_id, &id, &used, 1) != 1)
		return 0;
	return RTE_MIN(used, (uint64_t)max);
}

static uint32_t
ntb_eth_rxq_used(const struct ntb_eth_rxq *rxq)
{
	return ntb_eth_used(rxq->raw_id, rxq->gauge, rxq->nb_desc);
}

static uint32_t
ntb_eth_txq_used(const struct ntb_eth_txq *txq)
{
	return ntb_eth_used(txq->raw_id, txq->gauge, txq->nb_desc);
}

static ntb_queue_count
ntb_eth_rx_queue_count(void *queue)
{
	return ntb_eth_rxq_used(queue);
}

static int
ntb_eth_rx_descriptor_status(void *queue, uint16_t offset)
{
	const struct ntb_eth_rxq *rxq = queue;

	if (offset >= rxq->nb_desc)
		return -EINVAL;
	return offset < ntb_eth_rxq_used(rxq) ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

/* Counted from where the next packet goes: first what is free, then what is under way. */
static int
ntb_eth_tx_descriptor_status(void *queue, uint16_t offset)
{
	const struct ntb_eth_txq *txq = queue;

	if (offset >= txq->nb_desc)
		return -EINVAL;
	return offset < txq->nb_desc - ntb_eth_txq_used(txq) ? RTE_ETH_TX_DESC_DONE :
							       RTE_ETH_TX_DESC_FULL;
}

#ifdef NTB_HAVE_TX_QUEUE_COUNT
static int
ntb_eth_tx_queue_count(void *queue)
{
	return ntb_eth_txq_used(queue);
}
#endif

/* Functions that look into the rings are there if the rawdev can look into them. */
void
ntb_eth_set_count_ops(struct rte_eth_dev *dev, bool can)
{
	dev->rx_queue_count = can ? ntb_eth_rx_queue_count : NULL;
	dev->rx_descriptor_status = can ? ntb_eth_rx_descriptor_status : NULL;
	dev->tx_descriptor_status = can ? ntb_eth_tx_descriptor_status : NULL;
#ifdef NTB_HAVE_TX_QUEUE_COUNT
	dev->tx_queue_count = can ? ntb_eth_tx_queue_count : NULL;
#endif
}

/* Offering the rawdev nothing to send makes it give back what has been sent: all of it. */
int
ntb_eth_tx_done_cleanup(void *queue, uint32_t free_cnt __rte_unused)
{
	struct ntb_eth_txq *txq = queue;
	uint32_t before, after;

	if (!rte_atomic_load_explicit(&txq->run, rte_memory_order_acquire))
		return 0;
	if (txq->gauge < 0)
		return -ENOTSUP;
	before = ntb_eth_txq_used(txq);
	rte_rawdev_enqueue_buffers(txq->raw_id, txq->ptrs, 0, ntb_eth_context(txq->queue_id));
	after = ntb_eth_txq_used(txq);
	return before > after ? before - after : 0;
}
