/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * PCI functions with an engine behind their BARs.
 *
 * Functions whose ids say that they are nothing else are taken. An endpoint can give a DMA function
 * any ids, and put an engine into its NTB function; such functions may be somebody else's, so they
 * are taken if their argument class=dma says so, and not touched otherwise. That is why the bus is
 * not asked to map them, nor for an IOVA mode: both would be for every function in the table.
 */

#include <errno.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_devargs.h>
#include <rte_kvargs.h>

#include "dw_edma_priv.h"

#define PCI_VENDOR_SYNOPSYS 0x16c3
#define PCI_VENDOR_AMD 0x10ee
#define PCI_VENDOR_TI 0x104c
#define PCI_VENDOR_NXP 0x1957
#define PCI_VENDOR_RENESAS 0x1912

/** System peripheral, DMA controller. */
#define PCI_CLASS_DMA 0x080100

/** Of the ids, the first are of engines and nothing else. All others need class=dma. */
#define PCI_IDS_OF_ENGINES 3

static const struct rte_pci_id dw_edma_pci_ids[] = {
	{ RTE_PCI_DEVICE(PCI_VENDOR_SYNOPSYS, 0xedda) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_AMD, 0xb054) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_AMD, 0xb00f) },
	/* NTB functions of endpoints. */
	{ RTE_PCI_DEVICE(PCI_VENDOR_TI, 0xb00d) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_NXP, 0x0809) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_RENESAS, 0x0030) },
	/* DMA functions of endpoints. */
	{
		.class_id = PCI_CLASS_DMA,
		.vendor_id = RTE_PCI_ANY_ID,
		.device_id = RTE_PCI_ANY_ID,
		.subsystem_vendor_id = RTE_PCI_ANY_ID,
		.subsystem_device_id = RTE_PCI_ANY_ID,
	},
	{ .vendor_id = 0 },
};

static bool
is_engine(const struct rte_pci_device *dev)
{
	unsigned int i;

	for (i = 0; i < PCI_IDS_OF_ENGINES; i++)
		if (dev->id.vendor_id == dw_edma_pci_ids[i].vendor_id &&
		    dev->id.device_id == dw_edma_pci_ids[i].device_id)
			return true;
	return false;
}

/** The other arguments may be another driver's, so nothing is said about them. */
static bool
is_given_to_us(const char *text)
{
	struct rte_kvargs *kvlist = rte_kvargs_parse(text, NULL);
	const char *class;
	bool given;

	if (kvlist == NULL)
		return false;
	class = rte_kvargs_get(kvlist, DW_EDMA_ARG_CLASS);
	given = class != NULL && strcmp(class, DW_EDMA_CLASS_DMA) == 0;
	rte_kvargs_free(kvlist);
	return given;
}

static const char *
args_of(const struct rte_pci_device *dev)
{
	const struct rte_devargs *devargs = dev->device.devargs;

	return devargs != NULL && devargs->args != NULL ? devargs->args : "";
}

static void
dw_edma_pci_unmap(struct rte_pci_device *dev)
{
	/* Nothing lands in memory that is given back after this. */
	if (rte_pci_set_bus_master(dev, false) != 0)
		DW_EDMA_LOG(WARNING, dev->device.name, "bus master cannot be switched off");
	rte_pci_unmap_device(dev);
}

static int
probe_engine(struct rte_pci_device *dev, const struct dw_edma_args *args)
{
	int rc = rte_pci_map_device(dev);

	if (rc > 0 && args_of(dev)[0] != '\0')
		DW_EDMA_LOG(ERR, dev->device.name, "not bound to a kernel driver that maps BARs, "
			    "expected vfio-pci");
	if (rc != 0)
		return rc;
	if (rte_pci_set_bus_master(dev, true) != 0) {
		DW_EDMA_LOG(ERR, dev->device.name, "bus master cannot be switched on");
		rc = -EIO;
	}
	if (rc == 0)
		rc = dw_edma_probe(&dev->device, dev->device.name, args);
	if (rc != 0)
		dw_edma_pci_unmap(dev);
	return rc;
}

static int
dw_edma_pci_probe(struct rte_pci_driver *driver, struct rte_pci_device *dev)
{
	const char *name = dev->device.name;
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	int rc;

	RTE_SET_USED(driver);
	if (!is_engine(dev) && !is_given_to_us(args_of(dev)))
		return 1;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return dw_edma_probe_secondary(&dev->device, name);
	rc = dw_edma_args_parse(name, args_of(dev), &dw_edma_pci_attachment, &args, &kvlist);
	args.device = &dev->device;
	if (rc == 0)
		rc = probe_engine(dev, &args);
	rte_kvargs_free(kvlist);
	return rc;
}

static int
dw_edma_pci_remove(struct rte_pci_device *dev)
{
	int rc = dw_edma_remove(dev->device.name);

	if (rc == 0 && rte_eal_process_type() == RTE_PROC_PRIMARY)
		dw_edma_pci_unmap(dev);
	return rc;
}

static struct rte_pci_driver dw_edma_pci = {
	.id_table = dw_edma_pci_ids,
	.probe = dw_edma_pci_probe,
	.remove = dw_edma_pci_remove,
};

RTE_PMD_REGISTER_PCI(dma_dw_edma_pci, dw_edma_pci);
RTE_PMD_REGISTER_PCI_TABLE(dma_dw_edma_pci, dw_edma_pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(dma_dw_edma_pci, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(dma_dw_edma_pci,
	DW_EDMA_ARG_CLASS "=" DW_EDMA_CLASS_DMA " "
	DW_EDMA_ARG_META "=<auto|table|pedm|epdm|ndma|info> "
	DW_EDMA_ARG_META_BAR "=<0-5> "
	DW_EDMA_ARG_META_OFF "=<offset> "
	DW_EDMA_ARG_REG_BAR "=<0-5> "
	DW_EDMA_ARG_REG_OFF "=<offset> "
	DW_EDMA_ARG_REG_OFF_ADD "=<0|1> "
	DW_EDMA_ARG_REG_BYTES "=<bytes> "
	DW_EDMA_ARG_LL_BAR "=<0-5> "
	DW_EDMA_ARG_LL_OFF "=<offset> "
	DW_EDMA_ARG_LL_STRIDE "=<bytes> "
	DW_EDMA_ARG_LL_BYTES "=<bytes> "
	DW_EDMA_ARG_LL_LOCAL "=<address> "
	DW_EDMA_ARG_MRRS "=<128-4096> "
	DW_EDMA_ARG_MAP "=<legacy|unroll|hdma-compat|hdma> "
	DW_EDMA_ARG_WR_CNT "=<number> "
	DW_EDMA_ARG_RD_CNT "=<number> "
	DW_EDMA_ARG_WR_BLOCKS "=<offset>+<stride> "
	DW_EDMA_ARG_RD_BLOCKS "=<offset>+<stride> "
	DW_EDMA_ARG_WR "=<mask> "
	DW_EDMA_ARG_RD "=<mask> "
	DW_EDMA_ARG_FN "=<0-31> "
	DW_EDMA_ARG_COMPLETION "=<auto|llp|tail|imwr> "
	DW_EDMA_ARG_LLP "=<fetched|completed> "
	DW_EDMA_ARG_PARTIAL "=<0|1>");
