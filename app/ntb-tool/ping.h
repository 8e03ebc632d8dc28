/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PING_H_
#define _PING_H_

/**
 * @file
 * Ways by which a word gets to the other side. One side sends a word, the other sends it back.
 */

#include "tool.h"

/** Words: 1 to PING_MAX; PING_END says that no more will come. */
#define PING_MAX 0x7fffffffu
#define PING_END UINT32_MAX

struct ping_way;

struct ping {
	const struct ping_way *way;
	struct tool *tool;
	uint64_t number;         /**< scratchpad, or lower one of two doorbell bits */
	uint32_t bytes;          /**< of a packet */
	char own[32];            /**< attributes of scratchpads */
	char peer[32];
	uint32_t sent;           /**< last word */
	uint32_t seen;           /**< last word that came */
	const uint8_t *own_word; /**< in the own window */
	uint8_t *peer_word;      /**< in the peer's; NULL: the link has been looked after since */
};

struct ping_way {
	const char *name;
	/** Ready to receive; what a past run has left is gone. 0, or an exit code after telling. */
	int (*open)(struct ping *p);
	/** 0, or EXIT_FAILURE after telling. */
	int (*send)(struct ping *p, uint32_t word);
	/** 1 if a word has come, 0 if not, negative after telling that none will. */
	int (*poll)(struct ping *p, uint32_t *word);
	bool needs_window; /**< of the peer, to send */
	bool needs_link;
};

extern const struct ping_way ping_spad;
extern const struct ping_way ping_db;
extern const struct ping_way ping_window;
extern const struct ping_way ping_queue;

#endif /* _PING_H_ */
