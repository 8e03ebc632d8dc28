/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

#include "guard.h"

/** Where to go on a fault; NULL: nobody expects one. Calls nest: each keeps its caller's. */
static sigjmp_buf *volatile guard_env;
static void *volatile guard_fault;

static void
guard_sigbus(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (guard_env == NULL) {
		/* Not a client's doing: the access is repeated and ends the process. */
		signal(sig, SIG_DFL);
		return;
	}
	guard_fault = info->si_addr;
	siglongjmp(*guard_env, 1);
}

int
softep_guard_init(void)
{
	/*
	 * SA_NODEFER: the handler is left by a jump that restores no signal mask, which saves a
	 * system call per guarded call.
	 */
	struct sigaction act = {
		.sa_sigaction = guard_sigbus,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	sigemptyset(&act.sa_mask);
	return sigaction(SIGBUS, &act, NULL) == 0 ? 0 : -errno;
}

void *
softep_guard_run(void (*fn)(void *arg), void *arg)
{
	sigjmp_buf *const outer = guard_env;
	sigjmp_buf env;

	if (sigsetjmp(env, 0) != 0) {
		guard_env = outer;
		return guard_fault;
	}
	guard_env = &env;
	fn(arg);
	guard_env = outer;
	return NULL;
}
