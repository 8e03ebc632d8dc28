/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_PCI_CONFIG_H_
#define _SOFTEP_PCI_CONFIG_H_

/**
 * @file
 * Configuration space of a PCI function: type 0 header, PCI Express capability, and for the engine
 * the vendor-specific capability by which drivers find it.
 */

#include <stdbool.h>
#include <stdint.h>

#define SOFTEP_CONFIG_BYTES 4096
#define SOFTEP_CONFIG_BARS 6

struct softep_config {
	uint8_t bytes[SOFTEP_CONFIG_BYTES];
	uint8_t power_on[SOFTEP_CONFIG_BYTES];
	uint8_t writable[SOFTEP_CONFIG_BYTES]; /**< bits that a write changes */
};

struct softep_config_id {
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /**< base class, subclass, programming interface */
	/** Bytes of each 64-bit BAR, powers of two, at its lower index; 0: none. */
	uint64_t bar_bytes[SOFTEP_CONFIG_BARS];
};

void softep_config_init(struct softep_config *config, const struct softep_config_id *id);

/** Adds the capability that describes an engine with its registers at offset 0 of BAR0. */
void softep_config_add_edma(struct softep_config *config, unsigned int map, unsigned int wr_cnt,
			    unsigned int rd_cnt);

/** Back to the power-on values. */
void softep_config_reset(struct softep_config *config);

/** The range lies inside the configuration space. */
void softep_config_read(const struct softep_config *config, uint64_t offset, void *data,
			uint32_t count);
void softep_config_write(struct softep_config *config, uint64_t offset, const void *data,
			 uint32_t count);

bool softep_config_bus_master(const struct softep_config *config);

#endif /* _SOFTEP_PCI_CONFIG_H_ */
