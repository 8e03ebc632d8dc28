/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Arguments of PCI functions, and configuration space as foreign functions may have it. How a
 * function as a whole is used is for the suites.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include <bus_pci_driver.h>

static int fake_read_config(const struct rte_pci_device *dev, void *buf, size_t len, off_t at);
static int fake_write_config(const struct rte_pci_device *dev, const void *buf, size_t len,
			     off_t at);
#define rte_pci_read_config fake_read_config
#define rte_pci_write_config fake_write_config

#include "dw_edma_pci_attach.c"

#include "dw_edma.c"
#include "dw_edma_args.c"
#include "dw_edma_discover.c"
#include "dw_edma_epdm.c"
#include "dw_edma_hdma.c"
#include "dw_edma_info.c"
#include "dw_edma_mmio.c"
#include "dw_edma_ndma.c"
#include "dw_edma_parse.c"
#include "dw_edma_pedm.c"
#include "dw_edma_v0.c"
#include "dw_edma_vsec.c"

#define EXPRESS 0x40

int dw_edma_logtype;

static struct {
	uint8_t config[RTE_PCI_CFG_SPACE_EXP_SIZE];
	size_t bytes; /**< that can be read */
	unsigned int reads;
	unsigned int writes;
} fake;

static struct rte_pci_device device = { .device = { .name = "function" } };
static struct pci function = { .dev = &device };

static int
fake_read_config(const struct rte_pci_device *dev, void *buf, size_t len, off_t at)
{
	assert_ptr_equal(dev, &device);
	assert_int_equal((size_t)at % len, 0);
	fake.reads++;
	if ((size_t)at + len > fake.bytes)
		return 0;
	memcpy(buf, fake.config + at, len);
	return (int)len;
}

static int
fake_write_config(const struct rte_pci_device *dev, const void *buf, size_t len, off_t at)
{
	assert_ptr_equal(dev, &device);
	fake.writes++;
	memcpy(fake.config + at, buf, len);
	return (int)len;
}

static void
put(unsigned int at, uint32_t value)
{
	memcpy(fake.config + at, &value, sizeof(value));
}

/** A function with a PCI Express capability behind another one. */
static int
setup(void **state)
{
	RTE_SET_USED(state);
	memset(&fake, 0, sizeof(fake));
	fake.bytes = RTE_PCI_CFG_SPACE_EXP_SIZE;
	put(0x04, 0x00100000);
	put(0x34, 0xe0);
	put(0xe0, 0x00004105);
	put(EXPRESS, 0x00020010);
	device.id = (struct rte_pci_id){ .vendor_id = 0x1234, .device_id = 1 };
	return 0;
}

static int
parse(const char *text, struct dw_edma_args *args)
{
	struct rte_kvargs *kvlist;
	int rc = dw_edma_args_parse("function", text, &dw_edma_pci_attachment, args, &kvlist);

	rte_kvargs_free(kvlist);
	return rc;
}

/* Arguments ------------------------------------------------------------------------------------ */

static void
test_args(void **state)
{
	static const struct {
		enum dw_edma_table_opt opt;
		uint64_t value;
	} given[] = {
		{ DW_EDMA_OPT_MAP, DW_EDMA_MAP_HDMA_NATIVE },
		{ DW_EDMA_OPT_WR_CNT, 3 },
		{ DW_EDMA_OPT_RD_CNT, 0 },
		{ DW_EDMA_OPT_REG_BAR, 5 },
		{ DW_EDMA_OPT_REG_OFFSET, UINT64_C(1) << 48 },
		{ DW_EDMA_OPT_REG_BYTES, 0x2000 },
		{ DW_EDMA_OPT_ADD_OFFSET, 1 },
		{ DW_EDMA_OPT_LL_BAR, 4 },
		{ DW_EDMA_OPT_LL_OFFSET, 0x10 },
		{ DW_EDMA_OPT_LL_STRIDE, 0x20 },
		{ DW_EDMA_OPT_LL_BYTES, 0x18 },
		{ DW_EDMA_OPT_LL_LOCAL, UINT64_MAX },
		{ DW_EDMA_OPT_WR_BLOCK, 0x400 },
		{ DW_EDMA_OPT_WR_STRIDE, 0x100 },
	};
	bool seen[DW_EDMA_OPTS] = { false };
	struct dw_edma_discover_args find;
	struct dw_edma_args args;
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(parse("class=dma,meta=epdm,meta_bar=3,meta_off=0x40,reg_bar=5,"
			       "reg_off=0x1000000000000,reg_off_add=1,reg_bytes=0x2000,ll_bar=4,"
			       "ll_off=16,"
			       "ll_stride=32,ll_bytes=24,ll_local=0xffffffffffffffff,map=hdma,"
			       "wr_cnt=3,rd_cnt=0,wr_blocks=0x400+0x100,mrrs=4096,fn=7", &args), 0);
	complete_args(&args, &find);
	for (i = 0; i < RTE_DIM(given); i++) {
		assert_true(find.table.opt[given[i].opt].given);
		assert_true(find.table.opt[given[i].opt].value == given[i].value);
		seen[given[i].opt] = true;
	}
	for (i = 0; i < DW_EDMA_OPTS; i++)
		assert_true(seen[i] == find.table.opt[i].given);
	assert_int_equal(find.format, DW_EDMA_FORMAT_EPDM);
	assert_true(find.pedm_bar.given);
	assert_int_equal(find.pedm_bar.value, 3);
	assert_int_equal(find.window.bar, 3);
	assert_int_equal(find.window.offset, 0x40);
	assert_int_equal(args.mrrs, 4096);
	assert_int_equal(args.fn, 7);
	/* Nothing given: the control region of an NTB function is where all of them have it. */
	assert_int_equal(parse("", &args), 0);
	complete_args(&args, &find);
	for (i = 0; i < DW_EDMA_OPTS; i++)
		assert_false(find.table.opt[i].given);
	assert_int_equal(find.format, DW_EDMA_FORMAT_AUTO);
	assert_false(find.pedm_bar.given);
	assert_int_equal(find.window.bar, 0);
}

static void
test_bad_args(void **state)
{
	static const char * const bad[] = {
		"class=DMA", "class", "meta=vsec", "meta_bar=6", "meta_bar=-1", "meta_off=0x",
		"reg_bar=6", "reg_off=0x1000000000001", "reg_off_add=2", "ll_bar=06x",
		"ll_off= 1", "ll_stride=-1", "ll_bytes=1k", "ll_local=0x10000000000000000",
		"reg_bytes=", "mrrs=0", "mrrs=64", "mrrs=8192", "mrrs=384", "softep=/", "regs=a@0+1", "side=rc",
	};
	struct dw_edma_args args;
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(bad); i++)
		if (parse(bad[i], &args) != -EINVAL)
			fail_msg("not refused: %s", bad[i]);
}

/* Configuration space -------------------------------------------------------------------------- */

static void
test_config_bytes(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(config_bytes(&function), 4096);
	put(0x100, UINT32_MAX);
	assert_int_equal(config_bytes(&function), 256);
	put(0x100, 0);
	fake.bytes = 256;
	assert_int_equal(config_bytes(&function), 256);
}

static void
test_express(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(find_express(&function), EXPRESS);
	/* The two low bits of a pointer mean nothing. */
	put(0x34, 0xe3);
	put(0xe0, 0x00004305);
	assert_int_equal(find_express(&function), EXPRESS);
	put(0x04, 0);
	assert_int_equal(find_express(&function), 0);
	setup(state);
	put(EXPRESS, 0x00020011);
	assert_int_equal(find_express(&function), 0);
}

/** Lists that lead in circles, or nowhere. */
static void
test_express_lost(void **state)
{
	unsigned int next;

	RTE_SET_USED(state);
	put(0xe0, 0x0000e005);
	assert_int_equal(find_express(&function), 0);
	assert_true(fake.reads <= PCI_CAPABILITIES_MAX + 2);
	for (next = 0; next < 0x100; next += 4)
		put(next, 0x00100005 | ((next + 4) & 0xff) << 8);
	fake.reads = 0;
	assert_int_equal(find_express(&function), 0);
	assert_true(fake.reads <= PCI_CAPABILITIES_MAX + 2);
	setup(state);
	put(0xe0, UINT32_MAX);
	assert_int_equal(find_express(&function), 0);
	fake.bytes = 0x38;
	assert_int_equal(find_express(&function), 0);
	fake.bytes = 0;
	assert_int_equal(find_express(&function), 0);
}

static void
test_limit(void **state)
{
	unsigned int code, limit, i;

	RTE_SET_USED(state);
	for (code = 0; code < 6; code++) {
		for (limit = 128, i = 0; limit <= 4096; limit *= 2, i++) {
			put(EXPRESS + 8, 0xffff8fff | code << 12);
			fake.writes = 0;
			limit_reads(&function, limit);
			/* Only ever less, and nothing else changes. */
			assert_int_equal(fake.writes, code > i);
			assert_int_equal(*(uint32_t *)(fake.config + EXPRESS + 8),
					 0xffff8fff | RTE_MIN(code, i) << 12);
		}
	}
	put(0x34, 0);
	limit_reads(&function, 128);
	assert_int_equal(fake.writes, 0);
}

static void
test_limit_parts(void **state)
{
	struct dw_edma_args args = { 0 };

	RTE_SET_USED(state);
	put(EXPRESS + 8, 0x5000);
	apply_read_limit(&function, &args);
	assert_int_equal(fake.writes, 0);
	device.id = (struct rte_pci_id){ .vendor_id = 0x1912, .device_id = 0x0030 };
	args.mrrs = 256;
	apply_read_limit(&function, &args);
	assert_int_equal(fake.config[EXPRESS + 9], 0x10);
	args.mrrs = 0;
	apply_read_limit(&function, &args);
	assert_int_equal(fake.config[EXPRESS + 9], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_bad_args),
		cmocka_unit_test_setup(test_config_bytes, setup),
		cmocka_unit_test_setup(test_express, setup),
		cmocka_unit_test_setup(test_express_lost, setup),
		cmocka_unit_test_setup(test_limit, setup),
		cmocka_unit_test_setup(test_limit_parts, setup),
	};

	/* What is refused here is refused on purpose. */
	rte_log_set_global_level(RTE_LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
