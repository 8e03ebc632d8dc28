/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_ENV_H_
#define _DW_EDMA_ENV_H_

/**
 * @file
 * The driver's sources on fake registers, and what tests of the driver do with them. A test has one
 * engine, and at most one started channel.
 */

#include "dw_edma_fake.h"

#include "dw_edma.c"
#include "dw_edma_args.c"
#include "dw_edma_probe.c"
#include "dw_edma_v0.c"
#include "dw_edma_hdma.c"
#include "dw_edma_list.c"
#include "dw_edma_poll.c"
#include "dw_edma_ring.c"
#include "dw_edma_sg.c"
#include "dw_edma_recover.c"
#include "dw_edma_dmadev.c"
#include "dw_edma_secondary.c"
#include "dw_edma_vdev.c"
#include "dw_edma_mmio.c"
#include "dw_edma_softep.c"
#include "dw_edma_loopback.c"

#include <rte_eal.h>

#define SLOTS 5 /* 4 data slots and the link */
#define DESC 16

static struct rte_device device = { .name = "fake", .numa_node = SOCKET_ID_ANY };
static struct dw_edma_engine *engine;
static int16_t dev_id;
static struct dw_edma_chan *chan;

static void
fake_init(const struct dw_edma_map_ops *map, uint64_t list_bytes)
{
	memset(&fake, 0, sizeof(fake));
	fake.map = map->code;
	memcpy(fake.blocks, dw_edma_usual_blocks, sizeof(fake.blocks));
	fake.list_bytes = list_bytes;
	if (fake_native())
		return;
	*fake_reg(DW_EDMA_CTRL) = 4 | 4 << 16;
	*fake_reg(DW_EDMA_WR_INT_MASK) = 0x000f000f;
	*fake_reg(DW_EDMA_RD_INT_MASK) = 0x000f000f;
}

static void
engine_init(const struct dw_edma_map_ops *map, uint32_t wr, uint32_t rd)
{
	engine = engine_alloc("fake", SOCKET_ID_ANY);
	assert_non_null(engine);
	engine->ops = &fake_ops;
	engine->map = map;
	engine->code = map->code;
	/* As the fake's pointer does. */
	engine->llp_completed = true;
	memcpy(engine->blocks, fake.blocks, sizeof(engine->blocks));
	engine->side = DW_EDMA_SIDE_BOTH;
	engine->fn = 5;
	engine->cnt[DW_EDMA_WR] = 4;
	engine->cnt[DW_EDMA_RD] = 4;
	engine->mask[DW_EDMA_WR] = wr;
	engine->mask[DW_EDMA_RD] = rd;
}

static void
channel_configure(enum rte_dma_direction direction, uint16_t nb_desc)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vconf = { .direction = direction, .nb_desc = nb_desc };

	assert_int_equal(rte_dma_configure(dev_id, &conf), 0);
	assert_int_equal(rte_dma_vchan_setup(dev_id, 0, &vconf), 0);
}

/** A started channel, with @p list_bytes of list. */
static void __rte_unused
channel_init(const struct dw_edma_map_ops *map, enum dw_edma_dir dir, unsigned int index,
	     uint64_t list_bytes)
{
	char name[RTE_DEV_NAME_MAX_LEN];

	fake_init(map, list_bytes);
	engine_init(map, 0xf, 0xf);
	fake.own_bits[dir] = (1u << index) | (0x10000u << index);
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, index), 0);
	dw_edma_dmadev_name(engine, dir, index, name, sizeof(name));
	dev_id = rte_dma_get_dev_id_by_name(name);
	assert_true(dev_id >= 0);
	chan = engine->chan[dir][index];
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
	assert_int_equal(rte_dma_start(dev_id), 0);
}

static int __rte_unused
teardown(void **state)
{
	RTE_SET_USED(state);
	if (engine == NULL)
		return 0;
	if (chan != NULL && chan->started) {
		fake.stuck = false;
		fake_set_cs(chan->dir, chan->index, DW_EDMA_CS_STOPPED);
		/* Nothing shall wait for work that the test left behind. */
		dw_edma_kill(chan, RTE_DMA_STATUS_USER_ABORT);
		rte_dma_stop(dev_id);
	}
	engine_free(engine);
	engine = NULL;
	chan = NULL;
	/* No test may have touched what is another channel's. */
	return fake.dirty_clears == 0 ? 0 : -1;
}

static uint64_t copied;

/** Enqueues @p n operations with sources that count up, without submitting. */
static void __rte_unused
enqueue(unsigned int n, uint64_t flags)
{
	while (n-- != 0) {
		copied++;
		assert_true(rte_dma_copy(dev_id, 0, copied, 0x1000 + copied, 64, flags) >= 0);
	}
}

static unsigned int __rte_unused
run(unsigned int max)
{
	return fake_run(chan->dir, chan->index, max);
}

static uint32_t __rte_unused
status_of(uint16_t n, enum rte_dma_status_code *status)
{
	return rte_dma_completed_status(dev_id, 0, n, NULL, status);
}

/** The registers written since the log was emptied are these, in this order. */
static void __rte_unused
expect_log(const struct fake_entry *expected, unsigned int n)
{
	unsigned int i, found = 0;

	for (i = 0; i < fake.log_cnt; i++) {
		if (fake.log[i].kind != FAKE_REG)
			continue;
		assert_true(found < n);
		assert_int_equal(fake.log[i].at, expected[found].at);
		assert_int_equal(fake.log[i].value, expected[found].value);
		found++;
	}
	assert_int_equal(found, n);
}

/** EAL for a test program. @p prefix: "--file-prefix=" and a name that no other one has. */
static bool
env_eal(char *prefix)
{
	char *eal[] = {
		(char[]){ "test_dw_edma" }, (char[]){ "--no-huge" }, (char[]){ "-m" },
		(char[]){ "64" }, (char[]){ "--no-pci" }, (char[]){ "--iova-mode=va" },
		(char[]){ "--no-telemetry" }, (char[]){ "--log-level=*:critical" }, prefix, NULL,
	};

	return rte_eal_init(RTE_DIM(eal) - 1, eal) >= 0;
}

#endif /* _DW_EDMA_ENV_H_ */
