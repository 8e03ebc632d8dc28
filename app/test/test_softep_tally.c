/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The virtual clock, told of runs of elements, against one that is told of every single packet.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../softep/clock.c"
#include "../softep/link.c"
#include "../softep/tally.c"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CHANS 3

static struct softep_clock clock_under_test;
static struct softep_clock plain;
static struct softep_tally tally;

/* Packet by packet ----------------------------------------------------------------------------- */

static void
plain_count(struct softep_tlps *sum, enum softep_way way, uint64_t bytes, uint64_t wire)
{
	sum->cnt++;
	sum->bytes += bytes;
	sum->wire += wire;
	plain.busy[way] = later(plain.busy[way], plain.floor) + wire * plain.link.byte_time;
	plain.latest = later(plain.latest, plain.busy[way]);
}

/* Bytes from @p addr on, of @p left, up to the next multiple of @p cut. */
static uint64_t
until(uint64_t addr, uint64_t left, uint64_t cut)
{
	const uint64_t len = cut - addr % cut;

	return len < left ? len : left;
}

/* Payload on the wire: whole words. */
static uint64_t
words(uint64_t addr, uint64_t len)
{
	return (addr % 4 + len + 3) / 4 * 4;
}

/* 20 bytes, 24 if the address of the element needs 64 bits. */
static uint64_t
header(uint64_t addr)
{
	return addr > UINT32_MAX ? 24 : 20;
}

static void
plain_write(unsigned int ch, uint64_t base, uint64_t len)
{
	uint64_t addr, part, wire;

	for (addr = base; len > 0; addr += part, len -= part) {
		part = until(addr, len, plain.conf.mps);
		wire = header(base) + words(addr, part);
		plain_count(&plain.count[SOFTEP_UP].posted, SOFTEP_UP, part, wire);
		plain.writer[ch] = later(plain.writer[ch], plain.floor) +
				   wire * plain.link.byte_time;
		plain.latest = later(plain.latest, plain.writer[ch]);
	}
}

/* Where the host ends a completion. */
static uint64_t
plain_cut(void)
{
	const uint64_t cut = plain.conf.rcb != 0 ? plain.conf.rcb : plain.conf.mps;

	return cut < plain.conf.mrrs ? cut : plain.conf.mrrs;
}

static void
plain_answer(struct softep_clock_reader *r, uint64_t addr, uint64_t len)
{
	uint64_t part, wire;

	for (; len > 0; addr += part, len -= part) {
		part = until(addr, len, plain_cut());
		wire = 20 + words(addr, part);
		plain_count(&plain.count[SOFTEP_DOWN].completions, SOFTEP_DOWN, part, wire);
		r->done += wire * plain.link.byte_time;
	}
}

static void
plain_read(unsigned int ch, uint64_t base, uint64_t len)
{
	struct softep_clock_reader *r = &plain.reader[ch];
	uint64_t addr, part;

	for (addr = base; len > 0; addr += part, len -= part) {
		part = until(addr, len, plain.conf.mrrs);
		plain_count(&plain.count[SOFTEP_UP].requests, SOFTEP_UP, 0, header(base));
		r->tag = (r->tag + 1) % plain.conf.tags;
		r->issued = later(later(r->issued, plain.floor), r->tag_free[r->tag]) +
			    header(base) * plain.link.byte_time;
		r->done = later(later(r->done, plain.floor), r->issued + plain.link.latency);
		plain_answer(r, addr, part);
		r->tag_free[r->tag] = r->done;
		plain.latest = later(plain.latest, r->done);
	}
}

/* Both ----------------------------------------------------------------------------------------- */

/* Times before the floor are all the same. */
static void
assert_time(uint64_t time, uint64_t expected)
{
	assert_int_equal(later(time, plain.floor), later(expected, plain.floor));
}

static void
assert_same(void)
{
	unsigned int i;

	assert_memory_equal(clock_under_test.count, plain.count, sizeof(plain.count));
	assert_int_equal(clock_under_test.latest, plain.latest);
	for (i = 0; i < SOFTEP_WAYS; i++)
		assert_time(clock_under_test.busy[i], plain.busy[i]);
	for (i = 0; i < CHANS; i++) {
		assert_time(clock_under_test.writer[i], plain.writer[i]);
		assert_time(clock_under_test.reader[i].issued, plain.reader[i].issued);
		assert_time(clock_under_test.reader[i].done, plain.reader[i].done);
		assert_int_equal(clock_under_test.reader[i].tag, plain.reader[i].tag);
		assert_memory_equal(clock_under_test.reader[i].tag_free, plain.reader[i].tag_free,
				    sizeof(plain.reader[i].tag_free));
	}
}

static uint64_t
any(const uint64_t *values, size_t cnt)
{
	return values[(size_t)rand() % cnt];
}

/* A power of two. */
static unsigned int
any_size(unsigned int least, unsigned int most)
{
	while (least < most && rand() % 3 != 0)
		least *= 2;
	return least;
}

static void
new_link(void)
{
	static const unsigned int rcbs[] = { 0, 64, 128 };
	const struct softep_link_conf conf = {
		.speed = 1 + (unsigned int)rand() % 5,
		.width = any_size(1, 16),
		.mps = any_size(128, 4096),
		.mrrs = any_size(128, 4096),
		.rcb = rcbs[rand() % 3],
		.store = 64,
		.latency_ns = (unsigned int)rand() % 3 * 700,
		.tags = any_size(1, SOFTEP_CLOCK_MAX_TAGS),
	};

	softep_clock_set(&clock_under_test, &conf);
	softep_clock_set(&plain, &conf);
}

/* As a board with a pace may: nothing begins before. */
static void
new_floor(void)
{
	clock_under_test.floor = clock_under_test.latest - clock_under_test.latest / 8;
	plain.floor = clock_under_test.floor;
}

static void
run_elements(enum edma_dir dir, unsigned int ch)
{
	static const uint64_t bases[] = {
		0, 0x1000, 0x1040, 0x1ff0, 0x2003, 0xfffff800, UINT64_C(0x7f0000000000),
		UINT64_C(0x7f0000000e01), UINT64_MAX - 0x1234,
	};
	static const uint64_t lens[] = { 0, 1, 4, 64, 127, 512, 1500, 4096, 9000, 65536 };
	static const uint64_t strides[] = { 0, 64, 1500, 2048, 2304, 4096, 65536 };
	const uint64_t len = any(lens, ARRAY_SIZE(lens));
	const uint64_t stride = any(strides, ARRAY_SIZE(strides));
	uint64_t addr = any(bases, ARRAY_SIZE(bases));
	unsigned int cnt;

	for (cnt = 1 + (unsigned int)rand() % 50; cnt > 0; cnt--, addr += stride) {
		softep_tally_add(&tally, &clock_under_test, dir, ch, addr, (uint32_t)len);
		if (dir == EDMA_DIR_WR)
			plain_write(ch, addr, len);
		else
			plain_read(ch, addr, len);
	}
}

static void
test_random(void **state)
{
	unsigned int i, k;

	(void)state;
	srand(1);
	for (i = 0; i < 400; i++) {
		new_link();
		for (k = (unsigned int)rand() % 8; k > 0; k--)
			run_elements(rand() % 2 == 0 ? EDMA_DIR_WR : EDMA_DIR_RD,
				     (unsigned int)rand() % CHANS);
		softep_tally_settle(&tally, &clock_under_test);
		assert_same();
		if (rand() % 4 == 0)
			new_floor();
	}
	assert_true(plain.latest > 0);
}

/* A run is what is counted together, and settled is settled. */
static void
test_runs(void **state)
{
	const uint64_t before = softep_clock_sum(&clock_under_test.count[SOFTEP_UP]).cnt;
	const struct softep_run *run = &tally.runs[EDMA_DIR_WR][2];
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		softep_tally_add(&tally, &clock_under_test, EDMA_DIR_WR, 2, 4096 * i, 64);
	assert_int_equal(run->cnt, 1000);
	assert_int_equal(softep_clock_sum(&clock_under_test.count[SOFTEP_UP]).cnt, before);
	softep_tally_settle(&tally, &clock_under_test);
	assert_int_equal(run->cnt, 0);
	assert_int_equal(softep_clock_sum(&clock_under_test.count[SOFTEP_UP]).cnt, before + 1000);
	softep_tally_settle(&tally, &clock_under_test);
	assert_int_equal(softep_clock_sum(&clock_under_test.count[SOFTEP_UP]).cnt, before + 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_runs),
	};

	softep_clock_init(&clock_under_test);
	softep_clock_init(&plain);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
