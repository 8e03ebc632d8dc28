/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <rte_cycles.h>

#include "wait.h"

/** Seconds until progress is shown, and between its lines. */
#define FIRST_LINE 2
#define NEXT_LINE 1

/** Sleep between two turns of an idle wait, microseconds. */
#define IDLE_US 100

void
wait_begin(struct wait *w, struct tool *tool, const char *what, double seconds)
{
	*w = (struct wait){
		.tool = tool,
		.what = what,
		.seconds = seconds,
		.began = rte_rdtsc(),
		.needs_link = device_link_is_up(&tool->dev),
	};
	w->next_line = w->began + FIRST_LINE * rte_get_tsc_hz();
}

double
wait_elapsed(const struct wait *w)
{
	return (double)(rte_rdtsc() - w->began) / (double)rte_get_tsc_hz();
}

static void
show(struct wait *w, uint64_t done, const char *unit)
{
	if (rte_rdtsc() < w->next_line)
		return;
	w->next_line += NEXT_LINE * rte_get_tsc_hz();
	fprintf(stderr, "%s: %.0f s", w->what, wait_elapsed(w));
	if (w->seconds != WAIT_FOREVER)
		fprintf(stderr, " of at most %.0f", w->seconds);
	if (unit != NULL)
		fprintf(stderr, ", %" PRIu64 " %s", done, unit);
	fputc('\n', stderr);
}

enum wait_result
wait_turn(struct wait *w, uint64_t done, const char *unit)
{
	bool up = device_link_is_up(&w->tool->dev);

	if (tool_stopped != 0) {
		complain("%s: interrupted after %.1f s", w->what, wait_elapsed(w));
		return WAIT_FAILED;
	}
	if (w->needs_link && !up) {
		complain("%s: the link went down after %.1f s", w->what, wait_elapsed(w));
		return WAIT_FAILED;
	}
	if (wait_elapsed(w) >= w->seconds)
		return WAIT_TIMEOUT;
	show(w, done, unit);
	return WAIT_GO_ON;
}

enum wait_result
wait_idle(struct wait *w)
{
	enum wait_result result = wait_turn(w, 0, NULL);

	if (result == WAIT_GO_ON)
		rte_delay_us_sleep(IDLE_US);
	return result;
}
