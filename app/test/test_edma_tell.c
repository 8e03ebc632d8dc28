/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What the model tells its owner of elements, on all maps.
 */

#include "edma_model_env.h"

#define MAX_TOLD 16

static struct edma_element told[MAX_TOLD];
static unsigned int told_cnt;

static void
tell(void *ctx, const struct edma_element *elem)
{
	(void)ctx;
	assert_true(told_cnt < MAX_TOLD);
	told[told_cnt++] = *elem;
}

static const struct edma_bus tell_bus = { .map = env_map, .imwr = env_imwr, .element = tell };

static int
setup_tell(void **state)
{
	setup(state);
	env_create(*state, WR_CNT, RD_CNT, &tell_bus);
	told_cnt = 0;
	return 0;
}

static void
expect(unsigned int i, uint64_t at, uint32_t size, uint32_t from, uint32_t to, enum edma_end end)
{
	assert_true(i < told_cnt);
	assert_int_equal(told[i].at, at);
	assert_int_equal(told[i].size, size);
	assert_int_equal(told[i].told, from);
	assert_int_equal(told[i].moved, to);
	assert_int_equal(told[i].end, end);
}

static void
test_list(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		told_cnt = 0;
		put_data(e, dir, LIST(0), 0x09, 100, 1);
		put_data(e, dir, LIST(0) + 24, 0x01, 65537, 2);
		put_link(e, LIST(0) + 48, 0x06, LIST(1));
		put_data(e, dir, LIST(1), 0x01, 1, 0);
		prepare(e, dir, 2, 0x300 | 3u << 12, LIST(0));
		ring(e, dir, 2);
		run(e);
		assert_int_equal(told_cnt, 4);
		expect(0, LIST(0), 100, 0, 100, EDMA_END_DONE);
		expect(1, LIST(0) + 24, 65537, 0, 65536, EDMA_END_NOT_YET);
		expect(2, LIST(0) + 24, 65537, 65536, 65537, EDMA_END_DONE);
		expect(3, LIST(0) + 48, 0, 0, 0, EDMA_END_DONE);
		assert_int_equal(told[0].dir, dir);
		assert_int_equal(told[0].ch, 2);
		assert_int_equal(told[0].fn, 3);
		assert_int_equal(told[0].control, LLE | CCS | 0x09);
		assert_int_equal(told[2].control, LLE | CCS | 0x01);
		assert_int_equal(told[3].control, LLE | 0x06);
		assert_int_equal(told[1].sar, (dir == WR ? LOCAL_DATA : PCIE_DATA) + 2);
		assert_int_equal(told[1].dar, (dir == WR ? PCIE_DATA : LOCAL_DATA) + 2);
		assert_int_equal(told[3].sar, LIST(1));
	}
}

/* A block has no address, also when there was a list before. */
static void
test_block(void **state)
{
	struct env *e = *state;

	put_data(e, WR, LIST(0), 0x01, 100, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	run(e);
	set_control(e, WR, 0, 1u << 12);
	cput(e, WR, 0, SIZE, 70000);
	cput64(e, WR, 0, SAR, LOCAL_DATA);
	cput64(e, WR, 0, DAR, PCIE_DATA);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(told_cnt, 3);
	expect(1, 0, 70000, 0, 65536, EDMA_END_NOT_YET);
	expect(2, 0, 70000, 65536, 70000, EDMA_END_DONE);
	assert_int_equal(told[1].fn, 1);
	assert_int_equal(told[1].control & LLE, 0);
}

static void
test_no_data(void **state)
{
	struct edma_switches sw = { .no_data = true };
	struct env *e = *state;

	edma_model_set_switches(e->m, &sw);
	prepare_long(e, RD, 0);
	ring(e, RD, 0);
	run(e);
	assert_int_equal(told_cnt, 6);
	expect(0, LIST(0), 150000, 0, 0, EDMA_END_NOT_YET);
	expect(2, LIST(0), 150000, 0, 0, EDMA_END_DONE);
	expect(5, LIST(0) + 24, 150000, 0, 0, EDMA_END_DONE);
	/* Changed in the middle of an element. */
	prepare_long(e, RD, 1);
	ring(e, RD, 1);
	steps(e, 1);
	sw.no_data = false;
	edma_model_set_switches(e->m, &sw);
	steps(e, 1);
	expect(7, LIST(1), 150000, 65536, 131072, EDMA_END_NOT_YET);
	sw.no_data = true;
	edma_model_set_switches(e->m, &sw);
	steps(e, 1);
	expect(8, LIST(1), 150000, 0, 0, EDMA_END_DONE);
}

/* An element that is not done is shown as it began, whenever it ended. */
static void
test_aborts(void **state)
{
	static const struct {
		uint64_t good;    /* bytes before the bad one */
		uint32_t told;    /* when it was told of last */
	} rows[] = { { 0, 0 }, { 60000, 0 }, { 70000, 65536 }, { 140000, 131072 } };
	struct env *e = *state;
	unsigned int i, dir;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		dir = i % 2;
		told_cnt = 0;
		e->deny_first = (dir == WR ? LOCAL_DATA : PCIE_DATA) + 8 + rows[i / 2].good;
		e->deny_last = e->deny_first;
		disable(e, dir, 1);
		put_data(e, dir, LIST(0), 0x01, 8, 0);
		put_data(e, dir, LIST(0) + 24, 0x01, 150000, 8);
		prepare(e, dir, 1, 0x300, LIST(0));
		ring(e, dir, 1);
		run(e);
		assert_int_equal(told[0].end, EDMA_END_DONE);
		expect(told_cnt - 1, LIST(0) + 24, 150000, rows[i / 2].told,
		       (uint32_t)rows[i / 2].good, EDMA_END_ABORTED);
		assert_int_equal(told[told_cnt - 1].fault,
				 dir == WR ? EDMA_FAULT_LOCAL : EDMA_FAULT_UR);
		assert_int_equal(cget(e, dir, 1, SIZE), 150000);
		assert_int_equal(cget64(e, dir, 1, dir == WR ? SAR : DAR), LOCAL_DATA + 8);
		assert_int_equal(cget64(e, dir, 1, dir == WR ? DAR : SAR), PCIE_DATA + 8);
		assert_int_equal(llp(e, dir, 1), LIST(0) + 24);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list, setup_tell, teardown),
		cmocka_unit_test_setup_teardown(test_block, setup_tell, teardown),
		cmocka_unit_test_setup_teardown(test_no_data, setup_tell, teardown),
		cmocka_unit_test_setup_teardown(test_aborts, setup_tell, teardown),
	};

	return run_on_map(LEGACY, "edma_tell, legacy", tests, ARRAY_SIZE(tests)) +
	       run_on_map(UNROLL, "edma_tell, unroll", tests, ARRAY_SIZE(tests)) +
	       run_on_map(COMPAT, "edma_tell, HDMA compatible", tests, ARRAY_SIZE(tests)) +
	       run_on_map(NATIVE, "edma_tell, HDMA native", tests, ARRAY_SIZE(tests));
}
