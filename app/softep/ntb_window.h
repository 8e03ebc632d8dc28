/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_WINDOW_H_
#define _SOFTEP_NTB_WINDOW_H_

/**
 * @file
 * Outbound translations of one controller, which CONFIGURE_MW makes and TEARDOWN_MW takes back.
 *
 * Each CONFIGURE_MW takes another entry, the free one of the lowest number; each TEARDOWN_MW frees
 * one, the one of the lowest number.
 */

#include <stdbool.h>
#include <stdint.h>

#define NTB_WINDOW_MAX_ENTRIES 32
/** A region does not cross a border of this size: what the limit register can say. */
#define NTB_WINDOW_REGION_BYTES (UINT64_C(1) << 32)

struct ntb_window_rules {
	uint64_t granule;   /**< of target addresses, a power of two */
	unsigned int limit; /**< entries of the controller, up to NTB_WINDOW_MAX_ENTRIES */
	bool last_wins;     /**< of several entries for one window; else the first one does */
};

struct ntb_window_entry {
	bool used;
	unsigned int window;
	uint64_t target;
	uint64_t size;
};

struct ntb_windows {
	struct ntb_window_entry entries[NTB_WINDOW_MAX_ENTRIES];
};

/** Why a window was not mapped. */
struct ntb_window_refusal {
	const char *what;
	uint64_t value;
	char expected[64];
};

/** False: not a target or size of this controller, or no entry is left. */
bool ntb_windows_map(struct ntb_windows *windows, const struct ntb_window_rules *rules,
		     unsigned int window, uint64_t target, uint64_t size,
		     struct ntb_window_refusal *refusal);

/** False: the window had no entry. */
bool ntb_windows_unmap(struct ntb_windows *windows, unsigned int window);

void ntb_windows_clear(struct ntb_windows *windows);

/** Entries of a window. */
unsigned int ntb_windows_count(const struct ntb_windows *windows, unsigned int window);

/**
 * The target of an offset of a window. False: no entry covers it.
 *
 * @param len  In: bytes wanted. Out: bytes up to the end of the entry, not more than wanted.
 */
bool ntb_windows_translate(const struct ntb_windows *windows, const struct ntb_window_rules *rules,
			   unsigned int window, uint64_t offset, uint64_t *target, uint64_t *len);

#endif /* _SOFTEP_NTB_WINDOW_H_ */
