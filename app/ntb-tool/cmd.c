/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct cmd_def *const cmds[] = {
	&cmd_info,
	&cmd_link,
	&cmd_serve,
	&cmd_spad,
	&cmd_db,
	&cmd_window,
	&cmd_ping,
	&cmd_pong,
	&cmd_bandwidth,
	&cmd_quit,
};

const char *const cmd_owners[] = {
	[WINDOW_OWN] = "own",
	[WINDOW_PEER] = "peer",
	NULL,
};

uint32_t
cmd_pattern(uint64_t seed, uint64_t offset)
{
	/* Two rounds of multiplication spread each bit of seed and offset over the word. */
	uint64_t x = (seed ^ 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9 + offset;

	x = (x ^ x >> 31) * 0x94d049bb133111eb;
	return (uint32_t)(x >> 32);
}

int
cmd_split(char *line, char **words)
{
	static const char blanks[] = " \t\r\n";
	char *rest = NULL;
	char *word;
	int n = 0;

	for (word = strtok_r(line, blanks, &rest); word != NULL && *word != '#';
	     word = strtok_r(NULL, blanks, &rest)) {
		if (n == CMD_MAX_WORDS)
			return -1;
		words[n++] = word;
	}
	return n;
}

int
cmd_parse(struct cmd *cmd, int argc, char **argv)
{
	struct words w = { .word = argv + 1, .left = argc - 1 };
	unsigned int i;

	memset(cmd, 0, sizeof(*cmd));
	for (i = 0; i < RTE_DIM(cmds); i++) {
		if (strcmp(argv[0], cmds[i]->name) != 0)
			continue;
		cmd->def = cmds[i];
		return cmds[i]->parse(cmd, &w);
	}
	complain("command \"%s\": expected one of those that --help lists", argv[0]);
	return EXIT_USAGE;
}

void
cmd_help(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(cmds); i++)
		fputs(cmds[i]->usage, stdout);
}

static int
parse_quit(struct cmd *cmd, struct words *w)
{
	(void)cmd;
	return take_end(w);
}

static int
run_quit(struct tool *tool, const struct cmd *cmd)
{
	(void)cmd;
	tool->quit = true;
	return 0;
}

const struct cmd_def cmd_quit = {
	.name = "quit",
	.usage = "  quit                                 end of a script\n",
	.parse = parse_quit,
	.run = run_quit,
};
