/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_PORT_H_
#define _SOFTEP_PORT_H_

/**
 * @file
 * The ports as vfio-user devices.
 */

#include <poll.h>

#include "board.h"

/** Creates the sockets and says what they serve. Returns 0 or a negative errno, told. */
int softep_ports_open(struct softep *board);

/** Drops all clients and removes the sockets. */
void softep_ports_close(struct softep *board);

/** Fills two entries: for who comes, if anybody is accepted now, and for who is there. */
void softep_port_fds(const struct softep_device *dev, bool accepting, struct pollfd *fds);

/**
 * Serves what has arrived at one port, a bounded number of messages.
 *
 * @param comes  Somebody wants to be accepted.
 */
void softep_port_poll(struct softep_device *dev, bool comes);

#endif /* _SOFTEP_PORT_H_ */
