/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_CONTROL_H_
#define _SOFTEP_CONTROL_H_

/**
 * @file
 * Control socket: one command a line, answered by lines of which the last is "ok" or "error: ...".
 */

#include <poll.h>

#include "board.h"

/** Clients at a time. */
#define SOFTEP_CONTROL_CLIENTS 8
/** Longest command, its newline not included. */
#define SOFTEP_CONTROL_LINE 256
/** Longest answer: counters of 128 channels and of all regions take half of it. */
#define SOFTEP_CONTROL_REPLY 65536
/** Descriptors to poll: the listening socket and the clients. */
#define SOFTEP_CONTROL_FDS (1 + SOFTEP_CONTROL_CLIENTS)

struct softep_control_client {
	int fd; /**< -1: free */
	size_t len;
	char line[SOFTEP_CONTROL_LINE + 1];
};

struct softep_control {
	struct softep *board;
	int listener;
	char path[128];
	struct softep_control_client clients[SOFTEP_CONTROL_CLIENTS];
};

/** Creates the socket, replacing a dead one. Returns 0 or a negative errno, told. */
int softep_control_open(struct softep_control *control, struct softep *board);
void softep_control_close(struct softep_control *control);

/**
 * Fills SOFTEP_CONTROL_FDS entries, that of the listening socket if anybody is accepted now; serves
 * them after the poll. Neither ever blocks.
 */
void softep_control_fds(const struct softep_control *control, bool accepting, struct pollfd *fds);
void softep_control_poll(struct softep_control *control, const struct pollfd *fds);

/** The other end: sends @p command to the board in @p dir and prints what comes. Exit status. */
int softep_control_send(const char *dir, const char *command);

/** An answer under construction. From the first piece on that does not fit it is cut off. */
struct softep_reply {
	char text[SOFTEP_CONTROL_REPLY];
	size_t len;
	bool cut;
};

__attribute__((format(printf, 2, 3))) void
softep_reply_add(struct softep_reply *reply, const char *fmt, ...);

/** Executes one command, which it takes apart in place. Always adds the final line. */
void softep_command(struct softep *board, char *line, struct softep_reply *reply);

#endif /* _SOFTEP_CONTROL_H_ */
