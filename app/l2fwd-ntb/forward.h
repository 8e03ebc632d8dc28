/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _FORWARD_H_
#define _FORWARD_H_

/**
 * @file
 * Frames from port to port. Ports are told by their place in bridge.ports everywhere here; DPDK's
 * own number of one is bridge.ports[place].
 */

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_config.h>
#include <rte_mbuf.h>

#include "mac_table.h"

/** Frames that are taken from a queue at a time. */
#define BURST 32

/** Of one port, as one lcore sees it. That lcore writes, the main lcore reads. */
struct counters {
	uint64_t received;
	uint64_t sent;
	uint64_t refused;  /**< to be sent here, but the queue was full, the link down or no buffer left */
	uint64_t filtered; /**< received here, with nowhere else to go */
};

/** Frames on their way to a port. A burst brings each port no more than that many. */
struct outbox {
	uint16_t n;
	struct rte_mbuf *pkts[BURST];
};

struct bridge;

/** An lcore that forwards. It has queues of its own on every port and so shares nothing. */
struct __rte_cache_aligned worker {
	const struct bridge *bridge;
	uint16_t first_queue; /**< the others follow at a distance of nb_workers */
	struct outbox out[RTE_MAX_ETHPORTS];
	struct counters counters[RTE_MAX_ETHPORTS];
};

struct bridge {
	uint16_t ports[RTE_MAX_ETHPORTS];
	uint16_t nb_ports;
	uint16_t queues;           /**< of each port, at least nb_workers */
	struct mac_table *table;   /**< NULL: what arrives at a port leaves at its partner */
	struct rte_mempool *pool;
	struct worker *workers;
	uint16_t nb_workers;
	_Atomic uint32_t now;      /**< seconds, kept by the main lcore: the table's time */
};

/** Set by a signal: everything comes to an end. */
extern volatile sig_atomic_t stopped;

/** Takes a burst from each of a worker's queues and sends it on. */
void forward_poll(struct worker *worker);
/** Does so until the end; for rte_eal_remote_launch(). */
int forward_loop(void *worker);

#endif /* _FORWARD_H_ */
