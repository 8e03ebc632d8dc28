/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_COPY_H_
#define _SOFTEP_COPY_H_

/**
 * @file
 * Accesses by message that end in a client's memory.
 */

#include "board.h"

/** Memory at an address, as softep_board_local() returns it. */
typedef void *softep_reach(void *ctx, uint64_t addr, uint64_t *len, bool write);

/**
 * Copies between @p data and what @p reach finds from @p addr on, in as many pieces as there are.
 * Pages that it does not find read as all-ones and take no writes; nor do those that the client
 * has truncated.
 *
 * @param data  Only read from if @p write.
 * @return accesses that found nothing, one per page.
 */
uint64_t softep_copy(struct softep *board, softep_reach *reach, void *ctx, uint64_t addr,
		     void *data, uint64_t len, bool write);

#endif /* _SOFTEP_COPY_H_ */
