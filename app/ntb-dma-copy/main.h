/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _MAIN_H_
#define _MAIN_H_

#include <signal.h>

/** SIGINT or SIGTERM has been received. */
extern volatile sig_atomic_t stopped;

#endif /* _MAIN_H_ */
