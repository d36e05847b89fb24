"""`loadtxt` and `savetxt` with arguments in any combination, drawn from a seed: what NumPy's do."""

import collections
import gzip
import io
import os

import numpy as np
import pytest
import test_loadtxt
import test_savetxt

import savez
from savez import _savetxt
from savez._loadtxt import read_by

#: How many combinations there are of each.
COMBINATIONS = int(os.environ.get("SAVEZ_TABLE_COMBINATIONS", "300"))

#: Combinations a test, so that a failure names few.
STEP = 25

BATCHES = range(0, COMBINATIONS, STEP)


def choose(rng, values):
    """One of the values, which need not fit into an array."""
    return values[rng.integers(len(values))]


def some(rng, likelihood, arguments):
    """Some of the arguments, each with a value made by its callable."""
    return {name: make(rng) for name, make in arguments.items() if rng.random() < likelihood}


# ---- loadtxt -----------------------------------------------------------------------------------

WORDS = {
    "f": ["0", "-1", "2.5", "1e3", "-1.25e-4", "nan", "inf", ".5", "1e400", "0.1", "123456789"],
    "i": ["0", "1", "-7", "42", "127", "-128", "+5"],
    "u": ["0", "1", "255", "00007", "65535"],
    "c": ["1", "1+2j", "(3-1j)", "2j", "nan", "-1e5"],
    "U": ["a", "spam", "größer", "1", "x" * 9, "日本"],
    "?": ["0", "1", "5", "-3"],
    "odd": ["128", "-129", "4294967296", "1e3", "", "x", "1_0", "0x1", "1\x002", "\u0661", "--1", "1e", "\xa0", "9" * 30],
}

PADDED = {"names": ["b", "a"], "formats": ["i2", "f8"], "offsets": [8, 16], "itemsize": 40}

#: Dtypes with the words for each of their columns; one word is for any number of columns.
DTYPES = [
    ("f8", "f"),
    ("f4", "f"),
    (">f8", "f"),
    ("f2", "f"),
    ("i1", "i"),
    ("i4", "i"),
    (">i8", "i"),
    ("u2", "u"),
    ("c16", "c"),
    (">c8", "c"),
    ("U3", "U"),
    (">U12", "U"),
    ("S4", "U"),
    ("U", "U"),
    ("?", "?"),
    (object, "f"),
    ("g", "f"),
    ([("a", "i4"), ("b", "f8")], "if"),
    ([("a", "U2"), ("b", "f4", 2)], "Uff"),
    ([("a", "f8", (2, 1)), ("in", [("x", "?"), ("y", ">i2")])], "ff?i"),
    (PADDED, "if"),
    (np.dtype([("a", "i1"), ("b", "c16"), ("s", "S3")], align=True), "icU"),
]

LOADING = {
    "comments": lambda rng: choose(rng, [None, "#", "%", ["#", "%"], "//", ["//", "#"], [], b"#"]),
    "skiprows": lambda rng: int(rng.integers(0, 5)),
    "unpack": lambda rng: bool(rng.integers(2)),
    "ndmin": lambda rng: int(rng.integers(0, 3)),
    "encoding": lambda rng: choose(rng, ["utf-8", "latin1", "ascii", "utf-8-sig", "bytes", None]),
    "max_rows": lambda rng: int(rng.integers(0, 6)),
    "quotechar": lambda rng: choose(rng, ['"', "'", None]),
}

RARE = {
    "converters": lambda rng: choose(rng, [{0: lambda text: 3}, {-1: lambda text: 4}, {7: float}, float, {}]),
    "like": lambda rng: np.zeros(1),
}


def table(rng, words, delimiter, quote, comments):
    """Some rows, mostly of the same length, with comments and empty lines between them."""
    columns = len(words) if len(words) > 1 else int(rng.integers(1, 5))
    words = words if len(words) > 1 else words * columns
    oddity = choose(rng, [0, 0, 0, 0.05])
    marks = [comments] if isinstance(comments, (str, bytes)) else list(comments or [])
    marks = [mark if isinstance(mark, str) else mark.decode() for mark in marks] + ["%"] * (oddity > 0)
    behind = ["", "", " "] + [f"{mark} c" for mark in marks]
    between = ["" if delimiter else "   ", ""] + [f"{mark} é" for mark in marks]
    lines = []
    for _ in range(rng.integers(0, 9) if rng.random() < 0.3 else 8):
        cells = [choose(rng, WORDS["odd" if rng.random() < oddity else kind]) for kind in words]
        if rng.random() < oddity:
            cells = cells[:-1]
        if quote:
            cells = [f"{quote}{cell}{quote}" if rng.random() < 0.3 else cell for cell in cells]
        separator = delimiter or choose(rng, [" ", "  ", "\t"])
        lines.append(separator.join(cells) + choose(rng, behind))
        if rng.random() < 0.15:
            lines.append(choose(rng, between))
    end = choose(rng, ["\n", "\n", "\n", "\n", "\r\n", "\r"])
    return end.join(lines) + choose(rng, [end, ""]), columns


def usecols(rng, columns, wanted):
    """Columns of a table, most of which it has; as many as wanted, if that is known."""
    count = wanted or int(rng.integers(1, columns + 2))
    limit = columns + (rng.random() < 0.1)
    chosen = [int(column) for column in rng.integers(-limit, limit, count)]
    return choose(rng, [chosen, tuple(chosen), np.array(chosen)] + [chosen[0]] * (count == 1))


@pytest.fixture
def sources(tmp_path):
    """The same text behind callables: file names and open files."""
    opened = []

    def opening(*args, **options):
        opened.append(open(*args, **options))
        return opened[-1]

    def make(text):
        data = text.encode()
        plain, packed = tmp_path / "table.txt", tmp_path / "table.txt.gz"
        plain.write_bytes(data)
        packed.write_bytes(gzip.compress(data, 1))
        return [
            lambda: plain,
            lambda: str(packed),
            lambda: io.BytesIO(data),
            lambda: io.StringIO(text),
            lambda: opening(plain, "rb"),
            lambda: opening(plain, encoding="utf-8"),
            lambda: text.splitlines(keepends=True),
        ]

    yield make
    for file in opened:
        file.close()


def loading(rng):
    """A text, and arguments that have to do with it."""
    dtype, words = choose(rng, DTYPES)
    options = {"dtype": dtype, **some(rng, 0.3, LOADING), **some(rng, 0.05, RARE)}
    delimiter = choose(rng, [None, None, ",", ";", "\t"])
    if delimiter or rng.random() < 0.5:
        options["delimiter"] = delimiter
    wanted = len(words) if len(words) > 1 else None
    text, columns = table(rng, words, delimiter, options.get("quotechar"), options.get("comments", "#"))
    if rng.random() < 0.3:
        options["usecols"] = usecols(rng, columns, wanted)
    return text, options


@pytest.mark.parametrize("start", BATCHES)
def test_loading(start, sources):
    read = collections.Counter()
    for seed in range(start, start + STEP):
        rng = np.random.default_rng([1, seed])
        text, options = loading(rng)
        source = choose(rng, sources(text))
        read_by.clear()
        ours, theirs = (test_loadtxt.outcome(f, source, **options) for f in (savez.loadtxt, np.loadtxt))
        assert ours == theirs, (seed, text, options)
        read += read_by
    assert read["savez"] > 0


# ---- savetxt -----------------------------------------------------------------------------------

KINDS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16", "S3", "U2"]

RECORDS = [
    [("a", "i4"), ("b", "f8")],
    [("a", "U2"), ("b", "?"), ("c", ">i2")],
    PADDED,
    [("a", "f4", 2), ("b", "S2")],
    [("a", "c16")],
]

CONVERSIONS = ["%d", "%5d", "%g", "%.3f", "%s", "%r", "%.18e", "%+.2e", "%-8s", "%08.3f", "%x", "%i", "%G", "%a", "%c"]

SAVING = {
    "delimiter": lambda rng: choose(rng, [" ", ",", "\t", " | ", "", "é", "%"]),
    "newline": lambda rng: choose(rng, ["\n", "\r\n", ";\n", "", "é\n"]),
    "header": lambda rng: choose(rng, ["a b", "a\nb", "é", "\n", "%d"]),
    "footer": lambda rng: choose(rng, ["end", "x\ny\n", "\N{SNOWMAN}"]),
    "comments": lambda rng: choose(rng, ["# ", "", "%", "//"]),
    "encoding": lambda rng: choose(rng, ["utf-8", "latin1", "ascii", "utf-16", "cp1252", None]),
}


def array_of_any_kind(rng):
    """Of any dtype, byte order, shape and strides."""
    if rng.random() < 0.2:
        dtype = np.dtype(choose(rng, RECORDS))
    else:
        dtype = np.dtype(choose(rng, KINDS)).newbyteorder(choose(rng, "=<>"))
    axes = choose(rng, [0, 1, 1, 2, 2, 2, 2, 3])
    shape = tuple(int(length) for length in rng.integers(0 if rng.random() < 0.1 else 1, 5, axes))
    array = np.zeros(shape, dtype, order=choose(rng, "CF"))
    for index in np.ndindex(shape):
        array[index] = element(rng, dtype)
    return array[::-1, ...] if axes and rng.random() < 0.2 else array.T if rng.random() < 0.2 else array


def element(rng, dtype):
    """A value of a dtype, small or at the end of its range."""
    if dtype.names is not None:
        return tuple(element(rng, dtype[name]) for name in dtype.names)
    if dtype.kind in "iu" and rng.random() < 0.3:
        limits = np.iinfo(dtype)
        return choose(rng, [limits.min, limits.max])
    if dtype.kind in "SU":
        return choose(rng, ["", "a", "bc"] + ["é€"] * (dtype.kind == "U"))
    if dtype.kind in "fc" and rng.random() < 0.2:
        return choose(rng, [np.nan, np.inf, -np.inf, -0.0, 1e-300, 65504])
    if dtype.kind == "f":
        return rng.normal() * 10.0 ** rng.integers(-3, 5)
    if dtype.kind == "c":
        return complex(rng.normal(), rng.normal())
    return int(rng.integers(0, 100))


def formats(rng, array):
    """A format in one of its forms, most often one that fits."""
    columns = array.shape[1] if array.ndim == 2 else len(array.dtype.names or "x")
    columns += rng.random() < 0.05
    each = [choose(rng, CONVERSIONS) for _ in range(columns)]
    forms = [each[0] if each else "%d", " ".join(each), each, tuple(each)]
    if array.dtype.kind == "c":
        forms += [" ".join(f"({one}{one}j)" for one in each), [f"{one}{one}j" for one in each]]
    return choose(rng, forms)


@pytest.mark.parametrize("start", BATCHES)
def test_saving(start, tmp_path):
    before = _savetxt.rows_written["compiled"]
    for seed in range(start, start + STEP):
        rng = np.random.default_rng([2, seed])
        array = array_of_any_kind(rng)
        options = some(rng, 0.25, SAVING)
        if rng.random() < 0.8:
            options["fmt"] = formats(rng, array)
        target = choose(rng, ["text", "bytes", "path", ".gz", ".bz2", ".xz"])
        ours, theirs = (
            test_savetxt.outcome(lambda: saved(savetxt, target, tmp_path, array, options))  # noqa: B023
            for savetxt in (savez.savetxt, np.savetxt)
        )
        assert ours == theirs, (seed, array, options, target)
    assert _savetxt.rows_written["compiled"] > before


def saved(savetxt, target, tmp_path, array, options):
    """What the file holds afterwards, unpacked."""
    if not target.startswith("."):
        return test_savetxt.written(savetxt, target, tmp_path, array, **options)
    path = tmp_path / f"table{target}"
    savetxt(path, array, **options)
    with test_savetxt.OPENERS[target](path, "rb") as file:
        return file.read()
