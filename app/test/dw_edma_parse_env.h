/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_PARSE_ENV_H_
#define _DW_EDMA_PARSE_ENV_H_

/*
 * What the tests of the parsers stand on: a discovery that checks what holds for each, and sweeps
 * that let an image go wrong at every read.
 *
 * Offsets and values are numbers on purpose: they are what the descriptions of the formats say, not
 * what our sources say.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dw_edma_parse_fake.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define WR 0
#define RD 1

/** Reads and milliseconds that no discovery needs. */
#define MANY_READS 20000
#define MANY_MS 6000

/** Builds the image that a test starts from. */
typedef void (*build_fn)(struct fake *f);

/** Checks what has to hold after a failure besides what holds for all formats. */
typedef void (*after_fn)(struct fake *f);

/** A word that is wrong, and the refusal. */
struct wrong {
	unsigned int bar;
	uint64_t offset;
	uint32_t value;
	int rc;
	const char *text;
};

static struct dw_edma_layout layout;
static struct dw_edma_claim claim;

/** Some format by name with nothing else given. */
static inline struct dw_edma_discover_args
args_of(const char *name)
{
	const int format = dw_edma_format_by_name(name);

	assert_true(format >= 0);
	return (struct dw_edma_discover_args){ .format = (enum dw_edma_format)format };
}

static inline bool
all_zero(const void *p, size_t bytes)
{
	const unsigned char *byte = p;

	for (; bytes > 0; bytes--)
		if (*byte++ != 0)
			return false;
	return true;
}

/** Discovers, and checks what holds whatever comes out. */
static inline int
discover(struct fake *f, const struct dw_edma_discover_args *args)
{
	const char *wrong;
	int rc;

	memset(&layout, 0xa5, sizeof(layout));
	memset(&claim, 0xa5, sizeof(claim));
	rc = dw_edma_discover(&f->src, args, &layout, &claim);
	assert_true(rc <= 0);
	assert_true(f->reads < MANY_READS && f->ms < MANY_MS);
	assert_false(f->bad_access);
	if (rc == 0) {
		wrong = fake_layout_wrong(f, &layout);
		if (wrong != NULL)
			fail_msg("layout: %s", wrong);
		assert_int_equal(f->lines, 0);
	} else {
		assert_int_equal(f->lines, 1);
		assert_true(all_zero(&layout, sizeof(layout)));
		assert_true(all_zero(&claim, sizeof(claim)));
	}
	return rc;
}

static inline void
expect_found(struct fake *f, const struct dw_edma_discover_args *args)
{
	const int rc = discover(f, args);

	if (rc != 0)
		fail_msg("%d: %s", rc, f->line);
}

static inline void
expect_refused(struct fake *f, const struct dw_edma_discover_args *args, int rc, const char *text)
{
	const int got = discover(f, args);

	if (got != rc || strstr(f->line, text) == NULL)
		fail_msg("%d \"%s\", expected %d \"%s\"", got, f->line, rc, text);
}

static inline void
expect_window(const struct dw_edma_window *w, unsigned int bar, uint64_t offset, uint64_t bytes)
{
	assert_int_equal(w->bar, bar);
	assert_int_equal(w->offset, offset);
	assert_int_equal(w->bytes, bytes);
}

static inline void
expect_list(unsigned int dir, unsigned int ch, unsigned int bar, uint64_t offset, uint64_t bytes,
	    uint64_t local)
{
	expect_window(&layout.ll[dir][ch].window, bar, offset, bytes);
	assert_int_equal(layout.ll[dir][ch].local, local);
}

/** Each of the wrong words alone. */
static inline void
refuse_each(build_fn build, const struct dw_edma_discover_args *args, const struct wrong *wrong,
	    unsigned int cnt)
{
	static struct fake f;
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		build(&f);
		fake_put(&f, wrong[i].bar, wrong[i].offset, wrong[i].value);
		expect_refused(&f, args, wrong[i].rc, wrong[i].text);
	}
}

static inline unsigned int
count_reads(build_fn build, const struct dw_edma_discover_args *args)
{
	static struct fake f;

	build(&f);
	expect_found(&f, args);
	return f.reads;
}

/** The device goes away at each of the reads. */
static inline void
sweep_gone(build_fn build, const struct dw_edma_discover_args *args)
{
	const unsigned int reads = count_reads(build, args);
	static struct fake f;
	unsigned int n;

	for (n = 1; n <= reads; n++) {
		build(&f);
		f.dead_from = n;
		expect_refused(&f, args, -ENODEV, "device gone: all-ones at 0x");
	}
}

/** One read is all-ones, from the given one on. */
static inline void
sweep_hole(build_fn build, const struct dw_edma_discover_args *args, unsigned int first,
	   unsigned int except)
{
	const unsigned int reads = count_reads(build, args);
	static struct fake f;
	unsigned int n;

	for (n = first; n <= reads; n++) {
		if (n == except)
			continue;
		build(&f);
		f.dead_at = n;
		expect_refused(&f, args, -ENODEV, "device gone: all-ones at 0x");
	}
}

/** One word has another value from one read on. */
static inline void
sweep_one(build_fn build, const struct dw_edma_discover_args *args, unsigned int read,
	  unsigned int word, after_fn after)
{
	static const uint32_t values[] = { 0, 1, 0x8, 0x7ffff000, 0xfffffff0, 0xffffffff };
	static struct fake f;
	unsigned int v;

	for (v = 0; v < 2 * ARRAY_SIZE(values); v++) {
		build(&f);
		/* Half of the values in place of the word, half as a difference to it. */
		fake_change_at(&f, read, f.words[word].bar, f.words[word].offset,
			       v % 2 == 0 ? values[v / 2] : f.words[word].value ^ values[v / 2]);
		if (discover(&f, args) != 0 && after != NULL)
			after(&f);
	}
}

/** Every word of the image at every read. */
static inline void
sweep_changes(build_fn build, const struct dw_edma_discover_args *args, after_fn after)
{
	const unsigned int reads = count_reads(build, args);
	static struct fake f;
	unsigned int n, word;

	build(&f);
	for (n = 1; n <= reads; n++)
		for (word = 0; word < f.nb_words; word++)
			sweep_one(build, args, n, word, after);
}

#endif /* _DW_EDMA_PARSE_ENV_H_ */
