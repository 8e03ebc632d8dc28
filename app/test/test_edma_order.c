/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Which channel of the model works when, on every register map.
 */

#include "edma_model_env.h"

static void
test_round_robin(void **state)
{
	struct env *e = *state;
	unsigned int i, n, ch;

	for (i = 0; i < WR_CNT + RD_CNT; i++) {
		const enum edma_dir dir = i < WR_CNT ? WR : RD;

		ch = i < WR_CNT ? i : i - WR_CNT;
		for (n = 0; n < 20; n++)
			put_data(e, dir, LIST(i) + 24 * n, 0x01, i == 2 ? 70000 : 64, i * 1000);
		put_data(e, dir, LIST(i) + 24 * n, 0x00, 64, 0);
		prepare(e, dir, ch, 0x300, LIST(i));
		ring(e, dir, ch);
	}
	for (n = 1; n <= 20; n++) {
		steps(e, WR_CNT + RD_CNT);
		for (i = 0; i < WR_CNT + RD_CNT; i++)
			assert_int_equal(edma_model_counters(e->m, i < WR_CNT ? WR : RD,
							     i < WR_CNT ? i : i - WR_CNT)->elements,
					 i == 2 ? n / 2 : n);
	}
	run(e);
}

/* A weight of w means w + 1 elements in a turn, for as long as there are that many. */
static void
test_weights(void **state)
{
	static const uint32_t regs[2][2] = { { 0x018, 0x01c }, { 0x038, 0x03c } };
	static const unsigned int weight[8] = { 0, 1, 2, 31, 4, 0, 3, 7 };
	unsigned int dir, ch, i, lap;
	struct env *e = *state;

	env_create(e, 8, 8, &env_bus);
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < 2; i++)
			put(e, regs[dir][i],
			    weight[4 * i] | weight[4 * i + 1] << 5 | weight[4 * i + 2] << 10 |
			    weight[4 * i + 3] << 15);
		for (ch = 0; ch < 8; ch++) {
			/* Channel 3 has fewer elements than a turn is long. */
			for (i = 0; i < (ch == 3 ? 5 : 40); i++)
				put_data(e, dir, LIST(8 * dir + ch) + 24 * i, 0x01, 8, 0);
			put_data(e, dir, LIST(8 * dir + ch) + 24 * i, 0x00, 8, 0);
			prepare(e, dir, ch, 0x300, LIST(8 * dir + ch));
			ring(e, dir, ch);
		}
	}
	for (lap = 1; lap <= 4; lap++) {
		for (dir = 0; dir < 2; dir++) {
			for (ch = 0; ch < 8; ch++) {
				/* Five elements, the sight of the end, and the stop. */
				steps(e, ch != 3 ? weight[ch] + 1 : lap == 1 ? 7 : 0);
				assert_int_equal(edma_model_counters(e->m, dir, ch)->elements,
						 ch == 3 ? 5 : lap * (weight[ch] + 1));
			}
		}
	}
	/* Power-on is one each again. */
	edma_model_reset(e->m);
	edma_model_clear_counters(e->m);
	for (ch = 1; ch < 3; ch++) {
		prepare(e, WR, ch, 0x300, LIST(ch));
		ring(e, WR, ch);
	}
	for (i = 1; i < 5; i++) {
		steps(e, 1);
		assert_int_equal(edma_model_counters(e->m, WR, 1)->elements, i);
		steps(e, 1);
		assert_int_equal(edma_model_counters(e->m, WR, 2)->elements, i);
	}
}

/* Channel of each of the first steps of five channels whose elements take several steps each. */
static void
record_order(struct env *e, unsigned int shuffle, unsigned int *order, unsigned int cnt)
{
	const struct edma_switches sw = { .shuffle = shuffle };
	uint64_t before[5], now;
	unsigned int i, ch;

	env_create(e, WR_CNT, RD_CNT, &env_bus);
	edma_model_set_switches(e->m, &sw);
	for (ch = 0; ch < ARRAY_SIZE(before); ch++) {
		before[ch] = 0;
		put_data(e, ch % 2, LIST(ch), 0x01, 0x70000, 0);
		put_link(e, LIST(ch) + 24, 0x05, LIST(ch));
		prepare(e, ch % 2, ch / 2, 0x300, LIST(ch));
		ring(e, ch % 2, ch / 2);
	}
	for (i = 0; i < cnt; i++) {
		steps(e, 1);
		order[i] = UINT32_MAX;
		for (ch = 0; ch < ARRAY_SIZE(before); ch++) {
			now = edma_model_counters(e->m, ch % 2, ch / 2)->bytes +
			      edma_model_counters(e->m, ch % 2, ch / 2)->laps;
			if (now != before[ch])
				order[i] = ch;
			before[ch] = now;
		}
	}
}

/* Any order, every channel, and the same order from the same start. */
static void
test_shuffle(void **state)
{
	enum { STEPS = 200 };
	unsigned int order[4][STEPS], n[5], i, k, again;
	struct env *e = *state;

	for (k = 0; k < 4; k++)
		record_order(e, k % 3, order[k], STEPS);
	assert_memory_equal(order[0], order[3], sizeof(order[0]));
	assert_memory_not_equal(order[1], order[2], sizeof(order[1]));
	record_order(e, 1, order[3], STEPS);
	assert_memory_equal(order[1], order[3], sizeof(order[0]));
	for (k = 0; k < 3; k++) {
		memset(n, 0, sizeof(n));
		again = 0;
		for (i = 0; i < STEPS; i++) {
			assert_in_range(order[k][i], 0, 4);
			n[order[k][i]]++;
			again += i > 0 && order[k][i] == order[k][i - 1];
		}
		for (i = 0; i < 5; i++)
			assert_in_range(n[i], k == 0 ? 40 : 20, k == 0 ? 40 : 60);
		/* In turn nobody is next to himself; by chance in a fifth of all cases. */
		assert_in_range(again, k == 0 ? 0 : 20, k == 0 ? 0 : 60);
	}
}

/* Whatever the order between channels, a channel keeps its own. */
static void
test_shuffle_data(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .shuffle = 1 };
	unsigned int ch, k;

	for (; sw.shuffle < 20; sw.shuffle++) {
		env_create(e, WR_CNT, RD_CNT, &env_bus);
		edma_model_set_switches(e->m, &sw);
		wipe_dst(e, RD);
		for (ch = 0; ch < RD_CNT; ch++) {
			/* All to one place: what the last one leaves there stays. */
			for (k = 0; k < 8; k++)
				put_elem(e, LIST(ch) + 24 * k, 0x01, 100,
					 PCIE_DATA + 1000 * ch + 100 * k,
					 LOCAL_DATA + 1000 * ch);
			put_link(e, LIST(ch) + 24 * k, 0x06, LIST(ch));
			prepare(e, RD, ch, 0x300, LIST(ch));
			ring(e, RD, ch);
		}
		run(e);
		for (ch = 0; ch < RD_CNT; ch++) {
			assert_memory_equal(e->local + 0x10000 + 1000 * ch,
					    e->pcie + 0x10000 + 1000 * ch + 700, 100);
			assert_int_equal(edma_model_counters(e->m, RD, ch)->elements, 8);
		}
		expect_violations(e, 0);
	}
}

/* A step for each channel that is inside an element, and for no other. */
static void
test_settle(void **state)
{
	struct env *e = *state;
	unsigned int ch;

	edma_model_settle(e->m);
	for (ch = 0; ch < 3; ch++) {
		prepare_long(e, ch % 2, ch);
		ring(e, ch % 2, ch);
	}
	put_data(e, WR, LIST(3), 0x01, 64, 0);
	prepare(e, WR, 3, 0x300, LIST(3));
	steps(e, 3);
	ring(e, WR, 3);
	assert_true(edma_model_in_element(e->m, -1));
	edma_model_settle(e->m);
	for (ch = 0; ch < 3; ch++)
		assert_int_equal(edma_model_counters(e->m, ch % 2, ch)->bytes, 2 * 65536);
	assert_int_equal(edma_model_counters(e->m, WR, 3)->elements, 0);
	/* Memory gone: out of the element. */
	e->deny_first = LOCAL_DATA;
	e->deny_last = LOCAL_DATA + 0x70000;
	edma_model_settle(e->m);
	assert_false(edma_model_in_element(e->m, -1));
	for (ch = 0; ch < 3; ch++)
		assert_int_equal(cs(e, ch % 2, ch), 2);
	deny_nothing(e);
	/* A soft reset that waited for it is over. */
	prepare_long(e, WR, 3);
	edma_model_reset(e->m);
	prepare_long(e, WR, 3);
	ring(e, WR, 3);
	steps(e, 1);
	disable(e, WR, 3);
	assert_int_equal(get(e, enable_reg(WR, 3)), 1);
	edma_model_settle(e->m);
	assert_int_equal(get(e, enable_reg(WR, 3)), 0);
	assert_false(edma_model_busy(e->m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_round_robin), T(test_shuffle), T(test_shuffle_data), T(test_settle),
	};

	const struct CMUnitTest edma[] = {
		T(test_weights),
	};

	return run_on_map(LEGACY, "edma_order, legacy: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(UNROLL, "edma_order, unroll: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(COMPAT, "edma_order, HDMA compatible: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(LEGACY, "edma_order, legacy", tests, ARRAY_SIZE(tests)) +
	       run_on_map(UNROLL, "edma_order, unroll", tests, ARRAY_SIZE(tests)) +
	       run_on_map(COMPAT, "edma_order, HDMA compatible", tests, ARRAY_SIZE(tests)) +
	       run_on_map(NATIVE, "edma_order, HDMA native", tests, ARRAY_SIZE(tests));
}
