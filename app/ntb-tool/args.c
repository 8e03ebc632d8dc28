/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "cmd.h"

static const char usage[] =
	"usage: dpdk-ntb-tool [EAL argument...] -- [option...] COMMAND [argument...]\n"
	"       dpdk-ntb-tool [EAL argument...] -- [option...] --file FILE\n"
	"\n"
	"Tries one side of a PCIe non-transparent bridge by hand.\n"
	"\n"
	"  --file FILE       commands, one a line; \"-\": from standard input\n"
	"  --wait SECONDS    first wait for the peer's window to come within reach\n"
	"  --json            one JSON object for each command\n"
	"  --down            leave the link down until \"link up\"\n"
	"  --device NAME     the NTB rawdev, if there are several\n"
	"  --queues N        queue pairs, 1 to 64 (as the device has it); like the peer's\n"
	"  --queue-size N    entries of a queue, 64 to 4096 (as the device has it)\n"
	"  --help, --version\n"
	"\n"
	"Commands:\n";

static int
set_file(struct args *args, struct words *w)
{
	args->file = *w->word;
	return 0;
}

static int
set_wait(struct args *args, struct words *w)
{
	return parse_seconds(*w->word, &args->wait) ? 0 :
		parse_bad("--wait", *w->word, "seconds, 0 to 86400, such as 2.5");
}

static int
set_device(struct args *args, struct words *w)
{
	args->device.name = *w->word;
	return 0;
}

static int
set_queues(struct args *args, struct words *w)
{
	return take_u64(w, "--queues", 1, 64, &args->device.queues);
}

static int
set_queue_size(struct args *args, struct words *w)
{
	return take_u64(w, "--queue-size", 64, 4096, &args->device.queue_size);
}

static int
set_json(struct args *args, struct words *w)
{
	(void)w;
	args->json = true;
	return 0;
}

static int
set_down(struct args *args, struct words *w)
{
	(void)w;
	args->down = true;
	return 0;
}

static int
set_help(struct args *args, struct words *w)
{
	(void)w;
	args->done = true;
	fputs(usage, stdout);
	cmd_help();
	return 0;
}

static int
set_version(struct args *args, struct words *w)
{
	(void)w;
	args->done = true;
	puts("dpdk-ntb-tool " NTB_EDMA_VERSION);
	return 0;
}

static const struct option {
	const char *name;
	/** @p w begins with the value, of an option that has one. */
	int (*set)(struct args *args, struct words *w);
	bool has_value;
} options[] = {
	{ "--file", set_file, true },
	{ "--wait", set_wait, true },
	{ "--device", set_device, true },
	{ "--queues", set_queues, true },
	{ "--queue-size", set_queue_size, true },
	{ "--json", set_json, false },
	{ "--down", set_down, false },
	{ "--help", set_help, false },
	{ "--version", set_version, false },
};

static const struct option *
find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(options); i++)
		if (strcmp(name, options[i].name) == 0)
			return &options[i];
	return NULL;
}

/** Takes one option, with its value if it has one. */
static int
take_option(struct args *args, struct words *w)
{
	const struct option *option = find(*w->word);
	struct words value;

	if (option == NULL)
		return parse_bad(*w->word, "", "an option of --help, or a command");
	w->word++;
	w->left--;
	if (!option->has_value)
		return option->set(args, w);
	if (w->left == 0)
		return parse_bad(option->name, "", "a value");
	value = (struct words){ .word = w->word, .left = 1 };
	w->word++;
	w->left--;
	return option->set(args, &value);
}

static int
check(const struct args *args)
{
	if (args->file == NULL && args->cmd_argc == 0)
		return parse_bad("COMMAND", "", "a command, or --file");
	if (args->file != NULL && args->cmd_argc != 0)
		return parse_bad("COMMAND", args->cmd_argv[0], "no command together with --file");
	return 0;
}

int
args_parse(struct args *args, int argc, char **argv)
{
	struct words w;
	int ret = 0;

	*args = (struct args){ .eal_argc = argc };
	while (args->eal_argc > 0 && strcmp(argv[argc - args->eal_argc], "--") != 0)
		args->eal_argc--;
	args->eal_argc = argc - args->eal_argc;
	w = (struct words){ .word = argv + args->eal_argc, .left = argc - args->eal_argc };
	if (w.left == 0) {
		/* Without "--" everything is EAL's, but who asks for help shall have ours. */
		if (argc == 2 && (find(argv[1]) != NULL && !find(argv[1])->has_value))
			return find(argv[1])->set(args, &w);
		return parse_bad("--", "", "EAL arguments, \"--\" and a command: see --help");
	}
	w.word++;
	w.left--;
	while (ret == 0 && !args->done && w.left > 0 && w.word[0][0] == '-')
		ret = take_option(args, &w);
	args->cmd_argc = w.left;
	args->cmd_argv = w.word;
	return ret != 0 || args->done ? ret : check(args);
}
