/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_PARSE_FAKE_H_
#define _DW_EDMA_PARSE_FAKE_H_

/**
 * @file
 * A PCI function made of words, for tests and fuzzers of the parsers: configuration space, BARs of
 * any size of which only some words are not 0, an endpoint that acts when time passes, and words
 * that change at a given read. Includes the parsers. Nothing in here needs cmocka.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dw_edma_discover.c"
#include "dw_edma_epdm.c"
#include "dw_edma_info.c"
#include "dw_edma_ndma.c"
#include "dw_edma_parse.c"
#include "dw_edma_pedm.c"
#include "dw_edma_vsec.c"

#define FAKE_WORDS 512
#define FAKE_CHANGES 16
#define FAKE_WRITES 32
#define FAKE_LINE_BYTES 256

/** Instead of a BAR: configuration space. */
#define FAKE_CONFIG DW_EDMA_BARS

struct fake_word {
	unsigned int bar;
	uint64_t offset;
	uint32_t value;
};

/** What happens to a word just before a read. */
struct fake_change {
	unsigned int read; /**< number of the read, from 1 */
	struct fake_word word;
};

struct fake {
	struct dw_edma_source src;
	struct fake_word words[FAKE_WORDS];
	unsigned int nb_words;
	struct fake_change changes[FAKE_CHANGES];
	unsigned int nb_changes;

	unsigned int reads;
	unsigned int dead_from; /**< this read and those after it are all-ones; 0: none */
	unsigned int dead_at;   /**< this read alone is; 0: none */
	unsigned int fail_at;   /**< this read, of configuration space, fails; 0: none */
	bool bad_access;

	struct fake_word writes[FAKE_WRITES];
	unsigned int nb_writes;
	unsigned int halves; /**< of them written in 16 bits */
	unsigned int ms;     /**< time that has passed */
	unsigned int lines;
	char line[FAKE_LINE_BYTES]; /**< the last one */

	/** The endpoint: called when a millisecond has passed. */
	void (*endpoint)(struct fake *f);
	unsigned int busy;  /**< milliseconds that there has been something to do */
	unsigned int delay; /**< milliseconds that the endpoint takes for it */
	uint32_t answer;    /**< NDMA: what it answers */
	unsigned int commands[16]; /**< NDMA: how often it got each */
	uint32_t last_argument;
	/** PEDM, NDMA: words that the endpoint changes when it has done what it was asked. */
	struct fake_word done[4];
	unsigned int nb_done;
};

static inline struct fake_word *
fake_find(struct fake *f, unsigned int bar, uint64_t offset)
{
	unsigned int i;

	for (i = 0; i < f->nb_words; i++)
		if (f->words[i].bar == bar && f->words[i].offset == offset)
			return &f->words[i];
	return NULL;
}

static inline uint32_t
fake_get(struct fake *f, unsigned int bar, uint64_t offset)
{
	const struct fake_word *w = fake_find(f, bar, offset);

	return w != NULL ? w->value : 0;
}

static inline void
fake_put(struct fake *f, unsigned int bar, uint64_t offset, uint32_t value)
{
	struct fake_word *w = fake_find(f, bar, offset);

	if (w == NULL && f->nb_words < FAKE_WORDS)
		w = &f->words[f->nb_words++];
	if (w == NULL)
		f->bad_access = true;
	else
		*w = (struct fake_word){ bar, offset, value };
}

static inline void
fake_put64(struct fake *f, unsigned int bar, uint64_t offset, uint64_t value)
{
	fake_put(f, bar, offset, (uint32_t)value);
	fake_put(f, bar, offset + 4, (uint32_t)(value >> 32));
}

/** Lets a word change at a read. */
static inline void
fake_change_at(struct fake *f, unsigned int read, unsigned int bar, uint64_t offset,
	       uint32_t value)
{
	if (f->nb_changes < FAKE_CHANGES)
		f->changes[f->nb_changes++] =
			(struct fake_change){ read, { bar, offset, value } };
}

/** One read of anything. */
static inline uint32_t
fake_read(struct fake *f, unsigned int bar, uint64_t offset)
{
	unsigned int i;

	f->reads++;
	for (i = 0; i < f->nb_changes; i++)
		if (f->changes[i].read == f->reads)
			fake_put(f, f->changes[i].word.bar, f->changes[i].word.offset,
				 f->changes[i].word.value);
	if ((f->dead_from != 0 && f->reads >= f->dead_from) || f->reads == f->dead_at)
		return UINT32_MAX;
	return fake_get(f, bar, offset);
}

static inline int
fake_config_read(void *ctx, uint32_t offset, uint32_t *value)
{
	struct fake *f = ctx;

	if (offset % 4 != 0 || offset + 4 > f->src.config_bytes)
		f->bad_access = true;
	*value = fake_read(f, FAKE_CONFIG, offset);
	return f->reads == f->fail_at ? -EIO : 0;
}

static inline bool
fake_inside(const struct fake *f, unsigned int bar, uint64_t offset, unsigned int bytes)
{
	return bar < DW_EDMA_BARS && offset % bytes == 0 && f->src.bar_bytes[bar] >= bytes &&
	       offset <= f->src.bar_bytes[bar] - bytes;
}

static inline uint32_t
fake_bar_read(void *ctx, unsigned int bar, uint64_t offset)
{
	struct fake *f = ctx;

	if (!fake_inside(f, bar, offset, 4))
		f->bad_access = true;
	return fake_read(f, bar, offset);
}

static inline bool
fake_dead(const struct fake *f)
{
	return f->dead_from != 0 && f->reads + 1 >= f->dead_from;
}

static inline void
fake_log_write(struct fake *f, unsigned int bar, uint64_t offset, uint32_t value)
{
	if (f->nb_writes < FAKE_WRITES)
		f->writes[f->nb_writes] = (struct fake_word){ bar, offset, value };
	f->nb_writes++;
}

static inline void
fake_bar_write(void *ctx, unsigned int bar, uint64_t offset, uint32_t value)
{
	struct fake *f = ctx;

	if (!fake_inside(f, bar, offset, 4))
		f->bad_access = true;
	fake_log_write(f, bar, offset, value);
	if (!fake_dead(f))
		fake_put(f, bar, offset, value);
}

static inline void
fake_bar_write16(void *ctx, unsigned int bar, uint64_t offset, uint16_t value)
{
	struct fake *f = ctx;
	const unsigned int shift = (unsigned int)(offset % 4) * 8;
	const uint64_t word = offset - offset % 4;
	uint32_t old = fake_get(f, bar, word);

	if (!fake_inside(f, bar, offset, 2))
		f->bad_access = true;
	fake_log_write(f, bar, offset, value);
	f->halves++;
	old &= ~(UINT32_C(0xffff) << shift);
	if (!fake_dead(f))
		fake_put(f, bar, word, old | (uint32_t)value << shift);
}

static inline void
fake_delay_ms(void *ctx, unsigned int ms)
{
	struct fake *f = ctx;

	for (; ms > 0; ms--) {
		f->ms++;
		if (f->endpoint != NULL)
			f->endpoint(f);
	}
}

static inline void
fake_complain(void *ctx, const char *line)
{
	struct fake *f = ctx;

	f->lines++;
	(void)snprintf(f->line, sizeof(f->line), "%s", line);
	if (strchr(line, '\n') != NULL || strlen(line) >= PARSE_LINE_BYTES - 1)
		f->bad_access = true; /* more than one line, or cut off */
}

static inline void
fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->src = (struct dw_edma_source){
		.ctx = f,
		.config_bytes = 4096,
		.config_read = fake_config_read,
		.bar_read = fake_bar_read,
		.bar_write = fake_bar_write,
		.bar_write16 = fake_bar_write16,
		.delay_ms = fake_delay_ms,
		.complain = fake_complain,
	};
}

/* Endpoints ------------------------------------------------------------------------------------ */

static inline void
fake_done(struct fake *f)
{
	unsigned int i;

	for (i = 0; i < f->nb_done; i++)
		fake_put(f, f->done[i].bar, f->done[i].offset, f->done[i].value);
}

/** PEDM in BAR 0: READY some time after HOST_REQ, of the header that answer tells the length of. */
static inline void
fake_pedm_endpoint(struct fake *f)
{
	const uint32_t control = fake_get(f, 0, 0x08);
	const bool asked = f->answer == 0x20 ? (fake_get(f, 0, 0x1c) & 1) != 0 :
					       (control & 0x40000000) != 0;

	f->busy = asked ? f->busy + 1 : 0;
	if (asked && f->busy == f->delay) {
		fake_put(f, 0, 0x08, fake_get(f, 0, 0x08) | 0x80000000);
		fake_done(f);
	}
}

/** Control region at 0x1000 of BAR 0: takes a command after half of the delay. */
static inline void
fake_ndma_endpoint(struct fake *f)
{
	const uint64_t at = 0x1000;
	const uint32_t command = fake_get(f, 0, at);

	if (command != 0 && f->busy == 0)
		f->busy = 1;
	if (f->busy == 0)
		return;
	if (command != 0 && f->busy * 2 >= f->delay) {
		if (command < sizeof(f->commands) / sizeof(f->commands[0]))
			f->commands[command]++;
		f->last_argument = fake_get(f, 0, at + 4);
		fake_put(f, 0, at, 0);
		fake_put(f, 0, at + 4, 0);
	}
	if (f->busy++ < f->delay)
		return;
	f->busy = 0;
	fake_put(f, 0, at + 8, (fake_get(f, 0, at + 8) & 0xffff0000) | f->answer);
	fake_done(f);
}

/* Postcondition -------------------------------------------------------------------------------- */

static inline bool
fake_window_bad(const struct fake *f, const struct dw_edma_window *w, uint64_t min)
{
	return w->bar >= DW_EDMA_BARS || w->bytes < min || w->bytes > f->src.bar_bytes[w->bar] ||
	       w->offset + w->bytes < w->offset ||
	       w->offset + w->bytes > f->src.bar_bytes[w->bar];
}

static inline bool
fake_share(const struct dw_edma_window *a, const struct dw_edma_window *b)
{
	return a->bar == b->bar && a->offset < b->offset + b->bytes &&
	       b->offset < a->offset + a->bytes;
}

static inline bool
fake_list_bad(const struct fake *f, const struct dw_edma_layout *l, unsigned int dir,
	      unsigned int ch)
{
	const struct dw_edma_ll_layout *ll = &l->ll[dir][ch], *other;
	unsigned int d, c;

	if (fake_window_bad(f, &ll->window, 72) || ll->window.offset % 8 != 0 ||
	    ll->local % 8 != 0 || ll->local + ll->window.bytes < ll->local ||
	    fake_share(&ll->window, &l->regs))
		return true;
	for (d = 0; d < 2; d++)
		for (c = 0; c < l->cnt[d]; c++) {
			other = &l->ll[d][c];
			if (other != ll && (fake_share(&ll->window, &other->window) ||
			    (ll->local < other->local + other->window.bytes &&
			     other->local < ll->local + ll->window.bytes)))
				return true;
		}
	return false;
}

/** Bytes of registers up to the end of those that a channel has. */
static inline uint64_t
fake_regs_needed(const struct dw_edma_layout *l, unsigned int dir, unsigned int ch)
{
	if (l->map == DW_EDMA_MAP_LEGACY)
		return 0x124;
	if (l->map == DW_EDMA_MAP_HDMA_NATIVE)
		return l->blocks[dir].offset + (uint64_t)ch * l->blocks[dir].stride + 0x100;
	return 0x224 + 0x200 * ch + 0x100 * dir;
}

/** What is wrong with a layout that a parser was content with; NULL: nothing. */
static const char *
fake_layout_wrong(const struct fake *f, const struct dw_edma_layout *l)
{
	const unsigned int max = l->map == DW_EDMA_MAP_HDMA_NATIVE ? 64 : 8;
	unsigned int dir, ch;

	if (l->map != DW_EDMA_MAP_LEGACY && l->map != DW_EDMA_MAP_UNROLL &&
	    l->map != DW_EDMA_MAP_HDMA_COMPAT && l->map != DW_EDMA_MAP_HDMA_NATIVE)
		return "map";
	if (l->cnt[0] > max || l->cnt[1] > max || l->cnt[0] + l->cnt[1] == 0)
		return "counts";
	if (fake_window_bad(f, &l->regs, 1) || l->regs.offset % 4 != 0)
		return "registers";
	for (dir = 0; dir < 2; dir++)
		for (ch = 0; ch < l->cnt[dir]; ch++) {
			if (fake_regs_needed(l, dir, ch) > l->regs.bytes)
				return "registers of a channel";
			if (fake_list_bad(f, l, dir, ch))
				return "list";
		}
	return f->bad_access ? "access" : NULL;
}

/* Images, by the numbers of the formats' descriptions ------------------------------------------ */

/** Capability header: id, version 1, next. */
static inline void
fake_cap(struct fake *f, uint32_t at, uint32_t id, uint32_t next)
{
	fake_put(f, FAKE_CONFIG, at, next << 20 | 1 << 16 | id);
}

/** The DMA capability at @p at. */
static inline void
fake_vsec_dma(struct fake *f, uint32_t at, uint32_t next, uint32_t map, uint32_t wr, uint32_t rd)
{
	fake_cap(f, at, 0x0b, next);
	fake_put(f, FAKE_CONFIG, at + 0x04, 0x01800006);
	fake_put(f, FAKE_CONFIG, at + 0x08, map);
	fake_put(f, FAKE_CONFIG, at + 0x0c, rd << 16 | wr);
	fake_put64(f, FAKE_CONFIG, at + 0x10, 0);
}

/** 16c3:edda with a DMA capability behind two others. */
static inline void
fake_edda(struct fake *f)
{
	fake_init(f);
	f->src.bar_bytes[0] = 0x2000;
	f->src.bar_bytes[2] = 0x1000000;
	f->src.bar_bus[0] = 0xfe000000;
	f->src.bar_bus[2] = 0x380000000000;
	fake_put(f, FAKE_CONFIG, 0, 0xedda16c3);
	fake_cap(f, 0x100, 0x0001, 0x148);
	fake_cap(f, 0x148, 0x000b, 0x1b0);
	fake_put(f, FAKE_CONFIG, 0x14c, 0x01000001);
	fake_vsec_dma(f, 0x1b0, 0, 1, 2, 2);
}

/** 10ee:b054 with both capabilities and 64 MiB behind BAR 2. */
static inline void
fake_amd(struct fake *f)
{
	fake_init(f);
	f->src.bar_bytes[0] = 0x2000;
	f->src.bar_bytes[2] = 0x4000000;
	f->src.bar_bus[2] = 0x380000000000;
	fake_put(f, FAKE_CONFIG, 0, 0xb05410ee);
	fake_vsec_dma(f, 0x100, 0x340, 7, 8, 8);
	fake_cap(f, 0x340, 0x000b, 0);
	fake_put(f, FAKE_CONFIG, 0x344, 0x01000020);
	fake_put64(f, FAKE_CONFIG, 0x348, 0x50100000000);
}

/** Where a channel's list is in the images of metadata. */
#define FAKE_LIST_OFFSET(dir, ch) (0x10000 + 0x4000 * (dir) + 0x1000 * (uint64_t)(ch))
#define FAKE_LIST_LOCAL(dir, ch) (0x80000000 + FAKE_LIST_OFFSET(dir, ch))

/**
 * PEDM in BAR 0 with a header of @p header bytes; registers of 0x8000 bytes at the start of BAR 4
 * and lists in BAR 2. At most 4 channels of each direction unless the map is native.
 */
static inline void
fake_pedm(struct fake *f, uint32_t header, uint32_t map, uint32_t wr, uint32_t rd)
{
	const uint32_t cnt[2] = { wr, rd };
	const uint64_t step = map == 7 ? 0x1000 : 0x4000;
	uint64_t at = header, list;
	unsigned int dir, ch;

	fake_init(f);
	f->src.bar_bytes[0] = 0x4000;
	f->src.bar_bytes[2] = 0x200000;
	f->src.bar_bytes[4] = 0x10000;
	f->src.bar_bus[0] = 0xfe000000;
	f->src.bar_bus[1] = 0xfe000000;
	fake_put(f, FAKE_CONFIG, 0, 0x12341912);
	fake_put(f, 0, 0x00, 0x4d444550);
	fake_put(f, 0, 0x04, (header + (wr + rd) * 0x2c) << 16 | 1);
	fake_put(f, 0, 0x08, 0x2cu << 19 | rd << 11 | wr << 3 | 4);
	fake_put64(f, 0, 0x0c, 0);
	fake_put(f, 0, 0x14, map << 8 | 1);
	fake_put(f, 0, 0x18, 0x8000);
	if (header == 0x20)
		fake_put(f, 0, 0x1c, 0);
	for (dir = 0; dir < 2; dir++)
		for (ch = 0; ch < cnt[dir]; ch++, at += 0x2c) {
			list = map == 7 ? (dir * 64 + ch) * step : FAKE_LIST_OFFSET(dir, ch);
			fake_put(f, 0, at, 2 << 8 | ch);
			fake_put64(f, 0, at + 0x04, list);
			fake_put(f, 0, at + 0x0c, 0x1000);
			fake_put64(f, 0, at + 0x10, 0x80000000 + list);
		}
	f->endpoint = fake_pedm_endpoint;
	f->delay = 500;
	f->answer = header;
}

/** The part of a control region that says where it ends. */
static inline void
fake_control(struct fake *f, uint64_t at, uint32_t spad_offset)
{
	fake_init(f);
	f->src.bar_bytes[0] = 0x2000;
	f->src.bar_bytes[2] = 0x100000;
	f->src.bar_bytes[4] = 0x10000;
	fake_put(f, FAKE_CONFIG, 0, 0x00301912);
	fake_put(f, 0, at + 0x08, 0x00010000); /* link up */
	fake_put(f, 0, at + 0x20, 1);
	fake_put(f, 0, at + 0x28, spad_offset);
	fake_put(f, 0, at + 0x2c, 128);
}

/** Slice of 0x7000 bytes behind a window of 0xf9000; registers in it, then 4 lists of a page. */
static inline void
fake_epdm(struct fake *f)
{
	const uint64_t at = 0xf9000;
	unsigned int ch;

	fake_control(f, 0, 0x168);
	fake_put(f, 0, 0x0c, 1);
	fake_put(f, 0, 0x134, 0);
	fake_put(f, 0, 0x144, 0xf9000);
	fake_put(f, 0, 0x154, 1);
	fake_put(f, 0, 0x158, 2);
	fake_put(f, 0, 0x15c, at);
	fake_put(f, 0, 0x160, 0x7000);
	fake_put(f, 0, 0x164, 4);
	fake_put(f, 2, at, 0x4d445045);
	fake_put(f, 2, at + 0x04, 0x00e00001);
	fake_put(f, 2, at + 0x08, 0x7000);
	fake_put(f, 2, at + 0x0c, 2);
	fake_put(f, 2, at + 0x10, at + 0x1000);
	fake_put(f, 2, at + 0x14, 0x2000);
	fake_put(f, 2, at + 0x18, 4);
	fake_put(f, 2, at + 0x1c, 4);
	for (ch = 0; ch < 4; ch++) {
		fake_put(f, 2, at + 0x20 + 24 * ch, 2);
		fake_put(f, 2, at + 0x24 + 24 * ch, at + 0x3000 + 0x1000 * ch);
		fake_put(f, 2, at + 0x28 + 24 * ch, 0x1000);
		fake_put(f, 2, at + 0x2c + 24 * ch, 0xffffffff); /* padding */
		fake_put64(f, 2, at + 0x30 + 24 * ch, 0x90000000 + 0x1000 * ch);
	}
}

/** Block in a control region at 0x1000 of BAR 0; sub-map with registers and lists in BAR 2. */
static inline void
fake_ndma(struct fake *f, unsigned int channels)
{
	const uint64_t at = 0x1000 + 0x134;
	unsigned int ch;

	fake_control(f, 0x1000, 0x200);
	fake_put(f, 0, at + 0x00, 0x414d444e);
	fake_put(f, 0, at + 0x04, (0x24 + 0x14 * channels) << 16 | 1);
	fake_put(f, 0, at + 0x08, 1);
	fake_put(f, 0, at + 0x0c, 2);
	fake_put(f, 0, at + 0x10, 0x80000);
	fake_put(f, 0, at + 0x14, 0x20000);
	fake_put(f, 0, at + 0x18, 2);
	fake_put(f, 0, at + 0x1c, 0x80000);
	fake_put(f, 0, at + 0x20, 0x2000);
	for (ch = 0; ch < channels; ch++) {
		fake_put(f, 0, at + 0x24 + 0x14 * ch, 2);
		fake_put(f, 0, at + 0x28 + 0x14 * ch, 0x82000 + 0x1000 * ch);
		fake_put(f, 0, at + 0x2c + 0x14 * ch, 0x1000);
		fake_put64(f, 0, at + 0x30 + 0x14 * ch, 0x90000000 + 0x1000 * ch);
	}
	f->endpoint = fake_ndma_endpoint;
	f->delay = 10;
	f->answer = 1;
}

/** First generation, in the second half of a window BAR: window of 0x20000 at 0xe0000 of BAR 2. */
static inline void
fake_info1(struct fake *f)
{
	const uint64_t at = 0xe0000 + 0x10000;
	unsigned int ch;

	fake_init(f);
	f->src.bar_bytes[2] = 0x100000;
	fake_put(f, FAKE_CONFIG, 0, 0x00301912);
	fake_put(f, 2, at + 0x00, 0x45444d41);
	fake_put(f, 2, at + 0x04, 5 << 16 | 4);
	fake_put64(f, 2, at + 0x08, 0xe65d5000);
	fake_put(f, 2, at + 0x10, 0x1000);
	for (ch = 0; ch < 4; ch++)
		fake_put64(f, 2, at + 0x18 + 8 * ch, 0x70000000 + 0x1000 * ch);
	for (ch = 0; ch < 5; ch++)
		fake_put64(f, 2, at + 0x58 + 8 * ch, 0x70008000 + 0x1000 * ch);
	fake_put64(f, 2, at + 0x98, 0x7000f000);
}

/** Second generation, the same window. */
static inline void
fake_info2(struct fake *f)
{
	const uint64_t at = 0xe0000;
	unsigned int ch;

	fake_init(f);
	f->src.bar_bytes[2] = 0x100000;
	fake_put(f, FAKE_CONFIG, 0, 0x00301912);
	fake_put(f, 2, at + 0x00, 0x45444d41);
	fake_put(f, 2, at + 0x04, 0x2000);
	fake_put(f, 2, at + 0x08, 0xabcd0005); /* behind the 16 bits there is a gap */
	fake_put64(f, 2, at + 0x10, 0x7000f000);
	for (ch = 0; ch < 5; ch++)
		fake_put64(f, 2, at + 0x18 + 8 * ch, 0x70000000 + 0x1000 * ch);
}

#endif /* _DW_EDMA_PARSE_FAKE_H_ */
