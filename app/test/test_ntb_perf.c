/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The parts of dpdk-ntb-perf that need no device: packets, sequences, pace, search, settings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../common/parse.c"
#include "../ntb-perf/packet.c"
#include "../ntb-perf/search.c"
#include "../ntb-perf/sequence.c"

#include "../ntb-perf/pace.h"

static char told[512];

void
complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told, sizeof(told), fmt, ap);
	va_end(ap);
}

static const struct packet example = {
	.stream = 0x103, .length = 1501, .seq = 0x123456789a, .time = 77,
};

static void
test_packet_back(void **state)
{
	uint8_t data[1501] = { 0 };
	struct packet p;

	(void)state;
	packet_write(data, &example, true);
	assert_int_equal(packet_read(data, sizeof(data), true, &p), PACKET_GOOD);
	assert_int_equal(p.stream, example.stream);
	assert_int_equal(p.length, example.length);
	assert_true(p.seq == example.seq && p.time == example.time);
	/* On the way back from a reflector, and back again. */
	packet_turn(data);
	assert_memory_equal(data, ether.src_addr.addr_bytes, 6);
	assert_memory_equal(data + 6, ether.dst_addr.addr_bytes, 6);
	assert_int_equal(packet_read(data, sizeof(data), true, &p), PACKET_GOOD);
	packet_turn(data);
	assert_memory_equal(data, &ether, sizeof(ether));
}

/* Each bit that is not an address is looked at. */
static void
test_packet_bits(void **state)
{
	uint8_t data[1501];
	struct packet p;
	size_t at;

	(void)state;
	packet_write(data, &example, true);
	for (at = 8 * 12; at < 8 * sizeof(data); at++) {
		enum packet_state full, head;

		data[at / 8] ^= (uint8_t)(1 << at % 8);
		full = packet_read(data, sizeof(data), true, &p);
		head = packet_read(data, sizeof(data), false, &p);
		data[at / 8] ^= (uint8_t)(1 << at % 8);
		assert_int_equal(full, at < 8 * 16 ? PACKET_FOREIGN : PACKET_CORRUPT);
		if (at < 8 * PACKET_HEAD)
			assert_int_equal(head, full);
		else
			assert_int_equal(head, PACKET_GOOD);
	}
	assert_int_equal(packet_read(data, sizeof(data), true, &p), PACKET_GOOD);
}

static void
test_packet_lengths(void **state)
{
	uint8_t data[1600];
	struct packet p;
	size_t n;

	(void)state;
	packet_write(data, &example, true);
	for (n = 0; n < sizeof(data); n++)
		assert_int_equal(packet_read(data, n, false, &p),
				 n < PACKET_HEAD ? PACKET_FOREIGN :
				 n == example.length ? PACKET_GOOD : PACKET_CORRUPT);
}

/* Neither the bytes of another packet nor its own, moved, pass for the pattern. */
static void
test_packet_pattern(void **state)
{
	uint64_t seq;
	size_t at;

	(void)state;
	for (seq = 0; seq < 50; seq++)
		for (at = PACKET_HEAD; at < 9000; at += 8) {
			assert_true(pattern(seq, at) != pattern(seq + 1, at));
			assert_true(pattern(seq, at) != pattern(seq, at + 8));
			assert_true(pattern(seq, at) != pattern(seq + 1, at - 8));
			assert_true(pattern(seq, at) != pattern(seq + 32, at));
		}
}

static void
expect(const struct sequence *s, uint64_t arrived, uint64_t missing, uint64_t reordered,
       uint64_t duplicates)
{
	assert_int_equal(s->arrived, arrived);
	assert_int_equal(sequence_missing(s), missing);
	assert_int_equal(s->reordered, reordered);
	assert_int_equal(s->duplicates, duplicates);
}

static void
test_sequence(void **state)
{
	struct sequence s = { 0 };
	uint64_t i;

	(void)state;
	expect(&s, 0, 0, 0, 0);
	for (i = 0; i < 5000; i++)
		sequence_add(&s, i);
	expect(&s, 5000, 0, 0, 0);
	/* 5000 and 5001 are late, and 5000 comes twice. */
	sequence_add(&s, 5002);
	expect(&s, 5001, 2, 0, 0);
	sequence_add(&s, 5000);
	sequence_add(&s, 5000);
	expect(&s, 5002, 1, 1, 1);
	sequence_add(&s, 5001);
	sequence_add(&s, 5002);
	expect(&s, 5003, 0, 2, 2);
}

static void
test_sequence_window(void **state)
{
	struct sequence s = { 0 };
	uint64_t next;

	(void)state;
	sequence_add(&s, 0);
	/* A gap of one window, less and more: what is in it has not been seen. */
	for (next = SEQUENCE_WINDOW - 1; next <= SEQUENCE_WINDOW + 2; next++) {
		uint64_t far = s.next + next;
		uint64_t late = s.reordered;

		sequence_add(&s, far);
		sequence_add(&s, far - 1);
		sequence_add(&s, far - SEQUENCE_WINDOW + 1);
		assert_int_equal(s.duplicates, 0);
		assert_int_equal(s.reordered, late + 2);
	}
	/* The oldest one that is still known, and one that is no more. */
	sequence_add(&s, s.next - SEQUENCE_WINDOW);
	assert_int_equal(s.duplicates, 1);
	sequence_add(&s, s.next - SEQUENCE_WINDOW - 1);
	assert_int_equal(s.duplicates, 1);
}

static void
test_pace(void **state)
{
	struct pace p;
	uint64_t now, sum = 0;

	(void)state;
	/* 1000 per second of 1,000,000 ticks, looked at every 7 ticks. */
	pace_begin(&p, 500, 1000, 1000000);
	assert_int_equal(pace_take(&p, 500 + 999, 32), 0);
	for (now = 1500; now <= 1000500; now += 7)
		sum += pace_take(&p, now, 32);
	sum += pace_take(&p, 1000500, 32);
	assert_int_equal(sum, 1000);
	/* Who was held up for a second is given no more than a burst at once, and all in the end. */
	assert_int_equal(p.owed, 0);
	assert_int_equal(pace_take(&p, 2000500, 32), 32);
	assert_int_equal(p.owed, 1000 - 32);
	for (sum = 32; (now = pace_take(&p, 2000500, 32)) != 0; )
		sum += now;
	assert_int_equal(sum, 1000);
	assert_int_equal(p.owed, 0);
	pace_begin(&p, 500, 0, 1000000);
	assert_int_equal(pace_take(&p, 500, 32), 32);
	assert_int_equal(p.owed, 0);
}

/** Searches for a limit; returns how many trials it took. */
static unsigned int
search_for(struct search *s, double limit, double max, double resolution)
{
	search_begin(s, max, resolution);
	assert_true(s->rate == max);
	while (search_next(s, s->rate <= limit))
		assert_true(s->rate > s->low && s->rate < s->high);
	return s->trials;
}

static void
test_search(void **state)
{
	struct search s;
	double limit;

	(void)state;
	for (limit = 1; limit < 1000; limit += 0.7) {
		assert_true(search_for(&s, limit, 1000, 0.01) <= 19);
		assert_true(s.low <= limit && s.low >= limit * 0.989);
	}
	/* All pass: one trial. None does: the end comes all the same. */
	assert_int_equal(search_for(&s, 1000, 1000, 0.01), 1);
	assert_true(s.low == 1000);
	assert_int_equal(search_for(&s, 0, 1000, 0.01), MAX_TRIALS);
	assert_true(s.low == 0);
}

/** Takes one word, in place, as a setting. */
static int
take(const struct setting *setting, const char *word)
{
	char text[80];
	char *words[] = { text };
	struct words w = { .word = words, .left = 1 };

	snprintf(text, sizeof(text), "%s", word);
	return take_settings(&w, setting, 1);
}

static void
test_lists(void **state)
{
	static const char *const bad[] = {
		"k=", "k=1", "k=11", "k=2,", "k=,2", "k=2,,3", "k=2 3", "k=2,x", "k=-2",
		"k=2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2",
	};
	struct setting_list list = { .n = 0 };
	const struct setting setting = { "k", SETTING_LIST, &list, 2, 10 };
	unsigned int i;

	(void)state;
	assert_int_equal(take(&setting, "k=2,10,0x3"), 0);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.value[0], 2);
	assert_int_equal(list.value[1], 10);
	assert_int_equal(list.value[2], 3);
	assert_int_equal(take(&setting, "k=2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2"), 0);
	assert_int_equal(list.n, 16);
	for (i = 0; i < RTE_DIM(bad); i++) {
		char line[160];

		assert_int_equal(take(&setting, bad[i]), EXIT_USAGE);
		snprintf(line, sizeof(line), "argument k: \"%s\": expected up to 16 numbers, "
			 "2 to 10, with commas", bad[i] + 2);
		assert_string_equal(told, line);
	}
}

static void
test_flags(void **state)
{
	bool flag = false, given = false;
	const struct setting setting = { "k", SETTING_FLAG, &flag, .given = &given };

	(void)state;
	assert_int_equal(take(&setting, "k=maybe"), EXIT_USAGE);
	assert_string_equal(told, "argument k: \"maybe\": expected yes or no");
	assert_false(given);
	assert_int_equal(take(&setting, "k=yes"), 0);
	assert_true(flag && given);
	assert_int_equal(take(&setting, "k=no"), 0);
	assert_false(flag);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packet_back),
		cmocka_unit_test(test_packet_bits),
		cmocka_unit_test(test_packet_lengths),
		cmocka_unit_test(test_packet_pattern),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_sequence_window),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
