/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Registers that the data path loads from and stores to itself, and how it gets on and off that. */

#include "dw_edma_fake.h"

#include "dw_edma_env.h"

#define LIST (17 * 24)
/** What nobody rings. */
#define QUIET 0xffffffffu

static volatile void *
fake_direct(const struct dw_edma_engine *e, uint32_t offset)
{
	RTE_SET_USED(e);
	return fake_reg(offset);
}

static struct dw_edma_attach_ops direct_ops;

static volatile uint32_t *
doorbell_of(const struct dw_edma_chan *ch)
{
	return fake_reg(ch->regs.doorbell);
}

static void
direct_init(const struct dw_edma_map_ops *map, enum dw_edma_dir dir)
{
	channel_init(map, dir, 1, LIST);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	direct_ops = fake_ops;
	direct_ops.direct = fake_direct;
	engine->ops = &direct_ops;
	engine->llp_completed = false;
	assert_int_equal(rte_dma_start(dev_id), 0);
	*doorbell_of(chan) = QUIET;
	fake.mute = true;
}

/** Lets the engine take notice of a doorbell that was stored, and execute up to @p max elements. */
static unsigned int
run_direct(unsigned int max)
{
	if (*doorbell_of(chan) != QUIET) {
		assert_int_equal(*doorbell_of(chan), chan->regs.doorbell_value);
		*doorbell_of(chan) = QUIET;
		if (fake_native())
			fake_native_write(chan->dir, 1, DW_HDMA_DOORBELL, DW_HDMA_DOORBELL_START);
		else
			fake_doorbell(chan->dir, 1);
	}
	return run(max);
}

static const struct {
	const struct dw_edma_map_ops *map;
	enum dw_edma_dir dir;
} rows[] = {
	{ &dw_edma_unroll_ops, DW_EDMA_WR },
	{ &dw_edma_unroll_ops, DW_EDMA_RD },
	{ &dw_edma_hdma_compat_ops, DW_EDMA_WR },
	{ &dw_edma_hdma_ops, DW_EDMA_RD },
};

/** Bursts of all sizes over many laps, the engine now ahead and now behind. */
static void
one_stream(unsigned int row)
{
	unsigned int i, n, sent = 0, got = 0;
	uint16_t last;

	direct_init(rows[row].map, rows[row].dir);
	for (i = 0; got < 20000; i++) {
		for (n = i % 6; n != 0 && rte_dma_burst_capacity(dev_id, 0) != 0; n--, sent++)
			assert_int_equal(rte_dma_copy(dev_id, 0, sent, sent, 64, 0),
					 (uint16_t)sent);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run_direct(i % 11 == 0 ? 100 : i % 5);
		got += rte_dma_completed(dev_id, 0, 1 + i % DESC, &last, NULL);
		assert_int_equal(last, (uint16_t)(got - 1));
		assert_true(got <= fake.executed);
		assert_true(chan->pos == NULL || chan->ahead);
	}
	assert_int_equal(chan->recoveries, 0);
	assert_true(chan->doorbells > 1000);
}

static void
test_streams(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		one_stream(i);
		assert_int_equal(teardown(state), 0);
	}
}

/** In step with the engine, no function of the attachment is called. */
static void
test_no_calls(void **state)
{
	unsigned int i, reads;

	RTE_SET_USED(state);
	direct_init(&dw_edma_unroll_ops, DW_EDMA_WR);
	reads = fake.reads;
	for (i = 0; i < 3; i++) {
		enqueue(5, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		assert_non_null(chan->db);
		assert_int_equal(run_direct(100), 5);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 5);
	}
	assert_int_equal(fake.reads, reads);
	/* Nothing to submit: the doorbell is left alone. */
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(*doorbell_of(chan), QUIET);
}

/** The channel runs: what it fetched last may not be done. */
static void
test_held_back(void **state)
{
	RTE_SET_USED(state);
	direct_init(&dw_edma_unroll_ops, DW_EDMA_WR);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run_direct(100);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
}

/** All-ones in either register: gone, and nothing is taken for done. */
static void
test_gone(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		direct_init(&dw_edma_unroll_ops, DW_EDMA_WR);
		enqueue(2, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run_direct(100);
		*fake_reg(chan->regs.state) = UINT32_MAX;
		if (i == 1)
			*fake_reg(chan->regs.position) = UINT32_MAX;
		assert_int_equal(status_of(DESC, status), 2);
		assert_int_equal(status[0], RTE_DMA_STATUS_DEV_LINK_ERROR);
		assert_int_equal(status[1], RTE_DMA_STATUS_DEV_LINK_ERROR);
		assert_int_equal(rte_dma_copy(dev_id, 0, 1, 2, 3, 0), -ENODEV);
		assert_int_equal(rte_dma_submit(dev_id, 0), -ENODEV);
		assert_null(chan->db);
		assert_int_equal(teardown(state), 0);
	}
}

/** Off by an operation with lists, by a failure, by a full list; and on again. */
static void
test_on_and_off(void **state)
{
	static struct rte_dma_sge sge[2] = { { 0x1000, 8 }, { 0x2000, 8 } };
	enum rte_dma_status_code status[DESC];
	unsigned int i;

	RTE_SET_USED(state);
	direct_init(&dw_edma_unroll_ops, DW_EDMA_WR);
	for (i = 0; i < 10; i++) {
		enqueue(2, 0);
		assert_non_null(chan->db);
		assert_true(rte_dma_copy_sg(dev_id, 0, sge, sge, 2, 2, 0) >= 0);
		assert_null(chan->db);
		enqueue(1, 0);
		assert_null(chan->db);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		assert_int_equal(run_direct(100), 5);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 4);

		enqueue(3, 0);
		assert_non_null(chan->db);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run_direct(1);
		fake_abort(DW_EDMA_WR, 1, DW_EDMA_ERR_DATA(1), 0);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, &(bool){ false }), 1);
		assert_null(chan->db);
		while (chan->done != chan->sub) {
			dw_edma_poll(chan);
			run(100);
		}
		assert_int_equal(status_of(DESC, status), 2);
		assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
		assert_int_equal(status[1], RTE_DMA_STATUS_SUCCESSFUL);
	}
}

/** What was written ahead and not submitted is not lost by what happens before it. */
static void
test_ahead_and_abort(void **state)
{
	enum rte_dma_status_code status[DESC];
	const struct dw_edma_elem *list = (const void *)fake.list[DW_EDMA_WR][1];

	RTE_SET_USED(state);
	direct_init(&dw_edma_unroll_ops, DW_EDMA_WR);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	enqueue(3, 0);
	run_direct(1);
	fake_abort(DW_EDMA_WR, 1, DW_EDMA_ERR_DATA(1), 0);
	while (status_of(DESC, status) == 0)
		;
	dw_edma_poll(chan);
	/* The list has been written anew; what is not submitted is not in it. */
	assert_int_equal(run(100), 0);
	assert_int_equal(list[0].control, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(run(100), 3);
	assert_int_equal(list[2].sar, copied);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test_teardown(test_no_calls, teardown),
		cmocka_unit_test_teardown(test_held_back, teardown),
		cmocka_unit_test(test_gone),
		cmocka_unit_test_teardown(test_on_and_off, teardown),
		cmocka_unit_test_teardown(test_ahead_and_abort, teardown),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_direct" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
