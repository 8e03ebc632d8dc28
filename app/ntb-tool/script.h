/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SCRIPT_H_
#define _SCRIPT_H_

/**
 * @file
 * Where commands come from: the command line, a file, standard input. The first two are looked at
 * as a whole before anything is done.
 */

#include "args.h"
#include "cmd.h"

struct script {
	struct cmd *cmds;
	unsigned int nb_cmds;
	unsigned int *lines; /**< where each is from; NULL: the command line */
	char *text;          /**< what the commands point into */
	const char *file;
	bool from_stdin;     /**< line by line, as they come */
};

/** 0, or an exit code after telling. */
int script_load(struct script *s, const struct args *args);
/** Runs all commands, up to one that fails. Returns an exit code. */
int script_run(struct script *s, struct tool *tool);
void script_free(struct script *s);

#endif /* _SCRIPT_H_ */
