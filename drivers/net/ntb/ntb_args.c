/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <rte_kvargs.h>
#include <rte_string_fns.h>

#include "ntb_ethdev.h"

static int
ntb_eth_arg_raw(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;

	if (value[0] != '\0' &&
	    rte_strlcpy(args->raw_name, value, sizeof(args->raw_name)) < sizeof(args->raw_name))
		return 0;
	NTB_ETH_LOG(ERR, args, "%s=%s: expected a rawdev name of 1 to %zu characters", key, value,
		    sizeof(args->raw_name) - 1);
	return -EINVAL;
}

static int
ntb_eth_arg_queues(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;
	unsigned long v = 0;
	char *end = NULL;

	if (isdigit((unsigned char)value[0]))
		v = strtoul(value, &end, 10);
	if (end == NULL || *end != '\0' || v < 1 || v > NTB_ETH_MAX_QUEUES) {
		NTB_ETH_LOG(ERR, args, "%s=%s: expected a number from 1 to %u", key, value,
			    NTB_ETH_MAX_QUEUES);
		return -EINVAL;
	}
	args->queues = v;
	return 0;
}

static int
ntb_eth_arg_mac(const char *key, const char *value, void *opaque)
{
	struct ntb_eth_args *args = opaque;

	if (rte_ether_unformat_addr(value, &args->mac) != 0 ||
	    !rte_is_valid_assigned_ether_addr(&args->mac)) {
		NTB_ETH_LOG(ERR, args,
			    "%s=%s: expected a unicast address such as 02:00:00:00:00:01", key,
			    value);
		return -EINVAL;
	}
	args->has_mac = true;
	return 0;
}

static const struct {
	const char *key;
	arg_handler_t handler;
} ntb_eth_arg_table[] = {
	{ "raw", ntb_eth_arg_raw },
	{ "queues", ntb_eth_arg_queues },
	{ "mac", ntb_eth_arg_mac },
};

static int
ntb_eth_parse_pair(struct ntb_eth_args *args, const struct rte_kvargs *kvlist, unsigned int n)
{
	const char *key = kvlist->pairs[n].key;
	const char *value = kvlist->pairs[n].value != NULL ? kvlist->pairs[n].value : "";
	unsigned int i;

	for (i = 0; i < RTE_DIM(ntb_eth_arg_table); i++) {
		if (strcmp(key, ntb_eth_arg_table[i].key) != 0)
			continue;
		if (rte_kvargs_count(kvlist, key) > 1) {
			NTB_ETH_LOG(ERR, args, "%s=%s: given %u times, expected once", key, value,
				    rte_kvargs_count(kvlist, key));
			return -EINVAL;
		}
		return ntb_eth_arg_table[i].handler(key, value, args);
	}
	NTB_ETH_LOG(ERR, args, "%s=%s: unknown argument, expected raw=, queues= or mac=", key,
		    value);
	return -EINVAL;
}

int
ntb_eth_parse_args(struct ntb_eth_args *args, const char *devargs)
{
	struct rte_kvargs *kvlist;
	unsigned int i;
	int ret = 0;

	if (devargs == NULL || devargs[0] == '\0')
		return 0;
	kvlist = rte_kvargs_parse(devargs, NULL);
	if (kvlist == NULL) {
		NTB_ETH_LOG(ERR, args, "arguments '%s': expected name=value,...", devargs);
		return -EINVAL;
	}
	for (i = 0; i < kvlist->count && ret == 0; i++)
		ret = ntb_eth_parse_pair(args, kvlist, i);
	rte_kvargs_free(kvlist);
	return ret;
}
