/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What happens between two steps of the driver, or long after one: moments that random sequences
 * hit rarely. Time passes when the test says so.
 */

#include <pthread.h>

#include "dw_edma_sim.h"

#include "dw_edma_env.h"

#define LIST 512

/** Long enough for the registers to be read if there is no progress. */
#define LOOK_NS (2 * DW_EDMA_LOOK_MS * SIM_HZ / MS_PER_S)

/** Something that happens when the driver writes a register, once. */
static void (*meanwhile)(void);
static uint32_t meanwhile_at;

static void
races_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	void (*now)(void) = meanwhile;

	if (now != NULL && offset == meanwhile_at) {
		meanwhile = NULL;
		now();
	}
	fake_write32(io, offset, value);
}

/** Two channels of a direction, the first one started; the engine moves when it is told. */
static struct dw_edma_chan *
races_init(enum dw_edma_dir dir, enum dw_edma_completion mode, bool direct)
{
	sim_init(1);
	fake_init(&dw_edma_unroll_ops, LIST);
	fake.turn = NULL;
	fake.mute = true;
	sim.away = true;
	sim_ops = fake_ops;
	sim_ops.write32 = races_write32;
	sim_ops.direct = direct ? sim_direct : NULL;
	engine_init(&dw_edma_unroll_ops, 0xf, 0xf);
	engine->ops = &sim_ops;
	engine->completion = mode;
	sim_io.engine = engine;
	fake.own_bits[dir] = 0x00060006;
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, 1), 0);
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, 2), 0);
	dev_id = rte_dma_get_dev_id_by_name(dir == DW_EDMA_WR ? "fake-wr1" : "fake-rd1");
	chan = engine->chan[dir][1];
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
	assert_int_equal(rte_dma_start(dev_id), 0);
	return engine->chan[dir][2];
}

static uint16_t
collect(void)
{
	bool error = false;
	uint16_t n = rte_dma_completed(dev_id, 0, DESC, NULL, &error);

	assert_false(error);
	return n;
}

/** The channel is stopped though there is work, as by a reset for another one's sake. */
static void
halt(void)
{
	assert_int_equal(fake_cs(chan->dir, chan->index), DW_EDMA_CS_RUNNING);
	fake_set_cs(chan->dir, chan->index, DW_EDMA_CS_STOPPED);
}

/** Lets the driver find that nothing has come for long. */
static uint16_t
collect_late(void)
{
	uint16_t n = collect();

	sim.now += LOOK_NS;
	return n + collect();
}

/* Doorbells ------------------------------------------------------------------------------------ */

/**
 * Doorbells that did not help at once, and did in the end: when the list comes to the same place
 * again, long after, one lost doorbell is no more than that.
 */
static void
test_kick_laps_later(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, false);
	fake.lose_doorbell = true;
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	for (i = 0; i < 2 * DW_EDMA_KICKS; i++)
		assert_int_equal(collect(), 0);
	fake.lose_doorbell = false;
	assert_int_equal(collect(), 0);
	for (i = 0; i < chan->ll_slots; i++) {
		assert_int_equal(run(1), 1);
		assert_int_equal(collect(), 1);
		sim.now += SIM_HZ;
		fake.lose_doorbell = i == chan->ll_slots - 1u;
		enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	}
	assert_int_equal(collect(), 0);
	fake.lose_doorbell = false;
	assert_int_equal(collect(), 0);
	assert_int_equal(run(1), 1);
	assert_int_equal(collect(), 1);
}

/* The list pointer ----------------------------------------------------------------------------- */

static unsigned int accesses;

/** Before one of the driver's accesses, the channel aborts in the element that it has fetched. */
static void
abort_at_access(void)
{
	if (accesses == 0 || --accesses != 0)
		return;
	*fake_llp(DW_EDMA_WR, 1) -= sizeof(struct dw_edma_elem);
	fake_abort(DW_EDMA_WR, 1, DW_EDMA_ERR_DATA(1), 0);
}

/** The pointer is where it was before the channel went back. */
static void
test_aborts_in_between(void **state)
{
	enum rte_dma_status_code status;
	unsigned int i, n;
	bool error;

	for (i = 1; i < 6; i++) {
		races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, true);
		sim_ops.read32 = sim_read32;
		sim_ops.peek32 = sim_peek32;
		engine->llp_completed = false;
		assert_int_equal(rte_dma_stop(dev_id), 0);
		assert_int_equal(rte_dma_start(dev_id), 0);
		enqueue(2, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run(2);
		fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
		accesses = i;
		sim.other = abort_at_access;
		for (n = 0; chan->done != 2; n++) {
			assert_true(n < 10);
			rte_dma_completed(dev_id, 0, DESC, NULL, &error);
		}
		sim.other = NULL;
		assert_int_equal(chan->rep, 1);
		assert_int_equal(status_of(1, &status), 1);
		assert_int_equal(status, RTE_DMA_STATUS_BUS_READ_ERROR);
		assert_int_equal(teardown(state), 0);
	}
}

/* Marks ---------------------------------------------------------------------------------------- */

/** A mark that is executed after a fence behind it has been settled tells nothing new. */
static void
test_mark_behind_fence(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	enqueue(2, 0);
	enqueue(2, RTE_DMA_OP_FLAG_FENCE);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	fake_abort(DW_EDMA_WR, 1, DW_EDMA_ERR_DATA(1), 0);
	assert_int_equal(status_of(DESC, status), 0);
	/* The second is done; the mark between it and the fence is not. */
	assert_int_equal(run(1), 1);
	halt();
	for (i = 0; i < 4; i++) {
		assert_int_equal(status_of(DESC, status), 0);
		sim.now += LOOK_NS;
	}
	assert_int_equal(run(100), 1);
	assert_int_equal(status_of(DESC, status), 4);
	assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
	assert_int_equal(status[1], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(status[2], RTE_DMA_STATUS_NOT_ATTEMPTED);
	assert_int_equal(status[3], RTE_DMA_STATUS_NOT_ATTEMPTED);
	run(100);
	assert_int_equal(status_of(DESC, status), 0);
	assert_int_equal(chan->done, 4);
}

/** What the registers showed to be done needs no mark any more. */
static void
test_no_mark_for_done(void **state)
{
	RTE_SET_USED(state);
	races_init(DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	fake.silent = true;
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(run(100), 2);
	assert_int_equal(collect_late(), 2);
	assert_int_equal(chan->looks, 1);
	assert_int_equal(chan->extras, 0);
	assert_int_equal(run(100), 0);
}

/**
 * Marks that were in the list when the way to hear of them was given up are still there when the
 * channel is fast again.
 */
static void
test_marks_left(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, true);
	fake.silent = true;
	/* More than the list has room for. */
	for (i = 0; i < 9; i++)
		enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_false(chan->ahead);
	for (i = 0; i < DW_EDMA_MAX_MISSES; i++) {
		fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
		assert_int_equal(run(2), 2);
		halt();
		assert_int_equal(collect_late(), 1);
	}
	assert_int_equal(chan->mode, DW_EDMA_COMPLETION_LLP);
	enqueue(1, 0);
	assert_true(chan->ahead);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run(100);
	assert_int_equal(collect(), 7);
	/* Nothing that comes is taken for one of those marks. */
	for (i = 0; i < 4u * chan->ll_slots; i++) {
		enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
		run(1);
		assert_int_equal(collect(), 1);
		run(100);
		assert_int_equal(collect(), 1);
	}
}

/* Interrupt writes ----------------------------------------------------------------------------- */

/** A second channel has been started, and has read a done bit of the first. */
static void
start_other_and_read(void)
{
	struct dw_edma_irq *irq = &engine->irq[chan->dir];

	irq->shared = 1;
	irq->events |= DW_EDMA_INT_DONE(1) | DW_EDMA_INT_DONE(2);
}

/** A report must not be taken a second time because a second channel saw the bit of the first. */
static void
test_shared_in_between(void **state)
{
	RTE_SET_USED(state);
	races_init(DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(run(1), 1);
	meanwhile = start_other_and_read;
	meanwhile_at = DW_EDMA_RD_INT_CLEAR;
	assert_int_equal(collect(), 1);
	assert_null(meanwhile);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(collect(), 0);
	assert_int_equal(engine->irq[DW_EDMA_RD].events, DW_EDMA_INT_DONE(2));
	assert_int_equal(run(1), 1);
	assert_int_equal(collect(), 1);
}

static void *
reset_list(void *arg)
{
	dw_edma_list_reset(arg);
	return NULL;
}

/** Somebody has read the bit of a report that is not waited for any more, and is about to tell. */
static void
test_forgotten_while_read(void **state)
{
	struct dw_edma_irq *irq;
	pthread_t thread;

	RTE_SET_USED(state);
	races_init(DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	irq = &engine->irq[DW_EDMA_RD];
	irq->shared = 1;
	rte_spinlock_lock(&irq->reader);
	assert_int_equal(pthread_create(&thread, NULL, reset_list, chan), 0);
	rte_delay_us_sleep(20000);
	irq->events = DW_EDMA_INT_DONE(1) | DW_EDMA_INT_DONE(2);
	rte_spinlock_unlock(&irq->reader);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(irq->events, DW_EDMA_INT_DONE(2));
}

/** The bit is cleared by the time that others may read again. */
static void
test_forgotten_for_sure(void **state)
{
	RTE_SET_USED(state);
	races_init(DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	sim_ops.read32 = sim_read32;
	sim_ops.write32 = sim_write32;
	sim.late = SIM_QUEUED;
	engine->irq[DW_EDMA_RD].shared = 1;
	*fake_reg(DW_EDMA_RD_INT_STATUS) = DW_EDMA_INT_DONE(1) | DW_EDMA_INT_DONE(2);
	dw_edma_list_reset(chan);
	assert_int_equal(*fake_reg(DW_EDMA_RD_INT_STATUS), DW_EDMA_INT_DONE(2));
}

/** With channels that share words, the one that reads the bits has cleared them: nobody else does. */
static void
test_cleared_once(void **state)
{
	RTE_SET_USED(state);
	races_init(DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	engine->irq[DW_EDMA_RD].shared = 1;
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(run(1), 1);
	fake.mute = false;
	fake.log_cnt = 0;
	assert_int_equal(collect(), 1);
	assert_true(fake_find(0, DW_EDMA_RD_INT_CLEAR) < fake.log_cnt);
	assert_int_equal(fake_find(fake_find(0, DW_EDMA_RD_INT_CLEAR) + 1, DW_EDMA_RD_INT_CLEAR),
			 fake.log_cnt);
}

/* Channels that cannot be stopped --------------------------------------------------------------- */

/** One that was given up while it ran may still be copying: no stop pretends that it is not. */
static void
test_given_up_runs(void **state)
{
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, false);
	enqueue(2, RTE_DMA_OP_FLAG_SUBMIT);
	*fake_llp(DW_EDMA_WR, 1) = 0;
	fake.stuck = true;
	assert_int_equal(status_of(DESC, status), 2);
	assert_true(chan->dead);
	assert_int_equal(rte_dma_stop(dev_id), -ETIMEDOUT);
	assert_int_equal(rte_dma_stop(dev_id), -ETIMEDOUT);
	fake.stuck = false;
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(fake_cs(DW_EDMA_WR, 1), DW_EDMA_CS_STOPPED);
	assert_int_equal(rte_dma_start(dev_id), 0);
}

/** A removal cannot wait for them; nothing is left of their devices, and the others are stopped. */
static void
test_remove_running(void **state)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vconf = { .direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = DESC };
	int16_t other_id;

	RTE_SET_USED(state);
	races_init(DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, false);
	other_id = rte_dma_get_dev_id_by_name("fake-wr2");
	assert_int_equal(rte_dma_configure(other_id, &conf), 0);
	assert_int_equal(rte_dma_vchan_setup(other_id, 0, &vconf), 0);
	assert_int_equal(rte_dma_start(other_id), 0);
	fake.stuck = true;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	fake_set_cs(DW_EDMA_WR, 2, DW_EDMA_CS_RUNNING);
	engine_free(engine);
	engine = NULL;
	assert_true(rte_dma_get_dev_id_by_name("fake-wr1") < 0);
	assert_true(rte_dma_get_dev_id_by_name("fake-wr2") < 0);
	assert_int_equal(fake.stops, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_kick_laps_later, teardown),
		cmocka_unit_test(test_aborts_in_between),
		cmocka_unit_test_teardown(test_mark_behind_fence, teardown),
		cmocka_unit_test_teardown(test_no_mark_for_done, teardown),
		cmocka_unit_test_teardown(test_marks_left, teardown),
		cmocka_unit_test_teardown(test_shared_in_between, teardown),
		cmocka_unit_test_teardown(test_forgotten_while_read, teardown),
		cmocka_unit_test_teardown(test_forgotten_for_sure, teardown),
		cmocka_unit_test_teardown(test_cleared_once, teardown),
		cmocka_unit_test_teardown(test_given_up_runs, teardown),
		cmocka_unit_test_teardown(test_remove_running, teardown),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_races" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
