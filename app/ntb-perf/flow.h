/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _FLOW_H_
#define _FLOW_H_

/**
 * @file
 * Packets in one direction or both, from sources to sinks, and what became of them.
 */

#include "ends.h"
#include "run.h"

struct flow_plan {
	uint16_t size;
	uint16_t burst;
	double rate;    /**< packets per second in each direction; 0: as many as possible */
	double seconds; /**< that count */
};

/** One direction. */
struct flow {
	const char *from; /**< name of a port; NULL: packets come from elsewhere */
	const char *to;   /**< name of a port; NULL: packets go elsewhere */
	double seconds;   /**< that the rates are about */
	double sent_rate; /**< packets per second */
	double rate;      /**< the same, received */
	double bit_rate;  /**< received, of frames without CRC, preamble and gap */
	double cpu_share; /**< of the lcore that had least of its CPU */
	uint64_t sent;
	uint64_t received;
	uint64_t lost;    /**< of those sent; if they come from elsewhere, missing numbers */
	uint64_t reordered;
	uint64_t duplicates;
	uint64_t corrupt;
	uint64_t foreign;
	uint64_t refused;
	uint64_t owed;    /**< due by the rate wanted, and not taken by the port */
	uint64_t no_mbuf;
};

struct flows {
	struct flow flow[2];
	unsigned int n;
};

/**
 * Runs the plan: args->tx and args->rx tell the direction, args->both whether there is another.
 * 0, or an exit code after telling.
 */
int flows_measure(struct flows *flows, const struct args *args, const struct ends *ends,
		  const struct flow_plan *plan);

/** Packets that did not arrive as they were sent. */
static inline uint64_t
flow_harmed(const struct flow *f)
{
	return f->corrupt + f->duplicates;
}

#endif /* _FLOW_H_ */
