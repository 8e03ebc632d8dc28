/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What a channel sees of list memory.
 *
 * That memory belongs to others, who store there whenever they like. Usually a channel sees what it
 * holds. The switch late_list is about buses on which a doorbell overtakes the stores before it:
 *
 *   doorbell            late_list steps               the channel looks ahead
 *   ----+-----------------------------------------------+------------------------->
 *       | memory as it was when the channel last looked | elements that were valid then,
 *       | at each slot; elsewhere nothing that is valid | one after the other
 *
 * Looking ahead walks over all elements that are valid at that moment, because a bus that shows a
 * store shows the older ones as well: a slot must not appear without the link behind it that was
 * written before it.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "edma_model_priv.h"

/*
 * Slots of a list that a channel remembers; one of 16 KiB has 682. Consecutive slots are 3 places
 * apart, so that as many of them share no place: 3 does not divide a power of two.
 */
#define SIGHT_SLOTS 1024
#define SIGHT_PLACE(addr) ((addr) / 8 % SIGHT_SLOTS)

struct edma_sight {
	struct {
		uint64_t not_addr; /* inverted: 0 is a place that has not been used */
		struct dw_edma_elem elem;
	} slot[SIGHT_SLOTS];
};

/* Copies a few bytes of list memory that lies across a border of the map, or unaligned. */
static bool
read_bytes(struct edma_model *m, struct edma_chan *ch, uint64_t addr, void *buf, uint64_t n)
{
	uint8_t *to = buf;
	uint64_t len;
	const void *p;

	while (n != 0) {
		len = n;
		p = edma_resolve(m, ch, &ch->list, EDMA_SPACE_LOCAL, addr, &len, false);
		if (p == NULL)
			return false;
		memcpy(to, p, len);
		to += len;
		addr += len;
		n -= len;
	}
	return true;
}

bool
edma_list_read_pieces(struct edma_model *m, struct edma_chan *ch, uint64_t addr,
		      struct dw_edma_elem *e)
{
	const size_t rest = offsetof(struct dw_edma_elem, size);

	if (!read_bytes(m, ch, addr, &e->control, sizeof(e->control)))
		return false;
	atomic_thread_fence(memory_order_acquire);
	return read_bytes(m, ch, addr + rest, (uint8_t *)e + rest, sizeof(*e) - rest);
}

/* From an element that is executed to the next one. */
static void
go_on(const struct dw_edma_elem *e, uint64_t *addr, bool *ccs)
{
	if ((e->control & DW_EDMA_LLP) == 0) {
		*addr += sizeof(*e);
		return;
	}
	*ccs ^= (e->control & DW_EDMA_TCB) != 0;
	*addr = e->sar;
}

/* Late stores ---------------------------------------------------------------------------------- */

static void
sight_put(struct edma_chan *ch, uint64_t addr, const struct dw_edma_elem *e)
{
	ch->sight->slot[SIGHT_PLACE(addr)].not_addr = ~addr;
	ch->sight->slot[SIGHT_PLACE(addr)].elem = *e;
}

/* What was seen at @p addr when it was looked at last. False: it never was, or is forgotten. */
static bool
sight_get(const struct edma_chan *ch, uint64_t addr, struct dw_edma_elem *e)
{
	if (ch->sight->slot[SIGHT_PLACE(addr)].not_addr != ~addr)
		return false;
	*e = ch->sight->slot[SIGHT_PLACE(addr)].elem;
	return true;
}

/* Takes in the elements from LLP on that are valid, and the first that is not. */
static void
look_ahead(struct edma_model *m, struct edma_chan *ch)
{
	uint64_t addr = edma_reg64(m, ch->win + m->map->llp);
	bool ccs = (edma_control(m, ch) & DW_EDMA_CCS) != 0;
	struct dw_edma_elem e;

	ch->visible = false;
	ch->ahead = 0;
	while (ch->ahead < SIGHT_SLOTS && edma_list_read(m, ch, addr, &e)) {
		sight_put(ch, addr, &e);
		if (!edma_list_valid(&e, ccs))
			break;
		ch->ahead++;
		go_on(&e, &addr, &ccs);
	}
}

/* Replaces what memory holds at ch->now.at by what the channel sees of it. */
static void
see(struct edma_model *m, struct edma_chan *ch, struct dw_edma_elem *e)
{
	const bool ccs = (edma_control(m, ch) & DW_EDMA_CCS) != 0;
	const struct dw_edma_elem now = *e;

	if (ch->ahead == 0 && (ch->late == 0 || ch->visible))
		look_ahead(m, ch);
	ch->stale = ch->ahead == 0 && ch->late != 0;
	if (ch->ahead != 0)
		ch->ahead--;
	if (!sight_get(ch, ch->now.at, e) && ch->stale)
		e->control = ccs ? 0 : DW_EDMA_CB;
	if (ch->stale && edma_list_valid(e, ccs) && memcmp(e, &now, sizeof(now)) != 0)
		edma_violate(m, ch, EDMA_VIOLATION_STALE_LIST,
			     "list element at 0x%jx executed as it was before the doorbell",
			     (uintmax_t)ch->now.at);
}

bool
edma_list_fetch(struct edma_model *m, struct edma_chan *ch, struct dw_edma_elem *e)
{
	/* Memory that is gone is gone at once. */
	if (!edma_list_read(m, ch, ch->now.at, e))
		return false;
	ch->stale = false;
	if (ch->sight != NULL)
		see(m, ch, e);
	/* The sight of it was then, and the words are those of then. */
	if (ch->peeked && e->control == ch->hold.control)
		*e = ch->hold;
	ch->peeked = false;
	return true;
}

void
edma_list_doorbell(struct edma_model *m, struct edma_chan *ch)
{
	const bool flushed = ch->flushed;

	ch->flushed = false;
	if (ch->sight == NULL)
		ch->sight = calloc(1, sizeof(*ch->sight));
	/* What was late at an earlier doorbell does not wait longer because of this one. */
	if (ch->sight != NULL && !flushed && ch->late == 0)
		ch->late = m->sw.late_list;
}

/* What is remembered of slots is what memory holds now. */
static void
look_again(struct edma_model *m, struct edma_chan *ch)
{
	struct edma_sight *sight = ch->sight;
	unsigned int i;

	for (i = 0; i < SIGHT_SLOTS; i++)
		if (sight->slot[i].not_addr != 0 &&
		    !edma_list_read(m, ch, ~sight->slot[i].not_addr, &sight->slot[i].elem))
			sight->slot[i].not_addr = 0;
}

/*
 * All stores so far are visible, also those to slots that the channel is not about to fetch. Looks
 * ahead at once, or at the next fetch.
 */
static void
look(struct edma_model *m, struct edma_chan *ch)
{
	look_again(m, ch);
	/* Inside an element LLP is not where the next fetch is going to be. */
	ch->visible = true;
	if (ch->phase != EDMA_PHASE_MOVE && !ch->held && edma_list_mode(m, ch))
		look_ahead(m, ch);
}

void
edma_list_late_step(struct edma_model *m, struct edma_chan *ch)
{
	if (--ch->late == 0)
		look(m, ch);
}

void
edma_list_flush(struct edma_model *m, struct edma_chan *ch)
{
	ch->flushed = true;
	ch->late = 0;
	if (ch->sight != NULL)
		look(m, ch);
}

/* Torn slots ----------------------------------------------------------------------------------- */

static bool
same_data(const struct dw_edma_elem *a, const struct dw_edma_elem *b)
{
	if ((a->control & DW_EDMA_LLP) != 0)
		return a->sar == b->sar;
	return a->size == b->size && a->sar == b->sar && a->dar == b->dar;
}

void
edma_list_check_torn(struct edma_model *m, struct edma_chan *ch, const struct dw_edma_elem *e)
{
	struct dw_edma_elem now;

	if (ch->stale || !edma_list_read(m, ch, ch->now.at, &now))
		return;
	if (now.control == e->control && !same_data(&now, e))
		edma_violate(m, ch, EDMA_VIOLATION_CTRL_FIRST,
			     "list element at 0x%jx: control word before data",
			     (uintmax_t)ch->now.at);
}

void
edma_list_peek(struct edma_model *m, struct edma_chan *ch)
{
	const bool ccs = (edma_control(m, ch) & DW_EDMA_CCS) != 0;

	if (!ch->peeked && edma_list_read(m, ch, ch->now.at, &ch->hold))
		ch->peeked = edma_list_valid(&ch->hold, ccs);
}

void
edma_list_check_store(struct edma_model *m, struct edma_chan *ch, uint64_t addr)
{
	uint64_t at = edma_reg64(m, ch->win + m->map->llp);
	bool ccs = (edma_control(m, ch) & DW_EDMA_CCS) != 0;
	struct dw_edma_elem e;
	unsigned int i;

	for (i = 0; i < SIGHT_SLOTS && edma_list_read(m, ch, at, &e); i++) {
		if (!edma_list_valid(&e, ccs))
			return;
		if (addr > at && addr < at + sizeof(e)) {
			edma_violate(m, ch, EDMA_VIOLATION_CTRL_FIRST,
				     "list element at 0x%jx: control word before data",
				     (uintmax_t)at);
			return;
		}
		go_on(&e, &at, &ccs);
	}
}

/* Life ----------------------------------------------------------------------------------------- */

void
edma_list_drop(struct edma_chan *ch)
{
	ch->ahead = 0;
	ch->held = false;
	ch->peeked = false;
}

void
edma_list_reset(struct edma_chan *ch)
{
	edma_list_drop(ch);
	ch->stale = false;
	ch->late = 0;
	ch->visible = false;
	ch->flushed = false;
	free(ch->sight);
	ch->sight = NULL;
}
