/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dma_map.h"
#include "irq.h"

/** Smallest page of any client; files of larger pages are checked by mmap(2). */
#define MAP_PAGE_MASK UINT64_C(0xfff)
/**
 * Descriptors that clients' files may not use up: for connections, for the next map's file, and for
 * the vectors of both kinds of all functions.
 */
#define MAP_FD_RESERVE (64 + 3 * 2 * SOFTEP_VECTORS)

/** Index of the first map that ends behind @p address. */
static unsigned int
map_lower_bound(const struct softep_map_table *table, uint64_t address)
{
	unsigned int low = 0;
	unsigned int high = table->cnt;
	unsigned int mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (table->maps[mid].address + (table->maps[mid].size - 1) < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct softep_map *
softep_map_find(const struct softep_map_table *table, uint64_t address)
{
	unsigned int i = map_lower_bound(table, address);

	if (i == table->cnt || table->maps[i].address > address)
		return NULL;
	return &table->maps[i];
}

void *
softep_map_access(const struct softep_map_table *table, uint64_t address, uint64_t *len,
		  bool write)
{
	const struct softep_map *map = softep_map_find(table, address);
	uint64_t left;

	if (map == NULL || map->va == NULL || map->lost)
		return NULL;
	if ((map->flags & (write ? VFIO_USER_DMA_WRITE : VFIO_USER_DMA_READ)) == 0)
		return NULL;
	left = map->size - (address - map->address);
	if (*len > left)
		*len = left;
	return map->va + (address - map->address);
}

/** Same bytes of the same file where they overlap, or both out of reach. */
static bool
map_same_memory(const struct softep_map *a, const struct softep_map *b)
{
	if (a->file == NULL || b->file == NULL)
		return a->file == b->file;
	return a->file->dev == b->file->dev && a->file->ino == b->file->ino &&
	       a->offset - a->address == b->offset - b->address;
}

/** True if @p map may exist beside what another port of the same address space has. */
static bool
map_fits_peer(const struct softep_map_table *peer, const struct softep_map *map)
{
	uint64_t last = map->address + (map->size - 1);
	unsigned int i;

	for (i = map_lower_bound(peer, map->address); i < peer->cnt; i++) {
		if (peer->maps[i].address > last)
			break;
		if (!map_same_memory(&peer->maps[i], map))
			return false;
	}
	return true;
}

static int
map_check(const struct softep_map_table *table, const struct vfio_user_dma_map *req, int fd)
{
	uint64_t limit = table->end != 0 ? table->end - 1 : UINT64_MAX;

	if (req->size == 0 || ((req->address | req->size) & MAP_PAGE_MASK) != 0)
		return -EINVAL;
	if (fd >= 0 && (req->offset & MAP_PAGE_MASK) != 0)
		return -EINVAL;
	if (req->address > limit || req->size - 1 > limit - req->address)
		return -EINVAL;
	if ((req->flags & ~(VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE)) != 0 || req->flags == 0)
		return -EINVAL;
	return 0;
}

static void
map_file_put(struct softep_map_table *table, struct softep_file *file)
{
	struct softep_file **link;

	if (file == NULL || --file->maps > 0)
		return;
	for (link = &table->files; *link != file; link = &(*link)->next)
		;
	*link = file->next;
	close(file->fd);
	free(file);
}

/** True while enough descriptors are free; @p fd is the lowest that was. */
static bool
map_fd_affordable(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	       (rlim_t)fd + MAP_FD_RESERVE < limit.rlim_cur;
}

/** The entry for the file behind @p fd with one more user; takes @p fd only for a new entry. */
static int
map_file_get(struct softep_map_table *table, const struct vfio_user_dma_map *req, int *fd,
	     struct softep_file **out)
{
	struct softep_file *file;
	struct stat st;
	int flags;

	flags = fcntl(*fd, F_GETFL);
	if (flags < 0 || fstat(*fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || req->offset > (uint64_t)st.st_size ||
	    req->size > (uint64_t)st.st_size - req->offset)
		return -EINVAL;
	for (file = table->files; file != NULL; file = file->next) {
		if (file->dev == st.st_dev && file->ino == st.st_ino &&
		    file->access == (flags & O_ACCMODE))
			break;
	}
	if (file == NULL) {
		if (!map_fd_affordable(*fd))
			return -EMFILE;
		file = calloc(1, sizeof(*file));
		if (file == NULL)
			return -ENOMEM;
		file->dev = st.st_dev;
		file->ino = st.st_ino;
		file->access = flags & O_ACCMODE;
		file->fd = *fd;
		*fd = -1;
		file->next = table->files;
		table->files = file;
	}
	file->maps++;
	*out = file;
	return 0;
}

static int
map_memory(struct softep_map *map)
{
	int prot = PROT_READ;
	void *va;

	if ((map->flags & VFIO_USER_DMA_WRITE) != 0)
		prot |= PROT_WRITE;
	va = mmap(NULL, map->size, prot, MAP_SHARED, map->file->fd, map->offset);
	if (va == MAP_FAILED)
		return -errno;
	map->va = va;
	return 0;
}

static void
map_drop(struct softep_map_table *table, struct softep_map *map)
{
	if (map->va != NULL)
		munmap(map->va, map->size);
	map_file_put(table, map->file);
}

static int
map_make_room(struct softep_map_table *table)
{
	unsigned int room = table->room == 0 ? 64 : table->room * 2;
	struct softep_map *maps;

	if (table->cnt == SOFTEP_MAX_MAPS)
		return -ENOSPC;
	if (table->cnt < table->room)
		return 0;
	maps = realloc(table->maps, room * sizeof(*maps));
	if (maps == NULL)
		return -ENOMEM;
	table->maps = maps;
	table->room = room;
	return 0;
}

int
softep_map_add(struct softep_map_table *table, const struct softep_map_table *peer,
	       const struct vfio_user_dma_map *req, int *fd)
{
	struct softep_map map = {
		.address = req->address,
		.size = req->size,
		.offset = req->offset,
		.flags = req->flags,
	};
	unsigned int pos;
	int ret;

	ret = map_check(table, req, *fd);
	if (ret != 0)
		return ret;
	pos = map_lower_bound(table, map.address);
	if (pos < table->cnt && table->maps[pos].address <= map.address + (map.size - 1))
		return -EEXIST;
	ret = map_make_room(table);
	if (ret == 0 && *fd >= 0)
		ret = map_file_get(table, req, fd, &map.file);
	if (ret != 0)
		return ret;
	if (peer != NULL && !map_fits_peer(peer, &map))
		ret = -EEXIST;
	if (ret == 0 && map.file != NULL)
		ret = map_memory(&map);
	if (ret != 0) {
		map_file_put(table, map.file);
		return ret;
	}
	memmove(&table->maps[pos + 1], &table->maps[pos],
		(table->cnt - pos) * sizeof(*table->maps));
	table->maps[pos] = map;
	table->cnt++;
	return 0;
}

int
softep_map_remove(struct softep_map_table *table, const struct vfio_user_dma_unmap *req)
{
	struct softep_map *map;
	unsigned int pos;

	if ((req->flags & ~VFIO_USER_DMA_UNMAP_ALL) != 0)
		return -EINVAL;
	if ((req->flags & VFIO_USER_DMA_UNMAP_ALL) != 0) {
		if (req->address != 0 || req->size != 0)
			return -EINVAL;
		softep_map_remove_all(table);
		return 0;
	}
	map = softep_map_find(table, req->address);
	if (map == NULL || map->address != req->address || map->size != req->size)
		return -ENOENT;
	map_drop(table, map);
	pos = map - table->maps;
	table->cnt--;
	memmove(map, map + 1, (table->cnt - pos) * sizeof(*map));
	return 0;
}

void
softep_map_remove_all(struct softep_map_table *table)
{
	unsigned int i;

	for (i = 0; i < table->cnt; i++)
		map_drop(table, &table->maps[i]);
	free(table->maps);
	table->maps = NULL;
	table->cnt = 0;
	table->room = 0;
}

bool
softep_map_lose(struct softep_map_table *table, const void *va)
{
	const uint8_t *at = va;
	unsigned int i;

	for (i = 0; i < table->cnt; i++) {
		struct softep_map *map = &table->maps[i];

		if (map->va != NULL && at >= map->va && (uint64_t)(at - map->va) < map->size) {
			map->lost = true;
			return true;
		}
	}
	return false;
}
