/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <string.h>

#include "inject.h"
#include "ntb_command.h"
#include "stats.h"

static const char *const dir_names[] = { [EDMA_DIR_WR] = "wr", [EDMA_DIR_RD] = "rd" };

static void
stats_channels(const struct softep *board, enum edma_dir dir, unsigned int cnt,
	       struct softep_reply *reply)
{
	unsigned int i;

	for (i = 0; i < cnt; i++) {
		const struct edma_counters *c = edma_model_counters(board->model, dir, i);

		softep_reply_add(reply,
				 "%s%u elements=%" PRIu64 " bytes=%" PRIu64 " doorbells=%" PRIu64
				 " laps=%" PRIu64 " aborts=%" PRIu64 " imwr=%" PRIu64 "\n",
				 dir_names[dir], i, c->elements, c->bytes, c->doorbells, c->laps,
				 c->aborts, c->imwr);
	}
}

/** Aborts by cause, of channels that had any. */
static void
stats_aborts(const struct softep *board, enum edma_dir dir, unsigned int cnt,
	     struct softep_reply *reply)
{
	unsigned int i, kind;

	for (i = 0; i < cnt; i++) {
		const struct edma_counters *c = edma_model_counters(board->model, dir, i);

		if (c->aborts == 0)
			continue;
		softep_reply_add(reply, "aborts %s%u stop=%" PRIu64, dir_names[dir], i,
				 c->faults[EDMA_FAULT_NONE]);
		for (kind = EDMA_FAULT_NONE + 1; kind <= EDMA_FAULT_POISON; kind++)
			softep_reply_add(reply, " %s=%" PRIu64, softep_fault_name(kind),
					 c->faults[kind]);
		softep_reply_add(reply, "\n");
	}
}

static void
stats_way(const struct softep_way_count *c, const char *way, struct softep_reply *reply)
{
	const struct softep_tlps sum = softep_clock_sum(c);

	softep_reply_add(reply,
			 " %s_tlps=%" PRIu64 " %s_bytes=%" PRIu64 " %s_wire_bytes=%" PRIu64
			 " %s_posted_tlps=%" PRIu64 " %s_posted_bytes=%" PRIu64
			 " %s_requests=%" PRIu64 " %s_completions=%" PRIu64, way, sum.cnt, way,
			 sum.bytes, way, sum.wire, way, c->posted.cnt, way, c->posted.bytes, way,
			 c->requests.cnt, way, c->completions.cnt);
}

static void
stats_link(const struct softep_clock *clock, struct softep_reply *reply)
{
	softep_reply_add(reply, "link");
	stats_way(&clock->count[SOFTEP_DOWN], "down", reply);
	stats_way(&clock->count[SOFTEP_UP], "up", reply);
	softep_reply_add(reply, " model_ns=%" PRIu64 "\n", softep_clock_ns(clock));
}

static void
stats_port(const struct softep_device *dev, struct softep_reply *reply)
{
	const struct softep_port_state *state = dev->state;
	const char *name = softep_port_names[dev->port];
	unsigned int i;

	softep_reply_add(reply, "%s attached=%u attach_seq=%u bus_master=%u maps=%u", name,
			 state->attached, state->attach_seq, state->bus_master, dev->maps.cnt);
	if (softep_port_is_rc(dev->port))
		softep_reply_add(reply, " irqs=%" PRIu64 " irqs_lost=%" PRIu64, dev->irq.sent,
				 dev->irq.lost);
	softep_reply_add(reply, " waited_ns=%" PRIu64 "\n", dev->cpu.waited_ns);
	for (i = 0; i < SOFTEP_REGIONS; i++) {
		const struct softep_access *a = &dev->access[i];

		if (a->reads == 0 && a->writes == 0)
			continue;
		softep_reply_add(reply,
				 "%s region %u reads=%" PRIu64 " read_bytes=%" PRIu64
				 " writes=%" PRIu64 " write_bytes=%" PRIu64 " tlps=%" PRIu64 "\n",
				 name, i, a->reads, a->read_bytes, a->writes, a->write_bytes,
				 a->tlps);
	}
}

/** Kinds of violations that have happened. */
static void
stats_violations(const struct edma_model *model, struct softep_reply *reply)
{
	const char *name;
	uint64_t count;
	unsigned int i;

	for (i = 0; (name = edma_violation_name(i)) != NULL; i++) {
		count = edma_model_violations_of(model, i);
		if (count != 0)
			softep_reply_add(reply, "violation %s=%" PRIu64 "\n", name, count);
	}
}

void
softep_stats(const struct softep *board, struct softep_reply *reply)
{
	const uint64_t foreign = softep_owner_violations(board);
	const struct softep_outbound *out = &board->outbound;
	unsigned int i;

	stats_channels(board, EDMA_DIR_WR, board->opt->wr_cnt, reply);
	stats_channels(board, EDMA_DIR_RD, board->opt->rd_cnt, reply);
	stats_aborts(board, EDMA_DIR_WR, board->opt->wr_cnt, reply);
	stats_aborts(board, EDMA_DIR_RD, board->opt->rd_cnt, reply);
	softep_reply_add(reply,
			 "engine busy=%d violations=%" PRIu64 " owner_violations=%" PRIu64
			 " local_faults=%" PRIu64 " pcie_faults=%" PRIu64
			 " last_fault=0x%" PRIx64 "\n",
			 edma_model_busy(board->model) ? 1 : 0,
			 edma_model_violations(board->model) - foreign, foreign,
			 board->local_faults, board->pcie_faults, board->last_fault);
	stats_violations(board->model, reply);
	stats_link(&board->clock, reply);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		if (softep_port_is_served(board, i))
			stats_port(&board->ports[i], reply);
	}
	softep_ntb_stats(board, reply);
	softep_reply_add(reply,
			 "outbound open=%u target=0x%" PRIx64 " size=%" PRIu64 " faults=%" PRIu64
			 "\n",
			 out->atu.enable, out->target, out->size, out->faults);
	softep_reply_add(reply, "board link=%s trap=%d reboots=%" PRIu64 "\n",
			 softep_board_link_up(board) ? "up" : "down", board->opt->trap ? 1 : 0,
			 board->reboot.cnt);
}

static void
port_clear(struct softep_device *dev)
{
	memset(dev->access, 0, sizeof(dev->access));
	dev->cpu.waited_ns = 0;
	dev->cpu.waited = 0;
	dev->irq.sent = 0;
	dev->irq.lost = 0;
}

void
softep_stats_clear(struct softep *board)
{
	unsigned int i;

	edma_model_clear_counters(board->model);
	softep_ntb_clear(board);
	for (i = 0; i < SOFTEP_ALL_PORTS; i++)
		port_clear(&board->ports[i]);
	softep_clock_clear(&board->clock);
	board->outbound.faults = 0;
	board->local_faults = 0;
	board->pcie_faults = 0;
	board->last_fault = 0;
}
