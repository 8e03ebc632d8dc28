/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_PRIV_H_
#define _DW_EDMA_PRIV_H_

/**
 * @file
 * State of an engine and of its channels, and what the files of the driver offer each other.
 *
 *   dw_edma_vdev.c     arguments, probe           dw_edma_softep.c    \ attachments: ways to
 *   dw_edma_dmadev.c   rte_dma operations         dw_edma_loopback.c  / reach the registers
 *   dw_edma_ring.c     data path                  dw_edma.c           register accesses
 *   dw_edma_sg.c       gather and scatter in it   dw_edma_v0.c        \ maps: register
 *   dw_edma_recover.c  what it calls when work    dw_edma_hdma.c      / sequences
 *                      fails or stands still
 *
 * A channel has two rings. The descriptor ring is the application's; the linked list is the
 * engine's, shorter, and refilled from the other as elements complete:
 *
 *   descriptor ring, indexes are ids: free-running 16 bit, compared by difference
 *
 *      reported     done         handed over      submitted     enqueued
 *   ------|----------|--------------|----------------|-------------|------
 *        rep        done            hw              sub           enq
 *         \___finished___/ \__in the list__/ \__waiting__/ \__unsubmitted__/
 *
 *   rep   moved by completed and completed_status
 *   done  moved by every poll, to where the engine's list pointer is
 *   hw    moved by whoever fills the list: submit, and every poll that found room; past an
 *         operation with gather and scatter lists with the first of its elements
 *   sub   moved by submit to enq
 *   enq   moved by copy
 *
 *   linked list: ll_slots data slots and one toggling link back to the first
 *
 *   ll_tail  slot of the element of descriptor "done", the oldest that is not known to be finished
 *   ll_head  slot that descriptor "hw" will get
 *   ll_cb    cycle bit of the lap that ll_head is in
 *
 *   One data slot stays free: the engine's pointer on ll_head means that all is done.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

#include <rte_dev.h>
#include <rte_dmadev.h>
#include <rte_spinlock.h>

#include "dw_edma_compat.h"
#include "dw_edma_hw.h"

extern int dw_edma_logtype;
#define RTE_LOGTYPE_DW_EDMA dw_edma_logtype

/** One line with the name of the device. */
#define DW_EDMA_LOG(level, name, ...) \
	RTE_LOG_LINE_PREFIX(level, DW_EDMA, "%s: ", name, __VA_ARGS__)

/** Descriptors of a vchan. */
#define DW_EDMA_MIN_DESC 2
#define DW_EDMA_MAX_DESC 4096

/** Segments of a gather or scatter list. */
#define DW_EDMA_MAX_SGES 64
/** Pieces of one operation: each ends where a segment of either list does. */
#define DW_EDMA_MAX_PIECES (2 * DW_EDMA_MAX_SGES - 1)

/** Most data slots of a linked list that are used, however much memory there is. */
#define DW_EDMA_MAX_SLOTS 8192

/** Longest wait for the engine: for running work at stop, for a soft reset. */
#define DW_EDMA_WAIT_MS 1000
/** Longest wait for a channel that has nothing left to do to say so. */
#define DW_EDMA_SETTLE_MS 100
/**
 * Time, and number of doorbells rung again, after which a stopped channel is given up: longer than
 * a soft reset of its direction, and more than bad luck can lose.
 */
#define DW_EDMA_KICK_MS (2 * DW_EDMA_WAIT_MS)
#define DW_EDMA_KICKS 16

enum dw_edma_dir {
	DW_EDMA_WR, /**< write channels: local to PCIe */
	DW_EDMA_RD, /**< read channels: PCIe to local */
	DW_EDMA_DIRS,
};

/** Which memory this process sees at the two ends of a transfer. */
enum dw_edma_side {
	DW_EDMA_SIDE_RC,   /**< the PCIe end is ours */
	DW_EDMA_SIDE_EP,   /**< the local end is ours */
	DW_EDMA_SIDE_BOTH, /**< both are */
};

struct dw_edma_engine;
struct dw_edma_chan;
struct dw_edma_args;

/** One user of the registers: a channel, or the engine at probe. */
struct dw_edma_io {
	struct dw_edma_engine *engine;
	uint64_t seq;   /**< number of its last posted write, where writes are numbered */
	uint64_t check; /**< TSC value at which a silent device is looked at again */
	uint64_t reads; /**< register reads so far */
};

/** Where the linked list of a channel is. */
struct dw_edma_list {
	/** As this process sees it, 8-byte aligned; NULL: written by attachment operation. */
	struct dw_edma_elem *va;
	uint64_t local; /**< as the engine sees it */
	uint64_t bytes;
};

/** How an attachment reaches registers and lists. */
struct dw_edma_attach_ops {
	/** Sees every earlier write of the same io. DW_EDMA_DEAD if the device is gone. */
	uint32_t (*read32)(struct dw_edma_io *io, uint32_t offset);
	/** As read32, but may be older than the last writes: for values that only advance. */
	uint32_t (*peek32)(struct dw_edma_io *io, uint32_t offset);
	/** Posted. Marks the engine dead if the device is gone. */
	void (*write32)(struct dw_edma_io *io, uint32_t offset, uint32_t value);
	/** True if read32 would not have to wait. NULL: always. */
	bool (*settled)(struct dw_edma_io *io);
	/** Looks whether the device is there; may be a system call. NULL: it cannot be told. */
	bool (*present)(struct dw_edma_engine *engine);
	/** Describes the list of a channel. */
	int (*list)(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
		    struct dw_edma_list *list);
	/** Posted write to a list that is not mapped, in order with register writes. */
	void (*list_write)(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch,
			   uint64_t offset, const void *data, uint32_t bytes);
	/** What is particular to the attachment, one line. May be NULL. */
	void (*dump)(struct dw_edma_engine *engine, FILE *f);
	void (*detach)(struct dw_edma_engine *engine);
};

/** Why a channel aborted. */
struct dw_edma_fault {
	enum rte_dma_status_code status;
	bool fatal; /**< the channel is of no use before a reset, its own or its direction's */
};

/** Register sequences of one map format. Functions return 0 or a negative errno. */
struct dw_edma_map_ops {
	const char *name; /**< as in device arguments */
	enum dw_edma_map code;
	/** Channels cannot be divided between users that know no common lock. */
	bool one_user;
	/**
	 * Channels that the hardware has. In: what the attachment knows, which is all there is if
	 * no register tells; 0: nothing.
	 */
	int (*counts)(struct dw_edma_io *io, unsigned int cnt[DW_EDMA_DIRS]);
	/** Register offsets of a channel that is being created. */
	void (*bind)(struct dw_edma_chan *ch);
	/** Prepares a channel that does not run, and aims it at the start of its list. */
	int (*start)(struct dw_edma_chan *ch);
	/** Low half of the list pointer; DW_EDMA_DEAD if the device is gone. */
	uint32_t (*position)(struct dw_edma_chan *ch);
	/** enum dw_edma_cs, or -ENODEV. */
	int (*state)(struct dw_edma_chan *ch);
	void (*doorbell)(struct dw_edma_chan *ch);
	/** Reads why the channel aborted and clears its own status bits. */
	int (*fault)(struct dw_edma_chan *ch, struct dw_edma_fault *fault);
	/** Aims an aborted channel at the start of its list, after a reset if @p fatal. */
	int (*restart)(struct dw_edma_chan *ch, bool fatal);
	/** Makes sure that the channel does not run: waits, then stops it. */
	int (*stop)(struct dw_edma_chan *ch);
};

/** A part of an operation with lists that is contiguous on both sides: one element. */
struct dw_edma_piece {
	uint64_t src;
	uint64_t dst;
	uint32_t length;
};

/** An operation of the application. */
struct dw_edma_desc {
	uint64_t src;    /**< with lists: free-running index of the first piece */
	uint64_t dst;    /**< with lists: number of pieces */
	uint32_t length; /**< 0: with lists */
	uint16_t fence;  /**< not executed if one since the previous fence failed */
	uint16_t status; /**< enum rte_dma_status_code, once done */
};

/** A hardware channel: the private data of a dmadev. One lcore at a time uses it. */
struct dw_edma_chan {
	struct dw_edma_desc *ring;
	uint16_t ring_mask; /**< entries - 1 */
	uint16_t cap;       /**< operations the application may have in the ring; 0: dead */
	uint16_t enq;
	uint16_t sub;
	uint16_t hw;
	uint16_t done;
	uint16_t rep;
	uint16_t err_cnt;   /**< failed operations from rep to done */

	uint16_t ll_slots;
	uint16_t ll_head;
	uint16_t ll_tail;
	uint8_t ll_cb;
	/** An operation failed, and fences behind it have not been dealt with: see recover.c. */
	bool failed;
	/** Operations with lists from done to enq. Without any, sg_left and sg_part are 0. */
	uint16_t sg;
	uint16_t sg_left;   /**< elements of operation hw - 1 that wait for room in the list */
	uint16_t sg_part;   /**< elements of operation done that are finished */
	bool sg_moved;      /**< the last look at the list pointer found it elsewhere */
	uint32_t ll_lo;     /**< low half of the list's local address */
	struct dw_edma_elem *ll; /**< NULL: not mapped */
	const struct dw_edma_map_ops *map;
	uint32_t base;      /**< offset of the channel's registers */
	uint16_t index;     /**< channel number within the direction */
	uint16_t dir;       /**< enum dw_edma_dir */
	struct dw_edma_io io;
	struct rte_dma_stats stats;

	/* Slow path only, from here on. */
	bool started;
	bool dead;     /**< takes no more work: the device or the channel is gone */
	bool told;     /**< the application has seen all failures so far */
	uint16_t told_end; /**< ids from here on were enqueued after that */
	struct dw_edma_list list;
	struct dw_edma_piece *pieces; /**< of operations with lists that are not done: a ring */
	uint32_t piece_mask;
	uint32_t piece_head; /**< free running, as piece_tail */
	uint32_t piece_tail;
	uint64_t doorbells;
	uint64_t kicks;    /**< doorbells rung again for a channel found stopped */
	uint16_t kick_cnt; /**< of these since "ll_tail" moved, at most DW_EDMA_KICKS */
	uint16_t kick_tail; /**< "ll_tail" at that time */
	uint64_t kick_end; /**< TSC value by which they have to have helped */
	uint64_t recoveries;
	uint16_t nb_desc;  /**< as configured; 0: not set up */
	int numa_node;
	char name[RTE_DEV_NAME_MAX_LEN];
};

/** Channel blocks of a direction: that of channel n is at offset + n * stride. */
struct dw_edma_blocks {
	uint32_t offset;
	uint32_t stride;
};

/** What the channels of a device share. */
struct dw_edma_engine {
	TAILQ_ENTRY(dw_edma_engine) next;
	char name[RTE_DEV_NAME_MAX_LEN]; /**< of the bus device */
	const struct dw_edma_attach_ops *ops;
	void *attachment;
	const struct dw_edma_map_ops *map;
	/**
	 * Set by whoever finds the device gone: no register is touched afterwards, until a channel
	 * is started while none is.
	 */
	RTE_ATOMIC(uint32_t) dead;
	enum dw_edma_side side;
	unsigned int fn;    /**< PCI function that the channels act as */
	unsigned int cnt[DW_EDMA_DIRS];  /**< channels that the hardware has */
	uint32_t mask[DW_EDMA_DIRS];     /**< channels that are ours */
	/** Guards registers that channels of a direction share. */
	rte_spinlock_t lock[DW_EDMA_DIRS];
	/** Legacy map: held from turning the view port to using it. Taken last. */
	rte_spinlock_t viewport;
	/** HDMA native map: where the blocks of the channels are. Set by the attachment. */
	struct dw_edma_blocks blocks[DW_EDMA_DIRS];
	struct dw_edma_chan *chan[DW_EDMA_DIRS][DW_EDMA_MAX_CH]; /**< NULL: no dmadev */
};

/** A way to reach an engine, chosen by the device argument of its name. */
struct dw_edma_attachment {
	TAILQ_ENTRY(dw_edma_attachment) next;
	const char *key;
	/** All arguments of its own, for the line that refuses others. */
	const char *keys;
	/**
	 * Takes one argument, @p key and @p value never NULL. Returns -ENOENT if it is not one of
	 * its own, -EINVAL with @p expected set if the value is bad.
	 */
	int (*arg)(struct dw_edma_args *args, const char *key, const char *value,
		   const char **expected);
	/**
	 * Sets ops, attachment, map, side and fn of the engine, and of a map that tells no counts
	 * these and the blocks; logs what is wrong.
	 */
	int (*attach)(struct dw_edma_engine *engine, const struct dw_edma_args *args);
};

/** Arguments of a device, parsed. */
struct dw_edma_args {
	const struct dw_edma_attachment *att;
	const char *dir;        /**< softep: directory of its sockets */
	int side;               /**< enum dw_edma_side; negative: not given */
	const struct dw_edma_map_ops *map; /**< NULL: not given */
	int fn;                 /**< negative: not given */
	int64_t mask[DW_EDMA_DIRS]; /**< negative: not given */
};

/* dw_edma_v0.c, dw_edma_hdma.c */
extern const struct dw_edma_map_ops dw_edma_legacy_ops;
extern const struct dw_edma_map_ops dw_edma_unroll_ops;
extern const struct dw_edma_map_ops dw_edma_hdma_compat_ops;
extern const struct dw_edma_map_ops dw_edma_hdma_ops;
/** Where the blocks of HDMA native usually are. */
extern const struct dw_edma_blocks dw_edma_usual_blocks[DW_EDMA_DIRS];

/* dw_edma.c */
/** A map by its code or name; NULL if there is none. */
const struct dw_edma_map_ops *dw_edma_map_by_code(uint32_t code);
const struct dw_edma_map_ops *dw_edma_map_by_name(const char *name);

uint32_t dw_edma_read32(struct dw_edma_io *io, uint32_t offset);
uint32_t dw_edma_peek32(struct dw_edma_io *io, uint32_t offset);
void dw_edma_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value);
bool dw_edma_is_dead(const struct dw_edma_engine *engine);
void dw_edma_set_dead(struct dw_edma_engine *engine);
/** Reads until (value & mask) == want. Returns 0, -ENODEV or, after @p ms, -ETIMEDOUT. */
int dw_edma_wait_reg(struct dw_edma_io *io, uint32_t offset, uint32_t mask, uint32_t want,
		     unsigned int ms);
/** Waits until the channel does not run. Returns as dw_edma_wait_reg(). */
int dw_edma_wait_idle(struct dw_edma_chan *ch, unsigned int ms);

/* dw_edma_ring.c */
/** Empties both rings and writes the list as the engine shall find it first. */
void dw_edma_ring_reset(struct dw_edma_chan *ch);
/** Writes the list anew, empty; descriptors from @c done on are handed over again. */
void dw_edma_list_reset(struct dw_edma_chan *ch);
/** Fills the list and rings the doorbell. */
void dw_edma_push(struct dw_edma_chan *ch);
/** Writes the next element. Its slot must be free. */
void dw_edma_emit(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length);
/** Learns what the engine has done, and does what follows from it. */
void dw_edma_poll(struct dw_edma_chan *ch);
/** Forgets the lists of an operation that is done, if it has any. */
static inline void
dw_edma_desc_done(struct dw_edma_chan *ch, const struct dw_edma_desc *desc)
{
	if (desc->length == 0) {
		ch->sg--;
		ch->piece_tail += (uint32_t)desc->dst;
	}
}
/** Moves @c done to list pointer @p llp. False, with nothing moved, if it cannot be one. */
bool dw_edma_retire(struct dw_edma_chan *ch, uint32_t llp);

int dw_edma_copy(void *priv, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
		 uint64_t flags);
int dw_edma_copy_sg(void *priv, uint16_t vchan, const struct rte_dma_sge *src,
		    const struct rte_dma_sge *dst, uint16_t nb_src, uint16_t nb_dst,
		    uint64_t flags);
int dw_edma_submit(void *priv, uint16_t vchan);
uint16_t dw_edma_completed(void *priv, uint16_t vchan, const uint16_t nb_cpls,
			   uint16_t *last_idx, bool *has_error);
uint16_t dw_edma_completed_status(void *priv, uint16_t vchan, const uint16_t nb_cpls,
				  uint16_t *last_idx, enum rte_dma_status_code *status);
uint16_t dw_edma_burst_capacity(const void *priv, uint16_t vchan);

/* dw_edma_sg.c */
/** As the data path does it while operations with lists are about. */
uint16_t dw_edma_sg_hand_over(struct dw_edma_chan *ch, uint16_t end);
bool dw_edma_sg_retire(struct dw_edma_chan *ch, uint16_t n);

/* dw_edma_recover.c */
/** The list pointer has not moved though work is in the list. */
void dw_edma_stalled(struct dw_edma_chan *ch);
/** The list pointer is not one of the list: the device is gone, or the channel lost its way. */
void dw_edma_lost(struct dw_edma_chan *ch);
/** Everything not done completes with @p status, and nothing is accepted any more. */
void dw_edma_kill(struct dw_edma_chan *ch, enum rte_dma_status_code status);
/** How far the list may be filled while a failure is being dealt with: an id up to sub. */
uint16_t dw_edma_fence_limit(struct dw_edma_chan *ch);
/** Completes the fenced operation at the limit as not attempted, if it is its turn. */
bool dw_edma_fence_skip(struct dw_edma_chan *ch);
/**
 * Operations that completed_status may report, of @p n that are done: a failure is told together
 * with the fenced operation that is not attempted because of it.
 */
uint16_t dw_edma_fence_hold(const struct dw_edma_chan *ch, uint16_t n);

/* dw_edma_dmadev.c */
/** Creates the dmadev of one channel. */
int dw_edma_dmadev_create(struct dw_edma_engine *engine, struct rte_device *device,
			  enum dw_edma_dir dir, unsigned int index);
void dw_edma_dmadev_name(const struct dw_edma_engine *engine, enum dw_edma_dir dir,
			 unsigned int index, char *name, size_t room);

/* dw_edma_vdev.c */
void dw_edma_attachment_register(struct dw_edma_attachment *att);

#endif /* _DW_EDMA_PRIV_H_ */
