"""The arrays that are saved and loaded: the same in every process and every run."""

import numpy as np


def numbers(count, dtype="f4", seed=0):
    """Numbers that no compressor gets smaller, quick to make."""
    random = np.random.default_rng(seed)
    return random.random(count, dtype="f4").astype(dtype, copy=False)


def weights(nbytes, count=4):
    """Some float32 arrays of so many bytes each, by name."""
    return {f"w{i}": numbers(nbytes // 4, seed=i).reshape(-1, 64) for i in range(count)}


def small(count):
    """Many arrays of 64 bytes, by name."""
    rows = np.arange(16 * count, dtype="f4").reshape(count, 16)
    return {f"layer{i:07}.w": row for i, row in enumerate(rows)}


def same(arrays, loaded):
    """Raises unless they are the same, in names, shapes and bits."""
    assert sorted(arrays) == sorted(loaded), "other names"
    for name, array in arrays.items():
        other = np.asarray(loaded[name])
        assert array.dtype == other.dtype and array.shape == other.shape, f"{name}: another type"
        assert np.array_equal(_bits(array), _bits(other)), f"{name}: other values"


def _bits(array):
    return np.ascontiguousarray(array).reshape(-1).view("u1")
