"""The gate of NumPy's own tests notices when a function of ours is broken. `make test-numpy` runs the gate itself."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "numpy_gate"))

import run  # noqa: E402
import verdict  # noqa: E402


@pytest.fixture(scope="module")
def base():
    return run.session("none")


@pytest.mark.parametrize(
    ("name", "least"),
    [("load", 50), ("savez", 25), ("save", 20), ("savez_compressed", 3), ("NpzFile.__getitem__", 25)],
)
def test_a_broken_function_fails_the_gate(name, least, base):
    assert len(verdict.lost(base, run.session("top", broken=name))) >= least
