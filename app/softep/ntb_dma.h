/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_DMA_H_
#define _SOFTEP_NTB_DMA_H_

/**
 * @file
 * Metadata by which an endpoint NTB function tells of the engine in its doorbells' BAR: read
 * channels only, which the endpoint has given away.
 *
 *   EPDM  control region of layout v1 --> slice of a BAR: header, registers, lists
 *   NDMA  block behind the control structure --> registers, lists
 */

#include "ntb_ctrl.h"

struct softep;

/** Header of EPDM's slice. */
#define SOFTEP_EPDM_WORDS 56
#define SOFTEP_EPDM_BYTES (SOFTEP_EPDM_WORDS * 4)

#define SOFTEP_NTB_DMA_MAX_CH 8
#define SOFTEP_NTB_DMA_WORDS \
	((NTB_NDMA_HEADER_BYTES + SOFTEP_NTB_DMA_MAX_CH * NTB_NDMA_ENTRY_BYTES) / 4)

struct softep_ntb_dma {
	uint32_t slice[SOFTEP_EPDM_WORDS];
	uint32_t ctrl[SOFTEP_NTB_DMA_WORDS];
	struct ntb_ctrl_words more; /**< of the control region: in ctrl */
};

/** Where things are in the BAR. */
struct softep_ntb_dma_places {
	uint32_t bar;
	uint32_t slice; /**< EPDM's header; all behind it belongs to the slice */
	uint32_t regs;
	uint32_t lists; /**< of all channels */
	uint32_t end;
};

void softep_ntb_dma_init(struct softep *board, const struct softep_ntb_dma_places *places);

#endif /* _SOFTEP_NTB_DMA_H_ */
