/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "cmd.h"
#include "out.h"
#include "wait.h"

#define DEFAULT_SECONDS 10

enum verb {
	LINK_SHOW,
	LINK_UP,
	LINK_DOWN,
	LINK_WAIT,
};

static const char *const verbs[] = {
	[LINK_SHOW] = "show",
	[LINK_UP] = "up",
	[LINK_DOWN] = "down",
	[LINK_WAIT] = "wait",
	NULL,
};

/** What can be waited for. */
enum event {
	EVENT_UP,
	EVENT_DOWN,
	EVENT_WINDOW, /**< the peer's window is within reach; packets may not be */
};

static const char *const events[] = {
	[EVENT_UP] = "up",
	[EVENT_DOWN] = "down",
	[EVENT_WINDOW] = "window",
	NULL,
};

static const char *const waits[] = {
	[EVENT_UP] = "waiting for link up",
	[EVENT_DOWN] = "waiting for link down",
	[EVENT_WINDOW] = "waiting for the peer's window",
};

static int
parse(struct cmd *cmd, struct words *w)
{
	unsigned int event;
	int ret;

	cmd->seconds = DEFAULT_SECONDS;
	ret = take_choice(w, "link", verbs, &cmd->verb);
	if (ret != 0 || cmd->verb != LINK_WAIT)
		return ret != 0 ? ret : take_end(w);
	ret = take_choice(w, "link wait", events, &event);
	cmd->number = event;
	return ret != 0 ? ret : take_seconds(w, &cmd->seconds);
}

static bool
has_happened(struct tool *tool, enum event event)
{
	bool up = device_link_is_up(&tool->dev);
	struct window w;

	if (event != EVENT_WINDOW)
		return up == (event == EVENT_UP);
	device_window_look(&tool->dev, WINDOW_PEER, &w);
	return w.bytes != 0;
}

static int
wait_for(struct tool *tool, enum event event, double seconds)
{
	enum wait_result result = WAIT_GO_ON;
	struct wait w;

	wait_begin(&w, tool, waits[event], seconds);
	/* The link going down is what is waited for, or has no part in it. */
	w.needs_link = false;
	while (result == WAIT_GO_ON) {
		if (has_happened(tool, event))
			return 0;
		result = wait_idle(&w);
	}
	if (result == WAIT_TIMEOUT)
		complain("%s: not within %.1f s", waits[event], seconds);
	return EXIT_FAILURE;
}

int
cmd_wait_up(struct tool *tool, double seconds)
{
	return wait_for(tool, EVENT_UP, seconds);
}

int
cmd_wait_window(struct tool *tool, double seconds)
{
	return wait_for(tool, EVENT_WINDOW, seconds);
}

static void
show(struct tool *tool, const char *command)
{
	struct window w;

	out_begin(command);
	out_str("link", device_link_is_up(&tool->dev) ? "up" : "down");
	device_window_look(&tool->dev, WINDOW_PEER, &w);
	out_str("peer_window", w.bytes != 0 ? "reachable" : "out of reach");
	out_end();
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	int ret = 0;

	if (cmd->verb == LINK_UP)
		ret = device_start(&tool->dev);
	else if (cmd->verb == LINK_DOWN)
		device_stop(&tool->dev);
	else if (cmd->verb == LINK_WAIT)
		ret = wait_for(tool, (enum event)cmd->number, cmd->seconds);
	if (ret == 0)
		show(tool, "link");
	return ret;
}

const struct cmd_def cmd_link = {
	.name = "link",
	.usage =
	"  link show\n"
	"  link up                              start: the link comes up when the peer is there\n"
	"  link down                            stop\n"
	"  link wait up|down|window [SECONDS]   (10) window: the peer's memory is within reach\n",
	.parse = parse,
	.run = run,
};

static int
parse_serve(struct cmd *cmd, struct words *w)
{
	cmd->seconds = WAIT_FOREVER;
	return take_seconds(w, &cmd->seconds);
}

/** A signal, too, is a good end. */
static int
run_serve(struct tool *tool, const struct cmd *cmd)
{
	enum wait_result result = WAIT_GO_ON;
	struct wait w;

	wait_begin(&w, tool, "serve", cmd->seconds);
	w.needs_link = false;
	w.next_line = UINT64_MAX;
	while (result == WAIT_GO_ON && tool_stopped == 0)
		result = wait_idle(&w);
	show(tool, "serve");
	return 0;
}

const struct cmd_def cmd_serve = {
	.name = "serve",
	.usage =
	"  serve [SECONDS]                      look after the link only, for good or so long\n",
	.parse = parse_serve,
	.run = run_serve,
};
