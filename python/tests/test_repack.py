"""`repack`: another compression, layout or alignment, and nothing lost that others put into the archive."""

import io
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib

import numpy as np
import pytest

import savez

WAYS = [
    {},
    {"compression": None},
    {"compression": None, "layout": "numpy"},
    {"compression": "deflate"},
    {"compression": "deflate", "level": 1, "threads": 2},
    {"compression": "deflate", "level": 9, "layout": "numpy"},
]

ARRAYS = {
    "image": np.arange(300_000, dtype="<u2").reshape(500, 600) % 777,
    "columns": np.asfortranarray(np.arange(3000.0).reshape(60, 50)),
    "label": np.array("cat"),
    "nothing": np.empty((0, 3)),
}

#: An extra field of Info-ZIP: seconds since 1970; in the local header also those of the last access.
DATED = struct.pack("<HHBI", 0x5455, 5, 1, 1_000_000_000)
DATED_LOCALLY = struct.pack("<HHBII", 0x5455, 9, 3, 1_000_000_000, 1_100_000_000)


@pytest.fixture(params=WAYS, ids=str)
def way(request):
    return request.param


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def by_zipfile(path, stream=False):
    """An archive with all that `zipfile` can put into one; written in sequence, it has data descriptors."""

    class InSequence(io.RawIOBase):
        def __init__(self):
            self.bytes = b""

        def writable(self):
            return True

        def write(self, bytes):
            self.bytes += bytes
            return len(bytes)

    target = InSequence() if stream else io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = "of the archive, ünïcode".encode()
        for number, (name, array) in enumerate(ARRAYS.items()):
            info = zipfile.ZipInfo(f"{name}.npy", (1999 + number, 12, 31, 23, 59, 58))
            info.compress_type = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2]
            info.comment = f"comment {number}".encode()
            info.external_attr = (0o100640 + number) << 16 | number
            info.internal_attr = number % 2
            info.create_system = (0, 3)[number % 2]
            info.extra = DATED
            archive.writestr(info, npy(array))
        archive.writestr("ünïcode.npy", npy(np.arange(3)))
        archive.writestr("docs/", b"")
        archive.writestr("docs/read me.txt", b"no array " * 1000, zipfile.ZIP_DEFLATED)
        link = zipfile.ZipInfo("docs/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, b"read me.txt")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("label.npy", npy(np.array("dog")), zipfile.ZIP_DEFLATED)
    path.write_bytes(target.bytes if stream else target.getvalue())


@pytest.fixture(params=[False, True], ids=["seekable", "stream"])
def path(request, tmp_path):
    by_zipfile(tmp_path / "by zipfile.npz", request.param)
    return tmp_path / "by zipfile.npz"


KEPT = ("filename", "date_time", "comment", "create_system", "internal_attr", "external_attr", "CRC", "file_size")


def facts(path):
    """Of each member all that repacking keeps, and its bytes."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        members = archive.infolist()
        return archive.comment, [
            (*(getattr(member, fact) for fact in KEPT), fields(member.extra), archive.read(member))
            for member in members
        ]


#: Fields about sizes and places, which each archive has of its own.
OURS = (0x0001, 0xA11E, 0x7A73)


def fields(extra):
    found = []
    while extra:
        field, length = struct.unpack_from("<HH", extra)
        found += [] if field in OURS else [extra[: 4 + length]]
        extra = extra[4 + length :]
    return found


def local_fields(path):
    bytes = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            start = member.header_offset
            name, extra = struct.unpack_from("<HH", bytes, start + 26)
            yield fields(bytes[start + 30 + name : start + 30 + name + extra])


def judged_by_unzip(path):
    if shutil.which("unzip") is None:
        return
    done = subprocess.run(["unzip", "-tqq", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_lost(path, way, tmp_path):
    savez.repack(path, tmp_path / "new.npz", **way)
    assert facts(tmp_path / "new.npz") == facts(path)
    assert list(local_fields(tmp_path / "new.npz")) == list(local_fields(path))
    judged_by_unzip(tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as found:
        for name, array in ARRAYS.items():
            assert np.array_equal(found[name], "dog" if name == "label" else array)
    before = facts(path)
    savez.repack(path, **way)
    assert facts(path) == before
    assert sorted(os.listdir(tmp_path)) == ["by zipfile.npz", "new.npz"]


def test_methods_are_as_asked(path, way, tmp_path):
    savez.repack(path, tmp_path / "new.npz", **way)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new.npz") as new:
        for before, after in zip(old.infolist(), new.infolist(), strict=True):
            asked = {"keep": before.compress_type, None: 0, "deflate": 8}[way.get("compression", "keep")]
            assert after.compress_type == (asked if after.file_size else 0)
            if "compression" not in way:
                assert after.compress_size == before.compress_size
            assert not after.flag_bits & 8, "no data descriptors in a file"


def test_fields_of_local_headers_are_kept(tmp_path, way):
    """Some have more in them than in the central one."""
    # By hand, since `zipfile` writes the same into both.
    body = npy(np.arange(5))
    crc = zlib.crc32(body)
    common = struct.pack("<HHHHIII", 0, 0, 0x7FBD, 0x2B9F, crc, len(body), len(body))
    local = b"PK\3\4\x14\0" + common + struct.pack("<HH", 5, len(DATED_LOCALLY)) + b"x.npy" + DATED_LOCALLY
    central = b"PK\1\2\x14\x03\x14\0" + common + struct.pack("<HHHHHII", 5, len(DATED), 0, 0, 0, 0, 0)
    central += b"x.npy" + DATED
    offset = len(local) + len(body)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), offset, 0)
    (tmp_path / "x.npz").write_bytes(local + body + central + end)
    savez.repack(tmp_path / "x.npz", tmp_path / "new.npz", **way)
    assert list(local_fields(tmp_path / "new.npz")) == [[DATED_LOCALLY]]
    assert facts(tmp_path / "new.npz") == facts(tmp_path / "x.npz")
    judged_by_unzip(tmp_path / "new.npz")


def test_numpys_archives_become_ours_and_back(tmp_path):
    numpys, ours, back = (tmp_path / f"{name}.npz" for name in ("numpys", "ours", "back"))
    np.savez(numpys, **ARRAYS)
    savez.repack(numpys, ours, compression="deflate")
    savez.savez_compressed(tmp_path / "expected.npz", **ARRAYS)
    assert ours.read_bytes() == (tmp_path / "expected.npz").read_bytes(), "as good as savez_compressed"
    savez.repack(ours, back, compression=None, layout="numpy")
    assert back.read_bytes() == numpys.read_bytes()
    np.savez_compressed(numpys, **ARRAYS)
    savez.repack(numpys, back, layout="numpy")
    assert back.read_bytes() == numpys.read_bytes(), "kept as they are"
    savez.repack(numpys, ours, compression=None)
    for name, array in savez.load(ours, mmap_mode="r").items():
        assert np.array_equal(array, ARRAYS[name])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_numpy_never_writes(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "x.npz", "w", method) as archive:
        for name, array in ARRAYS.items():
            archive.writestr(f"{name}.npy", npy(array))
    savez.repack(tmp_path / "x.npz", tmp_path / "kept.npz")
    savez.repack(tmp_path / "x.npz", tmp_path / "deflated.npz", compression="deflate")
    for name in ("kept", "deflated"):
        assert facts(tmp_path / f"{name}.npz") == facts(tmp_path / "x.npz")


def test_python_objects_go_along_as_the_pickle_they_are(tmp_path, way):
    path = tmp_path / "x.npz"
    np.savez(path, x=np.array([1, "two", None], object))
    savez.repack(path, **way)
    assert np.load(path, allow_pickle=True)["x"].tolist() == [1, "two", None]


def test_the_room_of_what_was_replaced_is_given_back(tmp_path):
    path = tmp_path / "x.npz"
    for number in range(3):
        savez.append(path, {"x": np.full(100_000, number), "y": number})
    before = path.stat().st_size
    savez.repack(path)
    assert path.stat().st_size < before / 2
    assert np.load(path)["x"][0] == 2


def test_a_flipped_bit_is_an_error(path, way, tmp_path):
    bytes = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
    for name in ("image.npy", "columns.npy", "docs/read me.txt"):
        start = members[name].header_offset
        lengths = struct.unpack_from("<HH", bytes, start + 26)
        at = start + 30 + sum(lengths) + members[name].compress_size // 2
        bytes[at] ^= 4
        path.write_bytes(bytes)
        (tmp_path / "new.npz").write_text("old")
        with pytest.raises((savez.CorruptError, savez.FormatError), match=name):
            savez.repack(path, tmp_path / "new.npz", **way)
        assert (tmp_path / "new.npz").read_text() == "old"
        with pytest.raises((savez.CorruptError, savez.FormatError), match=name):
            savez.repack(path, **way)
        assert path.read_bytes() == bytes
        bytes[at] ^= 4
    assert sorted(os.listdir(tmp_path)) == ["by zipfile.npz", "new.npz"]


def test_progress_adds_up_and_may_raise(path, way):
    told = []
    with zipfile.ZipFile(path) as archive:
        total = sum(member.file_size for member in archive.infolist())
    savez.repack(path, progress=told.append, **way)
    assert sum(told) == total

    def tired(nbytes):
        raise RuntimeError("enough")

    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="enough"):
        savez.repack(path, progress=tired, **way)
    assert path.read_bytes() == before


def test_who_is_adding_is_waited_for(tmp_path):
    path = tmp_path / "x.npz"
    savez.savez(path, x=1)

    def slowly():
        yield "y", 2
        started.append(time.monotonic())
        time.sleep(0.2)

    started = []
    adding = threading.Thread(target=lambda: savez.append(path, slowly()))
    adding.start()
    while not started:
        time.sleep(0.001)
    savez.repack(path, compression="deflate")
    adding.join()
    assert time.monotonic() - started[0] >= 0.2
    assert sorted(np.load(path)) == ["x", "y"]


def test_wrong_arguments(tmp_path):
    np.savez(tmp_path / "x.npz", x=1)
    for wrong in (
        {"compression": "gzip"},
        {"level": 3},
        {"compression": None, "level": 3},
        {"compression": "deflate", "level": 10},
        {"layout": "zip"},
    ):
        with pytest.raises(ValueError):
            savez.repack(tmp_path / "x.npz", **wrong)
    with pytest.raises(FileNotFoundError):
        savez.repack(tmp_path / "no.npz")
    assert os.listdir(tmp_path) == ["x.npz"]


@pytest.mark.large
def test_a_large_member_is_never_in_memory(tmp_path):
    """4.5 GiB through some megabytes, and with ZIP64 numbers."""
    path = tmp_path / "x.npz"
    array = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", "u1", (9 << 29,))
    array[-1] = 7
    array.flush()
    del array
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.write(tmp_path / "x.npy", "x.npy")
    os.unlink(tmp_path / "x.npy")
    script = """
import resource, sys, savez
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
savez.repack(sys.argv[1], compression="deflate", level=1)
savez.repack(sys.argv[1], compression=None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100_000, "KiB more than before"
    assert savez.open(path)["x"][-1] == 7
