/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_H_
#define _SOFTEP_NTB_H_

/**
 * @file
 * The NTB functions of a board that plays the endpoint's kernel: the models of it, wired to ports,
 * memories and the clock. Nothing here does anything while a process plays the endpoint.
 */

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "ntb_bridge.h"
#include "ntb_dma.h"
#include "ntb_vntb.h"

struct softep;
struct softep_device;

struct softep_ntb {
	/** Control memory of the other function of a bridge; its fd is -1 before softep_ntb_init(). */
	struct softep_memory ctrl2;
	struct vntb vntb;           /**< one of the two is in use, or none */
	struct bridge bridge;
	struct softep_ntb_dma dma;  /**< what the function says about an engine in its BARs */
};

/** Called by softep_board_init() and softep_board_fini(). */
int softep_ntb_init(struct softep *board);
void softep_ntb_fini(struct softep *board);

/** The board's memories exist: binds the function. */
void softep_ntb_bind(struct softep *board);

/** Endpoint reboot: what the hosts find is lost, and there again after a bind. */
void softep_ntb_unbind(struct softep *board);
void softep_ntb_rebind(struct softep *board);

/** An access of a host to a BAR of the function. */
void softep_ntb_read(struct softep_device *dev, unsigned int bar, uint64_t offset, void *data,
		     uint32_t count);
void softep_ntb_write(struct softep_device *dev, unsigned int bar, uint64_t offset,
		      const void *data, uint32_t count);

/**
 * Region B of a function whose endpoint is played by a process, where the BAR map shows it once
 * more: found by the numbers in the control region, as that process wrote them.
 */
void softep_ntb_peer_read(const struct softep *board, uint64_t offset, void *data, uint32_t count);
void softep_ntb_peer_write(const struct softep *board, uint64_t offset, const void *data,
			   uint32_t count);

/** The host of a function left, or reset it. */
void softep_ntb_host_gone(struct softep_device *dev);

/** Nanoseconds until softep_ntb_run() has something to do; NTB_NEVER: not before an access. */
uint64_t softep_ntb_wait(const struct softep *board);
void softep_ntb_run(struct softep *board);

/** What can be set while the model runs, or NULL if there is none. */
struct ntb_switches *softep_ntb_switches(struct softep *board);

/** Now, as the models are told. */
uint64_t softep_ntb_now(void);

#endif /* _SOFTEP_NTB_H_ */
