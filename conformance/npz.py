"""Runs the command `npz`, and says what NumPy would have made of the same files."""

import io
import json
import os
import shutil
import struct
import subprocess
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]


def _binary():
    if given := os.environ.get("NPZ"):
        return Path(given).resolve()
    built = (REPOSITORY / "target" / profile / "npz" for profile in ("release", "debug"))
    return next((path for path in built if path.exists()), None)


BINARY = _binary()


# ---- the command -----------------------------------------------------------------------------


def run(*args, **options):
    """Runs npz to its end. A crash is a failure, whatever the test expects."""
    options = {"timeout": 120, "capture_output": True, **options}
    done = subprocess.run([BINARY, *map(os.fspath, args)], check=False, **options)
    said = done.stderr.decode(errors="replace")
    assert done.returncode in (0, 1, 2), f"{said}{done.returncode} from npz {args}"
    return done


def ok(*args, **options):
    """What npz prints when it succeeds."""
    done = run(*args, **options)
    assert done.returncode == 0, f"{done.stderr.decode(errors='replace')}npz {args}"
    return done.stdout


def refusal(*args, code=1, **options):
    """What npz says, in one line, when it refuses."""
    done = run(*args, **options)
    said = done.stderr.decode()
    assert done.returncode == code, f"{said}{done.returncode} from npz {args}"
    if code == 1:
        assert len(said.splitlines()) == 1, said
    return said


def in_parallel(function, items):
    """Applies a function that waits for processes to all items; results in order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def ls(*files):
    """The files' listings."""
    return json.loads(ok("ls", "--json", *files))


def members(file):
    """The listing of one file, by member name."""
    (listing,) = ls(file)
    return {m["name"]: m for m in listing["members"]}


def pack(out, arrays, *options):
    """Packs arrays, saved one by one by NumPy, into the archive `out`."""
    files = {name: npy_bytes(array) for name, array in arrays.items()}
    return pack_files(out, files, *options)


def pack_files(out, files, *options):
    """Packs .npy files, given as bytes, into the archive `out`."""
    parts = Path(f"{out}.parts")
    parts.mkdir()
    pairs = []
    for number, (name, content) in enumerate(files.items()):
        (parts / f"{number}.npy").write_bytes(content)
        pairs.append(f"{name}={parts}/{number}.npy")
    ok("pack", *options, "--", out, *pairs)
    return out


def extract(file, directory, *names):
    """Extracts members; the files found afterwards, as bytes, by path in `directory`."""
    ok("extract", file, "-o", directory, *names)
    return tree(directory)


def tree(directory):
    """All files below a directory, as bytes."""
    found = (path for path in Path(directory).rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


# ---- NumPy and the others --------------------------------------------------------------------


def npy_bytes(array):
    """The file that np.save writes."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz_bytes(arrays):
    """The file that np.savez writes."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def raw_npy(header, data=b"", version=(1, 0)):
    """An npy file with any text as its header: no padding, no newline."""
    text = header.encode("utf-8" if version == (3, 0) else "latin-1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def numpy_reads(path):
    """What np.load gives, as np.save writes it again; None if np.load raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            array = np.load(path)
        except Exception:  # noqa: BLE001
            return None
        assert isinstance(array, np.ndarray)
        return npy_bytes(array)


def without_padding(array):
    """A copy with zeros in the bytes between fields, which np.load of an archive leaves to chance."""
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    copy = np.zeros(array.shape, array.dtype, order="F" if fortran else "C")
    copy[...] = array
    return copy


def assert_same(found, expected):
    """Two arrays agree in dtype, shape, memory order and every byte that is not padding."""
    assert found.dtype == expected.dtype
    assert npy_bytes(without_padding(found)) == npy_bytes(without_padding(expected))


def assert_holds(archive, arrays):
    """np.load, zipfile, unzip and 7-Zip find exactly these arrays, and stored data are aligned."""
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        assert file.namelist() == [f"{name}.npy" for name in arrays]
        for name, array in arrays.items():
            assert file.read(f"{name}.npy") == npy_bytes(array), name
        assert_aligned(file)
    assert_unpacks(archive)
    with np.load(archive) as loaded:
        for name, array in arrays.items():
            assert_same(loaded[f"{name}.npy"], np.load(io.BytesIO(npy_bytes(array))))


def assert_aligned(file):
    """Data of every stored member of a ZipFile start at a multiple of 64; pickles may start anywhere."""
    for info in file.infolist():
        if info.compress_type == zipfile.ZIP_STORED and b"|O" not in file.read(info)[:256]:
            assert data_start(file, info) % 64 == 0, info.filename


def data_start(file, info):
    """Where the array of a stored member begins: behind its local and its npy header."""
    file.fp.seek(info.header_offset + 26)
    name_length, extra_length = struct.unpack("<HH", file.fp.read(4))
    start = info.header_offset + 30 + name_length + extra_length
    file.fp.seek(start)
    preamble = file.fp.read(12)
    if preamble[6] == 1:
        return start + 10 + int.from_bytes(preamble[8:10], "little")
    return start + 12 + int.from_bytes(preamble[8:12], "little")


#: 7-Zip: 7zz in Debian's package 7zip, 7z in others.
SEVEN_ZIP = shutil.which("7zz") or shutil.which("7z") or "7zz"


def assert_unpacks(archive):
    """Neither `unzip -t` nor `7z t` has anything to complain of, be it a warning."""
    for judge in (["unzip", "-tqq"], [SEVEN_ZIP, "t", "-tzip", "-bd"]):
        done = subprocess.run([*judge, archive], check=False, capture_output=True)
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0 and "warning" not in said.lower(), said
