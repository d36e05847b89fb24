"""Numbers as text: the same bytes as Python's ``%`` makes of NumPy's scalars.

``SAVEZ_TEXT_VALUES`` numbers (200,000 if it is not set) are drawn anew from a seed that is printed, and
written in every format.
"""

import io
import os
import random

import numpy as np
import pytest

import savez
from savez import _savetxt

COUNT = int(os.environ.get("SAVEZ_TEXT_VALUES", 200_000))
CHUNK = 50_000
FORMATS = "%.18e %.17g %.6g %g %f %.3f %10.5f %+.2e %08.1f %e %.0f %.40f %s %r %.0e %.1g %#.5g %-12.4g| % .9E %.16e %.19e %.30e"
INTEGER_FORMATS = (
    "%d %i %u %5d %-7d| %+d % d %08d %.5d %-+8.3d| %o %#o %x %#x %X %#010X %+#.6x %s %r %e %.3f %g %.18e %c"
)


def formats(line):
    """The formats of a line. A blank behind a per cent sign is a flag."""
    return [fmt.replace("\0", " ") for fmt in line.replace("% ", "%\0").split()]


def ours(array, fmt):
    before = _savetxt.rows_written["python"]
    text = io.StringIO()
    savez.savetxt(text, array, fmt=fmt)
    assert _savetxt.rows_written["python"] == before, "Python formatted this"
    return text.getvalue()


def theirs(array, fmt):
    return (fmt + "\n") * len(array) % tuple(array)


def check(array, fmt):
    if (found := ours(array, fmt)) != (wanted := theirs(array, fmt)):
        lines = zip(array, found.split("\n"), wanted.split("\n"), strict=False)
        wrong = [(x.tobytes().hex(), a, b) for x, a, b in lines if a != b]
        raise AssertionError(f"{len(wrong)} of {array.dtype} in {fmt}, first: {wrong[:3]}")


def doubles(rng, count):
    """Doubles of every magnitude, and those that are hard to round."""
    eighth = count // 8 + 1
    bits = rng.integers(0, 1 << 64, 3 * eighth, np.uint64)
    subnormal = rng.integers(0, 1 << 52, eighth // 2, np.uint64) >> rng.integers(
        0, 52, eighth // 2, np.uint64
    )
    # Halves of the last digit: odd numbers over a power of two, and whole numbers that end in 5.
    halves = rng.integers(0, 1 << 30, eighth) / 2.0 ** rng.integers(1, 40, eighth)
    fives = (rng.integers(0, 1 << 50, eighth) >> rng.integers(0, 50, eighth)) * 10.0 + 5
    # What people have: a few decimal digits.
    short = rng.integers(0, 10**6, eighth) / 10.0 ** rng.integers(0, 9, eighth)
    powers = 10.0 ** rng.integers(-323, 309, eighth)
    near = np.nextafter(powers, rng.choice([-np.inf, np.inf], eighth))
    special = [
        np.nan,
        -np.nan,
        np.inf,
        -np.inf,
        0.0,
        -0.0,
        5e-324,
        2.2250738585072014e-308,
        1.7976931348623157e308,
    ]
    values = [bits.view("f8"), subnormal.view("f8"), halves, fives, short, powers, near, special]
    values = np.concatenate(values)
    return np.where(rng.random(len(values)) < 0.3, -values, values)[rng.permutation(len(values))[:count]]


def singles(rng, count):
    with np.errstate(over="ignore", invalid="ignore"):
        few = doubles(rng, count // 2).astype("f4")
    bits = rng.integers(0, 1 << 32, count - len(few), np.uint32)
    return np.concatenate([few, bits.view("f4")])


@pytest.fixture(scope="module")
def rng():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    return np.random.default_rng(seed)


@pytest.mark.parametrize("fmt", formats(FORMATS))
@pytest.mark.parametrize(("make", "share"), [(doubles, 0.6), (singles, 0.3)])
def test_floats(make, share, fmt, rng):
    left = int(COUNT * share)
    while left > 0:
        check(make(rng, min(left, CHUNK)), fmt)
        left -= CHUNK


@pytest.mark.parametrize("fmt", formats(FORMATS))
def test_every_half(fmt):
    check(np.arange(1 << 16, dtype="u2").view("f2"), fmt)


@pytest.mark.parametrize("fmt", ["%.18e", "%g", "%.3f", "%.40f"])
def test_every_bfloat16(fmt):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    check(np.arange(1 << 16, dtype="u2").view(ml_dtypes.bfloat16), fmt)


@pytest.mark.parametrize("fmt", formats(INTEGER_FORMATS))
@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u8"])
def test_integers(kind, fmt, rng):
    size = np.dtype(kind).itemsize * 8
    bits = rng.integers(0, 1 << 64, max(COUNT // 200, 1000), np.uint64)
    bits >>= rng.integers(0, 64, len(bits), np.uint64)
    values = bits.astype(f"u{size // 8}").view(f"i{size // 8}" if "i" in kind else f"u{size // 8}")
    if fmt == "%c":
        values = np.concatenate([values[(values >= 0) & (values < 0xD800)], [0, 1, 0x41]])
    check(values.astype(kind), fmt)


@pytest.mark.parametrize("fmt", formats("%d %i %5d %+.3d %08d %-9d| %.30d"))
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_floats_as_integers(kind, fmt, rng):
    with np.errstate(over="ignore", invalid="ignore"):
        values = doubles(rng, max(COUNT // 20, 1000)).astype(kind)
    check(values[np.isfinite(values)], fmt)


@pytest.mark.parametrize("fmt", formats("%d %s %r %e %g %.2f %5s| %-6r| %.1s"))
def test_bools(fmt):
    check(np.array([True, False]), fmt)


def test_text_and_bytes():
    text = np.array(["", "a", "äöü€", "x" * 9, "🙂🙂", "a\nb", "tail\0"])
    for fmt in formats("%s %5s| %-5s| %.2s %6.1s|"):
        for array in (text, text.astype(">U9")):
            check(array, fmt)
    data = np.array([b"", b"a'b", b'"', b"'\"", b"\\\t\n\r\x00\xff", b"plain"])
    for fmt in formats("%s %r %12s| %-12r| %.3s %a"):
        check(data, fmt)


LETTERS = {"f": "eEfFgGdisra", "i": "diouxXeEfFgGsra", "u": "diouxXeEfFgGsrac"}


def test_flags(rng):
    """Formats drawn at random, those of a few numbers each."""
    draw = random.Random(int(rng.integers(1 << 32)))
    with np.errstate(over="ignore", invalid="ignore"):
        floats = [doubles(rng, 400).astype(kind) for kind in ("f2", "f4", "f8")]
    integers = [rng.integers(0, 1 << 64, 50, np.uint64).astype(kind) for kind in ("u8", "i8", "i4", "i1")]
    arrays = [*floats, *integers, np.arange(0x100, dtype="u2")]
    for _ in range(3000):
        array = draw.choice(arrays)
        letter = draw.choice(LETTERS[array.dtype.kind])
        if letter in "di" and array.dtype.kind == "f":
            array = array[np.isfinite(array)]
        if letter == "c":
            array = arrays[-1]
        flags = "".join(draw.sample("-+ #0", draw.randrange(6)))
        width = draw.choice(["", "", str(draw.randrange(1, 30)), "400"])
        precision = draw.choice(["", "", ".", ".0", f".{draw.randrange(30)}", ".350"])
        length = draw.choice(["", "", "", "l", "h", "L"])
        check(draw.choice([array, array[:20]]), f"<%{flags}{width}{precision}{length}{letter}>")
