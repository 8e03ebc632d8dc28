/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The registers of the model: access, reports, aborts, doorbells, stop and soft reset. What holds
 * on every map runs on every map, the rest on the eDMA maps it is about.
 */

#include "edma_model_env.h"

/* Creation and registers ----------------------------------------------------------------------- */

static void
test_create_bad(void **state)
{
	struct env *e = *state;
	const struct edma_bus no_map = { .imwr = env_imwr };
	const struct edma_model_conf good = {
		.wr_cnt = 1, .rd_cnt = 8, .map = DW_EDMA_MAP_UNROLL, .bus = &env_bus, .bus_ctx = e,
	};
	struct edma_model_conf c[9];
	struct edma_model *m;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c); i++)
		c[i] = good;
	c[0].wr_cnt = 0;
	c[1].wr_cnt = 9;
	c[2].rd_cnt = 0;
	c[3].rd_cnt = 9;
	c[4].bus = NULL;
	c[5].bus = &no_map;
	c[6].map = (enum dw_edma_map)2;
	c[7].map = (enum dw_edma_map)8;
	c[8].map = (enum dw_edma_map)-1;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		errno = 0;
		assert_null(edma_model_create(&c[i]));
		assert_int_equal(errno, EINVAL);
	}
	/* Neither image nor somebody to complain to is needed. */
	m = edma_model_create(&good);
	assert_non_null(m);
	assert_int_equal(edma_model_read(m, 0x008), 0x00080001);
	edma_model_write(m, 0x04c, 1);
	assert_int_equal(edma_model_violations(m), 1);
	edma_model_destroy(m);
	edma_model_destroy(NULL);
}

static void
test_reset_values(void **state)
{
	static const struct {
		unsigned int wr, rd;
		uint32_t ctrl, wr_mask, rd_mask;
	} rows[] = {
		{ 1, 1, 0x00010001, 0x00010001, 0x00010001 },
		{ 4, 3, 0x00030004, 0x000f000f, 0x00070007 },
		{ 8, 8, 0x00080008, 0x00ff00ff, 0x00ff00ff },
		{ 2, 5, 0x00050002, 0x00030003, 0x001f001f },
	};
	struct env *e = *state;
	uint32_t off, want;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		env_create(e, rows[i].wr, rows[i].rd, &env_bus);
		for (off = 0; off < 0x1200; off += 4) {
			want = off == 0x008 ? rows[i].ctrl :
			       off == 0x054 ? rows[i].wr_mask :
			       off == 0x0a8 ? rows[i].rd_mask : 0;
			if (get(e, off) != want || e->image[off / 4] != want)
				fail_msg("0x%03x reads 0x%08x, not 0x%08x", off, get(e, off), want);
		}
	}
}

/* Bits that read back as written, for 4 write and 3 read channels; everything else reads 0. */
static uint32_t
rw_bits(uint32_t off)
{
	static const struct {
		uint32_t off, bits;
	} globals[] = {
		{ 0x000, 0x00000fff }, { 0x00c, 0x00ff0001 }, { 0x018, 0x000fffff },
		{ 0x01c, 0x000fffff }, { 0x02c, 0x00ff0001 }, { 0x038, 0x000fffff },
		{ 0x03c, 0x000fffff }, { 0x054, 0x000f000f }, { 0x060, 0xfffffffc },
		{ 0x064, 0xffffffff }, { 0x068, 0xfffffffc }, { 0x06c, 0xffffffff },
		{ 0x070, 0xffffffff }, { 0x074, 0xffffffff }, { 0x090, 0x000f000f },
		{ 0x0a8, 0x00070007 }, { 0x0c4, 0x00070007 }, { 0x0cc, 0xfffffffc },
		{ 0x0d0, 0xffffffff }, { 0x0d4, 0xfffffffc }, { 0x0d8, 0xffffffff },
		{ 0x0dc, 0xffffffff }, { 0x0e0, 0x0000ffff },
	};
	static const uint32_t window[] = {
		0xff81f31f, 0x000001ff, 0xffffffff, 0xffffffff, 0xffffffff,
		0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(globals); i++)
		if (globals[i].off == off)
			return globals[i].bits;
	if (test_map == COMPAT && off >= 0x128 && off < 0x168 && off % 4 == 0)
		return off < 0x128 + 4 * WR_CNT;
	if (test_map == COMPAT && off >= 0x168 && off < 0x200 && off % 4 == 0)
		return off < 0x168 + 4 * RD_CNT;
	if (off < 0x200 || off % 0x100 >= sizeof(window))
		return 0;
	i = (off - 0x200) / 0x200;
	return i < (off % 0x200 < 0x100 ? WR_CNT : RD_CNT) ? window[off % 0x100 / 4] : 0;
}

/* The channel windows of the legacy map, behind the view port, have a test of their own. */
static void
test_access(void **state)
{
	const uint32_t end = test_map == LEGACY ? 0x0fc : 0x1200;
	static const uint32_t patterns[] = { 0xffffffff, 0x00000000, 0xa5a5a5a5, 0x5a5a5a5b, 0x1 };
	struct env *e = *state;
	uint32_t off, want;
	unsigned int i;

	/* A soft reset in the course of this would change nothing: configuration is kept. */
	for (i = 0; i < WR_CNT + RD_CNT; i++)
		enable(e, i % 2, i / 2);
	enable(e, WR, WR_CNT - 1);
	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		for (off = end; off-- > 0;) {
			/* Doorbells, status and engine enables have tests of their own. */
			if (off == 0x010 || off == 0x030 || off == 0x04c || off == 0x0a0 ||
			    off == 0x00c || off == 0x02c)
				continue;
			/* Nor may the power enables be cleared before the windows are written. */
			if (off >= 0x128 && off < 0x188 && (patterns[i] & 1) == 0)
				continue;
			put(e, off, patterns[i]);
			want = off % 4 != 0 ? 0 : patterns[i] & rw_bits(off);
			if (off == 0x008)
				want = 0x00030004;
			if (get(e, off) != want)
				fail_msg("0x%03x reads 0x%08x after 0x%08x, not 0x%08x", off,
					 get(e, off), patterns[i], want);
		}
	}
	for (off = 0x1200; off < 0x2400; off += 4) {
		put(e, off, 0xffffffff);
		assert_int_equal(get(e, off), 0);
	}
	put(e, 0xfffffffc, 1);
	assert_int_equal(get(e, 0xfffffffc), 0);
	put(e, 0x00c, 0xffffffff);
	assert_int_equal(get(e, 0x00c), 0x00ff0001);
	put(e, 0x00c, 0x00550000);
	assert_int_equal(get(e, 0x00c), 0x00550000);
	assert_int_equal(get(e, 0x010), 0);
	expect_violations(e, 0);
}

static void
test_programmed_while_disabled(void **state)
{
	struct env *e = *state;

	cput(e, WR, 1, LLP, 0x1234);
	assert_int_equal(cget(e, WR, 1, LLP), 0x1234);
	expect_violations(e, 1);
	/* The other direction's enable is no help; its own is, with power where it takes that. */
	enable(e, RD, 1);
	cput(e, WR, 1, LLP, 0x1238);
	expect_violations(e, 1);
	enable(e, WR, 1);
	cput(e, WR, 1, LLP, 0x123c);
	expect_violations(e, 0);
}

/* Reports -------------------------------------------------------------------------------------- */

static void
test_report_bits(void **state)
{
	static const struct {
		uint32_t control, status;
		unsigned int imwr, violations;
	} rows[] = {
		{ 0x01, 0, 0, 0 },
		{ 0x09, 1, 0, 0 },
		{ 0x19, 1, 1, 0 },
		{ 0x11, 0, 0, 1 },
	};
	struct env *e = *state;
	unsigned int i, dir, mask;

	for (i = 0; i < 4 * ARRAY_SIZE(rows); i++) {
		const unsigned int r = i / 4;

		dir = i % 2;
		mask = i / 2 % 2;
		e->imwr.n = 0;
		/* The mask gates neither the status bits nor the remote writes. */
		if (is_native())
			put(e, block(dir, 2) + 0x88, mask != 0 ? 0x7 : 0);
		else
			put(e, R_MASK[dir], mask != 0 ? 0x00ff00ff : 0);
		put_data(e, dir, LIST(0), rows[r].control, 64, 0);
		put_data(e, dir, LIST(0) + 24, 0x00, 64, 0);
		prepare(e, dir, 2, 0x300, LIST(0));
		ring(e, dir, 2);
		run(e);
		assert_int_equal(status(e, dir, 2), rows[r].status | stop_bit());
		if (!is_native())
			assert_int_equal(get(e, R_STATUS[dir]), rows[r].status << 2);
		assert_int_equal(e->imwr.n, rows[r].imwr);
		assert_int_equal(edma_model_counters(e->m, dir, 2)->elements, i / 4 * 2 + mask + 1);
		clear(e, dir, 2);
		assert_int_equal(status(e, dir, 2), 0);
		expect_violations(e, rows[r].violations);
	}
}

static void
test_imwr(void **state)
{
	struct env *e = *state;
	unsigned int i, dir, ch;

	env_create(e, 8, 8, &env_bus);
	for (dir = 0; dir < 2; dir++) {
		put64(e, R_DONE[dir], IMWR_DONE + 8 * dir);
		put64(e, R_ABORT[dir], IMWR_ABORT + 8 * dir);
		for (i = 0; i < 4; i++)
			put(e, R_DATA[dir] + 4 * i, (0xa001 + 2 * i) << 16 | (0xa000 + 2 * i));
	}
	for (i = 0; i < 16; i++) {
		dir = i % 2;
		ch = i / 2;
		wipe_dst(e, dir);
		put_data(e, dir, LIST(ch), 0x19, 64, 0);
		put_data(e, dir, LIST(ch) + 24, 0x00, 64, 0);
		prepare(e, dir, ch, 0x300 | 1u << 12, LIST(ch));
		ring(e, dir, ch);
		steps(e, 1);
		assert_int_equal(e->imwr.n, i + 1);
		assert_int_equal(e->imwr.addr, IMWR_DONE + 8 * dir);
		assert_int_equal(e->imwr.data, 0xa000 + ch);
		/* Payload, pointer and status were visible before. */
		assert_int_equal(e->imwr.payload, e->local[0x10000]);
		assert_int_equal(e->imwr.status[dir], (2u << ch) - 1);
		if (i == 0)
			assert_int_equal(e->imwr.llp, (uint32_t)LIST(0) + 24);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, ch)->imwr, 1);
	}
	assert_int_equal(e->fn_imwr, 1u << 1);
}

/* Without a function for it the model stores the 32-bit word itself; a bad target is no error. */
static void
test_imwr_stored(void **state)
{
	struct env *e = *state;
	const uint8_t want[8] = { 0xee, 0xee, 0xee, 0xee, 0xcd, 0xab, 0, 0 };

	env_create(e, 1, 1, &env_bus_plain);
	memset(e->pcie, 0xee, 16);
	put64(e, 0x0cc, PCIE_BASE + 4);
	put(e, 0x0dc, 0x1234abcd);
	put_data(e, RD, LIST(0), 0x19, 64, 0);
	put_data(e, RD, LIST(0) + 24, 0x00, 64, 0);
	prepare(e, RD, 0, 0x300, LIST(0));
	ring(e, RD, 0);
	run(e);
	assert_memory_equal(e->pcie, want, sizeof(want));
	assert_int_equal(e->pcie[8], 0xee);

	put64(e, 0x0cc, 0);
	cput64(e, RD, 0, LLP, LIST(0));
	ring(e, RD, 0);
	run(e);
	assert_int_equal(cs(e, RD, 0), 3);
	assert_int_equal(edma_model_counters(e->m, RD, 0)->imwr, 2);
	/* Nobody has said where to. */
	expect_violations(e, 1);
}

/* Aborts --------------------------------------------------------------------------------------- */

enum how {
	HOW_DENY_LIST,
	HOW_DENY_LOCAL,
	HOW_DENY_PCIE,
	HOW_INJECT,
};

static const struct abort_row {
	enum edma_dir dir;
	enum how how;
	enum edma_fault kind;
	uint32_t err_lo, err_hi; /* for channel 2 */
	bool fatal;
} abort_rows[] = {
	{ WR, HOW_DENY_LIST, EDMA_FAULT_NONE, 1u << 18, 0, true },
	{ WR, HOW_DENY_LOCAL, EDMA_FAULT_NONE, 1u << 2, 0, true },
	{ WR, HOW_DENY_PCIE, EDMA_FAULT_NONE, 0, 0, false },
	{ RD, HOW_DENY_LIST, EDMA_FAULT_NONE, 1u << 18, 0, true },
	{ RD, HOW_DENY_LOCAL, EDMA_FAULT_NONE, 1u << 2, 0, true },
	{ RD, HOW_DENY_PCIE, EDMA_FAULT_NONE, 0, 1u << 2, false },
	{ WR, HOW_INJECT, EDMA_FAULT_LOCAL, 1u << 2, 0, true },
	{ WR, HOW_INJECT, EDMA_FAULT_LL_FETCH, 1u << 18, 0, true },
	{ RD, HOW_INJECT, EDMA_FAULT_LOCAL, 1u << 2, 0, true },
	{ RD, HOW_INJECT, EDMA_FAULT_LL_FETCH, 1u << 18, 0, true },
	{ RD, HOW_INJECT, EDMA_FAULT_UR, 0, 1u << 2, false },
	{ RD, HOW_INJECT, EDMA_FAULT_CA, 0, 1u << 10, false },
	{ RD, HOW_INJECT, EDMA_FAULT_TIMEOUT, 0, 1u << 18, false },
	{ RD, HOW_INJECT, EDMA_FAULT_POISON, 0, 1u << 26, true },
};

static void
arm(struct env *e, const struct abort_row *r)
{
	e->deny_first = r->how == HOW_DENY_LIST	 ? LIST(0) + 24 :
			r->how == HOW_DENY_LOCAL ? LOCAL_DATA + 150 :
			r->how == HOW_DENY_PCIE	 ? PCIE_DATA + 150 : UINT64_MAX;
	e->deny_last = e->deny_first + (r->how == HOW_INJECT ? 0 : 10);
	if (r->how == HOW_INJECT)
		assert_int_equal(edma_model_inject(e->m, r->dir, 2, 2, r->kind), 0);
}

/* Where the reports of channel 2 go, and whether an abort is one of them. */
static void
aim_reports(struct env *e, enum edma_dir dir, bool remote)
{
	const uint32_t b = block(dir, 2);

	if (is_native()) {
		put64(e, b + 0x98, IMWR_DONE);
		put64(e, b + 0xa0, IMWR_ABORT);
		put(e, b + 0xa8, 0x55556666);
		put(e, b + 0x88, remote ? 0x20 : 0x07);
		return;
	}
	put64(e, R_DONE[dir], IMWR_DONE);
	put64(e, R_ABORT[dir], IMWR_ABORT);
	put(e, R_DATA[dir] + 4, 0x55556666);
	/* The local enable and other channels' bits have no part in the remote write. */
	put(e, R_LL_ERR_EN[dir], remote ? 0x00000004 : 0x00ff00fb);
}

/* Status and error words right after the abort, and as they are cleared bit by bit. */
static void
check_abort_words(struct env *e, const struct abort_row *r, bool remote)
{
	assert_int_equal(get(e, R_STATUS[r->dir]), 0x00040004);
	assert_int_equal(get(e, R_ERR[r->dir]), r->err_lo);
	assert_int_equal(get(e, 0x0b8), r->err_hi);
	assert_int_equal(get(e, R_ERR[!r->dir]) | get(e, R_STATUS[!r->dir]), 0);
	assert_int_equal(e->imwr.status[r->dir], remote ? 0x00040004 : 0x4);
	/* Clearing done leaves the errors, clearing abort takes them along. */
	put(e, R_CLEAR[r->dir], 0x0000ffff);
	assert_int_equal(get(e, R_STATUS[r->dir]), 0x00040000);
	assert_int_equal(get(e, R_ERR[r->dir]), r->err_lo);
	put(e, R_CLEAR[r->dir], 0x00fb0000);
	assert_int_equal(get(e, R_STATUS[r->dir]), 0x00040000);
	assert_int_equal(get(e, R_ERR[r->dir]) | get(e, 0x0b8), r->err_lo | r->err_hi);
	put(e, R_CLEAR[r->dir], 0x00040000);
	assert_int_equal(get(e, R_STATUS[r->dir]) | get(e, R_ERR[r->dir]) | get(e, 0x0b8), 0);
}

/* The second of three elements fails; then the channel starts again, after a reset if needed. */
static void
check_abort(struct env *e, const struct abort_row *r, bool remote)
{
	const uint64_t list = LIST(0);
	unsigned int i;

	env_create(e, WR_CNT, RD_CNT, &env_bus);
	e->imwr.n = 0;
	aim_reports(e, r->dir, remote);
	for (i = 0; i < 3; i++)
		put_data(e, r->dir, list + 24 * i, 0x19, 100, i * 100);
	put_data(e, r->dir, list + 72, 0x00, 100, 0);
	wipe_dst(e, r->dir);
	arm(e, r);
	prepare(e, r->dir, 2, 0x300, list);
	ring(e, r->dir, 2);
	run(e);
	assert_int_equal(cs(e, r->dir, 2), 2);
	assert_int_equal(llp(e, r->dir, 2), list + 24);
	assert_int_equal(status(e, r->dir, 2), DONE | ABORT);
	assert_int_equal(e->imwr.n, remote ? 2 : 1);
	assert_int_equal(e->imwr.addr, remote ? IMWR_ABORT : IMWR_DONE);
	assert_int_equal(e->imwr.data, is_native() ? 0x55556666 : 0x6666);
	assert_int_equal(edma_model_counters(e->m, r->dir, 2)->aborts, 1);
	assert_int_equal(edma_model_counters(e->m, r->dir, 2)->elements, 1);
	assert_true(moved(e, 0, 100));
	assert_false(moved(e, 200, 8));
	if (!is_native())
		check_abort_words(e, r, remote);
	clear(e, r->dir, 2);
	assert_int_equal(status(e, r->dir, 2), 0);
	assert_int_equal(cs(e, r->dir, 2), 2);

	deny_nothing(e);
	expect_violations(e, 0);
	ring(e, r->dir, 2);
	if (r->fatal) {
		expect_violations(e, 1);
		assert_false(edma_model_busy(e->m));
		assert_int_equal(cs(e, r->dir, 2), 2);
		disable(e, r->dir, 2);
		assert_int_equal(get(e, enable_reg(r->dir, 2)), 0);
		enable(e, r->dir, 2);
		ring(e, r->dir, 2);
	}
	run(e);
	assert_int_equal(cs(e, r->dir, 2), 3);
	assert_int_equal(llp(e, r->dir, 2), list + 72);
	assert_true(moved(e, 0, 300));
	expect_violations(e, 0);
}

static void
test_aborts(void **state)
{
	struct env *e = *state;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(abort_rows); i++) {
		print_message("  %s channel, row %u, remote enable %u\n",
			      dir_name[abort_rows[i / 2].dir], i / 2, i % 2);
		check_abort(e, &abort_rows[i / 2], i % 2 != 0);
	}
}

/* Blocks report aborts by LIE and RIE, not by LL_ERR_EN. */
static void
test_block_aborts(void **state)
{
	static const struct {
		uint32_t control, ll_err_en;
		unsigned int imwr, violations;
	} rows[] = {
		{ 0x00, 0x00ff00ff, 0, 0 },
		{ 0x08, 0x00ff00ff, 0, 0 },
		{ 0x18, 0, 1, 0 },
		{ 0x10, 0, 0, 1 },
	};
	struct env *e = *state;
	unsigned int i;

	put64(e, 0x0d4, IMWR_ABORT);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		e->imwr.n = 0;
		put(e, 0x0c4, rows[i].ll_err_en);
		e->deny_first = PCIE_DATA + 70000;
		e->deny_last = e->deny_first + 1;
		prepare(e, RD, 1, rows[i].control, 0);
		cput(e, RD, 1, SIZE, 80000);
		cput64(e, RD, 1, SAR, PCIE_DATA);
		cput64(e, RD, 1, DAR, LOCAL_DATA);
		ring(e, RD, 1);
		assert_int_equal(run(e), 2);
		assert_int_equal(cs(e, RD, 1), 2);
		assert_int_equal(get(e, 0x0a0), 0x00020000);
		assert_int_equal(get(e, 0x0b8), 0x2);
		assert_int_equal(e->imwr.n, rows[i].imwr);
		expect_violations(e, rows[i].violations);
		/* The registers still describe the whole block: a doorbell repeats it. */
		put(e, 0x0ac, 0x00020000);
		assert_int_equal(cget(e, RD, 1, SIZE), 80000);
		wipe_dst(e, RD);
		deny_nothing(e);
		ring(e, RD, 1);
		run(e);
		assert_true(moved(e, 0, 80000));
		assert_int_equal(get(e, 0x0a0), (rows[i].control & 0x08) != 0 ? 2 : 0);
		put(e, 0x0ac, 0x2);
		expect_violations(e, rows[i].violations);
	}
}

/* Several channels at once: clearing one's bits leaves the others' alone. */
static void
test_int_clear(void **state)
{
	struct env *e = *state;
	unsigned int ch, dir;

	for (dir = 0; dir < 2; dir++) {
		for (ch = 0; ch < 3; ch++) {
			put_data(e, dir, LIST(ch + 4 * dir), 0x09, 8, 0);
			put_data(e, dir, LIST(ch + 4 * dir) + 24, 0x01, 8, 0);
			prepare(e, dir, ch, 0x300, LIST(ch + 4 * dir));
			edma_model_inject(e->m, dir, ch, 2, EDMA_FAULT_LOCAL);
			ring(e, dir, ch);
		}
	}
	run(e);
	for (dir = 0; dir < 2; dir++) {
		assert_int_equal(get(e, R_STATUS[dir]), 0x00070007);
		assert_int_equal(get(e, R_ERR[dir]), 0x7);
		put(e, R_CLEAR[dir], 0);
		assert_int_equal(get(e, R_STATUS[dir]), 0x00070007);
		put(e, R_CLEAR[dir], 0x00020001);
		assert_int_equal(get(e, R_CLEAR[dir]), 0);
		assert_int_equal(get(e, R_STATUS[dir]), 0x00050006);
		assert_int_equal(get(e, R_ERR[dir]), 0x5);
	}
	put(e, 0x058, 0xffffffff);
	assert_int_equal(get(e, 0x04c), 0);
	assert_int_equal(get(e, 0x0a0), 0x00050006);
}

static void
test_int_status_written(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		assert_false(edma_model_irq_emulated(e->m, dir));
		put(e, R_STATUS[dir], 0xffffffff);
		assert_int_equal(get(e, R_STATUS[dir]), 0);
		assert_true(edma_model_irq_emulated(e->m, dir));
		assert_false(edma_model_irq_emulated(e->m, dir ^ 1));
		expect_violations(e, 1);
		put(e, R_CLEAR[dir ^ 1], 0xffffffff);
		assert_true(edma_model_irq_emulated(e->m, dir));
		put(e, R_CLEAR[dir], 0);
		assert_false(edma_model_irq_emulated(e->m, dir));
	}
}

/* Doorbells, stop, soft reset ------------------------------------------------------------------ */

static void
test_doorbell(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 0);
		/* Disabled engine: lost, and not remembered. */
		disable(e, dir, 0);
		if (test_map != COMPAT) {
			ring(e, dir, 0);
			expect_violations(e, 1);
		}
		enable(e, dir, 0);
		assert_false(edma_model_busy(e->m));
		assert_int_equal(cs(e, dir, 0), 0);
		expect_violations(e, 0);
		/* Absent channels. */
		ring(e, dir, dir == WR ? 4 : 3);
		ring(e, dir, 7);
		ring_stop(e, dir, 7);
		assert_false(edma_model_busy(e->m));
		expect_violations(e, is_native() ? 0 : 3);
		/* Running: counted, nothing else. */
		ring(e, dir, 0);
		ring(e, dir, 0);
		steps(e, 1);
		ring(e, dir, 0);
		assert_int_equal(run(e), 3 + 3 + 2 - 1);
		ring(e, dir, 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->doorbells, 4);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 2);
		expect_violations(e, 0);
	}
}

static void
test_written_while_running(void **state)
{
	struct env *e = *state;
	unsigned int dir;
	uint32_t off, before;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 1);
		ring(e, dir, 1);
		steps(e, 1);
		for (off = 0; off < 0x24; off += 4) {
			before = get(e, at(e, dir, 1, CONTROL1) + off);
			put(e, at(e, dir, 1, CONTROL1) + off, 0xffffffff);
			assert_int_equal(get(e, at(e, dir, 1, CONTROL1) + off), before);
			expect_violations(e, 1);
			enable(e, dir, 0);
			put(e, at(e, dir, 0, CONTROL1) + off, 0x3c000000);
			assert_int_equal(get(e, at(e, dir, 0, CONTROL1) + off),
					 off == 4 ? 0 : 0x3c000000);
		}
		/* Allowed while running. */
		put(e, R_CLEAR[dir], 0x00ff00ff);
		put(e, R_MASK[dir], 0);
		put(e, R_EN[dir], 1);
		/* The step that sees the invalid element still belongs to running. */
		steps(e, 2 + 3 + 1);
		cput(e, dir, 1, LLP, 0);
		expect_violations(e, 1);
		run(e);
		assert_true(moved(e, 0, 300000));
		cput(e, dir, 1, LLP, 0);
		expect_violations(e, 0);
	}
}

static void
test_stop(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 0);
		prepare_long(e, dir, 1);
		if (is_native())
			put(e, block(dir, 0) + 0x88, 0x78);
		else
			put(e, R_LL_ERR_EN[dir], 0xff);
		/* Not running: refused. */
		ring_stop(e, dir, 0);
		expect_violations(e, 1);
		assert_int_equal(status(e, dir, 0), 0);
		ring(e, dir, 0);
		ring(e, dir, 1);
		steps(e, 3);
		ring_stop(e, dir, 0);
		assert_int_equal(cs(e, dir, 0), 3);
		assert_int_equal(cs(e, dir, 1), 1);
		assert_int_equal(status(e, dir, 0), ABORT);
		assert_int_equal(status(e, dir, 1), 0);
		if (!is_native())
			assert_int_equal(get(e, R_ERR[dir]), 0);
		assert_int_equal(llp(e, dir, 0), LIST(0));
		/* Counts as an abort, but nothing is sent: both only happen in steps. */
		assert_int_equal(edma_model_counters(e->m, dir, 0)->aborts, 1);
		assert_int_equal(e->imwr.n, 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 1)->elements, 2);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 0);
		expect_violations(e, 0);
		/* No restart before the soft reset, clear or not. */
		clear(e, dir, 0);
		clear(e, dir, 1);
		ring(e, dir, 0);
		assert_int_equal(cs(e, dir, 0), 3);
		assert_false(edma_model_busy(e->m));
		expect_violations(e, 1);
		disable(e, dir, 0);
		enable(e, dir, 0);
		ring(e, dir, 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 2);
		assert_int_equal(status(e, dir, 0), DONE | stop_bit());
		e->imwr.n = 0;
		expect_violations(e, 0);
	}
}

static void
test_soft_reset(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		prepare_long(e, dir, 0);
		put_data(e, dir, LIST(2), 0x01, 100, 0);
		put_data(e, dir, LIST(2) + 24, 0x01, 100, 0);
		put_data(e, dir, LIST(2) + 48, 0x01, 100, 0);
		prepare(e, dir, 2, 0x300 | 3u << 12, LIST(2));
		ring(e, dir, 0);
		ring(e, dir, 2);
		steps(e, 2);
		put(e, R_EN[dir], 0);
		expect_violations(e, 2); /* one per running channel */
		/* Channel 2 was between elements, channel 0 is inside one. */
		assert_int_equal(get(e, R_EN[dir]), 1);
		assert_int_equal(cs(e, dir, 2), 3);
		assert_int_equal(cs(e, dir, 0), 1);
		ring(e, dir, 2);
		expect_violations(e, 1);
		put(e, R_EN[dir], 0);
		assert_true(edma_model_busy(e->m));
		assert_int_equal(run(e), 1);
		assert_int_equal(get(e, R_EN[dir]), 0);
		assert_int_equal(cs(e, dir, 0), 3);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 0);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->bytes, 2 * 65536);
		assert_int_equal(edma_model_counters(e->m, dir, 2)->doorbells, 1);
		/* No status; configuration as it was. */
		assert_int_equal(get(e, R_STATUS[dir]), 0);
		assert_int_equal(llp(e, dir, 0), LIST(0));
		assert_int_equal(llp(e, dir, 2), LIST(2) + 24);
		assert_int_equal(control(e, dir, 2), 0x300 | 3u << 12 | 3u << 5 | 1);
		put(e, R_EN[dir], 1);
		ring(e, dir, 0);
		run(e);
		assert_int_equal(edma_model_counters(e->m, dir, 0)->elements, 2);
		expect_violations(e, 0);
	}
}

/* Enabled again too early: the reset still happens, the doorbell in between is lost. */
static void
test_soft_reset_early(void **state)
{
	struct env *e = *state;

	prepare_long(e, WR, 0);
	ring(e, WR, 0);
	steps(e, 1);
	put(e, 0x00c, 0);
	expect_violations(e, 1);
	put(e, 0x00c, 1);
	expect_violations(e, 1);
	ring(e, WR, 0);
	expect_violations(e, 1);
	run(e);
	assert_int_equal(get(e, 0x00c), 1);
	assert_int_equal(cs(e, WR, 0), 3);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->doorbells, 1);
	ring(e, WR, 0);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 0)->elements, 2);

	/* A stop while the reset waits ends the wait. */
	cput64(e, WR, 0, LLP, LIST(0));
	ring(e, WR, 0);
	steps(e, 1);
	put(e, 0x00c, 0);
	ring_stop(e, WR, 0);
	assert_int_equal(get(e, 0x00c), 0);
	assert_false(edma_model_busy(e->m));
	/* An element whose last piece was on its way completes. */
	put(e, 0x00c, 1);
	ring(e, WR, 0);
	steps(e, 2);
	put(e, 0x00c, 0);
	run(e);
	assert_int_equal(llp(e, WR, 0), LIST(0) + 24);
	assert_int_equal(get(e, 0x00c), 0);
	expect_violations(e, 2);
}

/* What tests and owners use ------------------------------------------------------------------- */

static void
test_inject(void **state)
{
	static const struct {
		unsigned int dir, ch, nth, kind;
	} bad[] = {
		{ WR, 4, 1, EDMA_FAULT_LOCAL }, { RD, 3, 1, EDMA_FAULT_LOCAL },
		{ 2, 0, 1, EDMA_FAULT_LOCAL },  { WR, 0, 0, EDMA_FAULT_LOCAL },
		{ WR, 0, 1, EDMA_FAULT_UR },    { WR, 0, 1, EDMA_FAULT_CA },
		{ WR, 0, 1, EDMA_FAULT_TIMEOUT }, { WR, 0, 1, EDMA_FAULT_POISON },
		{ RD, 0, 1, EDMA_FAULT_POISON + 1 },
	};
	struct env *e = *state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(edma_model_inject(e->m, bad[i].dir, bad[i].ch, bad[i].nth,
						   bad[i].kind), -EINVAL);
	for (i = 0; i < 6; i++)
		put_data(e, RD, LIST(0) + 24 * i, 0x01, 64, i * 64);
	put_data(e, RD, LIST(0) + 24 * i, 0x00, 64, 0);
	/* The latest one counts, also if it takes the others back. */
	assert_int_equal(edma_model_inject(e->m, RD, 0, 1, EDMA_FAULT_POISON), 0);
	assert_int_equal(edma_model_inject(e->m, RD, 0, 5, EDMA_FAULT_CA), 0);
	assert_int_equal(edma_model_inject(e->m, RD, 1, 1, EDMA_FAULT_CA), 0);
	assert_int_equal(edma_model_inject(e->m, RD, 1, 0, EDMA_FAULT_NONE), 0);
	wipe_dst(e, RD);
	prepare(e, RD, 0, 0x300, LIST(0));
	ring(e, RD, 0);
	run(e);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 24 * 4);
	assert_true(moved(e, 0, 256));
	assert_false(moved(e, 256, 1));
	ring(e, RD, 0);
	run(e);
	assert_int_equal(llp(e, RD, 0), LIST(0) + 24 * 6);
	prepare(e, RD, 1, 0x300, LIST(0));
	ring(e, RD, 1);
	run(e);
	assert_int_equal(cs(e, RD, 1), 3);

	/* A block has no fetch that could fail. */
	assert_int_equal(edma_model_inject(e->m, RD, 2, 1, EDMA_FAULT_LL_FETCH), 0);
	prepare(e, RD, 2, 0, 0);
	cput(e, RD, 2, SIZE, 64);
	cput64(e, RD, 2, SAR, PCIE_DATA);
	cput64(e, RD, 2, DAR, LOCAL_DATA);
	ring(e, RD, 2);
	run(e);
	assert_int_equal(cs(e, RD, 2), 3);
	prepare(e, RD, 2, 0x300, LIST(0));
	ring(e, RD, 2);
	run(e);
	assert_int_equal(status(e, RD, 2) & ABORT, ABORT);
	if (!is_native())
		assert_int_equal(get(e, 0x0b4), 1u << 18);
	/* What could not be fetched is not shown: this is still the end of the block. */
	assert_int_equal(cget64(e, RD, 2, SAR), PCIE_DATA + 64);
	assert_int_equal(control(e, RD, 2) & 0x360, 0x300 | 2u << 5);
}

static void
test_counters(void **state)
{
	struct env *e = *state;
	const struct edma_counters *c;

	assert_null(edma_model_counters(e->m, WR, 4));
	assert_null(edma_model_counters(e->m, RD, 3));
	assert_null(edma_model_counters(e->m, (enum edma_dir)2, 0));
	c = edma_model_counters(e->m, WR, 3);
	put_data(e, WR, LIST(0), 0x19, 10, 0);
	put_data(e, WR, LIST(0) + 24, 0x19, 20, 0);
	put_link(e, LIST(0) + 48, 0x05, LIST(1));
	put_data(e, WR, LIST(1), 0x01, 40, 0);
	put_link(e, LIST(1) + 24, 0x05, 0);
	prepare(e, WR, 3, 0x300, LIST(0));
	put(e, is_native() ? block(WR, 3) + 0x88 : 0x090, is_native() ? 0x20 : 0x8);
	ring(e, WR, 3);
	run(e);
	assert_int_equal(c->elements, 3);
	assert_int_equal(c->bytes, 70);
	assert_int_equal(c->doorbells, 1);
	assert_int_equal(c->laps, 2);
	assert_int_equal(c->aborts, 1);
	assert_int_equal(c->imwr, 3);
	assert_int_equal(edma_model_counters(e->m, RD, 0)->elements, 0);
	edma_model_clear_counters(e->m);
	assert_int_equal(c->elements + c->bytes + c->doorbells + c->laps + c->aborts + c->imwr, 0);
}

static void
test_model_reset(void **state)
{
	struct env *e = *state;
	const struct edma_switches sw = { .element_delay = 1 };
	struct edma_switches now;
	uint32_t off;

	edma_model_set_switches(e->m, &sw);
	put(e, 0x04c, 1);
	prepare_long(e, WR, 0);
	prepare_long(e, WR, 1);
	edma_model_inject(e->m, WR, 1, 1, EDMA_FAULT_LOCAL);
	ring(e, WR, 0);
	ring(e, WR, 1);
	steps(e, 3);
	put(e, 0x00c, 0);
	edma_model_reset(e->m);
	assert_false(edma_model_busy(e->m));
	assert_false(edma_model_in_element(e->m, -1));
	assert_false(edma_model_irq_emulated(e->m, WR));
	for (off = 0; off < 0x1200; off += 4)
		assert_int_equal(e->image[off / 4], off == 0x008 ? 0x00030004 :
				 off == 0x054 ? 0x000f000f : off == 0x0a8 ? 0x00070007 : 0);
	assert_int_equal(edma_model_counters(e->m, WR, 1)->aborts, 1);
	edma_model_get_switches(e->m, &now);
	assert_int_equal(now.element_delay, 1);
	/* A fatal abort, a pending soft reset or a fault of the life before have no effect. */
	edma_model_inject(e->m, WR, 1, 1, EDMA_FAULT_LOCAL);
	edma_model_reset(e->m);
	prepare_long(e, WR, 1);
	ring(e, WR, 1);
	run(e);
	assert_int_equal(edma_model_counters(e->m, WR, 1)->elements, 2);
	expect_violations(e, 2);
}

int
main(void)
{
	const struct CMUnitTest any[] = {
		T(test_create_bad), T(test_programmed_while_disabled), T(test_report_bits),
		T(test_aborts), T(test_doorbell), T(test_stop), T(test_inject), T(test_counters),
	};
	const struct CMUnitTest edma[] = {
		T(test_reset_values), T(test_access), T(test_imwr), T(test_imwr_stored),
		T(test_block_aborts),
		T(test_int_clear), T(test_int_status_written), T(test_written_while_running),
		T(test_soft_reset), T(test_soft_reset_early), T(test_model_reset),
	};
	return run_on_map(LEGACY, "edma_model, legacy", any, ARRAY_SIZE(any)) +
	       run_on_map(LEGACY, "edma_model, legacy: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(UNROLL, "edma_model, unroll", any, ARRAY_SIZE(any)) +
	       run_on_map(UNROLL, "edma_model, unroll: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(COMPAT, "edma_model, HDMA compatible", any, ARRAY_SIZE(any)) +
	       run_on_map(COMPAT, "edma_model, HDMA compatible: eDMA", edma, ARRAY_SIZE(edma)) +
	       run_on_map(NATIVE, "edma_model, HDMA native", any, ARRAY_SIZE(any));
}
