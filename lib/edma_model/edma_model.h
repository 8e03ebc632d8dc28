/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _EDMA_MODEL_H_
#define _EDMA_MODEL_H_

/**
 * @file
 * A DesignWare eDMA or HDMA engine at register level.
 *
 * The model follows the public register descriptions, not a driver: it is written from what
 * hardware does and knows nothing of who programs it. It has no thread and no clock: register
 * writes change its state, and each call of edma_model_step() does one bounded piece of work of one
 * channel, so that an owner decides when the engine runs and tests see every intermediate state.
 *
 * Not thread safe: one thread owns a model. Only the register image may be read by others.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dw_edma_hw.h"

/** The two sides of the engine: memory of its own SoC, and whatever lies across the link. */
enum edma_space {
	EDMA_SPACE_LOCAL,
	EDMA_SPACE_PCIE,
};

enum edma_dir {
	EDMA_DIR_WR, /**< write channels: local to PCIe */
	EDMA_DIR_RD, /**< read channels: PCIe to local */
};

/** Kinds of error that can be injected into a channel. */
enum edma_fault {
	EDMA_FAULT_NONE,
	EDMA_FAULT_LOCAL,    /**< error response of local memory to the data access: fatal */
	EDMA_FAULT_LL_FETCH, /**< error response while fetching an element: fatal */
	EDMA_FAULT_UR,       /**< Unsupported Request, read channels */
	EDMA_FAULT_CA,       /**< Completer Abort, read channels */
	EDMA_FAULT_TIMEOUT,  /**< completion time-out, read channels */
	EDMA_FAULT_POISON,   /**< poisoned completion, read channels: treated as fatal by drivers */
};

/** How an element ended. */
enum edma_end {
	EDMA_END_NOT_YET, /**< a part of a long one has been moved */
	EDMA_END_DONE,
	EDMA_END_ABORTED,
	EDMA_END_STOPPED, /**< by request, by a soft reset, or for want of power */
};

/** An element of a list, or a block. */
struct edma_element {
	enum edma_dir dir;
	unsigned int ch;
	unsigned int fn;  /**< of its requests on the link */
	uint64_t at;      /**< address of a list element; 0: a block */
	uint32_t control; /**< element bits, and CCS and LLE of the channel, as in CONTROL1 */
	uint32_t size;
	uint32_t moved;   /**< bytes, in order from the start; without no_data */
	uint32_t told;    /**< the same, when this element was told of last */
	uint64_t sar;     /**< of a link: its target */
	uint64_t dar;
	enum edma_end end;
	enum edma_fault fault; /**< of one that was aborted */
};

/** What the engine is wired to. All run inside steps of the model and must not call back. */
struct edma_bus {
	/**
	 * Resolves an address of one side.
	 *
	 * @param fn
	 *   Function number (requester id) of the channel, up to 31 (native HDMA: up to 255);
	 *   meaningful for EDMA_SPACE_PCIE.
	 * @param len
	 *   In: bytes wanted, at least 1, or more if the answer is kept. Out: bytes that can be
	 *   accessed from @p addr on in one piece, 1 to the value passed in; a transfer over a
	 *   border is resolved again behind it.
	 * @param write
	 *   True if the engine is going to store there.
	 * @return
	 *   Pointer valid until the call into the model returns, or NULL: the access is an abort.
	 */
	void *(*map)(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr,
		     uint64_t *len, bool write);
	/**
	 * A remote interrupt write of the engine, after the data it reports is visible.
	 * Optional: without it the model stores @p data (32 bits) through map().
	 */
	void (*imwr)(void *ctx, unsigned int fn, uint64_t addr, uint32_t data);
	/**
	 * Optional: the engine is done with an element, a block or a link, one way or another, or
	 * with a step of a long one.
	 */
	void (*element)(void *ctx, const struct edma_element *elem);
};

/** Kinds of violations of the programming rules; each has a name and a counter. */
enum edma_violation {
	EDMA_VIOLATION_RUNNING_WRITE,      /**< channel register written while it runs */
	EDMA_VIOLATION_DISABLED_WRITE,     /**< the same, in soft reset or without power */
	EDMA_VIOLATION_DOORBELL_ABSENT,    /**< of a channel that does not exist */
	EDMA_VIOLATION_DOORBELL_DISABLED,  /**< in soft reset: lost */
	EDMA_VIOLATION_DOORBELL_UNPOWERED, /**< HDMA compatible: lost */
	EDMA_VIOLATION_DOORBELL_UNRESET,   /**< after a stop or a fatal abort: lost */
	EDMA_VIOLATION_STOP_IDLE,          /**< stop of a channel that does not run */
	EDMA_VIOLATION_DISABLE_RUNNING,    /**< soft reset under a running channel */
	EDMA_VIOLATION_ENABLE_EARLY,       /**< enabled before the soft reset was over */
	EDMA_VIOLATION_POWER_LOST,         /**< HDMA compatible: off while running */
	EDMA_VIOLATION_INT_STATUS_WRITE,
	EDMA_VIOLATION_SIZE_ZERO,
	EDMA_VIOLATION_RIE_WITHOUT_LIE,
	EDMA_VIOLATION_IMWR_UNSET,         /**< interrupt write to address 0 */
	EDMA_VIOLATION_BAD_CYCLE,          /**< toggling link with the cycle bit of its lap */
	EDMA_VIOLATION_RESERVED_BITS,      /**< in an element's control word */
	EDMA_VIOLATION_UNALIGNED_LIST,     /**< element at an address that is no multiple of 4 */
	EDMA_VIOLATION_STALE_LIST,         /**< element executed as it was before the doorbell */
	EDMA_VIOLATION_CTRL_FIRST,         /**< control word written before the rest of its slot */
	/* What only the owner of the model can see: how wide an access is, and whose. */
	EDMA_VIOLATION_ACCESS_WIDTH,       /**< register access of anything but 4 aligned bytes */
	EDMA_VIOLATION_FOREIGN_DOORBELL,   /**< of a channel of the other side: start or stop */
	EDMA_VIOLATION_FOREIGN_RESET,      /**< soft reset of its direction */
	EDMA_VIOLATION_FOREIGN_CLEAR,      /**< status bits */
	EDMA_VIOLATION_FOREIGN_ENABLE,     /**< bits of interrupt mask or abort enables */
	EDMA_VIOLATIONS,
};

/** Behaviour that may be changed while the model exists. All zero is a well-behaved engine. */
struct edma_switches {
	/** Elements complete, but no byte moves: proof that nothing else moves payload. */
	bool no_data;
	/** Steps that a channel waits between its doorbell and its first fetch. */
	unsigned int doorbell_delay;
	/** Steps that a channel waits between elements. */
	unsigned int element_delay;
	/**
	 * Steps by which a channel follows a link later than it has fetched it. The reports of the
	 * elements before are out by then: so much earlier than the stop does the last one come.
	 */
	unsigned int link_delay;
	/** Steps by which a channel stops later than it has seen an element that is not valid. */
	unsigned int stop_delay;
	/** A doorbell that arrives between that sight and the stop is lost. */
	bool lose_doorbell;
	/** LLP shows the element after the one in progress from its fetch on. */
	bool llp_at_fetch;
	/**
	 * Steps of a channel after its doorbell in which it sees list memory as it was when it
	 * last looked, at places where it never looked nothing that is valid: the doorbell has
	 * overtaken the stores before it. Another doorbell in this time does not prolong it.
	 * Memory that is gone, and elements that were seen before, are as they are.
	 */
	unsigned int late_list;
	/**
	 * Steps between the sight of an element's control word and the execution of the element.
	 * If the rest of the slot has changed by then and the control word has not, that is a
	 * violation, and the old words are executed: the control word was not written last. A
	 * channel that is about to stop looks at the control word as well.
	 */
	unsigned int torn_list;
	/**
	 * A toggling link with the cycle bit of its lap, instead of the inverse, ends the list:
	 * hardware might check it.
	 */
	bool strict;
	/**
	 * Not 0: which of the running channels does the next step is not a matter of turns but
	 * pseudo-random, by a generator that begins with this value.
	 */
	unsigned int shuffle;
};

/** What one channel did since edma_model_create() or edma_model_clear_counters(). */
struct edma_counters {
	uint64_t elements;  /**< data elements or blocks completed */
	uint64_t bytes;     /**< payload bytes moved */
	uint64_t doorbells; /**< start doorbells that reached an existing channel */
	uint64_t laps;      /**< link elements followed */
	uint64_t aborts;
	uint64_t imwr;      /**< remote interrupt writes, of any kind */
	/** Aborts by cause; with EDMA_FAULT_NONE: requests to stop. */
	uint64_t faults[EDMA_FAULT_POISON + 1];
};

struct edma_model;

/** Where the channel blocks of a direction are, with the HDMA native map. */
struct edma_blocks {
	uint32_t offset; /**< of channel 0 */
	uint32_t stride; /**< from one channel to the next, at least DW_HDMA_BLOCK_BYTES */
};

/** All registers of a model end below this offset. */
#define EDMA_MODEL_MAX_REGS_BYTES 0x40000

struct edma_model_conf {
	/** Channels: 1 to DW_EDMA_MAX_CH, with the HDMA native map 1 to DW_HDMA_MAX_CH. */
	unsigned int wr_cnt;
	unsigned int rd_cnt;
	/**
	 * Register map. What differs besides places:
	 * - legacy: the window shows the channel that the view port selects, also in the image;
	 *   a selection that does not exist reads 0;
	 * - HDMA compatible: a channel works while its power enable is 1, whether or not the
	 *   engine enable has been set; clearing the latter resets the direction as elsewhere;
	 * - HDMA native: a block per channel. Each channel is reset by its own enable, and
	 *   reports the end of its list instead of elements.
	 */
	enum dw_edma_map map;
	/**
	 * HDMA native: blocks of write and of read channels, which must not overlap. All zero is
	 * the usual place: DW_HDMA_STRIDE apart, read channels DW_HDMA_RD_OFFSET behind write
	 * channels. Zero with other maps.
	 */
	struct edma_blocks blocks[2];
	/**
	 * Register image of edma_model_regs_bytes(), zeroed by the caller, kept current by the model
	 * with release stores: it may lie in memory that others map read-only. NULL: none.
	 */
	uint32_t *regs;
	const struct edma_bus *bus;
	void *bus_ctx;
	/**
	 * Where a violation of the programming rules is told: one call with one short line per
	 * event, which begins with the name of its kind. May be NULL: only counted.
	 */
	void (*complain)(void *ctx, const char *line);
};

/**
 * Bytes from the first to the end of the last register of the model that @p conf describes, or 0 if
 * its counts, map or blocks are not supported.
 */
uint32_t edma_model_regs_bytes(const struct edma_model_conf *conf);

/** Returns NULL with errno EINVAL (counts, map, blocks or bus not supported) or ENOMEM. */
struct edma_model *edma_model_create(const struct edma_model_conf *conf);
void edma_model_destroy(struct edma_model *m);

/** Power-on state; counters and switches stay. Work in progress is dropped. */
void edma_model_reset(struct edma_model *m);

/** A 32-bit register write. Offsets that are unaligned, reserved or outside are ignored. */
void edma_model_write(struct edma_model *m, uint32_t offset, uint32_t value);

/** A 32-bit register read; what is not there reads 0. */
uint32_t edma_model_read(const struct edma_model *m, uint32_t offset);

/** Bytes that one step moves at the most, so that an owner gets its turn inside a long element. */
#define EDMA_MODEL_STEP_BYTES 65536

/**
 * Lets the next running channel, taken in turn, do one step: fetch and finish an element, or a
 * part of a long one. Where the map has arbitration weights, a channel with weight w does w + 1
 * steps in its turn. Returns false, having done nothing, if no channel has work.
 */
bool edma_model_step(struct edma_model *m);

/**
 * Does up to @p steps steps, fewer if there is less work, and keeps what edma_bus::map answers as
 * long as that takes. Returns how many.
 */
unsigned int edma_model_run(struct edma_model *m, unsigned int steps);

/**
 * Lets every channel that is in the middle of an element do a step: those whose memory has been
 * taken away are out of it then.
 */
void edma_model_settle(struct edma_model *m);

/** True while a channel has work: edma_model_step() would do something. */
bool edma_model_busy(const struct edma_model *m);

/**
 * True while the channels that carry function number @p fn, or any channel if @p fn is negative,
 * are in the middle of an element. The owner may drop memory when it is false.
 */
bool edma_model_in_element(const struct edma_model *m, int fn);

void edma_model_set_switches(struct edma_model *m, const struct edma_switches *sw);
void edma_model_get_switches(const struct edma_model *m, struct edma_switches *sw);

/**
 * Tells that list memory has been read from where it is written: all stores so far are visible, and
 * nothing is late at the next doorbell of each channel. For edma_switches::late_list.
 */
void edma_model_flush_lists(struct edma_model *m);

/**
 * Tells that one store to list memory, from local address @p addr on, has just been made, if the
 * owner sees such stores: a flush before it does not count for it any more, and with
 * edma_switches::torn_list the store is a violation if it begins behind the control word of an
 * element that a running channel is going to execute.
 */
void edma_model_list_written(struct edma_model *m, uint64_t addr);

/**
 * The @p nth data element from now on of a channel (1 = the next) ends with @p kind, without any of
 * its bytes moved. Replaces what was injected before; EDMA_FAULT_NONE takes it back. Returns 0, or
 * -EINVAL for a channel, number or kind that does not exist there.
 */
int edma_model_inject(struct edma_model *m, enum edma_dir dir, unsigned int ch,
		      unsigned int nth, enum edma_fault kind);

const struct edma_counters *edma_model_counters(const struct edma_model *m, enum edma_dir dir,
						unsigned int ch);
void edma_model_clear_counters(struct edma_model *m);

/** Violations of the programming rules so far, of all kinds or of one. */
uint64_t edma_model_violations(const struct edma_model *m);
uint64_t edma_model_violations_of(const struct edma_model *m, enum edma_violation kind);

/** As in "running-write"; NULL behind the last kind. */
const char *edma_violation_name(enum edma_violation kind);

/** Counts and tells a violation that the owner has seen, of any kind. */
void edma_model_violate(struct edma_model *m, enum edma_violation kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * True from a write to the interrupt status register of a direction, which asserts the interrupt
 * pin without a status bit, to the next write to its clear register. Never with the HDMA native
 * map, which has no such register.
 */
bool edma_model_irq_emulated(const struct edma_model *m, enum edma_dir dir);

#endif /* _EDMA_MODEL_H_ */
