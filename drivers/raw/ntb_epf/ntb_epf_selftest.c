/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The selftest needs no peer and leaves the device as it was. What a running or configured device
 * uses is not touched: then only the rest is tested.
 */

#include <stdlib.h>

#include <rte_pmd_ntb.h>

#include "ntb_epf_rxtx.h"

#define SELFTEST_PATTERN 0x5aa50ff1u
#define SELFTEST_RING NTB_EPF_MIN_QUEUE_SIZE

/** Fields come out of an entry as they went in; entries of other laps and lives are none. */
static bool
entries_hold(struct rte_rawdev *rawdev)
{
	const uint64_t addr = NTB_EPF_SQE0_ADDR_MASK;
	struct ntb_epf_lap lap = ntb_epf_lap_first(0x15);
	struct ntb_epf_lap older = ntb_epf_lap_first(0x14);
	struct ntb_epf_lap next = lap;
	uint64_t word0 = rte_le_to_cpu_64(ntb_epf_sqe0(&lap, addr));
	uint64_t ent = rte_le_to_cpu_64(ntb_epf_ent(&lap, UINT32_MAX, UINT16_MAX, UINT8_MAX));

	(void)rawdev;
	ntb_epf_lap_next(&next, SELFTEST_RING - 1, SELFTEST_RING - 1);
	return ntb_epf_sqe0_is_new(&lap, word0) && ntb_epf_ent_is_new(&lap, ent) &&
		!ntb_epf_sqe0_is_new(&older, word0) && !ntb_epf_ent_is_new(&older, ent) &&
		!ntb_epf_sqe0_is_new(&next, word0) && !ntb_epf_ent_is_new(&next, ent) &&
		ntb_epf_sqe0_addr(word0) == addr && ntb_epf_ent_len(ent) == UINT32_MAX &&
		ntb_epf_ent_id(ent) == UINT16_MAX && ntb_epf_ent_flags(ent) == UINT8_MAX;
}

/** One submission and its completion, seen once each. */
static bool
ring_step(struct ntb_epf_ring *pub, struct ntb_epf_ring *mover, uint32_t number)
{
	struct ntb_epf_slot *slot;
	uint64_t addr, ent;

	if (ntb_epf_sqe_read(mover, &mover->sq_lap, mover->sq, &addr, &ent) ||
	    ntb_epf_cqe_read(pub, &ent))
		return false;
	ntb_epf_sqe_write(pub, number, 64, 0);
	if (!ntb_epf_sqe_read(mover, &mover->sq_lap, mover->sq, &addr, &ent) || addr != number)
		return false;
	slot = ntb_epf_slot_take(mover, ent);
	slot->len = 60;
	ntb_epf_cqe_write(mover, slot);
	if (!ntb_epf_cqe_read(pub, &ent) || ntb_epf_ent_len(ent) != 60 ||
	    ntb_epf_ent_id(ent) != (uint16_t)number)
		return false;
	pub->cq = ntb_epf_lap_next(&pub->cq_lap, pub->cq, pub->mask);
	return true;
}

/** Memory of two sides without a bridge in between. */
struct selftest_rings {
	struct ntb_epf_dev dev[2];
	struct ntb_epf_ring ring[2];
	struct ntb_epf_slot slots[SELFTEST_RING];
	uint8_t area[2][SELFTEST_RING * NTB_EPF_SQE_BYTES] __rte_aligned(sizeof(uint64_t));
};

static bool
rings_turn(struct rte_rawdev *rawdev)
{
	struct selftest_rings *t = NULL;
	bool good = true;
	uint32_t number;
	unsigned int i;

	(void)rawdev;
	if (posix_memalign((void **)&t, RTE_CACHE_LINE_SIZE, sizeof(*t)) != 0)
		return false;
	memset(t, 0, sizeof(*t));
	for (i = 0; i < 2; i++) {
		t->dev[i].peer.va = t->area[i ^ 1];
		t->ring[i].dev = &t->dev[i];
		t->ring[i].local = t->area[i];
		t->ring[i].mask = SELFTEST_RING - 1;
		t->ring[i].slots = t->slots;
		t->ring[i].sq_lap = t->ring[i].cq_lap = ntb_epf_lap_first(3);
	}
	for (number = 0; good && number < 3 * SELFTEST_RING; number++)
		good = ring_step(&t->ring[0], &t->ring[1], number);
	free(t);
	return good;
}

/** What is agreed on is what both wish and can. */
static bool
negotiation_holds(struct rte_rawdev *rawdev)
{
	const uint8_t all = NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL;
	enum ntb_epf_mover m;

	(void)rawdev;
	for (m = NTB_EPF_MOVER_SPLIT; m <= NTB_EPF_MOVER_EP; m++)
		if (ntb_epf_negotiate(m, all, NTB_EPF_MOVER_AUTO, all) != m ||
		    ntb_epf_negotiate(NTB_EPF_MOVER_AUTO, all, m, all) != m ||
		    ntb_epf_negotiate(m, 0, NTB_EPF_MOVER_AUTO, 0) != NTB_EPF_MOVER_AUTO)
			return false;
	return true;
}

static bool
platform_is_there(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;

	return dev->plat_ops->alive(dev);
}

static bool
keeps_word(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset)
{
	uint32_t before = ntb_epf_mem_read32(dev, mem, offset);
	bool good;

	ntb_epf_mem_write32(dev, mem, offset, SELFTEST_PATTERN);
	good = ntb_epf_mem_read32(dev, mem, offset) == SELFTEST_PATTERN;
	ntb_epf_mem_write32(dev, mem, offset, ~SELFTEST_PATTERN);
	good &= ntb_epf_mem_read32(dev, mem, offset) == ~SELFTEST_PATTERN;
	ntb_epf_mem_write32(dev, mem, offset, before);
	return good && ntb_epf_mem_read32(dev, mem, offset) == before;
}

/**
 * The last own scratchpad; on the endpoint the doorbell slot that nobody uses, too. A host without
 * an endpoint has no scratchpads yet.
 */
static bool
memory_holds(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	struct ntb_epf_region region;
	struct ntb_epf_mem mem;
	uint64_t offset;
	bool good = true;

	if (dev->state != NTB_EPF_STOPPED)
		return true;
	if (dev->side == NTB_EPF_SIDE_EP &&
	    !keeps_word(dev, &dev->db, (NTB_EPF_DB_FIRST_SLOT - 1) * sizeof(uint32_t)))
		return false;
	ntb_epf_link_lock(dev);
	if (ntb_epf_region_now(dev, &region) == 0 && region.spad_count != 0 &&
	    ntb_epf_region_spad(dev, true, region.spad_count - 1, &mem, &offset) == 0)
		good = keeps_word(dev, &mem, offset);
	ntb_epf_link_unlock(dev);
	return good;
}

static bool
refuses_nonsense(struct rte_rawdev *rawdev)
{
	uint16_t id = rawdev->dev_id;
	uint32_t bad_id = UINT32_MAX;
	uint64_t value;

	return rte_rawdev_get_attr(id, "nothing", &value) == -EINVAL &&
		rte_rawdev_set_attr(id, "nothing", 0) == -EINVAL &&
		rte_rawdev_set_attr(id, NTB_TOPO_NAME, 0) == -EPERM &&
		rte_rawdev_xstats_get(id, &bad_id, &value, 1) == -EINVAL &&
		rte_rawdev_xstats_reset(id, &bad_id, 1) == -EINVAL &&
		rte_rawdev_queue_setup(id, UINT16_MAX, NULL, 0) < 0 &&
		rte_rawdev_queue_release(id, UINT16_MAX) < 0;
}

/** A way through configure and release, on a device that nobody has configured. */
static bool
configures(struct rte_rawdev *rawdev)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	struct ntb_dev_config conf = { .num_queues = 1, .queue_size = NTB_EPF_MIN_QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf queue;
	uint16_t nb_queues = dev->nb_queues, queue_size = dev->queue_size;
	uint16_t id = rawdev->dev_id;
	bool good;

	if (dev->queues != NULL || rawdev->started || dev->state != NTB_EPF_STOPPED)
		return true;
	good = rte_rawdev_start(id) != 0 && rte_rawdev_configure(id, &info, sizeof(conf)) == 0 &&
		rte_rawdev_queue_count(id) == 1 &&
		rte_rawdev_queue_conf_get(id, 0, &queue, sizeof(queue)) == 0 &&
		queue.nb_desc == NTB_EPF_MIN_QUEUE_SIZE && rte_rawdev_start(id) != 0;
	conf.num_queues = 0;
	good &= rte_rawdev_configure(id, &info, sizeof(conf)) == -EINVAL;
	ntb_epf_queues_free(dev);
	dev->nb_queues = nb_queues;
	dev->queue_size = queue_size;
	return good;
}

int
ntb_epf_selftest(uint16_t dev_id)
{
	static const struct {
		const char *what;
		bool (*passes)(struct rte_rawdev *rawdev);
	} steps[] = {
		{ "platform", platform_is_there },
		{ "entries", entries_hold },
		{ "rings", rings_turn },
		{ "negotiation", negotiation_holds },
		{ "memory", memory_holds },
		{ "arguments", refuses_nonsense },
		{ "configuration", configures },
	};
	struct rte_rawdev *rawdev = &rte_rawdevs[dev_id];
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int level = rte_log_get_level(ntb_epf_logtype);
	unsigned int i;
	bool good = true;

	if (dev->plat_ops == NULL)
		return -ENODEV;
	/* Refusals that are asked for are no news. */
	rte_log_set_level(ntb_epf_logtype, RTE_LOG_CRIT);
	for (i = 0; good && i < RTE_DIM(steps); i++)
		good = steps[i].passes(rawdev);
	rte_log_set_level(ntb_epf_logtype, level);
	if (good)
		return 0;
	NTB_EPF_LOG(ERR, dev, "selftest: %s: failed", steps[i - 1].what);
	return -EIO;
}
