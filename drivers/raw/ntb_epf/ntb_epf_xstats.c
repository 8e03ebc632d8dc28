/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Extended statistics, total and per queue, and the dump. */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ntb_epf_priv.h"

struct xstat {
	const char *name;
	bool tx;
	size_t offset; /**< in struct ntb_epf_stats */
};

#define XSTAT(label, is_tx, field) \
	{ .name = label, .tx = is_tx, .offset = offsetof(struct ntb_epf_stats, field) }

static const struct xstat xstats[] = {
	XSTAT("Tx-packets", true, packets),
	XSTAT("Tx-bytes", true, bytes),
	XSTAT("Tx-errors", true, errors),
	XSTAT("Tx-ring-full", true, ring_full),
	XSTAT("Rx-packets", false, packets),
	XSTAT("Rx-bytes", false, bytes),
	XSTAT("Rx-errors", false, errors),
	XSTAT("Rx-no-buffer", false, no_buffer),
};

/** Of the device, behind the totals: not cleared by a reset of the others. */
#define XSTAT_FLAPS "Link-flaps"
#define NB_TOTALS (RTE_DIM(xstats) + 1)

static unsigned int
nb_xstats(const struct ntb_epf_dev *dev)
{
	return NB_TOTALS + (dev->queues != NULL ? dev->nb_queues * RTE_DIM(xstats) : 0);
}

static uint64_t *
counter(const struct ntb_epf_dev *dev, unsigned int queue, const struct xstat *x)
{
	struct ntb_epf_queue *q = &dev->queues[queue];
	struct ntb_epf_stats *stats = x->tx ? &q->tx.stats : &q->rx.stats;

	return (uint64_t *)((uint8_t *)stats + x->offset);
}

static uint64_t
total(const struct ntb_epf_dev *dev, const struct xstat *x)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++)
		sum += *counter(dev, i, x);
	return sum;
}

static uint64_t
value_of(const struct ntb_epf_dev *dev, unsigned int id)
{
	if (id < RTE_DIM(xstats))
		return total(dev, &xstats[id]);
	if (id < NB_TOTALS)
		return dev->flaps;
	id -= NB_TOTALS;
	return *counter(dev, id / RTE_DIM(xstats), &xstats[id % RTE_DIM(xstats)]);
}

static void
name_of(unsigned int id, char *name, size_t room)
{
	const struct xstat *x;

	if (id < RTE_DIM(xstats)) {
		snprintf(name, room, "%s", xstats[id].name);
	} else if (id < NB_TOTALS) {
		snprintf(name, room, "%s", XSTAT_FLAPS);
	} else {
		id -= NB_TOTALS;
		x = &xstats[id % RTE_DIM(xstats)];
		snprintf(name, room, "%.2s-q%zu%s", x->name, id / RTE_DIM(xstats), x->name + 2);
	}
}

int
ntb_epf_xstats_names(const struct rte_rawdev *rawdev, struct rte_rawdev_xstats_name *names,
		     unsigned int size)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int n = nb_xstats(dev);
	unsigned int i;

	if (names == NULL || size < n)
		return n;
	for (i = 0; i < n; i++)
		name_of(i, names[i].name, sizeof(names[i].name));
	return n;
}

int
ntb_epf_xstats_get(const struct rte_rawdev *rawdev, const unsigned int ids[], uint64_t values[],
		   unsigned int n)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (ids[i] >= nb_xstats(dev))
			return -EINVAL;
		values[i] = value_of(dev, ids[i]);
	}
	return n;
}

uint64_t
ntb_epf_xstats_by_name(const struct rte_rawdev *rawdev, const char *name, unsigned int *id)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;
	char own[RTE_RAW_DEV_XSTATS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < nb_xstats(dev); i++) {
		name_of(i, own, sizeof(own));
		if (strcmp(own, name) != 0)
			continue;
		if (id != NULL)
			*id = i;
		return value_of(dev, i);
	}
	if (id != NULL)
		*id = UINT32_MAX;
	return (uint64_t)-EINVAL;
}

static void
clear(struct ntb_epf_dev *dev, unsigned int id)
{
	unsigned int i;

	if (id < RTE_DIM(xstats)) {
		for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++)
			*counter(dev, i, &xstats[id]) = 0;
	} else if (id < NB_TOTALS) {
		dev->flaps = 0;
	} else {
		id -= NB_TOTALS;
		*counter(dev, id / RTE_DIM(xstats), &xstats[id % RTE_DIM(xstats)]) = 0;
	}
}

int
ntb_epf_xstats_reset(struct rte_rawdev *rawdev, const uint32_t ids[], uint32_t nb_ids)
{
	struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int n = ids != NULL ? nb_ids : nb_xstats(dev);
	unsigned int i;

	for (i = 0; ids != NULL && i < n; i++)
		if (ids[i] >= nb_xstats(dev))
			return -EINVAL;
	for (i = 0; i < n; i++)
		clear(dev, ids != NULL ? ids[i] : i);
	return 0;
}

static const char *
state_name(enum ntb_epf_state state)
{
	static const char *const names[] = {
		[NTB_EPF_STOPPED] = "stopped",
		[NTB_EPF_WAIT] = "waiting for the peer's window",
		[NTB_EPF_HELLO] = "waiting for the peer's header",
		[NTB_EPF_UP] = "up",
		[NTB_EPF_QUIESCE] = "quiescing",
		[NTB_EPF_DEAD] = "board gone",
	};

	return names[state];
}

static void
dump_ring(const struct ntb_epf_ring *r, const char *what, FILE *f)
{
	static const char *const roles[] = {
		[NTB_EPF_ROLE_NONE] = "idle",
		[NTB_EPF_ROLE_PUSH_TX] = "pushes",
		[NTB_EPF_ROLE_PUSH_RX] = "is pushed to",
		[NTB_EPF_ROLE_PULL_TX] = "is pulled from",
		[NTB_EPF_ROLE_PULL_RX] = "pulls",
	};

	fprintf(f, "    %s %s: submissions %u, completions %u, DMA device %d, room %u\n", what,
		roles[r->role], r->sq, r->cq, r->role == NTB_EPF_ROLE_NONE ? -1 : r->dma,
		r->dma_room);
	fprintf(f, "       packets %" PRIu64 " bytes %" PRIu64 " errors %" PRIu64 " ring full %" PRIu64
		" no buffer %" PRIu64 "\n", r->stats.packets, r->stats.bytes, r->stats.errors,
		r->stats.ring_full, r->stats.no_buffer);
}

int
ntb_epf_dump(struct rte_rawdev *rawdev, FILE *f)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int i;

	fprintf(f, "%s: side %s, link %s, arrangement %s (asked for %s)\n", dev->name,
		dev->side == NTB_EPF_SIDE_RC ? "RC" : "EP", state_name(dev->state),
		ntb_epf_mover_name(dev->mover), ntb_epf_mover_name(dev->wish));
	fprintf(f, "  generation 0x%08x, peer 0x%08x, flaps %u, window %" PRIu64 " bytes\n",
		dev->generation, dev->granted, dev->flaps, dev->window_bytes);
	fprintf(f, "  %u queue pairs of %u, %u DMA channels, packets up to %u bytes\n",
		dev->nb_queues, dev->queue_size, dev->nb_chans, dev->max_pkt_len);
	for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++) {
		fprintf(f, "  queue %u\n", i);
		dump_ring(&dev->queues[i].tx, "tx", f);
		dump_ring(&dev->queues[i].rx, "rx", f);
	}
	return 0;
}
