/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_IRQ_H_
#define _SOFTEP_IRQ_H_

/**
 * @file
 * Interrupts of a PCI function: MSI and MSI-X vectors with the client's eventfds behind them.
 *
 *      event --> vector --> enabled? bus master? link? --no--> lost, counted
 *                              |
 *                           descriptor there, not masked? --no--> pending bit, for later
 *                              |
 *                           eventfd
 *
 * Which of the two kinds is enabled stands in configuration space; both off means no interrupts,
 * as there is no INTx.
 */

#include <stdbool.h>
#include <stdint.h>

#include <linux/vfio.h>

struct softep_device;

/** Vectors of a function, with MSI as with MSI-X: the most that MSI can have. */
#define SOFTEP_VECTORS 32

#define SOFTEP_MSIX_ENTRY_BYTES 16
#define SOFTEP_MSIX_TABLE_BYTES (SOFTEP_VECTORS * SOFTEP_MSIX_ENTRY_BYTES)
#define SOFTEP_MSIX_PBA_BYTES 8

/** One of the two kinds of interrupt. */
struct softep_irq_kind {
	int fds[SOFTEP_VECTORS]; /**< eventfds, ours to close; -1: none */
	uint32_t pending;        /**< bit per vector */
};

struct softep_irq {
	struct softep_irq_kind msi;
	struct softep_irq_kind msix;
	/** As written by the client. Clients that emulate the table themselves never write it. */
	uint8_t table[SOFTEP_MSIX_TABLE_BYTES];
	uint64_t sent;
	uint64_t lost; /**< not enabled, no bus master, link down or a vector that is not there */
};

void softep_irq_init(struct softep_device *dev);

/** Vectors of an irq index of VFIO. */
unsigned int softep_irq_count(const struct softep_device *dev, unsigned int index);

/** SET_IRQS, checked by the server: duplicates the descriptors that it keeps. */
int softep_irq_set(struct softep_device *dev, const struct vfio_irq_set *set, const int *fds);

/** Sends the interrupt @p vector of the function, MSI or MSI-X, whichever is enabled. */
void softep_irq_raise(struct softep_device *dev, unsigned int vector);

/**
 * A memory write of the device across the link: is it an interrupt message of this function? Then
 * it has been sent, or lost, and must not be stored.
 *
 * With MSI that is so if address and data are those of the capability, but for the low bits of the
 * data, which are the vector. With MSI-X the message is looked for in the table. A client that
 * emulates the table, as QEMU does, leaves ours empty: then a write that reaches none of the
 * client's memory is the vector that softep_vector_find() tells.
 */
bool softep_irq_message(struct softep_device *dev, uint64_t addr, uint32_t data);

/** After a change of configuration space: sends what has become possible, drops what is off. */
void softep_irq_update(struct softep_device *dev);

/** Function reset, of configuration space too: descriptors stay, nothing is pending. */
void softep_irq_reset(struct softep_device *dev);

/** The client is gone: closes its descriptors as well. */
void softep_irq_close(struct softep_device *dev);

/** Accesses to table and pending bits, in their range. */
void softep_irq_table_read(const struct softep_device *dev, uint64_t offset, void *data,
			   uint32_t count);
void softep_irq_table_write(struct softep_device *dev, uint64_t offset, const void *data,
			    uint32_t count);
void softep_irq_pba_read(const struct softep_device *dev, uint64_t offset, void *data,
			 uint32_t count);

#endif /* _SOFTEP_IRQ_H_ */
