/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _DEVICE_H_
#define _DEVICE_H_

/**
 * @file
 * The NTB rawdev, by its public API. What rte_pmd_ntb.h has no words for are attributes, which a
 * driver may lack.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

/** Attribute topo. */
#define DEVICE_HOST 0

struct device {
	uint16_t id;
	const char *name;
	const char *driver;
	bool host;    /**< else the endpoint */
	bool started;
	uint16_t queues;
	uint16_t queue_size;
	struct rte_mempool *pool;
};

/** What the command line says of the device; 0 and NULL: as the device has it. */
struct device_options {
	const char *name;
	uint64_t queues;
	uint64_t queue_size;
};

/** These return 0, or an exit code after telling what was wrong. */
int device_open(struct device *dev, const struct device_options *opt);
int device_start(struct device *dev);
/** May take a while: the peer is waited for. */
void device_stop(struct device *dev);
void device_close(struct device *dev);

/** Also lets the driver advance its link. */
bool device_link_is_up(struct device *dev);

/** An attribute that there may not be. Negative errno. */
int device_try_get(const struct device *dev, const char *name, uint64_t *value);
/** An attribute that is needed: 0, or EXIT_FAILURE after telling. */
int device_get(const struct device *dev, const char *name, uint64_t *value);
int device_set(const struct device *dev, const char *name, uint64_t value);

/** The two windows, from this side. */
enum window_owner {
	WINDOW_OWN,  /**< written by the peer */
	WINDOW_PEER,
};

struct window {
	uint8_t *va;    /**< NULL: not mapped */
	uint64_t bytes; /**< 0: out of reach */
	uint64_t user;  /**< first byte that the rings leave free */
};

/** Without complaint: any part may be 0. Good until the next device_link_is_up(). */
void device_window_look(const struct device *dev, enum window_owner owner, struct window *w);
/** One that is there and mapped: 0, or EXIT_FAILURE after telling. */
int device_window(const struct device *dev, enum window_owner owner, struct window *w);

#endif /* _DEVICE_H_ */
