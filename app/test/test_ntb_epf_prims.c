/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Scratchpads, doorbells and windows by attribute, both sides in one process: ntb_epf_env.h. */

#include "ntb_epf_env.h"

#define RC NTB_EPF_SIDE_RC
#define EP NTB_EPF_SIDE_EP
#define ALL_BITS 0x3fffffffu

static struct ntb_epf_ctrl *
region(void)
{
	return (struct ntb_epf_ctrl *)(uintptr_t)bridge.ctrl;
}

static int
set(uint8_t side, const char *name, uint64_t value)
{
	return rte_rawdev_set_attr(raw[side]->dev_id, name, value);
}

static int
get_error(uint8_t side, const char *name)
{
	uint64_t value = 0;

	return rte_rawdev_get_attr(raw[side]->dev_id, name, &value);
}

static void
test_scratchpads(void **state)
{
	uint8_t side;

	(void)state;
	bring_up("split");
	for (side = RC; side <= EP; side++) {
		assert_int_equal(set(side, "spad_own_0", 0x11), 0);
		assert_int_equal(set(side, "spad_peer_0", 0x22), 0);
		assert_int_equal(attr(side, "spad_own_0"), 0x11);
		assert_int_equal(attr(side, "spad_user_0"), 0x11);
		assert_int_equal(attr(other(side), "spad_own_0"), 0x22);
		assert_int_equal(attr(side, "spad_peer_0"), 0x22);
		assert_int_equal(set(side, "spad_user_127", 0x33), 0);
		assert_int_equal(attr(side, "spad_peer_127"), 0x33);
		assert_int_equal(get_error(side, "spad_own_128"), -EINVAL);
		assert_int_equal(get_error(side, "spad_own_"), -EINVAL);
		assert_int_equal(get_error(side, "spad_peer_1x"), -EINVAL);
		assert_int_equal(set(side, "spad_peer_128", 0), -EINVAL);
		assert_int_equal(set(side, "spad_yours_1", 0), -EINVAL);
	}
}

static void
test_doorbells(void **state)
{
	uint8_t side;

	(void)state;
	bring_up("split");
	for (side = RC; side <= EP; side++) {
		uint8_t to = other(side);

		assert_int_equal(attr(side, "db_valid"), ALL_BITS);
		assert_int_equal(attr(to, "db_status"), 0);
		assert_int_equal(set(side, "db_ring", 0x20000005), 0);
		assert_int_equal(attr(to, "db_status"), 0x20000005);
		/* It stays until it is cleared, and nothing else is. */
		assert_int_equal(set(side, "db_ring", 0x2), 0);
		assert_int_equal(attr(to, "db_status"), 0x20000007);
		assert_int_equal(set(to, "db_clear", 0x5), 0);
		assert_int_equal(attr(to, "db_status"), 0x20000002);
		/* A bell that nobody has looked at yet is cleared, too. */
		assert_int_equal(set(side, "db_ring", 0x8), 0);
		assert_int_equal(set(to, "db_clear", UINT32_MAX), 0);
		assert_int_equal(attr(to, "db_status"), 0);
		assert_int_equal(attr(side, "db_status"), 0);
		assert_int_equal(set(side, "db_ring", 0x40000000), -EINVAL);
		assert_int_equal(set(side, "db_status", 1), -EPERM);
		assert_int_equal(get_error(side, "db_ring"), -EINVAL);
	}
}

/* Bit b of the endpoint is slot b + 2 of the doorbell BAR, rung with b + 3. */
static void
test_slots(void **state)
{
	const uint32_t *slots = (const uint32_t *)(uintptr_t)bridge.db;
	unsigned int bit;

	(void)state;
	bring_up("split");
	for (bit = 0; bit < 30; bit++) {
		assert_int_equal(set(RC, "db_ring", RTE_BIT32(bit)), 0);
		assert_int_equal(slots[bit + 2], bit + 3);
		assert_int_equal(attr(EP, "db_status"), RTE_BIT32(bit));
		assert_int_equal(slots[bit + 2], 0);
		assert_int_equal(set(EP, "db_clear", ALL_BITS), 0);
	}
	/* Slots 0 and 1 are no doorbells. */
	memset(bridge.db, 0xff, 8);
	assert_int_equal(attr(EP, "db_status"), 0);
}

/** Lines that were logged while the host learned of its doorbells; the caller frees them. */
static char *
learn(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *log = open_memstream(&text, &size);

	assert_non_null(log);
	rte_openlog_stream(log);
	ntb_epf_db_reset(dev_of(RC));
	ntb_epf_db_learn(dev_of(RC));
	rte_openlog_stream(NULL);
	fclose(log);
	return text;
}

/* The host rings what the endpoint offers, where the endpoint says, and nothing else. */
static void
test_offered_slots(void **state)
{
	const uint32_t *slots = (const uint32_t *)(uintptr_t)bridge.db;
	unsigned int n;
	char *log;

	(void)state;
	bring_up("split");
	log = learn();
	assert_string_equal(log, "");
	free(log);
	region()->db_entry_size = 16;
	for (n = 0; n < 32; n++)
		region()->db_data[n] = 0;
	region()->db_data[2] = 0x77;     /* bit 0: in order */
	region()->db_offset[3] = 8;      /* bit 1: rung with 0 */
	region()->db_data[4] = 1;        /* bit 2: past the end */
	region()->db_offset[4] = 4096 - 16 * 4;
	region()->db_data[5] = 1;        /* bit 3: not a dword */
	region()->db_offset[5] = 2;
	region()->db_data[6] = 1;        /* bit 4: far past the end */
	region()->db_offset[6] = UINT32_MAX - 3;
	region()->db_data[7] = 1;        /* bit 5: the last dword */
	region()->db_offset[7] = 4096 - 4 - 16 * 7;
	/* One line, of all of them. */
	log = learn();
	assert_non_null(strstr(log, "doorbells 0x1c cannot be rung, slot 4 is at 0x1000: expected "
			       "a multiple of 4 within 0x1000 bytes of BAR 0\n"));
	assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1);
	free(log);
	assert_int_equal(attr(RC, "db_valid"), 0x23);
	assert_int_equal(set(RC, "db_ring", 0x4), -EINVAL);
	memset(bridge.db, 0xff, 4096);
	assert_int_equal(set(RC, "db_ring", 0x23), 0);
	assert_int_equal(slots[16 * 2 / 4], 0x77);
	assert_int_equal(slots[(16 * 3 + 8) / 4], 0);
	assert_int_equal(slots[1023], 1);
	for (n = 0; n < 1023; n++)
		assert_true(slots[n] == UINT32_MAX || n == 8 || n == 14);
}

/* Neither side's bells outlive the other side's process, and the slots are asked for anew. */
static void
test_bells_of_a_past_life(void **state)
{
	(void)state;
	bring_up("split");
	assert_int_equal(set(RC, "db_ring", 0x1), 0);
	assert_int_equal(set(EP, "db_ring", 0x1), 0);
	remove_side(RC);
	bridge.life[RC]++;
	poll_links(5);
	assert_int_equal(set(EP, "db_ring", 0x1), -ENOTCONN);
	assert_int_equal(attr(EP, "db_valid"), 0);
	memset(bridge.window[RC] + NTB_EPF_DB_OFFSET, 1, 128);
	probe(RC, ",mover=split,dma=rc");
	assert_int_equal(set(RC, "db_ring", 0x1), -ENOTCONN);
	assert_int_equal(configure_and_start(RC, 1, QUEUE_SIZE, pool[0]), 0);
	/* Behind what the endpoint says to a new host. */
	poll_links(2);
	region()->db_data[2] = 0;
	poll_links(60);
	assert_true(both_up());
	assert_int_equal(attr(EP, "db_status"), 0);
	assert_int_equal(attr(RC, "db_status"), 0);
	assert_int_equal(attr(RC, "db_valid"), ALL_BITS & ~1u);
}

static void
test_windows(void **state)
{
	uint8_t side;

	(void)state;
	probe(RC, ",mover=split,dma=rc");
	assert_int_equal(attr(RC, "mw_0_size"), 0);
	assert_int_equal(attr(RC, "mw_0_va"), 0);
	assert_int_equal(attr(RC, "mw_0_dma"), 0);
	remove_side(RC);
	bring_up("split");
	for (side = RC; side <= EP; side++) {
		assert_int_equal(attr(side, "mw_0_size"), WINDOW_BYTES);
		assert_int_equal(attr(side, "mw_0_va"), (uintptr_t)bridge.window[other(side)]);
		assert_int_equal(attr(side, "own_mw_0_va"), (uintptr_t)bridge.window[side]);
		assert_int_equal(attr(side, "own_mw_0_size"), WINDOW_BYTES);
		/* One queue pair of 64: 4 KiB, 2 KiB, and 16 KiB for requests of copies. */
		assert_int_equal(attr(side, "mw_0_user"), 0x6000);
		assert_int_equal(get_error(side, "mw_1_va"), -EINVAL);
		assert_int_equal(get_error(side, "mw_0"), -EINVAL);
		assert_int_equal(get_error(side, "mw__va"), -EINVAL);
		assert_int_equal(get_error(side, "mw_0_vax"), -EINVAL);
		assert_int_equal(set(side, "mw_0_va", 0), -EPERM);
	}
	dev_of(RC)->peer.dma = 0x1234;
	assert_int_equal(attr(RC, "mw_0_dma"), 0x1234);
	/* Not mapped: the window is there, its place is not. */
	bridge.unmapped = true;
	dev_of(RC)->peer.va = NULL;
	assert_int_equal(attr(RC, "mw_0_va"), 0);
	assert_int_equal(attr(RC, "mw_0_size"), WINDOW_BYTES);
}

/* A side that has stopped leaves the peer alone, though nothing was unmapped. */
static void
test_stopped(void **state)
{
	uint8_t side;

	(void)state;
	bring_up("split");
	for (side = RC; side <= EP; side++) {
		rte_rawdev_stop(raw[side]->dev_id);
		assert_int_equal(attr(side, "mw_0_size"), 0);
		assert_int_equal(attr(side, "mw_0_va"), 0);
		assert_int_equal(attr(side, "mw_0_dma"), 0);
		assert_int_equal(attr(side, "own_mw_0_size"), WINDOW_BYTES);
		assert_int_equal(attr(side, "db_valid"), 0);
		assert_int_equal(set(side, "db_ring", 1), -ENOTCONN);
	}
}

/* What attributes call the application's is what no ring writes to, at any size. */
static void
test_user_part_is_free(void **state)
{
	uint8_t *end[2];
	unsigned int i, side;

	(void)state;
	probe(RC, ",mover=split,dma=rc");
	probe(EP, ",mover=split,dma=ep");
	for (side = 0; side < 2; side++)
		memset(bridge.window[side], 0xa5, WINDOW_BYTES);
	assert_int_equal(configure_and_start(0, 1, 256, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, 256, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
	for (i = 0; i < 50; i++) {
		cross(RC, 32, 100);
		cross(EP, 32, 100);
	}
	assert_int_equal(set(EP, "db_ring", ALL_BITS), 0);
	for (side = 0; side < 2; side++) {
		end[side] = bridge.window[side] + attr(side, "mw_0_user");
		for (i = 0; end[side] + i < bridge.window[side] + WINDOW_BYTES; i++)
			assert_int_equal(end[side][i], 0xa5);
	}
}

/* After a close nothing is looked at any more. */
static void
test_closed(void **state)
{
	uint8_t side;

	(void)state;
	bring_up("split");
	for (side = RC; side <= EP; side++) {
		rte_rawdev_stop(raw[side]->dev_id);
		poll_links(5);
	}
	for (side = RC; side <= EP; side++) {
		assert_int_equal(rte_rawdev_close(raw[side]->dev_id), 0);
		assert_int_equal(get_error(side, "db_status"), -ENODEV);
		assert_int_equal(set(side, "db_clear", 1), -ENODEV);
		assert_int_equal(set(side, "db_ring", 1), -ENODEV);
		assert_int_equal(get_error(side, "mw_0_va"), -ENODEV);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_scratchpads),
		TEST(test_doorbells),
		TEST(test_slots),
		TEST(test_offered_slots),
		TEST(test_bells_of_a_past_life),
		TEST(test_windows),
		TEST(test_stopped),
		TEST(test_user_part_is_free),
		TEST(test_closed),
	};

	if (env_create("test_ntb_epf_prims") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
