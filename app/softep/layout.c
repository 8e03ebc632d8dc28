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

/** Linux' function has room for 16 vectors of MSI, and no MSI-X. */
#define LAYOUT_VNTB_MSI_LOG2 4

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

/** Memories behind the BARs of the endpoint NTB, from behind, whatever the BARs are. */
static void
layout_ep_ntb(struct softep_device *dev)
{
	/* Further windows have the numbers between. */
	static const unsigned int windows[NTB_EPF_MAX_MW] = { SOFTEP_NTB_REGION_MW, 1, 3, 5 };
	const struct softep *board = dev->board;
	unsigned int i;

	softep_region_add(&dev->regions[SOFTEP_NTB_REGION_CTRL], 0, SOFTEP_KIND_CTRL,
			  board->ctrl.bytes);
	for (i = 0; i < board->opt->ntb.shape.mw_cnt; i++)
		softep_region_add(&dev->regions[windows[i]], 0, SOFTEP_KIND_MW + i,
				  board->mw[i].bytes);
	softep_region_add(&dev->regions[SOFTEP_NTB_REGION_DB], 0, SOFTEP_KIND_DB,
			  board->db.bytes);
	layout_private(dev, SOFTEP_REGION_OUTBOUND, SOFTEP_KIND_OUTBOUND,
		       board->state->outbound_bytes);
	layout_private(dev, SOFTEP_REGION_ATU, SOFTEP_KIND_ATU, sizeof(struct softep_atu));
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

/** Makes MSI-X part of a function, with table and pending bits in one of its BARs. */
static void
layout_msix(struct softep_device *dev, unsigned int bar, uint64_t table)
{
	softep_region_add(&dev->regions[bar], table, SOFTEP_KIND_MSIX_TABLE,
			  SOFTEP_MSIX_TABLE_BYTES);
	softep_region_add(&dev->regions[bar], table + LAYOUT_MSIX_PAGE, SOFTEP_KIND_MSIX_PBA,
			  SOFTEP_MSIX_PBA_BYTES);
}

/** Makes a PCI function of a port whose BARs are complete. */
static void
layout_function(struct softep_device *dev, const struct softep_config_id *id)
{
	softep_config_init(&dev->config, id, dev->regions);
	layout_private(dev, VFIO_USER_CONFIG_REGION, SOFTEP_KIND_CONFIG, SOFTEP_CONFIG_BYTES);
}

static enum softep_kind
layout_ntb_kind(const struct ntb_place *place)
{
	switch (place->area) {
	case NTB_AREA_CTRL:
		return SOFTEP_KIND_CTRL;
	case NTB_AREA_PEER:
		return SOFTEP_KIND_PEER;
	case NTB_AREA_DB:
		return SOFTEP_KIND_DB;
	case NTB_AREA_MW:
		return SOFTEP_KIND_MW + place->window;
	default:
		return SOFTEP_KIND_NONE;
	}
}

/** A BAR of the endpoint NTB: memories of the board, or one area that its model looks after. */
static void
layout_ntb_bar(struct softep_device *dev, unsigned int bar)
{
	const struct softep_ntb_options *opt = &dev->board->opt->ntb;
	const uint64_t bytes = ntb_shape_bar_bytes(&opt->shape, bar);
	struct softep_region *region = &dev->regions[bar];
	struct ntb_place place = { .left = bytes };
	uint64_t offset;

	if (bytes == 0)
		return;
	region->bytes = bytes;
	region->bar32 = (opt->shape.map->narrow & 1 << bar) != 0;
	if (opt->mode != SOFTEP_NTB_PROCESS) {
		softep_region_add(region, 0, SOFTEP_KIND_NTB, bytes);
		return;
	}
	for (offset = 0; offset < bytes; offset += place.left) {
		ntb_shape_locate(&opt->shape, bar, offset, &place);
		/* How many scratchpads there are is for the endpoint's process to say. */
		if (place.area == NTB_AREA_PEER)
			place.left = bytes;
		softep_region_add(region, offset, layout_ntb_kind(&place), place.left);
	}
}

/** What a host sees of the endpoint NTB: the control region's BAR ends with MSI-X. */
static void
layout_rc_ntb(struct softep_device *dev)
{
	const struct softep_ntb_options *opt = &dev->board->opt->ntb;
	const struct ntb_bar_map *map = opt->shape.map;
	const struct softep_config_id id = {
		.vendor = map->vendor,
		.device = map->device,
		.class_code = NTB_EPF_CLASS << 8,
	};
	const bool msix = opt->mode != SOFTEP_NTB_VNTB || opt->msix;
	uint64_t table = LAYOUT_NTB_MSIX_TABLE;
	unsigned int bar;

	for (bar = 0; bar < NTB_SHAPE_BARS; bar++)
		layout_ntb_bar(dev, bar);
	if (table < dev->regions[map->ctrl].bytes)
		table = dev->regions[map->ctrl].bytes;
	if (msix)
		layout_msix(dev, map->ctrl, table);
	layout_function(dev, &id);
	if (msix)
		softep_config_add_msix(&dev->config, map->ctrl, table, table + LAYOUT_MSIX_PAGE);
	if (opt->mode == SOFTEP_NTB_VNTB)
		softep_config_limit_msi(&dev->config, LAYOUT_VNTB_MSI_LOG2);
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
	layout_msix(dev, LAYOUT_DMA_MSIX_BAR, 0);
	layout_function(dev, &id);
	softep_config_add_msix(&dev->config, LAYOUT_DMA_MSIX_BAR, 0, LAYOUT_MSIX_PAGE);
	softep_config_add_vsec(&dev->config, LAYOUT_VSEC_EDMA, vsec,
			       sizeof(vsec) / sizeof(vsec[0]));
}

void
softep_layout_init(struct softep *board)
{
	struct softep_device *ports = board->ports;
	unsigned int i;

	layout_rc_ntb(&ports[SOFTEP_RC_NTB]);
	layout_rc_ntb(&ports[SOFTEP_RC2_NTB]);
	layout_rc_dma(&ports[SOFTEP_RC_DMA]);
	layout_ep_ntb(&ports[SOFTEP_EP_NTB]);
	layout_engine(&ports[SOFTEP_EP_DMA]);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		layout_private(&ports[i], SOFTEP_REGION_BOARD, SOFTEP_KIND_BOARD,
			       SOFTEP_BOARD_BYTES);
		if (softep_port_is_dma(i))
			layout_private(&ports[i], SOFTEP_REGION_SHADOW, SOFTEP_KIND_SHADOW,
				       SOFTEP_SHADOW_BYTES);
	}
}
