/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arguments that devices of either bus take; the bus and its platforms bring keys of their own. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ntb_epf_args.h"

#define NTB_EPF_ARG_LINE 128

/** Time-outs on a silent peer, milliseconds: some heartbeats at least, a day at most. */
#define NTB_EPF_MIN_PEER_TIMEOUT 100
#define NTB_EPF_MAX_PEER_TIMEOUT 86400000

int
ntb_epf_arg_bad(const struct ntb_epf_dev *dev, const char *key, const char *value,
		const char *expected)
{
	NTB_EPF_LOG(ERR, dev, "%s=%s: expected %s", key, value != NULL ? value : "", expected);
	return -EINVAL;
}

static int
parse_mover(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	static const enum ntb_epf_mover offered[] = {
		NTB_EPF_MOVER_AUTO, NTB_EPF_MOVER_SPLIT, NTB_EPF_MOVER_RC, NTB_EPF_MOVER_EP,
		NTB_EPF_MOVER_CPU,
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(offered); i++) {
		if (strcmp(value, ntb_epf_mover_name(offered[i])) == 0) {
			dev->wish = offered[i];
			return 0;
		}
	}
	return ntb_epf_arg_bad(dev, key, value, "auto, split, rc, ep or cpu");
}

static int
parse_fallback(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return ntb_epf_arg_bad(dev, key, value, "0, or 1 to let cores copy if no engine can");
	dev->fallback = *value == '1';
	return 0;
}

static int
parse_commit(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	if (strcmp(value, ntb_epf_commit_name(NTB_EPF_COMMIT_ENGINE)) == 0)
		dev->commit_wish = NTB_EPF_COMMIT_ENGINE;
	else if (strcmp(value, ntb_epf_commit_name(NTB_EPF_COMMIT_CPU)) == 0)
		dev->commit_wish = NTB_EPF_COMMIT_CPU;
	else
		return ntb_epf_arg_bad(dev, key, value, "engine or cpu");
	return 0;
}

static int
parse_dma(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	if (*value == '\0')
		return ntb_epf_arg_bad(dev, key, value, "the name of a DMA device");
	if (dev->nb_dma_args == RTE_DIM(dev->dma_args))
		return ntb_epf_arg_bad(dev, key, value, "at most 8 of these arguments");
	dev->dma_args[dev->nb_dma_args] = strdup(value);
	if (dev->dma_args[dev->nb_dma_args] == NULL)
		return -ENOMEM;
	dev->nb_dma_args++;
	return 0;
}

static int
parse_transport(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	if (strcmp(value, "ring") == 0)
		return 0;
	return ntb_epf_arg_bad(dev, key, value, strcmp(value, "linux") == 0 ?
			       "ring; the wire protocol of Linux's ntb_transport is reserved" :
			       "ring");
}

static int
parse_peer_timeout(struct ntb_epf_dev *dev, const char *key, const char *value)
{
	unsigned long ms;
	char *end;

	ms = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || ms > NTB_EPF_MAX_PEER_TIMEOUT ||
	    (ms != 0 && ms < NTB_EPF_MIN_PEER_TIMEOUT))
		return ntb_epf_arg_bad(dev, key, value,
				       "milliseconds, 100 to 86400000, or 0 for none");
	dev->peer_timeout_ms = (uint32_t)ms;
	return 0;
}

static const struct ntb_epf_arg common_args[] = {
	{ NTB_EPF_ARG_MOVER, parse_mover },
	{ NTB_EPF_ARG_FALLBACK, parse_fallback },
	{ NTB_EPF_ARG_COMMIT, parse_commit },
	{ NTB_EPF_ARG_DMA, parse_dma },
	{ NTB_EPF_ARG_TRANSPORT, parse_transport },
	{ NTB_EPF_ARG_PEER_TIMEOUT, parse_peer_timeout },
	{ NTB_EPF_ARG_EXPORT, ntb_epf_export_arg },
	{ NULL, NULL },
};

static const struct ntb_epf_arg *
find(const struct ntb_epf_arg *args, const char *key)
{
	for (; args->key != NULL; args++)
		if (strcmp(args->key, key) == 0)
			return args;
	return NULL;
}

/** rte_kvargs stops at an unknown key without a word: say which it was. */
static int
unknown(const struct ntb_epf_dev *dev, const struct ntb_epf_arg *own, const char *key,
	const char *value)
{
	const struct ntb_epf_arg *lists[] = { own, common_args };
	char line[NTB_EPF_ARG_LINE] = "one of the arguments";
	const char *separator = " ";
	size_t n = strlen(line);
	unsigned int i;

	for (i = 0; i < RTE_DIM(lists); i++) {
		const struct ntb_epf_arg *a;

		for (a = lists[i]; a->key != NULL && n < sizeof(line); a++) {
			n += snprintf(line + n, sizeof(line) - n, "%s%s", separator, a->key);
			separator = ", ";
		}
	}
	return ntb_epf_arg_bad(dev, key, value, line);
}

static int
parse_one(struct ntb_epf_dev *dev, const struct ntb_epf_arg *own, const char *key,
	  const char *value)
{
	const struct ntb_epf_arg *arg = find(own, key);

	if (arg == NULL)
		arg = find(common_args, key);
	if (arg == NULL)
		return unknown(dev, own, key, value);
	return arg->parse(dev, key, value != NULL ? value : "");
}

int
ntb_epf_args_parse(struct ntb_epf_dev *dev, const struct rte_kvargs *args,
		   const struct ntb_epf_arg *own)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < args->count && ret == 0; i++)
		ret = parse_one(dev, own, args->pairs[i].key, args->pairs[i].value);
	return ret;
}

void
ntb_epf_args_free(struct ntb_epf_dev *dev)
{
	while (dev->nb_dma_args > 0)
		free(dev->dma_args[--dev->nb_dma_args]);
	ntb_epf_export_args_free(dev);
}
