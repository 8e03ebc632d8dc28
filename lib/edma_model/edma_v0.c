/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The eDMA maps: unrolled, the same with power enables (HDMA compatible), and legacy, whose
 * channels are behind a view port.
 */

#include "edma_model_priv.h"

/* Bits that a write changes; the rest is read-only, reserved or of unknown meaning and reads 0. */
#define ARB_PRIOR_BITS 0x00000fffu
#define ARB_WEIGHT_BITS 0x000fffffu
/* Four channels share an arbitration register. */
#define ARB_WEIGHT_CHANS 4
#define ARB_WEIGHT(v, i) (((v) >> 5 * (i)) & 0x1f)
#define ENGINE_EN_BITS (0x00ff0000u | DW_EDMA_ENGINE_EN)
#define ADDR_LO_BITS 0xfffffffcu
#define CONTROL2_BITS 0x000001ffu
/* What of CONTROL1 the walker works with. */
#define CONTROL_BITS (DW_EDMA_LLE | DW_EDMA_CCS | DW_EDMA_ELEM_BITS)
/* All documented fields but CS; the transaction attributes [31:23] are kept and have no effect. */
#define CONTROL1_BITS (0xff800000u | DW_EDMA_FN_MASK | CONTROL_BITS)
#define PWR_EN_BITS 0x1u

static_assert(DW_EDMA_RD_CH(DW_EDMA_MAX_CH - 1) + 0x100 == DW_EDMA_REGS_BYTES,
	      "the last channel window ends the map");

/* Offsets of the registers that both directions have. */
struct dir_regs {
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
	uint16_t pwr_en; /* HDMA compatible only */
};

static const struct dir_regs dir_regs[EDMA_DIRS] = {
	[EDMA_DIR_WR] = {
		.engine_en = DW_EDMA_WR_ENGINE_EN,
		.doorbell = DW_EDMA_WR_DOORBELL,
		.arb_lo = DW_EDMA_WR_CH_ARB_WEIGHT_LO,
		.arb_hi = DW_EDMA_WR_CH_ARB_WEIGHT_HI,
		.int_status = DW_EDMA_WR_INT_STATUS,
		.int_mask = DW_EDMA_WR_INT_MASK,
		.int_clear = DW_EDMA_WR_INT_CLEAR,
		.err_lo = DW_EDMA_WR_ERR_STATUS,
		.ll_err_en = DW_EDMA_WR_LL_ERR_EN,
		.done_imwr = DW_EDMA_WR_DONE_IMWR_LO,
		.abort_imwr = DW_EDMA_WR_ABORT_IMWR_LO,
		.imwr_data = DW_EDMA_WR_IMWR_DATA,
		.pwr_en = DW_EDMA_WR_PWR_EN(0),
	},
	[EDMA_DIR_RD] = {
		.engine_en = DW_EDMA_RD_ENGINE_EN,
		.doorbell = DW_EDMA_RD_DOORBELL,
		.arb_lo = DW_EDMA_RD_CH_ARB_WEIGHT_LO,
		.arb_hi = DW_EDMA_RD_CH_ARB_WEIGHT_HI,
		.int_status = DW_EDMA_RD_INT_STATUS,
		.int_mask = DW_EDMA_RD_INT_MASK,
		.int_clear = DW_EDMA_RD_INT_CLEAR,
		.err_lo = DW_EDMA_RD_ERR_STATUS_LO,
		.err_hi = DW_EDMA_RD_ERR_STATUS_HI,
		.ll_err_en = DW_EDMA_RD_LL_ERR_EN,
		.done_imwr = DW_EDMA_RD_DONE_IMWR_LO,
		.abort_imwr = DW_EDMA_RD_ABORT_IMWR_LO,
		.imwr_data = DW_EDMA_RD_IMWR_DATA,
		.pwr_en = DW_EDMA_RD_PWR_EN(0),
	},
};

/* Word of done and abort bits that a direction with @p cnt channels has. */
static uint32_t
existing_bits(unsigned int cnt)
{
	return ((1u << cnt) - 1) * (DW_EDMA_INT_DONE(0) | DW_EDMA_INT_ABORT(0));
}

/* Halves of IMWr data register @p i that belong to channels that exist. */
static uint32_t
imwr_data_bits(unsigned int cnt, unsigned int i)
{
	return (2 * i < cnt ? 0x0000ffffu : 0) | (2 * i + 1 < cnt ? 0xffff0000u : 0);
}

/* Writes --------------------------------------------------------------------------------------- */

static void
write_doorbell(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
	       uint32_t value)
{
	struct edma_chan *ch = &edma_chans(m, desc->owner)[value & DW_EDMA_DOORBELL_CH];

	(void)offset;
	if (ch->num >= m->dirs[ch->dir].cnt)
		edma_violate(m, ch, EDMA_VIOLATION_DOORBELL_ABSENT,
			     "doorbell 0x%08x for a channel that does not exist", value);
	else if ((value & DW_EDMA_DOORBELL_STOP) != 0)
		edma_chan_stop(m, ch);
	else
		edma_chan_start(m, ch);
}

/* Asserts the interrupt pin, which an endpoint's owner may use as a doorbell; drivers must not. */
static void
write_int_status(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		 uint32_t value)
{
	m->dirs[desc->owner].irq_emulated = true;
	edma_violate(m, NULL, EDMA_VIOLATION_INT_STATUS_WRITE,
		     "interrupt status register 0x%03x written with 0x%08x", offset, value);
}

/* A channel of weight 0 does one step in its turn; the unit of hardware is a TLP. */
static void
write_arb_weight(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		 uint32_t value)
{
	const bool hi = offset == dir_regs[desc->owner].arb_hi;
	struct edma_chan *ch = &edma_chans(m, desc->owner)[hi ? ARB_WEIGHT_CHANS : 0];
	unsigned int i;

	for (i = 0; i < ARB_WEIGHT_CHANS; i++)
		ch[i].weight = ARB_WEIGHT(value, i);
	edma_write_plain(m, desc, offset, value);
}

static void
write_int_clear(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		uint32_t value)
{
	const struct dir_regs *r = &dir_regs[desc->owner];
	struct edma_dir_state *dir = &m->dirs[desc->owner];
	uint32_t err_lo = 0, err_hi = 0;
	unsigned int i;

	(void)offset;
	for (i = 0; i < dir->cnt; i++) {
		if ((value & DW_EDMA_INT_ABORT(i)) == 0)
			continue;
		err_lo |= DW_EDMA_ERR_DATA(i) | DW_EDMA_ERR_LL_FETCH(i);
		err_hi |= DW_EDMA_ERR_UR(i) | DW_EDMA_ERR_CA(i) | DW_EDMA_ERR_TIMEOUT(i) |
			  DW_EDMA_ERR_POISON(i);
	}
	edma_reg_set(m, r->int_status, edma_reg(m, r->int_status) & ~value);
	edma_reg_set(m, r->err_lo, edma_reg(m, r->err_lo) & ~err_lo);
	if (r->err_hi != 0)
		edma_reg_set(m, r->err_hi, edma_reg(m, r->err_hi) & ~err_hi);
	/* Whatever the value, 0 included. */
	dir->irq_emulated = false;
}

/*
 * Power of a channel. Taking it away from a running one loses its context. The engine enable, which
 * these parts have as well, resets the direction, and nothing waits for it to be 1.
 */
static void
write_pwr_en(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
	     uint32_t value)
{
	struct edma_chan *ch = &m->chans[desc->owner];

	edma_write_plain(m, desc, offset, value);
	if ((value & PWR_EN_BITS) != 0 || ch->phase == EDMA_PHASE_IDLE)
		return;
	edma_violate(m, ch, EDMA_VIOLATION_POWER_LOST, "power taken away while running");
	ch->needs_reset = true;
	edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, EDMA_EVENT_NONE, EDMA_FAULT_NONE);
	edma_domain_settle(m, ch->domain);
}

/* The selection comes last: who reads it back finds its channel in the window. */
static void
write_viewport(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
	       uint32_t value)
{
	const enum edma_dir dir = (value & DW_EDMA_VIEWPORT_RD) != 0 ? EDMA_DIR_RD : EDMA_DIR_WR;
	const unsigned int num = value & DW_EDMA_VIEWPORT_CH;
	uint32_t reg;

	/* 0 for a channel that does not exist. */
	m->view = edma_chans(m, dir)[num].win;
	for (reg = 0; reg < DW_EDMA_CH_BYTES; reg += 4)
		edma_reg_set(m, DW_EDMA_VIEWPORT_WINDOW + reg,
			     m->view != 0 ? edma_reg(m, m->view + reg) : 0);
	edma_write_plain(m, desc, offset, value);
}

static void
write_window(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
	     uint32_t value)
{
	if (m->view == 0)
		return;
	offset += m->view - DW_EDMA_VIEWPORT_WINDOW;
	desc = &m->desc[offset / 4];
	desc->write(m, desc, offset, value);
}

/* Layouts -------------------------------------------------------------------------------------- */

static void
layout_dir(struct edma_model *m, enum edma_dir dir)
{
	const struct dir_regs *r = &dir_regs[dir];
	const unsigned int cnt = m->dirs[dir].cnt;
	unsigned int i;

	m->domains[dir].enable = r->engine_en;
	m->domains[dir].dir = dir;
	edma_describe(m, r->engine_en, edma_write_enable, dir, ENGINE_EN_BITS);
	edma_describe(m, r->doorbell, write_doorbell, dir, 0);
	edma_describe(m, r->arb_lo, write_arb_weight, dir, ARB_WEIGHT_BITS);
	edma_describe(m, r->arb_hi, write_arb_weight, dir, ARB_WEIGHT_BITS);
	edma_describe(m, r->int_status, write_int_status, dir, 0);
	edma_describe(m, r->int_mask, edma_write_plain, dir, existing_bits(cnt));
	edma_describe(m, r->int_clear, write_int_clear, dir, 0);
	edma_describe(m, r->ll_err_en, edma_write_plain, dir, existing_bits(cnt));
	edma_describe(m, r->done_imwr, edma_write_plain, dir, ADDR_LO_BITS);
	edma_describe(m, r->done_imwr + 4, edma_write_plain, dir, UINT32_MAX);
	edma_describe(m, r->abort_imwr, edma_write_plain, dir, ADDR_LO_BITS);
	edma_describe(m, r->abort_imwr + 4, edma_write_plain, dir, UINT32_MAX);
	for (i = 0; i < DW_EDMA_MAX_CH / 2; i++)
		edma_describe(m, r->imwr_data + 4 * i, edma_write_plain, dir,
			      imwr_data_bits(cnt, i));
}

static void
layout_chan(struct edma_model *m, struct edma_chan *ch)
{
	const unsigned int index = ch - m->chans;
	uint32_t reg;

	ch->win = ch->dir == EDMA_DIR_WR ? DW_EDMA_WR_CH(ch->num) : DW_EDMA_RD_CH(ch->num);
	ch->gate = dir_regs[ch->dir].engine_en;
	ch->domain = &m->domains[ch->dir];
	ch->domain->chans |= edma_chan_bit(ch);
	edma_describe(m, ch->win + DW_EDMA_CH_CONTROL1, edma_write_chan, index, CONTROL1_BITS);
	edma_describe(m, ch->win + DW_EDMA_CH_CONTROL2, edma_write_chan, index, CONTROL2_BITS);
	for (reg = DW_EDMA_CH_SIZE; reg < DW_EDMA_CH_BYTES; reg += 4)
		edma_describe(m, ch->win + reg, edma_write_chan, index, UINT32_MAX);
}

/*
 * Handshake counters and channel groups, which no known software uses, and the power enables, which
 * this map does not need, are treated as reserved.
 */
static void
layout_unroll(struct edma_model *m)
{
	unsigned int dir, i;

	edma_describe(m, DW_EDMA_CTRL_DATA_ARB_PRIOR, edma_write_plain, 0, ARB_PRIOR_BITS);
	for (dir = 0; dir < EDMA_DIRS; dir++) {
		layout_dir(m, dir);
		for (i = 0; i < m->dirs[dir].cnt; i++)
			layout_chan(m, &edma_chans(m, dir)[i]);
	}
}

static void
layout_hdma_compat(struct edma_model *m)
{
	struct edma_chan *ch;
	unsigned int dir, i;

	layout_unroll(m);
	for (dir = 0; dir < EDMA_DIRS; dir++) {
		for (i = 0; i < m->dirs[dir].cnt; i++) {
			ch = &edma_chans(m, dir)[i];
			ch->gate = dir_regs[dir].pwr_en + 4 * i;
			edma_describe(m, ch->gate, write_pwr_en, ch - m->chans, PWR_EN_BITS);
		}
	}
}

static void
layout_legacy(struct edma_model *m)
{
	uint32_t reg;

	layout_unroll(m);
	m->visible = DW_EDMA_LEGACY_BYTES;
	edma_describe(m, DW_EDMA_VIEWPORT_SEL, write_viewport, 0,
		      DW_EDMA_VIEWPORT_RD | DW_EDMA_VIEWPORT_CH);
	for (reg = 0; reg < DW_EDMA_CH_BYTES; reg += 4)
		edma_describe(m, DW_EDMA_VIEWPORT_WINDOW + reg, write_window, 0, 0);
}

static void
reset_unroll(struct edma_model *m)
{
	unsigned int i;

	edma_reg_set(m, DW_EDMA_CTRL, m->dirs[EDMA_DIR_WR].cnt | m->dirs[EDMA_DIR_RD].cnt << 16);
	for (i = 0; i < EDMA_DIRS; i++)
		edma_reg_set(m, dir_regs[i].int_mask, existing_bits(m->dirs[i].cnt));
}

/* Write channel 0 is what the view port selects when it is 0. */
static void
reset_legacy(struct edma_model *m)
{
	reset_unroll(m);
	m->view = m->chans[0].win;
}

/* For the walker ------------------------------------------------------------------------------- */

static uint32_t
control1(const struct edma_model *m, const struct edma_chan *ch)
{
	return edma_reg(m, ch->win + DW_EDMA_CH_CONTROL1);
}

static uint32_t
v0_control(const struct edma_model *m, const struct edma_chan *ch)
{
	return control1(m, ch) & CONTROL_BITS;
}

static void
v0_set_control(struct edma_model *m, struct edma_chan *ch, uint32_t control)
{
	edma_reg_set(m, ch->win + DW_EDMA_CH_CONTROL1,
		     (control1(m, ch) & ~CONTROL_BITS) | (control & CONTROL_BITS));
}

static void
v0_set_cs(struct edma_model *m, const struct edma_chan *ch, enum dw_edma_cs cs)
{
	edma_reg_set(m, ch->win + DW_EDMA_CH_CONTROL1,
		     (control1(m, ch) & ~DW_EDMA_CS_MASK) | (uint32_t)cs << DW_EDMA_CS_SHIFT);
}

static unsigned int
v0_fn(const struct edma_model *m, const struct edma_chan *ch)
{
	return DW_EDMA_FN(control1(m, ch));
}

/* Only reads get an answer from the link that could be bad: writes have no register for it. */
static void
v0_blame(struct edma_model *m, const struct edma_chan *ch, enum edma_fault kind)
{
	const struct dir_regs *r = &dir_regs[ch->dir];
	uint32_t lo = 0, hi = 0;

	switch (kind) {
	case EDMA_FAULT_LOCAL:
		lo = DW_EDMA_ERR_DATA(ch->num);
		break;
	case EDMA_FAULT_LL_FETCH:
		lo = DW_EDMA_ERR_LL_FETCH(ch->num);
		break;
	case EDMA_FAULT_UR:
		hi = DW_EDMA_ERR_UR(ch->num);
		break;
	case EDMA_FAULT_CA:
		hi = DW_EDMA_ERR_CA(ch->num);
		break;
	case EDMA_FAULT_TIMEOUT:
		hi = DW_EDMA_ERR_TIMEOUT(ch->num);
		break;
	case EDMA_FAULT_POISON:
		hi = DW_EDMA_ERR_POISON(ch->num);
		break;
	case EDMA_FAULT_NONE:
		break;
	}
	edma_reg_set(m, r->err_lo, edma_reg(m, r->err_lo) | lo);
	if (r->err_hi != 0)
		edma_reg_set(m, r->err_hi, edma_reg(m, r->err_hi) | hi);
}

static void
v0_latch(struct edma_model *m, const struct edma_chan *ch, enum edma_event event)
{
	const uint16_t status = dir_regs[ch->dir].int_status;
	uint32_t bits = 0;

	if (event == EDMA_EVENT_DONE)
		bits = DW_EDMA_INT_DONE(ch->num);
	else if (event == EDMA_EVENT_ABORT)
		bits = DW_EDMA_INT_ABORT(ch->num);
	edma_reg_set(m, status, edma_reg(m, status) | bits);
}

/* Linked-list mode has an enable for abort reports; a block uses the bits of its done report. */
static uint32_t
v0_remote(const struct edma_model *m, const struct edma_chan *ch, enum edma_event event)
{
	const struct dir_regs *r = &dir_regs[ch->dir];
	const uint32_t control = control1(m, ch);
	const bool both = (control & DW_EDMA_LIE) != 0 && (control & DW_EDMA_RIE) != 0;

	if (event == EDMA_EVENT_DONE)
		return both ? r->done_imwr : 0;
	if (event != EDMA_EVENT_ABORT)
		return 0;
	if ((control & DW_EDMA_LLE) == 0)
		return both ? r->abort_imwr : 0;
	return (edma_reg(m, r->ll_err_en) & DW_EDMA_LL_ERR_REMOTE(ch->num)) != 0 ?
	       r->abort_imwr : 0;
}

static uint32_t
v0_remote_data(const struct edma_model *m, const struct edma_chan *ch)
{
	const uint32_t pair = edma_reg(m, dir_regs[ch->dir].imwr_data + ch->num / 2 * 4);

	return ch->num % 2 == 0 ? pair & 0xffff : pair >> 16;
}

#define V0_CHANNEL \
	.llp = DW_EDMA_CH_LLP_LO, \
	.size = DW_EDMA_CH_SIZE, \
	.sar = DW_EDMA_CH_SAR_LO, \
	.dar = DW_EDMA_CH_DAR_LO, \
	.control = v0_control, \
	.set_control = v0_set_control, \
	.set_cs = v0_set_cs, \
	.fn = v0_fn, \
	.blame = v0_blame, \
	.latch = v0_latch, \
	.remote = v0_remote, \
	.remote_data = v0_remote_data

const struct edma_map edma_map_legacy = {
	.layout = layout_legacy,
	.reset = reset_legacy,
	V0_CHANNEL,
};

const struct edma_map edma_map_unroll = {
	.layout = layout_unroll,
	.reset = reset_unroll,
	V0_CHANNEL,
};

const struct edma_map edma_map_hdma_compat = {
	.layout = layout_hdma_compat,
	.reset = reset_unroll,
	V0_CHANNEL,
};
