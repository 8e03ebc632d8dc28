/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _WAIT_H_
#define _WAIT_H_

/**
 * @file
 * Waiting, and anything else that takes time: looks after the link, ends at a deadline, at a
 * signal, or when the link goes down, and shows progress when it takes longer than two seconds.
 */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "tool.h"

/** No time-out. */
#define WAIT_FOREVER HUGE_VAL

enum wait_result {
	WAIT_GO_ON = 0,
	WAIT_TIMEOUT, /**< the caller tells */
	WAIT_FAILED,  /**< told */
};

struct wait {
	struct tool *tool;
	const char *what;   /**< named in progress and complaints */
	double seconds;     /**< until the time-out */
	uint64_t began;     /**< TSC */
	uint64_t next_line; /**< TSC */
	bool needs_link;    /**< it was up at the beginning: its end is the end of the wait */
};

void wait_begin(struct wait *w, struct tool *tool, const char *what, double seconds);

/** Seconds since the beginning. */
double wait_elapsed(const struct wait *w);

/**
 * One turn, without sleeping. Calls that look after the link are made in here: what the device has
 * said of the peer's window before does not hold any more. Progress is @p done, of whatever @p unit
 * is, unless that is NULL.
 */
enum wait_result wait_turn(struct wait *w, uint64_t done, const char *unit);

/** The same for those who have nothing to do: sleeps a little. */
enum wait_result wait_idle(struct wait *w);

#endif /* _WAIT_H_ */
