"""`npz show` prints what Python's print() prints of the loaded array, with default options."""

import numpy as np
import pytest

from . import npz
from .cases import CASES

GENERATOR = np.random.default_rng(20260101)


def tables():
    """Arrays on which the layout of numbers depends."""
    yield "empty", np.array([])
    yield "mixed_magnitudes", np.array([1e-8, 1.0, 12345.678, -1e10])
    yield "ratio_below_1000_stays_positional", np.array([0.001, 0.9, 0.5])
    yield "ratio_above_1000_turns_scientific", np.array([0.0001, 1.0])
    yield "huge_turns_scientific", np.array([1e8, 1.0, 2.0])
    yield "huge_integers_turn_scientific", np.array([1e16, 1e17])
    yield "below_huge", np.array([99999999.0, 1.0])
    yield "tiny_turns_scientific", np.array([1e-5, 2e-5])
    yield "three_exponent_digits", np.array([1e100, 1e-100, 5e-324])
    yield "integral", np.array([1.0, 2.0, 300.0])
    yield "precision_cut", np.array([1 / 3, 2 / 3, 1.0])
    yield "half_to_even", np.array([0.5, 1.5, 2.5, 0.000000005, 1.000000005])
    yield "nan_and_inf", np.array([np.nan, np.inf, -np.inf])
    yield "nan_among_numbers", np.array([1.5, np.nan, -2.25])
    yield "inf_among_wide", np.array([-np.inf, 123456.789, 1])
    yield "nan_among_scientific", np.array([1e20, np.nan, -1e-20, np.inf])
    yield "negative_zero", np.array([-0.0, 0.0])
    yield "only_zero", np.zeros(3)
    yield "one_negative", np.array([-1.0, 10.0, 100.5])
    for code in ("f2", "f4", "f8", "f16"):
        limits = np.finfo(code)
        yield f"{code}_limits", np.array([limits.max, limits.tiny, limits.eps, limits.smallest_subnormal])
        yield f"{code}_thirds", (np.arange(12).astype(code) / np.array(3, code)).reshape(3, 4)
        yield f"{code}_tenths", np.arange(10).astype(code) / np.array(10, code)
        yield f"{code}_single", np.array(0.1, code)
        yield f"{code}_single_huge", np.array(1e4, code) * np.array(6, code)
        yield f"{code}_by_chance", GENERATOR.standard_normal(20).astype(code)
    for value in (1e16, 1e15, 1e-4, 1e-5, 123456789012345678.0, -0.0, np.nan, -np.inf, 5e-324, 0.1 + 0.2):
        yield f"single_{value!r}", np.array(value)
    for exponent in (-30, -9, -5, -3, 0, 3, 7, 9, 17, 30):
        yield f"magnitude_{exponent}", GENERATOR.standard_normal(9) * 10.0**exponent
    for spread in (1, 3, 5, 10, 100):
        yield f"spread_{spread}", GENERATOR.standard_normal(9) * 10.0 ** GENERATOR.integers(-spread, spread, 9)
    yield "complex", np.array([1 + 2j, -0.5 - 1e-3j, 0])
    yield "complex_scientific", np.array([1e20 + 1j, 1e-20 - 1j])
    yield "complex_nan", np.array([complex(np.nan, 1), complex(1, np.inf), complex(-np.inf, np.nan)])
    yield "complex_zero_signs", np.array([complex(-0.0, -0.0), complex(0.0, -0.0)])
    yield "complex_2d", (np.arange(6) + 1j / np.arange(1, 7)).reshape(2, 3)
    yield "complex_single", np.array(1.5 - 2j)
    yield "complex64_single", np.array(0.1 + 1e10j, "c8")
    yield "complex_single_nan", np.array(complex(np.nan, -np.inf))
    yield "longdouble_precise", np.array([1, 2], "f16") / 3
    yield "integers_wide", np.array([1, -1000, 10**15])
    yield "integers_limits", np.array([np.iinfo("i8").min, np.iinfo("i8").max, 0])
    yield "unsigned_limits", np.array([np.iinfo("u8").max, 0], "u8")
    yield "int8_2d", np.arange(-8, 8, dtype="i1").reshape(4, 4)
    yield "booleans", np.array([[True, False], [False, True]])
    yield "boolean_single", np.array(True)


def lengths():
    """Line breaks and summaries."""
    yield "one_line", np.arange(15)
    yield "two_lines", np.arange(100)
    yield "line_limit", np.full(19, 100)
    yield "line_limit_over", np.full(20, 100)
    yield "elements_1000", np.arange(1000)
    yield "elements_1001", np.arange(1001)
    yield "summary_of_floats", np.arange(2000) / 7
    yield "summary_width_from_edges", np.r_[1.0, np.full(2000, 1e50), 2.0]
    yield "summary_nan_in_the_middle", np.r_[np.ones(600), np.nan, np.ones(600)]
    yield "summary_2d", np.arange(40_000).reshape(200, 200)
    yield "summary_2d_few_rows", np.arange(6000).reshape(4, 1500)
    yield "summary_2d_few_columns", np.arange(6000).reshape(1500, 4)
    yield "summary_of_six", np.arange(1200).reshape(6, 200)
    yield "summary_of_seven", np.arange(1400).reshape(7, 200)
    yield "summary_3d", np.arange(8000).reshape(20, 20, 20)
    yield "summary_4d", np.arange(10_000).reshape(10, 10, 10, 10)
    yield "summary_fortran", np.asfortranarray(np.arange(40_000).reshape(200, 200) / 3)
    yield "summary_big_endian", np.arange(2000, dtype=">f4")
    yield "summary_of_text", np.array([f"word {i}" for i in range(1200)])
    yield "summary_of_records", np.ones(1200, [("a", "i4"), ("b", "f8")])
    yield "summary_of_dates", np.arange(1500).astype("M8[D]")
    yield "summary_of_complex", np.arange(1500) * (1 + 0.5j)
    yield "long_floats_2d", GENERATOR.standard_normal((5, 20))
    yield "long_floats_3d", GENERATOR.standard_normal((2, 2, 15))
    yield "many_axes", np.arange(32).reshape((2,) * 5)
    yield "empty_2d", np.zeros((0, 3))
    yield "empty_inner", np.zeros((3, 0))
    yield "empty_3d", np.zeros((2, 0, 3))
    yield "long_text", np.array(["x" * 100, "y"])
    yield "long_text_row", np.array(["seventeen letters"] * 12)
    yield "long_bytes", np.array([b"x" * 60, b"y" * 3])


def others():
    """Text, times, void, records."""
    yield "quotes", np.array(["it's", 'say "so"', "'\"", "plain"])
    yield "escapes", np.array(["tab\t", "line\n", "back\\slash", "bell\a", "\x7f", "\x80", "\xad", "\xa0"])
    yield "unprintable", np.array(["\u200b", "\u2028", "\ufeff", "\ue000", "\U000e0041", "e\u0301", "😀"])
    yield "text_2d", np.array([["a", "bcd"], ["", "ef"]])
    yield "text_single", np.array("it's\n")
    yield "bytes_quotes", np.array([b"it's", b'say "so"', b"'\"", b"\x00\x01", b"\n\t\\", b"\xff"])
    yield "bytes_single", np.array(b"it's\n")
    yield "void_single", np.array(b"\x00\xffab", "V4")
    yield "void", np.array([b"\x00\xffab", b"1234"], "V4")
    yield "dates_nat", np.array(["2026-01-01", "NaT", "1969-12-31"], "M8[D]")
    yield "dates_only_nat", np.array(["NaT", "NaT"], "M8[s]")
    yield "dates_wide_years", np.array([-10_000, -1, 0, 1970, 12_345]).astype("M8[Y]")
    yield "dates_before_christ", np.array(["-0044-03-15", "0000-01-01", "9999-12-31"], "M8[D]")
    for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"):
        yield f"date_single_{unit}", np.array(12345, "i8").view(f"M8[{unit}]")
        yield f"delta_single_{unit}", np.array(-7, "i8").view(f"m8[{unit}]")
        yield f"dates_far_{unit}", np.array([-(2**61), 2**61]).view(f"M8[{unit}]")
    yield "date_single_nat", np.array("NaT", "M8[s]")
    yield "date_single_multiple", np.array(3, "i8").view("M8[25s]")
    yield "delta_single_generic", np.array(3, "m8")
    yield "delta_single_multiple", np.array(3, "i8").view("m8[7h]")
    yield "delta_nat", np.array([1, "NaT", -500], "m8[s]")
    yield "delta_single_nat", np.array("NaT", "m8[s]")
    person = [("name", "U5"), ("age", "i4"), ("weight", "f8"), ("born", "M8[D]"), ("ok", "?"), ("raw", "S3")]
    people = np.array([("Ada", 36, 55.5, "1815-12-10", True, b"a'b"), ("Bo", -1, np.nan, "NaT", False, b"")], person)
    yield "records", people
    yield "records_2d", people.reshape(2, 1)
    yield "record_single", people[0].reshape(())
    nested = np.zeros(2, [("p", [("x", "f4"), ("y", "f4", (2, 2))]), ("z", "c8"), ("d", "m8[ns]")])
    nested["p"]["y"] = 1 / 3
    yield "records_nested", nested
    yield "record_nested_single", nested[1].reshape(())
    yield "record_one_field", np.array([(1,), (2,)], [("a", "i4")])
    yield "record_floats", np.array([(0.1, 1e20, 1 / 3)], [("a", "f4"), ("b", "f8"), ("c", "f2")])
    yield "record_long_sub_array", np.zeros(1, [("a", "i4", (1500,))])
    yield "record_no_fields", np.zeros(2, [])


ARRAYS = CASES | {f"{g.__name__}_{n}": a for g in (tables, lengths, others) for n, a in g()}


@pytest.mark.parametrize("name", ARRAYS)
def test_show_prints_as_numpy(name, tmp_path):
    np.save(tmp_path / "x.npy", ARRAYS[name])
    expected = str(np.load(tmp_path / "x.npy"))
    assert npz.ok("show", tmp_path / "x.npy").decode() == expected + "\n"


@pytest.mark.parametrize("writer", [np.savez, np.savez_compressed])
def test_show_finds_members(writer, tmp_path):
    some = {name: ARRAYS[name] for name in sorted(ARRAYS)[::40]}
    writer(tmp_path / "x.npz", **some)
    for name, array in some.items():
        assert npz.ok("show", tmp_path / "x.npz", name).decode() == str(array) + "\n"
