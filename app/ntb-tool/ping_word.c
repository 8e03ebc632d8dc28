/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Scratchpads, doorbells and a word in a window. */

#include <inttypes.h>
#include <stdio.h>

#include <rte_byteorder.h>
#include <rte_io.h>
#include <rte_pmd_ntb.h>

#include "ping.h"

/** A word is news if it differs from the last one. */
static int
if_new(struct ping *p, uint32_t value, uint32_t *word)
{
	if (value == 0 || value == p->seen)
		return 0;
	p->seen = value;
	*word = value;
	return 1;
}

static int
spad_open(struct ping *p)
{
	uint64_t count;

	if (device_get(&p->tool->dev, NTB_SPAD_CNT_NAME, &count) != 0)
		return EXIT_FAILURE;
	if (p->number >= count) {
		complain("argument number: \"%" PRIu64 "\": expected less than %" PRIu64
			 " scratchpads", p->number, count);
		return EXIT_USAGE;
	}
	snprintf(p->own, sizeof(p->own), "spad_own_%" PRIu64, p->number);
	snprintf(p->peer, sizeof(p->peer), "spad_peer_%" PRIu64, p->number);
	return device_set(&p->tool->dev, p->own, 0);
}

static int
spad_send(struct ping *p, uint32_t word)
{
	return device_set(&p->tool->dev, p->peer, word);
}

static int
spad_poll(struct ping *p, uint32_t *word)
{
	uint64_t value;

	if (device_get(&p->tool->dev, p->own, &value) != 0)
		return -1;
	return if_new(p, (uint32_t)value, word);
}

const struct ping_way ping_spad = {
	.name = "spad",
	.open = spad_open,
	.send = spad_send,
	.poll = spad_poll,
	/* Not before: a side that comes to be there clears them. */
	.needs_window = true,
};

/** A bell carries no word: the lower bit stands for any, the upper one for the end. */
static uint64_t
end_bit(const struct ping *p)
{
	return UINT64_C(2) << p->number;
}

static uint64_t
ping_bit(const struct ping *p)
{
	return UINT64_C(1) << p->number;
}

static int
db_open(struct ping *p)
{
	return device_set(&p->tool->dev, "db_clear", ping_bit(p) | end_bit(p));
}

static int
db_send(struct ping *p, uint32_t word)
{
	return device_set(&p->tool->dev, "db_ring", word == PING_END ? end_bit(p) : ping_bit(p));
}

static int
db_poll(struct ping *p, uint32_t *word)
{
	uint64_t status;

	if (device_get(&p->tool->dev, "db_status", &status) != 0)
		return -1;
	status &= ping_bit(p) | end_bit(p);
	if (status == 0)
		return 0;
	*word = (status & end_bit(p)) != 0 ? PING_END : p->sent;
	return device_set(&p->tool->dev, "db_clear", status) == 0 ? 1 : -1;
}

const struct ping_way ping_db = {
	.name = "db",
	.open = db_open,
	.send = db_send,
	.poll = db_poll,
	.needs_window = true,
};

/** The first word behind the rings of either window. */
static int
window_open(struct ping *p)
{
	struct window w;

	if (device_window(&p->tool->dev, WINDOW_OWN, &w) != 0)
		return EXIT_FAILURE;
	if (w.bytes < w.user + sizeof(uint32_t)) {
		complain("window of %" PRIu64 " bytes: expected room behind the rings, which take %"
			 PRIu64, w.bytes, w.user);
		return EXIT_FAILURE;
	}
	rte_write32(0, w.va + w.user);
	p->own_word = w.va + w.user;
	return 0;
}

static int
find_peer_word(struct ping *p)
{
	struct window w;

	if (device_window(&p->tool->dev, WINDOW_PEER, &w) != 0)
		return EXIT_FAILURE;
	if (w.bytes < w.user + sizeof(uint32_t)) {
		complain("window of %" PRIu64 " bytes: it has become smaller", w.bytes);
		return EXIT_FAILURE;
	}
	p->peer_word = w.va + w.user;
	return 0;
}

static int
window_send(struct ping *p, uint32_t word)
{
	if (p->peer_word == NULL && find_peer_word(p) != 0)
		return EXIT_FAILURE;
	rte_write32(rte_cpu_to_le_32(word), p->peer_word);
	/* Out of a write-combining buffer, too. */
	rte_wmb();
	return 0;
}

static int
window_poll(struct ping *p, uint32_t *word)
{
	return if_new(p, rte_le_to_cpu_32(rte_read32(p->own_word)), word);
}

const struct ping_way ping_window = {
	.name = "window",
	.open = window_open,
	.send = window_send,
	.poll = window_poll,
	.needs_window = true,
};
