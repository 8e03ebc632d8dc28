/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_REBOOT_H_
#define _SOFTEP_REBOOT_H_

/**
 * @file
 * Reset of the endpoint's SoC, as its watchdog would do it.
 *
 *   reboot                                     link up again
 *   ----+-------------------------------------------+---------------->
 *       | link down, the host reads all-ones         | functions as after power-on: no bus
 *       | clients of the endpoint are gone,          | master, BARs at 0; memory is zero; the
 *       | new ones may come                          | host keeps its maps and its sockets
 */

#include "board.h"

/** Longest time that the link stays down. */
#define SOFTEP_REBOOT_MAX_MS 60000
#define SOFTEP_REBOOT_USUAL_MS 100

/** Begins one; another one begins anew. */
void softep_reboot(struct softep *board, unsigned int down_ms);

/** Somebody else has decided about the link. */
void softep_reboot_forget(struct softep *board);

/** Time until softep_reboot_run() has something to do, in ns; UINT64_MAX: no reboot goes on. */
uint64_t softep_reboot_wait(const struct softep *board);

/** Takes the link up when the time has come. */
void softep_reboot_run(struct softep *board);

#endif /* _SOFTEP_REBOOT_H_ */
