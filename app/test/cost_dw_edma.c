/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * cost-dw-edma BURST ROUNDS
 *
 * Copies on a channel whose registers are plain memory, in one thread: BURST copies, a submit, then
 * the engine is said to be done, then the completions are collected. To be run by callgrind, which
 * counts the instructions of the three functions of the driver and nothing else:
 *
 *   valgrind --tool=callgrind --toggle-collect=dw_edma_copy --toggle-collect=dw_edma_submit
 *            --toggle-collect=dw_edma_completed cost-dw-edma 32 1000
 *
 * The caller's loop and the library's inline functions are so left out.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include "dw_edma.c"
#include "dw_edma_args.c"
#include "dw_edma_probe.c"
#include "dw_edma_v0.c"
#include "dw_edma_hdma.c"
#include "dw_edma_list.c"
#include "dw_edma_poll.c"
#include "dw_edma_ring.c"
#include "dw_edma_sg.c"
#include "dw_edma_recover.c"
#include "dw_edma_dmadev.c"
#include "dw_edma_secondary.c"
#include "dw_edma_mmio.c"

/** As large as Linux's local list memory, and a ring of the usual size. */
#define LIST_BYTES 4096
#define RING 512
#define CHANNEL 0

static uint32_t regs[DW_EDMA_REGS_BYTES / 4] __rte_aligned(64);
static uint8_t list[LIST_BYTES] __rte_aligned(4096);

static void
keep(struct dw_edma_mmio *mmio)
{
	RTE_SET_USED(mmio);
}

static struct dw_edma_mmio mmio = {
	.regs = (volatile uint8_t *)regs,
	.regs_bytes = sizeof(regs),
	.what = "memory",
	.release = keep,
};

static int
attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	RTE_SET_USED(args);
	engine->map = &dw_edma_unroll_ops;
	engine->side = DW_EDMA_SIDE_BOTH;
	mmio.list[DW_EDMA_WR][CHANNEL] = (struct dw_edma_list){
		.va = (struct dw_edma_elem *)list,
		.local = (uintptr_t)list,
		.bytes = sizeof(list),
	};
	return dw_edma_mmio_attach(engine, &mmio);
}

static int
set_up(int16_t *id)
{
	static const struct dw_edma_attachment attachment = { .attach = attach };
	static struct rte_device device = { .name = "cost", .numa_node = SOCKET_ID_ANY };
	struct dw_edma_args args = { .att = &attachment, .fn = -1 };
	struct rte_dma_vchan_conf vconf = { .direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = RING };
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	int rc;

	regs[DW_EDMA_CTRL / 4] = 1;
	rc = dw_edma_probe(&device, "cost", &args);
	if (rc != 0)
		return rc;
	*id = rte_dma_get_dev_id_by_name("cost-wr0");
	rc = rte_dma_configure(*id, &conf);
	if (rc == 0)
		rc = rte_dma_vchan_setup(*id, 0, &vconf);
	return rc == 0 ? rte_dma_start(*id) : rc;
}

/** The engine has done all it was given, followed the link if it came to it, and stopped. */
static void
finish(const struct dw_edma_chan *ch)
{
	uint32_t offset = dw_edma_slot_index(ch, ch->first) * sizeof(struct dw_edma_elem);

	regs[(DW_EDMA_WR_CH(CHANNEL) + DW_EDMA_CH_LLP_LO) / 4] = ch->ll_lo + offset;
	regs[(DW_EDMA_WR_CH(CHANNEL) + DW_EDMA_CH_CONTROL1) / 4] =
		DW_EDMA_CS_STOPPED << DW_EDMA_CS_SHIFT;
}

static int
run(int16_t id, unsigned int burst, unsigned int rounds)
{
	const struct dw_edma_chan *ch = rte_dma_fp_objs[id].dev_private;
	unsigned int i, n = 0;

	while (rounds-- != 0) {
		for (i = 0; i < burst; i++)
			n += rte_dma_copy(id, 0, 0x1000, 0x2000, 64, 0) >= 0;
		rte_dma_submit(id, 0);
		finish(ch);
		n -= rte_dma_completed(id, 0, burst, NULL, NULL);
	}
	return n == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	char *eal[] = {
		(char[]){ "cost-dw-edma" }, (char[]){ "--no-huge" }, (char[]){ "-m" },
		(char[]){ "64" }, (char[]){ "--no-pci" }, (char[]){ "--iova-mode=va" },
		(char[]){ "--no-telemetry" }, (char[]){ "--no-shconf" }, (char[]){ "-l" },
		(char[]){ "0" }, (char[]){ "--log-level=*:error" }, NULL,
	};
	int16_t id;
	int rc = -1;

	if (argc != 3) {
		fprintf(stderr, "usage: cost-dw-edma BURST ROUNDS\n");
		return EXIT_FAILURE;
	}
	if (rte_eal_init(RTE_DIM(eal) - 1, eal) >= 0 && set_up(&id) == 0)
		rc = run(id, strtoul(argv[1], NULL, 0), strtoul(argv[2], NULL, 0));
	printf("cost-dw-edma: %s\n", rc == 0 ? "all copies completed" : "failed");
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
