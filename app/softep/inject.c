/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

static const char *const fault_names[] = {
	[EDMA_FAULT_NONE] = "none",
	[EDMA_FAULT_LOCAL] = "local",
	[EDMA_FAULT_LL_FETCH] = "ll-fetch",
	[EDMA_FAULT_UR] = "ur",
	[EDMA_FAULT_CA] = "ca",
	[EDMA_FAULT_TIMEOUT] = "timeout",
	[EDMA_FAULT_POISON] = "poison",
};

const char *
softep_fault_name(enum edma_fault kind)
{
	return fault_names[kind];
}

/** Index of @p word in a table of names, or -1. */
static int
name_find(const char *const *names, unsigned int cnt, const char *word)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		if (strcmp(names[i], word) == 0)
			return i;
	}
	return -1;
}

bool
softep_parse_number(const char *word, unsigned long min, unsigned long max, unsigned int *number)
{
	unsigned long value;
	char *end;

	if (word[0] < '0' || word[0] > '9')
		return false;
	errno = 0;
	value = strtoul(word, &end, 10);
	*number = value;
	return errno == 0 && *end == '\0' && value >= min && value <= max;
}

static int
inject_wrong(struct softep_inject_error *error, const char *what, const char *value,
	     const char *expected)
{
	*error = (struct softep_inject_error){
		.what = what,
		.value = value,
		.expected = expected,
	};
	return -EINVAL;
}

int
softep_inject(struct softep *board, char *const words[SOFTEP_INJECT_WORDS],
	      struct softep_inject_error *error)
{
	static const char *const dir_names[] = { [EDMA_DIR_WR] = "wr", [EDMA_DIR_RD] = "rd" };
	int dir = name_find(dir_names, 2, words[0]);
	int kind = name_find(fault_names, EDMA_FAULT_POISON + 1, words[3]);
	unsigned int ch, nth, cnt;

	if (dir < 0)
		return inject_wrong(error, "direction", words[0], "wr or rd");
	cnt = dir == EDMA_DIR_WR ? board->opt->wr_cnt : board->opt->rd_cnt;
	if (!softep_parse_number(words[1], 0, cnt - 1, &ch))
		return inject_wrong(error, "channel", words[1], "a channel that this board has");
	if (!softep_parse_number(words[2], 1, UINT32_MAX, &nth))
		return inject_wrong(error, "element", words[2], "1 for the next one, or more");
	if (kind < 0 || edma_model_inject(board->model, dir, ch, nth, kind) != 0)
		return inject_wrong(error, "fault", words[3],
				    "none, local, ll-fetch, and for read channels ur, ca, timeout "
				    "or poison");
	return 0;
}
