/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_io.h>

#include "cmd.h"
#include "out.h"
#include "wait.h"

/** Bytes of fill and verify between two looks at the link. */
#define STEP_BYTES 65536

#define WORD sizeof(uint32_t)

enum verb {
	WINDOW_PEEK,
	WINDOW_POKE,
	WINDOW_FILL,
	WINDOW_VERIFY,
};

static const char *const verbs[] = {
	[WINDOW_PEEK] = "peek",
	[WINDOW_POKE] = "poke",
	[WINDOW_FILL] = "fill",
	[WINDOW_VERIFY] = "verify",
	NULL,
};

/** OFFSET, or +OFFSET from where the rings end. */
static int
take_offset(struct cmd *cmd, struct words *w)
{
	const char *text = w->left > 0 ? *w->word : "";

	cmd->offset_is_user = *text == '+';
	if (!parse_bytes(text + cmd->offset_is_user, &cmd->offset) || cmd->offset % WORD != 0)
		return parse_bad("OFFSET", text, "a multiple of 4, or one with a + from where the "
				 "rings end");
	w->word++;
	w->left--;
	return 0;
}

static int
take_values(struct cmd *cmd, struct words *w)
{
	uint64_t value;
	int ret;

	do {
		if (cmd->nb_values == CMD_MAX_VALUES)
			return parse_bad("VALUE", *w->word, "at most 64 of them");
		ret = take_u64(w, "VALUE", 0, UINT32_MAX, &value);
		cmd->values[cmd->nb_values++] = (uint32_t)value;
	} while (ret == 0 && w->left > 0);
	cmd->bytes = cmd->nb_values * WORD;
	return ret;
}

static int
take_pattern(struct cmd *cmd, struct words *w)
{
	const char *text = w->left > 0 ? *w->word : "";

	if (!parse_bytes(text, &cmd->bytes) || cmd->bytes == 0 || cmd->bytes % WORD != 0)
		return parse_bad("BYTES", text, "a multiple of 4, more than 0");
	w->word++;
	w->left--;
	return take_u64(w, "SEED", 0, UINT32_MAX, &cmd->seed);
}

static int
parse(struct cmd *cmd, struct words *w)
{
	uint64_t words = 1;
	int ret;

	ret = take_choice(w, "window", verbs, &cmd->verb);
	if (ret == 0)
		ret = take_choice(w, "OWNER", cmd_owners, &cmd->owner);
	if (ret == 0)
		ret = take_offset(cmd, w);
	if (ret != 0)
		return ret;
	if (cmd->verb == WINDOW_POKE)
		ret = take_values(cmd, w);
	else if (cmd->verb != WINDOW_PEEK)
		ret = take_pattern(cmd, w);
	else if (w->left > 0)
		ret = take_u64(w, "WORDS", 1, CMD_MAX_VALUES, &words);
	if (cmd->verb == WINDOW_PEEK)
		cmd->bytes = words * WORD;
	return ret == 0 ? take_end(w) : ret;
}

/**
 * Where a command works. Nothing is ever written to the part that the rings use, link or no link;
 * reading it disturbs nobody.
 */
static int
place(struct tool *tool, const struct cmd *cmd, uint64_t *offset)
{
	uint64_t least;
	char text[32], expected[96];
	struct window win;

	if (device_window(&tool->dev, cmd->owner, &win) != 0)
		return EXIT_FAILURE;
	least = cmd->verb == WINDOW_POKE || cmd->verb == WINDOW_FILL ? win.user : 0;
	*offset = cmd->offset + (cmd->offset_is_user ? win.user : 0);
	if (*offset >= cmd->offset && *offset >= least && *offset < win.bytes &&
	    cmd->bytes <= win.bytes - *offset)
		return 0;
	snprintf(text, sizeof(text), "%s0x%" PRIx64, cmd->offset_is_user ? "+" : "", cmd->offset);
	snprintf(expected, sizeof(expected), "%" PRIu64 " bytes from 0x%" PRIx64 " on to fit below 0x%"
		 PRIx64 "%s", cmd->bytes, least, win.bytes,
		 least != 0 ? ", the rings have what is before" : "");
	return parse_bad("OFFSET", text, expected);
}

static int
peek(struct tool *tool, const struct cmd *cmd, uint64_t offset)
{
	struct window win;
	char name[24];
	uint64_t i;

	if (device_window(&tool->dev, cmd->owner, &win) != 0)
		return EXIT_FAILURE;
	out_begin("window peek");
	out_str("owner", cmd_owners[cmd->owner]);
	out_group("words");
	for (i = 0; i < cmd->bytes; i += WORD) {
		snprintf(name, sizeof(name), "0x%" PRIx64, offset + i);
		out_hex(name, rte_le_to_cpu_32(rte_read32(win.va + offset + i)));
	}
	out_group_end();
	out_end();
	return 0;
}

static int
poke(struct tool *tool, const struct cmd *cmd, uint64_t offset)
{
	struct window win;
	unsigned int i;

	if (device_window(&tool->dev, cmd->owner, &win) != 0)
		return EXIT_FAILURE;
	for (i = 0; i < cmd->nb_values; i++)
		rte_write32(rte_cpu_to_le_32(cmd->values[i]), win.va + offset + i * WORD);
	/* The window may be write-combining. */
	rte_wmb();
	return 0;
}

struct pattern {
	const struct cmd *cmd;
	uint64_t offset;    /**< of the next word */
	uint64_t end;
	uint64_t wrong;     /**< words */
	uint64_t bad_at;    /**< the first of them */
	uint32_t bad_value;
};

static void
pattern_word(struct pattern *p, uint8_t *va)
{
	uint32_t expected = cmd_pattern(p->cmd->seed, p->offset);
	uint32_t value;

	if (p->cmd->verb == WINDOW_FILL) {
		rte_write32_relaxed(rte_cpu_to_le_32(expected), va);
		return;
	}
	value = rte_le_to_cpu_32(rte_read32_relaxed(va));
	if (value == expected)
		return;
	if (p->wrong++ == 0) {
		p->bad_at = p->offset;
		p->bad_value = value;
	}
}

static int
pattern_step(struct tool *tool, struct pattern *p)
{
	uint64_t stop = RTE_MIN(p->end, p->offset + STEP_BYTES);
	struct window win;

	if (device_window(&tool->dev, p->cmd->owner, &win) != 0)
		return EXIT_FAILURE;
	if (stop > win.bytes) {
		complain("window of %" PRIu64 " bytes: it has become smaller", win.bytes);
		return EXIT_FAILURE;
	}
	for (; p->offset < stop; p->offset += WORD)
		pattern_word(p, win.va + p->offset);
	rte_wmb();
	return 0;
}

static int
pattern(struct tool *tool, const struct cmd *cmd, uint64_t offset)
{
	struct pattern p = { .cmd = cmd, .offset = offset, .end = offset + cmd->bytes };
	struct wait w;

	wait_begin(&w, tool, cmd->verb == WINDOW_FILL ? "window fill" : "window verify",
		   WAIT_FOREVER);
	while (p.offset < p.end) {
		if (pattern_step(tool, &p) != 0)
			return EXIT_FAILURE;
		if (wait_turn(&w, p.offset - offset, "bytes") != WAIT_GO_ON)
			return EXIT_FAILURE;
	}
	if (p.wrong == 0)
		return 0;
	complain("window verify %s: 0x%x at 0x%" PRIx64 ": expected 0x%x; %" PRIu64 " of %" PRIu64
		 " words differ", cmd_owners[cmd->owner], p.bad_value, p.bad_at,
		 cmd_pattern(cmd->seed, p.bad_at), p.wrong, cmd->bytes / WORD);
	return EXIT_FAILURE;
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	char name[16];
	uint64_t offset;
	int ret;

	ret = place(tool, cmd, &offset);
	if (ret != 0)
		return ret;
	if (cmd->verb == WINDOW_PEEK)
		return peek(tool, cmd, offset);
	if (cmd->verb == WINDOW_POKE)
		ret = poke(tool, cmd, offset);
	else
		ret = pattern(tool, cmd, offset);
	if (ret != 0)
		return ret;
	snprintf(name, sizeof(name), "window %s", verbs[cmd->verb]);
	out_begin(name);
	out_str("owner", cmd_owners[cmd->owner]);
	out_hex("offset", offset);
	out_u64("bytes", cmd->bytes);
	out_end();
	return 0;
}

const struct cmd_def cmd_window = {
	.name = "window",
	.usage =
	"  window peek own|peer OFFSET [WORDS]  32-bit words of a memory window (1)\n"
	"  window poke own|peer OFFSET VALUE...\n"
	"  window fill own|peer OFFSET BYTES SEED\n"
	"  window verify own|peer OFFSET BYTES SEED\n"
	"                                       write a pattern, and look for it\n",
	.parse = parse,
	.run = run,
};
