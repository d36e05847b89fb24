"""What is in a large file: the command `npz ls`, started anew each time, as a person does."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from .. import files
from ..row import MIB, OURS, Contender, Goal, Row

NPZ = Path(__file__).resolve().parents[2] / "target/release/npz"
MEMBERS = 10


def rows(quick):
    each = MIB if quick else 1024 * MIB
    size = f"{MEMBERS * each // MIB} MiB" if quick else "10 GiB"
    return [
        Row(
            "ls",
            f"list what is in a file of {size}",
            (
                Contender(OURS, command([NPZ, "ls"])),
                Contender("python -m zipfile -l", command([sys.executable, "-m", "zipfile", "-l"])),
                Contender("a program that does nothing", command(["/bin/true"])),
            ),
            amount=1,
            unit="calls",
            repeat=1 if quick else 20,
            make=lambda place: make(place, each),
            check=check,
            goal=Goal(seconds=5e-3),
        )
    ]


def command(words):
    def start(place, path):
        line = [*map(str, words), str(place / "large.npz")]
        return lambda: subprocess.run(line, check=True, capture_output=True).stdout

    return start


def make(place, each):
    import savez

    zeros = np.broadcast_to(np.zeros(1, "f4"), (each // 4,))
    with files.Sparse(place / "large.npz") as file:
        savez.write(file, {f"layer {i}": zeros for i in range(MEMBERS)})


def check(place, path, result):
    assert not result or result.count(b"layer") == MEMBERS
