#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Write the PMD_INFO_STRING of each driver found in a static library as C source.

usage: pmdinfogen.py LIBRARY OUTPUT.c

The registration macros of DPDK leave strings in the objects under known symbol names; this reads
them and emits, per driver, one JSON string that dpdk-pmdinfo.py finds in the plugin's read-only
data. A driver folder without any registration is an error: a plugin nobody can list is a mistake.
"""

import io
import json
import re
import struct
import subprocess
import sys

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

# Up to DPDK 25.03 the symbol ends in a counter, from 25.07 on in the driver's name.
NAME_SYMBOL = re.compile(r"^this_pmd_name[0-9a-zA-Z_]+$")
# struct rte_pci_id: class, vendor, device, subsystem vendor, subsystem device.
PCI_ID = struct.Struct("=LHHHH")


class ElfObject:
    """Strings and tables of one relocatable object, by symbol name."""

    def __init__(self, data):
        self.elf = ELFFile(io.BytesIO(data))
        self.symbols = {}
        for section in self.elf.iter_sections():
            if isinstance(section, SymbolTableSection):
                for symbol in section.iter_symbols():
                    self.symbols[symbol.name] = symbol

    def value(self, symbol):
        """Bytes of the object that the symbol names."""
        section = self.elf.get_section(symbol["st_shndx"])
        start = symbol["st_value"]
        return section.data()[start : start + symbol["st_size"]]

    def string(self, name):
        """The C string that a symbol names, or None."""
        symbol = self.symbols.get(name)
        if symbol is None:
            return None
        return self.value(symbol).split(b"\0", 1)[0].decode()

    def pci_ids(self, driver):
        """Vendor, device, subsystem vendor and device of each entry of the driver's id table."""
        table = self.string(f"__{driver}_pci_tbl_export")
        if table is None:
            return []
        ids = []
        for record in PCI_ID.iter_unpack(self.value(self.symbols[table])):
            if record[2] == 0:
                break
            ids.append(list(record[1:]))
        return ids

    def drivers(self):
        """One dictionary per driver registered in the object."""
        for name in filter(NAME_SYMBOL.match, self.symbols):
            driver = self.string(name)
            info = {"name": driver}
            for key, suffix in (("params", "param_string"), ("kmod", "kmod_dep")):
                text = self.string(f"__{driver}_{suffix}_export")
                if text:
                    info[key] = text
            info["pci_ids"] = self.pci_ids(driver)
            yield info


def members(library):
    """Contents of each object in a static library, thin ones included."""
    names = subprocess.run(["ar", "t", library], capture_output=True, check=True, text=True)
    with open(library, "rb") as lib:
        thin = lib.read(8) == b"!<thin>\n"
    for name in names.stdout.split():
        if thin:
            with open(name, "rb") as obj:
                yield obj.read()
        else:
            command = ["ar", "p", library, name]
            yield subprocess.run(command, capture_output=True, check=True).stdout


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    library, output = sys.argv[1:]
    found = [info for data in members(library) for info in ElfObject(data).drivers()]
    if not found:
        sys.exit(f"pmdinfogen: no driver registration found in {library}")
    with open(output, "w", encoding="utf-8") as out:
        for info in found:
            text = json.dumps("PMD_INFO_STRING= " + json.dumps(info))
            out.write(f"const char {info['name']}_pmd_info[] __attribute__((used)) =\n\t{text};\n")


if __name__ == "__main__":
    main()
