/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PORT_H_
#define _PORT_H_

#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

/** Descriptors of a queue, of which a port may make more or fewer. */
#define PORT_RING 512

struct port_conf {
	uint16_t queues;
	uint16_t mtu;
	struct rte_mempool *pool;
};

/** Bytes that a buffer needs for frames of an MTU. */
uint16_t port_buffer_bytes(uint16_t mtu);
/** The name of a port's device. */
const char *port_name(uint16_t port);
/**
 * Configures and starts a port. Returns 0, or a negative errno after telling why. Returns -EINTR
 * when a signal ended the wait for a peer that the port cannot start without.
 */
int port_start(uint16_t port, const struct port_conf *conf);
bool port_is_up(uint16_t port);
void port_close(uint16_t port);

#endif /* _PORT_H_ */
