# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Sphinx configuration of the guides."""

import pathlib

project = "ntb-edma"
author = "The ntb-edma authors"
copyright = "2026, " + author
version = (pathlib.Path(__file__).parents[2] / "VERSION").read_text(encoding="utf-8").strip()
release = version

master_doc = "index"
highlight_language = "none"
html_theme = "alabaster"
html_theme_options = {"page_width": "1000px"}
html_show_sourcelink = False
