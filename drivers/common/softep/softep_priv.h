/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_PRIV_H_
#define _SOFTEP_PRIV_H_

/**
 * @file
 * State of one attachment, shared by softep_client.c and softep_dma.c.
 */

#include <pthread.h>

#include <rte_dev.h>
#include <rte_memory.h>

#include <vfio_user_client.h>

#include "softep_client.h"
#include "softep_compat.h"

extern int softep_logtype;
#define RTE_LOGTYPE_SOFTEP softep_logtype

/** One line with the name of the device. */
#define SOFTEP_LOG(level, name, ...) \
	RTE_LOG_LINE_PREFIX(level, SOFTEP, "%s: ", name, __VA_ARGS__)

/** A piece of memory that the device knows. */
struct softep_map {
	uint64_t iova;
	uint64_t bytes;
};

struct softep_client {
	struct vfio_user_client *conn;
	enum softep_port port;
	char name[RTE_DEV_NAME_MAX_LEN]; /**< of the device, for log lines */
	const struct softep_board *board;
	struct softep_region region[SOFTEP_REGIONS];

	/** Of the callback that follows EAL's memory; empty: not registered. */
	char event_name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];
	/**
	 * Guards the maps, which EAL's callback changes in the context of whichever thread
	 * allocates. Taken with EAL's memory lock held: nothing under it may allocate EAL memory.
	 */
	pthread_mutex_t lock;
	struct softep_map *map;
	size_t map_cnt;
	size_t map_room; /**< entries allocated */
};

/** Maps all EAL memory and keeps it mapped as EAL adds and removes segments. */
int softep_dma_start(struct softep_client *client);

/** Stops following EAL's memory and unmaps everything, the owner's own maps included. */
void softep_dma_stop(struct softep_client *client);

#endif /* _SOFTEP_PRIV_H_ */
