/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include "ntb_epf_priv.h"

/** The areas behind a window's header are 8-byte words; a window starts as aligned as they are. */
#define NTB_EPF_WINDOW_GRANULE 64

#define CTRL_READ32(dev, field) \
	ntb_epf_mem_read32(dev, &(dev)->ctrl, offsetof(struct ntb_epf_ctrl, field))

static int
wrong(char *line, const char *what, uint64_t value, const char *expected, uint64_t min,
      uint64_t max)
{
	snprintf(line, NTB_EPF_REGION_LINE, "%s 0x%" PRIx64 ": expected %s0x%" PRIx64 " to 0x%"
		 PRIx64, what, value, expected, min, max);
	return -EPROTO;
}

/** Bytes of the control structure, behind which the scratchpads are. */
static uint32_t
struct_bytes(uint32_t layout)
{
	return layout == NTB_EPF_LAYOUT_V1 ? offsetof(struct ntb_epf_ctrl_v1, dma_abi) :
					     sizeof(struct ntb_epf_ctrl);
}

/** Own and peer's scratchpads are banks of one size; the second may be in a BAR of its own. */
static int
check_spads(const struct ntb_epf_dev *dev, const struct ntb_epf_region *r, char *line)
{
	bool apart = dev->peer_spad.bytes != 0;
	uint64_t room, max;

	if (r->spad_offset < struct_bytes(r->layout) || r->spad_offset > dev->ctrl.bytes ||
	    r->spad_offset % NTB_EPF_SPAD_BYTES != 0)
		return wrong(line, "SPAD_OFFSET", r->spad_offset, "a multiple of 4, ",
			     struct_bytes(r->layout), dev->ctrl.bytes);
	room = (dev->ctrl.bytes - r->spad_offset) / NTB_EPF_SPAD_BYTES;
	max = apart ? RTE_MIN(room, dev->peer_spad.bytes / NTB_EPF_SPAD_BYTES) : room / 2;
	return r->spad_count <= max ? 0 : wrong(line, "SPAD_COUNT", r->spad_count, "", 0, max);
}

/** Where window 0 is in its BAR; a doorbell BAR that it shares ends where it begins. */
static int
place_window(struct ntb_epf_dev *dev, struct ntb_epf_region *r, char *line)
{
	const struct ntb_epf_mem *bar = &dev->mw_bar;
	uint64_t min = dev->db.region == bar->region ? NTB_EPF_WINDOW_GRANULE : 0;
	uint64_t rest;

	if (r->layout == NTB_EPF_LAYOUT_V1)
		r->mw_offset = ntb_epf_mem_read32(dev, &dev->ctrl,
						  offsetof(struct ntb_epf_ctrl_v1, mw_offset));
	else
		r->mw_offset = CTRL_READ32(dev, mw1_offset);
	if (r->mw_offset < min || r->mw_offset >= bar->bytes ||
	    r->mw_offset % NTB_EPF_WINDOW_GRANULE != 0)
		return wrong(line, "offset of memory window 1", r->mw_offset, "a multiple of 64, ",
			     min, bar->bytes - 1);
	rest = bar->bytes - r->mw_offset;
	r->mw_bytes = rest;
	if (r->layout == NTB_EPF_LAYOUT_V1)
		r->mw_bytes = ntb_epf_mem_read32(dev, &dev->ctrl,
						 offsetof(struct ntb_epf_ctrl_v1, mw_size));
	if (r->mw_bytes < NTB_EPF_RING_OFFSET || r->mw_bytes > rest)
		return wrong(line, "size of memory window 1", r->mw_bytes, "", NTB_EPF_RING_OFFSET,
			     rest);
	r->db_bytes = min != 0 ? r->mw_offset : dev->db.bytes;
	return 0;
}

int
ntb_epf_region_read(struct ntb_epf_dev *dev, struct ntb_epf_region *region, char *line)
{
	struct ntb_epf_region r = {
		.mw_count = CTRL_READ32(dev, mw_count),
		.layout = CTRL_READ32(dev, topology),
		.spad_offset = CTRL_READ32(dev, spad_offset),
		.spad_count = CTRL_READ32(dev, spad_count),
	};
	int ret;

	if (r.mw_count == 0 || (r.mw_count == UINT32_MAX && r.spad_offset == UINT32_MAX))
		return -EAGAIN;
	if (r.mw_count > NTB_EPF_MAX_MW)
		return wrong(line, "MW_COUNT", r.mw_count, "", 1, NTB_EPF_MAX_MW);
	if (r.layout > NTB_EPF_LAYOUT_V1)
		return wrong(line, "layout version", r.layout, "", NTB_EPF_LAYOUT_LEGACY,
			     NTB_EPF_LAYOUT_V1);
	ret = check_spads(dev, &r, line);
	if (ret == 0 && dev->side == NTB_EPF_SIDE_RC)
		ret = place_window(dev, &r, line);
	if (ret == 0)
		*region = r;
	return ret;
}

/** The endpoint looks at its own memory; the host keeps what it has read while it is served. */
int
ntb_epf_region_now(struct ntb_epf_dev *dev, struct ntb_epf_region *region)
{
	char line[NTB_EPF_REGION_LINE];
	int ret;

	if (dev->side == NTB_EPF_SIDE_RC && dev->host_state != NTB_EPF_HOST_PROBE) {
		*region = dev->region;
		return 0;
	}
	ret = ntb_epf_region_read(dev, region, line);
	if (ret == -EPROTO)
		NTB_EPF_LOG(ERR, dev, "control region: %s", line);
	return ret == 0 ? 0 : -ENODEV;
}

int
ntb_epf_region_spad(struct ntb_epf_dev *dev, bool own, uint64_t n, struct ntb_epf_mem *mem,
		    uint64_t *offset)
{
	bool first = own == (dev->side == NTB_EPF_SIDE_RC);
	struct ntb_epf_region r;
	int ret = ntb_epf_region_now(dev, &r);

	if (ret != 0)
		return ret;
	if (n >= r.spad_count) {
		NTB_EPF_LOG(ERR, dev, "scratchpad %" PRIu64 ": expected less than %u", n,
			    r.spad_count);
		return -EINVAL;
	}
	*mem = dev->ctrl;
	*offset = r.spad_offset + NTB_EPF_SPAD_BYTES * (n + (first ? 0 : r.spad_count));
	if (!first && dev->peer_spad.bytes != 0) {
		*mem = dev->peer_spad;
		*offset = NTB_EPF_SPAD_BYTES * n;
	}
	return 0;
}
