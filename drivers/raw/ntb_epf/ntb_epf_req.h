/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_REQ_H_
#define _NTB_EPF_REQ_H_

/**
 * @file
 * Requests of copies: how a side without an engine has the other side's engine copy for it.
 *
 * The requester writes requests into the executor's window, the executor writes one completion for
 * each into the requester's, both at NTB_EPF_REQ_OFFSET, which has room for either role:
 *
 *     +0       requests RC->EP       256 * 24 bytes
 *     +0x1800  requests EP->RC       256 * 24 bytes
 *     +0x3000  completions RC->EP    256 * 8 bytes
 *     +0x3800  completions EP->RC    256 * 8 bytes
 *
 * Words are those of packet entries: the lap's phase and tag are in each of them. Rings begin anew
 * with each link. A requester has 256 requests per direction under way at the most.
 */

#include <assert.h>
#include <stdint.h>

#include "ntb_epf_ring.h"

#define NTB_EPF_REQ_RING 256

/**
 * Words 0 and 1: source and destination, each as word 0 of a submission. Word 2: length, id and
 * flags, as word 1 of a submission. Addresses are what an engine of the executor dereferences.
 */
#define NTB_EPF_REQ_WORDS 3
#define NTB_EPF_REQ_ENTRY_BYTES (NTB_EPF_REQ_WORDS * 8)
#define NTB_EPF_REQ_DONE_BYTES 8

/** Flag of a request: not before all requests ahead of it have ended. */
#define NTB_EPF_REQ_FENCE 0x01

/** Bytes from NTB_EPF_REQ_OFFSET; direction: enum ntb_epf_dir. */
#define NTB_EPF_REQ_RING_AT(dir) ((uint64_t)(dir) * NTB_EPF_REQ_RING * NTB_EPF_REQ_ENTRY_BYTES)
#define NTB_EPF_REQ_DONE_AT(dir) \
	(NTB_EPF_REQ_RING_AT(2) + (uint64_t)(dir) * NTB_EPF_REQ_RING * NTB_EPF_REQ_DONE_BYTES)
static_assert(NTB_EPF_REQ_DONE_AT(2) == NTB_EPF_REQ_BYTES, "requests and completions fill the area");

/** Completion: length (0 unless all was copied) and id as in packets' ones; the flags are: */
enum ntb_epf_req_status {
	NTB_EPF_REQ_OK = 0,
	NTB_EPF_REQ_INVALID_ADDR = 1,   /**< not in memory that the executor has exported */
	NTB_EPF_REQ_INVALID_LENGTH = 2, /**< 0 */
	NTB_EPF_REQ_NOT_ATTEMPTED = 3,  /**< behind a failure, fenced */
	NTB_EPF_REQ_READ_ERROR = 4,
	NTB_EPF_REQ_WRITE_ERROR = 5,
	NTB_EPF_REQ_BUS_ERROR = 6,
	NTB_EPF_REQ_FAILED = 7,         /**< otherwise */
	NTB_EPF_REQ_LINK_LOST = 255,    /**< never in a completion: what a requester makes of none */
};

#endif /* _NTB_EPF_REQ_H_ */
