/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options_ntb.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)

/** Both larger than a page and small enough for a BAR on any machine. */
#define MW_MIN_BYTES (64 * KIB)
#define MW_MAX_BYTES (1024 * MIB)
#define DBS_MIN 3

void
softep_ntb_options_init(struct softep_ntb_options *ntb)
{
	*ntb = (struct softep_ntb_options){
		.shape = {
			.map = &ntb_bar_maps[0],
			.spad_cnt = 128,
			.db_cnt = NTB_EPF_MAX_DB,
			.mw_cnt = 1,
			.mw_bytes = { 4 * MIB },
		},
		.linux_version = 7,
	};
}

/** Decimal digits alone. */
static bool
parse_number(const char *value, unsigned long min, unsigned long max, uint32_t *number)
{
	const size_t len = strlen(value);
	unsigned long parsed;

	if (len < 1 || len > 6 || strspn(value, "0123456789") != len)
		return false;
	parsed = strtoul(value, NULL, 10);
	*number = parsed;
	return parsed >= min && parsed <= max;
}

int
softep_set_ntb_map(struct softep_options *opt, const char *name, char *value)
{
	unsigned int i;

	for (i = 0; i < NTB_BAR_MAPS; i++) {
		if (strcmp(ntb_bar_maps[i].name, value) == 0) {
			opt->ntb.shape.map = &ntb_bar_maps[i];
			return 0;
		}
	}
	return softep_option_bad(name, value, "renesas, nxp or ti");
}

int
softep_set_ntb_mw(struct softep_options *opt, const char *name, char *value)
{
	struct ntb_shape *shape = &opt->ntb.shape;
	const char *rest = value;
	uint64_t bytes;
	char size[24];
	size_t len;

	opt->ntb.mw = value;
	for (shape->mw_cnt = 0; rest != NULL; rest = rest[len] == ',' ? rest + len + 1 : NULL) {
		len = strcspn(rest, ",");
		snprintf(size, sizeof(size), "%.*s", (int)len, rest);
		if (len >= sizeof(size) || !softep_option_bytes(size, &bytes) ||
		    bytes < MW_MIN_BYTES || bytes > MW_MAX_BYTES || (bytes & (bytes - 1)) != 0)
			return softep_option_bad(name, value, "powers of two from 64K to 1G");
		if (shape->mw_cnt == NTB_EPF_MAX_MW)
			return softep_option_bad(name, value, "four windows at the most");
		shape->mw_bytes[shape->mw_cnt++] = bytes;
	}
	return 0;
}

int
softep_set_ntb_layout(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = {
		[NTB_EPF_LAYOUT_LEGACY] = "legacy",
		[NTB_EPF_LAYOUT_V1] = "v1",
		NULL,
	};
	int layout = softep_option_word(words, value);

	if (layout < 0)
		return softep_option_bad(name, value, "legacy or v1");
	opt->ntb.shape.layout = layout;
	opt->ntb.of_model = name;
	return 0;
}

int
softep_set_ntb_spads(struct softep_options *opt, const char *name, char *value)
{
	opt->ntb.of_model = name;
	if (parse_number(value, 1, NTB_SHAPE_MAX_SPADS, &opt->ntb.shape.spad_cnt))
		return 0;
	return softep_option_bad(name, value, "1 to 1024");
}

int
softep_set_ntb_spad_offset(struct softep_options *opt, const char *name, char *value)
{
	static const uint32_t offsets[] = { 0x134, 0x200, 0x10000 };
	static const char *const words[] = { "0x134", "0x200", "0x10000", NULL };
	int i = softep_option_word(words, value);

	if (i < 0)
		return softep_option_bad(name, value, "0x134, 0x200 or 0x10000");
	opt->ntb.shape.spad_offset = offsets[i];
	opt->ntb.of_model = name;
	return 0;
}

int
softep_set_ntb_dbs(struct softep_options *opt, const char *name, char *value)
{
	opt->ntb.of_vntb = name;
	if (parse_number(value, DBS_MIN, NTB_EPF_MAX_DB, &opt->ntb.shape.db_cnt))
		return 0;
	return softep_option_bad(name, value, "3 to 32");
}

int
softep_set_ntb_doorbells(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = {
		[NTB_DB_POLLED] = "polled",
		[NTB_DB_MSI] = "msi",
		[NTB_DB_EDMA] = "edma",
		NULL,
	};
	int mode = softep_option_word(words, value);

	if (mode < 0)
		return softep_option_bad(name, value, "polled, msi or edma");
	opt->ntb.db_mode = mode;
	opt->ntb.of_vntb = name;
	return 0;
}

int
softep_set_ntb_linux(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = { "6", "7", NULL };
	int i = softep_option_word(words, value);

	if (i < 0)
		return softep_option_bad(name, value, "6 or 7");
	opt->ntb.linux_version = 6 + i;
	opt->ntb.of_vntb = name;
	return 0;
}

int
softep_set_ntb_irq(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = { "msi", "msix", NULL };
	int i = softep_option_word(words, value);

	if (i < 0)
		return softep_option_bad(name, value, "msi or msix");
	opt->ntb.msix = i == 1;
	opt->ntb.of_vntb = name;
	return 0;
}

int
softep_set_ntb_dma(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = {
		[NTB_DMA_NONE] = "none",
		[NTB_DMA_EPDM] = "epdm",
		[NTB_DMA_NDMA] = "ndma",
		NULL,
	};
	int dma = softep_option_word(words, value);

	if (dma < 0)
		return softep_option_bad(name, value, "none, epdm or ndma");
	opt->ntb.shape.dma = dma;
	opt->ntb.of_vntb = name;
	return 0;
}

static int
set_mode(struct softep_options *opt, const char *name, enum softep_ntb_mode mode)
{
	if (opt->ntb.mode != SOFTEP_NTB_PROCESS && opt->ntb.mode != mode)
		return softep_option_bad(name, "", "one of --vntb and --back-to-back");
	opt->ntb.mode = mode;
	return 0;
}

int
softep_set_vntb(struct softep_options *opt, const char *name, char *value)
{
	(void)value;
	return set_mode(opt, name, SOFTEP_NTB_VNTB);
}

int
softep_set_back_to_back(struct softep_options *opt, const char *name, char *value)
{
	(void)value;
	return set_mode(opt, name, SOFTEP_NTB_BRIDGE);
}

static int
check_windows(const struct softep_ntb_options *ntb)
{
	const struct ntb_bar_map *map = ntb->shape.map;
	char expected[64];

	if (ntb->shape.mw_cnt <= map->mw_max)
		return 0;
	snprintf(expected, sizeof(expected), "%u window%s at the most with --ntb-map %s",
		 map->mw_max, map->mw_max == 1 ? "" : "s", map->name);
	return softep_option_bad("--mw", ntb->mw, expected);
}

/** Scratchpads follow the structure, unless they are said to be somewhere else. */
static int
place_scratchpads(struct ntb_shape *shape)
{
	const uint32_t end = ntb_shape_struct_bytes(shape);
	const bool given = shape->spad_offset != 0;

	if (!given)
		shape->spad_offset = end;
	if (shape->spad_offset >= end)
		return 0;
	return softep_option_bad("--ntb-spad-offset", "0x134",
				 "0x200 or 0x10000 with --ntb-layout v1 or --ntb-dma ndma");
}

/** The block of one kind has no place in layout v1, the other's is in no other. */
static int
check_dma(const struct ntb_shape *shape)
{
	if (shape->dma == NTB_DMA_EPDM && shape->layout != NTB_EPF_LAYOUT_V1)
		return softep_option_bad("--ntb-dma", "epdm", "--ntb-layout v1 with it");
	if (shape->dma == NTB_DMA_NDMA && shape->layout != NTB_EPF_LAYOUT_LEGACY)
		return softep_option_bad("--ntb-dma", "ndma", "--ntb-layout legacy with it");
	return 0;
}

int
softep_ntb_options_check(struct softep_ntb_options *ntb)
{
	if (ntb->mode == SOFTEP_NTB_PROCESS && ntb->of_model != NULL)
		return softep_option_bad(ntb->of_model, "", "--vntb or --back-to-back with it");
	if (ntb->mode != SOFTEP_NTB_VNTB && ntb->of_vntb != NULL)
		return softep_option_bad(ntb->of_vntb, "", "--vntb with it");
	if (ntb->linux_version < 7 && ntb->db_mode != NTB_DB_POLLED)
		return softep_option_bad("--ntb-linux", "6",
					 "7 with doorbells that are not polled");
	ntb->shape.crossed = ntb->mode == SOFTEP_NTB_BRIDGE;
	if (check_windows(ntb) != 0 || check_dma(&ntb->shape) != 0)
		return -EINVAL;
	return place_scratchpads(&ntb->shape);
}
