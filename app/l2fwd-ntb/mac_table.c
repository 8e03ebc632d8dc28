/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "mac_table.h"

#define MAC_BYTES 6
#define PORT_SHIFT 48
#define MAC_MASK ((UINT64_C(1) << PORT_SHIFT) - 1)

static uint64_t
mac_word(const uint8_t *mac)
{
	uint64_t word = 0;
	unsigned int i;

	for (i = 0; i < MAC_BYTES; i++)
		word |= (uint64_t)mac[i] << (8 * i);
	return word;
}

/** Fibonacci hashing: the product's high bits depend on all bits of the address. */
static unsigned int
set_of(uint64_t mac)
{
	return (mac * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (MAC_TABLE_SETS - 1);
}

/** Seconds since an address was seen, and one: another lcore may be a second ahead of @p now. */
static uint32_t
age_of(struct mac_table *table, unsigned int set, unsigned int way, uint32_t now)
{
	return now + 1 - atomic_load_explicit(&table->seen[set][way], memory_order_relaxed);
}

static bool
is_fresh(struct mac_table *table, unsigned int set, unsigned int way, uint32_t now)
{
	return age_of(table, set, way, now) <= table->max_age + 1;
}

/** The address's entry, or else the best one to give up: one that is free, or old. */
static unsigned int
choose_way(struct mac_table *table, unsigned int set, uint64_t mac, uint32_t now)
{
	unsigned int best = 0;
	uint32_t best_age = 0;
	unsigned int way;

	for (way = 0; way < MAC_TABLE_WAYS; way++) {
		uint64_t entry = atomic_load_explicit(&table->entry[set][way],
						      memory_order_relaxed);
		uint32_t age = entry == 0 ? UINT32_MAX : age_of(table, set, way, now);

		if (entry != 0 && (entry & MAC_MASK) == mac)
			return way;
		if (age > best_age) {
			best_age = age;
			best = way;
		}
	}
	return best;
}

void
mac_table_learn(struct mac_table *table, const uint8_t *mac, uint16_t port, uint32_t now)
{
	uint64_t word = mac_word(mac);
	uint64_t entry = word | (uint64_t)(port + 1) << PORT_SHIFT;
	unsigned int set = set_of(word);
	unsigned int way = choose_way(table, set, word, now);

	/* Most frames tell nothing new: then no cache line changes hands between lcores. */
	if (atomic_load_explicit(&table->seen[set][way], memory_order_relaxed) != now)
		atomic_store_explicit(&table->seen[set][way], now, memory_order_relaxed);
	if (atomic_load_explicit(&table->entry[set][way], memory_order_relaxed) != entry)
		atomic_store_explicit(&table->entry[set][way], entry, memory_order_relaxed);
}

bool
mac_table_find(struct mac_table *table, const uint8_t *mac, uint32_t now, uint16_t *port)
{
	uint64_t word = mac_word(mac);
	unsigned int set = set_of(word);
	unsigned int way;

	for (way = 0; way < MAC_TABLE_WAYS; way++) {
		uint64_t entry = atomic_load_explicit(&table->entry[set][way],
						      memory_order_relaxed);

		if (entry == 0 || (entry & MAC_MASK) != word || !is_fresh(table, set, way, now))
			continue;
		*port = (uint16_t)((entry >> PORT_SHIFT) - 1);
		return true;
	}
	return false;
}

unsigned int
mac_table_count(struct mac_table *table, uint32_t now)
{
	unsigned int count = 0;
	unsigned int set, way;

	for (set = 0; set < MAC_TABLE_SETS; set++)
		for (way = 0; way < MAC_TABLE_WAYS; way++)
			count += atomic_load_explicit(&table->entry[set][way],
						      memory_order_relaxed) != 0 &&
				 is_fresh(table, set, way, now);
	return count;
}
