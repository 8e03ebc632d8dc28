/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edma_model_priv.h"

/* Longest line handed to edma_model_conf::complain. */
#define LINE_BYTES 128

/* Bits that a write changes; the rest is read-only, reserved or of unknown meaning and reads 0. */
#define ARB_PRIOR_BITS 0x00000fffu
#define ARB_WEIGHT_BITS 0x000fffffu
#define ENGINE_EN_BITS (0x00ff0000u | DW_EDMA_ENGINE_EN)
#define ADDR_LO_BITS 0xfffffffcu
#define CONTROL2_BITS 0x000001ffu
/* All documented fields but CS; the transaction attributes [31:23] are kept and have no effect. */
#define CONTROL1_BITS \
	(0xff800000u | DW_EDMA_FN_MASK | DW_EDMA_LLE | DW_EDMA_CCS | DW_EDMA_ELEM_BITS)

static_assert(DW_EDMA_RD_CH(DW_EDMA_MAX_CH - 1) + 0x100 == DW_EDMA_REGS_BYTES,
	      "the last channel window ends the map");

static const char *const dir_names[EDMA_DIRS] = {
	[EDMA_DIR_WR] = "wr",
	[EDMA_DIR_RD] = "rd",
};

void
edma_violation(struct edma_model *m, const struct edma_chan *ch, const char *fmt, ...)
{
	char line[LINE_BYTES];
	int n = 0;
	va_list ap;

	m->violations++;
	if (m->complain == NULL)
		return;
	if (ch != NULL)
		n = snprintf(line, sizeof(line), "%s%u: ", dir_names[ch->dir], ch->num);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	m->complain(m->bus_ctx, line);
}

/* Status and error bits ------------------------------------------------------------------------ */

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

static void
int_clear(struct edma_model *m, struct edma_dir_state *dir, uint32_t value)
{
	const struct edma_dir_regs *r = dir->regs;
	uint32_t err_lo = 0, err_hi = 0;
	unsigned int i;

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

/* Start, stop, soft reset ---------------------------------------------------------------------- */

static bool
dir_enabled(const struct edma_model *m, const struct edma_dir_state *dir)
{
	return (edma_reg(m, dir->regs->engine_en) & DW_EDMA_ENGINE_EN) != 0 && !dir->resetting;
}

static struct edma_chan *
dir_chans(struct edma_model *m, enum edma_dir dir)
{
	return &m->chans[dir * DW_EDMA_MAX_CH];
}

void
edma_chan_halt(struct edma_model *m, struct edma_chan *ch, enum dw_edma_cs cs, bool aborted)
{
	const struct edma_dir_regs *r = m->dirs[ch->dir].regs;

	/* With llp_at_fetch the pointer is past the element, which has to be fetched again. */
	if (ch->phase == EDMA_PHASE_MOVE && (edma_control1(m, ch) & DW_EDMA_LLE) != 0)
		edma_reg_set64(m, ch->win + DW_EDMA_CH_LLP_LO, ch->elem);
	if (aborted) {
		edma_reg_set(m, r->int_status,
			     edma_reg(m, r->int_status) | DW_EDMA_INT_ABORT(ch->num));
		ch->cnt.aborts++;
	}
	edma_set_cs(m, ch, cs);
	edma_set_phase(m, ch, EDMA_PHASE_IDLE);
}

void
edma_dir_settle(struct edma_model *m, enum edma_dir dir)
{
	struct edma_dir_state *d = &m->dirs[dir];
	struct edma_chan *ch = dir_chans(m, dir);
	unsigned int i;

	if (!d->resetting)
		return;
	for (i = 0; i < d->cnt; i++)
		if (ch[i].phase != EDMA_PHASE_IDLE)
			return;
	for (i = 0; i < d->cnt; i++)
		ch[i].needs_reset = false;
	d->resetting = false;
	edma_reg_set(m, d->regs->engine_en, d->engine_latch);
}

/*
 * Enable bit 0 is a soft reset. Channels between elements stop at once. One inside an element may
 * finish the piece that is on its way, which its next step does; until then the register keeps
 * reading as enabled. What else the step leaves of the element is dropped.
 */
static void
engine_en_write(struct edma_model *m, enum edma_dir dir, uint32_t value)
{
	struct edma_dir_state *d = &m->dirs[dir];
	struct edma_chan *ch = dir_chans(m, dir);
	unsigned int i;

	if (d->resetting) {
		if ((value & DW_EDMA_ENGINE_EN) != 0)
			edma_violation(m, NULL, "%s: engine enabled before its soft reset is over",
				       dir_names[dir]);
		d->engine_latch = value;
		return;
	}
	if ((value & DW_EDMA_ENGINE_EN) != 0) {
		edma_reg_set(m, d->regs->engine_en, value);
		return;
	}
	for (i = 0; i < d->cnt; i++) {
		if (ch[i].phase == EDMA_PHASE_IDLE)
			continue;
		edma_violation(m, &ch[i], "engine disabled while the channel was running");
		if (ch[i].phase != EDMA_PHASE_MOVE)
			edma_chan_halt(m, &ch[i], DW_EDMA_CS_STOPPED, false);
	}
	d->resetting = true;
	d->engine_latch = value;
	edma_dir_settle(m, dir);
}

/* Between two steps nothing of the channel is outstanding, so that a stop takes effect at once. */
static void
chan_stop(struct edma_model *m, struct edma_chan *ch)
{
	if (ch->phase == EDMA_PHASE_IDLE) {
		edma_violation(m, ch, "stop requested of a channel that is not running");
		return;
	}
	ch->needs_reset = true;
	edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, true);
	edma_dir_settle(m, ch->dir);
}

static void
chan_start(struct edma_model *m, struct edma_chan *ch)
{
	if (!dir_enabled(m, &m->dirs[ch->dir]))
		return;
	ch->cnt.doorbells++;
	switch (ch->phase) {
	case EDMA_PHASE_IDLE:
		if (ch->needs_reset) {
			edma_violation(m, ch, "doorbell after stop or fatal abort, no soft reset");
			return;
		}
		edma_set_cs(m, ch, DW_EDMA_CS_RUNNING);
		break;
	case EDMA_PHASE_STOPPING:
		if (m->sw.lose_doorbell)
			return;
		break;
	default:
		/* The channel is going to fetch again anyway. */
		return;
	}
	edma_set_phase(m, ch, EDMA_PHASE_FETCH);
	ch->wait = m->sw.doorbell_delay;
}

static void
doorbell_write(struct edma_model *m, enum edma_dir dir, uint32_t value)
{
	struct edma_chan *ch = &dir_chans(m, dir)[value & DW_EDMA_DOORBELL_CH];

	if (ch->num >= m->dirs[dir].cnt)
		edma_violation(m, ch, "doorbell 0x%08x for a channel that does not exist", value);
	else if ((value & DW_EDMA_DOORBELL_STOP) != 0)
		chan_stop(m, ch);
	else
		chan_start(m, ch);
}

/* Register accesses ---------------------------------------------------------------------------- */

static void
chan_write(struct edma_model *m, struct edma_chan *ch, uint32_t offset, uint32_t value,
	   uint32_t wmask)
{
	if (ch->phase != EDMA_PHASE_IDLE) {
		edma_violation(m, ch, "register 0x%03x written with 0x%08x while running", offset,
			       value);
		return;
	}
	if (!dir_enabled(m, &m->dirs[ch->dir]))
		edma_violation(m, ch, "register 0x%03x written while the engine is disabled",
			       offset);
	edma_reg_set(m, offset, (edma_reg(m, offset) & ~wmask) | (value & wmask));
}

void
edma_model_write(struct edma_model *m, uint32_t offset, uint32_t value)
{
	const struct edma_reg_desc *desc;

	if (offset % 4 != 0 || offset >= DW_EDMA_REGS_BYTES)
		return;
	desc = &m->desc[offset / 4];
	switch (desc->kind) {
	case EDMA_REG_RW:
		edma_reg_set(m, offset, value & desc->wmask);
		break;
	case EDMA_REG_CHAN:
		chan_write(m, &m->chans[desc->owner], offset, value, desc->wmask);
		break;
	case EDMA_REG_ENGINE_EN:
		engine_en_write(m, desc->owner, value & desc->wmask);
		break;
	case EDMA_REG_DOORBELL:
		doorbell_write(m, desc->owner, value);
		break;
	case EDMA_REG_INT_STATUS:
		m->dirs[desc->owner].irq_emulated = true;
		edma_violation(m, NULL, "%s: interrupt status register written",
			       dir_names[desc->owner]);
		break;
	case EDMA_REG_INT_CLEAR:
		int_clear(m, &m->dirs[desc->owner], value);
		break;
	}
}

uint32_t
edma_model_read(const struct edma_model *m, uint32_t offset)
{
	if (offset % 4 != 0 || offset >= DW_EDMA_REGS_BYTES)
		return 0;
	return edma_reg(m, offset);
}

/* The unrolled map ----------------------------------------------------------------------------- */

static const struct edma_dir_regs unroll_regs[EDMA_DIRS] = {
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
	},
};

static void
describe(struct edma_model *m, uint32_t offset, enum edma_reg_kind kind, unsigned int owner,
	 uint32_t wmask)
{
	m->desc[offset / 4] = (struct edma_reg_desc){
		.kind = kind,
		.owner = owner,
		.wmask = wmask,
	};
}

static void
describe_dir(struct edma_model *m, enum edma_dir dir)
{
	const struct edma_dir_regs *r = m->dirs[dir].regs;
	const unsigned int cnt = m->dirs[dir].cnt;
	unsigned int i;

	describe(m, r->engine_en, EDMA_REG_ENGINE_EN, dir, ENGINE_EN_BITS);
	describe(m, r->doorbell, EDMA_REG_DOORBELL, dir, 0);
	describe(m, r->arb_lo, EDMA_REG_RW, dir, ARB_WEIGHT_BITS);
	describe(m, r->arb_hi, EDMA_REG_RW, dir, ARB_WEIGHT_BITS);
	describe(m, r->int_status, EDMA_REG_INT_STATUS, dir, 0);
	describe(m, r->int_mask, EDMA_REG_RW, dir, existing_bits(cnt));
	describe(m, r->int_clear, EDMA_REG_INT_CLEAR, dir, 0);
	describe(m, r->ll_err_en, EDMA_REG_RW, dir, existing_bits(cnt));
	describe(m, r->done_imwr, EDMA_REG_RW, dir, ADDR_LO_BITS);
	describe(m, r->done_imwr + 4, EDMA_REG_RW, dir, UINT32_MAX);
	describe(m, r->abort_imwr, EDMA_REG_RW, dir, ADDR_LO_BITS);
	describe(m, r->abort_imwr + 4, EDMA_REG_RW, dir, UINT32_MAX);
	for (i = 0; i < DW_EDMA_MAX_CH / 2; i++)
		describe(m, r->imwr_data + 4 * i, EDMA_REG_RW, dir, imwr_data_bits(cnt, i));
}

static void
describe_chan(struct edma_model *m, unsigned int index)
{
	const uint16_t win = m->chans[index].win;
	uint32_t reg;

	describe(m, win + DW_EDMA_CH_CONTROL1, EDMA_REG_CHAN, index, CONTROL1_BITS);
	describe(m, win + DW_EDMA_CH_CONTROL2, EDMA_REG_CHAN, index, CONTROL2_BITS);
	for (reg = DW_EDMA_CH_SIZE; reg < DW_EDMA_CH_BYTES; reg += 4)
		describe(m, win + reg, EDMA_REG_CHAN, index, UINT32_MAX);
}

/*
 * Lays out the registers: afterwards nothing but the descriptors, the direction tables and the
 * window offsets knows where a register is. Handshake counters and channel groups, which no known
 * software uses, and the power enables, which this map does not need, are treated as reserved.
 */
static void
unroll_layout(struct edma_model *m)
{
	unsigned int dir, i;

	describe(m, DW_EDMA_CTRL_DATA_ARB_PRIOR, EDMA_REG_RW, 0, ARB_PRIOR_BITS);
	for (dir = 0; dir < EDMA_DIRS; dir++) {
		m->dirs[dir].regs = &unroll_regs[dir];
		describe_dir(m, dir);
		for (i = 0; i < m->dirs[dir].cnt; i++) {
			dir_chans(m, dir)[i].win =
				dir == EDMA_DIR_WR ? DW_EDMA_WR_CH(i) : DW_EDMA_RD_CH(i);
			describe_chan(m, dir * DW_EDMA_MAX_CH + i);
		}
	}
}

/* Map formats by code; one that is missing here is not supported. */
static void (*const layouts[])(struct edma_model *m) = {
	[DW_EDMA_MAP_UNROLL] = unroll_layout,
};

/* Life ----------------------------------------------------------------------------------------- */

static bool
cnt_valid(unsigned int cnt)
{
	return cnt >= 1 && cnt <= DW_EDMA_MAX_CH;
}

struct edma_model *
edma_model_create(const struct edma_model_conf *conf)
{
	const size_t maps = sizeof(layouts) / sizeof(layouts[0]);
	struct edma_model *m;
	unsigned int i;

	if (!cnt_valid(conf->wr_cnt) || !cnt_valid(conf->rd_cnt) || conf->bus == NULL ||
	    conf->bus->map == NULL || (size_t)conf->map >= maps || layouts[conf->map] == NULL) {
		errno = EINVAL;
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (m == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	m->image = (_Atomic uint32_t *)conf->regs;
	m->bus = conf->bus;
	m->bus_ctx = conf->bus_ctx;
	m->complain = conf->complain;
	m->dirs[EDMA_DIR_WR].cnt = conf->wr_cnt;
	m->dirs[EDMA_DIR_RD].cnt = conf->rd_cnt;
	for (i = 0; i < EDMA_CHANS; i++) {
		m->chans[i].dir = i / DW_EDMA_MAX_CH;
		m->chans[i].num = i % DW_EDMA_MAX_CH;
	}
	layouts[conf->map](m);
	edma_model_reset(m);
	return m;
}

void
edma_model_destroy(struct edma_model *m)
{
	free(m);
}

void
edma_model_reset(struct edma_model *m)
{
	unsigned int i;

	for (i = 0; i < EDMA_CHANS; i++) {
		edma_set_phase(m, &m->chans[i], EDMA_PHASE_IDLE);
		m->chans[i].needs_reset = false;
		m->chans[i].fault = EDMA_FAULT_NONE;
	}
	for (i = 0; i < EDMA_DIRS; i++) {
		m->dirs[i].irq_emulated = false;
		m->dirs[i].resetting = false;
	}
	/* Channel 0 of the write direction is served first. */
	m->last = EDMA_CHANS - 1;

	for (i = 0; i < EDMA_WORDS; i++)
		if (i != DW_EDMA_CTRL / 4)
			edma_reg_set(m, 4 * i, 0);
	edma_reg_set(m, DW_EDMA_CTRL,
		     m->dirs[EDMA_DIR_WR].cnt | m->dirs[EDMA_DIR_RD].cnt << 16);
	for (i = 0; i < EDMA_DIRS; i++)
		edma_reg_set(m, m->dirs[i].regs->int_mask, existing_bits(m->dirs[i].cnt));
}

/* What tests and owners see -------------------------------------------------------------------- */

void
edma_model_set_switches(struct edma_model *m, const struct edma_switches *sw)
{
	m->sw = *sw;
}

void
edma_model_get_switches(const struct edma_model *m, struct edma_switches *sw)
{
	*sw = m->sw;
}

static bool
chan_exists(const struct edma_model *m, enum edma_dir dir, unsigned int ch)
{
	return (unsigned int)dir < EDMA_DIRS && ch < m->dirs[dir].cnt;
}

int
edma_model_inject(struct edma_model *m, enum edma_dir dir, unsigned int ch, unsigned int nth,
		  enum edma_fault kind)
{
	struct edma_chan *c;

	if (!chan_exists(m, dir, ch) || (unsigned int)kind > EDMA_FAULT_POISON ||
	    (kind != EDMA_FAULT_NONE && nth == 0))
		return -EINVAL;
	/* A posted write has no completion that could be bad. */
	if (dir == EDMA_DIR_WR && kind >= EDMA_FAULT_UR)
		return -EINVAL;
	c = &dir_chans(m, dir)[ch];
	c->fault = kind;
	c->fault_nth = nth;
	return 0;
}

const struct edma_counters *
edma_model_counters(const struct edma_model *m, enum edma_dir dir, unsigned int ch)
{
	return chan_exists(m, dir, ch) ? &m->chans[dir * DW_EDMA_MAX_CH + ch].cnt : NULL;
}

void
edma_model_clear_counters(struct edma_model *m)
{
	unsigned int i;

	for (i = 0; i < EDMA_CHANS; i++)
		memset(&m->chans[i].cnt, 0, sizeof(m->chans[i].cnt));
}

uint64_t
edma_model_violations(const struct edma_model *m)
{
	return m->violations;
}

bool
edma_model_irq_emulated(const struct edma_model *m, enum edma_dir dir)
{
	return m->dirs[dir].irq_emulated;
}
