/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_CLIENT_H_
#define _VFIO_USER_CLIENT_H_

/**
 * @file
 * The user's end of vfio-user: one connection to one device.
 *
 * Every call returns 0 or a negative errno; after -EPIPE, -EPROTO or -ETIMEDOUT the connection is
 * dead and every further call returns -EPIPE at once. Calls are thread safe: one lock per
 * connection keeps a request and its reply together.
 */

#include <linux/vfio.h>

#include "vfio_user.h"

struct vfio_user_client;

/** Longest wait for a reply, and for room to send: milliseconds. */
#define VFIO_USER_CLIENT_TIMEOUT_MS 1500

/**
 * Connects and negotiates the version.
 *
 * Errors: of connect(2); -EBUSY the device serves another client; -EPROTO not vfio-user;
 * -ETIMEDOUT no answer; -EPIPE closed without an answer.
 */
int vfio_user_client_connect(const char *path, struct vfio_user_client **client);
void vfio_user_client_close(struct vfio_user_client *client);

/** False once the connection is known to be dead. Costs no system call. */
bool vfio_user_client_alive(const struct vfio_user_client *client);

/** Looks at the socket (one system call, no wait) and returns vfio_user_client_alive(). */
bool vfio_user_client_check(struct vfio_user_client *client);

int vfio_user_client_device_info(struct vfio_user_client *client,
				 struct vfio_user_device_info *info);

/** A region as the server described it. */
struct vfio_user_client_region {
	uint64_t size;      /**< bytes; 0: absent */
	uint32_t flags;     /**< VFIO_REGION_INFO_FLAG_* */
	int fd;             /**< of a mappable region, the caller's to close; -1: none */
	uint64_t fd_offset; /**< where the region starts in the file */
	unsigned int nb_areas; /**< sparse areas; 0 with fd >= 0: the whole region is mappable */
	struct vfio_region_sparse_mmap_area areas[8];
};

/** May be asked again at any time: the answer follows a window whose target changes. */
int vfio_user_client_region_info(struct vfio_user_client *client, unsigned int index,
				 struct vfio_user_client_region *region);

int vfio_user_client_read(struct vfio_user_client *client, unsigned int region, uint64_t offset,
			  void *data, uint32_t count);

/** Waits for the reply. */
int vfio_user_client_write(struct vfio_user_client *client, unsigned int region, uint64_t offset,
			   const void *data, uint32_t count);

/**
 * A posted write: no reply is wanted. @p seq, if not NULL, receives the number of posted writes on
 * this connection so far, this one included; numbers are given in the order of the stream.
 */
int vfio_user_client_post(struct vfio_user_client *client, unsigned int region, uint64_t offset,
			  const void *data, uint32_t count, uint64_t *seq);

/** @p fd may be -1: memory that the device cannot reach. @p prot: VFIO_USER_DMA_READ | _WRITE. */
int vfio_user_client_dma_map(struct vfio_user_client *client, int fd, uint64_t fd_offset,
			     uint64_t address, uint64_t size, uint32_t prot);

/** On return the device no longer touches the memory. */
int vfio_user_client_dma_unmap(struct vfio_user_client *client, uint64_t address, uint64_t size);

int vfio_user_client_reset(struct vfio_user_client *client);

#endif /* _VFIO_USER_CLIENT_H_ */
