/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <string.h>

#include "board.h"
#include "ntb_command.h"

static void
stats_vntb(const struct vntb *vntb, struct softep_reply *reply)
{
	const struct vntb_counters *c = &vntb->counters;
	unsigned int i;

	softep_reply_add(reply,
			 "ntb mode=vntb bound=%d link=%d db=0x%" PRIx64 " db_valid=0x%" PRIx64
			 " last_event=%u\n",
			 vntb->bound ? 1 : 0, vntb->ctrl.regs->link_status & NTB_EPF_LINK_UP,
			 vntb->doorbells, vntb_db_valid_mask(vntb), vntb->last_event);
	softep_reply_add(reply,
			 "ntb host 1 reads=%" PRIu64 " writes=%" PRIu64 " commands=%" PRIu64
			 " bad_commands=%" PRIu64 " link_events=%" PRIu64 " doorbells=%" PRIu64
			 " stray_db=%" PRIu64 " early_mw=%" PRIu64 " msis=%" PRIu64
			 " zero_msis=%" PRIu64 " out_errors=%" PRIu64 " cleanups=%" PRIu64 "\n",
			 c->reads, c->writes, c->commands, c->bad_commands, c->link_events,
			 c->doorbells, c->stray_db, c->early_mw, c->msis, c->zero_msis,
			 c->out_errors, c->cleanups);
	for (i = 0; i < vntb->conf.shape.mw_cnt; i++)
		softep_reply_add(reply,
				 "ntb window %u bytes=%" PRIu64 " translated=%" PRIu64
				 " entries=%u\n",
				 i, ntb_shape_mw_size(&vntb->conf.shape, i), vntb->mw_trans[i],
				 ntb_windows_count(&vntb->windows, i));
}

static void
stats_side(const struct bridge_side *side, unsigned int number, struct softep_reply *reply)
{
	const struct bridge_counters *c = &side->counters;

	softep_reply_add(reply,
			 "ntb host %u link=%d wants_link=%d reads=%" PRIu64 " writes=%" PRIu64
			 " commands=%" PRIu64 " bad_commands=%" PRIu64 " link_events=%" PRIu64
			 " doorbells=%" PRIu64 " stray_db=%" PRIu64 " early_mw=%" PRIu64
			 " mw_errors=%" PRIu64 "\n",
			 number, side->ctrl.regs->link_status & NTB_EPF_LINK_UP,
			 side->link_up ? 1 : 0, c->reads, c->writes, c->commands, c->bad_commands,
			 c->link_events, c->doorbells, c->stray_db, c->early_mw, c->mw_errors);
}

/** Entries of a window are those that the other host has made for it. */
static void
stats_bridge(const struct bridge *bridge, struct softep_reply *reply)
{
	unsigned int i;

	softep_reply_add(reply, "ntb mode=back-to-back bound=%d\n", bridge->bound ? 1 : 0);
	stats_side(&bridge->side[0], 1, reply);
	stats_side(&bridge->side[1], 2, reply);
	for (i = 0; i < bridge->conf.shape.mw_cnt; i++)
		softep_reply_add(reply,
				 "ntb window %u bytes=%" PRIu64 " entries_for_1=%u"
				 " entries_for_2=%u\n",
				 i, ntb_shape_mw_size(&bridge->conf.shape, i),
				 ntb_windows_count(&bridge->side[1].windows, i),
				 ntb_windows_count(&bridge->side[0].windows, i));
}

void
softep_ntb_stats(const struct softep *board, struct softep_reply *reply)
{
	if (board->opt->ntb.mode == SOFTEP_NTB_VNTB)
		stats_vntb(&board->ntb.vntb, reply);
	else if (board->opt->ntb.mode == SOFTEP_NTB_BRIDGE)
		stats_bridge(&board->ntb.bridge, reply);
}

void
softep_ntb_clear(struct softep *board)
{
	struct bridge_side *sides = board->ntb.bridge.side;

	memset(&board->ntb.vntb.counters, 0, sizeof(board->ntb.vntb.counters));
	memset(&sides[0].counters, 0, sizeof(sides[0].counters));
	memset(&sides[1].counters, 0, sizeof(sides[1].counters));
}
