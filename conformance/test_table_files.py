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


def test_no_table(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n3,spam\n")
    said = npz.refusal("pack", tmp_path / "out.npz", tmp_path / "x.csv")
    assert "x.csv: could not convert string 'spam' to float64 at row 1, column 2." in said
    assert not (tmp_path / "out.npz").exists()
