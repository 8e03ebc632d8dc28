/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_SERVER_H_
#define _VFIO_USER_SERVER_H_

/**
 * @file
 * The device's end of vfio-user: a listening socket and at most one client.
 *
 * No thread: the owner polls the descriptors and calls vfio_user_server_poll(). The server checks
 * every message against the protocol before it calls the device; a device sees only requests whose
 * size, type and number of descriptors are right, and whose region range lies inside the region.
 */

#include <linux/vfio.h>

#include "vfio_user.h"

struct vfio_user_server;

/** A region as the device presents it. */
struct vfio_user_region {
	uint64_t size;  /**< bytes; 0 = the region does not exist */
	uint32_t flags; /**< VFIO_REGION_INFO_FLAG_READ, _WRITE, _MMAP */
	int fd;         /**< file that backs a mappable region, stays the device's; else -1 */
	uint64_t fd_offset;
	/** Mappable areas, page multiples; none with MMAP set: the whole region. */
	const struct vfio_region_sparse_mmap_area *areas;
	unsigned int nb_areas;
};

/**
 * What a device does on requests. Return 0 or a negative errno, which becomes the error reply.
 *
 * attached, detached and irq_count may be NULL, and dma_map, dma_unmap, set_irqs and reset: their
 * requests are then not supported. vfio_user_server_drop() may be called from an op and takes
 * effect when the op has returned; vfio_user_server_destroy() may not.
 */
struct vfio_user_device_ops {
	/** A client has passed VERSION. */
	void (*attached)(void *dev);
	/** It is gone; its maps and eventfds are to be dropped. */
	void (*detached)(void *dev, const char *why);
	int (*region_info)(void *dev, unsigned int index, struct vfio_user_region *region);
	int (*region_read)(void *dev, unsigned int index, uint64_t offset, void *data,
			   uint32_t count);
	int (*region_write)(void *dev, unsigned int index, uint64_t offset, const void *data,
			    uint32_t count);
	/** Keep @p fd by storing it and setting it to -1 in place; -1 on entry: none came. */
	int (*dma_map)(void *dev, const struct vfio_user_dma_map *map, int *fd);
	int (*dma_unmap)(void *dev, const struct vfio_user_dma_unmap *unmap);
	/** Vectors of an irq index; 0 = none. May be NULL. */
	unsigned int (*irq_count)(void *dev, unsigned int index);
	/**
	 * As VFIO_DEVICE_SET_IRQS; @p fds has set->count entries, -1 where there is none. They stay
	 * the server's, which closes them: duplicate what is to be kept.
	 */
	int (*set_irqs)(void *dev, const struct vfio_irq_set *set, const int *fds);
	int (*reset)(void *dev);
};

struct vfio_user_server_conf {
	/**
	 * Of the socket: created with mode 0600 and there only once it listens. A socket on which
	 * nobody answers any more is replaced, anything else in its place refused. NULL: no socket,
	 * the client comes by vfio_user_server_adopt().
	 */
	const char *path;
	unsigned int num_regions;
	unsigned int num_irqs;
	const struct vfio_user_device_ops *ops;
	void *dev;
};

/**
 * Creates the socket and listens. NULL with errno set on failure: EADDRINUSE a live server has the
 * path, EEXIST something that is no socket is there, ENAMETOOLONG.
 */
struct vfio_user_server *vfio_user_server_create(const struct vfio_user_server_conf *conf);

/** Drops the client, removes the socket. */
void vfio_user_server_destroy(struct vfio_user_server *srv);

/** Descriptors to wait on for POLLIN, -1 where there is none. */
int vfio_user_server_listen_fd(const struct vfio_user_server *srv);
int vfio_user_server_client_fd(const struct vfio_user_server *srv);

/**
 * Accepts and serves what is there, without blocking on an idle client: at most @p budget messages.
 * A client that has sent part of a message is waited for up to a second, then dropped.
 * A second client gets an error reply (EBUSY) to its VERSION and is closed; it never blocks us.
 *
 * @return messages handled.
 */
unsigned int vfio_user_server_poll(struct vfio_user_server *srv, unsigned int budget);

/** Why the latest poll could not accept a connection that was there, as an errno; 0: it could. */
int vfio_user_server_accept_error(const struct vfio_user_server *srv);

/**
 * Makes a connected stream socket the client, as if it had been accepted.
 *
 * @return 0, the socket is the server's now; -EBUSY there is a client already, or another negative
 *   errno, the socket stays the caller's.
 */
int vfio_user_server_adopt(struct vfio_user_server *srv, int sock);

/**
 * Region writes of this client that wanted no reply and have been handled, refused ones included:
 * the same numbers that vfio_user_client_post() gives out at the other end.
 */
uint64_t vfio_user_server_posted(const struct vfio_user_server *srv);

/** Closes the connection as if the client had gone. */
void vfio_user_server_drop(struct vfio_user_server *srv, const char *why);

#endif /* _VFIO_USER_SERVER_H_ */
