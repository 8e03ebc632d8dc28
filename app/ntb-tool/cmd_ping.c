/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Latency: `ping` on one side, `pong` with the same method on the other, in any order.
 *
 *     ping   sends a word again and again until the first answer comes, and lets late answers pass;
 *            then sends a new word, waits for the same word, and so on; at last says END
 *     pong   sends back what comes, until END
 */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pause.h>
#include <rte_random.h>

#include "cmd.h"
#include "histogram.h"
#include "out.h"
#include "ping.h"
#include "wait.h"

#define DEFAULT_ROUNDS 10000
#define DEFAULT_SECONDS 10
#define DEFAULT_BYTES 64
/** An mbuf of the tool's pool takes as much. */
#define MAX_BYTES 2048

/** Pause between two attempts to get a first answer, and time for late ones to come, ms. */
#define AGAIN_MS 100
#define SETTLE_MS 20
/** An answer that takes longer is lost, ms. */
#define ROUND_MS 1000
/** Polls in a row before the link is looked after and others get the CPU. */
#define SPINS 64

static const struct ping_way *const ways[] = { &ping_spad, &ping_db, &ping_window, &ping_queue };
static const char *const methods[] = { "spad", "db", "window", "queue", NULL };

/** Room for two bits among the 30 doorbells, or a scratchpad. */
#define MAX_BIT 28

static int
parse(struct cmd *cmd, struct words *w, bool ping)
{
	const struct setting settings[] = {
		{ "seconds", SETTING_SECONDS, &cmd->seconds, 0, 0, NULL },
		{ "number", SETTING_NUMBER, &cmd->number, 0, MAX_BIT, NULL },
		{ "rounds", SETTING_NUMBER, &cmd->value, 1, 1000000000, NULL },
		{ "bytes", SETTING_BYTES, &cmd->bytes, 60, MAX_BYTES, NULL },
	};
	int ret;

	cmd->seconds = DEFAULT_SECONDS;
	cmd->value = DEFAULT_ROUNDS;
	cmd->bytes = DEFAULT_BYTES;
	ret = take_choice(w, cmd->def->name, methods, &cmd->verb);
	/* Only ping chooses how many there are, and how long. */
	return ret != 0 ? ret : take_settings(w, settings, ping ? 4 : 2);
}

static int
parse_ping(struct cmd *cmd, struct words *w)
{
	return parse(cmd, w, true);
}

static int
parse_pong(struct cmd *cmd, struct words *w)
{
	return parse(cmd, w, false);
}

static int
open_way(struct ping *p, struct tool *tool, const struct cmd *cmd)
{
	int ret = 0;

	*p = (struct ping){
		.way = ways[cmd->verb],
		.tool = tool,
		.number = cmd->number,
		.bytes = (uint32_t)cmd->bytes,
	};
	if (p->way->needs_link)
		ret = cmd_wait_up(tool, cmd->seconds);
	else if (p->way->needs_window)
		ret = cmd_wait_window(tool, cmd->seconds);
	return ret == 0 ? p->way->open(p) : ret;
}

static int
send_word(struct ping *p, uint32_t word)
{
	p->sent = word;
	return p->way->send(p, word);
}

static uint64_t
ms_from_now(unsigned int ms)
{
	return rte_rdtsc() + rte_get_tsc_hz() / 1000 * ms;
}

static enum wait_result
turn(struct ping *p, struct wait *w, uint64_t done)
{
	p->peer_word = NULL;
	return wait_turn(w, done, "rounds");
}

/** Polls until a word comes or it is @p until (TSC): 1, 0, or negative after telling. */
static int
receive(struct ping *p, struct wait *w, uint64_t until, uint64_t done, uint32_t *word)
{
	unsigned int spins = 0;
	int ret;

	for (;;) {
		ret = p->way->poll(p, word);
		if (ret != 0)
			return ret;
		rte_pause();
		if (++spins % SPINS != 0)
			continue;
		if (rte_rdtsc() >= until)
			return 0;
		if (turn(p, w, done) == WAIT_FAILED)
			return -1;
		sched_yield();
	}
}

/** The same for one word; others are of the past. */
static int
receive_word(struct ping *p, struct wait *w, uint64_t until, uint64_t done, uint32_t wanted)
{
	uint32_t word;
	int ret;

	do {
		ret = receive(p, w, until, done, &word);
		if (ret <= 0 || word == wanted)
			return ret;
	} while (rte_rdtsc() < until);
	return 0;
}

/** Until the other side has answered once and nothing of that is under way any more. */
static int
meet(struct ping *p, double seconds, uint32_t word)
{
	struct wait w;
	int ret;

	wait_begin(&w, p->tool, "waiting for pong", seconds);
	do {
		if (wait_elapsed(&w) >= seconds) {
			complain("%s: no answer within %.1f s: expected \"pong %s\" on the other "
				 "side", w.what, seconds, p->way->name);
			return EXIT_FAILURE;
		}
		if (send_word(p, word) != 0)
			return EXIT_FAILURE;
		ret = receive_word(p, &w, ms_from_now(AGAIN_MS), 0, word);
	} while (ret == 0);
	if (ret > 0)
		ret = receive_word(p, &w, ms_from_now(SETTLE_MS), 0, PING_END);
	return ret < 0 ? EXIT_FAILURE : 0;
}

static uint32_t
next_word(uint32_t word)
{
	return word < PING_MAX ? word + 1 : 1;
}

/** Lets what has been sent get away, until the word @p last comes, or for a while. */
static void
poll_on(struct ping *p, unsigned int ms, uint32_t last)
{
	uint64_t until = ms_from_now(ms);
	uint32_t word = 0;

	while (word != last && rte_rdtsc() < until && p->way->poll(p, &word) >= 0) {
		device_link_is_up(&p->tool->dev);
		sched_yield();
	}
}

static int
rounds(struct ping *p, uint64_t n, uint32_t word, struct histogram *h)
{
	const double ns = 1e9 / (double)rte_get_tsc_hz();
	struct wait w;
	uint64_t i;

	wait_begin(&w, p->tool, "ping", WAIT_FOREVER);
	for (i = 0; i < n; i++) {
		uint64_t began = rte_rdtsc();
		int ret;

		word = next_word(word);
		if (send_word(p, word) != 0)
			return EXIT_FAILURE;
		ret = receive_word(p, &w, began + rte_get_tsc_hz() / 1000 * ROUND_MS, i, word);
		if (ret == 0)
			complain("ping %s: round %" PRIu64 " of %" PRIu64 ": no answer within %u ms",
				 p->way->name, i + 1, n, ROUND_MS);
		if (ret <= 0)
			return EXIT_FAILURE;
		histogram_add(h, (uint64_t)((double)(rte_rdtsc() - began) * ns));
		/* Fast answers leave no other time for it. */
		if (i % SPINS == 0 && turn(p, &w, i) != WAIT_GO_ON)
			return EXIT_FAILURE;
	}
	return 0;
}

/** One line for each doubling; --json has all buckets. */
static void
show_bars(const struct histogram *h)
{
	static const char bar[] = "##################################################";
	unsigned int i, k;

	for (i = 0; i < HISTOGRAM_BUCKETS; i += HISTOGRAM_SUBS) {
		uint64_t n = 0;

		for (k = i; k < i + HISTOGRAM_SUBS; k++)
			n += h->count[k];
		if (n != 0)
			printf("  up to %12" PRIu64 " ns %10" PRIu64 " %.*s\n",
			       histogram_bucket_max(i + HISTOGRAM_SUBS - 1), n,
			       (int)((n * (sizeof(bar) - 1) + h->total - 1) / h->total), bar);
	}
}

static void
list_buckets(const struct histogram *h)
{
	unsigned int i;

	out_list("histogram");
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		out_group(NULL);
		out_u64("up_to_ns", histogram_bucket_max(i));
		out_u64("count", h->count[i]);
		out_group_end();
	}
	out_list_end();
}

static void
report(const struct ping *p, const struct histogram *h)
{
	out_begin("ping");
	out_str("method", p->way->name);
	out_u64("rounds", h->total);
	if (p->way->needs_link)
		out_u64("bytes", p->bytes);
	out_u64("min_ns", h->min);
	out_u64("avg_ns", h->sum / h->total);
	out_u64("p50_ns", histogram_percentile(h, 50));
	out_u64("p99_ns", histogram_percentile(h, 99));
	out_u64("max_ns", h->max);
	if (out_json())
		list_buckets(h);
	else
		show_bars(h);
	out_end();
}

static int
run_ping(struct tool *tool, const struct cmd *cmd)
{
	uint32_t word = 1 + (uint32_t)rte_rand_max(PING_MAX);
	struct histogram h;
	struct ping p;
	int ret;

	memset(&h, 0, sizeof(h));
	ret = open_way(&p, tool, cmd);
	if (ret == 0)
		ret = meet(&p, cmd->seconds, word);
	if (ret == 0)
		ret = rounds(&p, cmd->value, word, &h);
	if (ret == 0)
		ret = send_word(&p, PING_END);
	if (ret != 0)
		return ret;
	/* The peer may be gone before its answer is here: that none comes is no failure. */
	poll_on(&p, AGAIN_MS, PING_END);
	report(&p, &h);
	return 0;
}

const struct cmd_def cmd_ping = {
	.name = "ping",
	.usage =
	"  ping spad|db|window|queue [rounds=N] [seconds=N] [number=N] [bytes=N]\n"
	"                                       round trip times to a side that is at \"pong\":\n"
	"                                       rounds (10000), seconds to find each other (10),\n"
	"                                       scratchpad or lower of two doorbells (0), bytes of\n"
	"                                       a packet (64)\n",
	.parse = parse_ping,
	.run = run_ping,
};

static int
echo(struct ping *p, double seconds, uint64_t *echoed)
{
	uint32_t word = 0;
	struct wait w;
	int ret;

	wait_begin(&w, p->tool, "pong", WAIT_FOREVER);
	while (word != PING_END) {
		ret = receive(p, &w, rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz()),
			      *echoed, &word);
		if (ret == 0)
			complain("pong: no ping within %.1f s, after %" PRIu64 ": expected \"ping "
				 "%s\" on the other side", seconds, *echoed, p->way->name);
		if (ret <= 0 || send_word(p, word) != 0)
			return EXIT_FAILURE;
		*echoed += word != PING_END;
		/* A peer that never rests leaves no other time for it. */
		if (*echoed % SPINS == 0 && turn(p, &w, *echoed) != WAIT_GO_ON)
			return EXIT_FAILURE;
	}
	/* What was sent last is only away once the driver has been called again. */
	poll_on(p, SETTLE_MS, 0);
	return 0;
}

static int
run_pong(struct tool *tool, const struct cmd *cmd)
{
	uint64_t echoed = 0;
	struct ping p;
	int ret;

	ret = open_way(&p, tool, cmd);
	if (ret == 0)
		ret = echo(&p, cmd->seconds, &echoed);
	if (ret != 0)
		return ret;
	out_begin("pong");
	out_str("method", p.way->name);
	out_u64("echoed", echoed);
	out_end();
	return 0;
}

const struct cmd_def cmd_pong = {
	.name = "pong",
	.usage =
	"  pong spad|db|window|queue [seconds=N] [number=N]\n"
	"                                       send back, until \"ping\" ends or for so many\n"
	"                                       seconds none comes (10)\n",
	.parse = parse_pong,
	.run = run_pong,
};
