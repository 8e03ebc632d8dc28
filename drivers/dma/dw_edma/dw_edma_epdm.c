/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * A slice of a BAR, "EPDM", that an endpoint NTB's control region of version 1 locates. It starts
 * with a header and has the lists of some read channels; the registers are in it or elsewhere.
 * Offsets count from the start of the BAR. Nothing is asked of the endpoint.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dw_edma_parse.h"

/* Control region. */
#define EPDM_CONTROL_VERSION 0x0c
#define EPDM_CONTROL_SPAD_OFFSET 0x28
#define EPDM_CONTROL_LOCATOR 0x154
#define EPDM_CONTROL_BYTES 0x168

enum epdm_locator_word {
	EPDM_L_ABI,
	EPDM_L_BAR,
	EPDM_L_OFFSET,
	EPDM_L_BYTES,
	EPDM_L_CNT,
	EPDM_L_WORDS,
};

#define EPDM_MAGIC 0x4d445045u /* bytes "EPDM" */
#define EPDM_HEADER_BYTES 0xe0u
#define EPDM_CHANNELS 8

enum epdm_word {
	EPDM_W_MAGIC,
	EPDM_W_VERSION, /* [15:0] version, [31:16] bytes of the header */
	EPDM_W_BYTES,
	EPDM_W_REGS_BAR,
	EPDM_W_REGS_OFFSET,
	EPDM_W_REGS_BYTES,
	EPDM_W_VECTORS,
	EPDM_W_CNT,
	EPDM_WORDS,
};

/* A channel: BAR, offset, bytes, padding, address. */
#define EPDM_CHANNEL(n) (0x20 + UINT64_C(24) * (n))
#define EPDM_CHANNEL_WORDS 3
#define EPDM_CHANNEL_ADDRESS 0x10

struct epdm {
	const struct dw_edma_source *src;
	struct dw_edma_window slice;
	/** Channels, or rather their interrupt vectors, that the control region tells of. */
	uint32_t vectors;
	uint32_t cnt;
};

static int
epdm_check_version(const struct dw_edma_source *src, const struct dw_edma_window *control)
{
	uint32_t version, spad;
	int rc;

	rc = dw_edma_read_words(src, control->bar, control->offset + EPDM_CONTROL_VERSION, &version,
				1);
	if (rc == 0 && version != 1)
		return dw_edma_refuse(src, -ENOENT,
				      "EPDM: version %u of the control region, expected 1",
				      version);
	if (rc == 0)
		rc = dw_edma_read_words(src, control->bar,
					control->offset + EPDM_CONTROL_SPAD_OFFSET, &spad, 1);
	if (rc == 0 && spad < EPDM_CONTROL_BYTES)
		rc = dw_edma_refuse(src, -EPROTO,
				    "EPDM: scratchpads at 0x%x of the control region, expected "
				    "0x%x or more", spad, EPDM_CONTROL_BYTES);
	return rc;
}

static int
epdm_locate(struct epdm *p, const struct dw_edma_window *control)
{
	uint32_t word[EPDM_L_WORDS];
	int rc;

	rc = epdm_check_version(p->src, control);
	if (rc == 0)
		rc = dw_edma_read_steady(p->src, control->bar,
					 control->offset + EPDM_CONTROL_LOCATOR, word,
					 EPDM_L_WORDS);
	if (rc != 0)
		return rc;
	if (word[EPDM_L_ABI] != 1)
		return dw_edma_refuse(p->src, word[EPDM_L_ABI] == 0 ? -ENOENT : -ENOTSUP,
				      "EPDM: interface %u in the control region, expected 1",
				      word[EPDM_L_ABI]);
	p->vectors = word[EPDM_L_CNT] != 0 ? word[EPDM_L_CNT] : 1;
	p->slice = (struct dw_edma_window){
		word[EPDM_L_BAR], word[EPDM_L_OFFSET], word[EPDM_L_BYTES]
	};
	if (p->slice.offset % 4 != 0 ||
	    !dw_edma_window_ok(p->src, &p->slice, EPDM_HEADER_BYTES))
		return dw_edma_refuse(p->src, -ERANGE,
				      "EPDM: slice of 0x%" PRIx64 " bytes at 0x%" PRIx64
				      " of BAR %u, expected at least 0x%x inside a memory BAR",
				      p->slice.bytes, p->slice.offset, p->slice.bar,
				      EPDM_HEADER_BYTES);
	return 0;
}

static int
epdm_check_kind(const struct epdm *p, const uint32_t *word)
{
	const uint32_t version = word[EPDM_W_VERSION] & 0xffff;
	const uint32_t bytes = word[EPDM_W_VERSION] >> 16;

	if (word[EPDM_W_MAGIC] != EPDM_MAGIC)
		return dw_edma_refuse(p->src, -EPROTO, "EPDM: magic 0x%08x, expected 0x%08x",
				      word[EPDM_W_MAGIC], EPDM_MAGIC);
	if (version != 1)
		return dw_edma_refuse(p->src, -ENOTSUP, "EPDM: version %u, expected 1", version);
	if (bytes != EPDM_HEADER_BYTES)
		return dw_edma_refuse(p->src, -EPROTO, "EPDM: header of 0x%x bytes, expected 0x%x",
				      bytes, EPDM_HEADER_BYTES);
	if (word[EPDM_W_BYTES] != p->slice.bytes)
		return dw_edma_refuse(p->src, -EPROTO,
				      "EPDM: 0x%x bytes in all, expected 0x%" PRIx64
				      " as the control region says", word[EPDM_W_BYTES],
				      p->slice.bytes);
	return 0;
}

static int
epdm_header(struct epdm *p, struct dw_edma_window *regs)
{
	uint32_t word[EPDM_WORDS];
	int rc;

	rc = dw_edma_read_steady(p->src, p->slice.bar, p->slice.offset, word, EPDM_WORDS);
	if (rc == 0)
		rc = epdm_check_kind(p, word);
	if (rc != 0)
		return rc;
	if (word[EPDM_W_VECTORS] != p->vectors)
		return dw_edma_refuse(p->src, -EPROTO,
				      "EPDM: %u vectors, expected %u as the control region says",
				      word[EPDM_W_VECTORS], p->vectors);
	p->cnt = word[EPDM_W_CNT];
	if (p->cnt == 0 || p->cnt > p->vectors || p->cnt > EPDM_CHANNELS)
		return dw_edma_refuse(p->src, -EPROTO,
				      "EPDM: %u channels with %u vectors, expected 1 to %u, and a "
				      "vector for each", p->cnt, p->vectors, EPDM_CHANNELS);
	*regs = (struct dw_edma_window){
		word[EPDM_W_REGS_BAR], word[EPDM_W_REGS_OFFSET], word[EPDM_W_REGS_BYTES]
	};
	return 0;
}

static int
epdm_channel(const struct epdm *p, unsigned int i, struct dw_edma_ll_layout *ll)
{
	const uint64_t at = p->slice.offset + EPDM_CHANNEL(i);
	uint32_t word[EPDM_CHANNEL_WORDS], address[2];
	uint64_t start;
	int rc;

	rc = dw_edma_read_steady(p->src, p->slice.bar, at, word, EPDM_CHANNEL_WORDS);
	if (rc == 0)
		rc = dw_edma_read_steady(p->src, p->slice.bar, at + EPDM_CHANNEL_ADDRESS, address,
					 2);
	if (rc != 0)
		return rc;
	ll->window = (struct dw_edma_window){ word[0], word[1], word[2] };
	ll->local = dw_edma_join(address[0], address[1]);
	start = ll->window.offset - p->slice.offset;
	if (ll->window.bar != p->slice.bar || ll->window.offset < p->slice.offset ||
	    start > p->slice.bytes || ll->window.bytes > p->slice.bytes - start)
		return dw_edma_refuse(p->src, -ERANGE,
				      "EPDM: list %u of 0x%" PRIx64 " bytes at 0x%" PRIx64
				      " of BAR %u, expected inside the slice of 0x%" PRIx64
				      " at 0x%" PRIx64 " of BAR %u", i, ll->window.bytes,
				      ll->window.offset, ll->window.bar, p->slice.bytes,
				      p->slice.offset, p->slice.bar);
	return 0;
}

int
dw_edma_epdm_find(const struct dw_edma_source *src, const struct dw_edma_window *control,
		  struct dw_edma_layout *layout)
{
	struct epdm p = { .src = src };
	struct dw_edma_window taken[2];
	unsigned int i;
	int rc;

	rc = dw_edma_given_window(src, "EPDM: control region", control, EPDM_CONTROL_BYTES,
				  &taken[0]);
	if (rc == 0)
		rc = epdm_locate(&p, &taken[0]);
	if (rc == 0)
		rc = epdm_header(&p, &layout->regs);
	if (rc != 0)
		return rc;
	layout->map = DW_EDMA_MAP_UNROLL;
	layout->cnt[DW_EDMA_LAYOUT_RD] = p.cnt;
	for (i = 0; i < p.cnt && rc == 0; i++)
		rc = epdm_channel(&p, i, &layout->ll[DW_EDMA_LAYOUT_RD][i]);
	/* Of the region given only the part that is known to be in use. */
	taken[0].bytes = EPDM_CONTROL_BYTES;
	taken[1] = p.slice;
	taken[1].bytes = EPDM_HEADER_BYTES;
	return rc != 0 ? rc : dw_edma_layout_check(src, layout, taken, 2);
}
