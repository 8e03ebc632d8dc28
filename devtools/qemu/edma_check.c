// SPDX-License-Identifier: BSD-3-Clause
/* Copyright(c) 2026 The ntb-edma authors */

/*
 * Moves data with each channel of the first function that dw-edma-pcie drives, and compares it.
 * Device memory is the data region that the driver names for a channel. Completion is by interrupt:
 * dw-edma has no other way.
 *
 * Loading fails if a channel did. Nothing is left in use, so that it can be loaded again.
 */

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dma/edma.h>
#include <linux/dmaengine.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

/* More than the list of a channel holds: 2 KiB are 84 elements and a link. */
#define CHECK_PIECES 100
/* Bytes of a piece but the last, which takes the rest: 1 to this. */
#define CHECK_PIECE_BYTES 20
/* Bytes of that last piece in another page: behind an IOMMU it lies across a border of two maps. */
#define CHECK_TAIL_BYTES 512
#define CHECK_TIMEOUT (5 * HZ)

static unsigned int rounds = 3;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "transfers per channel");

struct check {
	struct dma_chan *chan;
	struct device *dev; /* whose address space the buffer is mapped in */
	enum dma_transfer_direction dir;
	const struct dw_edma_region *region;
	u8 *pages; /* two, with the buffer across their border */
	u8 *buf;
	u8 *expected;
	struct scatterlist sg[CHECK_PIECES];
	struct completion done;
	struct dmaengine_result result;
};

static bool check_wanted(struct dma_chan *chan, void *arg)
{
	struct device_driver *driver = chan->device->dev->driver;

	return driver && !strcmp(driver->name, "dw-edma-pcie");
}

static void check_done(void *arg, const struct dmaengine_result *result)
{
	struct check *check = arg;

	check->result = *result;
	complete(&check->done);
}

/* Pieces of different odd sizes that fill the region. */
static void check_cut(struct check *check)
{
	size_t left = check->region->sz, at = 0, len;
	unsigned int i;

	sg_init_table(check->sg, CHECK_PIECES);
	for (i = 0; i < CHECK_PIECES; i++, at += len, left -= len) {
		len = i < CHECK_PIECES - 1 ? 1 + i % CHECK_PIECE_BYTES : left;
		sg_set_buf(&check->sg[i], check->buf + at, len);
	}
}

static int check_start(struct check *check)
{
	struct dma_slave_config config = {
		.direction = check->dir,
		.src_addr = check->region->paddr,
		.dst_addr = check->region->paddr,
	};
	struct dma_async_tx_descriptor *tx;
	int ret;

	ret = dmaengine_slave_config(check->chan, &config);
	if (ret)
		return ret;
	tx = dmaengine_prep_slave_sg(check->chan, check->sg, CHECK_PIECES, check->dir,
				     DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;
	tx->callback_result = check_done;
	tx->callback_param = check;
	reinit_completion(&check->done);
	ret = dma_submit_error(dmaengine_submit(tx));
	if (ret)
		return ret;
	dma_async_issue_pending(check->chan);
	return 0;
}

static int check_move(struct check *check)
{
	enum dma_data_direction way = check->dir == DMA_DEV_TO_MEM ? DMA_FROM_DEVICE :
								     DMA_TO_DEVICE;
	int ret;

	if (dma_map_sg(check->dev, check->sg, CHECK_PIECES, way) != CHECK_PIECES)
		return -EIO; /* an IOMMU that merges them is not expected in this guest */
	ret = check_start(check);
	if (!ret && !wait_for_completion_timeout(&check->done, CHECK_TIMEOUT))
		ret = -ETIMEDOUT;
	if (!ret && check->result.result != DMA_TRANS_NOERROR)
		ret = -EIO;
	if (ret)
		dmaengine_terminate_sync(check->chan);
	dma_unmap_sg(check->dev, check->sg, CHECK_PIECES, way);
	return ret;
}

static int check_round(struct check *check)
{
	size_t size = check->region->sz;
	int ret;

	get_random_bytes(check->expected, size);
	if (check->dir == DMA_DEV_TO_MEM) {
		memset(check->buf, 0, size);
		memcpy_toio(check->region->vaddr.io, check->expected, size);
	} else {
		memcpy(check->buf, check->expected, size);
		memset_io(check->region->vaddr.io, 0, size);
	}
	/* Across the link, stores may still be on their way. */
	readl(check->region->vaddr.io);
	check_cut(check);
	ret = check_move(check);
	if (ret)
		return ret;
	if (check->dir == DMA_MEM_TO_DEV)
		memcpy_fromio(check->buf, check->region->vaddr.io, size);
	return memcmp(check->buf, check->expected, size) ? -EBADMSG : 0;
}

static int check_channel(struct check *check)
{
	struct dma_slave_caps caps;
	unsigned int i;
	int ret;

	ret = dma_get_slave_caps(check->chan, &caps);
	if (ret)
		return ret;
	check->dir = caps.directions & BIT(DMA_DEV_TO_MEM) ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV;
	check->dev = dmaengine_get_dma_device(check->chan);
	check->region = check->chan->private;
	if (!check->region || check->region->sz <= CHECK_PIECES * CHECK_PIECE_BYTES ||
	    check->region->sz > PAGE_SIZE)
		return -EINVAL;
	init_completion(&check->done);
	check->pages = kzalloc(2 * PAGE_SIZE, GFP_KERNEL);
	check->buf = check->pages + PAGE_SIZE + CHECK_TAIL_BYTES - check->region->sz;
	check->expected = kzalloc(check->region->sz, GFP_KERNEL);
	ret = check->pages && check->expected ? 0 : -ENOMEM;
	for (i = 0; !ret && i < rounds; i++)
		ret = check_round(check);
	pr_info("edma_check: %s %s the device: %u of %u rounds of %zu bytes in %u pieces%s, result %d\n",
		dma_chan_name(check->chan), check->dir == DMA_DEV_TO_MEM ? "from" : "to",
		ret && i > 0 ? i - 1 : i, rounds, check->region->sz, CHECK_PIECES,
		ret ? " and then a failure" : "", ret);
	kfree(check->pages);
	kfree(check->expected);
	return ret;
}

static int __init check_init(void)
{
	struct check *check = kzalloc(sizeof(*check), GFP_KERNEL);
	struct dma_chan *chans[EDMA_MAX_WR_CH + EDMA_MAX_RD_CH];
	unsigned int cnt = 0, i;
	dma_cap_mask_t mask;
	int ret = 0, one;

	if (!check)
		return -ENOMEM;
	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE, mask);
	/* All at once: each request is for one that is free. */
	while (cnt < ARRAY_SIZE(chans)) {
		chans[cnt] = dma_request_channel(mask, check_wanted, NULL);
		if (!chans[cnt])
			break;
		cnt++;
	}
	if (cnt == 0)
		ret = -ENODEV;
	for (i = 0; i < cnt; i++) {
		check->chan = chans[i];
		one = check_channel(check);
		ret = ret ? ret : one;
		dma_release_channel(chans[i]);
	}
	kfree(check);
	pr_info("edma_check: %u channels, %s\n", cnt, ret ? "FAILED" : "passed");
	return ret;
}

static void __exit check_exit(void)
{
}

module_init(check_init);
module_exit(check_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Check of the channels of dw-edma-pcie");
