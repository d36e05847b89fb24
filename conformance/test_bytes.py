"""Layout `numpy` is np.savez byte for byte; every other layout holds the same arrays."""

import random
import zipfile

import numpy as np
import pytest

from . import npz
from .cases import CASES, LONG

LAYOUTS = {
    "stored": [],
    "compressed": ["--compress"],
    "numpy": ["--layout", "numpy"],
    "numpy_compressed": ["--layout", "numpy", "--compress"],
}

MEMBER_NAMES = [
    "a", "A", "arr_0", "1", "with blank", "  ", "dot.ted", "a.npy", ".hidden", "...", "way/down/here",
    "back\\slash", "-", "quote'\"", "new\nline", "tab\t", "é", "λ", "漢字", "😀", "e\u0301", "\u200b",
    "%s", "{}", "*?[]", "$HOME", "~", "#", "x" * 200, "ü" * 100,
]  # fmt: skip


def mixtures():
    """Archives of several arrays: forty drawn by chance, and one of all."""
    chance = random.Random(20260101)
    for number in range(40):
        chosen = chance.sample(sorted(CASES), chance.randint(2, 12))
        yield f"mixture_{number}", {name: CASES[name] for name in chosen}
    yield "all", CASES
    orders = {"c": np.ones((2, 3)), "f": np.ones((2, 3), order="F"), "big": np.ones((3, 2), ">f4")}
    yield "orders", orders
    yield "twice_the_same", {"a": CASES["f8"], "b": CASES["f8"]}
    yield "member_names", {name: np.arange(i) for i, name in enumerate(MEMBER_NAMES)}


MIXTURES = dict(mixtures())
ARCHIVES = {**{name: {"x": array} for name, array in CASES.items()}, **MIXTURES}


@pytest.mark.parametrize("name", ARCHIVES)
def test_layout_numpy_is_what_savez_writes(name, tmp_path):
    arrays = ARCHIVES[name]
    out = npz.pack(tmp_path / "out.npz", arrays, "--layout", "numpy")
    assert out.read_bytes() == npz.npz_bytes(arrays)


@pytest.mark.parametrize("name", MEMBER_NAMES)
def test_layout_numpy_with_one_member_name(name, tmp_path):
    arrays = {name: np.arange(3)}
    out = npz.pack(tmp_path / "out.npz", arrays, "--layout", "numpy")
    assert out.read_bytes() == npz.npz_bytes(arrays)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_arrays_make_a_file_of_22_bytes(layout, tmp_path):
    out = npz.pack(tmp_path / "out.npz", {}, *LAYOUTS[layout])
    assert out.read_bytes() == npz.npz_bytes({}) == b"PK\x05\x06" + bytes(18)
    assert npz.members(out) == {}


@pytest.mark.parametrize("name", ["stored", "compressed", "numpy_compressed"])
@pytest.mark.parametrize("case", ARCHIVES)
def test_other_layouts_hold_the_same(case, name, tmp_path):
    arrays = ARCHIVES[case]
    npz.assert_holds(npz.pack(tmp_path / "out.npz", arrays, *LAYOUTS[name]), arrays)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_packing_twice_gives_the_same_bytes(layout, tmp_path):
    one = npz.pack(tmp_path / "one.npz", CASES, *LAYOUTS[layout])
    two = npz.pack(tmp_path / "two.npz", CASES, *LAYOUTS[layout])
    assert one.read_bytes() == two.read_bytes()


def test_compression_makes_smaller(tmp_path):
    arrays = {"x": np.arange(100_000)}
    npz.pack(tmp_path / "out.npz", arrays, "--compress")
    assert npz.members(tmp_path / "out.npz")["x"]["method"] == "deflated"
    assert (tmp_path / "out.npz").stat().st_size < 400_000


@pytest.mark.parametrize("name", CASES)
def test_a_single_npy_is_what_save_writes(name, tmp_path):
    np.save(tmp_path / "x.npy", CASES[name])
    assert npz.ok("cat", tmp_path / "x.npy", "--npy") == npz.npy_bytes(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_raw_bytes_are_in_c_order(name, tmp_path):
    np.save(tmp_path / "x.npy", CASES[name])
    raw = npz.ok("cat", tmp_path / "x.npy", "--raw")
    if CASES[name].flags.c_contiguous:
        assert raw == (tmp_path / "x.npy").read_bytes()[-len(raw) :] if raw else CASES[name].nbytes == 0
    assert len(raw) == CASES[name].nbytes
    found = np.ndarray(CASES[name].shape, CASES[name].dtype, bytearray(raw))
    npz.assert_same(found, np.ascontiguousarray(CASES[name]).reshape(found.shape))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_members_come_out_as_they_went_in(layout, tmp_path):
    archive = npz.pack(tmp_path / "in.npz", CASES, *LAYOUTS[layout])
    expected = {f"{name}.npy": npz.npy_bytes(array) for name, array in CASES.items()}
    assert npz.extract(archive, tmp_path / "all") == expected
    two = ["f8", "record_nested"]
    assert npz.extract(archive, tmp_path / "two", *two) == {f"{n}.npy": expected[f"{n}.npy"] for n in two}
    for name in CASES:
        assert npz.ok("cat", archive, name, "--npy") == expected[f"{name}.npy"]


@pytest.mark.parametrize("writer", [np.savez, np.savez_compressed])
def test_archives_of_numpy_come_out_the_same(writer, tmp_path):
    writer(tmp_path / "in.npz", **CASES)
    expected = {f"{name}.npy": npz.npy_bytes(array) for name, array in CASES.items()}
    assert npz.extract(tmp_path / "in.npz", tmp_path / "out") == expected


def test_objects_are_passed_through(tmp_path):
    """A pickle is packed and extracted byte for byte, and never read."""
    arrays = {
        "objects": np.array([{"a": 1}, None, "text"], object),
        "record": np.array([(1, "x")], [("n", "<i4"), ("o", object)]),
        "single": np.array({"a": [1, 2]}),
        "numbers": np.arange(3),
    }
    out = npz.pack(tmp_path / "out.npz", arrays, "--layout", "numpy")
    assert out.read_bytes() == npz.npz_bytes(arrays)
    for name, options in LAYOUTS.items():
        archive = npz.pack(tmp_path / f"{name}.npz", arrays, *options)
        files = npz.extract(archive, tmp_path / name)
        assert files == {f"{name}.npy": npz.npy_bytes(array) for name, array in arrays.items()}
        assert npz.members(archive)["objects"]["dtype"] == "|O"
        for command in ("show", "cat"):
            assert "Python object" in npz.refusal(command, archive, "objects")


@pytest.mark.parametrize("name", LONG)
def test_long_headers_are_refused_as_by_numpy(name, tmp_path):
    """More than 10,000 characters may be an attack on the parser; np.load refuses them too."""
    np.save(tmp_path / "x.npy", LONG[name])
    assert npz.numpy_reads(tmp_path / "x.npy") is None
    assert "header" in npz.refusal("cat", tmp_path / "x.npy")


# ---- ls --------------------------------------------------------------------------------------


def described(array):
    descr = np.lib.format.dtype_to_descr(array.dtype)
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return {
        "dtype": descr if isinstance(descr, str) else repr(descr),
        "shape": list(array.shape),
        "order": "F" if fortran else "C",
        "nbytes": array.nbytes,
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ls_agrees_with_zipfile_and_numpy(layout, tmp_path):
    archive = npz.pack(tmp_path / "in.npz", CASES, *LAYOUTS[layout])
    listed = npz.members(archive)
    assert list(listed) == list(CASES)
    with zipfile.ZipFile(archive) as file:
        for name, array in CASES.items():
            info = file.getinfo(f"{name}.npy")
            assert listed[name] == described(array) | {
                "name": name,
                "member": f"{name}.npy",
                "size": info.file_size,
                "stored_size": info.compress_size,
                "method": {0: "stored", 8: "deflated"}[info.compress_type],
                "crc32": f"{info.CRC:08x}",
            }


def test_ls_of_npy_files(tmp_path):
    files = [tmp_path / f"{name}.npy" for name in CASES]
    for file, array in zip(files, CASES.values()):
        np.save(file, array)
    for listing, file, array in zip(npz.ls(*files), files, CASES.values(), strict=True):
        assert listing["file"] == str(file)
        (member,) = listing["members"]
        assert member == described(array) | {
            "name": None,
            "member": None,
            "size": file.stat().st_size,
            "stored_size": None,
            "method": None,
            "crc32": None,
        }


def test_ls_of_members_that_are_no_arrays(tmp_path):
    """Any bytes may be a member, and any member may be an array."""
    with zipfile.ZipFile(tmp_path / "in.npz", "w") as file:
        file.writestr("README.txt", "read me")
        file.writestr("text.npy", "no array")
        file.writestr("empty.npy", "")
        file.writestr("directory/", "")
        file.writestr("array.bin", npz.npy_bytes(np.arange(3)))
    listed = npz.ls(tmp_path / "in.npz")[0]["members"]
    assert [m["member"] for m in listed] == ["README.txt", "text.npy", "empty.npy", "directory/", "array.bin"]
    assert [m["name"] for m in listed] == ["README.txt", "text", "empty", "directory/", "array.bin"]
    assert [m["dtype"] for m in listed] == [None] * 4 + ["<i8"]
    assert [m["size"] for m in listed] == [7, 8, 0, 0, 152]
    assert npz.ok("cat", tmp_path / "in.npz", "array.bin", "--npy") == npz.npy_bytes(np.arange(3))
    assert npz.extract(tmp_path / "in.npz", tmp_path / "out")["README.txt"] == b"read me"


# ---- mistakes on the command line ------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ["frobnicate"],
        ["ls", "--frobnicate", "x.npy"],
        ["show"],
        ["pack"],
        ["pack", "out.npz", "--layout", "neither", "a=x.npy"],
        ["cat", "x.npy", "--npy", "--raw"],
    ],
    ids=" ".join,
)
def test_misuse_exits_with_2(args, tmp_path):
    np.save(tmp_path / "x.npy", np.arange(3))
    assert npz.refusal(*args, code=2, cwd=tmp_path)
    assert npz.tree(tmp_path).keys() == {"x.npy"}


def test_what_is_missing_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", a=1)
    for command in ("ls", "show", "cat", "extract"):
        assert "nowhere.npz" in npz.refusal(command, tmp_path / "nowhere.npz")
    for command in ("show", "cat", "extract"):
        message = npz.refusal(command, tmp_path / "x.npz", "zebra", cwd=tmp_path)
        assert "x.npz" in message and "zebra" in message
    assert "nowhere.npy" in npz.refusal("pack", tmp_path / "out.npz", f"a={tmp_path}/nowhere.npy")
    assert not (tmp_path / "out.npz").exists()
