"""`savetxt` writes what NumPy's writes, in every combination of its arguments, and fails as it does."""

import bz2
import gzip
import io
import itertools
import lzma
import os
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import savez
from savez import _savetxt

NUMPY2 = np.lib.NumpyVersion(np.__version__) >= "2.0.0"

RNG = np.random.default_rng(5)
POINT = np.dtype([("x", "<f8"), ("n", ">i2"), ("name", "S3"), ("ok", "?")])
PADDED = np.dtype({"names": ["a", "b"], "formats": ["<f4", "<U2"], "offsets": [4, 16], "itemsize": 32})

ARRAYS = {
    "one axis": RNG.standard_normal(5),
    "two axes": RNG.standard_normal((4, 3)),
    "Fortran": np.asfortranarray(RNG.standard_normal((4, 3))),
    "strided": RNG.standard_normal((8, 9))[::-2, ::3],
    "big-endian": RNG.standard_normal((4, 3)).astype(">f8"),
    "singles": RNG.standard_normal((4, 3)).astype("f4"),
    "halves": RNG.standard_normal((4, 3)).astype("f2"),
    "integers": RNG.integers(-1000, 1000, (4, 3)),
    "bytes of bits": RNG.integers(0, 255, (4, 3), np.uint8),
    "bools": np.array([[True, False], [False, False]]),
    "complex": RNG.standard_normal((3, 2)) - 1j * RNG.standard_normal((3, 2)),
    "complex, one axis": (RNG.standard_normal(3) - 1j).astype(">c8"),
    "records": np.array([(0.5, 3, b"ab", True), (-1, -3, b"", False)], POINT),
    "padded records": np.array([(0.5, "é"), (-1, "")], PADDED),
    "nested records": np.zeros(2, [("a", POINT), ("b", "i4")]),
    "records with an array": np.zeros(2, [("a", "f8", 2), ("b", "i4")]),
    "records of two axes": np.zeros((2, 2), POINT),
    "text": np.array([["a", "ü€"], ["", "b c"]]),
    "bytes": np.array([[b"a", b"\xff"], [b"", b"b c"]]),
    "objects": np.array([[1, "a"], [2.5, None]], object),
    "dates": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "long doubles": np.array([1, 2 / 3], np.longdouble),
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((3, 0)),
    "nothing": np.zeros(0),
    "not finite": np.array([[np.nan, np.inf], [-np.inf, -0.0]]),
    "no axes": np.float64(3),
    "three axes": np.zeros((2, 2, 2)),
    "a list": [[1, 2], [3, 4]],
    "ragged": [[1, 2], [3]],
    "matrix": np.ones((2, 2)).view(np.matrix),
    "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
}

FORMATS = [
    "%.18e",
    "%d",
    "%s",
    "%r",
    "%5x",
    "%g é%%",
    "x",
    "",
    "%.2f|%+d|%g",
    "%.2f %+d",
    "%g+%gj ",
    " %.1e %+.1ej  %.1e %+.1ej",
    "%*d",
    "%(a)d",
    "%q",
    ["%.3f", "%d", "%s"],
    ("%s", "%s"),
    ["%g"],
    ["%.3e + %.3ej", "(%.15e%+.15ej)"],
    ["%g", "%d", "%s", "%r"],
    b"%d",
    [1, 2, 3],
    [b"%d", "%s", b"%g"],
    np.array(["%d"]),
    None,
    7,
]

OTHERS = [
    {},
    {"delimiter": ",", "newline": "\r\n"},
    {"delimiter": "+-", "newline": "-", "comments": "% "},
    {"header": "a\nb", "footer": "c\n"},
    {"header": "é", "comments": "", "delimiter": " \N{SNOWMAN} "},
    {"newline": ""},
    {"delimiter": "\udc80"},
    {"delimiter": b";"},
    {"delimiter": 1},
    {"newline": b"\n"},
]


def outcome(function):
    """What a call gave, or the exception it raised: class, message, and those of its cause."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = function()
        except Exception as error:
            cause = error.__cause__
            result = (type(error), str(error), type(cause), str(cause))
    return result, [(warning.category, str(warning.message)) for warning in seen]


TARGETS = ["text", "bytes", "path"]


def written(savetxt, target, tmp_path, array, **options):
    if target == "text":
        file = io.StringIO(newline="")
    elif target == "bytes":
        file = io.BytesIO()
    else:
        file = tmp_path / "table.txt"
    savetxt(file, array, **options)
    return file.read_bytes() if target == "path" else file.getvalue()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ARRAYS)
def test_same_as_numpy(kind, target, tmp_path):
    array = ARRAYS[kind]
    for fmt, options in itertools.product(FORMATS, OTHERS):
        given = {"fmt": fmt, **options}
        ours = outcome(lambda: written(savez.savetxt, target, tmp_path, array, **given))  # noqa: B023
        theirs = outcome(lambda: written(np.savetxt, target, tmp_path, array, **given))  # noqa: B023
        if isinstance(theirs[0], tuple) and theirs[0][0] is UnicodeEncodeError:
            # A block is encoded at a time, not a row: the places differ.
            assert ours[0][0] is UnicodeEncodeError
            continue
        assert ours == theirs, given


@pytest.mark.parametrize(
    "encoding", [None, "utf-8", "UTF8", "latin1", "ascii", "cp1252", "utf-16", "utf-8-sig", "nope", "bytes"]
)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("header", ["", "plain", "é", "\N{SNOWMAN}"])
def test_encodings_are_numpys(encoding, target, header, tmp_path):
    for kind in ["two axes", "text", "padded records", "no rows"]:
        array = ARRAYS[kind]
        for delimiter in [" ", "é", "\N{SNOWMAN}"]:
            given = {"fmt": "%s", "header": header, "delimiter": delimiter, "encoding": encoding}
            ours, theirs = (
                outcome(lambda: written(savetxt, target, tmp_path, array, **given))  # noqa: B023
                for savetxt in (savez.savetxt, np.savetxt)
            )
            if isinstance(theirs[0], tuple):
                assert ours[0][0] is theirs[0][0], given
            else:
                assert ours == theirs, given


OPENERS = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".lzma": lzma.open,
    ".GZ": open,
    ".txt": open,
}


@pytest.mark.parametrize("extension", OPENERS)
@pytest.mark.parametrize("count", [0, 3, 12_000])
def test_compressed_files(extension, count, tmp_path):
    array = RNG.standard_normal((count, 3))
    theirs = io.StringIO()
    np.savetxt(theirs, array, header="a b c", footer="end")
    path = tmp_path / f"table{extension}"
    savez.savetxt(path, array, header="a b c", footer="end")
    with OPENERS[extension](path, "rt") as file:
        assert file.read() == theirs.getvalue()
    if extension == ".gz":
        done = subprocess.run(["gzip", "-dc", path], capture_output=True, check=True, text=True)
        assert done.stdout == theirs.getvalue()
        # One member, so that simple readers see all of it.
        unpacker = gzip.zlib.decompressobj(31)
        unpacker.decompress(path.read_bytes())
        assert unpacker.eof and not unpacker.unused_data
        savez.savetxt(tmp_path / "again.gz", array, header="a b c", footer="end")
        assert path.read_bytes() == (tmp_path / "again.gz").read_bytes()


@pytest.mark.parametrize("extension", OPENERS)
def test_what_python_formats_is_compressed_too(extension, tmp_path):
    texts = []
    for savetxt in (savez.savetxt, np.savetxt):
        path = tmp_path / f"table{extension}"
        savetxt(path, ARRAYS["objects"], fmt="%s", header="x", encoding="utf-16")
        with OPENERS[extension](path, "rb") as file:
            texts.append(file.read())
    assert texts[0] == texts[1]


MANY = {
    "numbers": lambda: RNG.standard_normal((30_000, 4)),
    "Fortran": lambda: np.asfortranarray(RNG.standard_normal((30_000, 4))),
    "strided": lambda: RNG.standard_normal((60_000, 8))[::-2, 1::2],
    "a row": lambda: RNG.standard_normal((1, 100_000)),
    "long rows": lambda: RNG.standard_normal((7, 40_000)),
    "complex": lambda: RNG.standard_normal((20_000, 2)) * (1 - 2j),
    "records": lambda: np.resize(ARRAYS["padded records"], 30_000),
    "broadcast": lambda: np.broadcast_to(RNG.standard_normal(3), (30_000, 3)),
}


@pytest.mark.parametrize("kind", MANY)
def test_many_blocks(kind, tmp_path):
    """Enough rows for all threads; Rust formats all of them."""
    array = MANY[kind]()
    before = dict(_savetxt.rows_written)
    fmt = "%s" if kind == "records" else "%.18e"
    for target in TARGETS:
        if kind == "records" and target == "bytes":
            continue
        ours, theirs = (
            written(savetxt, target, tmp_path, array, fmt=fmt, header="h", footer="f")
            for savetxt in (savez.savetxt, np.savetxt)
        )
        assert ours == theirs
    assert _savetxt.rows_written["python"] == before["python"]
    assert _savetxt.rows_written["compiled"] > before["compiled"]


@pytest.mark.parametrize("place", [0, 1, 12_345, 39_999])
def test_rows_before_a_bad_one_are_written_to_file_objects(place):
    array = np.arange(40_000.0)
    array[place] = np.nan
    texts = []
    for savetxt in (savez.savetxt, np.savetxt):
        file = io.StringIO()
        with pytest.raises(ValueError, match="cannot convert float NaN to integer"):
            savetxt(file, array, fmt="%d")
        texts.append(file.getvalue())
    assert texts[0] == texts[1]


def test_lone_surrogates_are_left_to_python():
    array = np.array(["a"] * 1000)
    array[500] = "\ud800"
    file = io.StringIO()
    before = dict(_savetxt.rows_written)
    savez.savetxt(file, array, fmt="%s")
    assert file.getvalue() == "\n".join(array.tolist()) + "\n"
    assert _savetxt.rows_written == {"compiled": before["compiled"] + 500, "python": before["python"] + 500}


@pytest.mark.parametrize(
    ("kind", "fmt", "compiled"),
    [
        ("two axes", "%.18e", True),
        ("complex", "%.3e", True),
        ("records", ["%g", "%d", "%s", "%r"], True),
        ("text", "%s", True),
        ("bools", "%r", True),
        ("objects", "%s", False),
        ("dates", "%s", False),
        ("long doubles", "%g", False),
    ],
)
def test_who_formats(kind, fmt, compiled):
    before = dict(_savetxt.rows_written)
    savez.savetxt(io.StringIO(), ARRAYS[kind], fmt=fmt)
    grown = {who for who in before if _savetxt.rows_written[who] > before[who]}
    assert grown == {"compiled" if compiled else "python"}


def test_print_options_count():
    array = np.array([0.1, 1e8], "f4")
    kept = np.get_printoptions()
    for legacy in ["1.13", "1.21", *(["1.25"] if NUMPY2 else []), False]:
        np.set_printoptions(legacy=legacy)
        try:
            texts = []
            for savetxt in (savez.savetxt, np.savetxt):
                file = io.StringIO()
                savetxt(file, array, fmt="%r")
                savetxt(file, array, fmt="%.3e")
                texts.append(file.getvalue())
        finally:
            np.set_printoptions(**kept)
        assert texts[0] == texts[1], legacy


@pytest.mark.parametrize("extension", ["txt", "gz", "bz2"])
@pytest.mark.parametrize("array", [np.array([1.0, np.nan]), np.array([1, "x"], object)])
def test_the_old_file_stays_after_an_error(extension, array, tmp_path):
    path = tmp_path / f"table.{extension}"
    path.write_text("old")
    for _ in range(2):
        with pytest.raises((ValueError, TypeError)):
            savez.savetxt(path, array, fmt="%d")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == [path.name]
    path.unlink()
    with pytest.raises((ValueError, TypeError)):
        savez.savetxt(path, array, fmt="%d")
    assert os.listdir(tmp_path) == []


def test_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real.txt").write_text("old")
    os.symlink("real.txt", "link.txt")
    savez.savetxt("link.txt", [1], fmt="%d")
    assert Path("link.txt").is_symlink() and Path("real.txt").read_text() == "1\n"
    with pytest.raises(ValueError, match="fname must be a string or file handle"):
        savez.savetxt(b"x.txt", [1])
    with pytest.raises(ValueError, match="fname must be a string or file handle"):
        savez.savetxt(Path, [1])
    with pytest.raises(FileNotFoundError):
        savez.savetxt("missing/x.txt", [1])
    with pytest.raises(FileNotFoundError):
        savez.savetxt("missing/x.txt", [None], fmt="%s")
    if os.path.exists("/dev/full"):
        with pytest.raises(OSError, match="No space left"):
            savez.savetxt("/dev/full", np.zeros(100))


def test_pipes(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    array = np.arange(50_000.0)
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as reader:
        found = []
        thread = threading.Thread(target=lambda: found.append(reader.stdout.read()))
        thread.start()
        savez.savetxt(path, array)
        thread.join()
    assert found[0] == written(np.savetxt, "bytes", tmp_path, array)


class Refusing(io.StringIO):
    """Takes some text, then none."""

    def write(self, text):
        if self.tell() > 100_000:
            raise KeyError("full")
        return super().write(text)


def test_errors_of_file_objects_come_through():
    with pytest.raises(KeyError, match="full"):
        savez.savetxt(Refusing(), np.zeros((50_000, 4)))


class Slow(io.RawIOBase):
    """A raw file that takes little at a time."""

    def __init__(self):
        self.parts = []

    def writable(self):
        return True

    def write(self, data):
        memoryview(data)
        self.parts.append(bytes(data[:1000]))
        return len(self.parts[-1])


def test_raw_files_get_everything(tmp_path):
    array = np.arange(3000.0)
    file = Slow()
    savez.savetxt(file, array, header="x")
    assert b"".join(file.parts) == written(np.savetxt, "bytes", tmp_path, array, header="x")


INTERRUPTED = """
import io, os, signal, sys, threading, time
import numpy as np, savez
array = np.zeros((3_000_000, 10))
path = sys.argv[1]
open(path, "w").write("old")
def interrupt():
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
start = time.monotonic()
try:
    savez.savetxt(path if sys.argv[2] == "path" else open(os.devnull, sys.argv[2]), array)
except KeyboardInterrupt:
    print(time.monotonic() - start < 5, open(path).read(), len(os.listdir(os.path.dirname(path))))
"""


@pytest.mark.parametrize("target", ["path", "w", "wb"])
def test_an_interrupt_ends_it(target, python, tmp_path):
    assert python(INTERRUPTED, tmp_path / "table.txt", target) == "True old 1\n"


MEMORY = """
import sys
import numpy as np, savez
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
array = np.broadcast_to(np.arange(10.0), (2_000_000, 10))
savez.savetxt("/dev/null", array[:100_000])
before = peak()
savez.savetxt("/dev/null" if sys.argv[1] == "path" else open("/dev/null", sys.argv[1]), array, fmt="%.8e")
print(peak() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="for Linux")
@pytest.mark.parametrize("target", ["path", "w", "wb"])
def test_it_takes_little_memory(target, python):
    """Some 300 MB of text."""
    assert int(python(MEMORY, target)) < 30_000


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="for Linux")
@pytest.mark.parametrize("fmt", ["%50000d", "%.50000f"])
def test_long_rows_take_little_memory_too(fmt, python):
    """Some 500 MB of text, which in blocks of thousands of rows would be in memory at once."""
    script = MEMORY.replace("(2_000_000, 10)", "(1000, 10)").replace("%.8e", fmt)
    assert int(python(script, "path")) < 200_000


@pytest.mark.parametrize("fmt", ["%3000d", "%.3000f", "%-3000s", "%.2000d"])
def test_long_rows(fmt, tmp_path):
    array = np.arange(40)
    for target in TARGETS:
        ours, theirs = (written(f, target, tmp_path, array, fmt=fmt) for f in (savez.savetxt, np.savetxt))
        assert ours == theirs
    with pytest.raises((ValueError, OverflowError, MemoryError)):
        savez.savetxt(tmp_path / "x.txt", array, fmt="%99999999999999999999d")


def test_threads_of_python_run_meanwhile(tmp_path):
    done = threading.Event()
    turns = []

    def count():
        while not done.is_set():
            turns.append(1)
            done.wait(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    savez.savetxt(tmp_path / "table.txt", np.zeros((100_000, 10)))
    done.set()
    thread.join()
    assert len(turns) > 3


def test_arrays_of_others_may_take_over(tmp_path):
    class Own:
        def __array_function__(self, function, types, arguments, keywords):
            return function, arguments, keywords

    own = Own()
    assert savez.savetxt("x.txt", own, fmt="%d") == (savez.savetxt, ("x.txt", own), {"fmt": "%d"})


def test_jax_arrays(tmp_path):
    jax_numpy = pytest.importorskip("jax.numpy")
    array = jax_numpy.linspace(0, 1, 7).reshape(7, 1)
    assert written(savez.savetxt, "text", tmp_path, array) == written(
        np.savetxt, "text", tmp_path, np.asarray(array)
    )


def test_patched_numpy_uses_it():
    with savez.patch_numpy():
        assert np.savetxt is savez.savetxt
        file = io.StringIO()
        np.savetxt(file, np.array([None]), fmt="%s")
        assert file.getvalue() == "None\n"


def test_bytes_warnings_are_pythons():
    """``python -bb`` makes `str` of bytes an error."""
    script = "import io, numpy as np, savez; savez.savetxt(io.StringIO(), np.array([b'a']), fmt='%s')"
    done = subprocess.run([sys.executable, "-bb", "-c", script], capture_output=True, text=True)
    assert re.search("BytesWarning", done.stderr)
