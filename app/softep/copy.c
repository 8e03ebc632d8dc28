/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include "copy.h"
#include "guard.h"

/** Maps begin and end at borders of such pages. */
#define COPY_PAGE UINT64_C(4096)

/** What is left of a copy. */
struct copy {
	softep_reach *reach;
	void *ctx;
	uint64_t addr;
	uint8_t *data;
	uint64_t left;
	bool write;
};

static void
copy_advance(struct copy *copy, uint64_t len)
{
	copy->addr += len;
	copy->data += len;
	copy->left -= len;
}

/** Copies up to the first address that reaches nothing. Memory of a client: run guarded. */
static void
copy_some(void *arg)
{
	struct copy *copy = arg;
	uint64_t len;
	void *va;

	while (copy->left > 0) {
		len = copy->left;
		va = copy->reach(copy->ctx, copy->addr, &len, copy->write);
		if (va == NULL)
			return;
		if (copy->write)
			softep_memory_store(va, copy->data, len);
		else
			softep_memory_load(copy->data, va, len);
		copy_advance(copy, len);
	}
}

/** Skips to where a map may begin again. */
static void
copy_skip(struct copy *copy)
{
	uint64_t hole = COPY_PAGE - (copy->addr & (COPY_PAGE - 1));

	if (hole > copy->left)
		hole = copy->left;
	if (!copy->write)
		memset(copy->data, 0xff, hole);
	copy_advance(copy, hole);
}

uint64_t
softep_copy(struct softep *board, softep_reach *reach, void *ctx, uint64_t addr, void *data,
	    uint64_t len, bool write)
{
	struct copy copy = {
		.reach = reach,
		.ctx = ctx,
		.addr = addr,
		.data = data,
		.left = len,
		.write = write,
	};
	uint64_t holes = 0;
	void *fault;

	while (copy.left > 0) {
		fault = softep_guard_run(copy_some, &copy);
		if (fault != NULL) {
			softep_board_lost(board, fault);
		} else if (copy.left > 0) {
			copy_skip(&copy);
			holes++;
		}
	}
	return holes;
}
