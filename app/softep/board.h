/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_BOARD_STATE_H_
#define _SOFTEP_BOARD_STATE_H_

/**
 * @file
 * The board: its memories, its ports, its engine, and what an address on either side of the link
 * means.
 *
 *      host                    |                     endpoint
 *   rc-ntb maps <---- FN 0 ----+--- outbound window <---- EP CPU (ep-ntb, or we)
 *   rc-dma maps <---- FN 1 ----+--- engine ----> local addresses:
 *                              |        ep-dma maps, ep-ntb maps   below 2^52
 *                              |        ctrl, mw, db, ll, outbound from 2^52 on
 *
 * One thread owns all of this. What other processes see are the memories: RAM of the board, the
 * board page and the register image.
 */

#include <stdbool.h>
#include <stdint.h>

#include "edma_model.h"
#include "softep_board.h"
#include "vfio_user_server.h"

#include "clock.h"
#include "dma_map.h"
#include "irq.h"
#include "listen.h"
#include "log.h"
#include "memory.h"
#include "ntb.h"
#include "options.h"
#include "owner.h"
#include "pci_config.h"
#include "pedm.h"
#include "region.h"
#include "tally.h"
#include "trace.h"

/** The function of a bridge's other host: a port that the board page does not tell of. */
#define SOFTEP_RC2_NTB ((enum softep_port)SOFTEP_PORTS)
#define SOFTEP_ALL_PORTS (SOFTEP_PORTS + 1)

/** Accesses to one region that came as messages. */
struct softep_access {
	uint64_t reads;
	uint64_t read_bytes;
	uint64_t writes;
	uint64_t write_bytes;
	uint64_t tlps; /**< packets on the link, completions among them */
};

/** Directions of channels. */
#define SOFTEP_DIRS (EDMA_DIR_RD + 1)

/** One port: a vfio-user device with at most one client. */
struct softep_device {
	struct softep *board;
	enum softep_port port;
	struct vfio_user_server *srv; /**< NULL: not a port of this board's mode */
	struct softep_port_state *state; /**< in the board page, or below */
	struct softep_port_state own_state;
	bool attached;
	uint64_t unsettled[SOFTEP_DIRS]; /**< channels at work at the attachment, and since */
	struct softep_map_table maps;
	struct softep_region regions[SOFTEP_REGIONS];
	struct softep_config config; /**< rc ports */
	struct softep_irq irq;       /**< rc ports */
	bool has_engine;             /**< rc ports: the function that drivers of the engine bind to */
	bool list_alias;             /**< its engine sees lists at their BAR's bus address, too */
	struct softep_access access[SOFTEP_REGIONS];
	struct softep_clock_cpu cpu; /**< the client, at its end of the link */
	struct vfio_region_sparse_mmap_area area; /**< mappable, of the region asked for last */
};

/** Outbound window: what was written, and what is in force while it is open. */
struct softep_outbound {
	struct softep_atu atu; /**< as last written; enable tells whether the window is open */
	uint64_t target;
	uint64_t size;   /**< whole pages, as the hardware's limit register has it */
	uint64_t faults; /**< accesses of the endpoint's CPU that reached nothing */
};

/** Reboot of the endpoint. */
struct softep_restart {
	uint64_t end; /**< when the link comes up again; 0: none goes on */
	uint64_t cnt;
};

struct softep {
	const struct softep_options *opt;
	struct softep_memory ctrl;
	struct softep_memory mw[NTB_EPF_MAX_MW]; /**< as many as there are windows */
	struct softep_memory db;
	struct softep_memory ll;
	struct softep_memory shadow;
	struct softep_memory page;
	struct softep_board *state; /**< the board page */
	struct softep_device ports[SOFTEP_ALL_PORTS];
	struct softep_outbound outbound;
	struct softep_ntb ntb;
	struct softep_restart reboot;

	struct softep_link_conf wire; /**< as set; in force are the sizes that the host has set */
	struct softep_clock clock;
	struct softep_tally tally;
	struct softep_trace trace;
	struct edma_model *model;
	unsigned int steps; /**< of the engine between two looks at the sockets */
	uint64_t batch_ns;  /**< time that these should take */
	uint64_t regs_bytes; /**< BAR of the engine's registers: a power of two */
	struct softep_pedm pedm;
	struct softep_owners owners;
	uint64_t local_faults;  /**< engine accesses that reached nothing, by side */
	uint64_t pcie_faults;
	uint64_t last_fault;    /**< address of the latest */
	struct softep_listen listen;
	struct softep_voice engine_voice;
	struct softep_voice ntb_voice;
};

/** Names of the ports, without ".sock". */
extern const char *const softep_port_names[SOFTEP_ALL_PORTS];

/** True for the ports of this board's mode; the others have no socket. */
bool softep_port_is_served(const struct softep *board, enum softep_port port);

/** @p opt outlives the board. Returns 0 or a negative errno. */
int softep_board_init(struct softep *board, const struct softep_options *opt);
void softep_board_fini(struct softep *board);

/** True for the ports that lie across the link. */
static inline bool
softep_port_is_rc(enum softep_port port)
{
	return port == SOFTEP_RC_NTB || port == SOFTEP_RC_DMA || port == SOFTEP_RC2_NTB;
}

static inline bool
softep_port_is_dma(enum softep_port port)
{
	return port == SOFTEP_RC_DMA || port == SOFTEP_EP_DMA;
}

/** A port's client came or left: keeps the board page current. */
void softep_board_attached(struct softep_device *dev);
void softep_board_detached(struct softep_device *dev);

/** After steps of the engine: keeps track of channels that worked when a port's client came. */
void softep_board_track(struct softep *board);

/**
 * Resets the function, not the board: the engine may be at work for the other side. It is reset
 * only when this client is the one that uses it.
 */
void softep_board_reset_function(struct softep_device *dev);

/** After a change of configuration space: what follows from it. */
void softep_board_configured(struct softep_device *dev);

/** Speed, width, packet sizes and times of the link; configuration space shows them. */
void softep_board_set_wire(struct softep *board, const struct softep_link_conf *conf);

void softep_board_set_link(struct softep *board, bool up);
bool softep_board_link_up(const struct softep *board);

/** All reads of the host over the link return all-ones from now on, or not any more. */
void softep_board_set_all_ones(struct softep *board, bool on);
bool softep_board_all_ones(const struct softep *board);

/** Tells the client of a dma port how many of its posted writes are in. */
void softep_board_applied(struct softep_device *dev, uint64_t count);

/**
 * Memory at an address of the endpoint's own side, or NULL.
 *
 * @param len  In: bytes wanted. Out: bytes accessible in one piece.
 */
void *softep_board_local(struct softep *board, uint64_t addr, uint64_t *len, bool write);

/**
 * The function with requester id @p fn, or NULL. As long as nobody has ever attached to the NTB
 * function, the engine's is the only one there is, and has number 0 as well.
 */
struct softep_device *softep_board_function(struct softep *board, unsigned int fn);

/** True while the function can send requests over the link. */
bool softep_board_can_send(const struct softep_device *dev);

/** Memory of the host at a PCIe address, as its function reaches it, or NULL. */
void *softep_board_host(struct softep_device *dev, uint64_t addr, uint64_t *len, bool write);

/** The same for requester @p fn. */
void *softep_board_pcie(struct softep *board, unsigned int fn, uint64_t addr, uint64_t *len,
			bool write);

/** The access at @p va ended in SIGBUS: whoever mapped that memory has lost it. */
void softep_board_lost(struct softep *board, const void *va);

#endif /* _SOFTEP_BOARD_STATE_H_ */
