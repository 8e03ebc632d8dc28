/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * cost-edma-model BYTES ELEMENTS
 *
 * Lets a write channel of the engine's model move ELEMENTS elements of BYTES each, by a list that is
 * a ring. To be run by callgrind, which counts the instructions of the model:
 *
 *   valgrind --tool=callgrind --toggle-collect=edma_model_run cost-edma-model 64 32000
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edma_model.h"

/** As in list memory of 16 KiB. */
#define SLOTS 682
#define MAX_BYTES 65536
#define CHANNEL 0
#define STEPS 256

static struct dw_edma_elem list[SLOTS];
static uint32_t image[DW_EDMA_REGS_BYTES / 4];
static uint8_t source[MAX_BYTES];
static uint8_t target[MAX_BYTES];

/** Both sides are this process. */
static void *
map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len, bool write)
{
	const struct {
		uint8_t *va;
		size_t bytes;
	} memories[] = {
		{ (uint8_t *)list, sizeof(list) },
		{ source, sizeof(source) },
		{ target, sizeof(target) },
	};
	uint64_t at;
	size_t i;

	(void)ctx;
	(void)space;
	(void)fn;
	(void)write;
	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		at = addr - (uintptr_t)memories[i].va;
		if (at >= memories[i].bytes)
			continue;
		if (*len > memories[i].bytes - at)
			*len = memories[i].bytes - at;
		return memories[i].va + at;
	}
	return NULL;
}

static void
fill_list(uint32_t bytes)
{
	unsigned int i;

	for (i = 0; i < SLOTS - 1; i++)
		list[i] = (struct dw_edma_elem){
			.control = DW_EDMA_CB,
			.size = bytes,
			.sar = (uintptr_t)source,
			.dar = (uintptr_t)target,
		};
	/* Without toggle: the elements stay valid. */
	list[i] = (struct dw_edma_elem){
		.control = DW_EDMA_LLP | DW_EDMA_CB,
		.sar = (uintptr_t)list,
	};
}

static void
start(struct edma_model *m)
{
	const uint32_t win = DW_EDMA_WR_CH(CHANNEL);
	const uint64_t base = (uintptr_t)list;

	edma_model_write(m, DW_EDMA_WR_ENGINE_EN, DW_EDMA_ENGINE_EN);
	edma_model_write(m, win + DW_EDMA_CH_CONTROL1, DW_EDMA_LLE | DW_EDMA_CCS);
	edma_model_write(m, win + DW_EDMA_CH_LLP_LO, (uint32_t)base);
	edma_model_write(m, win + DW_EDMA_CH_LLP_LO + 4, (uint32_t)(base >> 32));
	edma_model_write(m, DW_EDMA_WR_DOORBELL, CHANNEL);
}

int
main(int argc, char **argv)
{
	static const struct edma_bus bus = { .map = map };
	const struct edma_model_conf conf = {
		.wr_cnt = 4,
		.rd_cnt = 4,
		.map = DW_EDMA_MAP_UNROLL,
		.regs = image,
		.bus = &bus,
	};
	const uint32_t bytes = argc == 3 ? strtoul(argv[1], NULL, 0) : 0;
	const uint64_t wanted = argc == 3 ? strtoull(argv[2], NULL, 0) : 0;
	const struct edma_counters *cnt;
	struct edma_model *m;

	if (bytes == 0 || bytes > MAX_BYTES || wanted == 0) {
		fprintf(stderr, "usage: cost-edma-model BYTES ELEMENTS\n");
		return EXIT_FAILURE;
	}
	m = edma_model_create(&conf);
	if (m == NULL)
		return EXIT_FAILURE;
	memset(source, 0x5a, sizeof(source));
	fill_list(bytes);
	start(m);
	cnt = edma_model_counters(m, EDMA_DIR_WR, CHANNEL);
	while (cnt->elements < wanted && edma_model_run(m, STEPS) == STEPS)
		;
	printf("cost-edma-model: %ju elements\n", (uintmax_t)cnt->elements);
	/* Calls are whole: a few more than wanted. */
	return cnt->elements >= wanted && cnt->bytes == cnt->elements * bytes &&
	       memcmp(source, target, bytes) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
