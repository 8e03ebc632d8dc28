# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Linux guests in QEMU that have functions of a board as PCI devices."""

from framework import programs
from framework.process import Process

SCRIPT = programs.ROOT / "devtools" / "qemu-guest.sh"
# Everything is interpreted: 6 s on an idle machine.
BOOT_TIMEOUT = 120
COMMAND_TIMEOUT = 30


def missing(kernel):
    """Why no guest with this kernel can be started, or None."""
    if (programs.ROOT / "build-qemu" / "root" / "guest" / kernel / "initramfs").exists():
        return None
    return f"no guest: 'devtools/qemu-guest.sh --install --kernel {kernel}' makes it"


class Guest(Process):
    """A guest whose shell on the serial console takes commands."""

    def __init__(self, name, log_dir, sockets, kernel="6.12", qemu_args=()):
        self._commands = 0
        # QEMU's own messages would be in the middle of the guest's.
        apart = ["sh", "-c", 'exec "$@" 2> "$0"', log_dir / f"{name}-qemu.log"]
        argv = [*apart, SCRIPT, "--kernel", kernel, *sockets, "--", *qemu_args]
        super().__init__(name, argv, log_dir)

    def booted(self):
        """Wait for the shell; returns the guest."""
        self.wait_for(r"guest: Linux \S+ is ready", BOOT_TIMEOUT)
        self.wait_for(r"guest# ", COMMAND_TIMEOUT)
        # Answers alone from here on.
        self.send("stty -echo; PS1=")
        self.run("true")
        return self

    def attempt(self, command, timeout=COMMAND_TIMEOUT):
        """Run a command; returns its exit code and what it printed."""
        self._commands += 1
        start = len(self.output)
        self.send(f"{command}; echo end''-{self._commands}-$?")
        end = self.wait_for(rf"(?s)(.*)end-{self._commands}-(\d+)\n", timeout, start)
        return int(end.group(2)), end.group(1)

    def run(self, command, timeout=COMMAND_TIMEOUT):
        """Run a command that has to succeed; returns what it printed."""
        code, text = self.attempt(command, timeout)
        if code != 0:
            self.fail(f"'{command}' ended with {code}")
        return text

    def wait_until(self, command, pattern, timeout=COMMAND_TIMEOUT):
        """Repeat a command in the guest until its output has a match."""
        self.run(f"until {command} | grep -qE '{pattern}'; do usleep 200000; done", timeout)
