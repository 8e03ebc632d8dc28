# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""A child process whose output is read as it comes, and that never outlives its parent."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import threading
import time

# Control sequences with which an interactive program edits its input line.
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x07|\r")
# The start of one at the end of what was read.
CUT_ESCAPE = re.compile(r"\x1b[\[0-9;]*$")


class ProcessError(AssertionError):
    """A child did not do in time what was waited for; the text has the end of its output."""


class Process:
    """A program with a pipe as input and a pseudo terminal as output.

    The terminal makes the program write line by line. A thread drains it, so the program never
    blocks on its output. Closing the pipe ends programs that read commands; the kernel kills the
    others when this process dies.
    """

    def __init__(self, name, argv, log_dir=None, env=None):
        self.name = name
        self.argv = [str(arg) for arg in argv]
        self._text = ""
        self._changed = threading.Condition()
        self._eof = False
        self._log = None
        if log_dir is not None:
            self._log = open(log_dir / f"{name}.log", "a", encoding="utf-8")
            self._log.write("$ " + " ".join(self.argv) + "\n")
            self._log.flush()
        master, slave = pty.openpty()
        self._child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--"] + self.argv,
            stdin=subprocess.PIPE,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._drain, args=(master,), daemon=True)
        self._reader.start()

    def _drain(self, master):
        """Collect output until the last holder of the terminal is gone."""
        carry = ""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # Linux answers EIO once the other end is closed
                data = b""
            text = carry + data.decode(errors="replace")
            cut = CUT_ESCAPE.search(text) if data else None
            carry = cut.group() if cut else ""
            text = ESCAPES.sub("", text[: len(text) - len(carry)])
            with self._changed:
                self._text += text
                if not data:
                    self._eof = True
                if self._log is not None:
                    self._log.write(text)
                    self._log.flush()
                self._changed.notify_all()
            if not data:
                os.close(master)
                return

    @property
    def pid(self):
        return self._child.pid

    @property
    def output(self):
        """Everything written so far."""
        with self._changed:
            return self._text

    def alive(self):
        return self._child.poll() is None

    def fail(self, what):
        """Raise ProcessError with the end of the output."""
        tail = "\n".join(self.output.splitlines()[-25:])
        if self._eof:
            # It has closed its terminal, and is about to have ended.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(1)
        state = "running" if self.alive() else f"ended with {self._child.returncode}"
        raise ProcessError(f"{self.name} ({state}): {what}\n--- last output\n{tail}")

    def send(self, line):
        """Write one line to the program's input."""
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            self.fail(f"cannot take the command '{line}'")

    def close_input(self):
        """End the program's input, which ends a program that reads commands."""
        try:
            self._child.stdin.close()
        except BrokenPipeError:
            pass

    def wait_for(self, pattern, timeout, start=0, without=None):
        """Wait until the output from `start` on matches; returns the match.

        What the regular expression `without` matches is taken out of the output before.
        """
        regex = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                text = self._text[start:]
                match = regex.search(without.sub("", text) if without is not None else text)
                if match is not None:
                    return match
                left = deadline - time.monotonic()
                if self._eof or left <= 0:
                    break
                self._changed.wait(left)
        return self.fail(f"no '{pattern}' within {timeout} s")

    def wait(self, timeout):
        """Wait for the end of the program; returns its exit code."""
        try:
            code = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.fail(f"did not end within {timeout} s")
        self._reader.join(1)
        return code

    def kill(self):
        """End the program at once, as a crash would. Does nothing if it has ended."""
        if self.alive():
            self._child.kill()
        self._child.wait()
        self._reader.join(1)

    def terminate(self, timeout):
        """Ask the program to end; returns its exit code."""
        if self.alive():
            self._child.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def close(self):
        """Make sure that nothing is left of it."""
        self.kill()
        self.close_input()
        if self._log is not None:
            self._log.close()
            self._log = None
