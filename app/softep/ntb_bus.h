/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_BUS_H_
#define _SOFTEP_NTB_BUS_H_

/**
 * @file
 * What a model of the endpoint's kernel needs of the board, and what can be set while it runs.
 */

#include "ntb_window.h"

#define NTB_MSEC UINT64_C(1000000)

/** Time between two looks at the mailbox: with doorbells that are polled, and without. */
#define NTB_PERIOD_POLLED_MS 5
#define NTB_PERIOD_IRQ_MS 500

/** @p host: index of the function, 0 or, where the board is a bridge, 1. */
struct ntb_bus {
	/**
	 * Copies between @p data and the host's memory, across the borders of its maps. What cannot
	 * be reached reads as all-ones and takes no writes.
	 *
	 * @return how many pieces that were.
	 */
	uint64_t (*copy)(void *ctx, unsigned int host, uint64_t addr, void *data, uint64_t len,
			 bool write);
	/** Sends an interrupt. False: the host has programmed no address for it. */
	bool (*raise)(void *ctx, unsigned int host, unsigned int vector);
	/** The host did what it must not do; one line. */
	void (*complain)(void *ctx, const char *line);
};

struct ntb_switches {
	unsigned int period;       /**< ms between two looks at the mailbox */
	unsigned int status_delay; /**< ms between the pick-up of a command and its status */
	bool client;               /**< vntb: a client cleans up after LINK_DOWN ... */
	unsigned int cleanup;      /**< ... this many ms later */
	bool sink;                 /**< vntb: interrupts without an address are written to address 0 */
	bool notice;               /**< a host that leaves or resets its function is noticed */
	struct ntb_window_rules window;
};

#endif /* _SOFTEP_NTB_BUS_H_ */
