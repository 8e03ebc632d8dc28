/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dpdk-ntb-perf: throughput, latency and loss-free rate of Ethernet ports, speed of DMA devices.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>

#include "args.h"
#include "out.h"
#include "perf.h"

volatile sig_atomic_t perf_stopped;

static void
on_signal(int sig)
{
	(void)sig;
	perf_stopped = 1;
}

static void
catch_signals(void)
{
	const struct sigaction stop = { .sa_handler = on_signal };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct args args;
	int ret;

	ret = args_parse(&args, argc, argv);
	if (ret != 0 || args.done)
		return ret;
	out_set_json(args.json);
	if (rte_eal_init(args.eal_argc, argv) < 0)
		return EXIT_FAILURE;
	catch_signals();
	ret = args.cmd->run(&args);
	rte_eal_cleanup();
	return fflush(stdout) == 0 ? ret : EXIT_FAILURE;
}
