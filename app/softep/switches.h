/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_SWITCHES_H_
#define _SOFTEP_SWITCHES_H_

/**
 * @file
 * Fault switches by name, for the command line and the control socket.
 */

#include "board.h"

/** Longest value, its final NUL included. */
#define SOFTEP_SWITCH_VALUE_BYTES 16

/**
 * Sets a switch.
 *
 * @param expected  What would have been right: a name or a value, after an error.
 * @return 0; -ENOENT no such switch; -EINVAL not a value of it.
 */
int softep_switch_set(struct softep *board, const char *name, const char *value,
		      const char **expected);

/** -ENOENT: no such switch, or not one of this board's mode. */
int softep_switch_get(const struct softep *board, const char *name,
		      char value[SOFTEP_SWITCH_VALUE_BYTES]);

/** Name of the switch number @p i, NULL behind the last. */
const char *softep_switch_name(unsigned int i);

#endif /* _SOFTEP_SWITCHES_H_ */
