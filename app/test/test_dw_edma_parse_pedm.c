/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Metadata in a BAR: the header in both forms, the handshake, the tables.
 */

#include "dw_edma_parse_env.h"

#define HOST_REQ 0x40000000u
#define READY 0x80000000u

static struct fake fake;

/* Images. Two write and two read channels; a prompt endpoint for tests that count reads. */

static void
build_short(struct fake *f)
{
	fake_pedm(f, 0x1c, 1, 2, 2);
	f->delay = 3;
}

static void
build_long(struct fake *f)
{
	fake_pedm(f, 0x20, 1, 2, 2);
	f->delay = 3;
}

/** A channel of each direction, the read one with an auxiliary window of 0x2000 bytes. */
static void
build_aux(struct fake *f)
{
	fake_pedm(f, 0x20, 7, 1, 1);
	f->delay = 1;
	fake_put(f, 0, 0x4c, 1 << 16 | 4 << 12 | 2 << 8);
	fake_put64(f, 0, 0x64, 0x8000);
	fake_put(f, 0, 0x6c, 0x2000);
	fake_put64(f, 0, 0x70, 0x123456789);
}

static void
expect_channels(void)
{
	unsigned int dir, ch;

	for (dir = 0; dir < 2; dir++)
		for (ch = 0; ch < layout.cnt[dir]; ch++)
			expect_list(dir, ch, 2, FAKE_LIST_OFFSET(dir, ch), 0x1000,
				    FAKE_LIST_LOCAL(dir, ch));
}

/** What a failure leaves of the request: nothing. */
static void
request_is_gone(struct fake *f)
{
	const uint32_t control = fake_get(f, 0, 0x08);

	/* All-ones is not written to, since nothing is known of what is there. */
	if (f->nb_writes == 0 || control == UINT32_MAX || fake_get(f, 0, 0x1c) == UINT32_MAX)
		return;
	if (f->answer == 0x20)
		assert_int_equal(fake_get(f, 0, 0x1c) & 1, 0);
	else
		assert_int_equal(control & HOST_REQ, 0);
}

static void
test_short(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	fake_pedm(&fake, 0x1c, 1, 2, 2);
	/* The example: 2 + 2 channels have 0xcc bytes. */
	assert_int_equal(fake_get(&fake, 0, 0x04) >> 16, 0xcc);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 1);
	expect_window(&layout.regs, 4, 0, 0x8000);
	assert_int_equal(layout.cnt[WR], 2);
	assert_int_equal(layout.cnt[RD], 2);
	expect_channels();
	assert_int_equal(fake.ms, 500);
	/* One write, of nothing but the request. */
	assert_int_equal(fake.nb_writes, 1);
	assert_int_equal(fake.writes[0].offset, 0x08);
	assert_int_equal(fake.writes[0].value, (0x2cu << 19 | 2 << 11 | 2 << 3 | 4) | HOST_REQ);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_PEDM);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.nb_writes, 2);
	assert_int_equal(fake_get(&fake, 0, 0x08) & (HOST_REQ | READY), READY);
	assert_int_equal(claim.format, DW_EDMA_FORMAT_AUTO);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.nb_writes, 2);
	assert_int_equal(fake.lines, 0);
}

static void
test_long(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	fake_pedm(&fake, 0x20, 5, 1, 4);
	fake_put(&fake, 0, 0x1c, 0xf0);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 5);
	assert_int_equal(layout.cnt[WR], 1);
	assert_int_equal(layout.cnt[RD], 4);
	expect_channels();
	assert_int_equal(fake.nb_writes, 1);
	assert_int_equal(fake.writes[0].offset, 0x1c);
	assert_int_equal(fake.writes[0].value, 0xf1);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake_get(&fake, 0, 0x1c), 0xf0);
}

/* As many channels as there can be, and one direction alone. */
static void
test_native(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int ch;

	(void)state;
	fake_pedm(&fake, 0x1c, 7, 0, 64);
	expect_found(&fake, &args);
	assert_int_equal(layout.map, 7);
	assert_int_equal(layout.cnt[WR], 0);
	assert_int_equal(layout.cnt[RD], 64);
	assert_int_equal(layout.blocks[WR].offset, 0);
	assert_int_equal(layout.blocks[WR].stride, 0x200);
	assert_int_equal(layout.blocks[RD].offset, 0x100);
	assert_int_equal(layout.blocks[RD].stride, 0x200);
	for (ch = 0; ch < 64; ch++)
		expect_list(RD, ch, 2, 0x40000 + 0x1000 * ch, 0x1000,
			    0x80040000 + 0x1000 * ch);
	/* Blocks of 64 channels need all of the registers; of 65 there are none. */
	fake_pedm(&fake, 0x1c, 7, 0, 64);
	fake_put(&fake, 0, 0x18, 0x7ffc);
	expect_refused(&fake, &args, -ERANGE, "registers of 0x7ffc bytes");
	fake_pedm(&fake, 0x1c, 7, 0, 64);
	fake_put(&fake, 0, 0x08, 0x2cu << 19 | 65 << 11 | 4);
	fake_put(&fake, 0, 0x04, (0x1c + 65 * 0x2c) << 16 | 1);
	expect_refused(&fake, &args, -EPROTO, "0 write and 65 read channels, expected at most 64");
	fake_pedm(&fake, 0x20, 1, 4, 0);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[WR], 4);
	assert_int_equal(layout.cnt[RD], 0);
}

/* Entries that are longer than what is known of them. */
static void
test_long_entries(void **state)
{
	static const uint32_t sizes[] = { 0x30, 0xfc };
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int i;
	uint32_t at;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_pedm(&fake, 0x1c, 1, 1, 1);
		at = 0x1c + sizes[i];
		fake_put(&fake, 0, 0x04, (0x1c + 2 * sizes[i]) << 16 | 1);
		fake_put(&fake, 0, 0x08, sizes[i] << 19 | 1 << 11 | 1 << 3 | 4);
		fake_put(&fake, 0, at - 4, 0xffffffff);
		fake_put(&fake, 0, at, 2 << 8);
		fake_put64(&fake, 0, at + 0x04, FAKE_LIST_OFFSET(RD, 0));
		fake_put(&fake, 0, at + 0x0c, 0x1000);
		fake_put64(&fake, 0, at + 0x10, FAKE_LIST_LOCAL(RD, 0));
		expect_found(&fake, &args);
		expect_channels();
	}
}

static void
test_scan(void **state)
{
	struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	/* A BAR that leads nowhere, all-ones, is passed over; a short one is not read. */
	fake_pedm(&fake, 0x1c, 1, 2, 2);
	fake.src.bar_bytes[0] = 0x18;
	fake.src.bar_bytes[1] = 0x1000;
	fake_put(&fake, 1, 0, 0xffffffff);
	expect_refused(&fake, &args, -ENOENT, "no BAR starts with 0x4d444550");
	assert_int_equal(fake.nb_writes, 0);
	build_short(&fake);
	args.pedm_bar = (struct dw_edma_opt){ true, 0 };
	expect_found(&fake, &args);
	args.pedm_bar.value = 2;
	build_short(&fake);
	expect_refused(&fake, &args, -ENOENT, "magic 0x00000000 in BAR 2, expected 0x4d444550");
	args.pedm_bar.value = 1;
	build_short(&fake);
	expect_refused(&fake, &args, -EINVAL, "BAR 1, expected a memory BAR");
	args.pedm_bar.value = UINT64_C(0x100000000);
	build_short(&fake);
	expect_refused(&fake, &args, -EINVAL, "BAR 4294967296, expected a memory BAR");
	/* Big endian. */
	args.pedm_bar.value = 0;
	build_short(&fake);
	fake_put(&fake, 0, 0, 0x5045444d);
	expect_refused(&fake, &args, -ENOENT, "magic 0x5045444d in BAR 0");
}

/* Everything in the header that can be wrong before anything is asked. */
static void
test_header_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, 0x04, 0x00cc0002, -ENOTSUP, "revision 2, expected 1" },
		{ 0, 0x04, 0x00cc0000, -ENOTSUP, "revision 0, expected 1" },
		{ 0, 0x14, 0x00000102, -ENOTSUP, "register layout 2, expected 1" },
		{ 0, 0x14, 0x00000001, -ENOTSUP, "register map 0, whose view port" },
		{ 0, 0x14, 0x00000201, -ENOTSUP, "register map 2, expected 1, 5 or 7" },
		{ 0, 0x14, 0x0000ff01, -ENOTSUP, "register map 255, expected 1, 5 or 7" },
		{ 0, 0x08, 0x01601016, -ERANGE, "registers in BAR 6, expected a memory BAR" },
		{ 0, 0x08, 0x01601011, -ERANGE, "registers in BAR 1, expected a memory BAR" },
		{ 0, 0x08, 0x01600004, -EPROTO, "0 write and 0 read channels" },
		{ 0, 0x08, 0x0160104c, -EPROTO, "9 write and 2 read channels" },
		{ 0, 0x08, 0x01604814, -EPROTO, "2 write and 9 read channels, expected at most 8" },
		{ 0, 0x08, 0x01401014, -EPROTO, "entry of 0x28 bytes, expected at least 0x2c" },
		{ 0, 0x08, 0x01701014, -EPROTO, "entry of 0x2e bytes, expected at least 0x2c" },
		{ 0, 0x08, 0x00001014, -EPROTO, "entry of 0x0 bytes" },
		{ 0, 0x08, 0x01801014, -EPROTO, "0xcc bytes in all, expected 0xdc or 0xe0" },
		{ 0, 0x08, 0x0160101c, -EPROTO, "0xcc bytes in all, expected 0xf8 or 0xfc" },
		{ 0, 0x04, 0x00c80001, -EPROTO, "0xc8 bytes in all, expected 0xcc or 0xd0" },
		{ 0, 0x04, 0x00ce0001, -EPROTO, "0xce bytes in all, expected 0xcc or 0xd0" },
		{ 0, 0x04, 0x00d40001, -EPROTO, "0xd4 bytes in all, expected 0xcc or 0xd0" },
		{ 0, 0x04, 0x00000001, -EPROTO, "0x0 bytes in all, expected 0xcc or 0xd0" },
		{ 0, 0x04, 0xfffc0001, -EPROTO, "0xfffc bytes in all, expected 0xcc or 0xd0" },
	};
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		build_short(&fake);
		fake_put(&fake, wrong[i].bar, wrong[i].offset, wrong[i].value);
		expect_refused(&fake, &args, wrong[i].rc, wrong[i].text);
		assert_int_equal(fake.nb_writes, 0);
		assert_int_equal(fake.ms, 0);
	}
	build_short(&fake);
	fake.src.bar_bytes[0] = 0xc8;
	expect_refused(&fake, &args, -EPROTO, "0xcc bytes in all");
	build_short(&fake);
	fake.src.bar_bytes[0] = 0xcc;
	expect_found(&fake, &args);
}

/* What is looked at after READY: registers and tables. */
static void
test_tables_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, 0x0c, 0x00008004, -ERANGE, "registers of 0x8000 bytes at 0x8004 of BAR 4" },
		{ 0, 0x0c, 0x00000002, -ERANGE, "registers of 0x8000 bytes at 0x2 of BAR 4" },
		{ 0, 0x10, 0x00000001, -ERANGE, "at 0x100000000 of BAR 4" },
		{ 0, 0x18, 0x00010004, -ERANGE, "registers of 0x10004 bytes at 0x0 of BAR 4" },
		{ 0, 0x18, 0x00000520, -ERANGE, "registers of 0x520 bytes" },
		{ 0, 0x18, 0x00000000, -ERANGE, "registers of 0x0 bytes" },
		{ 0, 0x1c, 0x00000201, -EPROTO, "entry 0 at 0x1c is about channel 1, expected 0" },
		{ 0, 0x48, 0x00000200, -EPROTO, "entry 1 at 0x48 is about channel 0, expected 1" },
		{ 0, 0xa0, 0x00000202, -EPROTO, "entry 1 at 0xa0 is about channel 2, expected 1" },
		{ 0, 0x1c, 0x00000600, -ERANGE, "list of write channel 0 in BAR 6" },
		{ 0, 0x1c, 0x00000100, -ERANGE, "0x1000 bytes at 0x10000 of BAR 1" },
		{ 0, 0x4c, 0x00010004, -ERANGE, "list of write channel 1 at 0x10004 of BAR 2" },
		{ 0, 0x4c, 0x001ff008, -ERANGE, "0x1000 bytes at 0x1ff008 of BAR 2" },
		{ 0, 0x50, 0x00000001, -ERANGE, "0x1000 bytes at 0x100011000 of BAR 2" },
		{ 0, 0x50, 0xfffffffe, -ERANGE, "0x1000 bytes at 0xfffffffe00011000" },
		{ 0, 0x54, 0x00000047, -ERANGE, "0x47 bytes at 0x11000 of BAR 2" },
		{ 0, 0x54, 0x00000000, -ERANGE, "0x0 bytes at 0x11000 of BAR 2" },
		{ 0, 0x54, 0xfffffff0, -ERANGE, "0xfffffff0 bytes at 0x11000 of BAR 2" },
		{ 0, 0x58, 0x80011004, -ERANGE, "for the engine at 0x80011004" },
		{ 0, 0x4c, 0x00010000, -ERANGE, "write channel 0 and write channel 1 overlap" },
		{ 0, 0x4c, 0x00010ff8, -ERANGE, "write channel 0 and write channel 1 overlap" },
		{ 0, 0x58, 0x80010ff8, -ERANGE, "write channel 0 and write channel 1 overlap" },
		{ 0, 0xa4, 0x00010000, -ERANGE, "write channel 0 and read channel 1 overlap" },
		{ 0, 0xa0, 0x00000001, -ERANGE, "list at 0x15000 of BAR 0, expected outside" },
	};
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		build_short(&fake);
		fake.src.bar_bytes[0] = 0x20000;
		fake_put(&fake, wrong[i].bar, wrong[i].offset, wrong[i].value);
		if (wrong[i].offset == 0xa0 && wrong[i].value == 1) {
			/* A list on top of the metadata. */
			fake_put(&fake, 0, 0xa4, 0xc8);
			expect_refused(&fake, &args, -ERANGE, "list at 0xc8 of BAR 0, expected "
				       "outside of 0x0 to 0xcc");
		} else {
			expect_refused(&fake, &args, wrong[i].rc, wrong[i].text);
		}
		assert_int_equal(fake.nb_writes, 2);
		request_is_gone(&fake);
	}
	/* Registers on top of the metadata. */
	build_short(&fake);
	fake_put(&fake, 0, 0x08, 0x01601010);
	fake_put(&fake, 0, 0x0c, 0xc8);
	fake_put(&fake, 0, 0x18, 0x1000);
	expect_refused(&fake, &args, -ERANGE, "registers at 0xc8 of BAR 0, expected outside");
	/* Directly behind it they are fine. */
	build_short(&fake);
	fake_put(&fake, 0, 0x08, 0x01601010);
	fake_put(&fake, 0, 0x0c, 0xcc);
	fake_put(&fake, 0, 0x18, 0x1000);
	expect_found(&fake, &args);
}

static void
test_aux(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, 0x4c, 0x00016200, -ERANGE, "0x2000 bytes at 0x8000 of BAR 6" },
		{ 0, 0x4c, 0x00011200, -ERANGE, "0x8000 of BAR 1, expected inside a memory BAR" },
		{ 0, 0x64, 0x0000e001, -ERANGE, "0x2000 bytes at 0xe001 of BAR 4" },
		{ 0, 0x68, 0x00000001, -ERANGE, "0x2000 bytes at 0x100008000 of BAR 4" },
		{ 0, 0x6c, 0x00008001, -ERANGE, "0x8001 bytes at 0x8000 of BAR 4" },
		{ 0, 0x6c, 0x00000000, -ERANGE, "0x0 bytes at 0x8000 of BAR 4" },
	};
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int i;

	(void)state;
	build_aux(&fake);
	expect_found(&fake, &args);
	assert_int_equal(layout.cnt[RD], 1);
	refuse_each(build_aux, &args, wrong, ARRAY_SIZE(wrong));
	/* Not valid, so of no interest; it may be all-ones. */
	build_aux(&fake);
	fake_put(&fake, 0, 0x4c, 0x00007200);
	for (i = 0x64; i < 0x78; i += 4)
		fake_put(&fake, 0, i, 0xffffffff);
	expect_found(&fake, &args);
}

static void
test_not_ready(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	build_short(&fake);
	fake.delay = 0;
	expect_refused(&fake, &args, -ETIMEDOUT, "control word 0x41601014 after 2000 ms");
	assert_int_equal(fake.ms, 2000);
	assert_int_equal(fake.nb_writes, 2);
	assert_int_equal(fake_get(&fake, 0, 0x08), 0x01601014);
	build_long(&fake);
	fake.delay = 0;
	expect_refused(&fake, &args, -ETIMEDOUT, "after 2000 ms, expected bit 31");
	assert_int_equal(fake_get(&fake, 0, 0x1c), 0);
	/* The last moment. */
	build_long(&fake);
	fake.delay = 2000;
	expect_found(&fake, &args);
	build_long(&fake);
	fake.delay = 2001;
	expect_refused(&fake, &args, -ETIMEDOUT, "after 2000 ms");
}

/* READY without a wait: everything is in fixed BARs, or somebody has asked before. */
static void
test_ready_before(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	build_short(&fake);
	fake.endpoint = NULL;
	fake_put(&fake, 0, 0x08, 0x01601014 | READY);
	expect_found(&fake, &args);
	assert_int_equal(fake.ms, 0);
	assert_int_equal(fake.writes[0].value, 0x01601014 | READY | HOST_REQ);
	/* A predecessor's request stays as it is: READY may change in the same word meanwhile. */
	build_short(&fake);
	fake_put(&fake, 0, 0x08, 0x01601014 | HOST_REQ);
	expect_found(&fake, &args);
	assert_int_equal(fake.nb_writes, 0);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake_get(&fake, 0, 0x08), 0x01601014 | READY);
}

/* Words that are others after READY. */
static void
test_changed_by_ready(void **state)
{
	static const struct wrong wrong[] = {
		{ 0, 0x00, 0x4d444551, -ENOENT, "magic 0x4d444551" },
		{ 0, 0x04, 0x00d00001, -EAGAIN, "word at 0x4 is 0x00d00001, expected 0x00cc0001" },
		{ 0, 0x04, 0x00cc0101, -EAGAIN, "word at 0x4 is 0x00cc0101" },
		{ 0, 0x04, 0x00cc0002, -ENOTSUP, "revision 2" },
		{ 0, 0x08, 0xc160081c, -EAGAIN, "word at 0x8 is 0xc160081c, expected 0x01601014" },
		{ 0, 0x08, 0xc1601012, -EAGAIN, "word at 0x8 is 0xc1601012" },
		{ 0, 0x08, 0xc160101c, -EPROTO, "0xcc bytes in all" },
		{ 0, 0x08, 0xc1601017, -ERANGE, "registers in BAR 7" },
		{ 0, 0x08, 0x81601014, -EAGAIN, "control word 0x81601014 after the tables" },
		{ 0, 0x14, 0x00000501, -EAGAIN, "word at 0x14 is 0x00000501, expected 0x00000101" },
		{ 0, 0x14, 0x00000001, -ENOTSUP, "register map 0" },
		{ 0, 0x18, 0x00000400, -ERANGE, "registers of 0x400 bytes" },
	};
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		build_short(&fake);
		fake.done[0] = (struct fake_word){ 0, wrong[i].offset, wrong[i].value };
		fake.nb_done = 1;
		expect_refused(&fake, &args, wrong[i].rc, wrong[i].text);
		request_is_gone(&fake);
	}
	/* Where registers and lists are may become known with READY alone. */
	build_long(&fake);
	fake_put(&fake, 0, 0x18, 0);
	fake_put(&fake, 0, 0x2c, 0);
	fake.done[0] = (struct fake_word){ 0, 0x18, 0x2000 };
	fake.done[1] = (struct fake_word){ 0, 0x2c, 0x800 };
	fake.nb_done = 2;
	expect_found(&fake, &args);
	expect_window(&layout.regs, 4, 0, 0x2000);
	expect_list(WR, 0, 2, 0x10000, 0x800, 0x80010000);
}

/* The link is lost while the tables are read. */
static void
test_ready_taken_back(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");
	unsigned int reads;

	(void)state;
	reads = count_reads(build_short, &args);
	build_short(&fake);
	fake_change_at(&fake, reads, 0, 0x08, 0x01601014 | HOST_REQ);
	expect_refused(&fake, &args, -EAGAIN, "control word 0x41601014 after the tables were read");
	assert_int_equal(fake_get(&fake, 0, 0x08), 0x01601014);
	reads = count_reads(build_long, &args);
	build_long(&fake);
	fake_change_at(&fake, reads, 0, 0x08, 0x01601014);
	expect_refused(&fake, &args, -EAGAIN, "expected bits 0x80000000");
	assert_int_equal(fake_get(&fake, 0, 0x1c), 0);
}

static void
test_release(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	/* Something else is in the BAR by now, or nothing at all. */
	build_short(&fake);
	expect_found(&fake, &args);
	fake_put(&fake, 0, 0, 0x12345678);
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.nb_writes, 1);
	build_long(&fake);
	expect_found(&fake, &args);
	fake.dead_from = fake.reads + 1;
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.nb_writes, 1);
	build_long(&fake);
	expect_found(&fake, &args);
	fake.dead_from = fake.reads + 2;
	dw_edma_discover_release(&fake.src, &claim);
	assert_int_equal(fake.nb_writes, 1);
	assert_int_equal(fake.lines, 0);
}

static void
test_gone(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	sweep_gone(build_short, &args);
	sweep_gone(build_long, &args);
	sweep_gone(build_aux, &args);
	/* The first read is the scan's, which passes over holes. */
	sweep_hole(build_short, &args, 2, 0);
	sweep_hole(build_aux, &args, 2, 0);
}

static void
test_changes(void **state)
{
	const struct dw_edma_discover_args args = args_of("pedm");

	(void)state;
	sweep_changes(build_short, &args, request_is_gone);
	sweep_changes(build_aux, &args, request_is_gone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_long_entries),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_header_refused),
		cmocka_unit_test(test_tables_refused),
		cmocka_unit_test(test_aux),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_ready_before),
		cmocka_unit_test(test_changed_by_ready),
		cmocka_unit_test(test_ready_taken_back),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests_name("dw_edma_parse_pedm", tests, NULL, NULL);
}
