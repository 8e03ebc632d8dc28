/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _ARGS_H_
#define _ARGS_H_

/**
 * @file
 * Command line: [EAL argument...] -- [option...] [command [argument...]]
 */

#include <stdbool.h>

#include "device.h"

struct args {
	int eal_argc;          /**< arguments in front of "--", with the program's name */
	struct device_options device;
	bool json;
	bool down;             /**< the link waits for the command `link up` */
	double wait;           /**< seconds for the peer to appear, before the first command */
	const char *file;      /**< of commands; "-": standard input; NULL: none */
	int cmd_argc;          /**< the one command of the command line */
	char **cmd_argv;
	bool done;             /**< --help or --version */
};

/** 0, or EXIT_USAGE after telling. */
int args_parse(struct args *args, int argc, char **argv);

#endif /* _ARGS_H_ */
