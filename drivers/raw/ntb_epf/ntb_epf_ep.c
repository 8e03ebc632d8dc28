/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The endpoint's side of the control region: what Linux's endpoint function does, in user space.
 * All of it is local memory of the endpoint; the host's writes arrive there.
 */

#include <inttypes.h>
#include <string.h>

#include "ntb_epf_priv.h"

/** What this function offers: one window, as many scratchpads and doorbells as are usual. */
#define NTB_EPF_MW_COUNT 1
#define NTB_EPF_SPAD_COUNT 128
#define NTB_EPF_DB_COUNT 32
/** Granule of outbound translation, bytes. */
#define NTB_EPF_WINDOW_ALIGN 4096

#define CTRL_READ(dev, field) \
	ntb_epf_mem_read32(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field))
#define CTRL_WRITE(dev, field, value) \
	ntb_epf_mem_write32(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field), value)

static void
zero(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem)
{
	uint64_t off;

	for (off = 0; off < mem->bytes; off += sizeof(uint32_t))
		ntb_epf_mem_write32(dev, mem, off, 0);
}

/** What the endpoint tells of itself. The host can write there, too. */
static void
describe(struct ntb_epf_dev *dev)
{
	const size_t data = offsetof(struct ntb_epf_ctrl, db_data);
	const size_t offset = offsetof(struct ntb_epf_ctrl, db_offset);
	unsigned int slot;

	CTRL_WRITE(dev, topology, 0);
	CTRL_WRITE(dev, mw1_offset, 0);
	CTRL_WRITE(dev, spad_offset, sizeof(struct ntb_epf_ctrl));
	CTRL_WRITE(dev, spad_count, NTB_EPF_SPAD_COUNT);
	CTRL_WRITE(dev, db_entry_size, sizeof(uint32_t));
	for (slot = 0; slot < NTB_EPF_DB_COUNT; slot++) {
		ntb_epf_mem_write32(dev, &dev->ctrl, data + 4 * slot, slot + 1);
		ntb_epf_mem_write32(dev, &dev->ctrl, offset + 4 * slot, 0);
	}
	/* Last: a count other than 0 tells the host that the rest is there. */
	ntb_epf_header_before_generation();
	CTRL_WRITE(dev, mw_count, NTB_EPF_MW_COUNT);
}

/** A host that has lost its way must not keep itself, or the next one, from coming back. */
static bool
is_described(struct ntb_epf_dev *dev)
{
	return CTRL_READ(dev, topology) == 0 && CTRL_READ(dev, mw1_offset) == 0 &&
		CTRL_READ(dev, mw_count) == NTB_EPF_MW_COUNT &&
		CTRL_READ(dev, spad_offset) == sizeof(struct ntb_epf_ctrl) &&
		CTRL_READ(dev, spad_count) == NTB_EPF_SPAD_COUNT &&
		CTRL_READ(dev, db_entry_size) == sizeof(uint32_t);
}

void
ntb_epf_ep_bind(struct ntb_epf_dev *dev)
{
	zero(dev, &dev->ctrl);
	zero(dev, &dev->db);
	ntb_epf_db_reset(dev);
	memset(dev->window, 0, sizeof(struct ntb_epf_win_hdr));
	describe(dev);
	dev->bound = true;
}

static void
forget_host(struct ntb_epf_dev *dev)
{
	dev->host_link = false;
	dev->mw_bytes = 0;
	dev->window_open = false;
	dev->peer.bytes = 0;
}

static void
set_link_status(struct ntb_epf_dev *dev, uint16_t status)
{
	ntb_epf_mem_write16(dev, &dev->ctrl, offsetof(struct ntb_epf_ctrl, link_status), status);
}

/**
 * The end of a link, as clients of the endpoint function leave it: what the host has written to the
 * scratchpads is gone. A host that knows them looks at the last one for that, link or not.
 */
static void
end_link(struct ntb_epf_dev *dev)
{
	unsigned int n = dev->host_link ? 0 : NTB_EPF_SPAD_COUNT - 1;

	for (; n < NTB_EPF_SPAD_COUNT; n++)
		ntb_epf_mem_write32(dev, &dev->ctrl, sizeof(struct ntb_epf_ctrl) +
				    NTB_EPF_SPAD_BYTES * (NTB_EPF_SPAD_COUNT + n), 0);
	dev->host_link = false;
	set_link_status(dev, 0);
}

void
ntb_epf_ep_unbind(struct ntb_epf_dev *dev)
{
	if (!dev->bound)
		return;
	forget_host(dev);
	dev->plat_ops->outbound_close(dev);
	zero(dev, &dev->ctrl);
	dev->bound = false;
}

/** CONFIGURE_MW: where the host's window is. Checked here, opened at link up. */
static bool
configure_mw(struct ntb_epf_dev *dev, uint32_t window)
{
	uint64_t addr = CTRL_READ(dev, addr_lo) | (uint64_t)CTRL_READ(dev, addr_hi) << 32;
	uint64_t bytes = CTRL_READ(dev, size_lo) | (uint64_t)CTRL_READ(dev, size_hi) << 32;

	if (window >= NTB_EPF_MW_COUNT || bytes == 0 || bytes > dev->window_bytes ||
	    addr >= RTE_BIT64(NTB_EPF_SQE0_ADDR_BITS) - bytes ||
	    (addr & (NTB_EPF_WINDOW_ALIGN - 1)) != 0) {
		NTB_EPF_LOG(WARNING, dev, "CONFIGURE_MW: window %u, %" PRIu64 " bytes: expected "
			    "window 0, 1 to %" PRIu64 " bytes, page aligned", window, bytes,
			    dev->window_bytes);
		return false;
	}
	dev->mw_addr = addr;
	dev->mw_bytes = bytes;
	return true;
}

static bool
link_up(struct ntb_epf_dev *dev)
{
	/* Whether the rings fit is known when both sides have said how deep theirs are. */
	if (dev->mw_bytes != 0 && dev->mw_bytes < NTB_EPF_RING_OFFSET) {
		NTB_EPF_LOG(ERR, dev, "host window of %" PRIu64 " bytes: expected at least %u",
			    dev->mw_bytes, NTB_EPF_RING_OFFSET);
		return false;
	}
	if (dev->mw_bytes != 0) {
		if (dev->plat_ops->outbound_open(dev, dev->mw_addr, dev->mw_bytes) != 0)
			return false;
		dev->window_open = true;
	}
	set_link_status(dev, NTB_EPF_LINK_UP);
	dev->host_link = true;
	return true;
}

static bool
window_release(struct ntb_epf_dev *dev)
{
	dev->peer.bytes = 0;
	dev->window_open = false;
	dev->plat_ops->outbound_close(dev);
	return true;
}

static bool
execute(struct ntb_epf_dev *dev, uint32_t command, uint32_t argument)
{
	switch (command) {
	case NTB_EPF_CMD_CONFIGURE_DOORBELL:
	case NTB_EPF_CMD_TEARDOWN_DOORBELL:
		return true;
	case NTB_EPF_CMD_CONFIGURE_MW:
		/* What is open leads to where the window was, as far as that went. */
		return configure_mw(dev, argument) && window_release(dev);
	case NTB_EPF_CMD_TEARDOWN_MW:
		dev->mw_bytes = 0;
		return window_release(dev);
	case NTB_EPF_CMD_LINK_UP:
		return link_up(dev);
	case NTB_EPF_CMD_LINK_DOWN:
		end_link(dev);
		return window_release(dev);
	default:
		return false;
	}
}

static bool
is_command(uint32_t command)
{
	return command >= NTB_EPF_CMD_CONFIGURE_DOORBELL && command <= NTB_EPF_CMD_LINK_DOWN;
}

/** Commands that take the window away wait until nothing of this side uses it. */
static bool
must_quiesce_first(const struct ntb_epf_dev *dev, uint32_t command)
{
	return command >= NTB_EPF_CMD_CONFIGURE_MW && dev->state != NTB_EPF_WAIT;
}

static void
serve_command(struct ntb_epf_dev *dev)
{
	uint32_t command = CTRL_READ(dev, command);
	uint32_t argument;
	bool good;

	if (command == 0) {
		/* The link was away for a while; the host and its window are as they were. */
		if (dev->window_open)
			dev->peer.bytes = dev->mw_bytes;
		return;
	}
	if (must_quiesce_first(dev, command)) {
		dev->host_let_go = command == NTB_EPF_CMD_LINK_DOWN;
		dev->peer.bytes = 0;
		return;
	}
	argument = CTRL_READ(dev, argument);
	CTRL_WRITE(dev, command, 0);
	CTRL_WRITE(dev, argument, 0);
	if (!is_command(command)) {
		NTB_EPF_LOG(WARNING, dev, "command %u: expected 1 to 6", command);
		return;
	}
	good = execute(dev, command, argument);
	ntb_epf_mem_write16(dev, &dev->ctrl, offsetof(struct ntb_epf_ctrl, cmd_status),
			    good ? NTB_EPF_STATUS_OK : NTB_EPF_STATUS_ERROR);
}

void
ntb_epf_ep_poll(struct ntb_epf_dev *dev)
{
	uint32_t life;
	bool present = dev->plat_ops->peer_present(dev, &life);

	if (!dev->bound)
		ntb_epf_ep_bind(dev);
	else if (dev->state != NTB_EPF_UP && !is_described(dev))
		describe(dev);
	if (present && life == dev->host_life) {
		serve_command(dev);
		return;
	}
	if (!present) {
		dev->peer.bytes = 0;
		return;
	}
	if (dev->host_link || dev->mw_bytes != 0) {
		end_link(dev);
		forget_host(dev);
	}
	if (dev->state != NTB_EPF_WAIT)
		return;
	/* Quiet: what the old host left in this side's window must not pass for news. */
	dev->plat_ops->outbound_close(dev);
	memset(dev->window, 0, sizeof(struct ntb_epf_win_hdr));
	ntb_epf_db_reset(dev);
	describe(dev);
	dev->host_life = life;
}
