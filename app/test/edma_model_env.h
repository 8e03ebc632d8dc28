/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _EDMA_MODEL_ENV_H_
#define _EDMA_MODEL_ENV_H_

/*
 * What the tests of the register model stand on: a bus with two small memories, and helpers that
 * speak in registers and list elements, on whichever map the test runs.
 *
 * Register offsets and control words are numbers on purpose: they are what the hardware description
 * says, not what our headers say.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edma_model.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define WR EDMA_DIR_WR
#define RD EDMA_DIR_RD
#define WR_CNT 4
#define RD_CNT 3

/* Two address spaces that have nothing in common; lists lie at the start of the local one. */
#define LOCAL_BASE UINT64_C(0x10000000000000)
#define PCIE_BASE UINT64_C(0xfedcba0000000)
#define ARENA_BYTES 0x80000u
#define LIST(ch) (LOCAL_BASE + 0x1000 * (ch))
#define LOCAL_DATA (LOCAL_BASE + 0x10000)
#define PCIE_DATA (PCIE_BASE + 0x10000)
#define IMWR_DONE (PCIE_BASE + 0x40)
#define IMWR_ABORT (PCIE_BASE + 0x80)

/* More steps than any of the lists below needs. */
#define MANY 4096

#define CS_OF(v) (((v) >> 5) & 3)
#define CCS 0x100u
#define LLE 0x200u

/* Register maps, by the codes of the vendor-specific capability. */
enum test_map {
	LEGACY = 0,
	UNROLL = 1,
	COMPAT = 5,
	NATIVE = 7,
};

/* The map that tests run on now. */
static enum test_map test_map = UNROLL;

/* Where native HDMA has its blocks: the usual places, or those of a test. */
static struct edma_blocks test_blocks[2] = { { 0, 0x200 }, { 0x100, 0x200 } };

struct env {
	struct edma_model *m;
	uint32_t image[EDMA_MODEL_MAX_REGS_BYTES / 4];
	uint8_t local[ARENA_BYTES];
	uint8_t pcie[ARENA_BYTES];
	uint64_t border; /* map() never crosses a multiple of this; 0: no borders */
	bool lie_long;   /* map() claims more than it was asked for */
	bool lie_none;   /* map() claims to give nothing */
	bool one_memory; /* the link leads back to local memory */
	uint64_t deny_first, deny_last; /* accesses here are aborts, either space */
	unsigned int fn_data; /* function numbers seen: data accesses over the link */
	unsigned int fn_imwr;
	unsigned int fn_last; /* of the latest data access over the link */
	unsigned int maps;
	unsigned int complaints;
	uint64_t violations; /* seen by expect_violations() */
	char line[160];
	struct {
		unsigned int n;
		uint64_t addr;
		uint32_t data;
		uint32_t status[2]; /* interrupt status words at that moment */
		uint32_t llp;       /* of write channel 0; legacy: of the selected one */
		uint8_t payload;    /* first byte at PCIE_DATA */
		uint32_t image[0x1200 / 4]; /* all of it at that moment */
	} imwr;
};

static inline void *
env_map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len, bool write)
{
	struct env *e = ctx;
	const bool local = space == EDMA_SPACE_LOCAL;
	const uint64_t base = local ? LOCAL_BASE : PCIE_BASE;
	uint64_t n = *len;

	(void)write;
	assert_true(n >= 1);
	e->maps++;
	if (addr < base || addr - base >= ARENA_BYTES)
		return NULL;
	if (addr >= e->deny_first && addr <= e->deny_last)
		return NULL;
	if (addr < e->deny_first && n > e->deny_first - addr)
		n = e->deny_first - addr;
	if (n > ARENA_BYTES - (addr - base))
		n = ARENA_BYTES - (addr - base);
	if (e->border != 0 && n > e->border - addr % e->border)
		n = e->border - addr % e->border;
	*len = e->lie_none ? 0 : e->lie_long ? n + 1000 : n;
	if (!local) {
		e->fn_data |= 1u << fn % 32;
		e->fn_last = fn;
	}
	return (local || e->one_memory ? e->local : e->pcie) + (addr - base);
}

static inline void
env_imwr(void *ctx, unsigned int fn, uint64_t addr, uint32_t data)
{
	struct env *e = ctx;

	e->imwr.n++;
	e->imwr.addr = addr;
	e->imwr.data = data;
	e->imwr.status[WR] = e->image[0x04c / 4];
	e->imwr.status[RD] = e->image[0x0a0 / 4];
	e->imwr.llp = e->image[(test_map == LEGACY ? 0x11c : 0x21c) / 4];
	e->imwr.payload = e->pcie[PCIE_DATA - PCIE_BASE];
	memcpy(e->imwr.image, e->image, sizeof(e->imwr.image));
	e->fn_imwr |= 1u << fn % 32;
}

static inline void
env_complain(void *ctx, const char *line)
{
	struct env *e = ctx;

	e->complaints++;
	strncpy(e->line, line, sizeof(e->line) - 1);
}

static const struct edma_bus env_bus = { .map = env_map, .imwr = env_imwr };
static const struct edma_bus env_bus_plain = { .map = env_map };

static inline struct edma_model *
env_create(struct env *e, unsigned int wr, unsigned int rd, const struct edma_bus *bus)
{
	struct edma_model_conf conf = {
		.wr_cnt = wr,
		.rd_cnt = rd,
		.map = (enum dw_edma_map)test_map,
		.regs = e->image,
		.bus = bus,
		.bus_ctx = e,
		.complain = env_complain,
	};

	if (test_map == NATIVE)
		memcpy(conf.blocks, test_blocks, sizeof(conf.blocks));
	memset(e->image, 0, sizeof(e->image));
	e->violations = 0;
	e->complaints = 0;
	edma_model_destroy(e->m);
	e->m = edma_model_create(&conf);
	assert_non_null(e->m);
	return e->m;
}

static inline int
setup(void **state)
{
	struct env *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	e->deny_first = e->deny_last = UINT64_MAX;
	env_create(e, WR_CNT, RD_CNT, &env_bus);
	*state = e;
	return 0;
}

/* Both views of every register agree after every test, complaints and violations as well. */
static inline int
teardown(void **state)
{
	struct env *e = *state;
	uint32_t i;

	for (i = 0; i < sizeof(e->image); i += 4)
		if (edma_model_read(e->m, i) != e->image[i / 4])
			fail_msg("0x%03x reads 0x%08x, in the image 0x%08x", i,
				 edma_model_read(e->m, i), e->image[i / 4]);
	assert_int_equal(edma_model_violations(e->m), e->complaints);
	edma_model_destroy(e->m);
	free(e);
	return 0;
}

static inline void
put(struct env *e, uint32_t off, uint32_t v)
{
	edma_model_write(e->m, off, v);
}

static inline uint32_t
get(const struct env *e, uint32_t off)
{
	return edma_model_read(e->m, off);
}

static inline uint64_t
get64(const struct env *e, uint32_t off)
{
	return (uint64_t)get(e, off + 4) << 32 | get(e, off);
}

static inline void
put64(struct env *e, uint32_t off, uint64_t v)
{
	put(e, off, (uint32_t)v);
	put(e, off + 4, (uint32_t)(v >> 32));
}

/* Registers by direction, from the tables of the description. */
static const uint32_t R_EN[2] = { 0x00c, 0x02c };
static const uint32_t R_DB[2] = { 0x010, 0x030 };
static const uint32_t R_STATUS[2] = { 0x04c, 0x0a0 };
static const uint32_t R_MASK[2] = { 0x054, 0x0a8 };
static const uint32_t R_CLEAR[2] = { 0x058, 0x0ac };
static const uint32_t R_ERR[2] = { 0x05c, 0x0b4 };
static const uint32_t R_LL_ERR_EN[2] = { 0x090, 0x0c4 };
static const uint32_t R_DONE[2] = { 0x060, 0x0cc };
static const uint32_t R_ABORT[2] = { 0x068, 0x0d4 };
static const uint32_t R_DATA[2] = { 0x070, 0x0dc };
static const char *const dir_name[2] = { "write", "read" };

/* Channel registers, at their places in the window of eDMA and in the block of native HDMA. */
enum creg { CONTROL1, CONTROL2, SIZE, SAR, DAR, LLP, CREGS };
static const uint32_t creg_offset[2][CREGS] = {
	{ 0x00, 0x04, 0x08, 0x0c, 0x14, 0x1c },
	{ 0x34, 0x3c, 0x1c, 0x20, 0x28, 0x10 }, /* QOS takes the place of CONTROL2 */
};

static inline bool
is_native(void)
{
	return test_map == NATIVE;
}

/* Block of a channel of native HDMA. */
static inline uint32_t
block(enum edma_dir dir, unsigned int ch)
{
	return test_blocks[dir].offset + test_blocks[dir].stride * ch;
}

/* Where a channel register is. With the legacy map its channel is selected for that. */
static inline uint32_t
at(const struct env *e, enum edma_dir dir, unsigned int ch, enum creg reg)
{
	if (is_native())
		return block(dir, ch) + creg_offset[1][reg];
	if (test_map != LEGACY)
		return (dir == WR ? 0x200 : 0x300) + 0x200 * ch + creg_offset[0][reg];
	edma_model_write(e->m, 0x0fc, (dir == RD ? 0x80000000 : 0) | ch);
	return 0x100 + creg_offset[0][reg];
}

static inline uint32_t
cget(const struct env *e, enum edma_dir dir, unsigned int ch, enum creg reg)
{
	return get(e, at(e, dir, ch, reg));
}

static inline uint64_t
cget64(const struct env *e, enum edma_dir dir, unsigned int ch, enum creg reg)
{
	return get64(e, at(e, dir, ch, reg));
}

static inline void
cput(struct env *e, enum edma_dir dir, unsigned int ch, enum creg reg, uint32_t v)
{
	put(e, at(e, dir, ch, reg), v);
}

static inline void
cput64(struct env *e, enum edma_dir dir, unsigned int ch, enum creg reg, uint64_t v)
{
	put64(e, at(e, dir, ch, reg), v);
}

/* CONTROL1 as eDMA has it; native HDMA has CB, CCS, LLE, status and function elsewhere. */
static inline uint32_t
control(const struct env *e, enum edma_dir dir, unsigned int ch)
{
	const uint32_t b = block(dir, ch);

	if (!is_native())
		return cget(e, dir, ch, CONTROL1);
	return (get(e, b + 0x18) & 1) | (get(e, b + 0x18) & 2) << 7 | (get(e, b + 0x34) & 1) << 9 |
	       (get(e, b + 0x80) & 3) << 5 | get(e, b + 0x38) << 12;
}

static inline void
set_control(struct env *e, enum edma_dir dir, unsigned int ch, uint32_t v)
{
	const uint32_t b = block(dir, ch);

	if (!is_native()) {
		cput(e, dir, ch, CONTROL1, v);
		return;
	}
	put(e, b + 0x34, v >> 9 & 1);
	put(e, b + 0x18, (v & CCS) != 0 ? 3 : 0);
	put(e, b + 0x38, v >> 12 & 0x1f);
}

static inline unsigned int
cs(const struct env *e, enum edma_dir dir, unsigned int ch)
{
	return CS_OF(control(e, dir, ch));
}

static inline uint64_t
llp(const struct env *e, enum edma_dir dir, unsigned int ch)
{
	return cget64(e, dir, ch, LLP);
}

/* The register that holds the channel in reset, bit 0. */
static inline uint32_t
enable_reg(enum edma_dir dir, unsigned int ch)
{
	return is_native() ? block(dir, ch) : R_EN[dir];
}

/* An interrupt write that a test does not aim goes to the place for its kind. */
static inline void
aim(struct env *e, uint32_t reg, uint64_t target)
{
	if (get64(e, reg) == 0)
		put64(e, reg, target);
}

static inline void
aim_all(struct env *e, enum edma_dir dir, unsigned int ch)
{
	if (is_native()) {
		aim(e, block(dir, ch) + 0x90, IMWR_DONE);
		aim(e, block(dir, ch) + 0x98, IMWR_DONE);
		aim(e, block(dir, ch) + 0xa0, IMWR_ABORT);
	} else {
		aim(e, R_DONE[dir], IMWR_DONE);
		aim(e, R_ABORT[dir], IMWR_ABORT);
	}
}

/* What a channel needs before it can be programmed; native HDMA: and to latch its status bits. */
static inline void
enable(struct env *e, enum edma_dir dir, unsigned int ch)
{
	put(e, enable_reg(dir, ch), 1);
	aim_all(e, dir, ch);
	if (is_native())
		put(e, block(dir, ch) + 0x88, get(e, block(dir, ch) + 0x88) | 0x50);
	if (test_map == COMPAT)
		put(e, (dir == WR ? 0x128 : 0x168) + 4 * ch, 1);
}

static inline void
disable(struct env *e, enum edma_dir dir, unsigned int ch)
{
	put(e, enable_reg(dir, ch), 0);
}

static inline void
ring(struct env *e, enum edma_dir dir, unsigned int ch)
{
	if (is_native())
		put(e, block(dir, ch) + 0x04, 1);
	else
		put(e, R_DB[dir], ch);
}

static inline void
ring_stop(struct env *e, enum edma_dir dir, unsigned int ch)
{
	if (is_native())
		put(e, block(dir, ch) + 0x04, 2);
	else
		put(e, R_DB[dir], 0x80000000 | ch);
}

/* Status bits of a channel. DONE is the watermark of native HDMA, which alone has STOP. */
#define DONE 1u
#define ABORT 2u
#define STOP 4u

static inline uint32_t
status(const struct env *e, enum edma_dir dir, unsigned int ch)
{
	uint32_t v;

	if (is_native()) {
		v = get(e, block(dir, ch) + 0x84);
		return (v >> 1 & 3) | (v & 1) << 2;
	}
	v = get(e, R_STATUS[dir]) >> ch;
	return (v & 1) | (v >> 15 & 2);
}

/* STOP where there is such a thing. */
static inline uint32_t
stop_bit(void)
{
	return is_native() ? STOP : 0;
}

static inline void
clear(struct env *e, enum edma_dir dir, unsigned int ch)
{
	if (is_native())
		put(e, block(dir, ch) + 0x8c, 7);
	else
		put(e, R_CLEAR[dir], 0x00010001u << ch);
}

static inline void
put_elem(struct env *e, uint64_t at, uint32_t control, uint32_t size, uint64_t sar, uint64_t dar)
{
	uint8_t *p = e->local + (at - LOCAL_BASE);

	memcpy(p + 0x04, &size, 4);
	memcpy(p + 0x08, &sar, 8);
	memcpy(p + 0x10, &dar, 8);
	memcpy(p + 0x00, &control, 4);
}

/* An element of direction @p dir that moves @p size bytes at offset @p off of the data areas. */
static inline void
put_data(struct env *e, enum edma_dir dir, uint64_t at, uint32_t control, uint32_t size,
	 uint64_t off)
{
	put_elem(e, at, control, size, (dir == WR ? LOCAL_DATA : PCIE_DATA) + off,
		 (dir == WR ? PCIE_DATA : LOCAL_DATA) + off);
}

static inline void
put_link(struct env *e, uint64_t at, uint32_t control, uint64_t target)
{
	put_elem(e, at, control, 0, target, 0);
}

/* Engine on, linked-list mode, list at LIST(@p slot), no doorbell yet. */
static inline void
prepare(struct env *e, enum edma_dir dir, unsigned int ch, uint32_t control1, uint64_t list)
{
	enable(e, dir, ch);
	set_control(e, dir, ch, control1);
	cput64(e, dir, ch, LLP, list);
}

static inline unsigned int
run(struct env *e)
{
	unsigned int n = 0;

	while (edma_model_busy(e->m)) {
		assert_true(edma_model_step(e->m));
		assert_true(n++ < MANY);
	}
	assert_false(edma_model_step(e->m));
	return n;
}

static inline void
steps(struct env *e, unsigned int n)
{
	while (n-- > 0)
		assert_true(edma_model_step(e->m));
}

/* Fresh data at the source of a direction, and none of it at the destination. */
static inline void
wipe_dst(struct env *e, enum edma_dir dir)
{
	uint8_t *src = dir == WR ? e->local : e->pcie;
	uint8_t *dst = dir == WR ? e->pcie : e->local;
	size_t i;

	for (i = 0x10000; i < ARENA_BYTES; i++)
		src[i] = (uint8_t)((i * 7 + i / 251) % 200);
	memset(dst + 0x10000, 0xee, ARENA_BYTES - 0x10000);
}

static inline bool
moved(const struct env *e, uint64_t off, uint32_t size)
{
	return memcmp(e->local + 0x10000 + off, e->pcie + 0x10000 + off, size) == 0;
}

static inline void
deny_nothing(struct env *e)
{
	e->deny_first = e->deny_last = UINT64_MAX;
}

/* Two long elements and an invalid one at LIST(@p ch), ready to be started. */
static inline void
prepare_long(struct env *e, enum edma_dir dir, unsigned int ch)
{
	put_data(e, dir, LIST(ch), 0x09, 150000, 0);
	put_data(e, dir, LIST(ch) + 24, 0x09, 150000, 150000);
	put_data(e, dir, LIST(ch) + 48, 0x00, 8, 0);
	prepare(e, dir, ch, 0x300, LIST(ch));
}

/* Expects that @p n violations happened since the last call. */
static inline void
expect_violations(struct env *e, unsigned int n)
{
	const uint64_t now = edma_model_violations(e->m);

	if (now - e->violations != n)
		fail_msg("%u violations, expected %u, last: %s",
			 (unsigned int)(now - e->violations), n, e->line);
	e->violations = now;
}

/* Runs a group of tests on one map. Returns the number of failures. */
static inline int
run_on_map(enum test_map map, const char *name, const struct CMUnitTest *tests, size_t cnt)
{
	test_map = map;
	return _cmocka_run_group_tests(name, tests, cnt, NULL, NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif /* _EDMA_MODEL_ENV_H_ */
