/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * System calls of a process that works with VFIO: container, groups, devices. Everything else goes
 * to the kernel, by system calls, since the C library's own functions are what is replaced here.
 */

/* Both names of a call are replaced, so neither may stand for the other. */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vfio_shim.h"

#define SHIM_EXPORT __attribute__((visibility("default")))

#define CONTAINER_PATH "/dev/vfio/vfio"
#define GROUP_PATH "/dev/vfio/"
/** Followed by the name of a function: its file, for drivers that map files. */
#define FILE_PATH "/dev/vfio-shim/"
#define NOIOMMU_PATH "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

#define MAX_FILES 32
#define MAX_MAPS 4096
#define MSIX_VECTORS 4

enum file_kind {
	FILE_OTHER,
	FILE_CONTAINER,
	FILE_GROUP,
};

/** Descriptors are known by their inode, so it does not matter when they are closed. */
static struct {
	uint64_t inode;
	enum file_kind kind;
	bool attached; /**< a group that has a container */
} files[MAX_FILES];
static unsigned int nb_files;

static struct vfio_iommu_type1_dma_map maps[MAX_MAPS];
static unsigned int nb_maps;
static unsigned int nb_zero_maps; /**< so far, of memory at IOVA 0 */

int
shim_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

static uint64_t
inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static int
file_create(enum file_kind kind)
{
	int fd;

	if (nb_files == MAX_FILES) {
		errno = ENFILE;
		return -1;
	}
	fd = memfd_create("vfio-shim", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	files[nb_files].kind = kind;
	files[nb_files].inode = inode_of(fd);
	files[nb_files++].attached = false;
	return fd;
}

/** Index of the file, or -1. */
static int
file_of(int fd, enum file_kind kind)
{
	uint64_t inode = inode_of(fd);
	unsigned int i;

	for (i = 0; i < nb_files; i++)
		if (files[i].inode == inode && files[i].kind == kind)
			return (int)i;
	return -1;
}

static int
device_fd(const char *name)
{
	struct shim_dev *dev = shim_dev_by_name(name);
	int fd;

	if (dev == NULL) {
		errno = ENODEV;
		return -1;
	}
	fd = shim_dev_open(dev);
	if (fd < 0)
		errno = -fd;
	return fd < 0 ? -1 : fd;
}

/* Files ---------------------------------------------------------------------------------------- */

/** Descriptor of a file that only the shim has; -2: it is the kernel's. */
static int
open_own(const char *path)
{
	if (strcmp(path, CONTAINER_PATH) == 0)
		return file_create(FILE_CONTAINER);
	if (strncmp(path, GROUP_PATH, strlen(GROUP_PATH)) == 0)
		return file_create(FILE_GROUP);
	if (strncmp(path, FILE_PATH, strlen(FILE_PATH)) == 0)
		return device_fd(path + strlen(FILE_PATH));
	if (strcmp(path, NOIOMMU_PATH) != 0)
		return -2;
	errno = ENOENT;
	return -1;
}

static int
open_any(const char *path, int flags, va_list ap)
{
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
	int fd = open_own(path);

	return fd != -2 ? fd : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

SHIM_EXPORT int
open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_any(path, flags, ap);
	va_end(ap);
	return fd;
}

SHIM_EXPORT int
open64(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_any(path, flags, ap);
	va_end(ap);
	return fd;
}

/** EAL looks whether the modules are loaded. */
static bool
is_module(const char *path)
{
	static const char * const paths[] = {
		"/sys/module", "/sys/module/vfio", "/sys/module/vfio_pci",
	};
	unsigned int i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(path, paths[i]) == 0)
			return true;
	return false;
}

SHIM_EXPORT int
stat(const char *restrict path, struct stat *restrict st)
{
	return (int)syscall(SYS_newfstatat, AT_FDCWD, is_module(path) ? "/" : path, st, 0);
}

SHIM_EXPORT int
stat64(const char *restrict path, struct stat64 *restrict st)
{
	return (int)syscall(SYS_newfstatat, AT_FDCWD, is_module(path) ? "/" : path, st, 0);
}

/* Memory --------------------------------------------------------------------------------------- */

/** A BAR of a board's function: the memory that the board says it is, or messages. */
static void *
map_board(struct shim_dev *dev, void *addr, size_t bytes, int prot, int flags, off_t offset)
{
	uint64_t from = (uint64_t)offset & ((UINT64_C(1) << SHIM_REGION_SHIFT) - 1);
	unsigned int bar = (unsigned int)((uint64_t)offset >> SHIM_REGION_SHIFT);
	uint64_t at = from;
	void *va = MAP_FAILED;
	int fd;

	errno = EINVAL;
	if (bar >= SHIM_BARS)
		return va;
	fd = shim_board_bar(dev, bar, &at);
	if (fd >= 0)
		return (void *)syscall(SYS_mmap, addr, bytes, prot, flags, fd, at);
	flags = (flags & ~MAP_SHARED) | MAP_PRIVATE | MAP_ANONYMOUS;
	va = (void *)syscall(SYS_mmap, addr, bytes, PROT_NONE, flags, -1, (off_t)0);
	if (va == MAP_FAILED || shim_trap_board(dev, bar, from, va, bytes) == 0)
		return va;
	syscall(SYS_munmap, va, bytes);
	return MAP_FAILED;
}

static void *
map_any(void *addr, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	struct shim_dev *dev = fd >= 0 ? shim_dev_by_inode(inode_of(fd)) : NULL;
	void *va;

	if (dev != NULL && dev->board != NULL)
		return map_board(dev, addr, bytes, prot, flags, offset);
	va = (void *)syscall(SYS_mmap, addr, bytes, prot, flags, fd, offset);
	if (va == MAP_FAILED || dev == NULL || shim_trap(dev, va, (uint64_t)offset, bytes) == 0)
		return va;
	syscall(SYS_munmap, va, bytes);
	return MAP_FAILED;
}

SHIM_EXPORT void *
mmap(void *addr, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	return map_any(addr, bytes, prot, flags, fd, offset);
}

SHIM_EXPORT void *
mmap64(void *addr, size_t bytes, int prot, int flags, int fd, off64_t offset)
{
	return map_any(addr, bytes, prot, flags, fd, offset);
}

/** Memory of EAL's own, so that it can be sealed: endpoints map only what cannot shrink. */
SHIM_EXPORT int
memfd_create(const char *name, unsigned int flags)
{
	return (int)syscall(SYS_memfd_create, name, flags | MFD_ALLOW_SEALING);
}

/* Configuration space of a board's function is not in the file that stands for it. */

static ssize_t
access_any(int fd, void *data, size_t bytes, off_t offset, bool write)
{
	uint64_t at = (uint64_t)offset & ((UINT64_C(1) << SHIM_REGION_SHIFT) - 1);
	struct shim_dev *dev = offset >> SHIM_REGION_SHIFT == SHIM_CONFIG_REGION ?
			       shim_dev_by_inode(inode_of(fd)) : NULL;

	if (dev != NULL && dev->board != NULL)
		return shim_board_access(dev, SHIM_CONFIG_REGION, at, data, bytes, write);
	return syscall(write ? SYS_pwrite64 : SYS_pread64, fd, data, bytes, offset);
}

SHIM_EXPORT ssize_t
pread(int fd, void *data, size_t bytes, off_t offset)
{
	return access_any(fd, data, bytes, offset, false);
}

SHIM_EXPORT ssize_t
pread64(int fd, void *data, size_t bytes, off64_t offset)
{
	return access_any(fd, data, bytes, offset, false);
}

SHIM_EXPORT ssize_t
pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
	return access_any(fd, (void *)(uintptr_t)data, bytes, offset, true);
}

SHIM_EXPORT ssize_t
pwrite64(int fd, const void *data, size_t bytes, off64_t offset)
{
	return access_any(fd, (void *)(uintptr_t)data, bytes, offset, true);
}

void
shim_dma_walk(void (*each)(struct shim_dev *dev, uint64_t va, uint64_t iova, uint64_t bytes),
	      struct shim_dev *dev)
{
	unsigned int i;

	for (i = 0; i < nb_maps; i++)
		each(dev, maps[i].vaddr, maps[i].iova, maps[i].size);
}

void *
shim_dma(uint64_t addr, bool by_iova, uint64_t *len)
{
	uint64_t start;
	unsigned int i;

	for (i = 0; i < nb_maps; i++) {
		start = by_iova ? maps[i].iova : maps[i].vaddr;
		if (addr - start >= maps[i].size)
			continue;
		if (*len > maps[i].size - (addr - start))
			*len = maps[i].size - (addr - start);
		return (void *)(uintptr_t)(maps[i].vaddr + (addr - start));
	}
	return NULL;
}

void
shim_dma_report(FILE *f)
{
	uint64_t len = 1;

	fprintf(f, "zero-page %u\nzero-page-left %d\n", nb_zero_maps,
		shim_dma(0, true, &len) != NULL);
}

static bool
maps_meet(const struct vfio_iommu_type1_dma_map *map)
{
	unsigned int i;

	for (i = 0; i < nb_maps; i++)
		if (map->iova < maps[i].iova + maps[i].size &&
		    maps[i].iova < map->iova + map->size)
			return true;
	return false;
}

static int
dma_map(const struct vfio_iommu_type1_dma_map *map)
{
	struct shim_dev *dev;
	int rc = 0;

	shim_lock();
	if (maps_meet(map))
		rc = EEXIST;
	else if (map->size == 0 || nb_maps == MAX_MAPS)
		rc = EINVAL;
	else
		maps[nb_maps++] = *map;
	if (rc == 0 && map->iova == 0)
		nb_zero_maps++;
	if (rc == 0)
		for (dev = NULL; (dev = shim_dev_next_board(dev)) != NULL;)
			shim_board_map(dev, map->vaddr, map->iova, map->size);
	shim_unlock();
	return rc;
}

/** Takes the part from @p start to @p end out of a map, which may leave two. Returns its bytes. */
static uint64_t
cut(struct vfio_iommu_type1_dma_map *map, uint64_t start, uint64_t end)
{
	uint64_t map_end = map->iova + map->size;

	start = start > map->iova ? start : map->iova;
	end = end < map_end ? end : map_end;
	if (start >= end)
		return 0;
	if (end < map_end && nb_maps < MAX_MAPS) {
		maps[nb_maps] = *map;
		maps[nb_maps].vaddr += end - map->iova;
		maps[nb_maps].iova = end;
		maps[nb_maps++].size = map_end - end;
	}
	map->size = start - map->iova;
	return end - start;
}

/** As VFIO does, tells how much was mapped. */
static int
dma_unmap(struct vfio_iommu_type1_dma_unmap *unmap)
{
	struct shim_dev *dev;
	uint64_t bytes = 0;
	unsigned int i;

	shim_lock();
	for (dev = NULL; (dev = shim_dev_next_board(dev)) != NULL;)
		shim_board_unmap(dev, unmap->iova, unmap->size);
	for (i = 0; i < nb_maps; i++)
		bytes += cut(&maps[i], unmap->iova, unmap->iova + unmap->size);
	for (i = 0; i < nb_maps; i++)
		while (i < nb_maps && maps[i].size == 0)
			maps[i] = maps[--nb_maps];
	shim_unlock();
	unmap->size = bytes;
	return 0;
}

/* Requests ------------------------------------------------------------------------------------- */

/** All of these return 0, or what ioctl() returns, or a negative errno. */
static int
container_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return (uintptr_t)arg == VFIO_TYPE1_IOMMU;
	case VFIO_SET_IOMMU:
		return (uintptr_t)arg == VFIO_TYPE1_IOMMU ? 0 : -ENODEV;
	case VFIO_IOMMU_MAP_DMA:
		return -dma_map(arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return dma_unmap(arg);
	default:
		return -ENOTTY;
	}
}

static int
group_ioctl(int file, unsigned long request, void *arg)
{
	struct vfio_group_status *status = arg;
	int fd;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		status->flags = VFIO_GROUP_FLAGS_VIABLE |
				(files[file].attached ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		files[file].attached = true;
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		fd = device_fd(arg);
		return fd < 0 ? -errno : fd;
	default:
		return -ENOTTY;
	}
}

static int
region_info(const struct shim_dev *dev, struct vfio_region_info *info)
{
	info->cap_offset = 0;
	info->flags = 0;
	info->size = 0;
	info->offset = (uint64_t)info->index << SHIM_REGION_SHIFT;
	if (info->index < SHIM_BARS)
		info->size = dev->bar_bytes[info->index];
	else if (info->index == SHIM_CONFIG_REGION)
		info->size = dev->config_bytes;
	if (info->size != 0)
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (info->index < SHIM_BARS && info->size != 0)
		info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	return info->index < VFIO_PCI_NUM_REGIONS ? 0 : -EINVAL;
}

/** No vector is ever raised. As VFIO does, tells how many there could be if those are fewer. */
static int
set_irqs(struct shim_dev *dev, const struct vfio_irq_set *set)
{
	if (set->index != VFIO_PCI_MSI_IRQ_INDEX)
		return 0;
	if (set->count > dev->msi_given)
		return (int)dev->msi_given;
	dev->msi_on = set->count;
	if (dev->msi_most < set->count)
		dev->msi_most = set->count;
	if (dev->board != NULL)
		shim_board_msi(dev, set->count);
	return 0;
}

static int
device_ioctl(struct shim_dev *dev, unsigned long request, void *arg)
{
	struct vfio_device_info *info = arg;
	struct vfio_irq_info *irq = arg;

	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		info->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
		info->num_regions = VFIO_PCI_NUM_REGIONS;
		info->num_irqs = VFIO_PCI_NUM_IRQS;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO:
		return region_info(dev, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		/* No interrupt is ever raised, but DPDK insists on one that could be. */
		irq->flags = VFIO_IRQ_INFO_EVENTFD;
		irq->count = irq->index == VFIO_PCI_MSIX_IRQ_INDEX ? MSIX_VECTORS :
			     irq->index == VFIO_PCI_MSI_IRQ_INDEX ? dev->msi_offered : 1;
		return 0;
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(dev, arg);
	case VFIO_DEVICE_RESET:
		shim_lock();
		if (dev->model != NULL)
			edma_model_reset(dev->model);
		shim_unlock();
		return 0;
	default:
		return -ENOTTY;
	}
}

static int
vfio_ioctl(int fd, unsigned long request, void *arg)
{
	struct shim_dev *dev = shim_dev_by_inode(inode_of(fd));
	int file;

	if (dev != NULL)
		return device_ioctl(dev, request, arg);
	if (file_of(fd, FILE_CONTAINER) >= 0)
		return container_ioctl(request, arg);
	file = file_of(fd, FILE_GROUP);
	return file >= 0 ? group_ioctl(file, request, arg) : -ENOTTY;
}

SHIM_EXPORT int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int rc;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(request) != VFIO_TYPE)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	rc = vfio_ioctl(fd, request, arg);
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}
