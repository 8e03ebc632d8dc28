/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What happens when work fails or stands still. Called from the data path, so: no log.
 *
 *             pointer stands still
 *   polling -----------------------> look at the channel status
 *      ^                                |        |         |
 *      |  running, or writes pending    |        |         | all-ones, or the
 *      +--------------------------------+        |         | channel cannot be restarted
 *      |  stopped: doorbell again, for some time |         v
 *      +-----------------------------------------+       dead
 *      |                                         | aborted  ^
 *      |   restart behind the failed operation   v          |
 *      +-------------------------------------- recover -----+
 *
 * A doorbell for later work may reach an aborted channel before anybody has looked. The engine then
 * tries the failed element again, at which its list pointer still is: either it fails again, or it
 * has not failed. Nothing behind it is executed before it, so no fence is passed by.
 *
 * A fence. The first fenced operation behind a failure is not executed if the application enqueued
 * it without knowing of the failure; it completes as not attempted, and counts as a failure for the
 * next fence. The list ends before such an operation until all before it is done. One that was
 * enqueued after completed_status had told the application of all failures is executed, and with it
 * the matter is closed.
 */

#include <errno.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "dw_edma_priv.h"

static struct dw_edma_desc *
desc_of(const struct dw_edma_chan *ch, uint16_t id)
{
	return &ch->ring[id & ch->ring_mask];
}

/** The operation behind the last one done has failed. */
static void
fail_next(struct dw_edma_chan *ch, enum rte_dma_status_code status)
{
	struct dw_edma_desc *desc = desc_of(ch, ch->done);

	desc->word |= (uint64_t)status << DW_EDMA_DESC_STATUS_SHIFT;
	dw_edma_desc_done(ch, desc);
	ch->err_cnt++;
	ch->told = false;
	ch->done++;
}

static void
fail_copy(struct dw_edma_chan *ch, enum rte_dma_status_code status)
{
	ch->failed = true;
	fail_next(ch, status);
}

void
dw_edma_kill(struct dw_edma_chan *ch, enum rte_dma_status_code status)
{
	dw_edma_fall_back(ch);
	while (ch->done != ch->enq)
		fail_next(ch, status);
	ch->sub = ch->enq;
	ch->hw = ch->enq;
	ch->cap = 0;
	ch->failed = false;
	ch->dead = true;
	ch->first = ch->slot;
	ch->tail = ch->slot;
}

void
dw_edma_kill_gone(struct dw_edma_chan *ch)
{
	dw_edma_set_dead(ch->io.engine);
	dw_edma_kill(ch, RTE_DMA_STATUS_DEV_LINK_ERROR);
}

/** Starts the channel again, with an empty list, and hands over what is left. */
static void
go_on(struct dw_edma_chan *ch, bool fatal)
{
	int rc;

	ch->recoveries++;
	dw_edma_list_reset(ch);
	rc = ch->map->restart(ch, fatal);
	if (rc == -ENODEV)
		dw_edma_kill_gone(ch);
	else if (rc != 0)
		dw_edma_kill(ch, RTE_DMA_STATUS_ERROR_UNKNOWN);
	else
		dw_edma_push(ch);
}

static void
recover(struct dw_edma_chan *ch)
{
	struct dw_edma_fault fault;

	/* An aborted channel shows the element that failed. */
	if (!dw_edma_retire(ch, ch->map->position(ch), false)) {
		dw_edma_lost(ch);
		return;
	}
	if (ch->map->fault(ch, &fault) != 0) {
		dw_edma_kill_gone(ch);
		return;
	}
	if (dw_edma_mark_is_next(ch))
		ch->misses++;
	else if (ch->done != dw_edma_listed(ch))
		fail_copy(ch, fault.status);
	go_on(ch, fault.fatal);
}

void
dw_edma_lost(struct dw_edma_chan *ch)
{
	int rc;

	if (ch->map->state(ch) < 0) {
		dw_edma_kill_gone(ch);
		return;
	}
	/* Nobody knows which of them were done. */
	while (ch->done != dw_edma_listed(ch))
		fail_copy(ch, RTE_DMA_STATUS_ERROR_UNKNOWN);
	rc = ch->map->stop(ch);
	if (rc == -ENODEV)
		dw_edma_kill_gone(ch);
	else if (rc != 0)
		/* The engine may still be reading the list: it is left as it is. */
		dw_edma_kill(ch, RTE_DMA_STATUS_ERROR_UNKNOWN);
	else
		go_on(ch, true);
}

/**
 * Rings for a channel found stopped with work in its list. A doorbell can be lost, and another
 * channel's recovery can hold the engine in reset; but one that does not help in a time longer than
 * that meets a list or channel that somebody else has changed.
 */
static void
kick(struct dw_edma_chan *ch)
{
	uint64_t now = rte_get_timer_cycles();
	uint64_t done = ch->reported + (uint16_t)(ch->done - ch->rep);

	/* Not by "tail" alone, which has been at the same place a lap ago. */
	if (ch->kick_cnt == 0 || ch->kick_tail != ch->tail || ch->kick_done != done) {
		ch->kick_cnt = 0;
		ch->kick_tail = ch->tail;
		ch->kick_done = done;
		ch->kick_end = now + DW_EDMA_KICK_MS * rte_get_timer_hz() / MS_PER_S;
	}
	if (ch->kick_cnt == DW_EDMA_KICKS && now >= ch->kick_end) {
		dw_edma_lost(ch);
		return;
	}
	ch->kick_cnt = RTE_MIN(ch->kick_cnt + 1, DW_EDMA_KICKS);
	ch->kicks++;
	ch->map->doorbell(ch);
}

void
dw_edma_stalled(struct dw_edma_chan *ch)
{
	struct dw_edma_engine *engine = ch->io.engine;
	int state;

	if (engine->ops->settled != NULL && !engine->ops->settled(&ch->io)) {
		if (dw_edma_is_dead(engine))
			dw_edma_kill_gone(ch);
		return;
	}
	state = ch->map->state(ch);
	if (state < 0) {
		dw_edma_kill_gone(ch);
	} else if (state == DW_EDMA_CS_ABORTED) {
		recover(ch);
	} else if (state != DW_EDMA_CS_RUNNING) {
		const struct dw_edma_elem *before = ch->tail;

		/*
		 * Either it has come to the end since we looked, or the doorbell hit the moment in
		 * which it decided to stop, or another channel's recovery has reset the direction.
		 */
		if (!dw_edma_retire(ch, ch->map->position(ch), false))
			dw_edma_lost(ch);
		else if (ch->tail == before)
			kick(ch);
	}
}

/** True if the application enqueued @p id without knowing of the failure before it. */
static bool
unaware(const struct dw_edma_chan *ch, uint16_t id)
{
	return !ch->told || (int16_t)(id - ch->told_end) < 0;
}

uint16_t
dw_edma_fence_limit(struct dw_edma_chan *ch)
{
	uint16_t id;

	for (id = ch->hw; id != ch->sub; id++) {
		if (!unaware(ch, id))
			break;
		if ((desc_of(ch, id)->word & DW_EDMA_DESC_FENCE) != 0)
			return id;
	}
	if (!unaware(ch, id))
		ch->failed = false;
	return ch->sub;
}

bool
dw_edma_fence_skip(struct dw_edma_chan *ch)
{
	/* A mark that is still in the list knows of no operation but those before it. */
	if (ch->done != ch->hw || dw_edma_distance(ch, ch->tail, ch->first) != 0 ||
	    dw_edma_fence_limit(ch) != ch->hw || ch->hw == ch->sub)
		return false;
	fail_next(ch, RTE_DMA_STATUS_NOT_ATTEMPTED);
	ch->hw = ch->done;
	return true;
}

static bool
fence_submitted(const struct dw_edma_chan *ch)
{
	uint16_t id;

	for (id = ch->hw; id != ch->sub; id++)
		if ((desc_of(ch, id)->word & DW_EDMA_DESC_FENCE) != 0)
			return true;
	return false;
}

uint16_t
dw_edma_fence_hold(const struct dw_edma_chan *ch, uint16_t n)
{
	uint16_t id = ch->done;
	uint16_t status;

	if (!ch->failed || !fence_submitted(ch))
		return n;
	/* Failures before the last operation not attempted have had their fence. */
	while (id-- != ch->rep) {
		status = dw_edma_desc_status(desc_of(ch, id));
		if (status == RTE_DMA_STATUS_NOT_ATTEMPTED)
			break;
		if (status != RTE_DMA_STATUS_SUCCESSFUL)
			n = RTE_MIN(n, (uint16_t)(id - ch->rep));
	}
	return n;
}
