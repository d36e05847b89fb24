"""`npz verify`: beside `zipfile.testzip`, on archives that others wrote."""

import io
import struct
import zipfile

import numpy as np
import pytest

from . import npz

ARRAYS = {
    "steps": np.arange(30_000, dtype="<i4") // 3,
    "fortran": np.asfortranarray(np.sin(np.arange(2000.0)).reshape(40, 50)),
    "words": np.array(["alpha", "beta", "gamma"] * 5),
    "none": np.empty((0, 3)),
    "objects": np.array([1, "two", None], object),
}


def written_by(writer):
    file = io.BytesIO()
    writer(file, **ARRAYS)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", b"read me " * 100)
        archive.writestr("dir/", b"")
    return file.getvalue()


def start_of(content, info):
    """Where the bytes of a member begin."""
    name_length, extra_length = struct.unpack_from("<HH", content, info.header_offset + 26)
    return info.header_offset + 30 + name_length + extra_length


@pytest.fixture(params=[np.savez, np.savez_compressed])
def content(request):
    return written_by(request.param)


def test_a_sound_archive(content, tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        size = sum(info.file_size for info in archive.infolist())
    assert npz.ok("verify", path).decode() == f"{path}: sound: 7 members, {size / 1024:.1f} KiB\n"


def test_what_testzip_finds(content, tmp_path):
    """A member after the other is damaged in its bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = [info for info in archive.infolist() if info.file_size]
        places = {info.filename: start_of(content, info) + info.compress_size // 2 for info in infos}
    for name, place in places.items():
        path = tmp_path / "x.npz"
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        with zipfile.ZipFile(path) as archive:
            try:
                assert archive.testzip() == name
            except zipfile.zlib.error:
                pass  # of a stream that is damaged, testzip does not say which
        said = npz.refusal("verify", path)
        assert str(path) in said and repr(name)[1:-1] in said, said


def test_all_that_is_wrong_is_said(content, tmp_path):
    sound, cut, missing = tmp_path / "sound.npz", tmp_path / "cut.npz", tmp_path / "missing.npz"
    damaged, single = tmp_path / "damaged.npz", tmp_path / "x.npy"
    sound.write_bytes(content)
    cut.write_bytes(content[:-10])
    np.save(single, np.arange(1000))
    with zipfile.ZipFile(sound) as archive:
        places = [start_of(content, archive.getinfo(name)) for name in ("steps.npy", "words.npy")]
    bytes_ = bytearray(content)
    for place in places:
        bytes_[place + 30] ^= 1
    damaged.write_bytes(bytes_)
    done = npz.run("verify", damaged, sound, cut, missing, single)
    assert done.returncode == 1
    said = done.stderr.decode().splitlines()
    assert len(said) == 4
    for line, parts in zip(said, [(damaged, "steps"), (damaged, "words"), (cut,), (missing,)]):
        assert line.startswith("npz: ") and all(str(part) in line for part in parts), line
    found = done.stdout.decode().splitlines()
    assert [line.split(": ")[0] for line in found] == [str(sound), str(single)]
    assert "no checksum" in found[1]


def test_a_cut_npy_file_is_not_sound(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(1000))
    path.write_bytes(path.read_bytes()[:-1])
    assert "7999" in npz.refusal("verify", path)


def test_usage():
    npz.refusal("verify", code=2)
