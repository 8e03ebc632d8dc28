/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_PRIV_H_
#define _NTB_EPF_PRIV_H_

/**
 * @file
 * State of an endpoint NTB rawdev, either side.
 *
 *     ntb_epf_args.c     arguments
 *     ntb_epf_probe.c    coming and going; ntb_epf_vdev.c, on the virtual bus
 *     ntb_epf_rawdev.c   rawdev ops: configure, queues, start, stop
 *     ntb_epf_pool.c     which pools queues can receive into
 *     ntb_epf_attr.c     attributes
 *     ntb_epf_db.c       doorbells
 *     ntb_epf_window.c   what attributes tell of the windows
 *     ntb_epf_xstats.c   statistics
 *     ntb_epf_dump.c     dump
 *     ntb_epf_selftest.c selftest
 *     ntb_epf_link.c     handshake with the peer, quiesce
 *     ntb_epf_region.c   what the control region says
 *     ntb_epf_host.c     commands of the host side
 *     ntb_epf_ep.c       the endpoint side, which serves them
 *     ntb_epf_negotiate.c  who moves the data
 *     ntb_epf_dma.c      which DMA devices move what
 *     ntb_epf_chan.c     channels that several users share
 *     ntb_epf_commit.c   completions that the engine writes
 *     ntb_epf_vdma*.c    virtual memcpy device: requests to the peer's engine
 *     ntb_epf_exec.c     requests of the peer; ntb_epf_export.c, the memory that they may name
 *     ntb_epf_rxtx.c     bursts: dispatch; ntb_epf_push.c, ntb_epf_pull.c: the two ways;
 *                        ntb_epf_cpu.c: without an engine
 *     ntb_epf_softep.c   platform: the software endpoint
 *     ntb_epf_pci*.c     platform and bus: a PCI function; see ntb_epf_pci.h
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_cycles.h>
#include <rte_io.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_rawdev.h>
#include <rte_rawdev_pmd.h>
#include <rte_spinlock.h>

#include "ntb_epf_chan.h"
#include "ntb_epf_commit.h"
#include "ntb_epf_compat.h"
#include "ntb_epf_entry.h"
#include "ntb_epf_export.h"
#include "ntb_epf_hw.h"
#include "ntb_epf_region.h"
#include "ntb_epf_ring.h"

extern int ntb_epf_logtype;
#define RTE_LOGTYPE_NTB_EPF ntb_epf_logtype
#define NTB_EPF_LOG(level, dev, ...) \
	RTE_LOG_LINE_PREFIX(level, NTB_EPF, "%s: ", (dev)->name, __VA_ARGS__)

/** Channels, and `dma=` arguments, that one device can take. */
#define NTB_EPF_MAX_CHANNELS (2 * NTB_EPF_MAX_QUEUES)
#define NTB_EPF_MAX_DMA_ARGS 8

/** Longest chain of mbufs that a packet may arrive as or be sent from. */
#define NTB_EPF_MAX_SEGS 64

/** Least operations that a ring can work with: those of the longest chain. */
#define NTB_EPF_MIN_SHARE NTB_EPF_MAX_SEGS

/**
 * Flags of mbufs that mean something here. Sent: the L4 checksum is left to the port; of the two
 * bits this one is set for TCP and UDP. Received: it has not been computed.
 */
#define NTB_EPF_OL_TX_CKSUM RTE_MBUF_F_TX_TCP_CKSUM
#define NTB_EPF_OL_FLAGS (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_RX_L4_CKSUM_NONE)

/** Mbufs allocated or freed in one go. */
#define NTB_EPF_STASH 32

/**
 * Longest packet, and that of an application that does not say (attribute max_pkt_len), bytes: an
 * Ethernet frame with a VLAN tag and the largest MTU that a port above offers, 65522.
 */
#define NTB_EPF_MAX_PKT_LEN 65540

/**
 * Memory of the other side, or of this side's BARs seen from here. Mapped, or reached by message if
 * the platform cannot map it.
 */
struct ntb_epf_mem {
	uint8_t *va;    /**< NULL: not mapped */
	uint64_t bytes; /**< 0: not there */
	uint64_t start; /**< where it begins in its region */
	uint64_t dma;   /**< address for this side's DMA devices; 0: the platform does not know */
	unsigned int region;
};

struct ntb_epf_dev;

/**
 * The ground under a device: what a software endpoint, a PCI device or an SoC does differently. All
 * functions are control path, except mem_write() where the peer's window is not mapped.
 */
struct ntb_epf_plat_ops {
	/** Own connection to the board; false is final. At most one system call. */
	bool (*alive)(struct ntb_epf_dev *dev);
	/** Is the peer's process there, and which life of it? */
	bool (*peer_present)(struct ntb_epf_dev *dev, uint32_t *life);
	/** Remembers the lives that the link comes up with. */
	void (*peer_mark)(struct ntb_epf_dev *dev);
	/** No DMA that a marked life started can reach this side's memory any more. */
	bool (*peer_dma_gone)(struct ntb_epf_dev *dev);
	/** Accesses to memory that is not mapped. Writes are posted. Negative errno if dead. */
	int (*mem_read)(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset,
			void *data, uint32_t bytes);
	int (*mem_write)(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t offset,
			 const void *data, uint32_t bytes);
	/** Host: may the endpoint reach host memory? Returns after the device has taken it in. */
	int (*bus_master)(struct ntb_epf_dev *dev, bool on);
	/** Endpoint: opens a window onto host memory, as dev->peer. */
	int (*outbound_open)(struct ntb_epf_dev *dev, uint64_t addr, uint64_t bytes);
	void (*outbound_close)(struct ntb_epf_dev *dev);
	/** Can engines reach this memory of the process? NULL: whatever its IOVA names, they can. */
	bool (*engine_reaches)(const void *addr, size_t bytes);
	/** PCIe generation and lanes as they are now; 0: not known. NULL: there is no PCIe link. */
	void (*pcie_link)(struct ntb_epf_dev *dev, unsigned int *speed, unsigned int *width);
	void (*close)(struct ntb_epf_dev *dev);
	/**
	 * Host: how long one that leaves waits for an endpoint to take the news, milliseconds: as
	 * long as that may take, or not long if the endpoint finds out by itself.
	 */
	unsigned int leave_ms;
};

/** Link states. The one who advances them holds ntb_epf_dev::service_lock. */
enum ntb_epf_state {
	NTB_EPF_STOPPED, /**< not started, or stopped and quiet */
	NTB_EPF_WAIT,    /**< the peer's window cannot be reached yet */
	NTB_EPF_HELLO,   /**< own header is in the peer's window; waiting for the peer's */
	NTB_EPF_UP,
	NTB_EPF_QUIESCE, /**< leaving: waiting until no DMA can land any more */
	NTB_EPF_DEAD,    /**< the board is gone */
};

/** Host side: progress of the command sequence. */
enum ntb_epf_host_state {
	NTB_EPF_HOST_PROBE,     /**< control region not valid yet */
	NTB_EPF_HOST_LINK_DOWN, /**< the command of that name is under way; below too */
	NTB_EPF_HOST_SETTLE,    /**< the endpoint's clean-up after LINK_DOWN is waited for */
	NTB_EPF_HOST_TEARDOWN,
	NTB_EPF_HOST_CONFIGURE,
	NTB_EPF_HOST_LINK_UP,
	NTB_EPF_HOST_READY,
};

/** One end of a direction of a queue, as seen by the data path. */
enum ntb_epf_role {
	NTB_EPF_ROLE_NONE,
	NTB_EPF_ROLE_PUSH_TX, /**< mover and sender */
	NTB_EPF_ROLE_PUSH_RX, /**< publisher of empty buffers */
	NTB_EPF_ROLE_PULL_TX, /**< publisher of full buffers */
	NTB_EPF_ROLE_PULL_RX, /**< mover and receiver */
	NTB_EPF_ROLE_CPU_TX,  /**< copies into cells of the peer's window */
	NTB_EPF_ROLE_CPU_RX,  /**< publisher of cells, copies out of them */
};

struct ntb_epf_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t errors;    /**< packets lost to failed copies or bad entries, or refused as too long */
	uint64_t ring_full; /**< Tx: packets that stayed the caller's for want of room */
	uint64_t no_buffer; /**< Rx: times that the pool had too few mbufs */
	uint64_t missed;    /**< Rx: mbufs that it was asked for then */
	uint64_t commits;   /**< Tx: bursts whose completions the engine was to write */
	uint64_t commit_failures; /**< Tx: those of them that the core wrote in the end */
};

/** An entry that a ring holds: of the publisher, a buffer given away; of the mover, a copy. */
struct ntb_epf_slot {
	struct rte_mbuf *mbuf; /**< what the slot frees or delivers when it ends; may be NULL */
	uint32_t len;          /**< bytes; Rx publisher: room */
	uint16_t id;           /**< the publisher's */
	uint8_t flags;         /**< NTB_EPF_FLAG_* of the completion */
	uint8_t copies;        /**< mover: DMA operations still to come */
};

/**
 * One direction of one queue pair. Used by one lcore at a time (the application's rule), or by the
 * link service while run is 0 and busy is 0.
 *
 * Numbers are free-running 32-bit counts, masked at use. Publisher: sq counts entries written to
 * the peer, cq entries that came back. Mover: sq counts entries taken from the peer, cq entries
 * written back; slots between the two are under way.
 */
struct ntb_epf_ring {
	RTE_ATOMIC(uint32_t) run;  /**< written by the link service: bursts may enter */
	RTE_ATOMIC(uint32_t) busy; /**< written by the burst functions: one is inside */
	enum ntb_epf_role role;
	uint32_t mask; /**< entries on this link - 1; there are slots for the own queue_size */
	struct ntb_epf_dev *dev;

	uint32_t sq;
	uint32_t cq;
	uint32_t copied; /**< mover: slot that the next finished DMA operation belongs to */
	struct ntb_epf_lap sq_lap;
	struct ntb_epf_lap cq_lap;
	uint8_t *local;  /**< area in the own window, written by the peer */
	uint64_t remote; /**< offset of the area in the peer's window */
	uint64_t cells;  /**< cpu: offset of the first cell in the receiver's window */
	struct ntb_epf_slot *slots;

	struct ntb_epf_share share; /**< mover: of a channel */
	struct ntb_epf_commit commit;
	uint32_t max_pkt_len;   /**< longest packet: Tx, the peer's limit; Rx, the own */
	uint64_t ol_flags;      /**< Tx: mbuf flag of packets that cross with NTB_EPF_FLAG_CKSUM */
	bool takes_cksum;       /**< Rx: such packets are taken */
	struct rte_mempool *mp; /**< Rx */
	uint32_t buf_room;      /**< Rx: bytes of an mbuf of the pool */
	struct rte_mbuf *chain;      /**< Rx: packet being put together; NULL: none */
	struct rte_mbuf *chain_tail;
	bool chain_bad;              /**< Rx: the rest of the packet is to be dropped */

	struct rte_mbuf *stash[NTB_EPF_STASH]; /**< Rx mover: mbufs allocated, not yet used */
	unsigned int nb_stash;

	unsigned int lcore;     /**< last user */
	uint32_t idle_sq;       /**< link service: sq as it was at the last look */
	struct ntb_epf_stats stats;
} __rte_cache_aligned;

/** How cores share out the payload area of either window: see ntb_epf_cpu.c. */
struct ntb_epf_cells {
	uint64_t start; /**< of the payload area */
	uint64_t room;  /**< bytes of the window: the payload area ends there */
	uint32_t count; /**< per queue pair, a power of two */
	uint32_t bytes; /**< of one, whole cache lines */
	uint32_t batch; /**< published together, a power of two */
};

/** A queue pair. */
struct ntb_epf_queue {
	struct ntb_epf_ring tx;
	struct ntb_epf_ring rx;
	bool configured;
};

struct ntb_epf_dev {
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_rawdev *rawdev;
	uint8_t side; /**< NTB_EPF_SIDE_* */

	/* What was asked for. */
	enum ntb_epf_mover wish;
	bool fallback; /**< cores may copy if no engine can */
	enum ntb_epf_commit_by commit_wish;
	char *dma_args[NTB_EPF_MAX_DMA_ARGS];
	unsigned int nb_dma_args;
	uint16_t nb_queues;
	uint16_t queue_size;
	uint32_t max_pkt_len;
	uint32_t peer_timeout_ms; /**< the link goes down when the peer makes no calls; 0: never */
	uint64_t mac; /**< byte 0 of the address is the lowest */
	uint64_t ol_flags; /**< NTB_EPF_OL_FLAGS that the application uses */
	rte_spinlock_t join_lock;
	bool may_join; /**< under join_lock: polls of the link may join it before start */

	/* What is there. */
	const struct ntb_epf_plat_ops *plat_ops;
	void *plat;
	struct ntb_epf_mem ctrl;   /**< control region and scratchpads */
	struct ntb_epf_mem peer_spad; /**< host: if they are not behind the own ones */
	struct ntb_epf_mem db;     /**< doorbell array */
	struct ntb_epf_mem mw_bar; /**< host: BAR of the peer's window */
	struct ntb_epf_mem peer;   /**< the peer's window; bytes 0: not reachable */
	uint8_t *window;           /**< own window, local memory */
	uint64_t window_bytes;
	uint64_t window_iova;      /**< own window for an engine that the peer drives; 0: not known */
	uint64_t pool_bytes;       /**< what info_get tells of the memory that pools may take */
	struct ntb_epf_queue *queues;
	uint16_t nb_rings;         /**< queue pairs that bursts may use: 0 without queues */
	struct ntb_epf_chan chans[NTB_EPF_MAX_CHANNELS];
	unsigned int nb_chans;
	const struct rte_memzone *stage;  /**< of all queue pairs; NULL: the engine commits nothing */
	struct ntb_epf_segment *segs;
	/**
	 * Users besides the rings, by direction (push or not), set before a link comes up. Each has
	 * a share of the last channel of its direction from ntb_epf_dma_start() to
	 * ntb_epf_dma_stop(); its chan is NULL at other times, or if there is no such channel. What
	 * it has under way must end, as what rings have, before the link code stops the channels.
	 */
	struct ntb_epf_share *others[2];
	struct ntb_epf_vdma *vdma;       /**< requests to the peer; NULL: no such device */
	struct ntb_epf_exec *exec;       /**< requests of the peer; NULL: there were none yet */
	RTE_ATOMIC(uint32_t) exec_run;   /**< written by the link service: the peer may ask */
	struct ntb_epf_exports exports;

	/* Link; under service_lock, except where a burst function may look. */
	RTE_ATOMIC(uint32_t) service_lock;
	RTE_ATOMIC(uint32_t) link_up;
	enum ntb_epf_state state;
	bool stopping;            /**< leave the link and stay away */
	bool open;                /**< started: bursts may run while the link is up */
	bool ran;                 /**< bursts could run on this link */
	bool bus_master;          /**< host: is on */
	bool own_quiet;           /**< QUIESCE: own DMA has ended, and the peer was told */
	bool host_let_go;         /**< endpoint: the host asks for LINK_DOWN: its DMA has ended */
	RTE_ATOMIC(uint64_t) next_service; /**< TSC */
	uint64_t deadline;        /**< TSC: end of the wait in this state */
	uint32_t generation;      /**< own */
	uint32_t granted;         /**< peer generation that may publish; 0: none */
	uint32_t rejected;        /**< peer generation that was refused */
	uint32_t refusals;        /**< logged since the last link */
	uint32_t looks;             /**< at the peer's header while the link is down */
	uint64_t heartbeat;         /**< own, and when it is due (TSC) */
	uint64_t next_heartbeat;
	uint64_t peer_heartbeat;    /**< last that was seen of the peer's, and when (TSC) */
	uint64_t peer_heartbeat_at;
	uint32_t flaps;           /**< times that the link went down */
	uint16_t depth;           /**< entries of a ring on this link; 0: none */
	RTE_ATOMIC(uint64_t) link_reads; /**< accesses that read memory across the link */
	enum ntb_epf_mover mover; /**< agreed arrangement; AUTO: none */
	struct ntb_epf_cells cells; /**< if it is cpu */
	enum ntb_epf_commit_by commit; /**< of what this side pushes */
	struct ntb_epf_win_hdr peer_hdr; /**< checked copy of what the peer said */

	/* Host: commands. */
	struct ntb_epf_region region; /**< as read when host_state left PROBE */
	enum ntb_epf_host_state host_state;
	bool command_pending;
	uint64_t command_deadline; /**< TSC: of the command, or of the one in its way; 0: none */
	uint64_t host_retry; /**< TSC: pause after a failed command ends */
	bool host_warned;    /**< this life of the endpoint has failed a command, and it was logged */
	uint32_t host_life; /**< life of the peer's process that the commands are with */
	bool host_cleaned;  /**< nothing of an earlier host is left at the endpoint */
	unsigned int host_teardowns; /**< TEARDOWN_MW still to be sent */
	bool host_sentinel;          /**< SETTLE: the endpoint is to clear a scratchpad */
	uint64_t host_settle;        /**< TSC: end of that wait */
	/* Doorbells; under service_lock. */
	uint32_t db_pending; /**< own bits that have been rung and not cleared */
	uint32_t db_valid;   /**< host: bits that can be rung; 0: not asked yet */
	uint32_t db_data[NTB_EPF_MAX_DB]; /**< host: value to write for a slot, and where */
	uint32_t db_at[NTB_EPF_MAX_DB];

	/* Endpoint: what the host configured. */
	bool bound;
	uint64_t mw_addr;
	uint64_t mw_bytes;
	bool host_link;
	bool window_open; /**< the outbound window is onto the host's */
};

/** May the application touch the peer's window? Not while the link is being left. */
static inline bool
ntb_epf_peer_usable(const struct ntb_epf_dev *dev)
{
	return dev->peer.bytes != 0 &&
		(dev->state == NTB_EPF_HELLO || dev->state == NTB_EPF_UP);
}

/** Have both windows room for requests of copies? */
static inline bool
ntb_epf_req_room(const struct ntb_epf_dev *dev)
{
	return NTB_EPF_REQ_OFFSET(dev->nb_queues, dev->depth) + NTB_EPF_REQ_BYTES <=
		RTE_MIN(dev->window_bytes, dev->peer.bytes);
}

static inline bool
ntb_epf_is_queue_size(uint64_t n)
{
	return n >= NTB_EPF_MIN_QUEUE_SIZE && n <= NTB_EPF_MAX_QUEUE_SIZE && (n & (n - 1)) == 0;
}

/* Named barriers. */

/** Makes payload that a DMA device has reported complete visible before the entry that says so. */
static inline void
ntb_epf_payload_before_entry(void)
{
	rte_io_wmb();
}

/** Makes the rest of a header visible before the generation that validates it. */
static inline void
ntb_epf_header_before_generation(void)
{
	rte_io_wmb();
}

/** Keeps reads of what an entry describes behind the read of the entry. */
static inline void
ntb_epf_entry_before_use(void)
{
	rte_io_rmb();
}

/* Accesses to memory that may not be mapped; naturally aligned, little endian. */

static inline uint64_t
ntb_epf_load64(const uint8_t *local)
{
	return rte_le_to_cpu_64(rte_atomic_load_explicit(
		(const RTE_ATOMIC(uint64_t) *)(uintptr_t)local, rte_memory_order_acquire));
}

static inline uint32_t
ntb_epf_load32(const uint32_t *local)
{
	return rte_le_to_cpu_32(rte_atomic_load_explicit(
		(const RTE_ATOMIC(uint32_t) *)(uintptr_t)local, rte_memory_order_acquire));
}

/** A posted store of one word into the peer's window. */
static inline void
ntb_epf_peer_store64(struct ntb_epf_dev *dev, uint64_t offset, uint64_t value)
{
	if (likely(dev->peer.va != NULL))
		rte_atomic_store_explicit((RTE_ATOMIC(uint64_t) *)(uintptr_t)(dev->peer.va + offset),
					  value, rte_memory_order_relaxed);
	else
		dev->plat_ops->mem_write(dev, &dev->peer, offset, &value, sizeof(value));
}

/**
 * Where words go that lie behind each other in the peer's window: there, or if it is not mapped into
 * @p message, which ntb_epf_peer_words_end() sends.
 */
static inline RTE_ATOMIC(uint64_t) *
ntb_epf_peer_words(struct ntb_epf_dev *dev, uint64_t offset, uint64_t *message)
{
	uint8_t *to = dev->peer.va != NULL ? dev->peer.va + offset : (uint8_t *)message;

	return (RTE_ATOMIC(uint64_t) *)(uintptr_t)to;
}

static inline void
ntb_epf_peer_words_end(struct ntb_epf_dev *dev, uint64_t offset, const uint64_t *message,
		       unsigned int n)
{
	if (unlikely(dev->peer.va == NULL) && n != 0)
		dev->plat_ops->mem_write(dev, &dev->peer, offset, message, n * sizeof(*message));
}

/** Posted stores of words in a row, in little endian already; by message, one of them all. */
static __rte_always_inline void
ntb_epf_peer_store_words(struct ntb_epf_dev *dev, uint64_t offset, const uint64_t *words,
			 unsigned int n)
{
	uint8_t *va = dev->peer.va;
	unsigned int i;

	if (unlikely(va == NULL)) {
		if (n != 0)
			dev->plat_ops->mem_write(dev, &dev->peer, offset, words,
						 n * sizeof(*words));
		return;
	}
	for (i = 0; i < n; i++)
		rte_atomic_store_explicit(
			(RTE_ATOMIC(uint64_t) *)(uintptr_t)(va + offset + i * sizeof(*words)),
			words[i], rte_memory_order_relaxed);
}

/** A posted store of a whole submission entry. */
static inline void
ntb_epf_peer_store_sqe(struct ntb_epf_dev *dev, uint64_t offset, uint64_t word0, uint64_t word1)
{
	const uint64_t words[] = { word0, word1 };

	ntb_epf_peer_store_words(dev, offset, words, RTE_DIM(words));
}

/* ntb_epf_link.c */

/** Does a slice of control work if nobody else is at it. Never waits. */
void ntb_epf_service_now(struct ntb_epf_dev *dev);
/** Bounded wait, for control calls, until the device has become STOPPED or DEAD. */
int ntb_epf_link_stop(struct ntb_epf_dev *dev);
/**
 * Joins the link.
 *
 * @param open  Let bursts run; else the link comes up, and carries nothing until it is opened.
 */
void ntb_epf_link_start(struct ntb_epf_dev *dev, bool open);
/** What the application uses of NTB_EPF_OL_FLAGS; of those to send, what the peer takes. */
uint64_t ntb_epf_ol_flags(const struct ntb_epf_dev *dev);
/** Since when the peer's heartbeat stands still; 0 while the link is down. */
uint64_t ntb_epf_heartbeat_age_ms(const struct ntb_epf_dev *dev);
/** Buffers that the peer was given and that are kept until no DMA can reach them. */
uint64_t ntb_epf_quarantined(const struct ntb_epf_dev *dev);
/** The platform is about to go: no call will look at it any more. */
void ntb_epf_link_close(struct ntb_epf_dev *dev);
/** For control calls: waits for the one who holds the service lock, whose work is bounded. */
void ntb_epf_link_lock(struct ntb_epf_dev *dev);
void ntb_epf_link_unlock(struct ntb_epf_dev *dev);

/** The same if it is due. */
static inline void
ntb_epf_service(struct ntb_epf_dev *dev)
{
	uint64_t due = rte_atomic_load_explicit(&dev->next_service, rte_memory_order_relaxed);

	if (unlikely(rte_rdtsc() >= due))
		ntb_epf_service_now(dev);
}

/* ntb_epf_host.c, ntb_epf_ep.c: one slice each; they keep dev->peer reachable or not. */
void ntb_epf_host_poll(struct ntb_epf_dev *dev);
void ntb_epf_host_restart(struct ntb_epf_dev *dev);
/** Tells the endpoint, without waiting long, that the host is leaving. */
void ntb_epf_host_leave(struct ntb_epf_dev *dev);
void ntb_epf_ep_poll(struct ntb_epf_dev *dev);
void ntb_epf_ep_bind(struct ntb_epf_dev *dev);
void ntb_epf_ep_unbind(struct ntb_epf_dev *dev);

/* Control region and other memory by width; 0 / all-ones on failure. */
uint32_t ntb_epf_mem_read32(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off);
uint16_t ntb_epf_mem_read16(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off);
void ntb_epf_mem_write32(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off,
			 uint32_t value);
void ntb_epf_mem_write16(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off,
			 uint16_t value);

/* ntb_epf_db.c, ntb_epf_window.c: attributes; -ENOENT if the name is none of theirs. */

/** Forgets what was rung, and what the peer said of its doorbells. */
void ntb_epf_db_reset(struct ntb_epf_dev *dev);
/** Host: keeps what the endpoint says of its slots. One read across the link for each word. */
void ntb_epf_db_learn(struct ntb_epf_dev *dev);
int ntb_epf_db_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value);
int ntb_epf_db_set(struct ntb_epf_dev *dev, const char *name, uint64_t value);
int ntb_epf_window_get(struct ntb_epf_dev *dev, const char *name, uint64_t *value);

/* ntb_epf_dma.c */

/** Finds the DMA devices that the arguments name. Logs and returns a negative errno. */
int ntb_epf_dma_resolve(struct ntb_epf_dev *dev);
/** NTB_EPF_CAN_* of the devices found: a direction counts if there is a channel. */
uint8_t ntb_epf_dma_abilities(const struct ntb_epf_dev *dev);
/** Starts the channels that the agreed arrangement needs here. Logs what fails. */
int ntb_epf_dma_start(struct ntb_epf_dev *dev);
/** Negative errno if a channel does not stop: its copies may still land. */
int ntb_epf_dma_stop(struct ntb_epf_dev *dev);
/** The channel of a queue; NULL: the direction has none. */
struct ntb_epf_chan *ntb_epf_dma_channel(struct ntb_epf_dev *dev, uint16_t queue, bool push);
/**
 * Does a dmadev of this name keep a fenced operation from being done once one before it has failed?
 * DPDK's flag does not say so: it orders. Channels of an eDMA do, and it is these that are named
 * after a write or read channel, "<device>-wr<N>" or "<device>-rd<N>".
 */
bool ntb_epf_dma_fences(const char *name);

/* ntb_epf_negotiate.c */

/** What the own header says: NTB_EPF_CAN_* of the DMA devices, NTB_EPF_MAY_CPU. */
uint8_t ntb_epf_abilities(const struct ntb_epf_dev *dev);
/** Arrangement that follows from both sides' wishes and abilities; AUTO: none is possible. */
enum ntb_epf_mover ntb_epf_negotiate(enum ntb_epf_mover wish_rc, uint8_t can_rc,
				     enum ntb_epf_mover wish_ep, uint8_t can_ep);
const char *ntb_epf_mover_name(enum ntb_epf_mover mover);
const char *ntb_epf_abilities_name(uint8_t abilities);
/** Does this side move what goes in that direction? In cpu the sender's cores do. */
bool ntb_epf_is_mover(enum ntb_epf_mover mover, uint8_t side, enum ntb_epf_dir dir);

/* ntb_epf_rxtx.c */
int ntb_epf_enqueue(struct rte_rawdev *rawdev, struct rte_rawdev_buf **bufs, unsigned int count,
		    rte_rawdev_obj_t context);
int ntb_epf_dequeue(struct rte_rawdev *rawdev, struct rte_rawdev_buf **bufs, unsigned int count,
		    rte_rawdev_obj_t context);
/** Delivers what was sent and waits for it, not long. For control calls. */
void ntb_epf_flush_sent(struct ntb_epf_dev *dev);
/** Clean state for a new link. The areas in the own window are zeroed by the link code. */
void ntb_epf_ring_reset(struct ntb_epf_ring *ring, enum ntb_epf_role role, uint32_t tag);
/** Collects finished work without new work. False while DMA of this side is under way. */
bool ntb_epf_ring_drain(struct ntb_epf_ring *ring);
/** Publisher: buffers that the peer was given and has not given back. */
uint32_t ntb_epf_ring_given(const struct ntb_epf_ring *ring);
/** Sender: entries under way. */
uint32_t ntb_epf_ring_pending(const struct ntb_epf_ring *ring);
/** Receiver: entries that the peer has sent and nobody has taken. Changes nothing. */
uint32_t ntb_epf_ring_ready(const struct ntb_epf_ring *ring);
/** Forgets copies that a stopped DMA device will not report. */
void ntb_epf_ring_abandon(struct ntb_epf_ring *ring);
/** Returns every buffer to its pool. No DMA may be able to touch them. */
void ntb_epf_ring_release(struct ntb_epf_ring *ring);

/* ntb_epf_exec.c */

/** Works on requests of the peer, a bounded amount. */
void ntb_epf_exec_poll_now(struct ntb_epf_dev *dev);

/** The same if the peer may ask. For polls of the application. */
static inline void
ntb_epf_exec_poll(struct ntb_epf_dev *dev)
{
	if (unlikely(rte_atomic_load_explicit(&dev->exec_run, rte_memory_order_acquire) != 0))
		ntb_epf_exec_poll_now(dev);
}

/* ntb_epf_push.c, ntb_epf_pull.c */
unsigned int ntb_epf_push_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);
unsigned int ntb_epf_push_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);
unsigned int ntb_epf_pull_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);
unsigned int ntb_epf_pull_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);
void ntb_epf_push_tx_reap(struct ntb_epf_ring *r);

/* ntb_epf_cpu.c */

/**
 * Cuts the payload area of a window into cells; the same on both sides.
 *
 * @param room  Bytes of the shorter window.
 * @return False if there is too little room.
 */
bool ntb_epf_cells_plan(struct ntb_epf_cells *cells, uint64_t room, uint16_t queues,
			uint16_t depth);
/** Bytes of the shortest window that is cut. */
uint64_t ntb_epf_cells_least_room(uint16_t queues, uint16_t depth);
/** Longest packet that cells hold. */
uint32_t ntb_epf_cells_max_pkt_len(const struct ntb_epf_cells *cells);
/** What a ring of cells needs beside ntb_epf_ring_reset(). */
void ntb_epf_cpu_ring_reset(struct ntb_epf_ring *r, uint16_t queue);
unsigned int ntb_epf_cpu_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);
unsigned int ntb_epf_cpu_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int n);

/* ntb_epf_pool.c */

/** Can a queue receive into this pool, whoever moves the data? Logs why not: -EINVAL. */
int ntb_epf_pool_check(const struct ntb_epf_dev *dev, uint16_t queue, struct rte_mempool *mp);

/* ntb_epf_rawdev.c, ntb_epf_attr.c, ntb_epf_xstats.c */

uint64_t ntb_epf_peer_mac(const struct ntb_epf_dev *dev);
extern const struct rte_rawdev_ops ntb_epf_ops;
void ntb_epf_queues_free(struct ntb_epf_dev *dev);
/** Joins the link if the application is ready and waits for the peer before it starts. */
void ntb_epf_join_early(struct ntb_epf_dev *dev);
int ntb_epf_attr_get(struct rte_rawdev *rawdev, const char *name, uint64_t *value);
int ntb_epf_attr_set(struct rte_rawdev *rawdev, const char *name, uint64_t value);
int ntb_epf_xstats_get(const struct rte_rawdev *rawdev, const unsigned int ids[],
		       uint64_t values[], unsigned int n);
int ntb_epf_xstats_names(const struct rte_rawdev *rawdev, struct rte_rawdev_xstats_name *names,
			 unsigned int size);
uint64_t ntb_epf_xstats_by_name(const struct rte_rawdev *rawdev, const char *name,
				unsigned int *id);
int ntb_epf_xstats_reset(struct rte_rawdev *rawdev, const uint32_t ids[], uint32_t nb_ids);
/** Number of the xstat of a name. */
bool ntb_epf_xstat_find(const struct ntb_epf_dev *dev, const char *name, unsigned int *id);

/* ntb_epf_dump.c, ntb_epf_selftest.c */
int ntb_epf_dump(struct rte_rawdev *rawdev, FILE *f);
int ntb_epf_selftest(uint16_t dev_id);

/* ntb_epf_probe.c */

/** What an application finds, before it configures. */
void ntb_epf_set_defaults(struct ntb_epf_dev *dev);

/** A platform: matched by the argument that selects it; registered by its file's constructor. */
struct ntb_epf_platform {
	const char *key; /**< devarg, e.g. "softep" */
	int (*open)(struct ntb_epf_dev *dev, const char *value);
	struct ntb_epf_platform *next;
};
void ntb_epf_platform_register(struct ntb_epf_platform *platform);

#endif /* _NTB_EPF_PRIV_H_ */
