/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_CTRL_H_
#define _SOFTEP_NTB_CTRL_H_

/**
 * @file
 * The memory behind the control BAR of a function whose endpoint we play: ordinary RAM, which the
 * host may overwrite as it likes, constants included.
 */

#include "ntb_shape.h"

/** How an endpoint takes doorbells. */
enum ntb_db_mode {
	NTB_DB_POLLED, /**< an array in RAM, looked at in every period */
	NTB_DB_MSI,    /**< a page of the interrupt controller */
	NTB_DB_EDMA,   /**< the engine's interrupt emulation: one for all slots */
	NTB_DB_PEER,   /**< the other host's interrupts, known once that host has configured them */
};

/** Where a doorbell write goes in the modes that have one place for all slots. */
#define NTB_DB_MSI_OFFSET 0x40u  /**< GITS_TRANSLATER in its page */
#define NTB_DB_MSI_DATA 0x20u    /**< event of slot 0: any number that is not 0 */
#define NTB_DB_EDMA_OFFSET 0xa0u /**< RD_INT_STATUS */

/** Further constants of the control region. */
struct ntb_ctrl_words {
	uint32_t offset;
	unsigned int cnt; /**< 0: none */
	const uint32_t *words;
};

struct ntb_ctrl {
	const struct ntb_shape *shape;
	struct ntb_ctrl_words more; /**< to be set before ntb_ctrl_bind() */
	uint8_t *ram;               /**< ntb_shape_ctrl_bytes() */
	struct ntb_epf_ctrl *regs;  /**< the start of it */
};

/** Halves of the scratchpads: the host reads the first one, the endpoint the second. */
enum ntb_spad_region {
	NTB_SPAD_A,
	NTB_SPAD_B,
};

void ntb_ctrl_init(struct ntb_ctrl *ctrl, const struct ntb_shape *shape, uint8_t *ram);

/** Zeroes the memory and writes the constants. */
void ntb_ctrl_bind(struct ntb_ctrl *ctrl, enum ntb_db_mode mode);

void ntb_ctrl_set_link(struct ntb_ctrl *ctrl, bool up);

/**
 * A scratchpad as the endpoint finds it, who looks up offset and count in this RAM each time.
 * NULL: no such cell, or numbers that the host has overwritten point outside of the memory.
 */
uint8_t *ntb_ctrl_spad(const struct ntb_ctrl *ctrl, enum ntb_spad_region region,
		       unsigned int index);

/** Region A of this function, where it was bound; the other host's writes go there. */
uint8_t *ntb_ctrl_region_a(const struct ntb_ctrl *ctrl);
uint8_t *ntb_ctrl_region_b(const struct ntb_ctrl *ctrl);

/** Memory behind a BAR: copies to or from it. */
void ntb_ctrl_copy(uint8_t *ram, uint8_t *data, uint64_t count, bool write);

#endif /* _SOFTEP_NTB_CTRL_H_ */
