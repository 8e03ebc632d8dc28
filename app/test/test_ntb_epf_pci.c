/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The PCI platform and the host's commands: what the suites cannot make happen, or not in time. */

#include "ntb_epf_pci_env.h"

/* BAR maps ------------------------------------------------------------------------------------- */

static void
test_maps(void **state)
{
	static const struct {
		const char *text;
		struct ntb_epf_pci_map map;
	} good[] = {
		{ "ti", { 0, 1, 2, { 2, 3, 4, 5 }, 4 } },
		{ "nxp", { 0, 0, 2, { 4, 5 }, 2 } },
		{ "renesas", { 0, 0, 4, { 2 }, 1 } },
		{ "1:1:0:2", { 1, 1, 0, { 2 }, 1 } },
		{ "0:5:1:1:2:3:4", { 0, 5, 1, { 1, 2, 3, 4 }, 4 } },
	};
	static const char * const bad[] = {
		"", "TI", "ti ", "0", "0:0:1", "0:0:1:", ":0:0:1:2", "0:0:1:6", "0:0:1:-1",
		"0:0:1:2 ", "0:0:1:22", "0:0:1:2:3:4:5:5", "0:0:1:2:2", "0:0:0:2", "0:0:1:0",
		"0:1:1:2", "0:1:2:1", "0:0:1:2:1",
	};
	struct ntb_epf_pci_map map;
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(good); i++) {
		assert_int_equal(ntb_epf_pci_map_parse(good[i].text, &map), 0);
		assert_memory_equal(&map, &good[i].map, sizeof(map));
	}
	for (i = 0; i < RTE_DIM(bad); i++)
		if (ntb_epf_pci_map_parse(bad[i], &map) != -EINVAL)
			fail_msg("map=%s is taken", bad[i]);
}

/* Control region ------------------------------------------------------------------------------- */

/** A word of the region that is not as it should be, and what the line has to begin with. */
struct wrong_word {
	const char *map;
	uint32_t layout;
	size_t offset;
	uint32_t value;
	const char *line;
};

#define BASE(field) offsetof(struct ntb_epf_ctrl, field)
#define LATE(field) offsetof(struct ntb_epf_ctrl_v1, field)

static const struct wrong_word wrong_words[] = {
	{ "renesas", 0, BASE(mw_count), 5, "MW_COUNT 0x5: expected 0x1 to 0x4" },
	{ "renesas", 0, BASE(mw_count), UINT32_MAX, "MW_COUNT 0xffffffff: " },
	{ "renesas", 0, BASE(topology), 2, "layout version 0x2: expected 0x0 to 0x1" },
	{ "renesas", 0, BASE(topology), UINT32_MAX, "layout version 0xffffffff" },
	{ "renesas", 0, BASE(spad_offset), 0, "SPAD_OFFSET 0x0: expected a multiple of 4, 0x134" },
	{ "renesas", 0, BASE(spad_offset), 0x133, "SPAD_OFFSET 0x133" },
	{ "renesas", 0, BASE(spad_offset), 0x136, "SPAD_OFFSET 0x136" },
	{ "renesas", 0, BASE(spad_offset), BAR_BYTES + 4, "SPAD_OFFSET 0x10004" },
	{ "renesas", 0, BASE(spad_offset), UINT32_MAX - 3, "SPAD_OFFSET 0xfffffffc" },
	{ "renesas", 0, BASE(spad_count), 0x1fd9 + 1, "SPAD_COUNT 0x1fda: expected 0x0 to 0x1fd9" },
	{ "renesas", 0, BASE(spad_count), UINT32_MAX, "SPAD_COUNT 0xffffffff" },
	{ "renesas", 0, BASE(mw1_offset), BAR_BYTES, "offset of memory window 1 0x10000: " },
	{ "renesas", 0, BASE(mw1_offset), UINT32_MAX - 63, "offset of memory window 1 0xffffffc0" },
	{ "renesas", 0, BASE(mw1_offset), 0x20, "offset of memory window 1 0x20: expected a mult" },
	{ "renesas", 0, BASE(mw1_offset), 0xf040, "size of memory window 1 0xfc0: expected" },
	{ "renesas", 1, BASE(spad_offset), 0x134, "SPAD_OFFSET 0x134: expected a mult" },
	{ "renesas", 1, LATE(mw_offset), BAR_BYTES, "offset of memory window 1 0x10000: " },
	{ "renesas", 1, LATE(mw_size), BAR_BYTES + 1, "size of memory window 1 0x10001: " },
	{ "renesas", 1, LATE(mw_size), 0, "size of memory window 1 0x0: expected 0x1000" },
	{ "renesas", 1, LATE(mw_size), 0xfff, "size of memory window 1 0xfff" },
	/* Doorbells and window 1 share a BAR. */
	{ "ti", 0, BASE(mw1_offset), 0, "offset of memory window 1 0x0: expected a mult" },
	/* Each half has a BAR of its own. */
	{ "ti", 0, BASE(spad_count), 0x3fb3 + 1, "SPAD_COUNT 0x3fb4: expected 0x0 to 0x3fb3" },
};

static void
test_wrong_regions(void **state)
{
	char line[NTB_EPF_REGION_LINE];
	struct ntb_epf_region region;
	unsigned int i;

	for (i = 0; i < RTE_DIM(wrong_words); i++) {
		const struct wrong_word *w = &wrong_words[i];

		env_setup(state);
		assert_int_equal(open_as(w->map, NTB_EPF_MSI_NONE), 0);
		ctrl()->topology = w->layout;
		if (w->layout == 1) {
			ctrl()->spad_offset = sizeof(struct ntb_epf_ctrl_v1);
			((struct ntb_epf_ctrl_v1 *)ctrl())->mw_size[0] = 0x2000;
		} else {
			ctrl()->mw1_offset = 0x1000;
		}
		region = (struct ntb_epf_region){ 0 };
		assert_int_equal(ntb_epf_region_read(&dev, &region, line), 0);
		assert_int_equal(region.mw_count, 1);
		memcpy((uint8_t *)fake.bar[0] + w->offset, &w->value, sizeof(w->value));
		region = (struct ntb_epf_region){ 0 };
		assert_int_equal(ntb_epf_region_read(&dev, &region, line), -EPROTO);
		if (strncmp(line, w->line, strlen(w->line)) != 0)
			fail_msg("word at 0x%zx: %s: expected %s", w->offset, line, w->line);
		assert_int_equal(region.mw_count, 0);
		assert_int_equal(env_teardown(state), 0);
	}
}

/** What is there but for one thing is not used; what is not there yet is no error. */
static void
test_no_region(void **state)
{
	char line[NTB_EPF_REGION_LINE];
	struct ntb_epf_region region;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	ctrl()->mw_count = 0;
	assert_int_equal(ntb_epf_region_read(&dev, &region, line), -EAGAIN);
	memset(fake.bar[0], 0xff, BAR_BYTES);
	assert_int_equal(ntb_epf_region_read(&dev, &region, line), -EAGAIN);
}

static void
test_regions(void **state)
{
	char line[NTB_EPF_REGION_LINE];
	struct ntb_epf_region region;
	struct ntb_epf_ctrl_v1 *v1 = (struct ntb_epf_ctrl_v1 *)ctrl();

	RTE_SET_USED(state);
	assert_int_equal(open_as("ti", NTB_EPF_MSI_NONE), 0);
	ctrl()->mw1_offset = 0x1000;
	assert_int_equal(ntb_epf_region_read(&dev, &region, line), 0);
	assert_int_equal(region.mw_offset, 0x1000);
	assert_int_equal(region.mw_bytes, BAR_BYTES - 0x1000);
	assert_int_equal(region.db_bytes, 0x1000);
	dev.plat_ops->close(&dev);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	memset(&dev.peer_spad, 0, sizeof(dev.peer_spad));
	v1->base.topology = 1;
	v1->base.spad_offset = sizeof(*v1);
	v1->mw_offset[0] = 0x2000;
	v1->mw_size[0] = 0x3000;
	assert_int_equal(ntb_epf_region_read(&dev, &region, line), 0);
	assert_int_equal(region.mw_offset, 0x2000);
	assert_int_equal(region.mw_bytes, 0x3000);
	assert_int_equal(region.db_bytes, BAR_BYTES);
}

static void
test_scratchpads(void **state)
{
	struct ntb_epf_mem mem;
	uint64_t offset;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(ntb_epf_region_spad(&dev, true, 15, &mem, &offset), 0);
	assert_ptr_equal(mem.va, fake.bar[0]);
	assert_int_equal(offset, 0x134 + 4 * 15);
	assert_int_equal(ntb_epf_region_spad(&dev, false, 1, &mem, &offset), 0);
	assert_int_equal(offset, 0x134 + 4 * 17);
	assert_int_equal(ntb_epf_region_spad(&dev, false, 16, &mem, &offset), -EINVAL);
	assert_int_equal(ntb_epf_region_spad(&dev, true, UINT64_MAX, &mem, &offset), -EINVAL);
	/* Where they are is asked for once, and not again while the endpoint serves this host. */
	run_ms(20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	ctrl()->spad_offset = 0;
	assert_int_equal(ntb_epf_region_spad(&dev, true, 15, &mem, &offset), 0);
	assert_int_equal(offset, 0x134 + 4 * 15);
	dev.plat_ops->close(&dev);
	fill_region();
	ctrl()->mw1_offset = 0x1000;
	dev.host_state = NTB_EPF_HOST_PROBE;
	assert_int_equal(open_as("ti", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(ntb_epf_region_spad(&dev, false, 2, &mem, &offset), 0);
	assert_ptr_equal(mem.va, fake.bar[1]);
	assert_int_equal(offset, 8);
	assert_int_equal(ntb_epf_region_spad(&dev, true, 2, &mem, &offset), 0);
	assert_ptr_equal(mem.va, fake.bar[0]);
}

/* Commands ------------------------------------------------------------------------------------- */

static void
expect_given(const uint32_t *codes, unsigned int n)
{
	unsigned int i;

	assert_int_equal(fake.nb_given, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(fake.given[i].code, codes[i]);
		assert_int_equal(fake.given[i].argument, 0);
	}
}

static const uint32_t usual[] = {
	NTB_EPF_CMD_LINK_DOWN, NTB_EPF_CMD_TEARDOWN_MW, NTB_EPF_CMD_CONFIGURE_MW,
	NTB_EPF_CMD_LINK_UP,
};

/** The order, the window, bus mastering, and the status word, half of which is not the host's. */
static void
test_sequence(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_false(is_master());
	/* Of an earlier life: not an answer. */
	ctrl()->cmd_status = NTB_EPF_STATUS_ERROR;
	ctrl()->link_status = 0x8000;
	run_ms(20);
	expect_given(usual, RTE_DIM(usual));
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_false(fake.given[1].bus_master);
	assert_true(fake.given[2].bus_master);
	assert_int_equal(fake.given[2].addr, fake.zone.iova);
	assert_int_equal(fake.given[2].size, BAR_BYTES);
	assert_int_equal(ctrl()->cmd_status, NTB_EPF_STATUS_NONE);
	assert_int_equal(ctrl()->link_status, NTB_EPF_LINK_UP);
	/* Slots 2 to 7 have values. */
	assert_int_equal(dev.db_valid, 0x3f);
}

/** A window that was configured before has up to 16 mappings; this process's own has one. */
static void
test_leftovers(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	ctrl()->size_hi = 1;
	run_ms(80);
	assert_int_equal(fake.nb_given, 1 + 16 + 2);
	for (i = 1; i <= 16; i++)
		assert_int_equal(fake.given[i].code, NTB_EPF_CMD_TEARDOWN_MW);
	fake.nb_given = 0;
	ntb_epf_host_restart(&dev);
	run_ms(20);
	expect_given(usual, RTE_DIM(usual));
}

static void
test_error_answer(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.answer = NTB_EPF_STATUS_ERROR;
	run_ms(100);
	/* Again after a pause. */
	expect_given(usual, 1);
	assert_true(dev.host_warned);
	assert_int_equal(ctrl()->cmd_status, NTB_EPF_STATUS_NONE);
	run_ms(2 * NTB_EPF_RETRY_MS - 150);
	assert_int_equal(fake.nb_given, 2);
	/* No other value is an answer. */
	fake.answer = 3;
	run_ms(NTB_EPF_RETRY_MS + 100);
	assert_true(dev.command_pending);
	ctrl()->cmd_status = NTB_EPF_STATUS_OK;
	fake.answer = NTB_EPF_STATUS_OK;
	run_ms(20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
}

/** An answer that comes after the time is nobody's. */
static void
test_time_out(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.mute = true;
	run_ms(NTB_EPF_COMMAND_MS - 10);
	assert_true(dev.command_pending);
	assert_false(dev.host_warned);
	run_ms(20);
	assert_false(dev.command_pending);
	assert_true(dev.host_warned);
	assert_int_equal(fake.nb_given, 1);
	ctrl()->cmd_status = NTB_EPF_STATUS_OK;
	run_ms(NTB_EPF_RETRY_MS + 20);
	assert_int_equal(fake.nb_given, 2);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_LINK_DOWN);
	assert_true(dev.command_pending);
}

/** One that has not been picked up is in the way of the next, for a while. */
static void
test_not_picked_up(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.deaf = true;
	ctrl()->command = NTB_EPF_CMD_CONFIGURE_MW;
	run_ms(NTB_EPF_COMMAND_MS - 10);
	assert_int_equal(ctrl()->command, NTB_EPF_CMD_CONFIGURE_MW);
	assert_false(dev.command_pending);
	fake.deaf = false;
	run_ms(40);
	assert_int_equal(fake.given[0].code, NTB_EPF_CMD_CONFIGURE_MW);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_false(dev.host_warned);

	/* Nobody will: LINK_DOWN takes its place, nothing else does. */
	ntb_epf_host_restart(&dev);
	fake.deaf = true;
	ctrl()->command = 99;
	run_ms(NTB_EPF_COMMAND_MS + 10);
	assert_int_equal(ctrl()->command, NTB_EPF_CMD_LINK_DOWN);
	assert_true(dev.host_warned);
	dev.command_pending = false;
	dev.host_state = NTB_EPF_HOST_TEARDOWN;
	ctrl()->command = 99;
	run_ms(NTB_EPF_COMMAND_MS + NTB_EPF_RETRY_MS + 10);
	assert_int_equal(ctrl()->command, 99);
	assert_int_not_equal(dev.host_state, NTB_EPF_HOST_TEARDOWN);
}

static uint32_t *
last_scratchpad(void)
{
	return &fake.bar[0][0x134 / 4 + 31];
}

static void
test_sentinel(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.tidy = false;
	run_ms(100);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_SETTLE);
	assert_int_equal(*last_scratchpad(), NTB_EPF_SENTINEL);
	*last_scratchpad() = 0;
	run_ms(20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	/* Nobody there to clear it. */
	ntb_epf_host_restart(&dev);
	run_ms(NTB_EPF_SETTLE_MS - 20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_SETTLE);
	run_ms(60);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	/* None of them at all. */
	ctrl()->spad_count = 0;
	ntb_epf_host_restart(&dev);
	run_ms(20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
}

/** The window is opened when the endpoint has spoken, and where the region says. */
static void
test_window_opens_late(void **state)
{
	struct ntb_epf_win_hdr *heard;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	ctrl()->mw1_offset = 0x4000;
	run_ms(50);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_int_equal(fake.given[2].size, BAR_BYTES - 0x4000);
	assert_int_equal(dev.peer.bytes, 0);
	heard = (struct ntb_epf_win_hdr *)dev.window;
	heard->generation = 1;
	run_ms(1);
	assert_int_equal(dev.peer.bytes, BAR_BYTES - 0x4000);
	assert_ptr_equal(dev.peer.va, (uint8_t *)fake.bar[2] + 0x4000);
	/* What an earlier life said does not open it. */
	ntb_epf_host_restart(&dev);
	assert_int_equal(dev.peer.bytes, 0);
	run_ms(50);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_int_equal(dev.peer.bytes, 0);
}

static void
test_small_window(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	dev.queue_size = 4096;
	run_ms(50);
	assert_int_equal(fake.nb_given, 0);
	assert_true(dev.host_warned);
}

static void
test_leave(void **state)
{
	static const uint32_t farewell[] = { NTB_EPF_CMD_LINK_DOWN, NTB_EPF_CMD_TEARDOWN_MW };
	uint64_t start;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	run_ms(20);
	fake.nb_given = 0;
	ntb_epf_host_leave(&dev);
	expect_given(farewell, 2);
	assert_int_equal(ctrl()->addr_lo | ctrl()->addr_hi | ctrl()->size_lo | ctrl()->size_hi, 0);
	assert_int_equal(ctrl()->link_status, 0);
	/* The next host need not clean up. */
	dev.host_cleaned = false;
	fake.nb_given = 0;
	run_ms(20);
	expect_given(usual, RTE_DIM(usual));
	/* Nobody listens: not for ever, and the one command is not replaced by the other. */
	fake.deaf = true;
	start = fake_now;
	ntb_epf_host_leave(&dev);
	assert_in_range(fake_now - start, 1400 * MS, 1600 * MS);
	assert_int_equal(ctrl()->command, NTB_EPF_CMD_LINK_DOWN);
	assert_int_not_equal(ctrl()->size_lo, 0);
}

/* Platform ------------------------------------------------------------------------------------- */

static void
test_bus_master(void **state)
{
	RTE_SET_USED(state);
	fake.config_sticks = true;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), -EIO);
	assert_null(dev.plat_ops);
	fake.config_sticks = false;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(fake.config[4], 2);
	assert_int_equal(dev.plat_ops->bus_master(&dev, true), 0);
	assert_int_equal(fake.config[4], 6);
	assert_true(dev.plat_ops->peer_dma_gone(&dev));
	dev.bus_master = true;
	assert_false(dev.plat_ops->peer_dma_gone(&dev));
	fake.config_sticks = true;
	assert_int_equal(dev.plat_ops->bus_master(&dev, false), -EIO);
	fake.config_sticks = false;
	/* Off when the device is closed. */
	dev.plat_ops->close(&dev);
	assert_int_equal(fake.config[4], 2);
}

/** An endpoint that cannot reach the window is not told of it. */
static void
test_no_bus_master(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.config_sticks = true;
	run_ms(100);
	expect_given(usual, 2);
	assert_true(dev.host_warned);
	fake.config_sticks = false;
	run_ms(NTB_EPF_RETRY_MS);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
}

static void
test_off_the_bus(void **state)
{
	unsigned int reads;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	dev.bus_master = true;
	assert_true(dev.plat_ops->alive(&dev));
	memset(fake.config, 0xff, sizeof(fake.config));
	/* Looked at a few times a second. */
	reads = fake.config_reads;
	assert_true(dev.plat_ops->alive(&dev));
	assert_int_equal(fake.config_reads, reads);
	fake_now += NTB_EPF_LOOK_MS * MS;
	assert_false(dev.plat_ops->alive(&dev));
	assert_true(dev.plat_ops->peer_dma_gone(&dev));
	/* For good. */
	memset(fake.config, 0, sizeof(fake.config));
	fake_now += NTB_EPF_LOOK_MS * MS;
	assert_false(dev.plat_ops->alive(&dev));
}

/** The link bit, which only a new life of the endpoint can have taken away, and all-ones. */
static void
test_life(void **state)
{
	uint32_t life, first;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_true(dev.plat_ops->peer_present(&dev, &first));
	run_ms(20);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_true(dev.plat_ops->peer_present(&dev, &life));
	assert_int_equal(life, first);
	/* Not at each poll: a look waits for the link. */
	assert_in_range(plat_of(&dev)->next_look, fake_now, fake_now + NTB_EPF_LOOK_MS * MS);
	fill_region();
	run_ms(NTB_EPF_LOOK_MS + 40);
	assert_int_equal(fake.nb_given, 8);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);

	memset(fake.bar[0], 0xff, BAR_BYTES);
	fake.deaf = true;
	run_ms(NTB_EPF_LOOK_MS + 20);
	assert_false(dev.plat_ops->peer_present(&dev, &life));
	assert_int_equal(dev.host_state, NTB_EPF_HOST_PROBE);
	fill_region();
	fake.deaf = false;
	run_ms(NTB_EPF_LOOK_MS + 40);
	assert_int_equal(dev.host_state, NTB_EPF_HOST_READY);
	assert_int_equal(fake.nb_given, 12);
}

/** A capability: its id, and where the next one is. */
static void
put_capability(unsigned int at, uint8_t id, uint8_t next)
{
	fake.config[at] = id;
	fake.config[at + 1] = next;
}

static void
expect_link(unsigned int speed, unsigned int width)
{
	unsigned int s = 99, w = 99;

	dev.plat_ops->pcie_link(&dev, &s, &w);
	assert_int_equal(s, speed);
	assert_int_equal(w, width);
}

/** Opens the function, expects this link of it, closes it. */
static void
open_expecting_link(unsigned int speed, unsigned int width)
{
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	expect_link(speed, width);
	dev.plat_ops->close(&dev);
}

static void
test_pcie_link(void **state)
{
	RTE_SET_USED(state);
	/* A list, but no bit that says so. */
	fake.config[0x34] = 0x50;
	put_capability(0x50, 0x05, 0xb3);
	put_capability(0xb0, 0x10, 0x00);
	fake.config[0xb0 + 0x12] = 0x83;
	fake.config[0xb0 + 0x13] = 0xd0;
	open_expecting_link(0, 0);
	fake.config[6] = 0x10;
	open_expecting_link(3, 8);
	/* As it is now. */
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	fake.config[0xb0 + 0x12] = 0x01;
	fake.config[0xb0 + 0x13] = 0xc2;
	expect_link(1, 32);
	memset(fake.config, 0xff, sizeof(fake.config));
	expect_link(0, 0);
}

static void
test_bad_capabilities(void **state)
{
	RTE_SET_USED(state);
	fake.config[6] = 0x10;
	open_expecting_link(0, 0);
	/* In circles; into the header; without room for what it has to have. */
	memset(fake.config + 0x40, 0x11, sizeof(fake.config) - 0x40);
	fake.config[0x34] = 0x50;
	put_capability(0x50, 0x05, 0x60);
	put_capability(0x60, 0x05, 0x50);
	open_expecting_link(0, 0);
	assert_in_range(fake.config_reads, 48, 60);
	put_capability(0x60, 0x05, 0x08);
	put_capability(0x08, 0x10, 0x00);
	open_expecting_link(0, 0);
	put_capability(0x60, 0x05, 0xf0);
	put_capability(0xf0, 0x10, 0x00);
	open_expecting_link(0, 0);
	put_capability(0x60, 0x05, 0xe8);
	put_capability(0xe8, 0x10, 0x00);
	open_expecting_link(1, 17);
}

static void
test_own_window(void **state)
{
	RTE_SET_USED(state);
	function.mem_resource[2].len = 0x3000;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(fake.zone_align, 0x10000);
	assert_int_equal(dev.window_bytes, 0x3000);
	dev.plat_ops->close(&dev);
	function.mem_resource[2].len = 0x18000;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(fake.zone_align, 0x20000);
	dev.plat_ops->close(&dev);
	/* Aligned for this process, but not for the endpoint. */
	fake.zone_shift = 0x10000;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), -ENOMEM);
	/* Larger than an alignment can be. */
	fake.zone_shift = 0;
	function.mem_resource[2].len = UINT64_C(1) << 33;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), -ENOMEM);
	assert_false(is_master());
}

static void
test_no_memory(void **state)
{
	RTE_SET_USED(state);
	fake.no_memory = true;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_VECTORS), -ENOMEM);
	assert_null(dev.plat);
	assert_null(dev.plat_ops);
	fake.no_memory = false;
	fake.no_zone = true;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_VECTORS), -ENOMEM);
	assert_null(dev.plat);
	assert_null(dev.plat_ops);
	assert_null(dev.window);
	assert_false(is_master());
	assert_int_equal(fake.enabled, 0);
}

static void
test_msi(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_VECTORS), 0);
	assert_int_equal(fake.enabled, 16);
	for (i = 1; i < 16; i++)
		assert_int_equal(fake.events[i], fake.events[0]);
	dev.plat_ops->close(&dev);
	assert_int_equal(fake.enabled, 0);
	fake.granted = 8;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_VECTORS), 0);
	assert_int_equal(fake.enabled, 0);
	dev.plat_ops->close(&dev);
	/* More than there can be. */
	fake.granted = fake.vectors = 33;
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_VECTORS), 0);
	assert_int_equal(fake.enabled, 32);
	dev.plat_ops->close(&dev);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_SINK), 0);
	assert_int_equal(fake.enabled, 0);
	assert_int_equal(fake.mapped, 4096);
	dev.plat_ops->close(&dev);
	assert_int_equal(open_as("renesas", NTB_EPF_MSI_NONE), 0);
	assert_int_equal(fake.mapped, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, env_setup, env_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_wrong_regions),
		TEST(test_no_region),
		TEST(test_regions),
		TEST(test_scratchpads),
		TEST(test_sequence),
		TEST(test_leftovers),
		TEST(test_error_answer),
		TEST(test_time_out),
		TEST(test_not_picked_up),
		TEST(test_sentinel),
		TEST(test_window_opens_late),
		TEST(test_small_window),
		TEST(test_leave),
		TEST(test_bus_master),
		TEST(test_no_bus_master),
		TEST(test_off_the_bus),
		TEST(test_life),
		TEST(test_pcie_link),
		TEST(test_bad_capabilities),
		TEST(test_own_window),
		TEST(test_no_memory),
		TEST(test_msi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
