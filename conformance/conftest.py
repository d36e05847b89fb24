"""Before everything else: there is a command to test, and nothing is left in the source tree."""

import tempfile
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from . import npz

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "savez-hypothesis")


def pytest_configure(config):
    if npz.BINARY is None:
        pytest.exit("no npz command: run `cargo build --release`, or set NPZ", returncode=2)
