/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Which DMA devices move what. Any rte_dma device can serve: one that copies from memory to the
 * device pushes, one that copies from the device to memory pulls. Of n channels of a direction queue
 * pair i uses channel i mod n, in the order of the dmadevs' numbers. Queue pairs that have a channel
 * of their own share nothing with others; for the rest see ntb_epf_chan.h.
 */

#include <stdio.h>
#include <string.h>

#include <rte_dmadev.h>

#include "ntb_epf_vdma.h"

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

		if (rte_dma_info_get(id, &info) != 0 || ntb_epf_is_vdma(info.dev_name))
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

	if (count(dev, true) != 0)
		can |= NTB_EPF_CAN_PUSH;
	if (count(dev, false) != 0)
		can |= NTB_EPF_CAN_PULL;
	return can;
}

/** Channel @p n of a direction; NULL: there are not so many. */
static struct ntb_epf_chan *
nth_channel(struct ntb_epf_dev *dev, unsigned int n, bool push)
{
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++)
		if (dev->chans[i].push == push && n-- == 0)
			return &dev->chans[i];
	return NULL;
}

/** One that the queue pairs leave to others, if there are more channels than pairs. */
static struct ntb_epf_chan *
last_channel(struct ntb_epf_dev *dev, bool push)
{
	return nth_channel(dev, count(dev, push) - 1, push);
}

struct ntb_epf_chan *
ntb_epf_dma_channel(struct ntb_epf_dev *dev, uint16_t queue, bool push)
{
	unsigned int n = count(dev, push);

	return n != 0 ? nth_channel(dev, queue % n, push) : NULL;
}

bool
ntb_epf_dma_fences(const char *name)
{
	const char *end = name + strlen(name);

	while (end != name && end[-1] >= '0' && end[-1] <= '9')
		end--;
	return *end != '\0' && end - name > 3 &&
		(strncmp(end - 3, "-wr", 3) == 0 || strncmp(end - 3, "-rd", 3) == 0);
}

/**
 * Room for as many operations as the rings have entries, twice: packets may be cut in two, and each
 * burst may bring an operation that writes entries.
 */
static uint16_t
descriptors(const struct ntb_epf_dev *dev, const struct ntb_epf_chan *chan,
	    const struct rte_dma_info *info)
{
	uint32_t want = chan->users * RTE_MAX(2u * dev->queue_size, 4u * NTB_EPF_MAX_SEGS);

	want = RTE_MIN(want, (uint32_t)info->max_desc);
	return (uint16_t)RTE_MAX(want, (uint32_t)info->min_desc);
}

/** Divides what a started device takes. */
static int
divide(struct ntb_epf_chan *chan)
{
	chan->cap = rte_dma_burst_capacity(chan->dev_id, 0) / chan->users;
	return chan->cap < NTB_EPF_MIN_SHARE ? -ENOSPC : ntb_epf_chan_open(chan);
}

static int
start_channel(struct ntb_epf_dev *dev, struct ntb_epf_chan *chan)
{
	const struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vchan = { 0 };
	struct rte_dma_info info;
	int ret;

	ret = rte_dma_info_get(chan->dev_id, &info);
	if (ret != 0)
		return ret;
	chan->fences = ntb_epf_dma_fences(info.dev_name);
	vchan.nb_desc = descriptors(dev, chan, &info);
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
	/* Whatever fails now, or an earlier stop that has, it is stopped with the others. */
	if (ret == 0) {
		chan->started = true;
		ret = divide(chan);
	}
	if (ret != 0)
		NTB_EPF_LOG(ERR, dev, "DMA device %s does not start with %u descriptors for %u "
			    "users: %s", info.dev_name, vchan.nb_desc, chan->users, strerror(-ret));
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

/** Who uses which channel on the coming link. One without users may be the other side's. */
static void
assign_users(struct ntb_epf_dev *dev, bool push)
{
	uint16_t queues = is_needed(dev, push) ? dev->nb_queues : 0;
	uint16_t i;

	for (i = 0; i < dev->nb_chans; i++)
		if (dev->chans[i].push == push)
			dev->chans[i].users = 0;
	for (i = 0; i < queues; i++)
		ntb_epf_dma_channel(dev, i, push)->users++;
	if (dev->others[push] != NULL && count(dev, push) != 0)
		last_channel(dev, push)->users++;
}

static void
attach_other(struct ntb_epf_dev *dev, bool push)
{
	if (dev->others[push] != NULL)
		ntb_epf_share_attach(dev->others[push], last_channel(dev, push));
}

int
ntb_epf_dma_start(struct ntb_epf_dev *dev)
{
	unsigned int i;
	int ret;

	assign_users(dev, true);
	assign_users(dev, false);
	for (i = 0; i < dev->nb_chans; i++) {
		ret = dev->chans[i].users != 0 ? start_channel(dev, &dev->chans[i]) : 0;
		if (ret != 0) {
			ntb_epf_dma_stop(dev);
			return ret;
		}
	}
	attach_other(dev, true);
	attach_other(dev, false);
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

		if (stopped != 0) {
			ret = stopped;
			continue;
		}
		chan->started = false;
		ntb_epf_chan_close(chan);
		if (dev->others[chan->push] != NULL && dev->others[chan->push]->chan == chan)
			ntb_epf_share_attach(dev->others[chan->push], NULL);
	}
	return ret;
}
