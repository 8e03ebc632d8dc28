/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_SIGNAL_FD_H_
#define _SOFTEP_SIGNAL_FD_H_

/**
 * @file
 * Adds 1 to a client's eventfd, and never waits. A write(2) would: the client decides whether the
 * descriptor blocks, and can fill the counter between a poll(2) and the write. The kernel itself
 * does not wait when it signals an eventfd, so it is told to at the end of an empty read.
 */

#include <stdbool.h>

/** Returns 0 or a negative errno, told. */
int softep_signal_init(void);

/** A counter that is full stays full. False: not an eventfd. */
bool softep_signal(int fd);

#endif /* _SOFTEP_SIGNAL_FD_H_ */
