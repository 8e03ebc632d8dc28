/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "ntb_switch.h"
#include "switches.h"

/** Steps a channel can be told to wait; more would look like a hang. */
#define SWITCH_MAX_DELAY 1000000

enum switch_kind {
	SWITCH_BOOL,
	SWITCH_COUNT,
	SWITCH_LINK,
};

struct switch_desc {
	const char *name;
	enum switch_kind kind;
	size_t offset; /* in struct edma_switches; not for SWITCH_LINK */
};

static const struct switch_desc switches[] = {
	{ "no_data", SWITCH_BOOL, offsetof(struct edma_switches, no_data) },
	{ "doorbell_delay", SWITCH_COUNT, offsetof(struct edma_switches, doorbell_delay) },
	{ "element_delay", SWITCH_COUNT, offsetof(struct edma_switches, element_delay) },
	{ "link_delay", SWITCH_COUNT, offsetof(struct edma_switches, link_delay) },
	{ "stop_delay", SWITCH_COUNT, offsetof(struct edma_switches, stop_delay) },
	{ "lose_doorbell", SWITCH_BOOL, offsetof(struct edma_switches, lose_doorbell) },
	{ "llp_at_fetch", SWITCH_BOOL, offsetof(struct edma_switches, llp_at_fetch) },
	{ "late_list", SWITCH_COUNT, offsetof(struct edma_switches, late_list) },
	{ "torn_list", SWITCH_COUNT, offsetof(struct edma_switches, torn_list) },
	{ "strict", SWITCH_BOOL, offsetof(struct edma_switches, strict) },
	{ "shuffle", SWITCH_COUNT, offsetof(struct edma_switches, shuffle) },
	{ "link", SWITCH_LINK, 0 },
};

static const char switch_names[] =
	"no_data, doorbell_delay, element_delay, link_delay, stop_delay, lose_doorbell, "
	"llp_at_fetch, late_list, torn_list, strict, shuffle or link";

const char *
softep_switch_name(unsigned int i)
{
	const unsigned int cnt = sizeof(switches) / sizeof(switches[0]);

	return i < cnt ? switches[i].name : softep_ntb_switch_name(i - cnt);
}

static const struct switch_desc *
switch_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(switches[i].name, name) == 0)
			return &switches[i];
	}
	return NULL;
}

static bool
switch_is_ntb(const char *name)
{
	return strncmp(name, SOFTEP_NTB_SWITCH_PREFIX, strlen(SOFTEP_NTB_SWITCH_PREFIX)) == 0;
}

/** Index of @p value in two words, or -1. */
static int
switch_word(const char *value, const char *no, const char *yes)
{
	if (strcmp(value, no) == 0)
		return 0;
	return strcmp(value, yes) == 0 ? 1 : -1;
}

static int
switch_set_link(struct softep *board, const char *value)
{
	int up = switch_word(value, "down", "up");

	if (up < 0)
		return -EINVAL;
	if (softep_board_link_up(board) != (up == 1))
		softep_say("link: %s", value);
	softep_board_set_link(board, up == 1);
	return 0;
}

static int
switch_set_bool(bool *word, const char *value)
{
	int on = switch_word(value, "0", "1");

	if (on < 0)
		return -EINVAL;
	*word = on == 1;
	return 0;
}

static int
switch_set_count(unsigned int *word, const char *value)
{
	unsigned long number;
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	number = strtoul(value, &end, 10);
	if (*end != '\0' || number > SWITCH_MAX_DELAY)
		return -EINVAL;
	*word = number;
	return 0;
}

int
softep_switch_set(struct softep *board, const char *name, const char *value,
		  const char **expected)
{
	const struct switch_desc *desc = switch_find(name);
	struct edma_switches sw;
	void *word;
	int ret;

	if (switch_is_ntb(name))
		return softep_ntb_switch_set(board, name, value, expected);
	if (desc == NULL) {
		*expected = switch_names;
		return -ENOENT;
	}
	edma_model_get_switches(board->model, &sw);
	word = (uint8_t *)&sw + desc->offset;
	if (desc->kind == SWITCH_LINK) {
		*expected = "up or down";
		return switch_set_link(board, value);
	}
	if (desc->kind == SWITCH_BOOL) {
		*expected = "0 or 1";
		ret = switch_set_bool(word, value);
	} else {
		*expected = "0 to 1000000";
		ret = switch_set_count(word, value);
	}
	if (ret == 0)
		edma_model_set_switches(board->model, &sw);
	return ret;
}

int
softep_switch_get(const struct softep *board, const char *name,
		  char value[SOFTEP_SWITCH_VALUE_BYTES])
{
	const struct switch_desc *desc = switch_find(name);
	struct edma_switches sw;
	const void *word;

	if (switch_is_ntb(name))
		return softep_ntb_switch_get(board, name, value);
	if (desc == NULL)
		return -ENOENT;
	edma_model_get_switches(board->model, &sw);
	word = (const uint8_t *)&sw + desc->offset;
	switch (desc->kind) {
	case SWITCH_LINK:
		snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%s",
			 softep_board_link_up(board) ? "up" : "down");
		break;
	case SWITCH_BOOL:
		snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%d", *(const bool *)word ? 1 : 0);
		break;
	case SWITCH_COUNT:
		snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%u", *(const unsigned int *)word);
		break;
	}
	return 0;
}
