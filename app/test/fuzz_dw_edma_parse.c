/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * A parser of layouts against a device that says anything and changes its mind at any read. Built
 * once for each format, which FUZZ_FORMAT names.
 *
 * The input is a byte that selects an image that is right, then operations that spoil it. Whatever
 * they do: accesses stay inside configuration space and BARs, a failure is one line and leaves
 * nothing behind, and a layout that is found satisfies its conditions.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "dw_edma_parse_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** More than any discovery needs: a wait reads once a millisecond. */
#define FUZZ_MANY_READS 20000
#define FUZZ_MANY_MS 6000

/** Each may add a word to the image. */
#define FUZZ_OPS 64

struct fuzz {
	const uint8_t *in;
	size_t left;
	uint64_t last; /* the value before */
	struct dw_edma_discover_args args;
};

static struct fake fake;

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static uint64_t
take(struct fuzz *z, size_t bytes)
{
	uint64_t v = 0;

	if (bytes > z->left)
		bytes = z->left;
	memcpy(&v, z->in, bytes);
	z->in += bytes;
	z->left -= bytes;
	return v;
}

/* A value in place of another, often near to it, or the same as in another place. */
static uint64_t
value(struct fuzz *z, uint64_t old)
{
	static const uint32_t odd[] = { 0, 1, 9, 0x48, 0x1000, 0x7fffffff, 0xfffffff8,
					0xffffffff };
	const uint64_t how = take(z, 1), more = how >> 3;

	switch (how % 8) {
	case 0:
		z->last = take(z, 4);
		break;
	case 1:
		z->last = old ^ UINT64_C(1) << more;
		break;
	case 2:
		z->last = old ^ UINT64_C(1) << (more + 32);
		break;
	case 3:
		z->last = old + more * 8 - 128;
		break;
	case 4:
		z->last = old + (more << 18); /* lengths are in upper halves */
		break;
	case 5:
	case 6:
		z->last = odd[more % 8];
		break;
	default:
		break;
	}
	return z->last;
}

static void
give(struct fuzz *z, enum dw_edma_table_opt opt, uint64_t v)
{
	z->args.table.opt[opt] = (struct dw_edma_opt){ true, v };
}

static void
build(struct fuzz *z, enum dw_edma_format format)
{
	static const uint32_t pedm_maps[] = { 1, 5, 7 };
	const unsigned int shape = (unsigned int)take(z, 1);

	switch (format) {
	case DW_EDMA_FORMAT_PEDM:
		fake_pedm(&fake, (shape & 1) != 0 ? 0x20 : 0x1c, pedm_maps[shape / 2 % 3],
			  shape >> 3 & 3, shape >> 5 & 3);
		fake.delay = 1;
		break;
	case DW_EDMA_FORMAT_EPDM:
		fake_epdm(&fake);
		if (shape < 4)
			break;
		/* More vectors than channels, which two places agree on. */
		fake_put(&fake, 0, 0x164, shape);
		fake_put(&fake, 2, 0xf9018, shape);
		break;
	case DW_EDMA_FORMAT_NDMA:
		fake_ndma(&fake, shape % 8 + 1);
		fake.delay = shape / 8 % 4;
		if ((shape & 0x20) != 0)
			fake_put(&fake, 0, 0x1028, 0x400); /* scratchpads */
		z->args.window.offset = 0x1000;
		break;
	case DW_EDMA_FORMAT_INFO:
		if ((shape & 1) != 0)
			fake_info1(&fake);
		else
			fake_info2(&fake);
		z->args.window = (struct dw_edma_window){ 2, 0xe0000, 0x20000 };
		break;
	default:
		if ((shape & 1) != 0)
			fake_amd(&fake);
		else
			fake_edda(&fake);
		if ((shape & 2) != 0)
			format = DW_EDMA_FORMAT_AUTO;
		if ((shape & 4) == 0)
			break;
		/* A device of the same vendor that the table does not have. */
		fake_put(&fake, FAKE_CONFIG, 0, fake_get(&fake, FAKE_CONFIG, 0) ^ 0x10000);
		give(z, DW_EDMA_OPT_LL_BAR, 2);
		give(z, DW_EDMA_OPT_LL_LOCAL, 0x40000000);
		break;
	}
	z->args.format = format;
}

/** A word of the image, or now and then any word of configuration space or a BAR. */
static struct fake_word
pick(struct fuzz *z)
{
	struct fake_word w = fake.words[take(z, 1) % fake.nb_words];
	const uint64_t elsewhere = take(z, 1);

	if (elsewhere % 8 == 7)
		w.offset = (w.offset & ~UINT64_C(0xfff)) + elsewhere / 8 * 4;
	else if (elsewhere % 8 == 6)
		w.bar = (unsigned int)(elsewhere / 8 % (FAKE_CONFIG + 1));
	w.value = (uint32_t)value(z, fake_get(&fake, w.bar, w.offset));
	return w;
}

static void
spoil_argument(struct fuzz *z)
{
	struct dw_edma_window *w = &z->args.window;
	const uint64_t which = take(z, 1);
	const struct dw_edma_opt *opt = &z->args.table.opt[which % DW_EDMA_OPTS];

	if (z->args.format <= DW_EDMA_FORMAT_TABLE)
		give(z, which % DW_EDMA_OPTS, value(z, opt->value));
	else if (which % 8 == 0)
		z->args.pedm_bar = (struct dw_edma_opt){ true, which >> 3 & 7 };
	else if (which % 8 == 1)
		w->bar = (unsigned int)value(z, w->bar);
	else if (which % 8 < 4)
		w->offset = value(z, w->offset);
	else if (which % 8 < 6)
		w->bytes = value(z, w->bytes);
	else
		z->args.page_bytes = (uint32_t)value(z, 4096);
}

static void
spoil(struct fuzz *z)
{
	const uint64_t op = take(z, 1);
	struct fake_word w;

	switch (op % 8) {
	case 0:
		fake.src.bar_bytes[op / 8 % DW_EDMA_BARS] =
			value(z, fake.src.bar_bytes[op / 8 % DW_EDMA_BARS]);
		break;
	case 1:
		fake.src.bar_bus[op / 8 % DW_EDMA_BARS] = take(z, 8);
		break;
	case 2:
		spoil_argument(z);
		break;
	case 3:
		w = pick(z);
		fake_change_at(&fake, (unsigned int)take(z, 1), w.bar, w.offset, w.value);
		break;
	case 4:
		if (fake.nb_done < sizeof(fake.done) / sizeof(fake.done[0]))
			fake.done[fake.nb_done++] = pick(z);
		break;
	case 5:
		if (op >> 3 == 0)
			fake.dead_from = (unsigned int)take(z, 1);
		else if (op >> 3 == 1)
			fake.dead_at = (unsigned int)take(z, 1);
		else if (op >> 3 == 2)
			fake.fail_at = (unsigned int)take(z, 1);
		else if (op >> 3 == 3)
			fake.src.config_bytes = (unsigned int)take(z, 1) * 4 + 4;
		break;
	default:
		w = pick(z);
		fake_put(&fake, w.bar, w.offset, w.value);
		break;
	}
}

static bool
all_zero(const void *p, size_t bytes)
{
	const unsigned char *byte = p;

	for (; bytes > 0; bytes--)
		if (*byte++ != 0)
			return false;
	return true;
}

/* Whether a request to the endpoint is still there, which the last write has not taken back. */
static bool
asked(void)
{
	const struct fake_word *w;

	if (fake.nb_writes == 0 || fake.nb_writes > FAKE_WRITES || fake.dead_from != 0 ||
	    fake.dead_at != 0)
		return false;
	w = &fake.writes[fake.nb_writes - 1];
	return fake_get(&fake, w->bar, w->offset) != UINT32_MAX &&
	       (w->value & (w->offset == 0x1c ? 1 : 0x40000000)) != 0;
}

static void
check(int rc, const struct dw_edma_layout *layout, const struct dw_edma_claim *claim)
{
	must(rc <= 0 && !fake.bad_access);
	must(fake.reads < FUZZ_MANY_READS && fake.ms < FUZZ_MANY_MS);
	must(fake.lines == (rc != 0 ? 1 : 0));
	if (rc == 0)
		must(fake_layout_wrong(&fake, layout) == NULL);
	else
		must(all_zero(layout, sizeof(*layout)) && all_zero(claim, sizeof(*claim)));
	if (rc != 0 && FUZZ_FORMAT == DW_EDMA_FORMAT_PEDM)
		must(!asked());
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dw_edma_layout layout;
	struct fuzz z = { .in = data, .left = size };
	struct dw_edma_claim claim;
	unsigned int i;
	int rc;

	build(&z, FUZZ_FORMAT);
	for (i = 0; i < FUZZ_OPS && z.left != 0; i++)
		spoil(&z);
	rc = dw_edma_discover(&fake.src, &z.args, &layout, &claim);
	check(rc, &layout, &claim);
	dw_edma_discover_release(&fake.src, &claim);
	must(claim.format == DW_EDMA_FORMAT_AUTO && !fake.bad_access);
	must(fake.reads < FUZZ_MANY_READS && fake.ms < FUZZ_MANY_MS);
	return 0;
}
