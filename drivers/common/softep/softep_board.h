/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_BOARD_H_
#define _SOFTEP_BOARD_H_

/**
 * @file
 * The software endpoint as its clients see it: sockets, regions, local addresses.
 *
 * Layouts only. The software endpoint writes, its clients read; nothing here exists on a real
 * board, where BARs, device tree and IOMMU tell the same.
 */

#include <assert.h>
#include <stdint.h>

/** One socket per function and side, in the directory of the software endpoint. */
enum softep_port {
	SOFTEP_RC_NTB, /**< PCI function 0: the endpoint NTB, seen by the host */
	SOFTEP_RC_DMA, /**< PCI function 1: the engine, seen by the host */
	SOFTEP_EP_NTB, /**< memory behind the BARs, outbound window: seen by the endpoint's CPUs */
	SOFTEP_EP_DMA, /**< the engine, seen by the endpoint's CPUs */
	SOFTEP_PORTS,
};

#define SOFTEP_SOCKET_RC_NTB "rc-ntb.sock"
#define SOFTEP_SOCKET_RC_DMA "rc-dma.sock"
#define SOFTEP_SOCKET_EP_NTB "ep-ntb.sock"
#define SOFTEP_SOCKET_EP_DMA "ep-dma.sock"
/** Line-based control of the software endpoint itself; not vfio-user. */
#define SOFTEP_SOCKET_CONTROL "control.sock"

/** Requester ids of the two functions: field FN of a channel, and index of the host's maps. */
#define SOFTEP_FN_NTB 0
#define SOFTEP_FN_DMA 1

/*
 * Regions. The two rc ports are PCI functions: regions 0 to 5 are BARs, 7 is configuration space.
 * The ep ports use the same numbers for the same memory, seen from behind.
 */
#define SOFTEP_NTB_REGION_CTRL 0 /**< control region and scratchpads */
#define SOFTEP_NTB_REGION_MW 2   /**< memory window 1: RAM of the board */
#define SOFTEP_NTB_REGION_DB 4   /**< doorbell array */
#define SOFTEP_DMA_REGION_REGS 0 /**< engine registers: by message only */
#define SOFTEP_DMA_REGION_LL 2   /**< list memory */

/** Private regions, not asked for by other vfio-user clients. */
#define SOFTEP_REGION_BOARD 9    /**< struct softep_board, read only, on every port */
#define SOFTEP_REGION_SHADOW 10  /**< struct softep_shadow, read only, on the dma ports */
/**
 * Outbound window of the endpoint, on the ep-ntb port: an access goes to host memory at the target
 * programmed in SOFTEP_REGION_ATU. Mappable while a target is set that lies in one map of the host:
 * ask for the region again after programming.
 */
#define SOFTEP_REGION_OUTBOUND 11
/** struct softep_atu, on the ep-ntb port, by message: what the endpoint's CPU programs. */
#define SOFTEP_REGION_ATU 12
#define SOFTEP_REGIONS 13

/** Local addresses: from here on everything is the board's own; below, DMA maps of the ep ports. */
#define SOFTEP_LOCAL_BASE (UINT64_C(1) << 52)

/** Memory of window n + 1 at mw_local + n * this; the board page tells of the first one alone. */
#define SOFTEP_LOCAL_MW_STRIDE (UINT64_C(1) << 32)

#define SOFTEP_BOARD_MAGIC 0x50545342u /* "BSTP" */
#define SOFTEP_BOARD_VERSION 2u

/** State of one port. Words are stored with release order; read them with acquire order. */
struct softep_port_state {
	/**
	 * 1 while a client is attached. Falls to 0 only when no element of the engine can touch the
	 * client's memory any more and, for an rc port, bus_master is 0.
	 */
	uint32_t attached;
	/** Counts attachments: a change means that the client is not the one it was. */
	uint32_t attach_seq;
	/** rc ports: bit 2 of the command register. */
	uint32_t bus_master;
	/**
	 * 1 from an attachment that is not the port's first until every channel that had work then
	 * has stopped. What such a channel still does may be aimed at memory of the client before,
	 * at addresses that the new one uses, too: it maps nothing until then.
	 */
	uint32_t unsettled;
};

/** One page that every client may map read-only, and that stays mapped in trap mode too. */
struct softep_board {
	uint32_t magic;
	uint32_t version;
	uint32_t link_up; /**< PCIe link: 0 while taken down by the fault switch */
	uint32_t trap;    /**< 1: accesses over the link and to registers are messages */
	struct softep_port_state port[SOFTEP_PORTS];
	uint32_t wr_cnt; /**< channels of the engine */
	uint32_t rd_cnt;
	uint32_t map;    /**< enum dw_edma_map */
	uint32_t all_ones; /**< 1: reads of the host over the link return all-ones */
	uint64_t ctrl_local; /**< local addresses and bytes of the board's memories */
	uint64_t ctrl_bytes;
	uint64_t mw_local;
	uint64_t mw_bytes;
	uint64_t db_local;
	uint64_t db_bytes;
	uint64_t ll_local;
	uint64_t ll_bytes;
	uint64_t outbound_local;
	uint64_t outbound_bytes;
	/** List of write channel n at ll_local + n * ll_stride, of read channel n behind those. */
	uint64_t ll_stride;
	uint64_t ll_ch_bytes; /**< bytes of one channel's list, <= ll_stride */
};
static_assert(sizeof(struct softep_board) == 192, "board page");

/** Size of the board region in bytes. */
#define SOFTEP_BOARD_BYTES 4096

/**
 * Register image of the engine, read only. A reader that wrote registers waits until the count of
 * its port has reached its own number of posted writes: on PCIe a read never overtakes a write.
 */
#define SOFTEP_SHADOW_REGS 0x0000       /**< the registers, as in SOFTEP_DMA_REGION_REGS */
#define SOFTEP_SHADOW_APPLIED_RC 0x8000 /**< uint64_t: posted writes of the rc-dma client applied */
#define SOFTEP_SHADOW_APPLIED_EP 0x9000 /**< the same for ep-dma */
#define SOFTEP_SHADOW_BYTES 0xa000

/** SOFTEP_REGION_ATU: one outbound window. Written by 4- or 8-byte messages. */
struct softep_atu {
	uint64_t target; /**< PCIe address in the maps of function SOFTEP_FN_NTB, 4 KiB aligned */
	uint64_t size;   /**< bytes, <= outbound_bytes */
	uint32_t enable; /**< 1: the window is open; writing 0 closes it */
	uint32_t reserved;
};
static_assert(sizeof(struct softep_atu) == 24, "atu");

#endif /* _SOFTEP_BOARD_H_ */
