/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <endian.h>
#include <string.h>

#include "edma_model_priv.h"

/* Reports -------------------------------------------------------------------------------------- */

/*
 * Sends the interrupt write that the event causes, if any. It is posted: nothing comes back from a
 * target that does not exist. Registers and payload stored so far are visible before it.
 */
static void
report(struct edma_model *m, struct edma_chan *ch, enum edma_event event)
{
	const uint32_t addr_reg = m->map->remote(m, ch, event);
	struct edma_span span = { .call = 0 };
	uint64_t addr, len;
	uint32_t data;
	void *p;

	if (addr_reg == 0)
		return;
	addr = edma_reg64(m, addr_reg);
	if (addr == 0)
		edma_violate(m, ch, EDMA_VIOLATION_IMWR_UNSET, "interrupt write to address 0");
	data = m->map->remote_data(m, ch);
	len = sizeof(data);
	ch->cnt.imwr++;
	if (m->bus->imwr != NULL) {
		atomic_thread_fence(memory_order_release);
		m->bus->imwr(m->bus_ctx, ch->now.fn, addr, data);
		return;
	}
	p = edma_resolve(m, ch, &span, EDMA_SPACE_PCIE, addr, &len, true);
	if (p != NULL && len == sizeof(data) && (uintptr_t)p % sizeof(data) == 0)
		atomic_store_explicit((_Atomic uint32_t *)p, htole32(data), memory_order_release);
}

void
edma_tell(struct edma_model *m, struct edma_chan *ch, enum edma_end end, enum edma_fault fault)
{
	struct edma_element *now = &ch->now;
	struct edma_element still;

	if (m->bus->element == NULL)
		return;
	now->end = end;
	now->fault = fault;
	if (m->sw.no_data) {
		still = *now;
		still.moved = 0;
		still.told = 0;
		m->bus->element(m->bus_ctx, &still);
	} else {
		m->bus->element(m->bus_ctx, now);
	}
	now->told = now->moved;
}

/* Ends of an element --------------------------------------------------------------------------- */

/* The context is lost until a soft reset. */
static bool
is_fatal(enum edma_fault kind)
{
	return kind == EDMA_FAULT_LOCAL || kind == EDMA_FAULT_LL_FETCH ||
	       kind == EDMA_FAULT_POISON;
}

/* Error bit, abort bit, status, remote report: a reader of one finds the ones before it. */
static void
chan_abort(struct edma_model *m, struct edma_chan *ch, enum edma_fault kind)
{
	m->map->blame(m, ch, kind);
	ch->needs_reset = is_fatal(kind);
	edma_chan_halt(m, ch, DW_EDMA_CS_ABORTED, EDMA_EVENT_ABORT, kind);
	report(m, ch, EDMA_EVENT_ABORT);
}

/* Nothing more to do, and nothing wrong. */
static void
chan_end(struct edma_model *m, struct edma_chan *ch)
{
	edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, EDMA_EVENT_STOP, EDMA_FAULT_NONE);
	report(m, ch, EDMA_EVENT_STOP);
}

/* Progress registers, pointer, done bit, status, remote report: in this order for readers. */
static inline void
element_done(struct edma_model *m, struct edma_chan *ch)
{
	const struct edma_map *map = m->map;
	const bool list = (ch->now.control & DW_EDMA_LLE) != 0;
	const bool lie = (ch->now.control & DW_EDMA_LIE) != 0;

	edma_show(m, ch, 0, ch->now.sar + ch->now.size, ch->now.dar + ch->now.size);
	ch->cnt.elements++;
	if (list)
		edma_reg_set64(m, ch->win + map->llp, ch->now.at + sizeof(struct dw_edma_elem));
	edma_tell(m, ch, EDMA_END_DONE, EDMA_FAULT_NONE);
	if (lie)
		map->latch(m, ch, EDMA_EVENT_DONE);
	edma_set_phase(m, ch, EDMA_PHASE_FETCH);
	ch->wait = m->sw.element_delay;
	if (!list)
		chan_end(m, ch);
	if (lie)
		report(m, ch, EDMA_EVENT_DONE);
}

/* Moving --------------------------------------------------------------------------------------- */

/*
 * Bytes copied at a time. GCC has string instructions for so many, which take a tenth less than the
 * C library with 4 KiB. Clang calls the library, which is best called once.
 */
#define COPY_BYTES 2048

static inline void
copy_bytes(uint8_t *dst, const uint8_t *src, uint64_t len)
{
	/* Both sides may be one memory; nothing keeps a program from overlapping them. */
	if ((uintptr_t)dst - (uintptr_t)src < len || (uintptr_t)src - (uintptr_t)dst < len) {
		memmove(dst, src, len);
		return;
	}
#ifndef __clang__
	for (; len >= COPY_BYTES; len -= COPY_BYTES, dst += COPY_BYTES, src += COPY_BYTES)
		memcpy(dst, src, COPY_BYTES);
#endif
	memcpy(dst, src, len);
}

/*
 * Moves up to @p want bytes of the element, up to the next border of either side. Returns the
 * number of bytes, or 0 after an abort. An address that nobody answers to is an Unsupported Request
 * on the link; for posted writes there is no register to say so, the channel just halts.
 */
static uint32_t
copy_piece(struct edma_model *m, struct edma_chan *ch, uint32_t want)
{
	const bool wr = ch->dir == EDMA_DIR_WR;
	const enum edma_space from = wr ? EDMA_SPACE_LOCAL : EDMA_SPACE_PCIE;
	const enum edma_space to = wr ? EDMA_SPACE_PCIE : EDMA_SPACE_LOCAL;
	uint64_t len = want;
	const void *src;
	void *dst;

	src = edma_resolve(m, ch, &ch->from, from, ch->now.sar + ch->now.moved, &len, false);
	if (src == NULL) {
		chan_abort(m, ch, wr ? EDMA_FAULT_LOCAL : EDMA_FAULT_UR);
		return 0;
	}
	dst = edma_resolve(m, ch, &ch->to, to, ch->now.dar + ch->now.moved, &len, true);
	if (dst == NULL) {
		chan_abort(m, ch, wr ? EDMA_FAULT_UR : EDMA_FAULT_LOCAL);
		return 0;
	}
	if (!m->sw.no_data) {
		copy_bytes(dst, src, len);
		ch->cnt.bytes += len;
	}
	ch->now.moved += (uint32_t)len;
	return (uint32_t)len;
}

/* One step's share of the element. */
static inline void
move(struct edma_model *m, struct edma_chan *ch)
{
	uint32_t left = ch->now.size - ch->now.moved;
	uint32_t n;

	if (left > EDMA_MODEL_STEP_BYTES)
		left = EDMA_MODEL_STEP_BYTES;
	while (left != 0) {
		n = copy_piece(m, ch, left);
		if (n == 0)
			return;
		left -= n;
	}
	if (ch->now.moved == ch->now.size) {
		element_done(m, ch);
		return;
	}
	edma_show(m, ch, ch->now.size, ch->now.sar, ch->now.dar);
	edma_tell(m, ch, EDMA_END_NOT_YET, EDMA_FAULT_NONE);
}

/* The injected fault that this element or block ends with. */
static enum edma_fault
take_fault(const struct edma_model *m, struct edma_chan *ch)
{
	const enum edma_fault kind = ch->fault;

	if (kind == EDMA_FAULT_NONE)
		return kind;
	/* A block is not fetched: a fault of the fetch waits for a list element. */
	if (kind == EDMA_FAULT_LL_FETCH && !edma_list_mode(m, ch))
		return EDMA_FAULT_NONE;
	if (--ch->fault_nth != 0)
		return EDMA_FAULT_NONE;
	ch->fault = EDMA_FAULT_NONE;
	return kind;
}

/* Begins the element or block: the same step moves its data. */
static inline void
begin(struct edma_model *m, struct edma_chan *ch, enum edma_fault fault)
{
	const uint32_t control = ch->now.control;

	ch->now.moved = 0;
	ch->now.told = 0;
	if (ch->now.size == 0)
		edma_violate(m, ch, EDMA_VIOLATION_SIZE_ZERO, "transfer size 0");
	if ((control & (DW_EDMA_LIE | DW_EDMA_RIE)) == DW_EDMA_RIE)
		edma_violate(m, ch, EDMA_VIOLATION_RIE_WITHOUT_LIE, "RIE without LIE");
	edma_set_phase(m, ch, EDMA_PHASE_MOVE);
	if (fault != EDMA_FAULT_NONE)
		chan_abort(m, ch, fault);
}

static void
begin_block(struct edma_model *m, struct edma_chan *ch)
{
	ch->now.at = 0;
	ch->now.size = edma_reg(m, ch->win + m->map->size);
	ch->now.sar = edma_reg64(m, ch->win + m->map->sar);
	ch->now.dar = edma_reg64(m, ch->win + m->map->dar);
	begin(m, ch, take_fault(m, ch));
}

/* Walking -------------------------------------------------------------------------------------- */

/* The registers show the element in progress; CCS, LLE and the attributes are the channel's own. */
static void
load_control(struct edma_model *m, struct edma_chan *ch, uint32_t own, uint32_t elem)
{
	const uint32_t control = (own & ~DW_EDMA_ELEM_BITS) | (elem & DW_EDMA_ELEM_BITS);

	ch->now.control = control;
	m->map->set_control(m, ch, control);
}

/* There is an address of the element, and nothing else. */
static void
fetch_abort(struct edma_model *m, struct edma_chan *ch)
{
	ch->now.size = 0;
	ch->now.moved = 0;
	ch->now.told = 0;
	ch->now.sar = 0;
	ch->now.dar = 0;
	edma_tell(m, ch, EDMA_END_ABORTED, EDMA_FAULT_LL_FETCH);
	chan_abort(m, ch, EDMA_FAULT_LL_FETCH);
}

static void
follow_link(struct edma_model *m, struct edma_chan *ch, uint32_t own, const struct dw_edma_elem *e)
{
	ch->now.size = 0;
	ch->now.moved = 0;
	ch->now.told = 0;
	ch->now.sar = e->sar;
	ch->now.dar = 0;
	if ((e->control & DW_EDMA_TCB) != 0)
		own ^= DW_EDMA_CCS;
	load_control(m, ch, own, e->control);
	edma_reg_set64(m, ch->win + m->map->llp, e->sar);
	ch->cnt.laps++;
	edma_tell(m, ch, EDMA_END_DONE, EDMA_FAULT_NONE);
	ch->wait = m->sw.element_delay;
}

static inline void
begin_element(struct edma_model *m, struct edma_chan *ch, uint32_t own,
	      const struct dw_edma_elem *e)
{
	const enum edma_fault fault = take_fault(m, ch);

	if (fault == EDMA_FAULT_LL_FETCH) {
		fetch_abort(m, ch);
		return;
	}
	ch->now.size = e->size;
	ch->now.sar = e->sar;
	ch->now.dar = e->dar;
	load_control(m, ch, own, e->control);
	if (m->sw.llp_at_fetch)
		edma_reg_set64(m, ch->win + m->map->llp, ch->now.at + sizeof(*e));
	begin(m, ch, fault);
}

/* The element at LLP is not for this lap. */
static void
stop_here(struct edma_model *m, struct edma_chan *ch)
{
	edma_set_phase(m, ch, EDMA_PHASE_STOPPING);
	ch->wait = m->sw.stop_delay;
}

/* @p own: control of the channel. */
static inline void
execute(struct edma_model *m, struct edma_chan *ch, uint32_t own, const struct dw_edma_elem *e)
{
	const bool ccs = (own & DW_EDMA_CCS) != 0;
	const bool link = (e->control & DW_EDMA_LLP) != 0;

	if (link && (e->control & DW_EDMA_TCB) != 0 && ((e->control & DW_EDMA_CB) != 0) == ccs) {
		edma_violate(m, ch, EDMA_VIOLATION_BAD_CYCLE,
			     "toggling link at 0x%jx with the cycle bit of its lap",
			     (uintmax_t)ch->now.at);
		if (m->sw.strict) {
			stop_here(m, ch);
			return;
		}
	}
	if ((e->control & ~DW_EDMA_ELEM_BITS) != 0)
		edma_violate(m, ch, EDMA_VIOLATION_RESERVED_BITS,
			     "element control 0x%08x has reserved bits set", e->control);
	if (link)
		follow_link(m, ch, own, e);
	else
		begin_element(m, ch, own, e);
}

/* Keeps an element that has been fetched for later, if the switches say so. */
static bool
hold(struct edma_model *m, struct edma_chan *ch, const struct dw_edma_elem *e)
{
	unsigned int steps = m->sw.torn_list;

	if ((e->control & DW_EDMA_LLP) != 0)
		steps += m->sw.link_delay;
	if (steps == 0)
		return false;
	ch->held = true;
	ch->hold = *e;
	ch->wait = steps - 1;
	return true;
}

/* Takes the element that was kept. */
static void
take_held(struct edma_model *m, struct edma_chan *ch, struct dw_edma_elem *e)
{
	*e = ch->hold;
	ch->held = false;
	if (m->sw.torn_list != 0)
		edma_list_check_torn(m, ch, e);
}

/*
 * Fetches the element at LLP. False: it is not to be executed, or not in this step. One element per
 * step, links included, is also what keeps a link that points at itself from hanging the owner.
 */
static inline bool
walk(struct edma_model *m, struct edma_chan *ch, uint32_t own, struct dw_edma_elem *e)
{
	ch->now.at = edma_reg64(m, ch->win + m->map->llp);
	if (ch->now.at % 4 != 0)
		edma_violate(m, ch, EDMA_VIOLATION_UNALIGNED_LIST,
			     "list element at unaligned address 0x%jx", (uintmax_t)ch->now.at);
	if (m->watch_lists ? !edma_list_fetch(m, ch, e) :
	    !edma_list_read(m, ch, ch->now.at, e)) {
		fetch_abort(m, ch);
		return false;
	}
	if (!edma_list_valid(e, (own & DW_EDMA_CCS) != 0)) {
		stop_here(m, ch);
		return false;
	}
	return !m->watch_lists || !hold(m, ch, e);
}

/* Fetches what is next and begins it, or begins the block, when it is time to. */
static inline void
step_fetch(struct edma_model *m, struct edma_chan *ch)
{
	struct dw_edma_elem e;
	uint32_t own;

	if (ch->wait != 0) {
		ch->wait--;
		return;
	}
	own = edma_control(m, ch);
	ch->now.control = own;
	if ((own & DW_EDMA_LLE) == 0) {
		begin_block(m, ch);
		return;
	}
	if (ch->held)
		take_held(m, ch, &e);
	else if (!walk(m, ch, own, &e))
		return;
	execute(m, ch, own, &e);
}

static void
step_stopping(struct edma_model *m, struct edma_chan *ch)
{
	if (m->sw.torn_list != 0)
		edma_list_peek(m, ch);
	if (ch->wait != 0)
		ch->wait--;
	else
		chan_end(m, ch);
}

static inline void
chan_step(struct edma_model *m, struct edma_chan *ch)
{
	if (ch->phase == EDMA_PHASE_STOPPING)
		step_stopping(m, ch);
	else if (ch->phase == EDMA_PHASE_FETCH)
		step_fetch(m, ch);
	if (ch->phase == EDMA_PHASE_MOVE)
		move(m, ch);
	if (ch->late != 0)
		edma_list_late_step(m, ch);
}

/* A step of one channel, and of the soft reset that may wait for it. */
static void
one_step(struct edma_model *m, struct edma_chan *ch)
{
	chan_step(m, ch);
	if (!ch->domain->resetting)
		return;
	if (ch->phase != EDMA_PHASE_IDLE)
		edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, EDMA_EVENT_NONE, EDMA_FAULT_NONE);
	edma_domain_settle(m, ch->domain);
}

/* Index of the active channel behind the latest one: write channels, then read channels. */
static inline unsigned int
next_active(const struct edma_model *m)
{
	unsigned int dir = m->last / EDMA_DIR_CHANS;
	uint64_t left = m->active[dir] & ~((UINT64_C(2) << m->last % EDMA_DIR_CHANS) - 1);

	if (left == 0 && m->active[!dir] != 0) {
		dir = !dir;
		left = m->active[dir];
	} else if (left == 0) {
		left = m->active[dir];
	}
	return dir * EDMA_DIR_CHANS + (unsigned int)__builtin_ctzll(left);
}

/* One of the active channels, by Marsaglia's xorshift: any order will come, the same each time. */
static unsigned int
any_active(struct edma_model *m)
{
	const unsigned int wr_cnt = (unsigned int)__builtin_popcountll(m->active[EDMA_DIR_WR]);
	const unsigned int rd_cnt = (unsigned int)__builtin_popcountll(m->active[EDMA_DIR_RD]);
	enum edma_dir dir = EDMA_DIR_WR;
	unsigned int skip;
	uint64_t left;

	m->random ^= m->random << 13;
	m->random ^= m->random >> 17;
	m->random ^= m->random << 5;
	skip = m->random % (wr_cnt + rd_cnt);
	if (skip >= wr_cnt) {
		skip -= wr_cnt;
		dir = EDMA_DIR_RD;
	}
	for (left = m->active[dir]; skip > 0; skip--)
		left &= left - 1;
	return dir * EDMA_DIR_CHANS + (unsigned int)__builtin_ctzll(left);
}

/* Whose step the next one is: weighted turns, or chance. */
static inline void
next_turn(struct edma_model *m)
{
	const struct edma_chan *last = &m->chans[m->last];

	if (m->sw.shuffle != 0) {
		m->last = any_active(m);
	} else if (m->more != 0 && last->phase != EDMA_PHASE_IDLE) {
		m->more--;
	} else {
		m->last = next_active(m);
		m->more = m->chans[m->last].weight;
	}
}

uint64_t
edma_model_active(const struct edma_model *m, enum edma_dir dir)
{
	return m->active[dir];
}

bool
edma_model_busy(const struct edma_model *m)
{
	return (m->active[EDMA_DIR_WR] | m->active[EDMA_DIR_RD]) != 0;
}

/* A step of the channel whose turn it is, unless none has work. */
static inline bool
next_step(struct edma_model *m)
{
	if (!edma_model_busy(m))
		return false;
	next_turn(m);
	one_step(m, &m->chans[m->last]);
	return true;
}

bool
edma_model_step(struct edma_model *m)
{
	edma_begin_call(m, false);
	return next_step(m);
}

unsigned int
edma_model_run(struct edma_model *m, unsigned int steps)
{
	unsigned int done = 0;

	edma_begin_call(m, true);
	while (done < steps && next_step(m))
		done++;
	return done;
}

void
edma_model_settle(struct edma_model *m)
{
	struct edma_chan *ch;
	unsigned int dir;
	uint64_t left;

	edma_begin_call(m, false);
	for (dir = 0; dir < EDMA_DIRS; dir++) {
		for (left = m->active[dir]; left != 0; left &= left - 1) {
			ch = &edma_chans(m, dir)[__builtin_ctzll(left)];
			if (ch->phase == EDMA_PHASE_MOVE)
				one_step(m, ch);
		}
	}
}

bool
edma_model_in_element(const struct edma_model *m, int fn)
{
	const struct edma_chan *ch;
	unsigned int dir;
	uint64_t left;

	for (dir = 0; dir < EDMA_DIRS; dir++) {
		for (left = m->active[dir]; left != 0; left &= left - 1) {
			ch = &m->chans[dir * EDMA_DIR_CHANS + __builtin_ctzll(left)];
			if (ch->phase == EDMA_PHASE_MOVE &&
			    (fn < 0 || ch->now.fn == (unsigned int)fn))
				return true;
		}
	}
	return false;
}
