/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "control.h"
#include "inject.h"
#include "ntb_command.h"
#include "reboot.h"
#include "stats.h"
#include "switches.h"

/** As many as a line has room for. */
#define COMMAND_MAX_WORDS (SOFTEP_CONTROL_LINE / 2 + 1)

static void
error_value(struct softep_reply *reply, const char *what, const char *value,
	    const char *expected)
{
	softep_reply_add(reply, "error: %s \"%s\": expected %s\n", what, value, expected);
}

static bool
command_stats(struct softep *board, char **words, struct softep_reply *reply)
{
	(void)words;
	softep_stats(board, reply);
	return true;
}

static bool
command_clear(struct softep *board, char **words, struct softep_reply *reply)
{
	(void)words;
	(void)reply;
	softep_stats_clear(board);
	return true;
}

static bool
command_set(struct softep *board, char **words, struct softep_reply *reply)
{
	const char *expected;
	int ret;

	ret = softep_switch_set(board, words[0], words[1], &expected);
	if (ret == -ENOENT)
		error_value(reply, "switch", words[0], expected);
	else if (ret != 0)
		error_value(reply, words[0], words[1], expected);
	return ret == 0;
}

static bool
command_get(struct softep *board, char **words, struct softep_reply *reply)
{
	char value[SOFTEP_SWITCH_VALUE_BYTES];
	const char *name;
	unsigned int i;

	for (i = 0; (name = softep_switch_name(i)) != NULL; i++) {
		if (words[0] != NULL && strcmp(words[0], name) != 0)
			continue;
		if (softep_switch_get(board, name, value) != 0)
			continue;
		softep_reply_add(reply, "%s=%s\n", name, value);
		if (words[0] != NULL)
			return true;
	}
	if (words[0] != NULL)
		error_value(reply, "switch", words[0], "a name that \"get\" lists");
	return words[0] == NULL;
}

static bool
command_inject(struct softep *board, char **words, struct softep_reply *reply)
{
	struct softep_inject_error error;

	if (softep_inject(board, words, &error) == 0)
		return true;
	error_value(reply, error.what, error.value, error.expected);
	return false;
}

static bool
command_trace(struct softep *board, char **words, struct softep_reply *reply)
{
	int ret;

	if (strcmp(words[0], "off") == 0) {
		softep_trace_close(board);
		return true;
	}
	ret = softep_trace_open(board, words[0]);
	if (ret != 0)
		softep_reply_add(reply, "error: trace \"%s\": expected a file that can be "
				 "written: %s\n", words[0], strerror(-ret));
	return ret == 0;
}

static bool
command_reboot(struct softep *board, char **words, struct softep_reply *reply)
{
	unsigned int ms = SOFTEP_REBOOT_USUAL_MS;

	if (words[0] != NULL && !softep_parse_number(words[0], 0, SOFTEP_REBOOT_MAX_MS, &ms)) {
		error_value(reply, "time", words[0], "0 to 60000 ms");
		return false;
	}
	softep_reboot(board, ms);
	return true;
}

static bool
command_ntb(struct softep *board, char **words, struct softep_reply *reply)
{
	return softep_ntb_command(board, words, reply);
}

static bool command_help(struct softep *board, char **words, struct softep_reply *reply);

struct command {
	const char *name;
	unsigned int min_words; /* behind the name */
	unsigned int max_words;
	bool (*run)(struct softep *board, char **words, struct softep_reply *reply);
	const char *usage;
};

static const struct command commands[] = {
	{ "stats", 0, 0, command_stats, "stats: counters of channels, ports and regions" },
	{ "clear", 0, 0, command_clear, "clear: set the counters to 0" },
	{ "set", 2, 2, command_set, "set SWITCH VALUE" },
	{ "get", 0, 1, command_get, "get [SWITCH]" },
	{ "inject", SOFTEP_INJECT_WORDS, SOFTEP_INJECT_WORDS, command_inject,
	  "inject wr|rd CHANNEL NTH KIND: let a channel's NTH element from now on fail" },
	{ "reboot", 0, 1, command_reboot, "reboot [MS]: reset the endpoint, link down for MS" },
	{ "trace", 1, 1, command_trace,
	  "trace FILE|off: write a line for each register access and element" },
	{ "ntb", 1, COMMAND_MAX_WORDS, command_ntb,
	  "ntb status|unbind|bind|ring|db|spad|trans|peek|poke|read|write ...: the endpoint's kernel" },
	{ "help", 0, 0, command_help, "help" },
};

static bool
command_help(struct softep *board, char **words, struct softep_reply *reply)
{
	unsigned int i;

	(void)board;
	(void)words;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		softep_reply_add(reply, "%s\n", commands[i].usage);
	return true;
}

static const char command_names[] = "stats, clear, set, get, inject, reboot, trace, ntb or help";

static const struct command *
command_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

void
softep_command(struct softep *board, char *line, struct softep_reply *reply)
{
	char *words[COMMAND_MAX_WORDS + 1] = { NULL };
	const struct command *command;
	unsigned int cnt = 0;
	char *rest = line;
	char *word;

	while (cnt < COMMAND_MAX_WORDS && (word = strtok_r(rest, " \t\r", &rest)) != NULL)
		words[cnt++] = word;
	if (cnt == 0) {
		error_value(reply, "command", "", command_names);
		return;
	}
	command = command_find(words[0]);
	if (command == NULL)
		error_value(reply, "command", words[0], command_names);
	else if (cnt - 1 < command->min_words || cnt - 1 > command->max_words)
		error_value(reply, "command", words[0], command->usage);
	else if (command->run(board, words + 1, reply))
		softep_reply_add(reply, "ok\n");
}
