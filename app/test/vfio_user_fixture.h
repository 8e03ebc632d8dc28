/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_FIXTURE_H_
#define _VFIO_USER_FIXTURE_H_

/*
 * What the tests of vfio-user share: a device with a server in a thread of its own, and messages
 * made by hand.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vfio_user_client.h"
#include "vfio_user_server.h"

#define PAGE 4096u
#define DIM(a) (sizeof(a) / sizeof((a)[0]))
/* Longest wait for what must happen: only a failing test takes it. */
#define PATIENCE_S 20

/* What the device under the server presents. */
enum {
	SPARSE_BAR = 0, /* 16 pages, of which [4, 6) and [8, 9) are mappable */
	WHOLE_BAR = 1,  /* 2 pages, mappable as a whole */
	REG_BAR = 2,    /* a page of registers */
	READONLY_BAR = 4,
	MEMORY = VFIO_USER_FIRST_PRIVATE_REGION, /* more than one message can carry */
	NUM_REGIONS = 10,
	NUM_IRQS = 5,
	NUM_VECTORS = 32,
	MEMORY_SIZE = VFIO_USER_MAX_DATA + 4096,
	MAX_LOG = 4096,
};

static const struct vfio_region_sparse_mmap_area sparse_areas[] = {
	{ .offset = 4 * PAGE, .size = 2 * PAGE },
	{ .offset = 8 * PAGE, .size = PAGE },
};

struct test_map {
	uint64_t address;
	uint64_t size;
	int fd;
	uint8_t *mem; /* NULL: came without a descriptor */
};

/* The device. Its ops run in the server's thread; all fields are under the lock. */
struct test_dev {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	struct vfio_user_server *srv;
	unsigned int nb_attached;
	unsigned int nb_detached;
	unsigned int nb_calls_detached; /* ops called without a client */
	unsigned int nb_resets;
	char why[128];
	int bar_fd;
	uint8_t memory[MEMORY_SIZE];
	uint64_t log[MAX_LOG]; /* register writes: offset << 32 | value */
	unsigned int nb_log;
	struct test_map maps[16];
	unsigned int nb_maps;
	int vectors[NUM_VECTORS];
	bool drop_at_write;
};

struct fixture {
	char dir[32];
	char path[64];
	struct test_dev dev;
	pthread_t thread;
	int stop; /* eventfd */
	int fds_before;
};

static int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/* Waits until as many descriptors are open: the server closes a connection after it says so. */
static void
wait_fds(int count)
{
	unsigned int ms;

	for (ms = 0; count_fds() != count && ms < PATIENCE_S * 1000; ms++)
		usleep(1000);
	assert_int_equal(count_fds(), count);
}

/* Waits until *counter has reached a value. */
static void
wait_count(struct test_dev *dev, const unsigned int *counter, unsigned int value)
{
	struct timespec until;
	int ret = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&dev->lock);
	while (*counter < value && ret == 0)
		ret = pthread_cond_timedwait(&dev->cond, &dev->lock, &until);
	pthread_mutex_unlock(&dev->lock);
	assert_int_equal(ret, 0);
}

static unsigned int
map_count(struct test_dev *dev)
{
	unsigned int count;

	pthread_mutex_lock(&dev->lock);
	count = dev->nb_maps;
	pthread_mutex_unlock(&dev->lock);
	return count;
}

/* Device ops */

static void
dev_enter(struct test_dev *dev)
{
	pthread_mutex_lock(&dev->lock);
	if (dev->nb_attached == dev->nb_detached)
		dev->nb_calls_detached++;
}

static int
dev_leave(struct test_dev *dev, int ret)
{
	pthread_cond_broadcast(&dev->cond);
	pthread_mutex_unlock(&dev->lock);
	return ret;
}

static void
dev_attached(void *arg)
{
	struct test_dev *dev = arg;

	pthread_mutex_lock(&dev->lock);
	dev->nb_attached++;
	dev_leave(dev, 0);
}

static void
drop_map(struct test_map *map)
{
	if (map->mem != NULL)
		munmap(map->mem, map->size);
	if (map->fd >= 0)
		close(map->fd);
}

static void
dev_detached(void *arg, const char *why)
{
	struct test_dev *dev = arg;
	unsigned int i;

	dev_enter(dev);
	while (dev->nb_maps > 0)
		drop_map(&dev->maps[--dev->nb_maps]);
	for (i = 0; i < NUM_VECTORS; i++) {
		if (dev->vectors[i] >= 0)
			close(dev->vectors[i]);
		dev->vectors[i] = -1;
	}
	snprintf(dev->why, sizeof(dev->why), "%s", why);
	dev->nb_detached++;
	dev_leave(dev, 0);
	/* Dropping what is being dropped does nothing. */
	vfio_user_server_drop(dev->srv, "again");
}

static int
dev_region_info(void *arg, unsigned int index, struct vfio_user_region *region)
{
	struct test_dev *dev = arg;

	region->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	switch (index) {
	case SPARSE_BAR:
		region->size = 16 * PAGE;
		region->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		region->fd = dev->bar_fd;
		region->fd_offset = PAGE;
		region->areas = sparse_areas;
		region->nb_areas = DIM(sparse_areas);
		break;
	case WHOLE_BAR:
		region->size = 2 * PAGE;
		region->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		region->fd = dev->bar_fd;
		break;
	case READONLY_BAR:
		region->flags = VFIO_REGION_INFO_FLAG_READ;
		/* fall through */
	case REG_BAR:
	case VFIO_USER_CONFIG_REGION:
		region->size = PAGE;
		break;
	case MEMORY:
		region->size = MEMORY_SIZE;
		break;
	default:
		region->flags = 0;
	}
	return 0;
}

static int
dev_region_read(void *arg, unsigned int index, uint64_t offset, void *data, uint32_t count)
{
	struct test_dev *dev = arg;

	(void)index;
	dev_enter(dev);
	memcpy(data, dev->memory + offset, count);
	return dev_leave(dev, 0);
}

static int
dev_region_write(void *arg, unsigned int index, uint64_t offset, const void *data, uint32_t count)
{
	struct test_dev *dev = arg;
	uint32_t value = 0;

	dev_enter(dev);
	if (dev->drop_at_write) {
		vfio_user_server_drop(dev->srv, "the device wants it");
		vfio_user_server_poll(dev->srv, 1);
	}
	memcpy(dev->memory + offset, data, count);
	memcpy(&value, data, count < sizeof(value) ? count : sizeof(value));
	if (index == REG_BAR && dev->nb_log < MAX_LOG)
		dev->log[dev->nb_log++] = offset << 32 | value;
	return dev_leave(dev, 0);
}

static int
dev_dma_map(void *arg, const struct vfio_user_dma_map *map, int *fd)
{
	struct test_dev *dev = arg;
	struct test_map *new = &dev->maps[dev->nb_maps];
	unsigned int i;

	dev_enter(dev);
	for (i = 0; i < dev->nb_maps; i++) {
		if (map->address < dev->maps[i].address + dev->maps[i].size &&
		    dev->maps[i].address < map->address + map->size)
			return dev_leave(dev, -EEXIST);
	}
	if (dev->nb_maps == DIM(dev->maps))
		return dev_leave(dev, -ENOSPC);
	*new = (struct test_map){ .address = map->address, .size = map->size, .fd = -1 };
	if (*fd >= 0) {
		new->mem = mmap(NULL, map->size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd,
				(off_t)map->offset);
		if (new->mem == MAP_FAILED)
			return dev_leave(dev, -errno);
		new->fd = *fd;
		*fd = -1;
	}
	dev->nb_maps++;
	return dev_leave(dev, 0);
}

static int
dev_dma_unmap(void *arg, const struct vfio_user_dma_unmap *unmap)
{
	struct test_dev *dev = arg;
	bool all = (unmap->flags & VFIO_USER_DMA_UNMAP_ALL) != 0;
	unsigned int i;

	dev_enter(dev);
	for (i = 0; i < dev->nb_maps && !all; i++) {
		if (unmap->address == dev->maps[i].address && unmap->size == dev->maps[i].size)
			break;
	}
	if (!all && i == dev->nb_maps)
		return dev_leave(dev, -ENOENT);
	if (!all) {
		drop_map(&dev->maps[i]);
		dev->maps[i] = dev->maps[--dev->nb_maps];
	}
	while (all && dev->nb_maps > 0)
		drop_map(&dev->maps[--dev->nb_maps]);
	return dev_leave(dev, 0);
}

static unsigned int
dev_irq_count(void *arg, unsigned int index)
{
	(void)arg;
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? NUM_VECTORS : 0;
}

static int
dev_set_irqs(void *arg, const struct vfio_irq_set *set, const int *fds)
{
	struct test_dev *dev = arg;
	unsigned int i, nb = set->count, first = set->start;

	dev_enter(dev);
	if (nb == 0)
		nb = NUM_VECTORS;
	for (i = first; i < first + nb; i++) {
		if (dev->vectors[i] >= 0)
			close(dev->vectors[i]);
		dev->vectors[i] = -1;
		if (set->count > 0 && fds[i - first] >= 0)
			dev->vectors[i] = dup(fds[i - first]);
	}
	return dev_leave(dev, 0);
}

static int
dev_reset(void *arg)
{
	struct test_dev *dev = arg;

	dev_enter(dev);
	dev->nb_resets++;
	return dev_leave(dev, 0);
}

static const struct vfio_user_device_ops dev_ops = {
	.attached = dev_attached,
	.detached = dev_detached,
	.region_info = dev_region_info,
	.region_read = dev_region_read,
	.region_write = dev_region_write,
	.dma_map = dev_dma_map,
	.dma_unmap = dev_dma_unmap,
	.irq_count = dev_irq_count,
	.set_irqs = dev_set_irqs,
	.reset = dev_reset,
};

/* Fixture: the server in a thread of its own */

static void *
server_thread(void *arg)
{
	struct fixture *fix = arg;
	struct pollfd pfd[3] = {
		{ .fd = fix->stop, .events = POLLIN },
		{ .events = POLLIN },
		{ .events = POLLIN },
	};

	for (;;) {
		pfd[1].fd = vfio_user_server_listen_fd(fix->dev.srv);
		pfd[2].fd = vfio_user_server_client_fd(fix->dev.srv);
		poll(pfd, 3, -1);
		if (pfd[0].revents != 0)
			return NULL;
		vfio_user_server_poll(fix->dev.srv, 4);
	}
}

static struct vfio_user_server *
create_server(struct fixture *fix, const char *path)
{
	const struct vfio_user_server_conf conf = {
		.path = path,
		.num_regions = NUM_REGIONS,
		.num_irqs = NUM_IRQS,
		.ops = &dev_ops,
		.dev = &fix->dev,
	};

	return vfio_user_server_create(&conf);
}

static struct fixture *
setup_dir(void)
{
	struct fixture *fix = calloc(1, sizeof(*fix));
	unsigned int i;

	assert_non_null(fix);
	fix->fds_before = count_fds();
	strcpy(fix->dir, "/tmp/vfio-user-XXXXXX");
	assert_non_null(mkdtemp(fix->dir));
	snprintf(fix->path, sizeof(fix->path), "%s/dev.sock", fix->dir);
	pthread_mutex_init(&fix->dev.lock, NULL);
	pthread_cond_init(&fix->dev.cond, NULL);
	for (i = 0; i < NUM_VECTORS; i++)
		fix->dev.vectors[i] = -1;
	fix->dev.bar_fd = memfd_create("bar", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fix->dev.bar_fd, 32 * PAGE), 0);
	return fix;
}

static void
stop_server(struct fixture *fix)
{
	if (fix->dev.srv == NULL)
		return;
	assert_int_equal(eventfd_write(fix->stop, 1), 0);
	pthread_join(fix->thread, NULL);
	vfio_user_server_destroy(fix->dev.srv);
	fix->dev.srv = NULL;
	close(fix->stop);
}

static int
setup(void **state)
{
	struct fixture *fix = setup_dir();

	fix->stop = eventfd(0, EFD_CLOEXEC);
	fix->dev.srv = create_server(fix, fix->path);
	assert_non_null(fix->dev.srv);
	assert_int_equal(pthread_create(&fix->thread, NULL, server_thread, fix), 0);
	*state = fix;
	return 0;
}

static int
setup_no_server(void **state)
{
	*state = setup_dir();
	return 0;
}

/* Nothing may be left: no descriptor, no file. */
static int
teardown(void **state)
{
	struct fixture *fix = *state;

	stop_server(fix);
	close(fix->dev.bar_fd);
	assert_int_equal(fix->dev.nb_attached, fix->dev.nb_detached);
	assert_int_equal(fix->dev.nb_calls_detached, 0);
	assert_int_equal(count_fds(), fix->fds_before);
	assert_int_equal(rmdir(fix->dir), 0);
	free(fix);
	return 0;
}

/* Raw messages */

struct raw {
	uint16_t command;
	uint32_t flags;
	uint32_t size; /* 0: the right one */
	const void *payload;
	size_t len;
	unsigned int nb_fds;
};

#define MAX_RAW_FDS 32

static void
patience(int sock)
{
	const struct timeval tv = { .tv_sec = PATIENCE_S };

	assert_int_equal(setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	assert_int_equal(setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
}

/* Sends bytes with nb_fds duplicates of one descriptor; returns what sendmsg() does. */
static ssize_t
send_bytes(int sock, const void *bytes, size_t len, int fd, unsigned int nb_fds)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
	union {
		char buf[CMSG_SPACE(MAX_RAW_FDS * sizeof(int))];
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
	return sendmsg(sock, &mh, MSG_NOSIGNAL);
}

static void
send_raw(int sock, uint16_t id, const struct raw *raw, int fd)
{
	struct vfio_user_header hdr = {
		.id = id,
		.command = raw->command,
		.size = raw->size != 0 ? raw->size : (uint32_t)(sizeof(hdr) + raw->len),
		.flags = raw->flags,
	};
	uint8_t bytes[512];

	assert_true(sizeof(hdr) + raw->len <= sizeof(bytes));
	memcpy(bytes, &hdr, sizeof(hdr));
	if (raw->len > 0)
		memcpy(bytes + sizeof(hdr), raw->payload, raw->len);
	assert_int_equal(send_bytes(sock, bytes, sizeof(hdr) + raw->len, fd, raw->nb_fds),
			 sizeof(hdr) + raw->len);
}

static void
expect_reply(int sock, uint16_t id, uint16_t command, int err, struct vfio_user_msg *msg,
	     void *buf, size_t room)
{
	assert_int_equal(vfio_user_recv(sock, msg, buf, room), 0);
	assert_int_equal(msg->hdr.id, id);
	assert_int_equal(msg->hdr.command, command);
	assert_int_equal(msg->hdr.error, err);
	assert_int_equal(msg->hdr.flags, err != 0 ? 0x21 : 1);
	if (err != 0) {
		assert_int_equal(msg->len, 0);
		assert_int_equal(msg->nb_fds, 0);
	}
}

static void
expect_end(int sock)
{
	struct vfio_user_msg msg;
	uint8_t buf[64];

	assert_int_equal(vfio_user_recv(sock, &msg, buf, sizeof(buf)), -EPIPE);
	close(sock);
}

static int
raw_connect(const struct fixture *fix)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, fix->path);
	assert_int_equal(connect(sock, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	patience(sock);
	return sock;
}

static const struct raw raw_version = { VFIO_USER_VERSION, 0, 0, "\0\0\0\0{}", 7, 0 };
static const struct vfio_user_device_info ask_info = { .argsz = 16 };
static const struct raw raw_info = { VFIO_USER_DEVICE_GET_INFO, 0, 0, &ask_info, 16, 0 };

/* A connection that has passed VERSION. */
static int
raw_client(const struct fixture *fix)
{
	static const char text[] = "{\"capabilities\":{\"max_msg_fds\":16}}";
	int sock = raw_connect(fix);
	struct vfio_user_msg msg;
	uint8_t buf[128];

	send_raw(sock, 77, &raw_version, -1);
	expect_reply(sock, 77, VFIO_USER_VERSION, 0, &msg, buf, sizeof(buf));
	assert_int_equal(msg.len, 4 + sizeof(text));
	assert_memory_equal(buf, "\0\0\0\0", 4);
	assert_memory_equal(buf + 4, text, sizeof(text));
	return sock;
}

/* A round trip: everything sent before has been handled. */
static void
sync_raw(int sock)
{
	struct vfio_user_device_info info;
	struct vfio_user_msg msg;

	send_raw(sock, 4242, &raw_info, -1);
	expect_reply(sock, 4242, VFIO_USER_DEVICE_GET_INFO, 0, &msg, &info, sizeof(info));
	assert_int_equal(msg.len, sizeof(info));
	assert_int_equal(info.argsz, 16);
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.num_regions, NUM_REGIONS);
	assert_int_equal(info.num_irqs, NUM_IRQS);
}

#endif /* _VFIO_USER_FIXTURE_H_ */
