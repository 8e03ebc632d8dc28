/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_PCI_H_
#define _NTB_EPF_PCI_H_

/**
 * @file
 * The host's side of an endpoint NTB that is a PCI function.
 *
 *     ntb_epf_pci.c        ids, arguments, probe, remove
 *     ntb_epf_pci_link.c   speed and width of the PCIe link
 *     ntb_epf_pci_map.c    which BAR shows what
 *     ntb_epf_pci_plat.c   platform: BARs, own window, bus mastering, life of the endpoint
 *     ntb_epf_pci_msi.c    interrupts: where those that nobody waits for go
 */

#include <bus_pci_driver.h>

#include "ntb_epf_args.h"

#define NTB_EPF_ARG_MAP "map"
#define NTB_EPF_ARG_MSI "msi"

#define NTB_EPF_BARS 6

/** BARs by what they show. */
struct ntb_epf_pci_map {
	uint8_t config; /**< control region and scratchpads */
	uint8_t spad;   /**< scratchpads that the peer reads; config: behind the own ones */
	uint8_t db;
	uint8_t mw[NTB_EPF_MAX_MW];
	uint8_t nb_mw;
};

/** What becomes of MSIs that the endpoint raises. */
enum ntb_epf_pci_msi {
	NTB_EPF_MSI_VECTORS, /**< the kernel takes them, into an event that nobody waits for */
	NTB_EPF_MSI_SINK,    /**< a page at the address that an endpoint without MSI writes to */
	NTB_EPF_MSI_NONE,    /**< nothing is done about them */
};

struct ntb_epf_pci_conf {
	struct ntb_epf_pci_map map;
	enum ntb_epf_pci_msi msi;
};

/** Of a name, or of BAR numbers config:spad:db:mw1[:mw2...]. -EINVAL: it is neither. */
int ntb_epf_pci_map_parse(const char *value, struct ntb_epf_pci_map *map);
/** The map that is known for the ids; NULL: none is. */
const struct ntb_epf_pci_map *ntb_epf_pci_map_by_id(const struct rte_pci_id *id);

/** Offset of the PCI Express capability; 0: the function has none. */
unsigned int ntb_epf_pci_express_find(const struct rte_pci_device *pci);
/** PCIe generation and lanes by the capability at @p express; 0: not known. */
void ntb_epf_pci_link_read(const struct rte_pci_device *pci, unsigned int express,
			   unsigned int *speed, unsigned int *width);

/** Opens the platform on a function whose BARs are mapped. Logs. */
int ntb_epf_pci_open(struct ntb_epf_dev *dev, struct rte_pci_device *pci,
		     const struct ntb_epf_pci_conf *conf);

/* State of the interrupts. */
struct ntb_epf_pci_msi_state {
	enum ntb_epf_pci_msi mode; /**< what is in force */
	int event;                 /**< descriptor; -1: none */
	unsigned int vectors;
	void *sink;
};

/** Brings @p wish into force, or what comes closest; logs which. Negative errno: nothing is. */
int ntb_epf_pci_msi_open(struct ntb_epf_dev *dev, struct rte_pci_device *pci,
			 enum ntb_epf_pci_msi wish, struct ntb_epf_pci_msi_state *state);
void ntb_epf_pci_msi_close(struct rte_pci_device *pci, struct ntb_epf_pci_msi_state *state);

#endif /* _NTB_EPF_PCI_H_ */
