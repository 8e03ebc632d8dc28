/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Functions of a software endpoint: what the process does with VFIO is passed on by vfio-user. BARs
 * are the board's memory, configuration space is the board's, and memory that the process announces
 * is announced to the board, by the descriptors of the files that it is mapped from.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vfio_user_client.h>

#include "vfio_shim.h"

#define MAX_PIECES 1024
/** Where x86 takes interrupts. */
#define MSI_ADDRESS 0xfee00000u

/** A piece of announced memory that lies in one file. */
struct piece {
	uint64_t iova;
	uint64_t bytes;
};

struct shim_board {
	struct vfio_user_client *conn;
	struct vfio_user_client_region bar[SHIM_BARS];
	struct piece piece[MAX_PIECES];
	unsigned int pieces;
	unsigned int refused; /**< pieces that the board did not take */
};

int
shim_board_connect(struct shim_dev *dev, const char *path)
{
	struct shim_board *board = calloc(1, sizeof(*board));
	unsigned int i;
	int rc;

	if (board == NULL)
		return -ENOMEM;
	rc = vfio_user_client_connect(path, &board->conn);
	for (i = 0; rc == 0 && i < SHIM_BARS; i++) {
		rc = vfio_user_client_region_info(board->conn, i, &board->bar[i]);
		dev->bar_bytes[i] = board->bar[i].size;
	}
	if (rc != 0) {
		vfio_user_client_close(board->conn);
		free(board);
		return rc;
	}
	dev->board = board;
	return 0;
}

int
shim_board_bar(const struct shim_dev *dev, unsigned int bar, uint64_t *offset)
{
	*offset += dev->board->bar[bar].fd_offset;
	return dev->board->bar[bar].fd;
}

int
shim_board_access(struct shim_dev *dev, unsigned int region, uint64_t offset, void *data,
		  size_t bytes, bool write)
{
	struct vfio_user_client *conn = dev->board->conn;
	int rc;

	if (write)
		rc = vfio_user_client_write(conn, region, offset, data, (uint32_t)bytes);
	else
		rc = vfio_user_client_read(conn, region, offset, data, (uint32_t)bytes);
	/* What a bus answers in the name of a function that has left it. */
	if (rc != 0 && !write)
		memset(data, 0xff, bytes);
	return (int)bytes;
}

/** A descriptor of the file with this number; -1: the process has closed it. */
static int
fd_of_inode(uint64_t inode)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	struct stat st;
	int fd = -1;

	while (dir != NULL && fd < 0 && (entry = readdir(dir)) != NULL) {
		int candidate = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && candidate != dirfd(dir) &&
		    fstat(candidate, &st) == 0 && S_ISREG(st.st_mode) && st.st_ino == inode)
			fd = candidate;
	}
	if (dir != NULL)
		closedir(dir);
	return fd;
}

static void
announce(struct shim_board *board, int fd, uint64_t fd_offset, uint64_t iova, uint64_t bytes)
{
	const uint32_t both = VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE;
	int rc;

	/* As the kernel pins memory that is announced to VFIO. Hugepages cannot be sealed. */
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	rc = board->pieces == MAX_PIECES ? -ENOSPC :
	     vfio_user_client_dma_map(board->conn, fd, fd_offset, iova, bytes, both);
	if (rc == 0)
		board->piece[board->pieces++] = (struct piece){ iova, bytes };
	else
		board->refused++;
}

/** Announced memory may lie in several mappings of several files. */
void
shim_board_map(struct shim_dev *dev, uint64_t va, uint64_t iova, uint64_t bytes)
{
	uint64_t start, end, offset, inode, from, to;
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %" SCNu64, &start,
			   &end, &offset, &inode) != 4)
			continue;
		from = start > va ? start : va;
		to = end < va + bytes ? end : va + bytes;
		if (from < to)
			announce(dev->board, inode != 0 ? fd_of_inode(inode) : -1,
				 offset + (from - start), iova + (from - va), to - from);
	}
	if (f != NULL)
		fclose(f);
}

void
shim_board_unmap(struct shim_dev *dev, uint64_t iova, uint64_t bytes)
{
	struct shim_board *board = dev->board;
	unsigned int i = 0;

	while (i < board->pieces) {
		struct piece *p = &board->piece[i];

		if (p->iova < iova || p->iova + p->bytes > iova + bytes) {
			i++;
			continue;
		}
		vfio_user_client_dma_unmap(board->conn, p->iova, p->bytes);
		*p = board->piece[--board->pieces];
	}
}

static uint16_t
config16(struct shim_dev *dev, unsigned int at)
{
	uint16_t value;

	shim_board_access(dev, SHIM_CONFIG_REGION, at, &value, sizeof(value), false);
	return value;
}

static void
set_config(struct shim_dev *dev, unsigned int at, uint32_t value, size_t bytes)
{
	shim_board_access(dev, SHIM_CONFIG_REGION, at, &value, bytes, true);
}

/** Where the capability is; 0: there is none. */
static unsigned int
msi_capability(struct shim_dev *dev)
{
	unsigned int at = config16(dev, PCI_CAPABILITY_LIST) & 0xfc;
	unsigned int i;

	for (i = 0; i < 48 && at != 0; i++) {
		if ((config16(dev, at) & 0xff) == PCI_CAP_ID_MSI)
			return at;
		at = config16(dev, at) >> 8 & 0xfc;
	}
	return 0;
}

/** As the kernel does: an address of its own, and as many vectors as were asked for. */
void
shim_board_msi(struct shim_dev *dev, unsigned int vectors)
{
	unsigned int at = msi_capability(dev);
	unsigned int log2 = 0;

	if (at == 0)
		return;
	while (1u << log2 < vectors)
		log2++;
	set_config(dev, at + PCI_MSI_ADDRESS_LO, vectors != 0 ? MSI_ADDRESS : 0, 4);
	set_config(dev, at + PCI_MSI_ADDRESS_HI, 0, 4);
	set_config(dev, at + PCI_MSI_FLAGS, vectors != 0 ? PCI_MSI_FLAGS_ENABLE | log2 << 4 : 0, 2);
}

void
shim_board_report(const struct shim_dev *dev, FILE *f)
{
	fprintf(f, "pieces-left %u\npieces-refused %u\n", dev->board->pieces, dev->board->refused);
}
