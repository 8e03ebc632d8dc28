/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * A hostile client for the vfio-user server. The input is a flag byte and records of
 *
 *   u8 control | u16 length (little endian) | bytes
 *
 * each sent by one sendmsg(). Everything is sent and the stream ended before the server looks at
 * it, so that it never waits for the rest of a message.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio_user_server.h"

/* Of the flag byte: the input is behind a good VERSION. */
#define FLAG_VERSION 0x01
/* Of a control byte: descriptors to send, and whether the header gets the record's length. */
#define CONTROL_FDS 0x1f
#define CONTROL_FIX_SIZE 0x20

#define PAGE 4096
#define NUM_REGIONS 10
#define NUM_VECTORS 40
#define MAX_MAPS 8
#define MAX_FDS 20

struct fuzz_dev {
	bool attached;
	int file;
	uint8_t memory[16 * PAGE]; /* small: a reply must fit the socket, nobody reads meanwhile */
	int maps[MAX_MAPS];
	unsigned int nb_maps;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static void
fuzz_attached(void *arg)
{
	struct fuzz_dev *dev = arg;

	must(!dev->attached);
	dev->attached = true;
}

static void
fuzz_detached(void *arg, const char *why)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached && strlen(why) > 0);
	dev->attached = false;
	while (dev->nb_maps > 0)
		close(dev->maps[--dev->nb_maps]);
}

static int
fuzz_region_info(void *arg, unsigned int index, struct vfio_user_region *region)
{
	static const struct vfio_region_sparse_mmap_area area = { PAGE, PAGE };
	struct fuzz_dev *dev = arg;

	must(dev->attached && index < NUM_REGIONS);
	if (index == 3)
		return -ENODEV;
	region->size = index == 4 ? 0 : sizeof(dev->memory) >> index;
	region->flags = index;
	region->fd = dev->file;
	region->areas = &area;
	region->nb_areas = index & 1;
	return 0;
}

static int
fuzz_region_read(void *arg, unsigned int index, uint64_t offset, void *data, uint32_t count)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached && (index & VFIO_REGION_INFO_FLAG_READ) != 0);
	must(count > 0 && offset + count <= sizeof(dev->memory) >> index);
	memcpy(data, dev->memory + offset, count);
	return 0;
}

static int
fuzz_region_write(void *arg, unsigned int index, uint64_t offset, const void *data, uint32_t count)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached && (index & VFIO_REGION_INFO_FLAG_WRITE) != 0);
	must(count > 0 && offset + count <= sizeof(dev->memory) >> index);
	memcpy(dev->memory + offset, data, count);
	return 0;
}

static int
fuzz_dma_map(void *arg, const struct vfio_user_dma_map *map, int *fd)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached && map->size > 0 && map->address + (map->size - 1) >= map->address);
	if (*fd < 0)
		return 0;
	must(map->offset + map->size <= 4 * PAGE && map->offset % PAGE == 0);
	if (dev->nb_maps == MAX_MAPS)
		return -ENOSPC;
	dev->maps[dev->nb_maps++] = *fd;
	*fd = -1;
	return 0;
}

static int
fuzz_dma_unmap(void *arg, const struct vfio_user_dma_unmap *unmap)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached);
	if (dev->nb_maps == 0 || unmap->size == 1)
		return -ENOENT;
	close(dev->maps[--dev->nb_maps]);
	return 0;
}

static unsigned int
fuzz_irq_count(void *arg, unsigned int index)
{
	(void)arg;
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? NUM_VECTORS : 0;
}

static int
fuzz_set_irqs(void *arg, const struct vfio_irq_set *set, const int *fds)
{
	struct fuzz_dev *dev = arg;
	uint32_t i;

	must(dev->attached);
	must((uint64_t)set->start + set->count <= NUM_VECTORS);
	for (i = 0; i < set->count; i++)
		must(fds[i] == -1 || fcntl(fds[i], F_GETFD) == FD_CLOEXEC);
	return 0;
}

static int
fuzz_reset(void *arg)
{
	struct fuzz_dev *dev = arg;

	must(dev->attached);
	return 0;
}

static const struct vfio_user_device_ops fuzz_ops = {
	.attached = fuzz_attached,
	.detached = fuzz_detached,
	.region_info = fuzz_region_info,
	.region_read = fuzz_region_read,
	.region_write = fuzz_region_write,
	.dma_map = fuzz_dma_map,
	.dma_unmap = fuzz_dma_unmap,
	.irq_count = fuzz_irq_count,
	.set_irqs = fuzz_set_irqs,
	.reset = fuzz_reset,
};

/* False when the socket is full. */
static bool
send_record(int sock, uint8_t *bytes, size_t len, int fd, unsigned int nb_fds)
{
	struct iovec iov = { .iov_base = bytes, .iov_len = len };
	union {
		char buf[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} ctl = { .buf = { 0 } };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	unsigned int i;

	if (nb_fds > 0) {
		mh.msg_control = ctl.buf;
		mh.msg_controllen = CMSG_SPACE(nb_fds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&mh);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nb_fds * sizeof(int));
		for (i = 0; i < nb_fds; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &fd, sizeof(int));
	}
	return sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

static void
send_input(int sock, int fd, const uint8_t *data, size_t size)
{
	static uint8_t bytes[UINT16_MAX];
	struct vfio_user_header hdr;
	unsigned int nb_fds;
	uint8_t control;
	size_t len;

	while (size >= 3) {
		control = data[0];
		len = (size_t)data[1] | (size_t)data[2] << 8;
		data += 3;
		size -= 3;
		len = len < size ? len : size;
		if (len == 0)
			continue;
		memcpy(bytes, data, len);
		data += len;
		size -= len;
		if ((control & CONTROL_FIX_SIZE) != 0 && len >= sizeof(hdr)) {
			memcpy(&hdr, bytes, sizeof(hdr));
			hdr.size = (uint32_t)len;
			memcpy(bytes, &hdr, sizeof(hdr));
		}
		nb_fds = control & CONTROL_FDS;
		if (!send_record(sock, bytes, len, fd, nb_fds < MAX_FDS ? nb_fds : MAX_FDS))
			return;
	}
}

/* Replies are read as they come: the server must not find the socket full. */
static void
serve_to_end(struct vfio_user_server *srv, int sock)
{
	static uint8_t replies[1 << 17];

	while (vfio_user_server_client_fd(srv) >= 0) {
		/* The end of the stream is there: only a drop ends without a message. */
		if (vfio_user_server_poll(srv, 1) == 0)
			must(vfio_user_server_client_fd(srv) < 0);
		while (recv(sock, replies, sizeof(replies), MSG_DONTWAIT) > 0)
			;
	}
}

/* Returns the number that the connection's descriptor had. */
static int
serve_input(const uint8_t *data, size_t size)
{
	static const uint8_t version[] = { 0, 0, 1, 0, 20, 0, 0, 0, 0, 0,
					   0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static struct fuzz_dev dev;
	static struct vfio_user_server *srv;
	const struct vfio_user_server_conf conf = {
		.num_regions = NUM_REGIONS,
		.num_irqs = 5,
		.ops = &fuzz_ops,
		.dev = &dev,
	};
	int sv[2];

	if (srv == NULL) {
		dev.file = memfd_create("fuzz", MFD_CLOEXEC);
		must(ftruncate(dev.file, 4 * PAGE) == 0);
		srv = vfio_user_server_create(&conf);
		must(srv != NULL);
	}
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == 0);
	must(vfio_user_server_adopt(srv, sv[0]) == 0);
	if ((data[0] & FLAG_VERSION) != 0)
		must(send(sv[1], version, sizeof(version), 0) == sizeof(version));
	send_input(sv[1], dev.file, data + 1, size - 1);
	shutdown(sv[1], SHUT_WR);
	serve_to_end(srv, sv[1]);
	close(sv[1]);
	must(!dev.attached && dev.nb_maps == 0);
	return sv[0];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int first = -1;
	int sock;

	if (size == 0)
		return 0;
	/* Always the lowest one free: another number means that a descriptor was lost. */
	sock = serve_input(data, size);
	if (first < 0)
		first = sock;
	must(sock == first);
	return 0;
}
