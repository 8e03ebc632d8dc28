/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Virtual memcpy device: coming and going, control operations, the link's side. */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "ntb_epf_vdma.h"

#define NTB_EPF_VDMA_SUFFIX "-dma"
/** Longest wait for requests to end when the device is stopped, milliseconds. */
#define NTB_EPF_VDMA_STOP_MS 1000

static struct ntb_epf_vdma *
vdma_of(const struct rte_dma_dev *dmadev)
{
	return dmadev->data->dev_private;
}

static int
vdma_info_get(const struct rte_dma_dev *dmadev, struct rte_dma_info *info, uint32_t size)
{
	RTE_SET_USED(dmadev);
	RTE_SET_USED(size);
	info->dev_capa = RTE_DMA_CAPA_MEM_TO_DEV | RTE_DMA_CAPA_DEV_TO_MEM | RTE_DMA_CAPA_OPS_COPY |
			 RTE_DMA_CAPA_OPS_COPY_SG | RTE_DMA_CAPA_HANDLES_ERRORS;
	info->max_vchans = RTE_DIM(((struct ntb_epf_vdma *)NULL)->vchans);
	info->max_desc = NTB_EPF_REQ_RING;
	info->min_desc = NTB_EPF_VDMA_MIN_DESC;
	info->max_sges = NTB_EPF_VDMA_MAX_SGES;
	return 0;
}

static int
vdma_configure(struct rte_dma_dev *dmadev, const struct rte_dma_conf *conf, uint32_t size)
{
	struct ntb_epf_vdma *vdma = vdma_of(dmadev);

	if (size != sizeof(*conf) || conf->nb_vchans == 0 ||
	    conf->nb_vchans > RTE_DIM(vdma->vchans))
		return -EINVAL;
	memset(vdma->vchans, 0, sizeof(vdma->vchans));
	return 0;
}

/** One vchan per direction, in either order. */
static int
vdma_vchan_setup(struct rte_dma_dev *dmadev, uint16_t vchan, const struct rte_dma_vchan_conf *conf,
	    uint32_t size)
{
	struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	bool rc = vdma->dev->side == NTB_EPF_SIDE_RC;
	struct ntb_epf_vchan *v;
	bool to_peer;

	if (size != sizeof(*conf) || vchan >= RTE_DIM(vdma->vchans) ||
	    conf->nb_desc < NTB_EPF_VDMA_MIN_DESC || conf->nb_desc > NTB_EPF_REQ_RING)
		return -EINVAL;
	to_peer = conf->direction == RTE_DMA_DIR_MEM_TO_DEV;
	if (!to_peer && conf->direction != RTE_DMA_DIR_DEV_TO_MEM)
		return -EINVAL;
	v = &vdma->rings[to_peer == rc ? NTB_EPF_DIR_RC_TO_EP : NTB_EPF_DIR_EP_TO_RC];
	if (vdma->vchans[vchan ^ 1] == v)
		return -EBUSY;
	v->nb_desc = conf->nb_desc;
	vdma->vchans[vchan] = v;
	return 0;
}

static int
vdma_start(struct rte_dma_dev *dmadev)
{
	struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	unsigned int i;

	for (i = 0; i < dmadev->data->dev_conf.nb_vchans; i++)
		if (vdma->vchans[i] == NULL)
			return -EINVAL;
	for (i = 0; i < dmadev->data->dev_conf.nb_vchans; i++) {
		struct ntb_epf_vchan *v = vdma->vchans[i];

		v->head = v->done = v->posted = v->tail;
		v->next_id = v->first_id = 0;
		memset(&v->stats, 0, sizeof(v->stats));
	}
	return 0;
}

/** Memory of requests under way is not given back before they have ended. */
static int
vdma_drain(struct ntb_epf_vchan *v)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / MS_PER_S * NTB_EPF_VDMA_STOP_MS;

	for (ntb_epf_vdma_reap(v); v->done != v->posted; ntb_epf_vdma_reap(v)) {
		if (rte_rdtsc() >= end)
			return -EBUSY;
		ntb_epf_service(v->dev);
		rte_pause();
	}
	return 0;
}

static int
vdma_stop(struct rte_dma_dev *dmadev)
{
	struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	unsigned int i;

	for (i = 0; i < RTE_DIM(vdma->vchans); i++) {
		if (vdma->vchans[i] == NULL || vdma_drain(vdma->vchans[i]) == 0)
			continue;
		NTB_EPF_LOG(ERR, vdma->dev, "virtual DMA device: the peer has not ended copies within "
			    "%u ms: it may still make them", NTB_EPF_VDMA_STOP_MS);
		return -EBUSY;
	}
	return 0;
}

static int
vdma_close(struct rte_dma_dev *dmadev)
{
	struct ntb_epf_dev *dev = vdma_of(dmadev)->dev;

	ntb_epf_link_lock(dev);
	dev->vdma = NULL;
	ntb_epf_link_unlock(dev);
	return 0;
}

static void
vdma_stats_add(const struct ntb_epf_vdma *vdma, uint16_t vchan, struct rte_dma_stats *stats)
{
	const struct ntb_epf_vchan *v = vdma->vchans[vchan];

	if (v == NULL)
		return;
	stats->submitted += v->stats.submitted;
	stats->completed += v->stats.completed;
	stats->errors += v->stats.errors;
}

static int
vdma_stats_get(const struct rte_dma_dev *dmadev, uint16_t vchan, struct rte_dma_stats *stats,
	       uint32_t size)
{
	const struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	uint16_t i;

	if (size < sizeof(*stats))
		return -EINVAL;
	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < RTE_DIM(vdma->vchans); i++)
		if (vchan == i || vchan == RTE_DMA_ALL_VCHAN)
			vdma_stats_add(vdma, i, stats);
	return 0;
}

static int
vdma_stats_reset(struct rte_dma_dev *dmadev, uint16_t vchan)
{
	struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	uint16_t i;

	for (i = 0; i < RTE_DIM(vdma->vchans); i++)
		if (vdma->vchans[i] != NULL && (vchan == i || vchan == RTE_DMA_ALL_VCHAN))
			memset(&vdma->vchans[i]->stats, 0, sizeof(vdma->vchans[i]->stats));
	return 0;
}

static int
vdma_vchan_status(const struct rte_dma_dev *dmadev, uint16_t vchan, enum rte_dma_vchan_status *status)
{
	struct ntb_epf_vchan *v = vdma_of(dmadev)->vchans[vchan];

	if (v == NULL)
		return -EINVAL;
	ntb_epf_vdma_reap(v);
	if (v->done != v->posted)
		*status = RTE_DMA_VCHAN_ACTIVE;
	else if (rte_atomic_load_explicit(&v->run, rte_memory_order_acquire) == 0)
		*status = RTE_DMA_VCHAN_HALTED_ERROR;
	else
		*status = RTE_DMA_VCHAN_IDLE;
	return 0;
}

static int
vdma_dump(const struct rte_dma_dev *dmadev, FILE *f)
{
	const struct ntb_epf_vdma *vdma = vdma_of(dmadev);
	unsigned int i;

	for (i = 0; i < RTE_DIM(vdma->rings); i++) {
		const struct ntb_epf_vchan *v = &vdma->rings[i];

		fprintf(f, "  %s: %s, %u descriptors, head %u done %u posted %u tail %u, requests %u "
			"completions %u, %" PRIu64 " completed, %" PRIu64 " errors\n",
			i == NTB_EPF_DIR_RC_TO_EP ? "RC->EP" : "EP->RC",
			rte_atomic_load_explicit(&v->run, rte_memory_order_acquire) != 0 ?
			"link up" : "no link", v->nb_desc, v->head, v->done, v->posted, v->tail,
			v->sq, v->cq, v->stats.completed, v->stats.errors);
	}
	return 0;
}

static const struct rte_dma_dev_ops vdma_ops = {
	.dev_info_get = vdma_info_get,
	.dev_configure = vdma_configure,
	.dev_start = vdma_start,
	.dev_stop = vdma_stop,
	.dev_close = vdma_close,
	.vchan_setup = vdma_vchan_setup,
	.stats_get = vdma_stats_get,
	.stats_reset = vdma_stats_reset,
	.vchan_status = vdma_vchan_status,
	.dev_dump = vdma_dump,
};

static void
vdma_set_fast_path(struct rte_dma_dev *dmadev)
{
	dmadev->fp_obj->dev_private = dmadev->data->dev_private;
	dmadev->fp_obj->copy = ntb_epf_vdma_copy;
	dmadev->fp_obj->copy_sg = ntb_epf_vdma_copy_sg;
	dmadev->fp_obj->submit = ntb_epf_vdma_submit;
	dmadev->fp_obj->completed = ntb_epf_vdma_completed;
	dmadev->fp_obj->completed_status = ntb_epf_vdma_completed_status;
	dmadev->fp_obj->burst_capacity = ntb_epf_vdma_capacity;
}

static enum ntb_epf_mover
vdma_arrangement(const struct ntb_epf_dev *dev)
{
	return dev->side == NTB_EPF_SIDE_RC ? NTB_EPF_MOVER_EP : NTB_EPF_MOVER_RC;
}

/** Queues are there when the device starts: then it is known whether this side has an engine. */
static bool
vdma_is_wanted(const struct ntb_epf_dev *dev)
{
	return dev->wish == vdma_arrangement(dev) ||
		(dev->wish == NTB_EPF_MOVER_AUTO && dev->queues != NULL && dev->nb_chans == 0);
}

int
ntb_epf_vdma_offer(struct ntb_epf_dev *dev)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_dma_dev *dmadev;
	struct ntb_epf_vdma *vdma;
	unsigned int i;
	int n;

	if (dev->vdma != NULL || !vdma_is_wanted(dev))
		return 0;
	n = snprintf(name, sizeof(name), "%s" NTB_EPF_VDMA_SUFFIX, dev->name);
	dmadev = n < (int)sizeof(name) ?
		rte_dma_pmd_allocate(name, dev->rawdev->socket_id, sizeof(*vdma)) : NULL;
	if (dmadev == NULL) {
		NTB_EPF_LOG(ERR, dev, "DMA device %s cannot be made: expected a free name of less than "
			    "%zu characters, and one more dmadev", name, sizeof(name));
		return -ENOMEM;
	}
	vdma = vdma_of(dmadev);
	vdma->dev = dev;
	vdma->dmadev = dmadev;
	for (i = 0; i < RTE_DIM(vdma->rings); i++)
		vdma->rings[i].dev = dev;
	dmadev->device = dev->rawdev->device;
	dmadev->dev_ops = &vdma_ops;
	vdma_set_fast_path(dmadev);
	dmadev->state = RTE_DMA_DEV_READY;
	ntb_epf_link_lock(dev);
	dev->vdma = vdma;
	ntb_epf_link_unlock(dev);
	return 0;
}

int
ntb_epf_vdma_withdraw(struct ntb_epf_dev *dev)
{
	struct rte_dma_dev_data *data;
	int ret;

	if (dev->vdma == NULL)
		return 0;
	data = dev->vdma->dmadev->data;
	ret = data->dev_started ? rte_dma_stop(data->dev_id) : 0;
	return ret == 0 ? rte_dma_pmd_release(data->dev_name) : ret;
}

bool
ntb_epf_is_vdma(const char *name)
{
	char raw[RTE_DEV_NAME_MAX_LEN];
	size_t n = strlen(name);
	size_t suffix = strlen(NTB_EPF_VDMA_SUFFIX);
	struct rte_rawdev *rawdev;

	if (n <= suffix || n >= sizeof(raw) || strcmp(name + n - suffix, NTB_EPF_VDMA_SUFFIX) != 0)
		return false;
	snprintf(raw, sizeof(raw), "%.*s", (int)(n - suffix), name);
	rawdev = rte_rawdev_pmd_get_named_dev(raw);
	return rawdev != NULL && rawdev->dev_ops == &ntb_epf_ops;
}

static bool
vdma_peer_executes(const struct ntb_epf_dev *dev)
{
	return (rte_le_to_cpu_32(dev->peer_hdr.features) & NTB_EPF_FEATURE_REQ) != 0 &&
		dev->mover == vdma_arrangement(dev) && ntb_epf_req_room(dev);
}

void
ntb_epf_vdma_reset(struct ntb_epf_dev *dev, uint32_t tag)
{
	uint64_t area = NTB_EPF_REQ_OFFSET(dev->nb_queues, dev->depth);
	unsigned int dir;

	if (dev->vdma == NULL || !vdma_peer_executes(dev))
		return;
	memset(dev->window + area, 0, NTB_EPF_REQ_BYTES);
	for (dir = NTB_EPF_DIR_RC_TO_EP; dir <= NTB_EPF_DIR_EP_TO_RC; dir++)
		dev->vdma->rings[dir].next = (struct ntb_epf_vlink){
			.tag = tag,
			.remote = area + NTB_EPF_REQ_RING_AT(dir),
			.local = dev->window + area + NTB_EPF_REQ_DONE_AT(dir),
		};
}

void
ntb_epf_vdma_run(struct ntb_epf_dev *dev, uint32_t run)
{
	unsigned int dir;

	if (dev->vdma == NULL)
		return;
	for (dir = NTB_EPF_DIR_RC_TO_EP; dir <= NTB_EPF_DIR_EP_TO_RC; dir++)
		rte_atomic_store_explicit(&dev->vdma->rings[dir].run, run && vdma_peer_executes(dev),
					  rte_memory_order_release);
}

bool
ntb_epf_vdma_busy(const struct ntb_epf_dev *dev)
{
	unsigned int dir;

	for (dir = NTB_EPF_DIR_RC_TO_EP; dev->vdma != NULL && dir <= NTB_EPF_DIR_EP_TO_RC; dir++)
		if (rte_atomic_load_explicit(&dev->vdma->rings[dir].busy,
					     rte_memory_order_acquire) != 0)
			return true;
	return false;
}

void
ntb_epf_vdma_ended(struct ntb_epf_dev *dev)
{
	unsigned int dir;

	for (dir = NTB_EPF_DIR_RC_TO_EP; dev->vdma != NULL && dir <= NTB_EPF_DIR_EP_TO_RC; dir++)
		rte_atomic_fetch_add_explicit(&dev->vdma->rings[dir].ended, 1,
					      rte_memory_order_release);
	/* Told before the next link clears what completions were read from. */
	rte_atomic_thread_fence(rte_memory_order_seq_cst);
}
