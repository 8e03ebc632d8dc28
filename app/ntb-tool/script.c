/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script.h"

/** Longest file of commands, and line of standard input, bytes. */
#define MAX_FILE (1 << 20)
#define MAX_LINE 4096

/** Between two looks at the link while no command comes, ms. */
#define IDLE_MS 1

static void
say_where(const char *file, unsigned int line)
{
	static char where[256];

	snprintf(where, sizeof(where), "%s:%u: ", file, line);
	complain_about(where);
}

static int
load_words(struct cmd *cmd, char *line, bool *empty)
{
	char *words[CMD_MAX_WORDS];
	int n = cmd_split(line, words);

	*empty = n == 0;
	if (n > 0)
		return cmd_parse(cmd, n, words);
	if (n == 0)
		return 0;
	complain("line: expected at most %d words", CMD_MAX_WORDS);
	return EXIT_USAGE;
}

/** Text of a file, with a 0 at the end, in @p text of MAX_FILE + 2 bytes. */
static int
read_text(FILE *f, const char *name, char *text)
{
	size_t n = fread(text, 1, MAX_FILE + 1, f);

	if (ferror(f) != 0) {
		complain("argument --file: \"%s\": cannot be read: %s", name, strerror(errno));
		return EXIT_USAGE;
	}
	if (n <= MAX_FILE && strlen(text) == n)
		return 0;
	return parse_bad("--file", name, "text of at most 1 MiB");
}

static int
read_file(struct script *s, const char *name)
{
	FILE *f;
	int ret;

	s->text = calloc(1, MAX_FILE + 2);
	if (s->text == NULL) {
		complain("no memory for commands");
		return EXIT_FAILURE;
	}
	f = fopen(name, "re");
	if (f == NULL) {
		complain("argument --file: \"%s\": cannot be read: %s", name, strerror(errno));
		return EXIT_USAGE;
	}
	ret = read_text(f, name, s->text);
	fclose(f);
	return ret;
}

static int
reserve(struct script *s, unsigned int n)
{
	s->cmds = calloc(n, sizeof(*s->cmds));
	s->lines = calloc(n, sizeof(*s->lines));
	if (s->cmds != NULL && s->lines != NULL)
		return 0;
	complain("no memory for %u commands", n);
	return EXIT_FAILURE;
}

static unsigned int
count_lines(const char *text)
{
	unsigned int n = 1;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static int
load_file(struct script *s, const char *file)
{
	unsigned int line;
	char *next;
	bool empty;
	int ret;

	s->file = file;
	ret = read_file(s, file);
	if (ret == 0)
		ret = reserve(s, count_lines(s->text));
	next = s->text;
	for (line = 1; ret == 0 && next != NULL; line++) {
		char *text = strsep(&next, "\n");

		say_where(file, line);
		ret = load_words(&s->cmds[s->nb_cmds], text, &empty);
		s->lines[s->nb_cmds] = line;
		s->nb_cmds += !empty;
	}
	complain_about("");
	return ret;
}

int
script_load(struct script *s, const struct args *args)
{
	int ret;

	memset(s, 0, sizeof(*s));
	s->from_stdin = args->file != NULL && strcmp(args->file, "-") == 0;
	if (s->from_stdin)
		return 0;
	if (args->file != NULL)
		return load_file(s, args->file);
	ret = reserve(s, 1);
	if (ret == 0)
		ret = cmd_parse(&s->cmds[0], args->cmd_argc, args->cmd_argv);
	s->nb_cmds = 1;
	return ret;
}

void
script_free(struct script *s)
{
	free(s->cmds);
	free(s->lines);
	free(s->text);
}

/** Lines of standard input, as they come. */
struct input {
	char text[MAX_LINE + 1];
	size_t len;
	size_t used; /**< of the line handed out last */
	bool end;
};

/** A line that is whole, as a string; NULL if there is none. */
static char *
whole_line(struct input *in)
{
	char *newline;

	memmove(in->text, in->text + in->used, in->len - in->used);
	in->len -= in->used;
	in->used = 0;
	newline = memchr(in->text, '\n', in->len);
	if (newline == NULL && !(in->end && in->len > 0))
		return NULL;
	if (newline == NULL)
		newline = in->text + in->len++;
	*newline = '\0';
	in->used = (size_t)(newline - in->text) + 1;
	return in->text;
}

/** The next line, while the link is looked after. NULL: the end, or a signal. */
static char *
next_line(struct input *in, struct tool *tool)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	char *line;
	ssize_t n;

	while ((line = whole_line(in)) == NULL && !in->end && tool_stopped == 0) {
		device_link_is_up(&tool->dev);
		if (in->len == MAX_LINE) {
			complain("line: expected less than %d characters", MAX_LINE);
			return NULL;
		}
		if (poll(&fd, 1, IDLE_MS) != 1)
			continue;
		n = read(STDIN_FILENO, in->text + in->len, MAX_LINE - in->len);
		in->end = n == 0 || (n < 0 && errno != EINTR);
		in->len += n > 0 ? (size_t)n : 0;
	}
	return line;
}

static int
run_line(struct tool *tool, char *line)
{
	struct cmd cmd;
	bool empty;
	int ret = load_words(&cmd, line, &empty);

	return ret != 0 || empty ? ret : cmd.def->run(tool, &cmd);
}

static int
run_stdin(struct tool *tool)
{
	bool person = isatty(STDIN_FILENO) != 0;
	struct input in = { .len = 0 };
	unsigned int n = 0;
	char *line;
	int ret = 0;

	/* Who types sees what is wrong and goes on; a script ends at its first failure. */
	while (!tool->quit && (ret == 0 || person)) {
		line = next_line(&in, tool);
		if (line == NULL)
			break;
		say_where("stdin", ++n);
		ret = run_line(tool, line);
		complain_about("");
	}
	if (ret == 0 && in.len == MAX_LINE && in.used == 0)
		ret = EXIT_USAGE;
	return person ? 0 : ret;
}

int
script_run(struct script *s, struct tool *tool)
{
	unsigned int i;
	int ret = 0;

	if (s->from_stdin)
		return run_stdin(tool);
	for (i = 0; i < s->nb_cmds && ret == 0 && !tool->quit && tool_stopped == 0; i++) {
		if (s->file != NULL)
			say_where(s->file, s->lines[i]);
		ret = s->cmds[i].def->run(tool, &s->cmds[i]);
	}
	complain_about("");
	return ret == 0 && i < s->nb_cmds && !tool->quit ? EXIT_FAILURE : ret;
}
