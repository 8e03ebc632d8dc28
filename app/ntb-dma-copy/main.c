/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dpdk-ntb-dma-copy: memory copied across a non-transparent bridge with rte_dma, by real channels
 * or by the virtual device of a side that has none.
 *
 *     start         show the peer memory, start the rawdev
 *     meet          wait for the link, exchange addresses through scratchpads
 *     copy          if this side has devices to do so; the other side polls
 *     part          tell the peer, and wait until it says the same
 */

#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>

#include <complain.h>

#include "args.h"
#include "bridge.h"
#include "copy.h"
#include "main.h"

volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
catch_signals(void)
{
	const struct sigaction stop = { .sa_handler = on_signal };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
}

static int
copy(const struct args *args, struct bridge *b)
{
	struct copier copier;
	int ret = copier_open(&copier, args, b);

	if (ret == 0)
		ret = copier_run(&copier, args, b);
	copier_close(&copier);
	return ret;
}

static int
work(const struct args *args, struct bridge *b)
{
	int ret = bridge_meet(b, args->wait);
	int parted;

	if (ret != 0)
		return ret;
	if (args->nb_dma != 0)
		ret = copy(args, b);
	/* After a failure, too: the peer need not wait for what does not come. */
	parted = bridge_part(b);
	return ret != 0 ? ret : parted;
}

static int
run(const struct args *args)
{
	struct bridge bridge = { 0 };
	int ret = bridge_open(&bridge, args->bytes * args->burst);

	if (ret == 0)
		ret = work(args, &bridge);
	if (bridge.memory != NULL)
		bridge_close(&bridge);
	return ret;
}

int
main(int argc, char **argv)
{
	struct args args;
	int ret = args_parse(&args, argc, argv);

	if (ret != 0 || args.done)
		return ret;
	if (rte_eal_init(args.eal_argc, argv) < 0)
		return EXIT_FAILURE;
	catch_signals();
	ret = run(&args);
	fflush(stdout);
	rte_eal_cleanup();
	return ret;
}
