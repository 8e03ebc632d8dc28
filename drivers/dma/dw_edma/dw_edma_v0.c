/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * The maps of eDMA v0: registers that all channels of a direction share, and a window for each
 * channel. They differ in the way to the windows, and in that HDMA-compatible channels have to be
 * switched on.
 *
 * INT_STATUS is never written: a write there raises an interrupt at the endpoint. INT_CLEAR gets
 * the bits of the channel in question and no other: they may be another owner's.
 */

#include <errno.h>

#include <rte_memory.h>

#include "dw_edma_priv.h"

/** What a direction has one of. The two directions are not at a constant distance. */
struct dir_regs {
	uint32_t engine_en;
	uint32_t doorbell;
	uint32_t int_status;
	uint32_t int_mask;
	uint32_t int_clear;
	uint32_t err_status;
	uint32_t err_status_hi; /**< 0: there is none */
	uint32_t ll_err_en;
	uint32_t done_imwr;  /**< low half, the high half behind it */
	uint32_t abort_imwr; /**< the same */
	uint32_t imwr_data;  /**< of channels 0 and 1, others behind */
};

static const struct dir_regs v0_regs[DW_EDMA_DIRS] = {
	[DW_EDMA_WR] = {
		.engine_en = DW_EDMA_WR_ENGINE_EN,
		.doorbell = DW_EDMA_WR_DOORBELL,
		.int_status = DW_EDMA_WR_INT_STATUS,
		.int_mask = DW_EDMA_WR_INT_MASK,
		.int_clear = DW_EDMA_WR_INT_CLEAR,
		.err_status = DW_EDMA_WR_ERR_STATUS,
		.ll_err_en = DW_EDMA_WR_LL_ERR_EN,
		.done_imwr = DW_EDMA_WR_DONE_IMWR_LO,
		.abort_imwr = DW_EDMA_WR_ABORT_IMWR_LO,
		.imwr_data = DW_EDMA_WR_IMWR_DATA,
	},
	[DW_EDMA_RD] = {
		.engine_en = DW_EDMA_RD_ENGINE_EN,
		.doorbell = DW_EDMA_RD_DOORBELL,
		.int_status = DW_EDMA_RD_INT_STATUS,
		.int_mask = DW_EDMA_RD_INT_MASK,
		.int_clear = DW_EDMA_RD_INT_CLEAR,
		.err_status = DW_EDMA_RD_ERR_STATUS_LO,
		.err_status_hi = DW_EDMA_RD_ERR_STATUS_HI,
		.ll_err_en = DW_EDMA_RD_LL_ERR_EN,
		.done_imwr = DW_EDMA_RD_DONE_IMWR_LO,
		.abort_imwr = DW_EDMA_RD_ABORT_IMWR_LO,
		.imwr_data = DW_EDMA_RD_IMWR_DATA,
	},
};

static const struct dir_regs *
regs_of(const struct dw_edma_chan *ch)
{
	return &v0_regs[ch->dir];
}

/** All bits of a channel in INT_MASK, INT_CLEAR and LL_ERR_EN. */
static uint32_t
int_bits(const struct dw_edma_chan *ch)
{
	return DW_EDMA_INT_DONE(ch->index) | DW_EDMA_INT_ABORT(ch->index);
}

/**
 * A soft reset hits all channels of a direction, so it is ours to do only if all of them are.
 */
static bool
owns_direction(const struct dw_edma_chan *ch)
{
	const struct dw_edma_engine *engine = ch->io.engine;
	uint64_t all = RTE_BIT64(engine->cnt[ch->dir]) - 1;

	return (engine->mask[ch->dir] & all) == all;
}

/** All channels of a legacy engine have the same window, which no unrolled channel has. */
static bool
has_viewport(const struct dw_edma_chan *ch)
{
	return ch->base == DW_EDMA_VIEWPORT_WINDOW;
}

/** Turns the window of a legacy engine to the channel. View port locked until it has been used. */
static void
select_locked(struct dw_edma_chan *ch)
{
	dw_edma_write32(&ch->io, DW_EDMA_VIEWPORT_SEL,
			ch->index | (ch->dir == DW_EDMA_RD ? DW_EDMA_VIEWPORT_RD : 0));
}

static uint32_t
viewport_read(struct dw_edma_chan *ch, uint32_t reg)
{
	rte_spinlock_t *lock = &ch->io.engine->viewport;
	uint32_t value;

	rte_spinlock_lock(lock);
	select_locked(ch);
	/* Not a peek: that could show what the window was turned to before. */
	value = dw_edma_read32(&ch->io, DW_EDMA_VIEWPORT_WINDOW + reg);
	rte_spinlock_unlock(lock);
	return value;
}

static void
viewport_write(struct dw_edma_chan *ch, uint32_t reg, uint32_t value)
{
	rte_spinlock_t *lock = &ch->io.engine->viewport;

	rte_spinlock_lock(lock);
	select_locked(ch);
	dw_edma_write32(&ch->io, DW_EDMA_VIEWPORT_WINDOW + reg, value);
	rte_spinlock_unlock(lock);
}

static uint32_t
window_read(struct dw_edma_chan *ch, uint32_t reg)
{
	return has_viewport(ch) ? viewport_read(ch, reg) :
				  dw_edma_read32(&ch->io, ch->base + reg);
}

static void
window_write(struct dw_edma_chan *ch, uint32_t reg, uint32_t value)
{
	if (has_viewport(ch))
		viewport_write(ch, reg, value);
	else
		dw_edma_write32(&ch->io, ch->base + reg, value);
}

static uint32_t
v0_witness(const struct dw_edma_engine *engine)
{
	RTE_SET_USED(engine);
	return DW_EDMA_CTRL;
}

/** An attachment that knows of channels has lists for those and no others. */
static int
v0_counts(struct dw_edma_io *io, unsigned int cnt[DW_EDMA_DIRS])
{
	uint32_t ctrl = dw_edma_read32(io, DW_EDMA_CTRL);
	bool known = cnt[DW_EDMA_WR] + cnt[DW_EDMA_RD] != 0;
	unsigned int wr = DW_EDMA_CTRL_WR_CH(ctrl);
	unsigned int rd = DW_EDMA_CTRL_RD_CH(ctrl);

	if (ctrl == DW_EDMA_DEAD)
		return -ENODEV;
	if (wr > DW_EDMA_MAX_CH || rd > DW_EDMA_MAX_CH || wr + rd == 0)
		return -EPROTO;
	cnt[DW_EDMA_WR] = known ? RTE_MIN(cnt[DW_EDMA_WR], wr) : wr;
	cnt[DW_EDMA_RD] = known ? RTE_MIN(cnt[DW_EDMA_RD], rd) : rd;
	return cnt[DW_EDMA_WR] + cnt[DW_EDMA_RD] != 0 ? 0 : -EPROTO;
}

static void
unroll_bind(struct dw_edma_chan *ch)
{
	ch->base = ch->dir == DW_EDMA_WR ? DW_EDMA_WR_CH(ch->index) : DW_EDMA_RD_CH(ch->index);
	ch->regs = (struct dw_edma_chan_regs){
		.doorbell = regs_of(ch)->doorbell,
		.doorbell_value = ch->index,
		.position = ch->base + DW_EDMA_CH_LLP_LO,
		.state = ch->base + DW_EDMA_CH_CONTROL1,
		.state_mask = DW_EDMA_CS_MASK,
		.state_running = DW_EDMA_CS_RUNNING << DW_EDMA_CS_SHIFT,
	};
}

static int
v0_state(struct dw_edma_chan *ch)
{
	uint32_t control = window_read(ch, DW_EDMA_CH_CONTROL1);

	return control == DW_EDMA_DEAD ? -ENODEV : (int)DW_EDMA_CS(control);
}

static uint32_t
unroll_position(struct dw_edma_chan *ch)
{
	return dw_edma_peek32(&ch->io, ch->base + DW_EDMA_CH_LLP_LO);
}

static void
v0_doorbell(struct dw_edma_chan *ch)
{
	dw_edma_write32(&ch->io, regs_of(ch)->doorbell, ch->index);
}

/** Gives the bits @p mask of a register that channels share the value @p want. Lock held. */
static int
set_bits_locked(struct dw_edma_chan *ch, uint32_t offset, uint32_t mask, uint32_t want)
{
	uint32_t value = dw_edma_read32(&ch->io, offset);

	if (value == DW_EDMA_DEAD)
		return -ENODEV;
	if ((value & mask) == want)
		return 0;
	dw_edma_write32(&ch->io, offset, (value & ~mask) | want);
	/* The next holder of the lock must read this value. */
	return dw_edma_wait_reg(&ch->io, offset, mask, want, DW_EDMA_SETTLE_MS);
}

/**
 * Aims the interrupt writes of the direction at our words. The address is the same for all of its
 * channels; the data say which it was, to whoever looks at a dump. Lock held.
 */
static int
aim_imwr_locked(struct dw_edma_chan *ch)
{
	const struct dir_regs *regs = regs_of(ch);
	struct dw_edma_words *words = &ch->irq->words;
	uint64_t done = rte_mem_virt2iova((const void *)(uintptr_t)&words->done);
	uint64_t abort = rte_mem_virt2iova((const void *)(uintptr_t)&words->abort);
	unsigned int shift = 16 * (ch->index & 1);

	dw_edma_write32(&ch->io, regs->done_imwr, (uint32_t)done);
	dw_edma_write32(&ch->io, regs->done_imwr + 4, (uint32_t)(done >> 32));
	dw_edma_write32(&ch->io, regs->abort_imwr, (uint32_t)abort);
	dw_edma_write32(&ch->io, regs->abort_imwr + 4, (uint32_t)(abort >> 32));
	return set_bits_locked(ch, regs->imwr_data + 4 * (ch->index / 2), 0xffffu << shift,
			       (ch->index + 1u) << shift);
}

/**
 * Nobody takes interrupts: the channel's are masked. Its interrupt writes go to our words, or an
 * abort writes nothing to an address that a predecessor may have left. Lock held.
 */
static int
enable_locked(struct dw_edma_chan *ch)
{
	const struct dir_regs *regs = regs_of(ch);
	int rc;

	rc = set_bits_locked(ch, regs->engine_en, DW_EDMA_ENGINE_EN, DW_EDMA_ENGINE_EN);
	if (rc == 0)
		rc = set_bits_locked(ch, regs->int_mask, int_bits(ch), int_bits(ch));
	if (rc == 0 && ch->irq != NULL)
		rc = aim_imwr_locked(ch);
	if (rc == 0)
		rc = set_bits_locked(ch, regs->ll_err_en, int_bits(ch),
				     ch->irq != NULL ? DW_EDMA_LL_ERR_REMOTE(ch->index) : 0);
	return rc;
}

/**
 * Soft reset of the direction. Registers keep their values; its other channels are found stopped
 * with work pending by whoever polls them, and go on. Lock held.
 */
static int
reset_locked(struct dw_edma_chan *ch)
{
	uint32_t offset = regs_of(ch)->engine_en;
	int rc;

	if (!owns_direction(ch))
		return -EPERM;
	dw_edma_write32(&ch->io, offset, 0);
	rc = dw_edma_wait_reg(&ch->io, offset, DW_EDMA_ENGINE_EN, 0, DW_EDMA_WAIT_MS);
	if (rc != 0)
		return rc;
	dw_edma_write32(&ch->io, offset, DW_EDMA_ENGINE_EN);
	return dw_edma_wait_reg(&ch->io, offset, DW_EDMA_ENGINE_EN, DW_EDMA_ENGINE_EN,
				DW_EDMA_SETTLE_MS);
}

static int
reset_direction(struct dw_edma_chan *ch)
{
	rte_spinlock_t *lock = &ch->io.engine->lock[ch->dir];
	int rc;

	rte_spinlock_lock(lock);
	rc = reset_locked(ch);
	rte_spinlock_unlock(lock);
	return rc;
}

/**
 * A running channel must not be configured. One that has just done its last element stops by
 * itself; any other is stopped, which leaves it in need of a soft reset.
 */
static int
v0_stop(struct dw_edma_chan *ch)
{
	int rc = dw_edma_wait_idle(ch, DW_EDMA_SETTLE_MS);

	if (rc != -ETIMEDOUT)
		return rc;
	if (!owns_direction(ch))
		return -EBUSY;
	dw_edma_write32(&ch->io, regs_of(ch)->doorbell, DW_EDMA_DOORBELL_STOP | ch->index);
	rc = dw_edma_wait_idle(ch, DW_EDMA_WAIT_MS);
	if (rc == 0)
		rc = reset_direction(ch);
	/* The bit that the request set asks whoever starts the channel for the reset just done. */
	if (rc == 0)
		dw_edma_write32(&ch->io, regs_of(ch)->int_clear, DW_EDMA_INT_ABORT(ch->index));
	return rc;
}

/**
 * Points a channel that does not run at the start of its list, first lap. Lock held: the engine
 * must not be in soft reset.
 */
static int
aim_locked(struct dw_edma_chan *ch)
{
	uint32_t fn = ch->io.engine->fn << DW_EDMA_FN_SHIFT;
	uint32_t back;

	dw_edma_write32(&ch->io, regs_of(ch)->int_clear, int_bits(ch));
	window_write(ch, DW_EDMA_CH_CONTROL2, 0);
	window_write(ch, DW_EDMA_CH_CONTROL1,
		     DW_EDMA_LLE | DW_EDMA_CCS | (fn & DW_EDMA_FN_MASK));
	window_write(ch, DW_EDMA_CH_LLP_LO, ch->ll_lo);
	window_write(ch, DW_EDMA_CH_LLP_HI, (uint32_t)(ch->list.local >> 32));
	/* Makes the new position visible before the first poll, which may read an older one. */
	back = window_read(ch, DW_EDMA_CH_LLP_LO);
	if (back == DW_EDMA_DEAD)
		return -ENODEV;
	return back == ch->ll_lo ? 0 : -EIO;
}

/** Error bits of the local side of the engine, which both directions have. */
static bool
local_fault(const struct dw_edma_chan *ch, uint32_t err, struct dw_edma_fault *fault)
{
	fault->fatal = true;
	if ((err & DW_EDMA_ERR_LL_FETCH(ch->index)) != 0)
		fault->status = RTE_DMA_STATUS_DESCRIPTOR_READ_ERROR;
	else if ((err & DW_EDMA_ERR_DATA(ch->index)) != 0)
		fault->status = ch->dir == DW_EDMA_WR ? RTE_DMA_STATUS_BUS_READ_ERROR :
							RTE_DMA_STATUS_BUS_WRITE_ERROR;
	else
		return false;
	return true;
}

/** Bad completions of a read over the link. Only poison leaves the channel unreliable. */
static void
link_fault(const struct dw_edma_chan *ch, uint32_t err, struct dw_edma_fault *fault)
{
	fault->fatal = false;
	if ((err & DW_EDMA_ERR_POISON(ch->index)) != 0) {
		fault->status = RTE_DMA_STATUS_DATA_POISION;
		fault->fatal = true;
	} else if ((err & (DW_EDMA_ERR_UR(ch->index) | DW_EDMA_ERR_CA(ch->index))) != 0) {
		fault->status = RTE_DMA_STATUS_BUS_READ_ERROR;
	} else if ((err & DW_EDMA_ERR_TIMEOUT(ch->index)) != 0) {
		fault->status = RTE_DMA_STATUS_DEV_LINK_ERROR;
	} else {
		/* Aborted for no reason shown: somebody's stop request looks like this. */
		fault->status = RTE_DMA_STATUS_ERROR_UNKNOWN;
		fault->fatal = true;
	}
}

static int
read_fault(struct dw_edma_chan *ch, struct dw_edma_fault *fault)
{
	const struct dir_regs *regs = regs_of(ch);
	uint32_t lo = dw_edma_read32(&ch->io, regs->err_status);
	uint32_t hi = 0;

	if (regs->err_status_hi != 0)
		hi = dw_edma_read32(&ch->io, regs->err_status_hi);
	if (lo == DW_EDMA_DEAD && v0_state(ch) < 0)
		return -ENODEV;
	if (!local_fault(ch, lo, fault)) {
		if (ch->dir == DW_EDMA_RD)
			link_fault(ch, hi, fault);
		else
			/* A write channel has no bit for its far side. */
			*fault = (struct dw_edma_fault){ RTE_DMA_STATUS_BUS_WRITE_ERROR, true };
	}
	return 0;
}

static int
v0_fault(struct dw_edma_chan *ch, struct dw_edma_fault *fault)
{
	int rc = read_fault(ch, fault);

	/* Clears the error bits of the channel as well. */
	if (rc == 0)
		dw_edma_write32(&ch->io, regs_of(ch)->int_clear, DW_EDMA_INT_ABORT(ch->index));
	return rc;
}

/**
 * A channel that somebody left with a fatal abort, or stopped by request, which only the abort bit
 * shows, ignores doorbells until a soft reset. The bits stay until then. Lock held.
 */
static int
heal_locked(struct dw_edma_chan *ch)
{
	struct dw_edma_fault fault;
	int state = v0_state(ch);
	uint32_t status;
	int rc;

	if (state < 0)
		return state;
	status = dw_edma_read32(&ch->io, regs_of(ch)->int_status);
	if (state != DW_EDMA_CS_ABORTED && (status & DW_EDMA_INT_ABORT(ch->index)) == 0)
		return 0;
	rc = read_fault(ch, &fault);
	return rc == 0 && fault.fatal ? reset_locked(ch) : rc;
}

static int
v0_start(struct dw_edma_chan *ch)
{
	rte_spinlock_t *lock = &ch->io.engine->lock[ch->dir];
	int rc;

	rte_spinlock_lock(lock);
	rc = heal_locked(ch);
	if (rc == 0)
		rc = enable_locked(ch);
	if (rc == 0)
		rc = aim_locked(ch);
	rte_spinlock_unlock(lock);
	return rc;
}

static int
v0_restart(struct dw_edma_chan *ch, bool fatal)
{
	rte_spinlock_t *lock = &ch->io.engine->lock[ch->dir];
	int rc = 0;

	rte_spinlock_lock(lock);
	if (fatal)
		rc = reset_locked(ch);
	if (rc == 0)
		rc = aim_locked(ch);
	rte_spinlock_unlock(lock);
	return rc;
}

static void
v0_ack(struct dw_edma_chan *ch)
{
	dw_edma_write32(&ch->io, regs_of(ch)->int_clear, DW_EDMA_INT_DONE(ch->index));
}

static uint32_t
v0_events(struct dw_edma_chan *ch)
{
	const struct dir_regs *regs = regs_of(ch);
	uint32_t own = (uint32_t)ch->io.engine->mask[ch->dir];
	struct dw_edma_io *io = &ch->irq->io;
	uint32_t events = dw_edma_read32(io, regs->int_status);

	/* A dead device is found by whoever waits in vain. */
	if (events == DW_EDMA_DEAD)
		return 0;
	events &= own | own << 16;
	if ((events & DW_EDMA_INT_DONE_ALL) != 0)
		dw_edma_write32(io, regs->int_clear, events & DW_EDMA_INT_DONE_ALL);
	return events;
}

static void
dump_value(FILE *f, const char *name, uint32_t value)
{
	fprintf(f, " %s 0x%08x", name, value);
}

static void
v0_dump(struct dw_edma_chan *ch, FILE *f)
{
	const struct dir_regs *regs = regs_of(ch);
	static const struct {
		const char *name;
		uint32_t reg;
	} address[] = {
		{ "sar", DW_EDMA_CH_SAR_LO },
		{ "dar", DW_EDMA_CH_DAR_LO },
		{ "llp", DW_EDMA_CH_LLP_LO },
	};
	struct dw_edma_io *io = &ch->io;
	unsigned int i;

	fprintf(f, "  registers:");
	dump_value(f, "control1", window_read(ch, DW_EDMA_CH_CONTROL1));
	dump_value(f, "size", window_read(ch, DW_EDMA_CH_SIZE));
	for (i = 0; i < RTE_DIM(address); i++)
		fprintf(f, " %s ...%03x", address[i].name,
			window_read(ch, address[i].reg) & 0xfff);
	fprintf(f, "\n  direction:");
	dump_value(f, "engine_en", dw_edma_read32(io, regs->engine_en));
	dump_value(f, "int_status", dw_edma_read32(io, regs->int_status));
	dump_value(f, "int_mask", dw_edma_read32(io, regs->int_mask));
	dump_value(f, "err_status", dw_edma_read32(io, regs->err_status));
	if (regs->err_status_hi != 0)
		dump_value(f, "err_status_hi", dw_edma_read32(io, regs->err_status_hi));
	dump_value(f, "ll_err_en", dw_edma_read32(io, regs->ll_err_en));
	fprintf(f, "\n");
}

static void
legacy_bind(struct dw_edma_chan *ch)
{
	ch->base = DW_EDMA_VIEWPORT_WINDOW;
	ch->regs = (struct dw_edma_chan_regs){
		.doorbell = regs_of(ch)->doorbell,
		.doorbell_value = ch->index,
	};
}

static uint32_t
legacy_position(struct dw_edma_chan *ch)
{
	return viewport_read(ch, DW_EDMA_CH_LLP_LO);
}

/** Before anything else is done with a channel: unpowered, it need not even answer. */
static void
compat_power_on(struct dw_edma_chan *ch)
{
	dw_edma_write32(&ch->io, ch->dir == DW_EDMA_WR ? DW_EDMA_WR_PWR_EN(ch->index) :
							 DW_EDMA_RD_PWR_EN(ch->index),
			DW_EDMA_PWR_EN);
}

static int
compat_stop(struct dw_edma_chan *ch)
{
	compat_power_on(ch);
	return v0_stop(ch);
}

static int
compat_start(struct dw_edma_chan *ch)
{
	compat_power_on(ch);
	return v0_start(ch);
}

static int
compat_restart(struct dw_edma_chan *ch, bool fatal)
{
	compat_power_on(ch);
	return v0_restart(ch, fatal);
}

const struct dw_edma_map_ops dw_edma_legacy_ops = {
	.name = "legacy",
	.code = DW_EDMA_MAP_LEGACY,
	.one_user = true,
	.counts = v0_counts,
	.witness = v0_witness,
	.bind = legacy_bind,
	.start = v0_start,
	.position = legacy_position,
	.state = v0_state,
	.doorbell = v0_doorbell,
	.fault = v0_fault,
	.restart = v0_restart,
	.stop = v0_stop,
	.ack = v0_ack,
	.events = v0_events,
	.dump = v0_dump,
};

const struct dw_edma_map_ops dw_edma_unroll_ops = {
	.name = "unroll",
	.code = DW_EDMA_MAP_UNROLL,
	.counts = v0_counts,
	.witness = v0_witness,
	.bind = unroll_bind,
	.start = v0_start,
	.position = unroll_position,
	.state = v0_state,
	.doorbell = v0_doorbell,
	.fault = v0_fault,
	.restart = v0_restart,
	.stop = v0_stop,
	.ack = v0_ack,
	.events = v0_events,
	.dump = v0_dump,
};

const struct dw_edma_map_ops dw_edma_hdma_compat_ops = {
	.name = "hdma-compat",
	.code = DW_EDMA_MAP_HDMA_COMPAT,
	.counts = v0_counts,
	.witness = v0_witness,
	.bind = unroll_bind,
	.start = compat_start,
	.position = unroll_position,
	.state = v0_state,
	.doorbell = v0_doorbell,
	.fault = v0_fault,
	.restart = compat_restart,
	.stop = compat_stop,
	.ack = v0_ack,
	.events = v0_events,
	.dump = v0_dump,
};
