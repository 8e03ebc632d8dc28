/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PACKET_H_
#define _PACKET_H_

/**
 * @file
 * Packets that can be told from others and from damaged ones. All values little endian.
 *
 *     0   Ethernet header, ether type 0x88b5 (experimental)
 *     14  magic        16  check over what follows up to 40
 *     20  stream       22  length of the frame
 *     24  sequence     32  time stamp
 *     40  payload: with CHECK_FULL a pattern that follows from sequence and place
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_HEAD 40
/** A frame as short as Ethernet has them, without CRC. */
#define PACKET_MIN 60
#define PACKET_MAX 9216

struct packet {
	uint16_t stream; /**< a direction and a queue */
	uint16_t length; /**< bytes of the frame */
	uint64_t seq;
	uint64_t time;   /**< of the sender's clock */
};

enum packet_state {
	PACKET_GOOD,
	PACKET_FOREIGN, /**< not one of ours */
	PACKET_CORRUPT,
};

/** Writes a whole frame, its payload only if @p full. @p data: packet->length bytes. */
void packet_write(void *data, const struct packet *packet, bool full);

/**
 * Looks at what arrived. @p data: all @p length bytes of the frame if @p full, else at least the
 * first PACKET_HEAD. *packet is filled for a good one.
 */
enum packet_state packet_read(const void *data, size_t length, bool full, struct packet *packet);

/** Turns a frame round: exchanges the addresses of its Ethernet header. */
void packet_turn(void *data);

#endif /* _PACKET_H_ */
