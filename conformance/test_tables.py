"""`npz cat` writes tables of text as `numpy.savetxt` and Python's `csv` do."""

import csv
import io
import os
import subprocess

import numpy as np
import pytest

from . import npz

RNG = np.random.default_rng(3)

NUMBERS = {
    "vector": RNG.standard_normal(20),
    "matrix": RNG.standard_normal((10, 3)),
    "fortran": np.asfortranarray(RNG.standard_normal((10, 3)).astype(">f4")),
    "halves": np.arange(300, dtype="f2").reshape(100, 3) * 9,
    "integers": RNG.integers(-(10**12), 10**12, (5, 3)),
    "bools": np.array([[True, False]]),
    "not_finite": np.array([[np.nan, np.inf, -np.inf]]),
    "no_rows": np.zeros((0, 3)),
    "no_columns": np.zeros((3, 0)),
    "long": RNG.standard_normal((30_000, 3)),
    "records": np.array([(1, 0.1), (-2, 1e16)], [("n", "<i4"), ("x, y", ">f8")]),
}

OTHERS = {
    "text": np.array([["a", 'say "b"'], ["c, d", "e\tf"], ["", "two\nlines"]]),
    "bytes": np.array([b"a", b"b,c"]),
    "complex": np.array([1 + 2j, -0.5j]),
    "dates": np.array(["2020-02-29", "NaT"], "M8[D]"),
    "mixed": np.array([("a\tb", 0.5)], [("name", "U5"), ("value", "f4")]),
    "records_in_two_axes": np.zeros((2, 1), [("a", "i4"), ("b", "f8")]),
    "value": np.array(7.5),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return npz.pack(tmp_path_factory.mktemp("tables") / "x.npz", NUMBERS | OTHERS)


def savetxt(array, **options):
    file = io.StringIO()
    np.savetxt(file, array, **options)
    return file.getvalue()


def rows_of(array):
    """The cells as text: `str` of NumPy's scalars, but bytes as the text they hold."""
    if array.dtype.names is not None:
        rows = [tuple(row) for row in array.ravel()]
    else:
        rows = np.atleast_1d(array).reshape(-1, 1) if array.ndim < 2 else array
    return [[cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("name", NUMBERS)
def test_txt_is_savetxt(name, archive):
    array = NUMBERS[name]
    names = " ".join(array.dtype.names or map(str, range(array.shape[1] if array.ndim == 2 else 1)))
    assert npz.ok("cat", archive, name, "--txt").decode() == savetxt(array)
    for fmt in ["%g", "%8.3f", "%s", "%+.1e"]:
        assert npz.ok("cat", archive, name, "--txt", f"--fmt={fmt}").decode() == savetxt(array, fmt=fmt)
    assert npz.ok("cat", archive, name, "--txt", "--header").decode() == savetxt(array, header=names)


def test_txt_of_complex_numbers(archive):
    assert npz.ok("cat", archive, "complex", "--txt").decode() == savetxt(OTHERS["complex"])


@pytest.mark.parametrize("option, separator", [("--csv", ","), ("--tsv", "\t")])
@pytest.mark.parametrize("name", NUMBERS | OTHERS)
def test_separated_values(name, option, separator, archive):
    array = (NUMBERS | OTHERS)[name]
    text = npz.ok("cat", archive, name, option).decode()
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    names = [list(array.dtype.names)] if array.dtype.names else []
    assert found == names + rows_of(array)
    headed = npz.ok("cat", archive, name, option, "--header").decode()
    if names:
        assert headed == text
    else:
        columns = array.shape[1] if array.ndim == 2 else 1
        assert headed == separator.join(map(str, range(columns))) + "\n" + text


def test_formats_of_separated_values(archive):
    found = npz.ok("cat", archive, "matrix", "--csv", "--fmt", "%.3f").decode()
    assert found == savetxt(NUMBERS["matrix"], fmt="%.3f", delimiter=",")
    found = npz.ok("cat", archive, "matrix", "--tsv", "--fmt", "%d;%g;%.1e", "-s", "::2").decode()
    assert found == savetxt(NUMBERS["matrix"][::2], fmt="%d;%g;%.1e")


def test_wrong_formats_are_usage(archive):
    for name, fmt in [
        ("matrix", "%x"),
        ("matrix", "%d %d"),
        ("matrix", "%"),
        ("matrix", "x"),
        ("text", "%s"),
    ]:
        npz.refusal("cat", archive, name, "--csv", "--fmt", fmt, code=2)
    said = npz.refusal("cat", archive, "mixed", "--txt", code=2)
    assert 'the format "%.18e %.18e" does not fit the array: %e does not take str_' in said
    npz.refusal("cat", archive, "not_finite", "--txt", "--fmt", "%d", code=2)
    npz.refusal("cat", archive, "matrix", "--npy", "--fmt", "%d", code=2)
    npz.refusal("cat", archive, "matrix", "--csv", "--tsv", code=2)


def test_a_reader_that_goes_away_is_no_failure(archive):
    reader, writer = os.pipe()
    os.close(reader)
    done = npz.run(
        "cat", archive, "long", "--txt", capture_output=False, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
