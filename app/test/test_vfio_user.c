/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * vfio-user: the codec over socket pairs (here), the server against raw sockets and the client, the
 * client against a server that lies (both included). Server and client share the process, so that a
 * descriptor lost by either shows in the count of open ones.
 */

#include "vfio_user_fixture.h"
#include "vfio_user_server_tests.h"
#include "vfio_user_client_tests.h"

static void
make_pair(int sv[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	patience(sv[0]);
	patience(sv[1]);
}

static void
test_codec_fds(void **state)
{
	struct vfio_user_header hdr = { .id = 9, .command = 3, .flags = 0x10 };
	int before = count_fds(), sv[2], fds[VFIO_USER_MAX_FDS];
	struct vfio_user_msg msg;
	struct stat a, b;
	char buf[8];
	unsigned int i;

	(void)state;
	make_pair(sv);
	for (i = 0; i < VFIO_USER_MAX_FDS; i++)
		fds[i] = memfd_create("codec", MFD_CLOEXEC);
	assert_int_equal(vfio_user_send2(sv[0], &hdr, "abc", 3, "defg", 4, fds, 16), 0);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), 0);
	assert_int_equal(msg.hdr.id, 9);
	assert_int_equal(msg.hdr.flags, 0x10);
	assert_int_equal(msg.hdr.size, 16 + 7);
	assert_int_equal(msg.len, 7);
	assert_memory_equal(buf, "abcdefg", 7);
	assert_int_equal(msg.nb_fds, 16);
	for (i = 0; i < VFIO_USER_MAX_FDS; i++) {
		assert_int_equal(fstat(fds[i], &a), 0);
		assert_int_equal(fstat(msg.fds[i], &b), 0);
		assert_int_equal(a.st_ino, b.st_ino);
		assert_true((fcntl(msg.fds[i], F_GETFD) & FD_CLOEXEC) != 0);
		close(fds[i]);
	}
	vfio_user_close_fds(&msg);
	assert_int_equal(vfio_user_send(sv[0], &hdr, NULL, 0, fds, 17), -EINVAL);
	close(sv[0]);
	close(sv[1]);
	assert_int_equal(count_fds(), before);
}

/* Messages sent in one go: each keeps its own descriptors. */
static void
test_codec_pipelined(void **state)
{
	static const unsigned int nb_fds[] = { 1, 0, 2, 0, 16 };
	struct vfio_user_header hdr = { .command = 2 };
	int sv[2], fds[VFIO_USER_MAX_FDS];
	struct vfio_user_msg msg;
	char buf[8];
	unsigned int i;

	(void)state;
	make_pair(sv);
	for (i = 0; i < VFIO_USER_MAX_FDS; i++)
		fds[i] = sv[0];
	assert_int_equal(vfio_user_recv_nowait(sv[1], &msg, buf, sizeof(buf)), -EAGAIN);
	for (i = 0; i < DIM(nb_fds); i++) {
		hdr.id = (uint16_t)i;
		assert_int_equal(vfio_user_send(sv[0], &hdr, "payload", 7, fds, nb_fds[i]), 0);
	}
	for (i = 0; i < DIM(nb_fds); i++) {
		assert_int_equal(vfio_user_recv_nowait(sv[1], &msg, buf, sizeof(buf)), 0);
		assert_int_equal(msg.hdr.id, i);
		assert_int_equal(msg.nb_fds, nb_fds[i]);
		vfio_user_close_fds(&msg);
	}
	assert_int_equal(vfio_user_recv_nowait(sv[1], &msg, buf, sizeof(buf)), -EAGAIN);
	close(sv[0]);
	close(sv[1]);
}

/* A thread that sends bytes one at a time, its descriptor with the first. */
struct trickle {
	int sock;
	const void *bytes;
	size_t len;
	unsigned int gap_us;
};

static void *
trickle_thread(void *arg)
{
	const struct trickle *trickle = arg;
	const uint8_t *bytes = trickle->bytes;
	size_t i;

	for (i = 0; i < trickle->len; i++) {
		if (send_bytes(trickle->sock, bytes + i, 1, trickle->sock, i == 0 ? 1 : 0) != 1)
			break;
		usleep(trickle->gap_us);
	}
	return NULL;
}

static void
test_codec_pieces(void **state)
{
	struct {
		struct vfio_user_header hdr;
		char text[24];
	} message = { { 5, 1, sizeof(message), 0, 0 }, "comes in many pieces" };
	struct trickle trickle = { .bytes = &message, .len = sizeof(message), .gap_us = 500 };
	struct vfio_user_msg msg;
	pthread_t thread;
	char buf[24];
	int sv[2];

	(void)state;
	make_pair(sv);
	trickle.sock = sv[0];
	assert_int_equal(pthread_create(&thread, NULL, trickle_thread, &trickle), 0);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), 0);
	assert_int_equal(msg.len, sizeof(message.text));
	assert_memory_equal(buf, message.text, sizeof(message.text));
	assert_int_equal(msg.nb_fds, 1);
	vfio_user_close_fds(&msg);
	pthread_join(thread, NULL);
	close(sv[0]);
	close(sv[1]);
}

static void
test_codec_malformed(void **state)
{
	static const struct {
		struct raw raw;
		int expect;
	} cases[] = {
		{ { 4, 0, 15, "0123456789abcdef", 16, 2 }, -EPROTO },
		{ { 4, 0, 1, NULL, 0, 1 }, -EPROTO },
		{ { 4, 0, 1u << 31, "x", 1, 1 }, -EMSGSIZE },
		{ { 4, 0, UINT32_MAX, "x", 1, 1 }, -EMSGSIZE },
		{ { 4, 0, 0, "0123456789abcdefg", 17, 1 }, -EMSGSIZE },
		{ { 4, 2, 0, "x", 1, 1 }, -EPROTO },
		{ { 4, 0xf, 0, "x", 1, 16 }, -EPROTO },
		{ { 4, 0, 0, "x", 1, 17 }, -EPROTO },
		{ { 4, 0, 0, "x", 1, 32 }, -EPROTO },
		{ { 4, 0, 18, "x", 1, 1 }, -EPIPE }, /* ends before its payload does */
	};
	int before = count_fds(), sv[2];
	struct vfio_user_msg msg;
	char buf[16];
	size_t i;

	(void)state;
	for (i = 0; i < DIM(cases); i++) {
		make_pair(sv);
		send_raw(sv[0], 1, &cases[i].raw, sv[1]);
		close(sv[0]);
		assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), cases[i].expect);
		assert_int_equal(msg.nb_fds, 0);
		close(sv[1]);
		assert_int_equal(count_fds(), before);
	}
}

/* Descriptors belong to the start of a message: later in header or payload they are an error. */
static void
test_codec_late_fds(void **state)
{
	static const struct vfio_user_header hdr = { 1, 4, 24, 0, 0 };
	const uint8_t *bytes = (const uint8_t *)&hdr;
	int before = count_fds(), sv[2];
	struct vfio_user_msg msg;
	char buf[16];

	(void)state;
	make_pair(sv);
	assert_int_equal(send_bytes(sv[0], bytes, 8, sv[0], 1), 8);
	assert_int_equal(send_bytes(sv[0], bytes + 8, 8, sv[0], 1), 8);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -EPROTO);
	close(sv[0]);
	close(sv[1]);
	make_pair(sv);
	assert_int_equal(send_bytes(sv[0], bytes, 16, sv[0], 1), 16);
	assert_int_equal(send_bytes(sv[0], "01234567", 8, sv[0], 1), 8);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -EPROTO);
	close(sv[0]);
	close(sv[1]);
	assert_int_equal(count_fds(), before);
}

static void
test_codec_end_of_stream(void **state)
{
	static const struct vfio_user_header hdr = { 1, 4, 24, 0, 0 };
	static const size_t lens[] = { 0, 1, 15, 16 };
	struct vfio_user_msg msg;
	char buf[16];
	int sv[2];
	size_t i;

	(void)state;
	for (i = 0; i < DIM(lens); i++) {
		make_pair(sv);
		if (lens[i] > 0)
			assert_int_equal(send_bytes(sv[0], &hdr, lens[i], sv[1], 1), lens[i]);
		close(sv[0]);
		assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -EPIPE);
		assert_int_equal(vfio_user_send(sv[1], &hdr, NULL, 0, NULL, 0), -EPIPE);
		close(sv[1]);
	}
}

static void
test_codec_timeouts(void **state)
{
	static const struct vfio_user_header hdr = { 1, 4, 1 << 20, 0, 0 };
	static const struct timeval tv = { .tv_usec = 100000 };
	static uint8_t buf[1 << 20];
	struct trickle trickle = { .bytes = buf, .len = sizeof(buf), .gap_us = 10000 };
	struct vfio_user_msg msg;
	pthread_t thread;
	int sv[2];

	(void)state;
	make_pair(sv);
	setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -ETIMEDOUT);
	assert_int_equal(send_bytes(sv[0], &hdr, 5, -1, 0), 5);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -ETIMEDOUT);
	/* Nobody reads, and more is sent than the socket holds. */
	assert_int_equal(vfio_user_send(sv[0], &hdr, buf, sizeof(buf), NULL, 0), -ETIMEDOUT);
	close(sv[0]);
	close(sv[1]);

	/* The time-out is for the message: at this pace it would take hours. */
	make_pair(sv);
	setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	memcpy(buf, &hdr, sizeof(hdr));
	trickle.sock = sv[0];
	assert_int_equal(pthread_create(&thread, NULL, trickle_thread, &trickle), 0);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), -ETIMEDOUT);
	close(sv[1]);
	pthread_join(thread, NULL);
	close(sv[0]);
}

struct sender {
	int sock;
	const uint8_t *payload;
	size_t len;
	int ret;
};

static void *
sender_thread(void *arg)
{
	const struct vfio_user_header hdr = { .command = 10 };
	struct sender *sender = arg;

	sender->ret = vfio_user_send2(sender->sock, &hdr, sender->payload, 1000,
				      sender->payload + 1000, sender->len - 1000, &sender->sock, 1);
	return NULL;
}

/* More than the socket takes at once: sent on without the descriptor. */
static void
test_codec_partial_send(void **state)
{
	static uint8_t payload[VFIO_USER_MAX_PAYLOAD], buf[VFIO_USER_MAX_PAYLOAD];
	struct sender sender = { .payload = payload, .len = sizeof(payload) };
	int before = count_fds(), small = 8192, sv[2];
	struct vfio_user_msg msg;
	pthread_t thread;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 31 + i / 251);
	make_pair(sv);
	setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	sender.sock = sv[0];
	assert_int_equal(pthread_create(&thread, NULL, sender_thread, &sender), 0);
	assert_int_equal(vfio_user_recv(sv[1], &msg, buf, sizeof(buf)), 0);
	pthread_join(thread, NULL);
	assert_int_equal(sender.ret, 0);
	assert_int_equal(msg.len, sizeof(payload));
	assert_memory_equal(buf, payload, sizeof(payload));
	assert_int_equal(msg.nb_fds, 1);
	vfio_user_close_fds(&msg);
	close(sv[0]);
	close(sv[1]);
	assert_int_equal(count_fds(), before);
}

int
main(void)
{
	static const struct CMUnitTest codec_tests[] = {
		cmocka_unit_test(test_codec_fds),
		cmocka_unit_test(test_codec_pipelined),
		cmocka_unit_test(test_codec_pieces),
		cmocka_unit_test(test_codec_malformed),
		cmocka_unit_test(test_codec_late_fds),
		cmocka_unit_test(test_codec_end_of_stream),
		cmocka_unit_test(test_codec_timeouts),
		cmocka_unit_test(test_codec_partial_send),
	};
	int failed;

	/* A wait that nothing ends is a failure, too. */
	alarm(100);
	failed = cmocka_run_group_tests_name("codec", codec_tests, NULL, NULL);
	failed += run_server_tests();
	failed += run_client_tests();
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
