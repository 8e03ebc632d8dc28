/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What is told, and when: order of remote interrupt writes, status bits and data. A driver that
 * polls the target of these writes has nothing else to go by.
 */

#include "edma_model_env.h"

#define MAX_WRITES 64

/* What was there at the moment of each remote write. */
struct write {
	uint64_t addr;
	uint32_t data;
	bool done[8];      /* data areas 0 to 7 have arrived to the last byte */
	bool touched[8];   /* something of them has */
	uint32_t status;   /* status word of the direction; native: of channel 2 */
	unsigned int cs;   /* of channel 2; not with the view port */
	uint64_t elements; /* channel 2 */
};

static struct {
	enum edma_dir dir;
	uint32_t size; /* of each area */
	unsigned int n;
	struct write w[MAX_WRITES];
} seen;

static uint8_t *
area(struct env *e, enum edma_dir dir, bool source, unsigned int i)
{
	uint8_t *base = (dir == WR) == source ? e->local : e->pcie;

	return base + 0x10000 + (size_t)i * seen.size;
}

static void
record(void *ctx, unsigned int fn, uint64_t addr, uint32_t data)
{
	struct env *e = ctx;
	const enum edma_dir dir = seen.dir;
	struct write *w = &seen.w[seen.n++];
	unsigned int i;
	uint32_t k;

	assert_true(seen.n <= MAX_WRITES);
	env_imwr(ctx, fn, addr, data);
	w->addr = addr;
	w->data = data;
	for (i = 0; i < ARRAY_SIZE(w->done) && (i + 1) * seen.size <= ARENA_BYTES - 0x10000; i++) {
		w->done[i] = memcmp(area(e, dir, true, i), area(e, dir, false, i), seen.size) == 0;
		for (k = 0; k < seen.size; k++)
			w->touched[i] |= area(e, dir, false, i)[k] != 0xee;
	}
	w->status = e->image[(is_native() ? block(dir, 2) + 0x84 : R_STATUS[dir]) / 4];
	if (is_native())
		w->cs = e->image[(block(dir, 2) + 0x80) / 4];
	else
		w->cs = CS_OF(e->image[((dir == WR ? 0x200 : 0x300) + 0x400) / 4]);
	w->elements = edma_model_counters(e->m, dir, 2)->elements;
}

static const struct edma_bus bus_record = { .map = env_map, .imwr = record };

/* Fresh areas of @p size bytes, reports of all channels aimed. */
static void
begin(struct env *e, enum edma_dir dir, uint32_t size)
{
	unsigned int ch;

	env_create(e, WR_CNT, RD_CNT, &bus_record);
	memset(&seen, 0, sizeof(seen));
	seen.dir = dir;
	seen.size = size;
	wipe_dst(e, dir);
	put64(e, R_DONE[dir], IMWR_DONE);
	put64(e, R_ABORT[dir], IMWR_ABORT);
	put(e, R_DATA[dir], 0x00010000);
	put(e, R_DATA[dir] + 4, 0x00030002);
	for (ch = 0; is_native() && ch < RD_CNT; ch++) {
		put64(e, block(dir, ch) + 0x90, PCIE_BASE);
		put64(e, block(dir, ch) + 0x98, IMWR_DONE);
		put64(e, block(dir, ch) + 0xa0, IMWR_ABORT);
		put(e, block(dir, ch) + 0xa8, ch);
	}
}

/* Reports of an element in a list -------------------------------------------------------------- */

/* Everything of an element is there at its report, and nothing of the next one. */
static void
test_element_by_element(void **state)
{
	static const uint32_t sizes[] = { 1, 64, 65536, 65537 };
	static const struct edma_switches switches[] = {
		{ .no_data = false },
		{ .llp_at_fetch = true },
		{ .element_delay = 3 },
		{ .late_list = 2, .torn_list = 2 },
	};
	struct env *e = *state;
	unsigned int i, dir, k, n;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes) * ARRAY_SIZE(switches); i++) {
		dir = i % 2;
		begin(e, dir, sizes[i / 2 % ARRAY_SIZE(sizes)]);
		n = seen.size > 0x10000 ? 5 : 6;
		edma_model_set_switches(e->m, &switches[i / 2 / ARRAY_SIZE(sizes)]);
		edma_model_flush_lists(e->m);
		for (k = 0; k < n; k++)
			put_data(e, dir, LIST(0) + 24 * k, 0x19, seen.size, k * seen.size);
		put_link(e, LIST(0) + 24 * k, 0x06, LIST(0));
		prepare(e, dir, 2, 0x300, LIST(0));
		ring(e, dir, 2);
		run(e);
		assert_int_equal(seen.n, n);
		for (k = 0; k < n * n; k++) {
			assert_int_equal(seen.w[k / n].done[k % n], k % n <= k / n);
			assert_int_equal(seen.w[k / n].touched[k % n], k % n <= k / n);
		}
		for (k = 0; k < n; k++) {
			assert_int_equal(seen.w[k].elements, k + 1);
			assert_int_equal(seen.w[k].addr, IMWR_DONE);
			assert_int_equal(seen.w[k].data, 2);
			assert_int_equal(seen.w[k].status, is_native() ? 2 : 4);
		}
		expect_violations(e, 0);
	}
}

/* The elements between two reports are complete as well. */
static void
test_report_of_many(void **state)
{
	struct env *e = *state;
	unsigned int dir, k;

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 5000);
		for (k = 0; k < 7; k++)
			put_data(e, dir, LIST(0) + 24 * k, k % 3 == 2 ? 0x19 : 0x01, 5000,
				 k * 5000);
		put_link(e, LIST(0) + 24 * k, 0x06, LIST(0));
		prepare(e, dir, 2, 0x300, LIST(0));
		ring(e, dir, 2);
		run(e);
		assert_int_equal(seen.n, 2);
		for (k = 0; k < 7; k++) {
			assert_int_equal(seen.w[0].done[k], k <= 2);
			assert_int_equal(seen.w[1].done[k], k <= 5);
		}
		expect_violations(e, 0);
	}
}

/* Channels take turns: each report is about data of its own channel. */
static void
test_channels_mixed(void **state)
{
	struct env *e = *state;
	unsigned int dir, ch, k, n[3];

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 70000);
		for (ch = 0; ch < 3; ch++) {
			n[ch] = 0;
			for (k = 0; k < 2; k++)
				put_data(e, dir, LIST(ch) + 24 * k, 0x19, 70000,
					 (2 * ch + k) * 70000);
			put_link(e, LIST(ch) + 48, 0x06, LIST(ch));
			prepare(e, dir, ch, 0x300, LIST(ch));
			ring(e, dir, ch);
		}
		run(e);
		assert_int_equal(seen.n, 6);
		for (k = 0; k < 6; k++) {
			ch = seen.w[k].data;
			assert_in_range(ch, 0, 2);
			assert_true(seen.w[k].done[2 * ch + n[ch]]);
			if (n[ch] == 0)
				assert_false(seen.w[k].touched[2 * ch + 1]);
			n[ch]++;
		}
		assert_int_equal(n[0] + 10 * n[1] + 100 * n[2], 222);
	}
}

/* Status bits ---------------------------------------------------------------------------------- */

/* A bit stays until it is cleared, and comes again with the next event, cleared or not. */
static void
test_latch(void **state)
{
	struct env *e = *state;
	unsigned int dir, k;

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 64);
		for (k = 0; k < 4; k++)
			put_data(e, dir, LIST(0) + 24 * k, k == 2 ? 0x01 : 0x09, 64, 0);
		put_link(e, LIST(0) + 24 * k, 0x06, LIST(0));
		prepare(e, dir, 2, 0x300, LIST(0));
		ring(e, dir, 2);
		steps(e, 1);
		assert_int_equal(status(e, dir, 2), DONE);
		clear(e, dir, 2);
		assert_int_equal(status(e, dir, 2), 0);
		steps(e, 1);
		assert_int_equal(status(e, dir, 2), DONE);
		steps(e, 1);
		assert_int_equal(status(e, dir, 2), DONE);
		clear(e, dir, 2);
		/* Cleared: what is gone does not come back by itself. */
		assert_int_equal(status(e, dir, 2), 0);
		steps(e, 1);
		assert_int_equal(status(e, dir, 2), DONE);
		run(e);
		assert_int_equal(status(e, dir, 2), DONE | stop_bit());
		assert_int_equal(seen.n, 0);
	}
}

/* An abort in the middle leaves the done bit that was there, and each is cleared by itself. */
static void
test_latch_abort(void **state)
{
	struct env *e = *state;
	uint32_t reg, done, abort;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 64);
		reg = is_native() ? block(dir, 2) + 0x8c : R_CLEAR[dir];
		done = is_native() ? 0x2 : 0x4;
		abort = is_native() ? 0x4 : 0x40000;
		put_data(e, dir, LIST(0), 0x19, 64, 0);
		put_data(e, dir, LIST(0) + 24, 0x19, 64, 64);
		prepare(e, dir, 2, 0x300, LIST(0));
		if (is_native())
			put(e, block(dir, 2) + 0x88, 0x70);
		else
			put(e, R_LL_ERR_EN[dir], 0x4);
		edma_model_inject(e->m, dir, 2, 2, EDMA_FAULT_LOCAL);
		ring(e, dir, 2);
		run(e);
		/* First the report of what went well; the abort's has bit, status and no data. */
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.w[0].addr, IMWR_DONE);
		assert_int_equal(seen.w[1].addr, IMWR_ABORT);
		assert_int_equal(seen.w[1].data, 2);
		assert_int_equal(seen.w[1].status, done | abort);
		if (test_map != LEGACY)
			assert_int_equal(seen.w[1].cs, 2);
		assert_false(seen.w[1].touched[1]);
		assert_int_equal(status(e, dir, 2), DONE | ABORT);
		put(e, reg, done);
		assert_int_equal(status(e, dir, 2), ABORT);
		put(e, reg, done);
		assert_int_equal(status(e, dir, 2), ABORT);
		put(e, reg, abort);
		assert_int_equal(status(e, dir, 2), 0);
	}
}

/* Ends ----------------------------------------------------------------------------------------- */

/* The end of a list is told behind its last element, when the channel has stopped. */
static void
test_native_stop_last(void **state)
{
	struct env *e = *state;
	unsigned int dir, k;

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 64);
		for (k = 0; k < 3; k++)
			put_data(e, dir, LIST(0) + 24 * k, 0x19, 64, k * 64);
		put_link(e, LIST(0) + 24 * k, 0x06, LIST(0));
		prepare(e, dir, 2, 0x300, LIST(0));
		put(e, block(dir, 2) + 0x88, 0x78);
		ring(e, dir, 2);
		run(e);
		assert_int_equal(seen.n, 4);
		for (k = 0; k < 4; k++) {
			assert_int_equal(seen.w[k].addr, k < 3 ? IMWR_DONE : PCIE_BASE);
			assert_int_equal(seen.w[k].cs, k < 3 ? 1 : 3);
			assert_int_equal(seen.w[k].status, k < 3 ? 2 : 3);
		}
		/* A doorbell that finds nothing ends with the same message again, and no other. */
		ring(e, dir, 2);
		run(e);
		assert_int_equal(seen.n, 5);
		assert_int_equal(seen.w[4].addr, PCIE_BASE);
	}
}

/* A block is complete and its channel has stopped when it is told. */
static void
test_block_done(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		begin(e, dir, 100000);
		prepare(e, dir, 2, 0x18, 0);
		if (is_native())
			put(e, block(dir, 2) + 0x88, 0x18);
		cput(e, dir, 2, SIZE, 100000);
		cput64(e, dir, 2, SAR, dir == WR ? LOCAL_DATA : PCIE_DATA);
		cput64(e, dir, 2, DAR, dir == WR ? PCIE_DATA : LOCAL_DATA);
		ring(e, dir, 2);
		run(e);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.w[0].addr, is_native() ? PCIE_BASE : IMWR_DONE);
		assert_int_equal(seen.w[0].data, 2);
		assert_true(seen.w[0].done[0]);
		assert_int_equal(seen.w[0].status, is_native() ? 1 : 4);
		if (test_map != LEGACY)
			assert_int_equal(seen.w[0].cs, 3);
	}
}

int
main(void)
{
	const struct CMUnitTest any[] = {
		T(test_element_by_element), T(test_report_of_many), T(test_channels_mixed),
		T(test_latch), T(test_latch_abort), T(test_block_done),
	};
	const struct CMUnitTest native[] = {
		T(test_native_stop_last),
	};

	return run_on_map(LEGACY, "edma_imwr, legacy", any, ARRAY_SIZE(any)) +
	       run_on_map(UNROLL, "edma_imwr, unroll", any, ARRAY_SIZE(any)) +
	       run_on_map(COMPAT, "edma_imwr, HDMA compatible", any, ARRAY_SIZE(any)) +
	       run_on_map(NATIVE, "edma_imwr, HDMA native", any, ARRAY_SIZE(any)) +
	       run_on_map(NATIVE, "edma_imwr, HDMA native: stop", native, ARRAY_SIZE(native));
}
