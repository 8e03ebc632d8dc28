/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _ENDS_H_
#define _ENDS_H_

/**
 * @file
 * The ports of this process that a command is about, open.
 */

#include "args.h"
#include "port.h"

/** One port, or two that are joined by what is measured. */
struct ends {
	struct port port[2];
	unsigned int n;
	unsigned int first; /**< index of the one that started first */
};

/**
 * Opens one or two ports, @p second may be NULL or the same name, and waits for the links. The late
 * device is created when the first one has started: that is @p second if args->rx_first says so.
 * 0, or an exit code after telling, with everything closed.
 */
int ends_open(struct ends *ends, const struct args *args, const char *first, const char *second);
void ends_close(struct ends *ends);

#endif /* _ENDS_H_ */
