/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_pmd_ntb.h>
#include <rte_rawdev.h>

#include "tool.h"

/** What drivers with the conventions of rte_pmd_ntb.h are called, to begin with. */
#define DRIVER_PREFIX "raw_ntb"

/** Mbufs for each queue pair beside those that its two rings hold. */
#define SPARE_MBUFS 128

/** Looks at one rawdev; returns whether it is one of ours, and the one asked for if any was. */
static bool
is_candidate(struct device *dev, uint16_t id, const char *wanted)
{
	struct rte_rawdev_info info = { 0 };

	if (rte_rawdev_info_get(id, &info, 0) != 0 || info.driver_name == NULL ||
	    strncmp(info.driver_name, DRIVER_PREFIX, strlen(DRIVER_PREFIX)) != 0)
		return false;
	if (wanted != NULL && strcmp(rte_dev_name(info.device), wanted) != 0)
		return false;
	dev->id = id;
	dev->name = rte_dev_name(info.device);
	dev->driver = info.driver_name;
	return true;
}

static int
find(struct device *dev, const char *wanted)
{
	unsigned int found = 0;
	uint16_t id;

	for (id = 0; id < rte_rawdev_count(); id++)
		found += is_candidate(dev, id, wanted);
	if (found == 1)
		return 0;
	if (found > 1)
		complain("%u NTB rawdevs: expected --device with the name of one", found);
	else if (wanted != NULL)
		complain("argument --device: \"%s\": expected the name of an NTB rawdev", wanted);
	else
		complain("no NTB rawdev: expected EAL arguments that make one, such as "
			 "--vdev=raw_ntb_epf0,...");
	return found != 0 || wanted != NULL ? EXIT_USAGE : EXIT_FAILURE;
}

int
device_try_get(const struct device *dev, const char *name, uint64_t *value)
{
	return rte_rawdev_get_attr(dev->id, name, value);
}

static int
told(const struct device *dev, const char *name, int ret)
{
	if (ret == 0)
		return 0;
	if (ret == -ENOTCONN)
		complain("%s: the peer's window is out of reach: is the peer there?", name);
	else if (ret == -ENODEV)
		complain("%s: the endpoint is not there, or has not set up its control region",
			 name);
	else if (ret == -EINVAL)
		complain("%s: driver %s does not take it", name, dev->driver);
	else
		complain("%s: %s", name, strerror(-ret));
	return EXIT_FAILURE;
}

int
device_get(const struct device *dev, const char *name, uint64_t *value)
{
	return told(dev, name, device_try_get(dev, name, value));
}

int
device_set(const struct device *dev, const char *name, uint64_t value)
{
	return told(dev, name, rte_rawdev_set_attr(dev->id, name, value));
}

bool
device_link_is_up(struct device *dev)
{
	uint64_t up = 0;

	/* Asking a device that is configured and not started would make it look for its peer. */
	return dev->started && device_try_get(dev, NTB_LINK_STATUS_NAME, &up) == 0 && up != 0;
}

static int
configure(struct device *dev)
{
	struct ntb_dev_config conf = {
		.num_queues = dev->queues,
		.queue_size = dev->queue_size,
	};
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf queue = {
		.nb_desc = dev->queue_size,
		.rx_mp = dev->pool,
	};
	uint16_t q;
	int ret;

	ret = rte_rawdev_configure(dev->id, &info, sizeof(conf));
	for (q = 0; ret == 0 && q < dev->queues; q++)
		ret = rte_rawdev_queue_setup(dev->id, q, &queue, sizeof(queue));
	if (ret == 0)
		return 0;
	complain("device %s refused %u queue pairs of %u: %s", dev->name, dev->queues,
		 dev->queue_size, strerror(-ret));
	return EXIT_FAILURE;
}

/** Value of the command line, or what the device has. */
static int
choose(const struct device *dev, const char *attr, uint64_t wanted, uint16_t *value)
{
	uint64_t has = wanted;
	int ret = 0;

	if (wanted == 0)
		ret = device_get(dev, attr, &has);
	*value = (uint16_t)has;
	return ret;
}

static int
make_pool(struct device *dev)
{
	unsigned int n = dev->queues * (2u * dev->queue_size + SPARE_MBUFS);

	dev->pool = rte_pktmbuf_pool_create("ntb-tool", n, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					    SOCKET_ID_ANY);
	if (dev->pool != NULL)
		return 0;
	complain("no memory for %u packet buffers, of %u queue pairs of %u: %s", n, dev->queues,
		 dev->queue_size, rte_strerror(rte_errno));
	return EXIT_FAILURE;
}

int
device_open(struct device *dev, const struct device_options *opt)
{
	uint64_t topo;
	int ret;

	ret = find(dev, opt->name);
	if (ret == 0)
		ret = device_get(dev, NTB_TOPO_NAME, &topo);
	if (ret == 0)
		ret = choose(dev, NTB_QUEUE_NUM_NAME, opt->queues, &dev->queues);
	if (ret == 0)
		ret = choose(dev, NTB_QUEUE_SZ_NAME, opt->queue_size, &dev->queue_size);
	if (ret != 0)
		return ret;
	dev->host = topo == DEVICE_HOST;
	ret = make_pool(dev);
	return ret == 0 ? configure(dev) : ret;
}

int
device_start(struct device *dev)
{
	int ret = dev->started ? 0 : rte_rawdev_start(dev->id);

	dev->started = ret == 0;
	if (ret == 0)
		return 0;
	complain("device %s does not start: %s", dev->name, strerror(-ret));
	return EXIT_FAILURE;
}

void
device_stop(struct device *dev)
{
	if (dev->started)
		rte_rawdev_stop(dev->id);
	dev->started = false;
}

void
device_close(struct device *dev)
{
	device_stop(dev);
	/* The pool goes with the process: what the device could not take back is in it. */
	rte_rawdev_close(dev->id);
}

void
device_window_look(const struct device *dev, enum window_owner owner, struct window *w)
{
	bool peer = owner == WINDOW_PEER;
	uint64_t va = 0;

	memset(w, 0, sizeof(*w));
	device_try_get(dev, peer ? "mw_0_size" : "own_mw_0_size", &w->bytes);
	device_try_get(dev, peer ? "mw_0_va" : "own_mw_0_va", &va);
	device_try_get(dev, "mw_0_user", &w->user);
	w->va = (uint8_t *)(uintptr_t)va;
}

int
device_window(const struct device *dev, enum window_owner owner, struct window *w)
{
	device_window_look(dev, owner, w);
	if (w->bytes == 0)
		complain("the peer's window is out of reach: is the peer there?");
	else if (w->va == NULL)
		complain("the peer's window is not mapped here, but reached by message");
	return w->bytes != 0 && w->va != NULL ? 0 : EXIT_FAILURE;
}
