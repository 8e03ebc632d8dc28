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

#include <stdint.h>

/** One line on standard output: what is served, who came, who left and why. */
__attribute__((format(printf, 1, 2))) void
softep_say(const char *fmt, ...);

/** One line on standard error, with the program's name in front. */
__attribute__((format(printf, 1, 2))) void
softep_complain(const char *fmt, ...);

/** What somebody who may have much to complain about has said. */
struct softep_voice {
	int64_t second;     /**< the second that the other two are of */
	uint64_t told;
	uint64_t kept_back;
};

/** Complains, but not more often than a few times a second. */
void softep_complain_rarely(struct softep_voice *voice, const char *who, const char *line);

#endif /* _SOFTEP_LOG_H_ */
