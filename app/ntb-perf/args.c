/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "complain.h"
#include "packet.h"
#include "task.h"

#define MAX_RATE 1000000000

static const char usage[] =
	"usage: dpdk-ntb-perf [EAL argument...] -- [option...] COMMAND [key=value...]\n"
	"\n"
	"Measures Ethernet ports and DMA devices.\n"
	"\n"
	"  --json          one JSON object for each result\n"
	"  --late DEVICE   create this device when the first port has been started\n"
	"  --wait SECONDS  for links to come up, and for a first packet (10)\n"
	"  --help, --version\n"
	"\n"
	"Commands:\n";

static const struct cmd_def *const cmds[] = {
	&cmd_throughput,
	&cmd_latency,
	&cmd_search,
	&cmd_reflect,
	&cmd_dma,
};

static const struct cmd_def *
find_cmd(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(cmds); i++)
		if (strcmp(name, cmds[i]->name) == 0)
			return cmds[i];
	return NULL;
}

static void
help(void)
{
	unsigned int i;

	fputs(usage, stdout);
	for (i = 0; i < RTE_DIM(cmds); i++)
		printf("  %s\n%s", cmds[i]->name, cmds[i]->help);
}

/** Whether a command has a setting. */
static bool
has_key(const struct cmd_def *cmd, const char *key)
{
	const char *at = cmd->keys;
	size_t n = strlen(key);

	for (; (at = strstr(at, key)) != NULL; at++)
		if ((at == cmd->keys || at[-1] == ' ') && at[n] == ' ')
			return true;
	return false;
}

/** Whether rx= comes before tx=. */
static bool
names_rx_first(const struct words *w)
{
	int i;

	for (i = 0; i < w->left; i++)
		if (strncmp(w->word[i], "tx=", 3) == 0 || strncmp(w->word[i], "rx=", 3) == 0)
			return w->word[i][0] == 'r';
	return false;
}

static int
take_cmd_settings(struct args *a, struct words *w)
{
	const struct setting all[] = {
		{ "tx", SETTING_TEXT, &a->tx },
		{ "rx", SETTING_TEXT, &a->rx },
		{ "port", SETTING_TEXT, &a->port },
		{ "both", SETTING_FLAG, &a->both },
		{ "apart", SETTING_FLAG, &a->apart },
		{ "full", SETTING_FLAG, &a->full },
		{ "size", SETTING_LIST, &a->size, PACKET_MIN, PACKET_MAX },
		{ "burst", SETTING_LIST, &a->burst, 1, TASK_MAX_BURST },
		{ "queues", SETTING_NUMBER, &a->queues, 1, 64 },
		{ "depth", SETTING_NUMBER, &a->depth, 64, 4096 },
		{ "rate", SETTING_NUMBER, &a->rate, 1, MAX_RATE },
		{ "resolution", SETTING_NUMBER, &a->resolution, 1, 50 },
		{ "seconds", SETTING_SECONDS, &a->seconds },
		{ "warmup", SETTING_SECONDS, &a->warmup },
		{ "device", SETTING_TEXT, &a->device },
		{ "bytes", SETTING_LIST, &a->size, 1, 1 << 20 },
		{ "memory", SETTING_BYTES, &a->memory, 1 << 20, 1 << 30 },
		{ "rounds", SETTING_NUMBER, &a->rounds, 1, 1000 },
		{ "parallel", SETTING_FLAG, &a->parallel },
	};
	struct setting mine[RTE_DIM(all)];
	unsigned int i, n = 0;

	a->rx_first = names_rx_first(w);

	for (i = 0; i < RTE_DIM(all); i++)
		if (has_key(a->cmd, all[i].key))
			mine[n++] = all[i];
	return take_settings(w, mine, n);
}

static int
take_cmd(struct args *args, struct words *w)
{
	int ret;

	if (w->left == 0)
		return parse_bad("COMMAND", "", "a command: see --help");
	args->cmd = find_cmd(*w->word);
	if (args->cmd == NULL)
		return parse_bad("COMMAND", *w->word, "one of those that --help lists");
	w->word++;
	w->left--;
	ret = take_cmd_settings(args, w);
	return ret != 0 ? ret : args->cmd->check(args);
}

/** The value of an option; NULL after telling that there is none. */
static const char *
take_value(struct words *w, const char *option)
{
	if (w->left == 0) {
		parse_bad(option, "", "a value");
		return NULL;
	}
	w->left--;
	return *w->word++;
}

/** Takes one option, with its value if it has one. */
static int
take_option(struct args *args, struct words *w)
{
	const char *name = *w->word++;
	const char *value;

	w->left--;
	if (strcmp(name, "--json") == 0) {
		args->json = true;
	} else if (strcmp(name, "--late") == 0) {
		args->late = take_value(w, name);
		return args->late != NULL ? 0 : EXIT_USAGE;
	} else if (strcmp(name, "--wait") == 0) {
		value = take_value(w, name);
		if (value == NULL)
			return EXIT_USAGE;
		if (!parse_seconds(value, &args->wait))
			return parse_bad(name, value, "seconds, 0 to 86400, such as 2.5");
	} else if (strcmp(name, "--help") == 0) {
		args->done = true;
		help();
	} else if (strcmp(name, "--version") == 0) {
		args->done = true;
		puts("dpdk-ntb-perf " NTB_EDMA_VERSION);
	} else {
		return parse_bad(name, "", "an option of --help, or a command");
	}
	return 0;
}

static bool
is_question(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0;
}

int
args_parse(struct args *args, int argc, char **argv)
{
	struct words w;
	int ret = 0;

	*args = (struct args){
		.wait = 10,
		.apart = true,
		.warmup = 0.2,
		.queues = 1,
		.depth = 512,
		.resolution = 1,
		.memory = 4 << 20,
		.rounds = 1,
		.size = { { 64 }, 1 },
		.burst = { { 32 }, 1 },
	};
	while (args->eal_argc < argc && strcmp(argv[args->eal_argc], "--") != 0)
		args->eal_argc++;
	w = (struct words){ .word = argv + args->eal_argc, .left = argc - args->eal_argc };
	/* Without "--" everything is EAL's, but who asks for help shall have ours. */
	if (w.left == 0 && argc == 2 && is_question(argv[1]))
		w = (struct words){ .word = argv, .left = argc };
	if (w.left == 0)
		return parse_bad("--", "",
				 "EAL arguments, \"--\" and a command: see --help");
	w.word++;
	w.left--;
	while (ret == 0 && !args->done && w.left > 0 && w.word[0][0] == '-')
		ret = take_option(args, &w);
	return ret != 0 || args->done ? ret : take_cmd(args, &w);
}
