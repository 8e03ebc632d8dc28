/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What the parsers share: looking at foreign words, and the checks that a layout has to pass
 * whichever format it came from.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dw_edma_parse.h"

/** Longest line to complain(), with the closing zero. */
#define PARSE_LINE_BYTES 192

/** Driver and engine write 64-bit halves of list elements. */
#define LAYOUT_LIST_ALIGN 8

static const char *const layout_dir_names[DW_EDMA_LAYOUT_DIRS] = { "write", "read" };

int
dw_edma_refuse(const struct dw_edma_source *src, int rc, const char *format, ...)
{
	char line[PARSE_LINE_BYTES];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	src->complain(src->ctx, line);
	return rc;
}

int
dw_edma_read_words(const struct dw_edma_source *src, unsigned int bar, uint64_t offset,
		   uint32_t *words, unsigned int cnt)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		words[i] = src->bar_read(src->ctx, bar, offset + UINT64_C(4) * i);
		if (words[i] == DW_EDMA_DEAD)
			return dw_edma_refuse(src, -ENODEV,
					      "device gone: all-ones at 0x%" PRIx64 " of BAR %u",
					      offset + UINT64_C(4) * i, bar);
	}
	return 0;
}

int
dw_edma_read_steady(const struct dw_edma_source *src, unsigned int bar, uint64_t offset,
		    uint32_t *words, unsigned int cnt)
{
	unsigned int i;
	uint32_t again;
	int rc;

	rc = dw_edma_read_words(src, bar, offset, words, cnt);
	for (i = 0; i < cnt && rc == 0; i++) {
		rc = dw_edma_read_words(src, bar, offset + UINT64_C(4) * i, &again, 1);
		if (rc == 0 && again != words[i])
			rc = dw_edma_refuse(src, -EAGAIN,
					    "0x%" PRIx64 " of BAR %u changes: 0x%08x, then 0x%08x",
					    offset + UINT64_C(4) * i, bar, words[i], again);
	}
	return rc;
}

int
dw_edma_check_alive(const struct dw_edma_source *src)
{
	uint32_t id;
	int rc = src->config_read(src->ctx, 0, &id);

	if (rc != 0)
		return dw_edma_refuse(src, rc < 0 ? rc : -EIO,
				      "configuration space at 0x0 cannot be read: error %d", rc);
	if (id == DW_EDMA_DEAD)
		return dw_edma_refuse(src, -ENODEV,
				      "device gone: all-ones at 0x0 of configuration space");
	return 0;
}

bool
dw_edma_window_ok(const struct dw_edma_source *src, const struct dw_edma_window *window,
		  uint64_t min)
{
	uint64_t limit;

	if (window->bar >= DW_EDMA_BARS || window->bytes < min)
		return false;
	limit = src->bar_bytes[window->bar];
	return window->bytes <= limit && window->offset <= limit - window->bytes;
}

int
dw_edma_given_window(const struct dw_edma_source *src, const char *what,
		     const struct dw_edma_window *given, uint64_t min,
		     struct dw_edma_window *window)
{
	uint64_t limit;

	*window = *given;
	if (window->bar >= DW_EDMA_BARS)
		return dw_edma_refuse(src, -EINVAL, "%s in BAR %u, expected 0 to %u", what,
				      window->bar, DW_EDMA_BARS - 1);
	limit = src->bar_bytes[window->bar];
	if (window->bytes == 0 && window->offset <= limit)
		window->bytes = limit - window->offset;
	if (window->offset % 4 != 0 || !dw_edma_window_ok(src, window, min))
		return dw_edma_refuse(src, -EINVAL,
				      "%s of 0x%" PRIx64 " bytes at 0x%" PRIx64 " of BAR %u, "
				      "expected at least 0x%" PRIx64 " below 0x%" PRIx64,
				      what, window->bytes, window->offset, window->bar, min,
				      limit);
	return 0;
}

unsigned int
dw_edma_map_channels(uint64_t map)
{
	switch (map) {
	case DW_EDMA_MAP_LEGACY:
	case DW_EDMA_MAP_UNROLL:
	case DW_EDMA_MAP_HDMA_COMPAT:
		return DW_EDMA_MAX_CH;
	case DW_EDMA_MAP_HDMA_NATIVE:
		return DW_EDMA_CHANS;
	default:
		return 0;
	}
}

void
dw_edma_layout_usual_blocks(struct dw_edma_layout *layout)
{
	layout->blocks[DW_EDMA_LAYOUT_WR] = (struct dw_edma_blocks){ 0, DW_HDMA_STRIDE };
	layout->blocks[DW_EDMA_LAYOUT_RD] =
		(struct dw_edma_blocks){ DW_HDMA_RD_OFFSET, DW_HDMA_STRIDE };
}

static int
layout_check_counts(const struct dw_edma_source *src, const struct dw_edma_layout *layout)
{
	const unsigned int max = dw_edma_map_channels(layout->map);
	unsigned int dir;

	if (max == 0)
		return dw_edma_refuse(src, -EPROTO, "register map %u, expected 0, 1, 5 or 7",
				      (unsigned int)layout->map);
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++)
		if (layout->cnt[dir] > max)
			return dw_edma_refuse(src, -EPROTO,
					      "%u %s channels, expected at most %u for map %u",
					      layout->cnt[dir], layout_dir_names[dir], max,
					      (unsigned int)layout->map);
	if (layout->cnt[DW_EDMA_LAYOUT_WR] + layout->cnt[DW_EDMA_LAYOUT_RD] == 0)
		return dw_edma_refuse(src, -EPROTO, "0 channels, expected at least 1");
	return 0;
}

/** Where channel @p i has its registers in the native map. */
static uint64_t
layout_block(const struct dw_edma_layout *layout, unsigned int dir, unsigned int i)
{
	return layout->blocks[dir].offset + (uint64_t)i * layout->blocks[dir].stride;
}

/** True if a block of a write channel shares registers with one of a read channel. */
static bool
layout_blocks_meet(const struct dw_edma_layout *layout)
{
	unsigned int w, r;
	uint64_t wr, rd;

	for (w = 0; w < layout->cnt[DW_EDMA_LAYOUT_WR]; w++)
		for (r = 0; r < layout->cnt[DW_EDMA_LAYOUT_RD]; r++) {
			wr = layout_block(layout, DW_EDMA_LAYOUT_WR, w);
			rd = layout_block(layout, DW_EDMA_LAYOUT_RD, r);
			if (wr < rd + DW_HDMA_BLOCK_BYTES && rd < wr + DW_HDMA_BLOCK_BYTES)
				return true;
		}
	return false;
}

static int
layout_check_blocks(const struct dw_edma_source *src, const struct dw_edma_layout *layout)
{
	const struct dw_edma_blocks *b;
	unsigned int dir;

	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++) {
		b = &layout->blocks[dir];
		if (b->offset % 4 != 0 || b->stride % 4 != 0 || b->stride < DW_HDMA_BLOCK_BYTES)
			return dw_edma_refuse(src, -EPROTO,
					      "%s blocks at 0x%x, one each 0x%x bytes, expected "
					      "multiples of 4 and at least 0x%x",
					      layout_dir_names[dir], b->offset, b->stride,
					      DW_HDMA_BLOCK_BYTES);
	}
	if (layout_blocks_meet(layout))
		return dw_edma_refuse(src, -ERANGE,
				      "write blocks at 0x%x and read blocks at 0x%x overlap",
				      layout->blocks[DW_EDMA_LAYOUT_WR].offset,
				      layout->blocks[DW_EDMA_LAYOUT_RD].offset);
	return 0;
}

/** End of the last register that the offered channels have. */
static uint64_t
layout_regs_end(const struct dw_edma_layout *layout)
{
	const unsigned int *cnt = layout->cnt;
	uint64_t end = DW_EDMA_WR_CH(0), last;
	unsigned int dir;

	if (layout->map == DW_EDMA_MAP_LEGACY)
		return DW_EDMA_LEGACY_BYTES;
	if (layout->map == DW_EDMA_MAP_HDMA_NATIVE)
		end = 0;
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++) {
		if (cnt[dir] == 0)
			continue;
		if (layout->map == DW_EDMA_MAP_HDMA_NATIVE)
			last = layout_block(layout, dir, cnt[dir] - 1) + DW_HDMA_BLOCK_BYTES;
		else if (dir == DW_EDMA_LAYOUT_WR)
			last = DW_EDMA_WR_CH(cnt[dir] - 1) + DW_EDMA_CH_BYTES;
		else
			last = DW_EDMA_RD_CH(cnt[dir] - 1) + DW_EDMA_CH_BYTES;
		end = last > end ? last : end;
	}
	return end;
}

static int
layout_check_regs(const struct dw_edma_source *src, const struct dw_edma_layout *layout)
{
	const struct dw_edma_window *regs = &layout->regs;
	const uint64_t min = layout_regs_end(layout);

	if (regs->bar >= DW_EDMA_BARS)
		return dw_edma_refuse(src, -ERANGE, "registers in BAR %u, expected 0 to %u",
				      regs->bar, DW_EDMA_BARS - 1);
	if (regs->offset % 4 != 0 || !dw_edma_window_ok(src, regs, min))
		return dw_edma_refuse(src, -ERANGE,
				      "registers of 0x%" PRIx64 " bytes at 0x%" PRIx64 " of BAR %u,"
				      " expected at least 0x%" PRIx64 " below 0x%" PRIx64,
				      regs->bytes, regs->offset, regs->bar, min,
				      src->bar_bytes[regs->bar]);
	return 0;
}

static int
layout_check_list(const struct dw_edma_source *src, const struct dw_edma_ll_layout *ll,
		  const char *dir, unsigned int i)
{
	const struct dw_edma_window *w = &ll->window;

	if (w->bar >= DW_EDMA_BARS)
		return dw_edma_refuse(src, -ERANGE,
				      "list of %s channel %u in BAR %u, expected 0 to %u",
				      dir, i, w->bar, DW_EDMA_BARS - 1);
	if (!dw_edma_window_ok(src, w, DW_EDMA_LIST_MIN_BYTES))
		return dw_edma_refuse(src, -ERANGE,
				      "list of %s channel %u: 0x%" PRIx64 " bytes at 0x%" PRIx64
				      " of BAR %u, expected at least 0x%zx below 0x%" PRIx64,
				      dir, i, w->bytes, w->offset, w->bar, DW_EDMA_LIST_MIN_BYTES,
				      src->bar_bytes[w->bar]);
	if (w->offset % LAYOUT_LIST_ALIGN != 0 || ll->local % LAYOUT_LIST_ALIGN != 0 ||
	    ll->local > UINT64_MAX - w->bytes)
		return dw_edma_refuse(src, -ERANGE,
				      "list of %s channel %u at 0x%" PRIx64 " of BAR %u, for the "
				      "engine at 0x%" PRIx64 ", expected multiples of %u below "
				      "2^64", dir, i, w->offset, w->bar, ll->local,
				      LAYOUT_LIST_ALIGN);
	return 0;
}

/** True if windows, each inside its BAR, share bytes. */
static bool
layout_overlap(const struct dw_edma_window *a, const struct dw_edma_window *b)
{
	return a->bar == b->bar && a->offset < b->offset + b->bytes &&
	       b->offset < a->offset + a->bytes;
}

/** The same for lists, in the BAR or in the engine's memory. */
static bool
layout_lists_overlap(const struct dw_edma_ll_layout *a, const struct dw_edma_ll_layout *b)
{
	return layout_overlap(&a->window, &b->window) ||
	       (a->local < b->local + b->window.bytes && b->local < a->local + a->window.bytes);
}

static int
layout_check_taken(const struct dw_edma_source *src, const struct dw_edma_window *w,
		   const char *what, const struct dw_edma_window *taken, unsigned int cnt)
{
	unsigned int i;

	for (i = 0; i < cnt; i++)
		if (layout_overlap(w, &taken[i]))
			return dw_edma_refuse(src, -ERANGE,
					      "%s at 0x%" PRIx64 " of BAR %u, expected outside of "
					      "0x%" PRIx64 " to 0x%" PRIx64,
					      what, w->offset, w->bar, taken[i].offset,
					      taken[i].offset + taken[i].bytes);
	return 0;
}

/** A list apart from the registers, from @p taken and from the lists of channels before it. */
static int
layout_check_apart(const struct dw_edma_source *src, const struct dw_edma_layout *layout,
		   const struct dw_edma_window *taken, unsigned int taken_cnt, unsigned int dir,
		   unsigned int i)
{
	const struct dw_edma_ll_layout *ll = &layout->ll[dir][i];
	unsigned int d, c, end;
	int rc;

	rc = layout_check_taken(src, &ll->window, "list", &layout->regs, 1);
	if (rc == 0)
		rc = layout_check_taken(src, &ll->window, "list", taken, taken_cnt);
	for (d = 0; d <= dir && rc == 0; d++) {
		end = d < dir ? layout->cnt[d] : i;
		for (c = 0; c < end && rc == 0; c++)
			if (layout_lists_overlap(ll, &layout->ll[d][c]))
				rc = dw_edma_refuse(src, -ERANGE,
						    "lists of %s channel %u and %s channel %u "
						    "overlap",
						    layout_dir_names[d], c,
						    layout_dir_names[dir], i);
	}
	return rc;
}

int
dw_edma_layout_check(const struct dw_edma_source *src, const struct dw_edma_layout *layout,
		     const struct dw_edma_window *taken, unsigned int taken_cnt)
{
	unsigned int dir, i;
	int rc;

	rc = layout_check_counts(src, layout);
	if (rc == 0 && layout->map == DW_EDMA_MAP_HDMA_NATIVE)
		rc = layout_check_blocks(src, layout);
	if (rc == 0)
		rc = layout_check_regs(src, layout);
	if (rc == 0)
		rc = layout_check_taken(src, &layout->regs, "registers", taken, taken_cnt);
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++)
		for (i = 0; i < layout->cnt[dir] && rc == 0; i++) {
			rc = layout_check_list(src, &layout->ll[dir][i], layout_dir_names[dir], i);
			if (rc == 0)
				rc = layout_check_apart(src, layout, taken, taken_cnt, dir, i);
		}
	return rc;
}
