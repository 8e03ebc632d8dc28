/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Metadata of an endpoint's DMA function, "PEDM", at the start of a memory BAR.
 *
 *   host: check header, set HOST_REQ      endpoint: sees HOST_REQ, puts registers and lists
 *   host: wait for READY                            behind its DMA window BAR, sets READY
 *   host: check header again, parse       link lost: clears READY, does so again at link up
 *   host: at the end, clear HOST_REQ
 *
 * The endpoint's memory may change at any time, so what counts are copies: one of the header that
 * has to be the same before and after READY, and one of each channel entry, made while READY holds.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dw_edma_parse.h"

#define PEDM_MAGIC 0x4d444550u /* bytes "PEDM" */

/* Words of the header. */
enum pedm_word {
	PEDM_W_MAGIC,
	PEDM_W_LENGTH,
	PEDM_W_CONTROL,
	PEDM_W_REGS_LO,
	PEDM_W_REGS_HI,
	PEDM_W_LAYOUT,
	PEDM_W_REGS_BYTES,
	PEDM_WORDS,
};

#define PEDM_REVISION(v) ((v) & 0xffu)
#define PEDM_LENGTH(v) ((v) >> 16)
#define PEDM_BAR(v) ((v) & 0x7u)
#define PEDM_WR_CNT(v) ((v) >> 3 & 0xffu)
#define PEDM_RD_CNT(v) ((v) >> 11 & 0xffu)
#define PEDM_ENTRY(v) ((v) >> 19 & 0xffu)
#define PEDM_CONTROL_OFFSET 0x08
#define PEDM_CONTROL_HOST_REQ 0x40000000u
#define PEDM_CONTROL_READY 0x80000000u
#define PEDM_LAYOUT_ID(v) ((v) & 0xffu)
#define PEDM_LAYOUT_DW 1
#define PEDM_LAYOUT_MAP(v) ((v) >> 8 & 0xffu)

/** Header whose HOST_REQ is in the control word, next to READY, which the endpoint writes. */
#define PEDM_SHORT_BYTES 0x1cu
/** Header with a word for the host alone. */
#define PEDM_LONG_BYTES 0x20u
#define PEDM_HOST_CTRL_OFFSET 0x1c
#define PEDM_HOST_CTRL_HOST_REQ 0x00000001u

/* Words of a channel entry; later revisions may append some. */
#define PEDM_ENTRY_BYTES 0x2cu
#define PEDM_ENTRY_LIST_WORDS 6
#define PEDM_ENTRY_AUX_WORDS 5
#define PEDM_ENTRY_CHANNEL(v) ((v) & 0xffu)
#define PEDM_ENTRY_BAR(v) ((v) >> 8 & 0x7u)
#define PEDM_ENTRY_AUX_BAR(v) ((v) >> 12 & 0x7u)
#define PEDM_ENTRY_AUX_VALID 0x00010000u

/** The endpoint looks at HOST_REQ twice a second. */
#define PEDM_READY_MS 2000

struct pedm {
	const struct dw_edma_source *src;
	unsigned int bar;
	uint32_t word[PEDM_WORDS];
	/* From the words. */
	enum dw_edma_map map;
	unsigned int cnt[DW_EDMA_LAYOUT_DIRS];
	uint32_t entry_bytes;
	uint32_t header_bytes;
	uint32_t bytes;
};

int
dw_edma_pedm_scan(const struct dw_edma_source *src, unsigned int *bar)
{
	bool silent = false;
	uint32_t magic;

	for (*bar = 0; *bar < DW_EDMA_BARS; (*bar)++) {
		if (src->bar_bytes[*bar] < PEDM_SHORT_BYTES)
			continue;
		magic = src->bar_read(src->ctx, *bar, 0);
		if (magic == PEDM_MAGIC)
			return 0;
		silent |= magic == DW_EDMA_DEAD;
	}
	/* A BAR that leads nowhere reads as all-ones as well. */
	return silent ? dw_edma_check_alive(src) : 0;
}

static int
pedm_locate(const struct dw_edma_source *src, const struct dw_edma_opt *given, unsigned int *bar)
{
	int rc;

	if (given->given) {
		if (given->value >= DW_EDMA_BARS || src->bar_bytes[given->value] < PEDM_SHORT_BYTES)
			return dw_edma_refuse(src, -EINVAL,
					      "PEDM: BAR %" PRIu64 ", expected a memory BAR, 0 to "
					      "%u, of at least 0x%x bytes", given->value,
					      DW_EDMA_BARS - 1, PEDM_SHORT_BYTES);
		*bar = (unsigned int)given->value;
		return 0;
	}
	rc = dw_edma_pedm_scan(src, bar);
	if (rc == 0 && *bar == DW_EDMA_BARS)
		rc = dw_edma_refuse(src, -ENOENT, "PEDM: no BAR starts with 0x%08x", PEDM_MAGIC);
	return rc;
}

static int
pedm_check_kind(const struct pedm *p)
{
	const uint32_t layout = p->word[PEDM_W_LAYOUT];
	const uint32_t map = PEDM_LAYOUT_MAP(layout);

	if (p->word[PEDM_W_MAGIC] != PEDM_MAGIC)
		return dw_edma_refuse(p->src, -ENOENT,
				      "PEDM: magic 0x%08x in BAR %u, expected 0x%08x",
				      p->word[PEDM_W_MAGIC], p->bar, PEDM_MAGIC);
	if (PEDM_REVISION(p->word[PEDM_W_LENGTH]) != 1)
		return dw_edma_refuse(p->src, -ENOTSUP, "PEDM: revision %u, expected 1",
				      PEDM_REVISION(p->word[PEDM_W_LENGTH]));
	if (PEDM_LAYOUT_ID(layout) != PEDM_LAYOUT_DW)
		return dw_edma_refuse(p->src, -ENOTSUP, "PEDM: register layout %u, expected %u",
				      PEDM_LAYOUT_ID(layout), PEDM_LAYOUT_DW);
	if (map == DW_EDMA_MAP_LEGACY)
		return dw_edma_refuse(p->src, -ENOTSUP,
				      "PEDM: register map 0, whose view port cannot be shared, "
				      "expected 1, 5 or 7");
	if (dw_edma_map_channels(map) == 0)
		return dw_edma_refuse(p->src, -ENOTSUP, "PEDM: register map %u, expected 1, 5 or 7",
				      map);
	return 0;
}

/** Counts, entry size and length, and with them which header this is. */
static int
pedm_check_sizes(struct pedm *p)
{
	const uint32_t length = PEDM_LENGTH(p->word[PEDM_W_LENGTH]);
	const unsigned int wr = p->cnt[DW_EDMA_LAYOUT_WR], rd = p->cnt[DW_EDMA_LAYOUT_RD];
	const unsigned int max = dw_edma_map_channels(p->map);
	const uint32_t tables = (wr + rd) * p->entry_bytes;

	if (wr > max || rd > max || wr + rd == 0)
		return dw_edma_refuse(p->src, -EPROTO,
				      "PEDM: %u write and %u read channels, expected at most %u, "
				      "and at least 1 in all", wr, rd, max);
	if (p->entry_bytes < PEDM_ENTRY_BYTES || p->entry_bytes % 4 != 0)
		return dw_edma_refuse(p->src, -EPROTO,
				      "PEDM: channel entry of 0x%x bytes, expected at least 0x%x, "
				      "a multiple of 4", p->entry_bytes, PEDM_ENTRY_BYTES);
	if ((length != tables + PEDM_SHORT_BYTES && length != tables + PEDM_LONG_BYTES) ||
	    length > p->src->bar_bytes[p->bar])
		return dw_edma_refuse(p->src, -EPROTO,
				      "PEDM: 0x%x bytes in all, expected 0x%x or 0x%x, and at most "
				      "0x%" PRIx64, length, tables + PEDM_SHORT_BYTES,
				      tables + PEDM_LONG_BYTES, p->src->bar_bytes[p->bar]);
	p->bytes = length;
	p->header_bytes = length - tables;
	return 0;
}

static void
pedm_regs(const struct pedm *p, struct dw_edma_window *regs)
{
	regs->bar = PEDM_BAR(p->word[PEDM_W_CONTROL]);
	regs->offset = dw_edma_join(p->word[PEDM_W_REGS_LO], p->word[PEDM_W_REGS_HI]);
	regs->bytes = p->word[PEDM_W_REGS_BYTES];
}

/**
 * Copies the header and checks the copy, but for the place of the registers: the endpoint may not
 * know it before it is asked for READY.
 */
static int
pedm_header(struct pedm *p)
{
	uint32_t control;
	int rc;

	rc = dw_edma_read_words(p->src, p->bar, 0, p->word, PEDM_WORDS);
	if (rc == 0)
		rc = pedm_check_kind(p);
	if (rc != 0)
		return rc;
	control = p->word[PEDM_W_CONTROL];
	p->map = (enum dw_edma_map)PEDM_LAYOUT_MAP(p->word[PEDM_W_LAYOUT]);
	p->cnt[DW_EDMA_LAYOUT_WR] = PEDM_WR_CNT(control);
	p->cnt[DW_EDMA_LAYOUT_RD] = PEDM_RD_CNT(control);
	p->entry_bytes = PEDM_ENTRY(control);
	if (PEDM_BAR(control) >= DW_EDMA_BARS || p->src->bar_bytes[PEDM_BAR(control)] == 0)
		return dw_edma_refuse(p->src, -ERANGE,
				      "PEDM: registers in BAR %u, expected a memory BAR, 0 to %u",
				      PEDM_BAR(control), DW_EDMA_BARS - 1);
	return pedm_check_sizes(p);
}

/** Sets HOST_REQ, unless a predecessor left it set: READY may be in the same word. */
static int
pedm_request(const struct pedm *p, struct dw_edma_claim *claim)
{
	const bool own_word = p->header_bytes == PEDM_LONG_BYTES;
	uint32_t word;
	int rc;

	claim->bar = p->bar;
	claim->offset = own_word ? PEDM_HOST_CTRL_OFFSET : PEDM_CONTROL_OFFSET;
	claim->bit = own_word ? PEDM_HOST_CTRL_HOST_REQ : PEDM_CONTROL_HOST_REQ;
	rc = dw_edma_read_words(p->src, p->bar, claim->offset, &word, 1);
	if (rc != 0)
		return rc;
	claim->format = DW_EDMA_FORMAT_PEDM;
	if ((word & claim->bit) == 0)
		p->src->bar_write(p->src->ctx, p->bar, claim->offset, word | claim->bit);
	return 0;
}

static int
pedm_wait(const struct pedm *p)
{
	const struct dw_edma_source *src = p->src;
	unsigned int ms;
	uint32_t word;
	int rc;

	for (ms = 0; ; ms++) {
		rc = dw_edma_read_words(src, p->bar, PEDM_CONTROL_OFFSET, &word, 1);
		if (rc != 0 || (word & PEDM_CONTROL_READY) != 0)
			return rc;
		if (ms == PEDM_READY_MS)
			return dw_edma_refuse(src, -ETIMEDOUT,
					      "PEDM: control word 0x%08x after %u ms, expected bit "
					      "31 (READY)", word, ms);
		src->delay_ms(src->ctx, 1);
	}
}

/** A fresh header, as good as the one the request was made for, and the same where that counts. */
static int
pedm_confirm(const struct pedm *before, struct pedm *p)
{
	static const uint32_t fixed[PEDM_WORDS] = {
		[PEDM_W_LENGTH] = UINT32_MAX,
		[PEDM_W_CONTROL] = ~(PEDM_CONTROL_HOST_REQ | PEDM_CONTROL_READY),
		[PEDM_W_LAYOUT] = UINT32_MAX,
	};
	unsigned int i;
	int rc;

	*p = *before;
	rc = pedm_header(p);
	for (i = 0; i < PEDM_WORDS && rc == 0; i++)
		if (((p->word[i] ^ before->word[i]) & fixed[i]) != 0)
			rc = dw_edma_refuse(p->src, -EAGAIN,
					    "PEDM: word at 0x%x is 0x%08x, expected 0x%08x as "
					    "before READY", 4 * i, p->word[i], before->word[i]);
	return rc;
}

/** The endpoint did not take anything back while the tables were read. */
static int
pedm_check_ready(const struct pedm *p, const struct dw_edma_claim *claim)
{
	uint32_t expected = PEDM_CONTROL_READY, word;
	int rc;

	if (claim->offset == PEDM_CONTROL_OFFSET)
		expected |= claim->bit;
	rc = dw_edma_read_words(p->src, p->bar, PEDM_CONTROL_OFFSET, &word, 1);
	if (rc == 0 && (word & expected) != expected)
		rc = dw_edma_refuse(p->src, -EAGAIN,
				    "PEDM: control word 0x%08x after the tables were read, "
				    "expected bits 0x%08x", word, expected);
	return rc;
}

/** The driver has no use for the auxiliary window, but one that is wrong tells of more. */
static int
pedm_check_aux(const struct pedm *p, uint64_t at, uint32_t control)
{
	uint32_t word[PEDM_ENTRY_AUX_WORDS];
	struct dw_edma_window aux;
	int rc;

	rc = dw_edma_read_words(p->src, p->bar, at + 4 * PEDM_ENTRY_LIST_WORDS, word,
				PEDM_ENTRY_AUX_WORDS);
	if (rc != 0)
		return rc;
	aux.bar = PEDM_ENTRY_AUX_BAR(control);
	aux.offset = dw_edma_join(word[0], word[1]);
	aux.bytes = word[2];
	if (dw_edma_window_ok(p->src, &aux, 1))
		return 0;
	return dw_edma_refuse(p->src, -ERANGE,
			      "PEDM: auxiliary window of 0x%" PRIx64 " bytes at 0x%" PRIx64
			      " of BAR %u, expected inside a memory BAR",
			      aux.bytes, aux.offset, aux.bar);
}

static int
pedm_entry(const struct pedm *p, uint64_t at, unsigned int index, struct dw_edma_ll_layout *ll)
{
	uint32_t word[PEDM_ENTRY_LIST_WORDS];
	int rc;

	rc = dw_edma_read_words(p->src, p->bar, at, word, PEDM_ENTRY_LIST_WORDS);
	if (rc != 0)
		return rc;
	if (PEDM_ENTRY_CHANNEL(word[0]) != index)
		return dw_edma_refuse(p->src, -EPROTO,
				      "PEDM: entry %u at 0x%" PRIx64 " is about channel %u, "
				      "expected %u", index, at, PEDM_ENTRY_CHANNEL(word[0]), index);
	ll->window.bar = PEDM_ENTRY_BAR(word[0]);
	ll->window.offset = dw_edma_join(word[1], word[2]);
	ll->window.bytes = word[3];
	ll->local = dw_edma_join(word[4], word[5]);
	return (word[0] & PEDM_ENTRY_AUX_VALID) != 0 ? pedm_check_aux(p, at, word[0]) : 0;
}

static int
pedm_tables(const struct pedm *p, struct dw_edma_layout *layout)
{
	uint64_t at = p->header_bytes;
	unsigned int dir, i;
	int rc = 0;

	layout->map = p->map;
	pedm_regs(p, &layout->regs);
	if (p->map == DW_EDMA_MAP_HDMA_NATIVE)
		dw_edma_layout_usual_blocks(layout);
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++) {
		layout->cnt[dir] = p->cnt[dir];
		for (i = 0; i < p->cnt[dir] && rc == 0; i++) {
			rc = pedm_entry(p, at, i, &layout->ll[dir][i]);
			at += p->entry_bytes;
		}
	}
	return rc;
}

static void
pedm_clear(const struct dw_edma_source *src, const struct dw_edma_claim *claim)
{
	const uint32_t word = src->bar_read(src->ctx, claim->bar, claim->offset);

	if (word != DW_EDMA_DEAD)
		src->bar_write(src->ctx, claim->bar, claim->offset, word & ~claim->bit);
}

/** What follows a request that was made. */
static int
pedm_answer(const struct pedm *before, const struct dw_edma_claim *claim,
	    struct dw_edma_layout *layout)
{
	struct dw_edma_window taken = { .bar = before->bar, .bytes = before->bytes };
	struct pedm p;
	int rc;

	rc = pedm_wait(before);
	if (rc == 0)
		rc = pedm_confirm(before, &p);
	if (rc == 0)
		rc = pedm_tables(&p, layout);
	if (rc == 0)
		rc = pedm_check_ready(&p, claim);
	return rc != 0 ? rc : dw_edma_layout_check(before->src, layout, &taken, 1);
}

int
dw_edma_pedm_find(const struct dw_edma_source *src, const struct dw_edma_opt *given_bar,
		  struct dw_edma_layout *layout, struct dw_edma_claim *claim)
{
	struct pedm p = { .src = src };
	int rc;

	rc = pedm_locate(src, given_bar, &p.bar);
	if (rc == 0)
		rc = pedm_header(&p);
	if (rc == 0)
		rc = pedm_request(&p, claim);
	if (rc != 0)
		return rc;
	rc = pedm_answer(&p, claim, layout);
	if (rc != 0)
		pedm_clear(src, claim);
	return rc;
}

/** Leaves the word alone if the metadata is gone: it may be something else's by now. */
void
dw_edma_pedm_release(const struct dw_edma_source *src, const struct dw_edma_claim *claim)
{
	if (src->bar_read(src->ctx, claim->bar, 0) == PEDM_MAGIC)
		pedm_clear(src, claim);
}
