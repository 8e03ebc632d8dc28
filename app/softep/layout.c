/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "ntb_epf_hw.h"

#include "board.h"
#include "irq.h"
#include "layout.h"

/** Table and pending bits of MSI-X have a page each: what shares it with them cannot be mapped. */
#define LAYOUT_PAGE UINT64_C(0x1000)
/** In the control region's BAR, at its end. */
#define LAYOUT_NTB_MSIX_TABLE UINT64_C(0x2000)
#define LAYOUT_DMA_MSIX_BAR 4

/** Lists in a BAR of the NTB function. */
#define LAYOUT_NTB_LISTS (UINT64_C(1) << 20)

/** Linux' function has room for 16 vectors of MSI, and no MSI-X. */
#define LAYOUT_VNTB_MSI_LOG2 4

/** Behind the metadata, which is the longer the more channels there are. */
#define LAYOUT_PEDM_MSIX_TABLE UINT64_C(0x2000)
static_assert(SOFTEP_PEDM_MAX_WORDS * 4 <= LAYOUT_PEDM_MSIX_TABLE, "metadata has room");
/** AMD's registers. */
#define LAYOUT_AMD_OFFSET UINT64_C(0x1000)

/** Vendor-specific capabilities: of the engine, and AMD's with the address of the lists. */
#define LAYOUT_VSEC_EDMA 0x0006
#define LAYOUT_VSEC_AMD_MEMORY 0x0020

#define LAYOUT_WORDS(words) (sizeof(words) / sizeof((words)[0]))

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

/** Where the table of MSI-X is; its pending bits are in the page behind. */
struct layout_msix {
	unsigned int bar;
	uint64_t offset;
};

/** Makes a PCI function of a port whose BARs are complete but for MSI-X. NULL: it has none. */
static void
layout_function(struct softep_device *dev, const struct softep_config_id *id,
		const struct layout_msix *msix)
{
	const uint64_t pba = msix != NULL ? msix->offset + LAYOUT_PAGE : 0;

	if (msix != NULL) {
		softep_region_add(&dev->regions[msix->bar], msix->offset, SOFTEP_KIND_MSIX_TABLE,
				  SOFTEP_MSIX_TABLE_BYTES);
		softep_region_add(&dev->regions[msix->bar], pba, SOFTEP_KIND_MSIX_PBA,
				  SOFTEP_MSIX_PBA_BYTES);
	}
	softep_config_init(&dev->config, id, dev->regions);
	if (msix != NULL)
		softep_config_add_msix(&dev->config, msix->bar, msix->offset, pba);
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

/** Behind the doorbells: what EPDM needs, registers, and lists on a border of 1 MiB. */
static void
layout_ntb_engine(struct softep_device *dev)
{
	const unsigned int bar = dev->board->opt->ntb.shape.map->db;
	struct softep_region *region = &dev->regions[bar];
	const struct softep *board = dev->board;
	struct softep_ntb_dma_places places = { .bar = bar, .slice = region->bytes };

	places.regs = places.slice + LAYOUT_PAGE;
	places.lists = (places.regs + board->regs_bytes + LAYOUT_NTB_LISTS - 1) &
		       ~(LAYOUT_NTB_LISTS - 1);
	places.end = places.lists + board->ll.bytes;
	softep_region_add(region, places.slice, SOFTEP_KIND_EPDM, SOFTEP_EPDM_BYTES);
	softep_region_add(region, places.regs, SOFTEP_KIND_REGS, board->regs_bytes);
	softep_region_add(region, places.lists, SOFTEP_KIND_LL, board->ll.bytes);
	softep_ntb_dma_init(dev->board, &places);
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
	struct layout_msix msix = { .bar = map->ctrl, .offset = LAYOUT_NTB_MSIX_TABLE };
	unsigned int bar;

	for (bar = 0; bar < NTB_SHAPE_BARS; bar++)
		layout_ntb_bar(dev, bar);
	if (opt->shape.dma != NTB_DMA_NONE)
		layout_ntb_engine(dev);
	if (msix.offset < dev->regions[map->ctrl].bytes)
		msix.offset = dev->regions[map->ctrl].bytes;
	layout_function(dev, &id, opt->mode != SOFTEP_NTB_VNTB || opt->msix ? &msix : NULL);
	if (opt->mode == SOFTEP_NTB_VNTB)
		softep_config_limit_msi(&dev->config, LAYOUT_VNTB_MSI_LOG2);
}

static const struct layout_msix layout_dma_msix = { .bar = LAYOUT_DMA_MSIX_BAR };

/** The capability that describes the engine; @p offset: of its registers in BAR0. */
static void
layout_add_vsec(struct softep_device *dev, uint32_t offset)
{
	const struct softep_options *opt = dev->board->opt;
	const uint32_t words[] = { opt->map, opt->wr_cnt | opt->rd_cnt << 16, offset, 0 };

	softep_config_add_vsec(&dev->config, LAYOUT_VSEC_EDMA, words, LAYOUT_WORDS(words));
}

/** Registers at the start of BAR0, lists wherever the host puts BAR2: engine addresses are those. */
static void
layout_dma_edda(struct softep_device *dev, const struct softep_config_id *id)
{
	layout_engine(dev);
	layout_function(dev, id, &layout_dma_msix);
	layout_add_vsec(dev, 0);
	dev->list_alias = true;
}

/**
 * Registers where the capability says, and at the start of the BAR too: drivers differ in whether
 * they add the offset. A second capability has the engine's address of what is behind BAR2.
 */
static void
layout_dma_amd(struct softep_device *dev, const struct softep_config_id *id)
{
	const struct softep_board *page = dev->board->state;
	const uint32_t memory[] = { (uint32_t)page->ll_local, page->ll_local >> 32 };
	struct softep_region *bar = &dev->regions[SOFTEP_DMA_REGION_REGS];

	softep_region_add(bar, 0, SOFTEP_KIND_REGS, LAYOUT_AMD_OFFSET);
	softep_region_add(bar, LAYOUT_AMD_OFFSET, SOFTEP_KIND_REGS, LAYOUT_AMD_OFFSET);
	softep_region_add(&dev->regions[SOFTEP_DMA_REGION_LL], 0, SOFTEP_KIND_LL, page->ll_bytes);
	layout_function(dev, id, &layout_dma_msix);
	layout_add_vsec(dev, LAYOUT_AMD_OFFSET);
	softep_config_add_vsec(&dev->config, LAYOUT_VSEC_AMD_MEMORY, memory,
			       LAYOUT_WORDS(memory));
}

/** Metadata at the start of BAR4, with MSI-X behind it. No capability. */
static void
layout_dma_pedm(struct softep_device *dev, const struct softep_config_id *id)
{
	const struct layout_msix msix = {
		.bar = LAYOUT_DMA_MSIX_BAR,
		.offset = LAYOUT_PEDM_MSIX_TABLE,
	};
	struct softep *board = dev->board;

	softep_pedm_init(board, board->opt->dma_id == SOFTEP_DMA_ID_PEDM_CTRL ?
			 SOFTEP_PEDM_LONG : SOFTEP_PEDM_SHORT);
	layout_engine(dev);
	softep_region_add(&dev->regions[LAYOUT_DMA_MSIX_BAR], 0, SOFTEP_KIND_PEDM,
			  board->pedm.cnt * sizeof(board->pedm.words[0]));
	layout_function(dev, id, &msix);
}

static const struct layout_dma {
	struct softep_config_id id;
	void (*init)(struct softep_device *dev, const struct softep_config_id *id);
} layout_dma[] = {
	/* Class of the first two: signal processing, other. */
	[SOFTEP_DMA_ID_EDDA] = { { 0x16c3, 0xedda, 0x118000 }, layout_dma_edda },
	[SOFTEP_DMA_ID_AMD] = { { 0x10ee, 0xb054, 0x118000 }, layout_dma_amd },
	/* Any ids: those of the board's other function. Class: DMA controller. */
	[SOFTEP_DMA_ID_PEDM] = {
		{ NTB_EPF_VENDOR_RENESAS, NTB_EPF_DEVICE_RCAR, 0x080100 }, layout_dma_pedm },
	[SOFTEP_DMA_ID_PEDM_CTRL] = {
		{ NTB_EPF_VENDOR_RENESAS, NTB_EPF_DEVICE_RCAR, 0x080100 }, layout_dma_pedm },
};

static void
layout_rc_dma(struct softep_device *dev)
{
	const struct layout_dma *dma = &layout_dma[dev->board->opt->dma_id];

	dev->has_engine = true;
	dma->init(dev, &dma->id);
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
