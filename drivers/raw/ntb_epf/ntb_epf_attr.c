/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Attributes: those of rte_pmd_ntb.h, and the ones that an ethdev above asks for.
 *
 *     queue_size, queue_num     set before configure
 *     topo                      0 host, 1 endpoint
 *     link_status               reading it is a link poll
 *     speed, width              of the PCIe link; unknown (0) on a software endpoint
 *     mw_count, db_count, spad_count
 *     spad_user_N               scratchpad N: set writes the peer's, get reads the own
 *     spad_own_N, spad_peer_N   scratchpad N of this side, of the peer: get reads, set writes
 *     db_status and so on       ntb_epf_db.c
 *     mw_N_size and so on       ntb_epf_window.c
 *     max_pkt_len               set: longest packet to accept; get: longest that may cross now
 *     any_pool                  1: Rx pools may lie anywhere
 *     start_without_peer        1
 *     max_queues                queue pairs at the most
 *     mac, peer_mac             MAC addresses, byte 0 lowest
 *     mover                     agreed arrangement: 1 split, 2 rc, 3 ep; 0 no link
 *     generation                of this side
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_pmd_ntb.h>

#include "ntb_epf_priv.h"

/** Scratchpad attributes: the name, less the number. */
static const struct spad_attr {
	const char *prefix;
	bool get_own; /**< what reading goes to: the own scratchpad, or the peer's */
	bool set_own;
} spad_attrs[] = {
	{ "spad_user_", true, false },
	{ "spad_own_", true, true },
	{ "spad_peer_", false, false },
};

static const struct spad_attr *
spad_attr(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(spad_attrs); i++)
		if (strncmp(name, spad_attrs[i].prefix, strlen(spad_attrs[i].prefix)) == 0)
			return &spad_attrs[i];
	return NULL;
}

/** Place of the scratchpad that a name stands for; -ENOENT: the name is of something else. */
static int
spad_place(struct ntb_epf_dev *dev, const char *name, bool set, struct ntb_epf_mem *mem,
	   uint64_t *offset)
{
	const struct spad_attr *attr = spad_attr(name);
	const char *number;
	unsigned long n;
	char *end;

	if (attr == NULL)
		return -ENOENT;
	number = name + strlen(attr->prefix);
	n = strtoul(number, &end, 10);
	if (*end != '\0' || end == number)
		return -EINVAL;
	return ntb_epf_region_spad(dev, set ? attr->set_own : attr->get_own, n, mem, offset);
}

static int
spad_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	struct ntb_epf_mem mem;
	uint64_t offset;
	int ret;

	ntb_epf_link_lock(dev);
	ret = spad_place(dev, name, false, &mem, &offset);
	if (ret == 0)
		*value = ntb_epf_mem_read32(dev, &mem, offset);
	ntb_epf_link_unlock(dev);
	return ret;
}

static int
spad_set(struct ntb_epf_dev *dev, const char *name, uint64_t value)
{
	struct ntb_epf_mem mem;
	uint64_t offset;
	int ret;

	ntb_epf_link_lock(dev);
	ret = spad_place(dev, name, true, &mem, &offset);
	if (ret == 0)
		ntb_epf_mem_write32(dev, &mem, offset, (uint32_t)value);
	ntb_epf_link_unlock(dev);
	return ret;
}

/** What the control region says; nothing while it is not filled. */
static struct ntb_epf_region
region_of(struct ntb_epf_dev *dev)
{
	struct ntb_epf_region region = { .mw_count = 0 };

	ntb_epf_link_lock(dev);
	ntb_epf_region_now(dev, &region);
	ntb_epf_link_unlock(dev);
	return region;
}

static uint64_t
link_status(struct ntb_epf_dev *dev)
{
	ntb_epf_service(dev);
	return rte_atomic_load_explicit(&dev->link_up, rte_memory_order_acquire);
}

static uint64_t
max_pkt_len(const struct ntb_epf_dev *dev)
{
	uint32_t peer = rte_le_to_cpu_32(dev->peer_hdr.max_pkt_len);

	return dev->granted != 0 ? RTE_MIN(dev->max_pkt_len, peer) : dev->max_pkt_len;
}

static uint64_t
peer_mac(const struct ntb_epf_dev *dev)
{
	uint64_t mac = 0;
	unsigned int i;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		mac |= (uint64_t)dev->peer_hdr.mac[i] << (8 * i);
	return mac;
}

/** Attributes whose value is at hand. */
static bool
simple_get(const struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
	} attrs[] = {
		{ NTB_QUEUE_SZ_NAME, dev->queue_size },
		{ NTB_QUEUE_NUM_NAME, dev->nb_queues },
		{ NTB_TOPO_NAME, dev->side },
		{ NTB_SPEED_NAME, 0 },
		{ NTB_WIDTH_NAME, 0 },
		{ "max_pkt_len", max_pkt_len(dev) },
		{ "any_pool", 1 },
		{ "start_without_peer", 1 },
		{ "max_queues", NTB_EPF_MAX_QUEUES },
		{ "mac", dev->mac },
		{ "peer_mac", peer_mac(dev) },
		{ "mover", dev->mover },
		{ "generation", dev->generation },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(attrs); i++) {
		if (strcmp(name, attrs[i].name) == 0) {
			*value = attrs[i].value;
			return true;
		}
	}
	return false;
}

int
ntb_epf_attr_get(struct rte_rawdev *rawdev, const char *name, uint64_t *value)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int ret;

	if (name == NULL || value == NULL)
		return -EINVAL;
	if (simple_get(dev, name, value))
		return 0;
	if (strcmp(name, NTB_LINK_STATUS_NAME) == 0) {
		*value = link_status(dev);
	} else if (strcmp(name, NTB_MW_CNT_NAME) == 0) {
		*value = region_of(dev).mw_count;
	} else if (strcmp(name, NTB_DB_CNT_NAME) == 0) {
		*value = NTB_EPF_MAX_DB - NTB_EPF_DB_FIRST_SLOT;
	} else if (strcmp(name, NTB_SPAD_CNT_NAME) == 0) {
		*value = region_of(dev).spad_count;
	} else {
		ret = spad_get(dev, name, value);
		if (ret == -ENOENT)
			ret = ntb_epf_db_get(dev, name, value);
		if (ret == -ENOENT)
			ret = ntb_epf_window_get(dev, name, value);
		return ret == -ENOENT ? -EINVAL : ret;
	}
	return 0;
}

static int
expect_range(struct ntb_epf_dev *dev, const char *name, uint64_t value, uint64_t min, uint64_t max)
{
	if (value >= min && value <= max)
		return 0;
	NTB_EPF_LOG(ERR, dev, "%s=%" PRIu64 ": expected %" PRIu64 " to %" PRIu64, name, value, min,
		    max);
	return -EINVAL;
}

static int
set_queue_size(struct ntb_epf_dev *dev, uint64_t value)
{
	if (dev->queues != NULL)
		return dev->queue_size == value ? 0 : -EBUSY;
	if (expect_range(dev, NTB_QUEUE_SZ_NAME, value, NTB_EPF_MIN_QUEUE_SIZE,
			 NTB_EPF_MAX_QUEUE_SIZE) != 0)
		return -EINVAL;
	if (!rte_is_power_of_2((uint32_t)value)) {
		NTB_EPF_LOG(ERR, dev, "queue_size=%" PRIu64 ": expected a power of two", value);
		return -EINVAL;
	}
	dev->queue_size = (uint16_t)value;
	return 0;
}

static int
set_queue_num(struct ntb_epf_dev *dev, uint64_t value)
{
	if (dev->queues != NULL)
		return dev->nb_queues == value ? 0 : -EBUSY;
	if (expect_range(dev, NTB_QUEUE_NUM_NAME, value, 1, NTB_EPF_MAX_QUEUES) != 0)
		return -EINVAL;
	dev->nb_queues = (uint16_t)value;
	return 0;
}

static int
set_max_pkt_len(struct ntb_epf_dev *dev, uint64_t value)
{
	if (dev->rawdev->started)
		return -EBUSY;
	if (expect_range(dev, "max_pkt_len", value, RTE_ETHER_MIN_LEN, NTB_EPF_DEFAULT_PKT_LEN) != 0)
		return -EINVAL;
	dev->max_pkt_len = (uint32_t)value;
	return 0;
}

int
ntb_epf_attr_set(struct rte_rawdev *rawdev, const char *name, uint64_t value)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int ret;

	if (name == NULL)
		return -EINVAL;
	if (strcmp(name, NTB_QUEUE_SZ_NAME) == 0)
		return set_queue_size(dev, value);
	if (strcmp(name, NTB_QUEUE_NUM_NAME) == 0)
		return set_queue_num(dev, value);
	if (strcmp(name, "max_pkt_len") == 0)
		return set_max_pkt_len(dev, value);
	if (strcmp(name, "mac") == 0) {
		/* The peer is told at the handshake. */
		if (dev->rawdev->started)
			return -EBUSY;
		dev->mac = value & (RTE_BIT64(8 * RTE_ETHER_ADDR_LEN) - 1);
		return 0;
	}
	ret = spad_set(dev, name, value);
	if (ret == -ENOENT)
		ret = ntb_epf_db_set(dev, name, value);
	return ret == -ENOENT ? -EINVAL : ret;
}
