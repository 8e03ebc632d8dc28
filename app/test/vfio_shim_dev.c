/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Functions. Each is a directory of the tree, with a file "config" that is its configuration space
 * and a file "shim" that says what is behind its BARs; numbers are decimal or with 0x:
 *
 *   bar N BYTES                    memory; starts as the file "barN", if there is one
 *   engine MAP WR RD BAR OFFSET    registers of an engine, at a page border
 *   local ADDRESS BAR OFFSET BYTES where the engine has a part of a BAR
 *   ready BAR OFFSET MASK OFFSET MASK MS
 *                                  request bit, and the bit that follows it so much later
 *   commands BAR OFFSET            control region of an endpoint NTB: commands 7 and 8 succeed
 *   msi OFFERED GIVEN              vectors of the function, and those that the kernel has for it
 *   board SOCKET                   BARs and configuration space are those of a vfio-user device
 *   no-iommu                       every address is one of the process, on both sides
 *
 * At the end, "config.end" and "barN.end" (of each BAR the first 64 KiB) are what is left there,
 * and "report" tells what happened.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vfio_shim.h"

#define MAX_DEVS 4
/** Steps of an engine in one go: the driver waits for them at a register. */
#define STEPS 16
/** How often an idle shim looks at the words that no store to a register tells of. */
#define IDLE_NS 1000000
#define END_BYTES 65536

#define CONFIG_COMMAND 0x04
#define CONFIG_COMMAND_MASTER 0x4

#define COMMAND_ARGUMENT 0x04
#define COMMAND_STATUS 0x08
#define COMMAND_SETUP 7
#define COMMAND_TEARDOWN 8
#define STATUS_OK 1
#define STATUS_ERROR 2

static struct shim_dev devs[MAX_DEVS];
static unsigned int nb_devs;

/** First come, first served: neither the engine's thread nor the driver starves the other. */
static struct {
	atomic_uint next;
	atomic_uint serving;
} lock;

static struct {
	pthread_t thread;
	bool running;
	atomic_bool stop;
	sem_t wake;
	cpu_set_t cpus; /**< of the process, before EAL pins its threads */
} engine;

void
shim_lock(void)
{
	unsigned int ticket = atomic_fetch_add(&lock.next, 1);

	while (atomic_load(&lock.serving) != ticket)
		sched_yield();
}

void
shim_unlock(void)
{
	atomic_fetch_add(&lock.serving, 1);
}

void
shim_wake(void)
{
	sem_post(&engine.wake);
}

/** The shim has no way to go on, and nobody to tell but the test. */
static void
give_up(const char *what, const char *name)
{
	fprintf(stderr, "vfio-shim: %s: %s: %s\n", name, what, strerror(errno));
	abort();
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Engine --------------------------------------------------------------------------------------- */

static void *
bar_memory(const struct shim_dev *dev, uint64_t addr, uint64_t *len)
{
	const struct shim_window *w;
	unsigned int i;

	for (i = 0; i < dev->windows; i++) {
		w = &dev->window[i];
		if (addr - w->local >= w->bytes)
			continue;
		if (*len > w->bytes - (addr - w->local))
			*len = w->bytes - (addr - w->local);
		return dev->bar[w->bar] + w->offset + (addr - w->local);
	}
	return NULL;
}

/** Whether a request gets to the host's IOMMU: a bus master's own does. */
static bool
may_master(const struct shim_dev *dev, unsigned int fn)
{
	uint16_t command;

	memcpy(&command, dev->config + CONFIG_COMMAND, sizeof(command));
	return (command & CONFIG_COMMAND_MASTER) != 0 && fn == dev->fn;
}

/**
 * The link leads to announced memory. The engine's own side is what its windows are, and the same
 * memory by the process's addresses, so that a test is on both sides.
 */
static void *
bus_map(void *ctx, enum edma_space space, unsigned int fn, uint64_t addr, uint64_t *len, bool write)
{
	struct shim_dev *dev = ctx;
	void *va = NULL;

	(void)write;
	if (space == EDMA_SPACE_LOCAL)
		va = bar_memory(dev, addr, len);
	if (va == NULL && dev->no_iommu)
		va = (void *)(uintptr_t)addr;
	else if (va == NULL && (space == EDMA_SPACE_LOCAL || may_master(dev, fn)))
		va = shim_dma(addr, space == EDMA_SPACE_PCIE, len);
	dev->aborts += va == NULL;
	return va;
}

static const struct edma_bus bus = {
	.map = bus_map,
};

static void
on_complaint(void *ctx, const char *line)
{
	struct shim_dev *dev = ctx;

	if (dev->complaint[0] == '\0')
		snprintf(dev->complaint, sizeof(dev->complaint), "%s", line);
}

/* Endpoint ------------------------------------------------------------------------------------- */

static _Atomic uint32_t *
word_of(const struct shim_dev *dev, unsigned int bar, uint64_t offset)
{
	return (_Atomic uint32_t *)(dev->bar[bar] + offset);
}

/** Request and answer may be bits of one word, which host and endpoint both change. */
static void
serve_ready(struct shim_dev *dev)
{
	struct shim_ready *r = &dev->ready;
	_Atomic uint32_t *answer = word_of(dev, r->bar, r->ready_offset);
	bool asked = (*word_of(dev, r->bar, r->request_offset) & r->request) != 0;

	if (!asked) {
		r->since = 0;
		if ((*answer & r->ready) != 0)
			atomic_fetch_and(answer, ~r->ready);
	} else if (r->since == 0) {
		r->since = now_ms();
	} else if (now_ms() - r->since >= r->delay_ms && (*answer & r->ready) == 0) {
		atomic_fetch_or(answer, r->ready);
	}
}

static void
serve_command(struct shim_dev *dev)
{
	uint32_t command = *word_of(dev, dev->command_bar, dev->command_offset);
	_Atomic uint16_t *status = (_Atomic uint16_t *)(dev->bar[dev->command_bar] +
							dev->command_offset + COMMAND_STATUS);

	if (command == 0)
		return;
	*word_of(dev, dev->command_bar, dev->command_offset) = 0;
	*word_of(dev, dev->command_bar, dev->command_offset + COMMAND_ARGUMENT) = 0;
	if (dev->commands < SHIM_COMMANDS)
		dev->command[dev->commands++] = command;
	*status = command == COMMAND_SETUP || command == COMMAND_TEARDOWN ? STATUS_OK :
									    STATUS_ERROR;
}

/** Returns true if there is more to do. */
static bool
serve(struct shim_dev *dev)
{
	bool busy = false;
	int i;

	if (dev->fd < 0)
		return false;
	if (dev->ready.used)
		serve_ready(dev);
	if (dev->takes_commands)
		serve_command(dev);
	if (dev->model == NULL)
		return false;
	shim_lock();
	for (i = 0; i < STEPS; i++) {
		busy = edma_model_step(dev->model);
		if (!busy)
			break;
	}
	shim_unlock();
	return busy;
}

static void *
engine_main(void *arg)
{
	struct timespec until;
	unsigned int i;
	bool busy;

	(void)arg;
	sched_setaffinity(0, sizeof(engine.cpus), &engine.cpus);
	while (!atomic_load(&engine.stop)) {
		busy = false;
		for (i = 0; i < nb_devs; i++)
			busy |= serve(&devs[i]);
		if (busy)
			continue;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += IDLE_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		sem_timedwait(&engine.wake, &until);
	}
	return NULL;
}

/* Description ---------------------------------------------------------------------------------- */

static void
path_in(const struct shim_dev *dev, const char *file, char *path, size_t room)
{
	snprintf(path, room, "%s/%s/%s", getenv("SYSFS_PCI_DEVICES"), dev->name, file);
}

/** Copies a file to memory. Returns its bytes, 0 if there is none. */
static size_t
load(const struct shim_dev *dev, const char *file, void *to, size_t room)
{
	char path[512];
	ssize_t n;
	int fd;

	path_in(dev, file, path, sizeof(path));
	fd = shim_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, to, room);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static void
save(const struct shim_dev *dev, const char *file, const void *from, size_t bytes)
{
	char path[512];
	int fd;

	path_in(dev, file, path, sizeof(path));
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			  0644);
	if (fd < 0)
		return;
	if (write(fd, from, bytes) != (ssize_t)bytes)
		fprintf(stderr, "vfio-shim: %s is not complete\n", path);
	close(fd);
}

static uint8_t *
map_region(const struct shim_dev *dev, unsigned int region, size_t bytes)
{
	void *va = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				   dev->fd, (off_t)region << SHIM_REGION_SHIFT);

	if (va == MAP_FAILED)
		give_up("no memory of a region", dev->name);
	return va;
}

static void
add_bar(struct shim_dev *dev, uint64_t n, uint64_t bytes)
{
	char file[8];

	if (n >= SHIM_BARS || bytes == 0)
		give_up("no such BAR", dev->name);
	dev->bar_bytes[n] = bytes;
	dev->bar[n] = map_region(dev, (unsigned int)n, bytes);
	snprintf(file, sizeof(file), "bar%u", (unsigned int)n % SHIM_BARS);
	load(dev, file, dev->bar[n], bytes);
}

static void
add_engine(struct shim_dev *dev, const uint64_t *arg)
{
	if (arg[3] >= SHIM_BARS || dev->bar[arg[3]] == NULL || arg[4] % 4096 != 0)
		give_up("registers are not in a BAR", dev->name);
	dev->conf = (struct edma_model_conf){
		.wr_cnt = (unsigned int)arg[1],
		.rd_cnt = (unsigned int)arg[2],
		.map = (enum dw_edma_map)arg[0],
		.regs = (uint32_t *)(dev->bar[arg[3]] + arg[4]),
		.bus = &bus,
		.bus_ctx = dev,
		.complain = on_complaint,
	};
	dev->regs_bar = (unsigned int)arg[3];
	dev->regs_offset = arg[4];
	dev->regs_bytes = edma_model_regs_bytes(&dev->conf);
	if (dev->regs_offset + dev->regs_bytes > dev->bar_bytes[dev->regs_bar])
		give_up("registers are not in a BAR", dev->name);
	dev->model = edma_model_create(&dev->conf);
	if (dev->model == NULL)
		give_up("no such engine", dev->name);
}

static void
add_window(struct shim_dev *dev, const uint64_t *arg)
{
	if (dev->windows == SHIM_WINDOWS || arg[1] >= SHIM_BARS ||
	    arg[2] + arg[3] > dev->bar_bytes[arg[1]])
		give_up("window is not in a BAR", dev->name);
	dev->window[dev->windows++] = (struct shim_window){
		.local = arg[0], .bar = (unsigned int)arg[1], .offset = arg[2], .bytes = arg[3],
	};
}

static void
add_ready(struct shim_dev *dev, const uint64_t *arg)
{
	if (arg[0] >= SHIM_BARS || dev->bar[arg[0]] == NULL)
		give_up("bits are not in a BAR", dev->name);
	dev->ready = (struct shim_ready){
		.used = true,
		.bar = (unsigned int)arg[0],
		.request_offset = arg[1],
		.request = (uint32_t)arg[2],
		.ready_offset = arg[3],
		.ready = (uint32_t)arg[4],
		.delay_ms = (unsigned int)arg[5],
	};
}

static void
add_commands(struct shim_dev *dev, const uint64_t *arg)
{
	if (arg[0] >= SHIM_BARS || dev->bar[arg[0]] == NULL)
		give_up("control region is not in a BAR", dev->name);
	dev->takes_commands = true;
	dev->command_bar = (unsigned int)arg[0];
	dev->command_offset = arg[1];
}

static void
add_msi(struct shim_dev *dev, const uint64_t *arg)
{
	dev->msi_offered = (unsigned int)arg[0];
	dev->msi_given = (unsigned int)arg[1];
}

static void
add_board(struct shim_dev *dev, const char *path)
{
	int rc = shim_board_connect(dev, path);

	if (rc != 0) {
		errno = -rc;
		give_up(path, dev->name);
	}
	shim_dma_walk(shim_board_map, dev);
}

static void
describe(struct shim_dev *dev, const char *word, const uint64_t *arg, unsigned int args)
{
	if (strcmp(word, "bar") == 0 && args == 2)
		add_bar(dev, arg[0], arg[1]);
	else if (strcmp(word, "engine") == 0 && args == 5)
		add_engine(dev, arg);
	else if (strcmp(word, "local") == 0 && args == 4)
		add_window(dev, arg);
	else if (strcmp(word, "ready") == 0 && args == 6)
		add_ready(dev, arg);
	else if (strcmp(word, "commands") == 0 && args == 2)
		add_commands(dev, arg);
	else if (strcmp(word, "msi") == 0 && args == 2)
		add_msi(dev, arg);
	else if (strcmp(word, "no-iommu") == 0 && args == 0)
		dev->no_iommu = true;
	else
		give_up(word, dev->name);
}

static void
read_description(struct shim_dev *dev)
{
	char text[4096];
	char *line, *word, *rest = text, *next;
	unsigned int args;
	uint64_t arg[6];

	text[load(dev, "shim", text, sizeof(text) - 1)] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		word = strtok_r(line, " ", &next);
		if (word == NULL)
			continue;
		if (strcmp(word, "board") == 0) {
			add_board(dev, next);
			continue;
		}
		for (args = 0; args < 6; args++) {
			char *number = strtok_r(NULL, " ", &next);

			if (number == NULL)
				break;
			arg[args] = strtoull(number, NULL, 0);
		}
		describe(dev, word, arg, args);
	}
}

/* Functions ------------------------------------------------------------------------------------ */

struct shim_dev *
shim_dev_by_name(const char *name)
{
	struct shim_dev *dev;
	unsigned int i;
	char path[512];

	for (i = 0; i < nb_devs; i++)
		if (strcmp(devs[i].name, name) == 0)
			return &devs[i];
	if (nb_devs == MAX_DEVS || getenv("SYSFS_PCI_DEVICES") == NULL ||
	    strlen(name) >= sizeof(dev->name))
		return NULL;
	dev = &devs[nb_devs];
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	path_in(dev, "shim", path, sizeof(path));
	if (access(path, R_OK) != 0)
		return NULL;
	dev->fd = -1;
	dev->msi_offered = dev->msi_given = 1;
	dev->fn = (unsigned int)(name[strlen(name) - 1] - '0');
	nb_devs++;
	return dev;
}

struct shim_dev *
shim_dev_by_inode(uint64_t inode)
{
	unsigned int i;

	for (i = 0; i < nb_devs; i++)
		if (devs[i].fd >= 0 && devs[i].inode == inode)
			return &devs[i];
	return NULL;
}

struct shim_dev *
shim_dev_next_board(const struct shim_dev *dev)
{
	struct shim_dev *next = dev == NULL ? devs : &devs[dev - devs + 1];

	while (next < devs + nb_devs && next->board == NULL)
		next++;
	return next < devs + nb_devs ? next : NULL;
}

static void
create(struct shim_dev *dev)
{
	uint8_t config[4096];
	struct stat st;

	dev->config_bytes = (uint32_t)load(dev, "config", config, sizeof(config));
	dev->fd = memfd_create(dev->name, MFD_CLOEXEC);
	/* Reads behind the end of configuration space, which is the last region, get nothing. */
	if (dev->fd < 0 || fstat(dev->fd, &st) != 0 ||
	    ftruncate(dev->fd, ((off_t)SHIM_CONFIG_REGION << SHIM_REGION_SHIFT) +
		      (off_t)dev->config_bytes) != 0)
		give_up("no file", dev->name);
	dev->inode = st.st_ino;
	dev->config = map_region(dev, SHIM_CONFIG_REGION, sizeof(config));
	memcpy(dev->config, config, dev->config_bytes);
	read_description(dev);
}

int
shim_dev_open(struct shim_dev *dev)
{
	int fd;

	shim_lock();
	if (dev->fd < 0)
		create(dev);
	dev->opened++;
	fd = fcntl(dev->fd, F_DUPFD_CLOEXEC, 0);
	shim_unlock();
	if (fd >= 0 && !engine.running)
		engine.running = pthread_create(&engine.thread, NULL, engine_main, NULL) == 0;
	return fd < 0 ? -errno : fd;
}

static void
report_engine(const struct shim_dev *dev, FILE *f)
{
	const unsigned int cnt[] = { dev->conf.wr_cnt, dev->conf.rd_cnt };
	const struct edma_counters *c;
	unsigned int dir, i;

	fprintf(f, "writes %" PRIu64 "\nwide %" PRIu64 "\naborts %" PRIu64 "\nviolations %" PRIu64
		"\ncomplaint %s\n", dev->writes, dev->wide, dev->aborts,
		edma_model_violations(dev->model), dev->complaint);
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < cnt[dir]; i++) {
			c = edma_model_counters(dev->model, (enum edma_dir)dir, i);
			fprintf(f, "bytes-%s%u %" PRIu64 "\n", dir == EDMA_DIR_WR ? "wr" : "rd", i,
				c->bytes);
			fprintf(f, "imwr-%s%u %" PRIu64 "\n", dir == EDMA_DIR_WR ? "wr" : "rd", i,
				c->imwr);
		}
	}
}

static void
report(const struct shim_dev *dev)
{
	size_t bytes = 0;
	char *text = NULL;
	char file[16];
	unsigned int i;
	FILE *f;

	f = open_memstream(&text, &bytes);
	if (f == NULL)
		return;
	fprintf(f, "opened %u\nmsi-on %u\nmsi-most %u\n", dev->opened, dev->msi_on, dev->msi_most);
	shim_dma_report(f);
	if (dev->board != NULL)
		shim_board_report(dev, f);
	for (i = 0; i < dev->commands; i++)
		fprintf(f, "command%u %u\n", i, dev->command[i]);
	if (dev->model != NULL)
		report_engine(dev, f);
	fclose(f);
	save(dev, "report", text, bytes);
	free(text);
	if (dev->fd < 0 || dev->board != NULL)
		return;
	save(dev, "config.end", dev->config, dev->config_bytes);
	for (i = 0; i < SHIM_BARS; i++) {
		snprintf(file, sizeof(file), "bar%u.end", i);
		if (dev->bar[i] != NULL)
			save(dev, file, dev->bar[i], dev->bar_bytes[i] < END_BYTES ?
			     dev->bar_bytes[i] : END_BYTES);
	}
}

__attribute__((constructor)) static void
shim_init(void)
{
	sem_init(&engine.wake, 0, 0);
	if (sched_getaffinity(0, sizeof(engine.cpus), &engine.cpus) != 0)
		CPU_ZERO(&engine.cpus);
}

__attribute__((destructor)) static void
shim_end(void)
{
	unsigned int i;

	if (engine.running) {
		/* The last words that the process wrote are answered before it ends. */
		usleep(20000);
		atomic_store(&engine.stop, true);
		shim_wake();
		pthread_join(engine.thread, NULL);
	}
	for (i = 0; i < nb_devs; i++)
		report(&devs[i]);
}
