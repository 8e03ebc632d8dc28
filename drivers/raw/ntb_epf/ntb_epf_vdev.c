/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arguments, probe and remove of --vdev=raw_ntb_epf<N>. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_kvargs.h>
#include <rte_string_fns.h>

#include "ntb_epf_priv.h"

#define NTB_EPF_ARG_SIDE "side"
#define NTB_EPF_ARG_MOVER "mover"
#define NTB_EPF_ARG_DMA "dma"
#define NTB_EPF_ARG_TRANSPORT "transport"
#define NTB_EPF_ARG_PEER_TIMEOUT "peer_timeout"

/** Time-outs on a silent peer, milliseconds: some heartbeats at least, a day at most. */
#define NTB_EPF_MIN_PEER_TIMEOUT 100
#define NTB_EPF_MAX_PEER_TIMEOUT 86400000

static struct ntb_epf_platform *platforms;

void
ntb_epf_platform_register(struct ntb_epf_platform *platform)
{
	platform->next = platforms;
	platforms = platform;
}

static int
bad_arg(const struct ntb_epf_dev *dev, const char *key, const char *value, const char *expected)
{
	NTB_EPF_LOG(ERR, dev, "%s=%s: expected %s", key, value != NULL ? value : "", expected);
	return -EINVAL;
}

static int
parse_side(const char *key, const char *value, void *opaque)
{
	struct ntb_epf_dev *dev = opaque;

	if (value != NULL && strcmp(value, "rc") == 0)
		dev->side = NTB_EPF_SIDE_RC;
	else if (value != NULL && strcmp(value, "ep") == 0)
		dev->side = NTB_EPF_SIDE_EP;
	else
		return bad_arg(dev, key, value, "rc or ep");
	return 0;
}

static int
parse_mover(const char *key, const char *value, void *opaque)
{
	static const enum ntb_epf_mover offered[] = {
		NTB_EPF_MOVER_AUTO, NTB_EPF_MOVER_SPLIT, NTB_EPF_MOVER_RC, NTB_EPF_MOVER_EP,
	};
	struct ntb_epf_dev *dev = opaque;
	unsigned int i;

	for (i = 0; value != NULL && i < RTE_DIM(offered); i++) {
		if (strcmp(value, ntb_epf_mover_name(offered[i])) == 0) {
			dev->wish = offered[i];
			return 0;
		}
	}
	return bad_arg(dev, key, value, "auto, split, rc or ep");
}

static int
parse_dma(const char *key, const char *value, void *opaque)
{
	struct ntb_epf_dev *dev = opaque;

	if (value == NULL || *value == '\0')
		return bad_arg(dev, key, value, "the name of a DMA device");
	if (dev->nb_dma_args == RTE_DIM(dev->dma_args))
		return bad_arg(dev, key, value, "at most 8 of these arguments");
	dev->dma_args[dev->nb_dma_args] = strdup(value);
	if (dev->dma_args[dev->nb_dma_args] == NULL)
		return -ENOMEM;
	dev->nb_dma_args++;
	return 0;
}

static int
parse_transport(const char *key, const char *value, void *opaque)
{
	if (value != NULL && strcmp(value, "ring") == 0)
		return 0;
	return bad_arg(opaque, key, value, value != NULL && strcmp(value, "linux") == 0 ?
		       "ring; the wire protocol of Linux's ntb_transport is reserved" : "ring");
}

static int
parse_peer_timeout(const char *key, const char *value, void *opaque)
{
	struct ntb_epf_dev *dev = opaque;
	unsigned long ms = 0;
	char *end = NULL;

	if (value != NULL && isdigit((unsigned char)*value))
		ms = strtoul(value, &end, 10);
	if (end == NULL || *end != '\0' || ms > NTB_EPF_MAX_PEER_TIMEOUT ||
	    (ms != 0 && ms < NTB_EPF_MIN_PEER_TIMEOUT))
		return bad_arg(dev, key, value, "milliseconds, 100 to 86400000, or 0 for none");
	dev->peer_timeout_ms = (uint32_t)ms;
	return 0;
}

static int
parse_each(struct rte_kvargs *args, struct ntb_epf_dev *dev)
{
	static const struct {
		const char *key;
		arg_handler_t handler;
	} handlers[] = {
		{ NTB_EPF_ARG_MOVER, parse_mover },
		{ NTB_EPF_ARG_DMA, parse_dma },
		{ NTB_EPF_ARG_TRANSPORT, parse_transport },
		{ NTB_EPF_ARG_PEER_TIMEOUT, parse_peer_timeout },
	};
	unsigned int i;
	int ret;

	if (rte_kvargs_count(args, NTB_EPF_ARG_SIDE) != 1)
		return bad_arg(dev, NTB_EPF_ARG_SIDE, "", "rc or ep, once");
	ret = rte_kvargs_process(args, NTB_EPF_ARG_SIDE, parse_side, dev);
	for (i = 0; ret == 0 && i < RTE_DIM(handlers); i++)
		ret = rte_kvargs_process(args, handlers[i].key, handlers[i].handler, dev);
	return ret;
}

/** rte_kvargs stops at an unknown key without a word: say which it was. */
static bool
keys_are_known(const struct ntb_epf_dev *dev, const struct rte_kvargs *args)
{
	const struct ntb_epf_platform *p;
	unsigned int i;

	for (i = 0; i < args->count; i++) {
		const char *key = args->pairs[i].key;
		bool known = strcmp(key, NTB_EPF_ARG_SIDE) == 0 ||
			strcmp(key, NTB_EPF_ARG_MOVER) == 0 ||
			strcmp(key, NTB_EPF_ARG_DMA) == 0 ||
			strcmp(key, NTB_EPF_ARG_TRANSPORT) == 0 ||
			strcmp(key, NTB_EPF_ARG_PEER_TIMEOUT) == 0;

		for (p = platforms; p != NULL; p = p->next)
			known |= strcmp(key, p->key) == 0;
		if (!known) {
			bad_arg(dev, key, args->pairs[i].value,
				"one of the arguments softep, side, mover, dma, transport, "
				"peer_timeout");
			return false;
		}
	}
	return true;
}

static int
open_platform(struct rte_kvargs *args, struct ntb_epf_dev *dev)
{
	const struct ntb_epf_platform *p;

	for (p = platforms; p != NULL; p = p->next) {
		const char *value = rte_kvargs_get(args, p->key);

		if (value != NULL)
			return p->open(dev, value);
	}
	return bad_arg(dev, "softep", "", "the directory of a software endpoint");
}

static int
set_up(struct rte_vdev_device *vdev, struct ntb_epf_dev *dev)
{
	const char *text = rte_vdev_device_args(vdev);
	struct rte_kvargs *args;
	int ret;

	args = rte_kvargs_parse(text != NULL ? text : "", NULL);
	if (args == NULL)
		return bad_arg(dev, "arguments", text, "key=value,...");
	ret = keys_are_known(dev, args) ? parse_each(args, dev) : -EINVAL;
	if (ret == 0)
		ret = open_platform(args, dev);
	rte_kvargs_free(args);
	return ret;
}

static void
free_dma_args(struct ntb_epf_dev *dev)
{
	while (dev->nb_dma_args > 0)
		free(dev->dma_args[--dev->nb_dma_args]);
}

void
ntb_epf_set_defaults(struct ntb_epf_dev *dev)
{
	dev->nb_queues = 1;
	dev->queue_size = 512;
	dev->max_pkt_len = NTB_EPF_DEFAULT_PKT_LEN;
	dev->flaps = 0;
}

static int
ntb_epf_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct rte_rawdev *rawdev;
	struct ntb_epf_dev *dev;
	int ret;

	rawdev = rte_rawdev_pmd_allocate(name, sizeof(*dev), rte_socket_id());
	if (rawdev == NULL)
		return -ENOMEM;
	dev = rawdev->dev_private;
	memset(dev, 0, sizeof(*dev));
	rte_strscpy(dev->name, name, sizeof(dev->name));
	dev->rawdev = rawdev;
	rawdev->dev_ops = &ntb_epf_ops;
	rawdev->device = &vdev->device;
	rawdev->driver_name = "raw_ntb_epf";
	ntb_epf_set_defaults(dev);
	ret = -ENOTSUP;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		ret = set_up(vdev, dev);
	else
		NTB_EPF_LOG(ERR, dev, "secondary process: expected the primary one");
	if (ret != 0) {
		free_dma_args(dev);
		rte_rawdev_pmd_release(rawdev);
	}
	return ret;
}

static int
ntb_epf_remove(struct rte_vdev_device *vdev)
{
	struct rte_rawdev *rawdev = rte_rawdev_pmd_get_named_dev(rte_vdev_device_name(vdev));

	if (rawdev == NULL)
		return -ENODEV;
	if (rawdev->started)
		rte_rawdev_stop(rawdev->dev_id);
	/* Closes the device, too. */
	return rte_rawdev_pmd_release(rawdev);
}

static struct rte_vdev_driver ntb_epf_vdev_driver = {
	.probe = ntb_epf_probe,
	.remove = ntb_epf_remove,
	.drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA,
};

RTE_PMD_REGISTER_VDEV(raw_ntb_epf, ntb_epf_vdev_driver);
RTE_PMD_REGISTER_PARAM_STRING(raw_ntb_epf,
	"softep=<directory> "
	"side=<rc|ep> "
	NTB_EPF_ARG_MOVER "=<auto|split|rc|ep> "
	NTB_EPF_ARG_DMA "=<DMA device> "
	NTB_EPF_ARG_TRANSPORT "=<ring> "
	NTB_EPF_ARG_PEER_TIMEOUT "=<milliseconds>");
RTE_LOG_REGISTER_DEFAULT(ntb_epf_logtype, INFO);
