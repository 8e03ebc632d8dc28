/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_ACCOUNT_H_
#define _SOFTEP_ACCOUNT_H_

/**
 * @file
 * What crosses the link, told to the virtual clock.
 */

#include "board.h"

/** An access of a client by message. */
void softep_account_read(struct softep_device *dev, unsigned int index, uint64_t offset,
			 uint32_t count);
void softep_account_write(struct softep_device *dev, unsigned int index, uint64_t offset,
			  uint32_t count);

/** What the engine has moved in an element. It may be in no count before the next settlement. */
void softep_account_element(struct softep *board, const struct edma_element *elem);
/** To be called before anybody looks at the clock. */
void softep_account_settle(struct softep *board);

#endif /* _SOFTEP_ACCOUNT_H_ */
