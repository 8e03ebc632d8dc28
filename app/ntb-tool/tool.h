/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _TOOL_H_
#define _TOOL_H_

/**
 * @file
 * What every part of the tool needs.
 *
 *     main.c        EAL, signals, from start to end
 *     args.c        options
 *     script.c      where commands come from
 *     cmd.c         the commands there are; cmd_*.c: one family each
 *     ping_*.c      ways that a word can take to the other side and back
 *     rate_*.c      ways that bulk data can take
 *     device.c      the rawdev
 *     wait.c        waits that show progress and look after the link
 *
 * and of ../common: complain.c, histogram.c, out.c, parse.c.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include <rte_common.h>

#include "complain.h"
#include "device.h"

struct tool {
	struct device dev;
	bool quit; /**< the script has said so */
};

/** SIGINT or SIGTERM has come. */
extern volatile sig_atomic_t tool_stopped;

#endif /* _TOOL_H_ */
