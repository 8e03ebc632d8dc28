/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>
#include <rte_ether.h>
#include <rte_pause.h>
#include <rte_random.h>

#include "ntb_epf_exec.h"
#include "ntb_epf_vdma.h"

/*
 * The link, from one side. Every step is taken inside a call that the application makes anyway; one
 * caller at a time holds the service lock, the others pass by.
 *
 *                start              window reachable        both have quiesced and said so
 *     STOPPED ---------> WAIT ---------------------> HELLO ------------------------------> UP
 *        ^                ^  <-----------------------  |                                   |
 *        |                |      window lost           |                                   |
 *        |                |                            v                                   |
 *        +----------------+------------------------ QUIESCE <------------------------------+
 *             no DMA can land any more                     peer gone, restarted or stopping;
 *                                                          own stop; board gone
 */

/** Pause between two looks, microseconds: short enough for link-up in some milliseconds. */
#define NTB_EPF_SERVICE_US 1000
/** Own copies that have not ended after this time are ended by stopping the DMA device. */
#define NTB_EPF_DRAIN_MS 1000
/** Least time between two heartbeats: far less than any time-out that makes sense. */
#define NTB_EPF_HEARTBEAT_MS 16
/** Looks between two hellos: one that met a host with bus mastering off was lost. */
#define NTB_EPF_HELLO_EVERY 64
/** Looks between two judgements of a generation that was refused. */
#define NTB_EPF_RETRY_EVERY 1024
/** Refusals that are logged between two links. */
#define NTB_EPF_MAX_REFUSALS 32
/** Shortest limit on packets that makes sense: an Ethernet frame of the least size. */
#define NTB_EPF_MIN_PKT_LEN 60

static uint64_t
ms_from_now(unsigned int ms)
{
	return rte_rdtsc() + rte_get_tsc_hz() / 1000 * ms;
}

static uint32_t
heard(const struct ntb_epf_dev *dev, size_t offset)
{
	return ntb_epf_load32((const uint32_t *)(uintptr_t)(dev->window + offset));
}

#define HEARD(dev, field) heard(dev, offsetof(struct ntb_epf_win_hdr, field))

static void
say(struct ntb_epf_dev *dev, size_t offset, uint32_t value)
{
	ntb_epf_mem_write32(dev, &dev->peer, offset, value);
}

#define SAY(dev, field, value) say(dev, offsetof(struct ntb_epf_win_hdr, field), value)

static bool
reachable(const struct ntb_epf_dev *dev)
{
	return dev->peer.bytes != 0;
}

static void
new_generation(struct ntb_epf_dev *dev)
{
	do {
		dev->generation++;
	} while (dev->generation == 0 || dev->generation == UINT32_MAX);
	dev->granted = 0;
	dev->ran = false;
	ntb_epf_exec_offer(dev);
}

/* Permission to run is given and taken for all rings together. */
static void
rings_run(struct ntb_epf_dev *dev, uint32_t run)
{
	uint16_t i;

	dev->ran |= run != 0;
	for (i = 0; i < dev->nb_rings; i++) {
		rte_atomic_store_explicit(&dev->queues[i].tx.run, run, rte_memory_order_release);
		rte_atomic_store_explicit(&dev->queues[i].rx.run, run, rte_memory_order_release);
	}
	ntb_epf_exec_run(dev, run);
	ntb_epf_vdma_run(dev, run);
	rte_atomic_thread_fence(rte_memory_order_seq_cst);
}

static bool
ring_is_busy(struct ntb_epf_ring *r)
{
	return rte_atomic_load_explicit(&r->busy, rte_memory_order_acquire) != 0;
}

static void
leave(struct ntb_epf_dev *dev, const char *why)
{
	if (dev->state == NTB_EPF_UP) {
		dev->flaps++;
		NTB_EPF_LOG(INFO, dev, "link down: %s", why);
	}
	/* Nothing was published, so nothing of ours is in the peer's hands. */
	if (!dev->ran)
		dev->granted = 0;
	rte_atomic_store_explicit(&dev->link_up, 0, rte_memory_order_release);
	rings_run(dev, 0);
	dev->deadline = ms_from_now(NTB_EPF_DRAIN_MS);
	dev->own_quiet = false;
	dev->state = NTB_EPF_QUIESCE;
	/* A peer that still listens learns it now; it will answer when it has quiesced. */
	if (reachable(dev))
		SAY(dev, generation, 0);
}

/** One line for each life of the peer; one that changes all the time must not fill the log. */
static bool
may_log_refusal(struct ntb_epf_dev *dev)
{
	return HEARD(dev, generation) != dev->rejected &&
		dev->refusals < NTB_EPF_MAX_REFUSALS && ++dev->refusals != 0;
}

static bool
is_mismatch(struct ntb_epf_dev *dev, const char *what, uint64_t theirs, uint64_t ours)
{
	if (theirs == ours)
		return false;
	if (may_log_refusal(dev))
		NTB_EPF_LOG(ERR, dev, "link refused: %s: peer has %" PRIu64 ", this side %" PRIu64
		    ": expected equal values", what, theirs, ours);
	return true;
}

/** The rings of a link are as deep as the shallower side's. */
static bool
agree_on_depth(struct ntb_epf_dev *dev)
{
	uint16_t peer = rte_le_to_cpu_16(dev->peer_hdr.queue_size);
	uint64_t room = RTE_MIN(dev->window_bytes, dev->peer.bytes);
	uint64_t needed;

	if (!ntb_epf_is_queue_size(peer)) {
		if (may_log_refusal(dev))
			NTB_EPF_LOG(ERR, dev, "link refused: queue_size: peer has %u: expected a "
				    "power of two, %u to %u", peer, NTB_EPF_MIN_QUEUE_SIZE,
				    NTB_EPF_MAX_QUEUE_SIZE);
		return false;
	}
	dev->depth = RTE_MIN(peer, dev->queue_size);
	needed = NTB_EPF_WINDOW_BYTES(dev->nb_queues, dev->depth);
	if (needed <= room)
		return true;
	if (may_log_refusal(dev))
		NTB_EPF_LOG(ERR, dev, "link refused: %u queue pairs of %u need windows of %" PRIu64
			    " bytes: own window has %" PRIu64 ", peer's %" PRIu64, dev->nb_queues,
			    dev->depth, needed, dev->window_bytes, dev->peer.bytes);
	return false;
}

/** Copies the peer's header and judges it. */
static bool
accept_header(struct ntb_epf_dev *dev)
{
	struct ntb_epf_win_hdr *h = &dev->peer_hdr;
	uint8_t other = dev->side == NTB_EPF_SIDE_RC ? NTB_EPF_SIDE_EP : NTB_EPF_SIDE_RC;

	memcpy(h, dev->window, sizeof(*h));
	if (is_mismatch(dev, "magic", rte_le_to_cpu_32(h->magic), NTB_EPF_RING_MAGIC) ||
	    is_mismatch(dev, "ring protocol version", rte_le_to_cpu_16(h->version),
			NTB_EPF_RING_VERSION) ||
	    is_mismatch(dev, "header size", rte_le_to_cpu_16(h->hdr_bytes), sizeof(*h)) ||
	    is_mismatch(dev, "side", h->side, other) ||
	    is_mismatch(dev, "queue_num", rte_le_to_cpu_16(h->queue_count), dev->nb_queues))
		return false;
	if (rte_le_to_cpu_32(h->max_pkt_len) < NTB_EPF_MIN_PKT_LEN) {
		if (may_log_refusal(dev))
			NTB_EPF_LOG(ERR, dev, "link refused: max_pkt_len: peer has %u: expected at least %u",
			    rte_le_to_cpu_32(h->max_pkt_len), NTB_EPF_MIN_PKT_LEN);
		return false;
	}
	return true;
}

static bool
agree_on_mover(struct ntb_epf_dev *dev)
{
	const struct ntb_epf_win_hdr *h = &dev->peer_hdr;
	uint8_t own = ntb_epf_abilities(dev);
	bool rc = dev->side == NTB_EPF_SIDE_RC;

	dev->mover = rc ? ntb_epf_negotiate(dev->wish, own, h->wish, h->abilities) :
			  ntb_epf_negotiate(h->wish, h->abilities, dev->wish, own);
	if (dev->mover != NTB_EPF_MOVER_AUTO)
		return true;
	if (may_log_refusal(dev))
		NTB_EPF_LOG(ERR, dev, "link refused: this side has mover=%s, abilities %s, fallback=%u, "
		    "the peer mover=%s, abilities %s, fallback=%u: expected wishes that agree and a DMA "
		    "device on the side that moves, or fallback=1 on both",
		    ntb_epf_mover_name(dev->wish), ntb_epf_abilities_name(own), dev->fallback,
		    ntb_epf_mover_name(h->wish), ntb_epf_abilities_name(h->abilities),
		    (h->abilities & NTB_EPF_MAY_CPU) != 0);
	return false;
}

/** Cores need room in both windows. */
static bool
agree_on_cells(struct ntb_epf_dev *dev)
{
	uint64_t room = RTE_MIN(dev->window_bytes, dev->peer.bytes);

	if (dev->mover != NTB_EPF_MOVER_CPU ||
	    ntb_epf_cells_plan(&dev->cells, room, dev->nb_queues, dev->depth))
		return true;
	if (may_log_refusal(dev))
		NTB_EPF_LOG(ERR, dev, "link refused: arrangement cpu: own window has %" PRIu64
			    " bytes, peer's %" PRIu64 ": expected at least %" PRIu64 " for %u queue "
			    "pairs of %u", dev->window_bytes, dev->peer.bytes,
			    ntb_epf_cells_least_room(dev->nb_queues, dev->depth), dev->nb_queues,
			    dev->depth);
	return false;
}

static uint32_t
own_features(const struct ntb_epf_dev *dev)
{
	uint32_t features = ntb_epf_exec_able(dev) ? NTB_EPF_FEATURE_REQ : 0;

	if ((dev->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_NONE) != 0)
		features |= NTB_EPF_FEATURE_CKSUM;
	return features;
}

/** Writes the own header whole. Repeating it changes nothing. */
static void
say_hello(struct ntb_epf_dev *dev)
{
	struct ntb_epf_win_hdr h = {
		.magic = rte_cpu_to_le_32(NTB_EPF_RING_MAGIC),
		.version = rte_cpu_to_le_16(NTB_EPF_RING_VERSION),
		.hdr_bytes = rte_cpu_to_le_16(sizeof(h)),
		.queue_count = rte_cpu_to_le_16(dev->nb_queues),
		.queue_size = rte_cpu_to_le_16(dev->queue_size),
		.max_pkt_len = rte_cpu_to_le_32(dev->max_pkt_len),
		.side = dev->side,
		.wish = dev->wish,
		.abilities = ntb_epf_abilities(dev),
		.window_bytes = rte_cpu_to_le_64(dev->window_bytes),
		.features = rte_cpu_to_le_32(own_features(dev)),
		.window_addr = rte_cpu_to_le_64(dev->window_iova),
	};
	uint32_t words[offsetof(struct ntb_epf_win_hdr, generation) / sizeof(uint32_t)];
	unsigned int i;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		h.mac[i] = (uint8_t)(dev->mac >> (8 * i));
	memcpy(words, &h, sizeof(words));
	for (i = 0; i < RTE_DIM(words); i++)
		say(dev, i * sizeof(words[0]), rte_le_to_cpu_32(words[i]));
	SAY(dev, seen, dev->granted);
	SAY(dev, quiesced, dev->granted);
	ntb_epf_header_before_generation();
	SAY(dev, generation, dev->generation);
}

static enum ntb_epf_role
role_of(const struct ntb_epf_dev *dev, enum ntb_epf_dir dir)
{
	bool mover = ntb_epf_is_mover(dev->mover, dev->side, dir);
	bool sender = (dir == NTB_EPF_DIR_RC_TO_EP) == (dev->side == NTB_EPF_SIDE_RC);

	if (dev->mover == NTB_EPF_MOVER_CPU)
		return sender ? NTB_EPF_ROLE_CPU_TX : NTB_EPF_ROLE_CPU_RX;
	if (sender)
		return mover ? NTB_EPF_ROLE_PUSH_TX : NTB_EPF_ROLE_PULL_TX;
	return mover ? NTB_EPF_ROLE_PULL_RX : NTB_EPF_ROLE_PUSH_RX;
}

static void
reset_queue(struct ntb_epf_dev *dev, uint16_t index, uint32_t tag)
{
	struct ntb_epf_queue *q = &dev->queues[index];
	unsigned int dir;

	for (dir = NTB_EPF_DIR_RC_TO_EP; dir <= NTB_EPF_DIR_EP_TO_RC; dir++) {
		enum ntb_epf_role role = role_of(dev, dir);
		bool tx = (dir == NTB_EPF_DIR_RC_TO_EP) == (dev->side == NTB_EPF_SIDE_RC);
		bool engine = role == NTB_EPF_ROLE_PUSH_TX || role == NTB_EPF_ROLE_PULL_RX;
		struct ntb_epf_ring *r = tx ? &q->tx : &q->rx;

		r->mask = dev->depth - 1u;
		r->remote = NTB_EPF_AREA_OFFSET(index, dir, dev->depth);
		r->local = dev->window + r->remote;
		/* The publisher copies nothing; the channel may be the other side's. */
		ntb_epf_share_attach(&r->share, engine ? ntb_epf_dma_channel(dev, index, tx) : NULL);
		r->max_pkt_len = tx ? rte_le_to_cpu_32(dev->peer_hdr.max_pkt_len) :
				      dev->max_pkt_len;
		r->ol_flags = ntb_epf_ol_flags(dev) & NTB_EPF_OL_TX_CKSUM;
		r->takes_cksum = (dev->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_NONE) != 0;
		memset(r->local, 0, NTB_EPF_AREA_BYTES(dev->depth));
		ntb_epf_ring_reset(r, role, tag);
		ntb_epf_commit_reset(r, index);
		if (dev->mover == NTB_EPF_MOVER_CPU)
			ntb_epf_cpu_ring_reset(r, index);
	}
}

uint64_t
ntb_epf_ol_flags(const struct ntb_epf_dev *dev)
{
	uint32_t features = rte_le_to_cpu_32(dev->peer_hdr.features);

	if (dev->mover != NTB_EPF_MOVER_AUTO && (features & NTB_EPF_FEATURE_CKSUM) != 0)
		return dev->ol_flags;
	return dev->ol_flags & ~RTE_MBUF_F_TX_L4_MASK;
}

/** The peer has a generation that we have not granted yet: nothing of ours runs, so grant it. */
static void
grant(struct ntb_epf_dev *dev, uint32_t generation)
{
	uint32_t tag = dev->generation + generation;
	bool agreed = accept_header(dev) && agree_on_depth(dev) && agree_on_mover(dev) &&
		agree_on_cells(dev);
	uint16_t i;

	if (agreed)
		ntb_epf_exec_reset(dev, tag);
	if (!agreed || ntb_epf_dma_start(dev) != 0) {
		dev->mover = NTB_EPF_MOVER_AUTO;
		dev->depth = 0;
		dev->rejected = generation;
		return;
	}
	ntb_epf_commit_agree(dev);
	for (i = 0; i < dev->nb_queues; i++)
		reset_queue(dev, i, tag);
	ntb_epf_vdma_reset(dev, tag);
	dev->granted = generation;
	SAY(dev, seen, generation);
	ntb_epf_header_before_generation();
	SAY(dev, quiesced, generation);
}

static uint64_t
ticks_to_ms(uint64_t ticks)
{
	return ticks / (rte_get_tsc_hz() / 1000);
}

uint64_t
ntb_epf_heartbeat_age_ms(const struct ntb_epf_dev *dev)
{
	uint64_t now = rte_rdtsc();
	uint64_t at = dev->peer_heartbeat_at;

	/* Another caller may have looked meanwhile. */
	return dev->state == NTB_EPF_UP && now > at ? ticks_to_ms(now - at) : 0;
}

static void
listen_for_heartbeat(struct ntb_epf_dev *dev)
{
	uint64_t beat = ntb_epf_load64(dev->window + offsetof(struct ntb_epf_win_hdr, heartbeat));

	if (beat != dev->peer_heartbeat)
		dev->peer_heartbeat_at = rte_rdtsc();
	dev->peer_heartbeat = beat;
}

/** The application asked not to wait for a peer that makes no calls. */
static bool
peer_is_stalled(struct ntb_epf_dev *dev)
{
	listen_for_heartbeat(dev);
	return dev->peer_timeout_ms != 0 && ntb_epf_heartbeat_age_ms(dev) > dev->peer_timeout_ms;
}

static void
come_up(struct ntb_epf_dev *dev)
{
	dev->plat_ops->peer_mark(dev);
	dev->refusals = 0;
	listen_for_heartbeat(dev);
	dev->peer_heartbeat_at = rte_rdtsc();
	dev->state = NTB_EPF_UP;
	rte_atomic_store_explicit(&dev->link_up, 1, rte_memory_order_release);
	rings_run(dev, dev->open);
	NTB_EPF_LOG(INFO, dev, "link up: %s, arrangement %s, %u queue pairs of %u, generation "
		    "0x%08x, peer 0x%08x, commit %s", dev->side == NTB_EPF_SIDE_RC ? "RC" : "EP",
		    ntb_epf_mover_name(dev->mover), dev->nb_queues, dev->depth,
		    dev->generation, dev->granted, ntb_epf_commit_name(dev->commit));
}

static void
hello_poll(struct ntb_epf_dev *dev)
{
	uint32_t generation = HEARD(dev, generation);

	if (++dev->looks % NTB_EPF_HELLO_EVERY == 0)
		say_hello(dev);
	if (generation != dev->granted && dev->granted != 0) {
		/* It went before the link came up. Nothing runs here: the grant just ends. */
		dev->granted = 0;
		ntb_epf_dma_stop(dev);
		SAY(dev, seen, 0);
		SAY(dev, quiesced, 0);
	}
	if (generation == 0 || generation == UINT32_MAX ||
	    (generation == dev->rejected && dev->looks % NTB_EPF_RETRY_EVERY != 0))
		return;
	/* Behind the generation that validates it. */
	ntb_epf_entry_before_use();
	if (generation != dev->granted)
		grant(dev, generation);
	if (generation == dev->granted && HEARD(dev, seen) == dev->generation &&
	    HEARD(dev, quiesced) == dev->generation)
		come_up(dev);
}

/** Finishes what a sender that has gone quiet left under way: see finish_sent(). */
static void
finish_idle_senders(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++) {
		struct ntb_epf_ring *r = &dev->queues[i].tx;
		bool idle = r->idle_sq == r->sq && r->cq != r->sq;

		r->idle_sq = r->sq;
		if (r->role != NTB_EPF_ROLE_PUSH_TX || !idle)
			continue;
		rte_atomic_store_explicit(&r->run, 0, rte_memory_order_release);
		rte_atomic_thread_fence(rte_memory_order_seq_cst);
		if (!ring_is_busy(r))
			ntb_epf_push_tx_reap(r);
		rte_atomic_store_explicit(&r->run, 1, rte_memory_order_release);
	}
}

static void
beat(struct ntb_epf_dev *dev)
{
	if (rte_rdtsc() < dev->next_heartbeat)
		return;
	dev->next_heartbeat = ms_from_now(NTB_EPF_HEARTBEAT_MS);
	ntb_epf_peer_store64(dev, offsetof(struct ntb_epf_win_hdr, heartbeat),
			     rte_cpu_to_le_64(++dev->heartbeat));
}

static void
up_poll(struct ntb_epf_dev *dev)
{
	if (!reachable(dev))
		return leave(dev, "the peer is gone");
	if (HEARD(dev, generation) != dev->granted)
		return leave(dev, HEARD(dev, generation) == 0 ? "the peer stops" :
				  "the peer has restarted");
	if (HEARD(dev, quiesced) != dev->generation)
		return leave(dev, "the peer has let go");
	if (peer_is_stalled(dev))
		return leave(dev, "the peer has made no calls within peer_timeout");
	beat(dev);
	finish_idle_senders(dev);
}

static bool
rings_quiet(struct ntb_epf_dev *dev)
{
	bool quiet = true;
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++) {
		quiet &= ntb_epf_ring_drain(&dev->queues[i].tx);
		quiet &= ntb_epf_ring_drain(&dev->queues[i].rx);
	}
	return ntb_epf_exec_drain(dev) && quiet;
}

/** The DMA devices have been stopped: what was under way will not be reported. */
static void
rings_abandon(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++) {
		ntb_epf_ring_abandon(&dev->queues[i].tx);
		ntb_epf_ring_abandon(&dev->queues[i].rx);
	}
	ntb_epf_exec_abandon(dev);
}

/** The host, once: takes the endpoint's way into this memory, which comes back after LINK_DOWN. */
static bool
lock_peer_out(struct ntb_epf_dev *dev)
{
	if (dev->plat_ops->bus_master(dev, false) != 0)
		return !dev->plat_ops->alive(dev);
	dev->bus_master = false;
	ntb_epf_host_restart(dev);
	return true;
}

/**
 * Can no copy that the peer started land in this side's memory any more? So it is if nothing was
 * published, if the peer's process is gone, if this side moves everything, if cores copy (they write
 * to windows, not to buffers), if the peer has taken back its grant, or if it has a new generation,
 * which it takes only at rest. Else the endpoint waits for the host's LINK_DOWN; the host waits a
 * while, then locks the endpoint out.
 */
static bool
peer_is_safe(struct ntb_epf_dev *dev)
{
	bool rc = dev->side == NTB_EPF_SIDE_RC;
	uint32_t generation = HEARD(dev, generation);

	if (dev->granted == 0 || dev->plat_ops->peer_dma_gone(dev) ||
	    dev->mover == NTB_EPF_MOVER_CPU ||
	    dev->mover == (rc ? NTB_EPF_MOVER_RC : NTB_EPF_MOVER_EP) ||
	    HEARD(dev, quiesced) != dev->generation ||
	    (generation != dev->granted && generation != 0))
		return true;
	if (!rc)
		return dev->host_let_go;
	if (dev->host_state > NTB_EPF_HOST_LINK_DOWN && dev->host_state < NTB_EPF_HOST_LINK_UP)
		return true;
	return rte_rdtsc() >= dev->deadline && lock_peer_out(dev);
}

uint64_t
ntb_epf_quarantined(const struct ntb_epf_dev *dev)
{
	uint64_t n = 0;
	uint16_t i;

	for (i = 0; dev->state == NTB_EPF_QUIESCE && i < dev->nb_rings; i++)
		n += ntb_epf_ring_given(&dev->queues[i].tx) + ntb_epf_ring_given(&dev->queues[i].rx);
	return n;
}

static void
quiesced(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++) {
		ntb_epf_ring_release(&dev->queues[i].tx);
		ntb_epf_ring_release(&dev->queues[i].rx);
	}
	ntb_epf_vdma_ended(dev);
	new_generation(dev);
	dev->mover = NTB_EPF_MOVER_AUTO;
	dev->commit = NTB_EPF_COMMIT_DEFAULT;
	dev->depth = 0;
	dev->host_let_go = false;
	dev->state = dev->stopping ? NTB_EPF_STOPPED : NTB_EPF_WAIT;
	if (!dev->plat_ops->alive(dev))
		dev->state = NTB_EPF_DEAD;
}

static bool
rings_busy(struct ntb_epf_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->nb_queues; i++)
		if (ring_is_busy(&dev->queues[i].tx) || ring_is_busy(&dev->queues[i].rx))
			return true;
	return ntb_epf_exec_busy(dev) || ntb_epf_vdma_busy(dev);
}

static void
quiesce_poll(struct ntb_epf_dev *dev)
{
	/* A core inside a burst is not a copy: it comes out by itself, and is never overtaken. */
	if (rings_busy(dev))
		return;
	if (!dev->own_quiet) {
		if (!rings_quiet(dev)) {
			if (rte_rdtsc() < dev->deadline)
				return;
			NTB_EPF_LOG(WARNING, dev, "copies have not ended after %u ms: DMA devices are "
				    "stopped", NTB_EPF_DRAIN_MS);
			dev->deadline = ms_from_now(NTB_EPF_DRAIN_MS);
		}
		/* A channel that cannot be stopped may still copy, unless there is no engine. */
		if (ntb_epf_dma_stop(dev) != 0 && dev->plat_ops->alive(dev))
			return;
		rings_abandon(dev);
		dev->own_quiet = true;
		dev->deadline = ms_from_now(NTB_EPF_DRAIN_MS / 4);
	}
	if (reachable(dev)) {
		SAY(dev, generation, 0);
		SAY(dev, seen, 0);
		SAY(dev, quiesced, 0);
	}
	if (peer_is_safe(dev))
		quiesced(dev);
}

static void
link_poll(struct ntb_epf_dev *dev)
{
	if (dev->state == NTB_EPF_STOPPED || dev->state == NTB_EPF_DEAD)
		return;
	if (!dev->plat_ops->alive(dev)) {
		dev->peer.bytes = 0;
		if (dev->state != NTB_EPF_QUIESCE)
			leave(dev, "the board is gone");
	} else if (dev->side == NTB_EPF_SIDE_RC) {
		ntb_epf_host_poll(dev);
	} else {
		ntb_epf_ep_poll(dev);
	}
	if (dev->stopping && dev->state != NTB_EPF_QUIESCE)
		leave(dev, "stopped");

	switch (dev->state) {
	case NTB_EPF_WAIT:
		if (reachable(dev)) {
			say_hello(dev);
			dev->state = NTB_EPF_HELLO;
		}
		break;
	case NTB_EPF_HELLO:
		if (reachable(dev))
			hello_poll(dev);
		else
			leave(dev, "the peer is gone");
		break;
	case NTB_EPF_UP:
		up_poll(dev);
		break;
	case NTB_EPF_QUIESCE:
		quiesce_poll(dev);
		break;
	default:
		break;
	}
}

void
ntb_epf_service_now(struct ntb_epf_dev *dev)
{
	if (rte_atomic_exchange_explicit(&dev->service_lock, 1, rte_memory_order_acquire) != 0)
		return;
	link_poll(dev);
	rte_atomic_store_explicit(&dev->next_service,
				  rte_rdtsc() + rte_get_tsc_hz() / 1000000 * NTB_EPF_SERVICE_US,
				  rte_memory_order_relaxed);
	rte_atomic_store_explicit(&dev->service_lock, 0, rte_memory_order_release);
}

void
ntb_epf_link_lock(struct ntb_epf_dev *dev)
{
	while (rte_atomic_exchange_explicit(&dev->service_lock, 1, rte_memory_order_acquire) != 0)
		rte_pause();
}

void
ntb_epf_link_unlock(struct ntb_epf_dev *dev)
{
	rte_atomic_store_explicit(&dev->service_lock, 0, rte_memory_order_release);
}

static void
join(struct ntb_epf_dev *dev)
{
	if (dev->generation == 0)
		dev->generation = (uint32_t)rte_rand();
	new_generation(dev);
	dev->rejected = 0;
	dev->stopping = false;
	dev->refusals = 0;
	dev->state = dev->plat_ops->alive(dev) ? NTB_EPF_WAIT : NTB_EPF_DEAD;
}

void
ntb_epf_link_start(struct ntb_epf_dev *dev, bool open)
{
	ntb_epf_link_lock(dev);
	if (dev->state == NTB_EPF_STOPPED)
		join(dev);
	dev->open = open;
	if (dev->state == NTB_EPF_UP)
		rings_run(dev, open);
	ntb_epf_link_unlock(dev);
}

void
ntb_epf_link_close(struct ntb_epf_dev *dev)
{
	ntb_epf_link_lock(dev);
	rings_run(dev, 0);
	dev->state = NTB_EPF_STOPPED;
	dev->peer.bytes = 0;
	dev->ctrl.bytes = 0;
	ntb_epf_link_unlock(dev);
}

/** The peer answers a stop when it makes its next call; an idle one is waited for this long. */
#define NTB_EPF_STOP_MS 1500

int
ntb_epf_link_stop(struct ntb_epf_dev *dev)
{
	uint64_t end = ms_from_now(NTB_EPF_STOP_MS);

	ntb_epf_link_lock(dev);
	dev->stopping = true;
	dev->open = false;
	ntb_epf_link_unlock(dev);
	while (dev->state != NTB_EPF_STOPPED && dev->state != NTB_EPF_DEAD) {
		ntb_epf_service(dev);
		if (rte_rdtsc() > end)
			return -EBUSY;
		rte_delay_us_sleep(NTB_EPF_SERVICE_US / 4);
	}
	/* Whoever came to that state has left it behind now. */
	ntb_epf_link_lock(dev);
	ntb_epf_link_unlock(dev);
	return 0;
}
