/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What only one register map has: the view port, the power enables, the blocks of native HDMA.
 */

#include "edma_model_env.h"

/* Legacy: the view port ------------------------------------------------------------------------ */

#define SEL 0x0fcu
#define RD_SEL 0x80000000u

/* A value that is different for each register of each channel, and fits all of them. */
static uint32_t
mark(unsigned int dir, unsigned int ch, uint32_t off)
{
	return 0x100 | dir << 7 | ch << 4 | off >> 2;
}

static void
test_viewport(void **state)
{
	static const uint32_t bits[9] = { 0xff81f31f, 0x000001ff };
	struct env *e = *state;
	unsigned int i, dir, ch;
	uint32_t off, want;

	/* At reset write channel 0 is in the window. */
	put(e, 0x00c, 1);
	put(e, 0x02c, 1);
	put(e, 0x11c, 0x1230);
	put(e, SEL, 1);
	assert_int_equal(get(e, 0x11c), 0);
	put(e, SEL, 0);
	assert_int_equal(get(e, 0x11c), 0x1230);
	for (i = 0; i < WR_CNT + RD_CNT; i++) {
		dir = i >= WR_CNT;
		put(e, SEL, dir != 0 ? RD_SEL | (i - WR_CNT) : i);
		for (off = 0; off < 0x24; off += 4)
			put(e, 0x100 + off, mark(dir, i % WR_CNT, off));
	}
	for (i = 0; i < 3 * (WR_CNT + RD_CNT); i++) {
		dir = i * 5 % (WR_CNT + RD_CNT) >= WR_CNT;
		ch = i * 5 % (WR_CNT + RD_CNT) % WR_CNT;
		put(e, SEL, (dir != 0 ? RD_SEL : 0) | ch);
		assert_int_equal(get(e, SEL), (dir != 0 ? RD_SEL : 0) | ch);
		for (off = 0; off < 0x24; off += 4) {
			want = mark(dir, ch, off) & (off < 8 ? bits[off / 4] : UINT32_MAX);
			assert_int_equal(get(e, 0x100 + off), want);
			assert_int_equal(e->image[0x40 + off / 4], want);
		}
	}
	expect_violations(e, 0);
	put(e, SEL, UINT32_MAX);
	assert_int_equal(get(e, SEL), RD_SEL | 7);
}

static void
test_viewport_absent(void **state)
{
	static const uint32_t absent[] = { WR_CNT, 7, RD_SEL | RD_CNT, RD_SEL | 7 };
	struct env *e = *state;
	unsigned int i;
	uint32_t off;

	put(e, 0x00c, 1);
	put(e, 0x11c, 0x1230);
	for (i = 0; i < ARRAY_SIZE(absent); i++) {
		put(e, SEL, absent[i]);
		for (off = 0x100; off < 0x124; off += 4) {
			put(e, off, 0xffffffff);
			assert_int_equal(get(e, off), 0);
			assert_int_equal(e->image[off / 4], 0);
		}
	}
	put(e, SEL, 0);
	assert_int_equal(get(e, 0x11c), 0x1230);
	/* There is nothing behind the window. */
	for (off = 0x124; off < 0x1200; off += 4) {
		put(e, off, 0xffffffff);
		assert_int_equal(get(e, off), 0);
		assert_int_equal(e->image[off / 4], 0);
	}
	assert_int_equal(get(e, 0x100), 0);
	expect_violations(e, 0);
}

/* The window follows its channel and nobody else, and does so in the image. */
static void
test_viewport_live(void **state)
{
	struct env *e = *state;

	prepare_long(e, WR, 0);
	prepare_long(e, RD, 2);
	ring(e, WR, 0);
	ring(e, RD, 2);
	put(e, SEL, RD_SEL | 2);
	steps(e, 2);
	assert_int_equal(CS_OF(e->image[0x100 / 4]), 1);
	assert_int_equal(e->image[0x108 / 4], 150000);
	assert_int_equal(e->image[0x10c / 4], (uint32_t)PCIE_DATA);
	put(e, SEL, 0);
	assert_int_equal(e->image[0x10c / 4], (uint32_t)LOCAL_DATA);
	assert_int_equal(e->image[0x11c / 4], (uint32_t)LIST(0));
	/* Refused for the one that runs, in the window of another one not. */
	put(e, 0x11c, 0);
	expect_violations(e, 1);
	assert_int_equal(e->image[0x11c / 4], (uint32_t)LIST(0));
	put(e, SEL, 1);
	put(e, 0x11c, 0x4444);
	expect_violations(e, 0);
	run(e);
	assert_int_equal(e->image[0x11c / 4], 0x4444);
	assert_int_equal(e->image[0x100 / 4], 0);
	put(e, SEL, RD_SEL | 2);
	assert_int_equal(CS_OF(e->image[0x100 / 4]), 3);
	assert_int_equal(e->image[0x11c / 4], (uint32_t)LIST(2) + 48);
	edma_model_reset(e->m);
	assert_int_equal(e->image[SEL / 4] | e->image[0x100 / 4] | e->image[0x11c / 4], 0);
	enable(e, WR, 0);
	put(e, 0x11c, 0x88);
	assert_int_equal(llp(e, WR, 0), 0x88);
}

/* HDMA compatible: power ----------------------------------------------------------------------- */

static const uint32_t R_PWR[2] = { 0x128, 0x168 };

static void
test_power(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 1);
		put(e, R_PWR[dir] + 4, 0xfffffffe);
		assert_int_equal(get(e, R_PWR[dir] + 4), 0);
		/* The engine enable is not enough, nor is another channel's power. */
		enable(e, dir, 0);
		ring(e, dir, 1);
		expect_violations(e, 1);
		assert_false(edma_model_busy(e->m));
		assert_int_equal(cs(e, dir, 1), 0);
		assert_int_equal(edma_model_counters(e->m, dir, 1)->doorbells, 0);
		cput(e, dir, 1, SIZE, 1);
		expect_violations(e, 1);
		/* Power alone is: the engine enable has never been needed. */
		put(e, R_EN[dir], 0);
		put(e, R_PWR[dir] + 4, 0xffffffff);
		assert_int_equal(get(e, R_PWR[dir] + 4), 1);
		ring(e, dir, 1);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 1)->elements, 2);
		/* Of a channel that does not run power can be taken away. */
		put(e, R_PWR[dir] + 4, 0);
		expect_violations(e, 0);
		assert_int_equal(cs(e, dir, 1), 3);
	}
	/* Channels that do not exist have none. */
	put(e, R_PWR[WR] + 4 * WR_CNT, 1);
	put(e, R_PWR[RD] + 4 * RD_CNT, 1);
	assert_int_equal(get(e, R_PWR[WR] + 4 * WR_CNT) | get(e, R_PWR[RD] + 4 * RD_CNT), 0);
}

static void
test_power_lost(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 0);
		prepare_long(e, dir, 1);
		ring(e, dir, 0);
		ring(e, dir, 1);
		steps(e, 2);
		put(e, R_PWR[dir], 0);
		expect_violations(e, 1);
		assert_int_equal(cs(e, dir, 0), 3);
		assert_int_equal(cs(e, dir, 1), 1);
		assert_int_equal(get(e, R_STATUS[dir]), 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 0);
		assert_int_equal(edma_model_counters(e->m, dir, 1)->elements, 2);
		/* Its context is lost. */
		put(e, R_PWR[dir], 1);
		ring(e, dir, 0);
		expect_violations(e, 1);
		put(e, R_EN[dir], 0);
		ring(e, dir, 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 2);
		/* Also when it is the last one that a soft reset waits for. */
		prepare_long(e, dir, 0);
		ring(e, dir, 0);
		steps(e, 1);
		put(e, R_EN[dir], 0);
		assert_int_equal(get(e, R_EN[dir]), 1);
		put(e, R_PWR[dir], 0);
		assert_int_equal(get(e, R_EN[dir]), 0);
		expect_violations(e, 2);
	}
}

/* HDMA native: registers ----------------------------------------------------------------------- */

static uint32_t
native_bits(uint32_t off)
{
	static const struct {
		uint32_t off, bits;
	} regs[] = {
		{ 0x00, 0x1 }, { 0x08, 0x7f }, { 0x10, ~0u }, { 0x14, ~0u }, { 0x18, 0x3 },
		{ 0x1c, ~0u }, { 0x20, ~0u }, { 0x24, ~0u }, { 0x28, ~0u }, { 0x2c, ~0u },
		{ 0x30, ~0u }, { 0x34, 0x1 }, { 0x38, 0xff }, { 0x3c, ~0u }, { 0x88, 0x7f },
		{ 0x90, ~3u }, { 0x94, ~0u }, { 0x98, ~3u }, { 0x9c, ~0u }, { 0xa0, ~3u },
		{ 0xa4, ~0u }, { 0xa8, ~0u },
	};
	unsigned int i;

	if (off >= 0x1000 || off / 0x200 >= (off % 0x200 < 0x100 ? WR_CNT : RD_CNT))
		return 0;
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].off == off % 0x100)
			return regs[i].bits;
	return 0;
}

static void
test_native_access(void **state)
{
	static const uint32_t patterns[] = { 0xffffffff, 0x00000000, 0xa5a5a5a5, 0x5a5a5a5b, 0x1 };
	struct env *e = *state;
	unsigned int i, ch;
	uint32_t off, want;

	for (off = 0; off < 0x1200; off += 4)
		assert_int_equal(get(e, off) | e->image[off / 4], 0);
	for (ch = 0; ch < WR_CNT; ch++)
		put(e, block(WR, ch), 1);
	for (ch = 0; ch < RD_CNT; ch++)
		put(e, block(RD, ch), 1);
	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		for (off = 0x1200; off-- > 0;) {
			/* Enables and doorbells have tests of their own. */
			if (off % 0x100 == 0 || off % 0x100 == 0x04)
				continue;
			put(e, off, patterns[i]);
			want = off % 4 != 0 ? 0 : patterns[i] & native_bits(off);
			if (get(e, off) != want)
				fail_msg("0x%03x reads 0x%08x after 0x%08x, not 0x%08x", off,
					 get(e, off), patterns[i], want);
		}
	}
	/* Absent channels cannot be enabled or rung. */
	put(e, block(WR, WR_CNT), 1);
	put(e, block(RD, 7), 1);
	put(e, block(RD, 7) + 4, 1);
	assert_int_equal(get(e, block(WR, WR_CNT)) | get(e, block(RD, 7)), 0);
	assert_false(edma_model_busy(e->m));
	expect_violations(e, 0);
}

static void
test_native_running(void **state)
{
	static const uint32_t refused[] = {
		0x08, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c,
	};
	static const uint32_t allowed[] = { 0x88, 0x90, 0x94, 0x98, 0x9c, 0xa0, 0xa4, 0xa8 };
	struct env *e = *state;
	unsigned int dir, i;
	uint32_t before;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 1);
		ring(e, dir, 1);
		steps(e, 1);
		for (i = 0; i < ARRAY_SIZE(refused); i++) {
			before = get(e, block(dir, 1) + refused[i]);
			put(e, block(dir, 1) + refused[i], ~before);
			assert_int_equal(get(e, block(dir, 1) + refused[i]), before);
			expect_violations(e, 1);
		}
		for (i = 0; i < ARRAY_SIZE(allowed); i++) {
			put(e, block(dir, 1) + allowed[i], 0x54);
			assert_int_equal(get(e, block(dir, 1) + allowed[i]), 0x54);
		}
		put(e, block(dir, 1) + 0x88, 0);
		put(e, block(dir, 1), 1);
		expect_violations(e, 0);
		run(e);
		assert_true(moved(e, 0, 300000));
	}
}

static void
test_native_doorbell(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 2);
		/* Neither start nor stop, then a stop of what does not run. */
		put(e, block(dir, 2) + 4, 0xfffffffc);
		assert_false(edma_model_busy(e->m));
		expect_violations(e, 0);
		put(e, block(dir, 2) + 4, 2);
		expect_violations(e, 1);
		ring(e, dir, 2);
		assert_int_equal(get(e, block(dir, 2) + 4), 0);
		assert_int_equal(get(e, block(dir, 2) + 0x80), 1);
		/* Both bits: a stop. */
		put(e, block(dir, 2) + 4, 3);
		assert_int_equal(get(e, block(dir, 2) + 0x80), 3);
		assert_int_equal(get(e, block(dir, 2) + 0x84), 0x4);
		assert_false(edma_model_busy(e->m));
		expect_violations(e, 0);
	}
}

/* CYCLE_SYNC shows the consumer's state and the element in progress; CCS may start as 0. */
static void
test_native_cycle(void **state)
{
	struct env *e = *state;
	const uint32_t b = block(RD, 1);
	const uint64_t list = LIST(1);

	put_data(e, RD, list, 0x00, 70000, 0);
	put_link(e, list + 24, 0x07, list + 0x100);
	put_data(e, RD, list + 0x100, 0x01, 70000, 70000);
	put_link(e, list + 0x118, 0x06, list);
	wipe_dst(e, RD);
	put(e, b, 1);
	put(e, b + 0x34, 1);
	put64(e, b + 0x10, list);
	put(e, b + 0x04, 1);
	steps(e, 1);
	assert_int_equal(get(e, b + 0x18), 0);
	steps(e, 2);
	assert_int_equal(get(e, b + 0x18), 3);
	assert_int_equal(get64(e, b + 0x10), list + 0x100);
	steps(e, 1);
	assert_int_equal(get(e, b + 0x18), 3);
	assert_int_equal(get(e, b + 0x1c), 70000);
	steps(e, 2);
	assert_int_equal(get(e, b + 0x18), 0);
	steps(e, 1);
	put_data(e, RD, list, 0x01, 70000, 0);
	run(e);
	/* One more lap, and the element at its start is of a later one. */
	assert_int_equal(get(e, b + 0x18), 0);
	assert_int_equal(edma_model_counters(e->m, RD, 1)->elements, 4);
	assert_int_equal(edma_model_counters(e->m, RD, 1)->laps, 4);
	expect_violations(e, 0);
}

/* HDMA native: reports ------------------------------------------------------------------------- */

#define MSI_STOP (PCIE_BASE + 0x100)
#define MSI_WATERMARK (PCIE_BASE + 0x140)
#define MSI_ABORT (PCIE_BASE + 0x180)

static void
aim_native(struct env *e, uint32_t b)
{
	put64(e, b + 0x90, MSI_STOP | 3);
	put64(e, b + 0x98, MSI_WATERMARK | 3);
	put64(e, b + 0xa0, MSI_ABORT | 3);
	put(e, b + 0xa8, 0x89abcdef);
	e->imwr.n = 0;
}

/* Every INT_SETUP: what is latched follows the local enables, what is sent the remote ones. */
static void
test_native_setup(void **state)
{
	struct env *e = *state;
	unsigned int setup, dir, fail;
	uint32_t b, latch, remote;

	for (setup = 0; setup < 4 * 0x80; setup++) {
		const unsigned int ch = 2;

		dir = setup / 0x80 % 2;
		fail = setup / 0x100;
		b = block(dir, ch);
		latch = setup & (fail != 0 ? 0x40 : 0x10);
		remote = setup & (fail != 0 ? 0x20 : 0x08);
		aim_native(e, b);
		put_data(e, dir, LIST(0), 0x01, 64, 0);
		put_data(e, dir, LIST(0) + 24, 0x00, 64, 0);
		prepare(e, dir, ch, 0x300, LIST(0));
		put(e, b + 0x88, setup & 0x7f);
		if (fail != 0)
			assert_int_equal(edma_model_inject(e->m, dir, ch, 1, EDMA_FAULT_LOCAL), 0);
		ring(e, dir, ch);
		run(e);
		assert_int_equal(get(e, b + 0x80), fail != 0 ? 2 : 3);
		assert_int_equal(get(e, b + 0x84), latch == 0 ? 0 : fail != 0 ? 0x4 : 0x1);
		assert_int_equal(e->imwr.n, remote != 0);
		if (remote != 0) {
			assert_int_equal(e->imwr.addr, fail != 0 ? MSI_ABORT : MSI_STOP);
			assert_int_equal(e->imwr.data, 0x89abcdef);
			/* Status and status bit before the message. */
			assert_int_equal(e->imwr.image[(b + 0x80) / 4], fail != 0 ? 2 : 3);
			assert_int_equal(e->imwr.image[(b + 0x84) / 4], get(e, b + 0x84));
		}
		put(e, b + 0x8c, 7);
		put(e, b, 0);
	}
	expect_violations(e, 0);
}

/* One report at the end of a list, whatever its length; a watermark for each that asks for it. */
static void
test_native_list_end(void **state)
{
	static const struct {
		uint32_t control;
		unsigned int n;
		uint32_t stat;
		unsigned int violations;
	} rows[] = {
		{ 0x01, 0, 0, 0 }, { 0x09, 0, 2, 0 }, { 0x19, 1, 2, 0 }, { 0x11, 0, 0, 1 },
	};
	struct env *e = *state;
	unsigned int i, dir, n;
	uint32_t b;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const unsigned int r = i / 2;

		dir = i % 2;
		b = block(dir, 0);
		aim_native(e, b);
		for (n = 0; n < 5; n++)
			put_data(e, dir, LIST(0) + 24 * n, n == 3 ? rows[r].control : 0x01, 64, 0);
		put_link(e, LIST(0) + 24 * n, 0x06, LIST(0));
		prepare(e, dir, 0, 0x300, LIST(0));
		put(e, b + 0x88, 0x18);
		ring(e, dir, 0);
		steps(e, 3);
		assert_int_equal(get(e, b + 0x84), 0);
		steps(e, 1);
		assert_int_equal(get(e, b + 0x84), rows[r].stat);
		assert_int_equal(e->imwr.n, rows[r].n);
		if (rows[r].n != 0)
			assert_int_equal(e->imwr.addr, MSI_WATERMARK);
		steps(e, 3);
		assert_int_equal(get(e, b + 0x80), 1);
		assert_int_equal(get(e, b + 0x84), rows[r].stat);
		run(e);
		assert_int_equal(get(e, b + 0x84), rows[r].stat | 1);
		assert_int_equal(e->imwr.n, rows[r].n + 1);
		assert_int_equal(e->imwr.addr, MSI_STOP);
		/* Bit by bit; writing the status word does nothing. */
		put(e, b + 0x84, 0);
		put(e, b + 0x8c, 0x6);
		assert_int_equal(get(e, b + 0x84), 1);
		put(e, b + 0x84, 0xffffffff);
		put(e, b + 0x8c, 0x1);
		assert_int_equal(get(e, b + 0x84), 0);
		assert_int_equal(get(e, b + 0x8c), 0);
		assert_false(edma_model_irq_emulated(e->m, dir));
		expect_violations(e, rows[r].violations);
	}
}

/* What the last element of a list asked for does not apply to a block after it. */
static void
test_native_block_after_list(void **state)
{
	struct env *e = *state;
	const uint32_t b = block(WR, 3);
	unsigned int n;

	aim_native(e, b);
	put_data(e, WR, LIST(3), 0x19, 64, 0);
	put_data(e, WR, LIST(3) + 24, 0x00, 64, 0);
	for (n = 0; n < 2; n++) {
		prepare(e, WR, 3, n == 0 ? 0x300 : 0, LIST(3));
		cput(e, WR, 3, SIZE, 64);
		cput64(e, WR, 3, SAR, LOCAL_DATA);
		cput64(e, WR, 3, DAR, PCIE_DATA);
		ring(e, WR, 3);
		run(e);
		assert_int_equal(get(e, b + 0x84), n == 0 ? 0x3 : 0x1);
		assert_int_equal(e->imwr.n, 1);
		put(e, b + 0x8c, 7);
	}
}

/* Each channel has its own addresses and data, and a function number of 8 bits. */
static void
test_native_channels(void **state)
{
	struct env *e = *state;
	unsigned int i, dir, ch;
	uint32_t b;

	env_create(e, 8, 8, &env_bus);
	for (i = 0; i < 16; i++) {
		b = block(i % 2, i / 2);
		put64(e, b + 0x90, MSI_STOP + 4 * i);
		put(e, b + 0xa8, 0xfee10000 + i);
	}
	e->imwr.n = 0;
	for (i = 0; i < 16; i++) {
		dir = i % 2;
		ch = i / 2;
		b = block(dir, ch);
		wipe_dst(e, dir);
		put_data(e, dir, LIST(ch), 0x01, 64, 0);
		put_data(e, dir, LIST(ch) + 24, 0x00, 64, 0);
		prepare(e, dir, ch, 0x300, LIST(ch));
		put(e, b + 0x38, 0xf0 + i);
		put(e, b + 0x88, 0x08);
		ring(e, dir, ch);
		run(e);
		assert_true(moved(e, 0, 64));
		assert_int_equal(e->imwr.n, i + 1);
		assert_int_equal(e->imwr.addr, MSI_STOP + 4 * i);
		assert_int_equal(e->imwr.data, 0xfee10000 + i);
		assert_int_equal(e->fn_last, 0xf0 + i);
		assert_int_equal(edma_model_counters(e->m, dir, ch)->imwr, 1);
	}
}

/* HDMA native: reset of a channel -------------------------------------------------------------- */

static void
test_native_disable(void **state)
{
	struct env *e = *state;
	unsigned int dir;
	uint32_t b0, b2;

	for (dir = 0; dir < 2; dir++) {
		b0 = block(dir, 0);
		b2 = block(dir, 2);
		prepare_long(e, dir, 0);
		prepare_long(e, dir, 1);
		put_data(e, dir, LIST(2), 0x01, 100, 0);
		put_data(e, dir, LIST(2) + 24, 0x01, 100, 0);
		put_data(e, dir, LIST(2) + 48, 0x01, 100, 0);
		prepare(e, dir, 2, 0x300 | 3u << 12, LIST(2));
		put(e, b0 + 0x88, 0x78);
		ring(e, dir, 0);
		ring(e, dir, 1);
		ring(e, dir, 2);
		steps(e, 3);
		/* Channel 2 is between elements and stops at once, channel 0 is inside one. */
		put(e, b2, 0);
		assert_int_equal(get(e, b2), 0);
		assert_int_equal(get(e, b2 + 0x80), 3);
		put(e, b0, 0);
		expect_violations(e, 2);
		assert_int_equal(get(e, b0), 1);
		assert_int_equal(get(e, b0 + 0x80), 1);
		ring(e, dir, 0);
		ring(e, dir, 2);
		expect_violations(e, 2);
		put(e, b0, 0);
		expect_violations(e, 0);
		run(e);
		assert_int_equal(get(e, b0), 0);
		assert_int_equal(get(e, b0 + 0x80), 3);
		assert_int_equal(get(e, b0 + 0x84) | get(e, b2 + 0x84), 0);
		assert_int_equal(e->imwr.n, 0);
		/* Their neighbour has not noticed. */
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 0);
		assert_int_equal(edma_model_counters(e->m, dir, 1)->elements, 2);
		assert_int_equal(edma_model_counters(e->m, dir, 2)->elements, 1);
		/* Configuration is kept: a doorbell goes on. */
		assert_int_equal(llp(e, dir, 0), LIST(0));
		assert_int_equal(llp(e, dir, 2), LIST(2) + 24);
		assert_int_equal(get(e, b2 + 0x38), 3);
		put(e, b2, 1);
		ring(e, dir, 2);
		steps(e, 2);
		put(e, b2 + 4, 2);
		assert_int_equal(edma_model_counters(e->m, dir, 2)->elements, 3);
		expect_violations(e, 0);
		/* What one channel's stop needs is that channel's reset. */
		put(e, block(dir, 1), 0);
		put(e, block(dir, 1), 1);
		ring(e, dir, 2);
		expect_violations(e, 1);
		put(e, b2, 0);
		put(e, b2, 1);
		ring(e, dir, 2);
		assert_true(edma_model_busy(e->m));
		put(e, b2 + 4, 2);
	}
}

static void
test_native_disable_early(void **state)
{
	struct env *e = *state;

	prepare_long(e, WR, 1);
	ring(e, WR, 1);
	steps(e, 1);
	put(e, block(WR, 1), 0);
	put(e, block(WR, 1), 1);
	expect_violations(e, 2);
	ring(e, WR, 1);
	expect_violations(e, 1);
	run(e);
	assert_int_equal(get(e, block(WR, 1)), 1);
	assert_int_equal(cs(e, WR, 1), 3);
	assert_int_equal(edma_model_counters(e->m, WR, 1)->doorbells, 1);
	ring(e, WR, 1);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 1)->elements, 2);
	expect_violations(e, 0);
}

static void
test_native_model_reset(void **state)
{
	struct env *e = *state;
	uint32_t off;

	prepare_long(e, WR, 0);
	prepare_long(e, RD, 2);
	ring(e, WR, 0);
	ring(e, RD, 2);
	steps(e, 2);
	put(e, block(WR, 0), 0);
	expect_violations(e, 1);
	edma_model_reset(e->m);
	assert_false(edma_model_busy(e->m));
	for (off = 0; off < 0x1200; off += 4)
		assert_int_equal(get(e, off) | e->image[off / 4], 0);
	prepare_long(e, WR, 0);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->elements, 2);
	expect_violations(e, 0);
}

int
main(void)
{
	const struct CMUnitTest legacy[] = {
		T(test_viewport), T(test_viewport_absent), T(test_viewport_live),
	};
	const struct CMUnitTest compat[] = {
		T(test_power), T(test_power_lost),
	};
	const struct CMUnitTest native[] = {
		T(test_native_access), T(test_native_running), T(test_native_doorbell),
		T(test_native_cycle), T(test_native_setup), T(test_native_list_end),
		T(test_native_block_after_list), T(test_native_channels),
		T(test_native_disable), T(test_native_disable_early),
		T(test_native_model_reset),
	};

	return run_on_map(LEGACY, "edma_model_maps, legacy", legacy, ARRAY_SIZE(legacy)) +
	       run_on_map(COMPAT, "edma_model_maps, HDMA compatible", compat, ARRAY_SIZE(compat)) +
	       run_on_map(NATIVE, "edma_model_maps, HDMA native", native, ARRAY_SIZE(native));
}
