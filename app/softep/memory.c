/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

int
softep_memory_create(struct softep_memory *mem, const char *name, uint64_t bytes,
		     bool client_writes)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int ret;

	mem->va = NULL;
	mem->bytes = bytes;
	mem->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (mem->fd < 0)
		return -errno;
	if (ftruncate(mem->fd, bytes) != 0)
		goto fail;
	mem->va = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, mem->fd, 0);
	if (mem->va == MAP_FAILED) {
		mem->va = NULL;
		goto fail;
	}
	/* After our own mapping, which keeps its right to write. */
	if (!client_writes)
		seals |= F_SEAL_FUTURE_WRITE;
	if (fcntl(mem->fd, F_ADD_SEALS, seals) != 0)
		goto fail;
	return 0;

fail:
	ret = -errno;
	softep_memory_destroy(mem);
	return ret;
}

void
softep_memory_destroy(struct softep_memory *mem)
{
	if (mem->va != NULL)
		munmap(mem->va, mem->bytes);
	if (mem->fd >= 0)
		close(mem->fd);
	mem->va = NULL;
	mem->fd = -1;
}

/** Bytes of the widest aligned piece at @p addr, of @p n bytes at the most. */
static size_t
memory_piece(const void *addr, size_t n)
{
	size_t width = 8;

	while (width > n || ((uintptr_t)addr & (width - 1)) != 0)
		width /= 2;
	return width;
}

void
softep_memory_store(void *dst, const void *src, size_t n)
{
	const uint8_t *from = src;
	uint8_t *to = dst;
	size_t width;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	for (; n > 0; n -= width, from += width, to += width) {
		width = memory_piece(to, n);
		switch (width) {
		case 8:
			memcpy(&u64, from, sizeof(u64));
			__atomic_store_n((uint64_t *)(void *)to, u64, __ATOMIC_RELEASE);
			break;
		case 4:
			memcpy(&u32, from, sizeof(u32));
			__atomic_store_n((uint32_t *)(void *)to, u32, __ATOMIC_RELEASE);
			break;
		case 2:
			memcpy(&u16, from, sizeof(u16));
			__atomic_store_n((uint16_t *)(void *)to, u16, __ATOMIC_RELEASE);
			break;
		default:
			__atomic_store_n(to, *from, __ATOMIC_RELEASE);
		}
	}
}

void
softep_memory_load(void *dst, const void *src, size_t n)
{
	const uint8_t *from = src;
	uint8_t *to = dst;
	size_t width;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	for (; n > 0; n -= width, from += width, to += width) {
		width = memory_piece(from, n);
		switch (width) {
		case 8:
			u64 = __atomic_load_n((const uint64_t *)(const void *)from,
					      __ATOMIC_ACQUIRE);
			memcpy(to, &u64, sizeof(u64));
			break;
		case 4:
			u32 = __atomic_load_n((const uint32_t *)(const void *)from,
					      __ATOMIC_ACQUIRE);
			memcpy(to, &u32, sizeof(u32));
			break;
		case 2:
			u16 = __atomic_load_n((const uint16_t *)(const void *)from,
					      __ATOMIC_ACQUIRE);
			memcpy(to, &u16, sizeof(u16));
			break;
		default:
			*to = __atomic_load_n(from, __ATOMIC_ACQUIRE);
		}
	}
}
