/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Device arguments. What every device takes is parsed here, the rest by its attachment. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_kvargs.h>

#include "dw_edma_priv.h"

static TAILQ_HEAD(, dw_edma_attachment) attachments = TAILQ_HEAD_INITIALIZER(attachments);

void
dw_edma_attachment_register(struct dw_edma_attachment *att)
{
	TAILQ_INSERT_TAIL(&attachments, att, next);
}

int
dw_edma_parse_part(const char **value, char end, uint64_t max, uint64_t *number)
{
	unsigned long long n;
	char *behind;

	/* strtoull() takes blanks and signs. */
	if (**value < '0' || **value > '9')
		return -EINVAL;
	errno = 0;
	n = strtoull(*value, &behind, 0);
	if (errno != 0 || *behind != end || n > max)
		return -EINVAL;
	*number = n;
	*value = end == '\0' ? behind : behind + 1;
	return 0;
}

int
dw_edma_parse_u64(const char *value, uint64_t max, uint64_t *number)
{
	return dw_edma_parse_part(&value, '\0', max, number);
}

static int
parse_mask(struct dw_edma_args *args, enum dw_edma_dir dir, const char *value,
	   const char **expected)
{
	*expected = "a mask of channels, 0x0 to 0xffffffffffffffff";
	if (dw_edma_parse_u64(value, UINT64_MAX, &args->mask[dir]) != 0)
		return -EINVAL;
	args->mask_given[dir] = true;
	return 0;
}

static int
parse_fn(struct dw_edma_args *args, const char *value, const char **expected)
{
	uint64_t number;

	*expected = "a function number, 0 to 31";
	if (dw_edma_parse_u64(value, DW_EDMA_FN_MASK >> DW_EDMA_FN_SHIFT, &number) != 0)
		return -EINVAL;
	args->fn = (int)number;
	return 0;
}

/** Index of @p value in a list of @p n words, or -EINVAL. */
static int
parse_word(const char *value, const char * const *words, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	return -EINVAL;
}

const char * const dw_edma_completion_names[] = {
	[DW_EDMA_COMPLETION_AUTO] = "auto",
	[DW_EDMA_COMPLETION_LLP] = "llp",
	[DW_EDMA_COMPLETION_TAIL] = "tail",
	[DW_EDMA_COMPLETION_IMWR] = "imwr",
};

static int
parse_completion(struct dw_edma_args *args, const char *value, const char **expected)
{
	int word = parse_word(value, dw_edma_completion_names, RTE_DIM(dw_edma_completion_names));

	*expected = "auto, llp, tail or imwr";
	if (word < 0)
		return word;
	args->completion = word;
	return 0;
}

static int
parse_llp(struct dw_edma_args *args, const char *value, const char **expected)
{
	static const char * const words[] = { "fetched", "completed" };
	int word = parse_word(value, words, RTE_DIM(words));

	*expected = "fetched or completed";
	if (word < 0)
		return word;
	args->llp_completed = word == 1;
	return 0;
}

static int
parse_partial(struct dw_edma_args *args, const char *value, const char **expected)
{
	static const char * const words[] = { "0", "1" };
	int word = parse_word(value, words, RTE_DIM(words));

	*expected = "0 or 1";
	if (word < 0)
		return word;
	args->partial = word == 1;
	return 0;
}

int
dw_edma_parse_side(struct dw_edma_args *args, const char *key, const char *value,
		   const char **expected)
{
	static const char * const words[] = { "rc", "ep" };
	int word;

	if (strcmp(key, DW_EDMA_ARG_SIDE) != 0)
		return -ENOENT;
	*expected = "rc or ep";
	word = parse_word(value, words, RTE_DIM(words));
	if (word < 0)
		return word;
	args->side = word == 0 ? DW_EDMA_SIDE_RC : DW_EDMA_SIDE_EP;
	return 0;
}

static int
parse_count(struct dw_edma_args *args, enum dw_edma_dir dir, const char *value,
	    const char **expected)
{
	uint64_t number;

	*expected = "a number of channels, 0 to " RTE_STR(DW_EDMA_CHANS);
	if (dw_edma_parse_u64(value, DW_EDMA_CHANS, &number) != 0)
		return -EINVAL;
	args->cnt[dir] = (unsigned int)number;
	args->cnt_given[dir] = true;
	return 0;
}

/** Where the blocks of the native map are: bounds are checked by those who know the registers. */
static int
parse_blocks(struct dw_edma_args *args, enum dw_edma_dir dir, const char *value,
	     const char **expected)
{
	uint64_t offset, stride;

	*expected = "OFFSET+STRIDE, multiples of 4, the stride 0x100 or more";
	if (dw_edma_parse_part(&value, '+', UINT32_MAX, &offset) != 0 ||
	    dw_edma_parse_u64(value, UINT32_MAX, &stride) != 0 || offset % 4 != 0 ||
	    stride % 4 != 0 || stride < DW_HDMA_BLOCK_BYTES)
		return -EINVAL;
	args->blocks[dir] = (struct dw_edma_blocks){ (uint32_t)offset, (uint32_t)stride };
	args->blocks_given[dir] = true;
	return 0;
}

int
dw_edma_parse_engine(struct dw_edma_args *args, const char *key, const char *value,
		     const char **expected)
{
	if (strcmp(key, DW_EDMA_ARG_MAP) == 0) {
		*expected = "legacy, unroll, hdma-compat or hdma";
		args->map = dw_edma_map_by_name(value);
		return args->map != NULL ? 0 : -EINVAL;
	}
	if (strcmp(key, DW_EDMA_ARG_WR_CNT) == 0)
		return parse_count(args, DW_EDMA_WR, value, expected);
	if (strcmp(key, DW_EDMA_ARG_RD_CNT) == 0)
		return parse_count(args, DW_EDMA_RD, value, expected);
	if (strcmp(key, DW_EDMA_ARG_WR_BLOCKS) == 0)
		return parse_blocks(args, DW_EDMA_WR, value, expected);
	if (strcmp(key, DW_EDMA_ARG_RD_BLOCKS) == 0)
		return parse_blocks(args, DW_EDMA_RD, value, expected);
	return -ENOENT;
}

/** Arguments that every attachment takes. Returns -ENOENT for others. */
static int
parse_common(struct dw_edma_args *args, const char *key, const char *value,
	     const char **expected)
{
	if (strcmp(key, DW_EDMA_ARG_WR) == 0)
		return parse_mask(args, DW_EDMA_WR, value, expected);
	if (strcmp(key, DW_EDMA_ARG_RD) == 0)
		return parse_mask(args, DW_EDMA_RD, value, expected);
	if (strcmp(key, DW_EDMA_ARG_FN) == 0)
		return parse_fn(args, value, expected);
	if (strcmp(key, DW_EDMA_ARG_COMPLETION) == 0)
		return parse_completion(args, value, expected);
	if (strcmp(key, DW_EDMA_ARG_LLP) == 0)
		return parse_llp(args, value, expected);
	if (strcmp(key, DW_EDMA_ARG_PARTIAL) == 0)
		return parse_partial(args, value, expected);
	return -ENOENT;
}

static int
parse_pair(const char *name, struct dw_edma_args *args, const struct rte_kvargs_pair *pair)
{
	const char *expected = "";
	int rc;

	if (pair->value == NULL || pair->value[0] == '\0') {
		DW_EDMA_LOG(ERR, name, "argument %s has no value, expected %s=...", pair->key,
			    pair->key);
		return -EINVAL;
	}
	rc = parse_common(args, pair->key, pair->value, &expected);
	if (rc == -ENOENT)
		rc = args->att->arg(args, pair->key, pair->value, &expected);
	if (rc == -ENOENT)
		DW_EDMA_LOG(ERR, name, "unknown argument %s=%s, expected one of %s, "
			    DW_EDMA_ARG_WR ", " DW_EDMA_ARG_RD ", " DW_EDMA_ARG_FN ", "
			    DW_EDMA_ARG_COMPLETION ", " DW_EDMA_ARG_LLP ", " DW_EDMA_ARG_PARTIAL,
			    pair->key, pair->value, args->att->keys);
	else if (rc != 0)
		DW_EDMA_LOG(ERR, name, "%s=%s: expected %s", pair->key, pair->value, expected);
	return rc == 0 ? 0 : -EINVAL;
}

/** The attachment is what the device is chosen by: exactly one must be named. */
static int
choose_attachment(const char *name, const struct rte_kvargs *kvlist,
		  const struct dw_edma_attachment **chosen)
{
	const struct dw_edma_attachment *att;
	char usage[256] = "";
	size_t n = 0;

	TAILQ_FOREACH(att, &attachments, next) {
		if (rte_kvargs_count(kvlist, att->key) == 0)
			continue;
		if (*chosen != NULL) {
			DW_EDMA_LOG(ERR, name, "both %s= and %s= given, expected one of them",
				    (*chosen)->key, att->key);
			return -EINVAL;
		}
		*chosen = att;
	}
	if (*chosen != NULL)
		return 0;
	TAILQ_FOREACH(att, &attachments, next)
		if (n < sizeof(usage))
			n += snprintf(usage + n, sizeof(usage) - n, "%s%s", n == 0 ? "" : " or ",
				      att->usage);
	DW_EDMA_LOG(ERR, name, "no engine named in the arguments, expected %s",
		    n == 0 ? "one, but none is built in" : usage);
	return -EINVAL;
}

static int
parse_pairs(const char *name, const struct rte_kvargs *kvlist, struct dw_edma_args *args)
{
	unsigned int i;
	int rc = 0;

	if (args->att == NULL)
		rc = choose_attachment(name, kvlist, &args->att);
	for (i = 0; rc == 0 && i < kvlist->count; i++) {
		if (rte_kvargs_count(kvlist, kvlist->pairs[i].key) == 1) {
			rc = parse_pair(name, args, &kvlist->pairs[i]);
			continue;
		}
		DW_EDMA_LOG(ERR, name, "argument %s given more than once, expected once",
			    kvlist->pairs[i].key);
		rc = -EINVAL;
	}
	return rc;
}

int
dw_edma_args_parse(const char *name, const char *text, const struct dw_edma_attachment *att,
		   struct dw_edma_args *args, struct rte_kvargs **kvlist)
{
	memset(args, 0, sizeof(*args));
	args->att = att;
	args->side = -1;
	args->fn = -1;
	*kvlist = rte_kvargs_parse(text, NULL);
	if (*kvlist == NULL) {
		DW_EDMA_LOG(ERR, name, "arguments '%s' cannot be parsed, expected key=value,...",
			    text);
		return -EINVAL;
	}
	return parse_pairs(name, *kvlist, args);
}
