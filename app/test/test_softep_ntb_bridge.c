/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The endpoint's kernel with pci-epf-ntb: a bridge between two hosts.
 */

#include "softep_ntb_hosts.h"

static struct bridge bridge;
static uint8_t ctrl_ram[2][0x1000];
static unsigned int the_map;

static void
start(unsigned int map)
{
	struct bridge_conf conf = {
		.shape = env_shape(map, ntb_bar_maps[map].mw_max),
		.ctrl = { ctrl_ram[0], ctrl_ram[1] },
		.bus = &env_bus,
	};

	the_map = map;
	conf.shape.crossed = true;
	env_clear();
	bridge_init(&bridge, &conf, now);
}

static void
host(unsigned int who, unsigned int bar, uint64_t offset, void *data, uint64_t count, bool write)
{
	struct ntb_access access = {
		.bar = bar, .offset = offset, .data = data, .count = count, .write = write,
	};

	bridge_access(&bridge, who, &access, now);
}

static void
put(unsigned int who, unsigned int bar, uint64_t offset, uint32_t value)
{
	host(who, bar, offset, &value, 4, true);
}

static uint32_t
get(unsigned int who, unsigned int bar, uint64_t offset)
{
	uint32_t value = 0x5a5a5a5a;

	host(who, bar, offset, &value, 4, false);
	return value;
}

static uint16_t
get16(unsigned int who, uint64_t offset)
{
	uint16_t value;

	host(who, 0, offset, &value, 2, false);
	return value;
}

static void
pass(uint64_t ns)
{
	const uint64_t end = now + ns;

	while (bridge_next(&bridge) <= end) {
		if (bridge_next(&bridge) > now)
			now = bridge_next(&bridge);
		bridge_run(&bridge, now);
	}
	now = end;
}

static uint16_t
command(unsigned int who, uint32_t code, uint32_t argument)
{
	uint16_t none = 0;
	uint16_t status;
	unsigned int i;

	put(who, 0, ARGUMENT, argument);
	put(who, 0, COMMAND, code);
	for (i = 0; i < 1000; i++) {
		status = get16(who, CMD_STATUS);
		if (status != 0)
			break;
		pass(MS);
	}
	host(who, 0, CMD_STATUS, &none, 2, true);
	return status;
}

static uint16_t
configure_mw(unsigned int who, uint32_t window, uint64_t addr, uint64_t size)
{
	host(who, 0, ADDR, &addr, 8, true);
	host(who, 0, SIZE, &size, 8, true);
	return command(who, CONFIGURE_MW, window);
}

/** BAR and offset of region B, as Linux' host driver looks for it. */
static unsigned int
region_b(unsigned int who, uint64_t *offset)
{
	*offset = 0;
	if (the_map == TI)
		return 1;
	*offset = get(who, 0, SPAD_OFFSET) + 4 * get(who, 0, SPAD_COUNT);
	return 0;
}

static unsigned int
db_bar(void)
{
	static const unsigned int bars[] = { 4, 2, 2 };

	return bars[the_map];
}

static unsigned int
mw_bar(unsigned int mw)
{
	static const unsigned int bars[3][4] = { { 2, 0, 0, 0 }, { 4, 5, 0, 0 }, { 2, 3, 4, 5 } };

	return bars[the_map][mw];
}

static void
ring(unsigned int who, unsigned int bit)
{
	unsigned int n = bit + 2;

	put(who, db_bar(), get(who, 0, DB_ENTRY_SIZE) * n + get(who, 0, DB_OFFSET(n)),
	    get(who, 0, DB_DATA(n)));
}

static void
test_commands(void **state)
{
	static const struct {
		uint32_t code, argument;
		uint16_t status;
		unsigned int bad;
	} rows[] = {
		{ CONFIGURE_DOORBELL, 8, OK, 0 },
		{ CONFIGURE_DOORBELL, 0x10008, OK, 0 },
		{ CONFIGURE_DOORBELL, 32, OK, 0 },
		{ CONFIGURE_DOORBELL, 33, FAILED, 1 },
		{ CONFIGURE_DOORBELL, 0xffff, FAILED, 1 },
		{ TEARDOWN_DOORBELL, 8, OK, 0 },
		{ TEARDOWN_MW, 0, OK, 0 },
		{ TEARDOWN_MW, 99, FAILED, 1 },
		{ CONFIGURE_MW, 99, FAILED, 1 },
		{ LINK_UP, 0, OK, 0 },
		{ LINK_DOWN, 0, OK, 0 },
		{ 7, 0, 0, 1 },
	};
	unsigned int i, who;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (who = 0; who < 2; who++) {
			start(RENESAS);
			assert_int_equal(command(who, rows[i].code, rows[i].argument),
					 rows[i].status);
			assert_int_equal(bridge.side[who].counters.commands, 1);
			assert_int_equal(bridge.side[who].counters.bad_commands, rows[i].bad);
			assert_int_equal(bridge.side[!who].counters.commands, 0);
			assert_int_equal(complaints, rows[i].bad);
		}
	}
}

/** Each host has a mailbox of its own, and a work that sleeps without commands. */
static void
test_mailboxes(void **state)
{
	(void)state;
	start(RENESAS);
	bridge.sw.status_delay = 20;
	assert_true(bridge_next(&bridge) == NTB_NEVER);
	pass(2 * MS);
	put(1, 0, COMMAND, LINK_UP);
	assert_int_equal(bridge_next(&bridge), now + 3 * MS);
	pass(3 * MS);
	assert_int_equal(bridge_next(&bridge), now + 20 * MS);
	put(0, 0, COMMAND, LINK_UP);
	pass(5 * MS);
	assert_int_equal(get(0, 0, COMMAND), 0);
	pass(15 * MS);
	assert_int_equal(get16(1, CMD_STATUS), OK);
	assert_int_equal(get16(0, CMD_STATUS), 0);
	pass(5 * MS);
	assert_int_equal(get16(0, CMD_STATUS), OK);
	assert_true(bridge_next(&bridge) == NTB_NEVER);
}

static void
test_spads_cross(void **state)
{
	unsigned int map, who, i;
	uint64_t offset;

	(void)state;
	for (map = 0; map < NTB_BAR_MAPS; map++) {
		start(map);
		for (who = 0; who < 2; who++) {
			unsigned int bar = region_b(who, &offset);

			for (i = 0; i < 16; i++)
				put(who, bar, offset + 4 * i, 0x1000 * (who + 1) + i);
		}
		for (who = 0; who < 2; who++) {
			unsigned int bar = region_b(who, &offset);

			for (i = 0; i < 16; i++) {
				uint32_t mine = 0x1000 * (!who + 1) + i;

				/* What the other one wrote, and what I wrote. */
				assert_int_equal(get(who, 0, 0x134 + 4 * i), mine);
				assert_int_equal(get(who, bar, offset + 4 * i),
						 0x1000 * (who + 1) + i);
			}
		}
		assert_true(bridge_next(&bridge) == NTB_NEVER);
	}
}

/** One access over the borders of the areas: own region A, the other's, memory behind. */
static void
test_spads_split(void **state)
{
	uint8_t data[0x60];
	unsigned int i;

	(void)state;
	start(RENESAS);
	for (i = 0; i < sizeof(data); i++)
		data[i] = i;
	host(0, 0, 0x164, data, sizeof(data), true);
	assert_int_equal(get(0, 0, 0x170), 0x0f0e0d0c);
	assert_int_equal(get(1, 0, 0x134), 0x13121110);
	assert_int_equal(get(1, 0, 0x170), 0x4f4e4d4c);
	assert_int_equal(get(0, 0, 0x1b4), 0x53525150);
	assert_int_equal(get(1, 0, 0x1b4), 0);
	memset(data, 0, sizeof(data));
	host(0, 0, 0x164, data, sizeof(data), false);
	for (i = 0; i < sizeof(data); i++)
		assert_int_equal(data[i], i);
}

static void
test_doorbells(void **state)
{
	unsigned int map, who, bit;

	(void)state;
	for (map = 0; map < NTB_BAR_MAPS; map++) {
		for (who = 0; who < 2; who++) {
			start(map);
			/* Nothing to ring before the other host has said how. */
			assert_int_equal(get(who, 0, DB_DATA(2)), 0);
			ring(who, 0);
			assert_int_equal(bridge.side[who].counters.stray_db, 1);
			assert_int_equal(command(!who, CONFIGURE_DOORBELL, 0x10006), OK);
			assert_int_equal(get(!who, 0, DB_DATA(2)), 0);
			for (bit = 0; bit < 4; bit++) {
				ring(who, bit);
				assert_int_equal(raised[!who][bit + 2], 1);
				assert_int_equal(env_interrupts(!who), 1);
			}
			assert_int_equal(get(who, 0, DB_DATA(6)), 0);
			assert_int_equal(env_interrupts(who), 0);
			assert_int_equal(bridge.side[who].counters.doorbells, 4);
			assert_int_equal(bridge.side[who].counters.stray_db, 1);
			assert_int_equal(command(!who, TEARDOWN_DOORBELL, 6), OK);
			ring(who, 0);
			assert_int_equal(env_interrupts(!who), 0);
			assert_int_equal(bridge.side[who].counters.stray_db, 2);
		}
	}
}

static void
test_doorbells_stray(void **state)
{
	static const struct {
		uint64_t offset;
		uint32_t value;
		unsigned int count;
	} rows[] = {
		{ 8, 4, 4 }, { 8, 0, 4 }, { 8, 3, 2 }, { 10, 3, 4 }, { 28, 8, 4 }, { 4092, 1, 4 },
	};
	unsigned int i;

	(void)state;
	start(RENESAS);
	command(1, CONFIGURE_DOORBELL, 6);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t value = rows[i].value;

		host(0, 4, rows[i].offset, &value, rows[i].count, true);
		assert_int_equal(bridge.side[0].counters.stray_db, i + 1);
	}
	assert_int_equal(env_interrupts(1), 0);
	assert_int_equal(get(0, 4, 8), 0);
	/* What a host does to its own table hits no vector that is not there. */
	put(0, 0, DB_DATA(31), 5);
	put(0, 0, DB_OFFSET(31), UINT32_MAX);
	put(0, 4, 124, 5);
	assert_int_equal(env_interrupts(1), 0);
}

static void
test_link(void **state)
{
	static const struct {
		unsigned int who;
		uint32_t code;
		uint16_t link;
		unsigned int events; /* on both hosts */
	} rows[] = {
		{ 0, LINK_UP, 0, 0 },
		{ 0, LINK_UP, 0, 0 },
		{ 1, LINK_UP, 1, 1 },
		{ 0, LINK_DOWN, 0, 1 },
		{ 0, LINK_UP, 1, 1 },
		{ 1, LINK_DOWN, 0, 1 },
		{ 0, LINK_DOWN, 0, 1 },
		{ 1, LINK_UP, 0, 0 },
		{ 0, LINK_UP, 1, 1 },
	};
	unsigned int i, who;

	(void)state;
	start(RENESAS);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(command(rows[i].who, rows[i].code, 0), OK);
		for (who = 0; who < 2; who++) {
			assert_int_equal(get16(who, LINK_STATUS), rows[i].link);
			assert_int_equal(raised[who][0], rows[i].events);
			assert_int_equal(env_interrupts(who), rows[i].events);
		}
	}
}

static void
test_windows(void **state)
{
	unsigned int map, who, mw;
	uint64_t in_bar;

	(void)state;
	for (map = 0; map < NTB_BAR_MAPS; map++) {
		for (who = 0; who < 2; who++) {
			start(map);
			for (mw = 0; mw < ntb_bar_maps[map].mw_max; mw++) {
				in_bar = mw == 0 ? get(who, 0, MW1_OFFSET) : 0;
				assert_int_equal(get(who, mw_bar(mw), in_bar), UINT32_MAX);
				assert_int_equal(configure_mw(!who, mw, HOST_MEM + 0x2000 * mw,
							      0x2000), OK);
				put(who, mw_bar(mw), in_bar + 0x1ffc, 0x40 + mw);
				assert_int_equal(host_mem[!who][0x2000 * mw + 0x1ffc], 0x40 + mw);
				assert_int_equal(get(who, mw_bar(mw), in_bar + 0x1ffc), 0x40 + mw);
				/* Behind it. */
				put(who, mw_bar(mw), in_bar + 0x2000, 1);
				assert_int_equal(bridge.side[who].counters.early_mw, 2 * mw + 2);
			}
			assert_int_equal(bridge.side[who].counters.mw_errors, 0);
			assert_int_equal(command(!who, TEARDOWN_MW, 0), OK);
			assert_int_equal(get(who, mw_bar(0), get(who, 0, MW1_OFFSET)), UINT32_MAX);
		}
	}
}

static void
test_windows_bad(void **state)
{
	static const struct {
		uint64_t addr, size;
		uint16_t status;
		unsigned int bad;
	} rows[] = {
		{ HOST_MEM, MW_BYTES, OK, 0 },
		{ HOST_MEM, MW_BYTES + 1, FAILED, 1 },
		{ HOST_MEM, UINT64_C(1) << 63, FAILED, 1 },
		{ HOST_MEM, 0, FAILED, 1 },
		{ HOST_MEM + 4, 0x1000, FAILED, 1 },
	};
	uint8_t data[8];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start(RENESAS);
		assert_int_equal(configure_mw(0, 0, rows[i].addr, rows[i].size), rows[i].status);
		assert_int_equal(bridge.side[0].counters.bad_commands, rows[i].bad);
	}
	/* Partly outside of the other host's memory, and partly outside of the entry. */
	start(RENESAS);
	configure_mw(1, 0, HOST_MEM, MW_BYTES);
	host_mem[1][HOST_BYTES - 1] = 0x77;
	host(0, 2, HOST_BYTES - 1, data, 8, false);
	assert_memory_equal(data, "\x77\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_int_equal(bridge.side[0].counters.mw_errors, 1);
	start(RENESAS);
	configure_mw(1, 0, HOST_MEM, 0x1000);
	host_mem[1][0xfff] = 0x78;
	host(0, 2, 0xfff, data, 8, false);
	assert_memory_equal(data, "\x78\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_int_equal(bridge.side[0].counters.early_mw, 1);
	assert_int_equal(bridge.side[0].counters.mw_errors, 0);
}

static void
test_host_gone(void **state)
{
	unsigned int notice;

	(void)state;
	for (notice = 0; notice < 2; notice++) {
		start(RENESAS);
		bridge.sw.notice = notice == 1;
		/* One that never came up is no event. */
		bridge_host_gone(&bridge, 1);
		assert_int_equal(env_interrupts(0) + env_interrupts(1), 0);
		command(0, CONFIGURE_DOORBELL, 8);
		command(1, CONFIGURE_DOORBELL, 8);
		command(0, LINK_UP, 0);
		command(1, LINK_UP, 0);
		configure_mw(1, 0, HOST_MEM, 0x1000);
		env_interrupts(0);
		env_interrupts(1);
		bridge_host_gone(&bridge, 1);
		assert_int_equal(raised[0][0], notice);
		assert_int_equal(get16(0, LINK_STATUS), !notice);
		assert_int_equal(get(0, 2, 0), notice ? UINT32_MAX : 0);
		assert_int_equal(get(0, 0, DB_DATA(2)), notice ? 0 : 3);
		/* The survivor's own doorbells are as they were. */
		assert_int_equal(get(1, 0, DB_DATA(2)), 3);
		if (!notice)
			continue;
		/* Its successor brings the link up with one command. */
		command(1, LINK_UP, 0);
		assert_int_equal(get16(0, LINK_STATUS), 1);
	}
}

static void
test_reboot(void **state)
{
	unsigned int who;

	(void)state;
	start(NXP);
	command(0, LINK_UP, 0);
	command(1, LINK_UP, 0);
	put(0, 0, COMMAND, LINK_UP);
	bridge_unbind(&bridge);
	assert_true(bridge_next(&bridge) == NTB_NEVER);
	for (who = 0; who < 2; who++) {
		assert_int_equal(get(who, 0, MW_COUNT), UINT32_MAX);
		put(who, 0, COMMAND, LINK_UP);
	}
	assert_true(bridge_next(&bridge) == NTB_NEVER);
	bridge_bind(&bridge, now);
	for (who = 0; who < 2; who++) {
		assert_int_equal(get(who, 0, MW_COUNT), 2);
		assert_int_equal(get(who, 0, DB_ENTRY_SIZE), 4);
		assert_int_equal(get16(who, LINK_STATUS), 0);
		assert_int_equal(command(who, LINK_UP, 0), OK);
	}
	assert_int_equal(get16(0, LINK_STATUS), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_spads_cross),
		cmocka_unit_test(test_spads_split),
		cmocka_unit_test(test_doorbells),
		cmocka_unit_test(test_doorbells_stray),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_windows_bad),
		cmocka_unit_test(test_host_gone),
		cmocka_unit_test(test_reboot),
	};

	return cmocka_run_group_tests_name("softep_ntb_bridge", tests, NULL, NULL);
}
