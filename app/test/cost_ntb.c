/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * cost-ntb MOVER CASES
 *
 * Packets from net_ntb to net_ntb, over raw_ntb_epf and dma_dw_edma, in both directions. The bridge is
 * memory and the engine works between the bursts; all that the drivers do is counted. See cost.h.
 *
 * Clocks stand still meanwhile: a look at the link every so many microseconds is no part of a packet.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_ethdev.h>
#include <rte_rawdev_pmd.h>

#include "cost.h"
#include "cost_engine.h"
#include "cost_path.h"
#include "ntb_epf_args.h"
#include "ntb_epf_bridge.h"
#include "ntb_ethdev.h"

#define LINK_MS 5000

static const char * const sides[] = { [NTB_EPF_SIDE_RC] = "rc", [NTB_EPF_SIDE_EP] = "ep" };
static struct rte_mempool *pools[2];
static uint16_t ports[2];

/** Who owns which direction of the engine; "cpu" needs none. */
static int
attach_engine(const char *mover)
{
	if (cost_engine_create() != 0)
		return -1;
	if (strcmp(mover, "split") == 0)
		return cost_engine_attach("rc", DW_EDMA_SIDE_RC, false, true) == 0 ?
			cost_engine_attach("ep", DW_EDMA_SIDE_EP, true, false) : -1;
	if (strcmp(mover, "rc") == 0)
		return cost_engine_attach("rc", DW_EDMA_SIDE_RC, true, true);
	if (strcmp(mover, "ep") == 0)
		return cost_engine_attach("ep", DW_EDMA_SIDE_EP, true, true);
	return 0;
}

static bool
has_channels(const char *mover, unsigned int side)
{
	return strcmp(mover, "split") == 0 || strcmp(mover, sides[side]) == 0;
}

static int
create_side(unsigned int side, const char *mover, const struct cost_cases *cases)
{
	char name[32], args[64];
	int rc;

	snprintf(name, sizeof(name), "raw_ntb_epf_%s", sides[side]);
	snprintf(args, sizeof(args), "fake=1,side=%s,mover=%s%s%s", sides[side], mover,
		 has_channels(mover, side) ? ",dma=" : "",
		 has_channels(mover, side) ? sides[side] : "");
	rc = rte_vdev_init(name, args);
	snprintf(args, sizeof(args), "raw=%s", name);
	snprintf(name, sizeof(name), "net_ntb_%s", sides[side]);
	if (rc == 0)
		rc = rte_vdev_init(name, args);
	if (rc == 0)
		rc = rte_eth_dev_get_port_by_name(name, &ports[side]);
	return rc == 0 ? cost_port_start(ports[side], pools[side], cases) : rc;
}

static struct ntb_epf_dev *
raw_of(unsigned int side)
{
	char name[32];

	snprintf(name, sizeof(name), "raw_ntb_epf_%s", sides[side]);
	return rte_rawdev_pmd_get_named_dev(name)->dev_private;
}

static int
wait_links(void)
{
	struct rte_eth_link link[2];
	unsigned int ms;

	for (ms = 0; ms < LINK_MS; ms++) {
		rte_eth_link_get_nowait(ports[0], &link[0]);
		rte_eth_link_get_nowait(ports[1], &link[1]);
		if (link[0].link_status != 0 && link[1].link_status != 0)
			return 0;
		usleep(1000);
	}
	return -1;
}

static void
stop_clocks(unsigned int side)
{
	struct ntb_eth_txq *txq = rte_eth_fp_ops[ports[side]].txq.data[0];

	txq->limit_cycles = UINT64_MAX;
	rte_atomic_store_explicit(&raw_of(side)->next_service, UINT64_MAX,
				  rte_memory_order_relaxed);
}

static int
run_direction(unsigned int from, const struct cost_cases *cases)
{
	struct cost_path path = {
		.name = sides[from],
		.tx = ports[from],
		.rx = ports[other(from)],
		.mp = pools[from],
		.turn = cost_engine_turn,
	};

	return cost_path_run(&path, cases);
}

static int
run(const char *mover, const struct cost_cases *cases)
{
	unsigned int side;

	if (bridge_create() != 0 || attach_engine(mover) != 0)
		return -1;
	bridge_reset();
	ntb_epf_platform_register(&fake_platform);
	for (side = 0; side < 2; side++) {
		pools[side] = cost_pool(sides[side], cases);
		if (pools[side] == NULL || create_side(side, mover, cases) != 0) {
			fprintf(stderr, "cost-ntb: side %s does not start\n", sides[side]);
			return -1;
		}
	}
	if (wait_links() != 0) {
		fprintf(stderr, "cost-ntb: no link after %u ms\n", LINK_MS);
		return -1;
	}
	for (side = 0; side < 2; side++)
		stop_clocks(side);
	cost_path_empty();
	return run_direction(NTB_EPF_SIDE_RC, cases) == 0 ?
		run_direction(NTB_EPF_SIDE_EP, cases) : -1;
}

int
main(int argc, char **argv)
{
	struct cost_cases cases;

	if (argc != 3 || cost_cases_parse(&cases, argv[2]) != 0) {
		fprintf(stderr, "usage: cost-ntb split|rc|ep|cpu " COST_CASES_USAGE "\n");
		return EXIT_FAILURE;
	}
	if (cost_eal_init(argv[0]) < 0)
		return EXIT_FAILURE;
	return run(argv[1], &cases) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
