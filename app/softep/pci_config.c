/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <linux/pci_regs.h>
#include <string.h>

#include "irq.h"
#include "pci_config.h"

/** Where the capabilities lie, in the order of their list. */
#define CONFIG_PM_CAP 0x40
#define CONFIG_MSI_CAP 0x50
#define CONFIG_EXP_CAP 0x70
#define CONFIG_MSIX_CAP 0xb0
#define CONFIG_EXT_CAPS 0x100

/** Vectors as MSI has them: the logarithm. */
#define CONFIG_MSI_LOG2_VECTORS 5
static_assert(1 << CONFIG_MSI_LOG2_VECTORS == SOFTEP_VECTORS, "MSI has all vectors");

static void
config_put(uint8_t *bytes, unsigned int offset, unsigned int width, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		bytes[offset + i] = value >> (8 * i);
}

static uint64_t
config_get(const uint8_t *bytes, unsigned int offset, unsigned int width)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < width; i++)
		value |= (uint64_t)bytes[offset + i] << (8 * i);
	return value;
}

static void
config_init_bars(struct softep_config *config, const struct softep_region *bars)
{
	unsigned int i;

	for (i = 0; i < SOFTEP_CONFIG_BARS; i++) {
		unsigned int reg = PCI_BASE_ADDRESS_0 + 4 * i;
		uint32_t type = PCI_BASE_ADDRESS_SPACE_MEMORY;

		if (bars[i].bytes == 0)
			continue;
		if (!bars[i].bar32)
			type |= PCI_BASE_ADDRESS_MEM_TYPE_64;
		config_put(config->power_on, reg, 4, type);
		/* Bits below the size stay 0: that is how software learns the size. */
		config_put(config->writable, reg, bars[i].bar32 ? 4 : 8, ~(bars[i].bytes - 1));
	}
}

/** D0 and D3hot, which forgets nothing. */
static void
config_init_pm(struct softep_config *config)
{
	uint8_t *cap = config->power_on + CONFIG_PM_CAP;

	config_put(cap, PCI_CAP_LIST_ID, 1, PCI_CAP_ID_PM);
	config_put(cap, PCI_CAP_LIST_NEXT, 1, CONFIG_MSI_CAP);
	config_put(cap, PCI_PM_PMC, 2, 3);
	config_put(cap, PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET);
	config_put(config->writable + CONFIG_PM_CAP, PCI_PM_CTRL, 2, PCI_PM_CTRL_STATE_MASK);
}

/** 64-bit address, masks and pending bits. */
static void
config_init_msi(struct softep_config *config)
{
	uint8_t *writable = config->writable + CONFIG_MSI_CAP;
	uint8_t *cap = config->power_on + CONFIG_MSI_CAP;

	config_put(cap, PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSI);
	config_put(cap, PCI_CAP_LIST_NEXT, 1, CONFIG_EXP_CAP);
	config_put(cap, PCI_MSI_FLAGS, 2,
		   PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT | CONFIG_MSI_LOG2_VECTORS << 1);
	config_put(writable, PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	config_put(writable, PCI_MSI_ADDRESS_LO, 8, ~UINT64_C(3));
	config_put(writable, PCI_MSI_DATA_64, 2, UINT16_MAX);
	config_put(writable, PCI_MSI_MASK_64, 4, UINT32_MAX);
}

/** A PCI Express endpoint, which Linux needs to look beyond offset 0x100; its link comes later. */
static void
config_init_express(struct softep_config *config)
{
	uint8_t *writable = config->writable + CONFIG_EXP_CAP;
	uint8_t *cap = config->power_on + CONFIG_EXP_CAP;

	config_put(cap, PCI_CAP_LIST_ID, 1, PCI_CAP_ID_EXP);
	config_put(cap, PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	config_put(cap, PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_EXT_TAG |
		   PCI_EXP_DEVCAP_FLR);
	config_put(cap, PCI_EXP_DEVCTL, 2,
		   PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN);
	config_put(cap, PCI_EXP_DEVCAP2, 4, PCI_EXP_DEVCAP2_COMP_TMOUT_DIS);
	config_put(writable, PCI_EXP_DEVCTL, 2,
		   PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE |
		   PCI_EXP_DEVCTL_URRE | PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
		   PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ);
	config_put(writable, PCI_EXP_LNKCTL, 2,
		   PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC |
		   PCI_EXP_LNKCTL_ES);
	config_put(writable, PCI_EXP_DEVCTL2, 2, 0x1f);
	config_put(writable, PCI_EXP_LNKCTL2, 2, PCI_EXP_LNKCTL2_TLS);
}

/** Changes a field of a capability, now and for power-on. */
static void
config_set_field(struct softep_config *config, unsigned int offset, uint32_t mask, uint32_t value)
{
	uint8_t *const copies[] = { config->bytes, config->power_on };
	unsigned int i;

	for (i = 0; i < 2; i++)
		config_put(copies[i], offset, 4,
			   (config_get(copies[i], offset, 4) & ~mask) | value);
}

/** The same for a field that the host can write: what it wrote stands if nothing changes here. */
static void
config_set_default(struct softep_config *config, unsigned int offset, uint32_t mask,
		   uint32_t value)
{
	if ((config_get(config->power_on, offset, 4) & mask) != value)
		config_set_field(config, offset, mask, value);
}

/** Sizes are coded as powers of two from 128 on. */
static uint32_t
size_code(unsigned int bytes)
{
	return (uint32_t)__builtin_ctz(bytes) - 7;
}

static unsigned int
size_of_code(uint32_t code)
{
	return 128u << (code < 5 ? code : 5);
}

void
softep_config_set_link(struct softep_config *config, const struct softep_link_conf *conf)
{
	const uint32_t mps = size_code(conf->mps);
	const unsigned int cap = CONFIG_EXP_CAP;

	/* Any function can do 256. */
	config_set_field(config, cap + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_PAYLOAD, mps > 1 ? mps : 1);
	config_set_default(config, cap + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_PAYLOAD, mps << 5);
	config_set_default(config, cap + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_READRQ,
			   size_code(conf->mrrs) << 12);
	config_set_field(config, cap + PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW,
			 conf->speed | conf->width << 4);
	/* Status is the upper half of the word. */
	config_set_field(config, cap + PCI_EXP_LNKCTL,
			 (PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW) << 16,
			 (conf->speed | conf->width << PCI_EXP_LNKSTA_NLW_SHIFT) << 16);
	config_set_field(config, cap + PCI_EXP_LNKCAP2, 0xfe, (2u << conf->speed) - 2);
	config_set_field(config, cap + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS, conf->speed);
}

void
softep_config_get_sizes(const struct softep_config *config, unsigned int *mps, unsigned int *mrrs)
{
	const uint32_t ctl = config_get(config->bytes, CONFIG_EXP_CAP + PCI_EXP_DEVCTL, 2);

	*mps = size_of_code((ctl & PCI_EXP_DEVCTL_PAYLOAD) >> 5);
	*mrrs = size_of_code((ctl & PCI_EXP_DEVCTL_READRQ) >> 12);
}

void
softep_config_init(struct softep_config *config, const struct softep_config_id *id,
		   const struct softep_region bars[SOFTEP_CONFIG_BARS])
{
	memset(config, 0, sizeof(*config));
	config->vsec_next = CONFIG_EXT_CAPS;
	config_put(config->power_on, PCI_VENDOR_ID, 2, id->vendor);
	config_put(config->power_on, PCI_DEVICE_ID, 2, id->device);
	config_put(config->power_on, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	config_put(config->power_on, PCI_CLASS_PROG, 3, id->class_code);
	config_put(config->power_on, PCI_SUBSYSTEM_VENDOR_ID, 2, id->vendor);
	config_put(config->power_on, PCI_SUBSYSTEM_ID, 2, id->device);
	config_put(config->power_on, PCI_CAPABILITY_LIST, 1, CONFIG_PM_CAP);
	config_init_bars(config, bars);
	config_init_pm(config);
	config_init_msi(config);
	config_init_express(config);
	config_put(config->writable, PCI_COMMAND, 2,
		   PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
		   PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	config_put(config->writable, PCI_CACHE_LINE_SIZE, 1, 0xff);
	config_put(config->writable, PCI_INTERRUPT_LINE, 1, 0xff);
	softep_config_reset(config);
}

void
softep_config_limit_msi(struct softep_config *config, unsigned int log2)
{
	config_put(config->power_on + CONFIG_MSI_CAP, PCI_MSI_FLAGS, 2,
		   PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT | log2 << 1);
	softep_config_reset(config);
}

void
softep_config_add_msix(struct softep_config *config, unsigned int bar, uint32_t table,
		       uint32_t pba)
{
	uint8_t *cap = config->power_on + CONFIG_MSIX_CAP;

	config_put(config->power_on + CONFIG_EXP_CAP, PCI_CAP_LIST_NEXT, 1, CONFIG_MSIX_CAP);
	config_put(cap, PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSIX);
	config_put(cap, PCI_MSIX_FLAGS, 2, SOFTEP_VECTORS - 1);
	config_put(cap, PCI_MSIX_TABLE, 4, table | bar);
	config_put(cap, PCI_MSIX_PBA, 4, pba | bar);
	config_put(config->writable + CONFIG_MSIX_CAP, PCI_MSIX_FLAGS, 2,
		   PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	softep_config_reset(config);
}

void
softep_config_add_vsec(struct softep_config *config, uint16_t id, const uint32_t *words,
		       unsigned int cnt)
{
	const uint32_t bytes = 8 + 4 * cnt;
	uint8_t *cap = config->power_on + config->vsec_next;
	unsigned int i;

	/* The next pointer of the one before: the upper 12 bits of its header. */
	if (config->vsec_last != 0)
		config_put(config->power_on, config->vsec_last + 2, 2,
			   1 | config->vsec_next << 4);
	config_put(cap, 0, 4, PCI_EXT_CAP_ID_VNDR | 1 << 16);
	config_put(cap, 4, 4, id | bytes << 20);
	for (i = 0; i < cnt; i++)
		config_put(cap, 8 + 4 * i, 4, words[i]);
	config->vsec_last = config->vsec_next;
	config->vsec_next += (bytes + 15) & ~15u;
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

bool
softep_config_write(struct softep_config *config, uint64_t offset, const void *data,
		    uint32_t count)
{
	const uint8_t *value = data;
	bool reset = false;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint8_t mask = config->writable[offset + i];

		config->bytes[offset + i] &= ~mask;
		config->bytes[offset + i] |= value[i] & mask;
		/* This bit reads as 0. */
		if (offset + i == CONFIG_EXP_CAP + PCI_EXP_DEVCTL + 1)
			reset = (value[i] & PCI_EXP_DEVCTL_BCR_FLR >> 8) != 0;
	}
	return reset;
}

/** True if @p bit of the command register is set and the function is in D0. */
static bool
config_may(const struct softep_config *config, uint8_t bit)
{
	return (config->bytes[PCI_COMMAND] & bit) != 0 &&
	       (config->bytes[CONFIG_PM_CAP + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK) == 0;
}

bool
softep_config_bus_master(const struct softep_config *config)
{
	return config_may(config, PCI_COMMAND_MASTER);
}

bool
softep_config_decodes(const struct softep_config *config)
{
	return config_may(config, PCI_COMMAND_MEMORY);
}

uint64_t
softep_config_bar(const struct softep_config *config, unsigned int bar)
{
	const unsigned int reg = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint64_t value = config_get(config->bytes, reg, 4);

	if (!softep_config_decodes(config))
		return 0;
	if ((value & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0)
		value |= config_get(config->bytes, reg + 4, 4) << 32;
	return value & PCI_BASE_ADDRESS_MEM_MASK;
}

unsigned int
softep_config_msi_vectors(const struct softep_config *config)
{
	const uint16_t flags = config_get(config->bytes + CONFIG_MSI_CAP, PCI_MSI_FLAGS, 2);

	return 1u << ((flags & PCI_MSI_FLAGS_QMASK) >> 1);
}

unsigned int
softep_config_msix_vectors(const struct softep_config *config)
{
	return config->bytes[CONFIG_MSIX_CAP] == PCI_CAP_ID_MSIX ? SOFTEP_VECTORS : 0;
}

struct softep_config_irqs
softep_config_irqs(const struct softep_config *config)
{
	const uint8_t *msix = config->bytes + CONFIG_MSIX_CAP;
	const uint8_t *msi = config->bytes + CONFIG_MSI_CAP;
	const uint16_t msix_flags = config_get(msix, PCI_MSIX_FLAGS, 2);
	const uint16_t msi_flags = config_get(msi, PCI_MSI_FLAGS, 2);
	struct softep_config_irqs irqs = {
		.msix_enabled = (msix_flags & PCI_MSIX_FLAGS_ENABLE) != 0,
		.msix_masked = (msix_flags & PCI_MSIX_FLAGS_MASKALL) != 0,
		.msi_address = config_get(msi, PCI_MSI_ADDRESS_LO, 8),
		.msi_data = config_get(msi, PCI_MSI_DATA_64, 2),
		.msi_masked = config_get(msi, PCI_MSI_MASK_64, 4),
	};
	const unsigned int offered = softep_config_msi_vectors(config);

	if ((msi_flags & PCI_MSI_FLAGS_ENABLE) != 0)
		irqs.msi_cnt = 1u << ((msi_flags & PCI_MSI_FLAGS_QSIZE) >> 4);
	if (irqs.msi_cnt > offered)
		irqs.msi_cnt = offered;
	return irqs;
}

void
softep_config_set_msi_pending(struct softep_config *config, uint32_t pending)
{
	config_put(config->bytes + CONFIG_MSI_CAP, PCI_MSI_PENDING_64, 4, pending);
}
