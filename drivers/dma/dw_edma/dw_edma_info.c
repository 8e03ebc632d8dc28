/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * A memory window with registers, lists and an information block, as two generations of an endpoint
 * lay it out:
 *
 *   first          registers | information block | lists of write, then of read channels
 *                  0           0x10000             0x11000, a stride each
 *
 *   second         information block | notify block | registers | lists of 5 read channels
 *                  0                   1 page         2 pages     directly behind, a page each
 *
 * The last read channel is the one with which a host may raise an interrupt of the endpoint; as a
 * channel it is no different from the others. The block says nothing of its version, length or byte
 * order; little endian is meant. Nothing is asked of the endpoint.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dw_edma_parse.h"

#define INFO_MAGIC 0x45444d41u
/** A block in the other byte order; the header of an unrelated self-test has the same number. */
#define INFO_MAGIC_SWAPPED 0x414d4445u

/* First generation. */
#define INFO1_OFFSET 0x10000u
#define INFO1_LISTS 0x11000u
#define INFO1_COUNTS 0x04 /* [15:0] write channels, [31:16] read channels */
#define INFO1_STRIDE 0x10
#define INFO1_WR_LISTS 0x18
#define INFO1_RD_LISTS 0x58
#define INFO1_BYTES 0xa0
#define INFO1_CHANNELS 8

/* Second generation. */
#define INFO2_REGS_BYTES 0x04
#define INFO2_CNT 0x08
#define INFO2_LISTS 0x18
#define INFO2_CHANNELS 5
#define INFO2_BYTES 0x40

#define INFO_PAGE_BYTES 4096u
#define INFO_PAGE_MAX 65536u

struct info {
	const struct dw_edma_source *src;
	struct dw_edma_window window;
	uint32_t page_bytes;
};

static int
info_read(const struct info *p, uint64_t offset, uint32_t *words, unsigned int cnt)
{
	return dw_edma_read_steady(p->src, p->window.bar, p->window.offset + offset, words, cnt);
}

/** A part of the window; false if the window is shorter. */
static bool
info_part(const struct info *p, uint64_t offset, uint64_t bytes, struct dw_edma_window *part)
{
	*part = (struct dw_edma_window){ p->window.bar, p->window.offset + offset, bytes };
	return offset <= p->window.bytes && bytes <= p->window.bytes - offset;
}

static int
info_too_short(const struct info *p, uint64_t need)
{
	return dw_edma_refuse(p->src, -ERANGE,
			      "INFO: window of 0x%" PRIx64 " bytes, expected at least 0x%" PRIx64
			      " for what the information block describes", p->window.bytes, need);
}

/** Lists of a direction: addresses from an array, windows at a distance of @p bytes. */
static int
info_lists(const struct info *p, uint64_t array, uint64_t offset, uint64_t bytes,
	   unsigned int cnt, struct dw_edma_ll_layout *ll)
{
	uint32_t word[2];
	unsigned int i;
	int rc;

	for (i = 0; i < cnt; i++, offset += bytes) {
		rc = info_read(p, array + UINT64_C(8) * i, word, 2);
		if (rc != 0)
			return rc;
		ll[i].local = dw_edma_join(word[0], word[1]);
		if (!info_part(p, offset, bytes, &ll[i].window))
			return info_too_short(p, offset + bytes);
	}
	return 0;
}

static int
info_first(const struct info *p, struct dw_edma_layout *layout)
{
	uint32_t counts, stride;
	unsigned int wr, rd;
	int rc;

	rc = info_read(p, INFO1_OFFSET + INFO1_COUNTS, &counts, 1);
	if (rc == 0)
		rc = info_read(p, INFO1_OFFSET + INFO1_STRIDE, &stride, 1);
	if (rc != 0)
		return rc;
	wr = counts & 0xffff;
	rd = counts >> 16;
	if (wr > INFO1_CHANNELS || rd > INFO1_CHANNELS || wr + rd == 0)
		return dw_edma_refuse(p->src, -EPROTO,
				      "INFO: %u write and %u read channels, expected at most %u, "
				      "and at least 1 in all", wr, rd, INFO1_CHANNELS);
	layout->cnt[DW_EDMA_LAYOUT_WR] = wr;
	layout->cnt[DW_EDMA_LAYOUT_RD] = rd;
	(void)info_part(p, 0, INFO1_OFFSET, &layout->regs); /* the block is behind them */
	rc = info_lists(p, INFO1_OFFSET + INFO1_WR_LISTS, INFO1_LISTS, stride, wr,
			layout->ll[DW_EDMA_LAYOUT_WR]);
	if (rc == 0)
		rc = info_lists(p, INFO1_OFFSET + INFO1_RD_LISTS,
				INFO1_LISTS + (uint64_t)wr * stride, stride, rd,
				layout->ll[DW_EDMA_LAYOUT_RD]);
	return rc;
}

static int
info_second(const struct info *p, struct dw_edma_layout *layout)
{
	const uint64_t regs = 2 * (uint64_t)p->page_bytes;
	uint32_t bytes, cnt;
	int rc;

	rc = info_read(p, INFO2_REGS_BYTES, &bytes, 1);
	if (rc == 0)
		rc = info_read(p, INFO2_CNT, &cnt, 1);
	if (rc != 0)
		return rc;
	/* Behind the 16-bit count the compiler of the endpoint leaves a gap with anything in it. */
	cnt &= 0xffff;
	if (cnt != INFO2_CHANNELS)
		return dw_edma_refuse(p->src, -EPROTO, "INFO: %u channels, expected %u", cnt,
				      INFO2_CHANNELS);
	if (bytes == 0 || (bytes & (bytes - 1)) != 0)
		return dw_edma_refuse(p->src, -EPROTO,
				      "INFO: registers of 0x%x bytes, expected a power of two",
				      bytes);
	layout->cnt[DW_EDMA_LAYOUT_RD] = cnt;
	if (!info_part(p, regs, bytes, &layout->regs))
		return info_too_short(p, regs + bytes);
	return info_lists(p, INFO2_LISTS, regs + bytes, p->page_bytes, cnt,
			  layout->ll[DW_EDMA_LAYOUT_RD]);
}

static int
info_given(const struct dw_edma_source *src, const struct dw_edma_window *window,
	   uint32_t page_bytes, struct info *p)
{
	*p = (struct info){ .src = src, .page_bytes = page_bytes };
	if (page_bytes == 0)
		p->page_bytes = INFO_PAGE_BYTES;
	if (p->page_bytes < INFO_PAGE_BYTES || p->page_bytes > INFO_PAGE_MAX ||
	    (p->page_bytes & (p->page_bytes - 1)) != 0)
		return dw_edma_refuse(src, -EINVAL,
				      "INFO: page of %u bytes, expected a power of two from %u to "
				      "%u", p->page_bytes, INFO_PAGE_BYTES, INFO_PAGE_MAX);
	return dw_edma_given_window(src, "INFO: window", window, INFO2_BYTES, &p->window);
}

/** The magic number at an offset, 0 if the window ends before. */
static int
info_magic(const struct info *p, uint64_t offset, uint64_t bytes, uint32_t *magic)
{
	struct dw_edma_window part;

	*magic = 0;
	return info_part(p, offset, bytes, &part) ? info_read(p, offset, magic, 1) : 0;
}

int
dw_edma_info_find(const struct dw_edma_source *src, const struct dw_edma_window *window,
		  uint32_t page_bytes, struct dw_edma_layout *layout)
{
	struct dw_edma_window taken;
	uint32_t first = 0, second;
	struct info p;
	int rc;

	rc = info_given(src, window, page_bytes, &p);
	if (rc == 0)
		rc = info_magic(&p, 0, INFO2_BYTES, &second);
	if (rc == 0 && second != INFO_MAGIC)
		rc = info_magic(&p, INFO1_OFFSET, INFO1_BYTES, &first);
	if (rc != 0)
		return rc;
	layout->map = DW_EDMA_MAP_UNROLL;
	if (second == INFO_MAGIC)
		rc = info_second(&p, layout);
	else if (first == INFO_MAGIC)
		rc = info_first(&p, layout);
	else if (first == INFO_MAGIC_SWAPPED || second == INFO_MAGIC_SWAPPED)
		rc = dw_edma_refuse(src, -ENOTSUP,
				    "INFO: magic 0x%08x, big endian or of a self-test, expected "
				    "0x%08x", INFO_MAGIC_SWAPPED, INFO_MAGIC);
	else
		rc = dw_edma_refuse(src, -ENOENT,
				    "INFO: magic 0x%08x at 0x0 and 0x%08x at 0x%x of the window, "
				    "expected 0x%08x", second, first, INFO1_OFFSET, INFO_MAGIC);
	(void)info_part(&p, second == INFO_MAGIC ? 0 : INFO1_OFFSET,
			second == INFO_MAGIC ? 2 * (uint64_t)p.page_bytes : INFO1_BYTES, &taken);
	return rc != 0 ? rc : dw_edma_layout_check(src, layout, &taken, 1);
}
