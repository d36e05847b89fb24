"""`savez.open`: parts of arrays against NumPy, and what else an archive and its arrays can do."""

import concurrent.futures
import doctest
import io
import multiprocessing
import os
import pickle
import zipfile

import numpy as np
import pytest

import savez

RNG = np.random.default_rng(7)
BIG = RNG.standard_normal((2000, 30, 40)).astype(np.float32)  # 9.6 MB

ARRAYS = {
    "line": np.arange(37),
    "c": RNG.integers(0, 1000, (7, 5, 9)),
    "f": np.asfortranarray(RNG.standard_normal((6, 8, 5))),
    "deep": RNG.integers(0, 255, (2, 3, 1, 4, 3)).astype(np.uint8),
    "scalar": np.array(2.5),
    "empty": np.zeros((3, 0, 2)),
    "swapped": np.arange(20, dtype=">i4").reshape(4, 5),
    "text": np.array([["ab", "ç"], ["", "xyz"]]),
    "bytes": np.array([b"a", b"bcd"]),
    "void": np.array([b"abc", b"def"], "V3"),
    "times": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "flags": RNG.integers(0, 2, (10, 3)).astype(bool),
    "record": np.array([(1, 2.0), (3, 4.0)], [("a", "<i2"), ("b", "<f8")]),
}
NAMES = list(ARRAYS)


def same(found, expected):
    assert type(found) is type(expected)
    assert np.shape(found) == np.shape(expected)
    if isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()
    else:
        assert repr(found) == repr(expected)


@pytest.fixture(params=["stored", "deflate", "numpy", "object"])
def archive(request, tmp_path):
    path = tmp_path / "a.npz"
    compression = "deflate" if request.param == "deflate" else None
    layout = "numpy" if request.param == "numpy" else "savez"
    savez.write(path, ARRAYS, compression=compression, layout=layout)
    if request.param == "object":
        with savez.open(io.BytesIO(path.read_bytes())) as archive:
            yield archive
        return
    with savez.open(path) as archive:
        yield archive


# ---- what headers say ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_handle(archive, name):
    lazy, array = archive[name], ARRAYS[name]
    assert isinstance(lazy, savez.LazyArray)
    for what in ("shape", "dtype", "ndim", "size", "nbytes"):
        assert getattr(lazy, what) == getattr(array, what), what
    assert lazy.name == name
    assert lazy.order == ("F" if name == "f" else "C")
    assert name in repr(lazy) and str(array.shape) in repr(lazy)


def test_stored(tmp_path):
    savez.savez(tmp_path / "s.npz", a=BIG)
    savez.savez_compressed(tmp_path / "d.npz", a=BIG[:9])
    assert savez.open(tmp_path / "s.npz")["a"].stored
    assert not savez.open(tmp_path / "d.npz")["a"].stored


def test_length_and_rows(archive):
    for name, array in ARRAYS.items():
        if array.ndim == 0:
            with pytest.raises(TypeError, match="unsized"):
                len(archive[name])
            with pytest.raises(TypeError, match="0-d"):
                iter(archive[name])
            continue
        assert len(archive[name]) == len(array)
        rows = list(archive[name])
        assert len(rows) == len(array)
        for found, expected in zip(rows, array):
            same(found, expected)


def test_rows_of_a_large_array(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=BIG)
    assert all(np.array_equal(x, y) for x, y in zip(savez.open(path)["a"], BIG, strict=True))


# ---- whole arrays ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_whole(archive, name):
    array = ARRAYS[name]
    for found in (
        archive[name].read(),
        np.asarray(archive[name]),
        archive[name][...],
        archive.read_all()[name],
    ):
        same(found, array)
        assert found.flags.f_contiguous == array.flags.f_contiguous
    same(archive[name][()], array[()])


@pytest.mark.parametrize("name", NAMES)
def test_into_an_array_that_is_there(archive, name):
    array = ARRAYS[name]
    out = np.empty_like(array)
    out.reshape(-1, order="A").view("u1")[...] = 255
    assert archive[name].read(out=out) is out
    same(out, array)


def test_into_memory_of_every_kind(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=BIG)
    lazy = savez.open(path)["a"]
    unaligned = np.zeros(BIG.nbytes + 1, "u1")[1:].view(BIG.dtype).reshape(BIG.shape)
    part = np.zeros((3, *BIG.shape), BIG.dtype)[1]
    mapped = np.memmap(tmp_path / "mapped", BIG.dtype, "w+", shape=BIG.shape)
    told = []
    for out in (unaligned, part, mapped):
        assert lazy.read(told.append, out=out) is out
        assert np.array_equal(out, BIG)
        assert sum(told) == BIG.nbytes
        told.clear()
    assert not part.base[0].any() and not part.base[2].any()


def test_arrays_that_do_not_suit(archive):
    read_only = np.empty_like(ARRAYS["c"])
    read_only.flags.writeable = False
    for name, out, why in [
        ("c", ARRAYS["c"].tolist(), "out is of type list"),
        ("c", np.ma.zeros((7, 5, 9), np.int64), "out is of type MaskedArray"),
        ("c", np.empty((7, 45), np.int64), r"of dtype int64 and shape \(7, 45\); needed .* \(7, 5, 9\)"),
        ("c", np.empty((7, 5, 9), np.uint64), "of dtype uint64 "),
        ("c", np.empty((7, 5, 9), np.int64, "F"), "not contiguous in C order"),
        ("c", np.empty((7, 5, 18), np.int64)[..., ::2], "not contiguous"),
        ("f", np.empty((6, 8, 5)), "not contiguous in F order"),
        ("c", read_only, "read-only"),
        ("swapped", np.empty((4, 5), "<i4"), "of dtype int32 .* needed is a writeable array of dtype >i4"),
    ]:
        before = np.array(out)
        with pytest.raises(savez.ParameterError, match=f"'{name}': .*{why}"):
            archive[name].read(out=out)
        assert np.array_equal(out, before, equal_nan=before.dtype.kind == "f")


def test_damage_is_told_also_of_an_array_that_is_there(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=BIG)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(savez.CorruptError, match="CRC-32"):
        savez.open(path)["a"].read(out=np.empty_like(BIG))


def test_array_protocol(archive):
    assert np.asarray(archive["c"], dtype=np.float32).dtype == np.float32
    assert np.array(archive["c"]).flags.writeable
    assert np.sum(archive["c"]) == ARRAYS["c"].sum()
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        with pytest.raises(ValueError, match="copy"):
            np.array(archive["c"], copy=False)


def test_parts_are_our_own(archive):
    part = archive["c"][1:3]
    part[:] = 0
    same(archive["c"][1:3], ARRAYS["c"][1:3])


def test_progress_adds_up(tmp_path):
    written, read = [], []
    savez.write(tmp_path / "a.npz", {"a": BIG, "b": BIG[:3]}, progress=written.append)
    with savez.open(tmp_path / "a.npz") as archive:
        archive.read_all(progress=read.append)
        total = sum(array.nbytes for array in archive.values())
    assert sum(read) == total == BIG.nbytes + BIG[:3].nbytes
    assert sum(written) >= total
    with savez.open(tmp_path / "a.npz") as archive, pytest.raises(ZeroDivisionError):
        archive["a"].read(lambda done: 1 / 0)


# ---- parts -----------------------------------------------------------------------------------


def random_item(length):
    kind = RNG.integers(5)
    if kind == 0 and length:
        return int(RNG.integers(-length, length))
    if kind == 1:
        return slice(None)
    ends = [None if RNG.integers(4) == 0 else int(RNG.integers(-length - 2, length + 3)) for _ in range(2)]
    step = int(RNG.choice([-7, -3, -2, -1, 1, 2, 3, 7, 10**6]))
    return slice(*ends, None if RNG.integers(3) == 0 else step)


def random_basic(shape):
    items = [random_item(length) for length in shape[: RNG.integers(len(shape) + 1)]]
    if RNG.integers(3) == 0:
        start = int(RNG.integers(len(items) + 1))
        tail = len(items) - start
        items[start:] = [Ellipsis, *(random_item(length) for length in shape[len(shape) - tail :])]
    return tuple(items)


@pytest.mark.parametrize("name", NAMES)
def test_basic(archive, name):
    array, lazy = ARRAYS[name], archive[name]
    for _ in range(150):
        index = random_basic(array.shape)
        same(lazy[index], array[index])
        if len(index) == 1:
            same(lazy[index[0]], array[index[0]])


def with_others(index, shape):
    """Some items of a basic index, one per axis, replaced by arrays, lists and masks; some new axes."""
    items = []
    for item, length in zip(index, shape):
        kind = RNG.integers(6)
        if kind == 0 and length:
            item = RNG.integers(-length, length, RNG.integers(0, 4))
        elif kind == 1 and length:
            item = RNG.integers(-length, length, (2, 1)).astype(np.int8)
        elif kind == 2 and length:
            item = [int(RNG.integers(length))]
        elif kind == 3:
            item = RNG.integers(0, 2, length).astype(bool)
        items.append(item)
    for what in (None, Ellipsis, True):
        if RNG.integers(4) == 0:
            items.insert(int(RNG.integers(len(items) + 1)), what)
    return tuple(items)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "scalar"])
def test_anything_else(archive, name):
    array, lazy = ARRAYS[name], archive[name]
    compared = 0
    for _ in range(300):
        index = with_others([random_item(length) for length in array.shape], array.shape)
        try:
            expected = array[index]
        except IndexError:
            with pytest.raises(IndexError):
                lazy[index]
            continue
        same(lazy[index], expected)
        compared += 1
    assert compared > 100


def test_indices_of_every_kind(archive):
    array, lazy = ARRAYS["c"], archive["c"]
    mask = array > 500
    for index in [
        mask, mask[:, :, 0], (slice(None), mask[0]), ~(array < 0), array < 0, np.ix_([1, 3], [0, 4], [2]),
        [], [[1, 2], [3, 4]], np.int8(3), np.uint64(3), np.array(3), True, False, np.True_, None,
        (None, 1, None), (0, [1, 2], 0), (0, slice(None), [1, 2]), ([1], slice(None), [1]), [True] * 7,
        slice(np.int64(1), np.uint8(5)), slice(10**30), slice(None, None, -(10**30)), (2, 3, 4), (2, 3, 4, ...),
        (2, ..., None, 4), (np.array([], int), ...),
    ]:  # fmt: skip
        same(lazy[index], array[index])


@pytest.mark.parametrize(
    "index",
    [
        7,
        -8,
        (0, 0, 9),
        (0, 0, 0, 0),
        (..., ...),
        1.5,
        "a",
        [1.5],
        ([7],),
        [[True]],
        slice("a"),
        slice(0, 1, 0),
        {},
    ],
)
def test_what_numpy_refuses(archive, index):
    with pytest.raises(Exception) as ours:
        archive["c"][index]
    with pytest.raises(Exception) as theirs:
        ARRAYS["c"][index]
    assert isinstance(ours.value, theirs.type)


def test_fields(archive):
    same(archive["record"]["b"], ARRAYS["record"]["b"])
    same(archive["record"][["b", "a"]], ARRAYS["record"][["b", "a"]])
    same(archive["record"][1:]["a"], ARRAYS["record"][1:]["a"])


def test_extension_types(tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.arange(20, dtype=np.float32).reshape(4, 5).astype(ml_dtypes.bfloat16)
    savez.savez(tmp_path / "a.npz", a=array)
    lazy = savez.open(tmp_path / "a.npz")["a"]
    assert lazy.dtype == ml_dtypes.bfloat16
    assert np.array_equal(lazy[1:, ::-2], array[1:, ::-2])


@pytest.mark.parametrize("descr", ["'|V0'", "'<U0'", "[('a', '<i4', (2,))]"])
def test_odd_dtypes(descr):
    """A whole read decides what these are; parts follow it."""
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (3,), }}".encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zip_file:
        text = head + b" " * 10 + b"\n"
        zip_file.writestr(
            "a.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(range(24))
        )
    lazy = savez.open(file)["a"]
    whole = lazy.read()
    assert lazy.shape == whole.shape and lazy.dtype == whole.dtype
    same(lazy[1:], whole[1:])


# ---- how much is read ------------------------------------------------------------------------


class Counting(io.BytesIO):
    read_bytes = 0

    def read(self, size=-1):
        piece = super().read(size)
        self.read_bytes += len(piece)
        return piece


def counted(array, index, **options):
    file = Counting()
    savez.write(file, {"a": array, "b": array[:1]}, **options)
    lazy = savez.open(file)["a"]
    assert file.read_bytes < 200_000  # the end, where the directory is, and a header
    file.read_bytes = 0
    part = lazy[index]
    assert np.array_equal(part, array[index])
    return file.read_bytes / max(part.nbytes, 1)


def test_one_percent_is_read_for_one_percent():
    assert counted(BIG, slice(500, 520)) == 1
    assert counted(BIG, slice(520, 500, -1)) == 1
    assert counted(np.asfortranarray(BIG), (..., slice(10, 11))) == 1
    assert counted(BIG, (slice(500, 520), 3)) < 31


def test_rows_by_number_are_read_alone():
    rows = RNG.permutation(len(BIG))[:20]
    assert counted(BIG, rows) == 1
    assert counted(BIG, (rows, slice(3, 9), ..., None)) < 10
    mask = np.zeros(len(BIG), bool)
    mask[rows] = True
    assert counted(BIG, mask) == 1
    assert counted(np.asfortranarray(BIG), (..., [37, 2])) == 1


def test_nothing_is_read_for_nothing():
    assert counted(BIG, slice(0, 0)) == 0
    assert counted(BIG, []) == 0
    assert counted(BIG, np.zeros(len(BIG), bool)) == 0


@pytest.mark.parametrize("start", [0, 40, len(BIG) - 20])
def test_of_compressed_arrays_a_segment_or_two_is_read(start):
    whole = counted(BIG, slice(None), compression="deflate", level=1) * BIG.nbytes
    part = counted(BIG, slice(start, start + 20), compression="deflate", level=1) * BIG[:20].nbytes
    assert part < whole * (2 << 20) / BIG.nbytes


# ---- archives --------------------------------------------------------------------------------


def test_mapping(archive):
    assert list(archive) == list(archive.keys()) == NAMES
    assert len(archive) == len(NAMES)
    assert "c" in archive and "c.npy" in archive and "d" not in archive and 3 not in archive
    assert archive["c.npy"].name == "c"
    assert archive.get("d") is None
    with pytest.raises(KeyError, match="'d'"):
        archive["d"]
    assert {name: array.shape for name, array in archive.items()} == {k: v.shape for k, v in ARRAYS.items()}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_as_numpy_has_them():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zip_file:
        for number, name in enumerate(
            ["a.npy", "b.npy", "b", "c.npy", "a.npy", "dir/d.npy", "e", "f.npy.npy"]
        ):
            zip_file.writestr(name, npy(np.array(number)))
        zip_file.writestr("notes.txt", b"hello")
        zip_file.writestr("g.npy", b"hello")
    archive = savez.open(file)
    file.seek(0)
    loaded = np.load(file)
    for name in ["a", "a.npy", "b", "b.npy", "c", "c.npy", "dir/d", "e", "f.npy", "f.npy.npy"]:
        assert archive[name].read() == loaded[name], name
    assert list(archive) == ["b.npy", "b", "c", "a", "dir/d", "e", "f.npy", "g"]
    assert sorted(int(archive[name].read()) for name in list(archive)[:-1]) == [1, 2, 3, 4, 5, 6, 7]
    assert "notes.txt" not in archive
    with pytest.raises(savez.NotAnArrayError, match="'g'"):
        archive["g"]
    assert "not an array" in archive._repr_html_()
    archive.verify()


def test_python_objects(tmp_path):
    path = tmp_path / "o.npz"
    savez.savez(path, o=np.array([[1, None]], object), a=np.arange(3))
    with savez.open(path) as archive:
        lazy = archive["o"]
        assert (lazy.dtype, lazy.shape, lazy.ndim) == (np.dtype(object), (1, 2), 2)
        for read in (lazy.read, lazy.memmap, lambda: lazy[0], lambda: np.asarray(lazy), archive.read_all):
            with pytest.raises(savez.PythonObjectsError, match=r"savez\.load\(\.\.\., allow_pickle=True\)"):
                read()
        lazy.verify()
        archive.verify()
        assert "object" in archive._repr_html_()


def test_repr(tmp_path):
    path = tmp_path / "<a>.npz"
    savez.savez(path, **{f"n{i}": np.zeros(i) for i in range(7)})
    with savez.open(path) as archive:
        assert repr(archive) == f"Archive {str(path)!r} with keys: n0, n1, n2, n3, n4..."
        html = archive._repr_html_()
        assert "&lt;a&gt;" in html and html.count("<tr>") == 8 and "float64" in html
    assert "closed" in repr(archive) and "closed" in archive._repr_html_()
    assert repr(savez.open(io.BytesIO(path.read_bytes()))).startswith("Archive 'object'")


@pytest.mark.parametrize("kind", [str, os.fsencode, lambda path: path, lambda path: open(path, "rb")])
def test_what_can_be_opened(tmp_path, kind):
    path = tmp_path / "a.npz"
    savez.savez(path, a=np.arange(3))
    file = kind(path)
    with savez.open(file) as archive:
        assert archive["a"][1] == 1
    if hasattr(file, "read"):
        assert not file.closed
        file.close()


def test_pipe():
    file = io.BytesIO()
    savez.savez(file, a=np.arange(3))
    receiver, sender = os.pipe()
    os.write(sender, file.getvalue())
    os.close(sender)
    with open(receiver, "rb") as pipe, savez.open(pipe) as archive:
        assert archive["a"][1:].tolist() == [1, 2]


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError):
        savez.open(tmp_path / "no.npz")
    with pytest.raises(TypeError):
        savez.open(3)
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(savez.FormatError, match="npy file"):
        savez.open(tmp_path / "a.npy")
    (tmp_path / "b.npz").write_bytes(b"nothing of the kind")
    with pytest.raises(savez.FormatError, match="not a zip"):
        savez.open(tmp_path / "b.npz")


def test_long_header(tmp_path):
    array = np.zeros(2, [(f"field {i}", "i1") for i in range(2000)])
    savez.savez(tmp_path / "a.npz", a=array)
    with savez.open(tmp_path / "a.npz") as archive, pytest.raises(savez.LimitError, match="max_header_size"):
        archive["a"]
    with savez.open(tmp_path / "a.npz", max_header_size=10**6) as archive:
        assert archive["a"][0] == array[0]


def test_closed(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=np.arange(3))
    archive = savez.open(path)
    lazy = archive["a"]
    archive.close()
    archive.close()
    assert list(archive) == ["a"] and len(archive) == 1
    for use in (lambda: archive["a"], archive.read_all, archive.verify, lazy.memmap):
        with pytest.raises(savez.ParameterError, match="closed"):
            use()
    assert lazy[1:].tolist() == [1, 2]
    with pytest.raises(TypeError, match="open"):
        pickle.dumps(archive)


def test_damage_is_found(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=np.zeros(1000), b=np.ones(3))
    whole = bytearray(path.read_bytes())
    with savez.open(path) as archive:
        archive.verify()
        place = archive["a"].memmap().offset
    whole[place + 4000] ^= 1
    path.write_bytes(whole)
    with savez.open(path) as archive:
        for use in (archive["a"].read, archive["a"].verify, archive.verify, archive.read_all):
            with pytest.raises(savez.CorruptError, match=r"a\.npz.*CRC"):
                use()
        archive["b"].verify()
        assert archive["a"][:10].tolist() == [0] * 10


def test_verify_tells_of_its_progress(tmp_path):
    path = tmp_path / "a.npz"
    savez.write(path, {"a": np.zeros(3_000_000), "b": np.ones(5)}, compression="deflate")
    with zipfile.ZipFile(path, "a") as zip_file:
        zip_file.writestr("notes.txt", b"hello")
        sizes = [info.file_size for info in zip_file.infolist()]
    for file in (path, io.BytesIO(path.read_bytes())):
        with savez.open(file) as archive:
            for verify, size in ((archive.verify, sum(sizes)), (archive["a"].verify, sizes[0])):
                told = []
                verify(progress=told.append)
                assert sum(told) == size
                with pytest.raises(ZeroDivisionError):
                    verify(lambda done: 1 / 0)


def test_verify_looks_at_members_of_the_same_name(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as zip_file:
        for number in range(2):
            zip_file.writestr("a.npy", npy(np.full(10, number)))
    content = bytearray(path.read_bytes())
    content[content.index(np.full(10, 0).tobytes())] ^= 1
    with savez.open(io.BytesIO(content)) as archive:
        assert archive["a"].read().tolist() == [1] * 10
        with pytest.raises(savez.CorruptError, match="a.npy"):
            archive.verify()


# ---- mapping ---------------------------------------------------------------------------------


def test_memmap(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, **ARRAYS)
    with savez.open(path) as archive:
        for name, array in ARRAYS.items():
            mapped = archive[name].memmap()
            assert isinstance(mapped, np.memmap)
            same(np.array(mapped, order="K", subok=False), array)
        changed = archive["c"].memmap("c")
        changed[0] = -1
        same(archive["c"].read(), ARRAYS["c"])
        with pytest.raises(savez.ParameterError, match="r\\+"):
            archive["c"].memmap("r+")


def test_memmap_of_what_cannot_be_mapped(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez_compressed(path, a=np.zeros(1000))
    with savez.open(path) as archive, pytest.raises(savez.UnsupportedError, match="compressed"):
        archive["a"].memmap()
    file = io.BytesIO()
    savez.savez(file, a=np.zeros(3))
    with pytest.raises(savez.UnsupportedError, match="real files"):
        savez.open(file)["a"].memmap()


# ---- threads, processes, other libraries -----------------------------------------------------


def total_of(lazy):
    return int(lazy[1:].sum())


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_threads(tmp_path, by_name, compression):
    path = tmp_path / "a.npz"
    arrays = {str(i): RNG.integers(0, 99, (200, 50)) for i in range(20)}
    savez.write(path, arrays, compression=compression)
    file = path if by_name else io.BytesIO(path.read_bytes())
    with savez.open(file) as archive, concurrent.futures.ThreadPoolExecutor(8) as pool:

        def works(number):
            name, rows = str(number % 20), slice(number % 7, None, 3)
            return np.array_equal(archive[name][rows], arrays[name][rows]) and np.array_equal(
                archive[name].read(), arrays[name]
            )

        assert all(pool.map(works, range(200)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_processes(tmp_path):
    path = tmp_path / "a.npz"
    savez.savez(path, a=BIG)
    with savez.open(path) as archive:
        lazy = archive["a"]
        children = []
        for number in range(4):
            child = os.fork()
            if child == 0:
                good = all(np.array_equal(lazy[i : i + 50], BIG[i : i + 50]) for i in range(number, 1900, 97))
                os._exit(0 if good else 1)
            children.append(child)
        assert np.array_equal(lazy.read(), BIG)
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4


def test_pickling(tmp_path, monkeypatch):
    savez.savez(tmp_path / "a.npz", a=np.arange(5), b=np.ones(2))
    monkeypatch.chdir(tmp_path)
    with savez.open("a.npz", max_header_size=500) as archive, open("a.npz", "rb") as file:
        pickled = pickle.dumps([archive, archive["a"], archive["b"], savez.open(file)])
    monkeypatch.chdir("/")
    again, a, b, from_file = pickle.loads(pickled)
    assert a._archive is again and b._archive is again
    assert list(again) == list(from_file) == ["a", "b"]
    assert a[::2].tolist() == from_file["a"][::2].tolist() == [0, 2, 4]
    with pytest.raises(TypeError, match="name"):
        pickle.dumps(savez.open(io.BytesIO((tmp_path / "a.npz").read_bytes())))


def test_other_processes(tmp_path):
    savez.savez(tmp_path / "a.npz", a=np.arange(100), b=np.ones(50, int))
    context = multiprocessing.get_context("spawn")
    with savez.open(tmp_path / "a.npz") as archive, context.Pool(1) as pool:
        assert pool.map(total_of, archive.values()) == [4950, 49]


def test_dlpack(archive):
    for name in ("c", "f", "scalar"):
        same(np.from_dlpack(archive[name]), ARRAYS[name])
    with pytest.raises((BufferError, TypeError, RuntimeError)):
        np.from_dlpack(archive["text"])


def test_jax(archive):
    jax = pytest.importorskip("jax")
    with_jax = jax.numpy.from_dlpack(archive["deep"])
    assert with_jax.shape == ARRAYS["deep"].shape
    assert np.array_equal(with_jax, ARRAYS["deep"])
    assert np.array_equal(jax.numpy.asarray(archive["deep"]), ARRAYS["deep"])


def test_written_as_they_are(archive, tmp_path):
    savez.write(tmp_path / "copy.npz", archive)
    for name, array in savez.load(tmp_path / "copy.npz").items():
        same(array, ARRAYS[name])


def test_examples():
    assert doctest.testmod(savez._archive).failed == 0
