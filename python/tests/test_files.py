"""Every kind of file that NumPy saves to and loads from, and what is said when that fails."""

import gzip
import io
import os
import pathlib
import pickle
import socket
import tempfile
import threading
import warnings
import zipfile

import numpy as np
import pytest

import savez

A = np.arange(6).reshape(2, 3)

WRITERS = {
    module.__name__: {
        "save": lambda file, array, write=module.save: write(file, array),
        "savez": lambda file, array, write=module.savez: write(file, x=array),
        "savez_compressed": lambda file, array, write=module.savez_compressed: write(file, x=array),
    }
    for module in (np, savez)
}


def extension(writer):
    return ".npy" if writer == "save" else ".npz"


def only(loaded):
    """The one array of what `load` gives."""
    return loaded if isinstance(loaded, np.ndarray) else loaded["x"]


def bytes_of(writer, array=A, by=savez):
    file = io.BytesIO()
    WRITERS[by.__name__][writer](file, array)
    return file.getvalue()


def is_a(found):
    found = only(found)
    return found.dtype == A.dtype and found.tolist() == A.tolist()


# ---- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_name_is_a_string_or_a_path(writer, kind, tmp_path):
    name = kind(tmp_path / f"x{extension(writer)}")
    WRITERS["savez"][writer](name, A)
    assert is_a(savez.load(name)) and is_a(np.load(name))


def test_a_name_in_bytes_is_for_loading_only(writer, tmp_path):
    name = os.fsencode(tmp_path / f"x{extension(writer)}")
    with pytest.raises(TypeError):
        WRITERS["savez"][writer](name, A)
    assert os.listdir(tmp_path) == []
    WRITERS["savez"][writer](os.fsdecode(name), A)
    assert is_a(savez.load(name))


@pytest.mark.parametrize("given", ["x", "x.NPY", "x.NPZ", "x.npz", "x.npy", "x.", ".npy", "ä b"])
def test_the_extension_is_added_unless_it_is_there_to_the_letter(writer, given, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for module, directory in (("savez", ours), ("numpy", theirs)):
        directory.mkdir()
        WRITERS[module][writer](str(directory / given), A)
    assert os.listdir(ours) == os.listdir(theirs)


def test_an_empty_name_is_an_extension(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    savez.save("", A)
    assert os.listdir() == [".npy"]


@pytest.mark.parametrize("wrong", [None, 3, 1.5, object()])
def test_what_is_no_file_is_a_type_error(writer, wrong):
    with pytest.raises(TypeError):
        WRITERS["savez"][writer](wrong, A)
    with pytest.raises(TypeError):
        savez.load(wrong)


def test_what_a_file_holds_decides_and_not_its_name(tmp_path):
    (tmp_path / "x.npy").write_bytes(bytes_of("savez"))
    (tmp_path / "x.npz").write_bytes(bytes_of("save"))
    assert isinstance(savez.load(tmp_path / "x.npy"), savez.NpzFile)
    assert isinstance(savez.load(tmp_path / "x.npz"), np.ndarray)


# ---- file objects ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["BytesIO", "open", "raw", "w+b", "gzip", "TemporaryFile", "NamedTemporaryFile"])
def test_file_objects_are_written_and_read(writer, kind, tmp_path):
    path = tmp_path / "x"
    openers = {
        "BytesIO": lambda: io.BytesIO(),
        "open": lambda: open(path, "wb"),
        "raw": lambda: open(path, "wb", buffering=0),
        "w+b": lambda: open(path, "w+b"),
        "gzip": lambda: gzip.GzipFile(path, "wb"),
        "TemporaryFile": lambda: tempfile.TemporaryFile(dir=tmp_path),
        "NamedTemporaryFile": lambda: tempfile.NamedTemporaryFile(dir=tmp_path),
    }
    array = np.arange(5000.0).reshape(50, 100)
    with openers[kind]() as file:
        if kind == "gzip" and writer != "save":
            # It only pretends that it can go back; NumPy says the same.
            with pytest.raises(OSError, match="Negative seek in write mode"):
                WRITERS["savez"][writer](file, array)
            return
        WRITERS["savez"][writer](file, array)
        assert not file.closed
        if kind in ("open", "raw", "gzip"):
            file.close()
            file = {"raw": lambda: open(path, "rb", buffering=0), "gzip": lambda: gzip.open(path)}.get(
                kind, lambda: open(path, "rb")
            )()
        with file:
            for module in (savez, np):
                file.seek(0)
                assert np.array_equal(only(module.load(file)), array)
                assert not file.closed


def test_a_socket_carries_an_array_or_an_archive(writer):
    ours, theirs = socket.socketpair()

    def send():
        with ours, ours.makefile("wb") as file:
            WRITERS["savez"][writer](file, np.arange(100_000))

    sender = threading.Thread(target=send)
    sender.start()
    with theirs, theirs.makefile("rb") as file:
        assert only(savez.load(file)).sum() == 4_999_950_000
    sender.join()


def piped(data):
    """The reading end of a pipe that gets these bytes."""
    read, write = os.pipe()

    def fill():
        with open(write, "wb") as file:
            file.write(data)

    threading.Thread(target=fill).start()
    return open(read, "rb")


def test_a_pipe_is_written(writer):
    read, write = os.pipe()
    got = []

    def drain():
        with open(read, "rb") as file:
            got.append(file.read())

    reader = threading.Thread(target=drain)
    reader.start()
    with open(write, "wb") as file:
        WRITERS["savez"][writer](file, np.arange(100_000))
    reader.join()
    for module in (np, savez):
        assert only(module.load(io.BytesIO(got[0]))).sum() == 4_999_950_000


def test_a_pipe_is_read(writer):
    with piped(bytes_of(writer, np.arange(100_000))) as file:
        assert only(savez.load(file)).sum() == 4_999_950_000


def test_a_pipe_holds_several_arrays():
    with piped(bytes_of("save") + bytes_of("save", np.array([{1: 2}])) + bytes_of("save", np.eye(2))) as file:
        assert is_a(savez.load(file))
        assert savez.load(file, allow_pickle=True).tolist() == [{1: 2}]
        assert savez.load(file).tolist() == [[1, 0], [0, 1]]
        with pytest.raises(EOFError):
            savez.load(file)


@pytest.mark.parametrize("value", [{"a": 1}, bytearray(100_000)])
def test_a_pipe_holds_a_pickle(value):
    with piped(pickle.dumps(value, protocol=5)) as file:
        assert savez.load(file, allow_pickle=True) == value


def test_a_named_pipe_is_written_in_place(writer, tmp_path):
    path = tmp_path / f"pipe{extension(writer)}"
    os.mkfifo(path)
    got = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    WRITERS["savez"][writer](path, A)
    reader.join()
    assert path.is_fifo() and is_a(np.load(io.BytesIO(got[0])))


def test_limits_hold_in_a_pipe_too():
    wide = np.zeros(2, [(f"{i:050}", "i4") for i in range(300)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = bytes_of("savez", wide)
    with piped(data) as file, pytest.raises(ValueError, match="max_header_size"):
        only(savez.load(file))
    with piped(data) as file:
        assert only(savez.load(file, max_header_size=100_000)).dtype == wide.dtype


def test_an_object_may_have_nothing_but_write(writer):
    class Sink:
        def __init__(self):
            self.pieces = []

        def write(self, piece):
            self.pieces.append(piece)

    sink = Sink()
    WRITERS["savez"][writer](sink, A)
    for module in (np, savez):
        assert is_a(module.load(io.BytesIO(b"".join(sink.pieces))))


def test_an_object_may_have_nothing_but_read_and_seek(writer):
    class Source:
        def __init__(self, data):
            self._file = io.BytesIO(data)

        def read(self, size=-1):
            return self._file.read(size)

        def seek(self, *place):
            return self._file.seek(*place)

    assert is_a(savez.load(Source(bytes_of(writer))))


def test_an_object_may_give_its_bytes_one_by_one(writer):
    class Trickle(io.RawIOBase):
        def __init__(self, data):
            self._file = io.BytesIO(data)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self._file.readinto(memoryview(buffer)[:1])

    assert is_a(savez.load(Trickle(bytes_of(writer))))


def test_an_object_may_give_bytearrays(writer):
    class Arrays(io.BytesIO):
        def read(self, size=-1):
            return bytearray(super().read(size))

    assert is_a(savez.load(Arrays(bytes_of(writer))))


def test_a_raw_file_may_take_a_part_only(writer):
    class Sip(io.RawIOBase):
        def __init__(self):
            self.taken = bytearray()

        def writable(self):
            return True

        def write(self, piece):
            self.taken += bytes(piece)[:100]
            return min(len(piece), 100)

    sip = Sip()
    array = np.random.default_rng(0).random(1000)
    WRITERS["savez"][writer](sip, array)
    for module in (np, savez):
        assert np.array_equal(only(module.load(io.BytesIO(sip.taken))), array)


def test_what_a_file_object_raises_comes_out(writer):
    class Broken(io.BytesIO):
        def write(self, piece):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        WRITERS["savez"][writer](Broken(), A)


def test_a_file_of_text_is_refused(writer):
    with pytest.raises(TypeError):
        WRITERS["savez"][writer](io.StringIO(), A)
    with pytest.raises(TypeError, match="binary"):
        savez.load(io.StringIO("text"))


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["BytesIO", "file"])
def test_load_starts_where_the_file_stands_and_stops_after_the_array(kind, tmp_path):
    with open(tmp_path / "x", "w+b") if kind == "file" else io.BytesIO() as file:
        file.write(b"before")
        savez.save(file, A)
        after = file.tell()
        savez.save(file, np.eye(2))
        savez.save(file, np.array(None))
        file.write(b"behind")
        file.seek(6)
        assert is_a(savez.load(file)) and file.tell() == after
        assert savez.load(file).tolist() == [[1, 0], [0, 1]]
        assert savez.load(file, allow_pickle=True).item() is None
        assert file.read() == b"behind"


def test_an_array_in_a_read_only_file_leaves_the_file_behind_it(tmp_path):
    (tmp_path / "x").write_bytes(bytes_of("save") + b"behind")
    with open(tmp_path / "x", "rb") as file:
        assert is_a(savez.load(file)) and file.read() == b"behind"


@pytest.mark.parametrize("kind", ["BytesIO", "file"])
@pytest.mark.parametrize("name", ["savez", "savez_compressed"])
def test_an_archive_leaves_what_is_before_it(name, kind, tmp_path):
    with open(tmp_path / "x", "w+b") if kind == "file" else io.BytesIO() as file:
        file.write(b"prefix")
        WRITERS["savez"][name](file, A)
        end = file.tell()
        file.seek(0)
        assert file.read(6) == b"prefix"
        assert zipfile.ZipFile(file).testzip() is None
        for module in (np, savez):
            file.seek(6)
            assert is_a(module.load(file))
        assert file.seek(0, 2) == end


def test_a_longer_file_is_not_cut_by_a_shorter_archive(tmp_path):
    ours, theirs = io.BytesIO(bytes(1000)), io.BytesIO(bytes(1000))
    savez.savez(ours)
    np.savez(theirs)
    assert ours.getvalue() == theirs.getvalue()


# ---- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "BytesIO"])
def test_an_empty_file_has_no_data_left(kind, tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(EOFError, match="No data left in file"):
        savez.load(tmp_path / "x" if kind == "file" else io.BytesIO())


@pytest.mark.parametrize("data", [b"some text", b"x", gzip.compress(b"text"), pickle.dumps({"a": 1})])
def test_what_may_be_a_pickle_is_refused(data):
    with pytest.raises(ValueError, match=r"This file contains pickled \(object\) data.*`allow_pickle=`"):
        savez.load(io.BytesIO(data))


def test_what_is_no_pickle_after_all_is_said():
    with pytest.raises(pickle.UnpicklingError, match="Failed to interpret file .* as a pickle"):
        savez.load(io.BytesIO(b"some text"), allow_pickle=True)


def test_a_pickle_is_loaded_if_allowed():
    assert savez.load(io.BytesIO(pickle.dumps({"a": 1})), allow_pickle=True) == {"a": 1}


def test_objects_are_refused_both_ways(tmp_path):
    objects = np.array([{1: 2}, None])
    for name in ("save", "savez", "savez_compressed"):
        with pytest.raises(ValueError, match="Object arrays cannot be saved when allow_pickle=False"):
            getattr(savez, name)(tmp_path / "x", objects, allow_pickle=False)
        with pytest.raises(ValueError, match="Object arrays cannot be loaded when allow_pickle=False"):
            only(savez.load(io.BytesIO(bytes_of(name, objects))))
    assert os.listdir(tmp_path) == []


def test_a_file_cut_short_says_how_many_elements_there_are(tmp_path):
    (tmp_path / "x.npy").write_bytes(bytes_of("save")[:-5])
    message = r"Failed to read all data for array\. Expected \(2, 3\) = 6 elements, could only read 5 elements\. "
    for name in (tmp_path / "x.npy", open(tmp_path / "x.npy", "rb")):
        with pytest.raises(ValueError, match=message + r"\(file seems not fully written\?\)"):
            savez.load(name)


@pytest.mark.parametrize("kept", [*range(6, 128), 130, 175])
def test_bytes_cut_short_get_numpys_words(kept, tmp_path):
    data = bytes_of("save")[:kept]
    (tmp_path / "x.npy").write_bytes(data)
    for source in (lambda: io.BytesIO(data), lambda: tmp_path / "x.npy"):
        with pytest.raises(ValueError) as theirs:
            np.load(source())
        with pytest.raises(ValueError) as ours:
            savez.load(source())
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("kept", [*range(1, 40), -1, -21, -22, -30, -60])
@pytest.mark.parametrize("name", ["savez", "savez_compressed"])
def test_an_archive_cut_short_is_a_bad_zip_file(name, kept):
    with pytest.raises((zipfile.BadZipFile, ValueError)):
        savez.load(io.BytesIO(bytes_of(name)[:kept]))["x"]


def test_what_only_begins_as_an_archive_is_a_bad_zip_file(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(zipfile.BadZipFile, match="not a zip file"):
        savez.load(tmp_path / "x.npz")
    (tmp_path / "x.npz").unlink()  # it is not held open


@pytest.mark.parametrize("kind", ["file", "BytesIO"])
def test_a_flipped_bit_is_a_bad_zip_file_that_names_the_member(kind, tmp_path):
    data = bytearray(bytes_of("savez"))
    data[data.index(A.tobytes())] ^= 1
    (tmp_path / "x.npz").write_bytes(data)
    with savez.load(tmp_path / "x.npz" if kind == "file" else io.BytesIO(data)) as archive:
        with pytest.raises(zipfile.BadZipFile, match=r"(?i)x\.npy.*bad CRC-32"):
            archive["x"]


def test_two_names_of_one_member_are_a_bad_zip_file():
    data = bytes_of("savez").replace(b"x.npy", b"y.npy", 1)
    with pytest.raises(zipfile.BadZipFile):
        savez.load(io.BytesIO(data))["x"]


def test_encryption_and_unknown_methods_are_told_apart():
    data = bytearray(bytes_of("savez"))
    central = data.rindex(b"PK\x01\x02")
    for place, value in ((8, 1), (10, 97)):
        changed = data.copy()
        changed[central + place] |= value
        changed[place - 2] |= value
        with pytest.raises(NotImplementedError):
            savez.load(io.BytesIO(changed))["x"]


def test_what_is_not_there_or_no_file_is_an_os_error(writer, tmp_path):
    with pytest.raises(FileNotFoundError):
        savez.load(tmp_path / "x")
    with pytest.raises(IsADirectoryError):
        savez.load(tmp_path)
    path = str(tmp_path / "none" / f"x{extension(writer)}")
    with pytest.raises(FileNotFoundError, match="No such file or directory") as raised:
        WRITERS["savez"][writer](path, A)
    assert raised.value.filename == path and "os error" not in str(raised.value)


def test_the_encoding_is_checked_first():
    with pytest.raises(ValueError, match="encoding must be 'ASCII', 'latin1', or 'bytes'"):
        savez.load(io.BytesIO(), encoding="utf8")


def test_a_shape_beyond_all_memory_is_refused():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }"
    for length, error in ((1 << 55, MemoryError), (1 << 62, (MemoryError, ValueError, OverflowError))):
        text = (header % length).ljust(117) + b"\n"
        with pytest.raises(error):
            savez.load(io.BytesIO(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text))


def test_names_of_arrays_that_collide_are_refused_before_there_is_a_file(tmp_path):
    for function in (savez.savez, savez.savez_compressed):
        with pytest.raises(ValueError, match="Cannot use un-named variables and keyword arr_0"):
            function(tmp_path / "x", A, arr_0=A)
        with pytest.raises(TypeError, match="multiple values for argument 'file'"):
            function(tmp_path / "x", file=A)
        with pytest.raises(TypeError, match="keywords must be strings"):
            function(tmp_path / "x", **{3: A})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 65_600])
def test_names_that_no_archive_can_hold_are_refused(name, tmp_path):
    with pytest.raises(ValueError):
        savez.savez(tmp_path / "x", **{name: A})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["", "/abs", "../up", "a.npy", "é", "名", "a/b", "x" * 65_500])
def test_names_are_kept_as_they_are(name, tmp_path):
    savez.savez(tmp_path / "ours", **{name: A})
    np.savez(tmp_path / "theirs", **{name: A})
    names = [zipfile.ZipFile(tmp_path / f"{who}.npz").namelist() for who in ("ours", "theirs")]
    assert names[0] == names[1]
    for module in (np, savez):
        with module.load(tmp_path / "ours.npz") as data:
            assert data.files == [name] and data[name].tolist() == A.tolist()


# ---- there and back with NumPy ---------------------------------------------------------------

DTYPES = [
    *"? b B h H i I l L q Q e f d g F D G".split(),
    *">i2 >u4 >f8 >c16 >f2 >M8[ns] >U3".split(),
    *"S5 U7 V4 M8[s] M8[D] M8 m8[25us] m8".split(),
    *"S0 U0 V0".split(),
    [],
    [("a", "i1"), ("b", ">f8", (2, 3)), ("c", [("d", "U2"), ("e", "?")])],
    np.dtype([("a", "i1"), ("b", "f8")], align=True),
    [(("title", "name"), "i4")],
    [("é", "i4")],
    [("a", "U0"), ("b", "i4")],
    np.dtype({"names": ["a", "b"], "formats": ["i2", "i4"], "offsets": [4, 12], "itemsize": 24}),
    "O",
    [("a", "O"), ("b", "i4")],
    "T",
]
SHAPES = [(), (3,), (2, 3), (0,), (3, 0, 2), (1,) * 30]


def arrays():
    rng = np.random.default_rng(1)
    for text in DTYPES:
        dtype = np.dtypes.StringDType() if text == "T" else np.dtype(text)
        for shape in SHAPES:
            if dtype.hasobject or text == "T":
                array = np.zeros(shape, dtype)
                if dtype.names is None and array.size:
                    array[...] = "text" if text == "T" else {"a": [1]}
            else:
                count = int(np.prod(shape))
                data = rng.integers(0, 2 if dtype.kind == "b" else 100, count * dtype.itemsize, np.uint8)
                array = np.ndarray(shape, dtype, data.tobytes()) if data.size else np.ndarray(shape, dtype)
            yield array
            # Elements of no bytes have no order.
            if array.ndim == 2 and dtype.itemsize:
                yield from (np.asfortranarray(array), array[::-1, ::2], array.T)


def padded(dtype):
    """Whether there are bytes between the fields: NumPy may put there whatever was in memory."""
    return dtype.names is not None and dtype.itemsize > sum(field.itemsize for field, *_ in dtype.fields.values())


def same(found, expected):
    if not isinstance(found, np.ndarray) or (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return False
    if expected.dtype.hasobject or expected.dtype.kind == "T" or padded(expected.dtype):
        return found.tolist() == expected.tolist()
    return found.tobytes() == expected.tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_numpy_reads_what_we_write_and_we_what_numpy_writes(writer, tmp_path):
    for array in arrays():
        for by, reader in ((savez, np), (np, savez), (savez, savez)):
            data = bytes_of(writer, array, by)
            found = only(reader.load(io.BytesIO(data), allow_pickle=True))
            expected = only(np.load(io.BytesIO(data), allow_pickle=True))
            assert same(found, expected), (array.dtype, array.shape, by.__name__)
            # NumPy makes characters of none one character wide.
            assert array.dtype.itemsize == 0 or same(found, array), (array.dtype, array.shape, by.__name__)
            assert found.flags.f_contiguous == expected.flags.f_contiguous
            assert found.flags.c_contiguous == expected.flags.c_contiguous
            path = tmp_path / f"x{extension(writer)}"
            path.write_bytes(data)
            assert same(only(reader.load(path, allow_pickle=True)), expected)
            path.unlink()  # some file systems flush a file that is written anew


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_npy_file_is_numpys_to_the_byte(tmp_path):
    for array in arrays():
        if padded(array.dtype):
            continue
        theirs = bytes_of("save", array, np)
        assert bytes_of("save", array) == theirs, (array.dtype, array.shape)
        savez.save(tmp_path / "x.npy", array)
        assert (tmp_path / "x.npy").read_bytes() == theirs, (array.dtype, array.shape)
        (tmp_path / "x.npy").unlink()  # some file systems flush a file that is replaced


@pytest.mark.parametrize("place", [..., 1, (slice(None), 0), (slice(None, None, -1), slice(None, None, -1))])
def test_padding_is_written_as_it_is(writer, place, tmp_path):
    dtype = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    array = np.ndarray((2, 2), dtype, bytes(range(64)))[place]
    path = tmp_path / f"x{extension(writer)}"
    WRITERS["savez"][writer](path, array)
    for data in (bytes_of(writer, array), path.read_bytes()):
        assert only(savez.load(io.BytesIO(data))).tobytes() == array.view("V16").tobytes()


@pytest.mark.parametrize("value", [5, 2.5, True, "text", b"bytes", None, [1, 2], {"a": 1}, np.float32(1), (), [[]]])
def test_whatever_makes_an_array_is_saved(writer, value):
    data = bytes_of(writer, value)
    found = only(savez.load(io.BytesIO(data), allow_pickle=True))
    assert same(found, np.asarray(value)) and same(only(np.load(io.BytesIO(data), allow_pickle=True)), found)


def test_ragged_lists_are_refused(writer, tmp_path):
    with pytest.raises(ValueError, match="inhomogeneous"):
        WRITERS["savez"][writer](tmp_path / "x", [[1], [1, 2]])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["savez", "savez_compressed"])
def test_keywords_come_first_then_arguments_in_order(name, tmp_path):
    for module in (np, savez):
        getattr(module, name)(tmp_path / module.__name__, *range(12), z=1, a=2)
    names = [savez.load(tmp_path / f"{module}.npz").files for module in ("numpy", "savez")]
    assert names[0] == names[1] == ["z", "a", *(f"arr_{i}" for i in range(12))]


def test_an_archive_of_nothing_is_22_bytes(tmp_path):
    savez.savez(tmp_path / "x")
    assert (tmp_path / "x.npz").read_bytes() == b"PK\5\6" + bytes(18)
    assert savez.load(tmp_path / "x.npz").files == np.load(tmp_path / "x.npz").files == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_of_other_packers_are_read(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x.npy", bytes_of("save"))
    file.seek(0)
    assert is_a(savez.load(file))


def test_what_zipfile_adds_to_is_read(tmp_path):
    savez.savez(tmp_path / "x", x=A)
    with zipfile.ZipFile(tmp_path / "x.npz", "a") as archive:
        archive.writestr("y.npy", bytes_of("save", np.eye(2)))
    with savez.load(tmp_path / "x.npz") as data:
        assert data.files == ["x", "y"] and is_a(data["x"]) and data["y"].shape == (2, 2)
