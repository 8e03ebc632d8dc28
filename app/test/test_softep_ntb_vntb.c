/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The endpoint's kernel with pci-epf-vntb, as a host sees it and as the endpoint's client does.
 */

#include <errno.h>

#include "softep_ntb_hosts.h"

static struct vntb vntb;
static uint8_t ctrl_ram[0x20000];
static uint8_t mw_ram[4][MW_BYTES << 3];

static void
start_shape(const struct ntb_shape *shape, unsigned int version, enum ntb_db_mode mode)
{
	struct vntb_conf conf = {
		.shape = *shape,
		.version = version,
		.db_mode = mode,
		.ctrl = ctrl_ram,
		.bus = &env_bus,
	};
	unsigned int i;

	env_clear();
	for (i = 0; i < 4; i++) {
		memset(mw_ram[i], 0, sizeof(mw_ram[i]));
		conf.mw[i] = mw_ram[i];
	}
	vntb_init(&vntb, &conf, now);
}

static void
start(unsigned int version, enum ntb_db_mode mode)
{
	struct ntb_shape shape = env_shape(RENESAS, 1);

	start_shape(&shape, version, mode);
}

static void
host(unsigned int bar, uint64_t offset, void *data, uint64_t count, bool write)
{
	struct ntb_access access = {
		.bar = bar, .offset = offset, .data = data, .count = count, .write = write,
	};

	vntb_access(&vntb, &access, now);
}

static void
put(unsigned int bar, uint64_t offset, uint32_t value)
{
	host(bar, offset, &value, 4, true);
}

static uint32_t
get(unsigned int bar, uint64_t offset)
{
	uint32_t value = 0x5a5a5a5a;

	host(bar, offset, &value, 4, false);
	return value;
}

static uint16_t
get16(uint64_t offset)
{
	uint16_t value;

	host(0, offset, &value, 2, false);
	return value;
}

/** Turns the clock, stopping wherever there is something to do. */
static void
pass(uint64_t ns)
{
	const uint64_t end = now + ns;

	while (vntb_next(&vntb) <= end) {
		if (vntb_next(&vntb) > now)
			now = vntb_next(&vntb);
		vntb_run(&vntb, now);
	}
	now = end;
}

/** A command as Linux' host driver sends it; returns its status, 0 after a second without one. */
static uint16_t
command(uint32_t code, uint32_t argument)
{
	const uint16_t none = 0;
	uint16_t status;
	unsigned int i;

	put(0, ARGUMENT, argument);
	put(0, COMMAND, code);
	for (i = 0; i < 1000; i++) {
		status = get16(CMD_STATUS);
		if (status != 0)
			break;
		pass(MS);
	}
	host(0, CMD_STATUS, (void *)(uintptr_t)&none, 2, true);
	return status;
}

static uint16_t
configure_mw(uint32_t window, uint64_t addr, uint64_t size)
{
	host(0, ADDR, &addr, 8, true);
	host(0, SIZE, &size, 8, true);
	return command(CONFIGURE_MW, window);
}

/* Commands ------------------------------------------------------------------------------------- */

static void
test_commands(void **state)
{
	static const struct {
		uint32_t code, argument;
		uint16_t status;
		uint64_t bad;
	} rows[] = {
		{ CONFIGURE_DOORBELL, 16, OK, 0 },
		{ CONFIGURE_DOORBELL, 0x10020, OK, 0 },
		{ CONFIGURE_DOORBELL, UINT32_MAX, OK, 0 }, /* nobody looks */
		{ TEARDOWN_DOORBELL, 16, OK, 0 },
		{ TEARDOWN_MW, 0, OK, 0 },
		{ TEARDOWN_MW, 1, FAILED, 1 },
		{ TEARDOWN_MW, 99, FAILED, 1 },
		{ CONFIGURE_MW, 99, FAILED, 1 },
		{ LINK_UP, 0, OK, 0 },
		{ LINK_DOWN, 0, OK, 0 },
		{ 7, 0, 0, 1 },
		{ UINT32_MAX, 0, 0, 1 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start(7, NTB_DB_POLLED);
		assert_int_equal(command(rows[i].code, rows[i].argument), rows[i].status);
		assert_int_equal(get(0, COMMAND), 0);
		assert_int_equal(get(0, ARGUMENT), 0);
		assert_int_equal(vntb.counters.commands, 1);
		assert_int_equal(vntb.counters.bad_commands, rows[i].bad);
		assert_int_equal(complaints, rows[i].bad);
	}
}

static void
test_period(void **state)
{
	static const struct {
		enum ntb_db_mode mode;
		uint64_t period;
	} rows[] = {
		{ NTB_DB_POLLED, 5 * MS }, { NTB_DB_MSI, 500 * MS }, { NTB_DB_EDMA, 500 * MS },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start(7, rows[i].mode);
		assert_true(vntb_next(&vntb) == NTB_NEVER);
		pass(3 * MS);
		put(0, COMMAND, LINK_UP);
		assert_int_equal(vntb_next(&vntb), now - 3 * MS + rows[i].period);
		pass(rows[i].period - 3 * MS - 1);
		assert_int_equal(get(0, COMMAND), LINK_UP);
		pass(1);
		assert_int_equal(get(0, COMMAND), 0);
		assert_int_equal(get16(CMD_STATUS), OK);
		assert_true(vntb_next(&vntb) == NTB_NEVER);
		/* As written by a switch. */
		vntb.sw.period = 20;
		put(0, COMMAND, LINK_UP);
		assert_int_equal(vntb_next(&vntb), now + 20 * MS);
	}
}

static void
test_status_delay(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	vntb.sw.status_delay = 40;
	put(0, COMMAND, LINK_UP);
	pass(5 * MS);
	/* Picked up, executed, and not answered. */
	assert_int_equal(get(0, COMMAND), 0);
	assert_int_equal(get16(LINK_STATUS), 1);
	assert_int_equal(get16(CMD_STATUS), 0);
	put(0, COMMAND, LINK_DOWN);
	pass(39 * MS);
	assert_int_equal(get16(CMD_STATUS), 0);
	assert_int_equal(get(0, COMMAND), LINK_DOWN);
	pass(MS);
	assert_int_equal(get16(CMD_STATUS), OK);
	assert_int_equal(get16(LINK_STATUS), 1);
	pass(5 * MS);
	assert_int_equal(get16(LINK_STATUS), 0);
}

/* Link ----------------------------------------------------------------------------------------- */

static void
test_link(void **state)
{
	static const struct {
		uint32_t code;
		uint16_t link;
		uint64_t events;
	} rows[] = {
		{ LINK_UP, 1, 1 }, { LINK_UP, 1, 2 }, { LINK_DOWN, 0, 3 }, { LINK_DOWN, 0, 4 },
		{ LINK_UP, 1, 5 },
	};
	unsigned int i;

	(void)state;
	start(7, NTB_DB_POLLED);
	assert_int_equal(get16(LINK_STATUS), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(command(rows[i].code, 0), OK);
		assert_int_equal(get16(LINK_STATUS), rows[i].link);
		assert_int_equal(vntb.counters.link_events, rows[i].events);
	}
	/* The host is never told by an interrupt. */
	assert_int_equal(env_interrupts(0), 0);
}

/** The hazard of ntb-epf.md 7.2: the client's clean-up comes after the next link up. */
static void
test_cleanup(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	command(LINK_UP, 0);
	put(0, 0x174, 0x1234);
	put(0, 0x134, 0x5678);
	assert_int_equal(command(LINK_DOWN, 0), OK);
	pass(100 * MS);
	assert_int_equal(get(0, 0x174), 0x1234);

	vntb.sw.client = true;
	vntb.sw.cleanup = 30;
	command(LINK_UP, 0);
	assert_true(vntb_next(&vntb) == NTB_NEVER);
	assert_int_equal(command(LINK_DOWN, 0), OK);
	assert_int_equal(command(LINK_UP, 0), OK);
	put(0, 0x1b0, 0x9abc);
	assert_int_equal(get(0, 0x1b0), 0x9abc);
	pass(30 * MS);
	/* All of region B is gone, fresh as it is; region A is the host's to clear. */
	assert_int_equal(get(0, 0x1b0), 0);
	assert_int_equal(get(0, 0x174), 0);
	assert_int_equal(get(0, 0x134), 0x5678);
	assert_int_equal(vntb.counters.cleanups, 1);
	assert_true(vntb_next(&vntb) == NTB_NEVER);
}

static void
test_host_gone(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	command(LINK_UP, 0);
	configure_mw(0, HOST_MEM, 0x1000);
	/* Linux does not notice. */
	vntb_host_gone(&vntb, now);
	assert_int_equal(get16(LINK_STATUS), 1);
	assert_int_equal(ntb_windows_count(&vntb.windows, 0), 1);
	vntb.sw.notice = true;
	vntb_host_gone(&vntb, now);
	assert_int_equal(get16(LINK_STATUS), 0);
	assert_int_equal(ntb_windows_count(&vntb.windows, 0), 0);
	assert_int_equal(vntb.counters.link_events, 2);
}

static void
test_reboot(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	command(LINK_UP, 0);
	put(0, 0x174, 0x1234);
	vntb_translate(&vntb, 0, 0x1000);
	put(0, COMMAND, LINK_UP);
	vntb_unbind(&vntb);
	assert_true(vntb_next(&vntb) == NTB_NEVER);
	assert_int_equal(get(0, MW_COUNT), UINT32_MAX);
	assert_int_equal(get(4, 8), UINT32_MAX);
	put(0, COMMAND, LINK_UP);
	put(4, 8, 3);
	assert_true(vntb_next(&vntb) == NTB_NEVER);
	vntb_bind(&vntb, now);
	assert_int_equal(get(0, MW_COUNT), 1);
	assert_int_equal(get(0, COMMAND), 0);
	assert_int_equal(get16(LINK_STATUS), 0);
	assert_int_equal(get(0, 0x174), 0);
	assert_int_equal(get(2, 0), UINT32_MAX);
	assert_int_equal(command(LINK_UP, 0), OK);
}

/* Scratchpads ---------------------------------------------------------------------------------- */

static void
test_spads(void **state)
{
	uint32_t value;
	unsigned int i;

	(void)state;
	start(7, NTB_DB_POLLED);
	for (i = 0; i < 16; i++) {
		put(0, 0x174 + 4 * i, 0x100 + i);
		assert_int_equal(vntb_spad_set(&vntb, NTB_SPAD_A, i, 0x200 + i), 0);
	}
	for (i = 0; i < 16; i++) {
		assert_int_equal(get(0, 0x134 + 4 * i), 0x200 + i);
		assert_int_equal(vntb_spad_get(&vntb, NTB_SPAD_B, i, &value), 0);
		assert_int_equal(value, 0x100 + i);
	}
	assert_int_equal(vntb_spad_get(&vntb, NTB_SPAD_B, 16, &value), -EINVAL);
	assert_int_equal(vntb_spad_set(&vntb, NTB_SPAD_A, 16, 0), -EINVAL);
	assert_true(vntb_next(&vntb) == NTB_NEVER);
}

/** The TI map shows region B a second time. */
static void
test_spads_ti(void **state)
{
	struct ntb_shape shape = env_shape(TI, 4);
	uint32_t value;

	(void)state;
	start_shape(&shape, 7, NTB_DB_POLLED);
	put(1, 0x3c, 0x77);
	assert_int_equal(get(0, 0x1b0), 0x77);
	assert_int_equal(vntb_spad_get(&vntb, NTB_SPAD_B, 15, &value), 0);
	assert_int_equal(value, 0x77);
	put(1, 0x40, 0x77);
	assert_int_equal(get(1, 0x40), 0);
	assert_int_equal(get(0, 0x1b4), 0);
}

/* Doorbells, host to endpoint ------------------------------------------------------------------ */

static void
ring_host(unsigned int bit)
{
	unsigned int n = bit + 2;

	put(4, get(0, DB_ENTRY_SIZE) * n + get(0, DB_OFFSET(n)), get(0, DB_DATA(n)));
}

static void
test_doorbells(void **state)
{
	/* With eight slots; 7.x: bits 0 to 5, 6.x: the host's bit b is bit b + 1. */
	static const struct {
		unsigned int version;
		enum ntb_db_mode mode;
		unsigned int bit;
		uint64_t word, mask;
		unsigned int event;
	} rows[] = {
		{ 7, NTB_DB_POLLED, 0, 0x01, 0x3f, 0 },
		{ 7, NTB_DB_POLLED, 5, 0x20, 0x3f, 5 },
		{ 6, NTB_DB_POLLED, 0, 0x02, 0xff, 2 },
		{ 6, NTB_DB_POLLED, 5, 0x40, 0xff, 7 },
		{ 7, NTB_DB_MSI, 0, 0x01, 0x3f, 0 },
		{ 7, NTB_DB_MSI, 5, 0x20, 0x3f, 5 },
		{ 7, NTB_DB_EDMA, 0, 0x3f, 0x3f, 5 },
		{ 7, NTB_DB_EDMA, 5, 0x3f, 0x3f, 5 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start(rows[i].version, rows[i].mode);
		assert_int_equal(vntb_db_valid_mask(&vntb), rows[i].mask);
		ring_host(rows[i].bit);
		if (rows[i].mode == NTB_DB_POLLED) {
			assert_int_equal(vntb.doorbells, 0);
			assert_int_equal(vntb_next(&vntb), now + 5 * MS);
			pass(5 * MS);
			assert_int_equal(get(4, 4 * (rows[i].bit + 2)), 0);
		}
		assert_true(vntb_next(&vntb) == NTB_NEVER);
		assert_int_equal(vntb.doorbells, rows[i].word);
		assert_int_equal(vntb.last_event, rows[i].event);
		assert_int_equal(vntb.counters.stray_db, 0);
		vntb_db_clear(&vntb, rows[i].word & 0x3);
		assert_int_equal(vntb.doorbells, rows[i].word & ~UINT64_C(3));
	}
}

static void
test_doorbells_merge(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	ring_host(1);
	ring_host(1);
	ring_host(3);
	pass(5 * MS);
	assert_int_equal(vntb.doorbells, 0xa);
	assert_int_equal(vntb.counters.doorbells, 2);
	/* Any value that is not 0 will do. */
	put(4, 8, 0x80000000);
	pass(5 * MS);
	assert_int_equal(vntb.doorbells, 0xb);
	put(4, 8, 0);
	pass(5 * MS);
	assert_int_equal(vntb.counters.doorbells, 3);
}

static void
test_doorbells_stray(void **state)
{
	static const struct {
		unsigned int version;
		enum ntb_db_mode mode;
		uint64_t offset;
		uint32_t value;
		uint64_t count;
		uint64_t word;
	} rows[] = {
		{ 7, NTB_DB_POLLED, 0, 1, 4, 0 },
		{ 7, NTB_DB_POLLED, 4, 2, 4, 0 },
		{ 6, NTB_DB_POLLED, 4, 2, 4, 1 }, /* the old scan finds it */
		{ 7, NTB_DB_POLLED, 32, 9, 4, 0 },
		{ 7, NTB_DB_POLLED, 4092, 9, 4, 0 },
		{ 7, NTB_DB_MSI, 0x40, 0x21, 4, 0 },
		{ 7, NTB_DB_MSI, 0x40, 0x28, 4, 0 },
		{ 7, NTB_DB_MSI, 0x40, 0, 4, 0 },
		{ 7, NTB_DB_MSI, 0x44, 0x22, 4, 0 },
		{ 7, NTB_DB_MSI, 0x40, 0x22, 2, 0 },
		{ 7, NTB_DB_EDMA, 0xa4, 0, 4, 0 },
		{ 7, NTB_DB_EDMA, 0xa0, 0, 1, 0 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t value = rows[i].value;

		start(rows[i].version, rows[i].mode);
		host(4, rows[i].offset, &value, rows[i].count, true);
		pass(5 * MS);
		assert_int_equal(vntb.counters.stray_db, 1);
		assert_int_equal(vntb.doorbells, rows[i].word);
	}
}

/* Doorbells, endpoint to host ------------------------------------------------------------------ */

static void
test_ring(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	vntb_ring(&vntb, 0x21);
	assert_int_equal(raised[0][2], 1);
	assert_int_equal(raised[0][7], 1);
	assert_int_equal(env_interrupts(0), 2);
	vntb_ring(&vntb, 0xc0);
	assert_int_equal(env_interrupts(0), 0);
	start(6, NTB_DB_POLLED);
	vntb_ring(&vntb, 0xa0);
	assert_int_equal(raised[0][7], 1);
	assert_int_equal(env_interrupts(0), 1);
	assert_int_equal(vntb.counters.zero_msis, 0);
}

/** ntb-epf.md 4.4: nobody looks whether MSI was ever set up. */
static void
test_ring_zero(void **state)
{
	(void)state;
	start(7, NTB_DB_POLLED);
	no_msi = true;
	vntb_ring(&vntb, 0x4);
	assert_int_equal(vntb.counters.msis, 1);
	assert_int_equal(vntb.counters.zero_msis, 1);
	assert_int_equal(env_interrupts(0), 0);
	assert_int_equal(sink, 0);
	vntb.sw.sink = true;
	vntb_ring(&vntb, 0x4);
	assert_int_equal(vntb.counters.zero_msis, 2);
	assert_int_equal(sink, 4);
}

/* Windows -------------------------------------------------------------------------------------- */

static void
test_inbound(void **state)
{
	uint8_t data[16] = { 0 };

	(void)state;
	start(7, NTB_DB_POLLED);
	assert_int_equal(get(2, 0), UINT32_MAX);
	put(2, 0, 0x11);
	assert_int_equal(vntb.counters.early_mw, 2);
	assert_int_equal(mw_ram[0][0], 0);
	assert_int_equal(vntb_translate(&vntb, 0, 0x1000), 0);
	put(2, 0x10, 0x22);
	assert_int_equal(get(2, 0x10), 0x22);
	assert_int_equal(mw_ram[0][0x10], 0x22);
	assert_int_equal(vntb.counters.early_mw, 2);
	/* Across the end of what is translated. */
	memset(mw_ram[0], 0x33, 0x2000);
	host(2, 0xff8, data, 16, false);
	assert_memory_equal(data, "\x33\x33\x33\x33\x33\x33\x33\x33\xff\xff\xff\xff\xff\xff\xff\xff",
			    16);
	assert_int_equal(vntb.counters.early_mw, 3);
	memset(data, 0x44, 16);
	host(2, 0xff8, data, 16, true);
	assert_int_equal(mw_ram[0][0xfff], 0x44);
	assert_int_equal(mw_ram[0][0x1000], 0x33);
	assert_int_equal(vntb_memory(&vntb, 0, 0xffc, data, 8, false), 0);
	assert_memory_equal(data, "\x44\x44\x44\x44\x33\x33\x33\x33", 8);
}

static void
test_inbound_bad(void **state)
{
	struct ntb_shape shape = env_shape(TI, 2);
	uint8_t data[4] = { 0 };

	(void)state;
	start_shape(&shape, 7, NTB_DB_POLLED);
	assert_int_equal(vntb_translate(&vntb, 0, 0x1001), -EINVAL);
	/* The doorbells take their part of the first window's BAR. */
	assert_int_equal(vntb_translate(&vntb, 0, 0x20000), -EINVAL);
	assert_int_equal(vntb_translate(&vntb, 0, 0x10000), 0);
	assert_int_equal(vntb_translate(&vntb, 1, 0x40000), 0);
	assert_int_equal(vntb_translate(&vntb, 2, 0x1000), -EINVAL);
	assert_int_equal(vntb_memory(&vntb, 2, 0, data, 4, true), -EINVAL);
	assert_int_equal(vntb_memory(&vntb, 0, 0x1f000, data, 4, true), -EINVAL);
	assert_int_equal(vntb_memory(&vntb, 0, UINT64_MAX, data, 4, true), -EINVAL);
	put(2, 0x1000, 0x55);
	assert_int_equal(mw_ram[0][0], 0x55);
	put(3, 0, 0x66);
	assert_int_equal(mw_ram[1][0], 0x66);
	assert_int_equal(vntb.counters.early_mw, 0);
}

static void
test_outbound(void **state)
{
	uint32_t value = 0x12345678;

	(void)state;
	start(7, NTB_DB_POLLED);
	assert_int_equal(vntb_outbound(&vntb, 0, 0, &value, 4, true), 0);
	assert_int_equal(vntb.counters.out_errors, 1);
	assert_int_equal(configure_mw(0, HOST_MEM + 0x1000, 0x2000), OK);
	assert_int_equal(vntb_outbound(&vntb, 0, 0x1ffc, &value, 4, true), 0);
	assert_memory_equal(host_mem[0] + 0x2ffc, &value, 4);
	value = 0;
	assert_int_equal(vntb_outbound(&vntb, 0, 0x1ffc, &value, 4, false), 0);
	assert_int_equal(value, 0x12345678);
	assert_int_equal(vntb.counters.out_errors, 1);
	/* Behind the entry, and half of it. */
	assert_int_equal(vntb_outbound(&vntb, 0, 0x1ffe, &value, 4, false), 0);
	assert_int_equal(value, 0xffff1234);
	assert_int_equal(vntb.counters.out_errors, 2);
	assert_int_equal(vntb_outbound(&vntb, 0, MW_BYTES - 2, &value, 4, false), -EINVAL);
	assert_int_equal(vntb_outbound(&vntb, 1, 0, &value, 4, false), -EINVAL);
	assert_int_equal(command(TEARDOWN_MW, 0), OK);
	assert_int_equal(vntb_outbound(&vntb, 0, 0, &value, 4, false), 0);
	assert_int_equal(value, UINT32_MAX);
	/* An address that is nowhere. */
	assert_int_equal(configure_mw(0, 0x40000000, 0x1000), OK);
	assert_int_equal(vntb_outbound(&vntb, 0, 0, &value, 4, false), 0);
	assert_int_equal(vntb.counters.out_errors, 4);
}

static void
test_outbound_rules(void **state)
{
	static const struct {
		uint64_t granule, addr, size;
		uint16_t status;
	} rows[] = {
		{ 0x1000, HOST_MEM, 0, FAILED },
		{ 0x1000, HOST_MEM + 0x800, 0x1000, FAILED },
		{ 0x10000, HOST_MEM + 0x1000, 0x1000, FAILED },
		{ 0x10000, HOST_MEM, 0x1000, OK },
		{ 0x1000, HOST_MEM, MW_BYTES * 2, OK }, /* more than the window has: nobody looks */
		{ 0x1000, HOST_MEM, UINT64_C(1) << 63, FAILED },
		{ 0x1000, UINT64_MAX - 0xfff, 0x1000, OK },
	};
	unsigned int i, bad;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start(7, NTB_DB_POLLED);
		vntb.sw.window.granule = rows[i].granule;
		assert_int_equal(configure_mw(0, rows[i].addr, rows[i].size), rows[i].status);
		bad = rows[i].status == FAILED;
		assert_int_equal(vntb.counters.bad_commands, bad);
		assert_int_equal(complaints, bad);
		if (bad)
			assert_non_null(strstr(last_complaint, ": expected "));
	}
}

/** Each CONFIGURE_MW takes an entry, until there is none. */
static void
test_outbound_leak(void **state)
{
	uint32_t value = 1;
	unsigned int i;

	(void)state;
	start(7, NTB_DB_POLLED);
	for (i = 0; i < 8; i++)
		assert_int_equal(configure_mw(0, HOST_MEM + 0x1000 * i, 0x1000), OK);
	assert_int_equal(complaints, 0);
	assert_int_equal(configure_mw(0, HOST_MEM, 0x1000), FAILED);
	assert_string_equal(last_complaint, "window 0: expected no more than 8 entries in use");
	vntb_outbound(&vntb, 0, 0, &value, 4, true);
	assert_int_equal(host_mem[0][0], 1);
	vntb.sw.window.last_wins = true;
	vntb_outbound(&vntb, 0, 0, &value, 4, true);
	assert_int_equal(host_mem[0][0x7000], 1);
	for (i = 0; i < 16; i++)
		assert_int_equal(command(TEARDOWN_MW, 0), OK);
	assert_int_equal(ntb_windows_count(&vntb.windows, 0), 0);
	assert_int_equal(configure_mw(0, HOST_MEM, 0x1000), OK);
}

static void
test_counters(void **state)
{
	uint8_t data[64];

	(void)state;
	start(7, NTB_DB_POLLED);
	host(0, 0, data, 64, false);
	get(0, 0);
	put(0, 0x174, 1);
	assert_int_equal(vntb.counters.reads, 2);
	assert_int_equal(vntb.counters.writes, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_status_delay),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_cleanup),
		cmocka_unit_test(test_host_gone),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_spads),
		cmocka_unit_test(test_spads_ti),
		cmocka_unit_test(test_doorbells),
		cmocka_unit_test(test_doorbells_merge),
		cmocka_unit_test(test_doorbells_stray),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_ring_zero),
		cmocka_unit_test(test_inbound),
		cmocka_unit_test(test_inbound_bad),
		cmocka_unit_test(test_outbound),
		cmocka_unit_test(test_outbound_rules),
		cmocka_unit_test(test_outbound_leak),
		cmocka_unit_test(test_counters),
	};

	return cmocka_run_group_tests_name("softep_ntb_vntb", tests, NULL, NULL);
}
