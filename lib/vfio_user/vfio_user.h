/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_H_
#define _VFIO_USER_H_

/**
 * @file
 * vfio-user: what travels on the socket, and the codec that both ends use.
 *
 * One message is a header, a payload and up to VFIO_USER_MAX_FDS descriptors. Everything is in host
 * byte order. Structures that <linux/vfio.h> defines with the size of the protocol are used from
 * there; the ones here differ from the kernel's or have no counterpart.
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_REGION_IO_FDS = 6,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	VFIO_USER_DEVICE_RESET = 13,
};

#define VFIO_USER_TYPE_MASK 0xfu
#define VFIO_USER_TYPE_COMMAND 0u
#define VFIO_USER_TYPE_REPLY 1u
#define VFIO_USER_FLAG_NO_REPLY 0x10u
#define VFIO_USER_FLAG_ERROR 0x20u

struct vfio_user_header {
	uint16_t id;      /**< chosen by the sender of the command, echoed in the reply */
	uint16_t command; /**< enum vfio_user_command */
	uint32_t size;    /**< bytes of the whole message, header included */
	uint32_t flags;
	uint32_t error;   /**< positive errno in an error reply, else 0 */
};
static_assert(sizeof(struct vfio_user_header) == 16, "header");

struct vfio_user_version {
	uint16_t major;
	uint16_t minor;
	/* JSON text with its final NUL follows */
};
static_assert(sizeof(struct vfio_user_version) == 4, "version");

#define VFIO_USER_DMA_READ 1u  /**< the device may read this memory */
#define VFIO_USER_DMA_WRITE 2u /**< the device may write this memory */

struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;  /**< position in the file of the descriptor */
	uint64_t address; /**< what the device uses on its bus */
	uint64_t size;    /**< bytes */
};
static_assert(sizeof(struct vfio_user_dma_map) == 32, "dma map");

#define VFIO_USER_DMA_UNMAP_ALL 2u

struct vfio_user_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};
static_assert(sizeof(struct vfio_user_dma_unmap) == 24, "dma unmap");

struct vfio_user_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};
static_assert(sizeof(struct vfio_user_device_info) == 16, "device info");

struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count; /**< bytes */
	/* data follows in a write command and in the reply to a read */
};
static_assert(sizeof(struct vfio_user_region_access) == 16, "region access");

/** Descriptors that one message may carry. */
#define VFIO_USER_MAX_FDS 16
/**
 * Longest payload accepted. Bounds what a peer can make us hold; 1 MiB of region data is what the
 * protocol allows by default.
 */
#define VFIO_USER_MAX_PAYLOAD (1024 * 1024 + 4096)
/** Longest data of one REGION_READ or REGION_WRITE. */
#define VFIO_USER_MAX_DATA (1024 * 1024)

/** Configuration space region of every device, and regions of one's own. */
#define VFIO_USER_CONFIG_REGION 7
#define VFIO_USER_FIRST_PRIVATE_REGION 9

/** A message as received. Its descriptors are its holder's; one that is kept is set to -1. */
struct vfio_user_msg {
	struct vfio_user_header hdr;
	uint8_t *data;      /**< payload; the codec's or caller's buffer */
	size_t len;         /**< bytes of payload */
	int fds[VFIO_USER_MAX_FDS];
	unsigned int nb_fds;
};

/**
 * Sends one message with its descriptors in a single sendmsg(). The size in the header is computed
 * here; hdr->size is ignored. A message that the socket takes in pieces has the socket's send
 * time-out as a whole, however often the peer makes room.
 *
 * @return 0, or a negative errno: -EPIPE the peer is gone, -ETIMEDOUT the socket's send time-out
 *   passed. After an error the stream is unusable.
 */
int vfio_user_send(int sock, const struct vfio_user_header *hdr, const void *payload, size_t len,
		   const int *fds, unsigned int nb_fds);

/** As vfio_user_send() with the payload in two pieces, for a fixed struct followed by data. */
int vfio_user_send2(int sock, const struct vfio_user_header *hdr, const void *fixed,
		    size_t fixed_len, const void *data, size_t data_len, const int *fds,
		    unsigned int nb_fds);

/**
 * Receives one message, blocking up to the socket's receive time-out for the first byte and as long
 * again for the rest of the message.
 *
 * @param buf  Room for the payload, @p room bytes.
 * @return 0, or a negative errno: -EPIPE end of stream, -EPROTO malformed (size below 16, unknown
 *   type, descriptors lost), -EMSGSIZE longer than @p room, -ETIMEDOUT. No descriptor is open then.
 */
int vfio_user_recv(int sock, struct vfio_user_msg *msg, void *buf, size_t room);

/** As vfio_user_recv(), but -EAGAIN at once when not even the first byte is there. */
int vfio_user_recv_nowait(int sock, struct vfio_user_msg *msg, void *buf, size_t room);

/** Closes all descriptors still in the message. */
void vfio_user_close_fds(struct vfio_user_msg *msg);

#endif /* _VFIO_USER_H_ */
