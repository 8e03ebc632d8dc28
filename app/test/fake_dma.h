/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _FAKE_DMA_H_
#define _FAKE_DMA_H_

/**
 * @file
 * A dmadev for unit tests: copies when the test lets it, fails where the test says. If it keeps
 * fences, a fenced operation is not attempted when one before it has failed, unless all that failed
 * had been reported before it was enqueued.
 */

#include <stdbool.h>
#include <string.h>

#include <dev_driver.h>
#include <rte_dmadev.h>
#include <rte_dmadev_pmd.h>

#define FAKE_DMA_RING 8192

struct fake_dma_op {
	uint64_t src, dst;
	uint32_t len;
	enum rte_dma_status_code status;
	bool fence;
};

/** One device. Numbers are free-running. */
struct fake_dma {
	struct fake_dma_op ops[FAKE_DMA_RING];
	uint64_t caps;
	uint16_t nb_desc;
	uint16_t most;      /**< descriptors that it offers; 0: the usual number */
	uint32_t tail;      /**< operations enqueued */
	uint32_t submitted;
	uint32_t executed;
	uint32_t reported;
	uint32_t fail_at;   /**< number of the operation that fails; UINT32_MAX: none */
	bool held;          /**< executes only when the test calls fake_dma_run() */
	const bool *gate;   /**< operations fail while this is false; NULL: open */
	/** Looks at an operation before it is done; NULL: nobody does. */
	void (*watch)(const struct fake_dma *d, const struct fake_dma_op *op);
	unsigned int starts;
	int start_error;    /**< what starting returns; 0: it starts */
	int stop_error;
	bool refuses;       /**< takes no operations */
	bool refuses_fences;
	bool fences;        /**< keeps fences */
	bool failed;        /**< an operation has, and no fence was passed since */
	uint32_t last_failed;
	uint32_t told_end;  /**< first operation enqueued after that was reported */
	uint32_t inside;    /**< threads in a function of the data path; and times that it was > 1 */
	uint32_t overlaps;
};

static inline void
fake_enter(struct fake_dma *d)
{
	if (__atomic_fetch_add(&d->inside, 1, __ATOMIC_SEQ_CST) != 0)
		__atomic_fetch_add(&d->overlaps, 1, __ATOMIC_RELAXED);
}

static inline void
fake_leave(struct fake_dma *d)
{
	__atomic_fetch_sub(&d->inside, 1, __ATOMIC_SEQ_CST);
}

static int
fake_info_get(const struct rte_dma_dev *dev, struct rte_dma_info *info, uint32_t size)
{
	const struct fake_dma *d = dev->data->dev_private;

	(void)size;
	info->dev_capa = d->caps | RTE_DMA_CAPA_OPS_COPY;
	info->max_vchans = 1;
	info->min_desc = 2;
	info->max_desc = d->most != 0 ? d->most : 4096;
	return 0;
}

static int
fake_configure(struct rte_dma_dev *dev, const struct rte_dma_conf *conf, uint32_t size)
{
	(void)dev;
	(void)conf;
	(void)size;
	return 0;
}

static int
fake_vchan_setup(struct rte_dma_dev *dev, uint16_t vchan, const struct rte_dma_vchan_conf *conf,
		 uint32_t size)
{
	struct fake_dma *d = dev->data->dev_private;

	(void)vchan;
	(void)size;
	d->nb_desc = conf->nb_desc;
	return 0;
}

static int
fake_start(struct rte_dma_dev *dev)
{
	struct fake_dma *d = dev->data->dev_private;

	if (d->start_error != 0)
		return d->start_error;
	d->tail = d->submitted = d->executed = d->reported = 0;
	d->failed = false;
	d->starts++;
	return 0;
}

/* What has not been executed never will be. */
static int
fake_stop(struct rte_dma_dev *dev)
{
	struct fake_dma *d = dev->data->dev_private;

	if (d->stop_error != 0)
		return d->stop_error;
	d->tail = d->submitted = d->executed;
	return 0;
}

static const struct rte_dma_dev_ops fake_ops = {
	.dev_info_get = fake_info_get,
	.dev_configure = fake_configure,
	.vchan_setup = fake_vchan_setup,
	.dev_start = fake_start,
	.dev_stop = fake_stop,
	.dev_close = fake_stop,
};

static inline enum rte_dma_status_code
fake_fail(struct fake_dma *d, enum rte_dma_status_code status)
{
	d->failed = true;
	d->last_failed = d->executed;
	d->told_end = UINT32_MAX;
	return status;
}

/** What becomes of an operation. */
static inline enum rte_dma_status_code
fake_outcome(struct fake_dma *d, const struct fake_dma_op *op)
{
	if (d->executed == d->fail_at || (d->gate != NULL && !*d->gate))
		return fake_fail(d, RTE_DMA_STATUS_BUS_ERROR);
	if (d->fences && op->fence && d->failed && d->executed < d->told_end)
		return fake_fail(d, RTE_DMA_STATUS_NOT_ATTEMPTED);
	if (op->fence)
		d->failed = false;
	return RTE_DMA_STATUS_SUCCESSFUL;
}

static inline void
fake_dma_run(struct fake_dma *d, unsigned int n)
{
	for (; n > 0 && d->executed != d->submitted; n--, d->executed++) {
		struct fake_dma_op *op = &d->ops[d->executed % FAKE_DMA_RING];

		op->status = fake_outcome(d, op);
		if (op->status != RTE_DMA_STATUS_SUCCESSFUL)
			continue;
		if (d->watch != NULL)
			d->watch(d, op);
		memcpy((void *)(uintptr_t)op->dst, (const void *)(uintptr_t)op->src, op->len);
	}
}

static int
fake_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t len, uint64_t flags)
{
	struct fake_dma *d = priv;

	(void)vchan;
	if (d->refuses || (d->refuses_fences && (flags & RTE_DMA_OP_FLAG_FENCE) != 0) || d->tail - d->reported >= d->nb_desc)
		return -ENOSPC;
	d->ops[d->tail % FAKE_DMA_RING] = (struct fake_dma_op){
		.src = src, .dst = dst, .len = len,
		.fence = (flags & RTE_DMA_OP_FLAG_FENCE) != 0,
	};
	return (uint16_t)d->tail++;
}

static int
fake_submit(void *priv, uint16_t vchan)
{
	struct fake_dma *d = priv;

	(void)vchan;
	fake_enter(d);
	d->submitted = d->tail;
	if (!d->held)
		fake_dma_run(d, UINT32_MAX);
	fake_leave(d);
	return 0;
}

static uint16_t
fake_completed(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last, bool *error)
{
	struct fake_dma *d = priv;
	uint16_t n = 0;

	(void)vchan;
	fake_enter(d);
	while (n < nb && d->reported != d->executed) {
		if (d->ops[d->reported % FAKE_DMA_RING].status != RTE_DMA_STATUS_SUCCESSFUL) {
			*error = true;
			break;
		}
		d->reported++;
		n++;
	}
	*last = (uint16_t)(d->reported - 1);
	fake_leave(d);
	return n;
}

static uint16_t
fake_completed_status(void *priv, uint16_t vchan, const uint16_t nb, uint16_t *last,
		      enum rte_dma_status_code *status)
{
	struct fake_dma *d = priv;
	uint16_t n;

	(void)vchan;
	for (n = 0; n < nb && d->reported != d->executed; n++)
		status[n] = d->ops[d->reported++ % FAKE_DMA_RING].status;
	if (d->failed && d->told_end == UINT32_MAX && d->reported > d->last_failed)
		d->told_end = d->tail;
	*last = (uint16_t)(d->reported - 1);
	return n;
}

static uint16_t
fake_capacity(const void *priv, uint16_t vchan)
{
	const struct fake_dma *d = priv;

	(void)vchan;
	return (uint16_t)(d->nb_desc - (d->tail - d->reported));
}

/** Registers a device that copies in one direction. */
static inline struct fake_dma *
fake_dma_create(const char *name, uint64_t caps)
{
	static struct rte_device device = { .name = "fake_dma" };
	struct rte_dma_dev *dev = rte_dma_pmd_allocate(name, 0, sizeof(struct fake_dma));
	struct fake_dma *d;

	if (dev == NULL)
		return NULL;
	d = dev->data->dev_private;
	memset(d, 0, sizeof(*d));
	d->caps = caps;
	d->fail_at = UINT32_MAX;
	dev->device = &device;
	dev->dev_ops = &fake_ops;
	dev->fp_obj->dev_private = d;
	dev->fp_obj->copy = fake_copy;
	dev->fp_obj->submit = fake_submit;
	dev->fp_obj->completed = fake_completed;
	dev->fp_obj->completed_status = fake_completed_status;
	dev->fp_obj->burst_capacity = fake_capacity;
	dev->state = RTE_DMA_DEV_READY;
	return d;
}

#endif /* _FAKE_DMA_H_ */
