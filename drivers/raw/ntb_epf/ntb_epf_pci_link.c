/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Speed and width of the PCIe link, as the function's PCI Express capability tells them. The
 * function is the peer's: the list of capabilities may lead in circles, and anywhere.
 */

#include "ntb_epf_pci.h"

/* Configuration space. */
#define PCI_STATUS_WORD 0x04
#define PCI_STATUS_CAPABILITIES 0x00100000u /**< status is the upper half */
#define PCI_CAPABILITY_POINTER 0x34
#define PCI_CAPABILITY_FIRST 0x40u /**< least offset of one */
#define PCI_CAPABILITY_ID(word) ((word) & 0xffu)
#define PCI_CAPABILITY_NEXT(word) ((word) >> 8 & 0xfcu)
#define PCI_CAPABILITY_EXPRESS 0x10
/** Of 4 bytes at least; a list that is longer leads in circles. */
#define PCI_CAPABILITIES_MAX ((RTE_PCI_CFG_SPACE_SIZE - PCI_CAPABILITY_FIRST) / 4)

/* PCI Express capability: link control, and in the upper half link status. */
#define PCI_LINK_WORD 0x10
#define PCI_LINK_SPEED(word) ((word) >> 16 & 0xfu)
#define PCI_LINK_WIDTH(word) ((word) >> 20 & 0x3fu)

/** All-ones if it cannot be read, as from a function that has left the bus. */
static uint32_t
config_word(const struct rte_pci_device *pci, unsigned int offset)
{
	rte_le32_t word;

	if (rte_pci_read_config(pci, &word, sizeof(word), offset) != sizeof(word))
		return UINT32_MAX;
	return rte_le_to_cpu_32(word);
}

unsigned int
ntb_epf_pci_express_find(const struct rte_pci_device *pci)
{
	unsigned int at, n;
	uint32_t word;

	if ((config_word(pci, PCI_STATUS_WORD) & PCI_STATUS_CAPABILITIES) == 0)
		return 0;
	at = config_word(pci, PCI_CAPABILITY_POINTER) & 0xfcu;
	for (n = 0; n < PCI_CAPABILITIES_MAX && at >= PCI_CAPABILITY_FIRST; n++) {
		word = config_word(pci, at);
		if (PCI_CAPABILITY_ID(word) == PCI_CAPABILITY_EXPRESS)
			return at + PCI_LINK_WORD < RTE_PCI_CFG_SPACE_SIZE ? at : 0;
		at = PCI_CAPABILITY_NEXT(word);
	}
	return 0;
}

void
ntb_epf_pci_link_read(const struct rte_pci_device *pci, unsigned int express, unsigned int *speed,
		      unsigned int *width)
{
	uint32_t word = express != 0 ? config_word(pci, express + PCI_LINK_WORD) : 0;

	if (word == UINT32_MAX)
		word = 0;
	*speed = PCI_LINK_SPEED(word);
	*width = PCI_LINK_WIDTH(word);
}
