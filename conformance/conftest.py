"""One check before everything else: there is a command to test."""

import pytest

from . import npz


def pytest_sessionstart(session):
    if npz.BINARY is None:
        pytest.exit("no npz command: run `cargo build --release`, or set NPZ", returncode=2)
