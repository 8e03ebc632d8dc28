/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Operations with gather and scatter lists: several elements under one id. */

#include "dw_edma_env.h"

#define BYTES (SLOTS * 24)

static int
setup(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_unroll_ops, DW_EDMA_WR, 1, BYTES);
	return 0;
}

static int
setup_long(void **state)
{
	RTE_SET_USED(state);
	channel_init(&dw_edma_unroll_ops, DW_EDMA_WR, 1, 4080);
	return 0;
}

/** Segments of @p bytes each. */
static int
copy_even(uint16_t nb_src, uint32_t src_bytes, uint16_t nb_dst, uint32_t dst_bytes, uint64_t flags)
{
	struct rte_dma_sge src[DW_EDMA_MAX_SGES + 1], dst[DW_EDMA_MAX_SGES + 1];
	unsigned int i;

	for (i = 0; i < RTE_DIM(src); i++) {
		src[i] = (struct rte_dma_sge){ 0x100000 + 0x1000 * i, src_bytes };
		dst[i] = (struct rte_dma_sge){ 0x200000 + 0x1000 * i, dst_bytes };
	}
	return rte_dma_copy_sg(dev_id, 0, src, dst, nb_src, nb_dst, flags);
}

static void
finish(void)
{
	unsigned int n;

	for (n = 0; chan->done != chan->sub; n++) {
		assert_true(n < 500);
		run(1);
		dw_edma_poll(chan);
	}
	assert_int_equal(chan->sg, 0);
	assert_int_equal(chan->sg_left, 0);
	assert_int_equal(chan->sg_part, 0);
	assert_int_equal(chan->piece_head, chan->piece_tail);
}

/** Elements end where a segment of either list does. */
static void
test_pieces(void **state)
{
	static struct rte_dma_sge src[] = { { 0x1000, 10 }, { 0x2000, 20 }, { 0x3000, 5 } };
	static struct rte_dma_sge dst[] = { { 0x8000, 25 }, { 0x9000, 10 } };
	static const struct dw_edma_elem expected[] = {
		{ 1, 10, 0x1000, 0x8000 }, { 1, 15, 0x2000, 0x800a }, { 1, 5, 0x200f, 0x9000 },
		{ 1, 5, 0x3000, 0x9005 }, { 1, 64, 0x77, 0x88 },
	};
	struct rte_dma_info info;

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_info_get(dev_id, &info), 0);
	assert_true((info.dev_capa & RTE_DMA_CAPA_OPS_COPY_SG) != 0);
	assert_int_equal(info.max_sges, 64);
	assert_int_equal(rte_dma_copy_sg(dev_id, 0, src, dst, 3, 2, 0), 0);
	assert_int_equal(rte_dma_copy(dev_id, 0, 0x77, 0x88, 64, RTE_DMA_OP_FLAG_SUBMIT), 1);
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC - 2);
	assert_memory_equal(fake.list[DW_EDMA_WR][1], expected, sizeof(expected));
	assert_int_equal(chan->doorbells, 1);
	/* An operation is done when its last element is. */
	run(3);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
	run(1);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	finish();
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_int_equal(fake.executed, 5);
	assert_int_equal(chan->kicks, 0);
}

static void
test_refused(void **state)
{
	uint32_t head = chan->piece_head;

	RTE_SET_USED(state);
	assert_int_equal(copy_even(0, 1, 1, 1, 0), -EINVAL);
	assert_int_equal(copy_even(1, 1, 0, 1, 0), -EINVAL);
	assert_int_equal(copy_even(65, 1, 1, 65, 0), -EINVAL);
	assert_int_equal(copy_even(1, 65, 65, 1, 0), -EINVAL);
	assert_int_equal(copy_even(2, 2, 1, 3, 0), -EINVAL);
	assert_int_equal(copy_even(1, 3, 2, 2, 0), -EINVAL);
	assert_int_equal(chan->piece_head, head);
	assert_int_equal(chan->sg, 0);
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC);
}

/** Empty segments, wherever they are, take no element. */
static void
test_empty_segments(void **state)
{
	static struct rte_dma_sge src[] = {
		{ 0x1000, 0 }, { 0x1100, 6 }, { 0x1200, 0 }, { 0x1300, 4 }, { 0x1400, 0 },
	};
	static struct rte_dma_sge dst[] = { { 0x8000, 0 }, { 0x9000, 10 }, { 0xa000, 0 } };
	static const struct dw_edma_elem expected[] = {
		{ 1, 6, 0x1100, 0x9000 }, { 1, 4, 0x1300, 0x9006 },
	};

	RTE_SET_USED(state);
	assert_int_equal(rte_dma_copy_sg(dev_id, 0, src, dst, 5, 3, RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_memory_equal(fake.list[DW_EDMA_WR][1], expected, sizeof(expected));
	finish();
	assert_int_equal(fake.executed, 2);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_int_equal(chan->piece_head, chan->piece_tail);
}

/** Operations without a byte: done when it is their turn, with no element of their own. */
static void
test_nothing(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < 3; i++) {
		assert_true(copy_even(3, 0, 2, 0, RTE_DMA_OP_FLAG_SUBMIT) >= 0);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
		assert_true(copy_even(1, 0, 1, 0, 0) >= 0);
		enqueue(1, 0);
		assert_true(copy_even(1, 0, 1, 0, 0) >= 0);
		assert_true(copy_even(2, 8, 1, 16, 0) >= 0);
		assert_true(copy_even(64, 0, 64, 0, RTE_DMA_OP_FLAG_SUBMIT) >= 0);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
		run(1);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 2);
		run(1);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
		run(1);
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 2);
	}
	assert_int_equal(chan->sg, 0);
	assert_int_equal(chan->piece_head, chan->piece_tail);
}

/** The largest lists; no more than there is room for, in either ring. */
static void
test_room(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	/* 64 * 63 is a common multiple: 64 + 63 - 1 pieces. */
	assert_int_equal(copy_even(64, 63, 63, 64, 0), 0);
	assert_int_equal(chan->piece_head, 126);
	assert_int_equal(copy_even(64, 63, 63, 64, 0), 1);
	assert_int_equal(copy_even(5, 1, 5, 1, 0), -ENOSPC);
	assert_int_equal(copy_even(4, 1, 4, 1, 0), 2);
	assert_int_equal(copy_even(1, 1, 1, 1, 0), -ENOSPC);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	finish();
	assert_int_equal(fake.executed, 256);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 3);
	for (i = 0; i < DESC; i++)
		assert_int_equal(copy_even(1, 1, 1, 1, 0), 3 + i);
	assert_int_equal(copy_even(1, 1, 1, 1, 0), -ENOSPC);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	finish();
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), DESC);
}

/** Mixed with plain copies over many laps of all rings; nothing lost, nothing twice. */
static void
test_mixed(void **state)
{
	unsigned int i, ids = 0, elems = 0, n, k;
	uint16_t last = UINT16_MAX;

	RTE_SET_USED(state);
	for (i = 0; i < 3000; i++) {
		fake.log_cnt = 0;
		for (k = 0; k < i % 4; k++) {
			n = 1 + (i * 7 + k) % 9;
			if ((i + k) % 3 == 0) {
				enqueue(1, 0);
				n = 1;
			} else {
				assert_int_equal(copy_even(n, 3, n, 3, 0), (uint16_t)ids);
			}
			elems += n;
			ids++;
		}
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run(i % 5);
		rte_dma_completed(dev_id, 0, i % 3, &last, NULL);
		while (rte_dma_burst_capacity(dev_id, 0) < 4) {
			run(2);
			rte_dma_completed(dev_id, 0, DESC, &last, NULL);
		}
	}
	finish();
	while (rte_dma_completed(dev_id, 0, DESC, &last, NULL) != 0)
		;
	assert_int_equal(last, (uint16_t)(ids - 1));
	assert_int_equal(fake.executed, elems);
	assert_int_equal(chan->reported, ids);
}

/** Part of an operation has been moved, the rest does not fit: no doorbell is repeated for that. */
static void
test_part(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(copy_even(10, 1, 10, 1, RTE_DMA_OP_FLAG_SUBMIT), 0);
	for (i = 0; i < 10; i++) {
		assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 0);
		assert_int_equal(run(1), 1);
	}
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, NULL), 1);
	assert_int_equal(chan->kicks, 0);
	finish();
}

/** One of its elements fails: the operation has failed, as a whole, and the next one runs. */
static void
test_failed(void **state)
{
	enum rte_dma_status_code status[DESC];
	unsigned int before;

	RTE_SET_USED(state);
	for (before = 0; before < 8; before++) {
		fake.executed = 0;
		assert_true(copy_even(8, 1, 8, 1, 0) >= 0);
		assert_true(copy_even(3, 1, 3, 1, 0) >= 0);
		enqueue(1, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		while (fake.executed < before) {
			run(1);
			dw_edma_poll(chan);
		}
		fake_abort(DW_EDMA_WR, 1, 0x2, 0);
		dw_edma_poll(chan);
		finish();
		assert_int_equal(status_of(DESC, status), 3);
		assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
		assert_int_equal(status[1], RTE_DMA_STATUS_SUCCESSFUL);
		assert_int_equal(status[2], RTE_DMA_STATUS_SUCCESSFUL);
		assert_int_equal(fake.executed, before + 4);
	}
}

/** A fenced one behind a failure is not attempted, and its pieces are given back. */
static void
test_fenced(void **state)
{
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	enqueue(1, 0);
	assert_int_equal(copy_even(5, 1, 5, 1, RTE_DMA_OP_FLAG_FENCE), 1);
	assert_int_equal(copy_even(5, 1, 5, 1, RTE_DMA_OP_FLAG_SUBMIT), 2);
	fake_abort(DW_EDMA_WR, 1, 0x2, 0);
	dw_edma_poll(chan);
	finish();
	assert_int_equal(status_of(DESC, status), 3);
	assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
	assert_int_equal(status[1], RTE_DMA_STATUS_NOT_ATTEMPTED);
	assert_int_equal(status[2], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(fake.executed, 5);
}

/** The same for one without a byte, which would be done at once in any other place. */
static void
test_fenced_nothing(void **state)
{
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	enqueue(1, 0);
	assert_int_equal(copy_even(1, 0, 1, 0, RTE_DMA_OP_FLAG_FENCE), 1);
	assert_int_equal(copy_even(1, 0, 1, 0, 0), 2);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	fake_abort(DW_EDMA_WR, 1, 0x2, 0);
	dw_edma_poll(chan);
	finish();
	assert_int_equal(status_of(DESC, status), 4);
	assert_int_equal(status[0], RTE_DMA_STATUS_BUS_READ_ERROR);
	assert_int_equal(status[1], RTE_DMA_STATUS_NOT_ATTEMPTED);
	assert_int_equal(status[2], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(status[3], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(fake.executed, 1);
}

/** A pointer beyond what was handed over is none, though it is within the list. */
static void
test_bad_pointer(void **state)
{
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	assert_int_equal(copy_even(3, 1, 3, 1, RTE_DMA_OP_FLAG_SUBMIT), 0);
	*fake_llp(DW_EDMA_WR, 1) += 4 * 24;
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
	assert_int_equal(status_of(DESC, status), 1);
	assert_int_equal(status[0], RTE_DMA_STATUS_ERROR_UNKNOWN);
	assert_false(chan->dead);
	finish();
}

/** Killed and stopped with parts everywhere: a start begins anew. */
static void
test_gone(void **state)
{
	enum rte_dma_status_code status[DESC];

	RTE_SET_USED(state);
	assert_int_equal(copy_even(9, 1, 9, 1, 0), 0);
	assert_int_equal(copy_even(2, 1, 2, 1, RTE_DMA_OP_FLAG_SUBMIT), 1);
	assert_int_equal(copy_even(2, 1, 2, 1, 0), 2);
	run(2);
	dw_edma_poll(chan);
	fake.gone = true;
	assert_int_equal(status_of(DESC, status), 3);
	assert_int_equal(status[2], RTE_DMA_STATUS_DEV_LINK_ERROR);
	assert_int_equal(copy_even(2, 1, 2, 1, 0), -ENODEV);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	fake.gone = false;
	assert_int_equal(rte_dma_start(dev_id), 0);
	fake.executed = 0;
	assert_int_equal(copy_even(9, 1, 9, 1, RTE_DMA_OP_FLAG_SUBMIT), 0);
	finish();
	assert_int_equal(fake.executed, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pieces, setup_long, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mixed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_part, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fenced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fenced_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_pointer, setup_long, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_sg" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
