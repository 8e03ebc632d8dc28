/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_string_fns.h>

#include "softep_priv.h"

RTE_LOG_REGISTER_DEFAULT(softep_logtype, NOTICE);

/** PCI command register: memory space and bus master enable. */
#define PCI_CMD_OFFSET 4
#define PCI_CMD_MEM 0x2u
#define PCI_CMD_MASTER 0x4u

static const char * const socket_name[SOFTEP_PORTS] = {
	[SOFTEP_RC_NTB] = SOFTEP_SOCKET_RC_NTB,
	[SOFTEP_RC_DMA] = SOFTEP_SOCKET_RC_DMA,
	[SOFTEP_EP_NTB] = SOFTEP_SOCKET_EP_NTB,
	[SOFTEP_EP_DMA] = SOFTEP_SOCKET_EP_DMA,
};

static bool
is_rc_port(enum softep_port port)
{
	return port == SOFTEP_RC_NTB || port == SOFTEP_RC_DMA;
}

static int
check_process(const char *name)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		SOFTEP_LOG(ERR, name, "only a primary process can attach to a software endpoint");
		return -ENOTSUP;
	}
	if (rte_eal_iova_mode() != RTE_IOVA_VA) {
		SOFTEP_LOG(ERR, name, "IOVA mode is PA, expected VA: add --iova-mode=va");
		return -ENOTSUP;
	}
	return 0;
}

static int
check_socket(const char *dir, enum softep_port port, const char *name, const char *path)
{
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
		SOFTEP_LOG(ERR, name, "softep=%s: no directory, expected that of a dpdk-softep",
			   dir);
		return -ENOTDIR;
	}
	if (stat(path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		SOFTEP_LOG(ERR, name, "softep=%s: no socket %s in it: is dpdk-softep running?",
			   dir, socket_name[port]);
		return -ENOENT;
	}
	return 0;
}

static int
open_connection(struct softep_client *client, const char *dir)
{
	const char *sock = socket_name[client->port];
	char path[PATH_MAX];
	int rc;

	rc = snprintf(path, sizeof(path), "%s/%s", dir, sock);
	if (rc < 0 || (size_t)rc >= sizeof(path)) {
		SOFTEP_LOG(ERR, client->name, "softep=: path of %d bytes, expected less than %d",
			   rc, PATH_MAX);
		return -ENAMETOOLONG;
	}
	rc = check_socket(dir, client->port, client->name, path);
	if (rc != 0)
		return rc;

	rc = vfio_user_client_connect(path, &client->conn);
	if (rc == -EBUSY)
		SOFTEP_LOG(ERR, client->name, "%s: another client is attached, expected none",
			   path);
	else if (rc == -ECONNREFUSED)
		SOFTEP_LOG(ERR, client->name, "%s: nobody serves it: is dpdk-softep running?",
			   path);
	else if (rc != 0)
		SOFTEP_LOG(ERR, client->name, "%s: no vfio-user server answers: %s", path,
			   strerror(-rc));
	return rc;
}

/** Bytes of a region that can be mapped from its start on; 0: none. */
static uint64_t
mappable_bytes(const struct vfio_user_client_region *info)
{
	if (info->fd < 0 || (info->flags & VFIO_REGION_INFO_FLAG_MMAP) == 0)
		return 0;
	if (info->nb_areas == 0)
		return info->size;
	if (info->areas[0].offset != 0 || info->areas[0].size > info->size)
		return 0;
	return info->areas[0].size;
}

/** A file shorter than what is mapped of it would turn an access into a signal. */
static bool
file_holds(int fd, uint64_t offset, uint64_t bytes)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size >= 0 && (uint64_t)st.st_size >= offset &&
	       (uint64_t)st.st_size - offset >= bytes;
}

/** A file that another process can cut off under a mapping would end this one with SIGBUS. */
static bool
cannot_shrink(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

static int
map_region(struct softep_region *region, const struct vfio_user_client_region *info)
{
	uint64_t bytes = mappable_bytes(info);
	int prot = 0;
	void *va;

	region->size = info->size;
	region->writable = (info->flags & VFIO_REGION_INFO_FLAG_WRITE) != 0;
	if (bytes == 0 || !cannot_shrink(info->fd))
		return 0;
	if (bytes > SIZE_MAX || info->fd_offset > INT64_MAX ||
	    !file_holds(info->fd, info->fd_offset, bytes))
		return -EPROTO;
	if ((info->flags & VFIO_REGION_INFO_FLAG_READ) != 0)
		prot |= PROT_READ;
	if (region->writable)
		prot |= PROT_WRITE;
	va = mmap(NULL, bytes, prot, MAP_SHARED, info->fd, (off_t)info->fd_offset);
	if (va == MAP_FAILED)
		return -errno;
	region->va = va;
	region->size = bytes;
	return 0;
}

static void
unmap_region(struct softep_region *region)
{
	if (region->va != NULL)
		munmap(region->va, region->size);
	memset(region, 0, sizeof(*region));
}

int
softep_region_refresh(struct softep_client *client, unsigned int index)
{
	struct vfio_user_client_region info;
	int rc;

	if (index >= SOFTEP_REGIONS)
		return -EINVAL;
	unmap_region(&client->region[index]);
	rc = vfio_user_client_region_info(client->conn, index, &info);
	if (rc != 0)
		return rc;
	rc = map_region(&client->region[index], &info);
	if (info.fd >= 0)
		close(info.fd);
	return rc;
}

static int
map_regions(struct softep_client *client)
{
	struct vfio_user_device_info info;
	unsigned int i;
	int rc;

	rc = vfio_user_client_device_info(client->conn, &info);
	if (rc == 0 && info.num_regions < SOFTEP_REGIONS) {
		SOFTEP_LOG(ERR, client->name, "the device has %u regions, expected %u: is it a "
			   "dpdk-softep of this version?", info.num_regions, SOFTEP_REGIONS);
		return -EPROTO;
	}
	for (i = 0; rc == 0 && i < SOFTEP_REGIONS; i++) {
		rc = softep_region_refresh(client, i);
		if (rc != 0)
			SOFTEP_LOG(ERR, client->name, "region %u of the device cannot be used: %s",
				   i, strerror(-rc));
	}
	return rc;
}

static int
check_board(struct softep_client *client)
{
	const struct softep_region *region = &client->region[SOFTEP_REGION_BOARD];
	const struct softep_board *board = (const struct softep_board *)region->va;

	if (board == NULL || region->size < sizeof(*board)) {
		SOFTEP_LOG(ERR, client->name, "the device has no board page: not a dpdk-softep");
		return -EPROTO;
	}
	if (board->magic != SOFTEP_BOARD_MAGIC || board->version != SOFTEP_BOARD_VERSION) {
		SOFTEP_LOG(ERR, client->name,
			   "board magic 0x%08x version %u, expected 0x%08x version %u",
			   board->magic, board->version, SOFTEP_BOARD_MAGIC,
			   SOFTEP_BOARD_VERSION);
		return -EPROTO;
	}
	client->board = board;
	return 0;
}

/** Longest wait for copies that an earlier client of the port left behind, milliseconds. */
#define SOFTEP_SETTLE_MS 5000

/**
 * Memory is not shown to the engine while a channel may still be at work for, or aimed at, the
 * process that was here before: it might have used the same addresses.
 */
static int
wait_settled(struct softep_client *client)
{
	const RTE_ATOMIC(uint32_t) *unsettled =
		(const RTE_ATOMIC(uint32_t) *)&client->board->port[client->port].unsettled;
	unsigned int ms;

	for (ms = 0; ms < SOFTEP_SETTLE_MS; ms++) {
		if (rte_atomic_load_explicit(unsettled, rte_memory_order_acquire) == 0)
			return 0;
		rte_delay_us_sleep(1000);
	}
	SOFTEP_LOG(ERR, client->name, "%s: channels that were running when it attached have not "
		   "stopped within %u ms, expected an engine at rest", socket_name[client->port],
		   SOFTEP_SETTLE_MS);
	return -EBUSY;
}

static int
attach_steps(struct softep_client *client, const char *dir)
{
	int rc;

	rc = open_connection(client, dir);
	if (rc != 0)
		return rc;
	rc = map_regions(client);
	if (rc != 0)
		return rc;
	rc = check_board(client);
	if (rc == 0)
		rc = wait_settled(client);
	if (rc != 0)
		return rc;
	/* Not before this does the function answer accesses to its BARs. */
	rc = is_rc_port(client->port) ? softep_bus_master(client, false) : 0;
	if (rc == 0)
		rc = softep_dma_start(client);
	if (rc != 0)
		SOFTEP_LOG(ERR, client->name, "%s: cannot give the board access to memory: %s",
			   socket_name[client->port], strerror(-rc));
	return rc;
}

int
softep_attach(const char *dir, enum softep_port port, const char *name,
	      struct softep_client **client)
{
	struct softep_client *c;
	int rc;

	if ((unsigned int)port >= SOFTEP_PORTS)
		return -EINVAL;
	rc = check_process(name);
	if (rc != 0)
		return rc;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->port = port;
	rte_strscpy(c->name, name, sizeof(c->name));
	pthread_mutex_init(&c->lock, NULL);
	rc = attach_steps(c, dir);
	if (rc != 0) {
		softep_detach(c);
		return rc;
	}
	*client = c;
	return 0;
}

void
softep_detach(struct softep_client *client)
{
	unsigned int i;

	if (client == NULL)
		return;
	if (client->conn != NULL) {
		if (is_rc_port(client->port))
			softep_bus_master(client, false);
		softep_dma_stop(client);
		vfio_user_client_close(client->conn);
	}
	for (i = 0; i < SOFTEP_REGIONS; i++)
		unmap_region(&client->region[i]);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

int
softep_side_parse(const char *value, enum softep_side *side)
{
	if (value == NULL)
		return -EINVAL;
	if (strcmp(value, "rc") == 0)
		*side = SOFTEP_SIDE_RC;
	else if (strcmp(value, "ep") == 0)
		*side = SOFTEP_SIDE_EP;
	else
		return -EINVAL;
	return 0;
}

const struct softep_board *
softep_board(const struct softep_client *client)
{
	return client->board;
}

const struct softep_region *
softep_region(const struct softep_client *client, unsigned int index)
{
	static const struct softep_region absent;

	return index < SOFTEP_REGIONS ? &client->region[index] : &absent;
}

bool
softep_alive(const struct softep_client *client)
{
	return vfio_user_client_alive(client->conn);
}

bool
softep_check(struct softep_client *client)
{
	return vfio_user_client_check(client->conn);
}

bool
softep_port_attached(const struct softep_client *client, enum softep_port port)
{
	const RTE_ATOMIC(uint32_t) *attached;

	if ((unsigned int)port >= SOFTEP_PORTS || !softep_alive(client))
		return false;
	attached = (const RTE_ATOMIC(uint32_t) *)&client->board->port[port].attached;
	/* Acquire: what the client wrote before it was seen attached is seen after this. */
	return rte_atomic_load_explicit(attached, rte_memory_order_acquire) == 1;
}

int
softep_read(struct softep_client *client, unsigned int region, uint64_t offset, void *data,
	    uint32_t bytes)
{
	return vfio_user_client_read(client->conn, region, offset, data, bytes);
}

int
softep_write(struct softep_client *client, unsigned int region, uint64_t offset,
	     const void *data, uint32_t bytes)
{
	return vfio_user_client_write(client->conn, region, offset, data, bytes);
}

int
softep_post(struct softep_client *client, unsigned int region, uint64_t offset,
	    const void *data, uint32_t bytes, uint64_t *seq)
{
	return vfio_user_client_post(client->conn, region, offset, data, bytes, seq);
}

int
softep_bus_master(struct softep_client *client, bool on)
{
	uint16_t want = PCI_CMD_MEM | (on ? PCI_CMD_MASTER : 0);
	uint16_t got;
	int rc;

	if (!is_rc_port(client->port))
		return -EINVAL;
	rc = vfio_user_client_write(client->conn, VFIO_USER_CONFIG_REGION, PCI_CMD_OFFSET, &want,
				    sizeof(want));
	if (rc == 0)
		rc = vfio_user_client_read(client->conn, VFIO_USER_CONFIG_REGION, PCI_CMD_OFFSET,
					   &got, sizeof(got));
	if (rc == 0 && ((got ^ want) & PCI_CMD_MASTER) != 0)
		rc = -EIO;
	return rc;
}
