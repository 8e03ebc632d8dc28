/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "softep_priv.h"

/** A run of segments that the device can take as one map. */
struct dma_run {
	struct softep_client *client;
	int fd; /**< -1: no run begun */
	uint64_t fd_offset;
	uint64_t iova;
	uint64_t bytes;
	int rc;
};

static int
map_room_locked(struct softep_client *client)
{
	size_t room = client->map_room;
	struct softep_map *map;

	if (client->map_cnt < room)
		return 0;
	room = room == 0 ? 64 : 2 * room;
	map = realloc(client->map, room * sizeof(*map));
	if (map == NULL)
		return -ENOMEM;
	client->map = map;
	client->map_room = room;
	return 0;
}

static int
map_locked(struct softep_client *client, int fd, uint64_t fd_offset, uint64_t iova,
	   uint64_t bytes)
{
	int rc = map_room_locked(client);

	if (rc != 0)
		return rc;
	rc = vfio_user_client_dma_map(client->conn, fd, fd_offset, iova, bytes,
				      VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE);
	if (rc != 0)
		return rc;
	client->map[client->map_cnt].iova = iova;
	client->map[client->map_cnt].bytes = bytes;
	client->map_cnt++;
	return 0;
}

int
softep_dma_map(struct softep_client *client, int fd, uint64_t fd_offset, uint64_t iova,
	       uint64_t bytes)
{
	int rc;

	pthread_mutex_lock(&client->lock);
	rc = map_locked(client, fd, fd_offset, iova, bytes);
	pthread_mutex_unlock(&client->lock);
	return rc;
}

int
softep_dma_unmap(struct softep_client *client, uint64_t iova, uint64_t bytes)
{
	int rc = -ENOENT;
	size_t i;

	pthread_mutex_lock(&client->lock);
	for (i = 0; i < client->map_cnt; i++) {
		if (client->map[i].iova != iova || client->map[i].bytes != bytes)
			continue;
		rc = vfio_user_client_dma_unmap(client->conn, iova, bytes);
		client->map[i] = client->map[--client->map_cnt];
		break;
	}
	pthread_mutex_unlock(&client->lock);
	return rc;
}

static int
run_flush(struct dma_run *run)
{
	int rc;

	if (run->fd < 0)
		return 0;
	rc = softep_dma_map(run->client, run->fd, run->fd_offset, run->iova, run->bytes);
	run->fd = -1;
	if (rc != 0 && rc != -EPIPE)
		SOFTEP_LOG(ERR, run->client->name,
			   "the board refuses memory at 0x%" PRIx64 ", 0x%" PRIx64 " bytes: %s",
			   run->iova, run->bytes, strerror(-rc));
	return rc;
}

/**
 * Segments of small pages come by the ten thousand, all of one file, and never go away: neighbours
 * are merged. Hugepages come and go one by one, so each is a map of its own that its removal finds.
 */
static bool
run_extends(const struct dma_run *run, const struct rte_memseg *ms, int fd, uint64_t fd_offset)
{
	return run->fd == fd && ms->hugepage_sz == RTE_PGSIZE_4K &&
	       run->iova + run->bytes == ms->iova && run->fd_offset + run->bytes == fd_offset;
}

static int
run_add(struct dma_run *run, const struct rte_memseg *ms)
{
	size_t fd_offset;
	int rc;
	int fd;

	fd = rte_memseg_get_fd_thread_unsafe(ms);
	if (fd < 0 || rte_memseg_get_fd_offset_thread_unsafe(ms, &fd_offset) != 0) {
		SOFTEP_LOG(ERR, run->client->name,
			   "memory at %p has no file descriptor (%s), the board cannot reach it",
			   ms->addr, rte_strerror(rte_errno));
		return -ENOTSUP;
	}
	if (run_extends(run, ms, fd, fd_offset)) {
		run->bytes += ms->len;
		return 0;
	}
	rc = run_flush(run);
	run->fd = fd;
	run->fd_offset = fd_offset;
	run->iova = ms->iova;
	run->bytes = ms->len;
	return rc;
}

/** External memory is its owner's to map: EAL has no descriptor for it. */
static int
walk_segment(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	struct dma_run *run = arg;

	if (msl->external != 0)
		return 0;
	run->rc = run_add(run, ms);
	return run->rc != 0 ? -1 : 0;
}

static void
event_alloc(struct softep_client *client, const struct rte_memseg_list *msl, const uint8_t *addr,
	    size_t len)
{
	struct dma_run run = { .client = client, .fd = -1 };
	const struct rte_memseg *ms;
	size_t pos;

	for (pos = 0; pos < len; pos += ms->len) {
		ms = rte_mem_virt2memseg(addr + pos, msl);
		if (ms == NULL || ms->len == 0 || run_add(&run, ms) != 0)
			break;
	}
	run_flush(&run);
}

static void
event_free(struct softep_client *client, const struct rte_memseg_list *msl, const uint8_t *addr,
	   size_t len)
{
	const struct rte_memseg *ms;
	size_t pos;
	int rc;

	for (pos = 0; pos < len; pos += ms->len) {
		ms = rte_mem_virt2memseg(addr + pos, msl);
		if (ms == NULL || ms->len == 0)
			break;
		rc = softep_dma_unmap(client, ms->iova, ms->len);
		if (rc != 0 && rc != -EPIPE)
			SOFTEP_LOG(ERR, client->name, "memory at %p stays mapped at the board: %s",
				   ms->addr, strerror(-rc));
	}
}

/** Runs with EAL's memory lock held for writing. */
static void
memory_event(enum rte_mem_event type, const void *addr, size_t len, void *arg)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);
	struct softep_client *client = arg;

	if (msl == NULL || msl->external != 0)
		return;
	if (type == RTE_MEM_EVENT_ALLOC)
		event_alloc(client, msl, addr, len);
	else
		event_free(client, msl, addr, len);
}

static int
event_register(struct softep_client *client)
{
	static RTE_ATOMIC(uint32_t) serial;
	int rc;

	/* Several plugins of a process hold copies of this file: the address tells them apart. */
	snprintf(client->event_name, sizeof(client->event_name), "softep_%p_%u", (void *)client,
		 rte_atomic_fetch_add_explicit(&serial, 1, rte_memory_order_relaxed));
	rc = rte_mem_event_callback_register(client->event_name, memory_event, client);
	if (rc == 0)
		return 0;
	client->event_name[0] = '\0';
	/* Memory of this mode never changes: there is nothing to follow. */
	if (rte_errno == ENOTSUP)
		return 0;
	SOFTEP_LOG(ERR, client->name, "cannot follow EAL's memory: %s", rte_strerror(rte_errno));
	return -rte_errno;
}

bool
softep_dma_reaches(const void *addr, size_t bytes)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);

	return msl != NULL && msl->external == 0 &&
		bytes <= msl->len - (size_t)RTE_PTR_DIFF(addr, msl->base_va);
}

int
softep_dma_start(struct softep_client *client)
{
	struct dma_run run = { .client = client, .fd = -1 };
	int rc;

	/* No segment comes or goes between the two steps: none is missed, none is seen twice. */
	rte_mcfg_mem_read_lock();
	rc = event_register(client);
	if (rc == 0) {
		rte_memseg_walk_thread_unsafe(walk_segment, &run);
		rc = run.rc;
	}
	if (rc == 0)
		rc = run_flush(&run);
	rte_mcfg_mem_read_unlock();
	return rc;
}

void
softep_dma_stop(struct softep_client *client)
{
	size_t i;

	if (client->event_name[0] != '\0')
		rte_mem_event_callback_unregister(client->event_name, client);
	client->event_name[0] = '\0';
	pthread_mutex_lock(&client->lock);
	for (i = 0; i < client->map_cnt; i++)
		vfio_user_client_dma_unmap(client->conn, client->map[i].iova,
					   client->map[i].bytes);
	free(client->map);
	client->map = NULL;
	client->map_cnt = 0;
	client->map_room = 0;
	pthread_mutex_unlock(&client->lock);
}
