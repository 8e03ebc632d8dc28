/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _VFIO_SHIM_H_
#define _VFIO_SHIM_H_

/**
 * @file
 * vfio-shim.so, preloaded into a DPDK process, takes the place of Linux's VFIO for PCI functions
 * that are directories of a tree which EAL is told to look at (SYSFS_PCI_DEVICES). DPDK's own PCI
 * bus and VFIO code run unchanged: they open groups, ask for regions, map BARs and announce memory.
 *
 *   vfio_shim.c       system calls: which of them are about VFIO, and what they answer
 *   vfio_shim_dev.c   functions: configuration space, BARs, the engine in them, the endpoint's part
 *   vfio_shim_trap.c  accesses that are events: for the engine, in order, or for a board
 *   vfio_shim_board.c functions that a software endpoint serves
 *
 * Registers are memory that the driver can read, kept current by the engine's model. A store
 * faults and is told to the model before the driver goes on, so no doorbell is lost and no read
 * overtakes a write. A thread of the shim runs the engine and plays the endpoint.
 *
 * One lock guards models and announced memory. It may be taken by a signal handler, which is safe
 * because the handler interrupts a store to a register, and nobody who holds the lock does such a
 * store through the driver's mapping.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <edma_model.h>

#define SHIM_BARS 6
#define SHIM_WINDOWS 32
#define SHIM_COMMANDS 16
/** DPDK has the region number in these bits of a file offset, whatever it is told. */
#define SHIM_REGION_SHIFT 40
#define SHIM_CONFIG_REGION 7

/** Memory of the engine's SoC: a part of a BAR. */
struct shim_window {
	uint64_t local;
	unsigned int bar;
	uint64_t offset;
	uint64_t bytes;
};

/** The endpoint's answer to a request bit in a BAR: another bit, a while later. */
struct shim_ready {
	bool used;
	unsigned int bar;
	uint64_t request_offset;
	uint32_t request;
	uint64_t ready_offset;
	uint32_t ready;
	unsigned int delay_ms;
	uint64_t since; /**< milliseconds at which the request was first seen; 0: it is not set */
};

/** A function of the tree. */
struct shim_dev {
	char name[32]; /**< domain:bus:device.function */
	unsigned int fn;
	int fd;        /**< sparse file with all regions; negative: nobody has asked for it */
	uint64_t inode;
	unsigned int opened;
	uint8_t *config;
	uint32_t config_bytes;
	uint8_t *bar[SHIM_BARS];
	uint64_t bar_bytes[SHIM_BARS];
	struct shim_window window[SHIM_WINDOWS];
	unsigned int windows;
	bool no_iommu; /**< both sides are the process's addresses, unchecked */
	struct shim_ready ready;
	/** Control region of an endpoint NTB that takes commands. */
	bool takes_commands;
	unsigned int command_bar;
	uint64_t command_offset;
	uint32_t command[SHIM_COMMANDS];
	unsigned int commands;
	struct shim_board *board; /**< NULL: all of it is the shim's own */
	/* MSI vectors. */
	unsigned int msi_offered; /**< by the function */
	unsigned int msi_given;   /**< by the kernel, at the most */
	unsigned int msi_on;
	unsigned int msi_most;
	/* Engine. */
	struct edma_model *model; /**< NULL: none */
	struct edma_model_conf conf;
	unsigned int regs_bar;
	uint64_t regs_offset;
	uint64_t regs_bytes;
	uint64_t writes;
	uint64_t wide;   /**< stores of more than a register, or of parts of two */
	uint64_t aborts; /**< accesses to what is not there */
	char complaint[128]; /**< first of the model's */
};

/* vfio_shim.c */
/** Calls back for each piece of announced memory. Under the lock. */
void shim_dma_walk(void (*each)(struct shim_dev *dev, uint64_t va, uint64_t iova, uint64_t bytes),
		   struct shim_dev *dev);
/** System calls as the kernel has them, for code of the shim that must not meet the shim. */
int shim_open(const char *path, int flags);
/** Memory that the process has announced, by the engine's address or the process's. NULL: none. */
void *shim_dma(uint64_t addr, bool by_iova, uint64_t *len);

/** What was announced. */
void shim_dma_report(FILE *f);

/* vfio_shim_dev.c */
/** A function by name or by the inode of its descriptor; NULL if there is none. */
struct shim_dev *shim_dev_by_name(const char *name);
struct shim_dev *shim_dev_by_inode(uint64_t inode);
/** The next function that a board serves, after @p dev or the first; NULL: no more. */
struct shim_dev *shim_dev_next_board(const struct shim_dev *dev);
/** A descriptor of the function's file, or a negative errno. */
int shim_dev_open(struct shim_dev *dev);
void shim_lock(void);
void shim_unlock(void);
/** The engine may have something to do. Async-signal-safe. */
void shim_wake(void);

/* vfio_shim_board.c */
int shim_board_connect(struct shim_dev *dev, const char *path);
/** Descriptor of a BAR's memory; adds where the BAR is in it. -1: it is reached by message. */
int shim_board_bar(const struct shim_dev *dev, unsigned int bar, uint64_t *offset);
/** Returns @p bytes. A function that is gone reads all-ones. */
int shim_board_access(struct shim_dev *dev, unsigned int region, uint64_t offset, void *data,
		      size_t bytes, bool write);
void shim_board_map(struct shim_dev *dev, uint64_t va, uint64_t iova, uint64_t bytes);
void shim_board_unmap(struct shim_dev *dev, uint64_t iova, uint64_t bytes);
/** Enables so many vectors of MSI in configuration space; 0: none. */
void shim_board_msi(struct shim_dev *dev, unsigned int vectors);
void shim_board_report(const struct shim_dev *dev, FILE *f);

/* vfio_shim_trap.c */
/** The driver has mapped a part of a function's file: stores to registers in it are caught. */
int shim_trap(struct shim_dev *dev, uint8_t *va, uint64_t file_offset, size_t bytes);
/** A part of a BAR that a board reaches by message: every access to it is one. */
int shim_trap_board(struct shim_dev *dev, unsigned int bar, uint64_t bar_offset, uint8_t *va,
		    size_t bytes);

#endif /* _VFIO_SHIM_H_ */
