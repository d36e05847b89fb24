"""Saving and loading take little memory beyond the arrays."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import savez

#: Bytes of the arrays: what may be taken beyond them does not grow with them.
SIZES = [256 << 20, pytest.param(1 << 30, marks=pytest.mark.large)]

#: Bytes that may be taken beyond them.
LITTLE = 64 << 20

PEAK = """
import resource, sys
def peak():
    try:
        # Since the program began: what `resource` tells, Linux begins with the peak of the parent.
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
"""

MEASURE = PEAK + """
import numpy as np, savez
kind, writer, path, size = sys.argv[1:]
side, size = 1 << 12, int(size)
make = {
    "C": lambda: np.ones((side, size // side // 8)),
    "Fortran": lambda: np.ones((side, size // side // 8)).T,
    "strided": lambda: np.ones((side, size // side // 4))[:, ::2],
    "big-endian": lambda: np.ones((side, size // side // 8), ">f8"),
}
array = make[kind]() if kind in make else None
if array is not None:
    assert array.nbytes == size
    savez.savez(path + ".warm.npz", x=array[:2, :2])
before = peak()
if array is not None:
    getattr(savez, writer)(path, array)
    print(peak() - before)
else:
    data = savez.load(path)
    array = data if writer == "save" else data["arr_0"]
    assert array.nbytes == size and array[0, 0] == 1 and array[-1, -1] == 1
    print(peak() - before - array.nbytes)
"""


@pytest.fixture
def place():
    """A directory that is gone with its large files as soon as the test is over."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size >> 20}MiB")
def size(request):
    """Bytes of an array."""
    return request.param


def extension(writer):
    return ".npy" if writer == "save" else ".npz"


@pytest.mark.parametrize("kind", ["C", "Fortran", "strided", "big-endian"])
def test_saving_takes_little_memory(kind, writer, size, python, place):
    taken = int(python(MEASURE, kind, writer, place / f"x{extension(writer)}", size))
    print(f"{taken >> 20} MiB")
    assert taken < LITTLE


INTO_FILE = PEAK + """
import numpy as np, savez
writer, size = sys.argv[1:]
array = np.ones((1 << 12, int(size) >> 13), "f4")[:, ::2]
before = peak()
with open("/dev/null", "wb") as file:
    getattr(savez, writer)(file, array)
print(peak() - before)
"""


def test_saving_to_a_file_object_takes_little_memory(writer, size, python):
    taken = int(python(INTO_FILE, writer, size))
    print(f"{taken >> 20} MiB")
    assert taken < LITTLE


COMPRESSED = PEAK + """
import subprocess
import numpy as np, savez
kind, target, threads, size = sys.argv[1:]
# Bytes that do not compress, of which there are few, though the arrays have many.
row = np.random.default_rng(0).integers(0, 1 << 32, 1 << 18, "u4")
rows = int(size) // row.nbytes
arrays = {
    "one": lambda: {"x": np.broadcast_to(row, (rows, len(row)))},
    "many": lambda: dict.fromkeys(map(str, range(rows)), row),
}[kind]()
options = {"compression": "deflate", "threads": int(threads)}
before = peak()
if target == "pipe":
    # It takes nothing for a while, and so is full when it begins.
    slow = subprocess.Popen(["sh", "-c", "sleep 2; exec cat > /dev/null"], stdin=subprocess.PIPE)
    savez.write(slow.stdin, arrays, **options)
    slow.stdin.close()
    assert slow.wait() == 0
else:
    savez.write(target, arrays, **options)
print(peak() - before)
"""


@pytest.mark.parametrize("size", [256 << 20, pytest.param(4 << 30, marks=pytest.mark.large)])
@pytest.mark.parametrize("target", ["path", "pipe"])
@pytest.mark.parametrize("kind", ["one", "many"])
def test_compressing_takes_little_memory(kind, target, size, python, place):
    """However much there is, and however slowly it can be written: some segments for each thread."""
    for threads, most in ((2, 32 << 20), (16, 96 << 20)):
        where = target if target == "pipe" else place / "x.npz"
        taken = int(python(COMPRESSED, kind, where, threads, size))
        print(f"{taken >> 20} MiB with {threads} threads")
        assert taken < most


def test_loading_takes_little_memory_beyond_the_array(writer, size, python, place):
    path = place / f"x{extension(writer)}"
    getattr(savez, writer)(path, np.ones((1 << 12, size // (1 << 12) // 8), order="F"))
    taken = int(python(MEASURE, "load", writer, path, size))
    print(f"{taken >> 20} MiB")
    assert taken < LITTLE


OPEN_ONLY = PEAK + """
import savez
before = peak()
data = savez.load(sys.argv[1], mmap_mode="r")
data["x"][0, 0], data["x"][-1, -1]
print(peak() - before)
"""


def test_mapping_takes_next_to_nothing(size, python, place):
    savez.savez(place / "x.npz", x=np.ones((1 << 12, size // (1 << 12) // 8)))
    assert int(python(OPEN_ONLY, place / "x.npz")) < 8 << 20


TABLE = f"""
{PEAK}
import io, sys, numpy as np, savez
from savez._loadtxt import read_by
kind, path = sys.argv[1:]
source = {{"path": lambda: path, "bytes": lambda: open(path, "rb"), "text": lambda: open(path)}}[kind]()
savez.loadtxt(io.BytesIO(b"1 2"))
before = peak()
array = savez.loadtxt(source)
assert read_by == {{"savez": 2}}
print(array.nbytes, peak() - before - array.nbytes)
"""


@pytest.mark.parametrize("kind", ["path", "bytes", "text"])
def test_tables(place, kind):
    """Also if lines get longer and comments stand between them, so that no guess at their number is right."""
    path = place / "table.txt"
    with open(path, "w") as file:
        file.write("1 2 3 4\n" * 1_000_000 + "0.333333333333333333 2 3 4\n" * 1_000_000 + "# c\n1 2 3 4\n" * 1_000_000)
    done = subprocess.run([sys.executable, "-c", TABLE, kind, path], capture_output=True, text=True, check=True)
    size, more = map(int, done.stdout.split())
    assert size == 96_000_000
    assert more < LITTLE


VERIFIED = PEAK + """
import savez
archive = savez.open(sys.argv[1])
before = peak()
archive.verify()
print(peak() - before)
"""


@pytest.mark.parametrize("writer", [savez.savez, savez.savez_compressed])
def test_verifying_takes_little_memory(writer, size, python, place):
    """Whether members are arrays or not."""
    writer(place / "x.npz", x=np.broadcast_to(np.uint8(1), size))
    with zipfile.ZipFile(place / "x.npz", "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("zeros", "w") as member:
            for _ in range(size >> 20):
                member.write(bytes(1 << 20))
    taken = int(python(VERIFIED, place / "x.npz"))
    print(f"{taken >> 20} MiB")
    assert taken < LITTLE
