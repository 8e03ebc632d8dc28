/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "regname.h"

struct regname {
	uint16_t offset;
	const char *name;
};

static const struct regname globals[] = {
	{ DW_EDMA_CTRL_DATA_ARB_PRIOR, "CTRL_DATA_ARB_PRIOR" },
	{ DW_EDMA_CTRL, "CTRL" },
	{ DW_EDMA_WR_ENGINE_EN, "WR_ENGINE_EN" },
	{ DW_EDMA_WR_DOORBELL, "WR_DOORBELL" },
	{ DW_EDMA_WR_CH_ARB_WEIGHT_LO, "WR_CH_ARB_WEIGHT_LO" },
	{ DW_EDMA_WR_CH_ARB_WEIGHT_HI, "WR_CH_ARB_WEIGHT_HI" },
	{ DW_EDMA_RD_ENGINE_EN, "RD_ENGINE_EN" },
	{ DW_EDMA_RD_DOORBELL, "RD_DOORBELL" },
	{ DW_EDMA_RD_CH_ARB_WEIGHT_LO, "RD_CH_ARB_WEIGHT_LO" },
	{ DW_EDMA_RD_CH_ARB_WEIGHT_HI, "RD_CH_ARB_WEIGHT_HI" },
	{ DW_EDMA_WR_INT_STATUS, "WR_INT_STATUS" },
	{ DW_EDMA_WR_INT_MASK, "WR_INT_MASK" },
	{ DW_EDMA_WR_INT_CLEAR, "WR_INT_CLEAR" },
	{ DW_EDMA_WR_ERR_STATUS, "WR_ERR_STATUS" },
	{ DW_EDMA_WR_DONE_IMWR_LO, "WR_DONE_IMWR_LO" },
	{ DW_EDMA_WR_DONE_IMWR_HI, "WR_DONE_IMWR_HI" },
	{ DW_EDMA_WR_ABORT_IMWR_LO, "WR_ABORT_IMWR_LO" },
	{ DW_EDMA_WR_ABORT_IMWR_HI, "WR_ABORT_IMWR_HI" },
	{ DW_EDMA_WR_IMWR_DATA, "WR_CH01_IMWR_DATA" },
	{ DW_EDMA_WR_IMWR_DATA + 4, "WR_CH23_IMWR_DATA" },
	{ DW_EDMA_WR_IMWR_DATA + 8, "WR_CH45_IMWR_DATA" },
	{ DW_EDMA_WR_IMWR_DATA + 12, "WR_CH67_IMWR_DATA" },
	{ DW_EDMA_WR_LL_ERR_EN, "WR_LL_ERR_EN" },
	{ DW_EDMA_RD_INT_STATUS, "RD_INT_STATUS" },
	{ DW_EDMA_RD_INT_MASK, "RD_INT_MASK" },
	{ DW_EDMA_RD_INT_CLEAR, "RD_INT_CLEAR" },
	{ DW_EDMA_RD_ERR_STATUS_LO, "RD_ERR_STATUS_LO" },
	{ DW_EDMA_RD_ERR_STATUS_HI, "RD_ERR_STATUS_HI" },
	{ DW_EDMA_RD_LL_ERR_EN, "RD_LL_ERR_EN" },
	{ DW_EDMA_RD_DONE_IMWR_LO, "RD_DONE_IMWR_LO" },
	{ DW_EDMA_RD_DONE_IMWR_HI, "RD_DONE_IMWR_HI" },
	{ DW_EDMA_RD_ABORT_IMWR_LO, "RD_ABORT_IMWR_LO" },
	{ DW_EDMA_RD_ABORT_IMWR_HI, "RD_ABORT_IMWR_HI" },
	{ DW_EDMA_RD_IMWR_DATA, "RD_CH01_IMWR_DATA" },
	{ DW_EDMA_RD_IMWR_DATA + 4, "RD_CH23_IMWR_DATA" },
	{ DW_EDMA_RD_IMWR_DATA + 8, "RD_CH45_IMWR_DATA" },
	{ DW_EDMA_RD_IMWR_DATA + 12, "RD_CH67_IMWR_DATA" },
};

static const struct regname window[] = {
	{ DW_EDMA_CH_CONTROL1, "CONTROL1" },
	{ DW_EDMA_CH_CONTROL2, "CONTROL2" },
	{ DW_EDMA_CH_SIZE, "TRANSFER_SIZE" },
	{ DW_EDMA_CH_SAR_LO, "SAR_LO" },
	{ DW_EDMA_CH_SAR_HI, "SAR_HI" },
	{ DW_EDMA_CH_DAR_LO, "DAR_LO" },
	{ DW_EDMA_CH_DAR_HI, "DAR_HI" },
	{ DW_EDMA_CH_LLP_LO, "LLP_LO" },
	{ DW_EDMA_CH_LLP_HI, "LLP_HI" },
};

static const struct regname block[] = {
	{ DW_HDMA_CH_EN, "CH_EN" },
	{ DW_HDMA_DOORBELL, "DOORBELL" },
	{ DW_HDMA_PREFETCH, "PREFETCH" },
	{ DW_HDMA_HANDSHAKE, "HANDSHAKE" },
	{ DW_HDMA_LLP_LO, "LLP_LO" },
	{ DW_HDMA_LLP_HI, "LLP_HI" },
	{ DW_HDMA_CYCLE_SYNC, "CYCLE_SYNC" },
	{ DW_HDMA_SIZE, "TRANSFER_SIZE" },
	{ DW_HDMA_SAR_LO, "SAR_LO" },
	{ DW_HDMA_SAR_HI, "SAR_HI" },
	{ DW_HDMA_DAR_LO, "DAR_LO" },
	{ DW_HDMA_DAR_HI, "DAR_HI" },
	{ DW_HDMA_WATERMARK_EN, "WATERMARK_EN" },
	{ DW_HDMA_CONTROL1, "CONTROL1" },
	{ DW_HDMA_FUNC_NUM, "FUNC_NUM" },
	{ DW_HDMA_QOS, "QOS" },
	{ DW_HDMA_CH_STAT, "CH_STAT" },
	{ DW_HDMA_INT_STAT, "INT_STAT" },
	{ DW_HDMA_INT_SETUP, "INT_SETUP" },
	{ DW_HDMA_INT_CLEAR, "INT_CLEAR" },
	{ DW_HDMA_MSI_STOP_LO, "MSI_STOP_LO" },
	{ DW_HDMA_MSI_STOP_HI, "MSI_STOP_HI" },
	{ DW_HDMA_MSI_WATERMARK_LO, "MSI_WATERMARK_LO" },
	{ DW_HDMA_MSI_WATERMARK_HI, "MSI_WATERMARK_HI" },
	{ DW_HDMA_MSI_ABORT_LO, "MSI_ABORT_LO" },
	{ DW_HDMA_MSI_ABORT_HI, "MSI_ABORT_HI" },
	{ DW_HDMA_MSI_MSGDATA, "MSI_MSGDATA" },
};

#define CNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *
find(const struct regname *table, unsigned int cnt, uint32_t offset)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		if (table[i].offset == offset)
			return table[i].name;
	}
	return NULL;
}

static void
put(char *name, const char *prefix, int ch, const char *reg)
{
	if (reg == NULL)
		snprintf(name, SOFTEP_REGNAME_BYTES, "reserved");
	else if (ch < 0)
		snprintf(name, SOFTEP_REGNAME_BYTES, "%s%s", prefix, reg);
	else
		snprintf(name, SOFTEP_REGNAME_BYTES, "%s%d_%s", prefix, ch, reg);
}

/** Blocks of native HDMA and windows of eDMA: read channels behind write channels. */
static const char *
prefix_of(uint32_t in_pair)
{
	return in_pair < 0x100 ? "WR" : "RD";
}

static void
name_native(uint32_t offset, char *name)
{
	const uint32_t in_pair = offset % DW_HDMA_STRIDE;

	put(name, prefix_of(in_pair), (int)(offset / DW_HDMA_STRIDE),
	    find(block, CNT(block), in_pair % DW_HDMA_RD_OFFSET));
}

/** Power enables and channel windows of the unrolled map. */
static void
name_unroll(enum dw_edma_map map, uint32_t offset, char *name)
{
	const uint32_t channels = offset - DW_EDMA_WR_CH(0);
	const bool power = map == DW_EDMA_MAP_HDMA_COMPAT && offset % 4 == 0;

	if (offset >= DW_EDMA_WR_CH(0))
		put(name, prefix_of(channels % 0x200), (int)(channels / 0x200),
		    find(window, CNT(window), channels % 0x100));
	else if (power && offset - DW_EDMA_WR_PWR_EN(0) < 4 * DW_EDMA_MAX_CH)
		put(name, "WR", (int)(offset - DW_EDMA_WR_PWR_EN(0)) / 4, "PWR_EN");
	else if (power && offset - DW_EDMA_RD_PWR_EN(0) < 4 * DW_EDMA_MAX_CH)
		put(name, "RD", (int)(offset - DW_EDMA_RD_PWR_EN(0)) / 4, "PWR_EN");
	else
		put(name, "", -1, NULL);
}

void
softep_regname(enum dw_edma_map map, uint32_t offset, char name[SOFTEP_REGNAME_BYTES])
{
	const char *global = find(globals, CNT(globals), offset);

	if (map == DW_EDMA_MAP_HDMA_NATIVE)
		name_native(offset, name);
	else if (global != NULL)
		put(name, "", -1, global);
	else if (map != DW_EDMA_MAP_LEGACY)
		name_unroll(map, offset, name);
	else if (offset == DW_EDMA_VIEWPORT_SEL)
		put(name, "", -1, "VIEWPORT_SEL");
	else
		put(name, "CH_", -1,
		    find(window, CNT(window), offset - DW_EDMA_VIEWPORT_WINDOW));
}
