/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The host's side of the control region: one command at a time, each issued in one poll and looked
 * for in later ones. The reads here cross the link; none is made while the link is up.
 *
 *     PROBE -> LINK_DOWN -> SETTLE -> TEARDOWN -> CONFIGURE -> LINK_UP -> READY
 *       ^                                                                  |
 *       +---- a command fails, or the endpoint has gone or come back ------+
 *
 * Bus mastering is off until the endpoint has answered LINK_DOWN: it answers when nothing that an
 * earlier life of this host asked for is under way any more, so that no late copy can reach memory
 * which this process maps at the same addresses.
 */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>

#include "ntb_epf_priv.h"

/** An endpoint that looks twice a second needs more than the second that Linux allows. */
#define NTB_EPF_COMMAND_MS 2000

/** Pause after a command that failed. */
#define NTB_EPF_RETRY_MS 500

/** What an earlier host can have left of one window: controllers have no more entries than this. */
#define NTB_EPF_MAX_LEFTOVERS 16

/** Longest wait for an endpoint that cleans up after LINK_DOWN. */
#define NTB_EPF_SETTLE_MS 1000
/** Written to a scratchpad of the endpoint, which clears it. */
#define NTB_EPF_SENTINEL 0x4b4e494cu /* "LINK" */

/** The one window in use. */
#define NTB_EPF_WINDOW 0

#define CTRL_READ16(dev, field) \
	ntb_epf_mem_read16(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field))
#define CTRL_READ32(dev, field) \
	ntb_epf_mem_read32(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field))
#define CTRL_WRITE16(dev, field, value) \
	ntb_epf_mem_write16(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field), value)
#define CTRL_WRITE32(dev, field, value) \
	ntb_epf_mem_write32(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field), value)

static uint64_t
ms_ahead(unsigned int ms)
{
	return rte_rdtsc() + rte_get_tsc_hz() / 1000 * ms;
}

/** Again in a while; one line for each life of the endpoint. */
static bool
may_complain(struct ntb_epf_dev *dev)
{
	bool first = !dev->host_warned;

	dev->host_retry = ms_ahead(NTB_EPF_RETRY_MS);
	dev->host_warned = true;
	return first;
}

static void
command(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	/* What an earlier command left behind must not pass for the answer to this one. */
	CTRL_WRITE16(dev, cmd_status, NTB_EPF_STATUS_NONE);
	CTRL_WRITE32(dev, argument, argument);
	CTRL_WRITE32(dev, command, code);
	dev->command_pending = true;
	dev->command_deadline = ms_ahead(NTB_EPF_COMMAND_MS);
}

/**
 * One that timed out must have been picked up, or its answer would pass for that of the next. A
 * word that nobody picks up does not keep the host out: the first of the sequence replaces it.
 */
static int
command_issue(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	uint32_t left = CTRL_READ32(dev, command);

	if (left != 0 && dev->command_deadline == 0)
		dev->command_deadline = ms_ahead(NTB_EPF_COMMAND_MS);
	if (left != 0 && rte_rdtsc() < dev->command_deadline)
		return 0;
	if (left != 0 && may_complain(dev))
		NTB_EPF_LOG(WARNING, dev, "command word 0x%x has not been picked up within %u ms: "
			    "expected 0", left, NTB_EPF_COMMAND_MS);
	dev->command_deadline = 0;
	if (left != 0 && code != NTB_EPF_CMD_LINK_DOWN)
		return -EIO;
	command(dev, code, argument);
	return 0;
}

/** Issues a command, and on later calls looks for its end: 1 done, 0 not yet, negative failed. */
static int
command_run(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	uint16_t status;

	if (!dev->command_pending)
		return command_issue(dev, code, argument);
	status = CTRL_READ16(dev, cmd_status);
	if (status != NTB_EPF_STATUS_OK && status != NTB_EPF_STATUS_ERROR &&
	    rte_rdtsc() < dev->command_deadline)
		return 0;
	dev->command_pending = false;
	dev->command_deadline = 0;
	CTRL_WRITE16(dev, cmd_status, NTB_EPF_STATUS_NONE);
	if (status == NTB_EPF_STATUS_OK)
		return 1;
	if (may_complain(dev))
		NTB_EPF_LOG(WARNING, dev, "command %u: status %u after at most %u ms: expected %u",
			    code, status, NTB_EPF_COMMAND_MS, NTB_EPF_STATUS_OK);
	return -EIO;
}

/** Bytes of the windows that both sides can use: no more than the smaller one has. */
static uint64_t
usable_bytes(const struct ntb_epf_dev *dev)
{
	return RTE_MIN(dev->window_bytes, dev->region.mw_bytes);
}

/** Has the endpoint filled the control region, with values that can be used? */
static int
probe_region(struct ntb_epf_dev *dev)
{
	uint64_t needed = NTB_EPF_WINDOW_BYTES(dev->nb_queues, dev->queue_size);
	char line[NTB_EPF_REGION_LINE];
	int ret = ntb_epf_region_read(dev, &dev->region, line);

	if (ret == -EAGAIN)
		return 0;
	if (ret != 0) {
		if (may_complain(dev))
			NTB_EPF_LOG(ERR, dev, "control region: %s", line);
		return ret;
	}
	if (usable_bytes(dev) < needed) {
		if (may_complain(dev))
			NTB_EPF_LOG(ERR, dev, "memory window of %" PRIu64 " bytes: expected at "
				    "least %" PRIu64 " for %u queue pairs of %u",
				    usable_bytes(dev), needed, dev->nb_queues, dev->queue_size);
		return -ENOSPC;
	}
	return 1;
}

/** Where the sentinel is: the last scratchpad of the endpoint. */
static bool
sentinel_place(struct ntb_epf_dev *dev, struct ntb_epf_mem *mem, uint64_t *offset)
{
	uint32_t count = dev->region.spad_count;

	return count != 0 && ntb_epf_region_spad(dev, false, count - 1, mem, offset) == 0;
}

/**
 * LINK_DOWN. A client of the endpoint function cleans up some time after this has been answered,
 * which clears the scratchpads; a word in one of them tells when that has happened.
 */
static int
take_link_down(struct ntb_epf_dev *dev)
{
	struct ntb_epf_mem mem;
	uint64_t offset;
	int ret;

	if (!dev->command_pending) {
		dev->host_sentinel = sentinel_place(dev, &mem, &offset);
		if (dev->host_sentinel)
			ntb_epf_mem_write32(dev, &mem, offset, NTB_EPF_SENTINEL);
	}
	ret = command_run(dev, NTB_EPF_CMD_LINK_DOWN, 0);
	if (ret > 0)
		dev->host_settle = ms_ahead(NTB_EPF_SETTLE_MS);
	return ret;
}

/** Done when the sentinel is gone. Nobody may be there to clear it: then the time ends the wait. */
static int
settle(struct ntb_epf_dev *dev)
{
	struct ntb_epf_mem mem;
	uint64_t offset;

	return !dev->host_sentinel || rte_rdtsc() >= dev->host_settle ||
		!sentinel_place(dev, &mem, &offset) ||
		ntb_epf_mem_read32(dev, &mem, offset) != NTB_EPF_SENTINEL;
}

/** How many mappings of the window an earlier host may have left; each TEARDOWN_MW ends one. */
static unsigned int
teardowns_needed(struct ntb_epf_dev *dev)
{
	bool used = (CTRL_READ32(dev, addr_lo) | CTRL_READ32(dev, addr_hi) |
		     CTRL_READ32(dev, size_lo) | CTRL_READ32(dev, size_hi)) != 0;

	return used && !dev->host_cleaned ? NTB_EPF_MAX_LEFTOVERS : 1;
}

static int
clear_window(struct ntb_epf_dev *dev)
{
	int ret;

	if (dev->host_teardowns == 0)
		dev->host_teardowns = teardowns_needed(dev);
	ret = command_run(dev, NTB_EPF_CMD_TEARDOWN_MW, NTB_EPF_WINDOW);
	if (ret <= 0 || --dev->host_teardowns != 0)
		return RTE_MIN(ret, 0);
	dev->host_cleaned = true;
	return 1;
}

static void
tell_window(struct ntb_epf_dev *dev, uint64_t addr, uint64_t bytes)
{
	CTRL_WRITE32(dev, addr_lo, (uint32_t)addr);
	CTRL_WRITE32(dev, addr_hi, (uint32_t)(addr >> 32));
	CTRL_WRITE32(dev, size_lo, (uint32_t)bytes);
	CTRL_WRITE32(dev, size_hi, (uint32_t)(bytes >> 32));
}

static bool
bus_master_on(struct ntb_epf_dev *dev)
{
	if (!dev->bus_master && dev->plat_ops->bus_master(dev, true) == 0)
		dev->bus_master = true;
	return dev->bus_master;
}

static int
offer_window(struct ntb_epf_dev *dev)
{
	if (!bus_master_on(dev)) {
		if (may_complain(dev))
			NTB_EPF_LOG(ERR, dev, "bus mastering is off: expected that it can be "
				    "switched on");
		return -EIO;
	}
	if (!dev->command_pending) {
		/* The endpoint cannot write here now: what stands there is of its past. */
		memset(dev->window, 0, sizeof(struct ntb_epf_win_hdr));
		ntb_epf_db_reset(dev);
		tell_window(dev, dev->window_iova, usable_bytes(dev));
	}
	return command_run(dev, NTB_EPF_CMD_CONFIGURE_MW, NTB_EPF_WINDOW);
}

/** The last command; with it, what of the region the data path needs has been read. */
static int
bring_link_up(struct ntb_epf_dev *dev)
{
	int ret = command_run(dev, NTB_EPF_CMD_LINK_UP, 0);

	if (ret > 0)
		ntb_epf_db_learn(dev);
	return ret;
}

/** The step of the sequence that the current state stands for. */
static int
sequence_step(struct ntb_epf_dev *dev)
{
	switch (dev->host_state) {
	case NTB_EPF_HOST_PROBE:
		return probe_region(dev);
	case NTB_EPF_HOST_LINK_DOWN:
		return take_link_down(dev);
	case NTB_EPF_HOST_SETTLE:
		return settle(dev);
	case NTB_EPF_HOST_TEARDOWN:
		return clear_window(dev);
	case NTB_EPF_HOST_CONFIGURE:
		return offer_window(dev);
	case NTB_EPF_HOST_LINK_UP:
		return bring_link_up(dev);
	default:
		return 0;
	}
}

void
ntb_epf_host_restart(struct ntb_epf_dev *dev)
{
	dev->host_state = NTB_EPF_HOST_PROBE;
	dev->command_pending = false;
	dev->command_deadline = 0;
	dev->host_teardowns = 0;
	dev->peer.bytes = 0;
}

/**
 * The endpoint speaks first. Before it has, its window may lead anywhere in its memory: a function
 * is there for the host before its own side has said where the window shall lead.
 */
static void
open_window(struct ntb_epf_dev *dev)
{
	const struct ntb_epf_win_hdr *h = (const struct ntb_epf_win_hdr *)dev->window;

	if (ntb_epf_load32(&h->generation) == 0)
		return;
	dev->peer = dev->mw_bar;
	dev->peer.start += dev->region.mw_offset;
	if (dev->peer.va != NULL)
		dev->peer.va += dev->region.mw_offset;
	if (dev->peer.dma != 0)
		dev->peer.dma += dev->region.mw_offset;
	dev->peer.bytes = usable_bytes(dev);
}

void
ntb_epf_host_poll(struct ntb_epf_dev *dev)
{
	uint32_t life;
	int ret;

	if (!dev->plat_ops->peer_present(dev, &life) ||
	    (dev->host_state != NTB_EPF_HOST_PROBE && life != dev->host_life)) {
		ntb_epf_host_restart(dev);
		return;
	}
	if (dev->host_state == NTB_EPF_HOST_READY) {
		if (dev->peer.bytes == 0)
			open_window(dev);
		return;
	}
	/* LINK_DOWN says that own DMA has ended; a window is offered when all buffers are back. */
	if (dev->state == NTB_EPF_QUIESCE &&
	    (!dev->own_quiet || dev->host_state > NTB_EPF_HOST_LINK_DOWN))
		return;
	if (rte_rdtsc() < dev->host_retry)
		return;
	if (life != dev->host_life)
		dev->host_warned = false;
	dev->host_life = life;
	ret = sequence_step(dev);
	if (ret < 0)
		ntb_epf_host_restart(dev);
	else if (ret > 0)
		dev->host_state++;
}

/** Waits for a command's end, not longer than an endpoint of this platform is worth waiting for. */
static bool
command_wait(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	uint64_t end = ms_ahead(dev->plat_ops->leave_ms);
	int ret;

	dev->command_pending = false;
	dev->command_deadline = 0;
	for (;;) {
		ret = command_run(dev, code, argument);
		if (ret != 0 || rte_rdtsc() >= end)
			return ret > 0;
		rte_delay_us_sleep(1000);
	}
}

void
ntb_epf_host_leave(struct ntb_epf_dev *dev)
{
	uint32_t life;

	if (dev->host_state == NTB_EPF_HOST_PROBE || !dev->plat_ops->alive(dev) ||
	    !dev->plat_ops->peer_present(dev, &life))
		return;
	/* The fields tell the next host whether there may be something to clean up. */
	if (command_wait(dev, NTB_EPF_CMD_LINK_DOWN, 0) &&
	    command_wait(dev, NTB_EPF_CMD_TEARDOWN_MW, NTB_EPF_WINDOW))
		tell_window(dev, 0, 0);
	ntb_epf_host_restart(dev);
}
