/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "ntb_epf_hw.h"

#include "board.h"
#include "irq.h"
#include "layout.h"

/** Table and pending bits of MSI-X have a page each: what shares it with them cannot be mapped. */
#define LAYOUT_MSIX_PAGE UINT64_C(0x1000)
/** In the control region's BAR, at its end. */
#define LAYOUT_NTB_MSIX_TABLE UINT64_C(0x2000)
#define LAYOUT_DMA_MSIX_BAR 4

/** Vendor-specific capability of the engine. */
#define LAYOUT_VSEC_EDMA 0x0006

/** Regions of a port that are no BARs, and only for clients that know a softep. */
static void
layout_private(struct softep_device *dev, unsigned int index, enum softep_kind kind,
	       uint64_t bytes)
{
	dev->regions[index].bytes = bytes;
	softep_region_add(&dev->regions[index], 0, kind, bytes);
}

/** Memories behind the BARs of the endpoint NTB, on either side of them. */
static void
layout_ntb_memories(struct softep_device *dev)
{
	const struct softep *board = dev->board;

	softep_region_add(&dev->regions[SOFTEP_NTB_REGION_CTRL], 0, SOFTEP_KIND_CTRL,
			  board->ctrl.bytes);
	softep_region_add(&dev->regions[SOFTEP_NTB_REGION_MW], 0, SOFTEP_KIND_MW,
			  board->mw.bytes);
	softep_region_add(&dev->regions[SOFTEP_NTB_REGION_DB], 0, SOFTEP_KIND_DB,
			  board->db.bytes);
}

static void
layout_engine(struct softep_device *dev)
{
	const struct softep *board = dev->board;

	softep_region_add(&dev->regions[SOFTEP_DMA_REGION_REGS], 0, SOFTEP_KIND_REGS,
			  board->regs_bytes);
	softep_region_add(&dev->regions[SOFTEP_DMA_REGION_LL], 0, SOFTEP_KIND_LL,
			  board->ll.bytes);
}

/** Makes a PCI function of a port whose BARs are complete but for MSI-X, which comes here. */
static void
layout_function(struct softep_device *dev, const struct softep_config_id *id, unsigned int bar,
		uint64_t table)
{
	const uint64_t pba = table + LAYOUT_MSIX_PAGE;

	softep_region_add(&dev->regions[bar], table, SOFTEP_KIND_MSIX_TABLE,
			  SOFTEP_MSIX_TABLE_BYTES);
	softep_region_add(&dev->regions[bar], pba, SOFTEP_KIND_MSIX_PBA, SOFTEP_MSIX_PBA_BYTES);
	softep_config_init(&dev->config, id, dev->regions);
	softep_config_add_msix(&dev->config, bar, table, pba);
	layout_private(dev, VFIO_USER_CONFIG_REGION, SOFTEP_KIND_CONFIG, SOFTEP_CONFIG_BYTES);
}

/** What a host sees of the endpoint NTB: the control region's BAR ends with MSI-X. */
static void
layout_rc_ntb(struct softep_device *dev)
{
	const struct softep_config_id id = {
		.vendor = NTB_EPF_VENDOR_RENESAS,
		.device = NTB_EPF_DEVICE_RCAR,
		.class_code = NTB_EPF_CLASS << 8,
	};

	layout_ntb_memories(dev);
	layout_function(dev, &id, SOFTEP_NTB_REGION_CTRL, LAYOUT_NTB_MSIX_TABLE);
}

/** Synopsys' prototype, whose registers are at the start of BAR0. */
static void
layout_rc_dma(struct softep_device *dev)
{
	const struct softep_options *opt = dev->board->opt;
	const struct softep_config_id id = {
		.vendor = 0x16c3,
		.device = 0xedda,
		.class_code = 0x118000, /* signal processing, other */
	};
	const uint32_t vsec[] = { opt->map, opt->wr_cnt | opt->rd_cnt << 16, 0, 0 };

	dev->has_engine = true;
	layout_engine(dev);
	layout_function(dev, &id, LAYOUT_DMA_MSIX_BAR, 0);
	softep_config_add_vsec(&dev->config, LAYOUT_VSEC_EDMA, vsec,
			       sizeof(vsec) / sizeof(vsec[0]));
}

void
softep_layout_init(struct softep *board)
{
	struct softep_device *ports = board->ports;
	unsigned int i;

	layout_rc_ntb(&ports[SOFTEP_RC_NTB]);
	layout_rc_dma(&ports[SOFTEP_RC_DMA]);
	layout_ntb_memories(&ports[SOFTEP_EP_NTB]);
	layout_private(&ports[SOFTEP_EP_NTB], SOFTEP_REGION_OUTBOUND, SOFTEP_KIND_OUTBOUND,
		       board->state->outbound_bytes);
	layout_private(&ports[SOFTEP_EP_NTB], SOFTEP_REGION_ATU, SOFTEP_KIND_ATU,
		       sizeof(struct softep_atu));
	layout_engine(&ports[SOFTEP_EP_DMA]);
	for (i = 0; i < SOFTEP_PORTS; i++) {
		layout_private(&ports[i], SOFTEP_REGION_BOARD, SOFTEP_KIND_BOARD,
			       SOFTEP_BOARD_BYTES);
		if (softep_port_is_dma(i))
			layout_private(&ports[i], SOFTEP_REGION_SHADOW, SOFTEP_KIND_SHADOW,
				       SOFTEP_SHADOW_BYTES);
	}
}
