/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Which DMA devices move what. Any rte_dma device can serve: one that copies from memory to the
 * device pushes, one that copies from the device to memory pulls. Each queue pair has a channel of
 * its own per direction, so that queues on different lcores share nothing.
 */

#include <stdio.h>
#include <string.h>

#include <rte_dmadev.h>

#include "ntb_epf_priv.h"

static bool
names_device(const char *arg, const char *name)
{
	size_t n = strlen(arg);

	return strncmp(name, arg, n) == 0 && (name[n] == '\0' || name[n] == '-');
}

/** Takes what is named, or if nothing is, every device that nobody has configured yet. */
static bool
is_wanted(const struct ntb_epf_dev *dev, int16_t id, const struct rte_dma_info *info)
{
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	unsigned int i;

	for (i = 0; i < dev->nb_dma_args; i++)
		if (names_device(dev->dma_args[i], info->dev_name))
			return true;
	/* Configuring it tells others that it is taken. */
	return dev->nb_dma_args == 0 && info->nb_vchans == 0 && rte_dma_configure(id, &conf) == 0;
}

/** The wish alone says that no DMA device of this side moves anything. */
static bool
moves_nothing(const struct ntb_epf_dev *dev)
{
	return dev->wish == NTB_EPF_MOVER_CPU ||
		dev->wish == (dev->side == NTB_EPF_SIDE_RC ? NTB_EPF_MOVER_EP : NTB_EPF_MOVER_RC);
}

static void
add_channel(struct ntb_epf_dev *dev, int16_t dev_id, bool push)
{
	if (dev->nb_chans == RTE_DIM(dev->chans))
		return;
	dev->chans[dev->nb_chans].dev_id = dev_id;
	dev->chans[dev->nb_chans].push = push;
	dev->nb_chans++;
}

static int
check_args_used(const struct ntb_epf_dev *dev)
{
	unsigned int i;
	int16_t id;

	for (i = 0; i < dev->nb_dma_args; i++) {
		bool found = false;

		RTE_DMA_FOREACH_DEV(id) {
			struct rte_dma_info info;

			if (rte_dma_info_get(id, &info) == 0)
				found |= names_device(dev->dma_args[i], info.dev_name);
		}
		if (!found) {
			NTB_EPF_LOG(ERR, dev, "dma=%s: no such DMA device: expected the name of a "
				    "dmadev, or of a device whose channels are dmadevs",
				    dev->dma_args[i]);
			return -ENODEV;
		}
	}
	return 0;
}

int
ntb_epf_dma_resolve(struct ntb_epf_dev *dev)
{
	int16_t id;

	/* What was taken at an earlier start stays taken. */
	if (dev->nb_chans != 0 || moves_nothing(dev))
		return 0;
	RTE_DMA_FOREACH_DEV(id) {
		struct rte_dma_info info;
		bool push;

		if (rte_dma_info_get(id, &info) != 0)
			continue;
		push = (info.dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0;
		if ((push || (info.dev_capa & RTE_DMA_CAPA_DEV_TO_MEM) != 0) &&
		    is_wanted(dev, id, &info))
			add_channel(dev, id, push);
	}
	return check_args_used(dev);
}

static unsigned int
count(const struct ntb_epf_dev *dev, bool push)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++)
		n += dev->chans[i].push == push;
	return n;
}

uint8_t
ntb_epf_dma_abilities(const struct ntb_epf_dev *dev)
{
	uint8_t can = 0;

	if (count(dev, true) >= dev->nb_queues)
		can |= NTB_EPF_CAN_PUSH;
	if (count(dev, false) >= dev->nb_queues)
		can |= NTB_EPF_CAN_PULL;
	return can;
}

int16_t
ntb_epf_dma_channel(const struct ntb_epf_dev *dev, uint16_t queue, bool push)
{
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++)
		if (dev->chans[i].push == push && queue-- == 0)
			return dev->chans[i].dev_id;
	return -ENODEV;
}

/** Room for as many operations as a ring has entries, twice: packets may be cut in two. */
static uint16_t
descriptors(const struct ntb_epf_dev *dev, const struct rte_dma_info *info)
{
	uint32_t want = RTE_MAX(2u * dev->queue_size, 2u * NTB_EPF_MAX_SEGS);

	want = RTE_MIN(want, (uint32_t)info->max_desc);
	return (uint16_t)RTE_MAX(want, (uint32_t)info->min_desc);
}

static int
start_channel(struct ntb_epf_dev *dev, const struct ntb_epf_chan *chan)
{
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vchan = { 0 };
	struct rte_dma_info info;
	int ret;

	ret = rte_dma_info_get(chan->dev_id, &info);
	if (ret != 0)
		return ret;
	vchan.nb_desc = descriptors(dev, &info);
	if (chan->push) {
		vchan.direction = RTE_DMA_DIR_MEM_TO_DEV;
		vchan.dst_port.port_type = RTE_DMA_PORT_PCIE;
	} else {
		vchan.direction = RTE_DMA_DIR_DEV_TO_MEM;
		vchan.src_port.port_type = RTE_DMA_PORT_PCIE;
	}
	ret = rte_dma_configure(chan->dev_id, &conf);
	if (ret == 0)
		ret = rte_dma_vchan_setup(chan->dev_id, 0, &vchan);
	if (ret == 0)
		ret = rte_dma_start(chan->dev_id);
	if (ret == 0 && rte_dma_burst_capacity(chan->dev_id, 0) < NTB_EPF_MAX_SEGS) {
		rte_dma_stop(chan->dev_id);
		ret = -ENOSPC;
	}
	if (ret != 0)
		NTB_EPF_LOG(ERR, dev, "DMA device %s does not start with %u descriptors: %s",
			    info.dev_name, vchan.nb_desc, strerror(-ret));
	return ret;
}

/** Has this side to copy in the direction that such a channel serves? */
static bool
is_needed(const struct ntb_epf_dev *dev, bool push)
{
	bool rc = dev->side == NTB_EPF_SIDE_RC;
	enum ntb_epf_dir sent = rc ? NTB_EPF_DIR_RC_TO_EP : NTB_EPF_DIR_EP_TO_RC;
	enum ntb_epf_dir received = rc ? NTB_EPF_DIR_EP_TO_RC : NTB_EPF_DIR_RC_TO_EP;

	return dev->mover != NTB_EPF_MOVER_CPU &&
		ntb_epf_is_mover(dev->mover, dev->side, push ? sent : received);
}

int
ntb_epf_dma_start(struct ntb_epf_dev *dev)
{
	uint16_t left[2] = { dev->nb_queues, dev->nb_queues };
	unsigned int i;
	int ret;

	for (i = 0; i < dev->nb_chans; i++) {
		struct ntb_epf_chan *chan = &dev->chans[i];

		/* A channel that is not needed may be the other side's: it is not touched. */
		if (!is_needed(dev, chan->push) || left[chan->push] == 0)
			continue;
		left[chan->push]--;
		ret = start_channel(dev, chan);
		if (ret != 0) {
			ntb_epf_dma_stop(dev);
			return ret;
		}
		chan->started = true;
	}
	return 0;
}

int
ntb_epf_dma_stop(struct ntb_epf_dev *dev)
{
	int ret = 0;
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++) {
		struct ntb_epf_chan *chan = &dev->chans[i];
		int stopped = chan->started ? rte_dma_stop(chan->dev_id) : 0;

		if (stopped == 0)
			chan->started = false;
		else
			ret = stopped;
	}
	return ret;
}
