/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _ARGS_H_
#define _ARGS_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_config.h>

/** The command line behind EAL's "--". */
struct args {
	/** In the order in which they are paired; nb_ports is 0 for all that there are. */
	uint16_t ports[RTE_MAX_ETHPORTS];
	uint16_t nb_ports;
	uint16_t queues; /**< of each port; 0: one for each lcore that forwards */
	uint16_t mtu;
	bool learn;
	uint64_t age;    /**< seconds until an address is forgotten */
	double stats;    /**< seconds between two tables; 0: only the last one */
	double wait;     /**< seconds to wait for links before anything is forwarded */
	bool done;       /**< nothing to do but what was printed */
};

void args_usage(void);
/** @p argv begins with the name of the program. Returns 0 or EXIT_USAGE after telling why. */
int args_parse(struct args *args, int argc, char **argv);

#endif /* _ARGS_H_ */
