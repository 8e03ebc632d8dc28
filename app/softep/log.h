/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_LOG_H_
#define _SOFTEP_LOG_H_

/**
 * @file
 * Lines for a person. None of them waits: a line that its reader has no room for is dropped, since
 * a client that attaches in a loop must not be able to stall the board through a full pipe.
 */

/** One line on standard output: what is served, who came, who left and why. */
__attribute__((format(printf, 1, 2))) void
softep_say(const char *fmt, ...);

/** One line on standard error, with the program's name in front. */
__attribute__((format(printf, 1, 2))) void
softep_complain(const char *fmt, ...);

#endif /* _SOFTEP_LOG_H_ */
