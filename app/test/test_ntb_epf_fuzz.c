/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Lives of a link by seed: see ntb_epf_lives.h. */

#include "ntb_epf_lives.h"

#define HONEST_SEEDS 150
#define HOSTILE_SEEDS 250
#define STEPS 400

static uint64_t random_state;
static uint64_t fuzz_seed;

/** splitmix64 */
static uint64_t
next_random(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(next_random() % n);
}

static void
live(uint64_t seed, bool hostile)
{
	unsigned int step;

	random_state = seed;
	begin_life(hostile);
	for (step = 0; step < STEPS; step++) {
		if (hostile)
			hostile_step();
		else
			honest_step(true);
	}
	end_life(hostile);
}

static void
live_many(void **state, uint64_t base, unsigned int seeds, bool hostile)
{
	unsigned int i;

	for (i = 0; i < seeds; i++) {
		fuzz_seed = base + i;
		live(fuzz_seed, hostile);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_honest_lives(void **state)
{
	live_many(state, 1000000, HONEST_SEEDS, false);
}

static void
test_hostile_lives(void **state)
{
	live_many(state, 2000000, HOSTILE_SEEDS, true);
}

static void
print_side(uint8_t side)
{
	const struct ntb_epf_dev *dev = raw[side] != NULL ? dev_of(side) : NULL;
	const struct ntb_epf_win_hdr *h = (const struct ntb_epf_win_hdr *)bridge.window[side];

	if (dev == NULL)
		return;
	print_message("%s: state %d stopping %d host step %d granted %08x rejected %08x generation "
		      "%08x, heard: generation %08x seen %08x quiesced %08x, reaches %" PRIu64 "\n",
		      dev->name, dev->state, dev->stopping, dev->host_state, dev->granted, dev->rejected,
		      dev->generation, h->generation, h->seen, h->quiesced, dev->peer.bytes);
}

static int
tear_down(void **state)
{
	/* After a failure: the seed that gives it again when it is the only argument. */
	print_message("last seed: %" PRIu64 "\n", fuzz_seed);
	print_side(0);
	print_side(1);
	release_dma();
	return tear_down_test(state);
}

/** One life again: seeds below 2000000 are honest. */
static void
test_one_life(void **state)
{
	(void)state;
	live(fuzz_seed, fuzz_seed >= 2000000);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test_setup_teardown(test_honest_lives, set_up_test, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile_lives, set_up_test, tear_down),
	};
	const struct CMUnitTest one[] = {
		cmocka_unit_test_setup_teardown(test_one_life, set_up_test, tear_down),
	};

	if (lives_create("test_ntb_epf_fuzz") != 0)
		return EXIT_FAILURE;
	if (argc == 2) {
		fuzz_seed = strtoull(argv[1], NULL, 10);
		return cmocka_run_group_tests(one, NULL, NULL);
	}
	/* Refusals of forged things are many. */
	rte_log_set_level(ntb_epf_logtype, RTE_LOG_CRIT);
	return cmocka_run_group_tests(all, NULL, NULL);
}
