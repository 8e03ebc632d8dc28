/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>
#include <time.h>

#include "clock.h"

/**
 * Time that may be made up for, of a board that overslept or of channels that waited for the step
 * of another one: the time of CLOCK_SLACK_BYTES on the wire, and no less than 200 us. What was idle
 * for longer does not get the time back, since no link sends in bursts.
 */
#define CLOCK_SLACK_BYTES (512 * 1024)
#define CLOCK_MIN_SLACK (200 * 1000 * SOFTEP_TIME_PER_NS)
#define CLOCK_MAX_PASSED_NS 1000000000

/** Time is moved back by so much, a whole number of ns, before it does not fit any more. */
#define CLOCK_EPOCH ((UINT64_C(1) << 61) / SOFTEP_TIME_PER_NS * SOFTEP_TIME_PER_NS)

/** Configuration accesses have 32-bit headers; a register is 4 bytes. */
#define CONFIG_ACCESS_BYTES 4

void
softep_clock_init(struct softep_clock *clock)
{
	static const struct softep_link_conf usual = {
		.speed = 3,
		.width = 4,
		.mps = 128,
		.mrrs = 512,
		.store = 64,
		.latency_ns = 1000,
		.tags = 32,
	};

	memset(clock, 0, sizeof(*clock));
	softep_clock_set(clock, &usual);
}

void
softep_clock_set(struct softep_clock *clock, const struct softep_link_conf *conf)
{
	unsigned int i;

	if (clock->conf.tags != conf->tags) {
		for (i = 0; i < SOFTEP_CLOCK_CHANS; i++) {
			memset(clock->reader[i].tag_free, 0, sizeof(clock->reader[i].tag_free));
			clock->reader[i].tag = 0;
		}
	}
	clock->conf = *conf;
	softep_link_derive(&clock->link, conf);
}

void
softep_clock_clear(struct softep_clock *clock)
{
	memset(clock->count, 0, sizeof(clock->count));
	memset(clock->busy, 0, sizeof(clock->busy));
	memset(clock->writer, 0, sizeof(clock->writer));
	memset(clock->reader, 0, sizeof(clock->reader));
	clock->latest = 0;
	clock->epoch_ns = 0;
	softep_clock_set_pace(clock, clock->pace);
}

static inline uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/** Puts packets of a kind, counted in @p sum, on the wire. Returns the time that they take. */
static inline uint64_t
wire_send(struct softep_clock *clock, enum softep_way way, struct softep_tlps *sum,
	  const struct softep_tlps *tlps)
{
	const uint64_t time = tlps->wire * clock->link.byte_time;

	sum->cnt += tlps->cnt;
	sum->bytes += tlps->bytes;
	sum->wire += tlps->wire;
	clock->busy[way] = later(clock->busy[way], clock->floor) + time;
	clock->latest = later(clock->latest, clock->busy[way]);
	return time;
}

static inline uint64_t
send_posted(struct softep_clock *clock, enum softep_way way, const struct softep_tlps *tlps)
{
	return wire_send(clock, way, &clock->count[way].posted, tlps);
}

static inline uint64_t
send_requests(struct softep_clock *clock, enum softep_way way, const struct softep_tlps *tlps)
{
	return wire_send(clock, way, &clock->count[way].requests, tlps);
}

static inline uint64_t
send_completions(struct softep_clock *clock, enum softep_way way, const struct softep_tlps *tlps)
{
	return wire_send(clock, way, &clock->count[way].completions, tlps);
}

struct softep_tlps
softep_clock_sum(const struct softep_way_count *count)
{
	return (struct softep_tlps){
		.cnt = count->posted.cnt + count->requests.cnt + count->completions.cnt,
		.bytes = count->posted.bytes + count->requests.bytes + count->completions.bytes,
		.wire = count->posted.wire + count->requests.wire + count->completions.wire,
	};
}

/* Engine --------------------------------------------------------------------------------------- */

void
softep_clock_engine_write(struct softep_clock *clock, unsigned int ch, uint64_t addr, uint64_t from,
			  uint64_t to, uint64_t cnt)
{
	const struct softep_tlps old = softep_link_writes(addr, from, clock->link.mps_shift);
	const struct softep_tlps one =
		softep_link_less(softep_link_writes(addr, to, clock->link.mps_shift), &old);
	const struct softep_tlps tlps = softep_link_times(one, cnt);
	uint64_t *done = &clock->writer[ch];

	*done = later(*done, clock->floor) + send_posted(clock, SOFTEP_UP, &tlps);
	clock->latest = later(clock->latest, *done);
}

/** Time that the answer to a part of a request takes on the wire, bytes from @p from to @p to. */
static inline uint64_t
answer_time(const struct softep_link *link, uint64_t addr, uint64_t from, uint64_t to)
{
	const uint64_t old = softep_link_completions(addr, from, link->cpl_shift).wire;

	return (softep_link_completions(addr, to, link->cpl_shift).wire - old) * link->byte_time;
}

/** Times of @p cnt requests, each as soon as there is a tag, and of answers of equal length. */
static void
reader_requests(const struct softep_clock *clock, struct softep_clock_reader *r, uint64_t cnt,
		uint64_t request_time, uint64_t data_time)
{
	const uint64_t latency = clock->link.latency;
	const unsigned int tags = clock->conf.tags;
	uint64_t issued = r->issued;
	uint64_t done = r->done;
	unsigned int tag = r->tag;

	while (cnt-- > 0) {
		tag = tag + 1 < tags ? tag + 1 : 0;
		issued = later(issued, r->tag_free[tag]) + request_time;
		done = later(done, issued + latency) + data_time;
		/* A tag is free when all of the data has come. */
		r->tag_free[tag] = done;
	}
	r->issued = issued;
	r->done = done;
	r->tag = tag;
}

/** More of the answer to the latest request. */
static inline void
reader_go_on(struct softep_clock_reader *r, uint64_t data_time)
{
	r->done += data_time;
	r->tag_free[r->tag] = r->done;
}

/** Times of the requests for bytes @p from to @p to of an element, and of their answers. */
static void
reader_run(const struct softep_clock *clock, struct softep_clock_reader *r, uint64_t addr,
	   uint64_t from, uint64_t to)
{
	const struct softep_link *link = &clock->link;
	const uint64_t mrrs = UINT64_C(1) << link->mrrs_shift;
	const uint64_t request_time = softep_link_request_bytes(addr) * link->byte_time;
	uint64_t in_request, cnt, end, time;

	r->issued = later(r->issued, clock->floor);
	r->done = later(r->done, clock->floor);
	/* At the most a part of a request, whole ones, and again a part. */
	for (; from < to; from = end) {
		in_request = (addr + from) & (mrrs - 1);
		if (in_request == 0 && to - from >= mrrs) {
			cnt = (to - from) >> link->mrrs_shift;
			end = from + (cnt << link->mrrs_shift);
			reader_requests(clock, r, cnt, request_time, link->answer_time);
			continue;
		}
		end = from + mrrs - in_request;
		if (end > to)
			end = to;
		time = answer_time(link, addr, from, end);
		if (from == 0 || in_request == 0)
			reader_requests(clock, r, 1, request_time, time);
		else
			reader_go_on(r, time);
	}
}

void
softep_clock_engine_read(struct softep_clock *clock, unsigned int ch, uint64_t addr, uint64_t from,
			 uint64_t to, uint64_t cnt)
{
	const struct softep_link *link = &clock->link;
	const uint64_t mrrs = UINT64_C(1) << link->mrrs_shift;
	const struct softep_tlps old_req = softep_link_requests(addr, from, link->mrrs_shift);
	const struct softep_tlps old_cpl = softep_link_completions(addr, from, link->cpl_shift);
	const struct softep_tlps one_req =
		softep_link_less(softep_link_requests(addr, to, link->mrrs_shift), &old_req);
	const struct softep_tlps one_cpl =
		softep_link_less(softep_link_completions(addr, to, link->cpl_shift), &old_cpl);
	const struct softep_tlps req = softep_link_times(one_req, cnt);
	const struct softep_tlps cpl = softep_link_times(one_cpl, cnt);
	struct softep_clock_reader *r = &clock->reader[ch];

	send_requests(clock, SOFTEP_UP, &req);
	send_completions(clock, SOFTEP_DOWN, &cpl);
	/* Whole requests only: the same ones as of one long element. */
	if (from == 0 && ((addr | to) & (mrrs - 1)) == 0) {
		to *= cnt;
		cnt = 1;
	}
	while (cnt-- > 0)
		reader_run(clock, r, addr, from, to);
	clock->latest = later(clock->latest, r->done);
}

void
softep_clock_engine_refused(struct softep_clock *clock, uint64_t addr, bool answered)
{
	const struct softep_tlps req = { .cnt = 1, .wire = softep_link_request_bytes(addr) };
	const struct softep_tlps cpl = {
		.cnt = 1,
		.wire = SOFTEP_TLP_FRAMING + SOFTEP_TLP_HEADER_3DW,
	};

	send_requests(clock, SOFTEP_UP, &req);
	if (answered)
		send_completions(clock, SOFTEP_DOWN, &cpl);
}

void
softep_clock_message(struct softep_clock *clock, uint64_t addr)
{
	const struct softep_tlps tlps = softep_link_writes(addr, 4, clock->link.mps_shift);

	send_posted(clock, SOFTEP_UP, &tlps);
}

/* CPUs ----------------------------------------------------------------------------------------- */

/** In ns, since nothing moves it back: long round trips would fill 64 bits in minutes. */
static void
cpu_wait(struct softep_clock_cpu *cpu, uint64_t time)
{
	cpu->waited += time;
	cpu->waited_ns += cpu->waited / SOFTEP_TIME_PER_NS;
	cpu->waited %= SOFTEP_TIME_PER_NS;
}

static inline enum softep_way
back(enum softep_way way)
{
	return way == SOFTEP_UP ? SOFTEP_DOWN : SOFTEP_UP;
}

uint64_t
softep_clock_store(struct softep_clock *clock, struct softep_clock_cpu *cpu, enum softep_way way,
		   uint64_t addr, uint64_t len, bool combining)
{
	const uint64_t unit = UINT64_C(1) << clock->link.store_shift;
	const bool joins = combining && addr == cpu->combine && (addr & (unit - 1)) != 0;
	struct softep_tlps tlps = softep_link_writes(addr, len, clock->link.store_shift);

	if (joins) {
		/* Its first bytes are in a packet that has been counted already. */
		tlps.cnt--;
		tlps.wire -= softep_link_request_bytes(addr) + ((addr & 3) != 0 ? 4 : 0);
	}
	/* Uncached stores are 8 bytes at the most, and never joined. */
	cpu->combine = combining && unit > 8 ? addr + len : 0;
	cpu_wait(cpu, send_posted(clock, way, &tlps));
	return tlps.cnt;
}

uint64_t
softep_clock_load(struct softep_clock *clock, struct softep_clock_cpu *cpu, enum softep_way way,
		  uint64_t addr, uint64_t len)
{
	const struct softep_tlps req = softep_link_requests(addr, len, SOFTEP_CLOCK_LOAD_SHIFT);
	const struct softep_tlps cpl = softep_link_completions(addr, len, SOFTEP_CLOCK_LOAD_SHIFT);

	cpu->combine = 0;
	cpu_wait(cpu, send_requests(clock, way, &req) + req.cnt * clock->link.latency +
			      send_completions(clock, back(way), &cpl));
	return req.cnt + cpl.cnt;
}

uint64_t
softep_clock_config(struct softep_clock *clock, struct softep_clock_cpu *cpu, bool write)
{
	const uint64_t bare = SOFTEP_TLP_FRAMING + SOFTEP_TLP_HEADER_3DW;
	const struct softep_tlps with = {
		.cnt = 1,
		.bytes = CONFIG_ACCESS_BYTES,
		.wire = bare + CONFIG_ACCESS_BYTES,
	};
	const struct softep_tlps without = { .cnt = 1, .wire = bare };

	cpu->combine = 0;
	cpu_wait(cpu, send_requests(clock, SOFTEP_DOWN, write ? &with : &without) +
			      clock->link.latency +
			      send_completions(clock, SOFTEP_UP, write ? &without : &with));
	return 2;
}

/* Pace ----------------------------------------------------------------------------------------- */

static int64_t
wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void
softep_clock_set_pace(struct softep_clock *clock, bool on)
{
	clock->pace = on;
	clock->floor = 0;
	clock->pace_wall = wall_ns();
	clock->pace_due = clock->latest;
}

uint64_t
softep_clock_compare(struct softep_clock *clock)
{
	const uint64_t slack = later(CLOCK_SLACK_BYTES * clock->link.byte_time, CLOCK_MIN_SLACK);
	const int64_t wall = wall_ns();
	int64_t passed = wall - clock->pace_wall;

	/* While nothing happens model time stands still: no more than the slack is owed. */
	if (passed > CLOCK_MAX_PASSED_NS)
		passed = CLOCK_MAX_PASSED_NS;
	clock->pace_wall = wall;
	clock->pace_due += (uint64_t)passed * SOFTEP_TIME_PER_NS;
	if (clock->pace_due > clock->latest + slack)
		clock->pace_due = clock->latest + slack;
	clock->floor = clock->pace_due > slack ? clock->pace_due - slack : 0;
	if (clock->latest <= clock->pace_due)
		return 0;
	return (clock->latest - clock->pace_due) / SOFTEP_TIME_PER_NS + 1;
}

/* Epoch ---------------------------------------------------------------------------------------- */

static void
move_back(uint64_t *time)
{
	*time = *time > CLOCK_EPOCH ? *time - CLOCK_EPOCH : 0;
}

void
softep_clock_fold(struct softep_clock *clock)
{
	unsigned int i, k;

	if (clock->latest < 2 * CLOCK_EPOCH)
		return;
	clock->epoch_ns += CLOCK_EPOCH / SOFTEP_TIME_PER_NS;
	for (i = 0; i < SOFTEP_WAYS; i++)
		move_back(&clock->busy[i]);
	for (i = 0; i < SOFTEP_CLOCK_CHANS; i++) {
		move_back(&clock->writer[i]);
		move_back(&clock->reader[i].issued);
		move_back(&clock->reader[i].done);
		for (k = 0; k < SOFTEP_CLOCK_MAX_TAGS; k++)
			move_back(&clock->reader[i].tag_free[k]);
	}
	move_back(&clock->latest);
	move_back(&clock->floor);
	move_back(&clock->pace_due);
}
