"""Beyond 4 GiB and beyond 65,535 members, where ZIP64 records take over. Run with `-m large`."""

import numpy as np
import pytest

from . import npz

pytestmark = pytest.mark.large

GIB = 1 << 30


def sparse_npy(path, count):
    """An .npy file of bytes, all 0 but for the last, that takes no space on the disk."""
    array = np.lib.format.open_memmap(path, "w+", "u1", (count,))
    array[-1] = 7
    array.flush()
    return path


def assert_last_is_7(path, count):
    array = np.load(path, mmap_mode="r")
    assert array.shape == (count,) and array[-1] == 7 and array[0] == 0


@pytest.fixture
def directory(tmp_path):
    """A directory that is emptied even when a test fails."""
    yield tmp_path
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.unlink()


def test_numpy_writes_a_member_over_4_gib(directory):
    count = 4 * GIB + 100
    big = np.load(sparse_npy(directory / "big.npy", count), mmap_mode="r")
    np.savez(directory / "x.npz", big=big, small=np.arange(3))
    del big
    (directory / "big.npy").unlink()
    listed = npz.members(directory / "x.npz")
    assert listed["big"]["nbytes"] == count and listed["big"]["shape"] == [count]
    assert npz.ok("cat", directory / "x.npz", "big", "-s", "-3:", "--raw") == b"\0\0\7"
    assert npz.ok("cat", directory / "x.npz", "small", "--npy") == npz.npy_bytes(np.arange(3))
    npz.ok("extract", directory / "x.npz", "-o", directory / "out", "big", timeout=600)
    assert_last_is_7(directory / "out" / "big.npy", count)


@pytest.mark.parametrize("options", [[], ["--layout", "numpy"], ["--compress"]], ids=" ".join)
def test_npz_writes_a_member_over_4_gib(options, directory):
    count = 4 * GIB + 100
    big = sparse_npy(directory / "big.npy", count)
    np.save(directory / "small.npy", np.arange(3))
    out = directory / "out.npz"
    npz.ok("pack", *options, out, f"big={big}", f"small={directory}/small.npy", timeout=600)
    big.unlink()
    with np.load(out) as archive:
        assert np.array_equal(archive["small"], np.arange(3))
        found = archive["big"]
        assert found.shape == (count,) and found[-1] == 7 and not found[:-1].any()
    assert npz.ok("cat", out, "big", "-s", "-3:", "--raw", timeout=600) == b"\0\0\7"


def test_layout_numpy_over_4_gib_is_what_savez_writes(directory):
    count = 4 * GIB + 100
    big = sparse_npy(directory / "big.npy", count)
    np.save(directory / "small.npy", np.arange(3))
    np.savez(directory / "x.npz", big=np.load(big, mmap_mode="r"), small=np.arange(3))
    pairs = [f"big={big}", f"small={directory}/small.npy"]
    npz.ok("pack", "--layout", "numpy", directory / "y.npz", *pairs, timeout=600)
    assert_same_files(directory / "x.npz", directory / "y.npz")


def assert_same_files(one, two):
    assert one.stat().st_size == two.stat().st_size
    with open(one, "rb") as a, open(two, "rb") as b:
        while block := a.read(64 << 20):
            assert block == b.read(64 << 20)


def nine_halves(directory):
    """Nine members of half a GiB and a small one behind them."""
    half = sparse_npy(directory / "half.npy", GIB // 2)
    np.save(directory / "small.npy", np.arange(3))
    return {f"h{i}": half for i in range(9)} | {"small": directory / "small.npy"}


def test_numpy_writes_an_archive_over_4_gib(directory):
    files = nine_halves(directory)
    np.savez(directory / "x.npz", **{name: np.load(file, mmap_mode="r") for name, file in files.items()})
    assert list(npz.members(directory / "x.npz")) == list(files)
    assert npz.ok("cat", directory / "x.npz", "h8", "-s", "-3:", "--raw") == b"\0\0\7"
    assert npz.ok("cat", directory / "x.npz", "small", "--npy") == npz.npy_bytes(np.arange(3))
    pairs = [f"{name}={file}" for name, file in files.items()]
    npz.ok("pack", "--layout", "numpy", directory / "y.npz", *pairs, timeout=600)
    assert_same_files(directory / "x.npz", directory / "y.npz")


def test_npz_writes_an_archive_over_4_gib(directory):
    files = nine_halves(directory)
    out = directory / "out.npz"
    npz.ok("pack", out, *(f"{name}={file}" for name, file in files.items()), timeout=600)
    with np.load(out) as archive:
        assert archive.files == list(files)
        assert np.array_equal(archive["small"], np.arange(3))
        assert archive["h8"][-1] == 7


def test_numpy_writes_70_000_members(tmp_path):
    np.savez(tmp_path / "x.npz", **{f"a{i}": np.int64(i) for i in range(70_000)})
    listed = npz.members(tmp_path / "x.npz")
    assert list(listed) == [f"a{i}" for i in range(70_000)]
    for i in (0, 65_534, 65_535, 65_536, 69_999):
        assert npz.ok("show", tmp_path / "x.npz", f"a{i}") == f"{i}\n".encode()
    assert len(npz.extract(tmp_path / "x.npz", tmp_path / "out")) == 70_000


@pytest.mark.parametrize("options", [[], ["--layout", "numpy"], ["--compress"]], ids=" ".join)
def test_npz_writes_70_000_members(options, tmp_path):
    np.save(tmp_path / "x.npy", np.arange(3))
    names = [f"a{i}" for i in range(70_000)]
    npz.ok("pack", *options, "out.npz", *(f"{name}=x.npy" for name in names), cwd=tmp_path)
    with np.load(tmp_path / "out.npz") as archive:
        assert archive.files == names
        assert np.array_equal(archive["a69999"], np.arange(3))
    npz.assert_unpacks(tmp_path / "out.npz")
    if options == ["--layout", "numpy"]:
        np.savez(tmp_path / "x.npz", **{name: np.arange(3) for name in names})
        assert_same_files(tmp_path / "x.npz", tmp_path / "out.npz")
