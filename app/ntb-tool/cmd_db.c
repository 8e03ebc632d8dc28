/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"
#include "out.h"
#include "wait.h"

#define DEFAULT_SECONDS 10

enum verb {
	DB_READ,
	DB_CLEAR,
	DB_WAIT,
	DB_RING,
};

static const char *const verbs[] = {
	[DB_READ] = "read",
	[DB_CLEAR] = "clear",
	[DB_WAIT] = "wait",
	[DB_RING] = "ring",
	NULL,
};

static int
parse(struct cmd *cmd, struct words *w)
{
	int ret;

	cmd->seconds = DEFAULT_SECONDS;
	ret = take_choice(w, "db", verbs, &cmd->verb);
	if (ret == 0 && cmd->verb != DB_READ)
		ret = take_u64(w, "MASK", 1, UINT32_MAX, &cmd->value);
	if (ret != 0)
		return ret;
	return cmd->verb == DB_WAIT ? take_seconds(w, &cmd->seconds) : take_end(w);
}

static int
ring(struct tool *tool, uint64_t mask)
{
	char text[24], expected[64];
	uint64_t valid;
	int ret;

	ret = device_get(&tool->dev, "db_valid", &valid);
	if (ret != 0)
		return ret;
	if (valid != 0 && (mask & ~valid) != 0) {
		snprintf(text, sizeof(text), "0x%" PRIx64, mask);
		snprintf(expected, sizeof(expected), "bits of 0x%" PRIx64, valid);
		return parse_bad("MASK", text, expected);
	}
	return device_set(&tool->dev, "db_ring", mask);
}

/** Until all bits of the mask have been rung. */
static int
wait_mask(struct tool *tool, const struct cmd *cmd)
{
	enum wait_result result = WAIT_GO_ON;
	uint64_t status = 0;
	struct wait w;

	wait_begin(&w, tool, "waiting for doorbells", cmd->seconds);
	while (result == WAIT_GO_ON) {
		if (device_get(&tool->dev, "db_status", &status) != 0)
			return EXIT_FAILURE;
		if ((status & cmd->value) == cmd->value)
			return 0;
		result = wait_idle(&w);
	}
	if (result == WAIT_TIMEOUT)
		complain("%s: 0x%" PRIx64 " after %.1f s: expected 0x%" PRIx64, w.what, status,
			 cmd->seconds, cmd->value);
	return EXIT_FAILURE;
}

static int
show(struct tool *tool)
{
	uint64_t status;
	int ret = device_get(&tool->dev, "db_status", &status);

	if (ret != 0)
		return ret;
	out_begin("db");
	out_hex("status", status);
	out_end();
	return 0;
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	int ret = 0;

	if (cmd->verb == DB_RING)
		ret = ring(tool, cmd->value);
	else if (cmd->verb == DB_CLEAR)
		ret = device_set(&tool->dev, "db_clear", cmd->value);
	else if (cmd->verb == DB_WAIT)
		ret = wait_mask(tool, cmd);
	return ret == 0 ? show(tool) : ret;
}

const struct cmd_def cmd_db = {
	.name = "db",
	.usage =
	"  db read                              own doorbells that have been rung\n"
	"  db clear MASK\n"
	"  db wait MASK [SECONDS]               (10) until all of these have been rung\n"
	"  db ring MASK                         ring the peer\n",
	.parse = parse,
	.run = run,
};
