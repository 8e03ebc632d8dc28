/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Parts of the endpoint NTB function: BAR maps, control region, mailbox and outbound translations.
 */

#include "softep_ntb_env.h"

/* BAR maps ------------------------------------------------------------------------------------- */

static void
test_maps(void **state)
{
	/* The table of ntb-epf.md 6; sizes: 4 KiB, but for the windows. -1: no such BAR. */
	static const struct {
		unsigned int map, mws;
		uint16_t vendor, device;
		uint64_t bars[6];
		uint64_t mw1_offset;
	} rows[] = {
		{ RENESAS, 1, 0x1912, 0x0030, { 0x1000, 0, 0x20000, 0, 0x1000, 0 }, 0 },
		{ NXP, 1, 0x1957, 0x0809, { 0x1000, 0, 0x1000, 0, 0x20000, 0 }, 0 },
		{ NXP, 2, 0x1957, 0x0809, { 0x1000, 0, 0x1000, 0, 0x20000, 0x40000 }, 0 },
		{ TI, 1, 0x104c, 0xb00d, { 0x1000, 0x1000, 0x20000, 0, 0, 0 }, 0x1000 },
		{ TI, 4, 0x104c, 0xb00d, { 0x1000, 0x1000, 0x20000, 0x40000, 0x80000, 0x100000 },
		  0x1000 },
	};
	struct ntb_shape shape;
	unsigned int i, bar;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		shape = env_shape(rows[i].map, rows[i].mws);
		assert_int_equal(shape.map->vendor, rows[i].vendor);
		assert_int_equal(shape.map->device, rows[i].device);
		for (bar = 0; bar < 6; bar++)
			assert_int_equal(ntb_shape_bar_bytes(&shape, bar), rows[i].bars[bar]);
		assert_int_equal(ntb_shape_mw_offset(&shape, 0), rows[i].mw1_offset);
		assert_int_equal(ntb_shape_mw_size(&shape, 0), 0x20000 - rows[i].mw1_offset);
	}
}

static void
test_widths(void **state)
{
	unsigned int map, mw, bar;

	(void)state;
	/* The upper half of a 64-bit BAR is nobody else's. */
	for (map = 0; map < NTB_BAR_MAPS; map++) {
		struct ntb_shape shape = env_shape(map, ntb_bar_maps[map].mw_max);

		for (bar = 0; bar < 6; bar++) {
			if (ntb_shape_bar_bytes(&shape, bar) == 0 ||
			    (shape.map->narrow & 1 << bar) != 0)
				continue;
			assert_true(bar < 5);
			assert_int_equal(ntb_shape_bar_bytes(&shape, bar + 1), 0);
		}
		for (mw = 1; mw < shape.mw_cnt; mw++)
			assert_true(shape.map->mw[mw] > shape.map->mw[mw - 1]);
	}
}

static void
test_ctrl_bytes(void **state)
{
	static const struct {
		uint32_t spad_offset, spad_cnt, bytes;
	} rows[] = {
		{ 0x134, 128, 0x1000 }, /* 0x534 */
		{ 0x200, 448, 0x1000 }, /* exactly 0x1000 */
		{ 0x200, 449, 0x2000 },
		{ 0x10000, 1, 0x20000 },
	};
	struct ntb_shape shape = env_shape(RENESAS, 1);
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		shape.spad_offset = rows[i].spad_offset;
		shape.spad_cnt = rows[i].spad_cnt;
		assert_int_equal(ntb_shape_ctrl_bytes(&shape), rows[i].bytes);
	}
}

static void
test_locate(void **state)
{
	/* 16 scratchpads: region A 0x134 to 0x173, region B 0x174 to 0x1b3. */
	static const struct {
		unsigned int map, bar;
		bool crossed;
		uint64_t offset;
		enum ntb_area area;
		unsigned int window;
		uint64_t in_area, left;
	} rows[] = {
		{ RENESAS, 0, false, 0x174, NTB_AREA_CTRL, 0, 0x174, 0x1000 - 0x174 },
		{ RENESAS, 0, true, 0, NTB_AREA_CTRL, 0, 0, 0x174 },
		{ RENESAS, 0, true, 0x173, NTB_AREA_CTRL, 0, 0x173, 1 },
		{ RENESAS, 0, true, 0x174, NTB_AREA_PEER, 0, 0, 0x40 },
		{ RENESAS, 0, true, 0x1b3, NTB_AREA_PEER, 0, 0x3f, 1 },
		{ RENESAS, 0, true, 0x1b4, NTB_AREA_CTRL, 0, 0x1b4, 0x1000 - 0x1b4 },
		{ RENESAS, 4, true, 8, NTB_AREA_DB, 0, 8, 0xff8 },
		{ RENESAS, 2, true, 0x1ffff, NTB_AREA_MW, 0, 0x1ffff, 1 },
		{ NXP, 2, true, 0, NTB_AREA_DB, 0, 0, 0x1000 },
		{ NXP, 4, true, 0, NTB_AREA_MW, 0, 0, 0x20000 },
		{ NXP, 5, true, 4, NTB_AREA_MW, 1, 4, 0x3fffc },
		{ TI, 0, true, 0x174, NTB_AREA_CTRL, 0, 0x174, 0x1000 - 0x174 },
		{ TI, 1, true, 0, NTB_AREA_PEER, 0, 0, 0x40 },
		{ TI, 1, false, 0x3f, NTB_AREA_PEER, 0, 0x3f, 1 },
		{ TI, 1, true, 0x40, NTB_AREA_NONE, 0, 0, 0xfc0 },
		{ TI, 2, true, 0xfff, NTB_AREA_DB, 0, 0xfff, 1 },
		{ TI, 2, true, 0x1000, NTB_AREA_MW, 0, 0, 0x1f000 },
		{ TI, 3, true, 0, NTB_AREA_MW, 1, 0, 0x40000 },
		{ TI, 5, true, 0, NTB_AREA_MW, 3, 0, 0x100000 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ntb_shape shape = env_shape(rows[i].map, ntb_bar_maps[rows[i].map].mw_max);
		struct ntb_place place;

		shape.crossed = rows[i].crossed;
		ntb_shape_locate(&shape, rows[i].bar, rows[i].offset, &place);
		assert_int_equal(place.area, rows[i].area);
		assert_int_equal(place.left, rows[i].left);
		if (place.area == NTB_AREA_NONE)
			continue;
		assert_int_equal(place.offset, rows[i].in_area);
		if (place.area == NTB_AREA_MW)
			assert_int_equal(place.window, rows[i].window);
	}
}

/* Control region ------------------------------------------------------------------------------- */

static uint8_t ram[0x20000];

static uint32_t
word(unsigned int offset)
{
	uint32_t value;

	memcpy(&value, ram + offset, sizeof(value));
	return value;
}

static struct ntb_ctrl
bind(const struct ntb_shape *shape, enum ntb_db_mode mode)
{
	struct ntb_ctrl ctrl;

	memset(ram, 0xa5, sizeof(ram));
	ntb_ctrl_init(&ctrl, shape, ram);
	ntb_ctrl_bind(&ctrl, mode);
	return ctrl;
}

static void
test_constants(void **state)
{
	/* The table of ntb-epf.md 4.2. */
	static const struct {
		enum ntb_db_mode mode;
		uint32_t entry, data_base, data_step, offset;
	} rows[] = {
		{ NTB_DB_POLLED, 4, 1, 1, 0 },
		{ NTB_DB_MSI, 0, 0x20, 1, 0x40 },
		{ NTB_DB_EDMA, 0, 0, 0, 0xa0 },
		{ NTB_DB_PEER, 4, 0, 0, 0 },
	};
	struct ntb_shape shape = env_shape(RENESAS, 1);
	unsigned int i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bind(&shape, rows[i].mode);
		for (n = 0; n < MW_COUNT; n += 4)
			assert_int_equal(word(n), 0);
		assert_int_equal(word(MW_COUNT), 1);
		assert_int_equal(word(MW1_OFFSET), 0);
		assert_int_equal(word(SPAD_OFFSET), 0x134);
		assert_int_equal(word(SPAD_COUNT), 16);
		assert_int_equal(word(DB_ENTRY_SIZE), rows[i].entry);
		for (n = 0; n < 32; n++) {
			const bool used = n < 8;

			assert_int_equal(word(DB_DATA(n)),
					 used ? rows[i].data_base + n * rows[i].data_step : 0);
			assert_int_equal(word(DB_OFFSET(n)), used ? rows[i].offset : 0);
		}
		for (n = 0x134; n < 0x1000; n += 4)
			assert_int_equal(word(n), 0);
		assert_int_equal(ram[0x1000], 0xa5);
	}
}

static void
test_layout_v1(void **state)
{
	struct ntb_shape shape = env_shape(TI, 3);
	struct ntb_shape any = { .dma_cnt = 3 };
	unsigned int n;

	(void)state;
	assert_int_equal(ntb_shape_struct_bytes(&any), 0x134);
	any.dma = NTB_DMA_NDMA;
	assert_int_equal(ntb_shape_struct_bytes(&any), 0x134 + 0x24 + 3 * 0x14);
	any.layout = NTB_EPF_LAYOUT_V1;
	any.dma = NTB_DMA_EPDM;
	assert_int_equal(ntb_shape_struct_bytes(&any), 0x168);
	shape.layout = 1;
	shape.spad_offset = 0x168;
	bind(&shape, NTB_DB_POLLED);
	assert_int_equal(word(TOPOLOGY), 1);
	assert_int_equal(word(MW_COUNT), 3);
	assert_int_equal(word(MW1_OFFSET), 0x1000);
	assert_int_equal(word(SPAD_OFFSET), 0x168);
	for (n = 0; n < 4; n++) {
		static const uint32_t offsets[] = { 0x1000, 0, 0, 0 };
		static const uint32_t sizes[] = { 0x1f000, 0x40000, 0x80000, 0 };

		assert_int_equal(word(0x134 + 4 * n), offsets[n]);
		assert_int_equal(word(0x144 + 4 * n), sizes[n]);
	}
	/* No engine is exported this way. */
	for (n = 0x154; n < 0x1000; n += 4)
		assert_int_equal(word(n), 0);
}

static void
test_spads(void **state)
{
	struct ntb_shape shape = env_shape(RENESAS, 1);
	struct ntb_ctrl ctrl = bind(&shape, NTB_DB_POLLED);
	unsigned int i;

	(void)state;
	for (i = 0; i < 16; i++) {
		assert_ptr_equal(ntb_ctrl_spad(&ctrl, NTB_SPAD_A, i), ram + 0x134 + 4 * i);
		assert_ptr_equal(ntb_ctrl_spad(&ctrl, NTB_SPAD_B, i), ram + 0x174 + 4 * i);
	}
	assert_null(ntb_ctrl_spad(&ctrl, NTB_SPAD_A, 16));
	assert_null(ntb_ctrl_spad(&ctrl, NTB_SPAD_B, UINT32_MAX));
	assert_ptr_equal(ntb_ctrl_region_a(&ctrl), ram + 0x134);
	assert_ptr_equal(ntb_ctrl_region_b(&ctrl), ram + 0x174);
}

/* The endpoint looks the numbers up in memory that the host can write. */
static void
test_spads_overwritten(void **state)
{
	static const struct {
		uint32_t offset, cnt;
		int64_t a0, b0; /* offset of the cell 0, -1: none */
	} rows[] = {
		{ 0x200, 4, 0x200, 0x210 },
		{ 0xffc, 1, 0xffc, -1 },
		{ 0xffd, 1, -1, -1 },
		{ 0x134, 0, -1, -1 },
		{ 0x134, 0xffffffff, 0x134, -1 },
		{ 0xffffffff, 0xffffffff, -1, -1 },
		{ 0xfffffffc, 1, -1, -1 },
	};
	struct ntb_shape shape = env_shape(RENESAS, 1);
	struct ntb_ctrl ctrl = bind(&shape, NTB_DB_POLLED);
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(ram + SPAD_OFFSET, &rows[i].offset, 4);
		memcpy(ram + SPAD_COUNT, &rows[i].cnt, 4);
		assert_ptr_equal(ntb_ctrl_spad(&ctrl, NTB_SPAD_A, 0),
				 rows[i].a0 < 0 ? NULL : ram + rows[i].a0);
		assert_ptr_equal(ntb_ctrl_spad(&ctrl, NTB_SPAD_B, 0),
				 rows[i].b0 < 0 ? NULL : ram + rows[i].b0);
		assert_null(ntb_ctrl_spad(&ctrl, NTB_SPAD_A, UINT32_MAX));
	}
}

static void
test_link_bit(void **state)
{
	struct ntb_shape shape = env_shape(RENESAS, 1);
	struct ntb_ctrl ctrl = bind(&shape, NTB_DB_POLLED);

	(void)state;
	/* CMD_STATUS shares the dword and stays what it is. */
	ram[CMD_STATUS] = 2;
	ntb_ctrl_set_link(&ctrl, true);
	assert_int_equal(word(CMD_STATUS), 0x10002);
	ntb_ctrl_set_link(&ctrl, false);
	assert_int_equal(word(CMD_STATUS), 2);
}

/* Delayed work --------------------------------------------------------------------------------- */

static void
test_work_grid(void **state)
{
	struct ntb_work work;

	(void)state;
	ntb_work_reset(&work, 100);
	assert_true(ntb_work_next(&work, 50) == NTB_NEVER);
	assert_false(ntb_work_take(&work, 50, 100000));
	/* Runs would be at 150, 200, ...: what comes at 260 is found at 300. */
	ntb_work_want(&work, 260);
	ntb_work_want(&work, 270);
	assert_int_equal(ntb_work_next(&work, 50), 300);
	assert_false(ntb_work_take(&work, 50, 299));
	assert_true(ntb_work_take(&work, 50, 305));
	assert_false(ntb_work_take(&work, 50, 305));
	assert_true(ntb_work_next(&work, 50) == NTB_NEVER);
	/* What comes while a run is overdue is found by that one. */
	ntb_work_want(&work, 301);
	ntb_work_want(&work, 355);
	assert_true(ntb_work_take(&work, 50, 360));
	assert_int_equal(work.last, 350);
	/* What comes in the moment of a run is for the next one. */
	ntb_work_want(&work, 350);
	assert_int_equal(ntb_work_next(&work, 50), 400);
}

static void
test_work_command(void **state)
{
	struct ntb_epf_ctrl regs = { .command = 5, .argument = 7, .link_status = 1 };
	struct ntb_work work;
	uint32_t argument;

	(void)state;
	ntb_work_reset(&work, 0);
	ntb_work_want(&work, 1);
	assert_true(ntb_work_take(&work, 50, 50));
	assert_int_equal(ntb_work_command(&regs, &argument), 5);
	assert_int_equal(argument, 7);
	assert_int_equal(regs.command, 0);
	assert_int_equal(regs.argument, 0);
	assert_int_equal(ntb_work_command(&regs, &argument), 0);
	ntb_work_answer(&work, 2, 30);
	assert_int_equal(ntb_work_next(&work, 50), 80);
	/* Nothing else is done while the command is in hand. */
	ntb_work_want(&work, 60);
	assert_false(ntb_work_take(&work, 50, 79));
	ntb_work_finish(&work, &regs, 79);
	assert_int_equal(regs.cmd_status, 0);
	ntb_work_finish(&work, &regs, 85);
	assert_int_equal(regs.cmd_status, 2);
	assert_int_equal(regs.link_status, 1);
	/* The next run is a period after the end of this one. */
	assert_int_equal(ntb_work_next(&work, 50), 130);
}

static void
test_work_no_status(void **state)
{
	struct ntb_epf_ctrl regs = { .cmd_status = 1 };
	struct ntb_work work;

	(void)state;
	ntb_work_reset(&work, 0);
	ntb_work_answer(&work, 0, 0);
	ntb_work_finish(&work, &regs, 0);
	assert_int_equal(regs.cmd_status, 1);
	assert_true(ntb_work_next(&work, 50) == NTB_NEVER);
}

/* Outbound translations ------------------------------------------------------------------------ */

static void
test_windows(void **state)
{
	struct ntb_window_rules rules = { .granule = 0x1000, .limit = 3 };
	struct ntb_windows w = { 0 };
	struct ntb_window_refusal refusal;
	uint64_t target, len = 0x3000;

	(void)state;
	assert_false(ntb_windows_translate(&w, &rules, 0, 0, &target, &len));
	assert_false(ntb_windows_unmap(&w, 0));
	assert_true(ntb_windows_map(&w, &rules, 0, 0x10000, 0x1000, &refusal));
	assert_true(ntb_windows_map(&w, &rules, 1, 0x20000, 0x1000, &refusal));
	assert_true(ntb_windows_map(&w, &rules, 0, 0x30000, 0x2000, &refusal));
	assert_false(ntb_windows_map(&w, &rules, 0, 0x40000, 0x1000, &refusal));
	assert_string_equal(refusal.what, "window");
	assert_int_equal(refusal.value, 0);
	assert_string_equal(refusal.expected, "no more than 3 entries in use");
	assert_int_equal(ntb_windows_count(&w, 0), 2);
	assert_int_equal(ntb_windows_count(&w, 1), 1);

	assert_true(ntb_windows_translate(&w, &rules, 0, 0x10, &target, &len));
	assert_int_equal(target, 0x10010);
	assert_int_equal(len, 0xff0);
	/* Behind the first one's end the second one is hit. */
	len = 0x3000;
	assert_true(ntb_windows_translate(&w, &rules, 0, 0x1000, &target, &len));
	assert_int_equal(target, 0x31000);
	assert_int_equal(len, 0x1000);
	assert_false(ntb_windows_translate(&w, &rules, 0, 0x2000, &target, &len));
	assert_false(ntb_windows_translate(&w, &rules, 0, UINT64_MAX, &target, &len));
	rules.last_wins = true;
	assert_true(ntb_windows_translate(&w, &rules, 0, 0x10, &target, &len));
	assert_int_equal(target, 0x30010);

	/* Each teardown frees one, the lowest; the next one takes its place. */
	assert_true(ntb_windows_unmap(&w, 0));
	assert_int_equal(ntb_windows_count(&w, 0), 1);
	assert_true(ntb_windows_map(&w, &rules, 0, 0x50000, 0x1000, &refusal));
	rules.last_wins = false;
	assert_true(ntb_windows_translate(&w, &rules, 0, 0, &target, &len));
	assert_int_equal(target, 0x50000);
	ntb_windows_clear(&w);
	assert_int_equal(ntb_windows_count(&w, 0) + ntb_windows_count(&w, 1), 0);
}

static void
test_windows_bad(void **state)
{
	static const struct {
		uint64_t granule, target, size;
		const char *what; /* NULL: nothing */
		const char *expected;
	} rows[] = {
		{ 0x1000, 0x1000, 0, "size", "1 to 4294967296" },
		{ 0x1000, 0x1800, 0x1000, "target", "a multiple of 4096" },
		{ 0x10000, 0x1000, 0x1000, "target", "a multiple of 65536" },
		{ 0x10000, 0x30000, 0x1000, NULL, NULL },
		{ 0x1000, 0, UINT64_C(1) << 32, NULL, NULL },
		{ 0x1000, 0, (UINT64_C(1) << 32) + 1, "size", "1 to 4294967296" },
		{ 0x1000, 0, UINT64_C(1) << 63, "size", "1 to 4294967296" },
		{ 0x1000, UINT64_C(0xfffffffffffff000), 0x2000, NULL, NULL },
	};
	struct ntb_window_refusal refusal;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ntb_window_rules rules = { .granule = rows[i].granule, .limit = 1 };
		struct ntb_windows w = { 0 };

		assert_int_equal(ntb_windows_map(&w, &rules, 0, rows[i].target, rows[i].size,
						 &refusal), rows[i].what == NULL);
		assert_int_equal(ntb_windows_count(&w, 0), rows[i].what == NULL ? 1 : 0);
		if (rows[i].what == NULL)
			continue;
		assert_string_equal(refusal.what, rows[i].what);
		assert_int_equal(refusal.value, refusal.what[0] == 's' ? rows[i].size :
									 rows[i].target);
		assert_string_equal(refusal.expected, rows[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_ctrl_bytes),
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_layout_v1),
		cmocka_unit_test(test_spads),
		cmocka_unit_test(test_spads_overwritten),
		cmocka_unit_test(test_link_bit),
		cmocka_unit_test(test_work_grid),
		cmocka_unit_test(test_work_command),
		cmocka_unit_test(test_work_no_status),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_windows_bad),
	};

	return cmocka_run_group_tests_name("softep_ntb", tests, NULL, NULL);
}
