/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_REGION_H_
#define _SOFTEP_REGION_H_

/**
 * @file
 * Regions of a port: what lies where in a BAR, and what an access does there.
 *
 * A region is a row of areas. Between them it reads as zero and takes no writes. Memory at the
 * start of a region can be mapped by a client, all the rest is accessed by message.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ntb_epf_hw.h"
#include "vfio_user_server.h"

struct softep_device;

/** What an area shows. */
enum softep_kind {
	SOFTEP_KIND_NONE,
	SOFTEP_KIND_CTRL,       /**< control region and scratchpads */
	SOFTEP_KIND_PEER,       /**< region B of the scratchpads, once more */
	SOFTEP_KIND_MW,         /**< memory window 1; further ones follow */
	SOFTEP_KIND_MW_LAST = SOFTEP_KIND_MW + NTB_EPF_MAX_MW - 1,
	SOFTEP_KIND_DB,         /**< doorbell array */
	SOFTEP_KIND_NTB,        /**< a BAR whose endpoint is played by the board */
	SOFTEP_KIND_LL,         /**< list memory */
	SOFTEP_KIND_REGS,       /**< registers of the engine */
	SOFTEP_KIND_EPDM,       /**< header of a slice with an engine */
	SOFTEP_KIND_PEDM,       /**< metadata of an endpoint DMA function */
	SOFTEP_KIND_MSIX_TABLE,
	SOFTEP_KIND_MSIX_PBA,   /**< pending bits of MSI-X */
	SOFTEP_KIND_CONFIG,     /**< configuration space */
	SOFTEP_KIND_BOARD,      /**< board page */
	SOFTEP_KIND_SHADOW,     /**< register image */
	SOFTEP_KIND_OUTBOUND,
	SOFTEP_KIND_ATU,
};

struct softep_area {
	enum softep_kind kind;
	uint64_t offset; /**< in the region */
	uint64_t bytes;
};

#define SOFTEP_REGION_AREAS 6

struct softep_region {
	uint64_t bytes;    /**< of a BAR: a power of two; 0: the port has no such region */
	bool bar32;        /**< BARs are 64 bits wide, at their lower index, but for these */
	unsigned int nb_areas;
	struct softep_area areas[SOFTEP_REGION_AREAS]; /**< ascending, disjoint */
};

/**
 * Adds an area behind the others of a region, whose size grows to the next power of two. Aborts if
 * the region has no room for one more: layouts are ours.
 */
void softep_region_add(struct softep_region *region, uint64_t offset, enum softep_kind kind,
		       uint64_t bytes);

/** What is at an offset of the region. */
enum softep_kind softep_region_kind(const struct softep_region *region, uint64_t offset);

/** The region as the protocol describes it. */
void softep_region_info(struct softep_device *dev, unsigned int index,
			struct vfio_user_region *info);

/** Accesses by message, inside the region. Return 0 or a negative errno. */
int softep_region_read(struct softep_device *dev, unsigned int index, uint64_t offset, void *data,
		       uint32_t count);
int softep_region_write(struct softep_device *dev, unsigned int index, uint64_t offset,
			const void *data, uint32_t count);

#endif /* _SOFTEP_REGION_H_ */
