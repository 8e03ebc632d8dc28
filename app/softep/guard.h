/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_GUARD_H_
#define _SOFTEP_GUARD_H_

/**
 * @file
 * Accesses to memory that belongs to a client, which may truncate the file behind it at any time:
 * the access is then a SIGBUS, and must not be our end.
 */

#include <stdbool.h>

/** Installs the signal handler. Returns 0 or a negative errno. */
int softep_guard_init(void);

/**
 * Calls @p fn. A SIGBUS inside leaves it on the spot: what it holds in memory stays as it was at
 * the faulting access, so @p fn must take no lock and own nothing on its stack.
 *
 * @return NULL, or the address that could not be accessed.
 */
void *softep_guard_run(void (*fn)(void *arg), void *arg);

#endif /* _SOFTEP_GUARD_H_ */
