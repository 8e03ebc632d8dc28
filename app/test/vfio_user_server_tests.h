/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_SERVER_TESTS_H_
#define _VFIO_USER_SERVER_TESTS_H_

/* The server against messages made by hand. */

#include "vfio_user_fixture.h"

/* Payloads, as structs where the protocol has them. */
#define ACCESS(region_, offset_, count_) \
	(&(const struct vfio_user_region_access){ offset_, region_, count_ })
#define MAP(flags_, offset_, address_, size_) \
	(&(const struct vfio_user_dma_map){ 32, flags_, offset_, address_, size_ })
#define UNMAP(flags_, address_, size_) \
	(&(const struct vfio_user_dma_unmap){ 24, flags_, address_, size_ })
#define REGION(argsz_, index_) \
	(&(const struct vfio_region_info){ .argsz = argsz_, .index = index_ })
#define IRQ_INFO(argsz_, index_) \
	(&(const struct vfio_irq_info){ .argsz = argsz_, .index = index_ })
#define IRQS(flags_, index_, start_, count_) \
	(&(const struct { \
		uint32_t set[5]; \
		uint8_t data[8]; \
	}){ { 20, flags_, index_, start_, count_ }, { 0 } })
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

/* Requests that the server must refuse, staying as it is. The descriptor has two pages. */
static const struct {
	struct raw raw;
	int err;
} bad_requests[] = {
	/* Commands that we do not know, or know and do not offer. */
	{ { 0, 0, 0, NULL, 0, 0 }, EOPNOTSUPP },
	{ { 6, 0, 0, REGION(32, 0), 32, 0 }, EOPNOTSUPP },
	{ { 11, 0, 0, NULL, 0, 0 }, EOPNOTSUPP },
	{ { 12, 0, 0, NULL, 0, 1 }, EOPNOTSUPP },
	{ { 14, 0, 0, NULL, 0, 0 }, EOPNOTSUPP },
	{ { 15, 0, 0, NULL, 0, 16 }, EOPNOTSUPP },
	{ { 16, 0, 0, NULL, 0, 0 }, EOPNOTSUPP },
	{ { 65535, 0, 0, NULL, 0, 0 }, EOPNOTSUPP },
	/* VERSION again. */
	{ { VFIO_USER_VERSION, 0, 0, "\0\0\0\0", 4, 0 }, EINVAL },
	/* GET_INFO: short, argsz too small, a descriptor where none belongs. */
	{ { VFIO_USER_DEVICE_GET_INFO, 0, 0, &ask_info, 15, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_INFO, 0, 0, NULL, 0, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_INFO, 0, 0, "\017\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_INFO, 0, 0, &ask_info, 16, 1 }, EINVAL },
	/* REGION_INFO */
	{ { VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, REGION(32, 0), 31, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, REGION(31, 0), 32, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, REGION(32, NUM_REGIONS), 32, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, REGION(32, UINT32_MAX), 32, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, REGION(32, 0), 32, 2 }, EINVAL },
	/* IRQ_INFO; index 3 is what QEMU asks for error recovery. */
	{ { VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, IRQ_INFO(16, 2), 12, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, IRQ_INFO(15, 2), 16, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, IRQ_INFO(16, 3), 16, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, IRQ_INFO(16, NUM_IRQS), 16, 0 }, EINVAL },
	/* REGION_READ: short, long, nothing, too much, past the end, overflowing, absent. */
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, 0, 4), 15, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0", 17, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, 0, 0), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(MEMORY, 0, VFIO_USER_MAX_DATA + 1), 16, 0 },
	  EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, 0, UINT32_MAX), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, PAGE - 3, 4), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, PAGE, 1), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, PAGE + 1, 1), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, UINT64_MAX, 4), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, UINT64_MAX - 3, 4), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(3, 0, 1), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(NUM_REGIONS, 0, 1), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(UINT32_MAX, 0, 1), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_READ, 0, 0, ACCESS(REG_BAR, 0, 4), 16, 1 }, EINVAL },
	/* REGION_WRITE: data short, data long, past the end, read-only. */
	{ { VFIO_USER_REGION_WRITE, 0, 0, ACCESS(REG_BAR, 0, 4), 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, ACCESS(REG_BAR, 0, 4), 12, 0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxyz", 21, 0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy", 19, 0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16, 0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\375\17\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy", 20, 0 },
	  EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\374\377\377\377\377\377\377\377\2\0\0\0\4\0\0\0wxy", 20,
	    0 }, EINVAL },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\0\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0wxy", 20, 0 }, EACCES },
	{ { VFIO_USER_REGION_WRITE, 0, 0, "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy", 20, 1 }, EINVAL },
	/* DMA_MAP: short, two files, flags, size, wrapping, offset, file too short. */
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 1 << 20, PAGE), 31, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 1 << 20, PAGE), 32, 2 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(0, 0, 1 << 20, PAGE), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(7, 0, 1 << 20, PAGE), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 1 << 20, 0), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 1 << 20, 0), 32, 0 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, UINT64_MAX - 4094, PAGE), 32, 0 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, PAGE, UINT64_MAX), 32, 0 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 1, 1 << 20, 16), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, PAGE, 1 << 20, 2 * PAGE), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 1 << 20, 2 * PAGE + 1), 32, 1 }, EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, UINT64_MAX - 4095, 1 << 20, 2 * PAGE), 32, 1 },
	  EINVAL },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 0x10000, PAGE), 32, 1 }, EEXIST },
	{ { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 0xf000, 2 * PAGE), 32, 0 }, EEXIST },
	/* DMA_UNMAP: short, unknown, half of one, flags, all and yet a range. */
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(0, 0x10000, 2 * PAGE), 23, 0 }, EINVAL },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(0, 0x20000, 2 * PAGE), 24, 0 }, ENOENT },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(0, 0x10000, PAGE), 24, 0 }, ENOENT },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(0, 0x10000, 0), 24, 0 }, EINVAL },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(1, 0x10000, 2 * PAGE), 24, 0 }, EINVAL },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(2, 0x10000, 2 * PAGE), 24, 0 }, EINVAL },
	{ { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(0, 0x10000, 2 * PAGE), 24, 1 }, EINVAL },
	/* SET_IRQS: short, index, range, overflow, flags, descriptors and data that do not fit. */
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x21, MSIX, 0, 0), 19, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x21, NUM_IRQS, 0, 0), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 31, 2), 20, 2 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 33), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, UINT32_MAX, 2), 20, 2 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 2, UINT32_MAX), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x21, MSIX, 1, 0), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 0), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x20, MSIX, 0, 1), 20, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x04, MSIX, 0, 1), 20, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x25, MSIX, 0, 1), 20, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x34, MSIX, 0, 1), 20, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x64, MSIX, 0, 1), 20, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 3), 20, 2 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 1), 20, 2 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 1), 24, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x21, MSIX, 0, 1), 20, 1 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x22, MSIX, 0, 2), 21, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, 0, 0, 1), 20, 1 }, EINVAL },
	/* RESET has no payload. */
	{ { VFIO_USER_DEVICE_RESET, 0, 0, "x", 1, 0 }, EINVAL },
	{ { VFIO_USER_DEVICE_RESET, 0, 0, NULL, 0, 1 }, EINVAL },
};

static int
two_pages(void)
{
	int fd = memfd_create("two pages", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	return fd;
}

/* Sends one request and expects success; returns the payload's length. */
static size_t
request(int sock, const struct raw *raw, int fd, void *buf, size_t room)
{
	static uint16_t id = 1000;
	struct vfio_user_msg msg;

	send_raw(sock, ++id, raw, fd);
	expect_reply(sock, id, raw->command, 0, &msg, buf, room);
	assert_int_equal(msg.nb_fds, 0);
	return msg.len;
}

/* Each is answered with its error and nothing else; with no-reply set, with nothing at all. */
static void
test_server_bad_requests(void **state)
{
	const struct raw map = { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 0, 0x10000, 2 * PAGE), 32, 1 };
	struct fixture *fix = *state;
	int sock = raw_client(fix), fd = two_pages(), before;
	struct vfio_user_msg msg;
	struct raw quiet;
	uint8_t buf[64];
	size_t i;

	assert_int_equal(request(sock, &map, fd, buf, sizeof(buf)), 0);
	before = count_fds();
	for (i = 0; i < DIM(bad_requests); i++) {
		send_raw(sock, (uint16_t)i, &bad_requests[i].raw, fd);
		assert_int_equal(vfio_user_recv(sock, &msg, buf, sizeof(buf)), 0);
		if (msg.hdr.error != (uint32_t)bad_requests[i].err)
			print_error("bad request %zu: error %u\n", i, msg.hdr.error);
		assert_int_equal(msg.hdr.error, bad_requests[i].err);
		assert_int_equal(msg.hdr.id, i);
		assert_int_equal(msg.hdr.command, bad_requests[i].raw.command);
		assert_int_equal(msg.hdr.flags, 0x21);
		assert_int_equal(msg.len, 0);

		quiet = bad_requests[i].raw;
		quiet.flags = VFIO_USER_FLAG_NO_REPLY;
		send_raw(sock, (uint16_t)i, &quiet, fd);
		sync_raw(sock);
		assert_int_equal(count_fds(), before);
	}
	assert_int_equal(fix->dev.nb_log, 0);
	assert_int_equal(fix->dev.nb_resets, 0);
	assert_int_equal(map_count(&fix->dev), 1);
	close(sock);
	close(fd);
	wait_count(&fix->dev, &fix->dev.nb_detached, 1);
}

/* What ends a connection at once; the next client finds the device free. */
static void
test_server_malformed(void **state)
{
	const struct {
		struct raw raw;
		const char *why;
	} cases[] = {
		{ { VFIO_USER_DEVICE_RESET, 0, 15, NULL, 0, 1 }, "malformed" },
		{ { VFIO_USER_DEVICE_RESET, 0, 1u << 31, NULL, 0, 1 }, "longer" },
		{ { VFIO_USER_REGION_WRITE, 0, 17 + VFIO_USER_MAX_PAYLOAD, NULL, 0, 1 }, "longer" },
		{ { VFIO_USER_DEVICE_RESET, 2, 0, NULL, 0, 1 }, "malformed" },
		{ { VFIO_USER_DEVICE_RESET, 1, 0, NULL, 0, 1 }, "sent a reply" },
		{ { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 0, 17), 20, 17 },
		  "malformed" },
	};
	struct fixture *fix = *state;
	int before = count_fds(), sock;
	unsigned int i;

	for (i = 0; i < DIM(cases); i++) {
		sock = raw_client(fix);
		send_raw(sock, 3, &cases[i].raw, sock);
		expect_end(sock);
		wait_count(&fix->dev, &fix->dev.nb_detached, i + 1);
		assert_non_null(strstr(fix->dev.why, cases[i].why));
		assert_int_equal(count_fds(), before);
	}
	sock = raw_client(fix);
	sync_raw(sock);
	close(sock);
}

static void
test_server_version(void **state)
{
	static const struct {
		struct raw raw;
		int err; /* 0: the connection just ends */
	} cases[] = {
		{ { VFIO_USER_VERSION, 0, 0, "\0\0\0", 3, 0 }, EINVAL },
		{ { VFIO_USER_VERSION, 0, 0, NULL, 0, 0 }, EINVAL },
		{ { VFIO_USER_VERSION, 0, 0, "\0\0\0\0{}", 6, 0 }, EINVAL },
		{ { VFIO_USER_VERSION, 0, 0, "\1\0\0\0{}", 7, 0 }, EPROTONOSUPPORT },
		{ { VFIO_USER_VERSION, 0, 0, "\0\0\0\0{}", 7, 1 }, EINVAL },
		{ { VFIO_USER_DEVICE_GET_INFO, 0, 0, &ask_info, 16, 0 }, 0 },
		{ { VFIO_USER_DEVICE_RESET, 0x10, 0, NULL, 0, 1 }, 0 },
	};
	const struct raw bare = { VFIO_USER_VERSION, 0, 0, "\0\0\7\0", 4, 0 };
	struct fixture *fix = *state;
	struct vfio_user_msg msg;
	uint8_t buf[128];
	int sock;
	size_t i;

	for (i = 0; i < DIM(cases); i++) {
		sock = raw_connect(fix);
		send_raw(sock, 12, &cases[i].raw, sock);
		if (cases[i].err != 0)
			expect_reply(sock, 12, VFIO_USER_VERSION, cases[i].err, &msg, buf,
				     sizeof(buf));
		expect_end(sock);
	}
	assert_int_equal(fix->dev.nb_attached, 0);
	/* No text at all will do, and a higher minor is answered with ours. */
	sock = raw_connect(fix);
	assert_true(request(sock, &bare, -1, buf, sizeof(buf)) > 4);
	assert_memory_equal(buf, "\0\0\0\0", 4);
	assert_int_equal(fix->dev.nb_attached, 1);
	close(sock);
}

/* Both steps for the region that has capabilities. */
static void
test_server_sparse_region(void **state)
{
	const uint16_t command = VFIO_USER_DEVICE_GET_REGION_INFO;
	const struct raw first = { command, 0, 0, REGION(32, 0), 32, 0 };
	const struct raw short_one = { command, 0, 0, REGION(79, 0), 32, 0 };
	const struct raw second = { command, 0, 0, REGION(80, 0), 32, 0 };
	struct fixture *fix = *state;
	int sock = raw_client(fix);
	struct vfio_region_info info;
	struct vfio_user_msg msg;
	struct stat a, b;
	uint8_t buf[128];

	assert_int_equal(request(sock, &short_one, -1, buf, sizeof(buf)), 32);
	assert_int_equal(request(sock, &first, -1, buf, sizeof(buf)), 32);
	memcpy(&info, buf, sizeof(info));
	assert_int_equal(info.argsz, 80);
	assert_int_equal(info.flags & VFIO_REGION_INFO_FLAG_CAPS, 0);
	assert_int_equal(info.cap_offset, 0);
	assert_int_equal(info.size, 16 * PAGE);

	send_raw(sock, 5, &second, -1);
	expect_reply(sock, 5, command, 0, &msg, buf, sizeof(buf));
	assert_int_equal(msg.len, 80);
	memcpy(&info, buf, sizeof(info));
	assert_int_equal(info.argsz, 80);
	assert_int_equal(info.flags, 0xf);
	assert_int_equal(info.cap_offset, 32);
	assert_int_equal(info.offset, PAGE);
	assert_memory_equal(buf + 32, "\1\0\1\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
	assert_memory_equal(buf + 48, sparse_areas, sizeof(sparse_areas));
	assert_int_equal(msg.nb_fds, 1);
	fstat(msg.fds[0], &a);
	fstat(fix->dev.bar_fd, &b);
	assert_int_equal(a.st_ino, b.st_ino);
	vfio_user_close_fds(&msg);
	close(sock);
}

/* Eventfds reach their vectors, come off again, and the server keeps none of its own. */
static void
test_server_irqs(void **state)
{
	const struct raw on = { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 16, 16), 20, 16 };
	const struct raw one = { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x24, MSIX, 31, 1), 20, 0 };
	const struct raw off = { VFIO_USER_DEVICE_SET_IRQS, 0, 0, IRQS(0x21, MSIX, 0, 0), 20, 0 };
	const struct raw info = { VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, IRQ_INFO(16, MSIX), 16, 0 };
	struct fixture *fix = *state;
	int sock = raw_client(fix), event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), before;
	eventfd_t value = 0;
	uint32_t got[4];

	assert_int_equal(request(sock, &info, -1, got, sizeof(got)), 16);
	assert_int_equal(got[1], VFIO_IRQ_INFO_EVENTFD);
	assert_int_equal(got[3], NUM_VECTORS);
	before = count_fds();
	request(sock, &on, event, got, sizeof(got));
	assert_int_equal(count_fds(), before + 16);
	assert_int_equal(fix->dev.vectors[15], -1);
	assert_int_equal(eventfd_write(fix->dev.vectors[31], 7), 0);
	assert_int_equal(eventfd_read(event, &value), 0);
	assert_int_equal(value, 7);
	request(sock, &one, -1, got, sizeof(got));
	assert_int_equal(fix->dev.vectors[31], -1);
	assert_true(fix->dev.vectors[16] >= 0);
	request(sock, &off, -1, got, sizeof(got));
	assert_int_equal(count_fds(), before);
	close(event);
	close(sock);
}

static void
test_server_unmap_all(void **state)
{
	const struct raw map = { VFIO_USER_DMA_MAP, 0, 0, MAP(1, PAGE, 0x10000, PAGE), 32, 1 };
	const struct raw blind = { VFIO_USER_DMA_MAP, 0, 0, MAP(3, 1, UINT64_MAX, 1), 32, 0 };
	const struct raw all = { VFIO_USER_DMA_UNMAP, 0, 0, UNMAP(2, 0, 0), 24, 0 };
	struct fixture *fix = *state;
	int sock = raw_client(fix), fd = two_pages(), before = count_fds();
	uint8_t buf[32];

	request(sock, &map, fd, buf, sizeof(buf));
	request(sock, &blind, -1, buf, sizeof(buf));
	assert_int_equal(map_count(&fix->dev), 2);
	assert_int_equal(count_fds(), before + 1);
	assert_int_equal(request(sock, &all, -1, buf, sizeof(buf)), 24);
	assert_memory_equal(buf, all.payload, 24);
	assert_int_equal(map_count(&fix->dev), 0);
	assert_int_equal(count_fds(), before);
	close(fd);
	close(sock);
}

/* Gone in the middle of a message, wherever: detached, and the message not acted on. */
static void
test_server_cut_message(void **state)
{
	static const size_t lens[] = { 1, 8, 15, 16, 17, 32, 35 };
	static const struct {
		struct vfio_user_header hdr;
		struct vfio_user_region_access access;
		uint32_t value;
	} __attribute__((packed)) write = {
		{ 1, VFIO_USER_REGION_WRITE, 36, VFIO_USER_FLAG_NO_REPLY, 0 },
		{ 0, REG_BAR, 4 },
		99,
	};
	struct fixture *fix = *state;
	int before = count_fds(), sock;
	unsigned int i;

	for (i = 0; i < DIM(lens); i++) {
		sock = raw_client(fix);
		assert_int_equal(send_bytes(sock, &write, lens[i], fix->dev.bar_fd, 1),
				 lens[i]);
		close(sock);
		wait_count(&fix->dev, &fix->dev.nb_detached, i + 1);
		assert_string_equal(fix->dev.why, "closed the connection");
		assert_int_equal(fix->dev.nb_log, 0);
		wait_fds(before);
	}
}

/* Stays in the middle of a message, and takes no replies: dropped both times. */
static void
test_server_stuck_client(void **state)
{
	const struct raw read = { VFIO_USER_REGION_READ, 0, 0,
				  ACCESS(MEMORY, 0, VFIO_USER_MAX_DATA), 16, 0 };
	struct fixture *fix = *state;
	int sock = raw_client(fix);

	assert_int_equal(send_bytes(sock, "\0\0\1", 3, sock, 1), 3);
	expect_end(sock);
	wait_count(&fix->dev, &fix->dev.nb_detached, 1);
	assert_string_equal(fix->dev.why, "stopped in the middle of a message");

	sock = raw_client(fix);
	send_raw(sock, 1, &read, -1);
	wait_count(&fix->dev, &fix->dev.nb_detached, 2);
	assert_string_equal(fix->dev.why, "does not take its replies");
	close(sock);
}

/* A second client is told, one that says nothing too, and the first does not notice. */
static void
test_server_second_client(void **state)
{
	struct fixture *fix = *state;
	int sock = raw_client(fix), others[8];
	struct vfio_user_client *second;
	struct vfio_user_msg msg;
	uint8_t buf[64];
	unsigned int i;

	assert_int_equal(vfio_user_client_connect(fix->path, &second), -EBUSY);
	assert_null(second);
	others[0] = raw_connect(fix);
	send_raw(others[0], 0xabcd, &raw_version, others[0]);
	expect_reply(others[0], 0xabcd, VFIO_USER_VERSION, EBUSY, &msg, buf, sizeof(buf));
	expect_end(others[0]);
	for (i = 0; i < DIM(others); i++)
		others[i] = raw_connect(fix);
	for (i = 0; i < DIM(others); i++) {
		sync_raw(sock);
		expect_reply(others[i], 0, VFIO_USER_VERSION, EBUSY, &msg, buf, sizeof(buf));
		expect_end(others[i]);
	}
	assert_int_equal(fix->dev.nb_attached, 1);
	close(sock);
	wait_count(&fix->dev, &fix->dev.nb_detached, 1);
}

/* The next client gets in, however soon it comes, and what the last one left is done before. */
static void
test_server_next_client(void **state)
{
	const struct raw write = { VFIO_USER_REGION_WRITE, VFIO_USER_FLAG_NO_REPLY, 0,
				   "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy", 20, 0 };
	struct fixture *fix = *state;
	unsigned int i, j;
	int sock;

	for (i = 0; i < 20; i++) {
		sock = raw_client(fix);
		assert_int_equal(fix->dev.nb_log, 50 * i);
		for (j = 0; j < 50; j++)
			send_raw(sock, 1, &write, -1);
		close(sock);
	}
	wait_count(&fix->dev, &fix->dev.nb_detached, 20);
}

/* One that connects and says nothing holds the device for a while only. */
static void
test_server_mute_client(void **state)
{
	struct fixture *fix = *state;
	int mute = raw_connect(fix), ret;
	struct vfio_user_client *client;

	/* Ends by success, or by the alarm. */
	do {
		ret = vfio_user_client_connect(fix->path, &client);
	} while (ret == -EBUSY);
	assert_int_equal(ret, 0);
	expect_end(mute);
	vfio_user_client_close(client);
}

/* Drops of every kind out of an op: no call after the end, and no reply. */
static void
test_server_drop_in_op(void **state)
{
	const struct raw write = { VFIO_USER_REGION_WRITE, 0, 0,
				   "\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy", 20, 0 };
	struct fixture *fix = *state;
	int sock = raw_client(fix);

	fix->dev.drop_at_write = true;
	send_raw(sock, 1, &write, -1);
	expect_end(sock);
	wait_count(&fix->dev, &fix->dev.nb_detached, 1);
	assert_string_equal(fix->dev.why, "the device wants it");
	fix->dev.drop_at_write = false;
	sock = raw_client(fix);
	sync_raw(sock);
	assert_int_equal(fix->dev.nb_log, 1);
	close(sock);
}

/* A connected socket instead of a listening one. */
static void
test_server_adopt(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_server *srv = create_server(fix, NULL);
	struct vfio_user_msg msg;
	uint8_t buf[64];
	int sv[2];

	assert_non_null(srv);
	fix->dev.srv = srv;
	assert_int_equal(vfio_user_server_listen_fd(srv), -1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	assert_int_equal(vfio_user_server_adopt(srv, sv[0]), 0);
	assert_int_equal(vfio_user_server_adopt(srv, sv[0]), -EBUSY);
	assert_int_equal(vfio_user_server_poll(srv, 8), 0);
	send_raw(sv[1], 1, &raw_version, -1);
	send_raw(sv[1], 2, &raw_info, -1);
	send_raw(sv[1], 3, &raw_info, -1);
	assert_int_equal(vfio_user_server_poll(srv, 2), 2);
	assert_int_equal(vfio_user_server_poll(srv, 2), 1);
	expect_reply(sv[1], 1, VFIO_USER_VERSION, 0, &msg, buf, sizeof(buf));
	expect_reply(sv[1], 2, VFIO_USER_DEVICE_GET_INFO, 0, &msg, buf, sizeof(buf));
	expect_reply(sv[1], 3, VFIO_USER_DEVICE_GET_INFO, 0, &msg, buf, sizeof(buf));
	vfio_user_server_drop(srv, "enough");
	assert_string_equal(fix->dev.why, "enough");
	assert_int_equal(vfio_user_server_client_fd(srv), -1);
	expect_end(sv[1]);
	vfio_user_server_destroy(srv);
	fix->dev.srv = NULL;
}

static void
expect_refusal(struct fixture *fix, const char *path, int err)
{
	assert_null(create_server(fix, path));
	assert_int_equal(errno, err);
}

static void
bind_at(int sock, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, path);
	assert_int_equal(bind(sock, (const struct sockaddr *)&addr, sizeof(addr)), 0);
}

/* What may be at the socket's path, and what becomes of it. */
static void
test_server_path(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_server *srv;
	char name[PATH_MAX];
	struct stat st;
	int fd;

	srv = create_server(fix, fix->path);
	assert_non_null(srv);
	assert_int_equal(lstat(fix->path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	expect_refusal(fix, fix->path, EADDRINUSE);
	vfio_user_server_destroy(srv);
	assert_int_equal(lstat(fix->path, &st), -1);

	/* A socket of the dead is replaced. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind_at(fd, fix->path);
	close(fd);
	srv = create_server(fix, fix->path);
	assert_non_null(srv);
	/* What came in our place meanwhile stays. */
	assert_int_equal(unlink(fix->path), 0);
	fd = open(fix->path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	vfio_user_server_destroy(srv);
	expect_refusal(fix, fix->path, EEXIST);
	assert_int_equal(unlink(fix->path), 0);

	/* A symbolic link is not followed, not even to a dead socket. */
	snprintf(name, sizeof(name), "%s/target", fix->dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind_at(fd, name);
	close(fd);
	assert_int_equal(symlink("target", fix->path), 0);
	expect_refusal(fix, fix->path, EEXIST);
	assert_int_equal(lstat(name, &st), 0);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(unlink(fix->path), 0);
}

static void
test_server_path_length(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_client *client;
	struct vfio_user_server *srv;
	char name[200];
	int len;

	len = snprintf(name, sizeof(name), "%s/", fix->dir);
	memset(name + len, 'x', sizeof(name) - (size_t)len);
	name[108] = '\0';
	expect_refusal(fix, name, ENAMETOOLONG);
	assert_int_equal(vfio_user_client_connect(name, &client), -ENAMETOOLONG);
	name[107] = '\0';
	srv = create_server(fix, name);
	assert_non_null(srv);
	vfio_user_server_destroy(srv);
	name[len] = '\0';
	expect_refusal(fix, name, EINVAL);
	snprintf(name, sizeof(name), "%s/none/x", fix->dir);
	expect_refusal(fix, name, ENOENT);
}

static int
run_server_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_server_bad_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_sparse_region, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_irqs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_unmap_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_cut_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_stuck_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_second_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_next_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_mute_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_drop_in_op, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_adopt, setup_no_server, teardown),
		cmocka_unit_test_setup_teardown(test_server_path, setup_no_server, teardown),
		cmocka_unit_test_setup_teardown(test_server_path_length, setup_no_server, teardown),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}

#endif /* _VFIO_USER_SERVER_TESTS_H_ */
