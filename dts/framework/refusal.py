# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What is not possible is told in one line, soon."""

import re
import time

from framework.testpmd import command_all

# Until the error line is there.
ERROR_TIMEOUT = 2


def line_with(words):
    """Pattern of one line that has all the words, in any order."""
    return r"(?m)^" + "".join(f"(?=.*{re.escape(word)})" for word in words) + ".*$"


def assert_link_refused(rig, words):
    """Both sides run, one or both say why there is no link, and both end in order."""
    for pmd in rig.pair:
        pmd.wait_ready()
    deadline = time.monotonic() + ERROR_TIMEOUT
    while not any(re.search(line_with(words), pmd.output) for pmd in rig.pair):
        assert time.monotonic() < deadline, [pmd.output[-2000:] for pmd in rig.pair]
        assert not any(pmd.link_up() for pmd in rig.pair)
    assert not any(pmd.link_up() for pmd in rig.pair)
    command_all(rig.pair, "port stop 0")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
