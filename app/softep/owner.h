/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_OWNER_H_
#define _SOFTEP_OWNER_H_

/**
 * @file
 * Who uses which channel. The eDMA maps have registers with bits of all channels of a direction;
 * whoever writes those may change only bits of channels that no other port has started.
 */

#include <stdint.h>

#include "dw_edma_hw.h"
#include "softep_board.h"

struct softep;
struct softep_device;

struct softep_owners {
	uint8_t started[SOFTEP_PORTS][2]; /**< by port and direction: bit per channel */
};

/** A register write of a client: passes it on to the engine, and looks at what it changed. */
void softep_owner_write(struct softep_device *dev, uint32_t offset, uint32_t value);

/** Writes so far that touched what another port has started. */
uint64_t softep_owner_violations(const struct softep *board);

/** The client of a port has gone, or has reset the engine: its channels are nobody's. */
void softep_owner_leave(struct softep_device *dev);

#endif /* _SOFTEP_OWNER_H_ */
