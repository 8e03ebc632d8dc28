/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_BRIDGE_H_
#define _NTB_EPF_BRIDGE_H_

/**
 * @file
 * A platform of the NTB rawdev for both sides in one process: plain memory in place of a board. To be
 * included behind the driver, or behind its headers.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES 0x100000

/** What lies between the two sides: memory, and who is there. */
static struct bridge {
	uint8_t *ctrl;
	uint8_t *db;
	uint8_t *window[2]; /* by side */
	bool alive;
	bool trained;           /* the PCIe link; a process behind one that is down goes on */
	bool present[2];
	uint32_t life[2];
	bool bus_master;
	unsigned int outbound_opens;
	unsigned int messages;  /* mem_read and mem_write calls */
	bool unmapped;          /* peer windows are reached by message */
	bool any_window;        /* an outbound window opens wherever it shall lead */
} bridge;

static inline uint8_t
other(uint8_t side)
{
	return side ^ 1;
}

static inline bool
fake_alive(struct ntb_epf_dev *dev)
{
	(void)dev;
	return bridge.alive;
}

static inline bool
fake_present(struct ntb_epf_dev *dev, uint32_t *life)
{
	*life = bridge.life[other(dev->side)];
	return bridge.trained && bridge.present[other(dev->side)];
}

static uint32_t marked[2];

static inline void
fake_mark(struct ntb_epf_dev *dev)
{
	marked[dev->side] = bridge.life[other(dev->side)];
}

static inline bool
fake_dma_gone(struct ntb_epf_dev *dev)
{
	uint8_t peer = other(dev->side);

	return !bridge.alive || !bridge.present[peer] || bridge.life[peer] != marked[dev->side];
}

static inline uint8_t *
memory_of(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem)
{
	return mem == &dev->peer ? bridge.window[other(dev->side)] : bridge.ctrl;
}

static inline int
fake_mem_read(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset, void *data,
	      uint32_t bytes)
{
	bridge.messages++;
	memcpy(data, memory_of(dev, mem) + offset, bytes);
	return 0;
}

static inline int
fake_mem_write(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset,
	       const void *data, uint32_t bytes)
{
	bridge.messages++;
	/* On hardware as here: a write to a host with bus mastering off is lost. */
	if (mem != &dev->peer || dev->side == NTB_EPF_SIDE_RC || bridge.bus_master)
		memcpy(memory_of(dev, mem) + offset, data, bytes);
	return 0;
}

static inline int
fake_bus_master(struct ntb_epf_dev *dev, bool on)
{
	(void)dev;
	bridge.bus_master = on;
	return 0;
}

static inline void
fake_pcie_link(struct ntb_epf_dev *dev, unsigned int *speed, unsigned int *width)
{
	(void)dev;
	*speed = 4;
	*width = 8;
}

static inline int
fake_outbound_open(struct ntb_epf_dev *dev, uint64_t addr, uint64_t bytes)
{
	if (addr != (uintptr_t)bridge.window[NTB_EPF_SIDE_RC] && !bridge.any_window)
		return -EFAULT;
	bridge.outbound_opens++;
	dev->peer.va = bridge.unmapped ? NULL : bridge.window[NTB_EPF_SIDE_RC];
	dev->peer.bytes = bytes;
	return 0;
}

static inline void
fake_outbound_close(struct ntb_epf_dev *dev)
{
	dev->peer.bytes = 0;
	dev->peer.va = NULL;
}

static inline void
fake_close(struct ntb_epf_dev *dev)
{
	if (dev->side == NTB_EPF_SIDE_RC)
		bridge.bus_master = false;
	bridge.present[dev->side] = false;
}

static const struct ntb_epf_plat_ops fake_plat = {
	.alive = fake_alive,
	.peer_present = fake_present,
	.peer_mark = fake_mark,
	.peer_dma_gone = fake_dma_gone,
	.mem_read = fake_mem_read,
	.mem_write = fake_mem_write,
	.bus_master = fake_bus_master,
	.pcie_link = fake_pcie_link,
	.outbound_open = fake_outbound_open,
	.outbound_close = fake_outbound_close,
	.close = fake_close,
};

static inline int
fake_open(struct ntb_epf_dev *dev, const char *value)
{
	(void)value;
	dev->plat_ops = &fake_plat;
	dev->ctrl = (struct ntb_epf_mem){ .va = bridge.ctrl, .bytes = 4096 };
	dev->db = (struct ntb_epf_mem){ .va = bridge.db, .bytes = 4096 };
	dev->window = bridge.window[dev->side];
	dev->window_bytes = WINDOW_BYTES;
	dev->window_iova = (uintptr_t)dev->window;
	if (dev->side == NTB_EPF_SIDE_RC) {
		dev->mw_bar.va = bridge.unmapped ? NULL : bridge.window[NTB_EPF_SIDE_EP];
		dev->mw_bar.bytes = WINDOW_BYTES;
		dev->mw_bar.region = 2;
		bridge.bus_master = false;
	}
	bridge.present[dev->side] = true;
	bridge.life[dev->side]++;
	return 0;
}

static struct ntb_epf_platform fake_platform = { .key = "fake", .open = fake_open };

/** The memory, once per program. */
static inline int
bridge_create(void)
{
	unsigned int i;

	bridge.ctrl = aligned_alloc(4096, 4096);
	bridge.db = aligned_alloc(4096, 4096);
	for (i = 0; i < 2; i++)
		bridge.window[i] = aligned_alloc(4096, WINDOW_BYTES);
	return bridge.ctrl == NULL || bridge.db == NULL || bridge.window[0] == NULL ||
		bridge.window[1] == NULL ? -1 : 0;
}

/** As before any side came. */
static inline void
bridge_reset(void)
{
	memset(bridge.ctrl, 0, 4096);
	memset(bridge.db, 0, 4096);
	memset(bridge.window[0], 0, WINDOW_BYTES);
	memset(bridge.window[1], 0, WINDOW_BYTES);
	bridge.alive = true;
	bridge.trained = true;
	bridge.unmapped = false;
	bridge.messages = 0;
}

#endif /* _NTB_EPF_BRIDGE_H_ */
