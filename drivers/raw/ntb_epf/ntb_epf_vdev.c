/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arguments, probe and remove of --vdev=raw_ntb_epf<N>. */

#include <string.h>

#include <bus_vdev_driver.h>

#include "ntb_epf_args.h"

#define NTB_EPF_ARG_SIDE "side"
/** Platforms and the arguments that select them: more than there are. */
#define NTB_EPF_MAX_PLATFORMS 8

static struct ntb_epf_platform *platforms;

void
ntb_epf_platform_register(struct ntb_epf_platform *platform)
{
	platform->next = platforms;
	platforms = platform;
}

static int
parse_side(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	if (strcmp(value, "rc") == 0)
		dev->side = NTB_EPF_SIDE_RC;
	else if (strcmp(value, "ep") == 0)
		dev->side = NTB_EPF_SIDE_EP;
	else
		return ntb_epf_arg_bad(dev, key, value, "rc or ep");
	return 0;
}

/** The platform opens when all else is known. */
static int
parse_platform(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(key);
	RTE_SET_USED(value);
	return 0;
}

static int
open_platform(struct ntb_epf_dev *dev, const struct rte_kvargs *args)
{
	const struct ntb_epf_platform *p;

	if (rte_kvargs_count(args, NTB_EPF_ARG_SIDE) != 1)
		return ntb_epf_arg_bad(dev, NTB_EPF_ARG_SIDE, "", "rc or ep, once");
	for (p = platforms; p != NULL; p = p->next) {
		const char *value = rte_kvargs_get(args, p->key);

		if (value != NULL)
			return p->open(dev, value);
	}
	return ntb_epf_arg_bad(dev, "softep", "", "the directory of a software endpoint");
}

static int
set_up(struct ntb_epf_dev *dev, const struct rte_kvargs *args)
{
	struct ntb_epf_arg own[NTB_EPF_MAX_PLATFORMS + 2] = { { NULL, NULL } };
	const struct ntb_epf_platform *p;
	unsigned int n = 0;
	int ret;

	for (p = platforms; p != NULL && n < NTB_EPF_MAX_PLATFORMS; p = p->next)
		own[n++] = (struct ntb_epf_arg){ p->key, parse_platform };
	own[n] = (struct ntb_epf_arg){ NTB_EPF_ARG_SIDE, parse_side };
	ret = ntb_epf_args_parse(dev, args, own);
	return ret == 0 ? open_platform(dev, args) : ret;
}

static int
ntb_epf_vdev_probe(struct rte_vdev_device *vdev)
{
	return ntb_epf_create(&vdev->device, rte_vdev_device_args(vdev), set_up);
}

static int
ntb_epf_vdev_remove(struct rte_vdev_device *vdev)
{
	return ntb_epf_destroy(rte_vdev_device_name(vdev));
}

static struct rte_vdev_driver ntb_epf_vdev_driver = {
	.probe = ntb_epf_vdev_probe,
	.remove = ntb_epf_vdev_remove,
	.drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA,
};

RTE_PMD_REGISTER_VDEV(raw_ntb_epf, ntb_epf_vdev_driver);
RTE_PMD_REGISTER_PARAM_STRING(raw_ntb_epf,
	"softep=<directory> "
	NTB_EPF_ARG_SIDE "=<rc|ep> "
	NTB_EPF_COMMON_PARAMS);
