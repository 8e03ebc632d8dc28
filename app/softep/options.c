/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dw_edma_hw.h"
#include "log.h"
#include "options.h"
#include "options_ntb.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (MIB * KIB)

/** The list of a channel is at least a few slots, and at most the distance to the next one. */
#define LL_MIN_BYTES 96
#define LL_MAX_BYTES (2 * MIB)

static const char usage[] =
	"usage: dpdk-softep --dir DIR [option...]\n"
	"       dpdk-softep --dir DIR --send \"COMMAND\"\n"
	"\n"
	"A software endpoint: a board with an eDMA engine and an endpoint NTB function, served\n"
	"over vfio-user sockets in DIR.\n"
	"\n"
	"  --dir DIR           directory of the sockets, created if it is not there\n"
	"  --wr N, --rd N      write and read channels, 1 to 8, with --map hdma 1 to 64 (4)\n"
	"  --map MAP           register map: legacy, unroll, hdma-compat or hdma (unroll)\n"
	"  --dma-id ID         who the engine's function is: edda, amd, pedm or pedm-ctrl (edda)\n"
	"  --mw BYTES,...      memory windows, powers of two, 64K to 1G (4M)\n"
	"  --ll BYTES          list memory per channel, 96 to 2M (16K)\n"
	"  --trap              share nothing over the link: every access is a message\n"
	"  --set SWITCH=VALUE  a fault switch; may be repeated, see the command \"get\"\n"
	"  --inject \"wr|rd CHANNEL NTH KIND\"  an error from the start; may be repeated\n"
	"  --trace FILE        write a line for each register access and element\n"
	"\n"
	"  --ntb-map MAP       BARs and ids of the NTB function: renesas, nxp or ti (renesas)\n"
	"  --vntb              play the endpoint's kernel, with pci-epf-vntb\n"
	"  --back-to-back      play the endpoint's kernel, with pci-epf-ntb between two hosts\n"
	"  --ntb-layout, --ntb-spads, --ntb-spad-offset, --ntb-dbs, --ntb-doorbells, --ntb-linux,\n"
	"  --ntb-irq, --ntb-dma\n"
	"                      what that kernel's function is like, see the guide\n"
	"\n"
	"  --send COMMAND      send one line to the control socket of a running board\n"
	"  --help, --version\n"
	"\n"
	"control.sock appears last: when it is there, the board is ready.\n";

int
softep_option_bad(const char *name, const char *value, const char *expected)
{
	softep_complain("argument %s: \"%s\": expected %s", name, value, expected);
	return -EINVAL;
}

/** One or two digits. */
static bool
parse_count(const char *value, unsigned int *cnt)
{
	const size_t len = strlen(value);

	if (len < 1 || len > 2 || strspn(value, "0123456789") != len)
		return false;
	*cnt = (unsigned int)strtoul(value, NULL, 10);
	return *cnt >= 1 && *cnt <= DW_HDMA_MAX_CH;
}

int
softep_option_word(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

bool
softep_option_bytes(const char *value, uint64_t *bytes)
{
	unsigned long long number;
	uint64_t unit = 1;
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno != 0)
		return false;
	switch (*end) {
	case 'k':
	case 'K':
		unit = KIB;
		break;
	case 'm':
	case 'M':
		unit = MIB;
		break;
	case 'g':
	case 'G':
		unit = GIB;
		break;
	}
	if (unit != 1)
		end++;
	if (*end != '\0' || number > UINT64_MAX / unit)
		return false;
	*bytes = number * unit;
	return true;
}

static int
set_dir(struct softep_options *opt, const char *name, char *value)
{
	size_t len = strlen(value);

	if (len == 0)
		return softep_option_bad(name, value, "a directory");
	/* "link/" would be followed where "link" is refused. */
	while (len > 1 && value[len - 1] == '/')
		value[--len] = '\0';
	opt->dir = value;
	return 0;
}

static const char count_expected[] = "1 to 8 channels, or 1 to 64 with --map hdma";

static int
set_wr(struct softep_options *opt, const char *name, char *value)
{
	return parse_count(value, &opt->wr_cnt) ? 0 : softep_option_bad(name, value, count_expected);
}

static int
set_rd(struct softep_options *opt, const char *name, char *value)
{
	return parse_count(value, &opt->rd_cnt) ? 0 : softep_option_bad(name, value, count_expected);
}

static int
set_map(struct softep_options *opt, const char *name, char *value)
{
	static const char *const words[] = { "legacy", "unroll", "hdma-compat", "hdma", NULL };
	static const enum dw_edma_map maps[] = {
		DW_EDMA_MAP_LEGACY, DW_EDMA_MAP_UNROLL, DW_EDMA_MAP_HDMA_COMPAT,
		DW_EDMA_MAP_HDMA_NATIVE,
	};
	int map = softep_option_word(words, value);

	if (map < 0)
		return softep_option_bad(name, value, "legacy, unroll, hdma-compat or hdma");
	opt->map = maps[map];
	opt->map_given = value;
	return 0;
}

static int
set_dma_id(struct softep_options *opt, const char *name, char *value)
{
	/* In the order of the enumeration. */
	static const char *const words[] = { "edda", "amd", "pedm", "pedm-ctrl", NULL };
	int id = softep_option_word(words, value);

	if (id < 0)
		return softep_option_bad(name, value, "edda, amd, pedm or pedm-ctrl");
	opt->dma_id = id;
	return 0;
}

/* What depends on several arguments, which may come in any order. */

static int
check_count(const struct softep_options *opt, const char *name, unsigned int cnt)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", cnt);
	/* The capability's window of 8 KiB, twice 4 KiB of registers, is all that AMD's has. */
	if (cnt > DW_EDMA_MAX_CH && opt->dma_id == SOFTEP_DMA_ID_AMD)
		return softep_option_bad(name, value, "1 to 8 channels with --dma-id amd");
	if (cnt > DW_EDMA_MAX_CH && opt->map != DW_EDMA_MAP_HDMA_NATIVE)
		return softep_option_bad(name, value, count_expected);
	return 0;
}

/** The identity decides on the map, unless one is given. */
static int
check_map(struct softep_options *opt)
{
	if (opt->dma_id == SOFTEP_DMA_ID_AMD) {
		if (opt->map_given != NULL && opt->map != DW_EDMA_MAP_HDMA_NATIVE)
			return softep_option_bad("--map", opt->map_given, "hdma with --dma-id amd");
		opt->map = DW_EDMA_MAP_HDMA_NATIVE;
	}
	if ((opt->dma_id == SOFTEP_DMA_ID_PEDM || opt->dma_id == SOFTEP_DMA_ID_PEDM_CTRL) &&
	    opt->map == DW_EDMA_MAP_LEGACY)
		return softep_option_bad("--map", opt->map_given, "unroll, hdma-compat or hdma "
					 "with --dma-id pedm or pedm-ctrl");
	return 0;
}

/** Neither kind of metadata tells the map. */
static int
check_ntb_dma(struct softep_options *opt)
{
	opt->ntb.shape.dma_cnt = opt->rd_cnt;
	if (opt->ntb.shape.dma == NTB_DMA_NONE || opt->map == DW_EDMA_MAP_UNROLL)
		return 0;
	return softep_option_bad("--map", opt->map_given != NULL ? opt->map_given : "hdma",
				 "unroll with --ntb-dma");
}

static int
set_ll(struct softep_options *opt, const char *name, char *value)
{
	uint64_t bytes;

	if (!softep_option_bytes(value, &bytes) || bytes < LL_MIN_BYTES || bytes > LL_MAX_BYTES)
		return softep_option_bad(name, value, "96 to 2M bytes per channel");
	opt->ll_bytes = bytes;
	return 0;
}

static int
set_trap(struct softep_options *opt, const char *name, char *value)
{
	(void)name;
	(void)value;
	opt->trap = true;
	return 0;
}

static int
set_trace(struct softep_options *opt, const char *name, char *value)
{
	if (value[0] == '\0')
		return softep_option_bad(name, value, "a file");
	opt->trace = value;
	return 0;
}

static int
set_set(struct softep_options *opt, const char *name, char *value)
{
	if (strchr(value, '=') == NULL)
		return softep_option_bad(name, value, "SWITCH=VALUE");
	if (opt->set_cnt == SOFTEP_MAX_SETS)
		return softep_option_bad(name, value, "48 switches at the most");
	opt->sets[opt->set_cnt++] = value;
	return 0;
}

static int
set_inject(struct softep_options *opt, const char *name, char *value)
{
	if (opt->inject_cnt == SOFTEP_MAX_INJECTS)
		return softep_option_bad(name, value, "128 errors at the most");
	opt->injects[opt->inject_cnt++] = value;
	return 0;
}

static int
set_send(struct softep_options *opt, const char *name, char *value)
{
	if (value[0] == '\0' || strpbrk(value, "\r\n") != NULL)
		return softep_option_bad(name, value, "one command on one line");
	opt->send = value;
	return 0;
}

static int
set_help(struct softep_options *opt, const char *name, char *value)
{
	(void)name;
	(void)value;
	fputs(usage, stdout);
	opt->done = true;
	return 0;
}

static int
set_version(struct softep_options *opt, const char *name, char *value)
{
	(void)name;
	(void)value;
	puts("dpdk-softep " NTB_EDMA_VERSION);
	opt->done = true;
	return 0;
}

struct option {
	const char *name;
	int (*set)(struct softep_options *opt, const char *name, char *value);
	bool has_value;
	bool of_board; /* makes no sense with --send */
};

static const struct option options[] = {
	{ "--dir", set_dir, true, false },
	{ "--wr", set_wr, true, true },
	{ "--rd", set_rd, true, true },
	{ "--map", set_map, true, true },
	{ "--dma-id", set_dma_id, true, true },
	{ "--mw", softep_set_ntb_mw, true, true },
	{ "--ll", set_ll, true, true },
	{ "--trap", set_trap, false, true },
	{ "--trace", set_trace, true, true },
	{ "--ntb-map", softep_set_ntb_map, true, true },
	{ "--vntb", softep_set_vntb, false, true },
	{ "--back-to-back", softep_set_back_to_back, false, true },
	{ "--ntb-layout", softep_set_ntb_layout, true, true },
	{ "--ntb-spads", softep_set_ntb_spads, true, true },
	{ "--ntb-spad-offset", softep_set_ntb_spad_offset, true, true },
	{ "--ntb-dbs", softep_set_ntb_dbs, true, true },
	{ "--ntb-doorbells", softep_set_ntb_doorbells, true, true },
	{ "--ntb-linux", softep_set_ntb_linux, true, true },
	{ "--ntb-dma", softep_set_ntb_dma, true, true },
	{ "--ntb-irq", softep_set_ntb_irq, true, true },
	{ "--set", set_set, true, true },
	{ "--inject", set_inject, true, true },
	{ "--send", set_send, true, false },
	{ "--help", set_help, false, false },
	{ "--version", set_version, false, false },
};

/** The option that @p arg begins with; @p value: behind an equals sign, or NULL. */
static const struct option *
option_find(char *arg, char **value)
{
	size_t len = strcspn(arg, "=");
	unsigned int i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strlen(options[i].name) == len && strncmp(arg, options[i].name, len) == 0) {
			*value = arg[len] == '=' ? arg + len + 1 : NULL;
			return &options[i];
		}
	}
	return NULL;
}

/** Takes the option at argv[*i]; moves *i on over a value of its own. */
static const struct option *
option_take(struct softep_options *opt, int argc, char **argv, int *i)
{
	const struct option *option;
	char *value;

	option = option_find(argv[*i], &value);
	if (option == NULL) {
		softep_option_bad(argv[*i], "", "an option of dpdk-softep --help");
		return NULL;
	}
	if (!option->has_value && value != NULL) {
		softep_option_bad(option->name, value, "no value");
		return NULL;
	}
	if (option->has_value && value == NULL) {
		if (*i + 1 == argc) {
			softep_option_bad(option->name, "", "a value");
			return NULL;
		}
		value = argv[++*i];
	}
	return option->set(opt, option->name, value) == 0 ? option : NULL;
}

int
softep_options_parse(struct softep_options *opt, int argc, char **argv)
{
	const struct option *of_board = NULL;
	const struct option *option;
	int i;

	*opt = (struct softep_options){
		.wr_cnt = 4,
		.rd_cnt = 4,
		.map = DW_EDMA_MAP_UNROLL,
		.ll_bytes = 16 * KIB,
	};
	softep_ntb_options_init(&opt->ntb);
	for (i = 1; i < argc; i++) {
		option = option_take(opt, argc, argv, &i);
		if (option == NULL)
			return -EINVAL;
		if (opt->done)
			return 0;
		if (option->of_board)
			of_board = option;
	}
	if (check_map(opt) != 0 || check_ntb_dma(opt) != 0 ||
	    check_count(opt, "--wr", opt->wr_cnt) != 0 ||
	    check_count(opt, "--rd", opt->rd_cnt) != 0)
		return -EINVAL;
	if (opt->dir == NULL)
		return softep_option_bad("--dir", "", "the directory of the sockets");
	if (opt->send != NULL && of_board != NULL)
		return softep_option_bad(of_board->name, "", "only --dir together with --send");
	return softep_ntb_options_check(&opt->ntb);
}
