/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edma_model_priv.h"

/* Map formats by code. */
static const struct edma_map *const maps[] = {
	[DW_EDMA_MAP_LEGACY] = &edma_map_legacy,
	[DW_EDMA_MAP_UNROLL] = &edma_map_unroll,
	[DW_EDMA_MAP_HDMA_COMPAT] = &edma_map_hdma_compat,
	[DW_EDMA_MAP_HDMA_NATIVE] = &edma_map_hdma_native,
};

/* Memory --------------------------------------------------------------------------------------- */

bool
edma_span_resolve(struct edma_model *m, const struct edma_chan *ch, struct edma_span *span,
		  enum edma_space space, uint64_t addr, uint64_t len, bool write)
{
	const uint64_t wanted = m->keep ? UINT64_MAX : len;

	len = wanted;
	span->va = m->bus->map(m->bus_ctx, space, ch->now.fn, addr, &len, write);
	span->call = span->va != NULL && len != 0 ? m->call : 0;
	span->addr = addr;
	span->len = len < wanted ? len : wanted;
	return span->call != 0;
}

/* Start, stop, soft reset ---------------------------------------------------------------------- */

static bool
chan_enabled(const struct edma_model *m, const struct edma_chan *ch)
{
	return (edma_reg(m, ch->gate) & DW_EDMA_ENGINE_EN) != 0 && !ch->domain->resetting;
}

void
edma_chan_halt(struct edma_model *m, struct edma_chan *ch, enum dw_edma_cs cs,
	       enum edma_event event, enum edma_fault fault)
{
	if (ch->phase == EDMA_PHASE_MOVE) {
		edma_show(m, ch, ch->now.size, ch->now.sar, ch->now.dar);
		edma_tell(m, ch, fault != EDMA_FAULT_NONE ? EDMA_END_ABORTED : EDMA_END_STOPPED,
			  fault);
	}
	/* With llp_at_fetch the pointer is past the element, which has to be fetched again. */
	if (ch->phase == EDMA_PHASE_MOVE && edma_list_mode(m, ch))
		edma_reg_set64(m, ch->win + m->map->llp, ch->now.at);
	if (event != EDMA_EVENT_NONE)
		m->map->latch(m, ch, event);
	if (event == EDMA_EVENT_ABORT) {
		ch->cnt.aborts++;
		ch->cnt.faults[fault]++;
	}
	/* After the end of its list it goes on from here. */
	if (event != EDMA_EVENT_STOP)
		edma_list_drop(ch);
	m->map->set_cs(m, ch, cs);
	edma_set_phase(m, ch, EDMA_PHASE_IDLE);
}

void
edma_domain_settle(struct edma_model *m, struct edma_domain *d)
{
	struct edma_chan *chans = edma_chans(m, d->dir);
	uint64_t left;

	if (!d->resetting || edma_domain_active(m, d) != 0)
		return;
	for (left = d->chans; left != 0; left &= left - 1)
		chans[__builtin_ctzll(left)].needs_reset = false;
	d->resetting = false;
	edma_reg_set(m, d->enable, d->latch);
}

/*
 * Enable bit 0 is a soft reset. Channels between elements stop at once. One inside an element may
 * finish the piece that is on its way, which its next step does; until then the register keeps
 * reading as enabled. What else the step leaves of the element is dropped.
 */
void
edma_write_enable(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		  uint32_t value)
{
	struct edma_domain *d = &m->domains[desc->owner];
	struct edma_chan *ch;
	uint64_t left;

	value &= desc->wmask;
	if (d->resetting) {
		if ((value & DW_EDMA_ENGINE_EN) != 0)
			edma_violate(m, NULL, EDMA_VIOLATION_ENABLE_EARLY,
				     "enable 0x%03x set before its soft reset is over", offset);
		d->latch = value;
		return;
	}
	if ((value & DW_EDMA_ENGINE_EN) != 0) {
		edma_reg_set(m, offset, value);
		return;
	}
	for (left = edma_domain_active(m, d); left != 0; left &= left - 1) {
		ch = &edma_chans(m, d->dir)[__builtin_ctzll(left)];
		edma_violate(m, ch, EDMA_VIOLATION_DISABLE_RUNNING, "disabled while running");
		if (ch->phase != EDMA_PHASE_MOVE)
			edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, EDMA_EVENT_NONE,
				       EDMA_FAULT_NONE);
	}
	d->resetting = true;
	d->latch = value;
	edma_domain_settle(m, d);
}

/*
 * Between two steps nothing of the channel is outstanding, so that a stop takes effect at once. It
 * is reported as an abort, and without a remote write.
 */
void
edma_chan_stop(struct edma_model *m, struct edma_chan *ch)
{
	if (ch->phase == EDMA_PHASE_IDLE) {
		edma_violate(m, ch, EDMA_VIOLATION_STOP_IDLE,
			     "stop requested of a channel that is not running");
		return;
	}
	ch->needs_reset = true;
	edma_chan_halt(m, ch, DW_EDMA_CS_STOPPED, EDMA_EVENT_ABORT, EDMA_FAULT_NONE);
	edma_domain_settle(m, ch->domain);
}

/* Of a channel that cannot work. */
static void
doorbell_lost(struct edma_model *m, const struct edma_chan *ch)
{
	if (ch->domain->resetting)
		edma_violate(m, ch, EDMA_VIOLATION_DOORBELL_DISABLED,
			     "doorbell before the soft reset is over");
	else if (ch->gate != ch->domain->enable)
		edma_violate(m, ch, EDMA_VIOLATION_DOORBELL_UNPOWERED, "doorbell without power");
	else
		edma_violate(m, ch, EDMA_VIOLATION_DOORBELL_DISABLED, "doorbell while disabled");
}

void
edma_chan_start(struct edma_model *m, struct edma_chan *ch)
{
	if (!chan_enabled(m, ch)) {
		doorbell_lost(m, ch);
		return;
	}
	ch->cnt.doorbells++;
	if (m->sw.late_list != 0)
		edma_list_doorbell(m, ch);
	switch (ch->phase) {
	case EDMA_PHASE_IDLE:
		if (ch->needs_reset) {
			edma_violate(m, ch, EDMA_VIOLATION_DOORBELL_UNRESET,
				     "doorbell after stop or fatal abort, no soft reset");
			return;
		}
		ch->now.fn = m->map->fn(m, ch);
		m->map->set_cs(m, ch, DW_EDMA_CS_RUNNING);
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

/* Register accesses ---------------------------------------------------------------------------- */

void
edma_reg_mirror(struct edma_model *m, uint32_t offset, uint32_t value)
{
	if (m->view != 0 && offset - m->view < DW_EDMA_CH_BYTES)
		edma_reg_set(m, DW_EDMA_VIEWPORT_WINDOW + offset - m->view, value);
}

void
edma_describe(struct edma_model *m, uint32_t offset, edma_reg_write *write, unsigned int owner,
	      uint32_t wmask)
{
	m->desc[offset / 4] = (struct edma_reg_desc){
		.write = write,
		.wmask = wmask,
		.owner = owner,
	};
}

void
edma_write_plain(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		 uint32_t value)
{
	edma_reg_set(m, offset, (edma_reg(m, offset) & ~desc->wmask) | (value & desc->wmask));
}

void
edma_write_setup(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		 uint32_t value)
{
	struct edma_chan *ch = &m->chans[desc->owner];
	const unsigned int reg = offset - ch->win;

	if (ch->phase != EDMA_PHASE_IDLE) {
		edma_violate(m, ch, EDMA_VIOLATION_RUNNING_WRITE,
			     "register +0x%02x written with 0x%08x while running", reg, value);
		return;
	}
	edma_list_drop(ch);
	edma_write_plain(m, desc, offset, value);
}

void
edma_write_chan(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		uint32_t value)
{
	const struct edma_chan *ch = &m->chans[desc->owner];

	if (ch->phase == EDMA_PHASE_IDLE && !chan_enabled(m, ch))
		edma_violate(m, ch, EDMA_VIOLATION_DISABLED_WRITE,
			     "register +0x%02x written while disabled", offset - ch->win);
	edma_write_setup(m, desc, offset, value);
}

void
edma_model_write(struct edma_model *m, uint32_t offset, uint32_t value)
{
	const struct edma_reg_desc *desc;

	if (offset % 4 != 0 || offset >= m->visible)
		return;
	desc = &m->desc[offset / 4];
	if (desc->write != NULL)
		desc->write(m, desc, offset, value);
}

uint32_t
edma_model_read(const struct edma_model *m, uint32_t offset)
{
	if (offset % 4 != 0 || offset >= m->visible)
		return 0;
	return edma_reg(m, offset);
}

/* Life ----------------------------------------------------------------------------------------- */

/* Where the blocks of a direction are. */
static struct edma_blocks
conf_blocks(const struct edma_model_conf *conf, enum edma_dir dir)
{
	struct edma_blocks b = conf->blocks[dir];

	if (b.offset == 0 && b.stride == 0) {
		b.offset = dir == EDMA_DIR_RD ? DW_HDMA_RD_OFFSET : 0;
		b.stride = DW_HDMA_STRIDE;
	}
	return b;
}

/* End of the last block of a direction, or 0 if they overlap or lie too far out. */
static uint32_t
blocks_end(const struct edma_blocks *b, unsigned int cnt)
{
	const uint64_t end = b->offset + (uint64_t)(cnt - 1) * b->stride + DW_HDMA_BLOCK_BYTES;

	if ((b->offset | b->stride) % 4 != 0 || b->stride < DW_HDMA_BLOCK_BYTES ||
	    end > EDMA_MODEL_MAX_REGS_BYTES)
		return 0;
	return (uint32_t)end;
}

static bool
blocks_overlap(const struct edma_blocks *a, unsigned int a_cnt, const struct edma_blocks *b,
	       unsigned int b_cnt)
{
	uint32_t at, other;
	unsigned int i, k;

	for (i = 0; i < a_cnt; i++) {
		at = a->offset + i * a->stride;
		for (k = 0; k < b_cnt; k++) {
			other = b->offset + k * b->stride;
			if (at < other + DW_HDMA_BLOCK_BYTES && other < at + DW_HDMA_BLOCK_BYTES)
				return true;
		}
	}
	return false;
}

static uint32_t
native_regs_bytes(const struct edma_model_conf *conf)
{
	const struct edma_blocks wr = conf_blocks(conf, EDMA_DIR_WR);
	const struct edma_blocks rd = conf_blocks(conf, EDMA_DIR_RD);
	const uint32_t wr_end = blocks_end(&wr, conf->wr_cnt);
	const uint32_t rd_end = blocks_end(&rd, conf->rd_cnt);

	if (wr_end == 0 || rd_end == 0 || blocks_overlap(&wr, conf->wr_cnt, &rd, conf->rd_cnt))
		return 0;
	return wr_end > rd_end ? wr_end : rd_end;
}

uint32_t
edma_model_regs_bytes(const struct edma_model_conf *conf)
{
	static const struct edma_blocks none[EDMA_DIRS];
	const bool native = conf->map == DW_EDMA_MAP_HDMA_NATIVE;
	const unsigned int max = native ? DW_HDMA_MAX_CH : DW_EDMA_MAX_CH;

	if ((size_t)conf->map >= sizeof(maps) / sizeof(maps[0]) || maps[conf->map] == NULL ||
	    conf->wr_cnt < 1 || conf->wr_cnt > max || conf->rd_cnt < 1 || conf->rd_cnt > max)
		return 0;
	if (native)
		return native_regs_bytes(conf);
	return memcmp(conf->blocks, none, sizeof(none)) == 0 ? DW_EDMA_REGS_BYTES : 0;
}

/* A model without channels and registers described yet. */
static struct edma_model *
model_alloc(uint32_t bytes)
{
	struct edma_model *m = calloc(1, sizeof(*m) + bytes);

	if (m == NULL)
		return NULL;
	m->words = bytes / 4;
	m->desc = calloc(m->words, sizeof(*m->desc));
	if (m->desc == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

struct edma_model *
edma_model_create(const struct edma_model_conf *conf)
{
	const uint32_t bytes = edma_model_regs_bytes(conf);
	struct edma_model *m;
	unsigned int i;

	if (bytes == 0 || conf->bus == NULL || conf->bus->map == NULL) {
		errno = EINVAL;
		return NULL;
	}
	m = model_alloc(bytes);
	if (m == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	m->image = (_Atomic uint32_t *)conf->regs;
	m->map = maps[conf->map];
	m->visible = bytes;
	m->bus = conf->bus;
	m->bus_ctx = conf->bus_ctx;
	m->complain = conf->complain;
	m->dirs[EDMA_DIR_WR].cnt = conf->wr_cnt;
	m->dirs[EDMA_DIR_RD].cnt = conf->rd_cnt;
	for (i = 0; i < EDMA_DIRS; i++)
		m->blocks[i] = conf_blocks(conf, i);
	for (i = 0; i < EDMA_CHANS; i++) {
		m->chans[i].dir = i / EDMA_DIR_CHANS;
		m->chans[i].num = i % EDMA_DIR_CHANS;
		m->chans[i].now.dir = m->chans[i].dir;
		m->chans[i].now.ch = m->chans[i].num;
	}
	m->map->layout(m);
	m->shown = m->image != NULL ? m->visible : 0;
	edma_model_reset(m);
	return m;
}

void
edma_model_destroy(struct edma_model *m)
{
	unsigned int i;

	if (m == NULL)
		return;
	for (i = 0; i < EDMA_CHANS; i++)
		edma_list_reset(&m->chans[i]);
	free(m->desc);
	free(m);
}

void
edma_model_reset(struct edma_model *m)
{
	unsigned int i;

	for (i = 0; i < EDMA_CHANS; i++) {
		edma_set_phase(m, &m->chans[i], EDMA_PHASE_IDLE);
		m->chans[i].needs_reset = false;
		m->chans[i].weight = 0;
		m->chans[i].fault = EDMA_FAULT_NONE;
		edma_list_reset(&m->chans[i]);
	}
	for (i = 0; i < EDMA_DIRS; i++)
		m->dirs[i].irq_emulated = false;
	for (i = 0; i < EDMA_CHANS; i++)
		m->domains[i].resetting = false;
	/* Channel 0 of the write direction is served first. */
	m->last = EDMA_CHANS - 1;
	m->more = 0;

	m->view = 0;
	for (i = 0; i < m->words; i++)
		edma_reg_set(m, 4 * i, 0);
	m->map->reset(m);
}

/* What tests and owners see -------------------------------------------------------------------- */

void
edma_model_set_switches(struct edma_model *m, const struct edma_switches *sw)
{
	unsigned int i;

	/* Nothing that was late stays so. */
	if (m->sw.late_list != 0 && sw->late_list == 0)
		for (i = 0; i < EDMA_CHANS; i++)
			edma_list_reset(&m->chans[i]);
	if (m->sw.shuffle != sw->shuffle)
		m->random = sw->shuffle;
	m->sw = *sw;
	m->watch_lists = sw->late_list != 0 || sw->torn_list != 0 || sw->link_delay != 0;
}

void
edma_model_get_switches(const struct edma_model *m, struct edma_switches *sw)
{
	*sw = m->sw;
}

void
edma_model_flush_lists(struct edma_model *m)
{
	unsigned int i;

	edma_begin_call(m, false);
	for (i = 0; m->sw.late_list != 0 && i < EDMA_CHANS; i++)
		edma_list_flush(m, &m->chans[i]);
}

void
edma_model_list_written(struct edma_model *m, uint64_t addr)
{
	unsigned int i;

	edma_begin_call(m, false);
	for (i = 0; m->watch_lists && i < EDMA_CHANS; i++) {
		m->chans[i].flushed = false;
		if (m->sw.torn_list != 0 && m->chans[i].phase != EDMA_PHASE_IDLE &&
		    edma_list_mode(m, &m->chans[i]))
			edma_list_check_store(m, &m->chans[i], addr);
	}
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
	c = &edma_chans(m, dir)[ch];
	c->fault = kind;
	c->fault_nth = nth;
	return 0;
}

const struct edma_counters *
edma_model_counters(const struct edma_model *m, enum edma_dir dir, unsigned int ch)
{
	return chan_exists(m, dir, ch) ? &m->chans[dir * EDMA_DIR_CHANS + ch].cnt : NULL;
}

void
edma_model_clear_counters(struct edma_model *m)
{
	unsigned int i;

	for (i = 0; i < EDMA_CHANS; i++)
		memset(&m->chans[i].cnt, 0, sizeof(m->chans[i].cnt));
}

bool
edma_model_irq_emulated(const struct edma_model *m, enum edma_dir dir)
{
	return m->dirs[dir].irq_emulated;
}
