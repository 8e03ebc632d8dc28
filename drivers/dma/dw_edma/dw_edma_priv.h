/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DW_EDMA_PRIV_H_
#define _DW_EDMA_PRIV_H_

/**
 * @file
 * State of an engine and of its channels, and what the files of the driver offer each other.
 *
 *   dw_edma_vdev.c  dw_edma_pci.c    buses                dw_edma_softep.c    \ attachments:
 *   dw_edma_args.c  dw_edma_probe.c  arguments, engines   dw_edma_loopback.c  | ways to reach
 *   dw_edma_dmadev.c                 rte_dma operations   dw_edma_path.c      | the registers
 *   dw_edma_ring.c  dw_edma_sg.c     data path            dw_edma_pci_attach.c|
 *   dw_edma_list.c                   the engine's list    dw_edma_mmio.c      /
 *   dw_edma_poll.c                   completions          dw_edma_v0.c        \ maps: register
 *   dw_edma_recover.c                failures             dw_edma_hdma.c      / sequences
 *   dw_edma_parse.h                  engines behind BARs  dw_edma.c           register accesses
 *
 * A channel has two rings. The descriptor ring is the application's; the linked list is the
 * engine's, often shorter, and refilled from the other as elements complete:
 *
 *   descriptor ring, indexes are ids: free-running 16 bit, compared by difference
 *
 *      reported     done         listed        submitted     enqueued
 *   ------|----------|--------------|----------------|-------------|------
 *        rep        done            hw              sub           enq
 *         \___finished___/ \__in the list__/ \__waiting__/ \__unsubmitted__/
 *
 *   rep   moved by completed and completed_status
 *   done  moved by every poll, to what the engine is known to have finished
 *   hw    moved by whoever fills the list: submit, and every poll that found room; past an
 *         operation with gather and scatter lists with the first of its elements
 *   sub   moved by submit to enq
 *   enq   moved by copy
 *
 *   linked list: ll_slots data slots and one toggling link back to the first
 *
 *        finished      in the engine's hands        behind the gate
 *   --------------|------------------------------|-------------------|----- free
 *               tail                           first               slot
 *
 *   tail   the oldest element that is not known to be finished
 *   first  the first one that has not been handed over: its control word has the cycle bit of
 *          the lap before, so the engine stops there, whatever is behind
 *   slot   where the next element goes
 *
 *   The three point at a slot, or at the link, which is the same place as slot 0. One data slot
 *   stays free: the engine's pointer on "first" means that all is done.
 *
 * While all is well, and an operation is an element, copy writes the element at once, behind the
 * gate, and submit opens the gate by one control word: the channel is "ahead", and enq takes the
 * place of hw. As soon as something is not simple (the list is full, an operation has lists or
 * failed), copy only fills the descriptor ring, and submit and polls carry over what there is.
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
#include "dw_edma_layout.h"
#include "dw_edma_parse.h"

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

/**
 * A channel across the link that makes no progress gets its doorbell again after so long, then after
 * twice that time, and so on up to the longer one: a write that nobody has to wait for.
 */
#define DW_EDMA_RING_AGAIN_US 100
#define DW_EDMA_RING_AGAIN_MAX_US 1000
/** Without progress for so long, its registers are read, and again after the same time. */
#define DW_EDMA_LOOK_MS 100

/** Marks in a list that have not been reported, at most: a power of two. */
#define DW_EDMA_MAX_MARKS 64
/** Marks missed in a row after which a way to learn of completions is given up. */
#define DW_EDMA_MAX_MISSES 3

/** Names of the arguments that all devices take. */
#define DW_EDMA_ARG_WR "wr"
#define DW_EDMA_ARG_RD "rd"
#define DW_EDMA_ARG_FN "fn"
#define DW_EDMA_ARG_COMPLETION "completion"
#define DW_EDMA_ARG_LLP "llp"
#define DW_EDMA_ARG_PARTIAL "partial"

/** Names of arguments that describe an engine, for attachments that are not told by anything. */
#define DW_EDMA_ARG_SIDE "side"
#define DW_EDMA_ARG_MAP "map"
#define DW_EDMA_ARG_WR_CNT "wr_cnt"
#define DW_EDMA_ARG_RD_CNT "rd_cnt"
#define DW_EDMA_ARG_WR_BLOCKS "wr_blocks"
#define DW_EDMA_ARG_RD_BLOCKS "rd_blocks"

/** Names of arguments of PCI functions. */
#define DW_EDMA_ARG_CLASS "class"
#define DW_EDMA_CLASS_DMA "dma"
#define DW_EDMA_ARG_META "meta"
#define DW_EDMA_ARG_META_BAR "meta_bar"
#define DW_EDMA_ARG_META_OFF "meta_off"
#define DW_EDMA_ARG_REG_BAR "reg_bar"
#define DW_EDMA_ARG_REG_OFF "reg_off"
#define DW_EDMA_ARG_REG_OFF_ADD "reg_off_add"
#define DW_EDMA_ARG_REG_BYTES "reg_bytes"
#define DW_EDMA_ARG_LL_BAR "ll_bar"
#define DW_EDMA_ARG_LL_OFF "ll_off"
#define DW_EDMA_ARG_LL_STRIDE "ll_stride"
#define DW_EDMA_ARG_LL_BYTES "ll_bytes"
#define DW_EDMA_ARG_LL_LOCAL "ll_local"
#define DW_EDMA_ARG_MRRS "mrrs"

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

/** How completions are learned of. */
enum dw_edma_completion {
	DW_EDMA_COMPLETION_AUTO,
	DW_EDMA_COMPLETION_LLP,  /**< from the list pointer, by reading it */
	DW_EDMA_COMPLETION_TAIL, /**< from a word that an element behind the others writes */
	DW_EDMA_COMPLETION_IMWR, /**< from the engine's interrupt write, aimed at a word */
};
extern const char * const dw_edma_completion_names[];

struct rte_device;
struct rte_dma_dev_ops;
struct rte_kvargs;
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
	/** Where a register can be loaded from and stored to. NULL: only by the calls above. */
	volatile void *(*direct)(const struct dw_edma_engine *engine, uint32_t offset);
	/** Gives an engine that has no clock of its own time to work. NULL: it needs none. */
	void (*turn)(struct dw_edma_engine *engine);
	/** True if read32 would not have to wait. NULL: always. */
	bool (*settled)(struct dw_edma_io *io);
	/** True if reads that need not wait cost less than a doorbell. NULL: they do not. */
	bool (*look_first)(const struct dw_edma_io *io);
	/** Looks whether the device is there; may be a system call. NULL: it cannot be told. */
	bool (*present)(struct dw_edma_engine *engine);
	/** Describes the list of a channel. */
	int (*list)(struct dw_edma_engine *engine, enum dw_edma_dir dir, unsigned int ch,
		    struct dw_edma_list *list);
	/** Posted write to a list that is not mapped, in order with register writes. */
	void (*list_write)(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch,
			   uint64_t offset, const void *data, uint32_t bytes);
	/**
	 * Reads from a list, so that all that was written to it has arrived: it may be on another
	 * bus than the registers. NULL: it is not.
	 */
	void (*list_flush)(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch);
	/** What is particular to the attachment, one line. May be NULL. */
	void (*dump)(struct dw_edma_engine *engine, FILE *f);
	void (*detach)(struct dw_edma_engine *engine);
};

/** Why a channel aborted. */
struct dw_edma_fault {
	enum rte_dma_status_code status;
	bool fatal; /**< the channel is of no use before a reset, its own or its direction's */
};

/** Registers of a channel that the data path uses, as offsets. */
struct dw_edma_chan_regs {
	uint32_t doorbell;
	uint32_t doorbell_value;
	uint32_t position;      /**< 0: not without a lock */
	uint32_t state;
	uint32_t state_mask;
	uint32_t state_running; /**< what the masked value is while the channel runs */
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
	/** A register that is never all-ones. */
	uint32_t (*witness)(const struct dw_edma_engine *engine);
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
	/** Clears the channel's report of a finished element. */
	void (*ack)(struct dw_edma_chan *ch);
	/**
	 * Done and abort bits of all channels of the direction that are ours, in one read through
	 * the irq's io; clears the done bits. NULL: no channel shares its words with another.
	 */
	uint32_t (*events)(struct dw_edma_chan *ch);
	/** Shows the channel's registers, addresses by their last 12 bits. */
	void (*dump)(struct dw_edma_chan *ch, FILE *f);
};

/** A part of an operation with lists that is contiguous on both sides: one element. */
struct dw_edma_piece {
	uint64_t src;
	uint64_t dst;
	uint32_t length;
};

/**
 * An operation of the application. It begins as the element that it is in the list:
 * @c word [63:32] length, [4:0] control bits, without meaning here. What else is in the word:
 */
#define DW_EDMA_DESC_FENCE 0x100u /**< not executed if one since the previous fence failed */
#define DW_EDMA_DESC_LISTS 0x200u /**< with lists; length is 0 */
#define DW_EDMA_DESC_STATUS_SHIFT 16 /**< [31:16] enum rte_dma_status_code, once done */
struct dw_edma_desc {
	uint64_t word;
	uint64_t src; /**< with lists: free-running index of the first piece */
	uint64_t dst; /**< with lists: number of pieces */
};

static_assert(RTE_DMA_STATUS_SUCCESSFUL == 0, "an operation that was never touched succeeded");

static inline enum rte_dma_status_code
dw_edma_desc_status(const struct dw_edma_desc *desc)
{
	return (enum rte_dma_status_code)(desc->word >> DW_EDMA_DESC_STATUS_SHIFT & 0xffff);
}

/** Words in memory of this process that the engine writes to, a line for itself. */
struct dw_edma_words {
	RTE_ATOMIC(uint32_t) tail;  /**< slot of the latest tail element, plus 1 */
	RTE_ATOMIC(uint32_t) done;  /**< not 0: an element that asked for it is finished */
	RTE_ATOMIC(uint32_t) abort; /**< not 0: a channel has aborted */
	uint32_t none;              /**< source of elements that have nothing to copy */
} __rte_cache_aligned;

/**
 * Where the interrupt writes of a channel go: words of its own with the native map, of its
 * direction with others. As long as only one channel has been started a word says all; with several
 * it says that one of them has something to tell, and which is read from the status register, once
 * for all.
 */
struct dw_edma_irq {
	struct dw_edma_words words;
	/** Not zero from the start of a second channel until none is started. */
	RTE_ATOMIC(uint32_t) shared;
	/** Done and abort bits read, for their channels to take. */
	RTE_ATOMIC(uint32_t) events;
	/** Held, never waited for, by the one that reads them. */
	rte_spinlock_t reader;
	unsigned int users; /**< channels started, under the direction's lock */
	struct dw_edma_io io;
};

/** A place in the list, and what is done once the engine has passed it. */
struct dw_edma_mark {
	uint16_t slot;
	uint16_t id;    /**< operations before this one are done */
	uint16_t part;  /**< and so many elements of this one */
	bool extra;     /**< the element itself belongs to no operation */
};

/** A hardware channel: the private data of a dmadev. One lcore at a time uses it. */
struct dw_edma_chan {
	/* What copy, submit and completed touch while all is well. */
	struct dw_edma_elem *slot;
	struct dw_edma_desc *desc; /**< descriptor enq; valid while ahead */
	uint64_t word;      /**< control word of the next element */
	uint64_t word_next; /**< of those behind it, up to the end of the lap: the cycle bit */
	uint16_t enq;
	/** Up to this id, copy has only to write an element and a descriptor. */
	uint16_t limit;
	uint16_t sub;
	uint16_t done;
	uint16_t rep;
	uint16_t err_cnt;   /**< failed operations from rep to done */
	uint32_t first_word; /**< control word that hands over @c first */
	struct dw_edma_elem *first;
	struct dw_edma_elem *tail;
	/** Registers of a channel that is ahead, near and mapped; NULL otherwise. */
	volatile uint32_t *db;
	const volatile uint32_t *pos;
	const volatile uint32_t *state;
	uint32_t db_value;
	uint32_t state_mask;
	uint32_t state_running;
	uint32_t va_to_llp; /**< what makes a slot's address a list pointer's low half */
	uint64_t doorbells;
	uint64_t reported;  /**< operations since the start */

	struct dw_edma_desc *ring;
	uint16_t ring_mask; /**< entries - 1 */
	uint16_t cap;       /**< operations the application may have in the ring; 0: dead */
	uint16_t hw;        /**< while not ahead */
	uint16_t ll_slots;
	uint8_t cb;         /**< cycle bit of the lap that @c slot is in */
	bool ahead;
	/** An operation failed, and fences behind it have not been dealt with: see recover.c. */
	bool failed;
	bool dead;          /**< takes no more work: the device or the channel is gone */
	/** Operations with lists from done to enq. Without any, sg_left and sg_part are 0. */
	uint16_t sg;
	uint16_t sg_left;   /**< elements of operation hw - 1 that wait for room in the list */
	uint16_t sg_part;   /**< elements of operation done that are finished */
	struct dw_edma_elem *ll; /**< list, or a copy of it */
	bool ll_posted;     /**< a copy: each write goes out by attachment operation as well */
	uint8_t mode;       /**< enum dw_edma_completion, never AUTO */
	uint8_t reserve;    /**< slots that copies leave free, for the mark behind them */
	bool hold;          /**< while it runs, the element before the list pointer may not be done */
	uint16_t mark_head; /**< free running, as mark_tail */
	uint16_t mark_tail;
	uint16_t misses;    /**< marks that the engine passed in silence, in a row */
	struct dw_edma_elem *marked; /**< behind the latest mark */
	uint64_t tail_iova; /**< of own.words.tail, as none_iova */
	uint64_t none_iova;
	uint64_t ring_at;   /**< TSC value; 0: progress since it was set */
	uint64_t ring_wait; /**< cycles */
	uint64_t look_at;
	struct dw_edma_irq *irq; /**< NULL: no interrupt writes */
	struct dw_edma_mark marks[DW_EDMA_MAX_MARKS];

	const struct dw_edma_map_ops *map;
	uint32_t ll_lo;     /**< low half of the list's local address */
	uint32_t base;      /**< offset of the channel's registers */
	uint16_t index;     /**< channel number within the direction */
	uint16_t dir;       /**< enum dw_edma_dir */
	struct dw_edma_io io;

	/* Slow path only, from here on. */
	struct dw_edma_chan_regs regs;
	bool started;
	bool told;     /**< the application has seen all failures so far */
	uint16_t told_end; /**< ids from here on were enqueued after that */
	struct dw_edma_list list; /**< what is used of it */
	uint32_t ll_skip;  /**< bytes before that which are not */
	struct dw_edma_piece *pieces; /**< of operations with lists that are not done: a ring */
	uint32_t piece_mask;
	uint32_t piece_head; /**< free running, as piece_tail */
	uint32_t piece_tail;
	uint64_t errors;   /**< of those reported */
	struct rte_dma_stats reset; /**< statistics when they were set to 0 */
	uint64_t db_seq;   /**< io.seq behind the latest doorbell */
	uint64_t kicks;    /**< doorbells rung again for a channel that made no progress */
	uint16_t kick_cnt; /**< of these since "tail" moved, at most DW_EDMA_KICKS */
	const struct dw_edma_elem *kick_tail; /**< "tail" at that time */
	uint64_t kick_done; /**< operations done since the start, at that time */
	uint64_t kick_end; /**< TSC value by which they have to have helped */
	uint64_t recoveries;
	uint64_t extras;   /**< marks that were elements of their own */
	uint64_t looks;    /**< times that registers were read for want of progress */
	uint16_t nb_desc;  /**< as configured; 0: not set up */
	uint8_t mode_wanted; /**< what @c mode is after a start */
	int numa_node;
	char name[RTE_DEV_NAME_MAX_LEN];
	struct dw_edma_irq own; /**< native map: interrupt writes; all maps: the tail word */
};

/** What the channels of a device share. In shared memory; a secondary follows no pointer of it. */
struct dw_edma_engine {
	TAILQ_ENTRY(dw_edma_engine) next;
	char name[RTE_DEV_NAME_MAX_LEN]; /**< of the bus device */
	const struct dw_edma_attach_ops *ops;
	void *attachment;
	const struct dw_edma_map_ops *map;
	enum dw_edma_map code; /**< of the map, for those who must not follow the pointer */
	/**
	 * Set by whoever finds the device gone: no register is touched afterwards, until a channel
	 * is started while none is.
	 */
	RTE_ATOMIC(uint32_t) dead;
	enum dw_edma_side side;
	unsigned int fn;    /**< PCI function that the channels act as */
	enum dw_edma_completion completion; /**< as asked for */
	bool llp_completed; /**< a list pointer is known to advance at completion only */
	unsigned int cnt[DW_EDMA_DIRS];  /**< channels that the hardware has */
	uint64_t mask[DW_EDMA_DIRS];     /**< channels that are ours */
	/** Guards registers that channels of a direction share. */
	rte_spinlock_t lock[DW_EDMA_DIRS];
	/** Legacy map: held from turning the view port to using it. Taken last. */
	rte_spinlock_t viewport;
	/** HDMA native map: where the blocks of the channels are. Set by the attachment. */
	struct dw_edma_blocks blocks[DW_EDMA_DIRS];
	struct dw_edma_chan *chan[DW_EDMA_DIRS][DW_EDMA_CHANS]; /**< NULL: no dmadev */
	struct dw_edma_irq irq[DW_EDMA_DIRS];
};

/** A way to reach an engine, chosen by the device argument of its name. */
struct dw_edma_attachment {
	TAILQ_ENTRY(dw_edma_attachment) next;
	const char *key;
	/** The arguments that name an engine. */
	const char *usage;
	/** All arguments of its own, for the line that refuses others. */
	const char *keys;
	/**
	 * Takes one argument, @p key and @p value never NULL. Returns -ENOENT if it is not one of
	 * its own, -EINVAL with @p expected set if the value is bad.
	 */
	int (*arg)(struct dw_edma_args *args, const char *key, const char *value,
		   const char **expected);
	/**
	 * Sets ops, attachment, map, side and fn of the engine, the number of channels that it has
	 * lists for, and the blocks of the native map; logs what is wrong.
	 */
	int (*attach)(struct dw_edma_engine *engine, const struct dw_edma_args *args);
};

/** Arguments of a device, parsed. */
struct dw_edma_args {
	const struct dw_edma_attachment *att;
	struct rte_device *device; /**< pci: the function */
	int side;               /**< enum dw_edma_side; negative: not given */
	const struct dw_edma_map_ops *map; /**< NULL: not given */
	int fn;                 /**< negative: not given */
	bool mask_given[DW_EDMA_DIRS];
	uint64_t mask[DW_EDMA_DIRS];
	enum dw_edma_completion completion;
	bool llp_completed;
	bool partial;
	bool cnt_given[DW_EDMA_DIRS];
	unsigned int cnt[DW_EDMA_DIRS];
	bool blocks_given[DW_EDMA_DIRS];
	struct dw_edma_blocks blocks[DW_EDMA_DIRS];
	const char *dir;        /**< softep: directory of its sockets */
	const char *regs;       /**< path: what and where the registers are */
	const char *ll;         /**< path: the same of list memory */
	/** pci: what parsers are told, but for map, counts and blocks, which are above. */
	struct dw_edma_discover_args find;
	unsigned int mrrs;      /**< pci: most bytes of a read request; 0: not given */
};

/** Mapped registers and lists: the attachment of dw_edma_mmio_ops. */
struct dw_edma_mmio {
	volatile uint8_t *regs;
	uint64_t regs_bytes;
	struct dw_edma_list list[DW_EDMA_DIRS][DW_EDMA_CHANS]; /**< va NULL: there is none */
	const char *what; /**< for the dump */
	/** Unmaps and frees everything, @p mmio included. */
	void (*release)(struct dw_edma_mmio *mmio);
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

/* dw_edma_args.c */
void dw_edma_attachment_register(struct dw_edma_attachment *att);
/** An unsigned number, 0x for hexadecimal, at most @p max. Returns 0 or -EINVAL. */
int dw_edma_parse_u64(const char *value, uint64_t max, uint64_t *number);
/** The same, up to a character @p end that has to follow; @p value is moved behind that. */
int dw_edma_parse_part(const char **value, char end, uint64_t max, uint64_t *number);
/** As dw_edma_attachment::arg, for the side that the process is on. */
int dw_edma_parse_side(struct dw_edma_args *args, const char *key, const char *value,
		       const char **expected);
/** As dw_edma_attachment::arg, for the map, and counts and blocks of channels. */
int dw_edma_parse_engine(struct dw_edma_args *args, const char *key, const char *value,
			 const char **expected);
/**
 * @p att NULL: the one that an argument names. Strings in @p args stay in @p kvlist, which the
 * caller frees, on failure as well.
 */
int dw_edma_args_parse(const char *name, const char *text, const struct dw_edma_attachment *att,
		       struct dw_edma_args *args, struct rte_kvargs **kvlist);

/* dw_edma_probe.c */
int dw_edma_probe(struct rte_device *device, const char *name, const struct dw_edma_args *args);
/** In a secondary process: devices of an engine of the primary's, to look at. */
int dw_edma_probe_secondary(struct rte_device *device, const char *name);
int dw_edma_remove(const char *name);

/* dw_edma_pci_attach.c */
extern const struct dw_edma_attachment dw_edma_pci_attachment;

/* dw_edma_mmio.c */
extern const struct dw_edma_attach_ops dw_edma_mmio_ops;
/**
 * Attaches an engine whose map, counts (native: all there are) and blocks are set. On failure the
 * caller keeps @p mmio.
 */
int dw_edma_mmio_attach(struct dw_edma_engine *engine, struct dw_edma_mmio *mmio);

/* dw_edma_list.c */
/** Writes the list as the engine shall find it first. */
void dw_edma_list_reset(struct dw_edma_chan *ch);
/** Writes the next element, behind the gate. Its slot must be free. */
void dw_edma_emit(struct dw_edma_chan *ch, uint64_t src, uint64_t dst, uint32_t length);
/** Gives the latest element, behind the gate, more control bits. */
void dw_edma_flag_last(struct dw_edma_chan *ch, uint32_t bits);
/** Hands over what is behind the gate. False if that is nothing. */
bool dw_edma_open_gate(struct dw_edma_chan *ch);
/** Slots that can be filled. */
uint16_t dw_edma_list_room(const struct dw_edma_chan *ch);
/**
 * Lets copy write elements itself, as far as there is room in list and ring. False if there is none
 * or if it may not.
 */
bool dw_edma_go_ahead(struct dw_edma_chan *ch);
/** From here on copy fills the descriptor ring only. */
void dw_edma_fall_back(struct dw_edma_chan *ch);
/** Offset, in the list memory, of the word that a tail element in @p slot copies. */
uint64_t dw_edma_tail_word(const struct dw_edma_chan *ch, uint16_t slot);
/** Data slots that list memory has room for besides what @p mode needs. */
uint64_t dw_edma_list_slots(uint64_t bytes, enum dw_edma_completion mode);

static inline uint16_t
dw_edma_slot_index(const struct dw_edma_chan *ch, const struct dw_edma_elem *slot)
{
	uint16_t i = (uint16_t)(slot - ch->ll);

	return i == ch->ll_slots ? 0 : i;
}

/** Slots from @p from on to @p to, less than a lap. */
static inline uint16_t
dw_edma_distance(const struct dw_edma_chan *ch, const struct dw_edma_elem *from,
		 const struct dw_edma_elem *to)
{
	uint16_t a = dw_edma_slot_index(ch, from);
	uint16_t b = dw_edma_slot_index(ch, to);

	return b - a + (b < a ? ch->ll_slots : 0);
}

/* dw_edma_ring.c */
/** Empties both rings. */
void dw_edma_ring_reset(struct dw_edma_chan *ch);
/** Fills the list and rings the doorbell. */
void dw_edma_push(struct dw_edma_chan *ch);
void dw_edma_ring_doorbell(struct dw_edma_chan *ch);
/** Operations that the engine may have: those submitted and in the list, up to this id. */
static inline uint16_t
dw_edma_listed(const struct dw_edma_chan *ch)
{
	return ch->ahead || (int16_t)(ch->hw - ch->sub) > 0 ? ch->sub : ch->hw;
}
/** Forgets the lists of an operation that is done, if it has any. */
static inline void
dw_edma_desc_done(struct dw_edma_chan *ch, const struct dw_edma_desc *desc)
{
	if ((desc->word & DW_EDMA_DESC_LISTS) != 0) {
		ch->sg--;
		ch->piece_tail += (uint32_t)desc->dst;
	}
}

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
void dw_edma_sg_hand_over(struct dw_edma_chan *ch, uint16_t end, uint16_t room);
/** Takes @p n more elements for finished, and operations that have none when it is their turn. */
void dw_edma_sg_retire(struct dw_edma_chan *ch, uint16_t n);
/** Elements of operation hw - 1, which has lists, that are in the engine's list. */
uint16_t dw_edma_sg_listed(const struct dw_edma_chan *ch);

/* dw_edma_poll.c */
/** Chooses how completions are learned of. Returns -ENOTSUP, logged, if it is not possible. */
int dw_edma_mode_select(struct dw_edma_chan *ch);
/** Before a start. */
void dw_edma_mode_reset(struct dw_edma_chan *ch);
/** The list is empty and the channel does not run: no mark is waited for. */
void dw_edma_marks_reset(struct dw_edma_chan *ch);
/** True if the oldest element that is not finished belongs to no operation. */
bool dw_edma_mark_is_next(const struct dw_edma_chan *ch);
/** Marks what has been listed since the latest mark, if a mark is wanted. */
void dw_edma_mark(struct dw_edma_chan *ch);
/** Learns what the engine has done, and does what follows from it. */
void dw_edma_poll(struct dw_edma_chan *ch);
/**
 * Moves @c tail and @c done to list pointer @p llp, or, while the channel is @p running and its
 * pointer may be ahead, one slot less. False, with nothing moved, if the pointer cannot be one.
 */
bool dw_edma_retire(struct dw_edma_chan *ch, uint32_t llp, bool running);
/** The channel has been started, and is about to be; under the direction's lock. */
void dw_edma_irq_enter_locked(struct dw_edma_chan *ch);
/** The channel has been stopped. */
void dw_edma_irq_leave_locked(struct dw_edma_chan *ch);

/* dw_edma_recover.c */
/** The list pointer has not moved though work is in the list. */
void dw_edma_stalled(struct dw_edma_chan *ch);
/** The list pointer is not one of the list: the device is gone, or the channel lost its way. */
void dw_edma_lost(struct dw_edma_chan *ch);
/** Everything not done completes with @p status, and nothing is accepted any more. */
void dw_edma_kill(struct dw_edma_chan *ch, enum rte_dma_status_code status);
/** As above, because the device is gone. */
void dw_edma_kill_gone(struct dw_edma_chan *ch);
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
extern const struct rte_dma_dev_ops dw_edma_ops;

/* dw_edma_secondary.c */
/** The dmadev of a channel of the primary's, to look at. */
int dw_edma_dmadev_attach(struct dw_edma_engine *engine, struct rte_device *device,
			  enum dw_edma_dir dir, unsigned int index);
void dw_edma_dmadev_name(const struct dw_edma_engine *engine, enum dw_edma_dir dir,
			 unsigned int index, char *name, size_t room);

#endif /* _DW_EDMA_PRIV_H_ */
