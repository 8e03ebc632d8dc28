/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dpdk-ntb-tool: one side of a non-transparent bridge, tried by hand or by a script.
 */

#include <stdio.h>

#include <rte_eal.h>

#include "args.h"
#include "out.h"
#include "script.h"

volatile sig_atomic_t tool_stopped;

static void
on_signal(int sig)
{
	(void)sig;
	tool_stopped = 1;
}

static void
catch_signals(void)
{
	const struct sigaction stop = { .sa_handler = on_signal };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
run_script(struct script *script, const struct args *args, struct tool *tool)
{
	int ret = 0;

	if (!args->down)
		ret = device_start(&tool->dev);
	if (ret == 0 && args->wait != 0)
		ret = cmd_wait_window(tool, args->wait);
	return ret == 0 ? script_run(script, tool) : ret;
}

static int
run(struct script *script, const struct args *args)
{
	struct tool tool = { .quit = false };
	int ret = device_open(&tool.dev, &args->device);

	if (ret == 0) {
		ret = run_script(script, args, &tool);
		device_close(&tool.dev);
	}
	return ret;
}

int
main(int argc, char **argv)
{
	struct script script;
	struct args args;
	int ret;

	ret = args_parse(&args, argc, argv);
	if (ret != 0 || args.done)
		return ret;
	out_set_json(args.json);
	ret = script_load(&script, &args);
	if (ret == 0) {
		ret = EXIT_FAILURE;
		if (rte_eal_init(args.eal_argc, argv) >= 0) {
			catch_signals();
			ret = run(&script, &args);
			rte_eal_cleanup();
		}
	}
	script_free(&script);
	return fflush(stdout) == 0 ? ret : EXIT_FAILURE;
}
