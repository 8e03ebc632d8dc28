/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Operations of the dmadevs, one of which is made of each channel. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev_pmd.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_string_fns.h>

#include "dw_edma_priv.h"

RTE_LOG_REGISTER_DEFAULT(dw_edma_logtype, NOTICE);

static struct dw_edma_chan *
chan_of(const struct rte_dma_dev *dev)
{
	return dev->data->dev_private;
}

/** The capability bit and direction that a channel offers. */
static uint64_t
direction_capa(const struct dw_edma_chan *ch, enum rte_dma_direction *direction)
{
	enum dw_edma_side side = ch->io.engine->side;

	if (side == DW_EDMA_SIDE_BOTH) {
		*direction = RTE_DMA_DIR_MEM_TO_MEM;
		return RTE_DMA_CAPA_MEM_TO_MEM;
	}
	/* To the other side: a write channel from the endpoint, a read channel from the host. */
	if ((side == DW_EDMA_SIDE_EP) == (ch->dir == DW_EDMA_WR)) {
		*direction = RTE_DMA_DIR_MEM_TO_DEV;
		return RTE_DMA_CAPA_MEM_TO_DEV;
	}
	*direction = RTE_DMA_DIR_DEV_TO_MEM;
	return RTE_DMA_CAPA_DEV_TO_MEM;
}

static int
dw_edma_info_get(const struct rte_dma_dev *dev, struct rte_dma_info *info,
		 uint32_t info_sz __rte_unused)
{
	enum rte_dma_direction direction;

	info->dev_capa = direction_capa(chan_of(dev), &direction) | RTE_DMA_CAPA_OPS_COPY |
			 RTE_DMA_CAPA_OPS_COPY_SG | RTE_DMA_CAPA_HANDLES_ERRORS;
	info->max_sges = DW_EDMA_MAX_SGES;
	info->max_vchans = 1;
	info->max_desc = DW_EDMA_MAX_DESC;
	info->min_desc = DW_EDMA_MIN_DESC;
	return 0;
}

static int
dw_edma_configure(struct rte_dma_dev *dev __rte_unused, const struct rte_dma_conf *conf,
		  uint32_t conf_sz)
{
	if (conf_sz != sizeof(*conf) || conf->nb_vchans != 1)
		return -EINVAL;
	return 0;
}

/** Rings of @p entries descriptors, and of pieces for lists: never less than for two operations. */
static int
alloc_rings(struct dw_edma_chan *ch, uint32_t entries)
{
	uint32_t pieces = RTE_MAX(2 * entries, 2u * (DW_EDMA_MAX_PIECES + 1));
	struct dw_edma_desc *ring;
	struct dw_edma_piece *list;

	ring = rte_zmalloc_socket(ch->name, entries * sizeof(*ring), RTE_CACHE_LINE_SIZE,
				  ch->numa_node);
	list = rte_zmalloc_socket(ch->name, pieces * sizeof(*list), RTE_CACHE_LINE_SIZE,
				  ch->numa_node);
	if (ring == NULL || list == NULL) {
		rte_free(ring);
		rte_free(list);
		return -ENOMEM;
	}
	rte_free(ch->ring);
	rte_free(ch->pieces);
	ch->ring = ring;
	ch->ring_mask = entries - 1;
	ch->pieces = list;
	ch->piece_mask = pieces - 1;
	return 0;
}

static int
dw_edma_vchan_setup(struct rte_dma_dev *dev, uint16_t vchan,
		    const struct rte_dma_vchan_conf *conf, uint32_t conf_sz)
{
	struct dw_edma_chan *ch = chan_of(dev);
	enum rte_dma_direction direction;
	int rc;

	direction_capa(ch, &direction);
	if (conf_sz != sizeof(*conf) || vchan != 0 || conf->direction != direction ||
	    conf->nb_desc < DW_EDMA_MIN_DESC || conf->nb_desc > DW_EDMA_MAX_DESC)
		return -EINVAL;
	if (ch->started)
		return -EBUSY;
	rc = alloc_rings(ch, rte_align32pow2(conf->nb_desc));
	if (rc == 0)
		ch->nb_desc = conf->nb_desc;
	return rc;
}

static bool
any_started(const struct dw_edma_engine *engine)
{
	unsigned int i;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		for (i = 0; i < DW_EDMA_CHANS; i++)
			if (engine->chan[dir][i] != NULL && engine->chan[dir][i]->started)
				return true;
	return false;
}

/**
 * A device that was gone may be back, e.g. after the link was retrained. It is looked at only while
 * no channel works on the assumption that it never was away.
 */
static int
revive(struct dw_edma_engine *engine)
{
	if (!dw_edma_is_dead(engine))
		return 0;
	if (any_started(engine) || engine->ops->present == NULL || !engine->ops->present(engine))
		return -ENODEV;
	rte_atomic_store_explicit(&engine->dead, 0, rte_memory_order_relaxed);
	return 0;
}

/** The channel begins, or ends, to use the words that the engine's interrupt writes go to. */
static void
use_irq(struct dw_edma_chan *ch, bool use)
{
	rte_spinlock_t *lock = &ch->io.engine->lock[ch->dir];

	rte_spinlock_lock(lock);
	if (use)
		dw_edma_irq_enter_locked(ch);
	else
		dw_edma_irq_leave_locked(ch);
	rte_spinlock_unlock(lock);
}

static int
start_channel(struct dw_edma_chan *ch)
{
	/* The engine must have left the list before it is written anew. */
	int rc = ch->map->stop(ch);

	if (rc != 0)
		return rc;
	dw_edma_ring_reset(ch);
	dw_edma_mode_reset(ch);
	use_irq(ch, true);
	dw_edma_list_reset(ch);
	rc = ch->map->start(ch);
	if (rc != 0)
		use_irq(ch, false);
	return rc;
}

static int
dw_edma_start(struct rte_dma_dev *dev)
{
	struct dw_edma_chan *ch = chan_of(dev);
	int rc;

	if (ch->nb_desc == 0)
		return -EINVAL;
	rc = revive(ch->io.engine);
	if (rc != 0)
		return rc;
	rc = start_channel(ch);
	if (rc == -ENODEV)
		dw_edma_set_dead(ch->io.engine);
	if (rc != 0) {
		dw_edma_fall_back(ch);
		ch->cap = 0;
		ch->dead = true;
		DW_EDMA_LOG(ERR, ch->name, "the channel cannot be started: %s", strerror(-rc));
		return rc;
	}
	ch->reported = 0;
	ch->errors = 0;
	memset(&ch->reset, 0, sizeof(ch->reset));
	ch->dead = false;
	ch->started = true;
	return 0;
}

/** Gives submitted work a bounded time to finish. */
static void
drain(struct dw_edma_chan *ch)
{
	uint64_t end = rte_get_timer_cycles() + DW_EDMA_WAIT_MS * rte_get_timer_hz() / MS_PER_S;

	for (;;) {
		dw_edma_poll(ch);
		if (ch->done == ch->sub || rte_get_timer_cycles() >= end)
			return;
		rte_pause();
	}
}

static int
dw_edma_stop(struct rte_dma_dev *dev)
{
	struct dw_edma_chan *ch = chan_of(dev);
	uint16_t left;
	int rc;

	if (!ch->started)
		return 0;
	drain(ch);
	left = ch->sub - ch->done;
	if (left != 0)
		DW_EDMA_LOG(WARNING, ch->name, "stopped with %u operations unfinished", left);
	/* One that was given up may not have stopped either. */
	rc = dw_edma_is_dead(ch->io.engine) ? -ENODEV : ch->map->stop(ch);
	if (rc != 0 && rc != -ENODEV) {
		/* Memory that it copies to must not be given back yet. */
		DW_EDMA_LOG(ERR, ch->name, "the engine still runs: %s", strerror(-rc));
		return rc;
	}
	dw_edma_kill(ch, RTE_DMA_STATUS_USER_ABORT);
	ch->dead = dw_edma_is_dead(ch->io.engine);
	use_irq(ch, false);
	ch->started = false;
	return 0;
}

static int
dw_edma_close(struct rte_dma_dev *dev)
{
	struct dw_edma_chan *ch = chan_of(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	dw_edma_stop(dev);
	rte_free(ch->ring);
	rte_free(ch->pieces);
	ch->ring = NULL;
	ch->pieces = NULL;
	if (ch->ll_posted)
		rte_free(ch->ll);
	ch->nb_desc = 0;
	ch->io.engine->chan[ch->dir][ch->index] = NULL;
	return 0;
}

/** Since the start. */
static void
count(const struct dw_edma_chan *ch, struct rte_dma_stats *stats)
{
	stats->completed = ch->reported;
	stats->submitted = ch->reported + (uint16_t)(ch->sub - ch->rep);
	stats->errors = ch->errors;
}

static int
dw_edma_stats_get(const struct rte_dma_dev *dev, uint16_t vchan __rte_unused,
		  struct rte_dma_stats *stats, uint32_t stats_sz)
{
	const struct dw_edma_chan *ch = chan_of(dev);

	if (stats_sz < sizeof(*stats))
		return -EINVAL;
	count(ch, stats);
	stats->submitted -= ch->reset.submitted;
	stats->completed -= ch->reset.completed;
	stats->errors -= ch->reset.errors;
	return 0;
}

static int
dw_edma_stats_reset(struct rte_dma_dev *dev, uint16_t vchan __rte_unused)
{
	struct dw_edma_chan *ch = chan_of(dev);

	count(ch, &ch->reset);
	return 0;
}

static int
dw_edma_vchan_status(const struct rte_dma_dev *dev, uint16_t vchan __rte_unused,
		     enum rte_dma_vchan_status *status)
{
	struct dw_edma_chan *ch = chan_of(dev);
	struct dw_edma_engine *engine = ch->io.engine;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY && ch->started && !ch->dead) {
		if (!dw_edma_is_dead(engine) && engine->ops->present != NULL &&
		    !engine->ops->present(engine))
			dw_edma_set_dead(engine);
		if (dw_edma_is_dead(engine))
			dw_edma_kill(ch, RTE_DMA_STATUS_DEV_LINK_ERROR);
		dw_edma_poll(ch);
	}
	if (ch->dead)
		*status = RTE_DMA_VCHAN_HALTED_ERROR;
	else
		*status = ch->done != ch->sub ? RTE_DMA_VCHAN_ACTIVE : RTE_DMA_VCHAN_IDLE;
	return 0;
}

/** Addresses are shown by their last 12 bits. */
static unsigned int
masked(uint64_t address)
{
	return address & 0xfff;
}

static void
dump_engine(const struct dw_edma_engine *engine, FILE *f)
{
	static const char * const side[] = {
		[DW_EDMA_SIDE_RC] = "rc", [DW_EDMA_SIDE_EP] = "ep", [DW_EDMA_SIDE_BOTH] = "both",
	};

	fprintf(f, "  engine: %s, side %s, map %s, function %u, own channels wr 0x%" PRIx64
		" of %u rd 0x%" PRIx64 " of %u%s\n", engine->name, side[engine->side],
		dw_edma_map_by_code(engine->code)->name, engine->fn, engine->mask[DW_EDMA_WR],
		engine->cnt[DW_EDMA_WR], engine->mask[DW_EDMA_RD], engine->cnt[DW_EDMA_RD],
		dw_edma_is_dead(engine) ? ", gone" : "");
}

static void
dump_rings(const struct dw_edma_chan *ch, FILE *f)
{
	bool set_up = ch->ll_slots != 0;

	fprintf(f, "  ring: %u descriptors, rep %u done %u listed %u sub %u enq %u, %u failed%s%s\n",
		ch->nb_desc, ch->rep, ch->done, dw_edma_listed(ch), ch->sub, ch->enq, ch->err_cnt,
		ch->failed ? ", fence pending" : "", ch->ahead ? ", ahead" : "");
	fprintf(f, "  list: %s, %u data slots at ...%03x, slot %u first %u tail %u cycle bit %u\n",
		ch->ll_posted ? "by message" : "mapped", ch->ll_slots, masked(ch->list.local),
		set_up ? dw_edma_slot_index(ch, ch->slot) : 0,
		set_up ? dw_edma_slot_index(ch, ch->first) : 0,
		set_up ? dw_edma_slot_index(ch, ch->tail) : 0, ch->cb);
}

static int
dw_edma_dump(const struct rte_dma_dev *dev, FILE *f)
{
	struct dw_edma_chan *ch = chan_of(dev);
	struct rte_dma_stats stats;

	dump_engine(ch->io.engine, f);
	fprintf(f, "  channel: %s %u%s%s, completion %s\n",
		ch->dir == DW_EDMA_WR ? "write" : "read", ch->index,
		ch->started ? ", started" : ", stopped", ch->dead ? ", dead" : "",
		dw_edma_completion_names[ch->mode]);
	dump_rings(ch, f);
	/* A secondary process has neither the registers nor the functions that reach them. */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		if (ch->io.engine->ops->dump != NULL)
			ch->io.engine->ops->dump(ch->io.engine, f);
		if (dw_edma_is_dead(ch->io.engine))
			fprintf(f, "  registers: gone\n");
		else
			ch->map->dump(ch, f);
	}
	count(ch, &stats);
	fprintf(f, "  counters: %" PRIu64 " submitted, %" PRIu64 " completed, %" PRIu64 " errors, %"
		PRIu64 " doorbells, %" PRIu64 " repeated, %" PRIu64 " marks, %" PRIu64 " recoveries, %"
		PRIu64 " looks, %" PRIu64 " register reads, %" PRIu64 " for the direction\n",
		stats.submitted, stats.completed, stats.errors, ch->doorbells, ch->kicks, ch->extras, ch->recoveries, ch->looks,
		ch->io.reads, ch->irq != NULL ? ch->irq->io.reads : 0);
	return 0;
}

const struct rte_dma_dev_ops dw_edma_ops = {
	.dev_info_get = dw_edma_info_get,
	.dev_configure = dw_edma_configure,
	.dev_start = dw_edma_start,
	.dev_stop = dw_edma_stop,
	.dev_close = dw_edma_close,
	.vchan_setup = dw_edma_vchan_setup,
	.stats_get = dw_edma_stats_get,
	.stats_reset = dw_edma_stats_reset,
	.vchan_status = dw_edma_vchan_status,
	.dev_dump = dw_edma_dump,
};

void
dw_edma_dmadev_name(const struct dw_edma_engine *engine, enum dw_edma_dir dir,
		    unsigned int index, char *name, size_t room)
{
	/* A name too long for the room was refused at probe. */
	if (snprintf(name, room, "%s-%s%u", engine->name, dir == DW_EDMA_WR ? "wr" : "rd",
		     index) >= (int)room)
		name[room - 1] = '\0';
}

/**
 * Bytes at the start of a list that are not used. A list pointer that was reset reads 0: no slot may
 * be there, or an engine that has restarted would look like one that has come round to it.
 */
static unsigned int
zero_bytes(const struct dw_edma_list *list)
{
	return (uint32_t)list->local == 0 ? sizeof(uint64_t) : 0;
}

/**
 * The list has to suit the driver: aligned, in one 4 GiB piece, so that the low half of a pointer
 * tells the slot, and long enough for the link, a data slot, one that stays free, and a mark.
 */
static int
check_list(const struct dw_edma_chan *ch, const struct dw_edma_list *list)
{
	unsigned int need = ch->mode_wanted == DW_EDMA_COMPLETION_LLP ? 72 : 112;

	need += zero_bytes(list);
	if ((list->local & 7) != 0 || ((uintptr_t)list->va & 7) != 0 || list->bytes < need ||
	    list->local + list->bytes < list->local ||
	    (list->local ^ (list->local + list->bytes - 1)) >> 32 != 0) {
		DW_EDMA_LOG(ERR, ch->name, "list memory of %" PRIu64 " bytes at 0x%" PRIx64
			    ", expected at least %u bytes, 8-byte aligned, within 4 GiB",
			    list->bytes, list->local, need);
		return -EINVAL;
	}
	return 0;
}

static void
leave_zero(struct dw_edma_chan *ch)
{
	ch->ll_skip = zero_bytes(&ch->list);
	ch->list.local += ch->ll_skip;
	ch->list.bytes -= ch->ll_skip;
	if (ch->list.va != NULL)
		ch->list.va = RTE_PTR_ADD(ch->list.va, ch->ll_skip);
}

/** A list that is written by message has a copy here, which is what the data path looks at. */
static int
bind_list(struct dw_edma_chan *ch)
{
	ch->ll = ch->list.va;
	ch->ll_posted = ch->ll == NULL;
	if (ch->ll_posted)
		ch->ll = rte_zmalloc_socket(ch->name, ch->list.bytes, RTE_CACHE_LINE_SIZE,
					    ch->numa_node);
	ch->ll_lo = (uint32_t)ch->list.local;
	ch->va_to_llp = ch->ll_lo - (uint32_t)(uintptr_t)ch->ll;
	return ch->ll != NULL ? 0 : -ENOMEM;
}

static int
bind_channel(struct dw_edma_chan *ch)
{
	struct dw_edma_engine *engine = ch->io.engine;
	int rc;

	ch->map = engine->map;
	ch->map->bind(ch);
	ch->db_value = ch->regs.doorbell_value;
	ch->state_mask = ch->regs.state_mask;
	ch->state_running = ch->regs.state_running;
	rc = dw_edma_mode_select(ch);
	if (rc != 0)
		return rc;
	rc = engine->ops->list(engine, ch->dir, ch->index, &ch->list);
	if (rc != 0) {
		DW_EDMA_LOG(ERR, ch->name, "no list memory: %s", strerror(-rc));
		return rc;
	}
	rc = check_list(ch, &ch->list);
	if (rc != 0)
		return rc;
	leave_zero(ch);
	return bind_list(ch);
}

int
dw_edma_dmadev_create(struct dw_edma_engine *engine, struct rte_device *device,
		      enum dw_edma_dir dir, unsigned int index)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	struct dw_edma_chan *ch;
	struct rte_dma_dev *dev;
	int rc;

	dw_edma_dmadev_name(engine, dir, index, name, sizeof(name));
	dev = rte_dma_pmd_allocate(name, device->numa_node, sizeof(*ch));
	if (dev == NULL) {
		DW_EDMA_LOG(ERR, name, "no room for another DMA device, or the name is taken");
		return -ENOMEM;
	}
	ch = dev->data->dev_private;
	rte_strscpy(ch->name, name, sizeof(ch->name));
	ch->io.engine = engine;
	ch->dir = dir;
	ch->index = index;
	ch->numa_node = device->numa_node;
	rc = bind_channel(ch);
	if (rc != 0) {
		rte_dma_pmd_release(name);
		return rc;
	}
	dev->device = device;
	dev->dev_ops = &dw_edma_ops;
	dev->fp_obj->dev_private = ch;
	dev->fp_obj->copy = dw_edma_copy;
	dev->fp_obj->copy_sg = dw_edma_copy_sg;
	dev->fp_obj->submit = dw_edma_submit;
	dev->fp_obj->completed = dw_edma_completed;
	dev->fp_obj->completed_status = dw_edma_completed_status;
	dev->fp_obj->burst_capacity = dw_edma_burst_capacity;
	engine->chan[dir][index] = ch;
	dev->state = RTE_DMA_DEV_READY;
	return 0;
}
