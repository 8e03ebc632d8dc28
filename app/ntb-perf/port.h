/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PORT_H_
#define _PORT_H_

/**
 * @file
 * Ethernet ports by name.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

struct port_options {
	uint64_t queues; /**< Rx and Tx */
	uint64_t depth;  /**< descriptors of a queue */
	uint64_t burst;  /**< packets in the hands of a task, at most */
	uint64_t size;   /**< of the longest frame */
};

struct port {
	const char *name;
	uint16_t id;
	struct rte_mempool *pool;
	bool started;
};

/** Configures and starts. 0, or an exit code after telling. */
int port_open(struct port *port, const char *name, const struct port_options *options);
/**
 * Both are safe on a port that is not open. To be freed when all ports
 * that its packets reach are closed.
 */
void port_close(struct port *port);
void port_free(struct port *port);

/** Waits until all links are up, asking each in turn. 0, or an exit code after telling. */
int port_wait_links(const struct port *ports, unsigned int n, double seconds);

#endif /* _PORT_H_ */
