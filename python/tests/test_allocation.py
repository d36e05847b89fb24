"""Large arrays own their memory, as NumPy's do, and it starts where copying to it is fast."""

import ctypes
import pickle
import sys

import numpy as np
import pytest

import savez

multiarray = np._core.multiarray if hasattr(np, "_core") else np.core.multiarray

LARGE = np.arange(3 << 20, dtype="f4")


@pytest.fixture
def path(tmp_path):
    savez.savez(tmp_path / "a.npz", large=LARGE, small=LARGE[:10])
    return tmp_path / "a.npz"


def test_a_large_array_owns_its_memory(path):
    before = multiarray.get_handler_name()
    with savez.load(path) as archive:
        large, small = archive["large"], archive["small"]
    assert multiarray.get_handler_name() == before
    np.testing.assert_array_equal(large, LARGE)
    assert large.flags.owndata
    assert small.flags.owndata
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(large)), LARGE)
    # NumPy has our functions move it, to more and to less.
    for size in (5 << 20, 100, 2 << 20, 1):
        kept = min(size, large.size)
        expected = large[:kept].copy()
        large.resize(size, refcheck=False)
        np.testing.assert_array_equal(large[:kept], expected)
        assert not large[kept:].any()


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("size", [(128 << 10) - 1, (132 << 10) + 1, (2 << 20) - 1, 2 << 20, (4 << 20) - 1, 4 << 20, 4_400_001])
def test_arrays_about_the_sizes_from_which_pages_are_asked_for(size, compression, tmp_path):
    """New to the process, all of them kept; then in memory that it has already."""
    arrays = {f"x{number}": np.arange(size, dtype="u1") + np.uint8(number) for number in range(3)}
    savez.write(tmp_path / "a.npz", arrays, compression=compression)
    for _ in range(3):
        with savez.load(tmp_path / "a.npz") as archive:
            loaded = {name: archive[name] for name in arrays}
        for name, array in arrays.items():
            np.testing.assert_array_equal(loaded[name], array)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all memory is NumPy's")
def test_more_arrays_of_two_to_four_mebibytes_than_a_loop_uses(tmp_path):
    """The first have memory of `malloc`, the others start with a huge page; also when all were dropped or resized."""
    numbers = {f"x{number}": np.arange(number, number + 600_000, dtype="f4") for number in range(40)}
    texts = {f"y{number}": np.array(["a" * (600_000 + number)]) for number in range(3)}
    savez.savez(tmp_path / "a.npz", **numbers, **texts)
    for size in (600_000, 10, 1_500_000, 600_000):
        with savez.load(tmp_path / "a.npz") as archive:
            loaded = {name: archive[name] for name in archive.files}
        for name, array in (numbers | texts).items():
            np.testing.assert_array_equal(loaded[name], array)
            assert loaded[name].flags.owndata
        starts = [loaded[name].ctypes.data % (2 << 20) == 0 for name in numbers]
        assert all(starts[16:]) and not all(starts[:16])
        for name, array in numbers.items():
            loaded[name].resize(size, refcheck=False)
            np.testing.assert_array_equal(loaded[name][:600_000], array[:size])
        loaded.clear()


def test_an_npy_file_is_as_large(tmp_path):
    savez.save(tmp_path / "a.npy", LARGE)
    loaded = savez.load(tmp_path / "a.npy")
    np.testing.assert_array_equal(loaded, LARGE)
    assert loaded.flags.owndata


@pytest.mark.skipif(not hasattr(multiarray, "get_handler_name"), reason="the name tells who has the memory")
def test_many_threads_allocate_and_free(path):
    from concurrent.futures import ThreadPoolExecutor

    def load(_):
        with savez.load(path) as archive:
            return multiarray.get_handler_name(archive["large"]), multiarray.get_handler_name()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(load, range(64)))
    assert {after for _, after in results} == {"default_allocator"}
    assert len({used for used, _ in results}) == 1


class Handler(ctypes.Structure):
    """`PyDataMem_Handler` of numpy/ndarraytypes.h."""

    _fields_ = (
        ("name", ctypes.c_char * 127),
        ("version", ctypes.c_uint8),
        ("context", ctypes.c_void_p),
        ("malloc", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
        ("calloc", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)),
        ("realloc", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
        ("free", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
    )


def test_memory_of_somebody_elses_is_used(path):
    libc = ctypes.CDLL(None)
    for function, arguments in (
        (libc.malloc, [ctypes.c_size_t]),
        (libc.calloc, [ctypes.c_size_t] * 2),
        (libc.realloc, [ctypes.c_void_p, ctypes.c_size_t]),
        (libc.free, [ctypes.c_void_p]),
    ):
        function.restype, function.argtypes = ctypes.c_void_p, arguments
    types = dict(Handler._fields_)
    handler = Handler(
        b"mine",
        1,
        None,
        types["malloc"](lambda _, size: libc.malloc(size)),
        types["calloc"](lambda _, count, size: libc.calloc(count, size)),
        types["realloc"](lambda _, block, size: libc.realloc(block, size)),
        types["free"](lambda _, block, size: libc.free(block) and None),
    )
    api = ctypes.pythonapi
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    api.PyCapsule_New.restype = ctypes.py_object
    api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    table = ctypes.cast(
        api.PyCapsule_GetPointer(multiarray._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p)
    )
    set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[304])
    before = set_handler(api.PyCapsule_New(ctypes.addressof(handler), b"mem_handler", None))
    try:
        with savez.load(path) as archive:
            large = archive["large"]
        name = multiarray.get_handler_name(large)
        after = multiarray.get_handler_name()
        np.testing.assert_array_equal(large, LARGE)
    finally:
        del large
        set_handler(before)
    assert (name, after) == ("mine", "mine")
