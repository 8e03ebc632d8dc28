/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Endpoint NTBs that are PCI functions of this host.
 *
 * An endpoint can give its function any ids. One with ids that nobody knows is taken if its
 * argument map= says how it looks. Functions whose argument class= names a class are another
 * driver's, which may be for an engine in the same function. That is why the bus is not asked to
 * map BARs, nor for an IOVA mode: both would be for every function in the table.
 */

#include <errno.h>
#include <string.h>

#include <rte_devargs.h>

#include "ntb_epf_pci.h"

#define NTB_EPF_ARG_CLASS "class"

static const struct rte_pci_id ntb_epf_pci_ids[] = {
	{ RTE_PCI_DEVICE(NTB_EPF_VENDOR_TI, NTB_EPF_DEVICE_J721E) },
	{ RTE_PCI_DEVICE(NTB_EPF_VENDOR_NXP, NTB_EPF_DEVICE_IMX8) },
	{ RTE_PCI_DEVICE(NTB_EPF_VENDOR_RENESAS, NTB_EPF_DEVICE_RCAR) },
	{
		.class_id = NTB_EPF_CLASS << 8,
		.vendor_id = RTE_PCI_ANY_ID,
		.device_id = RTE_PCI_ANY_ID,
		.subsystem_vendor_id = RTE_PCI_ANY_ID,
		.subsystem_device_id = RTE_PCI_ANY_ID,
	},
	{ .vendor_id = 0 },
};

static const char *
args_of(const struct rte_pci_device *pci)
{
	const struct rte_devargs *devargs = pci->device.devargs;

	return devargs != NULL && devargs->args != NULL ? devargs->args : "";
}

/** Other drivers' arguments are not known here, so nothing is said about them. */
static bool
is_ours(const struct rte_pci_device *pci)
{
	struct rte_kvargs *args = rte_kvargs_parse(args_of(pci), NULL);
	bool ours;

	if (args == NULL)
		return false;
	ours = pci->id.class_id >> 8 == NTB_EPF_CLASS &&
		rte_kvargs_count(args, NTB_EPF_ARG_CLASS) == 0 &&
		(ntb_epf_pci_map_by_id(&pci->id) != NULL ||
		 rte_kvargs_count(args, NTB_EPF_ARG_MAP) != 0);
	rte_kvargs_free(args);
	return ours;
}

/** Taken with the platform, by take_conf(). */
static int
parse_later(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(key);
	RTE_SET_USED(value);
	return 0;
}

static int
take_msi(struct ntb_epf_dev *dev, const char *value, enum ntb_epf_pci_msi *msi)
{
	if (value == NULL || strcmp(value, "vectors") == 0)
		*msi = NTB_EPF_MSI_VECTORS;
	else if (strcmp(value, "sink") == 0)
		*msi = NTB_EPF_MSI_SINK;
	else if (strcmp(value, "none") == 0)
		*msi = NTB_EPF_MSI_NONE;
	else
		return ntb_epf_arg_bad(dev, NTB_EPF_ARG_MSI, value, "vectors, sink or none");
	return 0;
}

static int
take_conf(struct ntb_epf_dev *dev, const struct rte_pci_device *pci,
	  const struct rte_kvargs *args, struct ntb_epf_pci_conf *conf)
{
	const struct ntb_epf_pci_map *map = ntb_epf_pci_map_by_id(&pci->id);
	const char *value = rte_kvargs_get(args, NTB_EPF_ARG_MAP);

	if (map != NULL)
		conf->map = *map;
	if (rte_kvargs_count(args, NTB_EPF_ARG_MAP) != 0 &&
	    (value == NULL || ntb_epf_pci_map_parse(value, &conf->map) != 0))
		return ntb_epf_arg_bad(dev, NTB_EPF_ARG_MAP, value, "ti, nxp, renesas or the BARs "
				       "config:spad:db:mw1[:mw2...], 0 to 5, different ones but "
				       "for spad=config and mw1=db");
	return take_msi(dev, rte_kvargs_get(args, NTB_EPF_ARG_MSI), &conf->msi);
}

static int
map_bars(struct ntb_epf_dev *dev, struct rte_pci_device *pci)
{
	int ret;

	if (pci->kdrv != RTE_PCI_KDRV_VFIO) {
		NTB_EPF_LOG(ERR, dev, "bound to another kernel driver or none: expected vfio-pci");
		return -ENODEV;
	}
	ret = rte_pci_map_device(pci);
	if (ret != 0)
		NTB_EPF_LOG(ERR, dev, "BARs cannot be mapped: %d: expected a function that "
			    "vfio-pci has, in an IOMMU group of its own", ret);
	return ret > 0 ? -ENODEV : ret;
}

static int
set_up(struct ntb_epf_dev *dev, const struct rte_kvargs *args)
{
	static const struct ntb_epf_arg own[] = {
		{ NTB_EPF_ARG_MAP, parse_later },
		{ NTB_EPF_ARG_MSI, parse_later },
		{ NULL, NULL },
	};
	struct ntb_epf_pci_conf conf;
	struct rte_pci_device *pci;
	int ret;

	pci = container_of(dev->rawdev->device, struct rte_pci_device, device);
	dev->side = NTB_EPF_SIDE_RC;
	ret = ntb_epf_args_parse(dev, args, own);
	if (ret == 0)
		ret = take_conf(dev, pci, args, &conf);
	if (ret == 0)
		ret = map_bars(dev, pci);
	if (ret != 0)
		return ret;
	ret = ntb_epf_pci_open(dev, pci, &conf);
	if (ret != 0)
		rte_pci_unmap_device(pci);
	return ret;
}

static int
ntb_epf_pci_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	RTE_SET_USED(driver);
	/* Nobody has asked for a function that the kernel's own driver has. */
	if (!is_ours(pci) || (pci->kdrv != RTE_PCI_KDRV_VFIO && args_of(pci)[0] == '\0'))
		return 1;
	return ntb_epf_create(&pci->device, args_of(pci), set_up);
}

static int
ntb_epf_pci_remove(struct rte_pci_device *pci)
{
	int ret = ntb_epf_destroy(pci->device.name);

	if (ret == 0)
		rte_pci_unmap_device(pci);
	return ret;
}

static struct rte_pci_driver ntb_epf_pci_driver = {
	.id_table = ntb_epf_pci_ids,
	.probe = ntb_epf_pci_probe,
	.remove = ntb_epf_pci_remove,
};

RTE_PMD_REGISTER_PCI(raw_ntb_epf_pci, ntb_epf_pci_driver);
RTE_PMD_REGISTER_PCI_TABLE(raw_ntb_epf_pci, ntb_epf_pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(raw_ntb_epf_pci, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(raw_ntb_epf_pci,
	NTB_EPF_ARG_MAP "=<ti|nxp|renesas|config:spad:db:mw1[:mw2...]> "
	NTB_EPF_ARG_MSI "=<vectors|sink|none> "
	NTB_EPF_COMMON_PARAMS);
