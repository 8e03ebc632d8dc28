/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_LISTEN_H_
#define _SOFTEP_LISTEN_H_

/**
 * @file
 * Rest of the listening sockets while there is no descriptor for another connection: whoever waits
 * for one keeps its socket readable, and would keep us awake.
 */

#include <stdbool.h>
#include <stdint.h>

struct softep_listen {
	uint64_t until; /**< nobody is accepted before, in ns of the monotonic clock; 0: no rest */
	bool told;      /**< of this shortage */
};

/** What accept(2) said: 0 or an errno. */
void softep_listen_said(struct softep_listen *listen, int error);

/** Time until listening sockets are to be looked at again, in ns; 0: now. */
uint64_t softep_listen_wait(const struct softep_listen *listen);

#endif /* _SOFTEP_LISTEN_H_ */
