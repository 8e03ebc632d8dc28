/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dpdk-l2fwd-ntb: forwards frames between ports of bridges between PCIe hosts, and any others.
 *
 *     args.c        the command line
 *     port.c        a port: configured, started, closed
 *     forward.c     what each lcore does all the time
 *     mac_table.c   which address is where
 *     stats.c       what was counted
 *
 * The main lcore prints statistics and waits for the end; the other lcores forward. An lcore that
 * is alone does both.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "args.h"
#include "complain.h"
#include "forward.h"
#include "parse.h"
#include "port.h"
#include "stats.h"

#define POOL_CACHE 256
#define IDLE_US 10000

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

static bool
is_alone(void)
{
	return rte_lcore_count() == 1;
}

/** The ports of the command line, or all there are. */
static int
choose_ports(struct bridge *bridge, const struct args *args)
{
	char number[8];
	uint16_t port;

	for (port = 0; port < args->nb_ports; port++) {
		if (!rte_eth_dev_is_valid_port(args->ports[port])) {
			snprintf(number, sizeof(number), "%u", args->ports[port]);
			return parse_bad("--ports", number, "ports that exist");
		}
		bridge->ports[bridge->nb_ports++] = args->ports[port];
	}
	if (args->nb_ports == 0)
		RTE_ETH_FOREACH_DEV(port)
			bridge->ports[bridge->nb_ports++] = port;
	if (bridge->nb_ports != 0)
		return 0;
	complain("ports: none found, expected some, such as --vdev=net_ntb0");
	return EXIT_FAILURE;
}

static int
choose_queues(struct bridge *bridge, const struct args *args)
{
	char number[8];
	char expected[64];

	bridge->nb_workers = is_alone() ? 1 : rte_lcore_count() - 1;
	bridge->queues = args->queues != 0 ? args->queues : bridge->nb_workers;
	if (bridge->queues >= bridge->nb_workers)
		return 0;
	snprintf(number, sizeof(number), "%u", args->queues);
	snprintf(expected, sizeof(expected), "at least %u: one for each lcore that forwards",
		 bridge->nb_workers);
	return parse_bad("--queues", number, expected);
}

/** As many buffers as all rings and lcores can hold at the same time. */
static unsigned int
count_buffers(const struct bridge *bridge)
{
	unsigned int rings = bridge->nb_ports * bridge->queues * 2 * PORT_RING;

	return rings + (bridge->nb_workers + 1) * (2 * POOL_CACHE + bridge->nb_ports * BURST);
}

static int
create_memory(struct bridge *bridge, const struct args *args)
{
	unsigned int n = count_buffers(bridge);
	uint16_t bytes = port_buffer_bytes(args->mtu);
	uint16_t i;

	bridge->pool = rte_pktmbuf_pool_create("l2fwd", n, POOL_CACHE, 0, bytes, SOCKET_ID_ANY);
	if (bridge->pool == NULL) {
		complain("%u buffers of %u bytes: %s", n, bytes, rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	bridge->workers = aligned_alloc(RTE_CACHE_LINE_SIZE,
					bridge->nb_workers * sizeof(*bridge->workers));
	if (args->learn)
		bridge->table = calloc(1, sizeof(*bridge->table));
	if (bridge->workers == NULL || (args->learn && bridge->table == NULL)) {
		complain("not enough memory");
		return EXIT_FAILURE;
	}
	if (args->learn)
		bridge->table->max_age = args->age;
	for (i = 0; i < bridge->nb_workers; i++)
		bridge->workers[i] = (struct worker){ .bridge = bridge, .first_queue = i };
	return 0;
}

static void
free_memory(struct bridge *bridge)
{
	free(bridge->table);
	free(bridge->workers);
	rte_mempool_free(bridge->pool);
}

static bool
all_up(const struct bridge *bridge)
{
	bool up = true;
	uint16_t i;

	/* All are asked each time: the question lets a bridge's link come up. */
	for (i = 0; i < bridge->nb_ports; i++)
		up &= port_is_up(bridge->ports[i]);
	return up;
}

static void
wait_links(const struct bridge *bridge, double seconds)
{
	uint64_t begin = rte_get_tsc_cycles();

	while (!stopped && !all_up(bridge)) {
		if ((rte_get_tsc_cycles() - begin) / (double)rte_get_tsc_hz() >= seconds)
			break;
		usleep(IDLE_US);
	}
}

static void
main_loop(struct bridge *bridge, double period)
{
	uint64_t hz = rte_get_tsc_hz();
	struct stats stats;

	stats_begin(&stats);
	while (!stopped) {
		uint64_t tsc = rte_get_tsc_cycles();

		atomic_store_explicit(&bridge->now, tsc / hz, memory_order_relaxed);
		if (period != 0 && tsc - stats.at >= period * hz)
			stats_print(&stats, bridge);
		if (is_alone())
			forward_poll(&bridge->workers[0]);
		else
			usleep(IDLE_US);
	}
	rte_eal_mp_wait_lcore();
	stats_print(&stats, bridge);
}

static void
forward(struct bridge *bridge, const struct args *args)
{
	unsigned int worker = 0;
	unsigned int lcore;

	wait_links(bridge, args->wait);
	atomic_store(&bridge->now, rte_get_tsc_cycles() / rte_get_tsc_hz());
	RTE_LCORE_FOREACH_WORKER(lcore)
		rte_eal_remote_launch(forward_loop, &bridge->workers[worker++], lcore);
	printf("forwarding: %u ports, %u queues, %u lcores, %s\n", bridge->nb_ports, bridge->queues,
	       bridge->nb_workers, bridge->table != NULL ? "learning addresses" : "in pairs");
	fflush(stdout);
	main_loop(bridge, args->stats);
}

static int
run_ports(struct bridge *bridge, const struct args *args)
{
	const struct port_conf conf = {
		.queues = bridge->queues,
		.mtu = args->mtu,
		.pool = bridge->pool,
	};
	uint16_t started = 0;
	int ret = 0;

	while (started < bridge->nb_ports && ret == 0) {
		ret = port_start(bridge->ports[started], &conf);
		started += ret == 0;
	}
	if (ret == 0)
		forward(bridge, args);
	while (started > 0)
		port_close(bridge->ports[--started]);
	return ret == 0 || ret == -EINTR ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run(const struct args *args)
{
	struct bridge bridge = { 0 };
	int ret = choose_ports(&bridge, args);

	if (ret == 0)
		ret = choose_queues(&bridge, args);
	if (ret == 0)
		ret = create_memory(&bridge, args);
	if (ret == 0)
		ret = run_ports(&bridge, args);
	free_memory(&bridge);
	return ret;
}

static void
eal_usage(const char *program)
{
	(void)program;
	args_usage();
}

int
main(int argc, char **argv)
{
	struct args args;
	int eal_argc;
	int ret;

	rte_set_application_usage_hook(eal_usage);
	eal_argc = rte_eal_init(argc, argv);
	if (eal_argc < 0)
		return EXIT_FAILURE;
	catch_signals();
	ret = args_parse(&args, argc - eal_argc, argv + eal_argc);
	if (ret == 0 && !args.done)
		ret = run(&args);
	rte_eal_cleanup();
	return fflush(stdout) == 0 ? ret : EXIT_FAILURE;
}
