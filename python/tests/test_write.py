"""`write`: the options that `savez` has no place for."""

import io

import numpy as np
import pytest

import savez


def test_progress_adds_up(tmp_path):
    told = []
    savez.write(tmp_path / "x.npz", {"x": np.zeros(50_000_000, np.uint8)}, compression="deflate", progress=told.append)
    assert 0 < sum(told) <= 50_000_000 + 128
    with pytest.raises(ZeroDivisionError):
        savez.write(
            tmp_path / "x.npz", {"x": np.zeros(50_000_000, np.uint8)}, compression="deflate", progress=lambda n: 1 // 0
        )


def test_layout_numpy_is_what_savez_writes():
    ours, theirs = io.BytesIO(), io.BytesIO()
    arrays = {"x": np.arange(3), "é": np.eye(2)}
    savez.write(ours, arrays, layout="numpy")
    np.savez(theirs, **arrays)
    assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize("wrong", [{"compression": "rar"}, {"layout": "x"}, {"level": 3}, {"compression": "deflate", "level": 10}])
def test_wrong_options_are_refused(wrong):
    with pytest.raises(ValueError):
        savez.write(io.BytesIO(), {}, **wrong)


@pytest.mark.parametrize("wrong", [np.array([None]), np.ma.masked_array([1, 2], [0, 1])], ids=["objects", "masked"])
def test_the_array_that_is_refused_is_named(wrong):
    with pytest.raises(savez.Error, match=r"^'layer 1/w': (Object arrays|MaskedArray)"):
        savez.write(io.BytesIO(), {"b": np.ones(3), "layer 1/w": wrong})
