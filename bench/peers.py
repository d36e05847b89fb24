"""What users of other libraries would call to save several arrays and to load them all, by name."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def savez_save(path, arrays):
    import savez

    savez.savez(path, **arrays)


def savez_load(path):
    import savez

    with savez.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def numpy_save(path, arrays):
    np.savez(path, **arrays)


def numpy_load(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def safetensors_save(path, arrays):
    import safetensors.numpy

    safetensors.numpy.save_file(arrays, path)


def safetensors_load(path):
    import safetensors.numpy

    return safetensors.numpy.load_file(path)


def h5py_save(path, arrays):
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def h5py_load(path):
    import h5py

    loaded = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: loaded.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
        )
    return loaded


def zarr_save(path, arrays):
    import zarr

    group = zarr.open_group(path, mode="w")
    for name, array in arrays.items():
        group.create_array(name, data=array, chunks=array.shape, compressors=None)


def zarr_load(path):
    import zarr

    group = zarr.open_group(path, mode="r")
    return {name: array[...] for name, array in group.arrays()}


def joblib_save(path, arrays):
    import joblib

    joblib.dump(arrays, path)


def joblib_load(path):
    import joblib

    return joblib.load(path)


def pickle_save(path, arrays):
    with open(path, "wb") as file:
        pickle.dump(arrays, file, protocol=5)


def pickle_load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def raw_write(path, arrays):
    """The bytes alone, by ``write(2)``: what the machine can do."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        for array in arrays.values():
            left = memoryview(array).cast("B")
            while left:
                left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def raw_read(path, new=lambda size: np.empty(size, "u1")):
    """The bytes alone, by ``pread(2)`` into memory that `new` makes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        room = new(size)
        left = memoryview(room)
        while left:
            left = left[os.preadv(descriptor, [left], size - len(left)) :]
        return room
    finally:
        os.close(descriptor)


def raw_read_into(path, arrays):
    """What `raw_write` wrote, by two threads, into arrays that are there."""
    descriptor = os.open(path, os.O_RDONLY)

    def read(room, offset):
        while room:
            count = os.preadv(descriptor, [room], offset)
            assert count, "the file has ended"
            room, offset = room[count:], offset + count

    try:
        with ThreadPoolExecutor(2) as pool:
            reads, offset = [], 0
            for array in arrays.values():
                room = memoryview(array).cast("B")
                half = len(room) // 2
                reads += [
                    pool.submit(read, room[:half], offset),
                    pool.submit(read, room[half:], offset + half),
                ]
                offset += len(room)
            for done in reads:
                done.result()
    finally:
        os.close(descriptor)


#: Saving and loading by name of the contender, and the module it needs.
LIBRARIES = {
    "savez": (savez_save, savez_load, "savez"),
    "numpy": (numpy_save, numpy_load, "numpy"),
    "safetensors": (safetensors_save, safetensors_load, "safetensors"),
    "h5py": (h5py_save, h5py_load, "h5py"),
    "zarr": (zarr_save, zarr_load, "zarr"),
    "joblib": (joblib_save, joblib_load, "joblib"),
    "pickle": (pickle_save, pickle_load, ""),
}
