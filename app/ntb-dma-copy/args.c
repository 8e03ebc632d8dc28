/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <complain.h>
#include <parse.h>

#include "args.h"

static const char usage[] =
	"usage: dpdk-ntb-dma-copy [EAL argument...] -- [option...]\n"
	"\n"
	"Copies memory to the peer and back with rte_dma; the peer runs this program, too.\n"
	"\n"
	"  --dma NAME      a DMA device, or two: one for each direction. \"virtual\": the one that the\n"
	"                  NTB rawdev makes. Without it: let the peer copy\n"
	"  --size BYTES    of a copy, 1 to 16M (4096)\n"
	"  --burst N       copies under way, 1 to 256 (32)\n"
	"  --copies N      in each direction (10000)\n"
	"  --wait SECONDS  for the peer (10)\n"
	"  --help, --version\n";

static int
set_dma(struct args *args, const char *value)
{
	if (args->nb_dma == ARGS_MAX_DMA)
		return parse_bad("--dma", value, "at most two devices");
	args->dma[args->nb_dma++] = value;
	return 0;
}

static int
set_size(struct args *args, const char *value)
{
	return parse_bytes(value, &args->bytes) && args->bytes >= 1 && args->bytes <= 16 << 20 ? 0 :
		parse_bad("--size", value, "bytes, 1 to 16M");
}

static int
set_burst(struct args *args, const char *value)
{
	return parse_u64(value, &args->burst) && args->burst >= 1 && args->burst <= 256 ? 0 :
		parse_bad("--burst", value, "a number, 1 to 256");
}

static int
set_copies(struct args *args, const char *value)
{
	return parse_u64(value, &args->copies) && args->copies >= 1 ? 0 :
		parse_bad("--copies", value, "a number, 1 or more");
}

static int
set_wait(struct args *args, const char *value)
{
	return parse_seconds(value, &args->wait) ? 0 :
		parse_bad("--wait", value, "seconds, 0 to 86400, such as 2.5");
}

static const struct {
	const char *name;
	int (*set)(struct args *args, const char *value);
} options[] = {
	{ "--dma", set_dma },
	{ "--size", set_size },
	{ "--burst", set_burst },
	{ "--copies", set_copies },
	{ "--wait", set_wait },
};

#define NB_OPTIONS (sizeof(options) / sizeof(options[0]))

static int
take_option(struct args *args, const char *name, const char *value)
{
	unsigned int i;

	for (i = 0; i < NB_OPTIONS; i++) {
		if (strcmp(name, options[i].name) != 0)
			continue;
		return value != NULL ? options[i].set(args, value) : parse_bad(name, "", "a value");
	}
	return parse_bad(name, "", "an option of --help");
}

/** Help and version; without "--" everything else is EAL's. */
static bool
is_asked_for(const char *word, struct args *args)
{
	bool help = strcmp(word, "--help") == 0;

	args->done = help || strcmp(word, "--version") == 0;
	if (args->done)
		fputs(help ? usage : "dpdk-ntb-dma-copy " NTB_EDMA_VERSION "\n", stdout);
	return args->done;
}

int
args_parse(struct args *args, int argc, char **argv)
{
	int ret = 0;
	int i;

	*args = (struct args){ .bytes = 4096, .burst = 32, .copies = 10000, .wait = 10 };
	if (argc == 2 && is_asked_for(argv[1], args))
		return 0;
	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		;
	args->eal_argc = i;
	for (i++; ret == 0 && i < argc && !is_asked_for(argv[i], args); i += 2)
		ret = take_option(args, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
	return ret;
}
