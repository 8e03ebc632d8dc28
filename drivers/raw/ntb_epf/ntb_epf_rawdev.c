/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Rawdev operations: conventions and structures of rte_pmd_ntb.h. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_pmd_ntb.h>

#include "ntb_epf_priv.h"

static bool
is_queue_size(uint64_t n)
{
	return n >= NTB_EPF_MIN_QUEUE_SIZE && n <= NTB_EPF_MAX_QUEUE_SIZE && rte_is_power_of_2(n);
}

static int
info_get(struct rte_rawdev *rawdev, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	struct ntb_dev_info *info = obj;

	if (size != sizeof(*info))
		return -EINVAL;
	/* Payload needs no window: pools lie wherever the application has them. */
	info->ntb_hdr_size = NTB_EPF_WINDOW_BYTES(dev->nb_queues, dev->queue_size);
	info->mw_size_align = 0;
	info->mw_cnt = 1;
	if (info->mw_size == NULL)
		return 0;
	info->mw_size[0] = dev->window_bytes;
	return 0;
}

static bool
is_quiet(const struct ntb_epf_dev *dev)
{
	return dev->state == NTB_EPF_STOPPED || dev->state == NTB_EPF_DEAD;
}

/** Started, or stopped while the peer still holds buffers: queues must stay as they are. */
static bool
is_running(const struct ntb_epf_dev *dev)
{
	return dev->rawdev->started || !is_quiet(dev);
}

static void
queues_free(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++) {
		rte_free(dev->queues[i].tx.slots);
		rte_free(dev->queues[i].rx.slots);
	}
	dev->nb_rings = 0;
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

	if (conf == NULL || size != sizeof(*conf))
		return -EINVAL;
	if (is_running(dev))
		return -EBUSY;
	if (conf->num_queues == 0 || conf->num_queues > NTB_EPF_MAX_QUEUES) {
		NTB_EPF_LOG(ERR, dev, "num_queues=%u: expected 1 to %u", conf->num_queues,
			    NTB_EPF_MAX_QUEUES);
		return -EINVAL;
	}
	if (!is_queue_size(conf->queue_size)) {
		NTB_EPF_LOG(ERR, dev, "queue_size=%u: expected a power of two, %u to %u",
			    conf->queue_size, NTB_EPF_MIN_QUEUE_SIZE, NTB_EPF_MAX_QUEUE_SIZE);
		return -EINVAL;
	}
	if (check_window(dev, conf->num_queues, conf->queue_size) != 0)
		return -ENOSPC;

	queues_free(dev);
	dev->nb_queues = conf->num_queues;
	dev->queue_size = conf->queue_size;
	dev->queues = rte_zmalloc_socket(dev->name, sizeof(*dev->queues) * dev->nb_queues,
					 RTE_CACHE_LINE_SIZE, rawdev->socket_id);
	return dev->queues != NULL ? 0 : -ENOMEM;
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
	r->countdown = 1;
	return 0;
}

static int
queue_setup(struct rte_rawdev *rawdev, uint16_t index, rte_rawdev_obj_t obj, size_t size)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	const struct ntb_queue_conf *conf = obj;
	struct ntb_epf_queue *q;

	if (conf == NULL || size != sizeof(*conf))
		return -EINVAL;
	if (is_running(dev))
		return -EBUSY;
	if (dev->queues == NULL || index >= dev->nb_queues) {
		NTB_EPF_LOG(ERR, dev, "queue %u: expected less than %u, after configure", index,
			    dev->queues == NULL ? 0 : dev->nb_queues);
		return -EINVAL;
	}
	if (conf->rx_mp == NULL || rte_pktmbuf_data_room_size(conf->rx_mp) <= RTE_PKTMBUF_HEADROOM) {
		NTB_EPF_LOG(ERR, dev, "queue %u: expected an mbuf pool with room for data", index);
		return -EINVAL;
	}
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
	return 0;
}

static int
queue_release(struct rte_rawdev *rawdev, uint16_t index)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	if (dev->queues == NULL || index >= dev->nb_queues)
		return -EINVAL;
	if (is_running(dev))
		return -EBUSY;
	dev->queues[index].configured = false;
	return 0;
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

static int
check_movers(struct ntb_epf_dev *dev)
{
	uint8_t can = ntb_epf_dma_abilities(dev);
	bool rc = dev->side == NTB_EPF_SIDE_RC;
	const uint8_t all = NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL;

	/* The peer may be able to do anything: refuse only what this side alone makes impossible. */
	if (dev->wish == NTB_EPF_MOVER_AUTO ||
	    ntb_epf_negotiate(rc ? dev->wish : NTB_EPF_MOVER_AUTO, rc ? can : all,
			      rc ? NTB_EPF_MOVER_AUTO : dev->wish, rc ? all : can) == dev->wish)
		return 0;
	NTB_EPF_LOG(ERR, dev, "mover=%s: %u queue pairs need as many DMA channels here: %u DMA "
		    "channels found, abilities %s%s", ntb_epf_mover_name(dev->wish), dev->nb_queues,
		    dev->nb_chans, (can & NTB_EPF_CAN_PUSH) != 0 ? "push " : "- ",
		    (can & NTB_EPF_CAN_PULL) != 0 ? "pull" : "-");
	return -ENODEV;
}

static int
start(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	uint16_t i;
	int ret;

	if (dev->queues == NULL) {
		NTB_EPF_LOG(ERR, dev, "start: expected configure and queue_setup before");
		return -EINVAL;
	}
	for (i = 0; i < dev->nb_queues; i++) {
		if (!dev->queues[i].configured) {
			NTB_EPF_LOG(ERR, dev, "start: queue %u of %u is not set up", i,
				    dev->nb_queues);
			return -EINVAL;
		}
	}
	if (!is_quiet(dev) && ntb_epf_link_stop(dev) != 0) {
		NTB_EPF_LOG(ERR, dev, "start: the peer has not let go of buffers of the last run");
		return -EBUSY;
	}
	if (dev->state == NTB_EPF_DEAD) {
		NTB_EPF_LOG(ERR, dev, "start: the board is gone: restart the process");
		return -ENODEV;
	}
	ret = ntb_epf_dma_resolve(dev);
	if (ret == 0)
		ret = check_movers(dev);
	if (ret != 0)
		return ret;
	dev->nb_rings = dev->nb_queues;
	ntb_epf_link_start(dev);
	return 0;
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
	unsigned int i;

	if (dev->plat_ops == NULL)
		return 0;
	if (!is_quiet(dev) && ntb_epf_link_stop(dev) != 0)
		NTB_EPF_LOG(ERR, dev, "close: the peer has not let go: its buffers are not returned "
			    "to their pools");
	if (dev->side == NTB_EPF_SIDE_RC)
		ntb_epf_host_leave(dev);
	else
		ntb_epf_ep_unbind(dev);
	ntb_epf_link_close(dev);
	dev->plat_ops->close(dev);
	dev->plat_ops = NULL;
	queues_free(dev);
	for (i = 0; i < dev->nb_dma_args; i++)
		free(dev->dma_args[i]);
	dev->nb_dma_args = 0;
	return 0;
}

static int
reset(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	if (is_running(dev))
		return -EBUSY;
	queues_free(dev);
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
};
