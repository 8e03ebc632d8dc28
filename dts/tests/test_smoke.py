# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The plugins as a DPDK program and its tools find them."""

import os

import pytest

from framework import programs

# Drivers and devargs that they have to tell of, by plugin.
DRIVERS = {
    "librte_dma_dw_edma.so": {
        "dma_dw_edma": ("softep=", "side=", "loopback=", "regs=", "ll="),
        "dma_dw_edma_pci": ("class=dma", "meta="),
    },
    "librte_raw_ntb_epf.so": {
        "raw_ntb_epf": ("softep=", "side=", "mover=", "dma="),
        "raw_ntb_epf_pci": ("map=", "msi=", "mover=", "dma="),
    },
    "librte_net_ntb.so": {"net_ntb": ("raw=",)},
}


@pytest.mark.parametrize("plugin", DRIVERS)
def test_pmdinfo(plugin):
    """dpdk-pmdinfo.py lists the drivers of a plugin.

    Steps:
        Run dpdk-pmdinfo.py on the plugin.
    Verify:
        It prints exactly our drivers, with their arguments.
    """
    found = {info["name"]: info for info in programs.pmdinfo(programs.PLUGINS / plugin)}
    assert sorted(found) == sorted(DRIVERS[plugin])
    for name, params in DRIVERS[plugin].items():
        for param in params:
            assert param in found[name]["params"]


@pytest.mark.parametrize("plugin", DRIVERS)
def test_exports(plugin):
    """A plugin exports nothing: drivers have no symbols for each other.

    Steps:
        List the dynamic symbols that the plugin defines.
    Verify:
        There is none.
    """
    code, output = programs.run(
        ["nm", "-D", "--defined-only", programs.PLUGINS / plugin], timeout=10
    )
    assert code == 0, output
    assert output.strip() in ("", f"nm: {programs.PLUGINS / plugin}: no symbols"), output


def test_plugins_load(tmp_path):
    """EAL loads every plugin of the directory, and a program runs with them.

    Steps:
        Run a test of dpdk-test that needs no device, with `-d` and EAL's debug log.
    Verify:
        EAL says that it opened each plugin; the test passes.
    """
    argv = ["dpdk-test"] + programs.eal_args([], programs.cpus()[0])
    argv += ["--log-level=lib.eal:debug"]
    env = {"DPDK_TEST": "version_autotest", **programs.eal_env(tmp_path)}
    code, output = programs.run(argv, 20, env)
    assert code == 0, output
    for plugin in DRIVERS:
        assert f"open shared lib {programs.PLUGINS / plugin}" in output


def test_plugin_directory():
    """The plugin directory has what is expected and nothing else that EAL would load.

    Steps:
        List the shared objects in the directory.
    Verify:
        They are the three drivers.
    """
    found = {path.name for path in programs.PLUGINS.glob("*.so*") if path.is_file()}
    assert found == set(DRIVERS)
