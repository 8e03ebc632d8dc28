/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "args.h"
#include "complain.h"
#include "mac_table.h"
#include "parse.h"

#define MAX_QUEUES 64
/* The longest frame that fits one buffer of a sensible size. */
#define MAX_MTU 9600
#define DEFAULT_AGE 300

void
args_usage(void)
{
	printf("usage: dpdk-l2fwd-ntb [EAL argument...] -- [option...]\n"
	       "\n"
	       "Forwards Ethernet frames between ports: those of a bridge between PCIe hosts and\n"
	       "any others. SIGINT or SIGTERM ends it.\n"
	       "\n"
	       "  --ports LIST      ports in the order in which they are paired, such as 0,2,1,3 (all)\n"
	       "  --queues N        of each port, 1 to %d (one for each lcore that forwards)\n"
	       "  --mtu N           %d to %d (%d)\n"
	       "  --learn           learn addresses, in place of pairs of ports\n"
	       "  --age SECONDS     until an address that was not seen again is forgotten (%d)\n"
	       "  --stats SECONDS   between two tables of statistics (only at the end)\n"
	       "  --wait SECONDS    for all links to come up, before anything is forwarded (0)\n"
	       "  --help, --version\n",
	       MAX_QUEUES, RTE_ETHER_MIN_MTU, MAX_MTU, RTE_ETHER_MTU, DEFAULT_AGE);
}

static int
set_number(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	char expected[64];

	if (parse_u64(text, value) && *value >= min && *value <= max)
		return 0;
	snprintf(expected, sizeof(expected), "a number, %ju to %ju", (uintmax_t)min, (uintmax_t)max);
	return parse_bad(name, text, expected);
}

static int
set_u16(const char *name, const char *text, uint64_t min, uint64_t max, uint16_t *value)
{
	uint64_t number;
	int ret = set_number(name, text, min, max, &number);

	if (ret == 0)
		*value = (uint16_t)number;
	return ret;
}

static int
set_seconds(const char *name, const char *text, double *seconds)
{
	return parse_seconds(text, seconds) ? 0 :
		parse_bad(name, text, "seconds, 0 to 86400, such as 2.5");
}

static bool
has_port(const struct args *args, uint16_t port)
{
	uint16_t i;

	for (i = 0; i < args->nb_ports; i++)
		if (args->ports[i] == port)
			return true;
	return false;
}

static int
set_ports(struct args *args, const char *text)
{
	char list[256];
	uint64_t port;
	char *next = list;
	char *word;

	args->nb_ports = 0;
	if (snprintf(list, sizeof(list), "%s", text) >= (int)sizeof(list))
		return parse_bad("--ports", text, "fewer characters");
	while ((word = strsep(&next, ",")) != NULL) {
		if (!parse_u64(word, &port) || port >= RTE_MAX_ETHPORTS || has_port(args, port))
			return parse_bad("--ports", text, "different port numbers, such as 0,2,1,3");
		args->ports[args->nb_ports++] = (uint16_t)port;
	}
	return 0;
}

enum { OPT_PORTS, OPT_QUEUES, OPT_MTU, OPT_LEARN, OPT_AGE, OPT_STATS, OPT_WAIT, OPT_HELP,
	OPT_VERSION };

static const struct option options[] = {
	{ "ports", required_argument, NULL, OPT_PORTS },
	{ "queues", required_argument, NULL, OPT_QUEUES },
	{ "mtu", required_argument, NULL, OPT_MTU },
	{ "learn", no_argument, NULL, OPT_LEARN },
	{ "age", required_argument, NULL, OPT_AGE },
	{ "stats", required_argument, NULL, OPT_STATS },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int
set(struct args *args, int opt, const char *text)
{
	switch (opt) {
	case OPT_PORTS:
		return set_ports(args, text);
	case OPT_QUEUES:
		return set_u16("--queues", text, 1, MAX_QUEUES, &args->queues);
	case OPT_MTU:
		return set_u16("--mtu", text, RTE_ETHER_MIN_MTU, MAX_MTU, &args->mtu);
	case OPT_LEARN:
		args->learn = true;
		return 0;
	case OPT_AGE:
		return set_number("--age", text, 1, MAC_TABLE_MAX_AGE, &args->age);
	case OPT_STATS:
		return set_seconds("--stats", text, &args->stats);
	case OPT_WAIT:
		return set_seconds("--wait", text, &args->wait);
	case OPT_HELP:
		args_usage();
		break;
	case OPT_VERSION:
		puts("dpdk-l2fwd-ntb " NTB_EDMA_VERSION);
		break;
	}
	args->done = true;
	return 0;
}

int
args_parse(struct args *args, int argc, char **argv)
{
	int ret = 0;
	int opt;

	*args = (struct args){ .mtu = RTE_ETHER_MTU, .age = DEFAULT_AGE };
	/* From the beginning: EAL has parsed its own part by the same means. */
	optind = 0;
	opterr = 0;
	/* '+': options end where something else begins; ':': a missing value is told apart. */
	while (ret == 0 && !args->done &&
	       (opt = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (opt == ':')
			return parse_bad(argv[optind - 1], "", "a value");
		if (opt == '?')
			return parse_bad(argv[optind - 1], "", "an option of --help");
		ret = set(args, opt, optarg);
	}
	if (ret == 0 && !args->done && optind < argc)
		return parse_bad(argv[optind], "", "an option of --help");
	return ret;
}
