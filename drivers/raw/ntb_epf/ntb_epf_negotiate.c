/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Who moves the data. Both sides come to the same answer from what the two headers say: the wishes,
 * the directions in which DMA devices can copy, and whether cores may do it instead.
 *
 *     wishes                         agreed
 *     two that differ, or unknown    none
 *     cpu, from one side or both     cpu
 *     another, from one or both      that one if it is possible
 *     auto from both                 the first possible one of ep, split, rc
 *     nothing of that possible       cpu if both sides said fallback=1, else none
 */

#include "ntb_epf_priv.h"

const char *
ntb_epf_mover_name(enum ntb_epf_mover mover)
{
	static const char *const names[] = {
		[NTB_EPF_MOVER_AUTO] = "auto",
		[NTB_EPF_MOVER_SPLIT] = "split",
		[NTB_EPF_MOVER_RC] = "rc",
		[NTB_EPF_MOVER_EP] = "ep",
		[NTB_EPF_MOVER_CPU] = "cpu",
	};

	return (unsigned int)mover < RTE_DIM(names) ? names[mover] : "unknown";
}

const char *
ntb_epf_abilities_name(uint8_t abilities)
{
	static const char *const names[] = { "none", "push", "pull", "push and pull" };

	return names[abilities & (NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL)];
}

uint8_t
ntb_epf_abilities(const struct ntb_epf_dev *dev)
{
	return ntb_epf_dma_abilities(dev) | (dev->fallback ? NTB_EPF_MAY_CPU : 0);
}

static bool
is_possible(enum ntb_epf_mover mover, uint8_t can_rc, uint8_t can_ep)
{
	const uint8_t both = NTB_EPF_CAN_PUSH | NTB_EPF_CAN_PULL;

	switch (mover) {
	case NTB_EPF_MOVER_SPLIT:
		return (can_rc & can_ep & NTB_EPF_CAN_PUSH) != 0;
	case NTB_EPF_MOVER_RC:
		return (can_rc & both) == both;
	case NTB_EPF_MOVER_EP:
		return (can_ep & both) == both;
	case NTB_EPF_MOVER_CPU:
		return true;
	default:
		return false;
	}
}

/** Least traffic on the link first: an endpoint that moves everything reads nothing over it, a host
 * that programs the engine writes lists and reads positions.
 */
static enum ntb_epf_mover
first_possible(uint8_t can_rc, uint8_t can_ep)
{
	static const enum ntb_epf_mover order[] = {
		NTB_EPF_MOVER_EP, NTB_EPF_MOVER_SPLIT, NTB_EPF_MOVER_RC,
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(order); i++)
		if (is_possible(order[i], can_rc, can_ep))
			return order[i];
	return NTB_EPF_MOVER_AUTO;
}

enum ntb_epf_mover
ntb_epf_negotiate(enum ntb_epf_mover wish_rc, uint8_t can_rc, enum ntb_epf_mover wish_ep,
		  uint8_t can_ep)
{
	enum ntb_epf_mover wish = wish_rc != NTB_EPF_MOVER_AUTO ? wish_rc : wish_ep;
	enum ntb_epf_mover agreed;

	/* A value that this side does not know is a wish of the peer's that it cannot meet. */
	if (wish > NTB_EPF_MOVER_CPU || (wish_ep != NTB_EPF_MOVER_AUTO && wish_ep != wish))
		return NTB_EPF_MOVER_AUTO;
	if (wish == NTB_EPF_MOVER_AUTO)
		agreed = first_possible(can_rc, can_ep);
	else
		agreed = is_possible(wish, can_rc, can_ep) ? wish : NTB_EPF_MOVER_AUTO;
	if (agreed == NTB_EPF_MOVER_AUTO && (can_rc & can_ep & NTB_EPF_MAY_CPU) != 0)
		agreed = NTB_EPF_MOVER_CPU;
	return agreed;
}

bool
ntb_epf_is_mover(enum ntb_epf_mover mover, uint8_t side, enum ntb_epf_dir dir)
{
	bool sender = (dir == NTB_EPF_DIR_RC_TO_EP) == (side == NTB_EPF_SIDE_RC);

	if (mover == NTB_EPF_MOVER_SPLIT || mover == NTB_EPF_MOVER_CPU)
		return sender;
	return (mover == NTB_EPF_MOVER_RC) == (side == NTB_EPF_SIDE_RC);
}
