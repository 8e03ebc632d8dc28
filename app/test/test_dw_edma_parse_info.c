/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The information block in both generations, and what picks a parser.
 */

#include "dw_edma_parse_env.h"

/* Window of 0x20000 bytes at 0xe0000 of BAR 2. */
#define AT 0xe0000
#define INFO1 (AT + 0x10000)

static struct fake fake;

static struct dw_edma_discover_args
info_args(void)
{
	struct dw_edma_discover_args args = args_of("info");

	args.window = (struct dw_edma_window){ 2, AT, 0x20000 };
	return args;
}

static void
test_first(void **state)
{
	struct dw_edma_discover_args args = info_args();
	unsigned int ch;

	(void)state;
	fake_info1(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	expect_window(&layout.regs, 2, AT, 0x10000);
	assert_int_equal(layout.cnt[WR], 4);
	assert_int_equal(layout.cnt[RD], 5);
	for (ch = 0; ch < 4; ch++)
		expect_list(WR, ch, 2, AT + 0x11000 + 0x1000 * ch, 0x1000,
			    0x70000000 + 0x1000 * ch);
	for (ch = 0; ch < 5; ch++)
		expect_list(RD, ch, 2, AT + 0x15000 + 0x1000 * ch, 0x1000,
			    0x70008000 + 0x1000 * ch);
	assert_int_equal(fake.nb_writes, 0);
	/* The window ends with the last list. */
	args.window.bytes = 0x1a000;
	fake_info1(&fake);
	expect_found(&fake, &args);
	args.window.bytes = 0x19ff8;
	fake_info1(&fake);
	expect_refused(&fake, &args, -ERANGE,
		       "window of 0x19ff8 bytes, expected at least 0x1a000");
	/* To the end of the BAR; the page is not this generation's. */
	args.window.bytes = 0;
	args.page_bytes = 65536;
	fake_info1(&fake);
	expect_found(&fake, &args);
	/* All the channels there can be, another stride, one direction alone. */
	fake_info1(&fake);
	fake_put(&fake, 2, INFO1 + 0x04, 8 << 16);
	fake_put(&fake, 2, INFO1 + 0x10, 0x800);
	for (ch = 5; ch < 8; ch++)
		fake_put64(&fake, 2, INFO1 + 0x58 + 8 * ch, 0x70008000 + 0x1000 * ch);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 0);
	expect_list(RD, 7, 2, AT + 0x11000 + 0x3800, 0x800, 0x7000f000);
}

static void
test_first_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 2, INFO1, 0x45444d42, -ENOENT, "0x00000000 at 0x0 and 0x45444d42 at 0x10000" },
		{ 2, INFO1, 0x414d4445, -ENOTSUP, "0x414d4445, big endian or of a self-test" },
		{ 2, INFO1 + 0x04, 0, -EPROTO, "0 write and 0 read channels" },
		{ 2, INFO1 + 0x04, 5 << 16 | 9, -EPROTO, "9 write and 5 read channels" },
		{ 2, INFO1 + 0x04, 9 << 16 | 4, -EPROTO, "4 write and 9 read channels" },
		{ 2, INFO1 + 0x04, 5 << 16 | 0xffff, -EPROTO, "65535 write and 5 read" },
		{ 2, INFO1 + 0x10, 0, -ERANGE, "list of write channel 0: 0x0 bytes" },
		{ 2, INFO1 + 0x10, 0x47, -ERANGE, "list of write channel 0: 0x47 bytes" },
		{ 2, INFO1 + 0x10, 0x4c, -ERANGE, "list of write channel 1 at 0xf104c" },
		{ 2, INFO1 + 0x10, 0x1ab0, -ERANGE, "window of 0x20000 bytes" },
		{ 2, INFO1 + 0x10, 0xfffffff8, -ERANGE, "window of 0x20000 bytes" },
		{ 2, INFO1 + 0x18, 0x70000004, -ERANGE, "for the engine at 0x70000004" },
		{ 2, INFO1 + 0x20, 0x70000000, -ERANGE, "channel 0 and write channel 1 overlap" },
		{ 2, INFO1 + 0x58, 0x70000ff8, -ERANGE, "channel 0 and read channel 0 overlap" },
	};
	const struct dw_edma_discover_args args = info_args();

	(void)state;
	refuse_each(fake_info1, &args, wrong, ARRAY_SIZE(wrong));
}

static void
test_second(void **state)
{
	struct dw_edma_discover_args args = info_args();
	unsigned int ch;

	(void)state;
	fake_info2(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	expect_window(&layout.regs, 2, AT + 0x2000, 0x2000);
	assert_int_equal(layout.cnt[WR], 0);
	assert_int_equal(layout.cnt[RD], 5);
	for (ch = 0; ch < 5; ch++)
		expect_list(RD, ch, 2, AT + 0x4000 + 0x1000 * ch, 0x1000,
			    0x70000000 + 0x1000 * ch);
	args.window.bytes = 0x9000;
	fake_info2(&fake);
	expect_found(&fake, &args);
	args.window.bytes = 0x8ffc;
	fake_info2(&fake);
	expect_refused(&fake, &args, -ERANGE, "window of 0x8ffc bytes, expected at least 0x9000");
	/* An endpoint with larger pages. */
	args.window = (struct dw_edma_window){ 2, AT, 0 };
	args.page_bytes = 16384;
	fake_info2(&fake);
	for (ch = 0; ch < 5; ch++)
		fake_put64(&fake, 2, AT + 0x18 + 8 * ch, 0x70000000 + 0x4000 * ch);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 2, AT + 0x8000, 0x2000);
	expect_list(RD, 1, 2, AT + 0xe000, 0x4000, 0x70004000);
}

static void
test_second_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 2, AT, 0x45444d40, -ENOENT, "0x45444d40 at 0x0 and 0x00000000 at 0x10000" },
		{ 2, AT, 0x414d4445, -ENOTSUP, "0x414d4445, big endian or of a self-test" },
		{ 2, AT + 0x04, 0x1800, -EPROTO, "registers of 0x1800 bytes, expected a power" },
		{ 2, AT + 0x04, 0, -EPROTO, "registers of 0x0 bytes, expected a power" },
		{ 2, AT + 0x04, 0x800, -ERANGE, "registers of 0x800 bytes" },
		{ 2, AT + 0x04, 0x80000000, -ERANGE, "window of 0x20000 bytes" },
		{ 2, AT + 0x04, 0x20000, -ERANGE, "expected at least 0x22000" },
		{ 2, AT + 0x08, 0xabcd0004, -EPROTO, "4 channels, expected 5" },
		{ 2, AT + 0x08, 0xabcd0006, -EPROTO, "6 channels, expected 5" },
		{ 2, AT + 0x18, 0x70000004, -ERANGE, "for the engine at 0x70000004" },
		{ 2, AT + 0x20, 0x70000000, -ERANGE, "channel 0 and read channel 1 overlap" },
	};
	const struct dw_edma_discover_args args = info_args();

	(void)state;
	refuse_each(fake_info2, &args, wrong, ARRAY_SIZE(wrong));
}

static void
test_window(void **state)
{
	static const uint32_t pages[] = { 1, 2048, 4097, 6144, 131072, UINT32_MAX };
	struct dw_edma_discover_args args = info_args();
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		args.page_bytes = pages[i];
		fake_info2(&fake);
		expect_refused(&fake, &args, -EINVAL, "expected a power of two from 4096 to 65536");
	}
	args = info_args();
	args.window.bytes = 0x3c;
	fake_info2(&fake);
	expect_refused(&fake, &args, -EINVAL, "window of 0x3c bytes at 0xe0000 of BAR 2");
	args.window.bytes = 0x40;
	fake_info2(&fake);
	expect_refused(&fake, &args, -ERANGE, "window of 0x40 bytes, expected at least 0x4000");
	args.window.bytes = 0x20004;
	fake_info2(&fake);
	expect_refused(&fake, &args, -EINVAL, "window of 0x20004 bytes at 0xe0000 of BAR 2");
	args.window.bar = 7;
	fake_info2(&fake);
	expect_refused(&fake, &args, -EINVAL, "window in BAR 7");
	/* Too short for a block of the first generation, which is not read then. */
	args = info_args();
	args.window.bytes = 0x1009c;
	fake_info1(&fake);
	expect_refused(&fake, &args, -ENOENT, "0x00000000 at 0x0 and 0x00000000 at 0x10000");
	assert_int_equal(fake.reads, 2);
	args.window.bytes = 0x100a0;
	fake_info1(&fake);
	expect_refused(&fake, &args, -ERANGE, "expected at least 0x12000");
}

static void
test_gone(void **state)
{
	const struct dw_edma_discover_args args = info_args();

	(void)state;
	sweep_gone(fake_info1, &args);
	sweep_hole(fake_info1, &args, 1, 0);
	sweep_gone(fake_info2, &args);
	sweep_hole(fake_info2, &args, 1, 0);
}

static void
test_changes(void **state)
{
	const struct dw_edma_discover_args args = info_args();

	(void)state;
	sweep_changes(fake_info1, &args, NULL);
	sweep_changes(fake_info2, &args, NULL);
	fake_info2(&fake);
	fake_change_at(&fake, 4, 2, AT + 0x04, 0x4000);
	expect_refused(&fake, &args, -EAGAIN, "changes: 0x00002000, then 0x00004000");
}

/* Which parser. */

static void
build_auto_pedm(struct fake *f)
{
	fake_pedm(f, 0x1c, 1, 2, 2);
	f->delay = 1;
}

static void
test_auto(void **state)
{
	struct dw_edma_discover_args args = args_of("auto");

	(void)state;
	fake_edda(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 2);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_AUTO);
	/* A device of the table is not asked for metadata. */
	fake_edda(&fake);
	fake_put(&fake, 2, 0, 0x4d444550);
	expect_found(&fake, &args);
	build_auto_pedm(&fake);
	expect_found(&fake, &args);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_PEDM);
	/* In a BAR that is not the first. */
	build_auto_pedm(&fake);
	fake.src.bar_bytes[0] = 0x1a;
	fake_put(&fake, 2, 0, 0x4d444550);
	expect_refused(&fake, &args, -ENOTSUP, "PEDM: revision 0");
	/* Neither: what arguments say. */
	build_auto_pedm(&fake);
	fake_put(&fake, 0, 0, 0);
	expect_refused(&fake, &args, -EINVAL, "map of device 1912:1234 is not known");
	args.table.opt[DW_EDMA_OPT_MAP] = (struct dw_edma_opt){ true, 1 };
	args.table.opt[DW_EDMA_OPT_RD_CNT] = (struct dw_edma_opt){ true, 1 };
	args.table.opt[DW_EDMA_OPT_REG_BAR] = (struct dw_edma_opt){ true, 4 };
	args.table.opt[DW_EDMA_OPT_LL_BAR] = (struct dw_edma_opt){ true, 2 };
	args.table.opt[DW_EDMA_OPT_LL_LOCAL] = (struct dw_edma_opt){ true, 0x1000 };
	build_auto_pedm(&fake);
	fake_put(&fake, 0, 0, 0);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 1);
	sweep_gone(build_auto_pedm, &args);
	/* An NTB function is not taken for one with an engine. */
	args = args_of("auto");
	fake_ndma(&fake, 2);
	expect_refused(&fake, &args, -EINVAL, "is not known");
	assert_int_equal(fake.nb_writes, 0);
}

static void
test_formats(void **state)
{
	struct dw_edma_discover_args args = args_of("auto");
	int i;

	(void)state;
	for (i = 0; i < DW_EDMA_FORMATS; i++)
		assert_int_equal(dw_edma_format_by_name(dw_edma_format_name(i)), i);
	assert_int_equal(i, 6);
	assert_null(dw_edma_format_name(DW_EDMA_FORMATS));
	assert_null(dw_edma_format_name((enum dw_edma_format)-1));
	assert_int_equal(dw_edma_format_by_name("pedm2"), -EINVAL);
	assert_int_equal(dw_edma_format_by_name(""), -EINVAL);
	args.format = DW_EDMA_FORMATS;
	fake_edda(&fake);
	expect_refused(&fake, &args, -EINVAL, "format 6, expected 0 to 5");
}

/* Windows, as the rest of the driver asks about them. */
static void
test_window_ok(void **state)
{
	struct dw_edma_window w = { 2, 0, 0x100000 };

	(void)state;
	fake_info1(&fake);
	assert_true(dw_edma_window_ok(&fake.src, &w, 0x100000));
	assert_false(dw_edma_window_ok(&fake.src, &w, 0x100001));
	w.offset = 1;
	assert_false(dw_edma_window_ok(&fake.src, &w, 1));
	w = (struct dw_edma_window){ 2, 0xfffff, 1 };
	assert_true(dw_edma_window_ok(&fake.src, &w, 1));
	w.offset = UINT64_MAX;
	assert_false(dw_edma_window_ok(&fake.src, &w, 1));
	w = (struct dw_edma_window){ 2, 8, UINT64_MAX - 4 };
	assert_false(dw_edma_window_ok(&fake.src, &w, 1));
	w = (struct dw_edma_window){ DW_EDMA_BARS, 0, 1 };
	assert_false(dw_edma_window_ok(&fake.src, &w, 1));
	w = (struct dw_edma_window){ 0, 0, 1 };
	assert_false(dw_edma_window_ok(&fake.src, &w, 1));
	w.bytes = 0;
	assert_true(dw_edma_window_ok(&fake.src, &w, 0));
}

/* Counts that no parser lets through. */
static void
test_layout_counts(void **state)
{
	(void)state;
	fake_edda(&fake);
	memset(&layout, 0, sizeof(layout));
	layout.map = DW_EDMA_MAP_UNROLL;
	layout.cnt[RD] = 9;
	assert_int_equal(dw_edma_layout_check(&fake.src, &layout, NULL, 0), -EPROTO);
	assert_non_null(strstr(fake.line, "9 read channels, expected at most 8 for map 1"));
	layout.map = DW_EDMA_MAP_HDMA_NATIVE;
	layout.cnt[RD] = 65;
	assert_int_equal(dw_edma_layout_check(&fake.src, &layout, NULL, 0), -EPROTO);
	assert_non_null(strstr(fake.line, "65 read channels, expected at most 64 for map 7"));
	layout.map = (enum dw_edma_map)4;
	assert_int_equal(dw_edma_layout_check(&fake.src, &layout, NULL, 0), -EPROTO);
	assert_non_null(strstr(fake.line, "register map 4, expected 0, 1, 5 or 7"));
	assert_int_equal(fake.lines, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_first_refused),
		cmocka_unit_test(test_second),
		cmocka_unit_test(test_second_refused),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_window_ok),
		cmocka_unit_test(test_layout_counts),
	};

	return cmocka_run_group_tests_name("dw_edma_parse_info", tests, NULL, NULL);
}
