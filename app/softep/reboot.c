/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include "log.h"
#include "ntb.h"
#include "outbound.h"
#include "reboot.h"

static void
forget_memory(const struct softep_memory *mem)
{
	if (mem->va != NULL)
		memset(mem->va, 0, mem->bytes);
}

/** All that the SoC held: who looks finds what power-on leaves. */
static void
reboot_memories(struct softep *board)
{
	unsigned int i;

	softep_ntb_unbind(board);
	forget_memory(&board->ctrl);
	forget_memory(&board->ntb.ctrl2);
	forget_memory(&board->db);
	forget_memory(&board->ll);
	for (i = 0; i < NTB_EPF_MAX_MW; i++)
		forget_memory(&board->mw[i]);
}

/** Programs of the endpoint die with it; PCI functions are reset. */
static void
reboot_ports(struct softep *board)
{
	struct softep_device *dev;
	unsigned int i;

	for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
		dev = &board->ports[i];
		if (dev->srv == NULL)
			continue;
		if (softep_port_is_rc(i))
			softep_board_reset_function(dev);
		else if (dev->attached)
			vfio_user_server_drop(dev->srv, "the endpoint reboots");
	}
}

void
softep_reboot(struct softep *board, unsigned int down_ms)
{
	softep_say("the endpoint reboots: link down for %u ms", down_ms);
	softep_board_set_link(board, false);
	reboot_ports(board);
	edma_model_reset(board->model);
	memset(&board->owners, 0, sizeof(board->owners));
	softep_outbound_close(board);
	reboot_memories(board);
	board->reboot.cnt++;
	board->reboot.end = softep_ntb_now() + down_ms * UINT64_C(1000000);
}

void
softep_reboot_forget(struct softep *board)
{
	if (board->reboot.end == 0)
		return;
	board->reboot.end = 0;
	softep_ntb_rebind(board);
}

uint64_t
softep_reboot_wait(const struct softep *board)
{
	uint64_t now;

	if (board->reboot.end == 0)
		return UINT64_MAX;
	now = softep_ntb_now();
	return board->reboot.end > now ? board->reboot.end - now : 0;
}

void
softep_reboot_run(struct softep *board)
{
	if (softep_reboot_wait(board) != 0)
		return;
	softep_reboot_forget(board);
	softep_board_set_link(board, true);
	softep_say("the endpoint is back: link up");
}
