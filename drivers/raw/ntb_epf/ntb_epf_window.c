/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * What attributes tell of memory window N, of which there is one, N = 0:
 *
 *     mw_N_size       bytes of the peer's window; 0 while it cannot be reached
 *     mw_N_va         where it is mapped in this process; 0: not, or reached by message
 *     mw_N_dma        its address for this side's DMA devices; 0: not known
 *     own_mw_N_size   bytes of the own window, which the peer writes
 *     own_mw_N_va     where it is in this process
 *     mw_N_user       first byte, in either window, that the rings leave to the application
 *
 * Places of the peer's window hold until the next call that may look after the link: enqueue,
 * dequeue, or reading link_status or a scratchpad.
 */

#include <stdlib.h>
#include <string.h>

#include "ntb_epf_priv.h"

/** The part for the application starts at a page. */
#define NTB_EPF_USER_ALIGN 4096

enum window_value {
	PEER_SIZE,
	PEER_VA,
	PEER_DMA,
	USER,
	OWN_SIZE,
	OWN_VA,
};

static const struct {
	const char *prefix;
	const char *suffix;
	enum window_value value;
} window_attrs[] = {
	{ "mw_", "_size", PEER_SIZE },
	{ "mw_", "_va", PEER_VA },
	{ "mw_", "_dma", PEER_DMA },
	{ "mw_", "_user", USER },
	{ "own_mw_", "_size", OWN_SIZE },
	{ "own_mw_", "_va", OWN_VA },
};

static uint64_t
user_offset(const struct ntb_epf_dev *dev)
{
	bool cpu = dev->wish == NTB_EPF_MOVER_CPU || dev->mover == NTB_EPF_MOVER_CPU;
	uint64_t rings = NTB_EPF_PAYLOAD_OFFSET(dev->nb_queues, dev->queue_size);

	/* Cells are all over the rest. */
	if (cpu)
		return dev->window_bytes;
	return RTE_MIN(RTE_ALIGN_CEIL(rings, NTB_EPF_USER_ALIGN), dev->window_bytes);
}

static uint64_t
window_value(const struct ntb_epf_dev *dev, enum window_value which)
{
	bool usable = ntb_epf_peer_usable(dev);

	switch (which) {
	case PEER_SIZE:
		return usable ? dev->peer.bytes : 0;
	case PEER_VA:
		return usable ? (uintptr_t)dev->peer.va : 0;
	case PEER_DMA:
		return usable ? dev->peer.dma : 0;
	case OWN_SIZE:
		return dev->window_bytes;
	case OWN_VA:
		return (uintptr_t)dev->window;
	default:
		return user_offset(dev);
	}
}

int
ntb_epf_window_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(window_attrs); i++) {
		size_t n = strlen(window_attrs[i].prefix);
		char *end;

		if (strncmp(name, window_attrs[i].prefix, n) != 0 || name[n] < '0' || name[n] > '9')
			continue;
		if (strtoul(name + n, &end, 10) != 0)
			return -EINVAL;
		if (strcmp(end, window_attrs[i].suffix) != 0)
			continue;
		ntb_epf_link_lock(dev);
		*value = window_value(dev, window_attrs[i].value);
		ntb_epf_link_unlock(dev);
		return 0;
	}
	return -ENOENT;
}
