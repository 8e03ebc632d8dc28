/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_LINK_H_
#define _SOFTEP_LINK_H_

/**
 * @file
 * Arithmetic of a PCI Express link: into how many packets a transfer is cut, how many bytes these
 * take on the wire, and for how long.
 *
 * What is on the wire of one transaction layer packet (TLP):
 *
 *   framing and sequence 4 | header 12 or 16 | payload, whole words of 4 | LCRC 4
 *
 * Up to 5 GT/s framing is a start symbol, a sequence number of 2 bytes and an end symbol, above it
 * a token of 4 bytes that holds the sequence number: both times 4 bytes, 8 with the LCRC. A request
 * has a header of 16 bytes if its address needs 64 bits, 12 otherwise; a completion has 12. There
 * is no digest. Packets of the data link layer (acknowledgements, credits), ordered sets, and gaps
 * that align a packet to the lanes of a wide link are not counted.
 */

#include <stdbool.h>
#include <stdint.h>

/** Bytes of a TLP on the wire besides header and payload. */
#define SOFTEP_TLP_FRAMING 8
#define SOFTEP_TLP_HEADER_3DW 12
#define SOFTEP_TLP_HEADER_4DW 16

/**
 * Time is counted in 1/512 ps: a byte takes a whole number of them on every link, 8125 on the
 * fastest, 32 GT/s by 16. 64 bits are enough for 10 hours.
 */
#define SOFTEP_TIME_PER_NS UINT64_C(512000)

/** What the switches set. All sizes are powers of two. */
struct softep_link_conf {
	unsigned int speed; /**< 1 to 5: 2.5, 5, 8, 16 or 32 GT/s */
	unsigned int width; /**< lanes */
	unsigned int mps;   /**< bytes of payload at the most, 128 to 4096 */
	unsigned int mrrs;  /**< bytes that one request of the engine reads at the most */
	/** Where the host cuts its completions: 64 or 128; 0: at max payload size, only. */
	unsigned int rcb;
	/** Largest store of a CPU over the link: 8 for an uncached mapping, 64 with combining. */
	unsigned int store;
	unsigned int latency_ns; /**< from the end of a request to the start of its completion */
	unsigned int tags;       /**< requests that a read channel may have outstanding */
};

/** The same, ready for use. */
struct softep_link {
	uint64_t byte_time; /**< of a byte on the wire */
	uint64_t latency;
	uint64_t answer_time;   /**< of all data of a request that is as large as can be */
	/** Bits of the address of a transfer of the engine on which its packets depend. */
	uint64_t write_bits;
	uint64_t read_bits;
	unsigned int mps_shift;
	unsigned int mrrs_shift;
	unsigned int cpl_shift; /**< completions of the host end at multiples of this */
	unsigned int store_shift;
};

/** Packets of a transfer. */
struct softep_tlps {
	uint64_t cnt;
	uint64_t bytes; /**< of payload, as far as somebody wants them */
	uint64_t wire;  /**< bytes on the wire */
};

void softep_link_derive(struct softep_link *link, const struct softep_link_conf *conf);

/**
 * Packets into which @p len bytes from @p addr on fall that are cut at multiples of 2^shift. The
 * addresses are a driver's: they may end, and begin again at 0, in the middle.
 */
static inline uint64_t
softep_link_pieces(uint64_t addr, uint64_t len, unsigned int shift)
{
	const uint64_t below = addr & ((UINT64_C(1) << shift) - 1);

	return len == 0 ? 0 : ((below + len - 1) >> shift) + 1;
}

/** Payload is whole words of 4 bytes; enables of single bytes are part of the header. */
static inline uint64_t
softep_link_payload(uint64_t addr, uint64_t len)
{
	return len == 0 ? 0 : ((addr & 3) + len + 3) & ~UINT64_C(3);
}

/** Bytes of a request without its payload. */
static inline uint64_t
softep_link_request_bytes(uint64_t addr)
{
	return SOFTEP_TLP_FRAMING +
	       (addr >> 32 != 0 ? SOFTEP_TLP_HEADER_4DW : SOFTEP_TLP_HEADER_3DW);
}

/** Posted writes, cut at multiples of 2^shift. */
static inline struct softep_tlps
softep_link_writes(uint64_t addr, uint64_t len, unsigned int shift)
{
	const uint64_t cnt = softep_link_pieces(addr, len, shift);

	return (struct softep_tlps){
		.cnt = cnt,
		.bytes = len,
		.wire = softep_link_payload(addr, len) + cnt * softep_link_request_bytes(addr),
	};
}

/** Read requests, cut at multiples of 2^shift. */
static inline struct softep_tlps
softep_link_requests(uint64_t addr, uint64_t len, unsigned int shift)
{
	const uint64_t cnt = softep_link_pieces(addr, len, shift);

	return (struct softep_tlps){ .cnt = cnt, .wire = cnt * softep_link_request_bytes(addr) };
}

/** Completions with data, cut at multiples of 2^shift. */
static inline struct softep_tlps
softep_link_completions(uint64_t addr, uint64_t len, unsigned int shift)
{
	const uint64_t cnt = softep_link_pieces(addr, len, shift);

	return (struct softep_tlps){
		.cnt = cnt,
		.bytes = len,
		.wire = softep_link_payload(addr, len) +
			cnt * (SOFTEP_TLP_FRAMING + SOFTEP_TLP_HEADER_3DW),
	};
}

/** What a transfer has more than a shorter one from the same address on. */
static inline struct softep_tlps
softep_link_less(struct softep_tlps tlps, const struct softep_tlps *shorter)
{
	tlps.cnt -= shorter->cnt;
	tlps.bytes -= shorter->bytes;
	tlps.wire -= shorter->wire;
	return tlps;
}

/** Transfers that are alike. */
static inline struct softep_tlps
softep_link_times(struct softep_tlps tlps, uint64_t n)
{
	tlps.cnt *= n;
	tlps.bytes *= n;
	tlps.wire *= n;
	return tlps;
}

#endif /* _SOFTEP_LINK_H_ */
