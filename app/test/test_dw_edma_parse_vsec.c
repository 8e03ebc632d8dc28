/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Known devices, vendor-specific capabilities and arguments.
 */

#include "dw_edma_parse_env.h"

/* An argument, and to give one. */
#define OPT(args, name) ((args).table.opt[DW_EDMA_OPT_##name])
#define GIVE(args, name, v) (OPT(args, name) = (struct dw_edma_opt){ true, (v) })

static struct fake fake;

static void
expect_edda_lists(uint64_t local)
{
	expect_list(WR, 0, 2, 0x000000, 0x800, local);
	expect_list(WR, 1, 2, 0x200000, 0x800, local + 0x200000);
	expect_list(RD, 0, 2, 0x400000, 0x800, local + 0x400000);
	expect_list(RD, 1, 2, 0x600000, 0x800, local + 0x600000);
}

static void
test_edda(void **state)
{
	const struct dw_edma_discover_args args = args_of("table");

	(void)state;
	fake_edda(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	expect_window(&layout.regs, 0, 0, 0x2000);
	assert_int_equal(layout.cnt[WR], 2);
	assert_int_equal(layout.cnt[RD], 2);
	expect_edda_lists(0x380000000000);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_AUTO);
	assert_int_equal(fake.nb_writes, 0);
}

/* Without a capability, or with one of another kind, the table counts. */
static void
test_edda_defaults(void **state)
{
	static const struct fake_word kinds[] = {
		{ FAKE_CONFIG, 0x1b0, 0x0001000d },  /* no vendor's */
		{ FAKE_CONFIG, 0x1b4, 0x01800007 },  /* id */
		{ FAKE_CONFIG, 0x1b4, 0x01810006 },  /* revision */
		{ FAKE_CONFIG, 0x1b4, 0x01c00006 },  /* length */
		{ FAKE_CONFIG, 0x1b8, 0x00000102 },  /* maps */
		{ FAKE_CONFIG, 0x1b8, 0x00000103 },
		{ FAKE_CONFIG, 0x1b8, 0x00000104 },
		{ FAKE_CONFIG, 0x1b8, 0x00000106 },
		{ FAKE_CONFIG, 0x100, 0x00000000 },  /* none at all */
	};
	const struct dw_edma_discover_args args = args_of("table");
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fake_edda(&fake);
		fake_put(&fake, FAKE_CONFIG, 0x1bc, 0x00010001);
		fake_put(&fake, kinds[i].bar, kinds[i].offset, kinds[i].value);
		expect_found(&fake, &args);
		assert_int_equal(layout.map, 1);
		expect_window(&layout.regs, 0, 0, 0x2000);
		assert_int_equal(layout.cnt[WR] + layout.cnt[RD], 4);
	}
	fake_edda(&fake);
	fake.src.config_bytes = 256;
	expect_found(&fake, &args);
	assert_int_equal(fake.reads, 1);
	expect_edda_lists(0x380000000000);
}

/* Counts are the smaller ones; map and BAR are the capability's; lists stay where they are. */
static void
test_edda_capability(void **state)
{
	static const uint32_t maps[] = { 0, 1, 5, 7 };
	const struct dw_edma_discover_args args = args_of("table");
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		fake_edda(&fake);
		fake.src.bar_bytes[4] = 0x3000;
		fake_put(&fake, FAKE_CONFIG, 0x1b8, 0xfffff8f8 | 4 << 8 | maps[i]);
		fake_put(&fake, FAKE_CONFIG, 0x1bc, 0xfc00fc00 | 1023 << 16 | 1);
		expect_found(&fake, &args);
		assert_int_equal(layout.map, maps[i]);
		expect_window(&layout.regs, 4, 0, 0x2000);
		assert_int_equal(layout.cnt[WR], 1);
		assert_int_equal(layout.cnt[RD], 2);
		expect_list(RD, 0, 2, 0x400000, 0x800, 0x380000400000);
		assert_int_equal(layout.blocks[RD].offset, maps[i] == 7 ? 0x100 : 0);
		assert_int_equal(layout.blocks[WR].stride, maps[i] == 7 ? 0x200 : 0);
	}
	/* A direction may be missing. */
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x1bc, 0x00020000);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 0);
	/* Of several the first one that is understood counts. */
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x1b4, 0x01810006);
	fake_cap(&fake, 0x1b0, 0x0b, 0x200);
	fake_vsec_dma(&fake, 0x200, 0x300, 5, 1, 1);
	fake_vsec_dma(&fake, 0x300, 0, 1, 2, 2);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 5);
	assert_int_equal(layout.cnt[WR], 1);
}

static void
test_edda_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ FAKE_CONFIG, 0x1b8, 0x601, -ERANGE, "registers in BAR 6, expected 0 to 5" },
		{ FAKE_CONFIG, 0x1b8, 0x301, -ERANGE, "registers of 0x0 bytes at 0x0 of BAR 3" },
		{ FAKE_CONFIG, 0x1bc, 0, -EPROTO, "0 channels, expected at least 1" },
		/* Chains. */
		{ FAKE_CONFIG, 0x100, 0x10010001, -ELOOP, "0x100 follows itself" },
		{ FAKE_CONFIG, 0x148, 0x1001000b, -ELOOP, "0x100 follows itself" },
		{ FAKE_CONFIG, 0x1b0, 0x1481000b, -ELOOP, "0x148 follows itself" },
		{ FAKE_CONFIG, 0x148, 0x0fc1000b, -EPROTO, "next capability at 0xfc" },
		{ FAKE_CONFIG, 0x148, 0x0041000b, -EPROTO, "next capability at 0x4" },
	};
	const struct dw_edma_discover_args args = args_of("table");

	(void)state;
	refuse_each(fake_edda, &args, wrong, ARRAY_SIZE(wrong));
	/* Capabilities that the space ends in. */
	fake_edda(&fake);
	fake_cap(&fake, 0x148, 0x0b, 0xffc);
	fake_cap(&fake, 0xffc, 0x0b, 0);
	expect_refused(&fake, &args, -EPROTO, "capability at 0xffc, expected to end at 0x1000");
	fake_edda(&fake);
	fake_cap(&fake, 0x148, 0x0b, 0xff0);
	fake_cap(&fake, 0xff0, 0x0b, 0);
	fake_put(&fake, FAKE_CONFIG, 0xff4, 0x01800006);
	expect_refused(&fake, &args, -EPROTO, "capability at 0xff0 of 0x18 bytes");
	/* The last place that one can be, behind one of no interest that is too long. */
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x148, 0xfeb1000b); /* [1:0] of it mean nothing */
	fake_put(&fake, FAKE_CONFIG, 0x14c, 0xfff00099);
	fake_vsec_dma(&fake, 0xfe8, 0, 5, 1, 1);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 5);
}

/* A chain through every place there is, which ends. */
static void
test_long_chain(void **state)
{
	const struct dw_edma_discover_args args = args_of("table");
	uint32_t at;

	(void)state;
	fake_init(&fake);
	fake_edda(&fake);
	fake_cap(&fake, 0x148, 0x01, 0x1c8);
	for (at = 0x1c8; at < 0x800; at += 4)
		fake_cap(&fake, at, 0x01, at + 4);
	fake_vsec_dma(&fake, 0x800, 0, 1, 1, 1);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 1);
}

static void
test_bars(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	/* What two channels need is in less than the table says. */
	fake_edda(&fake);
	fake.src.bar_bytes[0] = 0x524;
	expect_found(&fake, &args);
	expect_window(&layout.regs, 0, 0, 0x524);
	fake_edda(&fake);
	fake.src.bar_bytes[0] = 0x520;
	expect_refused(&fake, &args, -ERANGE, "registers of 0x520 bytes at 0x0 of BAR 0");
	fake_edda(&fake);
	fake.src.bar_bytes[2] = 0x600800;
	expect_found(&fake, &args);
	fake_edda(&fake);
	fake.src.bar_bytes[2] = 0x6007ff;
	expect_refused(&fake, &args, -ERANGE, "list of read channel 1: 0x800 bytes at 0x600000");
	fake_edda(&fake);
	fake.src.bar_bus[2] = 0;
	expect_refused(&fake, &args, -ENOTSUP, "BAR has no bus address; give ll_local");
	fake_edda(&fake);
	fake.src.bar_bus[2] = 0x380000000004;
	expect_refused(&fake, &args, -ERANGE, "for the engine at 0x380000000004");
	fake_edda(&fake);
	fake.src.bar_bus[2] = UINT64_MAX - 0x1007;
	expect_refused(&fake, &args, -ERANGE, "expected a sum below 2^64");
	fake_edda(&fake);
	GIVE(args, LL_STRIDE, 0x800);
	fake.src.bar_bus[2] = 0 - UINT64_C(0x2000);
	expect_refused(&fake, &args, -ERANGE, "multiples of 8 below 2^64");
}

static void
test_reg_offset(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	GIVE(args, ADD_OFFSET, 1);
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x100, 0);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 0, 0x1000, 0x1000);
	/* The capability's offset in place of the table's. */
	fake_edda(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x1c0, 0x800);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 0, 0x800, 0x1800);
	fake_edda(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x1c0, 0x100000800);
	expect_refused(&fake, &args, -ERANGE, "at 0x100000800 of BAR 0");
	fake_edda(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x1c0, 0xfffffffefffffffc);
	expect_refused(&fake, &args, -ERANGE, "at 0xfffffffefffffffc of BAR 0");
	fake_edda(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x1c0, 0x802);
	expect_refused(&fake, &args, -ERANGE, "at 0x802 of BAR 0");
	/* What is given counts whatever there is. */
	GIVE(args, ADD_OFFSET, 0);
	GIVE(args, REG_OFFSET, 0x400);
	fake_edda(&fake);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 0, 0x400, 0x1c00);
	GIVE(args, REG_BYTES, 0x600);
	fake_edda(&fake);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 0, 0x400, 0x600);
	GIVE(args, REG_BYTES, 0x1c04);
	fake_edda(&fake);
	expect_refused(&fake, &args, -ERANGE, "registers of 0x1c04 bytes at 0x400 of BAR 0");
}

static void
test_amd(void **state)
{
	struct dw_edma_discover_args args = args_of("table");
	unsigned int ch;

	(void)state;
	fake_amd(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 7);
	expect_window(&layout.regs, 0, 0, 0x2000);
	assert_int_equal(layout.cnt[WR], 8);
	assert_int_equal(layout.cnt[RD], 8);
	for (ch = 0; ch < 8; ch++) {
		expect_list(WR, ch, 2, 0x200000 * ch, 0x800, 0x50100000000 + 0x200000 * ch);
		expect_list(RD, ch, 2, 0x1000000 + 0x200000 * ch, 0x800,
			    0x50101000000 + 0x200000 * ch);
	}
	assert_int_equal(layout.blocks[WR].offset, 0);
	assert_int_equal(layout.blocks[WR].stride, 0x200);
	assert_int_equal(layout.blocks[RD].offset, 0x100);
	assert_int_equal(layout.blocks[RD].stride, 0x200);
	/* Fewer write channels: the lists of read channels move up. */
	fake_amd(&fake);
	fake_put(&fake, FAKE_CONFIG, 0, 0xb00f10ee);
	fake_put(&fake, FAKE_CONFIG, 0x10c, 64 << 16 | 2);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 2);
	assert_int_equal(layout.cnt[RD], 8);
	expect_list(RD, 0, 2, 0x400000, 0x800, 0x50100400000);
	/* The offset is not added for these either, unless asked for. */
	fake_amd(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x110, 0x800);
	expect_found(&fake, &args);
	assert_int_equal(layout.regs.offset, 0);
	GIVE(args, ADD_OFFSET, 1);
	fake_amd(&fake);
	fake_put(&fake, FAKE_CONFIG, 0x110, 0x800);
	expect_found(&fake, &args);
	assert_int_equal(layout.regs.offset, 0x800);
}

/* Nobody knows where the lists are. */
static void
test_amd_memory(void **state)
{
	static const struct wrong wrong[] = {
		{ FAKE_CONFIG, 0x100, 0x34010001, -ENOTSUP, "no capability 0x6" },
		{ FAKE_CONFIG, 0x104, 0x01810006, -ENOTSUP, "no capability 0x6" },
		{ FAKE_CONFIG, 0x108, 0x00000001, -ENOTSUP, "no capability 0x6" },
		{ FAKE_CONFIG, 0x108, 0x00000005, -ENOTSUP, "no capability 0x6" },
		{ FAKE_CONFIG, 0x340, 0x00010001, -ENOTSUP, "no capability 0x20" },
		{ FAKE_CONFIG, 0x344, 0x01000021, -ENOTSUP, "no capability 0x20" },
		{ FAKE_CONFIG, 0x344, 0x00c00020, -ENOTSUP, "no capability 0x20" },
		{ FAKE_CONFIG, 0x348, 0xffffffff, -ENOTSUP, "no capability 0x20" },
		{ FAKE_CONFIG, 0x34c, 0xffffffff, -ENOTSUP, "no capability 0x20" },
		{ FAKE_CONFIG, 0x348, 0x00000004, -ERANGE, "for the engine at 0x50100000004" },
	};
	struct dw_edma_discover_args args = args_of("table");
	unsigned int i;

	(void)state;
	refuse_each(fake_amd, &args, wrong, ARRAY_SIZE(wrong));
	fake_amd(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x348, UINT64_MAX);
	expect_refused(&fake, &args, -ENOTSUP, "no capability 0x20 with an address; give ll_local");
	assert_int_equal(fake.reads, 12);
	/* The last of these reads is to see whether the device is there. */
	fake_amd(&fake);
	fake_put64(&fake, FAKE_CONFIG, 0x348, UINT64_MAX);
	fake.fail_at = 12;
	expect_refused(&fake, &args, -EIO, "configuration space at 0x0 cannot be read: error -5");
	/* That capability means nothing for another vendor. */
	fake_amd(&fake);
	fake_put(&fake, FAKE_CONFIG, 0, 0xedda16c3);
	expect_found(&fake, &args);
	assert_int_equal(layout.ll[WR][0].local, 0x380000000000);
	assert_int_equal(fake.reads, 9); /* id, two headers of two words, one body of four */
	/* It is about BAR 2 and no other. */
	fake_amd(&fake);
	fake.src.bar_bytes[4] = 0x4000000;
	GIVE(args, LL_BAR, 4);
	expect_refused(&fake, &args, -ENOTSUP, "capability is about BAR 2");
	OPT(args, LL_BAR).given = false;
	/* Given, it helps in every case. */
	GIVE(args, LL_LOCAL, 0x12345000);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		fake_amd(&fake);
		fake_put(&fake, wrong[i].bar, wrong[i].offset, wrong[i].value);
		expect_found(&fake, &args);
		assert_int_equal(layout.map, 7);
		assert_int_equal(layout.ll[WR][1].local, 0x12545000);
	}
}

/* Any device, by arguments. */
static void
test_given(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0, 0x35881d87);
	fake.src.bar_bytes[4] = 0x2000;
	expect_refused(&fake, &args, -EINVAL, "map of device 1d87:3588 is not known: give it");
	GIVE(args, MAP, 1);
	GIVE(args, WR_CNT, 2);
	GIVE(args, RD_CNT, 2);
	fake.lines = 0;
	expect_refused(&fake, &args, -EINVAL, "reg_bar of device 1d87:3588 is not known");
	GIVE(args, REG_BAR, 4);
	fake.lines = 0;
	expect_refused(&fake, &args, -EINVAL, "ll_bar of device 1d87:3588 is not known");
	GIVE(args, LL_BAR, 2);
	fake.lines = 0;
	expect_refused(&fake, &args, -ENOTSUP, "device is not in the table; give ll_local");
	GIVE(args, LL_LOCAL, 0x40000000);
	fake.lines = 0;
	expect_found(&fake, &args);
	expect_window(&layout.regs, 4, 0, 0x2000);
	expect_list(WR, 1, 2, 0x800, 0x800, 0x40000800);
	expect_list(RD, 1, 2, 0x1800, 0x800, 0x40001800);
	GIVE(args, LL_OFFSET, 0x10000);
	GIVE(args, LL_STRIDE, 0x1000);
	GIVE(args, LL_BYTES, 72);
	expect_found(&fake, &args);
	expect_list(RD, 1, 2, 0x13000, 72, 0x40013000);
	/* The capability is the vendor's, so this device's is something else. */
	fake_vsec_dma(&fake, 0x1b0, 0, 7, 1, 1);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	assert_int_equal(layout.cnt[WR], 2);
}

/* An unknown device of a vendor whose capability is understood. */
static void
test_capability_alone(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	GIVE(args, LL_BAR, 2);
	GIVE(args, LL_LOCAL, 0x40000000);
	fake_edda(&fake);
	fake_put(&fake, FAKE_CONFIG, 0, 0x123416c3);
	fake_put(&fake, FAKE_CONFIG, 0x1bc, 3 << 16 | 4);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 4);
	assert_int_equal(layout.cnt[RD], 3);
	fake_put(&fake, FAKE_CONFIG, 0x1bc, 3 << 16 | 9);
	expect_refused(&fake, &args, -EPROTO, "map 1 with wr_cnt 9, expected map");
}

static void
test_given_counts(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	GIVE(args, WR_CNT, 8);
	GIVE(args, RD_CNT, 1);
	fake_edda(&fake);
	expect_refused(&fake, &args, -ERANGE, "list of read channel 0: 0x800 bytes at 0x1000000");
	fake_edda(&fake);
	fake.src.bar_bytes[2] = 0x2000000;
	expect_found(&fake, &args);
	expect_list(RD, 0, 2, 0x1000000, 0x800, 0x380001000000);
	GIVE(args, WR_CNT, 9);
	fake_edda(&fake);
	expect_refused(&fake, &args, -EINVAL, "map 1 with wr_cnt 9");
	GIVE(args, WR_CNT, 65);
	fake_amd(&fake);
	expect_refused(&fake, &args, -EINVAL, "wr_cnt 0x41, expected at most 0x40");
	/* As many as there can be. */
	GIVE(args, WR_CNT, 64);
	GIVE(args, RD_CNT, 64);
	GIVE(args, LL_STRIDE, 0x800);
	fake_amd(&fake);
	expect_refused(&fake, &args, -ERANGE, "expected at least 0x8000");
	fake_amd(&fake);
	fake.src.bar_bytes[0] = 0x8000;
	GIVE(args, REG_BYTES, 0x8000);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 64);
	expect_list(RD, 63, 2, 127 * 0x800, 0x800, 0x50100000000 + 127 * 0x800);
}

static void
test_given_blocks(void **state)
{
	struct dw_edma_discover_args args = args_of("table");

	(void)state;
	GIVE(args, WR_BLOCK, 0);
	GIVE(args, WR_STRIDE, 0x100);
	GIVE(args, RD_BLOCK, 0x800);
	GIVE(args, RD_STRIDE, 0x100);
	fake_amd(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.blocks[WR].stride, 0x100);
	assert_int_equal(layout.blocks[RD].offset, 0x800);
	GIVE(args, RD_BLOCK, 0x7fc);
	fake_amd(&fake);
	expect_refused(&fake, &args, -ERANGE, "write blocks at 0x0 and read blocks at 0x7fc");
	GIVE(args, RD_BLOCK, 0x1904);
	fake_amd(&fake);
	expect_refused(&fake, &args, -ERANGE, "registers of 0x2000 bytes");
	GIVE(args, RD_BLOCK, 0x802);
	fake_amd(&fake);
	expect_refused(&fake, &args, -EPROTO, "read blocks at 0x802");
	GIVE(args, RD_BLOCK, 0x800);
	GIVE(args, WR_STRIDE, 0xfc);
	fake_amd(&fake);
	expect_refused(&fake, &args, -EPROTO, "write blocks at 0x0, one each 0xfc bytes");
	GIVE(args, WR_STRIDE, 0x102);
	fake_amd(&fake);
	expect_refused(&fake, &args, -EPROTO, "write blocks at 0x0, one each 0x102 bytes");
}

static void
test_given_wrong(void **state)
{
	static const struct {
		enum dw_edma_table_opt opt;
		uint64_t value;
		int rc;
		const char *text;
	} rows[] = {
		{ DW_EDMA_OPT_MAP, 8, -EINVAL, "map 0x8, expected at most 0x7" },
		{ DW_EDMA_OPT_MAP, 2, -EINVAL, "map 2 with wr_cnt 2" },
		{ DW_EDMA_OPT_REG_BAR, 6, -EINVAL, "reg_bar 0x6, expected at most 0x5" },
		{ DW_EDMA_OPT_REG_BAR, 1, -ERANGE, "registers of 0x0 bytes at 0x0 of BAR 1" },
		{ DW_EDMA_OPT_REG_OFFSET, UINT64_MAX, -EINVAL, "reg_off 0xffffffffffffffff" },
		{ DW_EDMA_OPT_REG_OFFSET, 0x2000, -ERANGE, "registers of 0x0 bytes at 0x2000" },
		{ DW_EDMA_OPT_REG_OFFSET, 0x102, -ERANGE, "at 0x102 of BAR 0" },
		{ DW_EDMA_OPT_REG_BYTES, UINT64_MAX, -EINVAL, "reg_bytes" },
		{ DW_EDMA_OPT_REG_BYTES, 0x523, -ERANGE, "registers of 0x523 bytes" },
		{ DW_EDMA_OPT_ADD_OFFSET, 2, -EINVAL, "reg_off_add 0x2, expected at most 0x1" },
		{ DW_EDMA_OPT_LL_BAR, 6, -EINVAL, "ll_bar 0x6, expected at most 0x5" },
		{ DW_EDMA_OPT_LL_BAR, 0, -ERANGE, "list at 0x0 of BAR 0, expected outside" },
		{ DW_EDMA_OPT_LL_OFFSET, UINT64_MAX, -EINVAL, "ll_off " },
		{ DW_EDMA_OPT_LL_OFFSET, 0xa00000, -ERANGE, "list of read channel 1" },
		{ DW_EDMA_OPT_LL_OFFSET, 4, -ERANGE, "list of write channel 0 at 0x4 of BAR 2" },
		{ DW_EDMA_OPT_LL_STRIDE, UINT64_MAX, -EINVAL, "ll_stride" },
		{ DW_EDMA_OPT_LL_STRIDE, 0x7f8, -ERANGE, "write channel 0 and write channel 1" },
		{ DW_EDMA_OPT_LL_STRIDE, 0, -ERANGE, "write channel 0 and write channel 1" },
		{ DW_EDMA_OPT_LL_BYTES, UINT64_MAX, -EINVAL, "ll_bytes" },
		{ DW_EDMA_OPT_LL_BYTES, 71, -ERANGE, "0x47 bytes at 0x0 of BAR 2" },
		{ DW_EDMA_OPT_LL_BYTES, 0, -ERANGE, "0x0 bytes at 0x0 of BAR 2" },
		{ DW_EDMA_OPT_LL_LOCAL, 0x4, -ERANGE, "for the engine at 0x4" },
		{ DW_EDMA_OPT_LL_LOCAL, UINT64_MAX, -ERANGE, "expected a sum below 2^64" },
		{ DW_EDMA_OPT_WR_STRIDE, UINT64_MAX, -EINVAL, "wr_blocks stride" },
		{ DW_EDMA_OPT_RD_BLOCK, UINT64_MAX, -EINVAL, "rd_block" },
	};
	struct dw_edma_discover_args args;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		args = args_of("table");
		args.table.opt[rows[i].opt] = (struct dw_edma_opt){ true, rows[i].value };
		fake_edda(&fake);
		expect_refused(&fake, &args, rows[i].rc, rows[i].text);
	}
	for (i = 0; i < DW_EDMA_OPTS; i++)
		assert_non_null(dw_edma_table_opt_names[i]);
}

static void
test_gone(void **state)
{
	const struct dw_edma_discover_args args = args_of("table");
	unsigned int n, reads;

	(void)state;
	sweep_gone(fake_edda, &args);
	sweep_hole(fake_edda, &args, 1, 0);
	sweep_gone(fake_amd, &args);
	/* Configuration space that cannot be read. */
	reads = count_reads(fake_amd, &args);
	for (n = 1; n <= reads; n++) {
		fake_amd(&fake);
		fake.fail_at = n;
		expect_refused(&fake, &args, -EIO, "cannot be read: error -5");
	}
}

static void
test_changes(void **state)
{
	const struct dw_edma_discover_args args = args_of("table");

	(void)state;
	sweep_changes(fake_edda, &args, NULL);
	sweep_changes(fake_amd, &args, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edda),
		cmocka_unit_test(test_edda_defaults),
		cmocka_unit_test(test_edda_capability),
		cmocka_unit_test(test_edda_refused),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_reg_offset),
		cmocka_unit_test(test_amd),
		cmocka_unit_test(test_amd_memory),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_capability_alone),
		cmocka_unit_test(test_given_counts),
		cmocka_unit_test(test_given_blocks),
		cmocka_unit_test(test_given_wrong),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests_name("dw_edma_parse_vsec", tests, NULL, NULL);
}
