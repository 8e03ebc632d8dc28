/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What the model's channels see of list memory: stores that become visible late, and slots whose
 * control word is not the last to be written. On every register map.
 */

#include "edma_model_env.h"

static void
set_late(struct env *e, unsigned int steps)
{
	const struct edma_switches sw = { .late_list = steps };

	edma_model_set_switches(e->m, &sw);
}

static void
set_torn(struct env *e, unsigned int steps)
{
	const struct edma_switches sw = { .torn_list = steps };

	edma_model_set_switches(e->m, &sw);
}

static uint64_t
elements(const struct env *e, enum edma_dir dir, unsigned int ch)
{
	return edma_model_counters(e->m, dir, ch)->elements;
}

/* The order that the hardware wants: control word last. */
static void
put_control(struct env *e, uint64_t at, uint32_t control)
{
	memcpy(e->local + (at - LOCAL_BASE), &control, sizeof(control));
}

/* Late stores ---------------------------------------------------------------------------------- */

/* Nothing is there at first; doorbells by which the channel goes on use up the time. */
static void
test_late_first(void **state)
{
	struct env *e = *state;
	unsigned int late, dir, n;

	for (late = 1; late < 9; late++) {
		for (dir = 0; dir < 2; dir++) {
			env_create(e, WR_CNT, RD_CNT, &env_bus);
			set_late(e, late);
			wipe_dst(e, dir);
			put_data(e, dir, LIST(1), 0x01, 100, 0);
			put_link(e, LIST(1) + 24, 0x06, LIST(1));
			prepare(e, dir, 1, 0x300, LIST(1));
			for (n = 1; n < 2 + (late + 1) / 2; n++) {
				assert_int_equal(elements(e, dir, 1), 0);
				assert_int_equal(llp(e, dir, 1), LIST(1));
				ring(e, dir, 1);
				run(e);
				assert_int_equal(cs(e, dir, 1), 3);
			}
			assert_int_equal(elements(e, dir, 1), 1);
			assert_true(moved(e, 0, 100));
			expect_violations(e, 0);
		}
	}
}

/* The time counts in steps of the channel, and only from a doorbell that was not early already. */
static void
test_late_time(void **state)
{
	struct env *e = *state;
	const struct edma_switches slow = { .late_list = 4, .doorbell_delay = 3 };
	const struct edma_switches slower = { .late_list = 4, .doorbell_delay = 4 };

	edma_model_set_switches(e->m, &slow);
	put_data(e, WR, LIST(0), 0x01, 100, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	/* Another channel's steps do not count. */
	prepare_long(e, WR, 1);
	ring(e, WR, 0);
	steps(e, 3);
	ring(e, WR, 1);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 0);
	edma_model_set_switches(e->m, &slower);
	edma_model_reset(e->m);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 1);
	expect_violations(e, 0);
}

/* What a channel has seen stays seen when later stores are late. */
static void
test_late_ahead(void **state)
{
	struct env *e = *state;
	const uint64_t list = LIST(2);
	unsigned int i;

	set_late(e, 6);
	for (i = 0; i < 3; i++)
		put_data(e, WR, list + 24 * i, 0x01, 100, 100 * i);
	prepare(e, WR, 2, 0x300, list);
	for (i = 0; i < 3; i++) {
		ring(e, WR, 2);
		run(e);
	}
	assert_int_equal(elements(e, WR, 2), 0);
	/* Visible now. One more, and its doorbell: that one element is late. */
	put_data(e, WR, list + 72, 0x01, 100, 300);
	ring(e, WR, 2);
	run(e);
	assert_int_equal(elements(e, WR, 2), 3);
	assert_int_equal(llp(e, WR, 2), list + 72);
	for (i = 0; i < 2; i++) {
		ring(e, WR, 2);
		run(e);
		assert_int_equal(elements(e, WR, 2), 3 + i);
	}
	/* The same when the time ends inside an element. */
	put_data(e, WR, list + 96, 0x01, 0x28000, 400);
	put_data(e, WR, list + 120, 0x01, 100, 0x20000);
	edma_model_flush_lists(e->m);
	ring(e, WR, 2);
	steps(e, 1);
	assert_true(edma_model_in_element(e->m, -1));
	set_late(e, 1);
	ring(e, WR, 2);
	steps(e, 1);
	put_data(e, WR, list + 144, 0x01, 100, 0x21000);
	set_late(e, 1000);
	ring(e, WR, 2);
	run(e);
	assert_int_equal(elements(e, WR, 2), 7);
	expect_violations(e, 0);
}

/* What is seen ahead goes over links, into the next lap, and is counted right. */
static void
test_late_laps(void **state)
{
	struct env *e = *state;
	const struct edma_switches torn = { .late_list = 2, .torn_list = 3 };
	const uint64_t list = LIST(0);
	unsigned int i;

	/* One link and an element behind it, which is of the next lap. */
	set_late(e, 1000);
	put_data(e, WR, list, 0x01, 100, 0);
	put_link(e, list + 24, 0x06, list + 480);
	for (i = 0; i < 6; i++)
		put_data(e, WR, list + 480 + 24 * i, i < 4 ? 0x00 : 0x01, 100, 0);
	prepare(e, WR, 0, 0x300, list);
	edma_model_flush_lists(e->m);
	ring(e, WR, 0);
	steps(e, 1);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 5);
	/* The time ends between two elements of those that are known. */
	edma_model_reset(e->m);
	prepare(e, WR, 0, LLE, list + 480);
	edma_model_flush_lists(e->m);
	ring(e, WR, 0);
	steps(e, 1);
	set_late(e, 1);
	ring(e, WR, 0);
	steps(e, 1);
	put_data(e, WR, list + 480 + 96, 0x00, 100, 0);
	run(e);
	assert_int_equal(llp(e, WR, 0), list + 480 + 120);
	/* The time ends while an element is held back. */
	edma_model_reset(e->m);
	edma_model_set_switches(e->m, &torn);
	put_data(e, WR, list + 480 + 48, 0x01, 100, 0);
	prepare(e, WR, 0, LLE, list + 480);
	edma_model_flush_lists(e->m);
	ring(e, WR, 0);
	steps(e, 1);
	ring(e, WR, 0);
	steps(e, 2);
	put_data(e, WR, list + 480 + 48, 0x00, 100, 0);
	set_late(e, 1000);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(llp(e, WR, 0), list + 480 + 120);
	expect_violations(e, 0);
}

/* A pointer to another place makes nothing that was seen hold for what is there. */
static void
test_late_elsewhere(void **state)
{
	struct env *e = *state;
	const struct edma_switches sw = { .torn_list = 1, .stop_delay = 3 };
	unsigned int i;

	set_late(e, 2);
	put_data(e, WR, LIST(0), 0x01, 100, 0);
	put_data(e, WR, LIST(1), 0x01, 200, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	run(e);
	cput64(e, WR, 0, LLP, LIST(1));
	for (i = 0; i < 2; i++) {
		assert_int_equal(elements(e, WR, 0), 0);
		ring(e, WR, 0);
		run(e);
	}
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 200);
	/* The same for what was seen on the way to the stop. */
	edma_model_set_switches(e->m, &sw);
	put_data(e, WR, LIST(1) + 24, 0x00, 50, 0);
	ring(e, WR, 0);
	steps(e, 2);
	put_data(e, WR, LIST(1) + 24, 0x01, 50, 0);
	run(e);
	cput64(e, WR, 0, LLP, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 300);
	expect_violations(e, 0);
}

/* A list over the one before it, as Linux writes it: its old elements, if nothing is flushed. */
static void
test_late_overwritten(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .late_list = 6 };
	unsigned int flush, i, n;

	for (flush = 0; flush < 3; flush++) {
		env_create(e, WR_CNT, RD_CNT, &env_bus);
		/* An old element is not a torn one in addition. */
		sw.torn_list = flush == 2 ? 1 : 0;
		sw.late_list = flush == 2 ? 12 : 6;
		edma_model_set_switches(e->m, &sw);
		for (n = 0; n < 2; n++) {
			wipe_dst(e, RD);
			for (i = 0; i < 4; i++)
				put_data(e, RD, LIST(0) + 24 * i, 0x01, 50, 10000 * n + 50 * i);
			put_link(e, LIST(0) + 96, 0x06, LIST(0));
			prepare(e, RD, 0, 0x300, LIST(0));
			if (n == 0 || flush == 1)
				edma_model_flush_lists(e->m);
			ring(e, RD, 0);
			run(e);
			assert_int_equal(elements(e, RD, 0), 4 * (n + 1));
			assert_int_equal(moved(e, 10000 * n, 200), n == 0 || flush == 1);
		}
		assert_int_equal(moved(e, 0, 200), flush != 1);
		expect_violations(e, flush != 1 ? 4 : 0);
	}
}

/* A flush ends what is late at the moment, and counts for one doorbell of each channel. */
static void
test_late_flushed(void **state)
{
	struct env *e = *state;
	unsigned int ch;

	set_late(e, 100);
	for (ch = 0; ch < 2; ch++) {
		put_data(e, WR, LIST(ch), 0x01, 100, 0);
		put_link(e, LIST(ch) + 24, 0x06, LIST(ch));
		prepare(e, WR, ch, 0x300, LIST(ch));
	}
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 0);
	edma_model_flush_lists(e->m);
	for (ch = 0; ch < 2; ch++) {
		ring(e, WR, ch);
		run(e);
		assert_int_equal(elements(e, WR, ch), 1);
		put_data(e, WR, LIST(ch), 0x00, 100, 0);
		put_link(e, LIST(ch) + 24, 0x07, LIST(ch));
		ring(e, WR, ch);
		run(e);
		assert_int_equal(elements(e, WR, ch), 1);
	}
	/* While the channel runs nothing is late either, up to the next doorbell. */
	edma_model_flush_lists(e->m);
	ring(e, WR, 0);
	steps(e, 2);
	put_data(e, WR, LIST(0), 0x01, 100, 0);
	put_link(e, LIST(0) + 24, 0x06, LIST(0));
	steps(e, 2);
	put_data(e, WR, LIST(0), 0x00, 100, 0);
	put_link(e, LIST(0) + 24, 0x07, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 3);
	/* The switch off: as ever. */
	set_late(e, 0);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 4);
	expect_violations(e, 0);
}

/* A channel in CCS 0 takes nothing for an element where it has never looked. */
static void
test_late_unseen(void **state)
{
	struct env *e = *state;

	set_late(e, 10);
	memset(e->local, 0, 0x1000);
	prepare(e, WR, 0, LLE, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_int_equal(elements(e, WR, 0), 0);
	assert_int_equal(llp(e, WR, 0), LIST(0));
	/* Memory that is gone is an abort at once. */
	e->deny_first = LIST(0);
	e->deny_last = LIST(0) + 3;
	ring(e, WR, 0);
	run(e);
	assert_int_equal(cs(e, WR, 0), 2);
	expect_violations(e, 0);
}

/*
 * A ring that is extended while it runs, by a producer that writes control words last and rings
 * again when it finds the channel stopped with work pending: nothing is lost, done twice or stale.
 */
static void
run_ring(struct env *e, enum edma_dir dir, unsigned int slots, unsigned int seed)
{
	enum { TOTAL = 300 };
	const uint64_t base = LIST(3);
	unsigned int head = 0, guard = 0, batch, i, done;
	uint32_t lap = 1, random = seed;

	prepare(e, dir, 2, 0x300, base);
	while (elements(e, dir, 2) < TOTAL) {
		random = random * 1664525 + 1013904223;
		done = (unsigned int)elements(e, dir, 2);
		batch = 1 + (random >> 16) % 3;
		for (i = 0; i < batch && head < TOTAL && head - done < slots - 1; i++) {
			if (head % slots == slots - 1)
				put_link(e, base + 24 * slots, 0x06 | (lap ^ 1), base);
			put_data(e, dir, base + 24 * (head % slots), lap, 8 + head % 90,
				 head * 100);
			lap ^= ++head % slots == 0;
		}
		if (i != 0 || (cs(e, dir, 2) != 1 && head != done))
			ring(e, dir, 2);
		for (i = (random >> 24) % 8; i > 0; i--)
			edma_model_step(e->m);
		assert_true(guard++ < 100000);
	}
	run(e);
	for (head = 0; head < TOTAL; head++)
		assert_true(moved(e, head * 100, 8 + head % 90));
	assert_int_equal(llp(e, dir, 2), base + 24 * (TOTAL % slots));
	assert_int_equal(edma_model_counters(e->m, dir, 2)->laps, TOTAL / slots);
	assert_int_equal(elements(e, dir, 2), TOTAL);
	expect_violations(e, 0);
}

static void
test_late_ring(void **state)
{
	static const unsigned int late[] = { 0, 1, 2, 3, 7, 20, 1000 };
	struct env *e = *state;
	unsigned int i, dir, seed, slots;

	for (i = 0; i < ARRAY_SIZE(late); i++) {
		for (seed = 0; seed < 8; seed++) {
			const struct edma_switches sw = {
				.late_list = late[i],
				.torn_list = seed % 4 == 3 ? 2 : 0,
				.stop_delay = seed % 3,
				.lose_doorbell = seed % 2 != 0,
				.llp_at_fetch = seed / 4 != 0,
			};

			dir = seed % 2;
			slots = 3 + seed;
			env_create(e, WR_CNT, RD_CNT, &env_bus);
			edma_model_set_switches(e->m, &sw);
			memset(e->local, 0, 0x10000);
			wipe_dst(e, dir);
			run_ring(e, dir, slots, 1 + seed + 100 * i);
		}
	}
}

/* Lists that are longer than what a channel remembers, and far apart slots that share a place. */
static void
test_late_long(void **state)
{
	enum { SLOTS = 2500 };
	struct env *e = *state;
	unsigned int i;

	set_late(e, 3);
	for (i = 0; i < SLOTS; i++)
		put_data(e, WR, LIST(0) + 24 * i, 0x01, 1, 0x60000 - 0x10000 + i);
	put_link(e, LIST(0) + 24 * i, 0x06, LIST(0));
	put_link(e, LOCAL_BASE + 0x20000, 0x05, LOCAL_BASE + 0x40000);
	put_link(e, LOCAL_BASE + 0x40000, 0x05, LIST(0));
	prepare(e, WR, 0, 0x300, LOCAL_BASE + 0x20000);
	for (i = 0; i < 3; i++) {
		ring(e, WR, 0);
		run(e);
	}
	assert_int_equal(elements(e, WR, 0), SLOTS);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->laps, 3);
	expect_violations(e, 0);
}

/* Torn slots ----------------------------------------------------------------------------------- */

static void
test_torn(void **state)
{
	enum what { NOTHING, SIZE_, SOURCE, TARGET, CONTROL };
	struct env *e = *state;
	unsigned int what, dir, late;

	for (what = NOTHING; what <= CONTROL; what++) {
		for (dir = 0; dir < 2; dir++) {
			late = 1 + what;
			env_create(e, WR_CNT, RD_CNT, &env_bus);
			set_torn(e, late);
			wipe_dst(e, dir);
			put_data(e, dir, LIST(0), 0x01, 100, 0);
			put_link(e, LIST(0) + 24, 0x00, 0);
			prepare(e, dir, 0, 0x300, LIST(0));
			ring(e, dir, 0);
			steps(e, late);
			assert_int_equal(elements(e, dir, 0), 0);
			assert_int_equal(llp(e, dir, 0), LIST(0));
			put_elem(e, LIST(0), what == CONTROL ? 0x09 : 0x01,
				 100 + 4 * (what == SIZE_ || what == CONTROL),
				 (dir == WR ? LOCAL_DATA : PCIE_DATA) + 4 * (what == SOURCE),
				 (dir == WR ? PCIE_DATA : LOCAL_DATA) + 4 * (what == TARGET));
			steps(e, 1);
			/* As it was first seen. */
			assert_int_equal(elements(e, dir, 0), 1);
			assert_true(moved(e, 0, 100));
			assert_false(moved(e, 100, 1));
			expect_violations(e, what == SIZE_ || what == SOURCE || what == TARGET);
			run(e);
			assert_int_equal(llp(e, dir, 0), LIST(0) + 24);
		}
	}
}

/* Of a link only the pointer counts; and a stop in between leaves nothing behind. */
static void
test_torn_link(void **state)
{
	struct env *e = *state;

	set_torn(e, 2);
	put_elem(e, LIST(0), 0x05, 1, LIST(1), 2);
	put_elem(e, LIST(1), 0x05, 1, LIST(2), 2);
	put_elem(e, LIST(2), 0x00, 0, 0, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	steps(e, 2);
	put_elem(e, LIST(0), 0x05, 3, LIST(1), 4);
	steps(e, 1);
	assert_int_equal(llp(e, WR, 0), LIST(1));
	expect_violations(e, 0);
	steps(e, 2);
	put_elem(e, LIST(1), 0x05, 1, LIST(3), 2);
	steps(e, 1);
	assert_int_equal(llp(e, WR, 0), LIST(2));
	expect_violations(e, 1);
	run(e);

	put_elem(e, LIST(2), 0x01, 100, LOCAL_DATA, PCIE_DATA);
	ring(e, WR, 0);
	steps(e, 1);
	ring_stop(e, WR, 0);
	disable(e, WR, 0);
	put_elem(e, LIST(2), 0x01, 10, LOCAL_DATA, PCIE_DATA);
	put_link(e, LIST(2) + 24, 0x00, 0);
	prepare(e, WR, 0, 0x300, LIST(2));
	ring(e, WR, 0);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 10);
	expect_violations(e, 0);
}

/* A channel that is about to stop sees what comes first. */
static void
test_torn_stopping(void **state)
{
	struct env *e = *state;
	const struct edma_switches sw = { .torn_list = 1, .stop_delay = 10 };
	unsigned int last;

	for (last = 0; last < 2; last++) {
		env_create(e, WR_CNT, RD_CNT, &env_bus);
		edma_model_set_switches(e->m, &sw);
		wipe_dst(e, WR);
		put_elem(e, LIST(0), 0x00, 50, LOCAL_DATA, PCIE_DATA);
		put_link(e, LIST(0) + 24, 0x00, 0);
		prepare(e, WR, 0, 0x300, LIST(0));
		ring(e, WR, 0);
		steps(e, 3);
		if (last == 0) {
			put_control(e, LIST(0), 0x01);
			steps(e, 1);
		}
		put_elem(e, LIST(0), last == 0 ? 0x01 : 0x00, 100, LOCAL_DATA, PCIE_DATA);
		steps(e, 1);
		put_control(e, LIST(0), 0x01);
		steps(e, 1);
		ring(e, WR, 0);
		run(e);
		assert_int_equal(elements(e, WR, 0), 1);
		assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, last == 0 ? 50 : 100);
		expect_violations(e, last == 0);
	}
}

/* Stores that the owner sees are judged one by one, without luck. */
static void
test_torn_told(void **state)
{
	enum { RUNNING, MOVING, HELD, PHASES };
	static const struct {
		uint64_t offset;
		unsigned int violations;
	} rows[] = {
		{ 0, 0 }, { 4, 1 }, { 8, 1 }, { 23, 1 },         /* the next element */
		{ 24, 0 }, { 28, 1 },                            /* a link, toggling */
		{ 0x100, 0 }, { 0x108, 1 }, { 0x114, 1 },        /* in the next lap */
		{ 0x118, 0 }, { 0x11c, 0 }, { 0x120, 0 },        /* not handed over */
		{ 48, 0 }, { 52, 0 }, { 0x134, 0 },              /* not on the way */
	};
	struct env *e = *state;
	unsigned int i, phase;

	for (phase = RUNNING; phase < PHASES; phase++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			env_create(e, WR_CNT, RD_CNT, &env_bus);
			put_data(e, WR, LIST(0), 0x01, 150000, 0);
			put_link(e, LIST(0) + 24, 0x06, LIST(0) + 0x100);
			put_data(e, WR, LIST(0) + 48, 0x01, 100, 0);
			put_data(e, WR, LIST(0) + 0x100, 0x00, 100, 0);
			put_data(e, WR, LIST(0) + 0x118, 0x01, 100, 0);
			prepare(e, WR, 0, 0x300, LIST(0));
			/* Without the switch, and while the channel is idle, nothing is said. */
			edma_model_list_written(e->m, LIST(0) + rows[i].offset);
			set_torn(e, 5);
			edma_model_list_written(e->m, LIST(0) + rows[i].offset);
			expect_violations(e, 0);
			ring(e, WR, 0);
			steps(e, phase == MOVING ? 6 : phase == HELD ? 3 : 0);
			assert_int_equal(edma_model_in_element(e->m, -1), phase == MOVING);
			edma_model_list_written(e->m, LIST(0) + rows[i].offset);
			expect_violations(e, rows[i].violations);
			set_torn(e, 0);
			edma_model_list_written(e->m, LIST(0) + rows[i].offset);
			expect_violations(e, 0);
		}
	}
	/* Links that lead nowhere but to themselves have an end here. */
	put_link(e, LIST(1), 0x05, LIST(1));
	prepare(e, WR, 1, 0x300, LIST(1));
	ring(e, WR, 1);
	set_torn(e, 1);
	edma_model_list_written(e->m, LIST(2) + 4);
	expect_violations(e, 0);
	/* What was flushed does not cover a store after it. */
	env_create(e, WR_CNT, RD_CNT, &env_bus);
	set_late(e, 10);
	put_data(e, WR, LIST(0), 0x01, 100, 0);
	put_link(e, LIST(0) + 24, 0x06, LIST(0));
	prepare(e, WR, 0, 0x300, LIST(0));
	edma_model_flush_lists(e->m);
	edma_model_list_written(e->m, LIST(0));
	ring(e, WR, 0);
	edma_model_list_written(e->m, LIST(0) + 4);
	run(e);
	assert_int_equal(elements(e, WR, 0), 0);
	edma_model_flush_lists(e->m);
	put_data(e, WR, LIST(0), 0x00, 100, 0);
	edma_model_list_written(e->m, LIST(0));
	set_late(e, 1000);
	ring(e, WR, 0);
	run(e);
	/* The first is visible, the second, in the next lap, is not. */
	assert_int_equal(elements(e, WR, 0), 1);
	expect_violations(e, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_late_first), T(test_late_time), T(test_late_ahead),
		T(test_late_laps), T(test_late_elsewhere),
		T(test_late_overwritten), T(test_late_flushed), T(test_late_unseen),
		T(test_late_ring), T(test_late_long), T(test_torn), T(test_torn_link),
		T(test_torn_stopping), T(test_torn_told),
	};

	return run_on_map(LEGACY, "edma_list, legacy", tests, ARRAY_SIZE(tests)) +
	       run_on_map(UNROLL, "edma_list, unroll", tests, ARRAY_SIZE(tests)) +
	       run_on_map(COMPAT, "edma_list, HDMA compatible", tests, ARRAY_SIZE(tests)) +
	       run_on_map(NATIVE, "edma_list, HDMA native", tests, ARRAY_SIZE(tests));
}
