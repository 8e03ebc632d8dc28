/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "listen.h"
#include "log.h"

#define LISTEN_REST_NS UINT64_C(100000000)

static uint64_t
listen_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void
softep_listen_said(struct softep_listen *listen, int error)
{
	switch (error) {
	case 0:
		listen->told = false;
		break;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		listen->until = listen_now() + LISTEN_REST_NS;
		if (!listen->told)
			softep_complain("no connection can be accepted: %s: expected a descriptor "
					"and memory for it; trying again every %d ms",
					strerror(error), (int)(LISTEN_REST_NS / 1000000));
		listen->told = true;
		break;
	default:
		/* Of that connection alone. */
		break;
	}
}

uint64_t
softep_listen_wait(const struct softep_listen *listen)
{
	uint64_t now;

	if (listen->until == 0)
		return 0;
	now = listen_now();
	return listen->until > now ? listen->until - now : 0;
}
