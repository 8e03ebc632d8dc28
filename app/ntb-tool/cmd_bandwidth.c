/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include "cmd.h"
#include "out.h"
#include "rate.h"

#define DEFAULT_SECONDS 2
#define DEFAULT_CHUNK (512u << 10)
/** Longest copy of a DMA device that any engine takes. */
#define MAX_CHUNK (1u << 30)
#define CHUNK_ALIGN 64

static const struct rate_way *const ways[] = { &rate_cpu, &rate_dma };
static const char *const methods[] = { "cpu", "dma", NULL };
static const char *const directions[] = { "write", "read", NULL };

static int
parse(struct cmd *cmd, struct words *w)
{
	const struct setting settings[] = {
		{ "seconds", SETTING_SECONDS, &cmd->seconds, 0, 0, NULL },
		{ "chunk", SETTING_BYTES, &cmd->bytes, CHUNK_ALIGN, MAX_CHUNK, NULL },
		{ "seed", SETTING_NUMBER, &cmd->seed, 0, UINT32_MAX, &cmd->seed_given },
		{ "device", SETTING_TEXT, &cmd->name, 0, 0, NULL },
	};
	unsigned int direction;
	char text[24];
	int ret;

	cmd->seconds = DEFAULT_SECONDS;
	ret = take_choice(w, "bandwidth", methods, &cmd->verb);
	if (ret == 0)
		ret = take_choice(w, "DIRECTION", directions, &direction);
	if (ret == 0)
		ret = take_settings(w, settings, RTE_DIM(settings));
	if (ret != 0)
		return ret;
	cmd->value = direction;
	if (cmd->bytes % CHUNK_ALIGN != 0) {
		snprintf(text, sizeof(text), "%" PRIu64, cmd->bytes);
		return parse_bad("chunk", text, "a multiple of 64");
	}
	if (cmd->name != NULL && ways[cmd->verb] != &rate_dma)
		return parse_bad("device", cmd->name, "it with \"dma\" only");
	return 0;
}

/** The chunk that was asked for, or the default one; less if the window is small. */
static int
choose_chunk(struct rate *r, uint64_t wanted)
{
	char text[24], expected[96];
	struct window w;
	uint64_t room;

	device_window_look(&r->tool->dev, WINDOW_PEER, &w);
	room = w.bytes > w.user ? w.bytes - w.user : 0;
	room = room / r->lanes / CHUNK_ALIGN * CHUNK_ALIGN;
	r->chunk = wanted != 0 ? wanted : RTE_MIN(room, DEFAULT_CHUNK);
	if (r->chunk != 0 && r->chunk <= room)
		return 0;
	if (w.bytes == 0) {
		complain("the peer's window is out of reach: is the peer there?");
		return EXIT_FAILURE;
	}
	snprintf(text, sizeof(text), "%" PRIu64, r->chunk);
	snprintf(expected, sizeof(expected), "at most %" PRIu64 " bytes for each of %u copiers: the "
		 "rings have the first %" PRIu64, room, r->lanes, w.user);
	return parse_bad("chunk", text, expected);
}

static const struct rte_memzone *
local_memory(struct rate *r)
{
	const struct rte_memzone *mz;
	uint64_t bytes = r->lanes * r->chunk;

	mz = rte_memzone_reserve_aligned("ntb-tool-rate", bytes, SOCKET_ID_ANY,
					 RTE_MEMZONE_IOVA_CONTIG, RTE_CACHE_LINE_SIZE);
	if (mz == NULL) {
		complain("no memory for %" PRIu64 " bytes to copy: %s", bytes,
			 rte_strerror(rte_errno));
		return NULL;
	}
	r->local = mz->addr;
	r->local_iova = mz->iova;
	return mz;
}

/** What is written is the pattern that `window verify peer +0` looks for on the other side. */
static void
fill_local(struct rate *r, uint64_t seed, uint64_t user)
{
	uint64_t bytes = r->write ? r->lanes * r->chunk : 0;
	uint32_t word;
	uint64_t i;

	memset(r->local, 0, r->lanes * r->chunk);
	for (i = 0; i < bytes; i += sizeof(word)) {
		word = rte_cpu_to_le_32(cmd_pattern(seed, user + i));
		memcpy(r->local + i, &word, sizeof(word));
	}
}

static int
verify_local(const struct rate *r, uint64_t seed, uint64_t user)
{
	uint32_t word, expected;
	uint64_t i;

	for (i = 0; i < r->lanes * r->chunk; i += sizeof(word)) {
		memcpy(&word, r->local + i, sizeof(word));
		expected = cmd_pattern(seed, user + i);
		if (rte_le_to_cpu_32(word) == expected)
			continue;
		complain("bandwidth read: 0x%x from 0x%" PRIx64 ": expected 0x%x",
			 rte_le_to_cpu_32(word), user + i, expected);
		return EXIT_FAILURE;
	}
	return 0;
}

/** Slices until the time is over; *seconds is that of the slices alone. */
static int
measure(const struct rate_way *way, struct rate *r, double limit, double *seconds)
{
	enum wait_result result = WAIT_GO_ON;
	struct wait w;

	wait_begin(&w, r->tool, "bandwidth", limit);
	*seconds = 0;
	while (result == WAIT_GO_ON) {
		double began = wait_elapsed(&w);

		if (way->slice(r) != 0)
			return EXIT_FAILURE;
		*seconds += wait_elapsed(&w) - began;
		result = wait_turn(&w, r->copies * r->chunk, "bytes");
	}
	return result == WAIT_TIMEOUT ? 0 : EXIT_FAILURE;
}

static void
report(const struct rate_way *way, const struct rate *r, double seconds)
{
	double bytes = (double)(r->copies * r->chunk);

	out_begin("bandwidth");
	out_str("method", way->name);
	out_str("direction", r->write ? "write" : "read");
	out_str("by", r->name);
	out_u64("chunk", r->chunk);
	out_u64("copies", r->copies);
	out_u64("bytes", r->copies * r->chunk);
	out_fixed("seconds", seconds, 3);
	out_fixed("mbytes_per_second", bytes / seconds / 1e6, 1);
	out_fixed("gbits_per_second", bytes * 8 / seconds / 1e9, 2);
	out_end();
}

static int
run_open(struct tool *tool, const struct cmd *cmd, const struct rate_way *way, struct rate *r)
{
	const struct rte_memzone *mz;
	struct window w;
	double seconds;
	bool quiet;
	int ret;

	ret = choose_chunk(r, cmd->bytes);
	if (ret != 0)
		return ret;
	mz = local_memory(r);
	if (mz == NULL)
		return EXIT_FAILURE;
	device_window_look(&tool->dev, WINDOW_PEER, &w);
	fill_local(r, cmd->seed, w.user);
	ret = measure(way, r, cmd->seconds, &seconds);
	/* Before the memory goes: copies that have not ended do so now. */
	quiet = way->close(r);
	if (ret == 0 && !r->write && cmd->seed_given)
		ret = verify_local(r, cmd->seed, w.user);
	if (ret == 0)
		report(way, r, seconds);
	if (quiet)
		rte_memzone_free(mz);
	return ret;
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	const struct rate_way *way = ways[cmd->verb];
	struct rate r = {
		.tool = tool,
		.write = cmd->value == 0,
		.device = cmd->name,
	};
	int ret;

	ret = way->open(&r);
	if (ret == 0) {
		ret = run_open(tool, cmd, way, &r);
		way->close(&r);
	}
	return ret;
}

const struct cmd_def cmd_bandwidth = {
	.name = "bandwidth",
	.usage =
	"  bandwidth cpu|dma write|read [chunk=BYTES] [seconds=N] [seed=N] [device=NAME]\n"
	"                                       copies of chunk (512k) bytes to or from the part of\n"
	"                                       the peer's window behind the rings, for some\n"
	"                                       seconds (2), by all lcores or by a DMA device;\n"
	"                                       seed: of the pattern that is written, or that must\n"
	"                                       have been read\n",
	.parse = parse,
	.run = run,
};
