/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Rawdev operations: conventions and structures of rte_pmd_ntb.h. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_pmd_ntb.h>

#include "ntb_epf_args.h"
#include "ntb_epf_exec.h"
#include "ntb_epf_vdma.h"

static int
info_get(struct rte_rawdev *rawdev, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	struct ntb_dev_info *info = obj;

	if (size != sizeof(*info))
		return -EINVAL;
	/*
	 * An application of raw_ntb makes its pool of as much memory as windows and their header
	 * leave it. Payload needs no window here: a pool may take all that an entry can address.
	 */
	dev->pool_bytes = RTE_BIT64(NTB_EPF_SQE0_ADDR_BITS);
	info->ntb_hdr_size = 0;
	info->mw_size_align = 0;
	info->mw_cnt = 1;
	info->mw_size = &dev->pool_bytes;
	return 0;
}

static bool
is_quiet(const struct ntb_epf_dev *dev)
{
	return dev->state == NTB_EPF_STOPPED || dev->state == NTB_EPF_DEAD;
}

/** May polls of the link join it? They may come from another thread. */
static void
offer_join(struct ntb_epf_dev *dev, bool may_join)
{
	rte_spinlock_lock(&dev->join_lock);
	dev->may_join = may_join;
	rte_spinlock_unlock(&dev->join_lock);
}

/** Leaves a link that was joined before start, or that the peer has not let go of at stop. */
static int
leave_quietly(struct ntb_epf_dev *dev)
{
	if (dev->plat_ops == NULL)
		return -ENODEV;
	if (dev->rawdev->started)
		return -EBUSY;
	offer_join(dev, false);
	return is_quiet(dev) ? 0 : ntb_epf_link_stop(dev);
}

static void
queue_free(struct ntb_epf_queue *q)
{
	rte_free(q->tx.slots);
	rte_free(q->rx.slots);
	q->tx.slots = NULL;
	q->rx.slots = NULL;
	q->configured = false;
}

void
ntb_epf_queues_free(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++)
		queue_free(&dev->queues[i]);
	dev->nb_rings = 0;
	ntb_epf_commit_destroy(dev);
	rte_free(dev->queues);
	dev->queues = NULL;
}

static int
check_window(const struct ntb_epf_dev *dev, uint16_t queues, uint16_t queue_size)
{
	uint64_t needed = NTB_EPF_WINDOW_BYTES(queues, queue_size);

	if (needed <= dev->window_bytes)
		return 0;
	NTB_EPF_LOG(ERR, dev, "queue_num=%u queue_size=%u need a window of %" PRIu64
		    " bytes: the window has %" PRIu64, queues, queue_size, needed,
		    dev->window_bytes);
	return -ENOSPC;
}

static int
configure(const struct rte_rawdev *rawdev, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	const struct ntb_dev_config *conf = obj;

	int ret;

	if (conf == NULL || size != sizeof(*conf))
		return -EINVAL;
	ret = leave_quietly(dev);
	if (ret != 0)
		return ret;
	if (conf->num_queues == 0 || conf->num_queues > NTB_EPF_MAX_QUEUES) {
		NTB_EPF_LOG(ERR, dev, "num_queues=%u: expected 1 to %u", conf->num_queues,
			    NTB_EPF_MAX_QUEUES);
		return -EINVAL;
	}
	if (!ntb_epf_is_queue_size(conf->queue_size)) {
		NTB_EPF_LOG(ERR, dev, "queue_size=%u: expected a power of two, %u to %u",
			    conf->queue_size, NTB_EPF_MIN_QUEUE_SIZE, NTB_EPF_MAX_QUEUE_SIZE);
		return -EINVAL;
	}
	if (check_window(dev, conf->num_queues, conf->queue_size) != 0)
		return -ENOSPC;

	ntb_epf_queues_free(dev);
	dev->nb_queues = conf->num_queues;
	dev->queue_size = conf->queue_size;
	dev->queues = rte_zmalloc_socket(dev->name, sizeof(*dev->queues) * dev->nb_queues,
					 RTE_CACHE_LINE_SIZE, rawdev->socket_id);
	if (dev->queues != NULL && ntb_epf_commit_create(dev) == 0)
		return 0;
	ntb_epf_queues_free(dev);
	return -ENOMEM;
}

static int
ring_create(struct ntb_epf_dev *dev, struct ntb_epf_ring *r)
{
	if (r->slots == NULL)
		r->slots = rte_zmalloc_socket(dev->name, sizeof(*r->slots) * dev->queue_size,
					      RTE_CACHE_LINE_SIZE, dev->rawdev->socket_id);
	if (r->slots == NULL)
		return -ENOMEM;
	r->dev = dev;
	r->mask = dev->queue_size - 1u;
	return 0;
}

/** A queue that is not set up, or -1. */
static int
missing_queue(const struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++)
		if (!dev->queues[i].configured)
			return i;
	return -1;
}

static int
queue_setup(struct rte_rawdev *rawdev, uint16_t index, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	const struct ntb_queue_conf *conf = obj;
	struct ntb_epf_queue *q;
	int ret;

	if (conf == NULL || size != sizeof(*conf))
		return -EINVAL;
	ret = leave_quietly(dev);
	if (ret != 0)
		return ret;
	if (dev->queues == NULL || index >= dev->nb_queues) {
		NTB_EPF_LOG(ERR, dev, "queue %u: expected less than %u, after configure", index,
			    dev->queues == NULL ? 0 : dev->nb_queues);
		return -EINVAL;
	}
	ret = ntb_epf_pool_check(dev, index, conf->rx_mp);
	if (ret != 0)
		return ret;
	if (conf->nb_desc != 0 && conf->nb_desc != dev->queue_size) {
		NTB_EPF_LOG(ERR, dev, "queue %u: nb_desc=%u: expected queue_size=%u", index,
			    conf->nb_desc, dev->queue_size);
		return -EINVAL;
	}
	q = &dev->queues[index];
	if (ring_create(dev, &q->tx) != 0 || ring_create(dev, &q->rx) != 0)
		return -ENOMEM;
	q->rx.mp = conf->rx_mp;
	q->rx.buf_room = rte_pktmbuf_data_room_size(conf->rx_mp) - RTE_PKTMBUF_HEADROOM;
	q->configured = true;
	offer_join(dev, missing_queue(dev) < 0);
	return 0;
}

static int
queue_release(struct rte_rawdev *rawdev, uint16_t index)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	int ret;

	if (dev->queues == NULL || index >= dev->nb_queues)
		return -EINVAL;
	ret = leave_quietly(dev);
	if (ret == 0)
		queue_free(&dev->queues[index]);
	return ret;
}

static int
queue_conf(struct rte_rawdev *rawdev, uint16_t index, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	struct ntb_queue_conf *conf = obj;

	if (conf == NULL || size != sizeof(*conf) || dev->queues == NULL ||
	    index >= dev->nb_queues)
		return -EINVAL;
	conf->nb_desc = dev->queue_size;
	conf->tx_free_thresh = NTB_EPF_STASH;
	conf->rx_mp = dev->queues[index].rx.mp;
	return 0;
}

static uint16_t
queue_count(struct rte_rawdev *rawdev)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;

	return dev->nb_queues;
}

/** The peer may be able to do anything: refuse only what this side alone makes impossible. */
static int
check_movers(struct ntb_epf_dev *dev)
{
	const uint8_t all = NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL | NTB_EPF_MAY_CPU;
	uint8_t can = ntb_epf_abilities(dev);
	bool rc = dev->side == NTB_EPF_SIDE_RC;

	if (ntb_epf_negotiate(rc ? dev->wish : NTB_EPF_MOVER_AUTO, rc ? can : all,
			      rc ? NTB_EPF_MOVER_AUTO : dev->wish, rc ? all : can) !=
	    NTB_EPF_MOVER_AUTO)
		return 0;
	NTB_EPF_LOG(ERR, dev, "mover=%s: %u DMA channels found, abilities %s: expected a channel for "
		    "each direction that this side moves", ntb_epf_mover_name(dev->wish),
		    dev->nb_chans, ntb_epf_abilities_name(can));
	return -ENODEV;
}

/** Joins the link. What this side lacks is an error now; the peer may come and go. */
static int
join_link(struct ntb_epf_dev *dev, bool open)
{
	int ret = ntb_epf_dma_resolve(dev);

	if (ret == 0)
		ret = check_movers(dev);
	if (ret == 0)
		ret = ntb_epf_export_resolve(dev);
	if (ret == 0)
		ret = ntb_epf_vdma_offer(dev);
	if (ret == 0)
		ntb_epf_link_start(dev, open);
	return ret;
}

void
ntb_epf_join_early(struct ntb_epf_dev *dev)
{
	if (rte_spinlock_trylock(&dev->join_lock) == 0)
		return;
	if (dev->may_join && dev->state == NTB_EPF_STOPPED) {
		/* Once: start tells again what is missing. */
		dev->may_join = false;
		join_link(dev, false);
	}
	rte_spinlock_unlock(&dev->join_lock);
}

static int
start(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int ret;

	if (dev->queues == NULL) {
		NTB_EPF_LOG(ERR, dev, "start: expected configure and queue_setup before");
		return -EINVAL;
	}
	if (missing_queue(dev) >= 0) {
		NTB_EPF_LOG(ERR, dev, "start: queue %d of %u is not set up", missing_queue(dev),
			    dev->nb_queues);
		return -EINVAL;
	}
	offer_join(dev, false);
	if (!is_quiet(dev) && dev->stopping && ntb_epf_link_stop(dev) != 0) {
		NTB_EPF_LOG(ERR, dev, "start: the peer has not let go of buffers of the last run");
		return -EBUSY;
	}
	if (dev->state == NTB_EPF_DEAD) {
		NTB_EPF_LOG(ERR, dev, "start: the board is gone: restart the process");
		return -ENODEV;
	}
	dev->nb_rings = dev->nb_queues;
	ret = join_link(dev, true);
	if (ret != 0)
		dev->nb_rings = 0;
	return ret;
}

static void
stop(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	if (ntb_epf_link_stop(dev) != 0)
		NTB_EPF_LOG(WARNING, dev, "stop: the peer has not let go: buffers that it may still "
			    "write to are kept");
}

static int
ntb_epf_close(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	if (dev->plat_ops == NULL)
		return 0;
	offer_join(dev, false);
	if (!is_quiet(dev) && ntb_epf_link_stop(dev) != 0)
		NTB_EPF_LOG(ERR, dev, "close: the peer has not let go: its buffers are not returned "
			    "to their pools");
	/* What was requested has ended with the link, or the peer may still copy it. */
	if (ntb_epf_vdma_withdraw(dev) != 0)
		return -EBUSY;
	if (dev->side == NTB_EPF_SIDE_RC)
		ntb_epf_host_leave(dev);
	else
		ntb_epf_ep_unbind(dev);
	ntb_epf_link_close(dev);
	dev->plat_ops->close(dev);
	dev->plat_ops = NULL;
	ntb_epf_queues_free(dev);
	ntb_epf_exec_free(dev);
	ntb_epf_args_free(dev);
	return 0;
}

static int
reset(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int ret = leave_quietly(dev);

	if (ret != 0)
		return ret;
	ntb_epf_queues_free(dev);
	ntb_epf_export_none(dev);
	ntb_epf_set_defaults(dev);
	return 0;
}

const struct rte_rawdev_ops ntb_epf_ops = {
	.dev_info_get = info_get,
	.dev_configure = configure,
	.dev_start = start,
	.dev_stop = stop,
	.dev_close = ntb_epf_close,
	.dev_reset = reset,
	.queue_def_conf = queue_conf,
	.queue_setup = queue_setup,
	.queue_release = queue_release,
	.queue_count = queue_count,
	.enqueue_bufs = ntb_epf_enqueue,
	.dequeue_bufs = ntb_epf_dequeue,
	.dump = ntb_epf_dump,
	.attr_get = ntb_epf_attr_get,
	.attr_set = ntb_epf_attr_set,
	.xstats_get = ntb_epf_xstats_get,
	.xstats_get_names = ntb_epf_xstats_names,
	.xstats_get_by_name = ntb_epf_xstats_by_name,
	.xstats_reset = ntb_epf_xstats_reset,
	.dev_selftest = ntb_epf_selftest,
};
