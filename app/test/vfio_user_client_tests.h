/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_USER_CLIENT_TESTS_H_
#define _VFIO_USER_CLIENT_TESTS_H_

/* The client against the server, and against one that lies. */

#include "vfio_user_fixture.h"

static struct vfio_user_client *
connect_client(const struct fixture *fix)
{
	struct vfio_user_client *client;

	assert_int_equal(vfio_user_client_connect(fix->path, &client), 0);
	assert_true(vfio_user_client_check(client));
	return client;
}

static void
test_client_regions(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	struct vfio_user_client_region region;
	struct vfio_user_device_info info;
	uint32_t value = 0;
	uint8_t *mem;

	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	assert_int_equal(info.num_regions, NUM_REGIONS);
	assert_int_equal(vfio_user_client_region_info(client, SPARSE_BAR, &region), 0);
	assert_int_equal(region.size, 16 * PAGE);
	assert_int_equal(region.fd_offset, PAGE);
	assert_int_equal(region.nb_areas, 2);
	assert_memory_equal(region.areas, sparse_areas, sizeof(sparse_areas));
	/* The mapping is the file that the device has. */
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, region.fd,
		   (off_t)(region.fd_offset + region.areas[1].offset));
	assert_ptr_not_equal(mem, MAP_FAILED);
	memcpy(mem, "\1\2\3\4", 4);
	assert_int_equal(pread(fix->dev.bar_fd, &value, 4, 9 * PAGE), 4);
	assert_int_equal(value, 0x04030201);
	munmap(mem, PAGE);
	close(region.fd);

	assert_int_equal(vfio_user_client_region_info(client, WHOLE_BAR, &region), 0);
	assert_int_equal(region.size, 2 * PAGE);
	assert_int_equal(region.nb_areas, 0);
	assert_true(region.fd >= 0);
	close(region.fd);
	assert_int_equal(vfio_user_client_region_info(client, REG_BAR, &region), 0);
	assert_int_equal(region.flags, VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE);
	assert_int_equal(region.fd, -1);
	assert_int_equal(vfio_user_client_region_info(client, 3, &region), 0);
	assert_int_equal(region.size, 0);
	assert_int_equal(region.flags, 0);
	assert_int_equal(vfio_user_client_region_info(client, NUM_REGIONS, &region), -EINVAL);
	assert_int_equal(vfio_user_client_region_info(client, MEMORY, &region), 0);
	vfio_user_client_close(client);
}

static void
test_client_access(void **state)
{
	static const uint32_t counts[] = { 1, 2, 4, 8, PAGE, VFIO_USER_MAX_DATA };
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	uint8_t *out = malloc(VFIO_USER_MAX_DATA), *in = malloc(VFIO_USER_MAX_DATA);
	unsigned int i;
	uint32_t j;

	for (i = 0; i < DIM(counts); i++) {
		for (j = 0; j < counts[i]; j++)
			out[j] = (uint8_t)(j * 7 + j / 253 + i);
		memset(in, 0, counts[i]);
		assert_int_equal(vfio_user_client_write(client, MEMORY, 4096, out, counts[i]), 0);
		assert_int_equal(vfio_user_client_read(client, MEMORY, 4096, in, counts[i]), 0);
		assert_memory_equal(in, out, counts[i]);
		assert_memory_equal(fix->dev.memory + 4096, out, counts[i]);
	}
	/* Refused by the server, or before; the connection lives on. */
	assert_int_equal(vfio_user_client_read(client, MEMORY, 4097, in, VFIO_USER_MAX_DATA),
			 -EINVAL);
	assert_int_equal(vfio_user_client_read(client, MEMORY, 0, in, 0), -EINVAL);
	assert_int_equal(vfio_user_client_read(client, MEMORY, 0, in, VFIO_USER_MAX_DATA + 1),
			 -EINVAL);
	assert_int_equal(vfio_user_client_write(client, READONLY_BAR, 0, out, 4), -EACCES);
	assert_int_equal(vfio_user_client_reset(client), 0);
	assert_int_equal(fix->dev.nb_resets, 1);
	assert_true(vfio_user_client_alive(client));
	free(in);
	free(out);
	vfio_user_client_close(client);
}

/* What client and device see of a map is one file, at the right offset, until it is unmapped. */
static void
test_client_dma(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	int fd = memfd_create("dma", MFD_CLOEXEC), before;
	uint8_t *mem;

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	mem = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(mem, MAP_FAILED);
	before = count_fds();
	assert_int_equal(vfio_user_client_dma_map(client, fd, PAGE, 1ull << 40, 2 * PAGE, 3), 0);
	assert_int_equal(count_fds(), before + 1);
	strcpy((char *)mem + PAGE + 17, "from the client");
	assert_string_equal((char *)fix->dev.maps[0].mem + 17, "from the client");
	strcpy((char *)fix->dev.maps[0].mem + PAGE, "from the device");
	assert_string_equal((char *)mem + 2 * PAGE, "from the device");

	assert_int_equal(vfio_user_client_dma_map(client, -1, 0, 1ull << 41, PAGE, 1), 0);
	assert_int_equal(map_count(&fix->dev), 2);
	assert_null(fix->dev.maps[1].mem);
	assert_int_equal(vfio_user_client_dma_map(client, fd, 0, 1ull << 40, PAGE, 3), -EEXIST);
	assert_int_equal(vfio_user_client_dma_map(client, fd, 3 * PAGE, 0, 2 * PAGE, 3), -EINVAL);
	assert_int_equal(vfio_user_client_dma_map(client, 9999, 0, 0, PAGE, 3), -EBADF);
	assert_int_equal(vfio_user_client_dma_unmap(client, 1ull << 40, PAGE), -ENOENT);
	assert_int_equal(vfio_user_client_dma_unmap(client, 1ull << 40, 2 * PAGE), 0);
	assert_int_equal(map_count(&fix->dev), 1);
	assert_int_equal(count_fds(), before);
	munmap(mem, 4 * PAGE);
	close(fd);
	vfio_user_client_close(client);
}

/* Posted writes of several threads: each number is the write's place in what the device sees. */
#define POSTERS 4
#define POSTS 400
static_assert(POSTERS * POSTS < MAX_LOG, "all posts fit the log");

struct poster {
	struct vfio_user_client *client;
	uint32_t first; /* the values posted are first .. first + POSTS - 1 */
	uint64_t seq[POSTS];
	int failed;
};

static void *
poster_thread(void *arg)
{
	struct poster *poster = arg;
	uint32_t i, value;

	for (i = 0; i < POSTS; i++) {
		value = poster->first + i;
		if (vfio_user_client_post(poster->client, REG_BAR, 8, &value, 4,
					  &poster->seq[i]) != 0)
			poster->failed++;
	}
	return NULL;
}

static void
test_client_posted(void **state)
{
	static struct poster posters[POSTERS];
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	pthread_t threads[POSTERS];
	uint32_t i, j, value = 0;
	uint64_t seq = 0;

	for (i = 0; i < POSTERS; i++) {
		posters[i] = (struct poster){ .client = client, .first = i * POSTS };
		assert_int_equal(pthread_create(&threads[i], NULL, poster_thread, &posters[i]), 0);
	}
	for (i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	/* A read does not overtake them. */
	assert_int_equal(vfio_user_client_read(client, REG_BAR, 8, &value, 4), 0);
	assert_int_equal(fix->dev.nb_log, POSTERS * POSTS);
	assert_int_equal(fix->dev.log[POSTERS * POSTS - 1], 8ull << 32 | value);
	for (i = 0; i < POSTERS; i++) {
		assert_int_equal(posters[i].failed, 0);
		for (j = 0; j < POSTS; j++) {
			seq = posters[i].seq[j];
			assert_in_range(seq, 1, POSTERS * POSTS);
			assert_int_equal(fix->dev.log[seq - 1], 8ull << 32 | (i * POSTS + j));
		}
	}
	/* One that the device refuses counts too: it is in the stream. */
	assert_int_equal(vfio_user_client_post(client, REG_BAR, PAGE, &value, 4, NULL), 0);
	assert_int_equal(vfio_user_client_post(client, REG_BAR, 0, &value, 0, NULL), -EINVAL);
	assert_int_equal(vfio_user_client_post(client, REG_BAR, 0, &value, 4, &seq), 0);
	assert_int_equal(seq, POSTERS * POSTS + 2);
	assert_int_equal(vfio_user_client_read(client, REG_BAR, 0, &value, 4), 0);
	assert_int_equal(fix->dev.nb_log, POSTERS * POSTS + 1);
	/* The server counts the same, and no write that had an answer. */
	assert_int_equal(vfio_user_client_write(client, REG_BAR, 0, &value, 4), 0);
	assert_int_equal(vfio_user_server_posted(fix->dev.srv), POSTERS * POSTS + 2);
	vfio_user_client_close(client);
}

static void
test_client_server_gone(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	struct vfio_user_client *other;
	uint32_t value = 0;

	stop_server(fix);
	assert_true(vfio_user_client_alive(client));
	assert_false(vfio_user_client_check(client));
	assert_false(vfio_user_client_alive(client));
	assert_int_equal(vfio_user_client_read(client, REG_BAR, 0, &value, 4), -EPIPE);
	assert_int_equal(vfio_user_client_post(client, REG_BAR, 0, &value, 4, NULL), -EPIPE);
	assert_int_equal(vfio_user_client_dma_map(client, -1, 0, 0, PAGE, 3), -EPIPE);
	vfio_user_client_close(client);
	vfio_user_client_close(NULL);
	assert_int_equal(vfio_user_client_connect(fix->path, &other), -ENOENT);
	assert_null(other);
}

/* Dropped by the server between two calls: the next one finds out. */
static void
test_client_dropped(void **state)
{
	struct fixture *fix = *state;
	struct vfio_user_client *client = connect_client(fix);
	uint32_t value = 0;

	fix->dev.drop_at_write = true;
	assert_int_equal(vfio_user_client_write(client, REG_BAR, 0, &value, 4), -EPIPE);
	assert_false(vfio_user_client_alive(client));
	vfio_user_client_close(client);
}

/*
 * A server that does as it is told. A region whose description needs more room than was asked for
 * is described in two steps, as it should be, and the second is the lie.
 */

#define ROOM_GROWS UINT32_MAX

struct lie {
	const void *version; /* NULL: a proper one */
	size_t version_len;
	int id_delta;      /* added to the id of the reply */
	uint16_t command;  /* of the reply; 0: as asked */
	uint32_t flags;
	uint32_t error;
	const void *payload;
	size_t len;
	unsigned int nb_fds;
	uint32_t room;     /* to ask for first; ROOM_GROWS: always more than was asked */
	bool mute;         /* no reply at all */
};

struct liar {
	int listener;
	int file; /* what it hands out */
	unsigned int nb_requests; /* seen behind VERSION */
	struct lie lie;
	pthread_t thread;
};

static void
tell_lie(const struct liar *liar, int sock, const struct vfio_user_msg *msg)
{
	const struct lie *lie = &liar->lie;
	const int fds[2] = { liar->file, liar->file };
	struct vfio_user_header hdr = {
		.id = (uint16_t)(msg->hdr.id + lie->id_delta),
		.command = lie->command != 0 ? lie->command : msg->hdr.command,
		.flags = lie->flags,
		.error = lie->error,
	};
	struct vfio_region_info info;

	if (lie->room > 0) {
		memcpy(&info, msg->data, sizeof(info));
		if (info.argsz < lie->room) {
			info.argsz = lie->room == ROOM_GROWS ? info.argsz + 1 : lie->room;
			vfio_user_send(sock, &hdr, &info, sizeof(info), NULL, 0);
			return;
		}
	}
	vfio_user_send(sock, &hdr, lie->payload, lie->len, fds, lie->nb_fds);
}

static void *
liar_thread(void *arg)
{
	struct liar *liar = arg;
	const struct lie *lie = &liar->lie;
	int sock = accept4(liar->listener, NULL, NULL, SOCK_CLOEXEC);
	struct vfio_user_header hdr = { .flags = VFIO_USER_TYPE_REPLY };
	struct vfio_user_msg msg;
	uint8_t buf[256];

	if (vfio_user_recv(sock, &msg, buf, sizeof(buf)) == 0) {
		hdr.id = msg.hdr.id;
		hdr.command = msg.hdr.command;
		vfio_user_send(sock, &hdr, lie->version != NULL ? lie->version : "\0\0\0\0",
			       lie->version != NULL ? lie->version_len : 4, NULL, 0);
	}
	while (vfio_user_recv(sock, &msg, buf, sizeof(buf)) == 0) {
		liar->nb_requests++;
		if (!lie->mute)
			tell_lie(liar, sock, &msg);
		vfio_user_close_fds(&msg);
	}
	close(sock);
	return NULL;
}

static void
start_liar(const struct fixture *fix, struct liar *liar, const struct lie *lie)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	liar->lie = *lie;
	liar->nb_requests = 0;
	liar->file = memfd_create("liar", MFD_CLOEXEC);
	assert_int_equal(ftruncate(liar->file, 16 * PAGE), 0);
	liar->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(addr.sun_path, fix->path);
	assert_int_equal(bind(liar->listener, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(liar->listener, 1), 0);
	assert_int_equal(pthread_create(&liar->thread, NULL, liar_thread, liar), 0);
}

static void
stop_liar(const struct fixture *fix, struct liar *liar)
{
	pthread_join(liar->thread, NULL);
	close(liar->listener);
	close(liar->file);
	assert_int_equal(unlink(fix->path), 0);
}

#define WITH_SIZE(text) text, sizeof(text)

static void
test_client_bad_version(void **state)
{
	static const char eight[] = "\0\0\0\0{\"capabilities\": {\"max_data_xfer_size\" : 8 }}";
	static const struct {
		const char *version;
		size_t len;
		int expect;
	} cases[] = {
		{ "\0\0\0", 3, -EPROTO },
		{ "\1\0\0\0", 4, -EPROTO },
		{ "\0\0\1\0", 4, -EPROTO },
		{ "\0\0\0\0{}", 6, -EPROTO },
		{ WITH_SIZE("\0\0\0\0{\"capabilities\":{\"max_data_xfer_size\":0}}"), -EPROTO },
		{ WITH_SIZE("\0\0\0\0{}"), 0 },
		{ WITH_SIZE("\0\0\0\0{\"max_data_xfer_size\""), 0 },
		{ WITH_SIZE("\0\0\0\0{\"max_data_xfer_size\" : \"x"), 0 },
	};
	struct vfio_user_client *client;
	struct fixture *fix = *state;
	struct liar liar;
	struct lie lie = { 0 };
	size_t i;

	for (i = 0; i < DIM(cases); i++) {
		lie.version = cases[i].version;
		lie.version_len = cases[i].len;
		start_liar(fix, &liar, &lie);
		assert_int_equal(vfio_user_client_connect(fix->path, &client), cases[i].expect);
		assert_int_equal(client != NULL, cases[i].expect == 0);
		if (client != NULL)
			assert_true(vfio_user_client_alive(client));
		vfio_user_client_close(client);
		stop_liar(fix, &liar);
	}
	/* A server that takes less at a time is not given more. */
	lie.version = eight;
	lie.version_len = sizeof(eight);
	start_liar(fix, &liar, &lie);
	assert_int_equal(vfio_user_client_connect(fix->path, &client), 0);
	assert_int_equal(vfio_user_client_post(client, 0, 0, "123456789", 9, NULL), -EINVAL);
	assert_int_equal(vfio_user_client_post(client, 0, 0, "12345678", 8, NULL), 0);
	vfio_user_client_close(client);
	stop_liar(fix, &liar);
}

/* Replies to a read of 4 bytes at 8 of region 2. */
static void
test_client_bad_reply(void **state)
{
	static const char right[] = "\10\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0wxy";
	static const char wrong[] = "\10\0\0\0\0\0\0\0\2\0\0\0\5\0\0\0wxy";
	static const struct {
		struct lie lie;
		int expect;
	} cases[] = {
		{ { .flags = 1, .payload = right, .len = 20 }, 0 },
		{ { .flags = 1, .payload = right, .len = 19 }, -EPROTO },
		{ { .flags = 1, .payload = right, .len = 16 }, -EPROTO },
		{ { .flags = 1, .payload = wrong, .len = 20 }, -EPROTO },
		{ { .flags = 1, .payload = right, .len = 20, .id_delta = 1 }, -EPROTO },
		{ { .flags = 1, .payload = right, .len = 20, .command = 10 }, -EPROTO },
		{ { .flags = 0, .payload = right, .len = 20 }, -EPROTO },
		{ { .flags = 7, .payload = right, .len = 20 }, -EPROTO },
		{ { .flags = 1, .payload = right, .len = 20, .nb_fds = 1 }, -EPROTO },
		{ { .flags = 0x21, .error = ENXIO }, -ENXIO },
		{ { .flags = 0x21, .error = EPIPE }, -EIO },
		{ { .flags = 0x21, .error = 0 }, -EPROTO },
		{ { .flags = 0x21, .error = 1u << 31 }, -EPROTO },
		{ { .flags = 0x21, .error = ENXIO, .payload = right, .len = 20 }, -EPROTO },
		{ { .mute = true }, -ETIMEDOUT },
	};
	struct vfio_user_client *client;
	struct fixture *fix = *state;
	struct liar liar;
	uint32_t value;
	bool dead;
	size_t i;

	for (i = 0; i < DIM(cases); i++) {
		dead = cases[i].expect == -EPROTO || cases[i].expect == -ETIMEDOUT;
		start_liar(fix, &liar, &cases[i].lie);
		assert_int_equal(vfio_user_client_connect(fix->path, &client), 0);
		assert_int_equal(vfio_user_client_read(client, 2, 8, &value, 4), cases[i].expect);
		assert_int_equal(vfio_user_client_alive(client), !dead);
		if (dead)
			assert_int_equal(vfio_user_client_reset(client), -EPIPE);
		vfio_user_client_close(client);
		stop_liar(fix, &liar);
	}
}

/* A region's description, with the capabilities that a test puts behind it. */
struct region_lie {
	struct vfio_region_info info;
	struct vfio_info_cap_header cap;
	uint32_t nr_areas;
	uint32_t reserved;
	uint64_t areas[2 * 9];
};

#define R_MAPPED (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_MMAP)
#define R_CAPS (R_MAPPED | VFIO_REGION_INFO_FLAG_CAPS)
#define SPARSE { VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, 0 }

struct region_case {
	struct region_lie region;
	uint32_t len;
	unsigned int nb_fds;
	int expect;
	uint32_t room; /* 0: told at once */
};

/* The file handed out has 16 pages. */
static const struct region_case region_cases[] = {
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, PAGE } }, 32, 1, 0, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, PAGE } }, 31, 1, -EPROTO, 0 },
	{ { { 31, R_MAPPED, 1, 0, 2 * PAGE, PAGE } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 2, 0, 2 * PAGE, PAGE } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, PAGE } }, 32, 0, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, PAGE } }, 32, 2, -EPROTO, 0 },
	{ { { 32, 3, 1, 0, 2 * PAGE, PAGE } }, 32, 1, -EPROTO, 0 },
	{ { { 32, 3, 1, 0, 2 * PAGE, PAGE } }, 32, 0, 0, 0 },
	{ { { 32, R_MAPPED, 1, 0, 0, 0 } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, 1 } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 17 * PAGE, 0 } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, 15 * PAGE } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, UINT64_MAX - 4095 } }, 32, 1, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, UINT64_MAX, PAGE } }, 32, 1, -EPROTO, 0 },
	/* More than was asked for. */
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, 0 } }, 80, 1, -EPROTO, 0 },
	/* No end of room needed, or no end of asking. */
	{ { { UINT32_MAX, R_MAPPED, 1, 0, 2 * PAGE, 0 } }, 32, 0, -EPROTO, 0 },
	{ { { 32, R_MAPPED, 1, 0, 2 * PAGE, 0 } }, 32, 1, -EPROTO, ROOM_GROWS },
	/* Capabilities that are not there, or not all there. */
	{ { { 32, R_CAPS, 1, 32, 2 * PAGE, 0 } }, 32, 1, -EPROTO, 0 },
	{ { { 80, R_CAPS, 1, 0, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 80, R_CAPS, 1, 31, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 80, R_CAPS, 1, 73, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 80, R_CAPS, 1, 81, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 80, R_CAPS, 1, UINT32_MAX, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 40, R_CAPS, 1, 32, 2 * PAGE, 0 }, SPARSE, 2, 0, { 0 } }, 40, 1, -EPROTO, 40 },
	{ { { 40, R_CAPS, 1, 32, PAGE, 0 }, { 9, 1, 0 }, 0, 0, { 0 } }, 40, 1, 0, 40 },
	{ { { 40, R_CAPS, 1, 32, PAGE, 0 }, { 9, 1, 32 }, 0, 0, { 0 } }, 40, 1, -EPROTO, 40 },
	{ { { 40, R_CAPS, 1, 32, PAGE, 0 }, { 9, 1, 16 }, 0, 0, { 0 } }, 40, 1, -EPROTO, 40 },
	{ { { 40, R_CAPS, 1, 32, PAGE, 0 }, { 9, 1, 40 }, 0, 0, { 0 } }, 40, 1, -EPROTO, 40 },
	/* Areas: none, too many for us, more than sent; outside, wrapping, odd, not in the file. */
	{ { { 80, R_CAPS, 1, 32, 4 * PAGE, 0 }, SPARSE, 2, 0, { 0, PAGE, 3 * PAGE, PAGE } },
	  80, 1, 0, 80 },
	{ { { 176, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 8, 0,
	    { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, PAGE } }, 176, 1, 0, 176 },
	{ { { 192, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 9, 0,
	    { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9 } }, 192, 1, -EPROTO, 192 },
	{ { { 80, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 0, 0, { 0 } }, 80, 1, -EPROTO, 80 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 2, 0, { 0, PAGE, 0, PAGE } },
	  64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, UINT32_MAX, 0, { 0, 1 } }, 64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 1, 0, { 0, PAGE + 1 } }, 64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 1, 0, { PAGE, 1 } }, 64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 1, 0, { 0, 0 } }, 64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, 2 * PAGE, 0 }, SPARSE, 1, 0, { PAGE, UINT64_MAX - 4095 } },
	  64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, PAGE, 0 }, SPARSE, 1, 0, { 8, 8 } }, 64, 1, -EPROTO, 64 },
	{ { { 64, R_CAPS, 1, 32, 2 * PAGE, 15 * PAGE }, SPARSE, 1, 0, { 0, PAGE } }, 64, 1, 0, 64 },
	{ { { 64, R_CAPS, 1, 32, 2 * PAGE, 15 * PAGE }, SPARSE, 1, 0, { PAGE, PAGE } },
	  64, 1, -EPROTO, 64 },
};

static void
test_client_bad_region(void **state)
{
	/* Leaves good areas in the client's buffer, behind what the region's reply fills. */
	static const uint64_t version[24] = { [8] = 0, PAGE, 0, PAGE, 0, PAGE };
	struct vfio_user_client_region region;
	struct vfio_user_client *client;
	struct lie lie = { .flags = 1, .version = version, .version_len = sizeof(version) };
	struct fixture *fix = *state;
	struct liar liar;
	size_t i;
	int ret;

	for (i = 0; i < DIM(region_cases); i++) {
		lie.payload = &region_cases[i].region;
		lie.len = region_cases[i].len;
		lie.nb_fds = region_cases[i].nb_fds;
		lie.room = region_cases[i].room;
		start_liar(fix, &liar, &lie);
		assert_int_equal(vfio_user_client_connect(fix->path, &client), 0);
		ret = vfio_user_client_region_info(client, 1, &region);
		if (ret != region_cases[i].expect)
			print_error("region %zu: %d\n", i, ret);
		assert_int_equal(ret, region_cases[i].expect);
		assert_int_equal(vfio_user_client_alive(client), ret == 0);
		if (ret == 0 && region.fd >= 0)
			close(region.fd);
		vfio_user_client_close(client);
		stop_liar(fix, &liar);
		assert_in_range(liar.nb_requests, 1, 8);
	}
}

/* Nobody ever accepts: connect() succeeds, an answer never comes. */
static void
test_client_no_answer(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct fixture *fix = *state;
	struct vfio_user_client *client;
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, fix->path);
	assert_int_equal(bind(sock, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(vfio_user_client_connect(fix->path, &client), -ECONNREFUSED);
	assert_int_equal(listen(sock, 1), 0);
	assert_int_equal(vfio_user_client_connect(fix->path, &client), -ETIMEDOUT);
	close(sock);
	assert_int_equal(unlink(fix->path), 0);
}

static int
run_client_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_client_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_access, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_dma, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_posted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_server_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_bad_version, setup_no_server, teardown),
		cmocka_unit_test_setup_teardown(test_client_bad_reply, setup_no_server, teardown),
		cmocka_unit_test_setup_teardown(test_client_bad_region, setup_no_server, teardown),
		cmocka_unit_test_setup_teardown(test_client_no_answer, setup_no_server, teardown),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}

#endif /* _VFIO_USER_CLIENT_TESTS_H_ */
