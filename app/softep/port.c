/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "account.h"
#include "board.h"
#include "engine.h"
#include "irq.h"
#include "log.h"
#include "outbound.h"
#include "port.h"

/** Messages served of one client before the others and the engine have their turn. */
#define PORT_BUDGET 16

#define PORT_PATH_BYTES 128
#define PORT_IDS_BYTES sizeof("1234:5678")

static int
port_region_info(void *ctx, unsigned int index, struct vfio_user_region *region)
{
	softep_region_info(ctx, index, region);
	return 0;
}

/** The board page is no part of the hardware. */
static bool
port_is_over_link(const struct softep_device *dev, unsigned int index)
{
	return softep_port_is_rc(dev->port) && index != SOFTEP_REGION_BOARD;
}

/** True if nobody answers: the link is down, or the function takes no accesses to its BARs. */
static bool
port_is_cut_off(const struct softep_device *dev, unsigned int index)
{
	if (!port_is_over_link(dev, index))
		return false;
	return !softep_board_link_up(dev->board) ||
	       (index < SOFTEP_CONFIG_BARS && !softep_config_decodes(&dev->config));
}

static int
port_region_read(void *ctx, unsigned int index, uint64_t offset, void *data, uint32_t count)
{
	struct softep_device *dev = ctx;

	softep_account_read(dev, index, offset, count);
	if (port_is_cut_off(dev, index) ||
	    (port_is_over_link(dev, index) && softep_board_all_ones(dev->board))) {
		memset(data, 0xff, count);
		return 0;
	}
	return softep_region_read(dev, index, offset, data, count);
}

static int
port_region_write(void *ctx, unsigned int index, uint64_t offset, const void *data,
		  uint32_t count)
{
	struct softep_device *dev = ctx;

	softep_account_write(dev, index, offset, count);
	if (port_is_cut_off(dev, index))
		return 0;
	return softep_region_write(dev, index, offset, data, count);
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

static int
port_reset(void *ctx)
{
	softep_board_reset_function(ctx);
	return 0;
}

static unsigned int
port_irq_count(void *ctx, unsigned int index)
{
	return softep_irq_count(ctx, index);
}

static int
port_set_irqs(void *ctx, const struct vfio_irq_set *set, const int *fds)
{
	return softep_irq_set(ctx, set, fds);
}

static const struct vfio_user_device_ops port_ops = {
	.attached = port_attached,
	.detached = port_detached,
	.region_info = port_region_info,
	.region_read = port_region_read,
	.region_write = port_region_write,
	.dma_map = port_dma_map,
	.dma_unmap = port_dma_unmap,
	.irq_count = port_irq_count,
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

/** Vendor and device of a function, as one says them. */
static const char *
port_ids(const struct softep_device *dev, char ids[static PORT_IDS_BYTES])
{
	uint16_t vendor, device;

	softep_config_read(&dev->config, PCI_VENDOR_ID, &vendor, sizeof(vendor));
	softep_config_read(&dev->config, PCI_DEVICE_ID, &device, sizeof(device));
	snprintf(ids, PORT_IDS_BYTES, "%04x:%04x", vendor, device);
	return ids;
}

static void
ntb_say(const struct softep *board, enum softep_port port)
{
	static const char *const modes[] = {
		[SOFTEP_NTB_PROCESS] = "",
		[SOFTEP_NTB_VNTB] = ", endpoint played by the board",
		[SOFTEP_NTB_BRIDGE] = ", one side of a bridge",
	};
	const struct softep_ntb_options *opt = &board->opt->ntb;
	const struct ntb_shape *shape = &opt->shape;

	softep_say("serving %s.sock: PCI function 0, endpoint NTB %04x:%04x, %s of %ju bytes%s%s",
		   softep_port_names[port], shape->map->vendor, shape->map->device,
		   shape->mw_cnt == 1 ? "window" : "first window",
		   (uintmax_t)ntb_shape_mw_size(shape, 0), modes[opt->mode],
		   port == SOFTEP_RC2_NTB ? ", of another host" : "");
}

static void
ports_say(const struct softep *board)
{
	const struct softep_board *page = board->state;
	char ids[PORT_IDS_BYTES];

	ntb_say(board, SOFTEP_RC_NTB);
	if (softep_port_is_served(board, SOFTEP_RC2_NTB))
		ntb_say(board, SOFTEP_RC2_NTB);
	softep_say("serving %s: PCI function %d, eDMA %s, %u write and %u read channels",
		   SOFTEP_SOCKET_RC_DMA, SOFTEP_FN_DMA,
		   port_ids(&board->ports[SOFTEP_RC_DMA], ids), page->wr_cnt, page->rd_cnt);
	if (softep_port_is_served(board, SOFTEP_EP_NTB))
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

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (!softep_port_is_served(board, i))
			continue;
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

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (board->ports[i].srv == NULL)
			continue;
		vfio_user_server_destroy(board->ports[i].srv);
		board->ports[i].srv = NULL;
	}
}

void
softep_port_fds(const struct softep_device *dev, bool accepting, struct pollfd *fds)
{
	const bool open = dev->srv != NULL;

	fds[0] = (struct pollfd){
		.fd = open && accepting ? vfio_user_server_listen_fd(dev->srv) : -1,
		.events = POLLIN,
	};
	fds[1] = (struct pollfd){
		.fd = open ? vfio_user_server_client_fd(dev->srv) : -1,
		.events = POLLIN,
	};
}

void
softep_port_poll(struct softep_device *dev, bool comes)
{
	vfio_user_server_poll(dev->srv, PORT_BUDGET);
	if (comes)
		softep_listen_said(&dev->board->listen, vfio_user_server_accept_error(dev->srv));
	/* Behind the writes, refused ones too: a client that waits for its count gets it. */
	if (dev->attached && softep_port_is_dma(dev->port))
		softep_board_applied(dev, vfio_user_server_posted(dev->srv));
}
