/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_ENGINE_H_
#define _SOFTEP_ENGINE_H_

/**
 * @file
 * The engine model, wired to the board's two address spaces.
 */

#include "board.h"

/** Bytes of the registers of an engine with these options. */
uint32_t softep_engine_regs_bytes(const struct softep_options *opt);

/** Called by softep_board_init() and softep_board_fini(). */
int softep_engine_init(struct softep *board);
void softep_engine_fini(struct softep *board);

bool softep_engine_busy(const struct softep *board);

/**
 * Lets the engine work for a moment, until the sockets have to be looked at.
 *
 * @param quiet  There was nothing when they were looked at last.
 */
void softep_engine_run(struct softep *board, bool quiet);

/**
 * After memory was taken away: gives every channel that is inside an element one step, which ends
 * the element if the memory it touches is gone.
 */
void softep_engine_settle(struct softep *board);

#endif /* _SOFTEP_ENGINE_H_ */
