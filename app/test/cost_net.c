/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * cost-net DEVICE to|from DEVICE CASES
 *
 * Packets from one virtual device of DPDK to another, or to itself if the two are the same. A device
 * is NAME or NAME,ARGUMENTS; the first is created and started first. See cost.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_ethdev.h>

#include "cost.h"
#include "cost_path.h"

#define LINK_MS 5000

/** Creates and starts the port of a device. Negative if that fails. */
static int
create(const char *device, struct rte_mempool *mp, const struct cost_cases *cases)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	const char *args = strchr(device, ',');
	size_t n = args != NULL ? (size_t)(args - device) : strlen(device);
	uint16_t port;

	snprintf(name, sizeof(name), "%.*s", (int)n, device);
	if (rte_vdev_init(name, args != NULL ? args + 1 : "") != 0 ||
	    rte_eth_dev_get_port_by_name(name, &port) != 0 || cost_port_start(port, mp, cases) != 0) {
		fprintf(stderr, "cost-net: %s does not start\n", device);
		return -1;
	}
	return port;
}

static int
wait_link(uint16_t port)
{
	struct rte_eth_link link = { 0 };
	unsigned int ms;

	for (ms = 0; ms < LINK_MS; ms++) {
		if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status != 0)
			return 0;
		usleep(1000);
	}
	fprintf(stderr, "cost-net: no link after %u ms\n", LINK_MS);
	return -1;
}

static int
run(const char *first, bool first_sends, const char *second, const struct cost_cases *cases)
{
	struct rte_mempool *mp[2] = { cost_pool("first", cases), cost_pool("second", cases) };
	struct cost_path path = { .name = "path" };
	int port[2];

	if (mp[0] == NULL || mp[1] == NULL)
		return -1;
	port[0] = create(first, mp[0], cases);
	if (port[0] < 0)
		return -1;
	port[1] = strcmp(first, second) == 0 ? port[0] : create(second, mp[1], cases);
	if (port[1] < 0 || wait_link(port[0]) != 0 || wait_link(port[1]) != 0)
		return -1;
	path.tx = port[first_sends ? 0 : 1];
	path.rx = port[first_sends ? 1 : 0];
	path.mp = mp[first_sends ? 0 : 1];
	cost_path_empty();
	return cost_path_run(&path, cases);
}

int
main(int argc, char **argv)
{
	bool first_sends = argc > 2 && strcmp(argv[2], "to") == 0;
	struct cost_cases cases;

	if (argc != 5 || (!first_sends && strcmp(argv[2], "from") != 0) ||
	    cost_cases_parse(&cases, argv[4]) != 0) {
		fprintf(stderr, "usage: cost-net DEVICE to|from DEVICE " COST_CASES_USAGE "\n");
		return EXIT_FAILURE;
	}
	if (cost_eal_init(argv[0]) < 0)
		return EXIT_FAILURE;
	return run(argv[1], first_sends, argv[3], &cases) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
