/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "ntb_work.h"

void
ntb_work_reset(struct ntb_work *work, uint64_t now)
{
	*work = (struct ntb_work){ .last = now, .wanted = NTB_NEVER, .done = NTB_NEVER };
}

void
ntb_work_want(struct ntb_work *work, uint64_t now)
{
	if (work->wanted == NTB_NEVER)
		work->wanted = now;
}

/** The first run that finds what came at @p when. */
static uint64_t
work_run_after(const struct ntb_work *work, uint64_t period, uint64_t when)
{
	uint64_t runs = when < work->last ? 0 : (when - work->last) / period;

	return work->last + (runs + 1) * period;
}

uint64_t
ntb_work_next(const struct ntb_work *work, uint64_t period)
{
	if (work->done != NTB_NEVER)
		return work->done;
	if (work->wanted != NTB_NEVER)
		return work_run_after(work, period, work->wanted);
	return NTB_NEVER;
}

bool
ntb_work_take(struct ntb_work *work, uint64_t period, uint64_t now)
{
	uint64_t run;

	if (work->done != NTB_NEVER || work->wanted == NTB_NEVER)
		return false;
	run = work_run_after(work, period, work->wanted);
	if (run > now)
		return false;
	work->last = run;
	work->wanted = NTB_NEVER;
	return true;
}

uint32_t
ntb_work_command(struct ntb_epf_ctrl *regs, uint32_t *argument)
{
	const uint32_t command = regs->command;

	if (command == 0)
		return 0;
	*argument = regs->argument;
	regs->command = 0;
	regs->argument = 0;
	return command;
}

void
ntb_work_answer(struct ntb_work *work, uint16_t status, uint64_t delay)
{
	work->status = status;
	work->done = work->last + delay;
}

void
ntb_work_finish(struct ntb_work *work, struct ntb_epf_ctrl *regs, uint64_t now)
{
	if (work->done > now)
		return;
	/* A command that the endpoint does not know leaves the field alone. */
	if (work->status != NTB_EPF_STATUS_NONE)
		regs->cmd_status = work->status;
	work->last = work->done;
	work->done = NTB_NEVER;
}
