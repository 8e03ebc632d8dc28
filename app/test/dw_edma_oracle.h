/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_ORACLE_H_
#define _DW_EDMA_ORACLE_H_

/**
 * @file
 * What an application and an engine may expect of a channel, written down without looking at how
 * the driver does it: operations are numbered from 0 and come back in order, each is executed once
 * or has failed for a reason, a fence is kept, the ring has the room that was asked for.
 *
 * To be included behind cmocka's and the dmadev library's headers.
 */

#define ORACLE_OPS 8192 /* more than a ring has */

struct oracle_op {
	uint16_t pieces;
	uint16_t executed; /* of these, in order */
	bool fence;
	bool lists;
	bool restart;      /* a mark failed in its middle: it may begin again */
	bool bad;          /* cannot succeed */
	uint32_t known;    /* operations that had been reported when it was enqueued */
	/* What the engine aborted it with last, or what a bad one must fail with. 0: nothing. */
	enum rte_dma_status_code fault;
};

struct oracle {
	struct oracle_op ops[ORACLE_OPS];
	uint32_t cap;
	uint32_t enq, sub, rep; /* numbers of operations: not the ids, which wrap */
	uint32_t next;          /* no operation before this one is executed any more */
	/* Behind the last operation that failed since the latest fence; 0: none did. */
	uint32_t failed;
	uint64_t errors;
	bool watched;           /* the engine tells what it does */
	bool gone;              /* the device is, or was until the next start */
};

static struct oracle_op *
oracle_op(struct oracle *o, uint32_t n)
{
	return &o->ops[n % ORACLE_OPS];
}

static void
oracle_init(struct oracle *o, uint32_t cap, bool watched)
{
	memset(o, 0, sizeof(*o));
	o->cap = cap;
	o->watched = watched;
}

static bool
oracle_full(const struct oracle *o)
{
	return o->enq - o->rep == o->cap;
}

/** The engine executed piece @p piece of operation @p n. */
static void
oracle_executed(struct oracle *o, uint32_t n, uint16_t piece)
{
	struct oracle_op *op = oracle_op(o, n);

	assert_true(n < o->sub);
	/* Not reported, and not behind something that came after it. */
	assert_true(n >= o->rep);
	assert_true(n >= o->next);
	if (piece == 0 && op->restart)
		op->executed = 0;
	assert_int_equal(op->executed, piece);
	assert_true(piece < op->pieces);
	op->executed++;
	op->restart = false;
	o->next = n + (op->executed == op->pieces);
}

static void
oracle_aborted(struct oracle *o, uint32_t n, enum rte_dma_status_code fault)
{
	assert_true(n < o->sub && n >= o->rep && n >= o->next);
	oracle_op(o, n)->fault = fault;
}

/** A mark failed: an operation that was under way may be begun again. */
static void
oracle_mark_aborted(struct oracle *o)
{
	struct oracle_op *op = oracle_op(o, o->next);

	if (op->executed != 0 && op->executed < op->pieces)
		op->restart = true;
}

/** Whether the next operation to be reported must not be attempted. */
static bool
oracle_fenced_off(struct oracle *o)
{
	const struct oracle_op *op = oracle_op(o, o->rep);

	/* Those failures count that were not known when it was enqueued. */
	return op->fence && o->failed > op->known;
}

/** What the next operation has to be reported with. */
static enum rte_dma_status_code
oracle_expected(struct oracle *o)
{
	const struct oracle_op *op = oracle_op(o, o->rep);

	if (oracle_fenced_off(o))
		return RTE_DMA_STATUS_NOT_ATTEMPTED;
	if (o->watched)
		return op->executed == op->pieces ? RTE_DMA_STATUS_SUCCESSFUL : op->fault;
	return op->bad ? op->fault : RTE_DMA_STATUS_SUCCESSFUL;
}

static void
oracle_reported(struct oracle *o, enum rte_dma_status_code status)
{
	const struct oracle_op *op = oracle_op(o, o->rep);
	bool unfinished = o->watched && op->executed != op->pieces;

	assert_true(o->rep < o->enq);
	assert_true(o->rep < o->sub || o->gone);
	if (status == RTE_DMA_STATUS_SUCCESSFUL)
		assert_false(unfinished);
	if (!o->gone || status != RTE_DMA_STATUS_DEV_LINK_ERROR)
		assert_int_equal(status, oracle_expected(o));
	if (status == RTE_DMA_STATUS_NOT_ATTEMPTED)
		assert_int_equal(op->executed, 0);
	o->errors += status != RTE_DMA_STATUS_SUCCESSFUL;
	o->rep++;
	/* One that was not executed is a failure for the next fence. */
	if (status != RTE_DMA_STATUS_SUCCESSFUL)
		o->failed = o->rep;
	else if (op->fence)
		o->failed = 0;
}

/** rte_dma_completed() told @p n, @p last and @p error. */
static void
oracle_completed(struct oracle *o, uint16_t n, uint16_t max, uint16_t last, bool error)
{
	uint16_t i;

	assert_true(n <= max);
	for (i = 0; i < n; i++)
		oracle_reported(o, RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(last, (uint16_t)(o->rep - 1));
	if (error && !o->gone)
		assert_int_not_equal(oracle_expected(o), RTE_DMA_STATUS_SUCCESSFUL);
	/* An error is where the good ones end. */
	if (error)
		assert_true(n < max);
}

/**
 * rte_dma_completed_status() told @p n. A failure comes with the fenced operation that is not
 * attempted because of it, if that one was submitted and there is room.
 */
static void
oracle_completed_status(struct oracle *o, uint16_t n, uint16_t max, uint16_t last,
			const enum rte_dma_status_code *status)
{
	uint32_t first = o->rep;
	uint32_t lost = UINT32_MAX;
	uint32_t i;

	assert_true(n <= max);
	for (i = 0; i < n; i++) {
		oracle_reported(o, status[i]);
		if (status[i] == RTE_DMA_STATUS_NOT_ATTEMPTED)
			lost = UINT32_MAX;
		else if (status[i] != RTE_DMA_STATUS_SUCCESSFUL)
			lost = first + i;
	}
	assert_int_equal(last, (uint16_t)(o->rep - 1));
	if (lost == UINT32_MAX || o->gone)
		return;
	for (i = o->rep; i < o->sub && i < first + max; i++)
		assert_false(oracle_op(o, i)->fence);
}

#endif /* _DW_EDMA_ORACLE_H_ */
