/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _EDMA_MODEL_PRIV_H_
#define _EDMA_MODEL_PRIV_H_

/*
 * State of the model. Its files: edma_model.c is life, register accesses, and what every map has in
 * common of starting and stopping; edma_v0.c and edma_hdma.c are where each map has its registers
 * and how events are told there; edma_walk.c is what running channels do, whatever the map;
 * edma_list.c is what they see of list memory; edma_violation.c is what drivers do wrong.
 */

#include <assert.h>
#include <endian.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dw_edma_hw.h"
#include "edma_model.h"

#define EDMA_DIRS 2
/* Room for channels per direction: as many as a word of the set of active ones has bits. */
#define EDMA_DIR_CHANS DW_HDMA_MAX_CH
#define EDMA_CHANS (EDMA_DIRS * EDMA_DIR_CHANS)

static_assert(EDMA_DIR_CHANS == 64, "a word has a bit for each channel of a direction");
static_assert(EDMA_CHANS <= UINT8_MAX, "descriptors have a byte for a channel");
static_assert(sizeof(_Atomic uint32_t) == sizeof(uint32_t), "the image is an array of atomics");

/*
 * What a channel does in its next step:
 *
 *            doorbell           data element longer than a step
 *     IDLE -----------> FETCH ----------------------------------> MOVE
 *      ^                ^ | ^                                      |
 *      |     doorbell   | | +--------------------------------------+ last piece moved
 *      |  (latched) +---+ | element not valid
 *      |            |     v
 *      +----------- STOPPING
 *        CS = 3
 *
 * A block, an abort, a stop request and a soft reset lead to IDLE directly. CS reads "running" in
 * every state but IDLE. STOPPING is a state of its own to give a doorbell the instant in which
 * hardware may lose it: the engine has seen that the element is not valid, and CS does not say so
 * yet.
 */
enum edma_phase {
	EDMA_PHASE_IDLE,
	EDMA_PHASE_FETCH,
	EDMA_PHASE_MOVE,
	EDMA_PHASE_STOPPING,
};

struct edma_reg_desc;

/* What a write to a register does. @p offset is where it is kept, not where it was seen. */
typedef void edma_reg_write(struct edma_model *m, const struct edma_reg_desc *desc,
			    uint32_t offset, uint32_t value);

/* A word of the register map. All zero: read-only, reserved or not there. */
struct edma_reg_desc {
	edma_reg_write *write;
	uint32_t wmask; /* bits that a write changes */
	uint8_t owner;  /* index into chans, dirs or domains: as the write function has it */
};

/*
 * Channels that are reset together: bit 0 of one register, as long as it is 0, holds them. A
 * direction of eDMA, a single channel of native HDMA.
 */
struct edma_domain {
	uint32_t enable; /* offset of that register */
	enum edma_dir dir;
	uint64_t chans;  /* bit i: channel i of that direction */
	bool resetting;  /* enable was cleared, a channel is still inside an element */
	uint32_t latch;  /* what enable becomes when that reset is complete */
};

struct edma_dir_state {
	unsigned int cnt;
	bool irq_emulated;
};

/* Memory in one piece, as the owner resolved it. */
struct edma_span {
	uint64_t call; /* the call into the model in which that was; never 0 */
	uint64_t addr;
	uint64_t len;
	uint8_t *va;
};

struct edma_chan {
	enum edma_dir dir;
	unsigned int num;
	uint32_t win;  /* offset of the channel window */
	uint32_t gate; /* offset of the register whose bit 0 lets the channel work */
	struct edma_domain *domain;
	enum edma_phase phase;
	unsigned int wait; /* steps left before the next fetch, or before the stop */
	bool needs_reset;  /* context not reliable until its domain has been reset */
	unsigned int weight; /* steps that it does in its turn, less one */

	/*
	 * The element or block in progress; between steps the registers show its start. Its channel
	 * does not change, and its function not while the channel runs.
	 */
	struct edma_element now;
	uint32_t elem_bits; /* of its control word, for maps without a register that shows them */

	/* Where it was latest. */
	struct edma_span list;
	struct edma_span from;
	struct edma_span to;

	/* What it sees of its list, with the switches that watch lists. */
	struct edma_sight *sight; /* NULL until it is needed */
	unsigned int late;  /* steps left in which stores before a doorbell are not visible */
	unsigned int ahead; /* elements from LLP on that are known to be valid */
	bool visible;  /* what was late is visible, and has not been looked at */
	bool flushed;  /* nothing is late at the next doorbell */
	bool stale;    /* the latest fetch showed what memory held before */
	bool held;     /* "hold" is valid, and executed when "wait" is over */
	bool peeked;   /* "hold" was seen at LLP while stopping */
	struct dw_edma_elem hold;

	unsigned int fault_nth; /* data elements up to the one that fails */
	enum edma_fault fault;
	struct edma_counters cnt;
};

/* What can be told to whoever programs the engine. */
enum edma_event {
	EDMA_EVENT_NONE,
	EDMA_EVENT_DONE,  /* an element or block with LIE is complete */
	EDMA_EVENT_STOP,  /* the list or block has ended */
	EDMA_EVENT_ABORT, /* an error, or a request to stop */
};

/* A register map: where things are, and how events are told. The walker knows nothing else. */
struct edma_map {
	/* Offsets in a channel's window. */
	uint16_t llp;
	uint16_t size;
	uint16_t sar;
	uint16_t dar;

	/* Fills in descriptors, windows and domains of a new model. */
	void (*layout)(struct edma_model *m);
	/* Gives registers their power-on values, all registers being 0. */
	void (*reset)(struct edma_model *m);

	/* Element bits, CCS and LLE of a channel, at their places in CONTROL1 of eDMA. */
	uint32_t (*control)(const struct edma_model *m, const struct edma_chan *ch);
	/* The same in the other direction; LLE is not changed. */
	void (*set_control)(struct edma_model *m, struct edma_chan *ch, uint32_t control);
	void (*set_cs)(struct edma_model *m, const struct edma_chan *ch, enum dw_edma_cs cs);
	/* Function number in the channel's requests. */
	unsigned int (*fn)(const struct edma_model *m, const struct edma_chan *ch);

	/* Shows the cause of an abort, if there is a register for it. */
	void (*blame)(struct edma_model *m, const struct edma_chan *ch, enum edma_fault kind);
	/* Sets the event's status bit. */
	void (*latch)(struct edma_model *m, const struct edma_chan *ch, enum edma_event event);
	/* The address register of the remote write that the event causes, or 0: it causes none. */
	uint32_t (*remote)(const struct edma_model *m, const struct edma_chan *ch,
			   enum edma_event event);
	uint32_t (*remote_data)(const struct edma_model *m, const struct edma_chan *ch);
};

extern const struct edma_map edma_map_legacy;
extern const struct edma_map edma_map_unroll;
extern const struct edma_map edma_map_hdma_compat;
extern const struct edma_map edma_map_hdma_native;

struct edma_model {
	_Atomic uint32_t *image; /* of the registers; NULL: nobody else reads */
	const struct edma_map *map;
	struct edma_blocks blocks[EDMA_DIRS]; /* HDMA native */
	/*
	 * Registers from here on are kept, and cannot be seen. The legacy map has its channels
	 * there, at their places in the unrolled map; the window shows a copy of one of them.
	 */
	uint32_t visible;
	uint32_t shown; /* the same of the image, which may not be there */
	uint32_t view; /* legacy: offset of the channel in the window, 0: none */

	struct edma_reg_desc *desc; /* of each register */
	struct edma_dir_state dirs[EDMA_DIRS];
	struct edma_domain domains[EDMA_CHANS];
	struct edma_chan chans[EDMA_CHANS]; /* write channels, then read channels from [64] on */
	uint64_t active[EDMA_DIRS];         /* bit i: channel i of the direction is not IDLE */
	unsigned int last;                  /* index of the channel that did the latest step */
	unsigned int more;                  /* steps that it may do before its turn ends */
	uint32_t random;                    /* state of the generator for shuffle, never 0 then */

	struct edma_switches sw;
	bool watch_lists; /* one of late_list, torn_list and link_delay is set */
	const struct edma_bus *bus;
	void *bus_ctx;
	uint64_t call; /* number of the call that accesses memory: answers of the bus hold in one */
	bool keep;     /* it does many steps, so that keeping answers is worth while */
	void (*complain)(void *ctx, const char *line);
	uint64_t violations[EDMA_VIOLATIONS];

	/*
	 * The truth. The image is only ever written, because a process that maps it might be able
	 * to write as well, and must not choose a function number or a size behind our checks.
	 */
	uint32_t words;
	uint32_t reg[];
};

/* Registers by offset, which is a multiple of 4. */
static inline uint32_t
edma_reg(const struct edma_model *m, uint32_t offset)
{
	return *(const uint32_t *)(const void *)((const uint8_t *)m->reg + offset);
}

/* A register that is not in the image: with the legacy map the window may show it, which is. */
void edma_reg_mirror(struct edma_model *m, uint32_t offset, uint32_t value);

static inline void
edma_reg_set(struct edma_model *m, uint32_t offset, uint32_t value)
{
	uint32_t *reg = (void *)((uint8_t *)m->reg + offset);

	if (*reg == value)
		return;
	*reg = value;
	/* Release: who sees this value also sees payload and registers stored before it. */
	if (offset < m->shown)
		atomic_store_explicit(&m->image[offset / 4], value, memory_order_release);
	else
		edma_reg_mirror(m, offset, value);
}

static inline uint64_t
edma_reg64(const struct edma_model *m, uint32_t offset)
{
	return (uint64_t)edma_reg(m, offset + 4) << 32 | edma_reg(m, offset);
}

static inline void
edma_reg_set64(struct edma_model *m, uint32_t offset, uint64_t value)
{
	edma_reg_set(m, offset, (uint32_t)value);
	edma_reg_set(m, offset + 4, (uint32_t)(value >> 32));
}

/*
 * Progress. An element that is done within one step is shown as done only: nobody could tell, and
 * every store waits until those of the data are out.
 */
static inline void
edma_show(struct edma_model *m, const struct edma_chan *ch, uint32_t size, uint64_t sar,
	  uint64_t dar)
{
	edma_reg_set(m, ch->win + m->map->size, size);
	edma_reg_set64(m, ch->win + m->map->sar, sar);
	edma_reg_set64(m, ch->win + m->map->dar, dar);
}

static inline uint32_t
edma_control(const struct edma_model *m, const struct edma_chan *ch)
{
	return m->map->control(m, ch);
}

static inline bool
edma_list_mode(const struct edma_model *m, const struct edma_chan *ch)
{
	return (edma_control(m, ch) & DW_EDMA_LLE) != 0;
}

static inline struct edma_chan *
edma_chans(struct edma_model *m, enum edma_dir dir)
{
	return &m->chans[dir * EDMA_DIR_CHANS];
}

static inline uint64_t
edma_chan_bit(const struct edma_chan *ch)
{
	return UINT64_C(1) << ch->num;
}

/* Channels of a domain that are not IDLE. */
static inline uint64_t
edma_domain_active(const struct edma_model *m, const struct edma_domain *d)
{
	return m->active[d->dir] & d->chans;
}

/* Keeps the set of active channels in step with the phases: the only writer of both. */
static inline void
edma_set_phase(struct edma_model *m, struct edma_chan *ch, enum edma_phase phase)
{
	if ((phase == EDMA_PHASE_IDLE) != (ch->phase == EDMA_PHASE_IDLE))
		m->active[ch->dir] ^= edma_chan_bit(ch);
	ch->phase = phase;
}

/* Counts a violation of the programming rules and tells the owner. @p ch may be NULL. */
void edma_violate(struct edma_model *m, const struct edma_chan *ch, enum edma_violation kind,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* For layouts: what is at @p offset. */
void edma_describe(struct edma_model *m, uint32_t offset, edma_reg_write *write,
		   unsigned int owner, uint32_t wmask);

/* Takes the bits of the write mask, without side effect. */
edma_reg_write edma_write_plain;
/* The same, refused while the owning channel runs. */
edma_reg_write edma_write_setup;
/* The same, and a violation while the channel is disabled, too. */
edma_reg_write edma_write_chan;
/* Enable register of the owning domain. */
edma_reg_write edma_write_enable;

/* Begins a call that accesses memory: what the bus answered before no longer holds. */
static inline void
edma_begin_call(struct edma_model *m, bool keep)
{
	m->call++;
	m->keep = keep;
}

/* Asks the owner for @p len bytes or more at @p addr. False: an abort. */
bool edma_span_resolve(struct edma_model *m, const struct edma_chan *ch, struct edma_span *span,
		       enum edma_space space, uint64_t addr, uint64_t len, bool write);

/*
 * Resolves @p len bytes or less; never more than asked for, never none. @p span is used for one
 * space and one kind of access.
 */
static inline void *
edma_resolve(struct edma_model *m, const struct edma_chan *ch, struct edma_span *span,
	     enum edma_space space, uint64_t addr, uint64_t *len, bool write)
{
	uint64_t at = addr - span->addr;

	if (span->call != m->call || at >= span->len) {
		if (!edma_span_resolve(m, ch, span, space, addr, *len, write))
			return NULL;
		at = 0;
	}
	if (*len > span->len - at)
		*len = span->len - at;
	return span->va + at;
}

/* As edma_list_read(), without its byte order, where a slot is not in one aligned piece. */
bool edma_list_read_pieces(struct edma_model *m, struct edma_chan *ch, uint64_t addr,
			   struct dw_edma_elem *e);

/*
 * Reads the element that memory holds at @p addr. The control word comes first, with acquire order:
 * a producer that stores it last has then made the rest of the slot visible. False: an abort.
 */
static inline bool
edma_list_read(struct edma_model *m, struct edma_chan *ch, uint64_t addr, struct dw_edma_elem *e)
{
	const size_t rest = offsetof(struct dw_edma_elem, size);
	uint64_t len = sizeof(*e);
	uint8_t *p;

	p = edma_resolve(m, ch, &ch->list, EDMA_SPACE_LOCAL, addr, &len, false);
	if (p == NULL)
		return false;
	if (len == sizeof(*e) && (uintptr_t)p % sizeof(uint32_t) == 0) {
		e->control = atomic_load_explicit((_Atomic uint32_t *)(void *)p,
						  memory_order_acquire);
		memcpy((uint8_t *)e + rest, p + rest, sizeof(*e) - rest);
	} else if (!edma_list_read_pieces(m, ch, addr, e)) {
		return false;
	}
	e->control = le32toh(e->control);
	e->size = le32toh(e->size);
	e->sar = le64toh(e->sar);
	e->dar = le64toh(e->dar);
	return true;
}

/* The same at ch->now.at, and as the channel sees it, when a switch watches lists. */
bool edma_list_fetch(struct edma_model *m, struct edma_chan *ch, struct dw_edma_elem *e);

/*
 * True if a channel with cycle state @p ccs executes the element. The cycle bit of a toggling link
 * is not looked at.
 */
static inline bool
edma_list_valid(const struct dw_edma_elem *e, bool ccs)
{
	if ((e->control & DW_EDMA_LLP) != 0 && (e->control & DW_EDMA_TCB) != 0)
		return true;
	return ((e->control & DW_EDMA_CB) != 0) == ccs;
}

/* A doorbell may be early, and a step later it is less so. */
void edma_list_doorbell(struct edma_model *m, struct edma_chan *ch);
void edma_list_late_step(struct edma_model *m, struct edma_chan *ch);
/* Looks at the element at LLP, as a channel that is about to stop would not. */
void edma_list_peek(struct edma_model *m, struct edma_chan *ch);
/* Compares @p e with what is at ch->now.at now. */
void edma_list_check_torn(struct edma_model *m, struct edma_chan *ch, const struct dw_edma_elem *e);
/* A store at @p addr must not be one behind the control word of an element that is valid. */
void edma_list_check_store(struct edma_model *m, struct edma_chan *ch, uint64_t addr);
/* All stores so far are visible, and nothing is late at the next doorbell. */
void edma_list_flush(struct edma_model *m, struct edma_chan *ch);
/* Drops elements that were seen and not executed: list pointer or cycle state may change. */
void edma_list_drop(struct edma_chan *ch);
/* The same, and forgets what it has seen. */
void edma_list_reset(struct edma_chan *ch);

/* Doorbells of an existing channel. */
void edma_chan_start(struct edma_model *m, struct edma_chan *ch);
void edma_chan_stop(struct edma_model *m, struct edma_chan *ch);

/* Completes a pending soft reset once none of the channels is active. */
void edma_domain_settle(struct edma_model *m, struct edma_domain *d);

/*
 * Takes the channel out of whatever it does: the linked-list pointer names the element that was in
 * progress, the status bit of @p event is set, and the status becomes @p cs.
 */
/* @p fault: cause of EDMA_EVENT_ABORT. */
void edma_chan_halt(struct edma_model *m, struct edma_chan *ch, enum dw_edma_cs cs,
		    enum edma_event event, enum edma_fault fault);

/* Tells the owner that the channel is done with an element, or with a part of it. */
void edma_tell(struct edma_model *m, struct edma_chan *ch, enum edma_end end,
	       enum edma_fault fault);

#endif /* _EDMA_MODEL_PRIV_H_ */
