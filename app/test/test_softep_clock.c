/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The arithmetic of the link and the virtual clock, against tables that were calculated by hand.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

/* The wall clock of the tests. */
static int64_t test_wall;

static int
test_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = test_wall / 1000000000;
	ts->tv_nsec = test_wall % 1000000000;
	return 0;
}

#define clock_gettime test_clock_gettime
#include "../softep/clock.c"
#include "../softep/link.c"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define HIGH UINT64_C(0x7f0000000000) /* an address that needs 64 bits */
#define PS 512 /* units of time in a picosecond */

static struct softep_clock clock_under_test;

/* A clock with a link of speed, width and sizes; no latency, no floor. */
static struct softep_clock *
fresh(unsigned int speed, unsigned int width, unsigned int mps, unsigned int mrrs)
{
	struct softep_clock *clock = &clock_under_test;
	struct softep_link_conf conf;

	softep_clock_init(clock);
	conf = clock->conf;
	conf.speed = speed;
	conf.width = width;
	conf.mps = mps;
	conf.mrrs = mrrs;
	conf.latency_ns = 0;
	softep_clock_set(clock, &conf);
	return clock;
}

static void
set_reads(struct softep_clock *clock, unsigned int latency_ns, unsigned int tags)
{
	struct softep_link_conf conf = clock->conf;

	conf.latency_ns = latency_ns;
	conf.tags = tags;
	softep_clock_set(clock, &conf);
}

static struct softep_tlps
sum(const struct softep_clock *clock, enum softep_way way)
{
	return softep_clock_sum(&clock->count[way]);
}

/* Link ----------------------------------------------------------------------------------------- */

static void
test_byte_time(void **state)
{
	static const struct {
		unsigned int speed, width;
		double ps;
	} rows[] = {
		{ 1, 1, 4000 }, { 1, 16, 250 }, { 2, 1, 2000 }, { 2, 4, 500 },
		{ 3, 1, 1015.625 }, { 3, 4, 253.90625 }, { 3, 16, 63.4765625 },
		{ 4, 1, 507.8125 }, { 4, 2, 253.90625 }, { 4, 16, 31.73828125 },
		{ 5, 1, 253.90625 }, { 5, 8, 31.73828125 }, { 5, 16, 15.869140625 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(fresh(rows[i].speed, rows[i].width, 256, 512)->link.byte_time ==
			    rows[i].ps * PS);
}

static void
test_writes(void **state)
{
	static const struct {
		uint64_t addr, len;
		unsigned int mps;
		uint64_t cnt, wire;
	} rows[] = {
		{ 0x1000, 64, 256, 1, 84 },
		{ 0xfffff000, 64, 256, 1, 84 },
		{ 0x100000000, 64, 256, 1, 88 },
		{ 0x1000, 256, 256, 1, 276 },
		{ 0x1000, 257, 256, 2, 300 },
		{ 0x1000, 1500, 128, 12, 1740 },
		{ 0x1000, 1500, 256, 6, 1620 },
		{ HIGH, 1500, 256, 6, 1644 },
		{ 0x1004, 1500, 256, 6, 1620 },
		{ 0x10f0, 1500, 256, 7, 1640 },
		{ 0x1000, 1500, 4096, 1, 1520 },
		{ 0x1001, 1, 256, 1, 24 },
		{ 0x1003, 2, 256, 1, 28 },
		{ 0x1001, 1500, 256, 6, 1624 },
		{ 0x0ffe, 4, 4096, 2, 48 },
		{ 0x0000, 4096, 128, 32, 4736 },
		{ 0x0000, 65536, 4096, 16, 65856 },
		{ 0x10ff, 0, 256, 0, 0 },
		{ 0xfffffffffffff000, 4096, 256, 16, 4480 },
		{ 0xffffffffffffff80, 256, 128, 2, 304 },
		{ 0xfffffffffffffffe, 5, 128, 2, 56 },
	};
	struct softep_clock *clock;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		clock = fresh(1, 1, rows[i].mps, 512);
		softep_clock_engine_write(clock, 0, rows[i].addr, 0, rows[i].len, 1);
		assert_int_equal(sum(clock, SOFTEP_UP).cnt, rows[i].cnt);
		assert_int_equal(clock->count[SOFTEP_UP].posted.cnt, rows[i].cnt);
		assert_int_equal(sum(clock, SOFTEP_UP).bytes, rows[i].len);
		assert_int_equal(sum(clock, SOFTEP_UP).wire, rows[i].wire);
		assert_int_equal(sum(clock, SOFTEP_DOWN).cnt, 0);
		assert_int_equal(softep_clock_ns(clock), 4 * rows[i].wire);
	}
}

static void
test_reads(void **state)
{
	static const struct {
		uint64_t addr, len;
		unsigned int mps, mrrs, rcb;
		uint64_t requests, up, completions, down;
	} rows[] = {
		{ 0x1000, 64, 256, 512, 0, 1, 20, 1, 84 },
		{ HIGH, 64, 256, 512, 0, 1, 24, 1, 84 },
		{ 0x1000, 1500, 256, 512, 0, 3, 60, 6, 1620 },
		{ HIGH, 1500, 256, 512, 0, 3, 72, 6, 1620 },
		{ 0x11f0, 1500, 256, 512, 0, 4, 80, 7, 1640 },
		{ 0x1000, 1500, 128, 512, 0, 3, 60, 12, 1740 },
		/* A request smaller than a packet may be cuts the completions. */
		{ 0x1000, 1500, 512, 128, 0, 12, 240, 12, 1740 },
		{ 0x1000, 1500, 256, 512, 64, 3, 60, 24, 1980 },
		{ 0x1000, 1500, 256, 512, 128, 3, 60, 12, 1740 },
		{ 0x1003, 2, 256, 512, 0, 1, 20, 1, 28 },
		{ 0x0ffe, 4, 256, 4096, 0, 2, 40, 2, 48 },
		{ 0x1000, 0, 256, 512, 0, 0, 0, 0, 0 },
	};
	const struct softep_way_count *up = &clock_under_test.count[SOFTEP_UP];
	const struct softep_way_count *down = &clock_under_test.count[SOFTEP_DOWN];
	struct softep_link_conf conf;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		conf = fresh(1, 1, rows[i].mps, rows[i].mrrs)->conf;
		conf.rcb = rows[i].rcb;
		softep_clock_set(&clock_under_test, &conf);
		softep_clock_engine_read(&clock_under_test, 0, rows[i].addr, 0, rows[i].len, 1);
		assert_int_equal(up->requests.cnt, rows[i].requests);
		assert_int_equal(sum(&clock_under_test, SOFTEP_UP).cnt, rows[i].requests);
		assert_int_equal(sum(&clock_under_test, SOFTEP_UP).bytes, 0);
		assert_int_equal(sum(&clock_under_test, SOFTEP_UP).wire, rows[i].up);
		assert_int_equal(down->completions.cnt, rows[i].completions);
		assert_int_equal(sum(&clock_under_test, SOFTEP_DOWN).cnt, rows[i].completions);
		assert_int_equal(sum(&clock_under_test, SOFTEP_DOWN).bytes, rows[i].len);
		assert_int_equal(sum(&clock_under_test, SOFTEP_DOWN).wire, rows[i].down);
		assert_int_equal(up->posted.cnt + down->posted.cnt, 0);
	}
}

/* An element that is told of in parts is the same packets, and takes the same time. */
static void
test_parts(void **state)
{
	static const uint64_t starts[] = { 0, 0x1003, 0x11f0, HIGH + 0xfff, UINT64_MAX - 0x1234 };
	static const uint64_t ends[] = {
		1, 2, 100, 511, 512, 600, 1537, 4000, 65536, 70001, 131073,
	};
	struct softep_way_count whole[SOFTEP_WAYS];
	struct softep_clock *clock;
	unsigned int i, k, dir;
	uint64_t ns;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(starts); i++) {
		dir = i % 2;
		clock = fresh(3, 1, 256, 512);
		set_reads(clock, 700, 3);
		(dir == 0 ? softep_clock_engine_write : softep_clock_engine_read)(
			clock, 1, starts[i / 2], 0, ends[ARRAY_SIZE(ends) - 1], 1);
		memcpy(whole, clock->count, sizeof(whole));
		ns = softep_clock_ns(clock);
		clock = fresh(3, 1, 256, 512);
		set_reads(clock, 700, 3);
		for (k = 0; k < ARRAY_SIZE(ends); k++)
			(dir == 0 ? softep_clock_engine_write : softep_clock_engine_read)(
				clock, 1, starts[i / 2], k == 0 ? 0 : ends[k - 1], ends[k], 1);
		assert_memory_equal(whole, clock->count, sizeof(whole));
		assert_int_equal(softep_clock_ns(clock), ns);
	}
}

/* Clock ---------------------------------------------------------------------------------------- */

/* Channels share the wire: the time is that of all bytes, whoever sends them. */
static void
test_saturated(void **state)
{
	static const struct {
		unsigned int speed, width, mps;
		uint64_t len, ns; /* of 1000 elements */
	} rows[] = {
		{ 4, 2, 256, 1500, 417421 }, /* 1644 bytes at 3.94 GB/s */
		{ 4, 2, 128, 1500, 453984 }, /* 1788 */
		{ 4, 2, 256, 64, 22343 },    /* 88 */
		{ 3, 1, 256, 1500, 1669687 },
		{ 3, 4, 256, 1500, 417421 },
		{ 2, 1, 128, 64, 176000 },
		{ 5, 16, 256, 4096, 71093 }, /* 4480 */
	};
	struct softep_clock *clock;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		clock = fresh(rows[i].speed, rows[i].width, rows[i].mps, 512);
		for (k = 0; k < 1000; k++)
			softep_clock_engine_write(clock, k % 4, HIGH, 0, rows[i].len, 1);
		assert_int_equal(softep_clock_ns(clock), rows[i].ns);
		softep_clock_clear(clock);
		assert_int_equal(softep_clock_ns(clock), 0);
		assert_int_equal(sum(clock, SOFTEP_UP).cnt, 0);
	}
}

/* 64 bytes at 253.90625 ps a byte: 6.09 ns for the request, 21.33 ns for the data. */
static void
test_read_latency(void **state)
{
	static const struct {
		unsigned int tags, chans, n;
		uint64_t ns;
	} rows[] = {
		{ 1, 1, 1, 1027 },     /* 1000 + 27.42 */
		{ 1, 1, 10, 10274 },   /* each after the other */
		{ 2, 1, 10, 5158 },    /* 4 * 1027.42 + 1048.75 */
		{ 256, 1, 1000, 22334 }, /* 1006.09 + 1000 * 21.33: the wire is full */
		{ 1, 4, 40, 10274 },   /* each channel has tags of its own */
		{ 256, 4, 1000, 21328 }, /* the wire again, which does not know of the start */
	};
	struct softep_clock *clock;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		clock = fresh(3, 4, 256, 512);
		set_reads(clock, 1000, rows[i].tags);
		for (k = 0; k < rows[i].n; k++)
			softep_clock_engine_read(clock, k % rows[i].chans, HIGH, 0, 64, 1);
		assert_int_equal(softep_clock_ns(clock), rows[i].ns);
	}
}

/* Whatever the order in which two channels are served, their time is the same. */
static void
test_order(void **state)
{
	struct softep_clock *clock;
	uint64_t ns = 0;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		clock = fresh(4, 2, 256, 512);
		set_reads(clock, 1000, 64);
		for (k = 0; k < 400; k++) {
			if (i == 0 ? k % 2 == 0 : i == 1 ? k < 200 : k >= 200)
				softep_clock_engine_write(clock, 0, HIGH, 0, 1500, 1);
			else
				softep_clock_engine_read(clock, 0, HIGH, 0, 1500, 1);
		}
		assert_true(i == 0 || softep_clock_ns(clock) == ns);
		ns = softep_clock_ns(clock);
	}
	/* 200 * (1644 + 72) bytes up; 200 * 1620 down take less. */
	assert_int_equal(ns, 87140);
}

static void
test_refused(void **state)
{
	struct softep_clock *clock = fresh(1, 1, 256, 512);

	(void)state;
	softep_clock_engine_refused(clock, HIGH, true);
	softep_clock_engine_refused(clock, 0x1000, false);
	assert_int_equal(clock->count[SOFTEP_UP].requests.cnt, 2);
	assert_int_equal(sum(clock, SOFTEP_UP).wire, 24 + 20);
	assert_int_equal(clock->count[SOFTEP_DOWN].completions.cnt, 1);
	assert_int_equal(sum(clock, SOFTEP_DOWN).wire, 20);
	softep_clock_message(clock, 0xfee00000);
	assert_int_equal(clock->count[SOFTEP_UP].posted.cnt, 1);
	assert_int_equal(clock->count[SOFTEP_UP].posted.wire, 24);
}

/* CPUs ----------------------------------------------------------------------------------------- */

static void
set_store(struct softep_clock *clock, unsigned int bytes)
{
	struct softep_link_conf conf = clock->conf;

	conf.store = bytes;
	softep_clock_set(clock, &conf);
}

/* A line of 64 bytes, stored word by word, then the next word. */
static void
test_combining(void **state)
{
	static const struct {
		unsigned int store, width;
		bool combining;
		uint64_t cnt, wire;
	} rows[] = {
		{ 64, 8, true, 2, 20 + 64 + 20 + 8 },
		{ 64, 4, true, 2, 20 + 64 + 20 + 4 },
		{ 64, 3, true, 2, 20 + 64 + 20 + 4 },
		{ 64, 8, false, 9, 9 * 28 },
		{ 8, 8, true, 9, 9 * 28 },
		{ 8, 4, true, 17, 17 * 24 },
		{ 32, 8, true, 3, 2 * 52 + 28 },
	};
	struct softep_clock_cpu cpu;
	struct softep_clock *clock;
	uint64_t addr, cnt;
	unsigned int i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		clock = fresh(1, 1, 256, 512);
		set_store(clock, rows[i].store);
		cpu = (struct softep_clock_cpu){ 0 };
		cnt = 0;
		for (addr = 0x1000; addr <= 0x1040; addr += len) {
			/* The last one up to the border, the next one behind it. */
			len = rows[i].width;
			if (addr < 0x1040 && addr + len > 0x1040)
				len = 0x1040 - addr;
			cnt += softep_clock_store(clock, &cpu, SOFTEP_DOWN, addr, len,
						  rows[i].combining);
		}
		assert_int_equal(cnt, rows[i].cnt);
		assert_int_equal(clock->count[SOFTEP_DOWN].posted.cnt, rows[i].cnt);
		assert_int_equal(sum(clock, SOFTEP_DOWN).wire, rows[i].wire);
		assert_int_equal(cpu.waited_ns, 4 * rows[i].wire);
	}
}

/* Anything else in between ends the line, and so does another place. */
static void
test_combining_ends(void **state)
{
	struct softep_clock_cpu cpu = { 0 };
	struct softep_clock *clock = fresh(1, 1, 256, 512);
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x1000, 8, true), 1);
		if (i == 0)
			softep_clock_load(clock, &cpu, SOFTEP_DOWN, 0x2000, 4);
		else if (i == 1)
			softep_clock_config(clock, &cpu, false);
		else if (i == 2)
			softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x3000, 4, false);
		assert_int_equal(softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x1008, 8, true),
				 i < 3 ? 1 : 0);
		assert_int_equal(softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x1018, 8, true), 1);
	}
	/* A large store is cut, and its rest joined. */
	assert_int_equal(softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x2000, 100, true), 2);
	assert_int_equal(softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x2064, 100, true), 2);
}

/* A load waits for its round trip; each 8 bytes are one. */
static void
test_loads(void **state)
{
	struct softep_clock_cpu cpu = { 0 };
	struct softep_clock *clock = fresh(1, 1, 256, 512);

	(void)state;
	set_reads(clock, 500, 32);
	assert_int_equal(softep_clock_load(clock, &cpu, SOFTEP_DOWN, 0x1000, 4), 2);
	assert_int_equal(sum(clock, SOFTEP_DOWN).wire, 20);
	assert_int_equal(sum(clock, SOFTEP_UP).wire, 24);
	assert_int_equal(cpu.waited_ns, 500 + 44 * 4);
	/* The link itself was not busy meanwhile. */
	assert_int_equal(softep_clock_ns(clock), 24 * 4);
	assert_int_equal(softep_clock_load(clock, &cpu, SOFTEP_UP, HIGH + 4, 16), 6);
	assert_int_equal(clock->count[SOFTEP_UP].requests.cnt, 3);
	assert_int_equal(sum(clock, SOFTEP_UP).wire, 24 + 3 * 24);
	assert_int_equal(sum(clock, SOFTEP_DOWN).wire, 20 + 3 * 20 + 16);
	assert_int_equal(cpu.waited_ns, 4 * 500 + (44 + 72 + 76) * 4);
	softep_clock_config(clock, &cpu, true);
	softep_clock_config(clock, &cpu, false);
	assert_int_equal(sum(clock, SOFTEP_DOWN).wire, 96 + 24 + 20);
	assert_int_equal(sum(clock, SOFTEP_UP).wire, 96 + 20 + 24);
	assert_int_equal(clock->count[SOFTEP_DOWN].posted.cnt, 0);
}

/* Fractions of a nanosecond add up, and days of waiting are not too much. */
static void
test_waited(void **state)
{
	struct softep_clock_cpu cpu = { 0 };
	struct softep_clock *clock = fresh(5, 16, 256, 512);
	unsigned int i;

	(void)state;
	/* 24 bytes at 15.87 ps: 380.86 ps. */
	for (i = 0; i < 1000; i++)
		softep_clock_store(clock, &cpu, SOFTEP_DOWN, 0x1000, 4, false);
	assert_int_equal(cpu.waited_ns, 380);
	/* 1 ms each: 64 bits of 1/512 ps are full after 36 million of them. */
	set_reads(clock, 1000000, 32);
	for (i = 0; i < 1000; i++)
		softep_clock_load(clock, &cpu, SOFTEP_DOWN, 0, 8 * 100000);
	assert_in_range(cpu.waited_ns, UINT64_C(100000000000000), UINT64_C(100010000000000));
}

/* Pace ----------------------------------------------------------------------------------------- */

static void
test_pace(void **state)
{
	struct softep_clock *clock = fresh(1, 1, 256, 512);
	unsigned int i;

	(void)state;
	softep_clock_engine_write(clock, 0, 0, 0, 256, 1);
	assert_int_equal(softep_clock_ahead(clock), 0);
	/* What was before counts no more; 1104 ns each from now on. */
	test_wall = 5000000000;
	softep_clock_set_pace(clock, true);
	assert_int_equal(softep_clock_ahead(clock), 0);
	softep_clock_engine_write(clock, 0, 0, 0, 256, 1);
	assert_int_equal(softep_clock_ahead(clock), 1105);
	test_wall += 1000;
	assert_int_equal(softep_clock_ahead(clock), 105);
	test_wall += 104;
	assert_int_equal(softep_clock_ahead(clock), 0);
	/* A stall of 100 us is made up for, one of an hour only by that of 512 KiB. */
	test_wall += 100000;
	assert_int_equal(softep_clock_ahead(clock), 0);
	for (i = 0; i < 100000 / 1104; i++)
		softep_clock_engine_write(clock, 0, 0, 0, 256, 1);
	assert_int_equal(softep_clock_ahead(clock), 0);
	test_wall += INT64_C(3600000000000);
	assert_int_equal(softep_clock_ahead(clock), 0);
	for (i = 0; i < 2097152 / 1104; i++)
		softep_clock_engine_write(clock, 0, 0, 0, 256, 1);
	assert_int_equal(softep_clock_ahead(clock), 0);
	softep_clock_engine_write(clock, 0, 0, 0, 256, 1);
	assert_true(softep_clock_ahead(clock) != 0);
	/* The other direction was idle all the time and cannot make up for more either. */
	assert_true(clock->floor != 0);
	softep_clock_engine_read(clock, 5, 0, 0, 256, 1);
	assert_true(clock->busy[SOFTEP_DOWN] >= clock->floor);
	assert_true(clock->reader[5].done >= clock->floor);
	softep_clock_set_pace(clock, false);
	assert_int_equal(softep_clock_ahead(clock), 0);
}

/* Time goes on over the end of what 64 bits hold. */
static void
test_fold(void **state)
{
	struct softep_clock *clock = fresh(1, 1, 4096, 4096);
	uint64_t ns, last = 0, step = 0;
	unsigned int i;

	(void)state;
	/* 4 GiB at 250 MB/s: 17 s each, two days in all. */
	for (i = 0; i < 10000; i++) {
		softep_clock_fold(clock);
		softep_clock_engine_write(clock, 0, 0, 0, UINT32_MAX, 1);
		ns = softep_clock_ns(clock);
		if (i > 0)
			assert_in_range(ns - last, step - 1, step + 1);
		step = i == 0 ? ns : step;
		last = ns;
	}
	assert_in_range(last / 10000, step - 1, step + 1);
	softep_clock_clear(clock);
	assert_int_equal(softep_clock_ns(clock), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_time), cmocka_unit_test(test_writes),
		cmocka_unit_test(test_reads), cmocka_unit_test(test_parts), cmocka_unit_test(test_saturated),
		cmocka_unit_test(test_read_latency), cmocka_unit_test(test_order),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_combining),
		cmocka_unit_test(test_combining_ends), cmocka_unit_test(test_loads),
		cmocka_unit_test(test_waited), cmocka_unit_test(test_pace), cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
