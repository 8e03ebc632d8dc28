/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_CLOCK_H_
#define _SOFTEP_CLOCK_H_

/**
 * @file
 * The virtual clock: counts every packet that crosses the link, and says for how long the link
 * would have been busy with them.
 *
 * Each direction of the wire is busy until some time; every packet moves that on by what it takes.
 * Each channel of the engine has a time of its own besides: a write channel is done when its last
 * packet is out, a read channel when its last data has come, one round trip after the request,
 * of which it has a limited number outstanding. The model time is the latest of all of these.
 *
 * What programs do between transfers, and when, has no part in it. So the model time of a run does
 * not depend on how fast this machine is: it is the time that the link needs at least.
 */

#include "link.h"

/** Direction of a packet. */
enum softep_way {
	SOFTEP_UP,   /**< endpoint to host */
	SOFTEP_DOWN, /**< host to endpoint */
	SOFTEP_WAYS,
};

/** Channels of a direction of the engine, and requests that one may have outstanding. */
#define SOFTEP_CLOCK_CHANS 64
#define SOFTEP_CLOCK_MAX_TAGS 256
/** Largest load of a CPU over the link, which waits for each. */
#define SOFTEP_CLOCK_LOAD_SHIFT 3

/** Packets of one direction by kind. Configuration writes are requests that carry data. */
struct softep_way_count {
	struct softep_tlps posted;
	struct softep_tlps requests;
	struct softep_tlps completions;
};

/** A read channel of the engine. */
struct softep_clock_reader {
	uint64_t issued; /**< latest request is out */
	uint64_t done;   /**< latest data is in */
	unsigned int tag; /**< of the latest request */
	uint64_t tag_free[SOFTEP_CLOCK_MAX_TAGS];
};

struct softep_clock {
	struct softep_link_conf conf;
	struct softep_link link;
	struct softep_way_count count[SOFTEP_WAYS];
	uint64_t busy[SOFTEP_WAYS]; /**< the wire is busy until then */
	uint64_t writer[SOFTEP_CLOCK_CHANS];
	struct softep_clock_reader reader[SOFTEP_CLOCK_CHANS];
	uint64_t latest; /**< model time */
	uint64_t epoch_ns; /**< model time that has been taken off all of these */
	uint64_t floor;    /**< with pace: nothing begins before, however idle it was */
	bool pace;
	int64_t pace_wall; /**< wall clock, in ns, at which pace_due was what is due */
	uint64_t pace_due;
};

/** One CPU at its end of the link: what it was busy with, and its combining buffer. */
struct softep_clock_cpu {
	uint64_t waited_ns; /**< time of its loads and stores */
	uint64_t waited;    /**< and what is less than a nanosecond of it */
	uint64_t combine; /**< address at which a store joins the one before; 0: nowhere */
};

void softep_clock_init(struct softep_clock *clock);

/** Sets the link; holds for packets from now on. */
void softep_clock_set(struct softep_clock *clock, const struct softep_link_conf *conf);

/** Counters and model time 0. */
void softep_clock_clear(struct softep_clock *clock);

/**
 * Data that a channel of the engine has moved: bytes @p from to @p to of an element that begins at
 * @p addr. Parts of an element have together as many packets as the whole.
 *
 * @param cnt  Whole elements, one behind the other, that are alike for the link; of a part 1.
 */
void softep_clock_engine_write(struct softep_clock *clock, unsigned int ch, uint64_t addr,
			       uint64_t from, uint64_t to, uint64_t cnt);
void softep_clock_engine_read(struct softep_clock *clock, unsigned int ch, uint64_t addr,
			      uint64_t from, uint64_t to, uint64_t cnt);
/** A read request that gets no data: answered without, or not at all. */
void softep_clock_engine_refused(struct softep_clock *clock, uint64_t addr, bool answered);

/** A message of the endpoint: 4 bytes, posted. */
void softep_clock_message(struct softep_clock *clock, uint64_t addr);

/**
 * Accesses of a CPU over the link, towards @p way.
 *
 * @param combining  Stores to adjacent addresses may share a packet.
 * @return Packets, in both directions.
 */
uint64_t softep_clock_store(struct softep_clock *clock, struct softep_clock_cpu *cpu,
			    enum softep_way way, uint64_t addr, uint64_t len, bool combining);
uint64_t softep_clock_load(struct softep_clock *clock, struct softep_clock_cpu *cpu,
			   enum softep_way way, uint64_t addr, uint64_t len);
/** A configuration access of the host: reads and writes are answered alike. */
uint64_t softep_clock_config(struct softep_clock *clock, struct softep_clock_cpu *cpu, bool write);

/** Packets of all kinds. */
struct softep_tlps softep_clock_sum(const struct softep_way_count *count);

static inline uint64_t
softep_clock_ns(const struct softep_clock *clock)
{
	return clock->epoch_ns + clock->latest / SOFTEP_TIME_PER_NS;
}

/** From now on the model time does not run ahead of the wall clock, or may. */
void softep_clock_set_pace(struct softep_clock *clock, bool on);

/** Time, in ns, by which the model time is ahead of the wall clock. */
uint64_t softep_clock_compare(struct softep_clock *clock);

/** The same if there is a pace, else 0: nobody waits. */
static inline uint64_t
softep_clock_ahead(struct softep_clock *clock)
{
	return clock->pace ? softep_clock_compare(clock) : 0;
}

/** To be called now and then: keeps times small enough. */
void softep_clock_fold(struct softep_clock *clock);

#endif /* _SOFTEP_CLOCK_H_ */
