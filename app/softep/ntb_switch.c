/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntb_switch.h"

enum ntb_switch_kind {
	NTB_SWITCH_BOOL,
	NTB_SWITCH_COUNT,
	NTB_SWITCH_POWER, /* of two, 64 bits wide */
};

struct ntb_switch {
	const char *name;
	enum ntb_switch_kind kind;
	size_t offset; /* in struct ntb_switches */
	unsigned long min;
	unsigned long max;
	const char *expected;
};

#define NTB_BOOL(name, field) \
	{ name, NTB_SWITCH_BOOL, offsetof(struct ntb_switches, field), 0, 1, "0 or 1" }
#define NTB_MS(name, field, min) \
	{ name, NTB_SWITCH_COUNT, offsetof(struct ntb_switches, field), min, 1000000, \
	  #min " to 1000000" }

static const struct ntb_switch ntb_switches[] = {
	NTB_MS("ntb_period", period, 1),
	NTB_MS("ntb_status_delay", status_delay, 0),
	NTB_BOOL("ntb_client", client),
	NTB_MS("ntb_cleanup", cleanup, 0),
	NTB_BOOL("ntb_sink", sink),
	NTB_BOOL("ntb_notice", notice),
	{ "ntb_granule", NTB_SWITCH_POWER, offsetof(struct ntb_switches, window.granule), 4,
	  1 << 30, "a power of two, 4 to 1073741824" },
	{ "ntb_atus", NTB_SWITCH_COUNT, offsetof(struct ntb_switches, window.limit), 1,
	  NTB_WINDOW_MAX_ENTRIES, "1 to 32" },
	NTB_BOOL("ntb_last_wins", window.last_wins),
};

#define NTB_SWITCH_CNT (sizeof(ntb_switches) / sizeof(ntb_switches[0]))

const char *
softep_ntb_switch_name(unsigned int i)
{
	return i < NTB_SWITCH_CNT ? ntb_switches[i].name : NULL;
}

static const struct ntb_switch *
ntb_switch_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NTB_SWITCH_CNT; i++) {
		if (strcmp(ntb_switches[i].name, name) == 0)
			return &ntb_switches[i];
	}
	return NULL;
}

static bool
ntb_switch_parse(const struct ntb_switch *desc, const char *value, unsigned long *number)
{
	const size_t len = strlen(value);

	if (len < 1 || len > 10 || strspn(value, "0123456789") != len)
		return false;
	*number = strtoul(value, NULL, 10);
	if (desc->kind == NTB_SWITCH_POWER && (*number & (*number - 1)) != 0)
		return false;
	return *number >= desc->min && *number <= desc->max;
}

int
softep_ntb_switch_set(struct softep *board, const char *name, const char *value,
		      const char **expected)
{
	const struct ntb_switch *desc = ntb_switch_find(name);
	struct ntb_switches *sw = softep_ntb_switches(board);
	unsigned long number;
	void *word;

	if (sw == NULL || desc == NULL) {
		*expected = sw == NULL ? "--vntb or --back-to-back for this switch" :
			    "ntb_period, ntb_status_delay, ntb_client, ntb_cleanup, ntb_sink, "
			    "ntb_notice, ntb_granule, ntb_atus or ntb_last_wins";
		return -ENOENT;
	}
	*expected = desc->expected;
	if (!ntb_switch_parse(desc, value, &number))
		return -EINVAL;
	word = (uint8_t *)sw + desc->offset;
	switch (desc->kind) {
	case NTB_SWITCH_BOOL:
		*(bool *)word = number == 1;
		break;
	case NTB_SWITCH_COUNT:
		*(unsigned int *)word = number;
		break;
	case NTB_SWITCH_POWER:
		*(uint64_t *)word = number;
		break;
	}
	return 0;
}

int
softep_ntb_switch_get(const struct softep *board, const char *name,
		      char value[SOFTEP_SWITCH_VALUE_BYTES])
{
	const struct ntb_switch *desc = ntb_switch_find(name);
	const struct ntb_switches *sw = softep_ntb_switches((struct softep *)(uintptr_t)board);
	const void *word;
	uint64_t number = 0;

	if (sw == NULL || desc == NULL)
		return -ENOENT;
	word = (const uint8_t *)sw + desc->offset;
	switch (desc->kind) {
	case NTB_SWITCH_BOOL:
		number = *(const bool *)word ? 1 : 0;
		break;
	case NTB_SWITCH_COUNT:
		number = *(const unsigned int *)word;
		break;
	case NTB_SWITCH_POWER:
		number = *(const uint64_t *)word;
		break;
	}
	snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%" PRIu64, number);
	return 0;
}
