/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Data path of the dmadevs. No allocation, lock, division or log, and no system call other than an
 * attachment's own.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>

#include "dw_edma_list.h"

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
}

void
dw_edma_ring_doorbell(struct dw_edma_chan *ch)
{
	ch->doorbells++;
	ch->map->doorbell(ch);
	ch->db_seq = ch->io.seq;
}

/**
 * A channel that runs, or whose doorbell is still on its way, finds what has been added to its list.
 * If it stops without, dw_edma_poll() rings, as after a doorbell that hit the moment in which it
 * stopped.
 */
static bool
finds_by_itself(struct dw_edma_chan *ch)
{
	const struct dw_edma_attach_ops *ops = ch->io.engine->ops;

	if (ops->look_first == NULL || ch->mode != DW_EDMA_COMPLETION_LLP ||
	    !ops->look_first(&ch->io))
		return false;
	if (!ops->settled(&ch->io))
		return ch->db_seq == ch->io.seq;
	return ch->map->state(ch) == DW_EDMA_CS_RUNNING;
}

/** Lists what can be: operations up to @p end, as far as there is room. */
static void
list_waiting(struct dw_edma_chan *ch, uint16_t end)
{
	uint16_t room = dw_edma_list_room(ch);
	const struct dw_edma_desc *desc;
	uint16_t n;

	if (unlikely(ch->sg != 0)) {
		dw_edma_sg_hand_over(ch, end, room);
		return;
	}
	n = RTE_MIN((uint16_t)(end - ch->hw), room);
	for (; n != 0; n--) {
		desc = &ch->ring[ch->hw & ch->ring_mask];
		dw_edma_emit(ch, desc->src, desc->dst, (uint32_t)(desc->word >> 32));
		ch->hw++;
	}
}

void
dw_edma_push(struct dw_edma_chan *ch)
{
	uint16_t end = ch->sub;

	if (!ch->ahead) {
		if (unlikely(ch->failed))
			end = dw_edma_fence_limit(ch);
		/* What copy wrote ahead and nobody has submitted stays behind the gate. */
		if ((int16_t)(end - ch->hw) < 0)
			return;
		list_waiting(ch, end);
	} else if (ch->sub != ch->enq) {
		return;
	}
	if (ch->mode != DW_EDMA_COMPLETION_LLP)
		dw_edma_mark(ch);
	if (dw_edma_open_gate(ch) && !finds_by_itself(ch))
		dw_edma_ring_doorbell(ch);
}

/** Writes an element behind the gate, and its descriptor. */
static __rte_always_inline void
write_ahead(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length, uint64_t bits)
{
	uint64_t word = ch->word | (uint64_t)length << 32;
	struct dw_edma_elem *slot = ch->slot;
	struct dw_edma_desc *desc = ch->desc;

	dw_edma_store_slot(slot, word, src, dst);
	desc->word = word | bits;
	desc->src = src;
	desc->dst = dst;
	/* The three are moved where they are, not by way of CPU registers that are in use. */
	rte_compiler_barrier();
	ch->slot++;
	ch->desc++;
	ch->word = ch->word_next;
}

/**
 * Whatever keeps an operation from being a mere element. Takes the arguments of its caller, where
 * they are, so that the caller has none to move.
 */
static __rte_noinline int
copy_special(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	     uint64_t flags)
{
	struct dw_edma_chan *ch = priv;
	uint64_t bits = (flags & RTE_DMA_OP_FLAG_FENCE) != 0 ? DW_EDMA_DESC_FENCE : 0;
	uint16_t id = ch->enq;

	if ((uint16_t)(id - ch->rep) >= ch->cap)
		return ch->dead ? -ENODEV : -ENOSPC;
	if (length == 0)
		return -EINVAL;
	if (id != ch->limit || dw_edma_go_ahead(ch)) {
		write_ahead(ch, src, dst, length, bits);
		ch->enq = id + 1;
	} else {
		dw_edma_fall_back(ch);
		ch->ring[id & ch->ring_mask] = (struct dw_edma_desc){
			.word = (uint64_t)length << 32 | bits,
			.src = src,
			.dst = dst,
		};
		ch->enq = id + 1;
		ch->limit = ch->enq;
	}
	if ((flags & RTE_DMA_OP_FLAG_SUBMIT) != 0)
		dw_edma_submit(ch, vchan);
	return id;
}

int
dw_edma_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	     uint64_t flags)
{
	struct dw_edma_chan *ch = priv;
	uint16_t id = ch->enq;

	if (unlikely(id == ch->limit || length == 0 || flags != 0))
		return copy_special(priv, vchan, src, dst, length, flags);
	write_ahead(ch, src, dst, length, 0);
	ch->enq = id + 1;
	return id;
}

static __rte_noinline int
submit_special(struct dw_edma_chan *ch)
{
	if (unlikely(dw_edma_is_dead(ch->io.engine)) && !ch->dead)
		dw_edma_kill_gone(ch);
	if (unlikely(ch->dead))
		return -ENODEV;
	ch->sub = ch->enq;
	dw_edma_push(ch);
	/* No room in the list for all: see whether some has become free. */
	if (unlikely(!ch->ahead && (ch->hw != ch->sub || ch->sg_left != 0)))
		dw_edma_poll(ch);
	return 0;
}

int
dw_edma_submit(void *priv, uint16_t vchan __rte_unused)
{
	struct dw_edma_chan *ch = priv;
	struct dw_edma_elem *slot = ch->slot;
	uint16_t enq = ch->enq;

	if (unlikely(ch->db == NULL))
		return submit_special(ch);
	if (unlikely(enq == ch->sub))
		return 0;
	ch->sub = enq;
	dw_edma_handover_wmb();
	rte_write32_relaxed(ch->first_word, &ch->first->control);
	ch->first = slot;
	ch->first_word = (uint32_t)ch->word_next;
	ch->word = ch->word_next ^ DW_EDMA_CB;
	ch->doorbells++;
	rte_write32(ch->db_value, ch->db);
	return 0;
}

/**
 * The whole of a poll, for a channel that is ahead and has come to the end of what it was given and
 * stopped there. In all other cases false, and nothing has been done.
 */
static __rte_always_inline bool
all_done(struct dw_edma_chan *ch)
{
	struct dw_edma_elem *first = ch->first;
	uint32_t state;

	if (ch->pos == NULL)
		return false;
	/*
	 * While it runs, it may have fetched the last element and no more. If it halts then, it
	 * takes the pointer back: so the state comes first.
	 */
	state = rte_read32(ch->state);
	if (state == DW_EDMA_DEAD || (state & ch->state_mask) == ch->state_running ||
	    rte_read32(ch->pos) != (uint32_t)(uintptr_t)first + ch->va_to_llp)
		return false;
	ch->done = ch->sub;
	ch->tail = first;
	return true;
}

/** Operations from rep on that succeeded, at most @p n. */
static uint16_t
good_run(const struct dw_edma_chan *ch, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		if (dw_edma_desc_status(&ch->ring[(uint16_t)(ch->rep + i) & ch->ring_mask]) !=
		    RTE_DMA_STATUS_SUCCESSFUL)
			break;
	return i;
}

static __rte_always_inline uint16_t
report(struct dw_edma_chan *ch, uint16_t n, uint16_t *last_idx)
{
	ch->rep += n;
	ch->reported += n;
	*last_idx = ch->rep - 1;
	return n;
}

/**
 * Finished operations that have not been reported, at most @p max; looks if there are fewer, or if
 * one of them is not told before others are finished: see dw_edma_fence_hold().
 */
static uint16_t
finished(struct dw_edma_chan *ch, uint16_t max)
{
	uint16_t n = ch->done - ch->rep;

	if (n < max || ch->failed) {
		dw_edma_poll(ch);
		n = ch->done - ch->rep;
	}
	return RTE_MIN(n, max);
}

static __rte_noinline uint16_t
completed_special(void *priv, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
		  bool *has_error)
{
	struct dw_edma_chan *ch = priv;
	uint16_t n = finished(ch, nb_cpls);
	uint16_t good;

	RTE_SET_USED(vchan);
	if (unlikely(ch->err_cnt != 0)) {
		good = good_run(ch, n);
		*has_error = good != n;
		n = good;
	}
	return report(ch, n, last_idx);
}

uint16_t
dw_edma_completed(void *priv, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
		  bool *has_error)
{
	struct dw_edma_chan *ch = priv;
	uint16_t n = ch->done - ch->rep;

	if (unlikely(ch->err_cnt != 0))
		return completed_special(priv, vchan, nb_cpls, last_idx, has_error);
	if (n < nb_cpls && ch->done != ch->sub) {
		if (!all_done(ch))
			return completed_special(priv, vchan, nb_cpls, last_idx, has_error);
		n = ch->done - ch->rep;
	}
	return report(ch, RTE_MIN(n, nb_cpls), last_idx);
}

/** Takes over the codes of @p n operations, of which some may have failed. */
static void
report_failed(struct dw_edma_chan *ch, uint16_t n, enum rte_dma_status_code *status)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		status[i] = dw_edma_desc_status(
			&ch->ring[(uint16_t)(ch->rep + i) & ch->ring_mask]);
		if (status[i] == RTE_DMA_STATUS_SUCCESSFUL)
			continue;
		ch->errors++;
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
	uint16_t n = finished(ch, nb_cpls);

	if (unlikely(ch->err_cnt != 0)) {
		n = dw_edma_fence_hold(ch, n);
		report_failed(ch, n, status);
	} else {
		memset(status, 0, n * sizeof(*status));
	}
	return report(ch, n, last_idx);
}

uint16_t
dw_edma_burst_capacity(const void *priv, uint16_t vchan __rte_unused)
{
	const struct dw_edma_chan *ch = priv;
	uint16_t used = ch->enq - ch->rep;

	return ch->cap > used ? ch->cap - used : 0;
}
