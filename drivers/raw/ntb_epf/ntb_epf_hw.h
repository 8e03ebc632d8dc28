/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_HW_H_
#define _NTB_EPF_HW_H_

/**
 * @file
 * The endpoint NTB function (Linux pci-epf-vntb): control region, commands, scratchpads, doorbells.
 *
 * The control region is RAM of the endpoint at offset 0 of the configuration BAR, little endian.
 * "Host" is the root complex side. Source: Linux pci-epf-vntb.c and ntb_hw_epf.c, 7.2.
 *
 * Shared by driver and model, so: constants and layouts, no logic.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define NTB_EPF_MAX_MW 4
#define NTB_EPF_MAX_DB 32

/** Control region. Accesses have the width of the field. */
struct ntb_epf_ctrl {
	uint32_t command;       /**< written by the host, zeroed by the endpoint when picked up */
	uint32_t argument;      /**< written by the host, zeroed by the endpoint when picked up */
	uint16_t cmd_status;    /**< written by the endpoint, zeroed by the host */
	uint16_t link_status;   /**< written by the endpoint; bit 0: link up */
	uint32_t topology;      /**< layout version: 0 legacy, 1 v1 */
	uint32_t addr_lo;       /**< written by the host: PCIe address of its window memory */
	uint32_t addr_hi;
	uint32_t size_lo;
	uint32_t size_hi;
	uint32_t mw_count;      /**< written by the endpoint at bind: 1..4; the rest likewise */
	uint32_t mw1_offset;    /**< offset of window 1 in its BAR */
	uint32_t spad_offset;   /**< of region A from the start of this struct, >= 0x134 */
	uint32_t spad_count;    /**< scratchpads per region */
	uint32_t db_entry_size; /**< stride of doorbell slots in bytes, may be 0 */
	uint32_t db_data[NTB_EPF_MAX_DB];   /**< value to write for a slot */
	uint32_t db_offset[NTB_EPF_MAX_DB]; /**< extra byte offset of a slot */
};
static_assert(sizeof(struct ntb_epf_ctrl) == 0x134, "control region");
static_assert(offsetof(struct ntb_epf_ctrl, cmd_status) == 0x08, "cmd_status");
static_assert(offsetof(struct ntb_epf_ctrl, link_status) == 0x0a, "link_status");
static_assert(offsetof(struct ntb_epf_ctrl, mw_count) == 0x20, "mw_count");
static_assert(offsetof(struct ntb_epf_ctrl, db_data) == 0x34, "db_data");
static_assert(offsetof(struct ntb_epf_ctrl, db_offset) == 0xb4, "db_offset");

/** Layout version 1, with the value 1 in topology: more fields behind, scratchpads behind those. */
struct ntb_epf_ctrl_v1 {
	struct ntb_epf_ctrl base;
	uint32_t mw_offset[NTB_EPF_MAX_MW]; /**< of a window in its BAR */
	uint32_t mw_size[NTB_EPF_MAX_MW];
	uint32_t dma_abi;      /**< 0: no engine is exported */
	uint32_t dma_bar;
	uint32_t dma_offset;
	uint32_t dma_size;
	uint32_t dma_channels;
};
static_assert(sizeof(struct ntb_epf_ctrl_v1) == 0x168, "control region v1");
static_assert(offsetof(struct ntb_epf_ctrl_v1, mw_size) == 0x144, "mw_size");
static_assert(offsetof(struct ntb_epf_ctrl_v1, dma_abi) == 0x154, "dma_abi");

#define NTB_EPF_LAYOUT_LEGACY 0
#define NTB_EPF_LAYOUT_V1 1

enum ntb_epf_command {
	NTB_EPF_CMD_CONFIGURE_DOORBELL = 1, /**< argument: [15:0] vectors, [16] MSI-X */
	NTB_EPF_CMD_TEARDOWN_DOORBELL = 2,
	NTB_EPF_CMD_CONFIGURE_MW = 3, /**< argument: window; address and size in their fields */
	NTB_EPF_CMD_TEARDOWN_MW = 4,  /**< argument: window; harmless if not mapped */
	NTB_EPF_CMD_LINK_UP = 5,
	NTB_EPF_CMD_LINK_DOWN = 6,
	NTB_EPF_CMD_CONFIGURE_DMA = 7, /**< with an NDMA block: make the engine reachable */
	NTB_EPF_CMD_TEARDOWN_DMA = 8,
};

enum ntb_epf_cmd_status {
	NTB_EPF_STATUS_NONE = 0,
	NTB_EPF_STATUS_OK = 1,
	NTB_EPF_STATUS_ERROR = 2,
};

#define NTB_EPF_LINK_UP 0x1u

/** Argument of CONFIGURE_DOORBELL. */
#define NTB_EPF_DB_VECTORS 0xffffu
#define NTB_EPF_DB_MSIX 0x10000u

/**
 * Doorbell slots: 0 is the link event, 1 is unused for historical reasons, doorbell bit b is slot
 * b + 2. Polled mode: slot n is the dword n of the doorbell BAR, rung with n + 1.
 */
#define NTB_EPF_DB_FIRST_SLOT 2

/** Scratchpads: region A at spad_offset (host reads, endpoint writes), region B behind it. */
#define NTB_EPF_SPAD_BYTES 4

/** PCI ids with a known BAR map; class 0x0500. */
#define NTB_EPF_CLASS 0x0500
#define NTB_EPF_VENDOR_TI 0x104c
#define NTB_EPF_DEVICE_J721E 0xb00d /**< control BAR0, peer scratchpads 1, the rest 2 to 5 */
#define NTB_EPF_VENDOR_NXP 0x1957
#define NTB_EPF_DEVICE_IMX8 0x0809  /**< control BAR0, doorbells BAR2, windows BAR4 and 5 */
#define NTB_EPF_VENDOR_RENESAS 0x1912
#define NTB_EPF_DEVICE_RCAR 0x0030 /**< control BAR0, window 1 BAR2, doorbells BAR4 */

#endif /* _NTB_EPF_HW_H_ */
