/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dpdk-softep: the board. One thread and one poll: it sleeps while nobody asks for anything and the
 * engine has no work; while the engine works, messages are looked for between batches of steps.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "board.h"
#include "control.h"
#include "engine.h"
#include "guard.h"
#include "inject.h"
#include "log.h"
#include "options.h"
#include "port.h"
#include "reboot.h"
#include "signal_fd.h"
#include "switches.h"

#define EXIT_USAGE 2

static volatile sig_atomic_t main_stop;

static void
main_signal(int sig)
{
	(void)sig;
	main_stop = 1;
}

/** Signals that end us are blocked but in the poll, so that none is missed before it. */
static void
main_init_signals(sigset_t *during_poll)
{
	const struct sigaction stop = { .sa_handler = main_signal };
	const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t block;
	unsigned int i;

	sigemptyset(&block);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], &stop, NULL);
		sigaddset(&block, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &block, during_poll);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigdelset(during_poll, ends[i]);
	signal(SIGPIPE, SIG_IGN);
	/* A trace that is too long is an error, not our end. */
	signal(SIGXFSZ, SIG_IGN);
	/* A wait for the pace of the link is a matter of microseconds. */
	prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul);
}

/** Each file that clients map costs a descriptor. */
static void
main_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
dir_complain(const char *dir, const char *expected)
{
	softep_complain("argument --dir: \"%s\": expected %s", dir, expected);
}

/**
 * Makes sure of the directory and locks it: whatever sockets are in there are nobody's then.
 *
 * @return Descriptor that holds the lock, or a negative errno, told.
 */
static int
dir_open(const char *dir, bool *created)
{
	struct sockaddr_un addr;
	int fd;

	if (strlen(dir) + sizeof("/" SOFTEP_SOCKET_CONTROL) > sizeof(addr.sun_path)) {
		dir_complain(dir, "a path short enough for sockets in it: 94 characters");
		return -ENAMETOOLONG;
	}
	*created = mkdir(dir, S_IRWXU) == 0;
	if (!*created && errno != EEXIST) {
		softep_complain("argument --dir: \"%s\": cannot be created: %s", dir,
				strerror(errno));
		return -errno;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		dir_complain(dir, errno == ELOOP || errno == ENOTDIR ?
			     "a directory, not a link or a file" :
			     "a directory that can be opened");
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		dir_complain(dir, "a directory that no other dpdk-softep serves");
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static void
dir_close(int fd, const char *dir, bool created)
{
	/* Ours goes if nobody put anything in. */
	if (created && rmdir(dir) != 0 && errno != ENOTEMPTY)
		softep_complain("cannot remove %s: %s", dir, strerror(errno));
	close(fd);
}

/** Applies the switches of the command line. */
static int
main_set_switches(struct softep *board, const struct softep_options *opt)
{
	const char *expected;
	const char *value;
	unsigned int i;
	char name[32];

	for (i = 0; i < opt->set_cnt; i++) {
		value = strchr(opt->sets[i], '=') + 1;
		snprintf(name, sizeof(name), "%.*s", (int)(value - 1 - opt->sets[i]),
			 opt->sets[i]);
		if (softep_switch_set(board, name, value, &expected) != 0) {
			softep_complain("argument --set: \"%s\": expected %s", opt->sets[i],
					expected);
			return -EINVAL;
		}
	}
	return 0;
}

/** Injects the errors of the command line. */
static int
main_inject(struct softep *board, const struct softep_options *opt)
{
	struct softep_inject_error error;
	char *words[SOFTEP_INJECT_WORDS];
	char none[] = "";
	char *word, *rest;
	unsigned int i, n;

	for (i = 0; i < opt->inject_cnt; i++) {
		rest = opt->injects[i];
		for (n = 0; n + 1 < SOFTEP_INJECT_WORDS; n++) {
			word = strtok_r(rest, " ", &rest);
			words[n] = word != NULL ? word : none;
		}
		/* All that is left, so that a word too many makes it one that does not exist. */
		words[n] = rest + strspn(rest, " ");
		if (softep_inject(board, words, &error) != 0) {
			softep_complain("argument --inject: %s \"%s\": expected %s", error.what,
					error.value, error.expected);
			return -EINVAL;
		}
	}
	return 0;
}

static int
main_trace(struct softep *board, const struct softep_options *opt)
{
	int ret;

	if (opt->trace == NULL)
		return 0;
	ret = softep_trace_open(board, opt->trace);
	if (ret != 0)
		softep_complain("argument --trace: \"%s\": expected a file that can be written: %s",
				opt->trace, strerror(-ret));
	return ret;
}

static uint64_t
main_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/**
 * Time until somebody needs us, in ns: the engine at once while it has work, unless it is ahead of
 * its time, the endpoint's kernel when it says so.
 */
static uint64_t
main_idle_ns(struct softep *board)
{
	uint64_t wait = softep_ntb_wait(board);

	wait = main_earlier(wait, softep_reboot_wait(board));
	if (softep_listen_wait(&board->listen) != 0)
		wait = main_earlier(wait, softep_listen_wait(&board->listen));
	if (!softep_engine_busy(board)) {
		softep_trace_flush(board);
		return wait;
	}
	return main_earlier(wait, softep_clock_ahead(&board->clock));
}

/** How long nobody needs us; NULL: until something comes. */
static const struct timespec *
main_wait(struct softep *board, struct timespec *wait)
{
	const uint64_t ns = main_idle_ns(board);

	if (ns == NTB_NEVER)
		return NULL;
	*wait = (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	return wait;
}

static void
main_loop(struct softep *board, struct softep_control *control, const sigset_t *during_poll)
{
	struct pollfd fds[2 * SOFTEP_ALL_PORTS + SOFTEP_CONTROL_FDS];
	struct pollfd *control_fds = &fds[2 * SOFTEP_ALL_PORTS];
	const unsigned int nfds = sizeof(fds) / sizeof(fds[0]);
	struct timespec wait;
	unsigned int i;
	bool accepting, quiet;

	while (main_stop == 0) {
		accepting = softep_listen_wait(&board->listen) == 0;
		for (i = 0; i < SOFTEP_ALL_PORTS; i++)
			softep_port_fds(&board->ports[i], accepting, &fds[2 * i]);
		softep_control_fds(control, accepting, control_fds);
		quiet = ppoll(fds, nfds, main_wait(board, &wait), during_poll) <= 0;
		if (!quiet) {
			for (i = 0; i < SOFTEP_ALL_PORTS; i++) {
				if ((fds[2 * i].revents | fds[2 * i + 1].revents) != 0)
					softep_port_poll(&board->ports[i], fds[2 * i].revents != 0);
			}
			softep_control_poll(control, control_fds);
		}
		softep_reboot_run(board);
		softep_ntb_run(board);
		softep_engine_run(board, quiet);
		softep_board_track(board);
	}
}

static int
main_serve(const struct softep_options *opt, const sigset_t *during_poll)
{
	static struct softep_control control;
	static struct softep board;
	int ret;

	ret = softep_board_init(&board, opt);
	if (ret != 0) {
		softep_complain("cannot create the board: %s", strerror(-ret));
		return EXIT_FAILURE;
	}
	ret = main_set_switches(&board, opt);
	if (ret == 0)
		ret = main_inject(&board, opt);
	if (ret == 0)
		ret = main_trace(&board, opt);
	if (ret != 0) {
		softep_board_fini(&board);
		return EXIT_USAGE;
	}
	ret = softep_ports_open(&board);
	if (ret == 0)
		ret = softep_control_open(&control, &board);
	if (ret == 0) {
		main_loop(&board, &control, during_poll);
		softep_control_close(&control);
	}
	softep_ports_close(&board);
	softep_board_fini(&board);
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct softep_options opt;
	sigset_t during_poll;
	bool created;
	int lock;
	int ret;

	if (softep_options_parse(&opt, argc, argv) != 0)
		return EXIT_USAGE;
	if (opt.done)
		return EXIT_SUCCESS;
	if (opt.send != NULL)
		return softep_control_send(opt.dir, opt.send);
	main_init_signals(&during_poll);
	main_raise_limits();
	lock = dir_open(opt.dir, &created);
	if (lock < 0)
		return EXIT_USAGE;
	ret = softep_guard_init() == 0 && softep_signal_init() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (ret == EXIT_SUCCESS)
		ret = main_serve(&opt, &during_poll);
	dir_close(lock, opt.dir, created);
	return ret;
}
