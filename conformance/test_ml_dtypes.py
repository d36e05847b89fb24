"""Types NumPy has no name for: void to NumPy, with the true name in a comment of the header.

The header's dict says `'descr': '<V2'`, and behind it stands `  # dtype='bfloat16'`.
"""

import json
import subprocess
import sys
import zipfile

import ml_dtypes
import numpy as np
import pytest

from . import npz

TYPES = [
    name
    for name, thing in sorted(vars(ml_dtypes).items())
    if isinstance(thing, type) and issubclass(thing, np.generic)
]

LAYOUTS = {
    "stored": [],
    "compressed": ["--compress"],
    "numpy": ["--layout", "numpy"],
    "numpy_compressed": ["--layout", "numpy", "--compress"],
}


def void(itemsize):
    return "|V1" if itemsize == 1 else f"<V{itemsize}"


def header(descr, comment, shape, fortran=False):
    """The header as NumPy pads it: room for the first axis to grow, then blanks to 64 bytes."""
    text = f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape!r}, }}"
    if comment is not None:
        text += f"  # dtype={comment!r}"
    if shape:
        text += " " * (21 - len(repr(shape[-1] if fortran else shape[0])))
    padded = text + " " * (64 - (10 + len(text) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode("latin-1")


def data(name, count):
    """Bytes of `count` elements, every one a value of the type."""
    dtype = np.dtype(getattr(ml_dtypes, name))
    if dtype.itemsize == 4:
        return np.arange(2 * count, dtype="f4").astype(ml_dtypes.bfloat16).tobytes()
    values = np.arange(count) % (2 if name.endswith("1") else 4)
    return values.astype("f4").astype(dtype).tobytes()


def files(name):
    """A file for each way an array of that type may lie in a file; what `ls` should say of it."""
    size = np.dtype(getattr(ml_dtypes, name)).itemsize
    descr = void(size)
    yield "vector", header(descr, name, (4,)) + data(name, 4), name
    yield "single", header(descr, name, ()) + data(name, 1), name
    yield "fortran", header(descr, name, (2, 3), True) + data(name, 6), name
    yield "empty", header(descr, name, (0, 3)), name
    plain = [("a", descr), ("b", "<i4"), ("c", descr, (2,))]
    named = [("a", name), ("b", "<i4"), ("c", name, (2,))]
    yield "record", header(plain, named, (2,)) + (data(name, 3) + b"abcd") * 2, repr(named)
    plain = [("r", [("x", descr), ("", "|V3")]), (("T", "s"), (descr, (2,)), (1,))]
    named = [("r", [("x", name), ("", "|V3")]), (("T", "s"), (name, (2,)), (1,))]
    yield "nested", header(plain, named, (1,)) + data(name, 1) + b"pad" + data(name, 2), repr(named)


FILES = {f"{name}-{kind}": (content, dtype) for name in TYPES for kind, content, dtype in files(name)}


def test_all_types_are_known():
    assert len(TYPES) == 20 and "bfloat16" in TYPES


@pytest.mark.parametrize("case", FILES)
def test_a_single_file_keeps_its_type(case, tmp_path):
    content, dtype = FILES[case]
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    assert npz.ls(path)[0]["members"][0]["dtype"] == dtype
    assert npz.ok("cat", path, "--npy") == content


@pytest.mark.parametrize("layout", LAYOUTS)
def test_archives_keep_the_types(layout, tmp_path):
    contents = {name: content for name, (content, _) in FILES.items()}
    archive = npz.pack_files(tmp_path / "out.npz", contents, *LAYOUTS[layout])
    assert {name: m["dtype"] for name, m in npz.members(archive).items()} == {
        name: dtype for name, (_, dtype) in FILES.items()
    }
    with zipfile.ZipFile(archive) as file:
        assert {name: file.read(f"{name}.npy") for name in contents} == contents
    assert npz.extract(archive, tmp_path / "out") == {f"{n}.npy": c for n, c in contents.items()}
    for name in ("bfloat16-fortran", "float8_e5m2-record"):
        assert npz.ok("cat", archive, name, "--npy") == contents[name]


READ_PLAINLY = """
import json, sys, numpy as np
assert "ml_dtypes" not in sys.modules
with np.load(sys.argv[1]) as archive:
    json.dump({name: [str(archive[name].dtype), archive[name].itemsize, archive[name].tobytes("A").hex()]
               for name in archive.files}, sys.stdout)
"""


def test_numpy_alone_reads_void_of_that_size(tmp_path):
    contents = {name: content for name, (content, _) in FILES.items()}
    archive = npz.pack_files(tmp_path / "out.npz", contents)
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", READ_PLAINLY, archive]))
    for name, (dtype, itemsize, content) in loaded.items():
        head = 10 + int.from_bytes(contents[name][8:10], "little")
        if not name.endswith("nested"):  # it has padding, which np.load of an archive leaves to chance
            assert bytes.fromhex(content) == contents[name][head:], name
        if not name.endswith(("record", "nested")):
            assert dtype == f"|V{itemsize}"


@pytest.mark.parametrize("name", TYPES)
def test_the_values_are_those_of_ml_dtypes(name, tmp_path):
    """`show` prints what print() prints of the ml_dtypes array."""
    array = np.frombuffer(data(name, 4), getattr(ml_dtypes, name))
    (tmp_path / "x.npy").write_bytes(header(void(array.itemsize), name, (4,)) + array.tobytes())
    assert npz.ok("show", tmp_path / "x.npy").decode() == str(array) + "\n"


@pytest.mark.parametrize("name", TYPES)
def test_a_name_as_descr_is_read(name, tmp_path):
    """Files of other writers spell the name as descr; written again, it becomes void and comment."""
    size = np.dtype(getattr(ml_dtypes, name)).itemsize
    (tmp_path / "x.npy").write_bytes(header(name, None, (4,)) + data(name, 4))
    assert npz.ls(tmp_path / "x.npy")[0]["members"][0]["dtype"] == name
    assert npz.ok("cat", tmp_path / "x.npy", "--npy") == header(void(size), name, (4,)) + data(name, 4)


def test_a_name_within_a_record_is_read(tmp_path):
    named = [("a", "bfloat16"), ("b", "int4", (2,))]
    plain = [("a", "<V2"), ("b", "|V1", (2,))]
    (tmp_path / "x.npy").write_bytes(header(named, None, (1,)) + b"abcd")
    assert npz.ok("cat", tmp_path / "x.npy", "--npy") == header(plain, named, (1,)) + b"abcd"


def test_f1_is_what_numpy_wrote_for_float8_e5m2(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(4).astype(ml_dtypes.float8_e5m2))
    assert b"'<f1'" in (tmp_path / "x.npy").read_bytes()
    assert npz.ls(tmp_path / "x.npy")[0]["members"][0]["dtype"] == "float8_e5m2"
    content = npz.ok("cat", tmp_path / "x.npy", "--npy")
    assert content == header("|V1", "float8_e5m2", (4,)) + (tmp_path / "x.npy").read_bytes()[-4:]


def test_a_name_of_the_future_survives(tmp_path):
    content = header("|V1", "float9_x", (4,)) + b"abcd"
    (tmp_path / "x.npy").write_bytes(content)
    assert npz.ls(tmp_path / "x.npy")[0]["members"][0]["dtype"] == "float9_x"
    assert npz.ok("cat", tmp_path / "x.npy", "--npy") == content
    archive = npz.pack_files(tmp_path / "x.npz", {"x": content}, "--compress")
    assert npz.ok("cat", archive, "x", "--npy") == content


@pytest.mark.parametrize(
    ("descr", "comment"),
    [
        ("|V4", "bfloat16"),
        ("<f4", "bfloat16"),
        ("|V2", "Not a name"),
        ("|V2", 5),
        ("|V2", [("a", "bfloat16")]),
        ([("a", "|V2")], "bfloat16"),
        ([("a", "|V2")], [("b", "bfloat16")]),
        ([("a", "|V2")], [("a", "bfloat16", (2,))]),
        ([("a", "|V2")], [("a", "bfloat16"), ("b", "<i4")]),
    ],
    ids=repr,
)
def test_a_comment_that_contradicts_the_descr_is_only_a_comment(descr, comment, tmp_path):
    dtype = np.lib.format.descr_to_dtype(descr)
    content = header(descr, comment, (2,)) + bytes(2 * dtype.itemsize)
    (tmp_path / "x.npy").write_bytes(content)
    listed = npz.ls(tmp_path / "x.npy")[0]["members"][0]["dtype"]
    assert listed == (descr if isinstance(descr, str) else repr(descr))
    assert npz.ok("cat", tmp_path / "x.npy", "--npy") == npz.numpy_reads(tmp_path / "x.npy")


@pytest.mark.parametrize("ending", ["", "\n", "# other", "  # dtype='bfloat16'", "# dtype=bfloat16"])
def test_other_endings_of_a_header_are_read(ending, tmp_path):
    text = "{'descr': '<V2', 'fortran_order': False, 'shape': (1,)}" + ending
    (tmp_path / "x.npy").write_bytes(npz.raw_npy(text, b"ab"))
    typed = ending == "  # dtype='bfloat16'"
    assert npz.ls(tmp_path / "x.npy")[0]["members"][0]["dtype"] == ("bfloat16" if typed else "|V2")
