/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Attachment to an engine behind the BARs of a PCI function, which are mapped. Where in them it is,
 * the parsers find out; this file lets them look at the function and tells them what arguments say.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_io.h>

#include "dw_edma_priv.h"

/* Configuration space. */
#define PCI_STATUS_WORD 0x04
#define PCI_STATUS_CAPABILITIES 0x00100000u /**< status is the upper half */
#define PCI_CAPABILITY_POINTER 0x34
#define PCI_CAPABILITY_ID(v) ((v) & 0xffu)
#define PCI_CAPABILITY_NEXT(v) ((v) >> 8 & 0xfcu)
#define PCI_CAPABILITY_EXPRESS 0x10
/** A list that is longer leads in circles: capabilities have 4 bytes at least. */
#define PCI_CAPABILITIES_MAX ((RTE_PCI_CFG_SPACE_SIZE - 0x40) / 4)

/* Device control, of the PCI Express capability. */
#define PCI_DEVCTL 0x08
#define PCI_DEVCTL_MPS_SHIFT 5
#define PCI_DEVCTL_MRRS_SHIFT 12
#define PCI_DEVCTL_SIZE_MASK 0x7u
#define PCI_DEVCTL_MIN_BYTES 128u
#define PCI_DEVCTL_MAX_BYTES 4096u

/** No BAR is as large. */
#define PCI_MAX_OFFSET (UINT64_C(1) << 48)

/** Longest line of a parser. */
#define PCI_LINE_BYTES 192

/** Where endpoints' NTB functions have their control region. */
#define PCI_CONTROL_BAR 0

struct pci {
	struct dw_edma_mmio mmio;
	struct rte_pci_device *dev;
	struct dw_edma_source src;
	struct dw_edma_claim claim;
	bool quiet; /**< what a parser complains about is kept in @c line */
	char line[PCI_LINE_BYTES];
};

/** Parts that read wrongly when their requests are longer. */
static const struct {
	uint16_t vendor;
	uint16_t device;
	unsigned int bytes;
} read_limits[] = {
	/* R-Car S4: of each 256 bytes the last 32 are corrupt. */
	{ 0x1912, 0x0030, 128 },
};

/* Arguments ------------------------------------------------------------------------------------ */

static const struct {
	const char *key;
	enum dw_edma_table_opt opt;
	uint64_t max;
	const char *expected;
} table_args[] = {
	{ DW_EDMA_ARG_REG_BAR, DW_EDMA_OPT_REG_BAR, DW_EDMA_BARS - 1, "a BAR, 0 to 5" },
	{ DW_EDMA_ARG_REG_OFF, DW_EDMA_OPT_REG_OFFSET, PCI_MAX_OFFSET, "bytes, up to 2^48" },
	{ DW_EDMA_ARG_REG_OFF_ADD, DW_EDMA_OPT_ADD_OFFSET, 1, "0 or 1" },
	{ DW_EDMA_ARG_REG_BYTES, DW_EDMA_OPT_REG_BYTES, PCI_MAX_OFFSET, "bytes, up to 2^48" },
	{ DW_EDMA_ARG_LL_BAR, DW_EDMA_OPT_LL_BAR, DW_EDMA_BARS - 1, "a BAR, 0 to 5" },
	{ DW_EDMA_ARG_LL_OFF, DW_EDMA_OPT_LL_OFFSET, PCI_MAX_OFFSET, "bytes, up to 2^48" },
	{ DW_EDMA_ARG_LL_STRIDE, DW_EDMA_OPT_LL_STRIDE, PCI_MAX_OFFSET, "bytes, up to 2^48" },
	{ DW_EDMA_ARG_LL_BYTES, DW_EDMA_OPT_LL_BYTES, PCI_MAX_OFFSET, "bytes, up to 2^48" },
	{ DW_EDMA_ARG_LL_LOCAL, DW_EDMA_OPT_LL_LOCAL, UINT64_MAX, "an address" },
};

static int
parse_table_arg(struct dw_edma_args *args, const char *key, const char *value,
		const char **expected)
{
	struct dw_edma_opt *opt;
	unsigned int i;

	for (i = 0; i < RTE_DIM(table_args); i++) {
		if (strcmp(key, table_args[i].key) != 0)
			continue;
		*expected = table_args[i].expected;
		opt = &args->find.table.opt[table_args[i].opt];
		opt->given = true;
		return dw_edma_parse_u64(value, table_args[i].max, &opt->value);
	}
	return dw_edma_parse_engine(args, key, value, expected);
}

static int
parse_meta(struct dw_edma_args *args, const char *value, const char **expected)
{
	int format = dw_edma_format_by_name(value);

	*expected = "auto, table, pedm, epdm, ndma or info";
	if (format < 0)
		return -EINVAL;
	args->find.format = (enum dw_edma_format)format;
	return 0;
}

static int
parse_mrrs(struct dw_edma_args *args, const char *value, const char **expected)
{
	uint64_t number;

	*expected = "a power of two, 128 to 4096";
	if (dw_edma_parse_u64(value, PCI_DEVCTL_MAX_BYTES, &number) != 0 ||
	    number < PCI_DEVCTL_MIN_BYTES || (number & (number - 1)) != 0)
		return -EINVAL;
	args->mrrs = (unsigned int)number;
	return 0;
}

static int
pci_arg(struct dw_edma_args *args, const char *key, const char *value, const char **expected)
{
	if (strcmp(key, DW_EDMA_ARG_CLASS) == 0) {
		*expected = DW_EDMA_CLASS_DMA;
		return strcmp(value, DW_EDMA_CLASS_DMA) == 0 ? 0 : -EINVAL;
	}
	if (strcmp(key, DW_EDMA_ARG_META) == 0)
		return parse_meta(args, value, expected);
	if (strcmp(key, DW_EDMA_ARG_MRRS) == 0)
		return parse_mrrs(args, value, expected);
	if (strcmp(key, DW_EDMA_ARG_META_BAR) == 0) {
		*expected = "a BAR, 0 to 5";
		args->find.pedm_bar.given = true;
		return dw_edma_parse_u64(value, DW_EDMA_BARS - 1, &args->find.pedm_bar.value);
	}
	if (strcmp(key, DW_EDMA_ARG_META_OFF) == 0) {
		*expected = "bytes, up to 2^48";
		return dw_edma_parse_u64(value, PCI_MAX_OFFSET, &args->find.window.offset);
	}
	return parse_table_arg(args, key, value, expected);
}

static void
give(struct dw_edma_opt *opt, uint64_t value)
{
	*opt = (struct dw_edma_opt){ true, value };
}

/** Completes what parsers are told by the arguments that other attachments take as well. */
static void
complete_args(const struct dw_edma_args *args, struct dw_edma_discover_args *find)
{
	static const enum dw_edma_table_opt cnt[] = { DW_EDMA_OPT_WR_CNT, DW_EDMA_OPT_RD_CNT };
	static const enum dw_edma_table_opt block[] = {
		DW_EDMA_OPT_WR_BLOCK, DW_EDMA_OPT_RD_BLOCK,
	};
	static const enum dw_edma_table_opt stride[] = {
		DW_EDMA_OPT_WR_STRIDE, DW_EDMA_OPT_RD_STRIDE,
	};
	struct dw_edma_opt *opt = find->table.opt;
	int dir;

	*find = args->find;
	find->window.bar = find->pedm_bar.given ? (unsigned int)find->pedm_bar.value :
						  PCI_CONTROL_BAR;
	if (args->map != NULL)
		give(&opt[DW_EDMA_OPT_MAP], args->map->code);
	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		if (args->cnt_given[dir])
			give(&opt[cnt[dir]], args->cnt[dir]);
		if (args->blocks_given[dir]) {
			give(&opt[block[dir]], args->blocks[dir].offset);
			give(&opt[stride[dir]], args->blocks[dir].stride);
		}
	}
}

/* Configuration space -------------------------------------------------------------------------- */

static int
pci_config_read(void *ctx, uint32_t offset, uint32_t *value)
{
	const struct pci *p = ctx;
	rte_le32_t word;

	if (rte_pci_read_config(p->dev, &word, sizeof(word), offset) != sizeof(word))
		return -EIO;
	*value = rte_le_to_cpu_32(word);
	return 0;
}

/** Extended space that a bridge does not pass on cannot be read, or is all-ones. */
static unsigned int
config_bytes(struct pci *p)
{
	uint32_t header;

	if (pci_config_read(p, RTE_PCI_CFG_SPACE_SIZE, &header) != 0 || header == UINT32_MAX)
		return RTE_PCI_CFG_SPACE_SIZE;
	return RTE_PCI_CFG_SPACE_EXP_SIZE;
}

/** Where the capability is; 0: there is none. */
static uint32_t
find_express(struct pci *p)
{
	uint32_t word, at;
	unsigned int i;

	if (pci_config_read(p, PCI_STATUS_WORD, &word) != 0 ||
	    (word & PCI_STATUS_CAPABILITIES) == 0 ||
	    pci_config_read(p, PCI_CAPABILITY_POINTER, &word) != 0)
		return 0;
	at = word & 0xfc;
	for (i = 0; i < PCI_CAPABILITIES_MAX && at != 0; i++) {
		if (pci_config_read(p, at, &word) != 0 || word == UINT32_MAX)
			return 0;
		if (PCI_CAPABILITY_ID(word) == PCI_CAPABILITY_EXPRESS)
			return at;
		at = PCI_CAPABILITY_NEXT(word);
	}
	return 0;
}

static unsigned int
devctl_bytes(uint16_t devctl, unsigned int shift)
{
	return PCI_DEVCTL_MIN_BYTES << (devctl >> shift & PCI_DEVCTL_SIZE_MASK);
}

/** Makes sure that the function reads no more than @p limit bytes in one request. */
static void
limit_reads(struct pci *p, unsigned int limit)
{
	const char *name = p->dev->device.name;
	uint32_t cap = find_express(p);
	unsigned int mrrs, mps;
	rte_le16_t raw;
	uint16_t devctl;

	if (cap == 0 ||
	    rte_pci_read_config(p->dev, &raw, sizeof(raw), cap + PCI_DEVCTL) != sizeof(raw)) {
		DW_EDMA_LOG(WARNING, name, "reads cannot be limited to %u bytes: no PCI Express "
			    "capability", limit);
		return;
	}
	devctl = rte_le_to_cpu_16(raw);
	mrrs = devctl_bytes(devctl, PCI_DEVCTL_MRRS_SHIFT);
	mps = devctl_bytes(devctl, PCI_DEVCTL_MPS_SHIFT);
	/* Requests are of the smaller size; vfio-pci does not let MRRS be the smaller one. */
	if (mps > limit)
		DW_EDMA_LOG(WARNING, name, "reads have to be limited to %u bytes, and the maximum "
			    "payload is %u: limit one of them before the function is bound to "
			    "vfio-pci", limit, mps);
	if (mrrs <= limit)
		return;
	devctl &= (uint16_t)~(PCI_DEVCTL_SIZE_MASK << PCI_DEVCTL_MRRS_SHIFT);
	devctl |= (uint16_t)(rte_bsf32(limit / PCI_DEVCTL_MIN_BYTES) << PCI_DEVCTL_MRRS_SHIFT);
	raw = rte_cpu_to_le_16(devctl);
	if (rte_pci_write_config(p->dev, &raw, sizeof(raw), cap + PCI_DEVCTL) != sizeof(raw))
		DW_EDMA_LOG(WARNING, name, "reads cannot be limited to %u bytes: device control "
			    "cannot be written", limit);
	else
		DW_EDMA_LOG(INFO, name, "reads are limited to %u bytes, were to %u", limit, mrrs);
}

/** Parts that need it, unless an argument knows better. */
static void
apply_read_limit(struct pci *p, const struct dw_edma_args *args)
{
	unsigned int limit = args->mrrs;
	unsigned int i;

	for (i = 0; i < RTE_DIM(read_limits) && limit == 0; i++)
		if (p->dev->id.vendor_id == read_limits[i].vendor &&
		    p->dev->id.device_id == read_limits[i].device)
			limit = read_limits[i].bytes;
	if (limit != 0)
		limit_reads(p, limit);
}

/* How parsers look at the function ------------------------------------------------------------- */

static volatile void *
bar_at(const struct pci *p, unsigned int bar, uint64_t offset)
{
	return (volatile uint8_t *)p->dev->mem_resource[bar].addr + offset;
}

static uint32_t
pci_bar_read(void *ctx, unsigned int bar, uint64_t offset)
{
	return rte_le_to_cpu_32(rte_read32(bar_at(ctx, bar, offset)));
}

static void
pci_bar_write(void *ctx, unsigned int bar, uint64_t offset, uint32_t value)
{
	rte_write32(rte_cpu_to_le_32(value), bar_at(ctx, bar, offset));
}

static void
pci_bar_write16(void *ctx, unsigned int bar, uint64_t offset, uint16_t value)
{
	rte_write16(rte_cpu_to_le_16(value), bar_at(ctx, bar, offset));
}

static void
pci_delay_ms(void *ctx, unsigned int ms)
{
	RTE_SET_USED(ctx);
	rte_delay_us_sleep(ms * (US_PER_S / MS_PER_S));
}

static void
pci_complain(void *ctx, const char *line)
{
	struct pci *p = ctx;

	if (p->quiet)
		snprintf(p->line, sizeof(p->line), "%s", line);
	else
		DW_EDMA_LOG(ERR, p->dev->device.name, "%s", line);
}

static void
source_init(struct pci *p)
{
	const struct rte_mem_resource *res;
	unsigned int i;

	p->src = (struct dw_edma_source){
		.ctx = p,
		.config_bytes = config_bytes(p),
		.config_read = pci_config_read,
		.bar_read = pci_bar_read,
		.bar_write = pci_bar_write,
		.bar_write16 = pci_bar_write16,
		.delay_ms = pci_delay_ms,
		.complain = pci_complain,
	};
	for (i = 0; i < DW_EDMA_BARS; i++) {
		res = &p->dev->mem_resource[i];
		p->src.bar_bytes[i] = res->addr != NULL ? res->len : 0;
		p->src.bar_bus[i] = res->phys_addr;
	}
}

/* Where the engine is -------------------------------------------------------------------------- */

/** Arguments that describe an engine are for those whose metadata do not. */
static int
check_described(const struct pci *p, const struct dw_edma_discover_args *find)
{
	const char *format = dw_edma_format_name(find->format);
	unsigned int i;

	for (i = 0; i < DW_EDMA_OPT_WR_BLOCK; i++)
		if (find->table.opt[i].given) {
			DW_EDMA_LOG(ERR, p->dev->device.name, "%s given, expected with "
				    DW_EDMA_ARG_META "=table only: the rest of %s comes from its "
				    "metadata, %s", dw_edma_table_opt_names[i],
				    p->dev->device.name, format);
			return -EINVAL;
		}
	return 0;
}

static int
check_place(const struct pci *p, const struct dw_edma_discover_args *find)
{
	if (find->format == DW_EDMA_FORMAT_PEDM && find->window.offset != 0)
		DW_EDMA_LOG(ERR, p->dev->device.name, DW_EDMA_ARG_META_OFF "=0x%" PRIx64
			    ", expected 0: PEDM is at the start of its BAR", find->window.offset);
	else if (find->format == DW_EDMA_FORMAT_INFO && !find->pedm_bar.given)
		DW_EDMA_LOG(ERR, p->dev->device.name, "argument " DW_EDMA_ARG_META_BAR "= is "
			    "missing, expected with " DW_EDMA_ARG_META "=info");
	else
		return 0;
	return -EINVAL;
}

/** The metadata of one format, with no word said if it is not there at all. */
static int
try_format(struct pci *p, struct dw_edma_discover_args *find, enum dw_edma_format format,
	   struct dw_edma_layout *layout)
{
	int rc;

	find->format = format;
	p->quiet = true;
	rc = dw_edma_discover(&p->src, find, layout, &p->claim);
	p->quiet = false;
	/* Where nobody said that there is a control region, none need fit in. */
	if (rc == -EINVAL && !find->pedm_bar.given && find->window.offset == 0)
		return -ENOENT;
	if (rc != 0 && rc != -ENOENT)
		DW_EDMA_LOG(ERR, p->dev->device.name, "%s", p->line);
	return rc;
}

/** A function that is in no table, and of which no argument says where its engine is. */
static int
search(struct pci *p, struct dw_edma_discover_args *find, struct dw_edma_layout *layout)
{
	static const enum dw_edma_format formats[] = {
		DW_EDMA_FORMAT_PEDM, DW_EDMA_FORMAT_EPDM, DW_EDMA_FORMAT_NDMA,
	};
	unsigned int i;
	int rc = -ENOENT;

	for (i = 0; i < RTE_DIM(formats) && rc == -ENOENT; i++) {
		rc = try_format(p, find, formats[i], layout);
		if (rc == 0)
			rc = check_described(p, find);
	}
	if (rc == -ENOENT)
		DW_EDMA_LOG(ERR, p->dev->device.name, "no metadata, PEDM in any BAR, EPDM or NDMA "
			    "at 0x%" PRIx64 " of BAR %u; expected " DW_EDMA_ARG_META "= and where, "
			    "or " DW_EDMA_ARG_REG_BAR "=, " DW_EDMA_ARG_LL_BAR "= and so on",
			    find->window.offset, find->window.bar);
	return rc;
}

static int
find_engine(struct pci *p, struct dw_edma_discover_args *find, struct dw_edma_layout *layout)
{
	bool known = find->table.opt[DW_EDMA_OPT_REG_BAR].given;
	int rc = 0;

	if (find->format == DW_EDMA_FORMAT_AUTO && !known)
		rc = dw_edma_table_knows(&p->src, &known);
	if (rc != 0)
		return rc;
	if (find->format == DW_EDMA_FORMAT_AUTO && !known)
		return search(p, find, layout);
	if (find->format == DW_EDMA_FORMAT_AUTO)
		find->format = DW_EDMA_FORMAT_TABLE;
	if (find->format != DW_EDMA_FORMAT_TABLE)
		rc = check_described(p, find);
	if (rc == 0)
		rc = check_place(p, find);
	return rc == 0 ? dw_edma_discover(&p->src, find, layout, &p->claim) : rc;
}

/** Metadata do not tell where the blocks of the native map are; arguments may. */
static int
place_blocks(struct pci *p, const struct dw_edma_args *args, struct dw_edma_layout *layout)
{
	int dir;

	if (!args->blocks_given[DW_EDMA_WR] && !args->blocks_given[DW_EDMA_RD])
		return 0;
	if (layout->map != DW_EDMA_MAP_HDMA_NATIVE) {
		DW_EDMA_LOG(ERR, p->dev->device.name, "%s= given, expected it with map %s only",
			    args->blocks_given[DW_EDMA_WR] ? DW_EDMA_ARG_WR_BLOCKS :
							     DW_EDMA_ARG_RD_BLOCKS,
			    dw_edma_hdma_ops.name);
		return -EINVAL;
	}
	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		if (args->blocks_given[dir])
			layout->blocks[dir] = args->blocks[dir];
	return dw_edma_layout_check(&p->src, layout, NULL, 0);
}

/* Engine --------------------------------------------------------------------------------------- */

static void
pci_release(struct dw_edma_mmio *mmio)
{
	struct pci *p = container_of(mmio, struct pci, mmio);

	dw_edma_discover_release(&p->src, &p->claim);
	free(p);
}

static void
use_layout(struct dw_edma_engine *engine, struct pci *p, const struct dw_edma_layout *layout)
{
	const struct dw_edma_ll_layout *ll;
	unsigned int i;
	int dir;

	engine->map = dw_edma_map_by_code(layout->map);
	p->mmio.regs = bar_at(p, layout->regs.bar, layout->regs.offset);
	p->mmio.regs_bytes = layout->regs.bytes;
	memcpy(engine->blocks, layout->blocks, sizeof(engine->blocks));
	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		engine->cnt[dir] = layout->cnt[dir];
		for (i = 0; i < layout->cnt[dir]; i++) {
			ll = &layout->ll[dir][i];
			p->mmio.list[dir][i] = (struct dw_edma_list){
				.va = (struct dw_edma_elem *)(uintptr_t)
				      bar_at(p, ll->window.bar, ll->window.offset),
				.local = ll->local,
				.bytes = ll->window.bytes,
			};
		}
	}
}

static int
locate(struct dw_edma_engine *engine, struct pci *p, const struct dw_edma_args *args)
{
	struct dw_edma_discover_args find;
	struct dw_edma_layout layout;
	int rc;

	complete_args(args, &find);
	source_init(p);
	rc = find_engine(p, &find, &layout);
	if (rc == 0)
		rc = place_blocks(p, args, &layout);
	if (rc != 0)
		return rc;
	use_layout(engine, p, &layout);
	DW_EDMA_LOG(INFO, engine->name, "map %s, registers at 0x%" PRIx64 " of BAR %u, %u write "
		    "and %u read channels", engine->map->name, layout.regs.offset, layout.regs.bar,
		    layout.cnt[DW_EDMA_WR], layout.cnt[DW_EDMA_RD]);
	return dw_edma_mmio_attach(engine, &p->mmio);
}

static int
pci_attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	struct pci *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return -ENOMEM;
	p->dev = container_of(args->device, struct rte_pci_device, device);
	p->mmio.what = "BARs";
	p->mmio.release = pci_release;
	engine->side = DW_EDMA_SIDE_RC;
	engine->fn = args->fn < 0 ? p->dev->addr.function : (unsigned int)args->fn;
	apply_read_limit(p, args);
	rc = locate(engine, p, args);
	if (rc != 0)
		pci_release(&p->mmio);
	return rc;
}

const struct dw_edma_attachment dw_edma_pci_attachment = {
	.key = DW_EDMA_ARG_CLASS,
	.keys = DW_EDMA_ARG_CLASS ", " DW_EDMA_ARG_META ", " DW_EDMA_ARG_META_BAR ", "
		DW_EDMA_ARG_META_OFF ", " DW_EDMA_ARG_REG_BAR ", " DW_EDMA_ARG_REG_OFF ", "
		DW_EDMA_ARG_REG_OFF_ADD ", " DW_EDMA_ARG_REG_BYTES ", " DW_EDMA_ARG_LL_BAR ", "
		DW_EDMA_ARG_LL_OFF ", " DW_EDMA_ARG_LL_STRIDE ", " DW_EDMA_ARG_LL_BYTES ", "
		DW_EDMA_ARG_LL_LOCAL ", " DW_EDMA_ARG_MRRS ", " DW_EDMA_ARG_MAP ", " DW_EDMA_ARG_WR_CNT ", "
		DW_EDMA_ARG_RD_CNT ", " DW_EDMA_ARG_WR_BLOCKS ", " DW_EDMA_ARG_RD_BLOCKS,
	.arg = pci_arg,
	.attach = pci_attach,
};
