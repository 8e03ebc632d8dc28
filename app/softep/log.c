/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <ctype.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/** Longest line; a pipe that polls as writable has room for more than that. */
#define LOG_LINE_BYTES 512
/** Lines per second of one voice; the rest is only counted. */
#define LOG_LINES_PER_SECOND 8

__attribute__((format(printf, 3, 0))) static void
log_line(int fd, const char *prefix, const char *fmt, va_list ap)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	char line[LOG_LINE_BYTES];
	ssize_t done;
	int len, i;

	len = snprintf(line, sizeof(line) - 1, "%s", prefix);
	len += vsnprintf(line + len, sizeof(line) - 1 - len, fmt, ap);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	/* Text from elsewhere cannot make two lines of one, or speak to a terminal. */
	for (i = 0; i < len; i++) {
		if (iscntrl((unsigned char)line[i]))
			line[i] = '?';
	}
	line[len++] = '\n';
	if (poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLOUT) == 0)
		return;
	done = write(fd, line, len);
	(void)done;
}

void
softep_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(STDOUT_FILENO, "", fmt, ap);
	va_end(ap);
}

void
softep_complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(STDERR_FILENO, "dpdk-softep: ", fmt, ap);
	va_end(ap);
}

void
softep_complain_rarely(struct softep_voice *voice, const char *who, const char *line)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != voice->second) {
		if (voice->kept_back > 0)
			softep_complain("%s: %ju more lines like the last ones", who,
					(uintmax_t)voice->kept_back);
		*voice = (struct softep_voice){ .second = now.tv_sec };
	}
	if (voice->told++ < LOG_LINES_PER_SECOND)
		softep_complain("%s: %s", who, line);
	else
		voice->kept_back++;
}
