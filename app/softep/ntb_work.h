/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_WORK_H_
#define _SOFTEP_NTB_WORK_H_

/**
 * @file
 * The endpoint's delayed work: it looks at its mailbox once in a period, and a period after it has
 * finished again.
 *
 *     last       last + period      ...         pick up         done = last'   + period
 *      |--------------|--------------|-------------|---- delay ----|---------------|
 *                        ^ written                   COMMAND 0       CMD_STATUS
 *
 * Runs that would find nothing are left out: without work there is nothing to wait for.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ntb_epf_hw.h"

/** A time that never comes; times are nanoseconds of any clock that does not go back. */
#define NTB_NEVER UINT64_MAX

struct ntb_work {
	uint64_t last;   /**< when the latest run ended */
	uint64_t wanted; /**< when something for the next run came; NTB_NEVER: nothing did */
	uint64_t done;   /**< when the command in hand will be done; NTB_NEVER: there is none */
	uint16_t status; /**< what it will have as status */
};

void ntb_work_reset(struct ntb_work *work, uint64_t now);

/** There is something to find for the next run. */
void ntb_work_want(struct ntb_work *work, uint64_t now);

/** When ntb_work_take() or ntb_work_finish() has something to do. */
uint64_t ntb_work_next(const struct ntb_work *work, uint64_t period);

/** True if a run is due by @p now: it is taken note of and to be made. */
bool ntb_work_take(struct ntb_work *work, uint64_t period, uint64_t now);

/** Takes a command out of the mailbox; 0: there is none. */
uint32_t ntb_work_command(struct ntb_epf_ctrl *regs, uint32_t *argument);

/** A command that was taken in the latest run ends with @p status, @p delay later. */
void ntb_work_answer(struct ntb_work *work, uint16_t status, uint64_t delay);

/** Writes the status of a command that is done by @p now. */
void ntb_work_finish(struct ntb_work *work, struct ntb_epf_ctrl *regs, uint64_t now);

#endif /* _SOFTEP_NTB_WORK_H_ */
