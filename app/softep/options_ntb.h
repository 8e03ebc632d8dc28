/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_OPTIONS_NTB_H_
#define _SOFTEP_OPTIONS_NTB_H_

/**
 * @file
 * Command line: the endpoint NTB function.
 */

#include "options.h"

/** What is true if no option says otherwise. */
void softep_ntb_options_init(struct softep_ntb_options *ntb);

/** Options; each returns 0 or -EINVAL, told. */
int softep_set_ntb_map(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_mw(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_layout(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_spads(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_spad_offset(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_dbs(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_doorbells(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_linux(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_dma(struct softep_options *opt, const char *name, char *value);
int softep_set_ntb_irq(struct softep_options *opt, const char *name, char *value);
int softep_set_vntb(struct softep_options *opt, const char *name, char *value);
int softep_set_back_to_back(struct softep_options *opt, const char *name, char *value);

/** After all options: are they possible together? Returns 0 or -EINVAL, told. */
int softep_ntb_options_check(struct softep_ntb_options *ntb);

#endif /* _SOFTEP_OPTIONS_NTB_H_ */
