"""Nothing is lost, nothing is wrong without a word: writing, checksums, masks, mapping, sharing."""

import io
import os
import stat
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import savez

OLD = np.arange(3)


def extension(writer):
    return ".npy" if writer == "save" else ".npz"


def write(writer, file, array, **options):
    if writer == "save":
        savez.save(file, array, **options)
    else:
        getattr(savez, writer)(file, x=array, **options)


def only(loaded):
    return loaded if isinstance(loaded, np.ndarray) else loaded["x"]


@pytest.fixture
def old(writer, tmp_path):
    """A file with `OLD` in it, alone in its directory."""
    path = tmp_path / "alone" / f"x{extension(writer)}"
    path.parent.mkdir()
    write(writer, path, OLD)
    return path


def untouched(path):
    return os.listdir(path.parent) == [path.name] and only(savez.load(path)).tolist() == OLD.tolist()


# ---- replacing -------------------------------------------------------------------------------


def test_a_file_is_replaced_when_the_new_one_is_whole(writer, old):
    reader = open(old, "rb")
    before = old.read_bytes()
    write(writer, old, np.eye(2))
    assert only(savez.load(old)).shape == (2, 2) and os.listdir(old.parent) == [old.name]
    with reader:
        assert reader.read() == before


@pytest.mark.parametrize("wrong", [[[1], [1, 2]], np.ma.masked_array([1, 2], [0, 1]), np.array([lambda: 1])])
def test_what_cannot_be_saved_leaves_the_old_file(wrong, writer, old):
    with pytest.raises(Exception):
        write(writer, old, wrong)
    assert untouched(old)


@pytest.mark.parametrize("name", ["savez", "savez_compressed"])
def test_a_failure_in_a_later_array_leaves_the_old_file(name, tmp_path):
    savez.savez(tmp_path / "x.npz", x=OLD)

    class Lazy:
        def __array__(self, dtype=None, copy=None):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        getattr(savez, name)(tmp_path / "x.npz", a=np.ones(100_000), b=Lazy())
    assert untouched(tmp_path / "x.npz")


@pytest.mark.parametrize("raised", [KeyError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_a_generator_that_raises_leaves_the_old_file(raised, tmp_path):
    savez.savez(tmp_path / "x.npz", x=OLD)

    def arrays():
        yield "a", np.ones(100_000)
        assert len(os.listdir(tmp_path)) == 2  # the new file is there, by another name
        raise raised("mine")

    with pytest.raises(raised):
        savez.write(tmp_path / "x.npz", arrays())
    assert untouched(tmp_path / "x.npz")


def test_without_atomic_the_file_is_written_in_place(tmp_path):
    savez.savez(tmp_path / "x.npz", x=OLD)
    os.link(tmp_path / "x.npz", tmp_path / "y.npz")
    savez.write(tmp_path / "x.npz", {"x": np.eye(2)}, atomic=False)
    assert savez.load(tmp_path / "y.npz")["x"].shape == (2, 2)
    savez.write(tmp_path / "x.npz", {"x": OLD})
    assert savez.load(tmp_path / "y.npz")["x"].shape == (2, 2)


def test_no_new_file_appears_after_a_failure(writer, tmp_path):
    with pytest.raises(ValueError):
        write(writer, tmp_path / "x", [[1], [1, 2]])
    assert os.listdir(tmp_path) == []


def test_a_link_still_links_to_the_new_file(writer, old, tmp_path):
    link = tmp_path / f"link{extension(writer)}"
    link.symlink_to(old)
    write(writer, link, np.eye(2))
    assert link.is_symlink() and only(savez.load(old)).shape == (2, 2)


def test_a_new_file_has_the_mode_that_others_have(writer, tmp_path):
    (tmp_path / "other").touch()
    write(writer, tmp_path / f"x{extension(writer)}", OLD)
    assert (tmp_path / f"x{extension(writer)}").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_replaced_file_keeps_its_mode(writer, old):
    old.chmod(0o640)
    write(writer, old, OLD)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_durable_changes_nothing_that_can_be_seen(tmp_path):
    savez.write(tmp_path / "x.npz", {"x": OLD}, durable=True)
    assert untouched(tmp_path / "x.npz")


INTERRUPTED = """
import os, signal, sys, threading, time
import numpy as np, savez
writer, path = sys.argv[1:]
array = np.arange(40_000_000)
sent = []
def interrupt():
    time.sleep(0.05)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    getattr(savez, writer)(path, array)
except KeyboardInterrupt:
    print(time.perf_counter() - sent[0])
"""


def test_an_interrupt_ends_a_long_save_and_leaves_the_old_file(writer, old, python):
    assert float(python(INTERRUPTED, writer, old)) < 0.5
    assert os.listdir(old.parent) == [old.name]
    assert savez.load(old)["x"].tolist() == OLD.tolist() if writer != "save" else untouched(old)


INTERRUPTED_READ = """
import os, signal, sys, threading, time
import savez
def interrupt():
    time.sleep(0.02)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
sent = []
data = savez.load(sys.argv[1])
archive = savez.open(sys.argv[1])
act = {"load": lambda: data["x"], "verify": archive.verify}[sys.argv[2]]
threading.Thread(target=interrupt).start()
try:
    act()
except KeyboardInterrupt:
    print(time.perf_counter() - sent[0])
"""


def test_an_interrupt_ends_a_long_load(python, tmp_path):
    savez.savez_compressed(tmp_path / "x.npz", x=np.zeros(400_000_000, np.uint8))
    assert float(python(INTERRUPTED_READ, tmp_path / "x.npz", "load")) < 0.5


def test_an_interrupt_ends_a_long_verify(python, tmp_path):
    savez.savez_compressed(tmp_path / "x.npz", x=np.broadcast_to(np.uint8(0), 3_000_000_000))
    assert float(python(INTERRUPTED_READ, tmp_path / "x.npz", "verify")) < 0.5


NO_ROOM = """
import resource, sys
import numpy as np, savez
writer, path, kind = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
array = np.random.default_rng(0).random(100_000)
file = {"name": lambda: path, "open": lambda: open(path + ".new", "wb"), "raw": lambda: open(path + ".new", "wb", 0)}[kind]()
try:
    getattr(savez, writer)(file, array)
    if kind != "name":
        file.close()
except OSError as error:
    print(error.errno, error.filename)
"""


def test_no_room_is_an_os_error_and_leaves_the_old_file(writer, old, python):
    number, name = python(NO_ROOM, writer, old, "name").split()
    assert int(number) == 27 and name == str(old)
    assert untouched(old)


@pytest.mark.parametrize("kind", ["open", "raw"])
def test_no_room_in_a_file_object_is_an_os_error(writer, kind, old, python):
    assert python(NO_ROOM, writer, old, kind).split()[0] == "27"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_device_is_an_os_error(writer):
    for buffering in (-1, 0):
        with pytest.raises(OSError, match="No space left"):
            with open("/dev/full", "wb", buffering) as file:
                write(writer, file, np.ones(100_000))


# ---- checksums -------------------------------------------------------------------------------


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def packed(method, **members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return bytearray(file.getvalue())


@pytest.mark.parametrize("trailing", [0, 1, 4999, 5000, 100_000])
@pytest.mark.parametrize("place", ["first", "last", "trailing"])
def test_every_damaged_byte_is_seen_whatever_is_behind_the_array(trailing, place, tmp_path):
    array = np.arange(1000.0) + 0.1
    data = packed(zipfile.ZIP_STORED, x=npy(array) + b"t" * trailing, y=npy(array))
    start = data.index(array.tobytes())
    spot = start + {"first": 0, "last": array.nbytes - 1, "trailing": array.nbytes + trailing - 1}[place]
    data[spot] ^= 1
    (tmp_path / "x.npz").write_bytes(data)
    for source in (tmp_path / "x.npz", io.BytesIO(data)):
        with savez.load(source) as archive:
            with pytest.raises(zipfile.BadZipFile, match="CRC"):
                archive["x"]
            assert np.array_equal(archive["y"], array)


def test_damage_in_a_compressed_member_is_seen():
    array = np.random.default_rng(0).random(1000)
    whole = packed(zipfile.ZIP_DEFLATED, x=npy(array))
    for spot in range(300, len(whole) - 200, 97):
        data = whole.copy()
        data[spot] ^= 1
        with pytest.raises((zipfile.BadZipFile, ValueError)):
            savez.load(io.BytesIO(data))["x"]


def test_damage_is_seen_in_bytes_and_in_objects():
    data = packed(zipfile.ZIP_STORED, x=b"some text", y=npy(np.array(["text in an object"], object)))
    for text in (b"some text", b"text in an"):
        data[data.index(text)] ^= 1
    archive = savez.load(io.BytesIO(data), allow_pickle=True)
    for name in archive:
        with pytest.raises(zipfile.BadZipFile, match="CRC"):
            archive[name]


# ---- masks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [[False, True, False], np.ma.nomask])
def test_masked_arrays_are_refused_as_numpys_save_does(mask, writer, tmp_path):
    masked = np.ma.masked_array([1, 2, 3], mask)
    for file in (io.BytesIO(), tmp_path / "x"):
        with pytest.raises(NotImplementedError, match=r"MaskedArray.tofile\(\) not implemented yet") as raised:
            write(writer, file, masked)
        assert "getmaskarray" in str(raised.value)
    assert os.listdir(tmp_path) == []
    with open(tmp_path / "y", "wb") as file:
        with pytest.raises(NotImplementedError, match=r"MaskedArray.tofile\(\) not implemented yet"):
            np.save(file, masked)


# ---- mapping ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [np, savez])
@pytest.mark.parametrize("mode", ["r", "c", "readonly", "copyonwrite"])
def test_stored_members_are_mapped(by, mode, tmp_path):
    path = tmp_path / "x.npz"
    arrays = {
        "c": np.arange(6).reshape(2, 3),
        "f": np.asfortranarray(np.eye(3)),
        "e": np.arange(4, dtype=">i2"),
        "s": np.zeros(2, [("a", "i1"), ("b", "f8")]),
        "o": np.array(5),
    }
    by.savez(path, **arrays)
    before = path.read_bytes()
    with savez.load(path, mmap_mode=mode) as data:
        for name, array in arrays.items():
            found = data[name]
            assert type(found) is np.memmap and found.mode == mode[0]
            assert (found.dtype, found.shape) == (array.dtype, array.shape) and found.tolist() == array.tolist()
            assert found.flags.f_contiguous == array.flags.f_contiguous
            assert found.flags.writeable == (mode[0] == "c")
            assert before[found.offset : found.offset + found.nbytes] == array.tobytes("A")
            if by is savez:
                assert found.offset % 64 == 0 and found.flags.aligned
            with open(path, "rb") as file:
                order = "F" if array.flags.fnc else "C"
                numpys = np.memmap(file, array.dtype, mode, found.offset, array.shape, order)
            assert vars(found).keys() == vars(numpys).keys() and type(found._mmap) is type(numpys._mmap)
            assert (found.filename, found.mode, found.offset) == (numpys.filename, numpys.mode, numpys.offset)
            assert found.strides == numpys.strides and found.base is found._mmap
            part = found[...]
            assert type(part) is np.memmap and part.filename == os.fspath(path) and part._mmap is found._mmap
        kept = data["c"]
    if mode[0] == "c":
        kept[...] = 7
    assert path.read_bytes() == before
    assert kept[1].tolist() == ([7, 7, 7] if mode[0] == "c" else [3, 4, 5])


def test_mapping_sees_what_the_file_holds_and_no_copy(tmp_path):
    savez.savez(tmp_path / "x.npz", x=OLD)
    with savez.load(tmp_path / "x.npz", mmap_mode="r") as data:
        mapped = data["x"]
        with open(tmp_path / "x.npz", "r+b") as file:
            file.seek(mapped.offset)
            file.write(np.int64(9).tobytes())
        assert mapped.tolist() == [9, 1, 2]


def test_arrays_of_an_archive_are_mapped_by_one_descriptor(tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    names = [f"a{number}" for number in range(200)]
    savez.savez(tmp_path / "x.npz", **{name: np.array([number]) for number, name in enumerate(names)})
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
        with savez.load(tmp_path / "x.npz", mmap_mode="r") as data:
            mapped = dict(data)
        with savez.open(tmp_path / "x.npz") as archive:
            lazily = [archive[name].memmap() for name in names]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert list(mapped) == names
    assert np.concatenate(list(mapped.values())).tolist() == list(range(len(names)))
    assert np.concatenate(lazily).tolist() == list(range(len(names)))


def test_arrays_to_write_to_share_nothing(tmp_path):
    savez.savez(tmp_path / "x.npz", x=OLD)
    with savez.load(tmp_path / "x.npz", mmap_mode="c") as data:
        data["x"][...] = 7
        first, second = data["x"], data["x"]
        first[0] = 8
        assert second.tolist() == OLD.tolist()


def test_mapping_a_file_that_was_cut_short_is_an_error(tmp_path):
    savez.savez(tmp_path / "x.npz", x=np.zeros(1 << 16), y=np.zeros(1 << 16))
    with savez.load(tmp_path / "x.npz", mmap_mode="r") as data:
        os.truncate(tmp_path / "x.npz", 700_000)
        assert not data["x"].any()
        with pytest.raises(ValueError, match="mmap length is greater than file size"):
            data["y"]


def test_arrays_are_mapped_where_there_is_no_room_for_the_file(tmp_path, python):
    savez.savez(tmp_path / "x.npz", small=OLD, large=np.zeros(1 << 24))
    code = """
import resource, sys, numpy as np, savez
taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + (64 << 20),) * 2)
small = savez.load(sys.argv[1], mmap_mode="r")["small"]
print(type(small).__name__, small.tolist())
"""
    assert python(code, tmp_path / "x.npz").split() == f"memmap {OLD.tolist()}".split()


def test_what_cannot_be_mapped_is_read(tmp_path):
    savez.savez_compressed(tmp_path / "x.npz", x=OLD)
    found = savez.load(tmp_path / "x.npz", mmap_mode="r")["x"]
    assert type(found) is np.ndarray and found.flags.writeable and found.tolist() == OLD.tolist()
    savez.savez(tmp_path / "y.npz", x=np.array([None]), e=np.zeros((0, 3)), t=np.zeros(3, "U0"))
    with savez.load(tmp_path / "y.npz", mmap_mode="r", allow_pickle=True) as data:
        assert data["x"].tolist() == [None] and data["e"].shape == (0, 3) and data["t"].tolist() == [""] * 3
    file = io.BytesIO((tmp_path / "y.npz").read_bytes())
    assert savez.load(file, mmap_mode="r")["e"].shape == (0, 3)


@pytest.mark.parametrize("name", ["savez", "savez_compressed", "numpy"])
@pytest.mark.parametrize("mode", ["r+", "w+", "readwrite", "write", "w", "nonsense"])
def test_modes_that_write_are_refused_of_archives_before_anything_happens(name, mode, tmp_path):
    {"numpy": np.savez}.get(name, getattr(savez, name, None))(tmp_path / "x.npz", x=OLD)
    before = (tmp_path / "x.npz").read_bytes()
    with pytest.raises(ValueError, match="'r' and 'c' are possible"):
        savez.load(tmp_path / "x.npz", mmap_mode=mode)
    assert (tmp_path / "x.npz").read_bytes() == before


@pytest.mark.parametrize("mode", ["w+", "write", "w", "nonsense", "writeonly"])
def test_modes_that_would_empty_an_npy_file_are_refused_before_anything_happens(mode, tmp_path):
    savez.save(tmp_path / "x.npy", OLD)
    with pytest.raises(ValueError, match="mode"):
        savez.load(tmp_path / "x.npy", mmap_mode=mode)
    assert untouched(tmp_path / "x.npy")


@pytest.mark.parametrize("mode", ["r", "readonly", "r+", "readwrite", "c", "copyonwrite"])
def test_npy_files_are_mapped(mode, tmp_path):
    path = tmp_path / "x.npy"
    for array in (OLD, np.asfortranarray(np.eye(2)), np.array(5), np.arange(3, dtype=">f4")):
        np.save(path, array)
        found = savez.load(path, mmap_mode=mode)
        assert type(found) is np.memmap and found.tolist() == array.tolist() and found.offset == 128
        if mode.startswith("r"):
            assert found.flags.writeable == ("w" in mode or "+" in mode)
        if found.flags.writeable:
            found[...] = 7
            found.flush()
            changed = mode not in ("c", "copyonwrite")
            assert np.load(path).tolist() == (np.full(array.shape, 7) if changed else array).tolist()


def test_an_empty_mode_does_not_map(tmp_path):
    savez.save(tmp_path / "x.npy", OLD)
    savez.savez(tmp_path / "x.npz", x=OLD)
    assert type(savez.load(tmp_path / "x.npy", mmap_mode="")) is np.ndarray
    assert type(savez.load(tmp_path / "x.npz", mmap_mode="")["x"]) is np.ndarray


def test_open_files_and_objects_are_not_mapped(tmp_path):
    savez.save(tmp_path / "x.npy", OLD)
    with open(tmp_path / "x.npy", "rb") as file:
        with pytest.raises(ValueError, match="Memmap cannot use existing file handles"):
            savez.load(file, mmap_mode="r")
    savez.save(tmp_path / "o.npy", np.array([None]))
    with pytest.raises(ValueError, match="Array can't be memory-mapped: Python objects in dtype"):
        savez.load(tmp_path / "o.npy", mmap_mode="r", allow_pickle=True)
    with pytest.raises(ValueError, match="Array can't be memory-mapped: Python objects in dtype"):
        savez.format.open_memmap(tmp_path / "n.npy", "w+", dtype="O", shape=3)
    assert not (tmp_path / "n.npy").exists()


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_file_cut_short_is_not_mapped_and_does_not_grow(mode, tmp_path):
    savez.save(tmp_path / "x.npy", OLD)
    cut = (tmp_path / "x.npy").read_bytes()[:-1]
    (tmp_path / "x.npy").write_bytes(cut)
    with pytest.raises(ValueError, match="mmap length is greater than file size"):
        savez.load(tmp_path / "x.npy", mmap_mode=mode)
    assert (tmp_path / "x.npy").read_bytes() == cut


@pytest.mark.parametrize("shape", [6, np.int64(6), [2, 3], (np.int32(2), np.uint8(3)), np.array([2, 3]), (6,), ()])
def test_open_memmap_takes_shapes_of_any_integers(shape, tmp_path):
    mapped = savez.format.open_memmap(tmp_path / "x.npy", "w+", dtype="<i4", shape=shape)
    expected = np.zeros(shape, "<i4")
    expected.flat = mapped.flat = range(expected.size)
    mapped.flush()
    for load in (np.load, savez.load):
        assert load(tmp_path / "x.npy").tolist() == expected.tolist()
    again = savez.format.open_memmap(tmp_path / "x.npy")
    assert again.mode == "r+" and again.shape == expected.shape


@pytest.mark.parametrize("shape", [None, 1.5, (1.5,), "3", (2, -1)])
def test_open_memmap_refuses_other_shapes_before_there_is_a_file(shape, tmp_path):
    with pytest.raises((TypeError, ValueError, OverflowError)):
        savez.format.open_memmap(tmp_path / "x.npy", "w+", dtype="<i4", shape=shape)
    assert os.listdir(tmp_path) == []


# ---- sharing ---------------------------------------------------------------------------------

ARRAYS = {f"a{i}": np.full(100 + 50 * i, i) for i in range(10)}


@pytest.fixture(params=["savez", "savez_compressed", "numpy"])
def shared(request, tmp_path):
    """One open handle."""
    path = tmp_path / "shared.npz"
    {"numpy": np.savez}.get(request.param, getattr(savez, request.param, None))(path, **ARRAYS)
    with savez.load(path) as data:
        yield data


def read_1000_times(data, seed):
    for i in np.random.default_rng(seed).integers(0, len(ARRAYS), 1000):
        name = f"a{i}"
        assert np.array_equal(data[name], ARRAYS[name])


def test_threads_share_a_handle(shared):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda seed: read_1000_times(shared, seed), range(8)))


# In an interpreter of its own: whoever forks must not have threads, and other tests start JAX.
FORKED = """
import multiprocessing, os, sys
import numpy as np, savez
kind, path = sys.argv[1:]
data = savez.load(path)
def read_1000_times(seed):
    code = 1
    try:
        for i in np.random.default_rng(seed).integers(0, len(data), 1000):
            assert np.array_equal(data[f"a{i}"], np.full(100 + 50 * i, i))
        code = 0
    finally:
        os._exit(code)
if kind == "os.fork":
    children = []
    for seed in range(8):
        child = os.fork()
        if child == 0:
            read_1000_times(seed)
        children.append(child)
    print(*(os.waitpid(child, 0)[1] for child in children))
else:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=read_1000_times, args=(seed,)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(*(worker.exitcode for worker in workers))
"""


@pytest.mark.parametrize("kind", ["os.fork", "multiprocessing"])
def test_forked_processes_share_a_handle(kind, shared, python):
    assert python(FORKED, kind, shared.fid.name).split() == ["0"] * 8


@pytest.mark.parametrize("kind", ["open", "w+b", "BytesIO"])
def test_threads_share_a_file_object(kind, tmp_path):
    savez.savez(tmp_path / "x.npz", **ARRAYS)
    content = (tmp_path / "x.npz").read_bytes()
    file = {
        "open": lambda: open(tmp_path / "x.npz", "rb"),
        "w+b": lambda: open(tmp_path / "x.npz", "r+b"),
        "BytesIO": lambda: io.BytesIO(content),
    }[kind]()
    with file, savez.load(file) as data, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda seed: read_1000_times(data, seed), range(8)))


def test_closing_while_others_read_ends_them_with_numpys_error(tmp_path):
    savez.savez(tmp_path / "x.npz", **ARRAYS)
    data = savez.load(tmp_path / "x.npz")
    seen, started = [], threading.Barrier(5)

    def read():
        started.wait()
        try:
            for _ in range(10**9):
                read_1000_times(data, 0)
        except BaseException as error:
            seen.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    data.close()
    for thread in threads:
        thread.join(10)
    assert seen == [AttributeError] * 4


@pytest.mark.parametrize("by", [np, savez])
def test_a_handle_survives_the_replacement_of_its_file(by, tmp_path):
    by.savez(tmp_path / "x.npz", **ARRAYS)
    with savez.load(tmp_path / "x.npz") as data, savez.load(tmp_path / "x.npz", mmap_mode="r") as mapped:
        savez.savez(tmp_path / "x.npz", other=np.zeros(100_000))
        read_1000_times(data, 0)
        read_1000_times(mapped, 0)
        (tmp_path / "x.npz").unlink()
        read_1000_times(data, 1)
        read_1000_times(mapped, 1)
