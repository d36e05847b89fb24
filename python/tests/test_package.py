"""What the package promises beyond NumPy's own tests."""

import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import ml_dtypes
import numpy as np
import pytest

import savez

WRITERS = {
    "save": lambda file, array: savez.save(file, array),
    "savez": lambda file, array: savez.savez(file, x=array),
    "savez_compressed": lambda file, array: savez.savez_compressed(file, x=array),
}
EXTENSIONS = [
    name for name in dir(ml_dtypes) if isinstance(getattr(ml_dtypes, name), type) and name not in ("finfo", "iinfo")
]


def only(loaded):
    """The one array of what `load` gives."""
    return loaded if isinstance(loaded, np.ndarray) else loaded["x"]


def written(writer, array):
    file = io.BytesIO()
    WRITERS[writer](file, array)
    file.seek(0)
    return file


# ---- types -----------------------------------------------------------------------------------


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", EXTENSIONS)
def test_types_of_ml_dtypes_come_back(writer, name):
    dtype = np.dtype(getattr(ml_dtypes, name))
    array = np.frombuffer(bytes(range(1, 1 + 8 * dtype.itemsize)), np.uint8).view(dtype).reshape(2, 4)
    found = only(savez.load(written(writer, array)))
    assert found.dtype == dtype and found.shape == array.shape and found.tobytes() == array.tobytes()
    theirs = only(np.load(written(writer, array)))
    assert theirs.dtype == np.dtype(f"V{dtype.itemsize}") and theirs.tobytes() == array.tobytes()


def test_records_keep_the_types_of_ml_dtypes():
    array = np.zeros(3, [("a", ml_dtypes.bfloat16), ("b", "<i4", (2,)), ("c", ml_dtypes.float8_e5m2)])
    assert only(savez.load(written("savez", array))).dtype == array.dtype
    assert only(np.load(written("savez", array))).tobytes() == array.tobytes()


def test_importing_savez_imports_neither_jax_nor_ml_dtypes():
    code = "import sys, savez; print('jax' in sys.modules, 'ml_dtypes' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


SHARDED = """
import io, jax, jax.numpy as jnp, numpy as np, savez
from jax.sharding import NamedSharding, PartitionSpec as P
mesh = jax.make_mesh((4,), ("d",))
x = jax.device_put(jnp.arange(32.0, dtype=jnp.bfloat16).reshape(8, 4), NamedSharding(mesh, P("d")))
file = io.BytesIO()
savez.savez(file, x=x, r=jax.device_put(jnp.ones(3), NamedSharding(mesh, P())))
assert x._npy_value is None, "a host copy stayed on the array"
file.seek(0)
back = savez.load(file)
assert back["x"].dtype == x.dtype and (back["x"] == np.asarray(x)).all() and back["r"].tolist() == [1, 1, 1]
assert jnp.asarray(back["x"]).dtype == jnp.bfloat16
try:
    savez.save(io.BytesIO(), jax.random.key(0))
except TypeError as error:
    assert "key_data" in str(error)
else:
    raise AssertionError("typed keys were saved")
print("ok")
"""


def test_jax_arrays_on_several_devices():
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", SHARDED], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "ok", done.stderr


def test_masked_arrays_are_refused():
    masked = np.ma.masked_array([1, 2, 3], [False, True, False])
    for writer in WRITERS:
        with pytest.raises(NotImplementedError, match="mask"):
            written(writer, masked)


# ---- files -----------------------------------------------------------------------------------


def test_several_arrays_in_one_stream():
    file = io.BytesIO()
    savez.save(file, np.arange(3))
    savez.save(file, np.arange(2))
    file.seek(0)
    assert savez.load(file).tolist() == [0, 1, 2] and savez.load(file).tolist() == [0, 1]


@pytest.mark.parametrize("order", ["C", "F", "strided", "big-endian"])
def test_every_kind_of_file(order, tmp_path):
    array = np.arange(24.0).reshape(4, 6)
    array = {"C": array, "F": np.asfortranarray(array), "strided": array[::2, ::-1], "big-endian": array.astype(">f8")}[order]
    path = tmp_path / "x.npy"
    with open(path, "wb") as file:
        savez.save(file, array)
    with open(tmp_path / "raw.npy", "wb", buffering=0) as file:
        savez.save(file, array)
    savez.save(tmp_path / "named", array)
    expected = io.BytesIO()
    np.save(expected, array)
    for name in ("x.npy", "raw.npy", "named.npy"):
        assert (tmp_path / name).read_bytes() == expected.getvalue()
    assert savez.load(os.fsencode(path)).tolist() == array.tolist()
    assert savez.load(str(path)).dtype == array.dtype


def test_pipes_and_sockets():
    read, write = os.pipe()
    with open(write, "wb") as file:
        savez.savez(file, x=np.arange(5))
    with open(read, "rb") as file:
        assert savez.load(file)["x"].tolist() == [0, 1, 2, 3, 4]
    ours, theirs = socket.socketpair()
    with ours.makefile("wb") as file:
        savez.save(file, np.arange(4))
    ours.close()
    with theirs.makefile("rb") as file:
        assert savez.load(file).tolist() == [0, 1, 2, 3]
    theirs.close()


def test_an_object_that_only_writes():
    class Sink:
        def __init__(self):
            self.pieces = []

        def write(self, piece):
            self.pieces.append(piece)

    sink = Sink()
    savez.savez(sink, x=np.arange(1000))
    assert np.load(io.BytesIO(b"".join(sink.pieces)))["x"].sum() == 499500


def test_an_archive_behind_other_bytes(tmp_path):
    with open(tmp_path / "x", "w+b") as file:
        file.write(b"prefix")
        savez.savez(file, x=np.arange(3))
        file.seek(6)
        assert savez.load(file)["x"].tolist() == [0, 1, 2]
        assert zipfile.ZipFile(file).testzip() is None


# ---- archives --------------------------------------------------------------------------------


def test_mapped_arrays_are_not_read(tmp_path):
    for module in (savez, np):
        module.savez(tmp_path / "x.npz", a=np.arange(6).reshape(2, 3), f=np.asfortranarray(np.eye(3)))
        mapped = savez.load(tmp_path / "x.npz", mmap_mode="r")
        assert type(mapped["a"]) is np.memmap and mapped["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
        assert mapped["f"].flags.f_contiguous and not mapped["a"].flags.writeable
        assert savez.load(tmp_path / "x.npz", mmap_mode="c")["a"].flags.writeable
    before = (tmp_path / "x.npz").read_bytes()
    for mode in ("r+", "w+", "nonsense"):
        with pytest.raises(ValueError):
            savez.load(tmp_path / "x.npz", mmap_mode=mode)
    savez.savez_compressed(tmp_path / "c.npz", a=np.arange(3))
    assert savez.load(tmp_path / "c.npz", mmap_mode="r")["a"].tolist() == [0, 1, 2]
    assert (tmp_path / "x.npz").read_bytes() == before


def test_w_plus_does_not_empty_an_npy_file(tmp_path):
    savez.save(tmp_path / "x.npy", np.arange(3))
    with pytest.raises(ValueError, match="open_memmap"):
        savez.load(tmp_path / "x.npy", mmap_mode="w+")
    assert savez.load(tmp_path / "x.npy").tolist() == [0, 1, 2]


@pytest.mark.parametrize("shape", [3, np.int64(3), [3], (np.int64(3),)])
def test_shapes_of_any_integers(shape, tmp_path):
    array = savez.format.open_memmap(tmp_path / "x.npy", "w+", dtype="<i4", shape=shape)
    array[:] = [1, 2, 3]
    array.flush()
    assert np.load(tmp_path / "x.npy").tolist() == [1, 2, 3]


def test_damage_is_seen_with_bytes_behind_the_array():
    body = io.BytesIO()
    np.save(body, np.arange(10))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", body.getvalue() + bytes(10_000))
    damaged = bytearray(file.getvalue())
    damaged[damaged.index(b"\x93NUMPY") + 130] ^= 1
    assert np.load(io.BytesIO(damaged))["x"].shape == (10,)
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        savez.load(io.BytesIO(damaged))["x"]


def test_a_handle_is_pickled(tmp_path):
    savez.savez(tmp_path / "x.npz", x=np.arange(3))
    with savez.load(tmp_path / "x.npz") as data:
        assert pickle.loads(pickle.dumps(data))["x"].tolist() == [0, 1, 2]
    assert pickle.loads(pickle.dumps(savez.load)) is savez.load


def test_a_handle_reads_what_it_opened(tmp_path):
    savez.savez(tmp_path / "x.npz", x=np.arange(3))
    with savez.load(tmp_path / "x.npz") as data:
        savez.savez(tmp_path / "x.npz", x=np.ones(1000))
        assert data["x"].tolist() == [0, 1, 2]


@pytest.fixture
def many(tmp_path):
    arrays = {f"a{i}": np.full(1000 + i, i) for i in range(10)}
    savez.savez(tmp_path / "many.npz", **arrays)
    return savez.load(tmp_path / "many.npz"), arrays


def read_at_random(data, arrays, seed):
    for i in np.random.default_rng(seed).integers(0, 10, 1000):
        assert np.array_equal(data[f"a{i}"], arrays[f"a{i}"])


def test_threads_share_a_handle(many):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda seed: read_at_random(*many, seed), range(8)))


def test_forked_processes_share_a_handle(many):
    children = []
    for seed in range(8):
        child = os.fork()
        if child == 0:
            try:
                read_at_random(*many, seed)
                os._exit(0)
            except BaseException:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8


def test_threads_share_a_file_object():
    file = io.BytesIO()
    arrays = {f"a{i}": np.full(100 + i, i) for i in range(10)}
    savez.savez(file, **arrays)
    file.seek(0)
    data = savez.load(file)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda seed: read_at_random(data, arrays, seed), range(8)))


# ---- nothing is lost -------------------------------------------------------------------------


def test_an_error_leaves_the_old_file(tmp_path):
    savez.savez(tmp_path / "x.npz", x=np.arange(3))

    def arrays():
        yield "a", np.ones(1000)
        raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        savez.write(tmp_path / "x.npz", arrays())
    assert savez.load(tmp_path / "x.npz")["x"].tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == ["x.npz"]


def test_interrupts_end_a_long_save_at_once(tmp_path):
    path = tmp_path / "x.npz"
    savez.savez(path, x=np.arange(3))
    array = np.random.default_rng(0).integers(0, 255, 200_000_000, np.uint8)
    sent = []

    def interrupt():
        time.sleep(0.3)
        sent.append(time.perf_counter())
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        savez.savez_compressed(path, x=array)
    assert time.perf_counter() - sent[0] < 1
    assert savez.load(path)["x"].tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == ["x.npz"]


def test_progress_adds_up(tmp_path):
    told = []
    savez.write(tmp_path / "x.npz", {"x": np.zeros(50_000_000, np.uint8)}, compression="deflate", progress=told.append)
    assert 0 < sum(told) <= 50_000_000 + 128
    with pytest.raises(ZeroDivisionError):
        savez.write(
            tmp_path / "x.npz", {"x": np.zeros(50_000_000, np.uint8)}, compression="deflate", progress=lambda n: 1 // 0
        )


PEAK = """
import resource, sys, numpy as np, savez
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
kind, path = sys.argv[1:]
array = np.ones((4096, 8192))
array = {"C": array, "F": array.T, "strided": array[:, ::2], "big-endian": array.view(">f8")}[kind]
before = peak()
savez.savez(path, x=array)
saved = peak() - before
size = array.nbytes >> 20
del array
print(saved, size)
"""


@pytest.mark.parametrize("kind", ["C", "F", "strided", "big-endian"])
def test_saving_takes_little_memory(kind, tmp_path):
    done = subprocess.check_output([sys.executable, "-c", PEAK, kind, tmp_path / "x.npz"], text=True)
    assert int(done.split()[0]) < 64, done


def test_loading_takes_little_memory(tmp_path):
    savez.savez(tmp_path / "x.npz", x=np.ones(1 << 25))
    code = (
        "import resource, sys, numpy, savez\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak(); x = savez.load(sys.argv[1])['x']; print(peak() - before - (x.nbytes >> 20))"
    )
    assert int(subprocess.check_output([sys.executable, "-c", code, tmp_path / "x.npz"])) < 64


# ---- options ---------------------------------------------------------------------------------


def test_layout_numpy_is_what_savez_writes():
    ours, theirs = io.BytesIO(), io.BytesIO()
    arrays = {"x": np.arange(3), "é": np.eye(2)}
    savez.write(ours, arrays, layout="numpy")
    np.savez(theirs, **arrays)
    assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize("wrong", [{"compression": "rar"}, {"layout": "x"}, {"level": 3}, {"compression": "deflate", "level": 10}])
def test_wrong_options_are_refused(wrong):
    with pytest.raises(ValueError):
        savez.write(io.BytesIO(), {}, **wrong)


def test_every_public_name_is_there():
    assert all(hasattr(savez, name) for name in savez.__all__)
    assert all(hasattr(savez.format, name) for name in savez.format.__all__)


def test_examples_in_docstrings():
    import doctest

    from savez import _load, _patch, _save

    for module in (_load, _patch, _save):
        failed, tried = doctest.testmod(module)
        assert failed == 0 and tried > 0
