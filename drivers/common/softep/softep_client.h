/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_CLIENT_H_
#define _SOFTEP_CLIENT_H_

/**
 * @file
 * What makes a DPDK process a client of the software endpoint.
 *
 * Linked statically into the plugins that attach; exports nothing. An attachment is one port of one
 * board: its regions, mapped where the board allows it, and the process's DMA memory, kept mapped
 * at the device as EAL adds and removes segments. IOVA must be VA.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "softep_board.h"

/** Regions of a port, mapped or not. */
struct softep_region {
	uint8_t *va;   /**< NULL: not mappable, accesses are messages */
	uint64_t size; /**< bytes; 0: the port has no such region */
	bool writable;
};

struct softep_client;

/** Which side of the link a process is on. */
enum softep_side {
	SOFTEP_SIDE_RC,
	SOFTEP_SIDE_EP,
};

/**
 * Attaches to a port and maps its regions and this process's memory.
 *
 * Logs one line that names what was wrong: no directory, no socket, another client there, a board
 * of another version, IOVA mode PA. An rc port starts with bus mastering off: see
 * softep_bus_master().
 *
 * @param dir   Directory of the software endpoint.
 * @param name  Of the device, for log lines.
 * @return 0 or a negative errno.
 */
int softep_attach(const char *dir, enum softep_port port, const char *name,
		  struct softep_client **client);

/** Unmaps the process's memory at the device first: it is safe from the device after this. */
void softep_detach(struct softep_client *client);

/** Parses "rc" and "ep". Returns -EINVAL for anything else. */
int softep_side_parse(const char *value, enum softep_side *side);

/** The board page; always mapped. */
const struct softep_board *softep_board(const struct softep_client *client);

const struct softep_region *softep_region(const struct softep_client *client, unsigned int index);

/**
 * Asks for a region again and maps what is there now, for an outbound window that has moved. The
 * previous mapping is gone after the call.
 */
int softep_region_refresh(struct softep_client *client, unsigned int index);

/** False once the board is known to be gone. No system call. */
bool softep_alive(const struct softep_client *client);

/** Looks at the socket: one system call that does not wait. For link polls at a low rate. */
bool softep_check(struct softep_client *client);

/** True while a client is attached to @p port of this board and the board itself is alive. */
bool softep_port_attached(const struct softep_client *client, enum softep_port port);

/** Accesses by message, waiting for the reply. Any size up to 1 MiB. Negative errno if dead. */
int softep_read(struct softep_client *client, unsigned int region, uint64_t offset, void *data,
		uint32_t bytes);
int softep_write(struct softep_client *client, unsigned int region, uint64_t offset,
		 const void *data, uint32_t bytes);

/** A posted write: the order of the calls is the order at the device. No reply is waited for. */
int softep_post(struct softep_client *client, unsigned int region, uint64_t offset,
		const void *data, uint32_t bytes, uint64_t *seq);

/** rc ports: switches bus mastering and reads the command register back. */
int softep_bus_master(struct softep_client *client, bool on);

/** Memory of the process outside EAL, e.g. a window object: visible to the device at @p iova. */
int softep_dma_map(struct softep_client *client, int fd, uint64_t fd_offset, uint64_t iova,
		   uint64_t bytes);
int softep_dma_unmap(struct softep_client *client, uint64_t iova, uint64_t bytes);

/**
 * Can the device reach these bytes? All of EAL's own memory is announced to it. External memory is
 * not, nor is any other: they have no file descriptor that EAL could tell.
 */
bool softep_dma_reaches(const void *addr, size_t bytes);

#endif /* _SOFTEP_CLIENT_H_ */
