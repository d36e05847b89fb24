"""`append`: only what is new is written, and until all of it is there the archive reads as it did."""

import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import savez

OLD = {"a": np.arange(3), "b": np.eye(2)}


@pytest.fixture
def path(tmp_path):
    np.savez(tmp_path / "x.npz", **OLD)
    return tmp_path / "x.npz"


def arrays_of(path):
    with np.load(path) as archive, zipfile.ZipFile(path) as zip:
        assert zip.testzip() is None
        return {name: archive[name] for name in archive}


def is_old(path):
    found = arrays_of(path)
    return list(found) == list(OLD) and all(np.array_equal(found[name], OLD[name]) for name in OLD)


def test_numpy_reads_what_was_added(path, method):
    savez.append(path, {"c": np.arange(100_000), "b": "new"}, compression=method)
    found = arrays_of(path)
    assert list(found) == ["a", "c", "b"]
    assert found["b"] == "new" and np.array_equal(found["c"], np.arange(100_000))
    savez.append(path, savez.open(path))
    assert list(arrays_of(path)) == ["a", "c", "b"]


@pytest.fixture(params=[None, "deflate"])
def method(request):
    return request.param


def test_only_what_is_new_is_written(tmp_path):
    path = tmp_path / "x.npz"
    savez.savez(path, big=np.zeros(8 << 20))
    before = path.stat()
    savez.append(path, {"small": 1})
    after = path.stat()
    assert after.st_ino == before.st_ino and after.st_size < before.st_size + 1000


def test_an_open_archive_reads_on(path):
    with savez.load(path) as archive, np.load(path) as theirs:
        savez.append(path, {"a": np.zeros(1_000_000), "c": 1})
        assert archive["a"].tolist() == theirs["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("wrong", [[[1], [1, 2]], np.ma.masked_array([1, 2], [0, 1]), np.array([lambda: 1])])
def test_what_cannot_be_saved_leaves_the_very_same_bytes(wrong, path):
    before = path.read_bytes()
    with pytest.raises(Exception):
        savez.append(path, {"c": np.ones(100_000), "d": wrong})
    assert path.read_bytes() == before


def test_errors_of_the_arrays_come_through(path):
    def pairs():
        yield "c", np.ones(100_000)
        assert is_old(path)
        raise BlockingIOError("mine")

    with pytest.raises(BlockingIOError, match="mine"):
        savez.append(path, pairs())
    assert is_old(path)


def test_progress_and_options(path):
    told = []
    savez.append(path, {"c": np.zeros(1_000_000)}, durable=True, align=4096, progress=told.append)
    assert sum(told) == 8_000_000
    with pytest.raises(ValueError):
        savez.append(path, {"c": 1}, level=3)
    with pytest.raises(savez.PythonObjectsError):
        savez.append(path, {"c": [None]})
    savez.append(path, {"c": [None]}, allow_pickle=True)
    assert np.load(path, allow_pickle=True)["c"].tolist() == [None]
    with pytest.raises(TypeError):
        savez.append(io.BytesIO(), {"c": 1})


def add(path, number):
    savez.append(path, {f"n{number}": np.full(10_000, number)})


@pytest.mark.parametrize("exists", [True, False])
def test_many_processes_take_turns(exists, path, spawn):
    if not exists:
        path.unlink()
    with ProcessPoolExecutor(8, mp_context=spawn) as pool:
        for done in [pool.submit(add, path, number) for number in range(40)]:
            done.result()
    found = arrays_of(path)
    assert len(found) == 40 + len(OLD) * exists
    assert all((found[f"n{number}"] == number).all() for number in range(40))


@pytest.fixture
def spawn():
    import multiprocessing

    return multiprocessing.get_context("spawn")


KILLED = """
import sys
import numpy as np, savez
noise = np.random.default_rng(int(sys.argv[2])).bytes(30_000_000)
print(flush=True)
savez.append(sys.argv[1], {"c": np.frombuffer(noise, np.uint8), "a": 7})
print(flush=True)
"""


def test_a_killed_process_leaves_the_old_archive_or_the_new_one(path):
    before = path.read_bytes()
    half = 0
    for number in range(40):
        path.write_bytes(before)
        process = subprocess.Popen([sys.executable, "-c", KILLED, path, str(number)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(random.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        done = process.stdout.readline()
        process.wait()
        assert is_old(path) or (arrays_of(path)["a"] == 7 and list(savez.load(path)) == ["b", "c", "a"]), number
        assert not done or not is_old(path)
        half += is_old(path) and os.path.getsize(path) > len(before)
    # Some were hit while they were writing, or this shows nothing.
    assert half > 0
