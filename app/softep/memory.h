/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_MEMORY_H_
#define _SOFTEP_MEMORY_H_

/**
 * @file
 * Memories of the board: one memfd each, mapped here and handed to clients.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct softep_memory {
	int fd;         /**< -1: not created */
	uint8_t *va;
	uint64_t bytes;
};

/**
 * Creates a zeroed memory that nobody can shrink or grow, so that no client can turn an access of
 * ours into a fault.
 *
 * @param client_writes  False: only mappings made by this call may ever write.
 * @return 0 or a negative errno.
 */
int softep_memory_create(struct softep_memory *mem, const char *name, uint64_t bytes,
			 bool client_writes);
void softep_memory_destroy(struct softep_memory *mem);

/**
 * Stores @p n bytes as a bus would: ascending, naturally aligned pieces of up to 8 bytes, none of
 * them torn, each visible no later than the next. Others poll this memory while we write it.
 */
void softep_memory_store(void *dst, const void *src, size_t n);

/** Loads @p n bytes in the same manner. */
void softep_memory_load(void *dst, const void *src, size_t n);

#endif /* _SOFTEP_MEMORY_H_ */
