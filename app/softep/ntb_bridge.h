/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_BRIDGE_H_
#define _SOFTEP_NTB_BRIDGE_H_

/**
 * @file
 * The endpoint's kernel with the function pci-epf-ntb bound: a bridge between two hosts, each of
 * which has a function like the other's.
 *
 *    host 0                            |                                 host 1
 *    region A <------------------------+------------------------ region B
 *    region B -------------------------+-----------------------> region A
 *    doorbell n -----------------------+-----> vector n, as host 1 configured its doorbells
 *    window n -> entry of host 1's CONFIGURE_MW(n) ------------> memory of host 1
 *    vector 0 <---- link event ---- both sent LINK_UP ----> vector 0
 *
 * and the same from right to left. Each function has a mailbox and a work of its own.
 */

#include "ntb_bus.h"
#include "ntb_ctrl.h"
#include "ntb_work.h"

#define BRIDGE_SIDES 2

struct bridge_conf {
	struct ntb_shape shape;       /**< of both functions */
	uint8_t *ctrl[BRIDGE_SIDES];  /**< ntb_shape_ctrl_bytes() each */
	const struct ntb_bus *bus;
	void *bus_ctx;
};

struct bridge_counters {
	uint64_t reads;        /**< accesses of the host that wait for an answer */
	uint64_t writes;
	uint64_t commands;
	uint64_t bad_commands; /**< unknown, or with numbers that make no sense */
	uint64_t link_events;
	uint64_t doorbells;    /**< rung by this host */
	uint64_t stray_db;     /**< writes to the doorbells that rang none */
	uint64_t early_mw;     /**< accesses to a window that has no entry there */
	uint64_t mw_errors;    /**< pieces that reached none of the other host's memory */
};

struct bridge_side {
	struct ntb_ctrl ctrl;
	struct ntb_work work;
	struct ntb_windows windows; /**< where the other host's windows lead: memory of this one */
	bool link_up;               /**< the latest of LINK_UP and LINK_DOWN */
	struct bridge_counters counters;
};

struct bridge {
	struct bridge_conf conf;
	struct ntb_switches sw;
	bool bound;
	struct bridge_side side[BRIDGE_SIDES];
};

/** Binds both functions. */
void bridge_init(struct bridge *bridge, const struct bridge_conf *conf, uint64_t now);

/** Endpoint reboot: what the hosts find is lost, and there again after a bind. */
void bridge_unbind(struct bridge *bridge);
void bridge_bind(struct bridge *bridge, uint64_t now);

/** An access of one host, inside the BAR. */
void bridge_access(struct bridge *bridge, unsigned int host, const struct ntb_access *access,
		   uint64_t now);

/** When bridge_run() has something to do; NTB_NEVER: not before an access. */
uint64_t bridge_next(const struct bridge *bridge);
void bridge_run(struct bridge *bridge, uint64_t now);

/** A host left, or reset its function. */
void bridge_host_gone(struct bridge *bridge, unsigned int host);

#endif /* _SOFTEP_NTB_BRIDGE_H_ */
