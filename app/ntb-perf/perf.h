/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PERF_H_
#define _PERF_H_

/**
 * @file
 * What every part needs.
 *
 *     main.c        EAL, signals, from start to end
 *     args.c        options, commands, settings
 *     cmd_*.c       one command each
 *     port.c        Ethernet ports
 *     task.h        what a lcore does in turns: source.c, sink.c, reflector.c, ping.c
 *     run.c         tasks on lcores, from warming up to the last packet
 *     packet.c, sequence.c, pace.h, search.c    no DPDK calls
 *     copier.c      DMA devices, and memcpy in their place
 *     report.c      results
 *
 * and of ../common: complain.c, histogram.c, out.c, parse.c.
 */

#include <signal.h>

/** SIGINT or SIGTERM has come. */
extern volatile sig_atomic_t perf_stopped;

#endif /* _PERF_H_ */
