# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Fixtures of all suites: a rig that cleans up after itself and shows its logs on failure."""

import signal
import sys

import pytest

from framework.bench import Bench
from framework.rig import Rig

LOG_LINES = 60


def pytest_addoption(parser):
    """Options of our own."""
    parser.addoption("--long", action="store_true", help="run tests that take minutes, too")


def pytest_collection_modifyitems(config, items):
    """Skip tests that take minutes unless they are asked for."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.skip(reason="takes minutes, give --long"))


def pytest_configure(config):
    """End in an orderly way when asked to, so that fixtures clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Append the end of each log of a failed test to its report."""
    report = (yield).get_result()
    funcargs = getattr(item, "funcargs", {})
    # A module may have a rig of its own for all its tests.
    directory = funcargs["rig"].directory if "rig" in funcargs else funcargs.get("tmp_path")
    if not report.failed or directory is None:
        return
    for log in sorted(directory.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        report.sections.append((f"end of {log.name}", "\n".join(lines[-LOG_LINES:])))


@pytest.fixture
def rig(tmp_path):
    """Two sides and a board, all below a directory of the test."""
    bench = Rig(tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def make_bench(tmp_path):
    """Starts a board with the arguments given, for raw clients."""
    made = []

    def make(*args):
        made.append(Bench(tmp_path, *args))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench):
    """A board with default arguments, for raw clients."""
    return make_bench()
