"""`unzip` and 7-Zip, which share no code with us or with each other, over archives of every kind that we write."""

import io

import numpy as np
import pytest

import savez

from . import npz

#: Text-like, smooth and incompressible ones, in one segment and in several, and a million equal bytes.
ARRAYS = {
    "steps": np.arange(400_000, dtype="<i4") // 3,
    "waves": np.sin(np.linspace(0, 50, 200_000)).reshape(200, 1000),
    "noise": np.random.default_rng(7).integers(0, 256, 700_000, "u1"),
    "words": np.array(["alpha", "beta", "gamma"] * 5000),
    "zeros": np.zeros(1_000_000, "u1"),
    "one": np.float32(1),
    "none": np.empty((0, 3)),
    "größe/π": np.arange(3),
}


@pytest.mark.parametrize("level", range(10))
def test_every_level(level, tmp_path):
    savez.write(tmp_path / "x.npz", ARRAYS, compression="deflate", level=level)
    npz.assert_holds(tmp_path / "x.npz", ARRAYS)


@pytest.mark.parametrize("layout", ["savez", "numpy"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_every_layout(layout, compression, tmp_path):
    """That of NumPy has ZIP64 fields in every local header."""
    savez.write(tmp_path / "x.npz", ARRAYS, compression=compression, layout=layout)
    npz.assert_unpacks(tmp_path / "x.npz")


class InSequence(io.RawIOBase):
    def __init__(self, path):
        self._file = open(path, "wb")

    def writable(self):
        return True

    def write(self, bytes):
        return self._file.write(bytes)

    def flush(self):
        self._file.flush()


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_streams(compression, tmp_path):
    """They have data descriptors."""
    stream = InSequence(tmp_path / "x.npz")
    savez.write(stream, ARRAYS, compression=compression)
    stream.flush()
    npz.assert_unpacks(tmp_path / "x.npz")


def test_archives_added_to_and_repacked(tmp_path):
    path = tmp_path / "x.npz"
    savez.append(path, {"first": 1})
    for number in range(3):
        savez.append(path, ARRAYS | {f"x{number}": number}, compression=("deflate", None)[number % 2])
        npz.assert_unpacks(path)
    # 7-Zip goes by what stands first in the file, which is the archive as it was.
    savez.append(path, {"first": 2})
    for compression in (None, "deflate", "keep"):
        savez.repack(path, compression=compression)
        npz.assert_unpacks(path)
