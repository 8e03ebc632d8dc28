/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Platform: a PCI function. What the software endpoint's page tells is not there, so the life of
 * the endpoint is read off what a function shows: registers that read all-ones, and a link bit that
 * the host has set and that has gone.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "ntb_epf_pci.h"

/* Configuration space. */
#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define PCI_COMMAND_MASTER 0x4u

/** Looks at an endpoint whose link is up; each read waits for the link. */
#define NTB_EPF_LOOK_MS 100

/** Least alignment of a window that controllers of the known endpoints can translate to. */
#define NTB_EPF_WINDOW_ALIGN UINT64_C(0x10000)

struct pci_plat {
	struct rte_pci_device *pci;
	const struct rte_memzone *window;
	struct ntb_epf_pci_msi_state msi;
	unsigned int express; /**< offset of the PCI Express capability; 0: none */
	uint64_t next_look;  /**< TSC */
	uint64_t next_alive;
	bool dead;           /**< the function has left the bus */
	bool present;
	uint32_t life;       /**< counts times that the endpoint was found to have started anew */
};

static struct pci_plat *
plat_of(const struct ntb_epf_dev *dev)
{
	return dev->plat;
}

static uint64_t
next_look(void)
{
	return rte_rdtsc() + rte_get_tsc_hz() / 1000 * NTB_EPF_LOOK_MS;
}

/** One read from configuration space, which is there as long as the link is. */
static bool
alive(struct ntb_epf_dev *dev)
{
	struct pci_plat *p = plat_of(dev);
	uint32_t id;

	if (p->dead || rte_rdtsc() < p->next_alive)
		return !p->dead;
	p->next_alive = next_look();
	p->dead = rte_pci_read_config(p->pci, &id, sizeof(id), PCI_ID) != sizeof(id) ||
		id == UINT32_MAX;
	if (p->dead)
		NTB_EPF_LOG(WARNING, dev, "the function has left the bus");
	return !p->dead;
}

/** Command and link status in one read: both halves are never all-ones. */
static void
look(struct ntb_epf_dev *dev)
{
	struct pci_plat *p = plat_of(dev);
	uint32_t word = ntb_epf_mem_read32(dev, &dev->ctrl,
					   offsetof(struct ntb_epf_ctrl, cmd_status));
	bool link = (word >> 16 & NTB_EPF_LINK_UP) != 0;

	p->present = word != UINT32_MAX;
	/* Only the host changes it, and an endpoint that starts. */
	if (p->present && !link && dev->host_state == NTB_EPF_HOST_READY)
		p->life++;
}

static bool
peer_present(struct ntb_epf_dev *dev, uint32_t *life)
{
	struct pci_plat *p = plat_of(dev);

	if (rte_rdtsc() >= p->next_look) {
		look(dev);
		p->next_look = dev->host_state == NTB_EPF_HOST_READY ? next_look() : 0;
	}
	*life = p->life;
	return p->present;
}

/** Nothing to remember: no life of the endpoint is known to have no DMA under way. */
static void
peer_mark(struct ntb_epf_dev *dev)
{
	RTE_SET_USED(dev);
}

/** A function that is off the bus sends nothing, nor does one that must not. */
static bool
peer_dma_gone(struct ntb_epf_dev *dev)
{
	return plat_of(dev)->dead || !dev->bus_master;
}

/** The answer to the read comes behind whatever the function wrote before it took the change. */
static int
bus_master(struct ntb_epf_dev *dev, bool on)
{
	struct rte_pci_device *pci = plat_of(dev)->pci;
	const int bytes = sizeof(rte_le16_t);
	rte_le16_t raw;
	uint16_t command;

	if (rte_pci_read_config(pci, &raw, bytes, PCI_COMMAND) != bytes)
		return -EIO;
	command = rte_le_to_cpu_16(raw) & (uint16_t)~PCI_COMMAND_MASTER;
	raw = rte_cpu_to_le_16(on ? command | PCI_COMMAND_MASTER : command);
	if (rte_pci_write_config(pci, &raw, bytes, PCI_COMMAND) != bytes ||
	    rte_pci_read_config(pci, &raw, bytes, PCI_COMMAND) != bytes)
		return -EIO;
	return ((rte_le_to_cpu_16(raw) & PCI_COMMAND_MASTER) != 0) == on ? 0 : -EIO;
}

static void
pcie_link(struct ntb_epf_dev *dev, unsigned int *speed, unsigned int *width)
{
	struct pci_plat *p = plat_of(dev);

	ntb_epf_pci_link_read(p->pci, p->express, speed, width);
}

static void
window_free(struct ntb_epf_dev *dev)
{
	rte_memzone_free(plat_of(dev)->window);
	plat_of(dev)->window = NULL;
	dev->window = NULL;
}

/** As long as the BAR of the peer's window, aligned so that any controller can translate to it. */
static int
window_create(struct ntb_epf_dev *dev)
{
	struct pci_plat *p = plat_of(dev);
	uint64_t bytes = dev->mw_bar.bytes;
	uint64_t align = RTE_MAX(rte_align64pow2(bytes), NTB_EPF_WINDOW_ALIGN);
	char name[RTE_MEMZONE_NAMESIZE];

	if (align <= UINT32_MAX) {
		snprintf(name, sizeof(name), "ntb_epf_%.23s", dev->name);
		p->window = rte_memzone_reserve_aligned(name, bytes, p->pci->device.numa_node,
							RTE_MEMZONE_IOVA_CONTIG,
							(unsigned int)align);
	}
	if (p->window == NULL || (p->window->iova & (align - 1)) != 0) {
		NTB_EPF_LOG(ERR, dev, "no memory for a window like BAR %u: expected 0x%" PRIx64
			    " bytes in one piece of IOVA, aligned to 0x%" PRIx64,
			    dev->mw_bar.region, bytes, align);
		window_free(dev);
		return -ENOMEM;
	}
	memset(p->window->addr, 0, bytes);
	dev->window = p->window->addr;
	dev->window_bytes = bytes;
	dev->window_iova = p->window->iova;
	return 0;
}

static void
plat_close(struct ntb_epf_dev *dev)
{
	struct pci_plat *p = plat_of(dev);

	/* Nothing lands in memory that is given back after this. */
	if (!p->dead)
		bus_master(dev, false);
	ntb_epf_pci_msi_close(p->pci, &p->msi);
	window_free(dev);
	rte_free(p);
	dev->plat = NULL;
}

/* All memory of the function is mapped, so none is reached by message. */
static const struct ntb_epf_plat_ops pci_plat_ops = {
	.alive = alive,
	.peer_present = peer_present,
	.peer_mark = peer_mark,
	.peer_dma_gone = peer_dma_gone,
	.bus_master = bus_master,
	.pcie_link = pcie_link,
	.close = plat_close,
	/* An endpoint whose doorbells are interrupts looks for commands every 500 ms. */
	.leave_ms = 1500,
};

static int
take_bar(struct ntb_epf_dev *dev, const struct rte_pci_device *pci, unsigned int bar,
	 const char *what, uint64_t min, struct ntb_epf_mem *mem)
{
	const struct rte_mem_resource *res = &pci->mem_resource[bar];

	if (res->addr == NULL || res->len < min) {
		NTB_EPF_LOG(ERR, dev, "BAR %u has 0x%" PRIx64 " bytes: expected %s, at least 0x%"
			    PRIx64, bar, res->addr != NULL ? res->len : 0, what, min);
		return -ENODEV;
	}
	mem->va = res->addr;
	mem->bytes = res->len;
	mem->region = bar;
	return 0;
}

static int
take_bars(struct ntb_epf_dev *dev, const struct rte_pci_device *pci,
	  const struct ntb_epf_pci_map *map)
{
	int ret;

	ret = take_bar(dev, pci, map->config, "the control region", sizeof(struct ntb_epf_ctrl),
		       &dev->ctrl);
	if (ret == 0 && map->spad != map->config)
		ret = take_bar(dev, pci, map->spad, "the peer's scratchpads", NTB_EPF_SPAD_BYTES,
			       &dev->peer_spad);
	if (ret == 0)
		ret = take_bar(dev, pci, map->db, "doorbells", sizeof(uint32_t), &dev->db);
	if (ret == 0)
		ret = take_bar(dev, pci, map->mw[0], "memory window 1", NTB_EPF_RING_OFFSET,
			       &dev->mw_bar);
	return ret;
}

int
ntb_epf_pci_open(struct ntb_epf_dev *dev, struct rte_pci_device *pci,
		 const struct ntb_epf_pci_conf *conf)
{
	struct pci_plat *p;
	int ret;

	p = rte_zmalloc(NULL, sizeof(*p), 0);
	if (p == NULL)
		return -ENOMEM;
	p->pci = pci;
	p->present = true;
	p->msi.event = -1;
	p->express = ntb_epf_pci_express_find(pci);
	dev->plat = p;
	dev->plat_ops = &pci_plat_ops;
	/* VFIO has switched it on. It is off until the endpoint has answered: ntb_epf_host.c. */
	ret = bus_master(dev, false);
	if (ret != 0)
		NTB_EPF_LOG(ERR, dev, "bus mastering is on: expected that it can be switched off");
	if (ret == 0)
		ret = take_bars(dev, pci, &conf->map);
	if (ret == 0)
		ret = window_create(dev);
	if (ret == 0)
		ret = ntb_epf_pci_msi_open(dev, pci, conf->msi, &p->msi);
	if (ret == 0)
		return 0;
	plat_close(dev);
	/* The rawdev layer closes what did not open, too. */
	dev->plat_ops = NULL;
	return ret;
}
