/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <linux/pci_regs.h>
#include <string.h>

#include "pci_config.h"

/** Where the capabilities lie: our choice, inside what each needs. */
#define CONFIG_EXP_CAP 0x40
#define CONFIG_VSEC_CAP 0x100

/** Vendor-specific capability of the engine. */
#define CONFIG_VSEC_ID 0x0006u
#define CONFIG_VSEC_BYTES 0x18u

static void
config_put(uint8_t *bytes, unsigned int offset, unsigned int width, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		bytes[offset + i] = value >> (8 * i);
}

static void
config_init_bars(struct softep_config *config, const uint64_t *bar_bytes)
{
	unsigned int i;

	for (i = 0; i + 1 < SOFTEP_CONFIG_BARS; i++) {
		unsigned int reg = PCI_BASE_ADDRESS_0 + 4 * i;

		if (bar_bytes[i] == 0)
			continue;
		config_put(config->power_on, reg, 4,
			   PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64);
		/* Bits below the size stay 0: that is how software learns the size. */
		config_put(config->writable, reg, 8, ~(bar_bytes[i] - 1));
	}
}

/** A PCI Express endpoint, 8 GT/s by 4, which Linux needs to look beyond offset 0x100. */
static void
config_init_express(struct softep_config *config)
{
	uint8_t *cap = config->power_on + CONFIG_EXP_CAP;

	config_put(config->power_on, PCI_CAPABILITY_LIST, 1, CONFIG_EXP_CAP);
	config_put(config->power_on, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	config_put(cap, PCI_CAP_LIST_ID, 1, PCI_CAP_ID_EXP);
	config_put(cap, PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	config_put(cap, PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER | 1);
	config_put(cap, PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_READRQ_512B);
	config_put(cap, PCI_EXP_LNKCAP, 4, PCI_EXP_LNKCAP_SLS_8_0GB | 4 << 4);
	config_put(cap, PCI_EXP_LNKSTA, 2,
		   PCI_EXP_LNKSTA_CLS_8_0GB | 4 << PCI_EXP_LNKSTA_NLW_SHIFT);
	config_put(config->writable + CONFIG_EXP_CAP, PCI_EXP_DEVCTL, 2,
		   PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD | PCI_EXP_DEVCTL_READRQ |
		   PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN);
}

void
softep_config_init(struct softep_config *config, const struct softep_config_id *id)
{
	memset(config, 0, sizeof(*config));
	config_put(config->power_on, PCI_VENDOR_ID, 2, id->vendor);
	config_put(config->power_on, PCI_DEVICE_ID, 2, id->device);
	config_put(config->power_on, PCI_CLASS_PROG, 3, id->class_code);
	config_put(config->power_on, PCI_SUBSYSTEM_VENDOR_ID, 2, id->vendor);
	config_put(config->power_on, PCI_SUBSYSTEM_ID, 2, id->device);
	config_init_bars(config, id->bar_bytes);
	config_init_express(config);
	config_put(config->writable, PCI_COMMAND, 2,
		   PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
		   PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	config_put(config->writable, PCI_CACHE_LINE_SIZE, 1, 0xff);
	config_put(config->writable, PCI_INTERRUPT_LINE, 1, 0xff);
	softep_config_reset(config);
}

void
softep_config_add_edma(struct softep_config *config, unsigned int map, unsigned int wr_cnt,
		       unsigned int rd_cnt)
{
	uint8_t *cap = config->power_on + CONFIG_VSEC_CAP;

	config_put(cap, 0x00, 4, PCI_EXT_CAP_ID_VNDR | 1 << 16);
	config_put(cap, 0x04, 4, CONFIG_VSEC_ID | CONFIG_VSEC_BYTES << 20);
	config_put(cap, 0x08, 4, map); /* registers in BAR 0 ... */
	config_put(cap, 0x0c, 4, wr_cnt | rd_cnt << 16);
	config_put(cap, 0x10, 8, 0);   /* ... from its start */
	softep_config_reset(config);
}

void
softep_config_reset(struct softep_config *config)
{
	memcpy(config->bytes, config->power_on, sizeof(config->bytes));
}

void
softep_config_read(const struct softep_config *config, uint64_t offset, void *data,
		   uint32_t count)
{
	memcpy(data, config->bytes + offset, count);
}

void
softep_config_write(struct softep_config *config, uint64_t offset, const void *data,
		    uint32_t count)
{
	const uint8_t *value = data;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint8_t mask = config->writable[offset + i];

		config->bytes[offset + i] &= ~mask;
		config->bytes[offset + i] |= value[i] & mask;
	}
}

bool
softep_config_bus_master(const struct softep_config *config)
{
	return (config->bytes[PCI_COMMAND] & PCI_COMMAND_MASTER) != 0;
}
