/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "account.h"
#include "engine.h"
#include "guard.h"
#include "irq.h"
#include "log.h"

static_assert(SOFTEP_SHADOW_REGS + DW_HDMA_REGS_BYTES <= SOFTEP_SHADOW_APPLIED_RC,
	      "the largest engine's registers have room in the image");

/**
 * Time between two looks at the sockets while the engine works: short against what clients wait
 * for. A look takes 2 us. So it is doubled while looks find nothing, up to the longest.
 */
#define ENGINE_BATCH_NS UINT64_C(40000)
#define ENGINE_MAX_BATCH_NS UINT64_C(160000)
/** Also for short steps, of which the next may be a long one. */
#define ENGINE_MAX_STEPS 1024
/** The same with a pace, which looks at a clock after each step. */
#define ENGINE_PACE_STEPS 64

static void *
engine_map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len,
	   bool write)
{
	struct softep *board = ctx;
	void *va;

	if (space == EDMA_SPACE_LOCAL)
		va = softep_board_local(board, addr, len, write);
	else
		va = softep_board_pcie(board, fn, addr, len, write);
	if (va == NULL) {
		if (space == EDMA_SPACE_LOCAL)
			board->local_faults++;
		else
			board->pcie_faults++;
		board->last_fault = addr;
	}
	return va;
}

struct engine_imwr {
	uint32_t *target;
	uint32_t data;
};

static void
engine_imwr_store(void *arg)
{
	const struct engine_imwr *imwr = arg;

	/* Release: the data that it reports is visible before it. */
	__atomic_store_n(imwr->target, imwr->data, __ATOMIC_RELEASE);
}

/** Guarded by itself, so that a fault leaves only the store and not the step that made it. */
static void
engine_store(struct softep *board, unsigned int fn, uint64_t addr, uint32_t data)
{
	struct engine_imwr imwr = { .data = data };
	uint64_t len = sizeof(data);
	void *fault;

	imwr.target = engine_map(board, EDMA_SPACE_PCIE, fn, addr, &len, true);
	if (imwr.target == NULL || len < sizeof(data) || (addr & 3) != 0)
		return;
	fault = softep_guard_run(engine_imwr_store, &imwr);
	if (fault != NULL)
		softep_board_lost(board, fault);
}

/*
 * A posted write: one that reaches nothing is lost without an answer. The interrupt controller of
 * the host takes it from whichever function it comes, so that a driver that leaves the number of
 * its function at 0 has interrupts all the same.
 */
static void
engine_imwr(void *ctx, unsigned int fn, uint64_t addr, uint32_t data)
{
	struct softep *board = ctx;
	struct softep_device *dev = softep_board_function(board, fn);
	const bool sent = dev != NULL && softep_config_bus_master(&dev->config);

	if (board->trace.file != NULL) {
		softep_account_settle(board);
		softep_trace_message(board, fn, addr, data);
	}
	if (dev != NULL && softep_board_can_send(dev))
		softep_clock_message(&board->clock, addr);
	if (sent &&
	    (softep_irq_message(&board->ports[SOFTEP_RC_DMA], addr, data) ||
	     softep_irq_message(&board->ports[SOFTEP_RC_NTB], addr, data)))
		return;
	engine_store(board, fn, addr, data);
}

static void
engine_element(void *ctx, const struct edma_element *elem)
{
	struct softep *board = ctx;

	softep_account_element(board, elem);
	if (board->trace.file != NULL) {
		softep_account_settle(board);
		softep_trace_element(board, elem);
	}
}

static const struct edma_bus engine_bus = {
	.map = engine_map,
	.imwr = engine_imwr,
	.element = engine_element,
};

/** Tells of a violation of the programming rules; of many in a second only some. */
static void
engine_complain(void *ctx, const char *line)
{
	struct softep *board = ctx;

	softep_complain_rarely(&board->engine_voice, "engine", line);
}

static struct edma_model_conf
engine_conf(const struct softep_options *opt)
{
	return (struct edma_model_conf){
		.wr_cnt = opt->wr_cnt,
		.rd_cnt = opt->rd_cnt,
		.map = opt->map,
		.bus = &engine_bus,
		.complain = engine_complain,
	};
}

uint32_t
softep_engine_regs_bytes(const struct softep_options *opt)
{
	const struct edma_model_conf conf = engine_conf(opt);

	return edma_model_regs_bytes(&conf);
}

int
softep_engine_init(struct softep *board)
{
	struct edma_model_conf conf = engine_conf(board->opt);

	board->steps = 1;
	board->batch_ns = ENGINE_BATCH_NS;
	conf.regs = (uint32_t *)(void *)(board->shadow.va + SOFTEP_SHADOW_REGS);
	conf.bus_ctx = board;
	board->model = edma_model_create(&conf);
	return board->model != NULL ? 0 : -errno;
}

void
softep_engine_fini(struct softep *board)
{
	edma_model_destroy(board->model);
	board->model = NULL;
}

bool
softep_engine_busy(const struct softep *board)
{
	return edma_model_busy(board->model);
}

static uint64_t
engine_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/** Steps until the model time is ahead of the wall clock; some steps take none. */
static void
engine_pace(struct softep *board)
{
	unsigned int i;

	for (i = 0; i < ENGINE_PACE_STEPS && softep_clock_compare(&board->clock) == 0; i++) {
		edma_model_step(board->model);
		softep_account_settle(board);
	}
}

/** Adapts the next batch to what a step of this one took. */
static void
engine_steps(void *arg)
{
	struct softep *board = arg;
	const uint64_t begin = engine_now_ns();
	uint64_t fit;

	if (board->clock.pace) {
		engine_pace(board);
		return;
	}
	if (edma_model_run(board->model, board->steps) < board->steps)
		return;
	fit = board->steps * board->batch_ns / (engine_now_ns() - begin + 1);
	if (fit > 2 * board->steps)
		fit = 2 * board->steps;
	if (fit > ENGINE_MAX_STEPS)
		fit = ENGINE_MAX_STEPS;
	board->steps = fit > 0 ? fit : 1;
}

/** Longer batches while nobody says anything, at once short ones when somebody does. */
static void
engine_set_batch(struct softep *board, bool quiet)
{
	const uint64_t old = board->batch_ns;

	if (!quiet) {
		board->steps = board->steps * ENGINE_BATCH_NS / old;
		board->batch_ns = ENGINE_BATCH_NS;
	} else if (old < ENGINE_MAX_BATCH_NS) {
		board->batch_ns = 2 * old;
	}
	if (board->steps == 0)
		board->steps = 1;
}

void
softep_engine_run(struct softep *board, bool quiet)
{
	void *fault;

	softep_clock_fold(&board->clock);
	engine_set_batch(board, quiet);

	/*
	 * A fault leaves the step at the copy, before the model recorded any progress. The memory
	 * is marked as lost, so that the channel's next step, which is not one of this batch any
	 * more, tries again and aborts.
	 */
	fault = softep_guard_run(engine_steps, board);
	if (fault != NULL)
		softep_board_lost(board, fault);
	softep_account_settle(board);
}

static void
engine_settle(void *arg)
{
	edma_model_settle(arg);
}

void
softep_engine_settle(struct softep *board)
{
	void *fault;

	if (board->model == NULL)
		return;
	/* A fault leaves channels that had no step yet; each one takes a map away. */
	do {
		fault = softep_guard_run(engine_settle, board->model);
		if (fault != NULL)
			softep_board_lost(board, fault);
	} while (fault != NULL);
	softep_account_settle(board);
}
