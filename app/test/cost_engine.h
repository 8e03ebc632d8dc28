/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _COST_ENGINE_H_
#define _COST_ENGINE_H_

/**
 * @file
 * An engine whose registers are memory, as a BAR is to the driver. It works when it is told to, and
 * then until nothing is left to do: what it takes itself is not counted.
 */

#include <stdbool.h>

#include "dw_edma_priv.h"

/** Powers the engine on: one write and one read channel. */
int cost_engine_create(void);

/** Makes dmadevs NAME-wr0 and NAME-rd0, or one of them, for one side. */
int cost_engine_attach(const char *name, enum dw_edma_side side, bool wr, bool rd);

/** Lets the engine see what was written to its registers, and do it. */
void cost_engine_turn(void);

#endif /* _COST_ENGINE_H_ */
