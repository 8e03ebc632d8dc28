/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Native HDMA with up to 64 channels per direction, and with its blocks at unusual places.
 */

#include "edma_model_env.h"

#define MAX 64

/* Layouts of 64 and 64 channels: the usual one, and others that integrations have. */
static const struct layout {
	struct edma_blocks blocks[2];
	uint32_t bytes;
} layouts[] = {
	{ { { 0, 0x200 }, { 0x100, 0x200 } }, 0x8000 },
	{ { { 0, 0x400 }, { 0x200, 0x400 } }, 0xff00 },
	{ { { 0, 0x800 }, { 0x20000, 0x800 } }, 0x20000 + 63 * 0x800 + 0x100 },
	{ { { 0x4000, 0x100 }, { 0, 0x100 } }, 0x8000 },
	{ { { 0x1104, 0x204 }, { 0x1204, 0x204 } }, 0x1204 + 63 * 0x204 + 0x100 },
};

static void
use(const struct layout *l)
{
	memcpy(test_blocks, l->blocks, sizeof(test_blocks));
}

static int
blocks_teardown(void **state)
{
	const int ret = teardown(state);

	use(&layouts[0]);
	return ret;
}

/* Creation ------------------------------------------------------------------------------------- */

static void
test_bytes(void **state)
{
	struct edma_model_conf conf = { .wr_cnt = MAX, .rd_cnt = MAX };
	unsigned int i;

	(void)state;
	conf.map = DW_EDMA_MAP_HDMA_NATIVE;
	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		memcpy(conf.blocks, layouts[i].blocks, sizeof(conf.blocks));
		assert_int_equal(edma_model_regs_bytes(&conf), layouts[i].bytes);
	}
	/* All zero: the usual place, of one direction or both. */
	memset(conf.blocks, 0, sizeof(conf.blocks));
	assert_int_equal(edma_model_regs_bytes(&conf), 0x8000);
	conf.blocks[RD] = (struct edma_blocks){ 0x8000, 0x100 };
	assert_int_equal(edma_model_regs_bytes(&conf), 0x8000 + 0x4000);
	conf.wr_cnt = 3;
	conf.rd_cnt = 1;
	memset(conf.blocks, 0, sizeof(conf.blocks));
	assert_int_equal(edma_model_regs_bytes(&conf), 0x500);
	conf.wr_cnt = 8;
	conf.rd_cnt = 8;
	assert_int_equal(edma_model_regs_bytes(&conf), 0x1000);
	conf.map = DW_EDMA_MAP_UNROLL;
	assert_int_equal(edma_model_regs_bytes(&conf), 0x1200);
	conf.map = DW_EDMA_MAP_LEGACY;
	assert_int_equal(edma_model_regs_bytes(&conf), 0x1200);
}

static void
test_bad(void **state)
{
	static const struct {
		enum test_map map;
		unsigned int wr, rd;
		struct edma_blocks blocks[2];
	} rows[] = {
		{ NATIVE, 65, 1, { { 0, 0 }, { 0, 0 } } },
		{ NATIVE, 1, 65, { { 0, 0 }, { 0, 0 } } },
		{ NATIVE, 0, 1, { { 0, 0 }, { 0, 0 } } },
		{ NATIVE, UINT32_MAX, 1, { { 0, 0 }, { 0, 0 } } },
		{ UNROLL, 9, 1, { { 0, 0 }, { 0, 0 } } },
		{ COMPAT, 1, 9, { { 0, 0 }, { 0, 0 } } },
		{ UNROLL, 1, 1, { { 0, 0x200 }, { 0x100, 0x200 } } },
		{ NATIVE, 2, 2, { { 0, 0xfc }, { 0x1000, 0x200 } } },  /* blocks into each other */
		{ NATIVE, 2, 2, { { 4, 0 }, { 0x1000, 0x200 } } },
		{ NATIVE, 2, 2, { { 0, 0x200 }, { 0xfc, 0x200 } } },   /* reads into writes */
		{ NATIVE, 2, 2, { { 0x100, 0x200 }, { 0x4, 0x200 } } },
		{ NATIVE, 8, 1, { { 0, 0x100 }, { 0x780, 0x100 } } },  /* far channels only */
		{ NATIVE, 2, 2, { { 0x2, 0x200 }, { 0x1000, 0x200 } } },
		{ NATIVE, 2, 2, { { 0, 0x202 }, { 0x1000, 0x200 } } },
		{ NATIVE, 64, 1, { { 0, 0x1100 }, { 0x100, 0x200 } } },
		{ NATIVE, 1, 1, { { 0, 0x200 }, { 0x3ff04, 0x200 } } },
		{ NATIVE, 33, 1, { { 0x100, 0x08000000 }, { 0, 0x100 } } },
		{ NATIVE, 1, 1, { { 0xffffff00, 0x100 }, { 0, 0x100 } } },
	};
	struct edma_model_conf conf = { .bus = &env_bus };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		conf.map = (enum dw_edma_map)rows[i].map;
		conf.wr_cnt = rows[i].wr;
		conf.rd_cnt = rows[i].rd;
		memcpy(conf.blocks, rows[i].blocks, sizeof(conf.blocks));
		errno = 0;
		if (edma_model_regs_bytes(&conf) != 0 || edma_model_create(&conf) != NULL ||
		    errno != EINVAL)
			fail_msg("row %u", i);
	}
}

/* Registers and data --------------------------------------------------------------------------- */

/* Every channel has registers of its own; between the blocks there is nothing. */
static void
test_registers(void **state)
{
	struct env *e = *state;
	unsigned int i, dir, ch;
	uint32_t off, want;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		use(&layouts[i]);
		env_create(e, MAX, MAX - 1, &env_bus);
		for (ch = 0; ch < MAX; ch++)
			for (dir = 0; dir < 2; dir++)
				put(e, block(dir, ch), 1);
		for (ch = 0; ch < MAX; ch++)
			for (dir = 0; dir < 2; dir++)
				put(e, block(dir, ch) + 0xa8, 1000 * dir + ch + 1);
		for (off = 0; off < sizeof(e->image); off += 4) {
			want = 0;
			for (dir = 0; dir < 2; dir++) {
				const struct edma_blocks *b = &test_blocks[dir];

				ch = off >= b->offset ? (off - b->offset) / b->stride : MAX;
				if (ch >= (dir == WR ? MAX : MAX - 1))
					continue;
				if ((off - b->offset) % b->stride == 0)
					want = 1;
				else if ((off - b->offset) % b->stride == 0xa8)
					want = 1000 * dir + ch + 1;
			}
			if (get(e, off) != want || e->image[off / 4] != want)
				fail_msg("layout %u: 0x%x reads %u, not %u", i, off, get(e, off),
					 want);
		}
		/* The read channel that is not there takes nothing. */
		put(e, block(RD, MAX - 1) + 0x04, 1);
		assert_false(edma_model_busy(e->m));
		edma_model_reset(e->m);
		assert_int_equal(get(e, block(WR, 63)), 0);
	}
	expect_violations(e, 0);
}

/* A list of two elements at LOCAL_BASE + 96 per channel, 64 bytes each. */
static void
put_list(struct env *e, enum edma_dir dir, unsigned int ch)
{
	const uint64_t list = LOCAL_BASE + 96 * (2 * ch + dir);
	unsigned int k;

	for (k = 0; k < 2; k++)
		put_data(e, dir, list + 24 * k, 0x01, 64, 256 * (2 * ch + dir) + 64 * k);
	put_link(e, list + 48, 0x06, list);
	prepare(e, dir, ch, 0x300, list);
}

/* All at once, in turn or in any order: each does its own list and reports it where it should. */
static void
test_all_channels(void **state)
{
	struct env *e = *state;
	unsigned int i, dir, ch, n;

	for (i = 0; i < 2 * ARRAY_SIZE(layouts); i++) {
		const struct edma_switches sw = { .shuffle = i % 2 };

		use(&layouts[i / 2]);
		env_create(e, MAX, MAX, &env_bus);
		edma_model_set_switches(e->m, &sw);
		wipe_dst(e, WR);
		for (n = 0; n < 2 * MAX; n++)
			if (n % 2 == RD)
				memset(e->pcie + 0x10000 + 256 * n, (int)n + 1, 128);
		for (n = 0; n < 2 * MAX; n++) {
			dir = n % 2;
			ch = n / 2;
			put_list(e, dir, ch);
			put64(e, block(dir, ch) + 0x90, IMWR_DONE + 4 * n);
			put(e, block(dir, ch) + 0x88, 0x18);
			ring(e, dir, ch);
		}
		e->imwr.n = 0;
		if (sw.shuffle == 0) {
			/* Turns: a step each. */
			steps(e, 2 * MAX);
			for (n = 0; n < 2 * MAX; n++)
				assert_int_equal(
					edma_model_counters(e->m, n % 2, n / 2)->elements, 1);
			steps(e, MAX);
			for (ch = 0; ch < MAX; ch++) {
				assert_int_equal(edma_model_counters(e->m, WR, ch)->elements, 2);
				assert_int_equal(edma_model_counters(e->m, RD, ch)->elements, 1);
			}
		}
		run(e);
		assert_int_equal(e->imwr.n, 2 * MAX);
		for (n = 0; n < 2 * MAX; n++) {
			assert_true(moved(e, 256 * n, 128));
			assert_int_equal(cs(e, n % 2, n / 2), 3);
			assert_int_equal(status(e, n % 2, n / 2), STOP);
			assert_int_equal(edma_model_counters(e->m, n % 2, n / 2)->imwr, 1);
		}
		expect_violations(e, 0);
	}
}

/* Only some are at work: those at the ends of the words, and their neighbours do not notice. */
static void
test_few_channels(void **state)
{
	static const unsigned int some[] = { 63, 0, 31, 32 };
	struct env *e = *state;
	unsigned int i, k, dir;

	env_create(e, MAX, MAX, &env_bus);
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		for (dir = 0; dir < 2; dir++) {
			prepare_long(e, dir, some[i] % 8);
			prepare(e, dir, some[i], 0x300, LIST(some[i] % 8));
			ring(e, dir, some[i]);
			steps(e, 1);
			assert_true(edma_model_in_element(e->m, -1));
			assert_false(edma_model_in_element(e->m, 7));
			/* Reset alone, with the element that it is in. */
			put(e, block(dir, some[i]), 0);
			assert_int_equal(get(e, block(dir, some[i])), 1);
			edma_model_settle(e->m);
			assert_int_equal(get(e, block(dir, some[i])), 0);
			assert_false(edma_model_busy(e->m));
			expect_violations(e, 1);
			for (k = 0; k < MAX; k++)
				assert_int_equal(get(e, block(dir, k) + 0x80),
						 edma_model_counters(e->m, dir, k)->doorbells * 3);
		}
	}
	assert_int_equal(edma_model_inject(e->m, RD, 63, 1, EDMA_FAULT_UR), 0);
	assert_int_equal(edma_model_inject(e->m, RD, 64, 1, EDMA_FAULT_UR), -EINVAL);
	assert_null(edma_model_counters(e->m, WR, 64));
}

#define TB(name) cmocka_unit_test_setup_teardown(name, setup, blocks_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TB(test_bytes), TB(test_bad), TB(test_registers), TB(test_all_channels),
		TB(test_few_channels),
	};

	return run_on_map(NATIVE, "edma_blocks, HDMA native", tests, ARRAY_SIZE(tests));
}
