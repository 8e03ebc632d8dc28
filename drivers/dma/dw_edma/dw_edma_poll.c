/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What tells how far the engine is. Called from the data path, so: no allocation, wait, division or
 * log.
 *
 *   llp   The list pointer, a register: for the side that has the registers near. Whether it
 *         advances when an element is fetched or when it is finished is not known of all parts; so
 *         while the channel runs, the element before it is not taken for finished.
 *
 * For the side that would have to read across the link:
 *
 *   tail  Behind what a submit lists comes one more element, which copies its slot number from
 *         beside the list to a word in our memory. Write channels only: it goes where their data go,
 *         behind it.
 *   imwr  The last element of what a submit lists asks for the engine's interrupt write, which is
 *         aimed at a word in our memory. As long as there is one such element at a time, and one
 *         channel that uses the word, the word says all. What is listed meanwhile has no mark; when
 *         the word has been written and nothing more is submitted, an element that copies nothing of
 *         meaning brings the next one.
 *
 * Those elements are marks. A channel that makes no progress gets its doorbell again, which costs
 * a write, and only after a long time are its registers read.
 */

#include <errno.h>
#include <inttypes.h>

#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_memory.h>

#include "dw_edma_priv.h"

static uint32_t
load(const RTE_ATOMIC(uint32_t) *word)
{
	/* Acquire: the data that it tells of are seen after it. */
	return rte_atomic_load_explicit(word, rte_memory_order_acquire);
}

static void
clear(RTE_ATOMIC(uint32_t) *word)
{
	rte_atomic_store_explicit(word, 0, rte_memory_order_relaxed);
}

/**
 * A report that is not waited for any more must not be taken for the next one: neither the word, nor
 * the event, nor the status bit that somebody else may be reading just now.
 */
static void
forget_report(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq;

	ch->map->ack(ch);
	if (ch->map->events == NULL) {
		clear(&irq->words.done);
		return;
	}
	rte_spinlock_lock(&irq->reader);
	/* A read, so that the write above has arrived before the next one reads the bit. */
	ch->map->state(ch);
	rte_atomic_fetch_and_explicit(&irq->events, ~DW_EDMA_INT_DONE(ch->index),
				      rte_memory_order_relaxed);
	if (load(&irq->shared) == 0)
		clear(&irq->words.done);
	rte_spinlock_unlock(&irq->reader);
}

/* Modes ---------------------------------------------------------------------------------------- */

/** The words that a direction's interrupt writes go to are those of one owner. */
static bool
has_words(const struct dw_edma_chan *ch)
{
	const struct dw_edma_engine *engine = ch->io.engine;

	return ch->map->events == NULL ||
	       engine->mask[ch->dir] == RTE_BIT64(engine->cnt[ch->dir]) - 1;
}

static enum dw_edma_completion
mode_auto(const struct dw_edma_chan *ch)
{
	if (ch->io.engine->side != DW_EDMA_SIDE_RC || !has_words(ch))
		return DW_EDMA_COMPLETION_LLP;
	return ch->dir == DW_EDMA_WR ? DW_EDMA_COMPLETION_TAIL : DW_EDMA_COMPLETION_IMWR;
}

/** What keeps a channel from a mode; NULL: nothing. */
static const char *
obstacle(const struct dw_edma_chan *ch, enum dw_edma_completion mode)
{
	if (mode == DW_EDMA_COMPLETION_LLP)
		return NULL;
	if (ch->io.engine->side == DW_EDMA_SIDE_EP)
		return "the engine cannot reach the endpoint's memory by way of the link";
	if (mode == DW_EDMA_COMPLETION_TAIL && ch->dir != DW_EDMA_WR)
		return "a read channel cannot write to the host";
	if (!has_words(ch))
		return "other channels of the direction are somebody else's";
	return NULL;
}

int
dw_edma_mode_select(struct dw_edma_chan *ch)
{
	struct dw_edma_engine *engine = ch->io.engine;
	enum dw_edma_completion mode = engine->completion;
	const char *why;

	if (mode == DW_EDMA_COMPLETION_AUTO)
		mode = mode_auto(ch);
	why = obstacle(ch, mode);
	if (why != NULL) {
		DW_EDMA_LOG(ERR, ch->name, DW_EDMA_ARG_COMPLETION "=%s: %s, expected auto or llp",
			    dw_edma_completion_names[mode], why);
		return -ENOTSUP;
	}
	ch->mode_wanted = mode;
	ch->tail_iova = rte_mem_virt2iova((const void *)(uintptr_t)&ch->own.words.tail);
	ch->none_iova = rte_mem_virt2iova(&ch->own.words.none);
	ch->irq = NULL;
	if (engine->side != DW_EDMA_SIDE_EP && mode != DW_EDMA_COMPLETION_LLP)
		ch->irq = ch->map->events != NULL ? &engine->irq[ch->dir] : &ch->own;
	return 0;
}

void
dw_edma_mode_reset(struct dw_edma_chan *ch)
{
	ch->mode = ch->mode_wanted;
	ch->ll_slots = RTE_MIN(dw_edma_list_slots(ch->list.bytes, ch->mode),
			       (uint64_t)DW_EDMA_MAX_SLOTS);
	ch->reserve = ch->mode != DW_EDMA_COMPLETION_LLP;
	ch->hold = !ch->io.engine->llp_completed;
	ch->misses = 0;
}

void
dw_edma_marks_reset(struct dw_edma_chan *ch)
{
	ch->mark_tail = ch->mark_head;
	ch->marked = ch->slot;
	ch->ring_at = 0;
	clear(&ch->own.words.tail);
	if (ch->mode == DW_EDMA_COMPLETION_IMWR)
		forget_report(ch);
}

void
dw_edma_irq_enter_locked(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq;

	if (irq == NULL)
		return;
	irq->io.engine = ch->io.engine;
	if (irq->users++ != 0) {
		/* Release: whoever sees a word written for this channel sees this before. */
		rte_atomic_store_explicit(&irq->shared, 1, rte_memory_order_release);
		return;
	}
	rte_spinlock_init(&irq->reader);
	clear(&irq->shared);
	clear(&irq->events);
	clear(&irq->words.done);
	clear(&irq->words.abort);
}

void
dw_edma_irq_leave_locked(struct dw_edma_chan *ch)
{
	if (ch->irq != NULL)
		ch->irq->users--;
}

/* Marks ---------------------------------------------------------------------------------------- */

static uint16_t
marks_out(const struct dw_edma_chan *ch)
{
	return ch->mark_head - ch->mark_tail;
}

static struct dw_edma_mark *
mark_of(struct dw_edma_chan *ch, uint16_t i)
{
	return &ch->marks[i % DW_EDMA_MAX_MARKS];
}

bool
dw_edma_mark_is_next(const struct dw_edma_chan *ch)
{
	const struct dw_edma_mark *mark = &ch->marks[ch->mark_tail % DW_EDMA_MAX_MARKS];

	return marks_out(ch) != 0 && mark->extra &&
	       mark->slot == dw_edma_slot_index(ch, ch->tail);
}

/** Element in which a mark lies: the one before @c slot. */
static uint16_t
last_slot(const struct dw_edma_chan *ch)
{
	return (ch->slot == ch->ll ? ch->ll_slots : ch->slot - ch->ll) - 1;
}

/** Notes that all listed so far is done once the engine has passed the latest element. */
static void
note_mark(struct dw_edma_chan *ch, bool extra)
{
	struct dw_edma_mark *mark = mark_of(ch, ch->mark_head++);

	mark->slot = last_slot(ch);
	mark->id = ch->ahead ? ch->enq : ch->hw;
	mark->part = 0;
	mark->extra = extra;
	if (ch->sg_left != 0) {
		mark->id--;
		mark->part = dw_edma_sg_listed(ch);
	}
	ch->marked = ch->slot;
}

/** An element that reports itself and what is before it, and belongs to no operation. */
static void
extra_mark(struct dw_edma_chan *ch)
{
	uint64_t scratch = ch->list.local + ch->list.bytes - sizeof(uint64_t);
	/* Where the element goes: behind the link is slot 0. */
	uint16_t slot = dw_edma_slot_index(ch, ch->slot);

	if (ch->mode == DW_EDMA_COMPLETION_TAIL) {
		dw_edma_emit(ch, ch->list.local + dw_edma_tail_word(ch, slot), ch->tail_iova,
			     sizeof(uint32_t));
	} else {
		if (ch->dir == DW_EDMA_RD)
			dw_edma_emit(ch, ch->none_iova, scratch, sizeof(uint32_t));
		else
			dw_edma_emit(ch, scratch, ch->none_iova, sizeof(uint32_t));
		dw_edma_flag_last(ch, DW_EDMA_LIE | DW_EDMA_RIE);
	}
	/* It took a slot that copies may have been promised. */
	ch->limit = ch->enq;
	ch->extras++;
	note_mark(ch, true);
}

/** True if what is listed has no mark behind it, and there may be one more. */
static bool
wants_mark(const struct dw_edma_chan *ch)
{
	uint16_t max = ch->mode == DW_EDMA_COMPLETION_TAIL ? DW_EDMA_MAX_MARKS : 1;

	return marks_out(ch) < max && dw_edma_distance(ch, ch->marked, ch->slot) != 0;
}

void
dw_edma_mark(struct dw_edma_chan *ch)
{
	if (!wants_mark(ch))
		return;
	if (ch->mode == DW_EDMA_COMPLETION_TAIL || ch->first == ch->slot) {
		extra_mark(ch);
	} else {
		dw_edma_flag_last(ch, DW_EDMA_LIE | DW_EDMA_RIE);
		note_mark(ch, false);
	}
}

/** Operations before @p id are done, and @p part elements of that one. */
static void
done_up_to(struct dw_edma_chan *ch, uint16_t id, uint16_t part)
{
	/* Behind what is known already may be operations without elements. */
	if ((int16_t)(id - ch->done) < 0)
		return;
	if (ch->sg != 0)
		while (ch->done != id)
			dw_edma_desc_done(ch, &ch->ring[ch->done++ & ch->ring_mask]);
	ch->done = id;
	ch->sg_part = part;
}

/** The engine has passed the oldest mark, and all up to the one before @p end. */
static void
marks_reached(struct dw_edma_chan *ch, uint16_t end)
{
	const struct dw_edma_mark *mark = mark_of(ch, end - 1);

	ch->tail = ch->ll + mark->slot + 1;
	done_up_to(ch, mark->id, mark->part);
	ch->mark_tail = end;
	ch->misses = 0;
}

/* The list pointer ----------------------------------------------------------------------------- */

/** Forgets marks among the next @p n slots. Returns how many of these are of no operation. */
static uint16_t
marks_passed(struct dw_edma_chan *ch, uint16_t n)
{
	uint16_t extra = 0;
	const struct dw_edma_mark *mark;

	while (marks_out(ch) != 0) {
		mark = mark_of(ch, ch->mark_tail);
		if (dw_edma_distance(ch, ch->tail, ch->ll + mark->slot) >= n)
			break;
		extra += mark->extra;
		ch->mark_tail++;
		ch->misses++;
	}
	return extra;
}

bool
dw_edma_retire(struct dw_edma_chan *ch, uint32_t llp, bool running)
{
	uint32_t delta = llp - ch->ll_lo;
	/* By a constant, which compilers turn into a multiplication. */
	uint32_t slot = delta / sizeof(struct dw_edma_elem);
	uint16_t n;

	if (slot > ch->ll_slots || slot * sizeof(struct dw_edma_elem) != delta)
		return false;
	n = dw_edma_distance(ch, ch->tail, ch->ll + slot);
	if (n > dw_edma_distance(ch, ch->tail, ch->first))
		return false;
	if (running && ch->hold && n != 0)
		n--;
	if (n == 0)
		return true;
	slot = dw_edma_slot_index(ch, ch->tail) + n;
	n -= marks_passed(ch, n);
	if (unlikely(ch->sg != 0))
		dw_edma_sg_retire(ch, n);
	else
		ch->done += n;
	ch->tail = ch->ll + (slot >= ch->ll_slots ? slot - ch->ll_slots : slot);
	/* What was passed without a mark needs none any more. */
	if (marks_out(ch) == 0)
		ch->marked = ch->tail;
	return true;
}

static void
poll_llp(struct dw_edma_chan *ch)
{
	const struct dw_edma_elem *before = ch->tail;
	uint32_t llp = ch->map->position(ch);
	int state = DW_EDMA_CS_STOPPED;

	/* Only where there is something to hold back. */
	if (ch->hold && llp - ch->va_to_llp != (uint32_t)(uintptr_t)before) {
		state = ch->map->state(ch);
		if (state < 0) {
			dw_edma_kill_gone(ch);
			return;
		}
		/* One that halted within an element has taken the pointer back to it. */
		if (state != DW_EDMA_CS_RUNNING)
			llp = ch->map->position(ch);
	}
	if (unlikely(!dw_edma_retire(ch, llp, state == DW_EDMA_CS_RUNNING)))
		dw_edma_lost(ch);
	else if (ch->tail == before)
		dw_edma_stalled(ch);
}

/* Words ---------------------------------------------------------------------------------------- */

/** The mark whose tail element wrote the latest value, and those before it. */
static bool
poll_tail(struct dw_edma_chan *ch)
{
	uint32_t value;
	uint16_t i;

	if (load(&ch->own.words.tail) == 0)
		return false;
	/* The engine may write the next one at this moment: none is lost, none is seen twice. */
	value = rte_atomic_exchange_explicit(&ch->own.words.tail, 0, rte_memory_order_acquire);
	for (i = ch->mark_tail; i != ch->mark_head; i++) {
		if (mark_of(ch, i)->slot + 1u == value) {
			marks_reached(ch, i + 1);
			return true;
		}
	}
	return false;
}

/** Reads what happened on the direction's channels, unless somebody else is at it. */
static void
read_events(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq;
	uint32_t wanted = DW_EDMA_INT_DONE_ALL;

	if (rte_spinlock_trylock(&irq->reader) == 0)
		return;
	/* Otherwise an abort bit is of one that a later doorbell has overcome. */
	if (load(&irq->words.abort) != 0)
		wanted |= DW_EDMA_INT_ABORT_ALL;
	/* Before the read: what is written after it is seen the next time. */
	clear(&irq->words.done);
	clear(&irq->words.abort);
	rte_io_mb();
	rte_atomic_fetch_or_explicit(&irq->events, ch->map->events(ch) & wanted,
				     rte_memory_order_release);
	rte_spinlock_unlock(&irq->reader);
}

static bool
take_event(struct dw_edma_irq *irq, uint32_t bit)
{
	if ((load(&irq->events) & bit) == 0)
		return false;
	rte_atomic_fetch_and_explicit(&irq->events, ~bit, rte_memory_order_relaxed);
	return true;
}

/** Whether the event has come that says what a word would, @p written, of a lone channel. */
static bool
reported_shared(struct dw_edma_chan *ch, bool written, uint32_t bit)
{
	if (written)
		read_events(ch);
	return take_event(ch->irq, bit);
}

static bool
reported_done(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq;
	bool written = load(&irq->words.done) != 0;

	if (unlikely(load(&irq->shared) != 0))
		return reported_shared(ch, written, DW_EDMA_INT_DONE(ch->index));
	if (!written)
		return false;
	clear(&irq->words.done);
	/* Nothing marked is in the list now, so nobody sets the bit meanwhile. */
	ch->map->ack(ch);
	/* A channel started since may have read the bit before that. */
	if (unlikely(load(&irq->shared) != 0))
		forget_report(ch);
	return true;
}

static bool
reported_abort(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq;
	bool written = load(&irq->words.abort) != 0;

	if (unlikely(load(&irq->shared) != 0))
		return reported_shared(ch, written, DW_EDMA_INT_ABORT(ch->index));
	if (written)
		clear(&irq->words.abort);
	return written;
}

static bool
poll_imwr(struct dw_edma_chan *ch)
{
	if (!reported_done(ch) || marks_out(ch) == 0)
		return false;
	marks_reached(ch, ch->mark_tail + 1);
	return true;
}

static bool
poll_word(struct dw_edma_chan *ch)
{
	return ch->mode == DW_EDMA_COMPLETION_TAIL ? poll_tail(ch) : poll_imwr(ch);
}

/* Want of progress ----------------------------------------------------------------------------- */

static uint64_t
cycles(uint64_t us)
{
	return us * (rte_get_timer_hz() / US_PER_S);
}

/** Reads the registers. A mark that was passed in silence too often is not waited for again. */
static void
look(struct dw_edma_chan *ch)
{
	uint16_t before = ch->misses;

	ch->looks++;
	ch->ring_at = 0;
	dw_edma_stalled(ch);
	if (ch->misses == before || ch->dead)
		return;
	if (ch->mode == DW_EDMA_COMPLETION_IMWR)
		forget_report(ch);
	if (ch->misses < DW_EDMA_MAX_MISSES)
		return;
	/* Marks that are in the list stay known: the pointer will pass them. */
	ch->mode = DW_EDMA_COMPLETION_LLP;
}

static void
wait_word(struct dw_edma_chan *ch)
{
	const struct dw_edma_attach_ops *ops = ch->io.engine->ops;
	uint64_t now = rte_get_timer_cycles();

	if (ops->turn != NULL)
		ops->turn(ch->io.engine);
	if (ch->ring_at == 0) {
		ch->ring_wait = cycles(DW_EDMA_RING_AGAIN_US);
		ch->ring_at = now + ch->ring_wait;
		ch->look_at = now + cycles(DW_EDMA_LOOK_MS * 1000);
		/* Nothing will come: what waits for its submit is in the way of a mark. */
		if (marks_out(ch) == 0)
			ch->look_at = ch->ring_at;
	} else if (now >= ch->look_at) {
		look(ch);
	} else if (now >= ch->ring_at) {
		ch->ring_wait = RTE_MIN(2 * ch->ring_wait, cycles(DW_EDMA_RING_AGAIN_MAX_US));
		ch->ring_at = now + ch->ring_wait;
		ch->kicks++;
		ch->map->doorbell(ch);
	}
}

static void
poll_far(struct dw_edma_chan *ch)
{
	if (poll_word(ch))
		ch->ring_at = 0;
	else if (reported_abort(ch))
		look(ch);
	else
		wait_word(ch);
}

void
dw_edma_poll(struct dw_edma_chan *ch)
{
	if (ch->done == ch->sub)
		return;
	if (dw_edma_distance(ch, ch->tail, ch->first) != 0) {
		if (ch->mode == DW_EDMA_COMPLETION_LLP)
			poll_llp(ch);
		else
			poll_far(ch);
	}
	if (unlikely(ch->dead))
		return;
	if (unlikely(ch->sg != 0))
		dw_edma_sg_retire(ch, 0);
	if (ch->mode == DW_EDMA_COMPLETION_LLP && (ch->ahead || ch->hw == ch->sub) &&
	    likely(ch->sg_left == 0))
		return;
	do
		dw_edma_push(ch);
	while (unlikely(ch->failed) && dw_edma_fence_skip(ch));
}
