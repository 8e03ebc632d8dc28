/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_OUTBOUND_H_
#define _SOFTEP_OUTBOUND_H_

/**
 * @file
 * Outbound window: what a CPU of the endpoint stores there goes to host memory.
 */

#include "board.h"

/** Reads and writes of struct softep_atu in 4-byte units. */
int softep_outbound_atu_read(const struct softep *board, uint64_t offset, void *data,
			     uint32_t count);
int softep_outbound_atu_write(struct softep *board, uint64_t offset, const void *data,
			      uint32_t count);

/** Forgets the target. */
void softep_outbound_close(struct softep *board);

/** Host memory behind @p offset of the window, or NULL; as softep_board_local(). */
void *softep_outbound_access(struct softep *board, uint64_t offset, uint64_t *len, bool write);

/** Accesses by message. What reaches nothing reads as all-ones and is counted. */
void softep_outbound_read(struct softep *board, uint64_t offset, void *data, uint32_t count);
void softep_outbound_write(struct softep *board, uint64_t offset, const void *data,
			   uint32_t count);

/**
 * Where the window can be mapped: descriptor, offset and, in @p area, how much of it.
 * @return False: it cannot, accesses are messages.
 */
bool softep_outbound_mappable(const struct softep *board, int *fd, uint64_t *fd_offset,
			      struct vfio_region_sparse_mmap_area *area);

#endif /* _SOFTEP_OUTBOUND_H_ */
