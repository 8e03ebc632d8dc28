/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_USER_H_
#define _DW_EDMA_USER_H_

/**
 * @file
 * An application that does with a channel whatever an application may do, in random order, and asks
 * the oracle about each answer.
 *
 * To be included behind dw_edma_env.h and dw_edma_sim.h.
 */

#include "dw_edma_oracle.h"

#define MAX_PIECES 40
#define MAX_BYTES 1024 /* of a piece */
#define DESC_MAX 500
/** Operations that real memory is enough for. */
#define REAL_MAX 64

/** How an application collects completions. */
enum habit {
	HABIT_COMPLETED, /* completed, and completed_status when there is an error */
	HABIT_STATUS,
	HABIT_BOTH,
	HABITS,
};

struct user {
	struct dw_edma_chan *ch;
	int16_t id;
	enum habit habit;
	uint16_t max;   /* completions a call asks for; 0: any number */
	bool fences;
	uint16_t lists; /* of 16 operations */
	uint16_t bads;  /* of 64, with real memory */
	uint8_t *src;   /* real memory; NULL: addresses are only looked at */
	uint8_t *dst;
	struct oracle o;
};

static struct user users[2];
static unsigned int user_cnt;
static struct user *acting; /* NULL: nobody acts elsewhere */

/* Operations ----------------------------------------------------------------------------------- */

static uint32_t
length_of(uint32_t n, uint16_t piece)
{
	return 8 + (n * 7 + piece) % (MAX_BYTES - 8);
}

static size_t
offset_of(uint32_t n, uint16_t piece)
{
	return ((size_t)(n % REAL_MAX) * MAX_PIECES + piece) * MAX_BYTES;
}

/** Without real memory, number and piece of an operation are its source address. */
static uint64_t
src_of(const struct user *u, uint32_t n, uint16_t piece)
{
	if (u->src != NULL)
		return (uintptr_t)u->src + offset_of(n, piece);
	return UINT64_C(0x100000000000) + ((uint64_t)n << 8) + piece;
}

static uint64_t
dst_of(const struct user *u, uint32_t n, uint16_t piece)
{
	if (u->dst != NULL)
		return (uintptr_t)u->dst + offset_of(n, piece);
	return 2 * src_of(u, n, piece);
}

static uint8_t
byte_of(uint32_t n, uint16_t piece)
{
	return 1 + (n * 5 + piece) % 255;
}

static void
fill(const struct user *u, uint32_t n, uint16_t pieces)
{
	uint16_t i;

	for (i = 0; i < pieces; i++) {
		memset(u->src + offset_of(n, i), byte_of(n, i), length_of(n, i));
		memset(u->dst + offset_of(n, i), 0, length_of(n, i));
	}
}

/** All of it has arrived, or nothing, if @p attempted is false. */
static void
check_data(const struct user *u, uint32_t n, uint16_t pieces, bool attempted)
{
	const uint8_t *dst;
	uint32_t last;
	uint16_t i;

	for (i = 0; i < pieces; i++) {
		dst = u->dst + offset_of(n, i);
		last = length_of(n, i) - 1;
		assert_int_equal(dst[0], attempted ? byte_of(n, i) : 0);
		assert_int_equal(dst[last / 2], attempted ? byte_of(n, i) : 0);
		assert_int_equal(dst[last], attempted ? byte_of(n, i) : 0);
	}
}

/** One of the addresses of a bad operation is of nothing. Returns what it will fail with. */
static enum rte_dma_status_code
spoil(const struct user *u, struct rte_dma_sge *src, struct rte_dma_sge *dst, uint16_t pieces)
{
	uint16_t i = sim_random(pieces);
	bool bad_dst = sim_random(2) == 0;

	if (bad_dst)
		dst[i].addr = 16;
	else
		src[i].addr = 16;
	if (u->ch->map == &dw_edma_hdma_ops)
		return RTE_DMA_STATUS_ERROR_UNKNOWN;
	return bad_dst ? RTE_DMA_STATUS_BUS_WRITE_ERROR : RTE_DMA_STATUS_BUS_READ_ERROR;
}

/** Pieces of operations that are not done: at least so many can be. */
static uint32_t
pieces_room(const struct oracle *o)
{
	return RTE_MAX(256u, 2 * o->cap);
}

static uint32_t
pieces_used(struct oracle *o)
{
	uint32_t n, sum = 0;

	for (n = o->rep; n != o->enq; n++)
		if (oracle_op(o, n)->lists)
			sum += oracle_op(o, n)->pieces;
	return sum;
}

static int
call_copy(const struct user *u, struct oracle_op *op, uint32_t n, uint64_t flags)
{
	struct rte_dma_sge src[MAX_PIECES], dst[MAX_PIECES];
	uint16_t i;

	for (i = 0; i < op->pieces; i++) {
		src[i] = (struct rte_dma_sge){ src_of(u, n, i), length_of(n, i) };
		dst[i] = (struct rte_dma_sge){ dst_of(u, n, i), length_of(n, i) };
	}
	if (op->bad)
		op->fault = spoil(u, src, dst, op->pieces);
	return op->lists ?
		rte_dma_copy_sg(u->id, 0, src, dst, op->pieces, op->pieces, flags) :
		rte_dma_copy(u->id, 0, src[0].addr, dst[0].addr, src[0].length, flags);
}

static void
enqueue_one(struct user *u)
{
	struct oracle *o = &u->o;
	struct oracle_op op = { .known = o->rep };
	bool submit = sim_random(8) == 0;
	bool room = !oracle_full(o);
	uint32_t n = o->enq, sub = o->sub;
	bool no_pieces;
	int id;

	op.lists = sim_random(16) < u->lists;
	op.pieces = op.lists ? 1 + sim_random(MAX_PIECES) : 1;
	op.fence = u->fences && sim_random(4) == 0;
	op.bad = sim_random(64) < u->bads;
	no_pieces = op.lists && pieces_used(o) + op.pieces > pieces_room(o);
	if (room && u->src != NULL)
		fill(u, n, op.pieces);
	/* The engine may be faster than the call, so the oracle is told first. */
	if (room) {
		*oracle_op(o, o->enq++) = op;
		if (submit)
			o->sub = o->enq;
	}
	id = call_copy(u, room ? oracle_op(o, n) : &op, n,
		       (op.fence ? RTE_DMA_OP_FLAG_FENCE : 0) |
		       (submit ? RTE_DMA_OP_FLAG_SUBMIT : 0));
	if (id >= 0) {
		assert_true(room);
		assert_int_equal(id, (uint16_t)n);
		return;
	}
	o->enq = n;
	o->sub = sub;
	if (o->gone && id == -ENODEV)
		return;
	assert_int_equal(id, -ENOSPC);
	assert_true(!room || no_pieces);
}

static void
check_room(const struct user *u)
{
	const struct oracle *o = &u->o;

	if (!o->gone)
		assert_int_equal(rte_dma_burst_capacity(u->id, 0), o->cap - (o->enq - o->rep));
}

static void
submit(struct user *u)
{
	int rc;

	u->o.sub = u->o.enq;
	rc = rte_dma_submit(u->id, 0);
	assert_true(rc == 0 || (u->o.gone && rc == -ENODEV));
}

/* Completions ---------------------------------------------------------------------------------- */

static void
collect_good(struct user *u, uint16_t max, bool *error)
{
	uint32_t i, first = u->o.rep;
	uint16_t n, last;

	n = rte_dma_completed(u->id, 0, max, &last, error);
	for (i = first; u->src != NULL && i != first + n; i++)
		check_data(u, i, oracle_op(&u->o, i)->pieces, true);
	oracle_completed(&u->o, n, max, last, *error);
}

static void
collect_status(struct user *u, uint16_t max)
{
	enum rte_dma_status_code status[2 * DESC_MAX];
	uint16_t i, n, last;
	uint32_t first = u->o.rep;

	n = rte_dma_completed_status(u->id, 0, max, &last, status);
	for (i = 0; u->src != NULL && i < n; i++)
		if (status[i] == RTE_DMA_STATUS_SUCCESSFUL ||
		    status[i] == RTE_DMA_STATUS_NOT_ATTEMPTED)
			check_data(u, first + i, oracle_op(&u->o, first + i)->pieces,
				   status[i] == RTE_DMA_STATUS_SUCCESSFUL);
	oracle_completed_status(&u->o, n, max, last, status);
}

static void
collect_from(struct user *u)
{
	uint16_t max = u->max != 0 ? u->max : 1 + sim_random(2 * u->o.cap);
	bool error = false;

	if (u->habit != HABIT_STATUS && (u->habit == HABIT_COMPLETED || sim_random(2) == 0)) {
		collect_good(u, max, &error);
		if (!error)
			return;
	}
	collect_status(u, max);
}

/** An idle channel has nothing left that the engine could do. */
static void
ask(struct user *u)
{
	enum rte_dma_vchan_status status;
	struct oracle *o = &u->o;
	const struct oracle_op *op;
	uint32_t n;

	assert_int_equal(rte_dma_vchan_status(u->id, 0, &status), 0);
	if (o->gone)
		return;
	assert_int_not_equal(status, RTE_DMA_VCHAN_HALTED_ERROR);
	if (status == RTE_DMA_VCHAN_ACTIVE)
		return;
	for (n = o->rep; o->watched && n != o->sub; n++) {
		op = oracle_op(o, n);
		assert_true(op->executed == op->pieces || op->fault != 0 || op->fence);
	}
}

/* All that ------------------------------------------------------------------------------------- */

/** Anything that an application may do at any time. */
static void
act(struct user *u)
{
	unsigned int n;

	switch (sim_random(8)) {
	case 0:
	case 1:
	case 2:
		for (n = 1 + sim_random(sim_random(4) == 0 ? 40 : 4); n != 0; n--) {
			check_room(u);
			enqueue_one(u);
		}
		break;
	case 3:
	case 4:
		submit(u);
		break;
	case 5:
		ask(u);
		break;
	default:
		collect_from(u);
		break;
	}
	check_room(u);
}

/** What another lcore does with another channel, in the middle of a call of this one's. */
static void
act_elsewhere(void)
{
	struct user *u = &users[acting == &users[0]];
	struct user *before = acting;

	if (acting == NULL || user_cnt < 2 || sim_random(16) != 0)
		return;
	/* It would wait, and here is nobody who could go on. */
	if (rte_spinlock_is_locked(&engine->lock[u->ch->dir]) ||
	    rte_spinlock_is_locked(&engine->irq[u->ch->dir].reader) ||
	    rte_spinlock_is_locked(&engine->viewport))
		return;
	acting = NULL;
	act(u);
	acting = before;
}

/** Makes a channel's dmadev known, with habits of its own. */
static void
user_init(struct user *u, struct dw_edma_chan *ch)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	uint32_t many = sim_random(4);

	u->ch = ch;
	u->id = rte_dma_get_dev_id_by_name(ch->name);
	u->habit = sim_random(HABITS);
	u->max = many == 0 ? 1 : many == 1 ? 32 : 0;
	u->fences = sim_random(2) == 0;
	u->lists = sim_random(2) == 0 ? 0 : 1 + sim_random(16);
	assert_int_equal(rte_dma_configure(u->id, &conf), 0);
}

static void
user_start(struct user *u)
{
	static const uint16_t sizes[] = { 2, 3, 4, 7, 16, REAL_MAX, DESC_MAX };
	uint32_t kinds = RTE_DIM(sizes) - (u->src != NULL);
	struct rte_dma_vchan_conf vconf = {
		.direction = RTE_DMA_DIR_MEM_TO_MEM,
		.nb_desc = sizes[sim_random(kinds)],
	};

	oracle_init(&u->o, vconf.nb_desc, u->src == NULL);
	assert_int_equal(rte_dma_vchan_setup(u->id, 0, &vconf), 0);
	assert_int_equal(rte_dma_start(u->id), 0);
	check_room(u);
}

static void
user_restart(struct user *u)
{
	assert_int_equal(rte_dma_stop(u->id), 0);
	user_start(u);
}

/** Collects what is outstanding. Nothing may be needed but polls. */
static void
user_collect_all(struct user *u)
{
	unsigned int n;

	for (n = 0; u->o.rep != u->o.enq; n++) {
		assert_true(n < 200000);
		collect_from(u);
		if (!fake.gone && !sim.away)
			sim_run(sim_random(3));
	}
}

static void
user_finish(struct user *u)
{
	struct rte_dma_stats stats;

	sim.calm = true;
	submit(u);
	user_collect_all(u);
	check_room(u);
	assert_int_equal(rte_dma_stats_get(u->id, 0, &stats), 0);
	assert_int_equal(stats.submitted, u->o.enq);
	assert_int_equal(stats.completed, u->o.enq);
	assert_int_equal(stats.errors, u->o.errors);
}

#endif /* _DW_EDMA_USER_H_ */
