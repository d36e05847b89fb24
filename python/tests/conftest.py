"""What several modules of tests share."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(params=["save", "savez", "savez_compressed"])
def writer(request):
    """The name of one of the three functions that save."""
    return request.param


@pytest.fixture
def python(tmp_path):
    """Run a script in a fresh interpreter; gives what it prints. It must succeed."""

    def run(script, *arguments, env=None, cwd=None, options=()):
        done = subprocess.run(
            [sys.executable, *options, "-c", script, *map(str, arguments)],
            env=os.environ | (env or {}),
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
