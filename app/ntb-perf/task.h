/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _TASK_H_
#define _TASK_H_

/**
 * @file
 * What a lcore does in turns with other tasks. None of them ever waits.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "histogram.h"
#include "pace.h"
#include "packet.h"
#include "sequence.h"

#define TASK_MAX_BURST 256

struct task;

struct task_ops {
	const char *name;
	/** One turn. @p now: ticks, a few turns old. */
	void (*turn)(struct task *task, uint64_t now);
	/** Frees what it holds. */
	void (*end)(struct task *task);
};

/** Mbufs on their way into a queue that may have no room for all of them. */
struct task_queue {
	struct rte_mbuf *mbuf[TASK_MAX_BURST];
	unsigned int first;
	unsigned int end;
	uint64_t refused; /**< times that a packet was offered in vain */
	unsigned int left; /**< in the end */
};

struct task_source {
	struct rte_mempool *pool;
	struct pace pace;
	uint64_t seq;     /**< of the next packet */
	uint64_t no_mbuf; /**< turns without a buffer */
};

struct task_sink {
	struct sequence sequence;
	uint64_t foreign;
	uint64_t corrupt;
};

struct task_ping {
	struct rte_mempool *pool;
	struct histogram *times; /**< nanoseconds */
	double ns_per_tick;
	uint64_t seq;            /**< of the request that is under way */
	uint64_t sent;           /**< ticks; 0: none is under way */
	uint64_t lost;
	uint64_t strange;        /**< answers to nothing that was asked */
};

struct task {
	const struct task_ops *ops;
	uint16_t port;
	uint16_t queue;
	uint16_t stream;     /**< of the packets that it sends or expects */
	uint16_t size;       /**< bytes of a frame */
	uint16_t burst;
	bool full;           /**< all bytes are checked */
	bool measured;       /**< the time to measure has begun: set by the run */
	bool stopped;        /**< it begins nothing new: set by the run */
	uint64_t done;       /**< packets that the queue took, or that came out of it */
	uint64_t bytes;
	struct task_queue out;
	union {
		struct task_source source;
		struct task_sink sink;
		struct task_ping ping;
	};
};

extern const struct task_ops task_source_ops;
extern const struct task_ops task_sink_ops;
extern const struct task_ops task_reflector_ops;
extern const struct task_ops task_ping_ops;

/** Offers the mbufs once more. True: none is left. */
bool task_send(struct task *task);
/** Frees the mbufs that are left. */
void task_drop(struct task *task);

/** Looks at a packet, wherever its segments are; the mbuf stays the caller's. */
enum packet_state task_look(const struct task *task, const struct rte_mbuf *m,
			    struct packet *packet);

/** Makes an empty mbuf a packet. */
void task_fill(const struct task *task, struct rte_mbuf *m, uint64_t seq, uint64_t time);

#endif /* _TASK_H_ */
