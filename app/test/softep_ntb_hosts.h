/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_HOSTS_H_
#define _SOFTEP_NTB_HOSTS_H_

/*
 * Hosts for the models of the endpoint's kernel: memory of 64 KiB each at address HOST_MEM,
 * interrupts that are counted, and a clock that the test turns.
 */

#include "softep_ntb_env.h"

#define CONFIGURE_DOORBELL 1
#define TEARDOWN_DOORBELL 2
#define CONFIGURE_MW 3
#define TEARDOWN_MW 4
#define LINK_UP 5
#define LINK_DOWN 6

#define OK 1
#define FAILED 2

#define MS UINT64_C(1000000)
#define HOST_MEM UINT64_C(0x100000)
#define HOST_BYTES 0x10000u

static uint8_t host_mem[2][HOST_BYTES];
static uint32_t sink;              /* what was written to address 0 */
static unsigned int raised[2][64];
static bool no_msi;                /* the hosts have programmed none */
static unsigned int complaints;
static char last_complaint[256];
static uint64_t now;

static uint64_t
env_copy(void *ctx, unsigned int host, uint64_t addr, void *data, uint64_t len, bool write)
{
	uint64_t offset = addr - HOST_MEM;
	uint64_t good = 0;

	(void)ctx;
	if (addr == 0 && write && len == 4) {
		memcpy(&sink, data, 4);
		return 0;
	}
	if (addr >= HOST_MEM && offset < HOST_BYTES)
		good = len < HOST_BYTES - offset ? len : HOST_BYTES - offset;
	if (write) {
		memcpy(host_mem[host] + offset, data, good);
	} else {
		if (good > 0)
			memcpy(data, host_mem[host] + offset, good);
		memset((uint8_t *)data + good, 0xff, len - good);
	}
	return good < len ? 1 : 0;
}

static bool
env_raise(void *ctx, unsigned int host, unsigned int vector)
{
	(void)ctx;
	assert_true(vector < ARRAY_SIZE(raised[0]));
	if (no_msi)
		return false;
	raised[host][vector]++;
	return true;
}

static void
env_complain(void *ctx, const char *line)
{
	(void)ctx;
	complaints++;
	snprintf(last_complaint, sizeof(last_complaint), "%s", line);
}

static const struct ntb_bus env_bus = {
	.copy = env_copy,
	.raise = env_raise,
	.complain = env_complain,
};

static void
env_clear(void)
{
	memset(host_mem, 0, sizeof(host_mem));
	memset(raised, 0, sizeof(raised));
	sink = 0;
	no_msi = false;
	complaints = 0;
	last_complaint[0] = '\0';
	now = 1000 * MS;
}

/** Interrupts of a host since the last call. */
static unsigned int
env_interrupts(unsigned int host)
{
	unsigned int sum = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(raised[host]); i++)
		sum += raised[host][i];
	memset(raised[host], 0, sizeof(raised[host]));
	return sum;
}

#endif /* _SOFTEP_NTB_HOSTS_H_ */
