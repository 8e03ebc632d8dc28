/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_PEDM_H_
#define _SOFTEP_PEDM_H_

/**
 * @file
 * Metadata of an endpoint DMA function, at the start of a BAR: where registers and lists are.
 *
 * The host asks for the engine by one bit and the endpoint answers by another. Registers and lists
 * lie in BARs of their own here, so that the answer comes at once, and is taken back when the
 * request is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "dw_edma_hw.h"

struct softep;

#define SOFTEP_PEDM_HEADER_WORDS 8
#define SOFTEP_PEDM_ENTRY_WORDS 11
#define SOFTEP_PEDM_MAX_WORDS \
	(SOFTEP_PEDM_HEADER_WORDS + 2 * DW_HDMA_MAX_CH * SOFTEP_PEDM_ENTRY_WORDS)

/** The two headers that are known by the same revision number. */
enum softep_pedm_form {
	SOFTEP_PEDM_SHORT, /**< request and answer in one word */
	SOFTEP_PEDM_LONG,  /**< the request has a word of its own behind it */
};

struct softep_pedm {
	enum softep_pedm_form form;
	unsigned int cnt; /**< words; 0: the board has no such function */
	uint32_t words[SOFTEP_PEDM_MAX_WORDS];
};

/** Describes the engine and lists of the rc-dma port. */
void softep_pedm_init(struct softep *board, enum softep_pedm_form form);

/** Accesses in the block's range; the request bit is all that can be written. */
void softep_pedm_read(const struct softep *board, uint64_t offset, void *data, uint32_t count);
void softep_pedm_write(struct softep *board, uint64_t offset, const void *data, uint32_t count);

/** The function has been reset, or its client is gone: nobody asks any more. */
void softep_pedm_reset(struct softep *board);

#endif /* _SOFTEP_PEDM_H_ */
