/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_RING_H_
#define _NTB_EPF_RING_H_

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file
 * What two sides of the bridge write into each other's memory: transport "ring", version 1.
 *
 * Each side owns one window of memory that the other side writes and it alone reads. All values are
 * little endian, all words naturally aligned.
 *
 *     window of side X, written by its peer Y
 *     +0       struct ntb_epf_win_hdr: who Y is, and the handshake
 *     +0x800   if X is the host: doorbells, 32 dwords; slot n is not 0 once Y has rung it
 *     +0x1000  queue 0: area of direction RC->EP, area of direction EP->RC
 *              queue 1: ...
 *     then     16 KiB for requests of copies, if both windows have the room
 *     then     up to the end: payload, where cores copy into the window
 *
 * An area is D * 16 bytes, where D is the lesser of both sides' queue_size: rings are no deeper than
 * the shallower side can follow. For each direction one side is the mover, whose DMA copies the
 * payload. In the mover's window the area is a submission ring (16-byte entries written by the
 * publisher, the other side); in the publisher's window it is a completion ring (8-byte entries
 * written by the mover, in the first half of the area).
 *
 * If the mover is the sender, it pushes: the publisher submits empty buffers and a completion says
 * that one has been filled. If the mover is the receiver, it pulls: the publisher submits full
 * buffers and a completion says that one has been taken. No index is shared: the phase bit, 1 in
 * the first lap of a link and inverted with each lap, tells whether a word is new.
 */

#define NTB_EPF_RING_MAGIC 0x5242544eu /* "NTBR" */
#define NTB_EPF_RING_VERSION 1

/**
 * Doorbells of the host, in its window. A host that polls takes no interrupt, so an endpoint that
 * speaks this protocol rings here and not by MSI.
 */
#define NTB_EPF_DB_OFFSET 0x800

/** Where the areas start in a window. */
#define NTB_EPF_RING_OFFSET 0x1000

/** Bytes of one entry of an area, and of the entries in it. */
#define NTB_EPF_SQE_BYTES 16
#define NTB_EPF_CQE_BYTES 8

#define NTB_EPF_MIN_QUEUE_SIZE 64
#define NTB_EPF_MAX_QUEUE_SIZE 4096
#define NTB_EPF_MAX_QUEUES 64

/** Directions of traffic; the order of the areas of a queue. */
enum ntb_epf_dir {
	NTB_EPF_DIR_RC_TO_EP = 0,
	NTB_EPF_DIR_EP_TO_RC = 1,
};

/** Bytes that a window needs, and where an area starts. */
#define NTB_EPF_AREA_BYTES(depth) ((uint64_t)(depth) * NTB_EPF_SQE_BYTES)
#define NTB_EPF_WINDOW_BYTES(queues, depth) \
	(NTB_EPF_RING_OFFSET + 2 * (uint64_t)(queues) * NTB_EPF_AREA_BYTES(depth))
#define NTB_EPF_AREA_OFFSET(queue, dir, depth) \
	(NTB_EPF_RING_OFFSET + (2 * (uint64_t)(queue) + (dir)) * NTB_EPF_AREA_BYTES(depth))

/** Requests of copies: both parts are there in each window, for each side may ask. */
#define NTB_EPF_REQ_BYTES 0x4000
#define NTB_EPF_REQ_OFFSET(queues, depth) NTB_EPF_WINDOW_BYTES(queues, depth)

/** Where payload begins that cores copy into a window. */
#define NTB_EPF_PAYLOAD_OFFSET(queues, depth) (NTB_EPF_REQ_OFFSET(queues, depth) + NTB_EPF_REQ_BYTES)

/*
 * Entries. The phase is bit 63 of every word, so that an entry is whole when all its words show the
 * lap's phase, whatever order they arrive in. The generation tag is the low bits of the sum of both
 * sides' generations: an entry of an earlier life of either side does not carry it.
 */
#define NTB_EPF_PHASE_SHIFT 63

/** Submission, word 0: [56:0] address that the mover's engine dereferences, [62:57] tag, phase. */
#define NTB_EPF_SQE0_ADDR_BITS 57
#define NTB_EPF_SQE0_TAG_SHIFT 57
#define NTB_EPF_SQE0_TAG_BITS 6

/**
 * Submission word 1, and completion: [31:0] length, [47:32] id, [55:48] flags, [62:56] tag, phase.
 *
 * Length: submission of an empty buffer, its room; of a full one, its bytes; completion, bytes
 * moved. The id is the publisher's: its free-running submission count; a completion repeats it.
 * Completions come in the order of the submissions.
 */
#define NTB_EPF_ENT_ID_SHIFT 32
#define NTB_EPF_ENT_FLAGS_SHIFT 48
#define NTB_EPF_ENT_TAG_SHIFT 56
#define NTB_EPF_ENT_TAG_BITS 7

/** Flags: the packet goes on in the next entry. Sender to receiver, in either ring. */
#define NTB_EPF_FLAG_MORE 0x01
/**
 * In the entry that ends a packet: its TCP or UDP checksum has not been computed, the field holds
 * the sum of the pseudo header. Only to a receiver with NTB_EPF_FEATURE_CKSUM; same direction.
 */
#define NTB_EPF_FLAG_CKSUM 0x02
/** Completion only: the copy failed; the buffer comes back without data. */
#define NTB_EPF_FLAG_ERROR 0x80

struct ntb_epf_sqe {
	uint64_t word[2];
};
static_assert(sizeof(struct ntb_epf_sqe) == NTB_EPF_SQE_BYTES, "submission entry");

struct ntb_epf_cqe {
	uint64_t word;
};
static_assert(sizeof(struct ntb_epf_cqe) == NTB_EPF_CQE_BYTES, "completion entry");

/** Arrangements: who moves what. The value of ntb_epf_win_hdr::wish; AUTO is a wish only. */
enum ntb_epf_mover {
	NTB_EPF_MOVER_AUTO = 0,
	NTB_EPF_MOVER_SPLIT = 1, /**< each side moves what it sends */
	NTB_EPF_MOVER_RC = 2,    /**< the host moves both directions */
	NTB_EPF_MOVER_EP = 3,    /**< the endpoint moves both directions */
	NTB_EPF_MOVER_CPU = 4,   /**< cores copy through the window */
};

/** Abilities: directions in which a side's DMA devices can copy. */
#define NTB_EPF_CAN_PUSH 0x1 /**< own memory to peer memory */
#define NTB_EPF_CAN_PULL 0x2 /**< peer memory to own memory */
/** Cores may copy if no engine can: the user said so. Beside the abilities. */
#define NTB_EPF_MAY_CPU 0x4

/** Features: what the writer of a header can take. One is used if its user finds it there. */
#define NTB_EPF_FEATURE_CKSUM 0x1 /**< packets whose L4 checksum has not been computed */
#define NTB_EPF_FEATURE_REQ 0x2   /**< requests of copies: it executes them */

/** The side that wrote a header. */
#define NTB_EPF_SIDE_RC 0
#define NTB_EPF_SIDE_EP 1

/**
 * Header of the window of X, written by Y, read by X.
 *
 * In every version of this protocol magic, version and hdr_bytes are the first 8 bytes, and
 * generation is at 64: sides that do not understand each other can say so.
 *
 * Y writes everything else before it writes a new generation. Generations are not 0; 0 says that Y
 * is not there (stopped). A generation ends with the link that it brought up.
 *
 *     Y's generation appears    X quiesces all of its DMA for anything older, empties its rings,
 *                               then writes quiesced = seen = Y's generation in Y's window
 *     seen == quiesced == X's   Y has done the same for X: X may publish and the link is up
 *     generation becomes 0      X quiesces, then writes quiesced = seen = 0: Y may free its buffers
 */
struct ntb_epf_win_hdr {
	uint32_t magic;
	uint16_t version;
	uint16_t hdr_bytes;     /**< sizeof(struct ntb_epf_win_hdr) */
	uint32_t features;      /**< NTB_EPF_FEATURE_*; unknown ones are passed over */
	uint16_t queue_count;
	uint16_t queue_size;    /**< entries per ring that Y can follow, power of two */
	uint32_t max_pkt_len;   /**< longest packet that Y accepts, bytes */
	uint8_t side;           /**< of Y: NTB_EPF_SIDE_* */
	uint8_t wish;           /**< enum ntb_epf_mover */
	uint8_t abilities;      /**< NTB_EPF_CAN_*, NTB_EPF_MAY_CPU */
	uint8_t reserved0;
	uint64_t window_bytes;  /**< size of Y's own window as Y knows it */
	uint8_t mac[6];         /**< of the ethdev above, or all zero */
	uint8_t reserved1[2];
	uint64_t window_addr;   /**< of Y's own window for the engine of a mover; 0: none */
	uint8_t reserved2[16];

	/* The handshake has a cache line of its own: it is polled. */
	uint32_t generation;    /**< of Y */
	uint32_t seen;          /**< generation of X that Y has read */
	uint32_t quiesced;      /**< generation of X for which Y has quiesced everything older */
	uint32_t reserved3;
	uint64_t heartbeat;     /**< changes while Y makes calls, not more often than every 16 ms */
	uint8_t reserved4[40];
};
static_assert(sizeof(struct ntb_epf_win_hdr) == 128, "window header");
static_assert(offsetof(struct ntb_epf_win_hdr, generation) == 64, "handshake line");

#endif /* _NTB_EPF_RING_H_ */
