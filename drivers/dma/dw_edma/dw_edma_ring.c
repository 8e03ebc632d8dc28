/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Data path: from the application's ring into the linked list, and back by the list pointer. No
 * allocation, lock, division or log, and no system call other than an attachment's own.
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_io.h>

#include "dw_edma_priv.h"

/**
 * Makes size and addresses of a slot, and the data that they point at, visible before the control
 * word, because the control word hands the slot to an engine that may be running.
 */
static inline void
dw_edma_handover_wmb(void)
{
	rte_io_wmb();
}

static __rte_noinline void
post_slot(struct dw_edma_chan *ch, uint16_t slot, const struct dw_edma_elem *elem)
{
	const struct dw_edma_attach_ops *ops = ch->io.engine->ops;
	uint64_t offset = (uint64_t)slot * sizeof(*elem);

	ops->list_write(&ch->io, ch->dir, ch->index, offset + offsetof(struct dw_edma_elem, size),
			&elem->size, sizeof(*elem) - offsetof(struct dw_edma_elem, size));
	ops->list_write(&ch->io, ch->dir, ch->index, offset, &elem->control,
			sizeof(elem->control));
}

static inline void
store_slot(struct dw_edma_elem *slot, struct dw_edma_elem elem)
{
	rte_write32_relaxed(elem.size, &slot->size);
	rte_write64_relaxed(elem.sar, &slot->sar);
	rte_write64_relaxed(elem.dar, &slot->dar);
	dw_edma_handover_wmb();
	rte_write32_relaxed(elem.control, &slot->control);
}

/** By value: the element then stays in CPU registers. */
static inline void
write_slot(struct dw_edma_chan *ch, uint16_t slot, struct dw_edma_elem elem)
{
	struct dw_edma_elem copy;

	if (likely(ch->ll != NULL)) {
		store_slot(&ch->ll[slot], elem);
	} else {
		copy = elem;
		post_slot(ch, slot, &copy);
	}
}

/**
 * The link back to slot 0, for a lap whose data elements have cycle bit @p cb: the link has the
 * inverse. It may be written until the last data slot before it is handed over.
 */
static void
write_link(struct dw_edma_chan *ch, uint8_t cb)
{
	struct dw_edma_elem link = {
		.control = DW_EDMA_LLP | DW_EDMA_TCB | (cb == 0 ? DW_EDMA_CB : 0),
		.sar = ch->list.local,
	};

	write_slot(ch, ch->ll_slots, link);
}

void
dw_edma_list_reset(struct dw_edma_chan *ch)
{
	/* The first lap has cycle bit 1, so a slot of zeros is not handed over. */
	struct dw_edma_elem empty = { 0 };
	uint16_t i;

	for (i = 0; i < ch->ll_slots; i++)
		write_slot(ch, i, empty);
	write_link(ch, 1);
	ch->sg_left = 0;
	ch->sg_part = 0;
	ch->ll_head = 0;
	ch->ll_tail = 0;
	ch->ll_cb = 1;
	ch->hw = ch->done;
	ch->kick_cnt = 0;
}

void
dw_edma_ring_reset(struct dw_edma_chan *ch)
{
	ch->enq = 0;
	ch->sub = 0;
	ch->done = 0;
	ch->rep = 0;
	ch->err_cnt = 0;
	ch->failed = false;
	ch->told = false;
	ch->sg = 0;
	ch->piece_head = 0;
	ch->piece_tail = 0;
	ch->cap = ch->nb_desc;
	dw_edma_list_reset(ch);
}

static __rte_always_inline void
emit(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length)
{
	struct dw_edma_elem elem = {
		.control = ch->ll_cb,
		.size = length,
		.sar = src,
		.dar = dst,
	};
	uint16_t slot = ch->ll_head;
	bool last = slot + 1 == ch->ll_slots;

	if (unlikely(last))
		write_link(ch, ch->ll_cb);
	write_slot(ch, slot, elem);
	ch->ll_head = last ? 0 : slot + 1;
	ch->ll_cb ^= last;
}

void
dw_edma_emit(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length)
{
	emit(ch, src, dst, length);
}

static inline void
hand_over(struct dw_edma_chan *ch)
{
	const struct dw_edma_desc *desc = &ch->ring[ch->hw & ch->ring_mask];

	emit(ch, desc->src, desc->dst, desc->length);
	ch->hw++;
}

static inline void
ring_doorbell(struct dw_edma_chan *ch)
{
	ch->doorbells++;
	ch->map->doorbell(ch);
}

void
dw_edma_push(struct dw_edma_chan *ch)
{
	uint16_t room = ch->ll_slots - 1 - (uint16_t)(ch->hw - ch->done);
	uint16_t end = ch->sub;
	uint16_t n;

	if (unlikely(ch->failed))
		end = dw_edma_fence_limit(ch);
	if (unlikely(ch->sg != 0)) {
		if (dw_edma_sg_hand_over(ch, end) != 0)
			ring_doorbell(ch);
		return;
	}
	n = RTE_MIN((uint16_t)(end - ch->hw), room);
	if (n == 0)
		return;
	while (n-- != 0)
		hand_over(ch);
	ring_doorbell(ch);
}

bool
dw_edma_retire(struct dw_edma_chan *ch, uint32_t llp)
{
	uint32_t delta = llp - ch->ll_lo;
	/* By a constant, which compilers turn into a multiplication. */
	uint32_t slot = delta / sizeof(struct dw_edma_elem);
	uint16_t n;

	if (slot > ch->ll_slots || slot * sizeof(struct dw_edma_elem) != delta)
		return false;
	/* On the link: the lap is done, whether the link has been followed or not. */
	if (slot == ch->ll_slots)
		slot = 0;
	n = slot - ch->ll_tail + (slot < ch->ll_tail ? ch->ll_slots : 0);
	if (unlikely(ch->sg != 0)) {
		if (!dw_edma_sg_retire(ch, n))
			return false;
	} else {
		if (n > (uint16_t)(ch->hw - ch->done))
			return false;
		ch->done += n;
	}
	ch->ll_tail = slot;
	return true;
}

void
dw_edma_poll(struct dw_edma_chan *ch)
{
	uint16_t before = ch->done;

	if (before == ch->sub)
		return;
	if (before != ch->hw) {
		if (unlikely(!dw_edma_retire(ch, ch->map->position(ch)))) {
			dw_edma_lost(ch);
			return;
		}
		if (ch->done == before && (ch->sg == 0 || !ch->sg_moved)) {
			dw_edma_stalled(ch);
			return;
		}
	}
	if (ch->hw == ch->sub && likely(ch->sg_left == 0))
		return;
	do
		dw_edma_push(ch);
	while (unlikely(ch->failed) && dw_edma_fence_skip(ch));
}

int
dw_edma_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	     uint64_t flags)
{
	struct dw_edma_chan *ch = priv;
	uint16_t id = ch->enq;
	struct dw_edma_desc *desc;

	if (unlikely((uint16_t)(id - ch->rep) >= ch->cap))
		return ch->dead ? -ENODEV : -ENOSPC;
	if (unlikely(length == 0))
		return -EINVAL;
	desc = &ch->ring[id & ch->ring_mask];
	desc->src = src;
	desc->dst = dst;
	desc->length = length;
	desc->fence = (flags & RTE_DMA_OP_FLAG_FENCE) != 0;
	desc->status = RTE_DMA_STATUS_SUCCESSFUL;
	ch->enq = id + 1;
	if ((flags & RTE_DMA_OP_FLAG_SUBMIT) != 0)
		dw_edma_submit(priv, vchan);
	return id;
}

int
dw_edma_submit(void *priv, uint16_t vchan __rte_unused)
{
	struct dw_edma_chan *ch = priv;

	if (unlikely(dw_edma_is_dead(ch->io.engine)) && !ch->dead)
		dw_edma_kill(ch, RTE_DMA_STATUS_DEV_LINK_ERROR);
	if (unlikely(ch->dead))
		return -ENODEV;
	ch->stats.submitted += (uint16_t)(ch->enq - ch->sub);
	ch->sub = ch->enq;
	dw_edma_push(ch);
	/* No room in the list for all: see whether some has become free. */
	if (unlikely(ch->hw != ch->sub))
		dw_edma_poll(ch);
	return 0;
}

/** Operations from rep on that succeeded, at most @p n. */
static uint16_t
good_run(const struct dw_edma_chan *ch, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		if (ch->ring[(uint16_t)(ch->rep + i) & ch->ring_mask].status !=
		    RTE_DMA_STATUS_SUCCESSFUL)
			break;
	return i;
}

uint16_t
dw_edma_completed(void *priv, uint16_t vchan __rte_unused, const uint16_t nb_cpls,
		  uint16_t *last_idx, bool *has_error)
{
	struct dw_edma_chan *ch = priv;
	uint16_t n = ch->done - ch->rep;
	uint16_t good;

	if (n < nb_cpls) {
		dw_edma_poll(ch);
		n = ch->done - ch->rep;
	}
	n = RTE_MIN(n, nb_cpls);
	if (unlikely(ch->err_cnt != 0)) {
		good = good_run(ch, n);
		*has_error = good != n;
		n = good;
	}
	ch->rep += n;
	ch->stats.completed += n;
	*last_idx = ch->rep - 1;
	return n;
}

/** Takes over the codes of @p n operations, of which some may have failed. */
static void
report_failed(struct dw_edma_chan *ch, uint16_t n, enum rte_dma_status_code *status)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		status[i] = ch->ring[(uint16_t)(ch->rep + i) & ch->ring_mask].status;
		if (status[i] == RTE_DMA_STATUS_SUCCESSFUL)
			continue;
		ch->stats.errors++;
		ch->err_cnt--;
		if (ch->err_cnt == 0) {
			ch->told = true;
			ch->told_end = ch->enq;
		}
	}
}

uint16_t
dw_edma_completed_status(void *priv, uint16_t vchan __rte_unused, const uint16_t nb_cpls,
			 uint16_t *last_idx, enum rte_dma_status_code *status)
{
	struct dw_edma_chan *ch = priv;
	uint16_t n = ch->done - ch->rep;

	if (n < nb_cpls) {
		dw_edma_poll(ch);
		n = ch->done - ch->rep;
	}
	n = RTE_MIN(n, nb_cpls);
	if (unlikely(ch->err_cnt != 0)) {
		n = dw_edma_fence_hold(ch, n);
		report_failed(ch, n, status);
	} else {
		memset(status, 0, n * sizeof(*status));
	}
	ch->rep += n;
	ch->stats.completed += n;
	*last_idx = ch->rep - 1;
	return n;
}

uint16_t
dw_edma_burst_capacity(const void *priv, uint16_t vchan __rte_unused)
{
	const struct dw_edma_chan *ch = priv;
	uint16_t used = ch->enq - ch->rep;

	return ch->cap > used ? ch->cap - used : 0;
}
