/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Register sequences of each map, and what must be the same on all of them. */

#include <pthread.h>

#include "dw_edma_env.h"

#define BYTES (SLOTS * 24)

static const struct dw_edma_map_ops * const all_maps[] = {
	&dw_edma_legacy_ops,
	&dw_edma_unroll_ops,
	&dw_edma_hdma_compat_ops,
	&dw_edma_hdma_ops,
};

/** Runs until nothing submitted is left. */
static void
finish(void)
{
	unsigned int n;

	for (n = 0; chan->done != chan->sub; n++) {
		assert_true(n < 100);
		run(2);
		dw_edma_poll(chan);
	}
}

/** Empties the log and starts the channel again. */
static void
start_again(void)
{
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.log_cnt = 0;
	assert_int_equal(rte_dma_start(dev_id), 0);
}

/* All maps ------------------------------------------------------------------------------------- */

static void
test_names(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(all_maps); i++) {
		assert_ptr_equal(dw_edma_map_by_name(all_maps[i]->name), all_maps[i]);
		assert_ptr_equal(dw_edma_map_by_code(all_maps[i]->code), all_maps[i]);
	}
	assert_null(dw_edma_map_by_name("HDMA"));
	assert_null(dw_edma_map_by_name(""));
	for (i = 2; i < 5; i++)
		assert_null(dw_edma_map_by_code(i));
	assert_null(dw_edma_map_by_code(UINT32_MAX));
}

/** Several laps of the list, then a failure in the middle of one, on both directions. */
static void
one_map(const struct dw_edma_map_ops *map, enum dw_edma_dir dir)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;
	uint16_t last;

	channel_init(map, dir, 3, BYTES);
	for (i = 0; i < 9; i++) {
		enqueue(4, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		finish();
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, NULL), 4);
		assert_int_equal(last, 4 * i + 3);
	}
	assert_int_equal(fake.executed, 36);
	enqueue(8, RTE_DMA_OP_FLAG_SUBMIT);
	run(2);
	fake_abort(dir, 3, 1u << (16 + 3), 0);
	dw_edma_poll(chan);
	finish();
	assert_int_equal(status_of(DESC, status), 8);
	for (i = 0; i < 8; i++)
		assert_int_equal(status[i] != RTE_DMA_STATUS_SUCCESSFUL, i == 2);
	assert_int_equal(fake.executed, 43);
	assert_int_equal(chan->recoveries, 1);
	/* Whoever looks, for whatever reason, looks at this channel. */
	assert_int_equal(map->state(chan), DW_EDMA_CS_STOPPED);
	assert_int_equal(map->position(chan), *fake_llp(dir, 3));
}

static void
test_all(void **state)
{
	unsigned int i;
	int dir;

	for (i = 0; i < RTE_DIM(all_maps); i++) {
		for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
			one_map(all_maps[i], dir);
			assert_int_equal(teardown(state), 0);
		}
	}
}

/** All-ones, whatever is read. */
static void
test_all_gone(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i, cnt[DW_EDMA_DIRS];

	for (i = 0; i < RTE_DIM(all_maps); i++) {
		channel_init(all_maps[i], DW_EDMA_RD, 0, BYTES);
		fake.mute = true;
		enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
		run(1);
		fake.gone = true;
		cnt[DW_EDMA_WR] = 4;
		cnt[DW_EDMA_RD] = 4;
		assert_int_equal(all_maps[i]->counts(&chan->io, cnt), -ENODEV);
		assert_int_equal(all_maps[i]->state(chan), -ENODEV);
		assert_int_equal(status_of(DESC, status), 3);
		assert_int_equal(status[0], RTE_DMA_STATUS_DEV_LINK_ERROR);
		assert_int_equal(rte_dma_stop(dev_id), 0);
		assert_int_equal(rte_dma_start(dev_id), -ENODEV);
		fake.gone = false;
		assert_int_equal(rte_dma_start(dev_id), 0);
		assert_int_equal(teardown(state), 0);
	}
}

/** One register read per call that finds work done, whatever the map. */
static void
test_all_reads(void **state)
{
	unsigned int i, reads, writes;

	for (i = 0; i < RTE_DIM(all_maps); i++) {
		channel_init(all_maps[i], DW_EDMA_WR, 2, BYTES);
		enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
		run(10);
		reads = fake.reads;
		writes = fake.log_cnt;
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 3);
		assert_int_equal(fake.reads, reads + 1);
		/* The view port is turned, nothing else is written. */
		assert_int_equal(fake.log_cnt - writes, all_maps[i] == &dw_edma_legacy_ops);
		assert_int_equal(teardown(state), 0);
	}
}

/** Work that does not end is stopped, and the channel works afterwards. */
static void
test_all_stop_pending(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(all_maps); i++) {
		channel_init(all_maps[i], DW_EDMA_RD, 1, BYTES);
		fake.mute = true;
		enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
		assert_int_equal(rte_dma_stop(dev_id), 0);
		assert_int_equal(fake.stops, 1);
		assert_int_equal(rte_dma_start(dev_id), 0);
		assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, RTE_DMA_OP_FLAG_SUBMIT), 0);
		assert_int_equal(run(10), 1);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
		assert_int_equal(teardown(state), 0);
	}
}

/* Legacy --------------------------------------------------------------------------------------- */

static int
setup_legacy(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_legacy_ops, DW_EDMA_RD, 2, BYTES);
	return 0;
}

static void
test_legacy_start(void **state)
{
	uintptr_t list = (uintptr_t)fake.list[DW_EDMA_RD][2];
	const struct fake_entry expected[] = {
		{ FAKE_REG, 0x0fc, 0x80000002, 4 }, /* does it run? */
		{ FAKE_REG, 0x0fc, 0x80000002, 4 }, /* was it left aborted? */
		{ FAKE_REG, 0x02c, 1, 4 },
		{ FAKE_REG, 0x0ac, 0x00040004, 4 },
		{ FAKE_REG, 0x0fc, 0x80000002, 4 },
		{ FAKE_REG, 0x104, 0, 4 },
		{ FAKE_REG, 0x0fc, 0x80000002, 4 },
		{ FAKE_REG, 0x100, 0x5300, 4 },
		{ FAKE_REG, 0x0fc, 0x80000002, 4 },
		{ FAKE_REG, 0x11c, (uint32_t)list, 4 },
		{ FAKE_REG, 0x0fc, 0x80000002, 4 },
		{ FAKE_REG, 0x120, (uint32_t)(list >> 32), 4 },
		{ FAKE_REG, 0x0fc, 0x80000002, 4 }, /* read back */
	};

	RTE_SET_USED(state);
	expect_log(expected, RTE_DIM(expected));
}

/**
 * Somebody else of this process turns the view port between any two accesses. The fake fails every
 * use of it without the lock; here is what is read under it.
 */
static void
test_legacy_turned(void **state)
{
	struct dw_edma_chan other = {
		.dir = DW_EDMA_WR, .index = 2, .map = &dw_edma_legacy_ops,
		.io = { .engine = engine },
	};

	RTE_SET_USED(state);
	legacy_bind(&other);
	fake_set_cs(DW_EDMA_WR, 2, DW_EDMA_CS_RUNNING);
	*fake_llp(DW_EDMA_WR, 2) = 0x12340000;
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(other.map->state(&other), DW_EDMA_CS_RUNNING);
	run(1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_int_equal(other.map->position(&other), 0x12340000);
	run(1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_int_equal(chan->map->state(chan), DW_EDMA_CS_STOPPED);
	assert_false(rte_spinlock_is_locked(&engine->viewport));
}

static void *
read_position(void *arg)
{
	struct dw_edma_chan *ch = arg;

	return ch->map->position(ch) == *fake_llp(ch->dir, ch->index) ? NULL : arg;
}

/** Nobody gets between the turn of the view port and the access, however long that takes. */
static void
test_legacy_lock(void **state)
{
	pthread_t thread;
	unsigned int cnt;
	void *rc;

	RTE_SET_USED(state);
	rte_spinlock_lock(&engine->viewport);
	cnt = fake.log_cnt;
	assert_int_equal(pthread_create(&thread, NULL, read_position, chan), 0);
	rte_delay_us_sleep(20000);
	assert_int_equal(fake.log_cnt, cnt);
	rte_spinlock_unlock(&engine->viewport);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_null(rc);
	assert_int_equal(fake.log_cnt, cnt + 1);
}

/* HDMA compatible ------------------------------------------------------------------------------ */

static void
test_compat_start(void **state)
{
	uintptr_t list = (uintptr_t)fake.list[DW_EDMA_WR][1];
	const struct fake_entry expected[] = {
		{ FAKE_REG, 0x12c, 1, 4 }, /* before its status is looked at */
		{ FAKE_REG, 0x12c, 1, 4 },
		{ FAKE_REG, 0x00c, 1, 4 },
		{ FAKE_REG, 0x058, 0x00020002, 4 },
		{ FAKE_REG, 0x404, 0, 4 },
		{ FAKE_REG, 0x400, 0x5300, 4 },
		{ FAKE_REG, 0x41c, (uint32_t)list, 4 },
		{ FAKE_REG, 0x420, (uint32_t)(list >> 32), 4 },
	};

	RTE_SET_USED(state);
	expect_log(expected, RTE_DIM(expected));
	/* Other channels are switched on by whoever uses them. */
	assert_int_equal(*fake_reg(DW_EDMA_WR_PWR_EN(0)), 0);
	assert_int_equal(*fake_reg(DW_EDMA_RD_PWR_EN(1)), 0);
}

/** A device that lost its power enables with everything else is set up again by a start. */
static void
test_compat_power(void **state)
{
	RTE_SET_USED(state);
	*fake_reg(DW_EDMA_WR_PWR_EN(1)) = 0;
	chan->started = false;
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(*fake_reg(DW_EDMA_WR_PWR_EN(1)), 1);
	/* By a recovery, too. */
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	fake_abort(DW_EDMA_WR, 1, 0x2, 0);
	fake.log_cnt = 0;
	dw_edma_poll(chan);
	assert_true(fake_find(0, DW_EDMA_WR_PWR_EN(1)) <
		    fake_find(0, DW_EDMA_WR_CH(1) + DW_EDMA_CH_CONTROL1));
	finish();
}

static int
setup_compat(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_hdma_compat_ops, DW_EDMA_WR, 1, BYTES);
	return 0;
}

/* HDMA native ---------------------------------------------------------------------------------- */

static int
setup_hdma(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_hdma_ops, DW_EDMA_WR, 1, BYTES);
	return 0;
}

static void
expect_hdma_start(uint32_t base)
{
	uintptr_t list = (uintptr_t)fake.list[chan->dir][chan->index];
	const struct fake_entry expected[] = {
		{ FAKE_REG, base + 0x00, 0, 4 },
		{ FAKE_REG, base + 0x00, 1, 4 },
		{ FAKE_REG, base + 0x8c, 0x05, 4 },
		{ FAKE_REG, base + 0x88, 0x55, 4 },
		{ FAKE_REG, base + 0x34, 1, 4 },
		{ FAKE_REG, base + 0x38, 5, 4 },
		{ FAKE_REG, base + 0x10, (uint32_t)list, 4 },
		{ FAKE_REG, base + 0x14, (uint32_t)(list >> 32), 4 },
		{ FAKE_REG, base + 0x18, 3, 4 },
	};

	expect_log(expected, RTE_DIM(expected));
}

static void
test_hdma_start(void **state)
{
	RTE_SET_USED(state);
	expect_hdma_start(0x200);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(fake.log[fake.log_cnt - 1].at, 0x204);
	assert_int_equal(fake.log[fake.log_cnt - 1].value, 1);
	finish();
	start_again();
	expect_hdma_start(0x200);
}

/** All write blocks, then all read blocks, closer together than usual. */
static void
test_hdma_blocks(void **state)
{
	static const struct dw_edma_blocks packed[DW_EDMA_DIRS] = {
		{ 0x100, 0x100 }, { 0x900, 0x100 },
	};

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	memcpy(fake.blocks, packed, sizeof(packed));
	memcpy(engine->blocks, packed, sizeof(packed));
	memset(fake.regs, 0, sizeof(fake.regs));
	hdma_bind(chan);
	fake.log_cnt = 0;
	assert_int_equal(rte_dma_start(dev_id), 0);
	expect_hdma_start(0x200);
	chan->dir = DW_EDMA_RD;
	hdma_bind(chan);
	assert_int_equal(chan->base, 0xa00);
	chan->dir = DW_EDMA_WR;
}

/** What the register says, and no more than there are lists for. */
static void
test_v0_counts(void **state)
{
	static const struct {
		uint32_t ctrl;
		unsigned int known[DW_EDMA_DIRS];
		unsigned int cnt[DW_EDMA_DIRS];
		int rc;
	} cases[] = {
		{ 0x00040004, { 0, 0 }, { 4, 4 }, 0 }, { 0x00080001, { 0, 0 }, { 1, 8 }, 0 },
		{ 0x00040004, { 2, 8 }, { 2, 4 }, 0 }, { 0x00040004, { 0, 3 }, { 0, 3 }, 0 },
		{ 0x03080008, { 8, 8 }, { 8, 8 }, 0 }, { 0x00000004, { 0, 2 }, { 0 }, -EPROTO },
		{ 0, { 0, 0 }, { 0 }, -EPROTO }, { 0x00000009, { 1, 1 }, { 0 }, -EPROTO },
		{ 0x00090001, { 1, 1 }, { 0 }, -EPROTO }, { UINT32_MAX, { 1, 1 }, { 0 }, -ENODEV },
	};
	unsigned int cnt[DW_EDMA_DIRS];
	unsigned int i;

	RTE_SET_USED(state);
	channel_init(&dw_edma_unroll_ops, DW_EDMA_WR, 1, SLOTS * 24);
	for (i = 0; i < RTE_DIM(cases); i++) {
		*fake_reg(DW_EDMA_CTRL) = cases[i].ctrl;
		memcpy(cnt, cases[i].known, sizeof(cnt));
		assert_int_equal(dw_edma_unroll_ops.counts(&chan->io, cnt), cases[i].rc);
		if (cases[i].rc == 0)
			assert_memory_equal(cnt, cases[i].cnt, sizeof(cnt));
	}
}

static void
test_hdma_counts(void **state)
{
	unsigned int i;
	static const struct {
		unsigned int cnt[DW_EDMA_DIRS];
		int rc;
	} rows[] = {
		{ { 8, 8 }, 0 }, { { 1, 0 }, 0 }, { { 0, 1 }, 0 },
		{ { 64, 64 }, 0 },
		{ { 0, 0 }, -EPROTO }, { { 65, 1 }, -EPROTO }, { { 1, 65 }, -EPROTO },
	};
	unsigned int cnt[DW_EDMA_DIRS];

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(rows); i++) {
		memcpy(cnt, rows[i].cnt, sizeof(cnt));
		assert_int_equal(dw_edma_hdma_ops.counts(&chan->io, cnt), rows[i].rc);
		assert_memory_equal(cnt, rows[i].cnt, sizeof(cnt));
	}
}

/** The channel's own enable brings it back, whoever owns the other channels; they run on. */
static void
test_hdma_recovery(void **state)
{
	enum rte_dma_status_code status[DESC];
	const uint32_t stat = fake_window(DW_EDMA_WR, 1) + DW_HDMA_INT_STAT;
	unsigned int i, off, on;

	RTE_SET_USED(state);
	engine->mask[DW_EDMA_WR] = 0x2;
	fake_set_cs(DW_EDMA_WR, 0, DW_EDMA_CS_RUNNING);
	fake_set_cs(DW_EDMA_RD, 1, DW_EDMA_CS_ABORTED);
	*fake_reg(fake_window(DW_EDMA_RD, 1) + DW_HDMA_INT_STAT) = DW_HDMA_INT_ABORT;
	enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
	fake.log_cnt = 0;
	fake_abort(DW_EDMA_WR, 1, 0, 0);
	assert_int_equal(*fake_reg(stat), DW_HDMA_INT_ABORT);
	dw_edma_poll(chan);
	assert_int_equal(*fake_reg(stat), 0);
	off = fake_find(0, 0x200);
	on = fake_find(off + 1, 0x200);
	assert_true(off < on && on < fake_find(0, 0x210));
	assert_int_equal(fake.log[off].value, 0);
	assert_int_equal(fake.log[on].value, 1);
	finish();
	assert_int_equal(status_of(DESC, status), 3);
	assert_int_equal(status[0], RTE_DMA_STATUS_ERROR_UNKNOWN);
	assert_int_equal(status[1], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(fake_cs(DW_EDMA_WR, 0), DW_EDMA_CS_RUNNING);
	assert_int_equal(*fake_reg(fake_window(DW_EDMA_RD, 1) + DW_HDMA_INT_STAT),
			 DW_HDMA_INT_ABORT);
	for (i = 0; i < fake.log_cnt; i++)
		if (fake.log[i].kind == FAKE_REG)
			assert_true(fake.log[i].at - 0x200 < DW_HDMA_BLOCK_BYTES);
}

/** A predecessor's interrupt writes and abort are not ours. */
static void
test_hdma_left(void **state)
{
	const uint32_t win = fake_window(DW_EDMA_WR, 1);

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	*fake_reg(win + DW_HDMA_INT_SETUP) = 0x78;
	*fake_reg(win + DW_HDMA_INT_STAT) = DW_HDMA_INT_ABORT | DW_HDMA_INT_STOP;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_ABORTED);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(*fake_reg(win + DW_HDMA_INT_SETUP), 0x55);
	assert_int_equal(*fake_reg(win + DW_HDMA_INT_STAT), 0);
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	finish();
	assert_int_equal(fake.executed, 2);
	/* Running: stopped by request, without anybody's leave. */
	assert_int_equal(rte_dma_stop(dev_id), 0);
	engine->mask[DW_EDMA_WR] = 0x2;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(fake.stops, 1);
}

/** A stop request that has no effect: switched off; if that has none, given up. */
static void
test_hdma_stuck(void **state)
{
	RTE_SET_USED(state);
	fake.stuck = true;
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(*fake_reg(fake_window(DW_EDMA_WR, 1) + DW_HDMA_CH_EN), 0);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.locked_up = true;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(rte_dma_start(dev_id), -ETIMEDOUT);
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), -ENODEV);
}

/* Loopback ------------------------------------------------------------------------------------- */

/** A byte pattern through a model of each map, both directions, by name of the map. */
static void
one_loopback(const char *map, const char *device_name, uint8_t *buf, size_t half)
{
	unsigned int i;

	dev_id = rte_dma_get_dev_id_by_name(device_name);
	assert_true(dev_id >= 0);
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
	assert_int_equal(rte_dma_start(dev_id), 0);
	for (i = 0; i < half; i++)
		buf[i] = i * 7 + map[0];
	memset(buf + half, 0, half);
	assert_int_equal(rte_dma_copy(dev_id, 0, (uintptr_t)buf, (uintptr_t)(buf + half), half,
				      RTE_DMA_OP_FLAG_SUBMIT), 0);
	for (i = 0; i < 100 && rte_dma_completed(dev_id, 0, 1, NULL, NULL) == 0; i++)
		;
	assert_true(i < 100);
	assert_memory_equal(buf, buf + half, half);
	assert_int_equal(rte_dma_stop(dev_id), 0);
}

static void
test_loopback(void **state)
{
	const size_t half = 5000;
	uint8_t *buf = rte_zmalloc(NULL, 2 * half, 0);
	char args[64];
	unsigned int i;

	RTE_SET_USED(state);
	assert_non_null(buf);
	for (i = 0; i < RTE_DIM(all_maps); i++) {
		snprintf(args, sizeof(args), "loopback=1,map=%s,wr=0x2,rd=0x81,partial=1",
			 all_maps[i]->name);
		assert_int_equal(rte_vdev_init("dma_dw_edma9", args), 0);
		one_loopback(all_maps[i]->name, "dma_dw_edma9-wr1", buf, half);
		one_loopback(all_maps[i]->name, "dma_dw_edma9-rd7", buf, half);
		assert_int_equal(rte_vdev_uninit("dma_dw_edma9"), 0);
	}
	rte_free(buf);
}

/**
 * A channel of the model, as a dead predecessor left it: after @p stop requests to stop, or after
 * an abort with nothing at the list pointer. No other channel is ours.
 */
static void
hdma_predecessor(unsigned int stop)
{
	struct dw_edma_args args = { .map = &dw_edma_hdma_ops, .fn = -1, .mask = { 0, 0x7 },
		.mask_given = { false, true } };
	struct dw_edma_io io;
	const uint32_t base = 2 * DW_HDMA_STRIDE + DW_HDMA_RD_OFFSET;

	memset(&fake, 0, sizeof(fake));
	engine = engine_alloc("left", SOCKET_ID_ANY);
	assert_non_null(engine);
	assert_int_equal(loopback_attach(engine, &args), 0);
	args.mask[DW_EDMA_RD] = 0x4;
	assert_int_equal(probe_hardware(engine, &args), 0);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 3);
	io = (struct dw_edma_io){ .engine = engine };
	dw_edma_write32(&io, base + DW_HDMA_CH_EN, DW_HDMA_EN);
	dw_edma_write32(&io, base + DW_HDMA_CONTROL1, DW_HDMA_CONTROL1_LLE);
	dw_edma_write32(&io, base + DW_HDMA_LLP_HI, 0xdead);
	dw_edma_write32(&io, base + DW_HDMA_INT_SETUP,
			DW_HDMA_INT_LOCAL_ABORT | DW_HDMA_INT_REMOTE_ABORT);
	dw_edma_write32(&io, base + DW_HDMA_DOORBELL, DW_HDMA_DOORBELL_START);
	while (stop-- != 0)
		dw_edma_write32(&io, base + DW_HDMA_DOORBELL, DW_HDMA_DOORBELL_STOP);
	assert_int_equal(dw_edma_dmadev_create(engine, &device, DW_EDMA_RD, 2), 0);
	chan = engine->chan[DW_EDMA_RD][2];
}

static void
test_hdma_predecessor(void **state)
{
	const size_t half = 64;
	uint8_t *buf = rte_zmalloc(NULL, 2 * half, 0);
	unsigned int stop;

	assert_non_null(buf);
	for (stop = 0; stop < 2; stop++) {
		hdma_predecessor(stop);
		one_loopback("hdma", "left-rd2", buf, half);
		assert_int_equal(teardown(state), 0);
	}
	rte_free(buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_all_gone),
		cmocka_unit_test(test_all_reads),
		cmocka_unit_test(test_all_stop_pending),
		cmocka_unit_test_setup_teardown(test_legacy_start, setup_legacy, teardown),
		cmocka_unit_test_setup_teardown(test_legacy_turned, setup_legacy, teardown),
		cmocka_unit_test_setup_teardown(test_legacy_lock, setup_legacy, teardown),
		cmocka_unit_test_setup_teardown(test_compat_start, setup_compat, teardown),
		cmocka_unit_test_setup_teardown(test_compat_power, setup_compat, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_start, setup_hdma, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_blocks, setup_hdma, teardown),
		cmocka_unit_test_teardown(test_v0_counts, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_counts, setup_hdma, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_recovery, setup_hdma, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_left, setup_hdma, teardown),
		cmocka_unit_test_setup_teardown(test_hdma_stuck, setup_hdma, teardown),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_hdma_predecessor),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_maps" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
