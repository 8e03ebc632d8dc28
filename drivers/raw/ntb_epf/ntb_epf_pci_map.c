/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <string.h>

#include "ntb_epf_pci.h"

static const struct {
	const char *name;
	uint16_t vendor;
	uint16_t device;
	struct ntb_epf_pci_map map;
} known[] = {
	{
		"ti", NTB_EPF_VENDOR_TI, NTB_EPF_DEVICE_J721E,
		{ .config = 0, .spad = 1, .db = 2, .mw = { 2, 3, 4, 5 }, .nb_mw = 4 },
	},
	{
		"nxp", NTB_EPF_VENDOR_NXP, NTB_EPF_DEVICE_IMX8,
		{ .config = 0, .spad = 0, .db = 2, .mw = { 4, 5 }, .nb_mw = 2 },
	},
	{
		"renesas", NTB_EPF_VENDOR_RENESAS, NTB_EPF_DEVICE_RCAR,
		{ .config = 0, .spad = 0, .db = 4, .mw = { 2 }, .nb_mw = 1 },
	},
};

const struct ntb_epf_pci_map *
ntb_epf_pci_map_by_id(const struct rte_pci_id *id)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(known); i++)
		if (known[i].vendor == id->vendor_id && known[i].device == id->device_id)
			return &known[i].map;
	return NULL;
}

/** Digits with colons between them. Returns how many; 0: it is something else. */
static unsigned int
parse_bars(const char *value, uint8_t *bar, unsigned int room)
{
	unsigned int n = 0;

	while (n < room && *value >= '0' && *value < '0' + NTB_EPF_BARS) {
		bar[n++] = (uint8_t)(*value++ - '0');
		if (*value == '\0')
			return n;
		if (*value++ != ':')
			return 0;
	}
	return 0;
}

/** Windows have a BAR each; only the first may begin with the doorbells. */
static bool
bars_agree(const struct ntb_epf_pci_map *map)
{
	unsigned int i, j;

	if (map->db == map->config || (map->spad != map->config && map->spad == map->db))
		return false;
	for (i = 0; i < map->nb_mw; i++) {
		if (map->mw[i] == map->config || map->mw[i] == map->spad ||
		    (i != 0 && map->mw[i] == map->db))
			return false;
		for (j = 0; j < i; j++)
			if (map->mw[i] == map->mw[j])
				return false;
	}
	return true;
}

int
ntb_epf_pci_map_parse(const char *value, struct ntb_epf_pci_map *map)
{
	uint8_t bar[3 + NTB_EPF_MAX_MW];
	unsigned int i, n;

	for (i = 0; i < RTE_DIM(known); i++) {
		if (strcmp(value, known[i].name) == 0) {
			*map = known[i].map;
			return 0;
		}
	}
	n = parse_bars(value, bar, RTE_DIM(bar));
	if (n < 4)
		return -EINVAL;
	*map = (struct ntb_epf_pci_map){
		.config = bar[0], .spad = bar[1], .db = bar[2], .nb_mw = (uint8_t)(n - 3),
	};
	memcpy(map->mw, bar + 3, n - 3);
	return bars_agree(map) ? 0 : -EINVAL;
}
