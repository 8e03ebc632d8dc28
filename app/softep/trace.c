/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"
#include "inject.h"
#include "log.h"
#include "regname.h"
#include "trace.h"

/** Never waits, and never follows a link at the end of the path. */
static int
trace_open_fd(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat st;
	int ret = 0;
	int fd;

	fd = open(path, flags, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = -EINVAL;
	else if (ftruncate(fd, 0) != 0)
		ret = -errno;
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

int
softep_trace_open(struct softep *board, const char *path)
{
	int fd;

	softep_trace_close(board);
	fd = trace_open_fd(path);
	if (fd < 0)
		return fd;
	board->trace.file = fdopen(fd, "w");
	if (board->trace.file != NULL)
		return 0;
	close(fd);
	return -ENOMEM;
}

/** A disk that is full ends the trace, not the board. */
static void
trace_failed(struct softep *board)
{
	FILE *file = board->trace.file;

	board->trace.file = NULL;
	softep_complain("the trace has ended: %s", strerror(errno));
	fclose(file);
}

void
softep_trace_close(struct softep *board)
{
	FILE *file = board->trace.file;

	board->trace.file = NULL;
	if (file != NULL && fclose(file) != 0)
		softep_complain("the end of the trace is lost: %s", strerror(errno));
}

void
softep_trace_flush(struct softep *board)
{
	if (board->trace.file != NULL && fflush(board->trace.file) != 0)
		trace_failed(board);
}

/** @p printed: what fprintf() said. */
static void
trace_check(struct softep *board, int printed)
{
	if (printed < 0)
		trace_failed(board);
}

void
softep_trace_access(struct softep_device *dev, const char *what, uint32_t offset, uint32_t value)
{
	struct softep *board = dev->board;
	char name[SOFTEP_REGNAME_BYTES];

	softep_regname(board->opt->map, offset, name);
	trace_check(board, fprintf(board->trace.file,
				   "%" PRIu64 " %s %s 0x%03" PRIx32 " %s 0x%08" PRIx32 "\n",
				   softep_clock_ns(&board->clock), softep_port_names[dev->port],
				   what, offset, name, value));
}

static const char *
element_end(const struct edma_element *elem)
{
	if (elem->end == EDMA_END_DONE)
		return "done";
	return elem->end == EDMA_END_STOPPED ? "stopped" : softep_fault_name(elem->fault);
}

void
softep_trace_element(struct softep *board, const struct edma_element *elem)
{
	const uint64_t ns = softep_clock_ns(&board->clock);
	const char *const dir = elem->dir == EDMA_DIR_WR ? "wr" : "rd";
	int printed;

	if (elem->end == EDMA_END_NOT_YET)
		return;
	if ((elem->control & DW_EDMA_LLP) != 0 && elem->end == EDMA_END_DONE)
		printed = fprintf(board->trace.file,
				  "%" PRIu64 " %s%u link 0x%" PRIx64 " control 0x%03" PRIx32
				  " next 0x%" PRIx64 "\n",
				  ns, dir, elem->ch, elem->at, elem->control, elem->sar);
	else
		printed = fprintf(board->trace.file,
				  "%" PRIu64 " %s%u element 0x%" PRIx64 " control 0x%03" PRIx32
				  " size %" PRIu32 " sar 0x%" PRIx64 " dar 0x%" PRIx64
				  " moved %" PRIu32 " %s\n",
				  ns, dir, elem->ch, elem->at, elem->control, elem->size,
				  elem->sar, elem->dar, elem->moved, element_end(elem));
	trace_check(board, printed);
}

void
softep_trace_message(struct softep *board, unsigned int fn, uint64_t addr, uint32_t data)
{
	trace_check(board, fprintf(board->trace.file,
				   "%" PRIu64 " fn%u imwr 0x%" PRIx64 " 0x%08" PRIx32 "\n",
				   softep_clock_ns(&board->clock), fn, addr, data));
}
