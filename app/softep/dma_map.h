/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_DMA_MAP_H_
#define _SOFTEP_DMA_MAP_H_

/**
 * @file
 * The DMA maps of one port: which memory of the client an address means.
 */

#include <stdbool.h>
#include <stdint.h>

#include "vfio_user.h"

/** Maps that one client may have: what QEMU proposes. */
#define SOFTEP_MAX_MAPS 65535

/** A file of the client, kept open as long as a map uses it. Descriptors are per file, not map. */
struct softep_file {
	struct softep_file *next;
	uint64_t dev;
	uint64_t ino;
	int access;        /**< O_RDONLY, O_RDWR */
	int fd;
	unsigned int maps; /**< users */
};

struct softep_map {
	uint64_t address;
	uint64_t size;
	uint64_t offset;          /**< in the file */
	uint32_t flags;           /**< VFIO_USER_DMA_READ, VFIO_USER_DMA_WRITE */
	bool lost;                /**< the client truncated its file: never touched again */
	uint8_t *va;              /**< NULL: known, but not reachable */
	struct softep_file *file; /**< NULL: came without descriptor */
};

struct softep_map_table {
	struct softep_map *maps; /**< sorted by address, disjoint */
	unsigned int cnt;
	unsigned int room;
	uint64_t end; /**< addresses lie below; 0: anywhere */
	struct softep_file *files;
};

/**
 * Adds a map and takes over the descriptor if it keeps it.
 *
 * @param peer
 *   Table that shares the address space, or NULL: an overlap with it is allowed only where both
 *   mean the same bytes of the same file, as two sockets of one process do.
 * @return
 *   0; -EINVAL address, size, offset, flags or file not usable; -EEXIST overlap; -ENOSPC too many;
 *   or what mmap(2) says.
 */
int softep_map_add(struct softep_map_table *table, const struct softep_map_table *peer,
		   const struct vfio_user_dma_map *req, int *fd);

/** Removes exactly one map, or all. -ENOENT: no such map. */
int softep_map_remove(struct softep_map_table *table, const struct vfio_user_dma_unmap *req);

void softep_map_remove_all(struct softep_map_table *table);

/** The map that holds @p address, or NULL. */
struct softep_map *softep_map_find(const struct softep_map_table *table, uint64_t address);

/**
 * Memory at @p address, or NULL if there is none that may be read or written.
 *
 * @param len  In: bytes wanted. Out: bytes up to the end of the map, not more than wanted.
 */
void *softep_map_access(const struct softep_map_table *table, uint64_t address, uint64_t *len,
			bool write);

/** Marks the map that is mapped at our address @p va as lost. False: none is. */
bool softep_map_lose(struct softep_map_table *table, const void *va);

#endif /* _SOFTEP_DMA_MAP_H_ */
