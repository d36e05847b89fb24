"""Compressed archives: that all readers read them, and that parts are read alone."""

import io
import sys
import zipfile
import zlib

import numpy as np
import pytest

import savez

rng = np.random.default_rng(5)

ARRAYS = {
    "noise": rng.standard_normal(400_000, np.float32),
    "smooth": np.cumsum(rng.standard_normal(200_000)),
    "labels": rng.integers(0, 10, (1000, 300)),
    "mask": rng.random((2000, 1000)) < 0.02,
    "constant": np.full((700, 700), 1.5),
    "image": (np.add.outer(np.arange(900), np.arange(1200)) // 7 % 251).astype(np.uint8),
    "half": rng.standard_normal((600, 900)).astype(np.float16),
    "complex": rng.standard_normal(100_000) + 1j,
    "text": rng.choice(np.array(["north", "south", "east"]), 80_000),
    "bytes": rng.choice(np.array([b"a", b"bcd"]), 400_000),
    "record": np.rec.fromarrays([np.arange(90_000), rng.random(90_000)], names="i,x"),
    "fortran": np.asfortranarray(rng.integers(0, 1000, (500, 900))),
    "strided": rng.integers(0, 50, (900, 900))[::2, ::-1],
    "big": rng.integers(0, 5, 300_000).astype(">i4"),
    "one row": np.arange(500_000, dtype=np.int32)[None],
    "rows too long": rng.integers(0, 9, (3, 400_000)),
    "scalar": np.float64(1),
    "empty": np.zeros((0, 5)),
    "small": np.arange(10),
}


def same(ours, theirs):
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("level", range(10))
def test_all_readers_read_what_is_deflated(level):
    file = io.BytesIO()
    savez.write(file, ARRAYS, compression="deflate", level=level)
    file.seek(0)
    with np.load(io.BytesIO(file.getvalue())) as theirs, savez.load(file) as ours, zipfile.ZipFile(file) as zip:
        assert zip.testzip() is None
        for name, array in ARRAYS.items():
            same(ours[name], array)
            same(theirs[name], array)
        for info in zip.infolist():
            # By itself, as one stream with nothing behind it.
            start = info.header_offset + 30 + len(info.filename)
            decoder = zlib.decompressobj(-15)
            plain = decoder.decompress(file.getvalue()[start : start + info.compress_size])
            assert decoder.eof and not decoder.unused_data and len(plain) == info.file_size


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_change_nothing(threads):
    one, many = io.BytesIO(), io.BytesIO()
    savez.write(one, ARRAYS, compression="deflate", threads=1)
    savez.write(many, ARRAYS, compression="deflate", threads=threads)
    assert one.getvalue() == many.getvalue()


@pytest.mark.parametrize("threads", [1, 4])
def test_many_arrays_and_pickles_stay_in_order(threads):
    """Arrays go to all threads together, Python objects in between do not."""
    sizes = [0, 3, 70_000, 200, 900_000, 5000]
    arrays = {f"a{i}": np.arange(sizes[i % 6] + i, dtype=np.uint8) for i in range(120)}
    for at in (0, 1, 50, 119):
        arrays[f"a{at}"] = np.array([at, None, "x"], object)
    file, one_by_one = io.BytesIO(), io.BytesIO()
    # Arrays that nobody else keeps.
    passing = ((name, array.copy()) for name, array in arrays.items())
    savez.write(file, passing, compression="deflate", threads=threads, allow_pickle=True)
    with zipfile.ZipFile(file) as zip:
        assert zip.testzip() is None
        assert zip.namelist() == [f"{name}.npy" for name in arrays]
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as theirs:
        for name, array in arrays.items():
            np.testing.assert_array_equal(theirs[name], array, strict=True)
    savez.write(one_by_one, arrays, compression="deflate", threads=1, allow_pickle=True)
    assert file.getvalue() == one_by_one.getvalue()


@pytest.mark.parametrize("at", [0, 1, 60])
def test_an_error_among_many_arrays_leaves_the_old_file(tmp_path, at):
    path = tmp_path / "x.npz"
    path.write_bytes(b"old")

    def arrays(wrong):
        for i in range(100):
            if i == at:
                yield wrong()
            yield f"a{i}", np.arange(i * 1000)

    def raising():
        raise LookupError("as a test")

    options = {"compression": "deflate", "threads": 4}
    with pytest.raises(LookupError, match="as a test"):
        savez.write(path, arrays(raising), **options)
    with pytest.raises(savez.PythonObjectsError, match="bad"):
        savez.write(path, arrays(lambda: ("bad", np.array([None]))), **options)
    with pytest.raises(ValueError, match="bad"):
        savez.write(path, arrays(lambda: ("bad\0", np.arange(3))), **options)
    assert path.read_bytes() == b"old"
    assert [path] == list(tmp_path.iterdir())


def test_savez_compressed_is_no_larger_than_numpy_s():
    ours, theirs = io.BytesIO(), io.BytesIO()
    savez.savez_compressed(ours, **ARRAYS)
    np.savez_compressed(theirs, **ARRAYS)
    assert len(ours.getvalue()) < 1.05 * len(theirs.getvalue())


@pytest.mark.parametrize("name", [name for name, array in ARRAYS.items() if array.ndim])
def test_parts_of_deflated_arrays(name):
    file = io.BytesIO()
    savez.write(file, {name: ARRAYS[name]}, compression="deflate")
    lazy, array = savez.open(file)[name], ARRAYS[name]
    rows = len(array)
    for index in [slice(rows // 3, rows // 2), slice(None, None, -3), slice(rows, None), ..., [rows // 2] * (rows > 0)]:
        same(np.asarray(lazy[index]), np.asarray(array[index]))
    if array.ndim == 2 and rows:
        same(lazy[rows // 2, 3:5], array[rows // 2, 3:5])
        same(lazy[:, -1], array[:, -1])
    if array.size < 10_000 or array.ndim == 2:
        for ours, theirs in zip(lazy, array):
            same(ours, theirs)


def test_a_part_of_a_file_object_reads_little():
    class Counting(io.BytesIO):
        count = 0

        def read(self, *args):
            got = super().read(*args)
            self.count += len(got)
            return got

    array = rng.integers(0, 100, (16_000, 1000), np.int32)
    file = Counting()
    savez.write(file, {"x": array}, compression="deflate")
    lazy = savez.open(file)["x"]
    file.count = 0
    same(lazy[8000:8160], array[8000:8160])
    assert file.count < 0.03 * len(file.getvalue())


def test_zstd():
    file = io.BytesIO()
    for level in (None, 1, 19):
        savez.write(file, ARRAYS, compression="zstd", level=level)
        file.seek(0)
        for name, array in savez.load(file).items():
            same(array, ARRAYS[name])
        with zipfile.ZipFile(file) as zip:
            assert {info.compress_type for info in zip.infolist()} == {93}
        if sys.version_info >= (3, 14):
            for name, array in np.load(io.BytesIO(file.getvalue())).items():
                same(array, ARRAYS[name])
        file = io.BytesIO()


def test_a_stream_of_unknown_length_is_compressed_too():
    class OnlyWrite:
        def __init__(self):
            self.bytes = bytearray()

        def write(self, data):
            self.bytes += data

    for compression in ("deflate", "zstd"):
        file = OnlyWrite()
        savez.write(file, ARRAYS, compression=compression)
        for name, array in savez.load(io.BytesIO(file.bytes)).items():
            same(array, ARRAYS[name])


def test_threads_must_be_some():
    with pytest.raises(ValueError, match="threads"):
        savez.write(io.BytesIO(), {}, compression="deflate", threads=0)
