/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arguments of the DMA driver's devices, and what they must suit. */

#include "dw_edma_fake.h"

#include "dw_edma_env.h"

static void
test_bad_arguments(void **state)
{
	static const char * const bad[] = {
		"", "wr=1", "loopback", "loopback=", "loopback=0", "loopback=1,loopback=1",
		"loopback=1,softep=/x", "loopback=1,side=rc", "loopback=1,wr=", "loopback=1,wr=x",
		"loopback=1,wr=0x10000000000000000", "loopback=1,wr=-1", "loopback=1,wr= 1",
		"loopback=1,rd=1x",
		"loopback=1,completion=poll", "loopback=1,llp=1", "loopback=1,partial=2",
		"loopback=1,fn=32", "loopback=1,map=native", "loopback=1,map=",
		"loopback=1,bogus=1", "softep=",
		"softep=/x,side=both", "softep=/x,map=unroll", "softep=/x,side=rc,side=rc",
		"softep=/x,side=rc,fn=99999999999999999999",
	};
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(bad); i++) {
		assert_int_equal(dw_edma_args_parse("test", bad[i], NULL, &args, &kvlist), -EINVAL);
		rte_kvargs_free(kvlist);
	}
}

static void
test_good_arguments(void **state)
{
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;

	RTE_SET_USED(state);
	assert_int_equal(dw_edma_args_parse("test", "softep=/x/y,side=ep,wr=0x3,rd=0,fn=31",
					    NULL, &args, &kvlist), 0);
	assert_string_equal(args.dir, "/x/y");
	assert_int_equal(args.side, DW_EDMA_SIDE_EP);
	assert_int_equal(args.mask[DW_EDMA_WR], 3);
	assert_int_equal(args.mask[DW_EDMA_RD], 0);
	assert_int_equal(args.fn, 31);
	rte_kvargs_free(kvlist);
	assert_int_equal(dw_edma_args_parse("test", "map=unroll,loopback=1", NULL, &args,
					    &kvlist), 0);
	assert_false(args.mask_given[DW_EDMA_WR]);
	assert_int_equal(args.fn, -1);
	rte_kvargs_free(kvlist);
}

static void
test_masks(void **state)
{
	struct dw_edma_args args = { 0 };

	RTE_SET_USED(state);
	engine_init(&dw_edma_unroll_ops, 0, 0);
	engine->cnt[DW_EDMA_WR] = 2;
	engine->cnt[DW_EDMA_RD] = 8;
	assert_int_equal(apply_masks(engine, &args), 0);
	assert_int_equal(engine->mask[DW_EDMA_WR], 0x3);
	assert_int_equal(engine->mask[DW_EDMA_RD], 0xff);
	args.mask_given[DW_EDMA_WR] = true;
	args.mask[DW_EDMA_WR] = 4;
	assert_int_equal(apply_masks(engine, &args), -EINVAL);
	args.mask[DW_EDMA_WR] = 0;
	assert_int_equal(apply_masks(engine, &args), 0);
	args.mask_given[DW_EDMA_RD] = true;
	args.mask[DW_EDMA_RD] = 0;
	assert_int_equal(apply_masks(engine, &args), -EINVAL);
	/* A part of a direction: not without a word about it, and not where channels are alone. */
	args.mask[DW_EDMA_RD] = 0x7f;
	assert_int_equal(apply_masks(engine, &args), -EINVAL);
	args.partial = true;
	assert_int_equal(apply_masks(engine, &args), 0);
	args.partial = false;
	engine->map = &dw_edma_hdma_ops;
	assert_int_equal(apply_masks(engine, &args), 0);
	assert_int_equal(engine->mask[DW_EDMA_RD], 0x7f);
	engine->cnt[DW_EDMA_RD] = 64;
	args.mask_given[DW_EDMA_RD] = false;
	assert_int_equal(apply_masks(engine, &args), 0);
	assert_true(engine->mask[DW_EDMA_RD] == UINT64_MAX);
}

static void
test_bad_lists(void **state)
{
	static const struct dw_edma_list bad[] = {
		{ .local = 4, .bytes = 4096 },
		{ .local = 0, .bytes = 48 },
		{ .local = 0xfffff008, .bytes = 4096 },
		{ .local = UINT64_MAX - 7, .bytes = 4096 },
		{ .va = (struct dw_edma_elem *)4, .local = 0, .bytes = 4096 },
	};
	const struct dw_edma_list good = { .local = 0xfffff000, .bytes = 4096 };
	struct dw_edma_chan ch = { .name = "test" };
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(check_list(&ch, &bad[i]), -EINVAL);
	assert_int_equal(check_list(&ch, &good), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_arguments),
		cmocka_unit_test(test_good_arguments),
		cmocka_unit_test_teardown(test_masks, teardown),
		cmocka_unit_test(test_bad_lists),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_args" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
