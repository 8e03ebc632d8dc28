/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "dma_copy_device.h"

/** Room for the longest copy at some alignments. */
#define SOURCE_BYTES (COPY_MAX_BYTES + 4096)
/** Bytes watched on both sides of a destination. */
#define GUARD 64
#define GUARD_BYTE 0xa5
/** Alignments of a destination, in bytes. */
#define ALIGNMENTS 64
/** Destinations of one device take this much beside the longest. */
#define AREA_BYTES (4u << 20)
/** Segments of a list, at most. */
#define MAX_SGES 64u
/** A device that has work and finishes none of it in this time has failed. */
#define STALL_SECONDS 5

static uint8_t *source;

/** One to one on 64 bits, with every bit of @p x in every bit of the result. */
static uint64_t
scramble(uint64_t x)
{
	/* Any odd factors with bits all over will do. */
	x = (x ^ x >> 31) * UINT64_C(0x7fb5d329728ea185);
	x = (x ^ x >> 27) * UINT64_C(0x81dadef4bc2dd44d);
	return x ^ x >> 33;
}

static void
random_init(struct copy_random *r, uint32_t seed, uint16_t stream)
{
	r->state = scramble((uint64_t)seed << 16 | stream);
}

static uint32_t
random_word(struct copy_random *r)
{
	return scramble(r->state++) >> 32;
}

/** 0 to @p end - 1. */
static uint32_t
random_below(struct copy_random *r, uint32_t end)
{
	return (uint64_t)random_word(r) * end >> 32;
}

int
copy_source_init(uint32_t seed)
{
	struct copy_random r;
	uint32_t word;
	size_t i;

	source = rte_malloc(NULL, SOURCE_BYTES, 64);
	if (source == NULL)
		return -ENOMEM;
	random_init(&r, seed, UINT16_MAX);
	for (i = 0; i < SOURCE_BYTES; i += sizeof(word)) {
		word = random_word(&r);
		memcpy(source + i, &word, sizeof(word));
	}
	return 0;
}

bool
copy_source_intact(uint32_t seed)
{
	struct copy_random r;
	uint32_t word;
	size_t i;

	random_init(&r, seed, UINT16_MAX);
	for (i = 0; i < SOURCE_BYTES; i += sizeof(word)) {
		word = random_word(&r);
		if (memcmp(source + i, &word, sizeof(word)) != 0) {
			fprintf(stderr, "the source was written at offset %zu\n", i);
			return false;
		}
	}
	return true;
}

/** Of a copy with its guards. */
static uint32_t
slot_bytes(uint32_t bytes)
{
	return bytes + ALIGNMENTS + 2 * GUARD;
}

int
copy_device_init(struct copy_device *d, int16_t id, unsigned int number,
		 const struct copy_options *opt)
{
	uint64_t rest = (uint64_t)(opt->depth - 1) * slot_bytes(opt->max_bytes);
	struct rte_dma_info info;
	int rc;

	memset(d, 0, sizeof(*d));
	d->id = id;
	d->opt = opt;
	rc = rte_dma_info_get(id, &info);
	if (rc != 0)
		return rc;
	if ((info.dev_capa & RTE_DMA_CAPA_OPS_COPY_SG) != 0)
		d->max_sges = RTE_MIN(info.max_sges, MAX_SGES);
	snprintf(d->name, sizeof(d->name), "%s", info.dev_name);
	random_init(&d->what, opt->seed, 2 * number);
	random_init(&d->when, opt->seed, 2 * number + 1);
	d->area_bytes = slot_bytes(opt->max_bytes) + RTE_MIN(rest, (uint64_t)AREA_BYTES);
	d->area = rte_malloc(NULL, d->area_bytes, 64);
	if (d->area == NULL)
		return -ENOMEM;
	memset(d->area, GUARD_BYTE, d->area_bytes);
	return 0;
}

static enum rte_dma_direction
direction_of(const struct rte_dma_info *info)
{
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_MEM) != 0)
		return RTE_DMA_DIR_MEM_TO_MEM;
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0)
		return RTE_DMA_DIR_MEM_TO_DEV;
	return RTE_DMA_DIR_DEV_TO_MEM;
}

static int
configure(const struct copy_device *d)
{
	struct rte_dma_vchan_conf vconf = { .nb_desc = d->opt->depth };
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_info info;
	int rc;

	rc = rte_dma_info_get(d->id, &info);
	if (rc != 0)
		return rc;
	vconf.direction = direction_of(&info);
	/* The library wants to be told where a device end is. */
	if (vconf.direction == RTE_DMA_DIR_MEM_TO_DEV)
		vconf.dst_port.port_type = RTE_DMA_PORT_PCIE;
	else if (vconf.direction == RTE_DMA_DIR_DEV_TO_MEM)
		vconf.src_port.port_type = RTE_DMA_PORT_PCIE;
	rc = rte_dma_configure(d->id, &conf);
	return rc == 0 ? rte_dma_vchan_setup(d->id, 0, &vconf) : rc;
}

int
copy_device_start(struct copy_device *d)
{
	int rc = d->configured ? 0 : configure(d);

	if (rc == 0)
		rc = rte_dma_start(d->id);
	d->configured = !d->configured;
	d->next = 0;
	d->done = 0;
	d->drawn = false;
	d->begun = 0;
	d->copies = 0;
	d->lists = 0;
	d->bytes = 0;
	d->errors = 0;
	d->last = rte_get_timer_cycles();
	return rc;
}

/** Short ones, so that the ring is full at times; the neighbours of powers of two; any. */
static uint32_t
random_bytes(struct copy_device *d)
{
	uint32_t max = d->opt->max_bytes;
	uint32_t kind = random_below(&d->what, 4);
	uint32_t bytes;

	/* The extremes come first, so that no run is without them. */
	if (d->begun < 2)
		return d->begun == 0 ? max : 1;
	if (kind < 2)
		return 1 + random_below(&d->what, RTE_MIN(max, 256u));
	if (kind == 2)
		return 1 + random_below(&d->what, max);
	bytes = UINT32_C(1) << random_below(&d->what, 1 + rte_log2_u32(max));
	bytes += random_below(&d->what, 3) - 1;
	return RTE_MIN(RTE_MAX(bytes, 1u), max);
}

static void
draw_copy(struct copy_device *d, struct copy *c)
{
	c->bytes = random_bytes(d);
	c->src = random_below(&d->what, SOURCE_BYTES - c->bytes + 1);
	c->pos = random_below(&d->what, ALIGNMENTS);
	c->list = d->max_sges != 0 && (d->begun == 2 || random_below(&d->what, 4) == 0);
	d->drawn = true;
}

/** Finds a place for a destination. Returns false if copies in flight are in the way. */
static bool
place_copy(struct copy_device *d, struct copy *c)
{
	uint32_t need = slot_bytes(c->bytes);
	uint32_t tail = 0;
	uint32_t end = d->area_bytes;
	bool idle = copy_device_idle(d);

	if (!idle)
		tail = d->copy[d->done % d->opt->depth].slot;
	if (!idle && d->area_head <= tail)
		end = tail;
	c->slot = d->area_head;
	if (end - d->area_head < need) {
		/* From the beginning, unless that is where we are already. */
		if (end == tail || (!idle && tail < need))
			return false;
		c->slot = 0;
	}
	d->area_head = c->slot + need;
	return true;
}

/** Cuts @p bytes from @p addr on into at most as many segments as a list takes. Returns how many. */
static uint16_t
random_cut(struct copy_device *d, struct rte_dma_sge *sge, uint64_t addr, uint32_t bytes)
{
	uint16_t n = 1 + random_below(&d->what, RTE_MIN(bytes, d->max_sges));
	uint32_t room;
	uint16_t i;

	for (i = 0; i < n; i++) {
		/* At least a byte is left for each of the others. */
		room = bytes - (n - 1 - i);
		sge[i].addr = addr;
		sge[i].length = i == n - 1 ? bytes : 1 + random_below(&d->what, (room + 1) / 2);
		addr += sge[i].length;
		bytes -= sge[i].length;
	}
	return n;
}

/** Returns what the library returns. */
static int
enqueue_lists(struct copy_device *d, uint64_t src, uint64_t dst, uint32_t bytes)
{
	struct rte_dma_sge from[MAX_SGES], to[MAX_SGES];
	uint16_t nb_from = random_cut(d, from, src, bytes);
	uint16_t nb_to = random_cut(d, to, dst, bytes);

	return rte_dma_copy_sg(d->id, 0, from, to, nb_from, nb_to, 0);
}

/** Returns 1; 0 without room for the destination; -1 after an error. */
static int
enqueue_one(struct copy_device *d)
{
	struct copy *c = &d->copy[d->next % d->opt->depth];
	uint64_t src, dst;
	int rc = -ENOSPC;

	if (!d->drawn)
		draw_copy(d, c);
	if (!place_copy(d, c))
		return 0;
	src = (uintptr_t)(source + c->src);
	dst = (uintptr_t)(d->area + c->slot + GUARD + c->pos);
	if (c->list)
		rc = enqueue_lists(d, src, dst, c->bytes);
	/* Lists may need more room than there is. */
	if (rc == -ENOSPC) {
		c->list = false;
		rc = rte_dma_copy(d->id, 0, src, dst, c->bytes, 0);
	}
	if (rc != d->next) {
		fprintf(stderr, "%s: copy returned %d, expected id %u\n", d->name, rc, d->next);
		return -1;
	}
	d->drawn = false;
	d->begun++;
	d->next++;
	return 1;
}

/** Returns the number of copies begun, or -1 after an error. */
static int
enqueue_some(struct copy_device *d)
{
	uint16_t room = d->opt->depth - (uint16_t)(d->next - d->done);
	uint32_t wanted = random_below(&d->when, room + 1);
	int n = 0;
	int rc;

	if (rte_dma_burst_capacity(d->id, 0) != room) {
		fprintf(stderr, "%s: capacity %u, expected %u\n", d->name,
			rte_dma_burst_capacity(d->id, 0), room);
		return -1;
	}
	if (d->opt->drain && !copy_device_idle(d))
		return 0;
	for (; wanted != 0 && (d->opt->copies == 0 || d->begun < d->opt->copies); wanted--) {
		rc = enqueue_one(d);
		if (rc < 0)
			return rc;
		if (rc == 0)
			break;
		n++;
	}
	rc = rte_dma_submit(d->id, 0);
	if (rc == 0)
		return n;
	fprintf(stderr, "%s: submit returned %d, expected 0\n", d->name, rc);
	return -1;
}

static bool
all_guard(const uint8_t *p, size_t n)
{
	static const uint64_t word = UINT64_C(0x0101010101010101) * GUARD_BYTE;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word))
		if (memcmp(p + i, &word, sizeof(word)) != 0)
			return false;
	for (; i < n; i++)
		if (p[i] != GUARD_BYTE)
			return false;
	return true;
}

static void
tell_wrong(const struct copy_device *d, const struct copy *c, const char *what)
{
	fprintf(stderr, "%s: copy %" PRIu64 " (%s, %u bytes from source offset %u to area offset %u"
		") %s\n", d->name, d->copies, c->list ? "lists" : "plain", c->bytes, c->src,
		c->slot + GUARD + c->pos, what);
}

static int
check_copy(const struct copy_device *d, const struct copy *c, bool good)
{
	uint8_t *dst = d->area + c->slot + GUARD + c->pos;
	const uint8_t *src = source + c->src;
	char what[64];
	uint32_t i;

	if (good && memcmp(dst, src, c->bytes) != 0) {
		for (i = 0; dst[i] == src[i]; i++)
			;
		snprintf(what, sizeof(what), "arrived wrong from byte %u on", i);
		tell_wrong(d, c, what);
		return -1;
	}
	if (!all_guard(dst - c->pos - GUARD, c->pos + GUARD) ||
	    !all_guard(dst + c->bytes, ALIGNMENTS - c->pos + GUARD)) {
		tell_wrong(d, c, "wrote outside");
		return -1;
	}
	memset(dst, GUARD_BYTE, c->bytes);
	return 0;
}

static const char *
status_name(enum rte_dma_status_code status)
{
	static const char * const name[] = {
		[RTE_DMA_STATUS_USER_ABORT] = "USER_ABORT",
		[RTE_DMA_STATUS_NOT_ATTEMPTED] = "NOT_ATTEMPTED",
		[RTE_DMA_STATUS_BUS_READ_ERROR] = "BUS_READ_ERROR",
		[RTE_DMA_STATUS_BUS_WRITE_ERROR] = "BUS_WRITE_ERROR",
		[RTE_DMA_STATUS_DATA_POISION] = "DATA_POISION",
		[RTE_DMA_STATUS_DESCRIPTOR_READ_ERROR] = "DESCRIPTOR_READ_ERROR",
		[RTE_DMA_STATUS_DEV_LINK_ERROR] = "DEV_LINK_ERROR",
	};

	if (status == RTE_DMA_STATUS_ERROR_UNKNOWN)
		return "ERROR_UNKNOWN";
	if ((unsigned int)status >= RTE_DIM(name) || name[status] == NULL)
		return "unexpected";
	return name[status];
}

static int
check_one(struct copy_device *d, enum rte_dma_status_code status)
{
	const struct copy *c = &d->copy[d->done % d->opt->depth];

	if (check_copy(d, c, status == RTE_DMA_STATUS_SUCCESSFUL) != 0)
		return -1;
	if (status != RTE_DMA_STATUS_SUCCESSFUL) {
		d->errors++;
		printf("%s: copy %" PRIu64 " failed with status %d, %s\n", d->name, d->copies,
		       status, status_name(status));
	}
	d->bytes += c->bytes;
	d->lists += c->list;
	d->copies++;
	d->done++;
	return 0;
}

/** Completions, by either of the two calls. */
static uint16_t
completed(struct copy_device *d, uint16_t *last, enum rte_dma_status_code *status)
{
	bool error = false;
	uint16_t n = 0;

	if (random_below(&d->when, 2) == 0) {
		n = rte_dma_completed(d->id, 0, d->opt->depth, last, &error);
		memset(status, 0, n * sizeof(*status));
	}
	if (n == 0)
		n = rte_dma_completed_status(d->id, 0, d->opt->depth, last, status);
	return n;
}

/** Returns the number of copies done, or -1 after an error. */
static int
collect(struct copy_device *d)
{
	enum rte_dma_status_code status[COPY_MAX_DEPTH];
	uint16_t last;
	uint16_t n = completed(d, &last, status);
	uint16_t i;

	if (last != (uint16_t)(d->done + n - 1)) {
		fprintf(stderr, "%s: last id %u, expected %u\n", d->name, last,
			(uint16_t)(d->done + n - 1));
		return -1;
	}
	if (n != 0 || copy_device_idle(d)) {
		d->last = rte_get_timer_cycles();
	} else if (rte_get_timer_cycles() - d->last > STALL_SECONDS * rte_get_timer_hz()) {
		fprintf(stderr, "%s: no completion in %d s, copy %" PRIu64 " of %u bytes is next\n",
			d->name, STALL_SECONDS, d->copies,
			d->copy[d->done % d->opt->depth].bytes);
		return -1;
	}
	for (i = 0; i < n; i++)
		if (check_one(d, status[i]) != 0)
			return -1;
	return n;
}

int
copy_device_work(struct copy_device *d, bool more)
{
	int begun = more ? enqueue_some(d) : 0;
	int done;

	d->lcore = rte_lcore_id();
	if (begun < 0)
		return begun;
	done = collect(d);
	return done < 0 ? done : begun + done;
}

static int
check_stats(const struct copy_device *d)
{
	struct rte_dma_stats stats;
	int rc = rte_dma_stats_get(d->id, 0, &stats);

	if (rc == 0 && stats.submitted == d->copies && stats.completed == d->copies &&
	    stats.errors == d->errors)
		return 0;
	fprintf(stderr, "%s: statistics %d: %" PRIu64 " submitted, %" PRIu64 " completed, %" PRIu64
		" errors, expected %" PRIu64 ", %" PRIu64 ", %" PRIu64 "\n", d->name, rc,
		stats.submitted, stats.completed, stats.errors, d->copies, d->copies, d->errors);
	return -1;
}

int
copy_device_report(struct copy_device *d)
{
	printf("%s: %" PRIu64 " copies, %" PRIu64 " bytes, %" PRIu64 " lists, %" PRIu64
	       " errors, lcore %u\n", d->name, d->copies, d->bytes, d->lists, d->errors, d->lcore);
	if (d->copies == 0 || (d->max_sges != 0 && d->lists == 0)) {
		fprintf(stderr, "%s: expected copies of every kind\n", d->name);
		return -1;
	}
	return check_stats(d);
}

int
copy_device_stop(struct copy_device *d)
{
	int rc = rte_dma_stop(d->id);

	if (rc != 0) {
		fprintf(stderr, "%s: cannot be stopped: %s\n", d->name, strerror(-rc));
		return -1;
	}
	/* Destinations have been wiped as they were compared. */
	if (copy_device_idle(d) && !all_guard(d->area, d->area_bytes)) {
		fprintf(stderr, "%s: bytes between destinations were written\n", d->name);
		return -1;
	}
	return 0;
}

void
copy_device_free(struct copy_device *d)
{
	rte_free(d->area);
	d->area = NULL;
}
