/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _PARSE_H_
#define _PARSE_H_

/**
 * @file
 * Words of a command into values. What is wrong is told in one line that names the argument, its
 * value and what was expected.
 */

#include <stdbool.h>
#include <stdint.h>

/** Longest time that can be asked for, seconds. */
#define PARSE_MAX_SECONDS 86400

/** Decimal, or hexadecimal with 0x. */
bool parse_u64(const char *text, uint64_t *value);
/** The same with an optional k, M or G, powers of 1024. */
bool parse_bytes(const char *text, uint64_t *bytes);
/** Decimal with an optional fraction, 0 to PARSE_MAX_SECONDS. */
bool parse_seconds(const char *text, double *seconds);

/** Tells of a bad argument. Returns EXIT_USAGE. */
int parse_bad(const char *name, const char *value, const char *expected);

/** The words of a command that have not been taken yet. */
struct words {
	char **word;
	int left;
};

/** The takers return 0, or EXIT_USAGE after telling. */
int take_u64(struct words *w, const char *name, uint64_t min, uint64_t max, uint64_t *value);
/** @p choices ends with NULL. */
int take_choice(struct words *w, const char *name, const char *const *choices,
		unsigned int *choice);
/** The last argument, which may be left out: *seconds stays as it is then. */
int take_seconds(struct words *w, double *seconds);
int take_end(struct words *w);

enum setting_kind {
	SETTING_NUMBER,  /**< uint64_t */
	SETTING_BYTES,   /**< uint64_t */
	SETTING_SECONDS, /**< double, more than 0 */
	SETTING_TEXT,    /**< const char * */
	SETTING_FLAG,    /**< bool: yes or no */
	SETTING_LIST,    /**< struct setting_list: numbers with commas between them */
};

#define SETTING_LIST_MAX 16

struct setting_list {
	uint64_t value[SETTING_LIST_MAX];
	unsigned int n;
};

/** An argument of the form key=value, which may be left out. */
struct setting {
	const char *key;
	enum setting_kind kind;
	void *value;
	uint64_t min; /**< numbers, bytes, and each of a list */
	uint64_t max;
	bool *given;  /**< NULL, or set if it is there */
};

/** Takes all words that are left as settings. */
int take_settings(struct words *w, const struct setting *settings, unsigned int n);

#endif /* _PARSE_H_ */
