/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Random register writes and random list memory against the register model: nothing it is told may
 * make it leave its memory, hang, or let the image and its own view drift apart.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edma_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES 4096u
#define SLOT_BYTES 24u

struct fuzz {
	const uint8_t *in;
	size_t left;
	struct edma_model *m;
	enum dw_edma_map map;
	struct edma_blocks blocks[2]; /* HDMA native */
	unsigned int cnt[2];
	uint32_t bytes;               /* of the registers */
	uint64_t border;
	/* On the heap, so that the sanitizer sees one byte too many. */
	uint32_t *image;
	uint8_t *local;
	uint8_t *pcie;
};

static uint32_t
take(struct fuzz *f, size_t bytes)
{
	uint32_t v = 0;

	if (bytes > f->left)
		bytes = f->left;
	memcpy(&v, f->in, bytes);
	f->in += bytes;
	f->left -= bytes;
	return v;
}

/*
 * The local side is one arena at 0; over the link an arena repeats through the lower
 * 4 GiB, so that long elements exist that do not fail.
 */
static void *
fuzz_map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len,
	 bool write)
{
	struct fuzz *f = ctx;
	const uint64_t limit = space == EDMA_SPACE_LOCAL ? ARENA_BYTES : UINT64_C(1) << 32;
	uint64_t n = ARENA_BYTES - addr % ARENA_BYTES;

	(void)write;
	if (*len == 0 || fn > (f->map == DW_EDMA_MAP_HDMA_NATIVE ? 255 : 31))
		abort();
	if (addr >= limit || fn > 7)
		return NULL;
	if (f->border != 0 && n > f->border)
		n = f->border;
	if (*len > n)
		*len = n;
	return (space == EDMA_SPACE_LOCAL ? f->local : f->pcie) + addr % ARENA_BYTES;
}

static void
fuzz_imwr(void *ctx, unsigned int fn, uint64_t addr, uint32_t data)
{
	const struct fuzz *f = ctx;

	if (addr % 4 != 0)
		abort();
	if (f->map != DW_EDMA_MAP_HDMA_NATIVE && (fn > 31 || data > 0xffff))
		abort();
	if (fn > 255)
		abort();
}

static void
fuzz_complain(void *ctx, const char *line)
{
	(void)ctx;
	if (strlen(line) >= 128)
		abort();
}

static void
write_global(struct fuzz *f)
{
	uint32_t offset = take(f, 1);

	edma_model_write(f->m, offset % 2 != 0 ? offset : offset * 2, take(f, 4));
}

/* The same for a channel of native HDMA. */
static void
start_native(struct fuzz *f, uint32_t block)
{
	const uint32_t v = take(f, 2);

	edma_model_write(f->m, block + DW_HDMA_CH_EN, 1);
	edma_model_write(f->m, block + DW_HDMA_INT_SETUP, v & 0x7f);
	edma_model_write(f->m, block + DW_HDMA_CONTROL1, v >> 7 & 1);
	edma_model_write(f->m, block + DW_HDMA_CYCLE_SYNC, v >> 8 & 3);
	edma_model_write(f->m, block + DW_HDMA_FUNC_NUM, v >> 10 & 15);
	edma_model_write(f->m, block + DW_HDMA_LLP_LO, take(f, 2));
	edma_model_write(f->m, block + DW_HDMA_DOORBELL, 1);
}

/* A channel made ready and started, so that most inputs get as far as moving data. */
static void
start(struct fuzz *f)
{
	const uint32_t sel = take(f, 1);
	const bool rd = (sel & 8) != 0;
	const uint32_t ch = sel & 7;
	uint32_t win = rd ? DW_EDMA_RD_CH(ch) : DW_EDMA_WR_CH(ch);

	if (f->map == DW_EDMA_MAP_HDMA_NATIVE) {
		start_native(f, f->blocks[sel & 1].offset + f->blocks[sel & 1].stride * (sel / 4));
		return;
	}
	if (f->map == DW_EDMA_MAP_LEGACY) {
		edma_model_write(f->m, DW_EDMA_VIEWPORT_SEL, ch | (rd ? DW_EDMA_VIEWPORT_RD : 0));
		win = DW_EDMA_VIEWPORT_WINDOW;
	}
	edma_model_write(f->m, rd ? DW_EDMA_RD_ENGINE_EN : DW_EDMA_WR_ENGINE_EN, 1);
	edma_model_write(f->m, rd ? DW_EDMA_RD_PWR_EN(ch) : DW_EDMA_WR_PWR_EN(ch), 1);
	edma_model_write(f->m, win + DW_EDMA_CH_CONTROL1, take(f, 4));
	edma_model_write(f->m, win + DW_EDMA_CH_LLP_LO, take(f, 2));
	edma_model_write(f->m, rd ? DW_EDMA_RD_DOORBELL : DW_EDMA_WR_DOORBELL, ch);
}

static void
write_window(struct fuzz *f)
{
	const uint32_t sel = take(f, 1);
	uint32_t offset = DW_EDMA_WR_CH(0) + sel / 16 * 0x100 + sel % 16 * 4;

	if (f->map == DW_EDMA_MAP_LEGACY)
		offset = DW_EDMA_VIEWPORT_SEL + sel % 16 * 4;
	else if (f->map == DW_EDMA_MAP_HDMA_NATIVE)
		offset = f->blocks[sel / 64 & 1].offset + f->blocks[sel / 64 & 1].stride *
			 (sel / 128 * 63) + sel % 64 * 4;
	edma_model_write(f->m, offset, take(f, 4));
}

/* A slot with small addresses; the high halves only rarely are not 0. */
static void
write_slot(struct fuzz *f)
{
	struct dw_edma_elem e;
	uint32_t at;

	e.control = take(f, 1);
	e.size = take(f, 3);
	e.sar = take(f, 2);
	e.dar = take(f, 2);
	if ((e.control & 0xe0) == 0xe0)
		e.dar |= (uint64_t)take(f, 4) << 32;
	at = take(f, 1) % (ARENA_BYTES / SLOT_BYTES) * SLOT_BYTES;
	memcpy(f->local + at, &e, sizeof(e));
	if ((e.control & 0x20) != 0)
		edma_model_list_written(f->m, at + e.size % SLOT_BYTES);
}

static void
step(struct fuzz *f, uint32_t n)
{
	bool busy;

	/* Many in one call, or one after the other. */
	if (n % 2 != 0 && edma_model_run(f->m, n) < n && edma_model_busy(f->m))
		abort();
	while (n-- > 0) {
		busy = edma_model_busy(f->m);
		if (edma_model_step(f->m) != busy)
			abort();
		if (edma_model_in_element(f->m, -1) && !edma_model_busy(f->m))
			abort();
	}
}

static void
set_switches(struct fuzz *f)
{
	static const unsigned int late[] = { 0, 1, 6, 50 };
	const uint32_t v = take(f, 2);
	const struct edma_switches sw = {
		.no_data = (v & 1) != 0,
		.doorbell_delay = v >> 1 & 3,
		.element_delay = v >> 3 & 3,
		.stop_delay = v >> 7 & 1,
		.lose_doorbell = (v & 0x20) != 0,
		.llp_at_fetch = (v & 0x40) != 0,
		.late_list = late[v >> 8 & 3],
		.torn_list = v >> 10 & 3,
		.link_delay = v >> 12 & 1,
		.shuffle = v >> 13 & 3,
	};

	edma_model_set_switches(f->m, &sw);
	if ((v & 0x8000) != 0)
		edma_model_flush_lists(f->m);
}

static void
inject(struct fuzz *f)
{
	const uint32_t v = take(f, 2);

	(void)edma_model_inject(f->m, (enum edma_dir)(v & 3), v >> 2 & 15, v >> 6 & 7,
				(enum edma_fault)(v >> 9 & 15));
	(void)edma_model_inject(f->m, EDMA_DIR_RD, v >> 6 & 127, 1, EDMA_FAULT_CA);
}

static bool
some_running_native(const struct fuzz *f)
{
	unsigned int dir, ch;
	uint32_t stat;

	for (dir = 0; dir < 2; dir++) {
		for (ch = 0; ch < f->cnt[dir]; ch++) {
			stat = f->blocks[dir].offset + f->blocks[dir].stride * ch + DW_HDMA_CH_STAT;
			if ((f->image[stat / 4] & DW_HDMA_STAT_MASK) == DW_EDMA_CS_RUNNING)
				return true;
		}
	}
	return false;
}

/* True if the registers that can be seen say of a channel that it runs. */
static bool
some_running(const struct fuzz *f)
{
	bool running = false;
	uint32_t i;

	if (f->map == DW_EDMA_MAP_HDMA_NATIVE)
		return some_running_native(f);
	for (i = 0x200; i < DW_EDMA_REGS_BYTES; i += 0x100)
		running |= DW_EDMA_CS(f->image[i / 4]) == DW_EDMA_CS_RUNNING;
	return running;
}

/* The same through the view port, which has shown the latest and is then as it was before. */
static bool
some_running_legacy(const struct fuzz *f)
{
	const uint32_t sel = f->image[DW_EDMA_VIEWPORT_SEL / 4];
	const uint32_t *window = &f->image[DW_EDMA_VIEWPORT_WINDOW / 4];
	uint32_t before[DW_EDMA_CH_BYTES / 4];
	bool running = false;
	uint32_t ch;

	memcpy(before, window, sizeof(before));
	for (ch = 0; ch < 2 * DW_EDMA_MAX_CH; ch++) {
		edma_model_write(f->m, DW_EDMA_VIEWPORT_SEL, ch / 2 | (ch & 1) << 31);
		running |= DW_EDMA_CS(window[0]) == DW_EDMA_CS_RUNNING;
	}
	edma_model_write(f->m, DW_EDMA_VIEWPORT_SEL, sel);
	if (memcmp(before, window, sizeof(before)) != 0)
		abort();
	return running;
}

/* What holds whatever was written: running means active, and readers see what the model sees. */
static void
check(const struct fuzz *f)
{
	const bool legacy = f->map == DW_EDMA_MAP_LEGACY;
	uint32_t i;

	/* Not all of a large image after each operation: at the end. */
	for (i = 0; i < f->bytes && (i < DW_EDMA_REGS_BYTES || f->left == 0); i += 4)
		if (edma_model_read(f->m, i) != f->image[i / 4])
			abort();
	if ((legacy ? some_running_legacy(f) : some_running(f)) != edma_model_busy(f->m))
		abort();
	if (f->map == DW_EDMA_MAP_HDMA_NATIVE) {
		if (f->image[(f->blocks[0].offset + DW_HDMA_DOORBELL) / 4] != 0 ||
		    f->image[(f->blocks[1].offset + DW_HDMA_INT_CLEAR) / 4] != 0)
			abort();
	} else if (f->image[DW_EDMA_WR_DOORBELL / 4] != 0 ||
		   f->image[DW_EDMA_RD_INT_CLEAR / 4] != 0) {
		abort();
	}
}

static void
one_operation(struct fuzz *f)
{
	switch (take(f, 1) % 10) {
	case 0:
		write_global(f);
		break;
	case 1:
		write_window(f);
		break;
	case 2:
	case 3:
		write_slot(f);
		break;
	case 4:
	case 5:
		start(f);
		break;
	case 6:
		set_switches(f);
		break;
	case 7:
		inject(f);
		break;
	case 8:
		edma_model_write(f->m, take(f, 4), take(f, 4));
		break;
	default:
		step(f, take(f, 1) % 64);
		switch (take(f, 1)) {
		case 0xff:
			edma_model_reset(f->m);
			break;
		case 0xfe:
			edma_model_settle(f->m);
			break;
		}
		break;
	}
}

/* The engine that the input asks for. */
static void
shape(struct fuzz *f, struct edma_model_conf *conf)
{
	static const uint64_t borders[] = { 0, 64, 1000, 4096 };
	static const enum dw_edma_map maps[] = {
		DW_EDMA_MAP_LEGACY, DW_EDMA_MAP_UNROLL,
		DW_EDMA_MAP_HDMA_COMPAT, DW_EDMA_MAP_HDMA_NATIVE,
	};
	/* The usual one, and others; the last are not possible with many channels. */
	static const struct edma_blocks blocks[][2] = {
		{ { 0, 0x200 }, { 0x100, 0x200 } },
		{ { 0, 0x800 }, { 0x20000, 0x800 } },
		{ { 0x400, 0x100 }, { 0, 0x100 } },
		{ { 0x104, 0x2000 }, { 0x1108, 0x2000 } },
	};
	const uint32_t v = take(f, 2);

	f->border = borders[v >> 7 & 3];
	f->map = maps[v >> 9 & 3];
	f->cnt[0] = 1 + (v & 7);
	f->cnt[1] = 1 + (v >> 3 & 7);
	memcpy(f->blocks, blocks[v >> 11 & 3], sizeof(f->blocks));
	conf->map = f->map;
	if (f->map == DW_EDMA_MAP_HDMA_NATIVE) {
		if ((v & 0x2000) != 0) {
			f->cnt[0] = 8 * f->cnt[0];
			f->cnt[1] = 64;
		}
		memcpy(conf->blocks, f->blocks, sizeof(f->blocks));
	}
	conf->wr_cnt = f->cnt[0];
	conf->rd_cnt = f->cnt[1];
	f->bytes = edma_model_regs_bytes(conf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct edma_bus with_imwr = { .map = fuzz_map, .imwr = fuzz_imwr };
	static const struct edma_bus plain = { .map = fuzz_map };
	struct fuzz f = { .in = data, .left = size };
	struct edma_model_conf conf = { .bus_ctx = &f, .complain = fuzz_complain };

	shape(&f, &conf);
	conf.bus = take(&f, 1) % 2 != 0 ? &plain : &with_imwr;
	f.local = calloc(1, ARENA_BYTES);
	f.pcie = malloc(ARENA_BYTES);
	f.image = calloc(1, f.bytes + 1);
	if (f.local == NULL || f.pcie == NULL || f.image == NULL)
		abort();
	memset(f.pcie, 0x5a, ARENA_BYTES);
	conf.regs = f.image;
	f.m = edma_model_create(&conf);
	if ((f.m == NULL) != (f.bytes == 0))
		abort();
	while (f.left != 0 && f.m != NULL) {
		one_operation(&f);
		check(&f);
	}
	if (f.m != NULL) {
		step(&f, 256);
		check(&f);
	}
	edma_model_destroy(f.m);
	free(f.image);
	free(f.pcie);
	free(f.local);
	return 0;
}
