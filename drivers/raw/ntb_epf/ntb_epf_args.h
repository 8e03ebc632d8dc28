/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_ARGS_H_
#define _NTB_EPF_ARGS_H_

/**
 * @file
 * Arguments, and what the probes of both buses have in common.
 */

#include <rte_kvargs.h>

#include "ntb_epf_priv.h"

#define NTB_EPF_ARG_MOVER "mover"
#define NTB_EPF_ARG_FALLBACK "fallback"
#define NTB_EPF_ARG_COMMIT "commit"
#define NTB_EPF_ARG_DMA "dma"
#define NTB_EPF_ARG_TRANSPORT "transport"
#define NTB_EPF_ARG_PEER_TIMEOUT "peer_timeout"
#define NTB_EPF_ARG_EXPORT "export"

/** For the parameter strings of the drivers. */
#define NTB_EPF_COMMON_PARAMS \
	NTB_EPF_ARG_MOVER "=<auto|split|rc|ep|cpu> " \
	NTB_EPF_ARG_FALLBACK "=<0|1> " \
	NTB_EPF_ARG_COMMIT "=<engine|cpu> " \
	NTB_EPF_ARG_DMA "=<DMA device> " \
	NTB_EPF_ARG_TRANSPORT "=<ring> " \
	NTB_EPF_ARG_PEER_TIMEOUT "=<milliseconds> " \
	NTB_EPF_ARG_EXPORT "=<memzone>"

/** An argument; the value is "" if there is none. Lists of them end with a NULL key. */
struct ntb_epf_arg {
	const char *key;
	int (*parse)(struct ntb_epf_dev *dev, const char *key, const char *value);
};

/** Logs the value and what was expected; returns -EINVAL. */
int ntb_epf_arg_bad(const struct ntb_epf_dev *dev, const char *key, const char *value,
		    const char *expected);

/** Parses in the order of the text: common arguments and those of @p own. */
int ntb_epf_args_parse(struct ntb_epf_dev *dev, const struct rte_kvargs *args,
		       const struct ntb_epf_arg *own);
void ntb_epf_args_free(struct ntb_epf_dev *dev);

/**
 * Makes a rawdev in the primary process.
 *
 * @param text    Arguments; NULL: none.
 * @param set_up  Takes the arguments and opens the platform.
 */
int ntb_epf_create(struct rte_device *device, const char *text,
		   int (*set_up)(struct ntb_epf_dev *dev, const struct rte_kvargs *args));
/** Stops and closes it first. -ENODEV: there is none of this name. */
int ntb_epf_destroy(const char *name);

#endif /* _NTB_EPF_ARGS_H_ */
