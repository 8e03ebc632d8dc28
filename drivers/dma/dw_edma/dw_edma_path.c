/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Attachment to an engine whose registers and list memory can be mapped from files: /dev/mem or UIO
 * nodes on the endpoint's own CPU, a BAR in sysfs on the host.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dw_edma_priv.h"

#define PATH_ARG_REGS "regs"
#define PATH_ARG_LL "ll"

/** Lists of channels start at multiples of this within list memory. */
#define PATH_LIST_ALIGN 64

/** A part of a file, as an argument names it. */
struct path_window {
	char path[PATH_MAX];
	uint64_t offset;
	uint64_t bytes;
	bool local_given;
	uint64_t local; /**< as the engine sees it */
};

/** The pages around a window. */
struct path_pages {
	void *va;
	size_t bytes;
};

struct path {
	struct dw_edma_mmio mmio;
	struct path_pages regs;
	struct path_pages ll;
};

/* Arguments ------------------------------------------------------------------------------------ */

/** PATH@OFFSET+SIZE and, if @p local, what may follow: :LOCALADDR. A path may have an @ itself. */
static int
parse_window(const char *value, bool local, struct path_window *w)
{
	const char *at = strrchr(value, '@');
	const char *colon;

	memset(w, 0, sizeof(*w));
	if (at == NULL || at == value || at - value >= PATH_MAX)
		return -EINVAL;
	memcpy(w->path, value, at - value);
	value = at + 1;
	colon = local ? strchr(value, ':') : NULL;
	w->local_given = colon != NULL;
	if (dw_edma_parse_part(&value, '+', INT64_MAX, &w->offset) != 0 ||
	    dw_edma_parse_part(&value, colon != NULL ? ':' : '\0', INT64_MAX, &w->bytes) != 0 ||
	    (colon != NULL && dw_edma_parse_u64(value, UINT64_MAX, &w->local) != 0))
		return -EINVAL;
	return w->bytes == 0 || w->offset > INT64_MAX - w->bytes ? -EINVAL : 0;
}

static int
path_arg(struct dw_edma_args *args, const char *key, const char *value, const char **expected)
{
	struct path_window w;
	int rc;

	if (strcmp(key, PATH_ARG_REGS) == 0) {
		*expected = "PATH@OFFSET+SIZE";
		args->regs = value;
		return parse_window(value, false, &w);
	}
	if (strcmp(key, PATH_ARG_LL) == 0) {
		*expected = "PATH@OFFSET+SIZE or PATH@OFFSET+SIZE:LOCALADDR";
		args->ll = value;
		return parse_window(value, true, &w);
	}
	rc = dw_edma_parse_side(args, key, value, expected);
	if (rc == -ENOENT)
		rc = dw_edma_parse_engine(args, key, value, expected);
	return rc;
}

static int
check_args(const char *name, const struct dw_edma_args *args)
{
	if (args->side < 0)
		DW_EDMA_LOG(ERR, name, "argument " DW_EDMA_ARG_SIDE "= is missing, expected rc or "
			    "ep");
	else if (args->ll == NULL)
		DW_EDMA_LOG(ERR, name, "argument " PATH_ARG_LL "= is missing, expected "
			    "PATH@OFFSET+SIZE:LOCALADDR");
	else if ((args->blocks_given[DW_EDMA_WR] || args->blocks_given[DW_EDMA_RD]) &&
		 args->map != &dw_edma_hdma_ops)
		DW_EDMA_LOG(ERR, name, "%s= given, expected it with " DW_EDMA_ARG_MAP "=%s only",
			    args->blocks_given[DW_EDMA_WR] ? DW_EDMA_ARG_WR_BLOCKS :
							     DW_EDMA_ARG_RD_BLOCKS,
			    dw_edma_hdma_ops.name);
	else
		return 0;
	return -EINVAL;
}

/* Files ---------------------------------------------------------------------------------------- */

/** Whether the file can have the window: devices tell when they are mapped. */
static int
check_file(const char *name, const char *key, const struct path_window *w, int fd)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) != 0) {
		rc = -errno;
		DW_EDMA_LOG(ERR, name, "%s=%s: %s", key, w->path, strerror(-rc));
		return rc;
	}
	if (S_ISCHR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode)) {
		DW_EDMA_LOG(ERR, name, "%s=%s: file of type 0%o, expected a character device or a "
			    "regular file", key, w->path, st.st_mode & S_IFMT);
		return -ENODEV;
	}
	if (w->offset + w->bytes <= (uint64_t)st.st_size)
		return 0;
	DW_EDMA_LOG(ERR, name, "%s=%s: 0x%" PRIx64 " bytes at 0x%" PRIx64 ", expected an end at "
		    "0x%" PRIx64 " or before", key, w->path, w->bytes, w->offset,
		    (uint64_t)st.st_size);
	return -ERANGE;
}

/** Maps what has been opened. Returns the window's address, or NULL with errno set. */
static uint8_t *
map_pages(const struct path_window *w, int fd, struct path_pages *pages)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t skip = w->offset % page;
	void *va;

	va = mmap(NULL, skip + w->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  (off_t)(w->offset - skip));
	if (va == MAP_FAILED)
		return NULL;
	pages->va = va;
	pages->bytes = skip + w->bytes;
	return (uint8_t *)va + skip;
}

static int
map_window(const char *name, const char *key, const struct path_window *w,
	   struct path_pages *pages, uint8_t **va)
{
	/* For /dev/mem the flag means an uncached mapping; nothing for the others. */
	int fd = open(w->path, O_RDWR | O_SYNC | O_CLOEXEC | O_NOCTTY);
	int rc = 0;

	if (fd < 0) {
		rc = -errno;
		DW_EDMA_LOG(ERR, name, "%s=%s: cannot be opened, expected a file to map: %s", key,
			    w->path, strerror(-rc));
		return rc;
	}
	rc = check_file(name, key, w, fd);
	if (rc == 0) {
		*va = map_pages(w, fd, pages);
		if (*va == NULL) {
			rc = -errno;
			DW_EDMA_LOG(ERR, name, "%s=%s: 0x%" PRIx64 " bytes at 0x%" PRIx64
				    ", expected a part that can be mapped: %s", key, w->path,
				    w->bytes, w->offset, strerror(-rc));
		}
	}
	close(fd);
	return rc;
}

static void
unmap_pages(const struct path_pages *pages)
{
	if (pages->va != NULL)
		munmap(pages->va, pages->bytes);
}

static void
path_release(struct dw_edma_mmio *mmio)
{
	struct path *p = container_of(mmio, struct path, mmio);

	unmap_pages(&p->regs);
	unmap_pages(&p->ll);
	free(p);
}

/* Engine --------------------------------------------------------------------------------------- */

/** Channels of the native map whose blocks lie within @p bytes of registers. */
static unsigned int
blocks_in(const struct dw_edma_blocks *blocks, uint64_t bytes)
{
	if (bytes < (uint64_t)blocks->offset + DW_HDMA_BLOCK_BYTES)
		return 0;
	bytes -= (uint64_t)blocks->offset + DW_HDMA_BLOCK_BYTES;
	return (unsigned int)RTE_MIN(bytes / blocks->stride + 1, (uint64_t)DW_EDMA_CHANS);
}

static bool
blocks_meet(const struct dw_edma_engine *engine)
{
	const struct dw_edma_blocks *wr = &engine->blocks[DW_EDMA_WR];
	const struct dw_edma_blocks *rd = &engine->blocks[DW_EDMA_RD];
	int64_t distance;
	unsigned int i, j;

	for (i = 0; i < engine->cnt[DW_EDMA_WR]; i++)
		for (j = 0; j < engine->cnt[DW_EDMA_RD]; j++) {
			distance = (int64_t)wr->offset + (int64_t)i * wr->stride -
				   ((int64_t)rd->offset + (int64_t)j * rd->stride);
			if (distance > -DW_HDMA_BLOCK_BYTES && distance < DW_HDMA_BLOCK_BYTES)
				return true;
		}
	return false;
}

/** Nothing but the arguments tells where the channels of the native map are, and how many. */
static int
place_blocks(struct dw_edma_engine *engine, const struct dw_edma_args *args, uint64_t bytes)
{
	static const char * const key[] = { DW_EDMA_ARG_WR_CNT, DW_EDMA_ARG_RD_CNT };
	unsigned int room;
	int dir;

	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		engine->blocks[dir] = args->blocks_given[dir] ? args->blocks[dir] :
								dw_edma_usual_blocks[dir];
		room = blocks_in(&engine->blocks[dir], bytes);
		engine->cnt[dir] = args->cnt_given[dir] ? args->cnt[dir] : room;
		if (engine->cnt[dir] > room) {
			DW_EDMA_LOG(ERR, engine->name, "%s=%u: blocks from 0x%x on, one each 0x%x "
				    "bytes, expected at most %u in 0x%" PRIx64 " bytes of "
				    "registers", key[dir], engine->cnt[dir],
				    engine->blocks[dir].offset, engine->blocks[dir].stride, room,
				    bytes);
			return -EINVAL;
		}
	}
	if (!blocks_meet(engine))
		return 0;
	DW_EDMA_LOG(ERR, engine->name, DW_EDMA_ARG_WR_BLOCKS "=0x%x+0x%x," DW_EDMA_ARG_RD_BLOCKS
		    "=0x%x+0x%x: %u and %u blocks overlap, expected 0x%x bytes for each",
		    engine->blocks[DW_EDMA_WR].offset, engine->blocks[DW_EDMA_WR].stride,
		    engine->blocks[DW_EDMA_RD].offset, engine->blocks[DW_EDMA_RD].stride,
		    engine->cnt[DW_EDMA_WR], engine->cnt[DW_EDMA_RD], DW_HDMA_BLOCK_BYTES);
	return -EINVAL;
}

/** Channels of the other maps: as many as the registers tell, or fewer if so wanted. */
static int
limit_counts(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	struct dw_edma_io io = { .engine = engine };
	int dir;
	int rc;

	rc = engine->map->counts(&io, engine->cnt);
	if (rc != 0) {
		DW_EDMA_LOG(ERR, engine->name, PATH_ARG_REGS "=%s: no engine with map %s there: %s",
			    args->regs, engine->map->name, strerror(-rc));
		return rc;
	}
	for (dir = 0; dir < DW_EDMA_DIRS; dir++)
		if (args->cnt_given[dir])
			engine->cnt[dir] = RTE_MIN(engine->cnt[dir], args->cnt[dir]);
	return 0;
}

/** Each channel gets the same part of list memory, write channels first. */
static int
divide_lists(struct dw_edma_engine *engine, const struct path_window *w, uint8_t *va,
	     struct dw_edma_mmio *mmio)
{
	unsigned int cnt = engine->cnt[DW_EDMA_WR] + engine->cnt[DW_EDMA_RD];
	uint64_t bytes = cnt == 0 ? 0 : w->bytes / cnt / PATH_LIST_ALIGN * PATH_LIST_ALIGN;
	uint64_t offset = 0;
	unsigned int i;
	int dir;

	if (bytes == 0) {
		DW_EDMA_LOG(ERR, engine->name, PATH_ARG_LL "=%s: 0x%" PRIx64 " bytes for %u "
			    "channels, expected one at least, and %u bytes for each", w->path,
			    w->bytes, cnt, PATH_LIST_ALIGN);
		return -EINVAL;
	}
	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < engine->cnt[dir]; i++, offset += bytes) {
			mmio->list[dir][i] = (struct dw_edma_list){
				.va = (struct dw_edma_elem *)(va + offset),
				.local = w->local + offset,
				.bytes = bytes,
			};
		}
	}
	return 0;
}

static int
path_map(struct dw_edma_engine *engine, const struct dw_edma_args *args, struct path *p)
{
	struct path_window regs, ll;
	uint8_t *regs_va, *ll_va;
	int rc;

	/* Both were parsed before. */
	if (parse_window(args->regs, false, &regs) != 0 || parse_window(args->ll, true, &ll) != 0)
		return -EINVAL;
	if (!ll.local_given && args->side != DW_EDMA_SIDE_EP) {
		DW_EDMA_LOG(ERR, engine->name, PATH_ARG_LL "=%s: the engine's address is missing, "
			    "expected PATH@OFFSET+SIZE:LOCALADDR", args->ll);
		return -EINVAL;
	}
	if (!ll.local_given)
		ll.local = ll.offset;
	rc = map_window(engine->name, PATH_ARG_REGS, &regs, &p->regs, &regs_va);
	if (rc == 0)
		rc = map_window(engine->name, PATH_ARG_LL, &ll, &p->ll, &ll_va);
	if (rc != 0)
		return rc;
	p->mmio.regs = regs_va;
	p->mmio.regs_bytes = regs.bytes;
	if (engine->map->code == DW_EDMA_MAP_HDMA_NATIVE)
		rc = place_blocks(engine, args, regs.bytes);
	if (rc == 0)
		rc = dw_edma_mmio_attach(engine, &p->mmio);
	if (rc == 0 && engine->map->code != DW_EDMA_MAP_HDMA_NATIVE)
		rc = limit_counts(engine, args);
	return rc == 0 ? divide_lists(engine, &ll, ll_va, &p->mmio) : rc;
}

static int
path_attach(struct dw_edma_engine *engine, const struct dw_edma_args *args)
{
	struct path *p;
	int rc;

	rc = check_args(engine->name, args);
	if (rc != 0)
		return rc;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->mmio.what = "files";
	p->mmio.release = path_release;
	engine->map = args->map != NULL ? args->map : &dw_edma_unroll_ops;
	engine->side = args->side;
	engine->fn = args->fn < 0 ? 0 : args->fn;
	rc = path_map(engine, args, p);
	/* Once it has operations, the engine is detached by whoever frees it. */
	if (rc != 0 && engine->ops == NULL)
		path_release(&p->mmio);
	return rc;
}

static struct dw_edma_attachment path_attachment = {
	.key = PATH_ARG_REGS,
	.usage = PATH_ARG_REGS "=PATH@OFFSET+SIZE," PATH_ARG_LL "=...," DW_EDMA_ARG_SIDE "=rc|ep",
	.keys = PATH_ARG_REGS ", " PATH_ARG_LL ", " DW_EDMA_ARG_SIDE ", " DW_EDMA_ARG_MAP ", "
		DW_EDMA_ARG_WR_CNT ", " DW_EDMA_ARG_RD_CNT ", " DW_EDMA_ARG_WR_BLOCKS ", "
		DW_EDMA_ARG_RD_BLOCKS,
	.arg = path_arg,
	.attach = path_attach,
};

RTE_INIT(path_register)
{
	dw_edma_attachment_register(&path_attachment);
}
