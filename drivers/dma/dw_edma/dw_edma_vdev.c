/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Virtual devices: engines that no bus finds. */

#include <bus_vdev_driver.h>
#include <rte_kvargs.h>

#include "dw_edma_priv.h"

static int
dw_edma_vdev_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	const char *text = rte_vdev_device_args(vdev);
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	int rc;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return dw_edma_probe_secondary(&vdev->device, name);
	rc = dw_edma_args_parse(name, text != NULL ? text : "", NULL, &args, &kvlist);
	if (rc == 0)
		rc = dw_edma_probe(&vdev->device, name, &args);
	rte_kvargs_free(kvlist);
	return rc;
}

static int
dw_edma_vdev_remove(struct rte_vdev_device *vdev)
{
	return dw_edma_remove(rte_vdev_device_name(vdev));
}

static struct rte_vdev_driver dw_edma_vdev = {
	.probe = dw_edma_vdev_probe,
	.remove = dw_edma_vdev_remove,
	/* No flag for the IOVA mode: what an attachment needs it sees to itself. */
};

RTE_PMD_REGISTER_VDEV(dma_dw_edma, dw_edma_vdev);
RTE_PMD_REGISTER_PARAM_STRING(dma_dw_edma,
	"softep=<directory> "
	DW_EDMA_ARG_SIDE "=<rc|ep> "
	"loopback=<1> "
	"regs=<path>@<offset>+<size> "
	"ll=<path>@<offset>+<size>[:<local address>] "
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
