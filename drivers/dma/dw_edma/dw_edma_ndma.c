/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * A block in the control region of an endpoint NTB, "NDMA". The endpoint puts registers and lists
 * behind their BARs when it is told to, by a command of the NTB, and takes them away again by
 * another one. The block has to be the same before and after.
 *
 * One command at a time: the caller sees to it that nobody else issues any.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dw_edma_parse.h"

/* Control region. */
#define NDMA_COMMAND 0x00
#define NDMA_ARGUMENT 0x04
/** [15:0] status of the command; [31:16] the link's, which is not the host's to write. */
#define NDMA_STATUS 0x08
#define NDMA_STATUS_VALUE(v) ((v) & 0xffffu)
#define NDMA_STATUS_OK 1
#define NDMA_STATUS_ERROR 2
#define NDMA_SPAD_OFFSET 0x28
#define NDMA_BLOCK 0x134u

#define NDMA_CMD_CONFIGURE 7
#define NDMA_CMD_TEARDOWN 8

/**
 * Longest wait for the endpoint to take a command, and to finish it. It looks twice a second when
 * it has an interrupt for doorbells, and every 5 ms otherwise.
 */
#define NDMA_COMMAND_MS 1000

#define NDMA_MAGIC 0x414d444eu /* bytes "NDMA" */
#define NDMA_TYPE_DW 1
#define NDMA_CHANNELS 8

enum ndma_word {
	NDMA_W_MAGIC,
	NDMA_W_LENGTH, /* [15:0] revision, [31:16] bytes of the block */
	NDMA_W_TYPE,
	NDMA_W_SUBMAP_BAR,
	NDMA_W_SUBMAP_OFFSET,
	NDMA_W_SUBMAP_BYTES,
	NDMA_W_REGS_BAR,
	NDMA_W_REGS_OFFSET,
	NDMA_W_REGS_BYTES,
	NDMA_HEADER_WORDS,
};

/* A channel: BAR, offset, bytes, address low, address high. */
#define NDMA_CHANNEL_WORDS 5
#define NDMA_WORDS (NDMA_HEADER_WORDS + NDMA_CHANNELS * NDMA_CHANNEL_WORDS)
#define NDMA_HEADER_BYTES (4u * NDMA_HEADER_WORDS)
#define NDMA_CHANNEL_BYTES (4u * NDMA_CHANNEL_WORDS)

/** What an endpoint without the extension has of it at least, if its scratchpads start later. */
#define NDMA_COMMON_BYTES 0x18u
#define NDMA_CONTROL_MIN (NDMA_BLOCK + NDMA_COMMON_BYTES)

struct ndma {
	const struct dw_edma_source *src;
	struct dw_edma_window control;
	uint32_t spad_offset;
	uint32_t word[NDMA_WORDS];
	unsigned int cnt;
};

/* Commands ------------------------------------------------------------------------------------- */

static int
ndma_read(const struct ndma *p, uint32_t reg, uint32_t *value)
{
	return dw_edma_read_words(p->src, p->control.bar, p->control.offset + reg, value, 1);
}

static void
ndma_write(const struct ndma *p, uint32_t reg, uint32_t value)
{
	p->src->bar_write(p->src->ctx, p->control.bar, p->control.offset + reg, value);
}

static void
ndma_clear_status(const struct ndma *p)
{
	p->src->bar_write16(p->src->ctx, p->control.bar, p->control.offset + NDMA_STATUS, 0);
}

/** The endpoint has taken what was asked of it last, by whomever. */
static int
ndma_wait_taken(const struct ndma *p)
{
	unsigned int ms;
	uint32_t command;
	int rc;

	for (ms = 0; ; ms++) {
		rc = ndma_read(p, NDMA_COMMAND, &command);
		if (rc != 0 || command == 0)
			return rc;
		if (ms == NDMA_COMMAND_MS)
			return dw_edma_refuse(p->src, -EBUSY,
					      "NDMA: command %u after %u ms, expected 0: taken",
					      command, ms);
		p->src->delay_ms(p->src->ctx, 1);
	}
}

static int
ndma_wait_status(const struct ndma *p, uint32_t command)
{
	unsigned int ms;
	uint32_t word;
	int rc;

	for (ms = 0; ; ms++) {
		rc = ndma_read(p, NDMA_STATUS, &word);
		if (rc != 0 || NDMA_STATUS_VALUE(word) == NDMA_STATUS_OK)
			return rc;
		if (NDMA_STATUS_VALUE(word) == NDMA_STATUS_ERROR)
			return dw_edma_refuse(p->src, -EIO,
					      "NDMA: status 2 of command %u, expected 1", command);
		if (ms == NDMA_COMMAND_MS)
			return dw_edma_refuse(p->src, -ETIMEDOUT,
					      "NDMA: status %u of command %u after %u ms, expected "
					      "1", NDMA_STATUS_VALUE(word), command, ms);
		p->src->delay_ms(p->src->ctx, 1);
	}
}

static int
ndma_command(const struct ndma *p, uint32_t command)
{
	int rc;

	rc = ndma_wait_taken(p);
	if (rc != 0)
		return rc;
	/* An earlier command that was given up may have been finished since. */
	ndma_clear_status(p);
	ndma_write(p, NDMA_ARGUMENT, 0);
	ndma_write(p, NDMA_COMMAND, command);
	rc = ndma_wait_status(p, command);
	if (rc != -ENODEV)
		ndma_clear_status(p);
	return rc;
}

static void
ndma_say_nothing(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/** Takes the configuration back when another failure has been told already. */
static void
ndma_undo(const struct ndma *p)
{
	struct dw_edma_source src = *p->src;
	const struct ndma quiet = { .src = &src, .control = p->control };

	src.complain = ndma_say_nothing;
	(void)ndma_command(&quiet, NDMA_CMD_TEARDOWN);
}

/* Block ---------------------------------------------------------------------------------------- */

/** Whether there is a block. Where it would be, endpoints without it may have scratchpads. */
static int
ndma_check_present(struct ndma *p)
{
	int rc;

	rc = ndma_read(p, NDMA_SPAD_OFFSET, &p->spad_offset);
	if (rc == 0 && p->spad_offset < NDMA_CONTROL_MIN)
		return dw_edma_refuse(p->src, -ENOENT,
				      "NDMA: scratchpads at 0x%x of the control region, expected "
				      "0x%x or more", p->spad_offset, NDMA_CONTROL_MIN);
	if (rc == 0)
		rc = ndma_read(p, NDMA_BLOCK, &p->word[NDMA_W_MAGIC]);
	if (rc == 0 && p->word[NDMA_W_MAGIC] != NDMA_MAGIC)
		rc = dw_edma_refuse(p->src, p->word[NDMA_W_MAGIC] == 0 ? -ENOENT : -EPROTO,
				    "NDMA: magic 0x%08x, expected 0x%08x", p->word[NDMA_W_MAGIC],
				    NDMA_MAGIC);
	return rc;
}

static int
ndma_check_length(struct ndma *p)
{
	const uint32_t revision = p->word[NDMA_W_LENGTH] & 0xffff;
	const uint32_t bytes = p->word[NDMA_W_LENGTH] >> 16;
	uint64_t room = p->control.bytes;

	if (revision != 1)
		return dw_edma_refuse(p->src, -ENOTSUP, "NDMA: revision %u, expected 1", revision);
	if (bytes < NDMA_HEADER_BYTES + NDMA_CHANNEL_BYTES || bytes > 4 * NDMA_WORDS ||
	    (bytes - NDMA_HEADER_BYTES) % NDMA_CHANNEL_BYTES != 0)
		return dw_edma_refuse(p->src, -EPROTO,
				      "NDMA: 0x%x bytes, expected 0x%x and 0x%x for each of 1 to "
				      "%u channels", bytes, NDMA_HEADER_BYTES, NDMA_CHANNEL_BYTES,
				      NDMA_CHANNELS);
	if (room > p->spad_offset)
		room = p->spad_offset;
	if (NDMA_BLOCK + bytes > room)
		return dw_edma_refuse(p->src, -ERANGE,
				      "NDMA: 0x%x bytes, expected at most 0x%" PRIx64
				      " before scratchpads and end of the control region",
				      bytes, room - NDMA_BLOCK);
	p->cnt = (bytes - NDMA_HEADER_BYTES) / NDMA_CHANNEL_BYTES;
	return 0;
}

/** Copies the block. The BAR of a sub-map that there is not is all-ones. */
static int
ndma_copy(struct ndma *p)
{
	const struct dw_edma_source *src = p->src;
	const uint64_t at = p->control.offset + NDMA_BLOCK;
	const unsigned int bar = p->control.bar, submap = NDMA_W_SUBMAP_BAR;
	const unsigned int end = NDMA_HEADER_WORDS + p->cnt * NDMA_CHANNEL_WORDS;
	int rc;

	rc = dw_edma_read_words(src, bar, at, p->word, submap);
	p->word[submap] = src->bar_read(src->ctx, bar, at + UINT64_C(4) * submap);
	if (rc == 0)
		rc = dw_edma_read_words(src, bar, at + UINT64_C(4) * (submap + 1),
					&p->word[submap + 1], end - submap - 1);
	return rc;
}

static int
ndma_check_submap(const struct ndma *p)
{
	const struct dw_edma_window submap = {
		p->word[NDMA_W_SUBMAP_BAR], p->word[NDMA_W_SUBMAP_OFFSET],
		p->word[NDMA_W_SUBMAP_BYTES]
	};
	const bool none = submap.bytes == 0 && submap.offset == 0 && submap.bar == UINT32_MAX;

	if (none || dw_edma_window_ok(p->src, &submap, 1))
		return 0;
	return dw_edma_refuse(p->src, -ERANGE,
			      "NDMA: sub-map of 0x%" PRIx64 " bytes at 0x%" PRIx64
			      " of BAR %u, expected inside a memory BAR, or 0 at 0 of BAR %u",
			      submap.bytes, submap.offset, submap.bar, UINT32_MAX);
}

static void
ndma_layout(const struct ndma *p, struct dw_edma_layout *layout)
{
	const uint32_t *word = p->word;
	struct dw_edma_ll_layout *ll;
	unsigned int i;

	layout->map = DW_EDMA_MAP_UNROLL;
	layout->cnt[DW_EDMA_LAYOUT_RD] = p->cnt;
	layout->regs = (struct dw_edma_window){
		word[NDMA_W_REGS_BAR], word[NDMA_W_REGS_OFFSET], word[NDMA_W_REGS_BYTES]
	};
	word += NDMA_HEADER_WORDS;
	for (i = 0; i < p->cnt; i++, word += NDMA_CHANNEL_WORDS) {
		ll = &layout->ll[DW_EDMA_LAYOUT_RD][i];
		ll->window = (struct dw_edma_window){ word[0], word[1], word[2] };
		ll->local = dw_edma_join(word[3], word[4]);
	}
}

/** A copy of the block, checked. */
static int
ndma_block(struct ndma *p, struct dw_edma_layout *layout)
{
	struct dw_edma_window taken;
	int rc;

	rc = ndma_check_present(p);
	if (rc == 0)
		rc = ndma_read(p, NDMA_BLOCK + 4 * NDMA_W_LENGTH, &p->word[NDMA_W_LENGTH]);
	if (rc == 0)
		rc = ndma_check_length(p);
	if (rc == 0)
		rc = ndma_copy(p);
	if (rc == 0 && p->word[NDMA_W_TYPE] != NDMA_TYPE_DW)
		rc = dw_edma_refuse(p->src, -ENOTSUP, "NDMA: type %u, expected %u",
				    p->word[NDMA_W_TYPE], NDMA_TYPE_DW);
	if (rc == 0)
		rc = ndma_check_submap(p);
	if (rc != 0)
		return rc;
	ndma_layout(p, layout);
	taken = p->control;
	taken.bytes = NDMA_BLOCK + NDMA_HEADER_BYTES + p->cnt * NDMA_CHANNEL_BYTES;
	return dw_edma_layout_check(p->src, layout, &taken, 1);
}

/** The same again, now that what it describes is in place. */
static int
ndma_confirm(const struct ndma *before, struct dw_edma_layout *layout)
{
	struct ndma p = { .src = before->src, .control = before->control };
	unsigned int i;
	int rc;

	rc = ndma_block(&p, layout);
	for (i = 0; i < NDMA_WORDS && rc == 0; i++)
		if (p.word[i] != before->word[i])
			rc = dw_edma_refuse(p.src, -EAGAIN,
					    "NDMA: word at 0x%x was 0x%08x before command %u, is "
					    "0x%08x", 4 * i, before->word[i], NDMA_CMD_CONFIGURE,
					    p.word[i]);
	return rc;
}

int
dw_edma_ndma_find(const struct dw_edma_source *src, const struct dw_edma_window *control,
		  struct dw_edma_layout *layout, struct dw_edma_claim *claim)
{
	struct ndma p = { .src = src };
	int rc;

	if (src->bar_write16 == NULL)
		return dw_edma_refuse(src, -ENOTSUP,
				      "NDMA: BARs cannot be written in halves of words");
	rc = dw_edma_given_window(src, "NDMA: control region", control, NDMA_CONTROL_MIN,
				  &p.control);
	if (rc == 0)
		rc = ndma_block(&p, layout);
	if (rc == 0)
		rc = ndma_command(&p, NDMA_CMD_CONFIGURE);
	if (rc == -ETIMEDOUT)
		ndma_undo(&p);
	if (rc != 0)
		return rc;
	rc = ndma_confirm(&p, layout);
	if (rc != 0) {
		ndma_undo(&p);
		return rc;
	}
	*claim = (struct dw_edma_claim){
		.format = DW_EDMA_FORMAT_NDMA, .bar = p.control.bar, .offset = p.control.offset
	};
	return 0;
}

void
dw_edma_ndma_release(const struct dw_edma_source *src, const struct dw_edma_claim *claim)
{
	const struct ndma p = {
		.src = src, .control = { .bar = claim->bar, .offset = claim->offset }
	};

	(void)ndma_command(&p, NDMA_CMD_TEARDOWN);
}
