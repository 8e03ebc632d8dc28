/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _EDMA_MODEL_PRIV_H_
#define _EDMA_MODEL_PRIV_H_

/*
 * State of the model. Two files work on it: edma_model.c is what register accesses do, edma_walk.c
 * what running channels do.
 */

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dw_edma_hw.h"
#include "edma_model.h"

#define EDMA_DIRS 2
#define EDMA_CHANS (EDMA_DIRS * DW_EDMA_MAX_CH)
#define EDMA_WORDS (DW_EDMA_REGS_BYTES / 4)

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

/* What a write to a register does; read-only and reserved words are EDMA_REG_NONE. */
enum edma_reg_kind {
	EDMA_REG_NONE,
	EDMA_REG_RW,         /* takes the bits of the write mask, without side effect */
	EDMA_REG_CHAN,       /* the same, refused while the owning channel runs */
	EDMA_REG_ENGINE_EN,
	EDMA_REG_DOORBELL,
	EDMA_REG_INT_STATUS,
	EDMA_REG_INT_CLEAR,
};

/* A word of the register map. */
struct edma_reg_desc {
	uint8_t kind;
	uint8_t owner; /* EDMA_REG_CHAN: index into chans; other kinds: direction */
	uint32_t wmask;
};

/* Offsets of the registers that both directions have. */
struct edma_dir_regs {
	uint16_t engine_en;
	uint16_t doorbell;
	uint16_t arb_lo;
	uint16_t arb_hi;
	uint16_t int_status;
	uint16_t int_mask;
	uint16_t int_clear;
	uint16_t err_lo; /* local bus: data and list fetches */
	uint16_t err_hi; /* link: read direction only, else 0 */
	uint16_t ll_err_en;
	uint16_t done_imwr;
	uint16_t abort_imwr;
	uint16_t imwr_data;
};

struct edma_dir_state {
	const struct edma_dir_regs *regs;
	unsigned int cnt;
	bool irq_emulated;
	bool resetting;        /* ENGINE_EN was cleared, a channel is still inside an element */
	uint32_t engine_latch; /* what ENGINE_EN becomes when that reset is complete */
};

struct edma_chan {
	enum edma_dir dir;
	unsigned int num;
	uint16_t win; /* offset of the channel window */
	enum edma_phase phase;
	unsigned int wait; /* steps left before the next fetch, or before the stop */
	bool needs_reset;  /* context not reliable until the direction has been reset */

	/* The element or block in progress; the registers show its start until it ends. */
	uint64_t elem; /* address it was fetched from */
	uint32_t size;
	uint32_t moved;
	uint64_t sar;
	uint64_t dar;

	unsigned int fault_nth; /* data elements up to the one that fails */
	enum edma_fault fault;
	struct edma_counters cnt;
};

struct edma_model {
	/*
	 * The truth. The image is only ever written, because a process that maps it might be able
	 * to write as well, and must not choose a function number or a size behind our checks.
	 */
	uint32_t reg[EDMA_WORDS];
	_Atomic uint32_t *image; /* NULL: nobody else reads */

	struct edma_reg_desc desc[EDMA_WORDS];
	struct edma_dir_state dirs[EDMA_DIRS];
	struct edma_chan chans[EDMA_CHANS]; /* write channels, then read channels from [8] on */
	uint32_t active;                    /* bit i: chans[i] is not IDLE */
	unsigned int last;                  /* channel that did the latest step */

	struct edma_switches sw;
	const struct edma_bus *bus;
	void *bus_ctx;
	void (*complain)(void *ctx, const char *line);
	uint64_t violations;
};

static inline uint32_t
edma_reg(const struct edma_model *m, uint32_t offset)
{
	return m->reg[offset / 4];
}

/* Release: who sees this value also sees the payload and the registers stored before it. */
static inline void
edma_reg_set(struct edma_model *m, uint32_t offset, uint32_t value)
{
	if (m->reg[offset / 4] == value)
		return;
	m->reg[offset / 4] = value;
	if (m->image != NULL)
		atomic_store_explicit(&m->image[offset / 4], value, memory_order_release);
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

static inline uint32_t
edma_control1(const struct edma_model *m, const struct edma_chan *ch)
{
	return edma_reg(m, ch->win + DW_EDMA_CH_CONTROL1);
}

static inline void
edma_set_cs(struct edma_model *m, const struct edma_chan *ch, enum dw_edma_cs cs)
{
	uint32_t v = edma_control1(m, ch) & ~DW_EDMA_CS_MASK;

	edma_reg_set(m, ch->win + DW_EDMA_CH_CONTROL1, v | (uint32_t)cs << DW_EDMA_CS_SHIFT);
}

/* Keeps the set of active channels in step with the phases: the only writer of both. */
static inline void
edma_set_phase(struct edma_model *m, struct edma_chan *ch, enum edma_phase phase)
{
	uint32_t bit = UINT32_C(1) << (ch - m->chans);

	ch->phase = phase;
	m->active = phase == EDMA_PHASE_IDLE ? m->active & ~bit : m->active | bit;
}

/* Counts a violation of the programming rules and tells the owner. @p ch may be NULL. */
void edma_violation(struct edma_model *m, const struct edma_chan *ch, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Completes a pending soft reset of a direction once none of its channels is active. */
void edma_dir_settle(struct edma_model *m, enum edma_dir dir);

/*
 * Takes the channel out of whatever it does: the linked-list pointer names the element that was in
 * progress and the status becomes @p cs. With @p aborted the abort bit is raised before that.
 */
void edma_chan_halt(struct edma_model *m, struct edma_chan *ch, enum dw_edma_cs cs, bool aborted);

#endif /* _EDMA_MODEL_PRIV_H_ */
