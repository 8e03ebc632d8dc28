# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The part about instructions: devtools/cost.py, and what it leaves."""

import json
import subprocess
import sys

from framework import programs

SCRIPT = programs.ROOT / "devtools" / "cost.py"


def run_cost(directory, progress):
    """Figures by name, the text that the script prints, and whether its goals are met."""
    path = directory / "cost.json"
    argv = [sys.executable, SCRIPT, "--check", "--peers", "--json", path, "--build", programs.BUILD]
    done = subprocess.run(
        [str(arg) for arg in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )
    progress("cost: instructions counted")
    figures = json.loads(path.read_text())["figures"] if path.exists() else {}
    return {"figures": figures, "text": done.stdout, "met": done.returncode == 0}
