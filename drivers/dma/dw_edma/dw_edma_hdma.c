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

#include <rte_memory.h>

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
	ch->regs = (struct dw_edma_chan_regs){
		.doorbell = ch->base + DW_HDMA_DOORBELL,
		.doorbell_value = DW_HDMA_DOORBELL_START,
		.position = ch->base + DW_HDMA_LLP_LO,
		.state = ch->base + DW_HDMA_CH_STAT,
		.state_mask = DW_HDMA_STAT_MASK,
		.state_running = DW_EDMA_CS_RUNNING,
	};
}

/** Status of the first channel there is. */
static uint32_t
hdma_witness(const struct dw_edma_engine *engine)
{
	enum dw_edma_dir dir = engine->cnt[DW_EDMA_WR] != 0 ? DW_EDMA_WR : DW_EDMA_RD;

	return engine->blocks[dir].offset + DW_HDMA_CH_STAT;
}

/** No register tells: the attachment has to. */
static int
hdma_counts(struct dw_edma_io *io, unsigned int cnt[DW_EDMA_DIRS])
{
	if (cnt[DW_EDMA_WR] > DW_EDMA_CHANS || cnt[DW_EDMA_RD] > DW_EDMA_CHANS ||
	    cnt[DW_EDMA_WR] + cnt[DW_EDMA_RD] == 0)
		return -EPROTO;
	return dw_edma_read32(io, hdma_witness(io->engine)) == DW_EDMA_DEAD ? -ENODEV : 0;
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

static void
write_address(struct dw_edma_chan *ch, uint32_t reg, uint64_t address)
{
	block_write(ch, reg, (uint32_t)address);
	block_write(ch, reg + 4, (uint32_t)(address >> 32));
}

/**
 * Aims the channel's remote writes at its words. A finished element that asks for it is a watermark
 * here; the end of the list, which is no place where somebody waits, is not told.
 */
static void
aim_messages(struct dw_edma_chan *ch)
{
	struct dw_edma_words *words = &ch->irq->words;

	write_address(ch, DW_HDMA_MSI_WATERMARK_LO,
		      rte_mem_virt2iova((const void *)(uintptr_t)&words->done));
	write_address(ch, DW_HDMA_MSI_ABORT_LO,
		      rte_mem_virt2iova((const void *)(uintptr_t)&words->abort));
	block_write(ch, DW_HDMA_MSI_MSGDATA, ch->index + 1u);
}

/** Sets up an enabled channel from the start of its list, first lap. */
static int
aim(struct dw_edma_chan *ch)
{
	uint32_t clear = DW_HDMA_INT_STOP | DW_HDMA_INT_ABORT;
	uint32_t setup = INT_SETUP_POLLED;
	uint32_t back;

	if (ch->irq != NULL) {
		aim_messages(ch);
		clear |= DW_HDMA_INT_WATERMARK;
		setup |= DW_HDMA_INT_WATERMARK | DW_HDMA_INT_REMOTE_ABORT;
	}
	block_write(ch, DW_HDMA_INT_CLEAR, clear);
	block_write(ch, DW_HDMA_INT_SETUP, setup);
	block_write(ch, DW_HDMA_CONTROL1, DW_HDMA_CONTROL1_LLE);
	block_write(ch, DW_HDMA_FUNC_NUM, ch->io.engine->fn & DW_HDMA_FUNC_NUM_MASK);
	write_address(ch, DW_HDMA_LLP_LO, ch->list.local);
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

static void
hdma_ack(struct dw_edma_chan *ch)
{
	block_write(ch, DW_HDMA_INT_CLEAR, DW_HDMA_INT_WATERMARK);
}

static void
hdma_dump(struct dw_edma_chan *ch, FILE *f)
{
	static const struct {
		const char *name;
		uint32_t reg;
		uint32_t shown;
	} regs[] = {
		{ "ch_en", DW_HDMA_CH_EN, UINT32_MAX },
		{ "ch_stat", DW_HDMA_CH_STAT, UINT32_MAX },
		{ "int_stat", DW_HDMA_INT_STAT, UINT32_MAX },
		{ "int_setup", DW_HDMA_INT_SETUP, UINT32_MAX },
		{ "cycle_sync", DW_HDMA_CYCLE_SYNC, UINT32_MAX },
		{ "func_num", DW_HDMA_FUNC_NUM, UINT32_MAX },
		{ "size", DW_HDMA_SIZE, UINT32_MAX },
		/* Of addresses, the last 12 bits. */
		{ "sar ...", DW_HDMA_SAR_LO, 0xfff },
		{ "dar ...", DW_HDMA_DAR_LO, 0xfff },
		{ "llp ...", DW_HDMA_LLP_LO, 0xfff },
	};
	unsigned int i;

	fprintf(f, "  registers:");
	for (i = 0; i < RTE_DIM(regs); i++)
		fprintf(f, " %s 0x%x", regs[i].name, block_read(ch, regs[i].reg) & regs[i].shown);
	fprintf(f, "\n");
}

const struct dw_edma_map_ops dw_edma_hdma_ops = {
	.name = "hdma",
	.code = DW_EDMA_MAP_HDMA_NATIVE,
	.counts = hdma_counts,
	.witness = hdma_witness,
	.bind = hdma_bind,
	.start = hdma_start,
	.position = hdma_position,
	.state = hdma_state,
	.doorbell = hdma_doorbell,
	.fault = hdma_fault,
	.restart = hdma_restart,
	.stop = hdma_stop,
	.ack = hdma_ack,
	.dump = hdma_dump,
};
