# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The telemetry socket of a DPDK process."""

import json
import pathlib
import socket
import time

START_TIMEOUT = 5
ANSWER_TIMEOUT = 5


class Telemetry:
    """A connection; `greeting` is what the process says of itself."""

    def __init__(self, environment):
        """Connect to the one process that runs with this environment, see programs.eal_env()."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(ANSWER_TIMEOUT)
        try:
            self._connect(pathlib.Path(environment["RUNTIME_DIRECTORY"]))
            self.greeting = json.loads(self._socket.recv(1024))
        except BaseException:
            self.close()
            raise

    def _connect(self, run_dir):
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                (path,) = run_dir.glob("dpdk/*/dpdk_telemetry.v2")
                return self._socket.connect(str(path))
            except (ValueError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def ask(self, command):
        """Send a command; returns the answer's value."""
        self._socket.send(command.encode())
        answer = json.loads(self._socket.recv(self.greeting["max_output_len"]))
        (value,) = answer.values()
        return value

    def close(self):
        """End the connection."""
        self._socket.close()
