/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_INJECT_H_
#define _SOFTEP_INJECT_H_

/**
 * @file
 * Error injection by words, for the command line and the control socket.
 */

#include "board.h"

/** Direction, channel, number of the element, kind. */
#define SOFTEP_INJECT_WORDS 4

/** What is wrong with an injection. */
struct softep_inject_error {
	const char *what;
	const char *value;
	const char *expected;
};

/** Returns 0, or -EINVAL with @p error filled in. */
int softep_inject(struct softep *board, char *const words[SOFTEP_INJECT_WORDS],
		  struct softep_inject_error *error);

/** A decimal number from @p min to @p max. */
bool softep_parse_number(const char *word, unsigned long min, unsigned long max,
			 unsigned int *number);

/** Name of a kind of error, "local" or so. */
const char *softep_fault_name(enum edma_fault kind);

#endif /* _SOFTEP_INJECT_H_ */
