/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Engines that the control region of an endpoint NTB tells of: the slice that it locates, and the
 * block in it with its commands.
 */

#include "dw_edma_parse_env.h"

#define CONTROL 0x1000
#define NDMA (CONTROL + 0x134)

static struct fake fake;

static struct dw_edma_discover_args
epdm_args(void)
{
	return args_of("epdm"); /* the control region starts BAR 0 */
}

static struct dw_edma_discover_args
ndma_args(void)
{
	struct dw_edma_discover_args args = args_of("ndma");

	args.window.offset = CONTROL;
	return args;
}

static void
build_ndma(struct fake *f)
{
	fake_ndma(f, 2);
}

/** Fixed BARs: no sub-map, and registers in another BAR. */
static void
build_ndma_fixed(struct fake *f)
{
	fake_ndma(f, 1);
	fake_put(f, 0, NDMA + 0x0c, 0xffffffff);
	fake_put(f, 0, NDMA + 0x10, 0);
	fake_put(f, 0, NDMA + 0x14, 0);
	fake_put(f, 0, NDMA + 0x18, 4);
	fake_put(f, 0, NDMA + 0x1c, 0);
}

static void
test_epdm(void **state)
{
	const struct dw_edma_discover_args args = epdm_args();
	unsigned int ch;

	(void)state;
	fake_epdm(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	assert_int_equal(layout.cnt[WR], 0);
	assert_int_equal(layout.cnt[RD], 4);
	expect_window(&layout.regs, 2, 0xfa000, 0x2000);
	for (ch = 0; ch < 4; ch++)
		expect_list(RD, ch, 2, 0xfc000 + 0x1000 * ch, 0x1000, 0x90000000 + 0x1000 * ch);
	assert_int_equal(fake.nb_writes, 0);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_AUTO);
	/* Registers in a BAR of their own, and more vectors than channels. */
	fake_epdm(&fake);
	fake_put(&fake, 0, 0x164, 8);
	fake_put(&fake, 2, 0xf9018, 8);
	fake_put(&fake, 2, 0xf900c, 4);
	fake_put(&fake, 2, 0xf9010, 0);
	fake_put(&fake, 2, 0xf9014, 0x10000);
	expect_found(&fake, &args);
	expect_window(&layout.regs, 4, 0, 0x10000);
	assert_int_equal(layout.cnt[RD], 4);
	/* A count of 0 means 1. */
	fake_epdm(&fake);
	fake_put(&fake, 0, 0x164, 0);
	fake_put(&fake, 2, 0xf9018, 1);
	fake_put(&fake, 2, 0xf901c, 1);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 1);
}

/* More than 64 KiB, which a consumer with a 16-bit size gets wrong; and all the channels. */
static void
test_epdm_large(void **state)
{
	const struct dw_edma_discover_args args = epdm_args();
	unsigned int ch;

	(void)state;
	fake_epdm(&fake);
	fake.src.bar_bytes[2] = 0x200000;
	fake_put(&fake, 0, 0x160, 0x20000);
	fake_put(&fake, 2, 0xf9008, 0x20000);
	fake_put(&fake, 0, 0x164, 8);
	fake_put(&fake, 2, 0xf9018, 8);
	fake_put(&fake, 2, 0xf901c, 8);
	for (ch = 4; ch < 8; ch++) {
		fake_put(&fake, 2, 0xf9020 + 24 * ch, 2);
		fake_put(&fake, 2, 0xf9024 + 24 * ch, 0x109000 + 0x1000 * ch);
		fake_put(&fake, 2, 0xf9028 + 24 * ch, 0x1000);
		fake_put64(&fake, 2, 0xf9030 + 24 * ch, 0xa0000000 + 0x1000 * ch);
	}
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 8);
	expect_list(RD, 7, 2, 0x110000, 0x1000, 0xa0007000);
}

static void
test_epdm_refused(void **state)
{
	static const struct wrong wrong[] = {
		/* Control region. */
		{ 0, 0x0c, 0, -ENOENT, "version 0 of the control region, expected 1" },
		{ 0, 0x0c, 2, -ENOENT, "version 2 of the control region, expected 1" },
		{ 0, 0x28, 0x164, -EPROTO, "scratchpads at 0x164 of the control region" },
		{ 0, 0x154, 0, -ENOENT, "interface 0 in the control region, expected 1" },
		{ 0, 0x154, 2, -ENOTSUP, "interface 2 in the control region, expected 1" },
		{ 0, 0x158, 1, -ERANGE, "slice of 0x7000 bytes at 0xf9000 of BAR 1" },
		{ 0, 0x158, 6, -ERANGE, "slice of 0x7000 bytes at 0xf9000 of BAR 6" },
		{ 0, 0x15c, 0xf9002, -ERANGE, "at 0xf9002 of BAR 2" },
		{ 0, 0x15c, 0xf9004, -ERANGE, "at 0xf9004 of BAR 2" },
		{ 0, 0x160, 0xdc, -ERANGE, "slice of 0xdc bytes" },
		{ 0, 0x160, 0xfffffffc, -ERANGE, "slice of 0xfffffffc bytes" },
		{ 0, 0x160, 0x6000, -EPROTO, "0x7000 bytes in all, expected 0x6000 as" },
		{ 0, 0x164, 5, -EPROTO, "4 vectors, expected 5 as the control region says" },
		/* Header. */
		{ 2, 0xf9000, 0x5045444d, -EPROTO, "magic 0x5045444d, expected 0x4d445045" },
		{ 2, 0xf9004, 0x00e00002, -ENOTSUP, "version 2, expected 1" },
		{ 2, 0xf9004, 0x00e40001, -EPROTO, "header of 0xe4 bytes, expected 0xe0" },
		{ 2, 0xf9004, 0x00dc0001, -EPROTO, "header of 0xdc bytes, expected 0xe0" },
		{ 2, 0xf9008, 0x7004, -EPROTO, "0x7004 bytes in all, expected 0x7000" },
		{ 2, 0xf9008, 0x17000, -EPROTO, "0x17000 bytes in all, expected 0x7000" },
		{ 2, 0xf900c, 6, -ERANGE, "registers in BAR 6" },
		{ 2, 0xf9010, 0xfa002, -ERANGE, "at 0xfa002 of BAR 2" },
		{ 2, 0xf9010, 0xff004, -ERANGE, "registers of 0x2000 bytes at 0xff004" },
		{ 2, 0xf9010, 0xf9000, -ERANGE, "registers at 0xf9000 of BAR 2, expected outside" },
		{ 2, 0xf9014, 0x920, -ERANGE, "registers of 0x920 bytes" },
		{ 2, 0xf9018, 3, -EPROTO, "3 vectors, expected 4" },
		{ 2, 0xf901c, 0, -EPROTO, "0 channels with 4 vectors" },
		{ 2, 0xf901c, 5, -EPROTO, "5 channels with 4 vectors" },
		/* Channels. */
		{ 2, 0xf9020, 4, -ERANGE, "list 0 of 0x1000 bytes at 0xfc000 of BAR 4" },
		{ 2, 0xf9024, 0xf8ff8, -ERANGE, "list 0 of 0x1000 bytes at 0xf8ff8" },
		{ 2, 0xf9024, 0xff008, -ERANGE, "list 0 of 0x1000 bytes at 0xff008" },
		{ 2, 0xf9024, 0xfffffff8, -ERANGE, "list 0 of 0x1000 bytes at 0xfffffff8" },
		{ 2, 0xf9024, 0xf90d8, -ERANGE, "list at 0xf90d8 of BAR 2, expected outside" },
		{ 2, 0xf9024, 0xfb000, -ERANGE, "list at 0xfb000 of BAR 2, expected outside" },
		{ 2, 0xf9024, 0xfd000, -ERANGE, "read channel 0 and read channel 1 overlap" },
		{ 2, 0xf9028, 0x47, -ERANGE, "list of read channel 0: 0x47 bytes" },
		{ 2, 0xf9028, 0x4001, -ERANGE, "list 0 of 0x4001 bytes" },
		{ 2, 0xf9030, 0x90000004, -ERANGE, "for the engine at 0x90000004" },
	};
	const struct dw_edma_discover_args args = epdm_args();

	(void)state;
	refuse_each(fake_epdm, &args, wrong, ARRAY_SIZE(wrong));
	/* More channels than the header has room for. */
	fake_epdm(&fake);
	fake_put(&fake, 0, 0x164, 9);
	fake_put(&fake, 2, 0xf9018, 9);
	fake_put(&fake, 2, 0xf901c, 9);
	expect_refused(&fake, &args, -EPROTO, "9 channels with 9 vectors, expected 1 to 8");
	/* Registers on top of the control region. */
	fake_epdm(&fake);
	fake_put(&fake, 2, 0xf900c, 0);
	fake_put(&fake, 2, 0xf9010, 0x164);
	fake_put(&fake, 2, 0xf9014, 0x1000);
	expect_refused(&fake, &args, -ERANGE, "registers at 0x164 of BAR 0, expected outside");
}

/* Where the caller says that the control region is. */
static void
test_control_window(void **state)
{
	struct dw_edma_discover_args args = epdm_args();

	(void)state;
	args.window.bytes = 0x164;
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "control region of 0x164 bytes at 0x0 of BAR 0, "
		       "expected at least 0x168 below 0x2000");
	args.window.bytes = 0x168;
	fake_epdm(&fake);
	expect_found(&fake, &args);
	args.window.bytes = 0x2001;
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "control region of 0x2001 bytes");
	args.window = (struct dw_edma_window){ 0, 2, 0 };
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "at 0x2 of BAR 0");
	args.window = (struct dw_edma_window){ 0, UINT64_MAX - 3, 0 };
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "at 0xfffffffffffffffc of BAR 0");
	args.window = (struct dw_edma_window){ 6, 0, 0x1000 };
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "control region in BAR 6, expected 0 to 5");
	args.window = (struct dw_edma_window){ 1, 0, 0 };
	fake_epdm(&fake);
	expect_refused(&fake, &args, -EINVAL, "control region of 0x0 bytes at 0x0 of BAR 1");
	assert_int_equal(fake.reads, 0);
	args = ndma_args();
	args.window.bytes = 0x148;
	build_ndma(&fake);
	expect_refused(&fake, &args, -EINVAL, "NDMA: control region of 0x148 bytes");
	/* Too short for the block, which ends at 0x180. */
	args.window.bytes = 0x17c;
	build_ndma(&fake);
	expect_refused(&fake, &args, -ERANGE, "0x4c bytes, expected at most 0x48 before");
	args.window.bytes = 0x180;
	build_ndma(&fake);
	expect_found(&fake, &args);
}

static void
test_epdm_gone(void **state)
{
	const struct dw_edma_discover_args args = epdm_args();

	(void)state;
	sweep_gone(fake_epdm, &args);
	sweep_hole(fake_epdm, &args, 1, 0);
}

static void
test_epdm_changes(void **state)
{
	const struct dw_edma_discover_args args = epdm_args();

	(void)state;
	sweep_changes(fake_epdm, &args, NULL);
	/* Between the two looks at a word. */
	fake_epdm(&fake);
	fake_change_at(&fake, 3 + 5, 0, 0x15c, 0xf9004);
	expect_refused(&fake, &args, -EAGAIN,
		       "0x15c of BAR 0 changes: 0x000f9000, then 0x000f9004");
}

/* The block in the control region. */

/** Of what the driver wrote, nothing but commands and the status. */
static void
expect_command_writes(const struct fake *f, const uint32_t *commands, unsigned int cnt)
{
	unsigned int i;

	assert_int_equal(f->nb_writes, 4 * cnt);
	assert_int_equal(f->halves, 2 * cnt);
	for (i = 0; i < cnt; i++) {
		const struct fake_word *w = &f->writes[4 * i];

		assert_int_equal(w[0].offset, CONTROL + 0x08);
		assert_int_equal(w[0].value, 0);
		assert_int_equal(w[1].offset, CONTROL + 0x04);
		assert_int_equal(w[1].value, 0);
		assert_int_equal(w[2].offset, CONTROL + 0x00);
		assert_int_equal(w[2].value, commands[i]);
		assert_int_equal(w[3].offset, CONTROL + 0x08);
		assert_int_equal(w[3].value, 0);
	}
}

static void
test_ndma(void **state)
{
	static const uint32_t commands[] = { 7, 8 };
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	build_ndma(&fake);
	fake_put(&fake, 0, CONTROL + 4, 0x55);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	assert_int_equal(layout.cnt[WR], 0);
	assert_int_equal(layout.cnt[RD], 2);
	expect_window(&layout.regs, 2, 0x80000, 0x2000);
	expect_list(RD, 0, 2, 0x82000, 0x1000, 0x90000000);
	expect_list(RD, 1, 2, 0x83000, 0x1000, 0x90001000);
	assert_int_equal(fake.commands[7], 1);
	assert_int_equal(fake.last_argument, 0);
	assert_int_equal(fake.ms, 10);
	/* The link's half of the status word is as it was. */
	assert_int_equal(fake_get(&fake, 0, CONTROL + 8), 0x00010000);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_NDMA);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.commands[8], 1);
	assert_int_equal(fake.lines, 0);
	expect_command_writes(&fake, commands, 2);
	assert_int_equal(fake_get(&fake, 0, CONTROL + 8), 0x00010000);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.commands[8], 1);
}

static void
test_ndma_sizes(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	fake_ndma(&fake, 8);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 8);
	expect_list(RD, 7, 2, 0x89000, 0x1000, 0x90007000);
	build_ndma_fixed(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 1);
	expect_window(&layout.regs, 4, 0, 0x2000);
	/* The block fills the space up to the scratchpads. */
	build_ndma(&fake);
	fake_put(&fake, 0, CONTROL + 0x28, 0x180);
	expect_found(&fake, &args);
}

static void
test_ndma_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, CONTROL + 0x28, 0x148, -ENOENT, "scratchpads at 0x148 of the control region" },
		{ 0, CONTROL + 0x28, 0x134, -ENOENT, "scratchpads at 0x134 of the control region" },
		{ 0, CONTROL + 0x28, 0x17c, -ERANGE, "0x4c bytes, expected at most 0x48 before" },
		{ 0, NDMA + 0x00, 0, -ENOENT, "magic 0x00000000, expected 0x414d444e" },
		{ 0, NDMA + 0x00, 0x4e444d41, -EPROTO, "magic 0x4e444d41, expected 0x414d444e" },
		{ 0, NDMA + 0x04, 0x004c0002, -ENOTSUP, "revision 2, expected 1" },
		{ 0, NDMA + 0x04, 0x00240001, -EPROTO, "0x24 bytes, expected 0x24 and 0x14 for" },
		{ 0, NDMA + 0x04, 0x00000001, -EPROTO, "0x0 bytes, expected 0x24 and" },
		{ 0, NDMA + 0x04, 0x004d0001, -EPROTO, "0x4d bytes, expected 0x24 and" },
		{ 0, NDMA + 0x04, 0x00d80001, -EPROTO, "0xd8 bytes, expected 0x24 and" },
		{ 0, NDMA + 0x04, 0xfff00001, -EPROTO, "0xfff0 bytes, expected 0x24 and" },
		{ 0, NDMA + 0x08, 2, -ENOTSUP, "type 2, expected 1" },
		{ 0, NDMA + 0x0c, 6, -ERANGE, "sub-map of 0x20000 bytes at 0x80000 of BAR 6" },
		{ 0, NDMA + 0x0c, 0xffffffff, -ERANGE, "at 0x80000 of BAR 4294967295" },
		{ 0, NDMA + 0x10, 0xe0001, -ERANGE, "sub-map of 0x20000 bytes at 0xe0001" },
		{ 0, NDMA + 0x14, 0, -ERANGE, "sub-map of 0x0 bytes at 0x80000 of BAR 2" },
		{ 0, NDMA + 0x14, 0x80001, -ERANGE, "sub-map of 0x80001 bytes" },
		{ 0, NDMA + 0x18, 6, -ERANGE, "registers in BAR 6" },
		{ 0, NDMA + 0x1c, 0x80002, -ERANGE, "registers of 0x2000 bytes at 0x80002" },
		{ 0, NDMA + 0x20, 0x520, -ERANGE, "registers of 0x520 bytes" },
		{ 0, NDMA + 0x24, 6, -ERANGE, "list of read channel 0 in BAR 6" },
		{ 0, NDMA + 0x28, 0x82004, -ERANGE, "list of read channel 0 at 0x82004" },
		{ 0, NDMA + 0x28, 0xff008, -ERANGE, "0x1000 bytes at 0xff008" },
		{ 0, NDMA + 0x28, 0x81ff8, -ERANGE, "list at 0x81ff8 of BAR 2, expected outside" },
		{ 0, NDMA + 0x28, 0x83000, -ERANGE, "read channel 0 and read channel 1" },
		{ 0, NDMA + 0x2c, 0x47, -ERANGE, "0x47 bytes at 0x82000" },
		{ 0, NDMA + 0x30, 0x90000004, -ERANGE, "for the engine at 0x90000004" },
		{ 0, NDMA + 0x30, 0x90001000, -ERANGE, "read channel 0 and read channel 1" },
	};
	struct dw_edma_discover_args args = ndma_args();

	(void)state;
	refuse_each(build_ndma, &args, wrong, ARRAY_SIZE(wrong));
	/* On top of the control region. */
	build_ndma(&fake);
	fake_put(&fake, 0, NDMA + 0x18, 0);
	fake_put(&fake, 0, NDMA + 0x1c, 0x17c + CONTROL);
	fake_put(&fake, 0, NDMA + 0x20, 0x800);
	expect_refused(&fake, &args, -ERANGE, "registers at 0x117c of BAR 0, expected outside");
	build_ndma(&fake);
	fake.src.bar_write16 = NULL;
	expect_refused(&fake, &args, -ENOTSUP, "cannot be written in halves");
	/* Nothing was asked of the endpoint in all of these. */
	assert_int_equal(fake.nb_writes, 0);
}

static void
test_ndma_command_fails(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	build_ndma(&fake);
	fake.answer = 2;
	expect_refused(&fake, &args, -EIO, "status 2 of command 7, expected 1");
	assert_int_equal(fake_get(&fake, 0, CONTROL + 8), 0x00010000);
	assert_int_equal(fake.commands[8], 0);
	/* Taken, never answered: taken back, and that is told once. */
	build_ndma(&fake);
	fake.answer = 3;
	expect_refused(&fake, &args, -ETIMEDOUT, "status 3 of command 7 after 1000 ms, expected 1");
	assert_int_equal(fake.ms, 2000);
	assert_int_equal(fake.commands[7], 1);
	assert_int_equal(fake.commands[8], 1);
	assert_int_equal(fake_get(&fake, 0, CONTROL + 8), 0x00010000);
	/* Never taken: nothing else is written over it. */
	build_ndma(&fake);
	fake.endpoint = NULL;
	expect_refused(&fake, &args, -ETIMEDOUT, "status 0 of command 7 after 1000 ms");
	assert_int_equal(fake.ms, 2000);
	assert_int_equal(fake_get(&fake, 0, CONTROL), 7);
	/* The slowest endpoint, which looks twice a second, and the last moment. */
	build_ndma(&fake);
	fake.delay = 1000;
	expect_found(&fake, &args);
	build_ndma(&fake);
	fake.delay = 1001;
	expect_refused(&fake, &args, -ETIMEDOUT, "after 1000 ms");
}

/* Somebody's command before. */
static void
test_ndma_busy(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	build_ndma(&fake);
	fake.endpoint = NULL;
	fake_put(&fake, 0, CONTROL, 3);
	expect_refused(&fake, &args, -EBUSY, "command 3 after 1000 ms, expected 0");
	assert_int_equal(fake.nb_writes, 0);
	assert_int_equal(fake.ms, 1000);
	/* It is taken while we wait; its late answer is not ours. */
	build_ndma(&fake);
	fake_put(&fake, 0, CONTROL, 3);
	fake.delay = 20;
	expect_found(&fake, &args);
	assert_int_equal(fake.commands[3], 1);
	assert_int_equal(fake.commands[7], 1);
	/* An answer that nobody waited for is cleared first. */
	build_ndma(&fake);
	fake_put(&fake, 0, CONTROL + 8, 0x00010002);
	expect_found(&fake, &args);
	assert_int_equal(fake.ms, 10);
}

/* What the command did to the block. */
static void
test_ndma_changed_by_command(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, NDMA + 0x00, 0, -ENOENT, "magic 0x00000000" },
		{ 0, NDMA + 0x04, 0x00380001, -EAGAIN, "word at 0x4 was 0x004c0001 before" },
		{ 0, NDMA + 0x04, 0x00390001, -EPROTO, "0x39 bytes" },
		{ 0, NDMA + 0x08, 2, -ENOTSUP, "type 2" },
		{ 0, NDMA + 0x10, 0x80004, -EAGAIN, "word at 0x10 was 0x00080000" },
		{ 0, NDMA + 0x20, 0x1000, -EAGAIN, "word at 0x20 was 0x00002000" },
		{ 0, NDMA + 0x28, 0x84000, -EAGAIN, "word at 0x28 was 0x00082000" },
		{ 0, NDMA + 0x28, 0x83000, -ERANGE, "overlap" },
		{ 0, NDMA + 0x34, 1, -EAGAIN, "word at 0x34 was 0x00000000" },
	};
	const struct dw_edma_discover_args args = ndma_args();
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		build_ndma(&fake);
		fake.done[0] = (struct fake_word){ 0, wrong[i].offset, wrong[i].value };
		fake.nb_done = 1;
		expect_refused(&fake, &args, wrong[i].rc, wrong[i].text);
		assert_int_equal(fake.commands[7], 1);
		assert_int_equal(fake.commands[8], 1);
	}
}

static void
test_ndma_release_fails(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	build_ndma(&fake);
	expect_found(&fake, &args);
	fake.answer = 2;
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.lines, 1);
	assert_non_null(strstr(fake.line, "status 2 of command 8"));
	build_ndma(&fake);
	expect_found(&fake, &args);
	fake.dead_from = fake.reads + 1;
	fake.nb_writes = 0;
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.lines, 1);
	assert_non_null(strstr(fake.line, "device gone"));
	assert_int_equal(fake.nb_writes, 0);
}

static void
test_ndma_gone(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();
	const struct fake *f = &fake;
	unsigned int n, reads;

	(void)state;
	sweep_gone(build_ndma, &args);
	sweep_gone(build_ndma_fixed, &args);
	/* A hole in the BAR of the sub-map is not told from a BAR that is not there. */
	reads = count_reads(build_ndma, &args);
	for (n = 1; n <= reads; n++) {
		build_ndma(&fake);
		fake.dead_at = n;
		assert_int_not_equal(discover(&fake, &args), 0);
		if (strstr(f->line, "gone") == NULL)
			assert_non_null(strstr(f->line, "sub-map of 0x20000 bytes"));
		/* To a device that does not answer a command no other one is sent. */
		if (strstr(f->line, "at 0x1008 of BAR 0") == NULL)
			assert_int_equal(f->commands[7], f->commands[8]);
	}
}

static void
test_ndma_changes(void **state)
{
	const struct dw_edma_discover_args args = ndma_args();

	(void)state;
	sweep_changes(build_ndma, &args, NULL);
	sweep_changes(build_ndma_fixed, &args, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_epdm),
		cmocka_unit_test(test_epdm_large),
		cmocka_unit_test(test_epdm_refused),
		cmocka_unit_test(test_control_window),
		cmocka_unit_test(test_epdm_gone),
		cmocka_unit_test(test_epdm_changes),
		cmocka_unit_test(test_ndma),
		cmocka_unit_test(test_ndma_sizes),
		cmocka_unit_test(test_ndma_refused),
		cmocka_unit_test(test_ndma_command_fails),
		cmocka_unit_test(test_ndma_busy),
		cmocka_unit_test(test_ndma_changed_by_command),
		cmocka_unit_test(test_ndma_release_fails),
		cmocka_unit_test(test_ndma_gone),
		cmocka_unit_test(test_ndma_changes),
	};

	return cmocka_run_group_tests_name("dw_edma_parse_ntb", tests, NULL, NULL);
}
