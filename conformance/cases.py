"""Arrays of every dtype that an npy file can hold, by name.

`CASES` maps a name to an array. `LONG` holds arrays whose headers exceed what np.load reads
unless told to (`max_header_size`).
"""

import numpy as np

CASES = {}
LONG = {}


def cases(generator):
    """Adds what a generator yields to `CASES`."""
    for name, array in generator():
        assert name not in CASES, name
        CASES[name] = array
    return generator


def filled(dtype, shape=(3,)):
    """An array of any fixed-size dtype with bytes that differ; padding included."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    data = (np.arange(count * dtype.itemsize) * 37 % 251).astype(np.uint8)
    return np.frombuffer(data.tobytes(), dtype, count).reshape(shape) if data.size else np.zeros(shape, dtype)


def sensible(array):
    """Booleans of 0 and 1 and characters below U+110000, so that the array can be printed."""
    array = array.copy()

    def mend(part):
        if part.dtype.names is not None:
            for name in part.dtype.names:
                mend(part[name])
        elif part.dtype.kind == "b":
            part[...] = part.view("u1") % 2 == 1
        elif part.dtype.kind == "U":
            part[...] = "λ😀x"[: part.dtype.itemsize // 4]

    mend(array)
    return array


# ---- numbers ---------------------------------------------------------------------------------

INTEGERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
FLOATS = ("f2", "f4", "f8", "f16")
COMPLEX = ("c8", "c16", "c32")


def integers(code):
    limits = np.iinfo(code)
    few = [limits.min, limits.max, 0, 1, 2, 3, 7, 10, 42, 99, 100, 127]
    return np.array(few, code)


def floats(code):
    limits = np.finfo(code)
    few = [0, -0.0, 1, -1.5, np.inf, -np.inf, np.nan, limits.max, limits.tiny, limits.eps, 0.1, 1e3]
    return np.array(few, code)


def complexes(code):
    part = {"c8": "f4", "c16": "f8", "c32": "f16"}[code]
    array = np.zeros(12, code)
    array.real, array.imag = floats(part), floats(part)[::-1]
    return array


NUMBERS = {
    "b1": np.arange(12) % 3 == 0,
    **{code: integers(code) for code in INTEGERS},
    **{code: floats(code) for code in FLOATS},
    **{code: complexes(code) for code in COMPLEX},
}


@cases
def numbers():
    """Each number type in 1-D, 2-D of both memory orders, and 0-d; in both byte orders."""
    for code, values in NUMBERS.items():
        yield code, values
        yield f"{code}_fortran", np.asfortranarray(values.reshape(3, 4))
        yield f"{code}_single", values[3:4].reshape(())
        if values.itemsize > 1:
            swapped = values.astype(values.dtype.newbyteorder(">"))
            yield f"{code}_big_endian", swapped
            yield f"{code}_big_endian_3d", swapped.reshape(2, 3, 2)
    yield "bool_byte_2", np.array([0, 1, 2, 255], np.uint8).view(bool)
    yield "nan_payloads", np.array([0x7FF8000000000001, 0xFFF0000000000001], "u8").view("f8")


# ---- text, bytes, void -----------------------------------------------------------------------


@cases
def text():
    words = ["", "a", "zebra", "Grüße", "漢字", "😀", "a\0b", "it's \"so\"", "tab\tline\n\\"]
    yield "S5", np.array([b"", b"a", b"zebra", b"a\0b", b"\xff\xfe", b"'\"\n"], "S5")
    yield "S1_2d_fortran", np.asfortranarray(np.array([[b"a", b"b"], [b"c", b"d"], [b"", b"\\"]]))
    yield "S_single", np.array(b"bytes")
    yield "S_trailing_zeros_kept", filled("S8")
    yield "U9", np.array(words)
    yield "U9_big_endian", np.array(words, ">U12")
    yield "U_2d_fortran", np.asfortranarray(np.array(words[:6]).reshape(2, 3))
    yield "U_single", np.array("text")
    yield "V5", filled("V5")
    yield "V16_2d", filled("V16", (2, 2))
    yield "V1_single", filled("V1", ())
    for kind in "SUV":
        yield f"{kind}0", np.ndarray(3, f"{kind}0")
        yield f"{kind}0_single", np.ndarray((), f"{kind}0")
        yield f"{kind}0_empty", np.ndarray((0, 2), f"{kind}0")
    yield "U0_big_endian", np.ndarray((2, 2), ">U0")


# ---- times -----------------------------------------------------------------------------------

UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")


@cases
def times():
    ticks = np.array([0, 1, -1, 365, -40000, 123456789, np.iinfo("i8").min])
    for unit in UNITS:
        yield f"datetime_{unit}", ticks.view(f"M8[{unit}]")
        yield f"timedelta_{unit}", ticks.view(f"m8[{unit}]")
    for unit in ("25s", "7D", "10ms", "100us", "3M", "2Y", "6h", "15m"):
        yield f"datetime_{unit}", ticks.view(f"M8[{unit}]")
        yield f"timedelta_{unit}", ticks.view(f"m8[{unit}]")
    yield "datetime_generic", np.array(["NaT", "NaT"], "M8")
    yield "timedelta_generic", ticks.view("m8")
    yield "datetime_big_endian", ticks.astype(">i8").view(">M8[ns]")
    yield "timedelta_big_endian", ticks.astype(">i8").view(">m8[7h]")
    yield "datetime_2d_fortran", np.asfortranarray(ticks[:6].reshape(2, 3).view("M8[s]"))
    yield "datetime_single", np.array("2026-02-28T12:00", "M8[m]")


# ---- records ---------------------------------------------------------------------------------

POINT = [("x", "<f4"), ("y", "<f4")]


def spaced(names, formats, offsets, itemsize, titles=None):
    description = {"names": names, "formats": formats, "offsets": offsets, "itemsize": itemsize}
    return np.dtype(description | ({"titles": titles} if titles else {}))


RECORDS = {
    "one_field": [("a", "<i4")],
    "mixed": [("a", "<i4"), ("b", ">f8"), ("c", "S3"), ("d", "<U2"), ("e", "?"), ("f", "<M8[us]")],
    "all_numbers": [(f"n{i}", code) for i, code in enumerate(NUMBERS)],
    "big_endian": [("a", ">i2"), ("b", ">c16"), ("c", ">U3"), ("d", ">m8[ns]")],
    "nested": [("p", POINT), ("q", [("inner", POINT), ("n", "<u2")])],
    "nested_four_deep": [("a", [("b", [("c", [("d", "<i2")])])])],
    "sub_array": [("a", "<i4", (3,)), ("b", ">f4", (2, 3))],
    "sub_array_one": [("a", "<i4", (1,)), ("b", "<f4", (1, 1))],
    "sub_array_empty": [("a", "<i4", (0,)), ("b", "<f4", (2, 0))],
    "sub_array_of_records": [("a", POINT, (2, 2))],
    "sub_array_of_sub_array": [("c", np.dtype(("<f8", (5,))), (2,))],
    "sub_array_three_deep": [("c", np.dtype((np.dtype(("<u1", (2,))), (3,))), (2, 1))],
    "sub_array_of_text": [("a", "S3", (2,)), ("b", "<U2", (1, 2))],
    "title": [(("Title of a", "a"), "<i4"), (("b's \"title\"", "b"), "<f4", (2,))],
    "title_in_nested": [("r", [(("Länge", "l"), "<f8")])],
    "void_field": [("a", "V3"), ("b", "<i2")],
    "zero_width_fields": [("a", "S0"), ("b", "<i2"), ("c", "<U0"), ("d", "V0")],
    "no_fields_inside": [("a", np.dtype([])), ("b", "<i2")],
    "padding_leading": spaced(["a"], ["<i4"], [3], 7),
    "padding_between": spaced(["a", "b"], ["<i1", "<f8"], [0, 8], 16),
    "padding_trailing": spaced(["a"], ["<i2"], [0], 9),
    "padding_everywhere": spaced(["a", "b"], ["<i1", ">f4"], [3, 8], 24, ["A", "B"]),
    "padding_nested": [("r", spaced(["a"], ["<i2"], [1], 4)), ("b", "u1")],
    "padding_in_sub_array": [("r", spaced(["a"], ["<i2"], [1], 4), (2,)), ("b", "u1")],
    "aligned": np.dtype([("a", "i1"), ("b", "f8"), ("c", "i2"), ("d", "S3")], align=True),
    "aligned_nested": np.dtype([("a", "i1"), ("r", np.dtype([("b", "i1"), ("c", "i8")], align=True))], align=True),
    "title_is_int": spaced(["a", "b"], ["<i4", "<i4"], [0, 4], 8, [7, -3]),
    "title_is_tuple": spaced(["a"], ["<i4"], [0], 4, [(1, "x")]),
    "title_is_bytes": spaced(["a"], ["<i4"], [0], 4, [b"\xff'"]),
    "no_fields": np.dtype([]),
    "no_fields_sized": spaced([], [], [], 8),
    "many_fields": [(f"field_{i:03}", "<i2") for i in range(250)],
}

FIELD_NAMES = {
    "latin_1": "é",
    "latin_1_soft_hyphen": "soft\xadhyphen",
    "latin_1_no_break_space": "no\xa0break",
    "latin_1_controls": "\x00\x01\x7f\x80\x9f",
    "single_quote": "it's",
    "double_quote": 'say "so"',
    "both_quotes": "'\"",
    "backslash": "a\\b\\\\",
    "newline": "two\nlines\r\n",
    "tab": "a\tb",
    "blank": " ",
    "brackets": "]), }#",
    "hash": "# dtype='x'",
    "greek": "λ",
    "chinese": "漢字",
    "arabic": "مرحبا",
    "zero_width_space": "zero\u200bwidth",
    "line_separator": "a\u2028b\u2029",
    "combining": "e\u0301",
    "combining_first": "\u0301e",
    "byte_order_mark": "\ufeffx",
    "private_use": "\ue000",
    "noncharacter": "\uffff",
    "emoji": "😀",
    "emoji_joined": "👩\u200d🔬",
    "unassigned": "\U000e0fff",
    "tag": "\U000e0041",
    "highest": "\U0010ffff",
    "surrogate_range_edge": "\ud7ff\ue000",
    "ideographic_space": "\u3000",
    "mongolian_vowel_separator": "\u180e",
}


@cases
def records():
    for name, dtype in RECORDS.items():
        yield f"record_{name}", sensible(filled(dtype))
    for name in ("mixed", "nested", "padding_between", "sub_array"):
        yield f"record_{name}_fortran", np.asfortranarray(sensible(filled(RECORDS[name], (2, 3))))
        yield f"record_{name}_single", sensible(filled(RECORDS[name], ()))
    yield "record_empty", np.zeros((0, 2), RECORDS["mixed"])


@cases
def field_names():
    for name, field in FIELD_NAMES.items():
        yield f"field_{name}", np.ones(2, [(field, "<i2"), (f"{field}{field}", "u1")])


# ---- shapes and strides ----------------------------------------------------------------------


@cases
def shapes():
    for shape in [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (1, 0), (0, 1, 2**40), (0,) * 5]:
        yield "empty_" + "x".join(map(str, shape)), np.zeros(shape, "<f4")
    yield "empty_fortran", np.zeros((3, 0, 2), "<f8", order="F")
    for shape in [(1,), (1, 1), (5, 1), (1, 5), (5, 1, 1), (1, 5, 1)]:
        name = "x".join(map(str, shape))
        yield f"ones_axes_{name}", np.arange(np.prod(shape)).reshape(shape)
        yield f"ones_axes_{name}_fortran", np.asfortranarray(np.arange(np.prod(shape)).reshape(shape))
    yield "axes_1_2_1_3_fortran", np.asfortranarray(np.arange(6).reshape(1, 2, 1, 3))
    for ndim in (5, 16, 32, 33, 63, 64):
        yield f"ndim_{ndim}", np.arange(4).reshape((1,) * (ndim - 2) + (2, 2))
        yield f"ndim_{ndim}_fortran", np.arange(4).reshape((1,) * (ndim - 2) + (2, 2), order="F")
    yield "long_axis", np.zeros(100_000, "u1")
    yield "long_axis_fortran", np.asfortranarray(np.zeros((2, 100_000), "u1"))


@cases
def strides():
    """What is neither C- nor Fortran-contiguous is written in C order."""
    grid = np.arange(24, dtype="<i4").reshape(2, 3, 4)
    yield "strided_step", grid[:, :, ::2]
    yield "strided_reversed", grid[::-1]
    yield "strided_transposed", grid.transpose(0, 2, 1)
    yield "strided_fortran_slice", np.asfortranarray(grid[0])[1:]
    yield "strided_broadcast", np.broadcast_to(np.arange(3), (2, 3))
    yield "strided_1d", np.arange(10)[::-3]
    yield "fortran_3d", np.asfortranarray(grid)


# ---- headers that np.load takes only with a larger max_header_size ---------------------------


def long_headers():
    yield "over_10000_characters", np.ones(1, [(f"field_{i:04}", "<i2") for i in range(500)])
    yield "version_2", np.ones(1, [(f"field_{i:05}", "<i2") for i in range(4000)])
    yield "version_2_latin_1", np.ones(1, [("é" * 65500, "<i2")])
    yield "version_3_long", np.ones(1, [("λ" * 40000, "<i2")])


LONG.update(long_headers())
