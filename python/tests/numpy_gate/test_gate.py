"""Tests the gate itself, with the drop-in `passthrough`: it lets the good pass, and misses what is broken.

Each session runs NumPy's tests in an interpreter of its own, about ten seconds; all of this takes three minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy
import numpy.lib.format
import pytest
import run
import table
import verdict

SERIES = ".".join(numpy.__version__.split(".")[:2])

ITEMS = {
    "1.26": {"passed": 691, "skipped": 1, "xfailed": 3},
    "2.4": {"passed": 750, "skipped": 1, "xfailed": 3},
}
"""How many items NumPy's own run has, by series of NumPy. Other series are held to the first rule of each test alone."""

LOST = {
    "1.26": {
        "load": 56,
        "savez": 28,
        "save": 22,
        "savez_compressed": 2,
        "NpzFile.__getitem__": 25,
        "savetxt": 25,
        "loadtxt": 341,
        "genfromtxt": 102,
        "fromregex": 7,
        "format.write_array": 67,
        "format.read_array": 56,
        "format.open_memmap": 6,
    },
    "2.4": {
        "load": 61,
        "savez": 31,
        "save": 25,
        "savez_compressed": 4,
        "NpzFile.__getitem__": 29,
        "savetxt": 25,
        "loadtxt": 375,
        "genfromtxt": 106,
        "fromregex": 7,
        "format.write_array": 75,
        "format.read_array": 62,
        "format.open_memmap": 7,
    },
}
"""How many items are lost if one function raises."""

CALM = ("-p", "no:unraisableexception")
"""A broken writer leaves zip files to the garbage collector, which complains during whatever item comes next."""

PLAIN = """
import functools
from passthrough import *

def plain(function):
    return functools.wraps(function)(lambda *args, **kwargs: function(*args, **kwargs))

save, load, fromregex = plain(save), plain(load), plain(fromregex)
"""
"""A drop-in whose functions share one code object, and whose `save` does not dispatch."""


@cache
def numpys() -> verdict.Report:
    return run.session("none")


def direct(report: verdict.Report) -> Mapping[str, int]:
    return {name: calls["direct"] for name, calls in report["calls"].items()}


def test_items_of_numpy():
    outcomes = list(numpys()["outcomes"].values())
    assert not {"failed", "xpassed"} & set(outcomes)
    assert {o: outcomes.count(o) for o in set(outcomes)} == ITEMS.get(SERIES, {o: outcomes.count(o) for o in set(outcomes)})


def test_items_of_the_table_exist():
    ran = {item.partition("[")[0].replace("/_core/", "/{core}/").replace("/core/", "/{core}/") for item in numpys()["outcomes"]}
    wanted = {f"{path}::{name}" for path, names in table.TESTS.items() for name in names}
    absent = {name.rpartition("::")[2] for name in wanted - ran}
    new = {"test_xcontiguous_load_txt", "test_np_save_load", "test_maskedarray_tofile_raises_notimplementederror"}
    assert absent == (new if SERIES == "1.26" else set())
    assert {name for name in table.CHEAP_SLOW if not any(item.endswith(f"::{name}") for item in ran)} == set()


def test_table_has_every_public_name_of_format():
    homes = ("numpy.lib.format", "numpy.lib._format_impl")
    public = {
        name
        for name, thing in vars(numpy.lib.format).items()
        if not name.startswith("_") and (name.isupper() or getattr(thing, "__module__", "") in homes)
    }
    assert public <= set(table.FORMAT)


@pytest.mark.parametrize("level", run.LEVELS)
def test_passthrough_passes(level: str):
    report = run.session(level, "passthrough")
    assert verdict.lost(numpys(), report) == {}
    assert report["problems"] == []
    assert direct(report) == {name: n for name, n in direct(numpys()).items() if name in report["calls"]}
    assert {name for name, calls in report["calls"].items() if calls["borrowed"]} == set()


def test_never_called_is_what_is_never_called():
    # Tests of `drop_metadata` take it from a private module, where the gate does not put a drop-in's.
    never = {name for name, calls in direct(numpys()).items() if not calls}
    assert never == table.NEVER_CALLED - {"format.drop_metadata"}


@pytest.mark.parametrize("name", LOST["2.4"])
def test_broken_function_is_missed(name: str):
    level = "format" if name.startswith("format.") else "top"
    report = run.session(level, "passthrough", broken=name, pytest_args=CALM)
    lost = verdict.lost(numpys(), report)
    assert lost
    assert len(lost) == LOST.get(SERIES, {}).get(name, len(lost))
    assert any("broken on purpose" in reason for reason in report["failures"].values())


def test_function_never_called_is_a_problem():
    report = run.session("top", "passthrough", pytest_args=["--deselect=numpy/lib/tests/test_io.py"])
    assert "fromregex was never called, though NumPy's tests call it" in report["problems"]
    assert not any(problem.startswith("loadtxt ") for problem in report["problems"])


def test_plain_functions_are_told_apart_and_must_dispatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "plain.py").write_text(PLAIN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    report = run.session("top", "plain")
    assert report["problems"] == ["save takes no part in __array_function__, NumPy's does"]
    assert {n: c for n, c in direct(numpys()).items() if n in report["calls"]} == direct(report)


def test_numpys_own_function_is_a_problem_where_own_ones_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = ", ".join(name for name in table.TOP if name != "NpzFile")
    (tmp_path / "numpys.py").write_text(f"from numpy import {names}\nfrom numpy.lib.npyio import NpzFile\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    few = ("-k", "test_char_dump")
    assert run.session("top", "numpys", pytest_args=few)["problems"] == []
    problems = run.session("top", "numpys", own=["all"], pytest_args=few)["problems"]
    assert problems == [f"{name} is NumPy's own, or called it" for name in table.TOP]
    problems = run.session("top", "numpys", own=["load"], pytest_args=few)["problems"]
    assert problems == ["load is NumPy's own, or called it"]


def test_module_that_is_no_dropin():
    with pytest.raises(run.GateError, match="json lacks save, savez, "):
        run.session("top", "json")
    with pytest.raises(run.GateError, match="SAVEZ_GATE_BREAK=nonesuch is no function"):
        run.session("top", "passthrough", broken="nonesuch")


@pytest.mark.parametrize(
    ("before", "now", "fine"),
    [
        ("passed", "passed", True),
        ("passed", "failed", False),
        ("passed", "skipped", False),
        ("passed", "xfailed", False),
        ("passed", None, False),
        ("skipped", "skipped", True),
        ("skipped", "failed", False),
        ("xfailed", "xfailed", True),
        ("xfailed", "xpassed", True),
        ("xfailed", "failed", False),
        ("failed", "failed", True),
        ("failed", "passed", True),
        ("failed", None, False),
        (None, "passed", False),
    ],
)
def test_verdict(before: str | None, now: str | None, fine: bool):
    def report(outcome: str | None) -> verdict.Report:
        return {"outcomes": {"item": outcome} if outcome else {}, "failures": {}}

    assert (verdict.lost(report(before), report(now)) == {}) is fine


def test_run_from_anywhere_leaves_no_trace(tmp_path: Path):
    package = Path(numpy.__file__).parent
    files = [sorted(package.rglob("*"))]
    command = [sys.executable, "-B", str(run.HERE / "run.py"), "--module", "passthrough", "--level", "top"]
    few = ["--", "-k", "TestSavezLoad"]
    good = subprocess.run([*command, *few], cwd=tmp_path, capture_output=True, text=True, check=False)
    bad = subprocess.run([*command, "--break", "savez", *few], cwd=tmp_path, capture_output=True, text=True, check=False)
    files.append(sorted(package.rglob("*")))
    assert (good.returncode, bad.returncode) == (0, 1), good.stdout + good.stderr + bad.stdout + bad.stderr
    assert good.stdout.endswith("PASSED\n")
    assert bad.stdout.endswith("FAILED\n")
    assert "LOST numpy/lib/tests/test_io.py::TestSavezLoad::test_" in bad.stdout
    assert files[0] == files[1]
    assert os.listdir(tmp_path) == []
