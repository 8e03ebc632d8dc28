/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>

#include <rte_errno.h>
#include <rte_mempool.h>
#include <rte_pmd_ntb.h>

#include "ntb_ethdev.h"

/*
 * A receive pool inside the rawdev's memory windows, where the peer writes. The rawdev says how
 * many windows there are and how large; the memory is ours and is told to it at configure. The
 * first window starts with the rawdev's own header.
 */

static void
ntb_eth_pool_chunk_free(struct rte_mempool_memhdr *memhdr __rte_unused, void *opaque)
{
	rte_memzone_free(opaque);
}

void
ntb_eth_pool_free(struct ntb_eth_port *port)
{
	rte_mempool_free(port->pool.mp);
	memset(&port->pool, 0, sizeof(port->pool));
}

/* Mbufs that keep all rings full while a burst per queue is being copied. */
static uint32_t
ntb_eth_pool_mbufs(const struct ntb_eth_port *port)
{
	return port->raw.nb_pairs * (port->raw.ring_size + 2u * NTB_ETH_CHUNK);
}

static struct rte_mempool *
ntb_eth_pool_new(const struct ntb_eth_port *port, uint32_t nb_mbufs)
{
	struct rte_pktmbuf_pool_private priv = { .mbuf_data_room_size = RTE_MBUF_DEFAULT_BUF_SIZE };
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), "ntb_rx_p%u", port->data->port_id);
	mp = rte_mempool_create_empty(name, nb_mbufs,
				      sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE, 0,
				      sizeof(priv), port->data->numa_node, 0);
	if (mp == NULL)
		return NULL;
	/* A plain ring: what a platform prefers may want memory of its own. */
	if (rte_mempool_set_ops_byname(mp, RTE_MBUF_DEFAULT_MEMPOOL_OPS, NULL) != 0) {
		rte_mempool_free(mp);
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, &priv);
	return mp;
}

/* Bytes that hold the mbufs still missing, wherever in a page they start. */
static int
ntb_eth_pool_bytes(struct rte_mempool *mp, size_t *bytes)
{
	size_t page, chunk, align;
	ssize_t len;
	int ret;

	ret = rte_mempool_get_page_size(mp, &page);
	if (ret < 0)
		return ret;
	len = rte_mempool_op_calc_mem_size_default(mp, mp->size - mp->populated_size,
						   page != 0 ? rte_bsf64(page) : 0, &chunk,
						   &align);
	if (len < 0)
		return len;
	*bytes = len + page + align;
	return 0;
}

/* Fill window w with mbufs, behind hdr bytes. Returns how many fitted. */
static int
ntb_eth_pool_add_window(struct ntb_eth_port *port, unsigned int w, size_t window, bool align,
			size_t hdr)
{
	struct rte_mempool *mp = port->pool.mp;
	const struct rte_memzone *mz;
	char name[RTE_MEMZONE_NAMESIZE];
	size_t len = 0;
	int ret;

	ret = ntb_eth_pool_bytes(mp, &len);
	if (ret < 0)
		return ret;
	len = RTE_MIN(len + hdr, window);
	if (len <= hdr)
		return 0;
	snprintf(name, sizeof(name), "ntb_p%u_mw%u", port->data->port_id, w);
	mz = rte_memzone_reserve_aligned(name, len, port->data->numa_node,
					 RTE_MEMZONE_IOVA_CONTIG,
					 align ? window : RTE_CACHE_LINE_SIZE);
	if (mz == NULL)
		return -rte_errno;
	ret = rte_mempool_populate_iova(mp, RTE_PTR_ADD(mz->addr, hdr), mz->iova + hdr, len - hdr,
					ntb_eth_pool_chunk_free, (void *)(uintptr_t)mz);
	if (ret <= 0) {
		rte_memzone_free(mz);
		return ret;
	}
	port->pool.mz[w] = mz;
	port->pool.nb_mz = w + 1;
	return ret;
}

static int
ntb_eth_pool_populate(struct ntb_eth_port *port, const struct ntb_dev_info *dev)
{
	uint8_t windows = RTE_MIN(dev->mw_cnt, NTB_ETH_MAX_MW);
	struct rte_mempool *mp = port->pool.mp;
	uint8_t w;
	int ret;

	for (w = 0; w < windows && mp->populated_size < mp->size; w++) {
		ret = ntb_eth_pool_add_window(port, w, dev->mw_size[w], dev->mw_size_align != 0,
					      w == 0 ? dev->ntb_hdr_size : 0);
		if (ret < 0)
			return ret;
		if (ret == 0)
			break;
	}
	if (mp->populated_size < mp->size) {
		NTB_ETH_LOG(ERR, port,
			    "memory windows hold %u buffers, expected %u for %u queues of %u",
			    mp->populated_size, mp->size, port->raw.nb_pairs, port->raw.ring_size);
		return -ENOSPC;
	}
	return 0;
}

/* The rawdev's queue_size and queue_num attributes are set. */
int
ntb_eth_pool_create(struct ntb_eth_port *port)
{
	struct ntb_dev_info dev = { 0 };
	struct rte_rawdev_info info = { .dev_private = &dev };
	uint32_t nb_mbufs = ntb_eth_pool_mbufs(port);
	int ret;

	ntb_eth_pool_free(port);
	ret = rte_rawdev_info_get(port->raw.id, &info, sizeof(dev));
	if (ret != 0 || dev.mw_cnt == 0 || dev.mw_size == NULL) {
		NTB_ETH_LOG(ERR, port, "rawdev %u does not tell its memory windows: %s",
			    port->raw.id, strerror(-ret));
		return ret < 0 ? ret : -ENODEV;
	}
	port->pool.mp = ntb_eth_pool_new(port, nb_mbufs);
	if (port->pool.mp == NULL) {
		NTB_ETH_LOG(ERR, port, "cannot make a pool of %u receive buffers", nb_mbufs);
		return -ENOMEM;
	}
	ret = ntb_eth_pool_populate(port, &dev);
	if (ret != 0) {
		NTB_ETH_LOG(ERR, port, "cannot put %u receive buffers into memory windows: %s",
			    nb_mbufs, strerror(-ret));
		ntb_eth_pool_free(port);
		return ret;
	}
	rte_mempool_obj_iter(port->pool.mp, rte_pktmbuf_init, NULL);
	return 0;
}
