"""`npz repack`: archives that others wrote, anew and with all they held."""

import zipfile

import numpy as np
import pytest

from . import npz

ARRAYS = {
    "steps": np.arange(300_000, dtype="<i4") // 3,
    "fortran": np.asfortranarray(np.sin(np.arange(2000.0)).reshape(40, 50)),
    "words": np.array(["alpha", "beta", "gamma"] * 500),
    "none": np.empty((0, 3)),
}


@pytest.fixture
def archive(tmp_path):
    """By np.savez, with another file, a comment and a date of its own added by zipfile."""
    path = tmp_path / "x.npz"
    np.savez(path, **ARRAYS)
    with zipfile.ZipFile(path, "a") as file:
        note = zipfile.ZipInfo("note.txt", (2001, 2, 3, 4, 5, 6))
        note.comment = b"not an array"
        file.writestr(note, b"read me " * 1000)
        file.comment = b"of 2001"
    return path


def held(path):
    """All that zipfile knows of an archive but how it is compressed and where things are."""
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        infos = [(info.filename, info.date_time, info.comment, file.read(info)) for info in file.infolist()]
        return infos, file.comment


def methods(path):
    with zipfile.ZipFile(path) as file:
        return {info.compress_type for info in file.infolist()}


@pytest.mark.parametrize("layout", ["savez", "numpy"])
@pytest.mark.parametrize(
    ("options", "method"),
    [
        ((), zipfile.ZIP_STORED),
        (("--store",), zipfile.ZIP_STORED),
        (("--compress",), zipfile.ZIP_DEFLATED),
        (("--level", "9"), zipfile.ZIP_DEFLATED),
        (("-l", "0"), zipfile.ZIP_DEFLATED),
    ],
)
def test_into_another_file(archive, tmp_path, options, method, layout):
    before = archive.read_bytes()
    out = tmp_path / "out.npz"
    assert npz.ok("repack", archive, out, *options, "--layout", layout) == b""
    assert archive.read_bytes() == before
    assert held(out) == held(archive)
    assert methods(out) == {method}
    npz.assert_unpacks(out)
    with np.load(out) as loaded:
        for name, array in ARRAYS.items():
            npz.assert_same(loaded[name], array)
    if layout == "savez" and method == zipfile.ZIP_STORED:
        with zipfile.ZipFile(out) as file:
            assert not any(npz.data_start(file, file.getinfo(f"{name}.npy")) % 64 for name in ARRAYS)


def test_in_its_place(archive):
    expected = held(archive)
    sizes = {}
    for options in ((), ("-c",), ("-l", "1"), (), ("-s",)):
        npz.ok("repack", archive, *options)
        assert held(archive) == expected
        sizes[options] = archive.stat().st_size
    assert sizes[("-c",)] < sizes[("-l", "1")] < sizes[("-s",)] / 2
    # What is kept was compressed by the one before.
    assert sizes[()] == sizes[("-l", "1")]
    assert [path.name for path in archive.parent.iterdir()] == ["x.npz"]


def test_a_damaged_one_stays_as_it_is(archive):
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    for options in ((), ("--compress",)):
        assert "CRC" in npz.refusal("repack", archive, *options)
        assert archive.read_bytes() == content


def test_wrong_usage(archive):
    npz.refusal("repack", archive, "--compress", "--store", code=2)
    npz.refusal("repack", archive, "--level", "10", code=2)
    npz.refusal("repack", archive.with_name("missing.npz"))
    npz.refusal("repack", code=2)
