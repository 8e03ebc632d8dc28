/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <rte_pmd_ntb.h>

#include "cmd.h"
#include "out.h"
#include "wait.h"

#define DEFAULT_SECONDS 10

enum verb {
	SPAD_READ,
	SPAD_WRITE,
	SPAD_WAIT,
};

static const char *const verbs[] = {
	[SPAD_READ] = "read",
	[SPAD_WRITE] = "write",
	[SPAD_WAIT] = "wait",
	NULL,
};

static int
parse(struct cmd *cmd, struct words *w)
{
	int ret;

	cmd->seconds = DEFAULT_SECONDS;
	ret = take_choice(w, "spad", verbs, &cmd->verb);
	if (ret == 0)
		ret = take_choice(w, "OWNER", cmd_owners, &cmd->owner);
	if (ret == 0)
		ret = take_u64(w, "N", 0, UINT16_MAX, &cmd->number);
	if (ret == 0 && cmd->verb != SPAD_READ)
		ret = take_u64(w, "VALUE", 0, UINT32_MAX, &cmd->value);
	if (ret != 0)
		return ret;
	return cmd->verb == SPAD_WAIT ? take_seconds(w, &cmd->seconds) : take_end(w);
}

/** The endpoint says how many there are. */
static int
check_number(struct tool *tool, uint64_t number)
{
	uint64_t count;
	char text[24], expected[48];
	int ret = device_get(&tool->dev, NTB_SPAD_CNT_NAME, &count);

	if (ret != 0 || number < count)
		return ret;
	if (count == 0) {
		complain("scratchpads: the endpoint has none, or has not set them up yet");
		return EXIT_FAILURE;
	}
	snprintf(text, sizeof(text), "%" PRIu64, number);
	snprintf(expected, sizeof(expected), "a number, 0 to %" PRIu64, count - 1);
	return parse_bad("N", text, expected);
}

static int
wait_value(struct tool *tool, const struct cmd *cmd, const char *attr, uint64_t *value)
{
	enum wait_result result = WAIT_GO_ON;
	char what[64];
	struct wait w;

	snprintf(what, sizeof(what), "waiting for scratchpad %s %" PRIu64, cmd_owners[cmd->owner],
		 cmd->number);
	wait_begin(&w, tool, what, cmd->seconds);
	while (result == WAIT_GO_ON) {
		if (device_get(&tool->dev, attr, value) != 0)
			return EXIT_FAILURE;
		if (*value == cmd->value)
			return 0;
		result = wait_idle(&w);
	}
	if (result == WAIT_TIMEOUT)
		complain("%s: 0x%" PRIx64 " after %.1f s: expected 0x%" PRIx64, what, *value,
			 cmd->seconds, cmd->value);
	return EXIT_FAILURE;
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	uint64_t value = cmd->value;
	char attr[32];
	int ret;

	ret = check_number(tool, cmd->number);
	if (ret != 0)
		return ret;
	snprintf(attr, sizeof(attr), "spad_%s_%" PRIu64, cmd_owners[cmd->owner], cmd->number);
	if (cmd->verb == SPAD_WRITE)
		ret = device_set(&tool->dev, attr, value);
	else if (cmd->verb == SPAD_READ)
		ret = device_get(&tool->dev, attr, &value);
	else
		ret = wait_value(tool, cmd, attr, &value);
	if (ret != 0)
		return ret;
	out_begin("spad");
	out_str("owner", cmd_owners[cmd->owner]);
	out_u64("number", cmd->number);
	out_hex("value", value);
	out_end();
	return 0;
}

const struct cmd_def cmd_spad = {
	.name = "spad",
	.usage =
	"  spad read own|peer N                 scratchpads\n"
	"  spad write own|peer N VALUE\n"
	"  spad wait own|peer N VALUE [SECONDS] (10)\n",
	.parse = parse,
	.run = run,
};
