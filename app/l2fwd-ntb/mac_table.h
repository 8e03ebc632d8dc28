/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _MAC_TABLE_H_
#define _MAC_TABLE_H_

/**
 * @file
 * Which port an address was last seen at. Any number of lcores learn and look up at the same time
 * and never wait: an entry is one 64-bit word, read and written whole.
 *
 *     63       48 47                                             0
 *     +----------+-----------------------------------------------+
 *     | port + 1 | address, its first byte lowest                |    0: no entry
 *     +----------+-----------------------------------------------+
 *
 * An address has a choice of MAC_TABLE_WAYS entries. When all are taken, the one that was seen the
 * longest ago goes. What two lcores write at the same time, one may lose: it is learned again from
 * the next frame.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MAC_TABLE_WAYS 8u
#define MAC_TABLE_SETS 1024u
/** Seconds; time is told in 32 bits. */
#define MAC_TABLE_MAX_AGE 1000000

struct mac_table {
	_Atomic uint64_t entry[MAC_TABLE_SETS][MAC_TABLE_WAYS];
	/** Time at which the address was last seen. */
	_Atomic uint32_t seen[MAC_TABLE_SETS][MAC_TABLE_WAYS];
	uint32_t max_age; /**< seconds */
};

/** @p now is seconds of any clock that only goes forward, and is the same for all. */
void mac_table_learn(struct mac_table *table, const uint8_t *mac, uint16_t port, uint32_t now);
/** Returns false if the address is not known, or was last seen too long ago. */
bool mac_table_find(struct mac_table *table, const uint8_t *mac, uint32_t now, uint16_t *port);
/** Addresses that mac_table_find() would find. */
unsigned int mac_table_count(struct mac_table *table, uint32_t now);

#endif /* _MAC_TABLE_H_ */
