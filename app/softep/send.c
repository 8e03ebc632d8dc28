/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "log.h"

/** Seconds that a board has to answer: its longest work between two looks is far shorter. */
#define SEND_TIMEOUT_S 2

/** Connects; returns the socket or a negative errno. */
static int
send_connect(const char *dir)
{
	const struct timeval tv = { .tv_sec = SEND_TIMEOUT_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int len, ret, fd;

	len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir,
		       SOFTEP_SOCKET_CONTROL);
	if ((size_t)len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == 0 &&
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/** Prints the answer. Returns 0, 1 if it is an error, or a negative errno. */
static int
send_print(FILE *stream)
{
	char line[SOFTEP_CONTROL_LINE + 64];

	while (fgets(line, sizeof(line), stream) != NULL) {
		fputs(line, stdout);
		if (strcmp(line, "ok\n") == 0)
			return 0;
		if (strncmp(line, "error", strlen("error")) == 0)
			return 1;
	}
	return ferror(stream) != 0 && errno == EAGAIN ? -ETIMEDOUT : -EPIPE;
}

int
softep_control_send(const char *dir, const char *command)
{
	FILE *stream = NULL;
	int ret, fd;

	fd = send_connect(dir);
	ret = fd;
	if (fd >= 0) {
		stream = fdopen(fd, "r");
		ret = stream == NULL ? -errno : 0;
	}
	if (ret == 0 && dprintf(fd, "%s\n", command) < 0)
		ret = -errno;
	if (ret == 0)
		ret = send_print(stream);
	if (stream != NULL)
		fclose(stream);
	else if (fd >= 0)
		close(fd);
	if (ret < 0)
		softep_complain("no answer from %s/%s: %s", dir, SOFTEP_SOCKET_CONTROL,
				strerror(-ret));
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
