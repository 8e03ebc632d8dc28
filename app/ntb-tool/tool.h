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
 *     out.c         results, as text or JSON
 *     parse.c, histogram.c
 */

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include <rte_common.h>

#include "device.h"

/** Beside EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2

struct tool {
	struct device dev;
	bool quit; /**< the script has said so */
};

/** SIGINT or SIGTERM has come. */
extern volatile sig_atomic_t tool_stopped;

/** One line on standard error. */
void complain(const char *fmt, ...) __rte_format_printf(1, 2);
/** Says where the command comes from that is complained about next: "FILE:LINE: ", or "". */
void complain_about(const char *where);

#endif /* _TOOL_H_ */
