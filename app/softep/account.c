/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "account.h"

/** The way of an access, if it crosses the link. */
struct account_path {
	enum softep_way way;
	uint64_t addr;
	bool combining; /* memory, which a CPU may map with write combining */
};

/** Memory windows and list memory. */
static bool
account_is_memory(enum softep_kind kind)
{
	return (kind >= SOFTEP_KIND_MW && kind <= SOFTEP_KIND_MW_LAST) || kind == SOFTEP_KIND_LL;
}

/** A host's access to a BAR, or one of the endpoint through its outbound window. */
static bool
account_find(const struct softep_device *dev, unsigned int index, uint64_t offset,
	     struct account_path *path)
{
	const struct softep_outbound *out = &dev->board->outbound;
	const enum softep_kind kind = softep_region_kind(&dev->regions[index], offset);

	if (softep_port_is_rc(dev->port) && index < SOFTEP_CONFIG_BARS) {
		*path = (struct account_path){
			.way = SOFTEP_DOWN,
			.addr = softep_config_bar(&dev->config, index) + offset,
			.combining = account_is_memory(kind),
		};
		return true;
	}
	if (kind != SOFTEP_KIND_OUTBOUND || out->atu.enable == 0 || offset >= out->size)
		return false;
	*path = (struct account_path){
		.way = SOFTEP_UP,
		.addr = out->target + offset,
		.combining = true,
	};
	return true;
}

/** A bridge's other host has a link of its own, which has no clock. */
static bool
account_is_due(const struct softep_device *dev)
{
	return softep_board_link_up(dev->board) && dev->port != SOFTEP_RC2_NTB;
}

void
softep_account_read(struct softep_device *dev, unsigned int index, uint64_t offset, uint32_t count)
{
	struct softep_access *access = &dev->access[index];
	struct softep_clock *clock = &dev->board->clock;
	struct account_path path;

	access->reads++;
	access->read_bytes += count;
	if (!account_is_due(dev))
		return;
	if (index == VFIO_USER_CONFIG_REGION)
		access->tlps += softep_clock_config(clock, &dev->cpu, false);
	else if (account_find(dev, index, offset, &path))
		access->tlps += softep_clock_load(clock, &dev->cpu, path.way, path.addr, count);
}

void
softep_account_write(struct softep_device *dev, unsigned int index, uint64_t offset,
		     uint32_t count)
{
	struct softep_access *access = &dev->access[index];
	struct softep_clock *clock = &dev->board->clock;
	struct account_path path;

	access->writes++;
	access->write_bytes += count;
	if (!account_is_due(dev))
		return;
	if (index == VFIO_USER_CONFIG_REGION)
		access->tlps += softep_clock_config(clock, &dev->cpu, true);
	else if (account_find(dev, index, offset, &path))
		access->tlps += softep_clock_store(clock, &dev->cpu, path.way, path.addr, count,
						   path.combining);
}

/** An element that ended early, or a part of a long one. */
static void
account_part(struct softep *board, const struct edma_element *elem)
{
	struct softep_clock *clock = &board->clock;
	const struct softep_device *dev;

	if (elem->dir == EDMA_DIR_WR) {
		softep_clock_engine_write(clock, elem->ch, elem->dar, elem->told, elem->moved, 1);
		return;
	}
	softep_clock_engine_read(clock, elem->ch, elem->sar, elem->told, elem->moved, 1);
	if (elem->end != EDMA_END_ABORTED || elem->fault < EDMA_FAULT_UR)
		return;
	/* Of a request that could not be sent there is no packet. */
	dev = softep_board_function(board, elem->fn);
	if (dev != NULL && softep_board_can_send(dev))
		softep_clock_engine_refused(clock, elem->sar + elem->moved,
					    elem->fault != EDMA_FAULT_TIMEOUT);
}

void
softep_account_element(struct softep *board, const struct edma_element *elem)
{
	if (elem->told == 0 && elem->end == EDMA_END_DONE) {
		softep_tally_add(&board->tally, &board->clock, elem->dir, elem->ch,
				 elem->dir == EDMA_DIR_WR ? elem->dar : elem->sar, elem->moved);
		return;
	}
	softep_account_settle(board);
	account_part(board, elem);
}

void
softep_account_settle(struct softep *board)
{
	softep_tally_settle(&board->tally, &board->clock);
}
