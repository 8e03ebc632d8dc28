/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_ENTRY_H_
#define _NTB_EPF_ENTRY_H_

/**
 * @file
 * Words of submission and completion entries: built by the writer, taken apart by the reader.
 * Laps and tags as described in ntb_epf_ring.h.
 */

#include <stdbool.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "ntb_epf_ring.h"

/** Phase and tag bits that every word of a lap carries, in place. */
struct ntb_epf_lap {
	uint64_t sqe0; /**< for word 0 of submissions: 6 tag bits */
	uint64_t ent;  /**< for word 1 of submissions, and for completions: 7 tag bits */
};

#define NTB_EPF_PHASE RTE_BIT64(NTB_EPF_PHASE_SHIFT)
#define NTB_EPF_SQE0_ADDR_MASK (RTE_BIT64(NTB_EPF_SQE0_ADDR_BITS) - 1)
#define NTB_EPF_SQE0_LAP_MASK (~NTB_EPF_SQE0_ADDR_MASK)
#define NTB_EPF_ENT_LAP_MASK (~(RTE_BIT64(NTB_EPF_ENT_TAG_SHIFT) - 1))

/** The lap of free-running entry number 0 of a link; the next laps follow by inversion. */
static inline struct ntb_epf_lap
ntb_epf_lap_first(uint32_t tag)
{
	return (struct ntb_epf_lap) {
		.sqe0 = NTB_EPF_PHASE | (uint64_t)(tag & (RTE_BIT32(NTB_EPF_SQE0_TAG_BITS) - 1))
			<< NTB_EPF_SQE0_TAG_SHIFT,
		.ent = NTB_EPF_PHASE | (uint64_t)(tag & (RTE_BIT32(NTB_EPF_ENT_TAG_BITS) - 1))
			<< NTB_EPF_ENT_TAG_SHIFT,
	};
}

/** Advances a free-running entry number by one; the phase turns where the ring does. */
static inline uint32_t
ntb_epf_lap_next(struct ntb_epf_lap *lap, uint32_t number, uint32_t mask)
{
	uint64_t turn = (uint64_t)((++number & mask) == 0) << NTB_EPF_PHASE_SHIFT;

	lap->sqe0 ^= turn;
	lap->ent ^= turn;
	return number;
}

/** The same by @p n entries, which do not go past the end of the ring. */
static inline uint32_t
ntb_epf_lap_skip(struct ntb_epf_lap *lap, uint32_t number, uint32_t n, uint32_t mask)
{
	return n == 0 ? number : ntb_epf_lap_next(lap, number + n - 1, mask);
}

static inline uint64_t
ntb_epf_sqe0(const struct ntb_epf_lap *lap, uint64_t addr)
{
	return rte_cpu_to_le_64(lap->sqe0 | addr);
}

static inline uint64_t
ntb_epf_ent(const struct ntb_epf_lap *lap, uint32_t len, uint16_t id, uint8_t flags)
{
	return rte_cpu_to_le_64(lap->ent | (uint64_t)flags << NTB_EPF_ENT_FLAGS_SHIFT |
				(uint64_t)id << NTB_EPF_ENT_ID_SHIFT | len);
}

static inline bool
ntb_epf_sqe0_is_new(const struct ntb_epf_lap *lap, uint64_t word)
{
	return ((word ^ lap->sqe0) & NTB_EPF_SQE0_LAP_MASK) == 0;
}

static inline bool
ntb_epf_ent_is_new(const struct ntb_epf_lap *lap, uint64_t word)
{
	return ((word ^ lap->ent) & NTB_EPF_ENT_LAP_MASK) == 0;
}

static inline uint64_t
ntb_epf_sqe0_addr(uint64_t word)
{
	return word & NTB_EPF_SQE0_ADDR_MASK;
}

static inline uint32_t
ntb_epf_ent_len(uint64_t word)
{
	return (uint32_t)word;
}

static inline uint16_t
ntb_epf_ent_id(uint64_t word)
{
	return (uint16_t)(word >> NTB_EPF_ENT_ID_SHIFT);
}

static inline uint8_t
ntb_epf_ent_flags(uint64_t word)
{
	return (uint8_t)(word >> NTB_EPF_ENT_FLAGS_SHIFT);
}

#endif /* _NTB_EPF_ENTRY_H_ */
