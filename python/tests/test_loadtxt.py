"""`savez.loadtxt` beside `numpy.loadtxt`: the same array, bit for bit, or the same error."""

import bz2
import gzip
import io
import lzma
import os
import tracemalloc
import warnings

import numpy as np
import pytest
from odd_tables import HOSTILE, QUOTED

import savez
from savez._loadtxt import read_by

#: How many values the generated tables have; 20 million take some minutes.
VALUES = int(os.environ.get("SAVEZ_LOADTXT_VALUES", "200_000"))


def outcome(function, source, **options):
    """What a call gives or raises, and the warnings it gives, in a form that can be compared."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        try:
            result = function(source() if callable(source) else source, **options)
        except Exception as error:
            result = (type(error), str(error).partition(" object at ")[0])
        else:
            parts = result if isinstance(result, list) else [result]
            result = [(part.dtype, part.shape, part.strides, values(part)) for part in parts]
    return result, [(warning.category, str(warning.message).partition(" object at ")[0]) for warning in given]


def values(array):
    """The bytes of all values, without those between fields."""
    if array.dtype.hasobject:
        return array.tolist()
    if array.dtype.names is None:
        return array.tobytes()
    return [values(array[name]) for name in array.dtype.names]


def check(source, *, by="savez", **options):
    """Compare; `by` is who must have read it, None if either may."""
    read_by.clear()
    assert outcome(savez.loadtxt, source, **options) == outcome(np.loadtxt, source, **options)
    assert by is None or dict(read_by) == {by: 1}


@pytest.fixture
def check_everywhere(tmp_path):
    """Compare the same text as a file, a file opened as bytes and as text, and in memory."""

    def check_all(text, *, by=None, **options):
        path = tmp_path / "table"
        path.write_bytes(text)
        check(str(path), by=by, **options)
        options.pop("encoding", None)
        opened = []

        def opening(*args, **kwargs):
            opened.append(open(*args, **kwargs))
            return opened[-1]

        check(lambda: opening(path, "rb"), by=None, **options)
        check(lambda: opening(path), by=None, **options)
        check(lambda: opening(path, newline=""), by=None, **options)
        check(lambda: io.BytesIO(text), by=None, **options)
        try:
            check(lambda: io.StringIO(text.decode()), by=None, **options)
        except UnicodeDecodeError:
            pass
        for file in opened:
            file.close()

    return check_all


# ---- generated tables --------------------------------------------------------------------------


def floats(rng, count):
    """All magnitudes there are, and those that people have."""
    with np.errstate(all="ignore"):
        bits = rng.integers(0, 2**64, count, np.uint64).view(np.float64)
        usual = rng.normal(size=count) * 10.0 ** rng.integers(-6, 7, count)
    return np.where(rng.random(count) < 0.3, bits, usual)


@pytest.mark.parametrize("columns", [1, 3, 50])
@pytest.mark.parametrize(
    ("fmt", "delimiter"),
    [("%.18e", " "), ("%.6g", ","), ("%.17g", "\t"), ("%r", ";"), ("%25.10f", " "), ("%.30g", ","), ("%.0f", " ")],
)
def test_floats(tmp_path, fmt, delimiter, columns):
    rng = np.random.default_rng([columns, *fmt.encode()])
    table = floats(rng, VALUES // columns * columns).reshape(-1, columns)
    path = tmp_path / "table.txt"
    one = "%s" if fmt == "%r" else fmt
    convert = repr if fmt == "%r" else float
    with open(path, "w") as file:
        for row in table.tolist():
            file.write(delimiter.join(one % convert(value) for value in row) + "\n")
    for dtype in ("f8", "f4"):
        check(str(path), delimiter=None if delimiter == " " else delimiter, dtype=dtype)
    if fmt in ("%.18e", "%.17g", "%r"):
        finite = table[np.isfinite(table)]
        read = savez.loadtxt(path, delimiter=None if delimiter == " " else delimiter, ndmin=2)
        assert read[np.isfinite(table)].tobytes() == finite.tobytes()


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">i4", ">u8", "longlong"])
def test_integers(tmp_path, dtype):
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(1)
    if dtype.kind == "b":
        table = rng.integers(-3, 4, VALUES)
    else:
        limits = np.iinfo(dtype)
        table = rng.integers(limits.min, limits.max, VALUES, dtype.newbyteorder("="), endpoint=True)
        table >>= rng.integers(0, dtype.itemsize * 8, VALUES, dtype.newbyteorder("="))
        table[:2] = limits.min, limits.max
    path = tmp_path / "table.txt"
    np.savetxt(path, table.reshape(-1, 4), fmt="%d")
    check(str(path), dtype=dtype)
    if dtype.kind != "b":
        path.write_text(f"1\n{limits.max}\n{limits.max + 1}\n")
        check(str(path), dtype=dtype, by="numpy")
        path.write_text(f"1\n{limits.min}\n{limits.min - 1}\n")
        check(str(path), dtype=dtype, by="numpy")


@pytest.mark.parametrize("dtype", ["c8", "c16", ">c16", ">f4", ">f8"])
def test_complex_and_swapped(tmp_path, dtype):
    rng = np.random.default_rng(2)
    table = floats(rng, VALUES // 4 * 4)
    path = tmp_path / "table.txt"
    if np.dtype(dtype).kind == "c":
        table = table[::2] + 1j * table[1::2]
    with open(path, "w") as file:
        for row in table.reshape(-1, 2).tolist():
            file.write("%s,%s\n" % tuple(row))
    check(str(path), dtype=dtype, delimiter=",")


def test_all_halves(tmp_path):
    """Every binary16, those halfway between two, and their neighbours."""
    with np.errstate(all="ignore"):
        halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float64)
        ties = (halves[1:] + halves[:-1]) / 2
        near = np.concatenate([halves, ties, np.nextafter(ties, 0), np.nextafter(ties, 1e9)])
    path = tmp_path / "table.txt"
    np.savetxt(path, np.concatenate([near, -near]), fmt="%.17g")
    check(str(path), dtype="f2")
    path.write_text("1\n65520\n")
    check(str(path), dtype="f2", by="numpy")
    path.write_text("nan\n-nan\ninf\n-inf\n")
    check(str(path), dtype="f2", by=None)


def test_texts(tmp_path):
    rng = np.random.default_rng(3)
    words = ["", "a", "spam", "größer", "日本語", "𝔸𝔹", "x" * 40, "é"]
    path = tmp_path / "table.txt"
    lines = [",".join(rng.choice(words, 3)) for _ in range(VALUES // 20)]
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    for dtype in ("U1", "U5", "U60", ">U7"):
        check(str(path), dtype=dtype, delimiter=",", encoding="utf-8")
    check(str(path), dtype="S5", delimiter=",", encoding="utf-8", by="numpy")
    check(str(path), dtype="S5", delimiter=",", encoding="latin1")
    check(str(path), dtype="U5", delimiter=",", encoding="latin1")
    check(lambda: io.BytesIO(path.read_bytes()), dtype="S7", delimiter=",")
    check(lambda: io.StringIO("ab cd\nefg h\n"), dtype="S2")
    check(str(path), dtype=str, delimiter=",", encoding="utf-8", by="numpy")


RECORD = np.dtype(
    [("name", "U4"), ("n", "i4"), ("xy", "f8", (2,)), ("in", [("b", "?"), ("z", ">c8")]), ("s", "S3")], align=True
)


@pytest.mark.parametrize("unpack", [False, True])
def test_records(tmp_path, unpack):
    path = tmp_path / "table.csv"
    rows = [f"name{i % 7},{i},{i / 3},{i * 1e100},{i % 2},({i}-1j),abcd\n" for i in range(VALUES // 20)]
    path.write_text("".join(rows))
    check(str(path), dtype=RECORD, delimiter=",", unpack=unpack)
    check(str(path), dtype=[("n", "i8"), ("x", "f4")], usecols=(1, 2), delimiter=",", unpack=unpack)
    check(str(path), dtype=[("n", "i8")], usecols=1, delimiter=",", unpack=unpack)
    check(str(path), dtype=[("n", "i8"), ("x", "f4")], delimiter=",", by="numpy")
    check(str(path), dtype=[("n", "i8"), ("x", "f4")], usecols=1, delimiter=",", by="numpy")


# ---- arguments ---------------------------------------------------------------------------------

TABLE = b"# x y z\n1 2 3\n\n4 5 6 # six\n 7\t8 9 \n#\n10 11 12"

OPTIONS = [
    {},
    {"ndmin": 2},
    {"ndmin": 1},
    {"ndmin": 3},
    {"unpack": True},
    {"usecols": 1},
    {"usecols": (2, 0)},
    {"usecols": (-1, -3, 0, 0)},
    {"usecols": [3]},
    {"usecols": [-4]},
    {"usecols": []},
    {"usecols": "a"},
    {"usecols": np.array([1, 2])},
    {"usecols": 1.5},
    {"usecols": range(2)},
    {"usecols": True},
    {"usecols": [True]},
    {"usecols": {0: 1}},
    {"skiprows": 1},
    {"skiprows": 5},
    {"skiprows": 100},
    {"skiprows": -1},
    {"skiprows": np.int64(2)},
    {"skiprows": True},
    {"skiprows": 1.0},
    {"skiprows": None},
    {"max_rows": 0},
    {"max_rows": 1},
    {"max_rows": 2},
    {"max_rows": 1, "skiprows": 1},
    {"max_rows": 3},
    {"max_rows": 100},
    {"max_rows": -1},
    {"max_rows": 2, "skiprows": 3},
    {"max_rows": 1, "skiprows": 6},
    {"comments": None},
    {"comments": "//"},
    {"comments": ["#", "9"]},
    {"comments": ["# s", "7"]},
    {"comments": []},
    {"comments": ""},
    {"comments": "1"},
    {"comments": "12"},
    {"comments": b"#"},
    {"comments": "é"},
    {"comments": " "},
    {"comments": "\n"},
    {"comments": 3},
    {"delimiter": " "},
    {"delimiter": b" "},
    {"delimiter": "\t"},
    {"delimiter": ""},
    {"delimiter": "ab"},
    {"delimiter": "\n"},
    {"delimiter": "#"},
    {"delimiter": 1},
    {"delimiter": "1"},
    {"delimiter": "1", "dtype": "U3"},
    {"quotechar": '"'},
    {"quotechar": "#"},
    {"quotechar": "1"},
    {"quotechar": " "},
    {"quotechar": ""},
    {"dtype": None},
    {"dtype": int},
    {"dtype": "U2"},
    {"dtype": "S0"},
    {"dtype": "U"},
    {"dtype": object},
    {"dtype": "g"},
    {"dtype": "M8[D]"},
    {"dtype": "V4"},
    {"dtype": "nonsense"},
    {"dtype": ("f8", 3)},
    {"dtype": [("a", "f8", 3)]},
    {"dtype": [("a", "f8", (3, 1)), ("b", "i2", 0)]},
    {"dtype": "f8,f8,i4"},
    {"dtype": "f8,i4"},
    {"dtype": []},
    {"dtype": {"names": ["b", "a"], "formats": ["f8,f4", "i4"], "offsets": [8, 0], "itemsize": 40}},
    {"dtype": {"names": ["b", "a", "c"], "formats": ["f4"] * 3, "offsets": [0, 0, 2]}},
    {"converters": {0: lambda s: float(s) + 1}},
    {"converters": float},
    {"converters": {}},
    {"converters": 3},
    {"encoding": "latin1"},
    {"encoding": "utf-16"},
    {"encoding": "UTF8"},
    {"encoding": "bytes"},
    {"encoding": "nonsense"},
    {"encoding": "utf-8-sig"},
    {"encoding": 3},
]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
def test_arguments(check_everywhere, options):
    check_everywhere(TABLE, **options)
    check_everywhere(TABLE.replace(b"\n", b"\r\n"), **options)
    check_everywhere(TABLE.replace(b"#", b"1 2 3 #"), **options)


@pytest.mark.parametrize("text", QUOTED, ids=lambda text: repr(text[:20]))
def test_quotes(check_everywhere, text):
    for options in ({}, {"delimiter": ","}, {"comments": None}):
        check_everywhere(text, quotechar='"', dtype="U5", **options)
        check_everywhere(text, quotechar='"', dtype="f8", **options)
    check_everywhere(text, dtype="U5")


# ---- hostile and odd files ---------------------------------------------------------------------

@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile(check_everywhere, text):
    for dtype in ("f8", "i8", "c16", "U3", "S2"):
        for delimiter in (None, ","):
            if len(text) > 2_000_000 and (dtype not in ("f8", "S2") or delimiter):
                continue
            check_everywhere(text, dtype=dtype, delimiter=delimiter)
    check_everywhere(text, max_rows=2)
    check_everywhere(text, max_rows=2, skiprows=1, encoding="latin1")
    check_everywhere(text, usecols=[-1, 0])


def test_spaces_beyond_ascii_in_comments(tmp_path):
    path = tmp_path / "table"
    path.write_text("# a\xa0b — c\n1 2 # \u2003\n3 4\n", "utf-8")
    check(path, by="savez")


def test_soup(check_everywhere):
    """Lines made of everything that has a meaning."""
    rng = np.random.default_rng(4)
    parts = ["1", "2.5", "-3", "1e5", "nan", " ", "  ", "\t", ",", "#", "\n", "\n", "\r\n", '"', "é", "x", "(1+2j)", "\x0b"]
    for _ in range(300):
        text = "".join(rng.choice(parts, rng.integers(1, 12))).encode()
        if rng.random() < 0.5:
            text = text * int(rng.integers(1, 4)) + b"\n1 2\n"
        delimiter = rng.choice([None, ","])
        dtype = rng.choice(["f8", "i4", "c16", "U2", "f8,f8"])
        check_everywhere(text, delimiter=delimiter, dtype=str(dtype), quotechar=rng.choice([None, '"']))


def test_random_decimals(tmp_path):
    """Digits and exponents of any length, among them those just beside ties."""
    rng = np.random.default_rng(5)
    lines = []
    for _ in range(VALUES // 10):
        digits = "".join(rng.choice(list("0123456789"), rng.integers(1, 25)))
        point = rng.integers(0, len(digits) + 1)
        exponent = rng.choice(["", f"e{rng.integers(-330, 330)}", f"E+{rng.integers(0, 30)}", f"e-{rng.integers(0, 30)}"])
        lines.append(digits[:point] + "." + digits[point:] + exponent)
    ties = (rng.integers(2**52, 2**53, VALUES // 20).astype(object) * 2 + 1) * 2 ** rng.integers(0, 60)
    lines += [str(tie + more) for tie in ties for more in (-1, 0, 1)]
    path = tmp_path / "table.txt"
    path.write_text("\n".join(lines))
    check(str(path))


# ---- where text comes from ---------------------------------------------------------------------


@pytest.mark.parametrize(("extension", "pack"), [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open), (".lzma", lzma.open)])
def test_packed(tmp_path, extension, pack):
    path = tmp_path / f"table.txt{extension}"
    table = np.arange(VALUES // 2 * 2).reshape(-1, 2) / 7
    with pack(path, "wb") as file:
        np.savetxt(file, table)
    check(path)
    check(lambda: pack(path))
    check(str(path.with_suffix("")), by="numpy")
    path.write_bytes(path.read_bytes()[:-20])
    check(path, by="numpy")
    path.write_bytes(b"1 2\n")
    check(path, by="numpy")


def test_not_there(tmp_path):
    check(tmp_path / "absent", by="numpy")
    check(tmp_path, by="numpy")
    check(3, by="numpy")
    check(b"bytes", by="numpy")


def test_usecols_that_can_be_listed_once():
    assert savez.loadtxt(io.BytesIO(b"1 2 3\n"), usecols=iter([0, 2])).tolist() == [1, 3]


def test_lines_and_generators():
    check(["1 2", "3 4"], by="numpy")
    check([b"1 2\n", "3 4"], by="numpy")
    check(lambda: (line for line in ["1 2", "3 4"]), by="numpy")


class Oneway(io.BytesIO):
    """A stream that cannot go back."""

    def seek(self, *_):
        raise io.UnsupportedOperation


def test_streams():
    check(lambda: Oneway(b"1 2\n3 4\n"), by="numpy")
    read, write = os.pipe()
    os.write(write, b"1 2\n3 4\n")
    os.close(write)
    with open(read, "rb") as pipe:
        assert savez.loadtxt(pipe).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("mode", ["rb", "r"])
def test_positions(tmp_path, mode):
    """A file is read from where it stands, and left behind the last row."""
    path = tmp_path / "table.txt"
    path.write_text("header\n1 2\n3 4\n5 6\n7 8")
    for max_rows in (1, 2, 4, 9, None):
        with open(path, mode) as ours, open(path, mode) as theirs:
            ours.readline(), theirs.readline()
            assert outcome(savez.loadtxt, ours, max_rows=max_rows) == outcome(np.loadtxt, theirs, max_rows=max_rows)
            assert ours.read() == theirs.read()
    with open(path, mode) as ours, open(path, mode) as theirs:
        next(ours), next(theirs)
        for _ in range(3):
            assert outcome(savez.loadtxt, ours, max_rows=1) == outcome(np.loadtxt, theirs, max_rows=1)


def test_errors_leave_the_file_where_numpy_does(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("1 2\nx 4\n5 6\n")
    with open(path, "rb") as ours, open(path, "rb") as theirs:
        assert outcome(savez.loadtxt, ours) == outcome(np.loadtxt, theirs)
        assert ours.read() == theirs.read()


@pytest.mark.parametrize("newline", ["\n", "\r"])
def test_files_with_line_ends_of_their_own(tmp_path, newline):
    path = tmp_path / "table.txt"
    path.write_bytes(b"1 2\n3 4\r5 6\n")
    with open(path, newline=newline) as ours, open(path, newline=newline) as theirs:
        assert outcome(savez.loadtxt, ours) == outcome(np.loadtxt, theirs)


def test_far_undecodable_bytes_behind_max_rows(tmp_path):
    path = tmp_path / "table.txt"
    for rows in (1, 10_000, 40_000, 100_000):
        path.write_bytes(b"1 2\n" * rows + b"\xff\n")
        check(path, max_rows=1, by=None)
        check(path, max_rows=rows, by=None)


def test_interrupt():
    class Interrupted(io.BytesIO):
        pass

    class Raises:
        def read(self, size):
            raise KeyboardInterrupt

    from savez import _savez

    options = {"delimiter": None, "comments": [], "quote": None, "encoding": "utf-8", "any_line_end": True}
    with pytest.raises(KeyboardInterrupt):
        _savez.read_table(
            Raises(), np.dtype("f8"), [("f", 8, 0, False)], is_record=False, is_path=False,
            usecols=None, skiprows=0, max_rows=None, **options,
        )


def test_flags_and_ownership(tmp_path):
    path = tmp_path / "table.txt"
    np.savetxt(path, np.arange(30_000).reshape(-1, 3))
    ours, theirs = savez.loadtxt(path), np.loadtxt(path)
    assert str(ours.flags) == str(theirs.flags)


def test_warnings_point_to_the_caller(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("# nothing\n")
    with pytest.warns(UserWarning, match="no data") as given:
        savez.loadtxt(path)
    assert given[0].filename == __file__
    path.write_text("1 2\n\n3 4\n")
    with pytest.warns(UserWarning, match="contained no data") as given:
        savez.loadtxt(path, max_rows=2)
    assert given[0].filename == __file__


def test_memory_of_rows_that_are_not_there(tmp_path):
    """Blank lines are not taken for rows of a thousand columns."""
    path = tmp_path / "table.txt"
    path.write_bytes(b"1 " * 1000 + b"\n" + b"\n" * 2_000_000 + b"2 " * 1000 + b"\n")
    tracemalloc.start()
    read_by.clear()
    assert savez.loadtxt(path).shape == (2, 1000)
    assert read_by["savez"] == 1
    assert tracemalloc.get_traced_memory()[1] < 100 << 20
    tracemalloc.stop()
