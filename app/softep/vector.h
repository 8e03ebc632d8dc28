/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_VECTOR_H_
#define _SOFTEP_VECTOR_H_

/**
 * @file
 * The vector behind an interrupt write of the engine, where nobody shows us the table of MSI-X.
 *
 * QEMU keeps that table to itself, so that a guest's message, an address and a number of its
 * interrupt controller, does not tell which vector it is. Who programs the engine gives its
 * channels the messages of its vectors in their order, write channels first: Linux does. So the
 * vector is the place of the message among the different ones in the registers. With one vector
 * all are equal and it is vector 0.
 */

#include <stdint.h>

struct softep;

/** Returns -1 if no channel has this message. */
int softep_vector_find(const struct softep *board, uint64_t addr, uint32_t data);

#endif /* _SOFTEP_VECTOR_H_ */
