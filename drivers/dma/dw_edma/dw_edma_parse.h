/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_PARSE_H_
#define _DW_EDMA_PARSE_H_

/**
 * @file
 * How the layout of an engine behind BARs is found.
 *
 *   dw_edma_discover.c  picks a parser         dw_edma_vsec.c  \
 *   dw_edma_parse.c     what all of them need  dw_edma_pedm.c   |  parsers, one
 *                                              dw_edma_epdm.c   |  for each format
 *                                              dw_edma_ndma.c   |
 *                                              dw_edma_info.c  /
 *
 * Functions that return int return 0 or a negative errno, after exactly one line to complain():
 *
 *   -EINVAL     an argument of the caller      -EPROTO, -ELOOP  what the device says is nonsense
 *   -ENOENT     no such metadata               -ERANGE          a window is not where it may be
 *   -ENODEV     the device is gone             -EAGAIN          changed while it was looked at
 *   -ENOTSUP    understood, but not supported  -ETIMEDOUT, -EBUSY, -EIO  a request failed
 */

#include "dw_edma_layout.h"

/** Where to look. */
enum dw_edma_format {
	/** The table if the device is in it, else PEDM if a BAR has it, else what arguments say. */
	DW_EDMA_FORMAT_AUTO,
	DW_EDMA_FORMAT_TABLE, /**< table of devices, vendor-specific capabilities, arguments */
	DW_EDMA_FORMAT_PEDM,  /**< metadata at the start of a BAR */
	DW_EDMA_FORMAT_EPDM,  /**< slice that the control region of an endpoint NTB locates */
	DW_EDMA_FORMAT_NDMA,  /**< block in the control region of an endpoint NTB */
	DW_EDMA_FORMAT_INFO,  /**< information block in a memory window */
	DW_EDMA_FORMATS,
};

/** A value that the caller may give in place of the one that would be found. */
struct dw_edma_opt {
	bool given;
	uint64_t value;
};

/** What can be given for DW_EDMA_FORMAT_TABLE; dw_edma_table_opt_names has names as in arguments. */
enum dw_edma_table_opt {
	DW_EDMA_OPT_MAP, /**< enum dw_edma_map */
	DW_EDMA_OPT_WR_CNT,
	DW_EDMA_OPT_RD_CNT,
	DW_EDMA_OPT_REG_BAR,
	/** Bytes from the start of the BAR to the registers, whatever table and capability say. */
	DW_EDMA_OPT_REG_OFFSET,
	DW_EDMA_OPT_REG_BYTES,
	/** 1: the offset of table or capability counts; default 0: registers start the BAR. */
	DW_EDMA_OPT_ADD_OFFSET,
	DW_EDMA_OPT_LL_BAR,
	DW_EDMA_OPT_LL_OFFSET, /**< of the list of write channel 0; the others follow */
	DW_EDMA_OPT_LL_STRIDE,
	DW_EDMA_OPT_LL_BYTES,
	/** Address of the start of the list BAR as the engine sees it. */
	DW_EDMA_OPT_LL_LOCAL,
	DW_EDMA_OPT_WR_BLOCK, /**< native map: struct dw_edma_blocks */
	DW_EDMA_OPT_WR_STRIDE,
	DW_EDMA_OPT_RD_BLOCK,
	DW_EDMA_OPT_RD_STRIDE,
	DW_EDMA_OPTS,
};

extern const char *const dw_edma_table_opt_names[DW_EDMA_OPTS];

struct dw_edma_table_args {
	struct dw_edma_opt opt[DW_EDMA_OPTS];
};

struct dw_edma_discover_args {
	enum dw_edma_format format;
	struct dw_edma_table_args table;
	/** PEDM: the BAR with the metadata. Default: the first that has some. */
	struct dw_edma_opt pedm_bar;
	/**
	 * EPDM and NDMA: the control region of the NTB; INFO: the window of the engine. 0 bytes:
	 * to the end of the BAR. Nobody else may issue NTB commands during a call with NDMA.
	 */
	struct dw_edma_window window;
	/** INFO: bytes of a page of the endpoint. 0: 4096. */
	uint32_t page_bytes;
};

/** What was asked of the device and has to be taken back. */
struct dw_edma_claim {
	enum dw_edma_format format; /**< PEDM or NDMA; else nothing was asked */
	unsigned int bar;
	uint64_t offset; /**< PEDM: word with the request bit; NDMA: control region */
	uint32_t bit;
};

/**
 * Fills in @p layout, and @p claim for dw_edma_discover_release(). Nothing is claimed, and the
 * layout is empty, if it fails. May wait for seconds.
 */
int dw_edma_discover(const struct dw_edma_source *src, const struct dw_edma_discover_args *args,
		     struct dw_edma_layout *layout, struct dw_edma_claim *claim);

/** Takes back what discovery asked for, after the last use of the layout. May be called twice. */
void dw_edma_discover_release(const struct dw_edma_source *src, struct dw_edma_claim *claim);

/** "auto", "table", "pedm", "epdm", "ndma", "info"; NULL if there is no such format. */
const char *dw_edma_format_name(enum dw_edma_format format);

/** The format of that name, or -EINVAL without a line. */
int dw_edma_format_by_name(const char *name);

/* Parsers. */

int dw_edma_table_find(const struct dw_edma_source *src, const struct dw_edma_table_args *args,
		       struct dw_edma_layout *layout);
/** Tells whether the device is in the table. */
int dw_edma_table_knows(const struct dw_edma_source *src, bool *known);

int dw_edma_pedm_find(const struct dw_edma_source *src, const struct dw_edma_opt *given_bar,
		      struct dw_edma_layout *layout, struct dw_edma_claim *claim);
void dw_edma_pedm_release(const struct dw_edma_source *src, const struct dw_edma_claim *claim);
/** Finds the BAR with the magic number; DW_EDMA_BARS if none has it. */
int dw_edma_pedm_scan(const struct dw_edma_source *src, unsigned int *bar);

int dw_edma_epdm_find(const struct dw_edma_source *src, const struct dw_edma_window *control,
		      struct dw_edma_layout *layout);

int dw_edma_ndma_find(const struct dw_edma_source *src, const struct dw_edma_window *control,
		      struct dw_edma_layout *layout, struct dw_edma_claim *claim);
void dw_edma_ndma_release(const struct dw_edma_source *src, const struct dw_edma_claim *claim);

int dw_edma_info_find(const struct dw_edma_source *src, const struct dw_edma_window *window,
		      uint32_t page_bytes, struct dw_edma_layout *layout);

/* What parsers share. */

/** A list has room for two data elements and the link: struct dw_edma_elem. */
#define DW_EDMA_LIST_MIN_BYTES (3 * sizeof(struct dw_edma_elem))

/** Complains and returns @p rc. */
int dw_edma_refuse(const struct dw_edma_source *src, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Copies words of a BAR, which has them. All-ones: the device is gone. */
int dw_edma_read_words(const struct dw_edma_source *src, unsigned int bar, uint64_t offset,
		       uint32_t *words, unsigned int cnt);

/** The same, but -EAGAIN if a second look shows something else. */
int dw_edma_read_steady(const struct dw_edma_source *src, unsigned int bar, uint64_t offset,
			uint32_t *words, unsigned int cnt);

/** Looks whether the device answers at all: -ENODEV and a line if not. */
int dw_edma_check_alive(const struct dw_edma_source *src);

/** Completes a window that the caller gave and checks that it has @p min bytes. */
int dw_edma_given_window(const struct dw_edma_source *src, const char *what,
			 const struct dw_edma_window *given, uint64_t min,
			 struct dw_edma_window *window);

/** Most channels per direction that engines with @p map have; 0: no such map. */
unsigned int dw_edma_map_channels(uint64_t map);

/** Blocks of native HDMA at their usual places. */
void dw_edma_layout_usual_blocks(struct dw_edma_layout *layout);

/**
 * What every parser ends with: windows inside their BARs and apart from each other and from the
 * @p taken ones, long enough and aligned; counts within the limits of the map.
 */
int dw_edma_layout_check(const struct dw_edma_source *src, const struct dw_edma_layout *layout,
			 const struct dw_edma_window *taken, unsigned int taken_cnt);

static inline uint64_t
dw_edma_join(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

#endif /* _DW_EDMA_PARSE_H_ */
