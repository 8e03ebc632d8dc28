/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_LIST_H_
#define _DW_EDMA_LIST_H_

/**
 * @file
 * Stores to the engine's list, for the files of the data path.
 */

#include <rte_io.h>

#include "dw_edma_priv.h"

/**
 * Makes the elements behind the gate, and the data that they point at, visible before the control
 * word that hands them over, because the engine may be looking at that one already.
 */
static inline void
dw_edma_handover_wmb(void)
{
	rte_io_wmb();
}

/**
 * Writes a slot that the engine does not look at: behind the gate, or with a cycle bit that keeps
 * it shut. So the order of the stores does not matter. @p word: [63:32] length, [31:0] control.
 */
static __rte_always_inline void
dw_edma_store_slot(struct dw_edma_elem *slot, uint64_t word, uint64_t src, uint64_t dst)
{
	rte_write64_relaxed(word, slot);
	rte_write64_relaxed(src, &slot->sar);
	rte_write64_relaxed(dst, &slot->dar);
}

#endif /* _DW_EDMA_LIST_H_ */
