/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "copy.h"
#include "irq.h"
#include "outbound.h"

/** Granule of the translation: the low bits of target and limit do not exist in hardware. */
#define OUTBOUND_GRANULE UINT64_C(4096)

int
softep_outbound_atu_read(const struct softep *board, uint64_t offset, void *data, uint32_t count)
{
	if (((offset | count) & 3) != 0)
		return -EINVAL;
	memcpy(data, (const uint8_t *)&board->outbound.atu + offset, count);
	return 0;
}

void
softep_outbound_close(struct softep *board)
{
	memset(&board->outbound.atu, 0, sizeof(board->outbound.atu));
}

/** Takes over what was written, if it makes sense. */
static int
outbound_open(struct softep *board)
{
	struct softep_outbound *out = &board->outbound;

	if ((out->atu.target & (OUTBOUND_GRANULE - 1)) != 0 || out->atu.size == 0 ||
	    out->atu.size > board->state->outbound_bytes)
		return -EINVAL;
	out->target = out->atu.target;
	out->size = (out->atu.size + OUTBOUND_GRANULE - 1) & ~(OUTBOUND_GRANULE - 1);
	if (out->target + (out->size - 1) < out->target)
		return -EINVAL;
	out->atu.enable = 1;
	return 0;
}

int
softep_outbound_atu_write(struct softep *board, uint64_t offset, const void *data, uint32_t count)
{
	const uint64_t enable_at = offsetof(struct softep_atu, enable);
	struct softep_atu *atu = &board->outbound.atu;
	uint32_t was_open = atu->enable;
	uint32_t enable;

	if (((offset | count) & 3) != 0)
		return -EINVAL;
	memcpy((uint8_t *)atu + offset, data, count);
	if (offset > enable_at || offset + count <= enable_at) {
		/* Target and size take effect when the window is enabled the next time. */
		return 0;
	}
	enable = atu->enable;
	atu->enable = enable > 1 ? was_open : 0;
	if (enable > 1)
		return -EINVAL;
	return enable == 1 ? outbound_open(board) : 0;
}

void *
softep_outbound_access(struct softep *board, uint64_t offset, uint64_t *len, bool write)
{
	const struct softep_outbound *out = &board->outbound;

	if (out->atu.enable == 0 || offset >= out->size)
		return NULL;
	if (*len > out->size - offset)
		*len = out->size - offset;
	return softep_board_pcie(board, SOFTEP_FN_NTB, out->target + offset, len, write);
}

bool
softep_outbound_mappable(const struct softep *board, int *fd, uint64_t *fd_offset,
			 struct vfio_region_sparse_mmap_area *area)
{
	const uint32_t both = VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE;
	const struct softep_outbound *out = &board->outbound;
	const struct softep_device *host = &board->ports[SOFTEP_RC_NTB];
	const struct softep_map *map;

	/* In trap mode nothing that crosses the link is shared. */
	if (out->atu.enable == 0 || board->opt->trap || !softep_board_can_send(host))
		return false;
	map = softep_map_find(&host->maps, out->target);
	if (map == NULL || map->file == NULL || map->lost || (map->flags & both) != both ||
	    map->size - (out->target - map->address) < out->size)
		return false;
	*fd = map->file->fd;
	*fd_offset = map->offset + (out->target - map->address);
	area->offset = 0;
	area->size = out->size;
	return true;
}

static void *
outbound_reach(void *ctx, uint64_t offset, uint64_t *len, bool write)
{
	return softep_outbound_access(ctx, offset, len, write);
}

void
softep_outbound_read(struct softep *board, uint64_t offset, void *data, uint32_t count)
{
	board->outbound.faults += softep_copy(board, outbound_reach, board, offset, data, count,
					      false);
}

/** The endpoint's CPUs send an interrupt by storing its message. */
static bool
outbound_is_interrupt(struct softep *board, uint64_t offset, const void *data, uint32_t count)
{
	const struct softep_outbound *out = &board->outbound;
	uint32_t message;

	if (count != sizeof(message) || out->atu.enable == 0 || offset >= out->size ||
	    out->size - offset < sizeof(message))
		return false;
	memcpy(&message, data, sizeof(message));
	return softep_irq_message(&board->ports[SOFTEP_RC_NTB], out->target + offset,
				  message);
}

void
softep_outbound_write(struct softep *board, uint64_t offset, const void *data, uint32_t count)
{
	if (outbound_is_interrupt(board, offset, data, count))
		return;
	board->outbound.faults += softep_copy(board, outbound_reach, board, offset,
					      (void *)(uintptr_t)data, count, true);
}
