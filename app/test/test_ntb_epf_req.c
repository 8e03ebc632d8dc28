/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Virtual memcpy device and the executor of its requests: see ntb_epf_req_env.h. */

#include "ntb_epf_req_env.h"

#include <rte_memzone.h>

/* The channel that executes requests of a direction: the last one. */
static struct fake_dma *
engine(uint16_t vchan)
{
	if (one_channel)
		return vchan == TO_PEER ? pull_dma[other(asker)] : push_dma[other(asker)];
	return vchan == TO_PEER ? more_pull[other(asker)] : more_push[other(asker)];
}

/* A copy at the same offset of both areas. */
static int
copy_at(uint16_t vchan, uint32_t offset, uint32_t len, uint64_t flags)
{
	uint64_t own = (uintptr_t)mem(asker) + offset;
	uint64_t peer = (uintptr_t)mem(other(asker)) + offset;

	return vchan == TO_PEER ? rte_dma_copy(vdma, vchan, own, peer, len, flags) :
				  rte_dma_copy(vdma, vchan, peer, own, len, flags);
}

static void
test_device(void **state)
{
	struct rte_dma_info info;

	(void)state;
	probe_pair(NTB_EPF_SIDE_RC, "");
	assert_int_equal(rte_dma_info_get(vdma, &info), 0);
	assert_int_equal(info.dev_capa, RTE_DMA_CAPA_MEM_TO_DEV | RTE_DMA_CAPA_DEV_TO_MEM |
			 RTE_DMA_CAPA_OPS_COPY | RTE_DMA_CAPA_OPS_COPY_SG |
			 RTE_DMA_CAPA_HANDLES_ERRORS);
	assert_int_equal(info.max_vchans, 2);
	assert_int_equal(info.max_desc, 256);
	assert_int_equal(info.min_desc, 2);
	/* The side with the engine has none. */
	assert_true(rte_dma_get_dev_id_by_name("raw_ntb_epf_ep-dma") < 0);
	assert_true(ntb_epf_is_vdma("raw_ntb_epf_rc-dma"));
	assert_false(ntb_epf_is_vdma("raw_ntb_epf_rc"));
	assert_false(ntb_epf_is_vdma("-dma"));
	assert_false(ntb_epf_is_vdma("another-dma"));
	remove_side(NTB_EPF_SIDE_RC);
	assert_true(rte_dma_get_dev_id_by_name("raw_ntb_epf_rc-dma") < 0);
}

/* With mover=auto a side learns at its start that it has no engine. */
static void
test_auto(void **state)
{
	(void)state;
	probe(NTB_EPF_SIDE_RC, "");
	probe(NTB_EPF_SIDE_EP, ",dma=ep,dma=more-ep");
	assert_true(rte_dma_get_dev_id_by_name("raw_ntb_epf_rc-dma") < 0);
	asker = NTB_EPF_SIDE_RC;
	assert_int_equal(export_area(1), 0);
	start_pair();
	vdma = rte_dma_get_dev_id_by_name("raw_ntb_epf_rc-dma");
	assert_true(vdma >= 0);
	assert_true(rte_dma_get_dev_id_by_name("raw_ntb_epf_ep-dma") < 0);
	assert_int_equal(configure_vdma(16), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 100, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(2);
	expect_completed(TO_PEER, 1, 0);
}

static void
copy_both_ways(uint8_t side)
{
	uint16_t vchan;

	ask_from(side, 256);
	for (vchan = TO_PEER; vchan <= FROM_PEER; vchan++) {
		uint8_t from = vchan == TO_PEER ? side : other(side);
		uint32_t i;

		fill(from, 3);
		/* Ids go on over 16 bits, entries over laps of the ring. */
		for (i = 0; i < 70000; i += 100) {
			uint32_t k;

			for (k = 0; k < 100; k++)
				assert_int_equal(copy_at(vchan, k * 97, 97, 0), (uint16_t)(i + k));
			assert_int_equal(rte_dma_burst_capacity(vdma, vchan), 156);
			expect_completed(vchan, 0, (uint16_t)(i - 1));
			assert_int_equal(rte_dma_submit(vdma, vchan), 0);
			poll_executor(5);
			expect_completed(vchan, 100, (uint16_t)(i + 99));
			assert_int_equal(rte_dma_burst_capacity(vdma, vchan), 256);
			if (i == 0)
				assert_memory_equal(mem(0), mem(1), 9700);
		}
		memset(area, 0, sizeof(area));
	}
	assert_int_equal(attr(other(side), "Req-copies"), 140000);
	assert_int_equal(attr(other(side), "Req-refused"), 0);
	assert_int_equal(attr(other(side), "Req-errors"), 0);
}

static void
test_copies_of_host(void **state)
{
	(void)state;
	copy_both_ways(NTB_EPF_SIDE_RC);
}

static void
test_copies_of_endpoint(void **state)
{
	(void)state;
	copy_both_ways(NTB_EPF_SIDE_EP);
}

/* What is not submitted does not cross; what is not reported takes room. */
static void
test_submit_and_capacity(void **state)
{
	uint16_t i;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 3);
	fill(0, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(copy_at(TO_PEER, 0, 8, 0), i);
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), -ENOSPC);
	poll_executor(3);
	expect_completed(TO_PEER, 0, UINT16_MAX);
	assert_int_equal(mem(1)[0], 0);
	assert_int_equal(rte_dma_submit(vdma, TO_PEER), 0);
	poll_executor(1);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), -ENOSPC);
	/* The other direction has room of its own. */
	assert_int_equal(rte_dma_burst_capacity(vdma, FROM_PEER), 3);
	poll_executor(1);
	expect_completed(TO_PEER, 3, 2);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 3);
}

static void
test_arguments(void **state)
{
	const struct rte_dma_conf none = { .nb_vchans = 0 }, three = { .nb_vchans = 3 };
	const struct rte_dma_conf two = { .nb_vchans = 2 };
	uint64_t top = RTE_BIT64(57);

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	assert_int_equal(copy_at(TO_PEER, 0, 0, 0), -EINVAL);
	assert_int_equal(rte_dma_copy(vdma, TO_PEER, top, 0, 1, 0), -EINVAL);
	assert_int_equal(rte_dma_copy(vdma, TO_PEER, 0, top - 1, 2, 0), -EINVAL);
	assert_int_equal(rte_dma_copy(vdma, TO_PEER, UINT64_MAX, 0, 1, 0), -EINVAL);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 16);

	assert_int_equal(rte_dma_stop(vdma), 0);
	assert_int_equal(rte_dma_configure(vdma, &none), -EINVAL);
	assert_int_equal(rte_dma_configure(vdma, &three), -EINVAL);
	assert_int_equal(rte_dma_configure(vdma, &two), 0);
	assert_int_equal(vchan_setup(0, RTE_DMA_DIR_MEM_TO_DEV, 1), -EINVAL);
	assert_int_equal(vchan_setup(0, RTE_DMA_DIR_MEM_TO_DEV, 257), -EINVAL);
	assert_int_equal(vchan_setup(0, RTE_DMA_DIR_MEM_TO_MEM, 16), -EINVAL);
	assert_int_equal(vchan_setup(0, RTE_DMA_DIR_DEV_TO_MEM, 16), 0);
	assert_int_equal(rte_dma_start(vdma), -EINVAL);
	assert_int_equal(vchan_setup(1, RTE_DMA_DIR_DEV_TO_MEM, 16), -EBUSY);
	assert_int_equal(vchan_setup(1, RTE_DMA_DIR_MEM_TO_DEV, 256), 0);
	assert_int_equal(rte_dma_start(vdma), 0);
}

/* Ids begin anew, statistics too; what was not submitted is forgotten. */
static void
test_stop_and_start(void **state)
{
	enum rte_dma_vchan_status status;
	struct rte_dma_stats stats;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_int_equal(rte_dma_vchan_status(vdma, TO_PEER, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_ACTIVE);
	assert_int_equal(rte_dma_vchan_status(vdma, FROM_PEER, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_IDLE);
	poll_executor(2);
	expect_completed(TO_PEER, 1, 0);
	assert_int_equal(rte_dma_stats_get(vdma, TO_PEER, &stats), 0);
	assert_int_equal(stats.submitted, 1);
	assert_int_equal(stats.completed, 1);
	assert_int_equal(stats.errors, 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), 1);
	assert_int_equal(rte_dma_stop(vdma), 0);
	assert_int_equal(rte_dma_start(vdma), 0);
	assert_int_equal(rte_dma_stats_get(vdma, TO_PEER, &stats), 0);
	assert_int_equal(stats.submitted, 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(2);
	expect_completed(TO_PEER, 1, 0);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_int_equal(rte_dma_stats_get(vdma, RTE_DMA_ALL_VCHAN, &stats), 0);
	assert_int_equal(stats.submitted, 2);
	assert_int_equal(stats.completed, 1);
	poll_executor(2);
	expect_completed(FROM_PEER, 1, 0);
	assert_int_equal(rte_dma_stats_reset(vdma, TO_PEER), 0);
	assert_int_equal(rte_dma_stats_get(vdma, TO_PEER, &stats), 0);
	assert_int_equal(stats.completed, 0);
	assert_int_equal(rte_dma_stats_get(vdma, FROM_PEER, &stats), 0);
	assert_int_equal(stats.completed, 1);
	assert_int_equal(rte_dma_stats_reset(vdma, RTE_DMA_ALL_VCHAN), 0);
	assert_int_equal(rte_dma_stats_get(vdma, RTE_DMA_ALL_VCHAN, &stats), 0);
	assert_int_equal(stats.submitted, 0);
}

/* A copy that the peer may still make keeps the device from being stopped. */
static void
test_stop_while_busy(void **state)
{
	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	engine(FROM_PEER)->held = true;
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(2);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, 0), 1);
	assert_int_equal(rte_dma_stop(vdma), -EBUSY);
	/* It goes on as if nobody had asked. */
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 2);
	poll_executor(2);
	fake_dma_run(engine(FROM_PEER), 3);
	poll_executor(2);
	expect_completed(FROM_PEER, 3, 2);
	assert_int_equal(rte_dma_stop(vdma), 0);
}

/* A fenced copy comes to the engine as one; each piece of it. */
static void
test_fence(void **state)
{
	struct fake_dma *d;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	d = engine(TO_PEER);
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), 0);
	assert_int_equal(copy_at(TO_PEER, 0, NTB_EPF_EXEC_PIECE_BYTES + 1, RTE_DMA_OP_FLAG_FENCE), 1);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 2);
	poll_executor(2);
	expect_completed(TO_PEER, 3, 2);
	assert_int_equal(d->tail, 4);
	assert_false(d->ops[0].fence);
	assert_true(d->ops[1].fence);
	assert_true(d->ops[2].fence);
	assert_int_equal(d->ops[2].len, 1);
	assert_false(d->ops[3].fence);
}

/* Only what lies in the region as a whole. */
static void
test_not_exported(void **state)
{
	static const struct {
		int64_t offset;
		uint32_t len;
		bool good;
	} cases[] = {
		{ 0, 1, true }, { 0, AREA_BYTES, true }, { AREA_BYTES - 1, 1, true },
		{ -1, 1, false }, { -1, 2, false }, { AREA_BYTES, 1, false },
		{ AREA_BYTES - 1, 2, false }, { 1, AREA_BYTES, false }, { 0, UINT32_MAX, false },
		{ 1 << 30, 16, false }, { -(1 << 30), UINT32_MAX, false },
	};
	unsigned int i, refused = 0;
	uint16_t vchan;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	for (i = 0; i < 2 * RTE_DIM(cases); i++) {
		uint64_t local = (uintptr_t)mem(1) + cases[i / 2].offset;
		uint64_t own = (uintptr_t)mem(0);
		int ret;

		vchan = i % 2;
		ret = vchan == TO_PEER ?
			rte_dma_copy(vdma, vchan, own, local, cases[i / 2].len, RTE_DMA_OP_FLAG_SUBMIT) :
			rte_dma_copy(vdma, vchan, local, own, cases[i / 2].len, RTE_DMA_OP_FLAG_SUBMIT);
		assert_int_equal(ret, i / 2);
		poll_executor(8);
		if (cases[i / 2].good)
			expect_completed(vchan, 1, i / 2);
		else
			expect_failed(vchan, i / 2, RTE_DMA_STATUS_INVALID_ADDR);
		refused += !cases[i / 2].good;
		assert_int_equal(attr(1, "Req-refused"), refused);
	}
}

/* Nothing is exported unless somebody says so; where nothing is, nothing is executed. */
static void
test_no_exports(void **state)
{
	(void)state;
	probe_pair(NTB_EPF_SIDE_RC, "");
	start_pair();
	assert_int_equal(configure_vdma(16), 0);
	assert_int_equal(attr(1, "export_count"), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), -ENOLINK);
	/* Told with the next link; what is taken back then is refused. */
	assert_int_equal(export_area(1), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), -ENOLINK);
	dev_of(1)->stopping = true;
	poll_links(10);
	rte_rawdev_stop(raw[1]->dev_id);
	assert_int_equal(rte_rawdev_start(raw[1]->dev_id), 0);
	poll_links(30);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(2);
	expect_completed(TO_PEER, 1, 0);
	assert_int_equal(set_attr(1, "export_len", 0), 0);
	assert_int_equal(attr(1, "export_count"), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 1);
	poll_executor(2);
	expect_failed(TO_PEER, 1, RTE_DMA_STATUS_INVALID_ADDR);
	assert_int_equal(attr(1, "Req-refused"), 1);
}

static void
test_export_attributes(void **state)
{
	uint64_t i;

	(void)state;
	probe_pair(NTB_EPF_SIDE_RC, "");
	assert_int_equal(set_attr(1, "export_count", 1), -EPERM);
	assert_int_equal(set_attr(1, "export_addr", RTE_BIT64(57) - 10), 0);
	assert_int_equal(set_attr(1, "export_len", 11), -EINVAL);
	assert_int_equal(set_attr(1, "export_len", UINT64_MAX), -EINVAL);
	assert_int_equal(set_attr(1, "export_addr", UINT64_MAX), 0);
	assert_int_equal(set_attr(1, "export_len", 2), -EINVAL);
	assert_int_equal(attr(1, "export_count"), 0);
	for (i = 0; i < NTB_EPF_MAX_EXPORTS; i++) {
		assert_int_equal(set_attr(1, "export_addr", i << 20), 0);
		assert_int_equal(set_attr(1, "export_len", i + 1), 0);
	}
	assert_int_equal(attr(1, "export_count"), NTB_EPF_MAX_EXPORTS);
	assert_int_equal(set_attr(1, "export_len", NTB_EPF_MAX_EXPORTS), 0);
	assert_int_equal(set_attr(1, "export_len", 5), -EEXIST);
	assert_int_equal(set_attr(1, "export_addr", 1), 0);
	assert_int_equal(attr(1, "export_len"), 0);
	assert_int_equal(set_attr(1, "export_len", 1), -ENOSPC);
	assert_int_equal(set_attr(1, "export_addr", 3 << 20), 0);
	assert_int_equal(attr(1, "export_len"), 4);
	assert_int_equal(set_attr(1, "export_len", 0), 0);
	assert_int_equal(attr(1, "export_len"), 0);
	assert_int_equal(attr(1, "export_count"), NTB_EPF_MAX_EXPORTS - 1);
	assert_int_equal(rte_rawdev_reset(raw[1]->dev_id), 0);
	assert_int_equal(attr(1, "export_count"), 0);
}

static void
test_export_argument(void **state)
{
	const struct rte_memzone *mz = rte_memzone_reserve("shown", 8192, 0, 0);
	uint64_t to = 0;

	(void)state;
	assert_non_null(mz);
	assert_int_equal(rte_vdev_init("raw_ntb_epf_ep", "fake=1,side=ep,export="), -EINVAL);
	probe_pair(NTB_EPF_SIDE_RC, ",export=shown,export=missing");
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), -ENOENT);
	remove_side(0);
	remove_side(1);
	probe_pair(NTB_EPF_SIDE_RC, ",export=shown");
	start_pair();
	assert_int_equal(configure_vdma(16), 0);
	assert_int_equal(attr(1, "export_count"), 1);
	more_pull[1]->watch = NULL;
	to = mz->iova + 8184;
	fill(0, 9);
	assert_int_equal(rte_dma_copy(vdma, TO_PEER, (uintptr_t)mem(0), to, 8,
				      RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_int_equal(rte_dma_copy(vdma, TO_PEER, (uintptr_t)mem(0), to, 9,
				      RTE_DMA_OP_FLAG_SUBMIT), 1);
	poll_executor(2);
	assert_int_equal(rte_dma_completed(vdma, TO_PEER, 1, &(uint16_t){ 0 }, &(bool){ false }), 1);
	expect_failed(TO_PEER, 1, RTE_DMA_STATUS_INVALID_ADDR);
	assert_memory_equal((void *)(uintptr_t)to, mem(0), 8);
	rte_memzone_free(mz);
}

/* A region is taken back when no copy uses it any more; nothing of a request is begun after that. */
static void
test_take_back(void **state)
{
	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	engine(TO_PEER)->held = true;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(1);
	assert_int_equal(set_attr(1, "export_len", 0), -EBUSY);
	assert_int_equal(attr(1, "export_count"), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 1);
	poll_executor(1);
	fake_dma_run(engine(TO_PEER), 2);
	assert_int_equal(set_attr(1, "export_len", 0), 0);
	poll_executor(2);
	assert_int_equal(rte_dma_completed(vdma, TO_PEER, 4, &(uint16_t){ 0 }, &(bool){ false }), 1);
	expect_failed(TO_PEER, 1, RTE_DMA_STATUS_INVALID_ADDR);
}

/* Copies that begin later, into other regions, are not waited for. */
static void
test_take_back_under_load(void **state)
{
	struct fake_dma *d;
	uint32_t begun[2];

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	d = engine(TO_PEER);
	d->held = true;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(1);
	ntb_epf_exec_mark(dev_of(1), begun);
	assert_int_equal(copy_at(TO_PEER, 64, 8, RTE_DMA_OP_FLAG_SUBMIT), 1);
	poll_executor(1);
	assert_false(ntb_epf_exec_passed(dev_of(1), begun));
	fake_dma_run(d, 1);
	assert_true(ntb_epf_exec_passed(dev_of(1), begun));
	assert_false(ntb_epf_exec_drain(dev_of(1)));
	fake_dma_run(d, 1);
	assert_true(ntb_epf_exec_drain(dev_of(1)));
	d->held = false;
}

static void
test_lists(void **state)
{
	uint8_t *a = mem(0), *b = mem(1);
	struct rte_dma_sge from[] = {
		{ (uintptr_t)a, 100 }, { (uintptr_t)a + 200, 0 }, { (uintptr_t)a + 300, 50 },
	};
	struct rte_dma_sge to[] = {
		{ (uintptr_t)b, 30 }, { (uintptr_t)b + 1000, 100 }, { (uintptr_t)b + 2000, 20 },
	};
	struct rte_dma_sge far = { RTE_BIT64(57), 150 };
	struct rte_dma_sge many[NTB_EPF_VDMA_MAX_SGES + 1] = { { (uintptr_t)a, 1 } };

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 8);
	fill(0, 5);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, to, 3, 2, 0), -EINVAL);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, to, 1, 3, 0), -EINVAL);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from + 1, to, 1, 1, 0), -EINVAL);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, &far, 3, 1, 0), -EINVAL);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, many, to, RTE_DIM(many), 1, 0), -EINVAL);
	/* Four pieces: one of 30, then 70 and 30, then 20. */
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, to, 3, 3, 0), 0);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 4);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, to, 3, 3, RTE_DMA_OP_FLAG_SUBMIT), 1);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, from, to, 3, 3, 0), -ENOSPC);
	engine(TO_PEER)->held = true;
	poll_executor(1);
	/* Part of an operation is none of it. */
	fake_dma_run(engine(TO_PEER), 7);
	poll_executor(1);
	expect_completed(TO_PEER, 1, 0);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 4);
	fake_dma_run(engine(TO_PEER), 1);
	poll_executor(1);
	expect_completed(TO_PEER, 1, 1);
	assert_memory_equal(b, a, 30);
	assert_memory_equal(b + 1000, a + 30, 70);
	assert_memory_equal(b + 1070, a + 300, 30);
	assert_memory_equal(b + 2000, a + 330, 20);
}

/* The piece in the middle of a list fails: so has the operation, once. */
static void
test_engine_errors(void **state)
{
	struct rte_dma_sge from = { (uintptr_t)mem(0), 96 };
	struct rte_dma_sge to[] = {
		{ (uintptr_t)mem(1), 32 }, { (uintptr_t)mem(1) + 64, 32 }, { (uintptr_t)mem(1) + 128, 32 },
	};
	struct rte_dma_stats stats;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	engine(TO_PEER)->fail_at = 2;
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), 0);
	assert_int_equal(rte_dma_copy_sg(vdma, TO_PEER, &from, to, 1, 3, 0), 1);
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 2);
	poll_executor(2);
	assert_int_equal(rte_dma_completed(vdma, TO_PEER, 16, &(uint16_t){ 0 }, &(bool){ false }), 1);
	expect_failed(TO_PEER, 1, RTE_DMA_STATUS_BUS_ERROR);
	expect_completed(TO_PEER, 1, 2);
	assert_int_equal(rte_dma_stats_get(vdma, TO_PEER, &stats), 0);
	assert_int_equal(stats.completed, 3);
	assert_int_equal(stats.errors, 1);
	assert_int_equal(attr(1, "Req-errors"), 1);
	assert_int_equal(rte_dma_burst_capacity(vdma, TO_PEER), 16);
}

/* A poll begins so much and no more; a long request is cut. */
static void
test_bounds(void **state)
{
	struct fake_dma *d;
	uint16_t i;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 256);
	d = engine(TO_PEER);
	d->held = true;
	for (i = 0; i < 200; i++)
		assert_int_equal(copy_at(TO_PEER, i, 1, 0), i);
	rte_dma_submit(vdma, TO_PEER);
	poll_executor(1);
	assert_int_equal(d->tail, NTB_EPF_EXEC_BURST);
	poll_executor(1);
	assert_int_equal(d->tail, 2 * NTB_EPF_EXEC_BURST);
	poll_executor(3);
	assert_int_equal(d->tail, NTB_EPF_EXEC_PIECES);
	d->held = false;
	fake_dma_run(d, UINT32_MAX);
	poll_executor(20);
	expect_completed(TO_PEER, 200, 199);
	assert_int_equal(d->tail, 200);

	d->held = true;
	fill(0, 77);
	for (i = 0; i < 3; i++)
		assert_int_equal(copy_at(TO_PEER, 0, AREA_BYTES, RTE_DMA_OP_FLAG_SUBMIT), 200 + i);
	poll_executor(10);
	assert_int_equal(d->tail - 200, NTB_EPF_EXEC_BYTES / NTB_EPF_EXEC_PIECE_BYTES);
	/* A piece is not the request. */
	fake_dma_run(d, 1);
	poll_executor(1);
	expect_completed(TO_PEER, 0, 199);
	d->held = false;
	fake_dma_run(d, UINT32_MAX);
	poll_executor(10);
	expect_completed(TO_PEER, 3, 202);
	assert_memory_equal(mem(0), mem(1), AREA_BYTES);
}

/* An engine that does not take a copy for which it has room has failed it. */
static void
test_engine_refuses(void **state)
{
	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	engine(TO_PEER)->refuses = true;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(2);
	expect_failed(TO_PEER, 0, RTE_DMA_STATUS_ERROR_UNKNOWN);
	engine(TO_PEER)->refuses = false;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 1);
	poll_executor(2);
	expect_completed(TO_PEER, 1, 1);
}

/* The peer leaves with a copy under way: nothing is told before no DMA can land. */
static void
test_link_lost(void **state)
{
	enum rte_dma_vchan_status status;
	struct fake_dma *d;
	uint16_t i;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	d = engine(FROM_PEER);
	d->held = true;
	for (i = 0; i < 3; i++)
		assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), i);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, 0), 3);
	poll_executor(1);
	dev_of(1)->stopping = true;
	poll_links(3);
	assert_int_equal(dev_of(0)->link_up, 0);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, 0), -ENOLINK);
	assert_int_equal(rte_dma_burst_capacity(vdma, FROM_PEER), 0);
	expect_completed(FROM_PEER, 0, UINT16_MAX);
	assert_int_equal(rte_dma_submit(vdma, FROM_PEER), 0);
	/* The copies end; then the endpoint says so; then the host knows. */
	fake_dma_run(d, UINT32_MAX);
	poll_links(20);
	for (i = 0; i < 4; i++)
		expect_failed(FROM_PEER, i, RTE_DMA_STATUS_DEV_LINK_ERROR);
	expect_completed(FROM_PEER, 0, 3);
	assert_int_equal(rte_dma_vchan_status(vdma, FROM_PEER, &status), 0);
	assert_int_equal(status, RTE_DMA_VCHAN_HALTED_ERROR);

	d->held = false;
	rte_rawdev_stop(raw[1]->dev_id);
	assert_int_equal(rte_rawdev_start(raw[1]->dev_id), 0);
	poll_links(40);
	assert_true(both_up());
	assert_int_equal(rte_dma_burst_capacity(vdma, FROM_PEER), 16);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 4);
	poll_executor(2);
	expect_completed(FROM_PEER, 1, 4);
}

/* Of two engines one does not stop: nobody asks the other, which has, for what it did. */
static void
test_engine_does_not_stop(void **state)
{
	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	engine(TO_PEER)->held = engine(FROM_PEER)->held = true;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(1);
	engine(TO_PEER)->stop_error = -EBUSY;
	dev_of(1)->stopping = true;
	poll_links(3);
	dev_of(1)->deadline = 0;
	poll_links(5);
	assert_int_equal(dev_of(1)->state, NTB_EPF_QUIESCE);
	assert_true(engine(TO_PEER)->tail != engine(TO_PEER)->executed);
	assert_int_equal(engine(FROM_PEER)->tail, engine(FROM_PEER)->executed);
	engine(TO_PEER)->stop_error = 0;
	dev_of(1)->deadline = 0;
	poll_links(20);
	assert_int_equal(dev_of(1)->state, NTB_EPF_STOPPED);
	expect_failed(TO_PEER, 0, RTE_DMA_STATUS_DEV_LINK_ERROR);
	expect_failed(FROM_PEER, 0, RTE_DMA_STATUS_DEV_LINK_ERROR);
	engine(TO_PEER)->held = engine(FROM_PEER)->held = false;
}

/* While requests are with a peer that is silent, the host waits until it has locked it out. */
static void
test_silent_peer(void **state)
{
	uint64_t end = rte_rdtsc() + 5 * rte_get_tsc_hz();
	uint16_t last;
	bool error = false;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	bridge.present[1] = false;
	while (!error && rte_rdtsc() < end)
		assert_int_equal(rte_dma_completed(vdma, FROM_PEER, 1, &last, &error), 0);
	expect_failed(FROM_PEER, 0, RTE_DMA_STATUS_DEV_LINK_ERROR);
	bridge.present[1] = true;
}

/* By message: one for each request and for each completion. */
static void
test_by_message(void **state)
{
	unsigned int before;

	(void)state;
	bridge.unmapped = true;
	ask_from(NTB_EPF_SIDE_RC, 16);
	fill(1, 8);
	dev_of(0)->next_service = dev_of(1)->next_service = UINT64_MAX;
	before = bridge.messages;
	assert_int_equal(copy_at(FROM_PEER, 0, 8, 0), 0);
	assert_int_equal(copy_at(FROM_PEER, 0, 800, RTE_DMA_OP_FLAG_SUBMIT), 1);
	assert_int_equal(bridge.messages - before, 2);
	poll_executor(2);
	/* Publishing of buffers is the host's: the endpoint writes these two only. */
	assert_int_equal(bridge.messages - before, 4);
	expect_completed(FROM_PEER, 2, 1);
	assert_memory_equal(mem(0), mem(1), 800);
	assert_int_equal(bridge.messages - before, 4);
	dev_of(0)->next_service = dev_of(1)->next_service = 0;
}

/* A request counts when all of its words have come, whatever their order. */
static void
test_torn_request(void **state)
{
	static const uint8_t orders[][NTB_EPF_REQ_WORDS] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	const struct ntb_epf_vchan *v;
	unsigned int i, k;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	v = &dev_of(0)->vdma->rings[NTB_EPF_DIR_RC_TO_EP];
	for (i = 0; i < RTE_DIM(orders); i++) {
		uint64_t *w = (uint64_t *)(uintptr_t)(bridge.window[1] +
			NTB_EPF_REQ_OFFSET(1, QUEUE_SIZE) + i * NTB_EPF_REQ_ENTRY_BYTES);
		uint64_t words[NTB_EPF_REQ_WORDS];

		assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), i);
		assert_int_equal(v->sq, i + 1);
		memcpy(words, w, sizeof(words));
		memset(w, 0, sizeof(words));
		for (k = 0; k < NTB_EPF_REQ_WORDS; k++) {
			poll_executor(2);
			assert_int_equal(attr(1, "Req-copies") + attr(1, "Req-refused"), i);
			w[orders[i][k]] = words[orders[i][k]];
		}
		poll_executor(2);
		expect_completed(TO_PEER, 1, i);
	}
}

/* A requester that goes on without waiting is waited for: nothing is overrun. */
static void
test_too_many_requests(void **state)
{
	struct ntb_epf_exec_ring *r;
	unsigned int i;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 16);
	r = &dev_of(1)->exec->rings[NTB_EPF_DIR_RC_TO_EP];
	engine(TO_PEER)->held = true;
	assert_int_equal(copy_at(TO_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 0);
	poll_executor(1);
	/* All of these are refused, and wait behind the first for their completions. */
	for (i = 1; i < 2 * NTB_EPF_REQ_RING; i++) {
		uint64_t *w = (uint64_t *)(uintptr_t)(bridge.window[1] +
			NTB_EPF_REQ_OFFSET(1, QUEUE_SIZE) +
			(uint64_t)(r->sq % NTB_EPF_REQ_RING) * NTB_EPF_REQ_ENTRY_BYTES);

		w[0] = ntb_epf_sqe0(&r->sq_lap, 1);
		w[1] = ntb_epf_sqe0(&r->sq_lap, 1);
		w[2] = ntb_epf_ent(&r->sq_lap, 1, (uint16_t)i, 0);
		poll_executor(1);
		assert_true(r->sq - r->cq <= NTB_EPF_REQ_RING);
	}
	assert_int_equal(r->sq - r->cq, NTB_EPF_REQ_RING);
	fake_dma_run(engine(TO_PEER), 1);
	poll_executor(1);
	expect_completed(TO_PEER, 1, 0);
	assert_int_equal(attr(1, "Req-copies"), 1);
}

/* Requests and packets on one channel. */
static void
test_shared_channel(void **state)
{
	unsigned int round;
	uint16_t i;

	(void)state;
	one_channel = true;
	ask_from(NTB_EPF_SIDE_RC, 256);
	fill(1, 9);
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 25; i++)
			copy_at(FROM_PEER, 97 * i, 97, RTE_DMA_OP_FLAG_SUBMIT);
		cross(0, 20, 600);
		cross(1, 20, 600);
	}
	poll_executor(20);
	expect_completed(FROM_PEER, 250, 249);
	assert_memory_equal(mem(0), mem(1), 97 * 25);
	/* Codes of a shared channel's failures are lost on the way. */
	engine(FROM_PEER)->fail_at = engine(FROM_PEER)->tail;
	assert_int_equal(copy_at(FROM_PEER, 0, 8, RTE_DMA_OP_FLAG_SUBMIT), 250);
	poll_executor(4);
	expect_failed(FROM_PEER, 250, RTE_DMA_STATUS_ERROR_UNKNOWN);
	cross(1, 20, 600);
}

/* Packets and requests at once: neither waits for the other. */
static void
test_packets_too(void **state)
{
	unsigned int round;

	(void)state;
	ask_from(NTB_EPF_SIDE_RC, 256);
	engine(TO_PEER)->held = true;
	for (round = 0; round < 10; round++) {
		uint16_t i;

		for (i = 0; i < 25; i++)
			copy_at(TO_PEER, 0, 4096, RTE_DMA_OP_FLAG_SUBMIT);
		cross(0, 20, 600);
		cross(1, 20, 600);
	}
	engine(TO_PEER)->held = false;
	fake_dma_run(engine(TO_PEER), UINT32_MAX);
	poll_executor(20);
	expect_completed(TO_PEER, 250, 249);
}

/* No room in the windows: the device stays without a link, packets have one. */
static void
test_not_offered(void **state)
{
	(void)state;
	asker = NTB_EPF_SIDE_RC;
	probe(NTB_EPF_SIDE_RC, ",mover=ep");
	probe(NTB_EPF_SIDE_EP, ",mover=ep,dma=ep,dma=more-ep");
	dev_of(0)->window_bytes = NTB_EPF_WINDOW_BYTES(1, QUEUE_SIZE) + NTB_EPF_REQ_BYTES - 1;
	vdma = rte_dma_get_dev_id_by_name("raw_ntb_epf_rc-dma");
	assert_int_equal(export_area(1), 0);
	start_pair();
	assert_int_equal(configure_vdma(16), 0);
	assert_int_equal(copy_at(TO_PEER, 0, 8, 0), -ENOLINK);
	assert_false(dev_of(1)->exec->agreed);
	cross(0, 20, 600);
}

int
main(void)
{
#define REQ_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_req, tear_down_req)
	const struct CMUnitTest tests[] = {
		REQ_TEST(test_device),
		REQ_TEST(test_auto),
		REQ_TEST(test_copies_of_host),
		REQ_TEST(test_copies_of_endpoint),
		REQ_TEST(test_submit_and_capacity),
		REQ_TEST(test_arguments),
		REQ_TEST(test_stop_and_start),
		REQ_TEST(test_stop_while_busy),
		REQ_TEST(test_fence),
		REQ_TEST(test_not_exported),
		REQ_TEST(test_no_exports),
		REQ_TEST(test_export_attributes),
		REQ_TEST(test_export_argument),
		REQ_TEST(test_take_back),
		REQ_TEST(test_take_back_under_load),
		REQ_TEST(test_lists),
		REQ_TEST(test_engine_errors),
		REQ_TEST(test_bounds),
		REQ_TEST(test_engine_refuses),
		REQ_TEST(test_link_lost),
		REQ_TEST(test_engine_does_not_stop),
		REQ_TEST(test_silent_peer),
		REQ_TEST(test_by_message),
		REQ_TEST(test_torn_request),
		REQ_TEST(test_too_many_requests),
		REQ_TEST(test_shared_channel),
		REQ_TEST(test_packets_too),
		REQ_TEST(test_not_offered),
	};

	if (req_env_create("test_ntb_epf_req") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
