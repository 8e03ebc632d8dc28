/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "parse.h"

/** A number at the start of @p text; NULL if there is none. */
static const char *
number_end(const char *text, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	size_t len = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
	char *end;

	/* strtoull() alone would take signs, blanks and a second 0x. */
	if (len == 0)
		return NULL;
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	return errno == 0 && end == digits + len ? end : NULL;
}

bool
parse_u64(const char *text, uint64_t *value)
{
	const char *end = number_end(text, value);

	return end != NULL && *end == '\0';
}

bool
parse_bytes(const char *text, uint64_t *bytes)
{
	const char *end = number_end(text, bytes);
	unsigned int shift = 0;

	if (end == NULL)
		return false;
	switch (*end) {
	case 'k':
	case 'K':
		shift = 10;
		break;
	case 'm':
	case 'M':
		shift = 20;
		break;
	case 'g':
	case 'G':
		shift = 30;
		break;
	}
	if (end[shift != 0] != '\0' || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

bool
parse_seconds(const char *text, double *seconds)
{
	size_t whole = strspn(text, "0123456789");
	const char *end = text + whole;

	/* Not strtod(): it takes signs, exponents and names, and asks the locale. */
	if (whole == 0 || whole > 5)
		return false;
	*seconds = (double)strtoul(text, NULL, 10);
	if (*end == '.') {
		double unit = 0.1;

		if (*++end == '\0')
			return false;
		for (; *end >= '0' && *end <= '9'; end++, unit /= 10)
			*seconds += (*end - '0') * unit;
	}
	return *end == '\0' && *seconds <= PARSE_MAX_SECONDS;
}

int
parse_bad(const char *name, const char *value, const char *expected)
{
	complain("argument %s: \"%s\": expected %s", name, value, expected);
	return EXIT_USAGE;
}

static const char *
next(struct words *w)
{
	if (w->left == 0)
		return NULL;
	w->left--;
	return *w->word++;
}

static int
bad_number(const char *name, const char *value, uint64_t min, uint64_t max)
{
	char expected[80];

	/* What the words are about decides how a range reads best. */
	if (max > UINT32_MAX / 2)
		snprintf(expected, sizeof(expected), "a number, 0x%" PRIx64 " to 0x%" PRIx64, min,
			 max);
	else
		snprintf(expected, sizeof(expected), "a number, %" PRIu64 " to %" PRIu64, min, max);
	return parse_bad(name, value, expected);
}

int
take_u64(struct words *w, const char *name, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *text = next(w);

	if (text == NULL || !parse_u64(text, value) || *value < min || *value > max)
		return bad_number(name, text != NULL ? text : "", min, max);
	return 0;
}

int
take_choice(struct words *w, const char *name, const char *const *choices, unsigned int *choice)
{
	const char *text = next(w);
	char expected[128] = "";
	unsigned int i;

	for (i = 0; choices[i] != NULL; i++) {
		size_t n = strlen(expected);

		if (text != NULL && strcmp(text, choices[i]) == 0) {
			*choice = i;
			return 0;
		}
		snprintf(expected + n, sizeof(expected) - n, "%s%s",
			 i == 0 ? "" : choices[i + 1] == NULL ? " or " : ", ", choices[i]);
	}
	return parse_bad(name, text != NULL ? text : "", expected);
}

static const char seconds_expected[] = "seconds, 0 to 86400, such as 2.5";

int
take_seconds(struct words *w, double *seconds)
{
	const char *text = next(w);

	if (text != NULL && !parse_seconds(text, seconds))
		return parse_bad("SECONDS", text, seconds_expected);
	return take_end(w);
}

int
take_end(struct words *w)
{
	return w->left == 0 ? 0 : parse_bad(*w->word, "", "no more arguments");
}

/** Numbers from min to max with commas between them. */
static bool
parse_list(const char *text, uint64_t min, uint64_t max, struct setting_list *list)
{
	list->n = 0;
	do {
		uint64_t *value = &list->value[list->n];

		if (list->n == SETTING_LIST_MAX)
			return false;
		text = number_end(text, value);
		if (text == NULL || *value < min || *value > max)
			return false;
		list->n++;
	} while (*text++ == ',');
	return text[-1] == '\0';
}

static int
set_list(const struct setting *s, const char *text)
{
	char expected[80];

	if (parse_list(text, s->min, s->max, s->value))
		return 0;
	snprintf(expected, sizeof(expected),
		 "up to %d numbers, %" PRIu64 " to %" PRIu64 ", with commas", SETTING_LIST_MAX,
		 s->min, s->max);
	return parse_bad(s->key, text, expected);
}

static int
set_flag(const struct setting *s, const char *text)
{
	bool *value = s->value;

	*value = strcmp(text, "yes") == 0;
	return *value || strcmp(text, "no") == 0 ? 0 : parse_bad(s->key, text, "yes or no");
}

static int
set(const struct setting *s, const char *text)
{
	int ret = 0;
	bool good;

	switch (s->kind) {
	case SETTING_NUMBER:
	case SETTING_BYTES: {
		uint64_t *value = s->value;

		good = s->kind == SETTING_BYTES ? parse_bytes(text, value) :
						  parse_u64(text, value);
		if (!good || *value < s->min || *value > s->max)
			return bad_number(s->key, text, s->min, s->max);
		break;
	}
	case SETTING_SECONDS: {
		double *value = s->value;

		if (!parse_seconds(text, value) || *value == 0)
			return parse_bad(s->key, text, seconds_expected);
		break;
	}
	case SETTING_TEXT:
		if (*text == '\0')
			return parse_bad(s->key, text, "a name");
		*(const char **)s->value = text;
		break;
	case SETTING_FLAG:
		ret = set_flag(s, text);
		break;
	case SETTING_LIST:
		ret = set_list(s, text);
		break;
	}
	if (ret == 0 && s->given != NULL)
		*s->given = true;
	return ret;
}

static int
bad_key(const char *word, const struct setting *settings, unsigned int n)
{
	char expected[128] = "";
	unsigned int i;

	for (i = 0; i < n; i++) {
		size_t len = strlen(expected);

		snprintf(expected + len, sizeof(expected) - len, "%s%s=",
			 i == 0 ? "" : i == n - 1 ? " or " : ", ", settings[i].key);
	}
	return parse_bad(word, "", expected);
}

int
take_settings(struct words *w, const struct setting *settings, unsigned int n)
{
	const char *word;
	int ret = 0;

	while (ret == 0 && (word = next(w)) != NULL) {
		size_t key = strcspn(word, "=");
		unsigned int i;

		for (i = 0; i < n; i++)
			if (word[key] == '=' && strlen(settings[i].key) == key &&
			    strncmp(word, settings[i].key, key) == 0)
				break;
		ret = i < n ? set(&settings[i], word + key + 1) : bad_key(word, settings, n);
	}
	return ret;
}
