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


class Tagged(np.ndarray):
    """An array of another class, which may mean something else."""


@pytest.mark.parametrize("wrong", [np.array([None]), np.ma.masked_array([1.0, 2.0], [0, 1])], ids=["objects", "masked"])
def test_the_array_that_is_refused_is_seen_behind_many_like_it(wrong):
    arrays = {f"a{i}": np.full(i, 1.0) for i in range(100)}
    with pytest.raises(savez.Error, match=r"^'wrong': (Object arrays|MaskedArray)"):
        savez.write(io.BytesIO(), arrays | {"wrong": wrong})


def test_many_small_arrays_of_any_kind_are_written_as_one_by_one_elsewhere():
    kinds = [
        lambda i: np.arange(i),
        lambda i: np.arange(2 * i, dtype=">f4").reshape(2, -1),
        lambda i: np.arange(3 * i).reshape(3, -1).T,
        lambda i: np.arange(10 * i)[:: -i or None],
        lambda i: np.float32(i),
        lambda i: [i, str(i)],
        lambda i: np.zeros(i, [("x", "<f4"), ("y", "S3")]),
        lambda i: np.arange(i).view(Tagged),
        lambda i: np.full((i, 0), 1j),
        lambda i: np.array([b"x" * i]),
        lambda i: i,
    ]
    arrays = {f"{i} {kind}": make(i) for i in range(30) for kind, make in enumerate(kinds)}
    ours, theirs = io.BytesIO(), io.BytesIO()
    savez.write(ours, arrays, layout="numpy")
    np.savez(theirs, **arrays)
    assert ours.getvalue() == theirs.getvalue()


def test_each_array_with_metadata_is_warned_of():
    dtype = np.dtype("<f8", metadata={"unit": "m"})
    arrays = {"plain": np.zeros(3), "a": np.zeros(3, dtype), "b": np.zeros(3, dtype)}
    with pytest.warns(UserWarning, match="metadata") as warned:
        savez.write(io.BytesIO(), arrays)
    assert len(warned) == 2


@pytest.mark.parametrize("name", [1, None, b"x"])
def test_a_name_that_is_no_text_is_a_type_error(name, tmp_path):
    with pytest.raises(TypeError):
        savez.write(tmp_path / "x.npz", [("a", np.zeros(3)), (name, np.zeros(3))])
    assert not list(tmp_path.iterdir())


def test_pairs_may_be_lists_and_come_one_at_a_time():
    def pairs():
        for i in range(100):
            array[:] = i
            yield [f"a{i}", array] if i % 2 else (f"a{i}", array)

    array = np.zeros(3)
    file = io.BytesIO()
    savez.write(file, pairs())
    file.seek(0)
    data = savez.load(file)
    assert [float(data[name].sum()) for name in data] == [3.0 * i for i in range(100)]


def test_what_is_no_iterable_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        savez.write(path, 7, atomic=False)
    assert path.read_bytes() == b"old"
