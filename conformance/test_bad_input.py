"""Damaged and hostile files: an error in one line, or the right arrays. Never a crash, never wrong data."""

import io
import os
import resource
import stat
import struct
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from . import npz

MIB = 1 << 20

SMALL = {
    "vector": np.arange(5, dtype="<i4"),
    "matrix": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "record": np.array([(1, 2.5)], [("a", "<i2"), ("b", "<f4")]),
}


# ---- bits and tails --------------------------------------------------------------------------


class Unseekable(io.RawIOBase):
    """A sink that cannot seek, for which zipfile writes data descriptors."""

    def __init__(self):
        self.content = b""

    def writable(self):
        return True

    def write(self, data):
        self.content += bytes(data)
        return len(data)

    def read(self, size=-1):
        raise OSError("write-only")


def written_by(writer):
    file = io.BytesIO()
    writer(file, **SMALL)
    return file.getvalue()


def streamed():
    sink = Unseekable()
    np.savez(sink, **SMALL)
    assert sink.content[6] & 8, "no data descriptor"
    return sink.content


def packed(directory, *options):
    return npz.pack(directory / "in.npz", SMALL, *options).read_bytes()


ARCHIVES = {
    "stored": lambda directory: packed(directory),
    "compressed": lambda directory: packed(directory, "--compress"),
    "layout_numpy": lambda directory: packed(directory, "--layout", "numpy"),
    "savez_compressed": lambda directory: written_by(np.savez_compressed),
    "streamed": lambda directory: streamed(),
}


@pytest.fixture(params=ARCHIVES)
def archive(request, tmp_path):
    return ARCHIVES[request.param](tmp_path)


def contents(path):
    """What npz gets out of a file; None if it says, in one line, that it cannot."""
    if path.suffix == ".npy":
        args = ["cat", path, "--npy"]
    else:
        args = ["extract", path, "-o", path.with_suffix("")]
    done = npz.run(*args)
    said = done.stderr.decode()
    if done.returncode == 1:
        assert len(said.splitlines()) == 1 and path.name in said, said
        return None
    assert done.returncode == 0, said
    return done.stdout if path.suffix == ".npy" else npz.tree(path.with_suffix(""))


def write_variants(directory, suffix, variants):
    """Writes files by their stems; the paths."""
    paths = [directory / f"{stem}{suffix}" for stem in variants]
    for path, content in zip(paths, variants.values()):
        path.write_bytes(content)
    return paths


def cut(content):
    return {f"cut_at_{n}": content[:n] for n in [*range(0, len(content), 7), len(content) - 1]}


def flipped(content):
    for bit in range(0, 8 * len(content), 23):
        copy = bytearray(content)
        copy[bit // 8] ^= 1 << bit % 8
        yield f"bit_{bit}", bytes(copy)


def test_a_cut_archive_is_refused(archive, tmp_path):
    paths = write_variants(tmp_path, ".npz", cut(archive))
    accepted = [path.stem for path, found in zip(paths, npz.in_parallel(contents, paths)) if found is not None]
    assert accepted == []


def test_a_flipped_bit_in_an_archive_is_found_or_does_not_matter(archive, tmp_path):
    (whole,) = write_variants(tmp_path, ".npz", {"whole": archive})
    expected = contents(whole)
    assert expected == {f"{name}.npy": npz.npy_bytes(array) for name, array in SMALL.items()}
    paths = write_variants(tmp_path, ".npz", dict(flipped(archive)))
    found = npz.in_parallel(contents, paths)
    assert [path.stem for path, got in zip(paths, found) if got not in (None, expected)] == []


def test_a_cut_npy_is_refused(tmp_path):
    paths = write_variants(tmp_path, ".npy", cut(npz.npy_bytes(SMALL["matrix"])))
    assert [path.stem for path in paths if contents(path) is not None] == []


def test_a_flipped_bit_in_an_npy_header_is_read_as_numpy_reads_it(tmp_path):
    """Nothing guards the data of an .npy file, and little its header."""
    content = npz.npy_bytes(SMALL["matrix"])
    data = content[128:]
    variants = {stem: head + data for stem, head in flipped(content[:128])}
    paths = write_variants(tmp_path, ".npy", variants)
    assert npz.in_parallel(contents, paths) == [npz.numpy_reads(path) for path in paths]


@pytest.mark.parametrize("junk", [b"\0", b"junk" * 20, b"PK\x05\x06" + bytes(18)], ids=["zero", "text", "end_record"])
def test_bytes_behind_the_end(junk, tmp_path):
    """Nobody can say which archive is meant: an error, or the archive that zipfile finds."""
    path = tmp_path / "x.npz"
    path.write_bytes(npz.npz_bytes(SMALL) + junk)
    try:
        with zipfile.ZipFile(path) as file:
            expected = {name: file.read(name) for name in file.namelist()}
    except zipfile.BadZipFile:
        expected = None
    found = contents(path)
    assert found is None or found == expected


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK", id="PK"),
        pytest.param(b"PK\x03\x04", id="local_signature"),
        pytest.param(b"PK\x05\x06", id="end_signature"),
        pytest.param(b"\x93", id="magic_byte"),
        pytest.param(b"\x93NUMPY", id="magic"),
        pytest.param(b"\x93NUMPY\x01\x00", id="version"),
        pytest.param(b"text", id="text"),
        pytest.param(bytes(1000), id="zeros"),
        pytest.param(b"PK\x03\x04" + bytes(1000), id="zeros_behind_signature"),
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_fragments(content, suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    for command in ("ls", "show", "cat", "extract"):
        assert "x.np" in npz.refusal(command, path, cwd=tmp_path)
    assert npz.tree(tmp_path).keys() == {path.name}


def test_a_directory_is_no_file(tmp_path):
    (tmp_path / "x.npz").mkdir()
    for command in ("ls", "show", "cat", "extract"):
        assert "x.npz" in npz.refusal(command, tmp_path / "x.npz")


# ---- lies about sizes ------------------------------------------------------------------------


def limited(memory):
    """Options for a process that may not have more memory than that."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))}


LIES = {
    "8_tebibytes": "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }",
    "many_axes": "{'descr': '<f8', 'fortran_order': True, 'shape': (65536, 65536, 256), }",
    "product_wraps_to_0": "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
    "product_wraps_to_16": "{'descr': '|u1', 'fortran_order': False, 'shape': (4611686018427387908, 4), }",
    "element_of_2_gibibytes": "{'descr': '|S2147483647', 'fortran_order': False, 'shape': (1,), }",
    "negative": "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    "two_negatives": "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, -3), }",
    "one_too_many": "{'descr': '|u1', 'fortran_order': False, 'shape': (73,), }",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_promises_too_much_fails_at_once(lie, tmp_path):
    content = npz.raw_npy(LIES[lie].ljust(117) + "\n", bytes(72))
    (tmp_path / "x.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        file.writestr("x.npy", content)
    with zipfile.ZipFile(tmp_path / "y.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", content)
    for args in (
        ["show", tmp_path / "x.npy"],
        ["cat", tmp_path / "x.npy", "--npy"],
        ["cat", tmp_path / "x.npy", "--raw", "-s", ":1"],
        ["pack", tmp_path / "out.npz", f"x={tmp_path}/x.npy"],
        ["show", tmp_path / "x.npz", "x"],
        ["cat", tmp_path / "x.npz", "x", "--raw"],
        ["show", tmp_path / "y.npz", "x"],
        ["cat", tmp_path / "y.npz", "x", "--npy"],
    ):
        start = time.monotonic()
        assert "x.npy" in npz.refusal(*args, **limited(512 * MIB))
        assert time.monotonic() - start < 1
    assert not (tmp_path / "out.npz").exists()


def zeros_deflated(head, megabytes):
    """`head` and that many MiB of zeros as one DEFLATE stream; their length and CRC-32."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = bytes(MIB)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(megabytes):
        crc = zlib.crc32(zeros, crc)
    return stream + block * megabytes + packer.flush(), len(head) + megabytes * MIB, crc


def archive_of(stream, size, crc, name=b"x.npy", method=8, flags=0):
    """An archive of one member, with the sizes it is told."""
    fixed = struct.pack("<HHHHHLLL", 20, flags, method, 0, 33, crc, len(stream), size)
    local = b"PK\x03\x04" + fixed + struct.pack("<HH", len(name), 0) + name + stream
    central = b"PK\x01\x02\x14\x03" + fixed + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def test_a_member_that_inflates_beyond_its_declared_size(tmp_path):
    """zipfile stops at the declared size, and so does not see the GiB behind it."""
    head = npz.npy_bytes(np.arange(3))
    stream, _, crc = zeros_deflated(head, 1024)
    path = tmp_path / "x.npz"
    path.write_bytes(archive_of(stream, len(head), crc))
    for args in (["cat", path, "x", "--npy"], ["show", path, "x"], ["extract", path, "-o", tmp_path / "out"]):
        assert "x.npy" in npz.refusal(*args, **limited(512 * MIB))
    path.write_bytes(archive_of(stream, len(head), zlib.crc32(head)))
    done = npz.run("cat", path, "x", "--npy", **limited(512 * MIB))
    assert done.returncode == 1 or done.stdout == head
    npz.run("extract", path, "-o", tmp_path / "out", **limited(512 * MIB))
    assert all(content == head for content in npz.tree(tmp_path / "out").values())


def test_a_member_larger_than_its_array(tmp_path):
    """A GiB of zeros behind three numbers: the numbers or an error, but not the GiB."""
    array = np.arange(3)
    stream, size, crc = zeros_deflated(npz.npy_bytes(array), 1024)
    (tmp_path / "x.npz").write_bytes(archive_of(stream, size, crc))
    done = npz.run("cat", tmp_path / "x.npz", "x", "--npy", **limited(512 * MIB))
    assert done.returncode == 1 or done.stdout == npz.npy_bytes(array)


def test_a_member_that_ends_before_its_declared_size(tmp_path):
    content = npz.npy_bytes(np.arange(30))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(content[:-8]) + packer.flush()
    for crc in (zlib.crc32(content), zlib.crc32(content[:-8])):
        (tmp_path / "x.npz").write_bytes(archive_of(stream, len(content), crc))
        assert "x.npy" in npz.refusal("cat", tmp_path / "x.npz", "x", "--npy")


def test_bytes_behind_a_deflate_stream(tmp_path):
    """Bytes that belong to no stream: an error, or the array all the same."""
    content = npz.npy_bytes(np.arange(30))
    stream = zlib.compress(content, 9)[2:-4] + b"surplus"
    (tmp_path / "x.npz").write_bytes(archive_of(stream, len(content), zlib.crc32(content)))
    done = npz.run("cat", tmp_path / "x.npz", "x", "--npy")
    assert done.returncode == 1 or done.stdout == content


# ---- archives that lie about their members ---------------------------------------------------


def test_wrong_checksum(tmp_path):
    content = npz.npy_bytes(np.arange(3))
    for method, stream in ((0, content), (8, zlib.compress(content)[2:-4])):
        (tmp_path / "x.npz").write_bytes(archive_of(stream, len(content), zlib.crc32(content), method=method))
        assert npz.ok("cat", tmp_path / "x.npz", "x", "--npy") == content
        (tmp_path / "x.npz").write_bytes(archive_of(stream, len(content), zlib.crc32(b"other"), method=method))
        for args in (["cat", tmp_path / "x.npz", "x"], ["extract", tmp_path / "x.npz", "-o", tmp_path / "out"]):
            said = npz.refusal(*args)
            assert "x.npy" in said and "CRC" in said.upper()


def test_names_in_header_and_directory_differ(tmp_path):
    content = npz.npy_bytes(np.arange(3))
    archive = archive_of(content, len(content), zlib.crc32(content), method=0)
    (tmp_path / "x.npz").write_bytes(archive.replace(b"x.npy", b"y.npy", 1))
    assert "x.npy" in npz.refusal("cat", tmp_path / "x.npz", "x")


@pytest.mark.parametrize("flag", [1, 1 | 64], ids=["encrypted", "strongly"])
def test_encryption(flag, tmp_path):
    content = npz.npy_bytes(np.arange(3))
    (tmp_path / "x.npz").write_bytes(archive_of(content, len(content), zlib.crc32(content), method=0, flags=flag))
    assert "encrypt" in npz.refusal("cat", tmp_path / "x.npz", "x").lower()


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 97, 98, 99, 65535])
def test_compression_methods_unknown_or_malformed(method, tmp_path):
    """np.load may read bzip2 (12) and LZMA (14), but this is neither."""
    content = npz.npy_bytes(np.arange(3))
    (tmp_path / "x.npz").write_bytes(archive_of(content, len(content), zlib.crc32(content), method=method))
    assert "x.npy" in npz.refusal("cat", tmp_path / "x.npz", "x")
    npz.refusal("extract", tmp_path / "x.npz", "-o", tmp_path / "out")


def directory_entry(name, header_offset, content):
    fixed = struct.pack("<HHHHHLLL", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content))
    return b"PK\x01\x02\x14\x03" + fixed + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, header_offset) + name


def local_header(name, content):
    fixed = struct.pack("<HHHHHLLL", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content))
    return b"PK\x03\x04" + fixed + struct.pack("<HH", len(name), 0) + name


def with_directory(body, *entries):
    directory = b"".join(entries)
    end = (b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + struct.pack("<4sHHHHLLH", *end)


def overlaps():
    """Archives in which bytes belong to two members: the trick of most zip bombs."""
    content = npz.npy_bytes(np.arange(3))
    inner = local_header(b"b.npy", content) + content
    outer = local_header(b"a.npy", inner) + inner
    yield "the_same_member_twice", with_directory(
        local_header(b"a.npy", content) + content,
        directory_entry(b"a.npy", 0, content),
        directory_entry(b"a.npy", 0, content),
    )
    yield "one_within_another", with_directory(
        outer,
        directory_entry(b"a.npy", 0, inner),
        directory_entry(b"b.npy", len(outer) - len(inner), content),
    )
    yield "into_the_directory", with_directory(
        local_header(b"a.npy", content) + content[:-20], directory_entry(b"a.npy", 0, content)
    )


OVERLAPS = dict(overlaps())


@pytest.mark.parametrize("name", OVERLAPS)
def test_overlapping_members_are_refused(name, tmp_path):
    (tmp_path / "x.npz").write_bytes(OVERLAPS[name])
    for args in (["ls", tmp_path / "x.npz"], ["extract", tmp_path / "x.npz", "-o", tmp_path / "out"]):
        assert "x.npz" in npz.refusal(*args)


def test_members_that_touch_are_no_overlap(tmp_path):
    content = npz.npy_bytes(np.arange(3))
    one, two = (local_header(name, content) + content for name in (b"a.npy", b"b.npy"))
    archive = with_directory(
        two + one, directory_entry(b"a.npy", len(two), content), directory_entry(b"b.npy", 0, content)
    )
    (tmp_path / "x.npz").write_bytes(archive)
    assert npz.extract(tmp_path / "x.npz", tmp_path / "out") == {"a.npy": content, "b.npy": content}


# ---- names that lead out of the directory ----------------------------------------------------

ESCAPES = {
    "parent": "../x.npy",
    "grandparent": "../../x.npy",
    "absolute": "{outside}/x.npy",
    "through": "a/../../x.npy",
    "backslashes": "..\\x.npy",
    "drive": "C:\\x.npy",
    "only_dots": "..",
    "ends_in_parent": "a/..",
    "empty": "",
    "double_slash": "//x.npy",
    "dot": "./x.npy",
    "reserved_byte": "a\0/../../x.npy",
}


def write_archive(path, *pairs):
    """An archive of members with any names and attributes."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content, mode in pairs:
            info = zipfile.ZipInfo("replaced below")
            info.filename, info.external_attr = name, mode << 16
            file.writestr(info, content)


def guarded(tmp_path):
    """A directory to extract into, and its surroundings, in which nothing may change."""
    outside = tmp_path / "outside"
    inside = outside / "one" / "two" / "inside"
    inside.mkdir(parents=True)
    (outside / "secret.npy").write_bytes(b"secret")
    return outside, inside


def assert_untouched(outside, inside):
    found = [path for path in outside.rglob("*") if inside not in (path, *path.parents) and not path.is_dir()]
    assert found == [outside / "secret.npy"]
    assert found[0].read_bytes() == b"secret"
    assert not any(path.is_symlink() for path in inside.rglob("*") if path.name != "there_before")


@pytest.mark.parametrize("name", ESCAPES)
def test_extract_never_leaves_its_directory(name, tmp_path):
    outside, inside = guarded(tmp_path)
    content = npz.npy_bytes(np.arange(3))
    write_archive(tmp_path / "x.npz", (ESCAPES[name].format(outside=outside), content, 0o600))
    done = npz.run("extract", tmp_path / "x.npz", "-o", inside)
    assert_untouched(outside, inside)
    assert done.returncode == 1 or list(npz.tree(inside).values()) == [content]
    if name in ("parent", "grandparent", "absolute", "through"):
        assert done.returncode == 1 and not npz.tree(inside)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFDIR])
def test_extract_makes_plain_files_only(kind, tmp_path):
    outside, inside = guarded(tmp_path)
    write_archive(
        tmp_path / "x.npz",
        ("link", str(outside).encode(), kind | 0o777),
        ("link/x.npy", npz.npy_bytes(np.arange(3)), 0o600),
    )
    npz.run("extract", tmp_path / "x.npz", "-o", inside)
    assert_untouched(outside, inside)
    assert all(path.is_dir() or stat.S_ISREG(os.lstat(path).st_mode) for path in inside.rglob("*"))


@pytest.mark.parametrize("member", ["there_before/x.npy", "there_before/secret.npy"])
def test_extract_does_not_follow_links_to_directories(member, tmp_path):
    outside, inside = guarded(tmp_path)
    (inside / "there_before").symlink_to(outside)
    write_archive(tmp_path / "x.npz", (member, npz.npy_bytes(np.arange(3)), 0o600))
    npz.run("extract", tmp_path / "x.npz", "-o", inside)
    assert_untouched(outside, inside)


def test_extract_does_not_follow_links_to_files(tmp_path):
    outside, inside = guarded(tmp_path)
    (inside / "there_before").symlink_to(outside / "secret.npy")
    write_archive(tmp_path / "x.npz", ("there_before", npz.npy_bytes(np.arange(3)), 0o600))
    npz.run("extract", tmp_path / "x.npz", "-o", inside)
    assert_untouched(outside, inside)


def test_extract_into_a_link_to_a_directory(tmp_path):
    """The directory itself is the user's choice."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    np.savez(tmp_path / "x.npz", a=np.arange(3))
    assert npz.extract(tmp_path / "x.npz", tmp_path / "link") == {"a.npy": npz.npy_bytes(np.arange(3))}


# ---- writing ---------------------------------------------------------------------------------


def test_a_failed_pack_leaves_the_old_file(tmp_path):
    np.save(tmp_path / "good.npy", np.arange(3))
    (tmp_path / "bad.npy").write_bytes(npz.npy_bytes(np.arange(30))[:-1])
    out = tmp_path / "out.npz"
    out.write_bytes(npz.npz_bytes({"old": np.arange(5)}))
    before = out.read_bytes()
    npz.refusal("pack", out, f"a={tmp_path}/good.npy", f"b={tmp_path}/bad.npy")
    npz.refusal("pack", out, f"a={tmp_path}/good.npy", f"b={tmp_path}/missing.npy")
    assert out.read_bytes() == before
    assert {path.name for path in Path(tmp_path).iterdir()} == {"good.npy", "bad.npy", "out.npz"}


def test_one_name_twice_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    done = npz.run("pack", tmp_path / "out.npz", f"a={tmp_path}/a.npy", f"a={tmp_path}/a.npy")
    assert done.returncode in (1, 2) and done.stderr
    assert not (tmp_path / "out.npz").exists()
