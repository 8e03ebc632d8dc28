/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "ntb_command.h"

/** Bytes that one command moves: as many as its line has room for. */
#define COMMAND_MAX_BYTES 96

/** A line that was understood; the words before @p word were right. */
struct ntb_line {
	struct softep *board;
	struct vntb *vntb;
	char **word; /* the next one */
	struct softep_reply *reply;
};

static bool
line_error(struct ntb_line *line, const char *what, const char *expected)
{
	const char *word = *line->word != NULL ? *line->word : "";

	softep_reply_add(line->reply, "error: %s \"%s\": expected %s\n", what, word, expected);
	return false;
}

/** Takes a decimal or hexadecimal number up to @p max. */
static bool
line_number(struct ntb_line *line, const char *what, uint64_t max, uint64_t *number)
{
	const char *word = *line->word;
	char *end;
	bool hex;

	if (word != NULL && word[0] >= '0' && word[0] <= '9') {
		hex = strncmp(word, "0x", 2) == 0;
		errno = 0;
		*number = strtoull(word, &end, hex ? 16 : 10);
		if (errno == 0 && *end == '\0' && end > word && *number <= max) {
			line->word++;
			return true;
		}
	}
	return line_error(line, what, "a number, not too large");
}

/** Takes a word of a list that ends with NULL; returns its index or -1. */
static int
line_word(struct ntb_line *line, const char *what, const char *const *words,
	  const char *expected)
{
	unsigned int i;

	for (i = 0; *line->word != NULL && words[i] != NULL; i++) {
		if (strcmp(*line->word, words[i]) == 0) {
			line->word++;
			return i;
		}
	}
	line_error(line, what, expected);
	return -1;
}

static bool
line_end(struct ntb_line *line)
{
	return *line->word == NULL || line_error(line, "word", "nothing more");
}

/** Takes pairs of hexadecimal digits. */
static bool
line_bytes(struct ntb_line *line, uint8_t *bytes, uint64_t *count)
{
	const char *word = *line->word != NULL ? *line->word : "";
	const size_t len = strlen(word);
	char digits[3] = "";
	size_t i;

	if (len == 0 || len % 2 != 0 || len / 2 > COMMAND_MAX_BYTES ||
	    strspn(word, "0123456789abcdefABCDEF") != len)
		return line_error(line, "data", "1 to 96 bytes as pairs of hexadecimal digits");
	for (i = 0; i < len; i += 2) {
		memcpy(digits, word + i, 2);
		bytes[i / 2] = strtoul(digits, NULL, 16);
	}
	*count = len / 2;
	line->word++;
	return true;
}

static bool
ring(struct ntb_line *line)
{
	const uint64_t last = line->vntb->conf.shape.db_cnt - 1;
	uint64_t bits = 0;
	uint64_t bit;

	do {
		if (!line_number(line, "doorbell", last, &bit))
			return false;
		bits |= UINT64_C(1) << bit;
	} while (*line->word != NULL);
	vntb_ring(line->vntb, bits);
	return true;
}

static bool
db(struct ntb_line *line)
{
	static const char *const words[] = { "clear", NULL };
	uint64_t bits;

	if (*line->word == NULL) {
		softep_reply_add(line->reply, "db=0x%" PRIx64 "\n", line->vntb->doorbells);
		return true;
	}
	if (line_word(line, "db", words, "clear, or nothing") < 0 ||
	    !line_number(line, "bits", UINT64_MAX, &bits) || !line_end(line))
		return false;
	vntb_db_clear(line->vntb, bits);
	return true;
}

static bool
spad(struct ntb_line *line)
{
	static const char *const verbs[] = { "get", "set", NULL };
	static const char *const sides[] = { "peer", "own", NULL };
	static const enum ntb_spad_region regions[] = { NTB_SPAD_A, NTB_SPAD_B };
	uint64_t index, new_value = 0;
	uint32_t value;
	int verb, side;
	int ret;

	verb = line_word(line, "spad", verbs, "get or set");
	side = verb < 0 ? -1 : line_word(line, "spad", sides, "own or peer");
	if (side < 0 || !line_number(line, "scratchpad", UINT32_MAX, &index) ||
	    (verb == 1 && !line_number(line, "value", UINT32_MAX, &new_value)) ||
	    !line_end(line))
		return false;
	if (verb == 1)
		ret = vntb_spad_set(line->vntb, regions[side], index, new_value);
	else
		ret = vntb_spad_get(line->vntb, regions[side], index, &value);
	if (ret != 0) {
		line->word -= verb + 1;
		return line_error(line, "scratchpad", "one that the control region has");
	}
	if (verb == 0)
		softep_reply_add(line->reply, "spad=0x%" PRIx32 "\n", value);
	return true;
}

static bool
translate(struct ntb_line *line)
{
	uint64_t window, bytes;

	if (!line_number(line, "window", NTB_EPF_MAX_MW - 1, &window) ||
	    !line_number(line, "bytes", UINT64_MAX, &bytes) || !line_end(line))
		return false;
	if (vntb_translate(line->vntb, window, bytes) == 0)
		return true;
	line->word--;
	return line_error(line, "bytes", "0 or a power of two that fits into a window of the board");
}

typedef int vntb_move(struct vntb *vntb, unsigned int mw, uint64_t offset, void *data,
		      uint64_t len, bool write);

/** Moves what the line says, or says what it has found. */
static bool
move(struct ntb_line *line, vntb_move *move_bytes, bool write)
{
	uint8_t bytes[COMMAND_MAX_BYTES];
	uint64_t window, offset, count, i;

	if (!line_number(line, "window", NTB_EPF_MAX_MW - 1, &window) ||
	    !line_number(line, "offset", UINT64_MAX, &offset))
		return false;
	if (write ? !line_bytes(line, bytes, &count) :
		    !line_number(line, "count", COMMAND_MAX_BYTES, &count))
		return false;
	if (!line_end(line))
		return false;
	if (move_bytes(line->vntb, window, offset, bytes, count, write) != 0) {
		line->word -= 2;
		return line_error(line, "offset", "a place in a window of the board");
	}
	if (write)
		return true;
	softep_reply_add(line->reply, "data=");
	for (i = 0; i < count; i++)
		softep_reply_add(line->reply, "%02x", bytes[i]);
	softep_reply_add(line->reply, "\n");
	return true;
}

static bool
peek(struct ntb_line *line)
{
	return move(line, vntb_memory, false);
}

static bool
poke(struct ntb_line *line)
{
	return move(line, vntb_memory, true);
}

static bool
read_host(struct ntb_line *line)
{
	return move(line, vntb_outbound, false);
}

static bool
write_host(struct ntb_line *line)
{
	return move(line, vntb_outbound, true);
}

static bool
status(struct ntb_line *line)
{
	if (!line_end(line))
		return false;
	softep_ntb_stats(line->board, line->reply);
	return true;
}

static bool
unbind(struct ntb_line *line)
{
	if (!line_end(line))
		return false;
	softep_ntb_unbind(line->board);
	return true;
}

static bool
bind_again(struct ntb_line *line)
{
	if (!line_end(line))
		return false;
	softep_ntb_rebind(line->board);
	return true;
}

/** The first ones are of both modes, the others of a client of the endpoint. */
static const char *const verbs[] = {
	"status", "unbind", "bind", "ring", "db", "spad", "trans", "peek", "poke", "read", "write",
	NULL,
};
#define VERBS_OF_BOTH 3

static bool (*const runs[])(struct ntb_line *line) = {
	status, unbind, bind_again, ring, db, spad, translate, peek, poke, read_host, write_host,
};

bool
softep_ntb_command(struct softep *board, char **words, struct softep_reply *reply)
{
	const enum softep_ntb_mode mode = board->opt->ntb.mode;
	struct ntb_line line = {
		.board = board,
		.vntb = mode == SOFTEP_NTB_VNTB ? &board->ntb.vntb : NULL,
		.word = words,
		.reply = reply,
	};
	int verb;

	if (mode == SOFTEP_NTB_PROCESS)
		return line_error(&line, "ntb", "a board with --vntb or --back-to-back");
	verb = line_word(&line, "ntb", verbs, "status, unbind, bind, ring, db, spad, trans, peek, "
			 "poke, read or write");
	if (verb < 0)
		return false;
	if (line.vntb == NULL && verb >= VERBS_OF_BOTH) {
		line.word--;
		return line_error(&line, "ntb", "status, unbind or bind with --back-to-back");
	}
	return runs[verb](&line);
}
