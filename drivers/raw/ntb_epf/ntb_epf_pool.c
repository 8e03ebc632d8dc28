/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Which pools queues can receive into. What an engine cannot reach is refused where a queue is set
 * up: later it would only show as copies that fail. Cores reach everything.
 */

#include "ntb_epf_priv.h"

struct reach {
	const struct ntb_epf_plat_ops *ops;
	const void *beyond; /**< memory that no engine reaches; NULL: none found */
};

static void
reach_bytes(struct reach *reach, const void *addr, size_t bytes)
{
	if (reach->beyond == NULL && !reach->ops->engine_reaches(addr, bytes))
		reach->beyond = addr;
}

static void
reach_chunk(struct rte_mempool *mp, void *opaque, struct rte_mempool_memhdr *chunk,
	      unsigned int index)
{
	RTE_SET_USED(mp);
	RTE_SET_USED(index);
	reach_bytes(opaque, chunk->addr, chunk->len);
}

static void
reach_buffer(struct rte_mempool *mp, void *opaque, void *obj, unsigned int index)
{
	const struct rte_mbuf *m = obj;

	RTE_SET_USED(mp);
	RTE_SET_USED(index);
	reach_bytes(opaque, m->buf_addr, m->buf_len);
}

/** Buffers are in the pool's own memory, or pinned to its mbufs. */
static const void *
memory_beyond_reach(const struct ntb_epf_plat_ops *ops, struct rte_mempool *mp)
{
	struct reach reach = { .ops = ops };

	if ((rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0)
		rte_mempool_obj_iter(mp, reach_buffer, &reach);
	else
		rte_mempool_mem_iter(mp, reach_chunk, &reach);
	return reach.beyond;
}

int
ntb_epf_pool_check(const struct ntb_epf_dev *dev, uint16_t queue, struct rte_mempool *mp)
{
	const void *beyond;

	if (mp == NULL || rte_pktmbuf_data_room_size(mp) <= RTE_PKTMBUF_HEADROOM) {
		NTB_EPF_LOG(ERR, dev, "queue %u: expected an mbuf pool with room for data", queue);
		return -EINVAL;
	}
	/* Any other wish may end with an engine: the peer has a say in it. */
	if (dev->wish == NTB_EPF_MOVER_CPU || dev->plat_ops->engine_reaches == NULL)
		return 0;
	beyond = memory_beyond_reach(dev->plat_ops, mp);
	if (beyond == NULL)
		return 0;
	NTB_EPF_LOG(ERR, dev, "queue %u: pool %s: no engine reaches its memory at %p: expected "
		    "memory that EAL has allocated, or mover=cpu", queue, mp->name, beyond);
	return -EINVAL;
}
