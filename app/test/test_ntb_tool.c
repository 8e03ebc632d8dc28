/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The parts of dpdk-ntb-tool that need no device: numbers, words, histogram, pattern. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../common/histogram.c"
#include "../common/parse.c"
#include "../ntb-tool/cmd.c"

/** Commands stay out: of them only their names and usages are in the table. */
#define NO_CMD(x) const struct cmd_def x = { .name = #x, .usage = "" }
NO_CMD(cmd_info);
NO_CMD(cmd_link);
NO_CMD(cmd_serve);
NO_CMD(cmd_spad);
NO_CMD(cmd_db);
NO_CMD(cmd_window);
NO_CMD(cmd_ping);
NO_CMD(cmd_pong);
NO_CMD(cmd_bandwidth);

static char told[512];

void
complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told, sizeof(told), fmt, ap);
	va_end(ap);
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 }, { "010", 10 }, { "0x10", 16 }, { "0XfF", 255 },
		{ "18446744073709551615", UINT64_MAX }, { "0xffffffffffffffff", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "0x", "0x0x1", "1.0", "one", "0b1", "1k",
		"18446744073709551616", "0x10000000000000000",
	};
	uint64_t value;
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(good); i++) {
		assert_true(parse_u64(good[i].text, &value));
		assert_true(value == good[i].value);
	}
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_false(parse_u64(bad[i], &value));
}

static void
test_bytes(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "7", 7 }, { "4k", 4096 }, { "4K", 4096 }, { "0x10M", 16 << 20 }, { "3g", 3ull << 30 },
		{ "17179869183G", 17179869183ull << 30 },
	};
	static const char *const bad[] = {
		"", "k", "4kk", "4kB", "4 k", "4t", "-4k", "17179869184G", "4.5k",
	};
	uint64_t value;
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(good); i++) {
		assert_true(parse_bytes(good[i].text, &value));
		assert_true(value == good[i].value);
	}
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_false(parse_bytes(bad[i], &value));
}

static void
test_seconds(void **state)
{
	static const char *const bad[] = {
		"", ".5", "1.", "-1", "+1", "1e3", "inf", "nan", "86400.1", "86401", "1000000", "1,5",
		"1.5s", "0x10",
	};
	double value;
	unsigned int i;

	(void)state;
	assert_true(parse_seconds("0", &value) && value == 0);
	assert_true(parse_seconds("86400", &value) && value == 86400);
	assert_true(parse_seconds("2.25", &value) && value > 2.2499 && value < 2.2501);
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_false(parse_seconds(bad[i], &value));
}

static int
take_line(const char *text, const struct setting *settings, unsigned int n)
{
	char *words[CMD_MAX_WORDS];
	struct words w = { .word = words };
	char line[128];

	snprintf(line, sizeof(line), "%s", text);
	w.left = cmd_split(line, words);
	told[0] = '\0';
	return take_settings(&w, settings, n);
}

static void
test_settings(void **state)
{
	uint64_t number = 5, bytes = 6;
	double seconds = 7;
	bool given = false;
	const struct setting settings[] = {
		{ "number", SETTING_NUMBER, &number, 1, 10, &given },
		{ "bytes", SETTING_BYTES, &bytes, 64, 8192, NULL },
		{ "seconds", SETTING_SECONDS, &seconds, 0, 0, NULL },
	};

	(void)state;
	assert_int_equal(take_line("", settings, 3), 0);
	assert_false(given);
	assert_int_equal(take_line("bytes=4k seconds=0.5", settings, 3), 0);
	assert_int_equal(bytes, 4096);
	assert_true(seconds > 0.49 && seconds < 0.51);
	assert_int_equal(number, 5);
	assert_false(given);
	assert_int_equal(take_line("number=10", settings, 3), 0);
	assert_true(given);
	assert_int_equal(take_line("number=11", settings, 3), EXIT_USAGE);
	assert_string_equal(told, "argument number: \"11\": expected a number, 1 to 10");
	assert_int_equal(take_line("bytes=63", settings, 3), EXIT_USAGE);
	assert_int_equal(take_line("seconds=0", settings, 3), EXIT_USAGE);
	assert_int_equal(take_line("numbe=1", settings, 3), EXIT_USAGE);
	assert_string_equal(told, "argument numbe=1: \"\": expected number=, bytes= or seconds=");
	assert_int_equal(take_line("number", settings, 3), EXIT_USAGE);
	assert_int_equal(take_line("number2=1", settings, 3), EXIT_USAGE);
	assert_int_equal(take_line("number=", settings, 3), EXIT_USAGE);
}

static void
test_words(void **state)
{
	static const char *const choices[] = { "up", "down", "wait", NULL };
	char line[] = "  down\t0x20 9 # up";
	char many[2 * CMD_MAX_WORDS + 8];
	char *words[CMD_MAX_WORDS];
	struct words w = { .word = words };
	unsigned int choice;
	uint64_t value;
	double seconds;
	unsigned int i;

	(void)state;
	w.left = cmd_split(line, words);
	assert_int_equal(w.left, 3);
	assert_int_equal(take_choice(&w, "link", choices, &choice), 0);
	assert_int_equal(choice, 1);
	assert_int_equal(take_u64(&w, "N", 0, 32, &value), 0);
	assert_int_equal(value, 32);
	assert_int_equal(take_end(&w), EXIT_USAGE);
	assert_string_equal(told, "argument 9: \"\": expected no more arguments");
	assert_int_equal(take_seconds(&w, &seconds), 0);
	assert_true(seconds == 9);
	assert_int_equal(take_seconds(&w, &seconds), 0);
	assert_int_equal(take_choice(&w, "link", choices, &choice), EXIT_USAGE);
	assert_string_equal(told, "argument link: \"\": expected up, down or wait");
	assert_int_equal(take_u64(&w, "N", 0, 32, &value), EXIT_USAGE);
	assert_string_equal(told, "argument N: \"\": expected a number, 0 to 32");

	for (i = 0; i < CMD_MAX_WORDS; i++)
		memcpy(many + 2 * i, "a ", 2);
	strcpy(many + 2 * CMD_MAX_WORDS, "");
	assert_int_equal(cmd_split(many, words), CMD_MAX_WORDS);
	for (i = 0; i <= CMD_MAX_WORDS; i++)
		memcpy(many + 2 * i, "a ", 2);
	strcpy(many + 2 * CMD_MAX_WORDS + 2, "");
	assert_int_equal(cmd_split(many, words), -1);
}

static void
test_unknown_command(void **state)
{
	char *words[] = { (char[]){ "lnik" } };
	struct cmd cmd;

	(void)state;
	assert_int_equal(cmd_parse(&cmd, 1, words), EXIT_USAGE);
	assert_string_equal(told, "command \"lnik\": expected one of those that --help lists");
}

/* Each value is in the first bucket whose end it does not exceed, 1/64 of it wide at most. */
static void
check_bucket(uint64_t value)
{
	unsigned int b = bucket_of(value);

	assert_true(b < HISTOGRAM_BUCKETS);
	assert_true(value <= histogram_bucket_max(b));
	if (b == 0)
		return;
	assert_true(value > histogram_bucket_max(b - 1));
	assert_true(histogram_bucket_max(b) - histogram_bucket_max(b - 1) <= 1 + value / 64);
}

static void
test_buckets(void **state)
{
	unsigned int shift;
	uint64_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		check_bucket(i);
	for (shift = 4; shift < 64; shift++)
		for (i = 0; i < 16; i++)
			check_bucket((UINT64_C(1) << shift) - 8 + i);
	check_bucket(UINT64_MAX);
	assert_int_equal(bucket_of(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
	assert_true(histogram_bucket_max(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void
test_percentiles(void **state)
{
	struct histogram h = { .total = 0 };
	unsigned int i;

	(void)state;
	assert_int_equal(histogram_percentile(&h, 50), 0);
	histogram_add(&h, 1000);
	assert_int_equal(histogram_percentile(&h, 1), 1000);
	assert_int_equal(histogram_percentile(&h, 99), 1000);
	assert_int_equal(h.min, 1000);
	for (i = 0; i < 98; i++)
		histogram_add(&h, 5);
	histogram_add(&h, 1u << 30);
	/* 98 of 5, one of 1000, one huge: the 99th of 100 is 1000, in a bucket up to 1007. */
	assert_int_equal(h.total, 100);
	assert_int_equal(h.min, 5);
	assert_int_equal(h.max, 1u << 30);
	assert_int_equal(h.sum, 1000 + 98 * 5 + (1u << 30));
	assert_int_equal(histogram_percentile(&h, 50), 5);
	assert_int_equal(histogram_percentile(&h, 98), 5);
	assert_int_equal(histogram_percentile(&h, 99), 1007);
	assert_int_equal(histogram_percentile(&h, 98.5), 1007);
	assert_int_equal(histogram_percentile(&h, 99.01), 1u << 30);
	assert_int_equal(histogram_percentile(&h, 100), 1u << 30);
}

static void
test_pattern(void **state)
{
	unsigned int same = 0;
	uint64_t i;

	(void)state;
	/* Neither a shift of the window nor another seed passes for the pattern. */
	for (i = 0; i < 100000; i++) {
		same += cmd_pattern(1, 4 * i) == cmd_pattern(1, 4 * i + 4);
		same += cmd_pattern(1, 4 * i) == cmd_pattern(2, 4 * i);
		same += cmd_pattern(1, 4 * i) == cmd_pattern(1, 4 * i + 4096);
		same += cmd_pattern(i, 0) == cmd_pattern(i + 1, 0);
		same += cmd_pattern(0, 4 * i) == 0 || cmd_pattern(0, 4 * i) == UINT32_MAX;
	}
	assert_true(same <= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_unknown_command),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
