/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Extended statistics, of the device and per queue. */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "ntb_epf_exec.h"

/** Counted per queue; each has a total, too. */
struct ring_xstat {
	const char *name;
	bool tx;
	size_t offset; /**< in struct ntb_epf_stats */
	uint32_t (*gauge)(const struct ntb_epf_ring *ring); /**< of what is no counter */
};

#define RING_XSTAT(label, is_tx, field) \
	{ .name = label, .tx = is_tx, .offset = offsetof(struct ntb_epf_stats, field) }
#define RING_GAUGE(label, is_tx, function) \
	{ .name = label, .tx = is_tx, .gauge = function }

static const struct ring_xstat ring_xstats[] = {
	RING_XSTAT("Tx-packets", true, packets),
	RING_XSTAT("Tx-bytes", true, bytes),
	RING_XSTAT("Tx-errors", true, errors),
	RING_XSTAT("Tx-ring-full", true, ring_full),
	RING_XSTAT("Tx-commits", true, commits),
	RING_XSTAT("Tx-commit-failures", true, commit_failures),
	RING_XSTAT("Rx-packets", false, packets),
	RING_XSTAT("Rx-bytes", false, bytes),
	RING_XSTAT("Rx-errors", false, errors),
	RING_XSTAT("Rx-missed", false, missed),
	RING_XSTAT("Rx-no-buffer", false, no_buffer),
	RING_GAUGE("Tx-pending", true, ntb_epf_ring_pending),
	RING_GAUGE("Rx-ready", false, ntb_epf_ring_ready),
};

static uint64_t
flaps(const struct ntb_epf_dev *dev)
{
	return dev->flaps;
}

static void
clear_flaps(struct ntb_epf_dev *dev)
{
	dev->flaps = 0;
}

static uint64_t
link_reads(const struct ntb_epf_dev *dev)
{
	return rte_atomic_load_explicit(&dev->link_reads, rte_memory_order_relaxed);
}

static void
clear_link_reads(struct ntb_epf_dev *dev)
{
	rte_atomic_store_explicit(&dev->link_reads, 0, rte_memory_order_relaxed);
}

#define EXEC_XSTAT(field) \
	static uint64_t exec_##field(const struct ntb_epf_dev *dev) \
	{ \
		return dev->exec != NULL ? dev->exec->field : 0; \
	} \
	static void clear_exec_##field(struct ntb_epf_dev *dev) \
	{ \
		if (dev->exec != NULL) \
			dev->exec->field = 0; \
	}

EXEC_XSTAT(copies)
EXEC_XSTAT(refused)
EXEC_XSTAT(errors)

static uint64_t
committer(const struct ntb_epf_dev *dev)
{
	return dev->commit;
}

static uint64_t
arrangement(const struct ntb_epf_dev *dev)
{
	return dev->mover;
}

/** Of the device, behind the totals. What shows a state has nothing to clear. */
static const struct {
	const char *name;
	uint64_t (*get)(const struct ntb_epf_dev *dev);
	void (*clear)(struct ntb_epf_dev *dev);
} link_xstats[] = {
	{ "Link-flaps", flaps, clear_flaps },
	{ "Link-reads", link_reads, clear_link_reads },
	{ "Link-heartbeat-age-ms", ntb_epf_heartbeat_age_ms, NULL },
	{ "Link-quarantined", ntb_epf_quarantined, NULL },
	{ "Req-copies", exec_copies, clear_exec_copies },
	{ "Req-refused", exec_refused, clear_exec_refused },
	{ "Req-errors", exec_errors, clear_exec_errors },
	{ "Link-arrangement", arrangement, NULL },
	{ "Link-commit", committer, NULL },
};

#define FIRST_LINK_XSTAT RTE_DIM(ring_xstats)
#define FIRST_QUEUE_XSTAT (FIRST_LINK_XSTAT + RTE_DIM(link_xstats))

static uint16_t
nb_queues(const struct ntb_epf_dev *dev)
{
	return dev->queues != NULL ? dev->nb_queues : 0;
}

static unsigned int
nb_xstats(const struct ntb_epf_dev *dev)
{
	return FIRST_QUEUE_XSTAT + nb_queues(dev) * RTE_DIM(ring_xstats);
}

static struct ntb_epf_ring *
xstat_ring(const struct ntb_epf_dev *dev, unsigned int queue, const struct ring_xstat *x)
{
	return x->tx ? &dev->queues[queue].tx : &dev->queues[queue].rx;
}

static uint64_t *
counter(struct ntb_epf_ring *ring, const struct ring_xstat *x)
{
	return (uint64_t *)((uint8_t *)&ring->stats + x->offset);
}

static uint64_t
ring_value(const struct ntb_epf_dev *dev, unsigned int queue, const struct ring_xstat *x)
{
	struct ntb_epf_ring *ring = xstat_ring(dev, queue, x);

	return x->gauge != NULL ? x->gauge(ring) : *counter(ring, x);
}

static uint64_t
total(const struct ntb_epf_dev *dev, const struct ring_xstat *x)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < nb_queues(dev); i++)
		sum += ring_value(dev, i, x);
	return sum;
}

static uint64_t
value_of(const struct ntb_epf_dev *dev, unsigned int id)
{
	if (id < FIRST_LINK_XSTAT)
		return total(dev, &ring_xstats[id]);
	if (id < FIRST_QUEUE_XSTAT)
		return link_xstats[id - FIRST_LINK_XSTAT].get(dev);
	id -= FIRST_QUEUE_XSTAT;
	return ring_value(dev, id / RTE_DIM(ring_xstats), &ring_xstats[id % RTE_DIM(ring_xstats)]);
}

static void
name_of(unsigned int id, char *name, size_t room)
{
	const struct ring_xstat *x;

	if (id < FIRST_LINK_XSTAT) {
		snprintf(name, room, "%s", ring_xstats[id].name);
	} else if (id < FIRST_QUEUE_XSTAT) {
		snprintf(name, room, "%s", link_xstats[id - FIRST_LINK_XSTAT].name);
	} else {
		id -= FIRST_QUEUE_XSTAT;
		x = &ring_xstats[id % RTE_DIM(ring_xstats)];
		snprintf(name, room, "%.2s-q%zu%s", x->name, id / RTE_DIM(ring_xstats),
			 x->name + 2);
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
	struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int i;

	if (ids == NULL || values == NULL)
		return -EINVAL;
	/* The last packets of a sender that only looks at its counters count, too. */
	ntb_epf_service(dev);
	for (i = 0; i < n; i++) {
		if (ids[i] >= nb_xstats(dev))
			return -EINVAL;
		values[i] = value_of(dev, ids[i]);
	}
	return n;
}

bool
ntb_epf_xstat_find(const struct ntb_epf_dev *dev, const char *name, unsigned int *id)
{
	char own[RTE_RAW_DEV_XSTATS_NAME_SIZE];

	for (*id = 0; *id < nb_xstats(dev); (*id)++) {
		name_of(*id, own, sizeof(own));
		if (strcmp(own, name) == 0)
			return true;
	}
	return false;
}

uint64_t
ntb_epf_xstats_by_name(const struct rte_rawdev *rawdev, const char *name, unsigned int *id)
{
	unsigned int found;

	if (name == NULL || !ntb_epf_xstat_find(rawdev->dev_private, name, &found)) {
		if (id != NULL)
			*id = UINT32_MAX;
		return (uint64_t)-EINVAL;
	}
	if (id != NULL)
		*id = found;
	ntb_epf_service(rawdev->dev_private);
	return value_of(rawdev->dev_private, found);
}

static void
clear_counter(struct ntb_epf_dev *dev, unsigned int queue, const struct ring_xstat *x)
{
	if (x->gauge == NULL)
		*counter(xstat_ring(dev, queue, x), x) = 0;
}

static void
clear(struct ntb_epf_dev *dev, unsigned int id)
{
	unsigned int i;

	if (id < FIRST_LINK_XSTAT) {
		for (i = 0; i < nb_queues(dev); i++)
			clear_counter(dev, i, &ring_xstats[id]);
	} else if (id < FIRST_QUEUE_XSTAT) {
		id -= FIRST_LINK_XSTAT;
		if (link_xstats[id].clear != NULL)
			link_xstats[id].clear(dev);
	} else {
		id -= FIRST_QUEUE_XSTAT;
		clear_counter(dev, id / RTE_DIM(ring_xstats),
			      &ring_xstats[id % RTE_DIM(ring_xstats)]);
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
