/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Answers of the control socket, up to the longest.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../softep/control.c"

#define END "error: the answer is cut off: expected 65536 bytes at the most\n"

/* The command under test is a number of lines of 8 bytes, or of one byte less in the last. */
void
softep_command(struct softep *board, char *line, struct softep_reply *reply)
{
	unsigned long bytes = strtoul(line, NULL, 10);

	(void)board;
	for (; bytes >= 8; bytes -= 8)
		softep_reply_add(reply, "%s", "7 bytes\n");
	softep_reply_add(reply, "%.*s", (int)bytes, "........");
	softep_reply_add(reply, "ok\n");
}

void
softep_say(const char *fmt, ...)
{
	(void)fmt;
}

void
softep_complain(const char *fmt, ...)
{
	(void)fmt;
}

void
softep_listen_said(struct softep_listen *listen, int error)
{
	(void)listen;
	(void)error;
}

static char answer[2 * SOFTEP_CONTROL_REPLY];

/* Sends a command; returns the length of the answer. */
static size_t
ask(const char *command)
{
	struct softep_control_client client = { .fd = -1 };
	size_t len = 0;
	ssize_t got;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	client.fd = fds[0];
	assert_int_equal(send(fds[1], command, strlen(command), 0), strlen(command));
	client_poll(NULL, &client);
	assert_int_equal(client.fd, fds[0]);
	while ((got = recv(fds[1], answer + len, sizeof(answer) - 1 - len, MSG_DONTWAIT)) > 0)
		len += (size_t)got;
	answer[len] = '\0';
	close(fds[0]);
	close(fds[1]);
	return len;
}

static void
assert_ends(size_t len, const char *end)
{
	assert_true(len >= strlen(end));
	assert_string_equal(answer + len - strlen(end), end);
}

static void
test_whole(void **state)
{
	(void)state;
	assert_int_equal(ask("0\n"), 3);
	assert_string_equal(answer, "ok\n");
	assert_ends(ask("65000\n"), "7 bytes\nok\n");
	assert_int_equal(ask("65000\n"), 65003);
}

/* No answer is longer, and each one that is too long says so in a line of its own. */
static void
test_cut_off(void **state)
{
	char command[32];
	unsigned int bytes, cut = 0;
	size_t len;

	(void)state;
	for (bytes = SOFTEP_CONTROL_REPLY - 200; bytes < SOFTEP_CONTROL_REPLY + 200; bytes++) {
		snprintf(command, sizeof(command), "%u\n", bytes);
		len = ask(command);
		assert_true(len <= SOFTEP_CONTROL_REPLY);
		if (strcmp(answer + len - 3, "ok\n") == 0) {
			assert_int_equal(len, bytes + 3);
			assert_int_equal(cut, 0);
			assert_ends(len, "ok\n");
			continue;
		}
		cut++;
		assert_ends(len, END);
		assert_int_equal(answer[len - strlen(END) - 1], '\n');
		assert_null(strstr(answer, "ok\n"));
	}
	assert_in_range(cut, 200, 399);
	/* What comes after it is not. */
	assert_int_equal(ask("100000\n0\n"), ask("100000\n") + 3);
	assert_int_equal(ask("8\n"), 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
