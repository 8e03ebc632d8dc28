/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_REQ_ENV_H_
#define _NTB_EPF_REQ_ENV_H_

/**
 * @file
 * Requests of copies, both ends in one process: one side has two channels per direction, the other
 * one the virtual memcpy device.
 */

#include "ntb_epf_env.h"

/** Memory of each side, between guards; the executor exports its own. */
#define AREA_BYTES 0x40000
static uint8_t area[2][AREA_BYTES + 128] __rte_cache_aligned;
#define GUARD 64

static struct fake_dma *more_push[2], *more_pull[2]; /* by side */
static uint8_t asker; /* the side without an engine */
static int16_t vdma;
static bool one_channel; /* per direction: requests and packets share it */
static uint64_t foreign_ops; /* copies whose local end is not in the executor's area */

static inline uint8_t *
mem(uint8_t side)
{
	return area[side] + GUARD;
}

static inline bool
in_area(uint8_t side, uint64_t addr, uint64_t len)
{
	uint64_t start = (uintptr_t)mem(side);

	return addr >= start && len <= AREA_BYTES && addr - start <= AREA_BYTES - len;
}

/* What an engine of the executor is told must be within what was exported. */
static inline void
watch_push(const struct fake_dma *d, const struct fake_dma_op *op)
{
	(void)d;
	foreign_ops += !in_area(other(asker), op->src, op->len);
}

static inline void
watch_pull(const struct fake_dma *d, const struct fake_dma_op *op)
{
	(void)d;
	foreign_ops += !in_area(other(asker), op->dst, op->len);
}

static inline int
set_attr(uint8_t side, const char *name, uint64_t value)
{
	return rte_rawdev_set_attr(raw[side]->dev_id, name, value);
}

static inline int
export_area(uint8_t side)
{
	int ret = set_attr(side, "export_addr", (uintptr_t)mem(side));

	return ret != 0 ? ret : set_attr(side, "export_len", AREA_BYTES);
}

static inline int
vchan_setup(uint16_t vchan, enum rte_dma_direction direction, uint16_t nb_desc)
{
	struct rte_dma_vchan_conf conf = { .direction = direction, .nb_desc = nb_desc };

	if (direction == RTE_DMA_DIR_MEM_TO_DEV)
		conf.dst_port.port_type = RTE_DMA_PORT_PCIE;
	else
		conf.src_port.port_type = RTE_DMA_PORT_PCIE;
	return rte_dma_vchan_setup(vdma, vchan, &conf);
}

#define TO_PEER 0 /* vchans */
#define FROM_PEER 1

static inline int
configure_vdma(uint16_t nb_desc)
{
	const struct rte_dma_conf conf = { .nb_vchans = 2 };
	int ret = rte_dma_configure(vdma, &conf);

	if (ret == 0)
		ret = vchan_setup(TO_PEER, RTE_DMA_DIR_MEM_TO_DEV, nb_desc);
	if (ret == 0)
		ret = vchan_setup(FROM_PEER, RTE_DMA_DIR_DEV_TO_MEM, nb_desc);
	return ret != 0 ? ret : rte_dma_start(vdma);
}

/* Probes both sides; the one that asks has no engine. */
static inline void
probe_pair(uint8_t side, const char *more_args)
{
	const char *mover = side == NTB_EPF_SIDE_RC ? "ep" : "rc";
	char args[200];

	asker = side;
	snprintf(args, sizeof(args), ",mover=%s", mover);
	probe(side, args);
	/* The arrangement is named after the side that has the engine. */
	snprintf(args, sizeof(args), ",mover=%s,dma=%s%s%s%s", mover, mover,
		 one_channel ? "" : ",dma=more-", one_channel ? "" : mover, more_args);
	probe(other(side), args);
	vdma = rte_dma_get_dev_id_by_name(side == NTB_EPF_SIDE_RC ? "raw_ntb_epf_rc-dma" :
								    "raw_ntb_epf_ep-dma");
	assert_true(vdma >= 0);
}

static inline void
start_pair(void)
{
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
}

static inline void
ask_from(uint8_t side, uint16_t nb_desc)
{
	probe_pair(side, "");
	assert_int_equal(export_area(other(side)), 0);
	start_pair();
	assert_int_equal(configure_vdma(nb_desc), 0);
}

/* The executor's application polls. */
static inline void
poll_executor(unsigned int times)
{
	struct rte_rawdev_buf store, *one = &store;

	while (times-- > 0)
		assert_int_equal(rte_rawdev_dequeue_buffers(raw[other(asker)]->dev_id, &one, 1, NULL),
				 0);
}

static inline void
expect_completed(uint16_t vchan, uint16_t n, uint16_t last_id)
{
	uint16_t last = 0xdead;
	bool error = false;

	assert_int_equal(rte_dma_completed(vdma, vchan, 1024, &last, &error), n);
	assert_false(error);
	assert_int_equal(last, last_id);
}

static inline void
expect_failed(uint16_t vchan, uint16_t id, enum rte_dma_status_code code)
{
	enum rte_dma_status_code status = RTE_DMA_STATUS_SUCCESSFUL;
	uint16_t last = 0xdead;
	bool error = false;

	assert_int_equal(rte_dma_completed(vdma, vchan, 1024, &last, &error), 0);
	assert_true(error);
	assert_int_equal(rte_dma_completed_status(vdma, vchan, 1, &last, &status), 1);
	assert_int_equal(last, id);
	assert_int_equal(status, code);
}

static inline void
fill(uint8_t side, uint8_t seed)
{
	uint32_t i;

	for (i = 0; i < AREA_BYTES; i++)
		mem(side)[i] = (uint8_t)(seed + i * 7 + (i >> 8));
}

static inline int
set_up_req(void **state)
{
	unsigned int i;

	set_up_test(state);
	memset(area, 0, sizeof(area));
	foreign_ops = 0;
	one_channel = false;
	for (i = 0; i < 2; i++) {
		more_push[i]->held = more_pull[i]->held = false;
		more_push[i]->fail_at = more_pull[i]->fail_at = UINT32_MAX;
		more_push[i]->refuses = more_pull[i]->refuses = false;
		more_push[i]->stop_error = more_pull[i]->stop_error = 0;
		more_push[i]->watch = watch_push;
		more_pull[i]->watch = watch_pull;
	}
	return 0;
}

static inline int
tear_down_req(void **state)
{
	unsigned int side, i;
	int ret = tear_down_test(state);

	for (side = 0; side < 2; side++)
		for (i = 0; i < GUARD; i++)
			if (area[side][i] != 0 || area[side][GUARD + AREA_BYTES + i] != 0)
				return -1;
	return foreign_ops == 0 ? ret : -1;
}

static inline int
req_env_create(const char *file_prefix)
{
	static const char *const names[2][2] = {
		{ "more-rc-push", "more-rc-pull" }, { "more-ep-push", "more-ep-pull" },
	};
	const struct rte_dma_conf taken = { .nb_vchans = 1 };
	unsigned int i;
	int16_t id;

	if (env_create(file_prefix) != 0)
		return -1;
	for (i = 0; i < 2; i++) {
		more_push[i] = fake_dma_create(names[i][0], RTE_DMA_CAPA_MEM_TO_DEV);
		more_pull[i] = fake_dma_create(names[i][1], RTE_DMA_CAPA_DEV_TO_MEM);
		if (more_push[i] == NULL || more_pull[i] == NULL)
			return -1;
	}
	/* A side that names none of them has none. */
	RTE_DMA_FOREACH_DEV(id)
		rte_dma_configure(id, &taken);
	return 0;
}

#endif /* _NTB_EPF_REQ_ENV_H_ */
