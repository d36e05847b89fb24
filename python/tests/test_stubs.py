"""The stubs against the package, by mypy; and the sample that uses every public name."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import savez

pytest.importorskip("mypy")

SAMPLE = Path(__file__).with_name("typed_sample.py")
PACKAGE = Path(savez.__file__).parent


def run(folder, *arguments):
    environment = {
        **os.environ,
        "MYPYPATH": str(PACKAGE.parent),
        "PYTHONPATH": f"{PACKAGE.parent}{os.pathsep}{SAMPLE.parent}",
    }
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One for all, so that NumPy's stubs are read once."""
    return tmp_path_factory.mktemp("mypy")


def test_sample_is_typed(folder):
    status, said = run(folder, "mypy", "--strict", SAMPLE)
    assert status == 0, said


def test_sample_runs(folder):
    pytest.importorskip("tqdm")
    pytest.importorskip("rich")
    status, said = run(folder, "typed_sample")
    assert status == 0, said


def test_stubs_are_true(folder):
    status, said = run(folder, "mypy.stubtest", "savez")
    assert status == 0, said


WRONG = """\
import io, savez
savez.write(io.BytesIO(), {"a": 1}, compression="zip")
savez.write(io.BytesIO(), [1, 2])
savez.open("a.npz")[3]
savez.open("a.npz")["w"].shape = 3
savez.open("a.npz")["w"].memmap("r+")
savez.load("a.npz", mmap_mode="x")
savez.save("a.npy")
savez.opne("a.npz")
"""


def test_wrong_uses_are_seen(folder):
    (folder / "wrong.py").write_text(WRONG)
    status, said = run(folder, "mypy", "--strict", "wrong.py")
    assert status == 1
    seen = {int(line.split(":")[1]) for line in said.splitlines() if ": error:" in line}
    assert seen == set(range(2, WRONG.count("\n") + 1)), said


def test_sample_uses_every_name():
    used = {node.attr for node in ast.walk(ast.parse(SAMPLE.read_text())) if isinstance(node, ast.Attribute)}
    names = {*savez.__all__, *savez.format.__all__, *savez.progress.__all__}
    for class_ in (savez.Archive, savez.LazyArray, savez.NpzFile):
        names.update(name for name in vars(class_) if not name.startswith("_"))
    names -= {"format", "progress"}  # these are imported
    assert sorted(names - used) == []
