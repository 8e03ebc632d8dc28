/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The address table and the command line of dpdk-l2fwd-ntb. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NTB_EDMA_VERSION "test"

#include "../l2fwd-ntb/args.c"
#include "../l2fwd-ntb/mac_table.c"

#define MAX_AGE 300
#define MANY (MAC_TABLE_SETS * MAC_TABLE_WAYS)
#define ROUNDS 200000
#define ADDRESSES 64

static int
setup(void **state)
{
	struct mac_table *table = test_calloc(1, sizeof(*table));

	table->max_age = MAX_AGE;
	*state = table;
	return 0;
}

static int
teardown(void **state)
{
	test_free(*state);
	return 0;
}

/** Address number n; every byte of it matters. */
static const uint8_t *
mac(uint64_t n)
{
	static __thread uint8_t bytes[MAC_BYTES];
	unsigned int i;

	for (i = 0; i < MAC_BYTES; i++)
		bytes[i] = n >> (8 * i);
	return bytes;
}

static int
port_of(struct mac_table *table, uint64_t n, uint32_t now)
{
	uint16_t port;

	return mac_table_find(table, mac(n), now, &port) ? port : -1;
}

static void
test_learn(void **state)
{
	struct mac_table *table = *state;
	unsigned int bit;

	assert_int_equal(port_of(table, 0, 1), -1);
	assert_int_equal(mac_table_count(table, 1), 0);
	/* Addresses that differ in one bit are different ones, 0 is one as well. */
	mac_table_learn(table, mac(0), 7, 1);
	for (bit = 0; bit < 48; bit++) {
		assert_int_equal(port_of(table, UINT64_C(1) << bit, 1), -1);
		mac_table_learn(table, mac(UINT64_C(1) << bit), bit % RTE_MAX_ETHPORTS, 1);
	}
	assert_int_equal(port_of(table, 0, 1), 7);
	for (bit = 0; bit < 48; bit++)
		assert_int_equal(port_of(table, UINT64_C(1) << bit, 1), bit % RTE_MAX_ETHPORTS);
	assert_int_equal(mac_table_count(table, 1), 49);
}

static void
test_move(void **state)
{
	struct mac_table *table = *state;

	mac_table_learn(table, mac(5), 0, 1);
	mac_table_learn(table, mac(5), RTE_MAX_ETHPORTS - 1, 1);
	assert_int_equal(port_of(table, 5, 1), RTE_MAX_ETHPORTS - 1);
	assert_int_equal(mac_table_count(table, 1), 1);
}

static void
test_age(void **state)
{
	/* The second run passes the point at which the clock begins anew. */
	const uint32_t begin[] = { 1000, UINT32_MAX - 10 };
	struct mac_table *table = *state;
	unsigned int i;

	for (i = 0; i < RTE_DIM(begin); i++) {
		uint32_t t = begin[i];

		mac_table_learn(table, mac(i), 3, t);
		assert_int_equal(port_of(table, i, t + MAX_AGE), 3);
		assert_int_equal(port_of(table, i, t + MAX_AGE + 1), -1);
		/* Seen again, it lives on. */
		mac_table_learn(table, mac(i), 3, t + MAX_AGE);
		assert_int_equal(port_of(table, i, t + 2 * MAX_AGE), 3);
		assert_int_equal(mac_table_count(table, t + 2 * MAX_AGE), 1);
		assert_int_equal(mac_table_count(table, t + 2 * MAX_AGE + 1), 0);
	}
}

static void
test_full(void **state)
{
	struct mac_table *table = *state;
	unsigned int known = 0;
	unsigned int n;

	/* Twice as many as there is room for: the later ones are seen later. */
	for (n = 0; n < 2 * MANY; n++)
		mac_table_learn(table, mac(n), 1, n / MANY);
	for (n = 0; n < 2 * MANY; n++)
		known += port_of(table, n, 1) == 1;
	assert_int_equal(known, mac_table_count(table, 1));
	assert_true(known <= MANY);
	/* Addresses in a row spread well: nearly all room is used, and by the later ones. */
	assert_true(known > MANY * 9 / 10);
	for (n = MANY, known = 0; n < 2 * MANY; n++)
		known += port_of(table, n, 1) == 1;
	assert_true(known > MANY * 9 / 10);
	/* The one that was seen last is never the one that goes. */
	assert_int_equal(port_of(table, 2 * MANY - 1, 1), 1);
}

/** Each address is at two ports by turns, that no other address is at. */
static void *
learn_all(void *arg)
{
	struct mac_table *table = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		mac_table_learn(table, mac(i % ADDRESSES), 2 * (i % ADDRESSES) + (i >> 8) % 2, 1);
	return NULL;
}

static void
test_threads(void **state)
{
	struct mac_table *table = *state;
	pthread_t threads[2];
	unsigned int wrong = 0;
	unsigned int i;

	for (i = 0; i < RTE_DIM(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, learn_all, table), 0);
	for (i = 0; i < ROUNDS; i++) {
		int port = port_of(table, i % ADDRESSES, 1);

		wrong += port >= 0 && (unsigned int)port / 2 != i % ADDRESSES;
	}
	for (i = 0; i < RTE_DIM(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(wrong, 0);
	for (i = 0; i < ADDRESSES; i++)
		assert_int_equal(port_of(table, i, 1) / 2, i);
}

static int
parse(struct args *args, const char *words)
{
	static char line[512];
	char *argv[16] = { line };
	int argc = 0;

	snprintf(line, sizeof(line), "l2fwd %s", words);
	for (argv[0] = strtok(line, " "); argv[argc] != NULL; argv[argc] = strtok(NULL, " "))
		argc++;
	return args_parse(args, argc, argv);
}

static void
test_args(void **state)
{
	struct args args;

	(void)state;
	assert_int_equal(parse(&args, ""), 0);
	assert_int_equal(args.nb_ports, 0);
	assert_int_equal(args.mtu, 1500);
	assert_int_equal(args.age, DEFAULT_AGE);
	assert_false(args.learn);
	assert_int_equal(parse(&args, "--ports 2,0,31 --queues=64 --mtu 9600 --learn --age 1 "
			       "--stats 0.5 --wait 10"), 0);
	assert_int_equal(args.nb_ports, 3);
	assert_int_equal(args.ports[0], 2);
	assert_int_equal(args.ports[1], 0);
	assert_int_equal(args.ports[2], 31);
	assert_int_equal(args.queues, 64);
	assert_int_equal(args.mtu, 9600);
	assert_int_equal(args.age, 1);
	assert_true(args.learn && args.stats > 0.4 && args.stats < 0.6 && args.wait > 9);
}

static void
test_bad_args(void **state)
{
	static const char *const bad[] = {
		"--ports", "--ports 0,", "--ports ,0", "--ports 0,0", "--ports 32", "--ports -1",
		"--ports 0x", "--ports a", "--queues 0", "--queues 65", "--queues 1x", "--mtu 67",
		"--mtu 9601", "--age 0", "--age 1000001", "--stats -1", "--stats 86401", "--wait x",
		"--learn=1", "--other", "-l", "word", "--learn word",
	};
	struct args args;
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(bad); i++)
		if (parse(&args, bad[i]) != EXIT_USAGE)
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_learn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_move, setup, teardown),
		cmocka_unit_test_setup_teardown(test_age, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_bad_args),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
