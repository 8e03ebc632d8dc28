/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Hostile lives of a link, chosen by a fuzzer: see ntb_epf_lives.h. */

#include "ntb_epf_lives.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What is left of the input; behind it all numbers are 0. */
static const uint8_t *input;
static size_t input_bytes;

static uint64_t
take(size_t bytes)
{
	uint64_t v = 0;

	bytes = RTE_MIN(bytes, input_bytes);
	if (bytes != 0)
		memcpy(&v, input, bytes);
	input += bytes;
	input_bytes -= bytes;
	return v;
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(take(n <= 256 ? 1 : 4) % n);
}

static uint64_t
next_random(void)
{
	return take(sizeof(uint64_t));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (lives_create("fuzz_ntb_epf") != 0)
		abort();
	/* Refusals of forged things are many. */
	rte_log_set_level(ntb_epf_logtype, RTE_LOG_CRIT);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *state = NULL;

	input = data;
	input_bytes = size;
	if (set_up_test(&state) != 0)
		abort();
	begin_life(true);
	while (input_bytes != 0)
		hostile_step();
	end_life(true);
	if (tear_down_test(&state) != 0)
		abort();
	return 0;
}
