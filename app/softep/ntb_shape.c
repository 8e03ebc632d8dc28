/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "ntb_shape.h"

#define SHAPE_PAGE 4096u

const struct ntb_bar_map ntb_bar_maps[NTB_BAR_MAPS] = {
	{
		.name = "renesas",
		.vendor = NTB_EPF_VENDOR_RENESAS,
		.device = NTB_EPF_DEVICE_RCAR,
		.ctrl = 0,
		.peer = NTB_SHAPE_NO_BAR,
		.db = 4,
		.mw = { 2 },
		.mw_max = 1,
	},
	{
		.name = "nxp",
		.vendor = NTB_EPF_VENDOR_NXP,
		.device = NTB_EPF_DEVICE_IMX8,
		.ctrl = 0,
		.peer = NTB_SHAPE_NO_BAR,
		.db = 2,
		.mw = { 4, 5 },
		.mw_max = 2,
		.narrow = 0x30,
	},
	{
		.name = "ti",
		.vendor = NTB_EPF_VENDOR_TI,
		.device = NTB_EPF_DEVICE_J721E,
		.ctrl = 0,
		.peer = 1,
		.db = 2,
		.mw = { 2, 3, 4, 5 },
		.mw_max = 4,
		.narrow = 0x3f,
	},
};

uint32_t
ntb_shape_struct_bytes(const struct ntb_shape *shape)
{
	if (shape->layout == NTB_EPF_LAYOUT_V1)
		return sizeof(struct ntb_epf_ctrl_v1);
	if (shape->dma == NTB_DMA_NDMA)
		return sizeof(struct ntb_epf_ctrl) + NTB_NDMA_HEADER_BYTES +
		       shape->dma_cnt * NTB_NDMA_ENTRY_BYTES;
	return sizeof(struct ntb_epf_ctrl);
}

/** Offset of region B in the control BAR, and bytes of a region. */
static uint32_t
shape_region_b(const struct ntb_shape *shape)
{
	return shape->spad_offset + shape->spad_cnt * NTB_EPF_SPAD_BYTES;
}

static uint32_t
shape_region_bytes(const struct ntb_shape *shape)
{
	return shape->spad_cnt * NTB_EPF_SPAD_BYTES;
}

uint32_t
ntb_shape_ctrl_bytes(const struct ntb_shape *shape)
{
	uint32_t bytes = SHAPE_PAGE;

	while (bytes < shape_region_b(shape) + shape_region_bytes(shape))
		bytes *= 2;
	return bytes;
}

uint64_t
ntb_shape_mw_offset(const struct ntb_shape *shape, unsigned int mw)
{
	return shape->map->mw[mw] == shape->map->db ? NTB_SHAPE_DB_BYTES : 0;
}

uint64_t
ntb_shape_mw_size(const struct ntb_shape *shape, unsigned int mw)
{
	return shape->mw_bytes[mw] - ntb_shape_mw_offset(shape, mw);
}

/** The window that is in a BAR, or mw_cnt. */
static unsigned int
shape_window(const struct ntb_shape *shape, unsigned int bar)
{
	unsigned int mw;

	for (mw = 0; mw < shape->mw_cnt; mw++) {
		if (shape->map->mw[mw] == (int)bar)
			break;
	}
	return mw;
}

uint64_t
ntb_shape_bar_bytes(const struct ntb_shape *shape, unsigned int bar)
{
	const struct ntb_bar_map *map = shape->map;
	unsigned int mw = shape_window(shape, bar);

	if (mw < shape->mw_cnt)
		return shape->mw_bytes[mw];
	if (map->ctrl == (int)bar)
		return ntb_shape_ctrl_bytes(shape);
	if (map->db == (int)bar)
		return NTB_SHAPE_DB_BYTES;
	return map->peer == (int)bar ? NTB_SHAPE_PEER_BYTES : 0;
}

static void
shape_locate_ctrl(const struct ntb_shape *shape, uint64_t offset, struct ntb_place *place)
{
	const uint32_t begin = shape_region_b(shape);
	const uint32_t end = begin + shape_region_bytes(shape);

	*place = (struct ntb_place){
		.area = NTB_AREA_CTRL,
		.offset = offset,
		.left = ntb_shape_ctrl_bytes(shape) - offset,
	};
	if (!shape->crossed || shape->map->peer != NTB_SHAPE_NO_BAR || offset >= end)
		return;
	if (offset < begin) {
		place->left = begin - offset;
		return;
	}
	place->area = NTB_AREA_PEER;
	place->offset = offset - begin;
	place->left = end - offset;
}

/** The area from @p begin to @p end of a BAR, if @p offset is in it. */
static bool
shape_inside(struct ntb_place *place, enum ntb_area area, uint64_t begin, uint64_t end,
	     uint64_t offset)
{
	if (offset < begin || offset >= end)
		return false;
	place->area = area;
	place->offset = offset - begin;
	place->left = end - offset;
	return true;
}

void
ntb_shape_locate(const struct ntb_shape *shape, unsigned int bar, uint64_t offset,
		 struct ntb_place *place)
{
	const struct ntb_bar_map *map = shape->map;
	const uint64_t bytes = ntb_shape_bar_bytes(shape, bar);

	*place = (struct ntb_place){ .left = UINT64_MAX };
	if (offset >= bytes)
		return;
	if (map->ctrl == (int)bar) {
		shape_locate_ctrl(shape, offset, place);
		return;
	}
	place->left = bytes - offset;
	if (map->peer == (int)bar) {
		shape_inside(place, NTB_AREA_PEER, 0, shape_region_bytes(shape), offset);
		return;
	}
	if (map->db == (int)bar &&
	    shape_inside(place, NTB_AREA_DB, 0, NTB_SHAPE_DB_BYTES, offset))
		return;
	place->window = shape_window(shape, bar);
	if (place->window < shape->mw_cnt)
		shape_inside(place, NTB_AREA_MW, ntb_shape_mw_offset(shape, place->window), bytes,
			     offset);
}

void
ntb_shape_access(const struct ntb_shape *shape, const struct ntb_access *access,
		 void (*piece)(void *ctx, const struct ntb_place *place, uint8_t *data,
			       uint64_t count, bool write),
		 void *ctx)
{
	uint64_t done, count;
	struct ntb_place place;

	for (done = 0; done < access->count; done += count) {
		ntb_shape_locate(shape, access->bar, access->offset + done, &place);
		count = access->count - done;
		if (count > place.left)
			count = place.left;
		piece(ctx, &place, access->data + done, count, access->write);
	}
}
