# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The demonstration that a newcomer runs first."""

import os
import re
import sys

import pytest

from framework import programs

DEMO = programs.ROOT / "devtools" / "demo.py"


@pytest.mark.parametrize("arrangement", ["split", "ep", "rc", "cpu"])
def test_demo(tmp_path, arrangement):
    """The demonstration shows packets both ways and leaves nothing.

    Steps:
        Run it with a temporary directory of its own.
    Verify:
        Exit code 0; the arrangement, packets both ways and bytes of the engine's channels, if it
        has moved any, are shown; the temporary directory is empty.
    """
    code, output = programs.run([sys.executable, DEMO, arrangement], 60, {"TMPDIR": str(tmp_path)})
    assert code == 0, output
    assert f"arrangement {arrangement}" in output
    for direction in ("RC -> EP", "EP -> RC"):
        sent, received = re.search(rf"{direction} +(\d+) +(\d+)", output).groups()
        assert int(sent) == int(received) > 0
    for channel in ("wr0", "rd0") if arrangement != "cpu" else ():
        assert int(re.search(rf"{channel} +\d+ +(\d+)", output).group(1)) > 0
    assert not os.listdir(tmp_path)


def test_demo_fails(tmp_path):
    """The demonstration does not claim success when it cannot run.

    Steps:
        Run it with a PATH that has no testpmd that starts.
    Verify:
        The exit code is not 0; the temporary directory is empty.
    """
    tools = tmp_path / "bin"
    tools.mkdir()
    fake = tools / "dpdk-testpmd"
    fake.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    fake.chmod(0o755)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch), "PATH": f"{tools}:{os.environ['PATH']}"}
    code, output = programs.run([sys.executable, DEMO], 60, env)
    assert code != 0 and "FAILED" in output, output
    assert not os.listdir(scratch)
