/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>

#include <rte_pmd_ntb.h>

#include "ntb_ethdev.h"

/*
 * The registers of a port are attributes that every NTB rawdev has, one dword each, in this order.
 * One that cannot be read is all ones, as registers of a device that is gone are.
 */
static const char * const ntb_eth_regs[] = {
	NTB_TOPO_NAME,
	NTB_LINK_STATUS_NAME,
	NTB_SPEED_NAME,
	NTB_WIDTH_NAME,
	NTB_MW_CNT_NAME,
	NTB_DB_CNT_NAME,
	NTB_SPAD_CNT_NAME,
	NTB_QUEUE_SZ_NAME,
	NTB_QUEUE_NUM_NAME,
};

int
ntb_eth_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	const struct ntb_eth_port *port = dev->data->dev_private;
	bool alive = ntb_eth_raw_alive(port);
	uint32_t *out = info->data;
	uint64_t value;
	uint32_t i;

	if (out == NULL) {
		info->width = sizeof(*out);
		info->length = RTE_DIM(ntb_eth_regs);
		return 0;
	}
	if (info->length == 0 && info->offset == 0)
		info->length = RTE_DIM(ntb_eth_regs);
	if (info->offset > RTE_DIM(ntb_eth_regs) ||
	    info->length > RTE_DIM(ntb_eth_regs) - info->offset) {
		NTB_ETH_LOG(ERR, port, "registers %u to %u: expected some of the first %zu",
			    info->offset, info->offset + info->length, RTE_DIM(ntb_eth_regs));
		return -EINVAL;
	}
	info->width = sizeof(*out);
	info->version = 0;
	for (i = 0; i < info->length; i++) {
		out[i] = UINT32_MAX;
		if (alive && ntb_eth_raw_attr(port, ntb_eth_regs[info->offset + i], &value))
			out[i] = value;
	}
	return 0;
}
