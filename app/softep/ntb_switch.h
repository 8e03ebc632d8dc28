/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_SWITCH_H_
#define _SOFTEP_NTB_SWITCH_H_

/**
 * @file
 * Switches of the endpoint's kernel that the board plays, by name. All begin with "ntb_"; without
 * such a kernel there are none.
 */

#include "board.h"
#include "switches.h"

#define SOFTEP_NTB_SWITCH_PREFIX "ntb_"

/** As the functions of the same names without "ntb". */
int softep_ntb_switch_set(struct softep *board, const char *name, const char *value,
			  const char **expected);
int softep_ntb_switch_get(const struct softep *board, const char *name,
			  char value[SOFTEP_SWITCH_VALUE_BYTES]);
const char *softep_ntb_switch_name(unsigned int i);

#endif /* _SOFTEP_NTB_SWITCH_H_ */
