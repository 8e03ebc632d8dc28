/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The engine's list: writing elements, and handing them over. Called from the data path, so: no
 * allocation, lock, division or log.
 */

#include <stddef.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_io.h>

#include "dw_edma_list.h"

/** Lists may be written by message, and then this is their copy that is looked at here. */
static __rte_noinline void
post(struct dw_edma_chan *ch, const void *at, uint32_t bytes)
{
	uint64_t offset = (uintptr_t)at - (uintptr_t)ch->ll + ch->ll_skip;

	ch->io.engine->ops->list_write(&ch->io, ch->dir, ch->index, offset, at, bytes);
}

static inline void
write_slot(struct dw_edma_chan *ch, struct dw_edma_elem *slot, uint64_t word, uint64_t src,
	   uint64_t dst)
{
	dw_edma_store_slot(slot, word, src, dst);
	if (unlikely(ch->ll_posted))
		post(ch, slot, sizeof(*slot));
}

static void
write_control(struct dw_edma_chan *ch, struct dw_edma_elem *slot, uint32_t control)
{
	rte_write32_relaxed(control, &slot->control);
	if (unlikely(ch->ll_posted))
		post(ch, slot, sizeof(slot->control));
}

/**
 * The link back to slot 0, for a lap whose data elements have cycle bit @p cb: the link has the
 * inverse. It may be written until the last data slot before it is handed over.
 */
static void
write_link(struct dw_edma_chan *ch, uint8_t cb)
{
	write_slot(ch, ch->ll + ch->ll_slots,
		   DW_EDMA_LLP | DW_EDMA_TCB | (cb == 0 ? DW_EDMA_CB : 0), ch->list.local, 0);
}

/** Sets what the next element, with nothing before it behind the gate, is written with. */
static void
close_gate(struct dw_edma_chan *ch)
{
	ch->first = ch->slot;
	ch->first_word = ch->cb;
	ch->word = ch->cb ^ DW_EDMA_CB;
}

/** From the link to slot 0, in the next lap. */
static void
wrap(struct dw_edma_chan *ch)
{
	bool empty = ch->first == ch->slot;

	ch->slot = ch->ll;
	ch->cb ^= DW_EDMA_CB;
	ch->word_next = ch->cb;
	ch->word = ch->cb;
	if (empty)
		close_gate(ch);
}

uint64_t
dw_edma_list_slots(uint64_t bytes, enum dw_edma_completion mode)
{
	const uint64_t elem = sizeof(struct dw_edma_elem);

	/* Besides the link: words that tail elements copy, or a place for one that copies none. */
	if (mode == DW_EDMA_COMPLETION_TAIL)
		return bytes < elem ? 0 : (bytes - elem) / (elem + sizeof(uint32_t));
	if (mode == DW_EDMA_COMPLETION_IMWR)
		bytes = bytes < sizeof(uint64_t) ? 0 : bytes - sizeof(uint64_t);
	return bytes < elem ? 0 : bytes / elem - 1;
}

uint64_t
dw_edma_tail_word(const struct dw_edma_chan *ch, uint16_t slot)
{
	return (ch->ll_slots + 1) * sizeof(struct dw_edma_elem) + slot * sizeof(uint32_t);
}

/** What the tail element of a slot copies stays the same for good, so it is written once. */
static void
write_tail_words(struct dw_edma_chan *ch)
{
	uint32_t *word;
	uint16_t i;

	for (i = 0; i < ch->ll_slots; i++) {
		word = (uint32_t *)((uintptr_t)ch->ll + dw_edma_tail_word(ch, i));
		rte_write32_relaxed(i + 1u, word);
		if (ch->ll_posted)
			post(ch, word, sizeof(*word));
	}
}

void
dw_edma_list_reset(struct dw_edma_chan *ch)
{
	const struct dw_edma_attach_ops *ops = ch->io.engine->ops;
	uint16_t i;

	dw_edma_fall_back(ch);
	/* The first lap has cycle bit 1, so a slot of zeros is not handed over. */
	for (i = 0; i < ch->ll_slots; i++)
		write_slot(ch, ch->ll + i, 0, 0, 0);
	write_link(ch, DW_EDMA_CB);
	if (ch->mode == DW_EDMA_COMPLETION_TAIL)
		write_tail_words(ch);
	/* What was there before has the first lap's cycle bit as well: the engine must not find it. */
	if (ops->list_flush != NULL)
		ops->list_flush(&ch->io, ch->dir, ch->index);
	ch->sg_left = 0;
	ch->sg_part = 0;
	ch->slot = ch->ll;
	ch->tail = ch->ll;
	ch->cb = DW_EDMA_CB;
	ch->word_next = DW_EDMA_CB;
	close_gate(ch);
	dw_edma_marks_reset(ch);
	ch->hw = ch->done;
	ch->kick_cnt = 0;
}

void
dw_edma_emit(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length)
{
	if (ch->slot == ch->ll + ch->ll_slots)
		wrap(ch);
	if (ch->slot + 1 == ch->ll + ch->ll_slots)
		write_link(ch, ch->cb);
	write_slot(ch, ch->slot, ch->word | (uint64_t)length << 32, src, dst);
	ch->word = ch->word_next;
	ch->slot++;
}

void
dw_edma_flag_last(struct dw_edma_chan *ch, uint32_t bits)
{
	struct dw_edma_elem *last = ch->slot - 1;
	uint32_t cb = ch->cb;

	if (ch->slot == ch->ll) {
		last = ch->ll + ch->ll_slots - 1;
		cb ^= DW_EDMA_CB;
	}
	if (last == ch->first)
		ch->first_word |= bits;
	else
		write_control(ch, last, cb | bits);
}

bool
dw_edma_open_gate(struct dw_edma_chan *ch)
{
	if (ch->first == ch->slot)
		return false;
	dw_edma_handover_wmb();
	write_control(ch, ch->first, ch->first_word);
	close_gate(ch);
	return true;
}

uint16_t
dw_edma_list_room(const struct dw_edma_chan *ch)
{
	uint16_t used = dw_edma_distance(ch, ch->tail, ch->slot);
	uint16_t keep = used + 1 + ch->reserve;

	return ch->ll_slots > keep ? ch->ll_slots - keep : 0;
}

/** Operations that can be enqueued before the first of ring, list, and ends of both is reached. */
static uint16_t
room_ahead(const struct dw_edma_chan *ch)
{
	uint32_t index = ch->enq & ch->ring_mask;
	uint32_t room = ch->cap - (uint16_t)(ch->enq - ch->rep);
	uint32_t list = dw_edma_list_room(ch);

	room = RTE_MIN(room, ch->ring_mask + 1 - index);
	list = RTE_MIN(list, (uint32_t)(ch->ll + ch->ll_slots - ch->slot));
	return RTE_MIN(room, list);
}

/** Registers of its own that submit and completed may use without asking. */
static void
go_direct(struct dw_edma_chan *ch)
{
	const struct dw_edma_attach_ops *ops = ch->io.engine->ops;
	const struct dw_edma_engine *engine = ch->io.engine;

	/* Not where marks were given up: some may still be in the list. */
	if (ops->direct == NULL || ch->regs.position == 0 ||
	    ch->mode_wanted != DW_EDMA_COMPLETION_LLP || engine->side == DW_EDMA_SIDE_RC)
		return;
	ch->pos = ops->direct(engine, ch->regs.position);
	ch->state = ops->direct(engine, ch->regs.state);
	ch->db = ops->direct(engine, ch->regs.doorbell);
}

bool
dw_edma_go_ahead(struct dw_edma_chan *ch)
{
	uint16_t room;

	/* No operation is left that was enqueued in ignorance of a failure: fences are settled. */
	if (ch->failed && ch->told && ch->hw == ch->enq)
		ch->failed = false;
	if (!ch->ahead && (ch->hw != ch->enq || ch->sg != 0 || ch->failed || ch->dead ||
			   ch->ll_posted))
		return false;
	if (ch->slot == ch->ll + ch->ll_slots)
		wrap(ch);
	room = room_ahead(ch);
	if (room == 0)
		return false;
	if (ch->slot + room == ch->ll + ch->ll_slots)
		write_link(ch, ch->cb);
	ch->limit = ch->enq + room;
	ch->desc = &ch->ring[ch->enq & ch->ring_mask];
	if (!ch->ahead) {
		ch->ahead = true;
		go_direct(ch);
	}
	return true;
}

void
dw_edma_fall_back(struct dw_edma_chan *ch)
{
	if (ch->ahead)
		ch->hw = ch->enq;
	ch->ahead = false;
	ch->limit = ch->enq;
	ch->db = NULL;
	ch->pos = NULL;
	ch->state = NULL;
}
