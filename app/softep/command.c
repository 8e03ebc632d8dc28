/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "control.h"
#include "inject.h"
#include "log.h"
#include "ntb_command.h"
#include "switches.h"

#define COMMAND_MAX_WORDS 8

static const char *const dir_names[] = { [EDMA_DIR_WR] = "wr", [EDMA_DIR_RD] = "rd" };

static void
error_value(struct softep_reply *reply, const char *what, const char *value,
	    const char *expected)
{
	softep_reply_add(reply, "error: %s \"%s\": expected %s\n", what, value, expected);
}

static void
stats_channels(const struct softep *board, enum edma_dir dir, unsigned int cnt,
	       struct softep_reply *reply)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		const struct edma_counters *c = edma_model_counters(board->model, dir, i);

		softep_reply_add(reply,
				 "%s%u elements=%" PRIu64 " bytes=%" PRIu64 " doorbells=%" PRIu64
				 " laps=%" PRIu64 " aborts=%" PRIu64 " imwr=%" PRIu64 "\n",
				 dir_names[dir], i, c->elements, c->bytes, c->doorbells, c->laps,
				 c->aborts, c->imwr);
	}
}

static void
stats_port(const struct softep_device *dev, struct softep_reply *reply)
{
	const struct softep_port_state *state = dev->state;
	const char *name = softep_port_names[dev->port];
	unsigned int i;

	softep_reply_add(reply, "%s attached=%u attach_seq=%u bus_master=%u maps=%u", name,
			 state->attached, state->attach_seq, state->bus_master, dev->maps.cnt);
	if (softep_port_is_rc(dev->port))
		softep_reply_add(reply, " irqs=%" PRIu64 " irqs_lost=%" PRIu64, dev->irq.sent,
				 dev->irq.lost);
	softep_reply_add(reply, "\n");
	for (i = 0; i < SOFTEP_REGIONS; i++) {
		const struct softep_access *a = &dev->access[i];

		if (a->reads == 0 && a->writes == 0)
			continue;
		softep_reply_add(reply,
				 "%s region %u reads=%" PRIu64 " read_bytes=%" PRIu64
				 " writes=%" PRIu64 " write_bytes=%" PRIu64 "\n",
				 name, i, a->reads, a->read_bytes, a->writes, a->write_bytes);
	}
}

/** Kinds of violations that have happened. */
static void
stats_violations(const struct edma_model *model, struct softep_reply *reply)
{
	const char *name;
	uint64_t count;
	unsigned int i;

	for (i = 0; (name = edma_violation_name(i)) != NULL; i++) {
		count = edma_model_violations_of(model, i);
		if (count != 0)
			softep_reply_add(reply, "violation %s=%" PRIu64 "\n", name, count);
	}
}

static bool
command_stats(struct softep *board, char **words, struct softep_reply *reply)
{
	const uint64_t foreign = softep_owner_violations(board);
	const struct softep_outbound *out = &board->outbound;
	unsigned int i;

	(void)words;
	stats_channels(board, EDMA_DIR_WR, board->opt->wr_cnt, reply);
	stats_channels(board, EDMA_DIR_RD, board->opt->rd_cnt, reply);
	softep_reply_add(reply,
			 "engine busy=%d violations=%" PRIu64 " owner_violations=%" PRIu64
			 " local_faults=%" PRIu64 " pcie_faults=%" PRIu64
			 " last_fault=0x%" PRIx64 "\n",
			 edma_model_busy(board->model) ? 1 : 0,
			 edma_model_violations(board->model) - foreign, foreign,
			 board->local_faults, board->pcie_faults, board->last_fault);
	stats_violations(board->model, reply);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (softep_port_is_served(board, i))
			stats_port(&board->ports[i], reply);
	}
	softep_ntb_stats(board, reply);
	softep_reply_add(reply,
			 "outbound open=%u target=0x%" PRIx64 " size=%" PRIu64 " faults=%" PRIu64
			 "\n",
			 out->atu.enable, out->target, out->size, out->faults);
	softep_reply_add(reply, "board link=%s trap=%d\n",
			 softep_board_link_up(board) ? "up" : "down", board->opt->trap ? 1 : 0);
	return true;
}

static void
port_clear(struct softep_device *dev)
{
	memset(dev->access, 0, sizeof(dev->access));
	dev->irq.sent = 0;
	dev->irq.lost = 0;
}

static bool
command_clear(struct softep *board, char **words, struct softep_reply *reply)
{
	unsigned int i;

	(void)words;
	(void)reply;
	edma_model_clear_counters(board->model);
	softep_ntb_clear(board);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++)
		port_clear(&board->ports[i]);
	board->outbound.faults = 0;
	board->local_faults = 0;
	board->pcie_faults = 0;
	board->last_fault = 0;
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

static const char command_names[] = "stats, clear, set, get, inject, ntb or help";

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
