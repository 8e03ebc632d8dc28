/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Picks the parser.
 */

#include <errno.h>
#include <string.h>

#include "dw_edma_parse.h"

static const char *const discover_names[DW_EDMA_FORMATS] = {
	[DW_EDMA_FORMAT_AUTO] = "auto",
	[DW_EDMA_FORMAT_TABLE] = "table",
	[DW_EDMA_FORMAT_PEDM] = "pedm",
	[DW_EDMA_FORMAT_EPDM] = "epdm",
	[DW_EDMA_FORMAT_NDMA] = "ndma",
	[DW_EDMA_FORMAT_INFO] = "info",
};

const char *
dw_edma_format_name(enum dw_edma_format format)
{
	return (unsigned int)format < DW_EDMA_FORMATS ? discover_names[format] : NULL;
}

int
dw_edma_format_by_name(const char *name)
{
	int i;

	for (i = 0; i < DW_EDMA_FORMATS; i++)
		if (strcmp(name, discover_names[i]) == 0)
			return i;
	return -EINVAL;
}

/** The others have to be told where to look, and so are never found by chance. */
static int
discover_auto(const struct dw_edma_source *src, enum dw_edma_format *format)
{
	unsigned int bar;
	bool known;
	int rc;

	rc = dw_edma_table_knows(src, &known);
	*format = DW_EDMA_FORMAT_TABLE;
	if (rc != 0 || known)
		return rc;
	rc = dw_edma_pedm_scan(src, &bar);
	if (rc == 0 && bar < DW_EDMA_BARS)
		*format = DW_EDMA_FORMAT_PEDM;
	return rc;
}

static int
discover_format(const struct dw_edma_source *src, const struct dw_edma_discover_args *args,
		enum dw_edma_format format, struct dw_edma_layout *layout,
		struct dw_edma_claim *claim)
{
	switch (format) {
	case DW_EDMA_FORMAT_TABLE:
		return dw_edma_table_find(src, &args->table, layout);
	case DW_EDMA_FORMAT_PEDM:
		return dw_edma_pedm_find(src, &args->pedm_bar, layout, claim);
	case DW_EDMA_FORMAT_EPDM:
		return dw_edma_epdm_find(src, &args->window, layout);
	case DW_EDMA_FORMAT_NDMA:
		return dw_edma_ndma_find(src, &args->window, layout, claim);
	case DW_EDMA_FORMAT_INFO:
		return dw_edma_info_find(src, &args->window, args->page_bytes, layout);
	default:
		return dw_edma_refuse(src, -EINVAL, "format %u, expected 0 to %u",
				      (unsigned int)format, DW_EDMA_FORMATS - 1);
	}
}

int
dw_edma_discover(const struct dw_edma_source *src, const struct dw_edma_discover_args *args,
		 struct dw_edma_layout *layout, struct dw_edma_claim *claim)
{
	enum dw_edma_format format = args->format;
	int rc = 0;

	memset(layout, 0, sizeof(*layout));
	memset(claim, 0, sizeof(*claim));
	if (format == DW_EDMA_FORMAT_AUTO)
		rc = discover_auto(src, &format);
	if (rc == 0)
		rc = discover_format(src, args, format, layout, claim);
	if (rc != 0) {
		memset(layout, 0, sizeof(*layout));
		memset(claim, 0, sizeof(*claim));
	}
	return rc;
}

void
dw_edma_discover_release(const struct dw_edma_source *src, struct dw_edma_claim *claim)
{
	if (claim->format == DW_EDMA_FORMAT_PEDM)
		dw_edma_pedm_release(src, claim);
	else if (claim->format == DW_EDMA_FORMAT_NDMA)
		dw_edma_ndma_release(src, claim);
	memset(claim, 0, sizeof(*claim));
}
