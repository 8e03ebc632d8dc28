/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* What the device shows of itself. Addresses of memory are left out. */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include <rte_ether.h>

#include "ntb_epf_priv.h"

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

static const char *
host_state_name(enum ntb_epf_host_state state)
{
	static const char *const names[] = {
		[NTB_EPF_HOST_PROBE] = "looks for the control region",
		[NTB_EPF_HOST_LINK_DOWN] = "LINK_DOWN",
		[NTB_EPF_HOST_SETTLE] = "waits for the endpoint to clean up",
		[NTB_EPF_HOST_TEARDOWN] = "TEARDOWN_MW",
		[NTB_EPF_HOST_CONFIGURE] = "CONFIGURE_MW",
		[NTB_EPF_HOST_LINK_UP] = "LINK_UP",
		[NTB_EPF_HOST_READY] = "ready",
	};

	return names[state];
}

static const char *
yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static void
dump_mac(uint64_t mac, FILE *f)
{
	unsigned int i;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		fprintf(f, "%s%02x", i == 0 ? "" : ":", (unsigned int)(mac >> (8 * i)) & 0xff);
}

static void
dump_platform(const struct ntb_epf_dev *dev, FILE *f)
{
	fprintf(f, "  own window %" PRIu64 " bytes, peer's %" PRIu64 "%s, control region %" PRIu64
		", doorbells %" PRIu64 "\n", dev->window_bytes, dev->peer.bytes,
		dev->peer.va == NULL ? " (by message)" : "", dev->ctrl.bytes, dev->db.bytes);
	if (dev->side == NTB_EPF_SIDE_RC)
		fprintf(f, "  commands: %s%s, bus master %s\n", host_state_name(dev->host_state),
			dev->command_pending ? " (pending)" : "", yes_no(dev->bus_master));
	else
		fprintf(f, "  control region served %s, host's link %s, host's window %" PRIu64
			" bytes\n", yes_no(dev->bound), yes_no(dev->host_link), dev->mw_bytes);
}

static void
dump_peer(const struct ntb_epf_dev *dev, FILE *f)
{
	const struct ntb_epf_win_hdr *h = &dev->peer_hdr;

	if (dev->granted == 0)
		return;
	fprintf(f, "  peer: %u queue pairs of %u, wish %s, abilities 0x%x, packets up to %u bytes, "
		"MAC ", rte_le_to_cpu_16(h->queue_count), rte_le_to_cpu_16(h->queue_size),
		ntb_epf_mover_name(h->wish), h->abilities, rte_le_to_cpu_32(h->max_pkt_len));
	dump_mac(ntb_epf_peer_mac(dev), f);
	fprintf(f, "\n");
}

static void
dump_link(const struct ntb_epf_dev *dev, FILE *f)
{
	const struct ntb_epf_win_hdr *heard = (const struct ntb_epf_win_hdr *)dev->window;

	fprintf(f, "  generation 0x%08x, granted 0x%08x, refused 0x%08x", dev->generation,
		dev->granted, dev->rejected);
	if (heard != NULL)
		fprintf(f, "; heard: generation 0x%08x, seen 0x%08x, quiesced 0x%08x",
			ntb_epf_load32(&heard->generation), ntb_epf_load32(&heard->seen),
			ntb_epf_load32(&heard->quiesced));
	fprintf(f, "\n  heartbeat %" PRIu64 ", peer's age %" PRIu64 " ms, time-out %u ms, flaps %u, "
		"reads across the link %" PRIu64 ", quarantined %" PRIu64 "\n", dev->heartbeat,
		ntb_epf_heartbeat_age_ms(dev), dev->peer_timeout_ms, dev->flaps,
		rte_atomic_load_explicit(&dev->link_reads, rte_memory_order_relaxed),
		ntb_epf_quarantined(dev));
}

static void
dump_channels(const struct ntb_epf_dev *dev, FILE *f)
{
	unsigned int i;

	for (i = 0; i < dev->nb_chans; i++)
		fprintf(f, "  DMA device %d %s%s, %u users of %u operations each\n",
			dev->chans[i].dev_id, dev->chans[i].push ? "pushes" : "pulls",
			dev->chans[i].started ? ", started" : "",
			dev->chans[i].started ? dev->chans[i].users : 0, dev->chans[i].cap);
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
		[NTB_EPF_ROLE_CPU_TX] = "copies",
		[NTB_EPF_ROLE_CPU_RX] = "is copied to",
	};

	fprintf(f, "    %s %s: submissions %u, completions %u, DMA device %d, room %u\n", what,
		roles[r->role], r->sq, r->cq, r->role == NTB_EPF_ROLE_NONE ? -1 : r->share.dma,
		r->share.room);
	fprintf(f, "       packets %" PRIu64 " bytes %" PRIu64 " errors %" PRIu64 " ring full %" PRIu64
		" missed %" PRIu64 " no buffer %" PRIu64 "\n", r->stats.packets, r->stats.bytes,
		r->stats.errors, r->stats.ring_full, r->stats.missed, r->stats.no_buffer);
}

int
ntb_epf_dump(struct rte_rawdev *rawdev, FILE *f)
{
	const struct ntb_epf_dev *dev = rawdev->dev_private;
	unsigned int i;

	if (f == NULL)
		return -EINVAL;
	fprintf(f, "%s: side %s, link %s, started %s, arrangement %s (asked for %s, "
		"fallback %s), commit %s\n", dev->name,
		dev->side == NTB_EPF_SIDE_RC ? "RC" : "EP", state_name(dev->state),
		yes_no(rawdev->started), ntb_epf_mover_name(dev->mover),
		ntb_epf_mover_name(dev->wish), yes_no(dev->fallback),
		ntb_epf_commit_name(dev->commit));
	if (dev->plat_ops == NULL) {
		fprintf(f, "  closed\n");
		return 0;
	}
	dump_platform(dev, f);
	dump_link(dev, f);
	fprintf(f, "  %u queue pairs of %u, %u on this link, packets up to %u bytes, MAC ",
		dev->nb_queues, dev->queue_size, dev->depth, dev->max_pkt_len);
	dump_mac(dev->mac, f);
	fprintf(f, "\n");
	dump_peer(dev, f);
	if (dev->mover == NTB_EPF_MOVER_CPU)
		fprintf(f, "  %u cells of %u bytes for each queue pair, from %" PRIu64 " on\n",
			dev->cells.count, dev->cells.bytes, dev->cells.start);
	dump_channels(dev, f);
	for (i = 0; dev->queues != NULL && i < dev->nb_queues; i++) {
		fprintf(f, "  queue %u\n", i);
		dump_ring(&dev->queues[i].tx, "tx", f);
		dump_ring(&dev->queues[i].rx, "rx", f);
	}
	return 0;
}
