/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_LAYOUT_H_
#define _DW_EDMA_LAYOUT_H_

/**
 * @file
 * Where an engine and its lists are in the BARs of a PCI function, and the parsers of the places
 * that tell: a table of known devices, vendor-specific capabilities, metadata in a BAR.
 *
 * All of that is foreign input. A parser copies what it looks at first and then checks the copy, so
 * that nobody changes a value between check and use; it fills in a layout only if every field of it
 * lies inside its BAR. No DPDK in here, and no access but through struct dw_edma_source.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dw_edma_hw.h"

/** Channels per direction that the driver handles; maps of eDMA v0 have DW_EDMA_MAX_CH. */
#define DW_EDMA_CHANS DW_HDMA_MAX_CH

#define DW_EDMA_BARS 6

/** Indexes of the directions in a layout: the values of enum dw_edma_dir. */
#define DW_EDMA_LAYOUT_WR 0
#define DW_EDMA_LAYOUT_RD 1
#define DW_EDMA_LAYOUT_DIRS 2

/** A part of a BAR. */
struct dw_edma_window {
	unsigned int bar;
	uint64_t offset; /**< bytes from the start of the BAR */
	uint64_t bytes;  /**< 0: there is none */
};

/** Channel blocks of a direction, native map: that of channel n is at offset + n * stride. */
struct dw_edma_blocks {
	uint32_t offset;
	uint32_t stride;
};

/** List memory of a channel. */
struct dw_edma_ll_layout {
	struct dw_edma_window window;
	uint64_t local; /**< address of the window as the engine sees it */
};

/** Everything there is to know about an engine behind BARs. */
struct dw_edma_layout {
	enum dw_edma_map map;
	struct dw_edma_window regs;
	/** Native map only; offsets from the start of regs. */
	struct dw_edma_blocks blocks[DW_EDMA_LAYOUT_DIRS];
	/**
	 * Channels offered, write and read: dense from 0. 0: none of that direction. A direction
	 * that is offered is offered as a whole, unless the map is native.
	 */
	unsigned int cnt[DW_EDMA_LAYOUT_DIRS];
	struct dw_edma_ll_layout ll[DW_EDMA_LAYOUT_DIRS][DW_EDMA_CHANS];
};

/** How a parser looks at a function. Offsets are 4-byte aligned, values little endian words. */
struct dw_edma_source {
	void *ctx;
	/** Bytes of configuration space: 256 or 4096. */
	unsigned int config_bytes;
	/** Returns 0 or a negative errno. @p offset is below config_bytes. */
	int (*config_read)(void *ctx, uint32_t offset, uint32_t *value);
	/** Bytes of each BAR that can be accessed; 0: no memory BAR, or not mapped. */
	uint64_t bar_bytes[DW_EDMA_BARS];
	/** Address of each BAR on the PCI bus. */
	uint64_t bar_bus[DW_EDMA_BARS];
	/** All-ones if the device is gone. @p offset + 4 is within the BAR. */
	uint32_t (*bar_read)(void *ctx, unsigned int bar, uint64_t offset);
	void (*bar_write)(void *ctx, unsigned int bar, uint64_t offset, uint32_t value);
	/**
	 * One half of a word whose other half belongs to the device; @p offset is 2-byte aligned.
	 * NULL: formats that have such words are refused.
	 */
	void (*bar_write16)(void *ctx, unsigned int bar, uint64_t offset, uint16_t value);
	/** Waits at least so long. */
	void (*delay_ms)(void *ctx, unsigned int ms);
	/** Told one line that says what is wrong: names the value and what was expected. */
	void (*complain)(void *ctx, const char *line);
};

/** True if @p window lies inside its BAR and has at least @p min bytes. */
bool dw_edma_window_ok(const struct dw_edma_source *src, const struct dw_edma_window *window,
		       uint64_t min);

#endif /* _DW_EDMA_LAYOUT_H_ */
