/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_REGNAME_H_
#define _SOFTEP_REGNAME_H_

/**
 * @file
 * Names of the engine's registers.
 */

#include <stdint.h>

#include "dw_edma_hw.h"

/** Longest name, its final NUL included. */
#define SOFTEP_REGNAME_BYTES 32

/** Writes the name of the register at @p offset; "reserved" if there is none in this map. */
void softep_regname(enum dw_edma_map map, uint32_t offset, char name[SOFTEP_REGNAME_BYTES]);

#endif /* _SOFTEP_REGNAME_H_ */
