/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_EXPORT_H_
#define _NTB_EPF_EXPORT_H_

/**
 * @file
 * Memory of this side that requests of the peer may name.
 */

#include <stdbool.h>
#include <stdint.h>

#define NTB_EPF_MAX_EXPORTS 16
#define NTB_EPF_MAX_EXPORT_ARGS 8

struct ntb_epf_dev;

/** Bus addresses [addr, addr + bytes), which does not wrap. */
struct ntb_epf_region_iova {
	uint64_t addr;
	uint64_t bytes;
};

/** Written while the executor is kept out, read by it. */
struct ntb_epf_exports {
	struct ntb_epf_region_iova regions[NTB_EPF_MAX_EXPORTS];
	unsigned int n;
	uint64_t addr; /**< attribute export_addr: what export_len will speak of */
	char *args[NTB_EPF_MAX_EXPORT_ARGS]; /**< memzones that arguments name */
	unsigned int nb_args;
	bool resolved; /**< they have been found */
};

/** Is all of [addr, addr + bytes) in one region? */
static inline bool
ntb_epf_exports_cover(const struct ntb_epf_exports *e, uint64_t addr, uint64_t bytes)
{
	unsigned int i;

	for (i = 0; i < e->n; i++) {
		const struct ntb_epf_region_iova *r = &e->regions[i];

		/* No sum that a foreign address could make wrap. */
		if (addr >= r->addr && addr - r->addr <= r->bytes &&
		    bytes <= r->bytes - (addr - r->addr))
			return true;
	}
	return false;
}

/** Argument export=; the memzone is looked for when the device starts. */
int ntb_epf_export_arg(struct ntb_epf_dev *dev, const char *key, const char *value);
void ntb_epf_export_args_free(struct ntb_epf_dev *dev);
/** Exports the memzones that arguments name. Logs and returns a negative errno. */
int ntb_epf_export_resolve(struct ntb_epf_dev *dev);
/** Takes all regions back. No copy may be under way. */
void ntb_epf_export_none(struct ntb_epf_dev *dev);

/** Attributes; -ENOENT: the name is none of theirs. */
int ntb_epf_export_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value);
int ntb_epf_export_set(struct ntb_epf_dev *dev, const char *name, uint64_t value);

#endif /* _NTB_EPF_EXPORT_H_ */
