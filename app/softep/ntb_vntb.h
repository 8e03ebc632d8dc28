/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_NTB_VNTB_H_
#define _SOFTEP_NTB_VNTB_H_

/**
 * @file
 * The endpoint's kernel with the function pci-epf-vntb bound: what the host finds in its BARs, and
 * the device that the endpoint's own NTB client has.
 *
 *    host                              |                      endpoint
 *    control BAR: command, status <----+---- work every 5 or 500 ms ----> link events
 *                 scratchpads A, B <---+---> peer, own scratchpads
 *    doorbell BAR ---------------------+---- scan or interrupt ----> doorbell word
 *    vector b + 2 <--------------------+---- ring
 *    window BAR ---> translation ------+---> memory of the client
 *    memory <--- entry of CONFIGURE_MW +<--- outbound window
 *
 * No DPDK, no sockets, no clock: the caller says what time it is.
 */

#include "ntb_bus.h"
#include "ntb_ctrl.h"
#include "ntb_work.h"

struct vntb_conf {
	struct ntb_shape shape;
	unsigned int version; /**< of the endpoint's Linux: 6 or 7 */
	enum ntb_db_mode db_mode;
	uint8_t *ctrl;                  /**< ntb_shape_ctrl_bytes() */
	struct ntb_ctrl_words more;
	uint8_t *mw[NTB_EPF_MAX_MW];    /**< memory of the client: ntb_shape_mw_size() each */
	const struct ntb_bus *bus;
	void *bus_ctx;
};

struct vntb_counters {
	uint64_t reads;        /**< accesses of the host that wait for an answer */
	uint64_t writes;
	uint64_t commands;
	uint64_t bad_commands; /**< unknown, or with a window that does not exist */
	uint64_t link_events;
	uint64_t doorbells;    /**< events delivered to the client */
	uint64_t stray_db;     /**< writes to the doorbell BAR that are no doorbell */
	uint64_t early_mw;     /**< accesses to a window without translation, or behind it */
	uint64_t msis;
	uint64_t zero_msis;    /**< of these: no address was programmed */
	uint64_t out_errors;   /**< accesses of the endpoint's CPU that reached nothing */
	uint64_t cleanups;     /**< of the client after LINK_DOWN */
};

struct vntb {
	struct vntb_conf conf;
	struct ntb_switches sw;
	bool bound;
	struct ntb_ctrl ctrl;
	struct ntb_work work;
	uint32_t slots[NTB_SHAPE_DB_BYTES / sizeof(uint32_t)]; /**< of the polled doorbell BAR */
	uint64_t doorbells;       /**< word of the endpoint's client */
	unsigned int last_event;  /**< number of the latest doorbell event */
	uint64_t mw_trans[NTB_EPF_MAX_MW]; /**< bytes of the inbound translation; 0: none yet */
	struct ntb_windows windows;
	uint64_t cleanup_at;
	struct vntb_counters counters;
};

/** Binds the function. */
void vntb_init(struct vntb *vntb, const struct vntb_conf *conf, uint64_t now);

/** Endpoint reboot: what the host finds is lost, and there again after a bind. */
void vntb_unbind(struct vntb *vntb);
void vntb_bind(struct vntb *vntb, uint64_t now);

/** An access of the host, inside the BAR. */
void vntb_access(struct vntb *vntb, const struct ntb_access *access, uint64_t now);

/** When vntb_run() has something to do; NTB_NEVER: not before an access. */
uint64_t vntb_next(const struct vntb *vntb);
void vntb_run(struct vntb *vntb, uint64_t now);

/** The host left, or reset its function. */
void vntb_host_gone(struct vntb *vntb, uint64_t now);

/*
 * What the endpoint's client can do. Returns 0 or -EINVAL for numbers that the NTB core would not
 * let pass either.
 */

/** Own scratchpads are region B, the peer's are region A. */
int vntb_spad_get(const struct vntb *vntb, enum ntb_spad_region region, unsigned int index,
		  uint32_t *value);
int vntb_spad_set(struct vntb *vntb, enum ntb_spad_region region, unsigned int index,
		  uint32_t value);
/** Doorbell bits that the client knows. */
uint64_t vntb_db_valid_mask(const struct vntb *vntb);
void vntb_db_clear(struct vntb *vntb, uint64_t bits);
void vntb_ring(struct vntb *vntb, uint64_t bits);
/** Makes @p bytes of window @p mw lead to the client's memory; 0: forgets it, as a bind does. */
int vntb_translate(struct vntb *vntb, unsigned int mw, uint64_t bytes);
/** Access through the outbound window, to where the host's CONFIGURE_MW points. */
int vntb_outbound(struct vntb *vntb, unsigned int mw, uint64_t offset, void *data, uint64_t len,
		  bool write);
/** Access to the memory behind an inbound window. */
int vntb_memory(struct vntb *vntb, unsigned int mw, uint64_t offset, void *data, uint64_t len,
		bool write);

#endif /* _SOFTEP_NTB_VNTB_H_ */
