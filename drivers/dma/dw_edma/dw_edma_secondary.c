/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Devices in a secondary process. It may look at information, statistics and dumps, and is refused
 * the rest: its copy of the driver has no way to the registers, and a channel is one lcore's.
 */

#include <errno.h>

#include <rte_dmadev_pmd.h>

#include "dw_edma_priv.h"

static int
refuse_configure(struct rte_dma_dev *dev, const struct rte_dma_conf *conf, uint32_t conf_sz)
{
	RTE_SET_USED(conf);
	RTE_SET_USED(conf_sz);
	DW_EDMA_LOG(ERR, dev->data->dev_name, "a secondary process can look at the device only");
	return -ENOTSUP;
}

static int
refuse_vchan_setup(struct rte_dma_dev *dev, uint16_t vchan, const struct rte_dma_vchan_conf *conf,
		   uint32_t conf_sz)
{
	RTE_SET_USED(vchan);
	RTE_SET_USED(conf);
	RTE_SET_USED(conf_sz);
	return refuse_configure(dev, NULL, 0);
}

static int
refuse(struct rte_dma_dev *dev)
{
	return refuse_configure(dev, NULL, 0);
}

static int
refuse_stats_reset(struct rte_dma_dev *dev, uint16_t vchan)
{
	RTE_SET_USED(vchan);
	return refuse(dev);
}

static int
refuse_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	    uint64_t flags)
{
	RTE_SET_USED(priv);
	RTE_SET_USED(vchan);
	RTE_SET_USED(src);
	RTE_SET_USED(dst);
	RTE_SET_USED(length);
	RTE_SET_USED(flags);
	return -ENOTSUP;
}

static int
refuse_copy_sg(void *priv, uint16_t vchan, const struct rte_dma_sge *src,
	       const struct rte_dma_sge *dst, uint16_t nb_src, uint16_t nb_dst, uint64_t flags)
{
	RTE_SET_USED(src);
	RTE_SET_USED(dst);
	return refuse_copy(priv, vchan, nb_src, nb_dst, 0, flags);
}

static int
refuse_submit(void *priv, uint16_t vchan)
{
	return refuse_copy(priv, vchan, 0, 0, 0, 0);
}

static uint16_t
report_nothing(void *priv, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
	       bool *has_error)
{
	RTE_SET_USED(priv);
	RTE_SET_USED(vchan);
	RTE_SET_USED(nb_cpls);
	*last_idx = UINT16_MAX;
	*has_error = true;
	return 0;
}

static uint16_t
report_no_status(void *priv, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
		 enum rte_dma_status_code *status)
{
	bool has_error;

	RTE_SET_USED(status);
	return report_nothing(priv, vchan, nb_cpls, last_idx, &has_error);
}

/** The primary's operations, less those that change something. */
static const struct rte_dma_dev_ops *
secondary_ops(void)
{
	static struct rte_dma_dev_ops ops;

	ops = dw_edma_ops;
	ops.dev_configure = refuse_configure;
	ops.dev_start = refuse;
	ops.dev_stop = refuse;
	ops.vchan_setup = refuse_vchan_setup;
	ops.stats_reset = refuse_stats_reset;
	return &ops;
}

int
dw_edma_dmadev_attach(struct dw_edma_engine *engine, struct rte_device *device,
		      enum dw_edma_dir dir, unsigned int index)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_dma_dev *dev;

	dw_edma_dmadev_name(engine, dir, index, name, sizeof(name));
	dev = rte_dma_pmd_allocate(name, device->numa_node, sizeof(struct dw_edma_chan));
	if (dev == NULL) {
		DW_EDMA_LOG(ERR, name, "the primary process has no such DMA device");
		return -ENODEV;
	}
	dev->device = device;
	dev->dev_ops = secondary_ops();
	dev->fp_obj->dev_private = dev->data->dev_private;
	dev->fp_obj->copy = refuse_copy;
	dev->fp_obj->copy_sg = refuse_copy_sg;
	dev->fp_obj->submit = refuse_submit;
	dev->fp_obj->completed = report_nothing;
	dev->fp_obj->completed_status = report_no_status;
	dev->fp_obj->burst_capacity = dw_edma_burst_capacity;
	dev->state = RTE_DMA_DEV_READY;
	return 0;
}
