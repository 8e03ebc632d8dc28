# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Drivers that are broken on purpose: what they do must be noticed."""

import contextlib
import functools
import json
import os
import shlex
import shutil
import subprocess
import tempfile

from framework import programs

DRIVER = programs.ROOT / "drivers" / "dma" / "dw_edma"
PLUGIN = "librte_dma_dw_edma.so"


@functools.cache
def compile_commands():
    """How the build compiles each source file of the driver: {name: words, ...}."""
    entries = json.loads((programs.BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {}
    for entry in entries:
        if entry["output"].startswith(f"drivers/libtmp_{PLUGIN[3:-3]}.a.p/"):
            commands[os.path.basename(entry["file"])] = shlex.split(entry["command"])
    return commands


@functools.cache
def link_command():
    """How the build links the plugin."""
    done = subprocess.run(
        ["ninja", "-C", programs.BUILD, "-t", "commands", f"drivers/{PLUGIN}"],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return shlex.split(done.stdout.splitlines()[-1])


def call(argv):
    """Run a step of a build where the build is."""
    done = subprocess.run(
        argv,
        cwd=programs.BUILD,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert done.returncode == 0, f"{shlex.join(argv)}:\n{done.stdout}"


def edited(name, edits):
    """Text of a source file after its edits; each old text must be there exactly once."""
    text = (DRIVER / name).read_text(encoding="utf-8")
    for where, old, new in edits:
        if where == name:
            assert text.count(old) == 1, f"{name} has {text.count(old)} times, expected 1: {old}"
            text = text.replace(old, new)
    return text


def compile_edited(directory, name, edits):
    """Compile one edited file, quickly; returns the object that the link names and the new one."""
    source, target = directory / name, directory / f"{name}.o"
    source.write_text(edited(name, edits), encoding="utf-8")
    words = iter(compile_commands()[name])
    argv, was = [], None
    for word in words:
        if word == "-o":
            was = next(words)
        elif word in ("-MQ", "-MF"):
            next(words)
        elif word not in ("-MD", "-c") and not word.endswith(f"/{name}"):
            argv.append(word)
    call([*argv, "-w", "-O1", "-c", str(source), "-o", str(target)])
    return was, str(target)


@contextlib.contextmanager
def plugins(edits):
    """A directory of plugins with a DMA driver that has the edits: (file, old text, new text)."""
    # EAL takes no plugins from below a directory that everybody can write to.
    with tempfile.TemporaryDirectory(prefix="mutant.", dir=programs.BUILD) as name:
        directory = programs.BUILD / name
        changed = {file for file, _, _ in edits}
        objects = dict(compile_edited(directory, file, edits) for file in changed)
        argv = [objects.get(word, word) for word in link_command()]
        assert set(objects.values()) <= set(argv)
        argv[argv.index("-o") + 1] = str(directory / PLUGIN)
        call(argv)
        for plugin in programs.PLUGIN_FILES:
            if plugin != PLUGIN:
                shutil.copy(programs.PLUGINS / plugin, directory)
        yield directory
