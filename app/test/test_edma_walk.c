/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * How the model walks linked lists and moves data, on every register map.
 */

#include "edma_model_env.h"

/* Cycle bit ------------------------------------------------------------------------------------ */

static void
test_cycle_table(void **state)
{
	enum action { RUN, HALT, JUMP, TOGGLE };
	static const struct {
		uint32_t control;
		bool ccs;
		enum action action;
		unsigned int violations;
	} rows[] = {
		{ 0x01, true, RUN, 0 },     { 0x00, false, RUN, 0 },
		{ 0x00, true, HALT, 0 },    { 0x01, false, HALT, 0 },
		{ 0x08, true, HALT, 0 },    { 0x19, false, HALT, 0 },
		{ 0x03, true, RUN, 0 },     /* TCB means nothing in a data element */
		{ 0x05, true, JUMP, 0 },    { 0x04, false, JUMP, 0 },
		{ 0x04, true, HALT, 0 },    { 0x05, false, HALT, 0 },
		{ 0x06, true, TOGGLE, 0 },  { 0x07, false, TOGGLE, 0 },
		{ 0x07, true, TOGGLE, 1 },  { 0x06, false, TOGGLE, 1 },
		{ 0x81, true, RUN, 1 },     /* reserved control bits */
	};
	struct env *e = *state;
	const uint64_t at = LIST(0), target = LIST(0) + 0x200;
	uint64_t next;
	unsigned int i, dir;
	bool ccs;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const unsigned int r = i / 2;

		dir = i % 2;
		ccs = rows[r].ccs != (rows[r].action == TOGGLE);
		/* Where a link leads there is an element that is valid in neither way. */
		put_link(e, target, ccs ? 0x00 : 0x01, 0);
		put_data(e, dir, at, rows[r].control, 100, 0);
		if (rows[r].action == JUMP || rows[r].action == TOGGLE)
			put_link(e, at, rows[r].control, target);
		put_link(e, at + 24, ccs ? 0x00 : 0x01, 0);
		wipe_dst(e, dir);
		prepare(e, dir, 1, LLE | (rows[r].ccs ? CCS : 0), at);
		ring(e, dir, 1);
		assert_int_equal(cs(e, dir, 1), 1);
		run(e);
		next = rows[r].action == RUN ? at + 24 : rows[r].action == HALT ? at : target;
		if (cs(e, dir, 1) != 3 || llp(e, dir, 1) != next ||
		    ((control(e, dir, 1) & CCS) != 0) != ccs ||
		    moved(e, 0, 100) != (rows[r].action == RUN))
			fail_msg("control 0x%02x with CCS %d", rows[r].control, rows[r].ccs);
		assert_int_equal(status(e, dir, 1) & ~DONE, stop_bit());
		clear(e, dir, 1);
		expect_violations(e, rows[r].violations);
	}
}

/* Four chunks as Linux writes them: doorbell only from the second on. */
static void
test_linux_laps(void **state)
{
	static const struct {
		uint32_t data, last[2], link;
		uint32_t ccs_after;
	} chunk[2] = {
		{ 0x01, { 0x19, 0x09 }, 0x06, 0 },
		{ 0x00, { 0x18, 0x08 }, 0x07, CCS },
	};
	struct env *e = *state;
	const uint64_t base = LIST(0);
	unsigned int dir, k, i;

	for (dir = 0; dir < 2; dir++) {
		prepare(e, dir, 0, 0x300, base);
		for (k = 0; k < 4; k++) {
			wipe_dst(e, dir);
			for (i = 0; i < 3; i++)
				put_data(e, dir, base + 24 * i,
					 i < 2 ? chunk[k % 2].data : chunk[k % 2].last[dir], 64,
					 k * 1000 + i * 64);
			put_link(e, base + 72, chunk[k % 2].link, base);
			ring(e, dir, 0);
			run(e);
			assert_true(moved(e, k * 1000, 192));
			assert_int_equal(cs(e, dir, 0), 3);
			assert_int_equal(llp(e, dir, 0), base);
			assert_int_equal(control(e, dir, 0) & CCS, chunk[k % 2].ccs_after);
			assert_int_equal(status(e, dir, 0), DONE | stop_bit());
			clear(e, dir, 0);
			assert_int_equal(status(e, dir, 0), 0);
		}
	}
	assert_int_equal(edma_model_counters(e->m, WR, 0)->laps, 4);
	assert_int_equal(e->imwr.n, 4);
	expect_violations(e, 0);
}

/* Done comes with the element, before the engine has walked the link and stopped. */
static void
test_done_before_stop(void **state)
{
	struct env *e = *state;

	put_data(e, WR, LIST(0), 0x09, 64, 0);
	put_link(e, LIST(0) + 24, 0x06, LIST(0));
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	steps(e, 1);
	assert_int_equal(status(e, WR, 0), DONE);
	assert_int_equal(cs(e, WR, 0), 1);
	assert_int_equal(llp(e, WR, 0), LIST(0) + 24);
	steps(e, 1);
	assert_int_equal(llp(e, WR, 0), LIST(0));
	assert_int_equal(control(e, WR, 0), LLE | 1u << 5 | (is_native() ? 0 : 0x06));
	run(e);
	assert_int_equal(cs(e, WR, 0), 3);
}

/* The same with a wide window: until the link has been followed nothing but the report is new. */
static void
test_link_delay(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .link_delay = 1 };
	unsigned int dir, i;

	for (; sw.link_delay <= 50; sw.link_delay += 7) {
		edma_model_set_switches(e->m, &sw);
		for (dir = 0; dir < 2; dir++) {
			env_create(e, WR_CNT, RD_CNT, &env_bus);
			edma_model_set_switches(e->m, &sw);
			e->imwr.n = 0;
			put_data(e, dir, LIST(0), 0x19, 64, 0);
			put_link(e, LIST(0) + 24, 0x06, LIST(0));
			prepare(e, dir, 0, 0x300, LIST(0));
			ring(e, dir, 0);
			steps(e, 1);
			for (i = 0; i <= sw.link_delay; i++) {
				assert_int_equal(status(e, dir, 0), DONE);
				assert_int_equal(e->imwr.n, 1);
				assert_int_equal(cs(e, dir, 0), 1);
				assert_int_equal(llp(e, dir, 0), LIST(0) + 24);
				assert_int_equal(control(e, dir, 0) & CCS, CCS);
				if (i == 1) {
					/* The link that it has is the one that it fetched. */
					put_link(e, LIST(0) + 24, 0x00, LIST(1));
					cput(e, dir, 0, LLP, 0);
					expect_violations(e, 1);
				}
				steps(e, 1);
			}
			assert_int_equal(llp(e, dir, 0), LIST(0));
			assert_int_equal(control(e, dir, 0) & CCS, 0);
			assert_int_equal(run(e), 2);
			assert_int_equal(edma_model_counters(e->m, dir, 0)->laps, 1);
			expect_violations(e, 0);
		}
	}
}

static void
test_restart(void **state)
{
	struct env *e = *state;
	const uint64_t a = LIST(0), b = LIST(0) + 0x100;

	/* Ends on a link that is not valid: LLP stays on it. */
	put_data(e, RD, a, 0x01, 32, 0);
	put_link(e, a + 24, 0x00, b);
	prepare(e, RD, 2, 0x300, a);
	ring(e, RD, 2);
	run(e);
	assert_int_equal(llp(e, RD, 2), a + 24);
	/* Ringing again changes nothing and leaves no status, but that it has stopped again. */
	clear(e, RD, 2);
	ring(e, RD, 2);
	assert_int_equal(cs(e, RD, 2), 1);
	assert_int_equal(run(e), 2);
	assert_int_equal(cs(e, RD, 2), 3);
	assert_int_equal(llp(e, RD, 2), a + 24);
	assert_int_equal(status(e, RD, 2), stop_bit());
	/* The element becomes valid: a doorbell goes on from there. */
	put_link(e, a + 24, 0x06, b);
	put_data(e, RD, b, 0x00, 32, 500);
	put_data(e, RD, b + 24, 0x01, 32, 600);
	wipe_dst(e, RD);
	ring(e, RD, 2);
	run(e);
	assert_true(moved(e, 500, 32));
	assert_false(moved(e, 600, 1));
	assert_int_equal(llp(e, RD, 2), b + 24);
	/* LLP alone: CCS, now 0, is kept. */
	wipe_dst(e, RD);
	cput64(e, RD, 2, LLP, b);
	ring(e, RD, 2);
	run(e);
	assert_true(moved(e, 500, 32));
	assert_int_equal(control(e, RD, 2) & CCS, 0);
	assert_int_equal(edma_model_counters(e->m, RD, 2)->elements, 3);
	expect_violations(e, 0);
}

/* A ring of 4 data slots and a toggling link, one slot kept empty, fed while the channel runs. */
static void
test_ring_extended(void **state)
{
	enum { SLOTS = 4, TOTAL = 61 };
	struct env *e = *state;
	const uint64_t base = LIST(3);
	unsigned int head = 0, guard = 0, done;
	uint32_t lap = 1;

	prepare(e, WR, 3, 0x300, base);
	while (edma_model_counters(e->m, WR, 3)->elements < TOTAL) {
		done = (unsigned int)edma_model_counters(e->m, WR, 3)->elements;
		if (head < TOTAL && head - done < SLOTS - 1) {
			if (head % SLOTS == SLOTS - 1)
				put_link(e, base + 24 * SLOTS, 0x06 | (lap ^ 1), base);
			put_data(e, WR, base + 24 * (head % SLOTS), lap, 8 + head, head * 100);
			lap ^= ++head % SLOTS == 0;
			ring(e, WR, 3);
		}
		/* Sometimes the channel runs dry, sometimes it never stops. */
		if (guard % 7 != 0)
			edma_model_step(e->m);
		assert_true(guard++ < MANY);
	}
	run(e);
	for (head = 0; head < TOTAL; head++)
		assert_true(moved(e, head * 100, 8 + head));
	assert_int_equal(llp(e, WR, 3), base + 24 * (TOTAL % SLOTS));
	assert_int_equal(edma_model_counters(e->m, WR, 3)->laps, TOTAL / SLOTS);
	expect_violations(e, 0);
}

static void
test_stop_window(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .lose_doorbell = false };
	unsigned int lose;

	for (lose = 0; lose < 2; lose++) {
		sw.lose_doorbell = lose != 0;
		edma_model_set_switches(e->m, &sw);
		put_data(e, WR, LIST(0), 0x00, 16, 0);
		put_data(e, WR, LIST(0) + 24, 0x00, 16, 0);
		prepare(e, WR, 0, 0x300, LIST(0));
		ring(e, WR, 0);
		/* The element is seen as not valid, CS does not say so yet. */
		steps(e, 1);
		assert_int_equal(cs(e, WR, 0), 1);
		put_data(e, WR, LIST(0), 0x01, 16, 0);
		ring(e, WR, 0);
		run(e);
		assert_int_equal(cs(e, WR, 0), 3);
		assert_int_equal(llp(e, WR, 0), LIST(0) + (lose != 0 ? 0 : 24));
		/* What a driver does then, if LLP is still at a pending element. */
		ring(e, WR, 0);
		run(e);
		assert_int_equal(llp(e, WR, 0), LIST(0) + 24);
	}
	assert_int_equal(edma_model_counters(e->m, WR, 0)->doorbells, 6);
	expect_violations(e, 0);
}

static void
test_stop_delay(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .stop_delay = 3 };

	edma_model_set_switches(e->m, &sw);
	put_data(e, WR, LIST(0), 0x00, 16, 0);
	put_data(e, WR, LIST(0) + 24, 0x00, 16, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	steps(e, 4);
	assert_int_equal(cs(e, WR, 0), 1);
	/* A doorbell up to the last step is not lost, and the fetch does not wait for the stop. */
	put_data(e, WR, LIST(0), 0x01, 16, 0);
	ring(e, WR, 0);
	steps(e, 1);
	assert_int_equal(llp(e, WR, 0), LIST(0) + 24);
	steps(e, 4);
	assert_int_equal(cs(e, WR, 0), 1);
	steps(e, 1);
	assert_int_equal(cs(e, WR, 0), 3);
	expect_violations(e, 0);
}

static void
test_link_to_itself(void **state)
{
	struct env *e = *state;

	put_link(e, LIST(0), 0x05, LIST(0));
	put_link(e, LIST(1), 0x06, LIST(1));
	prepare(e, WR, 0, 0x300, LIST(0));
	prepare(e, WR, 1, 0x300, LIST(1));
	ring(e, WR, 0);
	ring(e, WR, 1);
	steps(e, 1000);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->laps, 500);
	assert_int_equal(edma_model_counters(e->m, WR, 1)->laps, 500);
	assert_int_equal(cs(e, WR, 0), 1);
	ring_stop(e, WR, 0);
	ring_stop(e, WR, 1);
	assert_false(edma_model_busy(e->m));
	expect_violations(e, 250); /* channel 1: CB equals CCS in every second lap */
}

/* Elements and blocks -------------------------------------------------------------------------- */

static void
test_element_registers(void **state)
{
	struct env *e = *state;
	const uint64_t list = LIST(0);
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		put_data(e, dir, list, 0x09, 0x12345, 1);
		put_data(e, dir, list + 24, 0x00, 1, 0);
		prepare(e, dir, 0, 0x30005300, list);
		ring(e, dir, 0);
		steps(e, 1);
		/* In progress: start values; FN and traffic class are the channel's own. */
		assert_int_equal(control(e, dir, 0), is_native() ? 0x5321 : 0x30005329);
		assert_int_equal(cget(e, dir, 0, SIZE), 0x12345);
		assert_int_equal(cget64(e, dir, 0, dir == WR ? SAR : DAR), LOCAL_DATA + 1);
		assert_int_equal(cget64(e, dir, 0, dir == WR ? DAR : SAR), PCIE_DATA + 1);
		assert_int_equal(llp(e, dir, 0), list);
		steps(e, 1);
		assert_int_equal(cget(e, dir, 0, SIZE), 0);
		assert_int_equal(cget64(e, dir, 0, dir == WR ? SAR : DAR),
				 LOCAL_DATA + 1 + 0x12345);
		assert_int_equal(cget64(e, dir, 0, dir == WR ? DAR : SAR),
				 PCIE_DATA + 1 + 0x12345);
		assert_int_equal(llp(e, dir, 0), list + 24);
		run(e);
		assert_true(moved(e, 1, 0x12345));
	}
	assert_int_equal(e->fn_data, 1u << 5);
}

static void
test_long_element(void **state)
{
	static const struct {
		uint32_t size;
		unsigned int pieces;
	} rows[] = {
		{ 1, 1 }, { 65535, 1 }, { 65536, 1 }, { 65537, 2 }, { 131072, 2 }, { 200001, 4 },
	};
	struct env *e = *state;
	unsigned int i, dir, n;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const uint32_t size = rows[i / 2].size;

		dir = i % 2;
		wipe_dst(e, dir);
		put_data(e, dir, LIST(0), 0x01, size, 3);
		put_data(e, dir, LIST(0) + 24, 0x00, 1, 0);
		prepare(e, dir, 0, 0x300 | 2u << 12, LIST(0));
		edma_model_clear_counters(e->m);
		ring(e, dir, 0);
		for (n = 1; n < rows[i / 2].pieces; n++) {
			steps(e, 1);
			assert_true(edma_model_in_element(e->m, -1));
			assert_true(edma_model_in_element(e->m, 2));
			assert_false(edma_model_in_element(e->m, 0));
			assert_int_equal(edma_model_counters(e->m, dir, 0)->bytes, n * 65536);
			assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 0);
		}
		steps(e, 1);
		assert_false(edma_model_in_element(e->m, -1));
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 1);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->bytes, size);
		assert_int_equal(run(e), 2);
		assert_true(moved(e, 3, size));
		assert_false(moved(e, 0, 3));
		assert_false(moved(e, 3 + size, 8));
	}
}

static void
test_borders(void **state)
{
	static const uint64_t borders[] = { 1, 3, 16, 100, 4096 };
	struct env *e = *state;
	unsigned int i, dir;

	for (i = 0; i < 2 * ARRAY_SIZE(borders); i++) {
		dir = i % 2;
		e->border = borders[i / 2];
		wipe_dst(e, dir);
		/* The list crosses borders as well; operands cross them at different places. */
		put_elem(e, LIST(1) - 12, 0x01, 70000, (dir == WR ? LOCAL_DATA : PCIE_DATA) + 5,
			 (dir == WR ? PCIE_DATA : LOCAL_DATA) + 5);
		put_link(e, LIST(1) + 12, 0x06, LIST(1) - 12);
		prepare(e, dir, 1, 0x300, LIST(1) - 12);
		ring(e, dir, 1);
		run(e);
		assert_true(moved(e, 5, 70000));
		assert_false(moved(e, 70005, 8));
		assert_int_equal(llp(e, dir, 1), LIST(1) - 12);
	}
	e->border = 100;
	put_elem(e, LIST(0), 0x01, 1000, LOCAL_DATA + 1, PCIE_DATA + 77);
	put_link(e, LIST(0) + 24, 0x06, LIST(0));
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_memory_equal(e->local + 0x10001, e->pcie + 0x1004d, 1000);
	expect_violations(e, 0);
}

/* The owner's function is not believed blindly. */
static void
test_wrong_map(void **state)
{
	struct env *e = *state;

	e->lie_long = true;
	wipe_dst(e, WR);
	put_data(e, WR, LIST(0), 0x01, 100, 0);
	put_data(e, WR, LIST(0) + 24, 0x00, 100, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	run(e);
	assert_true(moved(e, 0, 100));
	assert_false(moved(e, 100, 1));
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 100);
	assert_int_equal(llp(e, WR, 0), LIST(0) + 24);

	e->lie_none = true;
	ring(e, WR, 0);
	run(e);
	assert_int_equal(cs(e, WR, 0), 2);
	assert_int_equal(status(e, WR, 0) & ABORT, ABORT);
	if (!is_native())
		assert_int_equal(get(e, 0x05c), 1u << 16);
}

static void
test_odd_elements(void **state)
{
	struct env *e = *state;

	/* Size 0 moves nothing and completes; the other one lies at an unaligned address. */
	put_data(e, WR, LIST(0), 0x09, 0, 0);
	put_link(e, LIST(0) + 24, 0x05, LIST(1) + 2);
	put_data(e, WR, LIST(1) + 2, 0x01, 40, 0);
	put_link(e, LIST(1) + 26, 0x05, LIST(2));
	put_data(e, WR, LIST(2), 0x00, 40, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	ring(e, WR, 0);
	steps(e, 2);
	expect_violations(e, 1);
	assert_int_equal(status(e, WR, 0), DONE);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->elements, 1);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 0);
	run(e);
	assert_true(moved(e, 0, 40));
	expect_violations(e, 2);
	assert_int_equal(llp(e, WR, 0), LIST(2));
}

static void
test_block(void **state)
{
	static const struct {
		uint32_t control, status;
		unsigned int imwr, violations;
	} rows[] = {
		{ 0x00, 0, 0, 0 },
		{ 0x08, 1, 0, 0 },
		{ 0x18, 1, 1, 0 },
		{ 0x10, 0, 0, 1 },
		{ 0x19 | CCS, 1, 1, 0 }, /* cycle bits mean nothing here */
	};
	struct env *e = *state;
	unsigned int i, dir;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const unsigned int r = i / 2;

		dir = i % 2;
		e->imwr.n = 0;
		wipe_dst(e, dir);
		prepare(e, dir, 1, rows[r].control, 0);
		cput(e, dir, 1, SIZE, 70000);
		cput64(e, dir, 1, SAR, dir == WR ? LOCAL_DATA : PCIE_DATA);
		cput64(e, dir, 1, DAR, dir == WR ? PCIE_DATA : LOCAL_DATA);
		ring(e, dir, 1);
		steps(e, 1);
		assert_int_equal(cs(e, dir, 1), 1);
		assert_int_equal(cget(e, dir, 1, SIZE), 70000);
		assert_int_equal(status(e, dir, 1), 0);
		assert_int_equal(run(e), 1);
		assert_true(moved(e, 0, 70000));
		assert_int_equal(cs(e, dir, 1), 3);
		assert_int_equal(cget(e, dir, 1, SIZE), 0);
		assert_int_equal(cget64(e, dir, 1, SAR),
				 (dir == WR ? LOCAL_DATA : PCIE_DATA) + 70000);
		assert_int_equal(llp(e, dir, 1), 0);
		if (is_native()) {
			/* A block has no control word to ask with: it just stops. */
			assert_int_equal(status(e, dir, 1), STOP);
			assert_int_equal(e->imwr.n, 0);
			expect_violations(e, 0);
		} else {
			assert_int_equal(control(e, dir, 1), rows[r].control | 3u << 5);
			assert_int_equal(get(e, R_STATUS[dir]), rows[r].status << 1);
			assert_int_equal(e->imwr.n, rows[r].imwr);
			expect_violations(e, rows[r].violations);
		}
		clear(e, dir, 1);
	}
	/* Nothing is left of the block: another doorbell is one of size 0. */
	ring(e, RD, 1);
	assert_int_equal(run(e), 1);
	expect_violations(e, 1);
	assert_int_equal(edma_model_counters(e->m, RD, 1)->laps, 0);
}

/* Source and target that overlap arrive as if they did not. */
static void
test_overlap(void **state)
{
	static const struct {
		uint64_t from, to;
		uint32_t size;
	} rows[] = {
		{ 0, 0, 5000 }, { 0, 1, 5000 }, { 1, 0, 5000 }, { 0, 2047, 2048 }, { 0, 4999, 5000 },
		{ 4999, 0, 5000 }, { 0, 5000, 5000 }, { 5000, 0, 5000 }, { 0, 100, 70 },
	};
	static uint8_t before[0x4000];
	struct env *e = *state;
	uint8_t *data = e->local + 0x10000;
	unsigned int i;

	e->one_memory = true;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		wipe_dst(e, WR);
		memcpy(before, data, sizeof(before));
		put_elem(e, LIST(0), 0x01, rows[i].size, LOCAL_DATA + rows[i].from,
			 PCIE_DATA + rows[i].to);
		put_data(e, WR, LIST(0) + 24, 0x00, 1, 0);
		prepare(e, WR, 0, 0x300, LIST(0));
		ring(e, WR, 0);
		run(e);
		memmove(before + rows[i].to, before + rows[i].from, rows[i].size);
		assert_memory_equal(data, before, sizeof(before));
	}
}

/* Switches ------------------------------------------------------------------------------------- */

static void
test_no_data(void **state)
{
	struct env *e = *state;
	struct edma_switches sw = { .no_data = true };

	edma_model_set_switches(e->m, &sw);
	memset(&sw, 0, sizeof(sw));
	edma_model_get_switches(e->m, &sw);
	assert_true(sw.no_data);
	wipe_dst(e, WR);
	prepare_long(e, WR, 0);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(status(e, WR, 0), DONE | stop_bit());
	assert_int_equal(llp(e, WR, 0), LIST(0) + 48);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->elements, 2);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->bytes, 0);
	for (unsigned int i = 0; i < 300000; i++)
		assert_int_equal(e->pcie[0x10000 + i], 0xee);
	/* Bad addresses are still found. */
	e->deny_first = LOCAL_DATA;
	e->deny_last = LOCAL_DATA + 1;
	prepare_long(e, WR, 0);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(cs(e, WR, 0), 2);
}

static void
test_delays(void **state)
{
	struct env *e = *state;
	const struct edma_switches sw = { .doorbell_delay = 3, .element_delay = 2 };

	edma_model_set_switches(e->m, &sw);
	put_data(e, WR, LIST(0), 0x01, 8, 0);
	put_link(e, LIST(0) + 24, 0x05, LIST(1));
	put_data(e, WR, LIST(1), 0x01, 8, 0);
	put_data(e, WR, LIST(1) + 24, 0x00, 8, 0);
	prepare(e, WR, 0, 0x300, LIST(0));
	e->maps = 0;
	ring(e, WR, 0);
	/* A doorbell that comes during the delay does not lengthen it. */
	steps(e, 2);
	ring(e, WR, 0);
	steps(e, 1);
	assert_int_equal(e->maps, 0);
	steps(e, 1);
	assert_int_equal(e->maps, 3);
	steps(e, 2);
	assert_int_equal(e->maps, 3);
	steps(e, 1);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->laps, 1);
	assert_false(edma_model_in_element(e->m, -1));
	/* delay, data, delay, invalid, stopped */
	assert_int_equal(run(e), 2 + 1 + 2 + 1 + 1);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->elements, 2);
}

static void
test_llp_at_fetch(void **state)
{
	struct env *e = *state;
	const struct edma_switches sw = { .llp_at_fetch = true };

	edma_model_set_switches(e->m, &sw);
	prepare_long(e, RD, 0);
	ring(e, RD, 0);
	steps(e, 1);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 24);
	assert_int_equal(edma_model_counters(e->m, RD, 0)->elements, 0);
	steps(e, 2);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 24);
	assert_int_equal(edma_model_counters(e->m, RD, 0)->elements, 1);
	run(e);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 48);
	/* An element that fails is named by LLP in the end, and repeated by a doorbell. */
	e->deny_first = PCIE_DATA + 200000;
	e->deny_last = e->deny_first;
	prepare_long(e, RD, 0);
	ring(e, RD, 0);
	run(e);
	assert_int_equal(cs(e, RD, 0), 2);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 24);
	deny_nothing(e);
	ring(e, RD, 0);
	run(e);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 48);
	assert_int_equal(edma_model_counters(e->m, RD, 0)->elements, 4);
	/* The same for a stop and for a soft reset. */
	prepare_long(e, RD, 0);
	ring(e, RD, 0);
	steps(e, 1);
	ring_stop(e, RD, 0);
	assert_int_equal(llp(e, RD, 0), LIST(0));
}

/* Many steps in one call: the same steps, and what the bus answered holds in that call alone. */
static void
test_run(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		wipe_dst(e, dir);
		put_data(e, dir, LIST(1), 0x01, 150000, 20000);
		put_data(e, dir, LIST(1) + 24, 0x01, 5, 170000);
		put_link(e, LIST(1) + 48, 0x05, LIST(2));
		put_data(e, dir, LIST(2), 0x01, 300, 170005);
		put_data(e, dir, LIST(2) + 24, 0x00, 8, 0);
		prepare(e, dir, 1, 0x300, LIST(1));
		ring(e, dir, 1);
		e->maps = 0;
		/* Three pieces of the first. */
		assert_int_equal(edma_model_run(e->m, 2), 2);
		assert_true(edma_model_in_element(e->m, -1));
		assert_int_equal(edma_model_counters(e->m, dir, 1)->bytes, 2 * 65536);
		assert_int_equal(edma_model_run(e->m, MANY), 1 + 1 + 1 + 1 + 1 + 1);
		assert_false(edma_model_busy(e->m));
		assert_int_equal(edma_model_run(e->m, MANY), 0);
		/* List, source and destination: where each was lowest, once in either call. */
		assert_int_equal(e->maps, 3 + 3);
		assert_true(moved(e, 20000, 150305));
		assert_int_equal(llp(e, dir, 1), LIST(2) + 24);
		/* Data below what has been asked for is asked for again, and memory in pieces too. */
		e->border = 4096;
		put_data(e, dir, LIST(2) + 24, 0x01, 8192, 4096);
		put_data(e, dir, LIST(2) + 48, 0x01, 4096, 0);
		put_data(e, dir, LIST(2) + 72, 0x00, 8, 0);
		ring(e, dir, 1);
		e->maps = 0;
		assert_int_equal(edma_model_run(e->m, MANY), 4);
		assert_int_equal(e->maps, 1 + 2 * 3);
		assert_true(moved(e, 0, 4096 + 8192));
		e->border = 0;
		/* Memory that is taken away between two calls. */
		prepare_long(e, dir, 1);
		ring(e, dir, 1);
		assert_int_equal(edma_model_run(e->m, 1), 1);
		e->deny_first = (dir == WR ? PCIE_DATA : LOCAL_DATA) + 100000;
		e->deny_last = e->deny_first;
		assert_int_equal(edma_model_run(e->m, MANY), 1);
		assert_int_equal(cs(e, dir, 1), 2);
		deny_nothing(e);
	}
	expect_violations(e, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_cycle_table), T(test_linux_laps), T(test_done_before_stop),
		T(test_link_delay), T(test_restart), T(test_ring_extended), T(test_stop_window),
		T(test_stop_delay), T(test_link_to_itself), T(test_element_registers),
		T(test_long_element), T(test_borders), T(test_wrong_map), T(test_odd_elements),
		T(test_block), T(test_overlap), T(test_no_data), T(test_delays), T(test_llp_at_fetch),
		T(test_run),
	};

	return run_on_map(LEGACY, "edma_walk, legacy", tests, ARRAY_SIZE(tests)) +
	       run_on_map(UNROLL, "edma_walk, unroll", tests, ARRAY_SIZE(tests)) +
	       run_on_map(COMPAT, "edma_walk, HDMA compatible", tests, ARRAY_SIZE(tests)) +
	       run_on_map(NATIVE, "edma_walk, HDMA native", tests, ARRAY_SIZE(tests));
}
