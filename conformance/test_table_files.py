"""`npz pack` of tables: the arrays that NumPy reads from the same text."""

import gzip

import numpy as np
import pytest

from . import npz


@pytest.mark.parametrize(("extension", "delimiter"), [("csv", ","), ("tsv", "\t"), ("txt", " ")])
def test_tables(tmp_path, extension, delimiter):
    table = np.random.default_rng(0).normal(size=(1000, 3))
    path = tmp_path / f"x.{extension}"
    np.savetxt(path, table, delimiter=delimiter)
    (tmp_path / f"y.{extension}.gz").write_bytes(gzip.compress(path.read_bytes()))
    npz.ok("pack", tmp_path / "out.npz", path, f"b={path}", f"c={tmp_path}/y.{extension}.gz")
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays.files == ["x", "b", "c"]
        for array in arrays.values():
            assert array.dtype == np.float64
            assert array.tobytes() == table.tobytes()


def test_names_of_columns(tmp_path):
    (tmp_path / "x.csv").write_text('time,"x, m"\n0,1.5\n1,2.5\n')
    npz.ok("pack", tmp_path / "out.npz", "--header", tmp_path / "x.csv")
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["x"].dtype == [("time", "<f8"), ("x, m", "<f8")]
        assert arrays["x"].tolist() == [(0, 1.5), (1, 2.5)]


def test_extensions_in_capitals(tmp_path):
    (tmp_path / "X.CSV").write_text("1,2\n")
    npz.ok("pack", tmp_path / "out.npz", tmp_path / "X.CSV")
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["X"].tolist() == [[1, 2]]


@pytest.mark.parametrize("option, extension", [("--csv", "csv"), ("--tsv", "tsv")])
def test_there_and_back(tmp_path, option, extension):
    arrays = {
        "matrix": np.array([[0.1, -0.0, 5e-324], [np.nan, np.inf, 2.0**53 + 2]]),
        "records": np.array([(1, 0.1), (-2, 1e300)], [("#x, m", "f8"), (' say "y"\t', "f8")]),
        "symbols": np.zeros(1, [("a # b", "f8"), ("# c", "f8"), ("é", "f8"), ("1", "f8")]),
        "no rows": np.zeros(0, [("a", "f8"), ("b", "f8")]),
    }
    np.savez(tmp_path / "in.npz", **arrays)
    for name, array in arrays.items():
        path = tmp_path / f"{name}.{extension}"
        npz.ok("cat", tmp_path / "in.npz", name, option, "--out", path)
        headers = ["--header"] if array.dtype.names else []
        npz.ok("pack", tmp_path / "out.npz", *headers, path)
        with np.load(tmp_path / "out.npz") as packed:
            assert packed[name].dtype == array.dtype
            assert packed[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("1,2\n3,spam\n", [], "could not convert string 'spam' to float64 at row 1, column 2."),
        ("1,2\n3\n", [], "the number of columns changed from 2 to 1 at row 2"),
        ("", ["--header"], "the line that is to name the columns is empty"),
        ("a,a\n1,2\n", ["--header"], '"a" is the name or title of two fields'),
    ],
)
def test_no_table(tmp_path, text, options, words):
    (tmp_path / "x.csv").write_text(text)
    said = npz.refusal("pack", tmp_path / "out.npz", *options, tmp_path / "x.csv")
    assert f"x.csv: {words}" in said
    assert not (tmp_path / "out.npz").exists()
