"""Writes print.txt: arrays and what NumPy's `str` makes of them.

Run with NumPy 2.4 and ml_dtypes 0.6 on x86-64. Each case is a line with dtype, shape, order and
bytes in hex, parted by tabs, and the text, its lines indented by two blanks.
"""

import ml_dtypes
import numpy as np

EXTENSIONS = [
    "bfloat16", "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fn",
    "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float6_e2m3fn",
    "float6_e3m2fn", "float4_e2m1fn", "int1", "int2", "int4", "uint1", "uint2", "uint4",
    "complex32", "bcomplex32",
]
NAN, INF = np.nan, np.inf


def cases():
    yield np.array([True, False]), np.array(True), np.array([[0, 1], [2, 0]], "u1").view("?")
    for code in ["i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8"]:
        info = np.iinfo(code)
        yield np.array([info.min, 0, info.max], code), np.array(info.min, code)
    for code in ["<f2", ">f4", "<f8", ">f8", "<f16", ">f16"]:
        yield from floats(code)
    for code in ["<c8", ">c16", "<c32"]:
        for numbers in [
            [0, 1j, -1.5, 1 / 3], [complex(NAN, -INF), 1], [1e-10 + 1e10j, -2], [1e8], [-0.0],
        ]:
            yield np.array(numbers, code), np.array(numbers[0], code)
        yield np.array(complex(-0.0, 1e16), code), np.array(complex(NAN, NAN), code)
    for name in EXTENSIONS:
        dtype = np.dtype(getattr(ml_dtypes, name))
        numbers = np.arange(0, 256, 9, "u1")[: 28 // dtype.itemsize * dtype.itemsize].view(dtype)
        yield numbers, numbers[3:4].reshape(())
    yield np.array([b"a", b"it's", b"\\\n\x00\xff\"'"]), np.array(b"a\x00b")
    yield np.array(["a", "it's", "\\\n\x00é\u0301\xa0\U0001f600\u2028\"'"]), np.array("a\n'b'")
    yield np.array(["big", "\U0001f600"], ">U3"), np.zeros(2, "S3"), np.zeros((), "U3")
    yield np.frombuffer(b"\x00\x01\xffABC", "V3"), np.frombuffer(b"\x7f", "V1").reshape(())
    for unit in "Y M W D h m s ms us ns ps fs as 25s 7D".split():
        ticks = np.array([0, -1, 20_000, -800_000, 10**18, -(2**63)])
        for kind, order in ["M<", "m>"]:
            times = ticks.astype(order + "i8").view(f"{order}{kind}8[{unit}]")
            yield times, times[:3], times[2:3].reshape(()), times[5:].reshape(())
    yield np.array([5, 10**6], "m8"), np.array(5, "m8"), np.array(["NaT"], "M8")
    yield from records()
    yield from shapes()


def floats(code):
    for numbers in [
        [0, 1, -2.5], [1 / 3, 100], [1e-4, 0.1], [9.9e-5, 0.1], [1e-3, 1], [1e-3, 1.001], [999, 1],
        [1e3, 1e3], [1e6, 1e6], [999999, 999999], [1e8], [NAN], [NAN, 1 / 3], [INF, 1], [-INF, 1],
        [-INF, 100.25], [-0.0, NAN], [1e-7, -1 / 3], [6e-8], [0.1, 0.2, 0.3], [123.456, -0.001],
        [12345.678, 0.5],
    ]:
        numbers = np.array(numbers, code)
        yield numbers, numbers[0:1].reshape(()), numbers / 3
    limits = np.finfo(code)
    yield np.array([limits.max, limits.tiny], code), np.array(limits.max, code)
    yield np.array(limits.smallest_subnormal, code), np.array(1, code) / 3, np.array(1e16, code)


def records():
    dtype = np.dtype([
        ("a", "<f4"), ("b", "?"), ("c", ">c8"), ("d", "S3"), ("e", "<U2"), ("f", "<M8[D]"),
        ("g", ">m8[s]"), ("h", "V2"), ("i", "<f8", (2, 2)), ("j", [("x", "<i2"), ("y", "?", (2,))]),
    ])
    two = np.zeros(2, dtype)
    two["a"], two["b"], two["d"], two["e"] = [0.1, 1e10], [True, False], [b"x", b"'"], ["y", "\n"]
    two["i"], two["f"] = [[[1e-9, 2], [3, 4.5]], [[NAN, 1], [2, 3]]], [-1, "NaT"]
    yield two, two[:1], two[:1].reshape(()), two[["a", "b"]]
    yield np.zeros(3, [("only", "u1")]), np.zeros((), [("only", "?")]), np.zeros(2, [])
    yield np.zeros((2, 2), [(("title", "none"), "<f8", (0,)), ("none2", "i1", (2, 0))])
    yield np.arange(1001, dtype="<i2").view([("long", "<i2", (7, 143))])
    yield np.arange(1002, dtype="u1").view([("long", "u1", (1002,))]).reshape(())
    yield np.zeros(2, np.dtype([("a", "i1"), ("b", "<f8")], align=True))
    yield np.zeros(2, [("a", ml_dtypes.bfloat16), ("b", ml_dtypes.int4, (2,))])


def shapes():
    yield np.zeros(0), np.zeros((2, 0, 3), "S1"), np.zeros(3, "V0"), np.zeros((), "V0")
    yield np.arange(24, dtype="u1").reshape(2, 3, 4), np.zeros((1,) * 6, "u1")
    yield np.asfortranarray(np.arange(24, dtype="u1").reshape(2, 3, 4)), np.arange(40, dtype="<i2")
    yield np.arange(6, dtype="<f8").reshape(2, 3).repeat(9, axis=1) / 7
    numbers = (np.arange(1200) % 251).astype("u1")
    yield numbers, numbers.reshape(2, 600), numbers.reshape(600, 2)
    yield numbers[:1050].reshape(7, 1, 150)
    yield numbers.reshape(3, 4, 100), numbers[:1000], np.asfortranarray(numbers.reshape(10, 120))
    for width in [35, 36, 37, 38, 72, 73, 74, 80]:
        yield np.full((1, 3), b"x" * width), np.full(3, "é" * width)


def stored(array):
    """The bytes in memory, with zeros in the padding of x87 numbers."""
    data = np.frombuffer(array.tobytes("A"), "u1").copy()
    if array.dtype.type in (np.longdouble, np.clongdouble):
        padding = slice(0, 6) if array.dtype.str[0] == ">" else slice(10, 16)
        data.reshape(-1, 16)[:, padding] = 0
    return data.tobytes()


def spelled(dtype):
    """The dtype as the header of a file spells it, with the names of ml_dtypes."""
    if dtype.subdtype:
        return (spelled(dtype.subdtype[0]), dtype.subdtype[1])
    if dtype.type.__module__ == "ml_dtypes":
        return dtype.name
    if dtype.names is None:
        return dtype.str
    fields, end = [], 0
    for name in dtype.names:
        field, offset, *title = dtype.fields[name]
        if offset > end:
            fields.append(("", f"|V{offset - end}"))
        base, *shape = spelled(field) if field.subdtype else (spelled(field),)
        fields.append(((*title, name) if title else name, base, *shape))
        end = offset + field.itemsize
    if dtype.itemsize > end:
        fields.append(("", f"|V{dtype.itemsize - end}"))
    return fields


np.seterr(over="ignore")
with open("print.txt", "w", encoding="utf-8", newline="\n") as file:
    for arrays in cases():
        for array in arrays if isinstance(arrays, tuple) else (arrays,):
            order = "F" if array.flags.fnc else "C"
            shape = ",".join(map(str, array.shape))
            print(spelled(array.dtype), shape, order, stored(array).hex(), sep="\t", file=file)
            for line in str(array).split("\n"):
                print(f"  {line}", file=file)
