"""`npz cat -s SLICE` gives what `array[SLICE]` gives in NumPy."""

import io
import random

import numpy as np
import pytest

from . import npz

RECORD = [("a", "<i4"), ("b", ">f8", (2,)), ("c", "S3")]


def arrays():
    """Arrays by name, a few of them large enough to be compressed in several pieces."""
    count = np.arange(2 * 3 * 4 * 5)
    yield "vector", np.arange(20, dtype="<i4")
    yield "single", np.array(7.5)
    yield "empty", np.zeros((0, 3))
    yield "matrix", count.reshape(10, 12).astype("f4")
    yield "matrix_fortran", np.asfortranarray(count.reshape(10, 12).astype(">u2"))
    yield "cube", count.reshape(6, 4, 5)
    yield "cube_fortran", np.asfortranarray(count.reshape(6, 4, 5).astype("c8"))
    yield "four_axes", count.reshape(2, 3, 4, 5).astype("u1")
    yield "four_axes_fortran", np.asfortranarray(count.reshape(2, 3, 4, 5).astype("m8[s]"))
    yield "text", np.array(["a", "bcd", "", "λ"] * 3).reshape(4, 3)
    yield "bytes_with_zeros", np.array([b"a\0", b"", b"xyz"])
    yield "records", np.array([(i, (i, -i), b"x") for i in range(12)], RECORD).reshape(3, 4)
    yield "rows", np.arange(400_000).reshape(4000, 100)
    yield "rows_fortran", np.asfortranarray(np.arange(400_000.0).reshape(800, 500))
    yield "long_vector", np.arange(1_000_000, dtype="<i4")
    yield "wide", np.arange(600_000).reshape(2, 300_000)


ARRAYS = dict(arrays())
ARCHIVES = {"stored": [], "compressed": ["--compress"]}

WRITTEN_OUT = [
    "0", "-1", ":", "::", "...", "1:", ":1", "::2", "::-1", "-3:", ":-3", "5:2", "5:2:-1", "100:", ":100",
    "-100:", "100::-1", "::100", "::-100", "0:0", "1,", "...,", " 1 : 3 ", "+1", "0, ...", "..., 0",
    "10:20, ::2, -1, ...", "::2, ::-3", "1, 2", "1, 2, 3", "0, 0, 0, 0", "0, 0, 0, 0, 0", "99", "-99",
    ":, 99", "9223372036854775807", "-9223372036854775808:9223372036854775807", "::9223372036854775807",
]  # fmt: skip


def by_chance(shape, chance):
    """A slice that fits the shape, or nearly."""

    def bound(length):
        reach = length + length // 4 + 2
        return chance.choice(["", str(chance.randint(-reach, reach))])

    def index(length):
        kind = chance.random()
        if kind < 0.25 and length:
            return str(chance.randint(-length, length - 1))
        if kind < 0.28:
            return str(chance.choice([length, -length - 1]))
        text = f"{bound(length)}:{bound(length)}"
        if kind < 0.7:
            step = chance.choice([-1, 1, 2, -2, 3, -5, 7, length or 1, -(length or 1)])
            text += f":{step}"
        return text

    indices = [index(length) for length in shape[: chance.randint(0, len(shape))]]
    if chance.random() < 0.4 or not indices:
        inner = chance.randint(0, len(indices))
        tail = len(indices) - inner
        indices[inner:] = ["...", *(index(length) for length in shape[len(shape) - tail :])]
    return ", ".join(indices)


def numpy_slice(array, text):
    """array[text] as an array of the same dtype; None if NumPy finds it out of range."""
    index = eval(f"numpy.s_[{text}]", {"numpy": np})
    index = index if isinstance(index, tuple) else (index,)
    if not any(part is Ellipsis for part in index):
        index = (*index, Ellipsis)
    try:
        return array[index]
    except IndexError:
        return None


@pytest.fixture(scope="module", params=ARCHIVES)
def archive(request, tmp_path_factory):
    return npz.pack(tmp_path_factory.mktemp("slices") / "in.npz", ARRAYS, *ARCHIVES[request.param])


def check(archive, name, text):
    expected = numpy_slice(ARRAYS[name], text)
    if expected is None:
        said = npz.refusal("cat", archive, name, "-s", text, "--npy")
        assert name in said
        return
    found = np.load(io.BytesIO(npz.ok("cat", archive, name, "-s", text, "--npy")))
    assert found.dtype == expected.dtype and found.shape == expected.shape, text
    assert found.tobytes() == expected.tobytes(), text


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_written_out(name, archive):
    npz.in_parallel(lambda text: check(archive, name, text), WRITTEN_OUT)


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_by_chance(name, archive):
    chance = random.Random(name)
    slices = [by_chance(ARRAYS[name].shape, chance) for _ in range(60)]
    npz.in_parallel(lambda text: check(archive, name, text), slices)


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_of_npy_files(name, tmp_path):
    np.save(tmp_path / f"{name}.npy", ARRAYS[name])
    for text in ("...", "::-1", "1:, ...", "..., -2:"):
        expected = numpy_slice(ARRAYS[name], text)
        if expected is None:
            assert "x" in npz.refusal("cat", tmp_path / f"{name}.npy", "-s", text)
            continue
        raw = npz.ok("cat", tmp_path / f"{name}.npy", "-s", text, "--raw")
        assert raw == expected.tobytes(), text


@pytest.mark.parametrize(
    "text",
    ["x", "[0]", "(1)", "..., ...", "1:2:3:4", "1 2", "1.5", "::0", "1;2", "..", "1e3", "0x", "True"],
)
def test_what_is_no_slice_is_refused(text, archive):
    done = npz.run("cat", archive, "vector", "-s", text)
    assert done.returncode in (1, 2) and done.stderr and not done.stdout


def test_output_goes_to_a_file(archive, tmp_path):
    assert npz.ok("cat", archive, "matrix", "-s", "2:4", "--npy", "-o", tmp_path / "out.npy") == b""
    assert np.array_equal(np.load(tmp_path / "out.npy"), ARRAYS["matrix"][2:4])
    assert npz.ok("cat", archive, "matrix", "--raw", "-o", tmp_path / "out.bin") == b""
    assert (tmp_path / "out.bin").read_bytes() == ARRAYS["matrix"].tobytes()


@pytest.mark.parametrize("code", ["f2", "f4", "f8", "i1", "u8", ">i4", ">f8", "?"])
def test_text_reads_back_as_the_same_numbers(code, tmp_path):
    numbers = np.random.default_rng(1).standard_normal((7, 4)) * 10.0 ** np.arange(-4, 4, 2)
    array = numbers.astype(code) if np.dtype(code).kind == "f" else numbers.view("i8").astype(code)
    np.save(tmp_path / "x.npy", array)
    text = npz.ok("cat", tmp_path / "x.npy", "--csv").decode()
    assert text == npz.ok("cat", tmp_path / "x.npy").decode()
    found = [[cell.strip() for cell in line.split(",")] for line in text.splitlines()]
    if code == "?":
        found = [[{"True": 1, "False": 0, "true": 1, "false": 0}.get(cell, cell) for cell in row] for row in found]
    kind = float if array.dtype.kind == "f" else int
    assert np.array_equal(np.array([[kind(cell) for cell in row] for row in found], code), array)
