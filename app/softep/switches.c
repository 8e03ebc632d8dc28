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
#include "reboot.h"
#include "switches.h"

/** Steps a channel can be told to wait; more would look like a hang. */
#define SWITCH_MAX_DELAY 1000000

enum switch_kind {
	SWITCH_BOOL,  /* 0 or 1 */
	SWITCH_COUNT, /* min to max */
	SWITCH_POWER, /* powers of two from min to max */
	SWITCH_RCB,   /* the same, or 0 */
};

/** Where a switch is kept. */
enum switch_home {
	SWITCH_ENGINE, /* at offset of struct edma_switches */
	SWITCH_LINK,   /* at offset of struct softep_link_conf */
	SWITCH_PACE,
	SWITCH_UP,     /* the link itself */
	SWITCH_ONES,
};

struct switch_desc {
	const char *name;
	enum switch_home home;
	enum switch_kind kind;
	size_t offset;
	unsigned int min;
	unsigned int max;
	const char *expected;
};

#define EXPECTED_BOOL "0 or 1"

#define SWITCH_ENGINE_BOOL(field) \
	{ #field, SWITCH_ENGINE, SWITCH_BOOL, offsetof(struct edma_switches, field), 0, 1, \
	  EXPECTED_BOOL }
#define SWITCH_ENGINE_COUNT(field) \
	{ #field, SWITCH_ENGINE, SWITCH_COUNT, offsetof(struct edma_switches, field), 0, \
	  SWITCH_MAX_DELAY, "0 to 1000000" }
#define SWITCH_LINK_FIELD(name, kind, field, min, max, expected) \
	{ name, SWITCH_LINK, kind, offsetof(struct softep_link_conf, field), min, max, expected }

static const struct switch_desc switches[] = {
	SWITCH_ENGINE_BOOL(no_data),
	SWITCH_ENGINE_COUNT(doorbell_delay),
	SWITCH_ENGINE_COUNT(element_delay),
	SWITCH_ENGINE_COUNT(link_delay),
	SWITCH_ENGINE_COUNT(stop_delay),
	SWITCH_ENGINE_BOOL(lose_doorbell),
	SWITCH_ENGINE_BOOL(llp_at_fetch),
	SWITCH_ENGINE_COUNT(late_list),
	SWITCH_ENGINE_COUNT(torn_list),
	SWITCH_ENGINE_BOOL(strict),
	SWITCH_ENGINE_COUNT(shuffle),
	{ "link", SWITCH_UP, SWITCH_BOOL, 0, 0, 1, "up or down" },
	{ "all_ones", SWITCH_ONES, SWITCH_BOOL, 0, 0, 1, EXPECTED_BOOL },
	SWITCH_LINK_FIELD("link_speed", SWITCH_COUNT, speed, 1, 5,
			  "1 to 5, for 2.5 to 32 GT/s"),
	SWITCH_LINK_FIELD("link_width", SWITCH_POWER, width, 1, 16, "1, 2, 4, 8 or 16 lanes"),
	SWITCH_LINK_FIELD("mps", SWITCH_POWER, mps, 128, 4096, "a power of two, 128 to 4096"),
	SWITCH_LINK_FIELD("mrrs", SWITCH_POWER, mrrs, 128, 4096, "a power of two, 128 to 4096"),
	SWITCH_LINK_FIELD("rcb", SWITCH_RCB, rcb, 64, 128, "0, 64 or 128"),
	SWITCH_LINK_FIELD("store_bytes", SWITCH_POWER, store, 8, 64, "8, 16, 32 or 64"),
	SWITCH_LINK_FIELD("latency_ns", SWITCH_COUNT, latency_ns, 0, 1000000, "0 to 1000000"),
	SWITCH_LINK_FIELD("read_tags", SWITCH_COUNT, tags, 1, SOFTEP_CLOCK_MAX_TAGS, "1 to 256"),
	{ "pace", SWITCH_PACE, SWITCH_BOOL, 0, 0, 1, EXPECTED_BOOL },
};

#define SWITCH_CNT (sizeof(switches) / sizeof(switches[0]))

const char *
softep_switch_name(unsigned int i)
{
	return i < SWITCH_CNT ? switches[i].name : softep_ntb_switch_name(i - SWITCH_CNT);
}

/** All names, for who got one wrong. */
static const char *
switch_names(void)
{
	static char names[SWITCH_CNT * 20];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < SWITCH_CNT; i++)
		len += snprintf(names + len, sizeof(names) - len, "%s%s",
				i == 0 ? "" : i + 1 == SWITCH_CNT ? " or " : ", ",
				switches[i].name);
	return names;
}

static const struct switch_desc *
switch_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < SWITCH_CNT; i++) {
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

static bool
switch_parse(const struct switch_desc *desc, const char *value, unsigned int *number)
{
	unsigned long parsed;
	char *end;

	if (desc->home == SWITCH_UP) {
		*number = strcmp(value, "up") == 0;
		return *number == 1 || strcmp(value, "down") == 0;
	}
	if (value[0] < '0' || value[0] > '9')
		return false;
	parsed = strtoul(value, &end, 10);
	*number = (unsigned int)parsed;
	if (*end != '\0' || (desc->kind == SWITCH_BOOL && end != value + 1))
		return false;
	if (desc->kind == SWITCH_RCB && parsed == 0)
		return true;
	if (parsed < desc->min || parsed > desc->max)
		return false;
	return desc->kind == SWITCH_BOOL || desc->kind == SWITCH_COUNT ||
	       (parsed & (parsed - 1)) == 0;
}

static void
switch_set_engine(struct softep *board, const struct switch_desc *desc, unsigned int number)
{
	struct edma_switches sw;
	void *word;

	edma_model_get_switches(board->model, &sw);
	word = (uint8_t *)&sw + desc->offset;
	if (desc->kind == SWITCH_BOOL)
		*(bool *)word = number == 1;
	else
		*(unsigned int *)word = number;
	edma_model_set_switches(board->model, &sw);
}

static void
switch_set_link(struct softep *board, const struct switch_desc *desc, unsigned int number)
{
	struct softep_link_conf conf = board->wire;
	void *word = (uint8_t *)&conf + desc->offset;

	*(unsigned int *)word = number;
	softep_board_set_wire(board, &conf);
}

static void
switch_set_up(struct softep *board, bool up)
{
	if (softep_board_link_up(board) != up)
		softep_say("link: %s", up ? "up" : "down");
	softep_board_set_link(board, up);
	softep_reboot_forget(board);
}

int
softep_switch_set(struct softep *board, const char *name, const char *value,
		  const char **expected)
{
	const struct switch_desc *desc = switch_find(name);
	unsigned int number;

	if (switch_is_ntb(name))
		return softep_ntb_switch_set(board, name, value, expected);
	if (desc == NULL) {
		*expected = switch_names();
		return -ENOENT;
	}
	*expected = desc->expected;
	if (!switch_parse(desc, value, &number))
		return -EINVAL;
	switch (desc->home) {
	case SWITCH_ENGINE:
		switch_set_engine(board, desc, number);
		break;
	case SWITCH_LINK:
		switch_set_link(board, desc, number);
		break;
	case SWITCH_PACE:
		softep_clock_set_pace(&board->clock, number == 1);
		break;
	case SWITCH_ONES:
		softep_board_set_all_ones(board, number == 1);
		break;
	case SWITCH_UP:
		switch_set_up(board, number == 1);
		break;
	}
	return 0;
}

static unsigned int
switch_number(const struct softep *board, const struct switch_desc *desc)
{
	struct edma_switches sw;
	const void *word;

	switch (desc->home) {
	case SWITCH_ENGINE:
		edma_model_get_switches(board->model, &sw);
		word = (const uint8_t *)&sw + desc->offset;
		return desc->kind == SWITCH_BOOL ? *(const bool *)word :
						   *(const unsigned int *)word;
	case SWITCH_LINK:
		word = (const uint8_t *)&board->clock.conf + desc->offset;
		return *(const unsigned int *)word;
	case SWITCH_PACE:
		return board->clock.pace;
	case SWITCH_ONES:
		return softep_board_all_ones(board);
	case SWITCH_UP:
		break;
	}
	return softep_board_link_up(board);
}

int
softep_switch_get(const struct softep *board, const char *name,
		  char value[SOFTEP_SWITCH_VALUE_BYTES])
{
	const struct switch_desc *desc = switch_find(name);
	unsigned int number;

	if (switch_is_ntb(name))
		return softep_ntb_switch_get(board, name, value);
	if (desc == NULL)
		return -ENOENT;
	number = switch_number(board, desc);
	if (desc->home == SWITCH_UP)
		snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%s", number == 1 ? "up" : "down");
	else
		snprintf(value, SOFTEP_SWITCH_VALUE_BYTES, "%u", number);
	return 0;
}
