/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "signal_fd.h"

static aio_context_t signal_aio;
/** An empty file, to read nothing from. */
static int signal_file = -1;

int
softep_signal_init(void)
{
	int ret = 0;

	signal_file = memfd_create("softep-signal", MFD_CLOEXEC);
	if (signal_file < 0 || syscall(SYS_io_setup, 1, &signal_aio) != 0)
		ret = -errno;
	if (ret != 0)
		softep_complain("cannot signal eventfds: io_setup(2): %s", strerror(-ret));
	return ret;
}

bool
softep_signal(int fd)
{
	char nothing;
	struct iocb read = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = signal_file,
		.aio_buf = (uintptr_t)&nothing,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = fd,
	};
	struct iocb *reads[] = { &read };
	struct io_event done;

	if (syscall(SYS_io_submit, signal_aio, 1, reads) != 1)
		return false;
	/* It is over already: reads of memory are not asynchronous. */
	syscall(SYS_io_getevents, signal_aio, 1, 1, &done, NULL);
	return true;
}
