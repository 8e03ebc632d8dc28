# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Eventfds of a client, as interrupts of its device arrive."""

import os
import select


class Events:
    """As many eventfds as there are vectors, and which of them have been signalled."""

    def __init__(self, count):
        self.fds = [os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) for _ in range(count)]

    def close(self):
        for fd in self.fds:
            os.close(fd)

    def take(self, timeout=0.0):
        """Signals since the last call, by number of the eventfd."""
        ready, _, _ = select.select(self.fds, [], [], timeout)
        return {self.fds.index(fd): os.eventfd_read(fd) for fd in ready}
