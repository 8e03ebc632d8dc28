/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "log.h"

#define CONTROL_BACKLOG 8
/** Name of the socket until it listens; no longer than the final one, whose length is checked. */
#define CONTROL_TEMPORARY ".control.new"

/** The end of an answer that has no room for its own. */
static const char cut_off[] = "error: the answer is cut off: expected 65536 bytes at the most\n";

void
softep_reply_add(struct softep_reply *reply, const char *fmt, ...)
{
	/* Less a newline and the end. */
	size_t room = sizeof(reply->text) - 1 - sizeof(cut_off) - reply->len;
	va_list ap;
	int len;

	if (reply->cut)
		return;
	va_start(ap, fmt);
	len = vsnprintf(reply->text + reply->len, room, fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < room)
		reply->len += len;
	else
		reply->cut = true;
}

/** Whatever is missing of an answer, its last line says so. */
static void
reply_end(struct softep_reply *reply)
{
	if (!reply->cut)
		return;
	if (reply->len > 0 && reply->text[reply->len - 1] != '\n')
		reply->text[reply->len++] = '\n';
	memcpy(reply->text + reply->len, cut_off, strlen(cut_off));
	reply->len += strlen(cut_off);
}

static void
client_drop(struct softep_control_client *client)
{
	close(client->fd);
	client->fd = -1;
	client->len = 0;
}

/** One attempt: a client that leaves its answers lying until the socket is full is dropped. */
static void
client_answer(struct softep_control_client *client, const struct softep_reply *reply)
{
	ssize_t done;

	done = send(client->fd, reply->text, reply->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done != (ssize_t)reply->len)
		client_drop(client);
}

/** Executes the complete lines that have come. */
static void
client_lines(struct softep *board, struct softep_control_client *client)
{
	struct softep_reply reply;
	char *end;

	while (client->fd >= 0) {
		size_t used;

		end = memchr(client->line, '\n', client->len);
		if (end == NULL)
			return;
		*end = '\0';
		used = end - client->line + 1;
		reply.len = 0;
		reply.cut = false;
		/* A NUL would hide the rest of the line. */
		if (strlen(client->line) != used - 1)
			softep_reply_add(&reply, "error: expected text\n");
		else
			softep_command(board, client->line, &reply);
		reply_end(&reply);
		client_answer(client, &reply);
		if (client->fd < 0)
			return;
		client->len -= used;
		memmove(client->line, client->line + used, client->len);
	}
}

static void
client_poll(struct softep *board, struct softep_control_client *client)
{
	static const char too_long[] = "error: expected a command of 256 characters at the most\n";
	ssize_t got;

	got = recv(client->fd, client->line + client->len, sizeof(client->line) - client->len,
		   MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_drop(client);
		return;
	}
	client->len += got;
	client_lines(board, client);
	if (client->fd >= 0 && client->len == sizeof(client->line)) {
		send(client->fd, too_long, strlen(too_long), MSG_DONTWAIT | MSG_NOSIGNAL);
		client_drop(client);
	}
}

static void
control_accept(struct softep_control *control)
{
	static const char full[] = "error: 8 control clients are connected already\n";
	unsigned int i;
	int fd;

	fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
	softep_listen_said(&control->board->listen, fd < 0 ? errno : 0);
	if (fd < 0)
		return;
	for (i = 0; i < SOFTEP_CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd < 0) {
			control->clients[i].fd = fd;
			control->clients[i].len = 0;
			return;
		}
	}
	send(fd, full, strlen(full), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

void
softep_control_fds(const struct softep_control *control, bool accepting, struct pollfd *fds)
{
	unsigned int i;

	fds[0] = (struct pollfd){ .fd = accepting ? control->listener : -1, .events = POLLIN };
	for (i = 0; i < SOFTEP_CONTROL_CLIENTS; i++)
		fds[1 + i] = (struct pollfd){ .fd = control->clients[i].fd, .events = POLLIN };
}

void
softep_control_poll(struct softep_control *control, const struct pollfd *fds)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_CONTROL_CLIENTS; i++) {
		if (fds[1 + i].revents != 0)
			client_poll(control->board, &control->clients[i]);
	}
	if (fds[0].revents != 0)
		control_accept(control);
}

static int
control_address(struct sockaddr_un *addr, const char *dir, const char *name)
{
	int len;

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	len = snprintf(addr->sun_path, sizeof(addr->sun_path), "%s/%s", dir, name);
	return (size_t)len < sizeof(addr->sun_path) ? 0 : -ENAMETOOLONG;
}

/** The board holds the lock of the directory: a socket that is there has no owner any more. */
static int
control_clear(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) == 0 ? 0 : -errno;
}

/** Gives the socket its name when it listens: who waits for it to appear can connect at once. */
static int
control_listen(struct softep_control *control)
{
	const char *dir = control->board->opt->dir;
	struct sockaddr_un addr, temp;
	int ret;

	ret = control_address(&addr, dir, SOFTEP_SOCKET_CONTROL);
	if (ret == 0)
		ret = control_address(&temp, dir, CONTROL_TEMPORARY);
	if (ret == 0)
		ret = control_clear(addr.sun_path);
	if (ret == 0)
		ret = control_clear(temp.sun_path);
	if (ret != 0)
		return ret;
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listener < 0 ||
	    bind(control->listener, (const struct sockaddr *)&temp, sizeof(temp)) != 0)
		return -errno;
	if (chmod(temp.sun_path, S_IRUSR | S_IWUSR) != 0 ||
	    listen(control->listener, CONTROL_BACKLOG) != 0 ||
	    rename(temp.sun_path, addr.sun_path) != 0) {
		ret = -errno;
		unlink(temp.sun_path);
		return ret;
	}
	snprintf(control->path, sizeof(control->path), "%s", addr.sun_path);
	return 0;
}

int
softep_control_open(struct softep_control *control, struct softep *board)
{
	unsigned int i;
	int ret;

	memset(control, 0, sizeof(*control));
	control->board = board;
	control->listener = -1;
	for (i = 0; i < SOFTEP_CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	ret = control_listen(control);
	if (ret != 0) {
		softep_complain("cannot serve %s/%s: %s", board->opt->dir, SOFTEP_SOCKET_CONTROL,
				strerror(-ret));
		softep_control_close(control);
		return ret;
	}
	softep_say("serving %s: commands, see \"help\"", SOFTEP_SOCKET_CONTROL);
	return 0;
}

void
softep_control_close(struct softep_control *control)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			client_drop(&control->clients[i]);
	}
	if (control->path[0] != '\0')
		unlink(control->path);
	if (control->listener >= 0)
		close(control->listener);
	control->path[0] = '\0';
	control->listener = -1;
}
