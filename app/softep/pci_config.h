/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_PCI_CONFIG_H_
#define _SOFTEP_PCI_CONFIG_H_

/**
 * @file
 * Configuration space of a PCI function: type 0 header, and the capabilities that a DesignWare
 * endpoint has, where it has them: power management, MSI, PCI Express, MSI-X.
 */

#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "region.h"

#define SOFTEP_CONFIG_BYTES 4096
#define SOFTEP_CONFIG_BARS 6

struct softep_config {
	uint8_t bytes[SOFTEP_CONFIG_BYTES];
	uint8_t power_on[SOFTEP_CONFIG_BYTES];
	uint8_t writable[SOFTEP_CONFIG_BYTES]; /**< bits that a write changes */
	uint16_t vsec_last; /**< offset of the last extended capability; 0: none */
	uint16_t vsec_next; /**< where the next one can begin */
};

struct softep_config_id {
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /**< base class, subclass, programming interface */
};

/** A header with @p bars, and all capabilities but MSI-X. */
void softep_config_init(struct softep_config *config, const struct softep_config_id *id,
			const struct softep_region bars[SOFTEP_CONFIG_BARS]);

/** MSI has room for 1 << @p log2 vectors and no more. */
void softep_config_limit_msi(struct softep_config *config, unsigned int log2);

/** Adds MSI-X, with table and pending bits at these places of BAR @p bar. */
void softep_config_add_msix(struct softep_config *config, unsigned int bar, uint32_t table,
			    uint32_t pba);

/** Adds a vendor-specific extended capability with @p cnt words behind its two headers. */
void softep_config_add_vsec(struct softep_config *config, uint16_t id, const uint32_t *words,
			    unsigned int cnt);

/**
 * The function is on such a link: capability, status and control registers say so, the latter until
 * the host writes them, and after a reset again.
 */
void softep_config_set_link(struct softep_config *config, const struct softep_link_conf *conf);

/** Largest payload and largest read request, in bytes, as the host has them. */
void softep_config_get_sizes(const struct softep_config *config, unsigned int *mps,
			     unsigned int *mrrs);

/** Back to the power-on values. */
void softep_config_reset(struct softep_config *config);

/** The range lies inside the configuration space. */
void softep_config_read(const struct softep_config *config, uint64_t offset, void *data,
			uint32_t count);
/** Returns true if the function is to be reset. */
bool softep_config_write(struct softep_config *config, uint64_t offset, const void *data,
			 uint32_t count);

/** True while the function may access memory of the host: never but in power state D0. */
bool softep_config_bus_master(const struct softep_config *config);

/** True while the function answers accesses to its BARs: likewise. */
bool softep_config_decodes(const struct softep_config *config);

/** Bus address of a BAR, or 0 while the function does not decode memory accesses. */
uint64_t softep_config_bar(const struct softep_config *config, unsigned int bar);

/** What the client has said about interrupts. */
struct softep_config_irqs {
	bool msix_enabled;
	bool msix_masked;     /**< all of them */
	unsigned int msi_cnt; /**< vectors of MSI, a power of two; 0: not enabled */
	uint64_t msi_address;
	uint32_t msi_data;
	uint32_t msi_masked;  /**< bit per vector */
};

/** Vectors that the capabilities offer; MSI-X: 0 without the capability. */
unsigned int softep_config_msi_vectors(const struct softep_config *config);
unsigned int softep_config_msix_vectors(const struct softep_config *config);

struct softep_config_irqs softep_config_irqs(const struct softep_config *config);

/** Pending bits of MSI, which stand in its capability. */
void softep_config_set_msi_pending(struct softep_config *config, uint32_t pending);

#endif /* _SOFTEP_PCI_CONFIG_H_ */
