/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Doorbells: bit b is slot b + 2 of an array of dwords in memory of the side that is rung. A slot
 * that is not 0 has been rung; more often than once looks the same.
 *
 *     host to endpoint   the doorbell BAR; value and place of each slot are in the control region
 *     endpoint to host   NTB_EPF_DB_OFFSET in the host's window
 *
 * Attributes, all of them masks of bits:
 *
 *     db_status   get: own bits that have been rung
 *     db_clear    set: own bits to clear
 *     db_ring     set: bits of the peer to ring
 *     db_valid    get: bits that db_ring takes; 0 while the peer's window cannot be reached
 */

#include <inttypes.h>
#include <string.h>

#include "ntb_epf_priv.h"

#define NTB_EPF_DB_ALL (RTE_BIT32(NTB_EPF_MAX_DB - NTB_EPF_DB_FIRST_SLOT) - 1)

/** The array that the peer rings, or NULL. */
static RTE_ATOMIC(uint32_t) *
own_slots(const struct ntb_epf_dev *dev)
{
	uint8_t *slots = NULL;

	if (dev->side == NTB_EPF_SIDE_RC)
		slots = dev->window + NTB_EPF_DB_OFFSET;
	else if (dev->db.bytes >= NTB_EPF_MAX_DB * sizeof(uint32_t))
		slots = dev->db.va;
	return (RTE_ATOMIC(uint32_t) *)(uintptr_t)slots;
}

/** Takes what has been rung out of the array. */
static void
collect(struct ntb_epf_dev *dev)
{
	RTE_ATOMIC(uint32_t) *slots = own_slots(dev);
	unsigned int n;

	for (n = NTB_EPF_DB_FIRST_SLOT; n < NTB_EPF_MAX_DB; n++) {
		if (rte_atomic_load_explicit(&slots[n], rte_memory_order_relaxed) == 0)
			continue;
		/*
		 * The slot is 0 before the caller looks at what the bell is about, else a ring in
		 * between would be lost: a full barrier.
		 */
		rte_atomic_exchange_explicit(&slots[n], 0, rte_memory_order_seq_cst);
		dev->db_pending |= RTE_BIT32(n - NTB_EPF_DB_FIRST_SLOT);
	}
}

void
ntb_epf_db_reset(struct ntb_epf_dev *dev)
{
	if (own_slots(dev) != NULL)
		collect(dev);
	dev->db_pending = 0;
	dev->db_valid = 0;
}

static uint32_t
told(struct ntb_epf_dev *dev, size_t offset)
{
	return ntb_epf_mem_read32(dev, &dev->ctrl, offset);
}

/** One line about slots that are in use and cannot be reached. */
static void
complain(struct ntb_epf_dev *dev, uint32_t slots, uint64_t first_at)
{
	unsigned int first = (unsigned int)__builtin_ctz(slots);

	NTB_EPF_LOG(WARNING, dev, "doorbells 0x%x cannot be rung, slot %u is at 0x%" PRIx64
		    ": expected a multiple of 4 within 0x%" PRIx64 " bytes of BAR %u",
		    slots >> NTB_EPF_DB_FIRST_SLOT, first, first_at, dev->region.db_bytes,
		    dev->db.region);
}

static bool
can_reach(const struct ntb_epf_dev *dev, uint64_t at)
{
	return at % sizeof(uint32_t) == 0 && at <= UINT32_MAX &&
		at + sizeof(uint32_t) <= dev->region.db_bytes;
}

void
ntb_epf_db_learn(struct ntb_epf_dev *dev)
{
	const size_t data = offsetof(struct ntb_epf_ctrl, db_data);
	const size_t offset = offsetof(struct ntb_epf_ctrl, db_offset);
	uint64_t stride = told(dev, offsetof(struct ntb_epf_ctrl, db_entry_size));
	uint64_t first_lost = 0;
	uint32_t lost = 0;
	unsigned int n;

	for (n = NTB_EPF_DB_FIRST_SLOT; n < NTB_EPF_MAX_DB; n++) {
		uint32_t extra = told(dev, offset + n * sizeof(uint32_t));
		uint64_t at = stride * n + extra;

		dev->db_data[n] = told(dev, data + n * sizeof(uint32_t));
		/* A slot with neither is not in use. */
		if (dev->db_data[n] == 0 && extra == 0)
			continue;
		if (!can_reach(dev, at)) {
			first_lost = lost == 0 ? at : first_lost;
			lost |= RTE_BIT32(n);
			continue;
		}
		dev->db_at[n] = (uint32_t)at;
		dev->db_valid |= RTE_BIT32(n - NTB_EPF_DB_FIRST_SLOT);
	}
	if (lost != 0)
		complain(dev, lost, first_lost);
}

static uint32_t
valid(const struct ntb_epf_dev *dev)
{
	if (!ntb_epf_peer_usable(dev))
		return 0;
	return dev->side == NTB_EPF_SIDE_EP ? NTB_EPF_DB_ALL : dev->db_valid;
}

/** Makes what a core wrote into the peer's window before visible before the bell. */
static inline void
stores_before_bell(void)
{
	/* Not rte_io_wmb(): the window may be write-combining. */
	rte_wmb();
}

static void
ring_slot(struct ntb_epf_dev *dev, unsigned int n)
{
	if (dev->side == NTB_EPF_SIDE_RC)
		ntb_epf_mem_write32(dev, &dev->db, dev->db_at[n], dev->db_data[n]);
	else
		ntb_epf_mem_write32(dev, &dev->peer, NTB_EPF_DB_OFFSET + n * sizeof(uint32_t),
				    n + 1);
}

static int
ring(struct ntb_epf_dev *dev, uint64_t mask)
{
	uint32_t allowed = valid(dev);
	unsigned int bit;

	if (allowed == 0)
		return -ENOTCONN;
	if ((mask & ~(uint64_t)allowed) != 0) {
		NTB_EPF_LOG(ERR, dev, "db_ring=0x%" PRIx64 ": expected bits of 0x%x", mask, allowed);
		return -EINVAL;
	}
	stores_before_bell();
	for (bit = 0; mask != 0; bit++, mask >>= 1)
		if ((mask & 1) != 0)
			ring_slot(dev, bit + NTB_EPF_DB_FIRST_SLOT);
	return 0;
}

int
ntb_epf_db_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	int ret = 0;

	ntb_epf_link_lock(dev);
	if (strcmp(name, "db_valid") == 0) {
		*value = valid(dev);
	} else if (strcmp(name, "db_status") != 0) {
		ret = -ENOENT;
	} else if (own_slots(dev) == NULL) {
		ret = -ENOTSUP;
	} else {
		collect(dev);
		*value = dev->db_pending;
	}
	ntb_epf_link_unlock(dev);
	return ret;
}

int
ntb_epf_db_set(struct ntb_epf_dev *dev, const char *name, uint64_t value)
{
	int ret = -ENOENT;

	ntb_epf_link_lock(dev);
	if (strcmp(name, "db_ring") == 0) {
		ret = ring(dev, value);
	} else if (strcmp(name, "db_clear") == 0) {
		ret = own_slots(dev) != NULL ? 0 : -ENOTSUP;
		if (ret == 0)
			collect(dev);
		dev->db_pending &= ~(uint32_t)value;
	}
	ntb_epf_link_unlock(dev);
	return ret;
}
