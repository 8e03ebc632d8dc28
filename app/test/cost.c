/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>

#include <rte_common.h>
#include <rte_eal.h>

#include "cost.h"

int
cost_eal_init(const char *program)
{
	char *argv[] = {
		(char *)(uintptr_t)program, (char[]){ "--no-huge" }, (char[]){ "-m" },
		(char[]){ "256" }, (char[]){ "--no-pci" }, (char[]){ "--iova-mode=va" },
		(char[]){ "--no-telemetry" }, (char[]){ "--no-shconf" }, (char[]){ "-l" },
		(char[]){ "0" }, (char[]){ "--log-level=*:error" },
		(char[]){ "--single-file-segments" }, NULL,
	};

	return rte_eal_init(RTE_DIM(argv) - 1, argv);
}

unsigned int
cost_numbers(const char *text, unsigned int *numbers, unsigned int max)
{
	unsigned int n = 0;
	char *end;

	for (;;) {
		unsigned long number = strtoul(text, &end, 10);

		if (end == text || number == 0 || number > UINT16_MAX || n == max)
			return 0;
		numbers[n++] = (unsigned int)number;
		if (*end == '\0')
			return n;
		if (*end != ',')
			return 0;
		text = end + 1;
	}
}
