/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdbool.h>
#include <string.h>

#include "sequence.h"

static uint64_t *
word_of(struct sequence *s, uint64_t seq)
{
	return &s->seen[seq % SEQUENCE_WINDOW / 64];
}

static uint64_t
bit_of(uint64_t seq)
{
	return UINT64_C(1) << seq % 64;
}

/** Forgets what the numbers from s->next up to and with @p seq meant a window ago. */
static void
move_window(struct sequence *s, uint64_t seq)
{
	if (seq - s->next >= SEQUENCE_WINDOW)
		memset(s->seen, 0, sizeof(s->seen));
	else
		for (; s->next <= seq; s->next++)
			*word_of(s, s->next) &= ~bit_of(s->next);
	s->next = seq + 1;
}

/** A number below the highest one. */
static void
add_late(struct sequence *s, uint64_t seq)
{
	bool known = s->next - seq <= SEQUENCE_WINDOW;

	if (known && (*word_of(s, seq) & bit_of(seq)) != 0) {
		s->duplicates++;
		return;
	}
	if (known)
		*word_of(s, seq) |= bit_of(seq);
	s->arrived++;
	s->reordered++;
}

void
sequence_add(struct sequence *s, uint64_t seq)
{
	if (seq < s->next) {
		add_late(s, seq);
		return;
	}
	move_window(s, seq);
	*word_of(s, seq) |= bit_of(seq);
	s->arrived++;
}
