/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_COMMAND_H_
#define _SOFTEP_NTB_COMMAND_H_

/**
 * @file
 * The NTB function on the control socket: counters, and what a client of the endpoint's kernel
 * would do.
 */

#include "control.h"

/** Counters and state of the model; nothing if there is none. */
void softep_ntb_stats(const struct softep *board, struct softep_reply *reply);
void softep_ntb_clear(struct softep *board);

/**
 * Runs "ntb ...".
 *
 * @param words  What follows, up to a NULL; at least one.
 * @return false: the reply is an error.
 */
bool softep_ntb_command(struct softep *board, char **words, struct softep_reply *reply);

#endif /* _SOFTEP_NTB_COMMAND_H_ */
