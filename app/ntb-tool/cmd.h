/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _CMD_H_
#define _CMD_H_

/**
 * @file
 * Commands. All words are looked at before anything is done: parse() tells of bad ones and touches
 * no device; run() returns 0 or an exit code after telling.
 */

#include "parse.h"
#include "tool.h"

/** Words of a command line, and values that one `window poke` writes, at most. */
#define CMD_MAX_WORDS 80
#define CMD_MAX_VALUES 64

struct cmd_def;

/** A command and its arguments; which of them count depends on the command. */
struct cmd {
	const struct cmd_def *def;
	unsigned int verb;       /**< of the commands with a second word */
	enum window_owner owner; /**< of a scratchpad or a window */
	uint64_t number;         /**< scratchpad, bit, count */
	uint64_t value;
	uint64_t offset;
	bool offset_is_user;     /**< it counts from where the rings end */
	uint64_t bytes;          /**< 0: not given */
	uint64_t seed;
	bool seed_given;
	double seconds;
	const char *name;        /**< of a device; NULL: any */
	uint32_t values[CMD_MAX_VALUES];
	unsigned int nb_values;
};

struct cmd_def {
	const char *name;
	const char *usage; /**< lines for the help text */
	int (*parse)(struct cmd *cmd, struct words *w);
	int (*run)(struct tool *tool, const struct cmd *cmd);
};

extern const struct cmd_def cmd_info;
extern const struct cmd_def cmd_link;
extern const struct cmd_def cmd_serve;
extern const struct cmd_def cmd_spad;
extern const struct cmd_def cmd_db;
extern const struct cmd_def cmd_window;
extern const struct cmd_def cmd_ping;
extern const struct cmd_def cmd_pong;
extern const struct cmd_def cmd_bandwidth;
extern const struct cmd_def cmd_quit;

/** Second word of the commands about scratchpads and windows; ends with NULL. */
extern const char *const cmd_owners[];

/** Wait for what `link wait` waits for: 0, or EXIT_FAILURE after telling. */
int cmd_wait_up(struct tool *tool, double seconds);
int cmd_wait_window(struct tool *tool, double seconds);

/** The word of a pattern at @p offset in a window, the same on both sides. */
uint32_t cmd_pattern(uint64_t seed, uint64_t offset);

/** Cuts a line into words. Returns how many, or -1 if there are too many. */
int cmd_split(char *line, char **words);
int cmd_parse(struct cmd *cmd, int argc, char **argv);
void cmd_help(void);

#endif /* _CMD_H_ */
