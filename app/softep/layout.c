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
	layout_function(dev, id, LAYOUT_DMA_MSIX_BAR, 0);
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
	layout_function(dev, id, LAYOUT_DMA_MSIX_BAR, 0);
	layout_add_vsec(dev, LAYOUT_AMD_OFFSET);
	softep_config_add_vsec(&dev->config, LAYOUT_VSEC_AMD_MEMORY, memory,
			       LAYOUT_WORDS(memory));
}

/** Metadata at the start of BAR4, with MSI-X behind it. No capability. */
static void
layout_dma_pedm(struct softep_device *dev, const struct softep_config_id *id)
{
	struct softep *board = dev->board;

	softep_pedm_init(board, board->opt->dma_id == SOFTEP_DMA_ID_PEDM_CTRL ?
			 SOFTEP_PEDM_LONG : SOFTEP_PEDM_SHORT);
	layout_engine(dev);
	softep_region_add(&dev->regions[LAYOUT_DMA_MSIX_BAR], 0, SOFTEP_KIND_PEDM,
			  board->pedm.cnt * sizeof(board->pedm.words[0]));
	layout_function(dev, id, LAYOUT_DMA_MSIX_BAR, LAYOUT_PEDM_MSIX_TABLE);
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
