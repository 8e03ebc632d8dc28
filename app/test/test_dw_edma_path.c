/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arguments of the DMA driver, and its attachment to engines in files: here files that are RAM. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* Version 2 has a macro of this name, the drivers have operations. */
#undef stop

#include "dw_edma.c"
#include "dw_edma_args.c"
#include "dw_edma_dmadev.c"
#include "dw_edma_hdma.c"
#include "dw_edma_list.c"
#include "dw_edma_mmio.c"
#include "dw_edma_path.c"
#include "dw_edma_poll.c"
#include "dw_edma_probe.c"
#include "dw_edma_recover.c"
#include "dw_edma_ring.c"
#include "dw_edma_secondary.c"
#include "dw_edma_sg.c"
#include "dw_edma_v0.c"

#include <dirent.h>

#include <rte_eal.h>

/** Bytes of the file that registers and lists are in. */
#define FILE_BYTES 0x20000
/** Where the lists are, on no page border. */
#define LL_AT 0x10040

static struct rte_device device = { .name = "path", .numa_node = SOCKET_ID_ANY };

static struct {
	int fd;
	uint8_t *va;
	char path[64];
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	FILE *stream; /**< of the log */
	char *log;
	size_t log_bytes;
	size_t seen;  /**< bytes that lines() has counted */
} env;

/** The size of the file is its own limit, and its pages are those of the attachment. */
static int
setup(void **state)
{
	RTE_SET_USED(state);
	env.fd = memfd_create("engine", 0);
	assert_true(env.fd >= 0);
	assert_int_equal(ftruncate(env.fd, FILE_BYTES), 0);
	env.va = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, env.fd, 0);
	assert_true(env.va != MAP_FAILED);
	snprintf(env.path, sizeof(env.path), "/proc/self/fd/%d", env.fd);
	return 0;
}

static int
teardown(void **state)
{
	RTE_SET_USED(state);
	munmap(env.va, FILE_BYTES);
	close(env.fd);
	return 0;
}

/** Number of lines that have been logged since the last call; @p text: where they start. */
static unsigned int
lines(const char **text)
{
	unsigned int n = 0;

	fflush(env.stream);
	*text = env.log + env.seen;
	for (; env.seen < env.log_bytes; env.seen++)
		n += env.log[env.seen] == '\n';
	return n;
}

/** Parses arguments, in which each % stands for the file's path. */
static int
parse(const char *pattern)
{
	char text[512];
	size_t n = 0;

	for (; *pattern != '\0'; pattern++)
		if (*pattern == '%')
			n += snprintf(text + n, sizeof(text) - n, "%s", env.path);
		else
			text[n++] = *pattern;
	text[n] = '\0';
	return dw_edma_args_parse("path", text, NULL, &env.args, &env.kvlist);
}

static void
forget(void)
{
	rte_kvargs_free(env.kvlist);
	env.kvlist = NULL;
}

/** One line, with all the words. */
static void
expect_line(const char *a, const char *b)
{
	const char *text;
	unsigned int n = lines(&text);

	if (n != 1 || strstr(text, a) == NULL || strstr(text, b) == NULL)
		fail_msg("expected '%s' and '%s' in one line, %u: %s", a, b, n, text);
}

/** Descriptors and mappings that the process has. */
static unsigned int
holdings(void)
{
	FILE *mappings = fopen("/proc/self/maps", "r");
	DIR *fds = opendir("/proc/self/fd");
	unsigned int n = 0;
	int c;

	assert_non_null(mappings);
	assert_non_null(fds);
	while (readdir(fds) != NULL)
		n += 1000;
	while ((c = fgetc(mappings)) != EOF)
		n += c == '\n';
	fclose(mappings);
	closedir(fds);
	return n;
}

/** Bad arguments of a device are refused with one line, and nothing is left behind. */
static void
expect_refused(const char *pattern, const char *a, const char *b)
{
	unsigned int before;
	const char *text;
	int rc;

	lines(&text);
	before = holdings();
	rc = parse(pattern);
	if (rc == 0)
		rc = dw_edma_probe(&device, "path", &env.args);
	forget();
	if (rc >= 0)
		fail_msg("not refused: %s", pattern);
	assert_int_equal(holdings(), before);
	assert_null(engine_find("path"));
	expect_line(a, b);
}

/* Arguments ------------------------------------------------------------------------------------ */

static void
test_window(void **state)
{
	static const char * const bad[] = {
		"", "@", "a", "a@", "@1+1", "a@1", "a@1+", "a@1+0", "a@+1", "a@-1+1", "a@1+1x",
		"a@1+1:2", "a@ 1+1", "a@0x+1", "a@1+0x7fffffffffffffff", "a@0x8000000000000000+1",
	};
	static const char * const bad_local[] = { "a@1+1:", "a@1+1:x", "a@1+1:1:1", "a@1:1+1" };
	char text[PATH_MAX + 16];
	struct path_window w;
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(parse_window("/dev/mem@0x1000+4096", false, &w), 0);
	assert_string_equal(w.path, "/dev/mem");
	assert_int_equal(w.offset, 0x1000);
	assert_int_equal(w.bytes, 4096);
	assert_false(w.local_given);
	/* What separates the parts may be in the path, too. */
	assert_int_equal(parse_window("a:b+c@d@1+2:0xffffffffffffffff", true, &w), 0);
	assert_string_equal(w.path, "a:b+c@d");
	assert_int_equal(w.bytes, 2);
	assert_true(w.local_given);
	assert_true(w.local == UINT64_MAX);
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(parse_window(bad[i], false, &w), -EINVAL);
	for (i = 0; i < RTE_DIM(bad_local); i++)
		assert_int_equal(parse_window(bad_local[i], true, &w), -EINVAL);
	memset(text, 'a', sizeof(text));
	strcpy(text + PATH_MAX, "@1+1");
	assert_int_equal(parse_window(text, false, &w), -EINVAL);
	assert_int_equal(parse_window(text + 1, false, &w), 0);
}

static void
test_args(void **state)
{
	static const char * const expected[][2] = {
		{ "regs=a@0+1,map=hdma,wr_cnt=65", "wr_cnt=65: expected a number of channels, 0 " },
		{ "regs=a@0+1,rd_cnt=-1", "rd_cnt=-1: expected" },
		{ "regs=a@0+1,wr_blocks=0x2+0x100", "wr_blocks=0x2+0x100: expected OFFSET+STRIDE" },
		{ "regs=a@0+1,wr_blocks=0+0xfc", "wr_blocks=0+0xfc: expected" },
		{ "regs=a@0+1,wr_blocks=0+0x102", "wr_blocks=0+0x102: expected" },
		{ "regs=a@0+1,rd_blocks=0", "rd_blocks=0: expected" },
		{ "regs=a@0+1,rd_blocks=0x100000000+0x100", "expected OFFSET+STRIDE" },
		{ "regs=a@0+1,map=none", "map=none: expected legacy, unroll, hdma-compat or hdma" },
		{ "regs=a@0+1,side=both", "side=both: expected rc or ep" },
		{ "regs=a@0,side=rc", "regs=a@0: expected PATH@OFFSET+SIZE" },
		{ "regs=a@0+1,ll=a@0+1:,side=rc", "ll=a@0+1:: expected PATH@OFFSET+SIZE or" },
		{ "regs=a@0+1,regs=a@0+1", "argument regs given more than once" },
		{ "regs=a@0+1,meta=auto", "unknown argument meta=auto, expected one of regs, " },
		{ "regs=a@0+1,ll", "argument ll has no value" },
	};
	const char *text;
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(parse("regs=a@0+1,ll=b@2+3,side=ep,map=hdma,wr_cnt=0,rd_cnt=64,"
			       "rd_blocks=0x1000+0x400,fn=3,wr=0x5,completion=llp"), 0);
	assert_ptr_equal(env.args.att, &path_attachment);
	assert_string_equal(env.args.regs, "a@0+1");
	assert_string_equal(env.args.ll, "b@2+3");
	assert_int_equal(env.args.side, DW_EDMA_SIDE_EP);
	assert_ptr_equal(env.args.map, &dw_edma_hdma_ops);
	assert_true(env.args.cnt_given[DW_EDMA_WR] && env.args.cnt[DW_EDMA_WR] == 0);
	assert_true(env.args.cnt_given[DW_EDMA_RD] && env.args.cnt[DW_EDMA_RD] == 64);
	assert_false(env.args.blocks_given[DW_EDMA_WR]);
	assert_true(env.args.blocks_given[DW_EDMA_RD]);
	assert_int_equal(env.args.blocks[DW_EDMA_RD].offset, 0x1000);
	assert_int_equal(env.args.blocks[DW_EDMA_RD].stride, 0x400);
	assert_int_equal(env.args.fn, 3);
	forget();
	for (i = 0; i < RTE_DIM(expected); i++) {
		lines(&text);
		assert_int_equal(parse(expected[i][0]), -EINVAL);
		expect_line(expected[i][1], "");
		forget();
	}
}

/* Engines -------------------------------------------------------------------------------------- */

static void
put(uint32_t at, uint32_t value)
{
	memcpy(env.va + at, &value, sizeof(value));
}

/** Probes a device with the arguments; it has to be there afterwards. */
static struct dw_edma_engine *
probe(const char *pattern)
{
	struct dw_edma_engine *engine;
	const char *text;

	assert_int_equal(parse(pattern), 0);
	lines(&text);
	assert_int_equal(dw_edma_probe(&device, "path", &env.args), 0);
	assert_int_equal(lines(&text), 0);
	forget();
	engine = engine_find("path");
	assert_non_null(engine);
	return engine;
}

static void
expect_list(const struct dw_edma_engine *engine, int dir, unsigned int ch, uint64_t at,
	    uint64_t local, uint64_t bytes)
{
	const struct dw_edma_list *list = &engine->chan[dir][ch]->list;

	/* The file is mapped twice: what is written there is seen here. */
	put(at, 0x5eed0000 + ch);
	assert_int_equal(list->va->control, 0x5eed0000 + ch);
	assert_int_equal(list->local, local);
	assert_int_equal(list->bytes, bytes);
}

/** eDMA maps: the registers tell the channels. Registers and lists are on no page border. */
static void
test_unroll(void **state)
{
	unsigned int before = holdings();
	struct dw_edma_engine *engine;

	RTE_SET_USED(state);
	put(0x404 + DW_EDMA_CTRL, 2 | 3 << 16);
	engine = probe("regs=%@0x404+0x1200,ll=%@0x10040+0x1000,side=ep");
	assert_int_equal(engine->side, DW_EDMA_SIDE_EP);
	assert_int_equal(engine->fn, 0);
	assert_int_equal(engine->cnt[DW_EDMA_WR], 2);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 3);
	assert_ptr_equal(engine->map, &dw_edma_unroll_ops);
	/* 4096 / 5, rounded down. The engine has the lists where the file has them. */
	expect_list(engine, DW_EDMA_WR, 0, LL_AT, LL_AT, 768);
	expect_list(engine, DW_EDMA_WR, 1, LL_AT + 768, LL_AT + 768, 768);
	expect_list(engine, DW_EDMA_RD, 0, LL_AT + 2 * 768, LL_AT + 2 * 768, 768);
	expect_list(engine, DW_EDMA_RD, 2, LL_AT + 4 * 768, LL_AT + 4 * 768, 768);
	assert_true(rte_dma_get_dev_id_by_name("path-rd2") >= 0);
	assert_int_equal(dw_edma_remove("path"), 0);
	assert_true(rte_dma_get_dev_id_by_name("path-rd2") < 0);
	assert_int_equal(holdings(), before);
}

/** What the process writes is in the file, and back: registers by the offsets of the map. */
static void
test_registers(void **state)
{
	struct dw_edma_engine *engine;
	struct dw_edma_io io;
	uint32_t value;

	RTE_SET_USED(state);
	put(0x1000 + DW_EDMA_CTRL, 1 | 1 << 16);
	engine = probe("regs=%@4096+0x1200,ll=%@0x10000+0x100:0x880000000,side=rc,fn=2");
	io = (struct dw_edma_io){ .engine = engine };
	dw_edma_write32(&io, DW_EDMA_RD_CH(7) + DW_EDMA_CH_LLP_LO, 0x12345678);
	memcpy(&value, env.va + 0x1000 + DW_EDMA_RD_CH(7) + DW_EDMA_CH_LLP_LO, sizeof(value));
	assert_int_equal(value, 0x12345678);
	put(0x1000 + DW_EDMA_RD_INT_STATUS, 0x42);
	assert_int_equal(dw_edma_read32(&io, DW_EDMA_RD_INT_STATUS), 0x42);
	assert_int_equal(engine->side, DW_EDMA_SIDE_RC);
	assert_int_equal(engine->fn, 2);
	expect_list(engine, DW_EDMA_WR, 0, 0x10000, 0x880000000, 128);
	expect_list(engine, DW_EDMA_RD, 0, 0x10080, 0x880000080, 128);
	assert_true(engine->ops->present(engine));
	put(0x1000 + DW_EDMA_CTRL, DW_EDMA_DEAD);
	assert_false(engine->ops->present(engine));
	assert_int_equal(dw_edma_remove("path"), 0);
}

/** Fewer channels than there are: no list for the others, and no device. */
static void
test_limited(void **state)
{
	struct dw_edma_engine *engine;

	RTE_SET_USED(state);
	put(DW_EDMA_CTRL, 8 | 8 << 16);
	assert_int_equal(parse("regs=%@0+0x1200,ll=%@0x10000+0x400,side=ep,wr_cnt=0,rd_cnt=2"), 0);
	assert_int_equal(dw_edma_probe(&device, "path", &env.args), 0);
	forget();
	engine = engine_find("path");
	assert_int_equal(engine->cnt[DW_EDMA_WR], 0);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 2);
	assert_int_equal(engine->mask[DW_EDMA_WR], 0);
	assert_int_equal(engine->mask[DW_EDMA_RD], 3);
	expect_list(engine, DW_EDMA_RD, 1, 0x10200, 0x10200, 0x200);
	assert_int_equal(dw_edma_remove("path"), 0);
}

/** The native map: as many channels as the window has room for, or as are asked for. */
static void
test_native(void **state)
{
	struct dw_edma_engine *engine;

	RTE_SET_USED(state);
	engine = probe("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma");
	assert_int_equal(engine->cnt[DW_EDMA_WR], 8);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 8);
	assert_int_equal(engine->chan[DW_EDMA_RD][7]->base, 0xf00);
	assert_int_equal(dw_edma_remove("path"), 0);
	engine = probe("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma,wr_cnt=2,"
		       "wr_blocks=0x400+0x800,rd_blocks=0x800+0x800");
	assert_int_equal(engine->cnt[DW_EDMA_WR], 2);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 1);
	assert_int_equal(engine->chan[DW_EDMA_WR][1]->base, 0xc00);
	assert_int_equal(engine->chan[DW_EDMA_RD][0]->base, 0x800);
	assert_int_equal(dw_edma_remove("path"), 0);
	/* Never more than the driver has room for. */
	engine = probe("regs=%@0+0x10000,ll=%@0x10000+0x10000,side=ep,map=hdma,rd_cnt=0,"
		       "wr_blocks=0+0x100,wr=0x8000000000000001");
	assert_int_equal(engine->cnt[DW_EDMA_WR], DW_EDMA_CHANS);
	assert_int_equal(engine->cnt[DW_EDMA_RD], 0);
	assert_int_equal(engine->chan[DW_EDMA_WR][63]->base, 0x3f00);
	assert_null(engine->chan[DW_EDMA_WR][62]);
	assert_int_equal(dw_edma_remove("path"), 0);
}

static void
test_refused(void **state)
{
	RTE_SET_USED(state);
	put(DW_EDMA_CTRL, 2 | 2 << 16);
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000", "side= is missing", "rc or ep");
	expect_refused("regs=%@0+0x1200,side=ep", "ll= is missing", "PATH@OFFSET+SIZE:LOCALADDR");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000,side=rc", "address is missing",
		       ":LOCALADDR");
	expect_refused("regs=/nowhere@0+0x1200,ll=%@0x10000+0x1000,side=ep", "regs=/nowhere: ",
		       "No such file");
	expect_refused("regs=%@0+0x1200,ll=/nowhere@0x10000+0x1000,side=ep", "ll=/nowhere: ",
		       "No such file");
	expect_refused("regs=/proc/self/fd@0+0x1200,ll=%@0+64,side=ep", "regs=/proc/self/fd: ",
		       "expected a file to map");
	expect_refused("regs=%@0+0x20001,ll=%@0x10000+0x1000,side=ep", "0x20001 bytes at 0x0",
		       "expected an end at 0x20000");
	expect_refused("regs=%@0x20000+0x1200,ll=%@0+0x1000,side=ep", "0x1200 bytes at 0x20000",
		       "expected an end at 0x20000");
	expect_refused("regs=%@0+0x1200,ll=%@0x1f001+0x1000,side=ep", "0x1000 bytes at 0x1f001",
		       "expected an end at 0x20000");
	expect_refused("regs=%@0+0x11ff,ll=%@0x10000+0x1000,side=ep", "registers of 4607 bytes",
		       "at least 4608");
	expect_refused("regs=%@2+0x1200,ll=%@0x10000+0x1000,side=ep", "registers of 4608 bytes",
		       "4-byte aligned");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+255,side=ep", "0xff bytes for 4 channels",
		       "64 bytes for each");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+256,side=ep", "list memory of 64 bytes",
		       "expected at least");
	expect_refused("regs=%@0+0x1200,ll=%@0x10004+0x1000,side=ep", "list memory",
		       "8-byte aligned");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000:0xfffffe00,side=ep", "list memory",
		       "within 4 GiB");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000,side=ep,rd_blocks=0+0x200",
		       "rd_blocks=", "map=hdma only");
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000,side=ep,wr_cnt=0,rd_cnt=0",
		       "0 channels", "one at least");
	/* A device that reads as zeros, and one that cannot be mapped. */
	expect_refused("regs=/dev/zero@0+0x1200,ll=%@0x10000+0x1000,side=ep", "regs=/dev/zero@",
		       "no engine with map unroll there");
	expect_refused("regs=/dev/null@0+0x1200,ll=%@0x10000+0x1000,side=ep", "regs=/dev/null: ",
		       "can be mapped");
	put(DW_EDMA_CTRL, DW_EDMA_DEAD);
	expect_refused("regs=%@0+0x1200,ll=%@0x10000+0x1000,side=ep", "regs=/proc/self/fd",
		       "no engine with map unroll there");
}

/** What can be opened but is no memory. */
static void
test_refused_type(void **state)
{
	int fds[2];

	RTE_SET_USED(state);
	assert_int_equal(pipe(fds), 0);
	snprintf(env.path, sizeof(env.path), "/proc/self/fd/%d", fds[0]);
	expect_refused("regs=%@0+0x1200,ll=%@0+0x1000,side=ep", "file of type 010000",
		       "expected a character device or a regular file");
	close(fds[0]);
	close(fds[1]);
}

static void
test_refused_native(void **state)
{
	RTE_SET_USED(state);
	expect_refused("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma,wr_cnt=9",
		       "wr_cnt=9: blocks from 0x0 on", "at most 8 in 0x1000 bytes");
	expect_refused("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma,rd_cnt=1,"
		       "rd_blocks=0xf04+0x200", "rd_cnt=1: ", "at most 0 in 0x1000 bytes");
	expect_refused("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma,"
		       "rd_blocks=0x180+0x200", "overlap", "0x100 bytes for each");
	expect_refused("regs=%@0+0xff,ll=%@0x10000+0x4000,side=ep,map=hdma", "0 channels",
		       "one at least");
	memset(env.va, 0xff, 0x1000);
	expect_refused("regs=%@0+0x1000,ll=%@0x10000+0x4000,side=ep,map=hdma",
		       "no engine answers", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_args),
		cmocka_unit_test_setup_teardown(test_unroll, setup, teardown),
		cmocka_unit_test_setup_teardown(test_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_native, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_type, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_native, setup, teardown),
	};
	char *eal[] = {
		(char[]){ "test_dw_edma_path" }, (char[]){ "--no-huge" }, (char[]){ "-m" },
		(char[]){ "64" }, (char[]){ "--no-pci" }, (char[]){ "--iova-mode=va" },
		(char[]){ "--no-telemetry" }, (char[]){ "--file-prefix=test_dw_edma_path" },
	};

	if (rte_eal_init(RTE_DIM(eal), eal) < 0)
		return EXIT_FAILURE;
	env.stream = open_memstream(&env.log, &env.log_bytes);
	if (env.stream == NULL || rte_openlog_stream(env.stream) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
