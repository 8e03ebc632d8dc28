/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Violations of the programming rules by kind: each one that a driver can commit, on every map that
 * has it, is counted as what it is and told by its name.
 */

#include <stdio.h>

#include "edma_model_env.h"

#define ALL (1u << LEGACY | 1u << UNROLL | 1u << COMPAT | 1u << NATIVE)
#define EDMA (1u << LEGACY | 1u << UNROLL | 1u << COMPAT)

/* The channel that each of these misuses. */
#define CH 1

static void
running_write(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	ring(e, dir, CH);
	cput(e, dir, CH, SIZE, 1);
}

static void
disabled_write(struct env *e, enum edma_dir dir)
{
	cput(e, dir, CH, SIZE, 1);
}

static void
doorbell_absent(struct env *e, enum edma_dir dir)
{
	put(e, R_DB[dir], 7);
}

static void
doorbell_disabled(struct env *e, enum edma_dir dir)
{
	ring(e, dir, CH);
}

static void
doorbell_in_reset(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	ring(e, dir, CH);
	steps(e, 1);
	disable(e, dir, CH);
	/* Counted apart from what it is about. */
	expect_violations(e, 1);
	ring(e, dir, CH);
}

static void
doorbell_unreset(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	edma_model_inject(e->m, dir, CH, 1, EDMA_FAULT_LOCAL);
	ring(e, dir, CH);
	run(e);
	ring(e, dir, CH);
}

static void
stop_idle(struct env *e, enum edma_dir dir)
{
	enable(e, dir, CH);
	ring_stop(e, dir, CH);
}

static void
disable_running(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	ring(e, dir, CH);
	disable(e, dir, CH);
}

static void
enable_early(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	ring(e, dir, CH);
	steps(e, 1);
	disable(e, dir, CH);
	expect_violations(e, 1);
	put(e, enable_reg(dir, CH), 1);
}

static void
power_lost(struct env *e, enum edma_dir dir)
{
	prepare_long(e, dir, CH);
	ring(e, dir, CH);
	put(e, (dir == WR ? 0x128 : 0x168) + 4 * CH, 0);
}

static void
int_status_write(struct env *e, enum edma_dir dir)
{
	put(e, R_STATUS[dir], 0);
}

/* A list of one element with @p control, @p size and the list at @p list, run to its end. */
static void
one_element(struct env *e, enum edma_dir dir, uint32_t control, uint32_t size, uint64_t list)
{
	put_data(e, dir, list, control, size, 0);
	put_data(e, dir, list + 24, 0x00, 8, 0);
	prepare(e, dir, CH, 0x300, list);
	ring(e, dir, CH);
	run(e);
}

static void
size_zero(struct env *e, enum edma_dir dir)
{
	one_element(e, dir, 0x01, 0, LIST(0));
}

static void
rie_without_lie(struct env *e, enum edma_dir dir)
{
	one_element(e, dir, 0x11, 8, LIST(0));
}

static void
imwr_unset(struct env *e, enum edma_dir dir)
{
	enable(e, dir, CH);
	put64(e, is_native() ? block(dir, CH) + 0x98 : R_DONE[dir], 0);
	/* Not through one_element(), which aims it. */
	put_data(e, dir, LIST(0), 0x19, 8, 0);
	put_data(e, dir, LIST(0) + 24, 0x00, 8, 0);
	set_control(e, dir, CH, 0x300);
	cput64(e, dir, CH, LLP, LIST(0));
	ring(e, dir, CH);
	run(e);
}

static void
bad_cycle(struct env *e, enum edma_dir dir)
{
	put_link(e, LIST(0), 0x07, LIST(1));
	put_data(e, dir, LIST(1), 0x01, 8, 0);
	prepare(e, dir, CH, 0x300, LIST(0));
	ring(e, dir, CH);
	run(e);
}

static void
reserved_bits(struct env *e, enum edma_dir dir)
{
	one_element(e, dir, 0x21, 8, LIST(0));
}

static void
unaligned_list(struct env *e, enum edma_dir dir)
{
	/* The element behind it is fetched as well. */
	prepare(e, dir, CH, 0x300, LIST(0) + 2);
	put_data(e, dir, LIST(0) + 2, 0x00, 8, 0);
	ring(e, dir, CH);
	run(e);
}

static void
stale_list(struct env *e, enum edma_dir dir)
{
	const struct edma_switches late = { .late_list = 100 };

	edma_model_set_switches(e->m, &late);
	edma_model_flush_lists(e->m);
	one_element(e, dir, 0x00, 8, LIST(0));
	edma_model_flush_lists(e->m);
	one_element(e, dir, 0x01, 8, LIST(0));
	/* The same element for another place, rung for without a read. */
	one_element(e, dir, 0x01, 16, LIST(0));
}

static void
ctrl_first(struct env *e, enum edma_dir dir)
{
	const struct edma_switches torn = { .torn_list = 3 };

	edma_model_set_switches(e->m, &torn);
	put_data(e, dir, LIST(0), 0x01, 8, 0);
	put_data(e, dir, LIST(0) + 24, 0x00, 8, 0);
	prepare(e, dir, CH, 0x300, LIST(0));
	ring(e, dir, CH);
	steps(e, 1);
	put_data(e, dir, LIST(0), 0x01, 16, 0);
	run(e);
}

static const struct {
	enum edma_violation kind;
	const char *name;
	unsigned int maps;
	void (*commit)(struct env *e, enum edma_dir dir);
} rows[] = {
	{ EDMA_VIOLATION_RUNNING_WRITE, "running-write", ALL, running_write },
	{ EDMA_VIOLATION_DISABLED_WRITE, "disabled-write", ALL, disabled_write },
	{ EDMA_VIOLATION_DOORBELL_ABSENT, "doorbell-absent", EDMA, doorbell_absent },
	{ EDMA_VIOLATION_DOORBELL_DISABLED, "doorbell-disabled", ALL & ~(1u << COMPAT),
	  doorbell_disabled },
	{ EDMA_VIOLATION_DOORBELL_DISABLED, "doorbell-disabled", ALL, doorbell_in_reset },
	{ EDMA_VIOLATION_DOORBELL_UNPOWERED, "doorbell-unpowered", 1u << COMPAT,
	  doorbell_disabled },
	{ EDMA_VIOLATION_DOORBELL_UNRESET, "doorbell-unreset", ALL, doorbell_unreset },
	{ EDMA_VIOLATION_STOP_IDLE, "stop-idle", ALL, stop_idle },
	{ EDMA_VIOLATION_DISABLE_RUNNING, "disable-running", ALL, disable_running },
	{ EDMA_VIOLATION_ENABLE_EARLY, "enable-early", ALL, enable_early },
	{ EDMA_VIOLATION_POWER_LOST, "power-lost", 1u << COMPAT, power_lost },
	{ EDMA_VIOLATION_INT_STATUS_WRITE, "int-status-write", EDMA, int_status_write },
	{ EDMA_VIOLATION_SIZE_ZERO, "size-zero", ALL, size_zero },
	{ EDMA_VIOLATION_RIE_WITHOUT_LIE, "rie-without-lie", ALL, rie_without_lie },
	{ EDMA_VIOLATION_IMWR_UNSET, "imwr-unset", ALL, imwr_unset },
	{ EDMA_VIOLATION_BAD_CYCLE, "bad-cycle", ALL, bad_cycle },
	{ EDMA_VIOLATION_RESERVED_BITS, "reserved-bits", ALL, reserved_bits },
	{ EDMA_VIOLATION_UNALIGNED_LIST, "unaligned-list", ALL, unaligned_list },
	{ EDMA_VIOLATION_STALE_LIST, "stale-list", ALL, stale_list },
	{ EDMA_VIOLATION_CTRL_FIRST, "ctrl-first", ALL, ctrl_first },
};

/* Commits one, and expects it to be the only new one and to be told last. */
static void
check_row(struct env *e, unsigned int row, enum edma_dir dir)
{
	uint64_t before[EDMA_VIOLATIONS];
	char prefix[32];
	unsigned int k;

	/* With what was counted within commit() taken off. */
	e->violations = 0;
	rows[row].commit(e, dir);
	for (k = 0; k < EDMA_VIOLATIONS; k++)
		before[k] = edma_model_violations_of(e->m, k);
	if (before[rows[row].kind] != 1 || edma_model_violations(e->m) != e->violations + 1)
		fail_msg("%s of a %s channel: %ju of %ju, last: %s", rows[row].name, dir_name[dir],
			 (uintmax_t)before[rows[row].kind], (uintmax_t)edma_model_violations(e->m),
			 e->line);
	snprintf(prefix, sizeof(prefix), "%s: ", rows[row].name);
	if (strncmp(e->line, prefix, strlen(prefix)) != 0)
		fail_msg("\"%s\" does not begin with %s", e->line, rows[row].name);
}

static void
test_kinds(void **state)
{
	struct env *e = *state;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		if ((rows[i / 2].maps & 1u << test_map) == 0)
			continue;
		env_create(e, WR_CNT, RD_CNT, &env_bus);
		check_row(e, i / 2, i % 2);
	}
}

/* Every kind has a name, each another one, and an owner can commit each. */
static void
test_names(void **state)
{
	struct env *e = *state;
	unsigned int i, k;

	assert_null(edma_violation_name(EDMA_VIOLATIONS));
	assert_int_equal(edma_model_violations_of(e->m, EDMA_VIOLATIONS), 0);
	for (i = 0; i < EDMA_VIOLATIONS; i++) {
		assert_non_null(edma_violation_name(i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(edma_violation_name(i), edma_violation_name(k));
		edma_model_violate(e->m, i, "number %u", i);
		assert_int_equal(edma_model_violations_of(e->m, i), 1);
		assert_int_equal(edma_model_violations(e->m), i + 1);
		assert_non_null(strstr(e->line, ": number"));
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(edma_violation_name(rows[i].kind), rows[i].name);
}

/* What can be done wrong at a channel has a row above; the others are seen by the owner. */
static void
test_rows_complete(void **state)
{
	unsigned int i, k;

	(void)state;
	for (k = 0; k < EDMA_VIOLATION_ACCESS_WIDTH; k++) {
		for (i = 0; i < ARRAY_SIZE(rows) && rows[i].kind != k; i++)
			;
		if (i == ARRAY_SIZE(rows))
			fail_msg("nothing commits %s", edma_violation_name(k));
	}
}

/* A toggling link with the wrong cycle bit: followed, or with the switch the end of the list. */
static void
test_strict(void **state)
{
	struct edma_switches sw = { .strict = true };
	struct env *e = *state;
	unsigned int i, dir;

	for (i = 0; i < 4; i++) {
		dir = i % 2;
		sw.strict = i / 2 != 0;
		edma_model_set_switches(e->m, &sw);
		bad_cycle(e, dir);
		expect_violations(e, 1);
		assert_int_equal(cs(e, dir, CH), 3);
		assert_int_equal(llp(e, dir, CH), sw.strict ? LIST(0) : LIST(1));
		assert_int_equal(control(e, dir, CH) & CCS, sw.strict ? CCS : 0);
		/* The right one is followed in any case, in whichever lap. */
		put_link(e, LIST(0), 0x06, LIST(1));
		put_data(e, dir, LIST(1), 0x01, 8, 0);
		prepare(e, dir, CH, 0x300, LIST(0));
		ring(e, dir, CH);
		run(e);
		assert_int_equal(llp(e, dir, CH), LIST(1));
		put_link(e, LIST(0), 0x07, LIST(1));
		put_data(e, dir, LIST(1), 0x00, 8, 0);
		prepare(e, dir, CH, 0x200, LIST(0));
		ring(e, dir, CH);
		run(e);
		assert_int_equal(llp(e, dir, CH), LIST(1));
		expect_violations(e, 0);
	}
}

/* Which function a channel of native HDMA is of is set up before it is enabled, as Linux does. */
static void
test_function_number(void **state)
{
	struct env *e = *state;
	unsigned int dir;

	for (dir = 0; is_native() && dir < 2; dir++) {
		put(e, block(dir, CH) + 0x38, 3);
		expect_violations(e, 0);
		assert_int_equal(get(e, block(dir, CH) + 0x38), 3);
		prepare_long(e, dir, CH);
		ring(e, dir, CH);
		put(e, block(dir, CH) + 0x38, 3);
		expect_violations(e, 1);
		assert_int_equal(get(e, block(dir, CH) + 0x38), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_kinds), T(test_names), T(test_rows_complete), T(test_strict),
		T(test_function_number),
	};

	return run_on_map(LEGACY, "edma_violations, legacy", tests, ARRAY_SIZE(tests)) +
	       run_on_map(UNROLL, "edma_violations, unroll", tests, ARRAY_SIZE(tests)) +
	       run_on_map(COMPAT, "edma_violations, HDMA compatible", tests, ARRAY_SIZE(tests)) +
	       run_on_map(NATIVE, "edma_violations, HDMA native", tests, ARRAY_SIZE(tests));
}
