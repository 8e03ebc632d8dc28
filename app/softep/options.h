/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_OPTIONS_H_
#define _SOFTEP_OPTIONS_H_

/**
 * @file
 * Command line.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ntb_ctrl.h"
#include "ntb_shape.h"

/** Switches that can be set at start; there are fewer of them. */
#define SOFTEP_MAX_SETS 48
/** Errors that can be injected at start: one for each channel of the largest engine. */
#define SOFTEP_MAX_INJECTS 128

/** Who the engine's PCI function is. */
enum softep_dma_id {
	SOFTEP_DMA_ID_EDDA,      /**< Synopsys' prototype */
	SOFTEP_DMA_ID_AMD,       /**< AMD MDB */
	SOFTEP_DMA_ID_PEDM,      /**< an endpoint DMA function with metadata in a BAR */
	SOFTEP_DMA_ID_PEDM_CTRL, /**< the same with a control word for the host alone */
};

/** Who plays the endpoint of the NTB function. */
enum softep_ntb_mode {
	SOFTEP_NTB_PROCESS, /**< the client of ep-ntb */
	SOFTEP_NTB_VNTB,    /**< the board, as Linux' pci-epf-vntb */
	SOFTEP_NTB_BRIDGE,  /**< the board, as Linux' pci-epf-ntb between two hosts */
};

struct softep_ntb_options {
	enum softep_ntb_mode mode;
	struct ntb_shape shape;
	enum ntb_db_mode db_mode;   /**< vntb */
	unsigned int linux_version; /**< vntb: 6 or 7 */
	bool msix;                  /**< vntb: has MSI-X, which Linux' function has not */
	const char *mw;             /**< value of --mw, for complaints; NULL: not given */
	/** Names of options that need one of the modes above; NULL: none was given. */
	const char *of_model;
	const char *of_vntb;
};

struct softep_options {
	char *dir;        /**< without trailing slashes; points into argv */
	const char *send; /**< command for a running board; NULL: be one */
	unsigned int wr_cnt;
	unsigned int rd_cnt;
	unsigned int map; /**< enum dw_edma_map */
	const char *map_given; /**< as given; NULL: the default */
	enum softep_dma_id dma_id;
	struct softep_ntb_options ntb;
	uint64_t ll_bytes; /**< per channel */
	bool trap;
	const char *trace; /**< file to begin with; NULL: none */
	const char *sets[SOFTEP_MAX_SETS]; /**< SWITCH=VALUE, as given */
	unsigned int set_cnt;
	char *injects[SOFTEP_MAX_INJECTS]; /**< as given: four words */
	unsigned int inject_cnt;
	bool done; /**< help or version was printed: nothing else to do */
};

/**
 * Fills @p opt from the command line. A bad argument is one line on standard error that names it.
 *
 * @return 0 or -EINVAL.
 */
int softep_options_parse(struct softep_options *opt, int argc, char **argv);

/** Tells of a bad argument; returns -EINVAL. */
int softep_option_bad(const char *name, const char *value, const char *expected);

/** Index of a word in a list that ends with NULL, or -1. */
int softep_option_word(const char *const *words, const char *word);

/** Digits with an optional k, M or G. */
bool softep_option_bytes(const char *value, uint64_t *bytes);

#endif /* _SOFTEP_OPTIONS_H_ */
