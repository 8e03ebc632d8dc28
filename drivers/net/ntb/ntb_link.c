/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>

#include <rte_cycles.h>

#include "ntb_ethdev.h"

/* A link query that waits: the handshake takes a few exchanges with a polling peer. */
#define NTB_ETH_LINK_WAIT_MS 1000

/* Publish a link state; a change is logged and counted once, whichever thread sees it. */
static int
ntb_eth_link_publish(struct rte_eth_dev *dev, const struct rte_eth_link *link)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret = rte_eth_linkstatus_set(dev, link);

	if (ret != 0)
		return ret;
	port->link_changes++;
	if (link->link_status == RTE_ETH_LINK_DOWN)
		NTB_ETH_LOG(INFO, port, "link down");
	else if (link->link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		NTB_ETH_LOG(INFO, port, "link up");
	else
		NTB_ETH_LOG(INFO, port, "link up, %u Mb/s", link->link_speed);
	return 0;
}

int
ntb_eth_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	struct rte_eth_link link;
	unsigned int ms;

	ntb_eth_raw_link_get(port, &link);
	if (wait_to_complete != 0 && port->raw.started) {
		for (ms = 0; ms < NTB_ETH_LINK_WAIT_MS &&
		     link.link_status == RTE_ETH_LINK_DOWN; ms++) {
			rte_delay_us_sleep(1000);
			ntb_eth_raw_link_get(port, &link);
		}
	}
	return ntb_eth_link_publish(dev, &link);
}

/*
 * The link goes down at both ends: the rawdev is stopped, under burst functions that may be called
 * meanwhile, which only a rawdev that starts without a peer promises to bear.
 */
int
ntb_eth_set_link_down(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;

	if (!dev->data->dev_started)
		return 0;
	if (!port->raw.start_without_peer) {
		NTB_ETH_LOG(ERR, port, "link down: rawdev %u cannot stop while queues are polled, "
			    "expected a stop of the port", port->raw.id);
		return -ENOTSUP;
	}
	ntb_eth_queues_run(dev, false);
	ntb_eth_raw_pause(port);
	ntb_eth_link_update(dev, 0);
	return 0;
}

int
ntb_eth_set_link_up(struct rte_eth_dev *dev)
{
	struct ntb_eth_port *port = dev->data->dev_private;
	int ret;

	if (!dev->data->dev_started) {
		NTB_ETH_LOG(ERR, port, "link up: the port is stopped, expected a started one");
		return -EINVAL;
	}
	if (port->raw.started)
		return 0;
	ret = ntb_eth_raw_up(port);
	if (ret != 0)
		return ret;
	ntb_eth_queues_run(dev, true);
	ntb_eth_link_update(dev, 0);
	return 0;
}
