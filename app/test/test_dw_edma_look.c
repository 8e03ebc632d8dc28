/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Attachments where a look at a channel costs less than a doorbell: which doorbells are left out. */

#include "dw_edma_fake.h"

#include "dw_edma_env.h"

#define LIST (17 * 24)

static bool look_first;

static bool
fake_look_first(const struct dw_edma_io *io)
{
	RTE_SET_USED(io);
	return look_first;
}

static struct dw_edma_attach_ops look_ops;

static void
look_init(const struct dw_edma_map_ops *map)
{
	channel_init(map, DW_EDMA_WR, 1, LIST);
	look_ops = fake_ops;
	look_ops.look_first = fake_look_first;
	engine->ops = &look_ops;
	look_first = true;
	fake.mute = true;
}

/** Enqueues and submits; returns how many doorbells that took. */
static unsigned int
submit(unsigned int n)
{
	uint64_t before = chan->doorbells;

	enqueue(n, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	return (unsigned int)(chan->doorbells - before);
}

static unsigned int
completed(void)
{
	return rte_dma_completed(dev_id, 0, DESC, NULL, NULL);
}

/** A channel that runs finds more by itself, one that has come to its end does not. */
static void
test_running(void **state)
{
	RTE_SET_USED(state);
	look_init(&dw_edma_unroll_ops);
	assert_int_equal(submit(2), 1);
	assert_int_equal(submit(3), 0);
	run(4);
	assert_int_equal(submit(1), 0);
	run(100);
	assert_int_equal(completed(), 6);
	assert_int_equal(submit(1), 1);
	run(100);
	assert_int_equal(completed(), 1);
	assert_int_equal(chan->kicks, 0);
}

/** The one before is still on its way: it comes behind what has been listed meanwhile. */
static void
test_on_its_way(void **state)
{
	RTE_SET_USED(state);
	look_init(&dw_edma_unroll_ops);
	assert_int_equal(submit(1), 1);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	fake.unsettled = true;
	assert_int_equal(submit(1), 0);
	/* Not if it is something else that is on its way. */
	chan->io.seq++;
	assert_int_equal(submit(1), 1);
}

/** It was seen to run, and stopped without having seen what was added: the next poll rings. */
static void
test_stopped(void **state)
{
	RTE_SET_USED(state);
	look_init(&dw_edma_unroll_ops);
	assert_int_equal(submit(2), 1);
	run(100);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(submit(1), 0);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	assert_int_equal(completed(), 2);
	while (chan->kicks == 0)
		completed();
	run(100);
	assert_int_equal(completed(), 1);
}

/** Every doorbell is rung where a look costs more, and after an abort. */
static void
test_rung(void **state)
{
	RTE_SET_USED(state);
	look_init(&dw_edma_unroll_ops);
	look_first = false;
	assert_int_equal(submit(1), 1);
	assert_int_equal(submit(1), 1);
	look_first = true;
	assert_int_equal(submit(1), 0);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_ABORTED);
	assert_int_equal(submit(1), 1);
}

/** Bursts of all sizes over many laps, the engine now ahead and now behind. */
static void
test_stream(void **state)
{
	static const struct dw_edma_map_ops *const tried[] = {
		&dw_edma_unroll_ops, &dw_edma_hdma_compat_ops, &dw_edma_hdma_ops,
	};
	unsigned int m, i, n, got, bursts;
	uint64_t sent;

	for (m = 0; m < RTE_DIM(tried); m++) {
		look_init(tried[m]);
		for (i = got = bursts = 0, sent = 0; got < 20000; i++) {
			n = RTE_MIN(i % 6, rte_dma_burst_capacity(dev_id, 0));
			submit(n);
			sent += n;
			bursts += n != 0;
			run(i % 11 == 0 ? 100 : i % 5);
			got += completed();
			assert_true(got <= sent);
		}
		assert_int_equal(chan->recoveries, 0);
		assert_true(chan->doorbells > 100 && chan->doorbells < bursts);
		assert_int_equal(teardown(state), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_running, teardown),
		cmocka_unit_test_teardown(test_on_its_way, teardown),
		cmocka_unit_test_teardown(test_stopped, teardown),
		cmocka_unit_test_teardown(test_rung, teardown),
		cmocka_unit_test_teardown(test_stream, teardown),
	};

	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_look" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
