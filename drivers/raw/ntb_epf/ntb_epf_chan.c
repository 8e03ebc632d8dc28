/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Channels that several users share: see ntb_epf_chan.h. */

#include <errno.h>

#include <rte_malloc.h>

#include "ntb_epf_chan.h"

int
ntb_epf_chan_open(struct ntb_epf_chan *chan)
{
	/* A run has one operation at least. */
	uint32_t runs = rte_align32pow2(chan->users * chan->cap);
	uint32_t marks = rte_align32pow2(chan->cap);

	chan->attached = 0;
	chan->runs_head = 0;
	chan->runs_tail = 0;
	rte_atomic_store_explicit(&chan->busy, 0, rte_memory_order_relaxed);
	if (chan->users < 2)
		return 0;
	chan->runs = rte_zmalloc(NULL, runs * sizeof(*chan->runs), RTE_CACHE_LINE_SIZE);
	chan->failed = rte_zmalloc(NULL, (size_t)chan->users * marks, RTE_CACHE_LINE_SIZE);
	if (chan->runs == NULL || chan->failed == NULL) {
		ntb_epf_chan_close(chan);
		return -ENOMEM;
	}
	chan->runs_mask = runs - 1;
	chan->failed_mask = marks - 1;
	return 0;
}

void
ntb_epf_chan_close(struct ntb_epf_chan *chan)
{
	rte_free(chan->runs);
	rte_free(chan->failed);
	chan->runs = NULL;
	chan->failed = NULL;
}

void
ntb_epf_share_attach(struct ntb_epf_share *s, struct ntb_epf_chan *chan)
{
	*s = (struct ntb_epf_share){ .chan = chan, .dma = -1 };
	if (chan == NULL)
		return;
	s->dma = chan->dev_id;
	s->cap = chan->cap;
	s->room = chan->cap;
	s->shared = chan->runs != NULL;
	if (s->shared) {
		s->failed = chan->failed + (size_t)chan->attached * (chan->failed_mask + 1);
		s->failed_mask = chan->failed_mask;
	}
	chan->attached++;
}

void
ntb_epf_share_record(struct ntb_epf_share *s, uint32_t ops)
{
	struct ntb_epf_chan *chan = s->chan;

	chan->runs[chan->runs_head++ & chan->runs_mask] =
		(struct ntb_epf_run){ .share = s, .ops = ops };
}

/** Credits operations of one run; only who is inside writes these counts. */
static void
credit_share(struct ntb_epf_share *s, uint32_t ops, bool failed)
{
	uint32_t number = rte_atomic_load_explicit(&s->finished, rte_memory_order_relaxed);

	if (unlikely(failed)) {
		uint32_t i;

		for (i = 0; i < ops; i++)
			s->failed[(number + i) & s->failed_mask] = 1;
		rte_atomic_store_explicit(&s->failures, rte_atomic_load_explicit(&s->failures,
					  rte_memory_order_relaxed) + ops, rte_memory_order_relaxed);
	}
	/* Behind the marks and the copies. */
	rte_atomic_store_explicit(&s->finished, number + ops, rte_memory_order_release);
}

static void
credit(struct ntb_epf_chan *chan, uint32_t ops, bool failed)
{
	while (ops > 0 && chan->runs_tail != chan->runs_head) {
		struct ntb_epf_run *run = &chan->runs[chan->runs_tail & chan->runs_mask];
		uint32_t part = RTE_MIN(ops, run->ops);

		credit_share(run->share, part, failed);
		run->ops -= part;
		ops -= part;
		if (run->ops == 0)
			chan->runs_tail++;
	}
}

static void
credit_failures(struct ntb_epf_chan *chan)
{
	enum rte_dma_status_code status[32];
	uint16_t last;
	uint16_t n = rte_dma_completed_status(chan->dev_id, 0, RTE_DIM(status), &last, status);
	uint16_t i;

	for (i = 0; i < n; i++)
		credit(chan, 1, status[i] != RTE_DMA_STATUS_SUCCESSFUL);
}

void
ntb_epf_chan_collect(struct ntb_epf_chan *chan)
{
	bool failed = false;
	uint16_t last;
	uint16_t n;

	n = rte_dma_completed(chan->dev_id, 0, NTB_EPF_DMA_BURST, &last, &failed);
	credit(chan, n, false);
	if (unlikely(failed))
		credit_failures(chan);
}

/** How many of the oldest @p n have the same outcome; clears their marks. */
static uint32_t
same_outcome(struct ntb_epf_share *s, uint32_t n, bool *failed)
{
	uint32_t i;

	*failed = s->failed[s->booked & s->failed_mask] != 0;
	for (i = 0; i < n; i++) {
		uint8_t *mark = &s->failed[(s->booked + i) & s->failed_mask];

		if ((*mark != 0) != *failed)
			break;
		*mark = 0;
	}
	if (*failed)
		s->failures_booked += i;
	return i;
}

uint32_t
ntb_epf_share_ended(struct ntb_epf_share *s, bool *failed)
{
	uint32_t n = rte_atomic_load_explicit(&s->finished, rte_memory_order_acquire) - s->booked;

	*failed = false;
	if (n == 0)
		return 0;
	if (unlikely(rte_atomic_load_explicit(&s->failures, rte_memory_order_relaxed) !=
		     s->failures_booked))
		n = same_outcome(s, n, failed);
	s->booked += n;
	s->room += n;
	return n;
}
