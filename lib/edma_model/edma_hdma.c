/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The native HDMA map: a block of registers per channel, each with an enable and a doorbell of its
 * own. Completion is the end of the list; what is a done report of an element in eDMA is called
 * watermark here.
 *
 * Status bits of stop and abort are set only with the local enable of INT_SETUP; masks gate nothing
 * but the interrupt pin, which this model does not have.
 */

#include "edma_model_priv.h"

#define PREFETCH_BITS 0x7fu
#define ADDR_LO_BITS 0xfffffffcu
#define CYCLE_BITS (DW_HDMA_CYCLE_CB | DW_HDMA_CYCLE_CCS)
#define INT_BITS (DW_HDMA_INT_STOP | DW_HDMA_INT_WATERMARK | DW_HDMA_INT_ABORT)
#define INT_SETUP_BITS \
	(INT_BITS | DW_HDMA_INT_REMOTE_STOP | DW_HDMA_INT_LOCAL_STOP | \
	 DW_HDMA_INT_REMOTE_ABORT | DW_HDMA_INT_LOCAL_ABORT)

static_assert(DW_HDMA_REGS_BYTES <= EDMA_MODEL_MAX_REGS_BYTES, "the usual blocks have room");
static_assert(DW_HDMA_EN == DW_EDMA_ENGINE_EN, "all enable registers have one meaning");

/* Writes --------------------------------------------------------------------------------------- */

static void
write_doorbell(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
	       uint32_t value)
{
	struct edma_chan *ch = &m->chans[desc->owner];

	(void)offset;
	if ((value & DW_HDMA_DOORBELL_STOP) != 0)
		edma_chan_stop(m, ch);
	else if ((value & DW_HDMA_DOORBELL_START) != 0)
		edma_chan_start(m, ch);
}

static void
write_int_clear(struct edma_model *m, const struct edma_reg_desc *desc, uint32_t offset,
		uint32_t value)
{
	const uint32_t status = m->chans[desc->owner].win + DW_HDMA_INT_STAT;

	(void)offset;
	edma_reg_set(m, status, edma_reg(m, status) & ~value);
}

/* Layout --------------------------------------------------------------------------------------- */

/* Registers that just keep their bits. Linux sets the function number before it enables. */
static const struct {
	uint16_t reg;
	edma_reg_write *write;
	uint32_t bits;
} plain_regs[] = {
	{ DW_HDMA_PREFETCH, edma_write_chan, PREFETCH_BITS },
	{ DW_HDMA_LLP_LO, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_LLP_HI, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_CYCLE_SYNC, edma_write_chan, CYCLE_BITS },
	{ DW_HDMA_SIZE, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_SAR_LO, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_SAR_HI, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_DAR_LO, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_DAR_HI, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_WATERMARK_EN, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_CONTROL1, edma_write_chan, DW_HDMA_CONTROL1_LLE },
	{ DW_HDMA_FUNC_NUM, edma_write_setup, DW_HDMA_FUNC_NUM_MASK },
	{ DW_HDMA_QOS, edma_write_chan, UINT32_MAX },
	{ DW_HDMA_INT_SETUP, edma_write_plain, INT_SETUP_BITS },
	{ DW_HDMA_MSI_STOP_LO, edma_write_plain, ADDR_LO_BITS },
	{ DW_HDMA_MSI_STOP_HI, edma_write_plain, UINT32_MAX },
	{ DW_HDMA_MSI_WATERMARK_LO, edma_write_plain, ADDR_LO_BITS },
	{ DW_HDMA_MSI_WATERMARK_HI, edma_write_plain, UINT32_MAX },
	{ DW_HDMA_MSI_ABORT_LO, edma_write_plain, ADDR_LO_BITS },
	{ DW_HDMA_MSI_ABORT_HI, edma_write_plain, UINT32_MAX },
	{ DW_HDMA_MSI_MSGDATA, edma_write_plain, UINT32_MAX },
};

/*
 * Prefetch, watermark enable and QoS are kept and have no effect; the handshake register, of which
 * nothing is known, is treated as reserved.
 */
static void
layout_chan(struct edma_model *m, struct edma_chan *ch)
{
	const unsigned int index = ch - m->chans;
	unsigned int i;

	ch->win = m->blocks[ch->dir].offset + m->blocks[ch->dir].stride * ch->num;
	ch->gate = ch->win + DW_HDMA_CH_EN;
	ch->domain = &m->domains[index];
	ch->domain->enable = ch->gate;
	ch->domain->dir = ch->dir;
	ch->domain->chans = edma_chan_bit(ch);
	edma_describe(m, ch->gate, edma_write_enable, index, DW_HDMA_EN);
	edma_describe(m, ch->win + DW_HDMA_DOORBELL, write_doorbell, index, 0);
	edma_describe(m, ch->win + DW_HDMA_INT_CLEAR, write_int_clear, index, 0);
	for (i = 0; i < sizeof(plain_regs) / sizeof(plain_regs[0]); i++)
		edma_describe(m, ch->win + plain_regs[i].reg, plain_regs[i].write, index,
			      plain_regs[i].bits);
}

static void
hdma_layout(struct edma_model *m)
{
	unsigned int dir, i;

	for (dir = 0; dir < EDMA_DIRS; dir++)
		for (i = 0; i < m->dirs[dir].cnt; i++)
			layout_chan(m, &edma_chans(m, dir)[i]);
}

static void
hdma_reset(struct edma_model *m)
{
	unsigned int i;

	for (i = 0; i < EDMA_CHANS; i++)
		m->chans[i].elem_bits = 0;
}

/* For the walker ------------------------------------------------------------------------------- */

/* A block has no control word: neither cycle bits nor watermarks. */
static uint32_t
hdma_control(const struct edma_model *m, const struct edma_chan *ch)
{
	uint32_t control = DW_EDMA_LLE | ch->elem_bits;

	if ((edma_reg(m, ch->win + DW_HDMA_CONTROL1) & DW_HDMA_CONTROL1_LLE) == 0)
		return 0;
	if ((edma_reg(m, ch->win + DW_HDMA_CYCLE_SYNC) & DW_HDMA_CYCLE_CCS) != 0)
		control |= DW_EDMA_CCS;
	return control;
}

static void
hdma_set_control(struct edma_model *m, struct edma_chan *ch, uint32_t control)
{
	ch->elem_bits = control & DW_EDMA_ELEM_BITS;
	edma_reg_set(m, ch->win + DW_HDMA_CYCLE_SYNC,
		     ((control & DW_EDMA_CB) != 0 ? DW_HDMA_CYCLE_CB : 0) |
		     ((control & DW_EDMA_CCS) != 0 ? DW_HDMA_CYCLE_CCS : 0));
}

static void
hdma_set_cs(struct edma_model *m, const struct edma_chan *ch, enum dw_edma_cs cs)
{
	edma_reg_set(m, ch->win + DW_HDMA_CH_STAT, cs);
}

static unsigned int
hdma_fn(const struct edma_model *m, const struct edma_chan *ch)
{
	return edma_reg(m, ch->win + DW_HDMA_FUNC_NUM);
}

/* The encoding of the error code in the status word is not known: it stays 0. */
static void
hdma_blame(struct edma_model *m, const struct edma_chan *ch, enum edma_fault kind)
{
	(void)m;
	(void)ch;
	(void)kind;
}

/* A watermark needs no enable here: the element has asked for it. */
static void
hdma_latch(struct edma_model *m, const struct edma_chan *ch, enum edma_event event)
{
	const uint32_t setup = edma_reg(m, ch->win + DW_HDMA_INT_SETUP);
	const uint32_t status = ch->win + DW_HDMA_INT_STAT;
	uint32_t bit = 0;

	if (event == EDMA_EVENT_DONE)
		bit = DW_HDMA_INT_WATERMARK;
	else if (event == EDMA_EVENT_STOP && (setup & DW_HDMA_INT_LOCAL_STOP) != 0)
		bit = DW_HDMA_INT_STOP;
	else if (event == EDMA_EVENT_ABORT && (setup & DW_HDMA_INT_LOCAL_ABORT) != 0)
		bit = DW_HDMA_INT_ABORT;
	edma_reg_set(m, status, edma_reg(m, status) | bit);
}

static uint32_t
hdma_remote(const struct edma_model *m, const struct edma_chan *ch, enum edma_event event)
{
	const uint32_t setup = edma_reg(m, ch->win + DW_HDMA_INT_SETUP);
	const uint32_t elem = hdma_control(m, ch);

	switch (event) {
	case EDMA_EVENT_DONE:
		return (elem & DW_EDMA_RIE) != 0 ? ch->win + DW_HDMA_MSI_WATERMARK_LO : 0;
	case EDMA_EVENT_STOP:
		return (setup & DW_HDMA_INT_REMOTE_STOP) != 0 ? ch->win + DW_HDMA_MSI_STOP_LO : 0;
	case EDMA_EVENT_ABORT:
		return (setup & DW_HDMA_INT_REMOTE_ABORT) != 0 ? ch->win + DW_HDMA_MSI_ABORT_LO : 0;
	case EDMA_EVENT_NONE:
		break;
	}
	return 0;
}

static uint32_t
hdma_remote_data(const struct edma_model *m, const struct edma_chan *ch)
{
	return edma_reg(m, ch->win + DW_HDMA_MSI_MSGDATA);
}

const struct edma_map edma_map_hdma_native = {
	.llp = DW_HDMA_LLP_LO,
	.size = DW_HDMA_SIZE,
	.sar = DW_HDMA_SAR_LO,
	.dar = DW_HDMA_DAR_LO,
	.layout = hdma_layout,
	.reset = hdma_reset,
	.control = hdma_control,
	.set_control = hdma_set_control,
	.set_cs = hdma_set_cs,
	.fn = hdma_fn,
	.blame = hdma_blame,
	.latch = hdma_latch,
	.remote = hdma_remote,
	.remote_data = hdma_remote_data,
};
