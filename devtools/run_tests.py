#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Build with both compilers and run every test; the last line counts them.

usage: run_tests.py [--long]

--long adds what takes minutes.

A step that is a program counts as one test; unit tests, suites and fuzzers are counted one by one.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

import fuzz_seeds

TOP = pathlib.Path(__file__).resolve().parents[1]
BUILD_SCRIPT = TOP / "devtools" / "build.sh"
GUEST_SCRIPT = TOP / "devtools" / "qemu-guest.sh"
GUEST_KERNELS = ("6.12", "7")
OTHER_BUILDS_SCRIPT = TOP / "devtools" / "test-builds.sh"
OTHER_BUILDS = ("tree", "trixie")
# What that script ends with if it could not do its part here.
EXIT_SKIPPED = 77
FUZZERS = (
    "fuzz_vfio_user",
    "fuzz_edma_model",
    "fuzz_dw_edma_table",
    "fuzz_dw_edma_pedm",
    "fuzz_dw_edma_epdm",
    "fuzz_dw_edma_ndma",
    "fuzz_dw_edma_info",
    "fuzz_ntb_epf",
)
# A life of a link takes a while: inputs that are short would be most of them.
FUZZER_ARGS = {"fuzz_ntb_epf": ["-len_control=0"]}
FUZZ_SECONDS = 5
FUZZ_SECONDS_LONG = 600

# What makes the sanitizers end a test instead of only printing. Leaks inside EAL, which a test
# cannot free, are not looked for; the unit tests count their own allocations.
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


class Tally:
    """What passed, failed and was skipped."""

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []

    def add(self, name, good, text=""):
        """Count one test and say so."""
        print(f"{'PASS' if good else 'FAIL'}  {name}{text}", flush=True)
        if good:
            self.passed += 1
        else:
            self.failures.append(name)
        return good

    def skip(self, name, reason):
        """Count a test that could not be run here."""
        print(f"SKIP  {name}: {reason}", flush=True)
        self.skips.append(name)

    def report(self):
        """Print names of failed tests and the closing line; returns the exit code."""
        for name in self.failures:
            print(f"failed: {name}")
        skipped = f", {len(self.skips)} skipped" if self.skips else ""
        print(f"{self.passed} passed, {len(self.failures)} failed{skipped}", flush=True)
        return 1 if self.failures else 0


def call(argv, env=None, quiet=False):
    """Run a program in the tree; returns its exit code, and its output if `quiet`."""
    done = subprocess.run(
        [str(arg) for arg in argv],
        cwd=TOP,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace") if quiet else ""


def step(tally, name, argv, env=None):
    """Run a program that is one test; its output is shown as it comes."""
    print(f"---- {name}", flush=True)
    began = time.monotonic()
    code, _ = call(argv, env)
    return tally.add(name, code == 0, f" ({time.monotonic() - began:.0f} s)")


def unit_tests(tally, build, label, env, extra=()):
    """Run the unit tests of a build directory and count their cases."""
    log = build / "meson-logs" / "testlog.json"
    for old in log.parent.glob("testlog*.json"):
        old.unlink()
    print(f"---- unit tests, {label}", flush=True)
    call(["meson", "test", "-C", build, "--no-rebuild", *extra], env)
    logs = list(log.parent.glob("testlog*.json"))
    results = [json.loads(line) for path in logs for line in path.read_text().splitlines()]
    if not results:
        tally.add(f"unit tests, {label}: none ran", False)
    for result in results:
        output = result.get("stdout", "") + result.get("stderr", "")
        name = f"{result['name'].split(' / ')[-1]}, {label}"
        cases = re.findall(r"\[       OK \] (\S+)", output)
        bad = re.findall(r"\[  (?:FAILED|ERROR) +\] (\w+)$", output, re.MULTILINE)
        if result["result"] == "OK" and cases:
            tally.passed += len(cases)
            print(f"PASS  {name}: {len(cases)} cases")
        else:
            print(output)
            tally.add(f"{name} ({result['result']}: {', '.join(sorted(set(bad)))})", False)


def suites(tally, directory, build, label, extra=()):
    """Run the process-level suites with a build directory and count their tests."""
    print(f"---- suites, {label}", flush=True)
    report = directory / "suites.xml"
    report.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "-v", "--tb=short"]
    argv += [f"--basetemp={directory / 'suites'}", f"--junitxml={report}", *extra, "dts/tests"]
    code, _ = call(argv, {"NTB_EDMA_BUILD": str(build)})
    if code not in (0, 1) or not report.exists():
        tally.add(f"suites, {label} (pytest ended with {code})", False)
        return
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}, {label}"
        skipped = case.find("skipped")
        if skipped is not None:
            tally.skip(name, skipped.get("message"))
        elif case.find("failure") is not None or case.find("error") is not None:
            tally.failures.append(name)
        else:
            tally.passed += 1


def has_fuzzer():
    """Whether clang can link a fuzzer here."""
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "probe.c"
        source.write_text(
            "int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long);\n"
            "int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n)"
            "{ (void)d; (void)n; return 0; }\n",
            encoding="utf-8",
        )
        argv = ["clang", "-fsanitize=fuzzer,address", source, "-o", source.with_suffix("")]
        return shutil.which("clang") is not None and call(argv, quiet=True)[0] == 0


def fuzz(tally, directory, seconds):
    """Run each fuzzer for some seconds."""
    if not has_fuzzer():
        for name in FUZZERS:
            tally.skip(name, "no fuzzer runtime of clang (package libclang-rt-dev)")
        return
    argv = [BUILD_SCRIPT, "build-fuzz", "-Dfuzz=true", "-Db_sanitize=address,undefined"]
    argv += ["-Db_lundef=false", "--", *(f"app/test/{name}" for name in FUZZERS)]
    if not step(tally, "build of the fuzzers", argv, {"CC": "clang"}):
        return
    for name in FUZZERS:
        corpus = directory / name
        corpus.mkdir()
        fuzz_seeds.write(name, corpus)
        argv = [TOP / "build-fuzz" / "app" / "test" / name, f"-max_total_time={seconds}"]
        # Printing names would start a symbolizer, whose pipes look like lost descriptors.
        argv += ["-print_funcs=0", "-print_final_stats=1", *FUZZER_ARGS.get(name, [])]
        argv += [f"-artifact_prefix={TOP}/build-fuzz/", corpus]
        code, output = call(argv, SANITIZER_ENV, quiet=True)
        if code != 0:
            print(output)
        runs = re.search(r"stat::number_of_executed_units: (\d+)", output)
        tally.add(name, code == 0, f" ({runs.group(1) if runs else 0} inputs, {seconds} s)")


def builds(tally):
    """Build everything that later steps use; returns false if the first build fails."""
    gcc = {"CC": "gcc"}
    if not step(tally, "build, gcc", [BUILD_SCRIPT, "build", "-Dwerror=true"], gcc):
        return False
    step(tally, "build of unit tests, gcc", ["ninja", "-C", "build", "unit-tests"])
    clang = [BUILD_SCRIPT, "build-clang", "-Dwerror=true"]
    step(tally, "build, clang", clang, {"CC": "clang"})
    step(tally, "build of unit tests, clang", ["ninja", "-C", "build-clang", "unit-tests"])
    asan = [BUILD_SCRIPT, "build-asan", "-Dwerror=true", "-Dbuildtype=debugoptimized"]
    asan += ["-Db_sanitize=address,undefined", "-Db_lundef=false", "--", "all", "unit-tests"]
    step(tally, "build, sanitizers", asan, gcc)
    return True


def documentation(tally, directory):
    """Build the guides; a warning is an error."""
    argv = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    argv += ["-d", directory / "doctrees", TOP / "doc" / "guides", TOP / "build" / "doc"]
    step(tally, "documentation", argv)


def optional_step(tally, name, argv):
    """Run what this machine may be unable to; its last line says why."""
    print(f"---- {name}", flush=True)
    began = time.monotonic()
    code, output = call(argv, quiet=True)
    print(output, end="", flush=True)
    if code == EXIT_SKIPPED:
        tally.skip(name, output.splitlines()[-1].split(": ", 1)[-1])
    else:
        tally.add(name, code == 0, f" ({time.monotonic() - began:.0f} s)")


def other_builds(tally):
    """Build with other DPDKs, and inside DPDK's own tree."""
    for part in OTHER_BUILDS:
        optional_step(tally, f"builds: {part}", [OTHER_BUILDS_SCRIPT, part])


def guests(tally):
    """Install what guests of the suites need, if it is not there."""
    for kernel in GUEST_KERNELS:
        argv = [GUEST_SCRIPT, "--install", "--kernel", kernel]
        optional_step(tally, f"guest: Linux {kernel}", argv)


def main():
    long = sys.argv[1:] == ["--long"]
    if sys.argv[1:] and not long:
        sys.exit(__doc__)
    # Leave by an exception, so that directories go and the running step is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="ntb-edma.") as name:
        directory = pathlib.Path(name)
        if builds(tally):
            # Where EAL puts its run-time files, which it leaves behind.
            env = {"RUNTIME_DIRECTORY": name}
            unit_tests(tally, TOP / "build", "gcc", env)
            unit_tests(tally, TOP / "build-asan", "sanitizers", {**env, **SANITIZER_ENV})
            if long:
                wrap = ["--wrapper", "valgrind -q --error-exitcode=9", "-t", "10"]
                unit_tests(tally, TOP / "build", "valgrind", env, wrap)
                guests(tally)
            documentation(tally, directory)
            options = ["--long"] if long else []
            suites(tally, directory, TOP / "build", "gcc", options)
            options += ["-m", "sanitizers"]
            suites(tally, directory, TOP / "build-asan", "sanitizers", options)
            fuzz(tally, directory, FUZZ_SECONDS_LONG if long else FUZZ_SECONDS)
            if long:
                other_builds(tally)
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
