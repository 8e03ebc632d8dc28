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
 *     export_addr and so on     ntb_epf_export.c
 *     max_pkt_len               set: longest packet to accept; get: longest that may cross now
 *     any_pool                  1: Rx pools may lie anywhere
 *     start_without_peer        1
 *     max_queues                queue pairs at the most
 *     mac, peer_mac             MAC addresses, byte 0 lowest
 *     ol_flags                  mbuf flags that cross: set, those used; get, those that hold now
 *     peer                      1: the other side's process is there
 *     arrangement               agreed one: 1 split, 2 rc, 3 ep, 4 cpu; 0 no link
 *     fallback                  1: cores may copy if no engine can
 *     commit                    completions of what this side pushes: 1 cpu, 2 engine; 0 pushes not
 *     transport                 1: ring
 *     generation, peer_generation   of this side and, once it was granted, of the peer
 *     link_queue_size           entries of a ring on this link: the lesser of both sides'; 0 no link
 *
 * Every xstat can be read as an attribute of the same name.
 */

#include <ctype.h>
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

/** Place of the scratchpad that a name, which is of one, stands for. */
static int
spad_place(struct ntb_epf_dev *dev, const char *name, bool set, struct ntb_epf_mem *mem,
	   uint64_t *offset)
{
	const struct spad_attr *attr = spad_attr(name);
	const char *number;
	unsigned long n;
	char *end;

	number = name + strlen(attr->prefix);
	n = strtoul(number, &end, 10);
	if (!isdigit((unsigned char)*number) || *end != '\0')
		return -EINVAL;
	return ntb_epf_region_spad(dev, set ? attr->set_own : attr->get_own, n, mem, offset);
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
spad_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	struct ntb_epf_mem mem;
	uint64_t offset;
	int ret;

	if (spad_attr(name) == NULL)
		return -ENOENT;
	/* Applications that wait for a word of the peer's make no other calls. */
	ntb_epf_service(dev);
	*value = 0;
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

	if (spad_attr(name) == NULL)
		return -ENOENT;
	if (expect_range(dev, name, value, 0, UINT32_MAX) != 0)
		return -EINVAL;
	/* A word about packets comes behind them. */
	ntb_epf_flush_sent(dev);
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
	ntb_epf_join_early(dev);
	ntb_epf_service(dev);
	ntb_epf_exec_poll(dev);
	return rte_atomic_load_explicit(&dev->link_up, rte_memory_order_acquire);
}

static uint64_t
max_pkt_len(const struct ntb_epf_dev *dev)
{
	uint32_t peer = rte_le_to_cpu_32(dev->peer_hdr.max_pkt_len);

	if (dev->granted == 0)
		return dev->max_pkt_len;
	if (dev->mover == NTB_EPF_MOVER_CPU)
		peer = RTE_MIN(peer, ntb_epf_cells_max_pkt_len(&dev->cells));
	return RTE_MIN(dev->max_pkt_len, peer);
}

uint64_t
ntb_epf_peer_mac(const struct ntb_epf_dev *dev)
{
	uint64_t mac = 0;
	unsigned int i;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		mac |= (uint64_t)dev->peer_hdr.mac[i] << (8 * i);
	return mac;
}

static uint64_t
peer_is_there(struct ntb_epf_dev *dev)
{
	uint32_t life;

	return dev->plat_ops->peer_present(dev, &life);
}

/** Attributes whose value is at hand. */
static bool
simple_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
	} attrs[] = {
		{ NTB_QUEUE_SZ_NAME, dev->queue_size },
		{ NTB_QUEUE_NUM_NAME, dev->nb_queues },
		{ NTB_TOPO_NAME, dev->side },
		{ NTB_DB_CNT_NAME, NTB_EPF_MAX_DB - NTB_EPF_DB_FIRST_SLOT },
		{ "max_pkt_len", max_pkt_len(dev) },
		{ "any_pool", 1 },
		{ "start_without_peer", 1 },
		{ "max_queues", NTB_EPF_MAX_QUEUES },
		{ "mac", dev->mac },
		{ "peer_mac", ntb_epf_peer_mac(dev) },
		{ "ol_flags", ntb_epf_ol_flags(dev) },
		{ "peer", peer_is_there(dev) },
		{ "arrangement", dev->mover },
		{ "fallback", dev->fallback },
		{ "commit", dev->commit },
		{ "transport", 1 },
		{ "generation", dev->generation },
		{ "peer_generation", dev->granted },
		{ "link_queue_size", dev->depth },
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

/** What the endpoint offers. */
static bool
offer_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	if (strcmp(name, NTB_MW_CNT_NAME) == 0)
		*value = region_of(dev).mw_count;
	else if (strcmp(name, NTB_SPAD_CNT_NAME) == 0)
		*value = region_of(dev).spad_count;
	else
		return false;
	return true;
}

/** The link under it all. Asked for each time: links train anew. */
static bool
pcie_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	bool is_speed = strcmp(name, NTB_SPEED_NAME) == 0;
	unsigned int speed = 0, width = 0;

	if (!is_speed && strcmp(name, NTB_WIDTH_NAME) != 0)
		return false;
	if (dev->plat_ops->pcie_link != NULL)
		dev->plat_ops->pcie_link(dev, &speed, &width);
	*value = is_speed ? speed : width;
	return true;
}

/** Words that the two sides have for each other; -ENOENT: the name is of something else. */
static int
word_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	int ret = spad_get(dev, name, value);

	if (ret == -ENOENT)
		ret = ntb_epf_db_get(dev, name, value);
	if (ret == -ENOENT)
		ret = ntb_epf_window_get(dev, name, value);
	if (ret == -ENOENT)
		ret = ntb_epf_export_get(dev, name, value);
	return ret;
}

int
ntb_epf_attr_get(struct rte_rawdev *rawdev, const char *name, uint64_t *value)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int id;
	int ret;

	if (name == NULL || value == NULL)
		return -EINVAL;
	if (dev->plat_ops == NULL)
		return -ENODEV;
	if (simple_get(dev, name, value))
		return 0;
	if (strcmp(name, NTB_LINK_STATUS_NAME) == 0) {
		*value = link_status(dev);
		return 0;
	}
	if (offer_get(dev, name, value) || pcie_get(dev, name, value))
		return 0;
	ret = word_get(dev, name, value);
	if (ret != -ENOENT)
		return ret;
	if (!ntb_epf_xstat_find(dev, name, &id))
		return -EINVAL;
	return ntb_epf_xstats_get(rawdev, &id, value, 1) == 1 ? 0 : -EINVAL;
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
	if (expect_range(dev, "max_pkt_len", value, RTE_ETHER_MIN_LEN, NTB_EPF_MAX_PKT_LEN) != 0)
		return -EINVAL;
	dev->max_pkt_len = (uint32_t)value;
	return 0;
}

static int
set_mac(struct ntb_epf_dev *dev, uint64_t value)
{
	/* The peer is told at the handshake. */
	if (dev->rawdev->started)
		return -EBUSY;
	dev->mac = value & (RTE_BIT64(8 * RTE_ETHER_ADDR_LEN) - 1);
	return 0;
}

static int
set_ol_flags(struct ntb_epf_dev *dev, uint64_t value)
{
	/* The peer is told at the handshake. */
	if (dev->rawdev->started)
		return -EBUSY;
	if ((value & ~NTB_EPF_OL_FLAGS) != 0) {
		NTB_EPF_LOG(ERR, dev, "ol_flags=0x%" PRIx64 ": expected flags of 0x%" PRIx64, value,
			    (uint64_t)NTB_EPF_OL_FLAGS);
		return -EINVAL;
	}
	dev->ol_flags = value;
	return 0;
}

/** Those that cannot be set, of all that can be read. */
static bool
is_read_only(struct ntb_epf_dev *dev, const char *name)
{
	uint64_t value;
	unsigned int id;

	return simple_get(dev, name, &value) || strcmp(name, NTB_LINK_STATUS_NAME) == 0 ||
		offer_get(dev, name, &value) || pcie_get(dev, name, &value) ||
		word_get(dev, name, &value) == 0 ||
		ntb_epf_xstat_find(dev, name, &id);
}

int
ntb_epf_attr_set(struct rte_rawdev *rawdev, const char *name, uint64_t value)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	int ret;

	if (name == NULL)
		return -EINVAL;
	if (dev->plat_ops == NULL)
		return -ENODEV;
	if (strcmp(name, NTB_QUEUE_SZ_NAME) == 0)
		return set_queue_size(dev, value);
	if (strcmp(name, NTB_QUEUE_NUM_NAME) == 0)
		return set_queue_num(dev, value);
	if (strcmp(name, "max_pkt_len") == 0)
		return set_max_pkt_len(dev, value);
	if (strcmp(name, "mac") == 0)
		return set_mac(dev, value);
	if (strcmp(name, "ol_flags") == 0)
		return set_ol_flags(dev, value);
	ret = spad_set(dev, name, value);
	if (ret == -ENOENT)
		ret = ntb_epf_db_set(dev, name, value);
	if (ret == -ENOENT)
		ret = ntb_epf_export_set(dev, name, value);
	if (ret == -ENOENT)
		ret = is_read_only(dev, name) ? -EPERM : -EINVAL;
	return ret;
}
