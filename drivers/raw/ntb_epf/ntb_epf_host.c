/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The host's side of the control region: one command at a time, each issued in one poll and looked
 * for in later ones. The reads here cross the link; none is made while the link is up.
 *
 * Bus mastering is off until the endpoint has answered LINK_DOWN: it answers when nothing that an
 * earlier life of this host asked for is under way any more, so that no late copy can reach memory
 * which this process maps at the same addresses.
 */

#include <string.h>

#include <rte_cycles.h>

#include "ntb_epf_priv.h"

/** An endpoint that looks twice a second needs more than the second that Linux allows. */
#define NTB_EPF_COMMAND_MS 2000

/** Pause after a command that failed. */
#define NTB_EPF_RETRY_MS 500

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

static void
command(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	/* What an earlier command left behind must not pass for the answer to this one. */
	CTRL_WRITE16(dev, cmd_status, NTB_EPF_STATUS_NONE);
	CTRL_WRITE32(dev, argument, argument);
	CTRL_WRITE32(dev, command, code);
	dev->command_pending = true;
	dev->command_deadline = rte_rdtsc() + rte_get_tsc_hz() / 1000 * NTB_EPF_COMMAND_MS;
}

/** Issues a command, and on later calls looks for its end: 1 done, 0 not yet, negative failed. */
static int
command_run(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	uint16_t status;

	if (!dev->command_pending) {
		/*
		 * One that timed out must have been picked up, or its answer would pass for ours.
		 * The first of the sequence replaces it: a word that nobody picks up must not
		 * keep the host out.
		 */
		if (code == NTB_EPF_CMD_LINK_DOWN || CTRL_READ32(dev, command) == 0)
			command(dev, code, argument);
		return 0;
	}
	status = CTRL_READ16(dev, cmd_status);
	if (status != NTB_EPF_STATUS_OK && status != NTB_EPF_STATUS_ERROR &&
	    rte_rdtsc() < dev->command_deadline)
		return 0;
	dev->command_pending = false;
	CTRL_WRITE16(dev, cmd_status, NTB_EPF_STATUS_NONE);
	if (status == NTB_EPF_STATUS_OK)
		return 1;
	/* Again in a while; one line tells. */
	dev->host_retry = rte_rdtsc() + rte_get_tsc_hz() / 1000 * NTB_EPF_RETRY_MS;
	if (dev->host_warned)
		return -EIO;
	dev->host_warned = true;
	NTB_EPF_LOG(WARNING, dev, "command %u: status %u after at most %u ms: expected %u", code,
		    status, NTB_EPF_COMMAND_MS, NTB_EPF_STATUS_OK);
	return -EIO;
}

/** The endpoint has filled the control region with values that can be used. */
static bool
region_is_valid(struct ntb_epf_dev *dev)
{
	uint32_t mw_count = CTRL_READ32(dev, mw_count);
	uint32_t spad_offset = CTRL_READ32(dev, spad_offset);
	uint32_t spad_count = CTRL_READ32(dev, spad_count);

	return mw_count >= 1 && mw_count <= NTB_EPF_MAX_MW &&
		spad_offset >= sizeof(struct ntb_epf_ctrl) && spad_offset <= dev->ctrl.bytes &&
		spad_offset % NTB_EPF_SPAD_BYTES == 0 &&
		spad_count <= (dev->ctrl.bytes - spad_offset) / (2 * NTB_EPF_SPAD_BYTES);
}

static bool
bus_master_on(struct ntb_epf_dev *dev)
{
	if (!dev->bus_master && dev->plat_ops->bus_master(dev, true) == 0)
		dev->bus_master = true;
	return dev->bus_master;
}

/** The step of the sequence that the current state stands for. */
static int
sequence_step(struct ntb_epf_dev *dev)
{
	switch (dev->host_state) {
	case NTB_EPF_HOST_LINK_DOWN:
		return command_run(dev, NTB_EPF_CMD_LINK_DOWN, 0);
	case NTB_EPF_HOST_TEARDOWN:
		return command_run(dev, NTB_EPF_CMD_TEARDOWN_MW, NTB_EPF_WINDOW);
	case NTB_EPF_HOST_CONFIGURE:
		if (!bus_master_on(dev))
			return -EIO;
		if (!dev->command_pending) {
			/* The endpoint cannot write here now: what stands there is of its past. */
			memset(dev->window, 0, sizeof(struct ntb_epf_win_hdr));
			ntb_epf_db_reset(dev);
			CTRL_WRITE32(dev, addr_lo, (uint32_t)dev->window_iova);
			CTRL_WRITE32(dev, addr_hi, (uint32_t)(dev->window_iova >> 32));
			CTRL_WRITE32(dev, size_lo, (uint32_t)dev->window_bytes);
			CTRL_WRITE32(dev, size_hi, (uint32_t)(dev->window_bytes >> 32));
		}
		return command_run(dev, NTB_EPF_CMD_CONFIGURE_MW, NTB_EPF_WINDOW);
	case NTB_EPF_HOST_LINK_UP:
		return command_run(dev, NTB_EPF_CMD_LINK_UP, 0);
	case NTB_EPF_HOST_PROBE:
		return region_is_valid(dev) ? 1 : 0;
	default:
		return 0;
	}
}

void
ntb_epf_host_restart(struct ntb_epf_dev *dev)
{
	dev->host_state = NTB_EPF_HOST_PROBE;
	dev->command_pending = false;
	dev->peer.bytes = 0;
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
	if (dev->host_state == NTB_EPF_HOST_READY)
		return;
	/* LINK_DOWN says that own DMA has ended; a new window is offered when all buffers are back. */
	if (dev->state == NTB_EPF_QUIESCE &&
	    (!dev->own_quiet || dev->host_state >= NTB_EPF_HOST_TEARDOWN))
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
	if (dev->host_state == NTB_EPF_HOST_READY)
		dev->peer.bytes = dev->window_bytes;
}

/** An endpoint that looks often takes the news within this time; others find the host gone. */
#define NTB_EPF_LEAVE_MS 20

static void
command_wait(struct ntb_epf_dev *dev, enum ntb_epf_command code, uint32_t argument)
{
	unsigned int ms;

	command(dev, code, argument);
	dev->command_pending = false;
	for (ms = 0; ms < NTB_EPF_LEAVE_MS; ms++) {
		if (CTRL_READ16(dev, cmd_status) != NTB_EPF_STATUS_NONE)
			break;
		rte_delay_us_sleep(1000);
	}
	CTRL_WRITE16(dev, cmd_status, NTB_EPF_STATUS_NONE);
}

void
ntb_epf_host_leave(struct ntb_epf_dev *dev)
{
	uint32_t life;

	if (dev->host_state == NTB_EPF_HOST_PROBE || !dev->plat_ops->alive(dev) ||
	    !dev->plat_ops->peer_present(dev, &life))
		return;
	command_wait(dev, NTB_EPF_CMD_LINK_DOWN, 0);
	command_wait(dev, NTB_EPF_CMD_TEARDOWN_MW, NTB_EPF_WINDOW);
	ntb_epf_host_restart(dev);
}
