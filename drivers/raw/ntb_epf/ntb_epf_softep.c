/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Platform: the software endpoint, either side of it. */

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include <softep_client.h>

#include "ntb_epf_priv.h"

/** Looks at the socket are system calls: not more often than this. */
#define NTB_EPF_SOCKET_CHECK_MS 10

struct softep_plat {
	struct softep_client *client;
	enum softep_port peer_ntb; /**< ports of the peer's process */
	enum softep_port peer_dma;
	uint32_t ntb_seq; /**< lives that the link came up with */
	uint32_t dma_seq;
	uint64_t next_check; /**< TSC */
	int window_fd;       /**< host: the own window; -1: none */
};

static struct softep_plat *
plat_of(struct ntb_epf_dev *dev)
{
	return dev->plat;
}

static uint32_t
port_seq(const struct softep_plat *p, enum softep_port port)
{
	return rte_atomic_load_explicit(
		(const RTE_ATOMIC(uint32_t) *)&softep_board(p->client)->port[port].attach_seq,
		rte_memory_order_acquire);
}

static bool
board_alive(struct ntb_epf_dev *dev)
{
	struct softep_plat *p = plat_of(dev);

	if (rte_rdtsc() < p->next_check)
		return softep_alive(p->client);
	p->next_check = rte_rdtsc() + rte_get_tsc_hz() / 1000 * NTB_EPF_SOCKET_CHECK_MS;
	return softep_check(p->client);
}

static bool
link_trained(const struct softep_plat *p)
{
	return rte_atomic_load_explicit(
		(const RTE_ATOMIC(uint32_t) *)&softep_board(p->client)->link_up,
		rte_memory_order_acquire) != 0;
}

static bool
peer_present(struct ntb_epf_dev *dev, uint32_t *life)
{
	const struct softep_plat *p = plat_of(dev);

	*life = port_seq(p, p->peer_ntb);
	return link_trained(p) && softep_port_attached(p->client, p->peer_ntb);
}

static void
peer_mark(struct ntb_epf_dev *dev)
{
	struct softep_plat *p = plat_of(dev);

	p->ntb_seq = port_seq(p, p->peer_ntb);
	p->dma_seq = port_seq(p, p->peer_dma);
}

static bool
life_over(const struct softep_plat *p, enum softep_port port, uint32_t seq)
{
	return !softep_port_attached(p->client, port) || port_seq(p, port) != seq;
}

static bool
peer_dma_gone(struct ntb_epf_dev *dev)
{
	const struct softep_plat *p = plat_of(dev);

	return !softep_alive(p->client) ||
		(life_over(p, p->peer_ntb, p->ntb_seq) && life_over(p, p->peer_dma, p->dma_seq));
}

static int
mem_read(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset, void *data,
	 uint32_t bytes)
{
	return softep_read(plat_of(dev)->client, mem->region, mem->start + offset, data, bytes);
}

static int
mem_write(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset,
	  const void *data, uint32_t bytes)
{
	return softep_post(plat_of(dev)->client, mem->region, mem->start + offset, data, bytes,
			   NULL);
}

static int
bus_master(struct ntb_epf_dev *dev, bool on)
{
	return softep_bus_master(plat_of(dev)->client, on);
}

static int
atu_write(struct ntb_epf_dev *dev, uint64_t target, uint64_t bytes, uint32_t enable)
{
	const struct {
		size_t offset;
		const void *value;
		uint32_t bytes;
	} fields[] = {
		{ offsetof(struct softep_atu, target), &target, sizeof(target) },
		{ offsetof(struct softep_atu, size), &bytes, sizeof(bytes) },
		{ offsetof(struct softep_atu, enable), &enable, sizeof(enable) },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(fields); i++) {
		ret = softep_write(plat_of(dev)->client, SOFTEP_REGION_ATU, fields[i].offset,
				   fields[i].value, fields[i].bytes);
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
outbound_open(struct ntb_epf_dev *dev, uint64_t addr, uint64_t bytes)
{
	struct softep_client *client = plat_of(dev)->client;
	int ret = atu_write(dev, addr, bytes, 1);

	if (ret == 0)
		ret = softep_region_refresh(client, SOFTEP_REGION_OUTBOUND);
	if (ret != 0) {
		NTB_EPF_LOG(ERR, dev, "outbound window onto host memory does not open: %s",
			    rte_strerror(-ret));
		return ret;
	}
	dev->peer.region = SOFTEP_REGION_OUTBOUND;
	dev->peer.va = softep_region(client, SOFTEP_REGION_OUTBOUND)->va;
	dev->peer.bytes = bytes;
	dev->peer.dma = addr;
	return 0;
}

static void
outbound_close(struct ntb_epf_dev *dev)
{
	dev->peer.bytes = 0;
	dev->peer.va = NULL;
	if (!softep_alive(plat_of(dev)->client))
		return;
	atu_write(dev, 0, 0, 0);
	softep_region_refresh(plat_of(dev)->client, SOFTEP_REGION_OUTBOUND);
}

static void
window_destroy(struct ntb_epf_dev *dev)
{
	struct softep_plat *p = plat_of(dev);

	if (p->window_fd < 0)
		return;
	softep_dma_unmap(p->client, dev->window_iova, dev->window_bytes);
	munmap(dev->window, dev->window_bytes);
	close(p->window_fd);
	dev->window = NULL;
	p->window_fd = -1;
}

/** The host's window is a memory object of its own: the endpoint can map it as one piece. */
static int
window_create(struct ntb_epf_dev *dev)
{
	struct softep_plat *p = plat_of(dev);
	void *va;
	int ret;

	p->window_fd = memfd_create(dev->name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p->window_fd < 0)
		return -errno;
	/* Sealed: the endpoint maps only what cannot shrink under it. */
	if (ftruncate(p->window_fd, dev->window_bytes) != 0 ||
	    fcntl(p->window_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		goto fail;
	va = mmap(NULL, dev->window_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, p->window_fd, 0);
	if (va == MAP_FAILED)
		goto fail;
	dev->window = va;
	dev->window_iova = (uintptr_t)va;
	ret = softep_dma_map(p->client, p->window_fd, 0, dev->window_iova, dev->window_bytes);
	if (ret != 0) {
		window_destroy(dev);
		return ret;
	}
	return 0;
fail:
	ret = -errno;
	close(p->window_fd);
	p->window_fd = -1;
	return ret;
}

static void
plat_close(struct ntb_epf_dev *dev)
{
	struct softep_plat *p = plat_of(dev);

	if (dev->side == NTB_EPF_SIDE_RC) {
		softep_bus_master(p->client, false);
		window_destroy(dev);
	}
	softep_detach(p->client);
	rte_free(p);
	dev->plat = NULL;
}

static const struct ntb_epf_plat_ops softep_plat_ops = {
	.alive = board_alive,
	.peer_present = peer_present,
	.peer_mark = peer_mark,
	.peer_dma_gone = peer_dma_gone,
	.mem_read = mem_read,
	.mem_write = mem_write,
	.bus_master = bus_master,
	.outbound_open = outbound_open,
	.outbound_close = outbound_close,
	.engine_reaches = softep_dma_reaches,
	.close = plat_close,
	/* One that looks often takes the news within this time; others find the host gone. */
	.leave_ms = 20,
};

static void
region_as_mem(struct softep_client *client, unsigned int region, struct ntb_epf_mem *mem)
{
	const struct softep_region *r = softep_region(client, region);

	*mem = (struct ntb_epf_mem){ .va = r->va, .bytes = r->size, .region = region };
}

static int
regions_take(struct ntb_epf_dev *dev)
{
	struct softep_client *client = plat_of(dev)->client;
	struct ntb_epf_mem mw;

	region_as_mem(client, SOFTEP_NTB_REGION_CTRL, &dev->ctrl);
	region_as_mem(client, SOFTEP_NTB_REGION_DB, &dev->db);
	region_as_mem(client, SOFTEP_NTB_REGION_MW, &mw);
	if (dev->ctrl.bytes < sizeof(struct ntb_epf_ctrl) || mw.bytes < NTB_EPF_RING_OFFSET)
		return -EPROTO;
	dev->window_bytes = mw.bytes;
	if (dev->side == NTB_EPF_SIDE_RC) {
		dev->mw_bar = mw;
		dev->mw_bar.dma = softep_board(client)->mw_local;
		return window_create(dev);
	}
	dev->window = mw.va;
	dev->window_iova = softep_board(client)->mw_local;
	return mw.va != NULL ? 0 : -EPROTO;
}

static int
softep_open(struct ntb_epf_dev *dev, const char *dir)
{
	bool rc = dev->side == NTB_EPF_SIDE_RC;
	struct softep_plat *p;
	int ret;

	p = rte_zmalloc(NULL, sizeof(*p), 0);
	if (p == NULL)
		return -ENOMEM;
	p->window_fd = -1;
	p->peer_ntb = rc ? SOFTEP_EP_NTB : SOFTEP_RC_NTB;
	p->peer_dma = rc ? SOFTEP_EP_DMA : SOFTEP_RC_DMA;
	ret = softep_attach(dir, rc ? SOFTEP_RC_NTB : SOFTEP_EP_NTB, dev->name, &p->client);
	if (ret != 0) {
		rte_free(p);
		return ret;
	}
	dev->plat = p;
	dev->plat_ops = &softep_plat_ops;
	/* On the host bus mastering stays off until the endpoint has answered: ntb_epf_host.c. */
	ret = regions_take(dev);
	if (ret != 0) {
		NTB_EPF_LOG(ERR, dev, "softep=%s: regions are not those of an endpoint NTB: %s", dir,
			    rte_strerror(-ret));
		plat_close(dev);
		/* The rawdev layer closes what did not open, too. */
		dev->plat_ops = NULL;
	}
	return ret;
}

static struct ntb_epf_platform softep_platform = {
	.key = "softep",
	.open = softep_open,
};

RTE_INIT(ntb_epf_softep_register)
{
	ntb_epf_platform_register(&softep_platform);
}
