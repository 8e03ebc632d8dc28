/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_ENV_H_
#define _SOFTEP_NTB_ENV_H_

/*
 * The endpoint NTB function. Offsets are those of the specification, written out once more.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../softep/ntb_bridge.c"
#include "../softep/ntb_ctrl.c"
#include "../softep/ntb_shape.c"
#include "../softep/ntb_vntb.c"
#include "../softep/ntb_window.c"
#include "../softep/ntb_work.c"

#define MW_BYTES 0x20000u

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define COMMAND 0x00
#define ARGUMENT 0x04
#define CMD_STATUS 0x08
#define LINK_STATUS 0x0a
#define TOPOLOGY 0x0c
#define ADDR 0x10
#define SIZE 0x18
#define MW_COUNT 0x20
#define MW1_OFFSET 0x24
#define SPAD_OFFSET 0x28
#define SPAD_COUNT 0x2c
#define DB_ENTRY_SIZE 0x30
#define DB_DATA(n) (0x34 + 4 * (n))
#define DB_OFFSET(n) (0xb4 + 4 * (n))

static struct ntb_shape
env_shape(unsigned int map, unsigned int mws)
{
	struct ntb_shape shape = {
		.map = &ntb_bar_maps[map],
		.spad_offset = 0x134,
		.spad_cnt = 16,
		.db_cnt = 8,
		.mw_cnt = mws,
	};
	unsigned int i;

	for (i = 0; i < mws; i++)
		shape.mw_bytes[i] = (uint64_t)MW_BYTES << i;
	return shape;
}

#define RENESAS 0
#define NXP 1
#define TI 2

#endif /* _SOFTEP_NTB_ENV_H_ */
