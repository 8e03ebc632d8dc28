/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include "board.h"
#include "ntb_dma.h"

#define NDMA_MAGIC 0x414d444eu /* "NDMA" */
#define NDMA_REVISION 1u
#define NDMA_TYPE_DW 1u
#define NDMA_HEADER_WORDS (NTB_NDMA_HEADER_BYTES / 4)
#define NDMA_ENTRY_WORDS (NTB_NDMA_ENTRY_BYTES / 4)

#define EPDM_ABI 1u
#define EPDM_MAGIC 0x4d445045u /* "EPDM" */
#define EPDM_VERSION 1u
#define EPDM_HEADER_WORDS 8
#define EPDM_ENTRY_WORDS 6
static_assert(EPDM_HEADER_WORDS + SOFTEP_NTB_DMA_MAX_CH * EPDM_ENTRY_WORDS == SOFTEP_EPDM_WORDS,
	      "the header has room for all channels");

/** Offset of a read channel's list in list memory: write channels come first. */
static uint64_t
ntb_dma_list(const struct softep *board, unsigned int ch)
{
	return (board->opt->wr_cnt + ch) * board->state->ll_stride;
}

static void
ntb_dma_fill_ndma(struct softep *board, const struct softep_ntb_dma_places *places)
{
	const unsigned int cnt = board->opt->ntb.shape.dma_cnt;
	const struct softep_board *page = board->state;
	struct softep_ntb_dma *dma = &board->ntb.dma;
	uint32_t *entry = dma->ctrl + NDMA_HEADER_WORDS;
	const uint32_t header[NDMA_HEADER_WORDS] = {
		NDMA_MAGIC,
		NDMA_REVISION | (NDMA_HEADER_WORDS + cnt * NDMA_ENTRY_WORDS) * 4 << 16,
		NDMA_TYPE_DW,
		/* Mapped for good. A window that is in this BAR as well ends where this begins. */
		places->bar, places->slice, places->end - places->slice,
		places->bar, places->regs, board->regs_bytes,
	};
	unsigned int i;

	memcpy(dma->ctrl, header, sizeof(header));
	for (i = 0; i < cnt; i++, entry += NDMA_ENTRY_WORDS) {
		const uint64_t local = page->ll_local + ntb_dma_list(board, i);

		entry[0] = places->bar;
		entry[1] = places->lists + ntb_dma_list(board, i);
		entry[2] = page->ll_ch_bytes;
		entry[3] = (uint32_t)local;
		entry[4] = local >> 32;
	}
	dma->more = (struct ntb_ctrl_words){
		.offset = sizeof(struct ntb_epf_ctrl),
		.cnt = NDMA_HEADER_WORDS + cnt * NDMA_ENTRY_WORDS,
		.words = dma->ctrl,
	};
}

static void
ntb_dma_fill_slice(struct softep *board, const struct softep_ntb_dma_places *places)
{
	const unsigned int cnt = board->opt->ntb.shape.dma_cnt;
	const struct softep_board *page = board->state;
	uint32_t *entry = board->ntb.dma.slice + EPDM_HEADER_WORDS;
	const uint32_t header[EPDM_HEADER_WORDS] = {
		EPDM_MAGIC,
		EPDM_VERSION | SOFTEP_EPDM_BYTES << 16,
		places->end - places->slice,
		places->bar, places->regs, board->regs_bytes,
		cnt, /* vectors: one for each channel */
		cnt,
	};
	unsigned int i;

	memcpy(board->ntb.dma.slice, header, sizeof(header));
	for (i = 0; i < cnt; i++, entry += EPDM_ENTRY_WORDS) {
		const uint64_t local = page->ll_local + ntb_dma_list(board, i);

		entry[0] = places->bar;
		entry[1] = places->lists + ntb_dma_list(board, i);
		entry[2] = page->ll_ch_bytes;
		entry[4] = (uint32_t)local;
		entry[5] = local >> 32;
	}
}

static void
ntb_dma_fill_epdm(struct softep *board, const struct softep_ntb_dma_places *places)
{
	struct softep_ntb_dma *dma = &board->ntb.dma;

	ntb_dma_fill_slice(board, places);
	dma->ctrl[0] = EPDM_ABI;
	dma->ctrl[1] = places->bar;
	dma->ctrl[2] = places->slice;
	dma->ctrl[3] = places->end - places->slice;
	dma->ctrl[4] = board->opt->ntb.shape.dma_cnt;
	dma->more = (struct ntb_ctrl_words){
		.offset = offsetof(struct ntb_epf_ctrl_v1, dma_abi),
		.cnt = 5,
		.words = dma->ctrl,
	};
}

void
softep_ntb_dma_init(struct softep *board, const struct softep_ntb_dma_places *places)
{
	if (board->opt->ntb.shape.dma == NTB_DMA_EPDM)
		ntb_dma_fill_epdm(board, places);
	else
		ntb_dma_fill_ndma(board, places);
}
