/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Who moves the data: every pair of what two sides can say of themselves. */

#include "ntb_epf_env.h"

#define A NTB_EPF_MOVER_AUTO
#define C NTB_EPF_MOVER_CPU
#define NB_WISHES (C + 1)

/** What one side says: 5 wishes, 4 sets of DMA devices, fallback or not. */
struct offer {
	enum ntb_epf_mover wish;
	unsigned int can; /* 0 none, 1 push, 2 pull, 3 both */
	bool fallback;
};

#define NB_OFFERS (NB_WISHES * 4 * 2)

static struct offer
offer(unsigned int i)
{
	return (struct offer){ .wish = i % NB_WISHES, .can = i / NB_WISHES % 4,
			       .fallback = i / NB_WISHES / 4 != 0 };
}

static uint8_t
abilities(struct offer o)
{
	return (uint8_t)(((o.can & 1) != 0 ? NTB_EPF_CAN_PUSH : 0) |
			 ((o.can & 2) != 0 ? NTB_EPF_CAN_PULL : 0) |
			 (o.fallback ? NTB_EPF_MAY_CPU : 0));
}

/** What engines can do, best first: of the host's devices (rows), of the endpoint's (columns). */
static const char *const engines[4][4] = {
	/*          none  push  pull  both */
	/* none */ { "", "", "", "e" },
	/* push */ { "", "s", "", "es" },
	/* pull */ { "", "", "", "e" },
	/* both */ { "r", "sr", "r", "esr" },
};

/** Arrangements by their letter. */
static const char letters[NB_WISHES + 1] = "asrec";

static enum ntb_epf_mover
expected(struct offer rc, struct offer ep)
{
	const char *can = engines[rc.can][ep.can];
	bool differ = rc.wish != ep.wish && rc.wish != A && ep.wish != A;
	char wish = letters[RTE_MAX(rc.wish, ep.wish)];

	if (differ)
		return A;
	if (wish == 'c')
		return C;
	if (wish == 'a' && *can != '\0')
		wish = *can;
	if (strchr(can, wish) != NULL)
		return (enum ntb_epf_mover)(strchr(letters, wish) - letters);
	return rc.fallback && ep.fallback ? C : A;
}

static void
test_every_pair(void **state)
{
	unsigned int i, k;
	unsigned int seen[NB_WISHES] = { 0 };

	(void)state;
	for (i = 0; i < NB_OFFERS; i++) {
		for (k = 0; k < NB_OFFERS; k++) {
			struct offer rc = offer(i), ep = offer(k);
			enum ntb_epf_mover agreed = expected(rc, ep);

			assert_int_equal(ntb_epf_negotiate(rc.wish, abilities(rc), ep.wish,
							   abilities(ep)), agreed);
			/* Bits that nobody has defined yet change nothing. */
			assert_int_equal(ntb_epf_negotiate(rc.wish, abilities(rc) | 0xf8, ep.wish,
							   abilities(ep) | 0xf8), agreed);
			seen[agreed]++;
		}
	}
	for (i = 0; i < NB_WISHES; i++)
		assert_int_not_equal(seen[i], 0);
}

/* A wish that is none is never agreed on, whatever the other side says. */
static void
test_unknown_wishes(void **state)
{
	unsigned int wish, i;

	(void)state;
	for (wish = NB_WISHES; wish <= UINT8_MAX; wish++) {
		for (i = 0; i < NB_OFFERS; i++) {
			struct offer o = offer(i);

			assert_int_equal(ntb_epf_negotiate(wish, UINT8_MAX, o.wish, abilities(o)), A);
			assert_int_equal(ntb_epf_negotiate(o.wish, abilities(o), wish, UINT8_MAX), A);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_unknown_wishes),
	};

	if (env_create("test_ntb_epf_negotiate") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
