/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The DMA driver against registers that are an array: no engine but the steps of the test. */

#include "dw_edma_fake.h"

#include "dw_edma_env.h"

static int
setup_wr(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_unroll_ops, DW_EDMA_WR, 1, SLOTS * 24);
	return 0;
}

static int
setup_rd(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_unroll_ops, DW_EDMA_RD, 2, SLOTS * 24);
	return 0;
}

/* Start and stop ------------------------------------------------------------------------------- */

static void
test_start_sequence(void **state)
{
	uintptr_t list = (uintptr_t)fake.list[DW_EDMA_RD][2];
	const struct fake_entry first[] = {
		{ FAKE_REG, 0x02c, 1, 4 },
		{ FAKE_REG, 0x0ac, 0x00040004, 4 },
		{ FAKE_REG, 0x704, 0, 4 },
		{ FAKE_REG, 0x700, 0x5300, 4 },
		{ FAKE_REG, 0x71c, (uint32_t)list, 4 },
		{ FAKE_REG, 0x720, (uint32_t)(list >> 32), 4 },
	};

	RTE_SET_USED(state);
	expect_log(first, RTE_DIM(first));
	/* Started again: the engine is enabled already, and somebody has unmasked the channel. */
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.log_cnt = 0;
	*fake_reg(DW_EDMA_RD_INT_MASK) = 0x00030003;
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(fake_find(0, DW_EDMA_RD_ENGINE_EN), fake.log_cnt);
	assert_int_equal(*fake_reg(DW_EDMA_RD_INT_MASK), 0x00070007);
	assert_int_equal(*fake_reg(DW_EDMA_WR_INT_MASK), 0x000f000f);
}

/** A channel that a dead predecessor left running is stopped, and the direction reset. */
static void
test_start_running(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.log_cnt = 0;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(fake.stops, 1);
	assert_true(fake_find(0, DW_EDMA_WR_ENGINE_EN) < fake.log_cnt);
	assert_int_equal(fake_find(0, DW_EDMA_RD_ENGINE_EN), fake.log_cnt);

	/* The same with channels that are somebody else's: refused, and nobody is disturbed. */
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.log_cnt = 0;
	engine->mask[DW_EDMA_WR] = 0x3;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(rte_dma_start(dev_id), -EBUSY);
	assert_int_equal(fake.log_cnt - fake_find(0, DW_EDMA_WR_ENGINE_EN), 0);
	assert_int_equal(fake.stops, 1);
	assert_true(rte_dma_copy(dev_id, 0, 1, 2, 3, 0) < 0);
}

/**
 * A loopback engine with a channel of each direction, as a predecessor on read channel 0 left it:
 * after @p stop requests to stop, or after an abort with nothing at the list pointer.
 */
static void
predecessor_init(unsigned int stop)
{
	struct dw_edma_args args = { .fn = -1 };
	struct dw_edma_io io;

	memset(&fake, 0, sizeof(fake));
	engine = engine_alloc("left", SOCKET_ID_ANY);
	assert_non_null(engine);
	assert_int_equal(loopback_attach(engine, &args), 0);
	assert_int_equal(probe_hardware(engine, &args), 0);
	io = (struct dw_edma_io){ .engine = engine };
	dw_edma_write32(&io, DW_EDMA_RD_ENGINE_EN, DW_EDMA_ENGINE_EN);
	dw_edma_write32(&io, DW_EDMA_RD_LL_ERR_EN, 0x00010001);
	dw_edma_write32(&io, DW_EDMA_WR_LL_ERR_EN, 0x00010001);
	dw_edma_write32(&io, DW_EDMA_RD_CH(0) + DW_EDMA_CH_CONTROL1, DW_EDMA_LLE | DW_EDMA_CCS);
	dw_edma_write32(&io, DW_EDMA_RD_DOORBELL, 0);
	while (stop-- != 0)
		dw_edma_write32(&io, DW_EDMA_RD_DOORBELL, DW_EDMA_DOORBELL_STOP);
	assert_int_equal(dw_edma_dmadev_create(engine, &device, DW_EDMA_RD, 0), 0);
	dev_id = rte_dma_get_dev_id_by_name("left-rd0");
	chan = engine->chan[DW_EDMA_RD][0];
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
}

/** Whatever state a dead predecessor left the channel in, it works. */
static void
test_start_left(void **state)
{
	uint64_t *buf = rte_zmalloc(NULL, 2 * sizeof(*buf), 0);
	unsigned int stop, n;

	assert_non_null(buf);
	for (stop = 0; stop < 2; stop++) {
		predecessor_init(stop);
		assert_int_equal(rte_dma_start(dev_id), 0);
		/* No interrupt write to an address that nobody knows any more. */
		assert_int_equal(dw_edma_read32(&chan->io, DW_EDMA_RD_LL_ERR_EN), 0);
		assert_int_equal(dw_edma_read32(&chan->io, DW_EDMA_WR_LL_ERR_EN), 0x00010001);
		buf[0] = 42 + stop;
		assert_true(rte_dma_copy(dev_id, 0, (uintptr_t)buf, (uintptr_t)(buf + 1),
					 sizeof(*buf), RTE_DMA_OP_FLAG_SUBMIT) >= 0);
		for (n = 0; n < 100 && rte_dma_completed(dev_id, 0, 1, NULL, NULL) == 0; n++)
			;
		assert_true(n < 100);
		assert_int_equal(buf[1], 42 + stop);
		assert_int_equal(rte_dma_stop(dev_id), 0);
		/* A reset that would be needed is not ours to do: refused at once. */
		dw_edma_write32(&chan->io, DW_EDMA_RD_CH(0) + DW_EDMA_CH_LLP_HI, 0xdead);
		dw_edma_write32(&chan->io, DW_EDMA_RD_DOORBELL, 0);
		if (stop != 0)
			dw_edma_write32(&chan->io, DW_EDMA_RD_DOORBELL, DW_EDMA_DOORBELL_STOP);
		engine->mask[DW_EDMA_RD] = 0;
		assert_int_equal(rte_dma_start(dev_id), -EPERM);
		assert_int_equal(rte_dma_start(dev_id), -EPERM);
		assert_int_equal(teardown(state), 0);
	}
	rte_free(buf);
}

/** Removed while it is started: nothing is left that could be called. */
static void
test_remove_started(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(rte_vdev_init("dma_dw_edma9", NULL), -EINVAL);
	assert_int_equal(rte_vdev_init("dma_dw_edma9", "loopback=1"), 0);
	dev_id = rte_dma_get_dev_id_by_name("dma_dw_edma9-wr0");
	assert_true(dev_id >= 0);
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(rte_vdev_uninit("dma_dw_edma9"), 0);
	assert_true(rte_dma_get_dev_id_by_name("dma_dw_edma9-wr0") < 0);
	assert_true(rte_dma_get_dev_id_by_name("dma_dw_edma9-rd0") < 0);
}

static void
test_stop_pending(void **state)
{
	uint64_t begin = rte_get_timer_cycles();

	RTE_SET_USED(state);
	enqueue(3, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(fake.stops, 1);
	assert_true(rte_get_timer_cycles() - begin < 3 * rte_get_timer_hz());
	assert_int_equal(rte_dma_start(dev_id), 0);
	/* Ids begin at 0, nothing is left of before. */
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_int_equal(run(10), 1);
	assert_int_equal(rte_dma_completed(dev_id, 0, 10, NULL, NULL), 1);
}

static void
test_setup_arguments(void **state)
{
	struct rte_dma_vchan_conf vconf = { .direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = 4 };
	struct rte_dma_info info;
	unsigned int i;
	static const struct {
		enum dw_edma_side side;
		uint16_t dir;
		enum rte_dma_direction direction;
		uint64_t capa;
	} rows[] = {
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, RTE_DMA_DIR_MEM_TO_DEV, RTE_DMA_CAPA_MEM_TO_DEV },
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, RTE_DMA_DIR_DEV_TO_MEM, RTE_DMA_CAPA_DEV_TO_MEM },
		{ DW_EDMA_SIDE_EP, DW_EDMA_WR, RTE_DMA_DIR_MEM_TO_DEV, RTE_DMA_CAPA_MEM_TO_DEV },
		{ DW_EDMA_SIDE_EP, DW_EDMA_RD, RTE_DMA_DIR_DEV_TO_MEM, RTE_DMA_CAPA_DEV_TO_MEM },
	};

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_vchan_setup(dev_id, 0, &vconf), -EBUSY);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(rte_dma_info_get(dev_id, &info), 0);
	assert_int_equal(info.max_vchans, 1);
	assert_int_equal(info.min_desc, 2);
	assert_int_equal(info.max_desc, 4096);
	vconf.nb_desc = 1;
	assert_int_equal(rte_dma_vchan_setup(dev_id, 0, &vconf), -EINVAL);
	vconf.nb_desc = 4097;
	assert_int_equal(rte_dma_vchan_setup(dev_id, 0, &vconf), -EINVAL);
	vconf.nb_desc = 4;
	for (i = 0; i < RTE_DIM(rows); i++) {
		engine->side = rows[i].side;
		chan->dir = rows[i].dir;
		assert_int_equal(rte_dma_info_get(dev_id, &info), 0);
		assert_int_equal(info.dev_capa & 0xf, rows[i].capa);
		memset(&vconf, 0, sizeof(vconf));
		vconf.nb_desc = 4;
		vconf.direction = rows[i].direction;
		if (rows[i].direction == RTE_DMA_DIR_MEM_TO_DEV)
			vconf.dst_port.port_type = RTE_DMA_PORT_PCIE;
		else
			vconf.src_port.port_type = RTE_DMA_PORT_PCIE;
		assert_int_equal(rte_dma_vchan_setup(dev_id, 0, &vconf), 0);
	}
	chan->dir = DW_EDMA_WR;
	engine->side = DW_EDMA_SIDE_BOTH;
}

/* Lists ---------------------------------------------------------------------------------------- */

/** The log from entry @p i on is these, and no more. */
static void
expect_entries(unsigned int i, const struct fake_entry *expected, unsigned int n)
{
	unsigned int j;

	assert_int_equal(fake.log_cnt, i + n);
	for (j = 0; j < n; j++)
		assert_memory_equal(&fake.log[i + j], &expected[j], sizeof(*expected));
}

/**
 * Elements are written when they are enqueued, the first of a burst with the cycle bit of the lap
 * before; submit hands them over by its control word, behind a barrier.
 */
static void
test_element_order(void **state)
{
	static const struct fake_entry written[] = {
		{ FAKE_LIST, 0, 0, 8 }, { FAKE_LIST, 8, 0x55667788, 8 },
		{ FAKE_LIST, 16, 0xddeeff00, 8 },
		{ FAKE_LIST, 24, DW_EDMA_CB, 8 }, { FAKE_LIST, 32, 5, 8 }, { FAKE_LIST, 40, 6, 8 },
	};
	static const struct fake_entry submitted[] = {
		{ FAKE_WMB, 0, 0, 0 }, { FAKE_LIST, 0, DW_EDMA_CB, 4 },
		{ FAKE_REG, DW_EDMA_WR_DOORBELL, 1, 4 },
	};
	const struct dw_edma_elem *list = (const void *)fake.list[DW_EDMA_WR][1];
	unsigned int i = fake.log_cnt;

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_copy(dev_id, 0, 0x1122334455667788, 0x99aabbccddeeff00, 77, 0), 0);
	assert_int_equal(rte_dma_copy(dev_id, 0, 5, 6, UINT32_MAX, 0), 1);
	expect_entries(i, written, RTE_DIM(written));
	assert_int_equal(list[0].size, 77);
	assert_int_equal(list[1].size, UINT32_MAX);
	/* Not even a doorbell gets past the gate. */
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(run(10), 0);
	i = fake.log_cnt;
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	expect_entries(i, submitted, RTE_DIM(submitted));
	/* Nothing to submit: nothing is written. */
	i = fake.log_cnt;
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(fake.log_cnt, i);
	assert_int_equal(run(10), 2);
	assert_int_equal(rte_dma_completed(dev_id, 0, 10, NULL, NULL), 2);
}

/** A list that is not mapped gets the same stores as messages, and only when they are submitted. */
static void
test_element_by_message(void **state)
{
	static const struct fake_entry sent[] = {
		{ FAKE_LIST, 0, 0, 8 }, { FAKE_LIST, 8, 1, 8 }, { FAKE_LIST, 16, 2, 8 },
		{ FAKE_LIST, 0, 0, 24 },
		{ FAKE_WMB, 0, 0, 0 },
		{ FAKE_LIST, 0, DW_EDMA_CB, 4 }, { FAKE_LIST, 0, DW_EDMA_CB, 4 },
		{ FAKE_REG, DW_EDMA_RD_DOORBELL, 2, 4 },
	};
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.unmapped = true;
	chan->list.va = NULL;
	assert_int_equal(bind_list(chan), 0);
	assert_ptr_not_equal(chan->ll, fake.list[DW_EDMA_RD][2]);
	/* The log tells offsets within a list: of the copy as well. */
	fake.copy = (uintptr_t)chan->ll;
	assert_int_equal(rte_dma_start(dev_id), 0);
	i = fake.log_cnt;
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), 0);
	assert_int_equal(fake.log_cnt, i);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	expect_entries(i, sent, RTE_DIM(sent));
	assert_int_equal(run(10), 1);
	assert_int_equal(rte_dma_completed(dev_id, 0, 10, NULL, NULL), 1);
}

/** Several laps, by bursts that do not fit the list: cycle bits, links, order, nothing twice. */
static void
test_laps(void **state)
{
	const struct dw_edma_elem *list = (const void *)fake.list[DW_EDMA_WR][1];
	unsigned int lap, done = 0;
	uint16_t last;

	RTE_SET_USED(state);
	copied = 0;
	for (lap = 0; lap < 9; lap++) {
		enqueue(4, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		/* One slot stays free. */
		assert_int_equal((uint16_t)(chan->hw - chan->done), 3);
		run(2);
		done += rte_dma_completed(dev_id, 0, 16, &last, NULL);
		assert_int_equal(done, 4 * lap + 2);
		assert_int_equal(last, done - 1);
		run(10);
		done += rte_dma_completed(dev_id, 0, 16, &last, NULL);
		assert_int_equal(done, 4 * lap + 4);
		assert_int_equal(last, done - 1);
		assert_int_equal(fake.executed, done);
		assert_int_equal(list[3].sar, copied);
		assert_int_equal(list[3].control, lap % 2 == 0 ? 1 : 0);
		assert_int_equal(list[4].control, lap % 2 == 0 ? 6 : 7);
		assert_int_equal(list[4].sar, (uintptr_t)list);
	}
	assert_int_equal(chan->kicks, 0);
}

/** The link of a lap is in place before its last data slot is handed over. */
static void
test_link_refresh(void **state)
{
	unsigned int i, link = 0, last = 0;

	RTE_SET_USED(state);
	for (i = 0; i < 2; i++) {
		enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
		run(3);
		assert_int_equal(rte_dma_completed(dev_id, 0, 16, NULL, NULL), 3);
	}
	for (i = 0; i < fake.log_cnt; i++) {
		if (fake.log[i].kind != FAKE_LIST)
			continue;
		if (fake.log[i].at == 4 * 24)
			link = i;
		if (fake.log[i].at == 3 * 24 && fake.log[i].value == DW_EDMA_CB)
			last = i;
	}
	assert_true(link != 0 && last != 0 && link < last);
}

static void
test_id_wrap(void **state)
{
	unsigned int i, j, n;
	uint16_t last;

	RTE_SET_USED(state);
	for (i = 0; i < 70000; i += n) {
		fake.log_cnt = 0;
		n = 1 + i % 7;
		for (j = 0; j < n; j++)
			assert_int_equal(rte_dma_copy(dev_id, 0, i, i, 1, 0), (uint16_t)(i + j));
		assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC - n);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		while (chan->done != chan->enq) {
			run(2);
			dw_edma_poll(chan);
		}
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, NULL), n);
		assert_int_equal(last, (uint16_t)(i + n - 1));
	}
	assert_int_equal(fake.executed, i);
}

/* Enqueue -------------------------------------------------------------------------------------- */

static void
test_capacity(void **state)
{
	unsigned int i;
	uint16_t last = 7;

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 0, 0), -EINVAL);
	for (i = 0; i < DESC; i++) {
		assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC - i);
		assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), i);
	}
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), 0);
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), -ENOSPC);
	/* Not submitted: nothing runs, and nobody looks at the hardware. */
	i = fake.reads;
	assert_int_equal(run(10), 0);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, NULL), 0);
	assert_int_equal(last, 0xffff);
	assert_int_equal(fake.reads, i);
	assert_int_equal(fake.doorbells, 0);
}

/* Progress ------------------------------------------------------------------------------------- */

static void
test_reads_per_burst(void **state)
{
	unsigned int reads;

	RTE_SET_USED(state);
	enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
	run(10);
	reads = fake.reads;
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 3);
	assert_int_equal(fake.reads, reads + 1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(fake.reads, reads + 1);
}

static void
test_lost_doorbell(void **state)
{
	unsigned int reads;

	RTE_SET_USED(state);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	fake.lose_doorbell = true;
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(fake.doorbells, 1);
	/* While the doorbell is on its way, the status says nothing. */
	fake.unsettled = true;
	reads = fake.control_reads;
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(fake.doorbells, 1);
	assert_int_equal(fake.control_reads, reads);
	fake.unsettled = false;
	fake.lose_doorbell = false;
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(fake.doorbells, 2);
	assert_int_equal(chan->kicks, 1);
	/* Running: left alone. */
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(fake.doorbells, 2);
	run(10);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 2);
}

/** A channel that no doorbell moves is reset, and what was in its list has failed. */
static void
test_deaf_channel(void **state)
{
	enum rte_dma_status_code status[DESC];
	uint64_t begin = rte_get_timer_cycles();
	unsigned int n;

	RTE_SET_USED(state);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	fake.lose_doorbell = true;
	enqueue(4, RTE_DMA_OP_FLAG_SUBMIT);
	fake.log_cnt = 0;
	do {
		assert_true(rte_get_timer_cycles() - begin < 5 * rte_get_timer_hz());
		n = status_of(DESC, status);
		if (fake.log_cnt > 1000)
			fake.log_cnt = 0;
	} while (n == 0);
	assert_true(rte_get_timer_cycles() - begin >
		    DW_EDMA_KICK_MS * rte_get_timer_hz() / MS_PER_S);
	assert_int_equal(n, 3);
	assert_int_equal(status[2], RTE_DMA_STATUS_ERROR_UNKNOWN);
	fake.lose_doorbell = false;
	/* The one that had not been handed over goes on. */
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(run(10), 1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
}

static void
test_vchan_status(void **state)
{
	enum rte_dma_vchan_status status;

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_vchan_status(dev_id, 0, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_IDLE);
	enqueue(8, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(rte_dma_vchan_status(dev_id, 0, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_ACTIVE);
	/* Work advances by asking: the list is shorter than the burst. */
	while (status == RTE_DMA_VCHAN_ACTIVE) {
		run(2);
		assert_int_equal(rte_dma_vchan_status(dev_id, 0, &status), 0);
	}
	assert_int_equal(status, RTE_DMA_VCHAN_IDLE);
	assert_int_equal(fake.executed, 8);
	fake.absent = true;
	assert_int_equal(rte_dma_vchan_status(dev_id, 0, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_HALTED_ERROR);
}

/* Errors --------------------------------------------------------------------------------------- */

struct error_row {
	enum dw_edma_dir dir;
	uint32_t lo;
	uint32_t hi;
	enum rte_dma_status_code status;
	bool fatal;
};

/** Bits are those of channel 2; those of others must not matter. */
static const struct error_row errors[] = {
	{ DW_EDMA_WR, 0x00000004, 0, RTE_DMA_STATUS_BUS_READ_ERROR, true },
	{ DW_EDMA_WR, 0x00040000, 0, RTE_DMA_STATUS_DESCRIPTOR_READ_ERROR, true },
	{ DW_EDMA_WR, 0x00fb00fb, 0, RTE_DMA_STATUS_BUS_WRITE_ERROR, true },
	{ DW_EDMA_RD, 0x00000004, 0, RTE_DMA_STATUS_BUS_WRITE_ERROR, true },
	{ DW_EDMA_RD, 0x00040000, 0, RTE_DMA_STATUS_DESCRIPTOR_READ_ERROR, true },
	{ DW_EDMA_RD, 0, 0x00000004, RTE_DMA_STATUS_BUS_READ_ERROR, false },
	{ DW_EDMA_RD, 0, 0x00000400, RTE_DMA_STATUS_BUS_READ_ERROR, false },
	{ DW_EDMA_RD, 0, 0x00040000, RTE_DMA_STATUS_DEV_LINK_ERROR, false },
	{ DW_EDMA_RD, 0, 0x04000000, RTE_DMA_STATUS_DATA_POISION, true },
	{ DW_EDMA_RD, 0x00fb00fb, 0xfbfbfbfb, RTE_DMA_STATUS_ERROR_UNKNOWN, true },
};

static void
one_error(const struct error_row *row)
{
	enum rte_dma_status_code status[DESC];
	uint32_t en = row->dir == DW_EDMA_WR ? DW_EDMA_WR_ENGINE_EN : DW_EDMA_RD_ENGINE_EN;
	bool error = false;
	uint16_t last;

	channel_init(&dw_edma_unroll_ops, row->dir, 2, SLOTS * 24);
	enqueue(3, 0);
	enqueue(6, RTE_DMA_OP_FLAG_SUBMIT);
	run(1);
	fake.log_cnt = 0;
	fake_abort(row->dir, 2, row->lo, row->hi);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, &error), 1);
	assert_false(error);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, &error), 0);
	assert_true(error);
	assert_int_equal(last, 0);
	assert_int_equal(fake_find(0, en) < fake.log_cnt, row->fatal);
	/* The rest runs without being asked for. */
	while (chan->done != chan->sub) {
		run(1);
		dw_edma_poll(chan);
	}
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, &error), 0);
	assert_true(error);
	assert_int_equal(status_of(1, status), 1);
	assert_int_equal(status[0], row->status);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, &last, &error), 7);
	assert_false(error);
	assert_int_equal(last, 8);
	assert_int_equal(fake.executed, 8);
	assert_int_equal(chan->reported, 9);
	assert_int_equal(chan->errors, 1);
	/* Error bits of other channels are theirs. */
	assert_int_equal(*fake_reg(DW_EDMA_RD_ERR_STATUS_HI), row->hi & 0xfbfbfbfb);
}

static void
test_errors(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(errors); i++) {
		one_error(&errors[i]);
		assert_int_equal(teardown(state), 0);
	}
}

/** Fatal, and the direction is not ours to reset: the channel is given up, others are not hit. */
static void
test_error_shared(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	engine->mask[DW_EDMA_RD] = 0xe;
	enqueue(4, RTE_DMA_OP_FLAG_SUBMIT);
	fake.log_cnt = 0;
	fake_abort(DW_EDMA_RD, 2, 0x4, 0);
	assert_int_equal(status_of(DESC, status), 4);
	assert_int_equal(status[0], RTE_DMA_STATUS_BUS_WRITE_ERROR);
	for (i = 1; i < 4; i++)
		assert_int_equal(status[i], RTE_DMA_STATUS_ERROR_UNKNOWN);
	assert_int_equal(fake_find(0, DW_EDMA_RD_ENGINE_EN), fake.log_cnt);
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), -ENODEV);
	assert_int_equal(rte_dma_submit(dev_id, 0), -ENODEV);
	/* The other channels of the engine may go on. */
	assert_false(dw_edma_is_dead(engine));
}

static void
test_gone(void **state)
{
	enum rte_dma_status_code status[DESC];
	enum rte_dma_vchan_status vstatus;
	unsigned int i;

	RTE_SET_USED(state);
	enqueue(8, RTE_DMA_OP_FLAG_SUBMIT);
	run(1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	fake.gone = true;
	assert_int_equal(status_of(DESC, status), 7);
	for (i = 0; i < 7; i++)
		assert_int_equal(status[i], RTE_DMA_STATUS_DEV_LINK_ERROR);
	i = fake.reads;
	fake.log_cnt = 0;
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, RTE_DMA_OP_FLAG_SUBMIT), -ENODEV);
	assert_int_equal(rte_dma_submit(dev_id, 0), -ENODEV);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), 0);
	assert_int_equal(rte_dma_vchan_status(dev_id, 0, &vstatus), 0);
	assert_int_equal(vstatus, RTE_DMA_VCHAN_HALTED_ERROR);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(fake.log_cnt, 0);
	assert_int_equal(fake.reads, i);
	/* Still away: refused; back: as new. */
	assert_int_equal(rte_dma_start(dev_id), -ENODEV);
	fake.gone = false;
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, RTE_DMA_OP_FLAG_SUBMIT), 0);
	run(10);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
}

/** Pointers that cannot be: nothing is taken for done, nothing is read outside. */
static void
test_bad_pointer(void **state)
{
	uint32_t llp_reg = DW_EDMA_WR_CH(1) + DW_EDMA_CH_LLP_LO;
	uint32_t base = (uint32_t)(uintptr_t)fake.list[DW_EDMA_WR][1];
	const uint32_t bad[] = {
		base + 1, base + 12, base - 24, base + SLOTS * 24, base + 3 * 24, 0, UINT32_MAX,
	};
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(bad); i++) {
		/* Two elements from slot 0 on: slots 0 to 2 are possible. */
		assert_ptr_equal(chan->tail, chan->ll);
		enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
		*fake_reg(llp_reg) = bad[i];
		fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
		assert_int_equal(status_of(DESC, status), 2);
		assert_int_equal(status[0], RTE_DMA_STATUS_ERROR_UNKNOWN);
		assert_int_equal(status[1], RTE_DMA_STATUS_ERROR_UNKNOWN);
		assert_int_equal(*fake_reg(llp_reg), base);
		assert_false(chan->dead);
	}
}

/** A channel that cannot be stopped is given up, its list left to the engine. */
static void
test_lost_running(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	*fake_reg(DW_EDMA_WR_CH(1) + DW_EDMA_CH_LLP_LO) = 0;
	fake.stuck = true;
	fake.log_cnt = 0;
	assert_int_equal(status_of(DESC, status), 2);
	assert_int_equal(status[1], RTE_DMA_STATUS_ERROR_UNKNOWN);
	assert_true(chan->dead);
	for (i = 0; i < fake.log_cnt; i++)
		assert_int_equal(fake.log[i].kind, FAKE_REG);
}

/** A pointer that was reset is not the first slot, not even of a list whose address ends in zeros. */
static void
test_reset_pointer(void **state)
{
	const uint32_t llp = DW_EDMA_WR_CH(1) + DW_EDMA_CH_LLP_LO;
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	fake_local = UINT64_C(3) << 32;
	channel_init(&dw_edma_unroll_ops, DW_EDMA_WR, 1,
		     SLOTS * sizeof(struct dw_edma_elem) + sizeof(uint64_t));
	fake_local = 0;
	assert_int_equal(chan->ll_slots, SLOTS - 1);
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	*fake_reg(llp) = chan->ll_lo + 2 * sizeof(struct dw_edma_elem);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 2);
	/* From the third slot on, round to the first. */
	enqueue(3, RTE_DMA_OP_FLAG_SUBMIT);
	*fake_reg(llp) = 0;
	fake_set_cs(DW_EDMA_WR, 1, 0);
	assert_int_equal(status_of(DESC, status), 3);
	assert_int_equal(status[0], RTE_DMA_STATUS_ERROR_UNKNOWN);
	assert_int_equal(status[2], RTE_DMA_STATUS_ERROR_UNKNOWN);
}

/* Fences --------------------------------------------------------------------------------------- */

/** Operations 0 to 8, fenced as @p fences says, the second fails; all are run. */
static void
fail_second(uint32_t fences)
{
	unsigned int i;

	for (i = 0; i < 9; i++)
		enqueue(1, (fences >> i & 1) != 0 ? RTE_DMA_OP_FLAG_FENCE : 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run(1);
	fake_abort(DW_EDMA_WR, 1, 0x2, 0);
}

static void
settle(void)
{
	while (chan->done != chan->sub) {
		dw_edma_poll(chan);
		run(1);
	}
}

static void
test_fence_skipped(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	/* The one before the failure is executed; one that was not attempted fails the next. */
	fail_second(1 << 1 | 1 << 4 | 1 << 6);
	settle();
	assert_int_equal(status_of(DESC, status), 9);
	for (i = 0; i < 9; i++) {
		if (i == 1)
			assert_int_equal(status[i], RTE_DMA_STATUS_BUS_READ_ERROR);
		else if (i == 4 || i == 6)
			assert_int_equal(status[i], RTE_DMA_STATUS_NOT_ATTEMPTED);
		else
			assert_int_equal(status[i], RTE_DMA_STATUS_SUCCESSFUL);
	}
	assert_int_equal(fake.executed, 6);
	assert_int_equal(chan->errors, 3);
	/* All told: what comes now is executed. */
	enqueue(1, RTE_DMA_OP_FLAG_FENCE | RTE_DMA_OP_FLAG_SUBMIT);
	run(10);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_false(chan->failed);
}

/** A failure is not told before its fence is settled, if the call has room for both. */
static void
test_fence_told_together(void **state)
{
	enum rte_dma_status_code status[DESC];
	bool error = false;
	unsigned int n;

	RTE_SET_USED(state);
	fail_second(1 << 6);
	assert_int_equal(status_of(DESC, status), 1);
	assert_int_equal(status[0], RTE_DMA_STATUS_SUCCESSFUL);
	for (n = 0; status_of(DESC, status) == 0; n++) {
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, &error), 0);
		assert_true(error);
		assert_int_equal(run(1), 1);
	}
	/* Operations 2 to 5 were executed meanwhile. */
	assert_int_equal(n, 4);
	assert_int_equal(chan->rep, 7);
	assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
	assert_int_equal(status[5], RTE_DMA_STATUS_NOT_ATTEMPTED);
	settle();
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, &error), 2);
	assert_false(error);
}

/** A failure does not keep those behind it from being done, however few are asked for. */
static void
test_fence_one_by_one(void **state)
{
	enum rte_dma_status_code status;
	unsigned int i, n;

	RTE_SET_USED(state);
	fail_second(1 << 6);
	for (i = 0; i < 9; i++) {
		for (n = 0; status_of(1, &status) == 0; n++) {
			assert_true(n < 20);
			run(1);
		}
		if (i == 1)
			assert_int_equal(status, RTE_DMA_STATUS_BUS_READ_ERROR);
		else if (i == 6)
			assert_int_equal(status, RTE_DMA_STATUS_NOT_ATTEMPTED);
		else
			assert_int_equal(status, RTE_DMA_STATUS_SUCCESSFUL);
	}
	assert_int_equal(fake.executed, 7);
}

/** Enqueued before the failure was told, submitted after: not attempted. */
static void
test_fence_enqueued_before(void **state)
{
	enum rte_dma_status_code status[DESC];
	bool error = false;

	RTE_SET_USED(state);
	fail_second(0);
	enqueue(2, 0);
	enqueue(1, RTE_DMA_OP_FLAG_FENCE);
	settle();
	assert_int_equal(status_of(DESC, status), 9);
	assert_int_equal(status[1], RTE_DMA_STATUS_BUS_READ_ERROR);
	enqueue(1, RTE_DMA_OP_FLAG_FENCE);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	settle();
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, &error), 2);
	assert_true(error);
	assert_int_equal(status_of(DESC, status), 2);
	assert_int_equal(status[0], RTE_DMA_STATUS_NOT_ATTEMPTED);
	/* Nor was it known, when the second was enqueued, that the first would not be attempted. */
	assert_int_equal(status[1], RTE_DMA_STATUS_NOT_ATTEMPTED);
	enqueue(1, RTE_DMA_OP_FLAG_FENCE | RTE_DMA_OP_FLAG_SUBMIT);
	run(1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start_sequence, setup_rd, teardown),
		cmocka_unit_test_setup_teardown(test_start_running, setup_wr, teardown),
		cmocka_unit_test(test_start_left),
		cmocka_unit_test(test_remove_started),
		cmocka_unit_test_setup_teardown(test_stop_pending, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_setup_arguments, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_element_order, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_element_by_message, setup_rd, teardown),
		cmocka_unit_test_setup_teardown(test_laps, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_link_refresh, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_id_wrap, setup_rd, teardown),
		cmocka_unit_test_setup_teardown(test_capacity, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_reads_per_burst, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_lost_doorbell, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_deaf_channel, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_vchan_status, setup_rd, teardown),
		cmocka_unit_test(test_errors),
		cmocka_unit_test_setup_teardown(test_error_shared, setup_rd, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup_rd, teardown),
		cmocka_unit_test_setup_teardown(test_bad_pointer, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_lost_running, setup_wr, teardown),
		cmocka_unit_test_teardown(test_reset_pointer, teardown),
		cmocka_unit_test_setup_teardown(test_fence_skipped, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_fence_told_together, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_fence_one_by_one, setup_wr, teardown),
		cmocka_unit_test_setup_teardown(test_fence_enqueued_before, setup_wr, teardown),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
