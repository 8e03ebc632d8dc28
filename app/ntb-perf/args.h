/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _ARGS_H_
#define _ARGS_H_

/**
 * @file
 * Command line: [EAL argument...] -- [option...] COMMAND [key=value...]
 */

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

struct args;

struct cmd_def {
	const char *name;
	const char *help;
	const char *keys; /**< settings that it has, with a blank behind each */
	/** Looks at settings that depend on each other: 0, or EXIT_USAGE after telling. */
	int (*check)(const struct args *args);
	/** 0, or an exit code after telling. */
	int (*run)(const struct args *args);
};

extern const struct cmd_def cmd_throughput;
extern const struct cmd_def cmd_latency;
extern const struct cmd_def cmd_search;
extern const struct cmd_def cmd_reflect;
extern const struct cmd_def cmd_dma;

struct args {
	int eal_argc;      /**< arguments in front of "--", with the program's name */
	bool json;
	const char *late;  /**< device to create behind the first port; NULL: none */
	double wait;       /**< seconds for links, and for a first packet */
	bool done;         /**< --help or --version */
	const struct cmd_def *cmd;

	const char *tx;    /**< names of ports; NULL: none */
	const char *rx;
	bool rx_first;     /**< rx is named in front of tx, and starts first */
	const char *port;
	bool both;
	bool apart;        /**< each end of a queue is a slot of its own */
	bool full;
	struct setting_list size;
	struct setting_list burst;
	uint64_t queues;
	uint64_t depth;
	uint64_t rate;       /**< packets per second; 0: as many as possible */
	uint64_t resolution; /**< percent */
	double seconds;      /**< 0: not given */
	double warmup;
	const char *device;  /**< names, with commas */
	uint64_t memory;     /**< bytes */
	uint64_t rounds;
	bool parallel;
};

/** 0, or EXIT_USAGE after telling. */
int args_parse(struct args *args, int argc, char **argv);

#endif /* _ARGS_H_ */
