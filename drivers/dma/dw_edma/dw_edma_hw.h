/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_HW_H_
#define _DW_EDMA_HW_H_

/**
 * @file
 * DesignWare PCIe embedded DMA (eDMA v0 and HDMA): hardware facts only.
 *
 * All registers are 32 bits wide and little endian. 64-bit values are two registers, written low
 * half first; none of the pairs is guaranteed to be 8-byte aligned. Offsets are bytes from the
 * start of the register block. Sources: Linux dw-edma-v0-regs.h, and public register descriptions
 * of parts that contain the controller.
 *
 * Shared by driver and model, so: constants and layouts, no logic.
 */

#include <assert.h>
#include <stdint.h>

/** Channels per direction that the maps have room for. */
#define DW_EDMA_MAX_CH 8

/** Bytes from the first register to the end of the last channel window (unrolled map). */
#define DW_EDMA_REGS_BYTES 0x1200

/** What a register of a device that has left the bus reads as. */
#define DW_EDMA_DEAD 0xffffffffu

/** Map formats, as the vendor-specific capability codes them. */
enum dw_edma_map {
	DW_EDMA_MAP_LEGACY = 0,
	DW_EDMA_MAP_UNROLL = 1,
	DW_EDMA_MAP_HDMA_COMPAT = 5,
	DW_EDMA_MAP_HDMA_NATIVE = 7,
};

/*
 * Global registers. In every per-channel field bit n belongs to channel n of the direction; done
 * bits are [7:0] and abort bits [23:16] of the same word.
 */
#define DW_EDMA_CTRL_DATA_ARB_PRIOR 0x000
#define DW_EDMA_CTRL 0x008
#define DW_EDMA_CTRL_WR_CH(v) ((v) & 0xfu)
#define DW_EDMA_CTRL_RD_CH(v) (((v) >> 16) & 0xfu)

/*
 * Registers that both directions have, as offsets for the write direction; the read direction has
 * them elsewhere, at offsets that are not at a constant distance.
 */
#define DW_EDMA_WR_ENGINE_EN 0x00c
#define DW_EDMA_WR_DOORBELL 0x010
#define DW_EDMA_WR_CH_ARB_WEIGHT_LO 0x018
#define DW_EDMA_WR_CH_ARB_WEIGHT_HI 0x01c
#define DW_EDMA_RD_ENGINE_EN 0x02c
#define DW_EDMA_RD_DOORBELL 0x030
#define DW_EDMA_RD_CH_ARB_WEIGHT_LO 0x038
#define DW_EDMA_RD_CH_ARB_WEIGHT_HI 0x03c

#define DW_EDMA_WR_INT_STATUS 0x04c
#define DW_EDMA_WR_INT_MASK 0x054
#define DW_EDMA_WR_INT_CLEAR 0x058
#define DW_EDMA_WR_ERR_STATUS 0x05c
#define DW_EDMA_WR_DONE_IMWR_LO 0x060
#define DW_EDMA_WR_DONE_IMWR_HI 0x064
#define DW_EDMA_WR_ABORT_IMWR_LO 0x068
#define DW_EDMA_WR_ABORT_IMWR_HI 0x06c
/** Two channels share a data register: channel n has the half n & 1 of register n / 2. */
#define DW_EDMA_WR_IMWR_DATA 0x070
#define DW_EDMA_WR_LL_ERR_EN 0x090

#define DW_EDMA_RD_INT_STATUS 0x0a0
#define DW_EDMA_RD_INT_MASK 0x0a8
#define DW_EDMA_RD_INT_CLEAR 0x0ac
#define DW_EDMA_RD_ERR_STATUS_LO 0x0b4
#define DW_EDMA_RD_ERR_STATUS_HI 0x0b8
#define DW_EDMA_RD_LL_ERR_EN 0x0c4
#define DW_EDMA_RD_DONE_IMWR_LO 0x0cc
#define DW_EDMA_RD_DONE_IMWR_HI 0x0d0
#define DW_EDMA_RD_ABORT_IMWR_LO 0x0d4
#define DW_EDMA_RD_ABORT_IMWR_HI 0x0d8
#define DW_EDMA_RD_IMWR_DATA 0x0dc

/** ENGINE_EN: clearing it holds all channels of the direction in soft reset. */
#define DW_EDMA_ENGINE_EN 0x1u

/** DOORBELL: channel number, and the request to stop it. */
#define DW_EDMA_DOORBELL_CH 0x7u
#define DW_EDMA_DOORBELL_STOP 0x80000000u

/** INT_STATUS, INT_MASK, INT_CLEAR. */
#define DW_EDMA_INT_DONE(ch) (1u << (ch))
#define DW_EDMA_INT_ABORT(ch) (1u << (16 + (ch)))
#define DW_EDMA_INT_DONE_ALL 0x000000ffu
#define DW_EDMA_INT_ABORT_ALL 0x00ff0000u
#define DW_EDMA_INT_ALL (DW_EDMA_INT_DONE_ALL | DW_EDMA_INT_ABORT_ALL)

/** WR_ERR_STATUS and RD_ERR_STATUS_LO: error response on the local bus, fatal. */
#define DW_EDMA_ERR_DATA(ch) (1u << (ch))
/** The same registers: error response while fetching a list element, fatal. */
#define DW_EDMA_ERR_LL_FETCH(ch) (1u << (16 + (ch)))
/** RD_ERR_STATUS_HI: kinds of bad completion for a read over the link. */
#define DW_EDMA_ERR_UR(ch) (1u << (ch))
#define DW_EDMA_ERR_CA(ch) (1u << (8 + (ch)))
#define DW_EDMA_ERR_TIMEOUT(ch) (1u << (16 + (ch)))
#define DW_EDMA_ERR_POISON(ch) (1u << (24 + (ch)))

/** LL_ERR_EN: remote abort write on, local abort interrupt on (linked-list mode only). */
#define DW_EDMA_LL_ERR_REMOTE(ch) (1u << (ch))
#define DW_EDMA_LL_ERR_LOCAL(ch) (1u << (16 + (ch)))

/** Power enables, HDMA-compatible parts only. */
#define DW_EDMA_PWR_EN 0x1u
#define DW_EDMA_WR_PWR_EN(ch) (0x128 + 4 * (ch))
#define DW_EDMA_RD_PWR_EN(ch) (0x168 + 4 * (ch))

/** Channel windows of the unrolled map. */
#define DW_EDMA_WR_CH(ch) (0x200 + 0x200 * (ch))
#define DW_EDMA_RD_CH(ch) (0x300 + 0x200 * (ch))

/* Registers inside a channel window. */
#define DW_EDMA_CH_CONTROL1 0x00
#define DW_EDMA_CH_CONTROL2 0x04
#define DW_EDMA_CH_SIZE 0x08
#define DW_EDMA_CH_SAR_LO 0x0c
#define DW_EDMA_CH_SAR_HI 0x10
#define DW_EDMA_CH_DAR_LO 0x14
#define DW_EDMA_CH_DAR_HI 0x18
#define DW_EDMA_CH_LLP_LO 0x1c
#define DW_EDMA_CH_LLP_HI 0x20
#define DW_EDMA_CH_BYTES 0x24

/** CONTROL1 and the control word of list elements: the five low bits mean the same in both. */
#define DW_EDMA_CB 0x00000001u
#define DW_EDMA_TCB 0x00000002u
#define DW_EDMA_LLP 0x00000004u
#define DW_EDMA_LIE 0x00000008u
#define DW_EDMA_RIE 0x00000010u
#define DW_EDMA_ELEM_BITS 0x0000001fu

/** CONTROL1 only. */
#define DW_EDMA_CS_SHIFT 5
#define DW_EDMA_CS_MASK 0x00000060u
#define DW_EDMA_CS(v) (((v) & DW_EDMA_CS_MASK) >> DW_EDMA_CS_SHIFT)
#define DW_EDMA_CCS 0x00000100u
#define DW_EDMA_LLE 0x00000200u
/** PCI function whose requester id the channel's transactions carry. */
#define DW_EDMA_FN_SHIFT 12
#define DW_EDMA_FN_MASK 0x0001f000u
#define DW_EDMA_FN(v) (((v) & DW_EDMA_FN_MASK) >> DW_EDMA_FN_SHIFT)

/** Channel status, field CS of CONTROL1. */
enum dw_edma_cs {
	DW_EDMA_CS_NONE = 0,
	DW_EDMA_CS_RUNNING = 1,
	DW_EDMA_CS_ABORTED = 2,
	DW_EDMA_CS_STOPPED = 3,
};

/** eDMA legacy: one channel window behind a view port, which must be locked around each access. */
#define DW_EDMA_VIEWPORT_SEL 0x0fc
#define DW_EDMA_VIEWPORT_CH 0x7u
#define DW_EDMA_VIEWPORT_RD 0x80000000u
#define DW_EDMA_VIEWPORT_WINDOW 0x100
#define DW_EDMA_LEGACY_BYTES (DW_EDMA_VIEWPORT_WINDOW + DW_EDMA_CH_BYTES)

/*
 * HDMA native: a block per channel and no global one. Integrations differ in the distance between
 * blocks; these are the usual ones.
 */
#define DW_HDMA_STRIDE 0x200
#define DW_HDMA_RD_OFFSET 0x100
#define DW_HDMA_BLOCK_BYTES 0x100
/** Channels per direction of the largest engines, and bytes of their registers at these distances. */
#define DW_HDMA_MAX_CH 64
#define DW_HDMA_REGS_BYTES (DW_HDMA_MAX_CH * DW_HDMA_STRIDE)

/* Registers inside a channel block. */
#define DW_HDMA_CH_EN 0x00
#define DW_HDMA_DOORBELL 0x04
#define DW_HDMA_PREFETCH 0x08
#define DW_HDMA_HANDSHAKE 0x0c
#define DW_HDMA_LLP_LO 0x10
#define DW_HDMA_LLP_HI 0x14
#define DW_HDMA_CYCLE_SYNC 0x18
#define DW_HDMA_SIZE 0x1c
#define DW_HDMA_SAR_LO 0x20
#define DW_HDMA_SAR_HI 0x24
#define DW_HDMA_DAR_LO 0x28
#define DW_HDMA_DAR_HI 0x2c
#define DW_HDMA_WATERMARK_EN 0x30
#define DW_HDMA_CONTROL1 0x34
#define DW_HDMA_FUNC_NUM 0x38
#define DW_HDMA_QOS 0x3c
#define DW_HDMA_CH_STAT 0x80
#define DW_HDMA_INT_STAT 0x84
#define DW_HDMA_INT_SETUP 0x88
#define DW_HDMA_INT_CLEAR 0x8c
#define DW_HDMA_MSI_STOP_LO 0x90
#define DW_HDMA_MSI_STOP_HI 0x94
#define DW_HDMA_MSI_WATERMARK_LO 0x98
#define DW_HDMA_MSI_WATERMARK_HI 0x9c
#define DW_HDMA_MSI_ABORT_LO 0xa0
#define DW_HDMA_MSI_ABORT_HI 0xa4
#define DW_HDMA_MSI_MSGDATA 0xa8

#define DW_HDMA_EN 0x1u
#define DW_HDMA_DOORBELL_START 0x1u
#define DW_HDMA_DOORBELL_STOP 0x2u
/** CYCLE_SYNC: cycle bit of the element in progress, and the consumer's cycle state. */
#define DW_HDMA_CYCLE_CB 0x1u
#define DW_HDMA_CYCLE_CCS 0x2u
#define DW_HDMA_CONTROL1_LLE 0x1u
#define DW_HDMA_FUNC_NUM_MASK 0xffu
/** CH_STAT [1:0]: the values of enum dw_edma_cs. */
#define DW_HDMA_STAT_MASK 0x3u
/** INT_STAT and INT_CLEAR. */
#define DW_HDMA_INT_STOP 0x1u
#define DW_HDMA_INT_WATERMARK 0x2u
#define DW_HDMA_INT_ABORT 0x4u
/** INT_SETUP: masks have the bits of INT_STAT. */
#define DW_HDMA_INT_REMOTE_STOP 0x08u
#define DW_HDMA_INT_LOCAL_STOP 0x10u
#define DW_HDMA_INT_REMOTE_ABORT 0x20u
#define DW_HDMA_INT_LOCAL_ABORT 0x40u

/**
 * A slot of a linked list, in memory local to the engine.
 *
 * A data element moves @c size bytes, 1 to 2^32 - 1, from @c sar to @c dar. In a link element
 * (control bit LLP) @c sar is the address of the next element, and @c size and @c dar are unused.
 * Addresses are byte granular; slots are 4-byte aligned at least.
 */
struct dw_edma_elem {
	uint32_t control; /**< DW_EDMA_ELEM_BITS; written last when the ring is live */
	uint32_t size;    /**< bytes */
	uint64_t sar;     /**< source address, or next element of a link */
	uint64_t dar;     /**< destination address */
};

static_assert(sizeof(struct dw_edma_elem) == 24, "a list slot has 24 bytes");

#endif /* _DW_EDMA_HW_H_ */
