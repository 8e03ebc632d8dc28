/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_SHAPE_H_
#define _SOFTEP_NTB_SHAPE_H_

/**
 * @file
 * What an endpoint NTB function looks like: ids, which BAR shows what, and the sizes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ntb_epf_hw.h"

/** The doorbell area: a page, whether it has a BAR of its own or is the start of a window's. */
#define NTB_SHAPE_DB_BYTES 4096
/** A BAR of region B alone, and the scratchpads that it has room for. */
#define NTB_SHAPE_PEER_BYTES 4096
#define NTB_SHAPE_MAX_SPADS (NTB_SHAPE_PEER_BYTES / NTB_EPF_SPAD_BYTES)
#define NTB_SHAPE_BARS 6
#define NTB_SHAPE_NO_BAR (-1)

/** A map that host drivers know by the ids of the function. */
struct ntb_bar_map {
	const char *name;
	uint16_t vendor;
	uint16_t device;
	int8_t ctrl;
	int8_t peer; /**< scratchpads that the other side reads; none: in the control BAR */
	int8_t db;
	int8_t mw[NTB_EPF_MAX_MW];
	unsigned int mw_max;
	uint8_t narrow; /**< bit n: BAR n is 32 bits wide, not 64 */
};

#define NTB_BAR_MAPS 3
/** The first one is the default. */
extern const struct ntb_bar_map ntb_bar_maps[NTB_BAR_MAPS];

/** How a function tells its host of an engine that is in its BARs. */
enum ntb_dma {
	NTB_DMA_NONE,
	NTB_DMA_EPDM, /**< layout v1 locates a slice of a BAR that begins with a header */
	NTB_DMA_NDMA, /**< a block behind the control structure, and two more commands */
};

/** Bytes of the NDMA block: a header, and an entry for each read channel. */
#define NTB_NDMA_HEADER_BYTES 0x24u
#define NTB_NDMA_ENTRY_BYTES 0x14u

struct ntb_shape {
	const struct ntb_bar_map *map;
	/** Region B in the control BAR is region A of another function, not memory of this one. */
	bool crossed;
	uint32_t layout;      /**< NTB_EPF_LAYOUT_* */
	enum ntb_dma dma;
	unsigned int dma_cnt; /**< read channels that it tells of */
	uint32_t spad_offset;
	uint32_t spad_cnt;    /**< per region, 1 to NTB_SHAPE_MAX_SPADS */
	uint32_t db_cnt;      /**< doorbell slots, the two that are no doorbells included */
	unsigned int mw_cnt;
	uint64_t mw_bytes[NTB_EPF_MAX_MW]; /**< of the windows' BARs */
};

enum ntb_area {
	NTB_AREA_NONE,
	NTB_AREA_CTRL, /**< control region, scratchpads and what is behind them */
	NTB_AREA_PEER, /**< region B where it is not memory of the control BAR */
	NTB_AREA_DB,
	NTB_AREA_MW,
};

/** What is at an offset of a BAR. */
struct ntb_place {
	enum ntb_area area;
	unsigned int window; /**< of NTB_AREA_MW, from 0 */
	uint64_t offset;     /**< in the area */
	uint64_t left;       /**< bytes up to the area's end, at least 1 */
};

/** Bytes of the control structure and what belongs to it, where the scratchpads may begin. */
uint32_t ntb_shape_struct_bytes(const struct ntb_shape *shape);

/** Bytes of the memory behind the control BAR: a power of two, at least a page. */
uint32_t ntb_shape_ctrl_bytes(const struct ntb_shape *shape);

/** Where window @p mw begins in its BAR, and its bytes from there on. */
uint64_t ntb_shape_mw_offset(const struct ntb_shape *shape, unsigned int mw);
uint64_t ntb_shape_mw_size(const struct ntb_shape *shape, unsigned int mw);

/** Bytes of a BAR; 0: there is none. */
uint64_t ntb_shape_bar_bytes(const struct ntb_shape *shape, unsigned int bar);

void ntb_shape_locate(const struct ntb_shape *shape, unsigned int bar, uint64_t offset,
		      struct ntb_place *place);

/** An access of the host, and the part of it that is in one area. */
struct ntb_access {
	unsigned int bar;
	uint64_t offset;
	uint8_t *data;
	uint64_t count;
	bool write; /**< @p data is only read from then */
};

/** Calls @p piece for each area that the access touches, in ascending order. */
void ntb_shape_access(const struct ntb_shape *shape, const struct ntb_access *access,
		      void (*piece)(void *ctx, const struct ntb_place *place, uint8_t *data,
				    uint64_t count, bool write),
		      void *ctx);

#endif /* _SOFTEP_NTB_SHAPE_H_ */
