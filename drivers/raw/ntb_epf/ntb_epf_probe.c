/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Coming and going of a rawdev, whatever bus it is found on. */

#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_string_fns.h>

#include "ntb_epf_args.h"
#include "ntb_epf_vdma.h"

static int
with_args(struct ntb_epf_dev *dev, const char *text,
	  int (*set_up)(struct ntb_epf_dev *dev, const struct rte_kvargs *args))
{
	struct rte_kvargs *args = rte_kvargs_parse(text, NULL);
	int ret;

	if (args == NULL)
		return ntb_epf_arg_bad(dev, "arguments", text, "key=value,...");
	ret = set_up(dev, args);
	rte_kvargs_free(args);
	return ret;
}

void
ntb_epf_set_defaults(struct ntb_epf_dev *dev)
{
	dev->nb_queues = 1;
	dev->queue_size = 512;
	dev->max_pkt_len = NTB_EPF_MAX_PKT_LEN;
	dev->ol_flags = 0;
	dev->flaps = 0;
}

int
ntb_epf_create(struct rte_device *device, const char *text,
	       int (*set_up)(struct ntb_epf_dev *dev, const struct rte_kvargs *args))
{
	struct rte_rawdev *rawdev;
	struct ntb_epf_dev *dev;
	int ret;

	rawdev = rte_rawdev_pmd_allocate(device->name, sizeof(*dev), rte_socket_id());
	if (rawdev == NULL)
		return -ENOMEM;
	dev = rawdev->dev_private;
	memset(dev, 0, sizeof(*dev));
	rte_strscpy(dev->name, device->name, sizeof(dev->name));
	dev->rawdev = rawdev;
	rawdev->dev_ops = &ntb_epf_ops;
	rawdev->device = device;
	rawdev->driver_name = "raw_ntb_epf";
	ntb_epf_set_defaults(dev);
	ret = -ENOTSUP;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		ret = with_args(dev, text != NULL ? text : "", set_up);
	else
		NTB_EPF_LOG(ERR, dev, "secondary process: expected the primary one");
	if (ret == 0)
		ret = ntb_epf_vdma_offer(dev);
	if (ret != 0) {
		ntb_epf_args_free(dev);
		rte_rawdev_pmd_release(rawdev);
	}
	return ret;
}

int
ntb_epf_destroy(const char *name)
{
	struct rte_rawdev *rawdev = rte_rawdev_pmd_get_named_dev(name);

	if (rawdev == NULL)
		return -ENODEV;
	if (rawdev->started)
		rte_rawdev_stop(rawdev->dev_id);
	/* Closes the device, too. */
	return rte_rawdev_pmd_release(rawdev);
}

RTE_LOG_REGISTER_DEFAULT(ntb_epf_logtype, INFO);
