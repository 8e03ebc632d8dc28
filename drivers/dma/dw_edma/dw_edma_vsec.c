/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Devices known by their ids, and the vendor-specific extended capabilities that some of them have.
 *
 * A value comes from the caller's argument, else from the capability, else from the table. Any
 * device can be described by arguments alone.
 *
 * Table and capability name an offset of the registers that those who know the devices do not use:
 * Linux up to 5.18 added it for the one device there was, later versions leave it out for all
 * devices of this table, and those of AMD came after that. So the registers are at the start of the
 * BAR unless an argument says otherwise.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dw_edma_parse.h"

#define VSEC_VENDOR_SYNOPSYS 0x16c3
#define VSEC_VENDOR_AMD 0x10ee

/* Extended capabilities: id [15:0], next [31:20]; the low two bits of next mean nothing. */
#define VSEC_FIRST 0x100u
#define VSEC_CONFIG_END 0x1000u
#define VSEC_CAP_ID(header) ((header) & 0xffffu)
#define VSEC_CAP_NEXT(header) ((header) >> 20 & 0xffcu)
#define VSEC_CAP_VENDOR 0x000b

/* Second word of a vendor-specific capability. */
#define VSEC_ID(v) ((v) & 0xffffu)
#define VSEC_REVISION(v) ((v) >> 16 & 0xfu)
#define VSEC_LENGTH(v) ((v) >> 20)

/* The DMA capability, the same for both vendors. */
#define VSEC_DMA_ID 0x0006
#define VSEC_DMA_LENGTH 0x18
#define VSEC_DMA_MAP(v) ((v) & 0x7u)
#define VSEC_DMA_BAR(v) ((v) >> 8 & 0x7u)
#define VSEC_DMA_WR_CNT(v) ((v) & 0x3ffu)
#define VSEC_DMA_RD_CNT(v) ((v) >> 16 & 0x3ffu)

/* AMD: where the memory behind the list BAR is for the engine. */
#define VSEC_MEMORY_ID 0x0020
#define VSEC_MEMORY_LENGTH 0x10
#define VSEC_MEMORY_BAR 2

/** Bytes of a list, where nothing says otherwise. */
#define VSEC_LIST_BYTES 0x800

/** No BAR is as large; sums of such numbers stay below 2^64. */
#define VSEC_MAX_BYTES (UINT64_C(1) << 48)

/** Where the engine has the memory behind the list BAR. */
enum vsec_local {
	VSEC_LOCAL_UNKNOWN,
	VSEC_LOCAL_BUS,        /**< at the bus address of the BAR */
	VSEC_LOCAL_CAPABILITY, /**< at the address that the second capability of AMD tells */
};

struct vsec_device {
	uint16_t vendor;
	uint16_t device;
	enum vsec_local local;
	/** Lists before the first one of a read channel, if that is fixed. */
	unsigned int write_lists;
	struct dw_edma_opt opt[DW_EDMA_OPTS];
};

struct vsec_parse {
	const struct dw_edma_source *src;
	const struct dw_edma_opt *args;
	/** The entry of the table, as the capability changes it. */
	struct vsec_device dev;
	bool dma_seen;
	bool memory_seen;
	uint64_t memory;
};

#define VSEC_IS(v) { true, (v) }

#define VSEC_AMD_DEVICE(id) \
	{ \
		.vendor = VSEC_VENDOR_AMD, \
		.device = (id), \
		.local = VSEC_LOCAL_CAPABILITY, \
		.opt = { \
			[DW_EDMA_OPT_MAP] = VSEC_IS(DW_EDMA_MAP_HDMA_NATIVE), \
			[DW_EDMA_OPT_WR_CNT] = VSEC_IS(8), \
			[DW_EDMA_OPT_RD_CNT] = VSEC_IS(8), \
			[DW_EDMA_OPT_REG_BAR] = VSEC_IS(0), \
			[DW_EDMA_OPT_REG_OFFSET] = VSEC_IS(0x1000), \
			[DW_EDMA_OPT_REG_BYTES] = VSEC_IS(0x2000), \
			[DW_EDMA_OPT_LL_BAR] = VSEC_IS(VSEC_MEMORY_BAR), \
			[DW_EDMA_OPT_LL_STRIDE] = VSEC_IS(0x200000), \
		}, \
	}

static const struct vsec_device vsec_devices[] = {
	{
		.vendor = VSEC_VENDOR_SYNOPSYS,
		.device = 0xedda,
		.local = VSEC_LOCAL_BUS,
		.write_lists = 2,
		.opt = {
			[DW_EDMA_OPT_MAP] = VSEC_IS(DW_EDMA_MAP_UNROLL),
			[DW_EDMA_OPT_WR_CNT] = VSEC_IS(2),
			[DW_EDMA_OPT_RD_CNT] = VSEC_IS(2),
			[DW_EDMA_OPT_REG_BAR] = VSEC_IS(0),
			[DW_EDMA_OPT_REG_OFFSET] = VSEC_IS(0x1000),
			[DW_EDMA_OPT_REG_BYTES] = VSEC_IS(0x2000),
			[DW_EDMA_OPT_LL_BAR] = VSEC_IS(2),
			[DW_EDMA_OPT_LL_STRIDE] = VSEC_IS(0x200000),
		},
	},
	VSEC_AMD_DEVICE(0xb054),
	VSEC_AMD_DEVICE(0xb00f),
};

#define VSEC_DEVICES (sizeof(vsec_devices) / sizeof(vsec_devices[0]))

const char *const dw_edma_table_opt_names[DW_EDMA_OPTS] = {
	[DW_EDMA_OPT_MAP] = "map",
	[DW_EDMA_OPT_WR_CNT] = "wr_cnt",
	[DW_EDMA_OPT_RD_CNT] = "rd_cnt",
	[DW_EDMA_OPT_REG_BAR] = "reg_bar",
	[DW_EDMA_OPT_REG_OFFSET] = "reg_off",
	[DW_EDMA_OPT_REG_BYTES] = "reg_bytes",
	[DW_EDMA_OPT_ADD_OFFSET] = "reg_off_add",
	[DW_EDMA_OPT_LL_BAR] = "ll_bar",
	[DW_EDMA_OPT_LL_OFFSET] = "ll_off",
	[DW_EDMA_OPT_LL_STRIDE] = "ll_stride",
	[DW_EDMA_OPT_LL_BYTES] = "ll_bytes",
	[DW_EDMA_OPT_LL_LOCAL] = "ll_local",
	[DW_EDMA_OPT_WR_BLOCK] = "wr_blocks",
	[DW_EDMA_OPT_WR_STRIDE] = "wr_blocks stride",
	[DW_EDMA_OPT_RD_BLOCK] = "rd_blocks",
	[DW_EDMA_OPT_RD_STRIDE] = "rd_blocks stride",
};

/** Largest values that may be given. Some are narrowed further by dw_edma_layout_check(). */
static const uint64_t vsec_opt_max[DW_EDMA_OPTS] = {
	[DW_EDMA_OPT_MAP] = DW_EDMA_MAP_HDMA_NATIVE,
	[DW_EDMA_OPT_WR_CNT] = DW_EDMA_CHANS,
	[DW_EDMA_OPT_RD_CNT] = DW_EDMA_CHANS,
	[DW_EDMA_OPT_REG_BAR] = DW_EDMA_BARS - 1,
	[DW_EDMA_OPT_REG_OFFSET] = VSEC_MAX_BYTES,
	[DW_EDMA_OPT_REG_BYTES] = VSEC_MAX_BYTES,
	[DW_EDMA_OPT_ADD_OFFSET] = 1,
	[DW_EDMA_OPT_LL_BAR] = DW_EDMA_BARS - 1,
	[DW_EDMA_OPT_LL_OFFSET] = VSEC_MAX_BYTES,
	[DW_EDMA_OPT_LL_STRIDE] = VSEC_MAX_BYTES,
	[DW_EDMA_OPT_LL_BYTES] = VSEC_MAX_BYTES,
	[DW_EDMA_OPT_LL_LOCAL] = UINT64_MAX,
	[DW_EDMA_OPT_WR_BLOCK] = UINT32_MAX,
	[DW_EDMA_OPT_WR_STRIDE] = UINT32_MAX,
	[DW_EDMA_OPT_RD_BLOCK] = UINT32_MAX,
	[DW_EDMA_OPT_RD_STRIDE] = UINT32_MAX,
};

/* Configuration space -------------------------------------------------------------------------- */

/** Reads a word that may be all-ones. */
static int
vsec_read_any(const struct dw_edma_source *src, uint32_t offset, uint32_t *value)
{
	int rc = src->config_read(src->ctx, offset, value);

	if (rc == 0)
		return 0;
	return dw_edma_refuse(src, rc < 0 ? rc : -EIO,
			      "configuration space at 0x%x cannot be read: error %d", offset, rc);
}

static int
vsec_read(const struct dw_edma_source *src, uint32_t offset, uint32_t *value)
{
	int rc = vsec_read_any(src, offset, value);

	if (rc == 0 && *value == DW_EDMA_DEAD)
		rc = dw_edma_refuse(src, -ENODEV,
				    "device gone: all-ones at 0x%x of configuration space",
				    offset);
	return rc;
}

static bool
vsec_map_ok(const struct vsec_parse *p, uint32_t map)
{
	if (p->dev.vendor == VSEC_VENDOR_AMD)
		return map == DW_EDMA_MAP_HDMA_NATIVE;
	return dw_edma_map_channels(map) != 0;
}

static void
vsec_lower(struct dw_edma_opt *opt, uint32_t value)
{
	if (!opt->given || value < opt->value)
		*opt = (struct dw_edma_opt)VSEC_IS(value);
}

/** Takes what a DMA capability says, unless it is of a kind that is not known. */
static int
vsec_dma(struct vsec_parse *p, uint32_t at)
{
	struct dw_edma_opt *opt = p->dev.opt;
	uint32_t word[4] = { 0 };
	unsigned int i;
	int rc = 0;

	for (i = 0; i < 4 && rc == 0; i++)
		rc = vsec_read(p->src, at + 8 + 4 * i, &word[i]);
	if (rc != 0 || !vsec_map_ok(p, VSEC_DMA_MAP(word[0])))
		return rc;
	opt[DW_EDMA_OPT_MAP] = (struct dw_edma_opt)VSEC_IS(VSEC_DMA_MAP(word[0]));
	opt[DW_EDMA_OPT_REG_BAR] = (struct dw_edma_opt)VSEC_IS(VSEC_DMA_BAR(word[0]));
	vsec_lower(&opt[DW_EDMA_OPT_WR_CNT], VSEC_DMA_WR_CNT(word[1]));
	vsec_lower(&opt[DW_EDMA_OPT_RD_CNT], VSEC_DMA_RD_CNT(word[1]));
	opt[DW_EDMA_OPT_REG_OFFSET] =
		(struct dw_edma_opt)VSEC_IS(dw_edma_join(word[2], word[3]));
	p->dma_seen = true;
	return 0;
}

/** All-ones in here means that nobody has set an address, if the device is there. */
static int
vsec_memory(struct vsec_parse *p, uint32_t at)
{
	uint32_t low = 0, high = 0;
	int rc;

	rc = vsec_read_any(p->src, at + 8, &low);
	if (rc == 0)
		rc = vsec_read_any(p->src, at + 12, &high);
	if (rc != 0)
		return rc;
	if (low == DW_EDMA_DEAD || high == DW_EDMA_DEAD)
		return dw_edma_check_alive(p->src);
	p->memory = dw_edma_join(low, high);
	p->memory_seen = true;
	return 0;
}

static int
vsec_capability(struct vsec_parse *p, uint32_t at)
{
	bool dma, memory;
	uint32_t length, v;
	int rc;

	if (at + 8 > p->src->config_bytes)
		return dw_edma_refuse(p->src, -EPROTO,
				      "capability at 0x%x, expected to end at 0x%x", at,
				      p->src->config_bytes);
	rc = vsec_read(p->src, at + 4, &v);
	if (rc != 0)
		return rc;
	length = VSEC_LENGTH(v);
	dma = VSEC_ID(v) == VSEC_DMA_ID && VSEC_REVISION(v) == 0 && length == VSEC_DMA_LENGTH &&
	      !p->dma_seen;
	memory = VSEC_ID(v) == VSEC_MEMORY_ID && length >= VSEC_MEMORY_LENGTH &&
		 p->dev.vendor == VSEC_VENDOR_AMD && !p->memory_seen;
	if ((dma || memory) && at + length > p->src->config_bytes)
		return dw_edma_refuse(p->src, -EPROTO,
				      "capability at 0x%x of 0x%x bytes, expected to end at 0x%x",
				      at, length, p->src->config_bytes);
	if (dma)
		return vsec_dma(p, at);
	return memory ? vsec_memory(p, at) : 0;
}

/** Goes through the extended capabilities; each is looked at once, so this ends. */
static int
vsec_walk(struct vsec_parse *p)
{
	uint32_t seen[VSEC_CONFIG_END / 4 / 32] = { 0 };
	uint32_t at = VSEC_FIRST, header = 0, bit;
	int rc = 0;

	if (p->src->config_bytes < VSEC_FIRST + 4)
		return 0;
	while (at != 0 && rc == 0) {
		bit = UINT32_C(1) << (at / 4 % 32);
		if (at < VSEC_FIRST || at + 4 > p->src->config_bytes)
			return dw_edma_refuse(p->src, -EPROTO,
					      "next capability at 0x%x, expected 0x%x to 0x%x", at,
					      VSEC_FIRST, p->src->config_bytes - 4);
		if ((seen[at / 4 / 32] & bit) != 0)
			return dw_edma_refuse(p->src, -ELOOP,
					      "capability at 0x%x follows itself, expected an end",
					      at);
		seen[at / 4 / 32] |= bit;
		rc = vsec_read(p->src, at, &header);
		if (rc == 0 && VSEC_CAP_ID(header) == VSEC_CAP_VENDOR)
			rc = vsec_capability(p, at);
		at = VSEC_CAP_NEXT(header);
	}
	return rc;
}

/** Starts from the entry of the table, or from nothing. */
static int
vsec_identify(const struct dw_edma_source *src, struct vsec_device *dev, bool *known)
{
	uint32_t id;
	unsigned int i;
	int rc;

	rc = vsec_read(src, 0, &id);
	if (rc != 0)
		return rc;
	*dev = (struct vsec_device){ .vendor = (uint16_t)id, .device = (uint16_t)(id >> 16) };
	*known = false;
	for (i = 0; i < VSEC_DEVICES && !*known; i++)
		if (vsec_devices[i].vendor == dev->vendor &&
		    vsec_devices[i].device == dev->device) {
			*dev = vsec_devices[i];
			*known = true;
		}
	return 0;
}

/* Values --------------------------------------------------------------------------------------- */

/** The values that count: given ones, else those of the device. */
static int
vsec_merge(const struct vsec_parse *p, struct dw_edma_opt *opt)
{
	unsigned int i;

	for (i = 0; i < DW_EDMA_OPTS; i++) {
		opt[i] = p->args[i].given ? p->args[i] : p->dev.opt[i];
		if (p->args[i].given && opt[i].value > vsec_opt_max[i])
			return dw_edma_refuse(p->src, -EINVAL,
					      "%s 0x%" PRIx64 ", expected at most 0x%" PRIx64,
					      dw_edma_table_opt_names[i], opt[i].value,
					      vsec_opt_max[i]);
	}
	return 0;
}

static int
vsec_need(const struct vsec_parse *p, const struct dw_edma_opt *opt)
{
	static const enum dw_edma_table_opt needed[] = {
		DW_EDMA_OPT_MAP,
		DW_EDMA_OPT_REG_BAR,
		DW_EDMA_OPT_LL_BAR,
	};
	unsigned int i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!opt[needed[i]].given)
			return dw_edma_refuse(p->src, -EINVAL,
					      "%s of device %04x:%04x is not known: give it",
					      dw_edma_table_opt_names[needed[i]], p->dev.vendor,
					      p->dev.device);
	return 0;
}

static uint64_t
vsec_or(const struct dw_edma_opt *opt, uint64_t otherwise)
{
	return opt->given ? opt->value : otherwise;
}

static void
vsec_regs(const struct vsec_parse *p, const struct dw_edma_opt *opt, struct dw_edma_window *regs)
{
	uint64_t limit;

	regs->bar = (unsigned int)opt[DW_EDMA_OPT_REG_BAR].value;
	if (p->args[DW_EDMA_OPT_REG_OFFSET].given ||
	    vsec_or(&opt[DW_EDMA_OPT_ADD_OFFSET], 0) != 0)
		regs->offset = vsec_or(&opt[DW_EDMA_OPT_REG_OFFSET], 0);
	regs->bytes = vsec_or(&opt[DW_EDMA_OPT_REG_BYTES], VSEC_MAX_BYTES);
	if (p->args[DW_EDMA_OPT_REG_BYTES].given || regs->bar >= DW_EDMA_BARS)
		return;
	/* The table is generous: what the channels need may be in a BAR that ends before. */
	limit = p->src->bar_bytes[regs->bar];
	limit = regs->offset < limit ? limit - regs->offset : 0;
	if (regs->bytes > limit)
		regs->bytes = limit;
}

static void
vsec_blocks(const struct dw_edma_opt *opt, struct dw_edma_layout *layout)
{
	struct dw_edma_blocks *wr = &layout->blocks[DW_EDMA_LAYOUT_WR];
	struct dw_edma_blocks *rd = &layout->blocks[DW_EDMA_LAYOUT_RD];

	if (layout->map != DW_EDMA_MAP_HDMA_NATIVE)
		return;
	dw_edma_layout_usual_blocks(layout);
	wr->offset = (uint32_t)vsec_or(&opt[DW_EDMA_OPT_WR_BLOCK], wr->offset);
	wr->stride = (uint32_t)vsec_or(&opt[DW_EDMA_OPT_WR_STRIDE], wr->stride);
	rd->offset = (uint32_t)vsec_or(&opt[DW_EDMA_OPT_RD_BLOCK], rd->offset);
	rd->stride = (uint32_t)vsec_or(&opt[DW_EDMA_OPT_RD_STRIDE], rd->stride);
}

/** Address of the list BAR as the engine sees it. Nothing is guessed. */
static int
vsec_local(const struct vsec_parse *p, const struct dw_edma_opt *opt, uint64_t *local)
{
	const unsigned int bar = (unsigned int)opt[DW_EDMA_OPT_LL_BAR].value;
	const char *why = "device is not in the table";

	if (opt[DW_EDMA_OPT_LL_LOCAL].given) {
		*local = opt[DW_EDMA_OPT_LL_LOCAL].value;
		return 0;
	}
	if (p->dev.local == VSEC_LOCAL_BUS) {
		*local = p->src->bar_bus[bar];
		why = "BAR has no bus address";
		if (*local != 0)
			return 0;
	} else if (p->dev.local == VSEC_LOCAL_CAPABILITY) {
		*local = p->memory;
		why = bar != VSEC_MEMORY_BAR ? "capability is about BAR 2" :
		      !p->dma_seen ? "no capability 0x6 that is understood" :
				     "no capability 0x20 with an address";
		if (p->dma_seen && p->memory_seen && bar == VSEC_MEMORY_BAR)
			return 0;
	}
	return dw_edma_refuse(p->src, -ENOTSUP,
			      "where the engine has list memory, BAR %u, is not known: %s; "
			      "give ll_local", bar, why);
}

/** Lists at a constant distance: write channels, then read channels. */
static int
vsec_lists(const struct vsec_parse *p, const struct dw_edma_opt *opt,
	   struct dw_edma_layout *layout)
{
	const uint64_t bytes = vsec_or(&opt[DW_EDMA_OPT_LL_BYTES], VSEC_LIST_BYTES);
	const uint64_t stride = vsec_or(&opt[DW_EDMA_OPT_LL_STRIDE], bytes);
	unsigned int dir, i, first = layout->cnt[DW_EDMA_LAYOUT_WR];
	struct dw_edma_ll_layout *ll;
	uint64_t local = 0;
	int rc;

	rc = vsec_local(p, opt, &local);
	if (rc != 0)
		return rc;
	if (first < p->dev.write_lists)
		first = p->dev.write_lists;
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++)
		for (i = 0; i < layout->cnt[dir]; i++) {
			ll = &layout->ll[dir][i];
			ll->window.bar = (unsigned int)opt[DW_EDMA_OPT_LL_BAR].value;
			ll->window.offset = vsec_or(&opt[DW_EDMA_OPT_LL_OFFSET], 0) +
				(i + (dir == DW_EDMA_LAYOUT_RD ? first : 0)) * stride;
			ll->window.bytes = bytes;
			if (ll->window.offset > UINT64_MAX - local)
				return dw_edma_refuse(p->src, -ERANGE,
						      "ll_local 0x%" PRIx64 " and list at 0x%"
						      PRIx64 ", expected a sum below 2^64",
						      local, ll->window.offset);
			ll->local = local + ll->window.offset;
		}
	return 0;
}

static int
vsec_fill(const struct vsec_parse *p, const struct dw_edma_opt *opt, struct dw_edma_layout *layout)
{
	const uint64_t map = opt[DW_EDMA_OPT_MAP].value;
	const unsigned int max = dw_edma_map_channels(map);
	static const enum dw_edma_table_opt cnt_opt[] = { DW_EDMA_OPT_WR_CNT, DW_EDMA_OPT_RD_CNT };
	unsigned int dir;
	uint64_t cnt;
	bool given;

	layout->map = (enum dw_edma_map)map;
	for (dir = 0; dir < DW_EDMA_LAYOUT_DIRS; dir++) {
		cnt = vsec_or(&opt[cnt_opt[dir]], 0);
		given = p->args[DW_EDMA_OPT_MAP].given || p->args[cnt_opt[dir]].given;
		if (max == 0 || cnt > max)
			return dw_edma_refuse(p->src, given ? -EINVAL : -EPROTO,
					      "map %" PRIu64 " with %s %" PRIu64 ", expected map "
					      "0, 1 or 5 with at most %u, or 7 with at most %u",
					      map, dw_edma_table_opt_names[cnt_opt[dir]], cnt,
					      DW_EDMA_MAX_CH, DW_EDMA_CHANS);
		layout->cnt[dir] = (unsigned int)cnt;
	}
	vsec_regs(p, opt, &layout->regs);
	vsec_blocks(opt, layout);
	return vsec_lists(p, opt, layout);
}

int
dw_edma_table_knows(const struct dw_edma_source *src, bool *known)
{
	struct vsec_device dev;

	return vsec_identify(src, &dev, known);
}

int
dw_edma_table_find(const struct dw_edma_source *src, const struct dw_edma_table_args *args,
		   struct dw_edma_layout *layout)
{
	struct vsec_parse p = { .src = src, .args = args->opt };
	struct dw_edma_opt opt[DW_EDMA_OPTS];
	bool known;
	int rc;

	rc = vsec_identify(src, &p.dev, &known);
	if (rc == 0 &&
	    (p.dev.vendor == VSEC_VENDOR_SYNOPSYS || p.dev.vendor == VSEC_VENDOR_AMD))
		rc = vsec_walk(&p);
	if (rc == 0)
		rc = vsec_merge(&p, opt);
	if (rc == 0)
		rc = vsec_need(&p, opt);
	if (rc == 0)
		rc = vsec_fill(&p, opt, layout);
	return rc != 0 ? rc : dw_edma_layout_check(src, layout, NULL, 0);
}
