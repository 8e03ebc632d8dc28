/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "irq.h"
#include "outbound.h"
#include "region.h"

void
softep_region_add(struct softep_region *region, uint64_t offset, enum softep_kind kind,
		  uint64_t bytes)
{
	if (region->nb_areas == SOFTEP_REGION_AREAS)
		abort();
	region->areas[region->nb_areas++] = (struct softep_area){
		.kind = kind,
		.offset = offset,
		.bytes = bytes,
	};
	if (region->bytes == 0)
		region->bytes = 1;
	while (region->bytes < offset + bytes)
		region->bytes *= 2;
}

/** The board's memory that an area shows, or NULL if it is not memory. */
static const struct softep_memory *
area_memory(const struct softep *board, enum softep_kind kind)
{
	if (kind >= SOFTEP_KIND_MW && kind <= SOFTEP_KIND_MW_LAST)
		return &board->mw[kind - SOFTEP_KIND_MW];
	switch (kind) {
	case SOFTEP_KIND_CTRL:
		return &board->ctrl;
	case SOFTEP_KIND_DB:
		return &board->db;
	case SOFTEP_KIND_LL:
		return &board->ll;
	case SOFTEP_KIND_BOARD:
		return &board->page;
	case SOFTEP_KIND_SHADOW:
		return &board->shadow;
	default:
		return NULL;
	}
}

/** Only the model writes the board page and the register image. */
static bool
area_is_read_only(enum softep_kind kind)
{
	return kind == SOFTEP_KIND_BOARD || kind == SOFTEP_KIND_SHADOW;
}

/*
 * In trap mode nothing is shared that an access over the link or to a register could go through.
 * The endpoint's own memory is not across the link for the endpoint, and the board page is not
 * part of the hardware at all: both stay mapped.
 */
static bool
area_is_shared(const struct softep_device *dev, enum softep_kind kind)
{
	if (!dev->board->opt->trap || kind == SOFTEP_KIND_BOARD)
		return true;
	return kind != SOFTEP_KIND_SHADOW && !softep_port_is_rc(dev->port);
}

/** What can be mapped lies at the start of the region: the file begins there as well. */
static void
region_map_info(struct softep_device *dev, const struct softep_region *region,
		struct vfio_user_region *info)
{
	const struct softep_area *area = &region->areas[0];
	const struct softep_memory *mem = area_memory(dev->board, area->kind);

	if (area->kind == SOFTEP_KIND_OUTBOUND) {
		if (!softep_outbound_mappable(dev->board, &info->fd, &info->fd_offset, &dev->area))
			return;
	} else if (mem != NULL && area->offset == 0 && area_is_shared(dev, area->kind)) {
		info->fd = mem->fd;
		dev->area = (struct vfio_region_sparse_mmap_area){ .size = area->bytes };
	} else {
		return;
	}
	info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	if (dev->area.size < region->bytes) {
		info->areas = &dev->area;
		info->nb_areas = 1;
	}
}

void
softep_region_info(struct softep_device *dev, unsigned int index, struct vfio_user_region *info)
{
	const struct softep_region *region = &dev->regions[index];

	*info = (struct vfio_user_region){ .fd = -1, .size = region->bytes };
	if (region->bytes == 0)
		return;
	info->flags = VFIO_REGION_INFO_FLAG_READ;
	if (!area_is_read_only(region->areas[0].kind))
		info->flags |= VFIO_REGION_INFO_FLAG_WRITE;
	region_map_info(dev, region, info);
}

/**
 * Registers are 32 bits wide, and drivers must access them so. 8 bytes are taken for two registers,
 * low half first; of anything else hardware makes what it likes.
 */
static bool
regs_access_ok(struct softep_device *dev, uint64_t offset, uint32_t count)
{
	const bool aligned = (offset & 3) == 0;

	if (!aligned || count != 4)
		edma_model_violate(dev->board->model, EDMA_VIOLATION_ACCESS_WIDTH,
				   "%s accessed %u bytes at register 0x%03jx",
				   softep_port_names[dev->port], count, (uintmax_t)offset);
	return aligned && (count == 4 || count == 8);
}

static int
regs_read(struct softep_device *dev, uint64_t offset, uint8_t *data, uint32_t count)
{
	uint32_t value, i;

	if (!regs_access_ok(dev, offset, count))
		return -EINVAL;
	for (i = 0; i < count; i += 4) {
		value = edma_model_read(dev->board->model, offset + i);
		if (dev->board->trace.file != NULL)
			softep_trace_access(dev, "read", offset + i, value);
		memcpy(data + i, &value, sizeof(value));
	}
	return 0;
}

static int
regs_write(struct softep_device *dev, uint64_t offset, const uint8_t *data, uint32_t count)
{
	uint32_t value, i;

	if (!regs_access_ok(dev, offset, count))
		return -EINVAL;
	for (i = 0; i < count; i += 4) {
		memcpy(&value, data + i, sizeof(value));
		if (dev->board->trace.file != NULL)
			softep_trace_access(dev, "write", offset + i, value);
		softep_owner_write(dev, offset + i, value);
	}
	return 0;
}

static int
area_read(struct softep_device *dev, unsigned int index, enum softep_kind kind, uint64_t offset,
	  void *data, uint32_t count)
{
	const struct softep_memory *mem = area_memory(dev->board, kind);

	if (mem != NULL) {
		softep_memory_load(data, mem->va + offset, count);
		/* The answer pushes the list writes before the request out of the way. */
		if (kind == SOFTEP_KIND_LL)
			edma_model_flush_lists(dev->board->model);
		return 0;
	}
	switch (kind) {
	case SOFTEP_KIND_CONFIG:
		softep_config_read(&dev->config, offset, data, count);
		return 0;
	case SOFTEP_KIND_NTB:
		softep_ntb_read(dev, index, offset, data, count);
		return 0;
	case SOFTEP_KIND_PEER:
		softep_ntb_peer_read(dev->board, offset, data, count);
		return 0;
	case SOFTEP_KIND_REGS:
		return regs_read(dev, offset, data, count);
	case SOFTEP_KIND_EPDM:
		memcpy(data, (const uint8_t *)dev->board->ntb.dma.slice + offset, count);
		return 0;
	case SOFTEP_KIND_PEDM:
		softep_pedm_read(dev->board, offset, data, count);
		return 0;
	case SOFTEP_KIND_MSIX_TABLE:
		softep_irq_table_read(dev, offset, data, count);
		return 0;
	case SOFTEP_KIND_MSIX_PBA:
		softep_irq_pba_read(dev, offset, data, count);
		return 0;
	case SOFTEP_KIND_ATU:
		return softep_outbound_atu_read(dev->board, offset, data, count);
	case SOFTEP_KIND_OUTBOUND:
		softep_outbound_read(dev->board, offset, data, count);
		return 0;
	default:
		return -EINVAL;
	}
}

static void
config_write(struct softep_device *dev, uint64_t offset, const void *data, uint32_t count)
{
	if (softep_config_write(&dev->config, offset, data, count)) {
		softep_board_reset_function(dev);
		return;
	}
	softep_board_configured(dev);
	softep_irq_update(dev);
}

static int
area_write(struct softep_device *dev, unsigned int index, enum softep_kind kind, uint64_t offset,
	   const void *data, uint32_t count)
{
	const struct softep_memory *mem = area_memory(dev->board, kind);

	if (area_is_read_only(kind))
		return -EACCES;
	if (mem != NULL) {
		softep_memory_store(mem->va + offset, data, count);
		if (kind == SOFTEP_KIND_LL)
			edma_model_list_written(dev->board->model,
						dev->board->state->ll_local + offset);
		return 0;
	}
	switch (kind) {
	case SOFTEP_KIND_CONFIG:
		config_write(dev, offset, data, count);
		return 0;
	case SOFTEP_KIND_NTB:
		softep_ntb_write(dev, index, offset, data, count);
		return 0;
	case SOFTEP_KIND_PEER:
		softep_ntb_peer_write(dev->board, offset, data, count);
		return 0;
	case SOFTEP_KIND_REGS:
		return regs_write(dev, offset, data, count);
	case SOFTEP_KIND_PEDM:
		softep_pedm_write(dev->board, offset, data, count);
		return 0;
	case SOFTEP_KIND_MSIX_TABLE:
		softep_irq_table_write(dev, offset, data, count);
		return 0;
	case SOFTEP_KIND_MSIX_PBA:
	case SOFTEP_KIND_EPDM:
		return 0;
	case SOFTEP_KIND_ATU:
		return softep_outbound_atu_write(dev->board, offset, data, count);
	case SOFTEP_KIND_OUTBOUND:
		softep_outbound_write(dev->board, offset, data, count);
		return 0;
	default:
		return -EINVAL;
	}
}

/** The area at @p offset or NULL; cuts @p len at its end, or at the beginning of the next one. */
static const struct softep_area *
region_find(const struct softep_region *region, uint64_t offset, uint32_t *len)
{
	const struct softep_area *area;
	unsigned int i;

	for (i = 0; i < region->nb_areas; i++) {
		area = &region->areas[i];
		if (offset >= area->offset + area->bytes)
			continue;
		if (offset < area->offset) {
			if (*len > area->offset - offset)
				*len = area->offset - offset;
			return NULL;
		}
		if (*len > area->offset + area->bytes - offset)
			*len = area->offset + area->bytes - offset;
		return area;
	}
	return NULL;
}

enum softep_kind
softep_region_kind(const struct softep_region *region, uint64_t offset)
{
	uint32_t len = 1;
	const struct softep_area *area = region_find(region, offset, &len);

	return area != NULL ? area->kind : SOFTEP_KIND_NONE;
}

int
softep_region_read(struct softep_device *dev, unsigned int index, uint64_t offset, void *data,
		   uint32_t count)
{
	const struct softep_area *area;
	uint8_t *to = data;
	uint32_t len;
	int ret = 0;

	while (count > 0 && ret == 0) {
		len = count;
		area = region_find(&dev->regions[index], offset, &len);
		if (area == NULL)
			memset(to, 0, len);
		else
			ret = area_read(dev, index, area->kind, offset - area->offset, to, len);
		offset += len;
		to += len;
		count -= len;
	}
	return ret;
}

int
softep_region_write(struct softep_device *dev, unsigned int index, uint64_t offset,
		    const void *data, uint32_t count)
{
	const struct softep_area *area;
	const uint8_t *from = data;
	uint32_t len;
	int ret = 0;

	while (count > 0 && ret == 0) {
		len = count;
		area = region_find(&dev->regions[index], offset, &len);
		if (area != NULL)
			ret = area_write(dev, index, area->kind, offset - area->offset, from,
					 len);
		offset += len;
		from += len;
		count -= len;
	}
	return ret;
}
