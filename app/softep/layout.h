/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_LAYOUT_H_
#define _SOFTEP_LAYOUT_H_

/**
 * @file
 * Who the board's PCI functions are: identity, and what lies in which region of each port.
 */

struct softep;

/** Fills regions and configuration space of all ports; the board's memories exist. */
void softep_layout_init(struct softep *board);

#endif /* _SOFTEP_LAYOUT_H_ */
