/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * memcpy-rate SOURCE_FD TARGET_FD BYTES COUNT SECONDS
 *
 * How fast one core copies COUNT pieces of BYTES, one behind the other, from one file to the other,
 * again and again for SECONDS of CPU time. Prints pieces per second. See devtools/bench_softep.py.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static double
cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/** Keeps the compiler from copying less often than it is told to. */
static void
lap(uint8_t *dst, const uint8_t *src, size_t bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(dst + i * bytes, src + i * bytes, bytes);
		__asm__ volatile("" : : "r"(dst) : "memory");
	}
}

int
main(int argc, char **argv)
{
	const size_t bytes = argc == 6 ? strtoul(argv[3], NULL, 0) : 0;
	const size_t count = argc == 6 ? strtoul(argv[4], NULL, 0) : 0;
	double begin, end, until;
	uint64_t laps = 0;
	uint8_t *src, *dst;

	if (bytes == 0 || count == 0 || count > SIZE_MAX / bytes) {
		fprintf(stderr, "usage: memcpy-rate SOURCE_FD TARGET_FD BYTES COUNT SECONDS\n");
		return 2;
	}
	src = mmap(NULL, bytes * count, PROT_READ, MAP_SHARED, atoi(argv[1]), 0);
	dst = mmap(NULL, bytes * count, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[2]), 0);
	if (src == MAP_FAILED || dst == MAP_FAILED) {
		perror("memcpy-rate: mmap");
		return 1;
	}
	/* Page faults are not what is measured. */
	lap(dst, src, bytes, count);
	begin = cpu_time();
	until = begin + atof(argv[5]);
	do {
		lap(dst, src, bytes, count);
		laps++;
		end = cpu_time();
	} while (end < until);
	printf("%.0f\n", (double)(laps * count) / (end - begin));
	return 0;
}
