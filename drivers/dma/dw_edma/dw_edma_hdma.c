/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The native map of HDMA: a block of registers for each channel and nothing that channels share, so
 * a channel belongs to one owner whoever owns the others, and no sequence needs a lock.
 *
 * The counterpart of a direction's soft reset is a channel's own enable, cleared and set again. It
 * is done whenever a channel is aimed: after an abort, a stop request or a predecessor nothing else
 * tells whether it is needed.
 */

#include <errno.h>

#include "dw_edma_priv.h"

const struct dw_edma_blocks dw_edma_usual_blocks[DW_EDMA_DIRS] = {
	[DW_EDMA_WR] = { 0, DW_HDMA_STRIDE },
	[DW_EDMA_RD] = { DW_HDMA_RD_OFFSET, DW_HDMA_STRIDE },
};

/** Status of a channel latches only while its local interrupts are enabled; the pins stay quiet. */
#define INT_SETUP_POLLED \
	(DW_HDMA_INT_STOP | DW_HDMA_INT_ABORT | DW_HDMA_INT_LOCAL_STOP | DW_HDMA_INT_LOCAL_ABORT)

static uint32_t
block_read(struct dw_edma_chan *ch, uint32_t reg)
{
	return dw_edma_read32(&ch->io, ch->base + reg);
}

static void
block_write(struct dw_edma_chan *ch, uint32_t reg, uint32_t value)
{
	dw_edma_write32(&ch->io, ch->base + reg, value);
}

static void
hdma_bind(struct dw_edma_chan *ch)
{
	const struct dw_edma_blocks *blocks = &ch->io.engine->blocks[ch->dir];

	ch->base = blocks->offset + ch->index * blocks->stride;
}

/** No register tells: the attachment has to. */
static int
hdma_counts(struct dw_edma_io *io, unsigned int cnt[DW_EDMA_DIRS])
{
	const struct dw_edma_blocks *blocks = io->engine->blocks;
	enum dw_edma_dir dir = cnt[DW_EDMA_WR] != 0 ? DW_EDMA_WR : DW_EDMA_RD;

	if (cnt[DW_EDMA_WR] > DW_EDMA_MAX_CH || cnt[DW_EDMA_RD] > DW_EDMA_MAX_CH || cnt[dir] == 0)
		return -EPROTO;
	if (dw_edma_read32(io, blocks[dir].offset + DW_HDMA_CH_STAT) == DW_EDMA_DEAD)
		return -ENODEV;
	return 0;
}

static int
hdma_state(struct dw_edma_chan *ch)
{
	uint32_t stat = block_read(ch, DW_HDMA_CH_STAT);

	return stat == DW_EDMA_DEAD ? -ENODEV : (int)(stat & DW_HDMA_STAT_MASK);
}

static uint32_t
hdma_position(struct dw_edma_chan *ch)
{
	return dw_edma_peek32(&ch->io, ch->base + DW_HDMA_LLP_LO);
}

static void
hdma_doorbell(struct dw_edma_chan *ch)
{
	block_write(ch, DW_HDMA_DOORBELL, DW_HDMA_DOORBELL_START);
}

static int
wait_enable(struct dw_edma_chan *ch, uint32_t want, unsigned int ms)
{
	return dw_edma_wait_reg(&ch->io, ch->base + DW_HDMA_CH_EN, DW_HDMA_EN, want, ms);
}

/** Takes the channel out of whatever it does. Its registers may be written afterwards. */
static int
disable(struct dw_edma_chan *ch)
{
	int rc;

	block_write(ch, DW_HDMA_CH_EN, 0);
	rc = wait_enable(ch, 0, DW_EDMA_WAIT_MS);
	if (rc == 0)
		rc = dw_edma_wait_idle(ch, DW_EDMA_WAIT_MS);
	return rc;
}

/** Sets up an enabled channel from the start of its list, first lap. */
static int
aim(struct dw_edma_chan *ch)
{
	uint32_t back;

	block_write(ch, DW_HDMA_INT_CLEAR, DW_HDMA_INT_STOP | DW_HDMA_INT_ABORT);
	block_write(ch, DW_HDMA_INT_SETUP, INT_SETUP_POLLED);
	block_write(ch, DW_HDMA_CONTROL1, DW_HDMA_CONTROL1_LLE);
	block_write(ch, DW_HDMA_FUNC_NUM, ch->io.engine->fn & DW_HDMA_FUNC_NUM_MASK);
	block_write(ch, DW_HDMA_LLP_LO, ch->ll_lo);
	block_write(ch, DW_HDMA_LLP_HI, (uint32_t)(ch->list.local >> 32));
	block_write(ch, DW_HDMA_CYCLE_SYNC, DW_HDMA_CYCLE_CCS | DW_HDMA_CYCLE_CB);
	/* Makes the new position visible before the first poll, which may read an older one. */
	back = block_read(ch, DW_HDMA_LLP_LO);
	if (back == DW_EDMA_DEAD)
		return -ENODEV;
	return back == ch->ll_lo ? 0 : -EIO;
}

static int
hdma_start(struct dw_edma_chan *ch)
{
	int rc = disable(ch);

	if (rc != 0)
		return rc;
	block_write(ch, DW_HDMA_CH_EN, DW_HDMA_EN);
	rc = wait_enable(ch, DW_HDMA_EN, DW_EDMA_SETTLE_MS);
	return rc == 0 ? aim(ch) : rc;
}

static int
hdma_restart(struct dw_edma_chan *ch, bool fatal)
{
	RTE_SET_USED(fatal);
	return hdma_start(ch);
}

/** The status has no cause that could be relied on. */
static int
hdma_fault(struct dw_edma_chan *ch, struct dw_edma_fault *fault)
{
	if (hdma_state(ch) < 0)
		return -ENODEV;
	*fault = (struct dw_edma_fault){ RTE_DMA_STATUS_ERROR_UNKNOWN, true };
	block_write(ch, DW_HDMA_INT_CLEAR, DW_HDMA_INT_ABORT);
	return 0;
}

/** As gently as the channel lets: it stops by itself, is asked to, or is switched off. */
static int
hdma_stop(struct dw_edma_chan *ch)
{
	int rc = dw_edma_wait_idle(ch, DW_EDMA_SETTLE_MS);

	if (rc != -ETIMEDOUT)
		return rc;
	block_write(ch, DW_HDMA_DOORBELL, DW_HDMA_DOORBELL_STOP);
	rc = dw_edma_wait_idle(ch, DW_EDMA_WAIT_MS);
	if (rc == -ENODEV)
		return rc;
	return disable(ch);
}

const struct dw_edma_map_ops dw_edma_hdma_ops = {
	.name = "hdma",
	.code = DW_EDMA_MAP_HDMA_NATIVE,
	.counts = hdma_counts,
	.bind = hdma_bind,
	.start = hdma_start,
	.position = hdma_position,
	.state = hdma_state,
	.doorbell = hdma_doorbell,
	.fault = hdma_fault,
	.restart = hdma_restart,
	.stop = hdma_stop,
};
