/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_REGION_H_
#define _NTB_EPF_REGION_H_

/**
 * @file
 * What the control region says of the rest, checked against the BARs.
 *
 * The region is memory that the other side may overwrite, so nothing of it is used unchecked. The
 * host reads it once for each life of the endpoint: each read crosses the link.
 */

#include <stdbool.h>
#include <stdint.h>

/** Room for what is wrong with a region: one line. */
#define NTB_EPF_REGION_LINE 112

struct ntb_epf_region {
	uint32_t layout;      /**< NTB_EPF_LAYOUT_* */
	uint32_t mw_count;    /**< 0: nothing has been read yet */
	uint32_t spad_offset;
	uint32_t spad_count;  /**< per bank */
	/* Host, window 0. */
	uint64_t mw_offset;   /**< in its BAR */
	uint64_t mw_bytes;
	uint64_t db_bytes;    /**< of the doorbell BAR, as far as the window leaves it */
};

struct ntb_epf_dev;
struct ntb_epf_mem;

/**
 * Reads the region.
 *
 * @param line  NTB_EPF_REGION_LINE bytes: what is wrong.
 * @return 0; -EAGAIN: the endpoint has not filled it, or does not answer; -EPROTO: see @p line.
 */
int ntb_epf_region_read(struct ntb_epf_dev *dev, struct ntb_epf_region *region, char *line);

/** What is known of the region; -ENODEV: nothing. Under the service lock. */
int ntb_epf_region_now(struct ntb_epf_dev *dev, struct ntb_epf_region *region);

/** Where scratchpad @p n of this side, or of the peer, is. Under the service lock. */
int ntb_epf_region_spad(struct ntb_epf_dev *dev, bool own, uint64_t n, struct ntb_epf_mem *mem,
			uint64_t *offset);

#endif /* _NTB_EPF_REGION_H_ */
