/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "board.h"
#include "engine.h"
#include "log.h"
#include "outbound.h"
#include "port.h"

/** Messages served of one client before the others and the engine have their turn. */
#define PORT_BUDGET 16

#define PORT_PATH_BYTES 128

enum region_kind {
	REGION_NONE,
	REGION_CTRL,
	REGION_MW,
	REGION_DB,
	REGION_LL,
	REGION_REGS,
	REGION_CONFIG,
	REGION_BOARD,
	REGION_SHADOW,
	REGION_OUTBOUND,
	REGION_ATU,
};

static const uint8_t region_kinds[SOFTEP_PORTS][SOFTEP_REGIONS] = {
	[SOFTEP_RC_NTB] = {
		[SOFTEP_NTB_REGION_CTRL] = REGION_CTRL,
		[SOFTEP_NTB_REGION_MW] = REGION_MW,
		[SOFTEP_NTB_REGION_DB] = REGION_DB,
		[VFIO_USER_CONFIG_REGION] = REGION_CONFIG,
		[SOFTEP_REGION_BOARD] = REGION_BOARD,
	},
	[SOFTEP_RC_DMA] = {
		[SOFTEP_DMA_REGION_REGS] = REGION_REGS,
		[SOFTEP_DMA_REGION_LL] = REGION_LL,
		[VFIO_USER_CONFIG_REGION] = REGION_CONFIG,
		[SOFTEP_REGION_BOARD] = REGION_BOARD,
		[SOFTEP_REGION_SHADOW] = REGION_SHADOW,
	},
	[SOFTEP_EP_NTB] = {
		[SOFTEP_NTB_REGION_CTRL] = REGION_CTRL,
		[SOFTEP_NTB_REGION_MW] = REGION_MW,
		[SOFTEP_NTB_REGION_DB] = REGION_DB,
		[SOFTEP_REGION_BOARD] = REGION_BOARD,
		[SOFTEP_REGION_OUTBOUND] = REGION_OUTBOUND,
		[SOFTEP_REGION_ATU] = REGION_ATU,
	},
	[SOFTEP_EP_DMA] = {
		[SOFTEP_DMA_REGION_REGS] = REGION_REGS,
		[SOFTEP_DMA_REGION_LL] = REGION_LL,
		[SOFTEP_REGION_BOARD] = REGION_BOARD,
		[SOFTEP_REGION_SHADOW] = REGION_SHADOW,
	},
};

/** The board's memory that a region shows, or NULL if it is not memory. */
static const struct softep_memory *
region_memory(const struct softep *board, enum region_kind kind)
{
	switch (kind) {
	case REGION_CTRL:
		return &board->ctrl;
	case REGION_MW:
		return &board->mw;
	case REGION_DB:
		return &board->db;
	case REGION_LL:
		return &board->ll;
	case REGION_BOARD:
		return &board->page;
	case REGION_SHADOW:
		return &board->shadow;
	default:
		return NULL;
	}
}

/*
 * In trap mode nothing is shared that an access over the link or to a register could go through.
 * The endpoint's own memory is not across the link for the endpoint, and the board page is not
 * part of the hardware at all: both stay mapped.
 */
static bool
region_is_shared(const struct softep_device *dev, enum region_kind kind)
{
	if (!dev->board->opt->trap || kind == REGION_BOARD)
		return true;
	return kind != REGION_SHADOW && !softep_port_is_rc(dev->port);
}

static void
region_info_memory(const struct softep_device *dev, enum region_kind kind,
		   struct vfio_user_region *region)
{
	const struct softep_memory *mem = region_memory(dev->board, kind);

	region->size = mem->bytes;
	if (region_is_shared(dev, kind)) {
		region->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		region->fd = mem->fd;
	}
}

static void
region_info_outbound(struct softep_device *dev, struct vfio_user_region *region)
{
	region->size = dev->board->state->outbound_bytes;
	if (!softep_outbound_mappable(dev->board, &region->fd, &region->fd_offset, &dev->area))
		return;
	region->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	if (dev->area.size < region->size) {
		region->areas = &dev->area;
		region->nb_areas = 1;
	}
}

static int
port_region_info(void *ctx, unsigned int index, struct vfio_user_region *region)
{
	struct softep_device *dev = ctx;
	enum region_kind kind = region_kinds[dev->port][index];

	*region = (struct vfio_user_region){ .fd = -1 };
	if (kind == REGION_NONE)
		return 0;
	region->flags = VFIO_REGION_INFO_FLAG_READ;
	if (kind != REGION_BOARD && kind != REGION_SHADOW)
		region->flags |= VFIO_REGION_INFO_FLAG_WRITE;
	switch (kind) {
	case REGION_CONFIG:
		region->size = SOFTEP_CONFIG_BYTES;
		break;
	case REGION_REGS:
		region->size = dev->board->regs_bytes;
		break;
	case REGION_ATU:
		region->size = sizeof(struct softep_atu);
		break;
	case REGION_OUTBOUND:
		region_info_outbound(dev, region);
		break;
	default:
		region_info_memory(dev, kind, region);
	}
	return 0;
}

/** True if the access goes over a link that is down. */
static bool
port_is_cut_off(const struct softep_device *dev, enum region_kind kind)
{
	return kind != REGION_BOARD && softep_port_is_rc(dev->port) &&
	       !softep_board_link_up(dev->board);
}

/** Registers are 32 bits wide; 8 bytes are two of them, low half first. */
static bool
regs_access_ok(uint64_t offset, uint32_t count)
{
	return (offset & 3) == 0 && (count == 4 || count == 8);
}

static int
regs_read(const struct softep *board, uint64_t offset, uint8_t *data, uint32_t count)
{
	uint32_t value, i;

	if (!regs_access_ok(offset, count))
		return -EINVAL;
	for (i = 0; i < count; i += 4) {
		value = edma_model_read(board->model, offset + i);
		memcpy(data + i, &value, sizeof(value));
	}
	return 0;
}

static int
regs_write(struct softep_device *dev, uint64_t offset, const uint8_t *data, uint32_t count)
{
	uint32_t value, i;

	if (!regs_access_ok(offset, count))
		return -EINVAL;
	for (i = 0; i < count; i += 4) {
		memcpy(&value, data + i, sizeof(value));
		softep_owner_write(dev, offset + i, value);
	}
	return 0;
}

static int
port_region_read(void *ctx, unsigned int index, uint64_t offset, void *data, uint32_t count)
{
	struct softep_device *dev = ctx;
	enum region_kind kind = region_kinds[dev->port][index];
	const struct softep_memory *mem = region_memory(dev->board, kind);

	dev->access[index].reads++;
	dev->access[index].read_bytes += count;
	if (port_is_cut_off(dev, kind)) {
		memset(data, 0xff, count);
		return 0;
	}
	if (mem != NULL) {
		softep_memory_load(data, mem->va + offset, count);
		/* The answer pushes the list writes before the request out of the way. */
		if (kind == REGION_LL)
			edma_model_flush_lists(dev->board->model);
		return 0;
	}
	switch (kind) {
	case REGION_CONFIG:
		softep_config_read(&dev->config, offset, data, count);
		return 0;
	case REGION_REGS:
		return regs_read(dev->board, offset, data, count);
	case REGION_ATU:
		return softep_outbound_atu_read(dev->board, offset, data, count);
	case REGION_OUTBOUND:
		softep_outbound_read(dev->board, offset, data, count);
		return 0;
	default:
		return -EINVAL;
	}
}

static int
port_region_write(void *ctx, unsigned int index, uint64_t offset, const void *data,
		  uint32_t count)
{
	struct softep_device *dev = ctx;
	enum region_kind kind = region_kinds[dev->port][index];
	const struct softep_memory *mem = region_memory(dev->board, kind);

	dev->access[index].writes++;
	dev->access[index].write_bytes += count;
	if (port_is_cut_off(dev, kind))
		return 0;
	if (kind == REGION_BOARD || kind == REGION_SHADOW)
		return -EACCES;
	if (mem != NULL) {
		softep_memory_store(mem->va + offset, data, count);
		if (kind == REGION_LL)
			edma_model_list_written(dev->board->model,
						dev->board->state->ll_local + offset);
		return 0;
	}
	switch (kind) {
	case REGION_CONFIG:
		softep_config_write(&dev->config, offset, data, count);
		softep_board_bus_master(dev);
		return 0;
	case REGION_REGS:
		return regs_write(dev, offset, data, count);
	case REGION_ATU:
		return softep_outbound_atu_write(dev->board, offset, data, count);
	case REGION_OUTBOUND:
		softep_outbound_write(dev->board, offset, data, count);
		return 0;
	default:
		return -EINVAL;
	}
}

static void
port_attached(void *ctx)
{
	struct softep_device *dev = ctx;
	struct ucred cred = { .pid = 0 };
	socklen_t len = sizeof(cred);

	getsockopt(vfio_user_server_client_fd(dev->srv), SOL_SOCKET, SO_PEERCRED, &cred, &len);
	softep_board_attached(dev);
	softep_say("%s: attached, process %d", softep_port_names[dev->port], (int)cred.pid);
}

static void
port_detached(void *ctx, const char *why)
{
	struct softep_device *dev = ctx;

	softep_board_detached(dev);
	softep_say("%s: left: %s", softep_port_names[dev->port], why);
}

static int
port_dma_map(void *ctx, const struct vfio_user_dma_map *map, int *fd)
{
	struct softep_device *dev = ctx;
	const struct softep_map_table *peer = NULL;

	/* The two endpoint ports share one address space; each function of the host has its own. */
	if (dev->port == SOFTEP_EP_NTB)
		peer = &dev->board->ports[SOFTEP_EP_DMA].maps;
	else if (dev->port == SOFTEP_EP_DMA)
		peer = &dev->board->ports[SOFTEP_EP_NTB].maps;
	return softep_map_add(&dev->maps, peer, map, fd);
}

static int
port_dma_unmap(void *ctx, const struct vfio_user_dma_unmap *unmap)
{
	struct softep_device *dev = ctx;
	int ret;

	ret = softep_map_remove(&dev->maps, unmap);
	if (ret == 0)
		softep_engine_settle(dev->board);
	return ret;
}

/*
 * Resets the function, not the board: the engine may be at work for the other side. It is reset
 * only when this client is the one that uses it.
 */
static int
port_reset(void *ctx)
{
	struct softep_device *dev = ctx;
	struct softep_device *ports = dev->board->ports;

	if (softep_port_is_rc(dev->port)) {
		softep_config_reset(&dev->config);
		softep_board_bus_master(dev);
	}
	if (dev->port == SOFTEP_EP_NTB)
		softep_outbound_close(dev->board);
	if ((dev->port == SOFTEP_RC_DMA && !ports[SOFTEP_EP_DMA].attached) ||
	    (dev->port == SOFTEP_EP_DMA && !ports[SOFTEP_RC_DMA].attached)) {
		edma_model_reset(dev->board->model);
		softep_owner_leave(dev);
	}
	return 0;
}

/* No interrupts: clients poll. The requests are answered all the same: no vector exists. */
static int
port_set_irqs(void *ctx, const struct vfio_irq_set *set, const int *fds)
{
	(void)ctx;
	(void)fds;
	return set->count == 0 ? 0 : -EINVAL;
}

static const struct vfio_user_device_ops port_ops = {
	.attached = port_attached,
	.detached = port_detached,
	.region_info = port_region_info,
	.region_read = port_region_read,
	.region_write = port_region_write,
	.dma_map = port_dma_map,
	.dma_unmap = port_dma_unmap,
	.set_irqs = port_set_irqs,
	.reset = port_reset,
};

static int
port_open(struct softep_device *dev)
{
	char path[PORT_PATH_BYTES];
	const struct vfio_user_server_conf conf = {
		.path = path,
		.num_regions = SOFTEP_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
		.ops = &port_ops,
		.dev = dev,
	};

	snprintf(path, sizeof(path), "%s/%s.sock", dev->board->opt->dir,
		 softep_port_names[dev->port]);
	dev->srv = vfio_user_server_create(&conf);
	if (dev->srv != NULL)
		return 0;
	softep_complain("cannot serve %s: %s", path, strerror(errno));
	return -errno;
}

static void
ports_say(const struct softep *board)
{
	const struct softep_board *page = board->state;

	softep_say("serving %s: PCI function %d, endpoint NTB 1912:0030, window of %ju bytes",
		   SOFTEP_SOCKET_RC_NTB, SOFTEP_FN_NTB, (uintmax_t)page->mw_bytes);
	softep_say("serving %s: PCI function %d, eDMA 16c3:edda, %u write and %u read channels",
		   SOFTEP_SOCKET_RC_DMA, SOFTEP_FN_DMA, page->wr_cnt, page->rd_cnt);
	softep_say("serving %s: memory behind the BARs, outbound window of %ju bytes",
		   SOFTEP_SOCKET_EP_NTB, (uintmax_t)page->outbound_bytes);
	softep_say("serving %s: the same engine from its own side, lists of %ju bytes",
		   SOFTEP_SOCKET_EP_DMA, (uintmax_t)page->ll_ch_bytes);
}

int
softep_ports_open(struct softep *board)
{
	unsigned int i;
	int ret;

	for (i = 0; i < SOFTEP_PORTS; i++) {
		ret = port_open(&board->ports[i]);
		if (ret != 0)
			return ret;
	}
	ports_say(board);
	return 0;
}

void
softep_ports_close(struct softep *board)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_PORTS; i++) {
		vfio_user_server_destroy(board->ports[i].srv);
		board->ports[i].srv = NULL;
	}
}

void
softep_port_poll(struct softep_device *dev)
{
	vfio_user_server_poll(dev->srv, PORT_BUDGET);
	/* Behind the writes, refused ones too: a client that waits for its count gets it. */
	if (dev->attached && softep_port_is_dma(dev->port))
		softep_board_applied(dev, vfio_user_server_posted(dev->srv));
}
