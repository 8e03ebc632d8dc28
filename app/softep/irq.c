/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "irq.h"
#include "signal_fd.h"
#include "vector.h"

#define IRQ_BIT(vector) (UINT32_C(1) << (vector))

/** An entry of the table of MSI-X: little endian, as we are. */
struct irq_entry {
	uint64_t address;
	uint32_t data;
	uint32_t control;
};
static_assert(sizeof(struct irq_entry) == SOFTEP_MSIX_ENTRY_BYTES, "entry of the MSI-X table");

static struct irq_entry
irq_entry(const struct softep_device *dev, unsigned int vector)
{
	struct irq_entry entry;

	memcpy(&entry, dev->irq.table + vector * sizeof(entry), sizeof(entry));
	return entry;
}

static void
irq_table_power_on(struct softep_device *dev)
{
	const struct irq_entry masked = { .control = PCI_MSIX_ENTRY_CTRL_MASKBIT };
	unsigned int i;

	for (i = 0; i < SOFTEP_VECTORS; i++)
		memcpy(dev->irq.table + i * sizeof(masked), &masked, sizeof(masked));
}

void
softep_irq_init(struct softep_device *dev)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_VECTORS; i++) {
		dev->irq.msi.fds[i] = -1;
		dev->irq.msix.fds[i] = -1;
	}
	irq_table_power_on(dev);
}

unsigned int
softep_irq_count(const struct softep_device *dev, unsigned int index)
{
	if (!softep_port_is_rc(dev->port))
		return 0;
	if (index == VFIO_PCI_MSI_IRQ_INDEX)
		return softep_config_msi_vectors(&dev->config);
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? softep_config_msix_vectors(&dev->config) : 0;
}

/** Vectors of MSI-X that the client has masked in entries that it has written. */
static uint32_t
irq_table_masked(const struct softep_device *dev)
{
	struct irq_entry entry;
	uint32_t masked = 0;
	unsigned int i;

	for (i = 0; i < SOFTEP_VECTORS; i++) {
		entry = irq_entry(dev, i);
		if (entry.address != 0 && (entry.control & PCI_MSIX_ENTRY_CTRL_MASKBIT) != 0)
			masked |= IRQ_BIT(i);
	}
	return masked;
}

/** What is enabled. */
struct irq_mode {
	struct softep_irq_kind *kind; /* NULL: nothing is */
	unsigned int cnt;             /* vectors that exist */
	uint32_t masked;              /* those that have to wait */
};

static struct irq_mode
irq_mode(struct softep_device *dev)
{
	const struct softep_config_irqs irqs = softep_config_irqs(&dev->config);

	if (irqs.msix_enabled) {
		return (struct irq_mode){
			.kind = &dev->irq.msix,
			.cnt = SOFTEP_VECTORS,
			.masked = irqs.msix_masked ? UINT32_MAX : irq_table_masked(dev),
		};
	}
	if (irqs.msi_cnt > 0) {
		return (struct irq_mode){
			.kind = &dev->irq.msi,
			.cnt = irqs.msi_cnt,
			.masked = irqs.msi_masked,
		};
	}
	return (struct irq_mode){ .kind = NULL };
}

static void
irq_signal(struct softep_device *dev, int fd)
{
	if (softep_signal(fd))
		dev->irq.sent++;
}

/** Sends what is pending and can be sent. */
static void
irq_deliver(struct softep_device *dev, const struct irq_mode *mode)
{
	/* An interrupt is a memory write of the function. */
	uint32_t ready = softep_board_can_send(dev) ? mode->kind->pending & ~mode->masked : 0;
	unsigned int i;

	for (i = 0; i < mode->cnt && ready != 0; i++) {
		if ((ready & IRQ_BIT(i)) == 0 || mode->kind->fds[i] < 0)
			continue;
		mode->kind->pending &= ~IRQ_BIT(i);
		irq_signal(dev, mode->kind->fds[i]);
	}
}

void
softep_irq_raise(struct softep_device *dev, unsigned int vector)
{
	const struct irq_mode mode = irq_mode(dev);

	if (mode.kind == NULL || vector >= mode.cnt || !softep_board_can_send(dev)) {
		dev->irq.lost++;
		return;
	}
	mode.kind->pending |= IRQ_BIT(vector);
	irq_deliver(dev, &mode);
	softep_config_set_msi_pending(&dev->config, dev->irq.msi.pending);
}

void
softep_irq_update(struct softep_device *dev)
{
	const struct irq_mode mode = irq_mode(dev);

	if (mode.kind != &dev->irq.msi)
		dev->irq.msi.pending = 0;
	if (mode.kind != &dev->irq.msix)
		dev->irq.msix.pending = 0;
	if (mode.kind != NULL)
		irq_deliver(dev, &mode);
	softep_config_set_msi_pending(&dev->config, dev->irq.msi.pending);
}

/** Vector of a message that must be one of MSI, or -1. */
static int
irq_find_msi(const struct softep_config_irqs *irqs, uint64_t addr, uint32_t data)
{
	const uint32_t vectors = irqs->msi_cnt - 1;

	if (addr != irqs->msi_address || (data & ~vectors) != (irqs->msi_data & ~vectors))
		return -1;
	return data & vectors;
}

static int
irq_find_msix(const struct softep_device *dev, uint64_t addr, uint32_t data)
{
	uint64_t len = sizeof(data);
	struct irq_entry entry;
	bool written = false;
	unsigned int i;

	for (i = 0; i < SOFTEP_VECTORS; i++) {
		entry = irq_entry(dev, i);
		if (entry.address == 0)
			continue;
		if (entry.address == addr && entry.data == data)
			return i;
		written = true;
	}
	if (written || !dev->has_engine ||
	    softep_map_access(&dev->maps, addr, &len, true) != NULL)
		return -1;
	return softep_vector_find(dev->board, addr, data);
}

bool
softep_irq_message(struct softep_device *dev, uint64_t addr, uint32_t data)
{
	const struct softep_config_irqs irqs = softep_config_irqs(&dev->config);
	int vector = -1;

	if (irqs.msix_enabled)
		vector = irq_find_msix(dev, addr, data);
	else if (irqs.msi_cnt > 0)
		vector = irq_find_msi(&irqs, addr, data);
	if (vector < 0)
		return false;
	softep_irq_raise(dev, vector);
	return true;
}

static void
irq_close_fds(int *fds, unsigned int cnt)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/** Nothing else can be signalled. */
static bool
irq_is_eventfd(int fd)
{
	static const char eventfd[] = "anon_inode:[eventfd]";
	char path[32], target[sizeof(eventfd)];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, target, sizeof(target));
	return len == (ssize_t)sizeof(eventfd) - 1 && memcmp(target, eventfd, len) == 0;
}

/** Descriptors of our own for @p cnt of the client's; all or none. */
static int
irq_keep_fds(int *keep, const int *fds, unsigned int cnt)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < cnt; i++)
		keep[i] = -1;
	for (i = 0; i < cnt && ret == 0; i++) {
		if (fds[i] < 0)
			continue;
		if (!irq_is_eventfd(fds[i])) {
			ret = -EINVAL;
			break;
		}
		keep[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (keep[i] < 0)
			ret = -errno;
	}
	if (ret != 0)
		irq_close_fds(keep, cnt);
	return ret;
}

/** Vectors get other descriptors, or none. */
static int
irq_set_fds(struct softep_device *dev, struct softep_irq_kind *kind,
	    const struct vfio_irq_set *set, const int *fds)
{
	int keep[SOFTEP_VECTORS];
	int ret;

	ret = irq_keep_fds(keep, fds, set->count);
	if (ret != 0)
		return ret;
	irq_close_fds(kind->fds + set->start, set->count);
	memcpy(kind->fds + set->start, keep, set->count * sizeof(keep[0]));
	softep_irq_update(dev);
	return 0;
}

/** The client tries its descriptors: not an event of the function. */
static void
irq_trigger(struct softep_device *dev, const struct softep_irq_kind *kind,
	    const struct vfio_irq_set *set)
{
	bool all = (set->flags & VFIO_IRQ_SET_DATA_NONE) != 0;
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		if ((all || set->data[i] != 0) && kind->fds[set->start + i] >= 0)
			irq_signal(dev, kind->fds[set->start + i]);
	}
}

int
softep_irq_set(struct softep_device *dev, const struct vfio_irq_set *set, const int *fds)
{
	struct softep_irq_kind *kind = &dev->irq.msi;

	if (set->index == VFIO_PCI_MSIX_IRQ_INDEX)
		kind = &dev->irq.msix;
	else if (set->index != VFIO_PCI_MSI_IRQ_INDEX)
		return 0; /* no vectors: there is nothing that could be wrong about them */
	/* Masks are for INTx; MSI and MSI-X have theirs in configuration space and table. */
	if ((set->flags & VFIO_IRQ_SET_ACTION_TRIGGER) == 0)
		return 0;
	if (set->count == 0)
		irq_close_fds(kind->fds, SOFTEP_VECTORS);
	else if ((set->flags & VFIO_IRQ_SET_DATA_EVENTFD) != 0)
		return irq_set_fds(dev, kind, set, fds);
	else
		irq_trigger(dev, kind, set);
	return 0;
}

void
softep_irq_reset(struct softep_device *dev)
{
	irq_table_power_on(dev);
	softep_irq_update(dev);
}

void
softep_irq_close(struct softep_device *dev)
{
	softep_irq_reset(dev);
	irq_close_fds(dev->irq.msi.fds, SOFTEP_VECTORS);
	irq_close_fds(dev->irq.msix.fds, SOFTEP_VECTORS);
}

void
softep_irq_table_read(const struct softep_device *dev, uint64_t offset, void *data,
		      uint32_t count)
{
	memcpy(data, dev->irq.table + offset, count);
}

void
softep_irq_table_write(struct softep_device *dev, uint64_t offset, const void *data,
		       uint32_t count)
{
	static const struct irq_entry writable = {
		.address = ~UINT64_C(3),
		.data = UINT32_MAX,
		.control = PCI_MSIX_ENTRY_CTRL_MASKBIT,
	};
	const uint8_t *masks = (const uint8_t *)&writable;
	const uint8_t *value = data;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint8_t mask = masks[(offset + i) % sizeof(writable)];
		uint8_t *byte = &dev->irq.table[offset + i];

		*byte = (*byte & ~mask) | (value[i] & mask);
	}
	softep_irq_update(dev);
}

void
softep_irq_pba_read(const struct softep_device *dev, uint64_t offset, void *data, uint32_t count)
{
	const uint64_t pending = dev->irq.msix.pending;

	memcpy(data, (const uint8_t *)&pending + offset, count);
}
